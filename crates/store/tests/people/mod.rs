//! Missing reports, tips, judgements: what names people is sealed, and can be destroyed.

use crate::leads::{lead, seen};
use crate::support::{EAST, Fresh, Person, WEST, analyst, grounds, outside, stranger};
use homeward_access::Kind;
use homeward_model::{
    Category, EntrySystem, Judged, JudgedKind, JudgementId, MissingReport, MissingReportId, Role, Tip, TipId,
    TipSender, Verdict,
};
use homeward_store::release_log::Released;
use homeward_store::{Listed, StoreError};

fn keeper() -> Person {
    Person::new(0xc1, EAST, &[Role::Clearinghouse, Role::Investigator])
}

fn report(name: &str) -> MissingReport {
    MissingReport {
        id: "2019-17".into(),
        given_name: name.into(),
        family_name: "Exampleton".into(),
        category: Some(Category::EndangeredRunaway),
        height_cm: Some(162.5),
        phones: vec!["704-555-0142".into()],
        ..MissingReport::default()
    }
}

const ID: MissingReportId = MissingReportId::from_bits(0x1201);

/// Whether a text stands anywhere in the files of the database; on PostgreSQL, in its tables of bodies.
async fn stands(fresh: &Fresh, text: &str) -> bool {
    use sea_orm::{ConnectionTrait, Statement};
    let connection = fresh.around().await;
    let mut found = false;
    for query in [
        "SELECT body AS kept FROM record",
        "SELECT what AS kept FROM record_change",
        "SELECT entry AS kept FROM audit_entry",
    ] {
        let statement = Statement::from_string(connection.get_database_backend(), query);
        for row in connection.query_all_raw(statement).await.unwrap() {
            let kept: Vec<u8> = row.try_get("", "kept").unwrap();
            found |= kept.windows(text.len()).any(|window| window == text.as_bytes());
        }
    }
    found
}

pub async fn a_report_is_sealed_edited_and_located(fresh: Fresh) {
    let keeper = keeper();
    let store = &fresh.store;
    for second in 0..5 {
        let made =
            store.receive_report(&keeper.at(second), ID, keeper.at(0).now, report("Ada")).await.unwrap();
        assert_eq!(made.version, 1);
    }
    let other = store.receive_report(&keeper.at(6), ID, keeper.at(0).now, report("Bea")).await.unwrap_err();
    assert_eq!(other.to_string(), "there is another missing report with the same id");
    store.edit_report(&keeper.at(7), ID, seen(1, 1), report("Adah")).await.unwrap();
    let at = keeper.at(8).now;
    store.enter_report(&keeper.at(8), ID, seen(2, 2), EntrySystem::Ncic, at).await.unwrap();
    let store = fresh.again().await;
    let held = store.report(&keeper.at(9), ID).await.unwrap();
    assert_eq!((held.noun.report(), held.noun.entries()), (&report("Adah"), &[(EntrySystem::Ncic, at)][..]));
    assert!(!stands(&fresh, "Exampleton").await && !stands(&fresh, "555-0142").await);
    let done = store.locate_report(&keeper.at(10), ID, seen(3, 3), at, grounds("called home")).await.unwrap();
    assert_eq!(done.noun.state().word(), "located");
    assert_eq!(store.snapshot(outside(11)).await.unwrap().reports, []);
}

pub async fn a_purged_report_is_gone_for_good(fresh: Fresh) {
    let keeper = keeper();
    let store = &fresh.store;
    store.receive_report(&keeper.at(1), ID, keeper.at(0).now, report("Ada")).await.unwrap();
    assert!(matches!(
        store
            .purge_record(&stranger().at(2), Kind::MissingReport, ID.bits(), grounds("its time has come"))
            .await,
        Err(StoreError::NotFound { .. })
    ));
    store
        .purge_record(&keeper.at(3), Kind::MissingReport, ID.bits(), grounds("its time has come"))
        .await
        .unwrap();
    for store in [store.clone(), fresh.again().await] {
        let gone = store.report(&keeper.at(4), ID).await.unwrap_err();
        assert_eq!(gone.to_string(), "there is no such missing report, or you may not do this to it");
        assert_eq!(store.reports(&keeper.at(5), &Listed::default()).await.unwrap().records, []);
    }
    // Nor does it come back under its id.
    assert!(store.receive_report(&keeper.at(6), ID, keeper.at(0).now, report("Ada")).await.is_err());
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
}

pub async fn what_leaves_an_agency_is_in_the_release_log(fresh: Fresh) {
    let keeper = keeper();
    let store = &fresh.store;
    store.receive_report(&keeper.at(1), ID, keeper.at(0).now, report("Ada")).await.unwrap();
    let released = Released {
        id: 1,
        receiver: WEST,
        reason: grounds("a joint search"),
        need_to_know: grounds("the child was seen there"),
        right_to_know: grounds("accepted the rules in 2019"),
    };
    for second in 2..4 {
        store.release_report(&keeper.at(second), ID, released.clone()).await.unwrap();
    }
    assert_eq!(store.report_receivers(&keeper.at(5), ID).await.unwrap(), [(WEST, 1)]);
    assert!(store.release_report(&stranger().at(6), ID, released).await.is_err());
}

pub async fn a_tip_becomes_a_lead(fresh: Fresh) {
    let analyst = analyst();
    let store = &fresh.store;
    let sender = TipSender { contact: Some("704-555-0199".into()) };
    let tip = Tip::receive(
        TipId::from_bits(5),
        outside(1).now,
        "a car with a number from Exampleton".into(),
        sender,
    );
    for second in 1..6 {
        store.receive_tip(outside(second), tip.clone(), EAST).await.unwrap();
    }
    assert_eq!(store.tips(&analyst.at(7), &Listed::default()).await.unwrap().records.len(), 1);
    assert!(!stands(&fresh, "Exampleton").await);
    for second in 8..10 {
        let why = grounds("it names a time and a place");
        let (tip, made) = store.admit_tip(&analyst.at(second), tip.id, 1, lead(5), why).await.unwrap();
        assert_eq!((tip.noun.state().word(), made.noun.state().word()), ("admitted", "admitted"));
    }
}

pub async fn a_judgement_is_undone_and_the_snapshot_follows(fresh: Fresh) {
    let (analyst, keeper) = (analyst(), keeper());
    let store = &fresh.store;
    store.receive_report(&keeper.at(1), ID, keeper.at(0).now, report("Ada")).await.unwrap();
    let judged = |id: &str| Judged { kind: JudgedKind::Report, id: id.into() };
    let id = JudgementId::from_bits(7);
    let pair = || (judged("b"), judged("a"));
    for second in 2..4 {
        let done =
            store.judge(&analyst.at(second), id, pair(), Verdict::NotSame, grounds("other birth day")).await;
        assert_eq!(done.unwrap().noun.pair(), &(judged("a"), judged("b")));
    }
    let snapshot = store.snapshot(outside(5)).await.unwrap();
    assert_eq!((snapshot.reports.len(), snapshot.judgements.len()), (1, 1));
    assert_eq!(snapshot, store.snapshot(outside(6)).await.unwrap());
    assert_eq!(
        (snapshot.reports[0].id.clone(), snapshot.reports[0].given_name.as_str()),
        (ID.to_string(), "Ada")
    );
    store.undo_judgement(&analyst.at(7), id, seen(1, 71), grounds("a misprint")).await.unwrap();
    assert_eq!(store.snapshot(outside(8)).await.unwrap().judgements, []);
}
