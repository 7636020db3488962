//! Stories of checks: two agencies meet, talk, and settle.

use super::*;
use crate::fresh::{EAST, Fresh, Person, WEST, at};
use crate::{WrittenCheck, WrittenPlace, WrittenPlan};
use homeward_access::PurposeKind;

async fn coordinator(fresh: &Fresh, number: u128, name: &str, agency: AgencyId) -> Person {
    fresh.person(number, name, agency, Role::Coordinator, PurposeKind::Deconfliction).await
}

fn plan(starts: &str, city: &str) -> WrittenPlan {
    let place = WrittenPlace { city: city.into(), state: "NC".into(), ..WrittenPlace::default() };
    let (starts, ends) = (format!("2026-11-24 {starts}"), "2026-11-24 23:00".to_owned());
    WrittenPlan { starts, ends, pad_minutes: "0".into(), place, radius_km: "7.25".into() }
}

fn asked(starts: &str, selectors: &str) -> WrittenCheck {
    WrittenCheck { plan: plan(starts, "Charlotte"), selectors: selectors.into(), ..WrittenCheck::default() }
}

fn revision(seen: i64, request: u128) -> Revision {
    Revision { seen, request }
}

fn why(text: &str) -> Grounds {
    Grounds::new(text).unwrap()
}

const E: CheckId = CheckId::from_bits(0xe);
const W: CheckId = CheckId::from_bits(0xf);

#[tokio::test]
async fn two_agencies_meet_and_learn_only_whom_to_call() {
    let fresh = Fresh::open().await;
    let casework = &fresh.casework;
    let east = coordinator(&fresh, 1, "Robin East", EAST).await;
    let west = coordinator(&fresh, 2, "Sam West", WEST).await;
    let first =
        casework.ask_check(&east.at(at("10:00")), E, &asked("18:00", "phone: 704-555-0142")).await.unwrap();
    assert_eq!(first.record.held.noun.state().word(), "no hit so far");
    let said = first.record.held.noun.statement();
    assert!(said.contains("own record at 2026-11-24T10:00:00Z") && !said.contains("clear"), "{said}");

    // In another place and hour, but after the same telephone number.
    let other = WrittenCheck { plan: plan("20:00", "Raleigh"), ..asked("", "(704) 555-0142\n@somebody") };
    let second = casework.ask_check(&west.at(at("11:00")), W, &other).await.unwrap();
    assert_eq!(second.told, [east.actor.member]);
    let (mine, theirs) = (&second.record, casework.check(&east.at(at("11:01")), E).await.unwrap());
    for (seen, agency, contact, email) in [
        (mine, "East Police", "Robin East", "member1@example.org"),
        (&theirs, "West Police", "Sam West", "member2@example.org"),
    ] {
        assert_eq!(seen.held.noun.state().word(), "both told");
        let [other] = &seen.others[..] else { panic!("one other side") };
        assert_eq!((other.agency.as_str(), other.contact.as_str()), (agency, contact));
        assert_eq!((other.email.as_deref(), other.state), (Some(email), Some("both told")));
    }

    // Nothing of the other side's place, hour or selectors in anything that can be shown.
    let charlotte = format!("{:?}", mine.about.area.unwrap().centre);
    let everything =
        format!("{theirs:?} {:?}", casework.checks(&east.at(at("11:02")), &Listed::default()).await.unwrap());
    assert!(!everything.contains(&charlotte) && !everything.contains("@somebody"));
    let raleigh = format!("{:?}", theirs.about.area.unwrap().centre);
    assert!(!format!("{mine:?}").contains(&raleigh));
    let notices = casework.notices(&east.at(at("11:02")), &Listed::default()).await.unwrap();
    assert_eq!(notices.records.len(), 1);
    assert!(!format!("{notices:?}").contains("somebody") && notices.records[0].noun.about == E.to_string());
    // The other check itself does not exist for this side, to read or in a list.
    assert!(matches!(casework.check(&east.at(at("11:03")), W).await, Err(Trouble::Missing { .. })));
    assert_eq!(casework.checks(&east.at(at("11:03")), &Listed::default()).await.unwrap().records.len(), 1);
}

#[tokio::test]
async fn both_sides_see_each_step_and_each_settles_its_own() {
    let fresh = Fresh::open().await;
    let casework = &fresh.casework;
    let east = coordinator(&fresh, 1, "Robin East", EAST).await;
    let west = coordinator(&fresh, 2, "Sam West", WEST).await;
    let chief = fresh.person(3, "Kim East", EAST, Role::Supervisor, PurposeKind::Deconfliction).await;
    casework.ask_check(&east.at(at("10:00")), E, &asked("18:00", "")).await.unwrap();
    let hit = casework.ask_check(&west.at(at("11:00")), W, &asked("18:30", "")).await.unwrap().record;

    // West saw it: East's check says so, West's own waits for East.
    for _ in 0..2 {
        let known = casework
            .acknowledge_check(&west.at(at("11:05")), W, revision(hit.held.version, 1))
            .await
            .unwrap();
        assert_eq!(
            (known.record.others[0].state, known.told.as_slice()),
            (Some("acknowledged"), &[east.actor.member][..])
        );
    }
    let mine = casework.check(&east.at(at("11:06")), E).await.unwrap();
    assert_eq!((mine.held.noun.state().word(), mine.others[0].state), ("acknowledged", Some("both told")));

    let raised = casework
        .raise_check(&east.at(at("11:07")), E, revision(mine.held.version, 2), chief.actor.member)
        .await
        .unwrap();
    assert_eq!(raised.told, [chief.actor.member]);

    // They talk. That is recorded once, and stands on both sides.
    let version = raised.record.held.version;
    let early = casework
        .settle_check(&east.at(at("11:08")), E, revision(version, 9), CheckOutcome::Proceed, why("x"))
        .await;
    assert!(matches!(early, Err(Trouble::Illegal(_))));
    let talked = casework.contact_check(&east.at(at("11:10")), E, revision(version, 3)).await.unwrap();
    assert_eq!(talked.told, [west.actor.member]);
    let theirs = casework.check(&west.at(at("11:11")), W).await.unwrap();
    assert_eq!(
        (theirs.held.noun.state().word(), theirs.others[0].state),
        ("contact made", Some("contact made"))
    );

    let until = CheckOutcome::Delay { until: at("23:30") };
    let version = theirs.held.version;
    let settled = casework
        .settle_check(&west.at(at("11:15")), W, revision(version, 4), until, why("they go first"))
        .await;
    assert_eq!(settled.unwrap().told, [east.actor.member]);
    let mine = casework.check(&east.at(at("11:16")), E).await.unwrap();
    assert_eq!((mine.held.noun.state().word(), mine.others[0].state), ("contact made", Some("settled")));
    assert!(!format!("{mine:?}").contains("they go first"));
}

#[tokio::test]
async fn clocks_run_before_the_start_until_both_talked() {
    let fresh = Fresh::open().await;
    let casework = &fresh.casework;
    let east = coordinator(&fresh, 1, "Robin East", EAST).await;
    let west = coordinator(&fresh, 2, "Sam West", WEST).await;
    let chief = fresh.person(3, "Kim West", WEST, Role::Supervisor, PurposeKind::Deconfliction).await;
    casework.ask_check(&east.at(at("10:00")), E, &asked("18:00", "")).await.unwrap();
    casework.ask_check(&west.at(at("11:00")), W, &asked("18:30", "")).await.unwrap();
    for (now, overdue) in [("16:59", [false, false]), ("17:01", [true, false]), ("17:31", [true, true])] {
        let seen = casework.check(&east.at(at(now)), E).await.unwrap();
        assert_eq!(seen.clocks.iter().map(|clock| clock.due).collect::<Vec<_>>(), [at("17:00"), at("17:30")]);
        assert_eq!(seen.clocks.iter().map(|clock| clock.overdue).collect::<Vec<_>>(), overdue, "{now}");
    }
    let theirs = casework.check(&chief.at(at("17:31")), W).await.unwrap();
    let (now, seen) = (chief.at(at("17:32")), revision(theirs.held.version, 5));
    let waived = casework.waive_check(&now, W, seen, why("no answer for hours")).await.unwrap();
    assert_eq!((waived.record.held.noun.state().word(), waived.record.clocks.len()), ("settled", 0));
    // Whoever asked cannot waive, and a plan that moves away frees the other side.
    let own = casework.check(&east.at(at("17:33")), E).await.unwrap();
    let moved = casework
        .move_check(&east.at(at("17:33")), E, revision(own.held.version, 6), &plan("18:00", "Raleigh"))
        .await;
    assert_eq!(moved.unwrap().record.held.noun.state().word(), "no hit so far");
}
