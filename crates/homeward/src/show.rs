//! Commands that show a run: findings, explain; and config.

use crate::Global;
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_archive::Archive;
use homeward_model::FindingKind;
use homeward_rules::Rules;
use serde_json::Value;

/// Which findings to show.
#[derive(Args)]
pub struct FindingsArguments {
    /// How many
    #[arg(long, default_value_t = 20)]
    top: usize,
    /// Only of one kind
    #[arg(long, value_parser = ["match", "network", "change", "person"])]
    kind: Option<String>,
    /// Of an earlier run
    #[arg(long)]
    run: Option<String>,
}

/// Which finding to explain.
#[derive(Args)]
pub struct ExplainArguments {
    /// Id of the finding
    id: String,
    /// Of an earlier run
    #[arg(long)]
    run: Option<String>,
}

fn load(global: &Global, run: Option<&str>) -> Result<Vec<Value>> {
    let archive = Archive::open_read(&global.data)?;
    let Some(run) = run.or(archive.latest_run()) else {
        bail!("there is no run yet in `{}`; make one with `homeward run`", global.data.display());
    };
    let text =
        archive.run_file(run, "findings.jsonl").with_context(|| format!("run `{run}` cannot be read"))?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("run `{run}` is damaged")))
        .collect()
}

fn words<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("-")
}

/// `homeward findings`.
pub fn findings(global: &Global, arguments: &FindingsArguments) -> Result<()> {
    let kind = arguments.kind.as_deref().and_then(FindingKind::parse).map(FindingKind::word);
    let found = load(global, arguments.run.as_deref())?;
    let kept: Vec<&Value> = found
        .iter()
        .filter(|finding| kind.is_none_or(|kind| finding["kind"] == kind))
        .take(arguments.top)
        .collect();
    if global.json {
        for finding in kept {
            println!("{finding}");
        }
        return Ok(());
    }
    if kept.is_empty() {
        println!("no findings; that is an answer too");
        return Ok(());
    }
    println!(
        "{:<18} {:<8} {:>6} {:>6}  {:<10} {:<24} {:>8}  last seen",
        "finding", "kind", "prob", "chance", "report", "place", "postings"
    );
    for finding in kept {
        let place = &finding["place"];
        let place = match (place["city"].as_str(), place["state"].as_str()) {
            (Some(city), Some(state)) => format!("{city}, {state}"),
            _ => "-".to_owned(),
        };
        println!(
            "{:<18} {:<8} {:>6.3} {:>6.3}  {:<10} {:<24} {:>8}  {}",
            words(finding, "id"),
            words(finding, "kind"),
            finding["probability"].as_f64().unwrap_or(0.0),
            finding["rank_score"].as_f64().unwrap_or(0.0),
            words(finding, "missing_report"),
            place,
            finding["postings"].as_array().map_or(0, Vec::len),
            words(finding, "last_seen").split('T').next().unwrap_or("-"),
        );
    }
    Ok(())
}

/// `homeward explain`: a finding as a colleague would tell it.
pub fn explain(global: &Global, arguments: &ExplainArguments) -> Result<()> {
    let found = load(global, arguments.run.as_deref())?;
    let Some(finding) = found.iter().find(|finding| finding["id"] == arguments.id.as_str()) else {
        bail!("there is no finding `{}` in this run; `homeward findings` lists them", arguments.id);
    };
    if global.json {
        println!("{finding}");
        return Ok(());
    }
    let probability = finding["probability"].as_f64().unwrap_or(0.0);
    match words(finding, "kind") {
        "match" => {
            let said = match probability {
                p if p >= 0.9 => "very likely the one who advertises this child",
                p if p >= 0.5 => "more likely than not the one who advertises this child",
                p if p >= 0.1 => "possible, and more likely wrong than right",
                _ => "a weak candidate; there may be no good match",
            };
            println!(
                "report {} and network {}: {said} (probability {probability:.3}).",
                words(finding, "missing_report"),
                words(finding, "network")
            );
        }
        _ => println!(
            "network {}: organised activity. This says nothing about a child.",
            words(finding, "network")
        ),
    }
    let postings: Vec<&str> =
        finding["postings"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    println!(
        "{} postings, from {} to {}; last in {}, {}; field office {}.",
        postings.len(),
        words(finding, "first_seen").split('T').next().unwrap_or("-"),
        words(finding, "last_seen").split('T').next().unwrap_or("-"),
        words(&finding["place"], "city"),
        words(&finding["place"], "state"),
        words(finding, "office"),
    );
    println!("\n{:>8}  {:<22} {:<34} {:<34} why", "bits", "factor", "report", "network");
    for reason in finding["reasons"].as_array().into_iter().flatten() {
        println!(
            "{:>+8.2}  {:<22} {:<34} {:<34} {}",
            reason["weight_bits"].as_f64().unwrap_or(0.0),
            words(reason, "factor"),
            short(words(reason, "left")),
            short(words(reason, "right")),
            words(reason, "support"),
        );
    }
    println!(
        "{:>+8.2}  sum (rules {}, run {})",
        finding["weight_bits"].as_f64().unwrap_or(0.0),
        words(finding, "rules"),
        words(finding, "run")
    );
    println!("\npostings: {}", postings.iter().take(20).copied().collect::<Vec<_>>().join(" "));
    Ok(())
}

fn short(text: &str) -> String {
    if text.chars().count() <= 33 {
        text.to_owned()
    } else {
        text.chars().take(32).collect::<String>() + "…"
    }
}

/// `homeward config`.
pub fn config(global: &Global, what: &str) {
    let rules = Rules::embedded();
    if what == "dump" {
        println!("data = \"{}\"\nrules = \"{}\"", global.data.display(), rules.version);
        println!("{rules:#?}");
    } else {
        println!("settings are right: data folder `{}`, rules {}", global.data.display(), rules.version);
    }
}
