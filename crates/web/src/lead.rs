//! `/leads`: the list, one lead and its history. The acts lie in `lead_acts`.

use crate::desk::{Desk, after, at, id, narrowed, purpose_for};
use crate::event_view::{self, EventHead};
use crate::layout::{Did, Layout};
pub(crate) use crate::lead_view::{LeadView, label, shown, shown_all};
use crate::restrict::Closing;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use homeward_access::{Act, Kind};
use homeward_casework::{Held, Listed, Routing, Step, Trouble};
use homeward_model::{Lead, LeadId, LeadMove, Role, Victim};
use homeward_places::Places;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of leads.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/leads", list);
    let routes = view(routes, "/leads/{id}", one);
    view(routes, "/leads/{id}/history", history)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one, history))]
pub(crate) struct Document;

pub(crate) const LEAD: &str = "lead";

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

/// The words of all states.
const STATES: [&str; 6] = ["admitted", "triaged", "assigned", "working", "closed", "reopened"];

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
            states: narrowed("state", &wanted.state, &STATES)?.into_iter().collect(),
            assigned: narrowed("assigned", &wanted.assigned, &["me"])?.map(|_| desk.actor.member),
            after: after.map(LeadId::bits),
            ..Listed::default()
        };
        let found = desk.casework.leads(&desk.context(&purpose), &listed).await?;
        Ok::<_, Trouble>((shown_all(&desk, &found.records).await?, found.next))
    };
    match found.await {
        Ok((leads, next)) => {
            let next = next.map(|bits| LeadId::from_bits(bits).to_string());
            desk.show(LeadPage { leads, next }, |layout, page| ListPage {
                layout,
                wanted,
                states: STATES,
                page,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "lead/one.html")]
struct OnePage {
    layout: Layout,
    lead: LeadView,
    suggested: Option<&'static str>,
    by_distance: bool,
    offices: Vec<&'static str>,
    colleagues: Vec<(String, String)>,
    agencies: Vec<(String, String)>,
    /// Victims that the reader keeps, and other leads, of which it may have become or been one.
    victims: Vec<(String, String)>,
    others: Vec<(String, String)>,
    events: Vec<EventHead>,
    /// Operations for which the reader can plan an event.
    operations: Vec<(String, String)>,
    links: Links,
    history: Vec<StepView>,
    closing: Closing,
    can: Can,
    /// Whether the reader may record a victim who was met.
    records: bool,
}

/// Records beside a lead that the reader's job opens at all; a link to another would lead nowhere.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Links {
    finding: bool,
    tip: bool,
    case: bool,
    check: bool,
}

/// What stands beside a lead.
#[derive(Default)]
struct Beside {
    routing: Option<Routing>,
    steps: Vec<Step>,
    events: Vec<EventHead>,
    victims: Vec<(String, String)>,
    others: Vec<(String, String)>,
    operations: Vec<(String, String)>,
}

async fn beside(desk: &Desk, held: &Held<Lead>, can: &Can) -> Result<Beside, Trouble> {
    let purpose = purpose_for(Kind::Lead);
    let (context, id) = (desk.context(&purpose), held.noun.id);
    let mut beside = Beside {
        routing: Some(desk.casework.routing(&held.noun).await?),
        steps: desk.casework.lead_history(&context, id).await?,
        ..Beside::default()
    };
    let events = desk.casework.events_for_lead(&context, id).await?;
    beside.events = events.iter().map(|row| event_view::head(desk, row)).collect();
    if can.close {
        let for_victims = purpose_for(Kind::Victim);
        let option = |held: &Held<Victim>| (held.noun.id.to_string(), held.noun.called.clone());
        let victims = desk.casework.victims(&desk.context(&for_victims), &Listed::default()).await;
        beside.victims = victims.map(|page| page.records).unwrap_or_default().iter().map(option).collect();
        let mut leads = desk.casework.leads(&context, &Listed::default()).await?.records;
        leads.retain(|other| other.noun.id != id);
        let places = desk.casework.places_of(&leads).await?;
        let option = |(other, place): (&Held<Lead>, &Option<String>)| {
            (other.noun.id.to_string(), label(desk, other, place.as_deref()))
        };
        beside.others = leads.iter().zip(&places).map(option).collect();
    }
    if desk.may_own(Kind::Event, Act::PlanEvent) {
        let states = ["proposed", "approved", "running"].map(str::to_owned).to_vec();
        let listed = Listed { states, owner: Some(desk.actor.organisation), ..Listed::default() };
        let operations = desk.casework.operations(&context, &listed).await?.records;
        beside.operations =
            operations.iter().map(|held| (held.noun.id.to_string(), held.noun.name.clone())).collect();
    }
    Ok(beside)
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
        let can = can(&held.noun, &desk.casework.may(&context, &held.resource, &ACTS));
        let beside = if desk.is_program() { Beside::default() } else { beside(&desk, &held, &can).await? };
        Ok::<_, Trouble>((held, can, beside))
    };
    let (held, can, beside) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let jobs = [Role::Investigator, Role::Analyst];
    let colleagues = desk.who.members_of(held.resource.owner, &jobs).into_iter();
    let colleagues = colleagues.map(|member| (member.id.to_string(), member.name.clone())).collect();
    let agencies = desk.who.police().into_iter().filter(|agency| agency.id != held.resource.owner);
    let agencies = agencies.map(|agency| (agency.id.to_string(), agency.name.clone())).collect();
    let Beside { routing, steps, events, victims, others, operations } = beside;
    let office = routing.as_ref().and_then(|routing| routing.office);
    let place = routing.and_then(|routing| routing.place);
    let closing = Closing::of(&desk, &context, &held, format!("/leads/{}", held.noun.id));
    desk.show(LeadView { place, ..shown(&desk, &held) }, |layout, lead| OnePage {
        layout,
        lead,
        suggested: office.map(|of| of.office.name.as_str()),
        by_distance: office.is_some_and(|of| of.by_distance),
        offices: Places::embedded().offices().iter().map(|office| office.name.as_str()).collect(),
        colleagues,
        agencies,
        victims,
        others,
        events,
        operations,
        links: Links {
            finding: desk.may_own(Kind::Finding, Act::View),
            tip: desk.may_own(Kind::Tip, Act::View),
            case: desk.may_own(Kind::Case, Act::View),
            check: desk.may_own(Kind::Check, Act::AskCheck),
        },
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        records: desk.may_own(Kind::Victim, Act::RecordVictim),
        closing,
        can,
    })
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
