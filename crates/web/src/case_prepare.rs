//! What prepares a case for court: which evidence shows which element, what is still to be done and by whom, and notes. Who
//! works the case does it, and who will charge it.

use crate::case::acted;
use crate::case_acts::ticked;
use crate::case_entries::EndBody;
use crate::case_view::CaseView;
use crate::desk::{Desk, Sent, grounds};
use crate::layout::Did;
use crate::lead::ReasonBody;
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_casework::{WrittenLink, WrittenTask};
use homeward_model::CaseEntry;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of these acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/cases/{id}/link", link);
    let routes = act(routes, "/cases/{id}/unlink", unlink);
    let routes = act(routes, "/cases/{id}/task", task);
    let routes = act(routes, "/cases/{id}/task-done", task_done);
    act(routes, "/cases/{id}/note", note)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(link, unlink, task, task_done, note))]
pub(crate) struct Document;

/// Evidence for an element of a count.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LinkBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The number of the count.
    count: u32,
    /// The element; with its way after a stroke, `age_known/knew`, or with the way apart.
    element: String,
    /// The way, where there are several.
    #[serde(default)]
    way: String,
    /// `exhibit 1` or `note 2`.
    evidence: String,
    /// Whether it is the testimony of the victim, or worth nothing without it.
    #[serde(default, deserialize_with = "ticked")]
    testimony: bool,
}

/// Links evidence to an element of a count.
#[utoipa::path(post, path = "/api/v1/cases/{id}/link", tag = "cases", params(("id" = String, Path)),
    request_body = LinkBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn link(desk: Desk, Path(case): Path<String>, sent: Sent<LinkBody>) -> Response {
    let LinkBody { seen, request, count, element, way, evidence, testimony } = sent.fields;
    let written = WrittenLink { count, element, way, evidence, testimony };
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.link_evidence(context, case, desk.revision(seen, &request)?, &written).await
    })
    .await
}

/// Withdraws a link.
#[utoipa::path(post, path = "/api/v1/cases/{id}/unlink", tag = "cases", params(("id" = String, Path)),
    request_body = EndBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn unlink(desk: Desk, Path(case): Path<String>, sent: Sent<EndBody>) -> Response {
    let EndBody { seen, request, number, grounds: why } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        let entry = CaseEntry::LinkWithdrawn(number, grounds(&why)?);
        desk.casework.enter_case(context, case, desk.revision(seen, &request)?, entry).await
    })
    .await
}

/// A task.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TaskBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// What is to be done.
    what: String,
    /// By whom: id of a member who works the case.
    to: String,
    /// Until when; without a zone, UTC.
    #[serde(default)]
    due: String,
}

/// Sets a task for somebody who works the case; they are told.
#[utoipa::path(post, path = "/api/v1/cases/{id}/task", tag = "cases", params(("id" = String, Path)),
    request_body = TaskBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn task(desk: Desk, Path(case): Path<String>, sent: Sent<TaskBody>) -> Response {
    let TaskBody { seen, request, what, to, due } = sent.fields;
    let written = WrittenTask { what, to, due };
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        Ok(desk.casework.set_task(context, case, desk.revision(seen, &request)?, &written).await?.record)
    })
    .await
}

/// Which one.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NumberBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Its number.
    number: u32,
}

/// Records that a task was done.
#[utoipa::path(post, path = "/api/v1/cases/{id}/task-done", tag = "cases", params(("id" = String, Path)),
    request_body = NumberBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn task_done(desk: Desk, Path(case): Path<String>, sent: Sent<NumberBody>) -> Response {
    let NumberBody { seen, request, number } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        let entry = CaseEntry::TaskDone(number);
        desk.casework.enter_case(context, case, desk.revision(seen, &request)?, entry).await
    })
    .await
}

/// Writes a note in the case file. A correction is a further note.
#[utoipa::path(post, path = "/api/v1/cases/{id}/note", tag = "cases", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn note(desk: Desk, Path(case): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: text } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Noted, async |context, case| {
        let entry = CaseEntry::Noted(grounds(&text)?);
        desk.casework.enter_case(context, case, desk.revision(seen, &request)?, entry).await
    })
    .await
}
