//! Commands that write to the archive: ingest, purge, run.

use crate::photos::{self, Photos};
use crate::record::{self, RecordOptions};
use crate::remarks::Remarks;
use crate::{Global, alarms, handover, missing, moment, now, reason, region};
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_archive::{Archive, Purge, Receipt, Writer, place_of};
use homeward_engine::in_force;
use homeward_engine::run::{RunOptions, RunSummary};
use homeward_intake::{Format, IntakeError, Item, Media, Options, Rejected, Tally};
use homeward_model::{Authority, Instant, Posting};
use homeward_rules::Rules;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to take in.
#[derive(Args)]
pub struct IngestArguments {
    /// Files, or folders that are searched for files
    #[arg(required = true, value_name = "FILE|DIR")]
    pub inputs: Vec<PathBuf>,
    /// Name of the source; the rows' own when not said
    #[arg(long)]
    pub source: Option<String>,
    /// Legal authority: open-source, partner-feed, consent, legal-process or tip
    #[arg(long, default_value = "open-source", value_parser = authority)]
    pub authority: Authority,
    /// Format, when it cannot be told by content
    #[arg(long, default_value = "auto", value_parser = ["auto", "jsonl", "csv", "parquet", "warc", "cdr"])]
    pub format: String,
    /// Rename a column: theirs=ours; numbers name the columns of a file without header
    #[arg(long = "map", value_name = "THEIRS=OURS", value_parser = mapping)]
    pub mappings: Vec<(String, String)>,
}

/// What to remove.
#[derive(Args)]
#[group(required = true, multiple = false, id = "what")]
pub struct PurgeWhat {
    /// All postings of a source
    #[arg(long)]
    source: Option<String>,
    /// Postings placed before a date
    #[arg(long, value_parser = moment)]
    before: Option<Instant>,
    /// One posting, all its versions
    #[arg(long)]
    id: Option<String>,
    /// Postings past the term of their legal authority
    #[arg(long)]
    expired: bool,
    /// One missing report
    #[arg(long, value_name = "ID")]
    report: Option<String>,
}

/// What to remove, and why.
#[derive(Args)]
pub struct PurgeArguments {
    #[command(flatten)]
    what: PurgeWhat,
    /// Why, for the receipt
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    why: String,
    /// "Now" for `--expired`; the clock's when not said
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with_all = ["source", "before", "id", "report"])]
    as_of: Option<Instant>,
    #[command(flatten)]
    record: RecordOptions,
}

/// How to run.
#[derive(Args)]
pub struct RunArguments {
    /// Forget what earlier runs kept
    #[arg(long)]
    full: bool,
    /// "Now"; the newest moment in the data that is not yet to come when not said
    #[arg(long, value_name = "TIME", value_parser = moment)]
    as_of: Option<Instant>,
    /// Region for numbers without a country code
    #[arg(long, default_value = "US", value_parser = region)]
    region: String,
    #[command(flatten)]
    record: RecordOptions,
}

fn authority(text: &str) -> Result<Authority, String> {
    Authority::parse(text).ok_or_else(|| {
        let words: Vec<&str> = Authority::ALL.iter().map(|(_, word)| *word).collect();
        format!("`{text}` is not one of {}", words.join(", "))
    })
}

/// `theirs=ours`.
pub fn mapping(text: &str) -> Result<(String, String), String> {
    let (theirs, ours) = text.split_once('=').ok_or_else(|| format!("`{text}` is not theirs=ours"))?;
    Ok((theirs.to_owned(), ours.to_owned()))
}

/// A line of progress on a terminal; nothing when asked to be quiet or when nobody looks.
pub fn spinner(global: &Global) -> ProgressBar {
    if global.quiet || global.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// What became of the rows of some files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// What the archive did with those that were read.
    pub receipt: Receipt,
    /// What was seen, taken or not.
    pub tally: Tally,
    /// What became of the image files that postings name.
    pub photos: Photos,
}

impl Taken {
    /// Whether there was something and nothing of it was right.
    fn is_all_rejected(&self) -> bool {
        let Receipt { accepted, repeated, changed, rejected } = self.receipt;
        let passed = self.tally.media + self.tally.passed;
        rejected > 0 && accepted + repeated + changed == 0 && passed == 0
    }
}

/// Takes files in and returns the counts. A file that cannot be read is a rejected row; the others are read all the same.
pub fn take_in(
    global: &Global,
    archive: &mut Archive,
    inputs: &[PathBuf],
    options: &Options,
) -> Result<Taken> {
    let bar = spinner(global);
    let mut writer = archive.writer()?.at(now());
    let mut failed = None;
    let mut taken = Taken::default();
    let mut remarks = Remarks::default();
    let mut rows = 0u64;
    let mut waiting: Vec<Posting> = Vec::with_capacity(photos::TOGETHER);
    for file in homeward_intake::files(inputs, &global.data)? {
        let mut add = |waiting: &mut Vec<Posting>, writer: &mut Writer<'_>| {
            taken.photos.hash(waiting, &file, &mut |error| {
                if global.verbose {
                    bar.suspend(|| eprintln!("{error:#}, not hashed"));
                }
            });
            waiting.drain(..).try_for_each(|posting| writer.add(posting))
        };
        let read = homeward_intake::read_postings(&file, options, &mut |item| {
            rows += 1;
            if rows.is_multiple_of(4096) {
                bar.set_message(format!("ingest {rows} rows"));
            }
            match item {
                Item::Good(posting) => {
                    remarks.add(&posting.provenance, &posting.notes);
                    waiting.push(posting);
                    if waiting.len() == photos::TOGETHER {
                        failed = add(&mut waiting, &mut writer).err();
                    }
                    failed.is_none()
                }
                Item::Rejected(Rejected { file, offset, reason, raw }) => {
                    writer.reject(&file, &place_of(offset), &reason, &raw);
                    true
                }
                Item::Media(media) => {
                    if global.verbose {
                        bar.suspend(|| tell_media(&media));
                    }
                    true
                }
            }
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        add(&mut waiting, &mut writer)?;
        match read {
            Ok(Tally { records, media, passed }) => {
                taken.tally.records += records;
                taken.tally.media += media;
                taken.tally.passed += passed;
                if global.verbose {
                    bar.suspend(|| {
                        eprintln!(
                            "`{}`: {records} records, {passed} passed over, {media} image or video",
                            file.display()
                        );
                    });
                }
            }
            Err(error) => {
                bar.suspend(|| tell(&error));
                writer.reject(&file.display().to_string(), "byte 0", &error.to_string(), "");
            }
        }
    }
    taken.receipt = writer.commit()?;
    bar.finish_and_clear();
    remarks.tell();
    Ok(taken)
}

/// A file that cannot be read, with what to try next.
pub fn tell(error: &IntakeError) {
    eprintln!("warning: {error}");
    if let Some(hint) = error.hint() {
        eprintln!("hint: {hint}");
    }
}

/// An image or video that was passed over, by what it hashes to.
fn tell_media(media: &Media) {
    let hash = media.sha256.map_or_else(|| "elsewhere".to_owned(), |hash| format!("sha256 {}", hash.hex()));
    let url = media.url.as_deref().unwrap_or("no address");
    eprintln!("`{}` {}: {} {url}, {hash}, not kept", media.file, place_of(media.offset), media.media_type);
}

/// `homeward ingest`.
pub fn ingest(global: &Global, arguments: &IngestArguments) -> Result<()> {
    let options = Options {
        source: arguments.source.clone(),
        authority: arguments.authority,
        format: Format::parse(&arguments.format).unwrap_or_default(),
        mappings: arguments.mappings.clone(),
        now: Some(now()),
        ..Options::default()
    };
    // Names are checked before the folder is made, so that a slip leaves nothing behind.
    homeward_intake::files(&arguments.inputs, &global.data)?;
    let mut archive = Archive::open_for(&global.data, "homeward ingest")?;
    let taken = take_in(global, &mut archive, &arguments.inputs, &options)?;
    let Receipt { accepted, repeated, changed, rejected } = taken.receipt;
    let Tally { media, passed, .. } = taken.tally;
    let Photos { hashed, unread } = taken.photos;
    if global.json {
        let mut counts = serde_json::json!({"accepted": accepted, "repeated": repeated, "changed": changed, "rejected": rejected});
        let more = [("media", media), ("passed", passed), ("hashed", hashed), ("unread", unread)];
        for (name, count) in more.into_iter().filter(|(_, count)| *count > 0) {
            counts[name] = count.into();
        }
        println!("{counts}");
    } else if !global.quiet {
        println!("accepted {accepted}, repeated {repeated}, changed {changed}, rejected {rejected}");
        if passed > 0 {
            println!("{passed} records passed over that are no postings, such as requests");
        }
        if media > 0 {
            println!("{media} image or video records hashed, not kept");
        }
        if hashed > 0 {
            println!("{hashed} image files hashed, not kept");
        }
    }
    if unread > 0 {
        eprintln!(
            "warning: {unread} image files could not be read, their postings are in without a hash; `--verbose` names them"
        );
    }
    if rejected > 0 {
        eprintln!("warning: {rejected} rows were rejected, see `{}`", global.data.join("rejected").display());
        if taken.is_all_rejected() {
            bail!("all rows were rejected");
        }
    }
    Ok(())
}

/// `homeward purge`.
pub fn purge(global: &Global, arguments: &PurgeArguments) -> Result<()> {
    let places = record::Places::of(global, &arguments.record);
    let of_record = match &arguments.what {
        PurgeWhat { report: Some(id), .. } if places.exists() => missing::purge(&places, id, &arguments.why)?,
        _ => {
            existing(&global.data)?;
            false
        }
    };
    let mut archive = Archive::open_for(&global.data, "homeward purge")?;
    let terms = || Rules::embedded().retention.past_before(arguments.as_of.unwrap_or_else(now));
    let (noun, removed) = match &arguments.what {
        PurgeWhat { report: Some(id), .. } => {
            let of_archive = archive.purge_report(id, &arguments.why, now())?;
            ("missing reports", usize::from(of_record || of_archive))
        }
        what => {
            let what = match what {
                PurgeWhat { source: Some(source), .. } => Purge::Source(source.clone()),
                PurgeWhat { before: Some(before), .. } => Purge::Before(*before),
                PurgeWhat { id: Some(id), .. } => Purge::Id(id.clone()),
                _ => Purge::Expired(terms()),
            };
            ("postings", archive.purge(&what, &arguments.why, now())?)
        }
    };
    // The demo keeps what it took in beside the archive; what is purged must not stay there either.
    let world = global.data.join("world");
    if removed > 0 && global.data.join("demo").exists() && world.exists() {
        std::fs::remove_dir_all(&world).with_context(|| format!("failed to remove `{}`", world.display()))?;
    }
    if global.json {
        println!("{}", serde_json::json!({"removed": removed}));
    } else if removed == 0 {
        println!("removed 0 {noun}: nothing matches");
    } else if !global.quiet {
        println!(
            "removed {removed} {noun}; runs that could quote them are gone, make a new one with `homeward run`"
        );
    }
    Ok(())
}

/// Refuses a folder that holds no archive, rather than making one by a slip of the finger.
pub fn existing(data: &Path) -> Result<()> {
    Archive::open_read(data)?;
    Ok(())
}

/// `homeward run`.
pub fn run(global: &Global, arguments: &RunArguments) -> Result<()> {
    let places = record::Places::of(global, &arguments.record);
    if !places.exists() {
        existing(&global.data)?;
    }
    let mut archive = Archive::open_for(&global.data, "homeward run")?;
    if places.exists() {
        record::block_on(async { handover::take(&places.open().await?, &mut archive).await })?;
    }
    let options = RunOptions {
        full: arguments.full,
        as_of: arguments.as_of,
        clock: now(),
        region: arguments.region.clone(),
    };
    let accepted = archive.weights_in_force()?.filter(|accepted| in_force::with(accepted).is_none());
    if let Some(accepted) = accepted {
        eprintln!("warning: the weights `{}` were learned from other rules and are not used", accepted.id);
        eprintln!(
            "hint: `homeward learn` proposes them anew, `homeward learn --revert {0}` takes them back",
            accepted.id
        );
    }
    let summary = make_run(global, &mut archive, &options)?;
    if places.exists() {
        record::block_on(async { alarms::tell_of_run(&places.open().await?, &archive).await })?;
    }
    print_run(global, &summary);
    Ok(())
}

/// Makes a run with progress.
pub fn make_run(global: &Global, archive: &mut Archive, options: &RunOptions) -> Result<RunSummary> {
    let bar = spinner(global);
    let summary = homeward_engine::run::run(archive, options, &mut |step| bar.set_message(step))?;
    bar.finish_and_clear();
    Ok(summary)
}

/// Counts and seconds of a run.
pub fn print_run(global: &Global, summary: &RunSummary) {
    if global.json {
        let steps: serde_json::Map<String, serde_json::Value> = summary
            .steps
            .iter()
            .map(|(name, time)| ((*name).to_owned(), serde_json::json!(time.as_secs_f64())))
            .collect();
        println!(
            "{}",
            serde_json::json!({"run": summary.id, "postings": summary.postings, "templates": summary.templates,
                "networks": summary.networks, "reports": summary.reports, "findings": summary.findings,
                "blocked": summary.blocked, "seconds": steps})
        );
    } else if !global.quiet {
        println!(
            "run {}: {} postings, {} templates, {} networks, {} reports, {} findings, {} values kept from linking",
            summary.id,
            summary.postings,
            summary.templates,
            summary.networks,
            summary.reports,
            summary.findings,
            summary.blocked
        );
        let steps: Vec<String> =
            summary.steps.iter().map(|(name, time)| format!("{name} {:.2} s", time.as_secs_f64())).collect();
        println!("{}", steps.join(", "));
    }
}
