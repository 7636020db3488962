//! `/referrals`: what was referred to a provider, and what it answered.

use crate::desk::{Desk, Sent, after, at, grounds, id, narrowed, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, StepBody};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Listed, ReferralStep, Trouble};
use homeward_model::{Need, Referral, ReferralAsks, ReferralId, ReferralMove, ReferralState, VictimId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of referrals.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/victims/{id}/refer", make);
    let routes = view(routes, "/referrals", list);
    let routes = view(routes, "/referrals/{id}", one);
    let routes = act(routes, "/referrals/{id}/accept", accept);
    let routes = act(routes, "/referrals/{id}/decline", decline);
    let routes = act(routes, "/referrals/{id}/finish", finish);
    act(routes, "/referrals/{id}/revoke", revoke)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(make, list, one, accept, decline, finish, revoke))]
pub(crate) struct Document;

const REFERRAL: &str = "referral";

/// A referral.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
pub(crate) struct ReferralView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// The victim.
    pub(crate) victim: String,
    /// `made`, `accepted`, `declined`, `done` or `revoked`.
    pub(crate) state: &'static str,
    /// The provider.
    pub(crate) provider: String,
    /// The need, as in `emergency shelter`.
    pub(crate) need: &'static str,
    /// What the victim is called.
    pub(crate) called: String,
    /// What the provider must know.
    pub(crate) says: String,
    /// Who made it, and their organisation.
    pub(crate) made_by: String,
    /// When.
    pub(crate) made: String,
    /// Why it was declined.
    pub(crate) declined: Option<String>,
    /// Who answered it or took it back, and when.
    pub(crate) answered: Option<String>,
    /// Whether you may accept it.
    pub(crate) can_accept: bool,
    /// Whether you may decline it, or give it back when you have accepted it.
    pub(crate) can_decline: bool,
    /// Whether you may stamp the service as delivered.
    pub(crate) can_finish: bool,
    /// Whether you may take it back.
    pub(crate) can_revoke: bool,
}

/// A referral as it is shown.
pub(crate) fn shown(desk: &Desk, context: &Context<'_>, held: &Held<Referral>) -> ReferralView {
    let referral = &held.noun;
    let may = desk.casework.may(context, &held.resource, &[Act::AnswerReferral, Act::RevokeReferral]);
    let both = |step, act| referral.allowed().contains(&step) && may.contains(&act);
    let declined = match referral.state() {
        ReferralState::Declined { grounds, .. } => Some(grounds.as_str().to_owned()),
        _ => None,
    };
    let answered = referral.state().answered();
    let by = (desk.who.member(referral.made.by), desk.who.agency(held.resource.owner));
    ReferralView {
        id: referral.id.to_string(),
        version: held.version,
        victim: referral.victim.to_string(),
        state: referral.state().word(),
        provider: desk.who.agency(referral.provider),
        need: referral.asks.need.word(),
        called: referral.asks.called.clone(),
        says: referral.asks.says.as_str().to_owned(),
        made_by: format!("{}, {}", by.0, by.1),
        made: at(referral.made.at),
        declined,
        answered: answered.map(|stamp| format!("{} by {}", at(stamp.at), desk.who.member(stamp.by))),
        can_accept: both(ReferralMove::Accept, Act::AnswerReferral),
        can_decline: both(ReferralMove::Decline, Act::AnswerReferral),
        can_finish: both(ReferralMove::Finish, Act::AnswerReferral),
        can_revoke: both(ReferralMove::Revoke, Act::RevokeReferral),
    }
}

/// Which referrals.
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

/// The words of all states.
const STATES: [&str; 5] = ["made", "accepted", "declined", "done", "revoked"];

/// A page of referrals, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReferralPage {
    /// The referrals.
    referrals: Vec<ReferralView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "referral/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    states: [&'static str; 5],
    page: ReferralPage,
}

/// Referrals that you made or that were made to your organisation, newest first.
#[utoipa::path(get, path = "/api/v1/referrals", tag = "care", params(Wanted), responses(
    (status = 200, description = "a page of referrals", body = ReferralPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Referral);
    let context = desk.context(&purpose);
    let found = async {
        let after: Option<ReferralId> = after(&wanted.after, REFERRAL)?;
        let listed = Listed {
            states: narrowed("state", &wanted.state, &STATES)?.into_iter().collect(),
            after: after.map(ReferralId::bits),
            ..Listed::default()
        };
        desk.casework.referrals(&context, &listed).await
    };
    match found.await {
        Ok(found) => {
            let referrals = found.records.iter().map(|held| shown(&desk, &context, held)).collect();
            let next = found.next.map(|bits| ReferralId::from_bits(bits).to_string());
            desk.show(ReferralPage { referrals, next }, |layout, page| ListPage {
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
#[template(path = "referral/one.html")]
struct OnePage {
    layout: Layout,
    referral: ReferralView,
}

/// One referral.
#[utoipa::path(get, path = "/api/v1/referrals/{id}", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the referral", body = ReferralView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Referral);
    let context = desk.context(&purpose);
    let found = async { desk.casework.referral(&context, id(&wanted, REFERRAL)?).await };
    match found.await {
        Ok(held) => desk.show(shown(&desk, &context, &held), |layout, referral| OnePage { layout, referral }),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// A victim who is referred.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReferBody {
    /// A uuid made by the client, the id of the referral: sent again, it is the same one.
    #[serde(default)]
    request: String,
    /// Id of the provider.
    provider: String,
    /// The need, as in `emergency shelter`.
    need: String,
    /// What the victim is called.
    #[serde(default)]
    called: String,
    /// What the provider must know to take them, and nothing that it must not.
    grounds: String,
}

/// Refers a victim whom you serve to a provider. It takes no release: this is what the provider learns, and nothing else.
#[utoipa::path(post, path = "/api/v1/victims/{id}/refer", tag = "care", params(("id" = String, Path)),
    request_body = ReferBody, responses(
    (status = 200, description = "the referral", body = ReferralView),
    errors::Refusals,
))]
pub(crate) async fn make(desk: Desk, Path(victim): Path<String>, sent: Sent<ReferBody>) -> Response {
    let ReferBody { request, provider, need, called, grounds: says } = &sent.fields;
    let purpose = purpose_for(Kind::Referral);
    let context = desk.context(&purpose);
    let done = async {
        let about: VictimId = id(&victim, "victim")?;
        let referral = ReferralId::from_bits(desk.request(request)?);
        let provider = provider.trim().parse().map_err(|_| Trouble::invalid("choose a provider"))?;
        let need = Need::parse(need).ok_or_else(|| Trouble::invalid("choose a need from the list"))?;
        let called: String = called.trim().chars().take(200).collect();
        let asks = ReferralAsks { need, called, says: grounds(says)? };
        Ok::<_, Trouble>(desk.casework.make_referral(&context, referral, about, provider, asks).await?.record)
    };
    match done.await {
        Ok(held) => {
            let to = format!("/victims/{victim}/care#referrals");
            desk.done(&shown(&desk, &context, &held), &to, Did::Referred)
        }
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// Shows what an answer made of a referral. Whoever has declined one sees it no more.
async fn answered(
    desk: &Desk,
    referral: &str,
    typed: &str,
    (seen, request): (i64, &str),
    step: impl FnOnce() -> Result<ReferralStep, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::Referral);
    let context = desk.context(&purpose);
    let done = async {
        let (referral, revision) = (id(referral, REFERRAL)?, desk.revision(seen, request)?);
        Ok::<_, Trouble>(desk.casework.answer_referral(&context, referral, revision, step()?).await?.record)
    };
    match done.await {
        Ok(held) => {
            let gone = !held.noun.is_live();
            let to = if gone { "/referrals".to_owned() } else { format!("/referrals/{}", held.noun.id) };
            desk.done(&shown(desk, &context, &held), &to, Did::Answered)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// Takes a referral for your organisation.
#[utoipa::path(post, path = "/api/v1/referrals/{id}/accept", tag = "care", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the referral", body = ReferralView),
    errors::Refusals,
))]
pub(crate) async fn accept(desk: Desk, Path(referral): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    answered(&desk, &referral, &sent.typed, (seen, &request), || Ok(ReferralStep::Accept)).await
}

/// Does not take a referral, and says why. Your organisation sees it no more.
#[utoipa::path(post, path = "/api/v1/referrals/{id}/decline", tag = "care", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the referral", body = ReferralView),
    errors::Refusals,
))]
pub(crate) async fn decline(desk: Desk, Path(referral): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    let step = || Ok(ReferralStep::Decline(grounds(&why)?));
    answered(&desk, &referral, &sent.typed, (seen, &request), step).await
}

/// Stamps the service as delivered, also in the plan of those who made the referral.
#[utoipa::path(post, path = "/api/v1/referrals/{id}/finish", tag = "care", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the referral", body = ReferralView),
    errors::Refusals,
))]
pub(crate) async fn finish(desk: Desk, Path(referral): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    answered(&desk, &referral, &sent.typed, (seen, &request), || Ok(ReferralStep::Finish)).await
}

/// Takes a referral back that you made. The provider sees it no more.
#[utoipa::path(post, path = "/api/v1/referrals/{id}/revoke", tag = "care", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the referral", body = ReferralView),
    errors::Refusals,
))]
pub(crate) async fn revoke(desk: Desk, Path(referral): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    let step = || Ok(ReferralStep::Revoke(grounds(&why)?));
    answered(&desk, &referral, &sent.typed, (seen, &request), step).await
}
