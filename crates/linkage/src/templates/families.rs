//! From links to families: stop phrases, then agglomeration that no digest can bridge.

use super::coverage::{Comparer, Weighted};
use super::documents::NONE;
use super::links::{Link, cold, least_weight, needed, ten_thousandths};
use super::stops::Stops;
use super::{Known, quotations};
use crate::forest::{root, unite};
use homeward_model::mix64;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

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

/// Coverage of each link once stop phrases weigh nothing, 0 below the cut. `known` holds what an earlier batch found for links
/// whose two documents are the same and masked the same.
pub fn rescore(weighted: &Weighted, links: &[Link], known: &[Known], rules: &Templates) -> Vec<u16> {
    let (least, cold) = (least_weight(rules), cold(rules));
    let mut by_first: Vec<(&[Link], &[Known])> = Vec::new();
    let mut start = 0;
    for same in links.chunk_by(|x, y| x.a == y.a) {
        by_first.push((same, &known[start..start + same.len()]));
        start += same.len();
    }
    let parts: Vec<Vec<u16>> = by_first
        .par_iter()
        .with_min_len(64)
        .map_init(Comparer::default, |comparer, (links, known)| {
            let mut set = false;
            let unknown = links.iter().zip(*known).filter(|(_, known)| known.is_none());
            weighted.ahead(unknown.map(|(link, _)| link.b));
            let scores = links.iter().zip(*known).map(|(link, known)| {
                if let Some(known) = known {
                    return *known;
                }
                if !set {
                    comparer.set(weighted, link.a as usize);
                    set = true;
                }
                let cut = needed(weighted, link.a, link.b, rules);
                comparer.family_score(weighted, link.b as usize, least, cut, cold) as u16
            });
            scores.collect()
        })
        .collect();
    parts.concat()
}

/// Families of documents, and what they follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agglomerated {
    /// For each document, the smallest of its family; [`NONE`] for a text that quotes the family that it would be of.
    pub family: Vec<u32>,
    /// Of each connected component its smallest document and a hash of its links and of what its texts share with strangers, by
    /// document: the same hash means the same families, as long as no word of its texts weighs differently.
    pub components: Vec<Component>,
}

/// The smallest document of a connected component, and a hash of what its families follow from.
type Component = (u32, u64);

impl Agglomerated {
    /// For each document, the smallest of its family. Adds those that quote it to the `digests`: they stand alone.
    pub fn families(&self, digests: &mut [bool]) -> Vec<u32> {
        let mut families = self.family.clone();
        for (document, family) in families.iter_mut().enumerate().filter(|(_, family)| **family == NONE) {
            *family = document as u32;
            digests[document] = true;
        }
        families
    }
}

/// Documents, each with the smallest of its family, [`NONE`] for one that quotes it.
type Named = Vec<(u32, u32)>;

/// Families of documents: links in falling order of score, each union confirmed by the representatives of both sides.
/// Every connected component is worked on by itself, so that the answer for one does not depend on another, and is taken from
/// what an earlier batch found when it is the same and no document of it is `dirty`.
pub fn agglomerate(
    weighted: &Weighted,
    links: &[Link],
    stops: &Stops,
    dirty: &[bool],
    known: &Agglomerated,
    rules: &Templates,
) -> Agglomerated {
    let component = groups(weighted.len(), links.iter().copied(), 0);
    let marks = stops.marks(weighted.len());
    let mut sorted: Vec<(u32, Link)> = links.iter().map(|link| (component[link.a as usize], *link)).collect();
    sorted.par_sort_unstable_by_key(|(component, link)| (*component, u16::MAX - link.score, link.a, link.b));
    let components: Vec<&[(u32, Link)]> = sorted.chunk_by(|x, y| x.0 == y.0).collect();
    let parts: Vec<(Component, Named)> = components
        .par_iter()
        .map_init(Comparer::default, |comparer, links| {
            let this = (links[0].0, hash_of(weighted, links, &marks));
            let ends = || links.iter().flat_map(|(_, link)| [link.a, link.b]);
            let same =
                known.components.binary_search(&this).is_ok() && !ends().any(|end| dirty[end as usize]);
            let families = if same {
                ends().map(|end| (end, known.family[end as usize])).collect()
            } else {
                one_component(comparer, weighted, links, stops, rules)
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
fn hash_of(weighted: &Weighted, links: &[(u32, Link)], marks: &[u32]) -> u64 {
    let end = |hash: u64, document: u32| {
        mix64(mix64(hash ^ weighted.key(document)) ^ u64::from(marks[document as usize]))
    };
    links.iter().fold(0, |hash, (_, link)| end(end(hash, link.a), link.b) ^ u64::from(link.score))
}

/// Family of each document of one component.
fn one_component(
    comparer: &mut Comparer,
    weighted: &Weighted,
    links: &[(u32, Link)],
    stops: &Stops,
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
    for members in members.values() {
        let quoting = quotations::quoting(comparer, weighted, stops, members, rules);
        let staying = members.iter().filter(|member| !quoting.contains(member));
        let Some(first) = staying.clone().next() else { continue };
        family.extend(staying.map(|member| (*member, *first)));
        family.extend(quoting.into_iter().map(|member| (member, NONE)));
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
