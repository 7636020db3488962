//! Telephone numbers outside the North American plan, and the validity of those inside it, by the tables of
//! libphonenumber. A possible length is enough for a number with its country code; validity adds to the confidence.

use super::groups::{Group, Joint};
use super::phone::Number;
use rlibphonenumber::{PhoneNumber, Region};
use std::sync::OnceLock;

/// Whether libphonenumber knows the area code of a ten-digit North American number and allows its exchange. Looked up in
/// a table, because the library takes microseconds for each number.
pub fn is_assigned(national: &str) -> bool {
    static AREAS: OnceLock<Vec<bool>> = OnceLock::new();
    let areas = AREAS.get_or_init(|| {
        (0..1000)
            .map(|area| {
                PhoneNumber::parse(format!("+1{area:03}5550123"), None).is_ok_and(|number| number.is_valid())
            })
            .collect()
    });
    let area = national.get(..3).and_then(|area| area.parse::<usize>().ok());
    let exchange = national.as_bytes().get(3).is_some_and(|digit| *digit >= b'2');
    exchange && area.and_then(|area| areas.get(area)).copied().unwrap_or(false)
}

/// Whether libphonenumber calls a number in E.164 valid.
pub fn is_valid(value: &str) -> bool {
    match value.strip_prefix("+1").filter(|digits| digits.len() == 10) {
        Some(national) => is_assigned(national),
        None => PhoneNumber::parse(value, None).is_ok_and(|number| number.is_valid()),
    }
}

/// Reads a number with its country code from the front of some groups: the longest valid one, else the longest of
/// possible length; with the number of groups it takes.
pub fn with_country(groups: &[Group]) -> Option<(Number, usize)> {
    let mut digits = String::from("+");
    let (mut valid, mut possible) = (None, None);
    for (at, group) in groups.iter().enumerate() {
        if at > 0 && (group.plus || group.masked || group.joint >= Joint::Break) {
            break;
        }
        digits.push_str(&group.digits);
        if digits.len() > 16 {
            break;
        }
        let Ok(number) = PhoneNumber::parse(&digits, None) else { continue };
        if number.is_possible_with_reason().is_err() || digits.len() < 9 {
            continue;
        }
        let found =
            Number { value: number.to_string(), start: groups[0].start, end: group.end, unusual: false };
        if number.is_valid() {
            valid = Some((found, at + 1));
        } else {
            possible = Some((found, at + 1));
        }
    }
    valid.or(possible)
}

/// Reads the numbers of a region outside the North American plan: each stretch of groups between breaks that is valid
/// there. Lengths vary too much in most plans for a possible length to say anything.
pub fn of_region(groups: &[Group], region: Region, found: &mut Vec<Number>) {
    let mut from = 0;
    for to in 1..=groups.len() {
        let ends = to == groups.len() || groups[to].masked || groups[to].joint >= Joint::Break;
        if !ends {
            continue;
        }
        let stretch = &groups[from..to];
        from = to;
        let digits: String = stretch.iter().map(|group| group.digits.as_str()).collect();
        if stretch[0].masked || !(7..=15).contains(&digits.len()) {
            continue;
        }
        if let Ok(number) = PhoneNumber::parse(&digits, Some(region))
            && number.is_valid()
        {
            let (start, end) = (stretch[0].start, stretch[stretch.len() - 1].end);
            found.push(Number { value: number.to_string(), start, end, unusual: stretch.len() > 4 });
        }
    }
}
