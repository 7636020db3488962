//! What a good part of all texts have word by word is one of two things, and how frequent its words are does not tell which.
//!
//! A **mass** is a template posted by the thousand, or a line that a program writes again and again. Its words are as frequent
//! as "and", and yet they tell such a text: in it they weigh as much as any. The words that differ between its copies stand here
//! and there.
//!
//! A **frame** is what a site puts around every posting. The posting's own words stand together beside it. Among many texts
//! its words weigh nothing, being frequent; among a few, where little is known of how frequent words are, it has to be found.

use super::documents::Documents;
use super::grams::{self, Grams};
use super::passages::Run;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// Runs of frequent words, each list by document, then by place.
#[derive(Debug, Default)]
pub struct Frequent {
    /// Those of a mass, which weigh as much as any word.
    pub mass: Vec<Run>,
    /// Those of a frame, which weigh nothing.
    pub frame: Vec<Run>,
}

/// Texts that hold a frame at least.
const FRAMED: usize = 4;

/// Finds the frequent words that weigh otherwise than their frequency says.
pub fn find(documents: &Documents, grams: &Grams, rules: &Templates) -> Frequent {
    // Rounded down to a power of two, as evidence is: then little changes as the corpus grows.
    let mass = (1 << documents.len().max(rules.few).ilog2()) / rules.mass_share;
    let mass = held_by_more(grams, mass);
    let few = documents.len() < rules.few;
    let frame =
        if few { held_by_more(grams, (documents.len() / 2).max(FRAMED - 1)) } else { FxHashSet::default() };
    if mass.is_empty() && frame.is_empty() {
        return Frequent::default();
    }
    let found: Vec<(Vec<Run>, Vec<Run>)> = (0..documents.len() as u32)
        .into_par_iter()
        .map(|document| {
            let words = documents.words(document as usize);
            (
                of_mass(words, runs(words, document, &mass), rules),
                of_frame(words, runs(words, document, &frame), rules),
            )
        })
        .collect();
    let (mass, frame): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    Frequent { mass: mass.concat(), frame: frame.concat() }
}

/// Hashes of the trigrams that more than so many documents hold.
fn held_by_more(grams: &Grams, count: usize) -> FxHashSet<u64> {
    (0..grams.len()).filter(|gram| grams.span(*gram).len() > count).map(|gram| grams.hash(gram)).collect()
}

/// Where a document holds such trigrams, one after the other.
fn runs(words: &[u32], document: u32, frequent: &FxHashSet<u64>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let places = grams::hashes(words, 3).enumerate().filter(|(_, hash)| frequent.contains(hash));
    for (place, _) in places {
        let (start, end) = (place as u32, place as u32 + 3);
        match runs.last_mut().filter(|run| start <= run.end) {
            Some(run) => run.end = end,
            None => runs.push(Run { document, start, end }),
        }
    }
    runs
}

/// Most words in a row outside the runs.
fn longest_own(words: &[u32], runs: &[Run]) -> usize {
    let ends = std::iter::once(0).chain(runs.iter().map(|run| run.end));
    let begins = runs.iter().map(|run| run.start).chain([words.len() as u32]);
    ends.zip(begins).map(|(end, begin)| (begin - end) as usize).max().unwrap_or(0)
}

/// The runs, when the text is made of them.
fn of_mass(words: &[u32], runs: Vec<Run>, rules: &Templates) -> Vec<Run> {
    let frequent: usize = runs.iter().map(Run::len).sum();
    let made_of_them = frequent as f64 >= rules.mass_words * words.len() as f64;
    if made_of_them && longest_own(words, &runs) <= rules.mass_own { runs } else { Vec::new() }
}

/// The runs as long as a passage, when as long a text of its own stands beside them.
fn of_frame(words: &[u32], mut runs: Vec<Run>, rules: &Templates) -> Vec<Run> {
    let passage = rules.passage_run + 2;
    runs.retain(|run| run.len() >= passage);
    if longest_own(words, &runs) >= passage { runs } else { Vec::new() }
}
