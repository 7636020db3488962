//! Events of an operation: one meeting, one warrant, one watch, one recovery.
//!
//! `planned -> checked -> approved -> under way -> done`, or called off. Whatever changes time or place goes back to
//! `planned`: the check, the approval and the hour of the victim specialist are worth nothing then.

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgeAt, Area, Change, CheckId, CheckReceipt, DateWindow, EventId, Grounds, Instant, Learned, Matter,
    MemberId, Moved, OperationId, PersonId, Refused, Stamp, Subject, Subjects,
};

words! {
    /// What kind of event it is.
    EventKind {
        /// A meeting under cover.
        UndercoverMeeting = "undercover meeting",
        /// A watch.
        Surveillance = "surveillance",
        /// A search by warrant.
        SearchWarrant = "search warrant",
        /// The recovery of a person.
        Recovery = "recovery",
    }
}

impl EventKind {
    /// Whether such an event may always meet a child, whatever its planner says.
    pub const fn may_meet_child(self) -> bool {
        matches!(self, EventKind::UndercoverMeeting | EventKind::Recovery)
    }
}

/// When and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// When.
    pub window: DateWindow,
    /// Where.
    pub area: Area,
}

/// The victim specialist for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecialistHour {
    /// Who.
    pub specialist: MemberId,
    /// From when they are there; not later than the start.
    pub from: Instant,
    /// When they came, once they did.
    pub on_site: Option<Instant>,
}

/// A check that held when the event was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The check.
    pub check: CheckId,
    /// When it was answered.
    pub answered: Instant,
}

/// The state of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// Time and place are set.
    Planned,
    /// Checked against other agencies since time and place were last changed.
    Checked(Checked),
    /// A supervisor approved it.
    Approved {
        /// The check.
        checked: Checked,
        /// The supervisor, and when.
        approved: Stamp,
    },
    /// It goes on.
    UnderWay {
        /// The supervisor, and when.
        approved: Stamp,
        /// Who started it, and when.
        started: Stamp,
    },
    /// It ended.
    Done {
        /// Who started it, and when.
        started: Stamp,
        /// Who ended it, and when.
        ended: Stamp,
    },
    /// It does not take place.
    CalledOff {
        /// By whom, and when.
        called_off: Stamp,
    },
}

impl EventState {
    /// The words for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            EventState::Planned => "planned",
            EventState::Checked(_) => "checked",
            EventState::Approved { .. } => "approved",
            EventState::UnderWay { .. } => "under way",
            EventState::Done { .. } => "done",
            EventState::CalledOff { .. } => "called off",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [EventMove] {
        use EventMove::{
            AddSubject, Approve, Arrive, CallOff, Check, Confirm, Finish, LearnAge, Replan, Start,
        };
        match self {
            EventState::Planned => &[Replan, Confirm, AddSubject, LearnAge, Check, CallOff],
            EventState::Checked(_) => &[Replan, Confirm, AddSubject, LearnAge, Check, Approve, CallOff],
            EventState::Approved { .. } => &[Replan, LearnAge, Arrive, Start, CallOff],
            EventState::UnderWay { .. } => &[AddSubject, LearnAge, Finish, CallOff],
            EventState::Done { .. } | EventState::CalledOff { .. } => &[LearnAge],
        }
    }
}

machine! {
    /// Moves of an event.
    EventMove of "an event": Event, EventState, EventChange {
        /// Change time or place.
        Replan = "replan" / "be replanned",
        /// Confirm the hour of a victim specialist.
        Confirm = "confirm a victim specialist" / "have a victim specialist confirmed",
        /// Add a subject.
        AddSubject = "add a subject" / "get a subject",
        /// Record an age that was learnt.
        LearnAge = "record an age" / "have an age recorded",
        /// Attach a check.
        Check = "check" / "be checked",
        /// Approve it.
        Approve = "approve" / "be approved",
        /// Record that the victim specialist is on site.
        Arrive = "record the victim specialist on site" / "have its victim specialist on site",
        /// Start it.
        Start = "start" / "be started",
        /// End it.
        Finish = "finish" / "be finished",
        /// Call it off.
        CallOff = "call off" / "be called off",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum EventChange {
    /// It was planned.
    Planned(Plan),
    /// Time or place changed.
    Replanned(Plan),
    /// A victim specialist confirmed an hour.
    Confirmed(SpecialistHour),
    /// A subject was added.
    SubjectAdded(Subject),
    /// An age was learnt; the person stays a subject.
    AgeLearned(PersonId, AgeAt),
    /// An age was learnt by which the person may have been a child: no subject any more, but a victim.
    SubjectIsVictim(PersonId, AgeAt),
    /// It was checked.
    Checked(Checked),
    /// A supervisor approved it.
    Approved,
    /// The victim specialist is on site.
    Arrived,
    /// It started.
    Started,
    /// It ended.
    Finished,
    /// It was called off.
    CalledOff(Grounds),
}

/// An event of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The operation it belongs to.
    pub operation: OperationId,
    /// What kind it is.
    pub kind: EventKind,
    /// What it is about.
    pub matter: Matter,
    /// Who planned it first, and when.
    pub planned: Stamp,
    says_may_meet_child: bool,
    plan: Plan,
    changed: Stamp,
    specialist: Option<SpecialistHour>,
    subjects: Subjects,
    state: EventState,
}

impl Event {
    /// A member plans an event; `may_meet_child` can be said of any, and is always so of some kinds.
    pub fn plan_new(
        id: EventId,
        operation: OperationId,
        (kind, matter): (EventKind, Matter),
        plan: Plan,
        may_meet_child: bool,
        stamp: Stamp,
    ) -> (Event, Change<EventChange>) {
        let event = Event {
            id,
            operation,
            kind,
            matter,
            planned: stamp,
            says_may_meet_child: may_meet_child,
            plan,
            changed: stamp,
            specialist: None,
            subjects: Subjects::none(matter),
            state: EventState::Planned,
        };
        (event, Change { stamp, what: EventChange::Planned(plan) })
    }

    /// The event as the store kept it: when time or place last changed, its specialist, its subjects, its state. Subjects
    /// are held to the same rule as when they were added.
    pub fn stored(
        self,
        changed: Stamp,
        specialist: Option<SpecialistHour>,
        subjects: &[Subject],
        state: EventState,
    ) -> Result<Event, Refused> {
        Ok(Event { changed, specialist, subjects: Subjects::stored(self.matter, subjects)?, state, ..self })
    }

    /// Its subjects.
    pub fn subjects(&self) -> &[Subject] {
        self.subjects.list()
    }

    /// When and where.
    pub const fn plan(&self) -> Plan {
        self.plan
    }

    /// Who last changed time or place, and when.
    pub const fn changed(&self) -> Stamp {
        self.changed
    }

    /// The victim specialist and the hour.
    pub const fn specialist(&self) -> Option<SpecialistHour> {
        self.specialist
    }

    /// Whether it may meet a child.
    pub const fn may_meet_child(&self) -> bool {
        self.says_may_meet_child || self.kind.may_meet_child()
    }

    /// Changes time or place: check, approval and the specialist's hour fall away.
    pub fn replan(mut self, plan: Plan, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Replan)?;
        self.plan = plan;
        self.changed = stamp;
        self.specialist = None;
        self.becomes(EventState::Planned, EventChange::Replanned(plan), stamp)
    }

    /// A victim specialist confirms to be there from an hour on, at the latest when the event starts.
    pub fn confirm(mut self, specialist: MemberId, from: Instant, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Confirm)?;
        self.rule(EventMove::Confirm, from <= self.plan.window.start(), "the hour is after the start")?;
        let hour = SpecialistHour { specialist, from, on_site: None };
        self.specialist = Some(hour);
        let state = self.state;
        self.becomes(state, EventChange::Confirmed(hour), stamp)
    }

    /// Adds a subject by the age at the event; refuses a person who may be a child where that is so.
    pub fn add_subject(mut self, person: PersonId, age: AgeAt, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::AddSubject)?;
        let added = self.subjects.add(person, age);
        let subject = added.map_err(|refused| self.refuse(EventMove::AddSubject, Some(refused.because)))?;
        let state = self.state;
        self.becomes(state, EventChange::SubjectAdded(subject), stamp)
    }

    /// Records the age of a subject as it was learnt later, in any state; one who may have been a child is none any more.
    pub fn learn_age(mut self, person: PersonId, age: AgeAt, stamp: Stamp) -> Moved<Event, EventChange> {
        let learned = self.subjects.learn_age(person, age);
        let change =
            match learned.map_err(|refused| self.refuse(EventMove::LearnAge, Some(refused.because)))? {
                Learned::StillSubject => EventChange::AgeLearned(person, age),
                Learned::IsVictim => EventChange::SubjectIsVictim(person, age),
            };
        let state = self.state;
        self.becomes(state, change, stamp)
    }

    /// Attaches the receipt of a check of this event, answered after time and place were last changed.
    pub fn check(self, receipt: CheckReceipt, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Check)?;
        self.rule(EventMove::Check, receipt.event() == self.id, "the check is of another event")?;
        let newer = receipt.answered() > self.changed.at;
        self.rule(EventMove::Check, newer, "the check is older than the last change of time or place")?;
        let checked = Checked { check: receipt.check(), answered: receipt.answered() };
        self.becomes(EventState::Checked(checked), EventChange::Checked(checked), stamp)
    }

    /// A supervisor approves, neither its planner nor who last changed it. `latest` is the receipt of the attached check as it stands now; a check
    /// that has since found a hit gives none.
    pub fn approve(self, latest: Option<CheckReceipt>, stamp: Stamp) -> Moved<Event, EventChange> {
        const APPROVE: EventMove = EventMove::Approve;
        let EventState::Checked(checked) = self.state else { return Err(self.refuse(APPROVE, None)) };
        let stands =
            latest.is_some_and(|receipt| receipt.check() == checked.check && receipt.event() == self.id);
        self.rule(APPROVE, stands, "its check no longer lets it go on")?;
        let newer = latest.is_some_and(|receipt| receipt.answered() > self.changed.at);
        self.rule(APPROVE, newer, "the check is older than the last change of time or place")?;
        let planner = [self.planned.by, self.changed.by].contains(&stamp.by);
        self.rule(APPROVE, !planner, "who planned it cannot approve it")?;
        let specialist = !self.may_meet_child() || self.specialist.is_some();
        self.rule(APPROVE, specialist, "it may meet a child and no victim specialist has confirmed an hour")?;
        self.becomes(EventState::Approved { checked, approved: stamp }, EventChange::Approved, stamp)
    }

    /// Records that the victim specialist is on site.
    pub fn arrive(mut self, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Arrive)?;
        let Some(hour) = &mut self.specialist else {
            return Err(self.refuse(EventMove::Arrive, Some("no victim specialist is confirmed".to_owned())));
        };
        hour.on_site = Some(stamp.at);
        let state = self.state;
        self.becomes(state, EventChange::Arrived, stamp)
    }

    /// Starts it; when it may meet a child, only with the victim specialist on site.
    pub fn start(self, stamp: Stamp) -> Moved<Event, EventChange> {
        let EventState::Approved { approved, .. } = self.state else {
            return Err(self.refuse(EventMove::Start, None));
        };
        let on_site = self.specialist.is_some_and(|hour| hour.on_site.is_some());
        let ready = !self.may_meet_child() || on_site;
        self.rule(EventMove::Start, ready, "it may meet a child and the victim specialist is not on site")?;
        self.becomes(EventState::UnderWay { approved, started: stamp }, EventChange::Started, stamp)
    }

    /// Ends it.
    pub fn finish(self, stamp: Stamp) -> Moved<Event, EventChange> {
        let EventState::UnderWay { started, .. } = self.state else {
            return Err(self.refuse(EventMove::Finish, None));
        };
        self.becomes(EventState::Done { started, ended: stamp }, EventChange::Finished, stamp)
    }

    /// Calls it off.
    pub fn call_off(self, grounds: Grounds, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::CallOff)?;
        self.becomes(EventState::CalledOff { called_off: stamp }, EventChange::CalledOff(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of};
    use crate::{Asked, AskedSystems, Check, CheckTarget, Point, RadiusKm, Span};
    use proptest::prelude::*;

    fn plan() -> Plan {
        let start = Instant(0).plus(Span::days(30));
        let window = DateWindow::new(start, start.plus(Span::hours(2))).unwrap();
        let area = Area { centre: Point { lat: 35.2, lon: -80.8 }, radius: RadiusKm::new(0.3).unwrap() };
        Plan { window, area }
    }

    fn event(kind: EventKind) -> Event {
        Event::plan_new(id(2), id(1), (kind, Matter::CommercialSex), plan(), false, stamp(10)).0
    }

    fn receipt(event: u128, second: i64) -> CheckReceipt {
        let check = Check::ask(id(5), CheckTarget::Event(id(event)), None, id(6), stamp(1)).0;
        let asked =
            AskedSystems::new(vec![Asked { system: "own record".into(), at: stamp(second).at }]).unwrap();
        check.answer_none(asked, stamp(second)).unwrap().0.receipt().unwrap()
    }

    fn refused(moved: Moved<Event, EventChange>, because: &str) {
        let refusal = moved.unwrap_err().to_string();
        assert!(refusal.contains(because), "{refusal}");
    }

    #[test]
    fn approval_needs_a_fresh_check_a_supervisor_and_a_specialist() {
        let event = event(EventKind::UndercoverMeeting);
        refused(event.clone().check(receipt(3, 11), stamp(12)), "another event");
        refused(event.clone().check(receipt(2, 9), stamp(12)), "older than the last change");
        let event = event.check(receipt(2, 11), stamp(12)).unwrap().0;
        let fresh = Some(receipt(2, 11));
        refused(event.clone().approve(fresh, stamp_of(8, 13)), "no victim specialist");
        refused(event.clone().confirm(id(7), plan().window.end(), stamp(13)), "the hour is after the start");
        let event = event.confirm(id(7), plan().window.start(), stamp(13)).unwrap().0;
        refused(event.clone().approve(fresh, stamp(14)), "who planned it cannot approve it");
        refused(event.clone().approve(None, stamp_of(8, 14)), "no longer lets it go on");
        let event = event.approve(fresh, stamp_of(8, 14)).unwrap().0;
        refused(event.clone().start(stamp(15)), "specialist is not on site");
        let event = event.arrive(stamp(15)).unwrap().0;
        assert_eq!(event.start(stamp(16)).unwrap().0.state().word(), "under way");
    }

    #[test]
    fn a_new_place_undoes_check_approval_and_hour() {
        let event = event(EventKind::Surveillance).check(receipt(2, 11), stamp(12)).unwrap().0;
        let event = event.approve(Some(receipt(2, 11)), stamp_of(8, 13)).unwrap().0;
        let event = event.replan(plan(), stamp(14)).unwrap().0;
        assert_eq!((event.state(), event.specialist()), (&EventState::Planned, None));
        refused(event.check(receipt(2, 12), stamp(15)), "older than the last change");
    }

    fn attempt(event: Event, wanted: EventMove, by: u128, at: i64) -> Moved<Event, EventChange> {
        let stamp = stamp_of(by, at);
        match wanted {
            EventMove::Replan => event.replan(plan(), stamp),
            EventMove::Confirm => event.confirm(id(7), plan().window.start(), stamp),
            EventMove::AddSubject => event.add_subject(id(6), AgeAt::Known(10 + by as u8), stamp),
            EventMove::LearnAge => event.learn_age(id(6), AgeAt::Known(10 + by as u8), stamp),
            EventMove::Check => event.check(receipt(2, at - 1), stamp),
            EventMove::Approve => event.approve(Some(receipt(2, at - 1)), stamp),
            EventMove::Arrive => event.arrive(stamp),
            EventMove::Start => event.start(stamp),
            EventMove::Finish => event.finish(stamp),
            EventMove::CallOff => event.call_off(grounds(), stamp),
        }
    }

    proptest! {
        /// However the moves are mixed, an event under way was approved by another than its planner after its last
        /// change, and met no child without a specialist on site.
        #[test]
        fn nothing_goes_on_unapproved(steps in proptest::collection::vec((0usize..10, 7u128..10), 0..40), kind in 0usize..4) {
            let mut event = event(EventKind::ALL[kind]);
            for (at, (step, by)) in (20i64..).step_by(3).zip(steps) {
                let wanted = EventMove::ALL[step];
                match attempt(event.clone(), wanted, by, at) {
                    Ok((next, change)) => {
                        prop_assert!(event.allowed().contains(&wanted));
                        prop_assert_eq!(change.stamp, stamp_of(by, at));
                        event = next;
                    }
                    Err(refusal) => {
                        prop_assert!(!event.allowed().contains(&wanted) || refusal.because.is_some());
                    }
                }
                prop_assert!(event.subjects().iter().all(|subject| !subject.age().may_be_child()));
                if let EventState::UnderWay { approved, .. } = event.state() {
                    prop_assert!(approved.by != event.planned.by && approved.by != event.changed().by);
                    prop_assert!(approved.at > event.changed().at);
                    let on_site = event.specialist().is_some_and(|hour| hour.on_site.is_some());
                    prop_assert!(!event.may_meet_child() || on_site);
                }
            }
        }
    }
}
