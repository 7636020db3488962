//! Persons that are known, ready for records that come later: each is weighed against the persons of its block partners as
//! a full resolution would weigh it in its last round, in milliseconds, and then is one of the records itself.
//!
//! What was learned stays as it is; only values are counted on. Known records stay with their persons, unless a judgement
//! says otherwise: what later records tell about them waits for the next full resolution.

use crate::compare::{self, Comparer};
use crate::explain::Explainer;
use crate::groups::{Groups, Judge};
use crate::index::Index;
use crate::judgements::{Bounds, Contradiction, Judgement};
use crate::kind::Kind;
use crate::likeness::{Nicknames, unordered};
use crate::resolve::Pair;
use crate::state::{State, StateError};
use crate::sweeps::{Place, Scale};
use crate::table::{Input, Table, TableError};
use crate::weights::Weights;
use rustc_hash::FxHashSet;

/// Known persons; see [`Ready::take_in`].
pub struct Ready {
    /// Rules and what was learned; the records are in the table.
    state: State,
    table: Table,
    weights: Weights,
    nicknames: Nicknames,
    index: Index,
    groups: Groups,
    confidence: Vec<f32>,
    judgements: Vec<Judgement>,
    /// Ids that judgements name.
    judged: FxHashSet<String>,
    bounds: Bounds,
}

/// What is said of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is of a known person.
    Person,
    /// It is of a person of whom there was no record.
    New,
    /// Neither is sure.
    Undecided,
}

impl Found {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Found::Person => "known person",
            Found::New => "new person",
            Found::Undecided => "undecided",
        }
    }
}

/// Where a record belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its place among the records.
    pub record: u32,
    /// What is said.
    pub found: Found,
    /// The person with whom it stands from now on: where nothing is sure, the likeliest.
    pub person: u32,
    /// Probability that it belongs there: of a new person, that none of the known ones is meant.
    pub probability: f32,
    /// Other known persons and their probabilities, the likeliest first.
    pub others: Vec<(u32, f32)>,
    /// Pairs with records of these persons, from the least probability asked for.
    pub pairs: Vec<Pair>,
}

impl Ready {
    /// Makes ready what was kept.
    pub fn new(mut state: State) -> Result<Ready, StateError> {
        state.check()?;
        let judgements = state.judgements()?;
        let (table, weights) = state.open();
        let nicknames = compare::nicknames(&table);
        let index = Index::new(&table, &state.rules.blocking);
        let person = std::mem::take(&mut state.person);
        let mut members = vec![Vec::new(); person.iter().max().map_or(0, |last| *last as usize + 1)];
        for (record, person) in person.iter().enumerate() {
            members[*person as usize].push(record as u32);
        }
        let confidence = std::mem::take(&mut state.confidence);
        let later = std::mem::take(&mut state.later);
        let judged = judgements.iter().flat_map(|judgement| [&judgement.id_a, &judgement.id_b]).cloned();
        let mut ready = Ready {
            judged: judged.collect(),
            state,
            table,
            weights,
            nicknames,
            index,
            groups: Groups { of: person, members },
            confidence,
            judgements,
            bounds: Bounds::default(),
        };
        for (id, texts) in later {
            let record = ready.push(id, &texts);
            ready.index.push(&ready.table, record);
        }
        ready.bounds = Bounds::new(&ready.table, &ready.judgements);
        Ok(ready)
    }

    /// What is known now, to be kept.
    pub fn state(&self) -> State {
        let early = self.table.early() as u32;
        let later = (early..self.table.len() as u32)
            .map(|record| (self.table.ids[record as usize].clone(), self.table.texts(record)))
            .collect();
        let State { rules, learned, alone, .. } = &self.state;
        State::of_table(&self.table, rules, learned.clone(), *alone)
            .with(self.groups.of.clone(), self.confidence.clone(), later)
            .judged(&self.judgements)
    }

    /// The records.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The columns of records that are compared, and what they hold.
    pub fn columns(&self) -> &[(String, Kind)] {
        &self.state.layout.columns
    }

    /// The records of a person.
    pub fn members(&self, person: u32) -> &[u32] {
        &self.groups.members[person as usize]
    }

    /// The person of a record.
    pub fn person(&self, record: u32) -> u32 {
        self.groups.of[record as usize]
    }

    /// Judgements that cannot all hold.
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.bounds.contradictions
    }

    /// Judgements on records that are not here.
    pub fn absent(&self) -> usize {
        self.bounds.absent
    }

    /// Explains pairs and persons as they stand.
    pub fn explainer(&self) -> Explainer<'_> {
        Explainer::of(self.comparer(), &self.weights)
    }

    fn comparer(&self) -> Comparer<'_> {
        Comparer::of_few(&self.table, &self.nicknames, &self.state.rules.likeness)
    }

    /// Takes further judgements: they hold from now on, for known records too.
    pub fn judge(&mut self, judgements: &[Judgement]) {
        let ids = judgements.iter().flat_map(|judgement| [&judgement.id_a, &judgement.id_b]);
        let touched: Vec<u32> = ids.clone().filter_map(|id| self.table.find(id)).collect();
        self.judged.extend(ids.cloned());
        self.judgements.extend_from_slice(judgements);
        self.bounds = Bounds::new(&self.table, &self.judgements);
        for record in touched {
            self.obey(record);
        }
        self.free_numbers();
    }

    /// Takes records in, in the order of their ids whatever the order of the input, and tells of each where it belongs. Columns
    /// are those of the first resolution, found by name; `threshold` is the least probability of pairs.
    ///
    /// Nothing is taken in when an id stands twice.
    pub fn take_in(
        &mut self,
        input: &Input,
        threshold: f32,
        told: &mut dyn FnMut(&Ready, Answer),
    ) -> Result<(), TableError> {
        let mut order: Vec<usize> = (0..input.ids.len()).collect();
        order.sort_unstable_by_key(|at| &input.ids[*at]);
        let twice =
            order.windows(2).find(|pair| input.ids[pair[0]] == input.ids[pair[1]]).map(|pair| pair[0]);
        if let Some(at) =
            twice.or_else(|| order.iter().copied().find(|at| self.table.find(&input.ids[*at]).is_some()))
        {
            return Err(TableError::Twice(input.ids[at].clone()));
        }
        let texts = self.state.layout.texts(input);
        for at in order {
            let answer = self.answer(input.ids[at].clone(), &texts[at], threshold);
            told(self, answer);
        }
        Ok(())
    }

    fn answer(&mut self, id: String, texts: &[String], threshold: f32) -> Answer {
        let is_judged = self.judged.contains(&id);
        let record = self.push(id, texts);
        let partners = self.index.partners(&self.table, record);
        self.groups.of.push(self.groups.members.len() as u32);
        self.groups.members.push(vec![record]);
        if is_judged {
            self.bounds = Bounds::new(&self.table, &self.judgements);
        }
        let (target, place) = self.place(record, &partners);
        if let Some(person) = target.filter(|_| !self.bounds.holds(record)) {
            self.groups.move_to(record, Some(person));
        }
        self.confidence.push(place.confidence);
        if is_judged {
            self.obey(record);
        }
        self.free_numbers();
        self.told(record, target, place, threshold)
    }

    /// Puts a record into the table and counts its values.
    fn push(&mut self, id: String, texts: &[String]) -> u32 {
        let given = self.table.given;
        let known = given.map_or(0, |given| self.table.list(given).len());
        let record = self.table.push(id, texts, self.state.rules.likeness.rare);
        if let Some(given) = given {
            let list = self.table.columns[given].values;
            for value in known as u32..self.table.values[list].len() as u32 {
                for form in self.table.values[list].forms_of(value) {
                    self.nicknames.insert(unordered(value, form));
                    let features = &mut self.table.values[list].features;
                    (features[value as usize].nicknamed, features[form as usize].nicknamed) = (true, true);
                }
            }
        }
        let (table, index) = (&self.table, &self.index);
        self.weights.count_later(table, record, |pair| index.is_there(table, pair));
        record
    }

    /// Weighs a record against the persons of its partners.
    fn place(&self, record: u32, partners: &[u32]) -> (Option<u32>, Place) {
        let comparer = self.comparer();
        let (rules, prior) = (&self.state.rules.groups, self.weights.prior());
        let mut levels = Vec::new();
        comparer.levels_of(record, partners, &mut levels);
        let mut neighbours: Vec<(u32, f32)> = Vec::new();
        for (other, levels) in partners.iter().zip(&levels) {
            let score = self.weights.score(&comparer, levels, *other, record);
            if score + prior > rules.keep {
                neighbours.push((*other, score as f32));
            }
        }
        if neighbours.is_empty() {
            return (None, Place { confidence: 1.0, alone: 1.0, others: Vec::new() });
        }
        let mut judge = Judge::new(&comparer, &self.weights, 1);
        let scale = Scale { bounds: &self.bounds, rules, alone: self.state.alone };
        let (target, place) = scale.place(&mut judge, &self.groups, record, &neighbours);
        (target.filter(|person| *person != self.groups.of[record as usize]), place)
    }

    /// Makes judgements hold for a record: who is judged the same stands together, and who is judged not the same leaves.
    fn obey(&mut self, record: u32) {
        let chain = self.bounds.chain(record);
        let home = self.groups.of[chain[0] as usize];
        for member in &chain[1..] {
            let other = self.groups.of[*member as usize];
            let home = self.groups.of[chain[0] as usize];
            if other == home {
                continue;
            }
            if self.bounds.forbid(&self.groups, home, other) {
                self.groups.move_to(*member, Some(home));
            } else {
                self.groups.join(home, other);
            }
        }
        if chain.len() > 1 {
            for member in &chain {
                self.confidence[*member as usize] = 1.0;
            }
        }
        for member in &chain {
            let home = self.groups.of[chain[0] as usize];
            let parted: Vec<u32> = self.bounds.parted_from(*member).collect();
            for other in parted {
                self.leave(other, home);
            }
        }
        for person in [home, self.groups.of[chain[0] as usize]] {
            self.groups.members[person as usize].sort_unstable();
        }
    }

    /// Numbers of persons after the last one that has records are given anew.
    fn free_numbers(&mut self) {
        while self.groups.members.last().is_some_and(Vec::is_empty) {
            self.groups.members.pop();
        }
    }

    /// Takes a record that is of a person, and whom it is judged to be one with, out of it.
    fn leave(&mut self, record: u32, home: u32) {
        let mut to = None;
        if self.groups.of[record as usize] != home {
            return;
        }
        for member in self.bounds.chain(record) {
            if self.groups.of[member as usize] == home {
                self.groups.move_to(member, to);
                to = Some(self.groups.of[member as usize]);
                self.confidence[member as usize] = 1.0;
            }
        }
    }

    fn told(&self, record: u32, target: Option<u32>, place: Place, threshold: f32) -> Answer {
        let person = self.person(record);
        let is_held = self.bounds.holds(record);
        let probability = self.confidence[record as usize];
        let is_sure = is_held || f64::from(probability) >= self.state.rules.groups.sure;
        let found = match () {
            () if !is_sure => Found::Undecided,
            () if self.members(person).len() > 1 => Found::Person,
            () => Found::New,
        };
        let mut others = place.others;
        if let Some(target) = target.filter(|target| *target != person) {
            others.push((target, place.confidence));
        }
        let has_members =
            |other: u32| self.groups.members.get(other as usize).is_some_and(|own| !own.is_empty());
        others.retain(|(other, _)| *other != person && has_members(*other));
        others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut pairs: Vec<Pair> = Vec::new();
        for (person, probability) in std::iter::once((person, probability)).chain(others.iter().copied()) {
            for other in self.members(person).iter().filter(|other| **other != record) {
                let probability = probability * self.confidence[*other as usize];
                if probability >= threshold && !self.bounds.parted_from(record).any(|parted| parted == *other)
                {
                    let ids = &self.table.ids;
                    let is_first = ids[record as usize] < ids[*other as usize];
                    let (a, b) = if is_first { (record, *other) } else { (*other, record) };
                    pairs.push(Pair { a, b, probability });
                }
            }
        }
        Answer { record, found, person, probability, others, pairs }
    }
}
