//! `homeward judge`: what a person decides about the engine's links. The next run honours it; every decision has a name, a
//! reason and who made it, and can be taken back.

use crate::archive::existing;
use crate::{Global, now, reason};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use homeward_archive::{Archive, Decision};
use homeward_engine::extract::Reader;
use homeward_model::{Posting, SelectorKind};
use homeward_rules::Rules;
use serde_json::json;

/// Decisions.
#[derive(Subcommand)]
pub enum JudgeCommand {
    /// A value must not link postings
    #[command(after_help = "Example: homeward judge veto phone:704-555-0142 --why 'front desk of a hotel'")]
    Veto {
        /// Kind and value: phone:, email:, url:, handle: or payment:
        value: String,
        #[command(flatten)]
        reason: Why,
    },
    /// Two postings are one owner's
    #[command(after_help = "Example: homeward judge same 4a2401135 007 --why 'same voice on both numbers'")]
    Same(Pair),
    /// Two postings are never one owner's
    #[command(after_help = "Example: homeward judge apart 4a2401135 007 --why 'two people, met both'")]
    Apart(Pair),
    /// A match is wrong: it never comes back
    #[command(
        after_help = "Example: homeward judge reject f-0123456789abcdef --why 'spoke to her, an adult'"
    )]
    Reject {
        /// Id of the finding
        finding: String,
        #[command(flatten)]
        reason: Why,
    },
    /// A match is right: the child is the person advertised; it teaches, see `homeward learn`
    #[command(
        after_help = "Example: homeward judge confirm f-0123456789abcdef --why 'met and identified by the agency'"
    )]
    Confirm {
        /// Id of the finding
        finding: String,
        #[command(flatten)]
        reason: Why,
    },
    /// Take a decision back
    #[command(after_help = "Example: homeward judge undo j3 --why 'wrong posting'")]
    Undo {
        /// Name of the decision
        id: String,
        #[command(flatten)]
        reason: Why,
    },
    /// Every decision, those taken back included
    #[command(after_help = "Example: homeward judge list")]
    List,
}

/// Two postings.
#[derive(Args)]
pub struct Pair {
    /// Id of one posting
    first: String,
    /// Id of the other
    second: String,
    #[command(flatten)]
    reason: Why,
}

/// Why, and who says so.
#[derive(Args)]
pub struct Why {
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    why: String,
    /// Who decides
    #[arg(long, env = "USER", default_value = "unnamed", value_name = "NAME")]
    by: String,
}

/// `homeward judge`.
pub fn judge(global: &Global, command: &JudgeCommand) -> Result<()> {
    existing(&global.data)?;
    if matches!(command, JudgeCommand::List) {
        return list(global);
    }
    let mut archive = Archive::open(&global.data)?;
    let (decision, reason) = match command {
        JudgeCommand::Veto { value, reason } => (veto(value)?, reason),
        JudgeCommand::Same(pair) => (Decision::Same { postings: pair.keys(&archive)? }, &pair.reason),
        JudgeCommand::Apart(pair) => (Decision::Apart { postings: pair.keys(&archive)? }, &pair.reason),
        JudgeCommand::Reject { finding, reason } => {
            let (report, postings) = matched(&archive, global, finding)?;
            let run = archive.latest_run().map(str::to_owned);
            (Decision::Reject { report, postings, run }, reason)
        }
        JudgeCommand::Confirm { finding, reason } => {
            let (report, postings) = matched(&archive, global, finding)?;
            (Decision::Confirm { report, postings, finding: Some(finding.clone()), recovered: false }, reason)
        }
        JudgeCommand::Undo { id, reason } => {
            if !archive.undo_judgement(id, &reason.why, &reason.by, now())? {
                bail!("there is no decision `{id}` that stands; `homeward judge list` shows them");
            }
            if global.json {
                println!("{}", json!({"id": id, "undone": true}));
            } else {
                println!("{id} taken back; the next `homeward run` honours it");
            }
            return Ok(());
        }
        JudgeCommand::List => return Ok(()),
    };
    let id = archive.judge(&decision, &reason.why, &reason.by, now())?;
    let then = match decision {
        Decision::Confirm { .. } => "`homeward learn` learns from it",
        _ => "the next `homeward run` honours it",
    };
    if global.json {
        println!("{}", json!({"id": id, "what": words(&decision)}));
    } else {
        println!("{id} decided; {then}, `homeward judge undo {id}` takes it back");
    }
    Ok(())
}

impl Pair {
    /// The keys of two postings, each of its own.
    fn keys(&self, archive: &Archive) -> Result<(u64, u64)> {
        let keys = (key(archive, &self.first)?, key(archive, &self.second)?);
        if keys.0 == keys.1 {
            bail!("`{}` is one posting, not two", self.first);
        }
        Ok(keys)
    }
}

fn veto(text: &str) -> Result<Decision> {
    let parsed = text.split_once(':').and_then(|(kind, value)| Some((SelectorKind::parse(kind)?, value)));
    let Some((kind, value)) = parsed.filter(|(kind, _)| kind.identifies()) else {
        bail!("`{text}` is no selector; write phone:, email:, url:, handle: or payment: and the value");
    };
    let reader = Reader::new(Rules::embedded(), "US");
    let posting = Posting { contacts: vec![value.to_owned()], ..Posting::default() };
    let read = reader.selectors(&posting).into_iter().find(|selector| selector.kind == kind);
    let typed = value.trim().to_lowercase();
    // Names have no shape by which they are told; the other kinds are only ever what is read so.
    let is_name = matches!(kind, SelectorKind::Handle | SelectorKind::Payment);
    let is_page = kind == SelectorKind::Url && typed.contains('.');
    let as_typed = !typed.is_empty() && !typed.contains(char::is_whitespace) && (is_name || is_page);
    match read.map(|found| found.value).or_else(|| as_typed.then_some(typed)) {
        Some(value) => Ok(Decision::Veto { kind, value }),
        None => {
            bail!(
                "`{value}` is not read as {} in any posting\nhint: give the whole value, a number abroad with `+` and its country code",
                kind.word()
            )
        }
    }
}

/// What was decided, in a few words.
fn words(decision: &Decision) -> String {
    match decision {
        Decision::Veto { kind, value } => format!("veto {}:{value}", kind.word()),
        Decision::Same { postings } => format!("same {:016x} {:016x}", postings.0, postings.1),
        Decision::Apart { postings } => format!("apart {:016x} {:016x}", postings.0, postings.1),
        Decision::Reject { report, postings, .. } => {
            format!("reject {report}, {} postings", postings.len())
        }
        Decision::Confirm { report, postings, .. } => {
            format!("confirm {report}, {} postings", postings.len())
        }
        Decision::OneChild { reports: (a, b), same } => {
            format!("{} {a} {b}", if *same { "one child" } else { "two children" })
        }
        Decision::Dismiss { finding, .. } => format!("dismiss {finding}"),
    }
}

/// The keys of the postings of some ids, ascending.
pub fn keys(archive: &Archive, ids: &[&str]) -> Result<Vec<u64>> {
    let mut found = Vec::new();
    for segment in archive.segments() {
        for batch in archive.batches(segment)? {
            let batch = batch?;
            let hits = batch.iter().filter(|posting| ids.contains(&posting.id.as_str()));
            found.extend(hits.map(|posting| posting.identity().key()));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The key of the posting of an id.
fn key(archive: &Archive, id: &str) -> Result<u64> {
    let found = keys(archive, &[id])?;
    match found[..] {
        [key] => Ok(key),
        [] => bail!("there is no posting `{id}`"),
        _ => {
            bail!("{} sources have a posting `{id}`; judge by another posting of the same owner", found.len())
        }
    }
}

/// The report of a match, and the keys of its postings.
fn matched(archive: &Archive, global: &Global, id: &str) -> Result<(String, Vec<u64>)> {
    let finding = crate::show::finding(global, id, None)?;
    let Some(report) = finding["missing_report"].as_str().filter(|_| finding["kind"] == "match") else {
        bail!(
            "finding `{id}` is no match; only a match of a report and a network can be rejected or confirmed"
        );
    };
    let ids = finding["postings"].as_array().into_iter().flatten();
    let ids: Vec<&str> = ids.filter_map(serde_json::Value::as_str).collect();
    Ok((report.to_owned(), keys(archive, &ids)?))
}

fn list(global: &Global) -> Result<()> {
    let judged = Archive::open_read(&global.data)?.judgements().context("the decisions cannot be read")?;
    if judged.is_empty() && !global.json {
        println!("nothing has been decided yet");
    }
    for one in judged {
        let what = words(&one.decision);
        if global.json {
            println!(
                "{}",
                json!({"id": one.id, "what": what, "why": one.why, "by": one.by, "at": one.at, "undone": one.undone})
            );
        } else {
            let undone = if one.undone { " (taken back)" } else { "" };
            println!(
                "{:<5} {what}{undone}  by {} on {}: {}",
                one.id,
                one.by,
                &one.at[..10.min(one.at.len())],
                one.why
            );
        }
    }
    Ok(())
}
