//! Referrals of a victim to a service: `made -> accepted -> done`, or declined, or revoked. Done stamps the service as
//! delivered; a declined or revoked referral opens nothing any more. A provider that accepted and cannot after all declines still.

use crate::moves::machine;
use crate::{AgencyId, Change, Grounds, Moved, Need, ReferralId, Stamp, VictimId};

/// The state of a referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferralState {
    /// Sent.
    Made,
    /// The provider takes it.
    Accepted {
        /// Who accepted it, and when.
        accepted: Stamp,
    },
    /// The provider does not take it.
    Declined {
        /// Who declined it, and when.
        declined: Stamp,
        /// Why.
        grounds: Grounds,
    },
    /// The service was delivered.
    Done {
        /// Who stamped it, and when.
        delivered: Stamp,
    },
    /// The sender took it back.
    Revoked {
        /// Who took it back, and when.
        revoked: Stamp,
    },
}

impl ReferralState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            ReferralState::Made => "made",
            ReferralState::Accepted { .. } => "accepted",
            ReferralState::Declined { .. } => "declined",
            ReferralState::Done { .. } => "done",
            ReferralState::Revoked { .. } => "revoked",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [ReferralMove] {
        use ReferralMove::{Accept, Decline, Finish, Revoke};
        match self {
            ReferralState::Made => &[Accept, Decline, Revoke],
            ReferralState::Accepted { .. } => &[Finish, Decline, Revoke],
            _ => &[],
        }
    }

    /// Who answered it or took it back, and when; nobody while it waits for an answer.
    pub const fn answered(&self) -> Option<Stamp> {
        match self {
            ReferralState::Made => None,
            ReferralState::Accepted { accepted: stamp }
            | ReferralState::Declined { declined: stamp, .. }
            | ReferralState::Done { delivered: stamp }
            | ReferralState::Revoked { revoked: stamp } => Some(*stamp),
        }
    }
}

machine! {
    /// Moves of a referral.
    ReferralMove of "a referral": Referral, ReferralState, ReferralChange {
        /// Take it.
        Accept = "accept" / "be accepted",
        /// Do not take it.
        Decline = "decline" / "be declined",
        /// Stamp the service as delivered.
        Finish = "finish" / "be finished",
        /// Take it back.
        Revoke = "revoke" / "be revoked",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum ReferralChange {
    /// It was made.
    Made,
    /// It was accepted.
    Accepted,
    /// It was declined.
    Declined(Grounds),
    /// The service for this need was delivered.
    Delivered(Need),
    /// It was taken back.
    Revoked(Grounds),
}

/// What a referral says: all that its provider learns by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralAsks {
    /// The need.
    pub need: Need,
    /// What the victim is called.
    pub called: String,
    /// What the provider must know to take them, and nothing that it must not.
    pub says: Grounds,
}

/// A referral of one victim to one provider for one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// The victim.
    pub victim: VictimId,
    /// The provider.
    pub provider: AgencyId,
    /// What is asked for, and of whom it is said.
    pub asks: ReferralAsks,
    /// Who made it, and when.
    pub made: Stamp,
    state: ReferralState,
}

impl Referral {
    /// A member refers a victim to a provider.
    pub fn make(
        id: ReferralId,
        victim: VictimId,
        provider: AgencyId,
        asks: ReferralAsks,
        stamp: Stamp,
    ) -> (Referral, Change<ReferralChange>) {
        let referral = Referral { id, victim, provider, asks, made: stamp, state: ReferralState::Made };
        (referral, Change { stamp, what: ReferralChange::Made })
    }

    /// The referral as the store kept it.
    #[must_use]
    pub fn stored(self, state: ReferralState) -> Referral {
        Referral { state, ..self }
    }

    /// Whether it lets the provider see the victim.
    pub const fn is_live(&self) -> bool {
        matches!(
            self.state,
            ReferralState::Made | ReferralState::Accepted { .. } | ReferralState::Done { .. }
        )
    }

    /// The provider takes it.
    pub fn accept(self, stamp: Stamp) -> Moved<Referral, ReferralChange> {
        self.legal(ReferralMove::Accept)?;
        self.becomes(ReferralState::Accepted { accepted: stamp }, ReferralChange::Accepted, stamp)
    }

    /// The provider does not take it, and says why.
    pub fn decline(self, grounds: Grounds, stamp: Stamp) -> Moved<Referral, ReferralChange> {
        self.legal(ReferralMove::Decline)?;
        let next = ReferralState::Declined { declined: stamp, grounds: grounds.clone() };
        self.becomes(next, ReferralChange::Declined(grounds), stamp)
    }

    /// Stamps the service as delivered.
    pub fn finish(self, stamp: Stamp) -> Moved<Referral, ReferralChange> {
        self.legal(ReferralMove::Finish)?;
        let delivered = ReferralChange::Delivered(self.asks.need);
        self.becomes(ReferralState::Done { delivered: stamp }, delivered, stamp)
    }

    /// Takes it back.
    pub fn revoke(self, grounds: Grounds, stamp: Stamp) -> Moved<Referral, ReferralChange> {
        self.legal(ReferralMove::Revoke)?;
        self.becomes(ReferralState::Revoked { revoked: stamp }, ReferralChange::Revoked(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |referral: Referral, wanted, at| match wanted {
                ReferralMove::Accept => referral.accept(stamp(at)),
                ReferralMove::Decline => referral.decline(grounds(), stamp(at)),
                ReferralMove::Finish => referral.finish(stamp(at)),
                ReferralMove::Revoke => referral.revoke(grounds(), stamp(at)),
            };
            let asks = ReferralAsks { need: Need::Shelter, called: "R.".into(), says: grounds() };
            let referral = Referral::make(id(1), id(2), id(3), asks, stamp(0)).0;
            walk(referral, ReferralMove::ALL, &steps, Referral::allowed, attempt, |referral| {
                assert_eq!(referral.is_live(), !matches!(referral.state().word(), "declined" | "revoked"));
            });
        }
    }
}
