//! Errors: a page for people, `application/problem+json` (RFC 9457) below `/api`.
//!
//! Handlers and layers answer with a bare status; [`dress`] gives it its clothes. Missing and forbidden look alike.

use crate::Site;
use crate::desk::Desk;
use crate::lang::Words;
use crate::layout::{Layout, page};
use crate::visit::Visit;
use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::any::Any;
use std::sync::Arc;
use utoipa::ToSchema;

/// A problem, in the words of RFC 9457.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What kind of problem; always `about:blank`: the status says it all.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What to do about it.
    detail: String,
}

/// What every view and act behind the door can answer instead.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "read by the document alone")]
pub(crate) enum Refusals {
    /// No session.
    #[response(status = 401)]
    SignInFirst(Problem),
    /// There is no such record, or not for you.
    #[response(status = 404)]
    Missing(Problem),
    /// Somebody was faster, or the state of the record does not allow it.
    #[response(status = 409)]
    NotNow(Problem),
    /// Something must be mended.
    #[response(status = 422)]
    Mend(Problem),
    /// It does not work right now; nothing was changed.
    #[response(status = 503)]
    Unavailable(Problem),
}

/// A problem with a detail of its own.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = Problem { kind: "about:blank", title, status: status.as_u16(), detail: detail.to_owned() };
    let mut answer = (status, axum::Json(body)).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    title: &'static str,
    about: &'static str,
}

fn said(status: StatusCode, words: &Words) -> (&'static str, &'static str) {
    match status.as_u16() {
        404 => (words.error_404, words.error_404_about),
        405 => (words.error_405, words.error_405_about),
        413 => (words.error_413, words.error_413_about),
        429 => (words.error_429, words.error_429_about),
        400..500 => (words.error_400, words.error_400_about),
        _ => (words.error_500, words.error_500_about),
    }
}

/// Whether a path belongs to the API, where programs ask.
pub(crate) fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Gives every error that is not dressed yet its page or problem.
pub(crate) async fn dress(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = Visit::of(&parts, &site.settings);
    let mut bare = next.run(Request::from_parts(parts, body)).await;
    if bare.status() == StatusCode::FORBIDDEN {
        *bare.status_mut() = StatusCode::NOT_FOUND;
        bare.headers_mut().remove(header::CONTENT_TYPE);
    }
    let status = bare.status();
    let kind = bare.headers().get(header::CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap_or_default());
    let dressed = kind.starts_with("text/html") || kind.starts_with("application/");
    if !(status.is_client_error() || status.is_server_error()) || dressed {
        return bare;
    }
    let words = visit.words();
    let (title, about) = said(status, words);
    let mut answer = if is_api(&visit.path) {
        problem(status, about)
    } else {
        let layout = Layout::new(&site, &visit).with_quick_exit();
        page(status, &site, &visit, &ErrorPage { layout, title, about })
    };
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = bare.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// What no route knows. Without a session the API tells nobody what is there.
pub(crate) async fn not_found(uri: Uri, desk: Result<Desk, Response>) -> Response {
    match desk {
        Err(closed) if is_api(uri.path()) => closed,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A broken invariant of ours ends one request, not the server. What it said stays in the log of the process.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{get, send};

    #[tokio::test]
    async fn people_get_pages_and_programs_problems() {
        let check = async |path: &str, status: u16, kind: &str, said: &str| {
            let answer = get(path).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, kind), "{path}");
            assert!(answer.text().contains(said), "{path}: {}", answer.text());
        };
        check("/nowhere", 404, "text/html; charset=utf-8", "There is no such page").await;
        check("/nowhere?lang=es", 404, "text/html; charset=utf-8", "No existe esta página").await;
        check("/api/v1/leads", 401, "application/problem+json", "\"status\":401").await;
        check("/api/v2", 401, "application/problem+json", "Unauthorized").await;
        check("/api/v1/help/00000", 404, "application/problem+json", "\"status\":404").await;
        check("/help/%ff", 404, "text/html; charset=utf-8", "There is no such page").await;
    }

    #[tokio::test]
    async fn forbidden_looks_like_missing() {
        let app = |status: StatusCode| {
            axum::Router::new()
                .fallback(move || async move { (status, "why") })
                .layer(axum::middleware::from_fn_with_state(Arc::new(crate::testing::site()), dress))
        };
        for path in ["/cases/7", "/api/v1/cases/7"] {
            let forbidden = crate::testing::ask(app(StatusCode::FORBIDDEN), path).await;
            let missing = crate::testing::ask(app(StatusCode::NOT_FOUND), path).await;
            assert_eq!(forbidden.status, StatusCode::NOT_FOUND);
            assert_eq!(forbidden.body, missing.body, "{path}");
            assert!(!forbidden.text().contains("why"), "{path}");
        }
    }

    #[tokio::test]
    async fn a_wrong_method_says_what_is_allowed() {
        let request = Request::delete("/help").header("cookie", format!("csrf={}", crate::testing::TOKEN));
        let answer =
            send(request.header("x-csrf-token", crate::testing::TOKEN).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET,HEAD"));
    }

    #[tokio::test]
    async fn a_panic_ends_one_request() {
        let app = axum::Router::new()
            .route("/", axum::routing::get(|| async { assert_eq!(1, 2, "broken") }))
            .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked));
        assert_eq!(crate::testing::ask(app, "/").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
