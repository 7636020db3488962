//! Who may do what to what, for which purpose.
//!
//! Policies are files in `policies/`, written in Cedar; everything is refused that no policy allows. A single act on a single
//! record is a [`Decision`]; a list is a [`Scope`], which the store turns into a condition of its query. Nothing here knows
//! SQL or HTTP.

mod act;
mod cedar;
mod request;
mod scope;
mod sight;
mod table;

pub use act::{Act, Kind, Right};
pub use request::{Actor, Basis, Purpose, PurposeKind, Resource};
pub use scope::{CannotList, Scope};
pub use sight::{Relation, Sight, purpose_of, who_can_see};
pub use table::permissions;

use homeward_model::Instant;
use std::fmt;

/// One policy that decided, and why in words for the page that shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decided {
    /// Its id in the policy files.
    pub id: String,
    /// Why it holds.
    pub why: String,
}

/// The answer to one act on one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub allow: bool,
    /// Policies that decided: those that permit when it is allowed, those that forbid when it is not; none when nothing
    /// allows it in the first place.
    pub policies: Vec<Decided>,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.allow { "allowed" } else { "refused" };
        let reasons: Vec<&str> = self.policies.iter().map(|policy| policy.why.as_str()).collect();
        if reasons.is_empty() {
            return write!(f, "{verdict}: no role of yours may do this");
        }
        write!(f, "{verdict}: {}", reasons.join("; "))
    }
}

/// Whether an actor may do an act to a record, for a purpose, at a moment.
pub fn authorize(actor: &Actor, act: Act, purpose: &Purpose, resource: &Resource, now: Instant) -> Decision {
    cedar::Engine::embedded().decide(actor, act, purpose, resource, now)
}

/// Why an actor may or may not do an act to a record: everything that speaks for it and everything that stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Whether it is allowed.
    pub allow: bool,
    /// Policies that permit it, whether or not something forbids it.
    pub permits: Vec<Decided>,
    /// Policies that forbid it; one is enough.
    pub forbids: Vec<Decided>,
}

/// The words for it, for the page "who can see this, and why".
impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |policies: &[Decided]| {
            policies.iter().map(|policy| policy.why.as_str()).collect::<Vec<_>>().join("; ")
        };
        let permits = match self.permits.as_slice() {
            [] => "no role of theirs may do this".to_owned(),
            permits => words(permits),
        };
        match (self.allow, self.forbids.as_slice()) {
            (true, _) => write!(f, "allowed: {permits}"),
            (false, []) => write!(f, "refused: {permits}"),
            (false, forbids) => write!(f, "refused: {}; otherwise: {permits}", words(forbids)),
        }
    }
}

/// What [`authorize`] answers, with everything that speaks for and against it.
pub fn explain(actor: &Actor, act: Act, purpose: &Purpose, resource: &Resource, now: Instant) -> Explained {
    let engine = cedar::Engine::embedded();
    let allow = engine.decide(actor, act, purpose, resource, now).allow;
    let (permits, forbids) = engine.explain(actor, act, purpose, resource, now);
    Explained { allow, permits, forbids }
}

/// The records of a kind to which an actor may do an act, for a purpose, at a moment. For lists the act is [`Act::List`].
pub fn scope(
    actor: &Actor,
    act: Act,
    kind: Kind,
    purpose: &Purpose,
    now: Instant,
) -> Result<Scope, CannotList> {
    cedar::Engine::embedded().list(actor, act, kind, purpose, now)
}
