//! How cells become values: names cut, dates in two, lists apart, every cell normalised by what its column holds.

use crate::kind::Kind;
use crate::normalise::{self, DateOrder};
use crate::table::{Input, InputColumn, Part};
use crate::values::BETWEEN;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// How the columns of an input become those of a table, so that a later record is read as the others were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Columns of the input.
    pub columns: Vec<(String, Kind)>,
    /// In which order each writes dates.
    pub(crate) orders: Vec<DateOrder>,
    /// Which of the columns that they become hold anything.
    pub(crate) filled: Vec<bool>,
}

impl Layout {
    /// Whether it makes so many columns.
    pub(crate) fn fits(&self, width: usize) -> bool {
        self.orders.len() == self.columns.len()
            && self.filled.iter().filter(|filled| **filled).count() == width
    }

    /// The layout of these columns; which of what they become is filled, drafts tell.
    pub fn of(columns: &[InputColumn]) -> Layout {
        let order = |column: &InputColumn| DateOrder::of(column.values.iter().map(String::as_str));
        Layout {
            columns: columns.iter().map(|column| (column.name.clone(), column.kind)).collect(),
            orders: columns.iter().map(order).collect(),
            filled: Vec::new(),
        }
    }

    /// The normalised texts of later records, one for each column of the table, by record; columns are found by name, and
    /// others than those of the layout are passed over.
    pub fn texts(&self, input: &Input) -> Vec<Vec<String>> {
        let records = input.ids.len();
        let column = |(name, kind): &(String, Kind)| {
            let mut column = InputColumn::new(name, *kind);
            match input.columns.iter().find(|own| own.name == *name) {
                Some(own) => own.cells.iter().for_each(|cell| column.push(&own.values[*cell as usize])),
                None => (0..records).for_each(|_| column.push("")),
            }
            column
        };
        let columns: Vec<InputColumn> = self.columns.iter().map(column).collect();
        let drafts = drafts(&columns, &self.orders);
        let kept = || drafts.iter().zip(&self.filled).filter(|(_, filled)| **filled).map(|(draft, _)| draft);
        (0..records)
            .map(|record| kept().map(|draft| draft.texts[draft.cells[record] as usize].clone()).collect())
            .collect()
    }
}

/// A column on its way: text for each different cell, and which cell each row has.
pub struct Draft {
    /// Heading of the input.
    pub name: String,
    /// What it holds.
    pub part: Part,
    /// A text for each different cell.
    pub texts: Vec<String>,
    /// Which cell each row has.
    pub cells: Vec<u32>,
}

/// The columns that count: of several columns of names of one kind the first.
pub fn counted(columns: Vec<InputColumn>) -> Vec<InputColumn> {
    let mut kept: Vec<InputColumn> = Vec::new();
    let is_name = |kind: Kind| matches!(kind, Kind::Given | Kind::Family | Kind::FullName);
    for column in columns {
        if column.is_empty() || (is_name(column.kind) && kept.iter().any(|known| known.kind == column.kind)) {
            continue;
        }
        kept.push(column);
    }
    kept
}

/// Columns of the input as columns of the table. A full name beside its parts is evidence only by what it has more, without
/// them it is cut into them.
pub fn drafts(columns: &[InputColumn], orders: &[DateOrder]) -> Vec<Draft> {
    let parts = columns.iter().any(|column| column.kind == Kind::Given || column.kind == Kind::Family);
    let mut drafts = Vec::new();
    for (column, order) in columns.iter().zip(orders) {
        match column.kind {
            Kind::FullName if parts => drafts.push(rest(column, columns)),
            Kind::FullName => drafts.extend(cut(column)),
            Kind::Date => drafts.extend(date(column, *order)),
            kind => drafts.push(draft(column, part(kind), normaliser(kind))),
        }
    }
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
    let texts = column.values.iter().map(|value| listed(value, &normalise)).collect();
    Draft { name: column.name.clone(), part, texts, cells: column.cells.clone() }
}

/// A cell as one value, or as a list of those between `;` and `|`: aliases, telephones.
fn listed(cell: &str, normalise: impl Fn(&str) -> String) -> String {
    const BETWEENS: [char; 3] = [';', '|', BETWEEN];
    if !cell.contains(BETWEENS) {
        return normalise(cell);
    }
    let mut parts: Vec<String> =
        cell.split(BETWEENS).map(normalise).filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.join("\u{1f}")
}

fn date(column: &InputColumn, order: DateOrder) -> [Draft; 2] {
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
