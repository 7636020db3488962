//! `/missing`: missing reports, their clocks, and their form. Race is in no view of this file.

use crate::desk::{Desk, after, at, id, narrowed, purpose_for};
use crate::layout::Layout;
use crate::lead::StepView;
use crate::report_findings::ReportFindings;
use crate::restrict::Closing;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use homeward_access::{Act, Kind};
use homeward_casework::{Held, Listed, Trouble, WrittenReport, overdue_clocks, report_clocks};
use homeward_model::{
    Category, EntrySystem, MissingReportId, MissingReportRecord, ReportDuty, ReportMove, ReportState,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of missing reports; those of their acts are in `report_acts`.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/missing", list);
    let routes = routes.route("/missing/new", get(blank)).route("/missing/{id}/edit", get(form));
    view(routes, "/missing/{id}", one)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one))]
pub(crate) struct Document;

pub(crate) const NOUN: &str = "missing report";

/// A report as lists show it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportHead {
    /// Its id.
    pub(crate) id: String,
    /// `missing`, `located` or `withdrawn`.
    state: &'static str,
    /// Name of the child.
    pub(crate) name: String,
    /// Age today, years.
    age: Option<i32>,
    /// When last seen.
    missing_since: Option<String>,
    /// Where last seen.
    missing_from: Option<String>,
    /// Name of the agency that keeps it.
    owner: String,
    /// Clocks that ran out.
    pub(crate) overdue: usize,
}

/// A clock of the law.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportClockView {
    /// What it waits for.
    what: String,
    /// `due`, `overdue`, `done` or `done late`.
    state: &'static str,
    /// When it ends.
    due: String,
    /// When it was met.
    met: Option<String>,
    /// The law.
    cite: &'static str,
}

/// One report, without race.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// What lists show.
    #[serde(flatten)]
    head: ReportHead,
    /// Its version; a change names the version it was decided on.
    version: i64,
    /// When the agency received it.
    received: String,
    /// What it says, by the names of the fields of its form.
    said: std::collections::BTreeMap<&'static str, String>,
    /// Its clocks.
    clocks: Vec<ReportClockView>,
    /// Findings of the newest run on it that you may see.
    findings: Vec<String>,
    /// The same by what they say: alarms, matches, and other reports that may be of this child.
    found: ReportFindings,
    /// Why the newest run has nothing to say, when that does not come of the postings.
    silent: Option<&'static str>,
    /// The child is still missing and 18 or older today.
    of_age: bool,
    /// How it is matched.
    matching: &'static str,
}

const MATCHING: &str = "each new version is matched alone within seconds by the worker";

fn place(record: &MissingReportRecord) -> Option<String> {
    let from = &record.report().missing_from;
    let parts: Vec<&str> = [from.city.as_deref(), from.state.as_deref()].into_iter().flatten().collect();
    if parts.is_empty() { from.text.clone() } else { Some(parts.join(", ")) }
}

/// A report in a list to choose from.
pub(crate) fn label(desk: &Desk, held: &Held<MissingReportRecord>) -> String {
    let report = head(desk, held);
    match report.missing_since {
        Some(since) => format!("{}, missing since {since}", report.name),
        None => report.name,
    }
}

/// A report in a list.
pub(crate) fn head(desk: &Desk, held: &Held<MissingReportRecord>) -> ReportHead {
    let (record, report) = (&held.noun, held.noun.present());
    let name = format!("{} {}", report.given_name, report.family_name).trim().to_owned();
    ReportHead {
        id: record.id.to_string(),
        state: record.state().word(),
        name: if name.is_empty() {
            report.aliases.first().cloned().unwrap_or_else(|| "no name".to_owned())
        } else {
            name
        },
        age: report.age_at(desk.now),
        missing_since: report.missing_since.map(at),
        missing_from: place(record),
        owner: desk.who.agency(held.resource.owner),
        overdue: overdue_clocks(record, desk.now),
    }
}

/// The fields of the form with their names in words, race not among them.
pub(crate) fn said(written: &WrittenReport) -> std::collections::BTreeMap<&'static str, String> {
    let w = written.clone();
    [
        ("given name", w.given_name),
        ("family name", w.family_name),
        ("other names", w.aliases),
        ("category", w.category),
        ("case number", w.case_number),
        ("NCMEC number", w.ncmec_number),
        ("date of birth", w.date_of_birth),
        ("age when last seen", w.age),
        ("sex", w.sex),
        ("height, cm", w.height_cm),
        ("weight, kg", w.weight_kg),
        ("hair", w.hair),
        ("eyes", w.eyes),
        ("marks", w.marks),
        ("phones", w.phones),
        ("e-mail addresses", w.emails),
        ("handles", w.handles),
        ("circumstances", w.circumstances),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

/// Why a run says nothing of a report.
fn silent(record: &MissingReportRecord) -> Option<&'static str> {
    match record.state() {
        ReportState::Withdrawn { .. } => Some(
            "The report was withdrawn: no run reads it any more, and its findings are gone with the next run.",
        ),
        ReportState::Located { .. } => Some(
            "The child was located: the report is not matched any more, and its matches are gone with the next run.",
        ),
        ReportState::Missing { .. } => None,
    }
}

pub(crate) fn shown(desk: &Desk, held: &Held<MissingReportRecord>, found: ReportFindings) -> ReportView {
    let clocks = report_clocks(&held.noun).into_iter().map(|clock| ReportClockView {
        what: match clock.duty {
            ReportDuty::Enter(system) => format!("entry in {}", system.word()),
            ReportDuty::Verify => "verification".to_owned(),
        },
        state: clock.state(desk.now),
        due: at(clock.clock.due),
        met: clock.clock.met.map(at),
        cite: clock.cite,
    });
    ReportView {
        head: head(desk, held),
        version: held.version,
        received: at(held.noun.received),
        said: said(&WrittenReport::of(&held.noun.present())),
        clocks: clocks.collect(),
        findings: found.ids(),
        found,
        silent: silent(&held.noun),
        of_age: silent(&held.noun).is_none()
            && held.noun.report().age_at(desk.now).is_some_and(|age| age >= 18),
        matching: MATCHING,
    }
}

/// Which reports.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: String,
    /// Only those that your agency keeps: `mine`.
    #[serde(default)]
    owner: String,
    /// Only those with a clock that ran out: `overdue`.
    #[serde(default)]
    clocks: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of reports, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportPage {
    /// The reports.
    reports: Vec<ReportHead>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "missing/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    page: ReportPage,
}

/// Missing reports that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/missing", tag = "missing reports", params(Wanted), responses(
    (status = 200, description = "a page of reports", body = ReportPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let found = async {
        let purpose = purpose_for(Kind::MissingReport);
        let after: Option<MissingReportId> = after(&wanted.after, NOUN)?;
        let listed = Listed {
            states: narrowed("state", &wanted.state, &["missing", "located", "withdrawn"])?
                .into_iter()
                .collect(),
            owner: narrowed("owner", &wanted.owner, &["mine"])?.map(|_| desk.actor.organisation),
            after: after.map(MissingReportId::bits),
            ..Listed::default()
        };
        let context = desk.context(&purpose);
        if narrowed("clocks", &wanted.clocks, &["overdue"])?.is_some() {
            return desk.casework.overdue_reports(&context, &listed).await;
        }
        desk.casework.reports(&context, &listed).await
    };
    match found.await {
        Ok(found) => {
            let reports = found.records.iter().map(|held| head(&desk, held)).collect();
            let next = found.next.map(|bits| MissingReportId::from_bits(bits).to_string());
            desk.show(ReportPage { reports, next }, |layout, page| ListPage { layout, wanted, page })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "missing/form.html")]
struct FormPage {
    layout: Layout,
    action: String,
    seen: i64,
    title: &'static str,
    filled: WrittenReport,
    categories: [&'static str; 5],
}

async fn blank(desk: Desk) -> Response {
    form_page(&desk, "/missing".to_owned(), 0, "Enter a missing report", WrittenReport::default())
}

pub(crate) fn form_page(
    desk: &Desk,
    action: String,
    seen: i64,
    title: &'static str,
    filled: WrittenReport,
) -> Response {
    let categories = Category::ALL.map(|(_, word)| word);
    desk.page(StatusCode::OK, FormPage { layout: desk.layout(), action, seen, title, filled, categories })
}

async fn form(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::MissingReport);
    let found = async { desk.casework.report(&desk.context(&purpose), id(&wanted, NOUN)?).await };
    match found.await {
        Ok(held) => {
            let action = format!("/missing/{}/edit", held.noun.id);
            form_page(&desk, action, held.version, "Edit the report", WrittenReport::of(&held.noun.present()))
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "missing/one.html")]
struct OnePage {
    layout: Layout,
    report: ReportView,
    systems: Vec<&'static str>,
    history: Vec<StepView>,
    closing: Closing,
    can: Can,
    /// Whether the reader may record a victim who was met.
    records: bool,
}

/// What the reader can do: allowed by the state and by the policies.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Can {
    edit: bool,
    enter: bool,
    verify: bool,
    locate: bool,
    again: bool,
    withdraw: bool,
    race: bool,
}

/// One missing report, without race.
#[utoipa::path(get, path = "/api/v1/missing/{id}", tag = "missing reports", params(("id" = String, Path)), responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::MissingReport);
    let context = desk.context(&purpose);
    let found = async {
        // A finding names it by the id that its system gave it.
        let report = wanted.parse().unwrap_or_else(|_| MissingReportId::of_text(&wanted));
        let held = desk.casework.report(&context, report).await?;
        let findings = ReportFindings::read(&desk, &context, &held).await?;
        let steps = if desk.is_program() {
            Vec::new()
        } else {
            desk.casework.report_history(&context, report).await?
        };
        Ok::<_, Trouble>((held, findings, steps))
    };
    let (held, findings, steps) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let acts = [Act::EditReport, Act::LocateReport, Act::WithdrawReport, Act::ViewRace];
    let may = desk.casework.may(&context, &held.resource, &acts);
    let both = |step: ReportMove, act: Act| held.noun.allowed().contains(&step) && may.contains(&act);
    let can = Can {
        edit: both(ReportMove::Edit, Act::EditReport),
        enter: both(ReportMove::Enter, Act::EditReport),
        verify: both(ReportMove::Verify, Act::EditReport),
        locate: both(ReportMove::Locate, Act::LocateReport),
        again: both(ReportMove::GoMissing, Act::LocateReport),
        withdraw: both(ReportMove::Withdraw, Act::WithdrawReport),
        race: may.contains(&Act::ViewRace),
    };
    let closing = Closing::of(&desk, &context, &held, format!("/missing/{}", held.noun.id));
    desk.show(shown(&desk, &held, findings), |layout, report| OnePage {
        layout,
        report,
        systems: EntrySystem::ALL.iter().map(|system| system.word()).collect(),
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        records: desk.may_own(Kind::Victim, Act::RecordVictim),
        closing,
        can,
    })
}
