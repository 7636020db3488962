//! Linkage: the pure algorithms. Text to selectors and templates, postings to owners, reports to networks.
//!
//! No file, clock or randomness: every function is a function of its arguments, and where a result could depend on the
//! order of the input, the input is sorted by content key first, so that any order and any batching give the same bytes.

pub mod changes;
pub mod describe;
pub mod facts;
mod forest;
pub mod matching;
mod names;
pub mod normalise;
pub mod outcomes;
pub mod owners;
pub mod pdq_index;
pub mod ranking;
mod region;
pub mod same_child;
pub mod selectors;
pub mod templates;

pub use region::region;
