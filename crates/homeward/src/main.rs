//! The `homeward` command: what was typed, and which part answers it.
//!
//! `anyhow` from here on: these are messages for people at a terminal. Errors name the thing, and give a `hint:` when a next
//! step is known.

mod accounts;
mod alarms;
mod archive;
mod demo;
mod demo_care;
mod demo_cases;
mod demo_operations;
mod demo_record;
mod demo_results;
mod directory;
mod doctor;
mod explain;
mod fairness;
mod handover;
mod history;
mod judge;
mod learn;
mod lines;
mod missing;
mod operate;
mod outputs;
mod pdq;
mod photos;
mod reader;
mod record;
mod reference;
mod remarks;
mod resolve;
mod resolve_read;
mod resolve_write;
mod results;
mod rows;
mod search;
mod serve;
mod show;
mod table;
mod taught;
mod tool_templates;
mod tools;
mod worker;

use anyhow::Result;
use clap::{Args, CommandFactory, Parser, Subcommand};
use homeward_model::{Grounds, Instant};
use std::path::PathBuf;
use std::process::ExitCode;

/// Software for the people who find exploited children and bring them home.
#[derive(Parser)]
#[command(name = "homeward", version, about, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Settings of every command.
#[derive(Args, Clone)]
pub struct Global {
    /// Data folder
    #[arg(long, global = true, env = "HOMEWARD_DATA", default_value = "./homeward-data", value_name = "DIR")]
    data: PathBuf,
    /// Print JSON where a table would be printed
    #[arg(long, global = true)]
    json: bool,
    /// No progress, no summary
    #[arg(short, long, global = true)]
    quiet: bool,
    /// More detail
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// A synthetic nation in a fresh data folder, the whole chain run, and how well it did
    #[command(after_help = "Example: homeward demo --no-serve --postings 5000")]
    Demo(demo::DemoArguments),
    /// Write a synthetic nation with its truth: postings.jsonl, missing.jsonl, truth.jsonl
    #[command(after_help = "Example: homeward world --postings 50000 --seed 11 -o world")]
    World(demo::WorldArguments),
    /// Take postings into the archive
    #[command(
        after_help = "Example: homeward ingest feed.jsonl ads.csv --source board-a --authority partner-feed"
    )]
    Ingest(archive::IngestArguments),
    /// Missing reports, which live in the record
    Missing {
        #[command(subcommand)]
        command: MissingCommand,
    },
    /// Remove postings, or a missing report, for good
    #[command(after_help = "Example: homeward purge --source board-a --why 'agreement ended'")]
    Purge(archive::PurgeArguments),
    /// Extract, link, match and rank; writes a run
    #[command(after_help = "Example: homeward run --as-of 2019-08-01")]
    Run(archive::RunArguments),
    /// The findings of a run, best first
    #[command(after_help = "Example: homeward findings --kind match --top 20")]
    Findings(show::FindingsArguments),
    /// One finding with every reason
    #[command(after_help = "Example: homeward explain f-0123456789abcdef")]
    Explain(explain::ExplainArguments),
    /// What became of the templates and networks of an earlier run: put together, taken apart, renamed
    #[command(
        after_help = "Examples:\n  homeward history\n  homeward history --from r-0123456789abcdef --kind network"
    )]
    History(history::HistoryArguments),
    /// Find postings by words, selectors, place and date, newest first
    #[command(after_help = search::HELP)]
    Search(search::SearchArguments),
    /// Decide about the engine's links: veto a value, same, apart, reject or confirm a match, undo, list
    Judge {
        #[command(subcommand)]
        command: judge::JudgeCommand,
    },
    /// Learn from judgements and outcomes: propose other shares for matching, accept them, take them back
    #[command(after_help = learn::HELP)]
    Learn(learn::LearnArguments),
    /// How well the engine does, for the people who answer for it
    Report {
        #[command(subcommand)]
        command: ReportCommand,
    },
    /// Match reports that wait against the latest run, until stopped
    #[command(
        after_help = "The latest run is kept in memory, about a gigabyte for a million postings, so that a report has its matches within a second. `homeward serve` does this work itself.\n\nExample: homeward work --once"
    )]
    Work(worker::WorkArguments),
    /// The provider directory: services by place, need, age, language and hours
    Directory {
        #[command(subcommand)]
        command: directory::DirectoryCommand,
    },
    /// What others published: states by year, and national operations
    Results {
        #[command(subcommand)]
        command: results::ResultsCommand,
    },
    /// Web pages and API
    #[command(after_help = "Example: homeward serve --listen 127.0.0.1:8080")]
    Serve(serve::ServeArguments),
    /// One part alone, on plain files
    Tool {
        #[command(subcommand)]
        command: tools::ToolCommand,
    },
    /// Check the data folder, the record and this build
    #[command(after_help = "Example: homeward doctor")]
    Doctor(record::RecordOptions),
    /// The settings in force
    #[command(after_help = "Example: homeward config dump")]
    Config {
        /// `check` says whether they are right, `dump` prints them
        #[arg(value_parser = ["check", "dump"])]
        what: String,
        #[command(flatten)]
        record: record::RecordOptions,
    },
    /// Agencies of the record
    Agency {
        #[command(subcommand)]
        command: accounts::AgencyCommand,
    },
    /// Accounts of the record
    Account {
        #[command(subcommand)]
        command: accounts::AccountCommand,
    },
    /// Bring the record's database to the newest schema, or begin one
    #[command(after_help = "Example: homeward migrate --database postgres://homeward@localhost/homeward")]
    Migrate(record::RecordOptions),
    /// The audit trail
    Audit {
        #[command(subcommand)]
        command: operate::AuditCommand,
    },
    /// Copy the record to a folder, and its keys to a file
    #[command(after_help = "Example: homeward backup -o /backup/2019-08-01 --keys /vault/keys-2019-08-01")]
    Backup(operate::BackupArguments),
    /// Bring a backup back into an empty record
    #[command(after_help = "Example: homeward restore /backup/2019-08-01 --keys /vault/keys-2019-08-01")]
    Restore(operate::RestoreArguments),
    /// Print a page of the generated reference
    #[command(hide = true)]
    Reference {
        /// `commands` or `openapi`
        page: String,
    },
}

#[derive(Subcommand)]
enum MissingCommand {
    /// Take missing reports in; one of the same id replaces the earlier
    #[command(after_help = "Example: homeward missing import missing.jsonl")]
    Import(missing::MissingArguments),
}

#[derive(Subcommand)]
enum ReportCommand {
    /// Recall, precision and calibration of matching by sex, race, region, size of place and category
    #[command(after_help = fairness::HELP)]
    Fairness(fairness::FairnessArguments),
}

/// A moment on the command line.
pub fn moment(text: &str) -> Result<Instant, String> {
    Instant::parse(text)
        .ok_or_else(|| format!("`{text}` is no date up to 9999-12-30; use YYYY-MM-DD or RFC 3339"))
}

/// A region on the command line, by its code in capitals.
pub fn region(text: &str) -> Result<String, String> {
    homeward_linkage::region(text).ok_or_else(|| {
        format!("`{text}` is no region whose numbering plan is known; use two letters, such as US, CA or GB")
    })
}

/// A reason on the command line: something must be said.
pub fn reason(text: &str) -> Result<String, String> {
    Grounds::new(text).map(|grounds| grounds.as_str().to_owned()).map_err(|error| error.to_string())
}

/// Ends quietly when the reader of our output has gone, as after `| head`.
fn end_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            // What a shell reports for a program that was ended by a broken pipe.
            std::process::exit(141);
        }
        usual(panic);
    }));
}

/// An error with its causes, none of them said twice.
fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn main() -> ExitCode {
    end_with_the_reader();
    let Arguments { global, command } = Arguments::parse();
    match dispatch(&global, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            if let Some(hint) = hint(&error) {
                eprintln!("hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<homeward_engine::query::QueryError>() {
            return Some(error.hint());
        }
        if let Some(error) = cause.downcast_ref::<homeward_history::NoFigures>() {
            return Some(error.hint());
        }
        if let Some(hint) =
            cause.downcast_ref::<homeward_store::StoreError>().and_then(homeward_store::StoreError::hint)
        {
            return Some(hint.to_owned());
        }
        // A run passes the archive's errors on as its own.
        let archive = match cause.downcast_ref::<homeward_engine::run::RunError>() {
            Some(homeward_engine::run::RunError::Archive(error)) => Some(error),
            _ => cause.downcast_ref::<homeward_archive::ArchiveError>(),
        };
        let hint = match archive {
            Some(error) => error.hint(),
            None => cause.downcast_ref().and_then(homeward_intake::IntakeError::hint),
        };
        hint.map(str::to_owned)
    })
}

/// The clock: it dates what people do, such as a purge or a search, and never enters a result.
pub fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Instant(since.as_micros() as i64)
}

fn dispatch(global: &Global, command: Command) -> Result<()> {
    match command {
        Command::Demo(arguments) => demo::demo(global, &arguments),
        Command::World(arguments) => demo::world(global, &arguments),
        Command::Ingest(arguments) => archive::ingest(global, &arguments),
        Command::Missing { command: MissingCommand::Import(arguments) } => {
            missing::import(global, &arguments)
        }
        Command::Purge(arguments) => archive::purge(global, &arguments),
        Command::Run(arguments) => archive::run(global, &arguments),
        Command::Findings(arguments) => show::findings(global, &arguments),
        Command::History(arguments) => history::history(global, &arguments),
        Command::Explain(arguments) => explain::explain(global, &arguments),
        Command::Search(arguments) => search::search(global, &arguments),
        Command::Judge { command } => judge::judge(global, &command),
        Command::Learn(arguments) => learn::learn(global, &arguments),
        Command::Report { command: ReportCommand::Fairness(arguments) } => {
            fairness::fairness(global, &arguments)
        }
        Command::Work(arguments) => worker::command(global, &arguments),
        Command::Directory { command } => directory::directory(global, &command),
        Command::Results { command } => results::results(global, &command),
        Command::Serve(arguments) => serve::serve(global, &arguments),
        Command::Tool { command } => tools::run(global, command),
        Command::Doctor(record) => doctor::doctor(global, &record),
        Command::Config { what, record } => {
            show::config(global, &what, &record);
            Ok(())
        }
        Command::Agency { command } => accounts::agency(global, &command),
        Command::Account { command } => accounts::account(global, &command),
        Command::Migrate(record) => operate::migrate(global, &record),
        Command::Audit { command: operate::AuditCommand::Verify(record) } => operate::verify(global, &record),
        Command::Backup(arguments) => operate::backup(global, &arguments),
        Command::Restore(arguments) => operate::restore(global, &arguments),
        Command::Reference { page } => reference::print(&mut Arguments::command(), &page),
    }
}
