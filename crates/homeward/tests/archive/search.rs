//! `homeward search` as a person meets it.

use crate::Place;
use serde_json::Value;

fn place() -> Place {
    let place = Place { folder: tempfile::tempdir().unwrap() };
    let rows = place.write(
        "rows.jsonl",
        r#"{"id":"1","source":"board-a","title":"Blue chair","body":"in town this week, call (704) 555-0142","place":{"city":"Charlotte","state":"NC"},"posted_at":"2019-07-01"}
{"id":"2","source":"board-a","body":"BLUE table, town in reach: 7O4 five five five 0142","place":{"city":"Gastonia","state":"North Carolina"},"posted_at":"2019-07-03"}
{"id":"3","source":"board-b","body":"bleu lamp mia@example.org https://www.example.org/lamp?x=1","posted_at":"2019-07-02","price":"80"}
{"id":"4","source":"board-b","body":"bluе sofa, write @mia_lamps"}
"#,
    );
    place.ok("data", &["ingest", &rows]);
    place
}

fn check(place: &Place, query: &str, expected: &[&str]) {
    let output = place.ok("data", &["--json", "search", "--top", "10", "--", query]);
    let ids: Vec<String> = output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, expected, "{query}");
}

#[test]
fn queries_find_what_they_say_newest_first() {
    let place = place();
    // The last one hides a Cyrillic letter.
    check(&place, "blue", &["2", "1", "4"]);
    check(&place, "blue town", &["2", "1"]);
    check(&place, "\"in town\"", &["1"]);
    check(&place, "blue -chair", &["2", "4"]);
    check(&place, "-blue", &["3"]);
    check(&place, "phone:704.555.0142", &["2", "1"]);
    check(&place, "phone:+17045550142 -\"town in\"", &["1"]);
    check(&place, "phone:0142", &["2", "1"]);
    check(&place, "email:Mia@example.org", &["3"]);
    check(&place, "email:@example.org", &["3"]);
    check(&place, "url:https://example.org/lamp", &["3"]);
    check(&place, "url:example.org", &["3"]);
    check(&place, "handle:mia_lamps", &["4"]);
    check(&place, "place:NC", &["2", "1"]);
    check(&place, "place:\"north carolina\" -place:gastonia", &["1"]);
    check(&place, "place:\"Charlotte, NC\"", &["1"]);
    check(&place, "source:board-b", &["3", "4"]);
    check(&place, "id:4", &["4"]);
    check(&place, "after:2019-07-02", &["2", "3"]);
    check(&place, "before:2019-07-02", &["1"]);
    check(&place, "green", &[]);
}

#[test]
fn a_posting_that_was_changed_is_one_hit() {
    let place = place();
    let rows = place.write(
        "later.jsonl",
        r#"{"id":"1","source":"board-a","title":"Blue chair","body":"moved, call (704) 555-0177","posted_at":"2019-07-01","collected_at":"2019-07-09"}
{"id":"1","source":"board-a","title":"Blue chair","body":"in town","posted_at":"2019-07-01","collected_at":"2019-07-08"}
"#,
    );
    place.ok("data", &["ingest", &rows]);
    check(&place, "blue", &["2", "1", "4"]);
    // What only an earlier version said is still found.
    check(&place, "phone:704-555-0142", &["2", "1"]);
    let shown = |query: &str| {
        let line: Value = serde_json::from_str(&place.ok("data", &["--json", "search", query])).unwrap();
        line["body"].as_str().unwrap().to_owned()
    };
    assert_eq!(shown("id:1"), "moved, call (704) 555-0177");
    assert_eq!(shown("\"in town\""), "in town");
    assert!(place.ok("data", &["search", "chair", "--top", "1"]).contains("1 postings found, 1 shown"));
}

#[test]
fn all_fields_totals_and_the_record_of_searches() {
    let place = place();
    let line = place.ok("data", &["--json", "search", "price", "--", "-blue"]);
    assert_eq!(line, "");
    let line: Value = serde_json::from_str(&place.ok("data", &["--json", "search", "lamp"])).unwrap();
    assert_eq!((&line["price"], &line["source"]), (&Value::from("80"), &Value::from("board-b")));
    assert_eq!(
        (&line["offset"], &line["posted_at"]),
        (&Value::from("line 3"), &Value::from("2019-07-02T00:00:00Z"))
    );
    let table = place.ok("data", &["search", "blue", "--top", "1", "--purpose", "lead 17"]);
    assert!(table.starts_with("2 ") && table.contains("3 postings found, 1 shown"), "{table}");
    assert!(place.ok("data", &["search", "green"]).contains("no posting matches"));
    let log = std::fs::read_to_string(place.path("data/searches.jsonl")).unwrap();
    let records: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 4);
    assert_eq!(records[1]["purpose"], "unstated");
    let third = &records[2];
    assert_eq!((&third["query"], &third["purpose"]), (&Value::from("blue"), &Value::from("lead 17")));
    assert_eq!((&third["found"], third["shown"].as_array().unwrap().len()), (&Value::from(3), 1));
    assert!(third["at"].as_str().unwrap().ends_with('Z') && !log.contains("sofa"));
}

#[test]
fn errors_name_the_thing_and_the_next_step() {
    let place = place();
    let said = place.fails("data", &["search", "colour:blue"]);
    assert!(
        said.contains("there is no field `colour:`") && said.contains("hint: fields are phone"),
        "{said}"
    );
    assert!(place.fails("data", &["search", "after:soon"]).contains("`soon` is no date"));
    assert!(place.fails("nowhere", &["search", "blue"]).contains("there is no archive in"));
    assert!(!place.path("nowhere").exists());
}

#[test]
fn a_folder_in_use_is_searched_all_the_same() {
    let place = place();
    let held = homeward_archive::Archive::open_for(&place.path("data"), "a test").unwrap();
    let output = place.output("data", &["search", "blue"]);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(out.contains("3 postings found"), "{out}");
    assert!(err.contains("is in use by process") && err.contains("(a test)"), "{err}");
    assert!(place.ok("data", &["doctor"]).contains("(a test)"));
    assert!(place.fails("data", &["run"]).contains("is in use by"));
    drop(held);
    assert!(place.ok("data", &["doctor"]).contains("text index: 0 segments of 1"));
    place.ok("data", &["search", "blue"]);
    assert!(place.ok("data", &["doctor"]).contains("text index: 1 segments of 1"));
}
