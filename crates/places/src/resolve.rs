//! From what a record says of a place to a city of the table.

use crate::gazetteer::WITH_STATE;
use crate::{CityId, Places, State, distance_km};
use homeward_model::{PlaceMention, Point};

/// A city alone, without its state, is settled only when it is this many times larger than the next of its name,
const DOMINATES: u32 = 10;
/// and has at least this many people.
const KNOWN_WITHOUT_STATE: u32 = 100_000;
/// A point belongs to the most populous city within this distance: the radius of a disc of about 450 square kilometres,
/// the land of a city such as Memphis or Denver; a little more would give Oakland to San Francisco.
const INSIDE_KM: f64 = 12.0;
/// Farther from every city than this, a point has no city.
const NEAR_KM: f64 = 80.0;

impl Places {
    /// The city that a record means, when it can be told: city with state, else coordinates, else free text. A city or
    /// text that contradicts the state given is not believed.
    pub fn resolve(&self, mention: &PlaceMention) -> Option<CityId> {
        let state = mention.state.as_deref().and_then(|state| self.gazetteer.state(state));
        let city = mention.city.as_deref();
        city.and_then(|city| self.named(city, state))
            // `Charlotte, NC` in the city field.
            .or_else(|| city.and_then(|city| self.told(city, state, WITH_STATE)))
            .or_else(|| mention.point.and_then(|point| self.nearest(point)))
            .or_else(|| mention.text.as_deref().and_then(|text| self.told(text, state, 0.0)))
            .or_else(|| mention.text.as_deref().and_then(|text| self.named(text, state)))
    }

    /// The state given by code, name or a common abbreviation, whatever its case and stops.
    pub fn state(&self, text: &str) -> Option<&State> {
        self.gazetteer.state(text).and_then(|at| self.states().get(at as usize))
    }

    /// The city that a name means, in a state when one is known.
    fn named(&self, name: &str, state: Option<u8>) -> Option<CityId> {
        let known = self.gazetteer.named(name);
        if state.is_some() {
            return known.iter().find(|(_, of)| Some(*of) == state).map(|(city, _)| *city);
        }
        if let Some(city) = self.gazetteer.short(name) {
            return Some(city);
        }
        // Ids are in order of population, so the first is the largest.
        match *known {
            [] => None,
            [(only, _)] => Some(only),
            [(first, _), (second, _), ..] => {
                let (first_people, second_people) =
                    (self.city(first).population, self.city(second).population);
                let settled = first_people >= KNOWN_WITHOUT_STATE
                    && first_people >= second_people.saturating_mul(DOMINATES);
                settled.then_some(first)
            }
        }
    }

    /// The surest city named in a text, the first of equals, in the state when one is known.
    fn told(&self, text: &str, state: Option<u8>, least: f32) -> Option<CityId> {
        let code = state.and_then(|at| self.states().get(at as usize)).map(|state| state.code.as_str());
        self.find(text)
            .into_iter()
            .filter(|hit| {
                hit.confidence >= least && code.is_none_or(|code| self.city(hit.city).state == code)
            })
            .max_by(|a, b| a.confidence.total_cmp(&b.confidence).then(b.start.cmp(&a.start)))
            .map(|hit| hit.city)
    }

    /// The city for a point: the most populous within 12 km, else the nearest within 80 km.
    pub fn nearest(&self, point: Point) -> Option<CityId> {
        self.largest_within(point, INSIDE_KM).or_else(|| {
            let distance = |id: &CityId| distance_km(self.city(*id).point, point);
            let near = self.cities_near(point, NEAR_KM);
            near.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some(text: &str) -> Option<String> {
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn check(city: &str, state: &str, expected: Option<&str>) {
        let mention = PlaceMention { city: some(city), state: some(state), ..PlaceMention::default() };
        check_mention(&mention, expected);
    }

    fn check_mention(mention: &PlaceMention, expected: Option<&str>) {
        let places = Places::embedded();
        let found = places.resolve(mention).map(|id| places.label(id));
        assert_eq!(found.as_deref(), expected, "{mention:?}");
    }

    #[test]
    fn cities_are_found_by_name_and_state() {
        check("Charlotte", "NC", Some("Charlotte, NC"));
        check("charlotte", "north carolina", Some("Charlotte, NC"));
        check(" CHARLOTTE ", "N.C.", Some("Charlotte, NC"));
        check("St Louis", "MO", Some("St. Louis, MO"));
        check("Saint Louis", "Missouri", Some("St. Louis, MO"));
        check("Ft. Worth", "TX", Some("Fort Worth, TX"));
        check("Mt Pleasant", "SC", Some("Mount Pleasant, SC"));
        check("Washington", "D.C.", Some("Washington, DC"));
        check("Springfield", "IL", Some("Springfield, IL"));
        check("Canon City", "Colo.", Some("Cañon City, CO"));
        check("Nowhere at All", "NC", None);
        check("Chicago", "NC", None);
    }

    #[test]
    fn a_city_alone_must_be_plain() {
        check("Chicago", "", Some("Chicago, IL"));
        check("Springfield", "", None);
        check("Columbia", "", None);
        check("Charlotte, NC", "", Some("Charlotte, NC"));
        check("Charlotte, NC", "SC", None);
        check("", "", None);
        check("", "NC", None);
    }

    #[test]
    fn short_names_are_known() {
        for (short, expected) in [
            ("NYC", "New York City, NY"),
            ("new york", "New York City, NY"),
            ("Vegas", "Las Vegas, NV"),
            ("Philly", "Philadelphia, PA"),
            ("LA", "Los Angeles, CA"),
            ("atl", "Atlanta, GA"),
            ("DFW", "Dallas, TX"),
            ("sf", "San Francisco, CA"),
            ("indy", "Indianapolis, IN"),
        ] {
            check(short, "", Some(expected));
            let (_, state) = expected.rsplit_once(' ').unwrap();
            check(short, state, Some(expected));
        }
        check("Frisco", "TX", Some("Frisco, TX"));
        check("LA", "NV", None);
    }

    #[test]
    fn coordinates_come_before_text() {
        let uptown = Point { lat: 35.2200, lon: -80.8500 };
        let mut mention =
            PlaceMention { text: some("near Chicago, IL"), point: Some(uptown), ..PlaceMention::default() };
        check_mention(&mention, Some("Charlotte, NC"));
        mention.point = None;
        check_mention(&mention, Some("Chicago, IL"));
        mention.state = some("NC");
        check_mention(&mention, None);
        mention.text = some("Springfield");
        mention.state = some("Illinois");
        check_mention(&mention, Some("Springfield, IL"));
    }

    #[test]
    fn a_point_inside_a_city_is_that_city() {
        let places = Places::embedded();
        let check = |lat, lon, expected: Option<&str>| {
            let found = places.nearest(Point { lat, lon }).map(|id| places.label(id));
            assert_eq!(found.as_deref(), expected, "{lat} {lon}");
        };
        check(35.2200, -80.8500, Some("Charlotte, NC"));
        check(35.1400, -90.0500, Some("Memphis, TN"));
        check(37.8044, -122.2711, Some("Oakland, CA"));
        check(71.2900, -156.7900, Some("Utqiagvik, AK"));
        check(0.0, 0.0, None);
        check(f64::NAN, f64::INFINITY, None);
        check(1e300, -1e300, None);
    }

    #[test]
    fn every_city_resolves_to_itself_or_a_larger_namesake() {
        let places = Places::embedded();
        for (at, city) in places.cities().iter().enumerate() {
            let mention =
                PlaceMention { city: some(&city.name), state: some(&city.state), ..PlaceMention::default() };
            let found = places.resolve(&mention).unwrap_or_else(|| panic!("{}, {}", city.name, city.state));
            assert!(found.0 as usize <= at, "{} gave {}", city.name, places.label(found));
            assert_eq!(places.city(found).state, city.state);
        }
    }

    proptest! {
        #[test]
        fn any_mention_is_answered(
            city in any::<Option<String>>(),
            state in any::<Option<String>>(),
            text in any::<Option<String>>(),
            lat in any::<f64>(),
            lon in any::<f64>(),
        ) {
            let mention = PlaceMention { text, city, state, point: Some(Point { lat, lon }) };
            if let Some(id) = Places::embedded().resolve(&mention) {
                prop_assert!((id.0 as usize) < Places::embedded().cities().len());
            }
        }
    }
}
