//! What a good part of all texts have word by word is one of two things, and how frequent its words are does not tell which.
//!
//! A **mass** is a template posted by the thousand, or a line that a program writes again and again. Its words are as frequent
//! as "and", and yet they tell such a text: in it they weigh as much as any. The words that differ between its copies stand here
//! and there.
//!
//! A **frame** is what a site puts around every posting. The posting's own words stand together beside it. Among many texts
//! its words weigh nothing, being frequent; among a few, where little is known of how frequent words are, it has to be found.

use super::documents::Documents;
use super::grams;
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

/// Documents that tell what is frequent, those of smallest content key: as good as drawn at random, and the same whichever came
/// first. A sixteenth of so many is 256, give or take 16 (our choice).
const SAMPLE: usize = 4096;
/// Level of a word that an eighth of the texts or fewer hold: it is a text's own, where "from" and "a" are not (our choice).
const RARE: u8 = 3;
/// Texts that hold a frame at least (our choice).
const FRAMED: usize = 4;

/// Finds the frequent words that weigh otherwise than their frequency says.
pub fn find(documents: &Documents, levels: &[u8], rules: &Templates) -> Frequent {
    let sample = documents.len().min(SAMPLE);
    let of_document = |document: u32| {
        let words = documents.words(document as usize);
        grams::hashes(words, passage(rules)).map(move |hash| (hash, document))
    };
    let mut held: Vec<(u64, u32)> = (0..sample as u32).into_par_iter().flat_map_iter(of_document).collect();
    held.par_sort_unstable();
    held.dedup();
    let by_more_than = |count: usize| -> FxHashSet<u64> {
        let same = held.chunk_by(|a, b| a.0 == b.0);
        same.filter(|holders| holders.len() > count).map(|holders| holders[0].0).collect()
    };
    // Rounded down to a power of two, as evidence is: then little changes as the corpus grows.
    let mass = by_more_than((1 << sample.max(rules.few).ilog2()) / rules.mass_share);
    let few = documents.len() < rules.few;
    let frame = if few { by_more_than((sample / 2).max(FRAMED - 1)) } else { FxHashSet::default() };
    if mass.is_empty() && frame.is_empty() {
        return Frequent::default();
    }
    let [mass, frame] = [mass, frame].map(|windows| trigrams(documents, sample, &windows, rules));
    let found: Vec<(Vec<Run>, Vec<Run>)> = (0..documents.len() as u32)
        .into_par_iter()
        .map(|document| {
            let words = documents.words(document as usize);
            let (mass, frame) = (runs(words, document, &mass), runs(words, document, &frame));
            let rare = |word: &u32| levels[*word as usize] >= RARE;
            (of_mass(words, mass, rare, rules), of_frame(words, frame, rules))
        })
        .collect();
    let (mass, frame): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    Frequent { mass: mass.concat(), frame: frame.concat() }
}

/// The trigrams of the windows: a copy of which every fifth word is edited holds few windows whole.
fn trigrams(
    documents: &Documents,
    sample: usize,
    windows: &FxHashSet<u64>,
    rules: &Templates,
) -> FxHashSet<u64> {
    let mut trigrams = FxHashSet::default();
    for document in 0..sample {
        let words = documents.words(document);
        for (place, hash) in grams::hashes(words, passage(rules)).enumerate() {
            if windows.contains(&hash) {
                trigrams.extend(grams::hashes(&words[place..place + passage(rules)], 3));
            }
        }
    }
    trigrams
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

/// Words in a row that are a text's own, or that several hold word by word: fewer stand together by chance in a language of few
/// words.
fn passage(rules: &Templates) -> usize {
    rules.passage_run + 2
}

/// The places between the runs.
fn own(words: &[u32], runs: &[Run]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let ends = std::iter::once(0).chain(runs.iter().map(|run| run.end));
    let begins = runs.iter().map(|run| run.start).chain([words.len() as u32]);
    ends.zip(begins).map(|(end, begin)| end as usize..begin as usize)
}

/// The runs, when the text is made of them.
fn of_mass(words: &[u32], runs: Vec<Run>, rare: impl Fn(&u32) -> bool, rules: &Templates) -> Vec<Run> {
    let frequent: usize = runs.iter().map(Run::len).sum();
    let made_of_them = frequent as f64 >= rules.mass_words * words.len() as f64;
    let here_and_there = || {
        let rare = |own: &[u32]| own.iter().filter(|word| rare(word)).count();
        own(words, &runs).all(|own| own.len() < passage(rules) && rare(&words[own]) <= rules.mass_own)
    };
    if made_of_them && here_and_there() { runs } else { Vec::new() }
}

/// The runs as long as a passage, when as long a text of its own stands beside them.
fn of_frame(words: &[u32], mut runs: Vec<Run>, rules: &Templates) -> Vec<Run> {
    runs.retain(|run| run.len() >= passage(rules));
    if own(words, &runs).any(|own| own.len() >= passage(rules)) { runs } else { Vec::new() }
}
