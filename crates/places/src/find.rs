//! Finding city names in free text, quickly: every posting passes here.
//!
//! The text is read once, word by word; only a word that begins a known name is looked at twice. Nothing is allocated
//! until a city is found.

use crate::gazetteer::{LEAST_ALONE, LEAST_BY_COMMA, LONGEST, Named, WITH_STATE, Written, closely};
use crate::words::{Word, Words, join};
use crate::{CityId, Places};

/// A city named in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceHit {
    /// Byte offset of the first byte of the name.
    pub start: usize,
    /// Byte offset just past the name, the state included.
    pub end: usize,
    /// The city.
    pub city: CityId,
    /// How likely this city is meant, 0 to 1: an ordering by form, not a measured rate.
    pub confidence: f32,
}

impl Places {
    /// Cities named in a text, by position, the longest name first where two begin alike, without overlaps.
    ///
    /// A name with its state has confidence 0.95. A name alone counts from 100,000 people on, when it is clearly the
    /// largest of its name and no ordinary word: 0.7 for a short name such as `NYC`, 0.6 for a full one, and 0.5 for one
    /// that is also a given name, which must follow a word of place (`in Austin`).
    pub fn find(&self, text: &str) -> Vec<PlaceHit> {
        let table = &self.gazetteer;
        let mut hits = Vec::new();
        let mut words = Words::new(text);
        let mut before: Option<Word> = None;
        while let Some(word) = words.next() {
            if table.beginnings.may_hold(word.hash)
                && let Some((hit, rest)) = self.hit_at(text, before, word, words.clone())
            {
                hits.push(hit);
                words = rest;
                before = None;
            } else {
                before = Some(word);
            }
        }
        hits
    }

    fn hit_at<'text>(
        &self,
        text: &str,
        before: Option<Word>,
        first: Word,
        mut words: Words<'text>,
    ) -> Option<(PlaceHit, Words<'text>)> {
        let table = &self.gazetteer;
        let mut best = None;
        let (mut hash, mut last) = (first.hash, first);
        for count in 1..=LONGEST {
            if count > 1 {
                let Some(word) = words.next() else { break };
                if !closely(&text[last.end..word.start]) {
                    break;
                }
                hash = join(hash, word.hash);
                last = word;
            }
            if !table.beginnings.may_hold(hash) {
                break;
            }
            let Some(named) = table.names.get(&hash) else { continue };
            if let Some((city, end, rest)) = self.with_state(text, *named, &first, last, words.clone()) {
                best = Some((PlaceHit { start: first.start, end, city, confidence: WITH_STATE }, rest));
            } else if let Some(alone) = named.alone
                && (!alone.capitals || first.capitals)
                && (!alone.after_place_word || before.is_some_and(|word| self.leads(text, word, first)))
                && !is_part_of_address(text, first.start, last.end)
            {
                let hit = PlaceHit {
                    start: first.start,
                    end: last.end,
                    city: alone.city,
                    confidence: alone.confidence,
                };
                best = Some((hit, words.clone()));
            }
        }
        best
    }

    /// Whether a word of place stands right before a name.
    fn leads(&self, text: &str, word: Word, name: Word) -> bool {
        &text[word.end..name.start] == " " && self.gazetteer.is_place_word(word.hash)
    }

    /// The city of this name in the state that follows it, the end of the state, and what comes after.
    fn with_state<'text>(
        &self,
        text: &str,
        named: Named,
        first: &Word,
        last: Word,
        mut words: Words<'text>,
    ) -> Option<(CityId, usize, Words<'text>)> {
        let table = &self.gazetteer;
        let next = words.next()?;
        let between = &text[last.end..next.start];
        if between.len() > 3 || between.bytes().any(|b| !matches!(b, b' ' | b',' | b'.' | b'-' | b'(')) {
            return None;
        }
        let (state, written, end, rest) = table.state_at(text, next, words)?;
        let (city, _) = table.cities(named).iter().find(|(_, of)| *of == state)?;
        let comma = between.contains(',');
        let least = match written {
            Written::Code | Written::Full => 0,
            // `Portland OR` is a state; in a text all in capitals, or in small letters, only a large city settles it.
            Written::WordCode if next.capitals && comma => 0,
            Written::WordCode if next.capitals && !first.capitals && between == " " => 0,
            Written::WordCode if comma => LEAST_BY_COMMA,
            Written::WordCode => LEAST_ALONE,
            Written::Abbreviation if comma => 0,
            Written::Abbreviation => return None,
        };
        (self.city(*city).population >= least).then_some((*city, end, rest))
    }
}

/// Whether a name without its state is a piece of an e-mail address, a handle or a web address.
fn is_part_of_address(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let left = start.checked_sub(1).and_then(|at| bytes.get(at));
    let (right, after) = (bytes.get(end), bytes.get(end + 1));
    matches!(left, Some(b'@' | b'/' | b'_' | b'.'))
        || matches!(right, Some(b'@' | b'_'))
        || (matches!(right, Some(b'.' | b'/')) && after.is_some_and(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{GIVEN_NAMES, NEVER_ALONE, SHORT_NAMES};
    use crate::words::hash_name;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn check(text: &str, expected: &[&str]) {
        let places = Places::embedded();
        let found: Vec<String> = places
            .find(text)
            .iter()
            .map(|hit| format!("{}={}", &text[hit.start..hit.end], places.label(hit.city)))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn cities_with_their_state_stand_out_of_text() {
        check("in Charlotte, NC this week", &["Charlotte, NC=Charlotte, NC"]);
        check(
            "charlotte nc and raleigh north carolina",
            &["charlotte nc=Charlotte, NC", "raleigh north carolina=Raleigh, NC"],
        );
        check("Charlotte (NC) or Durham - N.C.", &["Charlotte (NC=Charlotte, NC", "Durham - N.C=Durham, NC"]);
        check("visiting Kansas City, MO", &["Kansas City, MO=Kansas City, MO"]);
        check("kansas city kansas", &["kansas city kansas=Kansas City, KS"]);
        check("St. Louis, MO", &["St. Louis, MO=St. Louis, MO"]);
        check("saint louis mo", &["saint louis mo=St. Louis, MO"]);
        check("Ft. Worth TX 76102", &["Ft. Worth TX=Fort Worth, TX"]);
        check("Washington, D.C.", &["Washington, D.C=Washington, DC"]);
        check("New York, NY", &["New York, NY=New York City, NY"]);
        check("Tampa, Fla.", &["Tampa, Fla=Tampa, FL"]);
        check("Winston-Salem, NC", &["Winston-Salem, NC=Winston-Salem, NC"]);
        check("Reading, PA / Madison WI", &["Reading, PA=Reading, PA", "Madison WI=Madison, WI"]);
        check("CALL ME IN PORTLAND OR", &["PORTLAND OR=Portland, OR"]);
        check("española, nm", &["española, nm=Española, NM"]);
    }

    #[test]
    fn large_cities_count_alone() {
        check("now in Chicago until friday", &["Chicago=Chicago, IL"]);
        check("back in nyc", &["nyc=New York City, NY"]);
        check("las vegas", &["las vegas=Las Vegas, NV"]);
        check("Vegas, then philly", &["Vegas=Las Vegas, NV", "philly=Philadelphia, PA"]);
        check("visiting LA, SF next", &["LA=Los Angeles, CA", "SF=San Francisco, CA"]);
        check("in austin or in Charlotte", &["austin=Austin, TX", "Charlotte=Charlotte, NC"]);
        check("#chicago", &["chicago=Chicago, IL"]);
        check("portland\nor seattle", &["portland=Portland, OR", "seattle=Seattle, WA"]);
    }

    #[test]
    fn ordinary_words_and_given_names_are_not_cities() {
        check("reading on my mobile, madison here", &[]);
        check("charlotte is in or out", &[]);
        check("Charlotte, in town. Madison, in town", &[]);
        check("an orange surprise in orange, in reading", &[]);
        check("ask for Austin or Savannah or dallas", &[]);
        check("independence aurora paradise", &[]);
        check("la casa, LA MEJOR, nola, indy", &[]);
        check("springfield and glendale", &[]);
        check("chicago@example.com, @chicago, seattle.example.net, example.org/chicago", &[]);
        check("kansas\ncity", &[]);
        check("", &[]);
    }

    #[test]
    fn a_state_makes_a_hit_surer() {
        let confidence = |text: &str| Places::embedded().find(text).first().map_or(0.0, |hit| hit.confidence);
        assert!(confidence("Chicago, IL") > confidence("in NYC"));
        assert!(confidence("in NYC") > confidence("in Chicago"));
        assert!(confidence("in Chicago") > confidence("in Austin"));
    }

    #[test]
    fn names_do_not_collide() {
        let mut by_hash: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for city in Places::embedded().cities() {
            let name: String = city.name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
            let saint = name.strip_prefix("saint").map_or(name.clone(), |rest| format!("st{rest}"));
            let fort = saint.strip_prefix("fort").map_or(saint.clone(), |rest| format!("ft{rest}"));
            let names = by_hash.entry(hash_name(&city.name).map_or(0, |(hash, _)| hash)).or_default();
            names.push(fort.strip_prefix("mount").map_or(fort.clone(), |rest| format!("mt{rest}")));
        }
        for (_, mut names) in by_hash {
            names.dedup();
            let first = names[0].clone();
            // Spellings that fold together keep their first letters, but for an accent left out here.
            assert!(names.iter().all(|name| name.get(..2) == first.get(..2)), "{names:?}");
        }
    }

    #[test]
    fn every_listed_name_is_known() {
        let table = &Places::embedded().gazetteer;
        for name in NEVER_ALONE.iter().chain(&GIVEN_NAMES) {
            assert!(!table.named(name).is_empty(), "{name}");
        }
        for (short, full, _, _) in SHORT_NAMES {
            assert!(!table.named(short).is_empty(), "{short} {full}");
        }
    }

    #[test]
    fn a_label_is_found_whole() {
        let places = Places::embedded();
        for (at, city) in places.cities().iter().enumerate() {
            let label = places.label(CityId(at as u32));
            let plain = city.name.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
            if plain && city.name.split(' ').count() <= LONGEST {
                let hits = places.find(&label);
                let found = hits.first().map(|hit| (hit.start, hit.end, &places.city(hit.city).state));
                assert_eq!(found, Some((0, label.len(), &city.state)), "{label}");
            }
        }
    }

    proptest! {
        #[test]
        fn hits_lie_in_any_text_without_overlap(
            parts in proptest::collection::vec(
                prop_oneof![
                    any::<String>(),
                    proptest::sample::select(vec![
                        "Charlotte", "NC", "new york", ",", " ", ".", "in", "LA", "St", "N.C.", "ñ", "’", "é\u{301}", "city",
                    ]).prop_map(str::to_owned),
                ],
                0..12,
            )
        ) {
            let text = parts.concat();
            let mut past = 0;
            for hit in Places::embedded().find(&text) {
                prop_assert!(hit.start >= past && hit.end > hit.start);
                prop_assert!(text.get(hit.start..hit.end).is_some());
                prop_assert!((0.0..=1.0).contains(&hit.confidence));
                past = hit.end;
            }
        }
    }
}
