//! Victims: who was met, as a child or an adult, with the specialist who stays with them and the steps after their recovery.
//! Each names a person and is encrypted under a key of its own.

use crate::body::{Body, Broken, Read, enums, object, part, structs};
use crate::job::Job;
use crate::notification::{Notice, tell};
use crate::record::{Held, Noun, Revision, first_due, there};
use crate::recovery;
use crate::write::Write;
use crate::{
    Context, Count, Listed, Outside, Page, Restriction, Result, Store, emergency, service_plan, wall,
};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgeAt, AgencyId, EventId, Grounds, Instant, LeadId, MemberId, Met, MissingReportId, NoticeKind, Pairing,
    PersonId, RecoveryStep, Victim, VictimChange, VictimCourse, VictimId, following,
};
use homeward_rules::record::RecordRules;
use serde_json::Value;

structs! {
    Met { at, event, lead }
    VictimCourse { specialist, missing_since, recovered, steps }
}
enums! {
    Pairing { With(specialist), Nobody(grounds) }
    VictimChange {
        Recorded(age, pairing),
        Paired { specialist, before },
        FactsChanged(kind),
        StepDone(step, at),
        StepTakenBack(step, grounds),
        MissingAgain(since),
    }
}

impl Noun for Victim {
    const KIND: Kind = Kind::Victim;
    const NOUN: &'static str = "victim";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.word().clone_into(&mut resource.state);
        resource.assigned = vec![self.recorded.by];
        resource.assigned.extend(self.specialist().filter(|specialist| *specialist != self.recorded.by));
    }

    /// The first step after the recovery that is not done.
    fn due(&self) -> Option<Instant> {
        let clocks = self.clocks(|step| RecordRules::embedded().clocks.recovery_limit(step));
        first_due(clocks.into_iter().map(|(_, clock)| clock))
    }

    fn write(&self) -> Value {
        object([
            ("person", self.person.write()),
            ("called", self.called.write()),
            ("report", self.report.write()),
            ("met", self.met.write()),
            ("age", self.age.write()),
            ("recorded", self.recorded.write()),
            ("course", self.course().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Victim> {
        let called: String = part(body, "called")?;
        let (report, met, age) = (part(body, "report")?, part(body, "met")?, part(body, "age")?);
        let (person, recorded) = (part(body, "person")?, part(body, "recorded")?);
        let course: VictimCourse = part(body, "course")?;
        // Recording needs a pairing only for its change, which is not wanted here.
        let pairing = Pairing::With(MemberId::from_bits(0));
        let id = VictimId::from_bits(bits);
        let victim = Victim::record(id, person, &called, report, met, age, pairing, recorded);
        Ok(victim.map_err(|refused| Broken(refused.to_string()))?.0.stored(course))
    }

    /// The report that names the person: who is missing again by the report is missing again as a victim. And the event or lead
    /// by which they were met: the board of an event says who has no specialist.
    fn of(&self) -> Vec<u128> {
        let (report, met) = (self.report.map(MissingReportId::bits), self.met);
        let met = [met.event.map(EventId::bits), met.lead.map(LeadId::bits)];
        report.into_iter().chain(met.into_iter().flatten()).collect()
    }
}

/// A person who was met, as somebody writes it down.
#[derive(Clone, Debug, PartialEq)]
pub struct NewVictim {
    /// The id, made by the client: the same victim sent again is one.
    pub id: VictimId,
    /// The person; the one whom the report names when there is one.
    pub person: PersonId,
    /// The name, or what the person is called.
    pub called: String,
    /// The missing report that names the person.
    pub report: Option<MissingReportId>,
    /// How the person was met.
    pub met: Met,
    /// The age at that time.
    pub age: AgeAt,
    /// Who stays with them, or why nobody can come.
    pub pairing: Pairing,
}

impl Store {
    /// Records a victim, paired with a victim specialist in the same act.
    pub async fn record_victim(&self, context: &Context<'_>, new: NewVictim) -> Result<Held<Victim>> {
        self.record_restricted_victim(context, new, Restriction::default()).await
    }

    /// The same, closed to others from the beginning.
    pub async fn record_restricted_victim(
        &self,
        context: &Context<'_>,
        new: NewVictim,
        restriction: Restriction,
    ) -> Result<Held<Victim>> {
        let mut write = self.write(context).await?;
        let done = async {
            let NewVictim { id, person, called, report, met, age, pairing } = new;
            let stamp = write.stamp()?;
            let (victim, change) = Victim::record(id, person, &called, report, met, age, pairing, stamp)?;
            let mut what = change.what.write();
            what["called"] = victim.called.write();
            what["report"] = report.write();
            let mut resource = Resource::owned(Kind::Victim, context.actor.organisation);
            restriction.close(&mut resource, context.actor.member);
            write.create(Act::RecordVictim, victim, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One victim.
    pub async fn victim(&self, context: &Context<'_>, id: VictimId) -> Result<Held<Victim>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Victims that the actor may see, newest first.
    pub async fn victims(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Victim>> {
        self.list(context, listed).await
    }

    /// How many victims the actor may see, by where they stand.
    pub async fn count_victims(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Victim>(context, listed).await
    }

    /// Pairs a victim with a specialist of an organisation, the first or another, and hands over what that organisation keeps
    /// of the victim.
    pub async fn pair_specialist(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        (specialist, organisation): (MemberId, AgencyId),
    ) -> Result<Held<Victim>> {
        let step = |victim: Victim, stamp| Ok(victim.pair(specialist, stamp));
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.alter(Act::PairSpecialist, id.bits(), revision, step).await?;
            if held.noun.specialist() == Some(specialist) {
                recovery::hand_over(&write, &held).await?;
                wall::hand_over(&write, id, (specialist, organisation)).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Records that a step after the recovery was done.
    pub async fn recovery_step(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        done: RecoveryStep,
        at: Instant,
    ) -> Result<Held<Victim>> {
        let step = |victim: Victim, stamp| Ok(victim.step(done, at, stamp)?);
        self.change(context, Act::KeepVictim, id.bits(), revision, step).await
    }

    /// Takes back a step that was recorded by mistake.
    pub async fn take_back_step(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        mistaken: RecoveryStep,
        grounds: Grounds,
    ) -> Result<Held<Victim>> {
        let step = |victim: Victim, stamp| Ok(victim.take_back(mistaken, grounds, stamp)?);
        self.change(context, Act::KeepVictim, id.bits(), revision, step).await
    }

    /// Records that a victim whom no missing report names is missing again. For the others the report says it.
    pub async fn victim_missing_again(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        since: Instant,
    ) -> Result<Held<Victim>> {
        let step = |victim: Victim, stamp| Ok(victim.go_missing(since, stamp)?);
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.alter(Act::KeepVictim, id.bits(), revision, step).await?;
            service_plan::reopen_all(&mut write, Act::KeepVictim, id, revision.request).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }
}

/// The kind of a job that looks whether a step after a recovery is overdue; its body is the victim's id.
pub const STEP_DUE: &str = "recovery step";

/// Queues a look at the moment at which each step of the clock is due.
pub(crate) async fn look_later(write: &Write<'_>, victim: &Victim) -> Result<()> {
    for (step, clock) in victim.clocks(|step| RecordRules::embedded().clocks.recovery_limit(step)) {
        let id = following(victim.id.bits(), clock.due.0 as u128, step.word());
        let (kind, body) = (STEP_DUE.to_owned(), victim.id.to_string());
        let due = Instant(clock.due.0.saturating_add(1));
        write.queue(&Job { id, kind, body, due, tries: 0 }).await?;
    }
    Ok(())
}

impl Store {
    /// Tells the specialist and the supervisors of a victim's organisation of each step that is overdue, once; a worker calls
    /// it. How many were told.
    pub async fn remind_of_steps(&self, outside: Outside<'_>, id: VictimId) -> Result<usize> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let Some(held) = there(write.find::<Victim>(id.bits()).await)? else { return Ok(0) };
            let owner = held.resource.owner;
            let mut to = emergency::supervisors(&write, owner, outside.now).await?;
            to.extend(held.noun.specialist());
            let clocks = held.noun.clocks(|step| RecordRules::embedded().clocks.recovery_limit(step));
            let overdue =
                clocks.iter().filter(|(_, clock)| clock.met.is_none() && clock.is_overdue(outside.now));
            let mut told = 0;
            for (step, clock) in overdue {
                let cause = following(id.bits(), clock.due.0 as u128, step.word());
                for member in &to {
                    let (noun, about) = (Victim::NOUN, id.to_string());
                    let notice =
                        Notice { cause, to: *member, agency: owner, kind: NoticeKind::Clock, noun, about };
                    tell(&mut write, "notify", notice, outside.now).await?;
                    told += 1;
                }
            }
            Ok(told)
        };
        let done = done.await;
        write.finish(done).await
    }
}

/// What follows for the victims whom a report names from the child being missing again.
pub(crate) async fn missing_again(
    write: &mut Write<'_>,
    report: MissingReportId,
    request: u128,
    since: Instant,
) -> Result<()> {
    for held in write.belonging::<Victim>(report.bits()).await? {
        let request = following(request, held.noun.id.bits(), "missing again");
        let revision = Revision { seen: held.version, request };
        let step = |victim: Victim, stamp| Ok(victim.go_missing(since, stamp)?);
        let held = write.alter_held(Act::LocateReport, held, revision, step).await?;
        service_plan::reopen_all(write, Act::LocateReport, held.noun.id, revision.request).await?;
    }
    Ok(())
}
