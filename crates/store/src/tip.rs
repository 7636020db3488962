//! Tips from the public. What they say may name anybody, so each is encrypted under a key of its own.

use crate::body::{Body, Read, enums, object, part, structs};
use crate::disposition::made;
use crate::record::{Held, Noun, Revision};
use crate::write::Write;
use crate::{Context, Count, Listed, Outside, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgencyId, Grounds, Lead, LeadId, LeadOrigin, Span, Tip, TipChange, TipId, TipSender, TipState,
};
use serde_json::Value;

enums! {
    TipState { Received, Admitted { lead, admitted }, Forwarded { to, forwarded }, Declined { declined }, Expired { expired } }
    TipChange { Admitted(lead, grounds), Forwarded(to), Declined(grounds), Expired }
}
structs! { TipSender { contact } }

impl Noun for Tip {
    const KIND: Kind = Kind::Tip;
    const NOUN: &'static str = "tip";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        if let TipState::Forwarded { to, .. } = self.state() {
            resource.referred_to = vec![*to];
        }
    }

    fn write(&self) -> Value {
        object([
            ("received", self.received.write()),
            ("text", self.text.write()),
            ("sender", self.sender.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Tip> {
        let (received, text, sender) = (part(body, "received")?, part(body, "text")?, part(body, "sender")?);
        Ok(Tip::receive(TipId::from_bits(bits), received, text, sender).stored(part(body, "state")?))
    }
}

impl Store {
    /// A tip comes in from the public page, for the organisation that takes tips there. Nobody has to sign in for that.
    pub async fn receive_tip(&self, outside: Outside<'_>, tip: Tip, owner: AgencyId) -> Result<TipId> {
        let what = object([("is", Value::from("Received")), ("text", tip.text.write())]);
        let id = tip.id;
        let mut write = self.write_outside(outside).await?;
        let done = write.create(Act::View, tip, Resource::owned(Kind::Tip, owner), &what).await;
        write.finish(done.map(|_| id)).await
    }

    /// One tip.
    pub async fn tip(&self, context: &Context<'_>, id: TipId) -> Result<Held<Tip>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Tips that the actor may see, newest first.
    pub async fn tips(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Tip>> {
        self.list(context, listed).await
    }

    /// How many tips the actor may see, by state.
    pub async fn count_tips(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Tip>(context, listed).await
    }

    /// A person makes a tip a lead. Done again with the same ids it changes nothing.
    pub async fn admit_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        seen: i64,
        lead: LeadId,
        grounds: Grounds,
    ) -> Result<(Held<Tip>, Held<Lead>)> {
        let mut write = self.write(context).await?;
        let done = admit(&mut write, id, seen, lead, grounds).await;
        write.finish(done).await
    }

    /// Gives a tip to the agency it concerns, which can then read it.
    pub async fn forward_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        revision: Revision,
        to: AgencyId,
    ) -> Result<Held<Tip>> {
        let step = |tip: Tip, stamp| Ok(tip.forward(to, stamp)?);
        self.change(context, Act::ForwardTip, id.bits(), revision, step).await
    }

    /// Finds nothing in a tip.
    pub async fn decline_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Tip>> {
        let step = |tip: Tip, stamp| Ok(tip.decline(grounds, stamp)?);
        self.change(context, Act::DeclineTip, id.bits(), revision, step).await
    }

    /// Lets a tip expire that nobody took up within `limit` (a number from rules).
    pub async fn expire_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        revision: Revision,
        limit: Span,
    ) -> Result<Held<Tip>> {
        let step = |tip: Tip, stamp| Ok(tip.expire(limit, stamp)?);
        self.change(context, Act::DeclineTip, id.bits(), revision, step).await
    }
}

async fn admit(
    write: &mut Write<'_>,
    id: TipId,
    seen: i64,
    lead: LeadId,
    grounds: Grounds,
) -> Result<(Held<Tip>, Held<Lead>)> {
    let revision = Revision { seen, request: lead.bits() };
    let step = |tip: Tip, stamp| Ok(tip.admit(lead, grounds.clone(), stamp)?);
    let tip = write.alter(Act::AdmitTip, id.bits(), revision, step).await?;
    let lead = made(write, Act::AdmitTip, &tip.resource, lead, LeadOrigin::Tip(id), grounds).await?;
    Ok((tip, lead))
}
