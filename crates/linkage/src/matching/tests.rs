//! What matching promises, on small invented sets: reasons that can be computed again, answers that do not depend on
//! order, evidence that only ever helps, and traps that must not look like finds.

use super::*;
use crate::describe::Description;
use crate::facts::SelectorFact;
use homeward_model::{Associate, Pdq, Photo, PlaceMention, SelectorKind, mix64};
use homeward_places::CityId;
use proptest::prelude::*;
use rustc_hash::FxHashMap;

mod kin;

const NAMES: [&str; 12] =
    ["emma", "olivia", "zoe", "mia", "hannah", "sarah", "claire", "abigail", "ruby", "lucy", "nora", "alice"];
const MARKS: [&str; 4] = ["tattoo wrist", "scar chin", "mole cheek", "tattoo ankle"];

fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a date")
}

fn phone(number: u64) -> String {
    format!("+1704555{:04}", number % 10_000)
}

/// Postings of `owners` owners, three persons each with two postings, all drawn from `seed`.
fn nation(owners: u64, seed: u64) -> (Vec<Facts>, Vec<u32>) {
    let mut rows: Vec<(Facts, u64)> = Vec::new();
    for owner in 0..owners {
        for person in 0..3 {
            let draw =
                |what: u64, below: u64| mix64(seed ^ mix64(owner * 8 + person) ^ mix64(what + 99)) % below;
            for posting in 0..2 {
                let fact = Facts {
                    key: mix64(seed.wrapping_add(owner * 100 + person * 10 + posting + 1)),
                    selectors: vec![SelectorFact {
                        kind: SelectorKind::Phone,
                        value: phone(owner),
                        confidence: 0.9,
                        common: false,
                    }],
                    images: vec![Pdq(std::array::from_fn(|word| {
                        mix64(owner * 64 + person * 8 + word as u64)
                    }))],
                    seen_at: Some(at("2019-03-01").plus_days((draw(1, 120) + posting * 3) as f64)),
                    city: Some(CityId(draw(2, 120) as u32)),
                    person: Description {
                        names: vec![NAMES[draw(3, 12) as usize].into()],
                        age: Some(18 + draw(4, 15) as u8),
                        height_cm: Some(155.0 + draw(5, 20) as f32),
                        weight_kg: None,
                        hair: Some(["brown", "black", "blonde"][draw(6, 3) as usize].into()),
                        eyes: Some(["brown", "blue", "green"][draw(7, 3) as usize].into()),
                        marks: vec![MARKS[draw(8, 4) as usize].into()],
                    },
                    ..Facts::default()
                };
                rows.push((fact, owner));
            }
        }
    }
    rows.sort_by_key(|(fact, _)| fact.key);
    let mut first: FxHashMap<u64, u32> = FxHashMap::default();
    let owner =
        rows.iter().enumerate().map(|(at, (_, owner))| *first.entry(*owner).or_insert(at as u32)).collect();
    (rows.into_iter().map(|(fact, _)| fact).collect(), owner)
}

/// The report of a child whom the owner of `fact` advertises: a little changed, with an older stated age.
fn report_of(fact: &Facts) -> MissingReport {
    let places = Places::embedded();
    let city = places.city(fact.city.expect("a city"));
    MissingReport {
        id: "M1".into(),
        given_name: fact.person.names[0].clone(),
        age_when_missing: Some(15),
        height_cm: fact.person.height_cm,
        hair: fact.person.hair.clone(),
        eyes: fact.person.eyes.clone(),
        missing_since: fact.seen_at.map(|seen| seen.plus_days(-10.0)),
        missing_from: PlaceMention {
            city: Some(city.name.clone()),
            state: Some(city.state.clone()),
            ..PlaceMention::default()
        },
        ..MissingReport::default()
    }
}

fn run(facts: &[Facts], owner: &[u32], reports: &[MissingReport]) -> Matches {
    let options = MatchOptions { as_of: at("2019-08-01"), prior: Some(0.125), top: 5 };
    match_reports(facts, owner, reports, Places::embedded(), Told::default(), Rules::embedded(), options)
}

fn best(facts: &[Facts], owner: &[u32], report: &MissingReport) -> Option<Match> {
    run(facts, owner, std::slice::from_ref(report)).list.into_iter().next()
}

fn probability_of(facts: &[Facts], owner: &[u32], report: &MissingReport, of: u32) -> f64 {
    let all = run(facts, owner, std::slice::from_ref(report)).list;
    all.iter().find(|found| found.owner == of).map_or(0.0, |found| found.probability)
}

#[test]
fn a_known_number_finds_the_network_and_weak_facts_alone_do_not_convince() {
    let (facts, owner) = nation(300, 1);
    let weak = MissingReport { given_name: "emma".into(), ..MissingReport::default() };
    assert!(best(&facts, &owner, &weak).is_none_or(|found| found.probability < 0.1));
    // A number alone may have changed hands: under another name and with nothing else it is worth a look, no more.
    let only = MissingReport { phones: vec!["(704) 555-0042".into()], ..weak };
    let doubtful = best(&facts, &owner, &only).expect("a candidate");
    assert!((0.05..0.5).contains(&doubtful.probability), "{}", doubtful.probability);
    let shown = facts.iter().find(|fact| fact.selectors[0].value == phone(42)).expect("the number is shown");
    let known = MissingReport { phones: only.phones.clone(), ..report_of(shown) };
    let found = best(&facts, &owner, &known).expect("a candidate");
    assert!(found.probability > 0.5, "{}", found.probability);
    assert!(found.network);
    let mine = facts[found.owner as usize].selectors[0].value.clone();
    assert_eq!(mine, phone(42));
}

/// What a handful of postings have in common is no measure of how common it is.
#[test]
fn the_childs_own_number_is_found_in_an_archive_of_any_size() {
    for owners in [1, 2, 5, 20, 100] {
        let (facts, owner) = nation(owners, 3);
        let shown = facts.iter().find(|fact| fact.selectors[0].value == phone(0)).expect("it is shown");
        let known = MissingReport { phones: vec!["704-555-0000".into()], ..report_of(shown) };
        let other = MissingReport { id: "M2".into(), given_name: "vera".into(), ..MissingReport::default() };
        let reports = [known, other];
        let options = MatchOptions { as_of: at("2019-08-01"), prior: None, top: 5 };
        let table = Rules::embedded();
        let found =
            match_reports(&facts, &owner, &reports, Places::embedded(), Told::default(), table, options);
        let probability = |report| {
            let of = found.list.iter().filter(|found| found.report == report);
            of.map(|found| found.probability).fold(0.0, f64::max)
        };
        assert!(probability(0) > 0.8, "{owners} owners: {}", probability(0));
        assert!(probability(1) < 0.1, "{owners} owners: {}", probability(1));
    }
}

/// A network is near the child's home with others, and shows the child days later and far away.
#[test]
fn a_child_is_looked_for_along_the_way_of_a_network() {
    let (mut facts, owner) = nation(300, 4);
    let mine: Vec<usize> = (0..facts.len()).filter(|at| owner[*at] == owner[0]).collect();
    let child = facts[mine[0]].person.names[0].clone();
    let (shown, home) = (at("2019-03-20"), CityId(0));
    let places = Places::embedded();
    let cities = (0..places.cities().len() as u32).map(CityId);
    let far = cities.into_iter().find(|city| places.distance_km_between(home, *city) > 2000.0);
    let mut report = report_of(&Facts { city: Some(home), seen_at: Some(shown), ..facts[mine[0]].clone() });
    report.missing_since = Some(at("2019-03-10"));
    let mut check = |others_at: &str, others_in: CityId| {
        for posting in &mine {
            let hers = facts[*posting].person.names[0] == child;
            facts[*posting].seen_at = Some(if hers { shown } else { at(others_at) });
            facts[*posting].city = if hers { far } else { Some(others_in) };
        }
        probability_of(&facts, &owner, &report, owner[0])
    };
    let passed_by = check("2019-03-14", home);
    let never_near = check("2019-03-14", far.expect("a far city"));
    let too_early = check("2019-03-01", home);
    let afterwards = check("2019-04-14", home);
    assert!(passed_by > 1.5 * never_near, "{passed_by} {never_near}");
    assert!(passed_by > too_early && passed_by > afterwards, "{passed_by} {too_early} {afterwards}");
}

#[test]
fn every_weight_can_be_computed_again_and_sums_to_the_whole() {
    let (facts, owner) = nation(200, 2);
    let reports: Vec<MissingReport> = (0..40)
        .map(|at| MissingReport {
            id: format!("M{at}"),
            marks: vec!["TAT R WRS".into(), "scar on chin".into()],
            phones: vec![phone(at + 400)],
            handles: vec!["@nobody".into()],
            associates: vec![Associate { phones: vec![phone(at)], ..Associate::default() }],
            photos: vec![Photo { pdq: facts[at as usize].images.first().copied(), ..Photo::default() }],
            ..report_of(&facts[at as usize * 7])
        })
        .collect();
    let mut factors_seen = BTreeSet::new();
    for found in run(&facts, &owner, &reports).list {
        for reason in &found.reasons {
            assert_eq!(recompute(reason, Rules::embedded()), Some(reason.weight_bits), "{reason:?}");
            assert!(!reason.support.is_empty(), "{}", reason.factor);
            factors_seen.insert(reason.factor.clone());
        }
        let sum: f64 = found.reasons.iter().map(|reason| reason.weight_bits).sum();
        assert_eq!(sum, found.weight_bits);
        assert_eq!(found.probability, factors::probability(sum, &Rules::embedded().matching));
    }
    for factor in
        ["prior", "name", "age", "height", "hair", "eyes", "mark", "associate", "photo", "place", "time"]
    {
        assert!(factors_seen.contains(factor), "{factor}");
    }
}

#[test]
fn a_child_located_yields_nothing_afterwards_and_turning_18_ends_nothing() {
    let (facts, owner) = nation(200, 3);
    let missing = MissingReport { phones: vec![phone(7)], ..report_of(&facts[0]) };
    assert!(best(&facts, &owner, &missing).is_some());
    let located = MissingReport {
        status: ReportStatus::Located,
        located_at: Some(at("2019-07-01")),
        ..missing.clone()
    };
    assert!(best(&facts, &owner, &located).is_none());
    let later = MissingReport { located_at: Some(at("2019-09-01")), ..located };
    assert!(best(&facts, &owner, &later).is_some());
    let of_age = MissingReport { age_when_missing: None, date_of_birth: Some(at("2001-05-01")), ..missing };
    assert!(best(&facts, &owner, &of_age).is_some());
}

#[test]
fn a_posting_is_compared_with_the_age_on_its_day() {
    let (mut facts, owner) = nation(200, 3);
    let report = MissingReport {
        age_when_missing: None,
        date_of_birth: Some(at("2001-05-01")),
        missing_since: Some(at("2019-03-01")),
        phones: vec![facts[0].selectors[0].value.clone()],
        ..report_of(&facts[0])
    };
    for (day, age) in [("2019-04-20", "17"), ("2019-05-20", "18")] {
        for at_owner in (0..facts.len()).filter(|at| owner[*at] == owner[0]) {
            facts[at_owner].seen_at = Some(at(day));
        }
        let found = best(&facts, &owner, &report).expect("a candidate");
        let compared = found.reasons.iter().find(|reason| reason.factor == "age").expect("a stated age");
        assert_eq!(compared.left, age, "{day}");
    }
}

#[test]
fn traps_do_not_look_like_finds() {
    let (mut facts, owner) = nation(300, 4);
    let report = report_of(&facts[5]);
    let child = owner[5];
    let open = probability_of(&facts, &owner, &report, child);
    // The posting that predates the disappearance.
    let later =
        MissingReport { missing_since: facts[5].seen_at.map(|seen| seen.plus_days(40.0)), ..report.clone() };
    assert!(probability_of(&facts, &owner, &later, child) < open);
    // A telephone that strangers share says less than one that nobody shares, and a common one nothing.
    let known = MissingReport { phones: vec!["704-555-9999".into()], ..report };
    let number = |facts: &mut Vec<Facts>, at: usize, common| {
        facts[at].selectors[0] =
            SelectorFact { kind: SelectorKind::Phone, value: "+17045559999".into(), confidence: 0.9, common };
    };
    number(&mut facts, 5, true);
    let hotline = probability_of(&facts, &owner, &known, child);
    number(&mut facts, 5, false);
    let alone = probability_of(&facts, &owner, &known, child);
    let strangers: Vec<usize> = (0..facts.len()).filter(|at| owner[*at] != child).take(40).collect();
    for at in strangers {
        number(&mut facts, at, false);
    }
    let shared = probability_of(&facts, &owner, &known, child);
    assert!(alone > 0.5 && shared < alone && hotline < alone, "{hotline} {shared} {alone}");
}

#[test]
fn twins_and_namesakes_are_told_apart_by_what_they_do_not_share() {
    let (mut facts, owner) = nation(300, 7);
    facts[5].person.names = vec!["nora".into()];
    let one = MissingReport { sex: Some("female".into()), ..report_of(&facts[5]) };
    // All but the name is the same.
    let twin = MissingReport { id: "M2".into(), given_name: "lucy".into(), ..one.clone() };
    let of = |report: &MissingReport| probability_of(&facts, &owner, report, owner[5]);
    assert!(of(&one) > of(&twin), "{} {}", of(&one), of(&twin));
    // Together: the person is the child of one of them.
    let both = run(&facts, &owner, &[one.clone(), twin]).list;
    let of = |report: u32| {
        let found = both.iter().find(|found| found.report == report && found.owner == owner[5]);
        found.map_or(0.0, |found| found.probability)
    };
    assert!(of(0) > of(1) && of(0) + of(1) <= 1.0, "{} {}", of(0), of(1));
    // Who has the name and nothing else is no match.
    let namesake = MissingReport {
        age_when_missing: Some(9),
        height_cm: Some(120.0),
        hair: Some("red".into()),
        eyes: Some("gray".into()),
        ..one
    };
    assert!(probability_of(&facts, &owner, &namesake, owner[5]) < 0.1);
}

#[test]
fn a_first_name_and_a_city_or_a_photo_that_strangers_show_do_not_convince() {
    let (mut facts, owner) = nation(300, 8);
    let whole = report_of(&facts[5]);
    let little = MissingReport {
        given_name: whole.given_name.clone(),
        missing_since: whole.missing_since,
        missing_from: whole.missing_from.clone(),
        ..MissingReport::default()
    };
    let most = run(&facts, &owner, std::slice::from_ref(&little)).list;
    assert!(most.iter().all(|found| found.probability < 0.5), "{:?}", most.first());
    // The photograph alone is a find; once many owners show it, none of them.
    let photo = Photo { pdq: facts[5].images.first().copied(), ..Photo::default() };
    let shown = MissingReport { photos: vec![photo], ..little };
    let alone = probability_of(&facts, &owner, &shown, owner[5]);
    let image = facts[5].images[0];
    for at in (0..facts.len()).filter(|at| owner[*at] != owner[5]).take(60).collect::<Vec<_>>() {
        facts[at].images = vec![image];
    }
    let stolen = run(&facts, &owner, &[shown]).list;
    let most = stolen.iter().map(|found| found.probability).fold(0.0, f64::max);
    assert!(alone > 0.5 && most < 0.5, "{alone} {most}");
}

#[test]
fn one_report_alone_is_answered_as_among_the_others() {
    let (facts, owner) = nation(200, 9);
    let reports: Vec<MissingReport> = (0..30)
        .map(|at| MissingReport {
            id: format!("M{at}"),
            phones: (at % 3 == 0).then(|| phone(at)).into_iter().collect(),
            ..report_of(&facts[at as usize * 7])
        })
        .collect();
    alone_as_among(&run(&facts, &owner, &reports), &facts, &owner, &reports);
}

/// What was learned can be written and read, and then answers each report alone as it was answered among the others.
fn alone_as_among(all: &Matches, facts: &[Facts], owner: &[u32], reports: &[MissingReport]) {
    let text = serde_json::to_string(&all.learned).expect("it can be written");
    let learned: Learned = serde_json::from_str(&text).expect("and read");
    assert_eq!(learned, all.learned);
    let table = &Rules::embedded().matching;
    let ready = Matcher::new(facts, owner, Places::embedded(), table, at("2019-08-01")).ready(learned);
    for (number, report) in reports.iter().enumerate() {
        let among = all.list.iter().filter(|found| found.report as usize == number);
        let among: Vec<Match> = among.map(|found| Match { report: 0, ..found.clone() }).collect();
        assert_eq!(ready.match_report(report, 5), among, "{}", report.id);
    }
}

#[test]
fn race_is_never_read() {
    let (facts, owner) = nation(100, 5);
    let report = report_of(&facts[3]);
    let with = MissingReport { race: Some("any".into()), ..report.clone() };
    assert_eq!(best(&facts, &owner, &report), best(&facts, &owner, &with));
}

#[test]
fn nothing_to_match_is_no_match() {
    assert!(run(&[], &[], &[MissingReport::default()]).list.is_empty());
    let (facts, owner) = nation(5, 6);
    assert!(run(&facts, &owner, &[]).list.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_order_of_reports_changes_nothing(seed in 0u64..1000, turn in 0usize..20) {
        let (facts, owner) = nation(60, seed);
        let mut reports: Vec<MissingReport> = (0..20usize)
            .map(|at| MissingReport { id: at.to_string(), ..report_of(&facts[at * 11]) })
            .collect();
        let key = |matches: Matches, reports: &[MissingReport]| {
            let mut rows: Vec<(String, u32, u64)> = matches
                .list
                .iter()
                .map(|found| (reports[found.report as usize].id.clone(), found.owner, found.weight_bits.to_bits()))
                .collect();
            rows.sort();
            rows
        };
        let estimate = |reports: &[MissingReport]| {
            let options = MatchOptions { as_of: at("2019-08-01"), prior: None, top: 5 };
            match_reports(&facts, &owner, reports, Places::embedded(), Told::default(), Rules::embedded(), options)
        };
        let first = key(estimate(&reports), &reports);
        reports.rotate_left(turn);
        prop_assert_eq!(first, key(estimate(&reports), &reports));
    }

    #[test]
    fn a_matching_number_never_lowers_a_probability(seed in 0u64..1000, which in 0usize..300) {
        let (facts, owner) = nation(60, seed);
        let fact = &facts[which];
        let report = report_of(fact);
        let known = MissingReport { phones: vec![fact.selectors[0].value.clone()], ..report.clone() };
        let before = probability_of(&facts, &owner, &report, owner[which]);
        prop_assert!(probability_of(&facts, &owner, &known, owner[which]) >= before);
    }

    #[test]
    fn any_report_is_answered(
        given in "\\PC{0,12}", text in "\\PC{0,12}", number in any::<f32>(), age in any::<Option<u8>>(),
        since in any::<Option<i32>>(), birth in any::<Option<i32>>(),
    ) {
        let (facts, owner) = nation(10, 1);
        let moment = |seconds: i32| Instant(i64::from(seconds) * 1_000_000);
        let report = MissingReport {
            given_name: given.clone(),
            aliases: vec![text.clone(), given],
            marks: vec![text.clone()],
            hair: Some(text.clone()),
            eyes: Some(text.clone()),
            phones: vec![text.clone()],
            handles: vec![text],
            height_cm: Some(number),
            weight_kg: Some(number),
            age_when_missing: age,
            missing_since: since.map(moment),
            date_of_birth: birth.map(moment),
            ..MissingReport::default()
        };
        for found in run(&facts, &owner, &[report]).list {
            prop_assert!((0.0..1.0).contains(&found.probability));
            for reason in &found.reasons {
                prop_assert_eq!(recompute(reason, Rules::embedded()), Some(reason.weight_bits));
            }
        }
    }
}
