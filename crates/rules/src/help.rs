//! Lines that help, for the public pages: `rules/help.toml`.
//!
//! They decide nothing, so no run and no record carries their version.

use crate::record::Grade;
use serde::Deserialize;
use std::sync::OnceLock;

/// The table `rules/help.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// The lines, the most urgent first.
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
}

/// A line that helps.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// A word for it that stays.
    pub id: String,
    /// Number to call, as people write it.
    pub call: String,
    /// Number that takes text messages.
    pub text: Option<String>,
    /// Its own page.
    pub web: Option<String>,
    /// Where the numbers come from.
    pub cite: String,
    /// How well that was read.
    pub grade: Grade,
    /// Its name.
    pub name: InTwo,
    /// When to use it, in one breath.
    pub about: InTwo,
}

/// A text in both languages of the public pages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InTwo {
    /// English.
    pub en: String,
    /// Spanish.
    pub es: String,
}

impl Help {
    /// The lines that this build carries.
    pub fn embedded() -> &'static Help {
        static HELP: OnceLock<Help> = OnceLock::new();
        HELP.get_or_init(|| crate::parsed("help.toml", include_str!("../../../rules/help.toml")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_can_be_reached_and_has_a_source() {
        let lines = &Help::embedded().lines;
        for line in lines {
            let digits = line.call.bytes().filter(u8::is_ascii_digit).count();
            assert!(matches!(digits, 3 | 11), "{}", line.id);
            assert!(line.call.bytes().all(|b| b.is_ascii_digit() || b == b'-'), "{}", line.id);
            assert!(line.web.iter().all(|web| web.starts_with("https://")), "{}", line.id);
            let words = [&line.cite, &line.name.en, &line.name.es, &line.about.en, &line.about.es];
            assert!(words.iter().all(|text| !text.is_empty()), "{}", line.id);
        }
        let numbers = |of: fn(&Line) -> Option<&str>| lines.iter().filter_map(of).collect::<Vec<_>>();
        let calls = numbers(|line| Some(&line.call));
        for known in ["911", "1-888-373-7888", "1-800-843-5678", "988"] {
            assert!(calls.contains(&known), "{known}");
        }
        assert!(numbers(|line| line.text.as_deref()).contains(&"233733"));
    }
}
