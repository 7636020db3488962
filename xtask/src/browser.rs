//! The tests in `tests/browser`: a real browser visits every page. They need Node with npm, and Chromium.

use crate::{cargo, run, tidy};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The browser: what `CHROMIUM` names, else the system's.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let known =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    named.into_iter().chain(known).find(|path| path.is_file())
}

fn answers(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What is missing for these tests, and how to get it.
pub fn missing() -> Option<String> {
    let mut missing = Vec::new();
    if !answers("node") || !answers("npm") {
        missing.push("Node 20 or newer with npm");
    }
    if chromium().is_none() {
        missing.push("Chromium (`apt-get install chromium`, or name one in `CHROMIUM`)");
    }
    (!missing.is_empty()).then(|| format!("browser tests (they need {})", missing.join(" and ")))
}

/// Builds the program, fetches the test libraries that `package-lock.json` names, and visits the pages.
pub fn test(root: &Path) -> Result<()> {
    cargo(root, &["build", "--quiet", "--package", "homeward"])?;
    let tests = root.join("tests/browser");
    // npm notes what it has installed in this file.
    let installed = tests.join("node_modules/.package-lock.json");
    let modified = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
    if modified(&installed) < modified(&tests.join("package-lock.json")) {
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(&tests))?;
    }
    let target = tidy::target_directory(root)?;
    let shots = std::env::var_os("HOMEWARD_SCREENSHOTS").map_or(target.join("screenshots"), PathBuf::from);
    println!("visiting the pages, screenshots in `{}`", shots.display());
    run(Command::new("node")
        .args(["--test", "--test-reporter", "dot"])
        .current_dir(&tests)
        .env("HOMEWARD", target.join("debug/homeward"))
        .env("CHROMIUM", chromium().unwrap_or_default())
        .env("HOMEWARD_SCREENSHOTS", shots))
}
