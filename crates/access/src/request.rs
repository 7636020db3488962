//! Who asks, what for, and about what.

use crate::Kind;
use homeward_model::{
    Agency, AgencyId, AgencyKind, CaseId, CompartmentId, DateWindow, Grounds, Instant, LeadId, Member,
    MemberId, MissingReportId, Roles, TaskForceId,
};
use std::fmt;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The member.
    pub member: MemberId,
    /// The jobs.
    pub roles: Roles,
    /// The organisation.
    pub organisation: AgencyId,
    /// Whether it is a provider of services.
    pub provider: bool,
    /// Task forces.
    pub task_forces: Vec<TaskForceId>,
    /// Compartments the member was read into.
    pub compartments: Vec<CompartmentId>,
    /// When access ends, if it does.
    pub access_ends: Option<Instant>,
}

impl Actor {
    /// A member of an organisation as an actor; `None` when the member has no access at this moment.
    pub fn of(member: &Member, agency: &Agency, now: Instant) -> Option<Actor> {
        member.has_access(now).then(|| Actor::made(member, agency))
    }

    /// The same in a session that was opened before; `None` when it does not go on.
    pub fn in_session(member: &Member, agency: &Agency, opened: Instant, now: Instant) -> Option<Actor> {
        member.keeps_session(opened, now).then(|| Actor::made(member, agency))
    }

    fn made(member: &Member, agency: &Agency) -> Actor {
        Actor {
            member: member.id,
            roles: member.roles().clone(),
            organisation: member.agency,
            provider: agency.kind == AgencyKind::Provider,
            task_forces: member.scope().task_forces.clone(),
            compartments: member.scope().compartments.clone(),
            access_ends: member.scope().ends.moment(),
        }
    }
}

/// What an act is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PurposeKind {
    /// Find a missing child, work a lead or a case.
    Investigation,
    /// Keep operations apart.
    Deconfliction,
    /// Help a victim.
    VictimService,
    /// Prove a case in court.
    Prosecution,
    /// Count and publish.
    Results,
    /// Run the system.
    Administration,
    /// See whether it is used as it should be.
    Audit,
}

impl PurposeKind {
    /// The word for this purpose.
    pub const fn word(self) -> &'static str {
        match self {
            PurposeKind::Investigation => "investigation",
            PurposeKind::Deconfliction => "deconfliction",
            PurposeKind::VictimService => "victim service",
            PurposeKind::Prosecution => "prosecution",
            PurposeKind::Results => "results",
            PurposeKind::Administration => "administration",
            PurposeKind::Audit => "audit",
        }
    }
}

impl fmt::Display for PurposeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What an act serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A lead.
    Lead(LeadId),
    /// A case, with its predicate.
    Case(CaseId),
    /// A missing report.
    Report(MissingReportId),
}

/// Why somebody acts. There is no act without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// What for.
    pub kind: PurposeKind,
    /// The lead, case or report it serves.
    pub basis: Option<Basis>,
    /// A written reason.
    pub reason: Option<Grounds>,
}

impl Purpose {
    /// A purpose without basis and reason.
    pub const fn of(kind: PurposeKind) -> Purpose {
        Purpose { kind, basis: None, reason: None }
    }
}

/// What is acted on: the attributes on which access turns, and nothing else of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// What kind it is.
    pub kind: Kind,
    /// The organisation that owns it.
    pub owner: AgencyId,
    /// Members who answer for it: assignee, author, victim specialist; the member of an account or a notification.
    pub assigned: Vec<MemberId>,
    /// Task forces that share it.
    pub task_forces: Vec<TaskForceId>,
    /// The compartment it lies in.
    pub compartment: Option<CompartmentId>,
    /// Whether it is sealed.
    pub sealed: bool,
    /// The word of its state.
    pub state: String,
    /// Organisations that a release lets in, each with its window cut at revocation.
    pub releases: Vec<(AgencyId, DateWindow)>,
    /// Organisations that a standing referral, or the pointer of a check, concerns.
    pub referred_to: Vec<AgencyId>,
    /// Members for whom break-glass opened it, each with the window.
    pub opened: Vec<(MemberId, DateWindow)>,
}

impl Resource {
    /// A record of an organisation that nothing else ties to anybody.
    pub fn owned(kind: Kind, owner: AgencyId) -> Resource {
        Resource {
            kind,
            owner,
            assigned: Vec::new(),
            task_forces: Vec::new(),
            compartment: None,
            sealed: false,
            state: String::new(),
            releases: Vec::new(),
            referred_to: Vec::new(),
            opened: Vec::new(),
        }
    }
}
