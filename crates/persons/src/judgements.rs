//! What people decided on pairs of records, as bounds on the groups. *Same* joins and *not the same* parts whatever the
//! evidence says; *unsure* takes an earlier decision back. Decisions are kept by the ids of records, so they outlive a new
//! import and a rebuild; of several on one pair the last holds.

use crate::groups::Groups;
use crate::table::Table;
use homeward_model::Verdict;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// One decision, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// One record.
    pub id_a: String,
    /// The other.
    pub id_b: String,
    /// What was decided.
    pub verdict: Verdict,
}

/// Decisions that cannot all hold, or that the evidence speaks against.
#[derive(Debug, Clone, PartialEq)]
pub enum Contradiction {
    /// Joined by a chain of *same*, and judged *not the same*: they stay apart, and this *same* is not followed.
    Chain {
        /// The *same* that is not followed.
        same: (String, String),
        /// The *not the same* that it would break.
        parted: (String, String),
    },
    /// Judged *not the same*, though the records say the same person with this probability.
    Evidence {
        /// The pair.
        parted: (String, String),
        /// By the weights alone.
        probability: f64,
    },
}

/// Decisions as bounds on groups.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    /// Pairs judged the same that are followed.
    pub same: Vec<(u32, u32)>,
    /// Pairs judged not the same.
    pub parted: Vec<(u32, u32)>,
    /// Decisions that cannot all hold.
    pub contradictions: Vec<Contradiction>,
    /// Decisions on records that are not here.
    pub absent: usize,
    apart: FxHashMap<u32, Vec<u32>>,
    held: FxHashSet<u32>,
}

impl Bounds {
    /// Reads decisions in their order.
    pub fn new(table: &Table, judgements: &[Judgement]) -> Bounds {
        let mut bounds = Bounds::default();
        let mut last: BTreeMap<(u32, u32), (usize, Verdict)> = BTreeMap::new();
        for (nth, judgement) in judgements.iter().enumerate() {
            match (table.find(&judgement.id_a), table.find(&judgement.id_b)) {
                (Some(a), Some(b)) if a != b => {
                    last.insert((a.min(b), a.max(b)), (nth, judgement.verdict));
                }
                (Some(_), Some(_)) => {}
                _ => bounds.absent += 1,
            }
        }
        for ((a, b), (_, verdict)) in &last {
            if *verdict == Verdict::NotSame {
                bounds.parted.push((*a, *b));
                bounds.apart.entry(*a).or_default().push(*b);
                bounds.apart.entry(*b).or_default().push(*a);
            }
        }
        let mut same: Vec<(usize, u32, u32)> = last
            .iter()
            .filter(|(_, (_, verdict))| *verdict == Verdict::Same)
            .map(|((a, b), (nth, _))| (*nth, *a, *b))
            .collect();
        same.sort_unstable();
        let mut groups = Groups::apart(if same.is_empty() { 0 } else { table.len() });
        for (_, a, b) in same {
            let (x, y) = (groups.of[a as usize], groups.of[b as usize]);
            if x == y || bounds.broken(&groups, x, y).is_none() {
                bounds.same.push((a, b));
                bounds.held.extend([a, b]);
                if x != y {
                    groups.join(x, y);
                }
            } else if let Some((c, d)) = bounds.broken(&groups, x, y) {
                let name = |record: u32| table.ids[record as usize].clone();
                bounds
                    .contradictions
                    .push(Contradiction::Chain { same: (name(a), name(b)), parted: (name(c), name(d)) });
            }
        }
        bounds
    }

    /// Whether two groups may not be one.
    pub fn forbid(&self, groups: &Groups, a: u32, b: u32) -> bool {
        !self.apart.is_empty() && self.broken(groups, a, b).is_some()
    }

    /// Whether a record may not be in a group.
    pub fn forbid_record(&self, groups: &Groups, record: u32, group: u32) -> bool {
        let parted = self.apart.get(&record);
        parted.is_some_and(|others| others.iter().any(|other| groups.of[*other as usize] == group))
    }

    /// Whether a record is held where it is by a *same*.
    pub fn holds(&self, record: u32) -> bool {
        self.held.contains(&record)
    }

    /// Whom a record is judged not to be.
    pub fn parted_from(&self, record: u32) -> impl Iterator<Item = u32> {
        self.apart.get(&record).into_iter().flatten().copied()
    }

    /// The record and those that judgements make one with it, ascending.
    pub fn chain(&self, record: u32) -> Vec<u32> {
        let mut chain = vec![record];
        let mut next = 0;
        while let Some(member) = chain.get(next).copied() {
            for (a, b) in &self.same {
                let other = if *a == member { *b } else { *a };
                if (*a == member || *b == member) && !chain.contains(&other) {
                    chain.push(other);
                }
            }
            next += 1;
        }
        chain.sort_unstable();
        chain
    }

    /// A pair judged not the same between two groups.
    fn broken(&self, groups: &Groups, a: u32, b: u32) -> Option<(u32, u32)> {
        let (a, b) = if groups.size(a) <= groups.size(b) { (a, b) } else { (b, a) };
        groups.members[a as usize].iter().find_map(|record| {
            let others = self.apart.get(record)?;
            let other = others.iter().find(|other| groups.of[**other as usize] == b)?;
            Some((*record.min(other), *record.max(other)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::table::tests::table;

    fn bounds(decisions: &[(&str, &str, Verdict)]) -> Bounds {
        let table = table(&[("a", Kind::Text)], &[&["x"], &["x"], &["x"], &["x"]]);
        let judgements: Vec<Judgement> = decisions
            .iter()
            .map(|(a, b, verdict)| Judgement {
                id_a: (*a).to_owned(),
                id_b: (*b).to_owned(),
                verdict: *verdict,
            })
            .collect();
        Bounds::new(&table, &judgements)
    }

    #[test]
    fn the_last_decision_on_a_pair_holds() {
        use Verdict::{NotSame, Same, Unsure};
        let both = bounds(&[("r0", "r1", NotSame), ("r1", "r0", Same)]);
        assert_eq!((both.same, both.parted.len()), (vec![(0, 1)], 0));
        let taken_back = bounds(&[("r0", "r1", NotSame), ("r0", "r1", Unsure)]);
        assert_eq!((taken_back.same.len(), taken_back.parted.len()), (0, 0));
        assert_eq!(bounds(&[("r0", "gone", Same)]).absent, 1);
    }

    #[test]
    fn a_chain_never_joins_what_was_parted() {
        use Verdict::{NotSame, Same};
        let bounds =
            bounds(&[("r0", "r1", Same), ("r0", "r2", NotSame), ("r1", "r2", Same), ("r2", "r3", Same)]);
        assert_eq!(bounds.same, [(0, 1), (2, 3)]);
        let name = |id: &str| id.to_owned();
        let chain = Contradiction::Chain { same: (name("r1"), name("r2")), parted: (name("r0"), name("r2")) };
        assert_eq!(bounds.contradictions, [chain]);
    }
}
