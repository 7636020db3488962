//! What makes candidates of persons: like names, known values, images, nearness, marks and looks.
//!
//! No report is compared with every person. Each way in is bounded by time, so that no common value drowns a report.

use super::persons::Persons;
use super::report::{Key, View, plain};
use crate::facts::Facts;
use crate::pdq_index::PdqIndex;
use homeward_model::{Instant, Pdq, SelectorKind, key64};
use homeward_rules::matching::Matching;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

type ByTime = Vec<(Instant, u32)>;

/// Tables from values to persons and postings.
#[derive(Debug)]
pub struct Index {
    /// Owner label of each posting.
    pub owner: Vec<u32>,
    keys: Vec<u64>,
    /// Keys of selectors with the postings that show them, ascending.
    selectors: Vec<(u64, u32)>,
    /// All images.
    pub images: PdqIndex,
    /// The posting of each image.
    pub image_posting: Vec<u32>,
    hashes: Vec<Pdq>,
    by_name: FxHashMap<u32, ByTime>,
    by_metro: Vec<ByTime>,
    by_mark: FxHashMap<u32, ByTime>,
    by_looks: FxHashMap<(u16, u16), ByTime>,
}

fn key_of((kind, value): &Key) -> u64 {
    key64(format!("{kind}\u{1f}{value}").as_bytes())
}

impl Index {
    /// Builds the tables.
    pub fn new(facts: &[Facts], owner: &[u32], persons: &Persons) -> Index {
        let mut selectors: Vec<(u64, u32)> = Vec::new();
        let (mut hashes, mut image_posting) = (Vec::new(), Vec::new());
        for (at, fact) in facts.iter().enumerate() {
            if persons.of_posting[at].is_empty() {
                continue;
            }
            for selector in fact.selectors.iter().filter(|selector| !selector.common) {
                let kind = match selector.kind {
                    SelectorKind::Phone => "phone",
                    SelectorKind::Email => "email",
                    SelectorKind::Handle => "handle",
                    _ => continue,
                };
                if let Some(value) = plain(kind, &selector.value) {
                    selectors.push((key_of(&(kind, value)), at as u32));
                }
            }
            hashes.extend(&fact.images);
            image_posting.extend(fact.images.iter().map(|_| at as u32));
        }
        selectors.par_sort_unstable();
        selectors.dedup();
        let mut index = Index {
            owner: owner.to_vec(),
            keys: facts.iter().map(|fact| fact.key).collect(),
            selectors,
            images: PdqIndex::new(hashes.as_slice()),
            image_posting,
            hashes,
            by_name: FxHashMap::default(),
            by_metro: vec![ByTime::new(); persons.metros.len()],
            by_mark: FxHashMap::default(),
            by_looks: FxHashMap::default(),
        };
        for (number, person) in persons.list.iter().enumerate() {
            let entry = (person.seen.map_or(Instant(i64::MIN), |seen| seen.0), number as u32);
            for name in &person.names {
                index.by_name.entry(*name).or_default().push(entry);
            }
            let visited = person.visits.iter().map(|(_, metro)| *metro);
            let mut metros: Vec<u32> = visited.chain(person.way.iter().map(|stay| stay.metro)).collect();
            metros.sort_unstable();
            metros.dedup();
            for metro in metros {
                index.by_metro[metro as usize].push(entry);
            }
            for mark in &person.marks {
                index.by_mark.entry(*mark).or_default().push(entry);
            }
            if let (Some(hair), Some(eyes)) = (person.hair, person.eyes) {
                index.by_looks.entry((hair, eyes)).or_default().push(entry);
            }
        }
        let tables = index.by_name.values_mut().chain(&mut index.by_metro);
        for list in tables.chain(index.by_mark.values_mut()).chain(index.by_looks.values_mut()) {
            list.sort_unstable();
        }
        index
    }

    /// Key of a posting.
    pub fn key(&self, posting: u32) -> u64 {
        self.keys.get(posting as usize).copied().unwrap_or(0)
    }

    /// Postings that show a value, ascending.
    pub fn postings_with(&self, value: &Key) -> Vec<u32> {
        let key = key_of(value);
        let from = self.selectors.partition_point(|(other, _)| *other < key);
        self.selectors[from..].iter().take_while(|(other, _)| *other == key).map(|(_, at)| *at).collect()
    }

    /// The hash of an image as text.
    pub fn image_hash(&self, at: u32) -> String {
        self.hashes.get(at as usize).map(Pdq::to_string).unwrap_or_default()
    }

    /// How many owners placed these postings.
    pub fn owners_of(&self, postings: &[u32]) -> f64 {
        let mut owners: Vec<u32> =
            postings.iter().filter_map(|at| self.owner.get(*at as usize)).copied().collect();
        owners.sort_unstable();
        owners.dedup();
        owners.len() as f64
    }

    /// Marks the persons worth comparing with a report.
    pub fn candidates(
        &self,
        view: &View,
        persons: &Persons,
        near: &[u32],
        rules: &Matching,
        found: &mut Marked,
    ) {
        let limits = &rules.limits;
        view.known.keys().for_each(|number| found.mark(*number));
        for owner in view.known_owner.keys() {
            if let Some((start, end)) = persons.of_owner.get(owner) {
                (*start..*end).for_each(|number| found.mark(number));
            }
        }
        let window = |list: &'_ ByTime, days: f64| -> (usize, usize) {
            let Some(missing) = view.missing else { return (0, list.len()) };
            let (from, to) = (missing.plus_days(-rules.time.slack_days), missing.plus_days(days));
            (list.partition_point(|(at, _)| *at < from), list.partition_point(|(at, _)| *at <= to))
        };
        let mut take = |list: Option<&ByTime>, days: Option<f64>| {
            let Some(list) = list else { return };
            let (from, to) = days.map_or((0, list.len()), |days| window(list, days));
            list[from..to.max(from)].iter().for_each(|(_, number)| found.mark(*number));
        };
        for id in view.names.keys() {
            let list = self.by_name.get(id);
            let common = list.is_some_and(|list| list.len() > limits.common_name);
            take(list, common.then_some(limits.near_days));
        }
        // Without a date of disappearance nearness and looks admit everybody, and say nothing.
        if view.missing.is_some() {
            for metro in near {
                take(self.by_metro.get(*metro as usize), Some(limits.near_days));
            }
            for mark in &view.mark_ids {
                take(self.by_mark.get(mark), Some(limits.near_days));
            }
            if let (Some(hair), Some(eyes)) = view.colours {
                take(self.by_looks.get(&(hair, eyes)), Some(limits.anywhere_days));
            }
        }
    }
}

/// A set of persons; its memory is used again for the next report.
#[derive(Debug, Default)]
pub struct Marked(Vec<u64>);

impl Marked {
    /// Makes room for persons below `count`.
    pub fn reserve(&mut self, count: usize) {
        self.0.resize(count.div_ceil(64), 0);
    }

    fn mark(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    /// Hands out the persons, ascending, and is empty afterwards.
    pub fn drain(&mut self, mut each: impl FnMut(u32)) {
        for (at, word) in self.0.iter_mut().enumerate() {
            let mut bits = std::mem::take(word);
            while bits != 0 {
                each(at as u32 * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }
}
