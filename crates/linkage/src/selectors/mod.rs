//! Finding selectors in text: telephone numbers however they are written, and the other identifiers by their shapes.
//!
//! Reading happens on a folded copy of the text (see [`crate::normalise`]); spans and raw text are the original's.

mod phone;
mod shapes;

use crate::normalise::fold_text;
use homeward_model::{Selector, SelectorKind};
use homeward_places::Places;
use homeward_rules::Rules;
use homeward_rules::selectors::Selectors;

/// Compiled tables for extraction; build once, use from every thread.
#[derive(Debug)]
pub struct Extractor {
    rules: Selectors,
    shapes: shapes::Shapes,
    places: &'static Places,
    national: bool,
}

impl Extractor {
    /// Compiles the tables. `region` is the ISO 3166 code by which numbers without a country code are read; only regions
    /// of the North American plan have national numbers here, elsewhere a number needs its `+`.
    pub fn new(rules: &Rules, places: &'static Places, region: &str) -> Extractor {
        let national =
            matches!(region.to_ascii_uppercase().as_str(), "US" | "CA" | "PR" | "DO" | "JM" | "BS");
        Extractor { rules: rules.selectors.clone(), shapes: shapes::Shapes::new(), places, national }
    }

    /// Every selector in a text, by position.
    pub fn extract(&self, text: &str) -> Vec<Selector> {
        let mut found = self.identifiers(text);
        for hit in self.places.find(text) {
            found.push(Selector {
                kind: SelectorKind::Place,
                value: self.places.label(hit.city),
                raw: text[hit.start..hit.end].to_owned(),
                start: hit.start,
                end: hit.end,
                confidence: hit.confidence,
                common: None,
            });
        }
        found.sort_by_key(|selector| (selector.start, selector.kind, selector.end));
        found
    }

    /// Selectors in one contact string as a site shows it.
    pub fn contact(&self, text: &str) -> Vec<Selector> {
        self.identifiers(text)
    }

    fn identifiers(&self, text: &str) -> Vec<Selector> {
        let folded = fold_text(text);
        let mut found = Vec::new();
        let mut push = |kind, value: String, from: usize, to: usize, confidence, common| {
            let span = folded.original(from..to);
            if let Some(raw) = text.get(span.clone()) {
                let (start, end) = (span.start, span.end);
                found.push(Selector { kind, value, raw: raw.to_owned(), start, end, confidence, common });
            }
        };
        for shape in self.shapes.find(&folded.text) {
            push(shape.kind, shape.value, shape.start, shape.end, shape.confidence, None);
        }
        for number in phone::find(&folded.text, self.national) {
            let (confidence, common) = self.judge(&number.value);
            push(SelectorKind::Phone, number.value, number.start, number.end, confidence, common);
        }
        found.sort_by_key(|selector| (selector.start, selector.kind, selector.end));
        found
    }

    /// Confidence of a number in E.164, and why it must not link when it must not.
    fn judge(&self, value: &str) -> (f32, Option<&'static str>) {
        let Some(national) = value.strip_prefix("+1").filter(|digits| digits.len() == 10) else {
            return (self.rules.confidence_possible, None);
        };
        let bytes = national.as_bytes();
        let repeated = bytes[3..].iter().all(|byte| *byte == bytes[3]);
        let step = |by: u8| bytes.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
        let common = if self.rules.toll_free.iter().any(|area| national.starts_with(area.as_str())) {
            Some("toll-free number")
        } else if repeated || step(1) || step(9) || national.ends_with(&self.rules.directory) {
            Some("placeholder number")
        } else {
            None
        };
        // Area code and exchange of the plan begin with 2 to 9 (NANPA).
        let valid = bytes[0] >= b'2' && bytes[3] >= b'2';
        (if valid { self.rules.confidence_valid } else { self.rules.confidence_possible }, common)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn extractor() -> &'static Extractor {
        static EXTRACTOR: std::sync::OnceLock<Extractor> = std::sync::OnceLock::new();
        EXTRACTOR.get_or_init(|| Extractor::new(Rules::embedded(), Places::embedded(), "US"))
    }

    fn check(text: &str, kind: SelectorKind, expected: &[&str]) {
        let found: Vec<String> =
            extractor().extract(text).into_iter().filter(|s| s.kind == kind).map(|s| s.value).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        for text in [
            "call 704-555-0142 now",
            "(704) 555-0142",
            "7045550142",
            "1 704 555 0142",
            "+1 704.555.0142",
            "seven zero four five five five zero one four two",
            "siete cero cuatro cinco cinco cinco cero uno cuatro dos",
            "seven 0 four 555 zero one 42",
            "7o4555ol42",
            "7O4-555-O1A2 704 555 0142",
            "7️⃣0️⃣4️⃣5️⃣5️⃣5️⃣0️⃣1️⃣4️⃣2️⃣",
            "70!45!5!50!14!2",
            "7 0 4 5 5 5 0 1 4 2",
            "704 .. 555 .. 0142",
            "７０４５５５０１４２",
            "7ZERO4FIVE5FIVE0ONE4TWO",
            "70 45 55\n01 42",
            "open 24/7 704-555-0142",
            "$80 704 555 0142",
            "order 123456. 704 555 0142",
            "i'm 28. 70 45 55\n01 42",
            "rates from $120 - 70 45 55\n01 42",
            "704-555-0142 x12",
        ] {
            check(text, SelectorKind::Phone, &["+17045550142"]);
        }
        check("704-555-0142 or 704-555-0143", SelectorKind::Phone, &["+17045550142", "+17045550143"]);
        check("704-555-0142 704-555-0143", SelectorKind::Phone, &["+17045550142", "+17045550143"]);
        check("whatsapp +44 20 7946 0958", SelectorKind::Phone, &["+442079460958"]);
    }

    #[test]
    fn other_numbers_are_not_telephone_numbers() {
        for text in [
            "open 10-6 every day",
            "order 201901010000000",
            "until 05/12/2019 or 06/12/2019",
            "12 oz 34 oz 56 oz 78 oz 90 oz",
            "35.2271, -80.8431",
            "192.168.10.101",
            "room 727 on floor 3",
            "zip 28202-1234",
            "only one left of two",
            "",
            "$1,200 and $3,400 and $56",
            "5'4 120 lbs 28 yrs 163 cm 24 hrs",
        ] {
            check(text, SelectorKind::Phone, &[]);
        }
    }

    #[test]
    fn shared_numbers_are_marked() {
        let found = extractor().extract("call 800-555-0155 or 000-000-0000 or 123-456-7890");
        let reasons: Vec<Option<&str>> = found.iter().map(|s| s.common).collect();
        assert_eq!(
            reasons,
            [Some("toll-free number"), Some("placeholder number"), Some("placeholder number")]
        );
    }

    #[test]
    fn other_identifiers_are_found() {
        check("mail Info@Example.com", SelectorKind::Email, &["info@example.com"]);
        check("info at example dot com", SelectorKind::Email, &["info@example.com"]);
        check("see http://www.example.net/new", SelectorKind::Url, &["example.net/new"]);
        check(
            "ig: @star123 or snap star.light",
            SelectorKind::Handle,
            &["instagram:star123", "snapchat:star.light"],
        );
        check("cashapp $lake42", SelectorKind::Payment, &["cashapp:lake42"]);
        check("$80 special", SelectorKind::Price, &["USD 80"]);
        check("I'm 22, age 22, 22 years old", SelectorKind::Age, &["22", "22", "22"]);
        check("until 05/12/2019", SelectorKind::Date, &["2019-05-12"]);
        check("in Charlotte, NC", SelectorKind::Place, &["Charlotte, NC"]);
    }

    proptest! {
        #[test]
        fn spans_are_the_originals(text in "[\\PC\n]{0,80}") {
            for selector in extractor().extract(&text) {
                prop_assert_eq!(text.get(selector.start..selector.end), Some(selector.raw.as_str()));
            }
        }
    }
}
