//! The live board of an operation or an initiative: what goes on, what is late, what each event still lacks, and running totals,
//! each with its definition. It refreshes by itself and does not keep a session awake.

use crate::desk::{Desk, at, purpose_for};
use crate::event::{self, EventHead};
use crate::layout::Layout;
use askama::Template;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::Count;
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
    /// Running totals.
    totals: Vec<CountView>,
    /// Events under way first, then by hour, those that are over last.
    events: Vec<EventHead>,
    /// Whether there are more events than are shown.
    more: bool,
}

impl BoardView {
    fn of(&self, waiting: bool) -> Vec<&EventHead> {
        self.events.iter().filter(|event| event.waits() == waiting).collect()
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
    operations: Vec<Count>,
) -> Response {
    let purpose = purpose_for(Kind::Event);
    let board = match desk.casework.board(&desk.context(&purpose), of).await {
        Ok(board) => board,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let counted = |what: &'static str| {
        move |count: Count| CountView { what: what.to_owned(), state: count.state, count: count.count }
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
        events: board.rows.iter().map(|row| event::head(desk, row)).collect(),
        more: board.more,
    };
    desk.show(view, |layout, board| BoardPage { layout, board })
}
