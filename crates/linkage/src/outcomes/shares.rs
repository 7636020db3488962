//! The shares of matching by factor and value: read from a table of rules, put into one, and named in words.

use crate::matching::shares;
use homeward_rules::Rules;
use homeward_rules::matching::Matching;
use std::collections::BTreeMap;

/// The shares of each factor, in the order of [`label`]; those of one factor add up to 1.
pub type Shares = BTreeMap<String, Vec<f64>>;

/// The factors whose shares are learned from outcomes. How distance pulls is told by the data alone.
const FACTORS: [&str; 13] = [
    "name",
    "age",
    "height",
    "weight",
    "hair",
    "eyes",
    "mark",
    "selector",
    "associate",
    "photo",
    "travel",
    "time",
    "organised",
];

/// The shares of a table of rules.
pub fn shares(rules: &Matching) -> Shares {
    FACTORS.iter().filter_map(|factor| Some(((*factor).to_owned(), shares::of(rules, factor)?))).collect()
}

/// A table of rules with other shares; `None` when they do not fit it.
pub fn with(rules: &Matching, others: &Shares) -> Option<Matching> {
    let fits = |(factor, list): (&String, &Vec<f64>)| {
        let other = others.get(factor);
        other.is_some_and(|other| {
            other.len() == list.len() && other.iter().all(|share| (0.0..=1.0).contains(share))
        })
    };
    let own = shares(rules);
    if own.len() != others.len() || !own.iter().all(fits) {
        return None;
    }
    let mut table = rules.clone();
    for (factor, list) in others {
        shares::put(&mut table, factor, list);
    }
    Some(table)
}

/// A rule set with other shares of matching; its version is for the caller to name.
pub fn with_shares(rules: &Rules, others: &Shares) -> Option<Rules> {
    Some(Rules { matching: with(&rules.matching, others)?, ..rules.clone() })
}

/// What a share is of, in words.
pub fn label(factor: &str, at: usize, rules: &Matching) -> String {
    let bands = |limits: &[f64], unit: &str| match limits.get(at) {
        Some(limit) => format!("up to {limit} {unit}"),
        None => format!("more than {} {unit}", limits.last().copied().unwrap_or_default()),
    };
    let either = |first: &str, second: &str| if at == 0 { first } else { second }.to_owned();
    match factor {
        "name" => ["the given name", "an alias", "a nickname", "one letter off", "chosen freely"]
            .get(at)
            .copied()
            .unwrap_or_default()
            .to_owned(),
        "age" => {
            let years = rules.age.from + at as i32;
            let end = match at {
                0 => " or less",
                at if at + 1 == rules.age.shares.len() => " or more",
                _ => "",
            };
            format!("stated {years:+} years{end}")
        }
        "height" => bands(&rules.height.limits, "cm off"),
        "weight" => bands(&rules.weight.limits, "kg off"),
        "hair" | "eyes" => either("the colour reported", "any colour"),
        "mark" => either("a mark reported", "any mark"),
        "selector" => either("an own number or name shown", "none shown"),
        "associate" => either("a companion's number shown", "none shown"),
        "photo" => either("a known photo shown", "none shown"),
        "travel" => either("too fast by road", "in time"),
        "time" => match at {
            0 => "all postings before".to_owned(),
            1 => "some postings before".to_owned(),
            at => match rules.time.limits.get(at - 2) {
                Some(limit) => format!("first within {limit} days"),
                None => "first later".to_owned(),
            },
        },
        "organised" => {
            let rules = &rules.organised;
            let (band, many) = (at / 2, at % 2 == 1);
            let persons = match rules.limits.get(band) {
                Some(limit) => format!("up to {limit} persons of one owner"),
                None => format!(
                    "more than {} persons of one owner",
                    rules.limits.last().copied().unwrap_or_default()
                ),
            };
            format!("{persons} in {} {} postings", if many { "at least" } else { "fewer than" }, rules.many)
        }
        _ => String::new(),
    }
}
