//! Matches on which people decided, with the findings as the engine offered them: judgements of the record, decisions of
//! `homeward judge`, and what working leads found.
//!
//! A rejected match is in no newer run, so runs are looked through from the newest back. Where several people spoke of one
//! match, a judgement counts before a decision here, and that before the end of a lead.

use crate::Global;
use crate::handover::latest;
use crate::record::{Places, RecordOptions, block_on, outside};
use anyhow::{Context, Result};
use homeward_archive::{Archive, Decision};
use homeward_engine::pipeline::match_finding;
use homeward_model::{Finding, FindingKind, JudgedKind, Judgement, MissingReport, MissingReportId, Verdict};
use homeward_store::outcomes::{Found, Worked};
use std::collections::{BTreeMap, HashMap};

/// A match on which somebody decided.
pub struct Taught {
    /// The finding, as the newest run that has it says it.
    pub finding: Finding,
    /// It was the child.
    pub right: bool,
    /// Who said so: `judgement`, `decision` or `lead`.
    pub said_by: &'static str,
}

/// Everything that people found out.
#[derive(Default)]
pub struct Everything {
    /// By report, then by finding.
    pub matches: Vec<Taught>,
    /// Reports of the record, by the id that their system gave them.
    pub reports: Vec<MissingReport>,
    /// Matches decided on that stand in no run that is kept.
    pub lost: usize,
    /// Leads that ended with a child whose record names no report.
    pub unnamed: usize,
}

/// What somebody said of a finding.
enum Said {
    Right,
    Wrong,
    /// A child of this report was found.
    Child(MissingReportId),
}

/// What somebody said of a report and postings.
struct Decided {
    report: String,
    postings: Vec<u64>,
    right: bool,
}

/// Reads the record and the archive.
pub fn everything(global: &Global, options: &RecordOptions, archive: &Archive) -> Result<Everything> {
    let places = Places::of(global, options);
    let (mut reports, mut judgements, mut worked) = (archive.reports()?, Vec::new(), Vec::new());
    if places.exists() {
        let (snapshot, leads) = block_on(async {
            let store = places.open().await?;
            let snapshot = store.snapshot(outside()).await.context("the record cannot be read")?;
            Ok((snapshot, store.worked_leads(outside()).await?))
        })?;
        (reports, judgements, worked) = (snapshot.reports, snapshot.judgements, leads);
    }
    gather(archive, reports, &judgements, &worked)
}

fn gather(
    archive: &Archive,
    reports: Vec<MissingReport>,
    judgements: &[Judgement],
    worked: &[Worked],
) -> Result<Everything> {
    let mut everything = Everything::default();
    // By finding; what counts more comes later.
    let mut said: BTreeMap<String, (Said, &'static str)> = BTreeMap::new();
    for lead in worked {
        let found = match lead.found {
            Found::Nothing => Said::Wrong,
            Found::Child(Some(report)) => Said::Child(report),
            Found::Child(None) => {
                everything.unnamed += 1;
                continue;
            }
        };
        said.insert(lead.finding.clone(), (found, "lead"));
    }
    let judged = judged(judgements, &reports);
    let decided = decided(archive)?;
    let wanted = |finding: &str| said.contains_key(finding) || judged.contains_key(finding);
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    let mut candidates: Vec<Finding> = Vec::new();
    for run in archive.runs()?.iter().rev() {
        let findings = archive.open_findings(run)?;
        for head in findings.heads.iter().filter(|head| head.kind == FindingKind::Match) {
            let report = head.missing_report.as_deref().unwrap_or_default();
            let named = wanted(&head.id) && !found.contains_key(&head.id);
            let of_report = decided.iter().any(|one| one.report == report);
            if !named && !of_report {
                continue;
            }
            let Some((finding, _)) = findings.read(&head.id)? else { continue };
            if of_report {
                candidates.push(finding.clone());
            }
            if named {
                found.insert(head.id.clone(), finding);
            }
        }
    }
    let keys = keys_by_id(archive, &candidates)?;
    let mut lost = 0;
    for one in decided {
        match candidates.iter().find(|finding| one.is_of(finding, &keys)) {
            Some(finding) => {
                let verdict = if one.right { Said::Right } else { Said::Wrong };
                said.insert(finding.id.clone(), (verdict, "decision"));
                found.entry(finding.id.clone()).or_insert_with(|| finding.clone());
            }
            None => lost += 1,
        }
    }
    for (finding, right) in judged {
        said.insert(finding, (if right { Said::Right } else { Said::Wrong }, "judgement"));
    }
    for (id, (verdict, said_by)) in said {
        let Some(finding) = found.remove(&id) else {
            lost += 1;
            continue;
        };
        let right = match verdict {
            Said::Right => true,
            Said::Wrong => false,
            Said::Child(child) => {
                finding.missing_report.as_deref().is_some_and(|report| report_id(report) == child)
            }
        };
        everything.matches.push(Taught { finding, right, said_by });
    }
    everything.matches.sort_by(|a, b| {
        (&a.finding.missing_report, &a.finding.id).cmp(&(&b.finding.missing_report, &b.finding.id))
    });
    Ok(Everything { reports, lost, ..everything })
}

/// The record's id of a report that is named by it, or by the id that its system gave it.
fn report_id(text: &str) -> MissingReportId {
    text.parse().unwrap_or_else(|_| MissingReportId::of_text(text))
}

/// What the record's judgements that stand say of matches, by finding.
fn judged(judgements: &[Judgement], reports: &[MissingReport]) -> BTreeMap<String, bool> {
    let texts: BTreeMap<MissingReportId, &str> =
        reports.iter().map(|report| (report_id(&report.id), report.id.as_str())).collect();
    let mut judged = BTreeMap::new();
    for judgement in latest(judgements) {
        let (left, right) = judgement.pair();
        let (JudgedKind::Report, JudgedKind::Network) = (left.kind, right.kind) else { continue };
        let Some(report) = texts.get(&report_id(&left.id)) else { continue };
        let same = match judgement.verdict {
            Verdict::Same => true,
            Verdict::NotSame => false,
            Verdict::Unsure => continue,
        };
        judged.insert(match_finding(report, &right.id), same);
    }
    judged
}

/// Matches that were rejected or confirmed by `homeward judge` and stand, oldest first.
fn decided(archive: &Archive) -> Result<Vec<Decided>> {
    let standing = archive.judgements()?.into_iter().filter(|judged| !judged.undone);
    Ok(standing
        .filter_map(|judged| match judged.decision {
            Decision::Reject { report, postings, .. } => Some(Decided { report, postings, right: false }),
            Decision::Confirm { report, postings, .. } => Some(Decided { report, postings, right: true }),
            _ => None,
        })
        .collect())
}

impl Decided {
    /// Whether it is about a finding: of its report, and with at least half of its postings.
    fn is_of(&self, finding: &Finding, keys: &HashMap<String, Vec<u64>>) -> bool {
        let own = finding.postings.iter().filter_map(|id| keys.get(id)).flatten();
        let shared = own.filter(|key| self.postings.contains(key)).count();
        finding.missing_report.as_deref() == Some(&self.report)
            && shared > 0
            && 2 * shared >= self.postings.len()
    }
}

/// The keys of the postings of some findings, by id.
pub fn keys_by_id(archive: &Archive, findings: &[Finding]) -> Result<HashMap<String, Vec<u64>>> {
    let mut keys: HashMap<String, Vec<u64>> =
        findings.iter().flat_map(|finding| &finding.postings).map(|id| (id.clone(), Vec::new())).collect();
    if keys.is_empty() {
        return Ok(keys);
    }
    for segment in archive.segments() {
        for batch in archive.batches(segment)? {
            for posting in batch? {
                if let Some(own) = keys.get_mut(&posting.id) {
                    own.push(posting.identity().key());
                }
            }
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::{Grounds, Instant, Judged, JudgementId, LeadId, MemberId, Stamp};

    /// A match of a report and a network in the shape of a run.
    fn line(report: &str, network: &str, probability: f64) -> String {
        let id = match_finding(report, network);
        format!(
            r#"{{"id":"{id}","kind":"match","probability":{probability},"weight_bits":5.0,"rank_score":0.5,"network":"{network}","missing_report":"{report}","other_report":null,"postings":["p-1"],"place":{{}},"office":null,"first_seen":null,"last_seen":null,"reasons":[],"run":"r-1","rules":"0"}}"#
        ) + "\n"
    }

    fn judgement(at: i64, report: &str, network: &str, verdict: Verdict) -> Judgement {
        let record = |kind, id: &str| Judged { kind, id: id.to_owned() };
        let stamp = Stamp { by: MemberId::from_bits(1), at: Instant(at) };
        let pair = (record(JudgedKind::Report, report), record(JudgedKind::Network, network));
        let why = Grounds::new("seen").unwrap();
        Judgement::new(JudgementId::from_bits(at as u128), pair, verdict, why, stamp).unwrap()
    }

    fn worked(report: &str, network: &str, found: Found) -> Worked {
        Worked { lead: LeadId::from_bits(1), finding: match_finding(report, network), found }
    }

    #[test]
    fn who_spoke_of_a_match_is_heard_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let (one, two) = ("n-00000000000000aa", "n-00000000000000bb");
        let findings = ["1", "2", "3", "4", "5"].map(|report| line(report, one, 0.75)).concat();
        let files = |text: &str| [("findings.jsonl", text.to_owned()), ("postings.csv", String::new())];
        archive.write_run("r-1", &files(&findings)).unwrap();
        // The newer run no longer has what was rejected.
        archive.write_run("r-2", &files(&line("2", one, 0.5))).unwrap();
        let reports: Vec<MissingReport> = ["1", "2", "3", "4", "5"]
            .map(|id| MissingReport { id: id.into(), ..MissingReport::default() })
            .into();
        let judgements = [
            judgement(1, "1", one, Verdict::Same),
            judgement(2, "1", one, Verdict::NotSame),
            judgement(3, "2", one, Verdict::Same),
            judgement(4, "3", one, Verdict::Unsure),
            judgement(5, "3", two, Verdict::Same),
        ];
        let child = |id: &str| Found::Child(Some(MissingReportId::of_text(id)));
        let leads = [
            worked("2", one, Found::Nothing),
            worked("3", one, child("3")),
            worked("4", one, child("3")),
            worked("5", one, Found::Child(None)),
        ];
        let all = gather(&archive, reports, &judgements, &leads).unwrap();
        let told: Vec<_> = all
            .matches
            .iter()
            .map(|one| {
                let report = one.finding.missing_report.as_deref().unwrap();
                (report, one.finding.probability, one.right, one.said_by)
            })
            .collect();
        let expected = [
            ("1", 0.75, false, "judgement"),
            ("2", 0.5, true, "judgement"),
            ("3", 0.75, true, "lead"),
            // The lead found a child, and not the one of this report.
            ("4", 0.75, false, "lead"),
        ];
        assert_eq!(told, expected);
        assert_eq!((all.lost, all.unnamed, all.reports.len()), (1, 1, 5));
        let nothing = gather(&archive, Vec::new(), &[], &[]).unwrap();
        assert_eq!((nothing.matches.len(), nothing.lost), (0, 0));
    }
}
