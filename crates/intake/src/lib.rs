//! Outside formats to typed records with provenance. A bad row is data too: it comes back with its reason and raw text.
//!
//! Formats are told by content. Every cell is text; identity, leading zeros and unknown fields are kept.

mod cdr;
mod columnar;
mod digest;
mod html;
mod http;
mod lines;
mod media;
mod members;
mod missing;
mod page;
mod pfif;
mod posting;
mod record;
mod sink;
mod source;
mod table;
mod text;
mod warc;
mod xml;

pub use record::{Record, text_of, unread};

use homeward_model::{Authority, Digest, Instant, MissingReport, Posting, RowOffset};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use source::Wanted;

/// How a file is written, when that is said rather than told by content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Told by content.
    #[default]
    Auto,
    /// JSON Lines.
    Jsonl,
    /// CSV or TSV.
    Csv,
    /// Parquet.
    Parquet,
    /// Web archive.
    Warc,
    /// Memex common data repository.
    Cdr,
    /// People Finder Interchange Format.
    Pfif,
}

impl Format {
    /// Every format with its word on the command line.
    pub const ALL: [(Format, &'static str); 7] = [
        (Format::Auto, "auto"),
        (Format::Jsonl, "jsonl"),
        (Format::Csv, "csv"),
        (Format::Parquet, "parquet"),
        (Format::Warc, "warc"),
        (Format::Cdr, "cdr"),
        (Format::Pfif, "pfif"),
    ];

    /// The word for this format.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Format> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(format, _)| *format)
    }
}

/// What was seen of a file, taken or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows or records, all of them.
    pub records: u64,
    /// Of these: images, videos and sounds, hashed and passed over.
    pub media: u64,
    /// Of these: records that say nothing about a posting, such as requests.
    pub passed: u64,
}

/// How to read a file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name of the source; `default` when not said.
    pub source: Option<String>,
    /// Legal authority of the source.
    pub authority: Authority,
    /// How files are written; told by content when not said.
    pub format: Format,
    /// Theirs and ours: columns to rename. Numbers name the columns of a file without headers, from 1.
    pub mappings: Vec<(String, String)>,
    /// Columns, by their names in the file, without which a file is not read: JSON Lines must have each of them in some row.
    pub required: Vec<String>,
    /// What the clock says: nobody is born later.
    pub now: Option<Instant>,
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

/// An image, video or sound that was passed over: where it stands and what it hashes to, never its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// File as given.
    pub file: String,
    /// Where its record begins.
    pub offset: RowOffset,
    /// Media type as the record gives it.
    pub media_type: String,
    /// Its address.
    pub url: Option<String>,
    /// SHA-256 of its bytes, where the record carries them.
    pub sha256: Option<Digest>,
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<T> {
    /// Read.
    Good(T),
    /// Not taken.
    Rejected(Rejected),
    /// Passed over.
    Media(Media),
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
    /// The folder that what is read goes into.
    #[error("`{file}` is the data folder itself, which holds what was taken in before")]
    Own {
        /// The folder.
        file: String,
    },
    /// Not a format that is read here.
    #[error("`{file}` is {what}, which is not read here")]
    Format {
        /// The file.
        file: String,
        /// What it seems to be.
        what: &'static str,
    },
    /// Not the format that was said.
    #[error("`{file}` is not what `--format {format}` says")]
    Forced {
        /// The file.
        file: String,
        /// The format said.
        format: &'static str,
    },
    /// The format is known, its bytes are not in order.
    #[error("`{file}` is damaged: {what}")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        what: String,
    },
    /// A packed web archive whose records cannot be told apart.
    #[error("`{file}` does not have one gzip member for each record")]
    Members {
        /// The file.
        file: String,
    },
    /// No column is known.
    #[error("`{file}` has no column that is known here: {found}")]
    Columns {
        /// The file.
        file: String,
        /// The columns found.
        found: String,
    },
    /// A column that was asked for is not there.
    #[error("`{file}` has no column `{column}`; it has {found}")]
    Absent {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The columns found.
        found: String,
    },
}

impl IntakeError {
    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            IntakeError::Io { .. } | IntakeError::Absent { .. } => None,
            IntakeError::Own { .. } => Some("name the files or folders beside it that are to be taken in"),
            IntakeError::Format { .. } => Some(
                "JSON Lines, CSV, TSV, Parquet, WARC and, for missing reports, PFIF are read; unpack or convert it first",
            ),
            IntakeError::Forced { .. } => Some("leave `--format` away, and the content decides"),
            IntakeError::Damaged { .. } => Some("fetch the file again"),
            IntakeError::Members { .. } => Some("unpack it with `gzip -d` and give the plain file"),
            IntakeError::Columns { .. } => Some(
                "rename columns with `--map theirs=ours`, or number them when there is no header: `--map 2=text`",
            ),
        }
    }

    fn columns(file: &str, names: &[String]) -> IntakeError {
        IntakeError::Columns { file: file.to_owned(), found: listed(names) }
    }

    fn absent(file: &str, column: &str, names: &[String]) -> IntakeError {
        let (file, column) = (file.to_owned(), column.to_owned());
        IntakeError::Absent { file, column, found: listed(names) }
    }

    /// Whether a header, as it stands in the file, has all columns that were asked for.
    fn lacks(file: &str, names: &[String], options: &Options) -> Result<(), IntakeError> {
        let is_there = |column: &&String| names.iter().any(|name| is_named(name, column));
        match options.required.iter().find(|column| !is_there(column)) {
            Some(column) => Err(IntakeError::absent(file, column, names)),
            None => Ok(()),
        }
    }
}

/// The first of some columns, for a person.
fn listed(names: &[String]) -> String {
    let shown = |name: &String| format!("`{}`", name.trim().chars().take(30).collect::<String>());
    names.iter().take(8).map(shown).collect::<Vec<_>>().join(", ")
}

/// Columns of which a table has at least one; without any, the first row is no header.
const KNOWN: [&str; 16] = [
    "id",
    "id_a",
    "text",
    "body",
    "title",
    "given_name",
    "first_name",
    "rec_id",
    "unique_id",
    "url",
    "hash",
    "sha256",
    "pdq",
    "path",
    "case_number",
    "contacts",
];

fn known(names: &[String]) -> bool {
    names.iter().any(|name| KNOWN.contains(&name.as_str()))
}

/// Whether a column of a file is the one that somebody named.
fn is_named(name: &str, column: &str) -> bool {
    name.trim().eq_ignore_ascii_case(column.trim())
}

/// Our names for the columns of a file: trimmed, lower case, renamed where that is said. A column that has the name another is
/// given steps aside and is kept as a field that is not known here.
fn rename<'a>(names: impl Iterator<Item = &'a str> + Clone, options: &Options) -> Vec<String> {
    let said = |name: &str| options.mappings.iter().find(|(theirs, _)| is_named(name, theirs));
    let given: Vec<String> =
        names.clone().filter_map(said).map(|(_, ours)| ours.trim().to_lowercase()).collect();
    let ours = |name: &str| {
        let own = name.trim().to_lowercase();
        match said(name) {
            Some((_, ours)) => ours.trim().to_lowercase(),
            None if given.contains(&own) => format!("their {own}"),
            None => own,
        }
    };
    names.map(ours).collect()
}

/// Reads postings; `each` returns false to stop.
pub fn read_postings(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Item<Posting>) -> bool,
) -> Result<Tally, IntakeError> {
    source::read(path, options, Wanted::Postings, &|record| posting::from_record(record, options), each)
}

/// Reads postings and keeps of each what `take` makes of it, on all cores: for files of which not everything is wanted.
pub fn read_postings_as<T: Send>(
    path: &Path,
    options: &Options,
    take: &(dyn Fn(Posting) -> T + Sync),
    each: &mut dyn FnMut(Item<T>) -> bool,
) -> Result<Tally, IntakeError> {
    let convert = |record| posting::from_record(record, options).map(take);
    source::read(path, options, Wanted::Postings, &convert, each)
}

/// Reads missing reports; `each` returns false to stop.
pub fn read_missing(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Item<MissingReport>) -> bool,
) -> Result<Tally, IntakeError> {
    source::read(path, options, Wanted::Reports, &|record| missing::from_record(record, options), each)
}

/// Reads rows as they are; `each` returns false to stop.
pub fn read_table(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Item<Record>) -> bool,
) -> Result<Tally, IntakeError> {
    source::read(path, options, Wanted::Rows, &Ok, each)
}

/// The files that some arguments name: folders are searched, hidden entries left out, the order is by path. In a folder only
/// files are taken, not pipes or devices; a link is followed, and no folder is searched twice. `data`, the folder that what is
/// read goes into, is passed by.
pub fn files(inputs: &[PathBuf], data: &Path) -> Result<Vec<PathBuf>, IntakeError> {
    let own = data.canonicalize().ok();
    let mut searched: HashSet<PathBuf> = own.iter().cloned().collect();
    let mut found = Vec::new();
    for input in inputs {
        let failed = failed(input);
        if !std::fs::metadata(input).map_err(&failed)?.is_dir() {
            found.push(input.clone());
            continue;
        }
        if Some(input.canonicalize().map_err(failed)?) == own {
            return Err(IntakeError::Own { file: input.display().to_string() });
        }
        search_folder(input, &mut searched, &mut found)?;
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> IntakeError {
    |source| IntakeError::Io { file: path.display().to_string(), source }
}

fn search_folder(
    folder: &Path,
    searched: &mut HashSet<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> Result<(), IntakeError> {
    if !searched.insert(folder.canonicalize().map_err(failed(folder))?) {
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !is_hidden {
            entries.push((path.is_symlink(), path));
        }
    }
    // What is here itself comes before what is only linked from here.
    entries.sort();
    for (is_link, path) in entries {
        match std::fs::metadata(&path) {
            Ok(there) if there.is_dir() => search_folder(&path, searched, found)?,
            Ok(there) if there.is_file() => found.push(path),
            Ok(_) => {}
            // A link that leads nowhere, or round and round.
            Err(_) if is_link => {}
            Err(error) => return Err(failed(&path)(error)),
        }
    }
    Ok(())
}
