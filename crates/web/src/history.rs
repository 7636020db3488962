//! `/results/history`: what others published, for orientation beside the figures of this record.

use crate::desk::Desk;
use crate::layout::Layout;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use homeward_casework::Trouble;
use homeward_history::{Ranked, Source, cumulative, operations, rank, sources};
use homeward_places::Places;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of history.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(Router::new(), "/results/history", history)
}

/// Its part of the document.
#[derive(OpenApi)]
#[openapi(paths(history))]
pub(crate) struct Document;

/// Which table by state.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whose figures: `hotline` or `ucr`; `hotline` when not said.
    #[serde(default)]
    source: String,
    /// Of which year; 2016 when not said.
    #[serde(default)]
    year: String,
}

/// A state in a published table.
#[derive(Serialize, ToSchema)]
pub(crate) struct RankView {
    /// Two-letter code.
    state: String,
    /// Its name.
    name: &'static str,
    /// 1 for the most; equal counts share a rank.
    rank: u32,
    /// How many.
    count: u32,
    /// Of which year.
    year: u16,
    /// Whose figure.
    source: &'static str,
}

/// A published operation.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperationView {
    /// Its name.
    operation: &'static str,
    /// When it was announced.
    announced: &'static str,
    /// Minors, by the definition below.
    minors: Option<u32>,
    /// Missing children located, where that was published apart.
    missing_located: Option<u32>,
    /// Adult victims.
    adults: Option<u32>,
    /// Traffickers arrested, by the definition below.
    traffickers: Option<u32>,
    /// What the figures count.
    definition: &'static str,
    /// Where sources disagree.
    conflicts: Option<&'static str>,
    /// Where it was published.
    sources: &'static [String],
}

/// The national initiative by a day.
#[derive(Serialize, ToSchema)]
pub(crate) struct CumulativeView {
    /// The day or month.
    as_of: &'static str,
    /// Children recovered since 2003.
    children: Option<u32>,
    /// Convictions since 2003.
    convictions: Option<u32>,
    /// How exact that is.
    precision: &'static str,
}

/// What others published.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryView {
    /// National operations, oldest first. Their definitions differ: they are no series.
    operations: Vec<OperationView>,
    /// The national initiative since 2003.
    since_2003: Vec<CumulativeView>,
    /// States in the order of a count.
    states: Vec<RankView>,
    /// What that count is of.
    counts: &'static str,
    /// Where it comes from.
    origin: &'static str,
}

#[derive(Template)]
#[template(path = "results/history.html")]
struct HistoryPage {
    layout: Layout,
    source: &'static str,
    year: u16,
    sources: &'static [Source],
    view: HistoryView,
}

fn ranked(one: Ranked) -> RankView {
    let Ranked { state, rank, count, year, source } = one;
    let name = Places::embedded().state(&state).map_or("", |state| state.name.as_str());
    RankView { state, name, rank, count, year, source }
}

/// What others published: national operations since 2008 with their definitions, and states by year.
#[utoipa::path(get, path = "/api/v1/results/history", tag = "results", params(Wanted), responses(
    (status = 200, description = "published figures", body = HistoryView),
    errors::Refusals,
))]
pub(crate) async fn history(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let said = |text: &str, otherwise: &str| {
        Some(text.trim()).filter(|text| !text.is_empty()).unwrap_or(otherwise).to_owned()
    };
    let (source, year) = (said(&wanted.source, "hotline"), said(&wanted.year, "2016"));
    let found =
        year.parse().map_err(|_| Trouble::invalid("`year` must be a year, as in 2016")).and_then(|year| {
            rank(&source, year).map_err(|none| Trouble::invalid(format!("{none}; there is: {}", none.hint())))
        });
    let states = match found {
        Ok(states) => states,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let Some(source) = sources().iter().find(|known| known.word == source) else {
        return desk.trouble(&Trouble::Missing { noun: "source" }, "");
    };
    let year = states.first().map_or(0, |first| first.year);
    let operation = |one: &'static homeward_history::PublishedOperation| OperationView {
        operation: &one.operation,
        announced: &one.announced,
        minors: one.minors,
        missing_located: one.missing_located,
        adults: one.adults,
        traffickers: one.traffickers,
        definition: &one.definition,
        conflicts: one.conflicts.as_deref(),
        sources: &one.sources,
    };
    let reached = |one: &'static homeward_history::Cumulative| CumulativeView {
        as_of: &one.as_of,
        children: one.children,
        convictions: one.convictions,
        precision: &one.precision,
    };
    let view = HistoryView {
        operations: operations().iter().map(operation).collect(),
        since_2003: cumulative().iter().map(reached).collect(),
        states: states.into_iter().map(ranked).collect(),
        counts: source.counts,
        origin: source.origin,
    };
    let (source, sources) = (source.word, sources());
    desk.show(view, |layout, view| HistoryPage { layout, source, year, sources, view })
}
