//! What a check is answered with: the systems that were asked, the hit with whom to call, and how it was settled.

use crate::{AgencyId, CheckId, Instant, MemberId, Refused};

/// One system that was asked, and when it answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked {
    /// Name of the system.
    pub system: String,
    /// When it answered.
    pub at: Instant,
}

/// Systems that were asked: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedSystems(Vec<Asked>);

impl AskedSystems {
    /// A list of systems; an answer of nobody is no answer.
    pub fn new(asked: Vec<Asked>) -> Result<AskedSystems, Refused> {
        if asked.is_empty() {
            return Err(Refused::new("answer to a check", "no system was asked"));
        }
        Ok(AskedSystems(asked))
    }

    /// The systems.
    pub fn list(&self) -> &[Asked] {
        &self.0
    }

    /// The earliest answer: nothing later than that was seen by all.
    pub fn since(&self) -> Instant {
        self.0.iter().map(|asked| asked.at).min().unwrap_or_default()
    }
}

/// Who else is concerned. A pointer only: no narrative, address or name crosses agencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer {
    /// The other check.
    pub check: CheckId,
    /// Its agency.
    pub agency: AgencyId,
    /// The member to call.
    pub contact: MemberId,
}

/// A hit: whom to talk to, since when, and to whom it was raised when talk did not come in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Who else is concerned.
    pub pointers: Vec<Pointer>,
    /// When it was found.
    pub found: Instant,
    /// Supervisors to whom it was raised.
    pub raised_to: Vec<MemberId>,
}

/// How the agencies settled a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Both go on.
    Proceed,
    /// Both go on together.
    Joint,
    /// The asker waits.
    Delay {
        /// Until when.
        until: Instant,
    },
    /// The asker gives up the plan.
    Cancel,
    /// A named supervisor lets it go on without contact.
    Waiver {
        /// Who answers for that; never the member who asked.
        supervisor: MemberId,
    },
}

impl CheckOutcome {
    /// The word for this outcome.
    pub const fn word(&self) -> &'static str {
        match self {
            CheckOutcome::Proceed => "proceed",
            CheckOutcome::Joint => "joint",
            CheckOutcome::Delay { .. } => "delay",
            CheckOutcome::Cancel => "cancel",
            CheckOutcome::Waiver { .. } => "waiver",
        }
    }
}
