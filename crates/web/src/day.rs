//! `/day`: what waits for the one who is signed in.

use crate::case_view::{self, CaseHead};
use crate::check::{self, CheckHead};
use crate::desk::{Desk, at, purpose_for};
use crate::event_view::{self, EventHead};
use crate::layout::Layout;
use crate::lead::{LeadView, shown_all};
use crate::operation::{self, OperationView};
use crate::referral::{self, ReferralView};
use crate::report::{self, ReportHead};
use crate::result_claim::{self, ClaimView};
use crate::victim::{self, VictimHead};
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::{BoardRow, Trouble};
use homeward_model::{MemberId, Notification, Role};
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of the day.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(Router::new(), "/day", day)
}

/// Its part of the document.
#[derive(OpenApi)]
#[openapi(paths(day))]
pub(crate) struct Document;

/// A notification: a pointer, never what the record says.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeView {
    /// Its id.
    id: String,
    /// What it is about.
    kind: &'static str,
    /// The noun of the record.
    noun: &'static str,
    /// The record's id.
    about: String,
    /// The name of the member it is about.
    called: Option<String>,
    /// Its page.
    href: String,
    /// When it was made.
    made: String,
}

/// What waits.
#[derive(Serialize, ToSchema)]
pub(crate) struct DayView {
    /// Notifications not read yet.
    notices: Vec<NoticeView>,
    /// Leads assigned to you.
    assigned: Vec<LeadView>,
    /// Cases that you work and that have not ended.
    cases: Vec<CaseHead>,
    /// Leads that wait for triage.
    to_triage: Vec<LeadView>,
    /// Checks of your side with a hit that waits for acknowledgement or contact.
    checks: Vec<CheckHead>,
    /// Reports of your organisation with a clock that ran out.
    overdue: Vec<ReportHead>,
    /// Ids of tips that nobody took up.
    tips: Vec<String>,
    /// Victims without a specialist.
    unpaired: Vec<VictimHead>,
    /// Victims with whom you stay, the most urgent first.
    mine: Vec<VictimHead>,
    /// Victims with whom others stay, with a step after their recovery that is overdue.
    steps: Vec<VictimHead>,
    /// Referrals that wait for an answer or for the service.
    referrals: Vec<ReferralView>,
    /// Operations of your agency that wait for approval.
    operations: Vec<OperationView>,
    /// Events that wait for your approval.
    to_approve: Vec<EventHead>,
    /// Events for which your hour as a victim specialist is wanted.
    hours: Vec<EventHead>,
    /// Events of the next day, and those that are late, for which you are named.
    today: Vec<EventHead>,
    /// Events of your agency that lack something.
    lacking: Vec<EventHead>,
    /// Claims of your agency that you may confirm.
    claims: Vec<ClaimView>,
    /// What you were writing when your session ended, when something waits to be sent.
    kept: Option<String>,
}

#[derive(Template)]
#[template(path = "day.html")]
struct DayPage {
    layout: Layout,
    day: DayView,
    takes_up: bool,
}

/// The page of a record, by its noun.
pub(crate) fn href(noun: &str, id: &str) -> String {
    let folder = match noun {
        "lead" => "leads",
        "case" => "cases",
        "check" => "checks",
        "tip" => "tips",
        "missing report" => "missing",
        "finding" => "findings",
        "victim" => "victims",
        "referral" => "referrals",
        "release" => "releases",
        "disclosure" => "disclosures",
        "note" => "notes",
        "service plan" => "plans",
        "provider record" => "provider-records",
        "initiative" => "initiatives",
        "result" => "results/claims",
        "operation" => "operations",
        "event" => "events",
        "emergency access" => return "/break-glass".to_owned(),
        _ => return "/day".to_owned(),
    };
    format!("/{folder}/{id}")
}

fn notice(desk: &Desk, notice: &Notification) -> NoticeView {
    let member = (notice.noun == "member").then(|| notice.about.parse::<MemberId>().ok()).flatten();
    let page = match member {
        Some(member) if member == desk.actor.member => "/account".to_owned(),
        Some(_) if desk.actor.roles.has(Role::Administrator) => format!("/people/members/{}", notice.about),
        _ => href(notice.noun, &notice.about),
    };
    NoticeView {
        id: notice.id.to_string(),
        kind: notice.kind.word(),
        noun: notice.noun,
        called: member.map(|member| desk.who.member(member)),
        href: page,
        about: notice.about.clone(),
        made: at(notice.made),
    }
}

/// What waits for you.
#[utoipa::path(get, path = "/api/v1/day", tag = "day", responses(
    (status = 200, description = "what waits", body = DayView),
    errors::Refusals,
))]
pub(crate) async fn day(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::Lead);
    // Nine lists at once are large to wait for.
    let day = match Box::pin(desk.casework.day(&desk.context(&purpose))).await {
        Ok(day) => day,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let kept = match desk.casework.kept_form(desk.outside(), desk.actor.member).await {
        Ok(kept) => kept.map(|form| crate::forms::words(&form.path)),
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let leads = async {
        Ok::<_, Trouble>((shown_all(&desk, &day.assigned).await?, shown_all(&desk, &day.to_triage).await?))
    };
    let (assigned, to_triage) = match leads.await {
        Ok(leads) => leads,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let for_service = purpose_for(Kind::Referral);
    let of_service = desk.context(&for_service);
    let events = |rows: &[BoardRow]| rows.iter().map(|row| event_view::head(&desk, row)).collect();
    let view = DayView {
        operations: day.events.operations.iter().map(|held| operation::shown(&desk, held)).collect(),
        to_approve: events(&day.events.to_approve),
        hours: events(&day.events.hours),
        today: events(&day.events.today),
        lacking: events(&day.events.lacking),
        notices: day.notices.iter().map(|held| notice(&desk, &held.noun)).collect(),
        assigned,
        cases: day.cases.iter().map(|held| case_view::head(&desk, held)).collect(),
        to_triage,
        checks: day.checks.iter().map(|held| check::head(&desk, held)).collect(),
        overdue: day.overdue.iter().map(|held| report::head(&desk, held)).collect(),
        tips: day.tips.iter().map(|held| held.noun.id.to_string()).collect(),
        unpaired: day.unpaired.iter().map(|held| victim::head(&desk, held)).collect(),
        mine: day.mine.iter().map(|held| victim::head(&desk, held)).collect(),
        steps: day.steps.iter().map(|held| victim::head(&desk, held)).collect(),
        referrals: day.referrals.iter().map(|held| referral::shown(&desk, &of_service, held)).collect(),
        claims: day.claims.iter().map(|held| result_claim::shown(&desk, &held.noun)).collect(),
        kept,
    };
    let takes_up = desk.is_specialist();
    desk.show(view, |layout, day| DayPage { layout, day, takes_up })
}
