//! Which postings one owner placed. Three relations stay apart: same owner, copied text, same person advertised.
//!
//! Selectors are the nodes. Two of them belong to one owner when enough corroborates it: templates, pictures, accounts,
//! place and time, names. A template alone never joins two selectors, since strangers copy texts; a posting that quotes
//! the numbers of several owners joins nobody; a value that stands beside everybody's is common and is said to be so.

use crate::facts::Facts;
use crate::pdq_index::clusters_within;
use homeward_model::{Pdq, SelectorKind};
use homeward_places::{CityId, Places};
use homeward_rules::owners::Owners as Rules;
use rustc_hash::{FxHashMap, FxHashSet};

/// A family label that means "alone".
pub const ALONE: u32 = u32::MAX;

/// People's decisions, honoured as hard constraints.
#[derive(Clone, Debug, Default)]
pub struct Judgements {
    /// Values that must not link.
    pub vetoed: Vec<(SelectorKind, String)>,
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
    /// Other selectors beside it, which it would have merged.
    pub would_merge: usize,
    /// Why.
    pub why: &'static str,
}

/// Why two selectors were held to be one owner's.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerLink {
    /// One selector.
    pub left: String,
    /// The other.
    pub right: String,
    /// Sum of the evidence, bits.
    pub bits: f64,
    /// The evidence in words.
    pub evidence: Vec<&'static str>,
}

/// The owners of a set of postings.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// For each posting, the smallest posting of its owner.
    pub owner: Vec<u32>,
    /// Every union that was made.
    pub links: Vec<OwnerLink>,
    /// Values kept from linking.
    pub blocked: Vec<Blocked>,
    /// Families whose text several owners use.
    pub copied: Vec<u32>,
}

#[derive(Default)]
struct Node {
    kind: Option<SelectorKind>,
    value: String,
    postings: Vec<u32>,
    families: Vec<u32>,
    images: Vec<u32>,
    accounts: Vec<u64>,
    names: Vec<String>,
    /// Metropolitan area and day.
    places: Vec<(CityId, i64)>,
}

/// Finds the owners. `family` names, for each posting, the smallest posting of its template family, or [`ALONE`].
pub fn link(facts: &[Facts], family: &[u32], judgements: &Judgements, rules: &Rules) -> Owners {
    let images = image_groups(facts, rules);
    let mut blocked = Vec::new();
    let nodes = nodes(facts, family, &images, judgements, rules, &mut blocked);
    let mut of_posting: Vec<Vec<u32>> = vec![Vec::new(); facts.len()];
    for (at, node) in nodes.iter().enumerate() {
        for posting in &node.postings {
            of_posting[*posting as usize].push(at as u32);
        }
    }
    let (mut parent, links) = unite(&nodes, rules);
    let mut group: Vec<u32> = (0..facts.len())
        .map(|posting| {
            let mut roots: Vec<u32> =
                of_posting[posting].iter().map(|node| root(&mut parent, *node)).collect();
            roots.sort_unstable();
            roots.dedup();
            // Selectors of several owners in one posting: it quotes them and joins nobody.
            if roots.len() == 1 { roots[0] } else { ALONE }
        })
        .collect();
    let copied = adopt(&mut group, &of_posting, family, rules);
    let mut first: FxHashMap<u32, u32> = FxHashMap::default();
    let owner =
        group
            .iter()
            .enumerate()
            .map(|(posting, group)| {
                if *group == ALONE { posting as u32 } else { *first.entry(*group).or_insert(posting as u32) }
            })
            .collect();
    Owners { owner, links, blocked, copied }
}

/// The picture group of each posting's pictures.
fn image_groups(facts: &[Facts], rules: &Rules) -> Vec<Vec<u32>> {
    let hashes: Vec<Pdq> = facts.iter().flat_map(|facts| facts.images.iter().copied()).collect();
    let labels = clusters_within(&hashes, rules.image_distance);
    let mut labels = labels.into_iter();
    facts.iter().map(|facts| labels.by_ref().take(facts.images.len()).collect()).collect()
}

fn nodes(
    facts: &[Facts],
    family: &[u32],
    images: &[Vec<u32>],
    judgements: &Judgements,
    rules: &Rules,
    blocked: &mut Vec<Blocked>,
) -> Vec<Node> {
    let places = Places::embedded();
    let mut by_value: FxHashMap<(SelectorKind, &str), Vec<u32>> = FxHashMap::default();
    let mut by_account: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
    for (at, facts) in facts.iter().enumerate() {
        for selector in facts.selectors.iter().filter(|selector| !selector.common) {
            by_value.entry((selector.kind, &selector.value)).or_default().push(at as u32);
        }
        if let Some(account) = facts.account {
            by_account.entry(account).or_default().push(at as u32);
        }
    }
    let mut values: Vec<((SelectorKind, &str), Vec<u32>)> = by_value.into_iter().collect();
    values.sort_unstable();
    let selectors_in = |posting: u32| {
        facts[posting as usize].selectors.iter().filter(|s| !s.common && s.kind == SelectorKind::Phone)
    };
    let vetoed: FxHashSet<(SelectorKind, &str)> =
        judgements.vetoed.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
    let mut nodes = Vec::new();
    for ((kind, value), postings) in values {
        let beside: Vec<u32> = postings
            .iter()
            .copied()
            .filter(|posting| selectors_in(*posting).any(|s| s.value != value))
            .collect();
        let would_merge: FxHashSet<&str> = beside
            .iter()
            .flat_map(|posting| selectors_in(*posting))
            .map(|s| s.value.as_str())
            .filter(|v| *v != value)
            .collect();
        let why = if vetoed.contains(&(kind, value)) {
            Some("vetoed by an analyst")
        } else if kind == SelectorKind::Phone
            && would_merge.len() >= rules.beside_least
            && beside.len() >= rules.beside_least
            && beside.len() as f64 >= rules.beside_share * postings.len() as f64
        {
            Some("stands beside the numbers of many others")
        } else {
            None
        };
        if let Some(why) = why {
            let (postings, would_merge) = (postings.len(), would_merge.len());
            blocked.push(Blocked { kind, value: value.to_owned(), postings, would_merge, why });
            continue;
        }
        nodes.push(node(Some(kind), value.to_owned(), postings, facts, family, images, places));
    }
    let mut accounts: Vec<(u64, Vec<u32>)> = by_account.into_iter().collect();
    accounts.sort_unstable();
    for (account, postings) in accounts {
        nodes.push(node(None, format!("account {account:016x}"), postings, facts, family, images, places));
    }
    nodes
}

fn node(
    kind: Option<SelectorKind>,
    value: String,
    postings: Vec<u32>,
    facts: &[Facts],
    family: &[u32],
    images: &[Vec<u32>],
    places: &Places,
) -> Node {
    let mut node = Node { kind, value, ..Node::default() };
    for posting in &postings {
        let at = *posting as usize;
        if family[at] != ALONE {
            node.families.push(family[at]);
        }
        node.images.extend(&images[at]);
        node.accounts.extend(facts[at].account);
        node.names.extend(facts[at].person.names.iter().cloned());
        if let (Some(city), Some(seen)) = (facts[at].city, facts[at].seen_at) {
            node.places.push((places.metro(city), seen.day()));
        }
    }
    node.postings = postings;
    sort_dedup(&mut node.families);
    sort_dedup(&mut node.images);
    sort_dedup(&mut node.accounts);
    sort_dedup(&mut node.names);
    sort_dedup(&mut node.places);
    node
}

fn sort_dedup<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

fn root(parent: &mut [u32], mut at: u32) -> u32 {
    while parent[at as usize] != at {
        parent[at as usize] = parent[parent[at as usize] as usize];
        at = parent[at as usize];
    }
    at
}

/// Joins the nodes that enough evidence holds together; pairs are met through what they share.
fn unite(nodes: &[Node], rules: &Rules) -> (Vec<u32>, Vec<OwnerLink>) {
    let mut shared: FxHashMap<(u8, u64), Vec<u32>> = FxHashMap::default();
    for (at, node) in nodes.iter().enumerate() {
        let families = node.families.iter().map(|family| (0, u64::from(*family)));
        let images = node.images.iter().map(|image| (1, u64::from(*image)));
        let accounts = node.accounts.iter().map(|account| (2, *account));
        let postings = node.postings.iter().map(|posting| (3, u64::from(*posting)));
        for key in families.chain(images).chain(accounts).chain(postings) {
            shared.entry(key).or_default().push(at as u32);
        }
    }
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let mut stock: FxHashSet<u32> = FxHashSet::default();
    let mut common_family: FxHashSet<u32> = FxHashSet::default();
    for ((kind, key), holders) in &shared {
        let most = if *kind == 1 { rules.image_most } else { rules.family_most };
        if holders.len() > most {
            match kind {
                0 => _ = common_family.insert(*key as u32),
                1 => _ = stock.insert(*key as u32),
                _ => {}
            }
            continue;
        }
        for (at, left) in holders.iter().enumerate() {
            pairs.extend(holders[at + 1..].iter().map(|right| (*left, *right)));
        }
    }
    sort_dedup(&mut pairs);
    let mut parent: Vec<u32> = (0..nodes.len() as u32).collect();
    let mut links = Vec::new();
    for (left, right) in pairs {
        let (a, b) = (root(&mut parent, left), root(&mut parent, right));
        if a == b {
            continue;
        }
        let (bits, evidence) =
            weigh(&nodes[left as usize], &nodes[right as usize], &stock, &common_family, rules);
        if bits >= rules.least {
            parent[a.max(b) as usize] = a.min(b);
            let value = |at: u32| nodes[at as usize].value.clone();
            links.push(OwnerLink { left: value(left), right: value(right), bits, evidence });
        }
    }
    (parent, links)
}

fn weigh(
    a: &Node,
    b: &Node,
    stock: &FxHashSet<u32>,
    common: &FxHashSet<u32>,
    rules: &Rules,
) -> (f64, Vec<&'static str>) {
    let (mut bits, mut evidence) = (0.0, Vec::new());
    let families = a
        .families
        .iter()
        .filter(|family| b.families.binary_search(family).is_ok() && !common.contains(family))
        .count();
    if families > 0 {
        bits += rules.first_family + rules.next_family * (families - 1) as f64;
        evidence.push("same templates");
    }
    if a.images.iter().any(|image| b.images.binary_search(image).is_ok() && !stock.contains(image)) {
        bits += rules.image;
        evidence.push("same pictures");
    }
    if a.accounts.iter().any(|account| b.accounts.binary_search(account).is_ok()) {
        bits += rules.account;
        evidence.push("same account");
    }
    let together = a.postings.iter().filter(|posting| b.postings.binary_search(posting).is_ok()).count();
    if together >= 2 || (together == 1 && a.kind != b.kind) {
        bits += rules.together;
        evidence.push("in the same postings");
    }
    let near = a.places.iter().any(|(city, day)| {
        let days = rules.near_days as i64;
        let from = b.places.partition_point(|place| *place < (*city, day - days));
        b.places.get(from).is_some_and(|(there, then)| there == city && *then <= day + days)
    });
    if near {
        bits += rules.same_place;
        evidence.push("same place and time");
    } else if !a.places.is_empty() && !b.places.is_empty() {
        bits += rules.other_place;
        evidence.push("other places");
    }
    if a.names.iter().any(|name| b.names.binary_search(name).is_ok()) {
        bits += rules.same_name;
        evidence.push("same name");
    }
    (bits, evidence)
}

/// Gives postings without selectors of their own to the main owner of their family; returns the families that several
/// owners use.
fn adopt(group: &mut [u32], of_posting: &[Vec<u32>], family: &[u32], rules: &Rules) -> Vec<u32> {
    let mut members: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (posting, family) in family.iter().enumerate().filter(|(_, family)| **family != ALONE) {
        members.entry(*family).or_default().push(posting as u32);
    }
    let mut families: Vec<(u32, Vec<u32>)> = members.into_iter().collect();
    families.sort_unstable();
    let mut copied = Vec::new();
    let mut fresh = group
        .iter()
        .filter(|group| **group != ALONE)
        .max()
        .map_or(0, |last| last + 1)
        .max(of_posting.len() as u32);
    for (name, postings) in families {
        let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
        for posting in &postings {
            if group[*posting as usize] != ALONE {
                *counts.entry(group[*posting as usize]).or_default() += 1;
            }
        }
        if counts.len() > 1 {
            copied.push(name);
        }
        let held: usize = counts.values().sum();
        let main = counts.into_iter().max_by_key(|(group, count)| (*count, u32::MAX - group));
        let adopted = match main {
            Some((main, count)) if count as f64 >= rules.main_share * held as f64 => main,
            Some(_) => continue,
            None => {
                fresh += 1;
                fresh
            }
        };
        for posting in postings {
            // A posting that quotes several owners has selectors, and stays alone.
            if group[posting as usize] == ALONE && of_posting[posting as usize].is_empty() {
                group[posting as usize] = adopted;
            }
        }
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::SelectorFact;
    use homeward_rules::Rules as AllRules;

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
    fn numbers_join_when_two_templates_agree() {
        check(&[(&["1"], 0), (&["2"], 0), (&["1"], 2), (&["2"], 2)], &[0, 0, 0, 0]);
        check(&[(&["1"], 0), (&["1"], 0), (&["2"], 0), (&["2"], 0)], &[0, 0, 2, 2]);
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
    fn a_posting_without_number_goes_with_its_family() {
        check(&[(&["1"], 0), (&["1"], 0), (&[], 0)], &[0, 0, 0]);
        check(&[(&["1"], 0), (&["2"], 0), (&[], 0)], &[0, 1, 2]);
    }

    #[test]
    fn a_vetoed_value_never_links() {
        let facts = vec![posting(0, &["1"]), posting(1, &["1"])];
        let judgements = Judgements { vetoed: vec![(SelectorKind::Phone, "1".into())] };
        let owners = link(&facts, &[ALONE, ALONE], &judgements, &AllRules::embedded().owners);
        assert_eq!(owners.owner, [0, 1]);
        assert_eq!(owners.blocked[0].why, "vetoed by an analyst");
    }
}
