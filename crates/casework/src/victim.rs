//! Victims and what happened to them: recorded with a specialist, the five facts, the clock after a recovery, missing again.

use crate::written::Problems;
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble, records};
use homeward_model::{
    AgeAt, AgencyId, Clock, EventId, Grounds, Instant, LeadId, MemberId, Met, MissingReport, MissingReportId,
    NoticeKind, Pairing, PersonId, RecoveryFact, RecoveryFactId, RecoveryKind, RecoveryStep, Role, Victim,
    VictimId, following,
};
use homeward_rules::record::RecordRules;
use homeward_store::history::Step;
use homeward_store::recovery::NewFact;
use homeward_store::victim::NewVictim;

/// A step after a recovery, with its clock.
#[derive(Clone, Debug, PartialEq)]
pub struct StepClock {
    /// The step.
    pub step: RecoveryStep,
    /// Beginning, end, and when it was done.
    pub clock: Clock,
    /// The law or policy.
    pub cite: &'static str,
}

/// The clock after a recovery; empty before one.
pub fn step_clocks(victim: &Victim) -> Vec<StepClock> {
    let rules = &RecordRules::embedded().clocks;
    let clocks = victim.clocks(|step| rules.recovery_limit(step));
    clocks
        .into_iter()
        .map(|(step, clock)| StepClock { step, clock, cite: &rules.recovery_rule(step).cite })
        .collect()
}

/// The first step after the recovery that is not done.
pub fn next_step(victim: &Victim) -> Option<StepClock> {
    let open = step_clocks(victim).into_iter().filter(|one| one.clock.met.is_none());
    open.min_by_key(|one| one.clock.due)
}

/// Steps of a victim that are due and not done.
pub fn overdue_steps(victim: &Victim, now: Instant) -> Vec<RecoveryStep> {
    let overdue = |one: &StepClock| one.clock.met.is_none() && one.clock.is_overdue(now);
    step_clocks(victim).into_iter().filter(overdue).map(|one| one.step).collect()
}

/// A person who was met, as somebody types it.
#[derive(Clone, Debug, Default)]
pub struct WrittenVictim {
    /// The name, or what the person is called; with a report, its name when this is empty.
    pub called: String,
    /// Id of the missing report that names the person.
    pub report: String,
    /// When they were met; empty: now.
    pub met_at: String,
    /// Id of the event, if it was one.
    pub event: String,
    /// Id of the lead, if it was one.
    pub lead: String,
    /// `15`, `14-17`, `unknown` or `adult`; with a report, its age when this is empty.
    pub age: String,
    /// Id of the victim specialist.
    pub specialist: String,
    /// Why no specialist can come, when none is named.
    pub without: String,
}

/// The age that a person is said to have.
fn age(text: &str) -> Option<AgeAt> {
    let years = |text: &str| text.trim().parse::<u8>().ok().filter(|years| *years <= 120);
    match text {
        "unknown" => Some(AgeAt::UnknownPossiblyChild),
        "adult" => Some(AgeAt::UnknownAdult),
        text => match text.split_once('-') {
            Some((least, most)) => {
                let (least, most) = (years(least)?, years(most)?);
                (least <= most).then_some(AgeAt::Between(least, most))
            }
            None => years(text).map(AgeAt::Known),
        },
    }
}

/// The age by a report, at the moment of the meeting.
fn age_by(report: &MissingReport, at: Instant) -> AgeAt {
    match (report.date_of_birth, report.age_when_missing) {
        (Some(born), _) => {
            u8::try_from(at.years_since(born)).map_or(AgeAt::UnknownPossiblyChild, AgeAt::Known)
        }
        (None, Some(age)) => AgeAt::Known(age),
        _ => AgeAt::UnknownPossiblyChild,
    }
}

impl WrittenVictim {
    fn read(
        &self,
        id: VictimId,
        report: Option<(MissingReportId, &MissingReport)>,
        now: Instant,
    ) -> Result<NewVictim> {
        let mut problems = Problems::default();
        let said = problems.text("called", &self.called, Victim::LONGEST_NAME);
        let called = match report {
            Some((_, report)) if said.is_empty() => {
                format!("{} {}", report.given_name, report.family_name).trim().to_owned()
            }
            _ => said,
        };
        if called.is_empty() {
            problems.note("`called`: say the name, or what the person is called");
        }
        let at = problems.moment("met at", &self.met_at).unwrap_or(now);
        let event: Option<EventId> = problems.word("event", &self.event, |text| text.parse().ok());
        let lead: Option<LeadId> = problems.word("lead", &self.lead, |text| text.parse().ok());
        let specialist: Option<MemberId> =
            problems.word("specialist", &self.specialist, |text| text.parse().ok());
        let told = problems.word("age", &self.age, age);
        let age = told.unwrap_or_else(|| match report {
            Some((_, report)) => age_by(report, at),
            None => AgeAt::UnknownPossiblyChild,
        });
        let without = problems.text("without", &self.without, Grounds::MOST);
        let pairing = match (specialist, Grounds::new(&without)) {
            (Some(specialist), _) => Some(Pairing::With(specialist)),
            (None, Ok(grounds)) => Some(Pairing::Nobody(grounds)),
            (None, Err(_)) => {
                problems.note(
                    "nobody is recovered without a victim specialist: choose one, or say why none can come",
                );
                None
            }
        };
        let report = report.map(|(id, _)| id);
        let person = report
            .map_or_else(|| PersonId::from_bits(following(id.bits(), 0, "person")), PersonId::of_report);
        // Without a pairing a problem was noted.
        let pairing = pairing.unwrap_or(Pairing::With(MemberId::from_bits(0)));
        let met = Met { at, event, lead };
        problems.or(NewVictim { id, person, called, report, met, age, pairing })
    }
}

impl Casework {
    /// Records a victim with a victim specialist, who is told; or with the reason why none can come, and then every supervisor
    /// and specialist of the organisation is told.
    pub async fn record_victim(
        &self,
        context: &Context<'_>,
        id: VictimId,
        written: &WrittenVictim,
    ) -> Result<Done<Held<Victim>>> {
        let report = match written.report.trim() {
            "" => None,
            text => {
                let id =
                    text.parse().map_err(|_| Trouble::invalid("`report` is no id of a missing report"))?;
                Some(self.store().report(context, id).await?)
            }
        };
        let named = report.as_ref().map(|held| (held.noun.id, held.noun.report()));
        let new = written.read(id, named, context.now)?;
        if let Pairing::With(specialist) = new.pairing {
            self.specialist(context, specialist).await?;
        }
        let record = self.store().record_victim(context, new).await?;
        let own = context.actor.organisation;
        let (kind, to) = if let Some(specialist) = record.noun.specialist() {
            (NoticeKind::Assigned, vec![(specialist, own)])
        } else {
            let jobs = [Role::Supervisor, Role::VictimSpecialist];
            let who = self.who(context.now).await?;
            let to = who.members_of(own, &jobs).into_iter().map(|member| (member.id, own)).collect();
            (NoticeKind::NoSpecialist, to)
        };
        let told = self.tell(context, id.bits(), kind, "victim", id, to).await?;
        Ok(Done { record, told })
    }

    /// The organisation of an active victim specialist.
    async fn specialist(&self, context: &Context<'_>, id: MemberId) -> Result<AgencyId> {
        let who = self.who(context.now).await?;
        let known = who
            .known_member(id)
            .filter(|member| member.active && member.roles.contains(&Role::VictimSpecialist));
        known
            .map(|member| member.agency)
            .ok_or_else(|| Trouble::invalid("choose an active victim specialist"))
    }

    /// Pairs a victim with a specialist, the first or another; both are told.
    pub async fn pair_specialist(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        specialist: MemberId,
    ) -> Result<Done<Held<Victim>>> {
        let organisation = self.specialist(context, specialist).await?;
        let record = self.store().pair_specialist(context, id, revision, (specialist, organisation)).await?;
        let to = vec![(specialist, record.resource.owner)];
        let told = self.tell(context, revision.request, NoticeKind::Assigned, "victim", id, to).await?;
        Ok(Done { record, told })
    }

    /// Victims that the actor may see, newest first.
    pub async fn victims(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Victim>> {
        Ok(self.store().victims(context, listed).await?)
    }

    /// Those of them who were recovered and have a step that is overdue.
    pub async fn overdue_victims(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Victim>> {
        let recovered = Listed { states: vec!["recovered".to_owned()], ..listed.clone() };
        self.victims(context, &recovered.overdue(context.now)).await
    }

    /// Victims whom a report names, or who were met in an event or by a lead, by its bits; none for somebody who may see none.
    pub async fn victims_of(&self, context: &Context<'_>, of: u128) -> Result<Vec<Held<Victim>>> {
        records(self.victims(context, &Listed { of: Some(of), limit: 500, ..Listed::default() }).await)
    }

    /// One victim.
    pub async fn victim(&self, context: &Context<'_>, id: VictimId) -> Result<Held<Victim>> {
        Ok(self.store().victim(context, id).await?)
    }

    /// What happened to a victim's record, oldest first.
    pub async fn victim_history(&self, context: &Context<'_>, id: VictimId) -> Result<Vec<Step>> {
        Ok(self.store().victim_history(context, id).await?)
    }

    /// The facts about a victim that the actor may see, newest first.
    pub async fn facts_of(&self, context: &Context<'_>, id: VictimId) -> Result<Vec<Held<RecoveryFact>>> {
        let of = Listed { of: Some(id.bits()), limit: 500, ..Listed::default() };
        Ok(self.store().recovery_facts(context, &of).await?.records)
    }

    /// Appends a fact about a victim, of the actor's agency.
    pub async fn record_recovery(
        &self,
        context: &Context<'_>,
        id: RecoveryFactId,
        victim: VictimId,
        (kind, happened): (RecoveryKind, Option<Instant>),
        evidence: Grounds,
    ) -> Result<Done<Held<RecoveryFact>>> {
        let happened = happened.unwrap_or(context.now);
        let new = NewFact { id, victim, kind, happened, evidence };
        let record = self.store().record_recovery(context, new).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// A second member confirms a fact.
    pub async fn confirm_recovery(
        &self,
        context: &Context<'_>,
        id: RecoveryFactId,
        revision: Revision,
    ) -> Result<Held<RecoveryFact>> {
        Ok(self.store().confirm_recovery(context, id, revision).await?)
    }

    /// One recovery fact.
    pub async fn recovery_fact(
        &self,
        context: &Context<'_>,
        id: RecoveryFactId,
    ) -> Result<Held<RecoveryFact>> {
        Ok(self.store().recovery_fact(context, id).await?)
    }

    /// Withdraws a mistaken fact.
    pub async fn withdraw_recovery(
        &self,
        context: &Context<'_>,
        id: RecoveryFactId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<RecoveryFact>> {
        Ok(self.store().withdraw_recovery(context, id, revision, grounds).await?)
    }

    /// Records that a step after the recovery was done.
    pub async fn recovery_step(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        (step, at): (RecoveryStep, Option<Instant>),
    ) -> Result<Held<Victim>> {
        Ok(self.store().recovery_step(context, id, revision, step, at.unwrap_or(context.now)).await?)
    }

    /// Takes back a step that was recorded by mistake.
    pub async fn take_back_step(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        step: RecoveryStep,
        grounds: Grounds,
    ) -> Result<Held<Victim>> {
        Ok(self.store().take_back_step(context, id, revision, step, grounds).await?)
    }

    /// Records that a victim is missing again: through the report that names them when there is one and the actor keeps it, so
    /// that the report goes on too.
    pub async fn victim_missing_again(
        &self,
        context: &Context<'_>,
        id: VictimId,
        revision: Revision,
        since: Option<Instant>,
    ) -> Result<Done<Held<Victim>>> {
        let since = since.unwrap_or(context.now);
        let held = self.store().victim(context, id).await?;
        let report = match held.noun.report {
            Some(report) => self.store().report(context, report).await.ok(),
            None => None,
        };
        let record = match report.filter(|report| report.noun.state().word() == "located") {
            Some(report) => {
                if held.version != revision.seen {
                    let (seen, now) = (revision.seen, held.version);
                    return Err(Trouble::Conflict { noun: "victim", seen, now, by: None, at: context.now });
                }
                let of_report = Revision { seen: report.version, request: revision.request };
                self.store().report_missing_again(context, report.noun.id, of_report, since).await?;
                self.store().victim(context, id).await?
            }
            None => self.store().victim_missing_again(context, id, revision, since).await?,
        };
        let owner = record.resource.owner;
        let who = self.who(context.now).await?;
        let mut to: Vec<_> =
            who.members_of(owner, &[Role::Supervisor]).iter().map(|member| (member.id, owner)).collect();
        to.extend(record.noun.specialist().map(|specialist| (specialist, owner)));
        let told = self.tell(context, revision.request, NoticeKind::Clock, "victim", id, to).await?;
        Ok(Done { record, told })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &WrittenVictim) -> Result<NewVictim> {
        written.read(VictimId::from_bits(1), None, Instant::parse("2026-11-24").unwrap())
    }

    #[test]
    fn ages_are_read_as_people_say_them() {
        for (text, expected) in [
            ("15", Some(AgeAt::Known(15))),
            ("14-17", Some(AgeAt::Between(14, 17))),
            ("17 - 14", None),
            ("unknown", Some(AgeAt::UnknownPossiblyChild)),
            ("adult", Some(AgeAt::UnknownAdult)),
            ("young", None),
        ] {
            assert_eq!(age(text), expected, "{text}");
        }
    }

    #[test]
    fn nobody_is_recorded_without_a_specialist_or_a_reason() {
        let written = WrittenVictim { called: "R.".into(), ..WrittenVictim::default() };
        let said = read(&written).unwrap_err().to_string();
        assert!(said.contains("nobody is recovered without a victim specialist"), "{said}");
        let because = WrittenVictim { without: "both are at another event".into(), ..written };
        assert!(matches!(read(&because).unwrap().pairing, Pairing::Nobody(_)));
        let said = read(&WrittenVictim { event: "the motel".into(), ..because }).unwrap_err().to_string();
        assert!(said.contains("`event`"), "{said}");
    }
}
