//! Service plans of a victim: `drafted -> active -> closed`; a child who is missing again reopens the plan.

use crate::moves::machine;
use crate::{AgencyId, Change, Grounds, Moved, ServicePlanId, Stamp, VictimId};

/// The state of a service plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServicePlanState {
    /// Being written.
    Drafted,
    /// Agreed with the victim.
    Active {
        /// Who recorded the agreement, and when.
        agreed: Stamp,
    },
    /// Closed.
    Closed {
        /// Who closed it, and when.
        closed: Stamp,
    },
}

impl ServicePlanState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            ServicePlanState::Drafted => "drafted",
            ServicePlanState::Active { .. } => "active",
            ServicePlanState::Closed { .. } => "closed",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [ServicePlanMove] {
        match self {
            ServicePlanState::Drafted => &[ServicePlanMove::Agree, ServicePlanMove::Close],
            ServicePlanState::Active { .. } => &[ServicePlanMove::Close],
            ServicePlanState::Closed { .. } => &[ServicePlanMove::Reopen],
        }
    }
}

machine! {
    /// Moves of a service plan.
    ServicePlanMove of "a service plan": ServicePlan, ServicePlanState, ServicePlanChange {
        /// Record that the victim agrees.
        Agree = "agree" / "be agreed",
        /// Close it.
        Close = "close" / "be closed",
        /// Reopen it.
        Reopen = "reopen" / "be reopened",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum ServicePlanChange {
    /// It was drafted.
    Drafted,
    /// The victim agrees.
    Agreed,
    /// It was closed.
    Closed(Grounds),
    /// It was reopened.
    Reopened(Grounds),
}

/// A service plan.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePlan {
    /// Its id.
    pub id: ServicePlanId,
    /// The victim.
    pub victim: VictimId,
    /// The provider behind whose wall it lies.
    pub provider: AgencyId,
    state: ServicePlanState,
}

impl ServicePlan {
    /// A member drafts a plan.
    pub fn draft(
        id: ServicePlanId,
        victim: VictimId,
        provider: AgencyId,
        stamp: Stamp,
    ) -> (ServicePlan, Change<ServicePlanChange>) {
        let plan = ServicePlan { id, victim, provider, state: ServicePlanState::Drafted };
        (plan, Change { stamp, what: ServicePlanChange::Drafted })
    }

    /// The plan as the store kept it.
    #[must_use]
    pub fn stored(self, state: ServicePlanState) -> ServicePlan {
        ServicePlan { state, ..self }
    }

    /// Records that the victim agrees.
    pub fn agree(self, stamp: Stamp) -> Moved<ServicePlan, ServicePlanChange> {
        self.legal(ServicePlanMove::Agree)?;
        self.becomes(ServicePlanState::Active { agreed: stamp }, ServicePlanChange::Agreed, stamp)
    }

    /// Closes it.
    pub fn close(self, grounds: Grounds, stamp: Stamp) -> Moved<ServicePlan, ServicePlanChange> {
        self.legal(ServicePlanMove::Close)?;
        self.becomes(ServicePlanState::Closed { closed: stamp }, ServicePlanChange::Closed(grounds), stamp)
    }

    /// Reopens it as a draft, as when the child is missing again.
    pub fn reopen(self, grounds: Grounds, stamp: Stamp) -> Moved<ServicePlan, ServicePlanChange> {
        self.legal(ServicePlanMove::Reopen)?;
        self.becomes(ServicePlanState::Drafted, ServicePlanChange::Reopened(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |plan: ServicePlan, wanted, at| match wanted {
                ServicePlanMove::Agree => plan.agree(stamp(at)),
                ServicePlanMove::Close => plan.close(grounds(), stamp(at)),
                ServicePlanMove::Reopen => plan.reopen(grounds(), stamp(at)),
            };
            let plan = ServicePlan::draft(id(1), id(2), id(3), stamp(0)).0;
            walk(plan, ServicePlanMove::ALL, &steps, ServicePlan::allowed, attempt, |_| ());
        }
    }
}
