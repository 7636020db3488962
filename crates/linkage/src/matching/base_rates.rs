//! How common each value is among the persons at hand, in quarter powers of two.

use super::factors::{self, quantise};
use super::persons::Persons;
use homeward_model::{Instant, MissingReport};
use homeward_places::{CityId, Places, distance_km, road_hours};
use homeward_rules::matching::{Bands, Matching, Sex, Strangers};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Days of one period, within which the density of sightings is taken as constant.
const PERIOD_DAYS: i64 = 61;

/// Counts over all persons, from which every base rate is taken.
#[derive(Debug)]
pub struct BaseRates {
    /// Persons, to the nearest quarter power of two.
    pub persons: f64,
    least: f64,
    strangers: Strangers,
    names: Counts,
    /// Running, as are heights and weights.
    ages: Counts,
    heights: Counts,
    weights: Counts,
    hair: Counts,
    eyes: Counts,
    marks: Vec<(f64, f64, f64)>,
    first: Vec<Instant>,
    last: Vec<Instant>,
    organised: Vec<(f64, f64)>,
    /// Share of persons of each band of postings who show some mark.
    pub marked: Vec<f64>,
    /// What each name tells of the sex.
    pub sexes: Sexes,
    /// Sightings by period and metropolitan area, in ascending order.
    density: Vec<(i64, Vec<(u32, f64)>)>,
}

/// What names tell of the sex, learned from the reports.
#[derive(Debug, Default)]
pub struct Sexes {
    /// By name: 0 girls', 1 boys', 2 either.
    of_name: Vec<u8>,
    /// Rates of names of girls, boys and either among the persons advertised.
    rates: [f64; 3],
}

/// The sex that a report says: 0 female, 1 male.
pub fn reported_sex(report: &MissingReport) -> Option<usize> {
    match report.sex.as_deref()?.trim().bytes().next()?.to_ascii_lowercase() {
        b'f' => Some(0),
        b'm' => Some(1),
        _ => None,
    }
}

/// The given names that tell the sex, by the reports: true for girls'.
pub fn girls(reports: &[MissingReport], rules: &Sex) -> BTreeMap<String, bool> {
    let mut counts: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for report in reports {
        if let (Some(sex), Some(name)) = (reported_sex(report), report.given_name.split_whitespace().next()) {
            counts.entry(name.to_lowercase()).or_default()[sex] += 1;
        }
    }
    let told = |[female, male]: [u32; 2]| {
        let all = female + male;
        let sure = |count: u32| f64::from(count) >= rules.sure * f64::from(all);
        (all >= rules.least && (sure(female) || sure(male))).then_some(female > male)
    };
    counts.into_iter().filter_map(|(name, counts)| Some((name, told(counts)?))).collect()
}

impl Sexes {
    fn count(persons: &Persons, girls: &BTreeMap<String, bool>, rules: &Sex) -> Sexes {
        let of_name = persons.names.texts().iter().map(|name| match girls.get(name) {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        });
        let of_name: Vec<u8> = of_name.collect();
        let mut used = vec![0.0; 3];
        for name in persons.list.iter().flat_map(|person| &person.names) {
            put(&mut used, of_name[*name as usize] as usize);
        }
        let told = used[0] + used[1];
        let rate = |at: usize| quantise(if told > 0.0 { used[at] / told } else { 0.5 }, rules.least_rate);
        Sexes { of_name, rates: [rate(0), rate(1), 1.0] }
    }

    /// For a child of this sex: whether a name is one of its own sex's, and the rate of such names; `None` when the name
    /// does not tell.
    pub fn compare(&self, sex: usize, name: u32) -> Option<(bool, f64)> {
        let of_name = usize::from(*self.of_name.get(name as usize)?);
        (of_name < 2).then_some((of_name == sex, self.rates[of_name]))
    }
}

/// What is the same for all reports from one place.
#[derive(Debug)]
pub struct From {
    /// Kilometres and hours by road to each metropolitan area.
    pub distance: Vec<(f64, f64)>,
    periods: Vec<Around>,
}

/// The sightings of one period about a place.
#[derive(Debug)]
pub struct Around {
    period: i64,
    /// Share of the sightings in each band of distance.
    pub rates: Vec<f64>,
    /// Mean pull of a sighting.
    pub mean: f64,
    /// Weight of each metropolitan area.
    weights: Vec<f64>,
}

impl From {
    /// The sightings of the period of a moment.
    pub fn around(&self, at: Instant) -> Option<&Around> {
        let period = period(at);
        self.periods.iter().find(|around| around.period == period)
    }

    /// Weight of the distance to a metropolitan area at a moment.
    pub fn nearness(&self, at: Instant, metro: u32) -> Option<f64> {
        Some(self.around(at)?.weights[metro as usize])
    }
}

fn period(at: Instant) -> i64 {
    at.day().div_euclid(PERIOD_DAYS)
}

fn shares(counts: Vec<f64>) -> Vec<f64> {
    let sum: f64 = counts.iter().sum();
    counts.into_iter().map(|count| if sum > 0.0 { count / sum } else { 0.0 }).collect()
}

/// How many persons have each value.
#[derive(Debug)]
struct Counts {
    of: Vec<f64>,
    all: f64,
}

impl Counts {
    fn new(of: Vec<f64>) -> Counts {
        let all = of.iter().sum();
        Counts { of, all }
    }

    /// Sums up to and including each position, so that a range is one subtraction.
    fn running(mut of: Vec<f64>) -> Counts {
        let mut sum = 0.0;
        for count in &mut of {
            sum += *count;
            *count = sum;
        }
        Counts { of, all: sum }
    }

    fn of(&self, value: usize) -> f64 {
        self.of.get(value).copied().unwrap_or(0.0)
    }

    /// Persons in an inclusive range of a running table.
    fn range(&self, low: i32, high: i32) -> f64 {
        let upto = |at: i32| if at < 0 { 0.0 } else { self.of[(at as usize).min(self.of.len() - 1)] };
        (upto(high) - upto(low - 1)).max(0.0)
    }

    /// Share of `count` persons, as if `worth` more had been seen of whom a share of `before` is like these.
    fn share(&self, count: f64, before: f64, worth: f64) -> f64 {
        (count + worth * before) / (self.all + worth)
    }
}

fn put(counts: &mut [f64], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1.0;
    }
}

impl BaseRates {
    /// Counts the values of all persons.
    pub fn count(persons: &Persons, girls: &BTreeMap<String, bool>, rules: &Matching) -> BaseRates {
        let list = &persons.list;
        let least = rules.limits.least_rate;
        let mut names = vec![0.0; persons.names.texts().len()];
        let mut ages = vec![0.0; 256];
        let strangers = rules.strangers.clone();
        let (mut heights, mut weights) = (vec![0.0; 300], vec![0.0; 400]);
        let mut hair = vec![0.0; persons.colours.texts().len()];
        let mut eyes = hair.clone();
        let mut marks = vec![0.0; persons.marks.texts().len()];
        let mut organised = vec![0.0; rules.organised.shares.len()];
        let mut marked = vec![(0.0, 0.0); rules.mark.postings.len() + 1];
        for person in list.iter().filter(|person| !person.rest) {
            let (shown, all) = &mut marked[factors::postings_band(person.postings.len(), rules)];
            *shown += f64::from(u8::from(!person.marks.is_empty()));
            *all += 1.0;
        }
        let mut sightings: FxHashMap<(i64, u32), f64> = FxHashMap::default();
        for person in list {
            person.names.iter().for_each(|name| put(&mut names, *name as usize));
            person.marks.iter().for_each(|mark| put(&mut marks, *mark as usize));
            person.age.iter().for_each(|age| put(&mut ages, *age as usize));
            person.height_cm.iter().for_each(|height| put(&mut heights, *height as usize));
            person.weight_kg.iter().for_each(|weight| put(&mut weights, *weight as usize));
            person.hair.iter().for_each(|colour| put(&mut hair, *colour as usize));
            person.eyes.iter().for_each(|colour| put(&mut eyes, *colour as usize));
            put(&mut organised, factors::organised_band(person.companions, person.of_owner, rules));
            // One person counts once for a place and period, however often advertised.
            let mut cells: Vec<(i64, u32)> =
                person.visits.iter().map(|(at, city)| (period(*at), *city)).collect();
            cells.sort_unstable();
            cells.dedup();
            for cell in cells {
                *sightings.entry(cell).or_default() += 1.0;
            }
        }
        let mut sightings: Vec<((i64, u32), f64)> = sightings.into_iter().collect();
        sightings.sort_unstable_by_key(|(cell, _)| *cell);
        let density: Vec<(i64, Vec<(u32, f64)>)> = sightings
            .chunk_by(|a, b| a.0.0 == b.0.0)
            .map(|group| (group[0].0.0, group.iter().map(|((_, metro), count)| (*metro, *count)).collect()))
            .collect();
        let mut first: Vec<Instant> = list.iter().filter_map(|person| Some(person.seen?.0)).collect();
        let mut last: Vec<Instant> = list.iter().filter_map(|person| Some(person.seen?.1)).collect();
        first.sort_unstable();
        last.sort_unstable();
        let (marks, organised) = (Counts::new(marks), Counts::new(organised));
        BaseRates {
            persons: 1.0 / quantise(1.0 / list.len().max(1) as f64, 0.0),
            least,
            names: Counts::new(names),
            ages: Counts::running(ages),
            heights: Counts::running(heights),
            weights: Counts::running(weights),
            hair: Counts::new(hair),
            eyes: Counts::new(eyes),
            marks: marks
                .of
                .iter()
                .map(|count| {
                    let rate = quantise(marks.share(*count, strangers.mark, strangers.worth), least);
                    let share = rules.mark.same;
                    (rate, factors::kept(true, share, rate), factors::kept(false, share, rate))
                })
                .collect(),
            first,
            last,
            organised: organised
                .of
                .iter()
                .zip(&rules.organised.shares)
                .map(|(count, share)| {
                    let rate = quantise(organised.share(*count, *share, strangers.bands), least);
                    (rate, factors::against(*share, rate))
                })
                .collect(),
            // Half a person of either kind keeps both possible.
            marked: marked.iter().map(|(shown, all)| quantise((shown + 0.5) / (all + 1.0), least)).collect(),
            sexes: Sexes::count(persons, girls, &rules.sex),
            density,
            strangers,
        }
    }

    fn rate(&self, share: f64) -> f64 {
        quantise(share, self.least)
    }

    /// Rate of any of these names.
    pub fn names(&self, names: &[u32]) -> f64 {
        let count = names.iter().map(|name| self.names.of(*name as usize)).sum();
        let before = self.strangers.name * names.len() as f64;
        self.rate(self.names.share(count, before, self.strangers.worth))
    }

    /// Rate of stated ages in the same band of difference from a true age, of which children have a share.
    pub fn age(&self, truth: i32, difference: i32, share: f64, rules: &Matching) -> f64 {
        let at = factors::age_band(difference, rules) as i32 + rules.age.from;
        let top = rules.age.from + rules.age.shares.len() as i32 - 1;
        let low = if at == rules.age.from { 0 } else { truth + at };
        let high = if at == top { 255 } else { truth + at };
        self.rate(self.ages.share(self.ages.range(low, high), share, self.strangers.bands))
    }

    /// Rates of the bands of difference from a height or weight.
    fn quantity(&self, table: &Counts, value: i32, bands: &Bands) -> Vec<f64> {
        let within = |limit: &f64| table.range(value - *limit as i32, value + *limit as i32);
        let mut below = 0.0;
        let mut rate = |upto: f64, share: &f64| {
            let count = upto - std::mem::replace(&mut below, upto);
            self.rate(table.share(count, *share, self.strangers.bands))
        };
        let upto = bands.limits.iter().map(within).chain([table.all]);
        upto.zip(&bands.shares).map(|(upto, share)| rate(upto, share)).collect()
    }

    /// Rates of the bands of height about a reported one.
    pub fn height(&self, value: u16, rules: &Matching) -> Vec<f64> {
        self.quantity(&self.heights, i32::from(value), &rules.height)
    }

    /// Rates of the bands of weight about a reported one.
    pub fn weight(&self, value: u16, rules: &Matching) -> Vec<f64> {
        self.quantity(&self.weights, i32::from(value), &rules.weight)
    }

    /// Rate of a hair colour.
    pub fn hair(&self, colour: u16) -> f64 {
        self.colour(&self.hair, colour)
    }

    /// Rate of an eye colour.
    pub fn eyes(&self, colour: u16) -> f64 {
        self.colour(&self.eyes, colour)
    }

    fn colour(&self, counts: &Counts, colour: u16) -> f64 {
        self.rate(counts.share(counts.of(colour as usize), self.strangers.colour, self.strangers.bands))
    }

    /// Rate of a mark among marks, its weight when the report names it and when not.
    pub fn mark(&self, mark: u32) -> (f64, f64, f64) {
        self.marks[mark as usize]
    }

    /// Rate of a band of owners' sizes, and its weight.
    pub fn organised(&self, band: usize) -> (f64, f64) {
        self.organised[band]
    }

    /// Weight of each band of owners' sizes.
    pub fn organised_weights(&self) -> Vec<f64> {
        self.organised.iter().map(|(_, weight)| *weight).collect()
    }

    /// Rates of the bands of time about a disappearance, in the order of [`factors::time_band`].
    pub fn time(&self, missing: Instant, rules: &Matching) -> Vec<f64> {
        let (worth, shares) = (self.strangers.bands, &rules.time);
        let total = self.first.len() as f64 + worth;
        let rate = |count: f64, share: f64| self.rate((count + worth * share) / total);
        let before = |list: &[Instant], at: Instant| list.partition_point(|seen| *seen < at) as f64;
        let edge = missing.plus_days(-rules.time.slack_days);
        let all_before = before(&self.last, edge);
        let mut upto = before(&self.first, edge);
        let mut rates =
            vec![rate(all_before, shares.all_before), rate(upto - all_before, shares.some_before)];
        let limits = rules.time.limits.iter().map(|limit| before(&self.first, missing.plus_days(*limit)));
        for (next, share) in limits.chain([self.first.len() as f64]).zip(&shares.shares) {
            rates.push(rate(next - upto, *share));
            upto = next;
        }
        rates
    }

    /// Distances from a place, and the rates of their bands by period.
    pub fn from(&self, from: CityId, metros: &[CityId], places: &Places, rules: &Matching) -> From {
        let start = places.city(from).point;
        let distance: Vec<(f64, f64)> = metros
            .iter()
            .map(|metro| {
                let there = places.city(*metro).point;
                (distance_km(start, there).round(), road_hours(start, there))
            })
            .collect();
        let bands: Vec<usize> =
            distance.iter().map(|(km, _)| factors::band(*km, &rules.place.limits)).collect();
        let periods = self
            .density
            .iter()
            .map(|(period, metros)| {
                let mut counts = vec![0.0; rules.place.pulls.len()];
                for (metro, count) in metros {
                    counts[bands[*metro as usize]] += count;
                }
                let rates = shares(counts);
                let pulls = rates.iter().zip(&rules.place.pulls);
                let mean = self.rate(pulls.map(|(rate, pull)| rate * pull).sum());
                let weights =
                    bands.iter().map(|band| factors::against(rules.place.pulls[*band], mean)).collect();
                Around { period: *period, rates, mean, weights }
            })
            .collect();
        From { distance, periods }
    }
}
