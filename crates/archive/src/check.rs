//! Whether an archive is what its manifest says: every segment read through, every name compared with what it names.

use crate::segment::name_of;
use crate::{Archive, ArchiveError, Purge, SegmentInfo};
use homeward_model::Digest;
use std::fs;
use std::path::PathBuf;

/// Something that is not as the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A segment that holds other postings than it was written with.
    Segment(String),
    /// A report snapshot whose content does not fit its name.
    Reports(String),
    /// A run that the manifest names and that is not there.
    Run(String),
    /// An index whose bytes have changed; it can be made again.
    Index(PathBuf),
}

/// What a check read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Stored versions of postings.
    pub postings: usize,
    /// Of those, how many a purge with the terms given would remove.
    pub past_term: usize,
    /// Missing reports.
    pub reports: usize,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
}

impl Archive {
    /// Reads everything and compares it with the manifest. `expired` counts what is past its term on the way.
    pub fn check(&self, expired: &Purge) -> Result<Checked, ArchiveError> {
        let mut checked = Checked::default();
        for segment in self.segments() {
            match self.check_segment(segment, expired, &mut checked) {
                Ok(true) => {}
                Ok(false) => checked.problems.push(Problem::Segment(segment.id.clone())),
                Err(error) => checked.problems.push(Problem::Segment(format!("{}: {error}", segment.id))),
            }
            checked.problems.extend(self.damaged_index(segment).map(Problem::Index));
        }
        if let Some(name) = &self.manifest.reports {
            let bytes = fs::read(self.root.join("reports").join(name)).unwrap_or_default();
            if name.strip_suffix(".jsonl") == Some(&Digest::of(&bytes).hex()[..32]) {
                checked.reports = self.reports()?.len();
            } else {
                checked.problems.push(Problem::Reports(name.clone()));
            }
        }
        if let Some(run) = self.latest_run()
            && self.run_file(run, "manifest.json").is_err()
        {
            checked.problems.push(Problem::Run(run.to_owned()));
        }
        Ok(checked)
    }

    /// Whether a segment holds what its name was made of.
    fn check_segment(
        &self,
        segment: &SegmentInfo,
        expired: &Purge,
        checked: &mut Checked,
    ) -> Result<bool, ArchiveError> {
        let mut keys = Vec::with_capacity(segment.postings * 64);
        for batch in self.batches(segment)? {
            for posting in batch? {
                keys.extend(posting.identity().0);
                keys.extend(posting.content_digest().0);
                checked.postings += 1;
                checked.past_term += usize::from(expired.hits(&posting, segment));
            }
        }
        Ok(keys.len() == segment.postings * 64 && name_of(&keys) == segment.id)
    }
}
