//! Which pairs of documents are compared, and what the comparison gives.
//!
//! The holders of a trigram are compared with its *leaders* only, the few holders of smallest content key. That is a
//! function of the set of documents, costs a fixed amount for each trigram of a text, and changes little when documents
//! are added: a link must be looked at again only when one of its ends is *dirty*.

use super::coverage::{Comparer, Weighted};
use super::documents::UNIT;
use super::grams::Grams;
use homeward_rules::templates::Templates;
use rayon::prelude::*;

/// Two documents and how much they cover one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Index of the document of smaller key.
    pub a: u32,
    /// Index of the other.
    pub b: u32,
    /// Coverage in ten thousandths.
    pub score: u16,
}

/// Coverage as the comparer counts it.
pub fn ten_thousandths(share: f64) -> u32 {
    (share * 10_000.0).round() as u32
}

/// Least covered weight on both sides.
pub fn least_weight(rules: &Templates) -> u32 {
    (rules.least_covered * f64::from(UNIT)) as u32
}

/// Evidence that one shared trigram gives, by the number of its holders: none, some, or double.
fn evidence(holders: usize, documents: usize, rules: &Templates) -> u32 {
    // The corpus rounded down to a power of two, so that the bound moves only when the corpus doubles.
    let corpus = 1usize << documents.max(1).ilog2();
    if holders < 2 || holders > rules.common_least.max(corpus / rules.common_share) {
        0
    } else if holders <= rules.rare_most {
        2
    } else {
        1
    }
}

/// Documents whose links must be computed: all of them when nothing is known, else those that are new, those that hold a
/// word whose weight changed, and leaders whose trigram changed its leaders or its evidence.
pub fn dirty(
    weighted: &Weighted,
    grams: &Grams,
    rules: &Templates,
    known: &[bool],
    changed_words: &[bool],
) -> Vec<bool> {
    let documents = weighted.documents();
    let known_count = known.iter().filter(|known| **known).count();
    let mut dirty: Vec<bool> = (0..documents.len())
        .into_par_iter()
        .map(|document| {
            !known[document] || documents.words(document).iter().any(|word| changed_words[*word as usize])
        })
        .collect();
    let changed: Vec<u32> = (0..grams.len())
        .into_par_iter()
        .fold(Vec::new, |mut changed, gram| {
            let holders = grams.holders(gram);
            let before: Vec<u32> = if holders.iter().all(|holder| known[*holder as usize]) {
                Vec::new()
            } else {
                holders.iter().copied().filter(|holder| known[*holder as usize]).collect()
            };
            let count_before = if before.is_empty() {
                holders.iter().filter(|h| known[**h as usize]).count()
            } else {
                before.len()
            };
            let (old, new) =
                (evidence(count_before, known_count, rules), evidence(holders.len(), documents.len(), rules));
            let leaders = &holders[..holders.len().min(rules.leaders)];
            if old != new {
                // Every pair that shares this trigram by a leader gains or loses.
                changed.extend(leaders.iter().copied());
                changed.extend(before.iter().copied().take(rules.leaders));
            } else if !before.is_empty() {
                // A leader that was pushed out is no longer compared with the other holders.
                changed.extend(
                    before.iter().take(rules.leaders).copied().filter(|leader| !leaders.contains(leader)),
                );
            }
            changed
        })
        .reduce(Vec::new, |mut left, mut right| {
            left.append(&mut right);
            left
        });
    for document in changed {
        dirty[document as usize] = true;
    }
    dirty
}

#[derive(Default)]
struct Scratch {
    comparer: Comparer,
    evidence: Vec<u16>,
    touched: Vec<u32>,
}

/// Links of which at least one end is dirty, in the order of their documents.
pub fn compute(weighted: &Weighted, grams: &Grams, rules: &Templates, dirty: &[bool]) -> Vec<Link> {
    let (keep, least) = (ten_thousandths(rules.keep), least_weight(rules));
    let documents = weighted.len();
    let wanted: Vec<u32> = (0..documents as u32).filter(|document| dirty[*document as usize]).collect();
    let parts: Vec<Vec<Link>> = wanted
        .par_chunks(256)
        .map_init(Scratch::default, |scratch, chunk| {
            scratch.evidence.resize(documents, 0);
            let mut links = Vec::new();
            for document in chunk {
                candidates(scratch, grams, rules, dirty, *document, documents);
                let first = *document as usize;
                let total = u64::from(weighted.total(first));
                scratch.touched.retain(|other| {
                    let evidence = std::mem::take(&mut scratch.evidence[*other as usize]);
                    let other = u64::from(weighted.total(*other as usize));
                    u32::from(evidence) >= rules.least_evidence
                        && total.min(other) * 10_000 >= u64::from(keep) * total.max(other)
                });
                if scratch.touched.is_empty() {
                    continue;
                }
                scratch.comparer.set(weighted, first);
                for other in scratch.touched.drain(..) {
                    let score = scratch.comparer.score(weighted, other as usize, least, keep);
                    if score > 0 {
                        links.push(Link {
                            a: other.min(*document),
                            b: other.max(*document),
                            score: score as u16,
                        });
                    }
                }
            }
            links
        })
        .collect();
    let mut links = parts.concat();
    links.par_sort_unstable_by_key(|link| (link.a, link.b));
    links
}

/// Counts the evidence between a dirty document and every other, each pair from one side only: a pair is seen by its
/// later document, and by its earlier one when the later is clean.
fn candidates(
    scratch: &mut Scratch,
    grams: &Grams,
    rules: &Templates,
    dirty: &[bool],
    document: u32,
    documents: usize,
) {
    let Scratch { evidence: sums, touched, .. } = scratch;
    let mut add = |other: u32, weight: u32| {
        let sum = &mut sums[other as usize];
        if *sum == 0 {
            touched.push(other);
        }
        *sum = sum.saturating_add(weight as u16);
    };
    for gram in grams.of_document(document as usize) {
        let holders = grams.holders(*gram as usize);
        let weight = evidence(holders.len(), documents, rules);
        if weight == 0 {
            continue;
        }
        let leaders = &holders[..holders.len().min(rules.leaders)];
        for leader in leaders.iter().take_while(|leader| **leader < document) {
            add(*leader, weight);
        }
        if leaders.contains(&document) {
            let after = holders.partition_point(|holder| *holder <= document);
            for holder in holders[after..].iter().filter(|holder| !dirty[**holder as usize]) {
                add(*holder, weight);
            }
        }
    }
}
