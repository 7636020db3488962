//! Drafted announcements: `drafted -> approved -> published`, or discarded. Figures come from a frozen period.

use crate::moves::machine;
use crate::{Change, DraftId, Grounds, Moved, PeriodId, Stamp};

/// The state of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftState {
    /// Being written.
    Drafted,
    /// Approved by another than its author.
    Approved {
        /// Who, and when.
        approved: Stamp,
    },
    /// Public.
    Published {
        /// Who, and when.
        published: Stamp,
    },
    /// Not used.
    Discarded {
        /// Who, and when.
        discarded: Stamp,
    },
}

impl DraftState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            DraftState::Drafted => "drafted",
            DraftState::Approved { .. } => "approved",
            DraftState::Published { .. } => "published",
            DraftState::Discarded { .. } => "discarded",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [DraftMove] {
        use DraftMove::{Approve, Discard, Publish, Rewrite};
        match self {
            DraftState::Drafted => &[Rewrite, Approve, Discard],
            DraftState::Approved { .. } => &[Rewrite, Publish, Discard],
            _ => &[],
        }
    }
}

machine! {
    /// Moves of a draft.
    DraftMove of "a draft": Draft, DraftState, DraftChange {
        /// Change its text; an approval falls away.
        Rewrite = "rewrite" / "be rewritten",
        /// Approve it.
        Approve = "approve" / "be approved",
        /// Make it public.
        Publish = "publish" / "be published",
        /// Do not use it.
        Discard = "discard" / "be discarded",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftChange {
    /// It was written; the text.
    Written(String),
    /// It was approved.
    Approved,
    /// It was published.
    Published,
    /// It was discarded.
    Discarded(Grounds),
}

/// A drafted announcement.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// The period whose figures it tells.
    pub period: PeriodId,
    text: String,
    written: Stamp,
    state: DraftState,
}

impl Draft {
    /// A member writes a draft.
    pub fn write(id: DraftId, period: PeriodId, text: String, stamp: Stamp) -> (Draft, Change<DraftChange>) {
        let change = Change { stamp, what: DraftChange::Written(text.clone()) };
        (Draft { id, period, text, written: stamp, state: DraftState::Drafted }, change)
    }

    /// The draft as the store kept it.
    #[must_use]
    pub fn stored(self, state: DraftState) -> Draft {
        Draft { state, ..self }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Who wrote its text, and when.
    pub const fn written(&self) -> Stamp {
        self.written
    }

    /// Changes its text; an approval falls away.
    pub fn rewrite(mut self, text: String, stamp: Stamp) -> Moved<Draft, DraftChange> {
        self.legal(DraftMove::Rewrite)?;
        self.text.clone_from(&text);
        self.written = stamp;
        self.becomes(DraftState::Drafted, DraftChange::Written(text), stamp)
    }

    /// Approves it; its author cannot.
    pub fn approve(self, stamp: Stamp) -> Moved<Draft, DraftChange> {
        self.legal(DraftMove::Approve)?;
        self.rule(DraftMove::Approve, stamp.by != self.written.by, "who wrote it cannot approve it")?;
        self.becomes(DraftState::Approved { approved: stamp }, DraftChange::Approved, stamp)
    }

    /// Makes it public.
    pub fn publish(self, stamp: Stamp) -> Moved<Draft, DraftChange> {
        self.legal(DraftMove::Publish)?;
        self.becomes(DraftState::Published { published: stamp }, DraftChange::Published, stamp)
    }

    /// Does not use it.
    pub fn discard(self, grounds: Grounds, stamp: Stamp) -> Moved<Draft, DraftChange> {
        self.legal(DraftMove::Discard)?;
        self.becomes(DraftState::Discarded { discarded: stamp }, DraftChange::Discarded(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of, walk};

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |draft: Draft, wanted, at| match wanted {
                DraftMove::Rewrite => draft.rewrite("again".into(), stamp(at)),
                DraftMove::Approve => draft.approve(stamp_of(8, at)).map(|(draft, _)| {
                    (draft, Change { stamp: stamp(at), what: DraftChange::Approved })
                }),
                DraftMove::Publish => draft.publish(stamp(at)),
                DraftMove::Discard => draft.discard(grounds(), stamp(at)),
            };
            let draft = Draft::write(id(1), id(2), "text".into(), stamp(0)).0;
            assert!(draft.clone().approve(stamp(1)).is_err());
            walk(draft, DraftMove::ALL, &steps, Draft::allowed, attempt, |_| ());
        }
    }
}
