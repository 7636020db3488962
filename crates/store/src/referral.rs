//! Referrals of a victim to a provider. The provider's partners read the referral while it stands, and nothing else by it.

use crate::body::{Body, Read, enums, object, part, structs};
use crate::record::{Held, Noun, Revision, there};
use crate::{Context, Count, Listed, Page, Result, Store, StoreError, service_plan, wall};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgencyId, Change, Grounds, Referral, ReferralAsks, ReferralChange, ReferralId, ReferralMove,
    ReferralState, Stamp, VictimId,
};
use serde_json::Value;

structs! { ReferralAsks { need, called, says } }
enums! {
    ReferralState {
        Made,
        Accepted { accepted },
        Declined { declined, grounds },
        Done { delivered },
        Revoked { revoked },
    }
    ReferralChange { Made, Accepted, Declined(grounds), Delivered(need), Revoked(grounds) }
}

impl Noun for Referral {
    const KIND: Kind = Kind::Referral;
    const NOUN: &'static str = "referral";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.referred_to = Some(self.provider).filter(|_| self.is_live()).into_iter().collect();
    }

    fn write(&self) -> Value {
        object([
            ("victim", self.victim.write()),
            ("provider", self.provider.write()),
            ("asks", self.asks.write()),
            ("made", self.made.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Referral> {
        let (victim, provider) = (part(body, "victim")?, part(body, "provider")?);
        let (asks, made) = (part(body, "asks")?, part(body, "made")?);
        let (referral, _) = Referral::make(ReferralId::from_bits(bits), victim, provider, asks, made);
        Ok(referral.stored(part(body, "state")?))
    }

    fn of(&self) -> Vec<u128> {
        vec![self.victim.bits()]
    }
}

impl Store {
    /// Refers a victim whom the actor serves to a provider. It takes no release: what the police side knows may go to those who
    /// help.
    pub async fn make_referral(
        &self,
        context: &Context<'_>,
        id: ReferralId,
        victim: VictimId,
        provider: AgencyId,
        asks: ReferralAsks,
    ) -> Result<Held<Referral>> {
        let mut write = self.write(context).await?;
        let done = async {
            wall::serves(&mut write, context, Act::MakeReferral, victim).await?;
            let mut resource = Resource::owned(Kind::Referral, context.actor.organisation);
            resource.assigned = vec![context.actor.member];
            let what = object([
                ("is", Value::from("Made")),
                ("victim", victim.write()),
                ("provider", provider.write()),
                ("asks", asks.write()),
            ]);
            let (referral, _) = Referral::make(id, victim, provider, asks, write.stamp()?);
            write.create(Act::MakeReferral, referral, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The provider takes it.
    pub async fn accept_referral(
        &self,
        context: &Context<'_>,
        id: ReferralId,
        revision: Revision,
    ) -> Result<Held<Referral>> {
        let step = |referral: Referral, stamp| Ok(referral.accept(stamp)?);
        self.answer(context, ReferralMove::Accept, id, revision, step).await
    }

    /// The provider does not take it, or cannot after all, and says why.
    pub async fn decline_referral(
        &self,
        context: &Context<'_>,
        id: ReferralId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Referral>> {
        let step = |referral: Referral, stamp| Ok(referral.decline(grounds, stamp)?);
        self.answer(context, ReferralMove::Decline, id, revision, step).await
    }

    /// The provider stamps the service as delivered; so does the plan of those who made the referral.
    pub async fn finish_referral(
        &self,
        context: &Context<'_>,
        id: ReferralId,
        revision: Revision,
    ) -> Result<Held<Referral>> {
        let step = |referral: Referral, stamp| Ok(referral.finish(stamp)?);
        self.answer(context, ReferralMove::Finish, id, revision, step).await
    }

    /// Whoever made it takes it back.
    pub async fn revoke_referral(
        &self,
        context: &Context<'_>,
        id: ReferralId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Referral>> {
        let step = |referral: Referral, stamp| Ok(referral.revoke(grounds, stamp)?);
        self.answer(context, ReferralMove::Revoke, id, revision, step).await
    }

    /// One move of a referral. Whoever could make it until the referral was answered learns by whom and when it was, instead of
    /// finding nothing; what the referral says stays closed to them.
    async fn answer(
        &self,
        context: &Context<'_>,
        wanted: ReferralMove,
        id: ReferralId,
        revision: Revision,
        step: impl FnOnce(Referral, Stamp) -> Result<(Referral, Change<ReferralChange>)>,
    ) -> Result<Held<Referral>> {
        let act = if wanted == ReferralMove::Revoke { Act::RevokeReferral } else { Act::AnswerReferral };
        let mut write = self.write(context).await?;
        let done = async {
            if let Some(held) = there(write.find::<Referral>(id.bits()).await)?
                && !held.noun.allowed().contains(&wanted)
                && let Some(answered) = held.noun.state().answered()
            {
                let stood = Resource { referred_to: vec![held.noun.provider], ..held.resource.clone() };
                write.allow(act, Referral::NOUN, Some(id.bits()), &stood)?;
                // The same form sent again, by whoever sent it first.
                let own = answered.by == context.actor.member;
                if own && write.repeats(act, Kind::Referral, id.bits(), revision.request).await? {
                    return Ok(held);
                }
                let (noun, word) = (Referral::NOUN, held.noun.state().word());
                return Err(StoreError::Answered { noun, word, by: answered.by, at: answered.at });
            }
            let held = write.alter(act, id.bits(), revision, step).await?;
            if wanted == ReferralMove::Finish {
                service_plan::delivered(&mut write, &held, revision.request).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One referral.
    pub async fn referral(&self, context: &Context<'_>, id: ReferralId) -> Result<Held<Referral>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Referrals that the actor may see, newest first.
    pub async fn referrals(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Referral>> {
        self.list(context, listed).await
    }

    /// How many referrals the actor may see, by state.
    pub async fn count_referrals(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Referral>(context, listed).await
    }
}
