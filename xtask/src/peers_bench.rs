//! `cargo xtask bench peers`: Homeward beside its peers, on the same files in one run, and the document that tells of it.

use crate::{benchmarks, built, cargo, image_bench, run, scratch, tidy};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages of the texts' peers, as they are called in their registry.
const PEERS: [&str; 5] =
    ["datasketch==2.0.0", "rensa==0.5.0", "scikit-learn==1.9.1", "scipy==1.17.1", "numpy==2.4.6"];
/// A peer that builds on some machines only.
const WHERE_IT_BUILDS: &str = "gaoya==0.2.2";
/// Programs whose log lines are read.
const PROGRAMS: [&str; 11] = [
    "matplotlib",
    "fonttools",
    "boto3",
    "moto[server,s3,sqs]",
    "paramiko",
    "pyftpdlib",
    "aiosmtpd",
    "celery",
    "apscheduler<4",
    "setuptools>=75",
    "sphinx",
];
/// Packages of the peers for person records; dedupe runs with the `BTrees` of its time.
const PERSONS: [&str; 5] =
    ["splink==5.0.0", "dedupe==3.0.3", "BTrees<6", "recordlinkage==0.16", "nomenklatura==4.17.4"];

/// What is measured.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    images: image_bench::Options,
    /// What to measure; may be repeated; everything when not given
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Texts in each generated corpus
    #[arg(long, default_value_t = 50_000)]
    texts: usize,
    /// A seed of the corpora; may be repeated
    #[arg(long = "seed", default_values_t = [407])]
    seeds: Vec<u64>,
    /// Only corpora whose name begins so, as `boards-hard` or `log`; may be repeated
    #[arg(long)]
    corpus: Vec<String>,
    /// A file of real short messages, a label, a tab and a text in each line, such as the SMS Spam Collection
    #[arg(long)]
    messages: Option<PathBuf>,
    /// A folder with `fake_1000.csv` and `early_childhood_sites_true_ids.csv`, person records beside those of FEBRL
    #[arg(long)]
    records: Option<PathBuf>,
    /// Write what was measured into `docs/benchmarks.md`
    #[arg(long)]
    write: bool,
}

/// A part of the comparison.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Near-duplicate texts
    Texts,
    /// Images
    Images,
    /// Person records
    Persons,
}

/// Runs the parts in turn.
pub fn bench(root: &Path, options: &Options) -> Result<()> {
    let homeward = built(root, options.images.homeward.as_deref())?;
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    if wanted(Part::Texts) {
        let texts = texts(root, &homeward, options)?;
        told(root, "texts", &texts, options.write)?;
    }
    if wanted(Part::Images) {
        let images = image_bench::measure(root, &homeward, &options.images)?;
        told(root, "images", &images, options.write)?;
    }
    if wanted(Part::Persons) {
        let persons = persons(root, &homeward, options)?;
        told(root, "persons", &persons, options.write)?;
    }
    Ok(())
}

fn told(root: &Path, section: &str, markdown: &str, write: bool) -> Result<()> {
    if write { benchmarks::put(root, section, markdown) } else { Ok(()) }
}

fn texts(root: &Path, homeward: &Path, options: &Options) -> Result<String> {
    let folder = scratch("texts")?;
    let (at, texts) = (folder.display().to_string(), options.texts.to_string());
    let seeds: Vec<String> = options.seeds.iter().map(u64::to_string).collect();
    let mut arguments = vec!["run", "--profile", "quick", "--quiet", "--package", "homeward-bench"];
    arguments.extend(["--example", "families", "--", "write", &at, &texts]);
    arguments.extend(seeds.iter().map(String::as_str));
    cargo(root, &arguments)?;
    let target = tidy::target_directory(root)?;
    let scripts = root.join("bench/peers");
    let logs = environment(&target.join("peers-logs"), &PROGRAMS)?;
    run(Command::new(logs).arg(scripts.join("logs.py")).arg(&folder))?;
    let python = environment(&target.join("peers-texts"), &PEERS)?;
    if install(&python, &[WHERE_IT_BUILDS]).is_err() {
        eprintln!("`{WHERE_IT_BUILDS}` could not be installed here and is left out");
    }
    let mut command = Command::new(python);
    command.arg(scripts.join("texts.py")).args([homeward, folder.as_path()]);
    command.args(["--runs", &options.images.runs.to_string()]);
    for corpus in &options.corpus {
        command.args(["--corpus", corpus]);
    }
    if let Some(messages) = &options.messages {
        command.arg("--messages").arg(messages);
    }
    let markdown = benchmarks::printed(&mut command)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(markdown)
}

fn persons(root: &Path, homeward: &Path, options: &Options) -> Result<String> {
    let folder = scratch("persons")?;
    let python = environment(&tidy::target_directory(root)?.join("peers-persons"), &PERSONS)?;
    let mut command = Command::new(python);
    command.arg(root.join("bench/peers/persons.py")).args([homeward, folder.as_path()]);
    command.args(["--runs", &options.images.runs.to_string()]);
    if let Some(records) = &options.records {
        command.arg("--records").arg(records);
    }
    let markdown = benchmarks::printed(&mut command)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(markdown)
}

/// The Python of a virtual environment with these packages; made when it is not there.
pub fn environment(folder: &Path, packages: &[&str]) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    if !python.exists() {
        if Command::new("python3").arg("--version").output().is_err() {
            bail!("the peers need `python3` with its `venv` module");
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    }
    install(&python, packages)?;
    Ok(python)
}

fn install(python: &Path, packages: &[&str]) -> Result<()> {
    run(Command::new(python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages))
        .with_context(|| {
            format!(
                "failed to install {} from the Python registry\nhint: the peers come over the network, the first time",
                packages.join(", ")
            )
        })
}
