//! The factors: what each compares, into which class a pair of values falls, and what that class weighs.
//!
//! A weight is log2(P(class | same child) / P(class | someone else)). The first stands in `rules/matching.toml`, the second
//! is measured on the corpus and kept with the reason, so that [`recompute`] gives every weight again from what is stored.

use crate::describe::nicknames;
use homeward_model::Reason;
use homeward_rules::matching::Matching;

/// Probability of the class of two values, given the same child; `None` for a factor or value that is not known.
pub fn same_child(factor: &str, left: &str, right: &str, rules: &Matching) -> Option<f64> {
    let number = |text: &str| text.split(' ').next().and_then(|number| number.parse::<f64>().ok());
    Some(match factor {
        "name" => match name_class(left, right) {
            0 => rules.name_same,
            1 => rules.name_variant,
            _ => rules.name_other,
        },
        "age" => {
            let raised = number(right)? - number(left)?;
            let table = rules.age_raised.get(raised as usize).filter(|_| raised >= 0.0);
            table.copied().unwrap_or(rules.age_other)
        }
        "height" => rules.height[band(number(left)? - number(right)?, 4.0, 8.0)],
        "weight" => rules.weight[band(number(left)? - number(right)?, 5.0, 10.0)],
        "hair" => share(left == right, rules.hair_same),
        "eyes" => share(left == right, rules.eyes_same),
        "marks" => {
            if left.split(", ").any(|mark| right.split(", ").any(|other| other == mark)) {
                rules.mark_same
            } else if right == "none named" {
                1.0 - rules.mark_same - rules.mark_other
            } else {
                rules.mark_other
            }
        }
        "own selector" => rules.own_selector,
        "companion's selector" => rules.associate_selector,
        "photograph" => rules.photo,
        "place" => rules.distance[class(number(right)?, &rules.distance_km)],
        "first seen" => rules.first_seen[class(number(right)?, &rules.first_seen_days)],
        "organised" => share(number(right)? >= 2.0, rules.organised),
        _ => return None,
    })
}

/// The weight of a stored reason, computed again.
pub fn recompute(reason: &Reason, rules: &Matching) -> Option<f64> {
    let measure =
        |name: &str| reason.measures.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    if reason.factor == "prior" {
        let present = measure("share of reports present")?;
        return Some((present / (1.0 - present) / measure("persons advertised")?).log2());
    }
    let same = same_child(&reason.factor, &reason.left, &reason.right, rules)?;
    Some((same / measure("share among others")?).log2())
}

fn share(same: bool, probability: f64) -> f64 {
    if same { probability } else { 1.0 - probability }
}

fn band(difference: f64, near: f64, far: f64) -> usize {
    usize::from(difference.abs() > near) + usize::from(difference.abs() > far)
}

/// The class of a value among ascending upper bounds.
pub fn class(value: f64, bounds: &[f64]) -> usize {
    bounds.iter().take_while(|bound| value > **bound).count()
}

/// 0 the same name, 1 a short or changed form, 2 another. `left` lists the names of the report.
pub fn name_class(left: &str, right: &str) -> usize {
    let mut best = 2;
    for name in left.split(", ") {
        if name == right {
            return 0;
        }
        let short = nicknames(name).contains(&right);
        let begins =
            name.len() >= 3 && right.len() >= 3 && (name.starts_with(right) || right.starts_with(name));
        let stem = name.chars().zip(right.chars()).take_while(|(a, b)| a == b).count();
        let edited = strsim::damerau_levenshtein(name, right) == 1 && name.len() >= 4;
        let changed = stem >= 4 && name.len().abs_diff(right.len()) <= 2 && stem + 2 >= name.len();
        if short || begins || edited || changed {
            best = 1;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_classes() {
        for (left, right, class) in [
            ("mia", "mia", 0),
            ("abigail, abby", "abby", 0),
            ("abigail", "abby", 1),
            ("madeline", "madelina", 1),
            ("sarah", "sara", 1),
            ("emma", "mia", 2),
            ("katherine", "kathy", 1),
        ] {
            assert_eq!(name_class(left, right), class, "{left} {right}");
        }
    }

    #[test]
    fn classes_end_at_their_bounds() {
        assert_eq!(class(100.0, &[100.0, 300.0]), 0);
        assert_eq!(class(101.0, &[100.0, 300.0]), 1);
        assert_eq!(class(900.0, &[100.0, 300.0]), 2);
    }
}
