//! `homeward learn`: what people found out about matches proposes other shares for matching. Nothing changes until a person
//! accepts a proposal; what was accepted has a name, a reason and who accepted it, and can be taken back.

use crate::record::{Places, RecordOptions, block_on, outside};
use crate::taught::{self, Everything};
use crate::{Global, now};
use anyhow::{Result, bail};
use clap::Args;
use homeward_archive::{Archive, Weights};
use homeward_engine::in_force;
use homeward_linkage::outcomes::{self, Judged, Proposal, Quality, label, shares};
use homeward_model::Grounds;
use homeward_rules::Rules;
use homeward_rules::learning::Learning;
use serde_json::{Value, json};

/// Examples of the command.
pub const HELP: &str = "\
Judged matches are likely ones, so they show too much that is alike: the rules' own shares count as many observations, no
share moves far, and each judged match is weighed by what the others taught.

Examples:
  homeward learn
  homeward learn --json
  homeward learn --accept w-0123456789abcdef --by 'A. Lee' --why 'better on 140 judged matches'
  homeward learn --list
  homeward learn --revert w-0123456789abcdef --by 'A. Lee' --why 'too many wrong ones since'";

/// What to do; without anything, what is proposed.
#[derive(Args)]
pub struct LearnArguments {
    /// Accept the proposal of this name: the next run uses it
    #[arg(long, value_name = "WEIGHTS", requires = "why", conflicts_with_all = ["revert", "list"])]
    accept: Option<String>,
    /// Take an accepted set of weights back
    #[arg(long, value_name = "WEIGHTS", requires = "why", conflicts_with = "list")]
    revert: Option<String>,
    /// Every set that was accepted, those taken back included
    #[arg(long)]
    list: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Who decides
    #[arg(long, env = "USER", default_value = "unnamed", value_name = "NAME")]
    by: String,
    #[command(flatten)]
    record: RecordOptions,
}

/// `homeward learn`.
pub fn learn(global: &Global, arguments: &LearnArguments) -> Result<()> {
    if arguments.list {
        return list(global);
    }
    if let Some(id) = &arguments.revert {
        return revert(global, arguments, id);
    }
    let archive = Archive::open_read(&global.data)?;
    let everything = taught::everything(global, &arguments.record, &archive)?;
    let Some(proposed) = Proposed::of(&archive, &everything)? else {
        if arguments.accept.is_some() {
            bail!("nothing is proposed: {}", too_few(&everything));
        }
        nothing(global, &everything);
        return Ok(());
    };
    match &arguments.accept {
        Some(id) => accept(global, arguments, id, &proposed.weights),
        None if global.json => {
            println!("{}", proposed.json(&everything));
            Ok(())
        }
        None => {
            proposed.print(&everything);
            Ok(())
        }
    }
}

/// A proposal with the figures that go with it.
struct Proposed {
    weights: Weights,
    proposal: Proposal,
    /// The judged matches by the set in force, when there is one; it was learned from some of them.
    in_force: Option<(String, Quality)>,
}

impl Proposed {
    /// What the judged matches teach; `None` when they are too few.
    fn of(archive: &Archive, everything: &Everything) -> Result<Option<Proposed>> {
        let (rules, learning) = (Rules::embedded(), Learning::embedded());
        if confirmed(everything) < learning.least_confirmed {
            return Ok(None);
        }
        let judged: Vec<Judged> = everything
            .matches
            .iter()
            .map(|one| Judged {
                report: one.finding.missing_report.as_deref().unwrap_or_default(),
                finding: &one.finding.id,
                right: one.right,
                reasons: &one.finding.reasons,
            })
            .collect();
        let proposal = outcomes::propose(&judged, rules, learning);
        let weights = Weights::new(&rules.version, confirmed(everything), &proposal.learned.shares);
        let in_force = archive.weights_in_force()?.and_then(|accepted| {
            let rules = in_force::with(&accepted)?;
            Some((accepted.id, outcomes::quality(&judged, |_| &rules)))
        });
        Ok(Some(Proposed { weights, proposal, in_force }))
    }

    /// Factor, position, share before, share after, matches that showed it; factors that nothing taught are left out.
    fn rows(&self) -> Vec<(&str, usize, f64, f64, f64)> {
        let before = shares(&Rules::embedded().matching);
        let mut rows = Vec::new();
        for (factor, taught) in &self.proposal.learned.taught {
            if taught.iter().sum::<f64>() > 0.0 {
                let after = &self.weights.shares[factor];
                rows.extend(
                    (0..after.len())
                        .map(|at| (factor.as_str(), at, before[factor][at], after[at], taught[at])),
                );
            }
        }
        rows
    }

    fn print(&self, everything: &Everything) {
        println!("{}", counted(everything));
        println!("\n{:<11} {:<32} {:>7} {:>8} {:>9}", "factor", "value", "before", "proposed", "taught by");
        let mut last = "";
        for (factor, at, before, after, taught) in self.rows() {
            let words = label(factor, at, &Rules::embedded().matching);
            let shown = if factor == last { "" } else { factor };
            println!("{shown:<11} {words:<32} {before:>7.3} {after:>8.3} {taught:>9.1}");
            last = factor;
        }
        println!(
            "\n{:<44} {:>8} {:>11} {:>14} {:>14}",
            "on these matches", "log loss", "calibration", "right above .5", "found above .5"
        );
        let figures = |what: &str, quality: &Quality| {
            let of = |(part, all): (usize, usize)| format!("{part} of {all}");
            println!(
                "{what:<44} {:>8.3} {:>11.3} {:>14} {:>14}",
                quality.log_loss,
                quality.calibration_error,
                of(quality.precision),
                of(quality.recall)
            );
        };
        figures("before: the rules as they are", &self.proposal.before);
        if let Some((id, quality)) = &self.in_force {
            figures(&format!("in force: {id}"), quality);
        }
        figures("proposed, each by what the others taught", &self.proposal.after);
        if self.in_force.is_some() {
            println!("The set in force was learned from some of these matches: its figures flatter it.");
        }
        println!(
            "\nLog loss is in bits, the mean surprise; calibration is the mean distance of stated probability and share right."
        );
        println!(
            "People judge what scores high, so these matches show too much that is alike: the shares are bounded for it, and \
             the figures say nothing of children whom nobody was shown."
        );
        if self.proposal.after.log_loss >= self.proposal.before.log_loss {
            println!(
                "The proposal is no better than the rules on these matches: there is no reason to accept it."
            );
        }
        println!(
            "\nNothing has changed. To accept: homeward learn --accept {} --by NAME --why TEXT",
            self.weights.id()
        );
    }

    fn json(&self, everything: &Everything) -> Value {
        let rows: Vec<Value> = self
            .rows()
            .into_iter()
            .map(|(factor, at, before, after, taught)| {
                json!({"factor": factor, "value": label(factor, at, &Rules::embedded().matching), "before": before,
                    "proposed": after, "taught_by": taught})
            })
            .collect();
        let figures = |quality: &Quality| {
            let of = |(part, all): (usize, usize)| json!({"part": part, "of": all});
            json!({"log_loss_bits": quality.log_loss, "calibration_error": quality.calibration_error,
                "precision_above_half": of(quality.precision), "recall_above_half": of(quality.recall)})
        };
        json!({
            "proposal": self.weights.id(), "rules": self.weights.base, "judged": everything.matches.len(),
            "confirmed": self.weights.confirmed, "lost": everything.lost, "unnamed": everything.unnamed,
            "shares": rows, "before": figures(&self.proposal.before), "after": figures(&self.proposal.after),
            "in_force": self.in_force.as_ref().map(|(id, quality)| json!({"weights": id, "figures": figures(quality)})),
        })
    }
}

fn confirmed(everything: &Everything) -> usize {
    everything.matches.iter().filter(|one| one.right).count()
}

/// How many judged matches there are and who spoke.
pub fn counted(everything: &Everything) -> String {
    let by = |who: &str| everything.matches.iter().filter(|one| one.said_by == who).count();
    let (all, right) = (everything.matches.len(), confirmed(everything));
    let mut lines = vec![format!(
        "{all} matches judged, {right} confirmed and {} rejected: {} by judgements of the record, {} by `homeward judge`, {} by \
         what working leads found.",
        all - right,
        by("judgement"),
        by("decision"),
        by("lead")
    )];
    if everything.lost > 0 {
        lines.push(format!("{} more stand in no run that is kept and are left out.", everything.lost));
    }
    if everything.unnamed > 0 {
        lines.push(format!(
            "{} leads found a child whose record names no missing report: they say nothing of a match.",
            everything.unnamed
        ));
    }
    lines.join("\n")
}

fn too_few(everything: &Everything) -> String {
    let (right, least) = (confirmed(everything), Learning::embedded().least_confirmed);
    format!("{right} of at least {least} confirmed matches are there, {} are missing", least - right)
}

/// Nothing is proposed, and why.
fn nothing(global: &Global, everything: &Everything) {
    if global.json {
        let (judged, least) = (everything.matches.len(), Learning::embedded().least_confirmed);
        println!(
            "{}",
            json!({"proposal": null, "judged": judged, "confirmed": confirmed(everything), "least_confirmed": least,
                "lost": everything.lost, "unnamed": everything.unnamed})
        );
        return;
    }
    println!("{}", counted(everything));
    println!("Nothing is proposed: {} (rules/learning.toml).", too_few(everything));
    println!(
        "Matches are judged on their page, or by `homeward judge confirm ID` and `homeward judge reject ID`."
    );
}

fn accept(global: &Global, arguments: &LearnArguments, id: &str, weights: &Weights) -> Result<()> {
    let proposed = weights.id();
    if proposed != id {
        bail!("`{id}` is not what is proposed now, which is `{proposed}`; look at it with `homeward learn`");
    }
    let mut archive = Archive::open_for(&global.data, "homeward learn")?;
    if archive.weights_in_force()?.is_some_and(|one| one.id == id) {
        bail!("`{id}` is in force already");
    }
    let why = note(global, arguments, "accept weights", id)?;
    archive.accept_weights(weights, why.as_str(), &arguments.by, now())?;
    println!("{id} accepted; the next `homeward run` uses it, `homeward learn --revert {id}` takes it back");
    Ok(())
}

fn revert(global: &Global, arguments: &LearnArguments, id: &str) -> Result<()> {
    let mut archive = Archive::open_for(&global.data, "homeward learn")?;
    if !archive.weights()?.iter().any(|one| one.id == id && !one.reverted) {
        bail!("there is no set of weights `{id}` that stands; `homeward learn --list` shows them");
    }
    let why = note(global, arguments, "revert weights", id)?;
    archive.revert_weights(id, why.as_str(), &arguments.by, now())?;
    let now = archive.weights_in_force()?;
    let then = now.map_or_else(|| "the rules as they are".to_owned(), |one| format!("`{}`", one.id));
    println!("{id} taken back; the next `homeward run` uses {then}");
    Ok(())
}

/// Writes the act into the record's trail first, where there is a record.
fn note(global: &Global, arguments: &LearnArguments, act: &str, id: &str) -> Result<Grounds> {
    let why = Grounds::new(arguments.why.as_deref().unwrap_or_default())?;
    let places = Places::of(global, &arguments.record);
    if places.exists() {
        block_on(async {
            let store = places.open().await?;
            Ok(store.note_weights(outside(), act, id, &arguments.by, &why).await?)
        })?;
    }
    Ok(why)
}

fn list(global: &Global) -> Result<()> {
    let archive = Archive::open_read(&global.data)?;
    let (all, in_force) = (archive.weights()?, archive.weights_in_force()?.map(|one| one.id));
    if all.is_empty() && !global.json {
        println!(
            "no set of weights was accepted; the rules {} are in force as they are",
            Rules::embedded().version
        );
    }
    for one in all {
        let fits = in_force::with(&one).is_some();
        let stands = match (one.reverted, in_force.as_ref() == Some(&one.id)) {
            (true, _) => "taken back",
            (_, true) if fits => "in force",
            (_, true) => "learned from other rules: not in use",
            _ => "replaced",
        };
        if global.json {
            println!(
                "{}",
                json!({"id": one.id, "state": stands, "rules": one.weights.base, "confirmed": one.weights.confirmed,
                    "why": one.why, "by": one.by, "at": one.at})
            );
        } else {
            let day = one.at.get(..10).unwrap_or_default();
            println!(
                "{}  {stands}; {} confirmed matches, rules {}; by {} on {day}: {}",
                one.id, one.weights.confirmed, one.weights.base, one.by, one.why
            );
        }
    }
    Ok(())
}
