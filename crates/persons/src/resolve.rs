//! From records to persons.

use crate::blocking::{self, unpack};
use crate::compare::Comparer;
use crate::forms;
use crate::groups::{self, Groups, Judge};
use crate::judgements::{Bounds, Contradiction, Judgement};
use crate::learn;
use crate::reach::{self, Reach};
use crate::sweeps::{Neighbours, Place, Scale, Sweeper};
use crate::table::{Input, Table, TableError};
use crate::weights::{Shares, Weights};
use homeward_rules::persons::Persons;
use rayon::prelude::*;

/// Pairs that one thread scores at a time.
const PIECE: usize = 16_384;

/// Two records and the probability that they are of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The record of the smaller id.
    pub a: u32,
    /// The record of the larger id.
    pub b: u32,
    /// From 0 to 1.
    pub probability: f32,
}

/// Which records are of one person, and why.
pub struct Resolution {
    /// The records.
    pub table: Table,
    /// Pairs in order, from the least probability asked for.
    pub pairs: Vec<Pair>,
    /// The person of each record: numbers from 0 in the order of their first records.
    pub person: Vec<u32>,
    /// Judgements that cannot all hold, or that the records speak against.
    pub contradictions: Vec<Contradiction>,
    /// Judgements on records that are not here.
    pub absent: usize,
    /// How many of the pairs of one person were compared.
    pub reach: Reach,
    /// What was learned.
    pub(crate) weights: Weights,
    /// How sure each record is in its person.
    pub(crate) confidence: Vec<f32>,
    /// Share of records that are alone.
    pub(crate) alone: f64,
}

/// Tells which records are of one person.
///
/// `threshold` is the least probability of pairs that are kept; `step` hears what is being done.
pub fn resolve(
    input: Input,
    judgements: &[Judgement],
    threshold: f32,
    rules: &Persons,
    step: &mut dyn FnMut(&str),
) -> Result<Resolution, TableError> {
    step("records");
    let table = Table::new(input, rules.likeness.rare)?;
    let bounds = Bounds::new(&table, judgements);
    let comparer = Comparer::new(&table, &rules.likeness);
    step("candidates");
    let candidates = blocking::candidates(&table, &rules.blocking);
    step("weights");
    let mut weights = learn::learn(&comparer, &candidates.pairs, rules);
    step(&format!("scores of {} candidates", candidates.pairs.len()));
    let scored = score(&comparer, &weights, &candidates.pairs, rules.groups.keep);
    let (found, compared) = (candidates.of(&scored), candidates.pairs.len());
    drop(candidates);
    step("groups");
    let prior = weights.prior();
    let mut groups = Groups::apart(table.len());
    for (a, b) in &bounds.same {
        groups.join(groups.of[*a as usize], groups.of[*b as usize]);
    }
    let mut order: Vec<(u32, u32, f32)> =
        scored.iter().filter(|pair| f64::from(pair.2) + prior > rules.groups.join_from).copied().collect();
    order.par_sort_unstable_by(|x, y| y.2.total_cmp(&x.2).then((x.0, x.1).cmp(&(y.0, y.1))));
    let mut judge = Judge::new(&comparer, &weights, rules.groups.against_most);
    groups::agglomerate(&mut judge, &mut groups, &order, &bounds, rules.groups.join_least);
    step("sweeps");
    let neighbours = Neighbours::new(table.len(), &scored);
    let mut sweeper = Sweeper {
        comparer: &comparer,
        neighbours: &neighbours,
        scale: Scale { bounds: &bounds, rules: &rules.groups, alone: rules.groups.alone },
    };
    let start = vec![rules.learning.start; table.width()];
    let known = (rules.learning.prior * table.len() as f64).max(20.0);
    let mut places: Vec<Place> = Vec::new();
    for sweep in 0..rules.groups.sweeps {
        if sweep > 0 {
            let start: (&[Shares], f64, f64) = (&start, rules.learning.swapped, known);
            forms::relearn(&comparer, &mut weights, &groups, &places, start, &rules.groups);
        }
        (places, _) = sweeper.sweep(&weights, &mut groups, sweep as u64);
        // After the last round nothing moves, so that every record's confidence is in the group where it is.
        if sweep + 1 < rules.groups.sweeps {
            sweeper.join(&weights, &mut groups, &scored);
        }
    }
    step("probabilities");
    let pairs = pairs(&groups, &places, &bounds, threshold);
    let person = numbered(&groups);
    let reach = reach::reach(&groups, &scored, &found, compared);
    let mut contradictions = bounds.contradictions.clone();
    contradictions.extend(spoken_against(&comparer, &weights, &groups, &bounds, rules.groups.sure));
    let absent = bounds.absent;
    let alone = sweeper.scale.alone;
    let confidence = places.iter().map(|place| place.confidence).collect();
    drop(comparer);
    Ok(Resolution { table, pairs, person, contradictions, absent, reach, weights, confidence, alone })
}

/// Scores all candidates and keeps those that are not hopeless.
fn score(comparer: &Comparer, weights: &Weights, candidates: &[u64], keep: f64) -> Vec<(u32, u32, f32)> {
    let prior = weights.prior();
    let pieces: Vec<Vec<(u32, u32, f32)>> = candidates
        .par_chunks(PIECE)
        .map(|pairs| {
            let (mut kept, mut others, mut levels) = (Vec::new(), Vec::new(), Vec::new());
            for run in pairs.chunk_by(|x, y| unpack(*x).0 == unpack(*y).0) {
                let a = unpack(run[0]).0;
                others.clear();
                others.extend(run.iter().map(|pair| unpack(*pair).1));
                comparer.levels_of(a, &others, &mut levels);
                for (b, levels) in others.iter().zip(&levels) {
                    let score = weights.score(comparer, levels, a, *b);
                    if score + prior > keep {
                        kept.push((a, *b, score as f32));
                    }
                }
            }
            kept
        })
        .collect();
    pieces.concat()
}

/// Pairs with their probabilities: within a group that both records belong to it, between groups that one of them belongs to
/// the other's.
fn pairs(groups: &Groups, places: &[Place], bounds: &Bounds, threshold: f32) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut put = |a: u32, b: u32, probability: f32| {
        if probability >= threshold {
            pairs.push(Pair { a: a.min(b), b: a.max(b), probability });
        }
    };
    for members in &groups.members {
        for (nth, a) in members.iter().enumerate() {
            for b in &members[..nth] {
                put(*a, *b, places[*a as usize].confidence * places[*b as usize].confidence);
            }
        }
    }
    for (record, place) in places.iter().enumerate() {
        for (group, probability) in &place.others {
            for other in groups.members[*group as usize].iter().filter(|other| **other != record as u32) {
                put(record as u32, *other, probability * places[*other as usize].confidence);
            }
        }
    }
    pairs.par_sort_unstable_by(|x, y| {
        (x.a, x.b).cmp(&(y.a, y.b)).then(y.probability.total_cmp(&x.probability))
    });
    pairs.dedup_by_key(|pair| (pair.a, pair.b));
    pairs.retain(|pair| bounds.parted.binary_search(&(pair.a, pair.b)).is_err());
    pairs
}

/// Pairs judged not the same whose groups the evidence would join with probability `sure` or more.
fn spoken_against(
    comparer: &Comparer,
    weights: &Weights,
    groups: &Groups,
    bounds: &Bounds,
    sure: f64,
) -> Vec<Contradiction> {
    let mut judge = Judge::new(comparer, weights, 1);
    let mut found = Vec::new();
    for (a, b) in &bounds.parted {
        let (x, y) = (groups.of[*a as usize], groups.of[*b as usize]);
        if x == y {
            continue;
        }
        let score = judge.score(&groups.members[x as usize], &groups.members[y as usize], None);
        let probability = 1.0 / (1.0 + (-(score + weights.prior())).exp());
        if probability >= sure {
            let name = |record: u32| comparer.table.ids[record as usize].clone();
            found.push(Contradiction::Evidence { parted: (name(*a), name(*b)), probability });
        }
    }
    found
}

/// Numbers groups in the order of their first records.
fn numbered(groups: &Groups) -> Vec<u32> {
    let mut numbers = vec![u32::MAX; groups.members.len()];
    let mut next = 0;
    groups
        .of
        .iter()
        .map(|group| {
            let number = &mut numbers[*group as usize];
            if *number == u32::MAX {
                *number = next;
                next += 1;
            }
            *number
        })
        .collect()
}
