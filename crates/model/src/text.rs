//! Texts that people write to justify an act.

use crate::Refused;
use std::fmt;

/// Whether a text shows nothing: only space, controls, and letters that leave no mark.
pub fn is_blank(text: &str) -> bool {
    let shows_nothing = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().all(shows_nothing)
}

/// The first control character of a text that is no tab and no end of a line.
pub fn control(text: &str) -> Option<char> {
    text.chars().find(|letter| letter.is_control() && !['\t', '\n', '\r'].contains(letter))
}

/// Why a person decided so: one to 4,000 characters, not blank.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grounds(String);

impl Grounds {
    /// Most characters.
    pub const MOST: usize = 4000;

    /// Grounds from a text; surrounding space is dropped.
    pub fn new(text: &str) -> Result<Grounds, Refused> {
        let text = text.trim();
        let count = text.chars().count();
        if text.is_empty() {
            return Err(Refused::new("reason", "it is empty"));
        }
        if count > Grounds::MOST {
            return Err(Refused::new(
                "reason",
                format!("it has {count} characters, at most {}", Grounds::MOST),
            ));
        }
        Ok(Grounds(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Grounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_no_mark_is_blank() {
        let check = |text: &str, blank: bool| assert_eq!(is_blank(text), blank, "{text:?}");
        for text in ["", " \n", "\0", "\u{200b}", "\u{feff}\u{2060} ", "\u{202e}\u{202c}", "\u{e0020}"] {
            check(text, true);
        }
        for text in ["a", "\u{200b}a", "\u{627}", "\u{1f469}\u{200d}\u{1f467}", "?"] {
            check(text, false);
        }
    }

    #[test]
    fn controls_are_found() {
        let check = |text: &str, found: Option<char>| assert_eq!(control(text), found, "{text:?}");
        check("two\tvans\r\nby the bridge", None);
        check("two\0vans", Some('\0'));
        check("\u{7f}", Some('\u{7f}'));
        check("\u{85}", Some('\u{85}'));
    }

    #[test]
    fn grounds_say_something() {
        assert_eq!(Grounds::new("  seen twice ").unwrap().as_str(), "seen twice");
        assert_eq!(Grounds::new(" \n").unwrap_err().to_string(), "no reason: it is empty");
        assert!(Grounds::new(&"é".repeat(Grounds::MOST)).is_ok());
        assert!(Grounds::new(&"é".repeat(Grounds::MOST + 1)).is_err());
    }
}
