//! How the time and the memory of `homeward tool templates` grow with the number of texts.
//!
//! `cargo xtask bench size` builds both and runs it. Whole commands are timed, from the file to the file; memory is the peak
//! of the process and processor time what it used, both as the system tells them while it runs (Linux). The exponent is
//! that of a straight line through the logarithms.

use homeward_bench::timed;
use homeward_world::families::{self, Grammar, Hardness, Text};
use homeward_world::{messages, score};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::Command;

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
        let mut command = Command::new(homeward);
        command.args(["--quiet", "tool", tool]).arg(&table).arg("-o").arg(&out);
        let cost = timed(&mut command)?;
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
