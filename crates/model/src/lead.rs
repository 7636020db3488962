//! Leads: a finding or tip that a named person admitted, on its way to an outcome.
//!
//! `admitted -> triaged -> assigned -> working -> closed`; a closed lead can be reopened.

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgencyId, CaseId, Change, Grounds, LeadId, MemberId, Moved, OfficeId, Stamp, TaskForceId, TipId, VictimId,
};

/// What a lead came from. There is no third way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeadOrigin {
    /// A finding of the engine, by its id.
    Finding(String),
    /// A tip.
    Tip(TipId),
}

/// Where a lead was routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    /// The field office responsible for the place.
    pub office: OfficeId,
    /// The agency that is to work it.
    pub agency: AgencyId,
    /// The task force that works it, if one does.
    pub task_force: Option<TaskForceId>,
    /// Whether no source says who covers the place, so that the nearest was taken: somebody must confirm it.
    pub by_distance: bool,
}

words! {
    /// How soon a lead must be worked.
    Priority {
        /// A child may be reached today.
        Urgent = "urgent",
        /// This week.
        Soon = "soon",
        /// As time allows.
        Routine = "routine",
    }
}

/// How a lead ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeadOutcome {
    /// A child was recovered.
    Recovered(VictimId),
    /// A child was identified.
    Identified(VictimId),
    /// Nothing in it.
    Unfounded,
    /// Handed to an agency outside.
    ReferredOut(AgencyId),
    /// The same as another lead.
    Duplicate(LeadId),
    /// Nobody worked it in time.
    Expired,
}

impl LeadOutcome {
    /// The words for this outcome.
    pub const fn word(self) -> &'static str {
        match self {
            LeadOutcome::Recovered(_) => "recovered",
            LeadOutcome::Identified(_) => "identified",
            LeadOutcome::Unfounded => "unfounded",
            LeadOutcome::ReferredOut(_) => "referred out",
            LeadOutcome::Duplicate(_) => "duplicate",
            LeadOutcome::Expired => "expired",
        }
    }
}

/// The state of a lead.
#[derive(Clone, Debug, PartialEq)]
pub enum LeadState {
    /// Admitted, waiting for triage.
    Admitted,
    /// Given a priority and a route.
    Triaged {
        /// How soon.
        priority: Priority,
        /// Where to.
        route: Route,
    },
    /// Given to one member.
    Assigned {
        /// How soon.
        priority: Priority,
        /// Where to.
        route: Route,
        /// Who answers for it.
        to: MemberId,
    },
    /// Being worked.
    Working {
        /// How soon.
        priority: Priority,
        /// Where to.
        route: Route,
        /// Who answers for it.
        to: MemberId,
    },
    /// Ended.
    Closed {
        /// How.
        outcome: LeadOutcome,
        /// Who closed it, and when.
        closed: Stamp,
    },
    /// Taken up again after it was closed; waits for triage anew.
    Reopened {
        /// How it had ended.
        was: LeadOutcome,
    },
}

machine! {
    /// Moves of a lead.
    LeadMove of "a lead": Lead, LeadState, LeadChange {
        /// Give it a priority and a route.
        Triage = "triage" / "be triaged",
        /// Give it to a member.
        Assign = "assign" / "be assigned",
        /// Take up the work.
        Start = "start" / "be started",
        /// Give it back to the office.
        HandBack = "hand back" / "be handed back",
        /// End it with an outcome.
        Close = "close" / "be closed",
        /// Take it up again.
        Reopen = "reopen" / "be reopened",
        /// Write a note on it.
        Note = "note" / "be noted on",
        /// Open a case from it.
        Promote = "promote" / "be promoted to a case",
    }
}

impl LeadState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            LeadState::Admitted => "admitted",
            LeadState::Triaged { .. } => "triaged",
            LeadState::Assigned { .. } => "assigned",
            LeadState::Working { .. } => "working",
            LeadState::Closed { .. } => "closed",
            LeadState::Reopened { .. } => "reopened",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [LeadMove] {
        use LeadMove::{Assign, Close, HandBack, Note, Promote, Reopen, Start, Triage};
        match self {
            LeadState::Admitted | LeadState::Reopened { .. } => &[Triage, Close, Note],
            LeadState::Triaged { .. } => &[Triage, Assign, Close, Note],
            LeadState::Assigned { .. } => &[Assign, Start, HandBack, Close, Note],
            LeadState::Working { .. } => &[Assign, HandBack, Close, Note, Promote],
            LeadState::Closed { .. } => &[Reopen],
        }
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum LeadChange {
    /// A person admitted it.
    Admitted(LeadOrigin, Grounds),
    /// It was given a priority and a route.
    Triaged(Priority, Route),
    /// It was given to a member.
    Assigned(MemberId),
    /// Its work began.
    Started,
    /// It went back to the office.
    HandedBack(Grounds),
    /// It ended.
    Closed(LeadOutcome, Grounds),
    /// It was taken up again.
    Reopened(Grounds),
    /// A note was written on it.
    Noted(Grounds),
    /// A case was opened from it, on a predicate of its own.
    Promoted(CaseId),
}

/// A lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Its id.
    pub id: LeadId,
    /// What it came from.
    pub origin: LeadOrigin,
    /// The agency that owns it: that admitted it, or to which it was routed last.
    pub owner: AgencyId,
    /// The agency that admitted it, which can still read it.
    pub admitted_by: AgencyId,
    /// Who admitted it, and when.
    pub admitted: Stamp,
    cases: Vec<CaseId>,
    state: LeadState,
}

impl Lead {
    /// A person admits a finding or tip, for reasons.
    pub fn admit(
        id: LeadId,
        origin: LeadOrigin,
        owner: AgencyId,
        grounds: Grounds,
        stamp: Stamp,
    ) -> (Lead, Change<LeadChange>) {
        let change = Change { stamp, what: LeadChange::Admitted(origin.clone(), grounds) };
        let state = LeadState::Admitted;
        (Lead { id, origin, owner, admitted_by: owner, admitted: stamp, cases: Vec::new(), state }, change)
    }

    /// The lead as the store kept it.
    #[must_use]
    pub fn stored(self, owner: AgencyId, cases: Vec<CaseId>, state: LeadState) -> Lead {
        Lead { owner, cases, state, ..self }
    }

    /// Cases that were opened from it.
    pub fn cases(&self) -> &[CaseId] {
        &self.cases
    }

    /// The member who answers for it.
    pub const fn assignee(&self) -> Option<MemberId> {
        match self.state {
            LeadState::Assigned { to, .. } | LeadState::Working { to, .. } => Some(to),
            _ => None,
        }
    }

    /// Gives it a priority and a route. The agency that is to work it owns it from then on.
    pub fn triage(mut self, priority: Priority, route: Route, stamp: Stamp) -> Moved<Lead, LeadChange> {
        self.legal(LeadMove::Triage)?;
        self.owner = route.agency;
        self.becomes(LeadState::Triaged { priority, route }, LeadChange::Triaged(priority, route), stamp)
    }

    /// Gives it to a member, who has not begun yet.
    pub fn assign(self, to: MemberId, stamp: Stamp) -> Moved<Lead, LeadChange> {
        let (LeadState::Triaged { priority, route }
        | LeadState::Assigned { priority, route, .. }
        | LeadState::Working { priority, route, .. }) = self.state
        else {
            return Err(self.refuse(LeadMove::Assign, None));
        };
        self.becomes(LeadState::Assigned { priority, route, to }, LeadChange::Assigned(to), stamp)
    }

    /// Takes up the work.
    pub fn start(self, stamp: Stamp) -> Moved<Lead, LeadChange> {
        let LeadState::Assigned { priority, route, to } = self.state else {
            return Err(self.refuse(LeadMove::Start, None));
        };
        self.becomes(LeadState::Working { priority, route, to }, LeadChange::Started, stamp)
    }

    /// Gives it back to the office.
    pub fn hand_back(self, grounds: Grounds, stamp: Stamp) -> Moved<Lead, LeadChange> {
        let (LeadState::Assigned { priority, route, .. } | LeadState::Working { priority, route, .. }) =
            self.state
        else {
            return Err(self.refuse(LeadMove::HandBack, None));
        };
        self.becomes(LeadState::Triaged { priority, route }, LeadChange::HandedBack(grounds), stamp)
    }

    /// Ends it.
    pub fn close(self, outcome: LeadOutcome, grounds: Grounds, stamp: Stamp) -> Moved<Lead, LeadChange> {
        self.legal(LeadMove::Close)?;
        let itself = outcome == LeadOutcome::Duplicate(self.id);
        self.rule(LeadMove::Close, !itself, "it is not a duplicate of itself")?;
        self.becomes(
            LeadState::Closed { outcome, closed: stamp },
            LeadChange::Closed(outcome, grounds),
            stamp,
        )
    }

    /// Takes it up again.
    pub fn reopen(self, grounds: Grounds, stamp: Stamp) -> Moved<Lead, LeadChange> {
        let LeadState::Closed { outcome: was, .. } = self.state else {
            return Err(self.refuse(LeadMove::Reopen, None));
        };
        self.becomes(LeadState::Reopened { was }, LeadChange::Reopened(grounds), stamp)
    }

    /// Writes a note on it; its state stays.
    pub fn note(self, text: Grounds, stamp: Stamp) -> Moved<Lead, LeadChange> {
        self.legal(LeadMove::Note)?;
        Ok((self, Change { stamp, what: LeadChange::Noted(text) }))
    }

    /// A case is opened from it. Nothing that the lead says goes along; its own work goes on.
    pub fn promote(mut self, case: CaseId, stamp: Stamp) -> Moved<Lead, LeadChange> {
        self.legal(LeadMove::Promote)?;
        self.cases.push(case);
        Ok((self, Change { stamp, what: LeadChange::Promoted(case) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    fn lead() -> Lead {
        Lead::admit(id(1), LeadOrigin::Tip(id(2)), id(3), grounds(), stamp(0)).0
    }

    fn attempt(lead: Lead, wanted: LeadMove, at: i64) -> Moved<Lead, LeadChange> {
        let route = Route { office: id(4), agency: id(6), task_force: None, by_distance: false };
        match wanted {
            LeadMove::Triage => lead.triage(Priority::Soon, route, stamp(at)),
            LeadMove::Assign => lead.assign(id(5), stamp(at)),
            LeadMove::Start => lead.start(stamp(at)),
            LeadMove::HandBack => lead.hand_back(grounds(), stamp(at)),
            LeadMove::Close => lead.close(LeadOutcome::Expired, grounds(), stamp(at)),
            LeadMove::Reopen => lead.reopen(grounds(), stamp(at)),
            LeadMove::Note => lead.note(grounds(), stamp(at)),
            LeadMove::Promote => lead.promote(id(7), stamp(at)),
        }
    }

    #[test]
    fn a_refusal_names_state_move_and_what_is_allowed() {
        let (lead, _) = attempt(lead(), LeadMove::Close, 1).unwrap();
        let refusal = lead.clone().assign(id(5), stamp(2)).unwrap_err().to_string();
        assert_eq!(refusal, "a lead that is closed cannot be assigned; allowed: reopen");
        let (lead, change) = lead.reopen(grounds(), stamp(3)).unwrap();
        assert_eq!((lead.state().word(), change.stamp), ("reopened", stamp(3)));
        let refusal = lead.close(LeadOutcome::Duplicate(id(1)), grounds(), stamp(4)).unwrap_err().to_string();
        assert!(refusal.contains("cannot be closed: it is not a duplicate of itself"), "{refusal}");
    }

    #[test]
    fn a_lead_belongs_to_the_agency_it_is_routed_to() {
        let (lead, _) = attempt(lead(), LeadMove::Triage, 1).unwrap();
        assert_eq!((lead.owner, lead.admitted_by), (id(6), id(3)));
        let (noted, change) = lead.clone().note(grounds(), stamp(2)).unwrap();
        assert_eq!((noted, change.what), (lead, LeadChange::Noted(grounds())));
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            walk(lead(), LeadMove::ALL, &steps, Lead::allowed, attempt, |lead| {
                assert_eq!(lead.assignee().is_some(), matches!(lead.state().word(), "assigned" | "working"));
                assert!(lead.admitted_by == id(3) && [id(3), id(6)].contains(&lead.owner));
            });
        }
    }
}
