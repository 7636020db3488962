//! Which pairs of documents are compared, and what the comparison gives.
//!
//! The holders of a trigram are compared with its *leaders* only, the few holders of smallest content key. That is a
//! function of the set of documents, costs a fixed amount for each trigram of a text, and changes little when documents
//! are added: a link must be looked at again only when one of its ends is *dirty*.

use super::coverage::{Cold, Comparer, Weighted, ahead};
use super::documents::{Documents, UNIT};
use super::grams::Grams;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use std::ops::Range;

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

/// Coverage that makes two documents one family, in ten thousandths. A short text must be covered by more than the cut: in few
/// words much is shared by chance, and one word makes another message.
pub fn needed(weighted: &Weighted, a: u32, b: u32, rules: &Templates) -> u32 {
    let total = weighted.total(a as usize).min(weighted.total(b as usize));
    let words = f64::from(total.max(1)) / f64::from(UNIT);
    ten_thousandths(rules.cut) + ten_thousandths((rules.short / words).powi(2).min(1.0))
}

/// When a pair is a quotation.
pub fn cold(rules: &Templates) -> Cold {
    Cold { share: ten_thousandths(rules.cold), least: ten_thousandths(rules.cold_least) }
}

/// Evidence that one shared trigram gives, in bits: how much likelier it makes two documents to be alike.
fn evidence(holders: usize, documents: usize, rules: &Templates) -> u32 {
    // Both rounded down to powers of two, so that evidence changes only when a number doubles.
    let corpus = documents.max(rules.few).ilog2();
    if holders < 2 { 0 } else { corpus.saturating_sub(holders.ilog2()) }
}

/// Evidence that a pair needs: what outweighs that two documents drawn at random are strangers, and some more.
fn least_evidence(documents: usize, rules: &Templates) -> u32 {
    documents.max(rules.few).ilog2() + rules.least_evidence
}

/// Documents whose links must be computed: all of them when nothing is known, else those that are new, that are read
/// otherwise, or that hold a word whose weight changed.
pub fn dirty(documents: &Documents, known: &[bool], reread: &[bool], changed_words: &[bool]) -> Vec<bool> {
    let changed = |document| documents.words(document).iter().any(|word| changed_words[*word as usize]);
    (0..documents.len())
        .into_par_iter()
        .map(|document| !known[document] || reread[document] || changed(document))
        .collect()
}

/// Documents that were a leader of some trigram and are no more, or whose trigram gives less evidence: their links may have
/// lost what made them candidates. Known pairs never gain: a new leader is a new document.
pub fn weakened(grams: &Grams, rules: &Templates, known: &[bool]) -> Vec<bool> {
    let known_count = known.iter().filter(|known| **known).count();
    let weaker: Vec<u32> = (0..grams.len())
        .into_par_iter()
        .with_min_len(1024)
        .fold(Vec::new, |mut weaker, gram| {
            let holders = grams.holders(gram);
            let count_before = holders.iter().filter(|holder| known[**holder as usize]).count();
            if count_before == holders.len() || count_before == 0 {
                return weaker;
            }
            let leaders = &holders[..holders.len().min(rules.leaders)];
            let before = holders.iter().copied().filter(|holder| known[*holder as usize]).take(rules.leaders);
            let (old, new) =
                (evidence(count_before, known_count, rules), evidence(holders.len(), known.len(), rules));
            if new < old {
                weaker.extend(before);
            } else {
                weaker.extend(before.filter(|leader| !leaders.contains(leader)));
            }
            weaker
        })
        .reduce(Vec::new, |mut left, mut right| {
            left.append(&mut right);
            left
        });
    let mut weakened = vec![false; known.len()];
    for document in weaker {
        weakened[document as usize] = true;
    }
    weakened
}

/// Whether two documents are candidates of each other still.
pub fn still_held(grams: &Grams, rules: &Templates, link: Link, documents: usize) -> bool {
    pair_evidence(grams, rules, link.a, link.b, documents) >= least_evidence(documents, rules)
}

/// Evidence between two documents: that of the trigrams that both hold and of which one of them is a leader.
fn pair_evidence(grams: &Grams, rules: &Templates, a: u32, b: u32, documents: usize) -> u32 {
    let (left, right) = (grams.of_document(a as usize), grams.of_document(b as usize));
    let (mut i, mut j, mut sum) = (0, 0, 0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                let holders = grams.holders(left[i] as usize);
                // The smaller of the two is the likelier leader; a leader pairs with every other holder.
                if holders.iter().take(rules.leaders).any(|leader| *leader == a || *leader == b) {
                    sum += evidence(holders.len(), documents, rules);
                    if sum >= least_evidence(documents, rules) {
                        return sum;
                    }
                }
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    sum
}

#[derive(Default)]
struct Scratch {
    comparer: Comparer,
    evidence: Vec<u16>,
    touched: Vec<u32>,
    /// Holders of each trigram of a document, by their places in the index, and its evidence.
    leading: Vec<(Range<usize>, u32)>,
    /// What is compared with it by each trigram, and the evidence.
    others: Vec<(u32, u32)>,
}

/// Links of which at least one end is dirty, in the order of their documents.
pub fn compute(weighted: &Weighted, grams: &Grams, rules: &Templates, dirty: &[bool]) -> Vec<Link> {
    let (keep, least) = (ten_thousandths(rules.keep), least_weight(rules));
    let documents = weighted.len();
    let enough = least_evidence(documents, rules);
    let wanted: Vec<u32> = (0..documents as u32).filter(|document| dirty[*document as usize]).collect();
    let some_clean = wanted.len() < documents;
    let parts: Vec<Vec<Link>> = wanted
        .par_chunks(256)
        .map_init(Scratch::default, |scratch, chunk| {
            scratch.evidence.resize(documents, 0);
            let mut links = Vec::new();
            for document in chunk {
                candidates(scratch, grams, rules, dirty, some_clean, *document, documents);
                let first = *document as usize;
                let total = u64::from(weighted.total(first));
                scratch.touched.retain(|other| {
                    let evidence = std::mem::take(&mut scratch.evidence[*other as usize]);
                    u32::from(evidence) >= enough && {
                        let other = u64::from(weighted.total(*other as usize));
                        total.min(other) * 10_000 >= u64::from(keep) * total.max(other)
                    }
                });
                if scratch.touched.is_empty() {
                    continue;
                }
                weighted.ahead(scratch.touched.iter().copied());
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
    some_clean: bool,
    document: u32,
    documents: usize,
) {
    let Scratch { evidence: sums, touched, leading, others, .. } = scratch;
    leading.clear();
    for gram in grams.of_document(document as usize) {
        let span = grams.span(*gram as usize);
        let weight = evidence(span.len(), documents, rules);
        if weight > 0 {
            leading.push((span, weight));
        }
    }
    ahead(leading.iter().map(|(span, _)| grams.holder(span.start)));
    others.clear();
    for (span, weight) in leading.drain(..) {
        let leaders = grams.among(span.start..span.end.min(span.start + rules.leaders));
        let before = leaders.iter().take_while(|leader| **leader < document);
        others.extend(before.map(|leader| (*leader, weight)));
        if some_clean && leaders.contains(&document) {
            let holders = grams.among(span);
            let after = holders.partition_point(|holder| *holder <= document);
            let clean = holders[after..].iter().filter(|holder| !dirty[**holder as usize]);
            others.extend(clean.map(|holder| (*holder, weight)));
        }
    }
    ahead(others.iter().map(|(other, _)| u32::from(sums[*other as usize])));
    for (other, weight) in others.drain(..) {
        let sum = &mut sums[other as usize];
        if *sum == 0 {
            touched.push(other);
        }
        *sum = sum.saturating_add(weight as u16);
    }
}
