//! The whole server under many members at work: a record of the size of a nation's, real sign-ins, reads and writes over
//! kept connections, and how long each took.

use crate::http::{Answer, Client};
use crate::server::{Account, MadeUp, Site, site};
use crate::{postgres, scratch};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// No list and no answer to a check is to take longer for more than one in twenty, milliseconds.
const TARGET: f64 = 100.0;

/// How to measure.
#[derive(clap::Args, Clone)]
pub struct Options {
    /// `sqlite`, `postgres` or `both`
    #[arg(long, default_value = "both")]
    database: String,
    /// For how long, each
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Members at work at a time
    #[arg(long, default_value_t = 50)]
    sessions: usize,
    /// Longest pause of a member between two requests, milliseconds; half of it on average
    #[arg(long, default_value_t = 1000)]
    pause: u64,
    /// Profile in which the server is built
    #[arg(long, default_value = "quick")]
    profile: String,
    /// Leads in the record
    #[arg(long, default_value_t = 100_000)]
    leads: usize,
    /// Checks in the record
    #[arg(long, default_value_t = 350_000)]
    checks: usize,
    /// Missing reports in the record
    #[arg(long, default_value_t = 30_000)]
    reports: usize,
    /// Cases in the record
    #[arg(long, default_value_t = 20_000)]
    cases: usize,
    /// Operations in the record: with five events each, and an initiative a year
    #[arg(long, default_value_t = 2_000)]
    operations: usize,
    /// Victims in the record: with a referral each, and three results
    #[arg(long, default_value_t = 10_000)]
    victims: usize,
}

/// What one request to one kind of place took.
#[derive(Default)]
struct Figure {
    times: Vec<Duration>,
    errors: usize,
}

type Figures = Arc<Mutex<BTreeMap<String, Figure>>>;

/// Measures on one database or both.
pub fn bench(root: &Path, options: &Options) -> Result<()> {
    let databases: &[&str] = match options.database.as_str() {
        "both" => &["sqlite", "postgres"],
        "sqlite" => &["sqlite"],
        "postgres" => &["postgres"],
        other => bail!("`{other}` is none of sqlite, postgres and both"),
    };
    for database in databases {
        let folder = scratch("bench-record")?;
        let postgres = match *database {
            "postgres" => Some(postgres::Server::start(scratch("bench-postgres")?)?),
            _ => None,
        };
        let site =
            site(root, &options.profile, folder.join("data"), postgres.as_ref().map(postgres::Server::url))?;
        println!("{database}:");
        measure(&site, &folder, options)?;
        drop(postgres);
        std::fs::remove_dir_all(&folder)?;
        let _ = std::fs::remove_dir_all(scratch("bench-postgres")?);
    }
    Ok(())
}

fn measure(site: &Site, folder: &Path, options: &Options) -> Result<()> {
    findings(site, folder)?;
    let made = site.load(&[
        ("leads", options.leads),
        ("checks", options.checks),
        ("reports", options.reports),
        ("cases", options.cases),
        ("operations", options.operations),
        ("victims", options.victims),
        ("accounts", options.sessions),
        ("agencies", 50),
    ])?;
    let start = Instant::now();
    let server = site.serve()?;
    println!(
        "  started in {:.1} s; load of the machine {}",
        start.elapsed().as_secs_f64(),
        load_of_machine()
    );
    let served = Client::new(server.at).get("/api/v1/openapi.json")?.json();
    let figures = Figures::default();
    let start = Instant::now();
    let mut clients = Vec::new();
    for account in made.accounts.iter().take(options.sessions) {
        clients.push((account.clone(), account.sign_in(server.at)?.0));
    }
    println!(
        "  {} members signed in, {:.0} ms each",
        clients.len(),
        start.elapsed().as_secs_f64() * 1e3 / clients.len() as f64
    );
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let made = Arc::new(made);
    let work = clients.into_iter().enumerate().map(|(number, (account, client))| {
        let (made, figures, served, pause) =
            (Arc::clone(&made), Arc::clone(&figures), served.clone(), options.pause);
        std::thread::spawn(move || {
            let mut member = Member {
                account,
                client,
                made,
                served,
                figures,
                dice: 77 + number as u64 * 7919,
                known: Vec::new(),
            };
            while Instant::now() < end {
                let pause = member.below(pause.max(1));
                std::thread::sleep(Duration::from_millis(pause));
                if let Err(error) = member.act() {
                    eprintln!("{}: {error:#}", member.account.email);
                    member.note("connection", Duration::ZERO, true);
                    member.client = member.client.again();
                }
            }
        })
    });
    let work: Vec<_> = work.collect();
    for member in work {
        let _ = member.join();
    }
    println!("  load of the machine at the end {}", load_of_machine());
    let figures = figures.lock().unwrap_or_else(PoisonError::into_inner);
    shown(&figures, options.seconds);
    Ok(())
}

/// A small archive with a run, so that there are findings to list.
fn findings(site: &Site, folder: &Path) -> Result<()> {
    let world = folder.join("world").display().to_string();
    let quiet = |arguments: &[&str]| {
        crate::run(site.command(&[&["-q"], arguments].concat()).stdout(std::process::Stdio::null()))
    };
    quiet(&["world", "--postings", "5000", "--seed", "3", "-o", &world])?;
    quiet(&["ingest", &format!("{world}/postings.jsonl")])?;
    quiet(&["run"])
}

fn load_of_machine() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn shown(figures: &BTreeMap<String, Figure>, seconds: u64) {
    println!(
        "  {:<34}{:>7}{:>8}{:>9}{:>9}{:>9}{:>9}",
        "", "count", "errors", "p50 ms", "p95 ms", "p99 ms", "max ms"
    );
    let (mut all, mut errors, mut missed) = (0, 0, Vec::new());
    for (name, figure) in figures {
        let mut times: Vec<f64> = figure.times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| {
            times.get((times.len().saturating_sub(1) as f64 * share) as usize).copied().unwrap_or(0.0)
        };
        println!(
            "  {name:<34}{:>7}{:>8}{:>9.1}{:>9.1}{:>9.1}{:>9.1}",
            times.len(),
            figure.errors,
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
        (all, errors) = (all + times.len(), errors + figure.errors);
        if at(0.95) > TARGET {
            missed.push(name.as_str());
        }
    }
    println!("  {:.0} requests a second, {errors} errors", all as f64 / seconds as f64);
    if !missed.is_empty() {
        println!("  above {TARGET} ms for more than one in twenty: {}", missed.join(", "));
    }
}

/// A member at work.
struct Member {
    account: Account,
    client: Client,
    made: Arc<MadeUp>,
    /// The document of the API.
    served: Value,
    figures: Figures,
    dice: u64,
    /// Leads that a list showed: id and version by state.
    known: Vec<(String, i64, String)>,
}

impl Member {
    fn bits(&mut self) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.dice ^ (self.dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.bits() % end.max(1)
    }

    fn one_of(&mut self, all: &[String]) -> String {
        let at = self.below(all.len() as u64) as usize;
        all.get(at).cloned().unwrap_or_default()
    }

    fn note(&self, name: &str, time: Duration, failed: bool) {
        let mut figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        let figure = figures.entry(name.to_owned()).or_default();
        figure.times.push(time);
        figure.errors += usize::from(failed);
    }

    /// Whether the server has a place for this, by the path in its document.
    fn has(&self, path: &str, method: &str) -> bool {
        self.served["paths"][path][method].is_object()
    }

    fn read(&mut self, name: &str, path: &str) -> Result<Answer> {
        let start = Instant::now();
        let answer = self.client.get(path)?;
        self.told(name, start, &answer, path);
        Ok(answer)
    }

    fn write(&mut self, name: &str, path: &str, body: &Value) -> Result<Answer> {
        let start = Instant::now();
        let answer = self.client.post(path, body)?;
        self.told(name, start, &answer, path);
        Ok(answer)
    }

    /// What a member may not see, and what somebody else changed meanwhile, is answered too.
    fn told(&self, name: &str, start: Instant, answer: &Answer, path: &str) {
        let failed = !matches!(answer.status, 200..=299 | 404 | 409);
        if failed {
            eprintln!("{name}: {} {path}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        self.note(name, start.elapsed(), failed);
    }

    fn learn(&mut self, answer: &Answer) {
        let page = answer.json();
        let leads = page["leads"].as_array().into_iter().flatten();
        let known = |lead: &Value| {
            let text = |name: &str| lead[name].as_str().map(str::to_owned);
            Some((text("id")?, lead["version"].as_i64()?, text("state")?))
        };
        self.known.extend(leads.filter_map(known));
        if self.known.len() > 200 {
            self.known.drain(..100);
        }
    }

    /// One request, as the job has it.
    fn act(&mut self) -> Result<()> {
        match self.below(100) {
            0..14 => {
                let answer = self.read("list leads", "/api/v1/leads")?;
                self.learn(&answer);
            }
            14..20 => {
                self.read("list leads, page", "/leads")?;
            }
            20..26 => {
                let state = self.one_of(&["admitted", "triaged", "assigned", "working"].map(str::to_owned));
                let answer = self.read("list leads by state", &format!("/api/v1/leads?state={state}"))?;
                self.learn(&answer);
            }
            26..30 => {
                let answer = self.read("list leads, own", "/api/v1/leads?assigned=me")?;
                self.learn(&answer);
            }
            30..33 => {
                let after = self.one_of(&Arc::clone(&self.made).leads);
                self.read("list leads, later page", &format!("/api/v1/leads?after={after}"))?;
            }
            33..45 => {
                let seen = self.below(self.known.len() as u64) as usize;
                let lead = self.known.get(seen).map(|(id, ..)| id.clone());
                let lead = lead.unwrap_or(self.made.leads[0].clone());
                self.read("one lead", &format!("/api/v1/leads/{lead}"))?;
            }
            45..50 => {
                self.read("my day", "/api/v1/day")?;
            }
            50..53 => {
                self.read("my day, page", "/day")?;
            }
            53..55 => {
                self.read("list findings", "/api/v1/findings")?;
            }
            55..62 => self.follow_chain()?,
            62..65 => self.if_there("list missing reports", "/api/v1/missing")?,
            65..68 => {
                let id = self.one_of(&Arc::clone(&self.made).reports);
                self.one("one missing report", "/api/v1/missing/{id}", &id)?;
            }
            68..74 => self.if_there("list checks", "/api/v1/checks")?,
            74..76 => {
                let id = self.one_of(&Arc::clone(&self.made).checks);
                self.one("one check", "/api/v1/checks/{id}", &id)?;
            }
            76..84 => self.ask()?,
            84..88 => {
                let body = json!({ "text": "A made up tip: two vans at the north lot since nine." });
                self.write("send a tip", "/api/v1/tips", &body)?;
            }
            _ => self.move_lead()?,
        }
        Ok(())
    }

    /// A list, a board or one record of what follows from leads.
    fn follow_chain(&mut self) -> Result<()> {
        let made = Arc::clone(&self.made);
        match self.below(12) {
            0 => {
                let list = self.one_of(&["", "?assigned=me", "?state=active"].map(str::to_owned));
                self.read(&format!("list cases{list}"), &format!("/api/v1/cases{list}"))?;
            }
            1 => {
                let id = self.one_of(&made.cases);
                self.one("one case", "/api/v1/cases/{id}", &id)?;
            }
            2..7 => {
                let lists = ["initiatives", "operations", "events", "victims", "results/claims", "referrals"];
                let list = self.one_of(&lists.map(str::to_owned));
                self.read(&format!("list {list}"), &format!("/api/v1/{list}"))?;
            }
            7 => {
                let id = self.one_of(&made.initiatives);
                self.read("board of an initiative", &format!("/api/v1/initiatives/{id}/board"))?;
            }
            8 => {
                let id = self.one_of(&made.operations);
                self.read("board of an operation", &format!("/api/v1/operations/{id}/board"))?;
            }
            9 => {
                let by = self.one_of(&["", "?by=office", "/facts", "/periods"].map(str::to_owned));
                self.read(&format!("results{by}"), &format!("/api/v1/results{by}"))?;
            }
            10 => {
                let id = self.one_of(&made.victims);
                self.one("one victim", "/api/v1/victims/{id}", &id)?;
            }
            _ => {
                let id = self.one_of(&made.events);
                self.one("one event", "/api/v1/events/{id}", &id)?;
            }
        }
        Ok(())
    }

    fn if_there(&mut self, name: &str, path: &str) -> Result<()> {
        if self.has(path, "get") {
            self.read(name, path)?;
        }
        Ok(())
    }

    fn one(&mut self, name: &str, path: &str, id: &str) -> Result<()> {
        if self.has(path, "get") {
            self.read(name, &path.replace("{id}", id))?;
        }
        Ok(())
    }

    /// Asks whether somebody else is at a time and place.
    fn ask(&mut self) -> Result<()> {
        if !self.has("/api/v1/checks", "post") {
            return Ok(());
        }
        let (north, east) = (self.below(1000), self.below(1000));
        let (day, hour, number) = (self.below(28) + 1, self.below(20), self.below(100));
        let body = json!({
            "starts": format!("2027-01-{day:02} {hour:02}:00"),
            "ends": format!("2027-01-{day:02} {:02}:00", hour + 3),
            "latitude": format!("{:.3}", 34.73 + north as f64 / 1000.0),
            "longitude": format!("{:.3}", -80.84 + east as f64 / 1000.0),
            "selectors": format!("phone: 704-555-01{number:02}"),
        });
        self.write("ask a check", "/api/v1/checks", &body)?;
        Ok(())
    }

    /// The next step of a lead that a list showed, as the job has it.
    fn move_lead(&mut self) -> Result<()> {
        let (state, act) = match self.account.role.as_str() {
            "analyst" => ("admitted", "triage"),
            "supervisor" => ("triaged", "assign"),
            "investigator" => ("assigned", "start"),
            _ => return Ok(()),
        };
        let Some(at) = self.known.iter().position(|(_, _, known)| known == state) else {
            let path = format!("/api/v1/leads?state={state}");
            let answer = self.read("list leads by state", &path)?;
            self.learn(&answer);
            return Ok(());
        };
        let (lead, seen, _) = self.known.swap_remove(at);
        let mut body = json!({ "seen": seen });
        match act {
            "triage" => (body["priority"], body["office"]) = ("soon".into(), "Charlotte".into()),
            "assign" => {
                let colleague = |[_, agency, role]: &&[String; 3]| {
                    *agency == self.account.agency && role == "investigator"
                };
                body["to"] = self.made.members.iter().find(colleague).map(|[id, ..]| id.clone()).into();
            }
            _ => {}
        }
        self.write(&format!("{act} a lead"), &format!("/api/v1/leads/{lead}/{act}"), &body)?;
        Ok(())
    }
}
