//! From links to families: stop phrases, then agglomeration that no digest can bridge.

use super::Known;
use super::coverage::{Comparer, Weighted};
use super::links::{Link, cold, least_weight, needed, ten_thousandths};
use crate::forest::{root, unite};
use homeward_model::mix64;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Groups held together by links of at least this score, named by their smallest document.
pub fn groups(documents: usize, links: impl Iterator<Item = Link>, least: u32) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..documents as u32).collect();
    for link in links.filter(|link| u32::from(link.score) >= least) {
        unite(&mut parent, link.a, link.b);
    }
    (0..documents as u32).map(|at| root(&mut parent, at)).collect()
}

/// Documents of each group, by its name.
pub fn sizes(group: &[u32]) -> Vec<u32> {
    let mut sizes = vec![0u32; group.len()];
    for group in group {
        sizes[*group as usize] += 1;
    }
    sizes
}

/// Which links make strict groups of texts that are alike: not those of which one text is covered in part only, so that a
/// text that quotes is in the group of none that it quotes. `known` holds what an earlier batch found.
pub fn alike(weighted: &Weighted, links: &[Link], known: &[Known], rules: &Templates) -> Vec<bool> {
    let (strict, least, cold) = (ten_thousandths(rules.strict), least_weight(rules), cold(rules));
    links
        .par_iter()
        .zip(known)
        .map_init(Comparer::default, |comparer, (link, known)| {
            let score = u32::from(link.score);
            if let Some((alike, _)) = known {
                return *alike;
            }
            if score < strict || score >= cold.least {
                return score >= strict;
            }
            comparer.set(weighted, link.a as usize);
            comparer.family_score(weighted, link.b as usize, least, strict, cold) > 0
        })
        .collect()
}

/// The links that are marked.
pub fn those<'a>(links: &'a [Link], marked: &'a [bool]) -> impl Iterator<Item = Link> + 'a {
    links.iter().zip(marked).filter(|(_, marked)| **marked).map(|(link, _)| *link)
}

/// Groups of which texts are alike, though not enough to be one group; `but` says which texts do not count.
pub fn linked(group: &[u32], links: &[Link], but: &[bool]) -> FxHashSet<(u32, u32)> {
    let of = |document: u32| group[document as usize];
    let ends = links.iter().filter(|link| !but[link.a as usize] && !but[link.b as usize]);
    ends.map(|link| (of(link.a).min(of(link.b)), of(link.a).max(of(link.b))))
        .filter(|(a, b)| a != b)
        .collect()
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
pub fn rescore(weighted: &Weighted, links: &[Link], known: &[Known], rules: &Templates) -> Vec<Rescored> {
    let (least, cold) = (least_weight(rules), cold(rules));
    let mut by_first: Vec<(&[Link], &[Known])> = Vec::new();
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
                if let Some((_, known)) = known {
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

/// Families of documents, and what they follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agglomerated {
    /// For each document, the smallest of its family.
    pub family: Vec<u32>,
    /// Of each connected component its smallest document and a hash of its links and masks, by document: the same hash means the
    /// same families, as long as no word of its texts weighs differently.
    pub components: Vec<Component>,
}

/// The smallest document of a connected component, and a hash of what its families follow from.
type Component = (u32, u64);
/// Documents, each with the smallest of its family.
type Named = Vec<(u32, u32)>;

/// Families of documents: links in falling order of score, each union confirmed by the representatives of both sides.
/// Every connected component is worked on by itself, so that the answer for one does not depend on another, and is taken from
/// what an earlier batch found when it is the same and no document of it is `dirty`.
pub fn agglomerate(
    weighted: &Weighted,
    links: &[Link],
    masks: &[u32],
    dirty: &[bool],
    known: &Agglomerated,
    rules: &Templates,
) -> Agglomerated {
    let component = groups(weighted.len(), links.iter().copied(), 0);
    let mut sorted: Vec<(u32, Link)> = links.iter().map(|link| (component[link.a as usize], *link)).collect();
    sorted.par_sort_unstable_by_key(|(component, link)| (*component, u16::MAX - link.score, link.a, link.b));
    let components: Vec<&[(u32, Link)]> = sorted.chunk_by(|x, y| x.0 == y.0).collect();
    let parts: Vec<(Component, Named)> = components
        .par_iter()
        .map_init(Comparer::default, |comparer, links| {
            let this = (links[0].0, hash_of(weighted, links, masks));
            let ends = || links.iter().flat_map(|(_, link)| [link.a, link.b]);
            let same =
                known.components.binary_search(&this).is_ok() && !ends().any(|end| dirty[end as usize]);
            let families = if same {
                ends().map(|end| (end, known.family[end as usize])).collect()
            } else {
                one_component(comparer, weighted, links, rules)
            };
            (this, families)
        })
        .collect();
    let (components, parts): (Vec<Component>, Vec<Named>) = parts.into_iter().unzip();
    let mut family: Vec<u32> = (0..weighted.len() as u32).collect();
    for (document, name) in parts.into_iter().flatten() {
        family[document as usize] = name;
    }
    Agglomerated { family, components }
}

/// A hash of all that the families of a component follow from, but for the words.
fn hash_of(weighted: &Weighted, links: &[(u32, Link)], masks: &[u32]) -> u64 {
    let end = |hash: u64, document: u32| {
        mix64(mix64(hash ^ weighted.key(document)) ^ u64::from(masks[document as usize]))
    };
    links.iter().fold(0, |hash, (_, link)| end(end(hash, link.a), link.b) ^ u64::from(link.score))
}

/// Family of each document of one component.
fn one_component(
    comparer: &mut Comparer,
    weighted: &Weighted,
    links: &[(u32, Link)],
    rules: &Templates,
) -> Named {
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
    let mut named: Named = family.into_iter().collect();
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
