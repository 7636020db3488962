//! Who can see a record, and why: every role in every relation to it, tried on the policies themselves.

use crate::{Act, Actor, Decided, Kind, Purpose, PurposeKind, Resource, authorize};
use homeward_model::{AgencyId, CompartmentId, Instant, MemberId, Role, Roles, TaskForceId};
use std::fmt;

/// How somebody stands to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Nothing ties them to it.
    Stranger,
    /// Their organisation owns it.
    Own,
    /// Their organisation owns it and they are assigned to it.
    Assigned,
    /// They are assigned to it from another organisation.
    AssignedFromOutside(AgencyId),
    /// They are in a task force that shares it.
    TaskForce(TaskForceId),
    /// It was referred to their organisation, or a hit points to them.
    Referred(AgencyId),
    /// A standing release lets their organisation in.
    Released(AgencyId),
    /// Break-glass opened it for this member.
    Opened(MemberId),
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Relation::Stranger => "nothing ties them to it",
            Relation::Own => "own organisation",
            Relation::Assigned => "assigned, own organisation",
            Relation::AssignedFromOutside(_) => "assigned, another organisation",
            Relation::TaskForce(_) => "task force",
            Relation::Referred(_) => "referred to their organisation",
            Relation::Released(_) => "released to their organisation",
            Relation::Opened(_) => "break-glass",
        })
    }
}

/// One way to see a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The job.
    pub role: Role,
    /// How somebody in that job stands to it.
    pub relation: Relation,
    /// The compartment they must have been read into besides.
    pub compartment: Option<CompartmentId>,
    /// Policies that let them see it.
    pub why: Vec<Decided>,
}

/// Somebody in no organisation, task force or compartment that a record knows.
const NOBODY: u128 = u128::MAX;

/// An actor in a job who stands so to a record, read into its compartment.
pub(crate) fn actor_in(role: Role, relation: Relation, resource: &Resource) -> Actor {
    let somebody = resource.assigned.first().copied();
    let nobody = MemberId::from_bits(NOBODY);
    let outside = AgencyId::from_bits(NOBODY);
    let (member, organisation) = match relation {
        Relation::Stranger | Relation::TaskForce(_) => (nobody, outside),
        Relation::Own => (nobody, resource.owner),
        Relation::Assigned => (somebody.unwrap_or(nobody), resource.owner),
        Relation::AssignedFromOutside(organisation) => (somebody.unwrap_or(nobody), organisation),
        Relation::Referred(organisation) | Relation::Released(organisation) => (nobody, organisation),
        Relation::Opened(member) => (member, outside),
    };
    let task_forces = if let Relation::TaskForce(force) = relation { vec![force] } else { Vec::new() };
    Actor {
        member,
        roles: Roles::new(vec![role]).expect("one role stands alone"),
        organisation,
        provider: role == Role::ServicePartner,
        task_forces,
        compartments: resource.compartment.into_iter().collect(),
        access_ends: None,
    }
}

/// The purpose for which a kind of record is read in the ordinary course of work.
pub fn purpose_of(kind: Kind) -> PurposeKind {
    match kind {
        Kind::Check => PurposeKind::Deconfliction,
        Kind::ServiceNote
        | Kind::ServicePlan
        | Kind::ProviderRecord
        | Kind::Referral
        | Kind::Release
        | Kind::Disclosure => PurposeKind::VictimService,
        Kind::Result | Kind::Period | Kind::Draft => PurposeKind::Results,
        Kind::Account | Kind::Agency | Kind::TaskForce => PurposeKind::Administration,
        Kind::AuditTrail | Kind::Emergency => PurposeKind::Audit,
        _ => PurposeKind::Investigation,
    }
}

/// Every way in which somebody can see a record at a moment, with the policies that let them: the answer of the page "who
/// can see this, and why".
pub fn who_can_see(resource: &Resource, now: Instant) -> Vec<Sight> {
    let mut relations = vec![Relation::Stranger, Relation::Own];
    if !resource.assigned.is_empty() {
        relations.extend([Relation::Assigned, Relation::AssignedFromOutside(AgencyId::from_bits(NOBODY))]);
    }
    relations.extend(resource.task_forces.iter().map(|force| Relation::TaskForce(*force)));
    relations.extend(resource.referred_to.iter().map(|organisation| Relation::Referred(*organisation)));
    relations.extend(resource.releases.iter().map(|(organisation, _)| Relation::Released(*organisation)));
    relations.extend(resource.opened.iter().map(|(member, _)| Relation::Opened(*member)));
    let purpose = Purpose::of(purpose_of(resource.kind));
    let mut ways = Vec::new();
    for relation in relations {
        for role in Role::ALL {
            let actor = actor_in(*role, relation, resource);
            let decision = authorize(&actor, Act::View, &purpose, resource, now);
            if decision.allow {
                let (compartment, why) = (resource.compartment, decision.policies);
                ways.push(Sight { role: *role, relation, compartment, why });
            }
        }
    }
    ways
}
