//! `GET /healthz`: whether what must be written can be written.

use crate::{Site, errors};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use homeward_casework::Outside;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`; trouble is a problem with status 503.
    status: &'static str,
    /// `written` when the database and the audit log took a write just now, `none` when this server has no record.
    record: &'static str,
}

/// Answers 200 when the database and the audit log can be written.
#[utoipa::path(get, path = "/healthz", tag = "server", responses(
    (status = 200, description = "in order", body = Health),
    (status = 503, description = "the database or the audit log takes no writes", body = errors::Problem),
))]
pub(crate) async fn check(State(site): State<Arc<Site>>) -> Response {
    let record = match &site.casework {
        None => "none",
        Some(casework) => match casework.healthy(Outside { from: "health", now: (site.now)() }).await {
            Ok(()) => "written",
            Err(trouble) => {
                eprintln!("warning: not healthy: {trouble}");
                let detail = "the database or the audit log takes no writes";
                return errors::problem(StatusCode::SERVICE_UNAVAILABLE, detail);
            }
        },
    };
    Json(Health { status: "ok", record }).into_response()
}

#[cfg(test)]
mod tests {
    use crate::testing::{get, recorded};

    #[tokio::test]
    async fn without_a_record_there_is_nothing_to_write() {
        let answer = get("/healthz").await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(answer.text().contains(r#""record":"none""#), "{}", answer.text());
    }

    #[tokio::test]
    async fn a_record_is_written_to_find_out() {
        let site = recorded().await;
        let answer = site.get("/healthz", "").await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(answer.text().contains(r#""record":"written""#), "{}", answer.text());
        site.shut().await;
        let answer = site.get("/healthz", "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (503, "application/problem+json")
        );
        assert!(
            !answer.text().contains("gone") && !answer.text().contains("audit_entry"),
            "{}",
            answer.text()
        );
    }
}
