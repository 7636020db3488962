//! Matching missing reports to networks and the persons advertised in them.
//!
//! Additive log-odds: a prior estimated from the data and one weight for each factor. Race and ethnicity are not among
//! them and cannot be: neither the facts of a posting nor [`Person`] hold them. A report's candidates compete with one
//! another and with "none of these", so a probability is absolute and a bad list looks bad.

mod factors;
mod persons;

pub use factors::recompute;
pub use persons::{Person, persons};

use crate::describe::{colour, mark, nicknames};
use crate::facts::Facts;
use crate::pdq_index::PdqIndex;
use factors::{class, name_class, same_child};
use homeward_model::{Instant, MissingReport, Pdq, Reason, ReportStatus, SelectorKind};
use homeward_places::{CityId, Places};
use homeward_rules::matching::Matching;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// A candidate for one report: the person in one owner's hands.
#[derive(Clone, Debug)]
pub struct Match {
    /// Index of the report.
    pub report: usize,
    /// Owner, named by the smallest posting.
    pub owner: u32,
    /// Postings that advertise the person.
    pub postings: Vec<u32>,
    /// That the owner advertises the child, 0 to 1.
    pub probability: f64,
    /// Sum of the reasons, bits.
    pub weight_bits: f64,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A report with its candidates: person, reasons, sum of bits.
type Scored = (usize, Vec<(u32, Vec<Reason>, f64)>);

/// A report reduced to what is compared.
struct Subject<'a> {
    report: &'a MissingReport,
    names: Vec<String>,
    marks: Vec<String>,
    city: Option<CityId>,
    own: Vec<String>,
    companions: Vec<String>,
    photos: Vec<Pdq>,
    /// Persons in each class of distance from the last-seen place, and of days from the disappearance.
    by_distance: [usize; 4],
    by_first_day: [usize; 5],
}

/// How common each value is among the persons advertised, rounded to powers of two.
struct Base {
    persons: f64,
    names: FxHashMap<String, usize>,
    ages: FxHashMap<u8, usize>,
    hair: FxHashMap<String, usize>,
    eyes: FxHashMap<String, usize>,
    marks: FxHashMap<String, usize>,
    heights: Vec<f32>,
    weights: Vec<f32>,
    first_days: Vec<i64>,
    /// Persons first seen in each city, for the share within a distance.
    cities: Vec<(CityId, usize)>,
    several: usize,
    least: f64,
}

impl Base {
    /// A share, rounded to a power of two, never below the least.
    fn share(&self, count: usize, of: usize) -> f64 {
        let share = (count as f64 + 0.5) / (of as f64 + 1.0);
        2f64.powi(share.log2().round() as i32).clamp(self.least, 1.0)
    }
}

/// Matches every report that is still open, or was at the time. `selectors` reads contact strings to normal values.
pub fn match_reports(
    reports: &[MissingReport],
    facts: &[Facts],
    owner: &[u32],
    normal: &(dyn Fn(&str) -> Vec<String> + Sync),
    prior: Option<f64>,
    rules: &Matching,
) -> Vec<Match> {
    let places = Places::embedded();
    let persons = persons(facts, owner);
    if persons.is_empty() || reports.is_empty() {
        return Vec::new();
    }
    let base = base(&persons, rules);
    let index = Index::new(&persons, facts, owner, rules);
    let scored: Vec<Scored> = reports
        .par_iter()
        .enumerate()
        .map(|(at, report)| {
            let subject = subject(report, places, normal, &base, rules);
            let mut found: Vec<(u32, Vec<Reason>, f64)> = Vec::new();
            for candidate in index.candidates(&subject, &persons, places, rules) {
                let person = &persons[candidate as usize];
                if report.status != ReportStatus::Missing
                    && report
                        .located_at
                        .is_none_or(|located| person.last_seen.is_none_or(|last| last > located))
                {
                    continue;
                }
                let reasons = weigh(&subject, person, &index, &base, facts, places, rules);
                let bits = reasons.iter().map(|reason| reason.weight_bits).sum::<f64>();
                found.push((candidate, reasons, bits));
            }
            // One row for each owner: its best person.
            found.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
            let mut owners = FxHashSet::default();
            found.retain(|(person, _, _)| owners.insert(persons[*person as usize].owner));
            found.truncate(64);
            (at, found)
        })
        .collect();
    let present = prior.unwrap_or_else(|| present_share(&scored, persons.len()));
    let prior_bits = (present / (1.0 - present) / persons.len() as f64).log2();
    let mut matches = Vec::new();
    for (report, found) in scored {
        let total: f64 = found.iter().map(|(_, _, bits)| 2f64.powf(bits + prior_bits)).sum();
        for (person, mut reasons, bits) in found {
            let probability = 2f64.powf(bits + prior_bits) / (1.0 + total);
            if probability < rules.least_probability {
                continue;
            }
            reasons.sort_by(|a, b| {
                b.weight_bits.total_cmp(&a.weight_bits).then_with(|| a.factor.cmp(&b.factor))
            });
            reasons.push(Reason {
                factor: "prior".into(),
                left: format!("{} reports", reports.len()),
                right: format!("{} persons advertised", persons.len()),
                weight_bits: prior_bits,
                support:
                    "before any fact: one report in so many is present, and could be any person advertised"
                        .into(),
                measures: vec![
                    ("share of reports present".into(), present),
                    ("persons advertised".into(), persons.len() as f64),
                ],
            });
            let person = &persons[person as usize];
            let weight_bits = reasons.iter().map(|reason| reason.weight_bits).sum();
            matches.push(Match {
                report,
                owner: person.owner,
                postings: person.postings.clone(),
                probability,
                weight_bits,
                reasons,
            });
        }
    }
    matches
}

/// Share of reports whose child is advertised, by expectation maximisation over the candidates' weights, rounded to a
/// power of two so that one more report seldom moves it.
fn present_share(scored: &[Scored], persons: usize) -> f64 {
    let ratios: Vec<f64> = scored
        .iter()
        .map(|(_, found)| found.iter().map(|(_, _, bits)| 2f64.powf(*bits)).sum::<f64>() / persons as f64)
        .collect();
    let mut present = 0.1;
    for _ in 0..30 {
        let odds = present / (1.0 - present);
        let expected: f64 = ratios.iter().map(|ratio| odds * ratio / (1.0 + odds * ratio)).sum();
        present = (expected / ratios.len() as f64).clamp(1e-4, 0.5);
    }
    2f64.powi(present.log2().round() as i32)
}

fn subject<'a>(
    report: &'a MissingReport,
    places: &Places,
    normal: &(dyn Fn(&str) -> Vec<String> + Sync),
    base: &Base,
    rules: &Matching,
) -> Subject<'a> {
    let mut names: Vec<String> = [&report.given_name]
        .into_iter()
        .chain(&report.aliases)
        .chain(&report.nicknames)
        .filter_map(|name| name.split_whitespace().next())
        .map(str::to_lowercase)
        .collect();
    names.dedup();
    let mut marks: Vec<String> = report.marks.iter().filter_map(|text| mark(text)).collect();
    marks.sort();
    marks.dedup();
    let own = report
        .phones
        .iter()
        .chain(&report.emails)
        .chain(&report.handles)
        .flat_map(|text| normal(text))
        .collect();
    let companions = report
        .associates
        .iter()
        .flat_map(|other| other.phones.iter().chain(&other.handles))
        .flat_map(|text| normal(text))
        .collect();
    let photos = report
        .photos
        .iter()
        .filter(|photo| photo.pdq_quality.unwrap_or(100) >= 50)
        .filter_map(|photo| photo.pdq)
        .collect();
    let city = places.resolve(&report.missing_from);
    let (mut by_distance, mut by_first_day) = ([0; 4], [0; 5]);
    if let Some(from) = city {
        for (there, count) in &base.cities {
            by_distance[class(places.distance_km_between(from, *there).round(), &rules.distance_km)] += count;
        }
    }
    if let Some(since) = report.missing_since {
        for days in base.first_days.chunk_by(|a, b| a == b) {
            by_first_day[class((days[0] - since.day()) as f64, &rules.first_seen_days)] += days.len();
        }
    }
    Subject { report, names, marks, city, own, companions, photos, by_distance, by_first_day }
}

fn base(persons: &[Person], rules: &Matching) -> Base {
    let mut base = Base {
        persons: persons.len() as f64,
        names: FxHashMap::default(),
        ages: FxHashMap::default(),
        hair: FxHashMap::default(),
        eyes: FxHashMap::default(),
        marks: FxHashMap::default(),
        heights: persons.iter().filter_map(|person| person.height_cm).collect(),
        weights: persons.iter().filter_map(|person| person.weight_kg).collect(),
        first_days: persons.iter().filter_map(|person| person.first_seen).map(Instant::day).collect(),
        cities: Vec::new(),
        several: persons.iter().filter(|person| person.owner_postings >= 2).count(),
        least: rules.least_base,
    };
    base.heights.sort_by(f32::total_cmp);
    base.weights.sort_by(f32::total_cmp);
    base.first_days.sort_unstable();
    let mut cities: FxHashMap<CityId, usize> = FxHashMap::default();
    for person in persons {
        if !person.name.is_empty() {
            *base.names.entry(person.name.clone()).or_default() += 1;
        }
        if let Some(age) = person.age {
            *base.ages.entry(age).or_default() += 1;
        }
        if let Some(hair) = &person.hair {
            *base.hair.entry(hair.clone()).or_default() += 1;
        }
        if let Some(eyes) = &person.eyes {
            *base.eyes.entry(eyes.clone()).or_default() += 1;
        }
        for mark in &person.marks {
            *base.marks.entry(mark.clone()).or_default() += 1;
        }
        if let Some((_, city)) = person.seen.first() {
            *cities.entry(*city).or_default() += 1;
        }
    }
    base.cities = cities.into_iter().collect();
    base.cities.sort_unstable();
    base
}

/// Ways from a report to candidates without comparing all pairs.
struct Index<'a> {
    by_name: FxHashMap<&'a str, Vec<u32>>,
    by_stem: FxHashMap<String, Vec<u32>>,
    by_selector: FxHashMap<&'a str, Vec<u32>>,
    /// Owners that show a value.
    holders: FxHashMap<&'a str, usize>,
    by_city: FxHashMap<CityId, Vec<u32>>,
    images: PdqIndex,
    image_person: Vec<u32>,
}

/// The name of a handle without its platform, or the value itself.
fn bare(value: &str) -> &str {
    value.rsplit_once(':').map_or(value, |(_, name)| name).trim_start_matches('@')
}

impl<'a> Index<'a> {
    fn new(persons: &'a [Person], facts: &'a [Facts], owner: &[u32], rules: &Matching) -> Index<'a> {
        let mut index = Index {
            by_name: FxHashMap::default(),
            by_stem: FxHashMap::default(),
            by_selector: FxHashMap::default(),
            holders: FxHashMap::default(),
            by_city: FxHashMap::default(),
            images: PdqIndex::new(
                &persons.iter().flat_map(|person| person.images.iter().copied()).collect::<Vec<_>>(),
            ),
            image_person: Vec::new(),
        };
        let mut owners: FxHashMap<&str, FxHashSet<u32>> = FxHashMap::default();
        for (at, person) in persons.iter().enumerate() {
            let at = at as u32;
            if !person.name.is_empty() {
                index.by_name.entry(&person.name).or_default().push(at);
                index.by_stem.entry(person.name.chars().take(4).collect()).or_default().push(at);
            }
            index.image_person.extend(person.images.iter().map(|_| at));
            for posting in &person.postings {
                for selector in facts[*posting as usize].selectors.iter().filter(|selector| !selector.common)
                {
                    let value = if selector.kind == SelectorKind::Handle {
                        bare(&selector.value)
                    } else {
                        &selector.value
                    };
                    let holders = index.by_selector.entry(value).or_default();
                    if holders.last() != Some(&at) {
                        holders.push(at);
                    }
                    owners.entry(value).or_default().insert(owner[*posting as usize]);
                }
            }
            if person.owner_postings >= rules.weak_postings {
                let mut cities: Vec<CityId> = person.seen.iter().map(|(_, city)| *city).collect();
                cities.sort_unstable();
                cities.dedup();
                for city in cities {
                    index.by_city.entry(city).or_default().push(at);
                }
            }
        }
        index.holders = owners.into_iter().map(|(value, owners)| (value, owners.len())).collect();
        index
    }

    /// Persons worth comparing, ascending.
    fn candidates(
        &self,
        subject: &Subject,
        persons: &[Person],
        places: &Places,
        rules: &Matching,
    ) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        let mut add = |list: Option<&Vec<u32>>| found.extend(list.into_iter().flatten());
        for name in &subject.names {
            add(self.by_name.get(name.as_str()));
            add(self.by_stem.get(&name.chars().take(4).collect::<String>()));
            for short in nicknames(name) {
                add(self.by_name.get(short));
            }
        }
        for value in subject.own.iter().chain(&subject.companions) {
            add(self.by_selector.get(bare(value)));
        }
        for photo in &subject.photos {
            found.extend(
                self.images
                    .search(photo, rules.image_distance)
                    .iter()
                    .map(|(at, _)| self.image_person[*at as usize]),
            );
        }
        // Weak facts alone: persons of networks seen within reach afterwards, when their looks do not speak against it.
        if let (Some(city), Some(since)) = (subject.city, subject.report.missing_since) {
            let mut near = Vec::new();
            for (there, list) in &self.by_city {
                if places.distance_km_between(city, *there) <= rules.distance_km[2] {
                    near.extend(list.iter().copied());
                }
            }
            near.retain(|at| {
                let person = &persons[*at as usize];
                let same = |left: &Option<String>, right: &Option<String>| match (left, right) {
                    (Some(left), Some(right)) => colour(left) == *right,
                    _ => true,
                };
                person
                    .first_seen
                    .is_some_and(|first| (0.0..rules.first_seen_days[3]).contains(&first.days_since(since)))
                    && same(&subject.report.eyes, &person.eyes)
            });
            found.extend(near);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn weigh(
    subject: &Subject,
    person: &Person,
    index: &Index,
    base: &Base,
    facts: &[Facts],
    places: &Places,
    rules: &Matching,
) -> Vec<Reason> {
    let report = subject.report;
    let mut reasons = Vec::new();
    let mut add = |factor: &str, left: String, right: String, others: f64, support: &str| {
        if let Some(same) = same_child(factor, &left, &right, rules) {
            reasons.push(Reason {
                factor: factor.into(),
                left,
                right,
                weight_bits: (same / others).log2(),
                support: support.into(),
                measures: vec![("share among others".into(), others)],
            });
        }
    };
    let known = |table: &FxHashMap<String, usize>| table.values().sum::<usize>();
    if !person.name.is_empty() && !subject.names.is_empty() {
        let left = subject.names.join(", ");
        let others = match name_class(&left, &person.name) {
            // One name in several forms: the share of the form used, and of forms like it.
            0 | 1 => base.share(base.names.get(&person.name).copied().unwrap_or(0), known(&base.names)),
            _ => 1.0,
        };
        add("name", left, person.name.clone(), others, "share of persons advertised under this name");
    }
    if let (Some(age), Some(first)) = (person.age, person.first_seen)
        && let Some(true_age) = report.age_at(first)
    {
        let others = base.share(base.ages.get(&age).copied().unwrap_or(0), base.ages.values().sum());
        add(
            "age",
            format!("{true_age} years then"),
            format!("{age} stated"),
            others,
            "share of persons stated to be of this age",
        );
    }
    let within = |sorted: &[f32], value: f32, near: f32, far: f32, other: f32| {
        let count = |reach: f32| {
            sorted.partition_point(|x| *x <= value + reach) - sorted.partition_point(|x| *x < value - reach)
        };
        let difference = (value - other).abs();
        let count = if difference <= near {
            count(near)
        } else if difference <= far {
            count(far) - count(near)
        } else {
            sorted.len() - count(far)
        };
        base.share(count, sorted.len())
    };
    if let (Some(left), Some(right)) = (report.height_cm, person.height_cm) {
        let others = within(&base.heights, left.round(), 4.0, 8.0, right.round());
        add(
            "height",
            format!("{} cm", left.round()),
            format!("{} cm", right.round()),
            others,
            "share of persons of such a height",
        );
    }
    if let (Some(left), Some(right)) = (report.weight_kg, person.weight_kg) {
        let others = within(&base.weights, left.round(), 5.0, 10.0, right.round());
        add(
            "weight",
            format!("{} kg", left.round()),
            format!("{} kg", right.round()),
            others,
            "share of persons of such a weight",
        );
    }
    for (factor, left, right, table) in
        [("hair", &report.hair, &person.hair, &base.hair), ("eyes", &report.eyes, &person.eyes, &base.eyes)]
    {
        if let (Some(left), Some(right)) = (left.as_deref().map(colour), right.clone()) {
            let same = table.get(&left).copied().unwrap_or(0);
            let all = known(table);
            let others = base.share(if left == right { same } else { all - same }, all);
            add(factor, left, right, others, "share of persons of this colour, or of the others");
        }
    }
    if !subject.marks.is_empty() {
        let count = |mark: &String| base.marks.get(mark).copied().unwrap_or(0);
        let shared: Vec<&String> = subject.marks.iter().filter(|mark| person.marks.contains(mark)).collect();
        let marked = base.marks.values().sum::<usize>();
        let others = if let Some(mark) = shared.first() {
            base.share(count(mark), base.persons as usize)
        } else if person.marks.is_empty() {
            base.share((base.persons as usize).saturating_sub(marked), base.persons as usize)
        } else {
            base.share(marked, base.persons as usize)
        };
        let right = if person.marks.is_empty() { "none named".to_owned() } else { person.marks.join(", ") };
        add("marks", subject.marks.join(", "), right, others, "share of persons with such marks named");
    }
    let sought = !subject.own.is_empty() || !subject.companions.is_empty();
    let shown: FxHashSet<&str> = person
        .postings
        .iter()
        .filter(|_| sought)
        .flat_map(|posting| facts[*posting as usize].selectors.iter())
        .filter(|selector| !selector.common)
        .map(
            |selector| {
                if selector.kind == SelectorKind::Handle { bare(&selector.value) } else { &selector.value }
            },
        )
        .collect();
    for (factor, values, elsewhere) in [
        ("own selector", &subject.own, rules.own_elsewhere),
        ("companion's selector", &subject.companions, rules.associate_elsewhere),
    ] {
        if let Some(value) = values.iter().find(|value| shown.contains(bare(value))) {
            let owners = index.holders.get(bare(value)).copied().unwrap_or(1);
            let others = base.share(owners, base.persons as usize) * elsewhere;
            let support = "chance that a stranger shows this very value: owners that show it, times how often numbers are recycled or shared";
            add(factor, value.clone(), value.clone(), others, support);
        }
    }
    let nearest = subject
        .photos
        .iter()
        .flat_map(|photo| person.images.iter().map(move |image| (photo.distance(image), photo, image)))
        .min();
    if let Some((distance, photo, image)) =
        nearest.filter(|(distance, _, _)| *distance <= rules.image_distance)
    {
        let beside = index.images.search(photo, rules.image_distance);
        let owners =
            beside.iter().map(|(at, _)| index.image_person[*at as usize]).collect::<FxHashSet<u32>>().len();
        let support =
            format!("share of persons beside this picture; the hashes differ in {distance} of 256 bits");
        add(
            "photograph",
            photo.to_string(),
            image.to_string(),
            base.share(owners, base.persons as usize) * rules.photo_elsewhere,
            &support,
        );
    }
    if let Some(since) = report.missing_since {
        if let Some(from) = subject.city
            && let Some(km) = persons::nearest_km(places, person, from, since)
        {
            let here = class(km.round(), &rules.distance_km);
            let others = base.share(subject.by_distance[here], subject.by_distance.iter().sum());
            let right = format!("{} km from the nearest sighting", km.round());
            add("place", places.label(from), right, others, "share of persons at such a distance");
        }
        if let Some(first) = person.first_seen {
            let days = first.day() - since.day();
            let here = class(days as f64, &rules.first_seen_days);
            let others = base.share(subject.by_first_day[here], base.first_days.len());
            let right = format!("{days} days later first advertised on {}", first.date());
            add(
                "first seen",
                format!("missing since {}", since.date()),
                right,
                others,
                "share of persons who first appeared in such a time",
            );
        }
    }
    let several =
        if person.owner_postings >= 2 { base.several } else { base.persons as usize - base.several };
    let others = base.share(several, base.persons as usize);
    add(
        "organised",
        "one child".into(),
        format!("{} postings by this owner", person.owner_postings),
        others,
        "share of persons whose owner placed several postings",
    );
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::Description;
    use crate::facts::SelectorFact;
    use homeward_rules::Rules;

    fn nation() -> (Vec<Facts>, Vec<u32>, MissingReport) {
        let charlotte = Places::embedded().find("Charlotte, NC")[0].city;
        let at = |text: &str| Instant::parse(text).unwrap();
        let names = ["emma", "olivia", "zoe", "mia"];
        let facts: Vec<Facts> = (0..400u64)
            .map(|key| Facts {
                key,
                seen_at: Some(at("2019-05-01").plus_days((key % 60) as f64)),
                city: Some(if key == 7 { charlotte } else { CityId((key % 200) as u32) }),
                selectors: vec![SelectorFact {
                    kind: SelectorKind::Phone,
                    value: format!("+1704555{key:04}"),
                    confidence: 0.9,
                    common: false,
                }],
                person: Description {
                    names: vec![names[(key % 4) as usize].into()],
                    age: Some(19 + (key % 10) as u8),
                    ..Description::default()
                },
                ..Facts::default()
            })
            .collect();
        let owner = (0..400).map(|key| key % 200).collect();
        let report = MissingReport {
            id: "M1".into(),
            given_name: "Mia".into(),
            age_when_missing: Some(16),
            missing_since: Some(at("2019-05-01")),
            missing_from: homeward_model::PlaceMention {
                city: Some("Charlotte".into()),
                state: Some("NC".into()),
                ..Default::default()
            },
            ..MissingReport::default()
        };
        (facts, owner, report)
    }

    fn best(report: &MissingReport) -> Option<Match> {
        let (facts, owner, _) = nation();
        let normal = |text: &str| vec![text.to_owned()];
        let rules = &Rules::embedded().matching;
        match_reports(std::slice::from_ref(report), &facts, &owner, &normal, Some(0.125), rules)
            .into_iter()
            .max_by(|a, b| a.probability.total_cmp(&b.probability))
    }

    #[test]
    fn a_known_number_outweighs_weak_facts_and_weak_facts_stay_weak() {
        let (_, _, report) = nation();
        assert!(best(&report).is_none_or(|found| found.probability < 0.5));
        let known = MissingReport { phones: vec!["+17045550007".into()], ..report };
        let found = best(&known).unwrap();
        assert_eq!(found.owner, 7);
        assert!(found.probability > 0.5, "{}", found.probability);
    }

    #[test]
    fn every_weight_can_be_computed_again() {
        let (_, _, report) = nation();
        let found = best(&MissingReport { phones: vec!["+17045550007".into()], ..report }).unwrap();
        for reason in &found.reasons {
            assert_eq!(
                recompute(reason, &Rules::embedded().matching),
                Some(reason.weight_bits),
                "{}",
                reason.factor
            );
        }
        let sum: f64 = found.reasons.iter().map(|reason| reason.weight_bits).sum();
        assert!((sum - found.weight_bits).abs() < 1e-9);
    }

    #[test]
    fn a_located_child_yields_nothing_afterwards() {
        let (_, _, report) = nation();
        let located = MissingReport {
            phones: vec!["+17045550007".into()],
            status: ReportStatus::Located,
            located_at: Instant::parse("2019-05-02"),
            ..report
        };
        assert!(best(&located).is_none());
    }
}
