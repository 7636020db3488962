//! Closing a record to most: seals and compartments, from the beginning or later. A record that is restricted when it is made
//! was never visible to anybody else.

use crate::body::{Body, object};
use crate::record::{self, Held, Noun, Revision};
use crate::write::Write;
use crate::{Context, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{Check, CompartmentId, Event, Grounds, Lead, MemberId, MissingReportRecord, Victim};
use serde_json::Value;

/// How a record is closed from the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restriction {
    /// Only members assigned to it open it.
    pub sealed: bool,
    /// Only members who were read into this compartment open it; the member who makes the record must be one of them.
    pub compartment: Option<CompartmentId>,
}

impl Restriction {
    /// Closes a record that a member is about to make. Of a sealed one somebody must be able to open it: its maker.
    pub(crate) fn close(self, resource: &mut Resource, maker: MemberId) {
        resource.sealed = self.sealed;
        resource.compartment = self.compartment;
        if self.sealed && !resource.assigned.contains(&maker) {
            resource.assigned.push(maker);
        }
    }
}

/// What is done to a record.
#[derive(Clone, Copy)]
enum Closing {
    Seal,
    Unseal,
    Into(Option<CompartmentId>),
}

impl Store {
    /// Seals a missing report, lead, check, event or victim: only members assigned to it open it. Of a report that is whoever
    /// seals it; of a lead its assignee, of a check who asked it, of an event its planner and everybody who was named for it,
    /// of a victim who recorded them and the specialist.
    pub async fn seal_record(
        &self,
        context: &Context<'_>,
        record: (Kind, u128),
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<()>> {
        self.close(context, record, revision, Closing::Seal, grounds).await
    }

    /// Lifts the seal of a record. A supervisor of its owner may, in the open: the trail says who.
    pub async fn unseal_record(
        &self,
        context: &Context<'_>,
        record: (Kind, u128),
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<()>> {
        self.close(context, record, revision, Closing::Unseal, grounds).await
    }

    /// Puts a record into a compartment, or takes it out when none is named; the latter takes somebody who was read into it.
    pub async fn put_into_compartment(
        &self,
        context: &Context<'_>,
        record: (Kind, u128),
        revision: Revision,
        compartment: Option<CompartmentId>,
        grounds: Grounds,
    ) -> Result<Held<()>> {
        self.close(context, record, revision, Closing::Into(compartment), grounds).await
    }

    /// The answer holds what access turns on, and nothing of what the record says.
    async fn close(
        &self,
        context: &Context<'_>,
        (kind, id): (Kind, u128),
        revision: Revision,
        closing: Closing,
        grounds: Grounds,
    ) -> Result<Held<()>> {
        let mut write = self.write(context).await?;
        let done = match kind {
            Kind::MissingReport => {
                close::<MissingReportRecord>(&mut write, context, id, revision, closing, grounds).await
            }
            Kind::Lead => close::<Lead>(&mut write, context, id, revision, closing, grounds).await,
            Kind::Check => close::<Check>(&mut write, context, id, revision, closing, grounds).await,
            Kind::Event => close::<Event>(&mut write, context, id, revision, closing, grounds).await,
            Kind::Victim => close::<Victim>(&mut write, context, id, revision, closing, grounds).await,
            other => Err(write.refuse(Act::SealRecord, other, id)),
        };
        write.finish(done).await
    }
}

async fn close<N: Noun>(
    write: &mut Write<'_>,
    context: &Context<'_>,
    id: u128,
    revision: Revision,
    closing: Closing,
    grounds: Grounds,
) -> Result<Held<()>> {
    let held = write.get::<N>(Act::SealRecord, id).await?;
    if record::repeated(write.connection(), id, revision.request, None).await? {
        write.say(Act::SealRecord, N::KIND, Some(id), &[("repeated", "true".to_owned())]);
        let Held { version, resource, .. } = held;
        return Ok(Held { noun: (), version, resource });
    }
    if held.version != revision.seen {
        return Err(record::conflict::<N>(write.connection(), id, revision.seen).await?);
    }
    let Held { noun, version, mut resource } = held;
    let is = match closing {
        Closing::Seal => {
            let sealed = Restriction { sealed: true, compartment: resource.compartment };
            sealed.close(&mut resource, context.actor.member);
            "Sealed"
        }
        Closing::Unseal => {
            resource.sealed = false;
            "Unsealed"
        }
        Closing::Into(compartment) => {
            resource.compartment = compartment;
            "Compartment"
        }
    };
    noun.place(&mut resource);
    let what = object([
        ("is", Value::from(is)),
        ("compartment", resource.compartment.write()),
        ("grounds", grounds.write()),
    ]);
    let held = Held { noun, version: version + 1, resource };
    write.keep(Act::SealRecord, &held, &what, revision.request).await?;
    let Held { version, resource, .. } = held;
    Ok(Held { noun: (), version, resource })
}
