//! How the time and the memory of `homeward tool templates` grow with the number of texts.
//!
//! `cargo xtask bench size` builds both and runs it. Whole commands are timed, from the file to the file; memory is the peak
//! of the process and processor time what it used, both as the system tells them while it runs (Linux). The exponent is
//! that of a straight line through the logarithms.

use homeward_world::families::{self, Grammar, Hardness, Text};
use homeward_world::{messages, score};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [homeward, folder, tool, kind, seed, sizes @ ..] = arguments.as_slice() else {
        return Err("usage: size HOMEWARD FOLDER templates|owners hard|short SEED TEXTS..".into());
    };
    let seed: u64 = seed.parse()?;
    let mut points = Vec::new();
    for size in sizes {
        let size: usize = size.parse()?;
        let table = Path::new(folder).join(format!("{kind}-{seed}-{size}.csv"));
        let truth = write(tool, kind, size, seed, &table)?;
        let out = Path::new(folder).join("families.csv");
        let cost = run(Path::new(homeward), tool, &table, &out)?;
        let counts = score::pairs(&read(&out, size)?, &truth);
        println!(
            "{tool} {kind} {size}: {:.2} s, {:.2} s of processors, {} MB, F1 {:.4} precision {:.4} recall {:.4}",
            cost.took.as_secs_f64(),
            cost.processors,
            cost.memory,
            counts.f1(),
            counts.precision(),
            counts.recall()
        );
        points.push((
            (size as f64).ln(),
            cost.took.as_secs_f64().max(1e-3).ln(),
            cost.processors.max(1e-3).ln(),
        ));
    }
    if points.len() > 1 {
        println!(
            "time grows as the number of texts to the power {:.3}, time of processors to the power {:.3}",
            slope(points.iter().map(|(x, y, _)| (*x, *y))),
            slope(points.iter().map(|(x, _, y)| (*x, *y)))
        );
    }
    Ok(())
}

/// Slope of the line of least squares.
fn slope(points: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let count = points.clone().count() as f64;
    let mean_x = points.clone().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.clone().map(|(_, y)| y).sum::<f64>() / count;
    points.clone().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>()
        / points.map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>()
}

/// Writes the corpus; returns what the tool should find of each text: its family, or its owner.
fn write(tool: &str, kind: &str, size: usize, seed: u64, path: &Path) -> Outcome<Vec<Option<u64>>> {
    let draft = path.with_extension("draft");
    let mut table = BufWriter::new(File::create(&draft)?);
    writeln!(table, "id,text")?;
    let truth = match kind {
        "hard" => {
            let corpus = families::corpus(Grammar::Boards, Hardness::Hard, size, seed);
            for (at, text) in corpus.iter().enumerate() {
                writeln!(table, "{at},\"{}\"", text.text.replace('"', "\"\""))?;
            }
            let owned = tool == "owners";
            let name = |text: &Text| if owned { Some(text.owner) } else { text.family };
            corpus.iter().map(|text| name(text).map(u64::from)).collect()
        }
        "short" => {
            for at in 0..size as u64 {
                writeln!(table, "{at},{}", messages::message(seed, at))?;
            }
            (0..size as u64).map(|at| Some(messages::origin(seed, at))).collect()
        }
        _ => return Err(format!("no kind `{kind}`: hard or short").into()),
    };
    table.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&draft, path)?;
    Ok(truth)
}

/// What a command used.
struct Cost {
    took: Duration,
    /// Seconds of all processors.
    processors: f64,
    /// Peak in megabytes.
    memory: u64,
}

fn run(homeward: &Path, tool: &str, table: &Path, out: &Path) -> Outcome<Cost> {
    let start = Instant::now();
    let mut child = Command::new(homeward)
        .args(["--quiet", "tool", tool])
        .arg(table)
        .arg("-o")
        .arg(out)
        .stderr(Stdio::inherit())
        .spawn()?;
    let process = format!("/proc/{}", child.id());
    let (mut memory, mut processors) = (0, 0.0);
    loop {
        if let Some(ended) = child.try_wait()? {
            if ended.success() {
                return Ok(Cost { took: start.elapsed(), processors, memory: memory / 1024 });
            }
            return Err(format!("`homeward tool {tool}` failed with {ended}").into());
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

/// The cluster of each text, `u32::MAX` for none.
fn read(path: &Path, texts: usize) -> Outcome<Vec<u32>> {
    let mut found = vec![u32::MAX; texts];
    for line in BufReader::new(File::open(path)?).lines().skip(1) {
        let line = line?;
        let (id, cluster) = line.split_once(',').ok_or("a row without a comma")?;
        found[id.parse::<usize>()?] = cluster.parse()?;
    }
    Ok(found)
}
