//! Finding selectors in text: telephone numbers however they are written, and the other identifiers by their shapes.
//!
//! Reading happens on a folded copy of the text (see [`crate::normalise`]); spans and raw text are the original's.

#[cfg(test)]
mod corpus;
mod groups;
mod international;
mod phone;
mod shapes;

use crate::normalise::fold_text;
use groups::Run;
use homeward_model::{Selector, SelectorKind};
use homeward_places::Places;
use homeward_rules::Rules;
use homeward_rules::selectors::Selectors;
use phone::Number;
use rlibphonenumber::Region;

/// Compiled tables for extraction; build once, use from every thread.
#[derive(Debug)]
pub struct Extractor {
    rules: Selectors,
    shapes: shapes::Shapes,
    places: &'static Places,
    plan: Plan,
}

/// How numbers without a country code are read.
#[derive(Debug, Clone, Copy)]
enum Plan {
    /// The North American plan: ten digits.
    NorthAmerican,
    /// Another region's plan.
    Of(Region),
    /// Not at all: the region is not known.
    None,
}

impl Extractor {
    /// Compiles the tables. `region` is the ISO 3166 code by which numbers without a country code are read; with a code
    /// that libphonenumber does not know, only numbers with their `+` are read.
    pub fn new(rules: &Rules, places: &'static Places, region: &str) -> Extractor {
        let region: Option<Region> = region.to_ascii_uppercase().parse().ok();
        let plan = match region {
            Some(region) if rlibphonenumber::PHONE_NUMBER_UTIL.is_nanpa_country(region) => {
                Plan::NorthAmerican
            }
            Some(region) => Plan::Of(region),
            None => Plan::None,
        };
        let shapes = shapes::Shapes::new(&rules.selectors);
        Extractor { rules: rules.selectors.clone(), shapes, places, plan }
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
        let shapes = self.shapes.find(&folded.text);
        let mut taken: Vec<(usize, usize)> = shapes
            .iter()
            .filter(|shape| shape.kind.identifies())
            .map(|shape| (shape.start, shape.end))
            .collect();
        taken.sort_unstable();
        let numbers = self.numbers(&folded.text, &taken);
        for shape in shapes {
            // A part of a telephone number may look like a date, an age or a price.
            let in_number = |number: &Number| shape.start < number.end && number.start < shape.end;
            if shape.kind.identifies() || !numbers.iter().any(in_number) {
                push(shape.kind, shape.value, shape.start, shape.end, shape.confidence, shape.common);
            }
        }
        for number in numbers {
            let (confidence, common) = self.judge(&number);
            push(SelectorKind::Phone, number.value, number.start, number.end, confidence, common);
        }
        found.sort_by_key(|selector| (selector.start, selector.kind, selector.end));
        found
    }

    fn numbers(&self, text: &str, taken: &[(usize, usize)]) -> Vec<Number> {
        let mut found = Vec::new();
        for run in groups::runs(text, taken) {
            // A `+` begins a number of its own.
            let mut rest = run;
            while let Some(at) = rest.groups.iter().position(|group| group.plus) {
                let after = rest.groups.split_off(at);
                self.without_country(text, &rest, &mut found);
                let mut used = 0;
                if let Some((number, groups)) = international::with_country(&after) {
                    found.push(number);
                    used = groups;
                }
                rest.groups = after[used..].to_vec();
                if used == 0 {
                    rest.groups[0].plus = false;
                }
                rest.word_before = (0, 0);
            }
            self.without_country(text, &rest, &mut found);
        }
        found
    }

    fn without_country(&self, text: &str, run: &Run, found: &mut Vec<Number>) {
        if run.groups.is_empty() {
            return;
        }
        match self.plan {
            Plan::NorthAmerican => found.extend(phone::national(text, run)),
            Plan::Of(region) => international::of_region(&run.groups, region, found),
            Plan::None => {}
        }
    }

    /// Confidence of a number, and why it must not link when it must not.
    fn judge(&self, number: &Number) -> (f32, Option<&'static str>) {
        let rules = &self.rules;
        let valid = international::is_valid(&number.value);
        let mut confidence = if valid { rules.confidence_valid } else { rules.confidence_possible };
        if number.unusual {
            confidence *= rules.unusual_factor;
        }
        let Some(national) = number.value.strip_prefix("+1").filter(|digits| digits.len() == 10) else {
            return (confidence, None);
        };
        let bytes = national.as_bytes();
        // 704-000-0000 is nobody's; the exchange 555 may hold a 5555.
        let same = |digits: &[u8]| digits.iter().all(|digit| *digit == digits[0]);
        let repeated = same(bytes) || (same(&bytes[3..]) && bytes[3] != b'5');
        let step = |by: u8| bytes.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
        let common = if rules.toll_free.iter().any(|area| national.starts_with(area.as_str())) {
            Some("toll-free number")
        } else if repeated || step(1) || step(9) || national.ends_with(&rules.directory) {
            Some("placeholder number")
        } else {
            None
        };
        (confidence, common)
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
        check("wa.me/17045550142", SelectorKind::Phone, &["+17045550142"]);
        check("3ZERO7-five5FIVE 0 uno 4 2", SelectorKind::Phone, &["+13075550142"]);
        check("704📞555📞0142 +44 20 7946 0958", SelectorKind::Phone, &["+17045550142", "+442079460958"]);
        check("0017045550142 or 00442079460958", SelectorKind::Phone, &["+17045550142", "+442079460958"]);
        check(
            "siete cero cuatro cinco cinco cinco cero uno cuarenta y dos",
            SelectorKind::Phone,
            &["+17045550142"],
        );
        check("siete trece cinco cinco cinco cero uno catorce", SelectorKind::Phone, &["+17135550114"]);
        check("dos doce cinco cinco cinco cero uno veintidos", SelectorKind::Phone, &["+12125550122"]);
        check("phone number 7045550142, part time", SelectorKind::Phone, &["+17045550142"]);
        check("5 ft 3 - 70 45 55\n01 42", SelectorKind::Phone, &["+17045550142"]);
        check("電話7 0 4 5 5 5 0 1 4 2まで", SelectorKind::Phone, &["+17045550142"]);
        check("電話3TWO05FIVE50ONE42まで", SelectorKind::Phone, &["+13205550142"]);
        check("전화seven zero four five five five zero one four two", SelectorKind::Phone, &["+17045550142"]);
        check("reach o f t e n 70 45 55 01 42", SelectorKind::Phone, &["+17045550142"]);
        let british = Extractor::new(Rules::embedded(), Places::embedded(), "GB");
        let found = british.contact("ring 020 7946 0958, open 10-6");
        assert_eq!(found.iter().map(|s| s.value.as_str()).collect::<Vec<_>>(), ["+442079460958"]);
    }

    #[test]
    fn other_numbers_are_not_telephone_numbers() {
        for text in [
            "open 10-6 every day",
            "order 201901010000000",
            "order no. 3557561653",
            "order number: 3557561653",
            "lic. 9945612749",
            "the region has 2,582,366,743 trees",
            "1.582.366.743 and 12,582,366,743",
            "525 + 430 = 955, 6250 - 525 = 5725",
            "firmware 7.42.515.6282",
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
        check("info (at) example.com", SelectorKind::Email, &["info@example.com"]);
        check("info @ example . com", SelectorKind::Email, &["info@example.com"]);
        check("zelle 704-555-0142", SelectorKind::Phone, &["+17045550142"]);
        check("telegram 7O4-555-O142", SelectorKind::Handle, &[]);
        check("write to @lake.house now", SelectorKind::Handle, &["@lake.house"]);
        check("on July 4, 2019 and may 3", SelectorKind::Date, &["2019-07-04", "may 3"]);
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

    #[test]
    fn a_platform_is_nobodys_address() {
        let found = extractor().contact("instagram.com or example.org");
        let reasons: Vec<Option<&str>> = found.iter().map(|s| s.common).collect();
        assert_eq!(reasons, [Some("the site's own address"), None]);
    }

    proptest! {
        #[test]
        fn words_after_a_text_change_nothing(digits in "[2-9][0-9]{2}555[0-9]{4}", mark in "[-. *_]") {
            let text = format!("call {}{mark}{}{mark}{}", &digits[..3], &digits[3..6], &digits[6..]);
            let longer = format!("{text}\nthe garden is open to all");
            prop_assert_eq!(extractor().contact(&text), extractor().contact(&longer));
        }

        #[test]
        fn spans_are_the_originals(text in "[\\PC\n]{0,80}") {
            for selector in extractor().extract(&text) {
                prop_assert_eq!(text.get(selector.start..selector.end), Some(selector.raw.as_str()));
            }
        }
    }
}
