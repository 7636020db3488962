//! The leads, checks, cases and missing reports of a made up record, each carried to where it stands by the moves of the
//! model.

use super::dice::Dice;
use super::{Cast, Made, Step};
use crate::Restriction;
use crate::body::Body;
use crate::check::{Inquiry, marks};
use crate::record::Noun;
use crate::schema::check_mark;
use homeward_access::{Act, Kind, Resource};
use homeward_model::time::DAY;
use homeward_model::{
    AgeAt, Area, Asked, AskedSystems, Case, CaseEntry, CaseId, Category, Change, Check, CheckId,
    CheckOutcome, CheckTarget, DateWindow, EntrySystem, EventId, Grounds, Instant, Lead, LeadId, LeadOrigin,
    LeadOutcome, Matter, MissingReport, MissingReportId, MissingReportRecord, OfficeId, PersonId,
    PlaceMention, Point, Pointer, Predicate, Priority, RadiusKm, Role, Route, Selector, SelectorKind, Stamp,
    TaskForceId,
};
use homeward_rules::record::RecordRules;
use serde_json::Value;
use std::fmt::Debug;

/// Days over which the record came about.
const DAYS: u64 = 5 * 365;

/// Field offices of the regions.
const OFFICES: [&str; 10] = [
    "Charlotte",
    "Columbia",
    "Atlanta",
    "Knoxville",
    "Richmond",
    "Miami",
    "Dallas",
    "Cleveland",
    "Los Angeles",
    "Seattle",
];

/// Towns, by name and place.
pub(super) const TOWNS: [(&str, &str, f64, f64); 10] = [
    ("Charlotte", "NC", 35.23, -80.84),
    ("Columbia", "SC", 34.0, -81.03),
    ("Atlanta", "GA", 33.75, -84.39),
    ("Knoxville", "TN", 35.96, -83.92),
    ("Richmond", "VA", 37.54, -77.44),
    ("Miami", "FL", 25.76, -80.19),
    ("Dallas", "TX", 32.78, -96.8),
    ("Cleveland", "OH", 41.5, -81.69),
    ("Los Angeles", "CA", 34.05, -118.24),
    ("Seattle", "WA", 47.61, -122.33),
];

pub(super) fn office(region: usize) -> OfficeId {
    OfficeId::of_text(&format!("field office {}", OFFICES[region % OFFICES.len()]))
}

/// The task forces that the offices lead.
pub(super) fn forces() -> Vec<TaskForceId> {
    (0..OFFICES.len())
        .map(|region| TaskForceId::of_text(&format!("task force of {}", office(region))))
        .collect()
}

pub(super) fn why(text: &str) -> Grounds {
    Grounds::new(text).expect("it is not empty")
}

/// Makes them one after the other.
pub(super) struct Maker<'a> {
    pub(super) cast: &'a Cast,
    pub(super) dice: Dice,
    pub(super) now: Instant,
    pub(super) forces: Vec<TaskForceId>,
    number: u64,
    /// The other half of a pair of checks that meet.
    met: Option<(Made<Check>, Vec<check_mark::ActiveModel>)>,
}

/// A record under way.
pub(super) struct Way<N> {
    pub(super) noun: N,
    at: Instant,
    steps: Vec<Step>,
}

impl<N: Noun> Way<N> {
    /// A record that came about by an act of a member.
    pub(super) fn begin<W: Body>(noun: N, at: Instant, act: Act, by: usize, change: &Change<W>) -> Way<N> {
        let mut way = Way { noun, at, steps: Vec::new() };
        way.said(act, by, change);
        way
    }

    /// The same where the trail says more of the act than what changed.
    pub(super) fn begin_saying(noun: N, at: Instant, act: Act, by: usize, what: Value) -> Way<N> {
        let mut way = Way { noun, at, steps: Vec::new() };
        way.say(act, by, what);
        way
    }

    /// A move by a member some hours later.
    pub(super) fn go<W: Body, E: Debug>(
        mut self,
        maker: &mut Maker<'_>,
        act: Act,
        by: usize,
        step: impl FnOnce(N, Stamp) -> Result<(N, Change<W>), E>,
    ) -> Way<N> {
        self.at = Instant(self.at.0 + (1 + maker.dice.below(DAY as u64 / 4)) as i64).min(maker.now);
        let stamp = maker.stamp(by, self.at);
        let (noun, change) = step(self.noun, stamp).expect("the story keeps to the moves");
        self.noun = noun;
        self.said(act, by, &change);
        self
    }

    fn said<W: Body>(&mut self, act: Act, by: usize, change: &Change<W>) {
        self.say(act, by, change.what.write());
    }

    fn say(&mut self, act: Act, by: usize, what: Value) {
        let mut resource = Resource::owned(N::KIND, homeward_model::AgencyId::from_bits(0));
        self.noun.place(&mut resource);
        self.steps.push(Step { act, by, at: self.at, what, state: resource.state });
    }

    pub(super) fn end(self, mut resource: Resource) -> Made<N> {
        self.noun.place(&mut resource);
        Made { noun: self.noun, resource, steps: self.steps }
    }
}

impl<'a> Maker<'a> {
    pub(super) fn new(cast: &'a Cast, seed: u64, now: Instant) -> Maker<'a> {
        Maker { cast, dice: Dice::new(seed ^ 0x5eed), now, forces: forces(), number: 0, met: None }
    }

    pub(super) fn stamp(&self, by: usize, at: Instant) -> Stamp {
        Stamp { by: self.cast.actors[by].member, at }
    }

    /// A moment of the five years.
    pub(super) fn moment(&mut self) -> Instant {
        self.number += 1;
        let back = self.dice.below(DAYS * DAY as u64 - DAY as u64) as i64;
        Instant(self.now.0 - DAY - back)
    }

    pub(super) fn agency(&mut self) -> usize {
        self.dice.below(self.cast.agencies.len() as u64) as usize
    }

    pub(super) fn member(&mut self, agency: usize, role: Role) -> usize {
        let found = self.cast.of(agency, role);
        if found.is_empty() { agency * 6 } else { *self.dice.of(&found) }
    }

    /// A lead: admitted by the clearinghouse or an agency, triaged to an agency, worked, and mostly closed.
    pub(super) fn lead(&mut self) -> Made<Lead> {
        let (at, to) = (self.moment(), self.agency());
        let from = if self.dice.below(3) == 0 { 0 } else { to };
        let analyst = self.member(from, Role::Analyst);
        let id = LeadId::new(at, self.dice.wide());
        let origin = LeadOrigin::Finding(format!("{:016x}", self.dice.bits()));
        let by = self.cast.agencies[from];
        let (lead, change) = Lead::admit(id, origin, by, why("worth a look"), self.stamp(analyst, at));
        let mut way = Way::begin(lead, at, Act::AdmitFinding, analyst, &change);
        let far = self.dice.below(100);
        let priority = *self.dice.of(Priority::ALL);
        let task_force = Some(self.forces[to % self.forces.len()]);
        let route =
            Route { office: office(to), agency: self.cast.agencies[to], task_force, by_distance: false };
        if far >= 2 {
            way = way.go(self, Act::TriageLead, analyst, |lead, stamp| lead.triage(priority, route, stamp));
        }
        let supervisor = self.member(to, Role::Supervisor);
        let investigator = self.member(to, Role::Investigator);
        if far >= 5 {
            let member = self.cast.actors[investigator].member;
            way = way.go(self, Act::AssignLead, supervisor, |lead, stamp| lead.assign(member, stamp));
        }
        if far >= 10 {
            way = way.go(self, Act::WorkLead, investigator, Lead::start);
        }
        if far >= 25 {
            way = way.go(self, Act::CloseLead, investigator, |lead, stamp| {
                lead.close(LeadOutcome::Unfounded, why("nobody there any more"), stamp)
            });
        }
        way.end(Resource::owned(Kind::Lead, by))
    }

    /// A case of an agency: opened on a predicate, mostly accepted, taken up and given a subject, some of them declined.
    pub(super) fn case(&mut self) -> Made<Case> {
        let (at, of) = (self.moment(), self.agency());
        let (author, chief) = (self.member(of, Role::Investigator), self.member(of, Role::Supervisor));
        let (id, person) = (CaseId::new(at, self.dice.wide()), PersonId::new(at, self.dice.wide()));
        let owner = self.cast.agencies[of];
        let facts = why("one name paid for rooms on nine nights, and three numbers lead to it");
        let written = self.stamp(author, at);
        let predicate = Predicate::new("18 U.S.C. 1591(a)(1)", facts, written).expect("it names the crime");
        let (case, change) = Case::open(id, owner, None, Matter::CommercialSex, predicate, written);
        let mut way = Way::begin(case, at, Act::OpenCase, author, &change);
        let far = self.dice.below(100);
        if far >= 5 {
            way = way.go(self, Act::AcceptPredicate, chief, |case, stamp| {
                case.accept(stamp.at.plus_days(-200.0), stamp)
            });
        }
        if far >= 10 {
            way = way.go(self, Act::WorkCase, author, Case::take_up);
            way = way.go(self, Act::WorkCase, author, |case, stamp| {
                case.add_subject(person, "A. Sample", AgeAt::Known(40), stamp)
            });
            way = way.go(self, Act::PrepareCase, author, |case, stamp| {
                case.enter(CaseEntry::Noted(why("asked the hotel for its bookings")), stamp)
            });
        }
        if far >= 60 {
            way = way.go(self, Act::CloseCase, chief, |case, stamp| {
                case.decline(why("no name could be proven"), stamp)
            });
        }
        way.end(Resource::owned(Kind::Case, owner))
    }

    /// A missing report: received, entered, verified, and mostly located.
    pub(super) fn report(&mut self) -> Made<MissingReportRecord> {
        let (at, of) = (self.moment(), self.agency());
        let by = self.member(of, Role::Investigator);
        let town = *self.dice.of(&TOWNS);
        let report = MissingReport {
            id: format!("made-up-{}", self.number),
            case_number: Some(format!("{}-{}", of, self.number)),
            category: Some(Category::EndangeredRunaway),
            given_name: format!("Given{}", self.dice.below(400)),
            family_name: format!("Example{}", self.dice.below(4000)),
            age_when_missing: Some(12 + self.dice.below(6) as u8),
            height_cm: Some(150.0 + self.dice.below(30) as f32),
            hair: Some("brown".to_owned()),
            eyes: Some("brown".to_owned()),
            missing_since: Some(Instant(at.0 - DAY)),
            missing_from: PlaceMention {
                city: Some(town.0.to_owned()),
                state: Some(town.1.to_owned()),
                ..PlaceMention::default()
            },
            phones: vec![self.phone()],
            circumstances: "Left school in the afternoon and did not come home.".to_owned(),
            ..MissingReport::default()
        };
        let id = MissingReportId::new(at, self.dice.wide());
        let owner = self.cast.agencies[of];
        let what = crate::body::object([("is", Value::from("Received")), ("report", report.write())]);
        let (record, _) = MissingReportRecord::receive(id, owner, at, report, self.stamp(by, at));
        let mut way = Way::begin_saying(record, at, Act::ReceiveReport, by, what);
        let system = EntrySystem::ALL[0];
        way = way.go(self, Act::EditReport, by, |record, stamp| record.enter(system, stamp.at, stamp));
        way = way.go(self, Act::EditReport, by, MissingReportRecord::verify);
        if self.dice.below(100) < 85 {
            way = way.go(self, Act::LocateReport, by, |record, stamp| {
                record.locate(stamp.at, why("came home"), stamp)
            });
        }
        way.end(Resource::owned(Kind::MissingReport, owner))
    }

    fn phone(&mut self) -> String {
        format!("+1{:03}55501{:02}", 200 + self.dice.below(800), self.dice.below(100))
    }

    /// What is asked: an event at a time and place, a selector, or a subject.
    fn inquiry(&mut self, at: Instant, id: CheckId) -> Inquiry {
        let town = *self.dice.of(&TOWNS);
        let mut inquiry = Inquiry {
            id,
            target: CheckTarget::Event(EventId::from_bits(self.dice.wide())),
            window: None,
            area: None,
            selectors: Vec::new(),
            subjects: Vec::new(),
            asked_elsewhere: Vec::new(),
            restriction: Restriction::default(),
        };
        match self.dice.below(100) {
            0..60 => {
                let start = at.0 + self.dice.below(14 * DAY as u64) as i64;
                let end = start + (1 + self.dice.below(DAY as u64)) as i64;
                inquiry.window = DateWindow::new(Instant(start), Instant(end)).ok();
                let (lat, lon) = (town.2 + self.dice.share() - 0.5, town.3 + self.dice.share() - 0.5);
                let radius = RadiusKm::new(0.2 + 2.0 * self.dice.share());
                inquiry.area =
                    Point::new(lat, lon).and_then(|centre| radius.ok().map(|radius| Area { centre, radius }));
            }
            60..85 => {
                let value = self.phone();
                inquiry.target = CheckTarget::Selector(Selector {
                    kind: SelectorKind::Phone,
                    raw: value.clone(),
                    value,
                    start: 0,
                    end: 0,
                    confidence: 1.0,
                    common: None,
                });
            }
            _ => inquiry.target = CheckTarget::Subject(PersonId::from_bits(self.dice.wide())),
        }
        inquiry
    }

    /// A check: three in a hundred met another one, and half of those are settled.
    pub(super) fn check(&mut self) -> (Made<Check>, Vec<check_mark::ActiveModel>) {
        if let Some(met) = self.met.take() {
            return met;
        }
        let (mine, theirs) = (self.asked(), self.asked());
        if self.dice.below(1000) >= 15 || mine.0.noun.agency == theirs.0.noun.agency {
            return self.answered(mine);
        }
        let pointer = |(way, _, by): &(Way<Check>, Vec<check_mark::ActiveModel>, usize)| Pointer {
            check: way.noun.id,
            agency: way.noun.agency,
            contact: self.cast.actors[*by].member,
        };
        let (to_mine, to_theirs) = (pointer(&mine), pointer(&theirs));
        let settled = self.dice.below(2) == 0;
        self.met = Some(self.hit(theirs, to_mine, settled));
        self.hit(mine, to_theirs, settled)
    }

    fn asked(&mut self) -> (Way<Check>, Vec<check_mark::ActiveModel>, usize) {
        let (at, of) = (self.moment(), self.agency());
        let by = self.member(of, Role::Investigator);
        let inquiry = self.inquiry(at, CheckId::new(at, 0));
        let inquiry = Inquiry { id: CheckId::new(at, self.dice.wide()), ..inquiry };
        let owner = self.cast.agencies[of];
        let (check, change) =
            Check::ask(inquiry.id, inquiry.target.clone(), inquiry.window, owner, self.stamp(by, at));
        let kept = RecordRules::embedded().clocks.check_target_kept.span;
        let marks = marks(&inquiry, &check, kept);
        (Way::begin(check, at, Act::AskCheck, by, &change), marks, by)
    }

    fn answered(
        &mut self,
        (way, marks, by): (Way<Check>, Vec<check_mark::ActiveModel>, usize),
    ) -> (Made<Check>, Vec<check_mark::ActiveModel>) {
        let owner = way.noun.agency;
        let way = way.go(self, Act::AskCheck, by, |check, stamp| {
            let asked = AskedSystems::new(vec![Asked { system: "own record".to_owned(), at: stamp.at }]);
            check.answer_none(asked.expect("one was asked"), stamp)
        });
        (way.end(Resource::owned(Kind::Check, owner)), marks)
    }

    fn hit(
        &mut self,
        (way, marks, by): (Way<Check>, Vec<check_mark::ActiveModel>, usize),
        other: Pointer,
        settled: bool,
    ) -> (Made<Check>, Vec<check_mark::ActiveModel>) {
        let owner = way.noun.agency;
        let way = way.go(self, Act::AskCheck, by, |check, stamp| check.answer_hit(vec![other], stamp));
        let mut way = way.go(self, Act::AskCheck, by, Check::tell_both);
        if settled {
            way = way.go(self, Act::AnswerCheck, by, Check::acknowledge);
            way = way.go(self, Act::AnswerCheck, by, Check::contact);
            way = way.go(self, Act::AnswerCheck, by, |check, stamp| {
                check.settle(CheckOutcome::Proceed, why("both go on"), stamp)
            });
        }
        (way.end(Resource::owned(Kind::Check, owner)), marks)
    }
}
