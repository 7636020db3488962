//! Cases: investigations opened on a predicate. `opened -> active -> charged -> disposed -> closed`, or declined.
//!
//! A child never becomes a subject in a matter of commercial sex; see [`Subjects`].

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgeAt, AgencyId, CaseId, Change, Grounds, LeadId, Learned, Matter, MemberId, Moved, PersonId, Refused,
    Stamp, Subject, Subjects,
};

/// Why an investigation may be opened: the facts, the crime, and who wrote and who accepted it.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// The crime, by its section of law.
    pub crime: String,
    /// The facts.
    pub facts: Grounds,
    /// Who wrote it, and when.
    pub written: Stamp,
    /// Who accepted it; never its author.
    accepted_by: MemberId,
}

impl Predicate {
    /// A predicate that someone other than its author accepted.
    pub fn new(
        crime: &str,
        facts: Grounds,
        written: Stamp,
        accepted_by: MemberId,
    ) -> Result<Predicate, Refused> {
        let crime = crime.trim().to_owned();
        if crime.is_empty() {
            return Err(Refused::new("predicate", "it names no crime"));
        }
        if accepted_by == written.by {
            return Err(Refused::new("predicate", "its author cannot accept it"));
        }
        Ok(Predicate { crime, facts, written, accepted_by })
    }

    /// Who accepted it.
    pub const fn accepted_by(&self) -> MemberId {
        self.accepted_by
    }
}

/// One charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whom it is against: a subject of the case.
    pub person: PersonId,
    /// The section of law.
    pub section: String,
}

words! {
    /// How a court or prosecutor ended a case.
    CaseDisposition {
        /// Convicted at trial.
        Convicted = "convicted",
        /// Pleaded guilty.
        Pleaded = "pleaded",
        /// Acquitted.
        Acquitted = "acquitted",
        /// Dismissed.
        Dismissed = "dismissed",
    }
}

/// The state of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseState {
    /// Opened on its predicate.
    Opened,
    /// Being investigated.
    Active {
        /// Who took it up, and when.
        since: Stamp,
    },
    /// Charged.
    Charged {
        /// At least one charge.
        charges: Vec<Charge>,
        /// Who recorded it, and when.
        charged: Stamp,
    },
    /// Ended by a court or prosecutor.
    Disposed {
        /// The charges.
        charges: Vec<Charge>,
        /// How.
        disposition: CaseDisposition,
        /// Who recorded it, and when.
        disposed: Stamp,
    },
    /// Closed.
    Closed {
        /// How it ended.
        disposition: CaseDisposition,
        /// Who closed it, and when.
        closed: Stamp,
    },
    /// Not pursued.
    Declined {
        /// Who declined it, and when.
        declined: Stamp,
    },
}

impl CaseState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            CaseState::Opened => "opened",
            CaseState::Active { .. } => "active",
            CaseState::Charged { .. } => "charged",
            CaseState::Disposed { .. } => "disposed",
            CaseState::Closed { .. } => "closed",
            CaseState::Declined { .. } => "declined",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [CaseMove] {
        use CaseMove::{AddSubject, Charge, Close, Decline, Dispose, LearnAge, TakeUp};
        match self {
            CaseState::Opened => &[TakeUp, AddSubject, LearnAge, Decline],
            CaseState::Active { .. } => &[AddSubject, LearnAge, Charge, Decline],
            CaseState::Charged { .. } => &[AddSubject, LearnAge, Charge, Dispose],
            CaseState::Disposed { .. } => &[LearnAge, Close],
            CaseState::Closed { .. } | CaseState::Declined { .. } => &[LearnAge],
        }
    }
}

machine! {
    /// Moves of a case.
    CaseMove of "a case": Case, CaseState, CaseChange {
        /// Take up the investigation.
        TakeUp = "take up" / "be taken up",
        /// Add a subject.
        AddSubject = "add a subject" / "get a subject",
        /// Record an age that was learnt.
        LearnAge = "record an age" / "have an age recorded",
        /// Record charges.
        Charge = "charge" / "be charged",
        /// Record how it ended.
        Dispose = "record the disposition" / "be disposed",
        /// Close it.
        Close = "close" / "be closed",
        /// Decline it.
        Decline = "decline" / "be declined",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseChange {
    /// It was opened on a predicate.
    Opened(Predicate),
    /// The investigation was taken up.
    TakenUp,
    /// A subject was added.
    SubjectAdded(Subject),
    /// An age was learnt; the person stays what they were.
    AgeLearned(PersonId, AgeAt),
    /// An age was learnt by which the person may have been a child: no subject any more, but a victim, and every charge
    /// against them is struck.
    SubjectIsVictim(PersonId, AgeAt),
    /// Charges were recorded.
    Charged(Vec<Charge>),
    /// It was disposed.
    Disposed(CaseDisposition),
    /// It was closed.
    Closed,
    /// It was declined.
    Declined(Grounds),
}

/// An investigation.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The agency that owns it.
    pub agency: AgencyId,
    /// The lead it came from.
    pub lead: Option<LeadId>,
    /// What it is about.
    pub matter: Matter,
    /// Why it was opened.
    pub predicate: Predicate,
    subjects: Subjects,
    state: CaseState,
}

impl Case {
    /// A member opens a case on a predicate.
    pub fn open(
        id: CaseId,
        agency: AgencyId,
        lead: Option<LeadId>,
        matter: Matter,
        predicate: Predicate,
        stamp: Stamp,
    ) -> (Case, Change<CaseChange>) {
        let change = Change { stamp, what: CaseChange::Opened(predicate.clone()) };
        let subjects = Subjects::none(matter);
        (Case { id, agency, lead, matter, predicate, subjects, state: CaseState::Opened }, change)
    }

    /// The case as the store kept it. Its subjects are held to the same rule as when they were added.
    pub fn stored(self, subjects: &[Subject], state: CaseState) -> Result<Case, Refused> {
        Ok(Case { subjects: Subjects::stored(self.matter, subjects)?, state, ..self })
    }

    /// Its subjects.
    pub fn subjects(&self) -> &[Subject] {
        self.subjects.list()
    }

    /// Takes up the investigation.
    pub fn take_up(self, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.legal(CaseMove::TakeUp)?;
        self.becomes(CaseState::Active { since: stamp }, CaseChange::TakenUp, stamp)
    }

    /// Adds a subject by the age at the time of the offence; refuses a person who may be a child where that is so.
    pub fn add_subject(mut self, person: PersonId, age: AgeAt, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.legal(CaseMove::AddSubject)?;
        let added = self.subjects.add(person, age);
        let subject = added.map_err(|refused| self.refuse(CaseMove::AddSubject, Some(refused.because)))?;
        let state = self.state.clone();
        self.becomes(state, CaseChange::SubjectAdded(subject), stamp)
    }

    /// Records the age of a subject at the time of the offence as it was learnt later, in any state. One who may have
    /// been a child is a subject no more, and the charges against them are struck; without a charge left a charged
    /// case is active again.
    pub fn learn_age(mut self, person: PersonId, age: AgeAt, stamp: Stamp) -> Moved<Case, CaseChange> {
        let learned = self.subjects.learn_age(person, age);
        let learned = learned.map_err(|refused| self.refuse(CaseMove::LearnAge, Some(refused.because)))?;
        let mut state = self.state.clone();
        if learned == Learned::StillSubject {
            return self.becomes(state, CaseChange::AgeLearned(person, age), stamp);
        }
        if let CaseState::Charged { charges, .. } | CaseState::Disposed { charges, .. } = &mut state {
            charges.retain(|charge| charge.person != person);
        }
        if matches!(&state, CaseState::Charged { charges, .. } if charges.is_empty()) {
            state = CaseState::Active { since: stamp };
        }
        self.becomes(state, CaseChange::SubjectIsVictim(person, age), stamp)
    }

    /// Records charges, each against a subject; further ones are added to those before.
    pub fn charge(self, further: Vec<Charge>, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.legal(CaseMove::Charge)?;
        self.rule(CaseMove::Charge, !further.is_empty(), "there is no charge")?;
        let known = |charge: &Charge| self.subjects.has(charge.person);
        self.rule(
            CaseMove::Charge,
            further.iter().all(known),
            "a charge is against somebody who is no subject",
        )?;
        let mut charges = match &self.state {
            CaseState::Charged { charges, .. } => charges.clone(),
            _ => Vec::new(),
        };
        charges.extend(further.iter().cloned());
        self.becomes(CaseState::Charged { charges, charged: stamp }, CaseChange::Charged(further), stamp)
    }

    /// Records how a court or prosecutor ended it.
    pub fn dispose(self, disposition: CaseDisposition, stamp: Stamp) -> Moved<Case, CaseChange> {
        let CaseState::Charged { charges, .. } = &self.state else {
            return Err(self.refuse(CaseMove::Dispose, None));
        };
        let next = CaseState::Disposed { charges: charges.clone(), disposition, disposed: stamp };
        self.becomes(next, CaseChange::Disposed(disposition), stamp)
    }

    /// Closes it.
    pub fn close(self, stamp: Stamp) -> Moved<Case, CaseChange> {
        let CaseState::Disposed { disposition, .. } = self.state else {
            return Err(self.refuse(CaseMove::Close, None));
        };
        self.becomes(CaseState::Closed { disposition, closed: stamp }, CaseChange::Closed, stamp)
    }

    /// Declines it.
    pub fn decline(self, grounds: Grounds, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.legal(CaseMove::Decline)?;
        self.becomes(CaseState::Declined { declined: stamp }, CaseChange::Declined(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{age, grounds, id, stamp, stamp_of};
    use proptest::prelude::*;

    fn case(matter: Matter) -> Case {
        let predicate = Predicate::new("18 U.S.C. 1591", grounds(), stamp(0), id(8)).unwrap();
        Case::open(id(1), id(2), None, matter, predicate, stamp(1)).0
    }

    #[test]
    fn a_predicate_names_a_crime_and_is_accepted_by_another() {
        assert!(Predicate::new(" ", grounds(), stamp(0), id(8)).is_err());
        let own = Predicate::new("18 U.S.C. 1591", grounds(), stamp_of(8, 0), id(8)).unwrap_err();
        assert_eq!(own.to_string(), "no predicate: its author cannot accept it");
    }

    #[test]
    fn a_child_is_refused_with_the_reason() {
        let refusal = case(Matter::CommercialSex).add_subject(id(5), AgeAt::Known(17), stamp(2)).unwrap_err();
        let expected = "a case that is opened cannot get a subject: in a matter of commercial sex a person who may be a \
                        child (17) is a victim; allowed: take up, add a subject, record an age, decline";
        assert_eq!(refusal.to_string(), expected);
    }

    #[test]
    fn a_subject_found_to_be_a_child_is_struck_with_the_charges() {
        let case = case(Matter::CommercialSex).add_subject(id(5), AgeAt::UnknownAdult, stamp(2)).unwrap().0;
        let case = case.take_up(stamp(3)).unwrap().0;
        let charge = Charge { person: id(5), section: "18 U.S.C. 1594".into() };
        let case = case.charge(vec![charge], stamp(4)).unwrap().0;
        let (case, change) = case.learn_age(id(5), AgeAt::Known(16), stamp(5)).unwrap();
        assert_eq!(change.what, CaseChange::SubjectIsVictim(id(5), AgeAt::Known(16)));
        assert_eq!((case.subjects().len(), case.state().word()), (0, "active"));
    }

    #[test]
    fn a_stored_case_holds_no_subject_of_another_matter() {
        let other = Subject::new(id(5), AgeAt::Known(16), Matter::Other).unwrap();
        assert!(case(Matter::CommercialSex).stored(&[other], CaseState::Opened).is_err());
    }

    fn attempt(
        case: Case,
        wanted: CaseMove,
        person: PersonId,
        age: AgeAt,
        stamp: Stamp,
    ) -> Moved<Case, CaseChange> {
        match wanted {
            CaseMove::TakeUp => case.take_up(stamp),
            CaseMove::AddSubject => case.add_subject(person, age, stamp),
            CaseMove::LearnAge => case.learn_age(person, age, stamp),
            CaseMove::Charge => case.charge(vec![Charge { person, section: "1".into() }], stamp),
            CaseMove::Dispose => case.dispose(CaseDisposition::Pleaded, stamp),
            CaseMove::Close => case.close(stamp),
            CaseMove::Decline => case.decline(grounds(), stamp),
        }
    }

    proptest! {
        /// However the moves are mixed: no subject may be a child, nobody is charged who is no subject, and only moves
        /// that the state allows succeed.
        #[test]
        fn a_child_never_becomes_a_subject(steps in proptest::collection::vec((0usize..7, 5u128..8, age()), 0..60)) {
            let mut case = case(Matter::CommercialSex);
            for (at, (step, person, age)) in (2..).zip(steps) {
                let wanted = CaseMove::ALL[step];
                match attempt(case.clone(), wanted, id(person), age, stamp(at)) {
                    Ok((next, _)) => {
                        prop_assert!(case.allowed().contains(&wanted));
                        case = next;
                    }
                    Err(refusal) => {
                        prop_assert!(!case.allowed().contains(&wanted) || refusal.because.is_some());
                    }
                }
                prop_assert!(case.subjects().iter().all(|subject| !subject.age().may_be_child()));
                if let CaseState::Charged { charges, .. } = case.state() {
                    let subject = |person| case.subjects().iter().any(|subject| subject.person() == person);
                    prop_assert!(!charges.is_empty() && charges.iter().all(|charge| subject(charge.person)));
                }
            }
        }
    }
}
