//! `/account`: what everybody can do with their own account: change the password, see where they are signed in, sign out there.

use crate::cookie::Cookie;
use crate::desk::{Desk, Sent, at, purpose_for};
use crate::layout::{Did, Layout, keep};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::Trouble;
use homeward_rules::record::RecordRules;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of the own account.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/account", one);
    let routes = act(routes, "/account/phone", phone);
    let routes = act(routes, "/account/password", password);
    act(routes, "/account/sign-out", sign_out)
}

/// Its part of the document.
#[derive(OpenApi)]
#[openapi(paths(one, phone, password, sign_out))]
pub(crate) struct Document;

/// An open session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// When you signed in.
    opened: String,
    /// When it was last used.
    seen: String,
    /// From which address.
    from: String,
}

/// The own account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// The number at which you are called.
    phone: Option<String>,
    /// Where you are signed in, the newest first.
    sessions: Vec<SessionView>,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    layout: Layout,
    account: AccountView,
    least: u32,
}

/// Your own account.
#[utoipa::path(get, path = "/api/v1/account", tag = "account", responses(
    (status = 200, description = "the account", body = AccountView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::Account);
    let sessions = match desk.casework.own_sessions(&desk.context(&purpose)).await {
        Ok(sessions) => sessions,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let sessions = sessions
        .into_iter()
        .map(|open| SessionView { opened: at(open.opened), seen: at(open.seen), from: open.from })
        .collect();
    let least = RecordRules::embedded().sessions.password_length.count;
    desk.show(AccountView { phone: own_number(&desk), sessions }, |layout, account| AccountPage {
        layout,
        account,
        least,
    })
}

fn own_number(desk: &Desk) -> Option<String> {
    desk.who.known_member(desk.actor.member).and_then(|known| known.phone.clone())
}

/// A change of the own number.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PhoneBody {
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The number, as in `704-555-0142`; empty takes it away.
    #[serde(default)]
    phone: String,
}

/// The own number.
#[derive(Serialize, ToSchema)]
pub(crate) struct NumberView {
    /// The number at which you are called from now on.
    phone: Option<String>,
}

/// Changes the number at which you are called. Who goes to an event with you finds it on the field card.
#[utoipa::path(post, path = "/api/v1/account/phone", tag = "account", request_body = PhoneBody, responses(
    (status = 200, description = "it was changed", body = NumberView),
    errors::Refusals,
))]
pub(crate) async fn phone(desk: Desk, sent: Sent<PhoneBody>) -> Response {
    let purpose = purpose_for(Kind::Account);
    let PhoneBody { request, phone } = sent.fields;
    let done = async {
        let request = desk.request(&request)?;
        desk.casework.keep_own_number(&desk.context(&purpose), request, &phone).await
    };
    match done.await {
        Ok(held) => {
            let phone = held.noun.phone().map(ToString::to_string);
            desk.done(&NumberView { phone }, "/account", Did::Kept)
        }
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// A change of the own password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangeBody {
    /// The old one.
    old_password: String,
    /// The new one.
    new_password: String,
    /// The new one again; a program may leave it out.
    #[serde(default)]
    new_password_again: Option<String>,
}

/// What was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedOutView {
    /// Always true: all sessions are over, this one too.
    signed_out: bool,
}

/// All sessions are over: the visitor is sent to the door.
fn gone(desk: &Desk, did: Did) -> Response {
    let mut answer = desk.done(&SignedOutView { signed_out: true }, "/sign-in", did);
    keep(answer.headers_mut(), Cookie::Session.write("", desk.site.settings.behind_proxy, Some(0)));
    answer
}

/// Changes your own password. All your sessions end, this one too.
#[utoipa::path(post, path = "/api/v1/account/password", tag = "account", request_body = ChangeBody, responses(
    (status = 200, description = "it was changed", body = SignedOutView),
    errors::Refusals,
))]
pub(crate) async fn password(desk: Desk, sent: Sent<ChangeBody>) -> Response {
    let purpose = purpose_for(Kind::Account);
    let ChangeBody { old_password, new_password, new_password_again } = sent.fields;
    let done = async {
        if new_password_again.is_some_and(|again| again != new_password) {
            return Err(Trouble::invalid("the new password was not written twice alike"));
        }
        desk.casework.change_password(&desk.context(&purpose), &old_password, &new_password).await
    };
    match done.await {
        Ok(()) => gone(&desk, Did::PasswordChanged),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Ends all your sessions, this one too.
#[utoipa::path(post, path = "/api/v1/account/sign-out", tag = "account", responses(
    (status = 200, description = "all sessions are over", body = SignedOutView),
    errors::Refusals,
))]
pub(crate) async fn sign_out(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::Account);
    match desk.casework.sign_out_everywhere(&desk.context(&purpose)).await {
        Ok(()) => gone(&desk, Did::SignedOut),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}
