//! What agreement and difference are worth: the logarithm of how much likelier two records of one person show them than two
//! of strangers (Fellegi and Sunter 1969), in nats. Equal values count by their own frequency; columns that go together
//! among strangers (suburb and postcode) or change together in one person (an address) are not counted twice; and strangers
//! of one household or birth are told from one person.

use crate::compare::{Comparer, Levels, differs};
use crate::likeness::{DIFFERENT, EQUAL, LEVELS, MISSING, unordered};
use crate::moves::Moves;
use crate::table::{COLUMNS, Part, Table};
use homeward_rules::persons::Weights as Rules;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// Shares of the eight levels.
pub type Shares = [f64; LEVELS];
/// Kinds of kin.
pub const KINDS: usize = 2;
/// Near values count by frequency up to this level.
const NEAR: u8 = 4;
/// Forms of one value are looked up from this level.
const FORMS: u8 = 3;

/// The weights of all columns.
#[derive(Debug, Clone)]
pub struct Weights {
    /// By column.
    pub columns: Vec<ColumnWeights>,
    /// Share of pairs of one person whose names stand straight and crossed.
    pub swapped: [f64; 2],
    /// Share of all pairs that are of one person.
    pub share: f64,
    /// What changes together when a person moves.
    pub moves: Moves,
    /// Strangers who are not independent.
    pub kin: Vec<KinWeights>,
}

/// The weights of a column.
#[derive(Debug, Clone)]
pub struct ColumnWeights {
    /// Shares of levels among pairs of one person.
    pub person: Shares,
    /// Shares of levels among strangers.
    pub strangers: Shares,
    /// Mean share of the commoner value of strangers' pairs, by level.
    pub near: Shares,
    /// Logarithm of the share of each value.
    pub frequency: Vec<f32>,
    /// Records by value.
    used: Vec<u32>,
    /// Records that hold a value here.
    all: f64,
    /// Columns that it depends on among strangers; the first that agrees counts.
    pub parents: Vec<Parent>,
    /// The column with which it changes in one person.
    pub together: Option<Together>,
    /// Weights of two values that are forms of one another.
    pub forms: FxHashMap<u64, f32>,
    rules: Rules,
    near_by_value: bool,
    /// Whether there are many values of it: names, days, numbers of one person.
    identifies: bool,
    base: Shares,
    ln_equal: f64,
    ln_near: Shares,
}

/// A column that another depends on among strangers.
#[derive(Debug, Clone)]
pub struct Parent {
    /// Which.
    pub column: usize,
    /// Shares of levels of the dependent column among strangers who agree here.
    pub strangers: Shares,
    /// Records by value here and value of the dependent column, where there are two or more.
    joint: FxHashMap<u64, u32>,
    /// Records by value here.
    used: Vec<u32>,
    base: Shares,
}

/// How a column changes with another in one person.
#[derive(Debug, Clone)]
pub struct Together {
    /// The other column.
    pub column: usize,
    /// What is added to the weight of a level, when the other column is alike or near and when it is different.
    pub added: [Shares; 2],
}

/// Strangers who share what a household or twins share.
#[derive(Debug, Clone)]
pub struct KinWeights {
    /// Columns in which they are as any two strangers.
    pub own: Vec<bool>,
    /// Shares of levels in the others.
    pub shares: Vec<Shares>,
    /// Share of all pairs.
    pub share: f64,
    /// Shares over those of pairs of one person.
    over: Vec<Shares>,
    ln_over: Vec<Shares>,
}

/// Evidence on a pair, nats against independent strangers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// That it is one person.
    pub person: f64,
    /// Probability that the person moved between the records, if it is one.
    pub moved: f64,
    /// That it is kin of each kind.
    pub kin: [f64; KINDS],
}

/// A column that agrees, by its place among the parents of another, and the value.
pub type Agreeing = Option<(usize, u32)>;

impl ColumnWeights {
    /// Weights before anything is learned.
    pub fn new(part: Part, start: Shares, rules: Rules) -> ColumnWeights {
        ColumnWeights {
            person: start,
            strangers: [0.5; LEVELS],
            near: [0.0; LEVELS],
            frequency: Vec::new(),
            used: Vec::new(),
            all: 1.0,
            parents: Vec::new(),
            together: None,
            forms: FxHashMap::default(),
            rules,
            near_by_value: part != Part::Number,
            identifies: !matches!(part, Part::Year | Part::Number | Part::Category | Part::Text),
            base: [0.0; LEVELS],
            ln_equal: 0.0,
            ln_near: [0.0; LEVELS],
        }
    }

    /// The weight of a level of two values.
    #[inline]
    pub fn weight(&self, level: u8, a: u32, b: u32, agreeing: Agreeing) -> f64 {
        if level == MISSING {
            return 0.0;
        }
        let at = level as usize;
        if let Some((parent, value)) = agreeing {
            let parent = &self.parents[parent];
            if level != EQUAL {
                return parent.base[at].min(self.base[at]);
            }
            let chance =
                parent.chance(value, a, f64::from(self.frequency[a as usize]).exp(), self.rules.shrink);
            return (self.ln_equal - chance.ln().max(f64::from(self.frequency[a as usize]))).max(0.0);
        }
        if level == EQUAL {
            return self.ln_equal - f64::from(self.frequency[a as usize]);
        }
        if level >= FORMS
            && !self.forms.is_empty()
            && let Some(weight) = self.forms.get(&unordered(a, b))
        {
            return f64::from(*weight);
        }
        if level <= NEAR && self.near_by_value {
            let common = f64::from(self.frequency[a as usize].max(self.frequency[b as usize]));
            let most = self.rules.near_most;
            return self.base[at] + (self.ln_near[at] - common).clamp(-most, most);
        }
        self.base[at]
    }

    /// Logarithm of the share of a value that so many of all cells hold. A few cells say little of how common a name, a day or a
    /// number is: it is taken as one of more.
    fn ln_share(&self, used: u32) -> f32 {
        let all = if self.identifies { self.all.max(self.rules.few) } else { self.all };
        ((f64::from(used) - 0.5).max(0.5) / all).min(1.0).ln() as f32
    }

    /// Whether a level speaks against one person.
    pub fn speaks_against(&self, level: u8) -> bool {
        self.base[level as usize] < 0.0
    }

    /// Share of strangers whose values speak against one person.
    pub fn differing(&self) -> f64 {
        self.strangers.iter().zip(self.base).filter(|(_, base)| *base < 0.0).map(|(share, _)| share).sum()
    }

    /// Computes what weights are made of from the shares.
    fn prepare(&mut self) {
        let [least, most] = self.rules.range;
        let weight = |person: f64, strangers: f64| (person / strangers).ln().clamp(least, most);
        self.ln_equal = self.person[0].ln();
        for level in 0..LEVELS {
            self.base[level] = weight(self.person[level], self.strangers[level]);
            self.ln_near[level] = self.near[level].max(1e-12).ln();
            for parent in &mut self.parents {
                parent.base[level] = weight(self.person[level], parent.strangers[level]);
            }
        }
        let parents = self.parents.iter_mut().map(|parent| &mut parent.base);
        for base in parents.chain([&mut self.base]) {
            base[DIFFERENT as usize] = base[DIFFERENT as usize].min(0.0);
        }
    }
}

/// A value of a column and one of the column that depends on it.
fn ordered(value: u32, beside: u32) -> u64 {
    (u64::from(value) << 32) | u64::from(beside)
}

impl Parent {
    /// Counts how the values of a column stand beside those of another.
    pub fn new(table: &Table, column: usize, dependent: usize, strangers: Shares) -> Parent {
        let mut used = vec![0; table.list(column).len()];
        let mut both: Vec<u64> = Vec::with_capacity(table.len());
        for (value, beside) in table.cells(column).zip(table.cells(dependent)) {
            if value == 0 || beside == 0 {
                continue;
            }
            for value in table.list(column).listed(&value) {
                used[*value as usize] += 1;
                let listed = table.list(dependent).listed(&beside).iter();
                both.extend(listed.map(|beside| ordered(*value, *beside)));
            }
        }
        both.sort_unstable();
        let joint = both
            .chunk_by(|a, b| a == b)
            .filter(|same| same.len() > 1)
            .map(|same| (same[0], same.len() as u32))
            .collect();
        Parent { column, strangers, joint, used, base: [0.0; LEVELS] }
    }

    /// Counts a record that came later, which has `own` in the dependent column.
    fn count_later(
        &mut self,
        table: &Table,
        record: u32,
        dependent: usize,
        own: u32,
        is_there: impl Fn([(usize, u32); 2]) -> bool,
    ) {
        let new = table.list(self.column).len().saturating_sub(self.used.len());
        self.used.extend(std::iter::repeat_n(0, new));
        let value = table.value(record, self.column);
        if value == 0 || own == 0 {
            return;
        }
        for value in table.list(self.column).listed(&value) {
            self.used[*value as usize] += 1;
            for beside in table.list(dependent).listed(&own) {
                match self.joint.entry(ordered(*value, *beside)) {
                    Entry::Occupied(mut both) => *both.get_mut() += 1,
                    Entry::Vacant(both) if is_there([(self.column, *value), (dependent, *beside)]) => {
                        both.insert(2);
                    }
                    Entry::Vacant(_) => {}
                }
            }
        }
    }

    /// The chance that a stranger who has `value` here has `beside` there; one record is the pair's own.
    fn chance(&self, value: u32, beside: u32, overall: f64, shrink: f64) -> f64 {
        let both = self.joint.get(&ordered(value, beside)).map_or(0, |both| both - 1);
        let others = self.used[value as usize].saturating_sub(1);
        let expected = shrink * self.strangers[0].max(overall);
        ((f64::from(both) + expected) / (f64::from(others) + shrink)).min(1.0)
    }
}

impl KinWeights {
    /// Kin before anything is learned, who differ in the columns for which `own` holds.
    pub fn new(table: &Table, own: impl Fn(Part) -> bool, start: Shares, share: f64) -> KinWeights {
        let own: Vec<bool> = table.columns.iter().map(|column| own(column.part)).collect();
        let shares = vec![start; own.len()];
        KinWeights::of(own, shares, share)
    }

    /// Kin of whom this is known.
    pub fn of(own: Vec<bool>, shares: Vec<Shares>, share: f64) -> KinWeights {
        let columns = own.len();
        let (over, ln_over) = (vec![[1.0; LEVELS]; columns], vec![[0.0; LEVELS]; columns]);
        KinWeights { own, shares, share, over, ln_over }
    }

    /// How much likelier kin show a level than one person.
    #[inline]
    pub fn over(&self, column: usize, level: u8) -> f64 {
        if level == MISSING { 1.0 } else { self.over[column][level as usize] }
    }
}

/// A weight when the best of so many pairs of values was taken: what agrees by chance in one way does so in as many ways
/// (Bonferroni), so that who has many values does not win by their number.
#[inline]
fn among(weight: f64, ways: usize) -> f64 {
    if ways <= 1 || weight <= 0.0 { weight } else { (weight - (ways as f64).ln()).max(0.0) }
}

impl Weights {
    /// Computes what weights are made of; to be called after shares change.
    pub fn prepare(&mut self) {
        self.columns.iter_mut().for_each(ColumnWeights::prepare);
        for kin in &mut self.kin {
            for (at, shares) in kin.shares.iter().enumerate() {
                let person = &self.columns[at].person;
                kin.over[at] = std::array::from_fn(|level| shares[level] / person[level].max(1e-9));
                kin.ln_over[at] = kin.over[at].map(f64::ln);
            }
        }
    }

    /// Logarithm of the share of each value of each column among the records.
    pub fn count(&mut self, table: &Table) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let mut used = vec![0u32; table.list(at).len()];
            table.each_cell(at, |value| used[value as usize] += 1);
            let all = table.cells(at).filter(|value| *value != 0).count().max(1) as f64;
            column.all = all;
            column.frequency = used.iter().map(|used| column.ln_share(*used)).collect();
            column.used = used;
        }
    }

    /// Counts the values of a record that came later; `is_there` tells whether a record has one value in a column and another
    /// in another.
    pub fn count_later(&mut self, table: &Table, record: u32, is_there: impl Fn([(usize, u32); 2]) -> bool) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let list = table.list(at);
            let new = list.len().saturating_sub(column.used.len());
            column.used.extend(std::iter::repeat_n(0, new));
            column.frequency.extend(std::iter::repeat_n(column.ln_share(0), new));
            let own = table.value(record, at);
            for value in list.listed(&own).iter().filter(|value| **value != 0) {
                column.used[*value as usize] += 1;
                column.frequency[*value as usize] = column.ln_share(column.used[*value as usize]);
            }
            for parent in &mut column.parents {
                parent.count_later(table, record, at, own, &is_there);
            }
        }
    }

    /// Log odds, nats, that any two records are of one person.
    pub fn prior(&self) -> f64 {
        (self.share / (1.0 - self.share)).ln()
    }

    /// The weight of straight or crossed names.
    pub fn crossing(&self, level: u8) -> f64 {
        if level == MISSING { 0.0 } else { self.swapped[level as usize].max(1e-6).ln() }
    }

    /// The first parent of a column that agrees in a pair.
    #[inline]
    pub fn agreeing(&self, comparer: &Comparer, levels: &Levels, column: usize, a: u32, b: u32) -> Agreeing {
        let parents = self.columns[column].parents.iter().enumerate();
        parents
            .filter(|(_, parent)| levels[parent.column] == EQUAL)
            .map(|(nth, parent)| (nth, comparer.values(levels, parent.column, a, b).0))
            .next()
    }

    /// The weight of each column of a pair, corrected for what changes with it.
    pub fn by_column(&self, comparer: &Comparer, levels: &Levels, a: u32, b: u32) -> [f64; COLUMNS] {
        let mut weights = [0.0; COLUMNS];
        for (column, weights) in weights.iter_mut().enumerate().take(self.columns.len()) {
            *weights = self.of_column(comparer, levels, column, a, b);
        }
        weights
    }

    /// The weight of one column of a pair, corrected for what changes with it.
    pub fn of_column(&self, comparer: &Comparer, levels: &Levels, column: usize, a: u32, b: u32) -> f64 {
        let plain = self.plain(comparer, levels, column, a, b);
        plain + self.change(levels, column, plain)
    }

    #[inline]
    fn plain(&self, comparer: &Comparer, levels: &Levels, column: usize, a: u32, b: u32) -> f64 {
        if levels[column] == MISSING {
            return 0.0;
        }
        let (x, y) = comparer.values(levels, column, a, b);
        let agreeing = self.agreeing(comparer, levels, column, a, b);
        let weight = self.columns[column].weight(levels[column], x, y, agreeing);
        among(weight, comparer.ways(column, a, b))
    }

    /// What is added to the weight of a column because another changed or did not. That a column differs never speaks for
    /// one person, whatever changed with it.
    #[inline]
    pub fn change(&self, levels: &Levels, column: usize, weight: f64) -> f64 {
        match &self.columns[column].together {
            Some(other) if levels[column] != MISSING && levels[other.column] != MISSING => {
                let level = levels[column];
                let added = other.added[usize::from(differs(levels[other.column]))][level as usize];
                if differs(level) { added.min((-weight).max(0.0)) } else { added }
            }
            _ => 0.0,
        }
    }

    /// All evidence on a pair.
    pub fn evidence(&self, comparer: &Comparer, levels: &Levels, a: u32, b: u32) -> Evidence {
        let columns = self.columns.len();
        let mut evidence = Evidence { person: self.crossing(levels[columns]), ..Evidence::default() };
        let mut place = 0.0;
        for column in 0..columns {
            if levels[column] == MISSING {
                continue;
            }
            let weight = self.plain(comparer, levels, column, a, b);
            let changed = weight + self.change(levels, column, weight);
            evidence.person += changed;
            if self.moves.has(column) {
                place += changed;
            }
            for (kin, sum) in self.kin.iter().zip(&mut evidence.kin) {
                if !kin.own[column] {
                    *sum += weight + kin.ln_over[column][levels[column] as usize];
                }
            }
        }
        self.add_moves(&mut evidence, place);
        evidence
    }

    /// One person stayed or moved: `place` is the evidence of the columns that change with a move.
    #[inline]
    pub fn add_moves(&self, evidence: &mut Evidence, place: f64) {
        let (either, moved) = self.moves.weigh(place);
        evidence.person += either;
        evidence.moved = moved;
    }

    /// Evidence for one person against all strangers, kin included.
    #[inline]
    pub fn against_all(&self, evidence: &Evidence) -> f64 {
        let kin: f64 = self.kin.iter().zip(&evidence.kin).map(|(kin, sum)| kin.share * sum.exp()).sum();
        evidence.person - kin.ln_1p()
    }

    /// The score of a pair: evidence for one person against all strangers, without the prior.
    pub fn score(&self, comparer: &Comparer, levels: &Levels, a: u32, b: u32) -> f64 {
        self.against_all(&self.evidence(comparer, levels, a, b))
    }
}
