//! `homeward serve`: web pages and API.
//!
//! There is no record yet: tips and sign-in answer that they cannot be taken, and whom to call.

use crate::Global;
use anyhow::{Context, Result};
use clap::Args;
use homeward_model::Instant;
use homeward_web::{Allowance, Settings, Site};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How to serve.
#[derive(Args)]
pub struct ServeArguments {
    /// Address to serve on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// People come over https through a proxy that sets x-forwarded-for; needed wherever others can reach the server
    #[arg(long)]
    behind_proxy: bool,
}

/// Requests from one address: a page takes about ten at first, then two or three.
const REQUESTS: Allowance = Allowance { burst: 300, per_minute: 300 };

/// Forms from one address: enough for a shelter or a library behind one address, too few to guess or to flood.
const WRITES: Allowance = Allowance { burst: 20, per_minute: 5 };

/// `homeward serve`.
pub fn serve(global: &Global, arguments: &ServeArguments) -> Result<()> {
    run(global, &arguments.listen, arguments.behind_proxy, false)
}

/// Serves until Ctrl-C or the order to end.
pub fn run(global: &Global, listen: &str, behind_proxy: bool, demo: bool) -> Result<()> {
    let site = Site {
        settings: Settings { behind_proxy, demo, requests: REQUESTS, writes: WRITES },
        tips: None,
        authenticator: None,
        probe: None,
        navigation: Vec::new(),
        now,
        entropy,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut ended = signal(SignalKind::terminate())?;
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("failed to listen on `{listen}`"))?;
        println!("listening on http://{}", listener.local_addr()?);
        let stop = async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = ended.recv() => {}
            }
        };
        homeward_web::serve(listener, site, stop).await.context("failed to serve")
    })?;
    if !global.quiet {
        println!("stopped");
    }
    Ok(())
}

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn entropy(bytes: &mut [u8; 32]) {
    getrandom::fill(bytes).expect("the system gives random bytes");
}
