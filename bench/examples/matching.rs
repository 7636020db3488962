//! How well `homeward tool match` finds the children of a nation, beside an oracle who knows how the nation was made.
//!
//! `cargo xtask bench matching` builds both and runs it. The whole command is timed, from the files to the file. A second
//! run is given the reports of absent children alone: what it finds is false.

use homeward_bench::{Cost, timed};
use homeward_model::ReportStatus;
use homeward_world::score::{self, Candidate, MatchQuality, ReportTruth};
use homeward_world::{Report, World, WorldOptions};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [homeward, folder, postings, reports, seeds @ ..] = arguments.as_slice() else {
        return Err("usage: matching HOMEWARD FOLDER POSTINGS REPORTS SEED..".into());
    };
    for seed in seeds {
        let options = WorldOptions {
            postings: postings.parse()?,
            reports: Some(reports.parse()?),
            seed: seed.parse()?,
        };
        println!("{postings} postings, {reports} reports, seed {seed}");
        nation(Path::new(homeward), Path::new(folder), options)?;
    }
    Ok(())
}

fn nation(homeward: &Path, folder: &Path, options: WorldOptions) -> Outcome<()> {
    let world = World::generate(options);
    for (kind, count, found) in world.oracle_recall(&world.oracle()) {
        println!("  oracle: recall@5 {:.3} of {count} who left {kind}", found as f64 / count.max(1) as f64);
    }
    let (postings, missing) = (folder.join("postings.jsonl"), folder.join("missing.jsonl"));
    write(&postings, |out| world.write_postings(out))?;
    write(&missing, |out| world.write_missing(out))?;
    let owners: HashMap<String, String> =
        world.posts.iter().map(|post| (post.id.clone(), post.truth.owner.clone())).collect();
    let truth: BTreeMap<String, ReportTruth> =
        world.reports.iter().map(|report| (report.id.clone(), truth(report))).collect();
    drop(world.posts);
    let out = folder.join("matches.csv");
    let (cost, quality) = run(homeward, &postings, &missing, &out, &owners, &truth)?;
    println!(
        "  {:.1} s, {:.1} s of processors, {} MB",
        cost.took.as_secs_f64(),
        cost.processors,
        cost.memory
    );
    for (trace, (count, recall)) in &quality.by_trace {
        println!("  recall@5 {recall:.3} of {count} who left {trace}");
    }
    println!(
        "  recall@5 {:.3} of {}; above .5 {} rows, {:.3} right; above .9 {} rows, {:.3} right, {:.3} of the present have one",
        quality.recall_at_5,
        quality.present,
        quality.above_half,
        quality.precision_above_half,
        quality.above_nine_tenths,
        quality.precision_above_nine_tenths,
        quality.present_above_nine_tenths,
    );
    println!(
        "  calibration error {:.4}, of first candidates above .1 {:.4}",
        quality.calibration_error, quality.calibration_error_first
    );
    let absent: Vec<String> = std::fs::read_to_string(&missing)?
        .lines()
        .zip(&world.reports)
        .filter(|(_, report)| report.network.is_none())
        .map(|(line, _)| line.to_owned())
        .collect();
    write(&missing, |out| absent.iter().try_for_each(|line| writeln!(out, "{line}")))?;
    let (_, quality) = run(homeward, &postings, &missing, &out, &owners, &truth)?;
    println!(
        "  of {} reports of absent children alone: {:.3} findings above .5 in 1,000 reports",
        absent.len(),
        1000.0 * quality.above_half as f64 / absent.len().max(1) as f64
    );
    Ok(())
}

fn truth(report: &Report) -> ReportTruth {
    ReportTruth {
        network: report.network.clone(),
        traces: report.traces.iter().map(|trace| (*trace).to_owned()).collect(),
        trap: report.trap.map(str::to_owned),
        closed: report.status != ReportStatus::Missing,
    }
}

fn write(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Outcome<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write(&mut out)?;
    Ok(out.flush()?)
}

fn run(
    homeward: &Path,
    postings: &Path,
    missing: &Path,
    out: &Path,
    owners: &HashMap<String, String>,
    truth: &BTreeMap<String, ReportTruth>,
) -> Outcome<(Cost, MatchQuality)> {
    let mut command = Command::new(homeward);
    command.args(["--quiet", "tool", "match", "--postings"]).arg(postings).arg("--missing").arg(missing);
    let cost = timed(command.arg("-o").arg(out))?;
    let mut candidates = Vec::new();
    let mappings = vec![("missing_id".to_owned(), "id".to_owned())];
    let options = homeward_intake::Options { mappings, ..homeward_intake::Options::default() };
    homeward_intake::read_table(out, &options, &mut |item| {
        if let homeward_intake::Item::Good(mut row) = item {
            let mut cell = |name: &str| row.take(name).unwrap_or_default();
            let postings = cell("postings");
            candidates.push(Candidate {
                report: cell("id"),
                rank: cell("rank").parse().unwrap_or(usize::MAX),
                probability: cell("probability").parse().unwrap_or(0.0),
                owners: postings.split('|').filter_map(|id| owners.get(id).cloned()).collect(),
            });
        }
        true
    })?;
    Ok((cost, score::matches(&candidates, truth)))
}
