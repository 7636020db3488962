//! A site for tests: a sink that keeps, one account, a clock that stands still.

use crate::seams::{
    Answer, Authenticator, DemoAccount, NewTip, SignIn, SignInOutcome, TipReceived, TipSink, Unavailable,
};
use crate::{Allowance, Settings, Site, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Builder;
use axum::http::{HeaderMap, StatusCode};
use homeward_model::Instant;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

/// A form token as a browser would hold it.
pub(crate) const TOKEN: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";

/// Keeps tips in memory, or fails.
#[derive(Default)]
pub(crate) struct Kept {
    tips: Mutex<Vec<NewTip>>,
    fails: bool,
}

impl Kept {
    pub(crate) fn failing() -> Kept {
        Kept { fails: true, ..Kept::default() }
    }

    pub(crate) fn tips(&self) -> Vec<NewTip> {
        self.tips.lock().unwrap().clone()
    }
}

impl TipSink for Kept {
    fn receive(&self, tip: NewTip) -> Answer<'_, Result<TipReceived, Unavailable>> {
        Box::pin(async move {
            if self.fails {
                return Err(Unavailable("disk full".to_owned()));
            }
            let mut tips = self.tips.lock().unwrap();
            tips.push(tip);
            Ok(TipReceived { reference: format!("T-{}", tips.len()) })
        })
    }
}

/// Knows one account.
pub(crate) struct One;

impl Authenticator for One {
    fn sign_in(&self, attempt: SignIn) -> Answer<'_, Result<SignInOutcome, Unavailable>> {
        Box::pin(async move {
            match (attempt.account.as_str(), attempt.password.as_str()) {
                ("analyst", "correct-horse") => Ok(SignInOutcome::Accepted { session: "s3cret".to_owned() }),
                ("broken", _) => Err(Unavailable("no database".to_owned())),
                _ => Ok(SignInOutcome::Refused),
            }
        })
    }

    fn demo_accounts(&self) -> Vec<DemoAccount> {
        let of = |text: &str| text.to_owned();
        vec![DemoAccount { account: of("analyst"), password: of("correct-horse"), job: of("analyst") }]
    }
}

pub(crate) fn settings() -> Settings {
    let plenty = Allowance { burst: 1_000, per_minute: 1_000 };
    Settings { behind_proxy: false, demo: false, requests: plenty, writes: plenty }
}

pub(crate) fn site() -> Site {
    Site {
        settings: settings(),
        tips: Some(Arc::new(Kept::default())),
        authenticator: None,
        probe: None,
        navigation: Vec::new(),
        now: || Instant(1_564_617_599_000_000),
        entropy: |bytes| bytes.fill(0x5e),
    }
}

/// An answer, read to its end.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    /// A header's value, empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) async fn send_to(app: Router, request: Request) -> Answered {
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answered { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn send(request: Request) -> Answered {
    send_to(router(site()), request).await
}

pub(crate) async fn ask(app: Router, path: &str) -> Answered {
    send_to(app, Request::get(path).body(Body::empty()).unwrap()).await
}

pub(crate) async fn get(path: &str) -> Answered {
    ask(router(site()), path).await
}

/// A form on its way, without its cookie and body.
pub(crate) fn form(path: &str) -> Builder {
    Request::post(path)
        .header("host", "site.example.org")
        .header("content-type", "application/x-www-form-urlencoded")
}

/// A JSON body on its way.
pub(crate) fn api(path: &str, body: &str) -> Request {
    let request = Request::post(path).header("content-type", "application/json");
    request.body(Body::from(body.to_owned())).unwrap()
}
