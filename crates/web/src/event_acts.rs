//! The acts on an event that was planned: the specialist's hour, approval, start and end, and the log of contacts. Each tells
//! those who must know.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::event::EVENT;
use crate::event_view::{EventView, shown};
use crate::layout::Did;
use crate::lead::{ReasonBody, StepBody};
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::{Context, Done, EventSeen, Trouble};
use homeward_model::EventId;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/events/{id}/confirm", confirm);
    let routes = act(routes, "/events/{id}/decline", decline);
    let routes = act(routes, "/events/{id}/arrive", arrive);
    let routes = act(routes, "/events/{id}/approve", approve);
    let routes = act(routes, "/events/{id}/start", start);
    let routes = act(routes, "/events/{id}/finish", finish);
    let routes = act(routes, "/events/{id}/call-off", call_off);
    act(routes, "/events/{id}/log", log)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(confirm, decline, arrive, approve, start, finish, call_off, log))]
pub(crate) struct Document;

/// Shows what an act made of an event.
pub(crate) async fn acted(
    desk: &Desk,
    event: &str,
    typed: &str,
    did: Did,
    act: impl AsyncFnOnce(&Context<'_>, EventId) -> Result<Done<EventSeen>, Trouble>,
) -> Response {
    let shown =
        |done: &Done<EventSeen>| (shown(desk, &done.record), format!("/events/{}", done.record.held.noun.id));
    desk.act((Kind::Event, EVENT, event), (typed, did), act, shown).await
}

/// From when the specialist is there.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConfirmBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// From when, at the latest the start; empty means the start.
    #[serde(default)]
    from: String,
}

/// Confirms your hour, as the victim specialist who was asked.
#[utoipa::path(post, path = "/api/v1/events/{id}/confirm", tag = "events", params(("id" = String, Path)),
    request_body = ConfirmBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn confirm(desk: Desk, Path(event): Path<String>, sent: Sent<ConfirmBody>) -> Response {
    let ConfirmBody { seen, request, from } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        desk.casework.confirm_specialist(context, event, desk.revision(seen, &request)?, &from).await
    })
    .await
}

/// Declines the hour that you were asked for, or gives up the one that you confirmed: the event then has no victim specialist,
/// an approval falls, and you open it no more.
#[utoipa::path(post, path = "/api/v1/events/{id}/decline", tag = "events", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn decline(desk: Desk, Path(event): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    let purpose = purpose_for(Kind::Event);
    let done = async {
        let (event, revision) = (id(&event, EVENT)?, desk.revision(seen, &request)?);
        desk.casework.decline_hour(&desk.context(&purpose), event, revision, grounds(&why)?).await
    };
    match done.await {
        Ok(done) => desk.done(&shown(&desk, &done.record), "/day", Did::HourDeclined),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// Records that the victim specialist is on site.
#[utoipa::path(post, path = "/api/v1/events/{id}/arrive", tag = "events", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn arrive(desk: Desk, Path(event): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        desk.casework.specialist_arrives(context, event, desk.revision(seen, &request)?).await
    })
    .await
}

/// Approves an event that somebody else planned, once nothing is missing.
#[utoipa::path(post, path = "/api/v1/events/{id}/approve", tag = "events", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn approve(desk: Desk, Path(event): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::EventApproved, async |context, event| {
        desk.casework.approve_event(context, event, desk.revision(seen, &request)?).await
    })
    .await
}

/// Starts an event of an operation that runs.
#[utoipa::path(post, path = "/api/v1/events/{id}/start", tag = "events", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn start(desk: Desk, Path(event): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        desk.casework.start_event(context, event, desk.revision(seen, &request)?).await
    })
    .await
}

/// Ends an event.
#[utoipa::path(post, path = "/api/v1/events/{id}/finish", tag = "events", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn finish(desk: Desk, Path(event): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        desk.casework.finish_event(context, event, desk.revision(seen, &request)?).await
    })
    .await
}

/// Calls an event off. Everybody who is named is told, and a hit on its check lapses on both sides.
#[utoipa::path(post, path = "/api/v1/events/{id}/call-off", tag = "events", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn call_off(desk: Desk, Path(event): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.call_off_event(context, event, revision, grounds(&why)?).await
    })
    .await
}

/// A contact.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LogBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// When it was; empty means now.
    #[serde(default)]
    at: String,
    /// With whom.
    who: String,
    /// What was said or seen.
    grounds: String,
}

/// Logs a contact. An entry is never changed.
#[utoipa::path(post, path = "/api/v1/events/{id}/log", tag = "events", params(("id" = String, Path)),
    request_body = LogBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn log(desk: Desk, Path(event): Path<String>, sent: Sent<LogBody>) -> Response {
    let LogBody { seen, request, at, who, grounds: note } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Noted, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.log_contact(context, event, revision, (&at, &who), grounds(&note)?).await
    })
    .await
}
