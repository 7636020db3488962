//! Matching missing reports to networks and the persons advertised in them.
//!
//! Postings of one owner are grouped into persons (`persons`); a report is compared with the persons that share anything
//! with it (`index`); each factor adds bits (`factors`); and the best person of each owner is the candidate of that
//! owner. Probabilities are taken over all candidates and "none of these", and calibrated. Left out: judgements (the caller
//! drops rejected pairs) and everything that race or ethnicity could say.

mod base_rates;
pub mod factors;
mod index;
pub mod persons;
mod report;
mod weigh;

use crate::facts::Facts;
use base_rates::{BaseRates, From};
use homeward_model::{Instant, MissingReport, Reason, ReportStatus};
use homeward_places::{CityId, Places};
use homeward_rules::Rules;
use index::{Index, Marked};
use persons::Persons;
use rayon::prelude::*;
use report::View;
use rustc_hash::FxHashMap;
use weigh::{Rows, Tables, Weigher};

pub use factors::recompute;
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

/// All candidates with the share of children present that was used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    /// By report, then by falling probability, then by key of the network.
    pub list: Vec<Match>,
    /// Share of reported children present in the data, as given or estimated.
    pub prior: f64,
}

/// One owner, by the best of its persons.
struct Candidate {
    person: u32,
    /// Weight of the comparison with that person.
    weight: f64,
    /// Likelihood ratios of the owner's other persons, in parts of the best one's.
    others: f64,
}

impl Candidate {
    /// Likelihood ratio of the child being any of the owner's persons.
    fn ratio(&self) -> f64 {
        self.weight.exp2() * (1.0 + self.others)
    }
}

/// Candidates of one report.
struct Scored<'a> {
    report: u32,
    /// The report, made ready.
    view: View<'a>,
    /// The best candidates, by falling likelihood ratio.
    best: Vec<Candidate>,
    /// Sum of the likelihood ratios over owners.
    ratios: f64,
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
    places: &Places,
    rules: &Rules,
    options: MatchOptions,
) -> Matches {
    let persons = persons::persons(facts, owner, places, options.as_of);
    let rates = BaseRates::count(&persons, &rules.matching);
    let with_photos = reports.iter().any(|report| !report.photos.is_empty());
    let index = Index::new(facts, owner, &persons, reports, with_photos);
    let origins: Vec<Option<CityId>> = reports
        .iter()
        .map(|report| places.resolve(&report.missing_from).map(|city| places.metro(city)))
        .collect();
    let surroundings = surroundings(&origins, &rates, &persons, places, rules);
    let around = |at: usize| origins[at].and_then(|city| Some((city, surroundings.get(&city)?)));
    let view = |at: usize| {
        let from = around(at).map(|(city, (from, _))| (city, from));
        View::new(&reports[at], from, &persons, &index, &rates, rules, options.as_of)
    };
    let open: Vec<usize> = (0..reports.len()).filter(|at| is_open(&reports[*at], options.as_of)).collect();
    let rows = Rows::new(&persons, &rates, &rules.matching);
    let keep = options.top.max(COUNTED);
    let scored: Vec<Scored<'_>> = open
        .par_iter()
        .map_init(Scratch::default, |scratch, at| {
            let view = view(*at);
            let near = around(*at).map_or(&[][..], |(_, (_, near))| near.as_slice());
            scratch.marked.reserve(persons.list.len());
            index.candidates(&view, &persons, near, &rules.matching, &mut scratch.marked);
            let weigher = Weigher::new(&view, &mut scratch.tables, &rows, &persons);
            let Best { list, ratios, .. } = best_of_owners(&mut scratch.marked, &weigher, &rows, keep);
            Scored { report: *at as u32, view, best: list, ratios }
        })
        .collect();
    let prior = options.prior.unwrap_or_else(|| estimate(&scored, rates.persons, rules));
    let prior = prior.clamp(rules.matching.prior.least, rules.matching.prior.most);
    let mut list: Vec<Match> = scored
        .par_iter()
        .flat_map_iter(|scored| explain(scored, &persons, places, rules, prior, rates.persons, options.top))
        .collect();
    for found in &mut list {
        found.network =
            persons.of_owner.get(&found.owner).is_some_and(|range| postings_of(&persons, *range) > 1);
    }
    list.sort_by(|a, b| {
        let key = |found: &Match| facts.get(found.owner as usize).map_or(0, |fact| fact.key);
        a.report.cmp(&b.report).then(b.weight_bits.total_cmp(&a.weight_bits)).then(key(a).cmp(&key(b)))
    });
    Matches { list, prior }
}

fn postings_of(persons: &Persons, (start, end): (u32, u32)) -> usize {
    let mut all: Vec<u32> = persons.list[start as usize..end as usize]
        .iter()
        .flat_map(|person| &person.postings)
        .copied()
        .collect();
    all.sort_unstable();
    all.dedup();
    all.len()
}

/// For each place where a child was last seen: distances and rates from there, and the metropolitan areas near it.
type Surroundings = FxHashMap<CityId, (From, Vec<u32>)>;

fn surroundings(
    origins: &[Option<CityId>],
    rates: &BaseRates,
    persons: &Persons,
    places: &Places,
    rules: &Rules,
) -> Surroundings {
    let mut cities: Vec<CityId> = origins.iter().flatten().copied().collect();
    cities.sort_unstable();
    cities.dedup();
    cities
        .into_par_iter()
        .map(|city| {
            let from = rates.from(city, &persons.metros, places, &rules.matching);
            let near = (0..from.distance.len() as u32)
                .filter(|metro| from.distance[*metro as usize].0 <= rules.matching.limits.near_km)
                .collect();
            (city, (from, near))
        })
        .collect()
}

/// Memory of one thread, used again for each report.
#[derive(Default)]
struct Scratch {
    marked: Marked,
    tables: Tables,
}

/// Weighs the marked persons. They stand by owner and come in ascending order: sums are always in one order.
fn best_of_owners(marked: &mut Marked, weigher: &Weigher, rows: &Rows, keep: usize) -> Best {
    let mut best = Best { list: Vec::new(), keep, least: 0.0, ratios: 0.0 };
    let mut group: Vec<(u32, f64)> = Vec::new();
    let mut owner = u32::MAX;
    marked.drain(|number| {
        if rows.owner(number) != owner {
            best.take(&group);
            group.clear();
            owner = rows.owner(number);
        }
        group.push((number, weigher.weigh(number)));
    });
    best.take(&group);
    best.cut();
    best
}

/// The best candidates so far.
struct Best {
    list: Vec<Candidate>,
    keep: usize,
    /// Likelihood ratio of the last that would be kept.
    least: f64,
    ratios: f64,
}

impl Best {
    /// Takes the persons of one owner.
    fn take(&mut self, group: &[(u32, f64)]) {
        let Some(first) = group.first() else { return };
        let (person, weight) =
            group[1..].iter().fold(*first, |best, next| if next.1 > best.1 { *next } else { best });
        let all: f64 = group.iter().map(|(_, other)| (other - weight).exp2()).sum();
        let candidate = Candidate { person, weight, others: (all - 1.0).max(0.0) };
        let ratio = candidate.ratio();
        self.ratios += ratio;
        if self.list.len() < self.keep || ratio > self.least {
            self.list.push(candidate);
            if self.list.len() >= 4 * self.keep {
                self.cut();
            }
        }
    }

    fn cut(&mut self) {
        self.list.sort_by(|a, b| b.ratio().total_cmp(&a.ratio()).then(a.person.cmp(&b.person)));
        self.list.truncate(self.keep);
        if self.list.len() == self.keep {
            self.least = self.list.last().map_or(0.0, Candidate::ratio);
        }
    }
}

/// Candidates of one report that count in the estimate of the share present; the rest are too unlikely to matter.
const COUNTED: usize = 8;

/// The share of children present at which the stated probabilities add up to it: expectation and maximisation over the
/// calibrated model, rounded to a power of two so that a batch seldom moves it.
fn estimate(scored: &[Scored<'_>], persons: f64, rules: &Rules) -> f64 {
    let bounds = &rules.matching.prior;
    let mut share = bounds.start;
    if scored.is_empty() {
        return share;
    }
    for _ in 0..bounds.rounds {
        let before = factors::prior(share, persons);
        let present: f64 = scored
            .iter()
            .map(|scored| {
                let each = scored.best.iter().take(COUNTED).map(|candidate| {
                    let rivals = factors::rivals(rivals(scored, candidate, before), &rules.matching);
                    let network = factors::network(candidate.others);
                    factors::probability(before + candidate.weight + network + rivals, rules)
                });
                each.sum::<f64>().min(1.0)
            })
            .sum();
        share = (present / scored.len() as f64).clamp(bounds.least, bounds.most);
    }
    factors::quantise(share, bounds.least)
}

/// Odds that the child is with any other candidate.
fn rivals(scored: &Scored, candidate: &Candidate, before: f64) -> f64 {
    (scored.ratios - candidate.ratio()).max(0.0) * before.exp2()
}

fn explain(
    scored: &Scored,
    persons: &Persons,
    places: &Places,
    rules: &Rules,
    prior: f64,
    count: f64,
    top: usize,
) -> Vec<Match> {
    let before = factors::prior(prior, count);
    let own = |factor: &str, left: String, right: String, weight_bits, measures: &[(&str, f64)]| Reason {
        factor: factor.to_owned(),
        left,
        right,
        weight_bits,
        support: factors::support(factor).to_owned(),
        measures: measures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
    };
    let mut found = Vec::new();
    for candidate in scored.best.iter().take(top) {
        let person = &persons.list[candidate.person as usize];
        let network = factors::network(candidate.others);
        let odds = rivals(scored, candidate, before);
        let rivals = factors::rivals(odds, &rules.matching);
        if before + candidate.weight + network + rivals < rules.matching.limits.least_bits {
            break;
        }
        let mut reasons = vec![own(
            "prior",
            String::new(),
            String::new(),
            before,
            &[("share_present", prior), ("persons", count)],
        )];
        scored.view.compare(candidate.person, person, persons, places, &mut reasons);
        debug_assert_eq!(reasons[1..].iter().map(|reason| reason.weight_bits).sum::<f64>(), candidate.weight);
        if network > 0.0 {
            let others = format!("{} persons advertised by one owner", person.companions);
            reasons.push(own("network", String::new(), others, network, &[("others", candidate.others)]));
        }
        reasons.push(own("rivals", String::new(), String::new(), rivals, &[("odds", odds)]));
        let weight_bits: f64 = reasons.iter().map(|reason| reason.weight_bits).sum();
        found.push(Match {
            report: scored.report,
            owner: person.owner,
            network: false,
            postings: person.postings.clone(),
            probability: factors::probability(weight_bits, rules),
            weight_bits,
            reasons,
        });
    }
    found
}

#[cfg(test)]
mod tests;
