//! Closing a record to most: seals and compartments, from the beginning or later. A record that is restricted when it is made
//! was never visible to anybody else.

use crate::body::{Body, object};
use crate::record::{self, Held, Noun, Revision};
use crate::write::Write;
use crate::{Context, Result, Store};
use homeward_access::{Act, Resource};
use homeward_model::{
    Check, CheckId, CompartmentId, Grounds, Lead, LeadId, MemberId, MissingReportId, MissingReportRecord,
};
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
    /// Seals a record: only members assigned to it open it. Of a report that is whoever seals it; of a lead its assignee, of a
    /// check who asked it.
    async fn seal_record<N: Noun>(
        &self,
        context: &Context<'_>,
        id: u128,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<N>> {
        self.close(context, id, revision, Closing::Seal, grounds).await
    }

    /// Lifts the seal of a record. A supervisor of its owner may, in the open: the trail says who.
    async fn unseal_record<N: Noun>(
        &self,
        context: &Context<'_>,
        id: u128,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<N>> {
        self.close(context, id, revision, Closing::Unseal, grounds).await
    }

    /// Puts a record into a compartment, or takes it out when none is named; the latter takes somebody who was read into it.
    async fn put_into_compartment<N: Noun>(
        &self,
        context: &Context<'_>,
        id: u128,
        revision: Revision,
        compartment: Option<CompartmentId>,
        grounds: Grounds,
    ) -> Result<Held<N>> {
        self.close(context, id, revision, Closing::Into(compartment), grounds).await
    }

    async fn close<N: Noun>(
        &self,
        context: &Context<'_>,
        id: u128,
        revision: Revision,
        closing: Closing,
        grounds: Grounds,
    ) -> Result<Held<N>> {
        let mut write = self.write(context).await?;
        let done = close::<N>(&mut write, context, id, revision, closing, grounds).await;
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
) -> Result<Held<N>> {
    let held = write.get::<N>(Act::SealRecord, id).await?;
    if record::repeated(write.connection(), id, revision.request, None).await? {
        write.say(Act::SealRecord, N::KIND, Some(id), &[("repeated", "true".to_owned())]);
        return Ok(held);
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
    Ok(held)
}

macro_rules! closings {
    ($($noun:ident by $id:ident: $seal:ident, $unseal:ident, $into:ident, $word:literal;)+) => {$(
        impl Store {
            #[doc = concat!("Seals a ", $word, ": only members assigned to it open it.")]
            pub async fn $seal(
                &self,
                context: &Context<'_>,
                id: $id,
                revision: Revision,
                grounds: Grounds,
            ) -> Result<Held<$noun>> {
                self.seal_record(context, id.bits(), revision, grounds).await
            }

            #[doc = concat!("Lifts the seal of a ", $word, ", by a supervisor of its owner.")]
            pub async fn $unseal(
                &self,
                context: &Context<'_>,
                id: $id,
                revision: Revision,
                grounds: Grounds,
            ) -> Result<Held<$noun>> {
                self.unseal_record(context, id.bits(), revision, grounds).await
            }

            #[doc = concat!("Puts a ", $word, " into a compartment, or takes it out when none is named.")]
            pub async fn $into(
                &self,
                context: &Context<'_>,
                id: $id,
                revision: Revision,
                compartment: Option<CompartmentId>,
                grounds: Grounds,
            ) -> Result<Held<$noun>> {
                self.put_into_compartment(context, id.bits(), revision, compartment, grounds).await
            }
        }
    )+};
}

closings! {
    MissingReportRecord by MissingReportId: seal_report, unseal_report, put_report_into_compartment, "missing report";
    Lead by LeadId: seal_lead, unseal_lead, put_lead_into_compartment, "lead";
    Check by CheckId: seal_check, unseal_check, put_check_into_compartment, "check";
}
