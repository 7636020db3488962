//! What can go wrong in an archive, always with the file it went wrong with.

use crate::manifest::FORMAT;
use std::path::Path;

/// What went wrong, with the file it went wrong with.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The operating system refused.
    #[error("failed to {what} `{path}`: {source}")]
    Io {
        /// The operation.
        what: &'static str,
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("failed to write `{path}`: {why}")]
    Write {
        /// The file or folder.
        path: String,
        /// The cause, as the library that writes it says it.
        why: String,
    },
    /// A file does not hold what it should.
    #[error("`{path}` is damaged: {why}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// Written by a newer version.
    #[error("`{path}` was written by a newer version (layout {found}, this build knows {FORMAT})")]
    Newer {
        /// The folder.
        path: String,
        /// Layout found.
        found: u32,
    },
    /// In use.
    #[error("`{path}` is in use by {holder}")]
    Held {
        /// The folder.
        path: String,
        /// Who holds it.
        holder: String,
    },
    /// Another run has been made since.
    #[error("run `{run}` is not the latest any more")]
    NotLatest {
        /// The run.
        run: String,
    },
    /// Nothing there.
    #[error("there is no archive in `{path}`")]
    Missing {
        /// The folder.
        path: String,
    },
}

impl ArchiveError {
    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ArchiveError::Missing { .. } => {
                Some("`homeward ingest FILE` makes one, `--data DIR` names another")
            }
            ArchiveError::Held { .. } => Some("wait for it to end, or name another folder with `--data`"),
            ArchiveError::Newer { .. } => Some("use the newer version; nothing was changed"),
            ArchiveError::Write { .. } => Some(FULL),
            ArchiveError::Io { what: "write", source, .. } if is_full(source) => Some(FULL),
            _ => None,
        }
    }
}

const FULL: &str = "make room on the disk and give the same command again; the last complete state is kept";

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ArchiveError {
    let path = path.display().to_string();
    move |source| ArchiveError::Io { what, path, source }
}

pub(crate) fn damaged(path: &Path, why: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Damaged { path: path.display().to_string(), why: why.to_string() }
}

pub(crate) fn unwritten(path: &Path, why: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Write { path: path.display().to_string(), why: why.to_string() }
}
