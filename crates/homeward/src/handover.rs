//! From the record to the archive: the snapshot of reports that the next run reads, with what people decided there put into
//! the engine's terms.

use crate::judge::keys;
use crate::record::outside;
use anyhow::{Context, Result};
use homeward_archive::{Archive, Decision};
use homeward_engine::pipeline::{match_finding, person_finding};
use homeward_model::{Judged, JudgedKind, Judgement, MissingReportId, Verdict};
use homeward_store::Store;
use homeward_store::snapshot::Snapshot;
use serde_json::Value;
use std::collections::BTreeMap;

/// Takes a snapshot of the record and puts it in the place of the archive's.
pub async fn take(store: &Store, archive: &mut Archive) -> Result<()> {
    let snapshot = store.snapshot(outside()).await.context("the record cannot be read")?;
    let decisions = decisions(&snapshot, archive)?;
    archive.replace_reports(snapshot.reports, &decisions)?;
    Ok(())
}

/// The decisions of the record that stand, in a fixed order.
fn decisions(snapshot: &Snapshot, archive: &Archive) -> Result<Vec<Decision>> {
    let mut decisions = dismissals(&snapshot.dismissed, archive)?;
    let texts: BTreeMap<MissingReportId, &str> = snapshot
        .reports
        .iter()
        .map(|report| (MissingReportId::of_text(&report.id), report.id.as_str()))
        .collect();
    for judgement in latest(&snapshot.judgements) {
        decisions.extend(judged(judgement, &texts, archive)?);
    }
    Ok(decisions)
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

/// Dismissed findings. What a dismissed match was about is looked up in the latest run, or kept from the snapshot before:
/// networks get other names as they grow, and the match must not come back under one.
fn dismissals(dismissed: &[String], archive: &Archive) -> Result<Vec<Decision>> {
    if dismissed.is_empty() {
        return Ok(Vec::new());
    }
    let mut known: BTreeMap<String, (Option<String>, Vec<u64>)> = BTreeMap::new();
    for decision in archive.record_decisions()? {
        if let Decision::Dismiss { finding, report, postings } = decision {
            known.insert(finding, (report, postings));
        }
    }
    if let Some(run) = archive.latest_run() {
        for line in archive.findings(run)?.lines() {
            let finding: Value = serde_json::from_str(line).context("the latest run is damaged")?;
            let id = finding["id"].as_str().unwrap_or_default();
            let Some(report) = finding["missing_report"].as_str().filter(|_| finding["kind"] == "match")
            else {
                continue;
            };
            if dismissed.iter().any(|dismissed| dismissed == id) {
                let ids = finding["postings"].as_array().into_iter().flatten();
                let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
                known.insert(id.to_owned(), (Some(report.to_owned()), keys(archive, &ids)?));
            }
        }
    }
    let decision = |finding: &String| {
        let (report, postings) = known.remove(finding).unwrap_or_default();
        Decision::Dismiss { finding: finding.clone(), report, postings }
    };
    Ok(dismissed.iter().map(decision).collect())
}

/// A judgement in the engine's terms; none where it says nothing to it.
fn judged(
    judgement: &Judgement,
    texts: &BTreeMap<MissingReportId, &str>,
    archive: &Archive,
) -> Result<Vec<Decision>> {
    let (left, right) = judgement.pair();
    let same = match judgement.verdict {
        Verdict::Same => true,
        Verdict::NotSame => false,
        Verdict::Unsure => return Ok(Vec::new()),
    };
    // A report is named by its record's id, or by the id that its system gave it.
    let text = |report: &Judged| {
        let id = report.id.parse().unwrap_or_else(|_| MissingReportId::of_text(&report.id));
        texts.get(&id).map(|text| (*text).to_owned())
    };
    let pair = |postings| {
        if same { Decision::Same { postings } } else { Decision::Apart { postings } }
    };
    let dismiss = |finding| Decision::Dismiss { finding, report: None, postings: Vec::new() };
    let decided = match (left.kind, right.kind) {
        (JudgedKind::Posting | JudgedKind::Network, JudgedKind::Posting | JudgedKind::Network) => {
            let keys = key_of(archive, left)?.zip(key_of(archive, right)?);
            keys.map(pair).into_iter().collect()
        }
        // Decided either way, the pair is not offered again.
        (JudgedKind::Report, JudgedKind::Report) => match text(left).zip(text(right)) {
            Some((a, b)) => vec![dismiss(person_finding(&a, &b)), dismiss(person_finding(&b, &a))],
            None => Vec::new(),
        },
        (JudgedKind::Report, JudgedKind::Posting | JudgedKind::Network) if !same => match text(left) {
            Some(report) if right.kind == JudgedKind::Network => {
                let finding = match_finding(&report, &right.id);
                let postings = key_of(archive, right)?.into_iter().collect();
                vec![Decision::Dismiss { finding, report: Some(report), postings }]
            }
            Some(report) => {
                let postings = key_of(archive, right)?.into_iter().collect();
                vec![Decision::Reject { report, postings }]
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
        let found = decisions(&snapshot, &archive).unwrap();
        assert_eq!(found.len(), 5, "{found:?}");
        assert!(found.contains(&Decision::Apart { postings: (0xaa, 0xbb) }));
        assert!(!found.iter().any(|decision| matches!(decision, Decision::Same { .. })));
        let finding = match_finding("007", one);
        let report = Some("007".to_owned());
        assert!(found.contains(&Decision::Dismiss { finding, report, postings: vec![0xaa] }));
        assert_eq!(found, decisions(&snapshot, &archive).unwrap());
    }
}
