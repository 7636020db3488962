//! `/sign-in`: the door of the record. Without an authenticator it says that there is nothing behind it.

use crate::Site;
use crate::cookie::Cookie;
use crate::layout::{Layout, keep, page as render};
use crate::seams::{DemoAccount, SignIn, SignInOutcome};
use crate::visit::Visit;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// The form as it was filled in.
#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    account: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    layout: Layout,
    csrf: String,
    open: bool,
    account: String,
    problem: Option<&'static str>,
    demo_accounts: Vec<DemoAccount>,
}

fn shown(
    site: &Site,
    visit: &Visit,
    status: StatusCode,
    account: String,
    problem: Option<&'static str>,
) -> Response {
    let csrf = visit.form_token(site);
    let cookie = Cookie::Csrf.write(&csrf, site.settings.behind_proxy, None);
    let demo_accounts = match &site.authenticator {
        Some(authenticator) if site.settings.demo => authenticator.demo_accounts(),
        _ => Vec::new(),
    };
    let open = site.authenticator.is_some();
    let layout = Layout::new(site, visit);
    let template = SignInPage { layout, csrf, open, account, problem, demo_accounts };
    let mut answer = render(status, site, visit, &template);
    keep(answer.headers_mut(), cookie);
    answer
}

/// `GET /sign-in`.
pub(crate) async fn page(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    shown(&site, &visit, StatusCode::OK, String::new(), None)
}

/// `POST /sign-in`.
pub(crate) async fn send(
    State(site): State<Arc<Site>>,
    visit: Visit,
    Form(filled): Form<Filled>,
) -> Response {
    let words = visit.words();
    let Some(authenticator) = &site.authenticator else {
        return shown(&site, &visit, StatusCode::SERVICE_UNAVAILABLE, String::new(), None);
    };
    let Filled { account, password, code } = filled;
    let code = Some(code.trim().to_owned()).filter(|code| !code.is_empty());
    let attempt = SignIn { account: account.trim().to_owned(), password, code, address: visit.address };
    match authenticator.sign_in(attempt).await {
        Ok(SignInOutcome::Accepted { session }) => {
            let mut answer = Redirect::to("/").into_response();
            keep(answer.headers_mut(), Cookie::Session.write(&session, site.settings.behind_proxy, None));
            answer
        }
        Ok(SignInOutcome::Refused) => {
            shown(&site, &visit, StatusCode::UNPROCESSABLE_ENTITY, account, Some(words.sign_in_refused))
        }
        Err(unavailable) => {
            eprintln!("error: signing in failed: {}", unavailable.0);
            shown(&site, &visit, StatusCode::SERVICE_UNAVAILABLE, account, Some(words.sign_in_failed))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{One, TOKEN, ask, form, send_to, settings, site};
    use crate::{Settings, router};
    use axum::body::Body;

    fn with_one(demo: bool) -> axum::Router {
        let settings = Settings { demo, ..settings() };
        router(Site { settings, authenticator: Some(Arc::new(One)), ..site() })
    }

    #[tokio::test]
    async fn without_an_authenticator_there_are_no_accounts() {
        let answer = ask(router(site()), "/sign-in").await;
        assert!(answer.text().contains("No accounts yet") && !answer.text().contains("type=\"password\""));
    }

    #[tokio::test]
    async fn the_right_words_open_a_session_and_all_others_look_alike() {
        let check = async |fields: &str, status: u16, said: &str| {
            let body = format!("csrf={TOKEN}&{fields}");
            let request = form("/sign-in").header("cookie", format!("csrf={TOKEN}"));
            let answer = send_to(with_one(false), request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{fields}");
            let cookies = format!("{:?}", answer.headers.get_all("set-cookie"));
            assert!(answer.text().contains(said) || cookies.contains(said), "{fields}: {}", answer.text());
            assert!(!answer.text().contains("correct-horse"), "{fields}");
            answer
        };
        check(
            "account=analyst&password=correct-horse",
            303,
            "session=s3cret; Path=/; HttpOnly; SameSite=Strict",
        )
        .await;
        let wrong = "is not right, or the account is locked";
        let password = check("account=analyst&password=wrong", 422, wrong).await.text();
        let account = check("account=nobody&password=wrong", 422, wrong).await.text();
        assert_eq!(password.replace("analyst", "nobody"), account);
        check("account=broken&password=x", 503, "does not work right now").await;
    }

    #[tokio::test]
    async fn only_the_demo_lists_accounts() {
        assert!(ask(with_one(true), "/sign-in").await.text().contains("<td>correct-horse</td>"));
        assert!(!ask(with_one(false), "/sign-in").await.text().contains("correct-horse"));
    }
}
