//! Tips from the public: `received -> admitted as a lead | forwarded | declined | expired`. Kept apart from cases, for a
//! short time.

use crate::moves::machine;
use crate::{AgencyId, Clock, Grounds, Instant, LeadId, Moved, Span, Stamp, TipId};

/// How to reach who gave a tip, when they said so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TipSender {
    /// As they gave it; nobody has to.
    pub contact: Option<String>,
}

/// The state of a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TipState {
    /// Received.
    Received,
    /// A person made it a lead.
    Admitted {
        /// The lead.
        lead: LeadId,
        /// Who, and when.
        admitted: Stamp,
    },
    /// Given to the agency it concerns.
    Forwarded {
        /// The agency.
        to: AgencyId,
        /// Who, and when.
        forwarded: Stamp,
    },
    /// Nothing in it.
    Declined {
        /// Who, and when.
        declined: Stamp,
    },
    /// Nobody took it up in time.
    Expired {
        /// Who recorded it, and when.
        expired: Stamp,
    },
}

impl TipState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            TipState::Received => "received",
            TipState::Admitted { .. } => "admitted",
            TipState::Forwarded { .. } => "forwarded",
            TipState::Declined { .. } => "declined",
            TipState::Expired { .. } => "expired",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [TipMove] {
        match self {
            TipState::Received => &[TipMove::Admit, TipMove::Forward, TipMove::Decline, TipMove::Expire],
            _ => &[],
        }
    }
}

machine! {
    /// Moves of a tip.
    TipMove of "a tip": Tip, TipState, TipChange {
        /// Make it a lead.
        Admit = "admit" / "be admitted",
        /// Give it to the agency it concerns.
        Forward = "forward" / "be forwarded",
        /// Find nothing in it.
        Decline = "decline" / "be declined",
        /// Let it expire.
        Expire = "expire" / "expire",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum TipChange {
    /// A person made it a lead.
    Admitted(LeadId, Grounds),
    /// It was given to another agency.
    Forwarded(AgencyId),
    /// Nothing was found in it.
    Declined(Grounds),
    /// It expired.
    Expired,
}

/// A tip.
#[derive(Clone, Debug, PartialEq)]
pub struct Tip {
    /// Its id.
    pub id: TipId,
    /// When it came in.
    pub received: Instant,
    /// What it says.
    pub text: String,
    /// Who gave it.
    pub sender: TipSender,
    state: TipState,
}

impl Tip {
    /// A tip as it came in. No member acts here: the public page does.
    pub fn receive(id: TipId, received: Instant, text: String, sender: TipSender) -> Tip {
        Tip { id, received, text, sender, state: TipState::Received }
    }

    /// The tip as the store kept it.
    #[must_use]
    pub fn stored(self, state: TipState) -> Tip {
        Tip { state, ..self }
    }

    /// The clock until somebody must have decided (a number from rules).
    pub fn clock(&self, limit: Span) -> Clock {
        let met = match self.state {
            TipState::Received => None,
            TipState::Admitted { admitted: stamp, .. }
            | TipState::Forwarded { forwarded: stamp, .. }
            | TipState::Declined { declined: stamp }
            | TipState::Expired { expired: stamp } => Some(stamp.at),
        };
        Clock::running(self.received, limit, met)
    }

    /// A person makes it a lead.
    pub fn admit(self, lead: LeadId, grounds: Grounds, stamp: Stamp) -> Moved<Tip, TipChange> {
        self.legal(TipMove::Admit)?;
        self.becomes(TipState::Admitted { lead, admitted: stamp }, TipChange::Admitted(lead, grounds), stamp)
    }

    /// Gives it to the agency it concerns.
    pub fn forward(self, to: AgencyId, stamp: Stamp) -> Moved<Tip, TipChange> {
        self.legal(TipMove::Forward)?;
        self.becomes(TipState::Forwarded { to, forwarded: stamp }, TipChange::Forwarded(to), stamp)
    }

    /// Finds nothing in it.
    pub fn decline(self, grounds: Grounds, stamp: Stamp) -> Moved<Tip, TipChange> {
        self.legal(TipMove::Decline)?;
        self.becomes(TipState::Declined { declined: stamp }, TipChange::Declined(grounds), stamp)
    }

    /// Lets it expire once its clock has run out.
    pub fn expire(self, limit: Span, stamp: Stamp) -> Moved<Tip, TipChange> {
        self.legal(TipMove::Expire)?;
        let late = self.clock(limit).is_overdue(stamp.at);
        self.rule(TipMove::Expire, late, "its time has not run out")?;
        self.becomes(TipState::Expired { expired: stamp }, TipChange::Expired, stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    fn tip() -> Tip {
        Tip::receive(id(1), Instant(0), "a number was seen twice".into(), TipSender::default())
    }

    #[test]
    fn a_tip_expires_only_when_its_time_is_over() {
        let early = tip().expire(Span::hours(1), stamp(5)).unwrap_err().to_string();
        assert!(early.contains("cannot expire: its time has not run out"), "{early}");
        assert!(tip().expire(Span::hours(1), stamp(3601)).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |tip: Tip, wanted, at| match wanted {
                TipMove::Admit => tip.admit(id(2), grounds(), stamp(at)),
                TipMove::Forward => tip.forward(id(3), stamp(at)),
                TipMove::Decline => tip.decline(grounds(), stamp(at)),
                TipMove::Expire => tip.expire(Span::default(), stamp(at)),
            };
            walk(tip(), TipMove::ALL, &steps, Tip::allowed, attempt, |_| ());
        }
    }
}
