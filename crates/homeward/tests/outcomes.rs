//! How well matching does and what it learns, by the command line: race changes no byte of what it says, the report says who
//! is served how well, and what people find out teaches it once a person accepts that, until somebody takes it back.

mod desk;

use desk::Desk;
use homeward_archive::{Archive, Weights};
use homeward_model::Instant;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

impl Desk {
    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
        command.arg("--data").arg(self.path("data")).args(arguments).output().unwrap()
    }

    /// Runs the command; what it printed, or what it said where errors go.
    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.output(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self.run(arguments).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn findings(&self) -> Vec<Value> {
        self.lines(&["--json", "findings", "--kind", "match", "--top", "100000"])
    }

    /// Matches of some reports against the nation's postings.
    fn matches(&self, missing: &str) -> String {
        let (postings, out) = (self.path("postings.jsonl"), self.path("matches.csv"));
        self.run(&["-q", "tool", "match", "--postings", &postings, "--missing", missing, "-o", &out])
            .unwrap();
        self.read("matches.csv")
    }
}

/// The reports with other races: one of a list each, or none.
fn with_races(missing: &str, races: &[Option<&str>]) -> String {
    let mut lines = String::new();
    for (at, line) in missing.lines().enumerate() {
        let mut report: Value = serde_json::from_str(line).unwrap();
        let fields = report.as_object_mut().unwrap();
        match races[at % races.len()] {
            Some(race) => fields.insert("race".into(), json!(race)),
            None => fields.remove("race"),
        };
        lines.push_str(&report.to_string());
        lines.push('\n');
    }
    lines
}

#[test]
fn race_changes_no_byte_and_the_report_says_how_each_group_fares() {
    let desk = Desk::new();
    desk.run(&["-q", "world", "--postings", "3000", "--reports", "320", "--seed", "5", "-o", &desk.path("")])
        .unwrap();
    let missing = desk.read("missing.jsonl");
    assert!(missing.lines().all(|line| line.contains("\"race\":")), "the nation's reports say a race");
    let as_it_is = desk.matches(&desk.path("missing.jsonl"));
    assert!(as_it_is.lines().count() > 300, "{}", as_it_is.lines().count());
    for races in [&[None][..], &[Some("W")], &[Some("black"), Some("white"), None, Some("any words")]] {
        let other = desk.write("other.jsonl", &with_races(&missing, races));
        assert_eq!(desk.matches(&other), as_it_is, "{races:?}");
    }

    let (missing, truth) = (desk.path("missing.jsonl"), desk.path("truth.jsonl"));
    desk.matches(&missing);
    let on = ["--missing", &missing, "--truth", &truth, "--matches", &desk.path("matches.csv")];
    let words = desk.run(&[&["report", "fairness"][..], &on].concat()).unwrap();
    for said in [
        "sex",
        "race",
        "midwest",
        "urban and rural",
        "missing from care",
        "Holm's correction",
        "Race entered no",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    let said: Value =
        serde_json::from_str(&desk.run(&[&["--json", "report", "fairness"][..], &on].concat()).unwrap())
            .unwrap();
    assert_eq!(said["all"]["reports"], 320);
    let by_race = said["groups"].as_array().unwrap().iter().find(|groups| groups["by"] == "race").unwrap();
    let races = || by_race["groups"].as_array().unwrap().iter();
    assert_eq!(races().map(|group| group["reports"].as_u64().unwrap()).sum::<u64>(), 320);
    let rate = &said["all"]["recall_at_5"];
    let number = |name: &str| rate[name].as_f64().unwrap();
    assert!(number("low") < number("value") && number("value") <= number("high"), "{rate}");
    // A handful states no rate.
    let small = races().find(|group| group["reports"].as_u64().unwrap() < 20);
    assert_eq!(small.unwrap()["recall_at_5"]["value"], Value::Null);
    // Kept, it is the same when it is read by a program as when it is printed.
    assert!(desk.run(&["-q", "ingest", &desk.path("postings.jsonl")]).is_ok());
    let kept = desk.run(&[&["--json", "report", "fairness", "--keep"][..], &on].concat()).unwrap();
    let (kept, file): (Value, Value) = (
        serde_json::from_str(&kept).unwrap(),
        serde_json::from_str(&desk.read("data/fairness.json")).unwrap(),
    );
    assert_eq!((&kept, &kept["said"]), (&file, &said["said"]));
}

#[test]
fn what_is_missing_is_said() {
    let desk = Desk::new();
    let truth =
        desk.write("truth.jsonl", "{\"id\":\"p1\",\"owner\":\"a\"}\n{\"report\":\"M1\",\"network\":\"a\"}\n");
    let missing = desk.write("missing.jsonl", "{\"id\":\"M1\",\"given_name\":\"Ann\"}\n");
    let head = "missing_id,rank,kind,candidate,probability,reasons,postings\n";
    let check = |missing: &str, truth: &str, matches: &str, said: &str| {
        let matches = desk.write("matches.csv", &format!("{head}{matches}"));
        let told =
            desk.run(&["report", "fairness", "--missing", missing, "--truth", truth, "--matches", &matches]);
        let told = told.unwrap_or_else(|error| error);
        assert!(told.contains(said), "{told}");
    };
    check(&missing, &truth, "M1,1,posting,p1,0.9500,[],p1\n", "- of 1");
    check(&missing, &truth, "M1,1,posting,p1,much,[],p1\n", "row 1 of");
    check(&missing, &truth, "M2,1,posting,p1,0.9500,[],p1\n", "matches report `M2`");
    check(
        &desk.write("b.jsonl", "{\"id\":\"M3\",\"given_name\":\"Bo\"}\n"),
        &truth,
        "",
        "says nothing of report `M3`",
    );
    check(&missing, &desk.write("c.jsonl", "{\"id\":\"p1\"}\n"), "", "line 1: no line of a world's truth");
    check(&missing, &desk.path("none.jsonl"), "", "failed to read");
    assert!(desk.run(&["report", "fairness", "--missing", &missing]).unwrap_err().contains("--truth"));
    // The record of a folder without one, and of one in which nobody judged.
    assert!(desk.run(&["report", "fairness"]).unwrap_err().contains("hint"));
    desk.run(&["-q", "missing", "import", &missing]).unwrap();
    desk.run(&["-q", "run"]).unwrap();
    let told = desk.run(&["report", "fairness"]).unwrap();
    assert!(told.contains("0 judged matches are there, 120 are needed"), "{told}");
    let told: Value = serde_json::from_str(&desk.run(&["--json", "report", "fairness"]).unwrap()).unwrap();
    assert_eq!((told["judged"].as_u64(), &told["groups"]), (Some(0), &Value::Null));
}

#[test]
fn judged_matches_teach_what_a_person_accepts_and_can_take_back() {
    let desk = Desk::new();
    desk.run(&["-q", "world", "--postings", "3000", "--reports", "320", "--seed", "5", "-o", &desk.path("")])
        .unwrap();
    desk.run(&["-q", "ingest", &desk.path("postings.jsonl")]).unwrap();
    desk.run(&["-q", "missing", "import", &desk.path("missing.jsonl")]).unwrap();
    desk.run(&["-q", "run"]).unwrap();
    assert!(
        desk.run(&["learn"])
            .unwrap()
            .contains("0 of at least 20 confirmed matches are there, 20 are missing")
    );
    assert!(desk.run(&["learn", "--list"]).unwrap().contains("no set of weights was accepted"));

    // People judge the likeliest findings; the nation's truth stands for what they find out.
    let truth: BTreeMap<String, Vec<String>> = desk
        .read("truth.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|line| {
            let postings =
                line["postings"].as_array()?.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
            Some((line["report"].as_str()?.to_owned(), postings))
        })
        .collect();
    let before = desk.findings();
    let (mut confirmed, mut judged) = (0, 0);
    for finding in before.iter().take(60) {
        let theirs = &truth[finding["missing_report"].as_str().unwrap()];
        let right =
            finding["postings"].as_array().unwrap().iter().any(|id| theirs.iter().any(|own| own == id));
        let (verdict, id) = (if right { "confirm" } else { "reject" }, finding["id"].as_str().unwrap());
        let wanted = if right { confirmed < 22 } else { judged - confirmed < 3 };
        if wanted {
            desk.run(&["judge", verdict, id, "--why", "looked into it", "--by", "a.lee"]).unwrap();
            (confirmed, judged) = (confirmed + usize::from(right), judged + 1);
        }
    }
    assert!(confirmed >= 20 && judged > confirmed, "{confirmed} of {judged}");

    let proposed = desk.lines(&["--json", "learn"]).remove(0);
    let count = |name: &str| proposed[name].as_u64().unwrap() as usize;
    assert_eq!((count("judged"), count("confirmed"), count("lost")), (judged, confirmed, 0));
    assert!(proposed["before"]["log_loss_bits"].as_f64().unwrap() > 0.0);
    let id = proposed["proposal"].as_str().unwrap();
    let told = desk.run(&["learn"]).unwrap();
    for said in [
        "Nothing has changed",
        id,
        "stated +4 years",
        "before: the rules as they are",
        "each by what the others taught",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    // What was rejected is gone from the next run, still teaches, and the proposal is the same.
    desk.run(&["-q", "run"]).unwrap();
    assert_eq!(desk.lines(&["--json", "learn"]).remove(0)["proposal"], id);
    let plain = desk.findings();

    assert!(desk.run(&["learn", "--accept", id]).unwrap_err().contains("--why"));
    let wrong = desk.run(&["learn", "--accept", "w-1", "--why", "better"]).unwrap_err();
    assert!(wrong.contains("is not what is proposed now"), "{wrong}");
    desk.run(&["learn", "--accept", id, "--why", "better on what we saw", "--by", "b.kim"]).unwrap();
    desk.run(&["-q", "run"]).unwrap();
    let learned = desk.findings();
    let named = learned[0]["rules"].as_str().unwrap();
    assert!(named.ends_with(&format!("+{id}")), "{named}");
    assert_ne!(learned[0]["weight_bits"], plain[0]["weight_bits"]);
    let told = desk.run(&["explain", learned[0]["id"].as_str().unwrap()]).unwrap();
    assert!(told.contains("each weight comes out again") && told.contains(id), "{told}");
    let listed = desk.run(&["learn", "--list"]).unwrap();
    assert!(
        listed.contains("in force")
            && listed.contains("by b.kim")
            && listed.contains("better on what we saw"),
        "{listed}"
    );
    assert!(desk.run(&["learn", "--accept", id, "--why", "again"]).unwrap_err().contains("in force already"));

    desk.run(&["learn", "--revert", id, "--why", "worse on the next ones", "--by", "b.kim"]).unwrap();
    assert!(desk.run(&["learn", "--revert", id, "--why", "again"]).unwrap_err().contains("that stands"));
    desk.run(&["-q", "run"]).unwrap();
    assert_eq!(desk.findings(), plain);

    // A set that was learned from other rules is not used, and the run says so.
    let mut archive = Archive::open(Path::new(&desk.path("data"))).unwrap();
    let other = Weights::new("other rules", 30, &BTreeMap::new());
    let id = archive.accept_weights(&other, "an earlier version", "b.kim", Instant(0)).unwrap();
    drop(archive);
    let run = desk.output(&["-q", "run"]);
    let warned = String::from_utf8(run.stderr).unwrap();
    assert!(
        run.status.success() && warned.contains(&format!("`{id}` were learned from other rules")),
        "{warned}"
    );
    assert_eq!(desk.findings(), plain);
    assert!(desk.run(&["learn", "--list"]).unwrap().contains("learned from other rules: not in use"));
    assert!(desk.run(&["audit", "verify"]).is_ok());
}
