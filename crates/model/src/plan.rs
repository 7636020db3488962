//! Service plans of a victim: `drafted -> active -> closed`; a child who is missing again reopens the plan.

use crate::moves::machine;
use crate::words::words;
use crate::{AgencyId, Change, Grounds, Instant, Moved, ReferralId, ServicePlanId, Stamp, VictimId};

words! {
    /// What a victim needs. The words of the field: OVC grantees report services by them.
    Need {
        /// A bed tonight.
        Shelter = "emergency shelter",
        /// A place to live.
        Housing = "housing",
        /// A doctor or a nurse.
        Medical = "medical care",
        /// Somebody to talk to.
        Counselling = "mental health care",
        /// A lawyer.
        Legal = "legal help",
        /// An advocate at interviews and in court.
        Advocacy = "advocacy",
        /// School or training.
        Education = "education",
        /// Work.
        Employment = "employment",
        /// Food, clothes, a telephone.
        Basics = "food and clothing",
        /// A way to get there.
        Transport = "transport",
        /// A translator.
        Language = "interpreter",
        /// Papers, and interim help for a foreign national.
        Immigration = "immigration help",
        /// Help with family.
        Family = "family support",
        /// Help with drugs or alcohol.
        Substance = "substance use treatment",
        /// Care for their own child.
        ChildCare = "child care",
    }
}

/// What a plan says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanTerms {
    /// What the victim needs.
    pub needs: Vec<Need>,
    /// Who and where is safe, whom to call, what to do when it is not.
    pub safety: String,
}

/// A service that was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// For which need.
    pub need: Need,
    /// When.
    pub at: Instant,
    /// The referral that led to it, if one did.
    pub referral: Option<ReferralId>,
}

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
            ServicePlanState::Drafted => &[
                ServicePlanMove::Write,
                ServicePlanMove::Deliver,
                ServicePlanMove::Agree,
                ServicePlanMove::Close,
            ],
            ServicePlanState::Active { .. } => {
                &[ServicePlanMove::Write, ServicePlanMove::Deliver, ServicePlanMove::Close]
            }
            ServicePlanState::Closed { .. } => &[ServicePlanMove::Reopen],
        }
    }
}

machine! {
    /// Moves of a service plan.
    ServicePlanMove of "a service plan": ServicePlan, ServicePlanState, ServicePlanChange {
        /// Change what it says.
        Write = "write" / "be changed",
        /// Record a service as delivered.
        Deliver = "deliver" / "have a service delivered",
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
    /// It was changed; what it said before.
    Written(PlanTerms),
    /// A service was delivered.
    Delivered(Delivered),
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
    terms: PlanTerms,
    delivered: Vec<Delivered>,
    state: ServicePlanState,
}

impl ServicePlan {
    /// A member drafts a plan.
    pub fn draft(
        id: ServicePlanId,
        victim: VictimId,
        provider: AgencyId,
        terms: PlanTerms,
        stamp: Stamp,
    ) -> (ServicePlan, Change<ServicePlanChange>) {
        let (delivered, state) = (Vec::new(), ServicePlanState::Drafted);
        let plan = ServicePlan { id, victim, provider, terms, delivered, state };
        (plan, Change { stamp, what: ServicePlanChange::Drafted })
    }

    /// The plan as the store kept it.
    #[must_use]
    pub fn stored(self, delivered: Vec<Delivered>, state: ServicePlanState) -> ServicePlan {
        ServicePlan { delivered, state, ..self }
    }

    /// What it says.
    pub const fn terms(&self) -> &PlanTerms {
        &self.terms
    }

    /// Services that were delivered, in the order in which that was recorded.
    pub fn delivered(&self) -> &[Delivered] {
        &self.delivered
    }

    /// Needs for which nothing was delivered yet.
    pub fn open_needs(&self) -> impl Iterator<Item = Need> {
        self.terms.needs.iter().copied().filter(|need| self.delivered.iter().all(|done| done.need != *need))
    }

    /// Changes what it says.
    pub fn write(mut self, terms: PlanTerms, stamp: Stamp) -> Moved<ServicePlan, ServicePlanChange> {
        self.legal(ServicePlanMove::Write)?;
        let before = std::mem::replace(&mut self.terms, terms);
        Ok((self, Change { stamp, what: ServicePlanChange::Written(before) }))
    }

    /// Records a service as delivered.
    pub fn deliver(mut self, delivered: Delivered, stamp: Stamp) -> Moved<ServicePlan, ServicePlanChange> {
        self.legal(ServicePlanMove::Deliver)?;
        self.delivered.push(delivered);
        Ok((self, Change { stamp, what: ServicePlanChange::Delivered(delivered) }))
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

    fn shelter(second: i64) -> Delivered {
        Delivered { need: Need::Shelter, at: stamp(second).at, referral: None }
    }

    #[test]
    fn a_need_is_open_until_something_is_delivered() {
        let terms = PlanTerms { needs: vec![Need::Shelter, Need::Legal], safety: String::new() };
        let plan = ServicePlan::draft(id(1), id(2), id(3), terms, stamp(0)).0;
        let (plan, _) = plan.deliver(shelter(1), stamp(1)).unwrap();
        assert_eq!(plan.open_needs().collect::<Vec<_>>(), [Need::Legal]);
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |plan: ServicePlan, wanted, at| match wanted {
                ServicePlanMove::Write => plan.write(PlanTerms::default(), stamp(at)),
                ServicePlanMove::Deliver => plan.deliver(shelter(at), stamp(at)),
                ServicePlanMove::Agree => plan.agree(stamp(at)),
                ServicePlanMove::Close => plan.close(grounds(), stamp(at)),
                ServicePlanMove::Reopen => plan.reopen(grounds(), stamp(at)),
            };
            let plan = ServicePlan::draft(id(1), id(2), id(3), PlanTerms::default(), stamp(0)).0;
            walk(plan, ServicePlanMove::ALL, &steps, ServicePlan::allowed, attempt, |_| ());
        }
    }
}
