//! Initiatives, operations and events of the world, each in the state that an endpoint acts on.

use super::world::bits;
use crate::testing::{Recorded, now};
use homeward_access::{Purpose, PurposeKind};
use homeward_casework::rehearsal::{DESK, EAST, actor, member};
use homeward_casework::{Context, Revision};
use homeward_model::{
    AgeAt, AgencyId, Area, Brief, DateWindow, EventId, EventKind, Grounds, InitiativeId, Instant, Matter,
    OperationId, PersonId, Plan, Point, RadiusKm, Role, Screened, Span, Team,
};
use homeward_store::Restriction;
use homeward_store::event::PlannedEvent;
use homeward_store::operation::ProposedOperation;
use serde_json::{Value, json};

/// Initiatives: planned, and open with the desk in it.
const INITIATIVES: [u128; 2] = [600, 601];
/// Operations: proposed, approved, running.
const OPERATIONS: [u128; 3] = [610, 611, 612];
/// The operation of the events.
const OF_EVENTS: u128 = 613;
/// A watch that was checked.
const CHECKED: u128 = 620;
/// A recovery that waits for its specialist.
const ASKED: u128 = 621;
/// A recovery that was approved.
const APPROVED: u128 = 622;
/// A watch that was approved.
const READY: u128 = 623;
/// A watch under way.
const UNDER_WAY: u128 = 624;
/// A recovery with a subject.
const WITH_SUBJECT: u128 = 625;
/// A watch under way, with a subject who was screened.
const MET: u128 = 626;

fn window(hours: u32) -> DateWindow {
    let start = now().plus(Span::days(1));
    DateWindow::new(start, start.plus(Span::hours(hours))).unwrap()
}

/// Each event lies where no other is.
fn plan(agency: AgencyId, number: u128) -> Plan {
    let lat = (number % 100) as f64 + if agency == EAST { 0.0 } else { 0.5 };
    let area = Area { centre: Point::new(lat, -80.0).unwrap(), radius: RadiusKm::new(0.5).unwrap() };
    Plan { window: window(2), area, address: format!("{number} Example Road"), selectors: Vec::new() }
}

/// Makes them for an agency.
pub(super) async fn operations(site: &Recorded, agency: AgencyId) {
    let store = &site.record.store;
    let purpose = Purpose::of(PurposeKind::Investigation);
    let people =
        [Role::Coordinator, Role::Supervisor, Role::VictimSpecialist].map(|role| actor(agency, role));
    let [plans, directs, stays] =
        people.each_ref().map(|actor| Context { actor, purpose: &purpose, from: "worker", now: now() });
    let revision =
        |number: u128, seen: i64| Revision { seen, request: bits(agency, 1000 + number * 10 + seen as u128) };
    for (at, number) in INITIATIVES.into_iter().enumerate() {
        let id = InitiativeId::from_bits(bits(agency, number));
        store.plan_initiative(&plans, id, format!("initiative {number}"), window(24 * 30)).await.unwrap();
        if at == 1 {
            let until = Instant(window(24 * 20).end().0);
            store.join_initiative(&plans, id, revision(number, 1), DESK, until).await.unwrap();
            store.open_initiative(&plans, id, revision(number, 2)).await.unwrap();
        }
    }
    for (at, number) in OPERATIONS.into_iter().chain([OF_EVENTS]).enumerate() {
        let id = OperationId::from_bits(bits(agency, number));
        let name = format!("operation {number}");
        let proposed =
            ProposedOperation { id, initiative: None, name, task_force: None, window: window(240) };
        store.propose_operation(&plans, proposed).await.unwrap();
        if at >= 1 {
            store.approve_operation(&directs, id, revision(number, 1)).await.unwrap();
        }
        if at >= 2 {
            store.start_operation(&plans, id, revision(number, 2)).await.unwrap();
        }
    }
    for number in [CHECKED, ASKED, APPROVED, READY, UNDER_WAY, WITH_SUBJECT, MET] {
        let id = EventId::from_bits(bits(agency, number));
        let recovery = [ASKED, APPROVED, WITH_SUBJECT].contains(&number);
        let planned = PlannedEvent {
            id,
            operation: OperationId::from_bits(bits(agency, OF_EVENTS)),
            kind: if recovery { EventKind::Recovery } else { EventKind::Surveillance },
            matter: Matter::CommercialSex,
            may_meet_child: false,
            plan: plan(agency, number),
            brief: Brief::default(),
            team: Team::default(),
            specialist: recovery.then(|| member(agency, Role::VictimSpecialist)),
            restriction: Restriction::default(),
        };
        let mut version = store.plan_event(&plans, planned).await.unwrap().version;
        if number == APPROVED {
            let from = plan(agency, number).window.start();
            version =
                store.confirm_specialist(&stays, id, revision(number, version), from).await.unwrap().version;
        }
        if [APPROVED, READY, UNDER_WAY, MET].contains(&number) {
            version = store.approve_event(&directs, id, revision(number, version)).await.unwrap().version;
        }
        if [UNDER_WAY, MET].contains(&number) {
            version = store.start_event(&plans, id, revision(number, version)).await.unwrap().version;
        }
        if [WITH_SUBJECT, MET].contains(&number) {
            let person = PersonId::from_bits(bits(agency, 300));
            let added = revision(number, version);
            let held =
                store.add_event_subject(&plans, id, added, (person, ""), AgeAt::Known(41)).await.unwrap();
            if number == MET {
                let how = Grounds::new("the questions of the protocol").unwrap();
                let found = (Screened::NoSign, how);
                let screened = revision(number, held.version);
                store.screen_at_event(&plans, id, screened, (person, now()), found).await.unwrap();
            }
        }
    }
}

/// Id and body of a request of an endpoint on one of them.
pub(super) fn request_of_operations(method: &str, path: &str, agency: AgencyId) -> Option<(String, Value)> {
    let initiative = |at: usize| InitiativeId::from_bits(bits(agency, INITIATIVES[at])).to_string();
    let operation = |at: usize| OperationId::from_bits(bits(agency, OPERATIONS[at])).to_string();
    let event = |number: u128| EventId::from_bits(bits(agency, number)).to_string();
    let why = |seen: i64| json!({"seen": seen, "grounds": "looked at again"});
    let colleague = |role: Role| member(agency, role).to_string();
    let hours = json!({"starts": "2019-08-10 10:00", "ends": "2019-08-20 12:00"});
    let with = |more: Value| {
        let mut all = hours.as_object().unwrap().clone();
        all.extend(more.as_object().unwrap().clone());
        Value::Object(all)
    };
    let place = json!({"latitude": "12.5", "longitude": "-70.5", "address": "1 Example Road"});
    Some(match (method, path) {
        ("GET", "/initiatives/{id}" | "/initiatives/{id}/board") => (initiative(1), Value::Null),
        ("GET", "/operations/{id}" | "/operations/{id}/board") => (operation(2), Value::Null),
        ("GET", "/events/{id}" | "/events/{id}/card") => (event(CHECKED), Value::Null),
        ("POST", "/initiatives") => (String::new(), with(json!({"name": "a month"}))),
        ("POST", "/initiatives/{id}/join") => (initiative(0), json!({"seen": 1, "agency": DESK.to_string()})),
        ("POST", "/initiatives/{id}/leave") => {
            (initiative(1), json!({"seen": 3, "agency": DESK.to_string(), "grounds": "they are done"}))
        }
        ("POST", "/initiatives/{id}/open") => (initiative(0), why(1)),
        ("POST", "/initiatives/{id}/end") => (initiative(1), why(3)),
        ("POST", "/operations") => {
            (String::new(), with(json!({"name": "a local one", "office": "Charlotte"})))
        }
        ("POST", "/operations/{id}/approve") => (operation(0), why(1)),
        ("POST", "/operations/{id}/start") => (operation(1), why(2)),
        ("POST", "/operations/{id}/end" | "/operations/{id}/call-off") => (operation(2), why(3)),
        ("POST", "/operations/{id}/plan") => {
            let mut body = with(json!({"kind": "surveillance", "objective": "watch the door"}));
            body.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
            (operation(2), body)
        }
        ("POST", "/events/{id}/move") => {
            let mut body = with(json!({"seen": 2}));
            body.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
            (event(CHECKED), body)
        }
        ("POST", "/events/{id}/brief") => (event(CHECKED), json!({"seen": 2, "objective": "watch the door"})),
        ("POST", "/events/{id}/team") => {
            (event(CHECKED), json!({"seen": 2, "staff": [colleague(Role::Investigator)]}))
        }
        ("POST", "/events/{id}/ask") => {
            (event(CHECKED), json!({"seen": 2, "specialist": colleague(Role::VictimSpecialist)}))
        }
        ("POST", "/events/{id}/confirm") => (event(ASKED), json!({"seen": 2})),
        ("POST", "/events/{id}/decline") => {
            (event(ASKED), json!({"seen": 2, "grounds": "at the hospital that evening"}))
        }
        ("POST", "/events/{id}/screen") => {
            let person = PersonId::from_bits(bits(agency, 300)).to_string();
            let found =
                json!({"found": "no sign of trafficking", "grounds": "the questions of the protocol"});
            let mut body = json!({"seen": 6, "person": person});
            body.as_object_mut().unwrap().extend(found.as_object().unwrap().clone());
            (event(MET), body)
        }
        ("POST", "/events/{id}/arrest") => {
            let person = PersonId::from_bits(bits(agency, 300)).to_string();
            (event(MET), json!({"seen": 6, "person": person}))
        }
        ("POST", "/events/{id}/arrive") => (event(APPROVED), why(4)),
        ("POST", "/events/{id}/start") => (event(READY), why(3)),
        ("POST", "/events/{id}/finish") => (event(UNDER_WAY), why(4)),
        ("POST", "/events/{id}/subject") => (event(CHECKED), json!({"seen": 2, "age": "41"})),
        ("POST", "/events/{id}/age") => {
            let person = PersonId::from_bits(bits(agency, 300)).to_string();
            (event(WITH_SUBJECT), json!({"seen": 3, "person": person, "age": "30"}))
        }
        ("POST", "/events/{id}/log") => {
            (event(CHECKED), json!({"seen": 2, "who": "hospital", "grounds": "a bed is free"}))
        }
        ("POST", path) if path.starts_with("/events/{id}/") => (event(CHECKED), why(2)),
        _ => return None,
    })
}
