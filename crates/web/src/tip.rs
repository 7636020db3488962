//! `/tip`: a tip from the public, text and links only. Without a record, or when it
//! fails, the page says that nothing was kept and whom to call.

use crate::cookie::Cookie;
use crate::desk::fresh;
use crate::help::{LineShown, lines};
use crate::lang::Words;
use crate::layout::{FLASH_SECONDS, Flash, Layout, keep, page as render};
use crate::visit::Visit;
use crate::{Site, errors};
use askama::Template;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use homeward_casework::Outside;
use homeward_model::TipId;
use homeward_model::text::{control, is_blank};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Most characters of a tip.
const MOST_TEXT: usize = 5_000;
/// Most links.
const MOST_LINKS: usize = 10;
/// Most characters of a link.
const MOST_LINK: usize = 2_000;
/// Most characters of the way to reach the sender.
const MOST_CONTACT: usize = 200;

/// The form as it was filled in.
#[derive(Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    text: String,
    #[serde(default)]
    links: String,
    #[serde(default)]
    contact: String,
    /// No person sees this field; programs that fill in everything give themselves away.
    #[serde(default)]
    website: String,
}

#[derive(Template)]
#[template(path = "tip.html")]
struct TipPage {
    layout: Layout,
    csrf: String,
    filled: Filled,
    problems: Vec<&'static str>,
    most_text: usize,
    most_contact: usize,
}

#[derive(Template)]
#[template(path = "tip_refused.html")]
struct RefusedPage {
    layout: Layout,
    title: &'static str,
    about: &'static str,
    lines: Vec<LineShown>,
}

/// A tip as it was checked: text and links, never files.
struct NewTip {
    /// What it says, with its links below.
    text: String,
    contact: Option<String>,
}

/// Checks what was filled in; `Err` names everything that must be mended.
fn checked(filled: &Filled, words: &Words) -> Result<NewTip, Vec<&'static str>> {
    // A tip is not lost for a stray control character: it is dropped.
    let clean =
        |text: &str| text.replace(|letter: char| control(letter.encode_utf8(&mut [0; 4])).is_some(), "");
    let (text, contact, links) = (clean(&filled.text), clean(&filled.contact), clean(&filled.links));
    let (text, contact) = (text.trim(), contact.trim());
    let links: Vec<&str> = links.lines().map(str::trim).filter(|link| !link.is_empty()).collect();
    let is_link = |link: &&str| {
        let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
            && link.chars().count() <= MOST_LINK
    };
    let problems: Vec<&'static str> = [
        (!filled.website.is_empty(), words.tip_problem_trap),
        (is_blank(text), words.tip_problem_empty),
        (text.chars().count() > MOST_TEXT, words.tip_problem_long),
        (links.len() > MOST_LINKS || !links.iter().all(is_link), words.tip_problem_links),
        (contact.chars().count() > MOST_CONTACT, words.tip_problem_contact),
    ]
    .into_iter()
    .filter_map(|(wrong, word)| wrong.then_some(word))
    .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    // Browsers send line ends as CR LF; a tip has plain ones.
    let text = [text.replace("\r\n", "\n")].into_iter().chain(links.into_iter().map(str::to_owned));
    Ok(NewTip {
        text: text.collect::<Vec<_>>().join("\n"),
        contact: (!is_blank(contact)).then(|| contact.to_owned()),
    })
}

/// What became of a tip.
enum Outcome {
    /// It is on disk; the sender may quote this.
    Received(String),
    Closed,
    Failed,
}

async fn hand_on(site: &Site, visit: &Visit, tip: NewTip) -> Outcome {
    let Some(casework) = &site.casework else { return Outcome::Closed };
    let (id, from) = (TipId::from_bits(fresh(site)), visit.address.to_string());
    let outside = Outside { from: &from, now: (site.now)() };
    match casework.receive_tip(outside, id, tip.text, tip.contact).await {
        Ok(id) => Outcome::Received(id.to_string()),
        Err(trouble) => {
            eprintln!("error: a tip was not kept: {trouble}");
            Outcome::Failed
        }
    }
}

fn refused(
    site: &Site,
    visit: &Visit,
    status: StatusCode,
    title: &'static str,
    about: &'static str,
) -> Response {
    let layout = Layout::new(site, visit).with_quick_exit();
    let template = RefusedPage { layout, title, about, lines: lines(visit.lang) };
    render(status, site, visit, &template)
}

fn closed(site: &Site, visit: &Visit) -> Response {
    let words = visit.words();
    refused(site, visit, StatusCode::SERVICE_UNAVAILABLE, words.tip_closed_title, words.tip_closed)
}

fn filled_in(site: &Site, visit: &Visit, filled: Filled, problems: Vec<&'static str>) -> Response {
    let csrf = visit.form_token(site);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let cookie = Cookie::Csrf.write(&csrf, site.settings.behind_proxy, None);
    let layout = Layout::new(site, visit).with_quick_exit();
    let template =
        TipPage { layout, csrf, filled, problems, most_text: MOST_TEXT, most_contact: MOST_CONTACT };
    let mut answer = render(status, site, visit, &template);
    keep(answer.headers_mut(), cookie);
    answer
}

/// `GET /tip`. Where tips cannot be taken there is no form: nobody should write one for nothing.
pub(crate) async fn page(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    if site.casework.is_none() {
        let words = visit.words();
        return refused(&site, &visit, StatusCode::OK, words.tip_closed_title, words.tip_closed_door);
    }
    filled_in(&site, &visit, Filled::default(), Vec::new())
}

/// `POST /tip`.
pub(crate) async fn send(
    State(site): State<Arc<Site>>,
    visit: Visit,
    Form(filled): Form<Filled>,
) -> Response {
    let words = visit.words();
    if site.casework.is_none() {
        return closed(&site, &visit);
    }
    let tip = match checked(&filled, words) {
        Ok(tip) => tip,
        Err(problems) => return filled_in(&site, &visit, filled, problems),
    };
    match hand_on(&site, &visit, tip).await {
        Outcome::Received(reference) => {
            let mut answer = Redirect::to(&format!("/tip{}", visit.query)).into_response();
            let word = Flash::TipReceived(reference).word();
            let cookie = Cookie::Flash.write(&word, site.settings.behind_proxy, Some(FLASH_SECONDS));
            keep(answer.headers_mut(), cookie);
            answer
        }
        Outcome::Closed => closed(&site, &visit),
        Outcome::Failed => {
            refused(&site, &visit, StatusCode::SERVICE_UNAVAILABLE, words.tip_failed_title, words.tip_failed)
        }
    }
}

/// A tip.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TipBody {
    /// What it says, 1 to 5,000 characters.
    text: String,
    /// Addresses of pages, at most ten, `http://` or `https://`, up to 2,000 characters each.
    #[serde(default)]
    links: Vec<String>,
    /// How to reach the sender, up to 200 characters; nobody has to say.
    contact: Option<String>,
}

/// The tip was kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct TipAnswer {
    /// What the sender may quote; it opens nothing.
    reference: String,
}

/// Sends a tip. It is kept apart from cases until a named person has read it.
#[utoipa::path(post, path = "/api/v1/tips", tag = "public", request_body = TipBody, responses(
    (status = 201, description = "kept", body = TipAnswer),
    (status = 422, description = "something must be mended", body = errors::Problem),
    (status = 429, description = "too many tips from one address", body = errors::Problem),
    (status = 503, description = "tips cannot be taken here; nothing was kept", body = errors::Problem),
))]
pub(crate) async fn send_api(
    State(site): State<Arc<Site>>,
    visit: Visit,
    body: Result<Json<TipBody>, JsonRejection>,
) -> Response {
    let Json(TipBody { text, links, contact }) = match body {
        Ok(body) => body,
        Err(rejection) => return errors::problem(rejection.status(), &rejection.body_text()),
    };
    let words = visit.words();
    let call = |title: &str| {
        let numbers: Vec<&str> = lines(visit.lang).iter().take(3).map(|line| line.call).collect();
        errors::problem(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!("{title}. {} {}", words.call, numbers.join(", ")),
        )
    };
    let filled =
        Filled { text, links: links.join("\n"), contact: contact.unwrap_or_default(), ..Filled::default() };
    let tip = match checked(&filled, words) {
        Ok(tip) => tip,
        Err(problems) => return errors::problem(StatusCode::UNPROCESSABLE_ENTITY, &problems.join(" ")),
    };
    match hand_on(&site, &visit, tip).await {
        Outcome::Received(reference) => (StatusCode::CREATED, Json(TipAnswer { reference })).into_response(),
        Outcome::Closed => call(words.tip_closed_title),
        Outcome::Failed => call(words.tip_failed_title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router;
    use crate::testing::{Recorded, TOKEN, api, ask, form, recorded, send, send_to, site};
    use axum::body::Body;
    use axum::extract::Request;
    use homeward_casework::rehearsal::DESK;
    use homeward_model::Role;

    fn post(fields: &str) -> Request {
        let request = form("/tip").header("cookie", format!("csrf={TOKEN}"));
        request.body(Body::from(format!("csrf={TOKEN}&{fields}"))).unwrap()
    }

    /// How many tips wait, as the desk sees it.
    async fn kept(site: &Recorded) -> usize {
        let session = site.sign_in(DESK, Role::Clearinghouse).await;
        site.get("/api/v1/day", &session).await.json()["tips"].as_array().unwrap().len()
    }

    async fn check(fields: &str, status: u16, said: &str) {
        let site = recorded().await;
        let answer = site.send(post(fields)).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert!(
            answer.text().contains(said) || answer.header("set-cookie").contains(said),
            "{}",
            answer.text()
        );
        assert_eq!(kept(&site).await, usize::from(status == 303), "{fields}");
    }

    #[tokio::test]
    async fn a_tip_is_kept_or_refused_with_what_to_mend() {
        check("text=two+vans&links=&contact=", 303, "flash=tip-received-").await;
        check(
            "text=two+vans&links=https%3A%2F%2Fexample.org%2Fa%0D%0Ahttp%3A%2F%2Fexample.com",
            303,
            "tip-received",
        )
        .await;
        check("text=++", 422, "Write what you know.").await;
        check("text=%00", 422, "Write what you know.").await;
        check("text=%E2%80%8B", 422, "Write what you know.").await;
        check("text=two%00+vans", 303, "tip-received").await;
        check("", 422, "Write what you know.").await;
        check(&format!("text={}", "x".repeat(5_001)), 422, "longer than 5,000").await;
        check(&format!("text={}", "%C3%B1".repeat(5_000)), 303, "tip-received").await;
        check("text=a&links=javascript%3Aalert", 422, "Links: at most ten").await;
        check(
            &format!("text=a&links={}", "https%3A%2F%2Fexample.org%0A".repeat(11)),
            422,
            "Links: at most ten",
        )
        .await;
        check(&format!("text=a&contact={}", "x".repeat(201)), 422, "longer than 200").await;
        check("text=a&website=spam", 422, "was not sent").await;
        check("text=%3Cb%3E&website=x", 422, "&#60;b&#62;").await;
    }

    #[tokio::test]
    async fn thanks_are_shown_once() {
        let request =
            Request::get("/tip").header("cookie", "flash=tip-received-T-1").body(Body::empty()).unwrap();
        let answer = send(request).await;
        assert!(answer.text().contains("Reference: T-1"));
        assert!(answer.headers.get_all("set-cookie").iter().any(|cookie| {
            cookie.to_str().unwrap().starts_with("flash=; ")
                && cookie.to_str().unwrap().ends_with("Max-Age=0")
        }));
    }

    #[tokio::test]
    async fn without_a_record_nothing_pretends_to_be_kept() {
        let closed = || router(site());
        let page = ask(closed(), "/tip").await;
        assert!(page.text().contains("Tips cannot be taken here yet") && !page.text().contains("<textarea"));
        let answer = send_to(closed(), post("text=two+vans")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text().contains("Nothing was sent") && answer.text().contains("tel:1-888-373-7888"));
        let answer = send_to(closed(), api("/api/v1/tips", r#"{"text":"two vans"}"#)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text().contains("911, 1-888-373-7888"), "{}", answer.text());
    }

    #[tokio::test]
    async fn a_record_that_fails_says_nothing_of_itself() {
        let site = recorded().await;
        site.shut().await;
        let answer = site.send(post("text=two+vans")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert!(answer.text().contains("Your tip was not kept") && !answer.text().contains("disk"));
    }

    #[tokio::test]
    async fn programs_send_tips_too() {
        let check = async |body: &str, status: u16, said: &str| {
            let answer = recorded().await.send(api("/api/v1/tips", body)).await;
            assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
            assert!(answer.text().contains(said), "{}", answer.text());
            let kind = if status == 201 { "application/json" } else { "application/problem+json" };
            assert_eq!(answer.header("content-type"), kind);
        };
        check(r#"{"text":"two vans","links":["https://example.org"]}"#, 201, r#""reference":""#).await;
        check(r#"{"text":""}"#, 422, "Write what you know.").await;
        check(r#"{"text":"a","file":"b"}"#, 422, "unknown field").await;
        check("{", 400, "JSON").await;
    }
}
