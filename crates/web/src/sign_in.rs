//! `/sign-in` and `/sign-out`: the door of the record.

use crate::cookie::Cookie;
use crate::desk::{Desk, Sent, trouble_shown};
use crate::layout::{Layout, keep, page as render};
use crate::visit::{Visit, new_secret};
use crate::{DemoAccount, Site, errors};
use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use homeward_casework::{Outside, SignIn, SignedIn, Trouble};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The form as it was filled in.
#[derive(Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    account: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    then: String,
}

/// Where the visitor wanted to go.
#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    then: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    layout: Layout,
    csrf: String,
    open: bool,
    account: String,
    then: String,
    problem: Option<&'static str>,
    demo_accounts: Vec<DemoAccount>,
}

fn shown(
    site: &Site,
    visit: &Visit,
    status: StatusCode,
    (account, then): (String, String),
    problem: Option<&'static str>,
) -> Response {
    let csrf = visit.form_token(site);
    let cookie = Cookie::Csrf.write(&csrf, site.settings.behind_proxy, None);
    let demo_accounts = if site.settings.demo { site.demo_accounts.clone() } else { Vec::new() };
    let layout = Layout::new(site, visit);
    let open = site.casework.is_some();
    let template = SignInPage { layout, csrf, open, account, then, problem, demo_accounts };
    let mut answer = render(status, site, visit, &template);
    keep(answer.headers_mut(), cookie);
    answer
}

/// `GET /sign-in`.
pub(crate) async fn page(
    State(site): State<Arc<Site>>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Response {
    let then = if wanted.then.is_empty() { "" } else { on_this_site(&wanted.then) };
    shown(&site, &visit, StatusCode::OK, (String::new(), then.to_owned()), None)
}

/// Answers one try; `Some` is the secret of the session.
async fn attempt(site: &Site, visit: &Visit, filled: &Filled) -> Result<Option<String>, Trouble> {
    let Some(casework) = &site.casework else {
        return Err(Trouble::Unavailable("there is no record".to_owned()));
    };
    let (secret, from) = (new_secret(site), visit.address.to_string());
    let code = Some(filled.code.trim()).filter(|code| !code.is_empty());
    let attempt = SignIn {
        account: filled.account.trim(),
        password: &filled.password,
        code,
        secret: secret.as_bytes(),
        one_factor: site.settings.demo,
    };
    let outside = Outside { from: &from, now: (site.now)() };
    Ok(match casework.sign_in(outside, attempt).await? {
        SignedIn::Accepted(_) => Some(secret),
        SignedIn::Refused => None,
    })
}

/// A path of this site to go on to, never another site's.
pub(crate) fn on_this_site(then: &str) -> &str {
    // Browsers drop tabs and line ends from an address and read `\` as `/`: either may hide a second slash.
    let odd = |letter: char| letter == '\\' || letter.is_control();
    let inside = then.starts_with('/') && !then.starts_with("//") && !then.contains(odd);
    if inside && !then.starts_with("/sign-") { then } else { "/day" }
}

/// `POST /sign-in`.
pub(crate) async fn send(
    State(site): State<Arc<Site>>,
    visit: Visit,
    Sent { fields: filled, .. }: Sent<Filled>,
) -> Response {
    let words = visit.words();
    match attempt(&site, &visit, &filled).await {
        Ok(Some(session)) => {
            let mut answer = Redirect::to(on_this_site(&filled.then)).into_response();
            keep(answer.headers_mut(), Cookie::Session.write(&session, site.settings.behind_proxy, None));
            answer
        }
        Ok(None) => {
            let kept = (filled.account, filled.then);
            shown(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, kept, Some(words.sign_in_refused))
        }
        Err(trouble) => {
            eprintln!("error: signing in failed: {trouble}");
            let kept = (filled.account, filled.then);
            shown(&site, &visit, StatusCode::SERVICE_UNAVAILABLE, kept, Some(words.sign_in_failed))
        }
    }
}

/// `POST /sign-out`.
pub(crate) async fn leave(desk: Desk) -> Response {
    if let Err(trouble) = desk.casework.sign_out(desk.outside(), &desk.secret).await {
        return desk.trouble(&trouble, "");
    }
    let mut answer = Redirect::to("/sign-in").into_response();
    keep(answer.headers_mut(), Cookie::Session.write("", desk.site.settings.behind_proxy, Some(0)));
    answer
}

/// One try to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionBody {
    /// The address of the account.
    account: String,
    /// The password.
    password: String,
    /// The one-time code of the account's device.
    #[serde(default)]
    code: String,
}

/// An open session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    /// Its secret, for the header `authorization: Bearer`.
    session: String,
}

/// Opens a session.
#[utoipa::path(post, path = "/api/v1/session", tag = "public", request_body = SessionBody, responses(
    (status = 201, description = "the session is open", body = SessionAnswer),
    (status = 401, description = "address, password or code is not right, or the account is locked", body = errors::Problem),
    (status = 422, description = "something must be mended", body = errors::Problem),
    (status = 429, description = "too many tries from one address", body = errors::Problem),
))]
pub(crate) async fn open_api(
    State(site): State<Arc<Site>>,
    visit: Visit,
    Sent { fields, .. }: Sent<SessionBody>,
) -> Response {
    let SessionBody { account, password, code } = fields;
    match attempt(&site, &visit, &Filled { account, password, code, then: String::new() }).await {
        Ok(Some(session)) => (StatusCode::CREATED, Json(SessionAnswer { session })).into_response(),
        Ok(None) => errors::problem(StatusCode::UNAUTHORIZED, visit.words().sign_in_refused),
        Err(trouble) => trouble_shown(&site, &visit, &trouble, ""),
    }
}

/// Ends this session.
#[utoipa::path(delete, path = "/api/v1/session", tag = "member", responses(
    (status = 204, description = "the session is ended"),
    (status = 401, description = "no session", body = errors::Problem),
))]
pub(crate) async fn end_api(desk: Desk) -> Response {
    match desk.casework.sign_out(desk.outside(), &desk.secret).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router;
    use crate::testing::{Answered, Recorded, TOKEN, api, ask, form, pass, recorded, send_to, site};
    use axum::body::Body;
    use axum::extract::Request;
    use homeward_casework::rehearsal::{EAST, PASSWORD, email};
    use homeward_model::Role;

    fn attempt(account: &str, password: &str, then: &str) -> Request {
        let fields = [("account", account), ("password", password), ("then", then), ("csrf", TOKEN)];
        let body = serde_urlencoded::to_string(fields).unwrap();
        form("/sign-in").header("cookie", format!("csrf={TOKEN}")).body(Body::from(body)).unwrap()
    }

    fn set(answer: &Answered, name: &str) -> Option<String> {
        let mut set = answer.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap());
        let value = set.find_map(|one| one.strip_prefix(&format!("{name}=")))?;
        value.split(';').next().map(str::to_owned)
    }

    /// The demo lets an account in without a second factor.
    async fn demo() -> Recorded {
        let mut site = recorded().await;
        site.app = site.app_with(true);
        site
    }

    #[tokio::test]
    async fn the_right_password_opens_and_everything_else_looks_alike() {
        let site = demo().await;
        let analyst = email(EAST, Role::Analyst);
        let answer = site.send(attempt(&analyst, PASSWORD, "")).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/day"), "{}", answer.text());
        let session = set(&answer, "session").unwrap();
        assert_eq!(site.get("/day", &session).await.status, StatusCode::OK);
        let wrong = site.send(attempt(&analyst, "wrong", "")).await;
        let unknown = site.send(attempt("nobody@example.org", PASSWORD, "")).await;
        for answer in [&wrong, &unknown] {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.text().contains("is not right, or the account is locked"));
            assert_eq!(set(answer, "session"), None);
        }
        assert_eq!(wrong.text(), unknown.text().replace("nobody@example.org", &analyst));
    }

    #[tokio::test]
    async fn without_a_second_factor_nobody_is_let_in_but_in_the_demo() {
        let answer = recorded().await.send(attempt(&email(EAST, Role::Analyst), PASSWORD, "")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[tokio::test]
    async fn one_goes_on_to_pages_of_this_site_only() {
        let site = demo().await;
        let analyst = email(EAST, Role::Analyst);
        let check = async |then: &str, to: &str| {
            let answer = site.send(attempt(&analyst, PASSWORD, then)).await;
            assert_eq!(answer.header("location"), to, "{then}");
        };
        check("/findings?kind=match", "/findings?kind=match").await;
        check("//example.com", "/day").await;
        check("https://example.com", "/day").await;
        check("/\\example.com", "/day").await;
        check("/sign-out", "/day").await;
        check("/\t/example.com/x", "/day").await;
        for odd in ['\t', '\r', '\n'] {
            check(&format!("/findings{odd}"), "/day").await;
        }
        // What no browser sends is refused as in any form, and the page offers no such way.
        for odd in ['\0', '\u{b}', '\u{7f}', '\u{85}'] {
            let answer = site.send(attempt(&analyst, PASSWORD, &format!("/findings{odd}"))).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd:?}");
            let query = serde_urlencoded::to_string([("then", format!("/findings{odd}"))]).unwrap();
            let page = site.get(&format!("/sign-in?{query}"), "").await.text();
            assert!(page.contains("value=\"/day\"") && !page.contains("/findings"), "{page}");
        }
    }

    #[tokio::test]
    async fn a_session_ends_by_signing_out_and_by_rest() {
        let site = recorded().await;
        let session = site.sign_in(EAST, Role::Analyst).await;
        let answer = site.fill("/sign-out", &session, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/sign-in"));
        assert_eq!(site.get("/day", &session).await.header("location"), "/sign-in?then=%2Fday");
        pass(1);
        let session = site.sign_in(EAST, Role::Analyst).await;
        assert_eq!(site.get("/day", &session).await.status, StatusCode::OK);
        pass(24 * 3600);
        assert_eq!(site.get("/day", &session).await.status, StatusCode::SEE_OTHER);
    }

    #[tokio::test]
    async fn programs_hold_a_session_too() {
        let site = demo().await;
        let body = format!(r#"{{"account":"{}","password":"{PASSWORD}"}}"#, email(EAST, Role::Analyst));
        let answer = site.send(api("/api/v1/session", &body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let session = answer.json()["session"].as_str().unwrap().to_owned();
        assert_eq!(site.get("/api/v1/day", &session).await.status, StatusCode::OK);
        let end = Request::delete("/api/v1/session").header("authorization", format!("Bearer {session}"));
        assert_eq!(site.send(end.body(Body::empty()).unwrap()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(site.get("/api/v1/day", &session).await.status, StatusCode::UNAUTHORIZED);
        let body = body.replace(PASSWORD, "wrong");
        assert_eq!(site.send(api("/api/v1/session", &body)).await.status, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn accounts_are_shown_in_the_demo_only() {
        let site = recorded().await;
        assert!(!site.get("/sign-in", "").await.text().contains(PASSWORD));
        assert!(demo().await.get("/sign-in", "").await.text().contains(PASSWORD));
    }

    #[tokio::test]
    async fn without_a_record_there_is_no_door() {
        let page = ask(router(site()), "/sign-in").await;
        assert!(!page.text().contains("type=\"password\""), "{}", page.text());
        let answer = send_to(router(site()), attempt("a", "b", "")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
