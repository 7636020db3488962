//! What changes together when a person moves house: between two records of one person either every column of the place is as
//! records of one person are, or every one is as those of two strangers are. Charged one by one, five columns of an address
//! that differ hide a person whose name and date of birth prove her; and since nobody who moved is then found, nothing is ever
//! learned of moves. So the columns are read from pairs that the others prove, before expectation maximisation forgets them.

use crate::compare::{Comparer, Levels};
use crate::likeness::MISSING;
use crate::table::Part;
use crate::weights::{Evidence, Weights};
use homeward_rules::persons::Moves as Rules;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Rounds in which a split of pairs into those who stayed and those who moved is fitted.
const ROUNDS: usize = 30;

/// Columns that change together, and how often they do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Moves {
    /// Whether each column changes with the others.
    columns: Vec<bool>,
    /// Share of pairs of one person who moved between the records.
    share: f64,
}

impl Moves {
    /// Whether it is of so many columns.
    pub fn fits(&self, width: usize) -> bool {
        self.columns.len() <= width && (0.0..1.0).contains(&self.share)
    }

    /// Whether a column changes with a move.
    #[inline]
    pub fn has(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|moves| *moves)
    }

    /// How much of a pair of one person, who moved with this probability, teaches what a column is like where nobody moves.
    #[inline]
    pub fn taught(&self, column: usize, moved: f64) -> f64 {
        if self.has(column) { 1.0 - moved } else { 1.0 }
    }

    /// What is to be added to the evidence for one person, of which `place` is that of the columns that change with a move,
    /// and the probability that the person moved: who did shows there what strangers show.
    #[inline]
    pub fn weigh(&self, place: f64) -> (f64, f64) {
        if self.share == 0.0 {
            return (0.0, 0.0);
        }
        let (stayed, moved) = ((1.0 - self.share).ln(), self.share.ln() - place);
        let most = stayed.max(moved);
        let either = most + ((stayed - most).exp() + (moved - most).exp()).ln();
        (either, (moved - either).exp())
    }

    /// Learns anew how often persons moved, of so many pairs of one person.
    pub fn count(&mut self, moved: f64, pairs: f64, rules: &Rules) {
        if self.share > 0.0 {
            self.share = (moved / pairs.max(1.0)).clamp(rules.share[0], rules.share[1]);
        }
    }
}

/// Whether a column may be of a place. What a person is called and when she was born does not move.
fn may_move(part: Part) -> bool {
    matches!(part, Part::Number | Part::Code | Part::Category | Part::Text | Part::Phone | Part::Email)
}

/// Learns which columns change together, from pairs that the other columns prove to be of one person.
pub fn learn(comparer: &Comparer, weights: &Weights, pairs: &[(u32, u32, Levels)], rules: &Rules) -> Moves {
    let table = comparer.table;
    let columns: Vec<usize> =
        (0..table.width()).filter(|column| may_move(table.columns[*column].part)).collect();
    let any = rules.any.ln();
    let weigh = |(a, b, levels): &(u32, u32, Levels)| {
        let evidence = weights.evidence(comparer, levels, *a, *b);
        let (mut seen, mut person) = (Seen::default(), evidence.person);
        for (bit, column) in columns.iter().enumerate().filter(|(_, column)| levels[**column] != MISSING) {
            seen.known |= 1 << bit;
            if weights.columns[*column].speaks_against(levels[*column]) {
                seen.differ |= 1 << bit;
                person -= weights.of_column(comparer, levels, *column, *a, *b);
            }
        }
        let any = if seen.differ == 0 { 0.0 } else { any };
        let log_odds = weights.prior() + any + weights.against_all(&Evidence { person, ..evidence });
        (seen, 1.0 / (1.0 + (-log_odds).exp()))
    };
    let proved: Vec<(Seen, f64)> =
        pairs.par_iter().map(weigh).filter(|(_, sure)| *sure >= rules.sure).collect();
    let strangers: Vec<f64> = columns.iter().map(|column| weights.columns[*column].differing()).collect();
    let (set, share) = split(&proved, &strangers, rules);
    let has = |column| columns.iter().position(|own| *own == column).is_some_and(|bit| set >> bit & 1 == 1);
    Moves { columns: (0..table.width()).map(has).collect(), share }
}

/// The columns, by bits, of which both values of a pair are known, and those of them that speak against one person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Seen {
    known: u32,
    differ: u32,
}

/// Pairs that look the same, and how many there are.
type Counts = Vec<(Seen, f64)>;

/// The columns that change together, by bits, and the share of pairs in which they do, none where none do. Two columns are
/// the beginning and others are added while that makes the pairs likelier. `strangers` is how often these differ by column.
fn split(proved: &[(Seen, f64)], strangers: &[f64], rules: &Rules) -> (u32, f64) {
    let mut counts: FxHashMap<Seen, f64> = FxHashMap::default();
    for (seen, sure) in proved {
        *counts.entry(*seen).or_default() += sure;
    }
    let mut counts: Counts = counts.into_iter().collect();
    counts.sort_unstable_by_key(|(seen, _)| *seen);
    let all: f64 = counts.iter().map(|(_, count)| count).sum();
    let (mut best, mut set) = (fit(&counts, strangers, 0), 0u32);
    loop {
        let bits = 0..strangers.len();
        let next = bits.clone().flat_map(|a| bits.clone().map(move |b| 1 << a | 1 << b));
        let next = next.filter(|more: &u32| match set {
            0 => more.count_ones() == 2,
            set => more.is_power_of_two() && set & more == 0,
        });
        let fits = next.map(|more| (fit(&counts, strangers, set | more), set | more));
        match fits.max_by(|a, b| a.0.log.total_cmp(&b.0.log).then(b.1.cmp(&a.1))) {
            Some(next) if next.0.log > best.log + rules.least_gain => (best, set) = next,
            _ => break,
        }
    }
    let few = best.moved < rules.share[0] || best.moved * all < rules.least_pairs;
    if few { (0, 0.0) } else { (set, best.moved) }
}

/// How well a split of pairs into stayed and moved fits.
struct Fit {
    /// Log likelihood, nats.
    log: f64,
    /// Share of those who moved.
    moved: f64,
}

/// Fits a split by expectation maximisation: who moved differs in the columns of `set` as strangers do, and in the others as
/// who stayed.
fn fit(counts: &Counts, strangers: &[f64], set: u32) -> Fit {
    let all: f64 = counts.iter().map(|(_, count)| count).sum();
    let has = |set: u32, bit: usize| set >> bit & 1 == 1;
    let mut fit = Fit { log: 0.0, moved: if set == 0 { 0.0 } else { 0.1 } };
    let mut stayed = vec![0.05; strangers.len()];
    for _ in 0..ROUNDS {
        let (mut moved, mut log) = (0.0, 0.0);
        // Who stayed differs in one pair of twenty, before anything is known: worth a pair.
        let mut sums = vec![(0.05, 1.0); strangers.len()];
        for (seen, count) in counts {
            let (mut stays, mut moves) = (1.0 - fit.moved, fit.moved);
            for bit in (0..strangers.len()).filter(|bit| has(seen.known, *bit)) {
                let chance = |share: f64| if has(seen.differ, bit) { share } else { 1.0 - share };
                stays *= chance(stayed[bit]);
                moves *= chance(if has(set, bit) { strangers[bit] } else { stayed[bit] });
            }
            let share = moves / (stays + moves);
            log += count * (stays + moves).ln();
            moved += count * share;
            for (bit, (differ, of)) in sums.iter_mut().enumerate().filter(|(bit, _)| has(seen.known, *bit)) {
                let teaches = if has(set, bit) { count * (1.0 - share) } else { *count };
                *of += teaches;
                *differ += if has(seen.differ, bit) { teaches } else { 0.0 };
            }
        }
        fit = Fit { log, moved: moved / all.max(1.0) };
        stayed = sums.into_iter().map(|(differ, of)| differ / of).collect();
    }
    fit
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules;

    /// Pairs of columns that are all known: which of them differ, and in how many pairs. Strangers differ in nine of ten.
    fn check(counts: &[(u32, usize)], set: u32, moved: f64) {
        let seen =
            |(differ, count): &(u32, usize)| vec![(Seen { known: 0b1111, differ: *differ }, 1.0); *count];
        let pairs: Vec<(Seen, f64)> = counts.iter().flat_map(seen).collect();
        let (found, share) = split(&pairs, &[0.9; 4], &Rules::embedded().persons.moves);
        assert_eq!(found, set, "{counts:?}");
        assert!((share - moved).abs() < 0.01, "{share} of {counts:?}");
    }

    #[test]
    fn columns_that_change_together_are_found() {
        // A tenth of a thousand moved; of these one in ten is alike in one column by chance.
        check(
            &[(0, 800), (1, 30), (2, 30), (4, 20), (8, 20), (7, 70), (6, 9), (5, 9), (3, 9), (15, 3)],
            0b111,
            0.1,
        );
        check(&[(0, 900), (6, 100)], 0b110, 0.1);
    }

    #[test]
    fn where_nothing_changes_together_nobody_moved() {
        check(&[(0, 900), (1, 50), (2, 50)], 0, 0.0);
        check(&[(0, 810), (1, 90), (2, 90), (3, 10)], 0, 0.0);
        check(&[], 0, 0.0);
        // Too few to tell, and too rare to tell from namesakes.
        check(&[(0, 900), (7, 10)], 0, 0.0);
        check(&[(0, 9960), (7, 40)], 0, 0.0);
    }

    #[test]
    fn a_move_costs_its_rarity_once() {
        let moves = Moves { columns: vec![false, true, true], share: 0.1 };
        let (added, moved) = moves.weigh(-30.0);
        assert!((added - (30.0 + 0.1f64.ln())).abs() < 1e-9 && moved > 0.999);
        let (added, moved) = moves.weigh(20.0);
        assert!((added - 0.9f64.ln()).abs() < 1e-6 && moved < 1e-6);
        assert_eq!((moves.taught(0, 1.0), moves.taught(1, 0.75)), (1.0, 0.25));
        assert_eq!(Moves::default().weigh(-30.0), (0.0, 0.0));
    }
}
