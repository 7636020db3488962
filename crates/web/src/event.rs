//! `/events`: the list, one event. Planning lies in `event_plan`, acts in `event_acts` and `event_people`, the printable card in
//! `event_card`. An event is shown to its own organisation and
//! to members who are named for it; of the other side of a hit it shows whom to call.

use crate::desk::{Desk, after, id, narrowed, purpose_for, typed};
use crate::event_choices::{Choices, choices};
use crate::event_view::{EventHead, EventView, head, shown};
use crate::layout::Layout;
use crate::lead::StepView;
use crate::victim::{self, VictimHead};
use crate::{Site, errors, event_card, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{EventSeen, Listed, Trouble};
use homeward_model::{EventId, EventKind, EventMove, EventState, Screened};
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
            states: narrowed("state", &wanted.state, &STATES)?.into_iter().collect(),
            assigned: narrowed("assigned", &wanted.assigned, &["me"])?.map(|_| desk.actor.member),
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

#[derive(Template)]
#[template(path = "event/one.html")]
struct OnePage {
    layout: Layout,
    event: EventView,
    starts: String,
    ends: String,
    choices: Choices,
    screened: Vec<&'static str>,
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
    /// What it turns on, as its form holds it.
    fn selectors(&self) -> String {
        self.event.selectors.join("\n")
    }

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
    decline: bool,
    arrive: bool,
    approve: bool,
    /// Why the reader cannot approve what they might.
    approve_waits: Option<String>,
    start: bool,
    start_waits: Option<String>,
    finish: bool,
    call_off: bool,
    subject: bool,
    learn_age: bool,
    screen: bool,
    arrest: bool,
    log: bool,
    seal: bool,
}

fn can(desk: &Desk, seen: &EventSeen, may: &[Act]) -> Can {
    let (event, me) = (&seen.held.noun, desk.actor.member);
    let anybody = !event.subjects().is_empty();
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
        confirm: both(EventMove::Confirm, Act::ConfirmSpecialist)
            && event.parts().asked == Some(me)
            && event.specialist().is_none(),
        decline: both(EventMove::Decline, Act::ConfirmSpecialist) && event.parts().asked == Some(me),
        arrive: both(EventMove::Arrive, Act::ConfirmSpecialist) && event.specialist().is_some() && !on_site,
        approve: decides && approve_waits.is_none(),
        approve_waits: approve_waits.filter(|_| decides),
        start: starts && start_waits.is_none(),
        start_waits: start_waits.filter(|_| starts),
        finish: both(EventMove::Finish, Act::RunEvent),
        call_off: both(EventMove::CallOff, Act::RunEvent),
        subject: both(EventMove::AddSubject, Act::ReplanEvent),
        learn_age: both(EventMove::LearnAge, Act::ReplanEvent) && anybody,
        screen: both(EventMove::Screen, Act::NoteEvent) && anybody,
        arrest: both(EventMove::Arrest, Act::RunEvent) && anybody,
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
        let event = &seen.held.noun;
        let choices = if may.contains(&Act::ReplanEvent) && event.allowed().contains(&EventMove::Replan) {
            choices(&desk, &context, event.operation, &event.parts().brief).await?
        } else {
            Choices::default()
        };
        let steps = desk.casework.event_history(&context, event.id).await?;
        let of_victims = purpose_for(Kind::Victim);
        let met = desk.casework.victims_of(&desk.context(&of_victims), event.id.bits()).await?;
        Ok::<_, Trouble>((seen, may, choices, steps, met))
    };
    match found.await {
        Ok((seen, may, choices, steps, met)) => desk.show(shown(&desk, &seen), |layout, event| OnePage {
            layout,
            event,
            starts: typed(seen.held.noun.plan().window.start()),
            ends: typed(seen.held.noun.plan().window.end()),
            choices,
            screened: Screened::ALL.iter().map(|one| one.word()).collect(),
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
