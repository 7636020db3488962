//! Stories of missing reports: what is typed, the clocks of the law, and race.

use super::*;
use crate::fresh::{EAST, Fresh, Person, WEST, at};
use crate::{WrittenPlace, WrittenReport};
use homeward_access::PurposeKind;
use homeward_model::{AgencyId, Role, Span};

const ID: MissingReportId = MissingReportId::from_bits(0x31);

async fn analyst(fresh: &Fresh, number: u128, agency: AgencyId) -> Person {
    fresh.person(number, "Lee Office", agency, Role::Clearinghouse, PurposeKind::Investigation).await
}

fn written() -> WrittenReport {
    let of = |text: &str| text.to_owned();
    let missing_from = WrittenPlace { city: of("Charlotte"), state: of("NC"), ..WrittenPlace::default() };
    WrittenReport {
        given_name: of("Alex"),
        family_name: of("Example"),
        category: of("missing from care"),
        age: of("15"),
        race: of("somerace"),
        missing_since: of("2026-11-23 20:00"),
        missing_from,
        phones: of("704-555-0142\n704-555-0143"),
        circumstances: of("<script>alert(1)</script>"),
        ..WrittenReport::default()
    }
}

#[tokio::test]
async fn the_clocks_of_the_law_run_from_receipt() {
    let fresh = Fresh::open().await;
    let (casework, east) = (&fresh.casework, analyst(&fresh, 1, EAST).await);
    let start = at("08:00");
    let held = casework.receive_report(&east.at(start), ID, None, &written()).await.unwrap().record;
    assert_eq!(held.resource.task_forces, [task_force_of(office_id("Charlotte"))]);
    assert_eq!(held.noun.report().circumstances, "<script>alert(1)</script>");
    let overdue = |held: &Held<MissingReportRecord>, span: Span| overdue_clocks(&held.noun, start.plus(span));
    let late = Span::minutes(1);
    assert_eq!(
        (overdue(&held, Span::hours(2)), overdue_clocks(&held.noun, start.plus(Span::hours(2)).plus(late))),
        (0, 4)
    );
    let mut held = held;
    for (number, system) in
        [EntrySystem::State, EntrySystem::Ncic, EntrySystem::NamUs, EntrySystem::Clearinghouse]
            .into_iter()
            .enumerate()
    {
        let revision = Revision { seen: held.version, request: 10 + number as u128 };
        held = casework.enter_report(&east.at(at("09:00")), ID, revision, system, None).await.unwrap().record;
    }
    assert_eq!(
        (overdue(&held, Span::hours(24)), overdue(&held, Span::hours(25)), overdue(&held, Span::days(31))),
        (0, 1, 2)
    );
    let clocks = report_clocks(&held.noun);
    assert!(clocks.iter().all(|clock| clock.cite.contains("U.S.C.")));
    assert_eq!(clocks[0].state(at("12:00")), "done");
    let page =
        casework.overdue_reports(&east.at(start.plus(Span::hours(25))), &Listed::default()).await.unwrap();
    assert_eq!(page.records.len(), 1);
    // Located, then missing again; time in the future is refused.
    let seen = Revision { seen: held.version, request: 20 };
    let early = casework
        .locate_report(&east.at(at("10:00")), ID, seen, Some(at("11:00")), Grounds::new("x").unwrap())
        .await;
    assert!(matches!(early, Err(Trouble::Invalid(_))));
    let found = casework
        .locate_report(&east.at(at("12:00")), ID, seen, None, Grounds::new("seen by a deputy").unwrap())
        .await;
    let found = found.unwrap().record;
    assert_eq!(overdue(&found, Span::days(31)), 0);
    let seen = Revision { seen: found.version, request: 21 };
    let since = at("13:00");
    let again = casework.report_missing_again(&east.at(at("14:00")), ID, seen, Some(since)).await;
    let again = again.unwrap().record;
    // Who edits it sees this disappearance; what is not touched stays.
    let shown = WrittenReport::of(&again.noun.present());
    assert_eq!(shown.missing_since, &since.to_string().replace('T', " ")[..16]);
    let seen = Revision { seen: again.version, request: 22 };
    let edited = casework.edit_report(&east.at(at("15:00")), ID, seen, &shown).await.unwrap().record;
    assert_eq!(edited.noun.for_matching().missing_since, Some(since));
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_and_an_edit_keeps_what_it_does_not_show() {
    let fresh = Fresh::open().await;
    let (casework, east) = (&fresh.casework, analyst(&fresh, 1, EAST).await);
    let bad = WrittenReport {
        given_name: "x".repeat(10_000),
        age: "21".into(),
        height_cm: "300".into(),
        date_of_birth: "2030-01-01".into(),
        ..written()
    };
    let said = casework.receive_report(&east.at(at("08:00")), ID, None, &bad).await.unwrap_err().to_string();
    for part in
        ["`given name` has 10000", "`age`: `21`", "`height`: `300`", "`date of birth` lies in the future"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let held = casework.receive_report(&east.at(at("08:00")), ID, None, &written()).await.unwrap().record;
    let shown = WrittenReport::of(held.noun.report());
    assert!(!format!("{shown:?}").contains("somerace"));
    let edit = WrittenReport { hair: "brown".into(), ..shown };
    let revision = Revision { seen: held.version, request: 5 };
    let edited = casework.edit_report(&east.at(at("09:00")), ID, revision, &edit).await.unwrap().record;
    let said = edited.noun.report();
    assert_eq!(
        (said.hair.as_deref(), said.race.as_deref(), said.phones.len()),
        (Some("brown"), Some("somerace"), 2)
    );
    // Somebody who saw the version before is told so.
    let late =
        casework.edit_report(&east.at(at("09:01")), ID, Revision { request: 6, ..revision }, &edit).await;
    assert!(matches!(late, Err(Trouble::Conflict { .. })));
}

#[tokio::test]
async fn race_takes_the_job_and_a_written_reason() {
    let fresh = Fresh::open().await;
    let casework = &fresh.casework;
    let (east, west) = (analyst(&fresh, 1, EAST).await, analyst(&fresh, 2, WEST).await);
    let chief = fresh.person(3, "Kim East", EAST, Role::Supervisor, PurposeKind::Investigation).await;
    casework.receive_report(&east.at(at("08:00")), ID, None, &written()).await.unwrap();
    let why = Grounds::new("to identify a child in hospital").unwrap();
    assert_eq!(casework.race_of(&east.at(at("09:00")), ID, &why).await.unwrap().as_deref(), Some("somerace"));
    for other in [&west, &chief] {
        assert!(matches!(
            casework.race_of(&other.at(at("09:00")), ID, &why).await,
            Err(Trouble::Missing { .. })
        ));
    }
}
