//! People met at an event: subjects with their age, their screening for trafficking, and an arrest, which comes after it.

use crate::desk::{Desk, Sent, grounds};
use crate::event_acts::acted;
use crate::event_view::EventView;
use crate::layout::Did;
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of these acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/events/{id}/subject", subject);
    let routes = act(routes, "/events/{id}/age", age);
    let routes = act(routes, "/events/{id}/screen", screen);
    act(routes, "/events/{id}/arrest", arrest)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(subject, age, screen, arrest))]
pub(crate) struct Document;

/// A person and the age at the event.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SubjectBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the person; empty for one who has none yet.
    #[serde(default)]
    person: String,
    /// What they are called, as far as that is known: a name, a description.
    #[serde(default)]
    called: String,
    /// `41`, `25-30`, `adult` or `unknown`.
    #[serde(default)]
    age: String,
}

/// Adds a subject. In a matter of commercial sex a person who may be a child is refused: they are a victim.
#[utoipa::path(post, path = "/api/v1/events/{id}/subject", tag = "events", params(("id" = String, Path)),
    request_body = SubjectBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn subject(desk: Desk, Path(event): Path<String>, sent: Sent<SubjectBody>) -> Response {
    let SubjectBody { seen, request, person, called, age } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.add_event_subject(context, event, revision, (&person, &called, &age)).await
    })
    .await
}

/// Records the age of a subject as it was learnt. One who may have been a child is a victim from then on.
#[utoipa::path(post, path = "/api/v1/events/{id}/age", tag = "events", params(("id" = String, Path)),
    request_body = SubjectBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn age(desk: Desk, Path(event): Path<String>, sent: Sent<SubjectBody>) -> Response {
    let SubjectBody { seen, request, person, age, .. } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.learn_age_at_event(context, event, revision, (&person, &age)).await
    })
    .await
}

/// A screening.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ScreenBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the subject.
    person: String,
    /// When it was; empty means now.
    #[serde(default)]
    at: String,
    /// `no sign of trafficking`, `signs of trafficking` or `no answer`.
    found: String,
    /// How it was done: by which questions, in which language.
    grounds: String,
}

/// Records that a subject was screened for trafficking, one person alone. It comes before an arrest: 34 U.S.C. 20709(c).
#[utoipa::path(post, path = "/api/v1/events/{id}/screen", tag = "events", params(("id" = String, Path)),
    request_body = ScreenBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn screen(desk: Desk, Path(event): Path<String>, sent: Sent<ScreenBody>) -> Response {
    let ScreenBody { seen, request, person, at, found, grounds: how } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        let found = (found.as_str(), grounds(&how)?);
        desk.casework.screen_at_event(context, event, revision, (&person, &at), found).await
    })
    .await
}

/// An arrest.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ArrestBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the subject.
    person: String,
    /// When it was; empty means now.
    #[serde(default)]
    at: String,
}

/// Records the arrest of a subject. In a matter of commercial sex it is refused without a screening before it.
#[utoipa::path(post, path = "/api/v1/events/{id}/arrest", tag = "events", params(("id" = String, Path)),
    request_body = ArrestBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn arrest(desk: Desk, Path(event): Path<String>, sent: Sent<ArrestBody>) -> Response {
    let ArrestBody { seen, request, person, at } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.arrest_at_event(context, event, revision, (&person, &at)).await
    })
    .await
}
