//! `cargo xtask bench images`: image hashing and search beside Python's peers, on the same files in one run.

use crate::{cargo, run, scratch, tidy};
use anyhow::{Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages of the peers, as they are called in their registry.
const PEERS: [&str; 4] = ["pdqhash==0.2.8", "faiss-cpu", "pillow", "numpy"];

/// What is measured.
#[derive(Args)]
pub struct Options {
    /// A built `homeward`; built for release when not given
    #[arg(long)]
    homeward: Option<PathBuf>,
    /// Hashes that are searched
    #[arg(long, default_value_t = 10_000_000)]
    hashes: usize,
    /// Hashes that are looked for
    #[arg(long, default_value_t = 50_000)]
    queries: usize,
    /// Runs of which the median counts
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// Makes a virtual environment, once, and runs `bench/peers/images.py` in it.
pub fn bench(root: &Path, options: &Options) -> Result<()> {
    let target = tidy::target_directory(root)?;
    let homeward = if let Some(path) = &options.homeward {
        path.canonicalize()?
    } else {
        cargo(root, &["build", "--release", "--quiet", "--package", "homeward"])?;
        target.join("release/homeward")
    };
    let environment = target.join("peers-images");
    let python = environment.join("bin/python");
    if !python.exists() {
        if Command::new("python3").arg("--version").output().is_err() {
            bail!("the peers need `python3` with its `venv` module");
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PEERS))?;
    let folder = scratch("images")?;
    run(Command::new(&python)
        .arg(root.join("bench/peers/images.py"))
        .args([&homeward, &folder])
        .args(["--hashes", &options.hashes.to_string()])
        .args(["--queries", &options.queries.to_string()])
        .args(["--runs", &options.runs.to_string()]))?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
