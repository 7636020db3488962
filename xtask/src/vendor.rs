//! Files of other projects that the pages use: what they are and how they came, in `crates/web/assets/VENDOR.tsv`.
//!
//! `cargo xtask vendor` repeats it with `npm pack` for each package by name and version, and compares every file. For a new
//! version change the versions in the list and run it with `--update`. No build needs it.

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file: its package with version, its path in the package, its path here, its hash.
struct Row {
    package: String,
    from: String,
    to: String,
    sha256: String,
}

fn folder(root: &Path) -> PathBuf {
    root.join("crates/web/assets")
}

/// The first line, which explains the list, and its rows.
fn list(root: &Path) -> Result<(String, Vec<Row>)> {
    let path = folder(root).join("VENDOR.tsv");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let (about, rows) = text.split_once('\n').context("the list has a first line")?;
    let row = |line: &str| {
        let [package, from, to, sha256] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("`{line}` has not four columns");
        };
        let of = str::to_owned;
        Ok(Row { package: of(package), from: of(from), to: of(to), sha256: of(sha256) })
    };
    Ok((about.to_owned(), rows.lines().map(row).collect::<Result<_>>()?))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Notes every file that is not as it came.
pub fn unchanged(root: &Path, breaches: &mut Vec<String>) -> Result<()> {
    for Row { to, sha256: expected, .. } in list(root)?.1 {
        if sha256(&std::fs::read(folder(root).join(&to)).unwrap_or_default()) != expected {
            breaches.push(format!("`crates/web/assets/{to}` is not as it came: run `cargo xtask vendor`"));
        }
    }
    Ok(())
}

/// Fetches every package and compares, or takes what came.
pub fn vendor(root: &Path, update: bool) -> Result<()> {
    let (about, mut rows) = list(root)?;
    let scratch = crate::scratch("vendor")?;
    let mut packages: BTreeMap<String, PathBuf> = BTreeMap::new();
    for row in &mut rows {
        if !packages.contains_key(&row.package) {
            let unpacked = unpack(&scratch, &row.package, packages.len())?;
            packages.insert(row.package.clone(), unpacked);
        }
        let bytes = std::fs::read(packages[&row.package].join(&row.from))
            .with_context(|| format!("`{}` has no `{}`", row.package, row.from))?;
        let found = sha256(&bytes);
        if found != row.sha256 && !update {
            bail!("`{}` of `{}` has another hash than the list", row.from, row.package);
        }
        row.sha256 = found;
        let to = folder(root).join(&row.to);
        std::fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        std::fs::write(&to, bytes)?;
    }
    let lines =
        rows.iter().map(|Row { package, from, to, sha256 }| format!("{package}\t{from}\t{to}\t{sha256}\n"));
    std::fs::write(folder(root).join("VENDOR.tsv"), format!("{about}\n{}", lines.collect::<String>()))?;
    std::fs::remove_dir_all(&scratch)?;
    println!("{} files of {} packages are as they came", rows.len(), packages.len());
    Ok(())
}

/// Where a package lies unpacked.
fn unpack(scratch: &Path, package: &str, number: usize) -> Result<PathBuf> {
    let into = scratch.join(number.to_string());
    std::fs::create_dir_all(&into)?;
    let packed = Command::new("npm").args(["pack", "--silent", package]).current_dir(&into).output();
    let packed = packed.context("failed to start `npm`")?;
    if !packed.status.success() {
        bail!("`npm pack {package}` failed: {}", String::from_utf8_lossy(&packed.stderr));
    }
    let file = String::from_utf8(packed.stdout)?;
    let file = file.lines().last().context("npm names the file")?;
    crate::run(Command::new("tar").args(["-xzf", file]).current_dir(&into))?;
    Ok(into.join("package"))
}
