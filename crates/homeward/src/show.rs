//! Commands that show a run: findings, explain; and config.

use crate::Global;
use crate::record::{Places, RecordOptions};
use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use homeward_archive::Archive;
use homeward_model::FindingKind;
use homeward_rules::Rules;
use serde_json::{Value, json};

/// Which findings to show.
#[derive(Args)]
pub struct FindingsArguments {
    /// How many
    #[arg(long, default_value_t = 20, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    top: usize,
    /// Only of one kind
    #[arg(long, value_parser = ["match", "network", "change", "person", "contradiction"])]
    kind: Option<String>,
    /// Of an earlier run
    #[arg(long)]
    run: Option<String>,
}

/// The findings of a run, the newest when none is named, with those of reports that were matched since.
pub fn load(global: &Global, run: Option<&str>) -> Result<Vec<Value>> {
    let archive = Archive::open_read(&global.data)?;
    let Some(run) = run.or(archive.latest_run()) else {
        bail!("there is no run yet in `{}`; make one with `homeward run`", global.data.display());
    };
    let text = archive.findings(run).with_context(|| format!("run `{run}` cannot be read"))?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("run `{run}` is damaged")))
        .collect()
}

/// One finding of a run.
pub fn finding(global: &Global, id: &str, run: Option<&str>) -> Result<Value> {
    let found = load(global, run)?.into_iter().find(|finding| finding["id"] == id);
    found.with_context(|| format!("there is no finding `{id}` in this run; `homeward findings` lists them"))
}

/// A text of a finding, `-` where there is none.
pub fn words<'a>(value: &'a Value, name: &str) -> &'a str {
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

/// `homeward config`.
pub fn config(global: &Global, what: &str, record: &RecordOptions) {
    let rules = Rules::embedded();
    let places = Places::of(global, record);
    if global.json {
        let mut settings = json!({"data": global.data.display().to_string(), "rules": rules.version});
        if what == "dump" {
            settings["database"] = places.shown().into();
            settings["key_file"] = places.keys.display().to_string().into();
            settings["audit_key"] = places.audit_key.display().to_string().into();
            settings["audit_witness"] = places.witness.map(|witness| witness.display().to_string()).into();
        }
        println!("{settings}");
    } else if what == "dump" {
        println!("data = \"{}\"\nrules = \"{}\"", global.data.display(), rules.version);
        println!("database = \"{}\"\nkey_file = \"{}\"", places.shown(), places.keys.display());
        println!("audit_key = \"{}\"", places.audit_key.display());
        let witness =
            places.witness.as_ref().map_or_else(String::new, |witness| witness.display().to_string());
        println!("audit_witness = \"{witness}\"");
        println!("{rules:#?}");
    } else {
        println!("settings are right: data folder `{}`, rules {}", global.data.display(), rules.version);
    }
}
