//! `homeward serve`: web pages and API over the record and the archive of a data folder, and the worker that matches what waits.

use crate::reader::ArchiveReader;
use crate::record::{self, RecordOptions};
use crate::{Global, now, worker};
use anyhow::{Context, Result, bail};
use clap::Args;
use homeward_casework::Casework;
use homeward_model::{AgencyId, AgencyKind, AgencyState, Ori};
use homeward_store::Store;
use homeward_web::{Allowance, DemoAccount, Settings, Site};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How to serve.
#[derive(Args)]
pub struct ServeArguments {
    /// Address to serve on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// People come over https through a proxy that sets x-forwarded-for; needed wherever others can reach the server
    #[arg(long)]
    behind_proxy: bool,
    /// ORI of the organisation that answers for findings and takes tips; a listed clearinghouse or federal agency when not said
    #[arg(long, value_name = "ORI")]
    desk: Option<String>,
    /// Take any number of requests from one address; for measuring, and on this machine alone
    #[arg(long, hide = true)]
    no_rate_limit: bool,
    #[command(flatten)]
    record: RecordOptions,
}

/// Requests from one address: a page takes about ten at first, then two or three.
const REQUESTS: Allowance = Allowance { burst: 300, per_minute: 300 };

/// Forms from one address: enough for a shelter or a library behind one address, too few to guess or to flood.
const WRITES: Allowance = Allowance { burst: 20, per_minute: 5 };

/// What a server is started with.
pub struct Start<'a> {
    /// Address to serve on.
    pub listen: &'a str,
    /// Whether a proxy stands before it.
    pub behind_proxy: bool,
    /// The record.
    pub record: RecordOptions,
    /// ORI of the desk.
    pub desk: Option<String>,
    /// Accounts to show; the demo alone has any.
    pub demo_accounts: Vec<DemoAccount>,
    /// Whether one address may send any number of requests.
    pub no_rate_limit: bool,
}

/// `homeward serve`.
pub fn serve(global: &Global, arguments: &ServeArguments) -> Result<()> {
    let ServeArguments { listen, behind_proxy, desk, no_rate_limit, record } = arguments;
    let (desk, record) = (desk.clone(), record.clone());
    let own = listen.parse().is_ok_and(|at: SocketAddr| at.ip().is_loopback());
    if *no_rate_limit && (!own || *behind_proxy) {
        bail!("`--no-rate-limit` is for an address of this machine alone, not for `{listen}`");
    }
    let (behind_proxy, no_rate_limit) = (*behind_proxy, *no_rate_limit);
    run(global, Start { listen, behind_proxy, record, desk, demo_accounts: Vec::new(), no_rate_limit })
}

/// Serves until Ctrl-C or the order to end.
pub fn run(global: &Global, start: Start<'_>) -> Result<()> {
    record::block_on(async {
        let mut ended = signal(SignalKind::terminate())?;
        let store = record::open(global, &start.record).await?;
        let desk = desk(&store, start.desk.as_deref()).await?;
        let casework = casework(store.clone(), &global.data, desk);
        let demo = !start.demo_accounts.is_empty();
        // Everybody of a demo comes from one address.
        let (requests, writes) =
            if demo || start.no_rate_limit { (PLENTY, PLENTY) } else { (REQUESTS, WRITES) };
        let site = Site {
            settings: Settings { behind_proxy: start.behind_proxy, demo, requests, writes },
            casework: Some(casework),
            demo_accounts: start.demo_accounts,
            now,
            entropy,
        };
        let listen = start.listen;
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("failed to listen on `{listen}`"))?;
        println!("listening on http://{}", listener.local_addr()?);
        let (told, stopping) = watch::channel(false);
        let working = tokio::spawn(worker::work(store, global.data.clone(), stopped(stopping)));
        let stop = async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = ended.recv() => {}
            }
        };
        let served = homeward_web::serve(listener, site, stop).await.context("failed to serve");
        let _ = told.send(true);
        // What the worker has under way is tried again after its lease; nobody waits long for it here.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), working).await;
        served
    })?;
    if !global.quiet {
        println!("stopped");
    }
    Ok(())
}

/// Requests of a demo or a measurement, where all come from one machine.
const PLENTY: Allowance = Allowance { burst: 1_000_000, per_minute: 1_000_000 };

async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Casework over a record and the archive of a data folder.
pub fn casework(store: Store, data: &Path, desk: AgencyId) -> Casework {
    Casework::new(store, data, desk, Some(Arc::new(ArchiveReader::new(data, "US"))))
}

/// The organisation that answers for findings and takes tips.
async fn desk(store: &Store, ori: Option<&str>) -> Result<AgencyId> {
    if let Some(ori) = ori {
        let Some(held) = store.agency_of(&Ori::new(ori)?).await? else {
            bail!("there is no agency `{ori}`; list it with `homeward agency add`");
        };
        return Ok(held.noun.id);
    }
    let listed = store.listed_agencies(record::outside()).await?;
    let takes_part = |id: AgencyId, state: &AgencyState| {
        id != AgencyId::unlisted() && matches!(state, AgencyState::Active { .. })
    };
    let mut active: Vec<_> =
        listed.iter().map(|held| &held.noun).filter(|agency| takes_part(agency.id, agency.state())).collect();
    // Without an agency of the nation's own, the first that joined runs this system.
    active.sort_by_key(|agency| !matches!(agency.kind, AgencyKind::Clearinghouse | AgencyKind::Federal));
    Ok(active.first().map_or_else(AgencyId::unlisted, |agency| agency.id))
}

fn entropy(bytes: &mut [u8; 32]) {
    getrandom::fill(bytes).expect("the system gives random bytes");
}
