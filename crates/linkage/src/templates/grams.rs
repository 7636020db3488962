//! The index of word trigrams: which documents hold each, smallest content key first.

use super::documents::Documents;
use homeward_model::mix64;
use rayon::prelude::*;

/// Grams sorted at a time: bounds the memory of the sort, 16 bytes each.
const PART: usize = 6_000_000;

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
        let parts = (documents.total_words() / PART + 1) as u64;
        let (mut offsets, mut holders, mut hashes) = (vec![0u32], Vec::new(), Vec::new());
        for part in 0..parts {
            let mut entries: Vec<(u64, u32)> = (0..documents.len())
                .into_par_iter()
                .fold(Vec::new, |mut entries, document| {
                    for words in documents.words(document).windows(3) {
                        let hash = hash(words);
                        // The high bits choose the part, so that a gram falls into one part.
                        if ((hash >> 32) * parts) >> 32 == part {
                            entries.push((hash, document as u32));
                        }
                    }
                    entries
                })
                .reduce(Vec::new, |mut left, mut right| {
                    left.append(&mut right);
                    left
                });
            entries.par_sort_unstable();
            entries.dedup();
            for same in entries.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() >= 2) {
                holders.extend(same.iter().map(|(_, document)| *document));
                offsets.push(holders.len() as u32);
                hashes.push(same[0].0);
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
    pub fn holders(&self, gram: usize) -> &[u32] {
        &self.holders[self.offsets[gram] as usize..self.offsets[gram + 1] as usize]
    }

    /// Grams of a document, ascending.
    pub fn of_document(&self, document: usize) -> &[u32] {
        &self.held[self.document_offsets[document] as usize..self.document_offsets[document + 1] as usize]
    }
}

/// A stable hash of consecutive words.
pub fn hash(words: &[u32]) -> u64 {
    words
        .iter()
        .fold(0, |hash, word| mix64(u64::wrapping_mul(hash, 0x9e37_79b9_7f4a_7c15) ^ (u64::from(*word) + 1)))
}
