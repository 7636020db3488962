//! One set of shares with everything that is computed from it, and what it says of reports.

use super::base_rates::{BaseRates, From};
use super::batch::Batch;
use super::best::{Best, Candidate, best_of_owners};
use super::index::Marked;
use super::learn::{self, Anchor, Pointed};
use super::report::View;
use super::weigh::{Rows, Tables, Weigher};
use super::{Claim, Learned, Match, Matcher, Others, factors};
use homeward_model::Reason;
use homeward_places::CityId;
use homeward_rules::matching::Matching;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Candidates of one report that count in the estimate of the share present and claim a person; the rest are too unlikely
/// to matter.
const COUNTED: usize = 8;

/// One set of shares with everything that is computed from it.
#[derive(Debug)]
pub struct Round {
    /// The shares.
    pub table: Matching,
    rates: BaseRates,
    rows: Rows,
}

/// For each place where a child was last seen: distances and rates from there, and the metropolitan areas near it.
pub type Surroundings = FxHashMap<CityId, (From, Vec<u32>)>;

/// Candidates of one report.
pub struct Scored<'a> {
    /// Index of the report.
    pub report: u32,
    /// The report, made ready.
    view: View<'a>,
    /// The best candidates, by falling likelihood ratio.
    best: Vec<Candidate>,
    /// Sum of the likelihood ratios over owners.
    ratios: f64,
}

/// Memory of one thread, used again for each report.
#[derive(Default)]
struct Scratch {
    marked: Marked,
    tables: Tables,
}

impl Round {
    /// Counts the base rates; `girls` are the names that tell the sex.
    pub fn new(matcher: &Matcher, table: Matching, girls: &BTreeMap<String, bool>) -> Round {
        let rates = BaseRates::count(&matcher.persons, girls, &table);
        let rows = Rows::new(&matcher.persons, &rates, &table);
        Round { table, rates, rows }
    }

    /// What is the same for all reports of a batch from one place.
    pub fn surroundings(&self, matcher: &Matcher, batch: &Batch) -> Surroundings {
        let mut cities: Vec<CityId> = batch.origins.iter().flatten().copied().collect();
        cities.sort_unstable();
        cities.dedup();
        cities
            .into_par_iter()
            .map(|city| {
                let from = self.rates.from(city, &matcher.persons.metros, matcher.places, &self.table);
                let near = (0..from.distance.len() as u32)
                    .filter(|metro| from.distance[*metro as usize].0 <= self.table.limits.near_km)
                    .collect();
                (city, (from, near))
            })
            .collect()
    }

    fn view<'a>(
        &'a self,
        matcher: &'a Matcher,
        batch: &'a Batch,
        around: &'a Surroundings,
        at: usize,
    ) -> View<'a> {
        let from = batch.origins[at].and_then(|city| Some((city, &around.get(&city)?.0)));
        View::new(batch, at, from, matcher, &self.rates, &self.table)
    }

    /// The candidates of these reports, in their order.
    pub fn score<'a>(
        &'a self,
        matcher: &'a Matcher,
        batch: &'a Batch,
        around: &'a Surroundings,
        reports: &[usize],
        top: usize,
    ) -> Vec<Scored<'a>> {
        let Matcher { persons, index, .. } = matcher;
        let keep = top.max(COUNTED);
        reports
            .par_iter()
            .map_init(Scratch::default, |scratch, at| {
                let view = self.view(matcher, batch, around, *at);
                let near =
                    batch.origins[*at].and_then(|city| around.get(&city)).map_or(&[][..], |(_, near)| near);
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
    pub fn anchors(
        &self,
        matcher: &Matcher,
        batch: &Batch,
        around: &Surroundings,
        reports: &[usize],
    ) -> Vec<Anchor> {
        let known: Vec<usize> = reports.iter().copied().filter(|at| !batch.found[*at].is_empty()).collect();
        let persons = &matcher.persons;
        known
            .par_iter()
            .flat_map_iter(|at| {
                let view = self.view(matcher, batch, around, *at);
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
                        view.compare(number, person, persons, matcher.places, &mut reasons);
                        let ways = view.ways(person);
                        let fact = |reason| learn::Fact::of(reason, ways.as_ref());
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
    pub fn share(&self, scored: &[Scored<'_>]) -> f64 {
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

    /// The claims of reports on persons: a person is one child.
    pub fn claims(
        &self,
        batch: &Batch,
        scored: &[Scored<'_>],
        share_present: f64,
    ) -> BTreeMap<u32, Vec<Claim>> {
        let before = factors::prior(share_present, self.rates.persons);
        let mut claims: BTreeMap<u32, Vec<Claim>> = BTreeMap::new();
        for scored in scored {
            for candidate in scored.best.iter().take(COUNTED) {
                let odds = rivals(scored, candidate, before);
                let bits = before + candidate.weight + factors::rivals(odds, self.table.rivals.share);
                let odds = bits.exp2().min(self.table.rivals.most_claim);
                if odds >= self.table.rivals.least_claim {
                    let report = &batch.reports[scored.report as usize];
                    claims.entry(candidate.person).or_default().push(Claim::of(report, odds));
                }
            }
        }
        claims
    }

    /// What reports tell of each other's children: the finds that are known, and every candidate that is likely enough by
    /// what is known of the report itself.
    pub fn kin(&self, matcher: &Matcher, batch: &Batch, scored: &[Scored<'_>], learned: &Learned) -> Others {
        let before = factors::prior(learned.share_present, self.rates.persons);
        let mut others = learned.others.clone();
        for scored in scored {
            let mine = Claim::of(&batch.reports[scored.report as usize], 0.0);
            for candidate in scored.best.iter().take(COUNTED) {
                let rivals = |odds| factors::rivals(odds, self.table.rivals.share);
                let claimed = claims_of_others(learned, candidate.person, &mine);
                let bits = before
                    + candidate.weight
                    + factors::network(candidate.others)
                    + rivals(rivals_of(scored.ratios, candidate.ratio(), before))
                    + rivals(claimed);
                let probability = factors::probability(bits, &self.table);
                if probability >= self.table.together.least {
                    let owner = matcher.persons.list[candidate.person as usize].owner;
                    others.note(batch, scored.report as usize, owner, probability);
                }
            }
        }
        others.sort();
        others
    }

    /// What others tell of the child of a report, by owner.
    pub fn told(&self, batch: &Batch, at: usize, learned: &Learned) -> BTreeMap<u32, Vec<Reason>> {
        let before = factors::prior(learned.share_present, self.rates.persons);
        learned.others.told(batch, at, before, &self.table)
    }

    /// The best candidates of a report in words.
    pub fn explain(
        &self,
        matcher: &Matcher,
        batch: &Batch,
        scored: &Scored,
        learned: &Learned,
        top: usize,
    ) -> Vec<Match> {
        let Matcher { persons, places, .. } = matcher;
        let prior = learned.share_present;
        let before = factors::prior(prior, self.rates.persons);
        let own = |factor: &str, weight: f64, right: String, measures: &[(&str, f64)]| {
            factors::reason(factor, weight, String::new(), right, measures)
        };
        let mut found = Vec::new();
        let mine = Claim::of(&batch.reports[scored.report as usize], 0.0);
        let told = self.told(batch, scored.report as usize, learned);
        let told_of = |candidate: &Candidate| {
            told.get(&persons.list[candidate.person as usize].owner).map_or(&[][..], Vec::as_slice)
        };
        let bits_told = |candidate: &Candidate| -> f64 {
            told_of(candidate).iter().map(|reason| reason.weight_bits).sum()
        };
        let mut ratios = scored.ratios;
        for candidate in scored.best.iter().filter(|candidate| !told_of(candidate).is_empty()) {
            ratios += candidate.ratio() * (bits_told(candidate).exp2() - 1.0);
        }
        let mut best: Vec<(&Candidate, f64)> = scored
            .best
            .iter()
            .map(|candidate| (candidate, claims_of_others(learned, candidate.person, &mine)))
            .collect();
        best.sort_by(|a, b| {
            let bits = |(candidate, claimed): &(&Candidate, f64)| {
                let rivals = factors::rivals(*claimed, self.table.rivals.share);
                candidate.ratio().log2() + bits_told(candidate) + rivals
            };
            bits(b).total_cmp(&bits(a))
        });
        for (candidate, claimed) in best.into_iter().take(top) {
            let person = &persons.list[candidate.person as usize];
            let network = factors::network(candidate.others);
            let bits_told = bits_told(candidate);
            let odds = rivals_of(ratios, candidate.ratio() * bits_told.exp2(), before);
            let rivals = factors::rivals(odds, self.table.rivals.share);
            if before + candidate.weight + network + bits_told + rivals < self.table.limits.least_bits {
                break;
            }
            let measures = [("share_present", prior), ("persons", self.rates.persons)];
            let mut reasons = vec![own("prior", before, String::new(), &measures)];
            scored.view.compare(candidate.person, person, persons, places, &mut reasons);
            debug_assert_eq!(
                reasons[1..].iter().map(|reason| reason.weight_bits).sum::<f64>(),
                candidate.weight
            );
            if network > 0.0 {
                let others = format!("{} persons advertised by one owner", person.companions);
                reasons.push(own("network", network, others, &[("others", candidate.others)]));
            }
            reasons.extend(told_of(candidate).iter().cloned());
            let measures = [("odds", odds), ("share", self.table.rivals.share)];
            reasons.push(own("rivals", rivals, String::new(), &measures));
            if claimed > 0.0 {
                let measures = [("odds", claimed), ("share", self.table.rivals.share)];
                let weight = factors::rivals(claimed, self.table.rivals.share);
                reasons.push(own("claimed", weight, String::new(), &measures));
            }
            let weight_bits: f64 = reasons.iter().map(|reason| reason.weight_bits).sum();
            found.push(Match {
                report: scored.report,
                owner: person.owner,
                network: person.of_owner > 1,
                postings: person.postings.clone(),
                probability: factors::probability(weight_bits, &self.table),
                weight_bits,
                reasons,
            });
        }
        found
    }
}

/// Odds that a person is the child of another report.
fn claims_of_others(learned: &Learned, person: u32, mine: &Claim) -> f64 {
    let claims = learned.claims.get(&person).map_or(&[][..], Vec::as_slice);
    claims.iter().filter(|claim| !claim.may_be_one_child_with(mine)).map(|claim| claim.odds).sum()
}

/// Odds that the child is with any other candidate.
fn rivals(scored: &Scored, candidate: &Candidate, before: f64) -> f64 {
    rivals_of(scored.ratios, candidate.ratio(), before)
}

/// The same, from the sum of all likelihood ratios and the candidate's own.
fn rivals_of(ratios: f64, own: f64, before: f64) -> f64 {
    (ratios - own).max(0.0) * before.exp2()
}
