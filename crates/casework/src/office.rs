//! Field offices and the task force that each leads: where findings and leads of a place belong.
//!
//! An office has no record of its own; its id and that of its task force follow from its name.

use homeward_model::{OfficeId, Ori, Place, PlaceMention, TaskForceId};
use homeward_places::{CityId, FieldOffice, OfficeMatch, Places};

/// The office for a place.
#[derive(Clone, Copy, Debug)]
pub struct OfficeOf {
    /// The office.
    pub office: &'static FieldOffice,
    /// No sourced coverage settles it: the nearest one, to be confirmed.
    pub by_distance: bool,
}

/// Cities of a state that are asked for their office.
const LARGER: usize = 10;

/// The id of a field office, by its name.
pub fn office_id(name: &str) -> OfficeId {
    OfficeId::of_text(&format!("field office {name}"))
}

/// The field office that an id names.
pub fn office_named(id: OfficeId) -> Option<&'static FieldOffice> {
    Places::embedded().offices().iter().find(|office| office_id(&office.name) == id)
}

/// The child exploitation and human trafficking task force that an office leads.
pub fn task_force_of(office: OfficeId) -> TaskForceId {
    TaskForceId::of_text(&format!("task force of {office}"))
}

/// The office for a place: by sourced coverage where there is any, else the nearest.
pub fn office_of(place: &PlaceMention) -> Option<OfficeOf> {
    let places = Places::embedded();
    let city = places.resolve(place).or_else(|| place.point.and_then(|point| places.nearest(point)))?;
    let OfficeMatch { office, by_distance } = places.office_for(city);
    Some(OfficeOf { office, by_distance })
}

/// Where the results of an agency belong: its state, by the letters of its ORI, and the office of that state where its published
/// coverage names it as a whole.
pub(crate) fn place_of(ori: &Ori) -> Place {
    let state = ori.as_str().get(..2).and_then(|code| Places::embedded().state(code));
    let state = state.map(|state| state.code.clone());
    let office = state.as_deref().and_then(whole_state);
    Place { office: office.map(|office| office_id(&office.name)), state, initiative: None }
}

/// The office whose published coverage names every one of a state's larger cities.
fn whole_state(state: &str) -> Option<&'static FieldOffice> {
    let places = Places::embedded();
    let cities = (0u32..).zip(places.cities()).filter(|(_, city)| city.state == state);
    let mut offices = cities.take(LARGER).map(|(at, _)| places.office_for(CityId(at)));
    let first = offices.next().filter(|found| !found.by_distance)?.office;
    offices.all(|found| !found.by_distance && found.office.name == first.name).then_some(first)
}

/// The office that a finding names, as the engine writes it: `Miami (by distance, confirm)`.
pub(crate) fn office_in(text: &str) -> Option<OfficeOf> {
    let (name, note) = text.split_once(" (").unwrap_or((text, ""));
    let office = Places::embedded().offices().iter().find(|office| office.name == name)?;
    Some(OfficeOf { office, by_distance: note.contains("distance") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_is_found_by_name_id_and_place() {
        let of = office_in("Miami (by distance, confirm)").unwrap();
        assert!(of.by_distance && of.office.name == "Miami");
        assert_eq!(office_named(office_id("Charlotte")).unwrap().name, "Charlotte");
        assert!(office_in("Atlantis").is_none() && office_named(office_id("Atlantis")).is_none());
        let charlotte = PlaceMention {
            city: Some("Charlotte".into()),
            state: Some("NC".into()),
            ..PlaceMention::default()
        };
        let of = office_of(&charlotte).unwrap();
        assert!(of.office.name == "Charlotte" && !of.by_distance);
        assert!(office_of(&PlaceMention::default()).is_none());
        let place = place_of(&Ori::new("NC0609900").unwrap());
        assert_eq!((place.state.as_deref(), place.office), (Some("NC"), Some(office_id("Charlotte"))));
        // Several offices share Texas: which of them, the ORI does not say.
        let place = place_of(&Ori::new("TX0009900").unwrap());
        assert_eq!((place.state.as_deref(), place.office), (Some("TX"), None));
    }
}
