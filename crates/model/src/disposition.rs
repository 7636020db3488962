//! What was done with a finding: `offered -> admitted | dismissed`; a dismissal can be undone. No finding becomes a lead
//! but by a named person (invariant 2).

use crate::moves::machine;
use crate::{DispositionId, Grounds, LeadId, Moved, Stamp};

/// The state of a finding in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispositionState {
    /// Offered by the engine, or offered again after a dismissal was undone.
    Offered,
    /// A person made it a lead.
    Admitted {
        /// The lead.
        lead: LeadId,
        /// Who, and when.
        admitted: Stamp,
    },
    /// A person dismissed it; it is not offered again.
    Dismissed {
        /// Who, and when.
        dismissed: Stamp,
    },
}

impl DispositionState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            DispositionState::Offered => "offered",
            DispositionState::Admitted { .. } => "admitted",
            DispositionState::Dismissed { .. } => "dismissed",
        }
    }

    /// Moves that this state allows. An admitted finding is a lead; what ends a lead is a move of leads.
    pub const fn allowed(&self) -> &'static [DispositionMove] {
        match self {
            DispositionState::Offered => &[DispositionMove::Admit, DispositionMove::Dismiss],
            DispositionState::Admitted { .. } => &[],
            DispositionState::Dismissed { .. } => &[DispositionMove::Undo],
        }
    }
}

machine! {
    /// Moves of a finding in the record.
    DispositionMove of "a finding": Disposition, DispositionState, DispositionChange {
        /// Make it a lead.
        Admit = "admit" / "be admitted",
        /// Dismiss it.
        Dismiss = "dismiss" / "be dismissed",
        /// Undo a dismissal.
        Undo = "undo" / "have its dismissal undone",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum DispositionChange {
    /// A person made it a lead.
    Admitted(LeadId, Grounds),
    /// A person dismissed it.
    Dismissed(Grounds),
    /// The dismissal was undone; it is offered again.
    Undone(Grounds),
}

/// What was done with a finding. The finding itself stays in its run, unchanged.
#[derive(Clone, Debug, PartialEq)]
pub struct Disposition {
    /// Its id.
    pub id: DispositionId,
    /// The finding, by the id that is the same in every run.
    pub finding: String,
    /// The run in which it was first seen.
    pub run: String,
    state: DispositionState,
}

impl Disposition {
    /// A finding of a run, offered.
    pub fn offer(id: DispositionId, finding: String, run: String) -> Disposition {
        Disposition { id, finding, run, state: DispositionState::Offered }
    }

    /// The disposition as the store kept it.
    #[must_use]
    pub fn stored(self, state: DispositionState) -> Disposition {
        Disposition { state, ..self }
    }

    /// A person makes it a lead.
    pub fn admit(
        self,
        lead: LeadId,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Moved<Disposition, DispositionChange> {
        self.legal(DispositionMove::Admit)?;
        let next = DispositionState::Admitted { lead, admitted: stamp };
        self.becomes(next, DispositionChange::Admitted(lead, grounds), stamp)
    }

    /// A person dismisses it.
    pub fn dismiss(self, grounds: Grounds, stamp: Stamp) -> Moved<Disposition, DispositionChange> {
        self.legal(DispositionMove::Dismiss)?;
        let next = DispositionState::Dismissed { dismissed: stamp };
        self.becomes(next, DispositionChange::Dismissed(grounds), stamp)
    }

    /// A person undoes a dismissal.
    pub fn undo(self, grounds: Grounds, stamp: Stamp) -> Moved<Disposition, DispositionChange> {
        self.legal(DispositionMove::Undo)?;
        self.becomes(DispositionState::Offered, DispositionChange::Undone(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |finding: Disposition, wanted, at| match wanted {
                DispositionMove::Admit => finding.admit(id(2), grounds(), stamp(at)),
                DispositionMove::Dismiss => finding.dismiss(grounds(), stamp(at)),
                DispositionMove::Undo => finding.undo(grounds(), stamp(at)),
            };
            let finding = Disposition::offer(id(1), "f".into(), "r".into());
            walk(finding, DispositionMove::ALL, &steps, Disposition::allowed, attempt, |_| ());
        }
    }
}
