//! Joins selectors into owners, best evidence first, judging the whole of each side anew in every round.
//!
//! Single links would chain: a stranger who copied a text and stole a photo would tie two organisers together. So a pair is
//! weighed by all postings of both sides, and what was joined in one round is weighed as one in the next.

use super::OwnerLink;
use super::evidence::{Common, Evidence, Ground, Traits, compare, sort_dedup};
use super::nodes::Node;
use crate::forest::root;
use homeward_rules::owners::Owners as Rules;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Constraints on nodes: pairs that are one owner's and pairs that never are.
#[derive(Debug, Default)]
pub struct Constraints {
    pub together: Vec<(u32, u32)>,
    pub apart: Vec<(u32, u32)>,
}

struct Group {
    members: Vec<u32>,
    /// One bit per kind of selector, the highest for accounts.
    kinds: u16,
    traits: Traits,
}

/// The root of each node, every union made, and what too many owners use.
pub fn unite(
    ground: &Ground,
    nodes: &[Node],
    constraints: &Constraints,
    rules: &Rules,
) -> (Vec<u32>, Vec<OwnerLink>, Common) {
    let mut groups: Vec<Option<Group>> = nodes
        .par_iter()
        .enumerate()
        .map(|(at, node)| {
            let traits = ground.sum_up(&node.postings);
            Some(Group {
                members: vec![at as u32],
                kinds: node.kind.map_or(1 << 15, |kind| 1 << kind as u16),
                traits,
            })
        })
        .collect();
    let mut parent: Vec<u32> = (0..nodes.len() as u32).collect();
    let mut links = Vec::new();
    let mut enemies: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (a, b) in &constraints.apart {
        enemies.entry(*a).or_default().push(*b);
        enemies.entry(*b).or_default().push(*a);
    }
    let mut merge = |groups: &mut Vec<Option<Group>>, parent: &mut Vec<u32>, a: u32, b: u32| -> bool {
        let (keep, gone) = (a.min(b), a.max(b));
        if enemies.get(&a).is_some_and(|list| list.iter().any(|enemy| root(parent, *enemy) == b)) {
            return false;
        }
        parent[gone as usize] = keep;
        if let Some(moved) = enemies.remove(&gone) {
            enemies.entry(keep).or_default().extend(moved);
        }
        let (Some(gone), Some(keep)) = (groups[gone as usize].take(), groups[keep as usize].as_mut()) else {
            return false;
        };
        keep.members.extend(gone.members);
        keep.traits.postings.extend(gone.traits.postings);
        keep.kinds |= gone.kinds;
        true
    };
    let refresh = |groups: &mut Vec<Option<Group>>, touched: &[bool]| {
        groups.par_iter_mut().zip(touched).filter(|(_, touched)| **touched).for_each(|(group, _)| {
            if let Some(group) = group {
                sort_dedup(&mut group.traits.postings);
                group.traits = ground.sum_up(&group.traits.postings);
            }
        });
    };
    let mut touched = vec![false; nodes.len()];
    for (a, b) in &constraints.together {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        if a != b && merge(&mut groups, &mut parent, a, b) {
            touched[a.min(b) as usize] = true;
        }
    }
    refresh(&mut groups, &touched);
    // In the first round every pair is new; later only pairs with a group that grew.
    let mut grew: Option<Vec<bool>> = None;
    for _ in 0..rules.rounds {
        let (pairs, common) = candidates(&groups, rules, grew.as_deref());
        let mut scored: Vec<(f64, u32, u32, Evidence)> = pairs
            .par_iter()
            .filter_map(|(a, b)| {
                let (left, right) = (groups[*a as usize].as_ref()?, groups[*b as usize].as_ref()?);
                let differ = left.kinds & right.kinds == 0;
                let evidence = compare(ground, &left.traits, &right.traits, differ, &common, rules);
                let bits = evidence.bits(rules);
                (bits >= rules.least).then_some((bits, *a, *b, evidence))
            })
            .collect();
        scored.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        let mut touched = vec![false; nodes.len()];
        let mut moved = false;
        for (bits, a, b, evidence) in scored {
            // A group that was judged before it grew is judged again next round; a large one may take in several small ones.
            let size = |at: u32| groups[at as usize].as_ref().map_or(0, |group| group.traits.postings.len());
            if root(&mut parent, a) != a || root(&mut parent, b) != b {
                continue;
            }
            let smaller = if (size(a), b) < (size(b), a) { a } else { b };
            if touched[smaller as usize] || !merge(&mut groups, &mut parent, a, b) {
                continue;
            }
            touched[a.min(b) as usize] = true;
            moved = true;
            let mut words = Vec::new();
            for (word, amount) in Evidence::WORDS.iter().zip(evidence.0) {
                if amount != 0.0 {
                    words.push(*word);
                }
            }
            let value = |at: u32| nodes[at as usize].value.clone();
            links.push(OwnerLink {
                left: value(a),
                right: value(b),
                postings: (nodes[a as usize].postings[0], nodes[b as usize].postings[0]),
                bits,
                probability: 1.0 / (1.0 + (-bits).exp2()),
                evidence: words,
            });
        }
        refresh(&mut groups, &touched);
        grew = Some(touched);
        if !moved {
            break;
        }
    }
    let (_, common) = candidates(&groups, rules, Some(&vec![false; nodes.len()]));
    (parent, links, common)
}

/// Pairs of groups that share a template, a picture or a posting, and what too many groups use to say anything.
fn candidates(groups: &[Option<Group>], rules: &Rules, grew: Option<&[bool]>) -> (Vec<(u32, u32)>, Common) {
    // A posting makes pairs and is never too common, so it is of interest only where a group grew.
    let open: Option<FxHashSet<u32>> = grew.map(|grew| {
        let grown =
            groups.iter().zip(grew).filter(|(_, grew)| **grew).filter_map(|(group, _)| group.as_ref());
        grown.flat_map(|group| &group.traits.postings).copied().collect()
    });
    let is_open = |posting: &&u32| open.as_ref().is_none_or(|open| open.contains(posting));
    let mut keys: Vec<(u8, u32, u32)> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let Some(group) = group else { continue };
        keys.extend(group.traits.families.iter().map(|family| (0, *family, at as u32)));
        keys.extend(group.traits.images.iter().map(|image| (1, *image, at as u32)));
        keys.extend(group.traits.postings.iter().filter(is_open).map(|posting| (2, *posting, at as u32)));
    }
    keys.par_sort_unstable();
    let mut pairs = Vec::new();
    let mut common = Common::default();
    for holders in keys.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (kind, key, _) = holders[0];
        let most = [rules.family_most, rules.image_most, rules.posting_most][kind as usize];
        if holders.len() > most {
            match kind {
                0 => common.texts.insert(key),
                1 => common.images.insert(key),
                _ => false,
            };
            continue;
        }
        for (at, left) in holders.iter().enumerate() {
            for right in &holders[at + 1..] {
                if grew.is_none_or(|grew| grew[left.2 as usize] || grew[right.2 as usize]) {
                    pairs.push((left.2, right.2));
                }
            }
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    (pairs, common)
}
