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
