//! Makes up a record of the size of a nation's in the data folder of a server, for `cargo xtask bench record` and the long
//! tests: `cargo run -p homeward-store --features bench --example load -- DATA [DATABASE-URL] [leads=100000 checks=350000 ...]`.
//!
//! Writes `made-up.tsv` beside the record: accounts with password and secret of the one-time codes, and ids of each noun.

use homeward_access::Actor;
use homeward_model::Instant;
use homeward_store::bulk::{Loaded, Size};
use homeward_store::{Store, StoreOptions};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Ids of each noun that are written down.
const NAMED: usize = 2_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let data = Path::new(arguments.first().ok_or("say the data folder")?);
    let folder = data.join("record");
    std::fs::create_dir_all(&folder)?;
    let own = format!("sqlite:{}", folder.join("record.db").display());
    let url = arguments.get(1).filter(|url| url.contains("://")).unwrap_or(&own);
    let size = size(arguments.get(1..).unwrap_or_default())?;
    let options = StoreOptions {
        audit_key_path: folder.join("audit.key"),
        witness: Some(data.join("witness")),
        key_file: folder.join("keys"),
    };
    let store = Store::open(url, options).await?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let now = Instant(i64::try_from(since.as_micros())?);
    let start = std::time::Instant::now();
    let loaded = store.load_made_up(size, 7, now).await?;
    println!(
        "made up {} leads, {} checks, {} missing reports, {} cases, {} events and {} victims in {:.1} s",
        loaded.leads.len(),
        loaded.checks.len(),
        loaded.reports.len(),
        loaded.cases.len(),
        loaded.events.len(),
        loaded.victims.len(),
        start.elapsed().as_secs_f64()
    );
    std::fs::write(data.join("made-up.tsv"), written(&loaded))?;
    Ok(())
}

/// The size that the arguments say; what they leave out is as in a nation's year.
fn size(arguments: &[String]) -> Result<Size, Box<dyn Error>> {
    let mut size = Size {
        agencies: 50,
        leads: 100_000,
        checks: 350_000,
        reports: 30_000,
        accounts: 50,
        cases: 20_000,
        operations: 2_000,
        victims: 10_000,
    };
    for (noun, number) in arguments.iter().filter_map(|argument| argument.split_once('=')) {
        let place = match noun {
            "agencies" => &mut size.agencies,
            "leads" => &mut size.leads,
            "checks" => &mut size.checks,
            "reports" => &mut size.reports,
            "accounts" => &mut size.accounts,
            "cases" => &mut size.cases,
            "operations" => &mut size.operations,
            "victims" => &mut size.victims,
            _ => return Err(format!("`{noun}` is nothing that can be made up").into()),
        };
        *place = number.parse()?;
    }
    Ok(size)
}

fn job(actor: &Actor) -> String {
    actor.roles.list().iter().map(|role| role.word()).collect::<Vec<_>>().join("+")
}

fn written(loaded: &Loaded) -> String {
    let mut text = String::new();
    for actor in &loaded.members {
        let _ = writeln!(text, "member\t{}\t{}\t{}", actor.member, actor.organisation, job(actor));
    }
    for account in &loaded.accounts {
        let codes = account.codes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let role = job(&account.actor);
        let (member, agency) = (account.actor.member, account.actor.organisation);
        let _ = writeln!(
            text,
            "account\t{}\t{}\t{codes}\t{role}\t{member}\t{agency}",
            account.email, account.password
        );
    }
    let mut few = |noun: &str, ids: Vec<String>| {
        let step = ids.len().div_ceil(NAMED).max(1);
        for id in ids.iter().step_by(step) {
            let _ = writeln!(text, "{noun}\t{id}");
        }
    };
    few("lead", loaded.leads.iter().map(ToString::to_string).collect());
    few("check", loaded.checks.iter().map(ToString::to_string).collect());
    few("case", loaded.cases.iter().map(ToString::to_string).collect());
    few("report", loaded.reports.iter().map(ToString::to_string).collect());
    few("initiative", loaded.initiatives.iter().map(ToString::to_string).collect());
    few("operation", loaded.operations.iter().map(ToString::to_string).collect());
    few("event", loaded.events.iter().map(ToString::to_string).collect());
    few("victim", loaded.victims.iter().map(ToString::to_string).collect());
    text
}
