//! The weight of each factor as a pure function, and its recomputation from a stored reason.
//!
//! A weight is log2 of P(value | the person is the reported child) over P(value | somebody else). The first comes from
//! `rules/matching.toml`, the second is a base rate counted in the data. The search uses the same functions as
//! [`recompute`], so that a stored reason gives the same bits to the last digit. Race and ethnicity are no factors.

use crate::describe::nicknames;
use homeward_model::Reason;
use homeward_rules::Rules;
use homeward_rules::matching::{Bands, Colour, Known, Matching};

/// How a name in a posting stands to a name in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same name.
    Equal,
    /// Another form by the nickname table.
    Nickname,
    /// One letter more, less, other, or two exchanged.
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
        && reported.len().abs_diff(used.len()) <= 1
        && strsim::osa_distance(reported, used) <= 1
    {
        Likeness::Edit
    } else {
        Likeness::Different
    }
}

/// The nearest power of two, and at least `least`: base rates then seldom change from batch to batch.
pub fn quantise(rate: f64, least: f64) -> f64 {
    let rate = if rate.is_finite() { rate.max(least) } else { least };
    rate.log2().round().exp2().min(1.0)
}

/// Weight of a name: `base_rate` of the name (for an edit, of all names one edit away), `forms` among which the child's
/// side is spread, `alias` when the report gives it as nickname or alias.
pub fn name(likeness: Likeness, alias: bool, base_rate: f64, forms: f64, rules: &Matching) -> f64 {
    let rules = &rules.name;
    let share = match likeness {
        Likeness::Equal if alias => rules.alias,
        Likeness::Equal => rules.given,
        Likeness::Nickname => rules.nickname,
        Likeness::Edit => rules.edit,
        Likeness::Different => 0.0,
    };
    (share / (forms.max(1.0) * base_rate) + rules.different).log2()
}

/// Position of a difference of ages in the table of shares.
pub fn age_band(difference: i32, rules: &Matching) -> usize {
    (difference - rules.age.from).clamp(0, rules.age.shares.len() as i32 - 1) as usize
}

/// Weight of a share against a base rate.
pub fn against(share: f64, base_rate: f64) -> f64 {
    (share / base_rate).log2()
}

/// Position of a value in bands.
pub fn band(value: f64, limits: &[f64]) -> usize {
    limits.iter().position(|limit| value <= *limit).unwrap_or(limits.len())
}

/// Weight of a quantity by the band of its difference.
pub fn quantity(difference: f64, base_rate: f64, bands: &Bands) -> f64 {
    let at = band(difference, &bands.limits);
    against(bands.shares.get(at).copied().unwrap_or(base_rate), base_rate)
}

/// Weight of a colour; `base_rate` is that of the colour shown.
pub fn colour(same: bool, base_rate: f64, rules: &Colour) -> f64 {
    if same { (rules.same / base_rate + 1.0 - rules.same).log2() } else { (1.0 - rules.same).log2() }
}

/// Weight of one mark shown; `base_rate` among the marks shown of persons.
pub fn mark(reported: bool, base_rate: f64, rules: &Matching) -> f64 {
    if reported {
        (rules.mark.same / base_rate + 1.0 - rules.mark.same).log2()
    } else {
        (1.0 - rules.mark.same).log2()
    }
}

/// Weight of a known value found: `persons` in the data, `owners` who use it.
pub fn known(persons: f64, owners: f64, elsewhere: bool, rules: &Known) -> f64 {
    let strangers = rules.chance + (owners - 1.0).max(0.0);
    (rules.share * persons / strangers * if elsewhere { rules.elsewhere } else { 1.0 }).log2().max(0.0)
}

/// Weight of the distance to the first sighting's place.
pub fn nearness(distance_km: f64, base_rate: f64, rules: &Matching) -> f64 {
    let rules = &rules.place;
    against(rules.shares.get(band(distance_km, &rules.limits)).copied().unwrap_or(base_rate), base_rate)
}

/// Weight of the journey to the first sighting: `hours` by road against `days` passed.
pub fn travel(hours: f64, days: f64, rules: &Matching) -> f64 {
    if hours <= days * 24.0 + rules.place.slack_hours { 0.0 } else { rules.place.too_fast.log2() }
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

/// Weight of a band of time.
pub fn time_share(band: usize, base_rate: f64, rules: &Matching) -> f64 {
    let share = match band {
        0 => rules.time.all_before,
        1 => rules.time.some_before,
        at => rules.time.shares.get(at - 2).copied().unwrap_or(base_rate),
    };
    against(share, base_rate)
}

/// Weight of the times of first and last posting.
pub fn time(first_days: f64, last_days: f64, base_rate: f64, rules: &Matching) -> f64 {
    time_share(time_band(first_days, last_days, rules), base_rate, rules)
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

/// Weight of there being other candidates, whose odds against "none of these" sum to `odds`.
pub fn rivals(odds: f64, rules: &Matching) -> f64 {
    -(1.0 + rules.rivals.share * odds).log2()
}

/// The probability that a sum of weights stands for.
pub fn probability(weight_bits: f64, rules: &Rules) -> f64 {
    let rules = &rules.matching.calibration;
    (1.0 / (1.0 + (-(rules.slope * weight_bits + rules.intercept)).exp2())).min(rules.most)
}

/// The weight of a stored reason of a match, again from its two values, its measures and the rules. `None` when the
/// factor is unknown or a part is missing.
pub fn recompute(reason: &Reason, rules: &Rules) -> Option<f64> {
    let rules = &rules.matching;
    let measure =
        |name: &str| reason.measures.iter().find(|(measure, _)| measure == name).map(|(_, value)| *value);
    let leading = |text: &str| text.split(' ').next().and_then(|part| part.parse::<f64>().ok());
    let difference = || Some((leading(&reason.left)? - leading(&reason.right)?).abs());
    let base = || measure("base_rate");
    Some(match reason.factor.as_str() {
        "prior" => prior(measure("share_present")?, measure("persons")?),
        "network" => network(measure("others")?),
        "rivals" => rivals(measure("odds")?, rules),
        "name" => name(
            likeness(&reason.left, &reason.right),
            measure("reported_alias")? > 0.0,
            base()?,
            measure("forms")?,
            rules,
        ),
        "age" => {
            let stated = leading(&reason.right)? - leading(&reason.left)?;
            against(*rules.age.shares.get(age_band(stated as i32, rules))?, base()?)
        }
        "height" => quantity(difference()?, base()?, &rules.height),
        "weight" => quantity(difference()?, base()?, &rules.weight),
        "hair" => colour(reason.left == reason.right, base()?, &rules.hair),
        "eyes" => colour(reason.left == reason.right, base()?, &rules.eyes),
        "mark" => mark(reason.left.split(", ").any(|mark| mark == reason.right), base()?, rules),
        "phone" | "email" | "handle" => {
            known(measure("persons")?, measure("owners")?, measure("elsewhere")? > 0.0, &rules.selector)
        }
        "associate" => {
            known(measure("persons")?, measure("owners")?, measure("elsewhere")? > 0.0, &rules.associate)
        }
        "photo" => {
            known(measure("persons")?, measure("owners")?, measure("elsewhere")? > 0.0, &rules.photo.known)
        }
        "place" => {
            nearness(measure("distance_km")?, base()?, rules)
                + travel(measure("road_hours")?, measure("days")?, rules)
        }
        "time" => time(measure("first_days")?, measure("last_days")?, base()?, rules),
        "organised" => {
            let at = band(leading(&reason.right)?, &rules.organised.limits);
            against(*rules.organised.shares.get(at)?, base()?)
        }
        _ => return None,
    })
}

/// Where the weight of a factor comes from, in plain words.
pub fn support(factor: &str) -> &'static str {
    match factor {
        "prior" => {
            "share of reported children present in the data, estimated from the data, over all persons advertised"
        }
        "network" => "the child may be another of the persons whom this owner advertises",
        "rivals" => "other candidates for the same child; a child is mostly in one organiser's hands",
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
        "organised" => "persons advertised by one owner",
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
        assert_eq!(likeness("mia", "mya"), Likeness::Different);
        assert_eq!(likeness("maria", "susan"), Likeness::Different);
    }

    #[test]
    fn rates_move_in_powers_of_two() {
        assert_eq!(quantise(0.26, 0.001), 0.25);
        assert_eq!(quantise(0.24, 0.001), 0.25);
        assert_eq!(quantise(0.0, 0.125), 0.125);
        assert_eq!(quantise(f64::NAN, 0.125), 0.125);
    }

    #[test]
    fn rare_values_weigh_more_and_shared_ones_less() {
        let rules = &Rules::embedded().matching;
        assert!(
            name(Likeness::Equal, false, 0.001, 1.0, rules) > name(Likeness::Equal, false, 0.1, 1.0, rules)
        );
        assert!(name(Likeness::Different, false, 0.1, 1.0, rules) > -3.0);
        assert!(known(1024.0, 1.0, false, &rules.selector) > known(1024.0, 3.0, false, &rules.selector));
        assert!(time(-90.0, -40.0, 0.25, rules) < time(-90.0, 10.0, 0.25, rules));
        assert!(time(-90.0, 10.0, 0.25, rules) < time(10.0, 20.0, 0.25, rules));
        assert!(travel(45.0, 0.5, rules) < travel(45.0, 9.0, rules));
        assert!(nearness(3000.0, 0.5, rules) < nearness(30.0, 0.125, rules));
    }
}
