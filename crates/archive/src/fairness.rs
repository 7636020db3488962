//! The report of fairness that was kept last: counts and rates by group, and no record of anybody.

use crate::Archive;
use crate::error::{ArchiveError, damaged};
use crate::files::{read_if_there, write_whole};
use serde::{Deserialize, Serialize};

/// How well matching does for whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FairnessReport {
    /// When it was made.
    pub at: String,
    /// What it was measured on.
    pub on: String,
    /// Whether it is known whose child was missed; judgements cannot say it.
    pub recall_known: bool,
    /// Below this many no rate is stated.
    pub least: usize,
    /// The level below which a corrected p-value is called larger than chance.
    pub level: f64,
    /// Everybody.
    pub all: Grouped,
    /// By each dimension.
    pub groups: Vec<GroupedBy>,
    /// Comparisons that were made, the smallest corrected p-value first.
    pub compared: Vec<Compared>,
    /// Comparisons that were not made because one side is too small.
    pub not_compared: usize,
    /// Which differences are larger than chance and which are not, in plain words.
    pub said: Vec<String>,
}

/// The groups of one dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupedBy {
    /// What is grouped by.
    pub by: String,
    /// The groups, most reports first.
    pub groups: Vec<Grouped>,
}

/// The figures of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grouped {
    /// What it is called.
    pub group: String,
    /// Reports in it.
    pub reports: usize,
    /// Present children with the right candidate among the first five.
    pub recall_at_5: Figure,
    /// Rows above .5 that are right.
    pub precision_above_half: Figure,
    /// Rows above .9 that are right.
    pub precision_above_nine_tenths: Figure,
    /// Mean distance of the probability stated from the share right.
    pub calibration_error: Figure,
}

/// A figure with its 95 % interval; the number alone where it is too small to state one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Out of how many.
    pub of: usize,
    /// The figure.
    pub value: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// A group against all others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What is grouped by.
    pub by: String,
    /// The group.
    pub group: String,
    /// What is compared.
    pub measure: String,
    /// The group's figure.
    pub here: f64,
    /// That of all others.
    pub all_others: f64,
    /// The p-value corrected for all comparisons.
    pub corrected_p: f64,
    /// Whether the difference is larger than chance.
    pub larger_than_chance: bool,
}

impl Archive {
    /// Keeps a report in the place of the one before.
    pub fn keep_fairness(&mut self, report: &FairnessReport) -> Result<(), ArchiveError> {
        let path = self.root.join("fairness.json");
        let text = serde_json::to_string_pretty(report).map_err(|error| damaged(&path, error))?;
        write_whole(&path, format!("{text}\n").as_bytes())
    }

    /// The report that was kept last.
    pub fn fairness(&self) -> Result<Option<FairnessReport>, ArchiveError> {
        let path = self.root.join("fairness.json");
        let Some(text) = read_if_there(&path)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| damaged(&path, error))
    }
}
