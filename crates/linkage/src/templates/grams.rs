//! The index of word trigrams: which documents hold each, smallest content key first.

use super::documents::Documents;
use homeward_model::mix64;
use rayon::prelude::*;
use std::ops::Range;

/// Grams sorted at a time: bounds the memory of the sort, 16 bytes each.
const PART: usize = 8_000_000;
/// Each part reads all words once more, so there are no more parts than this.
const MOST_PARTS: usize = 8;
/// Buckets of one part, each small enough to be sorted in the nearest memory.
const BUCKETS: usize = 512;

/// A bit for each of some hashes, so that most others are told from them without looking them up.
pub struct Sieve(Vec<u64>);

impl Sieve {
    /// Of the hashes, with room for about so many.
    pub fn of(hashes: impl Iterator<Item = u64>, bits: usize) -> Sieve {
        let mut sieve = Sieve(vec![0; (bits / 64).max(1).next_power_of_two()]);
        for hash in hashes {
            let (at, bit) = sieve.place(hash);
            sieve.0[at] |= bit;
        }
        sieve
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        (hash as usize & (self.0.len() - 1), 1 << (hash >> 58))
    }

    /// Whether it may be one of them.
    pub fn passes(&self, hash: u64) -> bool {
        let (at, bit) = self.place(hash);
        self.0[at] & bit != 0
    }
}

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
        let parts = (documents.total_words() / PART + 1).min(MOST_PARTS) as u64;
        let (mut offsets, mut holders, mut hashes) = (vec![0u32], Vec::new(), Vec::new());
        for part in 0..parts {
            let chunks = buckets(documents, part, parts);
            let sorted: Vec<Vec<Entry>> = (0..BUCKETS)
                .into_par_iter()
                .map(|bucket| {
                    let entries: Vec<&[Entry]> =
                        chunks.iter().map(|chunk| chunk[bucket].as_slice()).collect();
                    sorted_repeats(entries.concat())
                })
                .collect();
            drop(chunks);
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
        grams.order_by_first_holder();
        grams.turn(documents.len());
        grams
    }

    /// Numbers the grams by the first document that holds each: those of one document then lie near one another in memory,
    /// and so do the many that the first few documents lead.
    fn order_by_first_holder(&mut self) {
        let mut order: Vec<(u32, u32)> =
            (0..self.len()).into_par_iter().map(|gram| (self.holders(gram)[0], gram as u32)).collect();
        order.par_sort_unstable();
        let (mut offsets, mut holders) =
            (Vec::with_capacity(self.offsets.len()), Vec::with_capacity(self.holders.len()));
        offsets.push(0);
        for (_, gram) in &order {
            holders.extend_from_slice(self.holders(*gram as usize));
            offsets.push(holders.len() as u32);
        }
        self.hashes = order.par_iter().map(|(_, gram)| self.hashes[*gram as usize]).collect();
        (self.offsets, self.holders) = (offsets, holders);
    }

    /// Lists the grams of each document. Every thread looks at all holders and takes those of its own documents.
    fn turn(&mut self, documents: usize) {
        let share = documents.div_ceil(rayon::current_num_threads()).max(1);
        let mut offsets = vec![0u32; documents + 1];
        offsets[1..].par_chunks_mut(share).enumerate().for_each(|(chunk, counts)| {
            let first = chunk * share;
            for document in &self.holders {
                if let Some(count) = counts.get_mut((*document as usize).wrapping_sub(first)) {
                    *count += 1;
                }
            }
        });
        for at in 0..documents {
            offsets[at + 1] += offsets[at];
        }
        let mut held = vec![0u32; self.holders.len()];
        let mut shares: Vec<(usize, &mut [u32])> = Vec::new();
        let mut rest = held.as_mut_slice();
        for first in (0..documents).step_by(share) {
            let end = (first + share).min(documents);
            let (own, others) = rest.split_at_mut((offsets[end] - offsets[first]) as usize);
            shares.push((first, own));
            rest = others;
        }
        shares.into_par_iter().for_each(|(first, own)| {
            let start = offsets[first];
            let end = (first + share).min(documents);
            let mut next: Vec<u32> = offsets[first..end].iter().map(|offset| offset - start).collect();
            for gram in 0..self.len() {
                for document in self.holders(gram) {
                    if let Some(place) = next.get_mut((*document as usize).wrapping_sub(first)) {
                        own[*place as usize] = gram as u32;
                        *place += 1;
                    }
                }
            }
        });
        self.document_offsets = offsets;
        self.held = held;
    }

    /// Number of grams.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Hash of a gram, see [`hashes`].
    #[inline]
    pub fn hash(&self, gram: usize) -> u64 {
        self.hashes[gram]
    }

    /// Documents that hold a gram, ascending.
    #[inline]
    pub fn holders(&self, gram: usize) -> &[u32] {
        self.among(self.span(gram))
    }

    /// Where the holders of a gram stand among all, see [`Grams::among`].
    #[inline]
    pub fn span(&self, gram: usize) -> Range<usize> {
        self.offsets[gram] as usize..self.offsets[gram + 1] as usize
    }

    /// Holders by their places.
    #[inline]
    pub fn among(&self, span: Range<usize>) -> &[u32] {
        &self.holders[span]
    }

    /// The holder at a place.
    #[inline]
    pub fn holder(&self, place: usize) -> u32 {
        self.holders[place]
    }

    /// Grams of a document, ascending.
    #[inline]
    pub fn of_document(&self, document: usize) -> &[u32] {
        &self.held[self.document_offsets[document] as usize..self.document_offsets[document + 1] as usize]
    }
}

/// The entries of one part for each of some chunks of the documents, by the high bits of the hash: a gram falls into one
/// part and one bucket.
fn buckets(documents: &Documents, part: u64, parts: u64) -> Vec<Vec<Vec<Entry>>> {
    let numbers: Vec<u32> = (0..documents.len() as u32).collect();
    let chunks = 4 * rayon::current_num_threads();
    let expected = documents.total_words() / (chunks * BUCKETS) / parts as usize;
    numbers
        .par_chunks(documents.len().div_ceil(chunks).max(1))
        .map(|numbers| {
            let mut buckets: Vec<Vec<Entry>> = vec![Vec::new(); BUCKETS];
            // A little more than expected, so that few have to grow.
            for bucket in &mut buckets {
                bucket.reserve_exact(expected + expected / 8);
            }
            for document in numbers {
                for hash in hashes(documents.firm_words(*document as usize), 3) {
                    let place = (hash >> 32) * parts;
                    if place >> 32 == part {
                        let bucket = ((place & 0xffff_ffff) * BUCKETS as u64) >> 32;
                        buckets[bucket as usize].push((hash, *document));
                    }
                }
            }
            buckets
        })
        .collect()
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
    entries.shrink_to_fit();
    entries
}

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn mixed(word: u32) -> u64 {
    mix64(u64::from(word) + 1)
}

/// A stable hash of every `width` consecutive words, a polynomial of mixed words; each word is mixed once, however wide the
/// windows.
pub fn hashes(words: &[u32], width: usize) -> impl Iterator<Item = u64> {
    let mut until = Vec::with_capacity(words.len() + 1);
    until.push(0);
    for (at, word) in words.iter().enumerate() {
        until.push(u64::wrapping_mul(until[at], FACTOR).wrapping_add(mixed(*word)));
    }
    let power = (0..width).fold(1, |power: u64, _| power.wrapping_mul(FACTOR));
    let windows = (words.len() + 1).saturating_sub(width);
    (0..windows).map(move |at| until[at + width].wrapping_sub(until[at].wrapping_mul(power)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(words: &[u32]) -> u64 {
        words.iter().fold(0, |hash, word| u64::wrapping_mul(hash, FACTOR).wrapping_add(mixed(*word)))
    }

    #[test]
    fn windows_are_hashed_as_each_alone() {
        let words: Vec<u32> = (0..40).map(|at| at * at % 23).collect();
        for (width, length) in [(3, 40), (12, 40), (12, 12), (12, 11), (3, 0)] {
            let alone: Vec<u64> = words[..length].windows(width).map(hash).collect();
            assert_eq!(hashes(&words[..length], width).collect::<Vec<_>>(), alone, "{width} of {length}");
        }
    }
}
