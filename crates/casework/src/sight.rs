//! Who can see a record, and why; and why the reader may not do something to it. Members of the reader's own organisation are
//! named, others are told by organisation and relation.

use crate::office::{office_id, task_force_of};
use crate::{Casework, Context, Result, Trouble, Who};
use homeward_access::{
    Act, Actor, Explained, Kind, Purpose, Relation, Resource, explain, purpose_of, who_can_see,
};
use homeward_model::{AgencyKind, MemberId, Roles, TaskForceId};
use homeward_places::Places;

/// A member of the reader's organisation who can see a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seer {
    /// The name.
    pub name: String,
    /// Their jobs.
    pub jobs: Vec<&'static str>,
    /// Words of the policies that let them.
    pub why: Vec<String>,
}

/// People of another organisation, or of a task force, who can see a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Others {
    /// Name of the organisation or task force.
    pub name: String,
    /// How they stand to the record.
    pub relation: String,
    /// Jobs that see it.
    pub jobs: Vec<&'static str>,
    /// Words of the policies that let them.
    pub why: Vec<String>,
}

/// Whether the reader may do an act, with everything for and against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAct {
    /// The act.
    pub act: Act,
    /// The answer.
    pub explained: Explained,
}

/// Who can see a record, and what the reader may do to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sights {
    /// Whether it is sealed.
    pub sealed: bool,
    /// Whether it lies in a compartment.
    pub in_compartment: bool,
    /// Members of the reader's organisation, by name.
    pub own: Vec<Seer>,
    /// Everybody else.
    pub others: Vec<Others>,
    /// Every act on such a record.
    pub acts: Vec<OwnAct>,
}

/// The name of a task force, after its field office.
fn force_name(force: TaskForceId) -> String {
    let leads = |name: &str| task_force_of(office_id(name)) == force;
    let office = Places::embedded().offices().iter().find(|office| leads(&office.name));
    office.map_or_else(|| "a task force".to_owned(), |office| format!("task force of {}", office.name))
}

impl Casework {
    /// What access to a record turns on, for somebody who may open it. The opening is in the trail.
    pub async fn resource_of(&self, context: &Context<'_>, kind: Kind, id: &str) -> Result<Resource> {
        fn parsed<T: std::str::FromStr>(id: &str, kind: Kind) -> Result<T> {
            id.parse().map_err(|_| Trouble::Missing { noun: kind.word() })
        }
        let store = self.store();
        Ok(match kind {
            Kind::Lead => store.lead(context, parsed(id, kind)?).await?.resource,
            Kind::MissingReport => store.report(context, parsed(id, kind)?).await?.resource,
            Kind::Check => store.check(context, parsed(id, kind)?).await?.resource,
            Kind::Tip => store.tip(context, parsed(id, kind)?).await?.resource,
            Kind::Result => store.result(context, parsed(id, kind)?).await?.resource,
            Kind::Victim => store.victim(context, parsed(id, kind)?).await?.resource,
            Kind::Referral => store.referral(context, parsed(id, kind)?).await?.resource,
            Kind::Release => store.release(context, parsed(id, kind)?).await?.resource,
            Kind::ServiceNote => self.service_note(context, parsed(id, kind)?).await?.resource,
            Kind::ServicePlan => self.service_plan(context, parsed(id, kind)?).await?.resource,
            Kind::Disclosure => self.disclosure(context, parsed(id, kind)?).await?.resource,
            Kind::ProviderRecord => self.provider_record(context, parsed(id, kind)?).await?.resource,
            Kind::Initiative => store.initiative(context, parsed(id, kind)?).await?.resource,
            Kind::Operation => store.operation(context, parsed(id, kind)?).await?.resource,
            Kind::Event => store.event(context, parsed(id, kind)?).await?.resource,
            Kind::Case => store.case(context, parsed(id, kind)?).await?.resource,
            Kind::Finding => self.finding_resource(context, id).await?,
            other => return Err(Trouble::Missing { noun: other.word() }),
        })
    }

    /// Who can see a record that the actor can see, and why.
    pub async fn sights(&self, context: &Context<'_>, kind: Kind, id: &str) -> Result<Sights> {
        let resource = self.resource_of(context, kind, id).await?;
        let who = self.who(context.now).await?;
        let act = |act: Act| {
            let explained = explain(context.actor, act, context.purpose, &resource, context.now);
            OwnAct { act, explained }
        };
        let acts = Act::ALL.iter().copied().filter(|act| act.kinds().contains(&kind) && *act != Act::List);
        Ok(Sights {
            sealed: resource.sealed,
            in_compartment: resource.compartment.is_some(),
            own: own(context, &who, &resource),
            others: others(context, &who, &resource),
            acts: acts.map(act).collect(),
        })
    }
}

/// Members of the actor's organisation who can see a record, by name.
fn own(context: &Context<'_>, who: &Who, resource: &Resource) -> Vec<Seer> {
    let purpose = Purpose::of(purpose_of(resource.kind));
    let mut found = Vec::new();
    for member in who.colleagues(context.actor.organisation) {
        let Ok(roles) = Roles::new(member.roles.clone()) else { continue };
        let actor = Actor {
            member: member.id,
            roles,
            organisation: member.agency,
            provider: who
                .known_agency(member.agency)
                .is_some_and(|agency| agency.kind == AgencyKind::Provider),
            task_forces: member.scope.task_forces.clone(),
            compartments: member.scope.compartments.clone(),
            access_ends: member.scope.ends.moment(),
        };
        let explained = explain(&actor, Act::View, &purpose, resource, context.now);
        if explained.allow {
            found.push(Seer {
                name: member.name.clone(),
                jobs: member.roles.iter().map(|role| role.word()).collect(),
                why: explained.permits.into_iter().map(|policy| policy.why).collect(),
            });
        }
    }
    found
}

/// Ways in which others can see a record, one for each organisation and relation.
fn others(context: &Context<'_>, who: &Who, resource: &Resource) -> Vec<Others> {
    let own = context.actor.organisation;
    let agency_of = |member: MemberId| who.known_member(member).map(|member| member.agency);
    let outside = || {
        let agencies = resource.assigned.iter().filter_map(|member| agency_of(*member));
        agencies.filter(|agency| *agency != resource.owner && *agency != own).map(|agency| who.agency(agency))
    };
    let mut found: Vec<Others> = Vec::new();
    for sight in who_can_see(resource, context.now) {
        let names: Vec<String> = match sight.relation {
            Relation::Stranger => vec!["everybody in this job".to_owned()],
            Relation::Own | Relation::Assigned if resource.owner == own => Vec::new(),
            Relation::Own | Relation::Assigned => vec![who.agency(resource.owner)],
            Relation::AssignedFromOutside(_) => outside().collect(),
            Relation::TaskForce(force) => vec![force_name(force)],
            Relation::Referred(agency) | Relation::Released(agency) if agency == own => Vec::new(),
            Relation::Referred(agency) | Relation::Released(agency) => vec![who.agency(agency)],
            Relation::Opened(member) => {
                let agency = agency_of(member).filter(|agency| *agency != own);
                agency.map(|agency| who.agency(agency)).into_iter().collect()
            }
        };
        let relation = sight.relation.to_string();
        for name in names {
            let why: Vec<String> = sight.why.iter().map(|policy| policy.why.clone()).collect();
            if let Some(other) =
                found.iter_mut().find(|other| other.name == name && other.relation == relation)
            {
                if !other.jobs.contains(&sight.role.word()) {
                    other.jobs.push(sight.role.word());
                }
                let new = why.into_iter().filter(|why| !other.why.contains(why)).collect::<Vec<_>>();
                other.why.extend(new);
            } else {
                let jobs = vec![sight.role.word()];
                found.push(Others { name, relation: relation.clone(), jobs, why });
            }
        }
    }
    found
}
