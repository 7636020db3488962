//! From the first meeting to the recovery, and missing again.

use crate::leads::seen;
use crate::support::{
    EAST, Fresh, Person, administrator, analyst, auditor, grounds, investigator, second_of_day, stranger,
    supervisor,
};
use homeward_model::{
    AgeAt, Met, MissingReport, MissingReportId, Pairing, PersonId, RecoveryFactId, RecoveryKind,
    RecoveryStep, Role, VictimId,
};
use homeward_store::recovery::NewFact;
use homeward_store::victim::NewVictim;
use homeward_store::{Listed, StoreError};

pub const REPORT: MissingReportId = MissingReportId::from_bits(0x4e9);

pub fn specialist() -> Person {
    Person::new(0x5bec, EAST, &[Role::VictimSpecialist])
}

pub fn victim(number: u128) -> VictimId {
    VictimId::from_bits(0x71c_0000 + number)
}

/// A child who was met at second 10, with this specialist or with none.
pub fn met(number: u128, report: Option<MissingReportId>, pairing: Pairing) -> NewVictim {
    NewVictim {
        id: victim(number),
        person: report.map_or(PersonId::from_bits(number), PersonId::of_report),
        called: "Rowan Exampleton".into(),
        report,
        met: Met { at: second_of_day(10), event: None, lead: None },
        age: AgeAt::Known(15),
        pairing,
    }
}

pub fn fact(number: u128, kind: RecoveryKind, second: i64) -> NewFact {
    NewFact {
        id: RecoveryFactId::from_bits(0xfac7_0000 + number),
        victim: victim(1),
        kind,
        happened: second_of_day(second),
        evidence: grounds("seen by two members"),
    }
}

fn of(number: u128) -> Listed {
    Listed { of: Some(victim(number).bits()), ..Listed::default() }
}

pub fn with(specialist: &Person) -> Pairing {
    Pairing::With(specialist.actor.member)
}

pub async fn a_child_is_recorded_with_a_specialist_and_the_clock_runs(fresh: Fresh) {
    let (finder, specialist, chief) = (investigator(), specialist(), supervisor());
    let store = &fresh.store;
    for second in [11, 12] {
        let new = met(1, None, with(&specialist));
        let held = store.record_victim(&finder.at(second), new).await.unwrap();
        assert_eq!((held.version, held.noun.word()), (1, "recorded"));
    }
    for second in [21, 22] {
        let new = fact(1, RecoveryKind::Recovered, 20);
        let held = store.record_recovery(&specialist.at(second), new).await.unwrap();
        assert_eq!((held.version, held.noun.agency), (1, EAST));
    }
    let held = store.victim(&specialist.at(23), victim(1)).await.unwrap();
    assert_eq!((held.version, held.noun.recovered()), (2, Some(second_of_day(20))));
    let medical = RecoveryStep::Medical;
    let step =
        store.recovery_step(&specialist.at(30), victim(1), seen(2, 1), medical, second_of_day(29)).await;
    assert_eq!(step.unwrap().noun.course().steps, [(medical, second_of_day(29))]);
    let early =
        store.recovery_step(&specialist.at(31), victim(1), seen(3, 2), medical, second_of_day(19)).await;
    assert!(matches!(early, Err(StoreError::Refused(_))));
    // Whoever wrote a fact down does not confirm it, and no adult is made of a child.
    let id = fact(1, RecoveryKind::Recovered, 20).id;
    assert!(store.confirm_recovery(&specialist.at(32), id, seen(1, 3)).await.is_err());
    assert_eq!(store.confirm_recovery(&chief.at(33), id, seen(1, 4)).await.unwrap().noun.word(), "confirmed");
    let adult = store.record_recovery(&specialist.at(34), fact(2, RecoveryKind::AdultAssisted, 20)).await;
    assert!(matches!(adult, Err(StoreError::Refused(_))));
    let withdrawn = store.withdraw_recovery(&chief.at(35), id, seen(2, 5), grounds("another child")).await;
    assert_eq!(withdrawn.unwrap().noun.word(), "withdrawn");
    let store = fresh.again().await;
    let held = store.victim(&chief.at(36), victim(1)).await.unwrap();
    assert_eq!((held.noun.recovered(), held.noun.age), (None, AgeAt::Known(15)));
    assert_eq!(store.recovery_facts(&chief.at(37), &of(1)).await.unwrap().records.len(), 1);
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
}

pub async fn who_needs_to_know_of_a_child_and_nobody_else(fresh: Fresh) {
    let (finder, specialist) = (investigator(), specialist());
    let store = &fresh.store;
    store.record_victim(&finder.at(11), met(1, None, with(&specialist))).await.unwrap();
    store.record_recovery(&finder.at(12), fact(1, RecoveryKind::Located, 11)).await.unwrap();
    let other = Person::new(0x18, EAST, &[Role::Investigator]);
    let colleague = Person::new(0x5bed, EAST, &[Role::VictimSpecialist]);
    for person in [&finder, &specialist, &supervisor()] {
        assert!(store.victim(&person.at(13), victim(1)).await.is_ok());
        assert_eq!(store.victims(&person.at(13), &Listed::default()).await.unwrap().records.len(), 1);
        assert_eq!(store.recovery_facts(&person.at(13), &of(1)).await.unwrap().records.len(), 1);
    }
    for person in [&other, &colleague, &analyst(), &stranger(), &auditor(), &administrator()] {
        assert!(store.victim(&person.at(14), victim(1)).await.is_err(), "{:?}", person.actor.roles);
        let listed = store.victims(&person.at(14), &Listed::default()).await;
        assert!(listed.is_err() || listed.unwrap().records.is_empty());
        let facts = store.recovery_facts(&person.at(14), &of(1)).await;
        assert!(facts.is_err() || facts.unwrap().records.is_empty());
    }
    // Another specialist takes over, and with the victim what was said of them.
    let to = (colleague.actor.member, EAST);
    assert!(store.pair_specialist(&finder.at(15), victim(1), seen(2, 1), to).await.is_err());
    store.pair_specialist(&supervisor().at(16), victim(1), seen(2, 2), to).await.unwrap();
    assert_eq!(store.recovery_facts(&colleague.at(17), &of(1)).await.unwrap().records.len(), 1);
    assert!(store.victim(&specialist.at(18), victim(1)).await.is_err());
    assert_eq!(store.recovery_facts(&specialist.at(18), &of(1)).await.unwrap().records, []);
}

pub async fn a_victim_without_a_specialist_waits_in_sight(fresh: Fresh) {
    let (finder, specialist, store) = (investigator(), specialist(), &fresh.store);
    let nobody = Pairing::Nobody(grounds("both are at another event"));
    let held = store.record_victim(&finder.at(11), met(1, None, nobody)).await.unwrap();
    assert_eq!(held.noun.word(), "without a specialist");
    let waiting = Listed { states: vec!["without a specialist".into()], ..Listed::default() };
    for person in [&supervisor(), &specialist] {
        assert_eq!(store.victims(&person.at(12), &waiting).await.unwrap().records.len(), 1);
    }
    let stranger = Person::new(0x5bee, crate::support::WEST, &[Role::VictimSpecialist]);
    assert!(store.victim(&stranger.at(12), victim(1)).await.is_err());
    let me = (specialist.actor.member, EAST);
    store.pair_specialist(&specialist.at(13), victim(1), seen(1, 1), me).await.unwrap();
    assert_eq!(store.victims(&supervisor().at(14), &waiting).await.unwrap().records, []);
    assert!(store.victim(&specialist.at(15), victim(1)).await.is_ok());
}

pub async fn a_cleared_entry_moves_the_report_and_missing_again_the_victim(fresh: Fresh) {
    let (finder, specialist, store) = (investigator(), specialist(), &fresh.store);
    let report = MissingReport { given_name: "Rowan".into(), ..MissingReport::default() };
    store.receive_report(&finder.at(1), REPORT, second_of_day(1), report).await.unwrap();
    store.record_victim(&finder.at(11), met(1, Some(REPORT), with(&specialist))).await.unwrap();
    store.record_recovery(&specialist.at(20), fact(1, RecoveryKind::Recovered, 20)).await.unwrap();
    assert_eq!(store.report(&finder.at(21), REPORT).await.unwrap().noun.state().word(), "missing");
    // Who may not clear an entry cannot say that it was cleared.
    let cleared = fact(2, RecoveryKind::EntryCleared, 22);
    assert!(store.record_recovery(&specialist.at(23), cleared.clone()).await.is_err());
    for second in [24, 25] {
        store.record_recovery(&finder.at(second), cleared.clone()).await.unwrap();
        let report = store.report(&finder.at(second), REPORT).await.unwrap();
        assert_eq!((report.noun.state().word(), report.version), ("located", 2));
    }
    let again = store.report_missing_again(&finder.at(31), REPORT, seen(2, 1), second_of_day(30)).await;
    assert_eq!(again.unwrap().noun.state().word(), "missing");
    let held = store.victim(&specialist.at(32), victim(1)).await.unwrap();
    assert_eq!((held.noun.word(), held.noun.missing_since()), ("missing again", Some(second_of_day(30))));
    assert_eq!(held.noun.person, PersonId::of_report(REPORT));
    store.record_recovery(&specialist.at(41), fact(3, RecoveryKind::Recovered, 40)).await.unwrap();
    let held = store.victim(&specialist.at(42), victim(1)).await.unwrap();
    assert_eq!((held.noun.word(), held.noun.recovered()), ("recovered", Some(second_of_day(40))));
}
