//! Uses of break-glass: one member opened one closed record for a limited time, with a written reason. `opened -> reviewed`,
//! by another member: nobody reviews their own.

use crate::moves::machine;
use crate::words::words;
use crate::{Change, DateWindow, EmergencyId, Grounds, MemberId, Moved, Stamp};

words! {
    /// What a review found.
    EmergencyVerdict {
        /// There was a need.
        Justified = "justified",
        /// There was none: the agency acts on it.
        NotJustified = "not justified",
    }
}

/// The state of a use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmergencyState {
    /// Opened; the review is due.
    Opened,
    /// Reviewed.
    Reviewed {
        /// What the review found.
        verdict: EmergencyVerdict,
        /// On what grounds.
        grounds: Grounds,
        /// Who reviewed it, and when.
        reviewed: Stamp,
    },
}

impl EmergencyState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            EmergencyState::Opened => "opened",
            EmergencyState::Reviewed { .. } => "reviewed",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [EmergencyMove] {
        match self {
            EmergencyState::Opened => &[EmergencyMove::Review],
            EmergencyState::Reviewed { .. } => &[],
        }
    }
}

machine! {
    /// Moves of a use of break-glass.
    EmergencyMove of "an emergency access": Emergency, EmergencyState, EmergencyChange {
        /// Review it.
        Review = "review" / "be reviewed",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmergencyChange {
    /// A record was opened.
    Opened(Grounds),
    /// It was reviewed.
    Reviewed(EmergencyVerdict, Grounds),
}

/// One use of break-glass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// Its id.
    pub id: EmergencyId,
    /// The noun of the record that was opened, as in [`crate::NOUNS`].
    pub noun: String,
    /// The id of the record.
    pub about: String,
    /// For how long it stands open to the member.
    pub window: DateWindow,
    /// Why it was opened.
    pub grounds: Grounds,
    /// Who opened it.
    pub by: MemberId,
    state: EmergencyState,
}

impl Emergency {
    /// A member opens a record.
    pub fn open(
        id: EmergencyId,
        (noun, about): (&str, String),
        window: DateWindow,
        grounds: Grounds,
        stamp: Stamp,
    ) -> (Emergency, Change<EmergencyChange>) {
        let what = EmergencyChange::Opened(grounds.clone());
        let (noun, by, state) = (noun.to_owned(), stamp.by, EmergencyState::Opened);
        (Emergency { id, noun, about, window, grounds, by, state }, Change { stamp, what })
    }

    /// The use as the store kept it.
    #[must_use]
    pub fn stored(self, state: EmergencyState) -> Emergency {
        Emergency { state, ..self }
    }

    /// Another member reviews it.
    pub fn review(
        self,
        verdict: EmergencyVerdict,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Moved<Emergency, EmergencyChange> {
        self.legal(EmergencyMove::Review)?;
        self.rule(EmergencyMove::Review, stamp.by != self.by, "who opened it cannot review it")?;
        let what = EmergencyChange::Reviewed(verdict, grounds.clone());
        self.becomes(EmergencyState::Reviewed { verdict, grounds, reviewed: stamp }, what, stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Instant;
    use crate::testing::{grounds, id, stamp_of};

    #[test]
    fn another_member_reviews_it_once() {
        let window = DateWindow::new(Instant(0), Instant(10)).unwrap();
        let opened = Emergency::open(id(1), ("lead", "7".into()), window, grounds(), stamp_of(1, 0)).0;
        let review = |emergency: Emergency, by| {
            emergency.review(EmergencyVerdict::Justified, grounds(), stamp_of(by, 5))
        };
        let own = review(opened.clone(), 1).unwrap_err().to_string();
        assert!(own.contains("who opened it cannot review it"), "{own}");
        let reviewed = review(opened, 2).unwrap().0;
        let again = review(reviewed, 3).unwrap_err().to_string();
        assert_eq!(again, "an emergency access that is reviewed cannot be reviewed; allowed: nothing");
    }
}
