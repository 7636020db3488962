//! Initiatives, operations, events, victims, recovery facts, referrals and results of a made up record.

use super::Made;
use super::work::{Maker, TOWNS, Way, office, why};
use crate::body::{Body, object};
use crate::initiative::sight_of;
use crate::record::Held;
use homeward_access::{Act, Kind, Resource};
use homeward_model::time::DAY;
use homeward_model::{
    AgeAt, Area, Asked, AskedSystems, Brief, Check, CheckId, CheckTarget, Counted, CountedResult, DateWindow,
    Event, EventId, EventKind, Initiative, InitiativeId, Instant, Matter, Met, Need, Operation, OperationId,
    Pairing, PersonId, Place, Plan, Point, RadiusKm, RecoveryFact, RecoveryFactId, RecoveryKind,
    RecoveryStep, Referral, ReferralAsks, ReferralId, ResultId, ResultKind, Role, Stamp, Team, Victim,
    VictimId,
};
use serde_json::Value;

/// Operations of a month-long initiative, as in Operation Independence Day 2019.
const IN_INITIATIVE: usize = 161;

/// Initiatives and operations on which the rest hangs.
#[derive(Default)]
pub(super) struct Chain {
    initiatives: Vec<Held<Initiative>>,
    operations: Vec<(Operation, usize)>,
    /// Checks of the events that were made.
    pub(super) checks: Vec<Made<Check>>,
    victims: Vec<(Victim, usize, Option<InitiativeId>)>,
    /// Facts of the victims that were made.
    pub(super) facts: Vec<Made<RecoveryFact>>,
}

impl Chain {
    /// A month-long initiative of the clearinghouse, one a year, the last of them under way; every agency joined.
    pub(super) fn initiative(&mut self, maker: &mut Maker<'_>) -> Made<Initiative> {
        let back = 365 * DAY * self.initiatives.len() as i64;
        let start = Instant(maker.now.0 - 15 * DAY - back);
        let at = Instant(start.0 - 30 * DAY);
        let window = DateWindow::new(start, Instant(start.0 + 31 * DAY)).expect("it is a month");
        let by = maker.member(0, Role::Coordinator);
        let id = InitiativeId::new(at, maker.dice.wide());
        let name = format!("Month of {} years ago", self.initiatives.len());
        let (initiative, change) = Initiative::plan(id, name, window, maker.stamp(by, at));
        let mut way = Way::begin(initiative, at, Act::PlanInitiative, by, &change);
        for agency in maker.cast.agencies.clone() {
            way = way.go(maker, Act::RunInitiative, by, |initiative, stamp| {
                initiative.join(agency, window.end(), stamp)
            });
        }
        way = way.go(maker, Act::RunInitiative, by, Initiative::open);
        let owner = maker.cast.agencies[0];
        let made = way.end(Resource::owned(Kind::Initiative, owner));
        let held = Held { noun: made.noun.clone(), version: 1, resource: made.resource.clone() };
        self.initiatives.push(held);
        made
    }

    /// An operation of an agency: the first ones in the initiatives, the others alone.
    pub(super) fn operation(&mut self, maker: &mut Maker<'_>) -> Made<Operation> {
        let of = maker.agency();
        let initiative = self.initiatives.get(self.operations.len() / IN_INITIATIVE).cloned();
        let start = maker.moment();
        let alone = DateWindow::new(start, Instant(start.0 + 10 * DAY)).expect("it is ten days");
        let window = initiative.as_ref().map_or(alone, |held| held.noun.window);
        let at = Instant((window.start().0 - 5 * DAY).min(maker.now.0));
        let (by, chief) = (maker.member(of, Role::Coordinator), maker.member(of, Role::Supervisor));
        let id = OperationId::new(at, maker.dice.wide());
        let owner = maker.cast.agencies[of];
        let name = format!("Operation {}", self.operations.len() + 1);
        let (mut operation, change) = Operation::propose(id, name, owner, window, maker.stamp(by, at));
        operation.initiative = initiative.as_ref().map(|held| held.noun.id);
        operation.task_force = Some(maker.forces[of % maker.forces.len()]);
        let mut way = Way::begin(operation, at, Act::ProposeOperation, by, &change);
        if maker.dice.below(100) >= 3 {
            way = way.go(maker, Act::ApproveOperation, chief, Operation::approve);
            way = way.go(maker, Act::RunOperation, chief, Operation::start);
        }
        if window.end() < maker.now && !way.noun.allowed().is_empty() {
            way = way.go(maker, Act::RunOperation, chief, |operation, stamp| {
                operation.call_off(why("its time has passed"), stamp)
            });
        }
        self.operations.push((way.noun.clone(), of));
        let mut resource = Resource::owned(Kind::Operation, owner);
        resource.releases = initiative.map(|held| sight_of(&held, owner)).unwrap_or_default();
        way.end(resource)
    }

    /// An event of an operation, with its check: planned, mostly checked, approved, and done when its hour has passed.
    pub(super) fn event(&mut self, maker: &mut Maker<'_>) -> Made<Event> {
        let (operation, of) = maker.dice.of(&self.operations).clone();
        let start = operation.window.start().0 + maker.dice.below(9 * DAY as u64) as i64;
        let at = Instant((start - 3 * DAY).min(maker.now.0 - 2 * DAY));
        let town = *maker.dice.of(&TOWNS);
        let centre = Point::new(town.2 + maker.dice.share() - 0.5, town.3 + maker.dice.share() - 0.5);
        let centre = centre.expect("it is near a town");
        let radius = RadiusKm::new(0.5).expect("it is a radius");
        let window = DateWindow::new(Instant(start), Instant(start + DAY / 6)).expect("it is four hours");
        let area = Area { centre, radius };
        let plan = Plan { window, area, address: "100 Example Street".to_owned(), selectors: Vec::new() };
        let (by, chief) = (maker.member(of, Role::Investigator), maker.member(of, Role::Supervisor));
        let specialist = maker.member(of, Role::VictimSpecialist);
        let member = |at: usize| maker.cast.actors[at].member;
        let (asked, team) =
            (member(specialist), Team { staff: vec![member(by)], supervisor: Some(member(chief)) });
        let id = EventId::new(at, maker.dice.wide());
        let check = CheckId::new(at, maker.dice.wide());
        let owner = maker.cast.agencies[of];
        let kind = *maker.dice.of(EventKind::ALL);
        let brief = Brief { objective: "Find out who rents the rooms".to_owned(), ..Brief::default() };
        let (event, change) = Event::plan_new(
            id,
            (operation.id, operation.initiative),
            (kind, Matter::CommercialSex, true),
            (plan, brief),
            check,
            maker.stamp(by, at),
        );
        let mut way = Way::begin(event, at, Act::PlanEvent, by, &change);
        let checked = self.check(maker, (check, id), window, (of, by), at);
        let far = maker.dice.below(100);
        if let Some(receipt) = checked.receipt().filter(|_| far >= 10) {
            way = way.go(maker, Act::NoteEvent, by, |event, stamp| event.staff(team, stamp));
            way = way.go(maker, Act::NoteEvent, by, |event, stamp| event.ask_specialist(asked, stamp));
            way = way.go(maker, Act::AskCheck, by, |event, stamp| event.check(receipt, stamp));
            way = way.go(maker, Act::ConfirmSpecialist, specialist, |event, stamp| {
                event.confirm(window.start(), stamp)
            });
        }
        let known = Some(&checked);
        if far >= 25 {
            way = way.go(maker, Act::ApproveEvent, chief, |event, stamp| event.approve(known, stamp));
        }
        if far >= 25 && window.end() < maker.now {
            way = way.go(maker, Act::RunEvent, specialist, Event::arrive);
            way = way.go(maker, Act::RunEvent, chief, |event, stamp| event.start(known, stamp));
            way = way.go(maker, Act::RunEvent, chief, Event::finish);
        } else if window.end() < maker.now {
            way = way.go(maker, Act::RunEvent, chief, |event, stamp| {
                event.call_off(why("its time has passed"), stamp)
            });
        }
        way.end(Resource::owned(Kind::Event, owner))
    }

    fn check(
        &mut self,
        maker: &mut Maker<'_>,
        (id, event): (CheckId, EventId),
        window: DateWindow,
        (of, by): (usize, usize),
        at: Instant,
    ) -> Check {
        let owner = maker.cast.agencies[of];
        let target = CheckTarget::Event(event);
        let (check, change) = Check::ask(id, target, Some(window), owner, maker.stamp(by, at));
        let way = Way::begin(check, at, Act::AskCheck, by, &change);
        let way = way.go(maker, Act::AskCheck, by, |check, stamp| {
            let asked = AskedSystems::new(vec![Asked { system: "own record".to_owned(), at: stamp.at }]);
            check.answer_none(asked.expect("one was asked"), stamp)
        });
        let checked = way.noun.clone();
        self.checks.push(way.end(Resource::owned(Kind::Check, owner)));
        checked
    }

    /// A victim who was met, paired with a specialist, with the fact of the recovery and the steps after it.
    pub(super) fn victim(&mut self, maker: &mut Maker<'_>) -> Made<Victim> {
        let (operation, of) = maker.dice.of(&self.operations).clone();
        let at = Instant((operation.window.start().0 + DAY).min(maker.now.0 - DAY));
        let (by, chief) = (maker.member(of, Role::Investigator), maker.member(of, Role::Supervisor));
        let specialist = maker.member(of, Role::VictimSpecialist);
        let (id, person) = (VictimId::new(at, maker.dice.wide()), PersonId::new(at, maker.dice.wide()));
        let owner = maker.cast.agencies[of];
        let met = Met { at, event: None, lead: None };
        let age = AgeAt::Known(13 + maker.dice.below(5) as u8);
        let pairing = Pairing::With(maker.cast.actors[specialist].member);
        let called = format!("Given{} Example", maker.dice.below(400));
        let stamp = maker.stamp(by, at);
        let recorded = Victim::record(id, person, &called, None, met, age, pairing, stamp);
        let (victim, change) = recorded.expect("it is said in full");
        let mut way = Way::begin(victim, at, Act::RecordVictim, by, &change);
        let fact_id = RecoveryFactId::new(at, maker.dice.wide());
        let kind = RecoveryKind::Recovered;
        let evidence = why("met in room 12 and brought to the hospital");
        let fact = RecoveryFact::new(fact_id, (id, age), (kind, at), owner, evidence, stamp);
        let fact = fact.expect("it has happened");
        let what = object([("is", Value::from("Appended")), ("victim", id.write()), ("kind", kind.write())]);
        let mut fact = Way::begin_saying(fact, at, Act::RecordRecovery, by, what);
        fact = fact.go(maker, Act::ConfirmRecovery, chief, RecoveryFact::confirm);
        let facts = homeward_model::RecoveryFacts::stored(vec![fact.noun.clone()]);
        way = way.go(maker, Act::RecordRecovery, by, |victim, stamp| {
            Ok::<_, std::convert::Infallible>(victim.reckon(&facts, kind, stamp))
        });
        let mut resource = Resource::owned(Kind::RecoveryFact, owner);
        resource.assigned = vec![maker.cast.actors[by].member, maker.cast.actors[specialist].member];
        self.facts.push(fact.end(resource));
        // One in ten waits for something.
        let done = if maker.dice.below(10) == 0 { 2 } else { RecoveryStep::ALL.len() };
        for step in &RecoveryStep::ALL[..done] {
            way = way
                .go(maker, Act::KeepVictim, specialist, |victim, stamp| victim.step(*step, stamp.at, stamp));
        }
        self.victims.push((way.noun.clone(), of, operation.initiative));
        way.end(Resource::owned(Kind::Victim, owner))
    }

    /// A referral of the victims, each once, to a provider whom nobody of the record works for.
    pub(super) fn referral(&self, maker: &mut Maker<'_>, number: usize) -> Made<Referral> {
        let (victim, of, _) = &self.victims[number % self.victims.len()];
        let specialist = maker.member(*of, Role::VictimSpecialist);
        let at = victim.recorded.at;
        let id = ReferralId::new(at, maker.dice.wide());
        let provider = homeward_model::AgencyId::of_text(&format!("provider {}", number % 300));
        let need = *maker.dice.of(Need::ALL);
        let asks = ReferralAsks { need, called: victim.called.clone(), says: why("needs it this week") };
        let stamp = maker.stamp(specialist, at);
        let (referral, change) = Referral::make(id, victim.id, provider, asks, stamp);
        let mut way = Way::begin(referral, at, Act::MakeReferral, specialist, &change);
        match maker.dice.below(100) {
            0..10 => {}
            10..30 => {
                let full = why("no bed is free");
                way = way.go(maker, Act::AnswerReferral, specialist, |referral, stamp| {
                    referral.decline(full, stamp)
                });
            }
            _ => {
                way = way.go(maker, Act::AnswerReferral, specialist, Referral::accept);
                way = way.go(maker, Act::AnswerReferral, specialist, Referral::finish);
            }
        }
        let mut resource = Resource::owned(Kind::Referral, maker.cast.agencies[*of]);
        resource.assigned = vec![maker.cast.actors[specialist].member];
        way.end(resource)
    }

    /// A result: of each victim the recovery, then that the child is identified, then an arrest.
    pub(super) fn result(&self, maker: &mut Maker<'_>, number: usize) -> Made<CountedResult> {
        let (victim, of, initiative) = &self.victims[number % self.victims.len()];
        let (by, chief) = (maker.member(*of, Role::Investigator), maker.member(*of, Role::Supervisor));
        let (kind, of_whom) = match number / self.victims.len() {
            0 => (ResultKind::ChildRecovered, victim.person),
            1 => (ResultKind::ChildIdentified, victim.person),
            _ => (ResultKind::Arrest, PersonId::from_bits(maker.dice.wide())),
        };
        let at = victim.recorded.at;
        let id = ResultId::new(at, maker.dice.wide());
        let owner = maker.cast.agencies[*of];
        let state = TOWNS[*of % TOWNS.len()].1.to_owned();
        let place = Place { office: Some(office(*of)), state: Some(state), initiative: *initiative };
        let stamp: Stamp = maker.stamp(by, at);
        let claim =
            CountedResult::claim(id, (kind, Counted::Person(of_whom)), None, at, (owner, place), stamp);
        let (result, change) = claim.expect("it has happened");
        let mut way = Way::begin(result, at, Act::ClaimResult, by, &change);
        if maker.dice.below(100) >= 5 {
            way = way.go(maker, Act::ConfirmResult, chief, CountedResult::confirm);
        }
        let mut resource = Resource::owned(Kind::Result, owner);
        let desk = maker.cast.agencies[0];
        resource.referred_to = Some(desk).filter(|desk| *desk != owner).into_iter().collect();
        way.end(resource)
    }
}
