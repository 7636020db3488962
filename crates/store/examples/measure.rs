//! Measures the store under many members at work, without a web server: reads and writes on a record that `load` made up.
//! `cargo run -p homeward-store --features bench --example measure -- DATA [DATABASE-URL] [SECONDS]`
//!
//! The figures of the whole server are those of `cargo xtask bench record`; these show how much of them is the store's.

use homeward_access::Kind;
use homeward_access::{Actor, Purpose, purpose_of};
use homeward_model::{
    Area, CheckId, CheckTarget, DateWindow, EventId, Grounds, Instant, LeadId, MemberId, MissingReportId,
    Point, RadiusKm, Role, Selector, SelectorKind,
};
use homeward_store::check::Inquiry;
use homeward_store::session::Seat;
use homeward_store::{Context, Listed, Outside, Restriction, Revision, Store, StoreError, StoreOptions};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Pause of a member between two acts, milliseconds, at most.
const PAUSE: u64 = 400;

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(since.as_micros() as i64)
}

/// What was measured: by act, the times in microseconds and how many failed.
type Figures = Arc<Mutex<BTreeMap<&'static str, (Vec<u64>, u64)>>>;

struct Ids {
    leads: Vec<LeadId>,
    checks: Vec<CheckId>,
    reports: Vec<MissingReportId>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let data = Path::new(arguments.first().ok_or("say the data folder")?);
    let folder = data.join("record");
    let own = format!("sqlite:{}", folder.join("record.db").display());
    let url = arguments.get(1).filter(|url| url.contains(':')).unwrap_or(&own);
    let seconds: u64 = arguments.get(2).map_or(Ok(20), |text| text.parse())?;
    let options = StoreOptions {
        audit_key_path: folder.join("audit.key"),
        witness: Some(data.join("witness")),
        key_file: folder.join("keys"),
    };
    let store = Store::open(url, options).await?;
    let text = std::fs::read_to_string(data.join("made-up.tsv"))?;
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let of = |noun: &str| {
        rows.iter().filter(|row| row[0] == noun).map(|row| row[1].to_owned()).collect::<Vec<_>>()
    };
    let ids = Arc::new(Ids {
        leads: of("lead").iter().filter_map(|id| id.parse().ok()).collect(),
        checks: of("check").iter().filter_map(|id| id.parse().ok()).collect(),
        reports: of("report").iter().filter_map(|id| id.parse().ok()).collect(),
    });
    let figures: Figures = Arc::default();
    let end = std::time::Instant::now() + Duration::from_secs(seconds);
    let mut members = Vec::new();
    for (number, row) in rows.iter().filter(|row| row[0] == "account").enumerate() {
        let member: MemberId = row[5].parse()?;
        let secret = format!("{:064x}", dice(number as u64 + now().0 as u64));
        store.open_session(Outside { from: "192.0.2.1", now: now() }, member, secret.as_bytes()).await?;
        let (store, ids, figures) = (store.clone(), Arc::clone(&ids), Arc::clone(&figures));
        members.push(tokio::spawn(work(store, ids, figures, secret, number as u64, end)));
    }
    for member in members {
        member.await?;
    }
    let figures = figures.lock().map_err(|error| error.to_string())?;
    println!(
        "{:<24}{:>7}{:>8}{:>9}{:>9}{:>9}{:>9}",
        "", "count", "errors", "p50 ms", "p95 ms", "p99 ms", "max ms"
    );
    for (act, (times, errors)) in figures.iter() {
        let mut times = times.clone();
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize] as f64 / 1000.0;
        println!(
            "{act:<24}{:>7}{errors:>8}{:>9.1}{:>9.1}{:>9.1}{:>9.1}",
            times.len(),
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
    }
    Ok(())
}

const fn dice(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 29)
}

/// One member at work until the end.
async fn work(
    store: Store,
    ids: Arc<Ids>,
    figures: Figures,
    secret: String,
    number: u64,
    end: std::time::Instant,
) {
    let mut round = number.wrapping_mul(1_000_003);
    while std::time::Instant::now() < end {
        round = dice(round);
        tokio::time::sleep(Duration::from_millis(round % PAUSE)).await;
        let start = std::time::Instant::now();
        let outside = Outside { from: "192.0.2.1", now: now() };
        let Ok(Seat::Open(sitting)) = store.session(outside, secret.as_bytes()).await else { return };
        let (act, done) = act(&store, &ids, &sitting.actor, dice(round)).await;
        let taken = start.elapsed().as_micros() as u64;
        // What a member may not see is answered too.
        let failed = match done {
            Ok(()) | Err(StoreError::NotFound { .. } | StoreError::CannotList(_)) => 0,
            Err(error) => {
                eprintln!("{act}: {error}");
                1
            }
        };
        if let Ok(mut figures) = figures.lock() {
            let (times, errors) = figures.entry(act).or_default();
            times.push(taken);
            *errors += failed;
        }
    }
}

async fn act(store: &Store, ids: &Ids, actor: &Actor, round: u64) -> (&'static str, Result<(), StoreError>) {
    let purposes = [Kind::Lead, Kind::Check, Kind::MissingReport].map(|kind| Purpose::of(purpose_of(kind)));
    let context = |at: usize| Context { actor, purpose: &purposes[at], from: "192.0.2.1", now: now() };
    let pick = |len: usize| (dice(round ^ 0x4d) as usize) % len.max(1);
    let few = Listed { limit: 25, ..Listed::default() };
    let states = ["admitted", "triaged", "assigned", "working", "closed"];
    let state = states[pick(states.len())].to_owned();
    match round % 20 {
        0..4 => ("list leads", store.leads(&context(0), &few).await.map(drop)),
        4 => {
            let listed = Listed { states: vec![state], ..few };
            ("list leads by state", store.leads(&context(0), &listed).await.map(drop))
        }
        5 => {
            let listed = Listed { after: ids.leads.get(pick(ids.leads.len())).map(|id| id.bits()), ..few };
            ("list leads, later page", store.leads(&context(0), &listed).await.map(drop))
        }
        6 => {
            let listed = Listed { assigned: Some(actor.member), ..few };
            ("list leads, own", store.leads(&context(0), &listed).await.map(drop))
        }
        7..9 => ("list checks", store.checks(&context(1), &few).await.map(drop)),
        9 => {
            let listed = Listed { states: vec!["both told".to_owned()], ..few };
            ("list checks by state", store.checks(&context(1), &listed).await.map(drop))
        }
        10..12 => ("list reports", store.reports(&context(2), &few).await.map(drop)),
        12 => ("one lead", store.lead(&context(0), ids.leads[pick(ids.leads.len())]).await.map(drop)),
        13 => ("one check", store.check(&context(1), ids.checks[pick(ids.checks.len())]).await.map(drop)),
        14 => ("one report", store.report(&context(2), ids.reports[pick(ids.reports.len())]).await.map(drop)),
        15 => ("count leads", store.count_leads(&context(0), &Listed::default()).await.map(drop)),
        16 => ("list notices", store.notifications(&context(0), &few).await.map(drop)),
        17 => ("ask check, event", store.ask_check(&context(1), inquiry(round, true)).await.map(drop)),
        18 => ("ask check, selector", store.ask_check(&context(1), inquiry(round, false)).await.map(drop)),
        _ => ("note lead", note(store, &context(0), actor, &few, round).await),
    }
}

async fn note(
    store: &Store,
    context: &Context<'_>,
    actor: &Actor,
    few: &Listed,
    round: u64,
) -> Result<(), StoreError> {
    if !actor.roles.has(Role::Analyst) && !actor.roles.has(Role::Supervisor) {
        return store.leads(context, few).await.map(drop);
    }
    let states = vec!["working".to_owned()];
    let listed = Listed { owner: Some(actor.organisation), states, ..few.clone() };
    let page = store.leads(context, &listed).await?;
    let Some(held) = page.records.get(round as usize / 32 % page.records.len().max(1)) else { return Ok(()) };
    let revision = Revision { seen: held.version, request: u128::from(round) << 64 | now().0 as u128 };
    let done =
        store.note_lead(context, held.noun.id, revision, Grounds::new("called, nobody answered")?).await;
    match done {
        // Two members of an agency met on it, as they do.
        Err(StoreError::Conflict { .. }) => Ok(()),
        done => done.map(drop),
    }
}

fn inquiry(round: u64, event: bool) -> Inquiry {
    let at = now();
    let bits = u128::from(dice(round ^ 5)) << 64 | u128::from(dice(round ^ 6));
    let hours = 3_600_000_000;
    let start = Instant(at.0 + (round % 240) as i64 * hours);
    let share = |salt: u64| (dice(round ^ salt) % 1000) as f64 / 1000.0;
    let centre = Point::new(35.23 + share(8) - 0.5, -80.84 + share(9) - 0.5);
    let value = format!("+1{:03}55501{:02}", 200 + round / 7 % 800, round / 11 % 100);
    let phone = Selector {
        kind: SelectorKind::Phone,
        raw: value.clone(),
        value,
        start: 0,
        end: 0,
        confidence: 1.0,
        common: None,
    };
    Inquiry {
        id: CheckId::new(at, bits),
        target: if event {
            CheckTarget::Event(EventId::from_bits(bits))
        } else {
            CheckTarget::Selector(phone)
        },
        window: DateWindow::new(start, Instant(start.0 + 4 * hours)).ok().filter(|_| event),
        area: centre
            .zip(RadiusKm::new(1.0).ok())
            .map(|(centre, radius)| Area { centre, radius })
            .filter(|_| event),
        selectors: Vec::new(),
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction: Restriction::default(),
    }
}
