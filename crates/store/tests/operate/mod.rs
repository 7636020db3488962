//! Initiatives, operations and events: who reads what through an initiative, and what an event needs before it goes on.

mod field;
mod sequences;

pub use field::{
    a_specialist_who_declines_leaves_the_event_without_one, an_event_is_met_by_what_it_turns_on,
    nobody_is_arrested_at_an_event_unscreened,
};
pub use sequences::whatever_is_tried_nothing_goes_on_that_lacks_something;

use crate::leads::seen;
use crate::support::{EAST, Fresh, Person, WEST, grounds, second_of_day};
use homeward_access::{Kind, PurposeKind};
use homeward_model::{
    AgeAt, Area, Brief, CheckId, CheckOutcome, DateWindow, Event, EventId, EventKind, EventState,
    InitiativeId, Matter, MemberId, MemberScope, OperationId, PersonId, Plan, Point, RadiusKm, Role, Roles,
    Team,
};
use homeward_store::event::PlannedEvent;
use homeward_store::operation::ProposedOperation;
use homeward_store::{Held, Listed, Restriction, StoreError};

const INITIATIVE: InitiativeId = InitiativeId::from_bits(0x1111);
const DAY: i64 = 86_400;

pub fn coordinator(member: u128, agency: homeward_model::AgencyId) -> Person {
    Person::new(member, agency, &[Role::Coordinator])
}

pub fn chief(member: u128, agency: homeward_model::AgencyId) -> Person {
    Person::new(member, agency, &[Role::Supervisor])
}

pub fn specialist() -> Person {
    Person::new(0x5bec, EAST, &[Role::VictimSpecialist]).for_purpose(PurposeKind::VictimService)
}

fn window(from: i64, to: i64) -> DateWindow {
    DateWindow::new(second_of_day(from), second_of_day(to)).unwrap()
}

/// An hour from a second on, around a point of a latitude.
pub fn plan(from: i64, lat: f64) -> Plan {
    let area = Area { centre: Point::new(lat, -80.8).unwrap(), radius: RadiusKm::new(0.5).unwrap() };
    Plan { window: window(from, from + 3600), area, address: "4 Example Road".into(), selectors: Vec::new() }
}

pub fn planned(number: u128, operation: OperationId, plan: Plan) -> PlannedEvent {
    PlannedEvent {
        id: EventId::from_bits(0xeee0 + number),
        operation,
        kind: EventKind::Recovery,
        matter: Matter::CommercialSex,
        may_meet_child: false,
        plan,
        brief: Brief { objective: "bring one child home".into(), ..Brief::default() },
        team: Team::default(),
        specialist: None,
        restriction: Restriction::default(),
    }
}

/// An operation that runs.
pub async fn running(fresh: &Fresh, by: &Person, number: u128) -> OperationId {
    let id = OperationId::from_bits(0x0b00 + number);
    let agency = by.actor.organisation;
    let proposed = ProposedOperation {
        id,
        initiative: None,
        name: format!("operation {number}"),
        task_force: None,
        window: window(0, 30 * DAY),
    };
    let chief = chief(0xc41ef + agency.bits(), agency);
    fresh.store.propose_operation(&by.at(1), proposed).await.unwrap();
    fresh.store.approve_operation(&chief.at(2), id, seen(1, 900 + number)).await.unwrap();
    fresh.store.start_operation(&by.at(3), id, seen(2, 950 + number)).await.unwrap();
    id
}

fn because<T: std::fmt::Debug>(refused: Result<T, StoreError>, part: &str) {
    let said = refused.unwrap_err().to_string();
    assert!(said.contains(part), "{said}");
}

pub async fn an_event_goes_on_only_when_nothing_is_missing(fresh: Fresh) {
    let store = &fresh.store;
    let (east, west) = (coordinator(1, EAST), coordinator(2, WEST));
    let (chief, specialist) = (chief(0x50, EAST), specialist());
    let agent = Person::new(0x17, EAST, &[Role::Investigator]);
    let ours = running(&fresh, &east, 1).await;
    let theirs = running(&fresh, &west, 2).await;
    store.plan_event(&west.at(10), planned(2, theirs, plan(DAY, 35.2))).await.unwrap();

    // Planned at their hour and place: the hit is there at once, and nothing goes on.
    let team = Team { staff: vec![agent.actor.member], supervisor: Some(chief.actor.member) };
    let wanted = PlannedEvent { team, ..planned(1, ours, plan(DAY, 35.2)) };
    for _ in 0..3 {
        let event = store.plan_event(&east.at(11), wanted.clone()).await.unwrap();
        assert_eq!((event.noun.state().word(), event.version), ("planned", 1));
    }
    let id = wanted.id;
    let look = async || store.event(&east.at(20), id).await.unwrap();
    because(store.approve_event(&chief.at(12), id, seen(1, 1)).await, "hit without an outcome");
    because(store.start_event(&agent.at(12), id, seen(1, 2)).await, "has not approved it");

    // The other side reads nothing of it; their check of the hit is theirs.
    let check = look().await.noun.check_id();
    assert!(store.event(&west.at(13), id).await.is_err() && store.check(&west.at(13), check).await.is_err());
    assert_eq!(store.events(&west.at(13), &Listed::default()).await.unwrap().records.len(), 1);

    // They talk; the outcome lets it go on, and the event says so by itself.
    let talked = store.acknowledge_check(&west.at(14), check, seen(3, 3)).await.unwrap();
    let talked = store.contact_check(&east.at(14), check, seen(talked.version, 4)).await.unwrap();
    let (joint, why) = (CheckOutcome::Joint, grounds("both go"));
    store.settle_check(&east.at(15), check, seen(talked.version, 5), joint, why).await.unwrap();
    let event = look().await;
    assert_eq!(event.noun.state().word(), "checked");

    because(store.approve_event(&chief.at(16), id, seen(event.version, 6)).await, "no victim specialist");
    assert!(store.event(&specialist.at(16), id).await.is_err());
    let who = specialist.actor.member;
    let event = store.ask_specialist(&east.at(17), id, seen(event.version, 7), who).await.unwrap();
    let hour = second_of_day(DAY - 1800);
    because(store.confirm_specialist(&east.at(17), id, seen(event.version, 8), hour).await, "who was asked");
    let event = store.confirm_specialist(&specialist.at(18), id, seen(event.version, 9), hour).await.unwrap();
    let event = store.approve_event(&chief.at(19), id, seen(event.version, 10)).await.unwrap();

    // A further plan at the place stops what was approved, until a supervisor answers for it.
    let third = store.plan_event(&west.at(20), planned(3, theirs, plan(DAY + 60, 35.2))).await.unwrap();
    let event = store.specialist_arrives(&specialist.at(21), id, seen(event.version, 11)).await.unwrap();
    because(store.start_event(&agent.at(22), id, seen(event.version, 12)).await, "hit without an outcome");
    let hit = store.check(&chief.at(23), check).await.unwrap();
    store
        .waive_check(&chief.at(23), check, seen(hit.version, 13), grounds("the child is there"))
        .await
        .unwrap();
    let event = store.start_event(&agent.at(24), id, seen(event.version, 14)).await.unwrap();
    assert_eq!(event.noun.state().word(), "under way");
    because(store.end_operation(&east.at(24), ours, seen(3, 15)).await, "neither done nor called off");
    let said = (second_of_day(DAY), "hospital".to_owned());
    because(
        store.log_contact(&agent.at(25), id, seen(event.version, 16), said, grounds("a bed is free")).await,
        "in the future",
    );
    let said = (second_of_day(25), "hospital".to_owned());
    let event = store
        .log_contact(&agent.at(26), id, seen(event.version, 17), said, grounds("a bed is free"))
        .await
        .unwrap();
    let event = store.finish_event(&agent.at(27), id, seen(event.version, 18)).await.unwrap();
    assert_eq!((event.noun.state().word(), event.noun.parts().log.len()), ("done", 1));
    let ended = store.end_operation(&east.at(28), ours, seen(3, 19)).await.unwrap();
    assert_eq!(ended.noun.state().word(), "ended");
    because(
        store.plan_event(&east.at(29), planned(9, ours, plan(DAY, 35.2))).await,
        "its operation is ended",
    );
    // Called off, a plan is in nobody's way: what was found on it lapses.
    let version = third.version;
    store.call_off_event(&west.at(30), third.noun.id, seen(version, 20), grounds("no need")).await.unwrap();
    let steps: Vec<String> =
        store.event_history(&east.at(31), id).await.unwrap().into_iter().map(|step| step.what).collect();
    assert_eq!(
        steps,
        [
            "planned",
            "checked",
            "specialist asked",
            "confirmed",
            "approved",
            "arrived",
            "started",
            "logged",
            "finished"
        ]
    );
}

pub async fn a_moved_event_is_asked_about_again(fresh: Fresh) {
    let store = &fresh.store;
    let (east, west, chief) = (coordinator(1, EAST), coordinator(2, WEST), chief(0x50, EAST));
    let (ours, theirs) = (running(&fresh, &east, 1).await, running(&fresh, &west, 2).await);
    let watch = PlannedEvent { kind: EventKind::Surveillance, ..planned(1, ours, plan(DAY, 35.2)) };
    let event = store.plan_event(&east.at(10), watch).await.unwrap();
    let (id, check) = (event.noun.id, event.noun.check_id());
    assert_eq!((event.noun.state().word(), event.version), ("checked", 2));
    let approved = store.approve_event(&chief.at(11), id, seen(2, 1)).await.unwrap();
    let other = store.plan_event(&west.at(12), planned(2, theirs, plan(3 * DAY, 36.0))).await.unwrap();

    // Moved to a free place: the same check, asked anew, lets it go on; the approval is gone.
    for _ in 0..2 {
        let moved = store.replan_event(&east.at(13), id, seen(3, 2), plan(2 * DAY, 35.3)).await.unwrap();
        assert_eq!((moved.noun.state().word(), moved.noun.check_id()), ("checked", check));
    }
    // Moved to theirs: a hit on both sides, nobody asked.
    let moved = store.replan_event(&east.at(14), id, seen(5, 3), plan(3 * DAY, 36.0)).await.unwrap();
    assert_eq!(moved.noun.state(), &EventState::Planned);
    let theirs_now = store.check(&west.at(15), other.noun.check_id()).await.unwrap();
    assert_eq!(theirs_now.noun.state().word(), "both told");
    // They go elsewhere: it lapses, and ours can go on.
    let version = store.event(&west.at(15), other.noun.id).await.unwrap().version;
    store.replan_event(&west.at(16), other.noun.id, seen(version, 4), plan(3 * DAY, 37.0)).await.unwrap();
    assert_eq!(store.event(&east.at(17), id).await.unwrap().noun.state().word(), "checked");

    // A hit that was settled stays settled: moved again, the event has another check.
    let event = store.replan_event(&east.at(18), id, seen(7, 5), plan(3 * DAY, 37.0)).await.unwrap();
    let held = store.check(&chief.at(19), check).await.unwrap();
    let waived = store.waive_check(&chief.at(19), check, seen(held.version, 6), grounds("no contact")).await;
    assert_eq!(waived.unwrap().noun.state().word(), "settled");
    let version = store.event(&east.at(20), id).await.unwrap().version;
    assert_eq!(version, event.version + 1);
    let away = store.replan_event(&east.at(20), id, seen(version, 7), plan(4 * DAY, 38.0)).await.unwrap();
    assert!(away.noun.check_id() != check && away.noun.state().word() == "checked");
    // Nothing of the plan that was left is found any more.
    let here = PlannedEvent { id: EventId::from_bits(0xeeef), ..planned(0, theirs, plan(3 * DAY, 36.0)) };
    let free = store.plan_event(&west.at(21), here).await.unwrap();
    assert_eq!(free.noun.state().word(), "checked");
    assert!(approved.version == 3);
}

pub async fn access_through_an_initiative_ends_with_it(fresh: Fresh) {
    let store = &fresh.store;
    let (east, west) = (coordinator(1, EAST), coordinator(2, WEST));
    let reader = Person::new(3, WEST, &[Role::Analyst]);
    store.plan_initiative(&east.at(1), INITIATIVE, "a month".into(), window(0, 30 * DAY)).await.unwrap();
    assert!(store.initiative(&reader.at(2), INITIATIVE).await.is_err());
    let ours = ProposedOperation {
        id: OperationId::from_bits(0x0b01),
        initiative: Some(INITIATIVE),
        name: "ours".into(),
        task_force: None,
        window: window(0, 9 * DAY),
    };
    store.propose_operation(&east.at(3), ours.clone()).await.unwrap();
    let joined = store
        .join_initiative(&east.at(4), INITIATIVE, seen(1, 1), WEST, second_of_day(10 * DAY))
        .await
        .unwrap();
    because(store.start_operation(&east.at(5), ours.id, seen(1, 2)).await, "proposed");
    let theirs =
        ProposedOperation { id: OperationId::from_bits(0x0b02), name: "theirs".into(), ..ours.clone() };
    store.propose_operation(&west.at(5), theirs.clone()).await.unwrap();
    store.approve_operation(&chief(0x51, WEST).at(6), theirs.id, seen(1, 3)).await.unwrap();
    because(store.start_operation(&west.at(7), theirs.id, seen(2, 4)).await, "its initiative is planned");

    // Until the date WEST reads the initiative and our operation, and we theirs; no event of either.
    let event = store.plan_event(&east.at(8), planned(1, ours.id, plan(DAY, 35.0))).await.unwrap();
    let within = Listed { of: Some(INITIATIVE.bits()), ..Listed::default() };
    let reads = async |person: &Person, second: i64| {
        let one = store.initiative(&person.at(second), INITIATIVE).await.is_ok();
        let listed = store.operations(&person.at(second), &within).await.unwrap().records.len();
        let counted: u64 = store
            .count_operations(&person.at(second), &within)
            .await
            .unwrap()
            .iter()
            .map(|one| one.count)
            .sum();
        assert_eq!(listed as u64, counted);
        assert!(
            store.event(&person.at(second), event.noun.id).await.is_err()
                || person.actor.organisation == EAST
        );
        (one, listed)
    };
    assert_eq!(reads(&reader, 9).await, (true, 2));
    assert_eq!(reads(&east, 9).await, (true, 2));
    assert_eq!(reads(&reader, 10 * DAY - 1).await, (true, 2));
    // After it nothing but their own; and a new date, or an early end, counts at once.
    assert_eq!(reads(&reader, 10 * DAY).await, (false, 1));
    let later = second_of_day(20 * DAY);
    let joined =
        store.join_initiative(&east.at(11), INITIATIVE, seen(joined.version, 5), WEST, later).await.unwrap();
    assert_eq!(reads(&reader, 15 * DAY).await, (true, 2));
    // An account that was made for the initiative ends with it too.
    let ends = homeward_model::AccessEnd {
        initiative: Some((INITIATIVE, second_of_day(30 * DAY))),
        ..homeward_model::AccessEnd::default()
    };
    let invitation = homeward_store::member::Invitation {
        id: MemberId::from_bits(0x99),
        name: "S. Example".into(),
        email: homeward_model::EmailAddress::new("surge@example.org").unwrap(),
        agency: EAST,
        roles: Roles::new(vec![Role::Investigator]).unwrap(),
    };
    let scope = MemberScope { ends, ..MemberScope::default() };
    fresh.with_east().await;
    store.install_member(crate::support::outside(0), invitation, scope).await.unwrap();
    let why = grounds("all are home");
    let ended =
        store.end_initiative(&east.at(12 * DAY), INITIATIVE, seen(joined.version, 6), why).await.unwrap();
    assert_eq!(ended.noun.state().word(), "ended");
    assert_eq!(reads(&reader, 12 * DAY).await, (false, 1));
    assert_eq!(reads(&east, 12 * DAY).await, (true, 1));
    let administrator = crate::support::administrator();
    let surge = store.member(&administrator.at(13 * DAY), MemberId::from_bits(0x99)).await.unwrap();
    assert_eq!(surge.noun.scope().ends.moment(), Some(second_of_day(12 * DAY)));
    because(
        store
            .propose_operation(
                &east.at(13 * DAY),
                ProposedOperation { id: OperationId::from_bits(0x0b03), ..ours },
            )
            .await,
        "has ended",
    );
}

pub async fn nobody_who_may_be_a_child_is_a_subject_of_an_event(fresh: Fresh) {
    let store = &fresh.store;
    let east = coordinator(1, EAST);
    let ours = running(&fresh, &east, 1).await;
    let event = store.plan_event(&east.at(10), planned(1, ours, plan(DAY, 35.2))).await.unwrap();
    let (id, person) = (event.noun.id, PersonId::from_bits(0x9e));
    let add = async |request, age| {
        store.add_event_subject(&east.at(11), id, seen(2, request), (person, "grey van"), age).await
    };
    because(add(1, AgeAt::Between(17, 20)).await, "is a victim");
    let event = add(2, AgeAt::Known(41)).await.unwrap();
    assert_eq!(event.noun.subjects().len(), 1);
    let checks = store.checks(&east.at(12), &Listed::default()).await.unwrap();
    assert_eq!(checks.records.len(), 2, "of the event and of its subject");
    let learnt = AgeAt::Known(17);
    let event = store.learn_age_at_event(&east.at(13), id, seen(3, 3), person, learnt).await.unwrap();
    assert_eq!(event.noun.subjects(), []);
}

pub async fn a_sealed_event_is_open_to_those_who_are_named(fresh: Fresh) {
    let store = &fresh.store;
    let (east, named, other) = (coordinator(1, EAST), chief(0x50, EAST), chief(0x51, EAST));
    let ours = running(&fresh, &east, 1).await;
    let team = Team { supervisor: Some(named.actor.member), ..Team::default() };
    let restriction = Restriction { sealed: true, compartment: None };
    let event = PlannedEvent { team, restriction, ..planned(1, ours, plan(DAY, 35.2)) };
    let event = store.plan_event(&east.at(10), event).await.unwrap();
    let opens = async |person: &Person| {
        let listed = store.events(&person.at(12), &Listed::default()).await.unwrap().records.len();
        let one = store.event(&person.at(12), event.noun.id).await.is_ok();
        assert_eq!(one, listed == 1);
        one
    };
    assert!(opens(&east).await && opens(&named).await && !opens(&other).await);
    let check: CheckId = event.noun.check_id();
    assert!(store.check(&other.at(13), check).await.is_err());
    let closed = (Kind::Event, event.noun.id.bits());
    store.unseal_record(&other.at(14), closed, seen(event.version, 1), grounds("it is over")).await.unwrap();
    assert!(opens(&other).await);
    let held: Held<Event> = store.event(&other.at(15), event.noun.id).await.unwrap();
    assert_eq!(held.noun.parts().brief.objective, "bring one child home");
}
