//! Why an act did not happen, by what the person who tried it can do.

use crate::{Held, Page};
use homeward_archive::ArchiveError;
use homeward_model::{IllegalMove, Instant, MemberId, Refused};
use homeward_store::StoreError;

/// An act that did not happen. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Trouble {
    /// There is no such record, or not for this person.
    #[error("there is no such {noun}, or you may not do this to it")]
    Missing {
        /// The noun.
        noun: &'static str,
    },
    /// Somebody changed it since it was read.
    #[error("somebody changed this {noun} since you read it: it is at version {now}, you saw version {seen}")]
    Conflict {
        /// The noun.
        noun: &'static str,
        /// The version that the person saw.
        seen: i64,
        /// The version it has.
        now: i64,
        /// Who changed it last.
        by: Option<MemberId>,
        /// When.
        at: Instant,
    },
    /// Somebody answered already what was to be answered.
    #[error("this {noun} was {word} already, at {at}; nothing was changed")]
    Answered {
        /// The noun.
        noun: &'static str,
        /// What became of it, as in `declined`.
        word: &'static str,
        /// Who answered.
        by: MemberId,
        /// When.
        at: Instant,
    },
    /// The state of the record does not allow it, or another record stands in the way.
    #[error("{0}")]
    Illegal(String),
    /// What was given cannot be.
    #[error("{0}")]
    Invalid(String),
    /// It cannot be done now: the audit trail, the database or the archive cannot be used. The text is for the operator.
    #[error("{0}")]
    Unavailable(String),
}

/// The outcome of an act.
pub type Result<T> = std::result::Result<T, Trouble>;

impl Trouble {
    /// A field that cannot be taken as it is, with what to do.
    pub fn invalid(what: impl Into<String>) -> Trouble {
        Trouble::Invalid(what.into())
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        match error {
            StoreError::NotFound { noun } | StoreError::Purged { noun } => Trouble::Missing { noun },
            StoreError::Conflict { noun, seen, now, by, at } => Trouble::Conflict { noun, seen, now, by, at },
            StoreError::Answered { noun, word, by, at } => Trouble::Answered { noun, word, by, at },
            StoreError::Exists { .. } => Trouble::Illegal(error.to_string()),
            StoreError::Illegal(illegal) => illegal.into(),
            StoreError::Refused(refused) => refused.into(),
            // Somebody whose jobs read nothing of a kind has an empty list, not a broken one.
            StoreError::CannotList(_) => Trouble::Missing { noun: "list" },
            other => Trouble::Unavailable(other.to_string()),
        }
    }
}

impl From<IllegalMove> for Trouble {
    fn from(illegal: IllegalMove) -> Trouble {
        Trouble::Illegal(illegal.to_string())
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Trouble {
        Trouble::Invalid(refused.to_string())
    }
}

impl From<ArchiveError> for Trouble {
    fn from(error: ArchiveError) -> Trouble {
        Trouble::Unavailable(error.to_string())
    }
}
/// What was found; nothing where the actor has nothing of it to see.
pub fn if_any<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Trouble::Missing { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The records of a page; none where the actor has none to see.
pub fn records<N>(page: Result<Page<N>>) -> Result<Vec<Held<N>>> {
    Ok(if_any(page)?.map(|page| page.records).unwrap_or_default())
}
