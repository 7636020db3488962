//! From links to families: stop phrases, then agglomeration that no digest can bridge.

use super::coverage::{Cold, Comparer, Weighted};
use super::documents::Documents;
use super::grams::Grams;
use super::links::{Link, least_weight, ten_thousandths};
use homeward_model::mix64;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Root of a document in a forest, shortening the way.
pub fn root(parent: &mut [u32], mut at: u32) -> u32 {
    while parent[at as usize] != at {
        parent[at as usize] = parent[parent[at as usize] as usize];
        at = parent[at as usize];
    }
    at
}

/// Groups held together by links of at least this score, named by their smallest document.
pub fn groups(documents: usize, links: &[Link], least: u32) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..documents as u32).collect();
    for link in links.iter().filter(|link| u32::from(link.score) >= least) {
        let (a, b) = (root(&mut parent, link.a), root(&mut parent, link.b));
        parent[a.max(b) as usize] = a.min(b);
    }
    (0..documents as u32).map(|at| root(&mut parent, at)).collect()
}

/// Whether each trigram stands in many strict groups that share little else: a copied snippet, a stock sentence.
pub fn scattered(grams: &Grams, group: &[u32], rules: &Templates) -> Vec<bool> {
    (0..grams.len())
        .into_par_iter()
        .with_min_len(1024)
        .map_init(Vec::new, |seen: &mut Vec<u32>, gram| {
            let holders = grams.holders(gram);
            if holders.len() < rules.scattered_least {
                return false;
            }
            seen.clear();
            seen.extend(holders.iter().map(|holder| group[*holder as usize]));
            seen.sort_unstable();
            seen.dedup();
            seen.len() >= rules.scattered_least && 2 * seen.len() > holders.len()
        })
        .collect()
}

/// Takes the weight from every stop phrase; returns a hash of the places taken for each document, 0 for none.
pub fn mask_stop_phrases(
    weighted: &mut Weighted,
    grams: &Grams,
    scattered: &[bool],
    rules: &Templates,
) -> Vec<u32> {
    let documents = weighted.documents();
    let masked: Vec<Vec<usize>> = (0..documents.len())
        .into_par_iter()
        .map(|document| stop_places(documents, grams, scattered, rules, document))
        .collect();
    for (document, places) in masked.iter().enumerate().filter(|(_, places)| !places.is_empty()) {
        weighted.mask(document, places.iter().copied());
    }
    let hash = |places: Vec<usize>| {
        places.iter().fold(0u64, |hash, place| mix64(hash.wrapping_mul(31).wrapping_add(*place as u64 + 1)))
            as u32
    };
    masked.into_par_iter().map(|places| if places.is_empty() { 0 } else { hash(places).max(1) }).collect()
}

fn stop_places(
    documents: &Documents,
    grams: &Grams,
    scattered: &[bool],
    rules: &Templates,
    document: usize,
) -> Vec<usize> {
    let words = documents.words(document);
    let mut stops: Vec<u64> = grams
        .of_document(document)
        .iter()
        .filter(|gram| scattered[**gram as usize])
        .map(|gram| grams.hash(*gram as usize))
        .collect();
    if stops.len() < rules.scattered_run {
        return Vec::new();
    }
    stops.sort_unstable();
    let stopped: Vec<bool> =
        words.windows(3).map(|gram| stops.binary_search(&super::grams::hash(gram)).is_ok()).collect();
    let mut places = Vec::new();
    let mut at = 0;
    while at < stopped.len() {
        let run = stopped[at..].iter().take_while(|stopped| **stopped).count();
        if run >= rules.scattered_run {
            places.extend(at..at + run + 2);
        }
        at += run.max(1);
    }
    places.dedup();
    places
}

/// What is known of a link once stop phrases weigh nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescored {
    /// Coverage; 0 below the cut.
    pub score: u16,
    /// Sixteenths of the first document that the other covers.
    pub a: u16,
    /// Sixteenths of the other that the first covers.
    pub b: u16,
}

/// Looks at each link again. `known` holds what an earlier batch found for links whose two documents are the same and masked
/// the same.
pub fn rescore(
    weighted: &Weighted,
    links: &[Link],
    known: &[Option<Rescored>],
    rules: &Templates,
) -> Vec<Rescored> {
    let (cut, least, cold) = (ten_thousandths(rules.cut), least_weight(rules), cold(rules));
    let mut by_first: Vec<(&[Link], &[Option<Rescored>])> = Vec::new();
    let mut start = 0;
    for same in links.chunk_by(|x, y| x.a == y.a) {
        by_first.push((same, &known[start..start + same.len()]));
        start += same.len();
    }
    let parts: Vec<Vec<Rescored>> = by_first
        .par_iter()
        .with_min_len(64)
        .map_init(Comparer::default, |comparer, (links, known)| {
            let mut set = false;
            let scores = links.iter().zip(*known).map(|(link, known)| {
                if let Some(known) = known {
                    return *known;
                }
                if !set {
                    comparer.set(weighted, link.a as usize);
                    set = true;
                }
                match comparer.family_score(weighted, link.b as usize, least, cut, &cold) {
                    0 => Rescored::default(),
                    score => {
                        let (a, b) = comparer.sixteenths(weighted, link.b as usize);
                        Rescored { score: score as u16, a, b }
                    }
                }
            });
            scores.collect()
        })
        .collect();
    parts.concat()
}

fn cold(rules: &Templates) -> Cold {
    Cold {
        share: ten_thousandths(rules.cold),
        one: ten_thousandths(rules.cold_one),
        both: ten_thousandths(rules.cold_both),
    }
}

/// Documents of which different links cover parts that have nothing in common: digests, which belong to no family.
pub fn digests(documents: usize, links: &[Link], rescored: &[Rescored]) -> Vec<bool> {
    let mut sides: Vec<(u32, u16)> = links
        .iter()
        .zip(rescored)
        .filter(|(_, rescored)| rescored.score > 0)
        .flat_map(|(link, rescored)| [(link.a, rescored.a), (link.b, rescored.b)])
        .collect();
    sides.par_sort_unstable();
    sides.dedup();
    let mut digests = vec![false; documents];
    for side in sides.chunk_by(|x, y| x.0 == y.0) {
        let common = side.iter().fold(u16::MAX, |common, (_, part)| common & part);
        if common.count_ones() < 2 {
            digests[side[0].0 as usize] = side.iter().enumerate().any(|(at, (_, part))| {
                side[..at].iter().any(|(_, other)| {
                    let least = part.count_ones().min(other.count_ones());
                    least >= 3 && 4 * (part & other).count_ones() <= least
                })
            });
        }
    }
    digests
}

/// Families of documents: links in falling order of score, each union confirmed by the representatives of both sides.
/// Every connected component is worked on by itself, so that the answer for one does not depend on another.
pub fn agglomerate(weighted: &Weighted, links: &[Link], rules: &Templates) -> Vec<u32> {
    let component = groups(weighted.len(), links, 0);
    let mut sorted: Vec<(u32, Link)> = links.iter().map(|link| (component[link.a as usize], *link)).collect();
    sorted.par_sort_unstable_by_key(|(component, link)| (*component, u16::MAX - link.score, link.a, link.b));
    let components: Vec<&[(u32, Link)]> = sorted.chunk_by(|x, y| x.0 == y.0).collect();
    let parts: Vec<Vec<(u32, u32)>> = components
        .par_iter()
        .map_init(Comparer::default, |comparer, links| one_component(comparer, weighted, links, rules))
        .collect();
    let mut family: Vec<u32> = (0..weighted.len() as u32).collect();
    for (document, name) in parts.into_iter().flatten() {
        family[document as usize] = name;
    }
    family
}

/// Family of each document of one component.
fn one_component(
    comparer: &mut Comparer,
    weighted: &Weighted,
    links: &[(u32, Link)],
    rules: &Templates,
) -> Vec<(u32, u32)> {
    let mut members: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    let mut family: FxHashMap<u32, u32> = FxHashMap::default();
    // Sizes at which two families were refused: they are tried again only after growing to twice that.
    let mut refused: FxHashMap<(u32, u32), usize> = FxHashMap::default();
    for (_, link) in links {
        let a = *family.entry(link.a).or_insert(link.a);
        let b = *family.entry(link.b).or_insert(link.b);
        if a == b {
            continue;
        }
        let (a, b) = (a.min(b), a.max(b));
        let of = |name: u32| members.get(&name).map_or_else(|| vec![name], Clone::clone);
        let (left, right) = (of(a), of(b));
        let size = left.len() + right.len();
        if size > 2 {
            if refused.get(&(a, b)).is_some_and(|before| size < 2 * before) {
                continue;
            }
            if !representatives_agree(comparer, weighted, &left, &right, rules) {
                refused.insert((a, b), size);
                continue;
            }
        }
        let mut joined = left;
        joined.extend(right);
        joined.sort_unstable();
        members.remove(&b);
        for member in &joined {
            family.insert(*member, a);
        }
        members.insert(a, joined);
    }
    let mut named: Vec<(u32, u32)> = family.into_iter().collect();
    named.sort_unstable();
    named
}

fn representatives_agree(
    comparer: &mut Comparer,
    weighted: &Weighted,
    left: &[u32],
    right: &[u32],
    rules: &Templates,
) -> bool {
    let (left, right) =
        (&left[..left.len().min(rules.representatives)], &right[..right.len().min(rules.representatives)]);
    let (least, cold) = (least_weight(rules), cold(rules));
    let mut sum = 0;
    for a in left {
        comparer.set(weighted, *a as usize);
        sum += right.iter().map(|b| comparer.family_score(weighted, *b as usize, least, 0, &cold)).sum::<u32>();
    }
    f64::from(sum)
        >= rules.join_share * f64::from(ten_thousandths(rules.cut)) * (left.len() * right.len()) as f64
}
