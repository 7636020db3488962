//! `homeward tool templates` and `tool owners` on corpora with known families and owners: what they find, by how much the
//! texts differ, and what it costs.
//!
//! `cargo xtask bench linkage` builds both and runs it. Whole commands are timed, from the file to the file; memory is the
//! peak of the process, where the system tells it. With `write` it writes the corpora and their truth, for other programs.

use homeward_world::families::{self, Grammar, Hardness, Text};
use homeward_world::{World, WorldOptions, score};
use rustc_hash::FxHashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [write, folder, texts, seeds @ ..] if write == "write" => {
            write_all(Path::new(folder), texts.parse()?, seeds)
        }
        [homeward, texts, seeds @ ..] => measure_all(homeward, texts.parse()?, seeds),
        _ => Err("usage: families HOMEWARD TEXTS SEED..\n       families write FOLDER TEXTS SEED..".into()),
    }
}

/// `NAME-SEED.csv` with the texts of each corpus, and `NAME-SEED.truth.csv` with what there is to find.
fn write_all(folder: &Path, texts: usize, seeds: &[String]) -> Outcome<()> {
    for seed in seeds {
        for (name, corpus) in corpora(texts, seed.parse()?) {
            let name = format!("{}-{seed}", name.replace(' ', "-"));
            write(&folder.join(format!("{name}.csv")), &corpus)?;
            let mut truth = String::from("id,family,level,disguised,trap\n");
            for (at, text) in corpus.iter().enumerate() {
                let family = text.family.map(|family| family.to_string()).unwrap_or_default();
                let level = text.level.map(|level| level.to_string()).unwrap_or_default();
                let disguised = u8::from(text.disguised);
                writeln!(truth, "{at},{family},{level},{disguised},{}", text.trap.unwrap_or_default())?;
            }
            std::fs::write(folder.join(format!("{name}.truth.csv")), truth)?;
        }
    }
    Ok(())
}

fn measure_all(homeward: &str, texts: usize, seeds: &[String]) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    println!(
        "recall by level: 0 exact, 1 slots, 2 to 5 edits of 5, 10, 20 and 35 % of the words, 6 signature sentence only"
    );
    for seed in seeds {
        let seed: u64 = seed.parse()?;
        for (name, corpus) in corpora(texts, seed) {
            let table = folder.path().join("texts.csv");
            write(&table, &corpus)?;
            let out = folder.path().join("found.csv");
            for what in [&["templates"][..], &["templates", "--text-only"], &["owners"]] {
                let (took, memory) = run(Path::new(homeward), &table, &out, what)?;
                let found = read(&out, corpus.len())?;
                let measured =
                    if what == ["owners"] { owners(&corpus, &found) } else { measure(&corpus, &found) };
                println!(
                    "{name} {seed} {}: {measured} | {:.2} s {memory} MB",
                    what.join(" "),
                    took.as_secs_f64()
                );
            }
        }
    }
    Ok(())
}

fn corpora(texts: usize, seed: u64) -> Vec<(&'static str, Vec<Text>)> {
    use Grammar::{Boards, Tongues};
    use Hardness::{Easy, Hard, Plain};
    vec![
        ("boards hard", families::corpus(Boards, Hard, texts, seed)),
        ("tongues hard", families::corpus(Tongues, Hard, texts, seed)),
        ("boards plain", families::corpus(Boards, Plain, texts, seed)),
        ("tongues plain", families::corpus(Tongues, Plain, texts, seed)),
        ("boards easy", families::corpus(Boards, Easy, texts, seed)),
        ("nation", nation(texts, seed)),
    ]
}

/// The texts of a nation with their templates.
fn nation(texts: usize, seed: u64) -> Vec<Text> {
    let world = World::generate(WorldOptions { postings: texts, reports: None, seed });
    let (mut templates, mut owners) = (FxHashMap::default(), FxHashMap::default());
    let number = |numbers: &mut FxHashMap<String, u32>, name: &String| {
        let next = numbers.len() as u32;
        *numbers.entry(name.clone()).or_insert(next)
    };
    let text = |post: &homeward_world::Post| Text {
        text: format!("{}\n{}", post.title, post.body),
        family: post.truth.template.as_ref().map(|template| number(&mut templates, template)),
        level: post.truth.mutation,
        disguised: false,
        owner: number(&mut owners, &post.truth.owner),
        trap: post.truth.trap,
    };
    world.posts.iter().map(text).collect()
}

fn write(path: &Path, corpus: &[Text]) -> Outcome<()> {
    let mut table = String::from("id,text\n");
    for (at, text) in corpus.iter().enumerate() {
        writeln!(table, "{at},\"{}\"", text.text.replace('"', "\"\""))?;
    }
    Ok(std::fs::write(path, table)?)
}

/// Runs the command; returns how long it took and its peak memory in megabytes, 0 where the system does not tell.
fn run(homeward: &Path, table: &Path, out: &Path, what: &[&str]) -> Outcome<(Duration, u64)> {
    let start = Instant::now();
    let mut child = Command::new(homeward)
        .args(["--quiet", "tool"])
        .args(what)
        .arg(table)
        .arg("-o")
        .arg(out)
        .stderr(Stdio::inherit())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Some(ended) = child.try_wait()? {
            if ended.success() {
                return Ok((start.elapsed(), peak / 1024));
            }
            return Err(format!("`homeward tool {}` failed with {ended}", what.join(" ")).into());
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The cluster of each text, `u32::MAX` for none.
fn read(path: &Path, texts: usize) -> Outcome<Vec<u32>> {
    let mut found = vec![u32::MAX; texts];
    for line in std::fs::read_to_string(path)?.lines().skip(1) {
        let (id, cluster) = line.split_once(',').ok_or("a row without a comma")?;
        found[id.parse::<usize>()?] = cluster.parse()?;
    }
    Ok(found)
}

fn owners(corpus: &[Text], found: &[u32]) -> String {
    let names: Vec<String> = corpus.iter().map(|text| text.owner.to_string()).collect();
    let truth: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
    let counts = score::pairs(found, &truth);
    format!("F1 {:.4} precision {:.4} recall {:.4}", counts.f1(), counts.precision(), counts.recall())
}

fn measure(corpus: &[Text], found: &[u32]) -> String {
    let names: Vec<Option<String>> =
        corpus.iter().map(|text| text.family.map(|family| family.to_string())).collect();
    let truth: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
    let counts = score::pairs(found, &truth);
    let levels: Vec<Option<usize>> = corpus.iter().map(|text| text.level).collect();
    let by_level = score::recall_by_class(found, &truth, &levels);
    let recalls: Vec<String> =
        by_level.iter().map(|(level, recall)| format!("{level}: {recall:.4}")).collect();
    let disguised: Vec<Option<usize>> = corpus
        .iter()
        .map(|text| (text.disguised && text.level != Some(families::SIGNATURE)).then_some(0))
        .collect();
    let disguised = score::recall_by_class(found, &truth, &disguised);
    let mut clusters: FxHashMap<u32, FxHashMap<Option<u32>, usize>> = FxHashMap::default();
    for (text, cluster) in corpus.iter().zip(found).filter(|(_, cluster)| **cluster != u32::MAX) {
        *clusters.entry(*cluster).or_default().entry(text.family).or_default() += 1;
    }
    let joining = clusters
        .values()
        .filter(|held| held.iter().filter(|(family, texts)| family.is_some() && **texts >= 2).count() >= 2);
    let strangers: usize = clusters.values().filter_map(|held| held.get(&None)).sum();
    format!(
        "F1 {:.4} precision {:.4} recall {:.4} | {} | disguised {:.4} | clusters of two families {} | strangers in clusters {strangers}",
        counts.f1(),
        counts.precision(),
        counts.recall(),
        recalls.join(" "),
        disguised.get(&0).copied().unwrap_or(1.0),
        joining.count(),
    )
}
