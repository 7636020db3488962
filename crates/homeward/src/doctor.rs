//! `homeward doctor`: whether the data folder is what its manifest says, and what is due.

use crate::record::{self, Places, RecordOptions};
use crate::{Global, now};
use anyhow::{Result, bail};
use homeward_archive::{Archive, ArchiveError, Checked, Problem, Purge};
use homeward_engine::index;
use homeward_rules::Rules;
use homeward_store::{SchemaState, schema_state};
use std::path::Path;

/// `homeward doctor`. Everything is read and compared with the manifest; a damaged index is removed, since it can be made
/// again, and any other damage fails.
pub fn doctor(global: &Global, options: &RecordOptions) -> Result<()> {
    let rules = Rules::embedded();
    println!("homeward {}, rules {}", env!("CARGO_PKG_VERSION"), rules.version);
    println!("cores: {}", rayon::current_num_threads());
    let mut damage = check_record(&Places::of(global, options));
    let archive = match Archive::open_read(&global.data) {
        Ok(archive) => archive,
        Err(ArchiveError::Missing { .. }) => {
            println!("archive: none yet in `{}`", global.data.display());
            return whole(&damage);
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(free) = free_space(&global.data) {
        println!("free space: {free}");
    }
    match Archive::open_for(&global.data, "homeward doctor") {
        Ok(_) => println!("in use by: nobody"),
        Err(ArchiveError::Held { holder, .. }) => println!("in use by: {holder}"),
        Err(error) => println!("in use by: cannot tell, {error}"),
    }
    let Checked { postings, past_term, reports, problems } =
        archive.check(&Purge::Expired(rules.retention.past_before(now())))?;
    let of_record = damage.len();
    for problem in problems {
        match problem {
            Problem::Segment(id) => {
                damage.push(format!("segment `{id}` does not hold what it was written with"));
            }
            Problem::Reports(name) => damage.push(format!("reports `{name}` are not what was written")),
            Problem::Run(id) => {
                damage.push(format!("run `{id}` is not there; make a new one with `homeward run`"));
            }
            Problem::Index(path) => {
                let removed = std::fs::remove_dir_all(&path);
                println!(
                    "index `{}` is damaged and {}",
                    path.display(),
                    removed.map_or_else(
                        |error| format!("cannot be removed: {error}"),
                        |()| { "removed; the next search makes it again".to_owned() }
                    )
                );
            }
        }
    }
    println!(
        "archive `{}`: {} segments, {postings} postings, {}",
        global.data.display(),
        archive.segments().len(),
        if damage.len() == of_record { "all as written" } else { "damaged" }
    );
    let missing = archive.without_index(&index::tag(rules, "US")).len();
    println!("text index: {} segments of {}", archive.segments().len() - missing, archive.segments().len());
    println!("reports: {reports}");
    println!("latest run: {}", archive.latest_run().unwrap_or("none"));
    println!("purges: {}", archive.purges().len());
    if past_term == 0 {
        println!("past their term: none");
    } else {
        println!(
            "past their term: {past_term} postings; remove them with `homeward purge --expired --why TEXT`"
        );
    }
    whole(&damage)
}

fn whole(damage: &[String]) -> Result<()> {
    if !damage.is_empty() {
        bail!("{}", damage.join("; "));
    }
    Ok(())
}

/// Says how the record is, and returns what is wrong with it. Nothing is migrated, and no entry is written.
fn check_record(places: &Places) -> Vec<String> {
    if !places.exists() {
        println!("record: none yet, `{}`", places.shown());
        return Vec::new();
    }
    let mut wrong = Vec::new();
    match record::block_on(async { Ok(schema_state(&places.url).await?) }) {
        Ok(SchemaState { newest, lacking }) if lacking.is_empty() => {
            println!("record `{}`: reachable, schema `{}`", places.shown(), newest.unwrap_or_default());
        }
        Ok(SchemaState { lacking, .. }) => {
            wrong.push(format!("the record lacks `{}`; run `homeward migrate`", lacking.join("`, `")));
        }
        Err(error) => wrong.push(format!("the record `{}` cannot be reached: {error:#}", places.shown())),
    }
    for (what, path) in [("key file", &places.keys), ("audit key", &places.audit_key)] {
        match readable(path) {
            Ok(0o600) => println!("{what} `{}`: readable by its owner alone", path.display()),
            Ok(mode) => wrong.push(format!(
                "{what} `{}` has mode {mode:04o}; make it 0600 with `chmod 600`",
                path.display()
            )),
            Err(error) => wrong.push(format!("{what} `{}` cannot be read: {error}", path.display())),
        }
    }
    match &places.witness {
        None => println!("audit witness: none; name one on another disk with `--audit-witness`"),
        Some(path) => match std::fs::OpenOptions::new().append(true).open(path) {
            Ok(_) => println!("audit witness `{}`: can be written", path.display()),
            Err(error) => {
                wrong.push(format!("audit witness `{}` cannot be written: {error}", path.display()));
            }
        },
    }
    wrong
}

/// The mode of a file that can be read; where there are no modes, the right one.
fn readable(path: &Path) -> std::io::Result<u32> {
    let file = std::fs::File::open(path)?;
    #[cfg(unix)]
    return Ok(std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o777);
    #[cfg(not(unix))]
    return file.metadata().map(|_| 0o600);
}

/// Free space of a folder's disk as `df` says it; `None` where there is no such command.
fn free_space(folder: &Path) -> Option<String> {
    let output = std::process::Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kib: f64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(format!("{:.1} GiB", kib / (1024.0 * 1024.0)))
}
