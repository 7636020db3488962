//! Criterion benchmarks of the kernels under `benches/`, over one small synthetic nation; run them with
//! `cargo bench -p homeward-bench`. Whole commands and peers are measured by `cargo xtask bench`.

use homeward_engine::extract::Reader;
use homeward_engine::pipeline::{self, Analysis};
use homeward_intake::{Item, Options, read_missing, read_postings};
use homeward_linkage::owners::Judgements;
use homeward_model::{MissingReport, Posting};
use homeward_rules::Rules;
use homeward_world::{World, WorldOptions};
use std::io;
use std::process::Command;
use std::time::{Duration, Instant};

/// Postings in the nation that the benchmarks share.
pub const POSTINGS: usize = 10_000;

/// A nation as the engine reads it.
pub struct Nation {
    /// Postings.
    pub postings: Vec<Posting>,
    /// Missing reports.
    pub reports: Vec<MissingReport>,
}

/// Writes a nation and reads it back through the front door.
///
/// # Panics
/// When the temporary folder cannot be written: there is nothing to measure then.
pub fn nation() -> Nation {
    let world = World::generate(WorldOptions { postings: POSTINGS, reports: None, seed: 7 });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (first, second) = (folder.path().join("postings.jsonl"), folder.path().join("missing.jsonl"));
    let (mut text, mut lines) = (Vec::new(), Vec::new());
    world
        .write_postings(&mut text)
        .and_then(|()| world.write_missing(&mut lines))
        .expect("writing to memory");
    std::fs::write(&first, text)
        .and_then(|()| std::fs::write(&second, lines))
        .expect("room for a small nation");
    let mut nation = Nation { postings: Vec::new(), reports: Vec::new() };
    read_postings(&first, &Options::default(), &mut |item| {
        if let Item::Good(posting) = item {
            nation.postings.push(posting);
        }
        true
    })
    .expect("what was just written");
    read_missing(&second, &Options::default(), &mut |item| {
        if let Item::Good(report) = item {
            nation.reports.push(report);
        }
        true
    })
    .expect("what was just written");
    nation
}

/// The nation with families and owners found.
pub fn analysed(nation: &Nation) -> Analysis {
    let rules = Rules::embedded();
    let rows = Reader::new(rules, "US").facts_of_all(&nation.postings);
    pipeline::analyse(rows, None, &Judgements::default(), rules, &mut |_| {})
}

/// What a command used.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From start to end.
    pub took: Duration,
    /// Seconds of all processors.
    pub processors: f64,
    /// Peak in megabytes.
    pub memory: u64,
}

/// Runs a command to its end; time of processors and memory are as the system tells them while it runs (Linux).
pub fn timed(command: &mut Command) -> io::Result<Cost> {
    let start = Instant::now();
    let mut child = command.spawn()?;
    let process = format!("/proc/{}", child.id());
    let (mut memory, mut processors) = (0, 0.0);
    loop {
        if let Some(ended) = child.try_wait()? {
            if ended.success() {
                return Ok(Cost { took: start.elapsed(), processors, memory: memory / 1024 });
            }
            return Err(io::Error::other(format!("{command:?} failed with {ended}")));
        }
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        memory =
            peak.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(memory);
        let stat = std::fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
        // Fields 14 and 15, counted from behind the name in brackets, in hundredths of a second.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let used: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        processors = f64::max(processors, used / 100.0);
        std::thread::sleep(Duration::from_millis(5));
    }
}
