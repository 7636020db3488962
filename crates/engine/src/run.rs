//! A run over the archive: read what is new, keep what is known, write findings that anyone can compute again.

use crate::contradiction::{compared, contradictions};
use crate::decided::Decided;
use crate::extract::{self, Extracted, Reader};
use crate::known::Known;
use crate::{facts_file, in_force, index, memory_file, pipeline, tables};
use homeward_archive::{Archive, ArchiveError};
use homeward_linkage::matching::{MatchOptions, Matches};
use homeward_model::{Digest, Instant, MissingReport};
use homeward_rules::Rules;
use rayon::prelude::*;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// The code that made the engine's caches, see `build.rs`; what other code made is made anew.
const CODE: &str = env!("HOMEWARD_FINGERPRINT");

/// Candidates kept for each report.
pub(crate) const CANDIDATES: usize = 5;

/// What a run was asked for.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Forget every cache.
    pub full: bool,
    /// "Now"; the newest moment in the data when not said.
    pub as_of: Option<Instant>,
    /// What the clock says: a later moment in the data is somebody's slip, and not "now".
    pub clock: Instant,
    /// Region for numbers without a country code.
    pub region: String,
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// Id: hash of everything that went in.
    pub id: String,
    /// Postings, one version each.
    pub postings: usize,
    /// Template families.
    pub templates: usize,
    /// Owners of two postings or more.
    pub networks: usize,
    /// Missing reports read.
    pub reports: usize,
    /// Findings.
    pub findings: usize,
    /// Values kept from linking.
    pub blocked: usize,
    /// Steps with the time each took.
    pub steps: Vec<(&'static str, Duration)>,
}

/// A run that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The archive refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The latest run was made with other rules or by an earlier version.
    #[error("run `{run}` was made with other rules or by an earlier version")]
    OtherRules {
        /// The run.
        run: String,
    },
    /// A file of a run does not hold what it should.
    #[error("`{file}` of run `{run}` is damaged: {why}")]
    Damaged {
        /// The run.
        run: String,
        /// The file.
        file: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A cache could not be written.
    #[error("failed to write the cache `{path}`: {why}")]
    Cache {
        /// The file.
        path: String,
        /// The cause.
        why: String,
    },
}

/// Makes a run. `step` is told the name of each step as it begins.
pub fn run(
    archive: &mut Archive,
    options: &RunOptions,
    step: &mut dyn FnMut(&'static str),
) -> Result<RunSummary, RunError> {
    let base = Rules::embedded();
    let rules = &in_force::rules(archive)?;
    let reader = Reader::new(base, &options.region);
    let mut steps: Vec<(&'static str, std::time::Instant)> = Vec::new();
    let mut begin = |name: &'static str| {
        steps.push((name, now()));
        step(name);
    };
    begin("extract");
    let state = archive.state_dir();
    let made_with = made_with(base);
    for entry in std::fs::read_dir(&state).into_iter().flatten().flatten() {
        let of_this_code = entry.file_name().to_string_lossy().contains(&made_with);
        if options.full || !of_this_code {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    let index_tag = index::tag(base, &options.region);
    let unindexed = archive.without_index(&index_tag);
    let facts = archive.segments().par_iter().map(|segment| {
        let path = facts_path(archive, &segment.id, &options.region, base);
        facts_file::read(&path).or_else(|_| {
            let made = if unindexed.contains(segment) {
                index::build_with_facts(archive, &reader, segment, &index_tag)?
            } else {
                extract::of_segment(&reader, archive, segment)?
            };
            facts_file::write(&path, &made).map_err(|error| RunError::Cache {
                path: path.display().to_string(),
                why: error.to_string(),
            })?;
            Ok::<_, RunError>(made)
        })
    });
    let rows: Vec<Extracted> = facts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let reports = archive.reports()?;
    let as_of = options
        .as_of
        .unwrap_or_else(|| pipeline::newest(rows.iter().map(|row| &row.facts), &reports, options.clock));
    let decided = Decided::read(archive)?;
    let judged = format!("{} {:?}", decided.written(), compared(archive, &decided)?);
    let id = run_id(&rows, &reports, judged, as_of, &options.region, rules);
    let memory_path = state.join(format!("templates{}.memory", tag(&options.region, base)));
    let memory = memory_file::read(&memory_path);
    let analysis = pipeline::analyse(rows, memory.as_ref(), &decided.links, rules, &mut begin);
    begin("match");
    let options_of_match = MatchOptions { as_of, prior: None, top: CANDIDATES };
    let known = Known::of(&decided, &analysis, &reports, rules);
    let Matches { list: matches, learned } =
        pipeline::match_with_share(&analysis, &reports, known.told(), options_of_match, rules);
    let (matches, rejected) = decided.split(&reports, matches, &analysis);
    begin("rank");
    let mut findings = pipeline::findings(&analysis, &reports, matches, as_of, rules);
    findings.retain(|finding| !decided.dismissed.contains(&finding.id));
    findings.extend(contradictions(archive, &decided, &analysis, &reports, rejected, as_of, rules)?);
    pipeline::best_first(&mut findings);
    begin("write");
    memory_file::write(&memory_path, &analysis.memory).map_err(|error| RunError::Cache {
        path: memory_path.display().to_string(),
        why: error.to_string(),
    })?;
    let count = |labels: &[u32], alone: &dyn Fn(usize, u32) -> bool| {
        let mut names: Vec<u32> = labels
            .iter()
            .enumerate()
            .filter(|(at, label)| !alone(*at, **label))
            .map(|(_, label)| *label)
            .collect();
        names.sort_unstable();
        (names.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).count(), names.len())
    };
    let (templates, _) = count(&analysis.family, &|_, label| label == u32::MAX);
    let (networks, _) = count(&analysis.owners.owner, &|_, _| false);
    let summary = RunSummary {
        id: id.clone(),
        postings: analysis.ids.len(),
        templates,
        networks,
        reports: reports.len(),
        findings: findings.len(),
        blocked: analysis.owners.blocked.len(),
        steps: Vec::new(),
    };
    let writers: [(&str, &(dyn Fn() -> String + Sync)); 6] = [
        ("findings.jsonl", &|| tables::findings(&findings, &id, &rules.version)),
        ("postings.csv", &|| tables::postings(&analysis)),
        ("templates.csv", &|| tables::templates(&analysis)),
        ("networks.csv", &|| tables::networks(&analysis)),
        ("links.jsonl", &|| tables::links(&analysis)),
        ("blocked.jsonl", &|| tables::blocked(&analysis)),
    ];
    let mut files: Vec<(&str, String)> = writers.par_iter().map(|(name, write)| (*name, write())).collect();
    let share = learned.share_present;
    files.push(("manifest.json", manifest(&summary, as_of, &options.region, share, archive, rules)));
    files.push((LEARNED, serde_json::to_string(&learned).unwrap_or_default()));
    archive.write_run(&id, &files)?;
    begin("index");
    index::build_missing(archive, &reader, &index_tag, &|_| ())?;
    let ends: Vec<std::time::Instant> = steps.iter().skip(1).map(|(_, at)| *at).chain([now()]).collect();
    let steps = steps.iter().zip(ends).map(|((name, at), end)| (*name, end - *at)).collect();
    Ok(RunSummary { steps, ..summary })
}

/// The file of a run that says what its reports together taught.
pub(crate) const LEARNED: &str = "learned.json";

/// The one clock of the engine: it times steps and never enters a result.
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The code and the rules that the engine's caches are made with.
fn made_with(rules: &Rules) -> String {
    format!("-{CODE}-{}-", rules.version)
}

/// What the names of the engine's caches have after the segment: what they depend on beside the postings.
fn tag(region: &str, rules: &Rules) -> String {
    format!("{}{region}", made_with(rules))
}

/// The file of a segment's facts.
pub(crate) fn facts_path(archive: &Archive, segment: &str, region: &str, rules: &Rules) -> PathBuf {
    archive.state_dir().join(format!("facts-{segment}{}.arrow", tag(region, rules)))
}

/// The hash of everything that goes in, whatever its order.
fn run_id(
    rows: &[Extracted],
    reports: &[MissingReport],
    judged: String,
    as_of: Instant,
    region: &str,
    rules: &Rules,
) -> String {
    let mut keys: Vec<[u8; 16]> = rows
        .iter()
        .map(|row| {
            let mut key = [0; 16];
            key[..8].copy_from_slice(&row.facts.key.to_be_bytes());
            key[8..].copy_from_slice(&row.content.to_be_bytes());
            key
        })
        .collect();
    keys.sort_unstable();
    let reports: Vec<u8> =
        reports.iter().flat_map(|report| Digest::of(format!("{report:?}").as_bytes()).0).collect();
    let parts = [
        keys.concat(),
        reports,
        judged.into_bytes(),
        as_of.0.to_be_bytes().to_vec(),
        region.as_bytes().to_vec(),
        rules.version.clone().into_bytes(),
    ];
    format!("r-{}", &Digest::of_parts(parts.iter().map(Vec::as_slice)).hex()[..16])
}

fn manifest(
    summary: &RunSummary,
    as_of: Instant,
    region: &str,
    share: f64,
    archive: &Archive,
    rules: &Rules,
) -> String {
    let mut segments: Vec<&str> = archive.segments().iter().map(|segment| segment.id.as_str()).collect();
    segments.sort_unstable();
    let value = json!({
        "run": summary.id, "as_of": as_of.to_string(), "region": region, "share_present": share, "rules": rules.version, "build": env!("CARGO_PKG_VERSION"),
        "segments": segments, "report_snapshot": archive.report_snapshot(), "postings": summary.postings, "templates": summary.templates, "networks": summary.networks,
        "reports": summary.reports, "findings": summary.findings, "blocked": summary.blocked,
    });
    format!("{value:#}\n")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use homeward_archive::Decision;
    use homeward_intake::{Item, Options, read_missing, read_postings};
    use homeward_linkage::facts::Facts;
    use homeward_model::{FindingKind, Posting};
    use homeward_world::{World, WorldOptions};
    use serde_json::Value;
    use std::collections::BTreeMap;
    use std::path::Path;

    pub(crate) fn nation(folder: &Path, postings: usize) -> (Vec<Posting>, Vec<MissingReport>) {
        let world = World::generate(WorldOptions { postings, reports: Some(60), seed: 9 });
        let (postings, missing) = (folder.join("postings.jsonl"), folder.join("missing.jsonl"));
        let (mut text, mut lines) = (Vec::new(), Vec::new());
        world.write_postings(&mut text).unwrap();
        world.write_missing(&mut lines).unwrap();
        std::fs::write(&postings, text).unwrap();
        std::fs::write(&missing, lines).unwrap();
        let (mut read, mut reports) = (Vec::new(), Vec::new());
        read_postings(&postings, &Options::default(), &mut |item| {
            if let Item::Good(posting) = item {
                read.push(posting);
            }
            true
        })
        .unwrap();
        read_missing(&missing, &Options::default(), &mut |item| {
            if let Item::Good(report) = item {
                reports.push(report);
            }
            true
        })
        .unwrap();
        (read, reports)
    }

    fn findings(postings: &[&[Posting]], reports: &[MissingReport], between: bool) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        archive.add_reports(reports.to_vec()).unwrap();
        let options = RunOptions { full: false, as_of: None, clock: Instant(i64::MAX), region: "US".into() };
        for batch in postings {
            let mut writer = archive.writer().unwrap();
            for posting in *batch {
                writer.add(posting.clone()).unwrap();
            }
            writer.commit().unwrap();
            if between {
                run(&mut archive, &options, &mut |_| {}).unwrap();
            }
        }
        let summary = run(&mut archive, &options, &mut |_| {}).unwrap();
        (
            archive.run_file(&summary.id, "findings.jsonl").unwrap(),
            archive.run_file(&summary.id, "postings.csv").unwrap(),
        )
    }

    #[test]
    fn batches_in_any_order_give_the_bytes_of_one_run() {
        let folder = tempfile::tempdir().unwrap();
        let (postings, reports) = nation(folder.path(), 1500);
        let whole = findings(&[&postings], &reports, false);
        assert!(whole.0.lines().count() > 10);
        let (first, rest) = postings.split_at(1100);
        let (second, third) = rest.split_at(390);
        assert_eq!(findings(&[first, second, third], &reports, true), whole);
        let mut turned = postings.clone();
        turned.reverse();
        let (first, rest) = turned.split_at(1200);
        assert_eq!(findings(&[first, rest], &reports, true), whole);
    }

    #[test]
    fn another_region_is_another_run() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let mut made = |region: &str| {
            let options =
                RunOptions { full: false, as_of: None, clock: Instant(i64::MAX), region: region.to_owned() };
            run(&mut archive, &options, &mut |_| {}).unwrap().id
        };
        let american = made("US");
        assert_ne!(made("GB"), american);
        assert_eq!(made("US"), american);
    }

    #[test]
    fn a_moment_after_the_clock_is_never_now() {
        let at = |text| Instant::parse(text).unwrap();
        let fact = |text| Facts { seen_at: Some(at(text)), ..Facts::default() };
        let report = |text| MissingReport { missing_since: Some(at(text)), ..MissingReport::default() };
        let (facts, reports) =
            ([fact("2019-05-01"), fact("3019-05-01")], [report("2019-06-01"), report("2091-06-01")]);
        let now = |facts: &[Facts], reports: &[MissingReport], clock| {
            pipeline::newest(facts.iter(), reports, at(clock))
        };
        assert_eq!(now(&facts, &reports, "2019-09-01"), at("2019-06-01"));
        assert_eq!(now(&facts, &[], "2019-09-01"), at("2019-05-01"));
        assert_eq!(now(&facts, &reports, "2019-01-01"), Instant::default());
    }

    #[test]
    fn a_find_speaks_for_the_childs_later_report_and_a_withdrawn_report_is_silent() {
        let folder = tempfile::tempdir().unwrap();
        let (postings, mut reports) = nation(folder.path(), 1500);
        let mut archive = Archive::open(&folder.path().join("data")).unwrap();
        let mut writer = archive.writer().unwrap();
        for posting in &postings {
            writer.add(posting.clone()).unwrap();
        }
        writer.commit().unwrap();
        let options = RunOptions { full: false, as_of: None, clock: Instant(i64::MAX), region: "US".into() };
        let read = |archive: &Archive, run: &str| {
            let findings = archive.open_findings(run).unwrap();
            let heads = findings.heads.iter().filter(|head| head.kind == FindingKind::Match);
            heads.map(|head| findings.read(&head.id).unwrap().unwrap().0).collect::<Vec<_>>()
        };
        archive.replace_reports(reports.clone(), &[]).unwrap();
        let first = run(&mut archive, &options, &mut |_| {}).unwrap();
        let found = read(&archive, &first.id).remove(0);
        let report = reports.iter().find(|report| Some(&report.id) == found.missing_report.as_ref()).unwrap();
        // The child was recovered there, and is missing again under another number.
        let again = MissingReport { id: "M-again".into(), phones: vec![], photos: vec![], ..report.clone() };
        let (old, new) = (report.id.clone(), again.id.clone());
        reports.push(again);
        let of_find = postings.iter().filter(|posting| found.postings.contains(&posting.id));
        let postings = of_find.map(|posting| posting.identity().key()).collect();
        let confirm = Decision::Confirm { report: old.clone(), postings, finding: None, recovered: true };
        let told = |decisions: &[Decision], archive: &mut Archive| {
            archive.replace_reports(reports.clone(), decisions).unwrap();
            let summary = run(archive, &options, &mut |_| {}).unwrap();
            let all = read(archive, &summary.id);
            let of_new = all
                .into_iter()
                .find(|one| one.missing_report.as_ref() == Some(&new) && one.network == found.network);
            let reasons = of_new.map(|one| one.reasons).unwrap_or_default();
            reasons
                .into_iter()
                .find(|reason| reason.factor == "found before")
                .map(|reason| reason.weight_bits)
        };
        let by_likeness = told(std::slice::from_ref(&confirm), &mut archive);
        assert!(by_likeness.is_some_and(|bits| bits > 1.0 && bits <= 4.0), "{by_likeness:?}");
        // That a person says they are two children counts for more.
        let judged = |same| Decision::OneChild { reports: (new.clone(), old.clone()), same };
        assert_eq!(told(&[confirm.clone(), judged(false)], &mut archive), None);
        assert!(told(&[confirm, judged(true)], &mut archive) >= by_likeness);

        reports.retain(|report| report.id != old);
        archive.replace_reports(reports.clone(), &[]).unwrap();
        let without = run(&mut archive, &options, &mut |_| {}).unwrap();
        assert!(!archive.findings(&without.id).unwrap().contains(&format!("\"{old}\"")));
    }

    #[test]
    fn every_reason_of_every_finding_can_be_computed_again() {
        let folder = tempfile::tempdir().unwrap();
        let (postings, reports) = nation(folder.path(), 6000);
        let (lines, _) = findings(&[&postings], &reports, false);
        let rules = Rules::embedded();
        let mut checked: BTreeMap<String, usize> = BTreeMap::new();
        for line in lines.lines() {
            let finding: Value = serde_json::from_str(line).unwrap();
            let kind = FindingKind::parse(finding["kind"].as_str().unwrap()).unwrap();
            for reason in finding["reasons"].as_array().unwrap() {
                let text = |name: &str| reason[name].as_str().unwrap().to_owned();
                let measures = reason["measures"].as_object().unwrap();
                let stored = homeward_model::Reason {
                    factor: text("factor"),
                    left: text("left"),
                    right: text("right"),
                    weight_bits: reason["weight_bits"].as_f64().unwrap(),
                    support: text("support"),
                    measures: measures
                        .iter()
                        .map(|(name, value)| (name.clone(), value.as_f64().unwrap()))
                        .collect(),
                };
                let again = pipeline::recompute(kind, &stored, rules).unwrap();
                assert!((again - stored.weight_bits).abs() < 1e-9, "{kind:?} {stored:?}");
                *checked.entry(kind.word().to_owned()).or_default() += 1;
            }
        }
        // Changes are rare in a week of a small nation, and carry no weight.
        for kind in ["match", "network", "person"] {
            assert!(checked.get(kind).is_some_and(|count| *count >= 3), "{checked:?}");
        }
    }
}
