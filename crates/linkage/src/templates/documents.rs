//! The texts to cluster: unique token sequences in the order of their content keys, so that an index is a place in a
//! total order that no arrival order can change.

use super::passages::Run;
use super::spaced::{self, Vocabulary};
use homeward_model::mix64;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// A row that has no tokens belongs to no document.
pub const NONE: u32 = u32::MAX;

/// Unique token sequences, by content key.
#[derive(Debug, Default)]
pub struct Documents {
    /// Content key of each document, ascending.
    pub keys: Vec<u64>,
    /// Document of each input row, [`NONE`] for a row without tokens.
    pub of_row: Vec<u32>,
    /// How the spaced-out words of each document were read: a hash, 0 for a document without.
    pub readings: Vec<u32>,
    offsets: Vec<usize>,
    /// Dense word numbers.
    words: Vec<u32>,
    /// The words of documents with spaced-out ones as the index holds them, each run of letters one word.
    firm: FxHashMap<u32, Vec<u32>>,
    /// For documents with spaced-out words, the tokens that each word was read from.
    taken: FxHashMap<u32, Vec<u32>>,
    /// Documents that hold each word.
    frequency: Vec<u32>,
    /// Hash of each word, to know words again in a later batch.
    hashes: Vec<u32>,
}

impl Documents {
    /// Collapses equal rows and sorts the rest by content.
    pub fn new(rows: &[&[u32]]) -> Documents {
        let mut order: Vec<(u64, u32)> = rows
            .par_iter()
            .enumerate()
            .filter(|(_, row)| !row.is_empty())
            .map(|(at, row)| (content_key(row), at as u32))
            .collect();
        order.par_sort_unstable();
        let mut documents = Documents { of_row: vec![NONE; rows.len()], ..Documents::default() };
        let mut unique: Vec<&[u32]> = Vec::new();
        for (key, row) in order {
            if documents.keys.last() != Some(&key) {
                documents.keys.push(key);
                unique.push(rows[row as usize]);
            }
            documents.of_row[row as usize] = documents.keys.len() as u32 - 1;
        }
        documents.read(&unique);
        documents
    }

    /// Reads spaced-out words, replaces hashes by dense numbers, and counts in how many documents each word stands.
    fn read(&mut self, rows: &[&[u32]]) {
        let spaced: FxHashMap<u32, Vec<Range<usize>>> = rows
            .par_iter()
            .enumerate()
            .map(|(at, row)| (at as u32, spaced::runs(row)))
            .filter(|(_, runs)| !runs.is_empty())
            .collect();
        let firm: FxHashMap<u32, Vec<u32>> = spaced
            .par_iter()
            .map(|(at, runs)| {
                let words = spaced::replaced(rows[*at as usize], runs, spaced::joined);
                (*at, words.into_iter().map(|(word, _)| word).collect())
            })
            .collect();
        let firm_rows: Vec<&[u32]> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| firm.get(&(at as u32)).map_or(*row, Vec::as_slice))
            .collect();
        let mut counts = count(&firm_rows);
        let vocabulary = Vocabulary::new(&counts, &seldom_whole(rows, &spaced, &counts), rows.len());
        let (read, taken): (FxHashMap<u32, Vec<u32>>, FxHashMap<u32, Vec<u32>>) = spaced
            .par_iter()
            .map(|(at, runs)| {
                let row = rows[*at as usize];
                let words = spaced::replaced(row, runs, |run, out| vocabulary.read(run, out));
                let (words, taken) = words.into_iter().unzip();
                ((*at, words), (*at, taken))
            })
            .unzip();
        self.taken = taken;
        // What no document holds as it is written, a piece between two words, counts as held by one.
        read.values().flatten().for_each(|word| {
            counts.entry(*word).or_insert(1);
        });
        // Frequent words get the small numbers: what is looked up again and again lies together in memory.
        let mut words: Vec<(u32, u32)> = counts.into_iter().collect();
        words.par_sort_unstable_by_key(|(token, count)| (u32::MAX - count, *token));
        let number: FxHashMap<u32, u32> =
            words.iter().enumerate().map(|(at, (token, _))| (*token, at as u32)).collect();
        let read_rows: Vec<&[u32]> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| read.get(&(at as u32)).map_or(*row, Vec::as_slice))
            .collect();
        self.readings = vec![0; rows.len()];
        for (at, row) in &read {
            self.readings[*at as usize] = (content_key(row) as u32).max(1);
        }
        self.offsets.push(0);
        for row in &read_rows {
            self.offsets.push(self.offsets.last().copied().unwrap_or(0) + row.len());
        }
        self.words = read_rows.concat();
        self.words.par_iter_mut().for_each(|token| *token = number[token]);
        self.firm = firm;
        self.firm.values_mut().flatten().for_each(|token| *token = number[token]);
        self.frequency = words.iter().map(|(_, count)| *count).collect();
        self.hashes = words.iter().map(|(token, _)| *token).collect();
    }

    /// Word numbers of a document as others may rely on them: how spaced-out words are read does not change these.
    pub fn firm_words(&self, document: usize) -> &[u32] {
        self.firm.get(&(document as u32)).map_or_else(|| self.words(document), Vec::as_slice)
    }

    /// The values of each document, ascending, from those of its rows.
    pub fn gather<'a>(&self, rows: impl Iterator<Item = &'a [u64]>) -> Vec<Vec<u64>> {
        let mut gathered: Vec<Vec<u64>> = vec![Vec::new(); self.len()];
        for (document, values) in self.of_row.iter().zip(rows).filter(|(document, _)| **document != NONE) {
            gathered[*document as usize].extend_from_slice(values);
        }
        for values in &mut gathered {
            values.sort_unstable();
            values.dedup();
        }
        gathered
    }

    /// The part of a document's text that some of its words stand in.
    pub fn passage<'a>(&self, text: &'a str, document: usize, words: Range<u32>) -> &'a str {
        let tokens = super::tokens::letters_apart(text);
        let taken = self.taken.get(&(document as u32));
        let place = |word: u32| match taken {
            Some(taken) => taken[..word as usize].iter().sum::<u32>() as usize,
            None => word as usize,
        };
        let (first, last) = (place(words.start), place(words.end));
        match (tokens.get(first), tokens.get(last.wrapping_sub(1))) {
            (Some(first), Some(last)) => text.get(first.start..last.end).unwrap_or_default(),
            _ => "",
        }
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Word numbers of a document.
    #[inline]
    pub fn words(&self, document: usize) -> &[u32] {
        &self.words[self.span(document)]
    }

    /// Word numbers of a run.
    #[inline]
    pub fn words_of(&self, run: Run) -> &[u32] {
        &self.words(run.document as usize)[run.start as usize..run.end as usize]
    }

    /// Where a document's words stand in an array of all words.
    #[inline]
    pub fn span(&self, document: usize) -> Range<usize> {
        self.offsets[document]..self.offsets[document + 1]
    }

    /// The words of all documents, see [`Documents::span`].
    pub fn par_words(&self) -> impl IndexedParallelIterator<Item = &u32> {
        self.words.par_iter()
    }

    /// Number of words of all documents together.
    pub fn total_words(&self) -> usize {
        self.words.len()
    }

    /// Number of different words.
    pub fn vocabulary(&self) -> usize {
        self.frequency.len()
    }

    /// How informative each word is, from 0 (in more than half of the documents) to `SATURATED` and more: the rounded
    /// down binary logarithm of documents over holders. Only a word that crosses a power of two changes. Fewer documents than
    /// `few` count as so many.
    pub fn levels(&self, few: usize) -> Vec<u8> {
        let documents = self.len().max(few) as u64;
        self.frequency.iter().map(|count| (documents / u64::from((*count).max(1))).ilog2() as u8).collect()
    }

    /// Words whose weight differs from an earlier table; a word that the table lacks was saturated then.
    pub fn changed_levels(&self, levels: &[u8], earlier: &[(u32, u8)]) -> Vec<bool> {
        let earlier: FxHashMap<u32, u8> = earlier.iter().copied().collect();
        let before = self.hashes.iter().map(|hash| earlier.get(hash).copied().unwrap_or(SATURATED));
        levels.iter().zip(before).map(|(level, before)| (*level).min(SATURATED) != before).collect()
    }

    /// Hash and level of the words that are not saturated: all that a later batch must remember.
    pub fn table(&self, levels: &[u8]) -> Vec<(u32, u8)> {
        let frequent = |(_, level): &(u32, u8)| *level < SATURATED;
        let mut table: Vec<(u32, u8)> =
            self.hashes.iter().copied().zip(levels.iter().copied()).filter(frequent).collect();
        table.sort_unstable();
        table
    }
}

/// From this level on every word weighs the same: ln(N/df) is capped at 3, and 2^5 is above e^3. Saturation keeps slot
/// values and rare inventions from outweighing the wording.
pub const SATURATED: u8 = 5;

/// Weight of a saturated word; weights are whole numbers, so that sums do not depend on their order.
pub const UNIT: u32 = 1000;

/// min(k ln 2, 3) / 3 in thousandths, for levels 0 to 5 and more.
#[inline]
pub fn weight(level: u8) -> u32 {
    const WEIGHTS: [u32; 6] = [0, 231, 462, 693, 924, 1000];
    WEIGHTS[level.min(SATURATED) as usize]
}

/// The runs of letters whose word is written in one piece by one document at most.
fn seldom_whole<'a>(
    rows: &[&'a [u32]],
    spaced: &FxHashMap<u32, Vec<Range<usize>>>,
    counts: &FxHashMap<u32, u32>,
) -> FxHashMap<u32, &'a [u32]> {
    let mut runs: FxHashMap<u32, (u32, u32, &[u32])> = FxHashMap::default();
    for (document, places) in spaced {
        for place in places {
            let run = &rows[*document as usize][place.clone()];
            let (count, last, _) = runs.entry(spaced::as_one(run)).or_insert((0, NONE, run));
            *count += u32::from(std::mem::replace(last, *document) != *document);
        }
    }
    let seldom = runs.into_iter().filter(|(word, (count, _, _))| counts[word].saturating_sub(*count) <= 1);
    seldom.map(|(word, (_, _, run))| (word, run)).collect()
}

/// Documents in which each word stands.
fn count(rows: &[&[u32]]) -> FxHashMap<u32, u32> {
    rows.par_chunks(4096)
        .map(|rows| {
            let mut seen: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
            for (at, row) in rows.iter().enumerate() {
                for token in *row {
                    let entry = seen.entry(*token).or_insert((0, u32::MAX));
                    entry.0 += u32::from(entry.1 != at as u32);
                    entry.1 = at as u32;
                }
            }
            seen.into_iter().map(|(token, (count, _))| (token, count)).collect::<FxHashMap<u32, u32>>()
        })
        .reduce(FxHashMap::default, |mut left, mut right| {
            if left.len() < right.len() {
                std::mem::swap(&mut left, &mut right);
            }
            for (token, count) in right {
                *left.entry(token).or_default() += count;
            }
            left
        })
}

fn content_key(tokens: &[u32]) -> u64 {
    tokens.iter().fold(tokens.len() as u64, |key, token| {
        mix64(key.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(*token))
    })
}
