//! Restoring a backup into an empty database: all of it or nothing. The audit trail is verified before anything is kept, and
//! what was purged since the backup was made is purged again.

use super::manifest::{Manifest, failed};
use super::{PAGE, digest, file_of, rows, tables};
use crate::audit::entry::{Entry, uuid};
use crate::audit::{Auditor, Head};
use crate::connection::{begin, connect};
use crate::keys::Keys;
use crate::schema::{Table, audit_tail};
use crate::{Outside, Result, Store, StoreError, StoreOptions, migration, purge};
use aws_lc_rs::digest::{Context as Hasher, SHA256};
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait};
use sea_orm_migration::SchemaManager;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// A backup that was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The last head of the trail as it was backed up. The entry on the restoration itself follows it.
    pub head: Option<Head>,
    /// How many records.
    pub records: u64,
    /// Records that were purged after the backup was made, and were purged again.
    pub purged_again: u64,
    /// Entries of the trail that were made after the backup and are lost, as far as the witness knows.
    pub entries_lost: u64,
}

impl Store {
    /// Restores a backup. The key file and the key that signs the trail must be in their places before, and the database
    /// must be empty. When the witness file knows of later heads it is set aside, and a new one begins.
    pub async fn restore(
        url: &str,
        options: StoreOptions,
        outside: Outside<'_>,
        folder: &Path,
    ) -> Result<Restored> {
        for path in [&options.key_file, &options.audit_key_path] {
            if !path.exists() {
                let because = "it is missing: restore the keys first".to_owned();
                return Err(StoreError::Keys { path: path.display().to_string(), because });
            }
        }
        let keys = Keys::open(&options.key_file)?;
        let connection = connect(url).await?;
        is_empty(&connection).await?;
        migration::migrate(&connection).await?;
        let auditor = Auditor::open(&connection, &options.audit_key_path, None).await?;
        let manifest = Manifest::read(&auditor, folder)?;
        whole(&manifest, folder)?;
        let transaction = begin(&connection).await?;
        audit_tail::Entity::delete_many().exec(&transaction).await?;
        for table in tables() {
            fill(&transaction, &table, folder).await?;
        }
        let mut purged = Vec::new();
        for id in keys.destroyed() {
            if purge::empty(&transaction, id).await? {
                purged.push(uuid(id));
            }
        }
        let verified = auditor.verify(&transaction, None).await?.map_err(|breaches| {
            let all: Vec<String> = breaches.iter().take(3).map(ToString::to_string).collect();
            failed(folder, &format!("its audit trail is not sound: {}", all.join("; ")))
        })?;
        if verified.head != manifest.head {
            return Err(failed(folder, "its audit trail does not end where its manifest says"));
        }
        let entries_lost = match &options.witness {
            Some(witness) => set_aside(witness, verified.entries).map_err(|error| failed(witness, &error))?,
            None => 0,
        };
        transaction.commit().await?;
        connection.close().await?;
        let (records, purged_again) = (manifest.rows("record"), purged.len() as u64);
        let entry = Entry::system(outside.from, "restore", None, outside.now)
            .with("records", records)
            .with("entries", verified.entries)
            .with("lost", entries_lost)
            .with_list("purged", purged);
        Store::open(url, options).await?.note(entry).await?;
        Ok(Restored { head: verified.head, records, purged_again, entries_lost })
    }
}

/// Refuses a database that holds anything.
async fn is_empty(connection: &DatabaseConnection) -> Result<()> {
    let manager = SchemaManager::new(connection);
    for table in crate::schema::tables() {
        if !manager.has_table(table.name).await? {
            continue;
        }
        let count = Query::select().expr(Expr::cust("count(*)")).from(Alias::new(table.name)).to_owned();
        let counted = connection.query_one(&count).await?;
        let rows = counted.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or_default();
        // The tail has its one row from the beginning.
        if rows > i64::from(table.name == "audit_tail") {
            return Err(StoreError::NotEmpty { table: table.name, rows });
        }
    }
    Ok(())
}

/// Whether every file is what the manifest says.
fn whole(manifest: &Manifest, folder: &Path) -> Result<()> {
    for table in tables() {
        let path = file_of(folder, table.name);
        let mut named = manifest.files.iter().filter(|file| file.table == table.name);
        let Some(file) = named.next() else { return Err(failed(&path, "the manifest does not name it")) };
        let mut reader = opened(&path)?;
        let mut hasher = Hasher::new(&SHA256);
        loop {
            let part = reader.fill_buf().map_err(|error| failed(&path, &error))?;
            let length = part.len();
            if length == 0 {
                break;
            }
            hasher.update(part);
            reader.consume(length);
        }
        if digest(hasher) != file.hash {
            return Err(failed(&path, "it is damaged: its hash is not that of the manifest"));
        }
    }
    Ok(())
}

fn opened(path: &Path) -> Result<BufReader<std::fs::File>> {
    std::fs::File::open(path).map(BufReader::new).map_err(|error| failed(path, &error))
}

/// Fills one table.
async fn fill(transaction: &DatabaseTransaction, table: &Table, folder: &Path) -> Result<()> {
    let path = file_of(folder, table.name);
    let mut lines = opened(&path)?.lines();
    loop {
        let mut page = Vec::new();
        for line in lines.by_ref().take(PAGE as usize) {
            let line = line.map_err(|error| failed(&path, &error))?;
            page.push(rows::parse(table, &line).ok_or_else(|| failed(&path, "a line is no row of it"))?);
        }
        if page.is_empty() {
            return Ok(());
        }
        transaction.execute(&rows::insert(table, page)).await?;
    }
}

/// Sets a witness file aside that knows of more entries than were restored, and says how many more.
fn set_aside(witness: &Path, entries: u64) -> std::io::Result<u64> {
    if !witness.exists() {
        return Ok(0);
    }
    let mut most = 0;
    for line in BufReader::new(std::fs::File::open(witness)?).lines() {
        let size = line?.split(' ').next().and_then(|size| size.parse().ok());
        most = most.max(size.unwrap_or_default());
    }
    if most > entries {
        let name = witness.file_name().unwrap_or_default().to_string_lossy();
        std::fs::rename(witness, witness.with_file_name(format!("{name}.before-restore-{most}")))?;
    }
    Ok(most.saturating_sub(entries))
}
