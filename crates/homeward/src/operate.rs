//! What an operator does with the record as a whole: `migrate`, `audit verify`, `backup`, `restore`.

use crate::record::{self, Places, RecordOptions, outside};
use crate::{Global, outputs};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use homeward_store::{SchemaState, Store, StoreOptions, schema_state};
use std::path::PathBuf;

/// The audit trail.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Hash the trail anew and hold it against every signed head, here and in the witness
    #[command(after_help = "Example: homeward audit verify --audit-witness /mnt/witness/heads")]
    Verify(RecordOptions),
}

/// Where to copy the record.
#[derive(Args)]
pub struct BackupArguments {
    /// Folder for the backup; empty or not there yet
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Copy the keys too, to this new file; keep it apart from the backup. The key of the audit trail goes beside it, with
    /// `.audit` at its end
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    record: RecordOptions,
}

/// What to restore.
#[derive(Args)]
pub struct RestoreArguments {
    /// Folder of the backup
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The newest copy of the keys, as `homeward backup --keys` wrote it
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    #[command(flatten)]
    record: RecordOptions,
}

/// Refuses to make a record by a slip of the finger.
pub fn existing(places: &Places) -> Result<()> {
    if !places.exists() {
        bail!(
            "there is no record `{}`; `homeward migrate` begins one, `--data DIR` names another folder",
            places.shown()
        );
    }
    Ok(())
}

/// `homeward migrate`.
pub fn migrate(global: &Global, options: &RecordOptions) -> Result<()> {
    let places = Places::of(global, options);
    let (before, after) = record::block_on(async {
        let before = if places.exists() { schema_state(&places.url).await? } else { SchemaState::default() };
        places.open().await?;
        Ok((before, schema_state(&places.url).await?))
    })?;
    let newest = after.newest.unwrap_or_default();
    if global.json {
        println!("{}", serde_json::json!({"before": before.newest, "schema": newest}));
    } else if before.newest.as_deref() == Some(newest.as_str()) {
        println!("record `{}` has the newest schema already, `{newest}`", places.shown());
    } else {
        let before = before.newest.unwrap_or_else(|| "nothing".to_owned());
        println!("record `{}` was brought from `{before}` to the newest schema, `{newest}`", places.shown());
    }
    Ok(())
}

/// `homeward audit verify`.
pub fn verify(global: &Global, options: &RecordOptions) -> Result<()> {
    let places = Places::of(global, options);
    existing(&places)?;
    if let Some(witness) = places.witness.as_ref().filter(|witness| !witness.exists()) {
        bail!("there is no witness `{}`", witness.display());
    }
    // Opened without the witness: looking at it must not begin one.
    let alone = Places { witness: None, ..places.clone() };
    let verified =
        record::block_on(async { Ok(alone.open().await?.verify(places.witness.as_deref()).await?) })?;
    match verified {
        Ok(sound) => {
            if global.json {
                println!("{}", serde_json::json!({"entries": sound.entries, "heads": sound.heads}));
            } else {
                let head = sound.head.map_or_else(String::new, |head| format!(", the last head {head}"));
                println!("the audit trail is sound: {} entries, {} heads{head}", sound.entries, sound.heads);
            }
            Ok(())
        }
        Err(breaches) => {
            for breach in &breaches {
                println!("{breach}");
            }
            bail!("the audit trail is not sound: {} breaches", breaches.len())
        }
    }
}

/// `homeward backup`.
pub fn backup(global: &Global, arguments: &BackupArguments) -> Result<()> {
    let places = Places::of(global, &arguments.record);
    existing(&places)?;
    // A backup without its keys is none: what stands in their way is said before it begins.
    for keys in arguments.keys.iter().flat_map(|keys| [keys.clone(), audit_of(keys)]) {
        if keys.symlink_metadata().is_ok() {
            bail!(
                "`{}` is there already, and keys are never written over\nhint: name a new file with `--keys`",
                keys.display()
            );
        }
        outputs::check(&[&keys], &[])?;
    }
    let made = record::block_on(async {
        let store = places.open().await?;
        let made = store.back_up(outside(), &arguments.output).await?;
        if let Some(keys) = &arguments.keys {
            store.back_up_keys(outside(), keys, Some(&audit_of(keys))).await?;
        }
        Ok(made)
    })?;
    if global.json {
        println!("{}", serde_json::json!({"records": made.records, "entries": made.entries}));
    } else if !global.quiet {
        let folder = arguments.output.display();
        println!("{} records and {} entries of the audit trail in `{folder}`", made.records, made.entries);
        if arguments.keys.is_none() {
            println!("the keys are not in it: copy them with `--keys FILE` and keep them apart");
        }
    }
    Ok(())
}

/// `homeward restore`.
pub fn restore(global: &Global, arguments: &RestoreArguments) -> Result<()> {
    let places = Places::of(global, &arguments.record);
    if places.file.is_some() && places.exists() {
        bail!("there is a record `{}` already; name an empty folder with `--data`", places.shown());
    }
    for (from, to) in [(arguments.keys.clone(), &places.keys), (audit_of(&arguments.keys), &places.audit_key)]
    {
        record::copy_private(&from, to)?;
    }
    let restored = record::block_on(async {
        places.prepare()?;
        let options = StoreOptions {
            audit_key_path: places.audit_key.clone(),
            witness: places.witness.clone(),
            key_file: places.keys.clone(),
        };
        Store::restore(&places.url, options, outside(), &arguments.folder)
            .await
            .with_context(|| format!("`{}` cannot be restored", arguments.folder.display()))
    });
    let restored = match restored {
        Ok(restored) => restored,
        Err(error) => {
            // What was begun would be taken for a record.
            places.remove_begun();
            return Err(error);
        }
    };
    let (records, again, lost) = (restored.records, restored.purged_again, restored.entries_lost);
    if global.json {
        let head = restored.head.map(|head| head.to_string());
        println!(
            "{}",
            serde_json::json!({"records": records, "purged_again": again, "entries_lost": lost, "head": head})
        );
    } else if !global.quiet {
        println!(
            "{records} records restored; {again} purged again; {lost} later entries of the trail are lost"
        );
    }
    Ok(())
}

/// The copy of the key of the audit trail, beside the copy of the keys.
fn audit_of(keys: &std::path::Path) -> PathBuf {
    let mut name = keys.as_os_str().to_owned();
    name.push(".audit");
    name.into()
}
