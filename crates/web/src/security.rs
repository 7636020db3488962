//! The layers that every request passes: headers, rate limit, and the guard against forged forms.

use crate::cookie::Cookie;
use crate::forms::Filed;
use crate::rate::Limiter;
use crate::visit::Visit;
use crate::{LARGEST_BODY, Settings, Site};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What every answer says. No page needs more: scripts and styles are files of ours, nothing is framed, no other host is
/// asked for anything.
const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
];

/// Two years, as browsers' preload lists ask for.
const STAY_WITH_HTTPS: &str = "max-age=63072000; includeSubDomains";

/// Adds the security headers; what does not say that it may be kept is not kept.
pub(crate) async fn headers(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let out = answer.headers_mut();
    for (name, value) in HEADERS {
        out.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if site.settings.behind_proxy {
        out.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STAY_WITH_HTTPS));
    }
    out.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// Counts of what each address asked.
pub(crate) struct Guard {
    requests: Limiter,
    writes: Limiter,
}

impl Guard {
    /// Nothing was asked yet.
    pub(crate) fn new(settings: &Settings) -> Guard {
        Guard { requests: Limiter::new(settings.requests), writes: Limiter::new(settings.writes) }
    }
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether anybody may write there. Behind all other forms somebody is signed in, often many from one office's address.
fn is_open_door(path: &str) -> bool {
    matches!(path, "/tip" | "/sign-in" | "/api/v1/tips" | "/api/v1/session")
}

/// Refuses an address that asks too much, and says when it may ask again.
pub(crate) async fn limit_rate(
    State((site, guard)): State<(Arc<Site>, Arc<Guard>)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let (address, now) = (Visit::of(&parts, &site.settings).address, (site.now)());
    let taken = guard.requests.take(address, now).and_then(|()| {
        let counted = changes_something(&parts.method) && is_open_door(parts.uri.path());
        if counted { guard.writes.take(address, now) } else { Ok(()) }
    });
    match taken {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
    }
}

/// Refuses what another site makes a browser send.
///
/// Every write must come from a page of this site as far as the browser says. A form must besides repeat the token of its
/// cookie, in the field `csrf` or the header `x-csrf-token`. The API takes JSON only, which no form can send.
pub(crate) async fn refuse_forgery(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    if !changes_something(request.method()) {
        return next.run(request).await;
    }
    if is_from_elsewhere(request.headers()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    if request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let held = Cookie::Csrf.read(&parts.headers, site.settings.behind_proxy).unwrap_or_default();
    let header = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let field = || {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes).unwrap_or_default();
        pairs.into_iter().find_map(|(name, value)| (name == "csrf").then_some(value))
    };
    let said = header.map(str::to_owned).or_else(field).unwrap_or_default();
    if held.len() != 64 || !is_same(held.as_bytes(), said.as_bytes()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    // Whose session has ended meanwhile has their form kept, which takes its body where only the head is read.
    parts.extensions.insert(Filed(bytes.clone()));
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

/// Whether the browser says that another site sent this. Programs that are no browsers say nothing.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").map(|(_, rest)| rest) != Some(host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Compares without telling by its time where the difference lies.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TOKEN, api, ask, form, get, send, settings, site};
    use crate::{Allowance, router};
    use tower::ServiceExt;

    #[tokio::test]
    async fn every_answer_carries_the_headers() {
        let css = format!("{}/css/homeward.css", crate::assets::root());
        for path in ["/help", "/tip", "/sign-in", "/api", "/nowhere", "/healthz", "/api/v1/nothing", &css] {
            let answer = get(path).await;
            for (name, value) in HEADERS {
                assert_eq!(answer.header(name), value, "{path}");
            }
            let kept = path.starts_with("/assets/");
            assert_eq!(answer.header("cache-control") == "no-store", !kept, "{path}");
            assert_eq!(answer.header("strict-transport-security"), "", "{path}");
        }
    }

    #[tokio::test]
    async fn behind_a_proxy_browsers_stay_with_https() {
        let behind = Settings { behind_proxy: true, ..settings() };
        let answer = ask(router(Site { settings: behind, ..site() }), "/tip").await;
        assert_eq!(answer.header("strict-transport-security"), STAY_WITH_HTTPS);
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.starts_with("__Host-csrf=") && cookie.contains("; Secure"), "{cookie}");
    }

    #[tokio::test]
    async fn a_form_must_repeat_its_token() {
        let body = format!("csrf={TOKEN}&account=a&password=b");
        let check = async |request: Request, expected: StatusCode| {
            let answer = send(request).await;
            assert_eq!(answer.status, expected, "{}", answer.text());
        };
        let good = || form("/sign-in").header("cookie", format!("csrf={TOKEN}"));
        let with = |request: axum::http::request::Builder| request.body(Body::from(body.clone())).unwrap();
        check(with(good()), StatusCode::SERVICE_UNAVAILABLE).await;
        check(with(form("/sign-in")), StatusCode::BAD_REQUEST).await;
        let other = "0".repeat(64);
        check(with(form("/sign-in").header("cookie", format!("csrf={other}"))), StatusCode::BAD_REQUEST)
            .await;
        check(with(good().header("x-csrf-token", TOKEN)), StatusCode::SERVICE_UNAVAILABLE).await;
        check(with(good().header("x-csrf-token", other)), StatusCode::BAD_REQUEST).await;
        check(with(good().header("sec-fetch-site", "cross-site")), StatusCode::BAD_REQUEST).await;
        check(with(good().header("sec-fetch-site", "same-site")), StatusCode::BAD_REQUEST).await;
        check(with(good().header("sec-fetch-site", "same-origin")), StatusCode::SERVICE_UNAVAILABLE).await;
        check(with(good().header("origin", "https://example.com")), StatusCode::BAD_REQUEST).await;
        check(with(good().header("origin", "null")), StatusCode::BAD_REQUEST).await;
        check(with(good().header("origin", "http://site.example.org")), StatusCode::SERVICE_UNAVAILABLE)
            .await;
        let empty = form("/sign-in").header("cookie", "csrf=").body(Body::from("csrf=")).unwrap();
        check(empty, StatusCode::BAD_REQUEST).await;
    }

    #[tokio::test]
    async fn the_api_takes_nothing_from_other_sites_and_no_forms() {
        let tip = r#"{"text":"two vans by the bridge"}"#;
        let plain =
            Request::post("/api/v1/tips").header("content-type", "text/plain").body(Body::from(tip)).unwrap();
        assert_eq!(send(plain).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let mut elsewhere = api("/api/v1/tips", tip);
        elsewhere.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        assert_eq!(send(elsewhere).await.status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn large_bodies_are_refused() {
        let large = "x".repeat(LARGEST_BODY + 1);
        let request =
            form("/tip").header("content-length", large.len()).body(Body::from(large.clone())).unwrap();
        assert_eq!(send(request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        // Without a length in advance, too.
        let stream = Body::from_stream(Chunks { left: 160 });
        let request = Request::post("/tip").header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(send(request.body(stream).unwrap()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        let answer = send(api("/api/v1/tips", &large)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }

    /// A body that comes in pieces of 1024 bytes.
    struct Chunks {
        left: usize,
    }

    impl futures_core::Stream for Chunks {
        type Item = Result<Vec<u8>, std::io::Error>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            let more = self.left > 0;
            self.left = self.left.saturating_sub(1);
            std::task::Poll::Ready(more.then(|| Ok(vec![b'x'; 1024])))
        }
    }

    #[tokio::test]
    async fn an_address_that_asks_too_much_waits() {
        let requests = Allowance { burst: 3, per_minute: 60 };
        let writes = Allowance { burst: 1, per_minute: 1 };
        let app = router(Site { settings: Settings { requests, writes, ..settings() }, ..site() });
        let post = || api("/api/v1/tips", r#"{"text":"x"}"#);
        assert_eq!(app.clone().oneshot(post()).await.unwrap().status(), StatusCode::CREATED);
        let refused = app.clone().oneshot(post()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()["retry-after"], "60");
        assert_eq!(ask(app.clone(), "/help").await.status, StatusCode::OK);
        let page = ask(app, "/help").await;
        assert_eq!((page.status, page.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
        assert!(page.text().contains("Too many requests"));
    }
}
