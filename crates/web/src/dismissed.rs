//! `/findings/dismissed`: findings that somebody dismissed, newest first, each to be offered again from here. A finding stays
//! listed when a later run does not propose it any more.

use crate::desk::{Desk, after, at, purpose_for};
use crate::layout::Layout;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Held, Trouble};
use homeward_model::{Disposition, DispositionId, DispositionState};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of dismissed findings.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(Router::new(), "/findings/dismissed", dismissed)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(dismissed))]
pub(crate) struct Document;

/// Which dismissals.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Those before this one: `next` of the page before.
    #[serde(default)]
    after: String,
}

/// A dismissed finding.
#[derive(Serialize, ToSchema)]
pub(crate) struct DismissedView {
    /// The finding.
    finding: String,
    /// Who dismissed it.
    by: String,
    /// When.
    at: String,
    /// Version of the decision; undoing names it as `seen`.
    version: i64,
    /// Whether you may undo it.
    can_undo: bool,
}

/// A page of dismissed findings.
#[derive(Serialize, ToSchema)]
pub(crate) struct DismissedPage {
    /// Newest first.
    findings: Vec<DismissedView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "finding/dismissed.html")]
struct Page {
    layout: Layout,
    page: DismissedPage,
}

fn shown(desk: &Desk, held: &Held<Disposition>) -> Option<DismissedView> {
    let DispositionState::Dismissed { dismissed } = held.noun.state() else { return None };
    let purpose = purpose_for(Kind::Finding);
    let may = desk.casework.may(&desk.context(&purpose), &held.resource, &[Act::UndoDismissal]);
    Some(DismissedView {
        finding: held.noun.finding.clone(),
        by: desk.who.member(dismissed.by),
        at: at(dismissed.at),
        version: held.version,
        can_undo: !may.is_empty(),
    })
}

/// Findings that somebody dismissed, newest first.
#[utoipa::path(get, path = "/api/v1/findings/dismissed", tag = "findings", params(Wanted), responses(
    (status = 200, description = "a page of dismissed findings", body = DismissedPage),
    errors::Refusals,
))]
pub(crate) async fn dismissed(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Finding);
    let found = async {
        let after: Option<DispositionId> = after(&wanted.after, "finding")?;
        desk.casework.dismissed_findings(&desk.context(&purpose), after).await
    };
    match found.await {
        Ok(found) => {
            let findings = found.records.iter().filter_map(|held| shown(&desk, held)).collect();
            let next = found.next.map(|bits| DispositionId::from_bits(bits).to_string());
            desk.show(DismissedPage { findings, next }, |layout, page| Page { layout, page })
        }
        Err::<_, Trouble>(trouble) => desk.trouble(&trouble, ""),
    }
}
