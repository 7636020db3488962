//! The weight of each factor as a pure function, and its recomputation from a stored reason.
//!
//! A weight is log2 of P(value | the person is the reported child) over P(value | somebody else). The first comes from
//! `rules/matching.toml`, the second is a base rate counted in the data. The search uses the same functions as
//! [`recompute`], so that a stored reason gives the same bits to the last digit. Race and ethnicity are no factors.

use crate::names::nicknames;
use homeward_model::Reason;
use homeward_rules::Rules;
use homeward_rules::matching::{Age, Bands, Known, Matching};
use std::cmp::Ordering;

/// How a name in a posting stands to a name in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same name.
    Equal,
    /// Another form by the nickname table.
    Nickname,
    /// One letter more, less, other, or two exchanged; or the same stem with another ending.
    Edit,
    /// None of these.
    Different,
}

/// Compares two lower-case given names.
pub fn likeness(reported: &str, used: &str) -> Likeness {
    if reported == used {
        Likeness::Equal
    } else if nicknames(reported).contains(&used) {
        Likeness::Nickname
    } else if reported.len().min(used.len()) >= 4
        && (another_ending(reported, used)
            || reported.len().abs_diff(used.len()) <= 1 && strsim::osa_distance(reported, used) <= 1)
    {
        Likeness::Edit
    } else {
        Likeness::Different
    }
}

/// Whether two names differ in their last vowels alone: `audrey` and `audra`, `marie` and `maria`.
fn another_ending(a: &str, b: &str) -> bool {
    let stem = |name: &str| name.trim_end_matches(['a', 'e', 'i', 'o', 'u', 'y']).len();
    let (ours, theirs) = (stem(a), stem(b));
    ours == theirs && ours >= 3 && a.as_bytes()[..ours] == b.as_bytes()[..ours]
}

/// The nearest quarter power of two, and at least `least`: base rates then seldom change from batch to batch.
pub fn quantise(rate: f64, least: f64) -> f64 {
    let rate = if rate.is_finite() { rate.max(least) } else { least };
    ((4.0 * rate.log2()).round() / 4.0).exp2().min(1.0)
}

/// Position of a likeness in the shares of names; `alias` when the report gives the name as nickname or alias.
pub fn name_level(likeness: Likeness, alias: bool) -> usize {
    match likeness {
        Likeness::Equal => usize::from(alias),
        Likeness::Nickname => 2,
        Likeness::Edit => 3,
        Likeness::Different => DIFFERENT,
    }
}

/// Position of "a name chosen freely" in the shares of names.
pub const DIFFERENT: usize = 4;

/// Share of children advertised under a name of this likeness, chosen for it.
pub fn name_share(level: usize, rules: &Matching) -> f64 {
    let rules = &rules.name;
    [rules.given, rules.alias, rules.nickname, rules.edit].get(level).copied().unwrap_or(0.0)
}

/// Weight of a name: the `share` of children so advertised, `base_rate` of the name (for a short form or an edit, of all names that
/// are so like it), `forms` among which the child's side is spread, and the share of names chosen freely, which any name may be.
pub fn name(share: f64, base_rate: f64, forms: f64, different: f64) -> f64 {
    (share / (forms.max(1.0) * base_rate) + different).log2()
}

/// Position of a difference of ages in the table of shares.
pub fn age_band(difference: i32, rules: &Matching) -> usize {
    (difference - rules.age.from).clamp(0, rules.age.shares.len() as i32 - 1) as usize
}

/// By how much the age may have been raised when the statement lies in this band, with the share of each: boards admit
/// nobody below a certain age, so that whoever is younger is stated to be of it.
fn age_parts(band: usize, age: i32, shares: &[f64], rules: &Age) -> Vec<(usize, f64)> {
    let stated = age + rules.from + band as i32;
    // The last band holds all higher statements.
    let stated = if band + 1 == shares.len() { stated.max(rules.least) } else { stated };
    let own = (band, shares.get(band).copied().unwrap_or(0.0));
    match stated.cmp(&rules.least) {
        Ordering::Less => vec![(band, own.1 * (1.0 - rules.kept))],
        Ordering::Greater => vec![own],
        Ordering::Equal => {
            let lifted = shares.iter().take(band).map(|share| share * rules.kept).enumerate();
            lifted.chain([own]).collect()
        }
    }
}

/// The same, each in parts of all that may have been meant.
pub fn age_meant(band: usize, age: i32, shares: &[f64], rules: &Age) -> Vec<(usize, f64)> {
    let all = age_share(band, age, shares, rules).max(f64::MIN_POSITIVE);
    age_parts(band, age, shares, rules).into_iter().map(|(at, share)| (at, share / all)).collect()
}

/// Share of children of an age whose statement lies in this band.
pub fn age_share(band: usize, age: i32, shares: &[f64], rules: &Age) -> f64 {
    age_parts(band, age, shares, rules).iter().map(|(_, share)| share).sum()
}

/// Weight of a share against a base rate.
pub fn against(share: f64, base_rate: f64) -> f64 {
    (share / base_rate).log2()
}

/// Position of a value in bands.
pub fn band(value: f64, limits: &[f64]) -> usize {
    limits.iter().position(|limit| value <= *limit).unwrap_or(limits.len())
}

/// Weight of a colour or mark shown; `share` of those shown of the child that the report names, `base_rate` of this one.
pub fn kept(same: bool, share: f64, base_rate: f64) -> f64 {
    if same { (share / base_rate + 1.0 - share).log2() } else { (1.0 - share).log2() }
}

/// Weight of a known value found: `persons` in the data, `owners` who use it.
pub fn known(persons: f64, owners: f64, elsewhere: bool, rules: &Known) -> f64 {
    let strangers = rules.chance + (owners - 1.0).max(0.0);
    (rules.share * persons / strangers * if elsewhere { rules.elsewhere } else { 1.0 }).log2().max(0.0)
}

/// Weight of the journey to the first sighting: `hours` by road against `days` passed.
pub fn travel(hours: f64, days: f64, rules: &Matching) -> f64 {
    if hours <= days * 24.0 + rules.place.slack_hours { 0.0 } else { rules.place.too_fast.log2() }
}

/// Position in the bands of an owner's size: by persons advertised, and within that few postings, then many.
pub fn organised_band(persons: u16, postings: u32, rules: &Matching) -> usize {
    let rules = &rules.organised;
    2 * band(f64::from(persons), &rules.limits) + usize::from(postings >= rules.many)
}

/// Position in the bands of time: 0 all before, 1 some before, then by days to the first appearance.
pub fn time_band(first_days: f64, last_days: f64, rules: &Matching) -> usize {
    let rules = &rules.time;
    if last_days < -rules.slack_days {
        0
    } else if first_days < -rules.slack_days {
        1
    } else {
        2 + band(first_days, &rules.limits)
    }
}

/// Position in the bands of a person's postings.
pub fn postings_band(postings: usize, rules: &Matching) -> usize {
    band(postings as f64, &rules.mark.postings)
}

/// Whether a person's postings are few, by their band.
pub fn few(postings_band: usize, rules: &Matching) -> bool {
    postings_band < rules.mark.postings.len()
}

/// Share of children who show a mark, or none, in so many postings; `reported` when the report names one.
pub fn mark_shown(shown: bool, reported: bool, postings_band: usize, rules: &Matching) -> f64 {
    let shares = if reported { &rules.mark.shown } else { &rules.mark.unreported };
    let share = shares.get(postings_band).copied().unwrap_or(0.5);
    if shown { share } else { 1.0 - share }
}

/// Share of children in a band of time; `few` when the person has few postings.
pub fn time_share(band: usize, few: bool, rules: &Matching) -> f64 {
    if few {
        return rules.time.few.get(band).copied().unwrap_or(rules.time.all_before);
    }
    match band {
        0 => rules.time.all_before,
        1 => rules.time.some_before,
        at => rules.time.shares.get(at - 2).copied().unwrap_or(rules.time.all_before),
    }
}

/// Weight of the way to a first sighting: `best` bits of the stay that speaks loudest, of which it is worth a `part`.
pub fn way(best: f64, part: f64) -> f64 {
    if part == 1.0 { best } else { best + part.log2() }
}

/// Share of children advertised under a freely chosen name of their own sex, or of the other.
pub fn sex_share(same: bool, rules: &Matching) -> f64 {
    if same { rules.sex.same } else { 1.0 - rules.sex.same }
}

/// Weight before any comparison: one of `persons` is the child, by the share of children present.
pub fn prior(share: f64, persons: f64) -> f64 {
    (share / (1.0 - share) / persons.max(1.0)).log2()
}

/// Weight of the owner's other persons: the child may be any of them. `others` are their likelihood ratios in parts of the
/// best one's.
pub fn network(others: f64) -> f64 {
    (1.0 + others).log2()
}

/// Weight of others who may be meant: other candidates for the child, or other reports that claim the person. Their odds sum
/// to `odds`.
pub fn rivals(odds: f64, share: f64) -> f64 {
    -(1.0 + share * odds).log2()
}

/// Weight of what others tell: with `probability` the owner is `ratio` times likelier. Alone it is held to even odds.
pub fn told(probability: f64, ratio: f64, before: f64) -> f64 {
    (1.0 - probability + probability * ratio).log2().clamp(0.0, (-before).max(0.0))
}

/// The probability that a sum of weights stands for.
pub fn probability(weight_bits: f64, rules: &Matching) -> f64 {
    let rules = &rules.calibration;
    (1.0 / (1.0 + (-(rules.slope * weight_bits + rules.intercept)).exp2())).min(rules.most)
}

/// Whether a factor is a value of the child's own, or a companion's, that stands in the data.
pub fn is_known(factor: &str) -> bool {
    matches!(factor, "phone" | "email" | "handle" | "associate" | "photo")
}

/// The rates and chances of a kind of known value.
pub fn known_table<'a>(factor: &str, table: &'a Matching) -> &'a Known {
    match factor {
        "associate" => &table.associate,
        "photo" => &table.photo.known,
        _ => &table.selector,
    }
}

/// Whether a mark that is shown is one of those that the report names.
pub fn mark_named(reason: &Reason) -> bool {
    reason.left.split(", ").any(|mark| mark == reason.right)
}

/// A reason in words.
pub fn reason(
    factor: &str,
    weight_bits: f64,
    left: String,
    right: String,
    measures: &[(&str, f64)],
) -> Reason {
    Reason::new(factor, left, right, weight_bits, support(factor), measures)
}

/// The weight of a stored reason of a match, again from its two values, its measures and the rules. `None` when the
/// factor is unknown or a part is missing.
pub fn recompute(reason: &Reason, rules: &Rules) -> Option<f64> {
    weight(reason, reason.measure("share"), reason.measure("different"), &rules.matching)
}

/// The weight that a stored reason would have under other shares; what shares do not touch stays.
pub fn reweigh(reason: &Reason, rules: &Rules) -> Option<f64> {
    let table = &rules.matching;
    let share = share_of(reason, table).or_else(|| reason.measure("share"));
    weight(reason, share, Some(table.name.different), table)
}

fn weight(reason: &Reason, share: Option<f64>, different: Option<f64>, rules: &Matching) -> Option<f64> {
    let measure = |name: &str| reason.measure(name);
    Some(match reason.factor.as_str() {
        "prior" => prior(measure("share_present")?, measure("persons")?),
        "network" => network(measure("others")?),
        "rivals" | "claimed" => rivals(measure("odds")?, share?),
        "sibling" | "found before" => told(measure("probability")?, measure("ratio")?, measure("before")?),
        "name" => name(share?, measure("base_rate")?, measure("forms")?, different?),
        "age" | "height" | "weight" | "time" | "organised" | "sex" | "marks" => {
            against(share?, measure("base_rate")?)
        }
        "hair" | "eyes" => kept(reason.left == reason.right, share?, measure("base_rate")?),
        "mark" => kept(mark_named(reason), share?, measure("base_rate")?),
        factor if is_known(factor) => {
            let table =
                Known { share: share?, chance: measure("chance")?, elsewhere: measure("if_elsewhere")? };
            known(measure("persons")?, measure("owners")?, measure("elsewhere")? > 0.0, &table)
        }
        "place" => {
            let best = against(share?, measure("base_rate")?)
                + travel(measure("road_hours")?, measure("days")?, rules);
            // Reasons stored before ways were weighed have none.
            way(best, measure("way").unwrap_or(1.0))
        }
        _ => return None,
    })
}

/// The share of children with the value of a stored reason, as a table has it; `None` where it has none.
fn share_of(reason: &Reason, table: &Matching) -> Option<f64> {
    let measure = |name: &str| reason.measure(name);
    let between = || reason.numbers().map(|(ours, theirs)| theirs - ours);
    let quantity = |bands: &Bands| bands.shares.get(band(between()?.abs(), &bands.limits)).copied();
    Some(match reason.factor.as_str() {
        "name" => name_share(level_of(reason), table),
        "age" => {
            let (age, _) = reason.numbers()?;
            age_share(age_band(between()? as i32, table), age as i32, &table.age.shares, &table.age)
        }
        "height" => quantity(&table.height)?,
        "weight" => quantity(&table.weight)?,
        "organised" => *table.organised.shares.get(measure("band")? as usize)?,
        "time" => {
            let at = time_band(measure("first_days")?, measure("last_days")?, table);
            time_share(at, is_of_few(reason), table)
        }
        "hair" => table.hair.same,
        "eyes" => table.eyes.same,
        "mark" => table.mark.same,
        "marks" => {
            let (band, reported) = (measure("band")? as usize, measure("reported")? > 0.0);
            mark_shown(measure("shown")? > 0.0, reported, band, table)
        }
        factor if is_known(factor) => known_table(factor, table).share,
        _ => return None,
    })
}

/// Position in the shares of names of a stored reason on names.
pub fn level_of(reason: &Reason) -> usize {
    let alias = reason.measure("reported_alias").is_some_and(|alias| alias > 0.0);
    name_level(likeness(&reason.left, &reason.right), alias)
}

/// Whether a stored reason on time is of a person with few postings.
pub fn is_of_few(reason: &Reason) -> bool {
    reason.measure("few").is_some_and(|few| few > 0.0)
}

/// Where the weight of a factor comes from, in plain words.
pub fn support(factor: &str) -> &'static str {
    match factor {
        "prior" => {
            "share of reported children present in the data, estimated from the data, over all persons advertised"
        }
        "network" => "the child may be another of the persons whom this owner advertises",
        "sibling" => {
            "a sibling reported with this child matches this network; our judgement, not measured, and never enough alone"
        }
        "found before" => {
            "this child was found in this network before; our judgement, not measured, and never enough alone"
        }
        "rivals" => "other candidates for the same child; a child is mostly in one organiser's hands",
        "marks" => "whether so many postings show some mark, against how many others' do",
        "claimed" => "the person may be the child of another report; a person is one child",
        "name" => {
            "names are changed on purpose: a different name costs little, the same name counts by its rarity in the data"
        }
        "age" => {
            "advertisements raise the age: how often they do so by this much, against how common the stated age is"
        }
        "height" | "weight" => "difference against how many persons in the data lie as near",
        "hair" => "hair may be dyed; counts by the rarity of the colour in the data",
        "eyes" => "seldom changed; counts by the rarity of the colour in the data",
        "mark" => "counts by the rarity of the mark in the data",
        "phone" | "email" | "handle" => {
            "the child's own; counts by how few owners use it, numbers change hands"
        }
        "associate" => "a known companion's; counts by how few owners use it",
        "photo" => "PDQ distance within the published threshold of 31 bits; images are also stolen",
        "place" => {
            "distance from where last seen to the first sighting after, against how many others were seen as near then, and travel by road in the time"
        }
        "time" => "first appearance after the disappearance; postings before it count against",
        "organised" => "persons whom the owner advertises, and whether often",
        "sex" => "a name used for children of one sex by the reports; names are chosen freely",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_level() {
        assert_eq!(likeness("abigail", "abigail"), Likeness::Equal);
        assert_eq!(likeness("abigail", "abby"), Likeness::Nickname);
        assert_eq!(likeness("maria", "marla"), Likeness::Edit);
        assert_eq!(likeness("audrey", "audra"), Likeness::Edit);
        assert_eq!(likeness("mia", "mya"), Likeness::Different);
        assert_eq!(likeness("anna", "anton"), Likeness::Different);
        assert_eq!(likeness("maria", "susan"), Likeness::Different);
    }

    #[test]
    fn whoever_is_younger_is_stated_to_be_of_the_least_age() {
        let rules = &Rules::embedded().matching.age;
        let share = |age: i32, stated: i32| {
            let band = age_band(stated - age, &Rules::embedded().matching);
            age_share(band, age, &rules.shares, rules)
        };
        assert!(share(13, 18) > 0.6 && share(16, 18) > share(16, 17) && share(13, 17) < 0.01);
        assert!(share(8, 18) > 0.9);
        for age in [8, 13, 15, 17] {
            let all: f64 =
                (0..rules.shares.len()).map(|band| age_share(band, age, &rules.shares, rules)).sum();
            assert!((all - 1.0).abs() < 0.1, "{age}: {all}");
        }
    }

    #[test]
    fn rates_move_in_quarter_powers_of_two() {
        assert_eq!(quantise(0.26, 0.001), 0.25);
        assert_eq!(quantise(0.24, 0.001), 0.25);
        assert_eq!(quantise(0.29, 0.001), (-1.75f64).exp2());
        assert_eq!(quantise(0.0, 0.125), 0.125);
        assert_eq!(quantise(f64::NAN, 0.125), 0.125);
    }

    #[test]
    fn rare_values_weigh_more_and_shared_ones_less() {
        let rules = &Rules::embedded().matching;
        let equal = name_share(name_level(Likeness::Equal, false), rules);
        let different = rules.name.different;
        assert!(name(equal, 0.001, 1.0, different) > name(equal, 0.1, 1.0, different));
        assert!(name(0.0, 0.1, 1.0, different) > -3.0);
        assert!(kept(true, 0.8, 0.1) > kept(true, 0.8, 0.5) && kept(false, 0.8, 0.1) < 0.0);
        assert!(known(1024.0, 1.0, false, &rules.selector) > known(1024.0, 3.0, false, &rules.selector));
        let time = |first: f64, last: f64| time_share(time_band(first, last, rules), false, rules);
        assert!(time(-90.0, -40.0) < time(-90.0, 10.0) && time(-90.0, 10.0) < time(10.0, 20.0));
        assert!(travel(45.0, 0.5, rules) < travel(45.0, 9.0, rules));
    }
}
