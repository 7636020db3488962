//! What happens around an event in the field: an hour that is declined, a telephone number that two agencies are after, and
//! people who are screened before they are arrested.

use super::{DAY, because, chief, coordinator, plan, planned, running, specialist};
use crate::leads::seen;
use crate::support::{EAST, Fresh, Person, WEST, grounds, second_of_day};
use homeward_access::PurposeKind;
use homeward_model::{
    AgeAt, CheckId, CheckTarget, Counted, EventKind, PersonId, Plan, ResultKind, Role, Screened, Selector,
    SelectorKind, Team,
};
use homeward_store::check::Inquiry;
use homeward_store::event::PlannedEvent;
use homeward_store::{Listed, Restriction};

pub async fn a_specialist_who_declines_leaves_the_event_without_one(fresh: Fresh) {
    let store = &fresh.store;
    let (east, chief, specialist) = (coordinator(1, EAST), chief(0x50, EAST), specialist());
    let ours = running(&fresh, &east, 1).await;
    let asked =
        PlannedEvent { specialist: Some(specialist.actor.member), ..planned(1, ours, plan(DAY, 35.2)) };
    let event = store.plan_event(&east.at(10), asked).await.unwrap();
    let id = event.noun.id;
    let why = || grounds("with another child that evening");
    because(store.decline_hour(&east.at(11), id, seen(event.version, 1), why()).await, "who was asked");
    let hour = second_of_day(DAY);
    let event = store.confirm_specialist(&specialist.at(12), id, seen(event.version, 2), hour).await.unwrap();
    let event = store.approve_event(&chief.at(13), id, seen(event.version, 3)).await.unwrap();

    // The approval falls, the event says so, and it is closed to who declined.
    let event = store.decline_hour(&specialist.at(14), id, seen(event.version, 4), why()).await.unwrap();
    assert_eq!((event.noun.state().word(), event.noun.specialist()), ("checked", None));
    assert!(store.event(&specialist.at(15), id).await.is_err());
    let lacks = store.readiness(std::slice::from_ref(&event)).await.unwrap().remove(0).lacks;
    assert_eq!(lacks, ["it may meet a child and no victim specialist has confirmed an hour"]);
    because(store.approve_event(&chief.at(16), id, seen(event.version, 5)).await, "no victim specialist");
    let steps = store.event_history(&east.at(17), id).await.unwrap();
    let last = steps.last().unwrap();
    assert_eq!((last.what.as_str(), last.said.as_deref()), ("hour declined", Some(why().as_str())));
}

fn phone(number: &str) -> Selector {
    let (value, raw, end) = (number.to_owned(), number.to_owned(), number.len());
    Selector { kind: SelectorKind::Phone, value, raw, start: 0, end, confidence: 1.0, common: None }
}

pub async fn an_event_is_met_by_what_it_turns_on(fresh: Fresh) {
    let store = &fresh.store;
    let (east, west) = (coordinator(1, EAST), coordinator(2, WEST));
    let ours = running(&fresh, &east, 1).await;
    let theirs = Inquiry {
        id: CheckId::from_bits(0xcc),
        target: CheckTarget::Selector(phone("+17045550142")),
        window: None,
        area: None,
        selectors: Vec::new(),
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction: Restriction::default(),
    };
    let theirs = store.ask_check(&west.at(5), theirs).await.unwrap().noun.id;
    let state = async |second| store.check(&west.at(second), theirs).await.unwrap().noun.state().word();

    // Far from everybody, and yet both are after one number: told whom to call, and nothing of the plan.
    let turns = |selectors: &[&str], from| Plan {
        selectors: selectors.iter().map(|number| phone(number)).collect(),
        ..plan(from, 41.0)
    };
    let watch = planned(1, ours, turns(&["+17045550142"], DAY));
    let watch = PlannedEvent { kind: EventKind::Surveillance, ..watch };
    let event = store.plan_event(&east.at(10), watch).await.unwrap();
    assert_eq!((event.noun.state().word(), state(11).await), ("planned", "both told"));
    assert!(store.event(&west.at(11), event.noun.id).await.is_err());
    assert_eq!(store.event(&east.at(11), event.noun.id).await.unwrap().noun.plan().selectors.len(), 1);

    // Without the number nobody is met any more; with it again, both are told again; called off, it lapses.
    let id = event.noun.id;
    let event =
        store.replan_event(&east.at(12), id, seen(event.version, 1), turns(&[], 2 * DAY)).await.unwrap();
    assert_eq!((event.noun.state().word(), state(13).await), ("checked", "no hit so far"));
    let again = turns(&["+17045550199", "+17045550142"], 2 * DAY);
    let event = store.replan_event(&east.at(14), id, seen(event.version, 2), again).await.unwrap();
    assert_eq!((event.noun.state().word(), state(15).await), ("planned", "both told"));
    store.call_off_event(&east.at(16), id, seen(event.version, 3), grounds("no need")).await.unwrap();
    assert_eq!(state(17).await, "no hit so far");
    let later = Inquiry {
        id: CheckId::from_bits(0xcd),
        target: CheckTarget::Selector(phone("+17045550199")),
        window: None,
        area: None,
        selectors: Vec::new(),
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction: Restriction::default(),
    };
    let later = store.ask_check(&west.at(18), later).await.unwrap();
    assert_eq!(later.noun.state().word(), "no hit so far", "nothing of what was called off is found");
}

pub async fn nobody_is_arrested_at_an_event_unscreened(fresh: Fresh) {
    let store = &fresh.store;
    let (east, chief) = (coordinator(1, EAST), chief(0x50, EAST));
    let agent = Person::new(0x17, EAST, &[Role::Investigator]);
    let ours = running(&fresh, &east, 1).await;
    let team = Team { staff: vec![agent.actor.member], supervisor: None };
    let watch = PlannedEvent { kind: EventKind::Surveillance, team, ..planned(1, ours, plan(DAY, 35.2)) };
    let event = store.plan_event(&east.at(10), watch).await.unwrap();
    let (id, person) = (event.noun.id, PersonId::from_bits(0x9e));
    let event = store.approve_event(&chief.at(11), id, seen(event.version, 1)).await.unwrap();
    let event = store.start_event(&agent.at(12), id, seen(event.version, 2)).await.unwrap();
    let add = (person, "driver of the grey van");
    let event = store
        .add_event_subject(&east.at(13), id, seen(event.version, 3), add, AgeAt::Known(41))
        .await
        .unwrap();
    let arrest = (person, second_of_day(16));
    because(
        store.arrest_at_event(&agent.at(17), id, seen(event.version, 4), arrest).await,
        "no screening for trafficking is recorded before it: 34 U.S.C. 20709(c)",
    );
    let late = (person, second_of_day(17));
    let found = || (Screened::NoSign, grounds("the questions of the protocol, in English"));
    let event =
        store.screen_at_event(&agent.at(18), id, seen(event.version, 5), late, found()).await.unwrap();
    because(store.arrest_at_event(&agent.at(19), id, seen(event.version, 6), arrest).await, "20709(c)");
    let earlier = (person, second_of_day(15));
    let event =
        store.screen_at_event(&agent.at(20), id, seen(event.version, 7), earlier, found()).await.unwrap();
    for _ in 0..2 {
        store.arrest_at_event(&agent.at(21), id, seen(event.version, 8), arrest).await.unwrap();
    }

    // Opened again, it is what it was; events of a lead are found by the lead alone.
    let held = fresh.again().await.event(&agent.at(22), id).await.unwrap().noun;
    let parts = held.parts();
    assert_eq!((parts.screenings.len(), parts.arrests.len()), (2, 1));
    assert_eq!(parts.called, [(person, "driver of the grey van".to_owned())]);
    let of_nothing = Listed { of: Some(0x77), ..Listed::default() };
    assert_eq!(store.events(&agent.at(23), &of_nothing).await.unwrap().records, []);

    // The arrest is claimed once, and counts when somebody else confirms it; who may be a victim after all is no such arrest.
    let officer = Person::new(0x0ff, EAST, &[Role::Records]).for_purpose(PurposeKind::Results);
    let claims = async |second| store.results(&officer.at(second), &Listed::default()).await.unwrap().records;
    let [claim] = claims(24).await.try_into().unwrap();
    assert_eq!((claim.noun.kind, claim.noun.of), (ResultKind::Arrest, Counted::Person(person)));
    assert_eq!((claim.noun.state().word(), claim.noun.happened), ("claimed", second_of_day(16)));
    store.confirm_result(&officer.at(25), claim.noun.id, seen(1, 9)).await.unwrap();
    let event = store.event(&agent.at(26), id).await.unwrap();
    let again = (person, second_of_day(26));
    let signs = (Screened::Signs, grounds("asked again, in her own language"));
    store.screen_at_event(&agent.at(27), id, seen(event.version, 10), again, signs).await.unwrap();
    let [claim] = claims(28).await.try_into().unwrap();
    assert_eq!(claim.noun.state().word(), "withdrawn");
}
