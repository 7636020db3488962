//! Short messages such as those of a forum: eight to twenty words of a vocabulary that grows with the corpus, some of them
//! posted again or edited.
//!
//! Each message is a function of the seed and its number alone, so a corpus of any size is written, and its truth told,
//! without being held. A tenth of a corpus is not a tenth of its vocabulary: words follow a law with a heavy tail.

use crate::rng::Rng;
use crate::text::EDIT_RATES;

/// Messages that repeat an earlier one.
const REPEATED: f64 = 0.3;
/// How the repeats are edited, by level of [`EDIT_RATES`]: most are slips and afterthoughts.
const LEVELS: [f64; 4] = [0.4, 0.0, 0.35, 0.25];
/// The law by which words are drawn: the share of words beyond rank r falls as r to this power (Zipf's exponent less one).
const TAIL: f64 = 0.5;
/// Ranks are shifted by this much (Mandelbrot), so that no word is a tenth of all words.
const SHIFT: f64 = 8.0;
/// No word is rarer.
const LAST_RANK: f64 = 1e12;

const ONSETS: [&str; 16] = ["b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v"];
const VOWELS: [&str; 6] = ["a", "e", "i", "o", "u", "ai"];

/// The message that this one was first: itself, unless it repeats another. Messages of one origin are one family.
pub fn origin(seed: u64, number: u64) -> u64 {
    let mut at = number;
    while let Some(before) = repeats(seed, at) {
        at = before;
    }
    at
}

/// Writes the message of this number.
pub fn message(seed: u64, number: u64) -> String {
    let origin = origin(seed, number);
    let mut words = Rng::new(seed, origin.wrapping_mul(2));
    let count = words.between(8, 20);
    let original: Vec<String> = (0..count).map(|_| word(&mut words)).collect();
    if origin == number {
        return original.join(" ");
    }
    let mut edits = Rng::new(seed ^ 0xed17, number);
    let rate = EDIT_RATES[edits.weighted(&LEVELS)];
    let mut kept = Vec::with_capacity(original.len() + 2);
    for old in original {
        match (edits.chance(rate), edits.below(3)) {
            (false, _) => kept.push(old),
            (true, 0) => {}
            (true, 1) => kept.extend([old, word(&mut edits)]),
            (true, _) => kept.push(word(&mut edits)),
        }
    }
    kept.join(" ")
}

/// The earlier message that this one repeats.
fn repeats(seed: u64, number: u64) -> Option<u64> {
    let mut dice = Rng::new(seed, number.wrapping_mul(2) + 1);
    (number > 0 && dice.chance(REPEATED)).then(|| dice.below(number as usize) as u64)
}

/// A word by its rank, the frequent ones short.
fn word(rng: &mut Rng) -> String {
    let rank = (SHIFT * rng.unit().max(1e-300).powf(-1.0 / TAIL)).min(LAST_RANK) - SHIFT;
    let (mut left, mut word) = (rank as u64 + 1, String::new());
    while left > 0 {
        let syllable = (left - 1) as usize % (ONSETS.len() * VOWELS.len());
        word.push_str(ONSETS[syllable % ONSETS.len()]);
        word.push_str(VOWELS[syllable / ONSETS.len()]);
        left = (left - 1) / (ONSETS.len() * VOWELS.len()) as u64;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustc_hash::FxHashSet;

    #[test]
    fn the_vocabulary_grows_and_repeats_are_alike() {
        let words = |texts: u64| {
            let mut seen: FxHashSet<String> = FxHashSet::default();
            (0..texts).for_each(|at| seen.extend(message(5, at).split(' ').map(str::to_owned)));
            seen.len()
        };
        let (few, many) = (words(1_000), words(8_000));
        assert!(many > 3 * few && many < 8 * few, "{few} {many}");
        let repeated: Vec<u64> = (0..1_000).filter(|at| origin(5, *at) != *at).collect();
        assert!((250..350).contains(&repeated.len()), "{}", repeated.len());
        let alike = |at: &&u64| {
            let original = message(5, origin(5, **at));
            let original: FxHashSet<&str> = original.split(' ').collect();
            let copy = message(5, **at);
            let kept = copy.split(' ').filter(|word| original.contains(word)).count();
            2 * kept >= original.len()
        };
        assert!(repeated.iter().filter(alike).count() * 100 >= repeated.len() * 97);
    }
}
