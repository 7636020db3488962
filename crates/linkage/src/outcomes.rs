//! Learning from outcomes: what people found out about matches moves the shares of `rules/matching.toml`.
//!
//! A share is P(value | the person advertised is the reported child), so only confirmed matches teach; what a rejected one
//! shows is somebody else's, and somebody else's values are counted in the data at hand. Rejected ones are for the figures
//! before and after. The rules' numbers are a Dirichlet prior worth a stated number of observations, and no share moves by
//! more than a stated factor, because people judge what scores high: a set of judged matches shows too much that is alike.
//!
//! Pure. The prior is always the rules' own set, so learning again from more judgements never builds on a learned set.

mod shares;

pub use shares::{Shares, label, shares, with, with_shares};

use crate::matching::factors::{self, age_band, band, time_band};
use homeward_model::{Reason, key64};
use homeward_rules::Rules;
use homeward_rules::learning::Learning;
use homeward_rules::matching::Matching;

/// One match on which somebody decided.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The report; matches of one report are always in one fold.
    pub report: &'a str,
    /// The finding; the order of the list changes nothing.
    pub finding: &'a str,
    /// It was the child.
    pub right: bool,
    /// Why the engine offered it.
    pub reasons: &'a [Reason],
}

/// A set of shares as learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The shares.
    pub shares: Shares,
    /// How many confirmed matches showed each value; in parts where a value may be the same by chance.
    pub taught: Shares,
}

/// How well stated probabilities go with what people found out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Matches judged.
    pub judged: usize,
    /// Mean surprise at what was found out, bits.
    pub log_loss: f64,
    /// Mean distance between probability stated and share right over ten bins, weighted by matches.
    pub calibration_error: f64,
    /// Matches above .5 that are right, and all above .5.
    pub precision: (usize, usize),
    /// Right matches above .5, and all right ones.
    pub recall: (usize, usize),
}

/// A proposal: nothing changes until a person accepts it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The shares proposed.
    pub learned: Learned,
    /// The judged matches by the rules as they are.
    pub before: Quality,
    /// The same matches, each weighed by shares learned from the other folds.
    pub after: Quality,
}

/// Learns from judged matches, and measures on them with the learner kept honest. Deterministic whatever the order.
pub fn propose(judged: &[Judged], rules: &Rules, learning: &Learning) -> Proposal {
    let mut judged = judged.to_vec();
    judged.sort_by_key(|one| (one.report, one.finding));
    let fold = |one: &Judged| key64(one.report.as_bytes()) % learning.folds;
    let confirmed = |keep: &dyn Fn(&Judged) -> bool| -> Vec<&[Reason]> {
        judged.iter().filter(|one| one.right && keep(one)).map(|one| one.reasons).collect()
    };
    let without: Vec<Rules> = (0..learning.folds)
        .map(|at| {
            let learned = learn(&rules.matching, &confirmed(&|one| fold(one) != at), learning);
            with_shares(rules, &learned.shares).unwrap_or_else(|| rules.clone())
        })
        .collect();
    Proposal {
        learned: learn(&rules.matching, &confirmed(&|_| true), learning),
        before: quality(&judged, |_| rules),
        after: quality(&judged, |one| &without[fold(one) as usize]),
    }
}

/// Shares by the reasons of confirmed matches: the most likely ones under the prior, within the bounds.
pub fn learn(prior: &Matching, confirmed: &[&[Reason]], learning: &Learning) -> Learned {
    let before = shares(prior);
    let mut current = prior.clone();
    let mut learned = Learned { shares: before.clone(), taught: zeros(&before) };
    for _ in 0..learning.rounds {
        let mut taught = zeros(&before);
        for reasons in confirmed {
            teach(reasons, &current, &mut taught);
        }
        let moved = before
            .iter()
            .map(|(factor, prior)| (factor.clone(), posterior(prior, &taught[factor], learning)));
        learned = Learned { shares: moved.collect(), taught };
        let Some(next) = with(prior, &learned.shares) else { break };
        current = next;
    }
    learned
}

/// The mean of the Dirichlet posterior, moved into the bounds with the sum kept.
fn posterior(prior: &[f64], taught: &[f64], learning: &Learning) -> Vec<f64> {
    let all: f64 = taught.iter().sum();
    if all == 0.0 {
        return prior.to_vec();
    }
    let mean: Vec<f64> = prior
        .iter()
        .zip(taught)
        .map(|(share, count)| (learning.strength * share + count) / (learning.strength + all))
        .collect();
    let bounded = |factor: f64| -> Vec<f64> {
        let inside = |(share, prior): (&f64, &f64)| {
            (share * factor).clamp(prior / learning.most_factor, (prior * learning.most_factor).min(1.0))
        };
        mean.iter().zip(prior).map(inside).collect()
    };
    if bounded(1.0) == mean {
        return mean;
    }
    // The sum grows with the factor, from below 1 where all are at their least to above it where all are at their most.
    let (mut low, mut high) = (0.0, learning.most_factor * (1.0 + all / learning.strength));
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if bounded(middle).iter().sum::<f64>() < 1.0 { low = middle } else { high = middle }
    }
    bounded(high)
}

fn zeros(shares: &Shares) -> Shares {
    shares.iter().map(|(factor, list)| (factor.clone(), vec![0.0; list.len()])).collect()
}

/// Adds what one confirmed match shows. A value that may be the same by chance counts in the parts that the current shares
/// and the base rate give: kept, or like somebody else's.
fn teach(reasons: &[Reason], rules: &Matching, taught: &mut Shares) {
    let mut add = |factor: &str, at: usize, part: f64| {
        if let Some(count) = taught.get_mut(factor).and_then(|counts| counts.get_mut(at)) {
            *count += part;
        }
    };
    let shows = |factors: &[&str]| reasons.iter().any(|reason| factors.contains(&reason.factor.as_str()));
    for (factor, shown) in [
        ("selector", shows(&["phone", "email", "handle"])),
        ("associate", shows(&["associate"])),
        ("photo", shows(&["photo"])),
    ] {
        add(factor, usize::from(!shown), 1.0);
    }
    for reason in reasons {
        let factor = reason.factor.as_str();
        let measure = |name: &str| reason.measure(name);
        let between = || reason.numbers().map(|(ours, theirs)| theirs - ours);
        let mut kept = |same: f64, equal: bool| {
            let part = match measure("base_rate") {
                Some(base) if equal && base > 0.0 => same / base / (same / base + 1.0 - same),
                _ => 0.0,
            };
            add(factor, 0, part);
            add(factor, 1, 1.0 - part);
        };
        match factor {
            "hair" => kept(rules.hair.same, reason.left == reason.right),
            "eyes" => kept(rules.eyes.same, reason.left == reason.right),
            "mark" => {
                kept(rules.mark.same, factors::mark_named(reason));
            }
            "name" => {
                let (Some(base), Some(forms)) = (measure("base_rate"), measure("forms")) else { continue };
                let at = factors::level_of(reason);
                let share = factors::name_share(at, rules);
                let here = share / (forms.max(1.0) * base);
                let part = here / (here + rules.name.different);
                add(factor, at, part);
                add(factor, factors::DIFFERENT, 1.0 - part);
            }
            "age" => {
                if let Some((age, stated)) = reason.numbers() {
                    let band = age_band((stated - age) as i32, rules);
                    for (at, part) in factors::age_meant(band, age as i32, &rules.age.shares, &rules.age) {
                        add(factor, at, part);
                    }
                }
            }
            "height" | "weight" => {
                let bands = if factor == "height" { &rules.height } else { &rules.weight };
                if let Some(difference) = between() {
                    add(factor, band(difference.abs(), &bands.limits), 1.0);
                }
            }
            "place" => {
                if let (Some(hours), Some(days)) = (measure("road_hours"), measure("days")) {
                    add("travel", usize::from(factors::travel(hours, days, rules) == 0.0), 1.0);
                }
            }
            "time" => {
                // Who is seldom advertised is first seen late: that is learned from the data alone.
                let (first, last) = (measure("first_days"), measure("last_days"));
                if let (Some(first), Some(last), false) = (first, last, factors::is_of_few(reason)) {
                    add(factor, time_band(first, last, rules), 1.0);
                }
            }
            "organised" => {
                if let Some(band) = measure("band") {
                    add(factor, band as usize, 1.0);
                }
            }
            _ => {}
        }
    }
}

/// The probability of a judged match under a rule set: its stored reasons weighed again.
pub fn probability(reasons: &[Reason], rules: &Rules) -> f64 {
    let weight = |reason: &Reason| factors::reweigh(reason, rules).unwrap_or(reason.weight_bits);
    factors::probability(reasons.iter().map(weight).sum(), &rules.matching)
}

/// Measures stated probabilities against what people found out; `rules_of` says by which rules each match is weighed.
pub fn quality<'a>(judged: &[Judged], rules_of: impl Fn(&Judged) -> &'a Rules) -> Quality {
    let mut quality = Quality { judged: judged.len(), ..Quality::default() };
    let mut bins = [(0.0, 0.0); 10];
    for one in judged {
        let stated = probability(one.reasons, rules_of(one));
        let found = if one.right { stated } else { 1.0 - stated };
        quality.log_loss -= found.max(f64::MIN_POSITIVE).log2();
        let bin = &mut bins[((stated * 10.0) as usize).min(9)];
        bin.0 += stated;
        bin.1 += f64::from(u8::from(one.right));
        quality.recall.1 += usize::from(one.right);
        if stated > 0.5 {
            quality.precision.1 += 1;
            quality.precision.0 += usize::from(one.right);
            quality.recall.0 += usize::from(one.right);
        }
    }
    let count = judged.len().max(1) as f64;
    quality.log_loss /= count;
    quality.calibration_error =
        bins.iter().map(|(stated, right): &(f64, f64)| (stated - right).abs()).sum::<f64>() / count;
    quality
}

#[cfg(test)]
mod tests;
