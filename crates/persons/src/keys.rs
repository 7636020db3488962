//! Keys of records for blocking: values, beginnings and ends of them, sounds, names together, whole dates.

use crate::strings::soundex;
use crate::table::{Part, Table};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// One key of every record, 0 where there is none.
pub struct Key {
    /// Which column it comes from: a block is not split by two keys of one column.
    pub source: usize,
    /// The column whose agreement it shows: of several columns that err together, such as year and day of birth, the first.
    pub field: usize,
    /// The key of each record; of those that a record has more than one of, the first.
    pub of: Vec<u32>,
    /// Records and their further keys: a list has one for each value.
    pub more: Vec<(u32, u32)>,
    /// Entropy in nats.
    pub entropy: f64,
    /// Keys are smaller than this.
    pub most: u32,
    /// How it is made of a record.
    pub recipe: Recipe,
}

/// Source of the key of both names together.
const BOTH_NAMES: usize = 61;
/// Source of the key of any name.
const ANY_NAME: usize = 62;
/// Source of the key of the whole date.
const WHOLE_DATE: usize = 63;

/// How a key is made of the values of a record, with the numbers that were given.
pub struct Recipe {
    from: From,
    /// Of the values of a column: numbers of what was derived from them.
    of_value: Vec<u32>,
    texts: FxHashMap<String, u32>,
    pairs: FxHashMap<(u32, u32), u32>,
}

#[derive(Clone, Copy)]
enum From {
    Whole(usize),
    Derived(usize, fn(&str) -> String),
    /// Two columns together, in any order when they are names.
    Together(usize, usize, bool),
    /// The family name, or where there is none the given name.
    AnyName {
        given: usize,
        family: usize,
    },
}

impl Recipe {
    /// The keys of a record, into `out`. A key that was never seen is given a number.
    pub fn keys(&mut self, table: &Table, record: u32, out: &mut Vec<u32>) {
        out.clear();
        let value = |column: usize| table.value(record, column);
        match self.from {
            From::Whole(column) => out.extend(table.list(column).listed(&value(column))),
            From::AnyName { given, family } => {
                let column = if value(family) == 0 { given } else { family };
                out.extend(table.list(column).listed(&value(column)));
            }
            From::Derived(column, derive) => {
                for value in table.list(column).listed(&value(column)) {
                    out.push(self.derived(*value, table.text(column, *value), derive));
                }
            }
            From::Together(a, b, any_order) => {
                for x in table.list(a).listed(&value(a)) {
                    for y in table.list(b).listed(&value(b)) {
                        let next = self.pairs.len() as u32 + 1;
                        let pair = if any_order { (*x.min(y), *x.max(y)) } else { (*x, *y) };
                        if *x != 0 && *y != 0 {
                            out.push(*self.pairs.entry(pair).or_insert(next));
                        }
                    }
                }
            }
        }
        if out.len() > 1 {
            out.sort_unstable();
            out.dedup();
        }
        out.retain(|key| *key != 0);
    }

    /// Whether it is the value of a column as it stands.
    pub fn is_whole(&self, column: usize) -> bool {
        matches!(self.from, From::Whole(own) if own == column)
    }

    fn derived(&mut self, value: u32, text: &str, derive: fn(&str) -> String) -> u32 {
        if let Some(number) = self.of_value.get(value as usize) {
            return *number;
        }
        let derived = derive(text);
        let next = self.texts.len() as u32 + 1;
        if derived.is_empty() { 0 } else { *self.texts.entry(derived).or_insert(next) }
    }

    /// The key of every record.
    fn key(from: From, source: usize, table: &Table) -> Key {
        let field = match from {
            From::Whole(at) if table.columns[at].part == Part::MonthDay => at.saturating_sub(1),
            From::Whole(at) | From::Derived(at, _) | From::Together(at, _, false) => at,
            From::Together(_, family, true) | From::AnyName { family, .. } => family,
        };
        let mut recipe =
            Recipe { from, of_value: Vec::new(), texts: FxHashMap::default(), pairs: FxHashMap::default() };
        if let From::Derived(column, derive) = from {
            for (value, text) in table.list(column).texts().enumerate() {
                let number = recipe.derived(value as u32, text, derive);
                recipe.of_value.push(number);
            }
        }
        let (mut of, mut more, mut own) = (Vec::with_capacity(table.len()), Vec::new(), Vec::new());
        for record in 0..table.len() as u32 {
            recipe.keys(table, record, &mut own);
            of.push(own.first().copied().unwrap_or(0));
            more.extend(own.iter().skip(1).map(|key| (record, *key)));
        }
        let most = of.iter().chain(more.iter().map(|(_, key)| key)).max().map_or(1, |most| most + 1);
        let mut sizes = vec![0u32; most as usize];
        for value in &of {
            sizes[*value as usize] += 1;
        }
        sizes[0] = 0;
        Key { source, field, of, more, entropy: entropy(&sizes), most, recipe }
    }
}

/// All keys of a table, those of most entropy first.
pub fn keys(table: &Table) -> Vec<Key> {
    let mut recipes: Vec<(From, usize)> = Vec::new();
    for (at, column) in table.columns.iter().enumerate() {
        if column.part != Part::Rest {
            recipes.push((From::Whole(at), at));
        }
        let derivations: &[fn(&str) -> String] = match column.part {
            Part::Given => &[beginning::<3>],
            Part::Family => &[|text| soundex(text).unwrap_or_default(), ending],
            Part::Code => &[|text| beginning::<3>(text.split(' ').next().unwrap_or_default())],
            Part::Identity | Part::Phone => &[beginning::<4>, |text| text.chars().skip(3).collect()],
            Part::Text => &[beginning::<4>],
            Part::Email => &[|text| around_at(text, 0), |text| around_at(text, 1)],
            Part::Year | Part::Rest | Part::MonthDay | Part::Number | Part::Category => &[],
        };
        recipes.extend(derivations.iter().map(|derive| (From::Derived(at, *derive), at)));
        if column.part == Part::Year
            && table.columns.get(at + 1).is_some_and(|next| next.part == Part::MonthDay)
        {
            recipes.push((From::Together(at, at + 1, false), WHOLE_DATE));
        }
    }
    if let (Some(given), Some(family)) = (table.given, table.family) {
        recipes.push((From::Together(given, family, true), BOTH_NAMES));
        recipes.push((From::AnyName { given, family }, ANY_NAME));
    }
    let mut keys: Vec<Key> =
        recipes.into_par_iter().map(|(from, source)| Recipe::key(from, source, table)).collect();
    keys.sort_by(|a, b| b.entropy.total_cmp(&a.entropy));
    keys
}

fn beginning<const LONG: usize>(text: &str) -> String {
    text.chars().take(LONG).collect()
}

/// The last four characters of a name that has as many.
fn ending(text: &str) -> String {
    let long = text.chars().count();
    if long < 4 { String::new() } else { text.chars().skip(long - 4).collect() }
}

/// User or domain of an e-mail address.
fn around_at(text: &str, at: usize) -> String {
    text.split('@').nth(at).unwrap_or_default().to_owned()
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
    use super::entropy;

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!((entropy(&[0, 5, 5]) - 2f64.ln()).abs() < 1e-12);
        assert_eq!(entropy(&[7]), 0.0);
    }
}
