//! The engine: from postings and reports to an immutable run of explained findings.
//!
//! [`extract`] reads each posting once; [`pipeline`] finds families, owners and matches of a *set* of postings; [`run`] keeps
//! what can be kept between batches and writes the result; [`urgent`] matches one report alone against the latest run. The answer is a function of the set, never of its order or of
//! the batches in which it came.

mod contradiction;
pub mod decided;
pub mod extract;
pub mod facts_file;
pub mod in_force;
pub mod index;
mod known;
mod memory_file;
pub mod pipeline;
pub mod query;
pub mod run;
pub mod tables;
pub mod urgent;
