//! `homeward explain`: a finding as a colleague would tell it.

use crate::Global;
use crate::show::{finding, words};
use anyhow::Result;
use clap::Args;
use homeward_archive::Archive;
use homeward_engine::{in_force, pipeline};
use homeward_model::Reason;
use serde_json::Value;
use std::collections::HashSet;

/// Bits by which a weight computed again may differ from the stored one, which went through text.
const SAME_BITS: f64 = 1e-9;
/// Links and kept-apart values shown of a network.
const SHOWN: usize = 5;

/// Which finding to explain.
#[derive(Args)]
pub struct ExplainArguments {
    /// Id of the finding
    id: String,
    /// Of an earlier run
    #[arg(long)]
    run: Option<String>,
}

/// `homeward explain`.
pub fn explain(global: &Global, arguments: &ExplainArguments) -> Result<()> {
    let finding = finding(global, &arguments.id, arguments.run.as_deref())?;
    if global.json {
        println!("{finding}");
        return Ok(());
    }
    println!("{}", summary(&finding));
    reasons(&finding);
    println!("{:>8}  {}", "", again(&Archive::open_read(&global.data)?, &finding)?);
    let postings = texts(&finding["postings"]);
    if !postings.is_empty() {
        let more = postings.len().saturating_sub(20);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        println!("\npostings: {}{more}", postings.iter().take(20).copied().collect::<Vec<_>>().join(" "));
    }
    network(global, &finding)?;
    println!("\n{}", next_step(&finding));
    Ok(())
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn day<'a>(finding: &'a Value, name: &str) -> &'a str {
    words(finding, name).split('T').next().unwrap_or("-")
}

fn summary(finding: &Value) -> String {
    let probability = finding["probability"].as_f64().unwrap_or(0.0);
    let (report, network) = (words(finding, "missing_report"), words(finding, "network"));
    let first = match words(finding, "kind") {
        "match" => {
            let said = match probability {
                p if p >= 0.9 => "very likely the one who advertises this child",
                p if p >= 0.5 => "more likely than not the one who advertises this child",
                p if p >= 0.1 => "possible, and more likely wrong than right",
                _ => "a weak candidate; there may be no good match",
            };
            format!("report {report} and network {network}: {said} (probability {probability:.3}).")
        }
        "person" => format!(
            "reports {report} and {} may be of one child (probability {probability:.3}). A person decides; nothing was merged.",
            words(finding, "other_report")
        ),
        "contradiction" => format!(
            "an alarm: that report {report} belongs to network {network} was rejected, and rests on more since (probability {probability:.3}). The match stays hidden."
        ),
        "change" => format!("network {network} changed lately. This says nothing about a child."),
        _ => format!("network {network}: organised activity. This says nothing about a child."),
    };
    let postings = texts(&finding["postings"]).len();
    if postings == 0 {
        return format!(
            "{first}\nlast seen {} and {}.",
            day(finding, "first_seen"),
            day(finding, "last_seen")
        );
    }
    let place = &finding["place"];
    let place = match (place["city"].as_str(), place["state"].as_str()) {
        (Some(city), Some(state)) => {
            format!("last in {city}, {state}; field office {}", words(finding, "office"))
        }
        _ => "no place is known".to_owned(),
    };
    let (from, to) = (day(finding, "first_seen"), day(finding, "last_seen"));
    format!("{first}\n{postings} postings, from {from} to {to}; {place}.")
}

fn reasons(finding: &Value) {
    let sides = if finding["kind"] == "match" { ("report", "network") } else { ("one side", "the other") };
    println!("\n{:>8}  {:<22} {:<34} {:<34} why", "bits", "factor", sides.0, sides.1);
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
}

/// Whether every weight comes out again from its two values and the rules that the finding names.
fn again(archive: &Archive, finding: &Value) -> Result<String> {
    let Some(rules) = in_force::named(archive, words(finding, "rules"))? else {
        return Ok("made with rules that are not here; the weights cannot be computed again".to_owned());
    };
    let read = homeward_archive::finding(finding);
    let differ = read.map_or(0, |(finding, _)| {
        let same = |reason: &Reason| {
            pipeline::recompute(finding.kind, reason, &rules)
                .is_some_and(|weight| (weight - reason.weight_bits).abs() < SAME_BITS)
        };
        finding.reasons.iter().filter(|reason| !same(reason)).count()
    });
    Ok(match differ {
        0 => "each weight comes out again from its values and these rules".to_owned(),
        differ => format!("{differ} weights do not come out again from their values and these rules"),
    })
}

/// What holds the network together, and what was kept from doing so.
fn network(global: &Global, finding: &Value) -> Result<()> {
    let (Some(network), Some(run)) = (finding["network"].as_str(), finding["run"].as_str()) else {
        return Ok(());
    };
    let archive = Archive::open_read(&global.data)?;
    let read = |name: &str| -> Vec<Value> {
        let text = archive.run_file(run, name).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let links: Vec<Value> =
        read("links.jsonl").into_iter().filter(|link| link["network"] == network).collect();
    if !links.is_empty() {
        println!("\nheld together by {} links between contacts and accounts, the weakest:", links.len());
        let mut weakest: Vec<&Value> = links.iter().collect();
        weakest
            .sort_by(|a, b| a["bits"].as_f64().unwrap_or(0.0).total_cmp(&b["bits"].as_f64().unwrap_or(0.0)));
        for link in weakest.into_iter().take(SHOWN) {
            println!(
                "  {} and {}: probability {:.3}, {}",
                words(link, "left"),
                words(link, "right"),
                link["probability"].as_f64().unwrap_or(0.0),
                texts(&link["evidence"]).join(", ")
            );
        }
    }
    let shown: HashSet<String> = contacts(&archive, finding)?;
    let blocked: Vec<Value> =
        read("blocked.jsonl").into_iter().filter(|value| shown.contains(words(value, "value"))).collect();
    if !blocked.is_empty() {
        println!("\nkept from linking, though these postings show it:");
        for value in blocked.iter().take(SHOWN) {
            println!(
                "  {} {}: {} ({} postings, would have joined {} strangers)",
                words(value, "kind"),
                words(value, "value"),
                words(value, "why"),
                value["postings"],
                value["would_merge"]
            );
        }
    }
    Ok(())
}

/// The contacts of the finding's postings as the engine reads them.
fn contacts(archive: &Archive, finding: &Value) -> Result<HashSet<String>> {
    let ids: HashSet<&str> = texts(&finding["postings"]).into_iter().collect();
    let reader = homeward_engine::extract::Reader::new(homeward_rules::Rules::embedded(), "US");
    let mut values = HashSet::new();
    for segment in archive.segments() {
        for batch in archive.batches(segment)? {
            for posting in batch?.iter().filter(|posting| ids.contains(posting.id.as_str())) {
                values.extend(reader.selectors(posting).into_iter().map(|selector| selector.value));
            }
        }
    }
    Ok(values)
}

fn next_step(finding: &Value) -> String {
    let id = words(finding, "id");
    match words(finding, "kind") {
        "match" => format!(
            "A finding is not a lead: a person decides. Wrong? `homeward judge reject {id} --why TEXT`; a value that joins \
             strangers: `homeward judge veto KIND:VALUE --why TEXT`."
        ),
        "person" => "Ask both agencies before anything is merged.".to_owned(),
        "contradiction" => {
            "Does the decision still hold? Dismiss the alarm on its page; else undo the decision: `homeward judge undo`, or on the \
             pages, and the next run offers the match again."
                .to_owned()
        }
        _ => "A value that joins strangers: `homeward judge veto KIND:VALUE --why TEXT`.".to_owned(),
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 33 {
        text.to_owned()
    } else {
        text.chars().take(32).collect::<String>() + "…"
    }
}
