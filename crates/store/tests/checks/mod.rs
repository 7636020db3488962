//! Deconfliction: who is at the same time and place is told, and nobody else.

use crate::leads::seen;
use crate::support::{EAST, Fresh, Person, WEST, grounds, second_of_day};
use homeward_access::PurposeKind;
use homeward_model::{
    Area, CheckId, CheckOutcome, CheckTarget, DateWindow, EventId, Point, RadiusKm, Role, Selector,
    SelectorKind,
};
use homeward_store::check::Inquiry;
use homeward_store::{Listed, Restriction, StoreError};

fn planner(member: u128, agency: homeward_model::AgencyId) -> Person {
    Person::new(member, agency, &[Role::Coordinator]).for_purpose(PurposeKind::Deconfliction)
}

/// An event of an hour from a second on, within a kilometre of a point.
fn event(number: u128, from: i64, lat: f64, lon: f64) -> Inquiry {
    Inquiry {
        id: CheckId::from_bits(0xc0 + number),
        target: CheckTarget::Event(EventId::from_bits(number)),
        window: Some(DateWindow::new(second_of_day(from), second_of_day(from + 3600)).unwrap()),
        area: Some(Area { centre: Point::new(lat, lon).unwrap(), radius: RadiusKm::new(1.0).unwrap() }),
        selectors: Vec::new(),
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction: Restriction::default(),
    }
}

fn phone(value: &str) -> Selector {
    Selector {
        kind: SelectorKind::Phone,
        value: value.into(),
        raw: value.into(),
        start: 0,
        end: 0,
        confidence: 1.0,
        common: None,
    }
}

pub async fn two_events_at_one_place_tell_both_sides(fresh: Fresh) {
    let (east, west) = (planner(1, EAST), planner(2, WEST));
    let store = &fresh.store;
    let first = store.ask_check(&east.at(1), event(1, 100, 35.2271, -80.8431)).await.unwrap();
    assert_eq!(first.noun.state().word(), "no hit so far");
    // Another time, and another place: nobody is concerned. 0.019 degrees are 2.1 km, more than both radii.
    for (number, from, lat) in [(2, 5000, 35.2271), (3, 100, 35.2461)] {
        let apart = store.ask_check(&west.at(2), event(number, from, lat, -80.8431)).await.unwrap();
        assert_eq!(apart.noun.state().word(), "no hit so far", "{number}");
    }
    let hit = store.ask_check(&west.at(3), event(4, 1000, 35.2361, -80.8431)).await.unwrap();
    assert_eq!(hit.noun.state().word(), "both told");
    let pointers = &hit.noun.state().hit().unwrap().pointers;
    // 0.009 degrees from the first, 0.010 from the third: both are within reach.
    assert_eq!(pointers.iter().map(|pointer| pointer.check.bits()).collect::<Vec<_>>(), [0xc1, 0xc3]);
    let first = store.check(&east.at(4), first.noun.id).await.unwrap();
    assert_eq!(first.noun.state().hit().unwrap().pointers[0].contact, west.actor.member);
    for person in [&east, &west] {
        let told = store.notifications(&person.at(5), &Listed::default()).await.unwrap();
        assert!(!told.records.is_empty());
        let read = store.mark_read(&person.at(6), told.records[0].noun.id).await.unwrap();
        assert!(read.noun.read.is_some());
    }
    // The other side may answer, and may not read.
    assert!(matches!(store.check(&east.at(7), hit.noun.id).await, Err(StoreError::NotFound { .. })));
    let known = store.acknowledge_check(&east.at(8), hit.noun.id, seen(hit.version, 1)).await.unwrap();
    store.contact_check(&east.at(9), hit.noun.id, seen(known.version, 2)).await.unwrap();
    let why = grounds("theirs goes first");
    let given_up = store
        .settle_check(&west.at(10), hit.noun.id, seen(known.version + 1, 3), CheckOutcome::Cancel, why)
        .await;
    assert_eq!(given_up.unwrap().noun.state().word(), "settled");
}

pub async fn a_selector_is_met_wherever_it_is(fresh: Fresh) {
    let (east, west) = (planner(1, EAST), planner(2, WEST));
    let ask = |number: u128, value: &str| Inquiry {
        target: CheckTarget::Selector(phone(value)),
        window: None,
        area: None,
        ..event(number, 0, 0.0, 0.0)
    };
    let store = &fresh.store;
    for _ in 0..5 {
        let first = store.ask_check(&east.at(1), ask(1, "+17045550142")).await.unwrap();
        assert_eq!(first.noun.state().word(), "no hit so far");
    }
    let other = store.ask_check(&west.at(2), ask(2, "+17045550143")).await.unwrap();
    assert_eq!(other.noun.state().word(), "no hit so far");
    // The same number asked about by two agencies in the same words is a hit, and each learns of the other who it is.
    let same = store.ask_check(&west.at(2), ask(5, "+17045550142")).await.unwrap();
    assert_eq!(same.noun.state().word(), "both told");
    let sides = store.other_sides(&west.at(2), same.noun.id).await.unwrap();
    assert_eq!((sides[0].pointer.agency, sides[0].state), (EAST, Some("both told")));
    let about = store.asked_about(&west.at(2), same.noun.id).await.unwrap();
    assert_eq!(about.selectors, ["phone:+17045550142"]);
    assert!(store.other_sides(&east.at(2), same.noun.id).await.is_err());
    let plan = Inquiry { selectors: vec![phone("+17045550142")], ..event(3, 50, 40.0, -75.0) };
    assert_eq!(store.ask_check(&west.at(3), plan).await.unwrap().noun.state().word(), "both told");
    // Policy keeps a target for two years, and no longer.
    let late = 800 * 86_400;
    let again = store.ask_check(&west.at(late), ask(4, "+17045550142")).await.unwrap();
    assert_eq!(again.noun.state().word(), "no hit so far");
}

fn hour(from: i64) -> DateWindow {
    DateWindow::new(second_of_day(from), second_of_day(from + 3600)).unwrap()
}

pub async fn a_moved_plan_meets_another_and_leaves_it_again(fresh: Fresh) {
    let (east, west) = (planner(1, EAST), planner(2, WEST));
    let store = &fresh.store;
    let area = event(1, 0, 35.0, -80.0).area;
    let one = store.ask_check(&east.at(1), event(1, 100, 35.0, -80.0)).await.unwrap().noun.id;
    let two = store.ask_check(&west.at(2), event(2, 9000, 35.0, -80.0)).await.unwrap().noun.id;
    let word = async |person: &Person, id| store.check(&person.at(50), id).await.unwrap().noun.state().word();
    assert_eq!((word(&east, one).await, word(&west, two).await), ("no hit so far", "no hit so far"));
    // Their plan comes to our hour: both are told, and nobody asked anew. The same request again changes nothing.
    for _ in 0..3 {
        let met = store.move_check(&west.at(3), two, seen(2, 31), Some(hour(200)), area).await.unwrap();
        assert_eq!((met.noun.state().word(), met.noun.window), ("both told", Some(hour(200))));
        assert_eq!(met.noun.state().hit().unwrap().pointers[0].check, one);
    }
    assert_eq!(word(&east, one).await, "both told");
    // Ours goes elsewhere: it lapses on both sides.
    let version = store.check(&east.at(4), one).await.unwrap().version;
    let away = event(1, 0, 36.0, -80.0).area;
    let moved = store.move_check(&east.at(5), one, seen(version, 32), Some(hour(100)), away).await.unwrap();
    assert_eq!(moved.noun.state().word(), "no hit so far");
    assert_eq!(word(&west, two).await, "no hit so far");
    for person in [&east, &west] {
        let told = store.notifications(&person.at(6), &Listed::default()).await.unwrap().records;
        let mut kinds: Vec<_> = told.iter().map(|held| held.noun.kind.word()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["check hit", "check lapsed"]);
    }
    // A third comes to where it was and to where it went: only the latter is met.
    let gone = store.ask_check(&planner(3, EAST).at(7), event(3, 100, 36.0, -80.0)).await.unwrap();
    assert_eq!(gone.noun.state().hit().unwrap().pointers[0].check, one);
    let stranger = store.move_check(&west.at(8), one, seen(moved.version, 33), None, None).await.unwrap_err();
    assert!(matches!(stranger, StoreError::NotFound { .. }));
}
