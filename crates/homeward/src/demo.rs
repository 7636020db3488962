//! `homeward world` and `homeward demo`: a synthetic nation, the whole chain, and how well it did against the truth.

use crate::archive::{make_run, print_run, take_in};
use crate::record::{self, RecordOptions};
use crate::{Global, demo_record, handover, missing};
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_archive::Archive;
use homeward_casework::report_task_force;
use homeward_engine::extract::Reader;
use homeward_engine::run::RunOptions;
use homeward_intake::Options;
use homeward_model::{ReportStatus, SelectorKind};
use homeward_rules::Rules;
use homeward_store::import::Keeper;
use homeward_world::score::{self, Candidate, ReportTruth};
use homeward_world::{AS_OF, World, WorldOptions, baseline};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What nation to show.
#[derive(Args)]
pub struct DemoArguments {
    /// Postings in the nation
    #[arg(long, default_value_t = 20_000)]
    postings: usize,
    /// Seed of the nation
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Address to serve on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Stop after the summary
    #[arg(long)]
    no_serve: bool,
}

/// What nation to write.
#[derive(Args)]
pub struct WorldArguments {
    /// Number of postings
    #[arg(long)]
    postings: usize,
    /// Number of missing reports; one for every forty postings when not said
    #[arg(long)]
    reports: Option<usize>,
    /// Seed; the same seed gives the same bytes
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Folder to write
    #[arg(short, long)]
    output: PathBuf,
    /// Also write `oracle.jsonl`: the five likeliest owners of each report by the true likelihoods
    #[arg(long)]
    oracle: bool,
}

fn write_file(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Result<()> {
    let file = File::create(path).with_context(|| format!("failed to write `{}`", path.display()))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    write(&mut out)
        .and_then(|()| out.flush())
        .with_context(|| format!("failed to write `{}`", path.display()))
}

fn write_world(world: &World, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
    write_file(&folder.join("postings.jsonl"), |out| world.write_postings(out))?;
    write_file(&folder.join("missing.jsonl"), |out| world.write_missing(out))?;
    write_file(&folder.join("truth.jsonl"), |out| world.write_truth(out))
}

/// `homeward world`.
pub fn world(global: &Global, arguments: &WorldArguments) -> Result<()> {
    let options =
        WorldOptions { postings: arguments.postings, reports: arguments.reports, seed: arguments.seed };
    let world = World::generate(options);
    write_world(&world, &arguments.output)?;
    if !global.quiet {
        println!(
            "{} postings and {} missing reports in `{}`",
            world.posts.len(),
            world.reports.len(),
            arguments.output.display()
        );
    }
    if arguments.oracle {
        let oracle = world.oracle();
        write_file(&arguments.output.join("oracle.jsonl"), |out| world.write_oracle(&oracle, out))?;
        if !global.quiet {
            for (kind, count, found) in world.oracle_recall(&oracle) {
                let share = found as f64 / count.max(1) as f64;
                println!("oracle: recall@5 {share:.3} of {count} present children who left {kind}");
            }
        }
    }
    Ok(())
}

/// `homeward demo`.
pub fn demo(global: &Global, arguments: &DemoArguments) -> Result<()> {
    if std::fs::read_dir(&global.data).is_ok_and(|mut entries| entries.next().is_some()) {
        let marked = global.data.join("demo").exists();
        if !marked {
            bail!(
                "`{}` is not empty; the demo wants a fresh folder, name one with `--data`",
                global.data.display()
            );
        }
        let _alone = record::alone(&global.data)?;
        std::fs::remove_dir_all(&global.data)
            .with_context(|| format!("failed to clear `{}`", global.data.display()))?;
    }
    println!(
        "A synthetic nation of {} postings, seed {}. Nothing in it is real.",
        arguments.postings, arguments.seed
    );
    let world =
        World::generate(WorldOptions { postings: arguments.postings, reports: None, seed: arguments.seed });
    let mut archive = Archive::open_for(&global.data, "homeward demo")?;
    std::fs::write(global.data.join("demo"), "a synthetic nation; `homeward demo` may replace this folder\n")
        .with_context(|| format!("failed to write in `{}`", global.data.display()))?;
    let folder = global.data.join("world");
    write_world(&world, &folder)?;
    let options = Options::default();
    let start = std::time::Instant::now();
    let taken = take_in(global, &mut archive, &[folder.join("postings.jsonl")], &options)?;
    let (reports, _) = missing::read(&[folder.join("missing.jsonl")], &options)?;
    // A demo never touches a record that the environment names.
    let received = record::block_on(async {
        let store = record::open(global, &RecordOptions::default()).await?;
        let received = store
            .receive_shared_reports(
                record::outside(),
                Keeper::Agency(demo_record::desk()),
                reports,
                report_task_force,
            )
            .await?;
        handover::take(&store, &mut archive).await?;
        Ok(received)
    })?;
    println!(
        "ingested {} postings and {} missing reports in {:.2} s",
        taken.receipt.accepted,
        received.accepted,
        start.elapsed().as_secs_f64()
    );
    let run = RunOptions { full: false, as_of: Some(AS_OF), clock: crate::now(), region: "US".to_owned() };
    let summary = make_run(global, &mut archive, &run)?;
    print_run(global, &summary);
    measure(&world, &archive, &summary.id)?;
    println!(
        "\nnext: `homeward --data {0} findings`, then `homeward --data {0} explain ID`",
        global.data.display()
    );
    record::block_on(async {
        let store = record::open(global, &RecordOptions::default()).await?;
        demo_record::make(&store, &global.data).await
    })?;
    println!("\naccounts of the demo, all with the password `{}`:", demo_record::PASSWORD);
    for account in demo_record::accounts() {
        println!("  {:<36} {}", account.account, account.job);
    }
    if !arguments.no_serve {
        // The server reads the archive; a lock held on would keep the worker from writing.
        drop(archive);
        let start = crate::serve::Start {
            listen: &arguments.listen,
            behind_proxy: false,
            record: RecordOptions::default(),
            desk: None,
            no_rate_limit: false,
            demo_accounts: demo_record::accounts(),
        };
        return crate::serve::run(global, start);
    }
    Ok(())
}

/// Compares a run with the truth, one plain line for each measure.
fn measure(world: &World, archive: &Archive, run: &str) -> Result<()> {
    let place: HashMap<&str, usize> =
        world.posts.iter().enumerate().map(|(at, post)| (post.id.as_str(), at)).collect();
    let mut family = vec![u32::MAX; world.posts.len()];
    let mut owner = vec![u32::MAX; world.posts.len()];
    let mut names: HashMap<String, u32> = HashMap::new();
    let mut number = |name: &str| {
        let next = names.len() as u32;
        *names.entry(name.to_owned()).or_insert(next)
    };
    for line in archive.run_file(run, "postings.csv")?.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, template, network] = cells[..] else { continue };
        if let Some(at) = place.get(id) {
            if !template.is_empty() {
                family[*at] = number(template);
            }
            owner[*at] = number(network);
        }
    }
    let template: Vec<Option<&str>> = world.posts.iter().map(|post| post.truth.template.as_deref()).collect();
    let owners: Vec<Option<&str>> = world.posts.iter().map(|post| Some(post.truth.owner.as_str())).collect();
    let mutation: Vec<Option<usize>> = world.posts.iter().map(|post| post.truth.mutation).collect();
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    println!("\nAgainst the truth:");
    let show = |what: &str, counts: score::Counts| {
        println!(
            "  {what:<44} precision {:>7}  recall {:>7}  F1 {:.3}",
            percent(counts.precision()),
            percent(counts.recall()),
            counts.f1()
        );
    };
    show("templates, pairs of postings", score::pairs(&family, &template));
    show(
        "  simple peer: word trigrams, Jaccard 0.5",
        score::pairs(&baseline::templates(&world.posts), &template),
    );
    let levels = score::recall_by_class(&family, &template, &mutation);
    let levels: Vec<String> = levels.iter().map(|(level, recall)| format!("{level}: {recall:.3}")).collect();
    println!("    recall by mutation (0 exact, 5 a third edited, 6 signature only)  {}", levels.join("  "));
    show("owners, pairs of postings", score::pairs(&owner, &owners));
    println!("    postings among their owner's own, by trap  {}", placed_by_trap(world, &owner));
    let reader = Reader::new(Rules::embedded(), "US");
    let phones: Vec<Vec<String>> = world
        .posts
        .par_iter()
        .map(|post| {
            let found = reader.selectors_in(&post.body).into_iter();
            let mut values: Vec<String> = found
                .filter(|found| found.kind == SelectorKind::Phone && found.common.is_none())
                .map(|found| found.value)
                .collect();
            values.sort();
            values.dedup();
            values
        })
        .collect();
    show(
        "telephone numbers",
        score::sets(
            phones
                .iter()
                .zip(&world.posts)
                .map(|(found, post)| (found.as_slice(), post.truth.phones.as_slice())),
        ),
    );
    show("  simple peer: digit search", baseline::phones(&world.posts));
    matches(world, archive, run, &place)
}

/// For each trap, the share of its postings that stand in a network of which most is their owner's.
fn placed_by_trap(world: &World, network: &[u32]) -> String {
    let mut owners: HashMap<u32, HashMap<&str, usize>> = HashMap::new();
    for (post, network) in world.posts.iter().zip(network) {
        *owners.entry(*network).or_default().entry(&post.truth.owner).or_default() += 1;
    }
    let mut placed: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (post, network) in world.posts.iter().zip(network) {
        let own = owners[network][post.truth.owner.as_str()];
        let all: usize = owners[network].values().sum();
        let (right, count) = placed.entry(post.truth.trap.unwrap_or("none")).or_default();
        *right += usize::from(2 * own >= all);
        *count += 1;
    }
    let shares = placed
        .iter()
        .map(|(trap, (right, count))| format!("{trap} {:.3} of {count}", *right as f64 / *count as f64));
    shares.collect::<Vec<_>>().join(", ")
}

fn matches(world: &World, archive: &Archive, run: &str, place: &HashMap<&str, usize>) -> Result<()> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for line in archive.run_file(run, "findings.jsonl")?.lines() {
        let finding: Value = serde_json::from_str(line).context("the run is damaged")?;
        if finding["kind"] != "match" {
            continue;
        }
        let postings = finding["postings"].as_array().into_iter().flatten().filter_map(Value::as_str);
        candidates.push(Candidate {
            report: finding["missing_report"].as_str().unwrap_or_default().to_owned(),
            rank: 0,
            probability: finding["probability"].as_f64().unwrap_or(0.0),
            owners: postings
                .filter_map(|id| place.get(id))
                .map(|at| world.posts[*at].truth.owner.clone())
                .collect(),
        });
    }
    candidates.sort_by(|a, b| a.report.cmp(&b.report).then(b.probability.total_cmp(&a.probability)));
    let mut rank = 0;
    for at in 0..candidates.len() {
        rank = if at > 0 && candidates[at].report == candidates[at - 1].report { rank + 1 } else { 1 };
        candidates[at].rank = rank;
    }
    let truth: BTreeMap<String, ReportTruth> = world
        .reports
        .iter()
        .map(|report| {
            let truth = ReportTruth {
                network: report.network.clone(),
                traces: report.traces.iter().map(|trace| (*trace).to_owned()).collect(),
                trap: report.trap.map(str::to_owned),
                closed: report.status != ReportStatus::Missing,
            };
            (report.id.clone(), truth)
        })
        .collect();
    let quality = score::matches(&candidates, &truth);
    println!(
        "  missing children: {} of {} reports are present; {:.1} % of those have the right network among the first five",
        quality.present,
        world.reports.len(),
        100.0 * quality.recall_at_5
    );
    let traces: Vec<String> =
        quality.by_trace.iter().map(|(trace, (n, recall))| format!("{trace} {recall:.2} of {n}")).collect();
    println!("    by trace left: {}", traces.join(", "));
    println!(
        "    {} findings above 0.5, {:.1} % of them right; calibration error {:.3} over all, {:.3} over first candidates above 0.1",
        quality.above_half,
        100.0 * quality.precision_above_half,
        quality.calibration_error,
        quality.calibration_error_first
    );
    if !quality.wrong_by_trap.is_empty() {
        let traps: Vec<String> =
            quality.wrong_by_trap.iter().map(|(trap, n)| format!("{trap} {n}")).collect();
        println!("    wrong above 0.5 by trap: {}", traps.join(", "));
    }
    Ok(())
}
