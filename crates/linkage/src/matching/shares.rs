//! The shares of a table by factor, as lists that add up to 1: read from it, and put into it.

use homeward_rules::matching::{Matching, Name};

/// The shares of a factor; of what is either so or not, both. `None` for a factor that has none.
pub fn of(table: &Matching, factor: &str) -> Option<Vec<f64>> {
    let either = |share: f64| vec![share, 1.0 - share];
    Some(match factor {
        "name" => {
            let Name { given, alias, nickname, edit, different } = table.name;
            vec![given, alias, nickname, edit, different]
        }
        "sex" => either(table.sex.same),
        "age" => table.age.shares.clone(),
        "height" => table.height.shares.clone(),
        "weight" => table.weight.shares.clone(),
        "hair" => either(table.hair.same),
        "eyes" => either(table.eyes.same),
        "mark" => either(table.mark.same),
        "selector" => either(table.selector.share),
        "associate" => either(table.associate.share),
        "photo" => either(table.photo.known.share),
        "place" => table.place.pulls.clone(),
        "travel" => either(table.place.too_fast),
        "time" => {
            let before = [table.time.all_before, table.time.some_before];
            before.iter().chain(&table.time.shares).copied().collect()
        }
        "time of few" => table.time.few.clone(),
        "organised" => table.organised.shares.clone(),
        _ => return None,
    })
}

/// Puts the shares of a factor into a table; as many as [`of`] gives.
pub fn put(table: &mut Matching, factor: &str, shares: &[f64]) {
    let list = match factor {
        "age" => &mut table.age.shares,
        "height" => &mut table.height.shares,
        "weight" => &mut table.weight.shares,
        "place" => &mut table.place.pulls,
        "time of few" => &mut table.time.few,
        "organised" => &mut table.organised.shares,
        "time" => {
            if let [all_before, some_before, rest @ ..] = shares {
                (table.time.all_before, table.time.some_before) = (*all_before, *some_before);
                table.time.shares = rest.to_vec();
            }
            return;
        }
        "name" => {
            if let [given, alias, nickname, edit, different] = *shares {
                table.name = Name { given, alias, nickname, edit, different };
            }
            return;
        }
        _ => {
            let share = match factor {
                "sex" => &mut table.sex.same,
                "hair" => &mut table.hair.same,
                "eyes" => &mut table.eyes.same,
                "mark" => &mut table.mark.same,
                "selector" => &mut table.selector.share,
                "associate" => &mut table.associate.share,
                "photo" => &mut table.photo.known.share,
                "travel" => &mut table.place.too_fast,
                _ => return,
            };
            if let Some(first) = shares.first() {
                *share = *first;
            }
            return;
        }
    };
    *list = shares.to_vec();
}
