//! From the record to the archive: the snapshot of reports that the next run reads, with what people decided there put into
//! the engine's terms.

use crate::judge::keys;
use crate::record::outside;
use crate::taught::keys_by_id;
use anyhow::{Context, Result};
use homeward_archive::{Archive, Decision};
use homeward_engine::pipeline::{match_finding, person_finding};
use homeward_model::{Finding, FindingKind, Judged, JudgedKind, Judgement, MissingReportId, Verdict};
use homeward_store::Store;
use homeward_store::outcomes::{Found, Worked};
use homeward_store::snapshot::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// Takes a snapshot of the record and puts it in the place of the archive's.
pub async fn take(store: &Store, archive: &mut Archive) -> Result<()> {
    let snapshot = store.snapshot(outside()).await.context("the record cannot be read")?;
    let worked = store.worked_leads(outside()).await.context("the record cannot be read")?;
    let decisions = decisions(&snapshot, &worked, archive)?;
    archive.replace_reports(snapshot.reports, &decisions)?;
    Ok(())
}

/// The decisions of the record that stand, in a fixed order.
fn decisions(snapshot: &Snapshot, worked: &[Worked], archive: &Archive) -> Result<Vec<Decision>> {
    let texts: BTreeMap<MissingReportId, &str> = snapshot
        .reports
        .iter()
        .map(|report| (MissingReportId::of_text(&report.id), report.id.as_str()))
        .collect();
    let judgements: Vec<&Judgement> = latest(&snapshot.judgements).collect();
    let found: Vec<(&str, &str)> = worked.iter().filter_map(|lead| child(lead, &texts)).collect();
    let of_match = |judgement: &&Judgement| match_of(judgement, &texts).map(|(_, finding)| finding);
    let mut wanted: BTreeSet<String> = snapshot.dismissed.iter().cloned().collect();
    wanted.extend(judgements.iter().filter_map(of_match));
    wanted.extend(found.iter().map(|(finding, _)| (*finding).to_owned()));
    let offered = Offered::read(archive, &wanted)?;

    let mut decisions: Vec<Decision> =
        snapshot.dismissed.iter().map(|id| offered.dismiss(id, None)).collect();
    for judgement in judgements {
        decisions.extend(judged(judgement, &texts, &offered, archive)?);
    }
    decisions
        .extend(found.into_iter().filter_map(|(finding, report)| offered.confirm(finding, report, true)));
    Ok(decisions)
}

/// The finding of a lead that ended with a child of the report that it matched, and that report.
fn child<'a>(lead: &'a Worked, texts: &BTreeMap<MissingReportId, &'a str>) -> Option<(&'a str, &'a str)> {
    let Found::Child(Some(report)) = lead.found else { return None };
    Some((&lead.finding, texts.get(&report)?))
}

/// What findings were about, as they were offered: networks get other names as they grow, and what was rejected must not
/// come back under one. Kept from the snapshot before, else looked up in the newest run that has it.
#[derive(Default)]
struct Offered(BTreeMap<String, Decision>);

impl Offered {
    fn read(archive: &Archive, wanted: &BTreeSet<String>) -> Result<Offered> {
        let mut offered = Offered::default();
        for decision in archive.record_decisions()? {
            let told = match &decision {
                Decision::Dismiss { finding, report: Some(_), run: Some(_), .. } => Some(finding.clone()),
                Decision::Confirm { finding, .. } => finding.clone(),
                _ => None,
            };
            offered.0.extend(told.filter(|id| wanted.contains(id)).map(|id| (id, decision)));
        }
        let mut looked: BTreeMap<String, (String, Finding)> = BTreeMap::new();
        for run in archive.runs()?.iter().rev() {
            let missing =
                wanted.iter().filter(|id| !offered.0.contains_key(*id) && !looked.contains_key(*id));
            let missing: Vec<String> = missing.cloned().collect();
            if missing.is_empty() {
                break;
            }
            let findings = archive.open_findings(run)?;
            for id in missing {
                if let Some((finding, _)) =
                    findings.read(&id)?.filter(|(one, _)| one.kind == FindingKind::Match)
                {
                    looked.insert(id, (run.clone(), finding));
                }
            }
        }
        let findings: Vec<Finding> = looked.values().map(|(_, finding)| finding.clone()).collect();
        let keys = keys_by_id(archive, &findings)?;
        for (id, (run, found)) in looked {
            let mut postings: Vec<u64> =
                found.postings.iter().filter_map(|id| keys.get(id)).flatten().copied().collect();
            postings.sort_unstable();
            postings.dedup();
            let (report, run) = (found.missing_report, Some(run));
            let told = Decision::Dismiss { finding: id.clone(), report, postings, run, judgement: None };
            offered.0.insert(id, told);
        }
        Ok(offered)
    }

    /// The report, the keys of the postings and the run of a finding.
    fn told(&self, finding: &str) -> (Option<String>, Vec<u64>, Option<String>) {
        match self.0.get(finding) {
            Some(Decision::Dismiss { report, postings, run, .. }) => {
                (report.clone(), postings.clone(), run.clone())
            }
            Some(Decision::Confirm { report, postings, .. }) => {
                (Some(report.clone()), postings.clone(), None)
            }
            _ => (None, Vec::new(), None),
        }
    }

    fn dismiss(&self, finding: &str, judgement: Option<String>) -> Decision {
        let (report, postings, run) = self.told(finding);
        Decision::Dismiss { finding: finding.to_owned(), report, postings, run, judgement }
    }

    /// That a match was right; nothing where it matched another report, or is not known any more.
    fn confirm(&self, finding: &str, report: &str, recovered: bool) -> Option<Decision> {
        let (of, postings, _) = self.told(finding);
        let right = of.as_deref() == Some(report) && !postings.is_empty();
        let (report, finding) = (report.to_owned(), Some(finding.to_owned()));
        right.then_some(Decision::Confirm { report, postings, finding, recovered })
    }
}

/// Of several judgements on one pair the latest holds.
pub fn latest(judgements: &[Judgement]) -> impl Iterator<Item = &Judgement> {
    let mut latest: BTreeMap<&(Judged, Judged), &Judgement> = BTreeMap::new();
    for judgement in judgements {
        let held = latest.entry(judgement.pair()).or_insert(judgement);
        if (judgement.stamp.at, judgement.id) > (held.stamp.at, held.id) {
            *held = judgement;
        }
    }
    latest.into_values()
}

/// A report is named by its record's id, or by the id that its system gave it.
fn text<'a>(report: &Judged, texts: &BTreeMap<MissingReportId, &'a str>) -> Option<&'a str> {
    let id = report.id.parse().unwrap_or_else(|_| MissingReportId::of_text(&report.id));
    texts.get(&id).copied()
}

/// The report of a judgement on a report and a network, and the finding that proposes the two.
fn match_of<'a>(
    judgement: &Judgement,
    texts: &BTreeMap<MissingReportId, &'a str>,
) -> Option<(&'a str, String)> {
    let (left, right) = judgement.pair();
    let kinds = (left.kind, right.kind) == (JudgedKind::Report, JudgedKind::Network);
    let report = text(left, texts).filter(|_| kinds)?;
    Some((report, match_finding(report, &right.id)))
}

/// A judgement in the engine's terms; none where it says nothing to it.
fn judged(
    judgement: &Judgement,
    texts: &BTreeMap<MissingReportId, &str>,
    offered: &Offered,
    archive: &Archive,
) -> Result<Vec<Decision>> {
    let (left, right) = judgement.pair();
    let same = match judgement.verdict {
        Verdict::Same => true,
        Verdict::NotSame => false,
        Verdict::Unsure => return Ok(Vec::new()),
    };
    let pair = |postings| {
        if same { Decision::Same { postings } } else { Decision::Apart { postings } }
    };
    if let Some((report, finding)) = match_of(judgement, texts) {
        if same {
            return Ok(offered.confirm(&finding, report, false).into_iter().collect());
        }
        let (_, mut postings, run) = offered.told(&finding);
        postings.extend(key_of(archive, right)?);
        postings.sort_unstable();
        postings.dedup();
        let (report, judgement) = (Some(report.to_owned()), Some(judgement.id.to_string()));
        return Ok(vec![Decision::Dismiss { finding, report, postings, run, judgement }]);
    }
    let dismiss = |finding| Decision::Dismiss {
        finding,
        report: None,
        postings: Vec::new(),
        run: None,
        judgement: None,
    };
    let decided = match (left.kind, right.kind) {
        (JudgedKind::Posting | JudgedKind::Network, JudgedKind::Posting | JudgedKind::Network) => {
            let keys = key_of(archive, left)?.zip(key_of(archive, right)?);
            keys.map(pair).into_iter().collect()
        }
        // Decided either way, the pair is not offered again.
        (JudgedKind::Report, JudgedKind::Report) => match text(left, texts).zip(text(right, texts)) {
            Some((a, b)) => {
                let reports = (a.to_owned(), b.to_owned());
                let one = Decision::OneChild { reports, same };
                vec![dismiss(person_finding(a, b)), dismiss(person_finding(b, a)), one]
            }
            None => Vec::new(),
        },
        (JudgedKind::Report, JudgedKind::Posting) if !same => match text(left, texts) {
            Some(report) => {
                let postings = key_of(archive, right)?.into_iter().collect();
                vec![Decision::Reject { report: report.to_owned(), postings, run: None }]
            }
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    Ok(decided)
}

/// The key of a posting by its id, where no two sources share it, or of a network's smallest posting by the network's name.
fn key_of(archive: &Archive, record: &Judged) -> Result<Option<u64>> {
    if record.kind == JudgedKind::Network {
        return Ok(record.id.strip_prefix("n-").and_then(|key| u64::from_str_radix(key, 16).ok()));
    }
    Ok(match keys(archive, &[&record.id])?[..] {
        [key] => Some(key),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::{Grounds, Instant, JudgementId, MemberId, MissingReport, Stamp};

    fn judgement(
        at: i64,
        left: (JudgedKind, &str),
        right: (JudgedKind, &str),
        verdict: Verdict,
    ) -> Judgement {
        let record = |(kind, id): (JudgedKind, &str)| Judged { kind, id: id.to_owned() };
        let stamp = Stamp { by: MemberId::from_bits(1), at: Instant(at) };
        let id = JudgementId::from_bits(at as u128);
        Judgement::new(id, (record(left), record(right)), verdict, Grounds::new("seen").unwrap(), stamp)
            .unwrap()
    }

    fn report(id: &str) -> MissingReport {
        MissingReport { id: id.into(), ..MissingReport::default() }
    }

    #[test]
    fn judgements_are_put_into_the_engines_terms() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path()).unwrap();
        let (one, two) = ("n-00000000000000aa", "n-00000000000000bb");
        let id = MissingReportId::of_text("007").to_string();
        let snapshot = Snapshot {
            reports: vec![report("007"), report("M 8")],
            judgements: vec![
                judgement(1, (JudgedKind::Network, one), (JudgedKind::Network, two), Verdict::Same),
                judgement(2, (JudgedKind::Network, two), (JudgedKind::Network, one), Verdict::NotSame),
                judgement(3, (JudgedKind::Report, &id), (JudgedKind::Report, "M 8"), Verdict::NotSame),
                judgement(4, (JudgedKind::Report, &id), (JudgedKind::Network, one), Verdict::NotSame),
                judgement(5, (JudgedKind::Report, "M 9"), (JudgedKind::Network, one), Verdict::NotSame),
            ],
            dismissed: vec!["f-1".into()],
        };
        let found = decisions(&snapshot, &[], &archive).unwrap();
        assert_eq!(found.len(), 6, "{found:?}");
        assert!(found.contains(&Decision::Apart { postings: (0xaa, 0xbb) }));
        assert!(!found.iter().any(|decision| matches!(decision, Decision::Same { .. })));
        let finding = match_finding("007", one);
        let report = Some("007".to_owned());
        let judgement = Some(snapshot.judgements[3].id.to_string());
        let (postings, run) = (vec![0xaa], None);
        assert!(found.contains(&Decision::Dismiss { finding, report, postings, run, judgement }));
        assert_eq!(found, decisions(&snapshot, &[], &archive).unwrap());
        let reports = (id, "M 8".to_owned());
        let named = |decision: &Decision| matches!(decision, Decision::OneChild { same: false, reports: told } if told.1 == reports.1);
        assert!(found.iter().any(named), "{found:?}");
    }

    #[test]
    fn a_rejection_keeps_the_run_on_which_it_was_made_and_a_find_is_kept_when_its_run_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let line = |report: &str, network: &str| {
            let id = match_finding(report, network);
            format!(
                r#"{{"id":"{id}","kind":"match","probability":0.5,"weight_bits":5.0,"rank_score":0.5,"network":"{network}","missing_report":"{report}","other_report":null,"postings":[],"place":{{}},"office":null,"first_seen":null,"last_seen":null,"reasons":[],"run":"r-1","rules":"0"}}"#
            ) + "\n"
        };
        let network = "n-00000000000000aa";
        let files = |text: String| [("findings.jsonl", text), ("postings.csv", String::new())];
        archive.write_run("r-1", &files(line("007", network))).unwrap();
        archive.write_run("r-2", &files(String::new())).unwrap();
        let snapshot = Snapshot {
            reports: vec![report("007")],
            judgements: vec![judgement(
                1,
                (JudgedKind::Report, "007"),
                (JudgedKind::Network, network),
                Verdict::NotSame,
            )],
            dismissed: vec![],
        };
        let said = decisions(&snapshot, &[], &archive).unwrap();
        let run = Some("r-1".to_owned());
        let (finding, judgement) =
            (match_finding("007", network), Some(snapshot.judgements[0].id.to_string()));
        let report = Some("007".to_owned());
        let expected = Decision::Dismiss { finding, report, postings: vec![0xaa], run, judgement };
        assert_eq!(said, std::slice::from_ref(&expected));
        assert_eq!(expected.in_record().map(str::to_owned), Some(snapshot.judgements[0].id.to_string()));
        // The snapshot keeps it, whatever becomes of the runs.
        archive.replace_reports(snapshot.reports.clone(), &said).unwrap();
        std::fs::remove_dir_all(folder.path().join("runs")).unwrap();
        assert_eq!(decisions(&snapshot, &[], &archive).unwrap(), said);
    }
}
