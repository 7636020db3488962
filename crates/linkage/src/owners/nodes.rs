//! Selectors and accounts as the nodes of the owner graph, and the guard against values that everybody shows.

use super::evidence::Ground;
use super::{ALONE, Blocked, Judgements};
use homeward_model::SelectorKind;
use homeward_rules::owners::Owners as Rules;
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
    values.sort_unstable();
    let vetoed: FxHashSet<(SelectorKind, &str)> =
        judgements.vetoed.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
    let mut nodes = Vec::with_capacity(values.len() + by_account.len());
    for ((kind, value), postings) in values {
        let strangers = strangers(ground, kind, value, &postings);
        let why = if vetoed.contains(&(kind, value)) {
            "vetoed by an analyst"
        } else if strangers >= rules.strangers_least
            && strangers as f64 >= rules.strangers_share * postings.len() as f64
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

/// How many otherwise separate owners show a value: its postings are joined by everything else they share (other selectors,
/// account, template), and the groups that have a selector or account of their own are counted.
fn strangers(ground: &Ground, kind: SelectorKind, value: &str, postings: &[u32]) -> usize {
    if postings.len() < 2 {
        return 0;
    }
    let mut parent: Vec<u32> = (0..postings.len() as u32).collect();
    let mut first: FxHashMap<(u8, u64), u32> = FxHashMap::default();
    let mut own = vec![false; postings.len()];
    for (at, posting) in postings.iter().enumerate() {
        let facts = &ground.facts[*posting as usize];
        let others =
            facts.selectors.iter().filter(|s| !s.common && (s.kind, s.value.as_str()) != (kind, value));
        let mut keys: Vec<(u8, u64)> =
            others.map(|s| (s.kind as u8, homeward_model::key64(s.value.as_bytes()))).collect();
        keys.extend(facts.account.map(|account| (u8::MAX, account)));
        own[at] = !keys.is_empty();
        let family = ground.family[*posting as usize];
        if family != ALONE {
            keys.push((u8::MAX - 1, u64::from(family)));
        }
        for key in keys {
            let other = *first.entry(key).or_insert(at as u32);
            let (a, b) = (super::root(&mut parent, at as u32), super::root(&mut parent, other));
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    let mut groups: Vec<u32> = (0..postings.len() as u32)
        .filter(|at| own[*at as usize])
        .map(|at| super::root(&mut parent, at))
        .collect();
    super::evidence::sort_dedup(&mut groups);
    groups.len()
}
