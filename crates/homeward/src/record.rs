//! The record of a data folder: where its database and its keys are, and how a command opens it.
//!
//! Several commands may have one record open at a time, a server and an import among them.

use crate::{Global, now};
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_archive::{Archive, ArchiveError, private, private_folder};
use homeward_store::{Outside, Store, StoreOptions};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Where the record is; beside the archive when nothing is said.
#[derive(Args, Clone, Default)]
pub struct RecordOptions {
    /// Database of the record: sqlite:FILE or postgres://...; DATA/record/record.db when not said
    #[arg(long, env = "HOMEWARD_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// Keys of sealed records; DATA/record/keys when not said
    #[arg(long, env = "HOMEWARD_KEY_FILE", value_name = "PATH")]
    pub key_file: Option<PathBuf>,
    /// Copy of every signed head of the audit trail, best on another machine's disk
    #[arg(long, env = "HOMEWARD_AUDIT_WITNESS", value_name = "PATH")]
    pub audit_witness: Option<PathBuf>,
}

/// Where everything of the record is.
#[derive(Clone, Debug)]
pub struct Places {
    /// The database.
    pub url: String,
    /// The database's file, where it is the folder's own.
    pub file: Option<PathBuf>,
    /// Folder of what is not said to be elsewhere.
    pub folder: PathBuf,
    /// Keys of sealed records.
    pub keys: PathBuf,
    /// The key that signs the audit trail.
    pub audit_key: PathBuf,
    /// The witness.
    pub witness: Option<PathBuf>,
}

impl Places {
    /// Those of a data folder.
    pub fn of(global: &Global, options: &RecordOptions) -> Places {
        let folder = global.data.join("record");
        let file = folder.join("record.db");
        let (url, file) = match &options.database {
            Some(url) => (url.clone(), None),
            None => (sqlite(&file), Some(file)),
        };
        Places {
            url,
            file,
            keys: options.key_file.clone().unwrap_or_else(|| folder.join("keys")),
            audit_key: folder.join("audit.key"),
            witness: options.audit_witness.clone(),
            folder,
        }
    }

    /// Whether there is a record already; one whose database was named is taken to be there.
    pub fn exists(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.exists())
    }

    /// The database's address without a password in it.
    pub fn shown(&self) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return self.url.clone() };
        match rest.rsplit_once('@') {
            Some((login, place)) => {
                let name = login.split(':').next().unwrap_or_default();
                format!("{scheme}://{name}:***@{place}")
            }
            None => self.url.clone(),
        }
    }

    /// Makes the data folder, the record's in it and the database's file, for their owner alone.
    pub fn prepare(&self) -> Result<()> {
        for folder in self.folder.parent().into_iter().chain([self.folder.as_path()]) {
            private_folder(folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
        }
        if let Some(file) = &self.file {
            made_private(file)?;
        }
        Ok(())
    }

    /// Removes the folder's own database and keys after a restoration that failed; what was named elsewhere stays.
    pub fn remove_begun(&self) {
        for name in ["record.db", "record.db-wal", "record.db-shm", "keys", "keys.lock", "audit.key", IN_USE]
        {
            let _ = fs::remove_file(self.folder.join(name));
        }
    }

    /// Opens the record, or begins it in a folder and files that only their owner can read.
    pub async fn open(&self) -> Result<Store> {
        self.prepare()?;
        hold(&self.folder)?;
        let options = StoreOptions {
            audit_key_path: self.audit_key.clone(),
            witness: self.witness.clone(),
            key_file: self.keys.clone(),
        };
        Store::open(&self.url, options)
            .await
            .with_context(|| format!("the record `{}` cannot be opened", self.shown()))
    }
}

/// Opens the record of a data folder, or begins it.
pub async fn open(global: &Global, options: &RecordOptions) -> Result<Store> {
    Places::of(global, options).open().await
}

/// Name of the file that is locked while a record is open: shared by those who have it open, alone by who removes it.
const IN_USE: &str = "in-use";

fn in_use(folder: &Path) -> Result<fs::File> {
    made_private(&folder.join(IN_USE))
}

/// Says until this process ends that it has the record of a folder open.
fn hold(folder: &Path) -> Result<()> {
    static HELD: Mutex<Vec<fs::File>> = Mutex::new(Vec::new());
    let file = in_use(folder)?;
    match file.try_lock_shared() {
        Ok(()) => HELD.lock().unwrap_or_else(PoisonError::into_inner).push(file),
        Err(fs::TryLockError::WouldBlock) => {
            bail!("`{}` is being removed by another process; hint: try again in a moment", folder.display())
        }
        // A disk that knows no locks keeps nobody from working.
        Err(fs::TryLockError::Error(_)) => {}
    }
    Ok(())
}

/// Makes sure that nobody else has the record or the archive of a data folder open, so that it can be removed. It stays so until
/// what this gives is dropped.
pub fn alone(data: &Path) -> Result<Option<fs::File>> {
    let open = || {
        let data = data.display();
        format!(
            "`{data}` is open in another process, such as `homeward serve`, and cannot be replaced; hint: stop that process, or name another folder with `--data`"
        )
    };
    if let Err(ArchiveError::Held { .. }) = Archive::open_for(data, "homeward demo") {
        bail!(open());
    }
    let folder = data.join("record");
    if !folder.exists() {
        return Ok(None);
    }
    let file = in_use(&folder)?;
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => bail!(open()),
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(Some(file)),
    }
}

/// The operator at the command line.
pub fn outside() -> Outside<'static> {
    Outside { from: "command line", now: now() }
}

/// Runs what waits for the record to its end.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(work)
}

/// Random bits for ids.
pub fn random() -> Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(u128::from_be_bytes(bytes))
}

/// The address of a file; what a URL would read otherwise is escaped.
fn sqlite(file: &Path) -> String {
    format!("sqlite:{}", file.display().to_string().replace('%', "%25").replace('?', "%3F"))
}

/// Copies a file of secrets to a place where nothing is yet, for its owner alone.
pub fn copy_private(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        private_folder(folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
    }
    let text = fs::read(from).with_context(|| format!("failed to read `{}`", from.display()))?;
    private()
        .write(true)
        .create_new(true)
        .open(to)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &text).and_then(|()| file.sync_all()))
        .with_context(|| format!("failed to write `{}`", to.display()))
}

/// Opens a file, and makes it for its owner alone where it is not there. A database lends its mode to the files beside it.
fn made_private(file: &Path) -> Result<fs::File> {
    let opened = private().append(true).create(true).open(file);
    opened.with_context(|| format!("failed to write `{}`", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        let global = Global { data: "data".into(), json: false, quiet: false, verbose: false };
        let options = RecordOptions { database: Some(url.to_owned()), ..RecordOptions::default() };
        Places::of(&global, &options).shown()
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(
            shown("postgres://lee:p@ss:w@db.example.org/homeward"),
            "postgres://lee:***@db.example.org/homeward"
        );
        assert_eq!(shown("postgres://db.example.org/homeward"), "postgres://db.example.org/homeward");
        assert_eq!(shown("sqlite:/srv/record.db"), "sqlite:/srv/record.db");
        assert_eq!(sqlite(Path::new("a b/50%?/r.db")), "sqlite:a b/50%25%3F/r.db");
    }
}
