//! Passages that different families share word by word, and what they mean: the signature sentence of one owner whose texts
//! are otherwise new each time, or a snippet that strangers copy. In the text both are the same. So a passage joins its
//! holders only when enough of them share a selector too; otherwise it is a relation to show, and nothing is merged.

use super::documents::Documents;
use super::grams::{self, Grams};
use homeward_model::mix64;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// A passage, by the words of the first document that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The smallest document that holds it.
    pub document: u32,
    /// Its first word there.
    pub start: u32,
    /// Just past its last word there.
    pub end: u32,
    /// All documents that hold it, ascending.
    pub holders: Vec<u32>,
    /// Whether selectors corroborate that it is one owner's, so that the holders are one family.
    pub joins: bool,
}

/// Consecutive words that are shared with other groups, by document.
pub struct Run {
    pub document: u32,
    pub start: u32,
    pub end: u32,
}

/// A window of words that one document holds.
struct Window {
    hash: u64,
    family: u32,
    document: u32,
    start: u32,
}

/// Passages of at least `signature_words` words that two to `signature_most` families hold.
pub fn find(documents: &Documents, grams: &Grams, family: &[u32], runs: &[Run], rules: &Templates) -> Vec<Passage> {
    let width = rules.signature_words;
    let mut windows: Vec<Window> = runs
        .par_iter()
        .filter(|run| (run.end - run.start) as usize >= width)
        .flat_map_iter(|run| {
            let words = &documents.words(run.document as usize)[run.start as usize..run.end as usize];
            words.windows(width).enumerate().map(move |(at, words)| Window {
                hash: grams::hash(words),
                family: family[run.document as usize],
                document: run.document,
                start: run.start + at as u32,
            })
        })
        .collect();
    windows.par_sort_unstable_by_key(|window| (window.hash, window.document, window.start));
    let held: Vec<&[Window]> = windows.chunk_by(|a, b| a.hash == b.hash).collect();
    // Windows of one passage have the same holders; the first document tells which of them follow one another.
    let mut shared: Vec<(u32, u32, u64, &[Window])> = held
        .into_par_iter()
        .filter(|windows| {
            let families: FxHashSet<u32> = windows.iter().map(|window| window.family).collect();
            (2..=rules.signature_most).contains(&families.len()) && !is_part(documents, grams, windows, width)
        })
        .map(|windows| {
            let set = windows.iter().fold(0, |set, window| mix64(set ^ u64::from(window.document)));
            (windows[0].document, windows[0].start, set, windows)
        })
        .collect();
    shared.par_sort_unstable_by_key(|(document, start, set, _)| (*document, *start, *set));
    let follows = |a: &(u32, u32, u64, &[Window]), b: &(u32, u32, u64, &[Window])| {
        a.0 == b.0 && a.1 + 1 == b.1 && a.2 == b.2
    };
    let passages = shared.chunk_by(follows).map(|same| {
        let mut holders: Vec<u32> = same[0].3.iter().map(|window| window.document).collect();
        holders.dedup();
        let (document, start) = (same[0].0, same[0].1);
        Passage { document, start, end: same[same.len() - 1].1 + width as u32, holders, joins: false }
    });
    passages.collect()
}

/// Whether most of the window's trigrams stand in many more documents: it is the end of something widely copied and the
/// beginning of what a few put after it.
fn is_part(documents: &Documents, grams: &Grams, windows: &[Window], width: usize) -> bool {
    let first = &windows[0];
    let words = &documents.words(first.document as usize)[first.start as usize..][..width];
    let own = grams.of_document(first.document as usize);
    let mut counts: Vec<usize> = words
        .windows(3)
        .map(|gram| {
            let hash = grams::hash(gram);
            own.iter().find(|gram| grams.hash(**gram as usize) == hash).map_or(1, |gram| grams.holders(*gram as usize).len())
        })
        .collect();
    counts.sort_unstable();
    counts[counts.len() / 2] > 2 * windows.len() + 2
}

/// Joins the families of passages that selectors corroborate. `selectors` holds the identifying values of each document,
/// ascending.
pub fn join(
    passages: &mut [Passage],
    family: &mut [u32],
    digests: &[bool],
    selectors: &[Vec<u64>],
    rules: &Templates,
) {
    let mut size: FxHashMap<u32, u32> = FxHashMap::default();
    family.iter().for_each(|family| *size.entry(*family).or_default() += 1);
    let mut shown: FxHashMap<u64, u32> = FxHashMap::default();
    selectors.iter().flatten().for_each(|value| *shown.entry(*value).or_default() += 1);
    let common = |value: &u64| shown[value] as usize > rules.selector_most;
    // The families that each passage would join.
    let mut wanted: Vec<Option<Vec<u32>>> = passages
        .par_iter()
        .map(|passage| {
            let mut holders: Vec<(u32, u32)> = passage
                .holders
                .iter()
                .filter(|holder| !digests[**holder as usize])
                .map(|holder| (family[*holder as usize], *holder))
                .collect();
            holders.sort_unstable();
            let families: Vec<&[(u32, u32)]> = holders.chunk_by(|a, b| a.0 == b.0).collect();
            let established = families.iter().filter(|same| size[&same[0].0] >= 3).count();
            if families.len() < 2 || established > 1 {
                return None;
            }
            let mut count: FxHashMap<u64, u32> = FxHashMap::default();
            let values: Vec<FxHashSet<u64>> = families
                .iter()
                .map(|same| {
                    let values = same.iter().flat_map(|(_, holder)| &selectors[*holder as usize]);
                    values.copied().filter(|value| !common(value)).collect()
                })
                .collect();
            values.iter().flatten().for_each(|value| *count.entry(*value).or_default() += 1);
            let signed = values.iter().filter(|values| !values.is_empty()).count();
            let agree = |values: &&FxHashSet<u64>| values.iter().any(|value| count[value] > 1);
            let agreeing = values.iter().filter(agree).count();
            (signed >= 2 && 2 * signed >= families.len() && 2 * agreeing >= signed)
                .then(|| families.iter().map(|same| same[0].0).collect())
        })
        .collect();
    // A family that two passages would join to families with nothing in common quotes them: it is a digest.
    let mut companions: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    for (at, families) in wanted.iter().enumerate() {
        families.iter().flatten().for_each(|family| companions.entry(*family).or_default().push(at));
    }
    let apart = |family: u32, a: &[u32], b: &[u32]| !a.iter().any(|other| *other != family && b.contains(other));
    let quoting: FxHashSet<u32> = companions
        .iter()
        .filter(|(family, passages)| {
            size[family] < 3
                && passages.iter().take(16).enumerate().any(|(at, a)| {
                    let list = |at: usize| wanted[at].as_deref().unwrap_or_default();
                    passages[..at].iter().any(|b| apart(**family, list(*a), list(*b)))
                })
        })
        .map(|(family, _)| *family)
        .collect();
    let mut parent: FxHashMap<u32, u32> = FxHashMap::default();
    for (passage, families) in passages.iter_mut().zip(&mut wanted) {
        let Some(families) = families else { continue };
        families.retain(|family| !quoting.contains(family));
        let Some(first) = families.first().map(|first| top(&mut parent, *first)) else { continue };
        passage.joins = families.len() > 1;
        for other in &families[1..] {
            let (a, b) = (top(&mut parent, first), top(&mut parent, *other));
            parent.insert(a.max(b), a.min(b));
        }
    }
    for family in family.iter_mut() {
        *family = top(&mut parent, *family);
    }
}

fn top(parent: &mut FxHashMap<u32, u32>, family: u32) -> u32 {
    let mut at = family;
    while let Some(above) = parent.get(&at).copied().filter(|above| *above != at) {
        at = above;
    }
    if at != family {
        parent.insert(family, at);
    }
    at
}
