//! What people found out about reports, in the terms of matching: in which networks children were found, and which reports are
//! of one child.

use crate::decided::Decided;
use crate::pipeline::Analysis;
use homeward_linkage::matching::{Find, Told};
use homeward_linkage::same_child;
use homeward_model::MissingReport;
use homeward_places::Places;
use homeward_rules::Rules;
use std::collections::{BTreeMap, BTreeSet};

/// What is known, see [`Told`].
#[derive(Debug, Default)]
pub struct Known {
    finds: Vec<Find>,
    one_child: Vec<(u32, u32, f64)>,
}

impl Known {
    /// Reads it from what people decided. Nothing is computed where nobody found a child.
    pub fn of(decided: &Decided, analysis: &Analysis, reports: &[MissingReport], rules: &Rules) -> Known {
        let at: BTreeMap<&str, u32> =
            (0..).zip(reports).map(|(at, report)| (report.id.as_str(), at)).collect();
        let mut finds = Vec::new();
        for (report, confirmed) in &decided.confirmed {
            let Some(report) = at.get(report.as_str()).copied() else { continue };
            let position = |key: &u64| analysis.facts.binary_search_by_key(key, |facts| facts.key).ok();
            let owner = |at: usize| analysis.owners.owner[at];
            let owners: BTreeSet<u32> = confirmed.postings.iter().filter_map(position).map(owner).collect();
            let recovered = confirmed.recovered;
            finds.extend(owners.into_iter().map(|owner| Find { report, owner, recovered }));
        }
        if finds.is_empty() {
            return Known::default();
        }
        let judged = |a: &str, b: &str| {
            let pair = if a < b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) };
            decided.one_child.get(&pair).copied()
        };
        let mut one_child = Vec::new();
        for pair in same_child::pairs(reports, Places::embedded(), &rules.same_child) {
            let (a, b) = (&reports[pair.left as usize].id, &reports[pair.right as usize].id);
            if judged(a, b).is_none() && pair.probability >= rules.matching.together.least {
                one_child.push((pair.left, pair.right, pair.probability));
            }
        }
        for ((a, b), _) in decided.one_child.iter().filter(|(_, same)| **same) {
            if let (Some(a), Some(b)) = (at.get(a.as_str()), at.get(b.as_str())) {
                one_child.push((*a, *b, 1.0));
            }
        }
        Known { finds, one_child }
    }

    /// The same for matching.
    pub fn told(&self) -> Told<'_> {
        Told { finds: &self.finds, one_child: &self.one_child }
    }
}
