//! Cells as they are compared: lower case, Latin letters where the script allows it, no punctuation; dates in two parts.

use rustc_hash::FxHashMap;
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;

/// Letters of other scripts by how they are commonly written in Latin: Cyrillic and Greek by sound (ISO 9 and ISO 843 without
/// marks, as in passports), Hebrew and Arabic by consonants, which is how names in them are spelt.
const LATIN: [(&str, &str); 40] = [
    ("", "ъьءئؤـ"),
    ("a", "аαאעاأإآعى"),
    ("ae", "æ"),
    ("b", "бבب"),
    ("ch", "чχ"),
    ("d", "đðдδדدض"),
    ("e", "еэєε"),
    ("f", "фφف"),
    ("g", "гґγג"),
    ("gh", "غ"),
    ("h", "הحهة"),
    ("i", "ıийіїηιυ"),
    ("j", "ج"),
    ("k", "кκכךك"),
    ("kh", "хחخ"),
    ("l", "łлλלل"),
    ("m", "мμמםم"),
    ("n", "нνנןن"),
    ("o", "øоοω"),
    ("oe", "œ"),
    ("p", "пπפף"),
    ("ps", "ψ"),
    ("q", "קق"),
    ("r", "рρרر"),
    ("s", "сσςסسص"),
    ("sh", "шשش"),
    ("shch", "щ"),
    ("ss", "ß"),
    ("t", "тτטתتط"),
    ("th", "þθث"),
    ("ts", "цצץ"),
    ("u", "у"),
    ("v", "вβ"),
    ("w", "וو"),
    ("x", "ξ"),
    ("y", "ыיي"),
    ("ya", "я"),
    ("yu", "ю"),
    ("z", "зζזزظذ"),
    ("zh", "ж"),
];

/// A letter of another script in Latin letters, `None` when no letters stand for it.
fn latin(c: char) -> Option<&'static str> {
    static TABLE: OnceLock<FxHashMap<char, &'static str>> = OnceLock::new();
    let pairs =
        || LATIN.iter().flat_map(|(latin, letters)| letters.chars().map(|letter| (letter, *latin))).collect();
    TABLE.get_or_init(pairs).get(&c).copied()
}

/// A text in lower case without accents, other scripts written in Latin letters where one letter stands for a sound.
/// Scripts of words and syllables (Chinese, kana, Hangul) stay, and are compared character by character.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase) {
        match latin(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
    out.nfc().collect()
}

/// Accents, and vowel signs of Hebrew and Arabic.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Words of letters and digits with one space between them; an apostrophe joins (`o'neil`).
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in folded(text).chars() {
        if c.is_alphanumeric() {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            out.push(c);
            gap = false;
        } else if !matches!(c, '\'' | '’' | '`' | 'ʼ') {
            gap = true;
        }
    }
    // Marks that an apostrophe stood between have an order of their own.
    if out.is_ascii() { out } else { out.nfc().collect() }
}

/// Letters and digits alone: numbers of all kinds.
pub fn digits_and_letters(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A telephone number: its digits, without the country code of North America.
pub fn telephone(text: &str) -> String {
    let digits: String = folded(text).chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 11 && digits.starts_with('1') { digits[1..].to_owned() } else { digits }
}

/// Trimmed and in lower case: e-mail addresses and postcodes.
pub fn plain(text: &str) -> String {
    folded(text.trim())
}

/// In which order a column writes dates whose year stands last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum DateOrder {
    /// Month before day.
    MonthFirst,
    /// Day before month.
    DayFirst,
}

impl DateOrder {
    /// Day first when some first number can be no month and no second number has to be a day.
    pub fn of<'a>(values: impl Iterator<Item = &'a str>) -> DateOrder {
        let (mut first, mut second) = (0, 0);
        for value in values {
            if let [a, b, year] = numbers(value)[..]
                && year.len() == 4
            {
                let large = |text: &str| text.parse::<u32>().is_ok_and(|number| number > 12);
                first += usize::from(large(a));
                second += usize::from(large(b));
            }
        }
        if first > second { DateOrder::DayFirst } else { DateOrder::MonthFirst }
    }
}

fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect()
}

/// A date as its year and its month and day (`0713`), each empty when it is not said. A date that is not one, such as
/// `19083209`, is cut all the same: most are one slip from a date.
pub fn date(text: &str, order: DateOrder) -> (String, String) {
    let text = text.trim();
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let day = if numbers(day).len() == 3 || day.len() >= 8 { day } else { text };
    let joined = match numbers(day)[..] {
        [a, b, year] if year.len() == 4 && a.len() <= 2 && b.len() <= 2 => match order {
            DateOrder::MonthFirst => format!("{year}{a:0>2}{b:0>2}"),
            DateOrder::DayFirst => format!("{year}{b:0>2}{a:0>2}"),
        },
        [year, month, day] if year.len() == 4 => format!("{year}{month:0>2}{day:0>2}"),
        _ => digits_and_letters(day),
    };
    if !joined.is_ascii() || joined.len() < 4 {
        return (String::new(), String::new());
    }
    let (year, rest) = joined.split_at(4);
    let rest = if matches!(rest, "0000" | "") { "" } else { rest };
    (year.to_owned(), rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_comparable() {
        let check = |text: &str, expected: &str| assert_eq!(words(text), expected, "{text}");
        check("  O'Neil-Smith, Mary ", "oneil smith mary");
        check("Zoë Müller", "zoe muller");
        check("Łukasz Øst", "lukasz ost");
        check("Иванов", "ivanov");
        check("Γιώργος", "giorgos");
        check("محمد", "mhmd");
        check("王小明", "王小明");
        check("ﾀﾅｶ", "タナカ");
        check("---", "");
    }

    #[test]
    fn dates_in_two_parts() {
        let check = |text: &str, order, year: &str, day: &str| {
            assert_eq!(date(text, order), (year.to_owned(), day.to_owned()), "{text}");
        };
        let order = DateOrder::MonthFirst;
        check("19081209", order, "1908", "1209");
        check("1908-12-09", order, "1908", "1209");
        check("1908-12-09T10:00:00Z", order, "1908", "1209");
        check("12/9/1908", order, "1908", "1209");
        check("9.12.1908", DateOrder::DayFirst, "1908", "1209");
        check("1908", order, "1908", "");
        check("19083209", order, "1908", "3209");
        check("n/a", order, "", "");
        assert_eq!(DateOrder::of(["13/01/1990", "02/03/1991"].into_iter()), DateOrder::DayFirst);
        assert_eq!(DateOrder::of(["01/13/1990", "02/03/1991"].into_iter()), DateOrder::MonthFirst);
    }

    #[test]
    fn telephones() {
        assert_eq!(telephone("+1 (704) 555-0142"), "7045550142");
        assert_eq!(telephone("704.555.0142"), "7045550142");
    }

    proptest! {
        #[test]
        fn words_twice_change_nothing(text in "\\PC{0,20}") {
            let once = words(&text);
            prop_assert_eq!(words(&once), once);
        }

        #[test]
        fn no_date_panics(text in "\\PC{0,14}") {
            let _ = date(&text, DateOrder::MonthFirst);
        }
    }
}
