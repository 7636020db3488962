//! The live board of an operation or an initiative: what goes on, what is late, what each event still lacks, and running totals,
//! each with its definition. It refreshes by itself and does not keep a session awake.

use crate::desk::{Desk, at, purpose_for};
use crate::event_view::{self, EventHead};
use crate::layout::Layout;
use askama::Template;
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Count as StateCount, Trouble, WrittenCount, if_any};
use homeward_model::{AgencyId, By, Count, InitiativeId, Instant, Line, Operation, ResultKind};
use serde::Serialize;
use utoipa::ToSchema;

/// How many are in a state.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountView {
    /// What is counted, by its definition.
    what: String,
    /// The word of the state.
    state: String,
    /// How many.
    count: u64,
}

/// What was reached, by one definition. Figures of two definitions are never summed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReachedView {
    /// What is counted.
    kind: &'static str,
    /// What that means.
    counts: &'static str,
    /// How many: each once, whoever claims it.
    count: u64,
    /// Claimed, and confirmed by nobody yet: not in the count.
    waiting: u64,
    /// The page of the facts behind it.
    href: String,
}

/// Results of what a board is of.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResultsView {
    /// Which results they are.
    about: String,
    /// A line for each definition.
    lines: Vec<ReachedView>,
}

/// Which results a board shows.
pub(crate) struct Reached {
    /// Which they are, in words.
    pub(crate) about: String,
    /// When and for which initiative.
    pub(crate) count: Count,
    /// Of one agency; of all when not said.
    pub(crate) agency: Option<AgencyId>,
    /// The same as the query of the page of facts.
    pub(crate) query: String,
}

impl Reached {
    /// Of an initiative, whenever they happened.
    pub(crate) fn initiative(id: InitiativeId, now: Instant) -> Result<Reached, Trouble> {
        let count = WrittenCount { initiative: id.to_string(), ..WrittenCount::default() }.read(now)?;
        let about = "Results that name this initiative: of your agency and, when it runs the initiative, of the agencies in it as long as their access stands".to_owned();
        Ok(Reached { about, count, agency: None, query: format!("initiative={id}") })
    }

    /// Of the agency of an operation while it runs; those of its initiative when it has one.
    pub(crate) fn operation(desk: &Desk, operation: &Operation) -> Result<Reached, Trouble> {
        let (from, until) = (operation.window.start().to_string(), operation.window.end().to_string());
        let initiative = operation.initiative.map(|id| id.to_string()).unwrap_or_default();
        let query =
            [("agency", operation.agency.to_string()), ("from", from.clone()), ("until", until.clone())];
        let named = (!initiative.is_empty()).then(|| ("initiative", initiative.clone()));
        let query: Vec<_> = query.into_iter().chain(named).collect();
        let count = WrittenCount { from, until, initiative, ..WrittenCount::default() }.read(desk.now)?;
        let of = if operation.initiative.is_some() { " that name its initiative" } else { "" };
        Ok(Reached {
            about: format!(
                "Results of {}{of}, from {} until {}",
                desk.who.agency(operation.agency),
                at(operation.window.start()),
                at(operation.window.end())
            ),
            count,
            agency: Some(operation.agency),
            query: serde_urlencoded::to_string(query).unwrap_or_default(),
        })
    }

    /// The figures; none for a reader of no results.
    async fn figures(self, desk: &Desk) -> Result<Option<ResultsView>, Trouble> {
        // To who reads no results an empty table would say that nothing was reached.
        if !desk.may_own(Kind::Result, Act::View) {
            return Ok(None);
        }
        let purpose = purpose_for(Kind::Result);
        let seen = desk.casework.figures(&desk.context(&purpose), self.count, By::Agency).await;
        let Some(seen) = if_any(seen)? else { return Ok(None) };
        let none = Line::default();
        let line = match self.agency {
            Some(agency) => seen.figures.lines.get(&agency.to_string()).unwrap_or(&none),
            None => &seen.figures.total,
        };
        let one = |kind: &ResultKind| {
            let tally = line.of(*kind);
            let kind_of: String = serde_urlencoded::to_string([("kind", kind.word())]).unwrap_or_default();
            ReachedView {
                kind: kind.word(),
                counts: kind.definition(),
                count: tally.counted,
                waiting: tally.waiting,
                href: format!("/results/facts?{kind_of}&{}", self.query),
            }
        };
        Ok(Some(ResultsView { about: self.about, lines: ResultKind::ALL.iter().map(one).collect() }))
    }
}

/// A board.
#[derive(Serialize, ToSchema)]
pub(crate) struct BoardView {
    /// Name of the operation or initiative.
    name: String,
    /// Its page.
    href: String,
    /// When the board was made.
    made: String,
    /// How many victims were met in these events with whom no victim specialist is.
    alone: usize,
    /// How many operations and events there are, by state.
    totals: Vec<CountView>,
    /// What was reached, for readers of results.
    results: Option<ResultsView>,
    /// Events under way first, then by hour, those that are over last.
    events: Vec<EventHead>,
    /// Whether there are more events than are shown.
    more: bool,
}

impl BoardView {
    fn of(&self, waiting: bool) -> Vec<&EventHead> {
        self.events.iter().filter(|event| event.waits() == waiting).collect()
    }

    /// How many there are of what is counted, by state, in one line.
    fn counted(&self) -> Vec<String> {
        let mut said: Vec<(&str, String)> = Vec::new();
        for one in &self.totals {
            let state = format!("{} {}", one.count, one.state);
            match said.last_mut().filter(|(what, _)| *what == one.what) {
                Some((_, line)) => *line = format!("{line}, {state}"),
                None => said.push((&one.what, state)),
            }
        }
        said.into_iter().map(|(what, line)| format!("{what}: {line}")).collect()
    }
}

#[derive(Template)]
#[template(path = "operation/board.html")]
struct BoardPage {
    layout: Layout,
    board: BoardView,
}

/// Shows the board of what the reader was shown.
pub(crate) async fn board_page(
    desk: &Desk,
    name: &str,
    (href, of): (String, u128),
    operations: Vec<StateCount>,
    reached: Reached,
) -> Response {
    let purpose = purpose_for(Kind::Event);
    let found = async {
        let board = desk.casework.board(&desk.context(&purpose), of).await?;
        Ok::<_, Trouble>((board, reached.figures(desk).await?))
    };
    let (board, results) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let counted = |what: &'static str| {
        move |count: StateCount| CountView { what: what.to_owned(), state: count.state, count: count.count }
    };
    let totals = operations
        .into_iter()
        .map(counted("operations that you may see"))
        .chain(board.counts.into_iter().map(counted("events that you may open")));
    let view = BoardView {
        name: name.to_owned(),
        href,
        made: at(desk.now),
        alone: board.rows.iter().map(|row| row.ready.alone).sum(),
        totals: totals.collect(),
        results,
        events: board.rows.iter().map(|row| event_view::head(desk, row)).collect(),
        more: board.more,
    };
    desk.show(view, |layout, board| BoardPage { layout, board })
}
