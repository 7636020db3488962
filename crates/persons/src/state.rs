//! What a resolution leaves to later records: its records, the weights it learned and the persons it found, as plain data
//! that can be written and read.

use crate::judgements::Judgement;
use crate::layout::Layout;
use crate::learned::Learned;
use crate::resolve::Resolution;
use crate::table::{COLUMNS, Column, Table};
use crate::values::Values;
use crate::weights::Weights;
use homeward_model::Verdict;
use homeward_rules::persons::Persons;
use serde::{Deserialize, Serialize};

/// The form of states that this program writes.
pub const FORMAT: u32 = 2;

/// What is kept of a resolution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The form that it is written in.
    format: u32,
    /// The rules in force.
    pub(crate) rules: Persons,
    pub(crate) layout: Layout,
    columns: Vec<Column>,
    /// Values of each list of values, in alphabetical order.
    lists: Vec<Vec<String>>,
    ids: Vec<String>,
    rows: Vec<u32>,
    pub(crate) learned: Learned,
    /// The person of each record, later ones included.
    pub(crate) person: Vec<u32>,
    /// How sure each is there.
    pub(crate) confidence: Vec<f32>,
    /// Share of records that are alone.
    pub(crate) alone: f64,
    judgements: Vec<(String, String, String)>,
    /// Records that came later, in their order, and their texts by column.
    pub(crate) later: Vec<(String, Vec<String>)>,
}

/// A state that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Written by another version.
    #[error("it is of form {0}, and this program reads form {FORMAT}")]
    Format(u32),
    /// Made of no records.
    #[error("no column of it says anything about a person")]
    Empty,
    /// Figures that do not fit each other.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

impl State {
    /// What is kept of a resolution that was made with these judgements and rules.
    pub fn of(found: &Resolution, judgements: &[Judgement], rules: &Persons) -> State {
        State::of_table(&found.table, rules, found.weights.learned(), found.alone)
            .with(found.person.clone(), found.confidence.clone(), Vec::new())
            .judged(judgements)
    }

    /// The records of the beginning and what was learned from them.
    pub(crate) fn of_table(table: &Table, rules: &Persons, learned: Learned, alone: f64) -> State {
        let early = table.early();
        let list = |list: &Values| list.early().map(str::to_owned).collect();
        State {
            format: FORMAT,
            rules: rules.clone(),
            layout: table.layout.clone(),
            columns: table.columns.clone(),
            lists: table.values.iter().map(list).collect(),
            ids: table.ids[..early].to_vec(),
            rows: table.rows()[..early * table.width()].to_vec(),
            learned,
            person: Vec::new(),
            confidence: Vec::new(),
            alone,
            judgements: Vec::new(),
            later: Vec::new(),
        }
    }

    /// With the person of each record, how sure each is there, and the records that came later.
    pub(crate) fn with(
        self,
        person: Vec<u32>,
        confidence: Vec<f32>,
        later: Vec<(String, Vec<String>)>,
    ) -> State {
        State { person, confidence, later, ..self }
    }

    /// With these judgements.
    pub(crate) fn judged(self, judgements: &[Judgement]) -> State {
        let text = |judgement: &Judgement| {
            (judgement.id_a.clone(), judgement.id_b.clone(), judgement.verdict.word().to_owned())
        };
        State { judgements: judgements.iter().map(text).collect(), ..self }
    }

    /// The judgements in their order.
    pub(crate) fn judgements(&self) -> Result<Vec<Judgement>, StateError> {
        let read = |(a, b, verdict): &(String, String, String)| {
            let verdict =
                Verdict::parse(verdict).ok_or(StateError::Damaged("a judgement says nothing known"))?;
            Ok(Judgement { id_a: a.clone(), id_b: b.clone(), verdict })
        };
        self.judgements.iter().map(read).collect()
    }

    /// Whether the figures fit each other, so that nothing points to what is not there.
    pub(crate) fn check(&self) -> Result<(), StateError> {
        if self.format != FORMAT {
            return Err(StateError::Format(self.format));
        }
        let width = self.columns.len();
        let records = self.ids.len() + self.later.len();
        if width == 0 {
            return Err(StateError::Empty);
        }
        // Judgements leave numbers of persons free.
        let most = 4 * (records + self.judgements.len());
        let is_there = |column: &Column| column.values < self.lists.len();
        let fits = |(at, value): (usize, &u32)| {
            (*value as usize) <= self.lists[self.columns[at % width].values].len()
        };
        let faults = [
            (width > COLUMNS, "its columns"),
            (!self.columns.iter().all(is_there), "its lists of values"),
            (self.rows.len() != self.ids.len() * width, "its rows"),
            (!self.layout.fits(width), "its layout"),
            (!self.learned.fits(width), "its weights"),
            (self.person.len() != records || self.confidence.len() != records, "its persons"),
            (self.person.iter().any(|person| *person as usize > most), "its persons"),
            (self.later.iter().any(|(_, texts)| texts.len() != width), "its later records"),
            (!self.ids.is_sorted(), "its ids"),
            (!self.lists.iter().all(|list| list.is_sorted()), "its values"),
        ];
        if let Some((_, fault)) = faults.into_iter().find(|(is_wrong, _)| *is_wrong) {
            return Err(StateError::Damaged(fault));
        }
        if !self.rows.iter().enumerate().all(fits) {
            return Err(StateError::Damaged("its rows"));
        }
        Ok(())
    }

    /// The records of the beginning, and the weights that were learned from them; they are taken out.
    pub(crate) fn open(&mut self) -> (Table, Weights) {
        let (lists, ids, rows) =
            (std::mem::take(&mut self.lists), std::mem::take(&mut self.ids), std::mem::take(&mut self.rows));
        let (layout, columns) = (self.layout.clone(), self.columns.clone());
        let table = Table::of_rows(layout, columns, &lists, ids, rows, self.rules.likeness.rare);
        let weights = Weights::of(&self.learned, &table, self.rules.weights);
        (table, weights)
    }
}
