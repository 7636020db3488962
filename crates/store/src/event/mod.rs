//! Events of an operation. What they say may name anybody and where people will be, so each is encrypted under a key of its
//! own. Only the own organisation and members who are named reach one: what crosses to others is the pointer of its check.

mod plan;
mod ready;

pub use plan::PlannedEvent;
pub(crate) use plan::attach;
pub use ready::Readiness;

use crate::body::{Body, Broken, Read, enums, object, part, structs, words};
use crate::fact_result;
use crate::record::{Held, Noun, Revision};
use crate::{Context, Count, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgeAt, Arrest, Brief, Change, Checked, Event, EventChange, EventId, EventKind, EventParts, EventState,
    Grounds, InitiativeId, Instant, LeadId, LogEntry, MemberId, PersonId, Plan, Screened, Screening,
    SpecialistHour, Stamp, Subject, Team,
};
use serde_json::Value;

words! { EventKind Screened }
structs! {
    Plan { window, area, address, selectors }
    Brief { objective, safe_place, contacts, lead, report }
    Team { staff, supervisor }
    SpecialistHour { specialist, from, on_site }
    Checked { check, answered }
    LogEntry { at, who, note, written }
    Screening { person, at, found, how, written }
    Arrest { person, at, written }
    EventParts {
        brief,
        team,
        check,
        changed,
        asked,
        specialist,
        declined,
        called,
        screenings,
        arrests,
        log,
    }
}
enums! {
    EventState {
        Planned,
        Checked(checked),
        Approved { checked, approved },
        UnderWay { approved, started },
        Done { started, ended },
        CalledOff { called_off },
    }
    EventChange {
        Planned(plan),
        Replanned(plan),
        Briefed(before),
        Staffed(team),
        SpecialistAsked(specialist),
        Logged(entry),
        Confirmed(hour),
        HourDeclined(specialist, grounds),
        Screened(person, found, grounds),
        Arrested(person),
        SubjectAdded(subject),
        AgeLearned(person, age),
        SubjectIsVictim(person, age),
        Checked(checked),
        Approved,
        Arrived,
        Started,
        Finished,
        CalledOff(grounds),
    }
}

/// A subject is kept with the matter, and read back through the rule that refuses children.
impl Body for Subject {
    fn write(&self) -> Value {
        object([
            ("person", self.person().write()),
            ("age", self.age().write()),
            ("matter", self.matter().write()),
        ])
    }

    fn read(value: &Value) -> Read<Subject> {
        Subject::new(part(value, "person")?, part(value, "age")?, part(value, "matter")?)
            .map_err(|refused| Broken(refused.to_string()))
    }
}

impl Noun for Event {
    const KIND: Kind = Kind::Event;
    const NOUN: &'static str = "event";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        let EventParts { team, asked, .. } = self.parts();
        let named = team.supervisor.iter().chain(asked).chain(&team.staff).copied();
        resource.assigned = [self.planned.by].into_iter().chain(named).collect();
        resource.assigned.sort_unstable();
        resource.assigned.dedup();
    }

    fn write(&self) -> Value {
        object([
            ("operation", self.operation.write()),
            ("initiative", self.initiative.write()),
            ("kind", self.kind.write()),
            ("matter", self.matter.write()),
            ("may_meet_child", self.says_may_meet_child().write()),
            ("planned", self.planned.write()),
            ("plan", self.plan().write()),
            ("parts", self.parts().write()),
            ("subjects", self.subjects().to_vec().write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Event> {
        let parts: EventParts = part(body, "parts")?;
        let whole = (part(body, "operation")?, part(body, "initiative")?);
        let what = (part(body, "kind")?, part(body, "matter")?, part(body, "may_meet_child")?);
        let plan = (part(body, "plan")?, parts.brief.clone());
        let id = EventId::from_bits(bits);
        let (event, _) = Event::plan_new(id, whole, what, plan, parts.check, part(body, "planned")?);
        let subjects: Vec<Subject> = part(body, "subjects")?;
        event.stored(parts, &subjects, part(body, "state")?).map_err(|bad| Broken(bad.to_string()))
    }

    /// Found by its operation and initiative, and by the lead that it serves.
    fn of(&self) -> Vec<u128> {
        let whole = [self.operation.bits()].into_iter().chain(self.initiative.map(InitiativeId::bits));
        whole.chain(self.parts().brief.lead.map(LeadId::bits)).collect()
    }
}

impl Store {
    /// One event.
    pub async fn event(&self, context: &Context<'_>, id: EventId) -> Result<Held<Event>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Events that the actor may see, newest first.
    pub async fn events(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Event>> {
        self.list(context, listed).await
    }

    /// How many events the actor may see, by state.
    pub async fn count_events(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Event>(context, listed).await
    }

    /// Changes what an event is for.
    pub async fn rebrief_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        brief: Brief,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.rebrief(brief, stamp)?);
        self.change(context, Act::ReplanEvent, id.bits(), revision, step).await
    }

    /// Says who takes part in an event; they can then open it.
    pub async fn staff_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        team: Team,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.staff(team, stamp)?);
        self.change(context, Act::ReplanEvent, id.bits(), revision, step).await
    }

    /// Asks a victim specialist for an hour; they can then open the event.
    pub async fn ask_specialist(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        specialist: MemberId,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.ask_specialist(specialist, stamp)?);
        self.change(context, Act::ReplanEvent, id.bits(), revision, step).await
    }

    /// The victim specialist who was asked confirms to be there from an hour on.
    pub async fn confirm_specialist(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        from: Instant,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.confirm(from, stamp)?);
        self.change(context, Act::ConfirmSpecialist, id.bits(), revision, step).await
    }

    /// The victim specialist who was asked declines, or gives up a confirmed hour; the event is closed to them from then on.
    pub async fn decline_hour(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.decline(grounds, stamp)?);
        self.change(context, Act::ConfirmSpecialist, id.bits(), revision, step).await
    }

    /// Records that the victim specialist is on site.
    pub async fn specialist_arrives(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.arrive(stamp)?);
        self.change(context, Act::ConfirmSpecialist, id.bits(), revision, step).await
    }

    /// Records the age of a subject as it was learnt later; one who may have been a child is none any more.
    pub async fn learn_age_at_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        person: PersonId,
        age: AgeAt,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.learn_age(person, age, stamp)?);
        self.met(context, (Act::ReplanEvent, id, person), revision, step).await
    }

    /// Records an individual screening of a subject for trafficking.
    pub async fn screen_at_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (person, at): (PersonId, Instant),
        (found, how): (Screened, Grounds),
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.screen((person, at), found, how, stamp)?);
        self.met(context, (Act::NoteEvent, id, person), revision, step).await
    }

    /// Records the arrest of a subject, who was screened before it. It is claimed as a result of the agency.
    pub async fn arrest_at_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (person, at): (PersonId, Instant),
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.arrest(person, at, stamp)?);
        self.met(context, (Act::RunEvent, id, person), revision, step).await
    }

    /// A move about a person who is met; the claim of their arrest follows.
    async fn met(
        &self,
        context: &Context<'_>,
        (act, id, person): (Act, EventId, PersonId),
        revision: Revision,
        step: impl FnOnce(Event, Stamp) -> Result<(Event, Change<EventChange>)>,
    ) -> Result<Held<Event>> {
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.alter(act, id.bits(), revision, step).await?;
            fact_result::arrested(&mut write, act, &held, person).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Logs a contact of an event. An entry is never changed.
    pub async fn log_contact(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
        (at, who): (Instant, String),
        note: Grounds,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.log(at, who, note, stamp)?);
        self.change(context, Act::NoteEvent, id.bits(), revision, step).await
    }

    /// Ends an event.
    pub async fn finish_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Held<Event>> {
        let step = |event: Event, stamp| Ok(event.finish(stamp)?);
        self.change(context, Act::RunEvent, id.bits(), revision, step).await
    }
}
