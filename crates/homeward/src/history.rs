//! `homeward history`: what became of the templates and networks of an earlier run.

use crate::Global;
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_archive::{Archive, Grouping, Happened, Part};

/// Which runs to compare.
#[derive(Args)]
pub struct HistoryArguments {
    /// The earlier run; the one before `--to` when none is named
    #[arg(long, value_name = "RUN")]
    from: Option<String>,
    /// The later run; the newest when none is named
    #[arg(long, value_name = "RUN")]
    to: Option<String>,
    /// Only of one kind
    #[arg(long, value_parser = ["template", "network"])]
    kind: Option<String>,
}

/// `homeward history`.
pub fn history(global: &Global, arguments: &HistoryArguments) -> Result<()> {
    let archive = Archive::open_read(&global.data)?;
    let Some(to) = arguments.to.as_deref().or(archive.latest_run()) else {
        bail!("there is no run yet in `{}`; make one with `homeward run`", global.data.display());
    };
    let runs = archive.runs()?;
    let place = |run: &str| {
        runs.iter().position(|known| known == run).with_context(|| {
            format!("there is no run `{run}` in `{}`; kept are: {}", global.data.display(), runs.join(" "))
        })
    };
    let at = place(to)?;
    let from = match arguments.from.as_deref() {
        Some(from) => &runs[place(from)?],
        None if at > 0 => &runs[at - 1],
        None => bail!("`{to}` is the first run that is kept; there is nothing to compare it with"),
    };
    let mut changes = archive.history(from, to)?;
    if let Some(kind) = &arguments.kind {
        let kind = if kind == "template" { Grouping::Template } else { Grouping::Network };
        changes.retain(|change| change.kind == kind);
    }
    if global.json {
        for change in &changes {
            println!("{}", serde_json::to_string(change)?);
        }
        return Ok(());
    }
    for change in &changes {
        let kind = match change.kind {
            Grouping::Template => "template",
            Grouping::Network => "network",
        };
        let what = match change.what {
            Happened::Merge => "are one now:",
            Happened::Split => "is taken apart:",
            Happened::Rename => "is called otherwise now:",
        };
        println!("{kind} {} {what} {}", told(&change.from), told(&change.into));
    }
    if !global.quiet {
        match changes.len() {
            0 => println!(
                "from {from} to {to} no template or network was put together, taken apart or renamed"
            ),
            count => println!("{count} changes from {from} to {to}"),
        }
    }
    Ok(())
}

fn told(parts: &[Part]) -> String {
    let tell = |part: &Part| format!("{} ({})", part.name.as_deref().unwrap_or("none"), part.postings);
    parts.iter().map(tell).collect::<Vec<_>>().join(" + ")
}
