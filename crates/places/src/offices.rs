//! Field offices and which of them a place belongs to.

use crate::{CityId, Places, distance_km};
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
        if let Some(office) = self.offices.iter().find(|office| self.covers(office, &city.state)) {
            return OfficeMatch { office, by_distance: false };
        }
        let nearest = self
            .offices
            .iter()
            .min_by(|a, b| distance_km(a.point, city.point).total_cmp(&distance_km(b.point, city.point)));
        OfficeMatch { office: nearest.unwrap_or(&self.offices[0]), by_distance: true }
    }

    /// Whether the published coverage names a whole state: its name stands between commas, not as a part or a count.
    fn covers(&self, office: &FieldOffice, state: &str) -> bool {
        let Some((_, name)) = self.states.iter().find(|(code, _)| code == state) else { return false };
        let words = office.coverage.split('(').next().unwrap_or_default();
        words.split(',').any(|part| part.trim() == name)
    }
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
        check("Plano, TX", "Dallas", true);
        check("Gary, IN", "Chicago", true);
    }

    #[test]
    fn every_office_has_a_seat() {
        assert_eq!(Places::embedded().offices().len(), 49);
    }
}
