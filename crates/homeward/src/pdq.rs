//! `homeward tool pdq`: hashes of image files, and which of two lists are near. Image bytes are read and dropped.

use crate::Global;
use crate::archive::{mapping, spinner};
use crate::outputs;
use crate::table::Table;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use homeward_images::{DecodeError, Hashed, LARGEST_FILE, LEAST_QUALITY, Picture, Sketch};
use homeward_intake::{Item, Options};
use homeward_linkage::pdq_index::PdqIndex;
use homeward_model::Pdq;
use rayon::prelude::*;
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Images that are decoded before their rows are written, and queries that are searched together.
const TOGETHER: usize = 512;
/// Queries whose hashes are searched together.
const SEARCHED: usize = 65_536;

/// Image hashes.
#[derive(Subcommand)]
pub enum PdqCommand {
    /// Hash images: path,hash,quality
    #[command(
        after_help = "Example: homeward tool pdq hash photos/*.jpg > hashes.csv\n\nA folder stands for the images in it. Hashes of quality below 50 are no evidence."
    )]
    Hash(HashArguments),
    /// Near hashes, or with --robust near images: query,match,distance
    #[command(
        after_help = "Examples:\n  homeward tool pdq match new.csv known.csv -o matches.csv\n  homeward tool pdq match new/ known/ --robust -o matches.csv\n\nTables have the columns path, hash and quality, as `homeward tool pdq hash` writes them."
    )]
    Match(MatchArguments),
}

/// Images.
#[derive(Args)]
pub struct HashArguments {
    /// JPEG, PNG, WebP or GIF files, or folders of them
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// Where to write CSV, or Parquet when the name ends in .parquet; without it CSV is printed
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// Two lists.
#[derive(Args)]
pub struct MatchArguments {
    /// Hashes that are looked for (with --robust also a folder or an image)
    queries: PathBuf,
    /// Hashes among which they are looked for (with --robust also a folder or an image)
    index: PathBuf,
    /// Where to write CSV, or Parquet when the name ends in .parquet
    #[arg(short, long)]
    output: PathBuf,
    /// Bits in which two hashes may differ
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u32).range(0..=256))]
    max_distance: u32,
    /// Look at the images themselves, and find crops, borders, captions, small rotations and mirrors too
    #[arg(long)]
    robust: bool,
    /// Rename a column: theirs=ours
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = mapping)]
    mappings: Vec<(String, String)>,
}

/// Runs one of them.
pub fn run(global: &Global, command: &PdqCommand) -> Result<()> {
    match command {
        PdqCommand::Hash(arguments) => hash(global, arguments),
        PdqCommand::Match(arguments) => {
            outputs::check(&[&arguments.output], &[&arguments.queries, &arguments.index])?;
            if arguments.robust { match_images(global, arguments) } else { match_hashes(global, arguments) }
        }
    }
}

fn hash(global: &Global, arguments: &HashArguments) -> Result<()> {
    let mut files = Vec::new();
    arguments.images.iter().try_for_each(|path| listed(path, &mut files))?;
    if let Some(output) = &arguments.output {
        outputs::check(&[output], &files.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    }
    let columns = &["path", "hash", "quality"];
    let mut out = match &arguments.output {
        Some(path) => Some(Table::create(path, columns)?),
        None if global.json => None,
        None => Some(Table::print(columns)?),
    };
    let mut hashed = 0;
    for files in files.chunks(TOGETHER) {
        let found: Vec<Result<Hashed>> = files
            .par_iter()
            .map(|file| picture(file).map(|picture| homeward_images::hash(&picture)))
            .collect();
        for (file, found) in files.iter().zip(found) {
            if let Some(Hashed { pdq, quality }) = warned(found) {
                let (path, hash) = (file.to_string_lossy(), pdq.to_string());
                match &mut out {
                    Some(out) => out.row(&[&path, &hash, &quality.to_string()])?,
                    None => println!("{}", json!({"path": path, "hash": hash, "quality": quality})),
                }
                hashed += 1;
            }
        }
    }
    out.map_or(Ok(()), Table::finish)?;
    if hashed == 0 {
        bail!("none of {} files could be hashed", files.len());
    }
    if global.json && arguments.output.is_some() {
        println!("{}", json!({"files": files.len(), "hashed": hashed}));
    } else if !global.quiet && arguments.output.is_some() {
        println!("{hashed} of {} files hashed", files.len());
    }
    Ok(())
}

/// A file, or the files of a folder and its folders by name.
fn listed(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        files.append(&mut homeward_intake::files(&[path.to_owned()], Path::new(""))?);
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}

/// The image in a file.
pub fn picture(path: &Path) -> Result<Picture> {
    let name = || format!("`{}`", path.display());
    let file = std::fs::File::open(path).with_context(|| format!("failed to read {}", name()))?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("failed to read {}", name()))?;
    homeward_images::decode(&bytes).map_err(|error: DecodeError| anyhow::anyhow!("{}: {error}", name()))
}

/// What went well; what did not is said, and the rest goes on.
fn warned<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(|error| eprintln!("warning: {error:#}")).ok()
}

/// Names and hashes that are evidence. Names lie in one text, since ten million of them are held.
#[derive(Default)]
struct Hashes {
    names: String,
    ends: Vec<usize>,
    values: Vec<Pdq>,
    /// Rows that were left out for their low quality.
    weak: usize,
}

impl Hashes {
    fn read(path: &Path, arguments: &MatchArguments) -> Result<Hashes> {
        let mut list = Hashes::default();
        let (mut bad, mut last) = (0, String::new());
        let options = Options { mappings: arguments.mappings.clone(), ..Options::default() };
        homeward_intake::read_table(path, &options, &mut |item| {
            let read = match item {
                Item::Good(mut row) => {
                    let name = ["path", "id"].iter().find_map(|column| row.take(column));
                    let hash = ["hash", "pdq"].iter().find_map(|column| row.take(column));
                    let quality = ["quality", "pdq_quality"].iter().find_map(|column| row.take(column));
                    list.take(name, hash.as_deref(), quality.as_deref())
                }
                Item::Rejected(row) => Err(row.reason),
                Item::Media(_) => Ok(()),
            };
            if let Err(reason) = read {
                (bad, last) = (bad + 1, reason);
            }
            true
        })?;
        if bad > 0 {
            eprintln!("warning: {bad} rows of `{}` were rejected, the last because: {last}", path.display());
            if list.values.is_empty() && list.weak == 0 {
                bail!("all rows of `{}` were rejected", path.display());
            }
        }
        Ok(list)
    }

    fn take(
        &mut self,
        name: Option<String>,
        hash: Option<&str>,
        quality: Option<&str>,
    ) -> Result<(), String> {
        let name = name.ok_or("no `path`")?;
        let hash = hash.ok_or_else(|| format!("no `hash` beside `{name}`"))?;
        let hash =
            Pdq::parse(hash.trim()).ok_or_else(|| format!("`{hash}` is not a PDQ hash of 64 hex digits"))?;
        let quality = quality.map(|text| {
            let number = text.trim().parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
            number.ok_or_else(|| format!("`{text}` is not a quality from 0 to 100"))
        });
        if quality.transpose()?.is_some_and(|quality| quality < f64::from(LEAST_QUALITY)) {
            self.weak += 1;
            return Ok(());
        }
        self.names.push_str(&name);
        self.ends.push(self.names.len());
        self.values.push(hash);
        Ok(())
    }

    fn name(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.names[start..self.ends[at]]
    }
}

fn match_hashes(global: &Global, arguments: &MatchArguments) -> Result<()> {
    for path in [&arguments.queries, &arguments.index] {
        if path.is_dir() {
            bail!(
                "`{}` is a folder\nhint: give `--robust` to compare images, or hash them first",
                path.display()
            );
        }
    }
    let bar = spinner(global);
    bar.set_message("read");
    let queries = Hashes::read(&arguments.queries, arguments)?;
    let mut known = Hashes::read(&arguments.index, arguments)?;
    let weak = queries.weak + known.weak;
    bar.set_message("index");
    let index = PdqIndex::new(std::mem::take(&mut known.values));
    bar.set_message("match");
    let started = std::time::Instant::now();
    let mut out = Table::create(&arguments.output, &["query", "match", "distance"])?;
    let (mut pairs, mut searched) = (0, std::time::Duration::ZERO);
    for (number, block) in queries.values.chunks(SEARCHED).enumerate() {
        let found = index.search_all(block, arguments.max_distance);
        searched = started.elapsed();
        for (at, found) in found.iter().enumerate() {
            let query = queries.name(number * SEARCHED + at);
            for (at, distance) in found {
                out.row(&[query, known.name(*at as usize), &distance.to_string()])?;
            }
            pairs += found.len();
        }
    }
    out.finish()?;
    bar.finish_and_clear();
    if !global.quiet {
        let rate = queries.values.len() as f64 / searched.as_secs_f64().max(1e-9);
        println!(
            "{} queries, {} hashes, {pairs} pairs, {rate:.0} queries a second{}",
            queries.values.len(),
            index.len(),
            left_out(weak)
        );
    }
    Ok(())
}

fn left_out(weak: usize) -> String {
    if weak > 0 { format!("; {weak} rows of quality below {LEAST_QUALITY} left out") } else { String::new() }
}

/// Names and files of a list of images: an image, a folder, or a table whose column `path` names them from here or from
/// the table's own folder.
fn images(path: &Path, arguments: &MatchArguments) -> Result<Vec<(String, PathBuf)>> {
    let named = |file: PathBuf| (file.to_string_lossy().into_owned(), file);
    let is_image = || {
        let mut start = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(32).read_to_end(&mut start));
        read.is_ok() && !matches!(homeward_images::decode(&start), Err(DecodeError::Unknown))
    };
    let mut files = Vec::new();
    if path.is_dir() || is_image() {
        listed(path, &mut files)?;
        return Ok(files.into_iter().map(named).collect());
    }
    let mut found = Vec::new();
    let options = Options { mappings: arguments.mappings.clone(), ..Options::default() };
    homeward_intake::read_table(path, &options, &mut |item| {
        if let Item::Good(mut row) = item
            && let Some(name) = row.take("path")
        {
            let here = PathBuf::from(&name);
            let beside = path.parent().map(|folder| folder.join(&name)).filter(|file| file.exists());
            let file = if here.exists() { here } else { beside.unwrap_or(here) };
            found.push((name, file));
        }
        true
    })?;
    if found.is_empty() {
        bail!("`{}` names no image in a column `path`", path.display());
    }
    Ok(found)
}

fn sketches(list: &[(String, PathBuf)]) -> Vec<(&str, Sketch)> {
    let made: Vec<Result<Sketch>> =
        list.par_iter().map(|(_, file)| picture(file).map(|picture| Sketch::of(&picture))).collect();
    list.iter().zip(made).filter_map(|((name, _), made)| Some((name.as_str(), warned(made)?))).collect()
}

fn match_images(global: &Global, arguments: &MatchArguments) -> Result<()> {
    let bar = spinner(global);
    bar.set_message("read");
    let (queries, known) = (images(&arguments.queries, arguments)?, images(&arguments.index, arguments)?);
    let index = sketches(&known);
    if index.is_empty() {
        bail!("none of {} files of `{}` could be read", known.len(), arguments.index.display());
    }
    let mut out = Table::create(&arguments.output, &["query", "match", "distance"])?;
    let (mut read, mut pairs) = (0, 0);
    for block in queries.chunks(TOGETHER) {
        bar.set_message("match");
        let block = sketches(block);
        read += block.len();
        let near = |(query, sketch): &(&str, Sketch)| {
            let near = index.iter().filter_map(|(name, other)| {
                homeward_images::distance(sketch, other, arguments.max_distance)
                    .map(|distance| (distance, *name))
            });
            let mut near: Vec<(u32, &str)> = near.collect();
            near.sort_by_key(|(distance, _)| *distance);
            ((*query).to_owned(), near)
        };
        for (query, near) in block.par_iter().map(near).collect::<Vec<_>>() {
            pairs += near.len();
            near.iter().try_for_each(|(distance, name)| out.row(&[&query, name, &distance.to_string()]))?;
        }
    }
    out.finish()?;
    bar.finish_and_clear();
    if read == 0 {
        bail!("none of {} files of `{}` could be read", queries.len(), arguments.queries.display());
    }
    if !global.quiet {
        println!("{read} queries, {} images, {pairs} pairs", index.len());
    }
    Ok(())
}
