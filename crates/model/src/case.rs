//! Cases: investigations opened on a predicate. `opened -> accepted -> active -> charged -> disposed -> closed`, or declined.
//!
//! The author of a predicate opens the case; it is worked only once somebody else accepted the predicate. A child never
//! becomes a subject in a matter of commercial sex; see [`Subjects`]. What the file holds is in `case_file`.

use crate::exhibit::told;
use crate::moves::machine;
use crate::words::words;
use crate::{
    AgeAt, AgencyId, CaseEntry, CaseFile, CaseId, Change, Grounds, IllegalMove, Instant, KnownAge, LeadId,
    Learned, Matter, MemberId, Moved, PersonId, Refused, Stamp, Subject, Subjects,
};

/// Why an investigation is opened: the facts, the crime, who wrote it and who accepted it (28 CFR 23.20(a), (c)).
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// The crime, by its section of law.
    pub crime: String,
    /// The facts.
    pub facts: Grounds,
    /// Who wrote it, and when.
    pub written: Stamp,
    accepted: Option<Stamp>,
    certified: Option<Instant>,
}

impl Predicate {
    /// A predicate that nobody accepted yet.
    pub fn new(crime: &str, facts: Grounds, written: Stamp) -> Result<Predicate, Refused> {
        told("predicate", "the crime", crime, 200)?;
        Ok(Predicate { crime: crime.trim().to_owned(), facts, written, accepted: None, certified: None })
    }

    /// Somebody other than its author accepts it: a named officer who was trained in 28 CFR part 23, with the date of the
    /// certificate (28 CFR 23.20(c)).
    pub fn accept(self, certified: Instant, stamp: Stamp) -> Result<Predicate, Refused> {
        if stamp.by == self.written.by {
            return Err(Refused::new("predicate", "its author cannot accept it"));
        }
        if certified > stamp.at {
            return Err(Refused::new("predicate", "the certificate of who accepts it lies in the future"));
        }
        Ok(Predicate { accepted: Some(stamp), certified: Some(certified), ..self })
    }

    /// The date of the certificate of who accepted it; none for one that was accepted before it was asked for.
    pub const fn certified(&self) -> Option<Instant> {
        self.certified
    }

    /// Who accepted it, and when.
    pub const fn accepted(&self) -> Option<Stamp> {
        self.accepted
    }
}

words! {
    /// How a court or prosecutor ended a charge.
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

/// A charge as somebody records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// Whom it is against: a subject of the case.
    pub person: PersonId,
    /// The section of law.
    pub section: String,
    /// The count of the file that it rests on, by number.
    pub count: Option<u32>,
}

/// One charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Its number in the case, from 1; that of a struck charge is not used again.
    pub number: u32,
    /// Whom it is against, and under which section.
    pub what: Charged,
    /// How it ended, who recorded that, and when.
    pub ended: Option<(CaseDisposition, Stamp)>,
}

/// The state of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CaseState {
    /// Opened by the author of its predicate.
    Opened,
    /// Its predicate was accepted.
    Accepted,
    /// Being investigated.
    Active {
        /// Who took it up, and when.
        since: Stamp,
    },
    /// Charged.
    Charged {
        /// Who recorded the last charge, and when.
        charged: Stamp,
    },
    /// Every charge was ended by a court or prosecutor.
    Disposed {
        /// Who recorded the last of them, and when.
        disposed: Stamp,
    },
    /// Closed.
    Closed {
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
    /// Words of all states, in their order.
    pub const WORDS: [&'static str; 7] =
        ["opened", "accepted", "active", "charged", "disposed", "closed", "declined"];

    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            CaseState::Opened => "opened",
            CaseState::Accepted => "accepted",
            CaseState::Active { .. } => "active",
            CaseState::Charged { .. } => "charged",
            CaseState::Disposed { .. } => "disposed",
            CaseState::Closed { .. } => "closed",
            CaseState::Declined { .. } => "declined",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [CaseMove] {
        use CaseMove::{
            Accept, AddSubject, Assign, Charge, Close, Decline, Dispose, Enter, HandOver, LearnAge, Note,
            TakeUp, Unassign,
        };
        match self {
            CaseState::Opened => &[Accept, Assign, Unassign, Note, Decline],
            CaseState::Accepted => &[TakeUp, Assign, Unassign, AddSubject, LearnAge, Note, Decline],
            CaseState::Active { .. } => {
                &[Assign, Unassign, AddSubject, LearnAge, Enter, HandOver, Note, Charge, Decline]
            }
            CaseState::Charged { .. } => {
                &[Assign, Unassign, AddSubject, LearnAge, Enter, HandOver, Note, Charge, Dispose]
            }
            CaseState::Disposed { .. } => &[Assign, Unassign, LearnAge, Enter, HandOver, Note, Close],
            CaseState::Closed { .. } | CaseState::Declined { .. } => {
                &[Assign, Unassign, LearnAge, HandOver, Note]
            }
        }
    }

    /// What must come before a move, when that is why this state refuses it.
    const fn missing(&self, wanted: CaseMove) -> Option<&'static str> {
        use CaseMove::{AddSubject, Charge, Close, Decline, Dispose, Enter, HandOver, TakeUp};
        match (self, wanted) {
            (CaseState::Opened, TakeUp | AddSubject | Enter | HandOver | Charge) => {
                Some("nobody accepted its predicate yet")
            }
            (CaseState::Accepted, Enter | HandOver | Charge) => Some("nobody took it up yet"),
            (CaseState::Opened | CaseState::Accepted | CaseState::Active { .. }, Dispose) => {
                Some("nothing is charged yet")
            }
            (CaseState::Opened | CaseState::Accepted | CaseState::Active { .. }, Close) => {
                Some("nothing was charged: decline it instead")
            }
            (CaseState::Charged { .. }, Close) => Some("a charge has not ended yet"),
            (CaseState::Charged { .. } | CaseState::Disposed { .. }, Decline) => {
                Some("it is charged: record how each charge ended")
            }
            _ => None,
        }
    }
}

machine! {
    /// Moves of a case.
    CaseMove of "a case": Case, CaseState, CaseChange {
        /// Accept its predicate.
        Accept = "accept the predicate" / "have its predicate accepted",
        /// Take up the investigation.
        TakeUp = "take up" / "be taken up",
        /// Give it to a member.
        Assign = "assign" / "be assigned",
        /// Take it from a member.
        Unassign = "unassign" / "be unassigned",
        /// Add a subject.
        AddSubject = "add a subject" / "get a subject",
        /// Record an age that was learnt.
        LearnAge = "record an age" / "have an age recorded",
        /// Enter something in its file.
        Enter = "enter in the file" / "have its file added to",
        /// Hand an exhibit over.
        HandOver = "hand over an exhibit" / "have an exhibit handed over",
        /// Write a note.
        Note = "note" / "be noted on",
        /// Record a charge.
        Charge = "charge" / "be charged",
        /// Record how a charge ended.
        Dispose = "record a disposition" / "have a charge ended",
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
    Opened(String, Grounds),
    /// The predicate was accepted.
    PredicateAccepted,
    /// The investigation was taken up.
    TakenUp,
    /// A member works it from now on.
    Assigned(MemberId),
    /// A member works it no more.
    Unassigned(MemberId, Grounds),
    /// A subject was added.
    SubjectAdded(PersonId, AgeAt),
    /// An age was learnt; the person stays what they were.
    AgeLearned(PersonId, AgeAt),
    /// An age was learnt by which the person may have been a child: no subject any more, but a victim, and every charge
    /// against them is struck.
    SubjectIsVictim(PersonId, AgeAt),
    /// A charge was recorded.
    Charged(Charged),
    /// A charge, by its number, ended.
    ChargeEnded(u32, CaseDisposition),
    /// It was closed.
    Closed(Grounds),
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
    /// The lead it was promoted from. What the lead says stays there.
    pub lead: Option<LeadId>,
    /// What it is about.
    pub matter: Matter,
    /// Why it was opened.
    pub predicate: Predicate,
    parts: CaseParts,
    state: CaseState,
}

/// What a case is made of beside its predicate; the store keeps it as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseParts {
    /// Members who work it.
    pub team: Vec<MemberId>,
    /// Subjects, each with the name or names by which they are known.
    pub subjects: Vec<(Subject, String)>,
    /// Charges.
    pub charges: Vec<Charge>,
    /// How many charges there ever were: the number of the last.
    pub charged: u32,
    /// The file.
    pub file: CaseFile,
}

impl Case {
    /// A member opens a case on a predicate of theirs, and works it.
    pub fn open(
        id: CaseId,
        agency: AgencyId,
        lead: Option<LeadId>,
        matter: Matter,
        predicate: Predicate,
        stamp: Stamp,
    ) -> (Case, Change<CaseChange>) {
        let what = CaseChange::Opened(predicate.crime.clone(), predicate.facts.clone());
        let parts = CaseParts { team: vec![predicate.written.by], ..CaseParts::default() };
        (
            Case { id, agency, lead, matter, predicate, parts, state: CaseState::Opened },
            Change { stamp, what },
        )
    }

    /// The case as the store kept it. Its subjects are held to the same rule as when they were added.
    pub fn stored(
        mut self,
        (accepted, certified): (Option<Stamp>, Option<Instant>),
        parts: CaseParts,
        state: CaseState,
    ) -> Result<Case, Refused> {
        if let Some(accepted) = accepted {
            self.predicate = self.predicate.accept(certified.unwrap_or(accepted.at), accepted)?;
            self.predicate.certified = certified;
        }
        let subjects: Vec<Subject> = parts.subjects.iter().map(|(subject, _)| *subject).collect();
        Subjects::stored(self.matter, &subjects)?;
        Ok(Case { parts, state, ..self })
    }

    /// What it is made of.
    pub const fn parts(&self) -> &CaseParts {
        &self.parts
    }

    /// Its file.
    pub const fn file(&self) -> &CaseFile {
        &self.parts.file
    }

    /// Its subjects, by id.
    pub fn subjects(&self) -> Vec<PersonId> {
        self.parts.subjects.iter().map(|(subject, _)| subject.person()).collect()
    }

    /// Goes on when the state allows the move; a refusal says what is missing.
    fn may(&self, wanted: CaseMove) -> Result<(), IllegalMove> {
        let missing = self.state.missing(wanted).map(str::to_owned);
        self.legal(wanted).map_err(|illegal| IllegalMove { because: missing, ..illegal })
    }

    /// Changes the parts and stays in its state.
    fn stays(self, what: CaseChange, stamp: Stamp) -> Moved<Case, CaseChange> {
        let state = self.state;
        self.becomes(state, what, stamp)
    }

    /// Somebody other than its author accepts the predicate, with the date of their certificate.
    pub fn accept(mut self, certified: Instant, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::Accept)?;
        let accepted = self.predicate.clone().accept(certified, stamp);
        self.predicate = accepted.map_err(|refused| self.refuse(CaseMove::Accept, Some(refused.because)))?;
        self.becomes(CaseState::Accepted, CaseChange::PredicateAccepted, stamp)
    }

    /// Takes up the investigation.
    pub fn take_up(self, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::TakeUp)?;
        self.becomes(CaseState::Active { since: stamp }, CaseChange::TakenUp, stamp)
    }

    /// Gives it to one more member.
    pub fn assign(mut self, to: MemberId, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::Assign)?;
        self.rule(CaseMove::Assign, !self.parts.team.contains(&to), "the member works it already")?;
        self.parts.team.push(to);
        self.stays(CaseChange::Assigned(to), stamp)
    }

    /// Takes it from a member. Somebody always answers for it.
    pub fn unassign(mut self, from: MemberId, grounds: Grounds, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::Unassign)?;
        self.rule(CaseMove::Unassign, self.parts.team.contains(&from), "the member does not work it")?;
        self.rule(
            CaseMove::Unassign,
            self.parts.team.len() > 1,
            "nobody would be left: assign another first",
        )?;
        self.parts.team.retain(|member| *member != from);
        self.stays(CaseChange::Unassigned(from, grounds), stamp)
    }

    /// Adds a subject by the age at the time of the offence; refuses a person who may be a child where that is so.
    pub fn add_subject(
        mut self,
        person: PersonId,
        name: &str,
        age: AgeAt,
        stamp: Stamp,
    ) -> Moved<Case, CaseChange> {
        self.may(CaseMove::AddSubject)?;
        let refused =
            |case: &Case, refused: Refused| case.refuse(CaseMove::AddSubject, Some(refused.because));
        told("subject", "the name", name, 200).map_err(|bad| refused(&self, bad))?;
        let mut subjects = self.listed().map_err(|bad| refused(&self, bad))?;
        let subject = subjects.add(person, age).map_err(|bad| refused(&self, bad))?;
        let child = |age: KnownAge| match age {
            KnownAge::Born(_) => false,
            KnownAge::Estimated(age) => age.may_be_child(),
        };
        let victim = self.file().victims.iter().any(|victim| victim.person == person && child(victim.age));
        self.rule(CaseMove::AddSubject, !victim, "the file has the person as a victim who may be a child")?;
        self.parts.subjects.push((subject, name.trim().to_owned()));
        self.stays(CaseChange::SubjectAdded(person, age), stamp)
    }

    fn listed(&self) -> Result<Subjects, Refused> {
        let list: Vec<Subject> = self.parts.subjects.iter().map(|(subject, _)| *subject).collect();
        Subjects::stored(self.matter, &list)
    }

    /// Records the age of a subject at the time of the offence as it was learnt later, in any state that has subjects. One
    /// who may have been a child is a subject no more but a victim without a name, and the charges against them are
    /// struck; without a charge left a charged case is active again.
    pub fn learn_age(mut self, person: PersonId, age: AgeAt, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::LearnAge)?;
        let refused = |case: &Case, refused: Refused| case.refuse(CaseMove::LearnAge, Some(refused.because));
        let mut subjects = self.listed().map_err(|bad| refused(&self, bad))?;
        let learned = subjects.learn_age(person, age).map_err(|bad| refused(&self, bad))?;
        if learned == Learned::StillSubject {
            let list = subjects.list();
            for (subject, _) in &mut self.parts.subjects {
                *subject = *list.iter().find(|now| now.person() == subject.person()).unwrap_or(subject);
            }
            return self.stays(CaseChange::AgeLearned(person, age), stamp);
        }
        let parts = &mut self.parts;
        parts.subjects.retain(|(subject, _)| subject.person() != person);
        parts.charges.retain(|charge| charge.what.person != person);
        for count in &mut parts.file.counts {
            count.what.subjects.retain(|known| *known != person);
            if count.what.subjects.is_empty() && count.dropped.is_none() {
                count.dropped = Some(stamp);
            }
        }
        if parts.file.victims.iter().all(|victim| victim.person != person) {
            let added = parts.file.add_victim(person, None, KnownAge::Estimated(age));
            added.map_err(|bad| refused(&self, bad))?;
        }
        let state = match self.state {
            CaseState::Charged { .. } if self.parts.charges.is_empty() => CaseState::Active { since: stamp },
            CaseState::Charged { .. } if self.parts.charges.iter().all(|charge| charge.ended.is_some()) => {
                CaseState::Disposed { disposed: stamp }
            }
            state => state,
        };
        self.becomes(state, CaseChange::SubjectIsVictim(person, age), stamp)
    }

    /// Makes an entry in the file.
    pub fn enter(mut self, entry: CaseEntry, stamp: Stamp) -> Moved<Case, CaseEntry> {
        let wanted = match entry {
            CaseEntry::HandedOver(..) => CaseMove::HandOver,
            CaseEntry::Noted(_) => CaseMove::Note,
            _ => CaseMove::Enter,
        };
        self.may(wanted)?;
        if let CaseEntry::VictimAdded(person, ..) = entry {
            let subject = self.matter == Matter::CommercialSex && self.subjects().contains(&person);
            self.rule(wanted, !subject, "the person is a subject: record the age that was learnt instead")?;
        }
        let subjects = self.subjects();
        let entered = self.parts.file.enter(entry.clone(), &subjects, stamp);
        entered.map_err(|refused| self.refuse(wanted, Some(refused.because)))?;
        Ok((self, Change { stamp, what: entry }))
    }

    /// Records a charge against a subject; a further one is added to those before.
    pub fn charge(mut self, charged: Charged, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::Charge)?;
        let refused = |bad: Refused| self.refuse(CaseMove::Charge, Some(bad.because));
        told("charge", "the section of law", &charged.section, 200).map_err(refused)?;
        let known = self.subjects().contains(&charged.person);
        self.rule(CaseMove::Charge, known, "it is against somebody who is no subject")?;
        if let Some(number) = charged.count {
            let stands = self.file().count(number).is_some_and(|count| count.dropped.is_none());
            self.rule(CaseMove::Charge, stands, "it rests on a count that the case does not have")?;
        }
        self.parts.charged += 1;
        self.parts.charges.push(Charge { number: self.parts.charged, what: charged.clone(), ended: None });
        self.becomes(CaseState::Charged { charged: stamp }, CaseChange::Charged(charged), stamp)
    }

    /// Records how a court or prosecutor ended a charge. With the last of them the case is disposed.
    pub fn dispose(
        mut self,
        number: u32,
        disposition: CaseDisposition,
        stamp: Stamp,
    ) -> Moved<Case, CaseChange> {
        self.may(CaseMove::Dispose)?;
        let charge = self.parts.charges.iter_mut().find(|charge| charge.number == number);
        let open = charge.filter(|charge| charge.ended.is_none());
        match open {
            Some(charge) => charge.ended = Some((disposition, stamp)),
            None => self.rule(CaseMove::Dispose, false, "it has no open charge with that number")?,
        }
        let all = self.parts.charges.iter().all(|charge| charge.ended.is_some());
        let state = if all { CaseState::Disposed { disposed: stamp } } else { self.state };
        self.becomes(state, CaseChange::ChargeEnded(number, disposition), stamp)
    }

    /// Closes it.
    pub fn close(self, grounds: Grounds, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::Close)?;
        self.becomes(CaseState::Closed { closed: stamp }, CaseChange::Closed(grounds), stamp)
    }

    /// Declines it.
    pub fn decline(self, grounds: Grounds, stamp: Stamp) -> Moved<Case, CaseChange> {
        self.may(CaseMove::Decline)?;
        self.becomes(CaseState::Declined { declined: stamp }, CaseChange::Declined(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exhibit::tests::{hop, new_exhibit};
    use crate::testing::{age, grounds, id, stamp, stamp_of};
    use proptest::prelude::*;

    fn opened(matter: Matter) -> Case {
        let predicate = Predicate::new("18 U.S.C. 1591", grounds(), stamp_of(8, 0)).unwrap();
        Case::open(id(1), id(2), None, matter, predicate, stamp_of(8, 1)).0
    }

    fn accepted(matter: Matter) -> Case {
        opened(matter).accept(Instant(0), stamp(1)).unwrap().0
    }

    fn charged(person: PersonId) -> Charged {
        Charged { person, section: "18 U.S.C. 1594(c)".into(), count: None }
    }

    fn attempt(
        case: Case,
        wanted: CaseMove,
        person: PersonId,
        age: AgeAt,
        stamp: Stamp,
    ) -> Result<Case, IllegalMove> {
        let number = case.parts.charged;
        let entered = |case: Case, entry| case.enter(entry, stamp).map(|(case, _)| case);
        let moved = match wanted {
            CaseMove::Accept => case.accept(Instant(0), stamp),
            CaseMove::TakeUp => case.take_up(stamp),
            CaseMove::Assign => case.assign(id(stamp.at.0 as u128), stamp),
            CaseMove::Unassign => {
                let last = case.parts.team[case.parts.team.len() - 1];
                case.unassign(last, grounds(), stamp)
            }
            CaseMove::AddSubject => case.add_subject(person, "J. Sample", age, stamp),
            CaseMove::LearnAge => case.learn_age(person, age, stamp),
            CaseMove::Enter => return entered(case, CaseEntry::ExhibitEntered(new_exhibit())),
            CaseMove::HandOver => {
                return entered(
                    case,
                    CaseEntry::HandedOver(1, hop("Ines", "evidence room", stamp.at.0 / 1_000_000)),
                );
            }
            CaseMove::Note => return entered(case, CaseEntry::Noted(grounds())),
            CaseMove::Charge => case.charge(charged(person), stamp),
            CaseMove::Dispose => case.dispose(number, CaseDisposition::Pleaded, stamp),
            CaseMove::Close => case.close(grounds(), stamp),
            CaseMove::Decline => case.decline(grounds(), stamp),
        };
        moved.map(|(case, _)| case)
    }

    #[test]
    fn a_predicate_names_a_crime_and_is_accepted_by_another() {
        assert!(Predicate::new(" ", grounds(), stamp(0)).is_err());
        let own = opened(Matter::CommercialSex).accept(Instant(0), stamp_of(8, 2)).unwrap_err();
        let expected = "a case that is opened cannot have its predicate accepted: its author cannot accept it; \
                        allowed: accept the predicate, assign, unassign, note, decline";
        assert_eq!(own.to_string(), expected);
        let case = accepted(Matter::CommercialSex);
        assert_eq!((case.state().word(), case.predicate.accepted()), ("accepted", Some(stamp(1))));
        assert_eq!(case.predicate.certified(), Some(Instant(0)));
        let early = opened(Matter::CommercialSex).accept(stamp(3).at, stamp(2)).unwrap_err();
        assert!(early.to_string().contains("lies in the future"), "{early}");
        assert_eq!(case.parts().team, [id(8)]);
    }

    #[test]
    fn a_child_is_refused_with_the_law() {
        let case = accepted(Matter::CommercialSex);
        let refusal = case.add_subject(id(5), "J. Sample", AgeAt::Known(17), stamp(2)).unwrap_err();
        let expected = "a case that is accepted cannot get a subject: in a matter of commercial sex a person who may be a \
                        child (17) is a victim (22 U.S.C. 7102(11)); allowed: take up, assign, unassign, add a subject, \
                        record an age, note, decline";
        assert_eq!(refusal.to_string(), expected);
    }

    #[test]
    fn a_step_too_early_is_told_what_is_missing() {
        let charge = |case: Case| case.charge(charged(id(5)), stamp(9)).unwrap().0;
        let active = || {
            let case = accepted(Matter::CommercialSex).take_up(stamp(2)).unwrap().0;
            case.add_subject(id(5), "J. Sample", AgeAt::Known(40), stamp(3)).unwrap().0
        };
        let check = |case: Case, wanted: CaseMove, because: &str| {
            let refused = attempt(case, wanted, id(5), AgeAt::Known(40), stamp(50)).unwrap_err();
            assert_eq!(refused.because.as_deref(), Some(because), "{refused}");
        };
        let opened = || opened(Matter::CommercialSex);
        check(opened(), CaseMove::TakeUp, "nobody accepted its predicate yet");
        check(opened(), CaseMove::AddSubject, "nobody accepted its predicate yet");
        check(accepted(Matter::CommercialSex), CaseMove::Enter, "nobody took it up yet");
        check(active(), CaseMove::Dispose, "nothing is charged yet");
        check(active(), CaseMove::Close, "nothing was charged: decline it instead");
        check(charge(active()), CaseMove::Close, "a charge has not ended yet");
        check(charge(active()), CaseMove::Decline, "it is charged: record how each charge ended");
        check(active(), CaseMove::HandOver, "the case has none with the number 1");
        check(opened(), CaseMove::Unassign, "nobody would be left: assign another first");
    }

    #[test]
    fn each_charge_ends_by_itself() {
        let case = accepted(Matter::CommercialSex).take_up(stamp(2)).unwrap().0;
        let case = case.add_subject(id(5), "J. Sample", AgeAt::Known(40), stamp(3)).unwrap().0;
        let case =
            case.charge(charged(id(5)), stamp(4)).unwrap().0.charge(charged(id(5)), stamp(5)).unwrap().0;
        let case = case.dispose(2, CaseDisposition::Dismissed, stamp(6)).unwrap().0;
        assert_eq!(case.state().word(), "charged");
        assert!(case.clone().dispose(2, CaseDisposition::Pleaded, stamp(7)).is_err());
        let case = case.dispose(1, CaseDisposition::Pleaded, stamp(7)).unwrap().0;
        assert_eq!(case.state().word(), "disposed");
        assert_eq!(case.close(grounds(), stamp(8)).unwrap().0.state().word(), "closed");
    }

    #[test]
    fn a_subject_found_to_be_a_child_is_struck_with_the_charges() {
        let case = accepted(Matter::CommercialSex);
        let case = case.add_subject(id(5), "J. Sample", AgeAt::UnknownAdult, stamp(2)).unwrap().0;
        let case = case.take_up(stamp(3)).unwrap().0.charge(charged(id(5)), stamp(4)).unwrap().0;
        let (case, change) = case.learn_age(id(5), AgeAt::Known(16), stamp(5)).unwrap();
        assert_eq!(change.what, CaseChange::SubjectIsVictim(id(5), AgeAt::Known(16)));
        assert_eq!((case.subjects().len(), case.state().word()), (0, "active"));
        assert_eq!(case.file().victims[0].person, id(5));
        let again = case.add_subject(id(5), "J. Sample", AgeAt::Known(30), stamp(6)).unwrap_err();
        assert!(again.to_string().contains("as a victim who may be a child"), "{again}");
    }

    #[test]
    fn a_stored_case_holds_no_subject_of_another_matter() {
        let other = Subject::new(id(5), AgeAt::Known(16), Matter::Other).unwrap();
        let parts = CaseParts { subjects: vec![(other, "J. Sample".into())], ..CaseParts::default() };
        assert!(opened(Matter::CommercialSex).stored((None, None), parts, CaseState::Opened).is_err());
    }

    proptest! {
        /// However the moves are mixed: no subject may be a child, nobody is charged who is no subject, nothing is worked
        /// before another accepted the predicate, and only moves that the state allows succeed.
        #[test]
        fn whatever_the_order_the_rules_hold(steps in proptest::collection::vec((0usize..13, 5u128..8, age()), 0..80)) {
            let mut case = opened(Matter::CommercialSex);
            for (at, (step, person, age)) in (40..).zip(steps) {
                let wanted = CaseMove::ALL[step];
                match attempt(case.clone(), wanted, id(person), age, stamp(at)) {
                    Ok(next) => {
                        prop_assert!(case.allowed().contains(&wanted));
                        case = next;
                    }
                    Err(refusal) => {
                        prop_assert!(!case.allowed().contains(&wanted) || refusal.because.is_some());
                        prop_assert!(refusal.to_string().contains(case.state().word()));
                    }
                }
                prop_assert!(case.parts().subjects.iter().all(|(subject, _)| !subject.age().may_be_child()));
                prop_assert!(!case.parts().team.is_empty());
                let known = |charge: &Charge| case.subjects().contains(&charge.what.person);
                prop_assert!(case.parts().charges.iter().all(known));
                let worked = case.file().exhibits.len() + case.parts().charges.len() + case.subjects().len();
                prop_assert!(worked == 0 || case.predicate.accepted().is_some());
                let open = case.parts().charges.iter().filter(|charge| charge.ended.is_none()).count();
                match case.state() {
                    CaseState::Charged { .. } => prop_assert!(open > 0),
                    CaseState::Disposed { .. } | CaseState::Closed { .. } => prop_assert_eq!(open, 0),
                    _ => prop_assert!(case.parts().charges.is_empty()),
                }
                let accepted = (case.predicate.accepted(), case.predicate.certified());
                let again = case.clone().stored(accepted, case.parts().clone(), *case.state());
                prop_assert_eq!(again, Ok(case.clone()));
            }
        }
    }
}
