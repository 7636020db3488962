//! The record through the command line: set up, filled, matched at once, checked, backed up and brought back.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn run(&self, data: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
        for name in ["HOMEWARD_DATABASE", "HOMEWARD_KEY_FILE", "HOMEWARD_AUDIT_WITNESS"] {
            command.env_remove(name);
        }
        command.arg("--data").arg(self.path(data)).args(arguments).output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        self.ok_in("data", arguments)
    }

    fn ok_in(&self, data: &str, arguments: &[&str]) -> String {
        let output = self.run(data, arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run("data", arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The findings of one report, all of them.
    fn matches(&self, report: &str) -> Vec<Value> {
        let shown = self.ok(&["--json", "findings", "--kind", "match", "--top", "100000"]);
        let findings = shown.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        findings.filter(|finding| finding["missing_report"] == report).collect()
    }
}

fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}

#[test]
fn an_operator_sets_up_a_record_and_brings_it_back() {
    let desk = Desk { folder: tempfile::tempdir().unwrap() };
    assert!(desk.fails(&["agency", "list"]).contains("there is no record"));
    assert!(desk.ok(&["migrate"]).contains("m0003_provider_directory"));
    assert!(desk.ok(&["migrate"]).contains("already"));
    for (name, wanted) in [("", 0o700), ("record.db", 0o600), ("keys", 0o600), ("audit.key", 0o600)] {
        assert_eq!(mode(&desk.path("data/record").join(name)), wanted, "{name}");
    }
    std::fs::write(desk.path("terms"), "signed").unwrap();
    let police = ["agency", "add", "--ori", "NC0600100", "--name", "Example Police", "--kind", "police"];
    assert!(desk.ok(&police).contains("listed"));
    assert!(desk.fails(&police).contains("listed already"));
    assert!(desk.ok(&[&police[..], &["--terms", &desk.text("terms")]].concat()).contains("active"));
    let invite = |email: &str, role: &str| {
        ["account", "invite", "--name", "A. Lee", "--agency", "NC0600100", "--email", email, "--role", role]
            .map(str::to_owned)
    };
    let words = invite("a.lee@example.org", "administrator");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let said = desk.ok(&words);
    assert!(
        said.contains("password: ") && said.contains("otpauth://totp/Homeward:a.lee%40example.org?secret=")
    );
    assert!(desk.fails(&words).contains("there is an account with the address"));
    let words = invite("b@example.org", "king");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(desk.run("data", &words).status.code(), Some(2));

    let (backup, keys) = (desk.text("backup"), desk.text("kept-keys"));
    desk.ok(&["backup", "-o", &backup, "--keys", &keys]);
    assert!(desk.fails(&["backup", "-o", &backup]).contains("not empty"));
    assert!(desk.fails(&["restore", &backup, "--keys", &keys]).contains("there is a record"));
    desk.ok_in("second", &["restore", &backup, "--keys", &keys]);
    assert!(desk.ok_in("second", &["agency", "list"]).contains("NC0600100"));
    assert!(desk.ok_in("second", &["audit", "verify"]).contains("is sound"));
    assert!(desk.ok(&["audit", "verify"]).contains("is sound"));
    assert!(desk.ok(&["config", "dump"]).contains("record.db"));
    assert!(desk.ok(&["doctor"]).contains("readable by its owner alone"));
    Command::new("chmod").arg("644").arg(desk.path("data/record/keys")).status().unwrap();
    assert!(desk.fails(&["doctor"]).contains("mode 0644"));
}

#[test]
fn a_report_that_waits_is_matched_at_once() {
    let desk = Desk { folder: tempfile::tempdir().unwrap() };
    desk.ok(&["-q", "world", "--postings", "800", "--seed", "5", "-o", &desk.text("world")]);
    desk.ok(&["-q", "ingest", &desk.text("world/postings.jsonl")]);
    desk.ok(&["-q", "missing", "import", &desk.text("world/missing.jsonl")]);
    desk.ok(&["-q", "run"]);
    let all = desk.ok(&["--json", "findings", "--kind", "match", "--top", "1"]);
    let best: Value = serde_json::from_str(all.lines().next().unwrap()).unwrap();
    let report = best["missing_report"].as_str().unwrap();
    let before = desk.matches(report);

    // The same child under another number comes in after the run.
    let text = std::fs::read_to_string(desk.path("world/missing.jsonl")).unwrap();
    let is_it = |line: &&str| serde_json::from_str::<Value>(line).unwrap()["id"] == report;
    let line = text.lines().find(is_it).unwrap();
    let mut late: Value = serde_json::from_str(line).unwrap();
    late["id"] = "late-1".into();
    std::fs::write(desk.path("late.jsonl"), format!("{late}\n")).unwrap();
    desk.ok(&["missing", "import", "--urgent", &desk.text("late.jsonl")]);
    assert_eq!(desk.matches("late-1").len(), 0);
    desk.ok(&["work", "--once"]);
    let found = desk.matches("late-1");
    assert_eq!(found.len(), before.len());
    for (found, before) in found.iter().zip(&before) {
        assert_eq!(found["reasons"], before["reasons"]);
        assert_eq!(found["probability"], before["probability"]);
    }
    let id = found[0]["id"].as_str().unwrap();
    assert!(desk.ok(&["explain", id]).contains("late-1"));
    assert_eq!(desk.matches(report), before);

    // Purged before any run read it, nothing of it is shown any more.
    desk.ok(&["purge", "--report", "late-1", "--why", "entered in error"]);
    desk.ok(&["-q", "run"]);
    assert_eq!(desk.matches("late-1").len(), 0);
    assert!(desk.ok(&["--json", "missing", "import", &desk.text("late.jsonl")]).contains("\"rejected\":1"));
}
