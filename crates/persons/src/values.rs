//! Lists of different values, each with what spares comparing it letter by letter.

use crate::strings;
use rustc_hash::FxHashMap;

/// What is known of a value before it is compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    /// See [`strings::letters`].
    pub letters: u64,
    /// One bit for each word of three characters or more.
    pub words: u64,
    /// Number of the Soundex code; two values without one have different numbers.
    pub sound: u32,
    /// Characters, at most 255.
    pub long: u8,
}

/// Different values in alphabetical order; 0 stands for none.
#[derive(Debug)]
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
            });
            words.push(own);
        }
        let used = vec![0; texts.len()];
        Values { texts, features, words, used }
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
