//! Selectors with a shape of their own: mail and web addresses, handles, payment addresses, prices, ages, dates.
//!
//! One pass over the words of a text says which patterns can match at all, because most postings hold few kinds of
//! selector and a pattern costs far more than a look at each word.

use homeward_model::SelectorKind;
use homeward_rules::selectors::Selectors;
use regex::{Captures, Regex};

/// A selector found in a folded text.
#[derive(Debug)]
pub struct Shape {
    pub kind: SelectorKind,
    pub value: String,
    pub start: usize,
    pub end: usize,
    pub confidence: f32,
    /// Why it must not link.
    pub common: Option<&'static str>,
}

/// What a text must hold for a pattern to match: bits, all found in one pass.
mod cue {
    pub const AT: u16 = 1;
    pub const SPELLED_ADDRESS: u16 = 2;
    pub const DOMAIN: u16 = 4;
    pub const SCHEME: u16 = 8;
    pub const PAYMENT: u16 = 16;
    pub const PLATFORM: u16 = 32;
    pub const DOLLAR: u16 = 64;
    pub const CURRENCY: u16 = 128;
    pub const AGE_BEFORE: u16 = 256;
    pub const AGE_AFTER: u16 = 512;
    pub const DATE: u16 = 1024;
    pub const MONTH: u16 = 2048;

    /// The cues that a folded text holds.
    pub fn of(text: &str) -> u16 {
        let bytes = text.as_bytes();
        let mut cues = 0;
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at].is_ascii_alphabetic() {
                let start = at;
                while at < bytes.len() && bytes[at].is_ascii_alphabetic() {
                    at += 1;
                }
                cues |= of_word(&bytes[start..at]);
                continue;
            }
            let between =
                |test: fn(&u8) -> bool| at > 0 && test(&bytes[at - 1]) && bytes.get(at + 1).is_some_and(test);
            cues |= match bytes[at] {
                b'@' => AT,
                b'$' => DOLLAR,
                b'.' if between(u8::is_ascii_alphanumeric) => DOMAIN | SPELLED_ADDRESS,
                b'/' | b'-' if between(u8::is_ascii_digit) => DATE,
                b'/' if bytes.get(at + 1) == Some(&b'/') => SCHEME,
                b'/' if bytes[at + 1..].starts_with(b"h") || bytes[at + 1..].starts_with(b" h") => CURRENCY,
                _ => 0,
            };
            at += 1;
        }
        cues
    }

    fn of_word(word: &[u8]) -> u16 {
        match word {
            b"dot" | b"punto" | b"arroba" => SPELLED_ADDRESS,
            b"cash" | b"cashapp" | b"venmo" | b"paypal" | b"zelle" => PAYMENT,
            b"instagram" | b"insta" | b"ig" | b"snapchat" | b"snap" | b"sc" | b"telegram" | b"tg"
            | b"kik" | b"twitter" | b"tiktok" | b"facebook" | b"fb" | b"onlyfans" | b"wickr" | b"signal" => {
                PLATFORM
            }
            b"dollars" | b"dolares" | b"usd" | b"bucks" => CURRENCY,
            b"age" | b"aged" | b"i" | b"im" => AGE_BEFORE,
            b"y" | b"yo" | b"yr" | b"yrs" | b"year" | b"years" | b"anos" => AGE_AFTER,
            _ => match word.get(..3) {
                Some(
                    b"jan" | b"feb" | b"mar" | b"apr" | b"may" | b"jun" | b"jul" | b"aug" | b"sep" | b"oct"
                    | b"nov" | b"dec",
                ) => MONTH,
                _ => 0,
            },
        }
    }
}

/// How a value is read from what a pattern caught.
type ReadValue = fn(&Captures) -> Option<String>;

#[derive(Debug)]
struct Pattern {
    kind: SelectorKind,
    confidence: f32,
    /// What the text must hold.
    cue: u16,
    regex: Regex,
    read: ReadValue,
}

/// The compiled patterns.
#[derive(Debug)]
pub struct Shapes {
    patterns: Vec<Pattern>,
    site_domains: Vec<String>,
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
        "onlyfans" => "onlyfans",
        "wickr" => "wickr",
        "signal" => "signal",
        _ => "instagram",
    }
}

fn handle(captures: &Captures) -> Option<String> {
    let name = group(captures, 2).trim_end_matches(['.', '_', '-']);
    // A bare word after a platform's name is a handle only if it does not look like plain prose; a name of figures
    // alone is a telephone number.
    let marked = group(captures, 0).contains([':', '@', '=']);
    let figure = name.bytes().any(|byte| byte.is_ascii_digit());
    let letter = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let odd = name.contains(['.', '_']) || figure;
    let plausible = letter && name.len() > 2 && (marked || odd) && !super::groups::reads_as_number(name);
    plausible.then(|| format!("{}:{name}", platform(group(captures, 1))))
}

fn date(year: &str, first: &str, second: &str) -> Option<String> {
    let (first, second): (u8, u8) = (first.parse().ok()?, second.parse().ok()?);
    // Month first, as in the United States, unless that is impossible.
    let (month, day) = if first > 12 { (second, first) } else { (first, second) };
    let year = if year.len() == 2 { format!("20{year}") } else { year.to_owned() };
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| format!("{year}-{month:02}-{day:02}"))
}

fn age(text: &str) -> Option<String> {
    let age: u8 = text.parse().ok()?;
    (10..=79).contains(&age).then(|| age.to_string())
}

fn web_address(text: &str) -> String {
    let text = text.trim_start_matches("www.");
    text.trim_end_matches(['.', ',', '/', '!', '?', ';', ':', '"', '\'']).to_owned()
}

impl Shapes {
    /// Compiles the patterns; they are constants, so this cannot fail.
    pub fn new(rules: &Selectors) -> Shapes {
        use SelectorKind as K;
        let make = |kind, confidence, cue, pattern: &str, read| Pattern {
            kind,
            confidence,
            cue,
            regex: Regex::new(pattern).expect("the pattern is a constant"),
            read,
        };
        let patterns = vec![
            make(
                K::Email,
                0.95,
                cue::AT,
                r"[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}\b",
                |c| Some(group(c, 0).to_owned()),
            ),
            make(
                K::Email,
                0.85,
                cue::AT,
                r"[a-z0-9][a-z0-9._%+-]{0,63} ?@ ?[a-z0-9-]+ ?\. ?(?:com|net|org|edu|info)\b",
                |c| Some(group(c, 0).replace(' ', "")),
            ),
            make(
                K::Email,
                0.85,
                cue::SPELLED_ADDRESS,
                r"\b([a-z0-9][a-z0-9._-]{1,40}) ?(?:[(\[{<] ?(?:at|a|arroba) ?[)\]}>]|\b(?:at|arroba)\b) ?([a-z0-9-]{2,40}) ?(?:[(\[{<] ?(?:dot|punto) ?[)\]}>]|\b(?:dot|punto)\b|\.) ?(com|net|org|edu|info|io|us|co)\b",
                |c| Some(format!("{}@{}.{}", group(c, 1), group(c, 2), group(c, 3))),
            ),
            make(
                K::Url,
                0.9,
                cue::DOMAIN,
                r"(?:https?://|\b)((?:[a-z0-9][a-z0-9-]*\.)+(?:com|net|org|info|io|co|us|me|tv|biz|xyz|site|online|app|link|page|club|top|live|ly|ee)(?:/[^\s<>)\]]*)?)(?:[^a-z0-9@.-]|\.?$|\.[^a-z0-9])",
                |c| Some(web_address(group(c, 1))),
            ),
            make(
                K::Url,
                0.95,
                cue::SCHEME,
                r"https?://([a-z0-9][a-z0-9.-]*(?::[0-9]+)?(?:/[^\s<>)\]]*)?)",
                |c| Some(web_address(group(c, 1))).filter(|address| !address.is_empty()),
            ),
            make(
                K::Payment,
                0.9,
                cue::PAYMENT,
                r"\b(cash ?app|venmo|paypal|zelle) ?(?:is|me|tag|[:=-])? ?[@$]([a-z][a-z0-9_-]{2,30})",
                |c| {
                    Some(format!(
                        "{}:{}",
                        group(c, 1).replace(' ', ""),
                        group(c, 2).trim_end_matches(['-', '_'])
                    ))
                },
            ),
            make(
                K::Payment,
                0.8,
                cue::PAYMENT,
                r"\b(cash ?app|venmo|paypal|zelle) ?[:=] ?([a-z][a-z0-9_-]{2,30})",
                |c| {
                    Some(format!(
                        "{}:{}",
                        group(c, 1).replace(' ', ""),
                        group(c, 2).trim_end_matches(['-', '_'])
                    ))
                },
            ),
            make(
                K::Handle,
                0.9,
                cue::PLATFORM,
                r"\b(instagram|insta|ig|snapchat|snap|sc|telegram|tg|kik|twitter|tiktok|facebook|fb|onlyfans|wickr|signal)(?: (?:is|me|name|handle))?(?: ?[:=-] ?@?| ?@ ?| )([a-z0-9][a-z0-9._-]{2,29})",
                handle,
            ),
            make(K::Handle, 0.7, cue::AT, r"(?:^|[^a-z0-9@._/])@([a-z][a-z0-9._]{2,29})", |c| {
                Some(format!("@{}", group(c, 1).trim_end_matches(['.', '_'])))
            }),
            make(K::Price, 0.9, cue::DOLLAR, r"\$ ?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,6})\b", |c| {
                Some(format!("USD {}", group(c, 1).replace(',', "")))
            }),
            make(K::Price, 0.85, cue::DOLLAR, r"\b([0-9]{2,5}) ?\$(?:[^0-9a-z]|$)", |c| {
                Some(format!("USD {}", group(c, 1)))
            }),
            make(
                K::Price,
                0.8,
                cue::CURRENCY,
                r"\b([0-9]{2,5}) ?(?:dollars|dolares|usd|bucks|/ ?hr\b|/ ?hour\b)",
                |c| Some(format!("USD {}", group(c, 1))),
            ),
            make(K::Age, 0.8, cue::AGE_BEFORE, r"\b(?:aged?|i'?m|i am) ?[:=]? ?([0-9]{2})\b", |c| {
                age(group(c, 1))
            }),
            make(
                K::Age,
                0.9,
                cue::AGE_AFTER,
                r"\b([0-9]{2}) ?-?(?:y\.?o\.?|y/o|yrs?|years?|anos)\b(?: old)?",
                |c| age(group(c, 1)),
            ),
            make(K::Date, 0.8, cue::DATE, r"\b([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4}|[0-9]{2})\b", |c| {
                date(group(c, 3), group(c, 1), group(c, 2))
            }),
            make(K::Date, 0.9, cue::DATE, r"\b((?:19|20)[0-9]{2})-([0-9]{2})-([0-9]{2})\b", |c| {
                date(group(c, 1), group(c, 2), group(c, 3))
            }),
            make(
                K::Date,
                0.8,
                cue::MONTH,
                r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.? ([0-9]{1,2})(?:st|nd|rd|th)?(?:,? ((?:19|20)[0-9]{2}))?\b",
                named_date,
            ),
        ];
        Shapes { patterns, site_domains: rules.site_domains.clone() }
    }

    /// Everything with a shape, in the order of the patterns: what is part of an earlier find is no find of its own.
    pub fn find(&self, text: &str) -> Vec<Shape> {
        let mut found: Vec<Shape> = Vec::new();
        let cues = cue::of(text);
        for pattern in &self.patterns {
            if cues & pattern.cue == 0 {
                continue;
            }
            for captures in pattern.regex.captures_iter(text) {
                let (Some(whole), Some(value)) = (captures.get(0), (pattern.read)(&captures)) else {
                    continue;
                };
                let kind = pattern.kind;
                // The address itself, without the mark that ended it.
                let whole = if kind == SelectorKind::Url || value.starts_with('@') {
                    captures.get(1).unwrap_or(whole)
                } else {
                    whole
                };
                let (start, mut end) = (whole.start(), whole.end());
                if kind == SelectorKind::Url {
                    end = start
                        + text[start..end]
                            .trim_end_matches(['.', ',', '/', '!', '?', ';', ':', '"', '\''])
                            .len();
                }
                if start >= end || found.iter().any(|other| start < other.end && other.start < end) {
                    continue;
                }
                // A chat link to a number is left to the reading of telephone numbers.
                if kind == SelectorKind::Url && value.starts_with("wa.me/") {
                    continue;
                }
                let common = self.common(kind, &value);
                found.push(Shape { kind, value, start, end, confidence: pattern.confidence, common });
            }
        }
        found
    }

    fn common(&self, kind: SelectorKind, value: &str) -> Option<&'static str> {
        let host = match kind {
            SelectorKind::Url => value.split(['/', ':']).next()?,
            _ => return None,
        };
        // A page below a platform's address may be one owner's; the platform itself is nobody's.
        let bare = host.len() == value.len();
        let site = |domain: &String| {
            host == domain || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
        };
        (bare && self.site_domains.iter().any(site)).then_some("the site's own address")
    }
}

/// `july 4` stays as it is written; `july 4, 2019` is a calendar day.
fn named_date(captures: &Captures) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = MONTHS.iter().position(|month| *month == group(captures, 1))? + 1;
    let day: u8 = group(captures, 2).parse().ok().filter(|day| (1..=31).contains(day))?;
    let year = group(captures, 3);
    Some(if year.is_empty() {
        format!("{} {day}", MONTHS[month - 1])
    } else {
        format!("{year}-{month:02}-{day:02}")
    })
}
