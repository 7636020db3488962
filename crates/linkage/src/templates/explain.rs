//! Why a text is in its family, and why it is not in the nearest other one.

use super::coverage::{Comparer, Weighted};
use super::documents::{UNIT, weight};
use super::links::{Link, cold, least_weight, needed};
use super::{Clustering, Documents};
use homeward_rules::templates::Templates;
use std::ops::Range;

/// What two texts share.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// The other text.
    pub document: u32,
    /// How much of the weight of each the other covers, the lesser of both, 0 to 1.
    pub coverage: f64,
    /// The coverage that makes two texts of these lengths one family.
    pub needed: f64,
    /// Phrases of the explained text that the other has too: its words, and what they weigh in informative words. A phrase that
    /// strangers share weighs nothing.
    pub phrases: Vec<(Range<u32>, f64)>,
}

/// Why a text is where it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placement {
    /// The texts of its family that are most like it, the likest first.
    pub family: Vec<Likeness>,
    /// The likest text of another family or of none, and why it is not one family with it.
    pub nearest: Option<(Likeness, Apart)>,
}

/// Why two texts that share phrases are not one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// One of them quotes several others.
    Digest,
    /// Too little is shared once the phrases of strangers weigh nothing.
    Little,
    /// What is shared stands in one part only: one quotes the other.
    Quotation,
    /// The other texts of the two families are too unlike.
    Families,
}

impl Apart {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Apart::Digest => "one of the two quotes several texts and belongs to no family",
            Apart::Little => "too little is shared beside phrases that strangers share",
            Apart::Quotation => "the shared words stand in one part only: one text quotes the other",
            Apart::Families => "the other texts of the two families are too unlike",
        }
    }
}

/// Texts of its own family that a placement names.
const NAMED: usize = 3;

/// Explains some documents of a clustering, in their order.
pub fn explain(
    documents: &Documents,
    rules: &Templates,
    clustering: &Clustering,
    wanted: &[u32],
) -> Vec<Placement> {
    let known = clustering.memory.links.iter().zip(&clustering.memory.scores);
    let raw: Vec<Link> = known.map(|((a, b), score)| Link { a: *a, b: *b, score: *score }).collect();
    let mut weighted = Weighted::new(documents, &documents.levels(rules.few));
    weighted.reweigh(&clustering.frequent);
    weighted.mask(&clustering.masked);
    let mut comparer = Comparer::default();
    let explained = wanted.iter().map(|document| {
        let others = raw.iter().filter_map(|link| match *document {
            at if at == link.a => Some(link.b),
            at if at == link.b => Some(link.a),
            _ => None,
        });
        let family = |at: u32| clustering.family[at as usize];
        comparer.set(&weighted, *document as usize);
        let (mut own, mut foreign): (Vec<Likeness>, Vec<Likeness>) = others
            .map(|other| likeness(&mut comparer, &weighted, *document, other, rules))
            .partition(|likeness| family(likeness.document) == family(*document));
        for found in [&mut own, &mut foreign] {
            found.sort_by(|a, b| b.coverage.total_cmp(&a.coverage).then(a.document.cmp(&b.document)));
        }
        own.truncate(NAMED);
        let nearest = foreign.into_iter().next().map(|nearest| {
            let digest = |at: u32| clustering.digests[at as usize];
            let (least, cold) = (least_weight(rules), cold(rules));
            let apart = if digest(*document) || digest(nearest.document) {
                Apart::Digest
            } else if nearest.coverage < nearest.needed {
                Apart::Little
            } else if comparer.family_score(&weighted, nearest.document as usize, least, 0, cold) == 0 {
                Apart::Quotation
            } else {
                Apart::Families
            };
            (nearest, apart)
        });
        Placement { family: own, nearest }
    });
    explained.collect()
}

fn likeness(
    comparer: &mut Comparer,
    weighted: &Weighted,
    document: u32,
    other: u32,
    rules: &Templates,
) -> Likeness {
    let share = |ten_thousandths: u32| f64::from(ten_thousandths) / 10_000.0;
    let coverage = share(comparer.score(weighted, other as usize, 1, 0));
    let levels = weighted.levels(document as usize);
    let (mut phrases, mut start) = (Vec::new(), 0);
    // A word that is covered continues the phrase; any other ends it.
    for at in 0..=levels.len() {
        if at < levels.len() && comparer.is_covered(at) {
            continue;
        }
        if start < at {
            let weight: u32 = levels[start..at].iter().map(|level| weight(*level)).sum();
            phrases.push((start as u32..at as u32, f64::from(weight) / f64::from(UNIT)));
        }
        start = at + 1;
    }
    phrases.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.start.cmp(&b.0.start)));
    let needed = needed(weighted, document, other, rules);
    Likeness { document: other, coverage, needed: share(needed), phrases }
}
