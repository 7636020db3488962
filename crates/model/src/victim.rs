//! Victims: a child or adult in one event, with the age at that event, the victim specialist who stays with them, and the
//! steps that follow their recovery.

use crate::{
    AgeAt, Change, Clock, EventId, Grounds, Instant, LeadId, MemberId, MissingReportId, PersonId,
    RecoveryFacts, RecoveryKind, RecoveryStep, Refused, Span, Stamp, VictimId, recovery_clocks,
};

/// How a victim was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// When.
    pub at: Instant,
    /// In which event, if it was one.
    pub event: Option<EventId>,
    /// By which lead, if it was one.
    pub lead: Option<LeadId>,
}

/// Who stays with a victim from the moment they are recorded. Nobody is recovered without a specialist: that there is none
/// takes a reason, and stays in sight until there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// This victim specialist.
    With(MemberId),
    /// Nobody can come, and why.
    Nobody(Grounds),
}

/// A victim. The age is that at the event and is kept when a birthday passes: a child recovered stays a counted child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Victim {
    /// Its id.
    pub id: VictimId,
    /// The person.
    pub person: PersonId,
    /// The name, or what the person is called.
    pub called: String,
    /// The missing report that names the person, if one does.
    pub report: Option<MissingReportId>,
    /// How the person was met.
    pub met: Met,
    /// The age at that time.
    pub age: AgeAt,
    /// Who recorded it, and when.
    pub recorded: Stamp,
    specialist: Option<MemberId>,
    missing_since: Option<Instant>,
    recovered: Option<Instant>,
    steps: Vec<(RecoveryStep, Instant)>,
}

/// What changes in the life of a victim's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VictimCourse {
    /// The victim specialist.
    pub specialist: Option<MemberId>,
    /// Since when the person is missing again, by the last word on it.
    pub missing_since: Option<Instant>,
    /// The recovery from which the clock runs.
    pub recovered: Option<Instant>,
    /// Steps done, each with its time.
    pub steps: Vec<(RecoveryStep, Instant)>,
}

/// What changed about a victim.
#[derive(Clone, Debug, PartialEq)]
pub enum VictimChange {
    /// The person was recorded as a victim.
    Recorded(AgeAt, Pairing),
    /// A victim specialist was paired; the former one, if any, is named.
    Paired {
        /// Who stays with the victim from now on.
        specialist: MemberId,
        /// Who did before.
        before: Option<MemberId>,
    },
    /// A recovery fact was appended or withdrawn.
    FactsChanged(RecoveryKind),
    /// A step after the recovery was done.
    StepDone(RecoveryStep, Instant),
    /// A step was recorded by mistake.
    StepTakenBack(RecoveryStep, Grounds),
    /// The person is missing again.
    MissingAgain(Instant),
}

impl Victim {
    /// The word for where a victim stands with whom no victim specialist is.
    pub const ALONE: &'static str = "without a specialist";

    /// Most characters of what a person is called.
    pub const LONGEST_NAME: usize = 200;

    /// A member records a person as a victim, paired with a victim specialist in the same act.
    #[allow(clippy::too_many_arguments, reason = "all of it is said at once, and nothing of it later")]
    pub fn record(
        id: VictimId,
        person: PersonId,
        called: &str,
        report: Option<MissingReportId>,
        met: Met,
        age: AgeAt,
        pairing: Pairing,
        stamp: Stamp,
    ) -> Result<(Victim, Change<VictimChange>), Refused> {
        let called = called.trim();
        if called.is_empty() || called.chars().count() > Victim::LONGEST_NAME {
            let most = Victim::LONGEST_NAME;
            return Err(Refused::new("victim", format!("what they are called has 1 to {most} characters")));
        }
        if met.at > stamp.at {
            return Err(Refused::new("victim", format!("{} has not come yet", met.at)));
        }
        let specialist = match &pairing {
            Pairing::With(specialist) => Some(*specialist),
            Pairing::Nobody(_) => None,
        };
        let victim = Victim {
            id,
            person,
            called: called.to_owned(),
            report,
            met,
            age,
            recorded: stamp,
            specialist,
            missing_since: None,
            recovered: None,
            steps: Vec::new(),
        };
        Ok((victim, Change { stamp, what: VictimChange::Recorded(age, pairing) }))
    }

    /// The victim as the store kept it.
    #[must_use]
    pub fn stored(self, course: VictimCourse) -> Victim {
        let VictimCourse { specialist, missing_since, recovered, steps } = course;
        Victim { specialist, missing_since, recovered, steps, ..self }
    }

    /// What changes in the life of the record.
    pub fn course(&self) -> VictimCourse {
        let Victim { specialist, missing_since, recovered, .. } = *self;
        VictimCourse { specialist, missing_since, recovered, steps: self.steps.clone() }
    }

    /// Where the victim stands, in a word: what waits most comes first.
    pub const fn word(&self) -> &'static str {
        match (self.specialist, self.missing_since, self.recovered) {
            (None, _, _) => Victim::ALONE,
            (_, Some(_), None) => "missing again",
            (_, _, Some(_)) => "recovered",
            _ => "recorded",
        }
    }

    /// Who stays with the victim.
    pub const fn specialist(&self) -> Option<MemberId> {
        self.specialist
    }

    /// The recovery from which the clock runs.
    pub const fn recovered(&self) -> Option<Instant> {
        self.recovered
    }

    /// Since when the person is missing again, when nobody found them since.
    pub const fn missing_since(&self) -> Option<Instant> {
        if self.recovered.is_some() { None } else { self.missing_since }
    }

    /// The age at a later moment, as far as that at the meeting tells it.
    pub fn age_at(&self, at: Instant) -> AgeAt {
        match u8::try_from(at.years_since(self.met.at)) {
            Ok(years) if years > 0 => self.age.after_years(years),
            _ => self.age,
        }
    }

    /// Whether the victim counts as a child.
    pub const fn is_counted_as_child(&self) -> bool {
        self.age.may_be_child()
    }

    /// The clock of the steps after the recovery; none before it. What was done before the person went missing again is done,
    /// and does not count for the next recovery.
    pub fn clocks(&self, limit: impl Fn(RecoveryStep) -> Span) -> Vec<(RecoveryStep, Clock)> {
        let since = self.missing_since.unwrap_or(Instant(i64::MIN));
        let done: Vec<_> = self.steps.iter().filter(|(_, at)| *at >= since).copied().collect();
        self.recovered.map(|recovered| recovery_clocks(recovered, limit, &done)).unwrap_or_default()
    }

    /// Pairs the victim with a specialist. A victim is never left without one: pairing is only ever replaced.
    pub fn pair(self, specialist: MemberId, stamp: Stamp) -> (Victim, Change<VictimChange>) {
        let what = VictimChange::Paired { specialist, before: self.specialist };
        (Victim { specialist: Some(specialist), ..self }, Change { stamp, what })
    }

    /// Takes over what the recovery facts say now that one of a kind was appended or withdrawn: since when the person is
    /// recovered.
    pub fn reckon(
        self,
        facts: &RecoveryFacts,
        kind: RecoveryKind,
        stamp: Stamp,
    ) -> (Victim, Change<VictimChange>) {
        let since = self.missing_since.unwrap_or(Instant(i64::MIN));
        let recoveries = facts.standing().filter(|fact| fact.kind == RecoveryKind::Recovered);
        let recovered = recoveries.map(|fact| fact.happened).filter(|at| *at >= since).min();
        (Victim { recovered, ..self }, Change { stamp, what: VictimChange::FactsChanged(kind) })
    }

    /// Records that a step after the recovery was done.
    pub fn step(
        mut self,
        step: RecoveryStep,
        at: Instant,
        stamp: Stamp,
    ) -> Result<(Victim, Change<VictimChange>), Refused> {
        let refuse = |because: String| Err(Refused::new("step after a recovery", because));
        let Some(recovered) = self.recovered else {
            return refuse("the recovery is not recorded yet".to_owned());
        };
        if at > stamp.at {
            return refuse(format!("{at} has not come yet"));
        }
        if at < recovered {
            return refuse(format!("{at} is before the recovery, {recovered}"));
        }
        self.steps.push((step, at));
        Ok((self, Change { stamp, what: VictimChange::StepDone(step, at) }))
    }

    /// Takes back a step that was recorded by mistake.
    pub fn take_back(
        mut self,
        step: RecoveryStep,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Result<(Victim, Change<VictimChange>), Refused> {
        let recovered = self.recovered.unwrap_or(Instant(i64::MAX));
        let before = self.steps.len();
        self.steps.retain(|(known, at)| *known != step || *at < recovered);
        if self.steps.len() == before {
            return Err(Refused::new("correction", format!("`{step}` was not recorded")));
        }
        Ok((self, Change { stamp, what: VictimChange::StepTakenBack(step, grounds) }))
    }

    /// Records that the person is missing again.
    pub fn go_missing(self, since: Instant, stamp: Stamp) -> Result<(Victim, Change<VictimChange>), Refused> {
        if since > stamp.at {
            return Err(Refused::new("missing again", format!("{since} has not come yet")));
        }
        let victim = Victim { missing_since: Some(since), recovered: None, ..self };
        Ok((victim, Change { stamp, what: VictimChange::MissingAgain(since) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp};
    use crate::{RecoveryFact, RecoveryFactId};

    fn recorded(pairing: Pairing) -> Victim {
        let met = Met { at: stamp(0).at, event: None, lead: None };
        Victim::record(id(1), id(2), " R. ", None, met, AgeAt::Known(15), pairing, stamp(0)).unwrap().0
    }

    fn facts(seconds: &[i64]) -> RecoveryFacts {
        let fact = |at: &i64| {
            let about = (id(1), AgeAt::Known(15));
            let happened = (RecoveryKind::Recovered, stamp(*at).at);
            let number: RecoveryFactId = id(*at as u128);
            RecoveryFact::new(number, about, happened, id(2), grounds(), stamp(*at)).unwrap()
        };
        RecoveryFacts::stored(seconds.iter().map(fact).collect())
    }

    #[test]
    fn a_specialist_is_replaced_and_never_removed() {
        let victim = recorded(Pairing::Nobody(grounds()));
        assert_eq!((victim.word(), victim.called.as_str()), ("without a specialist", "R."));
        let (victim, _) = victim.pair(id(3), stamp(1));
        let (victim, change) = victim.pair(id(4), stamp(2));
        assert_eq!(change.what, VictimChange::Paired { specialist: id(4), before: Some(id(3)) });
        assert_eq!((victim.specialist(), victim.word()), (Some(id(4)), "recorded"));
    }

    #[test]
    fn a_clock_runs_from_the_recovery_and_anew_after_the_next() {
        let limit = |_| Span::minutes(1);
        let victim = recorded(Pairing::With(id(3)));
        assert!(victim.clocks(limit).is_empty());
        let early = victim.clone().step(RecoveryStep::Medical, stamp(5).at, stamp(5)).unwrap_err();
        assert_eq!(early.to_string(), "no step after a recovery: the recovery is not recorded yet");
        let (victim, _) = victim.reckon(&facts(&[10]), RecoveryKind::Recovered, stamp(10));
        let (victim, _) = victim.step(RecoveryStep::Medical, stamp(20).at, stamp(20)).unwrap();
        let met = |victim: &Victim| {
            let clocks = victim.clocks(limit);
            clocks.iter().find(|(step, _)| *step == RecoveryStep::Medical).and_then(|(_, clock)| clock.met)
        };
        assert_eq!((met(&victim), victim.word()), (Some(stamp(20).at), "recovered"));
        let (victim, _) = victim.go_missing(stamp(30).at, stamp(31)).unwrap();
        assert_eq!((victim.word(), victim.clocks(limit).len()), ("missing again", 0));
        let (victim, _) = victim.reckon(&facts(&[10, 40]), RecoveryKind::Recovered, stamp(40));
        assert_eq!((victim.recovered(), met(&victim)), (Some(stamp(40).at), None));
    }

    #[test]
    fn a_mistaken_step_is_taken_back() {
        let victim = recorded(Pairing::With(id(3)));
        let (victim, _) = victim.reckon(&facts(&[10]), RecoveryKind::Recovered, stamp(10));
        assert!(victim.clone().step(RecoveryStep::Medical, stamp(9).at, stamp(20)).is_err());
        let (victim, _) = victim.step(RecoveryStep::Medical, stamp(20).at, stamp(20)).unwrap();
        let (victim, _) = victim.take_back(RecoveryStep::Medical, grounds(), stamp(21)).unwrap();
        assert!(victim.take_back(RecoveryStep::Medical, grounds(), stamp(22)).is_err());
    }
}
