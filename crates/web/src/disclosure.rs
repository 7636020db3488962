//! `/disclosures`: what had to be given away without a release, by an order of a court, a statute, or the duty to report abuse.

use crate::desk::{Desk, Sent, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::ReasonBody;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Trouble, WrittenDisclosure};
use homeward_model::{Disclosure, DisclosureId, DisclosureTerms};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of disclosures.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/disclosures", record);
    let routes = view(routes, "/disclosures/{id}", one);
    let routes = act(routes, "/disclosures/{id}/tell", tell);
    act(routes, "/disclosures/{id}/withdraw", withdraw)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(record, one, tell, withdraw))]
pub(crate) struct Document;

const DISCLOSURE: &str = "disclosure";

/// An attempt to tell the person.
#[derive(Serialize, ToSchema)]
pub(crate) struct TellingView {
    /// When.
    at: String,
    /// By whom.
    by: String,
    /// Whether they were reached.
    reached: bool,
    /// How it went.
    said: String,
}

/// A disclosure.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisclosureView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// `compelled release` or `mandatory report`.
    pub(crate) kind: &'static str,
    /// `not told`, `told`, `reported` or `withdrawn`.
    pub(crate) state: &'static str,
    /// The victim, when it is one who is known here.
    pub(crate) victim: Option<String>,
    /// What the person is called.
    pub(crate) called: String,
    /// When it was given or reported.
    pub(crate) at: String,
    /// The court or the statute's authority; to whom abuse was reported.
    pub(crate) to: String,
    /// The order and its date, when one compelled it.
    pub(crate) order: Option<String>,
    /// What was given, when it was compelled.
    pub(crate) given: Option<String>,
    /// What was done for the safety of the person.
    pub(crate) safety: Option<String>,
    /// Who reported abuse.
    pub(crate) reported_by: Option<String>,
    /// Who wrote it down, and when.
    pub(crate) recorded: String,
    /// Attempts to tell the person.
    pub(crate) told: Vec<TellingView>,
    /// Why it was withdrawn.
    pub(crate) withdrawn: Option<String>,
    /// Whether you keep it.
    pub(crate) can_keep: bool,
}

/// A disclosure as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<Disclosure>) -> DisclosureView {
    let made = &held.noun;
    let purpose = purpose_for(Kind::Disclosure);
    let may = desk.casework.may(&desk.context(&purpose), &held.resource, &[Act::KeepDisclosure]);
    let [compelled, reported] = WrittenDisclosure::KINDS;
    let (kind, to, order, given, safety, reported_by) = match &made.terms {
        DisclosureTerms::Compelled { order, court, issued, given, safety } => {
            let order = format!("{order}, of {}", issued.date());
            let (given, safety) = (given.as_str().to_owned(), safety.as_str().to_owned());
            (compelled, court.clone(), Some(order), Some(given), Some(safety), None)
        }
        DisclosureTerms::Reported { to, by } => (reported, to.clone(), None, None, None, Some(by.clone())),
    };
    let told = made.told().iter().map(|one| TellingView {
        at: at(one.stamp.at),
        by: desk.who.member(one.stamp.by),
        reached: one.reached,
        said: one.said.as_str().to_owned(),
    });
    DisclosureView {
        id: made.id.to_string(),
        version: held.version,
        kind,
        state: made.word(),
        victim: made.victim.map(|victim| victim.to_string()),
        called: made.called.clone(),
        at: at(made.at),
        to,
        order,
        given,
        safety,
        reported_by,
        recorded: format!("{} by {}", at(made.recorded.at), desk.who.member(made.recorded.by)),
        told: told.collect(),
        withdrawn: made.withdrawn().map(|(_, why)| why.as_str().to_owned()),
        can_keep: made.withdrawn().is_none() && !may.is_empty(),
    }
}

#[derive(Template)]
#[template(path = "disclosure/one.html")]
struct OnePage {
    layout: Layout,
    made: DisclosureView,
}

/// One disclosure. That somebody tried who may not read it is told to those behind the wall.
#[utoipa::path(get, path = "/api/v1/disclosures/{id}", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the disclosure", body = DisclosureView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Disclosure);
    let found = async { desk.casework.disclosure(&desk.context(&purpose), id(&wanted, DISCLOSURE)?).await };
    match found.await {
        Ok(held) => desk.show(shown(&desk, &held), |layout, made| OnePage { layout, made }),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Shows what an act made of a disclosure.
async fn acted(
    desk: &Desk,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>) -> Result<Held<Disclosure>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::Disclosure);
    match act(&desk.context(&purpose)).await {
        Ok(held) => desk.done(&shown(desk, &held), &format!("/disclosures/{}", held.noun.id), Did::Kept),
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// What had to be given away.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct DisclosureBody {
    /// A uuid made by the client, the id of the disclosure: sent again, it is the same one.
    request: String,
    /// Id of the victim, when it is one whom you serve here.
    victim: String,
    /// What the person is called.
    called: String,
    /// When it was given or reported; empty: now.
    at: String,
    /// `compelled release` or `mandatory report`.
    kind: String,
    /// Of a compelled release: the number of the order, or the statute.
    order: String,
    /// Of a compelled release: the court; by a statute, who asked.
    court: String,
    /// Of a compelled release: the date of the order.
    issued: String,
    /// Of a compelled release: what was given, and to whom.
    given: String,
    /// Of a compelled release: what was done for the safety of the person.
    safety: String,
    /// Of a mandatory report: to whom.
    to: String,
    /// Of a mandatory report: who made it.
    by: String,
}

/// Writes down what your organisation had to give away of somebody whom it serves. It opens nothing.
#[utoipa::path(post, path = "/api/v1/disclosures", tag = "care", request_body = DisclosureBody, responses(
    (status = 200, description = "the disclosure", body = DisclosureView),
    errors::Refusals,
))]
pub(crate) async fn record(desk: Desk, sent: Sent<DisclosureBody>) -> Response {
    let DisclosureBody { request, victim, called, at, kind, order, court, issued, given, safety, to, by } =
        sent.fields;
    let written = WrittenDisclosure { victim, called, at, kind, order, court, issued, given, safety, to, by };
    acted(&desk, &sent.typed, async |context| {
        let id = DisclosureId::from_bits(desk.request(&request)?);
        desk.casework.record_disclosure(context, id, &written).await
    })
    .await
}

/// How somebody was told.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TellBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `yes` when the person was reached.
    #[serde(default)]
    reached: String,
    /// How it went.
    grounds: String,
}

/// Keeps that the person was told what was given of them, or that you tried.
#[utoipa::path(post, path = "/api/v1/disclosures/{id}/tell", tag = "care", params(("id" = String, Path)),
    request_body = TellBody, responses(
    (status = 200, description = "the disclosure", body = DisclosureView),
    errors::Refusals,
))]
pub(crate) async fn tell(desk: Desk, Path(made): Path<String>, sent: Sent<TellBody>) -> Response {
    let TellBody { seen, request, reached, grounds: said } = sent.fields;
    acted(&desk, &sent.typed, async |context| {
        let (made, revision) = (id(&made, DISCLOSURE)?, desk.revision(seen, &request)?);
        let told = (reached == "yes", grounds(&said)?);
        desk.casework.tell_of_disclosure(context, made, revision, told).await
    })
    .await
}

/// Withdraws a disclosure that was written down by mistake. It stays where it is, marked.
#[utoipa::path(post, path = "/api/v1/disclosures/{id}/withdraw", tag = "care", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the disclosure", body = DisclosureView),
    errors::Refusals,
))]
pub(crate) async fn withdraw(desk: Desk, Path(made): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &sent.typed, async |context| {
        let (made, revision) = (id(&made, DISCLOSURE)?, desk.revision(seen, &request)?);
        desk.casework.withdraw_disclosure(context, made, revision, grounds(&why)?).await
    })
    .await
}
