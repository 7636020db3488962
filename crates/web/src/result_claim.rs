//! `/results/...`: results are claimed, confirmed by somebody else, and withdrawn; persons are judged one.

use crate::desk::{Desk, Sent, after, at, grounds, id, narrowed, purpose_for};
use crate::judgement::{JudgementView, shown as judgement_shown};
use crate::layout::{Did, Layout};
use crate::lead::ReasonBody;
use crate::operation::initiative_of;
use crate::recovery::{FactView, fact_views};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Listed, Trouble, WrittenResult, if_any, office_named};
use homeward_model::{
    Counted, CountedResult, JudgementId, PersonId, ResultId, ResultMove, ResultState, Verdict,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of claims.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/results", claim);
    let routes = view(routes, "/results/claims", list);
    let routes = act(routes, "/results/persons/judge", judge);
    let routes = view(routes, "/results/claims/{id}", one);
    let routes = act(routes, "/results/claims/{id}/confirm", confirm);
    act(routes, "/results/claims/{id}/withdraw", withdraw)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(claim, list, one, confirm, withdraw, judge))]
pub(crate) struct Document;

const RESULT: &str = "result";

/// A claim: ids, dates and places, no name.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClaimView {
    /// Its id.
    pub(crate) id: String,
    /// What is counted.
    pub(crate) kind: &'static str,
    /// The id of the person or case.
    pub(crate) of: String,
    /// The recovery fact it rests on, where it does on one.
    pub(crate) fact: Option<String>,
    /// When it happened.
    pub(crate) happened: String,
    /// Name of the agency that claims it.
    pub(crate) agency: String,
    /// Name of the field office.
    pub(crate) office: Option<&'static str>,
    /// Code of the state.
    pub(crate) state: Option<String>,
    /// Id of the initiative.
    pub(crate) initiative: Option<String>,
    /// `claimed`, `confirmed` or `withdrawn`.
    pub(crate) status: &'static str,
    /// When it was claimed.
    pub(crate) claimed: String,
    /// When it was confirmed.
    pub(crate) confirmed: Option<String>,
    /// When it was withdrawn.
    pub(crate) withdrawn: Option<String>,
}

/// A claim as it is shown.
pub(crate) fn shown(desk: &Desk, result: &CountedResult) -> ClaimView {
    let of = match result.of {
        Counted::Person(person) => person.to_string(),
        Counted::Case(case) => case.to_string(),
    };
    let withdrawn = match result.state() {
        ResultState::Withdrawn { withdrawn, .. } => Some(at(withdrawn.at)),
        _ => None,
    };
    ClaimView {
        id: result.id.to_string(),
        kind: result.kind.word(),
        of,
        fact: result.fact.map(|fact| fact.to_string()),
        happened: at(result.happened),
        agency: desk.who.agency(result.agency),
        office: result.place.office.and_then(office_named).map(|office| office.name.as_str()),
        state: result.place.state.clone(),
        initiative: result.place.initiative.map(|initiative| initiative.to_string()),
        status: result.state().word(),
        claimed: at(result.claimed.at),
        confirmed: result.confirmed().map(|stamp| at(stamp.at)),
        withdrawn,
    }
}

/// A claim with its version.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeldClaim {
    /// Its version; a change names the version it was decided on.
    version: i64,
    /// The claim.
    #[serde(flatten)]
    claim: ClaimView,
}

fn held(desk: &Desk, held: &Held<CountedResult>) -> HeldClaim {
    HeldClaim { version: held.version, claim: shown(desk, &held.noun) }
}

/// A result to claim for your agency.
#[derive(Clone, Deserialize, ToSchema)]
pub(crate) struct ClaimBody {
    /// A uuid made by the client, the id of the result: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `child identified`, `child located`, `child recovered`, `entry cleared`, `adult assisted`, `arrest` or `case opened`.
    kind: String,
    /// The id of the person, or of the case; empty for one whom nothing else in the record names.
    #[serde(default)]
    of: String,
    /// When it happened.
    happened: String,
    /// Name of the field office.
    #[serde(default)]
    office: String,
    /// The state, by code or name.
    #[serde(default)]
    state: String,
    /// The id of the initiative.
    #[serde(default)]
    initiative: String,
}

/// Claims a result for your agency. Somebody else confirms it before it counts.
#[utoipa::path(post, path = "/api/v1/results", tag = "results", request_body = ClaimBody, responses(
    (status = 200, description = "the claim", body = HeldClaim),
    errors::Refusals,
))]
pub(crate) async fn claim(desk: Desk, sent: Sent<ClaimBody>) -> Response {
    let purpose = purpose_for(Kind::Result);
    let ClaimBody { request, kind, of, happened, office, state, initiative } = sent.fields.clone();
    let done = async {
        let id = ResultId::from_bits(desk.request(&request)?);
        let written = WrittenResult { kind, of, happened, office, state, initiative };
        desk.casework.claim_results(&desk.context(&purpose), vec![written.read(id)?]).await
    };
    match done.await {
        Ok(done) => match done.record.first() {
            Some(first) => desk.done(&held(&desk, first), "/results/claims?state=claimed", Did::Kept),
            None => desk.trouble(&Trouble::Missing { noun: RESULT }, &sent.typed),
        },
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// Which claims.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only `claimed`, `confirmed` or `withdrawn` ones.
    #[serde(default)]
    state: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of claims, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClaimPage {
    /// The claims.
    claims: Vec<HeldClaim>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "results/claims.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    page: ClaimPage,
}

/// Claims that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/results/claims", tag = "results", params(Wanted), responses(
    (status = 200, description = "a page of claims", body = ClaimPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Result);
    let found = async {
        let after: Option<ResultId> = after(&wanted.after, RESULT)?;
        let states =
            narrowed("state", &wanted.state, &["claimed", "confirmed", "withdrawn"])?.into_iter().collect();
        let listed = Listed { states, after: after.map(ResultId::bits), ..Listed::default() };
        desk.casework.results(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let claims = found.records.iter().map(|one| held(&desk, one)).collect();
            let next = found.next.map(|bits| ResultId::from_bits(bits).to_string());
            desk.show(ClaimPage { claims, next }, |layout, page| ListPage { layout, wanted, page })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "results/claim.html")]
struct OnePage {
    layout: Layout,
    one: HeldClaim,
    /// The name of the initiative.
    initiative: Option<String>,
    /// What it is about, for who may open that.
    about: Option<String>,
    /// The fact that it rests on, for who may read that.
    fact: Option<FactView>,
    /// Why it was withdrawn.
    why: Option<String>,
    /// Why the reader does not confirm a claim that waits.
    waits: Option<String>,
    can_confirm: bool,
    can_withdraw: bool,
}

/// One claim.
#[utoipa::path(get, path = "/api/v1/results/claims/{id}", tag = "results", params(("id" = String, Path)), responses(
    (status = 200, description = "the claim", body = HeldClaim),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Result);
    let context = desk.context(&purpose);
    let found = async {
        let found = desk.casework.result(&context, id(&wanted, RESULT)?).await?;
        let named = match found.noun.place.initiative {
            Some(initiative) => {
                let known = initiative_of(&desk, initiative).await?;
                Some(known.map_or_else(|| initiative.to_string(), |(name, _)| name))
            }
            None => None,
        };
        let fact = rests_on(&desk, &found.noun).await?;
        let why = match found.noun.state() {
            ResultState::Withdrawn { .. } => {
                desk.casework.result_history(&context, found.noun.id).await?.pop()
            }
            ResultState::Claimed | ResultState::Confirmed { .. } => None,
        };
        Ok::<_, Trouble>((found, named, fact, why.and_then(|step| step.said)))
    };
    match found.await {
        Ok((found, initiative, fact, why)) => {
            let acts = [Act::ConfirmResult, Act::WithdrawResult];
            let may = desk.casework.may(&context, &found.resource, &acts);
            let result = &found.noun;
            let can = |step: ResultMove, act: Act| result.allowed().contains(&step) && may.contains(&act);
            let own = result.claimed.by == desk.actor.member;
            let can_confirm = can(ResultMove::Confirm, Act::ConfirmResult) && !own;
            let can_withdraw = can(ResultMove::Withdraw, Act::WithdrawResult) && result.fact.is_none();
            let about = about(&desk, result, fact.as_ref());
            let agency = desk.who.agency(result.agency);
            let waits = match (result.state(), own) {
                (ResultState::Claimed, true) => {
                    Some(format!("you claimed it: somebody else of {agency} confirms it"))
                }
                (ResultState::Claimed, false) if !can_confirm => Some(format!(
                    "a supervisor or a records and results officer of {agency} confirms it, who did not claim it"
                )),
                _ => None,
            };
            desk.show(held(&desk, &found), |layout, one| OnePage {
                layout,
                one,
                initiative,
                about,
                fact,
                why,
                waits,
                can_confirm,
                can_withdraw,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// The fact that a claim of the reader's agency rests on; none for who may not read it.
async fn rests_on(desk: &Desk, result: &CountedResult) -> Result<Option<FactView>, Trouble> {
    let own = result.agency == desk.actor.organisation && desk.may_own(Kind::RecoveryFact, Act::View);
    let Some(fact) = result.fact.filter(|_| own) else { return Ok(None) };
    let purpose = purpose_for(Kind::RecoveryFact);
    let context = desk.context(&purpose);
    let found = if_any(desk.casework.recovery_fact(&context, fact).await)?;
    Ok(found.and_then(|found| fact_views(desk, &context, &[found]).pop()))
}

/// The page of the case or the victim that a claim is about, for who may open such a one of the reader's agency.
fn about(desk: &Desk, result: &CountedResult, fact: Option<&FactView>) -> Option<String> {
    let opens = |kind| result.agency == desk.actor.organisation && desk.may_own(kind, Act::View);
    match result.of {
        Counted::Case(case) => opens(Kind::Case).then(|| format!("/cases/{case}")),
        Counted::Person(_) => {
            fact.filter(|_| opens(Kind::Victim)).map(|fact| format!("/victims/{}", fact.victim))
        }
    }
}

/// Shows what an act made of a claim.
async fn acted(
    desk: &Desk,
    claim: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, ResultId) -> Result<Held<CountedResult>, Trouble>,
) -> Response {
    let shown =
        |found: &Held<CountedResult>| (held(desk, found), format!("/results/claims/{}", found.noun.id));
    desk.act((Kind::Result, RESULT, claim), (typed, Did::Kept), act, shown).await
}

/// The version that was seen.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SeenBody {
    /// The version that was seen.
    pub(crate) seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    pub(crate) request: String,
}

/// Confirms a claim that somebody else made.
#[utoipa::path(post, path = "/api/v1/results/claims/{id}/confirm", tag = "results", params(("id" = String, Path)),
    request_body = SeenBody, responses(
    (status = 200, description = "the claim", body = HeldClaim),
    errors::Refusals,
))]
pub(crate) async fn confirm(desk: Desk, Path(claim): Path<String>, sent: Sent<SeenBody>) -> Response {
    let SeenBody { seen, request } = &sent.fields;
    acted(&desk, &claim, &sent.typed, async |context, id| {
        Ok(desk.casework.confirm_result(context, id, desk.revision(*seen, request)?).await?.record)
    })
    .await
}

/// Withdraws a mistaken claim. What was fixed before keeps counting it.
#[utoipa::path(post, path = "/api/v1/results/claims/{id}/withdraw", tag = "results", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the claim", body = HeldClaim),
    errors::Refusals,
))]
pub(crate) async fn withdraw(desk: Desk, Path(claim): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = &sent.fields;
    acted(&desk, &claim, &sent.typed, async |context, id| {
        let revision = desk.revision(*seen, request)?;
        Ok(desk.casework.withdraw_result(context, id, revision, grounds(why)?).await?.record)
    })
    .await
}

/// A judgement on two persons of the record.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PersonsBody {
    /// A uuid made by the client, the id of the judgement: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The id of a person.
    left: String,
    /// The id of another.
    right: String,
    /// `same`, `not the same` or `unsure`.
    verdict: String,
    /// Why.
    grounds: String,
}

/// Judges whether two persons of the record are one. Those judged the same count once, until that is undone.
#[utoipa::path(post, path = "/api/v1/results/persons/judge", tag = "results", request_body = PersonsBody, responses(
    (status = 200, description = "the judgement", body = JudgementView),
    errors::Refusals,
))]
pub(crate) async fn judge(desk: Desk, sent: Sent<PersonsBody>) -> Response {
    let purpose = purpose_for(Kind::Judgement);
    let PersonsBody { request, left, right, verdict, grounds: why } = &sent.fields;
    let done = async {
        let judgement = JudgementId::from_bits(desk.request(request)?);
        let verdict = Verdict::parse(verdict)
            .ok_or_else(|| Trouble::invalid("`verdict` must be `same`, `not the same` or `unsure`"))?;
        let person =
            |text: &str| text.trim().parse::<PersonId>().map_err(|bad| Trouble::invalid(bad.to_string()));
        let persons = (person(left)?, person(right)?);
        desk.casework.judge_persons(&desk.context(&purpose), judgement, persons, verdict, grounds(why)?).await
    };
    match done.await {
        Ok(done) => desk.done(&judgement_shown(&desk, &done.record), "/judgements", Did::Judged),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}
