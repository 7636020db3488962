//! The index of word trigrams: which documents hold each, smallest content key first.

use super::documents::Documents;
use homeward_model::mix64;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

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
        let repeated = Repeated::new(documents);
        let parts = repeated.entries / PART as u64 + 1;
        let (mut offsets, mut holders, mut hashes) = (vec![0u32], Vec::new(), Vec::new());
        for part in 0..parts {
            let mut entries: Vec<(u64, u32)> = (0..documents.len())
                .into_par_iter()
                .fold(Vec::new, |mut entries, document| {
                    for words in documents.words(document).windows(3) {
                        let hash = hash(words);
                        // The high bits choose the part, so that a gram falls into one part.
                        if ((hash >> 32) * parts) >> 32 == part && repeated.maybe(hash) {
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

/// Which grams may stand more than once: two bits a slot, so that the many that stand once are never sorted.
struct Repeated {
    slots: Vec<AtomicU64>,
    /// Bits of a hash that choose a slot.
    shift: u32,
    /// About how many entries pass, once repeated in the same document or not.
    entries: u64,
}

/// Slots for each word of the corpus: at four, one gram in five that stands once passes all the same.
const SLOTS_PER_WORD: usize = 4;

impl Repeated {
    fn new(documents: &Documents) -> Repeated {
        let slots = (documents.total_words() * SLOTS_PER_WORD).next_power_of_two().max(64);
        let mut repeated = Repeated {
            slots: (0..slots / 32).map(|_| AtomicU64::new(0)).collect(),
            shift: 64 - slots.ilog2(),
            entries: 0,
        };
        let again: u64 = (0..documents.len())
            .into_par_iter()
            .map(|document| {
                let grams = documents.words(document).windows(3);
                grams.filter(|words| repeated.count(hash(words))).count() as u64
            })
            .sum();
        // Each gram that came again had come a first time.
        repeated.entries = 2 * again;
        repeated
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let slot = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        (slot as usize / 32, slot % 32 * 2)
    }

    /// Counts a gram; whether its slot had been counted before.
    fn count(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        let slot = &self.slots[word];
        // Reading first keeps the many repeats from writing.
        if slot.load(Relaxed) >> bit & 3 == 3 {
            return true;
        }
        let before = slot.fetch_or(1 << bit, Relaxed);
        if before >> bit & 1 == 0 {
            return false;
        }
        slot.fetch_or(2 << bit, Relaxed);
        true
    }

    /// Whether a gram may stand more than once.
    fn maybe(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.slots[word].load(Relaxed) >> bit & 2 != 0
    }
}

/// A stable hash of consecutive words.
pub fn hash(words: &[u32]) -> u64 {
    words
        .iter()
        .fold(0, |hash, word| mix64(u64::wrapping_mul(hash, 0x9e37_79b9_7f4a_7c15) ^ (u64::from(*word) + 1)))
}
