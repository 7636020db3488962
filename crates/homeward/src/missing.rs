//! `homeward missing import`: reports of other systems into the record; and how one is purged there.

use crate::archive::{mapping, tell};
use crate::record::{self, Places, RecordOptions, outside};
use crate::remarks::Remarks;
use crate::{Global, now, worker};
use anyhow::{Result, bail};
use clap::Args;
use homeward_archive::place_of;
use homeward_casework::report_task_force;
use homeward_intake::{Format, Item, Options};
use homeward_model::{Grounds, MissingReport, MissingReportId};
use homeward_store::Store;
use homeward_store::import::{Keeper, Received};
use homeward_store::job::Job;
use std::path::PathBuf;

/// Which reports to take in.
#[derive(Args)]
pub struct MissingArguments {
    /// Files, or folders that are searched for files
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// Format, when it cannot be told by content
    #[arg(long, default_value = "auto", value_parser = ["auto", "jsonl", "csv", "pfif"])]
    format: String,
    /// Rename a column: theirs=ours
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = mapping)]
    mappings: Vec<(String, String)>,
    /// Have a worker match each new or changed report at once, without waiting for the next run
    #[arg(long)]
    urgent: bool,
    #[command(flatten)]
    record: RecordOptions,
}

/// `homeward missing import`.
pub fn import(global: &Global, arguments: &MissingArguments) -> Result<()> {
    let files = homeward_intake::files(&arguments.inputs, &global.data)?;
    let options = Options {
        format: Format::parse(&arguments.format).unwrap_or_default(),
        mappings: arguments.mappings.clone(),
        now: Some(now()),
        ..Options::default()
    };
    let (reports, rejected) = read(&files, &options)?;
    let received = record::block_on(async {
        let store = record::open(global, &arguments.record).await?;
        let received =
            store.receive_shared_reports(outside(), Keeper::Named, reports, report_task_force).await?;
        if arguments.urgent {
            queue(&store, &received.touched).await?;
        }
        Ok(received)
    })?;
    let Received { accepted, changed, barred, .. } = received;
    let rejected = rejected + barred;
    if global.json {
        println!("{}", serde_json::json!({"accepted": accepted, "changed": changed, "rejected": rejected}));
    } else if !global.quiet {
        println!("accepted {accepted}, changed {changed}, rejected {rejected}");
    }
    if barred > 0 {
        eprintln!("warning: {barred} reports were purged or withdrawn before and are not taken in again");
    }
    if rejected > 0 {
        eprintln!("warning: {rejected} rows were rejected");
    }
    Ok(())
}

/// Reads reports; returns how many rows were rejected, each told with its reason, and says which fields could not be read. All of them rejected is an error.
pub fn read(files: &[PathBuf], options: &Options) -> Result<(Vec<MissingReport>, usize)> {
    let (mut reports, mut rejected, mut remarks) = (Vec::new(), 0, Remarks::default());
    for file in files {
        let read = homeward_intake::read_missing(file, options, &mut |item| {
            match item {
                Item::Good(report) => {
                    remarks.add(&report.provenance, &report.notes);
                    remarks.unknown(report.extra.keys(), &report.notes);
                    reports.push(report);
                }
                Item::Media(_) => {}
                Item::Rejected(row) => {
                    rejected += 1;
                    eprintln!("warning: `{}` {}: {}", row.file, place_of(row.offset), row.reason);
                }
            }
            true
        });
        if let Err(error) = read {
            tell(&error);
            rejected += 1;
        }
    }
    remarks.tell();
    if reports.is_empty() && rejected > 0 {
        bail!("all rows were rejected");
    }
    Ok((reports, rejected))
}

/// Queues reports for a worker.
async fn queue(store: &Store, reports: &[MissingReportId]) -> Result<()> {
    for report in reports {
        let kind = worker::MATCH.to_owned();
        let job = Job { id: record::random()?, kind, body: report.to_string(), due: now(), tries: 0 };
        store.queue_job(outside(), &job).await?;
    }
    Ok(())
}

/// Purges a report in the record by the id that its system gave it. Returns whether there was one.
pub fn purge(places: &Places, id: &str, why: &str) -> Result<bool> {
    let why = Grounds::new(why)?;
    record::block_on(async {
        let store = places.open().await?;
        Ok(store.destroy_report(outside(), MissingReportId::of_text(id), &why).await?)
    })
}
