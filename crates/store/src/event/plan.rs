//! Planning and moving an event. Its check is asked, or moved, in the same transaction: nobody has to remember it, and no
//! event stands that was not asked about.

use crate::audit::tail;
use crate::body::{Body, object};
use crate::check::{Course, Inquiry, ask, forget, moved, replan};
use crate::record::{self, Held, Noun, Revision};
use crate::write::Write;
use crate::{Context, Restriction, Result, Store, StoreError};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgeAt, Brief, Check, CheckId, CheckMove, CheckTarget, Event, EventId, EventKind, EventState, Grounds,
    Instant, Lead, Matter, MemberId, Operation, OperationId, OperationState, PersonId, Plan, Refused, Team,
    following,
};
use homeward_rules::record::RecordRules;
use serde_json::Value;

/// An event to plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedEvent {
    /// Its id, made by the client.
    pub id: EventId,
    /// The operation it belongs to.
    pub operation: OperationId,
    /// What kind it is.
    pub kind: EventKind,
    /// What it is about.
    pub matter: Matter,
    /// Whether it may meet a child; of some kinds that is always so.
    pub may_meet_child: bool,
    /// When and where.
    pub plan: Plan,
    /// What it is for.
    pub brief: Brief,
    /// Who takes part.
    pub team: Team,
    /// The victim specialist who is asked for an hour.
    pub specialist: Option<MemberId>,
    /// Whether it is closed to others of the own organisation from the beginning.
    pub restriction: Restriction,
}

impl Store {
    /// A coordinator plans an event of an operation that they can read. Its check is asked at once.
    pub async fn plan_event(&self, context: &Context<'_>, planned: PlannedEvent) -> Result<Held<Event>> {
        let mut write = self.write(context).await?;
        // Planning asks a check within: together they are large to wait for.
        let done = Box::pin(plan(&mut write, context, planned)).await;
        write.finish(done).await
    }

    /// Changes time or place of an event. Its check moves with it; a settled one is asked anew.
    pub async fn replan_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        plan: Plan,
    ) -> Result<Held<Event>> {
        let mut write = self.write(context).await?;
        let done = Box::pin(move_to(&mut write, context, id, revision, plan)).await;
        write.finish(done).await
    }

    /// Calls an event off. Its plan stands in nobody's way any more: a hit on it lapses on both sides.
    pub async fn call_off_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Event>> {
        let mut write = self.write(context).await?;
        let done = async {
            let again = record::repeated(write.connection(), id.bits(), revision.request, None).await?;
            let step = |event: Event, stamp| Ok(event.call_off(grounds, stamp)?);
            let held = write.alter(Act::RunEvent, id.bits(), revision, step).await?;
            if !again {
                // A hit is found and lapses while nobody else asks.
                tail(write.connection()).await?;
                withdraw(&mut write, held.noun.check_id(), context.now).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Adds a subject by the age at the event, and asks whether anybody else is after the same person. A person who may be a
    /// child is refused in a matter of commercial sex.
    pub async fn add_event_subject(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (person, called): (PersonId, &str),
        age: AgeAt,
    ) -> Result<Held<Event>> {
        let mut write = self.write(context).await?;
        let done = async {
            let step = |event: Event, stamp| Ok(event.add_subject(person, called, age, stamp)?);
            let held = write.alter(Act::ReplanEvent, id.bits(), revision, step).await?;
            let inquiry = Inquiry {
                id: CheckId::from_bits(following(revision.request, person.bits(), "subject check")),
                target: CheckTarget::Subject(person),
                window: None,
                area: None,
                selectors: Vec::new(),
                ..inquiry(&held)
            };
            Box::pin(ask(&mut write, context, inquiry)).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }
}

/// What is asked about an event: its hour, widened as policy says, its circle, and the selectors that it turns on.
fn inquiry(held: &Held<Event>) -> Inquiry {
    let plan = held.noun.plan();
    let pad = RecordRules::embedded().clocks.check_window_pad.span;
    let restriction = Restriction { sealed: held.resource.sealed, compartment: held.resource.compartment };
    Inquiry {
        id: held.noun.check_id(),
        target: CheckTarget::Event(held.noun.id),
        window: Some(plan.window.padded(pad)),
        area: Some(plan.area),
        selectors: plan.selectors.clone(),
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction,
    }
}

async fn plan(write: &mut Write<'_>, context: &Context<'_>, planned: PlannedEvent) -> Result<Held<Event>> {
    // The operation cannot end meanwhile.
    tail(write.connection()).await?;
    let operation = write.get::<Operation>(Act::View, planned.operation.bits()).await?.noun;
    if let OperationState::Ended { .. } | OperationState::CalledOff { .. } = operation.state() {
        let because = format!("its operation is {}", operation.state().word());
        return Err(Refused::new("event", because).into());
    }
    if let Some(lead) = planned.brief.lead {
        write.get::<Lead>(Act::View, lead.bits()).await?;
    }
    let PlannedEvent { id, kind, matter, may_meet_child, plan, brief, team, specialist, restriction, .. } =
        planned;
    let what = object([
        ("is", Value::from("Planned")),
        ("plan", plan.write()),
        ("brief", brief.write()),
        ("team", team.write()),
        ("specialist", specialist.write()),
    ]);
    let stamp = write.stamp()?;
    let check = CheckId::from_bits(following(id.bits(), 0, "check"));
    let whole = (operation.id, operation.initiative);
    let (event, _) = Event::plan_new(id, whole, (kind, matter, may_meet_child), (plan, brief), check, stamp);
    let (mut event, _) = event.staff(team, stamp)?;
    if let Some(specialist) = specialist {
        (event, _) = event.ask_specialist(specialist, stamp)?;
    }
    let mut resource = Resource::owned(Kind::Event, context.actor.organisation);
    restriction.close(&mut resource, context.actor.member);
    let held = write.create(Act::PlanEvent, event, resource, &what).await?;
    if held.version == 1 {
        Box::pin(ask(write, context, inquiry(&held))).await?;
    }
    now(write, id).await
}

/// The event as it stands within the act.
async fn now(write: &Write<'_>, id: EventId) -> Result<Held<Event>> {
    write.find::<Event>(id.bits()).await?.ok_or(StoreError::NotFound { noun: Event::NOUN })
}

async fn move_to(
    write: &mut Write<'_>,
    context: &Context<'_>,
    id: EventId,
    revision: Revision,
    plan: Plan,
) -> Result<Held<Event>> {
    tail(write.connection()).await?;
    let again = record::repeated(write.connection(), id.bits(), revision.request, None).await?;
    let before = record::there(write.find::<Event>(id.bits()).await)?.map(|held| held.noun.check_id());
    let check = match before {
        Some(check) if !again => record::there(write.find::<Check>(check.bits()).await)?,
        _ => None,
    };
    let moves = check.as_ref().is_some_and(|held| held.noun.allowed().contains(&CheckMove::Replan));
    let asked = match check.as_ref().filter(|_| moves) {
        Some(held) => held.noun.id,
        None => CheckId::from_bits(following(revision.request, id.bits(), "check")),
    };
    let step = |event: Event, stamp| Ok(event.replan(plan, asked, stamp)?);
    let held = write.alter(Act::ReplanEvent, id.bits(), revision, step).await?;
    if again {
        return Ok(held);
    }
    let inquiry = inquiry(&held);
    if let Some(check) = check.filter(|_| moves) {
        let request = following(revision.request, asked.bits(), "moved");
        let revision = Revision { seen: check.version, request };
        let to = Course { window: inquiry.window, area: inquiry.area, selectors: Some(inquiry.selectors) };
        Box::pin(replan(write, context, asked, revision, to)).await?;
    } else {
        if let Some(before) = before {
            forget(write, before).await?;
        }
        Box::pin(ask(write, context, inquiry)).await?;
    }
    now(write, id).await
}

/// Takes the check of an event that does not take place out of everybody's way.
async fn withdraw(write: &mut Write<'_>, check: CheckId, now: Instant) -> Result<()> {
    let Some(held) = record::there(write.find::<Check>(check.bits()).await)? else { return Ok(()) };
    if !held.noun.allowed().contains(&CheckMove::Replan) {
        return forget(write, check).await;
    }
    let request = following(check.bits(), held.version as u128, "called off");
    let revision = Revision { seen: held.version, request };
    let nowhere = Course { window: None, area: None, selectors: Some(Vec::new()) };
    Box::pin(moved(write, held, revision, nowhere, now)).await.map(|_| ())
}

/// Attaches a check to the event that it was asked for, once it lets that go on. The right to ask, answer or waive a check is
/// the right to make that known on its event.
pub(crate) async fn attach(write: &mut Write<'_>, act: Act, check: &Held<Check>) -> Result<()> {
    let Some(receipt) = check.noun.receipt() else { return Ok(()) };
    let Some(held) = record::there(write.find::<Event>(receipt.event().bits()).await)? else { return Ok(()) };
    let event = &held.noun;
    let waits = *event.state() == EventState::Planned
        && event.check_id() == check.noun.id
        && receipt.answered() >= event.changed().at;
    if waits {
        let request = following(check.noun.bits(), check.version as u128, "attached");
        let revision = Revision { seen: held.version, request };
        write.alter_held(act, held, revision, |event: Event, stamp| Ok(event.check(receipt, stamp)?)).await?;
    }
    Ok(())
}
