//! Acts on a missing report. Race is in no view but the answer to one of them, which a named person does with a written
//! reason.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, StepBody};
use crate::report::{NOUN, ReportView, shown};
use crate::report_findings::{FindingLine, ReportFindings};
use crate::{Site, act, errors};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::{Context, Done, Held, Trouble, WrittenPlace, WrittenReport};
use homeward_model::{EntrySystem, Instant, MissingReportId, MissingReportRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of the acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/missing", receive);
    let routes = act(routes, "/missing/{id}/edit", edit);
    let routes = act(routes, "/missing/{id}/enter", enter);
    let routes = act(routes, "/missing/{id}/verify", verify);
    let routes = act(routes, "/missing/{id}/locate", locate);
    let routes = act(routes, "/missing/{id}/missing-again", missing_again);
    let routes = act(routes, "/missing/{id}/withdraw", withdraw);
    act(routes, "/missing/{id}/race", race)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(receive, edit, enter, verify, locate, missing_again, withdraw, race))]
pub(crate) struct Document;

/// Shows what an act made of a report.
async fn acted(
    desk: &Desk,
    report: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, MissingReportId) -> Result<Done<Held<MissingReportRecord>>, Trouble>,
) -> Response {
    let shown = |done: &Done<Held<MissingReportRecord>>| {
        (shown(desk, &done.record, ReportFindings::default()), format!("/missing/{}", done.record.noun.id))
    };
    desk.act((Kind::MissingReport, NOUN, report), (typed, Did::Kept), act, shown).await
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
    // A report is large to wait for.
    Box::pin(acted(&desk, &request, &sent.typed, async |context, report| {
        let received = moment(&sent.fields.received)?;
        desk.casework.receive_report(context, report, received, &sent.fields.written()).await
    }))
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
    /// Matches of the report that you may see; their probability knows nothing of race.
    matches: Vec<FindingLine>,
    /// What race would change.
    with_race: &'static str,
}

/// A figure with race would need postings that state one.
const WITH_RACE: &str = "No figure: nothing that is read in a posting states the race of the person advertised, so there is \
nothing with which the report's could be compared.";

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
        let context = desk.context(&purpose);
        let race = desk.casework.race_of(&context, report, &grounds(&sent.fields.grounds)?).await?;
        let held = desk.casework.report(&context, report).await?;
        let found = ReportFindings::read(&desk, &context, &held).await?;
        let (report, matches) = (report.to_string(), found.matches);
        Ok::<_, Trouble>(RaceView { report, race, matches, with_race: WITH_RACE })
    };
    match found.await {
        Ok(said) => desk.show(said, |layout, said| RacePage { layout, said }),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}
