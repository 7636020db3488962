//! Texts of one wording that a good part of all texts have: a template posted by the thousand, a line that a program writes
//! again and again. Their words are as frequent as "and", and yet they tell such a text; in it they weigh as much as any.
//!
//! What a site puts around every posting is as frequent. There the text's own words stand together, where the words that
//! differ between copies stand here and there.

use super::documents::Documents;
use super::grams::{self, Grams};
use super::passages::Run;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// The runs of frequent words of each text that is made of them, by document, then by place.
pub fn find(documents: &Documents, grams: &Grams, rules: &Templates) -> Vec<Run> {
    // Rounded down to a power of two, as evidence is: then little changes as the corpus grows.
    let most = (1 << documents.len().max(rules.few).ilog2()) / rules.mass_share;
    let frequent: FxHashSet<u64> =
        (0..grams.len()).filter(|gram| grams.span(*gram).len() > most).map(|gram| grams.hash(gram)).collect();
    if frequent.is_empty() {
        return Vec::new();
    }
    (0..documents.len() as u32)
        .into_par_iter()
        .flat_map_iter(|document| of_document(documents, document, &frequent, rules))
        .collect()
}

fn of_document(
    documents: &Documents,
    document: u32,
    frequent: &FxHashSet<u64>,
    rules: &Templates,
) -> Vec<Run> {
    let words = documents.words(document as usize);
    let mut runs: Vec<Run> = Vec::new();
    let places = grams::hashes(words, 3).enumerate().filter(|(_, hash)| frequent.contains(hash));
    for (place, _) in places {
        let (start, end) = (place as u32, place as u32 + 3);
        match runs.last_mut().filter(|run| start <= run.end) {
            Some(run) => run.end = end,
            None => runs.push(Run { document, start, end }),
        }
    }
    let frequent: usize = runs.iter().map(Run::len).sum();
    let ends = runs.iter().map(|run| run.end).chain([words.len() as u32]);
    let begins = runs.iter().map(|run| run.start);
    let own = std::iter::once(0).chain(ends).zip(begins.chain([words.len() as u32]));
    let longest = own.map(|(end, begin)| begin.saturating_sub(end) as usize).max().unwrap_or(0);
    let made_of_them = frequent as f64 >= rules.mass_words * words.len() as f64;
    if made_of_them && longest <= rules.mass_own { runs } else { Vec::new() }
}
