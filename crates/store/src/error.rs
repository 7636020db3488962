//! What can go wrong, by who must act: the caller, the operator, or us.

use homeward_access::CannotList;
use homeward_model::{IllegalMove, Instant, MemberId, Refused};
use sea_orm::DbErr;

/// An act that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such record, or the actor may not do this to it: the two look alike. The audit trail knows which.
    #[error("there is no such {noun}, or you may not do this to it")]
    NotFound {
        /// The noun.
        noun: &'static str,
    },
    /// Somebody changed it since the caller read it. Nothing was written.
    #[error("the {noun} is at version {now} since {at}, not at version {seen}")]
    Conflict {
        /// The noun.
        noun: &'static str,
        /// The version that the caller saw.
        seen: i64,
        /// The version it has.
        now: i64,
        /// Who changed it last.
        by: Option<MemberId>,
        /// When.
        at: Instant,
    },
    /// Another record was made with the same id, or has the same name where names are unique.
    #[error("there is another {noun} with the same {what}")]
    Exists {
        /// The noun.
        noun: &'static str,
        /// What is the same.
        what: &'static str,
    },
    /// A move that the state does not allow.
    #[error(transparent)]
    Illegal(#[from] IllegalMove),
    /// Somebody answered already what was to be answered.
    #[error("this {noun} was {word} already, at {at}")]
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
    /// A value that cannot be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The policies cannot be asked for this list.
    #[error(transparent)]
    CannotList(#[from] CannotList),
    /// The audit trail, or its witness, cannot be written: so nothing was done.
    #[error("the audit trail cannot be written: {0}")]
    Audit(String),
    /// The key of a record was destroyed: it was purged.
    #[error("the {noun} was purged")]
    Purged {
        /// The noun.
        noun: &'static str,
    },
    /// The key file cannot be read or written.
    #[error("the key file `{path}` cannot be used: {because}")]
    Keys {
        /// The file.
        path: String,
        /// Why not.
        because: String,
    },
    /// A backup cannot be written, or is not what was written.
    #[error("the backup `{path}` cannot be used: {because}")]
    Backup {
        /// The file or folder.
        path: String,
        /// Why not.
        because: String,
    },
    /// A backup is restored into an empty database only.
    #[error("the database is not empty: table `{table}` has {rows} rows")]
    NotEmpty {
        /// A table that holds something.
        table: &'static str,
        /// How many rows it has.
        rows: i64,
    },
    /// The database was written by a newer version of this program.
    #[error("the database was written by a newer version: it knows `{migration}`")]
    Newer {
        /// A migration that this build does not know.
        migration: String,
    },
    /// What the database holds breaks a rule that every writer keeps.
    #[error("table `{table}`, row `{row}`: {because}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row.
        row: String,
        /// What is wrong.
        because: String,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
}

impl StoreError {
    /// What to do about it, where that is known.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            StoreError::Conflict { .. } => Some("read it again, look at what changed, and decide anew"),
            StoreError::Audit(_) => Some("make room or restore the connection; the act can then be repeated"),
            StoreError::Newer { .. } => Some("use the version that wrote it, or a later one"),
            StoreError::Keys { .. } => Some("restore the key file; without it sealed records cannot be read"),
            StoreError::Backup { .. } => Some("take another copy of it, or an older backup"),
            StoreError::NotEmpty { .. } => Some("restore into a new database"),
            StoreError::Inconsistent { .. } => Some("run `homeward audit verify`: it says what was changed"),
            _ => None,
        }
    }
}

/// The outcome of an act on the store.
pub type Result<T> = std::result::Result<T, StoreError>;
