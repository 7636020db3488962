//! `homeward doctor`: whether the data folder is what its manifest says, and what is due.

use crate::record::{self, Places, RecordOptions};
use crate::{Global, now};
use anyhow::{Result, bail};
use homeward_archive::{Archive, ArchiveError, Checked, Problem, Purge};
use homeward_engine::index;
use homeward_rules::Rules;
use homeward_store::{SchemaState, schema_state};
use serde_json::{Map, Value, json};
use std::path::Path;

/// What the doctor finds: lines for a person as they come, or one object at the end.
struct Told {
    json: bool,
    found: Map<String, Value>,
}

impl Told {
    /// Says one thing; `value` is what a program reads of it.
    fn say(&mut self, name: &str, value: impl Into<Value>, line: &str) {
        if self.json {
            self.found.insert(name.to_owned(), value.into());
        } else {
            println!("{line}");
        }
    }

    /// The end: damage is an error.
    fn end(mut self, damage: &[String]) -> Result<()> {
        if self.json {
            self.found.insert("damage".to_owned(), damage.into());
            println!("{}", Value::Object(self.found));
        }
        if !damage.is_empty() {
            bail!("{}", damage.join("; "));
        }
        Ok(())
    }
}

/// `homeward doctor`. Everything is read and compared with the manifest; a damaged index is removed, since it can be made
/// again, and any other damage fails.
pub fn doctor(global: &Global, options: &RecordOptions) -> Result<()> {
    let rules = Rules::embedded();
    let (version, cores) = (env!("CARGO_PKG_VERSION"), rayon::current_num_threads());
    let mut told = Told { json: global.json, found: Map::new() };
    let build = json!({"version": version, "rules": rules.version});
    told.say("homeward", build, &format!("homeward {version}, rules {}", rules.version));
    told.say("cores", cores, &format!("cores: {cores}"));
    let mut damage = check_record(&mut told, &Places::of(global, options));
    let archive = match Archive::open_read(&global.data) {
        Ok(archive) => archive,
        Err(ArchiveError::Missing { .. }) => {
            let line = format!("archive: none yet in `{}`", global.data.display());
            told.say("archive", Value::Null, &line);
            return told.end(&damage);
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(free) = free_space(&global.data) {
        told.say("free_space", free.as_str(), &format!("free space: {free}"));
    }
    if let Some(mode) = open_to_others(&global.data) {
        let line = format!(
            "data folder `{}` has mode {mode:04o}, and others on this machine may read it; `chmod 700` closes it",
            global.data.display()
        );
        told.say("data_mode", format!("{mode:04o}"), &line);
    }
    match Archive::open_for(&global.data, "homeward doctor") {
        Ok(_) => told.say("in_use_by", Value::Null, "in use by: nobody"),
        Err(ArchiveError::Held { holder, .. }) => {
            told.say("in_use_by", holder.as_str(), &format!("in use by: {holder}"));
        }
        Err(error) => {
            told.say("in_use_by", error.to_string(), &format!("in use by: cannot tell, {error}"));
        }
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
                let line = format!(
                    "index `{}` is damaged and {}",
                    path.display(),
                    removed.map_or_else(
                        |error| format!("cannot be removed: {error}"),
                        |()| { "removed; the next search makes it again".to_owned() }
                    )
                );
                told.say("damaged_index", path.display().to_string(), &line);
            }
        }
    }
    let (segments, as_written) = (archive.segments().len(), damage.len() == of_record);
    let line = format!(
        "archive `{}`: {segments} segments, {postings} postings, {}",
        global.data.display(),
        if as_written { "all as written" } else { "damaged" }
    );
    let value = json!({"segments": segments, "postings": postings, "as_written": as_written});
    told.say("archive", value, &line);
    let indexed = segments - archive.without_index(&index::tag(rules, "US")).len();
    told.say("indexed_segments", indexed, &format!("text index: {indexed} segments of {segments}"));
    told.say("reports", reports, &format!("reports: {reports}"));
    let latest = archive.latest_run();
    told.say("latest_run", latest, &format!("latest run: {}", latest.unwrap_or("none")));
    let purges = archive.purges().len();
    told.say("purges", purges, &format!("purges: {purges}"));
    let line = match past_term {
        0 => "past their term: none".to_owned(),
        past => {
            format!(
                "past their term: {past} postings; remove them with `homeward purge --expired --why TEXT`"
            )
        }
    };
    told.say("past_term", past_term, &line);
    told.end(&damage)
}

/// The mode of a data folder that others on this machine may read.
fn open_to_others(folder: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&folder.metadata().ok()?.permissions()) & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Says how the record is, and returns what is wrong with it. Nothing is migrated, and no entry is written.
fn check_record(told: &mut Told, places: &Places) -> Vec<String> {
    if !places.exists() {
        told.say("record", Value::Null, &format!("record: none yet, `{}`", places.shown()));
        return Vec::new();
    }
    let mut wrong = Vec::new();
    match record::block_on(async { Ok(schema_state(&places.url).await?) }) {
        Ok(SchemaState { newest, lacking }) if lacking.is_empty() => {
            let newest = newest.unwrap_or_default();
            let line = format!("record `{}`: reachable, schema `{newest}`", places.shown());
            told.say("record", json!({"database": places.shown(), "schema": newest}), &line);
        }
        Ok(SchemaState { lacking, .. }) => {
            wrong.push(format!("the record lacks `{}`; run `homeward migrate`", lacking.join("`, `")));
        }
        Err(error) => wrong.push(format!("the record `{}` cannot be reached: {error:#}", places.shown())),
    }
    for (name, what, path) in
        [("key_file", "key file", &places.keys), ("audit_key", "audit key", &places.audit_key)]
    {
        match readable(path) {
            Ok(0o600) => {
                let line = format!("{what} `{}`: readable by its owner alone", path.display());
                told.say(name, path.display().to_string(), &line);
            }
            Ok(mode) => wrong.push(format!(
                "{what} `{}` has mode {mode:04o}; make it 0600 with `chmod 600`",
                path.display()
            )),
            Err(error) => wrong.push(format!("{what} `{}` cannot be read: {error}", path.display())),
        }
    }
    match &places.witness {
        None => {
            let line = "audit witness: none; name one on another disk with `--audit-witness`";
            told.say("audit_witness", Value::Null, line);
        }
        Some(path) => match std::fs::OpenOptions::new().append(true).open(path) {
            Ok(_) => {
                let line = format!("audit witness `{}`: can be written", path.display());
                told.say("audit_witness", path.display().to_string(), &line);
            }
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
