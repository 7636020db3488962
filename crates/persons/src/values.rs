//! Lists of different values, each with what spares comparing it letter by letter.

use crate::strings;
use rustc_hash::FxHashMap;

/// Values of a list that count as frequent.
pub const FREQUENT: usize = 1024;
/// The place of a value that is not.
pub const RARE: u16 = u16::MAX;

/// What is known of a value before it is compared, in half a cache line: most pairs of values are told apart by it alone.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(32))]
pub struct Features {
    /// See [`strings::letters`].
    pub letters: u64,
    /// One bit for each word of three characters or more.
    pub words: u64,
    /// Number of the Soundex code; two values without one have different numbers.
    pub sound: u32,
    /// The place among the most frequent values, [`RARE`] when it is not one of them.
    pub frequent: u16,
    /// Characters, at most 255.
    pub long: u8,
    /// The first character, or what is left of it in a byte.
    pub first: u8,
    /// One byte is one character.
    pub ascii: bool,
    /// At most so many cells hold it that a common value near it is what was meant.
    pub rare: bool,
    /// Has other forms in the list of nicknames.
    pub nicknamed: bool,
}

/// Stands between the values of a cell that lists several.
pub const BETWEEN: char = '\u{1f}';

/// Different values in alphabetical order, those that came later after them; 0 stands for none.
#[derive(Debug, Clone)]
pub struct Values {
    texts: Vec<Box<str>>,
    /// Values in alphabetical order; later ones are in `numbers`.
    sorted: usize,
    /// Values that are lists of others.
    lists: FxHashMap<u32, Box<[u32]>>,
    /// What later values are numbered by; see [`Values::open`].
    numbers: Option<Numbers>,
    /// Features by value.
    pub features: Vec<Features>,
    /// Numbers of the words of each value, 0 for those of one or two characters.
    pub words: Vec<Box<[u32]>>,
    /// Cells that hold the value.
    pub used: Vec<u32>,
}

/// Numbers of what values have in common.
#[derive(Debug, Clone, Default)]
struct Numbers {
    sounds: FxHashMap<String, u32>,
    words: FxHashMap<Box<str>, u32>,
    later: FxHashMap<Box<str>, u32>,
}

impl Numbers {
    /// The features of a value, and the numbers of its words.
    fn features(&mut self, text: &str, at: u32) -> (Features, Box<[u32]>) {
        let words: Box<[u32]> = text
            .split(' ')
            .map(|word| {
                let next = self.words.len() as u32 + 1;
                match self.words.get(word) {
                    Some(number) => *number,
                    None if word.chars().nth(2).is_none() => 0,
                    None => *self.words.entry(word.into()).or_insert(next),
                }
            })
            .collect();
        let next = self.sounds.len() as u32;
        let sound =
            strings::soundex(text).map_or(u32::MAX - at, |code| *self.sounds.entry(code).or_insert(next));
        let features = Features {
            letters: strings::letters(text),
            words: words.iter().filter(|word| **word != 0).fold(0, |bits, word| bits | 1 << (word % 64)),
            sound,
            long: text.chars().count().min(255) as u8,
            frequent: RARE,
            first: text.chars().next().map_or(0, |c| c as u8),
            ascii: text.is_ascii(),
            rare: false,
            nicknamed: false,
        };
        (features, words)
    }
}

impl Values {
    /// Numbers different texts; a text with [`BETWEEN`] is a list, and what it lists are values too.
    pub fn of<'a>(texts: impl Iterator<Item = &'a String>) -> Values {
        Values { numbers: None, ..Values::of_open(texts) }
    }

    /// The same, with what later values are numbered by.
    pub fn of_open<'a>(texts: impl Iterator<Item = &'a String>) -> Values {
        let mut sorted: Vec<&str> = Vec::new();
        for text in texts.map(String::as_str).filter(|text| !text.is_empty()) {
            sorted.push(text);
            if text.contains(BETWEEN) {
                sorted.extend(text.split(BETWEEN));
            }
        }
        sorted.sort_unstable();
        sorted.dedup();
        let texts: Vec<Box<str>> = std::iter::once("").chain(sorted).map(Box::from).collect();
        let mut numbers = Numbers::default();
        let (features, words) =
            texts.iter().enumerate().map(|(at, text)| numbers.features(text, at as u32)).unzip();
        let used = vec![0; texts.len()];
        let lists = FxHashMap::default();
        let mut values = Values { sorted: texts.len(), texts, lists, numbers: None, features, words, used };
        for value in 1..values.texts.len() as u32 {
            values.list(value);
        }
        Values { numbers: Some(numbers), ..values }
    }

    /// Notes what a value lists.
    fn list(&mut self, value: u32) {
        let text = &self.texts[value as usize];
        if text.contains(BETWEEN) {
            let listed = text.split(BETWEEN).map(|part| self.find(part)).collect();
            self.lists.insert(value, listed);
        }
    }

    /// Forgets which values are frequent: whether one is rare may change from now on, so that no level of it is remembered.
    pub fn open(&mut self) {
        self.features.iter_mut().for_each(|features| features.frequent = RARE);
    }

    /// The number of a text, a new one when it was not there.
    pub fn number(&mut self, text: &str) -> u32 {
        let known = self.find(text);
        if known != 0 || text.is_empty() {
            return known;
        }
        if text.contains(BETWEEN) {
            for part in text.split(BETWEEN) {
                self.number(part);
            }
        }
        let at = self.texts.len() as u32;
        let numbers = self.numbers.get_or_insert_default();
        let (features, words) = numbers.features(text, at);
        numbers.later.insert(text.into(), at);
        self.texts.push(text.into());
        self.features.push(features);
        self.words.push(words);
        self.used.push(0);
        self.list(at);
        at
    }

    /// Counts one more cell that holds a value.
    pub fn use_once_more(&mut self, value: u32, rare: u32) {
        self.used[value as usize] += 1;
        self.features[value as usize].rare = self.used[value as usize] <= rare;
    }

    /// Whether some values are lists.
    #[inline]
    pub fn has_lists(&self) -> bool {
        !self.lists.is_empty()
    }

    /// What a value lists; a value that is no list lists itself.
    #[inline]
    pub fn listed<'a>(&'a self, value: &'a u32) -> &'a [u32] {
        let listed = if self.lists.is_empty() { None } else { self.lists.get(value) };
        listed.map_or(std::slice::from_ref(value), |listed| listed)
    }

    /// Tells how many cells hold each value, and that those of at most `rare` cells are rare.
    pub fn count(&mut self, used: Vec<u32>, rare: u32) {
        let mut order: Vec<u32> = (1..self.texts.len() as u32).collect();
        order.sort_unstable_by_key(|value| (std::cmp::Reverse(used[*value as usize]), *value));
        for (place, value) in order.into_iter().take(FREQUENT).enumerate() {
            self.features[value as usize].frequent = place as u16;
        }
        for (features, used) in self.features.iter_mut().zip(&used) {
            features.rare = *used <= rare;
        }
        let named: Vec<u32> = self.nicknames().flat_map(|(name, short)| [name, short]).collect();
        for value in named {
            self.features[value as usize].nicknamed = true;
        }
        self.used = used;
    }

    /// Values that are other forms of a given name.
    pub fn forms_of(&self, value: u32) -> Vec<u32> {
        let text = self.text(value);
        let other = |(name, short): (&'static str, &'static str)| match () {
            () if name == text => Some(short),
            () if short == text => Some(name),
            () => None,
        };
        crate::nicknames().filter_map(other).map(|form| self.find(form)).filter(|form| *form != 0).collect()
    }

    /// Pairs of values that are forms of one given name.
    pub fn nicknames(&self) -> impl Iterator<Item = (u32, u32)> {
        crate::nicknames()
            .map(|(name, short)| (self.find(name), self.find(short)))
            .filter(|(name, short)| *name != 0 && *short != 0)
    }

    /// Number of values, the empty one included.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.texts.len() <= 1
    }

    /// A value as text.
    #[inline]
    pub fn text(&self, value: u32) -> &str {
        &self.texts[value as usize]
    }

    /// The number of a text, 0 when it is not there.
    pub fn find(&self, text: &str) -> u32 {
        match self.texts[..self.sorted].binary_search_by(|known| known.as_ref().cmp(text)) {
            Ok(value) => value as u32,
            Err(_) => self.numbers.as_ref().and_then(|numbers| numbers.later.get(text)).copied().unwrap_or(0),
        }
    }

    /// The texts of the beginning, without the empty one.
    pub fn early(&self) -> impl Iterator<Item = &str> {
        self.texts[1..self.sorted].iter().map(AsRef::as_ref)
    }

    /// All texts, the empty one first.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(AsRef::as_ref)
    }
}
