//! Matching missing reports to networks and the persons advertised in them.
//!
//! Postings of one owner are grouped into persons (`persons`); a report is compared with the persons that share anything
//! with it (`index`); each factor adds bits (`factors`); and the best person of each owner is the candidate of that
//! owner. Probabilities are taken over all candidates and "none of these", and calibrated. Left out: judgements (the caller
//! drops rejected pairs) and everything that race or ethnicity could say.

mod base_rates;
pub mod factors;
mod grouping;
mod index;
mod learn;
pub mod persons;
mod report;
mod weigh;

use crate::facts::Facts;
use base_rates::{BaseRates, From};
use homeward_model::{Instant, MissingReport, Reason, ReportStatus, key64};
use homeward_places::{CityId, Places};
use homeward_rules::Rules;
use homeward_rules::matching::Matching;
use index::{Index, Marked};
use learn::{Anchor, Pointed};
use persons::Persons;
use rayon::prelude::*;
use report::{Found, View};
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

/// Reports from which the share present is estimated before anything is learned.
const SAMPLE: usize = 2_000;

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
    let with_photos = reports.iter().any(|report| !report.photos.is_empty());
    let index = Index::new(facts, owner, &persons, reports, with_photos);
    let mut open: Vec<usize> =
        (0..reports.len()).filter(|at| is_open(&reports[*at], options.as_of)).collect();
    // What is learned does not depend on the order of the reports.
    open.sort_by(|a, b| reports[*a].id.cmp(&reports[*b].id));
    let mut found: Vec<Vec<Found>> = vec![Vec::new(); reports.len()];
    let known: Vec<Vec<Found>> =
        open.par_iter().map(|at| report::find_known(&reports[*at], &index, &rules.matching)).collect();
    for (at, known) in open.iter().zip(known) {
        found[*at] = known;
    }
    let origins: Vec<Option<CityId>> = reports
        .iter()
        .map(|report| places.resolve(&report.missing_from).map(|city| places.metro(city)))
        .collect();
    let data = Data { persons, index, reports, origins, found, places, as_of: options.as_of };

    let mut sample = open.clone();
    sample.sort_by_key(|at| key64(reports[*at].id.as_bytes()));
    sample.truncate(SAMPLE);
    let first = Round::new(&data, rules.matching.clone());
    let share = options.prior.unwrap_or_else(|| first.share(&first.score(&data, &sample, 1)));
    let anchors = first.anchors(&data, &open);
    let table = learn::learn(&anchors, &first.table, share);
    drop(first);
    if std::env::var("MT").is_ok() {
        eprintln!("share {share} anchors {} {table:#?}", anchors.len());
    }
    let round = Round::new(&data, table);
    let scored = round.score(&data, &open, options.top);
    let prior = options.prior.unwrap_or_else(|| round.share(&scored));
    let bounds = &rules.matching.prior;
    let prior = prior.clamp(bounds.least, bounds.most);
    let claimed = round.claimed(&data, &scored, prior);
    let mut list: Vec<Match> = scored
        .par_iter()
        .zip(&claimed)
        .flat_map_iter(|(scored, claimed)| round.explain(&data, scored, claimed, prior, options.top))
        .collect();
    let persons = &data.persons;
    for found in &mut list {
        found.network =
            persons.of_owner.get(&found.owner).is_some_and(|range| postings_of(persons, *range) > 1);
    }
    list.sort_by(|a, b| {
        let key = |found: &Match| facts.get(found.owner as usize).map_or(0, |fact| fact.key);
        a.report.cmp(&b.report).then(b.weight_bits.total_cmp(&a.weight_bits)).then(key(a).cmp(&key(b)))
    });
    Matches { list, prior }
}

/// What does not depend on any share.
struct Data<'a> {
    persons: Persons,
    index: Index<'a>,
    reports: &'a [MissingReport],
    /// Metropolitan area in which each child was last seen.
    origins: Vec<Option<CityId>>,
    /// Known values of each report that stand in the data.
    found: Vec<Vec<Found>>,
    places: &'a Places,
    as_of: Instant,
}

/// One set of shares with everything that is computed from it.
struct Round {
    table: Matching,
    rates: BaseRates,
    surroundings: Surroundings,
    rows: Rows,
}

impl Round {
    fn new(data: &Data, table: Matching) -> Round {
        let rates = BaseRates::count(&data.persons, data.reports, &table);
        let surroundings = surroundings(&data.origins, &rates, &data.persons, data.places, &table);
        let rows = Rows::new(&data.persons, &rates, &table);
        Round { table, rates, surroundings, rows }
    }

    fn around(&self, data: &Data, at: usize) -> Option<(CityId, &(From, Vec<u32>))> {
        let city = data.origins[at]?;
        Some((city, self.surroundings.get(&city)?))
    }

    fn view<'a>(&'a self, data: &'a Data, at: usize) -> View<'a> {
        let from = self.around(data, at).map(|(city, (from, _))| (city, from));
        let Data { persons, index, reports, found, .. } = data;
        View::new(&reports[at], &found[at], from, persons, index, &self.rates, &self.table, data.as_of)
    }

    /// The candidates of these reports, in their order.
    fn score<'a>(&'a self, data: &'a Data, reports: &[usize], top: usize) -> Vec<Scored<'a>> {
        let Data { persons, index, .. } = data;
        let keep = top.max(COUNTED);
        reports
            .par_iter()
            .map_init(Scratch::default, |scratch, at| {
                let view = self.view(data, *at);
                let near = self.around(data, *at).map_or(&[][..], |(_, (_, near))| near.as_slice());
                scratch.marked.reserve(persons.list.len());
                index.candidates(&view, persons, near, &self.table, &mut scratch.marked);
                let weigher = Weigher::new(&view, &mut scratch.tables, &self.rows, persons);
                let Best { list, ratios, .. } =
                    best_of_owners(&mut scratch.marked, &weigher, &self.rows, keep);
                Scored { report: *at as u32, view, best: list, ratios }
            })
            .collect()
    }

    /// The reports whose known values point to an owner, with all that is said of the owner's persons.
    fn anchors(&self, data: &Data, reports: &[usize]) -> Vec<Anchor> {
        let known: Vec<usize> = reports.iter().copied().filter(|at| !data.found[*at].is_empty()).collect();
        let persons = &data.persons;
        known
            .par_iter()
            .flat_map_iter(|at| {
                let view = self.view(data, *at);
                let mut owners: Vec<u32> = view.known_owner.keys().copied().collect();
                owners.sort_unstable();
                let anchor = |owner: u32| {
                    let (start, end) = *persons.of_owner.get(&owner)?;
                    let few = (end - start) as usize <= self.table.learning.most_persons;
                    let (hit, ..) = view.known_hits(start, owner).next()?;
                    let (factor, owners) = (hit.factor, hit.owners);
                    let pointed = |number: u32| {
                        let mut reasons = Vec::new();
                        let person = &persons.list[number as usize];
                        view.compare(number, person, persons, data.places, &mut reasons);
                        let sightings = view.around(person).map(|around| around.rates.as_slice());
                        let fact = |reason| learn::Fact::of(reason, sightings);
                        Pointed {
                            elsewhere: view.known_hits(number, owner).all(|(_, elsewhere, _)| elsewhere),
                            facts: reasons.iter().filter_map(fact).collect(),
                        }
                    };
                    few.then(|| Anchor { factor, owners, persons: (start..end).map(pointed).collect() })
                };
                owners.into_iter().filter_map(anchor).collect::<Vec<Anchor>>()
            })
            .collect()
    }

    /// The share of children present at which the stated probabilities add up to it: expectation and maximisation over the
    /// calibrated model, in steps of a quarter power of two so that a batch seldom moves it.
    fn share(&self, scored: &[Scored<'_>]) -> f64 {
        let bounds = &self.table.prior;
        let mut share = bounds.start;
        if scored.is_empty() {
            return share;
        }
        for _ in 0..bounds.rounds {
            let before = factors::prior(share, self.rates.persons);
            let present: f64 = scored
                .iter()
                .map(|scored| {
                    let each = scored.best.iter().take(COUNTED).map(|candidate| {
                        let odds = rivals(scored, candidate, before);
                        let rivals = factors::rivals(odds, self.table.rivals.share);
                        let network = factors::network(candidate.others);
                        factors::probability(before + candidate.weight + network + rivals, &self.table)
                    });
                    each.sum::<f64>().min(1.0)
                })
                .sum();
            share = (present / scored.len() as f64).clamp(bounds.least, bounds.most);
        }
        factors::quantise(share, bounds.least)
    }

    /// For each candidate of each report, the probability that the person is the child of another report: a person is one
    /// child. Two rounds, so that a claim which another claim refutes refutes none itself.
    fn claimed(&self, data: &Data, scored: &[Scored<'_>], prior: f64) -> Vec<Vec<f64>> {
        let before = factors::prior(prior, self.rates.persons);
        let mut claimed: Vec<Vec<f64>> =
            scored.iter().map(|scored| vec![0.0; scored.best.len().min(COUNTED)]).collect();
        for _ in 0..2 {
            // By person: the report's place in the list, and how likely its child is the person.
            let mut claims: FxHashMap<u32, Vec<(u32, f64)>> = FxHashMap::default();
            for (at, (scored, claimed)) in scored.iter().zip(&claimed).enumerate() {
                for (candidate, claimed) in scored.best.iter().zip(claimed) {
                    let odds = rivals(scored, candidate, before);
                    let bits = before
                        + candidate.weight
                        + factors::rivals(odds, self.table.rivals.share)
                        + factors::claimed(*claimed);
                    let probability = factors::probability(bits, &self.table);
                    if probability >= LEAST_CLAIM {
                        claims.entry(candidate.person).or_default().push((at as u32, probability));
                    }
                }
            }
            let report = |at: u32| &data.reports[scored[at as usize].report as usize];
            claimed = scored
                .par_iter()
                .enumerate()
                .map(|(at, scored)| {
                    let of = |candidate: &Candidate| {
                        let others = claims.get(&candidate.person).map_or(&[][..], Vec::as_slice);
                        let others = others.iter().filter(|(other, _)| {
                            *other != at as u32 && !may_be_one(report(*other), report(at as u32))
                        });
                        others.map(|(_, probability)| probability).sum::<f64>().min(MOST_CLAIMED)
                    };
                    scored.best.iter().take(COUNTED).map(of).collect()
                })
                .collect();
        }
        claimed
    }

    fn explain(&self, data: &Data, scored: &Scored, claimed: &[f64], prior: f64, top: usize) -> Vec<Match> {
        let Data { persons, places, .. } = data;
        let before = factors::prior(prior, self.rates.persons);
        let own = |factor: &str, left: String, right: String, weight_bits, measures: &[(&str, f64)]| Reason {
            factor: factor.to_owned(),
            left,
            right,
            weight_bits,
            support: factors::support(factor).to_owned(),
            measures: measures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        };
        let mut found = Vec::new();
        let none = std::iter::repeat(&0.0);
        let mut best: Vec<(&Candidate, &f64)> = scored.best.iter().zip(claimed.iter().chain(none)).collect();
        best.sort_by(|a, b| {
            let bits = |(candidate, claimed): &(&Candidate, &f64)| {
                candidate.ratio().log2() + factors::claimed(**claimed)
            };
            bits(b).total_cmp(&bits(a))
        });
        for (candidate, claimed) in best.into_iter().take(top) {
            let person = &persons.list[candidate.person as usize];
            let network = factors::network(candidate.others);
            let odds = rivals(scored, candidate, before);
            let rivals = factors::rivals(odds, self.table.rivals.share);
            if before + candidate.weight + network + rivals < self.table.limits.least_bits {
                break;
            }
            let measures = [("share_present", prior), ("persons", self.rates.persons)];
            let mut reasons = vec![own("prior", String::new(), String::new(), before, &measures)];
            scored.view.compare(candidate.person, person, persons, places, &mut reasons);
            debug_assert_eq!(
                reasons[1..].iter().map(|reason| reason.weight_bits).sum::<f64>(),
                candidate.weight
            );
            if network > 0.0 {
                let others = format!("{} persons advertised by one owner", person.companions);
                reasons.push(own("network", String::new(), others, network, &[("others", candidate.others)]));
            }
            let measures = [("odds", odds), ("share", self.table.rivals.share)];
            reasons.push(own("rivals", String::new(), String::new(), rivals, &measures));
            if *claimed > 0.0 {
                let measures = [("probability", *claimed)];
                let weight = factors::claimed(*claimed);
                reasons.push(own("claimed", String::new(), String::new(), weight, &measures));
            }
            let weight_bits: f64 = reasons.iter().map(|reason| reason.weight_bits).sum();
            found.push(Match {
                report: scored.report,
                owner: person.owner,
                network: false,
                postings: person.postings.clone(),
                probability: factors::probability(weight_bits, &self.table),
                weight_bits,
                reasons,
            });
        }
        found
    }
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
    table: &Matching,
) -> Surroundings {
    let mut cities: Vec<CityId> = origins.iter().flatten().copied().collect();
    cities.sort_unstable();
    cities.dedup();
    cities
        .into_par_iter()
        .map(|city| {
            let from = rates.from(city, &persons.metros, places, table);
            let near = (0..from.distance.len() as u32)
                .filter(|metro| from.distance[*metro as usize].0 <= table.limits.near_km)
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
        let others = if group.len() == 1 {
            0.0
        } else {
            (group.iter().map(|(_, other)| (other - weight).exp2()).sum::<f64>() - 1.0).max(0.0)
        };
        let candidate = Candidate { person, weight, others };
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

/// Smallest probability of being another report's child that counts, and the largest that is believed.
const LEAST_CLAIM: f64 = 0.02;
const MOST_CLAIMED: f64 = 0.98;

/// Whether two reports may be of one child: it then has the right to both claims.
fn may_be_one(a: &MissingReport, b: &MissingReport) -> bool {
    let first = |report: &MissingReport| {
        report.given_name.split_whitespace().next().unwrap_or_default().to_lowercase()
    };
    let family = || a.family_name.eq_ignore_ascii_case(&b.family_name);
    let birth = || a.date_of_birth.is_some() && a.date_of_birth == b.date_of_birth;
    first(a) == first(b) && (family() || birth())
}

/// Candidates of one report that count in the estimate of the share present and claim a person; the rest are too unlikely
/// to matter.
const COUNTED: usize = 8;

/// Odds that the child is with any other candidate.
fn rivals(scored: &Scored, candidate: &Candidate, before: f64) -> f64 {
    (scored.ratios - candidate.ratio()).max(0.0) * before.exp2()
}

#[cfg(test)]
mod tests;
