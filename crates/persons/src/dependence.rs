//! Which columns go together: among strangers (a suburb tells the postcode), and in one person (who moves changes street,
//! suburb and postcode at once).

use crate::compare::Comparer;
use crate::keys::entropy;
use crate::learn::responsibilities;
use crate::likeness::{EQUAL, LEVELS, MISSING};
use crate::sample::Draw;
use crate::weights::{Parent, Shares, Together, Weights};
use homeward_rules::persons::{Dependence, Persons};
use rayon::prelude::*;

/// Learns anew on which columns each depends among strangers: pairs are drawn that agree on a column, those of one person
/// weighed out, and the levels of the other columns compared with those of any two strangers. Two columns go together when
/// either tells of the other: the one of more entropy depends on the one of less, the most telling first.
pub fn among_strangers(comparer: &Comparer, weights: &mut Weights, rules: &Persons) {
    weights.columns.iter_mut().for_each(|column| column.parents.clear());
    weights.prepare();
    let table = comparer.table;
    let columns = table.width();
    let current = &*weights;
    let agreeing: Vec<Vec<Shares>> =
        (0..columns).into_par_iter().map(|on| levels_of_agreeing(comparer, current, on, rules)).collect();
    let entropies: Vec<f64> = (0..columns)
        .map(|at| {
            let mut used = vec![0u32; table.list(at).len()];
            table.cells(at).filter(|value| *value != 0).for_each(|value| used[value as usize] += 1);
            entropy(&used)
        })
        .collect();
    let mut found: Vec<(f64, usize, usize, Shares)> = Vec::new();
    for (on, levels) in agreeing.iter().enumerate() {
        for (column, counts) in levels.iter().enumerate() {
            let pairs: f64 = counts.iter().sum();
            if on == column || pairs < rules.dependence.least_pairs || entropies[on] >= entropies[column] {
                continue;
            }
            let overall = &weights.columns[column].strangers;
            let shrink = rules.dependence.shrink;
            let shares: Shares =
                std::array::from_fn(|level| (counts[level] + shrink * overall[level]) / (pairs + shrink));
            let told: f64 =
                shares.iter().zip(overall).map(|(share, overall)| share * (share / overall).ln()).sum();
            let equal = (counts[EQUAL as usize], pairs * overall[EQUAL as usize]);
            let told = told.max(told_back(equal, weights.columns[on].strangers[EQUAL as usize], shrink));
            if told >= rules.dependence.least {
                found.push((told, on, column, shares));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut chosen: Vec<(usize, usize, Shares)> = Vec::new();
    for (_, on, column, shares) in found {
        if chosen.iter().filter(|(_, other, _)| *other == column).count() < rules.dependence.parents {
            chosen.push((on, column, shares));
        }
    }
    let parents: Vec<(usize, Parent)> = chosen
        .into_par_iter()
        .map(|(on, column, shares)| (column, Parent::new(table, on, column, shares)))
        .collect();
    for (column, parent) in parents {
        weights.columns[column].parents.push(parent);
    }
    weights.prepare();
}

/// What agreement on the dependent column tells of agreement on the other (Kullback-Leibler, nats): a state tells little of
/// the postcode, and the postcode all of the state. It follows (Bayes) from how many pairs agree on both beside how many were
/// expected, and from the share of strangers who agree on the other. Asked the other way round it would be read from pairs that
/// agree on a telephone, and those of them that pass for strangers are mostly of one person.
fn told_back((both, expected): (f64, f64), other: f64, shrink: f64) -> f64 {
    let share = (other * (both + shrink) / (expected + shrink)).min(1.0);
    let part = |share: f64, overall: f64| if share > 0.0 { share * (share / overall).ln() } else { 0.0 };
    part(share, other) + part(1.0 - share, 1.0 - other)
}

/// Levels of all columns in pairs of strangers that agree on one.
fn levels_of_agreeing(comparer: &Comparer, weights: &Weights, on: usize, rules: &Persons) -> Vec<Shares> {
    let table = comparer.table;
    let columns = table.width();
    let mut holders: Vec<u32> =
        (0..table.len() as u32).filter(|record| table.value(*record, on) != 0).collect();
    holders.sort_by_key(|record| table.value(*record, on));
    let mut starts = vec![0u32; table.list(on).len() + 1];
    for record in &holders {
        starts[table.value(*record, on) as usize + 1] += 1;
    }
    for value in 1..starts.len() {
        starts[value] += starts[value - 1];
    }
    let mut draw = Draw::new(777 + on as u64);
    let mut sums = vec![[0.0; LEVELS]; columns];
    for _ in 0..rules.samples.agreeing {
        let a = draw.below(table.len());
        let value = table.value(a, on) as usize;
        if value == 0 {
            continue;
        }
        let same = &holders[starts[value] as usize..starts[value + 1] as usize];
        let b = same[draw.below(same.len()) as usize];
        if a == b {
            continue;
        }
        let levels = comparer.levels(a, b);
        if levels[columns] == 1 {
            continue;
        }
        let (person, kin) = responsibilities(weights, &weights.evidence(comparer, &levels, a, b));
        let strangers = 1.0 - person - kin.iter().sum::<f64>();
        if strangers < rules.dependence.strangers {
            continue;
        }
        for (column, sums) in sums.iter_mut().enumerate() {
            if column != on && levels[column] != MISSING {
                sums[levels[column] as usize] += strangers;
            }
        }
    }
    sums
}

/// Reads from pairs of one person with which column each changes: `beside` has the levels of a column beside whether another
/// is different. The other is one that agrees more often by chance, so that no two wait for each other.
pub fn within_persons(weights: &mut Weights, beside: &[Shares], rules: &Dependence) {
    let columns = weights.columns.len();
    let common: Vec<f64> =
        weights.columns.iter().map(|column| -column.strangers[EQUAL as usize].ln()).collect();
    for column in 0..columns {
        let mut best = (rules.together, None);
        for other in 0..columns {
            if other == column || (common[other], other) >= (common[column], column) {
                continue;
            }
            let at = (column * columns + other) * 2;
            if let Some((told, added)) = change(&beside[at], &beside[at + 1], rules)
                && told > best.0
            {
                best = (told, Some(Together { column: other, added }));
            }
        }
        weights.columns[column].together = best.1;
    }
}

/// Mutual information, nats, between the levels of a column and whether another is different, and what each adds.
fn change(alike: &Shares, different: &Shares, rules: &Dependence) -> Option<(f64, [Shares; 2])> {
    let pairs = [alike.iter().sum::<f64>(), different.iter().sum::<f64>()];
    if pairs.iter().any(|pairs| *pairs < rules.least_changes) {
        return None;
    }
    let all = pairs[0] + pairs[1];
    // Twice what few pairs seem to tell by chance (Miller 1955).
    let mut told = -((LEVELS - 1) as f64) / all;
    let mut added = [[0.0; LEVELS]; 2];
    for level in 0..LEVELS {
        let overall = (alike[level] + different[level] + 1.0) / (all + LEVELS as f64);
        for (side, counts) in [alike, different].into_iter().enumerate() {
            let share =
                (counts[level] + rules.shrink_changes * overall) / (pairs[side] + rules.shrink_changes);
            added[side][level] = (share / overall).ln().clamp(-rules.most_added, rules.most_added);
            told += pairs[side] / all * share * (share / overall).ln();
        }
    }
    Some((told, added))
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules;

    fn changed(alike: &Shares, different: &Shares) -> Option<(f64, [Shares; 2])> {
        change(alike, different, &Rules::embedded().persons.dependence)
    }

    /// Of 20,000 pairs of one state.
    #[test]
    fn a_postcode_tells_the_state_though_a_state_tells_little_of_the_postcode() {
        let rules = &Rules::embedded().persons.dependence;
        let told = |both, expected, other| told_back((both, expected), other, rules.shrink);
        assert!(told(240.0, 60.0, 0.2) > 0.4);
        assert!(told(66.0, 60.0, 0.2) < rules.least);
        // Few pairs tell nothing.
        assert!(told(3.0, 0.2, 0.2) < rules.least);
        assert!(told(60.0, 60.0, 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_move_is_seen() {
        let (mut alike, mut different) = ([0.0; LEVELS], [0.0; LEVELS]);
        (alike[0], alike[7], different[0], different[7]) = (950.0, 50.0, 10.0, 90.0);
        let (told, added) = changed(&alike, &different).unwrap();
        assert!(told > 0.1, "{told}");
        assert!(added[1][7] > 1.5 && added[1][0] < -1.0 && added[0][7] < -0.5, "{added:?}");
        assert_eq!(changed(&[0.0; LEVELS], &alike), None);
    }

    #[test]
    fn what_is_independent_tells_nothing() {
        let mut counts = [0.0; LEVELS];
        (counts[0], counts[7]) = (90000.0, 10000.0);
        assert!(changed(&counts, &counts.map(|count| count / 3.0)).unwrap().0 < 0.001);
    }
}
