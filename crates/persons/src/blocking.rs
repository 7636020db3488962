//! Candidate pairs by splitting: records that agree on a key are a block; a small block yields its pairs, a large one is
//! split by a further key. No rule names which keys go together: the data choose.

use crate::keys::{Key, keys};
use crate::table::Table;
use homeward_rules::persons::Blocking;
use rayon::prelude::*;

/// A pair of records as one number, the smaller record in the upper half.
pub fn pack(a: u32, b: u32) -> u64 {
    crate::likeness::unordered(a, b)
}

/// The two records of a packed pair.
#[inline]
pub fn unpack(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

/// Pairs of records that are compared.
pub struct Candidates {
    /// In order, each once.
    pub pairs: Vec<u64>,
    /// Through how many columns each was found, at most 255.
    pub ways: Vec<u8>,
}

impl Candidates {
    /// Through how many columns each of these pairs was found: pairs in the order of the candidates, of which they are some.
    pub fn of(&self, pairs: &[(u32, u32, f32)]) -> Vec<u8> {
        let mut each = self.pairs.iter().zip(&self.ways);
        let ways = |(a, b, _): &(u32, u32, f32)| {
            each.find(|(pair, _)| **pair == pack(*a, *b)).map_or(0, |(_, ways)| *ways)
        };
        pairs.iter().map(ways).collect()
    }
}

/// Bits of a record, and of the column that found a pair, while pairs are gathered.
const RECORD_BITS: u32 = 28;
const SOURCE_BITS: u32 = 8;
/// Most records whose pairs can be gathered.
pub const RECORDS: usize = 1 << RECORD_BITS;

/// Candidate pairs.
pub fn candidates(table: &Table, rules: &Blocking) -> Candidates {
    let keys = keys(table);
    let splitter =
        Splitter { keys: &keys, cap: rules.cap(table.len()), depth: rules.depth, hopeless: rules.hopeless };
    let mut pairs: Vec<u64> = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let blocks = blocks(key);
        let found: Vec<Vec<u64>> = blocks
            .par_chunks(64)
            .map(|blocks| {
                let mut out = Vec::new();
                for block in blocks {
                    splitter.block(&mut block.clone(), at, 1, 1 << key.source, &mut out);
                }
                for pair in &mut out {
                    *pair = with_source(*pair, key.field);
                }
                out.sort_unstable();
                out.dedup();
                out
            })
            .collect();
        for found in &found {
            pairs.extend_from_slice(found);
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    counted(pairs)
}

/// A pair with the column that found it, in a form that sorts as pairs do.
fn with_source(pair: u64, source: usize) -> u64 {
    let (a, b) = unpack(pair);
    (u64::from(a) << (RECORD_BITS + SOURCE_BITS)) | (u64::from(b) << SOURCE_BITS) | source as u64
}

/// Each pair once, with the number of columns that found it.
fn counted(mut found: Vec<u64>) -> Candidates {
    let mut ways: Vec<u8> = Vec::new();
    for at in 0..found.len() {
        let both = found[at] >> SOURCE_BITS;
        let pair = pack((both >> RECORD_BITS) as u32, both as u32 & (RECORDS as u32 - 1));
        let last = ways.len();
        // Pairs are written where those before them were read.
        if last > 0 && found[last - 1] == pair {
            ways[last - 1] = ways[last - 1].saturating_add(1);
        } else {
            found[last] = pair;
            ways.push(1);
        }
    }
    found.truncate(ways.len());
    Candidates { pairs: found, ways }
}

struct Splitter<'a> {
    keys: &'a [Key],
    cap: usize,
    depth: usize,
    hopeless: f64,
}

impl Splitter<'_> {
    /// Yields the pairs of a small block, splits a large one by the keys after `at`.
    fn block(&self, records: &mut [u32], at: usize, depth: usize, sources: u64, out: &mut Vec<u64>) {
        if records.len() <= self.cap {
            for (nth, a) in records.iter().enumerate() {
                out.extend(records[nth + 1..].iter().map(|b| pack(*a, *b)));
            }
            return;
        }
        if depth >= self.depth {
            return;
        }
        for next in at + 1..self.keys.len() {
            let key = &self.keys[next];
            if sources >> key.source & 1 == 1 || self.is_hopeless(records.len(), next, depth) {
                continue;
            }
            records.sort_unstable_by_key(|record| (key.of[*record as usize], *record));
            for part in records.chunk_by_mut(|a, b| key.of[*a as usize] == key.of[*b as usize]) {
                if part.len() > 1 && key.of[part[0] as usize] != 0 {
                    // A part is split by later keys, which order it anew: the order here is no longer needed for it.
                    let mut part = part.to_vec();
                    self.block(&mut part, next, depth + 1, sources | 1 << key.source, out);
                }
            }
        }
    }

    /// Whether this key and the best ones after it leave blocks far above the cap.
    fn is_hopeless(&self, size: usize, next: usize, depth: usize) -> bool {
        let entropy: f64 = self.keys[next..].iter().take(self.depth - depth).map(|key| key.entropy).sum();
        (size as f64) / entropy.exp() > self.cap as f64 * self.hopeless
    }
}

/// Records by key, in their order; keys that one record has alone are left out.
fn blocks(key: &Key) -> Vec<Vec<u32>> {
    let each = || (0u32..).zip(key.of.iter().copied()).chain(key.more.iter().copied());
    let mut sizes = vec![0u32; key.most as usize];
    each().for_each(|(_, value)| sizes[value as usize] += 1);
    let mut place = vec![u32::MAX; key.most as usize];
    let mut blocks: Vec<Vec<u32>> = Vec::new();
    for (value, size) in sizes.iter().enumerate().skip(1).filter(|(_, size)| **size > 1) {
        place[value] = blocks.len() as u32;
        blocks.push(Vec::with_capacity(*size as usize));
    }
    for (record, value) in each() {
        if let Some(block) = blocks.get_mut(place[value as usize] as usize) {
            block.push(record);
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::table::tests::table;

    fn pairs(rows: &[&[&str]], cap: usize) -> Vec<(u32, u32)> {
        let table = table(&[("family", Kind::Family), ("city", Kind::Text)], rows);
        let rules = Blocking { caps: vec![(100, cap)], depth: 3, hopeless: 8.0 };
        candidates(&table, &rules).pairs.into_iter().map(unpack).collect()
    }

    #[test]
    fn small_blocks_yield_pairs_and_large_ones_are_split() {
        let rows: [&[&str]; 5] =
            [&["smith", "york"], &["smith", "york"], &["smith", "hull"], &["jones", "hull"], &["", ""]];
        assert_eq!(pairs(&rows, 9), [(0, 1), (0, 2), (1, 2), (2, 3)]);
        assert_eq!(pairs(&rows, 2), [(0, 1), (2, 3)]);
    }

    #[test]
    fn the_columns_that_find_a_pair_are_counted() {
        let table = table(
            &[("family", Kind::Family), ("city", Kind::Text)],
            &[&["smith", "york"], &["smith", "york"], &["smith", "hull"]],
        );
        let rules = Blocking { caps: vec![(100, 9)], depth: 3, hopeless: 8.0 };
        let found = candidates(&table, &rules);
        assert_eq!(found.pairs, [pack(0, 1), pack(0, 2), pack(1, 2)]);
        assert_eq!(found.ways, [2, 1, 1]);
    }

    #[test]
    fn every_value_of_a_list_is_a_key() {
        assert_eq!(pairs(&[&["smith; jones", ""], &["jones", ""], &["smith", ""]], 2), [(0, 1), (0, 2)]);
    }

    #[test]
    fn names_that_sound_alike_meet() {
        assert_eq!(pairs(&[&["robert", "a"], &["rupert", "b"]], 9), [(0, 1)]);
        assert_eq!(pairs(&[&["robert", "a"], &["jones", "b"]], 9), []);
    }
}
