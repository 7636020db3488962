//! The files of a run beside its findings: plain tables and lines that any tool reads, described in
//! `docs/archive-layout.md`.

use crate::pipeline::{Analysis, network_name};
use homeward_linkage::owners::{Blocked, OwnerLink};
use homeward_model::Instant;
use rayon::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// `id,template,network` of every posting.
pub fn postings(analysis: &Analysis) -> String {
    let mut text = String::from("id,template,network\n");
    for (at, id) in analysis.ids.iter().enumerate() {
        let family = analysis.family[at];
        let family = if family == u32::MAX {
            String::new()
        } else {
            format!("t-{:016x}", analysis.facts[family as usize].key)
        };
        let network = network_name(&analysis.facts, analysis.owners.owner[at]);
        let _ = writeln!(text, "{},{family},{network}", cell(id));
    }
    text
}

/// `template,postings,owners,copied` of every family: how many owners use it, and whether that is more than one.
pub fn templates(analysis: &Analysis) -> String {
    let mut uses: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, family) in analysis.family.iter().enumerate().filter(|(_, family)| **family != u32::MAX) {
        uses.entry(*family).or_default().push(analysis.owners.owner[at]);
    }
    let mut text = String::from("template,postings,owners,copied\n");
    for (family, mut owners) in uses {
        let postings = owners.len();
        owners.sort_unstable();
        owners.dedup();
        let key = analysis.facts[family as usize].key;
        let _ = writeln!(text, "t-{key:016x},{postings},{},{}", owners.len(), owners.len() > 1);
    }
    text
}

/// `network,postings,persons,selectors,cities,first_seen,last_seen` of every owner of two postings or more.
pub fn networks(analysis: &Analysis) -> String {
    let mut of_owner: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, owner) in analysis.owners.owner.iter().enumerate() {
        of_owner.entry(*owner).or_default().push(at as u32);
    }
    let mut text = String::from("network,postings,persons,selectors,cities,first_seen,last_seen\n");
    for (owner, postings) in of_owner.into_iter().filter(|(_, postings)| postings.len() > 1) {
        let each = || postings.iter().map(|at| &analysis.facts[*at as usize]);
        let names: BTreeSet<&String> = each().filter_map(|facts| facts.person.names.first()).collect();
        let selectors = each().flat_map(|facts| &facts.selectors).filter(|selector| !selector.common);
        let selectors: BTreeSet<&String> = selectors.map(|selector| &selector.value).collect();
        let cities: BTreeSet<u32> = each().filter_map(|facts| facts.city).map(|city| city.0).collect();
        let seen = || each().filter_map(|facts| facts.seen_at);
        let date = |at: Option<Instant>| at.map_or_else(String::new, Instant::date);
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{}",
            network_name(&analysis.facts, owner),
            postings.len(),
            names.len(),
            selectors.len(),
            cities.len(),
            date(seen().min()),
            date(seen().max())
        );
    }
    text
}

/// Why two selectors were held to be one owner's, each with a posting that shows it.
pub fn links(analysis: &Analysis) -> String {
    let line = |link: &OwnerLink| {
        let id = |at: u32| &analysis.ids[at as usize];
        json!({"left": link.left, "right": link.right, "left_posting": id(link.postings.0), "right_posting": id(link.postings.1),
            "network": network_name(&analysis.facts, analysis.owners.owner[link.postings.0 as usize]),
            "bits": link.bits, "probability": link.probability, "evidence": link.evidence})
            .to_string()
            + "\n"
    };
    analysis.owners.links.par_iter().map(line).collect::<Vec<_>>().concat()
}

/// A CSV cell, quoted when it must be.
pub fn cell(text: &str) -> String {
    // A spreadsheet would run a cell that begins like a formula.
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Values that were kept from linking.
pub fn blocked(analysis: &Analysis) -> String {
    let line = |blocked: &Blocked| {
        json!({"kind": blocked.kind.word(), "value": blocked.value, "postings": blocked.postings, "would_merge": blocked.would_merge, "why": blocked.why})
            .to_string()
            + "\n"
    };
    analysis.owners.blocked.iter().map(line).collect()
}
