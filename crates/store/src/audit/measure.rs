//! How long it takes to verify a long trail, and in how much memory. Run by hand:
//! `HOMEWARD_ENTRIES=1000000 cargo test -p homeward-store --lib -- --ignored --nocapture a_long_trail`.

use super::entry::Entry;
use super::{Auditor, last_head};
use crate::connection::{begin, connect};
use crate::migration;
use homeward_model::Instant;
use std::time::Instant as Clock;

/// The most memory that this process had, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// A trail in which every entry has a head of its own, the worst there is, with a witness.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_long_trail() {
    let count =
        std::env::var("HOMEWARD_ENTRIES").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let connection = connect(&format!("sqlite:{}", file("record.db").display())).await.unwrap();
    migration::migrate(&connection).await.unwrap();
    let auditor = Auditor::open(&connection, &file("key"), None).await.unwrap();
    let began = Clock::now();
    let transaction = begin(&connection).await.unwrap();
    let mut witness = std::io::BufWriter::new(std::fs::File::create(file("witness")).unwrap());
    for number in 0..count {
        let at = Instant(1_562_200_000_000_000 + number * 10_000);
        let entry = Entry::system("203.0.113.7", "view", Some(number as u128), at).with("kind", "lead");
        let head = auditor.append(&transaction, &[entry.with("version", 3)]).await.unwrap();
        std::io::Write::write_all(&mut witness, format!("{head}\n").as_bytes()).unwrap();
    }
    drop(witness);
    transaction.commit().await.unwrap();
    println!("{count} entries with as many heads written in {:.1?}; peak {} MB", began.elapsed(), peak());
    for witness in [None, Some(file("witness"))] {
        let began = Clock::now();
        let verified = auditor.verify(&connection, witness.as_deref()).await.unwrap().unwrap();
        assert_eq!(verified.head, last_head(&connection).await.unwrap());
        println!("verified with {} heads in {:.1?}; peak {} MB", verified.heads, began.elapsed(), peak());
    }
}
