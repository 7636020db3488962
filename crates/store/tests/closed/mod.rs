//! Closed records: sealed or in a compartment, opened by break-glass for a while, and reviewed.

use crate::leads::{lead, offered, seen};
use crate::support::{EAST, Fresh, Person, analyst, grounds, investigator, outside, stranger, supervisor};
use homeward_access::{Kind, PurposeKind};
use homeward_model::{
    CompartmentId, EmailAddress, EmergencyId, EmergencyVerdict, MissingReport, MissingReportId, NoticeKind,
    Role, Roles,
};
use homeward_store::member::Invitation;
use homeward_store::{Listed, Restriction, StoreError};

const ID: MissingReportId = MissingReportId::from_bits(0x1201);
const HOUR: i64 = 3600;

fn use_of(number: u128) -> EmergencyId {
    EmergencyId::from_bits(0xe0 + number)
}

/// Another supervisor of the same agency, with an account.
async fn chief(fresh: &Fresh) -> Person {
    let chief = Person::new(0x51, EAST, &[Role::Supervisor]);
    let invitation = Invitation {
        id: chief.actor.member,
        name: "C. Example".into(),
        email: EmailAddress::new("chief@example.org").unwrap(),
        agency: EAST,
        roles: Roles::new(vec![Role::Supervisor]).unwrap(),
    };
    fresh.with_east().await;
    fresh.store.install_member(outside(0), invitation, homeward_model::MemberScope::default()).await.unwrap();
    chief
}

async fn sealed_report(fresh: &Fresh) -> Person {
    let maker = investigator();
    let restriction = Restriction { sealed: true, compartment: None };
    let (received, report) = (maker.at(0).now, MissingReport::default());
    fresh.store.receive_restricted_report(&maker.at(1), ID, received, report, restriction).await.unwrap();
    maker
}

pub async fn a_report_sealed_at_the_start_was_never_visible(fresh: Fresh) {
    let maker = sealed_report(&fresh).await;
    let others = [analyst(), supervisor(), Person::new(0x99, EAST, &[Role::Investigator]), stranger()];
    for other in &others {
        assert!(fresh.store.report(&other.at(2), ID).await.is_err());
        assert_eq!(fresh.store.reports(&other.at(2), &Listed::default()).await.unwrap().records, []);
    }
    assert!(fresh.store.report(&maker.at(3), ID).await.unwrap().resource.sealed);
    // Only a supervisor of the owner lifts the seal.
    let lift = async |person: &Person| {
        fresh
            .store
            .unseal_record(&person.at(4), (Kind::MissingReport, ID.bits()), seen(1, 1), grounds("x"))
            .await
    };
    assert!(lift(&maker).await.is_err() && lift(&stranger()).await.is_err());
    assert_eq!(lift(&supervisor()).await.unwrap().version, 2);
    assert!(fresh.store.report(&analyst().at(5), ID).await.is_ok());
}

pub async fn a_compartment_opens_to_those_read_into_it(fresh: Fresh) {
    let (analyst, supervisor) = (analyst(), supervisor());
    let (room, closed) = (CompartmentId::from_bits(0xc0), (Kind::Lead, lead(1).bits()));
    fresh.store.admit_finding(&analyst.at(1), offered(1), lead(1), grounds("seen")).await.unwrap();
    let refused =
        fresh.store.seal_record(&analyst.at(2), closed, seen(1, 1), grounds("x")).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { .. }));
    let moving = supervisor.at(3);
    let put = fresh.store.put_into_compartment(&moving, closed, seen(1, 2), Some(room), grounds("x"));
    assert_eq!(put.await.unwrap().resource.compartment, Some(room));
    // Who put it there was not read into it.
    assert!(fresh.store.lead(&supervisor.at(4), lead(1)).await.is_err());
    let mut reader = Person::new(0xa2, EAST, &[Role::Analyst, Role::Supervisor]);
    assert!(fresh.store.lead(&reader.at(5), lead(1)).await.is_err());
    reader.actor.compartments.push(room);
    assert!(fresh.store.lead(&reader.at(6), lead(1)).await.is_ok());
    let out = fresh.store.put_into_compartment(&reader.at(7), closed, seen(2, 3), None, grounds("x")).await;
    assert_eq!(out.unwrap().resource.compartment, None);
    assert!(fresh.store.lead(&analyst.at(8), lead(1)).await.is_ok());
}

pub async fn break_glass_opens_for_a_while_and_is_reviewed(fresh: Fresh) {
    sealed_report(&fresh).await;
    let (supervisor, chief, store) = (supervisor(), chief(&fresh).await, &fresh.store);
    let open = async |person: &Person, number, second| {
        let why = grounds("a child may be in danger");
        store.break_glass(&person.at(second), use_of(number), Kind::MissingReport, ID.bits(), why).await
    };
    // Not by everybody, and not from another agency.
    assert!(open(&analyst(), 1, 10).await.is_err() && open(&stranger(), 1, 10).await.is_err());
    assert!(store.report(&supervisor.at(10), ID).await.is_err());
    for second in [11, 12] {
        let opened = open(&supervisor, 1, second).await.unwrap();
        assert_eq!((opened.version, opened.noun.window.start()), (1, supervisor.at(11).now));
    }
    assert!(store.report(&supervisor.at(13), ID).await.is_ok());
    // A second window over the first shows it no second time.
    open(&supervisor, 2, 13).await.unwrap();
    let listed = store.reports(&supervisor.at(14), &Listed::default()).await.unwrap();
    assert_eq!(listed.records.len(), 1);
    // For this member alone, to read alone, and until the window ends.
    assert!(store.report(&chief.at(13), ID).await.is_err());
    assert!(store.withdraw_report(&supervisor.at(13), ID, seen(1, 9), grounds("x")).await.is_err());
    assert!(store.report(&supervisor.at(13 + 8 * HOUR), ID).await.is_err());
    let told = store.notifications(&chief.at(14), &Listed::default()).await.unwrap().records;
    assert_eq!((told.len(), told[0].noun.kind), (2, NoticeKind::BreakGlass));
    let waiting = Listed { states: vec!["opened".into()], ..Listed::default() };
    assert_eq!(store.emergencies(&chief.at(15), &waiting).await.unwrap().records.len(), 2);
    let review = async |person: &Person, request| {
        let (verdict, why) = (EmergencyVerdict::Justified, grounds("the child was found"));
        store.review_break_glass(&person.at(16), use_of(1), seen(1, request), verdict, why).await
    };
    assert!(review(&supervisor, 1).await.is_err() && review(&stranger(), 2).await.is_err());
    assert_eq!(review(&chief, 3).await.unwrap().noun.state().word(), "reviewed");
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
}

pub async fn nobody_behind_the_wall_is_opened_by_break_glass(fresh: Fresh) {
    sealed_report(&fresh).await;
    let supervisor = supervisor();
    for kind in [Kind::ServiceNote, Kind::ServicePlan, Kind::ProviderRecord, Kind::Referral, Kind::Account] {
        for purpose in [PurposeKind::Investigation, PurposeKind::VictimService] {
            let person = Person::new(0x50, EAST, &[Role::Supervisor]).for_purpose(purpose);
            let refused =
                fresh.store.break_glass(&person.at(1), use_of(2), kind, ID.bits(), grounds("x")).await;
            assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{kind}");
        }
    }
    assert_eq!(fresh.store.emergencies(&supervisor.at(3), &Listed::default()).await.unwrap().records, []);
    // Nor under another kind than it has.
    let other =
        fresh.store.break_glass(&supervisor.at(4), use_of(2), Kind::Lead, ID.bits(), grounds("x")).await;
    assert!(matches!(other, Err(StoreError::NotFound { .. })));
}

pub async fn a_purged_lead_is_gone_and_the_trail_is_sound(fresh: Fresh) {
    let (analyst, supervisor, store) = (analyst(), supervisor(), &fresh.store);
    store.admit_finding(&analyst.at(1), offered(1), lead(1), grounds("seen")).await.unwrap();
    let purge = async |person: &Person| {
        store.purge_record(&person.at(2), Kind::Lead, lead(1).bits(), grounds("its time has come")).await
    };
    assert!(purge(&analyst).await.is_err() && purge(&stranger()).await.is_err());
    purge(&supervisor).await.unwrap();
    for store in [store.clone(), fresh.again().await] {
        assert!(matches!(store.lead(&analyst.at(3), lead(1)).await, Err(StoreError::NotFound { .. })));
        assert_eq!(store.leads(&analyst.at(4), &Listed::default()).await.unwrap().records, []);
        assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
    }
}
