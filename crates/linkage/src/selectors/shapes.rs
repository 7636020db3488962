//! Selectors with a shape of their own: mail and web addresses, handles, payment addresses, prices, ages, dates.

use homeward_model::SelectorKind;
use regex::{Captures, Regex};

/// A selector found in a folded text.
#[derive(Debug)]
pub struct Shape {
    pub kind: SelectorKind,
    pub value: String,
    pub start: usize,
    pub end: usize,
    pub confidence: f32,
}

/// How a value is read from what a pattern caught.
type ReadValue = fn(&Captures) -> Option<String>;

/// The compiled patterns.
#[derive(Debug)]
pub struct Shapes {
    patterns: Vec<(SelectorKind, f32, Regex, ReadValue)>,
}

fn group<'a>(captures: &'a Captures, at: usize) -> &'a str {
    captures.get(at).map_or("", |found| found.as_str())
}

fn platform(word: &str) -> &'static str {
    match word {
        "snapchat" | "snap" | "sc" => "snapchat",
        "telegram" | "tg" => "telegram",
        "kik" => "kik",
        "twitter" => "twitter",
        "tiktok" => "tiktok",
        "facebook" | "fb" => "facebook",
        _ => "instagram",
    }
}

fn date(year: &str, month: &str, day: &str) -> Option<String> {
    let (month, day): (u8, u8) = (month.parse().ok()?, day.parse().ok()?);
    let year = if year.len() == 2 { format!("20{year}") } else { year.to_owned() };
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| format!("{year}-{month:02}-{day:02}"))
}

fn age(text: &str) -> Option<String> {
    let age: u8 = text.parse().ok()?;
    (10..=79).contains(&age).then(|| age.to_string())
}

impl Shapes {
    /// Compiles the patterns; they are constants, so this cannot fail.
    pub fn new() -> Shapes {
        use SelectorKind as K;
        let make = |kind, confidence, pattern: &str, read: ReadValue| {
            (kind, confidence, Regex::new(pattern).expect("the pattern is a constant"), read)
        };
        Shapes {
            patterns: vec![
                make(
                    K::Email,
                    0.95,
                    r"[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}",
                    |c| Some(group(c, 0).to_owned()),
                ),
                make(
                    K::Email,
                    0.8,
                    r"\b([a-z0-9][a-z0-9._-]{1,40}) ?[(\[]? ?at ?[)\]]? ([a-z0-9-]{2,40}) ?[(\[]? ?dot ?[)\]]? (com|net|org|edu|info|io)\b",
                    |c| Some(format!("{}@{}.{}", group(c, 1), group(c, 2), group(c, 3))),
                ),
                make(
                    K::Url,
                    0.9,
                    r"(?:https?://|www\.|\b)((?:[a-z0-9][a-z0-9-]*\.)+(?:com|net|org|info|io|co|us|biz|xyz|site|online)(?:/[^\s<>)]*)?)",
                    |c| {
                        Some(
                            group(c, 1)
                                .trim_start_matches("www.")
                                .trim_end_matches(['.', ',', '/', '!'])
                                .to_owned(),
                        )
                    },
                ),
                make(
                    K::Handle,
                    0.9,
                    r"\b(instagram|insta|ig|snapchat|snap|sc|telegram|tg|kik|twitter|tiktok|facebook|fb)(?: ?[:=-] ?@?| ?@| )([a-z0-9][a-z0-9._]{2,29})",
                    |c| {
                        let name = group(c, 2).trim_end_matches('.');
                        // A bare word after a platform's name is a handle only if it does not look like plain prose.
                        let marked = group(c, 0).contains([':', '@', '=']);
                        let odd = name.contains(['.', '_']) || name.bytes().any(|b| b.is_ascii_digit());
                        (marked || odd).then(|| format!("{}:{name}", platform(group(c, 1))))
                    },
                ),
                make(
                    K::Payment,
                    0.9,
                    r"\b(cash ?app|venmo|paypal|zelle) ?[:-]? ?[@$]([a-z][a-z0-9_-]{2,30})",
                    |c| Some(format!("{}:{}", group(c, 1).replace(' ', ""), group(c, 2))),
                ),
                make(K::Price, 0.9, r"\$ ?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,6})", |c| {
                    Some(format!("USD {}", group(c, 1).replace(',', "")))
                }),
                make(K::Price, 0.8, r"\b([0-9]{2,4}) ?(?:dollars|usd|bucks)\b", |c| {
                    Some(format!("USD {}", group(c, 1)))
                }),
                make(K::Age, 0.8, r"\b(?:aged?|i'?m|i am) ?:? ?([0-9]{2})\b", |c| age(group(c, 1))),
                make(K::Age, 0.9, r"\b([0-9]{2}) ?(?:yo|y/o|yrs?|years?)(?: old)?\b", |c| age(group(c, 1))),
                make(K::Date, 0.8, r"\b([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4}|[0-9]{2})\b", |c| {
                    date(group(c, 3), group(c, 1), group(c, 2))
                }),
                make(K::Date, 0.9, r"\b((?:19|20)[0-9]{2})-([0-9]{2})-([0-9]{2})\b", |c| {
                    date(group(c, 1), group(c, 2), group(c, 3))
                }),
            ],
        }
    }

    /// Everything with a shape, in the order of the patterns.
    pub fn find(&self, text: &str) -> Vec<Shape> {
        let mut found: Vec<Shape> = Vec::new();
        for (kind, confidence, pattern, read) in &self.patterns {
            for captures in pattern.captures_iter(text) {
                let (Some(whole), Some(value)) = (captures.get(0), read(&captures)) else { continue };
                let (start, end) = (whole.start(), whole.end());
                // The host of a mail address is no web address of its own.
                let inside = |other: &Shape| {
                    other.kind == SelectorKind::Email && start < other.end && other.start < end
                };
                if *kind != SelectorKind::Email && found.iter().any(inside) {
                    continue;
                }
                found.push(Shape { kind: *kind, value, start, end, confidence: *confidence });
            }
        }
        found
    }
}
