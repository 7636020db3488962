//! The system of record: every noun that people decide on, in SQLite or PostgreSQL, with its audit trail.
//!
//! Every method on people's records takes a [`Context`]: who acts, for which purpose, from where and when. It loads the
//! record, asks `access`, acts, and appends to the audit trail; what the trail cannot hold does not happen. A record that is
//! missing and one that is closed look alike from outside.
//!
//! Not here: what follows from an act for other nouns (`casework`), HTTP, and the engine.

pub mod agency;
pub mod audit;
pub mod backup;
mod body;
mod branch;
#[cfg(feature = "bench")]
pub mod bulk;
pub mod case;
mod case_body;
pub mod check;
mod connection;
pub mod contradiction;
pub mod countable;
pub mod credential;
pub mod directory;
mod disclosure;
pub mod disposition;
pub mod draft;
pub mod emergency;
mod error;
pub mod event;
mod fact_result;
pub mod form_draft;
pub mod history;
pub mod import;
pub mod initiative;
pub mod job;
pub mod judgement;
mod keys;
pub mod lead;
pub mod member;
mod migration;
pub mod notification;
pub mod operation;
pub mod operator;
pub mod outcomes;
pub mod period;
pub mod provider_record;
mod purge;
mod read;
mod record;
pub mod recovery;
pub mod referral;
pub mod release;
pub mod release_log;
pub mod report;
pub mod result;
mod schema;
mod scope_sql;
mod seal;
pub mod service_note;
pub mod service_plan;
pub mod services;
pub mod session;
pub mod snapshot;
pub mod tip;
mod values;
pub mod victim;
mod wall;
mod write;

pub use error::{Result, StoreError};
pub use migration::{SchemaState, schema_state};
pub use read::{Count, Listed, Page};
pub use record::{Held, Revision};
pub use seal::Restriction;

use audit::entry::Entry;
use audit::{Auditor, Breach, Group, Verified};
use homeward_access::{Actor, Purpose};
use homeward_model::Instant;
use keys::Keys;
use sea_orm::DatabaseConnection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio::sync::Mutex;

/// Who acts, what for, from where and when. Nothing is read or written without one.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// What for.
    pub purpose: &'a Purpose,
    /// From which address.
    pub from: &'a str,
    /// When.
    pub now: Instant,
}

/// An act of nobody who signed in: the public page, a worker, the command line of the operator. Few methods take it, and
/// none that shows people's records.
#[derive(Clone, Copy, Debug)]
pub struct Outside<'a> {
    /// From which address, or which worker.
    pub from: &'a str,
    /// When.
    pub now: Instant,
}

/// Where the files beside the database are.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The key that signs the audit trail.
    pub audit_key_path: PathBuf,
    /// The file to which every signed head is copied; on another disk, or where the database's owner cannot write.
    pub witness: Option<PathBuf>,
    /// The keys of sealed records.
    pub key_file: PathBuf,
}

/// The system of record. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    connection: DatabaseConnection,
    auditor: Arc<Auditor>,
    group: Group,
    keys: Keys,
    turn: Arc<Mutex<()>>,
    counting: OnceLock<result::Counting>,
    counted: countable::Remembered,
}

impl Store {
    /// Opens a database by its URL (`sqlite:FILE`, `postgres://...`), brings it to the newest schema, and starts the writer
    /// of the audit trail on the current Tokio runtime. A database that a newer version wrote is refused.
    pub async fn open(url: &str, options: StoreOptions) -> Result<Store> {
        let connection = connection::connect(url).await?;
        migration::migrate(&connection).await?;
        let keys = Keys::open(&options.key_file)?;
        purge::complete(&connection, &keys).await?;
        let auditor = Arc::new(Auditor::open(&connection, &options.audit_key_path, options.witness).await?);
        let turn = Arc::new(Mutex::new(()));
        let group = Group::start(connection.clone(), Arc::clone(&auditor), Arc::clone(&turn));
        let counting = OnceLock::new();
        Ok(Store(Arc::new(Inner {
            connection,
            auditor,
            group,
            keys,
            turn,
            counting,
            counted: countable::Remembered::default(),
        })))
    }

    /// Whether database, trail and witness can be written; writes an entry to find out.
    pub async fn healthy(&self, outside: Outside<'_>) -> Result<()> {
        self.note(Entry::system(outside.from, "health check", None, outside.now)).await
    }

    /// Hashes the audit trail anew and holds it against every signed head, in the database and in the witness file.
    /// `Ok(Err(..))` lists what does not fit.
    pub async fn verify(&self, witness: Option<&Path>) -> Result<std::result::Result<Verified, Vec<Breach>>> {
        self.0.auditor.verify(&self.0.connection, witness).await
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.0.connection
    }

    pub(crate) fn auditor(&self) -> &Auditor {
        &self.0.auditor
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn turn(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.0.turn)
    }

    /// Appends one entry and returns once it is committed.
    pub(crate) async fn note(&self, entry: Entry) -> Result<()> {
        self.0.group.note(entry).await
    }
}
