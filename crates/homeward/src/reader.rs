//! Reads the archive for the pages: a query as people type it, answered from the text index.
//!
//! It writes nothing. Who searched, and what for, stands in the audit trail of the record; `searches.jsonl` is the log of the
//! command line.

use homeward_archive::{Archive, ArchiveError, Clause, Found};
use homeward_casework::Reader;
use homeward_engine::{extract, index, query};
use homeward_model::Posting;
use homeward_rules::Rules;
use std::path::{Path, PathBuf};

/// The archive of a data folder, read as the engine reads it.
pub struct ArchiveReader {
    data: PathBuf,
    region: String,
    tag: String,
    reader: extract::Reader,
}

impl ArchiveReader {
    /// The archive of a data folder; `region` is that of numbers without a country code, such as `US`.
    pub fn new(data: &Path, region: &str) -> ArchiveReader {
        let rules = Rules::embedded();
        ArchiveReader {
            data: data.to_owned(),
            region: region.to_owned(),
            tag: index::tag(rules, region),
            reader: extract::Reader::new(rules, region),
        }
    }
}

/// Postings for which every clause holds, and the archive as it was when they were found.
pub fn look(
    data: &Path,
    reader: &extract::Reader,
    tag: &str,
    clauses: &[Clause],
    top: usize,
) -> Result<(Archive, Found), ArchiveError> {
    let read = |postings: &[Posting]| index::entries(reader, postings);
    let once = || {
        let archive = Archive::open_read(data)?;
        let found = archive.search(clauses, top, tag, &read)?;
        Ok((archive, found))
    };
    match once() {
        // A purge has taken a segment away since the manifest was read; the new manifest does not name it.
        Err(ArchiveError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => once(),
        other => other,
    }
}

impl Reader for ArchiveReader {
    fn search(&self, typed: &str, top: usize) -> Result<Found, String> {
        let clauses =
            query::parse(&self.reader, typed).map_err(|error| format!("{error}: {}", error.hint()))?;
        match look(&self.data, &self.reader, &self.tag, &clauses, top) {
            // Nothing was ever taken in: nothing is found.
            Err(ArchiveError::Missing { .. }) => Ok(Found::default()),
            // The words of the error name files of the server: they are for its operator.
            Err(error) => {
                eprintln!("error: search in region {}: {error}", self.region);
                Err("the archive cannot be read now; nothing was searched".to_owned())
            }
            Ok((_, found)) => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_cannot_be_read_says_what_to_type() {
        let folder = tempfile::tempdir().unwrap();
        let reader = ArchiveReader::new(folder.path(), "US");
        let refused = |query: &str, said: &str| {
            let why = reader.search(query, 20).unwrap_err();
            assert!(why.contains(said), "{query}: {why}");
        };
        refused("colour:blue", "there is no field `colour:`");
        refused("\"in town", "close it with a double quote");
        refused("", "the query is empty");
        assert_eq!(reader.search("town", 20), Ok(Found::default()));
    }
}
