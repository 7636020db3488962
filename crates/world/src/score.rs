//! Measures against the truth: pairs of a clustering, sets of selectors, ranked and calibrated matches.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::hash::Hash;

/// Counts of right and wrong answers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Answers that are right.
    pub right: f64,
    /// Answers given.
    pub given: f64,
    /// Answers there are.
    pub there: f64,
}

impl Counts {
    /// Share of the answers given that are right; 1 when none was given.
    pub fn precision(&self) -> f64 {
        if self.given == 0.0 { 1.0 } else { self.right / self.given }
    }

    /// Share of the answers there are that were given; 1 when there are none.
    pub fn recall(&self) -> f64 {
        if self.there == 0.0 { 1.0 } else { self.right / self.there }
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        if self.given + self.there == 0.0 { 1.0 } else { 2.0 * self.right / (self.given + self.there) }
    }
}

fn two(n: u64) -> f64 {
    (n * n.saturating_sub(1) / 2) as f64
}

/// Pairs of a clustering against the truth; `u32::MAX` and `None` stand alone. Linear time.
pub fn pairs<T: Copy + Eq + Hash>(found: &[u32], truth: &[Option<T>]) -> Counts {
    let mut in_found: FxHashMap<u32, u64> = FxHashMap::default();
    let mut in_truth: FxHashMap<T, u64> = FxHashMap::default();
    let mut in_both: FxHashMap<(u32, T), u64> = FxHashMap::default();
    for (found, truth) in found.iter().zip(truth.iter().copied()) {
        if *found != u32::MAX {
            *in_found.entry(*found).or_default() += 1;
        }
        if let Some(truth) = truth {
            *in_truth.entry(truth).or_default() += 1;
            if *found != u32::MAX {
                *in_both.entry((*found, truth)).or_default() += 1;
            }
        }
    }
    Counts {
        right: in_both.values().map(|n| two(*n)).sum(),
        given: in_found.values().map(|n| two(*n)).sum(),
        there: in_truth.values().map(|n| two(*n)).sum(),
    }
}

/// Recall of true pairs by class, where a pair belongs to the larger class of its two members.
pub fn recall_by_class(
    found: &[u32],
    truth: &[Option<&str>],
    class: &[Option<usize>],
) -> BTreeMap<usize, f64> {
    // Pairs up to and including a class, by difference of counts.
    let mut by_class = BTreeMap::new();
    let (mut right_below, mut there_below) = (0.0, 0.0);
    let last = class.iter().flatten().max().copied().unwrap_or(0);
    for limit in 0..=last {
        let kept: Vec<usize> =
            (0..truth.len()).filter(|at| class[*at].is_some_and(|class| class <= limit)).collect();
        let found: Vec<u32> = kept.iter().map(|at| found[*at]).collect();
        let truth: Vec<Option<&str>> = kept.iter().map(|at| truth[*at]).collect();
        let counts = pairs(&found, &truth);
        if counts.there > there_below {
            by_class.insert(limit, (counts.right - right_below) / (counts.there - there_below));
        }
        (right_below, there_below) = (counts.right, counts.there);
    }
    by_class
}

/// Sets of values found against sets that are there.
pub fn sets<'a>(rows: impl Iterator<Item = (&'a [String], &'a [String])>) -> Counts {
    let mut counts = Counts::default();
    for (found, there) in rows {
        counts.given += found.len() as f64;
        counts.there += there.len() as f64;
        counts.right += found.iter().filter(|value| there.contains(value)).count() as f64;
    }
    counts
}

/// One candidate for one report.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The report.
    pub report: String,
    /// 1 for the best candidate of the report.
    pub rank: usize,
    /// Stated probability.
    pub probability: f64,
    /// Owners of the candidate's postings.
    pub owners: Vec<String>,
}

impl Candidate {
    /// Right when at least half of the candidate's postings are by the owner who advertises the child.
    pub fn is_right(&self, network: Option<&str>) -> bool {
        let Some(network) = network else { return false };
        let by_owner = self.owners.iter().filter(|owner| *owner == network).count();
        by_owner > 0 && 2 * by_owner >= self.owners.len()
    }
}

/// Quality of a list of matches.
#[derive(Clone, Debug, Default)]
pub struct MatchQuality {
    /// Reports whose child is present.
    pub present: usize,
    /// Share of them with a right candidate among the first five.
    pub recall_at_5: f64,
    /// Rows above 0.5, and the share of them that is right.
    pub above_half: usize,
    /// See [`MatchQuality::above_half`].
    pub precision_above_half: f64,
    /// Rows above 0.9, the share of them that is right, and the share of the present children who have a right one.
    pub above_nine_tenths: usize,
    /// See [`MatchQuality::above_nine_tenths`].
    pub precision_above_nine_tenths: f64,
    /// See [`MatchQuality::above_nine_tenths`].
    pub present_above_nine_tenths: f64,
    /// Mean distance between stated probability and observed share over ten bins, weighted by rows.
    pub calibration_error: f64,
    /// The same over first candidates above 0.1.
    pub calibration_error_first: f64,
    /// Recall at 5 by trace, `none` for children who left only weak facts.
    pub by_trace: BTreeMap<String, (usize, f64)>,
    /// Rows above 0.5 that are wrong, by the trap laid for their report.
    pub wrong_by_trap: BTreeMap<String, usize>,
}

/// Truth of one report.
#[derive(Clone, Debug)]
pub struct ReportTruth {
    /// Owner who advertises the child.
    pub network: Option<String>,
    /// Traces left.
    pub traces: Vec<String>,
    /// Trap laid.
    pub trap: Option<String>,
    /// Located before any posting could be matched: not asked for.
    pub closed: bool,
}

/// Measures matches against the truth of the reports.
pub fn matches(candidates: &[Candidate], truth: &BTreeMap<String, ReportTruth>) -> MatchQuality {
    let mut quality = MatchQuality::default();
    let mut hit: FxHashMap<&str, bool> = FxHashMap::default();
    let mut right_nine: FxHashSet<&str> = FxHashSet::default();
    let (mut right_above, mut bins, mut first_bins) = (0, [(0.0, 0.0, 0.0); 10], [(0.0, 0.0, 0.0); 10]);
    for candidate in candidates {
        let Some(report) = truth.get(&candidate.report) else { continue };
        let right = candidate.is_right(report.network.as_deref());
        if right && candidate.rank <= 5 {
            hit.insert(&candidate.report, true);
        }
        if candidate.probability > 0.5 {
            quality.above_half += 1;
            right_above += usize::from(right);
            if !right {
                *quality
                    .wrong_by_trap
                    .entry(report.trap.clone().unwrap_or_else(|| "none".into()))
                    .or_default() += 1;
            }
        }
        if candidate.probability > 0.9 {
            quality.above_nine_tenths += 1;
            if right {
                right_nine.insert(&candidate.report);
                quality.precision_above_nine_tenths += 1.0;
            }
        }
        let bin = ((candidate.probability * 10.0) as usize).min(9);
        add(&mut bins[bin], candidate.probability, right);
        if candidate.rank == 1 && candidate.probability > 0.1 {
            add(&mut first_bins[bin], candidate.probability, right);
        }
    }
    quality.precision_above_half =
        if quality.above_half == 0 { 1.0 } else { right_above as f64 / quality.above_half as f64 };
    quality.precision_above_nine_tenths = match quality.above_nine_tenths {
        0 => 1.0,
        rows => quality.precision_above_nine_tenths / rows as f64,
    };
    quality.calibration_error = calibration(&bins);
    quality.calibration_error_first = calibration(&first_bins);
    let mut hits = 0;
    let mut traces: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (id, report) in truth.iter().filter(|(_, report)| report.network.is_some() && !report.closed) {
        quality.present += 1;
        let found = usize::from(hit.contains_key(id.as_str()));
        hits += found;
        let strong = |trace: &&String| matches!(trace.as_str(), "phone" | "handle" | "associate" | "photo");
        let class = report.traces.iter().find(strong).or_else(|| report.traces.first());
        let entry = traces.entry(class.cloned().unwrap_or_else(|| "none".into())).or_default();
        entry.0 += 1;
        entry.1 += found;
    }
    quality.present_above_nine_tenths = right_nine.len() as f64 / quality.present.max(1) as f64;
    quality.recall_at_5 = if quality.present == 0 { 1.0 } else { hits as f64 / quality.present as f64 };
    quality.by_trace =
        traces.into_iter().map(|(trace, (n, hits))| (trace, (n, hits as f64 / n as f64))).collect();
    quality
}

fn add(bin: &mut (f64, f64, f64), probability: f64, right: bool) {
    bin.0 += 1.0;
    bin.1 += probability;
    bin.2 += f64::from(u8::from(right));
}

fn calibration(bins: &[(f64, f64, f64); 10]) -> f64 {
    let rows: f64 = bins.iter().map(|(n, _, _)| n).sum();
    if rows == 0.0 {
        0.0
    } else {
        bins.iter().map(|(_, stated, right)| (stated - right).abs()).sum::<f64>() / rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_once() {
        let counts = pairs(&[0, 0, 0, 3, u32::MAX], &[Some("a"), Some("a"), Some("b"), Some("b"), None]);
        assert_eq!(counts, Counts { right: 1.0, given: 3.0, there: 2.0 });
        let by_class = recall_by_class(
            &[0, 0, 1, 1],
            &[Some("a"), Some("a"), Some("a"), Some("b")],
            &[Some(0), Some(0), Some(1), None],
        );
        assert_eq!(by_class[&0], 1.0);
        assert_eq!(by_class[&1], 0.0);
    }

    #[test]
    fn half_the_postings_make_a_network_right() {
        let owners = |list: &[&str]| list.iter().map(|owner| (*owner).to_owned()).collect();
        let candidate =
            Candidate { report: "M1".into(), rank: 1, probability: 0.9, owners: owners(&["a", "b"]) };
        assert!(candidate.is_right(Some("a")));
        assert!(!candidate.is_right(Some("c")));
        assert!(!candidate.is_right(None));
        let truth = ReportTruth { network: Some("a".into()), traces: vec![], trap: None, closed: false };
        let quality = matches(&[candidate], &[("M1".to_owned(), truth)].into());
        assert_eq!((quality.present, quality.recall_at_5, quality.precision_above_half), (1, 1.0, 1.0));
        assert!((quality.calibration_error - 0.1).abs() < 1e-9);
    }
}
