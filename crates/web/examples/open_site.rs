//! A site with every door open and nothing behind it: for looking at the pages, and for the browser tests.
//! `cargo run -p homeward-web --example open_site`

use homeward_model::{Instant, Role};
use homeward_web::seams::{
    Answer, Authenticator, DemoAccount, NewTip, SignIn, SignInOutcome, TipReceived, TipSink, Unavailable,
};
use homeward_web::{Allowance, Audience, NavItem, Settings, Site};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts tips and forgets them.
#[derive(Default)]
struct Counted(AtomicU32);

impl TipSink for Counted {
    fn receive(&self, _: NewTip) -> Answer<'_, Result<TipReceived, Unavailable>> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(async move { Ok(TipReceived { reference: format!("T-{number}") }) })
    }
}

/// Lets nobody in.
struct Nobody;

impl Authenticator for Nobody {
    fn sign_in(&self, _: SignIn) -> Answer<'_, Result<SignInOutcome, Unavailable>> {
        Box::pin(async { Ok(SignInOutcome::Refused) })
    }

    fn demo_accounts(&self) -> Vec<DemoAccount> {
        let account = |name: &str, job: Role| DemoAccount {
            account: name.to_owned(),
            password: "an example".to_owned(),
            job: job.word().to_owned(),
        };
        vec![account("ana", Role::Analyst), account("sam", Role::Supervisor)]
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let plenty = Allowance { burst: 10_000, per_minute: 10_000 };
    let site = Site {
        settings: Settings { behind_proxy: false, demo: true, requests: plenty, writes: plenty },
        tips: Some(Arc::new(Counted::default())),
        authenticator: Some(Arc::new(Nobody)),
        probe: None,
        navigation: vec![NavItem {
            path: "/leads",
            label: "Leads",
            audience: Audience::Roles(&[Role::Analyst]),
        }],
        now: || Instant(1_564_617_599_000_000),
        // Nobody is let in, so nothing hangs on this token.
        entropy: |bytes| bytes.fill(0x5e),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    homeward_web::serve(listener, site, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
}
