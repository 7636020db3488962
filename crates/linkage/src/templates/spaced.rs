//! Spaced-out words: `s t o n e h o u s e` read as the words that the corpus uses.
//!
//! Where one spaced word follows another nothing tells where the first ends, but the other texts do: the reading is the
//! one that needs the fewest and most frequent words. A reading depends on the corpus, so nothing that other documents see
//! of a text may depend on it: the trigram index holds a whole run of letters as one word.

use homeward_model::key64;
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

/// All letters of a run as one word.
pub fn joined(run: &[u32], out: &mut Vec<Read>) {
    let word: String = run.iter().filter_map(|token| LETTERS.get(token)).collect();
    out.push((hash(word.as_bytes()), run.len() as u32));
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
    /// From the words with the documents that hold each, of all documents. A word of one document is as good as unknown.
    pub fn new(words: impl Iterator<Item = (u32, u32)>, documents: usize) -> Vocabulary {
        let documents = documents.max(1) as u32;
        let levels: FxHashMap<u32, u8> = words
            .filter(|(_, count)| *count > 1)
            .map(|(word, count)| (word, (documents / count.min(documents)).ilog2() as u8))
            .collect();
        let mut maybe = vec![0u64; 1 << 14];
        for word in levels.keys() {
            maybe[(word >> 6) as usize % (1 << 14)] |= 1 << (word % 64);
        }
        Vocabulary { levels, maybe, unknown: documents.ilog2() + 3 }
    }

    fn cost(&self, word: u32) -> Option<u32> {
        if self.maybe[(word >> 6) as usize % (1 << 14)] >> (word % 64) & 1 == 0 {
            return None;
        }
        self.levels.get(&word).map(|level| 2 + u32::from(*level))
    }

    /// Reads a run of letters as the cheapest row of words; what is no word stays in one piece.
    pub fn read(&self, run: &[u32], out: &mut Vec<Read>) {
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
        let mut words = Vec::new();
        let mut any_known = false;
        let mut at = count;
        while at > 0 {
            let (_, from, token, known) = best[at];
            words.push((token, (at - from) as u32));
            any_known |= known;
            at = from;
        }
        if any_known {
            out.extend(words.iter().rev());
        } else {
            joined(run, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_read_as_known_words() {
        let token = |word: &str| hash(word.as_bytes());
        let known = [("sofa", 5), ("table", 9), ("a", 80), ("for", 60), ("fort", 2)];
        let vocabulary = Vocabulary::new(known.iter().map(|(word, count)| (token(word), *count)), 100);
        let check = |run: &str, expected: &[&str]| {
            let run: Vec<u32> = run.split(' ').map(token).collect();
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
