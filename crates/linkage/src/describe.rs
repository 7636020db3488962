//! What a text says of the person it advertises or describes: names used, age, height, weight, hair, eyes, marks.

use crate::names::names;
use crate::normalise::fold_text;
use regex::Regex;
use std::sync::OnceLock;

/// A person as described by one text. Every part may be missing, and any may be untrue on purpose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Description {
    /// Given names the text uses for the person, lower case, in order of appearance.
    pub names: Vec<String>,
    /// Age as stated, years.
    pub age: Option<u8>,
    /// Height, centimetres.
    pub height_cm: Option<f32>,
    /// Weight, kilograms.
    pub weight_kg: Option<f32>,
    /// Hair colour in a plain word.
    pub hair: Option<String>,
    /// Eye colour in a plain word.
    pub eyes: Option<String>,
    /// Marks as kind and place (`tattoo wrist`), sorted.
    pub marks: Vec<String>,
}

struct Patterns {
    feet: Regex,
    centimetres: Regex,
    pounds: Regex,
    kilograms: Regex,
    hair: Vec<Regex>,
    eyes: Regex,
    mark: Regex,
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let make = |pattern: &str| Regex::new(pattern).expect("the pattern is a constant");
        Patterns {
            feet: make(r"\b([4-6])\s?(?:'|ft|feet|foot)\.?\s?(1[01]|[0-9])?\b"),
            centimetres: make(r"\b(1[2-9][0-9])\s?cm\b"),
            pounds: make(r"\b([0-9]{2,3})\s?(?:lbs?|pounds)\b"),
            kilograms: make(r"\b([0-9]{2,3})\s?kgs?\b"),
            hair: vec![
                make(r"\b(brown|brunette|black|blonde?|red|auburn|ginger|gr[ae]y|dark|light)\s+hair"),
                make(r"\bhair (?:is|:)\s*(brown|brunette|black|blonde?|red|auburn|ginger|gr[ae]y)"),
            ],
            eyes: make(r"\b(brown|blue|green|hazel|gr[ae]y|black)\s+eyes"),
            mark: make(
                r"[^,.\n]{0,16}\b(?:tattoo|tat|scar|piercing|pierced|birthmark|mole|freckles)\b[^,.\n]{0,40}",
            ),
        }
    })
}

/// Reads what a text says of a person.
pub fn describe(text: &str) -> Description {
    let folded = fold_text(text).text;
    let patterns = patterns();
    let number = |pattern: &Regex| {
        pattern.captures(&folded).and_then(|found| found.get(1)?.as_str().parse::<f32>().ok())
    };
    let feet = patterns.feet.captures(&folded).map(|found| {
        let part =
            |at: usize| found.get(at).and_then(|part| part.as_str().parse::<f32>().ok()).unwrap_or(0.0);
        (part(1) * 12.0 + part(2)) * 2.54
    });
    let word = |pattern: &Regex| {
        pattern.captures(&folded).map(|found| colour(found.get(1).map_or("", |word| word.as_str())))
    };
    let mut marks: Vec<String> =
        patterns.mark.find_iter(&folded).filter_map(|found| mark(found.as_str())).collect();
    marks.sort();
    marks.dedup();
    Description {
        names: names(text, &folded),
        age: None,
        height_cm: feet.or_else(|| number(&patterns.centimetres)),
        weight_kg: number(&patterns.pounds)
            .map(|pounds| pounds * 0.453_592_4)
            .or_else(|| number(&patterns.kilograms)),
        hair: patterns.hair.iter().find_map(word),
        eyes: word(&patterns.eyes),
        marks,
    }
}

/// A colour in a plain word, from a word or an NCIC code.
pub fn colour(text: &str) -> String {
    match text.trim().to_lowercase().as_str() {
        "bro" | "brunette" | "dark" => "brown",
        "blk" => "black",
        "bln" | "blond" | "blonde" | "light" => "blonde",
        "blu" => "blue",
        "grn" => "green",
        "haz" => "hazel",
        "auburn" | "ginger" => "red",
        "gry" | "grey" => "gray",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// Kind and place of a mark, from words or an NCIC code; `None` when the text names no kind.
pub fn mark(text: &str) -> Option<String> {
    const KINDS: [(&str, &str); 9] = [
        ("tattoo", "tattoo"),
        ("tat", "tattoo"),
        ("scar", "scar"),
        ("sc", "scar"),
        ("pierc", "piercing"),
        ("prcd", "piercing"),
        ("birthmark", "birthmark"),
        ("mole", "mole"),
        ("freckles", "freckles"),
    ];
    const PARTS: [(&str, &str); 21] = [
        ("wrist", "wrist"),
        ("wrs", "wrist"),
        ("shoulder", "shoulder"),
        ("shld", "shoulder"),
        ("ankle", "ankle"),
        ("ankl", "ankle"),
        ("eyebrow", "eye"),
        ("eye", "eye"),
        ("nose", "nose"),
        ("chin", "chin"),
        ("arm", "arm"),
        ("cheek", "cheek"),
        ("chk", "cheek"),
        ("face", "cheek"),
        ("neck", "neck"),
        ("hand", "hand"),
        ("back", "back"),
        ("leg", "leg"),
        ("finger", "finger"),
        ("foot", "foot"),
        ("hip", "hip"),
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let kind = KINDS
        .iter()
        .find(|(word, _)| words.iter().any(|w| w == word || (*word == "pierc" && w.starts_with(word))))?
        .1;
    if kind == "freckles" {
        return Some(kind.to_owned());
    }
    let part = PARTS
        .iter()
        .find(|(word, _)| words.iter().any(|w| w.strip_suffix('s').unwrap_or(w) == *word || w == word));
    Some(part.map_or_else(|| kind.to_owned(), |(_, part)| format!("{kind} {part}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_person_is_read_from_plain_words() {
        let found = describe(
            "new in town\nMia here, 5'4, 120 lbs, long brown hair, green eyes, small star tattoo on my right wrist",
        );
        assert_eq!(found.names, ["mia"]);
        assert_eq!(found.height_cm.map(f32::round), Some(163.0));
        assert_eq!(found.weight_kg.map(f32::round), Some(54.0));
        assert_eq!((found.hair.as_deref(), found.eyes.as_deref()), (Some("brown"), Some("green")));
        assert_eq!(found.marks, ["tattoo wrist"]);
    }

    #[test]
    fn words_and_codes_give_the_same_mark() {
        for (words, code) in [
            ("tattoo of a star, right wrist", "TAT R WRS"),
            ("scar above left eyebrow", "SC L EYE"),
            ("pierced nose", "PRCD NOSE"),
            ("mole right cheek", "MOLE R CHK"),
            ("freckles on face", "FRECKLES"),
            ("nose piercing", "PRCD NOSE"),
        ] {
            assert_eq!(mark(words), mark(code), "{words}");

            assert!(mark(code).is_some());
        }
        assert_eq!(describe("blue eyes, nose piercing").marks, ["piercing nose"]);
        // Codes are for reports: in a text, `SC` is South Carolina.
        assert!(describe("based in Columbia, SC").marks.is_empty());
        assert_eq!(mark("none known"), None);
        assert_eq!(colour("BLN"), "blonde");
    }

    #[test]
    fn ordinary_words_are_not_names() {
        assert!(describe("i am here and this is downtown").names.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,80}") {
            describe(&text);
        }
    }
}
