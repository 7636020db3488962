//! Field offices and which of them a place belongs to.

use crate::{CityId, Places, State, distance_km};
use homeward_model::Point;

/// An FBI field office.
#[derive(Clone, Debug)]
pub struct FieldOffice {
    /// Name of the office.
    pub name: String,
    /// Two-letter state code of its seat.
    pub state: String,
    /// Its seat.
    pub point: Point,
    /// What it covers, in the words of the source; empty when no source was found.
    pub coverage: String,
    /// Where the coverage was published.
    pub source: String,
}

/// The office for a place, and how it was found.
#[derive(Clone, Copy, Debug)]
pub struct OfficeMatch {
    /// The office.
    pub office: &'static FieldOffice,
    /// No sourced coverage settles it: the nearest office, to be confirmed.
    pub by_distance: bool,
}

impl Places {
    /// All field offices, by name.
    pub fn offices(&self) -> &[FieldOffice] {
        &self.offices
    }

    /// The field office for a city: by sourced coverage where the source names whole states, else the nearest one.
    pub fn office_for(&'static self, id: CityId) -> OfficeMatch {
        let city = self.city(id);
        let state = self.states().iter().position(|state| state.code == city.state);
        let sourced = state.and_then(|at| self.office_of_state.get(at).copied().flatten());
        if let Some(office) = sourced.and_then(|at| self.offices.get(at)) {
            return OfficeMatch { office, by_distance: false };
        }
        let distance = |office: &&FieldOffice| distance_km(office.point, city.point);
        let nearest = self.offices.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        OfficeMatch { office: nearest.unwrap_or(&self.offices[0]), by_distance: true }
    }
}

/// For each state, the office whose published coverage names the whole of it.
pub(crate) fn by_state(offices: &[FieldOffice], states: &[State]) -> Vec<Option<usize>> {
    let covering = |state: &State| offices.iter().position(|office| covers(&office.coverage, &state.name));
    states.iter().map(covering).collect()
}

/// Whether a published coverage names a whole state: its name is one item of the list, not a part (`(part of) Missouri`)
/// nor a count of counties.
fn covers(coverage: &str, state: &str) -> bool {
    let list = coverage.split('(').next().unwrap_or_default();
    list.split(',').flat_map(|items| items.split(" and")).any(|item| item.trim() == state)
}

#[cfg(test)]
mod tests {
    use crate::Places;

    fn check(city: &str, office: &str, by_distance: bool) {
        let places = Places::embedded();
        let found = places.office_for(places.find(city)[0].city);
        assert_eq!((found.office.name.as_str(), found.by_distance), (office, by_distance), "{city}");
    }

    #[test]
    fn sourced_coverage_comes_before_distance() {
        check("Southern Pines, NC", "Charlotte", false);
        check("Rock Hill, SC", "Columbia", false);
        check("Bangor, ME", "Boston", false);
        check("Cheyenne, WY", "Denver", false);
        check("Wichita, KS", "Kansas City", false);
        check("Boise, ID", "Salt Lake City", false);
        check("Springfield, MO", "Kansas City", true);
        check("Los Angeles, CA", "Los Angeles", true);
        check("Birmingham, AL", "Birmingham", true);
        check("Plano, TX", "Dallas", true);
        check("Gary, IN", "Chicago", true);
    }

    #[test]
    fn every_office_has_a_seat() {
        let places = Places::embedded();
        assert_eq!(places.offices().len(), 49);
        for office in places.offices() {
            let city = places.nearest(office.point).expect("an office stands in a city");
            assert_eq!(places.city(city).state, office.state, "{}", office.name);
            assert_eq!(office.coverage.is_empty(), office.source.is_empty(), "{}", office.name);
        }
    }

    #[test]
    fn every_city_has_an_office() {
        let places = Places::embedded();
        for at in 0..places.cities().len() as u32 {
            let found = places.office_for(crate::CityId(at));
            assert!(found.by_distance || !found.office.coverage.is_empty());
        }
    }
}
