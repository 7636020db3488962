//! `/events/{id}/card`: what somebody takes along on paper, with what the law wants kept in mind.

use crate::desk::{Desk, at, id, purpose_for};
use crate::errors;
use crate::event::EVENT;
use crate::event_view::{EventView, shown};
use crate::layout::Layout;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::Kind;
use homeward_rules::field::Field;
use serde::Serialize;
use utoipa::ToSchema;

/// Something to keep in mind.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReminderView {
    /// What.
    text: &'static str,
    /// Where it comes from.
    cite: &'static str,
}

/// A field card.
#[derive(Serialize, ToSchema)]
pub(crate) struct CardView {
    /// The event.
    event: EventView,
    /// What to keep in mind.
    reminders: Vec<ReminderView>,
    /// When the card was made: what changed since is not on it.
    made: String,
}

#[derive(Template)]
#[template(path = "event/card.html")]
struct CardPage {
    layout: Layout,
    card: CardView,
}

/// The field card of an event, to be printed.
#[utoipa::path(get, path = "/api/v1/events/{id}/card", tag = "events", params(("id" = String, Path)), responses(
    (status = 200, description = "the card", body = CardView),
    errors::Refusals,
))]
pub(crate) async fn card(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Event);
    let found = async { desk.casework.event(&desk.context(&purpose), id(&wanted, EVENT)?).await };
    match found.await {
        Ok(seen) => {
            let reminders = Field::embedded().reminders.iter();
            let reminders = reminders.map(|one| ReminderView { text: &one.text, cite: &one.cite }).collect();
            let card = CardView { event: shown(&desk, &seen), reminders, made: at(desk.now) };
            desk.show(card, |layout, card| CardPage { layout, card })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}
