//! `/operations`: the list, one operation with its events, its board, and each act on it.

use crate::board::{BoardView, Reached, board_page};
use crate::desk::{Desk, Sent, after, at, grounds, id, narrowed, purpose_for};
use crate::event_view::EventHead;
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, StepBody, StepView};
use crate::{Site, act, errors, event_view, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Done, Held, Listed, Trouble, WrittenOperation, if_any};
use homeward_model::{InitiativeId, Operation, OperationId, OperationMove};
use homeward_places::Places;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of operations.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(view(Router::new(), "/operations", list), "/operations", propose);
    let routes = view(routes, "/operations/{id}", one);
    let routes = view(routes, "/operations/{id}/board", board);
    let routes = act(routes, "/operations/{id}/approve", approve);
    let routes = act(routes, "/operations/{id}/start", start);
    let routes = act(routes, "/operations/{id}/end", end);
    act(routes, "/operations/{id}/call-off", call_off)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, propose, one, board, approve, start, end, call_off))]
pub(crate) struct Document;

const OPERATION: &str = "operation";
const STATES: [&str; 5] = ["proposed", "approved", "running", "ended", "called off"];

/// An operation.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperationView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// `proposed`, `approved`, `running`, `ended` or `called off`.
    pub(crate) state: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// Id of the initiative it belongs to.
    pub(crate) initiative: Option<String>,
    /// Name of the agency that runs it.
    pub(crate) agency: String,
    /// Field office whose task force runs it with the agency.
    pub(crate) office: Option<&'static str>,
    /// The start.
    pub(crate) starts: String,
    /// The end.
    pub(crate) ends: String,
    /// Who proposed it.
    pub(crate) proposed_by: String,
}

/// An operation as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<Operation>) -> OperationView {
    let operation = &held.noun;
    let leads = |office: &&homeward_places::FieldOffice| {
        let force = homeward_casework::task_force_of(homeward_casework::office_id(&office.name));
        Some(force) == operation.task_force
    };
    let office = operation.task_force.and_then(|_| Places::embedded().offices().iter().find(leads));
    OperationView {
        id: operation.id.to_string(),
        version: held.version,
        state: operation.state().word(),
        name: operation.name.clone(),
        initiative: operation.initiative.map(|initiative| initiative.to_string()),
        agency: desk.who.agency(operation.agency),
        office: office.map(|office| office.name.as_str()),
        starts: at(operation.window.start()),
        ends: at(operation.window.end()),
        proposed_by: desk.who.member(operation.proposed.by),
    }
}

/// Which operations.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of operations, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperationPage {
    /// The operations.
    operations: Vec<OperationView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "operation/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    states: [&'static str; 5],
    page: OperationPage,
    offices: Vec<&'static str>,
    can_propose: bool,
}

/// Operations that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/operations", tag = "operations", params(Wanted), responses(
    (status = 200, description = "a page of operations", body = OperationPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Operation);
    let found = async {
        let after: Option<OperationId> = after(&wanted.after, OPERATION)?;
        let listed = Listed {
            states: narrowed("state", &wanted.state, &STATES)?.into_iter().collect(),
            after: after.map(OperationId::bits),
            ..Listed::default()
        };
        desk.casework.operations(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let operations = found.records.iter().map(|held| shown(&desk, held)).collect();
            let next = found.next.map(|bits| OperationId::from_bits(bits).to_string());
            desk.show(OperationPage { operations, next }, |layout, page| ListPage {
                layout,
                wanted,
                states: STATES,
                page,
                offices: Places::embedded().offices().iter().map(|office| office.name.as_str()).collect(),
                can_propose: desk.may_own(Kind::Operation, Act::ProposeOperation),
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "operation/one.html")]
struct OnePage {
    layout: Layout,
    operation: OperationView,
    /// Name and state of its initiative.
    initiative: Option<(String, &'static str)>,
    events: Vec<EventHead>,
    history: Vec<StepView>,
    can: Can,
}

/// What the reader can do.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Can {
    approve: bool,
    start: bool,
    end: bool,
    call_off: bool,
    plan: bool,
}

/// Name and state of an initiative, for who may read it.
pub(crate) async fn initiative_of(
    desk: &Desk,
    id: InitiativeId,
) -> Result<Option<(String, &'static str)>, Trouble> {
    let purpose = purpose_for(Kind::Initiative);
    let held = if_any(desk.casework.initiative(&desk.context(&purpose), id).await)?;
    Ok(held.map(|held| (held.noun.name.clone(), held.noun.state().word())))
}

/// One operation.
#[utoipa::path(get, path = "/api/v1/operations/{id}", tag = "operations", params(("id" = String, Path)), responses(
    (status = 200, description = "the operation", body = OperationView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Operation);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.operation(&context, id(&wanted, OPERATION)?).await?;
        if desk.is_program() {
            return Ok((held, Vec::new(), Vec::new(), None));
        }
        let initiative = match held.noun.initiative {
            Some(initiative) => initiative_of(&desk, initiative).await?,
            None => None,
        };
        let rows = desk.casework.board(&context, held.noun.id.bits()).await?.rows;
        let steps = desk.casework.operation_history(&context, held.noun.id).await?;
        Ok::<_, Trouble>((held, rows, steps, initiative))
    };
    let (held, rows, steps, initiative) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let may = desk.casework.may(&context, &held.resource, &[Act::ApproveOperation, Act::RunOperation]);
    let both = |step: OperationMove, act: Act| held.noun.allowed().contains(&step) && may.contains(&act);
    let can = Can {
        approve: both(OperationMove::Approve, Act::ApproveOperation)
            && held.noun.proposed.by != desk.actor.member,
        start: both(OperationMove::Start, Act::RunOperation),
        end: both(OperationMove::End, Act::RunOperation),
        call_off: both(OperationMove::CallOff, Act::RunOperation),
        plan: !held.noun.allowed().is_empty() && desk.may_own(Kind::Event, Act::PlanEvent),
    };
    desk.show(shown(&desk, &held), |layout, operation| OnePage {
        layout,
        operation,
        initiative,
        events: rows.iter().map(|row| event_view::head(&desk, row)).collect(),
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        can,
    })
}

/// The live board of an operation: its events by state and hour, and what each still lacks.
#[utoipa::path(get, path = "/api/v1/operations/{id}/board", tag = "operations", params(("id" = String, Path)), responses(
    (status = 200, description = "the board", body = BoardView),
    errors::Refusals,
))]
pub(crate) async fn board(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Operation);
    let found = async { desk.casework.operation(&desk.context(&purpose), id(&wanted, OPERATION)?).await };
    match found.await {
        Ok(held) => {
            let of = (format!("/operations/{}", held.noun.id), held.noun.id.bits());
            match Reached::operation(&desk, &held.noun) {
                Ok(reached) => board_page(&desk, &held.noun.name, of, Vec::new(), reached).await,
                Err(trouble) => desk.trouble(&trouble, ""),
            }
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

async fn acted(
    desk: &Desk,
    operation: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, OperationId) -> Result<Done<Held<Operation>>, Trouble>,
) -> Response {
    let shown = |done: &Done<Held<Operation>>| {
        (shown(desk, &done.record), format!("/operations/{}", done.record.noun.id))
    };
    desk.act((Kind::Operation, OPERATION, operation), (typed, Did::Kept), act, shown).await
}

/// An operation to propose.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ProposeBody {
    /// A uuid made by the client, the id of the operation: sent again, it is the same.
    request: String,
    /// Id of the initiative; empty when it stands alone.
    initiative: String,
    /// Its name.
    name: String,
    /// Name of the field office whose task force runs it with your agency.
    office: String,
    /// Start; without a zone, UTC.
    starts: String,
    /// End.
    ends: String,
}

/// Proposes an operation of your agency.
#[utoipa::path(post, path = "/api/v1/operations", tag = "operations", request_body = ProposeBody, responses(
    (status = 200, description = "the operation", body = OperationView),
    errors::Refusals,
))]
pub(crate) async fn propose(desk: Desk, sent: Sent<ProposeBody>) -> Response {
    let ProposeBody { request, initiative, name, office, starts, ends } = sent.fields;
    let made = match desk.request(&request) {
        Ok(request) => OperationId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &sent.typed),
    };
    acted(&desk, &made, &sent.typed, async |context, id| {
        let written = WrittenOperation { initiative, name, office, starts, ends };
        desk.casework.propose_operation(context, id, &written).await
    })
    .await
}

/// Approves an operation that somebody else proposed.
#[utoipa::path(post, path = "/api/v1/operations/{id}/approve", tag = "operations", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the operation", body = OperationView),
    errors::Refusals,
))]
pub(crate) async fn approve(desk: Desk, Path(operation): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &operation, &sent.typed, async |context, id| {
        desk.casework.approve_operation(context, id, desk.revision(seen, &request)?).await
    })
    .await
}

/// Starts an operation; one of an initiative while that is open.
#[utoipa::path(post, path = "/api/v1/operations/{id}/start", tag = "operations", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the operation", body = OperationView),
    errors::Refusals,
))]
pub(crate) async fn start(desk: Desk, Path(operation): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &operation, &sent.typed, async |context, id| {
        desk.casework.start_operation(context, id, desk.revision(seen, &request)?).await
    })
    .await
}

/// Ends an operation, once each of its events is done or called off.
#[utoipa::path(post, path = "/api/v1/operations/{id}/end", tag = "operations", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the operation", body = OperationView),
    errors::Refusals,
))]
pub(crate) async fn end(desk: Desk, Path(operation): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &operation, &sent.typed, async |context, id| {
        desk.casework.end_operation(context, id, desk.revision(seen, &request)?).await
    })
    .await
}

/// Calls an operation off.
#[utoipa::path(post, path = "/api/v1/operations/{id}/call-off", tag = "operations", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the operation", body = OperationView),
    errors::Refusals,
))]
pub(crate) async fn call_off(desk: Desk, Path(operation): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &operation, &sent.typed, async |context, id| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.call_off_operation(context, id, revision, grounds(&why)?).await
    })
    .await
}
