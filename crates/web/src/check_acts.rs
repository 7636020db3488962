//! Acts on a check: asking, answering the other side, moving the plan.

use crate::check::{CheckView, shown};
use crate::desk::{Desk, Sent, grounds};
use crate::layout::Did;
use crate::lead::{ReasonBody, StepBody};
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::{CheckSeen, Context, Done, Trouble, WrittenCheck, WrittenPlace, WrittenPlan};
use homeward_model::{CheckId, CheckOutcome, Instant};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of the acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/checks", ask);
    let routes = act(routes, "/checks/{id}/acknowledge", acknowledge);
    let routes = act(routes, "/checks/{id}/contact", contact);
    let routes = act(routes, "/checks/{id}/settle", settle);
    let routes = act(routes, "/checks/{id}/waive", waive);
    let routes = act(routes, "/checks/{id}/raise", raise);
    act(routes, "/checks/{id}/move", replan)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(ask, acknowledge, contact, settle, waive, raise, replan))]
pub(crate) struct Document;

/// Shows what an act made of a check.
async fn acted(
    desk: &Desk,
    check: &str,
    typed: &str,
    did: Did,
    act: impl AsyncFnOnce(&Context<'_>, CheckId) -> Result<Done<CheckSeen>, Trouble>,
) -> Response {
    let shown =
        |done: &Done<CheckSeen>| (shown(desk, &done.record), format!("/checks/{}", done.record.held.noun.id));
    desk.act((Kind::Check, "check", check), (typed, did), act, shown).await
}

/// What is asked.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct AskBody {
    /// A uuid made by the client, the id of the check: sent again, it is the same check.
    request: String,
    /// `event`, `selector` or `subject`; empty means `event`.
    target: String,
    /// Id of the planned event, made by the client.
    event: String,
    /// Start; without a zone, UTC.
    starts: String,
    /// End.
    ends: String,
    /// Minutes by which the window is widened; empty means what the rules say.
    pad_minutes: String,
    /// City.
    city: String,
    /// State.
    state: String,
    /// Latitude, degrees.
    latitude: String,
    /// Longitude, degrees.
    longitude: String,
    /// Radius, km; empty means what the rules say.
    radius_km: String,
    /// Selectors, one a line: `phone: 704-555-0142`.
    selectors: String,
    /// Subjects, an id a line.
    subjects: String,
    /// Other systems that were asked, one a line: `RISSafe: 2026-11-24 14:30`.
    elsewhere: String,
}

/// Asks a check. On a hit both sides are told at once.
#[utoipa::path(post, path = "/api/v1/checks", tag = "checks", request_body = AskBody, responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn ask(desk: Desk, sent: Sent<AskBody>) -> Response {
    let body = sent.fields;
    let request = match desk.request(&body.request) {
        Ok(request) => CheckId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &sent.typed),
    };
    let place = WrittenPlace {
        city: body.city,
        state: body.state,
        latitude: body.latitude,
        longitude: body.longitude,
    };
    let (starts, ends) = (body.starts, body.ends);
    let plan = WrittenPlan { starts, ends, pad_minutes: body.pad_minutes, place, radius_km: body.radius_km };
    let written = WrittenCheck {
        target: body.target,
        event: body.event,
        plan,
        selectors: body.selectors,
        subjects: body.subjects,
        elsewhere: body.elsewhere,
    };
    acted(&desk, &request, &sent.typed, Did::Asked, async |context, check| {
        desk.casework.ask_check(context, check, &written).await
    })
    .await
}

/// Says to the other sides that you saw their hit.
#[utoipa::path(post, path = "/api/v1/checks/{id}/acknowledge", tag = "checks", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn acknowledge(desk: Desk, Path(check): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &check, &sent.typed, Did::Answered, async |context, check| {
        desk.casework.acknowledge_check(context, check, desk.revision(seen, &request)?).await
    })
    .await
}

/// Records that both sides talked, on both checks.
#[utoipa::path(post, path = "/api/v1/checks/{id}/contact", tag = "checks", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn contact(desk: Desk, Path(check): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &check, &sent.typed, Did::Answered, async |context, check| {
        desk.casework.contact_check(context, check, desk.revision(seen, &request)?).await
    })
    .await
}

/// What your side does after both talked.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SettleBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `proceed`, `joint`, `delay` or `cancel`.
    outcome: String,
    /// The end of a delay; without a zone, UTC.
    #[serde(default)]
    until: String,
    /// Why.
    grounds: String,
}

/// Settles a check for your side.
#[utoipa::path(post, path = "/api/v1/checks/{id}/settle", tag = "checks", params(("id" = String, Path)),
    request_body = SettleBody, responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn settle(desk: Desk, Path(check): Path<String>, sent: Sent<SettleBody>) -> Response {
    let SettleBody { seen, request, outcome, until, grounds: why } = sent.fields;
    acted(&desk, &check, &sent.typed, Did::Answered, async |context, check| {
        let outcome = match outcome.as_str() {
            "proceed" => CheckOutcome::Proceed,
            "joint" => CheckOutcome::Joint,
            "cancel" => CheckOutcome::Cancel,
            "delay" => CheckOutcome::Delay {
                until: Instant::parse(&until)
                    .ok_or_else(|| Trouble::invalid("say until when it waits, `2026-11-24 14:30`"))?,
            },
            _ => return Err(Trouble::invalid("the outcome is `proceed`, `joint`, `delay` or `cancel`")),
        };
        desk.casework
            .settle_check(context, check, desk.revision(seen, &request)?, outcome, grounds(&why)?)
            .await
    })
    .await
}

/// A named supervisor, not the one who asked, lets it go on without contact.
#[utoipa::path(post, path = "/api/v1/checks/{id}/waive", tag = "checks", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn waive(desk: Desk, Path(check): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &check, &sent.typed, Did::Answered, async |context, check| {
        desk.casework.waive_check(context, check, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// To whom a hit is raised.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RaiseBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the supervisor.
    to: String,
}

/// Raises a hit to a supervisor of your organisation.
#[utoipa::path(post, path = "/api/v1/checks/{id}/raise", tag = "checks", params(("id" = String, Path)),
    request_body = RaiseBody, responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn raise(desk: Desk, Path(check): Path<String>, sent: Sent<RaiseBody>) -> Response {
    let RaiseBody { seen, request, to } = sent.fields;
    acted(&desk, &check, &sent.typed, Did::Answered, async |context, check| {
        let to = to.trim().parse().map_err(|_| Trouble::invalid("choose a supervisor"))?;
        desk.casework.raise_check(context, check, desk.revision(seen, &request)?, to).await
    })
    .await
}

/// Another window and place of a plan.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MoveBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Start; without a zone, UTC.
    #[serde(default)]
    starts: String,
    /// End.
    #[serde(default)]
    ends: String,
    /// Minutes by which the window is widened.
    #[serde(default)]
    pad_minutes: String,
    /// City.
    #[serde(default)]
    city: String,
    /// State.
    #[serde(default)]
    state: String,
    /// Latitude, degrees.
    #[serde(default)]
    latitude: String,
    /// Longitude, degrees.
    #[serde(default)]
    longitude: String,
    /// Radius, km.
    #[serde(default)]
    radius_km: String,
}

/// Moves a plan and asks anew; who is concerned now is told, and who is not any more.
#[utoipa::path(post, path = "/api/v1/checks/{id}/move", tag = "checks", params(("id" = String, Path)),
    request_body = MoveBody, responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn replan(desk: Desk, Path(check): Path<String>, sent: Sent<MoveBody>) -> Response {
    let body = sent.fields;
    let place = WrittenPlace {
        city: body.city,
        state: body.state,
        latitude: body.latitude,
        longitude: body.longitude,
    };
    let (starts, ends) = (body.starts, body.ends);
    let plan = WrittenPlan { starts, ends, pad_minutes: body.pad_minutes, place, radius_km: body.radius_km };
    acted(&desk, &check, &sent.typed, Did::Kept, async |context, check| {
        desk.casework.move_check(context, check, desk.revision(body.seen, &body.request)?, &plan).await
    })
    .await
}
