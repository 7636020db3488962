//! Recovery facts: identified, located, recovered, entry cleared and adult assisted are five different dated facts about
//! one victim. They are appended, never edited; a mistaken one is withdrawn with a reason.

use crate::words::words;
use crate::{
    AgeAt, AgencyId, Change, Clock, Grounds, Instant, RecoveryFactId, Refused, Span, Stamp, VictimId,
};

words! {
    /// What happened.
    RecoveryKind {
        /// We know who the child is.
        Identified = "identified",
        /// We know where the child is, and that the child is safe.
        Located = "located",
        /// The child was taken out of danger.
        Recovered = "recovered",
        /// The entry of the missing report was cleared.
        EntryCleared = "entry cleared",
        /// An adult was offered help.
        AdultAssisted = "adult assisted",
    }
}

/// One dated fact.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryFact {
    /// Its id, made where it was written down, so that sending it twice makes one fact.
    pub id: RecoveryFactId,
    /// About whom.
    pub victim: VictimId,
    /// What happened.
    pub kind: RecoveryKind,
    /// When.
    pub happened: Instant,
    /// The agency that did it.
    pub agency: AgencyId,
    /// What it rests on.
    pub evidence: Grounds,
    /// Who wrote it down, and when.
    pub recorded: Stamp,
    confirmed: Option<Stamp>,
    withdrawn: Option<(Stamp, Grounds)>,
}

impl RecoveryFact {
    /// A fact about a victim of an age. Help to an adult is never a fact about a child, and no fact lies in the future.
    pub fn new(
        id: RecoveryFactId,
        (victim, age): (VictimId, AgeAt),
        (kind, happened): (RecoveryKind, Instant),
        agency: AgencyId,
        evidence: Grounds,
        recorded: Stamp,
    ) -> Result<RecoveryFact, Refused> {
        if kind == RecoveryKind::AdultAssisted && age.may_be_child() {
            return Err(Refused::new(
                "recovery fact",
                format!("`{kind}` cannot be said of a possible child ({age})"),
            ));
        }
        if happened > recorded.at {
            return Err(Refused::new("recovery fact", format!("{happened} has not come yet")));
        }
        let (confirmed, withdrawn) = (None, None);
        Ok(RecoveryFact { id, victim, kind, happened, agency, evidence, recorded, confirmed, withdrawn })
    }

    /// Who confirmed it besides the member who wrote it down, and when.
    pub const fn confirmed(&self) -> Option<Stamp> {
        self.confirmed
    }

    /// Who withdrew it, when and why.
    pub const fn withdrawn(&self) -> Option<&(Stamp, Grounds)> {
        self.withdrawn.as_ref()
    }

    /// The fact as the store kept it.
    #[must_use]
    pub fn stored(self, confirmed: Option<Stamp>, withdrawn: Option<(Stamp, Grounds)>) -> RecoveryFact {
        RecoveryFact { confirmed, withdrawn, ..self }
    }

    /// The word for where it stands.
    pub const fn word(&self) -> &'static str {
        match (&self.withdrawn, self.confirmed) {
            (Some(_), _) => "withdrawn",
            (None, Some(_)) => "confirmed",
            (None, None) => "recorded",
        }
    }

    /// A second member confirms it.
    pub fn confirm(self, stamp: Stamp) -> Result<(RecoveryFact, Change<RecoveryChange>), Refused> {
        let refuse = |because: &str| Err(Refused::new("confirmation of a recovery fact", because));
        if self.withdrawn.is_some() {
            return refuse("it is withdrawn");
        }
        if self.confirmed.is_some() {
            return refuse("it is confirmed already");
        }
        if self.recorded.by == stamp.by {
            return refuse("whoever wrote it down does not confirm it");
        }
        let what = RecoveryChange::Confirmed(self.id);
        Ok((RecoveryFact { confirmed: Some(stamp), ..self }, Change { stamp, what }))
    }

    /// Withdraws it as a mistake; it stays where it is, marked.
    pub fn withdraw(
        self,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Result<(RecoveryFact, Change<RecoveryChange>), Refused> {
        if self.withdrawn.is_some() {
            return Err(Refused::new("withdrawal of a recovery fact", "it is withdrawn already"));
        }
        let what = RecoveryChange::Withdrawn(self.id, grounds.clone());
        Ok((RecoveryFact { withdrawn: Some((stamp, grounds)), ..self }, Change { stamp, what }))
    }
}

/// What changed in the list of facts.
#[derive(Clone, Debug, PartialEq)]
pub enum RecoveryChange {
    /// A fact was appended.
    Appended(RecoveryFact),
    /// A fact was confirmed.
    Confirmed(RecoveryFactId),
    /// A fact was withdrawn.
    Withdrawn(RecoveryFactId, Grounds),
}

/// All facts about one victim, in the order in which they were appended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecoveryFacts(Vec<RecoveryFact>);

impl RecoveryFacts {
    /// The facts as the store kept them.
    pub fn stored(facts: Vec<RecoveryFact>) -> RecoveryFacts {
        RecoveryFacts(facts)
    }

    /// Every fact, withdrawn ones too.
    pub fn all(&self) -> &[RecoveryFact] {
        &self.0
    }

    /// Facts that stand.
    pub fn standing(&self) -> impl Iterator<Item = &RecoveryFact> {
        self.0.iter().filter(|fact| fact.withdrawn.is_none())
    }

    /// The first time that something happened, by the facts that stand.
    pub fn first(&self, kind: RecoveryKind) -> Option<Instant> {
        self.standing().filter(|fact| fact.kind == kind).map(|fact| fact.happened).min()
    }

    /// Appends a fact; one that is there already changes nothing.
    #[must_use]
    pub fn append(mut self, fact: RecoveryFact) -> (RecoveryFacts, Option<Change<RecoveryChange>>) {
        if self.0.iter().any(|known| known.id == fact.id) {
            return (self, None);
        }
        let change = Change { stamp: fact.recorded, what: RecoveryChange::Appended(fact.clone()) };
        self.0.push(fact);
        (self, Some(change))
    }

    /// Withdraws a mistaken fact; it stays in the list, marked.
    pub fn withdraw(
        mut self,
        id: RecoveryFactId,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Result<(RecoveryFacts, Change<RecoveryChange>), Refused> {
        let Some(fact) = self.0.iter_mut().find(|fact| fact.id == id) else {
            return Err(Refused::new("withdrawal of a recovery fact", "there is none of this id"));
        };
        let (withdrawn, change) = fact.clone().withdraw(grounds, stamp)?;
        *fact = withdrawn;
        Ok((self, change))
    }
}

words! {
    /// What must follow a recovery, in this order.
    RecoveryStep {
        /// A victim specialist is with the child.
        Specialist = "specialist present",
        /// The child is in a safe place.
        SafePlace = "safe place",
        /// Medical care was offered.
        Medical = "medical",
        /// Referred to a child advocacy centre for the interview.
        Interview = "interview",
        /// A service plan is written.
        Plan = "plan",
        /// First follow-up.
        FollowUp3 = "follow-up at 72 hours",
        /// Second follow-up.
        FollowUp30 = "follow-up at 30 days",
        /// Third follow-up.
        FollowUp90 = "follow-up at 90 days",
    }
}

/// The clocks that a recovery starts, by the limit of each step (numbers from rules) and the steps done so far.
pub fn recovery_clocks(
    recovered: Instant,
    limit: impl Fn(RecoveryStep) -> Span,
    done: &[(RecoveryStep, Instant)],
) -> Vec<(RecoveryStep, Clock)> {
    let clock = |step: RecoveryStep| {
        let met = done.iter().filter(|(known, _)| *known == step).map(|(_, at)| *at).min();
        (step, Clock { started: recovered, due: recovered.plus(limit(step)), met })
    };
    RecoveryStep::ALL.iter().map(|step| clock(*step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of};
    use proptest::prelude::*;

    fn fact(number: u128, kind: RecoveryKind, age: AgeAt, second: i64) -> Result<RecoveryFact, Refused> {
        RecoveryFact::new(id(number), (id(1), age), (kind, stamp(second).at), id(2), grounds(), stamp(50))
    }

    #[test]
    fn a_child_is_never_an_adult_assisted() {
        assert!(fact(1, RecoveryKind::AdultAssisted, AgeAt::UnknownPossiblyChild, 1).is_err());
        assert!(fact(1, RecoveryKind::AdultAssisted, AgeAt::Known(30), 1).is_ok());
        assert!(fact(1, RecoveryKind::Recovered, AgeAt::Known(15), 51).is_err());
    }

    #[test]
    fn a_fact_is_confirmed_by_another_and_once() {
        let fact = fact(1, RecoveryKind::Recovered, AgeAt::Known(15), 1).unwrap();
        assert!(fact.clone().confirm(stamp(51)).is_err());
        let (fact, _) = fact.confirm(stamp_of(7, 52)).unwrap();
        assert_eq!((fact.word(), fact.confirmed()), ("confirmed", Some(stamp_of(7, 52))));
        assert!(fact.clone().confirm(stamp_of(8, 53)).is_err());
        let (fact, _) = fact.withdraw(grounds(), stamp(54)).unwrap();
        assert!(fact.word() == "withdrawn" && fact.withdraw(grounds(), stamp(55)).is_err());
    }

    #[test]
    fn clocks_run_from_the_recovery() {
        let done = [(RecoveryStep::Specialist, Instant(60))];
        let clocks = recovery_clocks(Instant(0), |_| Span::hours(1), &done);
        assert_eq!(clocks.len(), RecoveryStep::ALL.len());
        assert_eq!(
            clocks[0].1,
            Clock { started: Instant(0), due: Instant(3_600_000_000), met: Some(Instant(60)) }
        );
        assert!(clocks[1].1.is_overdue(Instant(3_600_000_001)));
    }

    proptest! {
        /// Facts are only ever added: nothing that was appended is lost or changed but for its mark.
        #[test]
        fn nothing_is_lost(steps in proptest::collection::vec((any::<bool>(), 1u128..6), 0..30)) {
            let mut facts = RecoveryFacts::default();
            for (at, (withdraw, number)) in (1..).zip(steps) {
                let before = facts.all().to_vec();
                if withdraw {
                    if let Ok((next, _)) = facts.clone().withdraw(id(number), grounds(), stamp(at)) {
                        facts = next;
                    }
                } else {
                    facts = facts.append(fact(number, RecoveryKind::Located, AgeAt::Known(15), at).unwrap()).0;
                }
                prop_assert!(facts.all().len() >= before.len());
                for (old, new) in before.iter().zip(facts.all()) {
                    prop_assert_eq!(&old.clone().stored(None, None), &new.clone().stored(None, None));
                    prop_assert!(old.withdrawn().is_none() || old.withdrawn() == new.withdrawn());
                }
            }
        }
    }
}
