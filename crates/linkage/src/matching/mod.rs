//! Matching missing reports to networks and the persons advertised in them.
//!
//! Postings of one owner are grouped into persons (`grouping`, `persons`); reports are made ready (`batch`) and compared with
//! the persons that share anything with them (`index`); each factor adds bits (`factors`), and the best person of each owner
//! is the candidate of that owner (`best`, `round`). How children are advertised is learned from those whom known numbers and
//! photographs find (`learn`), how strangers are from all (`base_rates`). Probabilities are taken over all candidates and "none
//! of these". What others tell of a child comes last (`kin`). Left out: judgements (the caller drops rejected pairs) and
//! everything that race or ethnicity could say.

mod base_rates;
mod batch;
mod best;
pub mod factors;
mod grouping;
mod index;
mod kin;
mod learn;
mod path;
pub mod persons;
mod report;
mod round;
pub mod shares;
mod weigh;

use crate::facts::Facts;
use batch::Batch;
use homeward_model::{Instant, MissingReport, Reason, ReportStatus, key64};
use homeward_places::Places;
use homeward_rules::Rules;
use homeward_rules::matching::Matching;
use index::Index;
use persons::Persons;
use rayon::prelude::*;
use round::{Round, Scored};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub use factors::recompute;
pub use kin::Others;
pub use report::known_values;

/// PDQ's own rule: a hash of quality 49 or less is no evidence.
pub const LEAST_IMAGE_QUALITY: u8 = 50;

/// Marks compared for one person; a longer list comes from a mixture of persons.
const MOST_MARKS: usize = 4;

/// What the caller decides.
#[derive(Clone, Copy, Debug)]
pub struct MatchOptions {
    /// Now: later postings are not known yet.
    pub as_of: Instant,
    /// Share of reported children present in the data; estimated from the data when not given.
    pub prior: Option<f64>,
    /// Candidates kept for each report.
    pub top: usize,
}

/// One candidate for one report.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Index of the report.
    pub report: u32,
    /// Owner label: the smallest posting of the network.
    pub owner: u32,
    /// The owner has two postings or more.
    pub network: bool,
    /// Postings that advertise the person who may be the child, ascending.
    pub postings: Vec<u32>,
    /// Calibrated probability that this owner advertises the child.
    pub probability: f64,
    /// Sum of the weights of all reasons, prior included, in bits.
    pub weight_bits: f64,
    /// Why, the prior first.
    pub reasons: Vec<Reason>,
}

/// All candidates with what was learned on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Matches {
    /// By report, then by falling probability, then by key of the network.
    pub list: Vec<Match>,
    /// What was learned from the data.
    pub learned: Learned,
}

/// What many reports together teach: with it, one report alone is answered as it is among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// The shares in force.
    pub shares: Matching,
    /// Share of reported children present in the data, as given or estimated.
    pub share_present: f64,
    /// Given names that tell the sex: true for girls'.
    pub girls: BTreeMap<String, bool>,
    /// By person, the reports whose child it may be.
    pub claims: BTreeMap<u32, Vec<Claim>>,
    /// What reports tell of each other's children.
    pub others: Others,
}

/// A child found with an owner, as a person confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Find {
    /// Index of the report.
    pub report: u32,
    /// Owner label.
    pub owner: u32,
    /// The child was recovered there: the same report, open again, is of a child who is missing again.
    pub recovered: bool,
}

/// What people found out about the reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// Finds that they confirmed.
    pub finds: &'a [Find],
    /// Reports that may be of one child, by index, with the probability.
    pub one_child: &'a [(u32, u32, f64)],
}

/// That a person may be the child of a report. Names are kept as keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    report: String,
    odds: f64,
    /// Keys of given and family name, and of given name and day of birth.
    child: [Option<u64>; 2],
}

impl Claim {
    fn of(report: &MissingReport, odds: f64) -> Claim {
        let given = report.given_name.split_whitespace().next().unwrap_or_default().to_lowercase();
        let with = |other: String| key64(format!("{given}\u{1f}{other}").as_bytes());
        let family = report.family_name.trim().to_lowercase();
        let family = (!family.is_empty()).then(|| with(family));
        let birth = report.date_of_birth.map(|birth| with(birth.date()));
        Claim { report: report.id.clone(), odds, child: [family, birth] }
    }

    /// Two reports of one child both have a right to the person.
    fn may_be_one_child_with(&self, other: &Claim) -> bool {
        let same = self.child.iter().zip(&other.child).any(|(a, b)| a.is_some() && a == b);
        same || self.report == other.report
    }
}

/// Whether findings may still be made for a report: it is open, or was located only after `as_of`.
pub fn is_open(report: &MissingReport, as_of: Instant) -> bool {
    report.status == ReportStatus::Missing || report.located_at.is_some_and(|at| as_of < at)
}

/// Matches reports to owners. `facts` are sorted by key; `owner[i]` is the smallest index of the owner of `facts[i]`.
pub fn match_reports(
    facts: &[Facts],
    owner: &[u32],
    reports: &[MissingReport],
    places: &'static Places,
    told: Told,
    rules: &Rules,
    options: MatchOptions,
) -> Matches {
    let matcher = Matcher::new(facts, owner, places, &rules.matching, options.as_of);
    matcher.match_all(reports, told, &rules.matching, options)
}

/// The persons advertised, with the tables in which reports find them. It serves any number of reports.
#[derive(Debug)]
pub struct Matcher {
    persons: Persons,
    index: Index,
    places: &'static Places,
    as_of: Instant,
}

/// A [`Matcher`] with the shares in force: it answers one report in milliseconds.
#[derive(Debug)]
pub struct Ready {
    matcher: Matcher,
    round: Round,
    learned: Learned,
}

impl Matcher {
    /// Groups postings into persons and makes the tables; see [`match_reports`].
    pub fn new(
        facts: &[Facts],
        owner: &[u32],
        places: &'static Places,
        table: &Matching,
        as_of: Instant,
    ) -> Matcher {
        let persons = persons::persons(facts, owner, places, table, as_of);
        let index = Index::new(facts, owner, &persons);
        Matcher { persons, index, places, as_of }
    }

    /// Matches reports, learning from all of them how children are advertised; `table` says what is believed before.
    pub fn match_all(
        &self,
        reports: &[MissingReport],
        told: Told,
        table: &Matching,
        options: MatchOptions,
    ) -> Matches {
        let mut open: Vec<usize> =
            (0..reports.len()).filter(|at| is_open(&reports[*at], self.as_of)).collect();
        // What is learned does not depend on the order of the reports.
        open.sort_by(|a, b| reports[*a].id.cmp(&reports[*b].id));
        let batch = Batch::new(self, reports, &open, table);
        let girls = base_rates::girls(reports, &table.sex);
        let table = &self.of_few(table);

        let mut sample = open.clone();
        sample.sort_by_key(|at| key64(reports[*at].id.as_bytes()));
        sample.truncate(table.learning.sample);
        let first = Round::new(self, table.clone(), &girls);
        let around = first.surroundings(self, &batch);
        let share =
            options.prior.unwrap_or_else(|| first.share(&first.score(self, &batch, &around, &sample, 1)));
        let shares = learn::learn(&first.anchors(self, &batch, &around, &open), table, share);
        drop((first, around));

        let round = Round::new(self, shares, &girls);
        let around = round.surroundings(self, &batch);
        let scored = round.score(self, &batch, &around, &open, options.top);
        let share = options.prior.unwrap_or_else(|| round.share(&scored));
        let share_present = share.clamp(table.prior.least, table.prior.most);
        let claims = round.claims(&batch, &scored, share_present);
        let others = Others::of_finds(&batch, told.finds, told.one_child);
        let mut learned = Learned { shares: round.table.clone(), share_present, girls, claims, others };
        learned.others = round.kin(self, &batch, &scored, &learned);
        // Of whom others tell, candidates are looked for deeper.
        let (deeper, known): (Vec<usize>, Vec<usize>) =
            open.iter().partition(|at| !round.told(&batch, **at, &learned).is_empty());
        let known: BTreeSet<usize> = known.into_iter().collect();
        let again = round.score(self, &batch, &around, &deeper, kin::DEEPER.max(options.top));
        let first = scored.iter().filter(|scored| known.contains(&(scored.report as usize)));
        let scored: Vec<&Scored> = first.chain(&again).collect();
        let mut list: Vec<Match> = scored
            .par_iter()
            .flat_map_iter(|scored| round.explain(self, &batch, scored, &learned, options.top))
            .collect();
        list.sort_by(|a, b| {
            let key = |found: &Match| self.index.key(found.owner);
            a.report.cmp(&b.report).then(b.weight_bits.total_cmp(&a.weight_bits)).then(key(a).cmp(&key(b)))
        });
        Matches { list, learned }
    }

    /// The table for as many persons as there are: with few of them a known value seldom stands with somebody else.
    fn of_few(&self, table: &Matching) -> Matching {
        let mut table = table.clone();
        let part = (self.persons.list.len() as f64 / table.strangers.full).min(1.0);
        for known in [&mut table.selector, &mut table.associate, &mut table.photo.known] {
            known.chance *= part;
        }
        table
    }

    /// With what was learned from many reports, ready for one at a time.
    pub fn ready(self, learned: Learned) -> Ready {
        let round = Round::new(&self, learned.shares.clone(), &learned.girls);
        Ready { matcher: self, round, learned }
    }
}

impl Ready {
    /// The candidates for one report, best first; the indices of [`Match::report`] are 0.
    pub fn match_report(&self, report: &MissingReport, top: usize) -> Vec<Match> {
        let Ready { matcher, round, learned } = self;
        if !is_open(report, matcher.as_of) {
            return Vec::new();
        }
        let batch = Batch::new(matcher, std::slice::from_ref(report), &[0], &round.table);
        let around = round.surroundings(matcher, &batch);
        let told = !round.told(&batch, 0, learned).is_empty();
        let scored =
            round.score(matcher, &batch, &around, &[0], if told { kin::DEEPER.max(top) } else { top });
        let mut list: Vec<Match> =
            scored.iter().flat_map(|scored| round.explain(matcher, &batch, scored, learned, top)).collect();
        list.sort_by(|a, b| {
            let key = |found: &Match| matcher.index.key(found.owner);
            b.weight_bits.total_cmp(&a.weight_bits).then(key(a).cmp(&key(b)))
        });
        list
    }
}

#[cfg(test)]
mod tests;
