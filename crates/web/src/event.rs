//! `/events`: the list, one event, its printable card. The acts lie in `event_acts`. An event is shown to its own organisation and
//! to members who are named for it; of the other side of a hit it shows whom to call.

use crate::desk::{Desk, after, at, id, purpose_for};
use crate::layout::Layout;
use crate::lead::StepView;
use crate::victim::{self, VictimHead};
use crate::{Site, errors, event_card, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{BoardRow, EventSeen, Listed, Nameable, Readiness, Trouble, overdue};
use homeward_model::{DateWindow, Event, EventId, EventKind, EventMove, EventState, MemberId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of events.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/events", list);
    let routes = view(routes, "/events/{id}", one);
    view(routes, "/events/{id}/card", event_card::card)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one, event_card::card))]
pub(crate) struct Document;

pub(crate) const EVENT: &str = "event";
const STATES: [&str; 6] = ["planned", "checked", "approved", "under way", "done", "called off"];

/// An event, as lists and boards show it.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventHead {
    /// Its id.
    pub(crate) id: String,
    /// `undercover meeting`, `surveillance`, `search warrant` or `recovery`.
    pub(crate) kind: &'static str,
    /// `planned`, `checked`, `approved`, `under way`, `done` or `called off`.
    pub(crate) state: &'static str,
    /// The start.
    pub(crate) starts: String,
    /// The end.
    pub(crate) ends: String,
    /// Both, as people say it.
    pub(crate) hour: String,
    /// The word of the state of its check.
    pub(crate) check: Option<&'static str>,
    /// What it still lacks before it can go on; empty once it is over.
    pub(crate) lacks: Vec<String>,
    /// What should have happened by now.
    pub(crate) overdue: Option<&'static str>,
    /// The victim specialist and the confirmed hour.
    pub(crate) specialist: Option<String>,
    /// How many victims were met in it with whom no victim specialist is.
    pub(crate) alone: usize,
    /// Who goes.
    pub(crate) staff: Vec<String>,
}

impl EventHead {
    /// Whether it is not over.
    pub(crate) fn waits(&self) -> bool {
        !matches!(self.state, "done" | "called off")
    }
}

/// A window as people say it: the day once when it is one.
fn hour(window: DateWindow) -> String {
    let (starts, ends) = (at(window.start()), at(window.end()));
    match (starts.split_once(' '), ends.split_once(' ')) {
        (Some((day, from)), Some((same, to))) if day == same => {
            format!("{day} {} to {to}", from.trim_end_matches(" UTC"))
        }
        _ => format!("{starts} to {ends}"),
    }
}

fn heading(desk: &Desk, event: &Event, ready: &Readiness) -> EventHead {
    let plan = event.plan();
    let waits = !matches!(event.state(), EventState::Done { .. } | EventState::CalledOff { .. });
    let specialist = event.specialist().map(|hour| {
        let there = if hour.on_site.is_some() { ", on site" } else { "" };
        format!("{} from {}{there}", desk.who.member(hour.specialist), at(hour.from))
    });
    EventHead {
        id: event.id.to_string(),
        kind: event.kind.word(),
        state: event.state().word(),
        starts: at(plan.window.start()),
        ends: at(plan.window.end()),
        hour: hour(plan.window),
        check: ready.check,
        lacks: if waits { ready.lacks.clone() } else { Vec::new() },
        overdue: overdue(event, desk.now),
        specialist,
        alone: ready.alone,
        staff: event.parts().team.staff.iter().map(|member| desk.who.member(*member)).collect(),
    }
}

/// An event in a list.
pub(crate) fn head(desk: &Desk, row: &BoardRow) -> EventHead {
    heading(desk, &row.held.noun, &row.ready)
}

/// A member who is named for an event.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct NamedView {
    /// The id.
    pub(crate) id: String,
    /// The name.
    pub(crate) name: String,
    /// The address.
    pub(crate) email: Option<String>,
}

pub(crate) fn named(desk: &Desk, member: MemberId) -> NamedView {
    let email = desk.who.known_member(member).map(|known| known.email.clone());
    NamedView { id: member.to_string(), name: desk.who.member(member), email }
}

/// A subject: a person suspected, never one who may be a child in a matter of commercial sex.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubjectView {
    /// Id of the person.
    person: String,
    /// The age at the event.
    age: String,
}

/// A contact as it was logged.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogView {
    /// When it was.
    at: String,
    /// With whom.
    who: String,
    /// What was said or seen.
    note: String,
    /// Who wrote it down, and when.
    written: String,
}

/// One event.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) head: EventHead,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// Id of its operation.
    pub(crate) operation: String,
    /// `commercial sex` or `other`.
    pub(crate) matter: &'static str,
    /// Whether it may meet a child.
    pub(crate) may_meet_child: bool,
    /// The address.
    pub(crate) address: String,
    /// Centre of the circle, degrees.
    pub(crate) centre: [f64; 2],
    /// Its radius, km.
    pub(crate) radius_km: f64,
    /// What is to be reached.
    pub(crate) objective: String,
    /// Where people who are met are brought.
    pub(crate) safe_place: String,
    /// How those who go reach each other.
    pub(crate) contacts: String,
    /// The lead it serves.
    pub(crate) lead: Option<String>,
    /// The missing report it serves.
    pub(crate) report: Option<String>,
    /// Who goes.
    pub(crate) team: Vec<NamedView>,
    /// The supervisor who is asked to approve.
    pub(crate) supervisor: Option<NamedView>,
    /// The victim specialist who was asked for an hour.
    pub(crate) asked: Option<NamedView>,
    /// Its check.
    pub(crate) check_id: String,
    /// When the check was answered so that the event can go on.
    pub(crate) checked: Option<String>,
    /// Agencies whose plan meets this one, each with whom to call.
    pub(crate) others: Vec<String>,
    /// Who planned it, and when.
    pub(crate) planned: String,
    /// Who approved it, and when.
    pub(crate) approved: Option<String>,
    /// Subjects.
    pub(crate) subjects: Vec<SubjectView>,
    /// Contacts, in the order in which they were written down.
    pub(crate) log: Vec<LogView>,
}

/// An event as it is shown.
pub(crate) fn shown(desk: &Desk, seen: &EventSeen) -> EventView {
    let event = &seen.held.noun;
    let (plan, parts) = (event.plan(), event.parts());
    let stamped = |stamp: &homeward_model::Stamp| format!("{}, {}", desk.who.member(stamp.by), at(stamp.at));
    let approved = match event.state() {
        EventState::Approved { approved, .. } | EventState::UnderWay { approved, .. } => {
            Some(stamped(approved))
        }
        _ => None,
    };
    let others = seen.check.iter().flat_map(|check| &check.others).map(|other| {
        let reached = other.email.as_deref().unwrap_or("no address known");
        format!("{}: {}, {reached}", other.agency, other.contact)
    });
    EventView {
        head: heading(desk, event, &seen.ready),
        version: seen.held.version,
        operation: event.operation.to_string(),
        matter: event.matter.word(),
        may_meet_child: event.may_meet_child(),
        address: plan.address.clone(),
        centre: [plan.area.centre.lat, plan.area.centre.lon],
        radius_km: plan.area.radius.km(),
        objective: parts.brief.objective.clone(),
        safe_place: parts.brief.safe_place.clone(),
        contacts: parts.brief.contacts.clone(),
        lead: parts.brief.lead.map(|lead| lead.to_string()),
        report: parts.brief.report.map(|report| report.to_string()),
        team: parts.team.staff.iter().map(|member| named(desk, *member)).collect(),
        supervisor: parts.team.supervisor.map(|member| named(desk, member)),
        asked: parts.asked.map(|member| named(desk, member)),
        check_id: event.check_id().to_string(),
        checked: seen.ready.answered.map(at),
        others: others.collect(),
        planned: stamped(&event.planned),
        approved,
        subjects: event
            .subjects()
            .iter()
            .map(|one| SubjectView { person: one.person().to_string(), age: one.age().to_string() })
            .collect(),
        log: parts
            .log
            .iter()
            .map(|entry| LogView {
                at: at(entry.at),
                who: entry.who.clone(),
                note: entry.note.as_str().to_owned(),
                written: stamped(&entry.written),
            })
            .collect(),
    }
}

/// Which events.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: String,
    /// Only those for which you are named: `me`.
    #[serde(default)]
    assigned: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of events, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPage {
    /// The events.
    events: Vec<EventHead>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "event/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    states: [&'static str; 6],
    page: EventPage,
}

/// Events that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(Wanted), responses(
    (status = 200, description = "a page of events", body = EventPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Event);
    let found = async {
        let after: Option<EventId> = after(&wanted.after, EVENT)?;
        let listed = Listed {
            states: Some(wanted.state.clone()).filter(|state| !state.is_empty()).into_iter().collect(),
            assigned: (wanted.assigned == "me").then_some(desk.actor.member),
            after: after.map(EventId::bits),
            ..Listed::default()
        };
        desk.casework.event_rows(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok((rows, next)) => {
            let events = rows.iter().map(|row| head(&desk, row)).collect();
            let next = next.map(|bits| EventId::from_bits(bits).to_string());
            desk.show(EventPage { events, next }, |layout, page| ListPage {
                layout,
                wanted,
                states: STATES,
                page,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Members who can be named, as a form offers them.
#[derive(Default)]
pub(crate) struct Choices {
    pub(crate) staff: Vec<NamedView>,
    pub(crate) supervisors: Vec<NamedView>,
    pub(crate) specialists: Vec<NamedView>,
}

/// The choices of a form.
pub(crate) fn choices(desk: &Desk, nameable: &Nameable) -> Choices {
    let all = |members: &[MemberId]| members.iter().map(|member| named(desk, *member)).collect();
    Choices {
        staff: all(&nameable.staff),
        supervisors: all(&nameable.supervisors),
        specialists: all(&nameable.specialists),
    }
}

#[derive(Template)]
#[template(path = "event/one.html")]
struct OnePage {
    layout: Layout,
    event: EventView,
    choices: Choices,
    history: Vec<StepView>,
    sealed: bool,
    met: Vec<VictimHead>,
    links: Links,
    can: Can,
}

/// Records beside an event that the reader's job opens at all; a link to another would lead nowhere.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Links {
    operation: bool,
    check: bool,
    lead: bool,
    report: bool,
    /// Whether the reader may record a victim who was met.
    record: bool,
}

impl OnePage {
    fn goes(&self, member: &str) -> bool {
        self.event.team.iter().any(|one| one.id == member)
    }

    fn asked(&self, member: &str) -> bool {
        self.event.supervisor.as_ref().is_some_and(|one| one.id == member)
    }
}

/// What the reader can do: allowed by the state and by the policies. What waits for something else is said on the page.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
#[derive(Default)]
struct Can {
    replan: bool,
    staff: bool,
    ask: bool,
    confirm: bool,
    arrive: bool,
    approve: bool,
    /// Why the reader cannot approve what they might.
    approve_waits: Option<String>,
    start: bool,
    start_waits: Option<String>,
    finish: bool,
    call_off: bool,
    subject: bool,
    log: bool,
    seal: bool,
}

fn can(desk: &Desk, seen: &EventSeen, may: &[Act]) -> Can {
    let (event, me) = (&seen.held.noun, desk.actor.member);
    let both = |step: EventMove, act: Act| event.allowed().contains(&step) && may.contains(&act);
    let lacks = (!seen.ready.lacks.is_empty()).then(|| seen.ready.lacks.join("; "));
    let decides = may.contains(&Act::ApproveEvent)
        && matches!(event.state(), EventState::Planned | EventState::Checked(_));
    let planner = [event.planned.by, event.changed().by].contains(&me);
    let approve_waits =
        if planner { Some("who planned it cannot approve it".to_owned()) } else { lacks.clone() };
    let starts = both(EventMove::Start, Act::RunEvent);
    let on_site = event.specialist().is_some_and(|hour| hour.on_site.is_some());
    let absent = event.may_meet_child() && !on_site;
    let start_waits = lacks.or_else(|| absent.then(|| "the victim specialist is not on site".to_owned()));
    Can {
        replan: both(EventMove::Replan, Act::ReplanEvent),
        staff: both(EventMove::Staff, Act::ReplanEvent),
        ask: both(EventMove::Ask, Act::ReplanEvent),
        confirm: both(EventMove::Confirm, Act::ConfirmSpecialist) && event.parts().asked == Some(me),
        arrive: both(EventMove::Arrive, Act::ConfirmSpecialist) && event.specialist().is_some() && !on_site,
        approve: decides && approve_waits.is_none(),
        approve_waits: approve_waits.filter(|_| decides),
        start: starts && start_waits.is_none(),
        start_waits: start_waits.filter(|_| starts),
        finish: both(EventMove::Finish, Act::RunEvent),
        call_off: both(EventMove::CallOff, Act::RunEvent),
        subject: both(EventMove::AddSubject, Act::ReplanEvent),
        log: both(EventMove::Log, Act::NoteEvent),
        seal: may.contains(&Act::SealRecord),
    }
}

/// Acts on an event that a page offers, when they are allowed.
const ACTS: [Act; 6] = [
    Act::ReplanEvent,
    Act::ConfirmSpecialist,
    Act::ApproveEvent,
    Act::RunEvent,
    Act::NoteEvent,
    Act::SealRecord,
];

/// One event.
#[utoipa::path(get, path = "/api/v1/events/{id}", tag = "events", params(("id" = String, Path)), responses(
    (status = 200, description = "the event", body = EventView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Event);
    let context = desk.context(&purpose);
    let found = async {
        let seen = desk.casework.event(&context, id(&wanted, EVENT)?).await?;
        if desk.is_program() {
            return Ok((seen, Vec::new(), Choices::default(), Vec::new(), Vec::new()));
        }
        let may = desk.casework.may(&context, &seen.held.resource, &ACTS);
        let nameable = if may.contains(&Act::ReplanEvent) {
            desk.casework.nameable(&context, seen.held.noun.operation).await?
        } else {
            Nameable::default()
        };
        let steps = desk.casework.event_history(&context, seen.held.noun.id).await?;
        let of_victims = purpose_for(Kind::Victim);
        let met = desk.casework.victims_of(&desk.context(&of_victims), seen.held.noun.id.bits()).await?;
        Ok::<_, Trouble>((seen, may, choices(&desk, &nameable), steps, met))
    };
    match found.await {
        Ok((seen, may, choices, steps, met)) => desk.show(shown(&desk, &seen), |layout, event| OnePage {
            layout,
            event,
            choices,
            history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
            sealed: seen.held.resource.sealed,
            met: met.iter().map(|held| victim::head(&desk, held)).collect(),
            links: Links {
                operation: desk.may_own(Kind::Operation, Act::View),
                check: seen.check.is_some(),
                lead: desk.may_own(Kind::Lead, Act::View),
                report: desk.may_own(Kind::MissingReport, Act::View),
                record: desk.may_own(Kind::Victim, Act::RecordVictim),
            },
            can: can(&desk, &seen, &may),
        }),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Kinds of event, as forms offer them.
pub(crate) fn kinds() -> Vec<&'static str> {
    EventKind::ALL.iter().map(|kind| kind.word()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::{Instant, Span};

    #[test]
    fn an_hour_says_its_day_once() {
        let check = |hours: u32, expected: &str| {
            let start = Instant::parse("2026-11-24 18:30").unwrap();
            assert_eq!(hour(DateWindow::new(start, start.plus(Span::hours(hours))).unwrap()), expected);
        };
        check(2, "2026-11-24 18:30 to 20:30 UTC");
        check(8, "2026-11-24 18:30 UTC to 2026-11-25 02:30 UTC");
    }
}
