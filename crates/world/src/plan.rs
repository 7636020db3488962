//! The plan of the nation: owners, the persons they advertise, and which of those are children reported missing.

use crate::people::{self, Person, Report};
use crate::rng::Rng;
use crate::text::{self, Template};
use crate::{AS_OF, DAYS, WorldOptions};
use homeward_model::Pdq;
use homeward_places::{CityId, Places};
use rustc_hash::FxHashSet;

/// What kind of account places postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An adult advertising by choice.
    Independent,
    /// Several persons, several numbers, several cities.
    Organiser,
    /// One text and one address, many times.
    Spam,
    /// Quotes the postings of others.
    Digest,
}

/// Someone who places postings.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Identifier.
    pub id: String,
    /// Kind.
    pub kind: Kind,
    /// Persons advertised.
    pub persons: Vec<Person>,
    /// Template id and text.
    pub templates: Vec<(String, Template)>,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// Account on the board.
    pub account: Option<String>,
    /// Board.
    pub site: usize,
    /// City and the first day spent there, in order.
    pub circuit: Vec<(CityId, i64)>,
    /// Days before [`AS_OF`] on which the owner is active.
    pub first_day: i64,
    /// Last active day.
    pub last_day: i64,
    /// Number of postings.
    pub postings: usize,
    /// Uses another owner's template.
    pub copied: bool,
}

impl Owner {
    /// Where the owner is on a day.
    pub fn city_on(&self, day: i64) -> CityId {
        self.circuit
            .iter()
            .rev()
            .find(|(_, from)| *from <= day)
            .or(self.circuit.first())
            .map_or(CityId(0), |(city, _)| *city)
    }
}

/// Everything decided before a word is written.
#[derive(Debug)]
pub struct Plan {
    /// All owners.
    pub owners: Vec<Owner>,
    /// All reports.
    pub reports: Vec<Report>,
    /// Photos that strangers share.
    pub stock_photos: Vec<Pdq>,
    /// Seed.
    pub seed: u64,
}

/// Cities large enough to be a stop.
pub const STOPS: usize = 400;

impl Plan {
    pub fn new(options: WorldOptions) -> Plan {
        let mut rng = Rng::new(options.seed, 1);
        let mut owners: Vec<Owner> = Vec::new();
        let mut planned = 0;
        while planned < options.postings + options.postings / 20 + 5 {
            let kind = [Kind::Independent, Kind::Organiser, Kind::Spam, Kind::Digest]
                [rng.weighted(&[0.945, 0.022, 0.0008, 0.032])];
            let owner = owner(&mut rng, kind, owners.len(), options.postings, options.seed);
            planned += owner.postings;
            owners.push(owner);
        }
        tell_numbers_apart(&mut Rng::new(options.seed, 3), &mut owners);
        copy_templates(&mut rng, &mut owners);
        let count = options.reports.unwrap_or(options.postings / 40);
        let reports = people::reports(&mut Rng::new(options.seed, 2), &mut owners, count);
        let stock_photos = (0..40).map(|_| people::photo(&mut rng)).collect();
        Plan { owners, reports, stock_photos, seed: options.seed }
    }
}

fn city(rng: &mut Rng) -> CityId {
    // Larger cities have more of everything: the square favours the head of the list, which is by population.
    let share = rng.unit();
    CityId((share * share * STOPS as f64) as u32)
}

fn near(rng: &mut Rng, from: CityId) -> CityId {
    let places = Places::embedded();
    (0..40)
        .map(|_| CityId(rng.below(STOPS) as u32))
        .find(|to| (30.0..600.0).contains(&places.distance_km_between(from, *to)))
        .unwrap_or(from)
}

/// A number in exchange 555 under an ordinary area code; these are plain numbers here, not placeholders.
pub fn phone(rng: &mut Rng) -> String {
    loop {
        let area = rng.between(201, 989);
        let line = rng.between(0, 9999);
        if area % 100 != 11 && line != 1212 && !(800..=888).contains(&area) {
            return format!("{area}555{line:04}");
        }
    }
}

fn owner(rng: &mut Rng, kind: Kind, number: usize, total: usize, seed: u64) -> Owner {
    let home = city(rng);
    let (prefix, postings, length) = match kind {
        Kind::Independent => ("ind", 1 + rng.weighted(&[0.5, 0.25, 0.15, 0.1]), rng.between(1, 60)),
        Kind::Organiser => ("org", (8 + rng.below(45)).min(total / 20 + 2), rng.between(30, 190)),
        Kind::Spam => ("spam", (40 + rng.below(160)).min(total / 20 + 2), rng.between(5, 40)),
        Kind::Digest => ("dig", 1, 1),
    };
    let first_day = rng.between(0, (DAYS - length).max(0));
    let many = kind == Kind::Organiser;
    let mut circuit = vec![(home, first_day)];
    if many {
        let stops = rng.between(2, 6);
        let mut at = home;
        for stop in 1..stops {
            at = near(rng, at);
            circuit.push((at, first_day + length * stop / stops));
        }
    }
    let persons = (0..if many { rng.between(2, 6) } else { 1 })
        .map(|_| {
            let mut person = people::adult(rng);
            person.first_day = if many { rng.between(first_day, first_day + length / 2) } else { first_day };
            person
        })
        .collect();
    let templates = (0..if many { rng.between(2, 5) } else { 1 })
        .map(|at| (format!("t{seed}-{number}-{at}"), text::template(rng, if many { 0.4 } else { 0.15 })))
        .collect();
    let phones = (0..if many { rng.between(3, 8) } else { 1 }).map(|_| phone(rng)).collect();
    let account =
        rng.chance(if many { 0.3 } else { 0.4 }).then(|| format!("member{}", rng.below(90_000_000)));
    Owner {
        id: format!("{prefix}{seed}-{number}"),
        kind,
        persons,
        templates,
        phones,
        account,
        site: rng.below(4),
        circuit,
        first_day,
        last_day: first_day + length,
        postings,
        copied: false,
    }
}

/// Redraws numbers that two owners drew by chance. With one exchange to draw from that happens a hundred times as often as
/// among all numbers, and the truth would call two owners what a shared number makes one. Numbers that change hands are
/// laid as traps of their own.
fn tell_numbers_apart(rng: &mut Rng, owners: &mut [Owner]) {
    let mut used = FxHashSet::default();
    for number in owners.iter_mut().flat_map(|owner| &mut owner.phones) {
        while !used.insert(number.clone()) {
            *number = phone(rng);
        }
    }
}

/// Some independents take an organiser's text for their own.
fn copy_templates(rng: &mut Rng, owners: &mut [Owner]) {
    let sources: Vec<(String, Template)> = owners
        .iter()
        .filter(|owner| owner.kind == Kind::Organiser)
        .flat_map(|owner| owner.templates.iter().cloned())
        .collect();
    if sources.is_empty() {
        return;
    }
    for owner in owners.iter_mut().filter(|owner| owner.kind == Kind::Independent) {
        if rng.chance(0.025) {
            owner.templates = vec![rng.pick(&sources).clone()];
            owner.copied = true;
        }
    }
}

/// The moment of a day and second before the end of the records.
pub fn moment(day: i64, second: i64) -> i64 {
    AS_OF.0 - (DAYS - day) * homeward_model::time::DAY + second * 1_000_000
}
