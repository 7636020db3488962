//! Ingest and missing import by the command line: what is taken once is not taken twice, and the exit codes.

use std::path::{Path, PathBuf};
use std::process::Command;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs `homeward` on this desk's data; the exit code and what was printed.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_homeward"))
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn check(&self, arguments: &[&str], code: i32, out: &str) {
        let (got, stdout, stderr) = self.run(arguments);
        assert_eq!((got, stdout.lines().next().unwrap_or_default()), (code, out), "{arguments:?}: {stderr}");
    }
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intake/tests/fixtures").join(name);
    path.display().to_string()
}

fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        std::fs::read(path).unwrap().windows(bytes.len()).any(|part| part == bytes)
    })
}

#[test]
fn an_archive_is_taken_in_once() {
    let desk = Desk::new();
    let folder = fixture("warc");
    desk.check(&["ingest", &folder], 0, "accepted 7, repeated 1, changed 0, rejected 7");
    desk.check(&["ingest", &folder], 0, "accepted 0, repeated 8, changed 0, rejected 7");
    let image = fixture("warc/example-space-in-target-uri.warc.gz");
    let (code, out, err) = desk.run(&["ingest", "-v", &image]);
    assert_eq!(code, 0);
    assert!(out.contains("1 image or video records hashed, not kept"), "{out}");
    assert!(err.contains("2 records, 1 passed over") && err.contains("sha256 76975ba315be"), "{err}");
    assert!(!holds(&desk.folder.path().join("data"), b"IHDR"));
}

#[test]
fn the_exit_code_says_whether_anything_was_right() {
    let desk = Desk::new();
    let zip = desk.write("a.csv", b"PK\x03\x04rest").display().to_string();
    let good = desk.write("b.csv", b"id,text\n1,in town\n").display().to_string();
    desk.check(&["ingest", &zip], 1, "accepted 0, repeated 0, changed 0, rejected 1");
    desk.check(&["ingest", &zip, &good], 0, "accepted 1, repeated 0, changed 0, rejected 1");
    desk.check(
        &["ingest", &fixture("warc/example-trunc.warc")],
        0,
        "accepted 0, repeated 0, changed 0, rejected 1",
    );
    desk.check(&["ingest", "--format", "warc", &good], 1, "accepted 0, repeated 0, changed 0, rejected 1");
    let (code, _, err) = desk.run(&["ingest", &zip]);
    assert!(code == 1 && err.contains("is a zip archive") && err.contains("hint: "), "{err}");
    desk.check(&["ingest", "no-such-file"], 1, "");
}

#[test]
fn reports_come_from_pfif() {
    let desk = Desk::new();
    let person = fixture("pfif/test.pfif-1.4.xml");
    let notes = fixture("pfif/test.pfif-1.2-note.xml");
    desk.check(&["missing", "import", &person], 0, "accepted 1, changed 0, rejected 0");
    desk.check(&["missing", "import", &person, &notes], 0, "accepted 0, changed 0, rejected 2");
    desk.check(&["missing", "import", &notes], 1, "");
    desk.check(&["missing", "import", "--format", "pfif", &fixture("warc/example.warc")], 1, "");
}

#[test]
fn tools_read_and_write_parquet() {
    let desk = Desk::new();
    let input =
        desk.write("ads.csv", b"id,text\n007,call 704-555-0142\n8,no contact\n").display().to_string();
    let path = |name: &str| desk.folder.path().join(name).display().to_string();
    let (columns, again) = (path("selectors.parquet"), path("again.csv"));
    desk.check(&["tool", "selectors", &input, "-o", &columns], 0, "2 postings, 1 selectors");
    assert!(std::fs::read(&columns).unwrap().starts_with(b"PAR1"));
    desk.check(
        &["tool", "selectors", &columns, "--text", "value", "-o", &again],
        0,
        "1 postings, 1 selectors",
    );
    assert!(std::fs::read_to_string(&again).unwrap().contains("007,phone,+17045550142,"));
}

#[test]
fn image_files_that_postings_name_are_hashed_and_not_kept() {
    let desk = Desk::new();
    let scene = std::fs::read(fixture("../../../images/tests/data/formats/rgb.png")).unwrap();
    desk.write("scene.png", &scene);
    let line = |id: &str, path: &str| {
        format!(r#"{{"id":"{id}","body":"rooms to let","images":[{{"path":"{path}"}}]}}"#) + "\n"
    };
    let lines = [line("p1", "scene.png"), line("p2", "lost.png"), line("p3", "../scene.png")].concat();
    let file = desk.write("postings.jsonl", lines.as_bytes());
    let (code, stdout, stderr) = desk.run(&["ingest", &file.display().to_string()]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "accepted 3, repeated 0, changed 0, rejected 0\n1 image files hashed, not kept\n")
    );
    assert!(stderr.contains("2 image files could not be read"), "{stderr}");
    let (_, _, stderr) = desk.run(&["-v", "ingest", &file.display().to_string()]);
    assert!(stderr.contains("`../scene.png` leads out of its folder"), "{stderr}");
    assert!(!holds(&desk.folder.path().join("data"), &scene[..64]));
}

#[test]
fn a_folder_is_searched_once_and_its_own_archive_passed_by() {
    let desk = Desk::new();
    let folder = desk.folder.path().display().to_string();
    let data = desk.folder.path().join("data").display().to_string();
    desk.write("a.jsonl", b"{\"id\":\"1\",\"body\":\"in town\"}\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(".", desk.folder.path().join("self")).unwrap();
        symlink("nowhere", desk.folder.path().join("lost")).unwrap();
        symlink("round", desk.folder.path().join("round")).unwrap();
        std::fs::create_dir(desk.folder.path().join("more")).unwrap();
        desk.write("more/b.jsonl", b"{\"id\":\"2\",\"body\":\"in town\"}\n");
        symlink("more", desk.folder.path().join("again")).unwrap();
        let made = Command::new("mkfifo").arg(desk.folder.path().join("pipe")).status();
        assert!(made.is_ok_and(|made| made.success()));
    }
    desk.check(&["ingest", &folder], 0, "accepted 2, repeated 0, changed 0, rejected 0");
    desk.check(&["ingest", &folder], 0, "accepted 0, repeated 2, changed 0, rejected 0");
    let (code, _, err) = desk.run(&["ingest", &data]);
    assert!(code == 1 && err.contains("is the data folder itself") && err.contains("hint: "), "{err}");
}

#[test]
fn what_could_not_be_read_of_a_row_is_said() {
    let desk = Desk::new();
    let rows = desk.write(
        "postings.jsonl",
        b"{\"id\":\"1\",\"body\":\"in town\",\"posted_at\":\"soon\",\"place\":{\"lat\":500,\"lon\":1}}\n",
    );
    let (code, out, err) = desk.run(&["ingest", &rows.display().to_string()]);
    assert_eq!((code, out.as_str()), (0, "accepted 1, repeated 0, changed 0, rejected 0\n"));
    assert!(
        err.contains("line 1: unreadable `posted_at`: `soon` is no date") && err.contains("`500`"),
        "{err}"
    );
    let line = |id: usize| {
        format!(
            r#"{{"id":"{id}","given_name":"Mia","age":15,"age_when_missing":-5,"date_of_birth":"2999-01-01"}}"#
        ) + "\n"
    };
    let lines: String = (0..4).map(line).collect();
    let reports = desk.write("missing.jsonl", lines.as_bytes()).display().to_string();
    let (code, out, err) = desk.run(&["missing", "import", &reports]);
    assert_eq!((code, out.as_str()), (0, "accepted 4, changed 0, rejected 0\n"));
    assert!(err.contains("line 1: unreadable `date_of_birth`: `2999-01-01` is yet to come"), "{err}");
    assert!(err.contains("line 2: unreadable `age_when_missing`: `-5`"), "{err}");
    assert!(err.contains("3 more fields could not be read") && err.contains("`age` (4 rows)"), "{err}");
    let (_, _, err) = desk.run(&["missing", "import", "--map", "age=age_when_missing", &reports]);
    assert!(err.contains("`their age_when_missing` (4 rows)"), "{err}");
}

#[cfg(unix)]
#[test]
fn what_is_kept_of_children_is_for_its_owner_alone() {
    fn open(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let about = entry.metadata().unwrap();
            let mode = std::os::unix::fs::PermissionsExt::mode(&about.permissions());
            // The index keeps its own files in folders that are closed.
            let of_index = entry.path().parent().unwrap().parent().unwrap().ends_with("index");
            if mode & 0o077 != 0 && !of_index {
                found.push(entry.path());
            }
            if about.is_dir() {
                open(&entry.path(), found);
            }
        }
    }
    let desk = Desk::new();
    let report =
        desk.write("m.jsonl", b"{\"id\":\"1\",\"given_name\":\"Mia\",\"phones\":[\"704-555-0142\"]}\n");
    let rows = desk.write("a.jsonl", b"{\"id\":\"1\",\"body\":\"in town, 704-555-0142\"}\n");
    desk.check(&["missing", "import", &report.display().to_string()], 0, "accepted 1, changed 0, rejected 0");
    let rows = rows.display().to_string();
    desk.check(&["ingest", &rows], 0, "accepted 1, repeated 0, changed 0, rejected 0");
    for arguments in
        [&["run"][..], &["search", "town"], &["judge", "veto", "phone:704-555-0142", "--why", "x"]]
    {
        let (code, _, err) = desk.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {err}");
    }
    let data = desk.folder.path().join("data");
    let mut found = Vec::new();
    open(&data, &mut found);
    assert_eq!(found, Vec::<PathBuf>::new());
    let mode = || std::os::unix::fs::PermissionsExt::mode(&data.metadata().unwrap().permissions()) & 0o777;
    assert_eq!(mode(), 0o700);
    let (_, out, _) = desk.run(&["doctor"]);
    assert!(!out.contains("others on this machine"), "{out}");
    std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let (_, out, _) = desk.run(&["doctor"]);
    assert!(out.contains("has mode 0755, and others on this machine may read it"), "{out}");
}

#[test]
fn json_is_printed_where_it_is_asked_for() {
    let desk = Desk::new();
    let rows = desk.write("a.jsonl", b"{\"id\":\"1\",\"body\":\"in town, 704-555-0142\"}\n");
    desk.check(&["ingest", &rows.display().to_string()], 0, "accepted 1, repeated 0, changed 0, rejected 0");
    let json = |arguments: &[&str]| -> serde_json::Value {
        let (code, out, err) = desk.run(&[&["--json"], arguments].concat());
        assert_eq!((code, out.lines().count()), (0, 1), "{arguments:?}: {out}{err}");
        serde_json::from_str(&out).unwrap()
    };
    assert_eq!(
        json(&["judge", "veto", "phone:704-555-0142", "--why", "x"])["what"],
        "veto phone:+17045550142"
    );
    assert_eq!(json(&["judge", "undo", "j1", "--why", "x"])["undone"], true);
    assert_eq!(json(&["doctor"])["archive"]["postings"], 1);
    assert!(json(&["config", "check"])["rules"].is_string());
    assert!(json(&["config", "dump"])["database"].is_string());
    let image = fixture("../../../images/tests/data/formats/rgb.png");
    assert_eq!(json(&["tool", "pdq", "hash", &image])["hash"].as_str().unwrap().len(), 64);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let desk = Desk::new();
    let rows =
        desk.write("a.jsonl", b"{\"id\":\"1\",\"body\":\"in town\"}\n{\"id\":\"2\",\"body\":\"in town\"}\n");
    let rows = rows.display().to_string();
    desk.check(&["ingest", &rows], 0, "accepted 2, repeated 0, changed 0, rejected 0");
    let out = desk.folder.path().join("out.csv").display().to_string();
    let refused = |arguments: &[&str], said: &str| {
        let (code, _, err) = desk.run(arguments);
        assert!(code != 0 && err.contains(said), "{arguments:?}: {code} {err}");
    };
    refused(&["judge", "same", "1", "1", "--why", "x"], "`1` is one posting, not two");
    refused(&["judge", "apart", "1", "3", "--why", "x"], "there is no posting `3`");
    refused(&["judge", "veto", "phone:12", "--why", "x"], "`12` is not read as phone");
    refused(&["judge", "veto", "email:nope", "--why", "x"], "`nope` is not read as email");
    refused(&["judge", "veto", "handle:", "--why", "x"], "`` is not read as handle");
    refused(&["judge", "same", "1", "2", "--why", " "], "--why");
    refused(&["judge", "reject", "f-1", "--why", ""], "--why");
    refused(&["purge", "--id", "1", "--why", ""], "--why");
    refused(&["run", "--region", "QQ"], "`QQ` is no region");
    refused(&["search", "--region", "QQ", "town"], "`QQ` is no region");
    refused(&["tool", "selectors", &rows, "--region", "QQ", "-o", &out], "`QQ` is no region");
    refused(&["run", "--as-of", "9999-12-31"], "no date up to 9999-12-30");
    refused(&["findings", "--top", "0"], "--top");
    refused(&["tool", "owners", &rows, "--id", "nope", "-o", &out], "has no column `nope`; it has `");
    refused(&["tool", "owners", &rows, "--text", "nope", "-o", &out], "has no column `nope`");
    if cfg!(target_os = "linux") {
        refused(&["tool", "owners", &rows, "-o", "/dev/full"], "failed to write `/dev/full`");
    }
    let hashes = desk.write("h.csv", format!("path,hash,quality\na,{},NaN\n", "0f".repeat(32)).as_bytes());
    let hashes = hashes.display().to_string();
    refused(&["tool", "pdq", "match", &hashes, &hashes, "-o", &out], "`NaN` is not a quality");
    desk.check(&["judge", "list"], 0, "nothing has been decided yet");
    desk.check(
        &["judge", "same", "1", "2", "--why", "x"],
        0,
        "j1 decided; the next `homeward run` honours it, `homeward judge undo j1` takes it back",
    );
}
