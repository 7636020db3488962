//! Invented languages: words by Zipf's law, sentences of clauses with small words between the large ones.

use crate::rng::Rng;

/// One language.
pub struct Tongue {
    /// Small words, in falling frequency.
    small: Vec<String>,
    /// Large words, in falling frequency.
    large: Vec<String>,
    /// Written without spaces.
    pub unspaced: bool,
}

const LATIN: [&[&str]; 2] = [
    &["b", "br", "c", "d", "f", "g", "h", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v"],
    &["a", "e", "i", "o", "u", "an", "en", "or", "is", "ar"],
];
const CYRILLIC: [&[&str]; 2] = [
    &["б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "х", "ц", "ш", "ст"],
    &["а", "о", "у", "ы", "и", "е", "ов", "ин", "ой", "ка"],
];

/// Offsets of the law: the commonest small word is one in eight of them, the commonest large word one in a hundred.
const SMALL: f64 = 2.0;
const LARGE: f64 = 20.0;

impl Tongue {
    /// Two Latin languages, a Cyrillic one and an unspaced one.
    pub fn all(rng: &mut Rng) -> Vec<Tongue> {
        let mut tongues: Vec<Tongue> = [LATIN, LATIN, CYRILLIC]
            .into_iter()
            .map(|letters| Tongue {
                small: words(rng, 40, &mut |rng| syllables(rng, letters, 1)),
                large: words(rng, 4_000, &mut |rng| {
                    let count = 2 + rng.below(3);
                    syllables(rng, letters, count)
                }),
                unspaced: false,
            })
            .collect();
        tongues.push(Tongue {
            small: words(rng, 20, &mut |rng| signs(rng, 0x3042, 80, 1)),
            large: words(rng, 2_000, &mut |rng| {
                let count = 1 + rng.below(2);
                signs(rng, 0x4e00, 900, count)
            }),
            unspaced: true,
        });
        tongues
    }

    /// A large word.
    pub fn word(&self, rng: &mut Rng) -> String {
        zipf(rng, &self.large, LARGE)
    }

    /// A sentence of one to three clauses.
    pub fn sentence(&self, rng: &mut Rng) -> Vec<String> {
        let mut words = Vec::new();
        for clause in 0..=rng.weighted(&[0.5, 0.35, 0.15]) {
            if clause > 0 {
                words.push(zipf(rng, &self.small, SMALL));
            }
            for _ in 0..rng.between(2, 4) {
                if rng.chance(0.55) {
                    words.push(zipf(rng, &self.small, SMALL));
                }
                words.push(zipf(rng, &self.large, LARGE));
            }
        }
        words
    }
}

/// A word by the law of Zipf and Mandelbrot: frequency falls as 1 / (rank + offset).
fn zipf(rng: &mut Rng, words: &[String], offset: f64) -> String {
    let rank = offset * ((words.len() as f64 + offset) / offset).powf(rng.unit()) - offset;
    words[(rank as usize).min(words.len() - 1)].clone()
}

fn words(rng: &mut Rng, count: usize, make: &mut dyn FnMut(&mut Rng) -> String) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut made = Vec::with_capacity(count);
    while made.len() < count {
        let word = make(rng);
        // A small alphabet runs out of short words.
        if seen.insert(word.clone()) || made.len() > 60 && rng.chance(0.05) {
            made.push(word);
        }
    }
    made
}

fn syllables(rng: &mut Rng, letters: [&[&str]; 2], count: usize) -> String {
    (0..count).flat_map(|_| [*rng.pick(letters[0]), *rng.pick(letters[1])]).collect()
}

fn signs(rng: &mut Rng, first: u32, count: usize, length: usize) -> String {
    (0..length).filter_map(|_| char::from_u32(first + rng.below(count) as u32)).collect()
}
