//! `/people/members`: one account, with its jobs, scope and telephone number. How its member gets in, and is kept out, lies in
//! `member_access`.

use crate::desk::{Desk, Sent, at, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Trouble, office_id, office_named, task_force_of};
use homeward_model::{AccessEnd, AgencyId, Instant, Member, MemberId, MemberMove, MemberScope, Role, Roles};
use homeward_places::Places;
use homeward_rules::record::RecordRules;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of accounts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/people/members/{id}", one);
    let routes = act(routes, "/people/members/{id}/phone", phone);
    let routes = act(routes, "/people/members/{id}/roles", roles);
    act(routes, "/people/members/{id}/scope", scope)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(one, phone, roles, scope))]
pub(crate) struct Document;

pub(crate) const MEMBER: &str = "member";

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// The name, as shown.
    pub(crate) name: String,
    /// The address for sign-in.
    pub(crate) email: String,
    /// The number at which they are called.
    pub(crate) phone: Option<String>,
    /// Name of the agency.
    pub(crate) agency: String,
    /// Id of the agency.
    pub(crate) agency_id: String,
    /// The jobs.
    pub(crate) roles: Vec<&'static str>,
    /// Names of the field offices whose task forces the member is in.
    pub(crate) offices: Vec<&'static str>,
    /// When access ends, if it does.
    pub(crate) ends: Option<String>,
    /// `invited`, `active`, `locked` or `left`.
    pub(crate) state: &'static str,
}

/// An account as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<Member>) -> MemberView {
    let member = &held.noun;
    let forces = &member.scope().task_forces;
    let led = |name: &&str| forces.contains(&task_force_of(office_id(name)));
    MemberView {
        id: member.id.to_string(),
        version: held.version,
        name: member.name.clone(),
        email: member.email.as_str().to_owned(),
        phone: member.phone().map(ToString::to_string),
        agency: desk.who.agency(member.agency),
        agency_id: member.agency.to_string(),
        roles: member.roles().list().iter().map(|role| role.word()).collect(),
        offices: offices().into_iter().filter(led).collect(),
        ends: member.scope().ends.moment().map(at),
        state: member.state().word(),
    }
}

/// Jobs that an agency of its kind has.
pub(crate) fn jobs_of(desk: &Desk, agency: AgencyId) -> Vec<&'static str> {
    let known = desk.who.known_agency(agency);
    let has = |role: &&Role| known.is_some_and(|agency| role.is_of(agency.kind));
    Role::ALL.iter().filter(has).map(|role| role.word()).collect()
}

fn offices() -> Vec<&'static str> {
    Places::embedded().offices().iter().map(|office| office.name.as_str()).collect()
}

/// A list of a body: a program gives it as one, a page as a field of one name for each.
pub(crate) fn listed(typed: &str, name: &str, given: Vec<String>) -> Vec<String> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(typed).unwrap_or_default();
    let ticked = fields.into_iter().filter(|(field, _)| field == name).map(|(_, value)| value);
    given.into_iter().chain(ticked).collect()
}

/// Jobs by their words.
pub(crate) fn roles_of(words: &[String]) -> Result<Roles, Trouble> {
    let role =
        |word: &String| Role::parse(word).ok_or_else(|| Trouble::invalid(format!("`{word}` is no job")));
    Ok(Roles::new(words.iter().map(role).collect::<Result<_, _>>()?)?)
}

/// Task forces by the names of their field offices, and the day on which access ends.
pub(crate) fn scope_of(offices: &[String], ends: &str) -> Result<MemberScope, Trouble> {
    let force = |name: &String| {
        let office = office_id(name);
        let known = office_named(office).map(|_| task_force_of(office));
        known.ok_or_else(|| Trouble::invalid(format!("`{name}` is no field office")))
    };
    let date = match ends.trim() {
        "" => None,
        day => {
            let day = Instant::parse(&format!("{day}T00:00:00Z"));
            Some(day.ok_or_else(|| Trouble::invalid("write the end of access as `YYYY-MM-DD`"))?)
        }
    };
    Ok(MemberScope {
        task_forces: offices.iter().map(force).collect::<Result<_, _>>()?,
        ends: AccessEnd { date, ..AccessEnd::default() },
        ..MemberScope::default()
    })
}

#[derive(Template)]
#[template(path = "people/member.html")]
struct OnePage {
    layout: Layout,
    member: MemberView,
    roles: Vec<&'static str>,
    offices: Vec<&'static str>,
    ends: String,
    least: u32,
    can: Can,
}

/// What the reader can do to an account.
#[expect(clippy::struct_excessive_bools, reason = "each is a button of the page")]
struct Can {
    activate: bool,
    change: bool,
    credential: bool,
    lock: bool,
    unlock: bool,
    leave: bool,
}

fn can(member: &Member, may: &[Act]) -> Can {
    let both = |step: MemberMove, act: Act| member.allowed().contains(&step) && may.contains(&act);
    Can {
        activate: both(MemberMove::Activate, Act::ChangeMember),
        change: both(MemberMove::ChangeRoles, Act::ChangeMember),
        credential: both(MemberMove::GiveCredential, Act::ChangeMember),
        lock: both(MemberMove::Lock, Act::LockMember),
        unlock: both(MemberMove::Unlock, Act::LockMember),
        leave: both(MemberMove::Leave, Act::LockMember),
    }
}

/// One account.
#[utoipa::path(get, path = "/api/v1/people/members/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Account);
    let context = desk.context(&purpose);
    let found = async { desk.casework.member(&context, id(&wanted, MEMBER)?).await };
    let held = match found.await {
        Ok(held) => held,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let may = desk.casework.may(&context, &held.resource, &[Act::ChangeMember, Act::LockMember]);
    desk.show(shown(&desk, &held), |layout, member| OnePage {
        layout,
        member,
        roles: jobs_of(&desk, held.noun.agency),
        offices: offices(),
        ends: held.noun.scope().ends.date.map(Instant::date).unwrap_or_default(),
        least: RecordRules::embedded().sessions.password_length.count,
        can: can(&held.noun, &may),
    })
}

/// An act on an account was done.
pub(crate) fn done(desk: &Desk, held: &Held<Member>, did: Did) -> Response {
    desk.done(&shown(desk, held), &format!("/people/members/{}", held.noun.id), did)
}

/// Shows what an act made of an account.
pub(crate) async fn acted(
    desk: &Desk,
    member: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, MemberId) -> Result<Held<Member>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::Account);
    let acted = async { act(&desk.context(&purpose), id(member, MEMBER)?).await };
    match acted.await {
        Ok(held) => done(desk, &held, Did::Kept),
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// A telephone number.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PhoneBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The number, as in `704-555-0142`; empty takes it away.
    #[serde(default)]
    phone: String,
}

/// Changes the number at which a member is called. Who goes to an event with them finds it on the field card.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/phone", tag = "people", params(("id" = String, Path)),
    request_body = PhoneBody, responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn phone(desk: Desk, Path(member): Path<String>, sent: Sent<PhoneBody>) -> Response {
    let PhoneBody { seen, request, phone } = sent.fields;
    acted(&desk, &member, &sent.typed, async |context, member| {
        desk.casework.change_phone(context, member, desk.revision(seen, &request)?, &phone).await
    })
    .await
}

/// New jobs.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RolesBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The jobs. A page sends one field `role` for each instead.
    #[serde(default)]
    roles: Vec<String>,
}

/// Changes the jobs of a member.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/roles", tag = "people", params(("id" = String, Path)),
    request_body = RolesBody, responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn roles(desk: Desk, Path(member): Path<String>, sent: Sent<RolesBody>) -> Response {
    let Sent { fields: RolesBody { seen, request, roles }, typed } = sent;
    acted(&desk, &member, &typed, async |context, member| {
        let roles = roles_of(&listed(&typed, "role", roles))?;
        desk.casework.change_roles(context, member, desk.revision(seen, &request)?, roles).await
    })
    .await
}

/// New task forces and a new end of access.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ScopeBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Names of the field offices whose task forces the member is in. A page sends one field `office` for each instead.
    #[serde(default)]
    offices: Vec<String>,
    /// The day on which access ends, `YYYY-MM-DD`, or nothing.
    #[serde(default)]
    ends: String,
}

/// Changes task forces and the end of access.
#[utoipa::path(post, path = "/api/v1/people/members/{id}/scope", tag = "people", params(("id" = String, Path)),
    request_body = ScopeBody, responses(
    (status = 200, description = "the account", body = MemberView),
    errors::Refusals,
))]
pub(crate) async fn scope(desk: Desk, Path(member): Path<String>, sent: Sent<ScopeBody>) -> Response {
    let Sent { fields: ScopeBody { seen, request, offices, ends }, typed } = sent;
    acted(&desk, &member, &typed, async |context, member| {
        let scope = scope_of(&listed(&typed, "office", offices), &ends)?;
        desk.casework.change_scope(context, member, desk.revision(seen, &request)?, scope).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ticks_what_a_program_lists() {
        let ticked = listed("role=analyst&name=a&role=investigator", "role", Vec::new());
        assert_eq!(ticked, ["analyst", "investigator"]);
        assert_eq!(listed("", "role", vec!["auditor".into()]), ["auditor"]);
    }

    #[test]
    fn an_end_of_access_is_a_day() {
        let ends = |text: &str| scope_of(&[], text).map(|scope| scope.ends.date);
        assert_eq!(ends(" "), Ok(None));
        assert_eq!(ends("2026-12-31"), Ok(Instant::from_ymd(2026, 12, 31)));
        assert!(ends("soon").is_err() && scope_of(&["Atlantis".into()], "").is_err());
        assert_eq!(scope_of(&["Charlotte".into()], "").unwrap().task_forces.len(), 1);
    }
}
