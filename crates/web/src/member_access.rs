//! How a member gets in, and is kept out: first password and codes, new ones, lock and release, the end.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::layout::Layout;
use crate::lead::ReasonBody;
use crate::member::{MEMBER, MemberView, acted, shown};
use crate::{Site, act, errors};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use homeward_access::Kind;
use homeward_casework::{CodeSecret, Held};
use homeward_model::Member;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of these acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/people/members/{id}/activate", activate);
    let routes = act(routes, "/people/members/{id}/credential", credential);
    let routes = act(routes, "/people/members/{id}/lock", lock);
    let routes = act(routes, "/people/members/{id}/unlock", unlock);
    let routes = act(routes, "/people/members/{id}/leave", leave);
    act(routes, "/people/members/{id}/sign-out", sign_out)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(activate, credential, lock, unlock, leave, sign_out))]
pub(crate) struct Document;

/// A first password, or a new one.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PasswordBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The password.
    password: String,
}

/// What a member proves themselves with, shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct CredentialView {
    /// The account.
    member: MemberView,
    /// The secret of one-time codes, in base 32.
    secret: String,
    /// The same as an `otpauth://` address.
    address: String,
}

#[derive(Template)]
#[template(path = "people/credential.html")]
struct CredentialPage {
    layout: Layout,
    credential: CredentialView,
}

fn handed(desk: &Desk, held: &Held<Member>, secret: CodeSecret) -> Response {
    let CodeSecret { text: secret, address } = secret;
    let credential = CredentialView { member: shown(desk, held), secret, address };
    if desk.is_program() {
        return axum::Json(credential).into_response();
    }
    desk.page(StatusCode::OK, CredentialPage { layout: desk.layout(), credential })
}

/// Lets an invited member in. The secret of one-time codes is in the answer, and nowhere else.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/activate", tag = "people", params(("id" = String, Path)),
    request_body = PasswordBody, responses(
    (status = 200, description = "the account with its secret", body = CredentialView),
    errors::Refusals,
))]
pub(crate) async fn activate(desk: Desk, Path(member): Path<String>, sent: Sent<PasswordBody>) -> Response {
    let purpose = purpose_for(Kind::Account);
    let PasswordBody { seen, request, password } = sent.fields;
    let done = async {
        let (member, revision) = (id(&member, MEMBER)?, desk.revision(seen, &request)?);
        let random = desk.site.random();
        desk.casework.activate_member(&desk.context(&purpose), member, revision, &password, &random).await
    };
    match done.await {
        Ok((held, secret)) => handed(&desk, &held, secret),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Gives a member a new password and new one-time codes: their sessions end, they and who answers for the account are told.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/credential", tag = "people", params(("id" = String, Path)),
    request_body = PasswordBody, responses(
    (status = 200, description = "the account with its secret", body = CredentialView),
    errors::Refusals,
))]
pub(crate) async fn credential(desk: Desk, Path(member): Path<String>, sent: Sent<PasswordBody>) -> Response {
    let purpose = purpose_for(Kind::Account);
    let PasswordBody { seen, request, password } = sent.fields;
    let done = async {
        let (member, revision) = (id(&member, MEMBER)?, desk.revision(seen, &request)?);
        let random = desk.site.random();
        desk.casework.give_credential(&desk.context(&purpose), member, revision, &password, &random).await
    };
    match done.await {
        Ok((held, secret)) => handed(&desk, &held, secret),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Locks an account; its sessions are over.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/lock", tag = "people", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn lock(desk: Desk, Path(member): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &member, &sent.typed, async |context, member| {
        desk.casework.lock_member(context, member, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// Releases a locked account.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/unlock", tag = "people", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn unlock(desk: Desk, Path(member): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &member, &sent.typed, async |context, member| {
        desk.casework.unlock_member(context, member, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// Records that a member left; their sessions are over, and nobody else gets the account.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/leave", tag = "people", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn leave(desk: Desk, Path(member): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &member, &sent.typed, async |context, member| {
        desk.casework.member_left(context, member, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// Ends all sessions of a member.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/sign-out", tag = "people", params(("id" = String, Path)), responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn sign_out(desk: Desk, Path(member): Path<String>) -> Response {
    acted(&desk, &member, "", async |context, member| desk.casework.end_sessions_of(context, member).await)
        .await
}
