//! Local operations, which hold events: `proposed -> approved -> running -> ended`, or called off.

use crate::moves::machine;
use crate::{AgencyId, Change, DateWindow, Grounds, InitiativeId, Moved, OperationId, Stamp, TaskForceId};

/// The state of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// Written down.
    Proposed,
    /// A supervisor approved it.
    Approved {
        /// The supervisor, and when.
        approved: Stamp,
    },
    /// It goes on.
    Running {
        /// The supervisor, and when.
        approved: Stamp,
        /// Who started it, and when.
        started: Stamp,
    },
    /// It ended.
    Ended {
        /// Who ended it, and when.
        ended: Stamp,
    },
    /// It does not take place.
    CalledOff {
        /// By whom, and when.
        called_off: Stamp,
    },
}

impl OperationState {
    /// The words for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            OperationState::Proposed => "proposed",
            OperationState::Approved { .. } => "approved",
            OperationState::Running { .. } => "running",
            OperationState::Ended { .. } => "ended",
            OperationState::CalledOff { .. } => "called off",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [OperationMove] {
        use OperationMove::{Approve, CallOff, End, Start};
        match self {
            OperationState::Proposed => &[Approve, CallOff],
            OperationState::Approved { .. } => &[Start, CallOff],
            OperationState::Running { .. } => &[End, CallOff],
            OperationState::Ended { .. } | OperationState::CalledOff { .. } => &[],
        }
    }
}

machine! {
    /// Moves of an operation.
    OperationMove of "an operation": Operation, OperationState, OperationChange {
        /// Approve it.
        Approve = "approve" / "be approved",
        /// Start it.
        Start = "start" / "be started",
        /// End it.
        End = "end" / "be ended",
        /// Call it off.
        CallOff = "call off" / "be called off",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum OperationChange {
    /// It was written down.
    Proposed,
    /// A supervisor approved it.
    Approved,
    /// It started.
    Started,
    /// It ended.
    Ended,
    /// It was called off.
    CalledOff(Grounds),
}

/// A local operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The initiative it belongs to.
    pub initiative: Option<InitiativeId>,
    /// Its name.
    pub name: String,
    /// The agency that runs it.
    pub agency: AgencyId,
    /// The task force that runs it.
    pub task_force: Option<TaskForceId>,
    /// When it runs.
    pub window: DateWindow,
    /// Who proposed it, and when.
    pub proposed: Stamp,
    state: OperationState,
}

impl Operation {
    /// A member proposes an operation of an agency.
    pub fn propose(
        id: OperationId,
        name: String,
        agency: AgencyId,
        window: DateWindow,
        stamp: Stamp,
    ) -> (Operation, Change<OperationChange>) {
        let state = OperationState::Proposed;
        let operation = Operation {
            id,
            initiative: None,
            name,
            agency,
            task_force: None,
            window,
            proposed: stamp,
            state,
        };
        (operation, Change { stamp, what: OperationChange::Proposed })
    }

    /// The operation as the store kept it.
    #[must_use]
    pub fn stored(self, state: OperationState) -> Operation {
        Operation { state, ..self }
    }

    /// A supervisor, not the proposer, approves it.
    pub fn approve(self, stamp: Stamp) -> Moved<Operation, OperationChange> {
        self.legal(OperationMove::Approve)?;
        let other = stamp.by != self.proposed.by;
        self.rule(OperationMove::Approve, other, "who proposed it cannot approve it")?;
        self.becomes(OperationState::Approved { approved: stamp }, OperationChange::Approved, stamp)
    }

    /// Starts it.
    pub fn start(self, stamp: Stamp) -> Moved<Operation, OperationChange> {
        let OperationState::Approved { approved } = self.state else {
            return Err(self.refuse(OperationMove::Start, None));
        };
        self.becomes(OperationState::Running { approved, started: stamp }, OperationChange::Started, stamp)
    }

    /// Ends it.
    pub fn end(self, stamp: Stamp) -> Moved<Operation, OperationChange> {
        self.legal(OperationMove::End)?;
        self.becomes(OperationState::Ended { ended: stamp }, OperationChange::Ended, stamp)
    }

    /// Calls it off.
    pub fn call_off(self, grounds: Grounds, stamp: Stamp) -> Moved<Operation, OperationChange> {
        self.legal(OperationMove::CallOff)?;
        let next = OperationState::CalledOff { called_off: stamp };
        self.becomes(next, OperationChange::CalledOff(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of, walk};
    use crate::{IllegalMove, Instant};

    fn operation() -> Operation {
        let window = DateWindow::new(Instant(0), Instant(1)).unwrap();
        Operation::propose(id(1), "local".into(), id(2), window, stamp_of(8, 0)).0
    }

    fn attempt(operation: Operation, wanted: OperationMove, at: i64) -> Moved<Operation, OperationChange> {
        match wanted {
            OperationMove::Approve => operation.approve(stamp(at)),
            OperationMove::Start => operation.start(stamp(at)),
            OperationMove::End => operation.end(stamp(at)),
            OperationMove::CallOff => operation.call_off(grounds(), stamp(at)),
        }
    }

    #[test]
    fn nobody_approves_what_they_proposed() {
        let IllegalMove { because, .. } = operation().approve(stamp_of(8, 1)).unwrap_err();
        assert_eq!(because.as_deref(), Some("who proposed it cannot approve it"));
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            walk(operation(), OperationMove::ALL, &steps, Operation::allowed, attempt, |_| ());
        }
    }
}
