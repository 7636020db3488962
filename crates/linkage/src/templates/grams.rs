//! The index of word trigrams: which documents hold each, smallest content key first.

use super::documents::Documents;
use homeward_model::mix64;
use rayon::prelude::*;

/// Grams sorted at a time: bounds the memory of the sort, 16 bytes each.
const PART: u64 = 24_000_000;
/// Buckets of one part, each small enough to be sorted in the nearest memory.
const BUCKETS: usize = 512;

/// A gram and a document that holds it.
type Entry = (u64, u32);

/// Trigrams held by two documents or more.
#[derive(Debug)]
pub struct Grams {
    /// Where the holders of each gram begin.
    offsets: Vec<u32>,
    holders: Vec<u32>,
    hashes: Vec<u64>,
    /// Where the grams of each document begin.
    document_offsets: Vec<u32>,
    held: Vec<u32>,
}

impl Grams {
    /// Builds the index in parts that fit in memory.
    pub fn new(documents: &Documents) -> Grams {
        let parts = documents.total_words() as u64 / PART + 1;
        let (mut offsets, mut holders, mut hashes) = (vec![0u32], Vec::new(), Vec::new());
        for part in 0..parts {
            let sorted: Vec<Vec<Entry>> =
                buckets(documents, part, parts).into_par_iter().map(sorted_repeats).collect();
            for entries in sorted {
                holders.extend(entries.iter().map(|(_, document)| *document));
                let mut end = offsets.last().copied().unwrap_or(0);
                for same in entries.chunk_by(|a, b| a.0 == b.0) {
                    end += same.len() as u32;
                    offsets.push(end);
                    hashes.push(same[0].0);
                }
            }
        }
        let mut grams = Grams { offsets, holders, hashes, document_offsets: Vec::new(), held: Vec::new() };
        grams.turn(documents.len());
        grams
    }

    fn turn(&mut self, documents: usize) {
        let mut offsets = vec![0u32; documents + 1];
        for document in &self.holders {
            offsets[*document as usize + 1] += 1;
        }
        for at in 0..documents {
            offsets[at + 1] += offsets[at];
        }
        let mut next = offsets.clone();
        let mut grams = vec![0u32; self.holders.len()];
        for gram in 0..self.len() {
            for at in self.offsets[gram]..self.offsets[gram + 1] {
                let place = &mut next[self.holders[at as usize] as usize];
                grams[*place as usize] = gram as u32;
                *place += 1;
            }
        }
        self.document_offsets = offsets;
        self.held = grams;
    }

    /// Number of grams.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Hash of a gram, see [`hash`].
    pub fn hash(&self, gram: usize) -> u64 {
        self.hashes[gram]
    }

    /// Documents that hold a gram, ascending.
    #[inline]
    pub fn holders(&self, gram: usize) -> &[u32] {
        &self.holders[self.offsets[gram] as usize..self.offsets[gram + 1] as usize]
    }

    /// Grams of a document, ascending.
    #[inline]
    pub fn of_document(&self, document: usize) -> &[u32] {
        &self.held[self.document_offsets[document] as usize..self.document_offsets[document + 1] as usize]
    }
}

/// The entries of one part, by the high bits of the hash: a gram falls into one part and one bucket.
fn buckets(documents: &Documents, part: u64, parts: u64) -> Vec<Vec<Entry>> {
    let empty = || vec![Vec::new(); BUCKETS];
    let numbers: Vec<u32> = (0..documents.len() as u32).collect();
    numbers
        .par_chunks(documents.len().div_ceil(4 * rayon::current_num_threads()).max(1))
        .map(|numbers| {
            let mut buckets: Vec<Vec<Entry>> = empty();
            for document in numbers {
                for words in documents.firm_words(*document as usize).windows(3) {
                    let hash = hash(words);
                    let place = (hash >> 32) * parts;
                    if place >> 32 == part {
                        let bucket = ((place & 0xffff_ffff) * BUCKETS as u64) >> 32;
                        buckets[bucket as usize].push((hash, *document));
                    }
                }
            }
            buckets
        })
        .reduce(empty, |left, right| {
            left.into_iter()
                .zip(right)
                .map(|(mut left, mut right)| {
                    if left.is_empty() {
                        return right;
                    }
                    left.append(&mut right);
                    left
                })
                .collect()
        })
}

/// Entries in order, each once, without the grams that only one document holds.
fn sorted_repeats(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_unstable();
    entries.dedup();
    let mut kept = 0;
    let mut start = 0;
    while start < entries.len() {
        let length = entries[start..].iter().take_while(|entry| entry.0 == entries[start].0).count();
        if length >= 2 {
            entries.copy_within(start..start + length, kept);
            kept += length;
        }
        start += length;
    }
    entries.truncate(kept);
    entries
}

/// A stable hash of consecutive words.
#[inline]
pub fn hash(words: &[u32]) -> u64 {
    words
        .iter()
        .fold(0, |hash, word| mix64(u64::wrapping_mul(hash, 0x9e37_79b9_7f4a_7c15) ^ (u64::from(*word) + 1)))
}
