//! Two records, column by column.

use crate::likeness::{self, DIFFERENT, MISSING, Nicknames};
use crate::table::{COLUMNS, Table};
use homeward_rules::persons::Likeness;

/// The levels of a pair of records in each column, and after them whether the names are crossed.
pub type Levels = [u8; COLUMNS + 1];

/// Compares the records of a table.
pub struct Comparer<'a> {
    /// The records.
    pub table: &'a Table,
    nicknames: Nicknames,
    rules: &'a Likeness,
}

/// Names that agree so well that they are not tried crossed.
const CLOSE: u8 = 3;

impl<'a> Comparer<'a> {
    /// Knows the nicknames among the given names of a table.
    pub fn new(table: &'a Table, rules: &'a Likeness) -> Comparer<'a> {
        let mut nicknames = Nicknames::default();
        if let Some(given) = table.given {
            let list = table.list(given);
            for (name, short) in crate::nicknames() {
                let (name, short) = (list.find(name), list.find(short));
                if name != 0 && short != 0 {
                    nicknames.insert(likeness::unordered(name, short));
                }
            }
        }
        Comparer { table, nicknames, rules }
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
        let part = self.table.columns[column].part;
        likeness::level(part, self.table.list(column), &self.nicknames, a, b, self.rules)
    }

    /// The levels of two records. Where given and family name fit better crossed, their levels are those of the crossed
    /// names.
    pub fn levels(&self, a: u32, b: u32) -> Levels {
        let mut levels = [MISSING; COLUMNS + 1];
        let (x, y) = (self.table.row(a), self.table.row(b));
        for (column, level) in levels.iter_mut().enumerate().take(x.len()) {
            *level = self.level(column, x[column], y[column]);
        }
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
        levels
    }

    /// The two values that a column's level is of: crossed where the names are.
    #[inline]
    pub fn values(&self, levels: &Levels, column: usize, a: u32, b: u32) -> (u32, u32) {
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
