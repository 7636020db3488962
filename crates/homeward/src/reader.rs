//! Reads the archive for the pages: a query as people type it, answered from the text index.
//!
//! It writes nothing. Who searched, and what for, stands in the audit trail of the record; `searches.jsonl` is the log of the
//! command line.

use homeward_archive::{Archive, ArchiveError, Found};
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

    fn look(&self, clauses: &[homeward_archive::Clause], top: usize) -> Result<Found, ArchiveError> {
        let read = |postings: &[Posting]| index::entries(&self.reader, postings);
        Archive::open_read(&self.data)?.search(clauses, top, &self.tag, &read)
    }
}

impl Reader for ArchiveReader {
    fn search(&self, typed: &str, top: usize) -> Result<Found, String> {
        let clauses =
            query::parse(&self.reader, typed).map_err(|error| format!("{error}: {}", error.hint()))?;
        let found = match self.look(&clauses, top) {
            // A purge has taken a segment away since the manifest was read; the new manifest does not name it.
            Err(ArchiveError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                self.look(&clauses, top)
            }
            other => other,
        };
        match found {
            // Nothing was ever taken in: nothing is found.
            Err(ArchiveError::Missing { .. }) => Ok(Found::default()),
            // The words of the error name files of the server: they are for its operator.
            Err(error) => {
                eprintln!("error: search in region {}: {error}", self.region);
                Err("the archive cannot be read now; nothing was searched".to_owned())
            }
            Ok(found) => Ok(found),
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
