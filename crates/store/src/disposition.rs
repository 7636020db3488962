//! What was done with findings. A finding itself stays in its run; the record begins when a person decides on it.

use crate::body::{Body, Read, enums, object, part};
use crate::record::{Held, Noun, Revision};
use crate::schema::{name, record};
use crate::write::Write;
use crate::{Context, Count, Listed, Page, Result, Store, StoreError};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgencyId, Disposition, DispositionChange, DispositionId, DispositionState, Grounds, Lead, LeadId,
    LeadOrigin, TaskForceId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use std::collections::HashMap;

enums! {
    DispositionState { Offered, Admitted { lead, admitted }, Dismissed { dismissed } }
    DispositionChange { Admitted(lead, grounds), Dismissed(grounds), Undone(grounds) }
}

impl Noun for Disposition {
    const KIND: Kind = Kind::Finding;
    const NOUN: &'static str = "finding";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("finding", self.finding.write()),
            ("run", self.run.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Disposition> {
        let offered =
            Disposition::offer(DispositionId::from_bits(bits), part(body, "finding")?, part(body, "run")?);
        Ok(offered.stored(part(body, "state")?))
    }

    fn names(&self) -> Vec<String> {
        vec![self.finding.clone()]
    }
}

/// A finding as casework took it from a run, with whom its place makes responsible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedFinding {
    /// The id of its disposition, should there be none yet.
    pub id: DispositionId,
    /// The finding, by the id that is the same in every run.
    pub finding: String,
    /// The run.
    pub run: String,
    /// The organisation that decides on it.
    pub owner: AgencyId,
    /// Task forces that share it.
    pub task_forces: Vec<TaskForceId>,
}

impl Store {
    /// What was done with one finding.
    pub async fn disposition(&self, context: &Context<'_>, id: DispositionId) -> Result<Held<Disposition>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// What was done with each of these findings, by their ids in a run; those on which nobody decided are absent. It opens
    /// no finding: the caller asks leave for those that it shows.
    pub async fn decided(&self, findings: &[String]) -> Result<HashMap<String, Held<Disposition>>> {
        let named = name::Column::Kind.eq(Disposition::KIND.word());
        let names = name::Column::Name.is_in(findings.iter().map(String::as_str));
        let found = name::Entity::find().filter(named).filter(names).all(self.connection()).await?;
        let ids = found.into_iter().map(|row| row.record);
        let rows =
            record::Entity::find().filter(record::Column::Id.is_in(ids)).all(self.connection()).await?;
        let held = self.hold_all::<Disposition>(rows).await?;
        Ok(held.into_iter().map(|held| (held.noun.finding.clone(), held)).collect())
    }

    /// Findings that somebody decided on, newest first.
    pub async fn dispositions(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Disposition>> {
        self.list(context, listed).await
    }

    /// How many findings that somebody decided on the actor may see, by state.
    pub async fn count_dispositions(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Disposition>(context, listed).await
    }

    /// A person makes a finding a lead. Done again with the same ids it changes nothing; somebody else's decision on the same
    /// finding is refused by its state.
    pub async fn admit_finding(
        &self,
        context: &Context<'_>,
        offered: OfferedFinding,
        lead: LeadId,
        grounds: Grounds,
    ) -> Result<(Held<Disposition>, Held<Lead>)> {
        let mut write = self.write(context).await?;
        let done = admit(&mut write, offered, lead, grounds).await;
        write.finish(done).await
    }

    /// A person dismisses a finding; it is not offered again.
    pub async fn dismiss_finding(
        &self,
        context: &Context<'_>,
        offered: OfferedFinding,
        request: u128,
        grounds: Grounds,
    ) -> Result<Held<Disposition>> {
        let mut write = self.write(context).await?;
        let done = dismiss(&mut write, offered, request, grounds).await;
        write.finish(done).await
    }

    /// A person undoes a dismissal; the finding is offered again.
    pub async fn undo_dismissal(
        &self,
        context: &Context<'_>,
        id: DispositionId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Disposition>> {
        let mut write = self.write(context).await?;
        let step = |finding: Disposition, stamp| Ok(finding.undo(grounds, stamp)?);
        let done = write.alter(Act::UndoDismissal, id.bits(), revision, step).await;
        write.finish(done).await
    }
}

/// The disposition of a finding on which the actor may act; offered first when nobody decided on it yet.
async fn known(write: &mut Write<'_>, act: Act, offered: OfferedFinding) -> Result<Held<Disposition>> {
    let held = if let Some(held) = write.find_named::<Disposition>(&offered.finding).await? {
        held
    } else {
        let mut resource = Resource::owned(Kind::Finding, offered.owner);
        resource.task_forces = offered.task_forces;
        let noun = Disposition::offer(offered.id, offered.finding, offered.run);
        write.create(act, noun, resource, &Value::from("Offered")).await?
    };
    write.allow(act, Disposition::NOUN, Some(held.noun.bits()), &held.resource)?;
    Ok(held)
}

async fn admit(
    write: &mut Write<'_>,
    offered: OfferedFinding,
    lead: LeadId,
    grounds: Grounds,
) -> Result<(Held<Disposition>, Held<Lead>)> {
    let held = known(write, Act::AdmitFinding, offered).await?;
    let origin = LeadOrigin::Finding(held.noun.finding.clone());
    let resource = Resource { kind: Kind::Lead, ..held.resource.clone() };
    // The lead's id is the request: the same admission again finds it done.
    let revision = Revision { seen: held.version, request: lead.bits() };
    let step = |finding: Disposition, stamp| Ok(finding.admit(lead, grounds.clone(), stamp)?);
    let disposition = write.alter_held(Act::AdmitFinding, held, revision, step).await?;
    let lead = made(write, Act::AdmitFinding, &resource, lead, origin, grounds).await?;
    Ok((disposition, lead))
}

/// The lead that an admission makes. The right to admit is the right to make it.
pub(crate) async fn made(
    write: &mut Write<'_>,
    act: Act,
    from: &Resource,
    id: LeadId,
    origin: LeadOrigin,
    grounds: Grounds,
) -> Result<Held<Lead>> {
    if let Some(there) = write.find::<Lead>(id.bits()).await? {
        if there.noun.origin == origin {
            return Ok(there);
        }
        return Err(StoreError::Exists { noun: Lead::NOUN, what: "id" });
    }
    let (lead, change) = Lead::admit(id, origin, from.owner, grounds, write.stamp()?);
    let mut resource = Resource::owned(Kind::Lead, from.owner);
    resource.task_forces.clone_from(&from.task_forces);
    resource.compartment = from.compartment;
    resource.sealed = from.sealed;
    lead.place(&mut resource);
    let held = Held { noun: lead, version: 1, resource };
    write.keep(act, &held, &change.what.write(), id.bits()).await?;
    Ok(held)
}

async fn dismiss(
    write: &mut Write<'_>,
    offered: OfferedFinding,
    request: u128,
    grounds: Grounds,
) -> Result<Held<Disposition>> {
    let held = known(write, Act::DismissFinding, offered).await?;
    let revision = Revision { seen: held.version, request };
    let step = |finding: Disposition, stamp| Ok(finding.dismiss(grounds, stamp)?);
    write.alter_held(Act::DismissFinding, held, revision, step).await
}
