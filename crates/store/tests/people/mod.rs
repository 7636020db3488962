//! Missing reports, tips, judgements: what names people is sealed, and can be destroyed.

use crate::leads::{lead, seen};
use crate::support::{EAST, Fresh, Person, WEST, analyst, grounds, outside, stranger};
use homeward_access::Kind;
use homeward_model::{
    Agency, AgencyId, AgencyKind, Category, EntrySystem, Judged, JudgedKind, JudgementId, MissingReport,
    MissingReportId, Ori, PlaceMention, Point, ReportStatus, Role, Span, Tip, TipId, TipSender, Verdict,
};
use homeward_store::import::{Keeper, Received};
use homeward_store::job::MATCH_REPORT;
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
    let read = store.snapshot(outside(11)).await.unwrap().reports;
    assert_eq!((read[0].status, read[0].located_at), (ReportStatus::Located, Some(at)));
}

pub async fn reports_of_another_system_are_taken_over(fresh: Fresh) {
    let store = &fresh.store;
    let text = |id: &str, name: &str| MissingReport {
        id: id.into(),
        agency: Some("NC0600100".into()),
        missing_from: PlaceMention { point: Point::new(35.2271, -80.8431), ..PlaceMention::default() },
        ..report(name)
    };
    let mut many: Vec<MissingReport> = (0..2100).map(|at| text(&format!("{at:04}"), "Ada")).collect();
    let take = |second, reports: &[MissingReport]| {
        store.receive_reports(outside(second), Keeper::Named, reports.to_vec())
    };
    let counts =
        |received: Received| [received.accepted, received.changed, received.repeated, received.barred];
    assert_eq!(counts(take(1, &many).await.unwrap()), [2100, 0, 0, 0]);
    many[7].status = ReportStatus::Recovered;
    many[7].located_at = Some(outside(0).now);
    many[8].provenance.file = "another file".into();
    assert_eq!(counts(take(2, &many).await.unwrap()), [0, 1, 2099, 0]);
    let purged = MissingReportId::of_text("0009");
    assert!(store.destroy_report(outside(3), purged, &grounds("a mistake")).await.unwrap());
    assert!(!store.destroy_report(outside(3), purged, &grounds("a mistake")).await.unwrap());
    assert_eq!(counts(take(4, &many).await.unwrap()), [0, 0, 2099, 1]);
    // Of two with one id in one file the last counts.
    assert_eq!(
        counts(take(5, &[text("x", "Ada"), text("x", "Bea"), text("x", "Bea")]).await.unwrap()),
        [1, 1, 1, 0]
    );
    assert!(!stands(&fresh, "Exampleton").await);

    let again = fresh.again().await;
    let snapshot = again.snapshot(outside(6)).await.unwrap();
    assert_eq!(snapshot.reports.len(), 2100);
    assert!(snapshot.reports.is_sorted_by_key(|report| report.id.clone()));
    assert_eq!(snapshot.reports[0], many[0]);
    assert_eq!(snapshot.reports[7], many[7]);
    let one = again.report_for_matching(outside(7), MissingReportId::of_text("x")).await.unwrap();
    assert_eq!(one.unwrap().given_name, "Bea");
    assert_eq!(again.report_for_matching(outside(7), purged).await.unwrap(), None);

    // Once its agency is listed it keeps its reports itself.
    let listed = Agency::list(WEST, Some(Ori::new("NC0600100").unwrap()), "West".into(), AgencyKind::Police);
    again.list_agency(outside(8), listed.unwrap()).await.unwrap();
    assert_eq!(counts(take(9, &many[..2]).await.unwrap()), [0, 2, 0, 0]);
    assert_eq!(counts(take(10, &many[..2]).await.unwrap()), [0, 0, 2, 0]);
    let kept: Vec<AgencyId> =
        again.listed_agencies(outside(11)).await.unwrap().iter().map(|held| held.noun.id).collect();
    assert!(kept.contains(&WEST) && kept.contains(&AgencyId::unlisted()));
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
}

pub async fn a_report_is_matched_after_it_was_received_or_edited(fresh: Fresh) {
    let (store, keeper) = (&fresh.store, keeper());
    let claim = async |second: i64| {
        store.claim_job(outside(second), &[MATCH_REPORT], Span::minutes(1)).await.unwrap()
    };
    for second in 1..3 {
        store.receive_report(&keeper.at(second), ID, keeper.at(0).now, report("Ada")).await.unwrap();
    }
    assert_eq!(claim(4).await.unwrap().body, ID.to_string());
    assert_eq!(claim(5).await, None, "received twice, it is matched once");
    store.edit_report(&keeper.at(6), ID, seen(1, 1), report("Adah")).await.unwrap();
    assert!(store.edit_report(&keeper.at(7), ID, seen(1, 2), report("Bea")).await.is_err());
    assert_eq!(claim(8).await.unwrap().body, ID.to_string());
    assert_eq!(claim(9).await, None, "what was not done is not matched");
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
