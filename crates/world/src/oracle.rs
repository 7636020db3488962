//! An oracle for matching: what somebody could find out who knew how the nation was made, which postings are one owner's
//! and one person's, and what each says, but not whose child is where. Its likelihoods are those of `people.rs` and
//! `posts.rs`. It is the mark for children who left weak facts only; nothing in the product uses it.

use crate::people::{self, Person, Report};
use crate::plan::{self, Owner};
use crate::posts::Shown;
use crate::words::{EYES, FEMALE, HAIR, MARKS};
use crate::{AS_OF, DAYS, World};
use homeward_model::time::DAY;
use homeward_model::{Instant, ReportStatus};
use homeward_places::{CityId, Places};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Share of reports whose child is present.
const PRESENT: f64 = 1.0 / 8.0;
/// Traces that tell a child from all others.
const STRONG: [&str; 4] = ["phone", "handle", "associate", "photo"];

/// One person whom an organiser advertises, as the postings show them.
struct Seen<'a> {
    owner: &'a Owner,
    person: &'a Person,
    shown: Shown,
    /// Postings with a sentence on looks.
    abouts: i32,
    /// Likelihood of the postings' choice of persons, by first day of this one, from the owner's first day on; 0 after the
    /// first posting.
    first: Vec<f64>,
    /// The last day that may be the first one.
    last_first: i64,
    /// Likelihood of the choice of persons when this one is no child.
    adult: f64,
}

/// An owner's chance of advertising the child of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// The owner.
    pub owner: String,
    /// Probability, over all owners and "absent".
    pub probability: f64,
}

impl World {
    /// The five likeliest owners of each report, in the order of the reports.
    pub fn oracle(&self) -> Vec<Vec<Best>> {
        let seen = self.seen();
        let eligible = self.owners.iter().filter(|owner| people::takes_in(owner)).count().max(1) as f64;
        let names = name_shares();
        let near = Near::new();
        self.reports
            .par_iter()
            .map(|report| {
                let missing = DAYS - (AS_OF.day() - report.missing_since.day());
                let mut odds: FxHashMap<&str, f64> = FxHashMap::default();
                for seen in seen.iter().filter(|seen| report.female && seen.may_begin(missing)) {
                    if seen.owner.circuit.iter().any(|(city, _)| near.holds(*city, report.city)) {
                        let ratio = ratio(report, missing, seen, &names, &near);
                        if ratio > 0.0 {
                            *odds.entry(&seen.owner.id).or_default() += ratio / eligible;
                        }
                    }
                }
                let scale = PRESENT / (1.0 - PRESENT);
                let sum: f64 = 1.0 + odds.values().sum::<f64>() * scale;
                let mut best: Vec<Best> = odds
                    .into_iter()
                    .map(|(owner, odds)| Best { owner: owner.to_owned(), probability: odds * scale / sum })
                    .collect();
                best.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.owner.cmp(&b.owner)));
                best.truncate(5);
                best
            })
            .collect()
    }

    /// Of the open reports whose child is present: kind of traces left, how many there are, and how many have the right
    /// owner among the oracle's five.
    pub fn oracle_recall(&self, oracle: &[Vec<Best>]) -> [(&'static str, usize, usize); 2] {
        let mut counts =
            [("weak facts only", 0, 0), ("a number, handle or photo (unseen by the oracle)", 0, 0)];
        for (report, best) in self.reports.iter().zip(oracle) {
            let Some(network) = report.network.as_ref().filter(|_| report.status == ReportStatus::Missing)
            else {
                continue;
            };
            let strong = report.traces.iter().any(|trace| STRONG.contains(trace));
            let (_, there, found) = &mut counts[usize::from(strong)];
            *there += 1;
            *found += usize::from(best.iter().any(|best| best.owner == *network));
        }
        counts
    }

    fn seen(&self) -> Vec<Seen<'_>> {
        let mut of_person: FxHashMap<&str, (Shown, i32, i64)> = FxHashMap::default();
        let mut days: FxHashMap<&str, Vec<i64>> = FxHashMap::default();
        for post in &self.posts {
            let Some(person) = &post.truth.person else { continue };
            let day = DAYS - (AS_OF.day() - post.posted_at.div_euclid(DAY));
            let (shown, abouts, first) = of_person.entry(person).or_insert((Shown::default(), 0, i64::MAX));
            *shown |= post.truth.shown;
            *abouts += i32::from(post.truth.shown.about);
            // The same text again stands on a day of its own.
            if !post.truth.again {
                *first = day.min(*first);
                days.entry(&post.truth.owner).or_default().push(day);
            }
        }
        let mut seen = Vec::new();
        for owner in self.owners.iter().filter(|owner| people::takes_in(owner)) {
            let Some(days) = days.get_mut(owner.id.as_str()) else { continue };
            days.sort_unstable();
            for (who, person) in owner.persons.iter().enumerate() {
                let Some((shown, abouts, first)) = of_person.get(format!("{}/{who}", owner.id).as_str())
                else {
                    continue;
                };
                let others = |day: i64| {
                    let active = |(at, other): &(usize, &Person)| *at != who && other.first_day <= day;
                    owner.persons.iter().enumerate().filter(active).count().max(1) as f64
                };
                // From the last possible first day backwards: each posting that could have shown this person did not.
                let mut likelihood = 1.0;
                let mut before = days.partition_point(|day| *day < *first);
                let mut list: Vec<f64> = (owner.first_day..=DAYS)
                    .rev()
                    .map(|day| {
                        while before > 0 && days[before - 1] >= day {
                            before -= 1;
                            let others = others(days[before]);
                            likelihood *= others / (others + 1.0);
                        }
                        if day > *first { 0.0 } else { likelihood }
                    })
                    .collect();
                list.reverse();
                let half = (owner.last_day - owner.first_day) / 2;
                let adult = list.iter().take(half as usize + 1).sum::<f64>() / (half + 1) as f64;
                let (shown, abouts, last_first) = (*shown, *abouts, *first);
                seen.push(Seen { owner, person, shown, abouts, first: list, last_first, adult });
            }
        }
        seen
    }
}

/// Last day on which a child may first be advertised by an owner.
fn last_start(owner: &Owner) -> i64 {
    owner.first_day + (owner.last_day - owner.first_day) * 6 / 10
}

/// Which cities are near enough to each other for a child to be missing from one and first advertised in the other.
struct Near {
    pairs: Vec<bool>,
    /// By city, how many are near it.
    counts: Vec<f64>,
}

impl Near {
    fn new() -> Near {
        let places = Places::embedded();
        let city = |at: usize| CityId(at as u32);
        let pairs: Vec<bool> = (0..plan::STOPS * plan::STOPS)
            .map(|at| {
                let (a, b) = (city(at / plan::STOPS), city(at % plan::STOPS));
                places.distance_km_between(a, b) < people::NEAR_KM
            })
            .collect();
        let count = |row: &[bool]| row.iter().filter(|near| **near).count().max(1) as f64;
        let counts = pairs.chunks(plan::STOPS).map(count).collect();
        Near { pairs, counts }
    }

    fn holds(&self, a: CityId, b: CityId) -> bool {
        self.pairs[a.0 as usize * plan::STOPS + b.0 as usize]
    }
}

impl Seen<'_> {
    /// Whether the first day may be one on which a child missing since this day begins.
    fn may_begin(&self, missing: i64) -> bool {
        let last = last_start(self.owner).min(self.last_first);
        self.owner.first_day <= missing + people::DELAY.end() && missing + people::DELAY.start() <= last
    }
}

/// P(report and person | the person is the child) over P(report, and person somebody else).
fn ratio(report: &Report, missing: i64, seen: &Seen, names: &FxHashMap<String, f64>, near: &Near) -> f64 {
    if !report.female {
        return 0.0;
    }
    let (person, shown) = (seen.person, &seen.shown);
    let mut ratio = 1.0 / 0.85 * appearance(report, missing, seen, near);
    if ratio == 0.0 {
        return 0.0;
    }
    if shown.name {
        let rate = names.get(&person.name).copied().unwrap_or(1e-4);
        let short = people::short_name(&report.given_name);
        let given = f64::from(u8::from(person.name == report.given_name));
        let nickname = f64::from(u8::from(person.name == short));
        ratio *=
            (people::ADVERTISED[0] * given + people::ADVERTISED[1] * nickname) / rate + people::ADVERTISED[2];
    }
    if shown.age {
        let day = seen.last_first.min(missing + people::DELAY.end());
        let age = i64::from(Instant(plan::moment(day, 0)).years_since(report.birth));
        let raised =
            people::RAISED.filter(|by| (age + by).max(people::LEAST_AGE) == person.stated_age).count();
        ratio *= raised as f64 / people::RAISED.count() as f64 * people::STATED.count() as f64;
    }
    if shown.height {
        let off = (person.height_in - report.height_in).abs();
        ratio *= within(off, people::OFF.0) / bell(person.height_in as f64, people::TALL.0, people::TALL.1);
    }
    if shown.weight {
        let off = (person.weight_lb - report.weight_lb).abs();
        let mean = if shown.height { people::weight_of(person.height_in) } else { 131.8 };
        let spread = if shown.height { people::HEAVY } else { 18.6 };
        ratio *= within(off, people::OFF.1) / bell(person.weight_lb as f64, mean, spread);
    }
    let share = |list: &[(&str, &str, f64)], at: usize| {
        list[at].2 / list.iter().map(|(_, _, share)| share).sum::<f64>()
    };
    let same = |same: bool| f64::from(u8::from(same));
    if shown.hair {
        ratio *=
            (1.0 - people::DYED) * same(person.hair == report.hair) / share(HAIR, person.hair) + people::DYED;
    }
    if shown.eyes {
        ratio *= same(person.eyes == report.eyes) / share(EYES, person.eyes);
    }
    ratio
        * match (shown.mark, report.mark) {
            (true, Some(mark)) if person.mark == Some(mark) => {
                people::MARK_LEFT / (people::MARKED / MARKS.len() as f64)
            }
            (true, _) => 0.0,
            (false, mark) => {
                let hidden = 0.5f64.powi(seen.abouts);
                let has = if mark.is_some() { people::MARK_LEFT } else { 0.0 };
                (1.0 - has + has * hidden) / (1.0 - people::MARKED + people::MARKED * hidden)
            }
        }
}

/// The part of the ratio that days and places say.
fn appearance(report: &Report, missing: i64, seen: &Seen, near: &Near) -> f64 {
    let owner = seen.owner;
    let length = owner.last_day - owner.first_day;
    let mut child = 0.0;
    for day in people::DELAY.map(|delay| missing + delay) {
        let likelihood = usize::try_from(day - owner.first_day).ok().and_then(|at| seen.first.get(at));
        let there = owner.city_on(day);
        if let Some(likelihood) = likelihood.filter(|_| day <= last_start(owner))
            && near.holds(there, report.city)
        {
            child += likelihood
                / (length * 6 / 10 + 1) as f64
                / people::DELAY.count() as f64
                / near.counts[there.0 as usize];
        }
    }
    if child == 0.0 {
        return 0.0;
    }
    // Of an absent child, the day is any and the city drawn by the square of its place in the list.
    let rank = f64::from(report.city.0);
    let stops = plan::STOPS as f64;
    let city = ((rank + 1.0) / stops).sqrt() - (rank / stops).sqrt();
    // Who is first advertised later than others start has to be a child.
    child / seen.adult.max(1e-6) / (city / (DAYS + 57) as f64)
}

/// Chance of being off by so much, when every difference up to the most is as likely.
fn within(off: i64, most: i64) -> f64 {
    if off <= most { 1.0 / (2 * most + 1) as f64 } else { 0.0 }
}

/// Density of a sum of six even numbers, near enough.
fn bell(value: f64, mean: f64, spread: f64) -> f64 {
    let off = (value - mean) / spread;
    ((-off * off / 2.0).exp() / spread / (2.0 * std::f64::consts::PI).sqrt()).max(1e-6)
}

fn name_shares() -> FxHashMap<String, f64> {
    let many = FEMALE.len() as f64;
    let upto = |at: usize| (at as f64 / many).powf(1.0 / 1.4);
    FEMALE.iter().enumerate().map(|(at, name)| ((*name).to_owned(), upto(at + 1) - upto(at))).collect()
}
