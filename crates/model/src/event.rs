//! Events of an operation: one meeting, one warrant, one watch, one recovery.
//!
//! `planned -> checked -> approved -> under way -> done`, or called off. Whatever changes time or place goes back to
//! `planned`: the check, the approval and the hour of the victim specialist are worth nothing then. Nothing goes on unless
//! its check lets it at that moment, a supervisor approved it who did not plan it, and, where a child may be met, a victim
//! specialist is on site.

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgeAt, Area, Change, Check, CheckId, CheckReceipt, CheckState, DateWindow, EventId, Grounds,
    InitiativeId, Instant, LeadId, Learned, Matter, MemberId, MissingReportId, Moved, OperationId, PersonId,
    Refused, Selector, Stamp, Subject, Subjects,
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

words! {
    /// What an individual screening for trafficking found.
    Screened {
        /// No sign.
        NoSign = "no sign of trafficking",
        /// Signs: the person may be a victim, whatever else they are.
        Signs = "signs of trafficking",
        /// The person would not, or could not, answer.
        NoAnswer = "no answer",
    }
}

/// An individual screening for trafficking (34 U.S.C. 20709(c)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screening {
    /// Who was screened.
    pub person: PersonId,
    /// When.
    pub at: Instant,
    /// What it found.
    pub found: Screened,
    /// How it was done: by which questions, in which language.
    pub how: Grounds,
    /// Who wrote it down, and when.
    pub written: Stamp,
}

/// An arrest at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrest {
    /// Who was arrested.
    pub person: PersonId,
    /// When.
    pub at: Instant,
    /// Who wrote it down, and when.
    pub written: Stamp,
}

/// When and where, and what the plan turns on: all that its check asks about.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// When.
    pub window: DateWindow,
    /// Where.
    pub area: Area,
    /// The address, as people say it.
    pub address: String,
    /// Telephone numbers, handles and the like that it turns on.
    pub selectors: Vec<Selector>,
}

/// What an event is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// What is to be reached.
    pub objective: String,
    /// Where people who are met are brought: a hospital, a safe place.
    pub safe_place: String,
    /// How those who go reach each other: telephone numbers, a radio channel.
    pub contacts: String,
    /// The lead it serves.
    pub lead: Option<LeadId>,
    /// The missing report it serves.
    pub report: Option<MissingReportId>,
}

/// Who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    /// Members who go.
    pub staff: Vec<MemberId>,
    /// The supervisor who is asked to approve.
    pub supervisor: Option<MemberId>,
}

/// A contact as it was logged. Entries are added and never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// When it was.
    pub at: Instant,
    /// With whom.
    pub who: String,
    /// What was said or seen.
    pub note: Grounds,
    /// Who wrote it down, and when.
    pub written: Stamp,
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
            AddSubject, Approve, Arrest, Arrive, Ask, Brief, CallOff, Check, Confirm, Decline, Finish,
            LearnAge, Log, Replan, Screen, Staff, Start,
        };
        match self {
            EventState::Planned => {
                &[Replan, Brief, Staff, Ask, Confirm, Decline, AddSubject, LearnAge, Check, Log, CallOff]
            }
            EventState::Checked(_) => &[
                Replan, Brief, Staff, Ask, Confirm, Decline, AddSubject, LearnAge, Check, Approve, Log,
                CallOff,
            ],
            EventState::Approved { .. } => {
                &[Replan, Brief, Staff, Ask, Decline, LearnAge, Arrive, Start, Log, CallOff]
            }
            EventState::UnderWay { .. } => &[AddSubject, LearnAge, Screen, Arrest, Log, Finish, CallOff],
            EventState::Done { .. } => &[LearnAge, Screen, Arrest, Log],
            EventState::CalledOff { .. } => &[LearnAge, Log],
        }
    }
}

machine! {
    /// Moves of an event.
    EventMove of "an event": Event, EventState, EventChange {
        /// Change time or place.
        Replan = "replan" / "be replanned",
        /// Change what it is for.
        Brief = "brief" / "be briefed anew",
        /// Say who takes part.
        Staff = "staff" / "be staffed",
        /// Ask a victim specialist for an hour.
        Ask = "ask a victim specialist" / "have a victim specialist asked",
        /// Confirm the hour of a victim specialist.
        Confirm = "confirm a victim specialist" / "have a victim specialist confirmed",
        /// Decline the hour that was asked for, or give up one that was confirmed.
        Decline = "decline an hour" / "have an hour declined",
        /// Add a subject.
        AddSubject = "add a subject" / "get a subject",
        /// Record an age that was learnt.
        LearnAge = "record an age" / "have an age recorded",
        /// Attach a check.
        Check = "check" / "be checked",
        /// Record an individual screening for trafficking.
        Screen = "record a screening" / "have a screening recorded",
        /// Record an arrest.
        Arrest = "record an arrest" / "have an arrest recorded",
        /// Log a contact.
        Log = "log a contact" / "have a contact logged",
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
    /// What it is for changed; what it said before.
    Briefed(Brief),
    /// Who takes part changed.
    Staffed(Team),
    /// A victim specialist was asked for an hour.
    SpecialistAsked(MemberId),
    /// A contact was logged.
    Logged(LogEntry),
    /// A victim specialist confirmed an hour.
    Confirmed(SpecialistHour),
    /// A victim specialist declined the hour, or gave it up.
    HourDeclined(MemberId, Grounds),
    /// A person was screened for trafficking.
    Screened(PersonId, Screened, Grounds),
    /// A person was arrested.
    Arrested(PersonId),
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
    /// The initiative of that operation.
    pub initiative: Option<InitiativeId>,
    /// What kind it is.
    pub kind: EventKind,
    /// What it is about.
    pub matter: Matter,
    /// Who planned it first, and when.
    pub planned: Stamp,
    says_may_meet_child: bool,
    plan: Plan,
    parts: EventParts,
    subjects: Subjects,
    state: EventState,
}

/// What changes about an event beside its plan.
#[derive(Clone, Debug, PartialEq)]
pub struct EventParts {
    /// What it is for.
    pub brief: Brief,
    /// Who takes part.
    pub team: Team,
    /// The check that was asked for its plan as it is now.
    pub check: CheckId,
    /// Who last changed time or place, and when.
    pub changed: Stamp,
    /// The victim specialist who was asked for an hour.
    pub asked: Option<MemberId>,
    /// The victim specialist and the hour, once confirmed.
    pub specialist: Option<SpecialistHour>,
    /// The victim specialist who declined last, and when; nobody once another is asked.
    pub declined: Option<Stamp>,
    /// What subjects are called, as far as it was said.
    pub called: Vec<(PersonId, String)>,
    /// Screenings for trafficking, in the order in which they were written down.
    pub screenings: Vec<Screening>,
    /// Arrests, likewise.
    pub arrests: Vec<Arrest>,
    /// Contacts, likewise.
    pub log: Vec<LogEntry>,
}

impl Event {
    /// A member plans an event; `may_meet_child` can be said of any, and is always so of some kinds. `check` is the check
    /// that is asked for the plan.
    pub fn plan_new(
        id: EventId,
        (operation, initiative): (OperationId, Option<InitiativeId>),
        (kind, matter, may_meet_child): (EventKind, Matter, bool),
        (plan, brief): (Plan, Brief),
        check: CheckId,
        stamp: Stamp,
    ) -> (Event, Change<EventChange>) {
        let change = Change { stamp, what: EventChange::Planned(plan.clone()) };
        let event = Event {
            id,
            operation,
            initiative,
            kind,
            matter,
            planned: stamp,
            says_may_meet_child: may_meet_child,
            plan,
            parts: EventParts {
                brief,
                team: Team::default(),
                check,
                changed: stamp,
                asked: None,
                specialist: None,
                declined: None,
                called: Vec::new(),
                screenings: Vec::new(),
                arrests: Vec::new(),
                log: Vec::new(),
            },
            subjects: Subjects::none(matter),
            state: EventState::Planned,
        };
        (event, change)
    }

    /// The event as the store kept it. Subjects are held to the same rule as when they were added.
    pub fn stored(
        self,
        parts: EventParts,
        subjects: &[Subject],
        state: EventState,
    ) -> Result<Event, Refused> {
        Ok(Event { parts, subjects: Subjects::stored(self.matter, subjects)?, state, ..self })
    }

    /// What changes about it beside its plan.
    pub const fn parts(&self) -> &EventParts {
        &self.parts
    }

    /// Its subjects.
    pub fn subjects(&self) -> &[Subject] {
        self.subjects.list()
    }

    /// When and where.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Who last changed time or place, and when.
    pub const fn changed(&self) -> Stamp {
        self.parts.changed
    }

    /// The check that was asked for its plan as it is now.
    pub const fn check_id(&self) -> CheckId {
        self.parts.check
    }

    /// The victim specialist and the hour.
    pub const fn specialist(&self) -> Option<SpecialistHour> {
        self.parts.specialist
    }

    /// Whether its planner said that it may meet a child.
    pub const fn says_may_meet_child(&self) -> bool {
        self.says_may_meet_child
    }

    /// Whether it may meet a child.
    pub const fn may_meet_child(&self) -> bool {
        self.says_may_meet_child || self.kind.may_meet_child()
    }

    /// What it still lacks before it can go on, in words: of its check as it stands now, and of its victim specialist.
    pub fn lacks(&self, check: Option<&Check>) -> Vec<String> {
        let mut lacks = Vec::new();
        let check = check.filter(|check| check.id == self.parts.check);
        let receipt = check.and_then(Check::receipt).filter(|receipt| receipt.event() == self.id);
        match (receipt, check.map(Check::state)) {
            (Some(receipt), _) if receipt.answered() >= self.parts.changed.at => {}
            (Some(_), _) | (None, None | Some(CheckState::Open)) => {
                lacks.push("it has no check newer than the last change of time or place".to_owned());
            }
            (None, Some(CheckState::Settled { outcome, .. })) => {
                lacks.push(format!("its check was settled as {}: move the event, or call it off", outcome.word()));
            }
            (None, Some(_)) => lacks.push(
                "its check has a hit without an outcome: settle it as proceed or joint, or have a supervisor waive it"
                    .to_owned(),
            ),
        }
        if self.may_meet_child() && self.parts.specialist.is_none() {
            lacks.push("it may meet a child and no victim specialist has confirmed an hour".to_owned());
        }
        lacks
    }

    /// Changes time or place, under a check that is asked for it: approval and the specialist's hour fall away.
    pub fn replan(mut self, plan: Plan, check: CheckId, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Replan)?;
        self.plan = plan.clone();
        self.parts.check = check;
        self.parts.changed = stamp;
        self.parts.specialist = None;
        self.becomes(EventState::Planned, EventChange::Replanned(plan), stamp)
    }

    /// Changes what it is for.
    pub fn rebrief(mut self, brief: Brief, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Brief)?;
        let before = std::mem::replace(&mut self.parts.brief, brief);
        let state = self.state;
        self.becomes(state, EventChange::Briefed(before), stamp)
    }

    /// Says who takes part.
    pub fn staff(mut self, team: Team, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Staff)?;
        self.parts.team = team.clone();
        let state = self.state;
        self.becomes(state, EventChange::Staffed(team), stamp)
    }

    /// Asks a victim specialist for an hour. An hour that another confirmed falls away, and with it an approval.
    pub fn ask_specialist(mut self, specialist: MemberId, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Ask)?;
        self.parts.asked = Some(specialist);
        self.parts.specialist = None;
        self.parts.declined = None;
        let state = self.unapproved();
        self.becomes(state, EventChange::SpecialistAsked(specialist), stamp)
    }

    /// The state without an approval that rested on the hour of a victim specialist.
    const fn unapproved(&self) -> EventState {
        match self.state {
            EventState::Approved { checked, .. } => EventState::Checked(checked),
            other => other,
        }
    }

    /// The victim specialist who was asked declines, or gives up an hour that they had confirmed; an approval falls with it.
    pub fn decline(mut self, grounds: Grounds, stamp: Stamp) -> Moved<Event, EventChange> {
        const DECLINE: EventMove = EventMove::Decline;
        self.legal(DECLINE)?;
        self.rule(DECLINE, self.parts.asked.is_some(), "no victim specialist was asked")?;
        self.rule(
            DECLINE,
            self.parts.asked == Some(stamp.by),
            "only the specialist who was asked declines the hour",
        )?;
        self.parts.asked = None;
        self.parts.specialist = None;
        self.parts.declined = Some(stamp);
        let state = self.unapproved();
        self.becomes(state, EventChange::HourDeclined(stamp.by, grounds), stamp)
    }

    /// The victim specialist who was asked confirms to be there from an hour on, at the latest when the event starts.
    pub fn confirm(mut self, from: Instant, stamp: Stamp) -> Moved<Event, EventChange> {
        const CONFIRM: EventMove = EventMove::Confirm;
        self.legal(CONFIRM)?;
        self.rule(CONFIRM, self.parts.asked.is_some(), "ask a victim specialist first")?;
        self.rule(
            CONFIRM,
            self.parts.asked == Some(stamp.by),
            "only the specialist who was asked confirms the hour",
        )?;
        self.rule(CONFIRM, from <= self.plan.window.start(), "the hour is after the start")?;
        let hour = SpecialistHour { specialist: stamp.by, from, on_site: None };
        self.parts.specialist = Some(hour);
        let state = self.state;
        self.becomes(state, EventChange::Confirmed(hour), stamp)
    }

    /// Logs a contact that was made.
    pub fn log(mut self, at: Instant, who: String, note: Grounds, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Log)?;
        self.rule(EventMove::Log, at <= stamp.at, "a contact cannot lie in the future")?;
        let entry = LogEntry { at, who, note, written: stamp };
        self.parts.log.push(entry.clone());
        let state = self.state;
        self.becomes(state, EventChange::Logged(entry), stamp)
    }

    /// Adds a subject by the age at the event, and by what they are called, when that is known; refuses a person who may be a
    /// child where that is so.
    pub fn add_subject(
        mut self,
        person: PersonId,
        called: &str,
        age: AgeAt,
        stamp: Stamp,
    ) -> Moved<Event, EventChange> {
        self.legal(EventMove::AddSubject)?;
        let added = self.subjects.add(person, age);
        let subject = added.map_err(|refused| self.refuse(EventMove::AddSubject, Some(refused.because)))?;
        if !called.trim().is_empty() {
            self.parts.called.push((person, called.trim().to_owned()));
        }
        let state = self.state;
        self.becomes(state, EventChange::SubjectAdded(subject), stamp)
    }

    /// Records the age of a subject as it was learnt later, in any state; one who may have been a child is none any more.
    pub fn learn_age(mut self, person: PersonId, age: AgeAt, stamp: Stamp) -> Moved<Event, EventChange> {
        let learned = self.subjects.learn_age(person, age);
        let change =
            match learned.map_err(|refused| self.refuse(EventMove::LearnAge, Some(refused.because)))? {
                Learned::StillSubject => EventChange::AgeLearned(person, age),
                Learned::IsVictim => {
                    // What a victim is called is no part of an operation, and an arrest of them was none of a subject.
                    self.parts.called.retain(|(known, _)| *known != person);
                    self.parts.arrests.retain(|arrest| arrest.person != person);
                    EventChange::SubjectIsVictim(person, age)
                }
            };
        let state = self.state;
        self.becomes(state, change, stamp)
    }

    /// Records an individual screening of a subject for trafficking.
    pub fn screen(
        mut self,
        (person, at): (PersonId, Instant),
        found: Screened,
        how: Grounds,
        stamp: Stamp,
    ) -> Moved<Event, EventChange> {
        const SCREEN: EventMove = EventMove::Screen;
        self.legal(SCREEN)?;
        self.rule(SCREEN, self.has_subject(person), "the person is no subject of it: add them first")?;
        self.rule(SCREEN, at <= stamp.at, "a screening cannot lie in the future")?;
        self.parts.screenings.push(Screening { person, at, found, how: how.clone(), written: stamp });
        let state = self.state;
        self.becomes(state, EventChange::Screened(person, found, how), stamp)
    }

    /// Records the arrest of a subject. In a matter of commercial sex an individual screening for trafficking comes first
    /// (34 U.S.C. 20709(c)).
    pub fn arrest(mut self, person: PersonId, at: Instant, stamp: Stamp) -> Moved<Event, EventChange> {
        const ARREST: EventMove = EventMove::Arrest;
        self.legal(ARREST)?;
        self.rule(ARREST, self.has_subject(person), "the person is no subject of it: add them first")?;
        self.rule(ARREST, at <= stamp.at, "an arrest cannot lie in the future")?;
        let twice = self.parts.arrests.iter().any(|arrest| arrest.person == person);
        self.rule(ARREST, !twice, "the person is arrested already")?;
        let screened = self.parts.screenings.iter().any(|one| one.person == person && one.at <= at);
        self.rule(
            ARREST,
            screened || self.matter != Matter::CommercialSex,
            "no screening for trafficking is recorded before it: 34 U.S.C. 20709(c)",
        )?;
        self.parts.arrests.push(Arrest { person, at, written: stamp });
        let state = self.state;
        self.becomes(state, EventChange::Arrested(person), stamp)
    }

    /// The arrest of a person as a suspect: none of whoever showed signs of trafficking when they were screened last, for who
    /// may be a victim is no trafficker who was arrested.
    pub fn arrest_of_suspect(&self, person: PersonId) -> Option<&Arrest> {
        let screenings = self.parts.screenings.iter().filter(|one| one.person == person);
        let last = screenings.max_by_key(|one| (one.at, one.written.at));
        let signs = last.is_some_and(|one| one.found == Screened::Signs);
        self.parts.arrests.iter().find(|arrest| arrest.person == person && !signs)
    }

    fn has_subject(&self, person: PersonId) -> bool {
        self.subjects().iter().any(|subject| subject.person() == person)
    }

    /// Attaches the receipt of the check that was asked for the plan, answered after time and place were last changed.
    pub fn check(self, receipt: CheckReceipt, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Check)?;
        let own = receipt.event() == self.id && receipt.check() == self.parts.check;
        self.rule(EventMove::Check, own, "the check is of another event or plan")?;
        let newer = receipt.answered() >= self.parts.changed.at;
        self.rule(EventMove::Check, newer, "the check is older than the last change of time or place")?;
        let checked = Checked { check: receipt.check(), answered: receipt.answered() };
        self.becomes(EventState::Checked(checked), EventChange::Checked(checked), stamp)
    }

    /// A supervisor approves, neither its planner nor who last changed it. `check` is its check as it stands now; one that
    /// has since found a hit does not let it go on.
    pub fn approve(self, check: Option<&Check>, stamp: Stamp) -> Moved<Event, EventChange> {
        const APPROVE: EventMove = EventMove::Approve;
        if matches!(self.state, EventState::Planned | EventState::Checked(_)) {
            let lacks = self.lacks(check);
            self.rule(APPROVE, lacks.is_empty(), &lacks.join("; "))?;
        }
        let EventState::Checked(checked) = self.state else { return Err(self.refuse(APPROVE, None)) };
        let planner = [self.planned.by, self.parts.changed.by].contains(&stamp.by);
        self.rule(APPROVE, !planner, "who planned it cannot approve it")?;
        self.becomes(EventState::Approved { checked, approved: stamp }, EventChange::Approved, stamp)
    }

    /// Records that the victim specialist is on site.
    pub fn arrive(mut self, stamp: Stamp) -> Moved<Event, EventChange> {
        self.legal(EventMove::Arrive)?;
        let Some(hour) = &mut self.parts.specialist else {
            return Err(self.refuse(EventMove::Arrive, Some("no victim specialist is confirmed".to_owned())));
        };
        hour.on_site = Some(stamp.at);
        let state = self.state;
        self.becomes(state, EventChange::Arrived, stamp)
    }

    /// Starts it, while its check still lets it go on; when it may meet a child, only with the victim specialist on site.
    pub fn start(self, check: Option<&Check>, stamp: Stamp) -> Moved<Event, EventChange> {
        const START: EventMove = EventMove::Start;
        let EventState::Approved { approved, .. } = self.state else {
            let lacks = match self.state {
                EventState::Planned | EventState::Checked(_) => {
                    Some("a supervisor has not approved it".to_owned())
                }
                _ => None,
            };
            return Err(self.refuse(START, lacks));
        };
        let lacks = self.lacks(check);
        self.rule(START, lacks.is_empty(), &lacks.join("; "))?;
        let on_site = self.parts.specialist.is_some_and(|hour| hour.on_site.is_some());
        let ready = !self.may_meet_child() || on_site;
        self.rule(START, ready, "it may meet a child and the victim specialist is not on site")?;
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
    use crate::{Asked, AskedSystems, CheckTarget, Point, Pointer, RadiusKm, Span};
    use proptest::prelude::*;

    fn plan() -> Plan {
        let start = Instant(0).plus(Span::days(30));
        let window = DateWindow::new(start, start.plus(Span::hours(2))).unwrap();
        let area = Area { centre: Point { lat: 35.2, lon: -80.8 }, radius: RadiusKm::new(0.3).unwrap() };
        Plan { window, area, address: "1 Example Street".into(), selectors: Vec::new() }
    }

    fn event(kind: EventKind) -> Event {
        let what = (kind, Matter::CommercialSex, false);
        Event::plan_new(id(2), (id(1), None), what, (plan(), Brief::default()), id(5), stamp(10)).0
    }

    fn no_hit(event: u128, second: i64) -> Check {
        let check = Check::ask(id(5), CheckTarget::Event(id(event)), None, id(6), stamp(1)).0;
        let asked =
            AskedSystems::new(vec![Asked { system: "own record".into(), at: stamp(second).at }]).unwrap();
        check.answer_none(asked, stamp(second)).unwrap().0
    }

    fn hit(event: u128, second: i64) -> Check {
        let pointer = Pointer { check: id(50), agency: id(60), contact: id(70) };
        no_hit(event, second).answer_hit(vec![pointer], stamp(second)).unwrap().0
    }

    fn receipt(event: u128, second: i64) -> CheckReceipt {
        no_hit(event, second).receipt().unwrap()
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
        refused(event.clone().approve(Some(&hit(2, 11)), stamp_of(8, 12)), "hit without an outcome");
        refused(event.clone().approve(None, stamp_of(8, 12)), "no check newer than the last change");
        let event = event.check(receipt(2, 11), stamp(12)).unwrap().0;
        let fresh = no_hit(2, 11);
        refused(event.clone().approve(Some(&fresh), stamp_of(8, 13)), "no victim specialist");
        refused(
            event.clone().confirm(plan().window.start(), stamp_of(7, 13)),
            "ask a victim specialist first",
        );
        let event = event.ask_specialist(id(7), stamp(13)).unwrap().0;
        refused(event.clone().confirm(plan().window.start(), stamp(13)), "only the specialist who was asked");
        refused(event.clone().confirm(plan().window.end(), stamp_of(7, 13)), "the hour is after the start");
        let event = event.confirm(plan().window.start(), stamp_of(7, 13)).unwrap().0;
        refused(event.clone().approve(Some(&fresh), stamp(14)), "who planned it cannot approve it");
        refused(event.clone().approve(Some(&hit(2, 14)), stamp_of(8, 14)), "hit without an outcome");
        refused(event.clone().start(Some(&fresh), stamp(14)), "has not approved it");
        let event = event.approve(Some(&fresh), stamp_of(8, 14)).unwrap().0;
        refused(event.clone().start(Some(&fresh), stamp(15)), "specialist is not on site");
        let event = event.arrive(stamp(15)).unwrap().0;
        refused(event.clone().start(Some(&hit(2, 15)), stamp(16)), "hit without an outcome");
        assert_eq!(event.start(Some(&fresh), stamp(16)).unwrap().0.state().word(), "under way");
    }

    #[test]
    fn a_new_place_undoes_check_approval_and_hour() {
        let event = event(EventKind::Surveillance).check(receipt(2, 11), stamp(12)).unwrap().0;
        let event = event.approve(Some(&no_hit(2, 11)), stamp_of(8, 13)).unwrap().0;
        let event = event.replan(plan(), id(5), stamp(14)).unwrap().0;
        assert_eq!((event.state(), event.specialist()), (&EventState::Planned, None));
        refused(event.clone().check(receipt(2, 12), stamp(15)), "older than the last change");
        let other = event.replan(plan(), id(51), stamp(16)).unwrap().0;
        refused(other.check(receipt(2, 17), stamp(18)), "another event or plan");
    }

    #[test]
    fn another_specialist_undoes_hour_and_approval() {
        let event = event(EventKind::Recovery).check(receipt(2, 11), stamp(12)).unwrap().0;
        let event = event.ask_specialist(id(7), stamp(12)).unwrap().0;
        let event = event.confirm(plan().window.start(), stamp_of(7, 13)).unwrap().0;
        let event = event.approve(Some(&no_hit(2, 11)), stamp_of(8, 14)).unwrap().0;
        let event = event.ask_specialist(id(71), stamp(15)).unwrap().0;
        assert_eq!((event.state().word(), event.specialist()), ("checked", None));
    }

    #[test]
    fn a_specialist_who_declines_leaves_the_event_without_one() {
        let event = event(EventKind::Recovery).check(receipt(2, 11), stamp(12)).unwrap().0;
        refused(event.clone().decline(grounds(), stamp_of(7, 12)), "no victim specialist was asked");
        let event = event.ask_specialist(id(7), stamp(12)).unwrap().0;
        refused(event.clone().decline(grounds(), stamp_of(71, 13)), "only the specialist who was asked");
        let asked = event.clone().decline(grounds(), stamp_of(7, 13)).unwrap().0;
        assert_eq!((asked.parts().asked, asked.parts().declined), (None, Some(stamp_of(7, 13))));
        refused(asked.clone().approve(Some(&no_hit(2, 11)), stamp_of(8, 14)), "no victim specialist");
        // One who had confirmed takes the approval along.
        let event = event.confirm(plan().window.start(), stamp_of(7, 13)).unwrap().0;
        let event = event.approve(Some(&no_hit(2, 11)), stamp_of(8, 14)).unwrap().0;
        let event = event.decline(grounds(), stamp_of(7, 15)).unwrap().0;
        assert_eq!((event.state().word(), event.specialist()), ("checked", None));
        let event = event.ask_specialist(id(71), stamp(16)).unwrap().0;
        assert_eq!(event.parts().declined, None);
    }

    #[test]
    fn nobody_is_arrested_unscreened() {
        let event = event(EventKind::Surveillance).check(receipt(2, 11), stamp(12)).unwrap().0;
        let event = event.approve(Some(&no_hit(2, 11)), stamp_of(8, 13)).unwrap().0;
        let event = event.start(Some(&no_hit(2, 11)), stamp(14)).unwrap().0;
        let screen = |event: Event, second| {
            event.screen((id(6), stamp(second).at), Screened::NoSign, grounds(), stamp(20))
        };
        refused(event.clone().arrest(id(6), stamp(15).at, stamp(15)), "no subject of it");
        refused(screen(event.clone(), 15), "no subject of it");
        let event = event.add_subject(id(6), "grey van", AgeAt::Known(41), stamp(15)).unwrap().0;
        refused(event.clone().arrest(id(6), stamp(16).at, stamp(16)), "34 U.S.C. 20709(c)");
        refused(screen(event.clone(), 21), "in the future");
        let screened = screen(event, 18).unwrap().0;
        refused(screened.clone().arrest(id(6), stamp(17).at, stamp(21)), "34 U.S.C. 20709(c)");
        let arrested = screened.arrest(id(6), stamp(19).at, stamp(21)).unwrap().0;
        refused(arrested.clone().arrest(id(6), stamp(19).at, stamp(22)), "arrested already");
        let victim = arrested.learn_age(id(6), AgeAt::Known(17), stamp(23)).unwrap().0;
        assert!(victim.parts().called.is_empty() && victim.parts().arrests.is_empty());
    }

    #[test]
    fn the_log_only_grows() {
        let event =
            event(EventKind::Surveillance).log(stamp(9).at, "desk".into(), grounds(), stamp(11)).unwrap().0;
        refused(event.clone().log(stamp(13).at, "desk".into(), grounds(), stamp(12)), "in the future");
        let event = event.log(stamp(11).at, "hospital".into(), grounds(), stamp(12)).unwrap().0;
        let who: Vec<&str> = event.parts().log.iter().map(|entry| entry.who.as_str()).collect();
        assert_eq!(who, ["desk", "hospital"]);
    }

    fn attempt(event: Event, wanted: EventMove, by: u128, at: i64) -> Moved<Event, EventChange> {
        let stamp = stamp_of(by, at);
        let check = if at % 5 == 0 { hit(2, at - 1) } else { no_hit(2, at - 1) };
        match wanted {
            EventMove::Replan => event.replan(plan(), id(5), stamp),
            EventMove::Brief => event.rebrief(Brief::default(), stamp),
            EventMove::Staff => event.staff(Team::default(), stamp),
            EventMove::Ask => event.ask_specialist(id(7), stamp),
            EventMove::Confirm => event.confirm(plan().window.start(), stamp),
            EventMove::Decline => event.decline(grounds(), stamp),
            EventMove::Screen => event.screen((id(6), stamp.at), Screened::NoSign, grounds(), stamp),
            EventMove::Arrest => event.arrest(id(6), stamp.at, stamp),
            EventMove::AddSubject => event.add_subject(id(6), "", AgeAt::Known(10 + by as u8), stamp),
            EventMove::LearnAge => event.learn_age(id(6), AgeAt::Known(10 + by as u8), stamp),
            EventMove::Check => event.check(receipt(2, at - 1), stamp),
            EventMove::Log => event.log(stamp.at, "desk".into(), grounds(), stamp),
            EventMove::Approve => event.approve(Some(&check), stamp),
            EventMove::Arrive => event.arrive(stamp),
            EventMove::Start => event.start(Some(&check), stamp),
            EventMove::Finish => event.finish(stamp),
            EventMove::CallOff => event.call_off(grounds(), stamp),
        }
    }

    proptest! {
        /// However the moves are mixed, an event under way was approved by another than its planner after its last
        /// change, and met no child without a specialist on site.
        #[test]
        fn nothing_goes_on_unapproved(steps in proptest::collection::vec((0usize..17, 7u128..10), 0..60), kind in 0usize..4) {
            let mut event = event(EventKind::ALL[kind]);
            for (at, (step, by)) in (20i64..).step_by(3).zip(steps) {
                let wanted = EventMove::ALL[step];
                match attempt(event.clone(), wanted, by, at) {
                    Ok((next, change)) => {
                        prop_assert!(event.allowed().contains(&wanted));
                        prop_assert_eq!(change.stamp, stamp_of(by, at));
                        prop_assert!(!matches!(wanted, EventMove::Approve | EventMove::Start) || at % 5 != 0);
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
                for arrest in &event.parts().arrests {
                    let screened = |one: &Screening| one.person == arrest.person && one.at <= arrest.at;
                    prop_assert!(event.parts().screenings.iter().any(screened));
                }
            }
        }
    }
}
