//! Which postings one owner placed. Three relations stay apart: same owner, copied text, same person advertised.
//!
//! Selectors and accounts are the nodes. Two of them belong to one owner when enough corroborates it: templates, pictures,
//! accounts, places and times, names. Strangers copy texts, so a template weighs little once names or places contradict it;
//! a posting that quotes the numbers of several owners joins nobody; a value that stands beside everybody's is common and is
//! said to be so. Postings without selectors follow the owner who most probably uses their template or picture.

mod evidence;
mod nodes;
mod unite;

use crate::facts::Facts;
use crate::forest::{self, root};
use crate::pdq_index::clusters_within;
use evidence::{Common, Ground, compare, sort_dedup};
use homeward_model::{Pdq, SelectorKind};
use homeward_rules::owners::Owners as Rules;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use unite::Constraints;

/// A family label that means "alone".
pub const ALONE: u32 = u32::MAX;

/// People's decisions, honoured as hard constraints.
#[derive(Clone, Debug, Default)]
pub struct Judgements {
    /// Values that must not link.
    pub vetoed: Vec<(SelectorKind, String)>,
    /// Keys of postings that are one owner's.
    pub together: Vec<(u64, u64)>,
    /// Keys of postings that are never one owner's; stronger than everything else.
    pub apart: Vec<(u64, u64)>,
}

/// A value that was kept from linking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Kind of value.
    pub kind: SelectorKind,
    /// The value.
    pub value: String,
    /// Postings that show it.
    pub postings: usize,
    /// Otherwise separate owners that it would have merged; 0 when the value is barred by its kind.
    pub would_merge: usize,
    /// Why.
    pub why: &'static str,
}

/// Why two selectors were held to be one owner's. That two postings show the same selector needs no link to say so.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerLink {
    /// One selector.
    pub left: String,
    /// The other.
    pub right: String,
    /// A posting that shows the left one, and one that shows the right one.
    pub postings: (u32, u32),
    /// Log-odds that they are one owner's, bits.
    pub bits: f64,
    /// The same as a probability.
    pub probability: f64,
    /// The evidence in words.
    pub evidence: Vec<&'static str>,
}

/// The owners of a set of postings.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// For each posting, the smallest posting of its owner.
    pub owner: Vec<u32>,
    /// Every union of two selectors that was made.
    pub links: Vec<OwnerLink>,
    /// Values kept from linking.
    pub blocked: Vec<Blocked>,
    /// Families whose text several owners use: a relation to show, never a merge.
    pub copied: Vec<u32>,
}

/// Finds the owners. `family` names, for each posting, the smallest posting of its template family, or [`ALONE`].
pub fn link(facts: &[Facts], family: &[u32], judgements: &Judgements, rules: &Rules) -> Owners {
    let ground = Ground::new(facts, family, image_groups(facts, rules));
    let (nodes, blocked) = nodes::nodes(&ground, judgements, rules);
    let mut of_posting: Vec<Vec<u32>> = vec![Vec::new(); facts.len()];
    for (at, node) in nodes.iter().enumerate() {
        for posting in &node.postings {
            of_posting[*posting as usize].push(at as u32);
        }
    }
    let constraints = constraints(facts, judgements, &of_posting);
    let (mut parent, links, common) = unite::unite(&ground, &nodes, &constraints, rules);
    let mut members: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (at, node) in nodes.iter().enumerate() {
        members.entry(root(&mut parent, at as u32)).or_default().extend(&node.postings);
    }
    let mut group: Vec<u32> = (0..facts.len())
        .map(|posting| {
            let mut roots: Vec<u32> = of_posting[posting].iter().map(|at| root(&mut parent, *at)).collect();
            sort_dedup(&mut roots);
            if roots.len() == 1 {
                roots[0]
            } else {
                main_root(&ground, posting as u32, &roots, &members, &common, rules)
            }
        })
        .collect();
    let copied = adopt(&ground, &mut group, &of_posting, nodes.len() as u32, &common, rules);
    judge(facts, judgements, &mut group, &of_posting);
    let mut first: FxHashMap<u32, u32> = FxHashMap::default();
    let owner = (0..facts.len() as u32)
        .map(|posting| match group[posting as usize] {
            ALONE => posting,
            group => *first.entry(group).or_insert(posting),
        })
        .collect();
    Owners { owner, links, blocked, copied }
}

/// The picture groups of each posting.
fn image_groups(facts: &[Facts], rules: &Rules) -> Vec<Vec<u32>> {
    let hashes: Vec<Pdq> = facts.iter().flat_map(|facts| facts.images.iter().copied()).collect();
    let labels = clusters_within(&hashes, rules.image_distance);
    let mut labels = labels.into_iter();
    facts.iter().map(|facts| labels.by_ref().take(facts.images.len()).collect()).collect()
}

fn constraints(facts: &[Facts], judgements: &Judgements, of_posting: &[Vec<u32>]) -> Constraints {
    let nodes_of = |pairs: &[(u64, u64)]| -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for (a, b) in posting_pairs(facts, pairs) {
            for left in &of_posting[a as usize] {
                found.extend(
                    of_posting[b as usize].iter().filter(|right| *right != left).map(|right| (*left, *right)),
                );
            }
        }
        sort_dedup(&mut found);
        found
    };
    Constraints { together: nodes_of(&judgements.together), apart: nodes_of(&judgements.apart) }
}

/// Positions of judged postings; a judgement on a posting that is not here says nothing.
fn posting_pairs(facts: &[Facts], pairs: &[(u64, u64)]) -> Vec<(u32, u32)> {
    let position = |key: u64| facts.binary_search_by_key(&key, |facts| facts.key).ok();
    let mut found: Vec<(u32, u32)> = pairs
        .iter()
        .filter_map(|(a, b)| Some((position(*a)? as u32, position(*b)? as u32)))
        .map(|(a, b)| (a.min(b), a.max(b)))
        .filter(|(a, b)| a != b)
        .collect();
    sort_dedup(&mut found);
    found
}

/// For a posting with selectors of several owners: the one owner whose other postings resemble it. With none or several, it
/// quotes them (a digest) and belongs to nobody.
fn main_root(
    ground: &Ground,
    posting: u32,
    roots: &[u32],
    members: &FxHashMap<u32, Vec<u32>>,
    common: &Common,
    rules: &Rules,
) -> u32 {
    let own = ground.sum_up(&[posting]);
    let mut alike = roots.iter().filter(|root| {
        let mut rest = members[root].clone();
        rest.retain(|other| *other != posting);
        sort_dedup(&mut rest);
        let evidence = compare(ground, &own, &ground.sum_up(&rest), false, common, rules);
        evidence.0[0] > 0.0 || evidence.0[8] > 0.0
    });
    match (alike.next(), alike.next()) {
        (Some(only), None) => *only,
        _ => ALONE,
    }
}

/// Gives postings without selectors to the owner who most probably wrote them: each owner who uses the template or picture
/// counts by the number of such postings and by what else agrees. Families that nobody signed are one owner's. Returns the
/// families that several owners use.
fn adopt(
    ground: &Ground,
    group: &mut [u32],
    of_posting: &[Vec<u32>],
    fresh: u32,
    common: &Common,
    rules: &Rules,
) -> Vec<u32> {
    let mut holders: FxHashMap<(u8, u32), Vec<u32>> = FxHashMap::default();
    let mut owned: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    let keys = |posting: usize| {
        let family = (ground.family[posting] != ALONE).then_some((0, ground.family[posting]));
        family.into_iter().chain(ground.images[posting].iter().map(|image| (1, *image)))
    };
    for (posting, owner) in group.iter().enumerate().filter(|(_, owner)| **owner != ALONE) {
        owned.entry(*owner).or_default().push(posting as u32);
        for key in keys(posting) {
            holders.entry(key).or_default().push(*owner);
        }
    }
    let traits: FxHashMap<u32, evidence::Traits> =
        owned.par_iter().map(|(owner, postings)| (*owner, ground.sum_up(postings))).collect();
    let mut counts: FxHashMap<(u8, u32), Vec<(u32, u32)>> = FxHashMap::default();
    let mut copied = Vec::new();
    for (key, mut owners) in holders {
        owners.sort_unstable();
        let counted: Vec<(u32, u32)> =
            owners.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        if key.0 == 0 && counted.len() > 1 {
            copied.push(key.1);
        }
        counts.insert(key, counted);
    }
    copied.sort_unstable();
    let silent = group.par_iter_mut().enumerate().filter(|(posting, _)| of_posting[*posting].is_empty());
    silent.for_each(|(posting, group)| {
        let mut candidates: Vec<(u32, u32)> = keys(posting)
            .filter_map(|key| counts.get(&key))
            .filter(|owners| owners.len() <= rules.family_most)
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup_by(|next, first| {
            next.0 == first.0 && {
                first.1 += next.1;
                true
            }
        });
        let own = ground.sum_up(&[posting as u32]);
        let mut odds: Vec<(f64, u32)> = Vec::new();
        for (owner, count) in &candidates {
            let evidence = compare(ground, &own, &traits[owner], false, common, rules);
            odds.push((f64::from(*count) * evidence.bits(rules).exp2(), *owner));
        }
        odds.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let all: f64 = odds.iter().map(|(odds, _)| odds).sum();
        *group = match odds.first() {
            Some((best, owner)) if *best >= rules.main_share * all && *best >= rules.adopt_least.exp2() => {
                *owner
            }
            // Nobody signs this text: its postings are one owner's, as far as a text can say.
            None if ground.family[posting] != ALONE => fresh + ground.family[posting],
            _ => ALONE,
        };
    });
    copied
}

/// Judgements on single postings: one without selectors goes where it was judged to belong; of two that were judged to be
/// different owners' and share a selector all the same, the later one stands alone.
fn judge(facts: &[Facts], judgements: &Judgements, group: &mut [u32], of_posting: &[Vec<u32>]) {
    let together = posting_pairs(facts, &judgements.together);
    let mut judged: Vec<u32> = together.iter().flat_map(|(a, b)| [*a, *b]).collect();
    sort_dedup(&mut judged);
    let number = |posting: u32| judged.partition_point(|other| *other < posting) as u32;
    let mut parent: Vec<u32> = (0..judged.len() as u32).collect();
    for (a, b) in &together {
        forest::unite(&mut parent, number(*a), number(*b));
    }
    let mut sets: Vec<Vec<u32>> = vec![Vec::new(); judged.len()];
    for posting in &judged {
        sets[root(&mut parent, number(*posting)) as usize].push(*posting);
    }
    for set in sets.iter().filter(|set| !set.is_empty()) {
        let silent = |posting: u32| of_posting[posting as usize].is_empty();
        let placed = set.iter().filter(|posting| group[**posting as usize] != ALONE);
        let target = placed.min_by_key(|posting| (silent(**posting), **posting));
        // Above every node and every family that nobody signed.
        let target = target.map_or(u32::MAX / 2 + set[0], |posting| group[*posting as usize]);
        for posting in set.iter().filter(|posting| silent(**posting)) {
            group[*posting as usize] = target;
        }
    }
    for (a, b) in posting_pairs(facts, &judgements.apart) {
        if group[a as usize] == group[b as usize] {
            group[b as usize] = ALONE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::SelectorFact;
    use homeward_rules::Rules as AllRules;
    use proptest::prelude::*;

    fn posting(key: u64, phones: &[&str]) -> Facts {
        let phone = |value: &&str| SelectorFact {
            kind: SelectorKind::Phone,
            value: (*value).to_owned(),
            confidence: 0.9,
            common: false,
        };
        Facts { key, selectors: phones.iter().map(phone).collect(), ..Facts::default() }
    }

    fn check(postings: &[(&[&str], u32)], expected: &[u32]) {
        let facts: Vec<Facts> =
            postings.iter().enumerate().map(|(at, (phones, _))| posting(at as u64, phones)).collect();
        let family: Vec<u32> = postings.iter().map(|(_, family)| *family).collect();
        let owners = link(&facts, &family, &Judgements::default(), &AllRules::embedded().owners);
        assert_eq!(owners.owner, expected);
    }

    #[test]
    fn numbers_join_when_templates_agree_and_nothing_could_contradict() {
        check(&[(&["1"], 0), (&["2"], 0), (&["1"], 2), (&["2"], 2)], &[0, 0, 0, 0]);
        // No name, place, picture or account on either side: see `nothing_else` in the rules.
        check(&[(&["1"], 0), (&["1"], 0), (&["2"], 0), (&["2"], 0)], &[0, 0, 0, 0]);
        check(&[(&["1"], ALONE), (&["2"], ALONE)], &[0, 1]);
    }

    #[test]
    fn a_digest_joins_nobody() {
        check(&[(&["1"], ALONE), (&["2"], ALONE), (&["1", "2"], ALONE)], &[0, 1, 2]);
    }

    #[test]
    fn a_shared_desk_is_blocked() {
        let desk: Vec<(&[&str], u32)> = vec![
            (&["9", "1"], ALONE),
            (&["9", "2"], ALONE),
            (&["9", "3"], ALONE),
            (&["9", "4"], ALONE),
            (&["4"], ALONE),
        ];
        check(&desk, &[0, 1, 2, 3, 3]);
    }

    #[test]
    fn a_number_alone_in_the_families_of_strangers_is_blocked() {
        // Each family is signed with a number of its own, and once with the one that everybody shows.
        let shared: [(&[&str], u32); 6] =
            [(&["1"], 0), (&["9"], 0), (&["2"], 2), (&["9"], 2), (&["3"], 4), (&["9"], 4)];
        check(&shared, &[0, 0, 2, 2, 4, 4]);
        // Families that are signed with one other number are one owner's, and so is the number.
        let own: [(&[&str], u32); 6] =
            [(&["1"], 0), (&["9"], 0), (&["1"], 2), (&["9"], 2), (&["1"], 4), (&["9"], 4)];
        check(&own, &[0; 6]);
    }

    #[test]
    fn a_posting_without_number_goes_with_its_family() {
        check(&[(&["1"], 0), (&["1"], 0), (&[], 0)], &[0, 0, 0]);
        check(&[(&["1"], ALONE), (&["2"], ALONE), (&[], ALONE)], &[0, 1, 2]);
    }

    #[test]
    fn a_vetoed_value_never_links() {
        let facts = vec![posting(0, &["1"]), posting(1, &["1"])];
        let judgements =
            Judgements { vetoed: vec![(SelectorKind::Phone, "1".into())], ..Judgements::default() };
        let owners = link(&facts, &[ALONE, ALONE], &judgements, &AllRules::embedded().owners);
        assert_eq!(owners.owner, [0, 1]);
        assert_eq!(owners.blocked[0].why, "vetoed by an analyst");
    }

    #[test]
    fn people_have_the_last_word() {
        let facts: Vec<Facts> =
            ["1", "1", "2"].iter().enumerate().map(|(at, phone)| posting(at as u64, &[phone])).collect();
        let owners = |facts: &[Facts], together: &[(u64, u64)], apart: &[(u64, u64)]| {
            let judgements =
                Judgements { together: together.to_vec(), apart: apart.to_vec(), ..Judgements::default() };
            link(facts, &[ALONE; 3], &judgements, &AllRules::embedded().owners).owner
        };
        assert_eq!(owners(&facts, &[(0, 2)], &[]), [0, 0, 0]);
        assert_eq!(owners(&facts, &[(0, 2)], &[(0, 2)]), [0, 0, 2]);
        assert_eq!(owners(&facts, &[], &[(0, 1)]), [0, 1, 2]);
        assert_eq!(owners(&facts, &[(7, 2)], &[(7, 9)]), [0, 0, 2]);
        let silent = vec![posting(0, &["1"]), posting(1, &[]), posting(2, &[])];
        assert_eq!(owners(&silent, &[(1, 0), (1, 2)], &[]), [0, 0, 0]);
    }

    #[test]
    fn a_name_and_place_of_ones_own_make_a_copied_text() {
        let named = |key: u64, phone: &str, name: &str| {
            let mut facts = posting(key, &[phone]);
            facts.person.names = vec![name.to_owned()];
            facts
        };
        let facts = [named(0, "1", "ann"), named(1, "1", "ann"), named(2, "2", "ann"), named(3, "3", "eve")];
        let owners = link(&facts, &[0; 4], &Judgements::default(), &AllRules::embedded().owners);
        assert_eq!(owners.owner, [0, 0, 0, 3]);
        assert_eq!(owners.copied, [0]);
    }

    /// A small nation: (phone or none, family or none, account or none) per posting.
    fn nation(rows: &[(Option<u8>, Option<u8>, Option<u8>)]) -> (Vec<Facts>, Vec<u32>) {
        let mut facts = Vec::new();
        let mut first: FxHashMap<u8, u32> = FxHashMap::default();
        let mut family = Vec::new();
        for (at, (phone, text, account)) in rows.iter().enumerate() {
            let phone = phone.map(|phone| phone.to_string());
            let mut row = posting(at as u64, &phone.as_deref().into_iter().collect::<Vec<_>>());
            row.account = account.map(u64::from);
            facts.push(row);
            family.push(text.map_or(ALONE, |text| *first.entry(text).or_insert(at as u32)));
        }
        (facts, family)
    }

    proptest! {
        #[test]
        fn constraints_hold_and_strangers_change_nothing(
            rows in proptest::collection::vec(
                (proptest::option::of(0u8..8), proptest::option::of(0u8..5), proptest::option::of(0u8..6)), 2..40),
            pair in (0u64..40, 0u64..40),
            value in 0u8..8,
        ) {
            let rules = &AllRules::embedded().owners;
            let value = value.to_string();
            let (mut facts, mut family) = nation(&rows);
            let judgements = Judgements {
                vetoed: vec![(SelectorKind::Phone, value.clone())],
                apart: vec![pair],
                ..Judgements::default()
            };
            let judged = link(&facts, &family, &judgements, rules);
            let (a, b) = (pair.0 as usize, pair.1 as usize);
            if a != b && a < rows.len() && b < rows.len() {
                prop_assert_ne!(judged.owner[a], judged.owner[b]);
            }
            prop_assert!(judged.links.iter().all(|link| link.left != value && link.right != value));
            let before = link(&facts, &family, &Judgements::default(), rules);
            facts.push(posting(u64::MAX, &["unrelated"]));
            family.push(ALONE);
            let after = link(&facts, &family, &Judgements::default(), rules);
            prop_assert_eq!(&before.owner[..], &after.owner[..rows.len()]);
            prop_assert_eq!(after.owner[rows.len()], rows.len() as u32);
            prop_assert_eq!(before.links, after.links);
        }
    }
}
