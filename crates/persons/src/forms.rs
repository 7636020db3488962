//! What groups teach: shares of levels within persons, free of what pairs were found by, and forms of one value (nicknames,
//! spellings, a town and its county) that several persons have side by side.

use crate::compare::Comparer;
use crate::groups::Groups;
use crate::learn::{faded, mixed};
use crate::likeness::{LEVELS, MISSING, unordered};
use crate::sweeps::Place;
use crate::table::Part;
use crate::weights::{Shares, Weights};
use homeward_rules::persons::Groups as Rules;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Groups that one thread takes at a time: fixed, so that sums are the same for any number of threads.
const PIECE: usize = 512;

/// Learns shares of levels and forms from groups; `start` counts as `prior` pairs.
pub fn relearn(
    comparer: &Comparer,
    weights: &mut Weights,
    groups: &Groups,
    places: &[Place],
    start: (&[Shares], f64, f64),
    rules: &Rules,
) {
    let columns = comparer.table.width();
    let (before, swapped_before, prior) = start;
    let standing = &*weights;
    let many: Vec<&Vec<u32>> = groups.members.iter().filter(|members| members.len() > 1).collect();
    let pieces: Vec<(Vec<Shares>, [f64; 2])> = many
        .par_chunks(PIECE)
        .map(|groups| {
            let mut sums = (vec![[0.0; LEVELS]; columns], [0.0; 2]);
            for members in groups {
                levels_within(comparer, standing, places, members, &mut sums);
            }
            sums
        })
        .collect();
    let mut swaps = [0.0; 2];
    for (_, piece) in &pieces {
        swaps.iter_mut().zip(piece).for_each(|(sum, add)| *sum += add);
    }
    for (at, column) in weights.columns.iter_mut().enumerate() {
        let counts: Shares =
            std::array::from_fn(|level| pieces.iter().map(|(shares, _)| shares[at][level]).sum::<f64>());
        column.person = mixed(&counts, &before[at], faded(prior, counts.iter().sum()));
    }
    let prior = faded(prior, swaps[0] + swaps[1]);
    let swapped = (swaps[1] + prior * swapped_before) / (swaps[0] + swaps[1] + prior);
    weights.swapped = [1.0 - swapped, swapped];
    let found: Vec<FxHashMap<u64, f32>> = (0..columns)
        .into_par_iter()
        .map(|column| forms(comparer, weights, &many, places, column, rules))
        .collect();
    for (column, forms) in weights.columns.iter_mut().zip(found) {
        column.forms = forms;
    }
    weights.prepare();
}

/// Adds the levels of all pairs of a group; a group counts as its records, not as its pairs.
fn levels_within(
    comparer: &Comparer,
    weights: &Weights,
    places: &[Place],
    members: &[u32],
    sums: &mut (Vec<Shares>, [f64; 2]),
) {
    let columns = sums.0.len();
    let each = 1.0 / (members.len() as f64 - 1.0);
    for (nth, a) in members.iter().enumerate() {
        for b in &members[..nth] {
            let levels = comparer.levels(*a, *b);
            let sure = places[*a as usize].confidence * places[*b as usize].confidence;
            let weight = each * f64::from(sure);
            let moved = weights.evidence(comparer, &levels, *a, *b).moved;
            let known = (0..columns).filter(|column| levels[*column] != MISSING);
            for column in known {
                sums.0[column][levels[column] as usize] += weight * weights.moves.taught(column, moved);
            }
            if levels[columns] != MISSING {
                sums.1[levels[columns] as usize] += weight;
            }
        }
    }
}

/// How two values stand beside each other in persons.
#[derive(Default, Clone, Copy)]
struct Beside {
    share: f32,
    /// The share of the person who has most of it, which is left out.
    most: f32,
    persons: u32,
}

/// Weights of pairs of values that persons have side by side.
fn forms(
    comparer: &Comparer,
    weights: &Weights,
    groups: &[&Vec<u32>],
    places: &[Place],
    column: usize,
    rules: &Rules,
) -> FxHashMap<u64, f32> {
    let table = comparer.table;
    let part = table.columns[column].part;
    if !matches!(part, Part::Given | Part::Family | Part::Text | Part::Category | Part::Code) {
        return FxHashMap::default();
    }
    let mut beside: FxHashMap<u64, Beside> = FxHashMap::default();
    let mut persons = 0.0f32;
    let mut values: Vec<(u32, f32)> = Vec::new();
    for members in groups {
        values.clear();
        let mut filled = 0.0f32;
        for record in members.iter().filter(|record| places[**record as usize].confidence >= rules.alias_sure)
        {
            let value = table.value(*record, column);
            if value == 0 {
                continue;
            }
            for value in table.list(column).listed(&value) {
                filled += 1.0;
                match values.iter_mut().find(|(known, _)| known == value) {
                    Some((_, count)) => *count += 1.0,
                    None => values.push((*value, 1.0)),
                }
            }
        }
        if filled < 2.0 {
            continue;
        }
        persons += 1.0;
        let pairs = filled * (filled - 1.0) / 2.0;
        for (nth, (a, times_a)) in values.iter().enumerate() {
            for (b, times_b) in &values[..nth] {
                let share = times_a * times_b / pairs;
                let sum = beside.entry(unordered(*a, *b)).or_default();
                sum.share += share;
                sum.most = sum.most.max(share);
                sum.persons += 1;
            }
        }
    }
    let frequency = &weights.columns[column].frequency;
    beside
        .into_iter()
        .filter(|(_, beside)| beside.persons >= rules.alias_persons)
        .map(|(pair, beside)| {
            let (a, b) = crate::blocking::unpack(pair);
            let together = ((beside.share - beside.most) / persons).max(1e-9).ln();
            let chance = std::f32::consts::LN_2 + frequency[a as usize] + frequency[b as usize];
            (pair, (together - chance).clamp(rules.alias_range[0], rules.alias_range[1]))
        })
        .collect()
}
