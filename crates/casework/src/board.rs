//! The live board of an operation or an initiative, and the events of somebody's day: what goes on, what is late, and what each
//! event still lacks. A reader sees the events that they may open, and counts no others.

use crate::{Casework, Context, Count, Held, Listed, Result, Trouble, if_any};
use homeward_access::{Purpose, PurposeKind};
use homeward_model::{Event, EventState, Instant, LeadId, Operation, Role, Span};
use homeward_store::event::Readiness;

/// An event with what it lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct BoardRow {
    /// The event.
    pub held: Held<Event>,
    /// What it still lacks.
    pub ready: Readiness,
    /// The name of its operation.
    pub operation: String,
}

/// The board of an operation or an initiative.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Its events: those under way first, then by hour, those that are over last.
    pub rows: Vec<BoardRow>,
    /// How many there are, by state.
    pub counts: Vec<Count>,
    /// Whether there are more than are shown.
    pub more: bool,
}

/// Events of somebody's day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventsOfDay {
    /// Operations of the own agency that wait for approval.
    pub operations: Vec<Held<Operation>>,
    /// Events that wait for the reader's approval: for a supervisor.
    pub to_approve: Vec<BoardRow>,
    /// Events for which the reader's hour is wanted: for a victim specialist.
    pub hours: Vec<BoardRow>,
    /// Events of the next day, and those that are late, for which the reader is named.
    pub today: Vec<BoardRow>,
    /// Events of the own agency that lack something: for a coordinator.
    pub lacking: Vec<BoardRow>,
}

/// States of events that are not over.
const OPEN: [&str; 4] = ["planned", "checked", "approved", "under way"];

/// Most events that a board or a day looks at.
const MOST: u64 = 500;

/// What should have happened to an event by now.
pub fn overdue(event: &Event, now: Instant) -> Option<&'static str> {
    let window = event.plan().window;
    match event.state() {
        EventState::UnderWay { .. } if window.end() <= now => Some("should have ended"),
        EventState::Planned | EventState::Checked(_) | EventState::Approved { .. }
            if window.start() <= now =>
        {
            Some("should have started")
        }
        _ => None,
    }
}

/// Where an event stands on a board.
fn order(event: &Event) -> (u8, Instant) {
    let group = match event.state() {
        EventState::UnderWay { .. } => 0,
        EventState::Planned | EventState::Checked(_) | EventState::Approved { .. } => 1,
        EventState::Done { .. } | EventState::CalledOff { .. } => 2,
    };
    (group, event.plan().window.start())
}

impl Casework {
    /// The board of an operation or initiative that the actor was shown, by its bits.
    pub async fn board(&self, context: &Context<'_>, of: u128) -> Result<Board> {
        let listed = Listed { of: Some(of), limit: MOST, ..Listed::default() };
        let (page, counts) =
            tokio::join!(self.store().events(context, &listed), self.store().count_events(context, &listed));
        let found = page.and_then(|page| Ok((page, counts?)));
        // Analysts read operations, and no events.
        let Some((page, counts)) = if_any(found.map_err(Trouble::from))? else { return Ok(Board::default()) };
        let rows = self.rows(page.records).await?;
        Ok(Board { rows, counts, more: page.next.is_some() })
    }

    /// Events that the actor may see, newest first, with what each lacks; and where the next page begins.
    pub async fn event_rows(
        &self,
        context: &Context<'_>,
        listed: &Listed,
    ) -> Result<(Vec<BoardRow>, Option<u128>)> {
        let page = self.store().events(context, listed).await?;
        Ok((self.rows_of(page.records).await?, page.next))
    }

    /// Events that serve a lead which the actor was shown; none for a reader of no events.
    pub async fn events_for_lead(&self, context: &Context<'_>, lead: LeadId) -> Result<Vec<BoardRow>> {
        let purpose = Purpose::of(PurposeKind::Investigation);
        let context = &Context { purpose: &purpose, ..*context };
        let listed = Listed { of: Some(lead.bits()), ..Listed::default() };
        let found = if_any(self.event_rows(context, &listed).await)?;
        Ok(found.map(|(rows, _)| rows).unwrap_or_default())
    }

    async fn rows(&self, mut events: Vec<Held<Event>>) -> Result<Vec<BoardRow>> {
        events.sort_by_key(|held| order(&held.noun));
        self.rows_of(events).await
    }

    async fn rows_of(&self, events: Vec<Held<Event>>) -> Result<Vec<BoardRow>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let ready = self.store().readiness(&events).await?;
        let names = self.store().operation_names(&events).await?;
        let named = |held: &Held<Event>| names.get(&held.noun.operation).cloned().unwrap_or_default();
        let rows = events.into_iter().zip(ready);
        Ok(rows.map(|(held, ready)| BoardRow { operation: named(&held), held, ready }).collect())
    }

    /// The events of the actor's day, by their jobs.
    pub async fn events_of_day(&self, context: &Context<'_>) -> Result<EventsOfDay> {
        let purpose = Purpose::of(PurposeKind::Investigation);
        let context = &Context { purpose: &purpose, ..*context };
        let (me, own) = (context.actor.member, context.actor.organisation);
        let has = |role| context.actor.roles.has(role);
        let (directs, plans, stays) =
            (has(Role::Supervisor), has(Role::Coordinator), has(Role::VictimSpecialist));
        if !(directs || plans || stays || has(Role::Investigator)) {
            return Ok(EventsOfDay::default());
        }
        let open = OPEN.iter().map(|state| (*state).to_owned()).collect();
        let open = Listed { states: open, limit: MOST, ..Listed::default() };
        let mine = Listed { assigned: Some(me), ..open.clone() };
        let mine = self.rows(self.store().events(context, &mine).await?.records).await?;
        let soon = context.now.plus(Span::days(1));
        let today = mine.iter().filter(|row| row.held.noun.plan().window.start() < soon).cloned().collect();
        let wanted = |row: &&BoardRow| {
            let event = &row.held.noun;
            event.parts().asked == Some(me) && event.specialist().is_none()
        };
        let hours = mine.iter().filter(wanted).filter(|_| stays).cloned().collect();
        let mut day = EventsOfDay { hours, today, ..EventsOfDay::default() };
        if directs || plans {
            let own = Listed { owner: Some(own), ..open };
            for row in self.rows(self.store().events(context, &own).await?.records).await? {
                let event = &row.held.noun;
                let decided =
                    matches!(event.state(), EventState::Approved { .. } | EventState::UnderWay { .. });
                let asked = event.parts().team.supervisor.is_none_or(|supervisor| supervisor == me);
                let planner = [event.planned.by, event.changed().by].contains(&me);
                if plans && !row.ready.lacks.is_empty() {
                    day.lacking.push(row);
                } else if directs && !decided && asked && !planner && row.ready.lacks.is_empty() {
                    day.to_approve.push(row);
                }
            }
        }
        if directs {
            let states = vec!["proposed".to_owned()];
            let proposed = Listed { states, owner: Some(own), limit: 50, ..Listed::default() };
            day.operations = self.store().operations(context, &proposed).await?.records;
            day.operations.retain(|held| held.noun.proposed.by != me);
        }
        Ok(day)
    }
}
