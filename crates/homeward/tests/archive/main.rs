//! The data folder through the front door: the built command is run, killed, starved of disk, and asked again.

mod disk;
mod kills;
mod parquet;
mod purge;
mod search;

use homeward_archive::Archive;
use homeward_model::Posting;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for one test: generated files, and data folders beside them.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A generated nation in `world/`.
    fn with_world(postings: usize) -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        let output = Command::new(env!("CARGO_BIN_EXE_homeward"))
            .args(["world", "--postings", &postings.to_string(), "--reports", "20", "--seed", "3", "-o"])
            .arg(place.path("world"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.text(name)
    }

    /// The command on a data folder of this place.
    fn command(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
        command.arg("--data").arg(self.path(data)).args(arguments);
        command
    }

    fn output(&self, data: &str, arguments: &[&str]) -> Output {
        self.command(data, arguments).output().unwrap()
    }

    /// Standard output of a command that must succeed.
    fn ok(&self, data: &str, arguments: &[&str]) -> String {
        let output = self.output(data, arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Standard error of a command that must fail.
    fn fails(&self, data: &str, arguments: &[&str]) -> String {
        let output = self.output(data, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// All postings of a data folder by identity.
    fn postings(&self, data: &str) -> Vec<Posting> {
        let archive = Archive::open_read(&self.path(data)).unwrap();
        let mut postings: Vec<Posting> =
            archive.segments().iter().flat_map(|segment| archive.postings(segment).unwrap()).collect();
        postings.sort_by_key(Posting::identity);
        postings
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.append(&mut files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}
