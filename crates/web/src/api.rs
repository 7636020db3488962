//! The REST API: its routes, its OpenAPI document, and a page that lists them from that document.

use crate::layout::{Layout, page as render};
use crate::visit::Visit;
use crate::{
    Site, account, audit, care, case, case_acts, case_entries, case_export, case_prepare, check, check_acts,
    compliance, day, disclosure, dismissed, errors, event, event_acts, event_people, event_plan, fairness,
    finding, forms, health, help, history, initiative, judgement, lead, lead_acts, member, member_access,
    notices, operation, people, periods, plan, provider_record, recovery, referral, release, report,
    report_acts, restrict, result_claim, results, search, services, sight, sign_in, tip, tips, victim,
    victim_acts,
};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use utoipa::OpenApi;

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(title = "Homeward", description = "Errors are `application/problem+json` (RFC 9457)."),
    paths(health::check, document, help::lines_api, help::local_api, tip::send_api, sign_in::open_api, sign_in::end_api),
    components(schemas(errors::Problem)),
    tags(
        (name = "public", description = "Needs no session."),
        (name = "server", description = "For those who run it. Needs no session.")
    )
)]
struct Document;

/// The OpenAPI 3.1 document, as `GET /api/v1/openapi.json` answers it.
pub fn openapi_json() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| serde_json::to_string_pretty(&document_of_all()).expect("the document is plain data"))
}

/// The parts of every noun in one document.
fn document_of_all() -> utoipa::openapi::OpenApi {
    let mut whole = Document::openapi();
    let parts = vec![
        day::Document::openapi(),
        dismissed::Document::openapi(),
        finding::Document::openapi(),
        lead::Document::openapi(),
        lead_acts::Document::openapi(),
        case::Document::openapi(),
        case_acts::Document::openapi(),
        case_entries::Document::openapi(),
        case_prepare::Document::openapi(),
        case_export::Document::openapi(),
        check::Document::openapi(),
        check_acts::Document::openapi(),
        initiative::Document::openapi(),
        operation::Document::openapi(),
        event::Document::openapi(),
        event_plan::Document::openapi(),
        event_acts::Document::openapi(),
        event_people::Document::openapi(),
        report::Document::openapi(),
        report_acts::Document::openapi(),
        tips::Document::openapi(),
        audit::Document::openapi(),
        restrict::Document::openapi(),
        sight::Document::openapi(),
        people::Document::openapi(),
        member::Document::openapi(),
        member_access::Document::openapi(),
        account::Document::openapi(),
        forms::Document::openapi(),
        notices::Document::openapi(),
        judgement::Document::openapi(),
        search::Document::openapi(),
        services::Document::openapi(),
        results::Document::openapi(),
        result_claim::Document::openapi(),
        periods::Document::openapi(),
        history::Document::openapi(),
        fairness::Document::openapi(),
        victim::Document::openapi(),
        victim_acts::Document::openapi(),
        recovery::Document::openapi(),
        care::Document::openapi(),
        plan::Document::openapi(),
        disclosure::Document::openapi(),
        compliance::Document::openapi(),
        referral::Document::openapi(),
        release::Document::openapi(),
        provider_record::Document::openapi(),
    ];
    for part in parts {
        whole.merge(part);
    }
    whole
}

/// Routes below `/api`.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/api", get(page))
        .route("/api/v1/openapi.json", get(document))
        .route("/api/v1/help", get(help::lines_api))
        .route("/api/v1/help/{zip}", get(help::local_api))
        .route("/api/v1/tips", post(tip::send_api))
        .route("/api/v1/session", post(sign_in::open_api).delete(sign_in::end_api))
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "server",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json()).into_response()
}

/// One endpoint of the document.
struct Endpoint {
    method: String,
    path: String,
    about: String,
    answers: Vec<(String, String)>,
}

fn endpoints() -> Vec<Endpoint> {
    let document: Value = serde_json::from_str(openapi_json()).unwrap_or_default();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let answers = operation["responses"].as_object().into_iter().flatten();
            found.push(Endpoint {
                method: method.to_uppercase(),
                path: path.clone(),
                about: text(&operation["summary"]),
                answers: answers.map(|(status, one)| (status.clone(), text(&one["description"]))).collect(),
            });
        }
    }
    found
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    layout: Layout,
    endpoints: Vec<Endpoint>,
}

async fn page(State(site): State<Arc<Site>>, visit: Visit) -> Response {
    let template = ApiPage { layout: Layout::new(&site, &visit), endpoints: endpoints() };
    render(StatusCode::OK, &site, &visit, &template)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::get;

    #[tokio::test]
    async fn the_document_is_openapi_and_its_page_lists_it() {
        let answer = get("/api/v1/openapi.json").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        let page = get("/api").await.text();
        for endpoint in endpoints() {
            assert!(page.contains(&endpoint.path) && !endpoint.about.is_empty(), "{}", endpoint.path);
        }
    }
}
