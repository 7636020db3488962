//! Candidate pairs by splitting: records that agree on a key are a block; a small block yields its pairs, a large one is
//! split by a further key. No rule names which keys go together: the data choose.

use crate::strings::soundex;
use crate::table::{Part, Table};
use homeward_rules::persons::Blocking;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// One key of every record, 0 where there is none.
struct Key {
    /// Which column it comes from: a block is not split by two keys of one column.
    source: usize,
    of: Vec<u32>,
    /// Entropy in nats.
    entropy: f64,
    /// Keys are smaller than this.
    most: u32,
}

/// Source of the key of both names together.
const BOTH_NAMES: usize = 61;
/// Source of the key of any name.
const ANY_NAME: usize = 62;
/// Source of the key of the whole date.
const WHOLE_DATE: usize = 63;

/// A pair of records as one number, the smaller record in the upper half.
pub fn pack(a: u32, b: u32) -> u64 {
    crate::likeness::unordered(a, b)
}

/// The two records of a packed pair.
#[inline]
pub fn unpack(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

/// Candidate pairs in order, each once.
pub fn candidates(table: &Table, rules: &Blocking) -> Vec<u64> {
    let mut keys = keys(table);
    keys.sort_by(|a, b| b.entropy.total_cmp(&a.entropy));
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
    pairs
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
    let mut sizes = vec![0u32; key.most as usize];
    key.of.iter().for_each(|value| sizes[*value as usize] += 1);
    let mut place = vec![u32::MAX; key.most as usize];
    let mut blocks: Vec<Vec<u32>> = Vec::new();
    for (value, size) in sizes.iter().enumerate().skip(1).filter(|(_, size)| **size > 1) {
        place[value] = blocks.len() as u32;
        blocks.push(Vec::with_capacity(*size as usize));
    }
    for (record, value) in key.of.iter().enumerate() {
        if let Some(block) = blocks.get_mut(place[*value as usize] as usize) {
            block.push(record as u32);
        }
    }
    blocks
}

/// All keys of a table: values, beginnings and ends of them, sounds, names together, whole dates.
fn keys(table: &Table) -> Vec<Key> {
    let beginning = |count: usize| move |text: &str| text.chars().take(count).collect::<String>();
    let mut makers: Vec<Box<dyn Fn() -> Key + Sync + Send + '_>> = Vec::new();
    for (at, column) in table.columns.iter().enumerate() {
        if column.part != Part::Rest {
            makers.push(Box::new(move || whole(table, at)));
        }
        match column.part {
            Part::Given => makers.push(Box::new(move || derived(table, at, beginning(3)))),
            Part::Family => {
                makers.push(Box::new(move || derived(table, at, |text| soundex(text).unwrap_or_default())));
                makers.push(Box::new(move || derived(table, at, ending)));
            }
            Part::Year if table.columns.get(at + 1).is_some_and(|next| next.part == Part::MonthDay) => {
                makers.push(Box::new(move || together(table, at, at + 1, WHOLE_DATE, false)));
            }
            Part::Code => {
                makers.push(Box::new(move || {
                    derived(table, at, |text| beginning(3)(text.split(' ').next().unwrap_or_default()))
                }));
            }
            Part::Identity | Part::Phone => {
                makers.push(Box::new(move || derived(table, at, beginning(4))));
                makers.push(Box::new(move || derived(table, at, |text| text.chars().skip(3).collect())));
            }
            Part::Text => makers.push(Box::new(move || derived(table, at, beginning(4)))),
            Part::Email => {
                let part = |text: &str, at: usize| text.split('@').nth(at).unwrap_or_default().to_owned();
                makers.push(Box::new(move || derived(table, at, |text| part(text, 0))));
                makers.push(Box::new(move || derived(table, at, |text| part(text, 1))));
            }
            Part::Year | Part::Rest | Part::MonthDay | Part::Number | Part::Category => {}
        }
    }
    if let (Some(given), Some(family)) = (table.given, table.family) {
        makers.push(Box::new(move || together(table, given, family, BOTH_NAMES, true)));
        makers.push(Box::new(move || {
            let any = table
                .cells(family)
                .zip(table.cells(given))
                .map(|(family, given)| if family == 0 { given } else { family });
            key(ANY_NAME, any.collect())
        }));
    }
    makers.into_par_iter().map(|maker| maker()).collect()
}

/// The last four characters of a name that has as many.
fn ending(text: &str) -> String {
    let long = text.chars().count();
    if long < 4 { String::new() } else { text.chars().skip(long - 4).collect() }
}

fn whole(table: &Table, column: usize) -> Key {
    key(column, table.cells(column).collect())
}

fn derived(table: &Table, column: usize, derive: impl Fn(&str) -> String) -> Key {
    let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
    let of_value: Vec<u32> = table
        .list(column)
        .texts()
        .map(|text| {
            let derived = derive(text);
            let next = numbers.len() as u32 + 1;
            if derived.is_empty() { 0 } else { *numbers.entry(derived).or_insert(next) }
        })
        .collect();
    key(column, table.cells(column).map(|value| of_value[value as usize]).collect())
}

/// Two columns together, in any order when they are names.
fn together(table: &Table, a: usize, b: usize, source: usize, any_order: bool) -> Key {
    let mut numbers: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    let pairs = table.cells(a).zip(table.cells(b)).map(|(a, b)| {
        if a == 0 || b == 0 {
            return 0;
        }
        let next = numbers.len() as u32 + 1;
        *numbers.entry(if any_order { (a.min(b), a.max(b)) } else { (a, b) }).or_insert(next)
    });
    key(source, pairs.collect())
}

fn key(source: usize, of: Vec<u32>) -> Key {
    let most = of.iter().max().map_or(1, |most| most + 1);
    let mut sizes = vec![0u32; most as usize];
    for value in &of {
        sizes[*value as usize] += 1;
    }
    sizes[0] = 0;
    let entropy = entropy(&sizes);
    Key { source, of, entropy, most }
}

/// Entropy in nats of a distribution given by counts.
pub fn entropy(counts: &[u32]) -> f64 {
    let all: f64 = counts.iter().map(|count| *count as f64).sum();
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| *count as f64 / all)
        .map(|share| -share * share.ln())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::table::tests::table;

    fn pairs(rows: &[&[&str]], cap: usize) -> Vec<(u32, u32)> {
        let table = table(&[("family", Kind::Family), ("city", Kind::Text)], rows);
        let rules = Blocking { caps: vec![(100, cap)], depth: 3, hopeless: 8.0 };
        candidates(&table, &rules).into_iter().map(unpack).collect()
    }

    #[test]
    fn small_blocks_yield_pairs_and_large_ones_are_split() {
        let rows: [&[&str]; 5] =
            [&["smith", "york"], &["smith", "york"], &["smith", "hull"], &["jones", "hull"], &["", ""]];
        assert_eq!(pairs(&rows, 9), [(0, 1), (0, 2), (1, 2), (2, 3)]);
        assert_eq!(pairs(&rows, 2), [(0, 1), (2, 3)]);
    }

    #[test]
    fn names_that_sound_alike_meet() {
        assert_eq!(pairs(&[&["robert", "a"], &["rupert", "b"]], 9), [(0, 1)]);
        assert_eq!(pairs(&[&["robert", "a"], &["jones", "b"]], 9), []);
    }

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!((entropy(&[0, 5, 5]) - 2f64.ln()).abs() < 1e-12);
        assert_eq!(entropy(&[7]), 0.0);
    }
}
