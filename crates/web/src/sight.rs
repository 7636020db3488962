//! `/who-can-see`: who can see a record, and why, in the words of the policies; and what the reader may not do to it, and why not.

use crate::desk::{Desk, purpose_for};
use crate::layout::Layout;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::Trouble;
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Its routes.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(Router::new(), "/who-can-see/{noun}/{id}", one)
}

/// Its part of the document.
#[derive(OpenApi)]
#[openapi(paths(one))]
pub(crate) struct Document;

/// A kind of record by the word of its folder: `lead`, `missing`, `check`, `tip`, `finding`, `initiative`, `operation`, `event`,
/// `victim`, `referral`, `release`, `disclosure`, `result`, `service-note`, `service-plan` or `provider-record`.
pub(crate) fn kind(noun: &str) -> Option<Kind> {
    Some(match noun {
        "lead" => Kind::Lead,
        "case" => Kind::Case,
        "missing" => Kind::MissingReport,
        "check" => Kind::Check,
        "initiative" => Kind::Initiative,
        "operation" => Kind::Operation,
        "event" => Kind::Event,
        "tip" => Kind::Tip,
        "finding" => Kind::Finding,
        "result" => Kind::Result,
        "victim" => Kind::Victim,
        "referral" => Kind::Referral,
        "release" => Kind::Release,
        "service-note" => Kind::ServiceNote,
        "service-plan" => Kind::ServicePlan,
        "disclosure" => Kind::Disclosure,
        "provider-record" => Kind::ProviderRecord,
        _ => return None,
    })
}

/// People who can see a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeesView {
    /// A member of your organisation by name; else an organisation or a task force.
    name: String,
    /// How others stand to the record; nothing for members of your organisation.
    relation: Option<String>,
    /// Their jobs.
    jobs: Vec<&'static str>,
    /// The policies that let them, in words.
    why: Vec<String>,
}

/// What you may do to a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActView {
    /// The act.
    act: &'static str,
    /// Whether you may.
    allowed: bool,
    /// Why, or why not, in the words of the policies. The state of the record decides besides.
    why: String,
}

/// Who can see a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct SightsView {
    /// The noun of the record.
    noun: &'static str,
    /// Its page.
    href: String,
    /// Whether it is sealed.
    sealed: bool,
    /// Whether it lies in a compartment; others must have been read into it.
    in_compartment: bool,
    /// Members of your organisation, by name.
    own: Vec<SeesView>,
    /// Everybody else.
    others: Vec<SeesView>,
    /// What you may do.
    acts: Vec<ActView>,
}

#[derive(Template)]
#[template(path = "who_can_see.html")]
struct OnePage {
    layout: Layout,
    sights: SightsView,
}

/// Who can see a record that you can see, and why.
#[utoipa::path(get, path = "/api/v1/who-can-see/{noun}/{id}", tag = "access",
    params(("noun" = String, Path), ("id" = String, Path)), responses(
    (status = 200, description = "who can see it", body = SightsView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path((noun, id)): Path<(String, String)>) -> Response {
    let found = async {
        let kind = kind(&noun).ok_or(Trouble::Missing { noun: "record" })?;
        let purpose = purpose_for(kind);
        let sights = desk.casework.sights(&desk.context(&purpose), kind, &id).await?;
        Ok::<_, Trouble>((kind, sights))
    };
    let (kind, sights) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let own = sights.own.into_iter().map(|one| SeesView {
        name: one.name,
        relation: None,
        jobs: one.jobs,
        why: one.why,
    });
    let others = sights.others.into_iter().map(|one| SeesView {
        name: one.name,
        relation: Some(one.relation),
        jobs: one.jobs,
        why: one.why,
    });
    let acts = sights.acts.into_iter().map(|own| ActView {
        act: own.act.word(),
        allowed: own.explained.allow,
        why: own.explained.to_string(),
    });
    let view = SightsView {
        noun: kind.word(),
        href: crate::day::href(kind.word(), &id),
        sealed: sights.sealed,
        in_compartment: sights.in_compartment,
        own: own.collect(),
        others: others.collect(),
        acts: acts.collect(),
    };
    desk.show(view, |layout, sights| OnePage { layout, sights })
}
