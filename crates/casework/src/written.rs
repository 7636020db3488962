//! What people type into forms, read field by field. Everything that is wrong is said at once.

use crate::{Result, Trouble};
use homeward_model::{Instant, PlaceMention, Point};
use homeward_places::Places;
use std::fmt::Display;

/// What is wrong with what somebody typed.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

/// The first characters of a text, for a message.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Problems {
    pub(crate) fn note(&mut self, what: impl Display) {
        self.0.push(what.to_string());
    }

    /// How much is wrong so far.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// What somebody typed, when nothing is wrong with it.
    pub(crate) fn or<T>(self, value: T) -> Result<T> {
        if self.0.is_empty() { Ok(value) } else { Err(Trouble::Invalid(self.0.join("; "))) }
    }

    /// A text of at most so many characters, without surrounding space.
    pub(crate) fn text(&mut self, field: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        let count = text.chars().count();
        if count > most {
            self.note(format!("`{field}` has {count} characters, at most {most}"));
        }
        if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
            self.note(format!("`{field}` has characters that cannot be shown"));
        }
        text.to_owned()
    }

    /// The same; none when nothing was typed.
    pub(crate) fn given(&mut self, field: &str, text: &str, most: usize) -> Option<String> {
        Some(self.text(field, text, most)).filter(|text| !text.is_empty())
    }

    /// One value a line, at most 50, each of at most 200 characters.
    pub(crate) fn lines(&mut self, field: &str, text: &str) -> Vec<String> {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.len() > 50 {
            self.note(format!("`{field}` has {} lines, at most 50", lines.len()));
            return Vec::new();
        }
        lines.into_iter().map(|line| self.text(field, line, 200)).collect()
    }

    /// A moment; none when nothing was typed. Without a zone it is UTC.
    pub(crate) fn moment(&mut self, field: &str, text: &str) -> Option<Instant> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        // Browsers and people leave the zone and the seconds away.
        let plain = text.strip_suffix("UTC").map_or(text, str::trim);
        let found = Instant::parse(plain);
        if found.is_none() {
            self.note(format!("`{field}`: `{}` is no time, write `2026-11-24 14:30`", short(text)));
        }
        found
    }

    /// A number within bounds; none when nothing was typed.
    pub(crate) fn number(&mut self, field: &str, text: &str, (least, most): (f64, f64)) -> Option<f64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let found = text.parse::<f64>().ok().filter(|number| (least..=most).contains(number));
        if found.is_none() {
            self.note(format!("`{field}`: `{}` is no number from {least} to {most}", short(text)));
        }
        found
    }

    /// A word of a list; none when nothing was typed.
    pub(crate) fn word<T>(&mut self, field: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let found = read(text);
        if found.is_none() {
            self.note(format!("`{field}`: `{}` is none of the words that can stand there", short(text)));
        }
        found
    }
}

/// A place as somebody typed it: city and state, or coordinates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenPlace {
    /// City.
    pub city: String,
    /// State.
    pub state: String,
    /// Latitude, degrees.
    pub latitude: String,
    /// Longitude, degrees.
    pub longitude: String,
}

impl WrittenPlace {
    /// What it mentions.
    pub(crate) fn mention(&self, problems: &mut Problems) -> PlaceMention {
        let lat = problems.number("latitude", &self.latitude, (-90.0, 90.0));
        let lon = problems.number("longitude", &self.longitude, (-180.0, 180.0));
        let typed = |text: &str| !text.trim().is_empty();
        if typed(&self.latitude) != typed(&self.longitude) {
            problems.note("give both `latitude` and `longitude`, or neither");
        }
        PlaceMention {
            text: None,
            city: problems.given("city", &self.city, 200),
            state: problems.given("state", &self.state, 200),
            point: lat.zip(lon).and_then(|(lat, lon)| Point::new(lat, lon)),
        }
    }

    /// Where it is: the coordinates, else the centre of the city.
    pub(crate) fn point(&self, problems: &mut Problems) -> Option<Point> {
        let mention = self.mention(problems);
        if mention.is_empty() || mention.point.is_some() {
            return mention.point;
        }
        let places = Places::embedded();
        let found = mention.city.is_some().then(|| places.resolve(&mention)).flatten();
        if found.is_none() {
            problems.note("no such city is known; give city and state, or latitude and longitude");
        }
        found.map(|city| places.city(city).point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let mut problems = Problems::default();
        problems.text("given name", &"x".repeat(10_000), 200);
        problems.moment("missing since", "soon");
        problems.number("height", "-3", (30.0, 250.0));
        let Err(trouble) = problems.or(()) else { panic!("nothing was wrong") };
        let text = trouble.to_string();
        assert!(
            text.contains("has 10000 characters, at most 200") && text.contains("`soon` is no time"),
            "{text}"
        );
        assert!(text.contains("`-3` is no number from 30 to 250"), "{text}");
    }

    #[test]
    fn times_are_read_as_browsers_and_people_write_them() {
        let read = |text: &str| Problems::default().moment("at", text).map(|at| at.to_string());
        for text in
            ["2026-11-24T14:30", "2026-11-24 14:30", "2026-11-24 14:30 UTC", "2026-11-24T09:30:00-05:00"]
        {
            assert_eq!(read(text).as_deref(), Some("2026-11-24T14:30:00Z"), "{text}");
        }
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_place_is_a_city_or_a_point() {
        let place = |city: &str, state: &str, latitude: &str, longitude: &str| {
            let of = |text: &str| text.to_owned();
            let place = WrittenPlace {
                city: of(city),
                state: of(state),
                latitude: of(latitude),
                longitude: of(longitude),
            };
            let mut problems = Problems::default();
            let point = place.point(&mut problems);
            problems.or(point)
        };
        let charlotte = place("Charlotte", "NC", "", "").unwrap().unwrap();
        assert!((charlotte.lat - 35.22).abs() < 0.1);
        assert_eq!(place("", "", "35.5", "-80.8").unwrap(), Point::new(35.5, -80.8));
        assert_eq!(place("", "", "", "").unwrap(), None);
        assert!(place("Atlantis", "NC", "", "").is_err() && place("", "", "35", "").is_err());
        assert!(place("", "", "91", "0").is_err());
    }
}
