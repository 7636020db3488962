//! `homeward tool`: one part alone, on plain files, for an analyst or another program.

use crate::Global;
use crate::archive::{mapping, spinner};
use crate::outputs;
use crate::pdq;
use crate::remarks::Remarks;
use crate::resolve;
use crate::table::Table;
use crate::tool_templates::{self, TemplatesArguments};
use crate::{now, region};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use homeward_engine::extract::{Extracted, Reader};
use homeward_engine::pipeline;
use homeward_intake::{Item, Options};
use homeward_linkage::owners::{self, Judgements};
use homeward_model::{MissingReport, Posting};
use homeward_rules::Rules;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The parts.
#[derive(Subcommand)]
pub enum ToolCommand {
    /// Near-duplicate text families: id,cluster
    #[command(
        after_help = "Examples:\n  homeward tool templates ads.csv -o families.csv --slots slots.jsonl\n  homeward tool templates ads.csv -o families.csv --explain 4a2401135"
    )]
    Templates(TemplatesArguments),
    /// Postings that one owner placed: id,cluster
    #[command(after_help = "Example: homeward tool owners ads.csv -o owners.csv")]
    Owners(TableArguments),
    /// Selectors: id,kind,value,raw,start,end,confidence
    #[command(after_help = "Example: homeward tool selectors ads.csv -o selectors.csv")]
    Selectors(SelectorsArguments),
    /// Missing reports against postings: `missing_id,rank,kind,candidate,probability,reasons,postings`
    #[command(
        after_help = "Example: homeward tool match --postings ads.jsonl --missing missing.jsonl -o matches.csv"
    )]
    Match(MatchArguments),
    /// Records of one person: `id_a,id_b,probability`
    #[command(after_help = resolve::EXAMPLES)]
    Resolve(resolve::ResolveArguments),
    /// Image hashes: path,hash,quality, and which are near
    Pdq {
        #[command(subcommand)]
        command: pdq::PdqCommand,
    },
}

/// A table with ids and texts.
#[derive(Args)]
pub struct TableArguments {
    /// CSV, TSV, JSON Lines or Parquet
    pub input: PathBuf,
    /// Where to write CSV, or Parquet when the name ends in .parquet
    #[arg(short, long)]
    pub output: PathBuf,
    /// Column of ids
    #[arg(long, default_value = "id")]
    id: String,
    /// Column of texts; without it `title`, `body` and `text`
    #[arg(long)]
    text: Option<String>,
    /// Rename a column: theirs=ours
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = mapping)]
    mappings: Vec<(String, String)>,
}

/// See [`TableArguments`].
#[derive(Args)]
pub struct SelectorsArguments {
    #[command(flatten)]
    table: TableArguments,
    /// Region for numbers without a country code
    #[arg(long, default_value = "US", value_parser = region)]
    region: String,
}

/// Postings and reports.
#[derive(Args)]
pub struct MatchArguments {
    /// Postings, CSV, TSV, JSON Lines or Parquet
    #[arg(long)]
    postings: PathBuf,
    /// Missing reports, CSV, JSON Lines, Parquet or PFIF
    #[arg(long)]
    missing: PathBuf,
    /// Where to write CSV, or Parquet when the name ends in .parquet
    #[arg(short, long)]
    output: PathBuf,
    /// Candidates for each report
    #[arg(long, default_value_t = 5)]
    top: usize,
    /// Share of reports whose child is advertised; estimated from the data when not said
    #[arg(long)]
    prior: Option<f64>,
}

/// Runs one part.
pub fn run(global: &Global, command: ToolCommand) -> Result<()> {
    match command {
        ToolCommand::Templates(arguments) => tool_templates::find(global, &arguments),
        ToolCommand::Owners(arguments) => find_owners(global, &arguments),
        ToolCommand::Selectors(arguments) => find_selectors(global, &arguments),
        ToolCommand::Match(arguments) => find_matches(global, &arguments),
        ToolCommand::Resolve(arguments) => resolve::run(global, &arguments),
        ToolCommand::Pdq { command } => pdq::run(global, &command),
    }
}

impl TableArguments {
    /// The columns to rename, with those that have an option of their own.
    fn mappings(&self) -> Vec<(String, String)> {
        let mut mappings = self.mappings.clone();
        if self.id != "id" {
            mappings.push((self.id.clone(), "id".to_owned()));
        }
        if let Some(text) = self.text.as_ref().filter(|text| *text != "text") {
            mappings.push((text.clone(), "text".to_owned()));
        }
        mappings
    }

    /// How the table is read: every column that was named is asked for.
    pub fn options(&self) -> Options {
        let mappings = self.mappings();
        let named = mappings.iter().map(|(theirs, _)| theirs.clone());
        let required = named.chain(self.text.clone()).collect();
        Options { mappings, required, ..Options::default() }
    }
}

fn read(arguments: &TableArguments) -> Result<Vec<Posting>> {
    read_postings(&arguments.input, &arguments.options())
}

fn read_postings(path: &Path, options: &Options) -> Result<Vec<Posting>> {
    let mut postings = Vec::new();
    read_rows(path, options, &|posting| posting, &mut |posting| postings.push(posting))?;
    Ok(postings)
}

/// Hands on what `take` makes of each row, in the order of the file; warns of rows that are rejected.
pub fn read_rows<T: Send>(
    path: &Path,
    options: &Options,
    take: &(dyn Fn(Posting) -> T + Sync),
    each: &mut dyn FnMut(T),
) -> Result<()> {
    let (mut good, mut rejected, mut reason) = (0, 0, String::new());
    homeward_intake::read_postings_as(path, options, take, &mut |item| {
        match item {
            Item::Good(row) => {
                good += 1;
                each(row);
            }
            Item::Rejected(row) => {
                rejected += 1;
                reason = row.reason;
            }
            Item::Media(_) => {}
        }
        true
    })?;
    if rejected > 0 {
        eprintln!(
            "warning: {rejected} rows of `{}` were rejected, the last because: {reason}",
            path.display()
        );
        if good == 0 {
            bail!("all rows of `{}` were rejected", path.display());
        }
    }
    Ok(())
}

/// Rows with keys from their content, so that any order of the file gives the same groups.
fn extracted(reader: &Reader, postings: &[Posting]) -> Vec<Extracted> {
    let mut rows = reader.facts_of_all(postings);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| rows[*at].facts.key);
    for pair in 1..order.len() {
        let (before, here) = (rows[order[pair - 1]].facts.key, rows[order[pair]].facts.key);
        if here <= before {
            rows[order[pair]].facts.key = before + 1;
        }
    }
    rows
}

fn find_owners(global: &Global, arguments: &TableArguments) -> Result<()> {
    outputs::check(&[&arguments.output], &[&arguments.input])?;
    let bar = spinner(global);
    bar.set_message("read");
    let postings = read(arguments)?;
    bar.set_message("selectors");
    let rules = Rules::embedded();
    let mut rows = extracted(&Reader::new(rules, "US"), &postings);
    rows.sort_by_key(|row| row.facts.key);
    bar.set_message("templates and owners");
    let (ids, facts): (Vec<String>, Vec<_>) = rows.into_iter().map(|row| (row.id, row.facts)).unzip();
    let (family, _) = pipeline::families(&facts, None, rules);
    let found = owners::link(&facts, &family, &Judgements::default(), &rules.owners);
    let mut out = Table::create(&arguments.output, &["id", "cluster"])?;
    let mut lines: Vec<(u32, &String)> = found.owner.iter().copied().zip(&ids).collect();
    lines.sort();
    let mut networks = 0;
    for group in lines.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        for (_, id) in group {
            out.row(&[id, &networks.to_string()])?;
        }
        networks += 1;
    }
    out.finish()?;
    bar.finish_and_clear();
    if !global.quiet {
        println!("{} postings, {networks} owners of two or more", ids.len());
    }
    Ok(())
}

fn find_selectors(global: &Global, arguments: &SelectorsArguments) -> Result<()> {
    outputs::check(&[&arguments.table.output], &[&arguments.table.input])?;
    let postings = read(&arguments.table)?;
    let reader = Reader::new(Rules::embedded(), &arguments.region);
    let found: Vec<_> =
        postings.par_iter().map(|posting| reader.selectors_in(&posting.full_text())).collect();
    let columns = &["id", "kind", "value", "raw", "start", "end", "confidence"];
    let mut out = Table::create(&arguments.table.output, columns)?;
    let mut count = 0;
    for (posting, selectors) in postings.iter().zip(&found) {
        for selector in selectors {
            out.row(&[
                &posting.id,
                selector.kind.word(),
                &selector.value,
                &selector.raw,
                &selector.start.to_string(),
                &selector.end.to_string(),
                &format!("{:.2}", selector.confidence),
            ])?;
            count += 1;
        }
    }
    out.finish()?;
    if !global.quiet {
        println!("{} postings, {count} selectors", postings.len());
    }
    Ok(())
}

fn find_matches(global: &Global, arguments: &MatchArguments) -> Result<()> {
    if arguments.prior.is_some_and(|prior| !(prior > 0.0 && prior < 1.0)) {
        bail!("`--prior` must lie between 0 and 1");
    }
    outputs::check(&[&arguments.output], &[&arguments.postings, &arguments.missing])?;
    let bar = spinner(global);
    bar.set_message("read");
    let postings = read_postings(&arguments.postings, &Options::default())?;
    let mut reports: Vec<MissingReport> = Vec::new();
    let mut remarks = Remarks::default();
    homeward_intake::read_missing(&arguments.missing, &Options::default(), &mut |item| {
        match item {
            Item::Good(report) => {
                remarks.add(&report.provenance, &report.notes);
                reports.push(report);
            }
            Item::Rejected(row) => eprintln!("warning: `{}`: {}", row.file, row.reason),
            Item::Media(_) => {}
        }
        true
    })?;
    remarks.tell();
    let rules = Rules::embedded();
    let reader = Reader::new(rules, "US");
    bar.set_message("selectors");
    let rows = reader.facts_of_all(&postings);
    let analysis =
        pipeline::analyse(rows, None, &Judgements::default(), rules, &mut |step| bar.set_message(step));
    bar.set_message("match");
    let as_of = pipeline::newest(analysis.facts.iter(), &reports, now());
    let matches = pipeline::match_reports(&analysis, &reports, as_of, arguments.prior, arguments.top, rules);
    let columns = &["missing_id", "rank", "kind", "candidate", "probability", "reasons", "postings"];
    let mut out = Table::create(&arguments.output, columns)?;
    let mut of_owner: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, owner) in analysis.owners.owner.iter().enumerate() {
        of_owner.entry(*owner).or_default().push(at as u32);
    }
    for group in matches.chunk_by(|a, b| a.report == b.report) {
        for (rank, found) in group.iter().take(arguments.top).enumerate() {
            let all = &of_owner[&found.owner];
            let (kind, candidate) = if all.len() > 1 {
                ("network", pipeline::network_name(&analysis.facts, found.owner))
            } else {
                ("posting", analysis.ids[all[0] as usize].clone())
            };
            let reasons: Vec<Value> = found
                .reasons
                .iter()
                .map(|reason| json!({"factor": reason.factor, "left": reason.left, "right": reason.right, "weight_bits": reason.weight_bits, "support": reason.support}))
                .collect();
            let postings: Vec<&str> =
                found.postings.iter().map(|at| analysis.ids[*at as usize].as_str()).collect();
            out.row(&[
                &reports[found.report as usize].id,
                &(rank + 1).to_string(),
                kind,
                &candidate,
                &format!("{:.6}", found.probability),
                &Value::Array(reasons).to_string(),
                &postings.join("|"),
            ])?;
        }
    }
    out.finish()?;
    bar.finish_and_clear();
    if !global.quiet {
        println!("{} postings, {} reports, {} candidates", analysis.ids.len(), reports.len(), matches.len());
    }
    Ok(())
}
