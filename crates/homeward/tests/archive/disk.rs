//! No room left: a command that may not write larger files fails with the file's name and leaves the last complete state.

use crate::{Place, files};
use std::process::{Command, Output};

/// Runs the command where no file may grow beyond `blocks` blocks of 512 or 1024 bytes.
fn starved(place: &Place, data: &str, blocks: u32, arguments: &[&str]) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""))
        .arg("sh")
        .arg(env!("CARGO_BIN_EXE_homeward"))
        .arg("--data")
        .arg(place.path(data))
        .args(arguments)
        .output()
        .unwrap()
}

fn check(place: &Place, blocks: u32, arguments: &[&str], file: &str) {
    let output = starved(place, "data", blocks, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert!(said.contains("failed to write") && said.contains(file) && said.contains("hint:"), "{said}");
    place.ok("data", &["doctor"]);
}

#[test]
fn a_full_disk_leaves_the_last_complete_state() {
    let place = Place::with_world(1500);
    let first = place.write("first.jsonl", "{\"id\":\"1\",\"body\":\"in town, 704-555-0142\"}\n");
    let all = place.text("world/postings.jsonl");
    place.ok("data", &["ingest", &first]);
    check(&place, 100, &["ingest", &all], "segments");
    assert_eq!(place.postings("data").len(), 1);
    assert!(files(&place.path("data/segments")).iter().all(|file| !file.ends_with("next.draft")));
    place.ok("data", &["ingest", &all]);
    assert_eq!(place.postings("data").len(), 1501);
    check(&place, 100, &["search", "town"], "index");
    // One of the large segment, which must be written anew without it.
    let id = place.postings("data").into_iter().map(|posting| posting.id).find(|id| id != "1").unwrap();
    check(&place, 100, &["purge", "--id", &id, "--why", "test"], "segments");
    assert_eq!(place.postings("data").len(), 1501);
    assert!(place.ok("data", &["search", "town", "--top", "1"]).contains("postings found, 1 shown"));
}
