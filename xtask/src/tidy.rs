//! Tidiness as a test: the import table of ARCHITECTURE.md against `cargo metadata`, a header in every source file,
//! vendored files as they came, and generated documents that are fresh.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates each crate may import. Development dependencies count too, but for `world`, which any test may
/// use as its source of data, and `store`, in which a test sets up and looks at what no page shows.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("homeward-model", &[]),
    ("homeward-rules", &["model"]),
    ("homeward-places", &["model"]),
    ("homeward-history", &[]),
    ("homeward-directory", &["model", "rules", "places"]),
    ("homeward-access", &["model", "rules"]),
    ("homeward-store", &["model", "rules", "access"]),
    ("homeward-intake", &["model"]),
    ("homeward-linkage", &["model", "rules", "places"]),
    ("homeward-persons", &["model", "rules"]),
    ("homeward-images", &["model"]),
    ("homeward-archive", &["model"]),
    ("homeward-engine", &["model", "rules", "places", "intake", "linkage", "archive"]),
    ("homeward-world", &["model", "places"]),
    ("homeward-casework", &["model", "rules", "places", "directory", "access", "store", "archive"]),
    ("homeward-web", &["model", "rules", "places", "history", "access", "casework"]),
    (
        "homeward",
        &[
            "model",
            "rules",
            "places",
            "history",
            "directory",
            "access",
            "store",
            "casework",
            "intake",
            "linkage",
            "persons",
            "images",
            "archive",
            "engine",
            "world",
            "web",
        ],
    ),
    ("homeward-bench", &["model", "rules", "places", "intake", "linkage", "archive", "engine", "world"]),
    ("xtask", &[]),
];

/// Outside libraries that only some crates may know.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("tantivy", &["homeward-archive"]),
    ("cedar-policy", &["homeward-access"]),
    ("sea-orm", &["homeward-store"]),
    ("sea-orm-migration", &["homeward-store"]),
    ("sqlx", &["homeward-store"]),
    ("aws-lc-rs", &["homeward-store"]),
    ("argon2", &["homeward-store"]),
    (
        "serde_json",
        &[
            "homeward-intake",
            "homeward-archive",
            "homeward-engine",
            "homeward-directory",
            "homeward-store",
            "homeward-world",
            "homeward-web",
            "homeward",
            "xtask",
        ],
    ),
    ("jiff", &["homeward-model", "homeward-intake", "homeward"]),
    ("clap", &["homeward", "xtask"]),
    ("axum", &["homeward-web", "homeward"]),
    ("tower-http", &["homeward-web"]),
    ("askama", &["homeward-web"]),
    ("utoipa", &["homeward-web"]),
    ("tokio", &["homeward-store", "homeward-casework", "homeward-web", "homeward"]),
    ("parquet", &["homeward-intake", "homeward-archive", "homeward"]),
    ("zune-jpeg", &["homeward-images"]),
    ("png", &["homeward-images"]),
    ("image-webp", &["homeward-images"]),
    ("gif", &["homeward-images"]),
    ("html5ever", &["homeward-intake"]),
    ("quick-xml", &["homeward-intake"]),
    ("encoding_rs", &["homeward-intake"]),
];

/// Generated documents: the file, and the arguments of `homeward` that print it.
const GENERATED: &[(&str, &[&str])] = &[
    ("docs/reference/commands.md", &["reference", "commands"]),
    ("docs/reference/openapi.json", &["reference", "openapi"]),
];

/// Fails with every breach found.
pub fn check(root: &Path) -> Result<()> {
    let mut breaches = Vec::new();
    imports(root, &mut breaches)?;
    headers(root, &mut breaches)?;
    crate::vendor::unchanged(root, &mut breaches)?;
    for (file, arguments) in GENERATED {
        let fresh = printed(root, arguments)?;
        if std::fs::read_to_string(root.join(file)).unwrap_or_default() != fresh {
            breaches.push(format!("`{file}` is stale: run `cargo xtask generate`"));
        }
    }
    if breaches.is_empty() {
        println!("tidy");
        return Ok(());
    }
    bail!("not tidy:\n  {}", breaches.join("\n  "))
}

/// Writes the generated documents anew.
pub fn generate(root: &Path) -> Result<()> {
    for (file, arguments) in GENERATED {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().context("a document has a folder")?)?;
        std::fs::write(&path, printed(root, arguments)?)?;
        println!("wrote `{file}`");
    }
    Ok(())
}

fn printed(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("cargo")
        .args(["run", "--quiet", "--package", "homeward", "--"])
        .args(arguments)
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        bail!("`homeward {}` failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The directory that cargo builds into, wherever the environment has put it.
pub fn target_directory(root: &Path) -> Result<PathBuf> {
    let metadata = metadata(root)?;
    Ok(PathBuf::from(metadata["target_directory"].as_str().context("cargo names its target directory")?))
}

fn metadata(root: &Path) -> Result<Value> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn imports(root: &Path, breaches: &mut Vec<String>) -> Result<()> {
    let metadata = metadata(root)?;
    for package in metadata["packages"].as_array().context("cargo lists the packages")? {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(known, _)| *known == name) else {
            breaches.push(format!("`{name}` is not in the import table"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let imported = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            if let Some(ours) = imported.strip_prefix("homeward-")
                && !allowed.contains(&ours)
                && imported != name
                && !(for_tests && ["world", "store"].contains(&ours))
            {
                breaches.push(format!("`{name}` may not import `{imported}`"));
            }
            if let Some((_, places)) = ONLY_IN.iter().find(|(outside, _)| *outside == imported)
                && !places.contains(&name)
                && !for_tests
            {
                breaches.push(format!("`{name}` may not know `{imported}`"));
            }
        }
    }
    Ok(())
}

fn headers(root: &Path, breaches: &mut Vec<String>) -> Result<()> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"])
        .current_dir(root)
        .output()?;
    for file in String::from_utf8_lossy(&listed.stdout).lines() {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        if !text.is_empty() && !text.starts_with("//!") {
            breaches.push(format!("`{file}` does not open with `//!`"));
        }
    }
    Ok(())
}
