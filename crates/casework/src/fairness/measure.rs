//! Recall, precision and calibration of each group with 95 % intervals, and which differences are larger than chance.

use super::groups::Dimension;
use super::statistics::{Factorials, holm, normal, wilson};
use homeward_rules::fairness::Fairness;
use std::collections::BTreeMap;

/// Bins of the calibration error.
const BINS: usize = 10;

/// One report.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its group in each of [`Dimension::ALL`].
    pub groups: [String; 5],
    /// Its child is known to be present in the postings, and not yet located.
    pub present: bool,
    /// The right candidate stands among the first.
    pub found: bool,
}

/// One candidate of a report.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Position of its report.
    pub subject: usize,
    /// Probability stated.
    pub probability: f64,
    /// It is the child.
    pub right: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Present children with the right candidate among the first.
    Recall,
    /// Rows above .5 that are right.
    AboveHalf,
    /// Rows above .9 that are right.
    AboveNine,
    /// Share right less probability stated, over all rows.
    Calibration,
}

impl Measure {
    /// The words for it.
    pub const fn word(self) -> &'static str {
        match self {
            Measure::Recall => "recall among the first five",
            Measure::AboveHalf => "precision of rows above .5",
            Measure::AboveNine => "precision of rows above .9",
            Measure::Calibration => "share right less probability stated",
        }
    }
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Those that are right, or found.
    pub right: usize,
    /// All of them.
    pub of: usize,
}

impl Rate {
    fn add(&mut self, right: bool) {
        self.of += 1;
        self.right += usize::from(right);
    }

    fn rest(self, all: Rate) -> Rate {
        Rate { right: all.right - self.right, of: all.of - self.of }
    }

    /// The share; 0 of nothing.
    pub fn share(self) -> f64 {
        self.right as f64 / self.of.max(1) as f64
    }

    /// Its 95 % interval.
    pub fn interval(self) -> (f64, f64) {
        wilson(self.right, self.of)
    }
}

/// Stated probabilities against what is right, in ten bins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    bins: [(Rate, f64); BINS],
    variance: f64,
}

impl Calibration {
    fn add(&mut self, probability: f64, right: bool) {
        let (rate, stated) = &mut self.bins[((probability * BINS as f64) as usize).min(BINS - 1)];
        rate.add(right);
        *stated += probability;
        self.variance += probability * (1.0 - probability);
    }

    /// Rows, and those right.
    pub fn rate(&self) -> Rate {
        self.bins.iter().fold(Rate::default(), |sum, (rate, _)| Rate {
            right: sum.right + rate.right,
            of: sum.of + rate.of,
        })
    }

    /// Sum of the probabilities stated: rows that should be right.
    pub fn stated(&self) -> f64 {
        self.bins.iter().map(|(_, stated)| stated).sum()
    }

    /// Share right less mean probability stated.
    pub fn gap(&self) -> f64 {
        let rate = self.rate();
        (rate.right as f64 - self.stated()) / rate.of.max(1) as f64
    }

    /// Mean distance of the probability stated from the share right, bins weighted by rows.
    pub fn error(&self) -> f64 {
        self.over_bins(|rate, stated| (stated - rate.share()).abs())
    }

    /// The errors that go with the 95 % Wilson intervals of all bins at once; wider than 95 %, and never too narrow.
    pub fn interval(&self) -> (f64, f64) {
        let low = self.over_bins(|rate, stated| {
            let (low, high) = rate.interval();
            (low - stated).max(stated - high).max(0.0)
        });
        let high = self.over_bins(|rate, stated| {
            let (low, high) = rate.interval();
            (stated - low).max(high - stated)
        });
        (low, high)
    }

    fn over_bins(&self, distance: impl Fn(Rate, f64) -> f64) -> f64 {
        let filled = self.bins.iter().filter(|(rate, _)| rate.of > 0);
        let sum: f64 =
            filled.map(|(rate, stated)| rate.of as f64 * distance(*rate, stated / rate.of as f64)).sum();
        sum / self.rate().of.max(1) as f64
    }

    fn rest(&self, all: &Calibration) -> Calibration {
        let mut rest = Calibration { variance: all.variance - self.variance, ..Calibration::default() };
        for (to, (here, all)) in rest.bins.iter_mut().zip(self.bins.iter().zip(&all.bins)) {
            *to = (here.0.rest(all.0), all.1 - here.1);
        }
        rest
    }
}

/// The figures of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// Reports in it.
    pub reports: usize,
    /// See [`Measure::Recall`].
    pub recall: Rate,
    /// See [`Measure::AboveHalf`].
    pub above_half: Rate,
    /// See [`Measure::AboveNine`].
    pub above_nine: Rate,
    /// Over all rows.
    pub calibration: Calibration,
}

impl Group {
    /// The rate of a measure.
    pub fn rate(&self, measure: Measure) -> Rate {
        match measure {
            Measure::Recall => self.recall,
            Measure::AboveHalf => self.above_half,
            Measure::AboveNine => self.above_nine,
            Measure::Calibration => self.calibration.rate(),
        }
    }

    /// The figure that is compared.
    fn figure(&self, measure: Measure) -> f64 {
        if measure == Measure::Calibration { self.calibration.gap() } else { self.rate(measure).share() }
    }

    fn add_report(&mut self, subject: &Subject) {
        self.reports += 1;
        if subject.present {
            self.recall.add(subject.found);
        }
    }

    fn add_row(&mut self, row: Row) {
        if row.probability > 0.5 {
            self.above_half.add(row.right);
        }
        if row.probability > 0.9 {
            self.above_nine.add(row.right);
        }
        self.calibration.add(row.probability, row.right);
    }

    fn rest(&self, all: &Group) -> Group {
        Group {
            name: String::new(),
            reports: all.reports - self.reports,
            recall: self.recall.rest(all.recall),
            above_half: self.above_half.rest(all.above_half),
            above_nine: self.above_nine.rest(all.above_nine),
            calibration: self.calibration.rest(&all.calibration),
        }
    }
}

/// A group against everybody else, by one measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is grouped by.
    pub dimension: Dimension,
    /// The group.
    pub group: String,
    /// What is compared.
    pub measure: Measure,
    /// The group's figure.
    pub here: f64,
    /// Everybody else's.
    pub rest: f64,
    /// The p-value corrected for all comparisons.
    pub corrected: f64,
}

/// The whole report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Everybody.
    pub all: Group,
    /// The groups of each dimension, most reports first.
    pub groups: BTreeMap<Dimension, Vec<Group>>,
    /// What was compared, the smallest corrected p-value first.
    pub compared: Vec<Comparison>,
    /// Comparisons that were not made because one side is too small.
    pub too_few: usize,
}

/// Measures rows against what is right. A group is compared with everybody else when both have enough: rates by Fisher's exact
/// test, calibration by a normal test of the number right less the sum of the probabilities stated; Holm's correction over all.
pub fn measure(subjects: &[Subject], rows: &[Row], rules: &Fairness) -> Table {
    let mut table = Table { all: Group { name: "all".to_owned(), ..Group::default() }, ..Table::default() };
    let mut named: BTreeMap<(Dimension, &str), Group> = BTreeMap::new();
    for subject in subjects {
        table.all.add_report(subject);
        for (dimension, name) in Dimension::ALL.into_iter().zip(&subject.groups) {
            let group = named.entry((dimension, name)).or_default();
            group.name.clone_from(name);
            group.add_report(subject);
        }
    }
    for row in rows {
        table.all.add_row(*row);
        for (dimension, name) in Dimension::ALL.into_iter().zip(&subjects[row.subject].groups) {
            if let Some(group) = named.get_mut(&(dimension, name.as_str())) {
                group.add_row(*row);
            }
        }
    }
    for ((dimension, _), group) in named {
        table.groups.entry(dimension).or_default().push(group);
    }
    for groups in table.groups.values_mut() {
        groups.sort_by(|a, b| b.reports.cmp(&a.reports).then_with(|| a.name.cmp(&b.name)));
    }
    compare(&mut table, subjects.len().max(rows.len()), rules);
    table
}

fn compare(table: &mut Table, most: usize, rules: &Fairness) {
    let factorials = Factorials::up_to(most);
    let mut values = Vec::new();
    for (dimension, groups) in &table.groups {
        for measure in [Measure::Recall, Measure::AboveHalf, Measure::AboveNine, Measure::Calibration] {
            let filled: Vec<&Group> = groups.iter().filter(|group| group.rate(measure).of > 0).collect();
            // Of two groups one is everybody else of the other.
            let compared = if filled.len() < 3 { filled.len().saturating_sub(1) } else { filled.len() };
            for group in &filled[..compared] {
                let rest = group.rest(&table.all);
                let Some(value) = p_value(group, &rest, measure, &factorials, rules) else {
                    table.too_few += 1;
                    continue;
                };
                values.push(value);
                table.compared.push(Comparison {
                    dimension: *dimension,
                    group: group.name.clone(),
                    measure,
                    here: group.figure(measure),
                    rest: rest.figure(measure),
                    corrected: 0.0,
                });
            }
        }
    }
    for (comparison, corrected) in table.compared.iter_mut().zip(holm(&values)) {
        comparison.corrected = corrected;
    }
    table.compared.sort_by(|a, b| a.corrected.total_cmp(&b.corrected));
}

/// The chance of a difference as large as this where there is none; `None` when one side is too small to say.
fn p_value(
    here: &Group,
    rest: &Group,
    measure: Measure,
    factorials: &Factorials,
    rules: &Fairness,
) -> Option<f64> {
    let (a, b) = (here.rate(measure), rest.rate(measure));
    if a.of < rules.least || b.of < rules.least {
        return None;
    }
    if measure != Measure::Calibration {
        return Some(factorials.fisher((a.right, a.of), (b.right, b.of)));
    }
    let part = |group: &Group, rate: Rate| {
        let (stated, n) = (group.calibration.stated(), rate.of as f64);
        (stated.min(n - stated) >= rules.least_expected).then(|| group.calibration.variance / (n * n))
    };
    let variance = part(here, a)? + part(rest, b)?;
    Some(normal((here.calibration.gap() - rest.calibration.gap()) / variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many reports of each sex and race, each present and with one row; `right` by position.
    fn reports(count: usize, groups: fn(usize) -> [&'static str; 2], right: fn(usize) -> bool) -> Table {
        let of = |at| {
            let [sex, race] = groups(at);
            let group = |name: &str| name.to_owned();
            let groups = [group(sex), group(race), group("south"), group("town"), group("not said")];
            Subject { groups, present: true, found: right(at) }
        };
        let row = |at| Row { subject: at, probability: 0.95, right: right(at) };
        let (subjects, rows): (Vec<_>, Vec<_>) = (0..count).map(|at| (of(at), row(at))).unzip();
        measure(&subjects, &rows, Fairness::embedded())
    }

    fn larger(table: &Table) -> Vec<(&str, Measure)> {
        let level = Fairness::embedded().level;
        let larger = table.compared.iter().filter(|one| one.corrected < level);
        larger.map(|one| (one.group.as_str(), one.measure)).collect()
    }

    #[test]
    fn a_difference_that_is_there_is_found_and_chance_is_not() {
        let two = |at: usize| if at.is_multiple_of(2) { ["female", "white"] } else { ["male", "white"] };
        let even = reports(400, two, |at| !at.is_multiple_of(7));
        assert_eq!(larger(&even), []);
        // Recall, above .5, above .9 and calibration, once for two groups; race, region and the others are one group each.
        assert_eq!((even.compared.len(), even.too_few), (4, 0));
        let uneven = reports(400, two, |at| at.is_multiple_of(2) || at.is_multiple_of(3));
        let all = [Measure::Recall, Measure::AboveHalf, Measure::AboveNine, Measure::Calibration];
        let mut found = larger(&uneven);
        found.sort();
        assert_eq!(found, all.map(|measure| ("female", measure)));
    }

    #[test]
    fn a_handful_is_not_compared() {
        let few = |at: usize| if at < 12 { ["female", "black"] } else { ["female", "white"] };
        let table = reports(400, few, |at| at >= 12);
        assert_eq!((larger(&table), table.too_few), (vec![], 4));
        let black = &table.groups[&Dimension::Race][1];
        assert_eq!((black.name.as_str(), black.recall), ("black", Rate { right: 0, of: 12 }));
        assert_eq!(measure(&[], &[], Fairness::embedded()).compared, []);
    }

    /// Numbers that depend on nothing but a seed, from 0 to 1.
    fn draw(seed: u64, at: usize, what: u64) -> f64 {
        (homeward_model::mix64(seed << 40 ^ (at as u64) << 8 ^ what) >> 11) as f64 / (1u64 << 53) as f64
    }

    #[test]
    fn where_nothing_differs_something_is_found_once_in_twenty_times() {
        let alarms = (0..100).filter(|seed| {
            let group = |at, what, names: &[&str]| {
                names[(draw(*seed, at, what) * names.len() as f64) as usize].to_owned()
            };
            let mut rows = Vec::new();
            let subjects: Vec<Subject> = (0..500)
                .map(|at| {
                    for rank in 0..3 {
                        let probability = draw(*seed, at, 10 + rank);
                        let right = draw(*seed, at, 20 + rank) < probability;
                        rows.push(Row { subject: at, probability, right });
                    }
                    let groups = [
                        group(at, 0, &["female", "male"]),
                        group(at, 1, &["white", "black", "asian"]),
                        group(at, 2, &["south", "west", "midwest", "northeast"]),
                        group(at, 3, &["town", "rural"]),
                        group(at, 4, &["lost or injured", "missing from care"]),
                    ];
                    Subject { groups, present: draw(*seed, at, 5) < 0.5, found: draw(*seed, at, 6) < 0.9 }
                })
                .collect();
            !larger(&measure(&subjects, &rows, Fairness::embedded())).is_empty()
        });
        let alarms = alarms.count();
        assert!((1..=9).contains(&alarms), "{alarms} of 100");
    }

    #[test]
    fn the_calibration_error_lies_in_its_interval() {
        let mut calibration = Calibration::default();
        for at in 0..100 {
            calibration.add(0.25, at < 20);
            calibration.add(0.95, at < 95);
        }
        let ((low, high), error) = (calibration.interval(), calibration.error());
        assert!((error - 0.025).abs() < 1e-9 && low < error && error < high, "{low} {error} {high}");
        assert!((calibration.gap() + 0.025).abs() < 1e-9);
    }
}
