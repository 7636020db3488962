//! Finding city names in free text, quickly: every posting passes here.
//!
//! A word is hashed as it is read; only a word that begins a known name is looked at twice.

use crate::resolve::{SHORT_NAMES, plain};
use crate::{City, CityId, Places};
use homeward_model::key64;
use rustc_hash::{FxHashMap, FxHashSet};

/// A city named in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceHit {
    /// Byte offset of the first byte of the name.
    pub start: usize,
    /// Byte offset just past the name, the state included.
    pub end: usize,
    /// The city.
    pub city: CityId,
    /// How likely this city is meant, 0 to 1.
    pub confidence: f32,
}

/// A name with its state leaves little doubt; a name alone is weaker, a short name weaker still.
const WITH_STATE: f32 = 0.95;
const ALONE: f32 = 0.6;
const SHORT: f32 = 0.7;
/// A city named without its state counts only from this size on.
const LEAST_ALONE: u32 = 100_000;

/// City names that are also ordinary words or given names, and so say nothing without a state.
const AMBIGUOUS: [&str; 56] = [
    "reading",
    "mobile",
    "orange",
    "independence",
    "madison",
    "aurora",
    "surprise",
    "rochester",
    "jackson",
    "lincoln",
    "columbia",
    "charlotte",
    "savannah",
    "sterling",
    "garland",
    "irving",
    "norman",
    "provo",
    "hope",
    "paradise",
    "enterprise",
    "clinton",
    "peoria",
    "warren",
    "lowell",
    "carlsbad",
    "allen",
    "tyler",
    "vista",
    "murray",
    "everett",
    "dayton",
    "lafayette",
    "elizabeth",
    "eugene",
    "pearl",
    "rose",
    "florence",
    "victoria",
    "angelo",
    "sandy",
    "davis",
    "centennial",
    "lakewood",
    "hollywood",
    "troy",
    "austin",
    "berkeley",
    "houston",
    "dallas",
    "denver",
    "arlington",
    "henderson",
    "hayward",
    "lewis",
    "midland",
];

/// Longest name looked for, in words.
const LONGEST: usize = 4;

#[derive(Debug)]
pub(crate) struct Gazetteer {
    /// Hash of a word that begins a name.
    first: FxHashSet<u64>,
    /// Hash of a whole name to its cities, most populous first.
    names: FxHashMap<u64, Vec<CityId>>,
    /// Hash of a name known without its state.
    alone: FxHashMap<u64, (CityId, f32)>,
    /// Hash of a state code or name to the code, with the number of its words.
    states: FxHashMap<u64, (String, usize)>,
}

struct Word {
    start: usize,
    end: usize,
    hash: u64,
    /// Written with capital letters only, as a state code is.
    capitals: bool,
    length: usize,
}

impl Gazetteer {
    pub(crate) fn new(
        cities: &[City],
        states: &[(String, String)],
        by_name: &FxHashMap<String, Vec<CityId>>,
    ) -> Gazetteer {
        let mut made = Gazetteer {
            first: FxHashSet::default(),
            names: FxHashMap::default(),
            alone: FxHashMap::default(),
            states: FxHashMap::default(),
        };
        for (name, ids) in by_name {
            let Some(hash) = made.enter(name) else { continue };
            made.names.insert(hash, ids.clone());
            let largest = &cities[ids[0].0 as usize];
            if largest.population >= LEAST_ALONE && !AMBIGUOUS.contains(&name.as_str()) {
                made.alone.insert(hash, (ids[0], ALONE));
            }
        }
        for (short, full, state) in SHORT_NAMES {
            let known =
                by_name.get(full).into_iter().flatten().find(|id| cities[id.0 as usize].state == state);
            if let (Some(id), Some(hash)) = (known, made.enter(short)) {
                made.names.entry(hash).or_insert_with(|| vec![*id]);
                made.alone.insert(hash, (*id, SHORT));
            }
        }
        for (code, name) in states {
            made.states.insert(hash_words(code), (code.clone(), 1));
            made.states.insert(hash_words(name), (code.clone(), name.split(' ').count()));
        }
        made
    }

    fn enter(&mut self, name: &str) -> Option<u64> {
        let mut words = name.split(' ');
        self.first.insert(hash_word(words.next()?));
        (words.count() < LONGEST).then(|| hash_words(name))
    }
}

fn hash_word(word: &str) -> u64 {
    key64(
        match word {
            "st" => "saint",
            "ft" => "fort",
            "mt" => "mount",
            word => word,
        }
        .as_bytes(),
    )
}

fn join(left: u64, right: u64) -> u64 {
    left.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ right
}

fn hash_words(name: &str) -> u64 {
    plain(name).split(' ').map(hash_word).reduce(join).unwrap_or(0)
}

fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::with_capacity(text.len() / 5);
    let mut buffer = String::with_capacity(32);
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if !c.is_alphanumeric() {
            chars.next();
            continue;
        }
        buffer.clear();
        let (mut end, mut capitals, mut length) = (start, true, 0);
        while let Some(&(at, c)) = chars.peek() {
            // A full stop or an apostrophe inside a name (`St. Louis`, `Coeur d'Alene`) does not end the word's hash.
            if !c.is_alphanumeric() && c != '\'' {
                break;
            }
            if c.is_alphanumeric() {
                capitals &= c.is_uppercase();
                buffer.extend(c.to_lowercase());
                length += 1;
                end = at + c.len_utf8();
            }
            chars.next();
        }
        found.push(Word { start, end, hash: hash_word(&buffer), capitals, length });
    }
    found
}

impl Places {
    /// Cities named in a text, by position, longest names first, without overlaps.
    pub fn find(&self, text: &str) -> Vec<PlaceHit> {
        let table = &self.gazetteer;
        let words = words(text);
        let mut hits = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let Some((hit, used)) = self.hit_at(table, text, &words[at..]) else {
                at += 1;
                continue;
            };
            hits.push(hit);
            at += used;
        }
        hits
    }

    fn hit_at(&self, table: &Gazetteer, text: &str, words: &[Word]) -> Option<(PlaceHit, usize)> {
        if !table.first.contains(&words[0].hash) {
            return None;
        }
        let mut best = None;
        let mut hash = 0;
        for count in 1..=LONGEST.min(words.len()) {
            let word = &words[count - 1];
            // A name does not run over a line or past more than a space, a hyphen or a full stop.
            if count > 1 && !closely(text, &words[count - 2], word) {
                break;
            }
            hash = if count == 1 { word.hash } else { join(hash, word.hash) };
            let Some(cities) = table.names.get(&hash) else { continue };
            if let Some((state, used)) = state_after(table, text, words, count)
                && let Some(city) = cities.iter().find(|id| self.city(**id).state == state)
            {
                let end = words[count + used - 1].end;
                let hit = PlaceHit { start: words[0].start, end, city: *city, confidence: WITH_STATE };
                best = Some((hit, count + used));
            } else if let Some((city, confidence)) = table.alone.get(&hash) {
                let hit =
                    PlaceHit { start: words[0].start, end: word.end, city: *city, confidence: *confidence };
                best = Some((hit, count));
            }
        }
        best
    }
}

fn closely(text: &str, left: &Word, right: &Word) -> bool {
    matches!(&text[left.end..right.start], " " | "-" | "." | ". ")
}

/// A state code or name that follows a city name, and how many words it takes. A code in small letters must follow a
/// comma or be no English word (`in`, `or`, `me`, `hi`, `ok` and the like are words far more often than states).
fn state_after(table: &Gazetteer, text: &str, words: &[Word], from: usize) -> Option<(String, usize)> {
    const WORDS: [&str; 9] = ["in", "or", "me", "hi", "ok", "oh", "la", "pa", "ma"];
    let next = words.get(from)?;
    let between = &text[words[from - 1].end..next.start];
    if between.chars().any(|c| c != ',' && c != ' ' && c != '.') || between.len() > 3 {
        return None;
    }
    let mut hash = 0;
    for count in 1..=3.min(words.len() - from) {
        let word = &words[from + count - 1];
        hash = if count == 1 { word.hash } else { join(hash, word.hash) };
        if let Some((code, length)) = table.states.get(&hash)
            && *length == count
        {
            let doubtful = next.length == 2
                && !next.capitals
                && !between.contains(',')
                && WORDS.contains(&text[next.start..next.end].to_lowercase().as_str());
            return (!doubtful).then(|| (code.clone(), count));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn cities_stand_out_of_text() {
        check("in Charlotte, NC this week", &["Charlotte, NC=Charlotte, NC"]);
        check(
            "charlotte nc and raleigh north carolina",
            &["charlotte nc=Charlotte, NC", "raleigh north carolina=Raleigh, NC"],
        );
        check("visiting Kansas City, MO", &["Kansas City, MO=Kansas City, MO"]);
        check("now in Chicago until friday", &["Chicago=Chicago, IL"]);
        check("St. Louis, MO", &["St. Louis, MO=St. Louis, MO"]);
        check("back in nyc", &["nyc=New York City, NY"]);
        check("las vegas", &["las vegas=Las Vegas, NV"]);
    }

    #[test]
    fn ordinary_words_are_not_cities() {
        check("reading on my mobile, madison here", &[]);
        check("charlotte is in or out", &[]);
        check("an orange surprise", &[]);
        check("", &[]);
    }

    proptest! {
        #[test]
        fn spans_lie_in_the_text(text in "\\PC{0,80}") {
            for hit in Places::embedded().find(&text) {
                prop_assert!(text.get(hit.start..hit.end).is_some());
            }
        }
    }
}
