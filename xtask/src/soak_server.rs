//! A server that is killed at random moments while members write must keep every act that it answered for, no half of any,
//! and a trail that is sound; at the end its backup, brought back elsewhere, has the same trail.

use crate::http::Client;
use crate::scratch;
use crate::server::{Account, Running, Site, site};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Members who write at a time.
const MEMBERS: usize = 12;

/// The longest time between the start of the server and its end.
const LONGEST: Duration = Duration::from_millis(1500);

/// What was answered with success, and what therefore must be there.
#[derive(Clone, Debug)]
enum Kept {
    /// A lead, at least at this version.
    Lead { id: String, version: i64 },
    /// A finding that became this lead.
    Admitted { finding: String, lead: String },
}

/// What the members share.
#[derive(Default)]
struct Told {
    kept: Mutex<Vec<Kept>>,
    /// Acts whose answer never came: they may have been done.
    unknown: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
}

/// A member who writes: their session outlives the server.
struct Writer {
    session: String,
    account: Account,
}

/// Kills the server so often.
pub fn soak(root: &Path, kills: usize) -> Result<()> {
    let folder = scratch("soak-server")?;
    let site = site(root, "dev", folder.join("data"), None)?;
    let world = folder.join("world").display().to_string();
    quiet(&mut site.command(&["-q", "world", "--postings", "5000", "--seed", "21", "-o", &world]))?;
    quiet(&mut site.command(&["-q", "ingest", &format!("{world}/postings.jsonl")]))?;
    quiet(&mut site.command(&["-q", "run"]))?;
    let made = site.load(&[
        ("leads", 400),
        ("checks", 400),
        ("reports", 100),
        ("accounts", MEMBERS),
        ("agencies", 2),
        ("cases", 20),
        ("operations", 5),
        ("victims", 20),
    ])?;
    let mut server = site.serve()?;
    let mut writers = Vec::new();
    for account in &made.accounts {
        let (_, session) = account.sign_in(server.at)?;
        writers.push(Writer { session, account: account.clone() });
    }
    let writers = Arc::new(writers);
    let (mut all, mut unknown): (Vec<Kept>, u64) = (Vec::new(), 0);
    let start = Instant::now();
    for kill in 0..kills {
        let after = LONGEST.mul_f64(crate::soak::dice(kill));
        let told = Arc::new(Told::default());
        let work: Vec<_> = (0..writers.len())
            .map(|number| {
                let (writers, told, at) = (Arc::clone(&writers), Arc::clone(&told), server.at);
                std::thread::spawn(move || write(&writers, number, at, &told, (kill * 100 + number) as u64))
            })
            .collect();
        std::thread::sleep(after);
        server.kill();
        told.stop.store(true, Ordering::Relaxed);
        for member in work {
            let _ = member.join();
        }
        server = site.serve().with_context(|| format!("after kill {kill}"))?;
        let new = std::mem::take(&mut *told.kept.lock().unwrap_or_else(PoisonError::into_inner));
        unknown += told.unknown.load(Ordering::Relaxed);
        check(&server, &writers, &new).with_context(|| format!("after kill {kill}"))?;
        all.extend(new);
        // The trail is read whole: now and then, and at the end.
        if kill % 10 == 9 || kill + 1 == kills {
            sound(&site).with_context(|| format!("after kill {kill}"))?;
            println!(
                "{} kills, {} acts kept, {unknown} unanswered, {:.0} s",
                kill + 1,
                all.len(),
                start.elapsed().as_secs_f64()
            );
        }
    }
    check(&server, &writers, &all).context("at the end")?;
    server.kill();
    brought_back(&site, &folder)?;
    println!(
        "{kills} kills: {} acts that were answered are all there, the backup has the same trail",
        all.len()
    );
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn quiet(command: &mut Command) -> Result<()> {
    crate::run(command.stdout(Stdio::null()))
}

/// The trail fits its heads and the witness.
fn sound(site: &Site) -> Result<String> {
    let output = site.command(&["audit", "verify"]).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "the trail is not sound: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said)
}

/// The backup, brought back into an empty folder, has the head that the record had when it was made. Backup and restoration
/// each leave an entry of their own after it.
fn brought_back(site: &Site, folder: &Path) -> Result<()> {
    let at = |name: &str| folder.join(name).display().to_string();
    quiet(&mut site.command(&["backup", "-o", &at("backup"), "--keys", &at("backup-keys")]))?;
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("backup/manifest.json"))?)?;
    let second = folder.join("second");
    let restored = site
        .command_in(&second, &["--json", "restore", &at("backup"), "--keys", &at("backup-keys")])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(restored.status.success(), "the backup cannot be restored");
    let restored: Value = serde_json::from_slice(&restored.stdout)?;
    let verified = site.command_in(&second, &["audit", "verify"]).output()?;
    ensure!(verified.status.success(), "the trail that was brought back is not sound");
    println!("backup:   {}\nrestored: {}", manifest["head"], restored["head"]);
    ensure!(manifest["head"] == restored["head"], "the trail that was brought back has another head");
    Ok(())
}

/// Everything that was answered is there, and whole.
fn check(server: &Running, writers: &[Writer], kept: &[Kept]) -> Result<()> {
    for act in kept {
        match act {
            Kept::Lead { id, version } => {
                let lead = seen(server, writers, &format!("/api/v1/leads/{id}"))?;
                let now = lead["version"].as_i64().unwrap_or_default();
                ensure!(now >= *version, "lead {id} is at version {now}, and version {version} was answered");
            }
            Kept::Admitted { finding, lead } => {
                let found = seen(server, writers, &format!("/api/v1/findings/{finding}"))?;
                let state = found["state"].as_str().unwrap_or_default().to_owned();
                ensure!(
                    state == "admitted",
                    "finding {finding} is `{state}`, and its lead {lead} was answered"
                );
                let made = seen(server, writers, &format!("/api/v1/leads/{lead}"))?;
                let of = made["finding"].as_str().unwrap_or_default();
                ensure!(of == finding, "lead {lead} is of finding `{of}`, not of {finding}");
            }
        }
    }
    whole(server, writers)
}

/// No half act: a finding is admitted exactly when its lead is there.
fn whole(server: &Running, writers: &[Writer]) -> Result<()> {
    let mut client = Client::with_session(server.at, &writers[0].session);
    let page = client.get("/api/v1/leads?state=admitted")?.json();
    for lead in page["leads"].as_array().into_iter().flatten() {
        let Some(finding) = lead["finding"].as_str().filter(|finding| !finding.is_empty()) else { continue };
        let answer = client.get(&format!("/api/v1/findings/{finding}"))?;
        // Findings of the made up leads are of no run.
        if answer.status == 200 {
            let state = answer.json()["state"].as_str().unwrap_or_default().to_owned();
            ensure!(state == "admitted", "there is a lead of finding {finding}, which is `{state}`");
        }
    }
    Ok(())
}

/// What a path shows to the first member who may see it.
fn seen(server: &Running, writers: &[Writer], path: &str) -> Result<Value> {
    for writer in writers {
        let answer = Client::with_session(server.at, &writer.session).get(path)?;
        match answer.status {
            200 => return Ok(answer.json()),
            403 | 404 => {}
            other => bail!("`{path}` is answered with {other}"),
        }
    }
    bail!("nobody sees `{path}` any more")
}

/// One member writes until the server is gone.
fn write(writers: &[Writer], number: usize, at: std::net::SocketAddr, told: &Told, seed: u64) {
    let me = &writers[number];
    let mut client = Client::with_session(at, &me.session);
    let mut dice = seed;
    while !told.stop.load(Ordering::Relaxed) {
        dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        if let Ok(kept) = act(&mut client, writers, me, dice >> 33) {
            told.done.fetch_add(1, Ordering::Relaxed);
            told.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(kept);
        } else {
            // The answer never came: the act may have been done, or not.
            told.unknown.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }
}

/// One act, and what must be there from now on when it was answered with success.
fn act(client: &mut Client, writers: &[Writer], me: &Writer, dice: u64) -> Result<Option<Kept>> {
    let moves = match me.account.role.as_str() {
        "analyst" if dice.is_multiple_of(3) => return admit(client, dice),
        "analyst" => Some(("admitted", "triage")),
        "supervisor" => Some(("triaged", "assign")),
        "investigator" => Some(("assigned", "start")),
        _ => None,
    };
    let Some((state, act)) = moves.filter(|_| !dice.is_multiple_of(5)) else {
        let answer =
            client.post("/api/v1/tips", &json!({ "text": format!("a made up tip, number {dice}") }))?;
        ensure!(answer.status < 300, "the tip is answered with {}", answer.status);
        return Ok(None);
    };
    let page = client.get(&format!("/api/v1/leads?state={state}"))?.json();
    let leads = page["leads"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(lead) = leads.get(dice as usize % leads.len().max(1)) else { return note(client, dice) };
    let id = lead["id"].as_str().unwrap_or_default().to_owned();
    let mut body = json!({ "seen": lead["version"] });
    match act {
        "triage" => (body["priority"], body["office"]) = ("soon".into(), "Charlotte".into()),
        "assign" => {
            let colleague = |writer: &&Writer| {
                writer.account.agency == me.account.agency && writer.account.role == "investigator"
            };
            body["to"] = writers.iter().find(colleague).map(|writer| writer.account.member.clone()).into();
        }
        _ => {}
    }
    let answer = client.post(&format!("/api/v1/leads/{id}/{act}"), &body)?;
    let version = answer.json()["version"].as_i64();
    Ok(version.filter(|_| answer.status < 300).map(|version| Kept::Lead { id, version }))
}

/// What is left to do once every lead was moved on: a note on one that is not closed.
fn note(client: &mut Client, dice: u64) -> Result<Option<Kept>> {
    let page = client.get("/api/v1/leads")?.json();
    let leads = page["leads"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(lead) = leads.get(dice as usize % leads.len().max(1)) else { return Ok(None) };
    let id = lead["id"].as_str().unwrap_or_default().to_owned();
    let body = json!({ "seen": lead["version"], "grounds": "called again, nobody answered" });
    let answer = client.post(&format!("/api/v1/leads/{id}/note"), &body)?;
    let version = answer.json()["version"].as_i64();
    Ok(version.filter(|_| answer.status < 300).map(|version| Kept::Lead { id, version }))
}

fn admit(client: &mut Client, dice: u64) -> Result<Option<Kept>> {
    let page = client.get("/api/v1/findings")?.json();
    let findings = page["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(finding) = findings.get(dice as usize % findings.len().max(1)) else { return Ok(None) };
    let finding = finding["id"].as_str().unwrap_or_default().to_owned();
    let path = format!("/api/v1/findings/{finding}/admit");
    let answer = client.post(&path, &json!({ "grounds": "worth a look" }))?;
    let lead = answer.json()["id"].as_str().map(str::to_owned);
    Ok(lead.filter(|_| answer.status < 300).map(|lead| Kept::Admitted { finding, lead }))
}
