//! The newest run of the engine, kept open between requests, and what reads postings for people.

use crate::{Result, Trouble};
use homeward_archive::{Archive, ArchiveError, Findings, RunTables};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Reads postings of the archive: what needs the engine's reading of texts, given by whoever wires the parts together.
pub trait Reader: Send + Sync {
    /// Postings for which a query holds, newest first, at most `top`, and how many there are. An `Err` says in words what
    /// is wrong with the query, or that the archive cannot be read.
    fn search(&self, query: &str, top: usize) -> std::result::Result<homeward_archive::Found, String>;
}

/// A run as it was opened: a later supplement makes it be opened again.
#[derive(Clone)]
struct Opened {
    findings: Arc<Findings>,
    supplemented: Option<SystemTime>,
}

/// The runs of a data folder.
pub(crate) struct Runs {
    data: PathBuf,
    newest: Mutex<Option<Opened>>,
    reader: Option<Arc<dyn Reader>>,
    /// The tables of the run that was asked last.
    pub(crate) tables: Mutex<Option<Arc<RunTables>>>,
}

impl Runs {
    pub(crate) fn new(data: &Path, reader: Option<Arc<dyn Reader>>) -> Runs {
        Runs { data: data.to_owned(), newest: Mutex::default(), reader, tables: Mutex::default() }
    }

    /// What reads postings, when there is such a thing.
    pub(crate) fn reader(&self) -> Option<Arc<dyn Reader>> {
        self.reader.clone()
    }

    /// The findings of the newest run; none when there is no run yet. Reads files: not for an async thread.
    fn load(&self) -> Result<Option<Arc<Findings>>> {
        let archive = match Archive::open_read(&self.data) {
            Ok(archive) => archive,
            Err(ArchiveError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(run) = archive.latest_run() else { return Ok(None) };
        let held = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let supplemented = archive.supplemented(run);
        let fresh = |held: &Opened| held.findings.run == run && held.supplemented == supplemented;
        if let Some(held) = held.filter(fresh) {
            return Ok(Some(held.findings));
        }
        let findings = Arc::new(archive.open_findings(run)?);
        let opened = Opened { findings: Arc::clone(&findings), supplemented };
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        Ok(Some(findings))
    }
}

impl crate::Casework {
    /// The findings of the newest run.
    pub(crate) async fn newest_run(&self) -> Result<Option<Arc<Findings>>> {
        let this = self.clone();
        blocking(move || this.runs().load()).await?
    }

    /// Postings for which a query holds.
    pub(crate) async fn read_postings(&self, query: String, top: usize) -> Result<homeward_archive::Found> {
        let Some(reader) = self.runs().reader() else {
            return Err(Trouble::Unavailable("the archive cannot be searched here".to_owned()));
        };
        blocking(move || reader.search(&query, top)).await?.map_err(Trouble::Invalid)
    }

    /// Data folder of the archive.
    pub(crate) fn data(&self) -> &Path {
        &self.runs().data
    }
}

/// Runs what reads files or computes on a thread where nobody waits for it.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Trouble::Unavailable(error.to_string()))
}
