//! What others tell of a child: siblings reported together, and networks where the child was found before.

use super::*;

/// Two children of one household: one whose number is known, and one who left only weak facts, with the same owner.
fn siblings(facts: &[Facts], owner: &[u32]) -> (Vec<MissingReport>, u32) {
    let first = &facts[7];
    let with = owner[7];
    let named = |at: &usize| facts[*at].person.names != first.person.names;
    let second = (0..facts.len()).filter(|at| owner[*at] == with).find(named).expect("another person");
    let household = |id: &str, given: &str, report: MissingReport| MissingReport {
        id: id.into(),
        given_name: given.into(),
        family_name: "Exampleton".into(),
        missing_since: Some(at("2019-03-02")),
        missing_from: report_of(first).missing_from,
        ..report
    };
    let known = MissingReport { phones: vec![first.selectors[0].value.clone()], ..report_of(first) };
    let weak = report_of(&facts[second]);
    let given = [&first.person.names[0], &facts[second].person.names[0]];
    (vec![household("M1", given[0], known), household("M2", given[1], weak)], with)
}

fn of_owner(found: &Matches, report: u32, owner: u32) -> Option<&Match> {
    found.list.iter().find(|found| found.report == report && found.owner == owner)
}

fn reason<'a>(found: &'a Match, factor: &str) -> Option<&'a Reason> {
    found.reasons.iter().find(|reason| reason.factor == factor)
}

/// Every reason can be computed again, the sum is the whole, and each report alone gets the same.
fn consistent(facts: &[Facts], owner: &[u32], reports: &[MissingReport], all: &Matches) {
    for found in &all.list {
        let sum: f64 = found.reasons.iter().map(|reason| reason.weight_bits).sum();
        assert_eq!(sum, found.weight_bits);
        for reason in &found.reasons {
            assert_eq!(recompute(reason, Rules::embedded()), Some(reason.weight_bits), "{reason:?}");
        }
    }
    alone_as_among(all, facts, owner, reports);
}

#[test]
fn a_find_of_one_sibling_speaks_for_the_other_in_the_same_network() {
    let (facts, owner) = nation(200, 4);
    let (mut reports, with) = siblings(&facts, &owner);
    let apart: Vec<MissingReport> = vec![
        reports[0].clone(),
        MissingReport { missing_since: Some(at("2019-03-05")), ..reports[1].clone() },
    ];
    let (together, alone) = (run(&facts, &owner, &reports), run(&facts, &owner, &apart));
    let told = of_owner(&together, 1, with).expect("a candidate");
    let sibling = reason(told, "sibling").expect("the sibling is a reason");
    assert!(sibling.weight_bits > 1.0 && sibling.weight_bits <= 3.0, "{sibling:?}");
    assert!(sibling.support.contains("a sibling reported with this child matches this network"));
    assert!(alone.list.iter().all(|found| reason(found, "sibling").is_none()));
    // The sure one is not made surer by what it told itself.
    let sure = of_owner(&together, 0, with).expect("a candidate");
    assert!(reason(sure, "sibling").is_none_or(|reason| reason.weight_bits < 3.0));
    consistent(&facts, &owner, &reports, &together);
    // The order of the reports changes nothing.
    reports.reverse();
    let turned = run(&facts, &owner, &reports);
    assert_eq!(turned.learned, together.learned);
    assert_eq!(of_owner(&turned, 0, with).map(|found| found.weight_bits), Some(told.weight_bits));

    // One case of one agency is a household too.
    let case = |report: &MissingReport| MissingReport {
        agency: Some("NC0600100".into()),
        case_number: Some("19-00777".into()),
        ..report.clone()
    };
    let by_case = run(&facts, &owner, &apart.iter().map(case).collect::<Vec<_>>());
    assert!(of_owner(&by_case, 1, with).is_some_and(|found| reason(found, "sibling").is_some()));
}

#[test]
fn two_reports_of_one_child_are_no_siblings() {
    let (facts, owner) = nation(200, 4);
    let (reports, _) = siblings(&facts, &owner);
    let again = MissingReport { id: "M3".into(), phones: Vec::new(), ..reports[0].clone() };
    let found = run(&facts, &owner, &[reports[0].clone(), again]);
    assert!(found.list.iter().all(|found| reason(found, "sibling").is_none()));
}

#[test]
fn a_network_where_the_child_was_found_before_weighs_more_and_is_never_enough() {
    let (facts, owner) = nation(200, 4);
    let before = MissingReport {
        id: "M0".into(),
        status: ReportStatus::Recovered,
        located_at: Some(at("2019-02-01")),
        ..MissingReport::default()
    };
    let weak = MissingReport { id: "M1".into(), ..report_of(&facts[7]) };
    let reports = [before, weak.clone()];
    let with = owner[7];
    let told = |finds: &[Find], one_child: &[(u32, u32, f64)]| {
        let options = MatchOptions { as_of: at("2019-08-01"), prior: Some(0.125), top: 5 };
        let told = Told { finds, one_child };
        match_reports(&facts, &owner, &reports, Places::embedded(), told, Rules::embedded(), options)
    };
    let find = Find { report: 0, owner: with, recovered: true };
    let (known, unknown) = (told(&[find], &[(0, 1, 0.9)]), told(&[find], &[]));
    let (more, less) = (of_owner(&known, 1, with).unwrap(), of_owner(&unknown, 1, with).unwrap());
    let reason = reason(more, "found before").expect("it is a reason");
    assert!((3.0..=4.0).contains(&reason.weight_bits) && more.probability > less.probability);
    consistent(&facts, &owner, &reports, &known);
    // The same report, of a child who was recovered there and is missing again; a mere confirmation is no such thing.
    let own = |recovered| told(&[Find { report: 1, owner: with, recovered }], &[]);
    let found = |own: &Matches| of_owner(own, 1, with).map(|found| found.weight_bits);
    assert!(found(&own(true)) > found(&own(false)) && found(&own(false)) == found(&unknown));
    // Alone it is held to even odds, however few persons there are.
    for persons in [1.0, 2.0, 10.0, 1e6] {
        let prior = factors::prior(0.5, persons);
        for ratio in [Rules::embedded().matching.together.sibling, 1e9] {
            let sum = prior + factors::told(1.0, ratio, prior);
            assert!(factors::probability(sum, &Rules::embedded().matching) <= 0.5, "{persons} {ratio}");
        }
    }
}
