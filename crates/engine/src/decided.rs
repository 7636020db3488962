//! What people decided, as the engine honours it: links that must or must not be, matches that were rejected or confirmed,
//! findings that were dismissed.

use crate::pipeline::{Analysis, match_finding, network_name};
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
    /// Matches that were rejected.
    pub rejections: Vec<Rejection>,
    /// Ids of findings that were dismissed.
    pub dismissed: BTreeSet<String>,
    /// Finds that were confirmed, by the report's id.
    pub confirmed: BTreeMap<String, Confirmed>,
    /// Whether two reports, the first by id first, are of one child.
    pub one_child: BTreeMap<(String, String), bool>,
}

/// A find that was confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// Keys of the postings that are the child's.
    pub postings: BTreeSet<u64>,
    /// The child was recovered there.
    pub recovered: bool,
}

/// A match that a person rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejection {
    /// Id of the report.
    pub report: String,
    /// The name by which the decision is known: `j3`, a judgement of the record, or the dismissed finding.
    pub name: String,
    /// Keys of the postings.
    pub postings: BTreeSet<u64>,
    /// The finding that was dismissed.
    pub finding: Option<String>,
    /// The run in which it was offered.
    pub run: Option<String>,
}

impl Decided {
    /// Reads those of an archive. The order of deciding changes nothing.
    pub fn read(archive: &Archive) -> Result<Decided, ArchiveError> {
        let mut decided = Decided::default();
        for (name, decision) in archive.standing()? {
            let name = name.unwrap_or_default();
            match decision {
                Decision::Veto { kind, value } => decided.links.vetoed.push((kind, value)),
                Decision::Same { postings } => decided.links.together.push(postings),
                Decision::Apart { postings } => decided.links.apart.push(postings),
                Decision::Reject { report, postings, run } => {
                    let postings = postings.into_iter().collect();
                    decided.rejections.push(Rejection { report, name, postings, finding: None, run });
                }
                // It is offered as before; learning reads it, and the child's later reports.
                Decision::Confirm { report, postings, recovered, .. } => {
                    let confirmed = decided.confirmed.entry(report).or_default();
                    confirmed.postings.extend(postings);
                    confirmed.recovered |= recovered;
                }
                Decision::OneChild { reports: (a, b), same } => {
                    decided.one_child.insert(if a < b { (a, b) } else { (b, a) }, same);
                }
                Decision::Dismiss { finding, report, postings, run, .. } => {
                    decided.dismissed.insert(finding.clone());
                    if let Some(report) = report {
                        let (postings, finding) = (postings.into_iter().collect(), Some(finding));
                        decided.rejections.push(Rejection { report, name, postings, finding, run });
                    }
                }
            }
        }
        decided.links.vetoed.sort_unstable();
        decided.links.together.sort_unstable();
        decided.links.apart.sort_unstable();
        decided.rejections.sort_unstable();
        Ok(decided)
    }

    /// The rejections of a report's match: of one of its postings, or of the same finding.
    pub fn rejecting<'a>(
        &'a self,
        report: &'a MissingReport,
        found: &'a Match,
        analysis: &'a Analysis,
    ) -> impl Iterator<Item = &'a Rejection> {
        let from = self.rejections.partition_point(|rejection| rejection.report < report.id);
        let own = self.rejections[from..].iter().take_while(|rejection| rejection.report == report.id);
        own.filter(move |rejection| {
            let key = |at: &u32| analysis.facts[*at as usize].key;
            found.postings.iter().any(|at| rejection.postings.contains(&key(at)))
                || rejection.finding.as_ref().is_some_and(|finding| {
                    *finding == match_finding(&report.id, &network_name(&analysis.facts, found.owner))
                })
        })
    }

    /// Matches that may be shown, and those that a person rejected.
    pub fn split(
        &self,
        reports: &[MissingReport],
        matches: Vec<Match>,
        analysis: &Analysis,
    ) -> (Vec<Match>, Vec<Match>) {
        matches.into_iter().partition(|found| {
            self.rejecting(&reports[found.report as usize], found, analysis).next().is_none()
        })
    }

    /// All of it as text, for the hash of a run.
    pub fn written(&self) -> String {
        let found = (&self.confirmed, &self.one_child);
        format!("{:?} {:?} {:?} {found:?}", self.links, self.rejections, self.dismissed)
    }
}
