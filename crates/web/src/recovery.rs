//! Recovery facts: five different dated facts about one victim, appended, confirmed by another, withdrawn with a reason.

use crate::desk::{Desk, Sent, at, grounds, id, purpose_for};
use crate::layout::Did;
use crate::lead::{ReasonBody, StepBody};
use crate::report_acts::moment;
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Trouble};
use homeward_model::{RecoveryFact, RecoveryFactId, RecoveryKind, VictimId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of recovery facts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/victims/{id}/fact", record);
    let routes = act(routes, "/recovery/{id}/confirm", confirm);
    act(routes, "/recovery/{id}/withdraw", withdraw)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(record, confirm, withdraw))]
pub(crate) struct Document;

const FACT: &str = "recovery fact";

/// One fact.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// The victim.
    pub(crate) victim: String,
    /// `identified`, `located`, `recovered`, `entry cleared` or `adult assisted`.
    pub(crate) kind: &'static str,
    /// `recorded`, `confirmed` or `withdrawn`.
    pub(crate) state: &'static str,
    /// When it happened.
    pub(crate) happened: String,
    /// The agency that did it.
    pub(crate) agency: String,
    /// What it rests on.
    pub(crate) evidence: String,
    /// Who wrote it down.
    pub(crate) recorded_by: String,
    /// Who confirmed it besides, and when.
    pub(crate) confirmed: Option<String>,
    /// Why it was withdrawn.
    pub(crate) withdrawn: Option<String>,
    /// Whether you may confirm it.
    pub(crate) can_confirm: bool,
    /// Whether you may withdraw it.
    pub(crate) can_withdraw: bool,
}

fn shown(desk: &Desk, context: &Context<'_>, held: &Held<RecoveryFact>) -> FactView {
    let fact = &held.noun;
    let may = desk.casework.may(context, &held.resource, &[Act::ConfirmRecovery, Act::WithdrawRecovery]);
    let stands = fact.withdrawn().is_none();
    let others = fact.recorded.by != desk.actor.member && fact.confirmed().is_none();
    let said = |by, when| format!("{} by {}", at(when), desk.who.member(by));
    FactView {
        id: fact.id.to_string(),
        version: held.version,
        victim: fact.victim.to_string(),
        kind: fact.kind.word(),
        state: fact.word(),
        happened: at(fact.happened),
        agency: desk.who.agency(fact.agency),
        evidence: fact.evidence.as_str().to_owned(),
        recorded_by: desk.who.member(fact.recorded.by),
        confirmed: fact.confirmed().map(|stamp| said(stamp.by, stamp.at)),
        withdrawn: fact.withdrawn().map(|(_, why)| why.as_str().to_owned()),
        can_confirm: stands && others && may.contains(&Act::ConfirmRecovery),
        can_withdraw: stands && may.contains(&Act::WithdrawRecovery),
    }
}

/// Facts as they are shown.
pub(crate) fn fact_views(desk: &Desk, context: &Context<'_>, facts: &[Held<RecoveryFact>]) -> Vec<FactView> {
    facts.iter().map(|held| shown(desk, context, held)).collect()
}

/// Shows what an act made of a fact.
async fn acted(
    desk: &Desk,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>) -> Result<Held<RecoveryFact>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::RecoveryFact);
    let context = desk.context(&purpose);
    match act(&context).await {
        Ok(held) => {
            let to = format!("/victims/{}", held.noun.victim);
            desk.done(&shown(desk, &context, &held), &to, Did::Kept)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// A fact about a victim.
#[derive(Deserialize, ToSchema)]
pub(crate) struct FactBody {
    /// A uuid made by the client, the id of the fact: sent again, it is the same one.
    #[serde(default)]
    request: String,
    /// `identified`, `located`, `recovered`, `entry cleared` or `adult assisted`.
    kind: String,
    /// When it happened; empty: now.
    #[serde(default)]
    at: String,
    /// What it rests on.
    grounds: String,
}

/// Appends a fact about a victim. A recovery starts the clock; a cleared entry moves the missing report.
#[utoipa::path(post, path = "/api/v1/victims/{id}/fact", tag = "victims", params(("id" = String, Path)),
    request_body = FactBody, responses(
    (status = 200, description = "the fact", body = FactView),
    errors::Refusals,
))]
pub(crate) async fn record(desk: Desk, Path(victim): Path<String>, sent: Sent<FactBody>) -> Response {
    let FactBody { request, kind, at, grounds: why } = sent.fields;
    let recorded = acted(&desk, &sent.typed, async |context| {
        let victim: VictimId = id(&victim, "victim")?;
        let fact = RecoveryFactId::from_bits(desk.request(&request)?);
        let kind = RecoveryKind::parse(&kind).ok_or_else(|| {
            let kinds: Vec<&str> = RecoveryKind::ALL.iter().map(|kind| kind.word()).collect();
            Trouble::invalid(format!("that is no recovery fact; the facts are {}", kinds.join(", ")))
        })?;
        let happened = (kind, moment(&at)?);
        Ok(desk.casework.record_recovery(context, fact, victim, happened, grounds(&why)?).await?.record)
    });
    Box::pin(recorded).await
}

/// Confirms a fact that somebody else wrote down.
#[utoipa::path(post, path = "/api/v1/recovery/{id}/confirm", tag = "victims", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the fact", body = FactView),
    errors::Refusals,
))]
pub(crate) async fn confirm(desk: Desk, Path(fact): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &sent.typed, async |context| {
        desk.casework.confirm_recovery(context, id(&fact, FACT)?, desk.revision(seen, &request)?).await
    })
    .await
}

/// Withdraws a mistaken fact. It stays where it is, marked.
#[utoipa::path(post, path = "/api/v1/recovery/{id}/withdraw", tag = "victims", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the fact", body = FactView),
    errors::Refusals,
))]
pub(crate) async fn withdraw(desk: Desk, Path(fact): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &sent.typed, async |context| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.withdraw_recovery(context, id(&fact, FACT)?, revision, grounds(&why)?).await
    })
    .await
}
