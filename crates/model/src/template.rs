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
        /// What fills it.
        kind: SlotKind,
        /// Up to five values seen.
        examples: Vec<String>,
    },
}

/// What fills a slot of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// Telephone numbers.
    Phone,
    /// Prices.
    Price,
    /// Places.
    Place,
    /// Given names.
    Name,
    /// Anything else.
    Free,
}

impl SlotKind {
    /// The kind in one word.
    pub fn word(self) -> &'static str {
        match self {
            SlotKind::Phone => "phone",
            SlotKind::Price => "price",
            SlotKind::Place => "place",
            SlotKind::Name => "name",
            SlotKind::Free => "free",
        }
    }
}
