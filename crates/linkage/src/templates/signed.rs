//! Families that a passage joins, because selectors corroborate that it is one owner's signature.

use super::passages::Passage;
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Joins the families of passages that selectors corroborate. `selectors` holds the identifying values of each document,
/// ascending.
pub fn join(
    passages: &mut [Passage],
    family: &mut [u32],
    quoting: &[bool],
    selectors: &[Vec<u64>],
    rules: &Templates,
) {
    let mut size: FxHashMap<u32, u32> = FxHashMap::default();
    for family in family.iter() {
        *size.entry(*family).or_default() += 1;
    }
    let mut shown: FxHashMap<u64, u32> = FxHashMap::default();
    selectors.iter().flatten().for_each(|value| *shown.entry(*value).or_default() += 1);
    let common = |value: &u64| shown[value] as usize > rules.selector_most;
    // The families that each passage would join.
    let (wanted, nearly): (Vec<Option<Vec<u32>>>, Vec<Vec<u32>>) = passages
        .par_iter()
        .map(|passage| {
            let mut holders: Vec<(u32, u32)> = passage
                .holders
                .iter()
                .map(|holder| (family[*holder as usize], *holder))
                .filter(|(family, holder)| !quoting[*holder as usize] || size[family] >= 3)
                .collect();
            holders.sort_unstable();
            // Of a family with wording of its own, a quarter must hold what is to be its signature, and two: one may quote it.
            let families: Vec<&[(u32, u32)]> = holders
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|same| {
                    let size = size[&same[0].0] as usize;
                    size == 1 || same.len() > 1 && 4 * same.len() >= size
                })
                .collect();
            let established = |same: &&&[(u32, u32)]| size[&same[0].0] >= 3;
            // What several established families hold does not join those: they have wording of their own.
            let several = families.iter().filter(established).count() > 1;
            let mut count: FxHashMap<u64, u32> = FxHashMap::default();
            let values: Vec<FxHashSet<u64>> = families
                .iter()
                .map(|same| {
                    let values = same.iter().flat_map(|(_, holder)| &selectors[*holder as usize]);
                    values.copied().filter(|value| !common(value)).collect()
                })
                .collect();
            values.iter().flatten().for_each(|value| *count.entry(*value).or_default() += 1);
            let signed = values.iter().filter(|values| !values.is_empty()).count();
            let agree = |values: &&FxHashSet<u64>| values.iter().any(|value| count[value] > 1);
            let agreeing = values.iter().filter(agree).count();
            if signed < 2 || 2 * signed < families.len() || 2 * agreeing < signed {
                return (None, Vec::new());
            }
            // Who holds it but for a word comes in as long as no selector speaks against it.
            let ours: FxHashSet<u64> = values.into_iter().flatten().collect();
            let nearly = passage.nearly.iter().filter(|document| {
                let mut values =
                    selectors[**document as usize].iter().filter(|value| !common(value)).peekable();
                !quoting[**document as usize]
                    && (values.peek().is_none() || values.any(|value| ours.contains(value)))
            });
            let nearly = nearly.map(|document| family[*document as usize]).collect();
            let joined = families.iter().filter(|same| !several || !established(same)).map(|same| same[0].0);
            (Some(joined.collect()), nearly)
        })
        .unzip();
    // A family that two passages would join to families with nothing in common may quote them: it waits.
    let mut companions: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    for (at, families) in wanted.iter().enumerate() {
        families.iter().flatten().for_each(|family| companions.entry(*family).or_default().push(at));
    }
    let list = |at: usize| wanted[at].as_deref().unwrap_or_default();
    let apart =
        |family: u32, a: &[u32], b: &[u32]| !a.iter().any(|other| *other != family && b.contains(other));
    let waiting: FxHashSet<u32> = companions
        .iter()
        .filter(|(family, passages)| {
            size[family] < 3
                && passages
                    .iter()
                    .take(16)
                    .enumerate()
                    .any(|(at, a)| passages[..at].iter().any(|b| apart(**family, list(*a), list(*b))))
        })
        .map(|(family, _)| *family)
        .collect();
    let mut parent: FxHashMap<u32, u32> = FxHashMap::default();
    // Who waits, and who holds a passage but for a word, with the families that it would be of.
    let mut late: Vec<(u32, u32)> = Vec::new();
    for families in wanted.iter().flatten() {
        let mut firm = families.iter().filter(|family| !waiting.contains(family));
        let Some(first) = firm.next() else { continue };
        firm.for_each(|other| unite(&mut parent, *first, *other));
    }
    for (passage, (families, nearly)) in passages.iter_mut().zip(wanted.iter().zip(&nearly)) {
        let Some(families) = families else { continue };
        let Some(first) = families.iter().find(|family| !waiting.contains(family)) else { continue };
        passage.joins = families.len() > 1;
        let first = top(&mut parent, *first);
        late.extend(families.iter().filter(|family| waiting.contains(family)).map(|family| (*family, first)));
        late.extend(
            nearly.iter().filter(|family| !companions.contains_key(family)).map(|family| (*family, first)),
        );
    }
    late.sort_unstable();
    late.dedup();
    // Of several it is a digest.
    for same in late.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() == 1) {
        unite(&mut parent, same[0].0, same[0].1);
    }
    for family in family.iter_mut() {
        *family = top(&mut parent, *family);
    }
}

fn unite(parent: &mut FxHashMap<u32, u32>, a: u32, b: u32) {
    let (a, b) = (top(parent, a), top(parent, b));
    if a != b {
        parent.insert(a.max(b), a.min(b));
    }
}

fn top(parent: &mut FxHashMap<u32, u32>, family: u32) -> u32 {
    let mut at = family;
    while let Some(above) = parent.get(&at).copied().filter(|above| *above != at) {
        at = above;
    }
    if at != family {
        parent.insert(family, at);
    }
    at
}
