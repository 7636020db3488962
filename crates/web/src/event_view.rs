//! An event as lists, boards, its page and its card see it.

use crate::desk::{Desk, at};
use homeward_casework::{BoardRow, EventSeen, Readiness, overdue};
use homeward_model::{DateWindow, Event, EventState, MemberId, Screened, Screening, Selector, Subject};
use serde::Serialize;
use utoipa::ToSchema;

/// An event, as lists and boards show it.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventHead {
    /// Its id.
    pub(crate) id: String,
    /// Name of its operation.
    pub(crate) operation_name: String,
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

fn heading(desk: &Desk, event: &Event, ready: &Readiness, operation: &str) -> EventHead {
    let plan = event.plan();
    let waits = !matches!(event.state(), EventState::Done { .. } | EventState::CalledOff { .. });
    let specialist = event.specialist().map(|hour| {
        let there = if hour.on_site.is_some() { ", on site" } else { "" };
        format!("{} from {}{there}", desk.who.member(hour.specialist), at(hour.from))
    });
    EventHead {
        id: event.id.to_string(),
        operation_name: operation.to_owned(),
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
    heading(desk, &row.held.noun, &row.ready, &row.operation)
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
    /// The telephone number.
    pub(crate) phone: Option<String>,
}

pub(crate) fn named(desk: &Desk, member: MemberId) -> NamedView {
    let known = desk.who.known_member(member);
    NamedView {
        id: member.to_string(),
        name: desk.who.member(member),
        email: known.map(|known| known.email.clone()),
        phone: known.and_then(|known| known.phone.clone()),
    }
}

/// A subject: a person suspected, never one who may be a child in a matter of commercial sex.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubjectView {
    /// Id of the person.
    pub(crate) person: String,
    /// What they are called; `subject 1` and so on when nobody said.
    pub(crate) called: String,
    /// The age at the event.
    pub(crate) age: String,
    /// Screenings for trafficking: when, by whom, and what they found.
    pub(crate) screened: Vec<String>,
    /// Whether one of them found signs of trafficking.
    pub(crate) signs: bool,
    /// When the person was arrested.
    pub(crate) arrested: Option<String>,
}

/// A contact as it was logged.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogView {
    /// When it was.
    pub(crate) at: String,
    /// With whom.
    pub(crate) who: String,
    /// What was said or seen.
    pub(crate) note: String,
    /// Who wrote it down, and when.
    pub(crate) written: String,
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
    /// Telephone numbers, handles and the like that it turns on, as its check asks about them.
    pub(crate) selectors: Vec<String>,
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
    /// The victim specialist who declined the hour last, and when.
    pub(crate) declined: Option<String>,
    /// The victim specialist whose hour is confirmed.
    pub(crate) stays: Option<NamedView>,
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

/// A selector as people write one.
fn selector(one: &Selector) -> String {
    format!("{}: {}", one.kind.word(), one.value)
}

fn subject(desk: &Desk, event: &Event, (number, subject): (usize, &Subject)) -> SubjectView {
    let (parts, person) = (event.parts(), subject.person());
    let called = parts.called.iter().find(|(known, _)| *known == person);
    let of_them = || parts.screenings.iter().filter(|one| one.person == person);
    let screened = |one: &Screening| {
        let (by, moment) = (desk.who.member(one.written.by), at(one.at));
        format!("{moment}, {by}: {}", one.found)
    };
    SubjectView {
        person: person.to_string(),
        called: called.map_or_else(|| format!("subject {}", number + 1), |(_, called)| called.clone()),
        age: subject.age().to_string(),
        screened: of_them().map(screened).collect(),
        signs: of_them().any(|one| one.found == Screened::Signs),
        arrested: parts.arrests.iter().find(|arrest| arrest.person == person).map(|arrest| at(arrest.at)),
    }
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
        head: heading(desk, event, &seen.ready, &seen.operation),
        version: seen.held.version,
        operation: event.operation.to_string(),
        matter: event.matter.word(),
        may_meet_child: event.may_meet_child(),
        address: plan.address.clone(),
        centre: [plan.area.centre.lat, plan.area.centre.lon],
        radius_km: plan.area.radius.km(),
        selectors: plan.selectors.iter().map(selector).collect(),
        objective: parts.brief.objective.clone(),
        safe_place: parts.brief.safe_place.clone(),
        contacts: parts.brief.contacts.clone(),
        lead: parts.brief.lead.map(|lead| lead.to_string()),
        report: parts.brief.report.map(|report| report.to_string()),
        team: parts.team.staff.iter().map(|member| named(desk, *member)).collect(),
        supervisor: parts.team.supervisor.map(|member| named(desk, member)),
        asked: parts.asked.map(|member| named(desk, member)),
        declined: parts.declined.as_ref().map(stamped),
        stays: event.specialist().map(|hour| named(desk, hour.specialist)),
        check_id: event.check_id().to_string(),
        checked: seen.ready.answered.map(at),
        others: others.collect(),
        planned: stamped(&event.planned),
        approved,
        subjects: event
            .subjects()
            .iter()
            .enumerate()
            .map(|(at, one)| subject(desk, event, (at, one)))
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
