//! What people decided, as the engine honours it: links that must or must not be, matches that were rejected, findings that
//! were dismissed.

use crate::pipeline::Analysis;
use homeward_archive::{Archive, ArchiveError, Decision};
use homeward_linkage::matching::Match;
use homeward_linkage::owners::Judgements;
use homeward_model::MissingReport;
use std::collections::{BTreeMap, BTreeSet};

/// The decisions that stand.
#[derive(Debug, Default)]
pub struct Decided {
    /// On links.
    pub links: Judgements,
    /// Keys of postings that were rejected for a report, by the report's id.
    rejected: BTreeMap<String, BTreeSet<u64>>,
    /// Ids of findings that were dismissed.
    pub dismissed: BTreeSet<String>,
}

impl Decided {
    /// Reads those of an archive. The order of deciding changes nothing.
    pub fn read(archive: &Archive) -> Result<Decided, ArchiveError> {
        let mut decided = Decided::default();
        for decision in archive.standing()? {
            match decision {
                Decision::Veto { kind, value } => decided.links.vetoed.push((kind, value)),
                Decision::Same { postings } => decided.links.together.push(postings),
                Decision::Apart { postings } => decided.links.apart.push(postings),
                Decision::Reject { report, postings } => decided.reject(report, postings),
                // It is offered as before; learning reads it.
                Decision::Confirm { .. } => {}
                Decision::Dismiss { finding, report, postings } => {
                    decided.dismissed.insert(finding);
                    if let Some(report) = report {
                        decided.reject(report, postings);
                    }
                }
            }
        }
        decided.links.vetoed.sort_unstable();
        decided.links.together.sort_unstable();
        decided.links.apart.sort_unstable();
        Ok(decided)
    }

    fn reject(&mut self, report: String, postings: Vec<u64>) {
        self.rejected.entry(report).or_default().extend(postings);
    }

    /// Whether a match may be shown: none of its postings was rejected for this report.
    pub fn allows(&self, report: &MissingReport, found: &Match, analysis: &Analysis) -> bool {
        let key = |at: &u32| analysis.facts[*at as usize].key;
        let rejected = self.rejected.get(&report.id);
        rejected.is_none_or(|keys| !found.postings.iter().any(|at| keys.contains(&key(at))))
    }

    /// All of it as text, for the hash of a run.
    pub fn written(&self) -> String {
        let text = format!("{:?} {:?}", self.links, self.rejected);
        // A run without dismissals is named as it was before there were any.
        if self.dismissed.is_empty() { text } else { format!("{text} {:?}", self.dismissed) }
    }
}
