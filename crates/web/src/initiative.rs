//! `/initiatives`: the list, one initiative with its operations and agencies, and each act on it.

use crate::board::{BoardView, Reached, board_page};
use crate::desk::{Desk, Sent, after, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, StepBody, StepView};
use crate::operation::OperationView;
use crate::{Site, act, errors, operation, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Done, Held, Listed, Trouble, WrittenInitiative};
use homeward_model::{Initiative, InitiativeId, InitiativeMove};
use homeward_places::Places;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of initiatives.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(view(Router::new(), "/initiatives", list), "/initiatives", plan);
    let routes = view(routes, "/initiatives/{id}", one);
    let routes = view(routes, "/initiatives/{id}/board", board);
    let routes = act(routes, "/initiatives/{id}/join", join);
    let routes = act(routes, "/initiatives/{id}/leave", leave);
    let routes = act(routes, "/initiatives/{id}/open", open);
    act(routes, "/initiatives/{id}/end", end)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, plan, one, board, join, leave, open, end))]
pub(crate) struct Document;

const INITIATIVE: &str = "initiative";

/// An agency that joined.
#[derive(Serialize, ToSchema)]
pub(crate) struct JoinedView {
    /// Its id.
    agency: String,
    /// Its name.
    name: String,
    /// Since when.
    since: String,
    /// When its access ends, at the latest.
    until: String,
    /// Whether it has access now.
    now: bool,
}

/// An initiative.
#[derive(Serialize, ToSchema)]
pub(crate) struct InitiativeView {
    /// Its id.
    id: String,
    /// Its version; a change names the version it was decided on.
    version: i64,
    /// `planned`, `open` or `ended`.
    state: &'static str,
    /// Its name.
    name: String,
    /// Name of the agency that runs it.
    owner: String,
    /// The start.
    starts: String,
    /// The end.
    ends: String,
    /// When access given for it ends.
    access_ends: String,
    /// Agencies that joined.
    joined: Vec<JoinedView>,
}

fn shown(desk: &Desk, held: &Held<Initiative>) -> InitiativeView {
    let initiative = &held.noun;
    let access = initiative.access();
    let joined = initiative.joined().iter().map(|joined| JoinedView {
        agency: joined.agency.to_string(),
        name: desk.who.agency(joined.agency),
        since: at(joined.since),
        until: at(joined.until.min(initiative.access_ends())),
        now: access.iter().any(|(agency, window)| *agency == joined.agency && window.contains(desk.now)),
    });
    InitiativeView {
        id: initiative.id.to_string(),
        version: held.version,
        state: initiative.state().word(),
        name: initiative.name.clone(),
        owner: desk.who.agency(held.resource.owner),
        starts: at(initiative.window.start()),
        ends: at(initiative.window.end()),
        access_ends: at(initiative.access_ends()),
        joined: joined.collect(),
    }
}

/// Which initiatives.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of initiatives, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct InitiativePage {
    /// The initiatives.
    initiatives: Vec<InitiativeView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "initiative/list.html")]
struct ListPage {
    layout: Layout,
    page: InitiativePage,
    can_plan: bool,
}

/// Initiatives that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/initiatives", tag = "initiatives", params(Wanted), responses(
    (status = 200, description = "a page of initiatives", body = InitiativePage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Initiative);
    let context = desk.context(&purpose);
    let found = async {
        let after: Option<InitiativeId> = after(&wanted.after, INITIATIVE)?;
        let listed = Listed { after: after.map(InitiativeId::bits), ..Listed::default() };
        desk.casework.initiatives(&context, &listed).await
    };
    match found.await {
        Ok(found) => {
            let initiatives = found.records.iter().map(|held| shown(&desk, held)).collect();
            let next = found.next.map(|bits| InitiativeId::from_bits(bits).to_string());
            let can_plan = desk.may_own(Kind::Initiative, Act::PlanInitiative);
            desk.show(InitiativePage { initiatives, next }, |layout, page| ListPage {
                layout,
                page,
                can_plan,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "initiative/one.html")]
struct OnePage {
    layout: Layout,
    initiative: InitiativeView,
    operations: Vec<OperationView>,
    agencies: Vec<(String, String)>,
    offices: Vec<&'static str>,
    history: Vec<StepView>,
    can: Can,
}

/// What the reader can do.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Can {
    join: bool,
    open: bool,
    end: bool,
    propose: bool,
}

/// One initiative with its agencies.
#[utoipa::path(get, path = "/api/v1/initiatives/{id}", tag = "initiatives", params(("id" = String, Path)), responses(
    (status = 200, description = "the initiative", body = InitiativeView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Initiative);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.initiative(&context, id(&wanted, INITIATIVE)?).await?;
        if desk.is_program() {
            return Ok((held, Vec::new(), Vec::new()));
        }
        let of = Listed { of: Some(held.noun.id.bits()), limit: 500, ..Listed::default() };
        let operations = desk.casework.operations(&context, &of).await?.records;
        let steps = desk.casework.initiative_history(&context, held.noun.id).await?;
        Ok::<_, Trouble>((held, operations, steps))
    };
    let (held, operations, steps) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let runs = !desk.casework.may(&context, &held.resource, &[Act::RunInitiative]).is_empty();
    let allowed = |step: InitiativeMove| runs && held.noun.allowed().contains(&step);
    let can = Can {
        join: allowed(InitiativeMove::Join),
        open: allowed(InitiativeMove::Open),
        end: allowed(InitiativeMove::End),
        propose: held.noun.state().word() != "ended" && desk.may_own(Kind::Operation, Act::ProposeOperation),
    };
    let others = desk.who.police().into_iter().filter(|agency| agency.id != held.resource.owner);
    let agencies = others.map(|agency| (agency.id.to_string(), agency.name.clone())).collect();
    desk.show(shown(&desk, &held), |layout, initiative| OnePage {
        layout,
        initiative,
        operations: operations.iter().map(|held| operation::shown(&desk, held)).collect(),
        agencies,
        offices: Places::embedded().offices().iter().map(|office| office.name.as_str()).collect(),
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        can,
    })
}

/// The live board of an initiative: events that you may open, across its operations.
#[utoipa::path(get, path = "/api/v1/initiatives/{id}/board", tag = "initiatives", params(("id" = String, Path)), responses(
    (status = 200, description = "the board", body = BoardView),
    errors::Refusals,
))]
pub(crate) async fn board(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Initiative);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.initiative(&context, id(&wanted, INITIATIVE)?).await?;
        let operations = desk.casework.operations_by_state(&context, held.noun.id).await?;
        let reached = Reached::initiative(held.noun.id, desk.now)?;
        Ok::<_, Trouble>((held, operations, reached))
    };
    match found.await {
        Ok((held, operations, reached)) => {
            let of = (format!("/initiatives/{}", held.noun.id), held.noun.id.bits());
            board_page(&desk, &held.noun.name, of, operations, reached).await
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

async fn acted(
    desk: &Desk,
    initiative: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, InitiativeId) -> Result<Done<Held<Initiative>>, Trouble>,
) -> Response {
    let shown = |done: &Done<Held<Initiative>>| {
        (shown(desk, &done.record), format!("/initiatives/{}", done.record.noun.id))
    };
    desk.act((Kind::Initiative, INITIATIVE, initiative), (typed, Did::Kept), act, shown).await
}

/// An initiative to plan.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PlanBody {
    /// A uuid made by the client, the id of the initiative: sent again, it is the same.
    request: String,
    /// Its name.
    name: String,
    /// Start; without a zone, UTC.
    starts: String,
    /// End: access given for it ends then, at the latest.
    ends: String,
}

/// Plans an initiative.
#[utoipa::path(post, path = "/api/v1/initiatives", tag = "initiatives", request_body = PlanBody, responses(
    (status = 200, description = "the initiative", body = InitiativeView),
    errors::Refusals,
))]
pub(crate) async fn plan(desk: Desk, sent: Sent<PlanBody>) -> Response {
    let PlanBody { request, name, starts, ends } = sent.fields;
    let made = match desk.request(&request) {
        Ok(request) => InitiativeId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &sent.typed),
    };
    acted(&desk, &made, &sent.typed, async |context, id| {
        desk.casework.plan_initiative(context, id, &WrittenInitiative { name, starts, ends }).await
    })
    .await
}

/// An agency that joins.
#[derive(Deserialize, ToSchema)]
pub(crate) struct JoinBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the agency.
    agency: String,
    /// When its access ends; empty means with the initiative.
    #[serde(default)]
    until: String,
}

/// Lets an agency join until a date, or changes that date. It reads the initiative and its operations, and no events.
#[utoipa::path(post, path = "/api/v1/initiatives/{id}/join", tag = "initiatives", params(("id" = String, Path)),
    request_body = JoinBody, responses(
    (status = 200, description = "the initiative", body = InitiativeView),
    errors::Refusals,
))]
pub(crate) async fn join(desk: Desk, Path(initiative): Path<String>, sent: Sent<JoinBody>) -> Response {
    let JoinBody { seen, request, agency, until } = sent.fields;
    acted(&desk, &initiative, &sent.typed, async |context, id| {
        let agency = agency.trim().parse().map_err(|_| Trouble::invalid("choose an agency"))?;
        desk.casework.join_initiative(context, id, desk.revision(seen, &request)?, agency, &until).await
    })
    .await
}

/// An agency that leaves.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LeaveBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the agency.
    agency: String,
    /// Why.
    grounds: String,
}

/// Lets an agency go; its access ends at once.
#[utoipa::path(post, path = "/api/v1/initiatives/{id}/leave", tag = "initiatives", params(("id" = String, Path)),
    request_body = LeaveBody, responses(
    (status = 200, description = "the initiative", body = InitiativeView),
    errors::Refusals,
))]
pub(crate) async fn leave(desk: Desk, Path(initiative): Path<String>, sent: Sent<LeaveBody>) -> Response {
    let LeaveBody { seen, request, agency, grounds: why } = sent.fields;
    acted(&desk, &initiative, &sent.typed, async |context, id| {
        let agency = agency.trim().parse().map_err(|_| Trouble::invalid("choose an agency"))?;
        let revision = desk.revision(seen, &request)?;
        desk.casework.leave_initiative(context, id, revision, agency, grounds(&why)?).await
    })
    .await
}

/// Opens an initiative: its operations can start.
#[utoipa::path(post, path = "/api/v1/initiatives/{id}/open", tag = "initiatives", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the initiative", body = InitiativeView),
    errors::Refusals,
))]
pub(crate) async fn open(desk: Desk, Path(initiative): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &initiative, &sent.typed, async |context, id| {
        desk.casework.open_initiative(context, id, desk.revision(seen, &request)?).await
    })
    .await
}

/// Ends an initiative, and all access that was given for it.
#[utoipa::path(post, path = "/api/v1/initiatives/{id}/end", tag = "initiatives", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the initiative", body = InitiativeView),
    errors::Refusals,
))]
pub(crate) async fn end(desk: Desk, Path(initiative): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &initiative, &sent.typed, async |context, id| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.end_initiative(context, id, revision, grounds(&why)?).await
    })
    .await
}
