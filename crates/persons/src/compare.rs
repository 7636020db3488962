//! Two records, column by column.

use crate::likeness::{self, DIFFERENT, MISSING, Nicknames};
use crate::table::{COLUMNS, Table};
use crate::values::{FREQUENT, RARE, Values};
use homeward_rules::persons::Likeness;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

/// The levels of a pair of records in each column, and after them whether the names are crossed.
pub type Levels = [u8; COLUMNS + 1];

/// Compares the records of a table.
pub struct Comparer<'a> {
    /// The records.
    pub table: &'a Table,
    nicknames: Cow<'a, Nicknames>,
    rules: &'a Likeness,
    /// By column: levels of pairs of frequent values that were compared before.
    known: Vec<Known>,
}

/// Levels of pairs of frequent values. A level is a function of its values, so it does not matter who fills a cell first.
struct Known {
    levels: Vec<AtomicU8>,
    most: usize,
}

/// A cell that is not filled.
const UNKNOWN: u8 = MISSING;

impl Known {
    fn new(list: &Values) -> Known {
        let most = list.len().min(FREQUENT);
        Known { levels: (0..most * most).map(|_| AtomicU8::new(UNKNOWN)).collect(), most }
    }

    #[inline]
    fn level(&self, a: u16, b: u16, fresh: impl Fn() -> u8) -> u8 {
        let cell = &self.levels[a as usize * self.most + b as usize];
        let level = cell.load(Ordering::Relaxed);
        if level != UNKNOWN {
            return level;
        }
        let level = fresh();
        cell.store(level, Ordering::Relaxed);
        level
    }
}

/// Names that agree so well that they are not tried crossed.
const CLOSE: u8 = 3;

impl<'a> Comparer<'a> {
    /// Knows the nicknames among the given names of a table.
    pub fn new(table: &'a Table, rules: &'a Likeness) -> Comparer<'a> {
        let known = (0..table.width()).map(|column| Known::new(table.list(column))).collect();
        Comparer { table, nicknames: Cow::Owned(nicknames(table)), rules, known }
    }

    /// Compares a few records of a table that grows, with nicknames that are known.
    pub fn of_few(table: &'a Table, nicknames: &'a Nicknames, rules: &'a Likeness) -> Comparer<'a> {
        Comparer { table, nicknames: Cow::Borrowed(nicknames), rules, known: Vec::new() }
    }

    /// The level of two values of a column.
    #[inline]
    pub fn level(&self, column: usize, a: u32, b: u32) -> u8 {
        if a == 0 || b == 0 {
            return MISSING;
        }
        if a == b {
            return likeness::EQUAL;
        }
        let list = self.table.list(column);
        if list.has_lists() {
            return self.best(column, a, b).0;
        }
        self.level_of_one(column, list, a, b)
    }

    /// The best level of what two values list, and which two values have it: of several the rarest. A value that is no list
    /// lists itself.
    pub fn best(&self, column: usize, a: u32, b: u32) -> (u8, u32, u32) {
        let list = self.table.list(column);
        let (left, right) = (list.listed(&a), list.listed(&b));
        if left.len() == 1 && right.len() == 1 {
            return (self.level_of_one(column, list, a, b), a, b);
        }
        let mut best = (MISSING, u32::MAX, 0, 0);
        for x in left {
            for y in right {
                let used = list.used[*x as usize].max(list.used[*y as usize]);
                best = best.min((self.level_of_one(column, list, *x, *y), used, *x, *y));
            }
        }
        (best.0, best.2, best.3)
    }

    /// In how many ways the lists of two records can agree by chance: 1 where neither has a list.
    #[inline]
    pub fn ways(&self, column: usize, a: u32, b: u32) -> usize {
        let list = self.table.list(column);
        if !list.has_lists() {
            return 1;
        }
        let listed = |record: u32| list.listed(&self.table.value(record, column)).len();
        listed(a) * listed(b)
    }

    #[inline]
    fn level_of_one(&self, column: usize, list: &Values, a: u32, b: u32) -> u8 {
        if a == 0 || b == 0 {
            return MISSING;
        }
        if a == b {
            return likeness::EQUAL;
        }
        let part = self.table.columns[column].part;
        let (x, y) = (&list.features[a as usize], &list.features[b as usize]);
        let fresh = || {
            if likeness::surely_different(part, x, y, self.rules) {
                return DIFFERENT;
            }
            likeness::level(part, list, &self.nicknames, a, b, self.rules)
        };
        match (x.frequent, y.frequent) {
            (RARE, _) | (_, RARE) => fresh(),
            (x, y) => match self.known.get(column) {
                Some(known) => known.level(x, y, fresh),
                None => fresh(),
            },
        }
    }

    /// The levels of a record with each of several others, column after column: so the values of the others are fetched
    /// while those before them are compared.
    pub fn levels_of(&self, a: u32, others: &[u32], out: &mut Vec<Levels>) {
        out.clear();
        out.resize(others.len(), [MISSING; COLUMNS + 1]);
        let x = self.table.row(a);
        for (column, value) in x.iter().enumerate().filter(|(_, value)| **value != 0) {
            for (b, levels) in others.iter().zip(out.iter_mut()) {
                levels[column] = self.level(column, *value, self.table.value(*b, column));
            }
        }
        for (b, levels) in others.iter().zip(out.iter_mut()) {
            self.cross(x, self.table.row(*b), levels);
        }
    }

    /// The levels of two records. Where given and family name fit better crossed, their levels are those of the crossed
    /// names.
    pub fn levels(&self, a: u32, b: u32) -> Levels {
        let mut levels = [MISSING; COLUMNS + 1];
        let (x, y) = (self.table.row(a), self.table.row(b));
        for (column, level) in levels.iter_mut().enumerate().take(x.len()) {
            *level = self.level(column, x[column], y[column]);
        }
        self.cross(x, y, &mut levels);
        levels
    }

    /// Puts the levels of crossed names in where they fit better.
    fn cross(&self, x: &[u32], y: &[u32], levels: &mut Levels) {
        if let (Some(given), Some(family)) = (self.table.given, self.table.family) {
            let swapped = x.len();
            if x[given] != 0 || x[family] != 0 {
                levels[swapped] = 0;
            }
            let close = |level: u8| level <= CLOSE;
            if !close(levels[given]) && !close(levels[family]) {
                let first = self.level(family, x[given], y[family]);
                let second = self.level(family, x[family], y[given]);
                let fits = (close(first) && (close(second) || second == MISSING))
                    || (close(second) && first == MISSING);
                if fits {
                    (levels[given], levels[family], levels[swapped]) = (first, second, 1);
                }
            }
        }
    }

    /// The two values that a column's level is of: crossed where the names are, the best two where they are lists.
    #[inline]
    pub fn values(&self, levels: &Levels, column: usize, a: u32, b: u32) -> (u32, u32) {
        let (x, y) = self.cells(levels, column, a, b);
        if !self.table.list(column).has_lists() {
            return (x, y);
        }
        let (_, x, y) = self.best(column, x, y);
        (x, y)
    }

    #[inline]
    fn cells(&self, levels: &Levels, column: usize, a: u32, b: u32) -> (u32, u32) {
        let table = self.table;
        if levels[table.width()] == 1
            && let (Some(given), Some(family)) = (table.given, table.family)
        {
            if column == given {
                return (table.value(a, given), table.value(b, family));
            }
            if column == family {
                return (table.value(a, family), table.value(b, given));
            }
        }
        (table.value(a, column), table.value(b, column))
    }
}

/// The pairs of forms of one given name among the values of a table.
pub fn nicknames(table: &Table) -> Nicknames {
    table.given.map_or_else(Nicknames::default, |given| {
        table.list(given).nicknames().map(|(name, short)| likeness::unordered(name, short)).collect()
    })
}

/// Whether a level speaks of two different values.
#[inline]
pub fn differs(level: u8) -> bool {
    level == DIFFERENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::table::tests::table;
    use homeward_rules::Rules;

    fn check(a: &[&str], b: &[&str], expected: [u8; 3]) {
        let columns = [("given", Kind::Given), ("family", Kind::Family)];
        let table = table(&columns, &[a, b]);
        let comparer = Comparer::new(&table, &Rules::embedded().persons.likeness);
        let levels = comparer.levels(0, 1);
        let given = table.given.unwrap();
        let family = table.family.unwrap();
        assert_eq!([levels[given], levels[family], levels[2]], expected, "{a:?} {b:?}");
        assert_eq!(comparer.levels(1, 0)[2], expected[2]);
    }

    #[test]
    fn crossed_names_are_seen() {
        check(&["anna", "smith"], &["anna", "smith"], [0, 0, 0]);
        check(&["anna", "smith"], &["smith", "anna"], [0, 0, 1]);
        check(&["anna", "smith"], &["", "anna"], [0, MISSING, 1]);
        check(&["anna", "smith"], &["robert", "jones"], [7, 7, 0]);
        check(&["william", "smith"], &["bill", "smith"], [4, 0, 0]);
    }
}
