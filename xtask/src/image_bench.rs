//! `cargo xtask bench images`: image hashing and search beside Python's peers, on the same files in one run.

use crate::{benchmarks, built, peers_bench, scratch, tidy};
use anyhow::Result;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages of the peers, as they are called in their registry.
const PEERS: [&str; 4] = ["pdqhash==0.2.8", "faiss-cpu", "pillow", "numpy"];

/// What is measured.
#[derive(Args)]
#[group(skip)]
pub struct Options {
    /// A built `homeward`; built for release when not given
    #[arg(long)]
    pub homeward: Option<PathBuf>,
    /// Hashes of images that are searched
    #[arg(long, default_value_t = 10_000_000)]
    hashes: usize,
    /// Hashes of images that are looked for
    #[arg(long, default_value_t = 50_000)]
    queries: usize,
    /// Runs of which the median counts
    #[arg(long, default_value_t = 5)]
    pub runs: usize,
}

/// Builds `homeward` when none is given, and measures it.
pub fn bench(root: &Path, options: &Options) -> Result<()> {
    let homeward = built(root, options.homeward.as_deref())?;
    measure(root, &homeward, options).map(drop)
}

/// Makes a virtual environment, once, runs `bench/peers/images.py` in it, and returns what it printed.
pub fn measure(root: &Path, homeward: &Path, options: &Options) -> Result<String> {
    let Options { hashes, queries, runs, .. } = options;
    let python = peers_bench::environment(&tidy::target_directory(root)?.join("peers-images"), &PEERS)?;
    let folder = scratch("images")?;
    let markdown = benchmarks::printed(
        Command::new(python)
            .arg(root.join("bench/peers/images.py"))
            .args([homeward, folder.as_path()])
            .args(["--hashes", &hashes.to_string()])
            .args(["--queries", &queries.to_string()])
            .args(["--runs", &runs.to_string()]),
    )?;
    std::fs::remove_dir_all(&folder)?;
    Ok(markdown)
}
