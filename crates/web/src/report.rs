//! `/missing`: missing reports, their clocks, their form, and each act. Race is in no view of this file but the answer to one
//! act, which a named person does with a written reason.

use crate::desk::{Desk, Sent, after, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, StepBody, StepView};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use homeward_access::{Act, Kind};
use homeward_casework::{
    Context, Done, Held, Listed, Trouble, WrittenPlace, WrittenReport, overdue_clocks, report_clocks,
};
use homeward_model::{
    Category, EntrySystem, Instant, MissingReportId, MissingReportRecord, ReportDuty, ReportMove,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of missing reports.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(view(Router::new(), "/missing", list), "/missing", receive);
    let routes = routes.route("/missing/new", get(blank)).route("/missing/{id}/edit", get(form));
    let routes = act(view(routes, "/missing/{id}", one), "/missing/{id}/edit", edit);
    let routes = act(routes, "/missing/{id}/enter", enter);
    let routes = act(routes, "/missing/{id}/verify", verify);
    let routes = act(routes, "/missing/{id}/locate", locate);
    let routes = act(routes, "/missing/{id}/missing-again", missing_again);
    let routes = act(routes, "/missing/{id}/withdraw", withdraw);
    act(routes, "/missing/{id}/race", race)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, receive, one, edit, enter, verify, locate, missing_again, withdraw, race))]
pub(crate) struct Document;

const NOUN: &str = "missing report";

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
    /// How it is matched.
    matching: &'static str,
}

const MATCHING: &str = "each new version is matched alone within seconds by the worker";

fn place(record: &MissingReportRecord) -> Option<String> {
    let from = &record.report().missing_from;
    let parts: Vec<&str> = [from.city.as_deref(), from.state.as_deref()].into_iter().flatten().collect();
    if parts.is_empty() { from.text.clone() } else { Some(parts.join(", ")) }
}

/// A report in a list.
pub(crate) fn head(desk: &Desk, held: &Held<MissingReportRecord>) -> ReportHead {
    let (record, report) = (&held.noun, held.noun.report());
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
fn said(written: &WrittenReport) -> std::collections::BTreeMap<&'static str, String> {
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

fn shown(desk: &Desk, held: &Held<MissingReportRecord>, findings: Vec<String>) -> ReportView {
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
        said: said(&WrittenReport::of(held.noun.report())),
        clocks: clocks.collect(),
        findings,
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
            states: Some(wanted.state.clone()).filter(|state| !state.is_empty()).into_iter().collect(),
            owner: (wanted.owner == "mine").then_some(desk.actor.organisation),
            after: after.map(MissingReportId::bits),
            ..Listed::default()
        };
        let context = desk.context(&purpose);
        if wanted.clocks == "overdue" {
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

fn form_page(desk: &Desk, action: String, seen: i64, title: &'static str, filled: WrittenReport) -> Response {
    let categories = Category::ALL.map(|(_, word)| word);
    desk.page(StatusCode::OK, FormPage { layout: desk.layout(), action, seen, title, filled, categories })
}

async fn form(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::MissingReport);
    let found = async { desk.casework.report(&desk.context(&purpose), id(&wanted, NOUN)?).await };
    match found.await {
        Ok(held) => {
            let action = format!("/missing/{}/edit", held.noun.id);
            form_page(&desk, action, held.version, "Edit the report", WrittenReport::of(held.noun.report()))
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
    can: Can,
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
        let report = id(&wanted, NOUN)?;
        let held = desk.casework.report(&context, report).await?;
        let findings = desk.casework.findings_of(&context, &held.noun).await?;
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
    let findings = findings.into_iter().map(|head| head.id).collect();
    desk.show(shown(&desk, &held, findings), |layout, report| OnePage {
        layout,
        report,
        systems: EntrySystem::ALL.iter().map(|system| system.word()).collect(),
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        can,
    })
}

/// Shows what an act made of a report.
async fn acted(
    desk: &Desk,
    report: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, MissingReportId) -> Result<Done<Held<MissingReportRecord>>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::MissingReport);
    let done = async { act(&desk.context(&purpose), id(report, NOUN)?).await };
    match done.await {
        Ok(done) => {
            let to = format!("/missing/{}", done.record.noun.id);
            desk.done(&shown(desk, &done.record, Vec::new()), &to, Did::Kept)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// A report as it is typed; empty means not known.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ReportBody {
    /// The version that was seen; 0 for a new report.
    seen: i64,
    /// A uuid made by the client; for a new report its id. Sent again, nothing happens again.
    request: String,
    /// When a new report was received; without a zone, UTC.
    received: String,
    /// Given name.
    given_name: String,
    /// Family name.
    family_name: String,
    /// Other names, one a line.
    aliases: String,
    /// `endangered runaway`, `family abduction`, `non-family abduction`, `lost or injured` or `missing from care`.
    category: String,
    /// The agency's case number.
    case_number: String,
    /// NCMEC number.
    ncmec_number: String,
    /// Date of birth.
    date_of_birth: String,
    /// Age in years when last seen.
    age: String,
    /// Word or NCIC code.
    sex: String,
    /// Left empty, it stays what it was; no answer shows it.
    race: String,
    /// Centimetres.
    height_cm: String,
    /// Kilograms.
    weight_kg: String,
    /// Hair colour.
    hair: String,
    /// Eye colour.
    eyes: String,
    /// Scars, marks and tattoos, one a line.
    marks: String,
    /// When last seen; without a zone, UTC.
    missing_since: String,
    /// City where last seen.
    city: String,
    /// State.
    state: String,
    /// Latitude, degrees.
    latitude: String,
    /// Longitude, degrees.
    longitude: String,
    /// Phones, one a line.
    phones: String,
    /// E-mail addresses, one a line.
    emails: String,
    /// Handles, one a line.
    handles: String,
    /// Circumstances.
    circumstances: String,
}

impl ReportBody {
    fn written(&self) -> WrittenReport {
        WrittenReport {
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            aliases: self.aliases.clone(),
            category: self.category.clone(),
            case_number: self.case_number.clone(),
            ncmec_number: self.ncmec_number.clone(),
            date_of_birth: self.date_of_birth.clone(),
            age: self.age.clone(),
            sex: self.sex.clone(),
            race: self.race.clone(),
            height_cm: self.height_cm.clone(),
            weight_kg: self.weight_kg.clone(),
            hair: self.hair.clone(),
            eyes: self.eyes.clone(),
            marks: self.marks.clone(),
            missing_since: self.missing_since.clone(),
            missing_from: WrittenPlace {
                city: self.city.clone(),
                state: self.state.clone(),
                latitude: self.latitude.clone(),
                longitude: self.longitude.clone(),
            },
            phones: self.phones.clone(),
            emails: self.emails.clone(),
            handles: self.handles.clone(),
            circumstances: self.circumstances.clone(),
        }
    }
}

/// A moment; none when nothing was typed.
pub(crate) fn moment(text: &str) -> Result<Option<Instant>, Trouble> {
    match text.trim() {
        "" => Ok(None),
        text => Instant::parse(text)
            .map(Some)
            .ok_or_else(|| Trouble::invalid("write the time as `2026-11-24 14:30`")),
    }
}

/// Enters a missing report. There is no waiting period.
#[utoipa::path(post, path = "/api/v1/missing", tag = "missing reports", request_body = ReportBody, responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn receive(desk: Desk, sent: Sent<ReportBody>) -> Response {
    let request = match desk.request(&sent.fields.request) {
        Ok(request) => MissingReportId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &sent.typed),
    };
    acted(&desk, &request, &sent.typed, async |context, report| {
        let received = moment(&sent.fields.received)?;
        desk.casework.receive_report(context, report, received, &sent.fields.written()).await
    })
    .await
}

/// Changes what a report says.
#[utoipa::path(post, path = "/api/v1/missing/{id}/edit", tag = "missing reports", params(("id" = String, Path)),
    request_body = ReportBody, responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn edit(desk: Desk, Path(report): Path<String>, sent: Sent<ReportBody>) -> Response {
    let edited = acted(&desk, &report, &sent.typed, async |context, report| {
        let revision = desk.revision(sent.fields.seen, &sent.fields.request)?;
        desk.casework.edit_report(context, report, revision, &sent.fields.written()).await
    });
    // A report is large, and so is what waits for it.
    Box::pin(edited).await
}

/// An entry in a system, or a moment at which something was so.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MomentBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `state system`, `NCIC`, `NamUs`, `clearinghouse` or `NCMEC`, for an entry.
    #[serde(default)]
    system: String,
    /// When; empty means now. Without a zone, UTC.
    #[serde(default)]
    at: String,
    /// Why or how it is known, where that is asked.
    #[serde(default)]
    grounds: String,
}

/// Records that a report stands in a system.
#[utoipa::path(post, path = "/api/v1/missing/{id}/enter", tag = "missing reports", params(("id" = String, Path)),
    request_body = MomentBody, responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn enter(desk: Desk, Path(report): Path<String>, sent: Sent<MomentBody>) -> Response {
    let body = sent.fields;
    acted(&desk, &report, &sent.typed, async |context, report| {
        let system = EntrySystem::ALL.iter().copied().find(|system| system.word() == body.system.trim());
        let system = system.ok_or_else(|| Trouble::invalid("choose a system"))?;
        let revision = desk.revision(body.seen, &body.request)?;
        desk.casework.enter_report(context, report, revision, system, moment(&body.at)?).await
    })
    .await
}

/// Records that a report was verified and completed with what is available.
#[utoipa::path(post, path = "/api/v1/missing/{id}/verify", tag = "missing reports", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn verify(desk: Desk, Path(report): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &report, &sent.typed, async |context, report| {
        desk.casework.verify_report(context, report, desk.revision(seen, &request)?).await
    })
    .await
}

/// Records that the child was located.
#[utoipa::path(post, path = "/api/v1/missing/{id}/locate", tag = "missing reports", params(("id" = String, Path)),
    request_body = MomentBody, responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn locate(desk: Desk, Path(report): Path<String>, sent: Sent<MomentBody>) -> Response {
    let body = sent.fields;
    acted(&desk, &report, &sent.typed, async |context, report| {
        let (revision, when) = (desk.revision(body.seen, &body.request)?, moment(&body.at)?);
        desk.casework.locate_report(context, report, revision, when, grounds(&body.grounds)?).await
    })
    .await
}

/// Records that the child is missing again.
#[utoipa::path(post, path = "/api/v1/missing/{id}/missing-again", tag = "missing reports",
    params(("id" = String, Path)), request_body = MomentBody, responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn missing_again(
    desk: Desk,
    Path(report): Path<String>,
    sent: Sent<MomentBody>,
) -> Response {
    let body = sent.fields;
    acted(&desk, &report, &sent.typed, async |context, report| {
        let revision = desk.revision(body.seen, &body.request)?;
        desk.casework.report_missing_again(context, report, revision, moment(&body.at)?).await
    })
    .await
}

/// Withdraws a report as a mistake.
#[utoipa::path(post, path = "/api/v1/missing/{id}/withdraw", tag = "missing reports", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the report", body = ReportView),
    errors::Refusals,
))]
pub(crate) async fn withdraw(desk: Desk, Path(report): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &report, &sent.typed, async |context, report| {
        desk.casework.withdraw_report(context, report, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// Why race is shown.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RaceBody {
    /// Why; the trail keeps it.
    grounds: String,
}

/// The race that a report says.
#[derive(Serialize, ToSchema)]
pub(crate) struct RaceView {
    /// The report.
    report: String,
    /// What it says.
    race: Option<String>,
}

#[derive(Template)]
#[template(path = "missing/race.html")]
struct RacePage {
    layout: Layout,
    said: RaceView,
}

/// Shows the race that a report says, once, to a named person with a written reason.
#[utoipa::path(post, path = "/api/v1/missing/{id}/race", tag = "missing reports", params(("id" = String, Path)),
    request_body = RaceBody, responses(
    (status = 200, description = "what it says", body = RaceView),
    errors::Refusals,
))]
pub(crate) async fn race(desk: Desk, Path(report): Path<String>, sent: Sent<RaceBody>) -> Response {
    let purpose = purpose_for(Kind::MissingReport);
    let found = async {
        let report: MissingReportId = id(&report, NOUN)?;
        let race =
            desk.casework.race_of(&desk.context(&purpose), report, &grounds(&sent.fields.grounds)?).await?;
        Ok::<_, Trouble>(RaceView { report: report.to_string(), race })
    };
    match found.await {
        Ok(said) => desk.show(said, |layout, said| RacePage { layout, said }),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}
