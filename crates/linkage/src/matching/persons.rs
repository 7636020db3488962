//! Persons as advertised: the postings of one owner, put together by the names they use, with what they say of the person.
//!
//! A single posting tells little; the postings of one person together tell most of what a report can be compared with.

use super::grouping::{self, Group};
use super::path::{self, Stay};
use crate::facts::Facts;
use homeward_model::Instant;
use homeward_places::{CityId, Places};
use homeward_rules::matching::Matching;
use rustc_hash::FxHashMap;

/// One person as advertised by one owner.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Owner label: the smallest posting of the owner.
    pub owner: u32,
    /// Indices of the postings, ascending.
    pub postings: Vec<u32>,
    /// Ids of the names used, ascending; empty for what is left when an owner's postings name others.
    pub names: Vec<u32>,
    /// What is left of an owner who advertises others by name: several persons may be mixed.
    pub rest: bool,
    /// Age most often stated.
    pub age: Option<u8>,
    /// Middle height, whole centimetres.
    pub height_cm: Option<u16>,
    /// Middle weight, whole kilograms.
    pub weight_kg: Option<u16>,
    /// Hair colour most often stated.
    pub hair: Option<u16>,
    /// Eye colour most often stated.
    pub eyes: Option<u16>,
    /// Marks stated, ascending ids.
    pub marks: Vec<u32>,
    /// First and last moment seen; none when no posting is dated.
    pub seen: Option<(Instant, Instant)>,
    /// Moments and metropolitan areas (positions in [`Persons::metros`]), by time; repeats of a day are left out.
    pub visits: Vec<(Instant, u32)>,
    /// The owner's way to the first visit, latest stay first; empty when all of it is that visit's place.
    pub way: Vec<Stay>,
    /// Persons that the same owner advertises.
    pub companions: u16,
    /// Postings of the owner.
    pub of_owner: u32,
}

/// Words with small numbers for them.
#[derive(Clone, Debug, Default)]
pub struct Words {
    texts: Vec<String>,
    ids: FxHashMap<String, u32>,
}

impl Words {
    /// The id of a word, new or known.
    pub fn add(&mut self, text: &str) -> u32 {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.ids.insert(text.to_owned(), id);
        id
    }

    /// The id of a known word.
    pub fn get(&self, text: &str) -> Option<u32> {
        self.ids.get(text).copied()
    }

    /// The word of an id; empty for an unknown id.
    pub fn text(&self, id: u32) -> &str {
        self.texts.get(id as usize).map_or("", String::as_str)
    }

    /// All words by id.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// All persons with the tables of their words.
#[derive(Clone, Debug, Default)]
pub struct Persons {
    /// By owner, then by first posting.
    pub list: Vec<Person>,
    /// Given names.
    pub names: Words,
    /// Hair and eye colours.
    pub colours: Words,
    /// Marks.
    pub marks: Words,
    /// Metropolitan areas in which anybody was seen, ascending.
    pub metros: Vec<CityId>,
    /// For each posting, the persons it advertises.
    pub of_posting: Vec<Vec<u32>>,
    /// For each owner label, its range in `list`.
    pub of_owner: FxHashMap<u32, (u32, u32)>,
}

/// Groups postings into persons. `owner[i]` is the owner label of `facts[i]`; postings later than `until` are left out.
pub fn persons(facts: &[Facts], owner: &[u32], places: &Places, rules: &Matching, until: Instant) -> Persons {
    let mut members: Vec<(u32, u32)> = facts
        .iter()
        .zip(owner)
        .enumerate()
        .filter(|(_, (fact, _))| fact.seen_at.is_none_or(|at| at <= until))
        .map(|(at, (_, owner))| (*owner, at as u32))
        .collect();
    members.sort_unstable();
    let mut metros: Vec<CityId> = facts.iter().filter_map(|fact| Some(places.metro(fact.city?))).collect();
    metros.sort_unstable();
    metros.dedup();
    let mut all = Persons { of_posting: vec![Vec::new(); facts.len()], metros, ..Persons::default() };
    for group in members.chunk_by(|a, b| a.0 == b.0) {
        let label = group[0].0;
        let postings: Vec<u32> = group.iter().map(|(_, at)| *at).collect();
        let start = all.list.len() as u32;
        for Group { names, postings, rest } in grouping::persons_of(facts, &postings, rules) {
            let mut person = describe_person(facts, postings, places, &mut all);
            person.names = names.iter().map(|name| all.names.add(name)).collect();
            person.names.sort_unstable();
            person.owner = label;
            person.rest = rest;
            let number = all.list.len() as u32;
            for posting in &person.postings {
                all.of_posting[*posting as usize].push(number);
            }
            all.list.push(person);
        }
        let end = all.list.len() as u32;
        let mut sightings: Vec<(Instant, u32)> =
            postings.iter().filter_map(|at| sighting(&facts[*at as usize], places, &all.metros)).collect();
        sightings.sort_unstable();
        let named = all.list[start as usize..].iter().filter(|person| !person.rest).count() as u16;
        for person in &mut all.list[start as usize..] {
            person.companions = named.max(1);
            person.of_owner = group.len() as u32;
            if let Some(first) = person.visits.first() {
                let upto = sightings.partition_point(|sighting| sighting <= first);
                let others = f64::from(person.companions) - 1.0;
                person.way = path::stays(&sightings[..upto], others, rules);
            }
        }
        all.of_owner.insert(label, (start, end));
    }
    all
}

/// When and where a posting was seen.
fn sighting(fact: &Facts, places: &Places, metros: &[CityId]) -> Option<(Instant, u32)> {
    let metro = metros.binary_search(&places.metro(fact.city?)).ok()?;
    Some((fact.seen_at?, metro as u32))
}

fn describe_person(facts: &[Facts], postings: Vec<u32>, places: &Places, all: &mut Persons) -> Person {
    let each = || postings.iter().map(|at| &facts[*at as usize]);
    // A posting that names several persons does not say whose age and height it gives.
    let single = || each().filter(|fact| fact.person.names.len() <= 1);
    let described = || -> Box<dyn Iterator<Item = &Facts>> {
        if single().next().is_some() { Box::new(single()) } else { Box::new(each()) }
    };
    let mut visits: Vec<(Instant, u32)> =
        each().filter_map(|fact| sighting(fact, places, &all.metros)).collect();
    visits.sort_unstable();
    visits.dedup_by_key(|(at, city)| (at.day(), *city));
    let seen: Vec<Instant> = each().filter_map(|fact| fact.seen_at).collect();
    let hair = most_often(described().filter_map(|fact| fact.person.hair.as_deref()));
    let eyes = most_often(described().filter_map(|fact| fact.person.eyes.as_deref()));
    let mut marks: Vec<u32> =
        described().flat_map(|fact| &fact.person.marks).map(|mark| all.marks.add(mark)).collect();
    marks.sort_unstable();
    marks.dedup();
    Person {
        age: most_often(described().filter_map(|fact| fact.person.age)),
        height_cm: middle(described().filter_map(|fact| fact.person.height_cm)),
        weight_kg: middle(described().filter_map(|fact| fact.person.weight_kg)),
        hair: hair.map(|word| all.colours.add(word) as u16),
        eyes: eyes.map(|word| all.colours.add(word) as u16),
        marks,
        seen: seen.iter().min().copied().zip(seen.iter().max().copied()),
        visits,
        postings,
        ..Person::default()
    }
}

fn most_often<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let mut best: Option<(usize, T)> = None;
    for same in values.chunk_by(|a, b| a == b) {
        if best.is_none_or(|(count, _)| same.len() > count) {
            best = Some((same.len(), same[0]));
        }
    }
    best.map(|(_, value)| value)
}

fn middle(values: impl Iterator<Item = f32>) -> Option<u16> {
    let mut values: Vec<u16> = values.filter(|v| v.is_finite()).map(|v| v.round() as u16).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
