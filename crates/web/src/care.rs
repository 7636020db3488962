//! Care of one victim, behind the wall: plan, notes, follow-ups. Those who serve the victim see all that their organisation
//! keeps; others see what a standing release covers; for everybody else there is no such page.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, StepBody};
use crate::member::listed;
use crate::provider_record::{self, RecordView};
use crate::referral::{self, ReferralView};
use crate::release::{self, ReleaseView};
use crate::victim::{ClockView, clock_views};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use homeward_access::{Act, Kind, Resource};
use homeward_casework::{Care, Context, Held, PlanStep, Trouble};
use homeward_model::{
    AgencyId, Need, NoteId, PlanTerms, RecoveryStep, Role, ServiceNote, ServicePlan, ServicePlanId,
    ServicePlanMove, Victim, VictimId, Walled,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of care.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/victims/{id}/care", one);
    let routes = act(routes, "/victims/{id}/note", note);
    let routes = view(routes, "/notes/{id}", one_note);
    let routes = act(routes, "/victims/{id}/plan", draft);
    let routes = view(routes, "/plans/{id}", one_plan);
    let routes = act(routes, "/plans/{id}/write", write);
    let routes = act(routes, "/plans/{id}/deliver", deliver);
    let routes = act(routes, "/plans/{id}/agree", agree);
    let routes = act(routes, "/plans/{id}/close", close);
    act(routes, "/plans/{id}/reopen", reopen)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(one, note, one_note, draft, one_plan, write, deliver, agree, close, reopen))]
pub(crate) struct Document;

const VICTIM: &str = "victim";

/// A note of victim service.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoteView {
    /// Its id.
    id: String,
    /// The organisation behind whose wall it lies.
    provider: String,
    /// What it says.
    text: String,
    /// The note that it corrects.
    corrects: Option<String>,
    /// Who wrote it.
    by: String,
    /// When.
    at: String,
}

fn note_view(desk: &Desk, held: &Held<ServiceNote>) -> NoteView {
    let note = &held.noun;
    NoteView {
        id: note.id.to_string(),
        provider: desk.who.agency(note.provider),
        text: note.text.as_str().to_owned(),
        corrects: note.corrects.map(|id| id.to_string()),
        by: desk.who.member(note.written.by),
        at: crate::desk::at(note.written.at),
    }
}

/// A service that was delivered.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveredView {
    /// The need.
    need: &'static str,
    /// When.
    at: String,
    /// The referral that led to it.
    referral: Option<String>,
}

/// A service plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// Its id.
    id: String,
    /// Its version; a change names the version it was decided on.
    version: i64,
    /// The victim.
    victim: String,
    /// The organisation behind whose wall it lies.
    provider: String,
    /// `drafted`, `active` or `closed`.
    state: &'static str,
    /// What the victim needs.
    needs: Vec<&'static str>,
    /// Needs for which nothing was delivered yet.
    open: Vec<&'static str>,
    /// The safety plan.
    safety: String,
    /// Services that were delivered.
    delivered: Vec<DeliveredView>,
}

fn plan_view(desk: &Desk, held: &Held<ServicePlan>) -> PlanView {
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

/// What you may read of the care of a victim.
#[derive(Serialize, ToSchema)]
pub(crate) struct CareView {
    /// The victim.
    victim: String,
    /// What they are called, for those who serve them.
    called: Option<String>,
    /// The clock after the recovery, for those who may see the victim.
    clock: Vec<ClockView>,
    /// The version of the victim, for a step of the clock.
    version: Option<i64>,
    /// Plans, of each organisation one.
    plans: Vec<PlanView>,
    /// Notes, newest first.
    notes: Vec<NoteView>,
    /// Referrals, newest first.
    referrals: Vec<ReferralView>,
    /// Releases, newest first.
    releases: Vec<ReleaseView>,
    /// Records of a provider, newest first.
    records: Vec<RecordView>,
}

/// What the page offers.
#[derive(Template)]
#[template(path = "care/one.html")]
struct OnePage {
    layout: Layout,
    care: CareView,
    /// The plan of the reader's own organisation.
    own: Option<usize>,
    own_moves: OwnMoves,
    needs: Vec<&'static str>,
    kinds: Vec<&'static str>,
    providers: Vec<(String, String)>,
    agencies: Vec<(String, String)>,
    serves: bool,
    refers: bool,
    keeps: bool,
    steps: Vec<&'static str>,
}

/// Moves that the state of the own plan allows.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct OwnMoves {
    write: bool,
    agree: bool,
    close: bool,
    reopen: bool,
}

impl OwnMoves {
    fn of(plan: &ServicePlan) -> OwnMoves {
        let may = |step| plan.allowed().contains(&step);
        OwnMoves {
            write: may(ServicePlanMove::Write),
            agree: may(ServicePlanMove::Agree),
            close: may(ServicePlanMove::Close),
            reopen: may(ServicePlanMove::Reopen),
        }
    }
}

/// The victim when the reader is the specialist who stays with them, and what the reader may read of their care.
async fn found(desk: &Desk, wanted: &str) -> Result<(Option<Held<Victim>>, Care), Trouble> {
    let victim: VictimId = id(wanted, VICTIM)?;
    let (of_victim, of_service) = (purpose_for(Kind::Victim), purpose_for(Kind::ServiceNote));
    let specialist = desk.actor.roles.list().contains(&Role::VictimSpecialist);
    let held = if specialist {
        match desk.casework.victim(&desk.context(&of_victim), victim).await {
            Ok(held) => Some(held),
            Err(Trouble::Missing { .. }) => None,
            Err(other) => return Err(other),
        }
    } else {
        None
    };
    let held = held.filter(|held| held.noun.specialist() == Some(desk.actor.member));
    let care = desk.casework.care_of(&desk.context(&of_service), victim).await?;
    if held.is_none() && care.is_empty() {
        return Err(Trouble::Missing { noun: VICTIM });
    }
    Ok((held, care))
}

/// What you may read of the care of a victim: all that your organisation keeps when you serve them, else what a standing
/// release covers.
#[utoipa::path(get, path = "/api/v1/victims/{id}/care", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the care", body = CareView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let (held, care) = match found(&desk, &wanted).await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let purpose = purpose_for(Kind::ServiceNote);
    let context = desk.context(&purpose);
    let own_agency = desk.actor.organisation;
    let referred = care.referrals.iter().any(|one| one.noun.provider == own_agency && one.noun.is_live());
    let own = care.plans.iter().position(|plan| plan.noun.provider == own_agency);
    let own_moves = own.map(|at| OwnMoves::of(&care.plans[at].noun)).unwrap_or_default();
    let called = care.referrals.first().map(|one| one.noun.asks.called.clone());
    let view = CareView {
        victim: wanted,
        called: held.as_ref().map(|held| held.noun.called.clone()).or(called),
        clock: held.as_ref().map(|held| clock_views(&desk, &held.noun)).unwrap_or_default(),
        version: held.as_ref().map(|held| held.version),
        plans: care.plans.iter().map(|held| plan_view(&desk, held)).collect(),
        notes: care.notes.iter().map(|held| note_view(&desk, held)).collect(),
        referrals: care.referrals.iter().map(|held| referral::shown(&desk, &context, held)).collect(),
        releases: care.releases.iter().map(|held| release::shown(&desk, held)).collect(),
        records: care.records.iter().map(|held| provider_record::shown(&desk, held)).collect(),
    };
    let named = |agency: &AgencyId, name: &str| (agency.to_string(), name.to_owned());
    let providers = desk.who.providers().into_iter().filter(|known| known.id != own_agency);
    let providers = providers.map(|known| named(&known.id, &known.name)).collect();
    let agencies =
        desk.who.active_agencies().into_iter().map(|known| named(&known.id, &known.name)).collect();
    let own_record = Resource::owned(Kind::ProviderRecord, own_agency);
    let keeps = referred && !desk.casework.may(&context, &own_record, &[Act::WriteProviderRecord]).is_empty();
    desk.show(view, |layout, care| OnePage {
        layout,
        care,
        own,
        own_moves,
        needs: Need::ALL.iter().map(|need| need.word()).collect(),
        kinds: Walled::ALL.iter().map(|kind| kind.word()).collect(),
        providers,
        agencies,
        serves: held.is_some() || referred,
        refers: held.is_some(),
        keeps,
        steps: RecoveryStep::ALL.iter().map(|step| step.word()).collect(),
    })
}

/// A note about a victim whom you serve.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NoteBody {
    /// A uuid made by the client, the id of the note: sent again, it is the same one.
    #[serde(default)]
    request: String,
    /// What it says.
    grounds: String,
    /// Id of the note that it corrects.
    #[serde(default)]
    corrects: String,
}

/// Writes a note behind the wall of your organisation.
#[utoipa::path(post, path = "/api/v1/victims/{id}/note", tag = "care", params(("id" = String, Path)),
    request_body = NoteBody, responses(
    (status = 200, description = "the note", body = NoteView),
    errors::Refusals,
))]
pub(crate) async fn note(desk: Desk, Path(victim): Path<String>, sent: Sent<NoteBody>) -> Response {
    let NoteBody { request, grounds: text, corrects } = &sent.fields;
    let purpose = purpose_for(Kind::ServiceNote);
    let done = async {
        let about: VictimId = id(&victim, VICTIM)?;
        let note = NoteId::from_bits(desk.request(request)?);
        let corrects = match corrects.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| Trouble::invalid("`corrects` is no id of a note"))?),
        };
        let context = desk.context(&purpose);
        desk.casework.write_service_note(&context, note, about, grounds(text)?, corrects).await
    };
    match done.await {
        Ok(held) => desk.done(&note_view(&desk, &held), &format!("/victims/{victim}/care#notes"), Did::Noted),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// One note. That somebody tried who may not read it is told to those behind the wall.
#[utoipa::path(get, path = "/api/v1/notes/{id}", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the note", body = NoteView),
    errors::Refusals,
))]
pub(crate) async fn one_note(desk: Desk, Path(note): Path<String>) -> Response {
    let purpose = purpose_for(Kind::ServiceNote);
    let found =
        async { desk.casework.service_note(&desk.context(&purpose), id(&note, "service note")?).await };
    match found.await {
        Ok(held) if !desk.is_program() => {
            Redirect::to(&format!("/victims/{}/care#notes", held.noun.victim)).into_response()
        }
        Ok(held) => axum::Json(note_view(&desk, &held)).into_response(),
        Err(trouble) => desk.trouble(&trouble, ""),
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
        desk.casework.draft_service_plan(context, plan, id(&victim, VICTIM)?, terms).await
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
