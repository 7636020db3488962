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

/// Different values in alphabetical order; 0 stands for none.
#[derive(Debug, Clone)]
pub struct Values {
    texts: Vec<Box<str>>,
    /// Features by value.
    pub features: Vec<Features>,
    /// Numbers of the words of each value, 0 for those of one or two characters.
    pub words: Vec<Box<[u32]>>,
    /// Cells that hold the value.
    pub used: Vec<u32>,
}

impl Values {
    /// Numbers different texts.
    pub fn of<'a>(texts: impl Iterator<Item = &'a String>) -> Values {
        let mut sorted: Vec<&str> = texts.map(String::as_str).filter(|text| !text.is_empty()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let texts: Vec<Box<str>> = std::iter::once("").chain(sorted).map(Box::from).collect();
        let mut sounds: FxHashMap<String, u32> = FxHashMap::default();
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let (mut features, mut words) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
        for (at, text) in texts.iter().enumerate() {
            let own: Box<[u32]> = text
                .split(' ')
                .map(|word| {
                    let next = numbers.len() as u32 + 1;
                    if word.chars().count() <= 2 { 0 } else { *numbers.entry(word).or_insert(next) }
                })
                .collect();
            let next = sounds.len() as u32;
            let sound = strings::soundex(text)
                .map_or(u32::MAX - at as u32, |code| *sounds.entry(code).or_insert(next));
            features.push(Features {
                letters: strings::letters(text),
                words: own.iter().filter(|word| **word != 0).fold(0, |bits, word| bits | 1 << (word % 64)),
                sound,
                long: text.chars().count().min(255) as u8,
                frequent: RARE,
                first: text.chars().next().map_or(0, |c| c as u8),
                ascii: text.is_ascii(),
                rare: false,
                nicknamed: false,
            });
            words.push(own);
        }
        let used = vec![0; texts.len()];
        Values { texts, features, words, used }
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
        self.texts.binary_search_by(|known| known.as_ref().cmp(text)).unwrap_or(0) as u32
    }

    /// All texts, the empty one first.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(AsRef::as_ref)
    }
}
