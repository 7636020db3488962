//! `/search`: postings by word, selector, place and date. A session says once what its searches are for; every answer names it.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::posting::PostingView;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use homeward_access::{Act, Basis, Kind, Purpose, PurposeKind, Resource};
use homeward_casework::Trouble;
use homeward_model::{Grounds, MissingReportId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Postings of a page.
const TOP: usize = 20;

/// Most pages; beyond them a query is to be narrowed.
const PAGES: usize = 50;

/// What a search can be for.
const PURPOSES: [PurposeKind; 4] = [
    PurposeKind::Investigation,
    PurposeKind::Deconfliction,
    PurposeKind::VictimService,
    PurposeKind::Prosecution,
];

/// The language of queries: what to type, and what it finds.
const HELP: &[(&str, &str)] = &[
    ("town", "a word of title or body, in any case; look-alike letters count as the letter"),
    ("\"in town\"", "words side by side"),
    ("phone:704-555-0142", "a number in any spelling, or its last digits"),
    ("email:  handle:", "an address or @site; a name, with or without platform:"),
    ("url:  payment:", "a page and all below it; a payment name, with or without service:"),
    ("place:\"Charlotte, NC\"", "a city, a state, or both"),
    ("source:  id:", "of the source, exactly"),
    ("after:2019-07-01  before:", "seen on that day or later; earlier than it"),
    ("-town  -place:TX", "must not hold"),
];

/// Routes of search.
pub(crate) fn routes() -> Router<Arc<Site>> {
    act(view(Router::new(), "/search", search), "/search/purpose", state)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(search, state))]
pub(crate) struct Document;

/// What to search.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The query: all its words and fields must hold.
    #[serde(default)]
    q: String,
    /// The page, from 1; 20 postings each.
    #[serde(default)]
    page: usize,
    /// Not empty: the page asks for the purpose again.
    #[serde(default)]
    change: String,
}

/// What a session's searches are for.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct PurposeView {
    /// `investigation`, `deconfliction`, `victim service` or `prosecution`.
    kind: &'static str,
    /// The lead or missing report that they serve, by id.
    basis: Option<String>,
    /// The written reason.
    reason: Option<String>,
}

/// What a search found.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchView {
    /// The query.
    query: String,
    /// What it was for.
    purpose: PurposeView,
    /// How many postings there are.
    total: usize,
    /// The page, from 1.
    page: usize,
    /// Newest first, those without a date last.
    postings: Vec<PostingView>,
}

impl SearchView {
    /// The number of the first posting of the page.
    fn first(&self) -> usize {
        (self.page - 1) * TOP + 1
    }

    fn last(&self) -> usize {
        (self.page - 1) * TOP + self.postings.len()
    }

    fn older(&self) -> Option<usize> {
        (self.total > self.page * TOP && self.page < PAGES).then_some(self.page + 1)
    }
}

fn purpose_shown(purpose: &Purpose) -> PurposeView {
    let basis = purpose.basis.map(|basis| match basis {
        Basis::Lead(id) => format!("lead {id}"),
        Basis::Case(id) => format!("case {id}"),
        Basis::Report(id) => format!("missing report {id}"),
    });
    let reason = purpose.reason.as_ref().map(|reason| reason.as_str().to_owned());
    PurposeView { kind: purpose.kind.word(), basis, reason }
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    layout: Layout,
    query: String,
    /// What the session is for; without one the page asks.
    purpose: Option<PurposeView>,
    asks: bool,
    purposes: [&'static str; 4],
    help: &'static [(&'static str, &'static str)],
    problem: Option<String>,
    found: Option<SearchView>,
}

impl SearchPage {
    fn new(desk: &Desk, wanted: &Wanted) -> SearchPage {
        let purpose = desk.stated.as_ref().map(purpose_shown);
        SearchPage {
            layout: desk.layout(),
            query: wanted.q.clone(),
            asks: purpose.is_none() || !wanted.change.is_empty(),
            purpose,
            purposes: PURPOSES.map(PurposeKind::word),
            help: HELP,
            problem: None,
            found: None,
        }
    }
}

/// Postings for which a query holds, newest first. The session states a purpose before its first search.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(Wanted), responses(
    (status = 200, description = "a page of postings", body = SearchView),
    errors::Refusals,
))]
pub(crate) async fn search(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let usual = purpose_for(Kind::Archive);
    let purpose = desk.stated.as_ref().unwrap_or(&usual);
    let context = desk.context(purpose);
    let archive = Resource::owned(Kind::Archive, desk.actor.organisation);
    if desk.casework.may(&context, &archive, &[Act::SearchPostings]).is_empty() {
        return desk.trouble(&Trouble::Missing { noun: "archive" }, "");
    }
    let Some(stated) = &desk.stated else {
        if desk.is_program() {
            let why = "say first what this session searches for: `POST /api/v1/search/purpose`";
            return desk.trouble(&Trouble::invalid(why), "");
        }
        return desk.page(StatusCode::OK, SearchPage::new(&desk, &wanted));
    };
    if !desk.is_program() && (wanted.q.trim().is_empty() || !wanted.change.is_empty()) {
        return desk.page(StatusCode::OK, SearchPage::new(&desk, &wanted));
    }
    let page = wanted.page.clamp(1, PAGES);
    match desk.casework.search(&context, &wanted.q, (page - 1) * TOP, TOP).await {
        Ok(found) => {
            let view = SearchView {
                query: wanted.q.trim().to_owned(),
                purpose: purpose_shown(stated),
                total: found.total,
                page,
                postings: found.postings.iter().map(PostingView::of).collect(),
            };
            let bare = SearchPage::new(&desk, &wanted);
            desk.show(view, |layout, view| SearchPage { layout, found: Some(view), ..bare })
        }
        Err(Trouble::Invalid(why)) if !desk.is_program() => {
            let page = SearchPage { problem: Some(why), ..SearchPage::new(&desk, &wanted) };
            desk.page(StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// What the searches of a session are for.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PurposeBody {
    /// `investigation`, `deconfliction`, `victim service` or `prosecution`.
    kind: String,
    /// Id of the lead that they serve. Looking up a person by name takes this or `report`.
    #[serde(default)]
    lead: String,
    /// Id or number of the missing report that they serve.
    #[serde(default)]
    report: String,
    /// Why, in words.
    #[serde(default)]
    grounds: String,
    /// The search that was wanted; the page goes on to it.
    #[serde(default)]
    q: String,
}

fn stated(body: &PurposeBody) -> Result<Purpose, Trouble> {
    let kind = PURPOSES.into_iter().find(|kind| kind.word() == body.kind);
    let kind = kind.ok_or_else(|| {
        Trouble::invalid(format!("`kind` must be one of {}", PURPOSES.map(PurposeKind::word).join(", ")))
    })?;
    let reason: Option<Grounds> = match body.grounds.trim() {
        "" => None,
        text => Some(grounds(text)?),
    };
    let basis = match (body.lead.trim(), body.report.trim()) {
        ("", "") => None,
        (lead, "") => {
            let no_id =
                |_| Trouble::invalid("`lead` must be the id of a lead, as in the address of its page");
            Some(Basis::Lead(id(lead, "lead").map_err(no_id)?))
        }
        ("", report) => {
            Some(Basis::Report(report.parse().unwrap_or_else(|_| MissingReportId::of_text(report))))
        }
        _ => return Err(Trouble::invalid("name one lead or one missing report, not both")),
    };
    Ok(Purpose { kind, basis, reason })
}

/// States what the searches of this session are for; said again, it stands in the place of what was said before.
#[utoipa::path(post, path = "/api/v1/search/purpose", tag = "search", request_body = PurposeBody, responses(
    (status = 200, description = "the purpose", body = PurposeView),
    errors::Refusals,
))]
pub(crate) async fn state(desk: Desk, sent: Sent<PurposeBody>) -> Response {
    let reading = purpose_for(Kind::Lead);
    let done = async {
        let purpose = stated(&sent.fields)?;
        desk.casework.state_search_purpose(&desk.context(&reading), &desk.secret, &purpose).await?;
        Ok::<_, Trouble>(purpose)
    };
    match done.await {
        Ok(purpose) => {
            let query = serde_urlencoded::to_string([("q", sent.fields.q.trim())]).unwrap_or_default();
            desk.done(&purpose_shown(&purpose), &format!("/search?{query}"), Did::Stated)
        }
        Err(Trouble::Invalid(why)) if !desk.is_program() => {
            let wanted = Wanted { q: sent.fields.q, change: "1".to_owned(), page: 1 };
            let page = SearchPage { problem: Some(why), ..SearchPage::new(&desk, &wanted) };
            desk.page(StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_one_of_a_few_and_serves_one_record() {
        let body = |kind: &str, lead: &str, report: &str| PurposeBody {
            kind: kind.to_owned(),
            lead: lead.to_owned(),
            report: report.to_owned(),
            grounds: String::new(),
            q: String::new(),
        };
        let lead = homeward_model::LeadId::from_bits(7);
        let refused = |body: PurposeBody| assert!(matches!(stated(&body), Err(Trouble::Invalid(_))));
        assert_eq!(stated(&body("investigation", "", "")).unwrap().basis, None);
        assert_eq!(
            stated(&body("investigation", &lead.to_string(), "")).unwrap().basis,
            Some(Basis::Lead(lead))
        );
        let report = Basis::Report(MissingReportId::of_text("MR-7"));
        assert_eq!(stated(&body("prosecution", "", "MR-7")).unwrap().basis, Some(report));
        refused(body("audit", "", ""));
        refused(body("investigation", "seven", ""));
        refused(body("investigation", &lead.to_string(), "MR-7"));
    }
}
