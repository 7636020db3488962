//! Regions by whose plan a telephone number without a country code is read.

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

/// The code of a region in capitals, `US`; `None` when no numbering plan of it is known.
pub fn region(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_uppercase();
    let region: Region = code.parse().ok()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| code)
}

#[cfg(test)]
mod tests {
    use super::region;

    #[test]
    fn a_region_has_a_numbering_plan() {
        assert_eq!(region(" us ").as_deref(), Some("US"));
        assert_eq!(region("GB").as_deref(), Some("GB"));
        for unknown in ["QQ", "", "001", "USA", "U\u{fffd}"] {
            assert_eq!(region(unknown), None, "{unknown}");
        }
    }
}
