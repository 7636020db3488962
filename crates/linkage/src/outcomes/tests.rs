//! What learning promises, on reasons written by hand.

use super::*;
use proptest::prelude::*;

fn reason(factor: &str, left: &str, right: &str, measures: &[(&str, f64)]) -> Reason {
    let mut reason = Reason::new(factor, left, right, 0.0, "", measures);
    reason.weight_bits = factors::reweigh(&reason, Rules::embedded()).expect("a reason that the rules know");
    reason
}

fn rules() -> &'static Matching {
    &Rules::embedded().matching
}

/// What so many confirmed matches that show one reason teach: how often its value counts, and its share after.
#[track_caller]
fn check(reason: &Reason, times: usize, value: (&str, usize), counted: f64, after: f64) {
    let shown = vec![reason.clone()];
    let confirmed = vec![shown.as_slice(); times];
    let learned = learn(rules(), &confirmed, Learning::embedded());
    let (factor, at) = value;
    let (found, share) = (learned.taught[factor][at], learned.shares[factor][at]);
    assert!((found - counted).abs() < 0.01, "{factor} {at}: counted {found}");
    assert!((share - after).abs() < 0.001, "{factor} {at}: share {share}");
}

#[test]
fn a_value_seen_moves_its_share_by_what_it_is_worth() {
    // The rules' .19 is worth 19 of 100 observations; four years older than true is the sixth of the shares from -1.
    check(&reason("age", "15", "19", &[("base_rate", 0.05)]), 20, ("age", 5), 20.0, (19.0 + 20.0) / 120.0);
    check(
        &reason("height", "160 cm", "160 cm", &[("base_rate", 0.25)]),
        20,
        ("height", 0),
        20.0,
        70.0 / 120.0,
    );
    let far = [
        ("band", 8.0),
        ("share", 0.03),
        ("base_rate", 0.1),
        ("distance_km", 500.0),
        ("road_hours", 6.0),
        ("days", 4.0),
    ];
    check(&reason("place", "A", "B", &far), 10, ("travel", 1), 10.0, 107.0 / 110.0);
    // No share moves beyond the double.
    let late = [("base_rate", 0.5), ("first_days", 20.0), ("last_days", 40.0)];
    check(&reason("time", "A", "B", &late), 30, ("time", 5), 30.0, 0.24);
    let own = [
        ("persons", 5000.0),
        ("owners", 1.0),
        ("elsewhere", 0.0),
        ("share", 0.2),
        ("chance", 0.02),
        ("if_elsewhere", 0.25),
    ];
    check(&reason("phone", "704", "+1704", &own), 10, ("selector", 0), 10.0, 30.0 / 110.0);
    // A match without one shows that there was none.
    check(&reason("phone", "704", "+1704", &own), 10, ("photo", 1), 10.0, 90.0 / 110.0);
}

#[test]
fn what_may_be_the_same_by_chance_counts_in_part() {
    let hair = |base| reason("hair", "brown", "brown", &[("base_rate", base)]);
    // Of a colour that all have, the same says nothing: the part kept is the share itself, and the share stays.
    check(&hair(1.0), 20, ("hair", 0), 16.0, 0.8);
    check(&hair(1.0 / 1024.0), 20, ("hair", 0), 20.0, 0.833);
    check(&reason("hair", "brown", "red", &[("base_rate", 0.1)]), 20, ("hair", 1), 20.0, 0.333);
    let name = |left, right| {
        reason("name", left, right, &[("base_rate", 0.001), ("forms", 1.0), ("reported_alias", 0.0)])
    };
    check(&name("olivia", "olivia"), 20, ("name", 0), 19.99, 0.583);
    check(&name("abigail", "abby"), 20, ("name", 2), 19.97, 0.16);
    check(&name("olivia", "hannah"), 20, ("name", 4), 20.0, 0.4);
}

#[test]
fn no_share_moves_beyond_its_bound() {
    // A thousand matches at the last band, whose share is .02: at most double, and the rest gives way in proportion.
    check(&reason("age", "15", "40", &[("base_rate", 0.01)]), 1000, ("age", 9), 1000.0, 0.04);
    check(&reason("eyes", "blue", "brown", &[("base_rate", 0.5)]), 1000, ("eyes", 1), 1000.0, 0.06);
}

#[test]
fn nothing_confirmed_changes_nothing() {
    let learned = learn(rules(), &[], Learning::embedded());
    assert_eq!(learned.shares, shares(rules()));
    let again = with(rules(), &shares(rules())).expect("they fit");
    assert_eq!(format!("{again:?}"), format!("{:?}", rules()));
    let mut short = shares(rules());
    short.get_mut("age").expect("ages").pop();
    assert!(with(rules(), &short).is_none());
    assert!(with(rules(), &Shares::new()).is_none());
}

#[test]
fn every_share_has_words() {
    for (factor, list) in shares(rules()) {
        let mut words: Vec<String> = (0..list.len()).map(|at| label(&factor, at, rules())).collect();
        assert!(words.iter().all(|word| !word.is_empty()), "{factor}");
        words.dedup();
        assert_eq!(words.len(), list.len(), "{factor}");
    }
}

#[test]
fn a_match_is_never_weighed_by_what_it_taught() {
    // One report alone confirms: its own match is weighed by the rules as they are.
    let shown = [reason("age", "15", "19", &[("base_rate", 0.05)])];
    let judged = [Judged { report: "M1", finding: "f-1", right: true, reasons: &shown }];
    let proposal = propose(&judged, Rules::embedded(), Learning::embedded());
    assert_eq!(proposal.before, proposal.after);
    assert_ne!(proposal.learned.shares, shares(rules()));
}

#[test]
fn where_the_rules_are_wrong_what_is_learned_is_better() {
    // Hair kept for half of the children and not for .8 of them, and ages raised further than the rules say.
    let draw = |at: u64, what: u64| (key64(&(at * 8 + what).to_be_bytes()) % 1000) as f64 / 1000.0;
    let mut shown: Vec<(bool, Vec<Reason>)> = Vec::new();
    for at in 0..400 {
        let right = at % 2 == 0;
        let same = if right { draw(at, 1) < 0.5 + 0.5 * 0.25 } else { draw(at, 1) < 0.25 };
        let years = if right { 3.0 + draw(at, 2) * 3.0 } else { draw(at, 2) * 8.0 };
        let even = [("share_present", 0.25), ("persons", 1.0)];
        shown.push((
            right,
            vec![
                reason("prior", "", "", &even),
                reason("hair", "brown", if same { "brown" } else { "red" }, &[("base_rate", 0.25)]),
                reason("age", "15", &(15 + years as i32).to_string(), &[("base_rate", 0.125)]),
            ],
        ));
    }
    let ids: Vec<String> = (0..shown.len()).map(|at| format!("M{at}")).collect();
    let judged: Vec<Judged> = shown
        .iter()
        .zip(&ids)
        .map(|((right, reasons), id)| Judged { report: id, finding: id, right: *right, reasons })
        .collect();
    let proposal = propose(&judged, Rules::embedded(), Learning::embedded());
    let (before, after) = (proposal.before.log_loss, proposal.after.log_loss);
    assert!(after < before - 0.02, "{before} {after}");
    let hair = proposal.learned.shares["hair"][0];
    assert!((0.55..0.68).contains(&hair), "{hair}");
}

proptest! {
    #[test]
    fn shares_stay_shares_within_their_bounds(
        ages in prop::collection::vec((13i32..18, 15i32..45), 0..60),
        same in prop::collection::vec(any::<bool>(), 60),
        turn in 0usize..60,
    ) {
        let shown: Vec<Vec<Reason>> = ages
            .iter()
            .zip(&same)
            .map(|((age, stated), same)| vec![
                reason("age", &age.to_string(), &stated.to_string(), &[("base_rate", 0.05)]),
                reason("eyes", "blue", if *same { "blue" } else { "green" }, &[("base_rate", 0.25)]),
            ])
            .collect();
        let ids: Vec<String> = (0..shown.len()).map(|at| format!("M{at}")).collect();
        let mut judged: Vec<Judged> = shown
            .iter()
            .zip(&ids)
            .enumerate()
            .map(|(at, (reasons, id))| Judged { report: id, finding: id, right: at % 3 > 0, reasons })
            .collect();
        let (rules, learning) = (Rules::embedded(), Learning::embedded());
        let proposal = propose(&judged, rules, learning);
        let before = shares(&rules.matching);
        for (factor, list) in &proposal.learned.shares {
            prop_assert!((list.iter().sum::<f64>() - before[factor].iter().sum::<f64>()).abs() < 1e-9, "{}", factor);
            for (after, before) in list.iter().zip(&before[factor]) {
                let most = learning.most_factor * (1.0 + 1e-9);
                prop_assert!(*after <= before * most && *after >= before / most, "{} {} {}", factor, before, after);
            }
        }
        if !judged.is_empty() {
            let middle = turn % judged.len();
            judged.rotate_left(middle);
        }
        prop_assert_eq!(propose(&judged, rules, learning), proposal);
    }
}
