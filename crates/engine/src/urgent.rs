//! One report matched alone against the latest run, in seconds: for a report that came in or was edited after it. The answer
//! is what that run would say of the report: its postings, owners, moment and what it learned are the run's.
//!
//! Left out: findings that are not matches. Whether two reports are of one child is for the next run.

use crate::contradiction::contradictions;
use crate::decided::Decided;
use crate::extract::{self, Extracted, Reader};
use crate::pipeline::{self, Analysis};
use crate::run::{CANDIDATES, LEARNED, RunError, facts_path};
use crate::{facts_file, in_force, tables};
use homeward_archive::Archive;
use homeward_linkage::matching::{Learned, Matcher, Ready};
use homeward_linkage::owners::Owners;
use homeward_linkage::templates::Memory;
use homeward_model::{Finding, Instant, MissingReport};
use homeward_places::Places;
use homeward_rules::Rules;
use serde_json::Value;

/// What the latest run knows of the postings. Loading it costs more than matching a report: keep it while several wait.
#[derive(Debug)]
pub struct Latest {
    run: String,
    as_of: Instant,
    rules: Rules,
    analysis: Analysis,
    ready: Ready,
}

/// One report's findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// The run whose supplement they are.
    pub run: String,
    /// Version of the rules that weighed them: the run's.
    pub rules: String,
    /// The findings, best first.
    pub findings: Vec<Finding>,
}

impl Matched {
    /// The findings in their published shape, a line each.
    pub fn lines(&self) -> String {
        tables::findings(&self.findings, &self.run, &self.rules)
    }
}

/// Matches one report against the latest run; `None` when there is no run.
pub fn match_report(archive: &Archive, report: &MissingReport) -> Result<Option<Matched>, RunError> {
    Latest::load(archive)?.map(|latest| latest.match_report(archive, report)).transpose()
}

impl Latest {
    /// Reads the latest run with the facts of its postings; `None` when there is no run.
    pub fn load(archive: &Archive) -> Result<Option<Latest>, RunError> {
        let base = Rules::embedded();
        let Some(run) = archive.latest_run() else { return Ok(None) };
        let damaged = |file, why: &str| RunError::Damaged { run: run.to_owned(), file, why: why.to_owned() };
        let manifest: Value = serde_json::from_str(&archive.run_file(run, "manifest.json")?)
            .map_err(|error| damaged("manifest.json", &error.to_string()))?;
        let region = manifest["region"].as_str();
        // A set of weights that was accepted or taken back since waits for the next run.
        let rules =
            manifest["rules"].as_str().map(|version| in_force::named(archive, version)).transpose()?;
        let (Some(region), Some(rules)) = (region, rules.flatten()) else {
            return Err(RunError::OtherRules { run: run.to_owned() });
        };
        // A run of an earlier build kept nothing of the kind.
        let learned = archive.run_file(run, LEARNED).ok().and_then(|text| serde_json::from_str(&text).ok());
        let learned: Learned = learned.ok_or_else(|| RunError::OtherRules { run: run.to_owned() })?;
        let as_of = manifest["as_of"].as_str().and_then(Instant::parse);
        let as_of = as_of.ok_or_else(|| damaged("manifest.json", "it has no moment"))?;
        let names: Vec<&str> =
            manifest["segments"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut rows: Vec<Extracted> = Vec::new();
        let mut reader = None;
        for segment in archive.segments().iter().filter(|segment| names.contains(&segment.id.as_str())) {
            let path = facts_path(archive, &segment.id, region, base);
            let mut read = match facts_file::read_without_tokens(&path) {
                Ok(read) => read,
                // The cache is gone: it is made again, and kept by the next run.
                Err(_) => extract::of_segment(
                    reader.get_or_insert_with(|| Reader::new(base, region)),
                    archive,
                    segment,
                )?,
            };
            rows.append(&mut read);
        }
        let rows = pipeline::latest_versions(rows);
        let (ids, facts): (Vec<String>, Vec<_>) = rows.into_iter().map(|row| (row.id, row.facts)).unzip();
        let text = archive.run_file(run, "postings.csv")?;
        let mut owner = Vec::with_capacity(ids.len());
        for network in networks(&text) {
            let key = network.strip_prefix("n-").and_then(|key| u64::from_str_radix(key, 16).ok());
            let at = key.and_then(|key| facts.binary_search_by_key(&key, |facts| facts.key).ok());
            owner.push(
                at.ok_or_else(|| damaged("postings.csv", "it names a network without a posting"))? as u32
            );
        }
        if owner.len() != ids.len() {
            return Err(damaged("postings.csv", "it has not the postings of the archive"));
        }
        let owners = Owners { owner, ..Owners::default() };
        let analysis = Analysis { ids, facts, family: Vec::new(), owners, memory: Memory::default() };
        let (facts, owner) = (&analysis.facts, &analysis.owners.owner);
        let matcher = Matcher::new(facts, owner, Places::embedded(), &rules.matching, as_of);
        let ready = matcher.ready(learned);
        Ok(Some(Latest { run: run.to_owned(), as_of, rules, analysis, ready }))
    }

    /// The run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Matches one report. What people decided since the run is honoured where it rejects a match; links are the run's.
    pub fn match_report(&self, archive: &Archive, report: &MissingReport) -> Result<Matched, RunError> {
        let rules = &self.rules;
        let decided = Decided::read(archive)?;
        let reports = std::slice::from_ref(report);
        let matches = self.ready.match_report(report, CANDIDATES);
        let (matches, rejected) = decided.split(reports, matches, &self.analysis);
        let mut findings = pipeline::match_findings(&self.analysis, reports, matches, self.as_of, rules);
        findings.retain(|finding| !decided.dismissed.contains(&finding.id));
        let (analysis, as_of) = (&self.analysis, self.as_of);
        findings.extend(contradictions(archive, &decided, analysis, reports, rejected, as_of, rules)?);
        pipeline::best_first(&mut findings);
        Ok(Matched { run: self.run.clone(), rules: rules.version.clone(), findings })
    }
}

/// The last cell of each row after the head: the network, which is never quoted. The id before it may be, over lines.
fn networks(csv: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let rows = csv.split(move |character| {
        quoted ^= character == '"';
        character == '\n' && !quoted
    });
    rows.skip(1).filter(|row| !row.is_empty()).map(|row| row.rsplit(',').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::nation;
    use crate::run::{RunOptions, run};
    use homeward_archive::Decision;
    use std::collections::BTreeMap;

    #[test]
    fn quoted_ids_are_passed_over() {
        let text = "id,template,network\n1,,n-1\n\"a,\nb\"\"\",t-2,n-2\n";
        assert_eq!(networks(text).collect::<Vec<_>>(), ["n-1", "n-2"]);
    }

    #[test]
    fn a_report_alone_has_the_findings_that_a_run_gives_it() {
        let folder = tempfile::tempdir().unwrap();
        let (postings, reports) = nation(folder.path(), 1500);
        let mut archive = Archive::open(&folder.path().join("data")).unwrap();
        assert_eq!(match_report(&archive, &reports[0]).unwrap(), None);
        archive.replace_reports(reports.clone(), &[]).unwrap();
        let mut writer = archive.writer().unwrap();
        for posting in postings {
            writer.add(posting).unwrap();
        }
        writer.commit().unwrap();
        let options = RunOptions { full: false, as_of: None, clock: Instant(i64::MAX), region: "US".into() };
        let summary = run(&mut archive, &options, &mut |_| {}).unwrap();

        let whole = archive.run_file(&summary.id, "findings.jsonl").unwrap();
        let mut of_report: BTreeMap<String, String> = BTreeMap::new();
        for line in whole.lines() {
            let finding: Value = serde_json::from_str(line).unwrap();
            if finding["kind"] == "match" {
                let report = finding["missing_report"].as_str().unwrap();
                let lines = of_report.entry(report.into()).or_default();
                lines.extend([line, "\n"]);
            }
        }
        assert!(of_report.len() >= 5, "{}", of_report.len());
        let latest = Latest::load(&archive).unwrap().unwrap();
        for report in &reports {
            let alone = latest.match_report(&archive, report).unwrap();
            assert_eq!(alone.run, summary.id);
            let expected = of_report.get(&report.id).cloned().unwrap_or_default();
            assert_eq!(alone.lines(), expected, "{}", report.id);
        }

        // As a supplement it changes nothing, and without the caches it is the same.
        let first = reports.iter().find(|report| of_report.contains_key(&report.id)).unwrap();
        for entry in std::fs::read_dir(archive.state_dir()).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
        let alone = match_report(&archive, first).unwrap().unwrap();
        archive.add_supplement(&alone.run, &first.id, &alone.lines()).unwrap();
        assert_eq!(archive.findings(&summary.id).unwrap(), whole);

        // What a person dismissed does not come back, here or in the next run.
        let dismissed = alone.findings[0].id.clone();
        let decision = Decision::Dismiss {
            finding: dismissed.clone(),
            report: None,
            postings: Vec::new(),
            run: None,
            judgement: None,
        };
        archive.replace_reports(reports.clone(), &[decision]).unwrap();
        let again = match_report(&archive, first).unwrap().unwrap();
        assert!(!again.findings.iter().any(|finding| finding.id == dismissed));
        let next = run(&mut archive, &options, &mut |_| {}).unwrap();
        assert_ne!(next.id, summary.id);
        assert!(!archive.findings(&next.id).unwrap().contains(&dismissed));
    }
}
