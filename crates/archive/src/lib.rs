//! The archive: postings, reports and runs as immutable files beside one small manifest that is swapped in one step.
//!
//! ```text
//! manifest.json          what there is: segments, report snapshot, latest run, purge receipts
//! segments/HASH.parquet  postings, written once (see docs/archive-layout.md)
//! index/HASH-TAG/        text index of one segment; can be made again
//! reports/HASH.jsonl     snapshot of the record's missing reports
//! decisions/HASH.jsonl   decisions of the record that stand
//! rejected/HASH.jsonl    rows not taken, with their reasons
//! purged/HASH.txt        hashes of what was removed for good
//! runs/ID/               findings and tables of one run; urgent/ holds those of reports matched after it
//! state/                 caches of the engine; deleting them costs time, never answers
//! judgements.jsonl      what people decided about links; only ever appended
//! weights.jsonl          shares of matching that a person accepted; only ever appended
//! fairness.json          the report of fairness that was kept last
//! searches.jsonl         who looked for what and why, appended
//! ```
//!
//! A process that dies leaves the old manifest or the new one, and files that no manifest names are removed on the next
//! opening.

mod check;
mod error;
mod fairness;
mod files;
mod findings;
mod history;
mod index;
mod json;
mod judgements;
mod manifest;
mod purge;
mod reports;
mod search;
mod searches;
mod segment;
mod snapshot;
mod supplement;
mod tables;
#[cfg(test)]
mod tests;
mod weights;
mod writer;

pub use check::{Checked, Problem};
pub use error::ArchiveError;
pub use fairness::{Compared, FairnessReport, Figure, Grouped, GroupedBy};
pub use files::{private, private_file, private_folder};
pub use findings::{FindingHead, Findings, finding};
pub use history::{Change, Grouping, Happened, Part};
pub use index::{Entry, Read};
pub use json::posting_value;
pub use judgements::{Decision, Judged};
pub use manifest::SegmentInfo;
pub use purge::{Purge, PurgeReceipt};
pub use search::{Clause, Condition, Found, words};
pub use searches::SearchRecord;
pub use segment::Batches;
pub use tables::{LinkRow, RunTables, TemplateRow};
pub use weights::{Accepted, Weights};
pub use writer::{Receipt, Writer, place_of};

use error::{damaged, io};
use files::{into_place, remove, write_whole};
use homeward_model::{MissingReport, Posting};
use manifest::{FORMAT, Manifest};
use rustc_hash::FxHashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Folders of an archive.
const FOLDERS: [&str; 8] =
    ["segments", "index", "reports", "decisions", "rejected", "purged", "runs", "state"];

/// Counts of an import of reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportReceipt {
    /// New reports.
    pub accepted: usize,
    /// Reports that replaced an earlier one of the same id.
    pub changed: usize,
    /// Reports that were purged before and are not taken in again.
    pub barred: usize,
}

/// An open archive. Holding it open for writing holds the folder: a second writer is refused.
#[derive(Debug)]
pub struct Archive {
    root: PathBuf,
    manifest: Manifest,
    _lock: Option<File>,
}

impl Archive {
    /// Opens for writing, making the folder if need be.
    pub fn open(root: &Path) -> Result<Archive, ArchiveError> {
        Archive::open_for(root, "")
    }

    /// Opens for writing and says to others what for: one or two words, such as the name of a command.
    pub fn open_for(root: &Path, work: &str) -> Result<Archive, ArchiveError> {
        private_folder(root).map_err(io("make", root))?;
        for folder in FOLDERS {
            let folder = root.join(folder);
            private_folder(&folder).map_err(io("make", &folder))?;
        }
        let path = root.join("lock");
        let mut lock = private()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(io("open", &path))?;
        if lock.try_lock().is_err() {
            let holder = holder(root).unwrap_or_else(|| "another process".to_owned());
            return Err(ArchiveError::Held { path: root.display().to_string(), holder });
        }
        lock.set_len(0).map_err(io("write", &path))?;
        let work = if work.is_empty() { String::new() } else { format!(" ({work})") };
        write!(lock, "process {}{work}", std::process::id()).map_err(io("write", &path))?;
        let manifest = Manifest::read(root)?.unwrap_or(Manifest { format: FORMAT, ..Manifest::default() });
        let mut archive = Archive { root: root.to_path_buf(), manifest, _lock: Some(lock) };
        if archive.manifest.clearing {
            archive.clear()?;
        }
        // What cannot be removed is in nobody's way: no manifest names it.
        let _ = archive.sweep();
        Ok(archive)
    }

    /// Opens for reading; needs no lock, since files are written once and the manifest is swapped whole.
    pub fn open_read(root: &Path) -> Result<Archive, ArchiveError> {
        let missing = || ArchiveError::Missing { path: root.display().to_string() };
        let manifest = Manifest::read(root)?.ok_or_else(missing)?;
        if manifest.clearing {
            // A purge died before all of its files were gone: whoever looks next ends it, unless it is still at work.
            match Archive::open(root) {
                Ok(_) | Err(ArchiveError::Held { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Archive { root: root.to_path_buf(), manifest, _lock: None })
    }

    /// Removes what a process that died left behind.
    fn sweep(&self) -> Result<(), ArchiveError> {
        let segments: FxHashSet<&str> =
            self.manifest.segments.iter().map(|segment| segment.id.as_str()).collect();
        let purged: FxHashSet<&str> =
            self.manifest.purged.iter().filter_map(|receipt| receipt.hashes.as_deref()).collect();
        let is_draft = |name: &str| Path::new(name).extension().is_some_and(|kind| kind == "draft");
        let keep = |folder: &str, name: &str| match folder {
            "segments" => name.strip_suffix(".parquet").is_some_and(|id| segments.contains(id)),
            "index" => name.split_once('-').is_some_and(|(id, _)| segments.contains(id)) && !is_draft(name),
            "reports" => self.manifest.reports.as_deref() == Some(name),
            "decisions" => self.manifest.decisions.as_deref() == Some(name),
            "purged" => purged.contains(name),
            _ => !is_draft(name),
        };
        for folder in FOLDERS.into_iter().chain([""]) {
            for entry in fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten() {
                if !keep(folder, &entry.file_name().to_string_lossy()) {
                    remove(&entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// The data folder.
    pub fn root(&self) -> &Path {
        &self.root
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
        let mut postings = Vec::with_capacity(segment.postings);
        for batch in self.batches(segment)? {
            postings.append(&mut batch?);
        }
        Ok(postings)
    }

    /// The postings of a segment some thousands at a time, so that memory does not grow with the segment.
    pub fn batches(&self, segment: &SegmentInfo) -> Result<Batches, ArchiveError> {
        Batches::of(&self.segment_path(&segment.id))
    }

    fn segment_path(&self, id: &str) -> PathBuf {
        self.root.join("segments").join(format!("{id}.parquet"))
    }

    /// Merges reports into the snapshot, for an archive without a record: one of the same id replaces the earlier. Says how many are new and changed.
    pub fn add_reports(&mut self, reports: Vec<MissingReport>) -> Result<ReportReceipt, ArchiveError> {
        let barred = self.barred()?;
        let mut all: std::collections::BTreeMap<String, MissingReport> =
            self.reports()?.into_iter().map(|report| (report.id.clone(), report)).collect();
        let mut receipt = ReportReceipt::default();
        for report in reports {
            if barred.report(&report.id) {
                receipt.barred += 1;
                continue;
            }
            match all.insert(report.id.clone(), report.clone()) {
                None => receipt.accepted += 1,
                Some(before) => {
                    receipt.changed += usize::from(reports::line(&before) != reports::line(&report));
                }
            }
        }
        self.write_reports(all.values())?;
        self.commit()?;
        Ok(receipt)
    }

    /// File of the snapshot of missing reports, named by its hash.
    pub fn report_snapshot(&self) -> Option<&str> {
        self.manifest.reports.as_deref()
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

    /// Writes a run: all of its files, then its folder's name, then the manifest. A run that is there with the same files
    /// stays untouched.
    pub fn write_run(&mut self, id: &str, files: &[(&str, String)]) -> Result<(), ArchiveError> {
        let folder = self.root.join("runs").join(id);
        let same = |(name, text): &(&str, String)| {
            fs::read(folder.join(name)).is_ok_and(|bytes| bytes == text.as_bytes())
        };
        if !files.iter().all(same) {
            let draft = self.root.join("runs").join(format!("{id}.draft"));
            remove(&draft)?;
            private_folder(&draft).map_err(io("make", &draft))?;
            for (name, text) in files {
                write_whole(&draft.join(name), text.as_bytes())?;
            }
            if folder.exists() {
                // Between the two names nobody may be sent to this run.
                self.manifest.latest_run = None;
                self.commit()?;
                remove(&folder)?;
            }
            into_place(&draft, &folder)?;
        }
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

    fn commit(&self) -> Result<(), ArchiveError> {
        self.manifest.write(&self.root)
    }
}

/// Who wrote into the folder's lock last; whether that process still lives is for the lock itself to say.
pub(crate) fn holder(root: &Path) -> Option<String> {
    fs::read_to_string(root.join("lock")).ok().filter(|text| !text.is_empty())
}
