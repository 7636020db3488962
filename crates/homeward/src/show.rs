//! Commands that read: findings, explain, search, doctor, config.

use crate::{Global, moment};
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_archive::Archive;
use homeward_engine::extract::Reader;
use homeward_model::{FindingKind, Posting, SelectorKind};
use homeward_rules::Rules;
use rayon::prelude::*;
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

/// What to search for.
#[derive(Args)]
pub struct SearchArguments {
    /// Words that must all occur, and fields such as phone:, email:, handle:, url:, place:, source:, after:, before:
    #[arg(required = true)]
    query: Vec<String>,
    /// How many
    #[arg(long, default_value_t = 20)]
    top: usize,
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

enum Term {
    Word(String),
    Selector(SelectorKind, String),
    Place(String),
    Source(String),
    After(homeward_model::Instant),
    Before(homeward_model::Instant),
}

fn term(text: &str) -> Result<Term> {
    let Some((field, value)) = text.split_once(':').filter(|(_, value)| !value.is_empty()) else {
        return Ok(Term::Word(text.to_lowercase()));
    };
    let date = || moment(value).map_err(anyhow::Error::msg);
    Ok(match field {
        "place" | "city" => Term::Place(value.to_lowercase()),
        "source" => Term::Source(value.to_owned()),
        "after" => Term::After(date()?),
        "before" => Term::Before(date()?),
        "phone" | "email" | "handle" | "url" => {
            let kind = SelectorKind::parse(field).unwrap_or(SelectorKind::Phone);
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            Term::Selector(
                kind,
                if kind == SelectorKind::Phone { digits(value) } else { value.to_lowercase() },
            )
        }
        other => bail!(
            "there is no field `{other}:`; there are phone, email, handle, url, place, source, after and before"
        ),
    })
}

fn hits(posting: &Posting, terms: &[Term], reader: &Reader) -> bool {
    let text = posting.full_text();
    let lower = text.to_lowercase();
    terms.iter().all(|term| match term {
        Term::Word(word) => lower.contains(word),
        Term::Place(place) => {
            posting.place.city.as_deref().is_some_and(|city| city.to_lowercase() == *place)
                || posting.place.state.as_deref().is_some_and(|state| state.to_lowercase() == *place)
                || lower.contains(place)
        }
        Term::Source(source) => posting.source == *source,
        Term::After(at) => posting.seen_at().is_some_and(|seen| seen >= *at),
        Term::Before(at) => posting.seen_at().is_some_and(|seen| seen < *at),
        Term::Selector(kind, value) => reader.selectors(posting).iter().any(|selector| {
            selector.kind == *kind
                && match kind {
                    SelectorKind::Phone => selector.value.ends_with(value.as_str()),
                    _ => selector.value.contains(value.as_str()),
                }
        }),
    })
}

/// `homeward search`: reads the archive through, so that what is asked for is compared as the engine compares it.
pub fn search(global: &Global, arguments: &SearchArguments) -> Result<()> {
    let query = arguments.query.join(" ");
    let terms = query.split_whitespace().map(term).collect::<Result<Vec<_>>>()?;
    let archive = Archive::open_read(&global.data)?;
    let reader = Reader::new(Rules::embedded(), "US");
    let mut found: Vec<Posting> = Vec::new();
    for segment in archive.segments() {
        let postings = archive.postings(segment)?;
        found.par_extend(postings.into_par_iter().filter(|posting| hits(posting, &terms, &reader)));
    }
    found.sort_by(|a, b| b.seen_at().cmp(&a.seen_at()).then_with(|| a.id.cmp(&b.id)));
    let total = found.len();
    for posting in found.iter().take(arguments.top) {
        let line: String =
            posting.full_text().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(90).collect();
        let at = posting.seen_at().map(homeward_model::Instant::date).unwrap_or_default();
        if global.json {
            println!(
                "{}",
                serde_json::json!({"id": posting.id, "source": posting.source, "seen_at": at, "text": line})
            );
        } else {
            println!("{:<20} {at:<10}  {line}", posting.id);
        }
    }
    if !global.quiet && !global.json {
        println!("{total} postings found, {} shown", total.min(arguments.top));
    }
    Ok(())
}

/// `homeward doctor`.
pub fn doctor(global: &Global) -> Result<()> {
    println!("homeward {}, rules {}", env!("CARGO_PKG_VERSION"), Rules::embedded().version);
    println!("cores: {}", rayon::current_num_threads());
    match Archive::open_read(&global.data) {
        Ok(archive) => {
            let mut read = 0;
            for segment in archive.segments() {
                let postings = archive.postings(segment)?.len();
                if postings != segment.postings {
                    bail!(
                        "segment `{}` holds {postings} postings, the manifest says {}",
                        segment.id,
                        segment.postings
                    );
                }
                read += postings;
            }
            println!(
                "archive `{}`: {} segments, {read} postings, all readable",
                global.data.display(),
                archive.segments().len()
            );
            println!("reports: {}", archive.reports()?.len());
            println!("latest run: {}", archive.latest_run().unwrap_or("none"));
        }
        Err(homeward_archive::ArchiveError::Missing { .. }) => {
            println!("archive: none yet in `{}`", global.data.display());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
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
