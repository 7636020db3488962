//! Automation: `cargo xtask test` is the one command that decides whether a change is good.
//!
//! `anyhow` throughout: these are jobs for people at a terminal, not a library.

mod benchmarks;
mod browser;
mod http;
mod image_bench;
mod peers_bench;
mod postgres;
mod record_bench;
mod server;
mod soak;
mod soak_server;
mod tidy;
mod vendor;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Parser)]
#[command(about = "Checks, generated documents, benchmarks and long tests of Homeward")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Format, lints, documentation, tidiness and all tests
    Test,
    /// The import table, file headers and generated documents
    Tidy,
    /// Write the generated documents anew
    Generate,
    /// Fetch the pages' files of other projects again from their npm packages, and compare them with what is here
    Vendor {
        /// Take what came, and write its hashes: for a new version in `crates/web/assets/VENDOR.tsv`
        #[arg(long)]
        update: bool,
    },
    /// Visit every page with a real browser
    Browser,
    /// Benchmarks: kernels, then whole commands on a generated nation
    Bench {
        /// Postings in the generated nation
        #[arg(long, default_value_t = 200_000)]
        postings: usize,
        #[command(subcommand)]
        of: Option<BenchOf>,
    },
    /// Long tests: ingests, runs and purges killed at random moments
    Soak {
        /// How many kills
        #[arg(long, default_value_t = 30)]
        kills: usize,
        /// Postings in the archive that is disturbed
        #[arg(long, default_value_t = 20_000)]
        postings: usize,
        /// Kill one run only, again and again; every file of it must be that of an undisturbed one
        #[arg(long, conflicts_with = "server")]
        run: bool,
        /// The program to kill; built anew when not said
        #[arg(long)]
        program: Option<PathBuf>,
        /// Kill the server of the record instead, while members write
        #[arg(long)]
        server: bool,
    },
}

#[derive(Subcommand)]
enum BenchOf {
    /// The server of the record: lists, single records, checks and decisions of many members at a time
    Record(record_bench::Options),
    /// `homeward tool templates` on corpora with known families: quality by kind of difference, time and memory
    Linkage {
        /// Texts in each corpus
        #[arg(long, default_value_t = 50_000)]
        texts: usize,
        /// A seed; may be repeated
        #[arg(long = "seed", default_values_t = [401, 402])]
        seeds: Vec<u64>,
    },
    /// Homeward beside its peers in one run: texts, images and person records; into `docs/benchmarks.md` with `--write`
    Peers(peers_bench::Options),
    /// `homeward tool templates` and `tool owners` as texts grow: time, memory, quality, and the exponent of the time
    Size(SizeOptions),
    /// `homeward tool match` on a nation, beside an oracle who knows how it was made: recall, calibration, time and memory
    Matching(MatchingOptions),
    /// Images: hashing and search beside pdqhash and faiss, and what is found of edited photographs
    Images(image_bench::Options),
}

/// Which sizes are measured.
#[derive(Args)]
struct SizeOptions {
    /// A built `homeward`; built for release when not given
    #[arg(long)]
    homeward: Option<PathBuf>,
    /// Short messages in each corpus, a number or several with commas between
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000])]
    short: Vec<usize>,
    /// Texts in each corpus of the hard kind
    #[arg(long, value_delimiter = ',', default_values_t = [50_000, 300_000, 1_000_000])]
    hard: Vec<usize>,
    /// A seed
    #[arg(long, default_value_t = 401)]
    seed: u64,
    /// Write what was measured into `docs/benchmarks.md`
    #[arg(long)]
    write: bool,
}

/// Which nations are measured.
#[derive(Args)]
struct MatchingOptions {
    /// A built `homeward`; built for release when not given
    #[arg(long)]
    homeward: Option<PathBuf>,
    /// Postings of each nation
    #[arg(long, default_value_t = 1_000_000)]
    postings: usize,
    /// Missing reports of each nation
    #[arg(long, default_value_t = 30_000)]
    reports: usize,
    /// A seed; may be repeated
    #[arg(long = "seed", default_values_t = [6301])]
    seeds: Vec<u64>,
    /// Write what was measured into `docs/benchmarks.md`
    #[arg(long)]
    write: bool,
}

fn main() -> Result<()> {
    let root = root();
    match Arguments::parse().task {
        Task::Test => test(&root),
        Task::Tidy => tidy::check(&root),
        Task::Generate => tidy::generate(&root),
        Task::Vendor { update } => vendor::vendor(&root, update),
        Task::Browser => match browser::missing() {
            Some(missing) => bail!("{missing}"),
            None => browser::test(&root),
        },
        Task::Bench { of: Some(BenchOf::Record(options)), .. } => record_bench::bench(&root, &options),
        Task::Bench { of: Some(BenchOf::Linkage { texts, seeds }), .. } => {
            linkage_bench(&root, texts, &seeds)
        }
        Task::Bench { of: Some(BenchOf::Peers(options)), .. } => peers_bench::bench(&root, &options),
        Task::Bench { of: Some(BenchOf::Images(options)), .. } => image_bench::bench(&root, &options),
        Task::Bench { of: Some(BenchOf::Matching(options)), .. } => matching_bench(&root, &options),
        Task::Bench { postings, of: None } => bench(&root, postings),
        Task::Bench { of: Some(BenchOf::Size(options)), .. } => size_bench(&root, &options),
        Task::Soak { kills, server: true, .. } => soak_server::soak(&root, kills),
        Task::Soak { kills, postings, run, program, .. } => {
            let program = built(&root, program.as_deref())?;
            if run { soak::soak_run(program, kills, postings) } else { soak::soak(program, kills, postings) }
        }
    }
}

fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}

fn test(root: &Path) -> Result<()> {
    let mut skipped: Vec<String> = Vec::new();
    if has(root, &["fmt", "--version"]) {
        cargo(root, &["fmt", "--all", "--check"])?;
    } else {
        skipped.push("formatting (get it with `rustup component add rustfmt`)".to_owned());
    }
    if has(root, &["clippy", "--version"]) {
        cargo(root, &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    } else {
        skipped.push("lints (get them with `rustup component add clippy`)".to_owned());
    }
    run(Command::new("cargo")
        .args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(root))?;
    tidy::check(root)?;
    if has(root, &["nextest", "--version"]) {
        cargo(root, &["nextest", "run", "--workspace"])?;
    } else {
        cargo(root, &["test", "--workspace", "--quiet"])?;
    }
    // nextest does not run the examples in documentation.
    cargo(root, &["test", "--workspace", "--doc", "--quiet"])?;
    match browser::missing() {
        Some(missing) => skipped.push(missing),
        None => browser::test(root)?,
    }
    for what in &skipped {
        println!("skipped: {what}");
    }
    if !skipped.is_empty() && std::env::var_os("REQUIRE_ALL").is_some() {
        bail!("`REQUIRE_ALL` is set and {} checks were skipped", skipped.len());
    }
    Ok(())
}

fn bench(root: &Path, postings: usize) -> Result<()> {
    cargo(root, &["bench", "--package", "homeward-bench"])?;
    let homeward = built(root, None)?;
    let folder = scratch("bench")?;
    let at = |name: &str| folder.join(name).display().to_string();
    let extra = (postings / 100).max(1);
    let total = (postings + extra).to_string();
    timed(&homeward, &["world", "--postings", &total, "--seed", "11", "-o", &at("world")])?;
    split(&folder.join("world/postings.jsonl"), postings)?;
    let data = at("data");
    timed(&homeward, &["--data", &data, "ingest", &at("world/first.jsonl")])?;
    timed(&homeward, &["--data", &data, "missing", "import", &at("world/missing.jsonl")])?;
    timed(&homeward, &["--data", &data, "run", "--full"])?;
    timed(&homeward, &["--data", &data, "ingest", &at("world/rest.jsonl")])?;
    timed(&homeward, &["--data", &data, "run"])?;
    for tool in ["templates", "owners", "selectors"] {
        timed(&homeward, &["tool", tool, &at("world/first.jsonl"), "-o", &at("out.csv")])?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn linkage_bench(root: &Path, texts: usize, seeds: &[u64]) -> Result<()> {
    let homeward = built(root, None)?;
    let mut arguments: Vec<String> =
        ["run", "--release", "--quiet", "--package", "homeward-bench", "--example", "families", "--"]
            .map(str::to_owned)
            .to_vec();
    arguments.extend([homeward.display().to_string(), texts.to_string()]);
    arguments.extend(seeds.iter().map(u64::to_string));
    cargo(root, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A nation of a million postings takes two gigabytes of the folder for temporary files.
fn matching_bench(root: &Path, options: &MatchingOptions) -> Result<()> {
    let homeward = built(root, options.homeward.as_deref())?;
    let folder = scratch("matching")?;
    let mut command = example("matching");
    command
        .args([&homeward, &folder])
        .args([options.postings, options.reports].map(|count| count.to_string()));
    command.args(options.seeds.iter().map(u64::to_string)).current_dir(root);
    let lines = benchmarks::printed(&mut command)?;
    std::fs::remove_dir_all(&folder)?;
    if options.write {
        benchmarks::put(root, "matching", &format!("```text\n{lines}```\n"))?;
    }
    Ok(())
}

/// A command that runs an example of the benchmarks, built for release.
fn example(name: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(["run", "--release", "--quiet", "--package", "homeward-bench", "--example", name, "--"]);
    command
}

/// Lines for `docs/benchmarks.md`. The file of ten million messages takes a gigabyte of the folder for temporary files.
fn size_bench(root: &Path, options: &SizeOptions) -> Result<()> {
    let homeward = built(root, options.homeward.as_deref())?;
    let folder = scratch("size")?;
    let mut lines = String::new();
    for (tool, kind, sizes) in [
        ("templates", "short", &options.short),
        ("templates", "hard", &options.hard),
        ("owners", "hard", &options.hard),
    ] {
        let mut command = example("size");
        command.args([&homeward, &folder]).args([tool, kind, &options.seed.to_string()]);
        command.args(sizes.iter().map(usize::to_string)).current_dir(root);
        lines.push_str(&benchmarks::printed(&mut command)?);
    }
    std::fs::remove_dir_all(&folder)?;
    if options.write {
        benchmarks::put(root, "sizes", &format!("```text\n{lines}```\n"))?;
    }
    Ok(())
}

fn split(file: &Path, first: usize) -> Result<()> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))?;
    let cut: usize = text.split_inclusive('\n').take(first).map(str::len).sum();
    std::fs::write(file.with_file_name("first.jsonl"), &text[..cut])?;
    std::fs::write(file.with_file_name("rest.jsonl"), &text[cut..])?;
    Ok(())
}

/// The given `homeward`, or one that is built for release.
fn built(root: &Path, given: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = given {
        return path.canonicalize().with_context(|| format!("failed to find `{}`", path.display()));
    }
    cargo(root, &["build", "--release", "--quiet", "--package", "homeward"])?;
    Ok(tidy::target_directory(root)?.join("release/homeward"))
}

fn scratch(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("homeward-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn timed(program: &Path, arguments: &[&str]) -> Result<()> {
    let start = std::time::Instant::now();
    run(Command::new(program).args(arguments))?;
    println!("{:>8.2} s  homeward {}", start.elapsed().as_secs_f64(), arguments.join(" "));
    Ok(())
}

fn has(root: &Path, arguments: &[&str]) -> bool {
    Command::new("cargo")
        .args(arguments)
        .current_dir(root)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    println!("cargo {}", arguments.join(" "));
    run(Command::new("cargo").args(arguments).current_dir(root))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("failed to start `{program}`"))?;
    if !status.success() {
        bail!("`{command:?}` failed with {status}");
    }
    Ok(())
}
