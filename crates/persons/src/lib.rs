//! Which records are of one person. Weights are learned from the records without labels, records are grouped by the evidence
//! of all members together, and every pair and every person can be explained value by value.
//!
//! No file, clock or randomness: the same records and judgements give the same result, whatever their order and however many
//! threads there are. The way: [`table`] normalises, `blocking` finds candidate pairs, `learn` learns `weights`,
//! `groups` and `sweeps` group, `forms` learns from groups, [`resolve()`] puts them in a row. [`State`] keeps what came of it, and
//! [`Ready`] takes later records in, one by one, in milliseconds.

pub mod blocking;
mod compare;
mod dependence;
pub mod explain;
mod forms;
mod groups;
mod index;
pub mod judgements;
mod keys;
pub mod kind;
mod layout;
mod learn;
mod learned;
pub mod likeness;
mod moves;
pub mod normalise;
pub mod reach;
pub mod ready;
pub mod resolve;
mod sample;
pub mod state;
mod strings;
mod sweeps;
pub mod table;
mod values;
mod weights;

pub use judgements::{Contradiction, Judgement};
pub use kind::Kind;
pub use reach::Reach;
pub use ready::{Answer, Found, Ready};
pub use resolve::{Pair, Resolution, resolve};
pub use state::{State, StateError};
pub use table::{Input, InputColumn, Table, TableError};
pub use values::BETWEEN;

use rustc_hash::FxHashSet;
use std::sync::OnceLock;

/// Given names and their short forms (carltonnorthern/nicknames, Apache-2.0).
pub(crate) fn nicknames() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../../linkage/data/nicknames.txt").lines().filter_map(|line| line.split_once(','))
}

/// Whether a word in lower case is a given name.
pub fn is_given_name(word: &str) -> bool {
    static NAMES: OnceLock<FxHashSet<&'static str>> = OnceLock::new();
    let names = || include_str!("../../linkage/data/given_names.txt").lines().collect();
    NAMES.get_or_init(names).contains(word)
}
