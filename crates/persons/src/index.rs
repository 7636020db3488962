//! Block partners of one record: the blocks that it would stand in if all were blocked anew, found by key.

use crate::keys::{Key, keys};
use crate::table::Table;
use homeward_rules::persons::Blocking;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Records by key, for all keys, those of most entropy first.
pub struct Index {
    keys: Vec<Posted>,
    rules: Blocking,
}

/// A key with the records that have each of its values.
struct Posted {
    key: Key,
    /// Where the records of each value begin in `records`.
    starts: Vec<u32>,
    records: Vec<u32>,
    /// Records that came later.
    later: FxHashMap<u32, Vec<u32>>,
}

impl Posted {
    fn new(key: Key) -> Posted {
        let each = || (0u32..).zip(key.of.iter().copied()).chain(key.more.iter().copied());
        let mut starts = vec![0u32; key.most as usize + 1];
        each().for_each(|(_, value)| starts[value as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut records = vec![0; starts.last().copied().unwrap_or(0) as usize];
        for (record, value) in each() {
            records[next[value as usize] as usize] = record;
            next[value as usize] += 1;
        }
        Posted { key, starts, records, later: FxHashMap::default() }
    }

    /// Records that have a value: those of the beginning and those that came later.
    fn of(&self, value: u32) -> [&[u32]; 2] {
        let range = |at: usize| Some(*self.starts.get(at)? as usize..*self.starts.get(at + 1)? as usize);
        let early = range(value as usize).map_or(&[][..], |range| &self.records[range]);
        [early, self.later.get(&value).map_or(&[], Vec::as_slice)]
    }
}

/// A record that looks for its partners.
struct Seeker<'a> {
    index: &'a Index,
    /// The first value of each key.
    own: Vec<u32>,
    cap: usize,
    found: Vec<u32>,
}

impl Index {
    /// Of the records of a table.
    pub fn new(table: &Table, rules: &Blocking) -> Index {
        Index { keys: keys(table).into_par_iter().map(Posted::new).collect(), rules: rules.clone() }
    }

    /// The records that a later one is compared with, ascending; afterwards it is in the index itself.
    pub fn partners(&mut self, table: &Table, record: u32) -> Vec<u32> {
        let values = self.values(table, record);
        let own = values.iter().map(|values| values.first().copied().unwrap_or(0)).collect();
        let cap = self.rules.cap(table.len());
        let mut seeker = Seeker { index: self, own, cap, found: Vec::new() };
        for (at, values) in values.iter().enumerate() {
            for value in values {
                seeker.block(at, *value);
            }
        }
        let mut found = seeker.found;
        found.sort_unstable();
        found.dedup();
        self.put(record, &values);
        found
    }

    /// Whether a record has one value in a column and another in another, as far as columns are keys.
    pub fn is_there(&self, table: &Table, pair: [(usize, u32); 2]) -> bool {
        let lists = pair.iter().filter_map(|(column, value)| {
            let posted = self.keys.iter().find(|posted| posted.key.recipe.is_whole(*column))?;
            Some(posted.of(*value))
        });
        let shortest = lists.min_by_key(|[early, later]| early.len() + later.len());
        let has = |record: &u32| {
            pair.iter().all(|(column, value)| {
                table.list(*column).listed(&table.value(*record, *column)).contains(value)
            })
        };
        shortest.is_some_and(|records| records.into_iter().flatten().any(has))
    }

    /// The records of a block that have a further key: looked for in the block, or among those who have the key when they are
    /// far fewer.
    fn part(&self, block: [&[u32]; 2], chain: &[(usize, u32)], (next, value): (usize, u32)) -> Vec<u32> {
        let has = |(at, value): (usize, u32), record: u32| self.keys[at].key.of[record as usize] == value;
        let holders = self.keys[next].of(value);
        let size = |of: [&[u32]; 2]| of[0].len() + of[1].len();
        let is_simple = chain.iter().all(|(at, _)| self.keys[*at].key.more.is_empty());
        let is_few = is_simple && 4 * size(holders) < size(block);
        let records = if is_few { holders } else { block };
        let is_in = |record: &u32| {
            has((next, value), *record) && (!is_few || chain.iter().all(|own| has(*own, *record)))
        };
        records.into_iter().flatten().copied().filter(is_in).collect()
    }

    /// Puts a later record in without looking for its partners.
    pub fn push(&mut self, table: &Table, record: u32) {
        let values = self.values(table, record);
        self.put(record, &values);
    }

    /// The values of each key that a record has.
    fn values(&mut self, table: &Table, record: u32) -> Vec<Vec<u32>> {
        let mut values: Vec<Vec<u32>> = vec![Vec::new(); self.keys.len()];
        for (posted, values) in self.keys.iter_mut().zip(&mut values) {
            posted.key.recipe.keys(table, record, values);
        }
        values
    }

    fn put(&mut self, record: u32, values: &[Vec<u32>]) {
        for (posted, values) in self.keys.iter_mut().zip(values) {
            posted.key.of.push(values.first().copied().unwrap_or(0));
            for value in values {
                posted.later.entry(*value).or_default().push(record);
            }
        }
    }
}

impl Seeker<'_> {
    /// Takes a small block of one key, splits a large one by later keys.
    fn block(&mut self, at: usize, value: u32) {
        let block = self.index.keys[at].of(value);
        let size = block[0].len() + block[1].len();
        if size < self.cap {
            self.found.extend(block.into_iter().flatten());
        } else if (at + 1..self.index.keys.len()).any(|next| !self.is_hopeless(size + 1, next, 1)) {
            self.split(block, &mut vec![(at, value)]);
        }
    }

    /// Splits a block as `blocking` does, following only the part in which the record is. `chain` has the keys that the block
    /// agrees on.
    fn split(&mut self, block: [&[u32]; 2], chain: &mut Vec<(usize, u32)>) {
        let index = self.index;
        let (size, depth) = (block[0].len() + block[1].len(), chain.len());
        if depth >= index.rules.depth {
            return;
        }
        for next in chain[depth - 1].0 + 1..index.keys.len() {
            let (source, value) = (index.keys[next].key.source, self.own[next]);
            let is_used = chain.iter().any(|(at, _)| index.keys[*at].key.source == source);
            if value == 0 || is_used || self.is_hopeless(size + 1, next, depth) {
                continue;
            }
            let part = index.part(block, chain, (next, value));
            if part.len() < self.cap {
                self.found.extend(part);
            } else {
                chain.push((next, value));
                self.split([&part, &[]], chain);
                chain.pop();
            }
        }
    }

    /// Whether this key and the best ones after it leave blocks far above the cap.
    fn is_hopeless(&self, size: usize, next: usize, depth: usize) -> bool {
        let rules = &self.index.rules;
        let entropy: f64 =
            self.index.keys[next..].iter().take(rules.depth - depth).map(|posted| posted.key.entropy).sum();
        (size as f64) / entropy.exp() > self.cap as f64 * rules.hopeless
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocking::{candidates, unpack};
    use crate::kind::Kind;
    use crate::table::tests::input;

    const COLUMNS: [(&str, Kind); 3] =
        [("given", Kind::Given), ("family", Kind::Family), ("city", Kind::Text)];

    /// The last of these records finds those that it would be compared with if it stood there from the beginning.
    fn check(rows: &[&[&str]], cap: usize) {
        let rules = Blocking { caps: vec![(100, cap)], depth: 3, hopeless: 8.0 };
        let last = rows.len() as u32 - 1;
        let whole = Table::new(input(&COLUMNS, rows), 2).unwrap();
        let pairs = candidates(&whole, &rules).pairs.into_iter().map(unpack);
        let expected: Vec<u32> = pairs.filter(|(_, b)| *b == last).map(|(a, _)| a).collect();
        let early = Table::new(input(&COLUMNS, &rows[..rows.len() - 1]), 2).unwrap();
        let lists: Vec<Vec<String>> =
            early.values.iter().map(|list| list.early().map(str::to_owned).collect()).collect();
        let (ids, rows_before) = (early.ids.clone(), early.rows().to_vec());
        let mut table = Table::of_rows(early.layout, early.columns, &lists, ids, rows_before, 2);
        let mut index = Index::new(&table, &rules);
        let late = input(&COLUMNS, &rows[rows.len() - 1..]);
        let texts = table.layout.texts(&late);
        let record = table.push("z".to_owned(), &texts[0], 2);
        assert_eq!(index.partners(&table, record), expected, "{rows:?}");
    }

    #[test]
    fn a_late_record_meets_whom_it_would_have_met() {
        let rows: Vec<&[&str]> = vec![
            &["anna", "smith", "york"],
            &["anna", "jones", "york"],
            &["anna", "smith", "hull"],
            &["robert", "smith", "york"],
            &["rupert", "smythe", "leeds"],
        ];
        for late in [["anna", "smith", "york"], ["robert", "smith", ""], ["smith", "anna", "ely"]] {
            for cap in [2, 3, 9] {
                let late: &[&str] = &late;
                check(&[&rows[..], &[late]].concat(), cap);
            }
        }
    }
}
