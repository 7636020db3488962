//! Notifications to one member: `unread -> read`. They point to a record and tell nothing that is in it.

use crate::words::words;
use crate::{Instant, MemberId, NotificationId};

words! {
    /// What a notification is about.
    NoticeKind {
        /// A check has a hit.
        CheckHit = "check hit",
        /// A hit lapsed, for one of the plans was moved.
        CheckLapsed = "check lapsed",
        /// A hit was raised because no contact was made in time.
        CheckRaised = "check raised",
        /// The other side saw a check.
        CheckAcknowledged = "check acknowledged",
        /// Both sides of a check talked.
        CheckContact = "check contact",
        /// A check was settled.
        CheckSettled = "check settled",
        /// A lead was routed to the reader's agency.
        LeadRouted = "lead routed",
        /// A tip was forwarded to the reader's agency.
        TipForwarded = "tip forwarded",
        /// Two reports may be of one child: somebody must look.
        SamePerson = "same person",
        /// A victim has no specialist: somebody must come.
        NoSpecialist = "victim without a specialist",
        /// A victim was referred to the reader's organisation.
        ReferralMade = "referral made",
        /// A provider answered a referral.
        ReferralAnswered = "referral answered",
        /// Somebody whom the wall keeps out tried to open what lies behind it.
        WallTried = "the wall was tried",
        /// An administrator gave a member a new password and new one-time codes, and could sign in as that member.
        CredentialGiven = "new password and codes",
        /// An agency joined an initiative, or the end of its access changed.
        InitiativeJoined = "initiative joined",
        /// An operation waits for approval.
        OperationToApprove = "operation to approve",
        /// An event waits for the reader's approval.
        EventToApprove = "event to approve",
        /// The hour of a victim specialist is wanted.
        HourAsked = "hour asked",
        /// A victim specialist confirmed an hour.
        HourConfirmed = "hour confirmed",
        /// A victim specialist declined an hour: another must be asked.
        HourDeclined = "hour declined",
        /// An event was approved.
        EventApproved = "event approved",
        /// Time or place of an event changed.
        EventMoved = "event moved",
        /// An event does not take place.
        EventCalledOff = "event called off",
        /// Something was assigned.
        Assigned = "assigned",
        /// A predicate waits for somebody to accept it.
        Predicate = "predicate waits",
        /// A case was charged.
        Charged = "case charged",
        /// A clock runs out soon or ran out.
        Clock = "clock",
        /// A match has a partner that the reader may not see: talk to its owner.
        TalkToOwner = "talk to owner",
        /// A record was opened by break-glass and waits for review.
        BreakGlass = "break-glass",
        /// Judgements contradict each other.
        Contradiction = "contradiction",
    }
}

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Whom it tells.
    pub to: MemberId,
    /// What it is about.
    pub kind: NoticeKind,
    /// The noun of the record it points to, as in [`crate::NOUNS`].
    pub noun: &'static str,
    /// The record's id.
    pub about: String,
    /// From what it follows: two notifications of one cause, kind and record to one member are one.
    pub cause: String,
    /// When it was made.
    pub made: Instant,
    /// When it was read.
    pub read: Option<Instant>,
}

impl Notification {
    /// Marks it as read; the first reading counts.
    #[must_use]
    pub fn mark_read(self, at: Instant) -> Notification {
        Notification { read: self.read.or(Some(at)), ..self }
    }
}
