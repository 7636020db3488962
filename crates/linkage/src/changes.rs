//! What changed lately in organised networks: a new place, more postings than usual, a new person advertised.
//!
//! "Lately" is a window before the moment that a run takes as now, so a change is a function of the postings and that moment,
//! never of what an earlier run happened to see.

use crate::facts::Facts;
use homeward_model::{Instant, Reason};
use homeward_places::{CityId, Places};
use homeward_rules::ranking::Ranking;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The changes of one network; empty when nothing changed. `postings` are those of the network.
pub fn changes(
    facts: &[Facts],
    postings: &[u32],
    as_of: Instant,
    places: &Places,
    rules: &Ranking,
) -> Vec<Reason> {
    let start = as_of.plus_days(-rules.change_days);
    let mut dated: Vec<(Instant, u32)> = postings
        .iter()
        .filter_map(|at| Some((facts[*at as usize].seen_at.filter(|seen| *seen <= as_of)?, *at)))
        .collect();
    dated.sort_unstable();
    let (before, lately) = dated.split_at(dated.partition_point(|(seen, _)| *seen < start));
    // A network that is itself new has nothing to compare with.
    let settled = before.first().is_some_and(|(first, _)| start.days_since(*first) >= rules.change_days);
    if !settled || lately.is_empty() {
        return Vec::new();
    }
    let mut reasons = moved(facts, before, lately, places);
    reasons.extend(grew(before, lately, start, rules));
    reasons.extend(new_persons(facts, before, lately, rules));
    reasons
}

fn reason(factor: &str, left: String, right: String, measures: &[(&str, f64)]) -> Reason {
    Reason::new(factor, left, right, 0.0, "describes activity; says nothing about age or consent", measures)
}

/// Metropolitan areas of the window in which the network was not seen before it.
fn moved(
    facts: &[Facts],
    before: &[(Instant, u32)],
    lately: &[(Instant, u32)],
    places: &Places,
) -> Vec<Reason> {
    let metro = |at: u32| facts[at as usize].city.map(|city| places.metro(city));
    let known: Vec<CityId> = before.iter().filter_map(|(_, at)| metro(*at)).collect();
    let Some((left_at, last)) = before.iter().rev().find_map(|(seen, at)| Some((*seen, metro(*at)?))) else {
        return Vec::new();
    };
    let mut first: BTreeMap<u32, Instant> = BTreeMap::new();
    for (seen, at) in lately {
        if let Some(city) = metro(*at).filter(|city| !known.contains(city)) {
            first.entry(city.0).or_insert(*seen);
        }
    }
    let mut arrivals: Vec<(Instant, u32)> = first.into_iter().map(|(city, seen)| (seen, city)).collect();
    arrivals.sort_unstable();
    arrivals
        .into_iter()
        .map(|(seen, city)| {
            let kilometres = places.distance_km_between(last, CityId(city)).round();
            reason(
                "moved",
                format!("{}, last on {}", places.label(last), left_at.date()),
                format!("{}, first on {}", places.label(CityId(city)), seen.date()),
                &[("distance_km", kilometres)],
            )
        })
        .collect()
}

/// More postings in the window than twice the usual.
fn grew(
    before: &[(Instant, u32)],
    lately: &[(Instant, u32)],
    start: Instant,
    rules: &Ranking,
) -> Option<Reason> {
    let days = start.days_since(before.first()?.0).max(rules.change_days);
    let usual = before.len() as f64 / days * rules.change_days;
    let now = lately.len() as f64;
    (now >= rules.change_least && now >= rules.change_growth * usual).then(|| {
        reason(
            "grew",
            format!("{usual:.1} postings in {} days as a rule", rules.change_days),
            format!("{now} postings"),
            &[("usual", usual), ("count", now)],
        )
    })
}

/// Names of which no posting told before, in several postings of the window.
fn new_persons(
    facts: &[Facts],
    before: &[(Instant, u32)],
    lately: &[(Instant, u32)],
    rules: &Ranking,
) -> Vec<Reason> {
    let name = |at: u32| facts[at as usize].person.names.first().map(String::as_str);
    let mut counts: FxHashMap<&str, (usize, Instant)> = FxHashMap::default();
    for (seen, at) in lately {
        if let Some(name) = name(*at) {
            counts.entry(name).or_insert((0, *seen)).0 += 1;
        }
    }
    for (_, at) in before {
        if let Some(name) = name(*at) {
            counts.remove(name);
        }
    }
    let mut found: Vec<(&str, (usize, Instant))> =
        counts.into_iter().filter(|(_, (count, _))| *count >= rules.change_person_postings).collect();
    found.sort_unstable();
    found
        .into_iter()
        .map(|(name, (count, seen))| {
            let right = format!("{name}, {count} postings since {}", seen.date());
            reason("new person", String::new(), right, &[("count", count as f64)])
        })
        .collect()
}

/// Whether a reason is one of these, which carry no weight.
pub fn is_change(factor: &str) -> bool {
    matches!(factor, "moved" | "grew" | "new person")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::Description;
    use homeward_rules::Rules;

    fn check(rows: &[(&str, u32, &str)], expected: &[&str]) {
        let facts: Vec<Facts> = rows
            .iter()
            .map(|(day, city, name)| Facts {
                seen_at: Instant::parse(day),
                city: Some(CityId(*city)),
                person: Description { names: vec![(*name).to_owned()], ..Description::default() },
                ..Facts::default()
            })
            .collect();
        let postings: Vec<u32> = (0..facts.len() as u32).collect();
        let as_of = Instant::parse("2019-08-01").unwrap();
        let found = changes(&facts, &postings, as_of, Places::embedded(), &Rules::embedded().ranking);
        let factors: Vec<&str> = found.iter().map(|reason| reason.factor.as_str()).collect();
        assert_eq!(factors, expected);
    }

    #[test]
    fn a_change_is_what_was_not_there_before() {
        // City 0 is New York, city 3 Chicago.
        let old = [("2019-06-01", 0, "mia"), ("2019-06-20", 0, "mia"), ("2019-07-10", 0, "mia")];
        let with = |rows: &[(&'static str, u32, &'static str)]| [&old[..], rows].concat();
        check(&with(&[("2019-07-30", 0, "mia")]), &[]);
        check(&with(&[("2019-07-30", 3, "mia")]), &["moved"]);
        check(&with(&[("2019-07-29", 0, "zoe"), ("2019-07-30", 0, "zoe")]), &["new person"]);
        check(&with(&[("2019-07-29", 0, "mia"); 6]), &["grew"]);
        // Later than now, and nothing before: no answer.
        check(&with(&[("2019-08-20", 3, "mia")]), &[]);
        check(&[("2019-07-29", 0, "mia"), ("2019-07-30", 3, "zoe")], &[]);
    }
}
