//! Texts that people write to justify an act.

use crate::Refused;
use std::fmt;

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
    fn grounds_say_something() {
        assert_eq!(Grounds::new("  seen twice ").unwrap().as_str(), "seen twice");
        assert_eq!(Grounds::new(" \n").unwrap_err().to_string(), "no reason: it is empty");
        assert!(Grounds::new(&"é".repeat(Grounds::MOST)).is_ok());
        assert!(Grounds::new(&"é".repeat(Grounds::MOST + 1)).is_err());
    }
}
