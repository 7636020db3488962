//! Every record is taken out of its group and weighed against the groups of its neighbours and against being a person of its
//! own; then groups are tried again for joining, and weights are learned from the groups.
//!
//! Records are taken in batches. Within a batch all are weighed at once against the groups as they stand; where an earlier
//! move of the batch has touched a group, the record is weighed again. So the result is the same for any number of threads.

use crate::compare::Comparer;
use crate::groups::{Groups, Judge, prior_of};
use crate::judgements::Bounds;
use crate::likeness::unordered;
use crate::sample::Draw;
use crate::weights::Weights;
use homeward_rules::persons::Groups as Rules;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// Batches of a sweep.
const BATCHES: usize = 16;

/// Pairs of records with their scores, by record.
pub struct Neighbours {
    starts: Vec<u32>,
    others: Vec<(u32, f32)>,
}

impl Neighbours {
    /// From scored pairs.
    pub fn new(records: usize, pairs: &[(u32, u32, f32)]) -> Neighbours {
        let mut starts = vec![0u32; records + 1];
        for (a, b, _) in pairs {
            starts[*a as usize + 1] += 1;
            starts[*b as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut others = vec![(0, 0.0); pairs.len() * 2];
        for (a, b, score) in pairs {
            for (from, to) in [(*a, *b), (*b, *a)] {
                others[next[from as usize] as usize] = (to, *score);
                next[from as usize] += 1;
            }
        }
        Neighbours { starts, others }
    }

    /// The neighbours of a record.
    pub fn of(&self, record: u32) -> &[(u32, f32)] {
        &self.others[self.starts[record as usize] as usize..self.starts[record as usize + 1] as usize]
    }
}

/// Where a record belongs.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Probability that it is in its group; for one alone, that it is a person of its own.
    pub confidence: f32,
    /// Probability that it is a person of its own.
    pub alone: f32,
    /// Other groups and their probabilities.
    pub others: Vec<(u32, f32)>,
}

/// By what a record is weighed against groups.
pub struct Scale<'a> {
    /// What people decided.
    pub bounds: &'a Bounds,
    /// Limits.
    pub rules: &'a Rules,
    /// Share of records that are alone, as far as is known.
    pub alone: f64,
}

/// Weighs all records against groups.
pub struct Sweeper<'a> {
    /// Compares values.
    pub comparer: &'a Comparer<'a>,
    /// Neighbours of each record.
    pub neighbours: &'a Neighbours,
    /// By what.
    pub scale: Scale<'a>,
}

impl Scale<'_> {
    /// Log odds that a record is not alone.
    fn odds(&self) -> f64 {
        ((1.0 - self.alone) / self.alone).ln()
    }

    /// The likeliest group of a record among those of its neighbours, none when it is likelier a person of its own.
    pub fn place(
        &self,
        judge: &mut Judge,
        groups: &Groups,
        record: u32,
        neighbours: &[(u32, f32)],
    ) -> (Option<u32>, Place) {
        let own = groups.of[record as usize];
        let mut found: Vec<(u32, f32)> = Vec::new();
        for (other, score) in neighbours {
            let group = groups.of[*other as usize];
            match found.iter_mut().find(|(known, _)| *known == group) {
                Some((_, best)) => *best = best.max(*score),
                None => found.push((group, *score)),
            }
        }
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(self.rules.best);
        if groups.size(own) > 1 && !found.iter().any(|(group, _)| *group == own) {
            found.push((own, 0.0));
        }
        let odds = self.odds();
        let mut scored: Vec<(u32, f64)> = Vec::with_capacity(found.len());
        for (group, _) in found {
            let size = groups.size(group) - usize::from(group == own);
            if size == 0 || (group != own && self.bounds.forbid_record(groups, record, group)) {
                continue;
            }
            let share = (size as f64 / groups.of.len() as f64).ln();
            let score = judge.score(&[record], &groups.members[group as usize], Some(record));
            scored.push((group, score + share + odds));
        }
        let most = scored.iter().map(|(_, score)| *score).fold(0.0, f64::max);
        let all = (-most).exp() + scored.iter().map(|(_, score)| (score - most).exp()).sum::<f64>();
        let alone = (-most).exp() / all;
        let mut best: Option<(u32, f64)> = None;
        for (group, score) in &mut scored {
            *score = (*score - most).exp() / all;
            if best.is_none_or(|(_, known)| *score > known) {
                best = Some((*group, *score));
            }
        }
        let target = best.filter(|(_, share)| *share >= alone && *share >= 0.5);
        let ends = if self.bounds.holds(record) { Some(own) } else { target.map(|(group, _)| group) };
        let others = scored
            .iter()
            .filter(|(group, share)| Some(*group) != ends && *share > self.rules.remembered)
            .map(|(group, share)| (*group, *share as f32))
            .collect();
        let confidence =
            if self.bounds.holds(record) { 1.0 } else { target.map_or(alone, |(_, share)| share) };
        (target.map(|(group, _)| group), Place { confidence: confidence as f32, alone: alone as f32, others })
    }
}

impl Sweeper<'_> {
    /// Weighs every record once and moves it to its likeliest group; returns where each belongs and how many moved.
    pub fn sweep(&mut self, weights: &Weights, groups: &mut Groups, seed: u64) -> (Vec<Place>, usize) {
        let records = groups.of.len();
        let mut places = vec![Place { confidence: 1.0, alone: 1.0, others: Vec::new() }; records];
        let mut order: Vec<u32> =
            (0..records as u32).filter(|record| self.has_company(groups, *record)).collect();
        let mut draw = Draw::new(seed);
        for at in (1..order.len()).rev() {
            order.swap(at, draw.below(at + 1) as usize);
        }
        let mut moved = 0;
        for batch in order.chunks(order.len().div_ceil(BATCHES).max(1)) {
            let standing = &*groups;
            let chosen: Vec<(Option<u32>, Place)> = batch
                .par_iter()
                .with_min_len(64)
                .map_init(
                    || Judge::new(self.comparer, weights, 1),
                    |judge, record| self.place(judge, standing, *record),
                )
                .collect();
            let mut judge = Judge::new(self.comparer, weights, 1);
            let mut touched: FxHashSet<u32> = FxHashSet::default();
            for (record, (mut target, mut place)) in batch.iter().zip(chosen) {
                let own = groups.of[*record as usize];
                let stays = |groups: &Groups, target: Option<u32>| {
                    target == Some(own) || (target.is_none() && groups.size(own) == 1)
                };
                let is_touched =
                    touched.contains(&own) || target.is_some_and(|group| touched.contains(&group));
                if is_touched && !stays(groups, target) {
                    (target, place) = self.place(&mut judge, groups, *record);
                }
                if !stays(groups, target) && !self.scale.bounds.holds(*record) {
                    groups.move_to(*record, target);
                    touched.extend([own, groups.of[*record as usize]]);
                    moved += 1;
                }
                places[*record as usize] = place;
            }
        }
        let alone: f64 =
            places.iter().map(|place| f64::from(place.alone)).sum::<f64>() / records.max(1) as f64;
        let rules = self.scale.rules;
        self.scale.alone = alone.clamp(rules.alone_bounds[0], rules.alone_bounds[1]);
        (places, moved)
    }

    fn has_company(&self, groups: &Groups, record: u32) -> bool {
        !self.neighbours.of(record).is_empty() || groups.size(groups.of[record as usize]) > 1
    }

    fn place(&self, judge: &mut Judge, groups: &Groups, record: u32) -> (Option<u32>, Place) {
        self.scale.place(judge, groups, record, self.neighbours.of(record))
    }

    /// Joins groups that fit, best first, each at most once; returns how many.
    pub fn join(&self, weights: &Weights, groups: &mut Groups, pairs: &[(u32, u32, f32)]) -> usize {
        let prior = weights.prior();
        let mut between: FxHashSet<u64> = FxHashSet::default();
        for (x, y, score) in pairs {
            let (a, b) = (groups.of[*x as usize], groups.of[*y as usize]);
            if a != b && score + prior as f32 > self.scale.rules.likely {
                between.insert(unordered(a, b));
            }
        }
        let mut between: Vec<u64> = between.into_iter().collect();
        between.sort_unstable();
        let odds = self.scale.odds();
        let standing = &*groups;
        let mut fits: Vec<(f64, u32, u32)> = between
            .par_iter()
            .with_min_len(64)
            .map_init(
                || Judge::new(self.comparer, weights, self.scale.rules.against_most),
                |judge, pair| {
                    let (a, b) = crate::blocking::unpack(*pair);
                    let (x, y) = (&standing.members[a as usize], &standing.members[b as usize]);
                    let before = prior_of((x.len(), y.len()), standing.of.len(), prior);
                    (judge.score(x, y, None) + before + odds, a, b)
                },
            )
            .filter(|(log_odds, a, b)| {
                *log_odds > self.scale.rules.join_least && !self.scale.bounds.forbid(standing, *a, *b)
            })
            .collect();
        fits.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut touched: FxHashSet<u32> = FxHashSet::default();
        let mut joined = 0;
        for (_, a, b) in fits {
            if !touched.contains(&a) && !touched.contains(&b) {
                touched.extend([a, b]);
                groups.join(a, b);
                joined += 1;
            }
        }
        joined
    }
}
