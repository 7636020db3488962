//! Spaced-out words: `s t o n e h o u s e` read as the words that the corpus uses.
//!
//! Where one spaced word follows another nothing tells where the first ends, but the other texts do: the reading is the
//! one that needs the fewest and most frequent words. A reading depends on the corpus, so nothing that other documents see
//! of a text may depend on it: the trigram index holds a whole run of letters as one word.

use homeward_model::key64;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Single letters in a row from which they are spaced-out words.
const LEAST: usize = 4;
/// Longest word looked for, in letters.
const LONGEST: usize = 18;

/// Letters by the token of the one-letter word.
static LETTERS: LazyLock<FxHashMap<u32, char>> = LazyLock::new(|| {
    let letters = ('a'..='z').chain('\u{df}'..='\u{5ff}').filter(|c| c.is_alphabetic());
    letters.map(|c| (hash(c.encode_utf8(&mut [0; 4]).as_bytes()), c)).collect()
});

/// A quick test by the low bits of a token that leaves out most of what is no letter.
static MAYBE: LazyLock<[u64; 1024]> = LazyLock::new(|| {
    let mut maybe = [0; 1024];
    for token in LETTERS.keys() {
        maybe[(token >> 6) as usize % 1024] |= 1 << (token % 64);
    }
    maybe
});

/// Token of a word.
pub fn hash(word: &[u8]) -> u32 {
    (key64(word) >> 32) as u32
}

/// Places of the runs of single letters in a row of tokens.
pub fn runs(tokens: &[u32]) -> Vec<Range<usize>> {
    let maybe = &*MAYBE;
    let is_letter = |token: &&u32| {
        maybe[(**token >> 6) as usize % 1024] >> (**token % 64) & 1 != 0 && LETTERS.contains_key(token)
    };
    let mut runs = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let run = tokens[at..].iter().take_while(is_letter).count();
        if run >= LEAST {
            runs.push(at..at + run);
        }
        at += run.max(1);
    }
    runs
}

/// A word and the tokens that were read for it.
pub type Read = (u32, u32);

/// The tokens with words in the place of each run.
pub fn replaced(
    tokens: &[u32],
    runs: &[Range<usize>],
    mut read: impl FnMut(&[u32], &mut Vec<Read>),
) -> Vec<Read> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    for run in runs {
        out.extend(tokens[at..run.start].iter().map(|token| (*token, 1)));
        read(&tokens[run.clone()], &mut out);
        at = run.end;
    }
    out.extend(tokens[at..].iter().map(|token| (*token, 1)));
    out
}

/// The token of all letters of a run as one word.
pub fn as_one(run: &[u32]) -> u32 {
    let word: String = run.iter().filter_map(|token| LETTERS.get(token)).collect();
    hash(word.as_bytes())
}

/// All letters of a run as one word.
pub fn joined(run: &[u32], out: &mut Vec<Read>) {
    out.push((as_one(run), run.len() as u32));
}

/// The words of a corpus with what each costs a reading.
pub struct Vocabulary {
    /// Halvings of the corpus down to the documents with the word.
    levels: FxHashMap<u32, u8>,
    /// A quick test that leaves out most of what is no word.
    maybe: Vec<u64>,
    unknown: u32,
}

impl Vocabulary {
    /// From the words with the documents that hold each, of all documents. A word of one document is as good as unknown. `runs`
    /// are runs of letters of which the words are made that are hardly ever written in one piece, by their token: one that other
    /// words make up is several words that happen to be spaced out one after another, and no word.
    pub fn new(words: &FxHashMap<u32, u32>, runs: &FxHashMap<u32, &[u32]>, documents: usize) -> Vocabulary {
        let documents = documents.max(1) as u32;
        let known = words.iter().filter(|(_, count)| **count > 1);
        let level = |count: u32| (documents / count.min(documents)).ilog2() as u8;
        let mut vocabulary = Vocabulary {
            levels: FxHashMap::default(),
            maybe: vec![0; 1 << 14],
            unknown: documents.ilog2() + 3,
        };
        for (word, count) in known.clone().filter(|(word, _)| !runs.contains_key(word)) {
            vocabulary.add(*word, level(*count));
        }
        let doubtful = known.filter_map(|(word, count)| Some((*word, level(*count), *runs.get(word)?)));
        let words: Vec<(u32, u8, &[u32])> = doubtful.collect();
        let whole = |(_, _, run): &&(u32, u8, &[u32])| !vocabulary.cheapest(run).iter().all(|piece| piece.2);
        let whole: Vec<(u32, u8)> =
            words.par_iter().filter(whole).map(|(word, level, _)| (*word, *level)).collect();
        for (word, level) in whole {
            vocabulary.add(word, level);
        }
        vocabulary
    }

    fn add(&mut self, word: u32, level: u8) {
        self.levels.insert(word, level);
        self.maybe[(word >> 6) as usize % (1 << 14)] |= 1 << (word % 64);
    }

    fn cost(&self, word: u32) -> Option<u32> {
        if self.maybe[(word >> 6) as usize % (1 << 14)] >> (word % 64) & 1 == 0 {
            return None;
        }
        self.levels.get(&word).map(|level| 2 + u32::from(*level))
    }

    /// Reads a run of letters as the cheapest row of words; what is no word stays in one piece.
    pub fn read(&self, run: &[u32], out: &mut Vec<Read>) {
        let pieces = self.cheapest(run);
        if pieces.iter().any(|piece| piece.2) {
            out.extend(pieces.into_iter().map(|(token, letters, _)| (token, letters)));
        } else {
            joined(run, out);
        }
    }

    /// The cheapest row of pieces of a run: token, letters, and whether it is a word.
    fn cheapest(&self, run: &[u32]) -> Vec<(u32, u32, bool)> {
        let letters: String = run.iter().filter_map(|token| LETTERS.get(token)).collect();
        let places: Vec<usize> = letters.char_indices().map(|(at, _)| at).chain([letters.len()]).collect();
        let count = places.len() - 1;
        // For each number of letters read: cost, where the last word began, its token, whether it is known.
        let mut best = vec![(u32::MAX, 0, 0, false); count + 1];
        best[0] = (0, 0, 0, true);
        for from in 0..count {
            let before = best[from].0;
            for to in from + 1..=(from + LONGEST).min(count) {
                let token = hash(&letters.as_bytes()[places[from]..places[to]]);
                let known = self.cost(token);
                // A single letter is a word only when it is a frequent one.
                let known = known.filter(|cost| to - from > 1 || *cost <= 6);
                let cost = before + known.unwrap_or(self.unknown + 3 * (to - from) as u32);
                if cost < best[to].0 {
                    best[to] = (cost, from, token, known.is_some());
                }
            }
        }
        let mut pieces = Vec::new();
        let mut at = count;
        while at > 0 {
            let (_, from, token, known) = best[at];
            pieces.push((token, (at - from) as u32, known));
            at = from;
        }
        pieces.reverse();
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_read_as_known_words() {
        let token = |word: &str| hash(word.as_bytes());
        let letters = |run: &str| -> Vec<u32> { run.split(' ').map(token).collect() };
        // Two pairs of words were spaced out in many documents, and the second word of one is never seen otherwise.
        let (pair, other) = (letters("s o f a t a b l e"), letters("s o f a q u z z"));
        let known = [
            ("sofa", 5),
            ("table", 9),
            ("a", 80),
            ("for", 60),
            ("fort", 2),
            ("sofatable", 70),
            ("sofaquzz", 70),
        ];
        let runs = [(token("sofatable"), &pair[..]), (token("sofaquzz"), &other[..])];
        let counts = known.iter().map(|(word, count)| (token(word), *count)).collect();
        let vocabulary = Vocabulary::new(&counts, &runs.into_iter().collect(), 100);
        let check = |run: &str, expected: &[&str]| {
            let run = letters(run);
            let mut out = Vec::new();
            vocabulary.read(&run, &mut out);
            assert_eq!(
                out.iter().map(|(token, _)| *token).collect::<Vec<_>>(),
                expected.iter().map(|word| token(word)).collect::<Vec<_>>()
            );
        };
        check("s o f a", &["sofa"]);
        check("s o f a t a b l e", &["sofa", "table"]);
        check("a s o f a", &["a", "sofa"]);
        check("f o r t a b l e", &["for", "table"]);
        check("q u z k", &["quzk"]);
        check("s o f a q u z z", &["sofaquzz"]);
    }

    #[test]
    fn only_long_runs_count() {
        let row: Vec<u32> =
            ["x", "y", "z", "big", "s", "o", "f", "a", "end"].map(|word| hash(word.as_bytes())).to_vec();
        let found = runs(&row);
        assert_eq!((found.len(), found[0].clone()), (1, 4..8));
        assert_eq!(replaced(&row, &found, joined)[4], (hash(b"sofa"), 4));
    }
}
