//! `/fairness`: how well matching does for whom, as it was kept last, for who answers for the work or audits it.

use crate::desk::{Desk, purpose_for};
use crate::layout::Layout;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::fairness::{FairnessReport, Figure, Grouped};
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of fairness.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(Router::new(), "/fairness", fairness)
}

/// Its part of the document.
#[derive(OpenApi)]
#[openapi(paths(fairness))]
pub(crate) struct Document;

/// How well matching does for whom.
#[derive(Serialize, ToSchema)]
pub(crate) struct FairnessView {
    /// The report as `homeward report fairness --json` prints it; none when none was kept.
    #[schema(value_type = Option<Object>)]
    report: Option<FairnessReport>,
}

/// A line of the table.
struct Line {
    name: String,
    reports: usize,
    /// Recall, precision above .5 and above .9, calibration error.
    cells: [String; 4],
}

#[derive(Template)]
#[template(path = "fairness.html")]
struct FairnessPage {
    layout: Layout,
    view: FairnessView,
    /// A heading with its lines.
    tables: Vec<(String, Vec<Line>)>,
}

fn cell(figure: &Figure) -> String {
    match (figure.value, figure.low, figure.high) {
        (Some(value), Some(low), Some(high)) => {
            format!("{value:.3} ({low:.3} to {high:.3}) of {}", figure.of)
        }
        _ => format!("too few: {}", figure.of),
    }
}

fn line(group: &Grouped) -> Line {
    let figures = [
        &group.recall_at_5,
        &group.precision_above_half,
        &group.precision_above_nine_tenths,
        &group.calibration_error,
    ];
    Line { name: group.group.clone(), reports: group.reports, cells: figures.map(cell) }
}

/// How well matching does for whom, with the differences that are larger than chance. Race entered no probability and no rank.
#[utoipa::path(get, path = "/api/v1/fairness", tag = "results", responses(
    (status = 200, description = "the report that was kept last", body = FairnessView),
    errors::Refusals,
))]
pub(crate) async fn fairness(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::AuditTrail);
    let report = match desk.casework.fairness(&desk.context(&purpose)).await {
        Ok(report) => report,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let mut tables = Vec::new();
    if let Some(report) = &report {
        tables.push(("Everybody".to_owned(), vec![line(&report.all)]));
        tables.extend(
            report.groups.iter().map(|by| (format!("By {}", by.by), by.groups.iter().map(line).collect())),
        );
    }
    desk.show(FairnessView { report }, |layout, view| FairnessPage { layout, view, tables })
}
