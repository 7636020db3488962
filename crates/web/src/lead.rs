//! `/leads`: the list, one lead, and each act on it.

use crate::desk::{Desk, Sent, after, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::restrict::Closing;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Listed, Step, Triage, Trouble, office_named};
use homeward_model::{Lead, LeadId, LeadMove, LeadOrigin, LeadOutcome, LeadState, Priority, Role};
use homeward_places::Places;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of leads.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/leads", list);
    let routes = view(routes, "/leads/{id}", one);
    let routes = act(routes, "/leads/{id}/triage", triage);
    let routes = act(routes, "/leads/{id}/assign", assign);
    let routes = act(routes, "/leads/{id}/start", start);
    let routes = act(routes, "/leads/{id}/hand-back", hand_back);
    let routes = act(routes, "/leads/{id}/note", note);
    let routes = view(routes, "/leads/{id}/history", history);
    let routes = act(routes, "/leads/{id}/close", close);
    act(routes, "/leads/{id}/reopen", reopen)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one, history, triage, assign, start, hand_back, note, close, reopen))]
pub(crate) struct Document;

const LEAD: &str = "lead";

/// Acts on a lead that a page offers, when they are allowed.
const ACTS: [Act; 7] = [
    Act::TriageLead,
    Act::AssignLead,
    Act::WorkLead,
    Act::NoteLead,
    Act::CloseLead,
    Act::ReopenLead,
    Act::PromoteLead,
];

/// A lead.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// `admitted`, `triaged`, `assigned`, `working`, `closed` or `reopened`.
    pub(crate) state: &'static str,
    /// The finding it came from.
    pub(crate) finding: Option<String>,
    /// The tip it came from.
    pub(crate) tip: Option<String>,
    /// Cases that were opened from it.
    pub(crate) cases: Vec<String>,
    /// Name of the organisation that owns it.
    pub(crate) owner: String,
    /// Who admitted it.
    pub(crate) admitted_by: String,
    /// When.
    pub(crate) admitted_at: String,
    /// `urgent`, `soon` or `routine`.
    pub(crate) priority: Option<&'static str>,
    /// Name of the field office.
    pub(crate) office: Option<&'static str>,
    /// The office is the nearest one, for no published coverage names it: to be confirmed.
    pub(crate) by_distance: bool,
    /// Who answers for it.
    pub(crate) assigned_to: Option<String>,
    /// How it ended.
    pub(crate) outcome: Option<&'static str>,
}

/// A lead as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<Lead>) -> LeadView {
    let lead = &held.noun;
    let (finding, tip) = match &lead.origin {
        LeadOrigin::Finding(finding) => (Some(finding.clone()), None),
        LeadOrigin::Tip(tip) => (None, Some(tip.to_string())),
    };
    let (priority, route, to) = match lead.state() {
        LeadState::Triaged { priority, route } => (Some(*priority), Some(*route), None),
        LeadState::Assigned { priority, route, to } | LeadState::Working { priority, route, to } => {
            (Some(*priority), Some(*route), Some(*to))
        }
        LeadState::Admitted | LeadState::Closed { .. } | LeadState::Reopened { .. } => (None, None, None),
    };
    let outcome = match lead.state() {
        LeadState::Closed { outcome, .. } | LeadState::Reopened { was: outcome } => Some(outcome.word()),
        _ => None,
    };
    LeadView {
        id: lead.id.to_string(),
        version: held.version,
        state: lead.state().word(),
        finding,
        tip,
        cases: lead.cases().iter().map(ToString::to_string).collect(),
        owner: desk.who.agency(held.resource.owner),
        admitted_by: desk.who.member(lead.admitted.by),
        admitted_at: at(lead.admitted.at),
        priority: priority.map(Priority::word),
        office: route.and_then(|route| office_named(route.office)).map(|office| office.name.as_str()),
        by_distance: route.is_some_and(|route| route.by_distance),
        assigned_to: to.map(|to| desk.who.member(to)),
        outcome,
    }
}

/// Which leads.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: String,
    /// Only those assigned to the one who asks: `me`.
    #[serde(default)]
    assigned: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of leads, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadPage {
    /// The leads.
    leads: Vec<LeadView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "lead/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    states: [&'static str; 6],
    page: LeadPage,
}

/// Leads that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/leads", tag = "leads", params(Wanted), responses(
    (status = 200, description = "a page of leads", body = LeadPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let found = async {
        let purpose = purpose_for(Kind::Lead);
        let after: Option<LeadId> = after(&wanted.after, "lead")?;
        let listed = Listed {
            states: Some(wanted.state.clone()).filter(|state| !state.is_empty()).into_iter().collect(),
            assigned: (wanted.assigned == "me").then_some(desk.actor.member),
            after: after.map(LeadId::bits),
            ..Listed::default()
        };
        desk.casework.leads(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let leads = found.records.iter().map(|held| shown(&desk, held)).collect();
            let next = found.next.map(|bits| LeadId::from_bits(bits).to_string());
            let states = ["admitted", "triaged", "assigned", "working", "closed", "reopened"];
            desk.show(LeadPage { leads, next }, |layout, page| ListPage { layout, wanted, states, page })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "lead/one.html")]
struct OnePage {
    layout: Layout,
    lead: LeadView,
    place: Option<String>,
    suggested: Option<&'static str>,
    by_distance: bool,
    offices: Vec<&'static str>,
    colleagues: Vec<(String, String)>,
    agencies: Vec<(String, String)>,
    history: Vec<StepView>,
    closing: Closing,
    can: Can,
    /// Whether the reader may record a victim who was met.
    records: bool,
}

/// What the reader can do to a lead: allowed by its state and by the policies.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Can {
    triage: bool,
    assign: bool,
    start: bool,
    hand_back: bool,
    note: bool,
    close: bool,
    reopen: bool,
    promote: bool,
}

fn can(lead: &Lead, may: &[Act]) -> Can {
    let both = |step: LeadMove, act: Act| lead.allowed().contains(&step) && may.contains(&act);
    Can {
        triage: both(LeadMove::Triage, Act::TriageLead),
        assign: both(LeadMove::Assign, Act::AssignLead),
        start: both(LeadMove::Start, Act::WorkLead),
        hand_back: both(LeadMove::HandBack, Act::WorkLead),
        note: both(LeadMove::Note, Act::NoteLead),
        close: both(LeadMove::Close, Act::CloseLead),
        reopen: both(LeadMove::Reopen, Act::ReopenLead),
        promote: both(LeadMove::Promote, Act::PromoteLead),
    }
}

/// One lead.
#[utoipa::path(get, path = "/api/v1/leads/{id}", tag = "leads", params(("id" = String, Path)), responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Lead);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.lead(&context, id(&wanted, LEAD)?).await?;
        if desk.is_program() {
            return Ok((held, None, Vec::new()));
        }
        let routing = desk.casework.routing(&held.noun).await?;
        let steps = desk.casework.lead_history(&context, held.noun.id).await?;
        Ok::<_, Trouble>((held, Some(routing), steps))
    };
    let (held, routing, steps) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let can = can(&held.noun, &desk.casework.may(&context, &held.resource, &ACTS));
    let jobs = [Role::Investigator, Role::Analyst];
    let colleagues = desk.who.members_of(held.resource.owner, &jobs).into_iter();
    let colleagues = colleagues.map(|member| (member.id.to_string(), member.name.clone())).collect();
    let agencies = desk.who.police().into_iter().filter(|agency| agency.id != held.resource.owner);
    let agencies = agencies.map(|agency| (agency.id.to_string(), agency.name.clone())).collect();
    let office = routing.as_ref().and_then(|routing| routing.office);
    let closing = Closing::of(&desk, &context, &held, format!("/leads/{}", held.noun.id));
    desk.show(shown(&desk, &held), |layout, lead| OnePage {
        layout,
        lead,
        place: routing.and_then(|routing| routing.place),
        suggested: office.map(|of| of.office.name.as_str()),
        by_distance: office.is_some_and(|of| of.by_distance),
        offices: Places::embedded().offices().iter().map(|office| office.name.as_str()).collect(),
        colleagues,
        agencies,
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        records: desk.may_own(Kind::Victim, Act::RecordVictim),
        closing,
        can,
    })
}

/// One step of a record's history.
#[derive(Serialize, ToSchema)]
pub(crate) struct StepView {
    /// The version that it made.
    pub(crate) version: i64,
    /// When.
    pub(crate) at: String,
    /// Who.
    pub(crate) by: String,
    /// What was done, in words.
    pub(crate) what: String,
    /// What they said.
    pub(crate) said: Option<String>,
}

impl StepView {
    /// A step with the name of who made it.
    pub(crate) fn of(desk: &Desk, step: Step) -> StepView {
        let by = step.by.map_or_else(|| "the system".to_owned(), |by| desk.who.member(by));
        StepView { version: step.version, at: at(step.at), by, what: step.what, said: step.said }
    }
}

/// What was done with a lead, oldest first.
#[utoipa::path(get, path = "/api/v1/leads/{id}/history", tag = "leads", params(("id" = String, Path)), responses(
    (status = 200, description = "its history", body = Vec<StepView>),
    errors::Refusals,
))]
pub(crate) async fn history(desk: Desk, Path(lead): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Lead);
    let found = async { desk.casework.lead_history(&desk.context(&purpose), id(&lead, LEAD)?).await };
    match found.await {
        Ok(_) if !desk.is_program() => Redirect::to(&format!("/leads/{lead}#history")).into_response(),
        Ok(steps) => {
            let steps: Vec<StepView> = steps.into_iter().map(|step| StepView::of(&desk, step)).collect();
            axum::Json(steps).into_response()
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// A lead that somebody just made.
pub(crate) fn made(desk: &Desk, held: &Held<Lead>) -> Response {
    desk.done(&shown(desk, held), &format!("/leads/{}", held.noun.id), Did::Admitted)
}

/// Shows what an act made of a lead.
async fn acted(
    desk: &Desk,
    lead: &str,
    typed: &str,
    did: Did,
    act: impl AsyncFnOnce(&Context<'_>, LeadId) -> Result<Held<Lead>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::Lead);
    let done = async { act(&desk.context(&purpose), id(lead, LEAD)?).await };
    match done.await {
        Ok(held) => desk.done(&shown(desk, &held), &format!("/leads/{}", held.noun.id), did),
        Err(trouble) => desk.trouble(&trouble, typed),
    }
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

/// A change that needs no more than its version.
#[derive(Deserialize, ToSchema)]
pub(crate) struct StepBody {
    /// The version that was seen.
    pub(crate) seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    pub(crate) request: String,
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

/// A change with its reason.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReasonBody {
    /// The version that was seen.
    pub(crate) seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    pub(crate) request: String,
    /// Why.
    pub(crate) grounds: String,
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
