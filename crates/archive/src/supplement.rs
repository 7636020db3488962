//! Supplements of a run: the findings of single reports that were matched after it, each a small file that is replaced as a
//! whole. Whoever lists the run's findings sees them in the place of what the run found for those reports.

use crate::Archive;
use crate::error::{ArchiveError, damaged, io};
use crate::files::{private_folder, write_whole};
use homeward_model::Digest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Folder of a run's supplements.
const FOLDER: &str = "urgent";

fn name(report: &str) -> String {
    format!("{}.jsonl", &Digest::of(report.as_bytes()).hex()[..32])
}

impl Archive {
    fn supplements(&self, run: &str) -> PathBuf {
        self.root.join("runs").join(run).join(FOLDER)
    }

    /// Puts the findings of one report, a line each, beside a run, in the place of any earlier ones. No lines say that
    /// nothing is found for this report any more. Only the latest run has supplements.
    pub fn add_supplement(&self, run: &str, report: &str, findings: &str) -> Result<(), ArchiveError> {
        if self.latest_run() != Some(run) {
            return Err(ArchiveError::NotLatest { run: run.to_owned() });
        }
        let folder = self.supplements(run);
        private_folder(&folder).map_err(io("make", &folder))?;
        let head = serde_json::json!({ "report": report });
        write_whole(&folder.join(name(report)), format!("{head}\n{findings}").as_bytes())
    }

    /// Whether a supplement of any run tells of a report.
    pub(crate) fn has_supplement(&self, report: &str) -> bool {
        let mut runs = fs::read_dir(self.root.join("runs")).into_iter().flatten().flatten();
        runs.any(|run| run.path().join(FOLDER).join(name(report)).exists())
    }

    /// When the supplements of a run last changed; none when it has none.
    pub fn supplemented(&self, run: &str) -> Option<std::time::SystemTime> {
        fs::metadata(self.supplements(run)).and_then(|about| about.modified()).ok()
    }

    /// The findings of reports that were matched after a run, a line each, by report.
    pub(crate) fn supplement_lines(&self, run: &str) -> Result<BTreeMap<String, String>, ArchiveError> {
        let mut newer: BTreeMap<String, String> = BTreeMap::new();
        for entry in fs::read_dir(self.supplements(run)).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|kind| kind != "jsonl") {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(io("read", &path))?;
            let (head, lines) = text.split_once('\n').ok_or_else(|| damaged(&path, "it has no head"))?;
            let head = parsed(head, &path)?;
            let report = head["report"].as_str().ok_or_else(|| damaged(&path, "it names no report"))?;
            newer.insert(report.to_owned(), lines.to_owned());
        }
        Ok(newer)
    }

    /// The findings of a run, a line each, best first; those of reports that were matched since in the place of what the run
    /// found for them.
    pub fn findings(&self, run: &str) -> Result<String, ArchiveError> {
        let whole = self.run_file(run, "findings.jsonl")?;
        if self.supplemented(run).is_none() {
            return Ok(whole);
        }
        Ok(self.open_findings(run)?.text(&whole))
    }
}

fn parsed(line: &str, path: &Path) -> Result<Value, ArchiveError> {
    serde_json::from_str(line).map_err(|error| damaged(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::Instant;

    fn line(id: &str, kind: &str, report: &str, rank: f64) -> String {
        let line = serde_json::json!({
            "id": id, "kind": kind, "missing_report": report, "rank_score": rank, "probability": 0.5
        });
        format!("{line}\n")
    }

    fn ids(archive: &Archive, run: &str) -> Vec<String> {
        let text = archive.findings(run).unwrap();
        text.lines()
            .map(|line| parsed(line, Path::new("x")).unwrap()["id"].as_str().unwrap().into())
            .collect()
    }

    #[test]
    fn newer_findings_of_a_report_take_the_place_of_the_runs() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let run = [
            line("f-1", "match", "M-1", 0.9),
            line("f-2", "match", "M-2", 0.5),
            line("f-3", "person", "M-1", 0.1),
        ];
        archive.write_run("r-1", &[("findings.jsonl", run.concat())]).unwrap();
        assert_eq!(ids(&archive, "r-1"), ["f-1", "f-2", "f-3"]);
        archive.add_supplement("r-1", "M-1", &line("f-4", "match", "M-1", 0.3)).unwrap();
        archive.add_supplement("r-1", "M-9", &line("f-5", "match", "M-9", 0.7)).unwrap();
        assert_eq!(ids(&archive, "r-1"), ["f-5", "f-2", "f-4", "f-3"]);
        archive.add_supplement("r-1", "M-1", "").unwrap();
        assert_eq!(ids(&archive, "r-1"), ["f-5", "f-2", "f-3"]);
        assert!(archive.add_supplement("r-0", "M-1", "").is_err());
        // A report that only a supplement knows is purged all the same.
        assert!(archive.purge_report("M-9", "entered in error", Instant(0)).unwrap());
        assert!(!folder.path().join("runs/r-1").exists());
    }
}
