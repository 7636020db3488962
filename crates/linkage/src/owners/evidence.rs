//! What speaks for and against two sets of postings being one owner's.

use super::ALONE;
use crate::facts::Facts;
use homeward_places::{CityId, Places};
use homeward_rules::owners::Owners as Rules;
use rustc_hash::{FxHashMap, FxHashSet};

/// The postings with what evidence is drawn from, by posting.
pub struct Ground<'a> {
    pub facts: &'a [Facts],
    /// Smallest posting of the template family, or [`ALONE`].
    pub family: &'a [u32],
    /// Groups of near-identical pictures shown.
    pub images: Vec<Vec<u32>>,
    /// Numbers of the given names used.
    names: Vec<Vec<u32>>,
    /// Metropolitan area.
    metro: Vec<Option<CityId>>,
}

impl<'a> Ground<'a> {
    pub fn new(facts: &'a [Facts], family: &'a [u32], images: Vec<Vec<u32>>) -> Ground<'a> {
        let places = Places::embedded();
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let mut names = Vec::with_capacity(facts.len());
        for facts in facts {
            let mut of_posting: Vec<u32> = Vec::new();
            for name in &facts.person.names {
                let next = numbers.len() as u32;
                of_posting.push(*numbers.entry(name).or_insert(next));
            }
            names.push(of_posting);
        }
        let metro = facts.iter().map(|facts| facts.city.map(|city| places.metro(city))).collect();
        Ground { facts, family, images, names, metro }
    }

    /// Sums up some postings, given in ascending order.
    pub fn sum_up(&self, postings: &[u32]) -> Traits {
        let mut traits = Traits { postings: postings.to_vec(), ..Traits::default() };
        for posting in postings {
            let at = *posting as usize;
            if self.family[at] != ALONE {
                traits.families.push(self.family[at]);
            }
            traits.images.extend(&self.images[at]);
            traits.accounts.extend(self.facts[at].account);
            traits.names.extend(&self.names[at]);
            if let Some(metro) = self.metro[at] {
                traits.cities.push(metro);
                traits.stays.extend(self.facts[at].seen_at.map(|seen| (metro, seen.day())));
            }
        }
        let mut counts: Vec<(u32, u32)> = Vec::new();
        traits.families.sort_unstable();
        for family in &traits.families {
            match counts.last_mut() {
                Some((last, count)) if last == family => *count += 1,
                _ => counts.push((*family, 1)),
            }
        }
        traits.families = counts.iter().map(|(family, _)| *family).collect();
        traits.in_family = counts.iter().map(|(_, count)| *count).collect();
        sort_dedup(&mut traits.images);
        sort_dedup(&mut traits.accounts);
        sort_dedup(&mut traits.names);
        sort_dedup(&mut traits.cities);
        sort_dedup(&mut traits.stays);
        traits
    }
}

/// The postings of one selector or of one owner so far, summed up. All lists ascending, without repeats.
#[derive(Clone, Debug, Default)]
pub struct Traits {
    pub postings: Vec<u32>,
    pub families: Vec<u32>,
    /// Postings in each of `families`.
    pub in_family: Vec<u32>,
    pub images: Vec<u32>,
    pub accounts: Vec<u64>,
    names: Vec<u32>,
    cities: Vec<CityId>,
    /// Metropolitan area and day.
    stays: Vec<(CityId, i64)>,
}

pub fn sort_dedup<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// Members of the shorter list that are in the longer one.
pub fn shared<T: Ord + Copy>(a: &[T], b: &[T]) -> Vec<T> {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.iter().filter(|item| long.binary_search(item).is_ok()).copied().collect()
}

/// Evidence by kind, in the order of [`Evidence::WORDS`]; 0 where nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence(pub [f64; KINDS]);

/// Kinds of evidence.
pub const KINDS: usize = 14;

impl Evidence {
    /// What each kind says, in words.
    pub const WORDS: [&'static str; KINDS] = [
        "same template",
        "further same templates",
        "other templates",
        "same names",
        "other names",
        "same places",
        "other places",
        "same place and time",
        "same pictures",
        "same account",
        "other account",
        "in one posting",
        "two kinds of contact in one posting",
        "nothing else to compare",
    ];

    /// The weight of each kind, bits.
    pub fn weights(rules: &Rules) -> [f64; KINDS] {
        [
            rules.same_template,
            rules.further_template,
            rules.other_templates,
            rules.same_names,
            rules.other_names,
            rules.same_places,
            rules.other_places,
            rules.same_place_and_time,
            rules.same_pictures,
            rules.same_account,
            rules.other_account,
            rules.one_posting,
            rules.two_kinds,
            rules.nothing_else,
        ]
    }

    /// Log-odds of one owner, bits.
    pub fn bits(&self, rules: &Rules) -> f64 {
        let weights = Evidence::weights(rules);
        rules.prior + self.0.iter().zip(weights).map(|(amount, weight)| amount * weight).sum::<f64>()
    }
}

/// Texts and pictures that too many owners use to say anything of two of them.
#[derive(Debug, Default)]
pub struct Common {
    /// Template families.
    pub texts: FxHashSet<u32>,
    /// Picture groups.
    pub images: FxHashSet<u32>,
}

/// Compares two sets of postings. Postings that are in both count only for being in both: a number beside another shares
/// its text, place and name by standing there, which says nothing of whose number it is.
pub fn compare(
    ground: &Ground,
    a: &Traits,
    b: &Traits,
    kinds_differ: bool,
    common: &Common,
    rules: &Rules,
) -> Evidence {
    let both = shared(&a.postings, &b.postings);
    let mut evidence = Evidence::default();
    if both.is_empty() {
        apart(a, b, common, rules, &mut evidence);
    } else {
        let without = |traits: &Traits| {
            let rest: Vec<u32> = traits
                .postings
                .iter()
                .filter(|posting| both.binary_search(posting).is_err())
                .copied()
                .collect();
            ground.sum_up(&rest)
        };
        apart(&without(a), &without(b), common, rules, &mut evidence);
        let amount = (both.len() as f64).log2().min(2.0) + 1.0;
        evidence.0[if kinds_differ { 12 } else { 11 }] = amount;
    }
    evidence
}

fn apart(a: &Traits, b: &Traits, common: &Common, rules: &Rules, evidence: &mut Evidence) {
    let (small, large) = if a.postings.len() <= b.postings.len() { (a, b) } else { (b, a) };
    let families: Vec<u32> = shared(&a.families, &b.families)
        .into_iter()
        .filter(|family| !common.texts.contains(family))
        .collect();
    let e = &mut evidence.0;
    if !families.is_empty() {
        e[0] = 1.0;
        e[1] = (families.len() as f64).log2().min(2.0);
        let (mut elsewhere, mut all) = (0, 0);
        for (family, count) in small.families.iter().zip(&small.in_family) {
            all += count;
            elsewhere += if families.binary_search(family).is_ok() { 0 } else { *count };
        }
        e[2] = f64::from(elsewhere) / f64::from(all);
    }
    (e[3], e[4]) = agreement(&small.names, &large.names);
    (e[5], e[6]) = agreement(&small.cities, &large.cities);
    let days = rules.near_days as i64;
    let near = small.stays.iter().any(|(city, day)| {
        let from = large.stays.partition_point(|stay| *stay < (*city, day - days));
        large.stays.get(from).is_some_and(|(there, then)| there == city && *then <= day + days)
    });
    e[7] = f64::from(u8::from(near));
    let images = shared(&a.images, &b.images);
    e[8] = (images.iter().filter(|image| !common.images.contains(image)).count() as f64).min(2.0);
    if !a.accounts.is_empty() && !b.accounts.is_empty() {
        let same = !shared(&a.accounts, &b.accounts).is_empty();
        e[if same { 9 } else { 10 }] = 1.0;
    }
    // The two sides have no fact in common that could agree or contradict.
    let silent = e[3..=10].iter().all(|amount| *amount == 0.0);
    e[13] = f64::from(u8::from(silent && e[0] > 0.0));
}

/// Shares of the smaller side's values that the larger side has and has not.
fn agreement<T: Ord>(small: &[T], large: &[T]) -> (f64, f64) {
    if small.is_empty() || large.is_empty() {
        return (0.0, 0.0);
    }
    let there = small.iter().filter(|value| large.binary_search(value).is_ok()).count();
    let share = there as f64 / small.len() as f64;
    (share, 1.0 - share)
}
