//! The record through the command line: set up, filled, matched at once, checked, backed up and brought back.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

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

    fn command(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
        for name in ["HOMEWARD_DATABASE", "HOMEWARD_KEY_FILE", "HOMEWARD_AUDIT_WITNESS"] {
            command.env_remove(name);
        }
        command.arg("--data").arg(self.path(data)).args(arguments);
        command
    }

    fn run(&self, data: &str, arguments: &[&str]) -> Output {
        self.command(data, arguments).output().unwrap()
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

    /// A nation taken in and run, and the report of its best match.
    fn nation(&self) -> Value {
        self.ok(&["-q", "world", "--postings", "800", "--seed", "5", "-o", &self.text("world")]);
        self.ok(&["-q", "ingest", &self.text("world/postings.jsonl")]);
        self.ok(&["-q", "missing", "import", &self.text("world/missing.jsonl")]);
        self.ok(&["-q", "run"]);
        let all = self.ok(&["--json", "findings", "--kind", "match", "--top", "1"]);
        let best: Value = serde_json::from_str(all.lines().next().unwrap()).unwrap();
        let text = std::fs::read_to_string(self.path("world/missing.jsonl")).unwrap();
        let mut reports = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        reports.find(|report| report["id"] == best["missing_report"]).unwrap()
    }

    /// The report comes in again under another number, to be matched at once.
    fn urgent(&self, report: &Value, id: &str) {
        let mut late = report.clone();
        late["id"] = id.into();
        std::fs::write(self.path("late.jsonl"), format!("{late}\n")).unwrap();
        self.ok(&["missing", "import", "--urgent", &self.text("late.jsonl")]);
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
    let refused = desk.fails(&["backup", "-o", &desk.text("next"), "--keys", &keys]);
    assert!(refused.contains("`--keys`") && !desk.path("next").exists(), "{refused}");
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
    let first = desk.nation();
    let report = first["id"].as_str().unwrap();
    let before = desk.matches(report);

    // The same child under another number comes in after the run.
    desk.urgent(&first, "late-1");
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

#[test]
fn a_worker_that_goes_on_matches_against_whatever_run_is_the_latest() {
    let desk = Desk { folder: tempfile::tempdir().unwrap() };
    let report = desk.nation();
    let mut working = desk.command("data", &["work"]).spawn().unwrap();
    let mut runs = Vec::new();
    for id in ["late-1", "late-2", "late-3"] {
        desk.urgent(&report, id);
        let deadline = Instant::now() + Duration::from_mins(1);
        while desk.matches(id).is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(200));
        }
        runs.extend(desk.matches(id).first().map(|finding| finding["run"].clone()));
        if id == "late-2" {
            desk.ok(&["-q", "run"]);
        }
    }
    working.kill().unwrap();
    working.wait().unwrap();
    assert_eq!(runs.len(), 3, "every report has a match");
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[1], runs[2]);
}
