//! Weights learned from the records without labels: what strangers agree on by chance, which columns go together among
//! them, then expectation maximisation over candidate pairs. Dependence comes before the first round: with it unknown,
//! neighbours who share a suburb, a postcode and a state are taken for a class of matches.

use crate::blocking::unpack;
use crate::compare::{Comparer, Levels, differs};
use crate::dependence;
use crate::likeness::{EQUAL, LEVELS, MISSING};
use crate::moves::{self, Moves};
use crate::sample::Draw;
use crate::table::Part;
use crate::weights::{ColumnWeights, Evidence, KINDS, KinWeights, Shares, Weights};
use homeward_rules::persons::Persons;
use rayon::prelude::*;

/// Pairs that one thread takes at a time: fixed, so that sums are the same for any number of threads.
const PIECE: usize = 16_384;
/// Responsibilities below this teach nothing.
const LEAST_TAUGHT: f64 = 1e-4;

/// Learns weights from candidate pairs.
pub fn learn(comparer: &Comparer, candidates: &[u64], rules: &Persons) -> Weights {
    let table = comparer.table;
    let mut weights = start(comparer, rules);
    weights.count(table);
    strangers(comparer, &mut weights, rules.samples.random);
    let step = candidates.len().div_ceil(rules.samples.candidates.max(1)).max(1);
    let sample = Sample::new(comparer, candidates, step);
    let mut learner = Learner::new(comparer, sample, &weights, rules);
    for (phase, rounds) in rules.learning.rounds.into_iter().enumerate() {
        dependence::among_strangers(comparer, &mut weights, rules);
        for round in 0..rounds {
            weights.prepare();
            learner.round(&mut weights, phase == 1, phase == 1 || round + 1 == rounds);
            if round == 1 {
                if phase == 0 && !weights.kin.is_empty() {
                    weights.prepare();
                    weights.moves = moves::learn(comparer, &weights, &learner.sample.pairs, &rules.moves);
                }
                learner.forget(&mut weights);
            }
        }
        weights.prepare();
    }
    weights
}

fn start(comparer: &Comparer, rules: &Persons) -> Weights {
    let table = comparer.table;
    let records = table.len().max(2) as f64;
    let learning = &rules.learning;
    let has = |test: fn(Part) -> bool| table.columns.iter().any(|column| test(column.part));
    let born = |part: Part| matches!(part, Part::Year | Part::MonthDay);
    let own = |part: Part| matches!(part, Part::Given | Part::Rest | Part::Identity);
    let kin = |own: &dyn Fn(Part) -> bool, pairs: f64| {
        KinWeights::new(table, own, learning.start, pairs * 2.0 / records)
    };
    let mut kinds = Vec::new();
    if has(|part| part == Part::Given) && has(born) {
        kinds.push(kin(&|part| own(part) || born(part), rules.kin.household));
        kinds.push(kin(&own, rules.kin.twins));
    }
    Weights {
        columns: table
            .columns
            .iter()
            .map(|column| ColumnWeights::new(column.part, learning.start, rules.weights))
            .collect(),
        swapped: [1.0 - learning.swapped, learning.swapped],
        share: 1.0 / records,
        moves: Moves::default(),
        kin: kinds,
    }
}

/// Shares of levels among pairs drawn at random, nearly all of them strangers.
fn strangers(comparer: &Comparer, weights: &mut Weights, pairs: usize) {
    const STREAMS: usize = 16;
    let table = comparer.table;
    let columns = table.width();
    let filled: Vec<f64> =
        (0..columns).map(|at| table.cells(at).filter(|value| *value != 0).count() as f64).collect();
    let streams: Vec<Vec<(Shares, Shares)>> = (0..STREAMS)
        .into_par_iter()
        .map(|stream| {
            let mut draw = Draw::new(stream as u64);
            let mut sums = vec![([0.0; LEVELS], [0.0; LEVELS]); columns];
            for _ in 0..pairs / STREAMS {
                let (a, b) = (draw.below(table.len()), draw.below(table.len()));
                if a == b {
                    continue;
                }
                let levels = comparer.levels(a, b);
                for (at, (counts, common)) in sums.iter_mut().enumerate() {
                    if levels[at] == MISSING {
                        continue;
                    }
                    counts[levels[at] as usize] += 1.0;
                    if levels[at] != EQUAL {
                        let (x, y) = comparer.values(&levels, at, a, b);
                        let used = &table.list(at).used;
                        let most = used[x as usize].max(used[y as usize]).max(1);
                        common[levels[at] as usize] += filled[at] / f64::from(most);
                    }
                }
            }
            sums
        })
        .collect();
    for (at, column) in weights.columns.iter_mut().enumerate() {
        let sum = |pick: fn(&(Shares, Shares)) -> &Shares, level: usize| {
            streams.iter().map(|stream| pick(&stream[at])[level]).sum::<f64>()
        };
        let counts: Shares = std::array::from_fn(|level| sum(|sums| &sums.0, level));
        let all: f64 = counts.iter().sum();
        column.near = std::array::from_fn(|level| {
            let common = sum(|sums| &sums.1, level);
            if common > 0.0 { counts[level] / common } else { 1.0 / table.len() as f64 }
        });
        column.strangers = counts.map(|count| (count + 0.5) / (all + 0.5 * LEVELS as f64));
    }
}

/// Candidate pairs that are learned from.
struct Sample {
    pairs: Vec<(u32, u32, Levels)>,
    /// Candidates for each pair of the sample.
    step: f64,
}

impl Sample {
    fn new(comparer: &Comparer, candidates: &[u64], step: usize) -> Sample {
        let pairs = (0..candidates.len().div_ceil(step))
            .into_par_iter()
            .map(|nth| {
                let (a, b) = unpack(candidates[nth * step]);
                (a, b, comparer.levels(a, b))
            })
            .collect();
        Sample { pairs, step: step as f64 }
    }
}

/// Sums of one round.
struct Sums {
    person: Vec<Shares>,
    swapped: [f64; 2],
    kin: Vec<Vec<Shares>>,
    /// Levels of a column beside whether another is different: `(column * columns + other) * 2 + different`.
    beside: Vec<Shares>,
    pairs: f64,
    moved: f64,
    kin_pairs: [f64; KINDS],
}

impl Sums {
    fn new(columns: usize, kinds: usize) -> Sums {
        Sums {
            person: vec![[0.0; LEVELS]; columns],
            swapped: [0.0; 2],
            kin: vec![vec![[0.0; LEVELS]; columns]; kinds],
            beside: vec![[0.0; LEVELS]; columns * columns * 2],
            pairs: 0.0,
            moved: 0.0,
            kin_pairs: [0.0; KINDS],
        }
    }

    fn add(&mut self, other: &Sums) {
        let add = |to: &mut [Shares], from: &[Shares]| {
            to.iter_mut().flatten().zip(from.iter().flatten()).for_each(|(to, from)| *to += from);
        };
        add(&mut self.person, &other.person);
        add(&mut self.beside, &other.beside);
        self.kin.iter_mut().zip(&other.kin).for_each(|(to, from)| add(to, from));
        self.swapped.iter_mut().zip(other.swapped).for_each(|(to, from)| *to += from);
        self.kin_pairs.iter_mut().zip(other.kin_pairs).for_each(|(to, from)| *to += from);
        self.pairs += other.pairs;
        self.moved += other.moved;
    }
}

struct Learner<'a> {
    comparer: &'a Comparer<'a>,
    sample: Sample,
    /// Bits that agreement on each value is worth, by column.
    bits: Vec<Vec<f32>>,
    /// Bits that the other columns must agree on.
    needed: f64,
    /// What is known before counts as this many pairs of the sample.
    prior: f64,
    /// The same for kin.
    kin_prior: f64,
    start: Vec<Shares>,
    rules: &'a Persons,
}

impl<'a> Learner<'a> {
    fn new(comparer: &'a Comparer<'a>, sample: Sample, weights: &Weights, rules: &'a Persons) -> Learner<'a> {
        let table = comparer.table;
        let records = table.len().max(2) as f64;
        let bits = (0..table.width())
            .map(|at| {
                let filled = table.cells(at).filter(|value| *value != 0).count().max(1) as f64;
                let used = &table.list(at).used;
                used.iter().map(|used| -(f64::from((*used).max(1)) / filled).min(1.0).log2() as f32).collect()
            })
            .collect();
        Learner {
            comparer,
            bits,
            needed: records.log2() - rules.learning.slack_bits,
            prior: (rules.learning.prior * records).max(20.0) / sample.step,
            kin_prior: (rules.kin.prior * records).max(2.0) / sample.step,
            sample,
            start: weights.columns.iter().map(|column| column.person).collect(),
            rules,
        }
    }

    /// Leaves out pairs that are surely of strangers.
    fn forget(&mut self, weights: &mut Weights) {
        weights.prepare();
        let (comparer, prior, forgotten) = (self.comparer, weights.prior(), self.rules.learning.forgotten);
        let keep: Vec<bool> = self
            .sample
            .pairs
            .par_iter()
            .map(|(a, b, levels)| {
                let evidence = weights.evidence(comparer, levels, *a, *b);
                let kin = weights.kin.iter().zip(evidence.kin).map(|(kin, sum)| kin.share.ln() + sum);
                (prior + evidence.person).max(kin.fold(f64::NEG_INFINITY, f64::max)) > forgotten
            })
            .collect();
        let mut keep = keep.into_iter();
        self.sample.pairs.retain(|_| keep.next().unwrap_or(false));
    }

    /// One round of expectation and maximisation. `fades` says that what is known before gives way to what was found.
    fn round(&mut self, weights: &mut Weights, fades: bool, with_changes: bool) {
        let columns = self.comparer.table.width();
        let kinds = weights.kin.len();
        let pieces: Vec<Sums> = self
            .sample
            .pairs
            .par_chunks(PIECE)
            .map(|pairs| {
                let mut sums = Sums::new(columns, kinds);
                for (a, b, levels) in pairs {
                    self.expect(weights, *a, *b, levels, &mut sums);
                }
                sums
            })
            .collect();
        let mut sums = Sums::new(columns, kinds);
        for piece in &pieces {
            sums.add(piece);
        }
        let prior = if fades { faded(self.prior, sums.pairs) } else { self.prior };
        self.maximise(weights, &sums, prior);
        if with_changes {
            dependence::within_persons(weights, &sums.beside, &self.rules.dependence);
        }
    }

    /// Adds what a pair teaches by how likely it is of one person, and of kin.
    fn expect(&self, weights: &Weights, a: u32, b: u32, levels: &Levels, sums: &mut Sums) {
        let columns = self.bits.len();
        let evidence = weights.evidence(self.comparer, levels, a, b);
        let (person, kin) = responsibilities(weights, &evidence);
        sums.pairs += person;
        sums.moved += person * evidence.moved;
        sums.kin_pairs.iter_mut().zip(kin).for_each(|(sum, kin)| *sum += kin);
        if person < LEAST_TAUGHT && kin.iter().all(|kin| *kin < LEAST_TAUGHT) {
            return;
        }
        let mut own = [0.0; crate::table::COLUMNS];
        for column in (0..columns).filter(|column| levels[*column] == EQUAL) {
            own[column] = f64::from(self.bits[column][self.comparer.values(levels, column, a, b).0 as usize]);
        }
        let all: f64 = own.iter().sum();
        if levels[columns] != MISSING && all >= self.needed {
            sums.swapped[levels[columns] as usize] += person;
        }
        for column in 0..columns {
            // What this pair was found by must not teach how often it agrees.
            if levels[column] == MISSING || all - own[column] < self.needed {
                continue;
            }
            let level = levels[column] as usize;
            let taught = |column: usize| weights.moves.taught(column, evidence.moved);
            sums.person[column][level] += person * taught(column);
            for (sums, kin) in sums.kin.iter_mut().zip(kin) {
                sums[column][level] += kin;
            }
            if levels[columns] != 1 && person >= LEAST_TAUGHT {
                for other in (0..columns).filter(|other| *other != column && levels[*other] != MISSING) {
                    let at = (column * columns + other) * 2 + usize::from(differs(levels[other]));
                    sums.beside[at][level] += person * taught(column) * taught(other);
                }
            }
        }
    }

    fn maximise(&self, weights: &mut Weights, sums: &Sums, prior: f64) {
        let records = self.comparer.table.len().max(2) as f64;
        let all_pairs = records * (records - 1.0) / 2.0;
        for (at, column) in weights.columns.iter_mut().enumerate() {
            column.person = mixed(&sums.person[at], &self.start[at], prior);
        }
        let swaps = sums.swapped[0] + sums.swapped[1] + prior;
        let swapped = (sums.swapped[1] + prior * self.rules.learning.swapped) / swaps;
        weights.swapped = [1.0 - swapped, swapped];
        let learning = &self.rules.learning;
        let share = |pairs: f64, least: f64| {
            (pairs * self.sample.step / all_pairs).max(least / records).min(learning.most_share)
        };
        weights.share = share(sums.pairs, learning.least_share);
        weights.moves.count(sums.moved, sums.pairs, &self.rules.moves);
        for (nth, kin) in weights.kin.iter_mut().enumerate() {
            kin.share = share(sums.kin_pairs[nth], learning.least_share / 10.0);
            for (at, shares) in kin.shares.iter_mut().enumerate() {
                *shares = mixed(&sums.kin[nth][at], &self.start[at], self.kin_prior);
            }
        }
    }
}

/// Shares from counts and what is known before, which counts as `prior` pairs.
pub fn mixed(counts: &Shares, before: &Shares, prior: f64) -> Shares {
    let all: f64 = counts.iter().sum::<f64>() + prior;
    std::array::from_fn(|level| (counts[level] + prior * before[level]) / all)
}

/// What is known before, in pairs, once so many pairs have been found: it keeps matches from being invented where there are
/// none, and gives way where there are many.
pub fn faded(prior: f64, pairs: f64) -> f64 {
    prior * prior / (prior + pairs)
}

/// How likely a pair is of one person, and of each kind of kin.
pub fn responsibilities(weights: &Weights, evidence: &Evidence) -> (f64, [f64; KINDS]) {
    let person = weights.prior() + evidence.person;
    let mut kin = [f64::NEG_INFINITY; KINDS];
    for ((log, kin), sum) in kin.iter_mut().zip(&weights.kin).zip(evidence.kin) {
        *log = kin.share.ln() + sum;
    }
    let most = kin.iter().copied().fold(person.max(0.0), f64::max);
    let all = (-most).exp() + (person - most).exp() + kin.iter().map(|log| (log - most).exp()).sum::<f64>();
    ((person - most).exp() / all, kin.map(|log| (log - most).exp() / all))
}
