//! A person's decisions through the command line: a rejected match never returns, and taking the decision back restores it.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn homeward(data: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_homeward"))
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn matches(data: &Path) -> Vec<Value> {
    let shown = homeward(data, &["--json", "findings", "--kind", "match", "--top", "100000"]);
    shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn decisions_are_honoured_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (world, data) = (folder.path().join("world"), folder.path().join("data"));
    let at = |name: &str| world.join(name).display().to_string();
    homeward(&data, &["-q", "world", "--postings", "800", "--seed", "5", "-o", &world.display().to_string()]);
    homeward(&data, &["-q", "ingest", &at("postings.jsonl")]);
    homeward(&data, &["-q", "missing", "import", &at("missing.jsonl")]);
    homeward(&data, &["-q", "run"]);
    let before = matches(&data);
    let best = before.first().expect("a small nation has matches");
    let id = best["id"].as_str().unwrap();
    let note = homeward(&data, &["explain", id]);
    assert!(note.contains("A finding is not a lead"), "{note}");

    homeward(&data, &["judge", "reject", id, "--why", "spoke to her, an adult"]);
    homeward(&data, &["-q", "run"]);
    let rejected = best["postings"].as_array().unwrap();
    let returned = matches(&data).into_iter().any(|found| {
        found["missing_report"] == best["missing_report"]
            && found["postings"].as_array().unwrap().iter().any(|posting| rejected.contains(posting))
    });
    assert!(!returned);
    assert!(homeward(&data, &["judge", "list"]).contains("spoke to her"));

    homeward(&data, &["judge", "undo", "j1", "--why", "another child"]);
    homeward(&data, &["-q", "run"]);
    assert_eq!(matches(&data), before);
}
