//! Texts: sentences from a grammar, templates with slots, mutation of templates, disguise of words and numbers.

use crate::rng::Rng;
use crate::words::{ADJECTIVES, ADVERBS, ENDINGS, ENGLISH, NOUNS, PATTERNS, SPANISH, VERBS};

/// A template: sentences in order. Braces hold slots: `{name}`, `{phone}`, `{city}`, `{price}`, `{person}`.
#[derive(Clone, Debug)]
pub struct Template {
    /// Sentences; one carries the contact slot.
    pub sentences: Vec<String>,
    /// Index of the long, distinctive sentence that survives when all else is rewritten.
    pub signature: usize,
    /// Its postings disguise words.
    pub disguised: bool,
}

/// How a posting differs from its template: 0 exact, 1 slots only, 2 to 5 growing word edits, 6 signature only.
pub const EDIT_RATES: [f64; 6] = [0.0, 0.0, 0.05, 0.1, 0.2, 0.35];

fn noun(rng: &mut Rng) -> String {
    match rng.below(3) {
        0 => (*rng.pick(NOUNS)).to_owned(),
        _ => format!("{}{}", rng.pick(NOUNS), rng.pick(ENDINGS)),
    }
}

/// One word of any class.
pub fn word(rng: &mut Rng) -> String {
    match rng.below(5) {
        0 => (*rng.pick(ADJECTIVES)).to_owned(),
        1 => (*rng.pick(VERBS)).to_owned(),
        2 => (*rng.pick(ADVERBS)).to_owned(),
        _ => noun(rng),
    }
}

/// One sentence of the grammar.
pub fn sentence(rng: &mut Rng) -> String {
    let mut words = Vec::new();
    for part in rng.pick(PATTERNS).split(' ') {
        words.push(match part {
            "a" if !words.is_empty() || rng.chance(0.5) => (*rng.pick(ADJECTIVES)).to_owned(),
            "n" => noun(rng),
            "v" => (*rng.pick(VERBS)).to_owned(),
            "d" => (*rng.pick(ADVERBS)).to_owned(),
            other => other.to_owned(),
        });
    }
    words.join(" ")
}

const GREETINGS: &[&str] = &[
    "hi it is {name}",
    "{name} here",
    "my name is {name}",
    "i am {name} and i just arrived",
    "hello from {name}",
    "ask for {name}",
    "{name} is back in town",
    "this is {name}",
];
const PLACES: &[&str] = &[
    "in {city} this week",
    "now in {city}",
    "visiting {city} for a few days",
    "staying near downtown {city}",
    "new in {city}",
    "i am in {city} until sunday",
    "based in {city}",
];
const CONTACTS: &[&str] = &[
    "call {phone}",
    "text me at {phone}",
    "reach me on {phone} any day",
    "my number is {phone}",
    "for an appointment call {phone}",
    "{phone} call or text",
    "call {name} at {phone}",
    "{phone}",
];
const PRICES: &[&str] =
    &["rates from {price}", "{price} for the hour", "ask about the {price} offer", "{price} special"];

/// A fresh template of 5 to 9 sentences beside greeting, place, person and contact.
pub fn template(rng: &mut Rng, disguised: f64) -> Template {
    let mut sentences = vec![(*rng.pick(GREETINGS)).to_owned(), (*rng.pick(PLACES)).to_owned()];
    for _ in 0..rng.between(5, 9) {
        sentences.push(sentence(rng));
    }
    let mut signature = sentence(rng);
    while signature.split(' ').count() < 13 {
        signature = format!("{signature} {} {}", word(rng), word(rng));
    }
    sentences.push(signature);
    let signature = sentences.len() - 1;
    if rng.chance(0.85) {
        sentences.push("{person}".to_owned());
    }
    if rng.chance(0.5) {
        sentences.push((*rng.pick(PRICES)).to_owned());
    }
    sentences.push((*rng.pick(CONTACTS)).to_owned());
    Template { sentences, signature, disguised: rng.chance(disguised) }
}

/// The words of a posting made from a template at a mutation level, slots still in braces.
pub fn mutate(rng: &mut Rng, template: &Template, level: usize) -> Vec<String> {
    let mut sentences = template.sentences.clone();
    if level >= EDIT_RATES.len() {
        for (at, kept) in sentences.iter_mut().enumerate() {
            if at != template.signature && !kept.contains('{') {
                *kept = sentence(rng);
            } else if at != template.signature {
                let list: &[&str] = if kept.contains("phone") {
                    CONTACTS
                } else if kept.contains("city") {
                    PLACES
                } else {
                    GREETINGS
                };
                if *kept != "{person}" {
                    (*rng.pick(list)).clone_into(kept);
                }
            }
        }
        return sentences;
    }
    let rate = EDIT_RATES[level];
    if level >= 3 && rng.chance(0.35) {
        let (from, to) = (rng.below(sentences.len()), rng.below(sentences.len()));
        let moved = sentences.remove(from);
        sentences.insert(to, moved);
    }
    for sentence in &mut sentences {
        let mut words = Vec::new();
        for old in sentence.split(' ') {
            if old.contains('{') || !rng.chance(rate) {
                words.push(old.to_owned());
                continue;
            }
            match rng.below(4) {
                0 => {}
                1 => words.extend([old.to_owned(), word(rng)]),
                _ => words.push(word(rng)),
            }
        }
        *sentence = words.join(" ");
    }
    sentences
}

/// Words written so that a plain search does not find them: look-alike letters, digits for letters, spaced letters.
pub fn disguise(rng: &mut Rng, text: &str) -> String {
    let style = rng.below(3);
    let words = text.split(' ').map(|word| {
        if word.contains('{') || word.len() < 3 || !rng.chance(0.4) {
            return word.to_owned();
        }
        let swap = |c: char| match (style, c) {
            (0, 'a') => 'а',
            (0, 'e') => 'е',
            (0, 'o') => 'о',
            (0, 'c') => 'с',
            (0, 'p') => 'р',
            (1, 'o') => '0',
            (1, 'e') => '3',
            (1, 'i' | 'l') => '1',
            (1, 'a') => '4',
            (1, 's') => '5',
            _ => c,
        };
        let changed: String = word.chars().map(swap).collect();
        if style == 2 && word.len() >= 4 {
            return changed.chars().map(String::from).collect::<Vec<_>>().join(" ");
        }
        changed
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How a number may be written. The first three are what a plain digit search finds.
pub fn phone(rng: &mut Rng, digits: &str, plain: bool) -> String {
    let d: Vec<char> = digits.chars().collect();
    let part = |from: usize, to: usize| d[from..to].iter().collect::<String>();
    let (area, exchange, line) = (part(0, 3), part(3, 6), part(6, 10));
    let spell = |list: &[&str; 10], c: &char| list[c.to_digit(10).unwrap_or(0) as usize].to_owned();
    match if plain { rng.below(3) } else { 3 + rng.below(11) } {
        0 => format!("{area}-{exchange}-{line}"),
        1 => format!("({area}) {exchange}-{line}"),
        2 => digits.to_owned(),
        3 => d.iter().map(|c| spell(&ENGLISH, c)).collect::<Vec<_>>().join(" "),
        4 => d.iter().map(|c| spell(&SPANISH, c)).collect::<Vec<_>>().join(" "),
        5 => d
            .iter()
            .map(|c| if rng.chance(0.5) { spell(&ENGLISH, c) } else { c.to_string() })
            .collect::<Vec<_>>()
            .join(" "),
        6 => d
            .iter()
            .map(|c| {
                if *c == '0' {
                    'o'
                } else if *c == '1' {
                    'l'
                } else {
                    *c
                }
            })
            .collect::<String>(),
        7 => d.iter().flat_map(|c| [*c, '\u{fe0f}', '\u{20e3}']).collect(),
        8 => {
            let mark = *rng.pick(&["!", "*", "_", "~", "=", "|"]);
            let mut text = String::new();
            let mut at = 0;
            while at < d.len() {
                let take = (1 + rng.below(2)).min(d.len() - at);
                text.extend(&d[at..at + take]);
                at += take;
                if at < d.len() {
                    text.push_str(mark);
                }
            }
            text
        }
        9 => d.iter().map(char::to_string).collect::<Vec<_>>().join(" "),
        10 => format!("{area} .. {exchange} .. {line}"),
        11 => d
            .iter()
            .map(|c| char::from_u32('０' as u32 + c.to_digit(10).unwrap_or(0)).unwrap_or(*c))
            .collect(),
        12 => d
            .iter()
            .enumerate()
            .map(|(at, c)| if at % 3 == 1 { spell(&ENGLISH, c).to_uppercase() } else { c.to_string() })
            .collect(),
        _ => format!("{} {} {}\n{} {}", part(0, 2), part(2, 4), part(4, 6), part(6, 8), part(8, 10)),
    }
}
