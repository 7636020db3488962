//! `/forms`: what somebody was writing when their session ended. It waits for them and for nobody else, is sent again with the
//! same id of its request, so that nothing happens twice, or is thrown away.

use crate::desk::{Desk, OURS, Sent, at};
use crate::layout::{Did, Layout};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use homeward_casework::{KeptForm, Trouble};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of kept forms.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/forms", kept);
    let routes = act(routes, "/forms/discard", discard);
    routes.route("/forms/again", post(again))
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(kept, discard))]
pub(crate) struct Document;

/// The body of a form from a page of this site, for the case that its session has ended.
#[derive(Clone)]
pub(crate) struct Filed(pub(crate) Bytes);

/// Fields of a form that are never kept: the token, and what proves who somebody is.
fn is_kept(name: &str) -> bool {
    name != "csrf" && !["password", "code", "secret"].iter().any(|word| name.contains(word))
}

/// The fields of a form.
fn fields(body: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(body).unwrap_or_default()
}

/// What of a form is kept; `None` when nobody wrote anything in it.
pub(crate) fn to_keep(body: &[u8]) -> Option<Vec<u8>> {
    let kept: Vec<(String, String)> = fields(body).into_iter().filter(|(name, _)| is_kept(name)).collect();
    let written = kept.iter().any(|(name, text)| !OURS.contains(&name.as_str()) && !text.trim().is_empty());
    written.then(|| serde_urlencoded::to_string(&kept).unwrap_or_default().into_bytes())
}

/// What a path asks for, in words: `lead, hand back`.
pub(crate) fn words(path: &str) -> String {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let noun = match steps.first().copied().unwrap_or_default() {
        "leads" => "lead",
        "cases" => "case",
        "findings" => "finding",
        "tips" => "tip",
        "checks" => "check",
        "initiatives" => "initiative",
        "operations" => "operation",
        "events" => "event",
        "missing" => "missing report",
        "people" => "agencies and people",
        other => other,
    };
    match steps.last().filter(|_| steps.len() > 1) {
        Some(last) if last.len() < 30 => format!("{noun}, {}", last.replace('-', " ")),
        _ => noun.to_owned(),
    }
}

/// A form that was kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptView {
    /// Where it was to be sent.
    path: String,
    /// The same in words.
    about: String,
    /// When it was kept.
    at: String,
    /// What was filled in, each field with its name.
    fields: Vec<(String, String)>,
}

/// The form that waits, if there is one.
#[derive(Serialize, ToSchema)]
pub(crate) struct FormsView {
    /// The newest.
    kept: Option<KeptView>,
}

fn shown(form: KeptForm) -> KeptView {
    KeptView { about: words(&form.path), path: form.path, at: at(form.at), fields: fields(&form.body) }
}

#[derive(Template)]
#[template(path = "forms.html")]
struct FormsPage {
    layout: Layout,
    forms: FormsView,
}

impl FormsPage {
    /// Whether a field was written by the person, not by the page.
    fn theirs(name: &str) -> bool {
        !OURS.contains(&name)
    }
}

/// What you were writing when your session ended.
#[utoipa::path(get, path = "/api/v1/forms", tag = "forms", responses(
    (status = 200, description = "the form that waits, if there is one", body = FormsView),
    errors::Refusals,
))]
pub(crate) async fn kept(desk: Desk) -> Response {
    match desk.casework.kept_form(desk.outside(), desk.actor.member).await {
        Ok(form) => {
            desk.show(FormsView { kept: form.map(shown) }, |layout, forms| FormsPage { layout, forms })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// `POST /forms/again`: sends a kept form to where it was to go, as its fields stand on the page. The browser repeats its body
/// there; the form is forgotten first, for the page of a refusal shows what was written.
pub(crate) async fn again(desk: Desk, Query(shown): Query<DiscardBody>) -> Response {
    let sent = async {
        let form = desk.casework.kept_form(desk.outside(), desk.actor.member).await?;
        // Another may have been kept since the page was shown: its body must not go to the wrong place.
        let form = form.filter(|form| form.path == shown.path).ok_or(Trouble::Missing { noun: "form" })?;
        desk.casework.drop_form(desk.outside(), desk.actor.member, &form.path).await?;
        Ok::<_, Trouble>(form.path)
    };
    match sent.await {
        Ok(path) => Redirect::temporary(crate::sign_in::on_this_site(&path)).into_response(),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Which form is thrown away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DiscardBody {
    /// Where it was to be sent.
    path: String,
}

/// Throws a kept form away.
#[utoipa::path(post, path = "/api/v1/forms/discard", tag = "forms", request_body = DiscardBody, responses(
    (status = 200, description = "what waits now", body = FormsView),
    errors::Refusals,
))]
pub(crate) async fn discard(desk: Desk, sent: Sent<DiscardBody>) -> Response {
    let done = async {
        desk.casework.drop_form(desk.outside(), desk.actor.member, &sent.fields.path).await?;
        desk.casework.kept_form(desk.outside(), desk.actor.member).await
    };
    match done.await {
        Ok(left) => {
            let to = if left.is_some() { "/forms" } else { "/day" };
            desk.done(&FormsView { kept: left.map(shown) }, to, Did::Discarded)
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proves_somebody_is_never_kept() {
        let check = |body: &str, kept: Option<&str>| {
            let found = to_keep(body.as_bytes()).map(|kept| String::from_utf8(kept).unwrap());
            assert_eq!(found.as_deref(), kept, "{body}");
        };
        check("csrf=1&request=2&seen=3&grounds=two+vans", Some("request=2&seen=3&grounds=two+vans"));
        check("csrf=1&old_password=a&new_password=b", None);
        check("csrf=1&password=a&name=Ana", Some("name=Ana"));
        check("csrf=1&request=2&seen=3&grounds=++", None);
        check("", None);
    }

    #[test]
    fn a_path_is_said_in_words() {
        let check = |path: &str, said: &str| assert_eq!(words(path), said);
        check("/leads/01980000-0000-7000-8000-000000000001/hand-back", "lead, hand back");
        check("/missing", "missing report");
        check("/people/01980000-0000-7000-8000-000000000001", "agencies and people");
    }
}
