//! Service plans: what a victim needs, how they stay safe, and what was done. Behind the wall of the organisation that wrote
//! it; of one victim each organisation has one.

use crate::body::{Body, Read, enums, object, part, structs};
use crate::record::{Held, Noun, Revision};
use crate::write::Write;
use crate::{Context, Listed, Page, Result, Store, wall};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgencyId, Delivered, Grounds, PlanTerms, Referral, ServicePlan, ServicePlanChange, ServicePlanId,
    ServicePlanMove, ServicePlanState, Stamp, VictimId, Walled, following,
};
use serde_json::Value;

structs! {
    PlanTerms { needs, safety }
    Delivered { need, at, referral }
}
enums! {
    ServicePlanState { Drafted, Active { agreed }, Closed { closed } }
    ServicePlanChange { Drafted, Written(before), Delivered(delivered), Agreed, Closed(grounds), Reopened(grounds) }
}

/// The name of an organisation's plan for a victim.
fn name(victim: VictimId, provider: AgencyId) -> String {
    format!("{victim} {provider}")
}

impl Noun for ServicePlan {
    const KIND: Kind = Kind::ServicePlan;
    const NOUN: &'static str = "service plan";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("victim", self.victim.write()),
            ("terms", self.terms().write()),
            ("delivered", self.delivered().to_vec().write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<ServicePlan> {
        // Drafting needs a stamp only for its change, which is not wanted here.
        let nobody = Stamp { by: homeward_model::MemberId::from_bits(0), at: homeward_model::Instant(0) };
        let (id, victim) = (ServicePlanId::from_bits(bits), part(body, "victim")?);
        let (plan, _) = ServicePlan::draft(id, victim, resource.owner, part(body, "terms")?, nobody);
        Ok(plan.stored(part(body, "delivered")?, part(body, "state")?))
    }

    fn names(&self) -> Vec<String> {
        vec![name(self.victim, self.provider)]
    }

    fn of(&self) -> Vec<u128> {
        vec![self.victim.bits()]
    }
}

impl Store {
    /// Drafts the plan of the actor's organisation for a victim whom they serve.
    pub async fn draft_service_plan(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        victim: VictimId,
        terms: PlanTerms,
    ) -> Result<Held<ServicePlan>> {
        let mut write = self.write(context).await?;
        let done = async {
            wall::serves(&mut write, context, Act::WriteServicePlan, victim).await?;
            let resource = wall::behind(&write, context, Walled::ServicePlan, Some(victim)).await?;
            let mut what = object([("is", Value::from("Drafted")), ("victim", victim.write())]);
            what["terms"] = terms.write();
            let (plan, _) = ServicePlan::draft(id, victim, resource.owner, terms, write.stamp()?);
            write.create(Act::WriteServicePlan, plan, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Changes what a plan says.
    pub async fn write_service_plan(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        revision: Revision,
        terms: PlanTerms,
    ) -> Result<Held<ServicePlan>> {
        let step = |plan: ServicePlan, stamp| Ok(plan.write(terms, stamp)?);
        self.change(context, Act::WriteServicePlan, id.bits(), revision, step).await
    }

    /// Records a service as delivered.
    pub async fn deliver_service(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        revision: Revision,
        delivered: Delivered,
    ) -> Result<Held<ServicePlan>> {
        let step = |plan: ServicePlan, stamp| Ok(plan.deliver(delivered, stamp)?);
        self.change(context, Act::WriteServicePlan, id.bits(), revision, step).await
    }

    /// Records that the victim agrees with the plan.
    pub async fn agree_service_plan(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        revision: Revision,
    ) -> Result<Held<ServicePlan>> {
        let step = |plan: ServicePlan, stamp| Ok(plan.agree(stamp)?);
        self.change(context, Act::WriteServicePlan, id.bits(), revision, step).await
    }

    /// Closes a plan.
    pub async fn close_service_plan(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<ServicePlan>> {
        let step = |plan: ServicePlan, stamp| Ok(plan.close(grounds, stamp)?);
        self.change(context, Act::WriteServicePlan, id.bits(), revision, step).await
    }

    /// Reopens a plan.
    pub async fn reopen_service_plan(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<ServicePlan>> {
        let step = |plan: ServicePlan, stamp| Ok(plan.reopen(grounds, stamp)?);
        self.change(context, Act::WriteServicePlan, id.bits(), revision, step).await
    }

    /// One plan.
    pub async fn service_plan(&self, context: &Context<'_>, id: ServicePlanId) -> Result<Held<ServicePlan>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Plans that the actor may see, newest first.
    pub async fn service_plans(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<ServicePlan>> {
        self.list(context, listed).await
    }
}

/// Reopens the plans of a victim who is missing again. Whoever records that learns nothing of them.
pub(crate) async fn reopen_all(
    write: &mut Write<'_>,
    act: Act,
    victim: VictimId,
    request: u128,
) -> Result<()> {
    for held in write.belonging::<ServicePlan>(victim.bits()).await? {
        if held.noun.allowed().contains(&ServicePlanMove::Reopen) {
            let request = following(request, held.noun.id.bits(), "plan reopened");
            let revision = Revision { seen: held.version, request };
            let because = Grounds::new("missing again")?;
            let step = |plan: ServicePlan, stamp| Ok(plan.reopen(because, stamp)?);
            write.alter_held(act, held, revision, step).await?;
        }
    }
    Ok(())
}

/// Stamps the service of a finished referral as delivered in the plan of those who made it, when they have one that is open.
pub(crate) async fn delivered(write: &mut Write<'_>, referral: &Held<Referral>, request: u128) -> Result<()> {
    let of = name(referral.noun.victim, referral.resource.owner);
    let Some(held) = write.find_named::<ServicePlan>(&of).await? else { return Ok(()) };
    if !held.noun.allowed().contains(&ServicePlanMove::Deliver) {
        return Ok(());
    }
    let at = write.stamp()?.at;
    let service = Delivered { need: referral.noun.asks.need, at, referral: Some(referral.noun.id) };
    let request = following(request, held.noun.id.bits(), "delivered");
    let revision = Revision { seen: held.version, request };
    let step = |plan: ServicePlan, stamp| Ok(plan.deliver(service, stamp)?);
    write.alter_held(Act::AnswerReferral, held, revision, step).await?;
    Ok(())
}
