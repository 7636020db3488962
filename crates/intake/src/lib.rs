//! Outside formats to typed records with provenance. A bad row is data too: it comes back with its reason and raw text.
//!
//! Formats are told by content. Every cell is text; identity, leading zeros and unknown fields are kept.

mod lines;
mod missing;
mod posting;
mod record;

pub use record::{Record, text_of};

use homeward_model::{Authority, MissingReport, Posting, RowOffset};
use std::path::{Path, PathBuf};

/// How to read a file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name of the source; `default` when not said.
    pub source: Option<String>,
    /// Legal authority of the source.
    pub authority: Authority,
    /// Theirs and ours: columns to rename. Numbers name the columns of a file without headers, from 1.
    pub mappings: Vec<(String, String)>,
}

/// A row that could not be taken, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// File as given.
    pub file: String,
    /// Where the row begins.
    pub offset: RowOffset,
    /// Reason in words.
    pub reason: String,
    /// The raw text, cut after 64 KiB.
    pub raw: String,
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<T> {
    /// Read.
    Good(T),
    /// Not taken.
    Rejected(Rejected),
}

/// A file that could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The operating system refused.
    #[error("failed to read `{file}`: {source}")]
    Io {
        /// The file.
        file: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Not a format that is read here.
    #[error("`{file}` is {what}, which is not read here")]
    Format {
        /// The file.
        file: String,
        /// What it seems to be.
        what: &'static str,
    },
    /// No column is known.
    #[error("`{file}` has no column that is known here: {found}")]
    Columns {
        /// The file.
        file: String,
        /// The columns found.
        found: String,
    },
}

impl IntakeError {
    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            IntakeError::Io { .. } => None,
            IntakeError::Format { .. } => Some("unpack it first; JSON Lines, CSV and TSV are read"),
            IntakeError::Columns { .. } => Some(
                "rename columns with `--map theirs=ours`, or number them when there is no header: `--map 2=text`",
            ),
        }
    }
}

/// Reads postings; `each` returns false to stop.
pub fn read_postings(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Item<Posting>) -> bool,
) -> Result<(), IntakeError> {
    lines::read(path, options, &|record| posting::from_record(record, options), each)
}

/// Reads missing reports; `each` returns false to stop.
pub fn read_missing(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Item<MissingReport>) -> bool,
) -> Result<(), IntakeError> {
    lines::read(path, options, &|record| missing::from_record(record, options), each)
}

/// Reads rows as they are; `each` returns false to stop.
pub fn read_table(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Item<Record>) -> bool,
) -> Result<(), IntakeError> {
    lines::read(path, options, &|record| Ok(record), each)
}

/// The files that some arguments name: folders are searched, hidden entries left out, the order is by path.
pub fn files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, IntakeError> {
    let mut found = Vec::new();
    for input in inputs {
        collect(input, &mut found)?;
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), IntakeError> {
    let failed = |source| IntakeError::Io { file: path.display().to_string(), source };
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        found.push(path.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            collect(&entry.path(), found)?;
        }
    }
    Ok(())
}
