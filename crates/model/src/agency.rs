//! Agencies and providers, field offices and task forces. An agency joins on signed terms: `listed -> active -> suspended |
//! ended`.

use crate::moves::machine;
use crate::words::words;
use crate::{AgencyId, Change, Digest, Grounds, Instant, Moved, OfficeId, Ori, Refused, Stamp, TaskForceId};

words! {
    /// What kind of organisation it is.
    AgencyKind {
        /// Local or state police, or a sheriff.
        Police = "police",
        /// A federal agency.
        Federal = "federal",
        /// A prosecutor's office.
        Prosecutor = "prosecutor",
        /// A clearinghouse for missing children.
        Clearinghouse = "clearinghouse",
        /// A provider of services, behind its own wall.
        Provider = "provider",
    }
}

/// The state of an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgencyState {
    /// Known, but has signed nothing.
    Listed,
    /// Takes part on signed terms.
    Active {
        /// Hash of the signed terms.
        terms: Digest,
        /// Who recorded them, and when.
        since: Stamp,
    },
    /// Its members are kept out for a while.
    Suspended {
        /// Hash of the signed terms.
        terms: Digest,
        /// Who suspended it, and when.
        since: Stamp,
    },
    /// It takes part no more.
    Ended {
        /// Who recorded it, and when.
        since: Stamp,
    },
}

impl AgencyState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            AgencyState::Listed => "listed",
            AgencyState::Active { .. } => "active",
            AgencyState::Suspended { .. } => "suspended",
            AgencyState::Ended { .. } => "ended",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [AgencyMove] {
        use AgencyMove::{End, Join, Resume, Suspend};
        match self {
            AgencyState::Listed | AgencyState::Ended { .. } => &[Join],
            AgencyState::Active { .. } => &[Suspend, End],
            AgencyState::Suspended { .. } => &[Resume, End],
        }
    }
}

machine! {
    /// Moves of an agency.
    AgencyMove of "an agency": Agency, AgencyState, AgencyChange {
        /// Record signed terms.
        Join = "join" / "join",
        /// Keep its members out for a while.
        Suspend = "suspend" / "be suspended",
        /// Let its members in again.
        Resume = "resume" / "be resumed",
        /// End its part.
        End = "end" / "be ended",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum AgencyChange {
    /// It signed terms.
    Joined(Digest),
    /// It was suspended.
    Suspended(Grounds),
    /// It was let in again.
    Resumed(Grounds),
    /// Its part ended.
    Ended(Grounds),
}

/// An agency or provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its ORI; a provider has none.
    pub ori: Option<Ori>,
    /// Its name.
    pub name: String,
    /// What kind it is.
    pub kind: AgencyKind,
    state: AgencyState,
}

impl Agency {
    /// An agency that is known and has signed nothing yet. All but providers have an ORI, and only they have none.
    pub fn list(id: AgencyId, ori: Option<Ori>, name: String, kind: AgencyKind) -> Result<Agency, Refused> {
        if ori.is_none() != (kind == AgencyKind::Provider) {
            let because = if ori.is_none() { "it has no ORI" } else { "a provider has no ORI" };
            return Err(Refused::new("agency", because));
        }
        Ok(Agency { id, ori, name, kind, state: AgencyState::Listed })
    }

    /// The agency as the store kept it.
    #[must_use]
    pub fn stored(self, state: AgencyState) -> Agency {
        Agency { state, ..self }
    }

    /// Whether its members have access.
    pub const fn takes_part(&self) -> bool {
        matches!(self.state, AgencyState::Active { .. })
    }

    /// Records signed terms.
    pub fn join(self, terms: Digest, stamp: Stamp) -> Moved<Agency, AgencyChange> {
        self.legal(AgencyMove::Join)?;
        self.becomes(AgencyState::Active { terms, since: stamp }, AgencyChange::Joined(terms), stamp)
    }

    /// Keeps its members out for a while.
    pub fn suspend(self, grounds: Grounds, stamp: Stamp) -> Moved<Agency, AgencyChange> {
        let AgencyState::Active { terms, .. } = self.state else {
            return Err(self.refuse(AgencyMove::Suspend, None));
        };
        self.becomes(AgencyState::Suspended { terms, since: stamp }, AgencyChange::Suspended(grounds), stamp)
    }

    /// Lets its members in again.
    pub fn resume(self, grounds: Grounds, stamp: Stamp) -> Moved<Agency, AgencyChange> {
        let AgencyState::Suspended { terms, .. } = self.state else {
            return Err(self.refuse(AgencyMove::Resume, None));
        };
        self.becomes(AgencyState::Active { terms, since: stamp }, AgencyChange::Resumed(grounds), stamp)
    }

    /// Ends its part.
    pub fn end(self, grounds: Grounds, stamp: Stamp) -> Moved<Agency, AgencyChange> {
        self.legal(AgencyMove::End)?;
        self.becomes(AgencyState::Ended { since: stamp }, AgencyChange::Ended(grounds), stamp)
    }
}

/// A field office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOffice {
    /// Its id.
    pub id: OfficeId,
    /// Its name, a city.
    pub name: String,
    /// Two-letter state.
    pub state: String,
}

/// A task force: a named list of agencies with a stated purpose. A retired one still binds old records and cannot be
/// chosen for new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskForce {
    /// Its id.
    pub id: TaskForceId,
    /// Its name.
    pub name: String,
    /// What its agencies share records for.
    pub purpose: Grounds,
    agencies: Vec<AgencyId>,
    retired: Option<Instant>,
}

/// What changed about a task force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskForceChange {
    /// It was formed.
    Formed,
    /// An agency joined.
    Joined(AgencyId),
    /// An agency left.
    Left(AgencyId),
    /// It was retired.
    Retired(Grounds),
}

impl TaskForce {
    /// A task force without agencies yet: empty reaches nobody.
    pub fn form(
        id: TaskForceId,
        name: String,
        purpose: Grounds,
        stamp: Stamp,
    ) -> (TaskForce, Change<TaskForceChange>) {
        let task_force = TaskForce { id, name, purpose, agencies: Vec::new(), retired: None };
        (task_force, Change { stamp, what: TaskForceChange::Formed })
    }

    /// The task force as the store kept it.
    #[must_use]
    pub fn stored(self, agencies: Vec<AgencyId>, retired: Option<Instant>) -> TaskForce {
        TaskForce { agencies, retired, ..self }
    }

    /// Its agencies.
    pub fn agencies(&self) -> &[AgencyId] {
        &self.agencies
    }

    /// When it was retired.
    pub const fn retired(&self) -> Option<Instant> {
        self.retired
    }

    /// An agency joins; one that is in already changes nothing. Nobody joins a retired one.
    pub fn join(
        mut self,
        agency: AgencyId,
        stamp: Stamp,
    ) -> Result<(TaskForce, Change<TaskForceChange>), Refused> {
        if self.retired.is_some() {
            return Err(Refused::new("place in a task force", format!("`{}` is retired", self.name)));
        }
        if !self.agencies.contains(&agency) {
            self.agencies.push(agency);
        }
        Ok((self, Change { stamp, what: TaskForceChange::Joined(agency) }))
    }

    /// An agency leaves.
    #[must_use]
    pub fn leave(mut self, agency: AgencyId, stamp: Stamp) -> (TaskForce, Change<TaskForceChange>) {
        self.agencies.retain(|known| *known != agency);
        (self, Change { stamp, what: TaskForceChange::Left(agency) })
    }

    /// Retires it.
    #[must_use]
    pub fn retire(self, grounds: Grounds, stamp: Stamp) -> (TaskForce, Change<TaskForceChange>) {
        (
            TaskForce { retired: Some(stamp.at), ..self },
            Change { stamp, what: TaskForceChange::Retired(grounds) },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    fn agency() -> Agency {
        let ori = Ori::new("NC0000000").unwrap();
        Agency::list(id(1), Some(ori), "Example Police".into(), AgencyKind::Police).unwrap()
    }

    #[test]
    fn an_ori_names_all_but_providers() {
        assert!(Agency::list(id(1), None, "x".into(), AgencyKind::Federal).is_err());
        assert!(Agency::list(id(1), agency().ori, "x".into(), AgencyKind::Provider).is_err());
        assert!(Agency::list(id(1), None, "x".into(), AgencyKind::Provider).is_ok());
    }

    #[test]
    fn a_retired_task_force_takes_nobody() {
        let force = TaskForce::form(id(1), "East".into(), grounds(), stamp(0)).0;
        let force = force.join(id(2), stamp(1)).unwrap().0.join(id(2), stamp(1)).unwrap().0;
        assert_eq!(force.agencies(), [id(2)]);
        let force = force.retire(grounds(), stamp(2)).0;
        assert_eq!(
            force.clone().join(id(3), stamp(3)).unwrap_err().to_string(),
            "no place in a task force: `East` is retired"
        );
        assert!(force.leave(id(2), stamp(4)).0.agencies().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |agency: Agency, wanted, at| match wanted {
                AgencyMove::Join => agency.join(Digest::of(b"terms"), stamp(at)),
                AgencyMove::Suspend => agency.suspend(grounds(), stamp(at)),
                AgencyMove::Resume => agency.resume(grounds(), stamp(at)),
                AgencyMove::End => agency.end(grounds(), stamp(at)),
            };
            walk(agency(), AgencyMove::ALL, &steps, Agency::allowed, attempt, |agency| {
                assert_eq!(agency.takes_part(), agency.state().word() == "active");
            });
        }
    }
}
