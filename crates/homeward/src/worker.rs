//! The worker: it takes reports that wait to be matched at once, matches each against the latest run, and puts the findings
//! beside that run; and it tells who must know when a step after a recovery is overdue. It decides nothing and makes no lead.

use crate::Global;
use crate::alarms;
use crate::now;
use crate::record::{self, RecordOptions};
use anyhow::{Context, Result};
use clap::Args;
use homeward_archive::{Archive, ArchiveError};
use homeward_engine::run::RunError;
use homeward_engine::urgent::{Latest, Matched};
use homeward_model::{Instant, MissingReport, MissingReportId, Span, VictimId};
use homeward_store::job::Job;
use homeward_store::victim::STEP_DUE;
use homeward_store::{Outside, Store};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The kind of job that this worker takes; its body is the id of a missing report.
pub const MATCH: &str = "match report";

/// Time for one report; a worker that died loses it after that.
const LEASE: Span = Span::hours(1);

/// Time between two looks at an empty queue: somebody who edits a report waits this long at most before it is matched.
const PAUSE: Duration = Duration::from_millis(250);

/// Seconds before a first new try, and at most.
const BACK_OFF: (u64, u64) = (5, 3600);

/// How to work.
#[derive(Args)]
pub struct WorkArguments {
    /// End when nothing waits
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    record: RecordOptions,
}

/// `homeward work`.
pub fn command(global: &Global, arguments: &WorkArguments) -> Result<()> {
    record::block_on(async {
        let store = record::open(global, &arguments.record).await?;
        let data = global.data.clone();
        if arguments.once {
            let mut worker = Worker { store, data, latest: None, refused: None };
            while let Some(job) = worker.claim().await? {
                worker.do_job(&job).await;
            }
            return Ok(());
        }
        let stop = async {
            // Where there is no signal to wait for, the worker goes on until it is ended.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        work(store, data, stop).await;
        Ok(())
    })
}

fn outside() -> Outside<'static> {
    Outside { from: "worker", now: now() }
}

/// Takes jobs until told to stop, with the latest run loaded before somebody waits for it. What fails is tried again later,
/// with growing pauses, and told with its id alone.
pub async fn work(store: Store, data: PathBuf, stop: impl Future<Output = ()>) {
    let mut worker = Worker { store, data, latest: None, refused: None };
    tokio::pin!(stop);
    loop {
        let claimed = tokio::select! {
            biased;
            () = &mut stop => return,
            claimed = worker.claim() => claimed,
        };
        match claimed {
            Ok(Some(job)) => {
                worker.do_job(&job).await;
                continue;
            }
            Ok(None) => worker.load_ahead().await,
            Err(error) => eprintln!("worker: no job can be claimed: {error:#}"),
        }
        tokio::select! {
            biased;
            () = &mut stop => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

struct Worker {
    store: Store,
    data: PathBuf,
    latest: Option<Latest>,
    /// The run that could not be loaded ahead: it is told once.
    refused: Option<String>,
}

impl Worker {
    async fn claim(&self) -> Result<Option<Job>> {
        Ok(self.store.claim_job(outside(), &[MATCH, STEP_DUE], LEASE).await?)
    }

    async fn do_job(&mut self, job: &Job) {
        let done = if job.kind == STEP_DUE {
            self.remind(&job.body).await
        } else {
            self.match_report(&job.body).await
        };
        let (kind, body) = (&job.kind, &job.body);
        let ended = match done {
            Ok(()) => self.store.finish_job(job).await,
            Err(error) => {
                eprintln!("worker: `{kind}` of {body} is tried again: {error:#}");
                self.store.retry_job(job, later(now(), job.tries)).await
            }
        };
        if let Err(error) = ended {
            eprintln!("worker: `{kind}` of {body} cannot be ended: {error}");
        }
    }

    /// Loads the latest run where a new one is there, and lets go of one that is gone. Loading takes seconds for a million
    /// postings, and a report that was edited waits for nothing but its own matching.
    async fn load_ahead(&mut self) {
        let (data, latest, refused) = (self.data.clone(), self.latest.take(), self.refused.take());
        let ahead = tokio::task::spawn_blocking(move || ahead(&data, latest, refused)).await;
        match ahead {
            Ok((latest, refused)) => (self.latest, self.refused) = (latest, refused),
            Err(error) => eprintln!("worker: the latest run cannot be loaded: {error}"),
        }
    }

    /// Tells who must know that a step after a recovery is overdue.
    async fn remind(&self, id: &str) -> Result<()> {
        let Ok(id) = id.parse::<VictimId>() else {
            eprintln!("worker: a job names no victim");
            return Ok(());
        };
        self.store.remind_of_steps(outside(), id).await?;
        Ok(())
    }

    async fn match_report(&mut self, id: &str) -> Result<()> {
        let Ok(id) = id.parse::<MissingReportId>() else {
            eprintln!("worker: a job names no report");
            return Ok(());
        };
        let report = self.store.report_for_matching(outside(), id).await?;
        let (data, latest) = (self.data.clone(), self.latest.take());
        let wanted = report.clone();
        let (latest, matched) =
            tokio::task::spawn_blocking(move || matched(&data, latest, wanted.as_ref())).await?;
        self.latest = latest;
        let Some(matched) = matched? else { return Ok(()) };
        let data = self.data.clone();
        let archive =
            tokio::task::spawn_blocking(move || Archive::open_for(&data, "matching one report")).await??;
        // Holding the archive, for a purge must find what is written here: is the report still what was matched?
        let again = self.store.report_for_matching(outside(), id).await?;
        anyhow::ensure!(again == report, "it was changed meanwhile");
        if let Some(report) = report {
            archive.add_supplement(&matched.run, &report.id, &matched.lines())?;
            // Telling people is large to wait for, and rare.
            Box::pin(alarms::tell(&self.store, &matched.findings)).await?;
        }
        Ok(())
    }
}

/// The latest run as it was loaded before, where it still is the latest; else it is loaded, and the other is let go first.
fn current(archive: &Archive, latest: Option<Latest>) -> Result<Option<Latest>, RunError> {
    match latest.filter(|latest| Some(latest.run()) == archive.latest_run()) {
        Some(latest) => Ok(Some(latest)),
        None => Latest::load(archive),
    }
}

/// The latest run loaded on this thread, or the name of the one that cannot be.
fn ahead(data: &Path, latest: Option<Latest>, refused: Option<String>) -> (Option<Latest>, Option<String>) {
    // Where there is no archive yet there is nothing to load; where it cannot be read, the next job says so.
    let Ok(archive) = Archive::open_read(data) else { return (None, refused) };
    let Some(run) = archive.latest_run() else { return (None, None) };
    if refused.as_deref() == Some(run) {
        return (None, refused);
    }
    match current(&archive, latest) {
        Ok(latest) => (latest, None),
        Err(error) => {
            eprintln!("worker: {error}; reports are matched by the next `homeward run`");
            (None, Some(run.to_owned()))
        }
    }
}

/// Matches on this thread, with the latest run as it was loaded before where it still is the latest.
fn matched(
    data: &Path,
    latest: Option<Latest>,
    report: Option<&MissingReport>,
) -> (Option<Latest>, Result<Option<Matched>>) {
    let Some(report) = report else { return (latest, Ok(None)) };
    let archive = match Archive::open_read(data) {
        Ok(archive) => archive,
        // Nothing was taken in yet: the first run reads the report.
        Err(ArchiveError::Missing { .. }) => return (None, Ok(None)),
        Err(error) => return (None, Err(error.into())),
    };
    let latest = match current(&archive, latest) {
        Ok(latest) => latest,
        Err(error @ RunError::OtherRules { .. }) => {
            // Waiting does not help: the next run reads the report anyway.
            eprintln!("worker: {error}; make a new one with `homeward run`");
            return (None, Ok(None));
        }
        Err(error) => return (None, Err(error.into())),
    };
    let found = latest.as_ref().map(|latest| latest.match_report(&archive, report));
    (latest, found.transpose().context("it cannot be matched"))
}

/// When a job is tried again that was tried so often.
fn later(now: Instant, tries: u32) -> Instant {
    let (first, most) = BACK_OFF;
    let seconds = first.saturating_mul(1 << tries.saturating_sub(1).min(20)).min(most);
    Instant(now.0.saturating_add_unsigned(seconds * 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        let seconds = |tries| later(Instant(0), tries).0 / 1_000_000;
        assert_eq!([1, 2, 3, 11, u32::MAX].map(seconds), [5, 10, 20, 3600, 3600]);
    }
}
