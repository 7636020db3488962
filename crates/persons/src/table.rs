//! Records as numbers: every column normalised once for each of its values, rows in the order of their ids, so that the same
//! records give the same table in whatever order they came.

use crate::blocking::RECORDS;
use crate::kind::Kind;
use crate::layout::{Draft, Layout, counted, drafts};
use crate::values::Values;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Most columns that are compared, dates counting as two.
pub const COLUMNS: usize = 24;

/// Records as they were read.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// One id for each record.
    pub ids: Vec<String>,
    /// Columns that are evidence.
    pub columns: Vec<InputColumn>,
}

/// A column as it was read, each different cell kept once.
#[derive(Debug, Clone)]
pub struct InputColumn {
    /// Its heading.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    pub(crate) values: Vec<String>,
    pub(crate) cells: Vec<u32>,
    known: FxHashMap<String, u32>,
}

impl InputColumn {
    /// An empty column.
    pub fn new(name: &str, kind: Kind) -> InputColumn {
        let known = FxHashMap::from_iter([(String::new(), 0)]);
        InputColumn { name: name.to_owned(), kind, values: vec![String::new()], cells: Vec::new(), known }
    }

    /// Adds the cell of the next record; an empty one is no evidence.
    pub fn push(&mut self, cell: &str) {
        let value = self.known.get(cell).copied().unwrap_or_else(|| {
            let value = self.values.len() as u32;
            self.values.push(cell.to_owned());
            self.known.insert(cell.to_owned(), value);
            value
        });
        self.cells.push(value);
    }

    /// The different cells, the empty one first.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// What a column of the table holds: kinds, dates in two, names in three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Given name.
    Given,
    /// Family name.
    Family,
    /// What a full name has beside these.
    Rest,
    /// Year of birth.
    Year,
    /// Month and day of birth.
    MonthDay,
    /// Number of one person.
    Identity,
    /// Telephone number, which a household shares.
    Phone,
    /// Short number.
    Number,
    /// Postcode.
    Code,
    /// E-mail address.
    Email,
    /// One of a few words.
    Category,
    /// Other text.
    Text,
}

/// A column that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Heading of the input.
    pub name: String,
    /// What it holds.
    pub part: Part,
    /// Which of [`Table::values`] it points into; given and family names share one.
    pub values: usize,
}

/// Records that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// An id that stands twice.
    #[error("the id `{0}` stands at two records")]
    Twice(String),
    /// No column is evidence.
    #[error("no column says anything about a person")]
    Nothing,
    /// Too many columns.
    #[error("{0} columns are too many to compare: {COLUMNS} is the most, dates counting as two")]
    Many(usize),
    /// Too many records.
    #[error("{0} records are too many: {RECORDS} is the most")]
    Long(usize),
}

/// Records as numbers.
#[derive(Debug)]
pub struct Table {
    /// Ids in order.
    pub ids: Vec<String>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Lists of different values.
    pub values: Vec<Values>,
    /// Column of given names.
    pub given: Option<usize>,
    /// Column of family names.
    pub family: Option<usize>,
    /// How cells became values.
    pub layout: Layout,
    rows: Vec<u32>,
    /// Records that came later, by id.
    later: FxHashMap<String, u32>,
}

impl Table {
    /// Normalises and numbers the records; values that at most `rare` cells hold are rare.
    pub fn new(input: Input, rare: u32) -> Result<Table, TableError> {
        let Input { mut ids, columns } = input;
        if ids.len() > RECORDS {
            return Err(TableError::Long(ids.len()));
        }
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_unstable_by(|a, b| ids[*a as usize].cmp(&ids[*b as usize]));
        if let Some(pair) = order.windows(2).find(|pair| ids[pair[0] as usize] == ids[pair[1] as usize]) {
            return Err(TableError::Twice(std::mem::take(&mut ids[pair[0] as usize])));
        }
        let ids: Vec<String> = order.iter().map(|row| std::mem::take(&mut ids[*row as usize])).collect();
        let columns = counted(columns);
        let mut layout = Layout::of(&columns);
        let mut drafts = drafts(&columns, &layout.orders);
        let is_filled = |draft: &Draft| draft.texts.iter().any(|text| !text.is_empty());
        layout.filled = drafts.iter().map(is_filled).collect();
        drafts.retain(is_filled);
        if drafts.is_empty() && !ids.is_empty() {
            return Err(TableError::Nothing);
        }
        if drafts.len() > COLUMNS {
            return Err(TableError::Many(drafts.len()));
        }
        let width = drafts.len();
        let mut rows = vec![0u32; ids.len() * width];
        let mut table = Table {
            ids,
            columns: Vec::new(),
            values: Vec::new(),
            given: None,
            family: None,
            layout,
            rows: Vec::new(),
            later: FxHashMap::default(),
        };
        for group in grouped(drafts) {
            let values = Values::of(group.iter().flat_map(|draft| draft.texts.iter()));
            for draft in group {
                let at = table.columns.len();
                let number: Vec<u32> = draft.texts.iter().map(|text| values.find(text)).collect();
                for (row, from) in order.iter().enumerate() {
                    rows[row * width + at] = number[draft.cells[*from as usize] as usize];
                }
                match draft.part {
                    Part::Given => table.given = Some(at),
                    Part::Family => table.family = Some(at),
                    _ => {}
                }
                table.columns.push(Column { name: draft.name, part: draft.part, values: table.values.len() });
            }
            table.values.push(values);
        }
        table.rows = rows;
        table.count(rare);
        Ok(table)
    }

    /// The table of rows that were numbered before, see [`Table::rows`]; it grows by [`Table::push`].
    pub fn of_rows(
        layout: Layout,
        columns: Vec<Column>,
        lists: &[Vec<String>],
        ids: Vec<String>,
        rows: Vec<u32>,
        rare: u32,
    ) -> Table {
        let values = lists.par_iter().map(|list| Values::of_open(list.iter())).collect();
        let at = |part| columns.iter().position(|column| column.part == part);
        let (given, family, later) = (at(Part::Given), at(Part::Family), FxHashMap::default());
        let mut table = Table { ids, columns, values, given, family, layout, rows, later };
        table.count(rare);
        table.values.iter_mut().for_each(Values::open);
        table
    }

    /// Number of records of the beginning; those that came later stand after them.
    pub fn early(&self) -> usize {
        self.ids.len() - self.later.len()
    }

    /// The texts of a record, one for each column.
    pub fn texts(&self, record: u32) -> Vec<String> {
        let row = self.row(record).iter().enumerate();
        row.map(|(column, value)| self.text(column, *value).to_owned()).collect()
    }

    /// All values, row after row.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Counts how many cells hold each value; a list holds what it lists.
    fn count(&mut self, rare: u32) {
        for list in 0..self.values.len() {
            let mut used = vec![0; self.values[list].len()];
            for at in (0..self.width()).filter(|at| self.columns[*at].values == list) {
                self.each_cell(at, |value| used[value as usize] += 1);
            }
            self.values[list].count(used, rare);
        }
    }

    /// Every value that is somewhere in a column, what lists list one by one.
    pub fn each_cell(&self, column: usize, mut told: impl FnMut(u32)) {
        for value in self.cells(column).filter(|value| *value != 0) {
            self.list(column).listed(&value).iter().for_each(|value| told(*value));
        }
    }

    /// Adds a record that came later; `texts` are its normalised texts, one for each column.
    pub fn push(&mut self, id: String, texts: &[String], rare: u32) -> u32 {
        let record = self.ids.len() as u32;
        for (at, text) in texts.iter().enumerate() {
            let list = &mut self.values[self.columns[at].values];
            let value = list.number(text);
            self.rows.push(value);
            let listed = list.listed(&value).to_vec();
            listed.into_iter().filter(|value| *value != 0).for_each(|value| list.use_once_more(value, rare));
        }
        self.later.insert(id.clone(), record);
        self.ids.push(id);
        record
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The values of a record, 0 where there is none.
    #[inline]
    pub fn row(&self, record: u32) -> &[u32] {
        let width = self.columns.len();
        &self.rows[record as usize * width..(record as usize + 1) * width]
    }

    /// The value of a record in a column, 0 when there is none.
    #[inline]
    pub fn value(&self, record: u32, column: usize) -> u32 {
        self.rows[record as usize * self.columns.len() + column]
    }

    /// The values of a column, record by record.
    pub fn cells(&self, column: usize) -> impl ExactSizeIterator<Item = u32> + '_ {
        (0..self.len() as u32).map(move |record| self.value(record, column))
    }

    /// The list of values of a column.
    pub fn list(&self, column: usize) -> &Values {
        &self.values[self.columns[column].values]
    }

    /// A value as text.
    pub fn text(&self, column: usize, value: u32) -> &str {
        self.list(column).text(value)
    }

    /// The record of an id.
    pub fn find(&self, id: &str) -> Option<u32> {
        let sorted = &self.ids[..self.early()];
        let at = sorted.binary_search_by(|known| known.as_str().cmp(id)).ok().map(|at| at as u32);
        at.or_else(|| self.later.get(id).copied())
    }
}

/// Given and family names together, every other column by itself.
fn grouped(drafts: Vec<Draft>) -> Vec<Vec<Draft>> {
    let mut groups: Vec<Vec<Draft>> = Vec::new();
    let is_name = |draft: &Draft| matches!(draft.part, Part::Given | Part::Family);
    for draft in drafts {
        match groups.iter_mut().find(|group| is_name(&draft) && is_name(&group[0])) {
            Some(group) => group.push(draft),
            None => groups.push(vec![draft]),
        }
    }
    groups
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A table of these columns; the ids are `r0`, `r1`, ...
    pub(crate) fn table(columns: &[(&str, Kind)], rows: &[&[&str]]) -> Table {
        Table::new(input(columns, rows), 2).unwrap()
    }

    pub(crate) fn input(columns: &[(&str, Kind)], rows: &[&[&str]]) -> Input {
        let columns = columns.iter().map(|(name, kind)| InputColumn::new(name, *kind)).collect();
        let mut input = Input { ids: Vec::new(), columns };
        for (at, row) in rows.iter().enumerate() {
            input.ids.push(format!("r{at}"));
            input.columns.iter_mut().zip(*row).for_each(|(column, cell)| column.push(cell));
        }
        input
    }

    fn check(columns: &[(&str, Kind)], row: &[&str], expected: &[(&str, &str)]) {
        let table = table(columns, &[row]);
        let found: Vec<(&str, &str)> = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| (column.name.as_str(), table.text(at, table.value(0, at))))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_full_name_says_only_what_its_parts_leave_out() {
        let columns = [("full", Kind::FullName), ("first", Kind::Given), ("last", Kind::Family)];
        check(
            &columns,
            &["Anna Maria Smith", "Anna", "Smith"],
            &[("full", "maria"), ("first", "anna"), ("last", "smith")],
        );
        check(
            &columns[..1],
            &["Smith, Anna Maria"],
            &[("full", "anna"), ("full", "smith"), ("full", "maria")],
        );
    }

    #[test]
    fn dates_are_two_columns() {
        check(&[("dob", Kind::Date)], &["1990-07-13"], &[("dob", "1990"), ("dob", "0713")]);
    }

    #[test]
    fn ids_stand_once_and_something_is_compared() {
        let mut twice = input(&[("a", Kind::Text)], &[&["x"], &["y"]]);
        twice.ids[1] = "r0".to_owned();
        assert_eq!(Table::new(twice, 2).unwrap_err(), TableError::Twice("r0".to_owned()));
        assert_eq!(Table::new(input(&[("a", Kind::Text)], &[&[""]]), 2).unwrap_err(), TableError::Nothing);
    }

    #[test]
    fn rows_stand_in_the_order_of_their_ids() {
        let mut turned = input(&[("a", Kind::Text)], &[&["x"], &["y"]]);
        turned.ids.reverse();
        let table = Table::new(turned, 2).unwrap();
        assert_eq!(table.ids, ["r0", "r1"]);
        assert_eq!(table.text(0, table.value(0, 0)), "y");
        assert_eq!(table.find("r1"), Some(1));
        assert_eq!(table.find("r2"), None);
    }
}
