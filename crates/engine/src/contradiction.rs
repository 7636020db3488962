//! Matches that a person rejected and that rest on more since: two networks were put together, or a number, address or
//! photograph of the child stands there now. Each is an alarm for the desk, a finding of its own; the match stays rejected.
//!
//! What stood there when the match was rejected is read in the run in which it was offered, and where a purge removed that,
//! in the oldest that is kept. Left out: persons of one owner who became one, which no run keeps.

use crate::decided::{Decided, Rejection};
use crate::pipeline::{self, Analysis};
use crate::run::RunError;
use homeward_archive::{Archive, Findings};
use homeward_linkage::matching::{Match, factors};
use homeward_model::{Finding, FindingKind, Instant, MissingReport, Reason};
use homeward_rules::Rules;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Postings of a network that a reason names; the rest is counted.
const NAMED: usize = 5;

/// The alarms that rejected matches raise, in the order of the matches.
pub fn contradictions(
    archive: &Archive,
    decided: &Decided,
    analysis: &Analysis,
    reports: &[MissingReport],
    rejected: Vec<Match>,
    as_of: Instant,
    rules: &Rules,
) -> Result<Vec<Finding>, RunError> {
    let likely = |found: &Match| found.probability >= rules.matching.contradiction.least;
    let rejected: Vec<Match> = rejected.into_iter().filter(likely).collect();
    if rejected.is_empty() {
        return Ok(Vec::new());
    }
    let mut runs = Runs { archive, kept: archive.runs()?, read: BTreeMap::new() };
    let mut alarms = Vec::new();
    for found in rejected {
        let report = &reports[found.report as usize];
        let rejections: Vec<&Rejection> = decided.rejecting(report, &found, analysis).collect();
        let Some(first) = rejections.first() else { continue };
        let Some(before) = runs.before(first.run.as_deref())? else { continue };
        let now = Now { analysis, report, found: &found, rejections: &rejections };
        let news: Vec<Reason> = now.merged(before).into_iter().chain(now.joined(before)?).collect();
        if news.is_empty() {
            continue;
        }
        let id = alarm(&report.id, &first.name, &news);
        let head = plain(
            "rejected",
            &first.name,
            &before.run,
            "a person said that this is not the child; the match stays hidden",
        );
        let reasons = std::iter::once(head).chain(news).chain(found.reasons.iter().cloned()).collect();
        let shown = Match { reasons, ..found.clone() };
        let mut made = pipeline::match_findings(analysis, reports, vec![shown], as_of, rules);
        alarms.extend(made.drain(..).map(|made| Finding {
            id: id.clone(),
            kind: FindingKind::Contradiction,
            ..made
        }));
    }
    alarms.retain(|alarm| !decided.dismissed.contains(&alarm.id));
    Ok(alarms)
}

/// The runs with which a run compares itself, for they are part of what goes in.
pub fn compared(archive: &Archive, decided: &Decided) -> Result<BTreeSet<String>, RunError> {
    let kept = archive.runs()?;
    let with = |rejection: &Rejection| compared_with(rejection.run.as_deref(), &kept).cloned();
    Ok(decided.rejections.iter().filter_map(with).collect())
}

/// The run of a decision, or the oldest that is kept.
fn compared_with<'a>(run: Option<&str>, kept: &'a [String]) -> Option<&'a String> {
    run.and_then(|run| kept.iter().find(|kept| *kept == run)).or(kept.first())
}

/// Whether a factor tells what contradicts a rejection; such weigh nothing.
pub fn is_news(factor: &str) -> bool {
    matches!(factor, "rejected" | "merged" | "joined")
}

/// The id of an alarm: of a decision and of what came since, so that each is raised once and a dismissed one stays so.
fn alarm(report: &str, decision: &str, news: &[Reason]) -> String {
    let mut parts = vec![FindingKind::Contradiction.word(), report, decision];
    parts.extend(news.iter().flat_map(|reason| [reason.factor.as_str(), &reason.left, &reason.right]));
    pipeline::finding_id(parts.into_iter().map(str::as_bytes))
}

/// What contradicts a rejection, which weighs nothing.
fn plain(factor: &str, left: &str, right: &str, support: &str) -> Reason {
    Reason::new(factor, left, right, 0.0, support, &[])
}

/// What a run knew.
struct Before {
    run: String,
    /// Network of each posting, by its id.
    network: HashMap<String, String>,
    /// Postings of each network.
    size: HashMap<String, usize>,
    findings: Findings,
}

/// Runs that are compared with, each read once.
struct Runs<'a> {
    archive: &'a Archive,
    kept: Vec<String>,
    read: BTreeMap<String, Before>,
}

impl Runs<'_> {
    /// What the run of a decision knew.
    fn before(&mut self, run: Option<&str>) -> Result<Option<&Before>, RunError> {
        let Some(run) = compared_with(run, &self.kept).cloned() else { return Ok(None) };
        if !self.read.contains_key(&run) {
            let network = self.archive.networks_of(&run)?;
            let mut size: HashMap<String, usize> = HashMap::new();
            for name in network.values() {
                *size.entry(name.clone()).or_default() += 1;
            }
            let findings = self.archive.open_findings(&run)?;
            self.read.insert(run.clone(), Before { run: run.clone(), network, size, findings });
        }
        Ok(self.read.get(&run))
    }
}

/// A rejected match as it stands now.
struct Now<'a> {
    analysis: &'a Analysis,
    report: &'a MissingReport,
    found: &'a Match,
    rejections: &'a [&'a Rejection],
}

impl Now<'_> {
    fn is_rejected(&self, at: usize) -> bool {
        let key = self.analysis.facts[at].key;
        self.rejections.iter().any(|rejection| rejection.postings.contains(&key))
    }

    /// Networks of the earlier run that are one with the rejected one now. A posting that joined is growth, and so is what
    /// was rejected too.
    fn merged(&self, before: &Before) -> Vec<Reason> {
        let owners = self.analysis.owners.owner.iter().enumerate();
        let postings = owners.filter(|(_, owner)| **owner == self.found.owner).map(|(at, _)| at);
        let (mut rejected, mut others) = (BTreeSet::new(), BTreeMap::<&str, Vec<&str>>::new());
        for at in postings {
            let id = self.analysis.ids[at].as_str();
            if let Some(network) = before.network.get(id) {
                others.entry(network).or_default().push(id);
                if self.is_rejected(at) {
                    rejected.insert(network.as_str());
                }
            }
        }
        let from = rejected.iter().copied().collect::<Vec<_>>().join(", ");
        let was_one = |network: &str| before.size.get(network).is_some_and(|size| *size > 1);
        let merged =
            others.into_iter().filter(|(network, _)| !rejected.contains(network) && was_one(network));
        let reason = |(network, mut ids): (&str, Vec<&str>)| {
            ids.sort_unstable();
            let more =
                if ids.len() > NAMED { format!(" and {} more", ids.len() - NAMED) } else { String::new() };
            let named = ids[..ids.len().min(NAMED)].join(", ");
            let (left, right) =
                (format!("{from} in {}", before.run), format!("{network}, postings {named}{more}"));
            plain("merged", &left, &right, "two networks of that run are one now")
        };
        // Without a place in that run nothing can be said to have been put together with it.
        if rejected.is_empty() { Vec::new() } else { merged.map(reason).collect() }
    }

    /// Known values of the child that stand in the network now and were no reason of the match that was rejected.
    fn joined(&self, before: &Before) -> Result<Vec<Reason>, RunError> {
        let known: Vec<&Reason> =
            self.found.reasons.iter().filter(|reason| factors::is_known(&reason.factor)).collect();
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let Some(then) = self.as_offered(before)? else { return Ok(Vec::new()) };
        let stood = |reason: &&Reason| {
            then.reasons.iter().any(|old| (&old.factor, &old.left) == (&reason.factor, &reason.left))
        };
        let news = known.into_iter().filter(|reason| !stood(reason));
        Ok(news
            .map(|reason| {
                let left = format!("{} {}", reason.factor, reason.left);
                plain(
                    "joined",
                    &left,
                    &reason.right,
                    "it stands there now and was no reason when the match was rejected",
                )
            })
            .collect())
    }

    /// The match as it was offered in the run that the decision was made on.
    fn as_offered(&self, before: &Before) -> Result<Option<Finding>, RunError> {
        let rejected: BTreeSet<&str> = (0..self.analysis.ids.len())
            .filter(|at| self.is_rejected(*at))
            .map(|at| self.analysis.ids[at].as_str())
            .collect();
        for head in &before.findings.heads {
            if head.kind != FindingKind::Match || head.missing_report.as_ref() != Some(&self.report.id) {
                continue;
            }
            let Some((finding, _)) = before.findings.read(&head.id)? else { continue };
            if finding.postings.iter().any(|id| rejected.contains(id.as_str())) {
                return Ok(Some(finding));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::nation;
    use crate::run::{RunOptions, run};
    use crate::urgent;
    use homeward_archive::Decision;
    use homeward_model::{PlaceMention, Posting};

    /// A posting of a Mia in Charlotte in 2019; each network writes its own text.
    fn posting(id: &str, day: u32, contacts: &[&str]) -> Posting {
        let text = match &id[..1] {
            "a" => {
                "Mia is in town, new here and staying by the river until Sunday evening, ask for the hours"
            }
            "b" => {
                "hello I am Mia and I like long walks in the garden, no texts after midnight please, thank you"
            }
            _ => "back again, Mia, same place as always and the same friendly company on every quiet weekday",
        };
        Posting {
            id: id.to_owned(),
            source: "test".to_owned(),
            posted_at: Instant::parse(&format!("2019-06-{day:02} 12:00")),
            title: "Mia".to_owned(),
            body: text.to_owned(),
            place: charlotte(),
            stated_age: Some(19),
            contacts: contacts.iter().map(|contact| (*contact).to_owned()).collect(),
            ..Posting::default()
        }
    }

    fn charlotte() -> PlaceMention {
        PlaceMention { city: Some("Charlotte".into()), state: Some("NC".into()), ..PlaceMention::default() }
    }

    const A: &str = "704-555-0101";
    const B: &str = "mia.other@example.org";
    const OWN: &str = "mia.exampleton@example.org";

    /// A network of three postings with each of these numbers.
    fn network(name: &str, number: &str) -> Vec<Posting> {
        (1..4).map(|day| posting(&format!("{name}{day}"), 2 * day, &[number])).collect()
    }

    /// Rejects the match with A's network, takes in what came later, and gives the alarms, the postings that are shown of the
    /// report, and the archive.
    fn check(
        first: &[Posting],
        later: &[Posting],
        body: impl FnOnce(&mut Archive, &RunOptions, &MissingReport),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (postings, mut reports) = nation(folder.path(), 1500);
        let report = MissingReport {
            id: "M-q".to_owned(),
            given_name: "Mia".to_owned(),
            family_name: "Exampleton".to_owned(),
            sex: Some("F".to_owned()),
            age_when_missing: Some(15),
            missing_since: Instant::parse("2019-06-01"),
            missing_from: charlotte(),
            emails: vec![OWN.to_owned()],
            ..MissingReport::default()
        };
        reports.push(report.clone());
        let mut archive = Archive::open(&folder.path().join("data")).unwrap();
        archive.add_reports(reports).unwrap();
        add(&mut archive, postings.iter().chain(first));
        let options = RunOptions { full: false, as_of: None, clock: Instant(i64::MAX), region: "US".into() };
        let summary = run(&mut archive, &options, &mut |_| {}).unwrap();
        let offered = of_report(&archive, &summary.id, FindingKind::Match);
        let wrong = offered.iter().find(|finding| finding.postings.contains(&"a1".to_owned()));
        let ids = &wrong.expect("A's network is a candidate").postings;
        let keys =
            first.iter().filter(|posting| ids.contains(&posting.id)).map(|posting| posting.identity().key());
        let decision =
            Decision::Reject { report: report.id.clone(), postings: keys.collect(), run: Some(summary.id) };
        archive.judge(&decision, "met her, an adult", "a.lee", Instant(0)).unwrap();
        add(&mut archive, later.iter());
        body(&mut archive, &options, &report);
    }

    fn add<'a>(archive: &mut Archive, postings: impl Iterator<Item = &'a Posting>) {
        let mut writer = archive.writer().unwrap();
        for posting in postings {
            writer.add(posting.clone()).unwrap();
        }
        writer.commit().unwrap();
    }

    fn of_report(archive: &Archive, run: &str, kind: FindingKind) -> Vec<Finding> {
        let findings = archive.open_findings(run).unwrap();
        let of = |head: &&homeward_archive::FindingHead| {
            head.kind == kind && head.missing_report.as_deref() == Some("M-q")
        };
        findings.heads.iter().filter(of).map(|head| findings.read(&head.id).unwrap().unwrap().0).collect()
    }

    fn news(alarms: &[Finding]) -> Vec<&str> {
        let factors = alarms.iter().flat_map(|alarm| &alarm.reasons).map(|reason| reason.factor.as_str());
        factors.filter(|factor| is_news(factor)).collect()
    }

    #[test]
    fn networks_put_together_after_a_rejection_raise_one_alarm() {
        let first = [network("a", A), network("b", OWN)].concat();
        let both: Vec<Posting> = (1..4).map(|day| posting(&format!("c{day}"), 20 + day, &[A, OWN])).collect();
        check(&first, &both, |archive, options, report| {
            let summary = run(archive, options, &mut |_| {}).unwrap();
            let alarms = of_report(archive, &summary.id, FindingKind::Contradiction);
            assert_eq!(news(&alarms), ["rejected", "merged", "joined"], "{alarms:#?}");
            assert!(alarms[0].probability >= 0.5 && alarms[0].reasons[0].left == "j1");
            let merged = &alarms[0].reasons[1];
            assert!(merged.right.contains("b1, b2, b3") && merged.left.contains(&alarms[0].reasons[0].right));
            // The match itself stays hidden, here and for the report alone, which says the same.
            let shown = of_report(archive, &summary.id, FindingKind::Match);
            assert!(!shown.iter().any(|finding| finding.postings.contains(&"a1".to_owned())));
            let alone = urgent::match_report(archive, report).unwrap().unwrap();
            let all = archive.findings(&summary.id).unwrap();
            assert!(alone.lines().lines().all(|line| all.contains(line)), "{}", alone.lines());
            assert!(alone.findings.iter().any(|finding| finding.id == alarms[0].id));
            archive.add_supplement(&alone.run, "M-q", &alone.lines()).unwrap();
            assert_eq!(archive.findings(&summary.id).unwrap(), all);

            // Later postings are growth: the alarm is the same. Dismissed, it does not return, nor when the run is made anew.
            add(archive, [posting("d1", 28, &[A])].iter());
            let grown = run(archive, options, &mut |_| {}).unwrap();
            let again = of_report(archive, &grown.id, FindingKind::Contradiction);
            assert_eq!(again.len(), 1);
            assert_eq!(again[0].id, alarms[0].id);
            let finding = alarms[0].id.clone();
            let dismiss =
                Decision::Dismiss { finding, report: None, postings: vec![], run: None, judgement: None };
            archive.judge(&dismiss, "two sisters, both met", "a.lee", Instant(1)).unwrap();
            for full in [false, true] {
                let options = RunOptions { full, ..options.clone() };
                let after = run(archive, &options, &mut |_| {}).unwrap();
                assert!(of_report(archive, &after.id, FindingKind::Contradiction).is_empty());
            }
        });
    }

    #[test]
    fn a_number_of_the_child_that_joins_a_rejected_network_raises_an_alarm() {
        let joined: Vec<Posting> =
            (1..4).map(|day| posting(&format!("c{day}"), 20 + day, &[A, OWN])).collect();
        check(&network("a", A), &joined, |archive, options, _| {
            let summary = run(archive, options, &mut |_| {}).unwrap();
            let alarms = of_report(archive, &summary.id, FindingKind::Contradiction);
            assert_eq!(news(&alarms), ["rejected", "joined"], "{alarms:#?}");
            assert_eq!(alarms[0].reasons[1].left, format!("email {OWN}"));
        });
    }

    #[test]
    fn growth_and_networks_that_do_not_speak_for_the_child_raise_none() {
        let grown: Vec<Posting> = (1..4).map(|day| posting(&format!("c{day}"), 20 + day, &[A, B])).collect();
        let first = [network("a", A), network("b", B)].concat();
        check(&first, &grown, |archive, options, _| {
            let summary = run(archive, options, &mut |_| {}).unwrap();
            let alarms = of_report(archive, &summary.id, FindingKind::Contradiction);
            assert!(alarms.iter().all(|alarm| alarm.probability >= 0.5), "{alarms:#?}");
        });
        check(&network("a", A), &[posting("c1", 20, &[A])], |archive, options, _| {
            let summary = run(archive, options, &mut |_| {}).unwrap();
            assert!(of_report(archive, &summary.id, FindingKind::Contradiction).is_empty());
        });
    }
}
