//! Given names that a text uses for the person it advertises. Turns of phrase that introduce a name are looked for first,
//! also where digits stand for letters; only a text without any is searched for a name that stands by itself.

use regex::Regex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::sync::OnceLock;

/// Letters at least of a name that may be misspelt.
const LEAST_MISSPELT: usize = 5;

/// Words before a name that make it a place's.
const BEFORE_PLACES: [&str; 20] = [
    "in", "at", "near", "from", "to", "of", "by", "around", "visiting", "downtown", "north", "south", "east",
    "west", "new", "st", "saint", "port", "fort", "lake",
];

struct Patterns {
    /// Turns of phrase after which a name stands.
    introduced: Regex,
    /// Those after which nothing but a name stands: it may be misspelt.
    surely: Regex,
    followed: Regex,
    alone: Regex,
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let make = |pattern: &str| Regex::new(pattern).expect("the pattern is a constant");
        Patterns {
            introduced: make(
                r"\b(?:it is|it's|its|i am|i'm|im|this is|call|text|meet|see)\s+([a-z]{2,14})\b",
            ),
            surely: make(r"\b(?:name is|name's|ask for|hello from|named|i go by)\s+([a-z]{2,14})\b"),
            followed: make(r"(?:^|[\n.!-]\s*)([a-z]{2,14})\s+(?:here|is back|in|is in|just arrived)\b"),
            alone: make(r"^([a-z]{2,14})(?:\n|$)"),
        }
    })
}

fn given_names() -> &'static FxHashSet<&'static str> {
    static NAMES: OnceLock<FxHashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| include_str!("../data/given_names.txt").lines().collect())
}

/// Whether a word is a given name in ordinary use.
pub fn is_given_name(word: &str) -> bool {
    given_names().contains(word)
}

/// Other forms of a given name, both ways.
pub fn nicknames(name: &str) -> &'static [&'static str] {
    static TABLE: OnceLock<FxHashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for (name, short) in
            include_str!("../data/nicknames.txt").lines().filter_map(|line| line.split_once(','))
        {
            table.entry(name).or_default().push(short);
            table.entry(short).or_default().push(name);
        }
        table
    });
    table.get(name).map_or(&[], Vec::as_slice)
}

/// A given name with one letter more, less, other, or two exchanged.
fn is_misspelt_name(word: &str) -> bool {
    static SHORTER: OnceLock<FxHashSet<String>> = OnceLock::new();
    if word.len() < LEAST_MISSPELT || !word.is_ascii() {
        return false;
    }
    // Two words one edit apart have a form in common once each has lost a letter, or the longer one has.
    let shorter = SHORTER.get_or_init(|| {
        let long = given_names().iter().filter(|name| name.is_ascii() && name.len() >= LEAST_MISSPELT);
        long.flat_map(|name| without_a_letter(name)).collect()
    });
    without_a_letter(word).any(|form| is_given_name(&form) || shorter.contains(&form))
        || shorter.contains(word)
}

fn without_a_letter(word: &str) -> impl Iterator<Item = String> + '_ {
    (0..word.len()).map(|at| format!("{}{}", &word[..at], &word[at + 1..]))
}

/// Digits back to the letters that they stand for, in words that have both.
fn lettered(folded: &str) -> Cow<'_, str> {
    if !folded.bytes().any(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(folded);
    }
    let mut text = String::with_capacity(folded.len());
    for word in folded.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        if word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            text.extend(word.chars().map(|c| match c {
                '0' => 'o',
                '1' => 'i',
                '3' => 'e',
                '4' => 'a',
                '5' => 's',
                other => other,
            }));
        } else {
            text.push_str(word);
        }
    }
    Cow::Owned(text)
}

/// The given names in a text, lower case, by first appearance; `folded` is the same text folded.
pub fn names(original: &str, folded: &str) -> Vec<String> {
    let text = lettered(folded);
    let patterns = patterns();
    // In a text that writes some words with a capital, "i am golden" names nobody.
    let plain = original.split('\n').skip(1).any(|line| line.bytes().any(|byte| byte.is_ascii_uppercase()))
        && original.bytes().any(|byte| byte.is_ascii_lowercase());
    let mut found: Vec<(usize, &str)> = Vec::new();
    for (pattern, sure) in [
        (&patterns.surely, true),
        (&patterns.alone, true),
        (&patterns.introduced, false),
        (&patterns.followed, false),
    ] {
        for word in pattern.captures_iter(&text).filter_map(|captures| captures.get(1)) {
            let name = word.as_str();
            let misspelt = || sure && is_capitalised(original, name) && is_misspelt_name(name);
            let meant = !plain || sure || is_capitalised(original, name);
            if (meant && is_given_name(name)) || misspelt() {
                found.push((word.start(), name));
            }
        }
    }
    if found.is_empty() {
        return by_itself(original).into_iter().collect();
    }
    found.sort_unstable();
    let mut used: Vec<String> = Vec::new();
    for (_, name) in found {
        if used.iter().all(|known| known != name) {
            used.push(name.to_owned());
        }
    }
    used
}

/// Whether a text has a lower-case word with a capital letter.
fn is_capitalised(original: &str, word: &str) -> bool {
    let mut capital = word.to_owned();
    if let Some(first) = capital.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    original.contains(&capital)
}

/// The only given name that stands by itself with a capital letter, in the first line if one does, and is no part of a
/// place's name.
fn by_itself(original: &str) -> Option<String> {
    let (title, body) = original.split_once('\n').unwrap_or((original, ""));
    [title, body].into_iter().find_map(|part| {
        let words: Vec<&str> = part.split(|c: char| !c.is_alphanumeric() && c != '\'').collect();
        let mut only: Option<String> = None;
        for (at, word) in words.iter().enumerate() {
            let mut letters = word.chars();
            let capital = letters.next().is_some_and(|c| c.is_ascii_uppercase());
            if !capital || !letters.all(|c| c.is_ascii_lowercase()) || word.len() < 3 {
                continue;
            }
            let name = word.to_ascii_lowercase();
            if !is_given_name(&name) {
                continue;
            }
            let before = at.checked_sub(1).map(|at| words[at].to_ascii_lowercase());
            let after = words[at + 1..].iter().find(|word| !word.is_empty());
            let of_place = before.is_some_and(|word| BEFORE_PLACES.contains(&word.as_str()))
                || after.is_some_and(|word| {
                    word.chars().next().is_some_and(|c| c.is_ascii_uppercase())
                        && !word.eq_ignore_ascii_case("i")
                });
            if of_place || only.as_ref().is_some_and(|known| *known != name) {
                return None;
            }
            only = Some(name);
        }
        only
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::fold_text;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(names(text, &fold_text(text).text), expected, "{text}");
    }

    #[test]
    fn a_name_is_read_where_a_text_introduces_it() {
        check("new in town\nMia here", &["mia"]);
        check("Ruby\nask f0r Ruby", &["ruby"]);
        check("ask for Abby, call Abby", &["abby"]);
        check("my name is Hannaha", &["hannaha"]);
        check("Brianaa\nopen late", &["brianaa"]);
        check("i am here and this is downtown", &[]);
        check("call today, ask for parking", &[]);
        check("open\nthis is Lucy. i am golden and quick", &["lucy"]);
        check("open\nthis is lucy, call lucy", &["lucy"]);
    }

    #[test]
    fn a_name_by_itself_is_read_when_it_is_the_only_one_and_no_place() {
        check("quiet place\nsweet Nora is new this week", &["nora"]);
        check("quiet place\nbased in Charlotte, NC", &[]);
        check("quiet place\nNora or Lucy, this week", &[]);
        check("Lucy Street\nopen late", &[]);
    }

    #[test]
    fn misspelt_names_are_near_ones() {
        for word in ["hannaha", "kenneda", "brianaa", "olvia", "emliy"] {
            assert!(is_misspelt_name(word), "{word}");
        }
        for word in ["parking", "available", "mia", "downtown"] {
            assert!(!is_misspelt_name(word), "{word}");
        }
    }
}
