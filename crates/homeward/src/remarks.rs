//! What is said of fields that could not be read: the row is taken in all the same, and nobody should learn of it by chance.

use homeward_archive::place_of;
use homeward_model::Provenance;
use std::collections::BTreeMap;

/// Remarks that are told in full; the others are counted.
const TOLD: usize = 5;

/// Remarks on the rows of some files.
#[derive(Debug, Default)]
pub struct Remarks {
    first: Vec<String>,
    all: usize,
    /// Fields that are not known here, with their rows.
    unknown: BTreeMap<String, usize>,
}

impl Remarks {
    /// Those of one row.
    pub fn add(&mut self, row: &Provenance, notes: &[String]) {
        for note in homeward_intake::unread(notes) {
            self.all += 1;
            if self.first.len() < TOLD {
                self.first.push(format!("`{}` {}: {note}", row.file, place_of(row.offset)));
            }
        }
    }

    /// Fields of a row that are kept with it and compared with nothing.
    pub fn unknown<'a>(&mut self, fields: impl Iterator<Item = &'a String>, notes: &[String]) {
        for field in fields.filter(|field| !notes.iter().any(|note| note.contains(&format!("`{field}`")))) {
            *self.unknown.entry(field.clone()).or_default() += 1;
        }
    }

    /// Says them on standard error.
    pub fn tell(&self) {
        for remark in &self.first {
            eprintln!("warning: {remark}");
        }
        if self.all > self.first.len() {
            eprintln!("warning: {} more fields could not be read", self.all - self.first.len());
        }
        let fields: Vec<String> =
            self.unknown.iter().take(8).map(|(field, rows)| format!("`{field}` ({rows} rows)")).collect();
        if !fields.is_empty() {
            let more = if self.unknown.len() > fields.len() { " and others" } else { "" };
            eprintln!(
                "warning: fields not known here are kept and compared with nothing: {}{more}",
                fields.join(", ")
            );
            eprintln!("hint: rename them with `--map theirs=ours`, such as `--map age=age_when_missing`");
        }
    }
}
