//! `/judgements`: what people decided about findings of a match and about two reports, and how it is undone.

use crate::desk::{Desk, Sent, after, at, grounds, id, narrowed, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::ReasonBody;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Held, Listed, Trouble};
use homeward_model::{Judgement, JudgementId, Verdict};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of judgements.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/judgements", list);
    let routes = act(routes, "/judgements/{id}/undo", undo);
    act(routes, "/findings/{id}/judge", judge)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, judge, undo))]
pub(crate) struct Document;

const JUDGEMENT: &str = "judgement";

/// A judgement.
#[derive(Serialize, ToSchema)]
pub(crate) struct JudgementView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; undoing names the version that was seen.
    pub(crate) version: i64,
    /// What was compared: `missing report M-1` and the like.
    pub(crate) left: String,
    /// With what.
    pub(crate) right: String,
    /// `same`, `not the same` or `unsure`.
    pub(crate) verdict: &'static str,
    /// Why.
    pub(crate) grounds: String,
    /// Who decided.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
    /// When it was undone, and by whom.
    pub(crate) undone: Option<String>,
    /// Whether you may undo it.
    pub(crate) can_undo: bool,
}

/// A judgement as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<Judgement>) -> JudgementView {
    let purpose = purpose_for(Kind::Judgement);
    let judgement = &held.noun;
    let (left, right) = judgement.pair();
    let undone = judgement.undone();
    let may = desk.casework.may(&desk.context(&purpose), &held.resource, &[Act::UndoJudgement]);
    JudgementView {
        id: judgement.id.to_string(),
        version: held.version,
        left: format!("{} {}", left.kind.word(), left.id),
        right: format!("{} {}", right.kind.word(), right.id),
        verdict: judgement.verdict.word(),
        grounds: judgement.grounds.as_str().to_owned(),
        by: desk.who.member(judgement.stamp.by),
        at: at(judgement.stamp.at),
        undone: undone.map(|stamp| format!("{} by {}", at(stamp.at), desk.who.member(stamp.by))),
        can_undo: undone.is_none() && !may.is_empty(),
    }
}

/// Which judgements.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only `standing` or `undone` ones.
    #[serde(default)]
    state: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
    /// The id of a person to judge on, for the form.
    #[serde(default)]
    left: String,
    /// The id of another.
    #[serde(default)]
    right: String,
}

/// A page of judgements, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct JudgementPage {
    /// The judgements.
    judgements: Vec<JudgementView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "judgements.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    page: JudgementPage,
    can_judge: bool,
}

/// Judgements that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/judgements", tag = "judgements", params(Wanted), responses(
    (status = 200, description = "a page of judgements", body = JudgementPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Judgement);
    let found = async {
        let after: Option<JudgementId> = after(&wanted.after, JUDGEMENT)?;
        let states = narrowed("state", &wanted.state, &["standing", "undone"])?.into_iter().collect();
        let listed = Listed { states, after: after.map(JudgementId::bits), ..Listed::default() };
        desk.casework.judgements(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let judgements = found.records.iter().map(|held| shown(&desk, held)).collect();
            let can_judge = desk.may_own(Kind::Judgement, Act::Judge);
            let next = found.next.map(|bits| JudgementId::from_bits(bits).to_string());
            desk.show(JudgementPage { judgements, next }, |layout, page| ListPage {
                layout,
                wanted,
                page,
                can_judge,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// A judgement to make.
#[derive(Deserialize, ToSchema)]
pub(crate) struct JudgeBody {
    /// A uuid made by the client, the id of the judgement: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `same`, `not the same` or `unsure`.
    verdict: String,
    /// Why.
    grounds: String,
}

/// Judges what a match or a finding of two reports proposes.
#[utoipa::path(post, path = "/api/v1/findings/{id}/judge", tag = "judgements", params(("id" = String, Path)),
    request_body = JudgeBody, responses(
    (status = 200, description = "the judgement", body = JudgementView),
    errors::Refusals,
))]
pub(crate) async fn judge(desk: Desk, Path(finding): Path<String>, sent: Sent<JudgeBody>) -> Response {
    let purpose = purpose_for(Kind::Judgement);
    let JudgeBody { request, verdict, grounds: why } = &sent.fields;
    let done = async {
        let judgement = JudgementId::from_bits(desk.request(request)?);
        let verdict = Verdict::parse(verdict)
            .ok_or_else(|| Trouble::invalid("`verdict` must be `same`, `not the same` or `unsure`"))?;
        let context = desk.context(&purpose);
        desk.casework.judge_finding(&context, &finding, judgement, verdict, grounds(why)?).await
    };
    match done.await {
        Ok(done) => desk.done(&shown(&desk, &done.record), &format!("/findings/{finding}"), Did::Judged),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// Undoes a judgement: what held before it holds again.
#[utoipa::path(post, path = "/api/v1/judgements/{id}/undo", tag = "judgements", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the judgement", body = JudgementView),
    errors::Refusals,
))]
pub(crate) async fn undo(desk: Desk, Path(judgement): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let purpose = purpose_for(Kind::Judgement);
    let ReasonBody { seen, request, grounds: why } = &sent.fields;
    let done = async {
        let (revision, why) = (desk.revision(*seen, request)?, grounds(why)?);
        let judgement: JudgementId = id(&judgement, JUDGEMENT)?;
        desk.casework.undo_judgement(&desk.context(&purpose), judgement, revision, why).await
    };
    match done.await {
        Ok(done) => desk.done(&shown(&desk, &done.record), "/judgements", Did::Undone),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}
