//! Persons who are advertised, and the missing reports: which child is present, under what name, with which traces.

use crate::plan::{self, Kind, Owner};
use crate::posts::{Post, Shown};
use crate::rng::Rng;
use crate::words::{EYES, FAMILY, FEMALE, HAIR, MALE, MARKS, NICKNAMES, RACES};
use crate::{AS_OF, DAYS};
use homeward_model::{Instant, Pdq, ReportStatus};
use homeward_places::{CityId, Places};
use rustc_hash::FxHashSet;
use std::ops::RangeInclusive;

/// A person as advertised.
#[derive(Clone, Debug)]
pub struct Person {
    /// Name used.
    pub name: String,
    /// Age as stated.
    pub stated_age: i64,
    /// Height in inches.
    pub height_in: i64,
    /// Weight in pounds.
    pub weight_lb: i64,
    /// Index of the hair colour.
    pub hair: usize,
    /// Index of the eye colour.
    pub eyes: usize,
    /// Index of a mark.
    pub mark: Option<usize>,
    /// Hashes of photographs.
    pub photos: Vec<Pdq>,
    /// First day on which the person is advertised.
    pub first_day: i64,
    /// The report of which this is the child.
    pub report: Option<usize>,
    /// A number or handle of the child's own that shows in some postings.
    pub own_phone: Option<String>,
    /// Handle of their own.
    pub own_handle: Option<String>,
}

/// A missing report with its truth.
#[derive(Clone, Debug)]
pub struct Report {
    /// Identifier.
    pub id: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Short names.
    pub nicknames: Vec<String>,
    /// A girl.
    pub female: bool,
    /// Index of the race, of no meaning for anything else.
    pub race: usize,
    /// Date of birth.
    pub birth: Instant,
    /// Height in inches.
    pub height_in: i64,
    /// Weight in pounds.
    pub weight_lb: i64,
    /// Index of the hair colour.
    pub hair: usize,
    /// Index of the eye colour.
    pub eyes: usize,
    /// Index of a mark.
    pub mark: Option<usize>,
    /// Marks and colours are written as NCIC codes.
    pub codes: bool,
    /// When last seen.
    pub missing_since: Instant,
    /// City.
    pub city: CityId,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// Handles.
    pub handles: Vec<String>,
    /// Name and number of a companion.
    pub associate: Option<(String, String)>,
    /// Hashes of photographs.
    pub photos: Vec<Pdq>,
    /// Index of the category.
    pub category: usize,
    /// Status.
    pub status: ReportStatus,
    /// When located.
    pub located_at: Option<Instant>,
    /// Owner who advertises the child, when present.
    pub network: Option<String>,
    /// Ids of the postings that advertise the child.
    pub postings: Vec<String>,
    /// What was left: `phone`, `handle`, `associate`, `photo`, `name`, `nickname`, `mark`.
    pub traces: Vec<&'static str>,
    /// A trap laid for this report.
    pub trap: Option<&'static str>,
}

/// Shares of children advertised under their own name, a short or changed form of it, and another name.
pub const ADVERTISED: [f64; 3] = [0.42, 0.28, 0.30];
/// Kilometres within which a child is first advertised.
pub const NEAR_KM: f64 = 450.0;
/// Days from the disappearance to the first of being advertised.
pub const DELAY: RangeInclusive<i64> = 2..=40;
/// Years by which a child's age is raised, to [`LEAST_AGE`] at least, and the ages that others state.
pub const RAISED: RangeInclusive<i64> = 2..=6;
/// See [`RAISED`].
pub const STATED: RangeInclusive<i64> = LEAST_AGE..=38;
/// The age below which nobody is advertised.
pub const LEAST_AGE: i64 = 18;
/// Inches and pounds by which what is advertised of a child may be off.
pub const OFF: (i64, i64) = (1, 8);
/// Share of children whose hair is dyed, of those whose mark may be shown, and of others who have one.
pub const DYED: f64 = 0.2;
/// See [`DYED`].
pub const MARK_LEFT: f64 = 0.8;
/// See [`DYED`].
pub const MARKED: f64 = 0.3;
/// Mean and spread of adults' heights in inches.
pub const TALL: (f64, f64) = (64.5, 2.7);
/// Spread of weights in pounds about what goes with a height.
pub const HEAVY: f64 = 16.0;

/// Pounds that go with an adult's height.
pub fn weight_of(height_in: i64) -> f64 {
    130.0 + (height_in - 64) as f64 * 3.5
}

/// Whether an owner may advertise a child.
pub fn takes_in(owner: &Owner) -> bool {
    owner.kind == Kind::Organiser && owner.last_day - owner.first_day >= 20
}

/// The short form of a name, else a changed one.
pub fn short_name(name: &str) -> String {
    NICKNAMES.iter().find(|(full, _)| *full == name).map_or_else(
        || format!("{}a", name.trim_end_matches(['a', 'e', 'y'])),
        |(_, short)| (*short).to_owned(),
    )
}

/// A PDQ hash of no image: 256 fair bits.
pub fn photo(rng: &mut Rng) -> Pdq {
    Pdq(std::array::from_fn(|_| rng.next()))
}

/// The hash of an edited copy: up to `bits` flipped.
pub fn edited(rng: &mut Rng, photo: Pdq, bits: usize) -> Pdq {
    let mut words = photo.0;
    for _ in 0..rng.below(bits + 1) {
        let bit = rng.below(256);
        words[bit / 64] ^= 1 << (bit % 64);
    }
    Pdq(words)
}

fn weighted(rng: &mut Rng, list: &[(&str, &str, f64)]) -> usize {
    let weights: Vec<f64> = list.iter().map(|(_, _, share)| *share).collect();
    rng.weighted(&weights)
}

/// Names are not used evenly: the head of the list is commoner.
fn name(rng: &mut Rng, list: &[&str]) -> String {
    let share = rng.unit();
    list[(share.powf(1.4) * list.len() as f64) as usize].to_owned()
}

fn bell(rng: &mut Rng, mean: f64, spread: f64) -> i64 {
    let sum: f64 = (0..6).map(|_| rng.unit()).sum();
    (mean + (sum - 3.0) * spread * 1.414).round() as i64
}

/// An adult advertised by choice or by an organiser.
pub fn adult(rng: &mut Rng) -> Person {
    let height_in = bell(rng, TALL.0, TALL.1);
    Person {
        name: name(rng, FEMALE),
        stated_age: rng.between(*STATED.start(), *STATED.end()),
        height_in,
        weight_lb: bell(rng, weight_of(height_in), HEAVY),
        hair: weighted(rng, HAIR),
        eyes: weighted(rng, EYES),
        mark: rng.chance(MARKED).then(|| rng.below(MARKS.len())),
        photos: (0..rng.between(1, 3)).map(|_| photo(rng)).collect(),
        first_day: 0,
        report: None,
        own_phone: None,
        own_handle: None,
    }
}

fn child(rng: &mut Rng, number: usize) -> Report {
    let female = rng.chance(0.85);
    let missing_since = Instant(plan::moment(rng.between(-60, DAYS - 3), rng.between(0, 86_399)));
    let given_name = name(rng, if female { FEMALE } else { MALE });
    let short = NICKNAMES.iter().find(|(full, _)| *full == given_name).map(|(_, short)| (*short).to_owned());
    let height_in = bell(rng, if female { 63.5 } else { 66.0 }, 2.7);
    Report {
        id: format!("M{number:05}"),
        family_name: name(rng, FAMILY),
        nicknames: short.into_iter().filter(|_| rng.chance(0.5)).collect(),
        given_name,
        female,
        race: 0,
        birth: missing_since.plus_days(-(rng.between(12 * 365, 18 * 365 - 30) as f64)),
        height_in,
        weight_lb: bell(rng, 122.0 + (height_in - 64) as f64 * 3.5, 16.0),
        hair: weighted(rng, HAIR),
        eyes: weighted(rng, EYES),
        mark: rng.chance(0.45).then(|| rng.below(MARKS.len())),
        codes: rng.chance(0.4),
        missing_since,
        city: CityId({
            let share = rng.unit();
            (share * share * plan::STOPS as f64) as u32
        }),
        phones: (0..rng.below(3)).map(|_| plan::phone(rng)).collect(),
        handles: (0..rng.below(2)).map(|_| format!("star{}", rng.below(900_000))).collect(),
        associate: rng.chance(0.3).then(|| (name(rng, MALE), plan::phone(rng))),
        photos: (0..rng.between(1, 2)).map(|_| photo(rng)).collect(),
        category: rng.weighted(&[0.6, 0.08, 0.02, 0.05, 0.25]),
        status: ReportStatus::Missing,
        located_at: None,
        network: None,
        postings: Vec::new(),
        traces: Vec::new(),
        trap: None,
    }
}

/// The reports; one in eight is given to an organiser as one of the persons advertised.
pub fn reports(rng: &mut Rng, owners: &mut [Owner], count: usize) -> Vec<Report> {
    let organisers: Vec<usize> = (0..owners.len()).filter(|at| takes_in(&owners[*at])).collect();
    let independents: Vec<usize> =
        (0..owners.len()).filter(|at| owners[*at].kind == Kind::Independent).collect();
    let taken: FxHashSet<String> = owners.iter().flat_map(|owner| owner.phones.iter().cloned()).collect();
    let mut reports: Vec<Report> = (0..count).map(|number| child(rng, number)).collect();
    for (number, report) in reports.iter_mut().enumerate() {
        if number % 8 == 3 && !organisers.is_empty() {
            let owner = *rng.pick(&organisers);
            place(rng, &mut owners[owner], report, number, &taken);
        } else if !independents.is_empty() {
            trap(rng, &owners[*rng.clone().pick(&independents)], report);
        }
        if rng.chance(0.1) {
            report.status =
                [ReportStatus::Located, ReportStatus::Recovered, ReportStatus::Closed][rng.below(3)];
            let after = AS_OF.days_since(report.missing_since) * (0.3 + 0.7 * rng.unit());
            report.located_at = Some(report.missing_since.plus_days(after));
        }
    }
    for report in &mut reports {
        tell_numbers_apart(rng, &taken, report);
    }
    // Some children are reported twice, by two agencies.
    for number in 1..count {
        if rng.chance(0.02) {
            let first = reports[number - 1].clone();
            if first.network.is_none() && reports[number].network.is_none() {
                let id = reports[number].id.clone();
                reports[number] = Report { id, trap: Some("second report"), phones: Vec::new(), ..first };
            }
        }
    }
    reports
}

/// Redraws a report's numbers that some owner drew too by chance: in one exchange that happens a hundred times as often as
/// among all numbers. What a present child or a trap has in common with an owner stays.
fn tell_numbers_apart(rng: &mut Rng, taken: &FxHashSet<String>, report: &mut Report) {
    let companion = report.associate.as_mut().map(|(_, number)| number);
    let shared = report.traces.contains(&"associate");
    let own = report.phones.iter_mut().filter(|_| report.trap != Some("recycled phone"));
    for number in own.chain(companion.filter(|_| !shared)) {
        if taken.contains(number) {
            *number = unused(rng, taken);
        }
    }
}

/// A number that no owner uses.
fn unused(rng: &mut Rng, taken: &FxHashSet<String>) -> String {
    loop {
        let number = plan::phone(rng);
        if !taken.contains(&number) {
            return number;
        }
    }
}

/// Puts a child among the persons of an organiser and leaves traces.
fn place(rng: &mut Rng, owner: &mut Owner, report: &mut Report, number: usize, taken: &FxHashSet<String>) {
    let places = Places::embedded();
    let length = owner.last_day - owner.first_day;
    let first_day = owner.first_day + rng.between(0, length * 6 / 10);
    report.missing_since =
        Instant(plan::moment(first_day - rng.between(*DELAY.start(), *DELAY.end()), rng.between(0, 86_399)));
    let (low, high) = (12 * 365 + 200, 18 * 365 - 40);
    report.birth = report.missing_since.plus_days(-(rng.between(low, high) as f64));
    let there = owner.city_on(first_day);
    let feasible = |city: &CityId| places.distance_km_between(*city, there) < NEAR_KM;
    report.city = (0..60).map(|_| CityId(rng.below(plan::STOPS) as u32)).find(feasible).unwrap_or(there);
    report.female = true;
    report.given_name = name(rng, FEMALE);
    let short =
        NICKNAMES.iter().find(|(full, _)| *full == report.given_name).map(|(_, short)| (*short).to_owned());
    report.nicknames = short.iter().filter(|_| rng.chance(0.5)).cloned().collect();
    let age = Instant(plan::moment(first_day, 0)).years_since(report.birth);
    let mut person = adult(rng);
    person.stated_age = (i64::from(age) + rng.between(*RAISED.start(), *RAISED.end())).max(LEAST_AGE);
    match rng.weighted(&ADVERTISED) {
        0 => {
            person.name.clone_from(&report.given_name);
            report.traces.push("name");
        }
        1 => {
            person.name = short_name(&report.given_name);
            report.traces.push("nickname");
        }
        _ => {}
    }
    person.height_in = report.height_in + rng.between(-OFF.0, OFF.0);
    person.weight_lb = report.weight_lb + rng.between(-OFF.1, OFF.1);
    person.hair = if rng.chance(DYED) { weighted(rng, HAIR) } else { report.hair };
    person.eyes = report.eyes;
    person.mark = report.mark.filter(|_| rng.chance(MARK_LEFT));
    if person.mark.is_some() {
        report.traces.push("mark");
    }
    match rng.weighted(&[0.16, 0.08, 0.1, 0.24, 0.42]) {
        0 => {
            let phone = unused(rng, taken);
            report.phones = vec![phone.clone()];
            person.own_phone = Some(phone);
            report.traces.push("phone");
        }
        1 => {
            let handle = format!("star{}", rng.below(900_000));
            report.handles = vec![handle.clone()];
            person.own_handle = Some(handle);
            report.traces.push("handle");
        }
        2 => {
            report.associate = Some((name(rng, MALE), rng.pick(&owner.phones).clone()));
            report.traces.push("associate");
        }
        3 => {
            person.photos[0] = edited(rng, report.photos[0], 30);
            report.traces.push("photo");
        }
        _ => {}
    }
    person.first_day = first_day;
    person.report = Some(number);
    owner.persons.push(person);
    report.network = Some(owner.id.clone());
}

/// Makes a report of an absent child resemble a stranger in one way.
fn trap(rng: &mut Rng, stranger: &Owner, report: &mut Report) {
    let person = &stranger.persons[0];
    match rng.below(40) {
        0 => {
            // A number that somebody far away has now.
            report.phones.clone_from(&stranger.phones);
            report.missing_since = Instant(plan::moment(stranger.first_day - 200, 0));
            report.birth = report.missing_since.plus_days(-(rng.between(13 * 365, 17 * 365) as f64));
            report.trap = Some("recycled phone");
        }
        1 | 2 => {
            // A look-alike who advertised long before.
            report.given_name.clone_from(&person.name);
            report.height_in = person.height_in;
            report.hair = person.hair;
            report.eyes = person.eyes;
            report.city = stranger.circuit[0].0;
            report.missing_since = Instant(plan::moment(stranger.last_day + 5, 0));
            report.birth = report.missing_since.plus_days(-(rng.between(13 * 365, 17 * 365) as f64));
            report.trap = Some("look-alike before");
        }
        3 | 4 => {
            report.given_name.clone_from(&person.name);
            report.city = stranger.circuit[0].0;
            report.trap = Some("same name and city");
        }
        _ => {}
    }
}

/// Draws a race for each report, and the first report's for a second report of one child. It depends on nothing and nothing
/// depends on it; `rng` is a stream of its own.
pub fn draw_races(rng: &mut Rng, reports: &mut [Report]) {
    let mut before = 0;
    for report in reports {
        let drawn = weighted(rng, RACES);
        report.race = if report.trap == Some("second report") { before } else { drawn };
        before = report.race;
    }
}

/// Fills in which postings advertise each child, now that they are written. A trace that none of them shows is none.
pub fn attach_postings(reports: &mut [Report], posts: &[Post]) {
    let mut shown = vec![Shown::default(); reports.len()];
    let mut numbers: FxHashSet<(&str, &str)> = FxHashSet::default();
    for post in posts {
        numbers.extend(post.truth.phones.iter().map(|number| (post.truth.owner.as_str(), number.as_str())));
        if let Some(at) = post.truth.report.filter(|at| *at < reports.len()) {
            reports[at].postings.push(post.id.clone());
            shown[at] |= post.truth.shown;
        }
    }
    for (report, shown) in reports.iter_mut().zip(shown) {
        // A child whose every posting fell outside the nation's count is not present in it, and its companion not either.
        if report.postings.is_empty()
            && report.network.take().is_some()
            && report.traces.contains(&"associate")
        {
            report.associate = None;
        }
        let companion =
            report.associate.as_ref().zip(report.network.as_ref()).is_some_and(|((_, number), network)| {
                numbers.contains(&(network.as_str(), format!("+1{number}").as_str()))
            });
        report.traces.retain(|trace| match *trace {
            "phone" => shown.own_phone,
            "handle" => shown.own_handle,
            "photo" => shown.photo,
            "associate" => companion,
            "mark" => shown.mark,
            _ => shown.name,
        });
    }
}
