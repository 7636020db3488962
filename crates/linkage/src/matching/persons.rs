//! Persons as networks advertise them: the postings of one owner under one name.

use crate::facts::Facts;
use homeward_model::{Instant, Pdq};
use homeward_places::{CityId, Places};
use rustc_hash::FxHashMap;

/// Someone advertised by one owner under one name.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Owner, named by the smallest posting.
    pub owner: u32,
    /// Postings of the owner altogether.
    pub owner_postings: usize,
    /// Postings that advertise this person.
    pub postings: Vec<u32>,
    /// Name used, lower case; empty when the postings give none.
    pub name: String,
    /// Age most often stated.
    pub age: Option<u8>,
    /// Median height in centimetres.
    pub height_cm: Option<f32>,
    /// Median weight in kilograms.
    pub weight_kg: Option<f32>,
    /// Hair colour most often named.
    pub hair: Option<String>,
    /// Eye colour most often named.
    pub eyes: Option<String>,
    /// Marks named.
    pub marks: Vec<String>,
    /// Pictures.
    pub images: Vec<Pdq>,
    /// Where and when seen, by time.
    pub seen: Vec<(Instant, CityId)>,
    /// First posting.
    pub first_seen: Option<Instant>,
    /// Last posting.
    pub last_seen: Option<Instant>,
}

/// Groups postings into persons, in the order of their owners and names.
pub fn persons(facts: &[Facts], owner: &[u32]) -> Vec<Person> {
    let mut owners: FxHashMap<u32, usize> = FxHashMap::default();
    let mut groups: FxHashMap<(u32, &str), Vec<u32>> = FxHashMap::default();
    for (at, (facts, owner)) in facts.iter().zip(owner).enumerate() {
        *owners.entry(*owner).or_default() += 1;
        let name = facts.person.names.first().map_or("", String::as_str);
        groups.entry((*owner, name)).or_default().push(at as u32);
    }
    let mut groups: Vec<((u32, &str), Vec<u32>)> = groups.into_iter().collect();
    groups.sort_unstable();
    groups
        .into_iter()
        .map(|((owner, name), postings)| person(facts, owner, owners[&owner], name, postings))
        .collect()
}

fn person(facts: &[Facts], owner: u32, owner_postings: usize, name: &str, postings: Vec<u32>) -> Person {
    let each = || postings.iter().map(|at| &facts[*at as usize]);
    let mut marks: Vec<String> = each().flat_map(|facts| facts.person.marks.iter().cloned()).collect();
    marks.sort();
    marks.dedup();
    let mut images: Vec<Pdq> = each().flat_map(|facts| facts.images.iter().copied()).collect();
    images.sort();
    images.dedup();
    let mut seen: Vec<(Instant, CityId)> =
        each().filter_map(|facts| Some((facts.seen_at?, facts.city?))).collect();
    seen.sort_unstable();
    let moments = || each().filter_map(|facts| facts.seen_at);
    Person {
        owner,
        owner_postings,
        name: name.to_owned(),
        age: commonest(each().filter_map(|facts| facts.person.age)),
        height_cm: median(each().filter_map(|facts| facts.person.height_cm)),
        weight_kg: median(each().filter_map(|facts| facts.person.weight_kg)),
        hair: commonest(each().filter_map(|facts| facts.person.hair.clone())),
        eyes: commonest(each().filter_map(|facts| facts.person.eyes.clone())),
        marks,
        images,
        seen,
        first_seen: moments().min(),
        last_seen: moments().max(),
        postings,
    }
}

fn commonest<T: Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut sorted: Vec<T> = values.collect();
    sorted.sort();
    let mut best: Option<(usize, T)> = None;
    let mut values = sorted.into_iter().peekable();
    while let Some(value) = values.next() {
        let mut count = 1;
        while values.next_if_eq(&value).is_some() {
            count += 1;
        }
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            best = Some((count, value));
        }
    }
    best.map(|(_, value)| value)
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut sorted: Vec<f32> = values.collect();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// Kilometres from a city to the nearest place where a person was seen from a moment on.
pub fn nearest_km(places: &Places, person: &Person, from: CityId, since: Instant) -> Option<f64> {
    let after = person.seen.partition_point(|(at, _)| *at < since);
    let mut cities: Vec<CityId> = person.seen[after..].iter().map(|(_, city)| *city).collect();
    cities.dedup();
    cities.into_iter().map(|city| places.distance_km_between(from, city)).min_by(f64::total_cmp)
}
