//! What other reports say of a child: a sibling reported with the child who matches a network, and a network in which the
//! child was found before. Both weigh a bounded number of bits, and neither alone makes a match more likely than not.
//!
//! Two reports are of one household when they name one case of one agency, one number of the national centre, or one family
//! name, city and day: in a metropolitan area as a whole two families of a common name lose a child on one day. Reports that may
//! be of one child are no siblings: they say the same and would count twice.

use super::batch::Batch;
use super::{Find, factors};
use homeward_model::{MissingReport, Reason, key64};
use homeward_rules::matching::{Matching, Together};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates of a report of whose child others tell: theirs may lie deeper, for what is told is not in the first weighing.
pub const DEEPER: usize = 64;

/// That a child of a household may be with an owner. Names are kept as keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kin {
    report: String,
    /// Keys of the given name, and of its beginning with the day of birth.
    child: [Option<u64>; 2],
    owner: u32,
    probability: f64,
}

/// That a child was found with an owner before, and the probability that it is the same child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    owner: u32,
    probability: f64,
}

/// What reports tell of each other's children.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Others {
    /// By key of a household, by report and then by owner.
    households: BTreeMap<u64, Vec<Kin>>,
    /// By report.
    earlier: BTreeMap<String, Vec<Earlier>>,
}

/// Given name, and its beginning with the day of birth: children who share either may be one.
fn child(report: &MissingReport) -> [Option<u64>; 2] {
    let given = report.given_name.split_whitespace().next().unwrap_or_default().to_lowercase();
    let start: String = given.chars().take(2).collect();
    let birth = report.date_of_birth.map(|birth| key64(format!("{start}\u{1f}{}", birth.date()).as_bytes()));
    [(!given.is_empty()).then(|| key64(given.as_bytes())), birth]
}

/// Keys of the households to which a report may belong, ascending.
fn households(batch: &Batch, at: usize) -> BTreeSet<u64> {
    let report = &batch.reports[at];
    let text = |text: &Option<String>| {
        text.as_ref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty())
    };
    let family = text(&Some(report.family_name.clone()));
    let from = &report.missing_from;
    let place = text(&from.city).zip(text(&from.state)).map(|(city, state)| format!("{city}, {state}"));
    let day = report.missing_since.map(homeward_model::Instant::date);
    let together = [
        [text(&report.agency), text(&report.case_number), Some("case".to_owned())],
        [text(&report.ncmec_number), Some(String::new()), Some("ncmec".to_owned())],
        [family, place, day],
    ];
    let key = |parts: [Option<String>; 3]| {
        let parts: Option<Vec<String>> = parts.into_iter().collect();
        Some(key64(parts?.join("\u{1f}").as_bytes()))
    };
    together.into_iter().filter_map(key).collect()
}

impl Others {
    /// Notes the finds that people confirmed: for siblings, for other reports of the child, and, where the child was recovered
    /// there and is missing again, for the same report.
    pub fn of_finds(batch: &Batch, finds: &[Find], one_child: &[(u32, u32, f64)]) -> Others {
        let mut others = Others::default();
        let mut find = |report: u32, owner, probability| {
            let id = batch.reports[report as usize].id.clone();
            others.earlier.entry(id).or_default().push(Earlier { owner, probability });
        };
        for found in finds {
            let pairs = one_child.iter().filter(|(a, b, _)| *a == found.report || *b == found.report);
            for (a, b, probability) in pairs {
                find(if *a == found.report { *b } else { *a }, found.owner, *probability);
            }
            if found.recovered {
                find(found.report, found.owner, 1.0);
            }
        }
        for found in finds {
            others.note(batch, found.report as usize, found.owner, 1.0);
        }
        others
    }

    /// Notes for the siblings of a report that its child is with an owner.
    pub fn note(&mut self, batch: &Batch, at: usize, owner: u32, probability: f64) {
        let report = &batch.reports[at];
        for household in households(batch, at) {
            let (id, child) = (report.id.clone(), child(report));
            let kin = Kin { report: id, child, owner, probability };
            self.households.entry(household).or_default().push(kin);
        }
    }

    /// Puts all in one order, whatever the order of the reports.
    pub fn sort(&mut self) {
        for kin in self.households.values_mut() {
            kin.sort_by(|a, b| {
                let key = |kin: &Kin| (kin.report.clone(), kin.owner);
                key(a).cmp(&key(b)).then(a.probability.total_cmp(&b.probability))
            });
        }
        for earlier in self.earlier.values_mut() {
            earlier.sort_by(|a, b| a.owner.cmp(&b.owner).then(a.probability.total_cmp(&b.probability)));
        }
    }

    /// What others tell of the child of a report, by owner; `before` is the weight before any comparison.
    pub fn told(
        &self,
        batch: &Batch,
        at: usize,
        before: f64,
        table: &Matching,
    ) -> BTreeMap<u32, Vec<Reason>> {
        let report = &batch.reports[at];
        let (own, mine) = (child(report), &report.id);
        let differs = |kin: &&Kin| {
            kin.report != *mine && !own.iter().zip(&kin.child).any(|(a, b)| a.is_some() && a == b)
        };
        let kin = households(batch, at).into_iter().filter_map(|household| self.households.get(&household));
        let siblings = kin.flatten().filter(differs).map(|kin| (kin.owner, kin.probability));
        let earlier = self.earlier.get(mine).into_iter().flatten();
        let earlier = earlier.map(|earlier| (earlier.owner, earlier.probability));
        let mut told: BTreeMap<u32, Vec<Reason>> = BTreeMap::new();
        for (factor, left, right, of) in [
            (
                "sibling",
                "reported together with a sibling",
                "the sibling's report matches this network",
                best(siblings),
            ),
            (
                "found before",
                "found before, by this or another report",
                "the child was found in this network",
                best(earlier),
            ),
        ] {
            let ratio = ratio(factor, &table.together);
            for (owner, probability) in of {
                let weight = factors::told(probability, ratio, before);
                if weight > 0.0 {
                    let measures = [("probability", probability), ("ratio", ratio), ("before", before)];
                    let reason = factors::reason(factor, weight, left.into(), right.into(), &measures);
                    told.entry(owner).or_default().push(reason);
                }
            }
        }
        told
    }
}

/// The likeliest by owner: several siblings in one network are no more evidence than the surest.
fn best(of: impl Iterator<Item = (u32, f64)>) -> BTreeMap<u32, f64> {
    let mut best: BTreeMap<u32, f64> = BTreeMap::new();
    for (owner, probability) in of {
        let known = best.entry(owner).or_insert(probability);
        *known = known.max(probability);
    }
    best
}

/// How many times likelier an owner is whom others point to.
fn ratio(factor: &str, table: &Together) -> f64 {
    if factor == "sibling" { table.sibling } else { table.found_before }
}
