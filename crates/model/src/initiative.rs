//! Initiatives, which hold operations: `planned -> open -> ended`. Access given for one ends with it.

use crate::moves::machine;
use crate::{Change, DateWindow, Grounds, InitiativeId, Instant, Moved, Stamp};

/// The state of an initiative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitiativeState {
    /// Written down.
    Planned,
    /// It goes on.
    Open {
        /// Who opened it, and when.
        opened: Stamp,
    },
    /// It ended.
    Ended {
        /// Who ended it, and when.
        ended: Stamp,
    },
}

impl InitiativeState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            InitiativeState::Planned => "planned",
            InitiativeState::Open { .. } => "open",
            InitiativeState::Ended { .. } => "ended",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [InitiativeMove] {
        match self {
            InitiativeState::Planned => &[InitiativeMove::Open, InitiativeMove::End],
            InitiativeState::Open { .. } => &[InitiativeMove::End],
            InitiativeState::Ended { .. } => &[],
        }
    }
}

machine! {
    /// Moves of an initiative.
    InitiativeMove of "an initiative": Initiative, InitiativeState, InitiativeChange {
        /// Open it.
        Open = "open" / "be opened",
        /// End it.
        End = "end" / "be ended",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum InitiativeChange {
    /// It was written down.
    Planned,
    /// It opened.
    Opened,
    /// It ended.
    Ended(Grounds),
}

/// An initiative: a month, a name, many operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Initiative {
    /// Its id.
    pub id: InitiativeId,
    /// Its name.
    pub name: String,
    /// When it runs.
    pub window: DateWindow,
    state: InitiativeState,
}

impl Initiative {
    /// A member plans an initiative.
    pub fn plan(
        id: InitiativeId,
        name: String,
        window: DateWindow,
        stamp: Stamp,
    ) -> (Initiative, Change<InitiativeChange>) {
        let initiative = Initiative { id, name, window, state: InitiativeState::Planned };
        (initiative, Change { stamp, what: InitiativeChange::Planned })
    }

    /// The initiative as the store kept it.
    #[must_use]
    pub fn stored(self, state: InitiativeState) -> Initiative {
        Initiative { state, ..self }
    }

    /// When access given for it ends: with its window, or earlier when it was ended earlier.
    pub fn access_ends(&self) -> Instant {
        match self.state {
            InitiativeState::Ended { ended } => ended.at.min(self.window.end()),
            InitiativeState::Planned | InitiativeState::Open { .. } => self.window.end(),
        }
    }

    /// Opens it.
    pub fn open(self, stamp: Stamp) -> Moved<Initiative, InitiativeChange> {
        self.legal(InitiativeMove::Open)?;
        self.becomes(InitiativeState::Open { opened: stamp }, InitiativeChange::Opened, stamp)
    }

    /// Ends it.
    pub fn end(self, grounds: Grounds, stamp: Stamp) -> Moved<Initiative, InitiativeChange> {
        self.legal(InitiativeMove::End)?;
        self.becomes(InitiativeState::Ended { ended: stamp }, InitiativeChange::Ended(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    fn initiative() -> Initiative {
        let window = DateWindow::new(stamp(10).at, stamp(20).at).unwrap();
        Initiative::plan(id(1), "one month".into(), window, stamp(0)).0
    }

    #[test]
    fn access_ends_with_it() {
        assert_eq!(initiative().access_ends(), stamp(20).at);
        let ended = |second| initiative().end(grounds(), stamp(second)).unwrap().0.access_ends();
        assert_eq!((ended(15), ended(25)), (stamp(15).at, stamp(20).at));
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |initiative: Initiative, wanted, at| match wanted {
                InitiativeMove::Open => initiative.open(stamp(at)),
                InitiativeMove::End => initiative.end(grounds(), stamp(at)),
            };
            walk(initiative(), InitiativeMove::ALL, &steps, Initiative::allowed, attempt, |_| ());
        }
    }
}
