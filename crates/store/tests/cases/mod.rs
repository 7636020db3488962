//! From a lead to a case and its end: predicate, subjects, custody, charges; and what leaves the agency.

use crate::leads::{ROUTE, lead, offered, seen};
use crate::support::{
    EAST, Fresh, Person, WEST, analyst, grounds, investigator, second_of_day, stranger, supervisor,
};
use homeward_access::PurposeKind;
use homeward_model::{
    AgeAt, AgencyId, Alleged, Authority, CaseDisposition, CaseEntry, CaseEvidence, CaseId, Charged,
    Collection, Counted, Digest, KnownAge, Mark, Matter, NewExhibit, PersonId, Priority, Role, Shows,
    Transfer,
};
use homeward_store::case::NewCase;
use homeward_store::release_log::Released;
use homeward_store::{Listed, StoreError};

const SUBJECT: PersonId = PersonId::from_bits(0x5b);
const CHILD: PersonId = PersonId::from_bits(0xc1d);

fn case(number: u128) -> CaseId {
    CaseId::from_bits(0xca5e_0000 + number)
}

fn new_case(number: u128) -> NewCase {
    NewCase {
        id: case(number),
        lead: Some(lead(1)),
        matter: Matter::CommercialSex,
        crime: "18 U.S.C. 1591(a)(1)".into(),
        facts: grounds("bookings under one name on nine nights"),
    }
}

fn prosecutor() -> Person {
    Person::new(0x9a, WEST, &[Role::Prosecutor])
}

/// A lead at work in the hands of the investigator.
async fn working(fresh: &Fresh) {
    let (analyst, supervisor, investigator) = (analyst(), supervisor(), investigator());
    let store = &fresh.store;
    store.admit_finding(&analyst.at(1), offered(1), lead(1), grounds("raw words of a tip")).await.unwrap();
    store.triage_lead(&supervisor.at(2), lead(1), seen(1, 21), Priority::Soon, ROUTE).await.unwrap();
    store.assign_lead(&supervisor.at(3), lead(1), seen(2, 22), investigator.actor.member).await.unwrap();
    store.start_lead(&investigator.at(4), lead(1), seen(3, 23)).await.unwrap();
}

fn page(found: &[u8]) -> Mark {
    Mark::File { digest: Digest::of(found), bytes: 4 }
}

fn exhibit() -> NewExhibit {
    let collected = Collection {
        start: second_of_day(1),
        end: second_of_day(2),
        performer: "Ines".into(),
        authority: Authority::LegalProcess,
        basis: "warrant 19-MJ-1".into(),
    };
    NewExhibit { description: "captured page".into(), mark: page(b"page"), collected }
}

fn hop(from: &str, to: &str, given: i64, taken: i64) -> Transfer {
    Transfer {
        from: from.into(),
        to: to.into(),
        given: second_of_day(given),
        taken: second_of_day(taken),
        purpose: "storage".into(),
        found: page(b"page"),
        resealed: None,
    }
}

pub async fn a_lead_is_promoted_by_an_act_of_its_own(fresh: Fresh) {
    working(&fresh).await;
    let (supervisor, investigator, other) =
        (supervisor(), investigator(), Person::new(0x18, EAST, &[Role::Investigator]));
    let store = &fresh.store;
    // Who does not work the lead makes no case of it.
    let refused = store.open_case(&other.at(5), new_case(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { noun: "lead" }), "{refused}");
    let no_crime = NewCase { crime: " ".into(), ..new_case(1) };
    let refused = store.open_case(&investigator.at(5), no_crime).await.unwrap_err().to_string();
    assert_eq!(refused, "no predicate: the crime is empty");
    for second in 6..8 {
        let held = store.open_case(&investigator.at(second), new_case(1)).await.unwrap();
        assert_eq!((held.version, held.noun.state().word(), held.noun.lead), (1, "opened", Some(lead(1))));
    }
    // It is claimed as a result, once.
    let counts = supervisor.for_purpose(PurposeKind::Results);
    let claims = store.results(&counts.at(8), &Listed::default()).await.unwrap().records;
    let supervisor = super::support::supervisor();
    let [claim] = claims.try_into().unwrap();
    assert_eq!((claim.noun.of, claim.noun.state().word()), (Counted::Case(case(1)), "claimed"));
    let promoted = store.lead(&investigator.at(8), lead(1)).await.unwrap();
    assert_eq!((promoted.noun.cases(), promoted.noun.state().word()), ([case(1)].as_slice(), "working"));
    let steps = store.lead_history(&investigator.at(9), lead(1)).await.unwrap();
    assert_eq!(steps.last().unwrap().what, "promoted");
    // Nothing that the lead says stands in the case.
    let held = store.case(&supervisor.at(10), case(1)).await.unwrap();
    assert!(!format!("{held:?}").contains("raw words"), "{held:?}");
    // Another case with the same id is refused, and the lead stays as it is.
    let again = NewCase { facts: grounds("other facts"), ..new_case(1) };
    let refused = store.open_case(&investigator.at(11), again).await.unwrap_err().to_string();
    assert_eq!(refused, "there is another case with the same id");
    assert_eq!(store.lead(&investigator.at(12), lead(1)).await.unwrap().noun.cases().len(), 1);
    // A lead that nobody works is not promoted.
    let closed = homeward_model::LeadOutcome::Unfounded;
    store.close_lead(&investigator.at(13), lead(1), seen(5, 30), closed, grounds("done")).await.unwrap();
    let refused = store.open_case(&investigator.at(14), new_case(2)).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { .. }), "{refused}");
}

pub async fn a_case_is_worked_charged_and_closed(fresh: Fresh) {
    let (supervisor, investigator, prosecutor) = (supervisor(), investigator(), prosecutor());
    let store = &fresh.store;
    let id = case(1);
    let new = NewCase { lead: None, ..new_case(1) };
    store.open_case(&investigator.at(1), new).await.unwrap();
    // Steps in the wrong order say what is missing.
    let early = store.take_up_case(&investigator.at(2), id, seen(1, 1)).await.unwrap_err().to_string();
    assert!(early.contains("nobody accepted its predicate yet"), "{early}");
    let own =
        store.accept_predicate(&investigator.at(2), id, seen(1, 1), second_of_day(0)).await.unwrap_err();
    assert!(matches!(own, StoreError::NotFound { .. }), "{own}");
    store.accept_predicate(&supervisor.at(3), id, seen(1, 1), second_of_day(0)).await.unwrap();
    store.take_up_case(&investigator.at(4), id, seen(2, 2)).await.unwrap();
    let child = (SUBJECT, "J. Sample");
    let refused = store
        .add_case_subject(&investigator.at(5), id, seen(3, 3), child, AgeAt::Known(17))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("is a victim (22 U.S.C. 7102(11))"), "{refused}");
    store.add_case_subject(&investigator.at(5), id, seen(3, 3), child, AgeAt::Known(41)).await.unwrap();

    let born = homeward_model::BirthDate::new(2004, 1, 2).unwrap();
    let alleged = Alleged {
        offence: "1591-a1".into(),
        verb: Some("recruits".into()),
        from: second_of_day(0),
        to: second_of_day(0),
        victim: Some(1),
        subjects: vec![SUBJECT],
    };
    let shows = Shows {
        count: 1,
        element: "act".into(),
        way: None,
        evidence: CaseEvidence::Exhibit(1),
        testimony: false,
    };
    let mut version = 4;
    for entry in [
        CaseEntry::VictimAdded(CHILD, None, KnownAge::Born(born)),
        CaseEntry::CountAlleged(alleged),
        CaseEntry::ExhibitEntered(exhibit()),
        CaseEntry::HandedOver(1, hop("Ines", "evidence room", 10, 10)),
        CaseEntry::EvidenceLinked(shows),
        CaseEntry::TaskSet("ask for the bookings".into(), investigator.actor.member, Some(second_of_day(90))),
        CaseEntry::TaskDone(1),
        CaseEntry::Noted(grounds("the clerk remembers the van")),
    ] {
        let request = seen(version, 100 + version as u128);
        let held = store.enter_case(&investigator.at(20), id, request, entry).await.unwrap();
        version = held.version;
    }
    let overdue = Listed { due_by: Some(second_of_day(100)), ..Listed::default() };
    assert_eq!(store.cases(&supervisor.at(20), &overdue).await.unwrap().records, []);
    let task = CaseEntry::TaskSet("ask again".into(), investigator.actor.member, Some(second_of_day(95)));
    version = store.enter_case(&investigator.at(20), id, seen(version, 80), task).await.unwrap().version;
    assert_eq!(store.cases(&supervisor.at(20), &overdue).await.unwrap().records.len(), 1);
    for (bad, because) in [
        (hop("Ines", "laboratory", 15, 15), "gap in holder: exhibit 1 is held by evidence room, not by Ines"),
        (hop("evidence room", "laboratory", 9, 9), "overlap in time"),
        (hop("evidence room", "laboratory", 15, 16), "gap in time"),
        (Transfer { found: page(b"other"), ..hop("evidence room", "laboratory", 15, 15) }, "its hash is"),
    ] {
        let bad = CaseEntry::HandedOver(1, bad);
        let refused = store.enter_case(&investigator.at(21), id, seen(version, 90), bad).await.unwrap_err();
        assert!(refused.to_string().contains(because), "{refused}");
    }

    // Opened again, it is what it was.
    let store = fresh.again().await;
    let held = store.case(&investigator.at(30), id).await.unwrap();
    let file = held.noun.file();
    assert_eq!((held.version, file.exhibits[0].chain().len(), file.victims[0].person), (version, 1, CHILD));
    assert_eq!(file.victims[0].age.at(second_of_day(0)), AgeAt::Known(15));

    // The prosecutor sees nothing before the case is given to them.
    let charged = Charged { person: SUBJECT, section: "18 U.S.C. 1591(a)(1)".into(), count: Some(1) };
    let early = store.charge_case(&prosecutor.at(31), id, seen(version, 50), charged.clone()).await;
    assert!(matches!(early, Err(StoreError::NotFound { .. })));
    let to = prosecutor.actor.member;
    let held = store.assign_case(&supervisor.at(32), id, seen(version, 51), to).await.unwrap();
    // They prepare it: what shows what, who is to do what, notes; and enter nothing else.
    let shows = Shows {
        count: 1,
        element: "commerce".into(),
        way: None,
        evidence: CaseEvidence::Note(1),
        testimony: false,
    };
    let mut held = held;
    for entry in [
        CaseEntry::EvidenceLinked(shows),
        CaseEntry::LinkWithdrawn(2, grounds("the note does not say so")),
        CaseEntry::TaskSet("count 1: show the age".into(), investigator.actor.member, None),
        CaseEntry::Noted(grounds("for the hearing")),
    ] {
        let request = seen(held.version, 300 + held.version as u128);
        held = store.enter_case(&prosecutor.at(33), id, request, entry).await.unwrap();
    }
    let beyond = CaseEntry::CountDropped(1, grounds("x"));
    let beyond = store.enter_case(&prosecutor.at(33), id, seen(held.version, 299), beyond).await;
    assert!(matches!(beyond, Err(StoreError::NotFound { .. })), "{beyond:?}");
    let held = store.charge_case(&prosecutor.at(33), id, seen(held.version, 52), charged).await.unwrap();
    let early =
        store.close_case(&prosecutor.at(34), id, seen(held.version, 53), grounds("x")).await.unwrap_err();
    assert!(early.to_string().contains("a charge has not ended yet"), "{early}");
    let pleaded = CaseDisposition::Pleaded;
    let held =
        store.dispose_charge(&prosecutor.at(35), id, seen(held.version, 54), 1, pleaded).await.unwrap();
    let why = grounds("sentence recorded");
    let held = store.close_case(&supervisor.at(36), id, seen(held.version, 55), why).await.unwrap();
    assert_eq!((held.noun.state().word(), held.version), ("closed", version + 8));
    // Exhibits move on after the end.
    let back = CaseEntry::HandedOver(1, hop("evidence room", "owner", 40, 40));
    store.enter_case(&investigator.at(41), id, seen(held.version, 56), back).await.unwrap();
    let steps = store.case_history(&supervisor.at(42), id).await.unwrap();
    let told: Vec<&str> = steps.iter().map(|step| step.what.as_str()).collect();
    assert_eq!(told[..4], ["opened", "predicate accepted", "taken up", "subject added"]);
    assert_eq!(told[told.len() - 2..], ["closed", "handed over"]);
}

pub async fn a_case_is_listed_for_its_agency_alone(fresh: Fresh) {
    let (supervisor, investigator) = (supervisor(), investigator());
    let store = &fresh.store;
    for number in 1..=3 {
        let new = NewCase { lead: None, ..new_case(number) };
        store.open_case(&investigator.at(1), new).await.unwrap();
    }
    store.accept_predicate(&supervisor.at(2), case(2), seen(1, 1), second_of_day(0)).await.unwrap();
    let accepted = Listed { states: vec!["accepted".into()], ..Listed::default() };
    assert_eq!(store.cases(&supervisor.at(3), &accepted).await.unwrap().records.len(), 1);
    let counts = store.count_cases(&supervisor.at(3), &Listed::default()).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|count| (count.state.as_str(), count.count)).collect();
    assert_eq!(counts, [("accepted", 1), ("opened", 2)]);
    for stranger in [stranger(), prosecutor(), Person::new(0x19, WEST, &[Role::Investigator])] {
        assert_eq!(store.cases(&stranger.at(4), &Listed::default()).await.unwrap().records, []);
        assert!(matches!(store.case(&stranger.at(4), case(1)).await, Err(StoreError::NotFound { .. })));
        assert!(store.case_history(&stranger.at(4), case(1)).await.is_err());
    }
    // An analyst reads no case file.
    assert!(store.case(&analyst().at(5), case(1)).await.is_err());
}

pub async fn a_case_leaves_as_it_was_released(fresh: Fresh) {
    let (supervisor, investigator) = (supervisor(), investigator());
    let store = &fresh.store;
    let id = case(1);
    store.open_case(&investigator.at(1), NewCase { lead: None, ..new_case(1) }).await.unwrap();
    let released = Released {
        id: 7,
        receiver: AgencyId::from_bits(0x9a),
        reason: grounds("for indictment"),
        need_to_know: grounds("assigned prosecutor"),
        right_to_know: grounds("prosecuting office"),
    };
    let refused = store.release_case(&investigator.at(2), id, 1, released.clone()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "a supervisor gives a case");
    let late = store.release_case(&supervisor.at(2), id, 9, released.clone()).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })));
    for second in 3..5 {
        store.release_case(&supervisor.at(second), id, 1, released.clone()).await.unwrap();
    }
    let (held, logged) = store.released_case(&supervisor.at(5), id, None).await.unwrap();
    assert_eq!((held.version, logged.version, &logged.released), (1, 1, &released));
    assert_eq!(store.case_releases(&investigator.at(6), id).await.unwrap().len(), 1);
    assert!(store.released_case(&supervisor.at(6), id, Some(8)).await.is_err());
    // Who works it fetches nothing, and a reader of the case in the office that received it fetches that release.
    assert!(store.released_case(&investigator.at(6), id, None).await.is_err());
    let office = Person::new(0x9b, AgencyId::from_bits(0x9a), &[Role::Prosecutor]);
    assert!(store.released_case(&office.at(6), id, None).await.is_err(), "the case is not theirs to read");
    store.accept_predicate(&supervisor.at(7), id, seen(1, 1), second_of_day(0)).await.unwrap();
    let changed = store.released_case(&supervisor.at(8), id, Some(7)).await.unwrap_err().to_string();
    assert_eq!(changed, "no export: the case is at version 2, version 1 was released: release it again");
}
