//! Takes a fingerprint of the code by which postings are read and linked. The engine's caches carry it in their names, so that
//! what another build left behind is made anew rather than mixed with what this one finds.

use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// What decides the facts of a posting and the families of texts; constants from `rules/` have a version of their own.
const CODE: [&str; 4] = ["model", "places", "linkage", "engine"];

fn main() -> Result<(), Box<dyn Error>> {
    let crates = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("..");
    let mut fingerprint = DefaultHasher::new();
    for name in CODE {
        for part in ["src", "data"] {
            let folder = crates.join(name).join(part);
            if folder.is_dir() {
                println!("cargo::rerun-if-changed={}", folder.display());
                add(&folder, &mut fingerprint)?;
            }
        }
    }
    println!("cargo::rustc-env=HOMEWARD_FINGERPRINT={:016x}", fingerprint.finish());
    Ok(())
}

/// Every file of a folder, by name.
fn add(folder: &Path, fingerprint: &mut DefaultHasher) -> std::io::Result<()> {
    let mut entries =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        path.file_name().hash(fingerprint);
        if path.is_dir() {
            add(&path, fingerprint)?;
        } else {
            fs::read(&path)?.hash(fingerprint);
        }
    }
    Ok(())
}
