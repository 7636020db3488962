//! Pages and REST API: the only place that knows HTTP and JSON bodies.
//!
//! [`Site`] holds what the caller gives, [`router`] makes the service, [`serve`] runs it. Rules of the record are not here:
//! a handler reads a request, asks `casework`, and shows the answer.
//!
//! Every request passes the same layers, the outermost first: security headers, error pages, panic guard, time limit, rate
//! limit, size limit, and the guard against forged forms. A new page gets them all by being in the router.

mod account;
mod api;
mod assets;
mod audit;
mod board;
mod care;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod case;
mod case_acts;
mod case_chart;
mod case_entries;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod case_export;
mod case_prepare;
mod case_view;
mod case_views;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod check;
mod check_acts;
mod compliance;
mod contradiction;
mod cookie;
mod day;
mod desk;
mod disclosure;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod dismissed;
mod errors;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod event;
mod event_acts;
mod event_card;
mod event_choices;
mod event_people;
mod event_plan;
mod event_view;
mod fairness;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod finding;
mod finding_chart;
mod finding_evidence;
mod finding_links;
mod finding_map;
mod finding_text;
mod forms;
mod health;
mod help;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod history;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod initiative;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod judgement;
mod lang;
mod layout;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod lead;
mod lead_acts;
mod lead_view;
mod member;
mod member_access;
mod notices;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod operation;
mod people;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod periods;
mod plan;
mod posting;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod provider_record;
mod rate;
mod recovery;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod referral;
mod release;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod report;
mod report_acts;
mod report_findings;
mod restrict;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod result_claim;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod results;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod search;
mod security;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod services;
mod sight;
mod sign_in;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tip;
mod tips;
#[expect(unused_qualifications, reason = "written by the macro of the document")]
mod victim;
mod victim_acts;
mod visit;

pub use api::openapi_json;
pub use rate::Allowance;

use axum::Router;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::routing::{get, post};
use homeward_casework::Casework;
use homeward_model::Instant;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// Largest body of a request, bytes: a tip of the full length with its links, percent-encoded.
const LARGEST_BODY: usize = 128 * 1024;

/// Longest time for an answer.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// Time that open requests have to end after the order to stop.
const LONGEST_STOP: Duration = Duration::from_secs(10);

/// How a site is reached and what it allows.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// People reach the site over https through a proxy that sets `x-forwarded-for`: cookies are marked secure, browsers
    /// are told to stay with https, and the last forwarded address counts as the sender's.
    pub behind_proxy: bool,
    /// Everything shown is made up, and every page says so.
    pub demo: bool,
    /// Requests of all kinds from one address.
    pub requests: Allowance,
    /// Forms and other writes from one address.
    pub writes: Allowance,
}

/// An account that the demo shows on the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// Name of the account.
    pub account: String,
    /// Its password.
    pub password: String,
    /// The job, in plain words.
    pub job: String,
}

/// What the pages are made from.
pub struct Site {
    /// How the site is reached and what it allows.
    pub settings: Settings,
    /// The record and what people do with it; without one the public pages still help, and say what they cannot do.
    pub casework: Option<Casework>,
    /// Accounts to show on the sign-in page; a real site shows none.
    pub demo_accounts: Vec<DemoAccount>,
    /// The clock.
    pub now: fn() -> Instant,
    /// Fills with random bytes from an approved generator.
    pub entropy: fn(&mut [u8; 32]),
}

impl Site {
    /// Random bytes from an approved generator.
    pub(crate) fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        (self.entropy)(&mut bytes);
        bytes
    }
}

/// The service of a site.
pub fn router(site: Site) -> Router {
    let guard = Arc::new(security::Guard::new(&site.settings));
    let site = Arc::new(site);
    Router::new()
        .route("/", get(help::front))
        .route("/healthz", get(health::check))
        .route("/help", get(help::page))
        .route("/tip", get(tip::page).post(tip::send))
        .route("/sign-in", get(sign_in::page).post(sign_in::send))
        .route("/sign-out", post(sign_in::leave))
        .merge(day::routes())
        .merge(dismissed::routes())
        .merge(finding::routes())
        .merge(judgement::routes())
        .merge(lead::routes())
        .merge(lead_acts::routes())
        .merge(case::routes())
        .merge(check::routes())
        .merge(check_acts::routes())
        .merge(initiative::routes())
        .merge(operation::routes())
        .merge(event::routes())
        .merge(event_plan::routes())
        .merge(event_acts::routes())
        .merge(event_people::routes())
        .merge(report::routes())
        .merge(report_acts::routes())
        .merge(account::routes())
        .merge(people::routes())
        .merge(member::routes())
        .merge(member_access::routes())
        .merge(sight::routes())
        .merge(restrict::routes())
        .merge(audit::routes())
        .merge(tips::routes())
        .merge(forms::routes())
        .merge(notices::routes())
        .merge(search::routes())
        .merge(services::routes())
        .merge(results::routes())
        .merge(result_claim::routes())
        .merge(periods::routes())
        .merge(history::routes())
        .merge(fairness::routes())
        .merge(victim::routes())
        .merge(victim_acts::routes())
        .merge(recovery::routes())
        .merge(care::routes())
        .merge(plan::routes())
        .merge(disclosure::routes())
        .merge(compliance::routes())
        .merge(referral::routes())
        .merge(release::routes())
        .merge(provider_record::routes())
        .route("/assets/{version}/{*path}", get(assets::serve))
        .merge(api::routes())
        .fallback(errors::not_found)
        .layer(axum::middleware::from_fn_with_state(site.clone(), security::refuse_forgery))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(axum::middleware::from_fn_with_state((site.clone(), guard), security::limit_rate))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_ANSWER))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(axum::middleware::from_fn_with_state(site.clone(), errors::dress))
        .layer(axum::middleware::from_fn_with_state(site.clone(), security::headers))
        .with_state(site)
}

/// A view, as a page and below `/api/v1`.
pub(crate) fn view<H, T>(routes: Router<Arc<Site>>, path: &str, handler: H) -> Router<Arc<Site>>
where
    H: Handler<T, Arc<Site>>,
    T: 'static,
{
    routes.route(path, get(handler.clone())).route(&format!("/api/v1{path}"), get(handler))
}

/// An act, as a form of a page and below `/api/v1`.
pub(crate) fn act<H, T>(routes: Router<Arc<Site>>, path: &str, handler: H) -> Router<Arc<Site>>
where
    H: Handler<T, Arc<Site>>,
    T: 'static,
{
    routes.route(path, post(handler.clone())).route(&format!("/api/v1{path}"), post(handler))
}

/// Serves until `stop` ends, then lets open requests end.
pub async fn serve(
    listener: tokio::net::TcpListener,
    site: Site,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (told, mut stopping) = tokio::sync::watch::channel(());
    let service = router(site).into_make_service_with_connect_info::<SocketAddr>();
    let stop = async move {
        stop.await;
        let _ = told.send(());
    };
    let served = axum::serve(listener, service).with_graceful_shutdown(stop);
    tokio::select! {
        served = served => served,
        () = async {
            let _ = stopping.changed().await;
            tokio::time::sleep(LONGEST_STOP).await;
        } => Ok(()),
    }
}
