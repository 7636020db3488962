//! Ordering findings by the chance of reaching a child, and reporting organised activity.

use crate::facts::Facts;
use homeward_model::{Instant, Reason};
use homeward_rules::ranking::Ranking;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Chance of reaching a child: the probability, less what age of the last sighting, doubt about the place and thin
/// evidence take off it.
pub fn chance(
    probability: f64,
    last_seen: Option<Instant>,
    placed: bool,
    postings: usize,
    as_of: Instant,
    rules: &Ranking,
) -> f64 {
    let days = last_seen.map_or(365.0, |last| as_of.days_since(last).max(0.0));
    let fresh = 0.5f64.powf(days / rules.half_life_days);
    let place = if placed { 1.0 } else { rules.without_place };
    let volume =
        rules.one_posting + (1.0 - rules.one_posting) * (postings as f64 / rules.full_postings).min(1.0);
    probability * (0.1 + 0.9 * fresh) * place * volume
}

/// An owner with several persons, numbers or places.
#[derive(Clone, Debug, PartialEq)]
pub struct Organised {
    /// Owner label.
    pub owner: u32,
    /// The owner's postings, ascending.
    pub postings: Vec<u32>,
    /// Share of the marks of organisation that are present; it orders, and says nothing about a child.
    pub share: f64,
    /// What makes it so.
    pub reasons: Vec<Reason>,
}

/// Organised activity, by owner.
pub fn organised(facts: &[Facts], owner: &[u32], rules: &Ranking) -> Vec<Organised> {
    let mut postings: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (at, owner) in owner.iter().enumerate() {
        postings.entry(*owner).or_default().push(at as u32);
    }
    let mut found: Vec<Organised> = postings
        .into_par_iter()
        .filter(|(_, postings)| postings.len() >= rules.network_postings)
        .filter_map(|(owner, postings)| {
            let each = || postings.iter().map(|at| &facts[*at as usize]);
            let names: FxHashSet<&str> =
                each().filter_map(|facts| facts.person.names.first()).map(String::as_str).collect();
            let values: FxHashSet<&str> = each()
                .flat_map(|facts| &facts.selectors)
                .filter(|selector| !selector.common)
                .map(|selector| selector.value.as_str())
                .collect();
            let cities: FxHashSet<u32> = each().filter_map(|facts| facts.city).map(|city| city.0).collect();
            let marks = [("persons", names.len()), ("selectors", values.len()), ("cities", cities.len())];
            let several = marks.iter().filter(|(_, count)| *count >= rules.network_several).count();
            if several < 2 {
                return None;
            }
            let reasons = marks
                .iter()
                .map(|(what, count)| {
                    Reason::new(
                        format!("several {what}"),
                        format!("{} or more", rules.network_several),
                        format!("{count} {what} in {} postings", postings.len()),
                        0.0,
                        "describes organisation; says nothing about age or consent",
                        &[("count", *count as f64)],
                    )
                })
                .collect();
            Some(Organised { owner, postings, share: several as f64 / marks.len() as f64, reasons })
        })
        .collect();
    found.sort_by_key(|found| found.owner);
    found
}

/// Whether a reason is one of these, which carry no weight.
pub fn is_organised(factor: &str) -> bool {
    matches!(factor, "several persons" | "several selectors" | "several cities")
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules;

    #[test]
    fn a_fresh_sighting_comes_before_an_old_one() {
        let rules = &Rules::embedded().ranking;
        let now = Instant::parse("2019-08-01").unwrap();
        let chance_of =
            |days: f64, postings| chance(0.5, Some(now.plus_days(-days)), true, postings, now, rules);
        assert!(chance_of(1.0, 8) > chance_of(60.0, 8));
        assert!(chance_of(1.0, 8) > chance_of(1.0, 1));
        assert!(chance(0.9, None, false, 1, now, rules) <= 0.9);
    }
}
