//! Selectors: identifiers found in a posting or report.

/// What kind of identifier or fact was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SelectorKind {
    /// Telephone number, value in E.164.
    Phone,
    /// E-mail address, lower case.
    Email,
    /// Web address, scheme and `www.` removed, lower-case host.
    Url,
    /// Account name on a platform, `platform:name` or `@name`.
    Handle,
    /// Payment address, `service:name`.
    Payment,
    /// Price, `USD 80`.
    Price,
    /// Stated age in years.
    Age,
    /// Calendar date or relative day, as written when it cannot be resolved.
    Date,
    /// City, `Charlotte, NC`.
    Place,
}

impl SelectorKind {
    /// Every kind with its word, as in output columns and search fields.
    pub const ALL: [(SelectorKind, &'static str); 9] = [
        (SelectorKind::Phone, "phone"),
        (SelectorKind::Email, "email"),
        (SelectorKind::Url, "url"),
        (SelectorKind::Handle, "handle"),
        (SelectorKind::Payment, "payment"),
        (SelectorKind::Price, "price"),
        (SelectorKind::Age, "age"),
        (SelectorKind::Date, "date"),
        (SelectorKind::Place, "place"),
    ];

    /// The word for this kind.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<SelectorKind> {
        Self::ALL.iter().find(|(_, w)| *w == word).map(|(kind, _)| *kind)
    }

    /// Whether the value names one owner, so that two postings that share it may be linked. Prices, ages, dates and
    /// places are shared by strangers.
    pub fn identifies(self) -> bool {
        matches!(
            self,
            SelectorKind::Phone
                | SelectorKind::Email
                | SelectorKind::Url
                | SelectorKind::Handle
                | SelectorKind::Payment
        )
    }
}

/// One identifier or fact found in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// Kind of value.
    pub kind: SelectorKind,
    /// Normalised value; equal values mean the same thing.
    pub value: String,
    /// The text as it stood.
    pub raw: String,
    /// Byte offset of its first byte in the text searched.
    pub start: usize,
    /// Byte offset just past it.
    pub end: usize,
    /// How likely the reading is right, 0 to 1.
    pub confidence: f32,
    /// Why this value must not link postings (toll-free, placeholder, the site's own), when it must not.
    pub common: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_at_their_own_place() {
        for (kind, word) in SelectorKind::ALL {
            assert_eq!(kind.word(), word);
            assert_eq!(SelectorKind::parse(word), Some(kind));
        }
    }
}
