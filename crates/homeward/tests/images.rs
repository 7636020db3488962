//! `homeward tool pdq` by the command line: hashes as tables, near ones as pairs, and edits of an image seen through.

mod desk;

use desk::Desk;
use std::path::{Path, PathBuf};
use std::process::Command;

impl Desk {
    /// Runs `homeward tool pdq`; the exit code and what was printed.
    fn run(arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_homeward"))
            .args(["tool", "pdq"])
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    #[track_caller]
    fn check(arguments: &[&str], code: i32, out: &str, warned: &str) {
        let (got, stdout, stderr) = Desk::run(arguments);
        assert_eq!(got, code, "{arguments:?}: {stderr}");
        assert!(stdout.contains(out), "{arguments:?}: {stdout}");
        assert!(stderr.contains(warned), "{arguments:?}: {stderr}");
    }
}

fn data(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../images/tests/data").join(name);
    path.display().to_string()
}

const SCENE: &str = "6d2f9bce0d8f3e769c790cf2f271e071e27113890395138c8c05dc8fdc4ea371";

#[test]
fn images_are_hashed_and_what_is_none_is_named() {
    let desk = Desk::new();
    let scene = data("formats/rgb.png");
    Desk::check(&["hash", &scene], 0, &format!("path,hash,quality\n{scene},{SCENE},98\n"), "");
    let note = desk.write("note.txt", "no image");
    let found = format!("`{note}`: not a JPEG, PNG, WebP or GIF image");
    Desk::check(&["hash", &note, &scene], 0, SCENE, &found);
    Desk::check(&["hash", &note], 1, "", &found);
    Desk::check(&["hash", &desk.path("missing.jpg")], 1, "", "missing.jpg");
    let bytes = std::fs::read(&scene).unwrap();
    std::fs::write(desk.path("cut.png"), &bytes[..bytes.len() / 2]).unwrap();
    Desk::check(&["hash", &desk.path("cut.png")], 1, "", "cut.png`: broken PNG");
    Desk::check(&["hash", &data("formats"), "-o", &desk.path("all.parquet")], 0, "16 of 16 files hashed", "");
    #[cfg(unix)]
    {
        std::fs::create_dir(desk.path("photos")).unwrap();
        std::fs::copy(&scene, desk.path("photos/scene.png")).unwrap();
        std::os::unix::fs::symlink(".", desk.path("photos/self")).unwrap();
        let made = Command::new("mkfifo").arg(desk.path("photos/pipe")).status();
        assert!(made.is_ok_and(|made| made.success()));
        Desk::check(
            &["hash", &desk.path("photos"), "-o", &desk.path("one.csv")],
            0,
            "1 of 1 files hashed",
            "",
        );
    }
}

#[test]
fn near_hashes_are_paired_and_weak_ones_never() {
    let desk = Desk::new();
    let near = format!("5{}", &SCENE[1..]);
    let far = "f".repeat(64);
    let queries =
        desk.write("queries.csv", &format!("path,hash,quality\n007,{SCENE},100\nweak,{SCENE},49\n"));
    let table =
        format!("Path,PDQ,pdq_quality\na,{near},50\nb,{far},100\nc,{SCENE},12\nd,xyz,100\ne,{SCENE},\n");
    let index = desk.write("index.csv", &table);
    let out = desk.path("out.csv");
    Desk::check(&["match", &queries, &index, "-o", &out], 0, "1 queries, 3 hashes, 2 pairs", "1 rows of");
    assert_eq!(desk.read("out.csv"), "query,match,distance\n007,e,0\n007,a,2\n");
    Desk::check(
        &["match", &queries, &index, "--max-distance", "1", "-o", &out],
        0,
        "1 pairs",
        "`xyz` is not a PDQ hash",
    );
    assert_eq!(desk.read("out.csv"), "query,match,distance\n007,e,0\n");
    Desk::check(&["match", &queries, &data("formats"), "-o", &out], 1, "", "hint: give `--robust`");
    Desk::check(&["match", &queries, &index, "--max-distance", "257", "-o", &out], 2, "", "257");
}

#[test]
fn images_are_matched_by_folder_by_table_and_one_by_one() {
    let desk = Desk::new();
    let out = desk.path("out.csv");
    // One scene in sixteen formats: every one shows it.
    Desk::check(
        &["match", &data("formats/rgb.png"), &data("formats"), "--robust", "-o", &out],
        0,
        "1 queries, 16 images, 16 pairs",
        "",
    );
    // The bridge is another picture, in two sizes.
    let table = desk.write("list.csv", "path,note\nshrink-a-lot.jpg,x\nmissing.jpg,y\n");
    std::fs::copy(data("shrink-a-lot.jpg"), desk.path("shrink-a-lot.jpg")).unwrap();
    Desk::check(
        &["match", &table, &data(""), "--robust", "-o", &out],
        0,
        "1 queries, 24 images, 4 pairs",
        "missing.jpg",
    );
    assert!(desk.read("out.csv").lines().skip(1).all(|line| line.starts_with("shrink-a-lot.jpg,")));
    Desk::check(&["match", &table, &desk.path("nowhere"), "--robust", "-o", &out], 1, "", "nowhere");
}
