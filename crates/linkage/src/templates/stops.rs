//! Stop phrases: what strangers share weighs nothing, so that a copied snippet or a stock sentence joins nobody.
//! Whether a phrase is one follows from the groups of the texts that hold its trigrams.

use super::documents::Documents;
use super::grams::{self, Grams};
use super::passages::Run;
use homeward_model::mix64;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// How far a trigram stands apart from the strict groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scatter {
    /// Its holders are one group.
    No,
    /// Its holders are of several groups, most of them with others of their group.
    Across,
    /// Each of its few holders is in a group of its own: a passage that strangers share, when it is long.
    Few,
    /// It stands in many groups that share little else: a copied snippet, a stock sentence.
    Many,
}

impl Scatter {
    /// From the groups of the holders, one for each, in any order.
    fn of(groups: &mut Vec<u32>, rules: &Templates) -> Scatter {
        let holders = groups.len();
        groups.sort_unstable();
        groups.dedup();
        match groups.len() {
            0 | 1 => Scatter::No,
            seen if seen >= rules.scattered_least && 2 * seen > holders => Scatter::Many,
            seen if seen == holders => Scatter::Few,
            _ => Scatter::Across,
        }
    }
}

/// What strangers share of each document. All lists by document, then by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// Words that weigh nothing.
    pub masked: Vec<Run>,
    /// Those of them that many groups hold.
    pub common: Vec<Run>,
    /// Words that other groups hold too.
    pub shared: Vec<Run>,
}

impl Stops {
    /// A hash of the masked places of each document, 0 for none.
    pub fn masks(&self, documents: usize) -> Vec<u32> {
        hashes(vec![0; documents], &[&self.masked])
    }

    /// A hash of all that is known of each document, 0 for nothing.
    pub fn marks(&self, documents: usize) -> Vec<u32> {
        hashes(vec![0; documents], &[&self.masked, &self.common, &self.shared])
    }
}

/// A hash of the runs of each document and of what is known of it before, which is left as it is when there are none.
pub fn hashes(known: Vec<u32>, lists: &[&[Run]]) -> Vec<u32> {
    let mut hashes = known;
    for (number, list) in lists.iter().enumerate() {
        for run in *list {
            let hash = &mut hashes[run.document as usize];
            let place = u64::from(run.start) << 32 | u64::from(run.end);
            *hash = (mix64(mix64(u64::from(*hash) + number as u64) ^ place) as u32).max(1);
        }
    }
    hashes
}

/// Those of the runs that are in a document.
pub fn of_document(runs: &[Run], document: u32) -> &[Run] {
    let start = runs.partition_point(|run| run.document < document);
    let end = runs[start..].partition_point(|run| run.document == document);
    &runs[start..start + end]
}

/// Finds what strangers share, by the strict groups of the documents.
pub fn find(documents: &Documents, grams: &Grams, group: &[u32], rules: &Templates) -> Stops {
    let scattered: Vec<Scatter> = (0..grams.len())
        .into_par_iter()
        .with_min_len(1024)
        .map_init(Vec::new, |groups, gram| {
            groups.clear();
            groups.extend(grams.holders(gram).iter().map(|holder| group[*holder as usize]));
            Scatter::of(groups, rules)
        })
        .collect();
    // A document with spaced-out words is read otherwise than the index holds it: all stop phrases are looked up for it.
    let all: FxHashMap<u64, Scatter> = if documents.readings.iter().all(|reading| *reading == 0) {
        FxHashMap::default()
    } else {
        let stops = (0..grams.len()).filter(|gram| scattered[*gram] != Scatter::No);
        stops.map(|gram| (grams.hash(gram), scattered[gram])).collect()
    };
    let found: Vec<Stops> = (0..documents.len() as u32)
        .into_par_iter()
        .map_init(FxHashMap::default, |stops, document| {
            if documents.readings[document as usize] != 0 {
                return within(documents, document, rules, &all);
            }
            stops.clear();
            let held = grams.of_document(document as usize).iter().map(|gram| *gram as usize);
            let stop = held.filter(|gram| scattered[*gram] != Scatter::No);
            stops.extend(stop.map(|gram| (grams.hash(gram), scattered[gram])));
            if stops.len() < rules.stop_phrase(documents.len()) {
                return Stops::default();
            }
            within(documents, document, rules, stops)
        })
        .collect();
    let all = |list: fn(&Stops) -> &Vec<Run>| found.iter().flat_map(list).copied().collect();
    Stops {
        masked: all(|stops| &stops.masked),
        common: all(|stops| &stops.common),
        shared: all(|stops| &stops.shared),
    }
}

fn within(documents: &Documents, document: u32, rules: &Templates, stops: &FxHashMap<u64, Scatter>) -> Stops {
    let words = documents.words(document as usize);
    let scatter = |gram| stops.get(&gram).copied().unwrap_or(Scatter::No);
    let scattered: Vec<Scatter> = grams::hashes(words, 3).map(scatter).collect();
    let runs_of = |least: usize, stopped: fn(Scatter) -> bool| {
        let mut runs = Vec::new();
        let mut at = 0;
        while at < scattered.len() {
            let run = scattered[at..].iter().take_while(|scatter| stopped(**scatter)).count();
            if run >= least {
                runs.push(Run { document, start: at as u32, end: (at + run + 2) as u32 });
            }
            at += run.max(1);
        }
        runs
    };
    let common = runs_of(rules.stop_phrase(documents.len()), |scatter| scatter == Scatter::Many);
    let mut masked = common.clone();
    let few = |scatter| matches!(scatter, Scatter::Few | Scatter::Many);
    // A text of which a passage is the larger part is no text with a snippet.
    let most = words.len() * 2 / 5;
    masked.extend(runs_of(rules.passage_run, few).into_iter().filter(|run| run.len() < most));
    masked.sort_unstable_by_key(|run| (run.start, run.end));
    masked.dedup_by(|next, first| {
        let touches = next.start <= first.end;
        if touches {
            first.end = first.end.max(next.end);
        }
        touches
    });
    Stops { masked, common, shared: runs_of(rules.signature_words - 2, |scatter| scatter != Scatter::No) }
}
