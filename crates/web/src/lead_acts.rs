//! The acts on leads: triage, assignment, work, notes, and how one ends.

use crate::desk::{Desk, Sent, grounds};
use crate::layout::Did;
use crate::lead::{LEAD, LeadView, ReasonBody, StepBody, shown};
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::{Context, Held, Triage, Trouble};
use homeward_model::{Lead, LeadId, LeadOutcome, Priority};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of these acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/leads/{id}/triage", triage);
    let routes = act(routes, "/leads/{id}/assign", assign);
    let routes = act(routes, "/leads/{id}/start", start);
    let routes = act(routes, "/leads/{id}/hand-back", hand_back);
    let routes = act(routes, "/leads/{id}/note", note);
    let routes = act(routes, "/leads/{id}/close", close);
    act(routes, "/leads/{id}/reopen", reopen)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(triage, assign, start, hand_back, note, close, reopen))]
pub(crate) struct Document;

/// Shows what an act made of a lead.
async fn acted(
    desk: &Desk,
    lead: &str,
    typed: &str,
    did: Did,
    act: impl AsyncFnOnce(&Context<'_>, LeadId) -> Result<Held<Lead>, Trouble>,
) -> Response {
    let shown = |held: &Held<Lead>| (shown(desk, held), format!("/leads/{}", held.noun.id));
    desk.act((Kind::Lead, LEAD, lead), (typed, did), act, shown).await
}

/// How soon a lead is worked, and by which office.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TriageBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `urgent`, `soon` or `routine`.
    priority: String,
    /// Name of the field office.
    office: String,
    /// Id of the agency that is to work it; the owner when not said.
    #[serde(default)]
    agency: String,
}

/// Gives a lead a priority and a route.
#[utoipa::path(post, path = "/api/v1/leads/{id}/triage", tag = "leads", params(("id" = String, Path)),
    request_body = TriageBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn triage(desk: Desk, Path(lead): Path<String>, sent: Sent<TriageBody>) -> Response {
    let TriageBody { seen, request, priority, office, agency } = sent.fields;
    acted(&desk, &lead, &sent.typed, Did::Triaged, async |context, id| {
        let priority = Priority::parse(&priority).ok_or_else(|| {
            Trouble::invalid(format!("`{priority}` is no priority: urgent, soon or routine"))
        })?;
        let revision = desk.revision(seen, &request)?;
        let agency = match agency.trim() {
            "" => None,
            agency => Some(agency.parse().map_err(|_| Trouble::invalid("choose an agency"))?),
        };
        let triage = Triage { priority, office, agency };
        Ok(desk.casework.triage_lead(context, id, revision, triage).await?.record)
    })
    .await
}

/// To whom a lead is given.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AssignBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the member.
    to: String,
}

/// Gives a lead to a member, who is told.
#[utoipa::path(post, path = "/api/v1/leads/{id}/assign", tag = "leads", params(("id" = String, Path)),
    request_body = AssignBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn assign(desk: Desk, Path(lead): Path<String>, sent: Sent<AssignBody>) -> Response {
    let AssignBody { seen, request, to } = sent.fields;
    acted(&desk, &lead, &sent.typed, Did::Assigned, async |context, lead| {
        let to = to.trim().parse().map_err(|_| Trouble::invalid("choose a colleague"))?;
        let revision = desk.revision(seen, &request)?;
        Ok(desk.casework.assign_lead(context, lead, revision, to).await?.record)
    })
    .await
}

/// Takes up the work on a lead.
#[utoipa::path(post, path = "/api/v1/leads/{id}/start", tag = "leads", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn start(desk: Desk, Path(lead): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &lead, &sent.typed, Did::Started, async |context, lead| {
        Ok(desk.casework.start_lead(context, lead, desk.revision(seen, &request)?).await?.record)
    })
    .await
}

/// Gives a lead back to its office.
#[utoipa::path(post, path = "/api/v1/leads/{id}/hand-back", tag = "leads", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn hand_back(desk: Desk, Path(lead): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &lead, &sent.typed, Did::HandedBack, async |context, lead| {
        let revision = desk.revision(seen, &request)?;
        Ok(desk.casework.hand_back_lead(context, lead, revision, grounds(&why)?).await?.record)
    })
    .await
}

/// Writes a note on a lead. Its state stays as it is.
#[utoipa::path(post, path = "/api/v1/leads/{id}/note", tag = "leads", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn note(desk: Desk, Path(lead): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: text } = sent.fields;
    acted(&desk, &lead, &sent.typed, Did::Noted, async |context, lead| {
        let revision = desk.revision(seen, &request)?;
        Ok(desk.casework.note_lead(context, lead, revision, grounds(&text)?).await?.record)
    })
    .await
}

/// How a lead ended.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CloseBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `recovered`, `identified`, `unfounded`, `expired`, `duplicate` or `referred out`.
    outcome: String,
    /// Id of the victim, for recovered and identified.
    #[serde(default)]
    victim: String,
    /// Id of the other lead, for a duplicate.
    #[serde(default)]
    other: String,
    /// Id of the agency it was referred to.
    #[serde(default)]
    receiver: String,
    /// Why.
    grounds: String,
}

fn outcome(word: &str, victim: &str, other: &str, receiver: &str) -> Result<LeadOutcome, Trouble> {
    let named = || victim.trim().parse().map_err(|_| Trouble::invalid("name the victim by their id"));
    match word {
        "recovered" => Ok(LeadOutcome::Recovered(named()?)),
        "identified" => Ok(LeadOutcome::Identified(named()?)),
        "unfounded" => Ok(LeadOutcome::Unfounded),
        "expired" => Ok(LeadOutcome::Expired),
        "duplicate" => Ok(LeadOutcome::Duplicate(
            other.trim().parse().map_err(|_| Trouble::invalid("name the other lead by its id"))?,
        )),
        "referred out" => Ok(LeadOutcome::ReferredOut(
            receiver.trim().parse().map_err(|_| Trouble::invalid("choose the agency"))?,
        )),
        other => Err(Trouble::invalid(format!("`{other}` is no outcome of a lead"))),
    }
}

/// Ends a lead.
#[utoipa::path(post, path = "/api/v1/leads/{id}/close", tag = "leads", params(("id" = String, Path)),
    request_body = CloseBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn close(desk: Desk, Path(lead): Path<String>, sent: Sent<CloseBody>) -> Response {
    let CloseBody { seen, request, outcome: word, victim, other, receiver, grounds: why } = sent.fields;
    acted(&desk, &lead, &sent.typed, Did::Closed, async |context, lead| {
        let (revision, outcome) =
            (desk.revision(seen, &request)?, outcome(&word, &victim, &other, &receiver)?);
        Ok(desk.casework.close_lead(context, lead, revision, outcome, grounds(&why)?).await?.record)
    })
    .await
}

/// Takes a lead up again.
#[utoipa::path(post, path = "/api/v1/leads/{id}/reopen", tag = "leads", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn reopen(desk: Desk, Path(lead): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &lead, &sent.typed, Did::Reopened, async |context, lead| {
        let revision = desk.revision(seen, &request)?;
        Ok(desk.casework.reopen_lead(context, lead, revision, grounds(&why)?).await?.record)
    })
    .await
}
