//! `/confidentiality`: what a provider shows of how it kept the confidence of the people it serves, to print; and the figures
//! that may leave it, with small ones hidden.

use crate::desk::{Desk, at, purpose_for};
use crate::disclosure::{self, DisclosureView};
use crate::layout::Layout;
use crate::release::{self, ReleaseView};
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::Compliance;
use homeward_model::DisclosureTerms;
use homeward_rules::publication::Publication;
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Its route.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(Router::new(), "/confidentiality", page)
}

/// Its part of the document.
#[derive(OpenApi)]
#[openapi(paths(page))]
pub(crate) struct Document;

/// A figure that may leave the provider: it names nobody.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutwardView {
    /// What is counted.
    what: String,
    /// How many; nothing where it is hidden because it is small enough to point at somebody.
    count: Option<u64>,
}

/// An attempt on the wall.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttemptView {
    /// When you were told.
    at: String,
    /// The kind of record that was tried.
    noun: &'static str,
    /// Its id.
    about: String,
}

/// The record of confidentiality.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConfidentialityView {
    /// The organisation.
    provider: String,
    /// When this was made.
    made: String,
    /// Releases, newest first.
    releases: Vec<ReleaseView>,
    /// What was given away without one, newest first.
    disclosures: Vec<DisclosureView>,
    /// Attempts to open what lies behind the wall, as they were told to you.
    attempts: Vec<AttemptView>,
    /// Figures that may be given outward.
    outward: Vec<OutwardView>,
    /// Figures from 1 up to this one are hidden.
    hidden_up_to: u64,
    /// Where that number comes from.
    cite: &'static str,
}

#[derive(Template)]
#[template(path = "confidentiality.html")]
struct Page {
    layout: Layout,
    view: ConfidentialityView,
}

/// A figure as it may leave: small ones are hidden.
fn hidden(what: String, count: u64, limit: u64) -> OutwardView {
    OutwardView { what, count: Some(count).filter(|count| *count == 0 || *count > limit) }
}

fn outward(desk: &Desk, record: &Compliance, limit: u64) -> Vec<OutwardView> {
    let standing = record.releases.iter().filter(|held| held.noun.is_live(desk.now)).count() as u64;
    let revoked = record.releases.iter().filter(|held| held.noun.revoked().is_some()).count() as u64;
    let made = record.disclosures.iter().filter(|held| held.noun.withdrawn().is_none());
    let (compelled, reported): (Vec<_>, Vec<_>) =
        made.partition(|held| matches!(held.noun.terms, DisclosureTerms::Compelled { .. }));
    let referrals = record.referrals.iter().map(|count| (format!("referrals {}", count.state), count.count));
    let rest = [
        ("records of people", record.kept),
        ("releases that stand", standing),
        ("releases revoked", revoked),
        ("compelled releases", compelled.len() as u64),
        ("mandatory reports", reported.len() as u64),
        ("attempts on the wall", record.attempts.len() as u64),
    ];
    let rest = rest.into_iter().map(|(what, count)| (what.to_owned(), count));
    referrals.chain(rest).map(|(what, count)| hidden(what, count, limit)).collect()
}

/// How your organisation kept the confidence of the people it serves. Nobody else finds this page.
#[utoipa::path(get, path = "/api/v1/confidentiality", tag = "care", responses(
    (status = 200, description = "the record", body = ConfidentialityView),
    errors::Refusals,
))]
pub(crate) async fn page(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::Disclosure);
    let record = match desk.casework.compliance(&desk.context(&purpose)).await {
        Ok(record) => record,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let rule = &Publication::embedded().largest_hidden;
    let attempts = record.attempts.iter().map(|held| AttemptView {
        at: at(held.noun.made),
        noun: held.noun.noun,
        about: held.noun.about.clone(),
    });
    let view = ConfidentialityView {
        provider: desk.who.agency(desk.actor.organisation),
        made: at(desk.now),
        releases: record.releases.iter().map(|held| release::shown(&desk, held)).collect(),
        disclosures: record.disclosures.iter().map(|held| disclosure::shown(&desk, held)).collect(),
        attempts: attempts.collect(),
        outward: outward(&desk, &record, rule.count),
        hidden_up_to: rule.count,
        cite: &rule.cite,
    };
    desk.show(view, |layout, view| Page { layout, view })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_figure_does_not_leave() {
        let shown = |count| hidden(String::new(), count, 10).count;
        assert_eq!([0, 1, 10, 11].map(shown), [Some(0), None, None, Some(11)]);
    }
}
