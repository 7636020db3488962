//! From what a record says of a place to a city of the table.

use crate::{CityId, Places, distance_km};
use homeward_model::{PlaceMention, Point};

/// A city alone, without its state, is settled only when it is this many times larger than the next of its name,
const DOMINATES: u32 = 10;
/// and has at least this many people.
const KNOWN_WITHOUT_STATE: u32 = 100_000;
/// A point belongs to the most populous city within this distance.
const INSIDE_KM: f64 = 12.0;
/// Farther from every city than this, a point has no city.
const NEAR_KM: f64 = 80.0;

/// Short names by which some cities are known.
pub(crate) const SHORT_NAMES: [(&str, &str, &str); 16] = [
    ("nyc", "new york city", "NY"),
    ("new york", "new york city", "NY"),
    ("vegas", "las vegas", "NV"),
    ("philly", "philadelphia", "PA"),
    ("atl", "atlanta", "GA"),
    ("dfw", "dallas", "TX"),
    ("okc", "oklahoma city", "OK"),
    ("slc", "salt lake city", "UT"),
    ("nola", "new orleans", "LA"),
    ("indy", "indianapolis", "IN"),
    ("frisco", "frisco", "TX"),
    ("san fran", "san francisco", "CA"),
    ("washington dc", "washington", "DC"),
    ("jax", "jacksonville", "FL"),
    ("phx", "phoenix", "AZ"),
    ("clt", "charlotte", "NC"),
];

/// A name for comparison: lower case, letters and digits, single spaces, `st`, `ft` and `mt` written out.
pub(crate) fn plain(name: &str) -> String {
    let mut words = Vec::new();
    let lower: String = name
        .to_lowercase()
        .chars()
        .filter(|c| *c != '.' && *c != '\'')
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    for word in lower.split_whitespace() {
        words.push(match word {
            "st" => "saint",
            "ft" => "fort",
            "mt" => "mount",
            word => word,
        });
    }
    words.join(" ")
}

impl Places {
    /// The city that a record means, when it can be told: city with state, else coordinates, else free text.
    pub fn resolve(&self, mention: &PlaceMention) -> Option<CityId> {
        let state = mention.state.as_deref().and_then(|state| self.state_code(state));
        if let Some(city) = &mention.city
            && let Some(found) = self.named(city, state.as_deref())
        {
            return Some(found);
        }
        if let Some(point) = mention.point
            && let Some(found) = self.nearest(point)
        {
            return Some(found);
        }
        let text = mention.text.as_deref()?;
        let hit = self
            .find(text)
            .into_iter()
            .max_by(|a, b| a.confidence.total_cmp(&b.confidence).then(b.start.cmp(&a.start)));
        hit.map(|hit| hit.city).or_else(|| self.named(text, state.as_deref()))
    }

    /// The two-letter code of a state given by code or name.
    pub fn state_code(&self, text: &str) -> Option<String> {
        let text = text.trim().trim_end_matches('.').to_lowercase();
        let is =
            |(code, name): &&(String, String)| code.to_lowercase() == text || name.to_lowercase() == text;
        self.states.iter().find(is).map(|(code, _)| code.clone())
    }

    fn named(&self, city: &str, state: Option<&str>) -> Option<CityId> {
        let mut name = plain(city);
        let mut state = state.map(str::to_owned);
        if let Some((_, full, of)) = SHORT_NAMES.iter().find(|(short, _, _)| *short == name)
            && state.as_deref().is_none_or(|state| state == *of)
        {
            (*full).clone_into(&mut name);
            state = Some((*of).to_owned());
        }
        let known = self.by_name.get(&name)?;
        if let Some(state) = state {
            return known.iter().copied().find(|id| self.city(*id).state == state);
        }
        // Ids are in order of population, so the first is the largest.
        match known[..] {
            [only] => Some(only),
            [first, second, ..] => {
                let (first_people, second_people) =
                    (self.city(first).population, self.city(second).population);
                let settled =
                    first_people >= KNOWN_WITHOUT_STATE && first_people >= DOMINATES * second_people;
                settled.then_some(first)
            }
            [] => None,
        }
    }

    /// The city for a point: the most populous close by, else the nearest within reach.
    pub fn nearest(&self, point: Point) -> Option<CityId> {
        let near = self.cities_near(point, NEAR_KM);
        let distance = |id: &CityId| distance_km(self.city(*id).point, point);
        let inside = near.iter().copied().filter(|id| distance(id) <= INSIDE_KM).min();
        inside.or_else(|| {
            near.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(city: &str, state: &str, expected: Option<&str>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mention = PlaceMention { city: some(city), state: some(state), ..PlaceMention::default() };
        let places = Places::embedded();
        assert_eq!(
            places.resolve(&mention).map(|id| places.label(id)).as_deref(),
            expected,
            "{city} {state}"
        );
    }

    #[test]
    fn cities_are_found_by_name_and_state() {
        check("Charlotte", "NC", Some("Charlotte, NC"));
        check("charlotte", "north carolina", Some("Charlotte, NC"));
        check("St Louis", "MO", Some("St. Louis, MO"));
        check("Ft. Worth", "TX", Some("Fort Worth, TX"));
        check("NYC", "", Some("New York City, NY"));
        check("Chicago", "", Some("Chicago, IL"));
        check("Springfield", "", None);
        check("Springfield", "IL", Some("Springfield, IL"));
        check("Nowhere at All", "NC", None);
        check("", "", None);
    }

    #[test]
    fn a_point_inside_a_city_is_that_city() {
        let places = Places::embedded();
        let uptown = Point { lat: 35.2200, lon: -80.8500 };
        assert_eq!(places.nearest(uptown).map(|id| places.label(id)).as_deref(), Some("Charlotte, NC"));
        assert_eq!(places.nearest(Point { lat: 0.0, lon: 0.0 }), None);
    }

    #[test]
    fn large_cities_resolve_to_themselves() {
        let places = Places::embedded();
        for (at, city) in places.cities().iter().enumerate().take(3000) {
            let mention = PlaceMention {
                city: Some(city.name.clone()),
                state: Some(city.state.clone()),
                ..PlaceMention::default()
            };
            let found = places.resolve(&mention).unwrap_or_else(|| panic!("{}, {}", city.name, city.state));
            assert!(found.0 as usize <= at, "{} gave {}", city.name, places.label(found));
        }
    }

    proptest! {
        #[test]
        fn any_words_are_answered(city in any::<Option<String>>(), text in any::<Option<String>>()) {
            let mention = PlaceMention { city, text, ..PlaceMention::default() };
            Places::embedded().resolve(&mention);
        }
    }
}
