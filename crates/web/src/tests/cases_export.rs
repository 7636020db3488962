//! The export of a case: its structure, and what `case_validate` (Python `case-utils`) says of it where it is found: beside
//! `HOMEWARD_PYTHON`, or on the path.

use homeward_model::Digest;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// Nodes of one class.
fn of<'a>(graph: &'a Value, class: &str) -> Vec<&'a Value> {
    let nodes = graph["@graph"].as_array().unwrap();
    nodes.iter().filter(|node| node["@type"].as_str().is_some_and(|kind| kind.ends_with(class))).collect()
}

/// Holds an exported file against what CASE and we ask of one.
pub(super) fn check(text: &str) {
    let graph: Value = serde_json::from_str(text).unwrap();
    let nodes = graph["@graph"].as_array().unwrap();
    let mut ids: Vec<&str> = nodes.iter().map(|node| node["@id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id stands there twice");
    assert_eq!(of(&graph, ":Investigation").len(), 1);

    // Every exhibit: hash, size, collection with start, end and performer, a record with its number; every hop an action
    // that follows from the one before, without a gap.
    let records = of(&graph, ":ProvenanceRecord");
    assert_eq!(records[0]["case-investigation:exhibitNumber"], "1");
    let facets = of(&graph, ":File")[0]["uco-core:hasFacet"].as_array().unwrap();
    let content = facets.iter().find(|facet| facet["uco-observable:hash"].is_array()).unwrap();
    assert_eq!(content["uco-observable:sizeInBytes"]["@value"], "4");
    let hash = &content["uco-observable:hash"][0];
    assert_eq!(hash["uco-types:hashMethod"], "SHA256");
    assert_eq!(hash["uco-types:hashValue"]["@value"], Digest::of(b"page").hex());
    let actions = of(&graph, ":InvestigativeAction");
    let [collected, transferred] = actions[..] else { panic!("{actions:?}") };
    let time = |action: &Value, which: &str| action[which]["@value"].as_str().unwrap().to_owned();
    assert_eq!(time(collected, "uco-action:startTime"), "2019-07-02T10:00:00Z");
    assert_eq!(time(collected, "uco-action:endTime"), "2019-07-02T10:05:00Z");
    assert_eq!(time(transferred, "uco-action:startTime"), time(transferred, "uco-action:endTime"));
    assert_eq!(transferred["case-investigation:wasInformedBy"][0]["@id"], collected["@id"]);
    assert_eq!(transferred["uco-action:performer"], collected["uco-action:performer"]);

    // Victims go by number, without a birth date; facts and notes stay with the case file.
    assert!(text.contains("Victim 1") && !text.contains("2004-01-02"), "{text}");
    assert!(!text.contains("nine nights") && !text.contains("at the door"), "{text}");
    validates(text);
}

/// The command, where it is found.
fn validator() -> Option<PathBuf> {
    let beside = std::env::var_os("HOMEWARD_PYTHON").map(PathBuf::from);
    let beside = beside.and_then(|python| python.parent().map(|folder| folder.join("case_validate")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("case_validate"));
    beside.into_iter().chain(on_path).find(|command| command.is_file())
}

fn validates(text: &str) {
    let Some(command) = validator() else {
        eprintln!("skipped: there is no `case_validate`");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.jsonld");
    std::fs::write(&file, text).unwrap();
    let said = Command::new(command).arg("--format").arg("human").arg(&file).output().unwrap();
    let words = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success() && words.contains("Conforms: True"), "{words}");
    assert!(!words.contains("not in") && !words.to_lowercase().contains("warn"), "{words}");
}
