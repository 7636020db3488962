//! The audit trail: every way to tamper with it is found, and nothing is done that it cannot hold.

use crate::leads::{lead, offered};
use crate::support::{
    Fresh, Person, WEST, analyst, auditor, grounds, options, outside, second_of_day, stranger, supervisor,
};
use homeward_access::{Kind, PurposeKind};
use homeward_model::Role;
use homeward_store::audit::{AuditFilter, Breach, Outcome};
use homeward_store::{Listed, Store, StoreError};

/// Six acts: three admissions, a view, a list, a refusal.
async fn six_acts(fresh: &Fresh) {
    let (analyst, stranger) = (analyst(), stranger());
    for number in 1..=3 {
        let why = grounds("R. Example was seen");
        fresh.store.admit_finding(&analyst.at(1), offered(number), lead(number), why).await.unwrap();
    }
    fresh.store.lead(&analyst.at(2), lead(1)).await.unwrap();
    fresh.store.leads(&analyst.at(3), &Listed::default()).await.unwrap();
    fresh.store.lead(&stranger.at(4), lead(1)).await.unwrap_err();
}

async fn breaches(fresh: &Fresh) -> Vec<Breach> {
    fresh.store.verify(Some(&fresh.witness())).await.unwrap().expect_err("nothing was found")
}

pub async fn a_sound_trail_is_verified(fresh: Fresh) {
    six_acts(&fresh).await;
    let verified = fresh.store.verify(Some(&fresh.witness())).await.unwrap().unwrap();
    // Each admission leaves three entries: the finding offered, admitted, and the lead made.
    assert_eq!((verified.entries, verified.head.unwrap().size), (12, 12));
    let store = fresh.again().await;
    store.healthy(outside(9)).await.unwrap();
    assert_eq!(store.verify(Some(&fresh.witness())).await.unwrap().unwrap().entries, 13);
}

pub async fn an_edited_entry_is_found(fresh: Fresh) {
    six_acts(&fresh).await;
    fresh
        .tamper(&[
            "UPDATE audit_entry SET entry = (SELECT entry FROM audit_entry WHERE seq = 11) WHERE seq = 10",
        ])
        .await;
    let found = breaches(&fresh).await;
    assert!(found.contains(&Breach::Edited { seq: 10 }), "{found:?}");
    assert_eq!(Breach::Edited { seq: 10 }.to_string(), "entry 10 is not what was written");
}

pub async fn an_entry_edited_with_its_leaf_is_found(fresh: Fresh) {
    six_acts(&fresh).await;
    let both = "UPDATE audit_entry SET entry = (SELECT entry FROM audit_entry WHERE seq = 11), \
                leaf = (SELECT leaf FROM audit_entry WHERE seq = 11) WHERE seq = 10";
    fresh.tamper(&[both]).await;
    assert!(breaches(&fresh).await.contains(&Breach::OtherRoot { size: 10 }));
    // So is an entry that stands under another member.
    fresh.tamper(&["UPDATE audit_entry SET member = NULL WHERE seq = 2"]).await;
    assert!(breaches(&fresh).await.contains(&Breach::Misfiled { seq: 2 }));
}

pub async fn a_deleted_entry_is_found(fresh: Fresh) {
    six_acts(&fresh).await;
    fresh.tamper(&["DELETE FROM audit_entry WHERE seq = 5"]).await;
    assert!(breaches(&fresh).await.contains(&Breach::Gone { seq: 5 }));
    // Also when those after it move up.
    let up = "UPDATE audit_entry SET seq = seq - 1 WHERE seq = ";
    let up: Vec<String> = (6..=12).map(|seq| format!("{up}{seq}")).collect();
    fresh.tamper(&up.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(breaches(&fresh).await.contains(&Breach::OtherRoot { size: 6 }));
}

pub async fn entries_in_another_order_are_found(fresh: Fresh) {
    six_acts(&fresh).await;
    let swap = |from: i64, to: i64| format!("UPDATE audit_entry SET seq = {to} WHERE seq = {from}");
    let swaps = [swap(2, 99), swap(3, 2), swap(99, 3)];
    fresh.tamper(&swaps.each_ref().map(String::as_str)).await;
    assert!(breaches(&fresh).await.contains(&Breach::OtherRoot { size: 3 }));
}

pub async fn a_cut_off_end_is_found(fresh: Fresh) {
    six_acts(&fresh).await;
    fresh.tamper(&["DELETE FROM audit_entry WHERE seq > 10"]).await;
    let found = fresh.store.verify(None).await.unwrap().unwrap_err();
    assert!(found.contains(&Breach::CutOff { entries: 10, size: 12 }), "{found:?}");
}

pub async fn a_rollback_past_a_witnessed_head_is_found(fresh: Fresh) {
    six_acts(&fresh).await;
    // An old state is put back whole: entries, heads and tail. Of 12 = 8 + 4 leaves the first peak is that of 8.
    let tail = if fresh.url.starts_with("sqlite") {
        "UPDATE audit_tail SET size = 8, peaks = substr(peaks, 1, 32)"
    } else {
        "UPDATE audit_tail SET size = 8, peaks = substring(peaks from 1 for 32)"
    };
    fresh
        .tamper(&["DELETE FROM audit_entry WHERE seq > 8", "DELETE FROM audit_head WHERE size > 8", tail])
        .await;
    let heads = "INSERT INTO audit_head SELECT 8, at, root, signature FROM audit_head WHERE size = 6";
    fresh.tamper(&[heads]).await;
    let found = breaches(&fresh).await;
    assert!(found.contains(&Breach::CutOff { entries: 8, size: 12 }), "{found:?}");
}

pub async fn a_forged_head_is_found(fresh: Fresh) {
    six_acts(&fresh).await;
    fresh.tamper(&["UPDATE audit_head SET at = at + 1 WHERE size = 12"]).await;
    assert_eq!(breaches(&fresh).await, [Breach::NotSigned { size: 12 }]);
    std::fs::write(fresh.witness(), "not a head\n").unwrap();
    assert!(breaches(&fresh).await.contains(&Breach::Witness { line: 1 }));
}

pub async fn what_the_trail_cannot_hold_does_not_happen(fresh: Fresh) {
    six_acts(&fresh).await;
    fresh.tamper(&["ALTER TABLE audit_entry RENAME TO elsewhere"]).await;
    let analyst = analyst();
    let refused = fresh.store.admit_finding(&analyst.at(9), offered(9), lead(9), grounds("x")).await;
    assert!(refused.is_err());
    assert!(matches!(fresh.store.lead(&analyst.at(9), lead(1)).await, Err(StoreError::Audit(_))));
    fresh.tamper(&["ALTER TABLE elsewhere RENAME TO audit_entry"]).await;
    assert!(matches!(fresh.store.lead(&analyst.at(9), lead(9)).await, Err(StoreError::NotFound { .. })));
    // Nor what the witness cannot hold.
    std::fs::remove_file(fresh.witness()).unwrap();
    std::fs::create_dir(fresh.witness()).unwrap();
    let refused = fresh.store.admit_finding(&analyst.at(9), offered(9), lead(9), grounds("x")).await;
    assert!(matches!(refused, Err(StoreError::Audit(_))));
    assert!(Store::open(&fresh.url, options(&fresh.folder)).await.is_err());
    std::fs::remove_dir(fresh.witness()).unwrap();
    assert!(fresh.store.admit_finding(&analyst.at(9), offered(9), lead(9), grounds("x")).await.is_ok());
}

pub async fn an_auditor_reads_ids_and_no_names(fresh: Fresh) {
    six_acts(&fresh).await;
    let auditor = auditor();
    let read =
        async |second, filter: &AuditFilter| fresh.store.audit(&auditor.at(second), filter, None, 0).await;
    let of_lead = AuditFilter { object: Some(lead(1).bits()), ..AuditFilter::default() };
    let page = read(20, &of_lead).await.unwrap();
    let acts: Vec<&str> = page.entries.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["view", "admit finding"]);
    let view = &page.entries[0];
    assert_eq!((view.purpose.as_deref(), view.kind.as_deref()), (Some("investigation"), Some("lead")));
    assert_eq!((view.moment().as_str(), view.from.as_str()), ("2019-07-04T00:26:42.00Z", "203.0.113.7"));
    assert_eq!(view.member, Some(analyst().actor.member));
    // Eleven acts of the own organisation and the reading before this one; the stranger's refusal is not theirs to see.
    let whole = read(21, &AuditFilter::default()).await.unwrap();
    assert_eq!((whole.entries.len(), whole.next), (12, None));
    assert!(whole.entries.iter().all(|entry| !format!("{entry:?}").contains("Example")));
    for (filter, count) in [
        (AuditFilter { act: Some("list".into()), ..AuditFilter::default() }, 1),
        (AuditFilter { member: Some(auditor.actor.member), ..AuditFilter::default() }, 3),
        (
            AuditFilter {
                from: Some(second_of_day(2)),
                to: Some(second_of_day(4)),
                ..AuditFilter::default()
            },
            2,
        ),
        (AuditFilter { only_refused: true, ..AuditFilter::default() }, 0),
    ] {
        assert_eq!(read(22, &filter).await.unwrap().entries.len(), count, "{filter:?}");
    }
    let first = fresh.store.audit(&auditor.at(23), &of_lead, None, 1).await.unwrap();
    let second = fresh.store.audit(&auditor.at(23), &of_lead, first.next, 1).await.unwrap();
    assert_eq!((second.entries[0].act.as_str(), second.next), ("view", Some(second.entries[0].seq)));
    let others = AuditFilter { organisation: Some(WEST), ..AuditFilter::default() };
    assert!(matches!(read(24, &others).await, Err(StoreError::NotFound { .. })));
    let refused = fresh.store.audit(&analyst().at(25), &AuditFilter::default(), None, 0).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { .. }));
    let only_refused = AuditFilter { only_refused: true, ..AuditFilter::default() };
    assert_eq!(read(26, &only_refused).await.unwrap().entries.len(), 2);
}

pub async fn who_looked_at_a_record_is_known(fresh: Fresh) {
    six_acts(&fresh).await;
    let looked = async |person: &Person| {
        let page = fresh.store.looked_at(&person.at(30), Kind::Lead, lead(1).bits(), None, 0).await?;
        Ok::<_, StoreError>(
            page.entries.into_iter().map(|entry| (entry.act, entry.outcome)).collect::<Vec<_>>(),
        )
    };
    let of = |act: &str, outcome| (act.to_owned(), outcome);
    let all = [of("view", Outcome::Refused), of("list", Outcome::Done), of("view", Outcome::Done)];
    // The owner learns of the stranger; their own auditor only of their own people.
    assert_eq!(looked(&auditor()).await.unwrap(), all);
    let west = Person::new(0xad2, WEST, &[Role::Auditor]).for_purpose(PurposeKind::Audit);
    assert_eq!(looked(&west).await.unwrap(), all[..1]);
    assert!(looked(&supervisor()).await.is_err());
}

pub async fn reads_that_wait_together_are_committed_together(fresh: Fresh) {
    six_acts(&fresh).await;
    let began = std::time::Instant::now();
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let store = fresh.store.clone();
        readers.spawn(async move { store.lead(&analyst().at(5), lead(1)).await.is_ok() });
    }
    assert!(readers.join_all().await.into_iter().all(|seen| seen));
    println!("200 reads at once: {} ms", began.elapsed().as_millis());
    let verified = fresh.store.verify(Some(&fresh.witness())).await.unwrap().unwrap();
    // Every head stands in the database and in the witness file; each reader has an entry, and few have a head.
    assert_eq!(verified.entries, 212);
    assert!(verified.heads < 2 * 100, "{} heads", verified.heads);
    // Writers too can be spawned: their futures move between threads.
    let store = fresh.store.clone();
    let admitted =
        async move { store.admit_finding(&analyst().at(6), offered(4), lead(4), grounds("x")).await.is_ok() };
    assert!(tokio::spawn(admitted).await.unwrap());
}
