//! Selectors and accounts as the nodes of the owner graph, and the guard against values that everybody shows.

use super::evidence::Ground;
use super::{ALONE, Blocked, Judgements};
use crate::facts::{SelectorFact, selector_key};
use crate::forest;
use homeward_model::SelectorKind;
use homeward_rules::owners::Owners as Rules;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// A selector or account with the postings that show it, ascending.
#[derive(Clone, Debug)]
pub struct Node {
    /// `None` for an account.
    pub kind: Option<SelectorKind>,
    pub value: String,
    pub postings: Vec<u32>,
}

/// All nodes that may link, and the values that may not.
pub fn nodes(ground: &Ground, judgements: &Judgements, rules: &Rules) -> (Vec<Node>, Vec<Blocked>) {
    let mut by_value: FxHashMap<(SelectorKind, &str), Vec<u32>> = FxHashMap::default();
    let mut by_account: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
    let mut common: FxHashMap<(SelectorKind, &str), usize> = FxHashMap::default();
    for (at, facts) in ground.facts.iter().enumerate() {
        for selector in &facts.selectors {
            if selector.common {
                *common.entry((selector.kind, &selector.value)).or_default() += 1;
            } else {
                by_value.entry((selector.kind, &selector.value)).or_default().push(at as u32);
            }
        }
        if let Some(account) = facts.account {
            by_account.entry(account).or_default().push(at as u32);
        }
    }
    let mut blocked: Vec<Blocked> = common
        .into_iter()
        .filter(|(_, postings)| *postings > 1)
        .map(|((kind, value), postings)| Blocked {
            kind,
            value: value.to_owned(),
            postings,
            would_merge: 0,
            why: "toll-free, placeholder or the site's own",
        })
        .collect();
    let mut values: Vec<((SelectorKind, &str), Vec<u32>)> = by_value.into_iter().collect();
    values.par_sort_unstable();
    let vetoed: FxHashSet<(SelectorKind, &str)> =
        judgements.vetoed.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
    let mut nodes = Vec::with_capacity(values.len() + by_account.len());
    let beside = beside(ground);
    let strange: Vec<(usize, usize)> = values
        .par_iter()
        .map(|((kind, value), postings)| strangers(ground, &beside, *kind, value, postings))
        .collect();
    for (((kind, value), postings), (strangers, told)) in values.into_iter().zip(strange) {
        let why = if vetoed.contains(&(kind, value)) {
            "vetoed by an analyst"
        } else if strangers >= rules.strangers_least
            && strangers as f64 >= rules.strangers_share * told as f64
        {
            "stands beside the selectors of many strangers"
        } else {
            nodes.push(Node { kind: Some(kind), value: value.to_owned(), postings });
            continue;
        };
        blocked.push(Blocked {
            kind,
            value: value.to_owned(),
            postings: postings.len(),
            would_merge: strangers,
            why,
        });
    }
    let mut accounts: Vec<(u64, Vec<u32>)> = by_account.into_iter().collect();
    accounts.sort_unstable();
    nodes.extend(accounts.into_iter().map(|(account, postings)| Node {
        kind: None,
        value: format!("account {account:016x}"),
        postings,
    }));
    blocked.sort_by(|a, b| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    (nodes, blocked)
}

/// Selectors of a family that are looked at, the smallest keys of them: bounds the work on a text that thousands sign, and
/// families that share all of theirs share these.
const BESIDE: usize = 32;

/// Keys of the selectors that the postings of each family show.
fn beside(ground: &Ground) -> FxHashMap<u32, Vec<u64>> {
    let mut beside: FxHashMap<u32, Vec<u64>> = FxHashMap::default();
    for (facts, family) in ground.facts.iter().zip(ground.family).filter(|(_, family)| **family != ALONE) {
        let own = facts.selectors.iter().filter(|selector| !selector.common);
        beside.entry(*family).or_default().extend(own.map(SelectorFact::key));
    }
    for keys in beside.values_mut() {
        super::evidence::sort_dedup(keys);
        keys.truncate(BESIDE);
    }
    beside
}

/// How many otherwise separate owners show a value, and how many of its postings tell whose they are. Its postings are joined by
/// everything else they share (other selectors, account, template and what else the template is signed with), and the groups
/// that have a selector or account of their own are counted: in the posting, or in others on the same template.
fn strangers(
    ground: &Ground,
    beside: &FxHashMap<u32, Vec<u64>>,
    kind: SelectorKind,
    value: &str,
    postings: &[u32],
) -> (usize, usize) {
    if postings.len() < 2 {
        return (0, 0);
    }
    let mut parent: Vec<u32> = (0..postings.len() as u32).collect();
    let mut first: FxHashMap<(u8, u64), u32> = FxHashMap::default();
    let mut own = vec![false; postings.len()];
    let this = selector_key(kind, value);
    for (at, posting) in postings.iter().enumerate() {
        let facts = &ground.facts[*posting as usize];
        let family = ground.family[*posting as usize];
        let shown = facts.selectors.iter().filter(|selector| !selector.common).map(SelectorFact::key);
        let others = shown.chain(beside.get(&family).into_iter().flatten().copied());
        let mut keys: Vec<(u8, u64)> = others.filter(|key| *key != this).map(|key| (0, key)).collect();
        keys.extend(facts.account.map(|account| (1, account)));
        own[at] = !keys.is_empty();
        if family != ALONE {
            keys.push((2, u64::from(family)));
        }
        for key in keys {
            let other = *first.entry(key).or_insert(at as u32);
            forest::unite(&mut parent, at as u32, other);
        }
    }
    let telling: Vec<u32> = (0..postings.len() as u32).filter(|at| own[*at as usize]).collect();
    let mut groups: Vec<u32> = telling.iter().map(|at| forest::root(&mut parent, *at)).collect();
    super::evidence::sort_dedup(&mut groups);
    (groups.len(), telling.len())
}
