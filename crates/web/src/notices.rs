//! `/notices`: notifications are marked as read, and letters are drafted that say no more than that there is one.

use crate::desk::{Desk, id, purpose_for};
use crate::layout::Did;
use crate::{Site, act, errors, view};
use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use homeward_access::Kind;
use homeward_casework::{Listed, records};
use homeward_model::{NoticeKind, NotificationId};
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of notifications.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/notices/letters", letters);
    act(routes, "/notices/{id}/read", read)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(letters, read))]
pub(crate) struct Document;

/// A notification that was read.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadView {
    /// Its id.
    id: String,
    /// Whether it is read.
    read: bool,
}

/// Marks a notification as read.
#[utoipa::path(post, path = "/api/v1/notices/{id}/read", tag = "notices", params(("id" = String, Path)), responses(
    (status = 200, description = "it is read", body = ReadView),
    errors::Refusals,
))]
pub(crate) async fn read(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Notification);
    let done = async {
        let notice: NotificationId = id(&wanted, "notification")?;
        desk.casework.mark_read(&desk.context(&purpose), notice).await
    };
    match done.await {
        Ok(held) => {
            let view = ReadView { id: held.noun.id.to_string(), read: held.noun.read.is_some() };
            desk.done(&view, "/day", Did::Read)
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Letters to send: mail is no place for anything of a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct LettersView {
    /// One for each notification that is not read.
    letters: Vec<String>,
}

/// A letter: that there is a notification and of what kind. No name, no id.
fn letter(kind: NoticeKind) -> String {
    format!("You have a new notice in Homeward: {}. Sign in to read it.", kind.word())
}

/// Drafts of letters for your notifications that are not read, without content.
#[utoipa::path(get, path = "/api/v1/notices/letters", tag = "notices", responses(
    (status = 200, description = "the letters", body = LettersView),
    errors::Refusals,
))]
pub(crate) async fn letters(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::Notification);
    let unread = Listed { states: vec!["unread".to_owned()], ..Listed::default() };
    let found = match records(desk.casework.notices(&desk.context(&purpose), &unread).await) {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let letters: Vec<String> = found.iter().map(|held| letter(held.noun.kind)).collect();
    if desk.is_program() {
        return axum::Json(LettersView { letters }).into_response();
    }
    let mut text = letters.join("\n");
    text.push('\n');
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_nothing_of_a_record() {
        let said = letter(NoticeKind::Assigned);
        assert_eq!(said, "You have a new notice in Homeward: assigned. Sign in to read it.");
    }
}
