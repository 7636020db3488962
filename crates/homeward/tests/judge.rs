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
    findings(data, "match")
}

fn findings(data: &Path, kind: &str) -> Vec<Value> {
    let shown = homeward(data, &["--json", "findings", "--kind", kind, "--top", "100000"]);
    shown
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
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

    // Put together with another network, it is an alarm that names the decision; the match stays away.
    assert!(findings(&data, "contradiction").is_empty());
    let own = best["postings"][0].as_str().unwrap();
    let networks = findings(&data, "network");
    let other = networks.iter().find(|found| found["network"] != best["network"]).expect("another network");
    homeward(&data, &["judge", "same", own, other["postings"][0].as_str().unwrap(), "--why", "one voice"]);
    homeward(&data, &["-q", "run"]);
    let alarms = findings(&data, "contradiction");
    let of_report = alarms.iter().find(|alarm| alarm["missing_report"] == best["missing_report"]);
    let alarm = of_report.expect("the report has an alarm");
    assert_eq!(
        (&alarm["reasons"][0]["factor"], &alarm["reasons"][0]["left"]),
        (&"rejected".into(), &"j1".into())
    );
    assert_eq!(alarm["reasons"][1]["factor"], "merged");
    assert!(matches(&data).iter().all(|found| found["missing_report"] != best["missing_report"]
        || !found["postings"].as_array().unwrap().iter().any(|posting| rejected.contains(posting))));
    let alarm_id = alarm["id"].as_str().unwrap();
    assert!(homeward(&data, &["explain", alarm_id]).contains("rejected"));

    homeward(&data, &["judge", "undo", "j2", "--why", "two voices"]);
    homeward(&data, &["judge", "undo", "j1", "--why", "another child"]);
    homeward(&data, &["-q", "run"]);
    assert_eq!(matches(&data), before);
}
