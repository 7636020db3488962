//! `homeward results`: what others published, for orientation.

use crate::Global;
use anyhow::Result;
use clap::{Args, Subcommand};
use homeward_history::{operations, rank, sources};
use homeward_places::Places;
use serde_json::json;

#[derive(Subcommand)]
pub enum ResultsCommand {
    /// The states in the order of a published count
    #[command(after_help = "Example: homeward results rank --source hotline --year 2016")]
    Rank(RankArguments),
    /// Published results of national operations, with what was counted and where sources differ
    #[command(after_help = "Example: homeward results history --json")]
    History,
}

#[derive(Args)]
pub struct RankArguments {
    /// Whose figures: `hotline` or `ucr`
    #[arg(long, default_value = "hotline")]
    source: String,
    /// Of which year
    #[arg(long)]
    year: u16,
}

/// `homeward results`.
pub fn results(global: &Global, command: &ResultsCommand) -> Result<()> {
    match command {
        ResultsCommand::Rank(arguments) => ranked(global, arguments),
        ResultsCommand::History => {
            history(global);
            Ok(())
        }
    }
}

fn ranked(global: &Global, arguments: &RankArguments) -> Result<()> {
    let ranked = rank(&arguments.source, arguments.year)?;
    let name = |state: &str| Places::embedded().state(state).map_or("", |state| state.name.as_str());
    if !global.json {
        println!("{:>4}  {:<20} {:>7}", "rank", "state", "count");
    }
    for one in ranked {
        let (state, rank, count) = (&one.state, one.rank, one.count);
        if global.json {
            let (year, source) = (one.year, one.source);
            let line = json!({"state": state, "name": name(state), "rank": rank, "count": count, "year": year, "source": source});
            println!("{line}");
        } else {
            println!("{rank:>4}  {state}  {:<16} {count:>7}", name(state));
        }
    }
    let source = sources().iter().find(|source| source.word == arguments.source);
    if let Some(source) = source.filter(|_| !global.json && !global.quiet) {
        println!("{}: {}\n{}", arguments.year, source.counts, source.origin);
    }
    Ok(())
}

fn history(global: &Global) {
    if !global.json {
        println!(
            "{:<32} {:<10} {:>7} {:>7} {:>9}  counts",
            "operation", "announced", "minors", "adults", "arrested"
        );
    }
    let figure = |figure: Option<u32>| figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string());
    for one in operations() {
        if global.json {
            let line = json!({
                "operation": one.operation, "start": one.start, "end": one.end, "announced": one.announced,
                "agencies": one.agencies, "field_offices": one.field_offices, "task_forces": one.task_forces,
                "operations": one.operations, "minors": one.minors, "missing_located": one.missing_located,
                "adults": one.adults, "traffickers": one.traffickers, "arrests": one.arrests,
                "definition": one.definition, "conflicts": one.conflicts, "sources": one.sources,
            });
            println!("{line}");
            continue;
        }
        println!(
            "{:<32} {:<10} {:>7} {:>7} {:>9}  {}",
            one.operation,
            one.announced,
            figure(one.minors),
            figure(one.adults),
            figure(one.traffickers),
            one.definition
        );
        if let Some(conflicts) = &one.conflicts {
            println!("{:<32} sources differ: {conflicts}", "");
        }
    }
}
