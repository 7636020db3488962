//! Families that a passage joins, because selectors corroborate that it is one owner's signature.

use super::families;
use super::passages::Passage;
use crate::forest::{root, unite};
use homeward_rules::templates::Templates;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// The families that a passage would join.
struct Wanted {
    /// Of texts that hold it word by word, by name.
    whole: Vec<u32>,
    /// Of texts that hold it but for a word.
    nearly: Vec<u32>,
}

/// What is known before anything is joined.
struct Ground<'a> {
    family: &'a [u32],
    /// Texts of each family, by its name.
    size: Vec<u32>,
    quoting: &'a [bool],
    selectors: &'a [Vec<u64>],
    /// How many texts show each selector.
    shown: FxHashMap<u64, u32>,
    rules: &'a Templates,
}

impl Ground<'_> {
    fn size(&self, family: u32) -> u32 {
        self.size[family as usize]
    }

    /// The selectors of a document that few show.
    fn telling(&self, document: u32) -> impl Iterator<Item = u64> {
        let values = self.selectors[document as usize].iter().copied();
        values.filter(|value| self.shown[value] as usize <= self.rules.selector_most)
    }

    /// The families that a passage would join, where selectors corroborate that it is one owner's.
    fn wanted(&self, passage: &Passage) -> Option<Wanted> {
        let holders = passage.holders.iter().map(|holder| (self.family[*holder as usize], *holder));
        let mut holders: Vec<(u32, u32)> = holders
            .filter(|(family, holder)| !self.quoting[*holder as usize] || self.size(*family) >= 3)
            .collect();
        holders.sort_unstable();
        // Of a family with wording of its own, a quarter must hold what is to be its signature, and two: one may quote it.
        let families: Vec<&[(u32, u32)]> = holders
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|same| {
                let size = self.size(same[0].0) as usize;
                size == 1 || same.len() > 1 && 4 * same.len() >= size
            })
            .collect();
        let values: Vec<FxHashSet<u64>> = families
            .iter()
            .map(|same| same.iter().flat_map(|(_, holder)| self.telling(*holder)).collect())
            .collect();
        let mut count: FxHashMap<u64, u32> = FxHashMap::default();
        values.iter().flatten().for_each(|value| *count.entry(*value).or_default() += 1);
        let signed = values.iter().filter(|values| !values.is_empty()).count();
        let agree = |values: &&FxHashSet<u64>| values.iter().any(|value| count[value] > 1);
        let agreeing = values.iter().filter(agree).count();
        if signed < 2 || 2 * signed < families.len() || 2 * agreeing < signed {
            return None;
        }
        // Who holds it but for a word comes in as long as no selector speaks against it.
        let nearly = passage.nearly.iter().filter(|document| {
            let mut values = self.telling(**document).peekable();
            !self.quoting[**document as usize]
                && (values.peek().is_none() || values.any(|value| count.contains_key(&value)))
        });
        let nearly = nearly.map(|document| self.family[*document as usize]).collect();
        // What several established families hold does not join those: they have wording of their own.
        let established = |same: &&&[(u32, u32)]| self.size(same[0].0) >= 3;
        let several = families.iter().filter(established).count() > 1;
        let whole = families.iter().filter(|same| !several || !established(same)).map(|same| same[0].0);
        Some(Wanted { whole: whole.collect(), nearly })
    }

    /// Joins the families that do not wait, the passage that most hold first: what more hold is the surer signature. Tells which
    /// passages are refused: of several groups that others have joined already it is nobody's, for a few of each hold it by chance.
    fn join_firm(
        &self,
        parent: &mut [u32],
        wanted: &[Option<Wanted>],
        waiting: &FxHashSet<u32>,
    ) -> Vec<bool> {
        let mut texts = self.size.clone();
        let mut refused = vec![false; wanted.len()];
        let mut order: Vec<(usize, &[u32])> = wanted
            .iter()
            .enumerate()
            .filter_map(|(at, wanted)| Some((at, wanted.as_ref()?.whole.as_slice())))
            .collect();
        order.sort_by_key(|(_, whole)| std::cmp::Reverse(whole.len()));
        for (at, whole) in order {
            let firm = || whole.iter().copied().filter(|family| !waiting.contains(family));
            let mut held: BTreeMap<u32, u32> = BTreeMap::new();
            for family in firm() {
                *held.entry(root(parent, family)).or_default() += self.size(family);
            }
            let few = |(joined, held): &(&u32, &u32)| {
                let texts = texts[**joined as usize];
                texts >= self.rules.joined_least && 4 * **held < texts
            };
            refused[at] = held.iter().filter(few).count() > 1;
            let Some(first) = firm().next().filter(|_| !refused[at]) else { continue };
            let all = held.keys().map(|joined| texts[*joined as usize]).sum();
            for other in firm() {
                unite(parent, first, other);
            }
            texts[root(parent, first) as usize] = all;
        }
        refused
    }
}

/// Joins the families of passages that selectors corroborate. `selectors` holds the identifying values of each document,
/// ascending.
pub fn join(
    passages: &mut [Passage],
    family: &mut [u32],
    quoting: &[bool],
    selectors: &[Vec<u64>],
    rules: &Templates,
) {
    let mut shown: FxHashMap<u64, u32> = FxHashMap::default();
    selectors.iter().flatten().for_each(|value| *shown.entry(*value).or_default() += 1);
    let ground = Ground { family, size: families::sizes(family), quoting, selectors, shown, rules };
    let wanted: Vec<Option<Wanted>> = passages.par_iter().map(|passage| ground.wanted(passage)).collect();
    // A family that two passages would join to families with nothing in common may quote them: it waits.
    let mut companions: FxHashMap<u32, Vec<&[u32]>> = FxHashMap::default();
    for wanted in wanted.iter().flatten() {
        wanted.whole.iter().for_each(|family| companions.entry(*family).or_default().push(&wanted.whole));
    }
    let apart =
        |family: u32, a: &[u32], b: &[u32]| !a.iter().any(|other| *other != family && b.contains(other));
    let waiting: FxHashSet<u32> = companions
        .iter()
        .filter(|(family, lists)| {
            let mut some = lists.iter().take(16).enumerate();
            ground.size(**family) < 3 && some.any(|(at, a)| lists[..at].iter().any(|b| apart(**family, a, b)))
        })
        .map(|(family, _)| *family)
        .collect();
    let mut parent: Vec<u32> = (0..family.len() as u32).collect();
    let refused = ground.join_firm(&mut parent, &wanted, &waiting);
    // Who waits, and who holds a passage but for a word, with the families that it would be of.
    let mut late: Vec<(u32, u32)> = Vec::new();
    let taken = passages.iter_mut().zip(&wanted).zip(refused).filter(|(_, refused)| !refused);
    for ((passage, wanted), _) in taken {
        let Some(Wanted { whole, nearly }) = wanted else { continue };
        let Some(first) = whole.iter().find(|family| !waiting.contains(family)) else { continue };
        passage.joins = whole.len() > 1;
        let first = root(&mut parent, *first);
        let waits = whole.iter().filter(|family| waiting.contains(family));
        let nears = nearly.iter().filter(|family| !companions.contains_key(family));
        late.extend(waits.chain(nears).map(|family| (*family, first)));
    }
    late.sort_unstable();
    late.dedup();
    // Of several it is a digest.
    for same in late.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() == 1) {
        unite(&mut parent, same[0].0, same[0].1);
    }
    for family in family.iter_mut() {
        *family = root(&mut parent, *family);
    }
}
