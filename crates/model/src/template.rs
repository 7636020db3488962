//! Templates: families of near-duplicate texts with fixed words and slots.

/// One part of a template's consensus text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Words that the family shares.
    Text(String),
    /// A place where members differ, with examples, most frequent first.
    Slot {
        /// One-based number of the slot in its template.
        number: usize,
        /// Up to five values seen.
        examples: Vec<String>,
    },
}
