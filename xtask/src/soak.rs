//! Ingests, runs and purges that are killed at random moments must leave a folder that holds the old state or the new one,
//! and from which the next call goes on to the same findings as an undisturbed one.

use crate::{run, scratch, timed};
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A word that only the postings hold that are purged.
const MARK: &str = "quetzalstone";

/// The command, the folder that is disturbed, and what is taken into it.
struct Soak {
    homeward: PathBuf,
    folder: PathBuf,
    postings: String,
    missing: String,
}

/// Kills as often as asked, each at a moment of its own.
pub fn soak(homeward: PathBuf, kills: usize, postings: usize) -> Result<()> {
    let soak = Soak::new(homeward, postings)?;
    let undisturbed = soak.chain("undisturbed")?;
    let ingest = soak.time("time", &["ingest", &soak.postings])?;
    let making = soak.time("time", &["run", "--full"])?;
    let mut landed = [0; 3];
    for round in 0..kills {
        let share = dice(round);
        // A third of the kills each: what is taken in is there for the runs, and what they wrote for the purges.
        let stage = round * 3 / kills;
        if stage == 1 {
            soak.homeward("disturbed", &["ingest", &soak.postings])?;
        }
        let dead = match stage {
            0 => soak.kill(&["ingest", &soak.postings], ingest.mul_f64(share))?,
            1 => soak.kill(&["run", "--full"], making.mul_f64(share))?,
            _ => soak.kill_purge(round, share)?,
        };
        landed[stage] += usize::from(dead);
        soak.homeward("disturbed", &["doctor"]).with_context(|| format!("after kill {round}"))?;
    }
    if soak.chain("disturbed")? != undisturbed {
        bail!(
            "after {kills} kills the findings differ from an undisturbed run, see `{}`",
            soak.folder.display()
        );
    }
    let [ingests, runs, purges] = landed;
    println!("{ingests} ingests, {runs} runs and {purges} purges killed half-way, same findings");
    std::fs::remove_dir_all(&soak.folder)?;
    Ok(())
}

/// Kills a run at as many moments, each time going on from what the one before left; every file must be that of a run that
/// nobody disturbed.
pub fn soak_run(homeward: PathBuf, kills: usize, postings: usize) -> Result<()> {
    let soak = Soak::new(homeward, postings)?;
    for data in ["undisturbed", "disturbed"] {
        soak.homeward(data, &["ingest", &soak.postings])?;
        soak.homeward(data, &["missing", "import", &soak.missing])?;
    }
    let whole = soak.time("undisturbed", &["run"])?;
    println!("{:.1} s undisturbed", whole.as_secs_f64());
    let mut landed = 0;
    let mut arguments = ["run"].as_slice();
    for round in 0.. {
        if landed == kills {
            break;
        }
        let after = whole.mul_f64(dice(round));
        let dead = soak.kill(arguments, after)?;
        println!("{:>8.1} s {}", after.as_secs_f64(), if dead { "killed" } else { "had ended" });
        landed += usize::from(dead);
        // One that had ended is made again from nothing, so that there is something to kill.
        arguments = if dead { &["run"] } else { &["run", "--full"] };
        soak.homeward("disturbed", &["doctor"]).with_context(|| format!("after kill {landed}"))?;
    }
    let last = soak.time("disturbed", &["run"])?;
    println!("{:.1} s to go on to the end", last.as_secs_f64());
    let (undisturbed, disturbed) = (soak.run_files("undisturbed")?, soak.run_files("disturbed")?);
    ensure!(undisturbed.len() > 5, "the run left {} files", undisturbed.len());
    if undisturbed != disturbed {
        bail!("after {kills} kills the run differs from an undisturbed one, see `{}`", soak.folder.display());
    }
    println!("{kills} kills, {} files of the run the same", undisturbed.len());
    std::fs::remove_dir_all(&soak.folder)?;
    Ok(())
}

/// A share of a command's time, spread evenly and the same in every soak.
pub fn dice(round: usize) -> f64 {
    let mixed = (round as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

impl Soak {
    /// A nation of this many postings in a folder of its own.
    fn new(homeward: PathBuf, postings: usize) -> Result<Soak> {
        let folder = scratch("soak")?;
        let at = |name: &str| folder.join(name).display().to_string();
        let soak = Soak {
            homeward,
            postings: at("world/postings.jsonl"),
            missing: at("world/missing.jsonl"),
            folder: folder.clone(),
        };
        let postings = postings.to_string();
        timed(&soak.homeward, &["world", "--postings", &postings, "--seed", "21", "-o", &at("world")])?;
        Ok(soak)
    }

    /// Name and hash of every file of the runs of a folder.
    fn run_files(&self, data: &str) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let top = self.folder.join(data).join("runs");
        let (mut folders, mut files) = (vec![top.clone()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let hash = Sha256::digest(std::fs::read(&path)?);
                    files.insert(path.strip_prefix(&top)?.to_path_buf(), hash.to_vec());
                }
            }
        }
        Ok(files)
    }

    fn command(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.homeward);
        command.arg("-q").arg("--data").arg(self.folder.join(data)).args(arguments).stdout(Stdio::null());
        command
    }

    fn homeward(&self, data: &str, arguments: &[&str]) -> Result<()> {
        run(&mut self.command(data, arguments))
    }

    fn time(&self, data: &str, arguments: &[&str]) -> Result<Duration> {
        let start = Instant::now();
        self.homeward(data, arguments)?;
        Ok(start.elapsed())
    }

    /// The whole chain; returns the findings.
    fn chain(&self, data: &str) -> Result<Vec<u8>> {
        self.homeward(data, &["ingest", &self.postings])?;
        self.homeward(data, &["missing", "import", &self.missing])?;
        self.homeward(data, &["run"])?;
        let mut shown = self.command(data, &["--json", "findings", "--top", "1000000"]);
        Ok(shown.stdout(Stdio::piped()).output()?.stdout)
    }

    /// Starts a command and kills it; says whether it was still at work.
    fn kill(&self, arguments: &[&str], after: Duration) -> Result<bool> {
        let mut child = self.command("disturbed", arguments).spawn()?;
        std::thread::sleep(after);
        let working = child.try_wait()?.is_none();
        let _ = child.kill();
        child.wait()?;
        Ok(working)
    }

    /// Takes marked postings of a source of their own in, kills their purge, and looks for them in every file: they are all
    /// there, or none of them is after the next opening.
    fn kill_purge(&self, round: usize, share: f64) -> Result<bool> {
        let source = format!("{MARK}-{round}");
        let file = self.folder.join("marked.jsonl");
        let mut rows = String::new();
        for id in 0..50 {
            let _ = writeln!(rows, "{{\"id\":\"{round}-{id}\",\"body\":\"{MARK} {id}\"}}");
        }
        std::fs::write(&file, rows)?;
        self.homeward("disturbed", &["ingest", &file.display().to_string(), "--source", &source])?;
        let purge = ["purge", "--source", &source, "--why", "soak"];
        // A purge takes about as long as the marked segment is small: a few milliseconds.
        let dead = self.kill(&purge, Duration::from_millis(30).mul_f64(share))?;
        self.homeward("disturbed", &["doctor"])?;
        let there = self.holders()?;
        self.homeward("disturbed", &purge)?;
        ensure!(self.holders()? == 0, "kill {round}: `{MARK}` is left after a purge");
        ensure!(there <= 1, "kill {round}: {there} files hold `{MARK}` after a purge that was killed");
        Ok(dead)
    }

    /// How many files of the archive hold the mark.
    fn holders(&self) -> Result<usize> {
        let mut count = 0;
        for folder in ["segments", "rejected", "runs", "state", "purged"] {
            for entry in std::fs::read_dir(self.folder.join("disturbed").join(folder))? {
                let path = entry?.path();
                if path.is_file() {
                    let bytes = std::fs::read(path)?;
                    count += usize::from(bytes.windows(MARK.len()).any(|at| at == MARK.as_bytes()));
                }
            }
        }
        Ok(count)
    }
}
