//! How alike two values of one column are, in eight levels from equal to different. What a level is worth is learned from
//! the data: the levels only sort pairs into kinds that have about the same worth.

use crate::strings::{edits, jaro_winkler, maybe_alike, surely_apart};
use crate::table::Part;
use crate::values::{Features, Values};
use homeward_rules::persons::Likeness;
use rustc_hash::FxHashSet;

/// Number of levels.
pub const LEVELS: usize = 8;
/// Equal values.
pub const EQUAL: u8 = 0;
/// Nothing in common.
pub const DIFFERENT: u8 = 7;
/// One of them is missing: no evidence.
pub const MISSING: u8 = 255;

/// Pairs of values of a list that are forms of one given name, the smaller number in the upper half.
pub type Nicknames = FxHashSet<u64>;

/// Two values as one key, whichever comes first.
#[inline]
pub fn unordered(a: u32, b: u32) -> u64 {
    (u64::from(a.min(b)) << 32) | u64::from(a.max(b))
}

/// What a level means in words.
pub fn word(part: Part, level: u8) -> &'static str {
    const NAMES: [&str; LEVELS] = [
        "equal",
        "one edit of a rare name",
        "one edit",
        "near, one of them rare",
        "near, short form or beginning",
        "initial or same sound",
        "somewhat alike",
        "different",
    ];
    const REST: [&str; LEVELS] =
        ["equal", "one edit", "initial or a word in common", "same initial", "", "", "", "different"];
    const YEAR: [&str; LEVELS] = [
        "equal",
        "one year apart",
        "one digit, one of them rare",
        "one digit",
        "",
        "two or three years apart",
        "up to ten years apart",
        "different",
    ];
    const DAY: [&str; LEVELS] = [
        "equal",
        "one digit, one of them rare",
        "one digit",
        "day and month swapped",
        "two digits",
        "same month",
        "same day of the month",
        "different",
    ];
    const NUMBER: [&str; LEVELS] =
        ["equal", "one digit", "", "two digits", "one digit", "two or three digits", "", "different"];
    const CODE: [&str; LEVELS] = [
        "equal",
        "one character, one of them rare",
        "one character",
        "same sector or two characters",
        "same district",
        "same area",
        "two characters",
        "different",
    ];
    const EMAIL: [&str; LEVELS] =
        ["equal", "one edit", "", "two or three edits", "same user", "same domain", "alike", "different"];
    const TEXT: [&str; LEVELS] = [
        "equal",
        "one edit, one of them rare",
        "one edit",
        "few edits, one of them rare",
        "few edits, or one within the other",
        "half the words in common",
        "alike",
        "different",
    ];
    let words = match part {
        Part::Given | Part::Family => NAMES,
        Part::Rest => REST,
        Part::Year => YEAR,
        Part::MonthDay => DAY,
        Part::Identity | Part::Phone | Part::Number => NUMBER,
        Part::Code => CODE,
        Part::Email => EMAIL,
        Part::Category | Part::Text => TEXT,
    };
    words.get(level as usize).copied().unwrap_or("missing")
}

/// Whether two values are surely [`DIFFERENT`] by their features alone.
#[inline]
pub fn surely_different(part: Part, a: &Features, b: &Features, rules: &Likeness) -> bool {
    match part {
        Part::Given | Part::Family => {
            a.long.min(b.long) > 1
                && apart(a, b, 2)
                && a.letters & !b.letters != 0
                && b.letters & !a.letters != 0
                && a.sound != b.sound
                && !(a.nicknamed && b.nicknamed)
                && !alike_by_letters(a, b, rules.name_far)
        }
        Part::Text => a.words & b.words == 0 && apart(a, b, 3) && !alike_by_letters(a, b, rules.text_far),
        Part::Identity | Part::Phone => apart(a, b, 3),
        Part::Number => apart(a, b, 2),
        Part::Category => apart(a, b, 1),
        Part::Code => a.first != b.first && apart(a, b, 2),
        Part::Rest | Part::Year | Part::MonthDay | Part::Email => false,
    }
}

fn apart(a: &Features, b: &Features, edits: u32) -> bool {
    surely_apart(a.letters, b.letters, edits)
}

fn alike_by_letters(a: &Features, b: &Features, least: f32) -> bool {
    maybe_alike(a.letters, b.letters, a.long as usize, b.long as usize, least)
}

/// The level of two values of a list, of which neither is missing.
pub fn level(part: Part, list: &Values, nicknames: &Nicknames, a: u32, b: u32, rules: &Likeness) -> u8 {
    if a == b {
        return EQUAL;
    }
    let pair = Pair::new(list, a, b, rules);
    match part {
        Part::Given => name(&pair, nicknames.contains(&unordered(a, b))),
        Part::Family => name(&pair, false),
        Part::Rest => rest(&pair),
        Part::Year => year(&pair),
        Part::MonthDay => month_day(&pair),
        Part::Identity | Part::Phone => match pair.edits(3) {
            0 | 1 => 1,
            2 => 3,
            3 => 5,
            _ => DIFFERENT,
        },
        Part::Number => number(&pair),
        Part::Code => code(&pair),
        Part::Email => email(&pair),
        Part::Category => match pair.edits(1) {
            0 | 1 => pair.rarer(1),
            _ => DIFFERENT,
        },
        Part::Text => text(&pair),
    }
}

/// Two different values with what is known of them.
struct Pair<'a> {
    list: &'a Values,
    numbers: (u32, u32),
    features: (&'a Features, &'a Features),
    rules: &'a Likeness,
}

impl<'a> Pair<'a> {
    #[inline]
    fn new(list: &'a Values, a: u32, b: u32, rules: &'a Likeness) -> Pair<'a> {
        // In one order, so that no likeness depends on which comes first.
        let (a, b) = (a.min(b), a.max(b));
        Pair {
            list,
            numbers: (a, b),
            features: (&list.features[a as usize], &list.features[b as usize]),
            rules,
        }
    }

    fn texts(&self) -> (&'a str, &'a str) {
        (self.list.text(self.numbers.0), self.list.text(self.numbers.1))
    }

    fn shorter(&self) -> usize {
        usize::from(self.features.0.long.min(self.features.1.long))
    }

    fn apart(&self, most: u32) -> bool {
        apart(self.features.0, self.features.1, most)
    }

    /// Edits, or `most + 1` when there are more.
    fn edits(&self, most: usize) -> usize {
        if self.apart(most as u32) {
            return most + 1;
        }
        let (a, b) = self.texts();
        edits(a, b, self.ascii(), most)
    }

    fn maybe_alike(&self, least: f32) -> bool {
        alike_by_letters(self.features.0, self.features.1, least)
    }

    /// Jaro-Winkler likeness, 0 when it is surely less than `least`.
    fn alike(&self, least: f32) -> f32 {
        if !self.maybe_alike(least) {
            return 0.0;
        }
        let (a, b) = self.texts();
        jaro_winkler(a, b, self.ascii())
    }

    fn ascii(&self) -> bool {
        self.features.0.ascii && self.features.1.ascii
    }

    fn same_sound(&self) -> bool {
        self.features.0.sound == self.features.1.sound
    }

    fn shared_words(&self) -> bool {
        self.features.0.words & self.features.1.words != 0
    }

    /// A level and the one after it: near a rare value a common one is what was meant.
    fn rarer(&self, level: u8) -> u8 {
        if self.features.0.rare || self.features.1.rare { level } else { level + 1 }
    }
}

fn name(pair: &Pair, nickname: bool) -> u8 {
    let rules = pair.rules;
    let (a, b) = pair.texts();
    let short = pair.shorter();
    if short <= 1 {
        return if a.chars().next() == b.chars().next() { 5 } else { DIFFERENT };
    }
    let distance = if short >= 3 { pair.edits(2) } else { 3 };
    if distance <= 1 {
        return pair.rarer(1);
    }
    if nickname {
        return 4;
    }
    let alike = pair.alike(rules.name_far);
    if (distance <= 2 && short >= 5) || alike >= rules.name_near {
        return pair.rarer(3);
    }
    if short >= 3 && (a.starts_with(b) || b.starts_with(a)) {
        return 4;
    }
    match () {
        () if pair.same_sound() => 5,
        () if alike >= rules.name_far => 6,
        () => DIFFERENT,
    }
}

fn rest(pair: &Pair) -> u8 {
    let (a, b) = pair.texts();
    let (same_initial, short) = (a.chars().next() == b.chars().next(), pair.shorter());
    let in_common = || a.split(' ').any(|word| b.split(' ').any(|other| word == other));
    match () {
        () if short > 3 && pair.edits(1) <= 1 => 1,
        () if (same_initial && short == 1) || in_common() => 2,
        () if same_initial => 3,
        () => DIFFERENT,
    }
}

fn year(pair: &Pair) -> u8 {
    let (a, b) = pair.texts();
    let apart = match (a.parse::<i32>(), b.parse::<i32>()) {
        (Ok(a), Ok(b)) => (a - b).abs(),
        _ => i32::MAX,
    };
    match () {
        () if apart == 1 => 1,
        () if pair.edits(1) <= 1 => pair.rarer(2),
        () if apart <= 3 => 5,
        () if apart <= 10 => 6,
        () => DIFFERENT,
    }
}

fn month_day(pair: &Pair) -> u8 {
    let (a, b) = pair.texts();
    let distance = pair.edits(2);
    if distance <= 1 {
        return pair.rarer(1);
    }
    if a.len() == 4 && b.len() == 4 && a.is_ascii() && b.is_ascii() {
        let ((month_a, day_a), (month_b, day_b)) = (a.split_at(2), b.split_at(2));
        match () {
            () if month_a == day_b && day_a == month_b => return 3,
            () if month_a == month_b => return 5,
            () if day_a == day_b => return 6,
            () => {}
        }
    }
    if distance <= 2 { 4 } else { DIFFERENT }
}

fn number(pair: &Pair) -> u8 {
    match (pair.edits(2), pair.shorter()) {
        (0 | 1, short) => {
            if short >= 2 {
                1
            } else {
                4
            }
        }
        (2, short) if short >= 2 => 5,
        _ => DIFFERENT,
    }
}

/// Postcodes in two words (`TQ13 8DF`) by sector, district and area; others by digits.
fn code(pair: &Pair) -> u8 {
    let ((a, b), short) = (pair.texts(), pair.shorter());
    let distance = pair.edits(2);
    if distance <= 1 {
        return pair.rarer(1);
    }
    if let (Some((out_a, in_a)), Some((out_b, in_b))) = (a.split_once(' '), b.split_once(' ')) {
        let area = |code: &str| code.chars().take_while(char::is_ascii_alphabetic).count();
        return match () {
            () if out_a == out_b && in_a.chars().next() == in_b.chars().next() => 3,
            () if out_a == out_b => 4,
            () if area(out_a) > 0 && out_a[..area(out_a)] == out_b[..area(out_b)] => 5,
            () => DIFFERENT,
        };
    }
    let same_beginning = a.chars().take(2).eq(b.chars().take(2));
    match () {
        () if distance <= 2 && short > 4 => 3,
        () if short >= 4 && same_beginning => 5,
        () if distance <= 2 && short == 4 => 6,
        () => DIFFERENT,
    }
}

fn email(pair: &Pair) -> u8 {
    let rules = pair.rules;
    let (a, b) = pair.texts();
    let distance = pair.edits(3);
    let ((user_a, domain_a), (user_b, domain_b)) =
        (a.split_once('@').unwrap_or((a, "")), b.split_once('@').unwrap_or((b, "")));
    match () {
        () if distance <= 1 => 1,
        () if distance <= 3 => 3,
        () if user_a == user_b && !user_a.is_empty() => 4,
        () if domain_a == domain_b && !domain_a.is_empty() => 5,
        () if pair.alike(rules.email_far) > rules.email_far => 6,
        () => DIFFERENT,
    }
}

fn text(pair: &Pair) -> u8 {
    let rules = pair.rules;
    let short = pair.shorter();
    let distance = if short >= 3 { pair.edits(3) } else { 9 };
    if distance <= 1 {
        return pair.rarer(1);
    }
    if (distance <= 2 && short >= 5) || (distance <= 3 && short >= 9) {
        return pair.rarer(3);
    }
    if pair.shared_words() {
        let (a, b) = (&pair.list.words[pair.numbers.0 as usize], &pair.list.words[pair.numbers.1 as usize]);
        let common = a.iter().filter(|word| **word != 0 && b.contains(word)).count();
        if common > 0 && common == a.len().min(b.len()) {
            return 4;
        }
        if common > 0 && 2 * common >= a.len().max(b.len()) {
            return 5;
        }
    }
    if pair.alike(rules.text_far) > rules.text_far { 6 } else { DIFFERENT }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules;
    use proptest::prelude::*;

    fn of(part: Part, a: &str, b: &str) -> u8 {
        let texts = [a.to_owned(), b.to_owned()];
        let mut list = Values::of(texts.iter());
        list.count(vec![9; list.len()], 2);
        let (a, b) = (list.find(a), list.find(b));
        let rules = &Rules::embedded().persons.likeness;
        let level = level(part, &list, &Nicknames::default(), a, b, rules);
        let (x, y) = (&list.features[a as usize], &list.features[b as usize]);
        assert!(level == DIFFERENT || a == b || !surely_different(part, x, y, rules));
        level
    }

    #[test]
    fn levels_by_kind() {
        let check =
            |part, a: &str, b: &str, expected: u8| assert_eq!(of(part, a, b), expected, "{part:?} {a} {b}");
        check(Part::Given, "anna", "anna", 0);
        check(Part::Given, "anna", "hanna", 2);
        check(Part::Given, "j", "john", 5);
        check(Part::Given, "rob", "robert", 4);
        check(Part::Family, "smith", "jones", 7);
        check(Part::Family, "meyer", "maier", 4);
        check(Part::Family, "王小明", "王小朋", 2);
        check(Part::Family, "王", "李", 7);
        check(Part::Year, "1984", "1985", 1);
        check(Part::Year, "1984", "1934", 3);
        check(Part::Year, "1984", "1992", 6);
        check(Part::MonthDay, "0713", "1307", 3);
        check(Part::MonthDay, "0713", "0728", 5);
        check(Part::Identity, "6988048", "6980848", 1);
        check(Part::Identity, "6988048", "1234567", 7);
        check(Part::Code, "tq13 8df", "tq13 8hu", 3);
        check(Part::Code, "tq13 8df", "tq13 1hu", 4);
        check(Part::Code, "tq13 8df", "tq2 1ab", 5);
        check(Part::Code, "28202", "28217", 3);
        check(Part::Email, "a.smith@x.example", "a.smith@y.example.org", 4);
        check(Part::Text, "west devon", "devon", 4);
        check(Part::Text, "london", "paris", 7);
        check(Part::Category, "nsw", "vic", 7);
    }

    #[test]
    fn every_level_has_a_word() {
        for part in [Part::Given, Part::Rest, Part::Year, Part::MonthDay, Part::Code, Part::Email, Part::Text]
        {
            assert_eq!((word(part, 0), word(part, 7)), ("equal", "different"));
            assert_eq!(word(part, MISSING), "missing");
        }
    }

    proptest! {
        #[test]
        fn levels_are_in_range_and_know_no_order(a in "[a-dж王0-3 @.]{1,9}", b in "[a-dж王0-3 @.]{1,9}") {
            for part in [Part::Given, Part::Family, Part::Rest, Part::Year, Part::MonthDay, Part::Identity,
                         Part::Number, Part::Code, Part::Email, Part::Category] {
                let found = of(part, &a, &b);
                prop_assert!(found <= DIFFERENT);
                prop_assert!((found == EQUAL) == (a == b));
                prop_assert_eq!(found, of(part, &b, &a));
            }
        }
    }
}
