//! How people and agencies are reached: e-mail address, telephone number, and the ORI that names an agency.

use crate::Refused;
use std::fmt;

macro_rules! text_value {
    ($($name:ident)+) => {$(
        impl $name {
            /// The text in its one form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}
text_value!(Ori EmailAddress PhoneNumber);

/// An agency's Originating Agency Identifier: nine letters and digits in upper case, the first two the letters of a state
/// or of a federal district.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ori(String);

impl Ori {
    /// Reads an ORI in either case.
    pub fn new(text: &str) -> Result<Ori, Refused> {
        let ori = text.trim().to_ascii_uppercase();
        let refuse = |because: &str| Err(Refused::new("ORI", format!("`{}` {because}", text.trim())));
        if ori.len() != 9 || !ori.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return refuse("is not nine letters and digits");
        }
        if !ori.bytes().take(2).all(|byte| byte.is_ascii_uppercase()) {
            return refuse("does not begin with two letters");
        }
        Ok(Ori(ori))
    }

    /// The two letters of the state.
    pub fn state(&self) -> &str {
        &self.0[..2]
    }
}

/// An e-mail address, its domain in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address: one `@`, a local part of printable ASCII, a domain of dotted labels; no quoting, no comments.
    pub fn new(text: &str) -> Result<EmailAddress, Refused> {
        let text = text.trim();
        let refuse = |because: &str| Err(Refused::new("e-mail address", format!("`{text}` {because}")));
        let Some((local, domain)) = text.split_once('@') else { return refuse("has no `@`") };
        let local_fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
        if local.is_empty() || local.len() > 64 || dots || !local.bytes().all(local_fits) {
            return refuse("has no valid name before the `@`");
        }
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() > 254 || !domain.contains('.') || !domain.split('.').all(label) {
            return refuse("has no valid domain after the `@`");
        }
        Ok(EmailAddress(format!("{local}@{}", domain.to_ascii_lowercase())))
    }
}

/// A telephone number in E.164: `+`, a country code that does not begin with 0, 7 to 15 digits in all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number that is already in E.164; spaces, dots, dashes and brackets between digits are dropped.
    pub fn new(text: &str) -> Result<PhoneNumber, Refused> {
        let number: String = text.trim().chars().filter(|c| !" .-()".contains(*c)).collect();
        let digits = number.strip_prefix('+').unwrap_or_default();
        let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !fits || digits.starts_with('0') {
            let because = format!("`{}` is not `+`, country code and number (E.164)", text.trim());
            return Err(Refused::new("telephone number", because));
        }
        Ok(PhoneNumber(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oris() {
        assert_eq!(Ori::new(" mn0850300 ").unwrap().as_str(), "MN0850300");
        assert_eq!(Ori::new("WVWSP1000").unwrap().state(), "WV");
        for bad in ["MN085030", "MN08503000", "1N0850300", "MN-850300", "MN085030é", ""] {
            assert!(Ori::new(bad).is_err(), "{bad}");
        }
        assert_eq!(Ori::new("x").unwrap_err().to_string(), "no ORI: `x` is not nine letters and digits");
    }

    #[test]
    fn addresses() {
        assert_eq!(EmailAddress::new("A.Reyes@Example.ORG").unwrap().as_str(), "A.Reyes@example.org");
        for bad in [
            "a",
            "@example.org",
            "a@b@example.org",
            "a@example",
            "a b@example.org",
            "a@-x.org",
            ".a@example.org",
        ] {
            assert!(EmailAddress::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(PhoneNumber::new("+1 (704) 555-0142").unwrap().as_str(), "+17045550142");
        for bad in ["704-555-0142", "+0704555014", "+1704555014212345", "+1704555x142", "+", ""] {
            assert!(PhoneNumber::new(bad).is_err(), "{bad}");
        }
    }
}
