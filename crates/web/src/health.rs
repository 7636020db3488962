//! `GET /healthz`: whether what must be written can be written.

use crate::{Site, errors};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
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
    let record = match &site.probe {
        None => "none",
        Some(probe) => match probe.check().await {
            Ok(()) => "written",
            Err(unavailable) => {
                eprintln!("warning: not healthy: {}", unavailable.0);
                let detail = "the database or the audit log takes no writes";
                return errors::problem(StatusCode::SERVICE_UNAVAILABLE, detail);
            }
        },
    };
    Json(Health { status: "ok", record }).into_response()
}

#[cfg(test)]
mod tests {
    use crate::seams::{Answer, Probe, Unavailable};
    use crate::testing::{ask, site};
    use crate::{Site, router};
    use std::sync::Arc;

    struct Fixed(Result<(), Unavailable>);

    impl Probe for Fixed {
        fn check(&self) -> Answer<'_, Result<(), Unavailable>> {
            Box::pin(async { self.0.clone() })
        }
    }

    async fn check(probe: Option<Fixed>, status: u16, said: &str) {
        let probe = probe.map(|probe| Arc::new(probe) as Arc<dyn Probe>);
        let answer = ask(router(Site { probe, ..site() }), "/healthz").await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(answer.text().contains(said), "{}", answer.text());
        assert!(!answer.text().contains("secret"));
    }

    #[tokio::test]
    async fn health_is_what_the_probe_says() {
        check(None, 200, r#""record":"none""#).await;
        check(Some(Fixed(Ok(()))), 200, r#""record":"written""#).await;
        check(Some(Fixed(Err(Unavailable("secret path".to_owned())))), 503, r#""status":503"#).await;
    }
}
