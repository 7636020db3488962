//! The archive: postings, reports and runs as immutable files beside one small manifest that is swapped in one step.
//!
//! ```text
//! manifest.json          what there is: segments, report snapshot, latest run, purge receipts
//! segments/HASH.parquet  postings, written once (see docs/archive-layout.md)
//! reports/HASH.jsonl     snapshot of the missing reports
//! rejected/HASH.jsonl    rows not taken, with their reasons
//! runs/ID/               findings and tables of one run
//! state/                 caches of the engine; deleting them costs time, never answers
//! ```
//!
//! A process that dies leaves the old manifest or the new one, and files that no manifest names are removed on the next
//! opening.

mod reports;
mod segment;

use homeward_model::{Digest, Instant, MissingReport, Posting};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Version of the folder's layout; a folder of a newer one is refused.
const FORMAT: u32 = 1;
/// Postings in one segment.
const SEGMENT: usize = 100_000;

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
            _ => None,
        }
    }
}

pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ArchiveError {
    let path = path.display().to_string();
    move |source| ArchiveError::Io { what, path, source }
}

pub(crate) fn damaged(path: &Path, why: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Damaged { path: path.display().to_string(), why: why.to_string() }
}

/// One file of postings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentInfo {
    /// Name: hash of the identities and contents it holds.
    pub id: String,
    /// Number of postings.
    pub postings: usize,
}

/// What was removed for good: hashes only, no content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeReceipt {
    /// What was asked for.
    pub what: String,
    /// Why.
    pub why: String,
    /// Identities removed; they are not taken in again.
    pub identities: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    segments: Vec<SegmentInfo>,
    reports: Option<String>,
    latest_run: Option<String>,
    purged: Vec<PurgeReceipt>,
}

/// Counts of an ingest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// New postings.
    pub accepted: usize,
    /// Postings that are there already.
    pub repeated: usize,
    /// New versions of postings that are there.
    pub changed: usize,
    /// Rows not taken.
    pub rejected: usize,
}

/// Which postings to remove.
#[derive(Clone, Debug)]
pub enum Purge {
    /// All of a source.
    Source(String),
    /// Posted or collected before a moment.
    Before(Instant),
    /// All versions of one id.
    Id(String),
}

/// An open archive. Holding it holds the folder: a second process is refused.
#[derive(Debug)]
pub struct Archive {
    root: PathBuf,
    manifest: Manifest,
    _lock: Option<File>,
}

impl Archive {
    /// Opens for writing, making the folder if need be.
    pub fn open(root: &Path) -> Result<Archive, ArchiveError> {
        for folder in ["segments", "reports", "rejected", "runs", "state"] {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).map_err(io("make", &folder))?;
        }
        let path = root.join("lock");
        let mut lock = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(io("open", &path))?;
        if lock.try_lock().is_err() {
            let holder = fs::read_to_string(&path).unwrap_or_default();
            let holder = if holder.is_empty() { "another process".to_owned() } else { holder };
            return Err(ArchiveError::Held { path: root.display().to_string(), holder });
        }
        let command: Vec<String> = std::env::args().skip(1).take(4).collect();
        lock.set_len(0).map_err(io("write", &path))?;
        write!(lock, "process {} (`homeward {}`)", std::process::id(), command.join(" "))
            .map_err(io("write", &path))?;
        let manifest = read_manifest(root)?.unwrap_or(Manifest { format: FORMAT, ..Manifest::default() });
        let archive = Archive { root: root.to_path_buf(), manifest, _lock: Some(lock) };
        archive.sweep();
        Ok(archive)
    }

    /// Opens for reading; needs no lock, since files are written once and the manifest is swapped whole.
    pub fn open_read(root: &Path) -> Result<Archive, ArchiveError> {
        let manifest =
            read_manifest(root)?.ok_or_else(|| ArchiveError::Missing { path: root.display().to_string() })?;
        Ok(Archive { root: root.to_path_buf(), manifest, _lock: None })
    }

    /// Removes what a process that died left behind.
    fn sweep(&self) {
        let named: FxHashSet<String> =
            self.manifest.segments.iter().map(|segment| format!("{}.parquet", segment.id)).collect();
        let keep = |folder: &str, name: &str| match folder {
            "segments" => named.contains(name),
            "reports" => self.manifest.reports.as_deref() == Some(name),
            _ => Path::new(name).extension().is_none_or(|kind| kind != "draft"),
        };
        for folder in ["segments", "reports", "runs"] {
            for entry in fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten() {
                if !keep(folder, &entry.file_name().to_string_lossy()) {
                    let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
                }
            }
        }
    }

    /// Files of postings, in the order they were taken in.
    pub fn segments(&self) -> &[SegmentInfo] {
        &self.manifest.segments
    }

    /// Folder for caches that can be made again.
    pub fn state_dir(&self) -> PathBuf {
        self.root.join("state")
    }

    /// All postings of a segment.
    pub fn postings(&self, segment: &SegmentInfo) -> Result<Vec<Posting>, ArchiveError> {
        segment::read(&self.segment_path(&segment.id))
    }

    fn segment_path(&self, id: &str) -> PathBuf {
        self.root.join("segments").join(format!("{id}.parquet"))
    }

    /// Begins to take postings in.
    pub fn writer(&mut self) -> Result<Writer<'_>, ArchiveError> {
        let mut known: FxHashMap<u128, FxHashSet<u128>> = FxHashMap::default();
        for segment in &self.manifest.segments {
            for (identity, content) in segment::keys(&self.segment_path(&segment.id))? {
                known.entry(identity).or_default().insert(content);
            }
        }
        let purged = self.manifest.purged.iter().flat_map(|receipt| &receipt.identities).cloned().collect();
        Ok(Writer {
            archive: self,
            known,
            purged,
            waiting: Vec::new(),
            segments: Vec::new(),
            rejected: String::new(),
            receipt: Receipt::default(),
        })
    }

    /// Merges reports into the snapshot: one of the same id replaces the earlier. Returns how many are new and changed.
    pub fn add_reports(&mut self, reports: Vec<MissingReport>) -> Result<(usize, usize), ArchiveError> {
        let mut all: std::collections::BTreeMap<String, MissingReport> =
            self.reports()?.into_iter().map(|report| (report.id.clone(), report)).collect();
        let (mut new, mut changed) = (0, 0);
        for report in reports {
            match all.insert(report.id.clone(), report.clone()) {
                None => new += 1,
                Some(before) => changed += usize::from(reports::line(&before) != reports::line(&report)),
            }
        }
        let text: String = all.values().map(|report| reports::line(report) + "\n").collect();
        let name = format!("{}.jsonl", &Digest::of(text.as_bytes()).hex()[..32]);
        write_whole(&self.root.join("reports").join(&name), text.as_bytes())?;
        self.manifest.reports = Some(name);
        self.commit()?;
        Ok((new, changed))
    }

    /// The missing reports, by id.
    pub fn reports(&self) -> Result<Vec<MissingReport>, ArchiveError> {
        let Some(name) = &self.manifest.reports else { return Ok(Vec::new()) };
        let path = self.root.join("reports").join(name);
        let text = fs::read_to_string(&path).map_err(io("read", &path))?;
        text.lines()
            .map(|line| reports::parse(line).ok_or_else(|| damaged(&path, "a line is no report")))
            .collect()
    }

    /// Writes a run: all of its files, then its folder's name, then the manifest.
    pub fn write_run(&mut self, id: &str, files: &[(&str, String)]) -> Result<(), ArchiveError> {
        let draft = self.root.join("runs").join(format!("{id}.draft"));
        let _ = fs::remove_dir_all(&draft);
        fs::create_dir_all(&draft).map_err(io("make", &draft))?;
        for (name, text) in files {
            write_whole(&draft.join(name), text.as_bytes())?;
        }
        let folder = self.root.join("runs").join(id);
        let _ = fs::remove_dir_all(&folder);
        fs::rename(&draft, &folder).map_err(io("rename", &draft))?;
        self.manifest.latest_run = Some(id.to_owned());
        self.commit()
    }

    /// The newest run.
    pub fn latest_run(&self) -> Option<&str> {
        self.manifest.latest_run.as_deref()
    }

    /// One file of a run.
    pub fn run_file(&self, run: &str, name: &str) -> Result<String, ArchiveError> {
        let path = self.root.join("runs").join(run).join(name);
        fs::read_to_string(&path).map_err(io("read", &path))
    }

    /// Removes postings for good: segments written anew without them, runs, rejected rows and caches that could quote them
    /// removed, their identities barred. Returns how many were removed.
    pub fn purge(&mut self, what: &Purge, why: &str) -> Result<usize, ArchiveError> {
        let hit = |posting: &Posting| match what {
            Purge::Source(source) => posting.source == *source,
            Purge::Before(moment) => posting.seen_at().is_some_and(|at| at < *moment),
            Purge::Id(id) => posting.id == *id,
        };
        let mut segments = Vec::new();
        let mut identities = Vec::new();
        for info in self.manifest.segments.clone() {
            let (gone, kept): (Vec<Posting>, Vec<Posting>) = self.postings(&info)?.into_iter().partition(hit);
            if gone.is_empty() {
                segments.push(info);
                continue;
            }
            identities.extend(gone.iter().map(|posting| posting.identity().hex()));
            if !kept.is_empty() {
                segments.push(self.write_segment(&kept)?);
            }
        }
        identities.sort();
        identities.dedup();
        let removed = identities.len();
        self.manifest.segments = segments;
        self.manifest.latest_run = None;
        self.manifest.purged.push(PurgeReceipt {
            what: format!("{what:?}"),
            why: why.to_owned(),
            identities,
        });
        self.commit()?;
        for folder in ["runs", "state", "rejected"] {
            let folder = self.root.join(folder);
            fs::remove_dir_all(&folder).map_err(io("remove", &folder))?;
            fs::create_dir_all(&folder).map_err(io("make", &folder))?;
        }
        self.sweep();
        Ok(removed)
    }

    fn write_segment(&self, postings: &[Posting]) -> Result<SegmentInfo, ArchiveError> {
        let keys: Vec<u8> = postings
            .iter()
            .flat_map(|posting| [posting.identity().0, posting.content_digest().0])
            .flatten()
            .collect();
        let id = Digest::of(&keys).hex()[..32].to_owned();
        segment::write(&self.segment_path(&id), postings)?;
        Ok(SegmentInfo { id, postings: postings.len() })
    }

    fn commit(&mut self) -> Result<(), ArchiveError> {
        let text =
            serde_json::to_string_pretty(&self.manifest).map_err(|error| damaged(&self.root, error))?;
        write_whole(&self.root.join("manifest.json"), text.as_bytes())
    }
}

fn read_manifest(root: &Path) -> Result<Option<Manifest>, ArchiveError> {
    let path = root.join("manifest.json");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io("read", &path)(error)),
    };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| damaged(&path, error))?;
    let found = value["format"].as_u64().unwrap_or(0) as u32;
    if found > FORMAT {
        return Err(ArchiveError::Newer { path: root.display().to_string(), found });
    }
    serde_json::from_value(value).map(Some).map_err(|error| damaged(&path, error))
}

/// Writes under a draft name, makes it durable, renames: the file is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let draft = path.with_extension("draft");
    let mut file = File::create(&draft).map_err(io("write", &draft))?;
    file.write_all(bytes).map_err(io("write", &draft))?;
    file.sync_all().map_err(io("write", &draft))?;
    fs::rename(&draft, path).map_err(io("rename", &draft))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("write", folder))
}

/// Takes postings in; nothing is there until [`Writer::commit`].
pub struct Writer<'a> {
    archive: &'a mut Archive,
    known: FxHashMap<u128, FxHashSet<u128>>,
    purged: FxHashSet<String>,
    waiting: Vec<Posting>,
    segments: Vec<SegmentInfo>,
    rejected: String,
    receipt: Receipt,
}

impl Writer<'_> {
    /// Takes one posting in.
    pub fn add(&mut self, posting: Posting) -> Result<(), ArchiveError> {
        let identity = posting.identity();
        if !self.purged.is_empty() && self.purged.contains(&identity.hex()) {
            self.receipt.rejected += 1;
            return Ok(());
        }
        let versions = self.known.entry(segment::short(&identity)).or_default();
        let first = versions.is_empty();
        if !versions.insert(segment::short(&posting.content_digest())) {
            self.receipt.repeated += 1;
            return Ok(());
        }
        if first {
            self.receipt.accepted += 1;
        } else {
            self.receipt.changed += 1;
        }
        self.waiting.push(posting);
        if self.waiting.len() >= SEGMENT { self.roll() } else { Ok(()) }
    }

    /// Keeps a row that was not taken.
    pub fn reject(&mut self, file: &str, offset: &str, reason: &str, raw: &str) {
        self.receipt.rejected += 1;
        let row = serde_json::json!({"file": file, "offset": offset, "reason": reason, "raw": raw});
        self.rejected.push_str(&row.to_string());
        self.rejected.push('\n');
    }

    fn roll(&mut self) -> Result<(), ArchiveError> {
        if !self.waiting.is_empty() {
            let postings = std::mem::take(&mut self.waiting);
            self.segments.push(self.archive.write_segment(&postings)?);
        }
        Ok(())
    }

    /// Makes everything taken in visible in one step.
    pub fn commit(mut self) -> Result<Receipt, ArchiveError> {
        self.roll()?;
        if !self.rejected.is_empty() {
            let name = format!("{}.jsonl", &Digest::of(self.rejected.as_bytes()).hex()[..32]);
            write_whole(&self.archive.root.join("rejected").join(name), self.rejected.as_bytes())?;
        }
        self.archive.manifest.segments.append(&mut self.segments);
        self.archive.commit()?;
        Ok(self.receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::{PlaceMention, Point};

    fn posting(id: &str, body: &str) -> Posting {
        Posting {
            id: id.into(),
            source: "board".into(),
            body: body.into(),
            posted_at: Instant::parse("2019-07-01"),
            place: PlaceMention {
                city: Some("Charlotte".into()),
                point: Point::new(35.0, -80.0),
                ..PlaceMention::default()
            },
            contacts: vec!["704-555-0142".into()],
            extra: [("x".to_owned(), "1".to_owned())].into(),
            ..Posting::default()
        }
    }

    fn add(archive: &mut Archive, postings: &[Posting]) -> Receipt {
        let mut writer = archive.writer().unwrap();
        for posting in postings {
            writer.add(posting.clone()).unwrap();
        }
        writer.commit().unwrap()
    }

    #[test]
    fn the_same_posting_twice_adds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let postings = [posting("1", "a"), posting("2", "b"), posting("1", "a")];
        assert_eq!(add(&mut archive, &postings), Receipt { accepted: 2, repeated: 1, ..Receipt::default() });
        assert_eq!(add(&mut archive, &postings), Receipt { repeated: 3, ..Receipt::default() });
        assert_eq!(add(&mut archive, &[posting("1", "c")]), Receipt { changed: 1, ..Receipt::default() });
        let read: Vec<Posting> = archive
            .segments()
            .to_vec()
            .iter()
            .flat_map(|segment| archive.postings(segment).unwrap())
            .collect();
        assert_eq!(read, [posting("1", "a"), posting("2", "b"), posting("1", "c")]);
    }

    #[test]
    fn purged_postings_do_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        add(&mut archive, &[posting("1", "a"), posting("2", "b")]);
        assert_eq!(archive.purge(&Purge::Id("1".into()), "order of the court").unwrap(), 1);
        assert_eq!(
            add(&mut archive, &[posting("1", "a"), posting("3", "c")]),
            Receipt { accepted: 1, rejected: 1, ..Receipt::default() }
        );
        let bytes = fs::read_to_string(folder.path().join("manifest.json")).unwrap();
        assert!(bytes.contains("order of the court"));
    }

    #[test]
    fn a_second_process_is_refused_and_a_newer_folder_too() {
        let folder = tempfile::tempdir().unwrap();
        let first = Archive::open(folder.path()).unwrap();
        assert!(matches!(Archive::open(folder.path()), Err(ArchiveError::Held { .. })));
        drop(first);
        fs::write(folder.path().join("manifest.json"), r#"{"format": 99}"#).unwrap();
        assert!(matches!(Archive::open(folder.path()), Err(ArchiveError::Newer { found: 99, .. })));
    }

    #[test]
    fn an_ingest_that_dies_leaves_the_old_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        add(&mut archive, &[posting("1", "a")]);
        // Files are written, the manifest is not: as if the process died before the swap.
        let stray = archive.write_segment(&[posting("2", "b")]).unwrap();
        drop(archive);
        let archive = Archive::open(folder.path()).unwrap();
        assert_eq!(archive.segments().len(), 1);
        assert!(!archive.segment_path(&stray.id).exists());
    }

    #[test]
    fn reports_merge_by_id() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let report = |id: &str, name: &str| MissingReport {
            id: id.into(),
            given_name: name.into(),
            ..MissingReport::default()
        };
        assert_eq!(archive.add_reports(vec![report("1", "Mia"), report("2", "Zoe")]).unwrap(), (2, 0));
        assert_eq!(archive.add_reports(vec![report("1", "Mia"), report("2", "Zoey")]).unwrap(), (0, 1));
        assert_eq!(archive.reports().unwrap(), [report("1", "Mia"), report("2", "Zoey")]);
    }
}
