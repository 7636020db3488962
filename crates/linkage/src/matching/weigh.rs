//! The sum of a comparison without its words, for the many persons of whom no more is wanted than that they are no match.
//!
//! A report meets thousands of persons and explains five. [`Weigher::weigh`] gives the bits that [`View::compare`] would
//! give, to the last digit and in the same order of adding, from a row of 64 bytes and tables of the report.

use super::MOST_MARKS;
use super::base_rates::BaseRates;
use super::factors;
use super::path::{self, Stay, Way};
use super::persons::{Person, Persons};
use super::report::{View, Weighed};
use homeward_model::Instant;
use homeward_model::time::DAY;
use homeward_rules::matching::Matching;

/// "Says nothing" in a table position.
const NONE: u32 = u32::MAX;
/// Positions of the tables of ages, heights and weights: the last stands for "says nothing" and weighs 0.
const AGES: usize = 257;
const SIZES: usize = 1025;

/// Id of the only name that stands for "several": they are looked up.
const SEVERAL: u32 = u32::MAX - 1;
/// A mark that stands for "says nothing", and one for "look the marks up".
const NO_MARK: u16 = u16::MAX;
const MANY_MARKS: u16 = u16::MAX - 1;

/// A person in one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Row {
    first: i64,
    last: i64,
    /// Moment and metropolitan area of the first visit, which for most is the only one that matters.
    visit: i64,
    metro: u32,
    owner: u32,
    /// Id of the only name, [`SEVERAL`], or [`NONE`].
    name: u32,
    /// Where all visits stand, and after them the way to the first one.
    steps: u32,
    visit_count: u16,
    stay_count: u16,
    marks: [u16; MOST_MARKS],
    height: u16,
    weight: u16,
    hair: u16,
    eyes: u16,
    age: u16,
    /// Position in the bands of persons advertised by one owner.
    organised: u8,
    /// [`REST`] and [`DATED`].
    flags: u8,
}

/// Visits of one person that are kept: one a day for a lifetime.
const MOST_VISITS: usize = u16::MAX as usize;

const REST: u8 = 1;
const DATED: u8 = 2;
/// Where the band of the person's postings begins.
const POSTINGS: u8 = 2;

/// All persons, ready to be weighed; of one owner they stand together.
#[derive(Debug)]
pub struct Rows {
    list: Vec<Row>,
    steps: Vec<Stay>,
    organised: Vec<f64>,
}

impl Rows {
    /// Packs the persons.
    pub fn new(persons: &Persons, rates: &BaseRates, rules: &Matching) -> Rows {
        let mut packed = Rows {
            list: Vec::with_capacity(persons.list.len()),
            steps: Vec::new(),
            organised: rates.organised_weights(),
        };
        for person in &persons.list {
            packed.list.push(row(person, packed.steps.len() as u32, rules));
            let visit = |(at, metro): &(Instant, u32)| Stay { at: *at, metro: *metro, weight: 1.0 };
            packed.steps.extend(person.visits.iter().take(MOST_VISITS).map(visit));
            packed.steps.extend_from_slice(&person.way);
        }
        packed
    }

    /// Owner label of a person.
    pub fn owner(&self, number: u32) -> u32 {
        self.list[number as usize].owner
    }
}

fn row(person: &Person, steps: u32, rules: &Matching) -> Row {
    let mut marks = [NO_MARK; MOST_MARKS];
    for (to, mark) in marks.iter_mut().zip(&person.marks) {
        *to = u16::try_from(*mark).unwrap_or(MANY_MARKS);
    }
    if marks.iter().zip(&person.marks).any(|(mark, _)| *mark >= MANY_MARKS) {
        marks[0] = MANY_MARKS;
    }
    let size = |value: Option<u16>| value.map_or(SIZES as u16 - 1, |value| value.min(SIZES as u16 - 2));
    let visit = person.visits.first().copied().unwrap_or_default();
    Row {
        first: person.seen.map_or(0, |seen| seen.0.0),
        last: person.seen.map_or(0, |seen| seen.1.0),
        visit: visit.0.0,
        metro: visit.1,
        marks,
        owner: person.owner,
        name: match person.names[..] {
            [] => NONE,
            [name] => name,
            _ => SEVERAL,
        },
        steps,
        visit_count: person.visits.len().min(MOST_VISITS) as u16,
        stay_count: person.way.len() as u16,
        height: size(person.height_cm),
        weight: size(person.weight_kg),
        hair: person.hair.unwrap_or(u16::MAX),
        eyes: person.eyes.unwrap_or(u16::MAX),
        age: person.age.map_or(AGES as u16 - 1, u16::from),
        organised: factors::organised_band(person.companions, person.of_owner, rules) as u8,
        flags: u8::from(person.rest) * REST
            + u8::from(person.seen.is_some()) * DATED
            + ((factors::postings_band(person.postings.len(), rules) as u8) << POSTINGS),
    }
}

/// Tables of one report; the memory is used again for the next.
#[derive(Debug, Default)]
pub struct Tables {
    /// Weight of each name in the data.
    names: Vec<f64>,
    touched: Vec<u32>,
    /// Sex and weight of a different name for which `names` is laid out.
    laid_out: Option<(Option<usize>, f64)>,
    /// Weight of each stated age, by year of the child's life.
    ages: Vec<[f64; AGES]>,
    height: Vec<f64>,
    weight: Vec<f64>,
}

impl Tables {
    /// Lays out the tables of a report.
    fn fill(&mut self, view: &View, names: usize) {
        let other =
            |id: u32| view.other_name(id).map_or(0.0, |(name, sex)| name + sex.map_or(0.0, |sex| sex.2));
        let layout = Some((view.sex, view.different));
        if self.names.len() != names || self.laid_out != layout {
            self.names.clear();
            self.names.extend((0..names as u32).map(other));
            self.laid_out = layout;
            self.touched.clear();
        }
        for id in self.touched.drain(..) {
            self.names[id as usize] = other(id);
        }
        for (id, hit) in &view.names {
            self.names[*id as usize] = hit.weight;
            self.touched.push(*id);
        }
        let rules = view.table;
        self.ages.clear();
        for year in &view.ages {
            let mut table = [0.0; AGES];
            for (stated, weight) in table.iter_mut().take(AGES - 1).enumerate() {
                *weight = year.stated.weights[factors::age_band(stated as i32 - year.age, rules)];
            }
            self.ages.push(table);
        }
        let sizes = |table: &mut Vec<f64>, ours: &Option<(u16, Weighed)>, limits: &[f64]| {
            table.clear();
            table.resize(SIZES, 0.0);
            if let Some((value, weighed)) = ours {
                for (theirs, weight) in table.iter_mut().take(SIZES - 1).enumerate() {
                    let difference = (f64::from(*value) - theirs as f64).abs();
                    *weight = weighed.weights[factors::band(difference, limits)];
                }
            }
        };
        sizes(&mut self.height, &view.height, &rules.height.limits);
        sizes(&mut self.weight, &view.weight, &rules.weight.limits);
    }
}

/// One report against all rows.
pub struct Weigher<'a> {
    view: &'a View<'a>,
    tables: &'a Tables,
    rows: &'a Rows,
    persons: &'a Persons,
    /// The first moment that counts as after the disappearance.
    edge: Option<i64>,
    years: Vec<i64>,
    time_limits: Vec<i64>,
    slack: i64,
}

impl<'a> Weigher<'a> {
    /// Makes a report ready.
    pub fn new(
        view: &'a View<'a>,
        tables: &'a mut Tables,
        rows: &'a Rows,
        persons: &'a Persons,
    ) -> Weigher<'a> {
        tables.fill(view, persons.names.texts().len());
        let rules = view.table;
        let days = |days: f64| (days * DAY as f64) as i64;
        Weigher {
            view,
            tables,
            rows,
            persons,
            edge: view.missing.map(|missing| missing.plus_days(-rules.time.slack_days).0),
            years: view.ages.iter().map(|year| year.from.0).collect(),
            time_limits: rules.time.limits.iter().map(|limit| days(*limit)).collect(),
            slack: days(rules.time.slack_days),
        }
    }

    /// The bits of [`View::compare`] for a person.
    pub fn weigh(&self, number: u32) -> f64 {
        let row = &self.rows.list[number as usize];
        let (view, tables) = (self.view, self.tables);
        let mut sum = 0.0;
        if row.name == SEVERAL {
            let names = &self.persons.list[number as usize].names;
            sum += names.iter().map(|id| tables.names[*id as usize]).fold(f64::MIN, f64::max);
        } else if row.name != NONE {
            sum += tables.names[row.name as usize];
        }
        if row.flags & DATED != 0
            && let Some(year) = self.year(row)
        {
            sum += tables.ages[year][row.age as usize];
        }
        sum += tables.height[row.height as usize];
        sum += tables.weight[row.weight as usize];
        sum += view.hair_weights.get(row.hair as usize).copied().unwrap_or(0.0);
        sum += view.eyes_weights.get(row.eyes as usize).copied().unwrap_or(0.0);
        if !view.marks.is_empty() && row.flags & REST == 0 {
            let mut add = |mark: u32| {
                let (_, reported, other) = view.rates.mark(mark);
                sum += if view.mark_ids.contains(&mark) { reported } else { other };
            };
            if row.marks[0] == MANY_MARKS {
                let marks = &self.persons.list[number as usize].marks;
                marks.iter().take(MOST_MARKS).for_each(|mark| add(*mark));
            } else {
                row.marks.iter().take_while(|mark| **mark != NO_MARK).for_each(|mark| add(u32::from(*mark)));
            }
        }
        if row.flags & REST == 0 {
            let shown = row.marks[0] != NO_MARK;
            sum += view.marked[usize::from(row.flags >> POSTINGS)][usize::from(shown)];
        }
        if !view.known_owner.is_empty() && view.known_owner.contains_key(&row.owner) {
            for (_, _, weight) in view.known_hits(number, row.owner) {
                sum += weight;
            }
        }
        if let Some(edge) = self.edge {
            sum = self.place_and_time(row, edge, sum);
        }
        sum + self.rows.organised[row.organised as usize]
    }

    fn year(&self, row: &Row) -> Option<usize> {
        let at = self
            .view
            .missing
            .map_or(row.first, |missing| row.first.max(missing.0).min(row.last.max(missing.0)));
        self.years.partition_point(|year| *year <= at).checked_sub(1)
    }

    /// A sum so far with what place and time add to it.
    fn place_and_time(&self, row: &Row, edge: i64, mut sum: f64) -> f64 {
        let (view, missing) = (self.view, self.view.missing.unwrap_or_default().0);
        if let Some((_, from)) = view.from
            && row.visit_count > 0
        {
            let steps = &self.rows.steps[row.steps as usize..];
            let (visits, rest) = steps.split_at(usize::from(row.visit_count));
            let later = visits[1..].iter().map(|visit| (visit.at, visit.metro));
            let visits = std::iter::once((Instant(row.visit), row.metro)).chain(later);
            let stays = path::since(visits, &rest[..usize::from(row.stay_count)], Instant(edge));
            sum += Way::weigh(stays, from, Instant(missing), view.table).map_or(0.0, |way| way.bits());
        }
        if row.flags & DATED != 0 {
            let (first, last) = (row.first - missing, row.last - missing);
            let band = if last < -self.slack {
                0
            } else if first < -self.slack {
                1
            } else {
                2 + self
                    .time_limits
                    .iter()
                    .position(|limit| first <= *limit)
                    .unwrap_or(self.time_limits.len())
            };
            if !(row.flags & REST != 0 && band == 1) {
                let few = factors::few(usize::from(row.flags >> POSTINGS), view.table);
                sum += view.time[usize::from(few)].weights[band];
            }
        }
        sum
    }
}
