//! Planning an event: its form, and what its planner changes. Each act tells those who must know.

use crate::desk::{Desk, Sent, id, purpose_for};
use crate::event::kinds;
use crate::event_acts::acted;
use crate::event_choices::{Choices, choices};
use crate::event_view::EventView;
use crate::layout::{Did, Layout};
use crate::member::listed;
use crate::{Site, act, errors};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use homeward_access::Kind;
use homeward_casework::{Trouble, WrittenBrief, WrittenEvent, WrittenPlace, WrittenTeam, WrittenWhere};
use homeward_model::{Brief, EventId};
use homeward_rules::record::RecordRules;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of planning.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = Router::new().route("/operations/{id}/plan", get(blank));
    let routes = act(routes, "/operations/{id}/plan", plan);
    let routes = act(routes, "/events/{id}/move", replan);
    let routes = act(routes, "/events/{id}/brief", rebrief);
    let routes = act(routes, "/events/{id}/team", staff);
    act(routes, "/events/{id}/ask", ask)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(plan, replan, rebrief, staff, ask))]
pub(crate) struct Document;

#[derive(Template)]
#[template(path = "event/new.html")]
struct NewPage {
    layout: Layout,
    operation: String,
    name: String,
    kinds: Vec<&'static str>,
    choices: Choices,
    pad: String,
    radius: f64,
}

/// What an event is planned for.
#[derive(Deserialize)]
pub(crate) struct For {
    /// The lead that it is to serve.
    #[serde(default)]
    lead: String,
}

async fn blank(desk: Desk, Path(operation): Path<String>, Query(wanted): Query<For>) -> Response {
    let purpose = purpose_for(Kind::Operation);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.operation(&context, id(&operation, "operation")?).await?;
        let served = Brief { lead: wanted.lead.parse().ok(), ..Brief::default() };
        let choices = choices(&desk, &context, held.noun.id, &served).await?;
        Ok::<_, Trouble>((held, choices))
    };
    match found.await {
        Ok((held, choices)) => {
            let clocks = &RecordRules::embedded().clocks;
            let page = NewPage {
                layout: desk.layout(),
                operation,
                name: held.noun.name,
                kinds: kinds(),
                choices,
                pad: clocks.check_window_pad.span.to_string(),
                radius: f64::from(clocks.check_radius.metres) / 1000.0,
            };
            desk.page(StatusCode::OK, page)
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// An event to plan.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PlanBody {
    /// A uuid made by the client, the id of the event: sent again, it is the same.
    request: String,
    /// `undercover meeting`, `surveillance`, `search warrant` or `recovery`.
    kind: String,
    /// `commercial sex` or `other`; empty means the former.
    matter: String,
    /// `yes` when it may meet a child; undercover meetings and recoveries always may.
    may_meet_child: String,
    /// Start; without a zone, UTC.
    starts: String,
    /// End.
    ends: String,
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
    /// The address.
    address: String,
    /// Telephone numbers, handles and the like that it turns on, one a line: its check asks about them too.
    selectors: String,
    /// What is to be reached.
    objective: String,
    /// Hospital, safe place.
    safe_place: String,
    /// Telephone numbers, radio channel.
    contacts: String,
    /// Id of the lead it serves.
    lead: String,
    /// Id of the missing report it serves.
    report: String,
    /// Ids of members who go.
    staff: Vec<String>,
    /// Id of the supervisor who is asked to approve.
    supervisor: String,
    /// Id of the victim specialist who is asked for an hour.
    specialist: String,
    /// `yes` when only those who are named open it.
    sealed: String,
}

/// Plans an event. Its check is asked in the same act.
#[utoipa::path(post, path = "/api/v1/operations/{id}/plan", tag = "events", params(("id" = String, Path)),
    request_body = PlanBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn plan(desk: Desk, Path(operation): Path<String>, sent: Sent<PlanBody>) -> Response {
    let Sent { fields: body, typed } = sent;
    let made = match desk.request(&body.request) {
        Ok(request) => EventId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &typed),
    };
    let (latitude, longitude) = (body.latitude, body.longitude);
    let place = WrittenPlace { city: body.city, state: body.state, latitude, longitude };
    let written = WrittenEvent {
        kind: body.kind,
        matter: body.matter,
        may_meet_child: body.may_meet_child == "yes",
        at: WrittenWhere {
            starts: body.starts,
            ends: body.ends,
            place,
            radius_km: body.radius_km,
            address: body.address,
            selectors: body.selectors,
        },
        brief: WrittenBrief {
            objective: body.objective,
            safe_place: body.safe_place,
            contacts: body.contacts,
            lead: body.lead,
            report: body.report,
        },
        team: WrittenTeam { staff: listed(&typed, "member", body.staff), supervisor: body.supervisor },
        specialist: body.specialist,
        sealed: body.sealed == "yes",
    };
    acted(&desk, &made, &typed, Did::EventPlanned, async |context, event| {
        let operation = id(&operation, "operation")?;
        desk.casework.plan_event(context, (event, operation), &written).await
    })
    .await
}

/// Another time or place.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MoveBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Start; without a zone, UTC.
    starts: String,
    /// End.
    ends: String,
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
    /// Radius, km; empty means what the rules say.
    #[serde(default)]
    radius_km: String,
    /// The address.
    #[serde(default)]
    address: String,
    /// What it turns on from now on, one a line.
    #[serde(default)]
    selectors: String,
}

/// Changes time, place or what it turns on. The check moves with it; approval and the specialist's hour fall away.
#[utoipa::path(post, path = "/api/v1/events/{id}/move", tag = "events", params(("id" = String, Path)),
    request_body = MoveBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn replan(desk: Desk, Path(event): Path<String>, sent: Sent<MoveBody>) -> Response {
    let body = sent.fields;
    let (latitude, longitude) = (body.latitude, body.longitude);
    let place = WrittenPlace { city: body.city, state: body.state, latitude, longitude };
    let (starts, ends, radius_km) = (body.starts, body.ends, body.radius_km);
    let (address, selectors) = (body.address, body.selectors);
    let written = WrittenWhere { starts, ends, place, radius_km, address, selectors };
    acted(&desk, &event, &sent.typed, Did::EventMoved, async |context, event| {
        let revision = desk.revision(body.seen, &body.request)?;
        desk.casework.replan_event(context, event, revision, &written).await
    })
    .await
}

/// What an event is for.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BriefBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// What is to be reached.
    #[serde(default)]
    objective: String,
    /// Hospital, safe place.
    #[serde(default)]
    safe_place: String,
    /// Telephone numbers, radio channel.
    #[serde(default)]
    contacts: String,
    /// Id of the lead it serves.
    #[serde(default)]
    lead: String,
    /// Id of the missing report it serves.
    #[serde(default)]
    report: String,
}

/// Changes what an event is for.
#[utoipa::path(post, path = "/api/v1/events/{id}/brief", tag = "events", params(("id" = String, Path)),
    request_body = BriefBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn rebrief(desk: Desk, Path(event): Path<String>, sent: Sent<BriefBody>) -> Response {
    let BriefBody { seen, request, objective, safe_place, contacts, lead, report } = sent.fields;
    let written = WrittenBrief { objective, safe_place, contacts, lead, report };
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        desk.casework.rebrief_event(context, event, desk.revision(seen, &request)?, &written).await
    })
    .await
}

/// Who takes part.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TeamBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Ids of members who go.
    #[serde(default)]
    staff: Vec<String>,
    /// Id of the supervisor who is asked to approve.
    #[serde(default)]
    supervisor: String,
}

/// Says who takes part; whoever is new is told.
#[utoipa::path(post, path = "/api/v1/events/{id}/team", tag = "events", params(("id" = String, Path)),
    request_body = TeamBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn staff(desk: Desk, Path(event): Path<String>, sent: Sent<TeamBody>) -> Response {
    let Sent { fields: TeamBody { seen, request, staff, supervisor }, typed } = sent;
    let written = WrittenTeam { staff: listed(&typed, "member", staff), supervisor };
    acted(&desk, &event, &typed, Did::Kept, async |context, event| {
        desk.casework.staff_event(context, event, desk.revision(seen, &request)?, &written).await
    })
    .await
}

/// The victim specialist who is asked.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AskBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the victim specialist.
    specialist: String,
}

/// Asks a victim specialist for an hour. One that another confirmed falls away, and an approval with it.
#[utoipa::path(post, path = "/api/v1/events/{id}/ask", tag = "events", params(("id" = String, Path)),
    request_body = AskBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn ask(desk: Desk, Path(event): Path<String>, sent: Sent<AskBody>) -> Response {
    let AskBody { seen, request, specialist } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::HourAsked, async |context, event| {
        desk.casework.ask_specialist(context, event, desk.revision(seen, &request)?, &specialist).await
    })
    .await
}
