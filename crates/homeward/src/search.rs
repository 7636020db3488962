//! `homeward search`: what is typed, asked of the text index; every search is recorded with its purpose.

use crate::archive::spinner;
use crate::reader::look;
use crate::{Global, now, region};
use anyhow::{Result, bail};
use clap::Args;
use homeward_archive::{Archive, ArchiveError, Found, SearchRecord, posting_value};
use homeward_engine::extract::Reader;
use homeward_engine::{index, query};
use homeward_model::Instant;
use homeward_rules::Rules;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The language of queries, below the command's help.
pub const HELP: &str = "\
Query: all of these must hold
  town                 a word of title or body, in any case, look-alikes folded
  \"in town\"            words side by side
  phone:704-555-0142   a number in any spelling, or its last digits
  email:  handle:      an address or `@site`; a name, with or without `platform:`
  url:    payment:     a page and all below it; a payment name, with or without `service:`
  place:\"Charlotte, NC\"  a city, a state, or both
  source: id:          of the source, exactly
  after:  before:      seen on that day or later; earlier than it
  -town -place:TX      must not hold (write `--` before a query that begins with `-`)

Newest first, postings without a date last. Each search is kept in `searches.jsonl`.

Example: homeward search 'phone:704-555-0142 \"in town\" after:2019-07-01' --purpose 'lead 17'";

/// What to search for.
#[derive(Args)]
pub struct SearchArguments {
    /// What every posting found must hold, see below
    #[arg(required = true)]
    query: Vec<String>,
    /// How many to show
    #[arg(long, default_value_t = 20, value_name = "N")]
    top: usize,
    /// Why, for the record of searches
    #[arg(long, default_value = "unstated", value_name = "TEXT")]
    purpose: String,
    /// Region for numbers without a country code
    #[arg(long, default_value = "US", value_parser = region)]
    region: String,
}

/// `homeward search`.
pub fn search(global: &Global, arguments: &SearchArguments) -> Result<()> {
    let typed = arguments.query.join(" ");
    let rules = Rules::embedded();
    let reader = Reader::new(rules, &arguments.region);
    let clauses = query::parse(&reader, &typed)?;
    let tag = index::tag(rules, &arguments.region);
    make_index(global, &reader, &tag)?;
    let (archive, found) = look(&global.data, &reader, &tag, &clauses, arguments.top)?;
    archive.record_search(&SearchRecord {
        at: now(),
        purpose: &arguments.purpose,
        query: &typed,
        found: found.total,
        shown: &found.postings,
    })?;
    print(global, &found);
    Ok(())
}

/// Builds what is missing of the index. Where another process holds the folder, the search goes on without.
fn make_index(global: &Global, reader: &Reader, tag: &str) -> Result<()> {
    let missing = Archive::open_read(&global.data)?.without_index(tag);
    if missing.is_empty() {
        return Ok(());
    }
    let postings: usize = missing.iter().map(|segment| segment.postings).sum();
    let archive = match Archive::open_for(&global.data, "homeward search") {
        Ok(archive) => archive,
        Err(error @ (ArchiveError::Held { .. } | ArchiveError::Io { .. })) => {
            eprintln!("warning: {error}; {postings} postings without index are read for this search alone");
            return Ok(());
        }
        Err(error) => bail!(error),
    };
    let bar = spinner(global);
    bar.set_message(format!("indexing {postings} postings"));
    let done = AtomicUsize::new(0);
    index::build_missing(&archive, reader, tag, &|more| {
        let done = done.fetch_add(more, Ordering::Relaxed) + more;
        bar.set_message(format!("indexing {done} of {postings} postings"));
    })?;
    bar.finish_and_clear();
    if !global.quiet {
        eprintln!("indexed {postings} postings");
    }
    Ok(())
}

fn print(global: &Global, found: &Found) {
    for posting in &found.postings {
        if global.json {
            println!("{}", posting_value(posting));
            continue;
        }
        let text: Vec<char> =
            posting.full_text().split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
        let line: String = text.iter().take(90).collect();
        let at = posting.seen_at().map(Instant::date).unwrap_or_default();
        let place = [posting.place.city.as_deref(), posting.place.state.as_deref()];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        println!("{:<20} {at:<10} {:<20} {line}", posting.id, place.join(", "));
    }
    let shown = found.postings.len();
    let summary = match found.total {
        0 => "no posting matches; each word and field must hold, so leave one out or widen the dates"
            .to_owned(),
        total => format!("{total} postings found, {shown} shown, newest first"),
    };
    match (global.quiet, global.json) {
        (true, _) => {}
        (_, true) => eprintln!("{summary}"),
        _ => println!("{summary}"),
    }
}
