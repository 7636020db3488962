//! Passages that different families share word by word, and what they mean: the signature sentence of one owner whose texts
//! are otherwise new each time, or a snippet that strangers copy. In the text both are the same. So a passage joins its
//! holders only when enough of them share a selector too; otherwise it is a relation to show, and nothing is merged.

use super::documents::Documents;
use super::families;
use super::grams::{self, Sieve};
use homeward_model::mix64;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::ops::Range;

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
    /// Documents that hold it but for a word, ascending.
    pub nearly: Vec<u32>,
    /// Whether selectors corroborate that it is one owner's, so that the holders are one family.
    pub joins: bool,
}

impl Passage {
    /// Its words, in the first document.
    pub(super) fn run(&self) -> Run {
        Run { document: self.document, start: self.start, end: self.end }
    }
}

/// Consecutive words of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The document.
    pub document: u32,
    /// First word.
    pub start: u32,
    /// Just past the last word.
    pub end: u32,
}

impl Run {
    /// Number of words.
    pub(super) fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Their places.
    pub(super) fn words(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A window of words that one document holds.
#[derive(Clone, Copy)]
struct Window {
    hash: u64,
    document: u32,
    start: u32,
}

impl Window {
    /// Its words.
    fn run(&self, width: usize) -> Run {
        Run { document: self.document, start: self.start, end: self.start + width as u32 }
    }
}

/// Windows of `signature_words` words in the runs, equal ones together.
pub struct Windows<'a> {
    documents: &'a Documents,
    runs: &'a [Run],
    sorted: Vec<Window>,
    rules: &'a Templates,
}

impl<'a> Windows<'a> {
    /// Of all runs.
    pub fn new(documents: &'a Documents, runs: &'a [Run], rules: &'a Templates) -> Windows<'a> {
        let width = rules.signature_words;
        let mut windows: Vec<Window> = runs
            .par_iter()
            .flat_map_iter(|run| {
                let window =
                    move |(at, hash)| Window { hash, document: run.document, start: run.start + at as u32 };
                grams::hashes(documents.words_of(*run), width).enumerate().map(window)
            })
            .collect();
        windows.par_sort_unstable_by_key(|window| (window.hash, window.document, window.start));
        Windows { documents, runs, sorted: windows, rules }
    }

    /// Windows with the groups that hold each, for those that a few groups hold.
    fn shared<'b>(&'b self, group: &'b [u32]) -> impl ParallelIterator<Item = (&'b [Window], Vec<u32>)> {
        let held: Vec<&[Window]> =
            self.sorted.chunk_by(|a, b| a.hash == b.hash).filter(|same| same.len() > 1).collect();
        let most = self.rules.signature_most;
        held.into_par_iter().filter_map(move |same| {
            let mut groups: Vec<u32> = same.iter().map(|window| group[window.document as usize]).collect();
            groups.sort_unstable();
            groups.dedup();
            (2..=most).contains(&groups.len()).then_some((same, groups))
        })
    }

    /// Documents that quote: alone in their group, half of their words or more stand in other groups, and two parts, each
    /// longer than a snippet, in groups that have nothing in common.
    pub fn quoting(&self, group: &[u32]) -> Vec<bool> {
        let size = families::sizes(group);
        let alone = |window: &Window| size[group[window.document as usize] as usize] == 1;
        let shared: Vec<(&[Window], Vec<u32>)> =
            self.shared(group).filter(|(same, _)| same.iter().any(alone)).collect();
        let mut parts: Vec<(u32, u32, u32)> = shared
            .iter()
            .enumerate()
            .flat_map(|(at, (same, _))| {
                same.iter().map(move |window| (window.document, window.start, at as u32))
            })
            .filter(|(document, _, _)| size[group[*document as usize] as usize] == 1)
            .collect();
        parts.par_sort_unstable();
        let width = self.rules.signature_words as u32;
        let mut quoting = vec![false; group.len()];
        for parts in parts.chunk_by(|a, b| a.0 == b.0) {
            let own = group[parts[0].0 as usize];
            let of = |part: &(u32, u32, u32)| &shared[part.2 as usize].1;
            let apart =
                |a: &[u32], b: &[u32]| !a.iter().any(|other| *other != own && b.binary_search(other).is_ok());
            let words = |kept: &dyn Fn(&(u32, u32, u32)) -> bool| {
                let (mut words, mut end) = (0, 0);
                for part in parts.iter().filter(|part| kept(part)) {
                    words += part.1 + width - end.max(part.1);
                    end = part.1 + width;
                }
                words as usize
            };
            let document = parts[0].0 as usize;
            let (first, last) = (of(&parts[0]), of(&parts[parts.len() - 1]));
            quoting[document] = 2 * words(&|_| true) >= self.documents.words(document).len()
                && apart(first, last)
                && words(&|part| apart(of(part), first)) > self.rules.snippet_most
                && words(&|part| apart(of(part), last)) > self.rules.snippet_most;
        }
        quoting
    }

    /// Passages that two to `signature_most` families hold.
    pub fn passages(&self, family: &[u32]) -> Vec<Passage> {
        let width = self.rules.signature_words;
        let held: Vec<&[Window]> = self.shared(family).map(|(same, _)| same).collect();
        let first = |same: &&[Window]| same[0].run(width);
        let parts = Parts::of(self.documents, self.runs, &held.iter().map(first).collect::<Vec<_>>());
        // Windows of one passage have the same holders; the first document tells which of them follow one another.
        let mut shared: Vec<(u32, u32, u64, &[Window])> = held
            .into_par_iter()
            .filter(|same| !parts.widely_held(self.documents, first(same), same.len()))
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
            Passage {
                document,
                start,
                end: same[same.len() - 1].1 + width as u32,
                holders,
                nearly: Vec::new(),
                joins: false,
            }
        });
        passages.collect()
    }
}

/// Words of the shorter windows by which a part is told from a whole: by chance nobody shares six.
const PART: usize = 6;
/// Words looked at at a time; of those that are counted each takes 16 bytes.
const COUNTED: usize = 16_000_000;
/// Each time all of them are read once more, so it is done no more often than this.
const MOST_SHARES: usize = 8;

/// In how many documents each shorter window stands, for those of some windows that more than a few hold.
struct Parts(FxHashMap<u64, u32>);

impl Parts {
    /// Counts the parts of the `wanted` windows in all runs, some at a time, so that few stand in memory.
    fn of(documents: &Documents, runs: &[Run], wanted: &[Run]) -> Parts {
        let sieve = Sieve::of(
            wanted.iter().flat_map(|run| grams::hashes(documents.words_of(*run), PART)),
            8 * wanted.len(),
        );
        let shares = (runs.iter().map(Run::len).sum::<usize>() / COUNTED + 1).min(MOST_SHARES) as u64;
        let mut many = FxHashMap::default();
        for share in 0..shares {
            let mut held: Vec<(u64, u32)> = runs
                .par_iter()
                .flat_map_iter(|run| {
                    let hashes = grams::hashes(documents.words_of(*run), PART);
                    hashes.filter(|hash| sieve.passes(*hash)).map(|hash| (hash, run.document))
                })
                .filter(|(hash, _)| ((hash >> 32) * shares) >> 32 == share)
                .collect();
            held.par_sort_unstable();
            held.dedup();
            let counted = held.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 6);
            many.extend(counted.map(|same| (same[0].0, same.len() as u32)));
        }
        Parts(many)
    }

    /// Whether half of a window or more stands in many more documents than the whole: it is the end of something widely copied
    /// and the beginning of what a few put after it.
    fn widely_held(&self, documents: &Documents, window: Run, holders: usize) -> bool {
        let count = |hash| self.0.get(&hash).map_or(0, |count| *count as usize);
        let parts = grams::hashes(documents.words_of(window), PART);
        let wide = parts.filter(|part| count(*part) > 2 * holders + 2).count();
        2 * wide > window.len() - PART
    }
}
