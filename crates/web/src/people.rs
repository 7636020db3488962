//! `/people`: agencies as their administrators manage them, and the invitation of members. What is done with an account lies in
//! `member.rs`.

use crate::desk::{Desk, Sent, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::ReasonBody;
use crate::member::{self, MemberView, scope_of};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Listed, Trouble, invitation};
use homeward_model::{Agency, AgencyId, AgencyMove, AgencyState, MemberId};
use homeward_places::Places;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of agencies.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/people", list);
    let routes = view(routes, "/people/agencies/{id}", one);
    let routes = act(routes, "/people/agencies/{id}/join", join);
    let routes = act(routes, "/people/agencies/{id}/suspend", suspend);
    let routes = act(routes, "/people/agencies/{id}/resume", resume);
    let routes = act(routes, "/people/agencies/{id}/end", end);
    act(routes, "/people/agencies/{id}/invite", invite)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one, join, suspend, resume, end, invite))]
pub(crate) struct Document;

const AGENCY: &str = "agency";

/// An agency.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgencyView {
    /// Its id.
    id: String,
    /// Its version; a change names the version it was decided on.
    version: i64,
    /// Its name.
    name: String,
    /// `police`, `federal`, `prosecutor`, `clearinghouse` or `provider`.
    kind: &'static str,
    /// Its ORI; a provider has none.
    ori: Option<String>,
    /// `listed`, `active`, `suspended` or `ended`.
    state: &'static str,
    /// SHA-256 of the signed terms.
    terms: Option<String>,
    /// Since when it is in this state.
    since: Option<String>,
}

fn shown(held: &Held<Agency>) -> AgencyView {
    let agency = &held.noun;
    let (terms, since) = match agency.state() {
        AgencyState::Listed => (None, None),
        AgencyState::Active { terms, since } | AgencyState::Suspended { terms, since } => {
            (Some(terms.hex()), Some(at(since.at)))
        }
        AgencyState::Ended { since } => (None, Some(at(since.at))),
    };
    AgencyView {
        id: agency.id.to_string(),
        version: held.version,
        name: agency.name.clone(),
        kind: agency.kind.word(),
        ori: agency.ori.as_ref().map(|ori| ori.as_str().to_owned()),
        state: agency.state().word(),
        terms,
        since,
    }
}

/// Agencies that you manage.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgencyList {
    /// The agencies.
    agencies: Vec<AgencyView>,
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct ListPage {
    layout: Layout,
    list: AgencyList,
}

/// Agencies that you manage.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", responses(
    (status = 200, description = "the agencies", body = AgencyList),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::Agency);
    match desk.casework.agencies(&desk.context(&purpose), &Listed::default()).await {
        Ok(found) => {
            let list = AgencyList { agencies: found.records.iter().map(shown).collect() };
            desk.show(list, |layout, list| ListPage { layout, list })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// An agency with its members.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgencyPage {
    /// The agency.
    agency: AgencyView,
    /// Its members, newest first.
    members: Vec<MemberView>,
}

#[derive(Template)]
#[template(path = "people/agency.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a button of the page")]
struct OnePage {
    layout: Layout,
    page: AgencyPage,
    roles: Vec<&'static str>,
    offices: Vec<&'static str>,
    can_join: bool,
    can_suspend: bool,
    can_resume: bool,
    can_end: bool,
    can_invite: bool,
}

/// One agency with its members.
#[utoipa::path(get, path = "/api/v1/people/agencies/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = 200, description = "the agency", body = AgencyPage),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Agency);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.agency(&context, id(&wanted, AGENCY)?).await?;
        let listed = Listed { owner: Some(held.noun.id), limit: 500, ..Listed::default() };
        let members = desk.casework.members(&context, &listed).await?;
        Ok::<_, Trouble>((held, members.records))
    };
    let (held, members) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let may = desk.casework.may(&context, &held.resource, &[Act::ManageAgency]);
    let can = |step: AgencyMove| held.noun.allowed().contains(&step) && !may.is_empty();
    let members = members.iter().map(|held| member::shown(&desk, held)).collect();
    let page = AgencyPage { agency: shown(&held), members };
    desk.show(page, |layout, page| OnePage {
        layout,
        page,
        roles: member::jobs_of(&desk, held.noun.id),
        offices: Places::embedded().offices().iter().map(|office| office.name.as_str()).collect(),
        can_join: can(AgencyMove::Join),
        can_suspend: can(AgencyMove::Suspend),
        can_resume: can(AgencyMove::Resume),
        can_end: can(AgencyMove::End),
        can_invite: !may.is_empty(),
    })
}

/// Shows what an act made of an agency.
async fn acted(
    desk: &Desk,
    agency: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, AgencyId) -> Result<Held<Agency>, Trouble>,
) -> Response {
    let shown = |held: &Held<Agency>| (shown(held), format!("/people/agencies/{}", held.noun.id));
    desk.act((Kind::Agency, AGENCY, agency), (typed, Did::Kept), act, shown).await
}

/// Terms that an agency signed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct JoinBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// SHA-256 of the signed file, 64 hexadecimal digits.
    terms: String,
}

/// Records the terms that an agency signed.
#[utoipa::path(post, path = "/api/v1/people/agencies/{id}/join", tag = "people", params(("id" = String, Path)),
    request_body = JoinBody, responses(
    (status = 200, description = "the agency", body = AgencyView),
    errors::Refusals,
))]
pub(crate) async fn join(desk: Desk, Path(agency): Path<String>, sent: Sent<JoinBody>) -> Response {
    let JoinBody { seen, request, terms } = sent.fields;
    acted(&desk, &agency, &sent.typed, async |context, agency| {
        desk.casework.join_agency(context, agency, desk.revision(seen, &request)?, &terms).await
    })
    .await
}

/// Keeps an agency's members out for a while.
#[utoipa::path(post, path = "/api/v1/people/agencies/{id}/suspend", tag = "people", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the agency", body = AgencyView),
    errors::Refusals,
))]
pub(crate) async fn suspend(desk: Desk, Path(agency): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &agency, &sent.typed, async |context, agency| {
        desk.casework.suspend_agency(context, agency, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// Lets a suspended agency's members in again.
#[utoipa::path(post, path = "/api/v1/people/agencies/{id}/resume", tag = "people", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the agency", body = AgencyView),
    errors::Refusals,
))]
pub(crate) async fn resume(desk: Desk, Path(agency): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &agency, &sent.typed, async |context, agency| {
        desk.casework.resume_agency(context, agency, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// Ends an agency's part.
#[utoipa::path(post, path = "/api/v1/people/agencies/{id}/end", tag = "people", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the agency", body = AgencyView),
    errors::Refusals,
))]
pub(crate) async fn end(desk: Desk, Path(agency): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &agency, &sent.typed, async |context, agency| {
        desk.casework.end_agency(context, agency, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

/// A person to invite.
#[derive(Deserialize, ToSchema)]
pub(crate) struct InviteBody {
    /// A uuid made by the client, the id of the member: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The name, as shown.
    name: String,
    /// The address for sign-in.
    email: String,
    /// The jobs. A page sends one field `role` for each instead.
    #[serde(default)]
    roles: Vec<String>,
    /// Names of the field offices whose task forces the person is in. A page sends one field `office` for each instead.
    #[serde(default)]
    offices: Vec<String>,
    /// The day on which access ends, `YYYY-MM-DD`, or nothing.
    #[serde(default)]
    ends: String,
}

/// Invites a person.
#[utoipa::path(post, path = "/api/v1/people/agencies/{id}/invite", tag = "people", params(("id" = String, Path)),
    request_body = InviteBody, responses(
    (status = 200, description = "the member", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn invite(desk: Desk, Path(agency): Path<String>, sent: Sent<InviteBody>) -> Response {
    let Sent { fields: body, typed } = sent;
    let purpose = purpose_for(Kind::Account);
    let done = async {
        let member = MemberId::from_bits(desk.request(&body.request)?);
        let roles = member::roles_of(&member::listed(&typed, "role", body.roles))?;
        let offices = member::listed(&typed, "office", body.offices);
        let scope = scope_of(&offices, &body.ends)?;
        let invitation = invitation(member, &body.name, &body.email, id(&agency, AGENCY)?, roles)?;
        desk.casework.invite_member(&desk.context(&purpose), invitation, scope).await
    };
    match done.await {
        Ok(held) => member::done(&desk, &held, Did::Invited),
        Err(trouble) => desk.trouble(&trouble, &typed),
    }
}
