//! Records as numbers: every column normalised once for each of its values, rows in the order of their ids, so that the same
//! records give the same table in whatever order they came.

use crate::kind::Kind;
use crate::normalise::{self, DateOrder};
use crate::values::Values;
use rustc_hash::FxHashMap;

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
    values: Vec<String>,
    cells: Vec<u32>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Debug, Clone)]
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
    rows: Vec<u32>,
}

/// A column on its way: text for each different cell, and which cell each row has.
struct Draft {
    name: String,
    part: Part,
    texts: Vec<String>,
    cells: Vec<u32>,
}

impl Table {
    /// Normalises and numbers the records; values that at most `rare` cells hold are rare.
    pub fn new(input: Input, rare: u32) -> Result<Table, TableError> {
        let Input { mut ids, columns } = input;
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_unstable_by(|a, b| ids[*a as usize].cmp(&ids[*b as usize]));
        if let Some(pair) = order.windows(2).find(|pair| ids[pair[0] as usize] == ids[pair[1] as usize]) {
            return Err(TableError::Twice(std::mem::take(&mut ids[pair[0] as usize])));
        }
        let ids: Vec<String> = order.iter().map(|row| std::mem::take(&mut ids[*row as usize])).collect();
        let drafts = drafts(columns);
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
            rows: Vec::new(),
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
        for list in 0..table.values.len() {
            let mut used = vec![0; table.values[list].len()];
            for at in (0..width).filter(|at| table.columns[*at].values == list) {
                table.cells(at).filter(|value| *value != 0).for_each(|value| used[value as usize] += 1);
            }
            table.values[list].count(used, rare);
        }
        Ok(table)
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
        self.ids.binary_search_by(|known| known.as_str().cmp(id)).ok().map(|at| at as u32)
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

/// Columns of the input as columns of the table. Of several columns of names of one kind the first counts; a full name
/// beside its parts is evidence only by what it has more, without them it is cut into them.
fn drafts(columns: Vec<InputColumn>) -> Vec<Draft> {
    let mut kept: Vec<InputColumn> = Vec::new();
    let is_name = |kind: Kind| matches!(kind, Kind::Given | Kind::Family | Kind::FullName);
    for column in columns {
        if column.is_empty() || (is_name(column.kind) && kept.iter().any(|known| known.kind == column.kind)) {
            continue;
        }
        kept.push(column);
    }
    let parts = kept.iter().any(|column| column.kind == Kind::Given || column.kind == Kind::Family);
    let mut drafts = Vec::new();
    for column in &kept {
        match column.kind {
            Kind::FullName if parts => drafts.push(rest(column, &kept)),
            Kind::FullName => drafts.extend(cut(column)),
            Kind::Date => drafts.extend(date(column)),
            kind => drafts.push(draft(column, part(kind), normaliser(kind))),
        }
    }
    drafts.retain(|draft| draft.texts.iter().any(|text| !text.is_empty()));
    drafts
}

fn part(kind: Kind) -> Part {
    match kind {
        Kind::Given => Part::Given,
        Kind::Family => Part::Family,
        Kind::FullName => Part::Rest,
        Kind::Date => Part::Year,
        Kind::Identity => Part::Identity,
        Kind::Phone => Part::Phone,
        Kind::Number => Part::Number,
        Kind::Code => Part::Code,
        Kind::Email => Part::Email,
        Kind::Category => Part::Category,
        Kind::Text => Part::Text,
    }
}

fn normaliser(kind: Kind) -> fn(&str) -> String {
    match kind {
        Kind::Given | Kind::Family | Kind::FullName | Kind::Text => normalise::words,
        Kind::Date | Kind::Identity | Kind::Number => normalise::digits_and_letters,
        Kind::Phone => normalise::telephone,
        Kind::Code | Kind::Email | Kind::Category => normalise::plain,
    }
}

fn draft(column: &InputColumn, part: Part, normalise: impl Fn(&str) -> String) -> Draft {
    let texts = column.values.iter().map(|value| normalise(value)).collect();
    Draft { name: column.name.clone(), part, texts, cells: column.cells.clone() }
}

fn date(column: &InputColumn) -> [Draft; 2] {
    let order = DateOrder::of(column.values.iter().map(String::as_str));
    [
        draft(column, Part::Year, |value| normalise::date(value, order).0),
        draft(column, Part::MonthDay, |value| normalise::date(value, order).1),
    ]
}

/// A full name alone: `Doe, John M` or `John M Doe` as given name, family name and the rest.
fn cut(column: &InputColumn) -> [Draft; 3] {
    let cut = |value: &str| -> [String; 3] {
        let turned = match value.split_once(',') {
            Some((family, given)) if !given.trim().is_empty() => format!("{given} {family}"),
            _ => value.to_owned(),
        };
        let words = normalise::words(&turned);
        let mut parts: Vec<&str> = words.split(' ').collect();
        let family = if parts.len() > 1 { parts.pop().unwrap_or_default() } else { "" };
        let given = if parts.is_empty() { "" } else { parts.remove(0) };
        [given.to_owned(), family.to_owned(), parts.join(" ")]
    };
    let part = |at: usize, part| draft(column, part, |value| std::mem::take(&mut cut(value)[at]));
    [part(0, Part::Given), part(1, Part::Family), part(2, Part::Rest)]
}

/// The words of a full name that the other columns of names do not have.
fn rest(column: &InputColumn, all: &[InputColumn]) -> Draft {
    let others: Vec<&InputColumn> =
        all.iter().filter(|other| matches!(other.kind, Kind::Given | Kind::Family)).collect();
    let mut known: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
    let (mut texts, mut cells) = (vec![String::new()], Vec::with_capacity(column.cells.len()));
    for (row, cell) in column.cells.iter().enumerate() {
        let key: Vec<u32> =
            std::iter::once(*cell).chain(others.iter().map(|other| other.cells[row])).collect();
        let number = *known.entry(key).or_insert_with(|| {
            let whole = normalise::words(&column.values[*cell as usize]);
            let mut words: Vec<&str> = whole.split(' ').collect();
            let said: Vec<String> = others
                .iter()
                .map(|other| normalise::words(&other.values[other.cells[row] as usize]))
                .collect();
            for word in said.iter().flat_map(|text| text.split(' ')) {
                if let Some(at) = words.iter().position(|known| *known == word) {
                    words.remove(at);
                }
            }
            texts.push(words.join(" "));
            texts.len() as u32 - 1
        });
        cells.push(number);
    }
    Draft { name: column.name.clone(), part: Part::Rest, texts, cells }
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
