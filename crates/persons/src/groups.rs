//! Groups of records, and the evidence that two groups are one person: each column may be proved by a different member.

use crate::compare::Comparer;
use crate::judgements::Bounds;
use crate::likeness::{EQUAL, MISSING};
use crate::table::COLUMNS;
use crate::weights::{Agreeing, Evidence, KINDS, Weights};

/// Names that fit this well straight, nats, are not tried crossed.
const STRAIGHT: f64 = 4.0;

/// Which records are one person.
#[derive(Debug, Clone)]
pub struct Groups {
    /// The group of each record.
    pub of: Vec<u32>,
    /// The records of each group; empty ones are left over from joins.
    pub members: Vec<Vec<u32>>,
}

impl Groups {
    /// Every record by itself.
    pub fn apart(records: usize) -> Groups {
        let of: Vec<u32> = (0..records as u32).collect();
        Groups { members: of.iter().map(|record| vec![*record]).collect(), of }
    }

    /// Number of records of a group.
    pub fn size(&self, group: u32) -> usize {
        self.members[group as usize].len()
    }

    /// Joins two groups into the larger one.
    pub fn join(&mut self, a: u32, b: u32) {
        let (into, from) = if self.size(a) >= self.size(b) { (a, b) } else { (b, a) };
        for record in std::mem::take(&mut self.members[from as usize]) {
            self.of[record as usize] = into;
            self.members[into as usize].push(record);
        }
    }

    /// Moves a record to another group, or to a new one.
    pub fn move_to(&mut self, record: u32, group: Option<u32>) {
        self.members[self.of[record as usize] as usize].retain(|member| *member != record);
        let group = group.unwrap_or_else(|| {
            self.members.push(Vec::new());
            self.members.len() as u32 - 1
        });
        self.members[group as usize].push(record);
        self.of[record as usize] = group;
    }

    /// Number of groups that are not empty.
    pub fn count(&self) -> usize {
        self.members.iter().filter(|members| !members.is_empty()).count()
    }
}

/// The different values of a group in a column, and how many members have each.
type Profile = Vec<(u32, f32)>;

/// Weighs groups against one another.
pub struct Judge<'a> {
    /// Compares values.
    pub comparer: &'a Comparer<'a>,
    /// Weighs them.
    pub weights: &'a Weights,
    /// Evidence against counts once for each record of the smaller group, up to this many; 1 counts it once.
    against_most: usize,
    left: Vec<Profile>,
    right: Vec<Profile>,
}

impl<'a> Judge<'a> {
    /// A judge with empty profiles.
    pub fn new(comparer: &'a Comparer<'a>, weights: &'a Weights, against_most: usize) -> Judge<'a> {
        let columns = weights.columns.len();
        Judge {
            comparer,
            weights,
            against_most,
            left: vec![Vec::new(); columns],
            right: vec![Vec::new(); columns],
        }
    }

    /// The score that two groups are one person, without the prior; `except` is left out of the second.
    pub fn score(&mut self, a: &[u32], b: &[u32], except: Option<u32>) -> f64 {
        self.profile(a, b, except);
        let columns = self.weights.columns.len();
        let (mut weights, mut levels) = ([0.0; COLUMNS], [MISSING; COLUMNS + 1]);
        let mut evidence = Evidence::default();
        let (mut names, mut place) = (0.0, 0.0);
        for column in 0..columns {
            let (own, kin, nearest) = self.column(column);
            let times = if own < 0.0 { self.times(column) } else { 1.0 };
            (weights[column], levels[column]) = (own, nearest);
            for (nth, sum) in evidence.kin.iter_mut().enumerate().take(self.weights.kin.len()) {
                if !self.weights.kin[nth].own[column] {
                    *sum += if kin[nth] < 0.0 { kin[nth] * times } else { kin[nth] };
                }
            }
            let table = self.comparer.table;
            if Some(column) == table.given || Some(column) == table.family {
                names += own * times;
            } else {
                evidence.person += own * times;
            }
            if self.weights.moves.has(column) {
                place += own * times;
            }
        }
        for (column, weight) in weights.iter().enumerate().take(columns) {
            let change = self.weights.change(&levels, column, *weight);
            evidence.person += change;
            if self.weights.moves.has(column) {
                place += change;
            }
        }
        evidence.person += self.names(names, a.len().min(b.len()));
        self.weights.add_moves(&mut evidence, place);
        self.weights.against_all(&evidence)
    }

    fn profile(&mut self, a: &[u32], b: &[u32], except: Option<u32>) {
        for profile in self.left.iter_mut().chain(&mut self.right) {
            profile.clear();
        }
        let fill = |profiles: &mut [Profile], records: &[u32], except: Option<u32>| {
            let table = self.comparer.table;
            for record in records.iter().filter(|record| Some(**record) != except) {
                let row = table.row(*record).iter().enumerate().filter(|(_, value)| **value != 0);
                for (column, value) in row {
                    // A cell counts once, however many values it lists.
                    let listed = table.list(column).listed(value);
                    let each = 1.0 / listed.len() as f32;
                    for value in listed {
                        match profiles[column].iter_mut().find(|(known, _)| known == value) {
                            Some((_, count)) => *count += each,
                            None => profiles[column].push((*value, each)),
                        }
                    }
                }
            }
        };
        fill(&mut self.left, a, None);
        fill(&mut self.right, b, except);
    }

    /// How often evidence against counts.
    fn times(&self, column: usize) -> f64 {
        let filled = |profile: &Profile| profile.iter().map(|(_, count)| *count).sum::<f32>();
        f64::from(filled(&self.left[column]).min(filled(&self.right[column])))
            .clamp(1.0, self.against_most as f64)
    }

    /// The logarithm of the mean likelihood ratio of a column over the values of both groups, for one person and for kin, and
    /// the nearest level between them.
    fn column(&self, column: usize) -> (f64, [f64; KINDS], u8) {
        let agreeing = self.agreeing(column);
        self.mean(column, &self.left[column], &self.right[column], agreeing)
    }

    /// The first parent of a column of which the groups share a value.
    fn agreeing(&self, column: usize) -> Agreeing {
        let mut parents = self.weights.columns[column].parents.iter().enumerate();
        parents.find_map(|(nth, parent)| {
            let right = &self.right[parent.column];
            let shared = |(value, _): &&(u32, f32)| right.iter().any(|(other, _)| other == value);
            self.left[parent.column].iter().find(shared).map(|(value, _)| (nth, *value))
        })
    }

    fn mean(
        &self,
        column: usize,
        left: &Profile,
        right: &Profile,
        agreeing: Agreeing,
    ) -> (f64, [f64; KINDS], u8) {
        let (mut person, mut kin, mut all, mut nearest) = (0.0, [0.0; KINDS], 0.0, MISSING);
        let own = &self.weights.columns[column];
        // A slip of a value proves no more than the value itself, where both groups have it.
        let shared = left.iter().filter(|(a, _)| right.iter().any(|(b, _)| a == b));
        let shared = shared.map(|(value, _)| own.weight(EQUAL, *value, *value, None));
        let most = shared.max_by(f64::total_cmp).unwrap_or(f64::INFINITY);
        for (a, times_a) in left {
            for (b, times_b) in right {
                let level = self.comparer.level(column, *a, *b);
                nearest = nearest.min(level);
                let times = f64::from(times_a * times_b);
                let ratio = times * own.weight(level, *a, *b, agreeing).min(most).exp();
                person += ratio;
                all += times;
                for (sum, kind) in kin.iter_mut().zip(&self.weights.kin) {
                    *sum += ratio * kind.over(column, level);
                }
            }
        }
        if all == 0.0 {
            (0.0, kin, nearest)
        } else {
            ((person / all).ln(), kin.map(|sum: f64| (sum / all).max(1e-30).ln()), nearest)
        }
    }

    /// The evidence of given and family names, straight or crossed.
    fn names(&self, straight: f64, smaller: usize) -> f64 {
        let (Some(given), Some(family)) = (self.comparer.table.given, self.comparer.table.family) else {
            return straight;
        };
        if straight >= STRAIGHT {
            return straight;
        }
        let straight = straight + self.weights.crossing(0);
        let can = |a: usize, b: usize| !self.left[a].is_empty() && !self.right[b].is_empty();
        if !can(given, family) && !can(family, given) {
            return straight;
        }
        let crossed = self.mean(family, &self.left[given], &self.right[family], None).0
            + self.mean(family, &self.left[family], &self.right[given], None).0;
        let times = smaller.clamp(1, self.against_most) as f64;
        straight.max(crossed + self.weights.crossing(1) * times)
    }

    /// What each member of a group proves of a record, by column: the weight of the best value and who has it.
    pub fn proofs(&self, record: u32, group: &[u32]) -> Vec<(usize, f64, u32)> {
        let table = self.comparer.table;
        (0..self.weights.columns.len())
            .filter_map(|column| {
                let value = table.value(record, column);
                let weigh = |member: &u32| {
                    let other = table.value(*member, column);
                    let (level, x, y) = self.comparer.best(column, value, other);
                    (value != 0 && other != 0)
                        .then(|| (self.weights.columns[column].weight(level, x, y, None), *member))
                };
                let others = group.iter().filter(|member| **member != record);
                let best = others.filter_map(weigh).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
                Some((column, best.0, best.1))
            })
            .collect()
    }
}

/// Joins groups by falling score of the pairs between them. `pairs` are (smaller, larger, score), best first.
pub fn agglomerate(
    judge: &mut Judge,
    groups: &mut Groups,
    pairs: &[(u32, u32, f32)],
    bounds: &Bounds,
    least: f64,
) {
    let prior = judge.weights.prior();
    let mut tried: rustc_hash::FxHashMap<u64, (usize, usize)> = rustc_hash::FxHashMap::default();
    for (x, y, score) in pairs {
        let (a, b) = (groups.of[*x as usize], groups.of[*y as usize]);
        if a == b || bounds.forbid(groups, a, b) {
            continue;
        }
        let (a, b) = (a.min(b), a.max(b));
        let sizes = (groups.size(a), groups.size(b));
        let log_odds = if sizes == (1, 1) {
            f64::from(*score) + prior
        } else {
            // Groups only grow here, so the same sizes mean the same groups.
            if tried.insert(crate::likeness::unordered(a, b), sizes) == Some(sizes) {
                continue;
            }
            judge.score(&groups.members[a as usize], &groups.members[b as usize], None)
                + prior_of(sizes, groups.of.len(), prior)
        };
        if log_odds > least {
            groups.join(a, b);
        }
    }
}

/// Log odds that two groups are one person before any evidence: a large group takes more of the records that come.
pub fn prior_of(sizes: (usize, usize), records: usize, pairs: f64) -> f64 {
    if sizes == (1, 1) { pairs } else { (sizes.0.max(sizes.1) as f64 / records as f64).ln() }
}
