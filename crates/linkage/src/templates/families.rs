//! From links to families: stop phrases, then agglomeration that no digest can bridge.

use super::coverage::{Comparer, Weighted};
use super::documents::Documents;
use super::grams::Grams;
use super::links::{Link, cold, least_weight, needed, ten_thousandths};
use super::passages::Run;
use homeward_model::mix64;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

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

/// Strict groups without the links of which one text is covered in part only: a text that quotes is in the group of none that
/// it quotes.
pub fn groups_alike(weighted: &Weighted, links: &[Link], rules: &Templates) -> Vec<u32> {
    let (strict, least, cold) = (ten_thousandths(rules.strict), least_weight(rules), cold(rules));
    let alike: Vec<Link> = links
        .par_iter()
        .filter(|link| u32::from(link.score) >= strict)
        .map_init(Comparer::default, |comparer, link| {
            if u32::from(link.score) < cold.least {
                comparer.set(weighted, link.a as usize);
                (comparer.family_score(weighted, link.b as usize, least, strict, cold) > 0).then_some(*link)
            } else {
                Some(*link)
            }
        })
        .flatten()
        .collect();
    groups(weighted.len(), &alike, strict)
}

/// Groups of which texts are alike, though not enough to be one group; `but` says which texts do not count.
pub fn linked(group: &[u32], links: &[Link], but: &[bool]) -> FxHashSet<(u32, u32)> {
    let of = |document: u32| group[document as usize];
    let ends = links.iter().filter(|link| !but[link.a as usize] && !but[link.b as usize]);
    ends.map(|link| (of(link.a).min(of(link.b)), of(link.a).max(of(link.b))))
        .filter(|(a, b)| a != b)
        .collect()
}

/// How far a trigram stands apart from the strict groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scatter {
    /// Its holders are one group.
    No,
    /// Its holders are of several groups, most of them with others of their group.
    Across,
    /// Each of its few holders is in a group of its own: a passage that strangers share, when it is long.
    Few,
    /// It stands in many groups that share little else: a copied snippet, a stock sentence.
    Many,
}

/// How each trigram is scattered over the strict groups.
pub fn scattered(grams: &Grams, group: &[u32], rules: &Templates) -> Vec<Scatter> {
    (0..grams.len())
        .into_par_iter()
        .with_min_len(1024)
        .map_init(Vec::new, |seen: &mut Vec<u32>, gram| {
            let holders = grams.holders(gram);
            seen.clear();
            seen.extend(holders.iter().map(|holder| group[*holder as usize]));
            seen.sort_unstable();
            seen.dedup();
            if seen.len() >= rules.scattered_least && 2 * seen.len() > holders.len() {
                Scatter::Many
            } else if seen.len() == holders.len() {
                Scatter::Few
            } else if seen.len() > 1 {
                Scatter::Across
            } else {
                Scatter::No
            }
        })
        .collect()
}

/// Takes the weight from every stop phrase; returns a hash of the places taken for each document, 0 for none, and the runs of
/// words that other groups hold too.
pub fn mask_stop_phrases(
    weighted: &mut Weighted,
    grams: &Grams,
    scattered: &[Scatter],
    rules: &Templates,
) -> (Vec<u32>, Vec<Run>) {
    let documents = weighted.documents();
    // A document with spaced-out words is read otherwise than the index holds it: all stop phrases are looked up for it.
    let all: FxHashMap<u64, u32> = if documents.readings.iter().all(|reading| *reading == 0) {
        FxHashMap::default()
    } else {
        let stops = (0..grams.len()).filter(|gram| scattered[*gram] != Scatter::No);
        stops.map(|gram| (grams.hash(gram), gram as u32)).collect()
    };
    let found: Vec<(Vec<u32>, Vec<Run>)> = (0..documents.len())
        .into_par_iter()
        .map_init(Vec::new, |stops: &mut Vec<(u64, u32)>, document| {
            if documents.readings[document] != 0 {
                let find = |gram: &[u32]| all.get(&super::grams::hash(gram)).copied();
                return stop_places(documents, scattered, rules, document, find);
            }
            stops.clear();
            let held = grams.of_document(document).iter().copied();
            let stop = held.filter(|gram| scattered[*gram as usize] != Scatter::No);
            stops.extend(stop.map(|gram| (grams.hash(gram as usize), gram)));
            if stops.len() < rules.scattered_run {
                return (Vec::new(), Vec::new());
            }
            stops.sort_unstable_by_key(|(hash, _)| *hash);
            stop_places(documents, scattered, rules, document, |gram| {
                let found = stops.binary_search_by_key(&super::grams::hash(gram), |(hash, _)| *hash);
                found.ok().map(|at| stops[at].1)
            })
        })
        .collect();
    for (document, (places, _)) in found.iter().enumerate().filter(|(_, (places, _))| !places.is_empty()) {
        weighted.mask(document, places.iter().map(|place| *place as usize));
    }
    let hash = |places: &[u32]| {
        places
            .iter()
            .fold(0u64, |hash, place| mix64(hash.wrapping_mul(31).wrapping_add(u64::from(*place) + 1)))
            as u32
    };
    let mask = |(places, runs): (Vec<u32>, Vec<Run>)| {
        (if places.is_empty() { 0 } else { hash(&places).max(1) }, runs)
    };
    let (masks, runs): (Vec<u32>, Vec<Vec<Run>>) = found.into_par_iter().map(mask).unzip();
    (masks, runs.into_iter().flatten().collect())
}

fn stop_places(
    documents: &Documents,
    scattered: &[Scatter],
    rules: &Templates,
    document: usize,
    find: impl Fn(&[u32]) -> Option<u32>,
) -> (Vec<u32>, Vec<Run>) {
    let words = documents.words(document);
    let stopped: Vec<Option<u32>> = words.windows(3).map(find).collect();
    let scatter = |gram: &Option<u32>| gram.map_or(Scatter::No, |gram| scattered[gram as usize]);
    let runs_of = |least: usize, stopped_by: fn(Scatter) -> bool| {
        let mut runs = Vec::new();
        let mut at = 0;
        while at < stopped.len() {
            let run = stopped[at..].iter().take_while(|gram| stopped_by(scatter(gram))).count();
            if run >= least {
                runs.push(at..at + run + 2);
            }
            at += run.max(1);
        }
        runs
    };
    let mut places: Vec<usize> =
        runs_of(rules.scattered_run, |scatter| scatter == Scatter::Many).into_iter().flatten().collect();
    let few = |scatter| matches!(scatter, Scatter::Few | Scatter::Many);
    // A text of which a passage is the larger part is no text with a snippet.
    let most = words.len() * 2 / 5;
    places.extend(runs_of(rules.passage_run, few).into_iter().filter(|run| run.len() < most).flatten());
    places.sort_unstable();
    places.dedup();
    let places = places.into_iter().map(|place| place as u32).collect();
    let shared = runs_of(rules.signature_words - 2, |scatter| scatter != Scatter::No);
    let run =
        |run: Range<usize>| Run { document: document as u32, start: run.start as u32, end: run.end as u32 };
    (places, shared.into_iter().map(run).collect())
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
    let (least, cold) = (least_weight(rules), cold(rules));
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
                let cut = needed(weighted, link.a, link.b, rules);
                match comparer.family_score(weighted, link.b as usize, least, cut, cold) {
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

/// Adds documents of which one link covers the beginning and another the end: digests, which belong to no family.
pub fn digests(digests: &mut [bool], links: &[Link], rescored: &[Rescored]) {
    let mut first_end = vec![16; digests.len()];
    let mut last_start = vec![0; digests.len()];
    for (link, rescored) in links.iter().zip(rescored).filter(|(_, rescored)| rescored.score > 0) {
        for (document, covered) in [(link.a as usize, rescored.a), (link.b as usize, rescored.b)] {
            // One sixteenth on each end may be covered by chance.
            let without_lowest = covered & covered.wrapping_sub(1);
            let without_highest = covered & !(1u16.rotate_right(1) >> covered.leading_zeros().min(15));
            if without_lowest & without_highest != 0 {
                last_start[document] = without_lowest.trailing_zeros().max(last_start[document]);
                first_end[document] = without_highest.ilog2().min(first_end[document]);
            }
        }
    }
    for (digest, (end, start)) in digests.iter_mut().zip(first_end.iter().zip(&last_start)) {
        *digest |= end < start;
    }
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
        sum +=
            right.iter().map(|b| comparer.family_score(weighted, *b as usize, least, 0, cold)).sum::<u32>();
    }
    f64::from(sum)
        >= rules.join_share * f64::from(ten_thousandths(rules.cut)) * (left.len() * right.len()) as f64
}
