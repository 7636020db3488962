//! The names of cities and states by the hash of their words, built once for `find` and `resolve`.

use crate::names::{
    GIVEN_NAMES, NEVER_ALONE, PLACE_WORDS, SHORT_NAMES, STATE_ABBREVIATIONS, Use, WORD_CODES,
};
use crate::words::{Word, Words, hash_ascii, hash_name, join};
use crate::{City, CityId, State};
use rustc_hash::FxHashMap;

/// A name with its state leaves little doubt; a name alone is weaker, the weakest when it is a given name too.
pub(crate) const WITH_STATE: f32 = 0.95;
const SHORT: f32 = 0.7;
const ALONE: f32 = 0.6;
const GIVEN: f32 = 0.5;
/// A city named without its state counts only from this size on,
pub(crate) const LEAST_ALONE: u32 = 100_000;
/// and only when it has this share of all people who live in a city of its name.
const LEAST_SHARE: f64 = 0.6;
/// After a comma, a state code that is also a word counts for cities of this size on.
pub(crate) const LEAST_BY_COMMA: u32 = 50_000;
/// Longest name looked for, in words; and longest name of a state.
pub(crate) const LONGEST: usize = 4;
const LONGEST_STATE: usize = 3;

/// What a name can mean without its state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alone {
    pub city: CityId,
    pub confidence: f32,
    pub capitals: bool,
    pub after_place_word: bool,
}

/// The cities of one name: a range of `Gazetteer::ids`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    from: u32,
    count: u32,
    pub alone: Option<Alone>,
}

/// How a state was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Code,
    /// A code that is also a word, such as `in` or `or`.
    WordCode,
    Full,
    Abbreviation,
}

#[derive(Debug)]
pub(crate) struct Gazetteer {
    /// Hash of a name to its cities.
    pub names: FxHashMap<u64, Named>,
    /// Cities by name, most populous first, each with the position of its state.
    ids: Vec<(CityId, u8)>,
    /// Hash of a state's code, name or abbreviation to its position, with the number of words.
    states: FxHashMap<u64, (u8, Written, usize)>,
    /// Beginnings of names of up to four words, whole names included.
    pub beginnings: Filter,
    place_words: [u64; PLACE_WORDS.len()],
    /// Hash of a short name and its city.
    shorts: Vec<(u64, CityId)>,
}

/// A set of hashes that may say yes to a stranger, never no to a member: one bit each.
#[derive(Debug)]
pub(crate) struct Filter(Vec<u64>);

impl Filter {
    /// 2^18 bits for some 17,000 beginnings: one stranger in fifteen passes, and 32 KB stay in the nearest cache.
    const BITS: u32 = 18;

    fn place(hash: u64) -> (usize, u64) {
        let bit = hash >> (64 - Self::BITS);
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    fn enter(&mut self, hash: u64) {
        let (at, bit) = Self::place(hash);
        self.0[at] |= bit;
    }

    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        let (at, bit) = Self::place(hash);
        self.0[at] & bit != 0
    }
}

impl Gazetteer {
    pub(crate) fn new(cities: &[City], states: &[State]) -> Gazetteer {
        let state_at: FxHashMap<&str, u8> =
            states.iter().enumerate().map(|(at, state)| (state.code.as_str(), at as u8)).collect();
        // Name hash, city, state, whether the name is a short one; sorted, so that a name's cities stand together, most
        // populous first.
        let mut rows: Vec<(u64, CityId, u8, bool)> = Vec::with_capacity(cities.len() + SHORT_NAMES.len());
        let mut made = Gazetteer {
            names: FxHashMap::default(),
            ids: Vec::new(),
            states: FxHashMap::default(),
            beginnings: Filter(vec![0; 1 << (Filter::BITS - 6)]),
            place_words: PLACE_WORDS.map(|word| hash_ascii(word.as_bytes())),
            shorts: Vec::new(),
        };
        for (at, city) in cities.iter().enumerate() {
            let state = state_at.get(city.state.as_str()).copied().unwrap_or(u8::MAX);
            rows.extend(made.begin(&city.name).map(|hash| (hash, CityId(at as u32), state, false)));
        }
        let mut shorts = Vec::new();
        for (short, full, state, used) in SHORT_NAMES {
            let known = cities.iter().position(|city| city.name == full && city.state == state);
            if let (Some(at), Some(hash)) = (known, made.begin(short)) {
                let city = CityId(at as u32);
                rows.push((hash, city, state_at.get(state).copied().unwrap_or(u8::MAX), true));
                shorts.push((hash, city, used));
            }
        }
        rows.sort_unstable();
        made.names.reserve(rows.len());
        for same in rows.chunk_by(|a, b| a.0 == b.0) {
            let from = made.ids.len() as u32;
            made.ids.extend(same.iter().map(|(_, city, state, _)| (*city, *state)));
            let alone = alone(cities, same.iter().filter(|row| !row.3).map(|row| row.1));
            made.names.insert(same[0].0, Named { from, count: same.len() as u32, alone });
        }
        for (name, given) in
            NEVER_ALONE.map(|name| (name, false)).into_iter().chain(GIVEN_NAMES.map(|n| (n, true)))
        {
            if let Some(named) = hash_name(name).and_then(|(hash, _)| made.names.get_mut(&hash)) {
                named.alone = named.alone.filter(|_| given).map(|alone| Alone {
                    confidence: GIVEN,
                    after_place_word: true,
                    ..alone
                });
            }
        }
        for (hash, city, used) in shorts {
            made.shorts.push((hash, city));
            if let Some(named) = made.names.get_mut(&hash).filter(|_| used != Use::RecordOnly) {
                named.alone = Some(Alone {
                    city,
                    confidence: SHORT,
                    capitals: used != Use::Anywhere,
                    after_place_word: used == Use::CapitalsAfterPlaceWord,
                });
            }
        }
        for (at, state) in states.iter().enumerate() {
            let code =
                if WORD_CODES.contains(&state.code.as_str()) { Written::WordCode } else { Written::Code };
            made.enter_state(&state.code, at as u8, code);
            made.enter_state(&state.name, at as u8, Written::Full);
        }
        for (short, code) in STATE_ABBREVIATIONS {
            if let Some(at) = state_at.get(code) {
                made.enter_state(short, *at, Written::Abbreviation);
            }
        }
        made
    }

    /// Enters the beginnings of a name, when text is searched for names so long, and gives its hash.
    fn begin(&mut self, name: &str) -> Option<u64> {
        let (hash, count) = hash_name(name)?;
        if count <= LONGEST {
            let mut beginning = None;
            for word in Words::new(name) {
                let hash = beginning.map_or(word.hash, |before| join(before, word.hash));
                self.beginnings.enter(hash);
                beginning = Some(hash);
            }
        }
        Some(hash)
    }

    fn enter_state(&mut self, name: &str, at: u8, written: Written) {
        if let Some((hash, count)) = hash_name(name) {
            self.states.entry(hash).or_insert((at, written, count));
        }
    }

    pub(crate) fn cities(&self, named: Named) -> &[(CityId, u8)] {
        &self.ids[named.from as usize..(named.from + named.count) as usize]
    }

    /// The cities of a name, most populous first, each with the position of its state.
    pub(crate) fn named(&self, name: &str) -> &[(CityId, u8)] {
        let named = hash_name(name).and_then(|(hash, _)| self.names.get(&hash));
        named.map_or(&[], |named| self.cities(*named))
    }

    /// The city that a short name means.
    pub(crate) fn short(&self, name: &str) -> Option<CityId> {
        let (hash, _) = hash_name(name)?;
        self.shorts.iter().find(|(short, _)| *short == hash).map(|(_, city)| *city)
    }

    /// The position of a state given by code, name or abbreviation, with nothing else in the text.
    pub(crate) fn state(&self, text: &str) -> Option<u8> {
        let mut words = Words::new(text);
        let first = words.next()?;
        let (state, _, _, mut rest) = self.state_at(text, first, words)?;
        rest.next().is_none().then_some(state)
    }

    /// A state that begins with this word: its position, how it is written, its end, and what follows.
    pub(crate) fn state_at<'text>(
        &self,
        text: &str,
        first: Word,
        mut words: Words<'text>,
    ) -> Option<(u8, Written, usize, Words<'text>)> {
        let (mut hash, mut last) = (first.hash, first);
        for count in 1..=LONGEST_STATE {
            if let Some((state, written, length)) = self.states.get(&hash)
                && *length == count
            {
                return Some((*state, *written, last.end, words));
            }
            let next = words.next()?;
            let between = &text[last.end..next.start];
            // `N.C.` and `D. C.` are two words of one letter.
            if count == 1
                && first.end - first.start == 1
                && next.end - next.start == 1
                && between.starts_with('.')
            {
                let letters = [text.as_bytes()[first.start], text.as_bytes()[next.start]];
                let code = hash_ascii(&letters.map(|letter| letter.to_ascii_lowercase()));
                let (state, written, length) = self.states.get(&code)?;
                let full = if *written == Written::WordCode { Written::Code } else { *written };
                return (*length == 1).then_some((*state, full, next.end, words));
            }
            if !closely(between) {
                return None;
            }
            hash = join(hash, next.hash);
            last = next;
        }
        None
    }

    pub(crate) fn is_place_word(&self, hash: u64) -> bool {
        self.place_words.contains(&hash)
    }
}

/// The city that a name means without a state, before the lists of words and given names have their say.
fn alone(cities: &[City], mut same: impl Iterator<Item = CityId>) -> Option<Alone> {
    let city = same.next()?;
    let population = |id: CityId| cities.get(id.0 as usize).map_or(0, |city| city.population);
    let all = u64::from(population(city)) + same.map(|id| u64::from(population(id))).sum::<u64>();
    let share = f64::from(population(city)) / (all.max(1) as f64);
    (population(city) >= LEAST_ALONE && share >= LEAST_SHARE).then_some(Alone {
        city,
        confidence: ALONE,
        capitals: false,
        after_place_word: false,
    })
}

/// A name does not run over a line or past more than a space, a hyphen or a full stop.
pub(crate) fn closely(between: &str) -> bool {
    matches!(between, " " | "-" | "." | ". ")
}
