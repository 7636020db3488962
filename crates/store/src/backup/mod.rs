//! Backups: a consistent copy of every table in one folder, the same from SQLite and from PostgreSQL, and back into either.
//!
//! Keys are not in it: they are copied apart ([`Store::back_up_keys`]) and kept apart, so that a stolen backup opens no sealed
//! record, and a record whose key was destroyed stays purged whatever is restored. Sessions are left out: whoever restores
//! signs in again.

mod manifest;
mod restore;
mod rows;

pub use restore::Restored;

use crate::audit::Head;
use crate::audit::entry::Entry;
use crate::connection::snapshot;
use crate::keys::{private, private_folder};
use crate::schema::{self, Table};
use crate::{Outside, Result, Store};
use aws_lc_rs::digest::{Context as Hasher, SHA256};
use homeward_model::Digest;
use manifest::{Copied, Manifest, failed};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Rows that are held at a time.
const PAGE: u64 = 500;

/// The table that is left out.
const LEFT_OUT: &str = "session";

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// How many entries of the audit trail it has.
    pub entries: u64,
    /// The last head of the trail in it.
    pub head: Option<Head>,
    /// How many records.
    pub records: u64,
}

impl Store {
    /// Copies every table as it is at one moment into a folder that is empty or not there yet. The backup is itself in the
    /// trail that it copies.
    pub async fn back_up(&self, outside: Outside<'_>, folder: &Path) -> Result<BackedUp> {
        begun(folder).map_err(|error| failed(folder, &error))?;
        self.note(Entry::system(outside.from, "back up", None, outside.now)).await?;
        let transaction = snapshot(self.connection()).await?;
        let mut files = Vec::new();
        for table in tables() {
            files.push(copy(&transaction, &table, folder).await?);
        }
        let head = crate::audit::last_head(&transaction).await?;
        transaction.rollback().await?;
        let manifest = Manifest { files, head };
        manifest.write(self.auditor(), folder)?;
        std::fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| failed(folder, &error))?;
        Ok(BackedUp {
            entries: manifest.rows("audit_entry"),
            records: manifest.rows("record"),
            head: manifest.head,
        })
    }

    /// Copies the key file to another place, without the keys that organisations hold for themselves, to a file that is not there yet; with the key that signs the audit trail to a second
    /// file when one is named. Newer copies replace older ones: an old copy does not know what was purged since.
    pub async fn back_up_keys(
        &self,
        outside: Outside<'_>,
        path: &Path,
        audit_key: Option<&Path>,
    ) -> Result<()> {
        self.note(Entry::system(outside.from, "back up keys", None, outside.now)).await?;
        self.keys().copy_to(path)?;
        if let Some(path) = audit_key {
            let text = self.auditor().key_text()?;
            written(path, text.as_bytes()).map_err(|error| failed(path, &error))?;
        }
        Ok(())
    }
}

/// The tables of a backup.
fn tables() -> impl Iterator<Item = Table> {
    schema::tables().into_iter().filter(|table| table.name != LEFT_OUT)
}

fn file_of(folder: &Path, table: &str) -> PathBuf {
    folder.join(format!("{table}.jsonl"))
}

/// Begins a folder that only its owner can read.
fn begun(folder: &Path) -> std::io::Result<()> {
    private_folder(folder)?;
    match std::fs::read_dir(folder)?.next() {
        None => Ok(()),
        Some(_) => Err(std::io::Error::other("the folder is not empty")),
    }
}

/// Writes a file that only its owner can read, and that must not be there.
fn written(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = private(path, true)?;
    file.write_all(text)?;
    file.sync_all()
}

/// Copies one table.
async fn copy(transaction: &DatabaseTransaction, table: &Table, folder: &Path) -> Result<Copied> {
    let path = file_of(folder, table.name);
    let broken = |error: std::io::Error| failed(&path, &error);
    let mut file = BufWriter::new(private(&path, true).map_err(broken)?);
    let mut hasher = Hasher::new(&SHA256);
    let mut rows = 0;
    let mut last = None;
    loop {
        let page = transaction.query_all(&rows::select(table, last.as_deref(), PAGE)).await?;
        for row in &page {
            let values = rows::values(table, row)?;
            let line = rows::line(&values) + "\n";
            hasher.update(line.as_bytes());
            file.write_all(line.as_bytes()).map_err(broken)?;
            rows += 1;
            last = Some(values);
        }
        if (page.len() as u64) < PAGE {
            break;
        }
    }
    let file = file.into_inner().map_err(|error| broken(error.into_error()))?;
    file.sync_all().map_err(broken)?;
    Ok(Copied { table: table.name.to_owned(), rows, hash: digest(hasher) })
}

fn digest(hasher: Hasher) -> Digest {
    Digest(hasher.finish().as_ref().try_into().expect("SHA-256 has 32 bytes"))
}
