//! `/checks`: the list, the form that asks, and one check with pointers to the other sides. What the other side asked about
//! is never here: it does not reach this crate.

use crate::desk::{Desk, after, at, id, narrowed, purpose_for};
use crate::layout::Layout;
use crate::lead::StepView;
use crate::restrict::Closing;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use homeward_access::{Act, Kind};
use homeward_casework::{CheckSeen, Held, Listed, Trouble, check_clocks};
use homeward_model::{Check, CheckId, CheckMove, CheckOutcome, CheckState, CheckTarget, Role};
use homeward_rules::record::RecordRules;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of checks; those of their acts are in `check_acts`.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/checks", list).route("/checks/new", get(blank));
    view(routes, "/checks/{id}", one)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one))]
pub(crate) struct Document;

const STATES: [&str; 6] = ["no hit so far", "hit", "both told", "acknowledged", "contact made", "settled"];

/// A clock of a hit.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckClockView {
    /// What must be done.
    pub(crate) what: &'static str,
    /// By when.
    pub(crate) due: String,
    /// Whether that is past.
    pub(crate) overdue: bool,
    /// Where the number comes from.
    cite: &'static str,
}

/// A check of your own side, as lists show it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckHead {
    /// Its id.
    pub(crate) id: String,
    /// The word of its state. No check ever says that all is clear.
    pub(crate) state: &'static str,
    /// What it can say, in words.
    statement: String,
    /// Who asked.
    asked_by: String,
    /// When.
    asked_at: String,
    /// The padded window.
    window: Option<String>,
    /// Clocks that run.
    pub(crate) clocks: Vec<CheckClockView>,
}

/// The other side: whom to call, and nothing else.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointerView {
    /// The agency.
    agency: String,
    /// The member to call.
    contact: String,
    /// Their address.
    email: Option<String>,
    /// The word of their state.
    state: Option<&'static str>,
}

/// A system that was asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct AskedView {
    /// The system.
    system: String,
    /// When it answered.
    at: String,
}

/// One check of your own side.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// What lists show.
    #[serde(flatten)]
    head: CheckHead,
    /// Its version; a change names the version it was decided on.
    version: i64,
    /// `event`, `selector` or `subject`.
    target: &'static str,
    /// Centre of the circle, degrees.
    centre: Option<[f64; 2]>,
    /// Its radius, km.
    radius_km: Option<f64>,
    /// Selectors.
    selectors: Vec<String>,
    /// Subjects, by id.
    subjects: Vec<String>,
    /// Systems that were asked, where nobody answered with a hit so far.
    asked: Vec<AskedView>,
    /// The other sides.
    others: Vec<PointerView>,
    /// How your side settled it.
    outcome: Option<String>,
}

/// A check in a list.
pub(crate) fn head(desk: &Desk, held: &Held<Check>) -> CheckHead {
    let check = &held.noun;
    let clocks = check_clocks(check, desk.now).into_iter().map(|clock| CheckClockView {
        what: clock.what,
        due: at(clock.due),
        overdue: clock.overdue,
        cite: clock.cite,
    });
    CheckHead {
        id: check.id.to_string(),
        state: check.state().word(),
        statement: check.statement(),
        asked_by: desk.who.member(check.asked.by),
        asked_at: at(check.asked.at),
        window: check.window.map(|window| format!("{} to {}", at(window.start()), at(window.end()))),
        clocks: clocks.collect(),
    }
}

pub(crate) fn shown(desk: &Desk, seen: &CheckSeen) -> CheckView {
    let check = &seen.held.noun;
    let asked = match check.state() {
        CheckState::NoHitSoFar { asked } => asked.list(),
        _ => &[],
    };
    let outcome = match check.state() {
        CheckState::Settled { outcome: CheckOutcome::Delay { until }, .. } => {
            Some(format!("delay until {}", at(*until)))
        }
        CheckState::Settled { outcome, .. } => Some(outcome.word().to_owned()),
        _ => None,
    };
    CheckView {
        head: head(desk, &seen.held),
        version: seen.held.version,
        target: match check.target {
            CheckTarget::Event(_) => "event",
            CheckTarget::Subject(_) => "subject",
            CheckTarget::Selector(_) => "selector",
        },
        centre: seen.about.area.map(|area| [area.centre.lat, area.centre.lon]),
        radius_km: seen.about.area.map(|area| area.radius.km()),
        selectors: seen.about.selectors.clone(),
        subjects: seen.about.subjects.iter().map(ToString::to_string).collect(),
        asked: asked.iter().map(|one| AskedView { system: one.system.clone(), at: at(one.at) }).collect(),
        others: seen
            .others
            .iter()
            .cloned()
            .map(|other| PointerView {
                agency: other.agency,
                contact: other.contact,
                email: other.email,
                state: other.state,
            })
            .collect(),
        outcome,
    }
}

/// Which checks.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: String,
    /// Only those that you asked: `me`.
    #[serde(default)]
    asked: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of checks, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckPage {
    /// The checks.
    checks: Vec<CheckHead>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "check/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    states: [&'static str; 6],
    page: CheckPage,
}

/// Checks of your side that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/checks", tag = "checks", params(Wanted), responses(
    (status = 200, description = "a page of checks", body = CheckPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let found = async {
        let purpose = purpose_for(Kind::Check);
        let after: Option<CheckId> = after(&wanted.after, "check")?;
        let listed = Listed {
            states: narrowed("state", &wanted.state, &STATES)?.into_iter().collect(),
            assigned: narrowed("asked", &wanted.asked, &["me"])?.map(|_| desk.actor.member),
            after: after.map(CheckId::bits),
            ..Listed::default()
        };
        desk.casework.checks(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let checks = found.records.iter().map(|held| head(&desk, held)).collect();
            let next = found.next.map(|bits| CheckId::from_bits(bits).to_string());
            desk.show(CheckPage { checks, next }, |layout, page| ListPage {
                layout,
                wanted,
                states: STATES,
                page,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "check/new.html")]
struct NewPage {
    layout: Layout,
    pad: String,
    radius: f64,
}

async fn blank(desk: Desk) -> Response {
    let clocks = &RecordRules::embedded().clocks;
    let radius = f64::from(clocks.check_radius.metres) / 1000.0;
    desk.page(
        StatusCode::OK,
        NewPage { layout: desk.layout(), pad: clocks.check_window_pad.span.to_string(), radius },
    )
}

#[derive(Template)]
#[template(path = "check/one.html")]
struct OnePage {
    layout: Layout,
    check: CheckView,
    supervisors: Vec<(String, String)>,
    history: Vec<StepView>,
    closing: Closing,
    can: Can,
}

/// What the reader can do: allowed by the state and by the policies.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Can {
    acknowledge: bool,
    contact: bool,
    settle: bool,
    waive: bool,
    raise: bool,
    replan: bool,
}

/// One check of your side.
#[utoipa::path(get, path = "/api/v1/checks/{id}", tag = "checks", params(("id" = String, Path)), responses(
    (status = 200, description = "the check", body = CheckView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Check);
    let context = desk.context(&purpose);
    let found = async {
        let check = id(&wanted, "check")?;
        let seen = desk.casework.check(&context, check).await?;
        let steps =
            if desk.is_program() { Vec::new() } else { desk.casework.check_history(&context, check).await? };
        Ok::<_, Trouble>((seen, steps))
    };
    let (seen, steps) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let acts = [Act::AnswerCheck, Act::WaiveCheck, Act::AskCheck];
    let may = desk.casework.may(&context, &seen.held.resource, &acts);
    let allowed = seen.held.noun.allowed();
    let both = |step: CheckMove, act: Act| allowed.contains(&step) && may.contains(&act);
    let state = seen.held.noun.state().word();
    let can = Can {
        acknowledge: may.contains(&Act::AnswerCheck)
            && seen.others.iter().any(|other| other.state == Some("both told")),
        contact: may.contains(&Act::AnswerCheck) && matches!(state, "both told" | "acknowledged"),
        settle: both(CheckMove::Settle, Act::AnswerCheck),
        waive: both(CheckMove::Waive, Act::WaiveCheck) && seen.held.noun.asked.by != desk.actor.member,
        raise: both(CheckMove::Raise, Act::AnswerCheck),
        replan: both(CheckMove::Replan, Act::AskCheck),
    };
    let supervisors = desk.who.members_of(desk.actor.organisation, &[Role::Supervisor]).into_iter();
    let supervisors = supervisors.map(|member| (member.id.to_string(), member.name.clone())).collect();
    let closing = Closing::of(&desk, &context, &seen.held, format!("/checks/{}", seen.held.noun.id));
    desk.show(shown(&desk, &seen), |layout, check| OnePage {
        layout,
        check,
        supervisors,
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        closing,
        can,
    })
}
