//! `homeward directory`: the provider directory in and out, and the permissions by which a confidential address is shown.

use crate::Global;
use crate::record::{self, Places, RecordOptions, outside};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use homeward_casework::{Casework, Taken};
use homeward_directory::{Listing, Refusal, Tables, read_json, read_tables};
use homeward_intake::{Item, Options};
use homeward_model::{AgencyId, Digest};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum DirectoryCommand {
    /// Take in services of HSDS 3 (JSON or CSV) or Ohana (CSV); confidential addresses are not kept
    #[command(
        after_help = "Example: homeward directory import services.json ohana-folder --source county-211"
    )]
    Import(ImportArguments),
    /// Write the directory as HSDS JSON, an object in each file
    #[command(after_help = "Example: homeward directory export -o hsds")]
    Export(ExportArguments),
    /// Record, or withdraw, an operator's written permission to show the address of a location
    #[command(
        after_help = "Example: homeward directory permit 3a19ff88-4620-4d17-9830-ac1d859eb5d5 --by 'R. Example, director' --paper signed.pdf"
    )]
    Permit(PermitArguments),
}

/// What to take in.
#[derive(Args)]
pub struct ImportArguments {
    /// Files, or folders that are searched for files
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// Name of the directory that they come from
    #[arg(long, default_value = "default")]
    source: String,
    #[command(flatten)]
    record: RecordOptions,
}

/// Where to write.
#[derive(Args)]
pub struct ExportArguments {
    /// Folder to write into
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    record: RecordOptions,
}

/// Which address.
#[derive(Args)]
pub struct PermitArguments {
    /// Id of the location
    location: String,
    /// Who permits it, for the operator of the location
    #[arg(long, required_unless_present = "withdraw")]
    by: Option<String>,
    /// The signed paper; its hash is recorded
    #[arg(long, value_name = "FILE", required_unless_present = "withdraw")]
    paper: Option<PathBuf>,
    /// The permission is withdrawn
    #[arg(long)]
    withdraw: bool,
    #[command(flatten)]
    record: RecordOptions,
}

/// `homeward directory`.
pub fn directory(global: &Global, command: &DirectoryCommand) -> Result<()> {
    match command {
        DirectoryCommand::Import(arguments) => import(global, arguments),
        DirectoryCommand::Export(arguments) => export(global, arguments),
        DirectoryCommand::Permit(arguments) => permit(global, arguments),
    }
}

async fn open(global: &Global, options: &RecordOptions) -> Result<Casework> {
    let store = Places::of(global, options).open().await?;
    Ok(Casework::new(store, &global.data, AgencyId::unlisted(), None))
}

/// Reads listings of files; returns them with how many objects and rows were refused, each told with its reason.
pub fn read(inputs: &[PathBuf], data: &Path, source: &str) -> Result<(Vec<Listing>, usize)> {
    let (mut listings, mut refused, mut tables) = (Vec::new(), 0, Tables::default());
    let mut tell = |file: &Path, refusals: Vec<Refusal>| {
        for Refusal { what, because } in &refusals {
            eprintln!("warning: `{}`: {what}: {because}", file.display());
        }
        refused += refusals.len();
    };
    let refusal = |what: &str, because: String| vec![Refusal { what: what.to_owned(), because }];
    for file in homeward_intake::files(inputs, data)? {
        let end = file.extension().and_then(|end| end.to_str()).unwrap_or_default().to_lowercase();
        match end.as_str() {
            "json" => {
                let text = fs::read_to_string(&file)
                    .with_context(|| format!("failed to read `{}`", file.display()))?;
                match read_json(&text, source) {
                    Ok((found, refusals)) => {
                        listings.extend(found);
                        tell(&file, refusals);
                    }
                    Err(because) => tell(&file, refusal("file", because)),
                }
            }
            "csv" => {
                let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
                let (rows, refusals) = table(&file);
                tables.add(&name, rows);
                tell(&file, refusals);
            }
            _ => {}
        }
    }
    let (found, refusals) = read_tables(tables, source);
    listings.extend(found);
    tell(Path::new("tables"), refusals);
    Ok((listings, refused))
}

/// The rows of a table, as they stand.
fn table(file: &Path) -> (homeward_directory::Table, Vec<Refusal>) {
    let (mut rows, mut refusals) = (Vec::new(), Vec::new());
    // The one table of Ohana whose key has another name.
    let is_taxonomy = file.file_stem().is_some_and(|stem| stem == "taxonomy");
    let mapping = is_taxonomy.then(|| ("taxonomy_id".to_owned(), "id".to_owned()));
    let options = Options { mappings: mapping.into_iter().collect(), ..Options::default() };
    let read = homeward_intake::read_table(file, &options, &mut |item| {
        match item {
            Item::Good(record) => rows.push(record.fields),
            Item::Rejected(row) => {
                let what = homeward_archive::place_of(row.offset);
                refusals.push(Refusal { what, because: row.reason });
            }
            Item::Media(_) => {}
        }
        true
    });
    if let Err(error) = read {
        refusals.push(Refusal { what: "file".to_owned(), because: error.to_string() });
    }
    (rows, refusals)
}

fn import(global: &Global, arguments: &ImportArguments) -> Result<()> {
    let (listings, rejected) = read(&arguments.inputs, &global.data, &arguments.source)?;
    if listings.is_empty() {
        bail!("there is nothing to take in: {rejected} objects or rows were rejected");
    }
    let (taken, closed) = record::block_on(async {
        let casework = open(global, &arguments.record).await?;
        Ok(casework.take_listings(outside(), &arguments.source, listings).await?)
    })?;
    let Taken { accepted, changed, repeated } = taken;
    if global.json {
        let counts = serde_json::json!({"accepted": accepted, "changed": changed, "repeated": repeated,
            "rejected": rejected, "closed": closed});
        println!("{counts}");
    } else if !global.quiet {
        println!("accepted {accepted}, changed {changed}, repeated {repeated}, rejected {rejected}");
        if closed > 0 {
            println!("confidential addresses were taken out of {closed} listings");
        }
    }
    if rejected > 0 {
        eprintln!("warning: {rejected} objects or rows were rejected");
    }
    Ok(())
}

fn export(global: &Global, arguments: &ExportArguments) -> Result<()> {
    let listings = record::block_on(async {
        let casework = open(global, &arguments.record).await?;
        Ok(casework.listings().await?)
    })?;
    for listing in &listings {
        let folder = arguments.output.join(listing.kind.word());
        let file = folder.join(format!("{}.json", listing.id));
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&file, format!("{:#}\n", listing.body)))
            .with_context(|| format!("failed to write `{}`", file.display()))?;
    }
    if global.json {
        println!("{}", serde_json::json!({"written": listings.len()}));
    } else if !global.quiet {
        println!("{} listings in `{}`", listings.len(), arguments.output.display());
    }
    Ok(())
}

/// Whether an object or one inside it has this id.
fn names(object: &Value, id: &str) -> bool {
    match object {
        Value::Object(fields) => {
            fields.get("id").is_some_and(|own| own == id) || fields.values().any(|value| names(value, id))
        }
        Value::Array(values) => values.iter().any(|value| names(value, id)),
        _ => false,
    }
}

fn permit(global: &Global, arguments: &PermitArguments) -> Result<()> {
    let location = arguments.location.as_str();
    let done = record::block_on(async {
        let casework = open(global, &arguments.record).await?;
        if arguments.withdraw {
            return Ok(casework.withdraw_address(outside(), location).await?);
        }
        let (Some(by), Some(paper)) = (&arguments.by, &arguments.paper) else {
            bail!("a permission needs `--by` and `--paper`");
        };
        let text = fs::read(paper).with_context(|| format!("failed to read `{}`", paper.display()))?;
        if !casework.listings().await?.iter().any(|listing| names(&listing.body, location)) {
            eprintln!("warning: no listing has a location `{location}` yet; the permission waits for one");
        }
        casework.permit_address(outside(), location, by, Digest::of(&text)).await?;
        Ok(true)
    })?;
    if !done {
        bail!("there is no permission for location `{location}`");
    }
    if !global.quiet {
        let (said, hint) = if arguments.withdraw {
            ("withdrawn: the address is not shown any more", "")
        } else {
            ("on file", "; import the directory again, for a confidential address was not kept")
        };
        println!("permission for `{location}` {said}{hint}");
    }
    Ok(())
}
