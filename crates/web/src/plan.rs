//! `/plans`: the service plan of an organisation for one victim: needs, safety, what was delivered, agreed and closed.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::layout::Did;
use crate::lead::{ReasonBody, StepBody};
use crate::member::listed;
use crate::{Site, act, errors, view};
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use homeward_access::Kind;
use homeward_casework::{Context, Held, PlanStep, Trouble};
use homeward_model::{Need, PlanTerms, ServicePlan, ServicePlanId, ServicePlanMove};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of plans.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/victims/{id}/plan", draft);
    let routes = view(routes, "/plans/{id}", one_plan);
    let routes = act(routes, "/plans/{id}/write", write);
    let routes = act(routes, "/plans/{id}/deliver", deliver);
    let routes = act(routes, "/plans/{id}/agree", agree);
    let routes = act(routes, "/plans/{id}/close", close);
    act(routes, "/plans/{id}/reopen", reopen)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(draft, one_plan, write, deliver, agree, close, reopen))]
pub(crate) struct Document;

/// A service that was delivered.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveredView {
    /// The need.
    pub(crate) need: &'static str,
    /// When.
    pub(crate) at: String,
    /// The referral that led to it.
    pub(crate) referral: Option<String>,
}

/// A service plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// The victim.
    pub(crate) victim: String,
    /// The organisation behind whose wall it lies.
    pub(crate) provider: String,
    /// `drafted`, `active` or `closed`.
    pub(crate) state: &'static str,
    /// What the victim needs.
    pub(crate) needs: Vec<&'static str>,
    /// Needs for which nothing was delivered yet.
    pub(crate) open: Vec<&'static str>,
    /// The safety plan.
    pub(crate) safety: String,
    /// Services that were delivered.
    pub(crate) delivered: Vec<DeliveredView>,
}

/// A plan as it is shown.
pub(crate) fn plan_view(desk: &Desk, held: &Held<ServicePlan>) -> PlanView {
    let plan = &held.noun;
    let delivered = plan.delivered().iter().map(|one| DeliveredView {
        need: one.need.word(),
        at: crate::desk::at(one.at),
        referral: one.referral.map(|referral| referral.to_string()),
    });
    PlanView {
        id: plan.id.to_string(),
        version: held.version,
        victim: plan.victim.to_string(),
        provider: desk.who.agency(plan.provider),
        state: plan.state().word(),
        needs: plan.terms().needs.iter().map(|need| need.word()).collect(),
        open: plan.open_needs().map(Need::word).collect(),
        safety: plan.terms().safety.clone(),
        delivered: delivered.collect(),
    }
}

/// Moves that the state of the own plan allows.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
pub(crate) struct OwnMoves {
    pub(crate) write: bool,
    pub(crate) agree: bool,
    pub(crate) close: bool,
    pub(crate) reopen: bool,
}

impl OwnMoves {
    pub(crate) fn of(plan: &ServicePlan) -> OwnMoves {
        let may = |step| plan.allowed().contains(&step);
        OwnMoves {
            write: may(ServicePlanMove::Write),
            agree: may(ServicePlanMove::Agree),
            close: may(ServicePlanMove::Close),
            reopen: may(ServicePlanMove::Reopen),
        }
    }
}

/// What a plan says.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PlanBody {
    /// The version that was seen; nothing for a new plan.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    request: String,
    /// What the victim needs, as in `emergency shelter`.
    needs: Vec<String>,
    /// The safety plan: who and where is safe, whom to call, what to do when it is not.
    safety: String,
}

/// Longest safety plan, characters.
const SAFETY: usize = 10_000;

fn terms(typed: &str, needs: Vec<String>, safety: &str) -> Result<PlanTerms, Trouble> {
    let need = |word: &String| {
        Need::parse(word).ok_or_else(|| {
            let known: Vec<&str> = Need::ALL.iter().map(|need| need.word()).collect();
            Trouble::invalid(format!("`{word}` is no need; the needs are {}", known.join(", ")))
        })
    };
    let safety = safety.trim().to_owned();
    if safety.chars().count() > SAFETY {
        return Err(Trouble::invalid(format!("`safety` has at most {SAFETY} characters")));
    }
    let mut needs: Vec<Need> = listed(typed, "need", needs).iter().map(need).collect::<Result<_, _>>()?;
    needs.sort_unstable();
    needs.dedup();
    Ok(PlanTerms { needs, safety })
}

/// Shows what an act made of a plan.
async fn acted(
    desk: &Desk,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>) -> Result<Held<ServicePlan>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::ServicePlan);
    match act(&desk.context(&purpose)).await {
        Ok(held) => {
            let to = format!("/victims/{}/care", held.noun.victim);
            desk.done(&plan_view(desk, &held), &to, Did::Kept)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// The same for a change of one that is there.
async fn changed(
    desk: &Desk,
    plan: &str,
    typed: &str,
    (seen, request): (i64, &str),
    step: impl FnOnce() -> Result<PlanStep, Trouble>,
) -> Response {
    acted(desk, typed, async |context| {
        let plan: ServicePlanId = id(plan, "service plan")?;
        desk.casework.change_service_plan(context, plan, desk.revision(seen, request)?, step()?).await
    })
    .await
}

/// Drafts the plan of your organisation for a victim whom you serve.
#[utoipa::path(post, path = "/api/v1/victims/{id}/plan", tag = "care", params(("id" = String, Path)),
    request_body = PlanBody, responses(
    (status = 200, description = "the plan", body = PlanView),
    errors::Refusals,
))]
pub(crate) async fn draft(desk: Desk, Path(victim): Path<String>, sent: Sent<PlanBody>) -> Response {
    let PlanBody { request, needs, safety, .. } = sent.fields;
    acted(&desk, &sent.typed, async |context| {
        let plan = ServicePlanId::from_bits(desk.request(&request)?);
        let terms = terms(&sent.typed, needs, &safety)?;
        desk.casework.draft_service_plan(context, plan, id(&victim, "victim")?, terms).await
    })
    .await
}

/// One plan. That somebody tried who may not read it is told to those behind the wall.
#[utoipa::path(get, path = "/api/v1/plans/{id}", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the plan", body = PlanView),
    errors::Refusals,
))]
pub(crate) async fn one_plan(desk: Desk, Path(plan): Path<String>) -> Response {
    let purpose = purpose_for(Kind::ServicePlan);
    let found =
        async { desk.casework.service_plan(&desk.context(&purpose), id(&plan, "service plan")?).await };
    match found.await {
        Ok(held) if !desk.is_program() => {
            Redirect::to(&format!("/victims/{}/care", held.noun.victim)).into_response()
        }
        Ok(held) => axum::Json(plan_view(&desk, &held)).into_response(),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Changes what a plan says.
#[utoipa::path(post, path = "/api/v1/plans/{id}/write", tag = "care", params(("id" = String, Path)),
    request_body = PlanBody, responses(
    (status = 200, description = "the plan", body = PlanView),
    errors::Refusals,
))]
pub(crate) async fn write(desk: Desk, Path(plan): Path<String>, sent: Sent<PlanBody>) -> Response {
    let PlanBody { seen, request, needs, safety } = sent.fields;
    let step = || Ok(PlanStep::Write(terms(&sent.typed, needs, &safety)?));
    changed(&desk, &plan, &sent.typed, (seen, &request), step).await
}

/// A service that was delivered.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DeliverBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The need, as in `emergency shelter`.
    need: String,
}

/// Records a service as delivered, now.
#[utoipa::path(post, path = "/api/v1/plans/{id}/deliver", tag = "care", params(("id" = String, Path)),
    request_body = DeliverBody, responses(
    (status = 200, description = "the plan", body = PlanView),
    errors::Refusals,
))]
pub(crate) async fn deliver(desk: Desk, Path(plan): Path<String>, sent: Sent<DeliverBody>) -> Response {
    let DeliverBody { seen, request, need } = sent.fields;
    let need = || Need::parse(&need).ok_or_else(|| Trouble::invalid("choose a need from the list"));
    changed(&desk, &plan, &sent.typed, (seen, &request), || Ok(PlanStep::Deliver(need()?))).await
}

/// Records that the victim agrees with the plan.
#[utoipa::path(post, path = "/api/v1/plans/{id}/agree", tag = "care", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the plan", body = PlanView),
    errors::Refusals,
))]
pub(crate) async fn agree(desk: Desk, Path(plan): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    changed(&desk, &plan, &sent.typed, (seen, &request), || Ok(PlanStep::Agree)).await
}

/// Closes a plan.
#[utoipa::path(post, path = "/api/v1/plans/{id}/close", tag = "care", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the plan", body = PlanView),
    errors::Refusals,
))]
pub(crate) async fn close(desk: Desk, Path(plan): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    let step = || Ok(PlanStep::Close(grounds(&why)?));
    changed(&desk, &plan, &sent.typed, (seen, &request), step).await
}

/// Reopens a plan.
#[utoipa::path(post, path = "/api/v1/plans/{id}/reopen", tag = "care", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the plan", body = PlanView),
    errors::Refusals,
))]
pub(crate) async fn reopen(desk: Desk, Path(plan): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    let step = || Ok(PlanStep::Reopen(grounds(&why)?));
    changed(&desk, &plan, &sent.typed, (seen, &request), step).await
}
