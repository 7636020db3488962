//! What is purged is gone from every file, is not taken in again, and leaves hashes only.

use crate::{Place, files};
use serde_json::{Value, json};

const MARK: &str = "quetzalstone";

/// Two postings that hold the mark wherever a posting can, one that does not, a row that is none, and a report.
fn marked(place: &Place) -> (String, String) {
    let postings = place.write(
        "marked.jsonl",
        &[
            r#"{"id":"quetzalstone-1","source":"board-b","title":"Quetzalstone","body":"quetzalstone in town 704-555-0142","url":"https://example.org/quetzalstone","account":"quetzalstone","contacts":["quetzalstone@example.org"],"place":{"text":"quetzalstone mill","city":"Charlotte","state":"NC"},"colour":"quetzalstone","posted_at":"2019-07-01","collected_at":"2019-07-01"}"#,
            r#"{"id":"2","source":"board-b","body":"quetzalstone again 704-555-0142","posted_at":"2014-01-01","collected_at":"2014-01-01"}"#,
            r#"{"id":"3","source":"board-c","body":"granite in town 704-555-0143","posted_at":"2019-07-02","collected_at":"2019-07-02"}"#,
            r"quetzalstone is no row",
        ]
        .join("\n"),
    );
    let report = r#"{"id":"M-quetzalstone","given_name":"Quetzalstone","family_name":"Doe","category":"endangered runaway","missing_since":"2019-06-01","missing_from":{"city":"Charlotte","state":"NC"},"phones":["704-555-0142"]}"#;
    (postings, place.write("missing.jsonl", &format!("{report}\n")))
}

/// Files of the folder that hold the mark in any case, the content of segments included.
fn holders(place: &Place) -> Vec<String> {
    let holds = |bytes: &[u8]| {
        let lower = bytes.to_ascii_lowercase();
        lower.windows(MARK.len()).any(|window| window == MARK.as_bytes())
    };
    let mut found: Vec<String> = files(&place.path("data"))
        .into_iter()
        .filter(|file| holds(&std::fs::read(file).unwrap()) || holds(file.display().to_string().as_bytes()))
        .map(|file| file.display().to_string())
        .collect();
    let inside = place.postings("data").iter().any(|posting| holds(format!("{posting:?}").as_bytes()));
    found.extend(inside.then(|| "a posting".to_owned()));
    found
}

#[test]
fn nothing_of_a_purged_posting_or_report_is_left_in_any_file() {
    let place = Place { folder: tempfile::tempdir().unwrap() };
    let (postings, missing) = marked(&place);
    place.ok("data", &["ingest", &postings]);
    place.ok("data", &["missing", "import", &missing]);
    place.ok("data", &["run"]);
    assert!(place.ok("data", &["search", MARK, "--purpose", "lead 17"]).contains("2 postings found"));
    assert!(place.ok("data", &["search", "granite"]).contains("1 postings found"));
    let before = holders(&place);
    for folder in ["segments", "rejected", "reports", "searches.jsonl"] {
        assert!(before.iter().any(|file| file.contains(folder)), "{folder} holds the mark: {before:?}");
    }
    let said = place.ok("data", &["purge", "--source", "board-b", "--why", "agreement ended"]);
    assert!(said.contains("removed 2 postings"), "{said}");
    let said = place.ok("data", &["purge", "--report", "M-quetzalstone", "--why", "entered in error"]);
    assert!(said.contains("removed 1 missing reports"), "{said}");
    assert_eq!(holders(&place), [""; 0]);
    // The index that is made anew does not know it either; what was searched for stays on record without its words.
    assert!(place.ok("data", &["search", "granite"]).contains("1 postings found"));
    assert!(place.ok("data", &["search", "town"]).contains("1 postings found"));
    assert_eq!(holders(&place), [""; 0]);
    let log = std::fs::read_to_string(place.path("data/searches.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 4);
    assert!(
        log.contains("query_sha256") && log.contains("lead 17") && log.contains("\"query\":\"granite\""),
        "{log}"
    );
    place.ok("data", &["doctor"]);

    // Not taken in again, under this id or another; the rest is.
    let text = std::fs::read_to_string(&postings).unwrap();
    let renamed = place.write("renamed.jsonl", &text.replace("\"id\":\"2\"", "\"id\":\"22\""));
    let output = place.output("data", &["--json", "ingest", &renamed]);
    let counts = String::from_utf8(output.stdout).unwrap();
    let counts: Value = serde_json::from_str(&counts).unwrap();
    assert_eq!(counts, json!({"accepted": 0, "repeated": 1, "changed": 0, "rejected": 3}));
    let counts = place.ok("data", &["--json", "missing", "import", &missing]);
    let counts: Value = serde_json::from_str(&counts).unwrap();
    assert_eq!(counts, json!({"accepted": 0, "changed": 0, "rejected": 1}));
    let manifest = std::fs::read_to_string(place.path("data/manifest.json")).unwrap();
    assert!(manifest.contains("agreement ended") && !manifest.contains("board-b"), "{manifest}");
}

#[test]
fn what_is_past_its_term_is_told_and_purged() {
    let place = Place { folder: tempfile::tempdir().unwrap() };
    let (postings, _) = marked(&place);
    let tip = place
        .write("tip.jsonl", "{\"id\":\"9\",\"body\":\"seen in town\",\"collected_at\":\"2018-11-01\"}\n");
    place.ok("data", &["ingest", &postings]);
    place.ok("data", &["ingest", &tip, "--authority", "tip"]);
    assert!(place.ok("data", &["doctor"]).contains("past their term: 4 postings"));
    let expired =
        |as_of: &str| place.ok("data", &["purge", "--expired", "--as-of", as_of, "--why", "28 CFR 23.20(h)"]);
    assert!(expired("2018-12-01").contains("removed 0 postings"));
    // Five years from 2014-01-01; 180 days from 2018-11-01.
    assert!(expired("2019-01-01").contains("removed 1 postings"));
    assert!(expired("2019-07-01").contains("removed 1 postings"));
    let left: Vec<String> = place.postings("data").into_iter().map(|posting| posting.id).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&"3".to_owned()) && left.contains(&"quetzalstone-1".to_owned()), "{left:?}");
    let usage = place.output("data", &["purge", "--id", "3", "--as-of", "2019-01-01", "--why", "x"]);
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn other_ways_to_say_what_goes() {
    let place = Place { folder: tempfile::tempdir().unwrap() };
    let (postings, _) = marked(&place);
    place.ok("data", &["ingest", &postings]);
    let purge = |what: [&str; 2]| place.ok("data", &["--json", "purge", what[0], what[1], "--why", "x"]);
    assert_eq!(purge(["--before", "2015-01-01"]).trim(), r#"{"removed":1}"#);
    assert_eq!(purge(["--id", "3"]).trim(), r#"{"removed":1}"#);
    assert_eq!(purge(["--id", "3"]).trim(), r#"{"removed":0}"#);
    assert_eq!(purge(["--report", "M-1"]).trim(), r#"{"removed":0}"#);
    assert_eq!(place.postings("data").len(), 1);
    assert!(place.fails("nowhere", &["purge", "--id", "1", "--why", "x"]).contains("there is no archive"));
}
