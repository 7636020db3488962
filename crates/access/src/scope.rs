//! Which records of one kind an actor may list: a closed expression that the store turns into a condition of its query.
//!
//! Every leaf is true or false of a record, never unknown: where a column is empty the store must make the leaf false, and
//! only then apply `Not`.

use crate::Resource;
use homeward_model::{AgencyId, CompartmentId, Instant, MemberId, TaskForceId};

/// A condition on records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every record.
    All,
    /// No record.
    None,
    /// All hold.
    And(Vec<Scope>),
    /// At least one holds.
    Or(Vec<Scope>),
    /// It does not hold.
    Not(Box<Scope>),
    /// The owner is this organisation.
    OwnerIs(AgencyId),
    /// This member is assigned: one existence test on the table of assignments.
    AssignedTo(MemberId),
    /// One of these task forces shares it: one existence test.
    TaskForceIn(Vec<TaskForceId>),
    /// It lies in a compartment.
    InCompartment,
    /// It lies in one of these compartments.
    CompartmentIn(Vec<CompartmentId>),
    /// It is sealed.
    Sealed,
    /// The word of its state is this.
    StateIs(String),
    /// A release stands at this moment that lets this organisation in: one existence test.
    ReleasedTo(AgencyId, Instant),
    /// A referral or pointer concerns this organisation: one existence test.
    ReferredTo(AgencyId),
    /// Break-glass opened it for this member at this moment: one existence test.
    OpenedFor(MemberId, Instant),
}

impl Scope {
    /// Both hold, simplified.
    pub(crate) fn and(parts: impl IntoIterator<Item = Scope>) -> Scope {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Scope::All => {}
                Scope::None => return Scope::None,
                Scope::And(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Scope::All,
            1 => kept.remove(0),
            _ => Scope::And(kept),
        }
    }

    /// One of them holds, simplified.
    pub(crate) fn or(parts: impl IntoIterator<Item = Scope>) -> Scope {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Scope::None => {}
                Scope::All => return Scope::All,
                Scope::Or(inner) => kept.extend(inner),
                other if kept.contains(&other) => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Scope::None,
            1 => kept.remove(0),
            _ => Scope::Or(kept),
        }
    }

    /// It does not hold, simplified.
    pub(crate) fn negated(self) -> Scope {
        match self {
            Scope::All => Scope::None,
            Scope::None => Scope::All,
            Scope::Not(inner) => *inner,
            other => Scope::Not(Box::new(other)),
        }
    }

    /// Whether it is true of a record: what the store's condition must select.
    pub fn matches(&self, resource: &Resource) -> bool {
        match self {
            Scope::All => true,
            Scope::None => false,
            Scope::And(parts) => parts.iter().all(|part| part.matches(resource)),
            Scope::Or(parts) => parts.iter().any(|part| part.matches(resource)),
            Scope::Not(inner) => !inner.matches(resource),
            Scope::OwnerIs(organisation) => resource.owner == *organisation,
            Scope::AssignedTo(member) => resource.assigned.contains(member),
            Scope::TaskForceIn(forces) => forces.iter().any(|force| resource.task_forces.contains(force)),
            Scope::InCompartment => resource.compartment.is_some(),
            Scope::CompartmentIn(compartments) => {
                resource.compartment.is_some_and(|compartment| compartments.contains(&compartment))
            }
            Scope::Sealed => resource.sealed,
            Scope::StateIs(state) => resource.state == *state,
            Scope::ReleasedTo(organisation, at) => {
                resource.releases.iter().any(|(to, window)| to == organisation && window.contains(*at))
            }
            Scope::ReferredTo(organisation) => resource.referred_to.contains(organisation),
            Scope::OpenedFor(member, at) => {
                resource.opened.iter().any(|(to, window)| to == member && window.contains(*at))
            }
        }
    }
}

/// The policies say something of records that a list cannot ask the store. A list is then refused; it is never widened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotList {
    /// What cannot be asked.
    pub because: String,
}

impl std::fmt::Display for CannotList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot list: {}", self.because)
    }
}

impl std::error::Error for CannotList {}
