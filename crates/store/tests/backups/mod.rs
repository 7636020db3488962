//! Backups: what was backed up comes back with the same trail, and what was purged never does.

use crate::leads::{lead, offered};
use crate::support::{EAST, Fresh, Person, analyst, grounds, options, outside, second_of_day};
use homeward_model::{MissingReport, MissingReportId, Role};
use homeward_store::backup::{BackedUp, Restored};
use homeward_store::{Listed, Store, StoreError};
use std::path::PathBuf;

const ADA: MissingReportId = MissingReportId::from_bits(0xada);
const BEA: MissingReportId = MissingReportId::from_bits(0xbea);

fn keeper() -> Person {
    Person::new(0xc1, EAST, &[Role::Clearinghouse])
}

/// A lead and two reports.
async fn some_work(fresh: &Fresh) {
    fresh.store.admit_finding(&analyst().at(1), offered(1), lead(1), grounds("seen")).await.unwrap();
    for (id, name) in [(ADA, "Ada"), (BEA, "Bea")] {
        let report = MissingReport { given_name: name.into(), ..MissingReport::default() };
        fresh.store.receive_report(&keeper().at(2), id, second_of_day(0), report).await.unwrap();
    }
}

fn folder(fresh: &Fresh) -> PathBuf {
    fresh.folder.path().join("backup")
}

async fn backed_up(fresh: &Fresh) -> BackedUp {
    fresh.store.back_up(outside(9), &folder(fresh)).await.unwrap()
}

async fn restored(fresh: &Fresh, url: &str) -> Result<Restored, StoreError> {
    Store::restore(url, options(&fresh.folder), outside(20), &folder(fresh)).await
}

async fn opened(fresh: &Fresh, url: &str) -> Store {
    Store::open(url, options(&fresh.folder)).await.unwrap()
}

pub async fn a_backup_is_restored_with_its_trail(fresh: Fresh) {
    some_work(&fresh).await;
    let made = backed_up(&fresh).await;
    let head = fresh.store.verify(None).await.unwrap().unwrap().head;
    assert_eq!((made.records, &made.head, made.entries), (4, &head, head.as_ref().unwrap().size));
    // A backup holds no keys, and what they close is closed in it.
    for file in std::fs::read_dir(folder(&fresh)).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("Ada") && !text.contains("416461"));
    }
    let again = fresh.store.back_up(outside(10), &folder(&fresh)).await.unwrap_err();
    assert!(again.to_string().ends_with("the folder is not empty"), "{again}");
    let url = fresh.beside("restored").await;
    let done = restored(&fresh, &url).await.unwrap();
    assert_eq!((done.records, done.head, done.purged_again), (4, made.head, 0));
    // The refused second backup has an entry that this one does not know: the witness does.
    assert_eq!(done.entries_lost, 0);
    let store = opened(&fresh, &url).await;
    assert_eq!(store.report(&keeper().at(30), ADA).await.unwrap().noun.report().given_name, "Ada");
    assert_eq!(store.leads(&analyst().at(30), &Listed::default()).await.unwrap().records.len(), 1);
    let verified = store.verify(Some(&fresh.witness())).await.unwrap().unwrap();
    // Restoring, the view and the list follow what was backed up.
    assert_eq!(verified.entries, made.entries + 3);
}

pub async fn a_backup_moves_between_databases(fresh: Fresh) {
    some_work(&fresh).await;
    let made = backed_up(&fresh).await;
    let between = format!("sqlite:{}", fresh.folder.path().join("between.db").display());
    assert_eq!(restored(&fresh, &between).await.unwrap().head, made.head);
    let second = fresh.folder.path().join("second");
    let store = opened(&fresh, &between).await;
    let copy = store.back_up(outside(40), &second).await.unwrap();
    assert_eq!(copy.records, made.records);
    for table in ["record", "record_change", "tie", "record_name"] {
        let lines = |folder: PathBuf| {
            let text = std::fs::read_to_string(folder.join(format!("{table}.jsonl"))).unwrap();
            text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(lines(folder(&fresh)), lines(second.clone()), "{table}");
    }
    let url = fresh.beside("back").await;
    let done = Store::restore(&url, options(&fresh.folder), outside(50), &second).await.unwrap();
    assert_eq!(done.head, copy.head);
    let store = opened(&fresh, &url).await;
    assert_eq!(store.report(&keeper().at(60), BEA).await.unwrap().noun.report().given_name, "Bea");
    assert!(store.verify(None).await.unwrap().is_ok());
}

pub async fn what_was_purged_stays_purged(fresh: Fresh) {
    some_work(&fresh).await;
    fresh.store.purge_report(&keeper().at(3), ADA).await.unwrap();
    backed_up(&fresh).await;
    fresh.store.purge_report(&keeper().at(10), BEA).await.unwrap();
    let url = fresh.beside("restored").await;
    let done = restored(&fresh, &url).await.unwrap();
    assert_eq!((done.purged_again, done.entries_lost), (1, 1));
    let store = opened(&fresh, &url).await;
    for id in [ADA, BEA] {
        assert!(matches!(store.report(&keeper().at(30), id).await, Err(StoreError::NotFound { .. })));
    }
    assert_eq!(store.reports(&keeper().at(31), &Listed::default()).await.unwrap().records, []);
    // The witness that knew more was set aside; a new one fits.
    assert!(store.verify(Some(&fresh.witness())).await.unwrap().is_ok());
    // The keys, copied apart, know of both.
    let keys = fresh.folder.path().join("keys-copy");
    store.back_up_keys(outside(40), &keys, None).await.unwrap();
    assert_eq!(std::fs::read_to_string(&keys).unwrap().matches("destroyed").count(), 2);
    assert!(store.back_up_keys(outside(41), &keys, None).await.is_err());
}

pub async fn a_damaged_backup_is_refused(fresh: Fresh) {
    some_work(&fresh).await;
    backed_up(&fresh).await;
    let url = fresh.beside("restored").await;
    let refused = async |file: &str, because: &str, damage: fn(String) -> String| {
        let path = folder(&fresh).join(file);
        let sound = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, damage(sound.clone())).unwrap();
        let refusal = restored(&fresh, &url).await.unwrap_err();
        assert!(refusal.to_string().contains(because), "{file}: {refusal}");
        std::fs::write(&path, sound).unwrap();
    };
    refused("record.jsonl", "it is damaged", |text| text.replacen("offered", "offerex", 1) + "\n").await;
    refused("audit_entry.jsonl", "it is damaged", |text| text[1..].to_owned()).await;
    refused("tie.jsonl", "it is damaged", |text| text + "[]\n").await;
    refused("manifest.json", "was not signed", |text| text.replacen("\"rows\": 2", "\"rows\": 3", 1) + " ")
        .await;
    refused("manifest.signature", "was not signed", |text| text[..10].to_owned()).await;
    // Whole again, it is restored: what was refused left nothing.
    assert!(restored(&fresh, &url).await.is_ok());
    std::fs::remove_file(folder(&fresh).join("manifest.json")).unwrap();
    assert!(matches!(restored(&fresh, &fresh.beside("other").await).await, Err(StoreError::Backup { .. })));
}

pub async fn a_database_that_holds_something_is_refused(fresh: Fresh) {
    some_work(&fresh).await;
    backed_up(&fresh).await;
    let refusal = restored(&fresh, &fresh.url).await.unwrap_err();
    assert!(refusal.to_string().starts_with("the database is not empty: table `"), "{refusal}");
    std::fs::remove_file(fresh.folder.path().join("keys")).unwrap();
    let refusal = restored(&fresh, &fresh.beside("restored").await).await.unwrap_err();
    assert!(refusal.to_string().ends_with("it is missing: restore the keys first"), "{refusal}");
}
