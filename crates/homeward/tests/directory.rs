//! The provider directory and published results by the command line.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn homeward(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_homeward")).arg("--data").arg(data).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../directory/tests/data").join(name);
    folder.to_str().unwrap().to_owned()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn states_rank_by_published_counts() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        homeward(folder.path(), &["results", "rank", "--source", "hotline", "--year", "2016", "--json"]);
    let ranked = lines(&output);
    let check = |state: &str, rank: u64, count: u64| {
        let found = ranked.iter().find(|one| one["state"] == state).unwrap();
        assert_eq!((found["rank"].as_u64(), found["count"].as_u64()), (Some(rank), Some(count)), "{state}");
        assert_eq!((found["year"].as_u64(), found["source"].as_str()), (Some(2016), Some("hotline")));
    };
    check("NC", 10, 181);
    check("SC", 26, 73);
    let table = text(&homeward(folder.path(), &["results", "rank", "--year", "2016"]));
    assert!(table.contains("North Carolina") && table.contains("cases of trafficking reported"), "{table}");
    for (arguments, hint) in [
        (["--source", "hotline", "--year", "2020"], "hint: `hotline` has 2012 to 2016"),
        (["--source", "nobody", "--year", "2016"], "`ucr` has 2013 to 2020"),
    ] {
        let output = homeward(folder.path(), &[&["results", "rank"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains(hint), "{}", text(&output));
    }
    let history = lines(&homeward(folder.path(), &["results", "history", "--json"]));
    assert_eq!(history.len(), 15);
}

/// Files of a folder and those below it, with what they say.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_directory_goes_round_and_fits_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (ohana, full) = (sample("ohana"), sample("hsds/service_full.json"));
    let taken = homeward(&data, &["directory", "import", &ohana, &full, "--json"]);
    let counts = &lines(&taken)[0];
    assert_eq!(
        (counts["accepted"].as_u64(), counts["rejected"].as_u64()),
        (Some(24), Some(6)),
        "{}",
        text(&taken)
    );
    assert!(text(&taken).contains("its `contact_id` names nothing"), "{}", text(&taken));
    let again = homeward(&data, &["directory", "import", &ohana, &full, "--json"]);
    assert_eq!(lines(&again)[0]["repeated"], 24);
    let out = folder.path().join("out");
    let written = homeward(&data, &["directory", "export", "-o", out.to_str().unwrap()]);
    assert!(written.status.success(), "{}", text(&written));
    let first = files(&out);
    assert_eq!(first.len(), 24);
    // Taken in elsewhere and given out again, it is the same.
    let other = folder.path().join("other");
    let taken = homeward(&other, &["directory", "import", out.to_str().unwrap(), "--json"]);
    assert_eq!(lines(&taken)[0]["accepted"], 24, "{}", text(&taken));
    let out_again = folder.path().join("again");
    homeward(&other, &["directory", "export", "-o", out_again.to_str().unwrap()]);
    let second = files(&out_again);
    let bodies = |files: &[(PathBuf, String)]| files.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    assert_eq!(bodies(&first), bodies(&second));
    fits(&first);
}

/// Holds what was given out against the schema of HSDS, where `check-jsonschema` is found: in the folder that
/// `HOMEWARD_PYTHON` names, or on the path.
fn fits(files: &[(PathBuf, String)]) {
    let tool = std::env::var_os("HOMEWARD_PYTHON").map_or_else(
        || PathBuf::from("check-jsonschema"),
        |folder| Path::new(&folder).join("check-jsonschema"),
    );
    if Command::new(&tool).arg("--version").output().is_err() {
        eprintln!("skipped: `check-jsonschema` is not found");
        return;
    }
    let schema = sample("schema/service.json");
    let output = Command::new(tool)
        .arg("--schemafile")
        .arg(schema)
        .args(files.iter().map(|(path, _)| path))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn a_confidential_address_is_given_out_on_paper_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("shelter.json");
    let location = "3a19ff88-4620-4d17-9830-ac1d859eb5d5";
    let shelter = serde_json::json!({
        "id": "ac148810-d857-441c-9679-408f346de14b", "name": "Example safe house", "status": "active",
        "service_at_locations": [{"id": "e94c9f38-1e8f-4564-91d4-d53501ab1765", "location": {"id": location,
            "location_type": "physical", "latitude": 35.2, "longitude": -80.8, "addresses": [{
            "id": "74706e55-df26-4b84-80fe-ecc30b5befb4", "address_1": "12 Hidden Lane", "city": "Charlotte",
            "state_province": "NC", "postal_code": "28202", "country": "US", "address_type": "physical"}]}}]
    });
    std::fs::write(&file, shelter.to_string()).unwrap();
    let out = folder.path().join("out");
    let given_out = || {
        let imported = homeward(&data, &["directory", "import", file.to_str().unwrap()]);
        assert!(imported.status.success(), "{}", text(&imported));
        homeward(&data, &["directory", "export", "-o", out.to_str().unwrap()]);
        files(&out).remove(0).1
    };
    let closed = given_out();
    assert!(!closed.contains("Hidden Lane") && !closed.contains("35.2"), "{closed}");
    let paper = folder.path().join("signed.txt");
    std::fs::write(&paper, "You may tell where we are.").unwrap();
    let paper = paper.to_str().unwrap();
    let permit =
        homeward(&data, &["directory", "permit", location, "--by", "the director", "--paper", paper]);
    assert!(permit.status.success() && !text(&permit).contains("warning"), "{}", text(&permit));
    let unknown = "00000000-0000-0000-0000-000000000000";
    let early = homeward(&data, &["directory", "permit", unknown, "--by", "the director", "--paper", paper]);
    assert!(text(&early).contains("no listing has a location"), "{}", text(&early));
    assert!(given_out().contains("Hidden Lane"));
    let withdrawn = homeward(&data, &["directory", "permit", location, "--withdraw"]);
    assert!(withdrawn.status.success(), "{}", text(&withdrawn));
    homeward(&data, &["directory", "export", "-o", out.to_str().unwrap()]);
    assert!(!files(&out)[0].1.contains("Hidden Lane"), "withdrawn at once");
    let audit = homeward(&data, &["audit", "verify"]);
    assert!(audit.status.success(), "{}", text(&audit));
}
