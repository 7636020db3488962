//! Events: planned with their check, staffed, approved by another, moved, run, called off. Whoever must know of a step is told,
//! by a pointer and no more.

use crate::written::Problems;
use crate::written_event::{Pool, STAFF, WrittenBrief, WrittenEvent, WrittenTeam, WrittenWhere, age};
use crate::{Casework, CheckSeen, Context, Done, Held, Result, Revision, Trouble, Who, if_any};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgencyId, Event, EventId, Grounds, Instant, MemberId, NoticeKind, OperationId, PersonId, Role, Screened,
    Stamp,
};
use homeward_store::Restriction;
use homeward_store::event::{PlannedEvent, Readiness};
use homeward_store::history::Step;

/// One event as somebody named for it, or of its agency, sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSeen {
    /// The event.
    pub held: Held<Event>,
    /// What it still lacks.
    pub ready: Readiness,
    /// The name of its operation.
    pub operation: String,
    /// Its check with whom to call, for readers of checks.
    pub check: Option<CheckSeen>,
}

/// Members who can be named for an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nameable {
    /// Who can go.
    pub staff: Vec<MemberId>,
    /// Who can be asked to approve.
    pub supervisors: Vec<MemberId>,
    /// Victim specialists.
    pub specialists: Vec<MemberId>,
}

/// Members with their organisations, as they are told; nobody twice.
fn addressed(who: &Who, members: impl IntoIterator<Item = MemberId>) -> Vec<(MemberId, AgencyId)> {
    let mut found: Vec<(MemberId, AgencyId)> = members
        .into_iter()
        .filter_map(|member| who.known_member(member).map(|known| (member, known.agency)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Everybody who is named for an event, and its planner.
fn named(event: &Event) -> impl Iterator<Item = MemberId> {
    let parts = event.parts();
    let Stamp { by, .. } = event.planned;
    [by].into_iter().chain(parts.team.staff.clone()).chain(parts.team.supervisor).chain(parts.asked)
}

/// A subject as a form names one, and when something was done to them.
fn subject_then(context: &Context<'_>, person: &str, at: &str) -> Result<(PersonId, Instant)> {
    let mut problems = Problems::default();
    let at = problems.moment("at", at);
    let at = problems.or(at)?.unwrap_or(context.now);
    Ok((person.trim().parse().map_err(|_| Trouble::invalid("choose a subject"))?, at))
}

impl Casework {
    /// One event.
    pub async fn event(&self, context: &Context<'_>, id: EventId) -> Result<EventSeen> {
        let held = self.store().event(context, id).await?;
        self.event_seen(context, held).await
    }

    async fn event_seen(&self, context: &Context<'_>, held: Held<Event>) -> Result<EventSeen> {
        let ready = self.store().readiness(std::slice::from_ref(&held)).await?.pop().unwrap_or_default();
        let mut names = self.store().operation_names(std::slice::from_ref(&held)).await?;
        let operation = names.remove(&held.noun.operation).unwrap_or_default();
        // Whoever would be refused the check does not ask for it: a victim specialist opens events and no checks.
        let likeness = Resource {
            sealed: held.resource.sealed,
            compartment: held.resource.compartment,
            assigned: vec![held.noun.planned.by],
            ..Resource::owned(Kind::Check, held.resource.owner)
        };
        let reads = !self.may(context, &likeness, &[Act::View]).is_empty();
        let check = if reads { if_any(self.check(context, held.noun.check_id()).await)? } else { None };
        Ok(EventSeen { held, ready, operation, check })
    }

    /// What happened to an event, oldest first.
    pub async fn event_history(&self, context: &Context<'_>, id: EventId) -> Result<Vec<Step>> {
        Ok(self.store().event_history(context, id).await?)
    }

    /// Who can be named for an event of an operation by the actor.
    pub async fn nameable(&self, context: &Context<'_>, operation: OperationId) -> Result<Nameable> {
        let who = self.who(context.now).await?;
        let pool = self.pool(context, &who, operation).await?;
        Ok(Nameable {
            staff: pool.members(&STAFF),
            supervisors: pool.members(&[Role::Supervisor]),
            specialists: pool.members(&[Role::VictimSpecialist]),
        })
    }

    async fn pool<'a>(
        &self,
        context: &Context<'_>,
        who: &'a Who,
        operation: OperationId,
    ) -> Result<Pool<'a>> {
        let held = self.store().operation(context, operation).await?;
        Ok(Pool { who, agency: context.actor.organisation, task_force: held.noun.task_force })
    }

    /// A coordinator plans an event; its check is asked in the same act. Everybody who is named is told.
    pub async fn plan_event(
        &self,
        context: &Context<'_>,
        (id, operation): (EventId, OperationId),
        written: &WrittenEvent,
    ) -> Result<Done<EventSeen>> {
        let mut problems = Problems::default();
        let what = written.kind_and_matter(&mut problems);
        let plan = written.at.read(&mut problems);
        let brief = written.brief.read(&mut problems);
        let (what, plan, brief) = problems.or((what, plan, brief))?;
        let (kind, matter) = what.ok_or_else(|| Trouble::invalid("say what kind of event it is"))?;
        let plan = plan.ok_or_else(|| Trouble::invalid("say when and where"))?;
        if plan.window.end() <= context.now {
            return Err(Trouble::invalid("the event would be over already"));
        }
        let who = self.who(context.now).await?;
        let pool = self.pool(context, &who, operation).await?;
        let planned = PlannedEvent {
            id,
            operation,
            kind,
            matter,
            may_meet_child: written.may_meet_child,
            plan,
            brief,
            team: pool.team(&written.team)?,
            specialist: pool.specialist(&written.specialist)?,
            restriction: Restriction { sealed: written.sealed, compartment: None },
        };
        let held = self.store().plan_event(context, planned).await?;
        let mut told = Vec::new();
        let parts = held.noun.parts();
        for (kind, to) in [
            (NoticeKind::Assigned, parts.team.staff.clone()),
            (NoticeKind::EventToApprove, parts.team.supervisor.into_iter().collect()),
            (NoticeKind::HourAsked, parts.asked.into_iter().collect()),
        ] {
            told.extend(self.tell(context, id.bits(), kind, "event", id, addressed(&who, to)).await?);
        }
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    /// Changes time or place: the check moves with it, the approval and the specialist's hour fall away, and everybody who
    /// is named is told.
    pub async fn replan_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        written: &WrittenWhere,
    ) -> Result<Done<EventSeen>> {
        let mut problems = Problems::default();
        let plan = written.read(&mut problems);
        let plan = problems.or(plan)?.ok_or_else(|| Trouble::invalid("say when and where"))?;
        if plan.window.end() <= context.now {
            return Err(Trouble::invalid("the event would be over already"));
        }
        let held = self.store().replan_event(context, id, revision, plan).await?;
        let to = named(&held.noun).collect();
        let mut told = self.tell_of(context, revision, NoticeKind::EventMoved, &held, to).await?;
        let asked = held.noun.parts().asked.into_iter().collect();
        told.extend(self.tell_of(context, revision, NoticeKind::HourAsked, &held, asked).await?);
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    async fn tell_of(
        &self,
        context: &Context<'_>,
        revision: Revision,
        kind: NoticeKind,
        held: &Held<Event>,
        to: Vec<MemberId>,
    ) -> Result<Vec<MemberId>> {
        let who = self.who(context.now).await?;
        self.tell(context, revision.request, kind, "event", held.noun.id, addressed(&who, to)).await
    }

    /// Changes what an event is for.
    pub async fn rebrief_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        written: &WrittenBrief,
    ) -> Result<Done<EventSeen>> {
        let mut problems = Problems::default();
        let brief = written.read(&mut problems);
        let held = self.store().rebrief_event(context, id, revision, problems.or(brief)?).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// Says who takes part. Whoever is new is told.
    pub async fn staff_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        written: &WrittenTeam,
    ) -> Result<Done<EventSeen>> {
        let before = self.store().event(context, id).await?.noun;
        let who = self.who(context.now).await?;
        let team = self.pool(context, &who, before.operation).await?.team(written)?;
        let held = self.store().staff_event(context, id, revision, team).await?;
        let (old, new) = (&before.parts().team, &held.noun.parts().team);
        let staff = new.staff.iter().filter(|member| !old.staff.contains(member)).copied().collect();
        let mut told = self.tell_of(context, revision, NoticeKind::Assigned, &held, staff).await?;
        let supervisor = new.supervisor.filter(|_| new.supervisor != old.supervisor).into_iter().collect();
        told.extend(self.tell_of(context, revision, NoticeKind::EventToApprove, &held, supervisor).await?);
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    /// Asks a victim specialist for an hour.
    pub async fn ask_specialist(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        specialist: &str,
    ) -> Result<Done<EventSeen>> {
        let operation = self.store().event(context, id).await?.noun.operation;
        let who = self.who(context.now).await?;
        let specialist = self.pool(context, &who, operation).await?.specialist(specialist)?;
        let specialist = specialist.ok_or_else(|| Trouble::invalid("choose a victim specialist"))?;
        let held = self.store().ask_specialist(context, id, revision, specialist).await?;
        let told = self.tell_of(context, revision, NoticeKind::HourAsked, &held, vec![specialist]).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    /// The victim specialist who was asked confirms the hour; without one, the start of the event.
    pub async fn confirm_specialist(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        from: &str,
    ) -> Result<Done<EventSeen>> {
        let mut problems = Problems::default();
        let from = problems.moment("from", from);
        let from = problems.or(from)?;
        let before = self.store().event(context, id).await?.noun;
        let from = from.unwrap_or_else(|| before.plan().window.start());
        let held = self.store().confirm_specialist(context, id, revision, from).await?;
        let to = [held.noun.planned.by].into_iter().chain(held.noun.parts().team.supervisor).collect();
        let told = self.tell_of(context, revision, NoticeKind::HourConfirmed, &held, to).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    /// The victim specialist who was asked declines, or gives up a confirmed hour. Whoever plans and approves is told.
    pub async fn decline_hour(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<EventSeen>> {
        let held = self.store().decline_hour(context, id, revision, grounds).await?;
        let to = [held.noun.planned.by].into_iter().chain(held.noun.parts().team.supervisor).collect();
        let told = self.tell_of(context, revision, NoticeKind::HourDeclined, &held, to).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    /// Records that the victim specialist is on site.
    pub async fn specialist_arrives(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Done<EventSeen>> {
        let held = self.store().specialist_arrives(context, id, revision).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// A supervisor who neither planned nor last changed it approves an event. Who goes is told.
    pub async fn approve_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Done<EventSeen>> {
        let held = self.store().approve_event(context, id, revision).await?;
        let to = named(&held.noun).collect();
        let told = self.tell_of(context, revision, NoticeKind::EventApproved, &held, to).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    /// Starts an event.
    pub async fn start_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Done<EventSeen>> {
        let held = self.store().start_event(context, id, revision).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// Ends an event.
    pub async fn finish_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Done<EventSeen>> {
        let held = self.store().finish_event(context, id, revision).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// Calls an event off. Everybody who is named is told; a hit on its check lapses on both sides.
    pub async fn call_off_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<EventSeen>> {
        let held = self.store().call_off_event(context, id, revision, grounds).await?;
        let to = named(&held.noun).collect();
        let told = self.tell_of(context, revision, NoticeKind::EventCalledOff, &held, to).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told })
    }

    /// Adds a subject by the age at the event, and by what they are called. A person without an id gets one that follows from
    /// the request.
    pub async fn add_event_subject(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (person, called, years): (&str, &str, &str),
    ) -> Result<Done<EventSeen>> {
        let mut problems = Problems::default();
        let called = problems.text("called", called, 100);
        let called = problems.or(called)?;
        let person = match person.trim() {
            "" => PersonId::from_bits(homeward_model::following(revision.request, id.bits(), "subject")),
            text => text.parse().map_err(|_| Trouble::invalid("name a person by their id, or nobody"))?,
        };
        let held =
            self.store().add_event_subject(context, id, revision, (person, &called), age(years)?).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// Records the age of a subject as it was learnt; one who may have been a child is a victim from then on.
    pub async fn learn_age_at_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (person, years): (&str, &str),
    ) -> Result<Done<EventSeen>> {
        let person = person.trim().parse().map_err(|_| Trouble::invalid("choose a subject"))?;
        let held = self.store().learn_age_at_event(context, id, revision, person, age(years)?).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// Records an individual screening of a subject for trafficking; without a time, as of now.
    pub async fn screen_at_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (person, at): (&str, &str),
        (found, how): (&str, Grounds),
    ) -> Result<Done<EventSeen>> {
        let of = subject_then(context, person, at)?;
        let found = Screened::parse(found.trim()).ok_or_else(|| {
            let words: Vec<&str> = Screened::ALL.iter().map(|one| one.word()).collect();
            Trouble::invalid(format!("`found` is one of: {}", words.join(", ")))
        })?;
        let held = self.store().screen_at_event(context, id, revision, of, (found, how)).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// Records the arrest of a subject; without a time, as of now.
    pub async fn arrest_at_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (person, at): (&str, &str),
    ) -> Result<Done<EventSeen>> {
        let of = subject_then(context, person, at)?;
        let held = self.store().arrest_at_event(context, id, revision, of).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }

    /// Logs a contact; without a time, as of now.
    pub async fn log_contact(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (at, who): (&str, &str),
        note: Grounds,
    ) -> Result<Done<EventSeen>> {
        let mut problems = Problems::default();
        let at = problems.moment("at", at);
        let who = problems.text("who", who, 200);
        if who.is_empty() {
            problems.note("say with whom it was");
        }
        let (at, who) = problems.or((at.unwrap_or(context.now), who))?;
        let held = self.store().log_contact(context, id, revision, (at, who), note).await?;
        Ok(Done { record: self.event_seen(context, held).await?, told: Vec::new() })
    }
}
