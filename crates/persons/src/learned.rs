//! Weights as plain data: shares and dependences that were learned. What is counted is counted anew from the records.

use crate::moves::Moves;
use crate::table::Table;
use crate::weights::{ColumnWeights, KINDS, KinWeights, Parent, Shares, Together, Weights};
use homeward_rules::persons::Weights as Rules;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    columns: Vec<LearnedColumn>,
    swapped: [f64; 2],
    share: f64,
    moves: Moves,
    kin: Vec<LearnedKin>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LearnedColumn {
    person: Shares,
    strangers: Shares,
    near: Shares,
    /// Columns and shares of [`Parent`].
    parents: Vec<(usize, Shares)>,
    /// Column and shares of [`Together`].
    together: Option<(usize, [Shares; 2])>,
    /// Two values and their weight.
    forms: Vec<(u32, u32, f32)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LearnedKin {
    own: Vec<bool>,
    shares: Vec<Shares>,
    share: f64,
}

impl Learned {
    /// Whether it is of so many columns.
    pub fn fits(&self, width: usize) -> bool {
        let is_column = |at: usize| at < width;
        self.columns.len() == width
            && self.kin.len() <= KINDS
            && self.share > 0.0
            && self.share < 1.0
            && self.moves.fits(width)
            && self.kin.iter().all(|kin| kin.own.len() == width && kin.shares.len() == width)
            && self.columns.iter().all(|column| {
                column.parents.iter().all(|(at, _)| is_column(*at))
                    && column.together.iter().all(|(at, _)| is_column(*at))
            })
    }
}

impl Weights {
    /// What was learned.
    pub fn learned(&self) -> Learned {
        let column = |column: &ColumnWeights| {
            let form = |(pair, weight): (&u64, &f32)| ((pair >> 32) as u32, *pair as u32, *weight);
            let mut forms: Vec<(u32, u32, f32)> = column.forms.iter().map(form).collect();
            forms.sort_unstable_by_key(|(a, b, _)| (*a, *b));
            LearnedColumn {
                person: column.person,
                strangers: column.strangers,
                near: column.near,
                parents: column.parents.iter().map(|parent| (parent.column, parent.strangers)).collect(),
                together: column.together.as_ref().map(|other| (other.column, other.added)),
                forms,
            }
        };
        let kin = |kin: &KinWeights| LearnedKin {
            own: kin.own.clone(),
            shares: kin.shares.clone(),
            share: kin.share,
        };
        Learned {
            columns: self.columns.iter().map(column).collect(),
            swapped: self.swapped,
            share: self.share,
            moves: self.moves.clone(),
            kin: self.kin.iter().map(kin).collect(),
        }
    }

    /// The weights of a table from which this was learned.
    pub fn of(learned: &Learned, table: &Table, rules: Rules) -> Weights {
        let column = |(at, own): (usize, &LearnedColumn)| {
            let mut column = ColumnWeights::new(table.columns[at].part, own.person, rules);
            (column.strangers, column.near) = (own.strangers, own.near);
            let parent = |(on, shares): &(usize, Shares)| Parent::new(table, *on, at, *shares);
            column.parents = own.parents.iter().map(parent).collect();
            column.together = own.together.map(|(column, added)| Together { column, added });
            let form = |(a, b, weight): &(u32, u32, f32)| (crate::likeness::unordered(*a, *b), *weight);
            column.forms = own.forms.iter().map(form).collect();
            column
        };
        let kin = |kin: &LearnedKin| KinWeights::of(kin.own.clone(), kin.shares.clone(), kin.share);
        let mut weights = Weights {
            columns: learned.columns.par_iter().enumerate().map(column).collect(),
            swapped: learned.swapped,
            share: learned.share,
            moves: learned.moves.clone(),
            kin: learned.kin.iter().map(kin).collect(),
        };
        weights.count(table);
        weights.prepare();
        weights
    }
}
