//! Commands killed half-way: the folder opens, holds the old state or the new one, and the next call goes on. A handful of
//! moments here; `cargo xtask soak` takes hundreds.

use crate::{Place, copy, files};
use homeward_archive::Archive;
use std::time::{Duration, Instant};

/// Moments at which a command is killed, as shares of the time it takes.
const MOMENTS: [f64; 6] = [0.1, 0.3, 0.5, 0.7, 0.85, 0.97];

/// Runs a command undisturbed and says how long it took.
fn timed(place: &Place, data: &str, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    place.ok(data, arguments);
    start.elapsed()
}

fn killed(place: &Place, data: &str, arguments: &[&str], after: Duration) {
    let mut child = place.command(data, arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let _ = child.kill();
    child.wait().unwrap();
}

/// What is there is as its manifest says, and nothing else is.
fn sound(place: &Place, data: &str) {
    place.ok(data, &["doctor"]);
    let archive = Archive::open(&place.path(data)).unwrap();
    assert_eq!(files(&place.path(data).join("segments")).len(), archive.segments().len());
}

#[test]
fn an_ingest_that_is_killed_leaves_the_old_state_or_the_new() {
    let place = Place::with_world(1500);
    let first = place.write(
        "first.jsonl",
        r#"{"id":"1","body":"call 704-555-0142"}
"#,
    );
    let all = place.text("world/postings.jsonl");
    place.ok("whole", &["ingest", &first]);
    let time = timed(&place, "whole", &["ingest", &all]);
    place.ok("data", &["ingest", &first]);
    for share in MOMENTS {
        killed(&place, "data", &["-q", "ingest", &all], time.mul_f64(share));
        sound(&place, "data");
        let there = place.postings("data").len();
        assert!(there == 1 || there == 1501, "{there} postings after a kill at {share}");
        if there == 1501 {
            break;
        }
    }
    let counts: serde_json::Value =
        serde_json::from_str(&place.ok("data", &["--json", "ingest", &all])).unwrap();
    let count = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(count("accepted") + count("repeated"), 1500);
    assert_eq!((count("changed"), count("rejected")), (0, 0));
    assert_eq!(place.postings("data"), place.postings("whole"));
}

#[test]
fn a_run_that_is_killed_leaves_what_the_next_goes_on_from() {
    let place = Place::with_world(700);
    let (postings, missing) = (place.text("world/postings.jsonl"), place.text("world/missing.jsonl"));
    for data in ["whole", "data"] {
        place.ok(data, &["ingest", &postings]);
        place.ok(data, &["missing", "import", &missing]);
    }
    let time = timed(&place, "whole", &["run"]);
    let findings = |data: &str| place.ok(data, &["--json", "findings", "--top", "100000"]);
    let expected = findings("whole");
    assert!(expected.lines().count() > 5);
    for share in MOMENTS {
        killed(&place, "data", &["-q", "run"], time.mul_f64(share));
        sound(&place, "data");
        match Archive::open_read(&place.path("data")).unwrap().latest_run() {
            Some(_) => assert_eq!(findings("data"), expected, "killed at {share}"),
            None => assert!(place.fails("data", &["findings"]).contains("there is no run yet")),
        }
    }
    place.ok("data", &["run"]);
    assert_eq!(findings("data"), expected);
}

#[test]
fn a_purge_that_is_killed_has_not_happened_or_is_complete() {
    let place = Place::with_world(700);
    let gone = place.write(
        "gone.jsonl",
        r#"{"id":"7","source":"board-b","body":"quetzalstone 704-555-0142"}
not a row with quetzalstone
"#,
    );
    place.ok("before", &["ingest", &place.text("world/postings.jsonl"), &gone]);
    place.ok("before", &["run"]);
    copy(&place.path("before"), &place.path("timed"));
    let purge = ["purge", "--source", "board-b", "--why", "agreement ended"];
    let time = timed(&place, "timed", &purge);
    let after = place.postings("timed");
    let before = place.postings("before");
    assert_eq!((before.len(), after.len()), (701, 700));
    for (at, share) in MOMENTS.into_iter().enumerate() {
        let data = format!("killed-{at}");
        copy(&place.path("before"), &place.path(&data));
        killed(&place, &data, &purge, time.mul_f64(share));
        sound(&place, &data);
        let there = place.postings(&data);
        assert!(there == before || there == after, "killed at {share}");
        let quoted = files(&place.path(&data))
            .into_iter()
            .any(|file| std::fs::read(file).unwrap().windows(12).any(|bytes| bytes == b"quetzalstone"));
        assert_eq!(quoted, there == before, "killed at {share}");
        place.ok(&data, &purge);
        assert_eq!(place.postings(&data), after);
        sound(&place, &data);
    }
}
