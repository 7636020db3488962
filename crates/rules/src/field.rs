//! What a printed field card reminds of: `rules/field.toml`.

use crate::record::Grade;
use serde::Deserialize;
use std::sync::OnceLock;

/// The table `rules/field.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Reminders, in the order in which they are needed.
    #[serde(rename = "reminder")]
    pub reminders: Vec<Reminder>,
}

/// One reminder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// What to keep in mind.
    pub text: String,
    /// Where it comes from.
    pub cite: String,
    /// How well that was read.
    pub grade: Grade,
}

impl Field {
    /// The reminders that this build carries.
    pub fn embedded() -> &'static Field {
        static FIELD: OnceLock<Field> = OnceLock::new();
        FIELD.get_or_init(|| crate::parsed("field.toml", include_str!("../../../rules/field.toml")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reminder_names_its_source() {
        let reminders = &Field::embedded().reminders;
        assert!(!reminders.is_empty());
        assert!(reminders.iter().all(|one| !one.text.is_empty() && !one.cite.is_empty()));
    }
}
