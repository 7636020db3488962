//! What a run reads of the record: a snapshot of its reports with the decisions that stand there, as immutable files named
//! by their content. The record is where they live; this is a copy.

use crate::Archive;
use crate::error::ArchiveError;
use crate::files::write_whole;
use crate::judgements::{Decision, lines};
use crate::reports;
use homeward_model::{Digest, MissingReport};

impl Archive {
    /// Puts a snapshot in the place of the one before, in one step. Reports that were purged here are left out; returns how
    /// many. The same snapshot again changes nothing.
    pub fn replace_reports(
        &mut self,
        mut reports: Vec<MissingReport>,
        decisions: &[Decision],
    ) -> Result<usize, ArchiveError> {
        let barred = self.barred()?;
        let given = reports.len();
        reports.retain(|report| !barred.report(&report.id));
        reports.sort_by(|a, b| a.id.cmp(&b.id));
        let before = (self.manifest.reports.clone(), self.manifest.decisions.clone());
        self.write_reports(reports.iter())?;
        self.write_decisions(decisions)?;
        if before != (self.manifest.reports.clone(), self.manifest.decisions.clone()) {
            self.commit()?;
        }
        Ok(given - reports.len())
    }

    /// Writes a snapshot of reports; it counts with the next commit.
    pub(crate) fn write_reports<'a>(
        &mut self,
        all: impl Iterator<Item = &'a MissingReport>,
    ) -> Result<(), ArchiveError> {
        let text: String = all.map(|report| reports::line(report) + "\n").collect();
        self.manifest.reports = Some(self.write_named("reports", &text)?);
        Ok(())
    }

    /// Writes the decisions of the record; they count with the next commit.
    pub(crate) fn write_decisions(&mut self, decisions: &[Decision]) -> Result<(), ArchiveError> {
        self.manifest.decisions = match decisions {
            [] => None,
            decisions => Some(self.write_named("decisions", &lines(decisions))?),
        };
        Ok(())
    }

    /// Writes a file named by its content; one of this name is there already when the content is the same.
    fn write_named(&self, folder: &str, text: &str) -> Result<String, ArchiveError> {
        let name = format!("{}.jsonl", &Digest::of(text.as_bytes()).hex()[..32]);
        let path = self.root.join(folder).join(&name);
        if !path.exists() {
            write_whole(&path, text.as_bytes())?;
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::Instant;

    fn report(id: &str) -> MissingReport {
        MissingReport { id: id.into(), ..MissingReport::default() }
    }

    #[test]
    fn a_snapshot_takes_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let reject = |report: &str| Decision::Reject { report: report.into(), postings: vec![1], run: None };
        archive.replace_reports(vec![report("2"), report("1")], &[reject("1"), reject("2")]).unwrap();
        assert_eq!(archive.reports().unwrap(), [report("1"), report("2")]);
        assert!(archive.purge_report("1", "entered in error", Instant(0)).unwrap());
        assert_eq!(archive.record_decisions().unwrap(), [reject("2")]);
        assert_eq!(archive.replace_reports(vec![report("1"), report("3")], &[]).unwrap(), 1);
        drop(archive);
        let archive = Archive::open(folder.path()).unwrap();
        assert_eq!(archive.reports().unwrap(), [report("3")]);
        assert_eq!(archive.standing().unwrap(), []);
        for (kept, count) in [("reports", 1), ("decisions", 0)] {
            assert_eq!(std::fs::read_dir(folder.path().join(kept)).unwrap().count(), count, "{kept}");
        }
    }
}
