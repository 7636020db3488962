//! What others published: results of national operations since 2003, and cases by state and year, each with its source.
//!
//! Nothing here is a figure of this record, and nothing is added up across definitions: the tables are for orientation.

mod csv;
mod operations;
mod ranks;

pub use operations::{Cumulative, OfficeResult, PublishedOperation, cumulative, office_results, operations};
pub use ranks::{NoFigures, Ranked, Source, rank, sources};
