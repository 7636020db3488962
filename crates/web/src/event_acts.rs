//! The acts on events. Each tells those who must know.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::event::{Choices, EVENT, EventView, choices, kinds, shown};
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, StepBody};
use crate::member::listed;
use crate::{Site, act, errors};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use homeward_access::Kind;
use homeward_casework::{
    Context, Done, EventSeen, Trouble, WrittenBrief, WrittenEvent, WrittenPlace, WrittenTeam, WrittenWhere,
};
use homeward_model::EventId;
use homeward_rules::record::RecordRules;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = Router::new().route("/operations/{id}/plan", get(blank));
    let routes = act(routes, "/operations/{id}/plan", plan);
    let routes = act(routes, "/events/{id}/move", replan);
    let routes = act(routes, "/events/{id}/brief", rebrief);
    let routes = act(routes, "/events/{id}/team", staff);
    let routes = act(routes, "/events/{id}/ask", ask);
    let routes = act(routes, "/events/{id}/confirm", confirm);
    let routes = act(routes, "/events/{id}/arrive", arrive);
    let routes = act(routes, "/events/{id}/approve", approve);
    let routes = act(routes, "/events/{id}/start", start);
    let routes = act(routes, "/events/{id}/finish", finish);
    let routes = act(routes, "/events/{id}/call-off", call_off);
    let routes = act(routes, "/events/{id}/subject", subject);
    let routes = act(routes, "/events/{id}/age", age);
    act(routes, "/events/{id}/log", log)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(
    plan, replan, rebrief, staff, ask, confirm, arrive, approve, start, finish, call_off, subject, age, log
))]
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

async fn blank(desk: Desk, Path(operation): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Operation);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.operation(&context, id(&operation, "operation")?).await?;
        let nameable = desk.casework.nameable(&context, held.noun.id).await?;
        Ok::<_, Trouble>((held, nameable))
    };
    match found.await {
        Ok((held, nameable)) => {
            let clocks = &RecordRules::embedded().clocks;
            let page = NewPage {
                layout: desk.layout(),
                operation,
                name: held.noun.name,
                kinds: kinds(),
                choices: choices(&desk, &nameable),
                pad: clocks.check_window_pad.span.to_string(),
                radius: f64::from(clocks.check_radius.metres) / 1000.0,
            };
            desk.page(StatusCode::OK, page)
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

async fn acted(
    desk: &Desk,
    event: &str,
    typed: &str,
    did: Did,
    act: impl AsyncFnOnce(&Context<'_>, EventId) -> Result<Done<EventSeen>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::Event);
    let done = async { act(&desk.context(&purpose), id(event, EVENT)?).await };
    match done.await {
        Ok(done) => {
            let to = format!("/events/{}", done.record.held.noun.id);
            desk.done(&shown(desk, &done.record), &to, did)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
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
}

/// Changes time or place. The check moves with it; approval and the specialist's hour fall away.
#[utoipa::path(post, path = "/api/v1/events/{id}/move", tag = "events", params(("id" = String, Path)),
    request_body = MoveBody, responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn replan(desk: Desk, Path(event): Path<String>, sent: Sent<MoveBody>) -> Response {
    let body = sent.fields;
    let (latitude, longitude) = (body.latitude, body.longitude);
    let place = WrittenPlace { city: body.city, state: body.state, latitude, longitude };
    let (starts, ends) = (body.starts, body.ends);
    let written = WrittenWhere { starts, ends, place, radius_km: body.radius_km, address: body.address };
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
    let SubjectBody { seen, request, person, age } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.add_event_subject(context, event, revision, (&person, &age)).await
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
    let SubjectBody { seen, request, person, age } = sent.fields;
    acted(&desk, &event, &sent.typed, Did::Kept, async |context, event| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.learn_age_at_event(context, event, revision, (&person, &age)).await
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
