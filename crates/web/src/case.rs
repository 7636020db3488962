//! `/cases`: the list, opening one, one case with its matrix, chains and timeline, and its history. The acts on it are in
//! `case_acts` and `case_entries`, what leaves the agency in `case_export`.

use crate::case_chart::{Chart, chart};
use crate::case_view::{CaseHead, CaseView, head, shown};
use crate::desk::{Desk, Sent, after, at, id, narrowed, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::StepView;
use crate::restrict::Closing;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Listed, Logged, Trouble, WrittenCase};
use homeward_model::{Case, CaseDisposition, CaseId, CaseMove, CaseState, MemberId, Role};
use homeward_rules::offences::{OffenceTable, Offences};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of cases.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(view(Router::new(), "/cases", list), "/cases", open);
    let routes = view(routes.route("/cases/new", get(blank)), "/cases/{id}", one);
    view(routes, "/cases/{id}/history", history)
        .merge(crate::case_acts::routes())
        .merge(crate::case_entries::routes())
        .merge(crate::case_prepare::routes())
        .merge(crate::case_export::routes())
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, open, one, history))]
pub(crate) struct Document;

pub(crate) const CASE: &str = "case";

/// Acts on a case that its page offers, when they are allowed.
const ACTS: [Act; 7] = [
    Act::AcceptPredicate,
    Act::WorkCase,
    Act::PrepareCase,
    Act::AssignCase,
    Act::ChargeCase,
    Act::CloseCase,
    Act::DiscloseRecord,
];

/// Which cases.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: String,
    /// Only those that the one who asks works: `me`.
    #[serde(default)]
    assigned: String,
    /// Only those with a task whose date is past: `overdue`.
    #[serde(default)]
    tasks: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of cases, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct CasePage {
    /// The cases.
    cases: Vec<CaseHead>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "case/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    states: [&'static str; 7],
    opens: bool,
    page: CasePage,
}

/// Cases that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", params(Wanted), responses(
    (status = 200, description = "a page of cases", body = CasePage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let found = async {
        let purpose = purpose_for(Kind::Case);
        let after: Option<CaseId> = after(&wanted.after, CASE)?;
        let listed = Listed {
            states: narrowed("state", &wanted.state, &CaseState::WORDS)?.into_iter().collect(),
            assigned: narrowed("assigned", &wanted.assigned, &["me"])?.map(|_| desk.actor.member),
            due_by: narrowed("tasks", &wanted.tasks, &["overdue"])?.map(|_| desk.now),
            after: after.map(CaseId::bits),
            ..Listed::default()
        };
        desk.casework.cases(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let cases = found.records.iter().map(|held| head(&desk, held)).collect();
            let next = found.next.map(|bits| CaseId::from_bits(bits).to_string());
            let opens = desk.actor.roles.list().contains(&Role::Investigator);
            desk.show(CasePage { cases, next }, |layout, page| ListPage {
                layout,
                wanted,
                states: CaseState::WORDS,
                opens,
                page,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "case/new.html")]
struct NewPage {
    layout: Layout,
    lead: String,
}

/// From which lead.
#[derive(Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    lead: String,
}

/// `GET /cases/new`: the form.
pub(crate) async fn blank(desk: Desk, Query(from): Query<From>) -> Response {
    desk.page(StatusCode::OK, NewPage { layout: desk.layout(), lead: from.lead })
}

/// What a case is opened on.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct OpenBody {
    /// A uuid made by the client: the id of the case; sent again, nothing happens again.
    request: String,
    /// Id of the lead that it is promoted from.
    lead: String,
    /// `commercial sex` or `other`; the first when not said.
    matter: String,
    /// The crime, by its section of law.
    crime: String,
    /// The facts: why this crime, written anew and not copied from the lead.
    facts: String,
}

/// Opens a case on a predicate. From a lead, the lead's history says so and its narrative stays where it is.
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = OpenBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn open(desk: Desk, sent: Sent<OpenBody>) -> Response {
    let OpenBody { request, lead, matter, crime, facts } = sent.fields;
    let case = match desk.request(&request) {
        Ok(request) => CaseId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &sent.typed),
    };
    acted(&desk, &case, &sent.typed, Did::CaseOpened, async |context, case| {
        let written = WrittenCase { lead, matter, crime, facts };
        Ok(desk.casework.open_case(context, case, &written).await?.record)
    })
    .await
}

/// Shows what an act made of a case.
pub(crate) async fn acted(
    desk: &Desk,
    case: &str,
    typed: &str,
    did: Did,
    act: impl AsyncFnOnce(&Context<'_>, CaseId) -> Result<Held<Case>, Trouble>,
) -> Response {
    let shown = |held: &Held<Case>| (shown(desk, held), format!("/cases/{}", held.noun.id));
    desk.act((Kind::Case, CASE, case), (typed, did), act, shown).await
}

/// A release as the page of a case lists it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReleaseView {
    /// Its id.
    pub(crate) id: String,
    /// The version that was released.
    pub(crate) version: i64,
    /// Name of the agency that received it.
    pub(crate) receiver: String,
    /// Why.
    pub(crate) reason: String,
    /// On what basis the receiver needs to know.
    pub(crate) need_to_know: String,
    /// On what basis the receiver has a right to know.
    pub(crate) right_to_know: String,
    /// Who released it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
    /// Whether your organisation received it, and may fetch what was released.
    pub(crate) to_us: bool,
}

impl ReleaseView {
    pub(crate) fn of(desk: &Desk, logged: Logged) -> ReleaseView {
        let released = logged.released;
        ReleaseView {
            id: CaseId::from_bits(released.id).to_string(),
            version: logged.version,
            receiver: desk.who.agency(released.receiver),
            reason: released.reason.to_string(),
            need_to_know: released.need_to_know.to_string(),
            right_to_know: released.right_to_know.to_string(),
            by: desk.who.member(logged.by),
            at: at(logged.at),
            to_us: released.receiver == desk.actor.organisation,
        }
    }
}

/// What the reader can do to a case: allowed by its state and by the policies.
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct Can {
    accept: bool,
    take_up: bool,
    assign: bool,
    subject: bool,
    age: bool,
    enter: bool,
    prepare: bool,
    hand_over: bool,
    note: bool,
    charge: bool,
    dispose: bool,
    close: bool,
    decline: bool,
    disclose: bool,
}

fn can(case: &Case, may: &[Act]) -> Can {
    let both = |step: CaseMove, act: Act| case.allowed().contains(&step) && may.contains(&act);
    Can {
        accept: both(CaseMove::Accept, Act::AcceptPredicate),
        take_up: both(CaseMove::TakeUp, Act::WorkCase),
        assign: both(CaseMove::Assign, Act::AssignCase),
        subject: both(CaseMove::AddSubject, Act::WorkCase),
        age: both(CaseMove::LearnAge, Act::WorkCase) && !case.parts().subjects.is_empty(),
        enter: both(CaseMove::Enter, Act::WorkCase),
        prepare: both(CaseMove::Enter, Act::PrepareCase),
        hand_over: both(CaseMove::HandOver, Act::WorkCase) && !case.file().exhibits.is_empty(),
        note: both(CaseMove::Note, Act::PrepareCase),
        charge: both(CaseMove::Charge, Act::ChargeCase) && !case.parts().subjects.is_empty(),
        dispose: both(CaseMove::Dispose, Act::ChargeCase),
        close: both(CaseMove::Close, Act::CloseCase),
        decline: both(CaseMove::Decline, Act::CloseCase),
        disclose: may.contains(&Act::DiscloseRecord),
    }
}

#[derive(Template)]
#[template(path = "case/one.html")]
struct OnePage {
    layout: Layout,
    case: CaseView,
    chart: Option<Chart>,
    can: Can,
    /// Offences with their verbs, for the form of a count.
    offences: Vec<(&'static str, String)>,
    verbs: Vec<&'static str>,
    dispositions: Vec<&'static str>,
    /// Who works it, with their ids.
    team: Vec<(String, String)>,
    /// Who could.
    others: Vec<(String, String)>,
    agencies: Vec<(String, String)>,
    releases: Vec<ReleaseView>,
    history: Vec<StepView>,
    closing: Closing,
    /// Whether the reader's job opens leads, and records of victims.
    opens_leads: bool,
    victims: Vec<(String, String)>,
}

/// One case.
#[utoipa::path(get, path = "/api/v1/cases/{id}", tag = "cases", params(("id" = String, Path)), responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Case);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.case(&context, id(&wanted, CASE)?).await?;
        if desk.is_program() {
            return Ok((held, Vec::new(), Vec::new(), Vec::new()));
        }
        let victims = if desk.may_own(Kind::Victim, Act::RecordVictim) {
            let purpose = purpose_for(Kind::Victim);
            let found = desk.casework.victims(&desk.context(&purpose), &Listed::default()).await?;
            found.records.iter().map(|held| (held.noun.id.to_string(), held.noun.called.clone())).collect()
        } else {
            Vec::new()
        };
        let releases = desk.casework.case_releases(&context, held.noun.id).await?;
        let steps = desk.casework.case_history(&context, held.noun.id).await?;
        Ok::<_, Trouble>((held, releases, steps, victims))
    };
    let (held, releases, steps, victims) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let can = can(&held.noun, &desk.casework.may(&context, &held.resource, &ACTS));
    let closing = Closing::of(&desk, &context, &held, format!("/cases/{}", held.noun.id));
    let team = &held.noun.parts().team;
    let pair = |member: &MemberId| (member.to_string(), desk.who.member(*member));
    let investigators = desk.who.members_of(held.resource.owner, &[Role::Investigator]);
    let others = investigators.into_iter().chain(desk.who.in_job(Role::Prosecutor));
    let others = others.filter(|member| !team.contains(&member.id));
    let others = others.map(|member| (member.id.to_string(), member.name.clone())).collect();
    let agencies = desk.who.active_agencies().into_iter().filter(|agency| agency.id != held.resource.owner);
    let agencies = agencies.map(|agency| (agency.id.to_string(), agency.name.clone())).collect();
    let offences = Offences::embedded().on(desk.now);
    let verbs: BTreeSet<&str> =
        offences.iter().flat_map(|table| table.verbs.iter().map(String::as_str)).collect();
    let named =
        |table: &'static OffenceTable| (table.offence.as_str(), format!("{} {}", table.section, table.name));
    desk.show(shown(&desk, &held), |layout, case| OnePage {
        layout,
        chart: chart(&case),
        case,
        can,
        offences: offences.into_iter().map(named).collect(),
        verbs: verbs.into_iter().collect(),
        dispositions: CaseDisposition::ALL.iter().map(|one| one.word()).collect(),
        team: team.iter().map(pair).collect(),
        others,
        agencies,
        releases: releases.into_iter().map(|logged| ReleaseView::of(&desk, logged)).collect(),
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        closing,
        opens_leads: desk.may_own(Kind::Lead, Act::View),
        victims,
    })
}

/// What was done with a case, every entry of its file among it, oldest first.
#[utoipa::path(get, path = "/api/v1/cases/{id}/history", tag = "cases", params(("id" = String, Path)), responses(
    (status = 200, description = "its history", body = Vec<StepView>),
    errors::Refusals,
))]
pub(crate) async fn history(desk: Desk, Path(case): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Case);
    let found = async { desk.casework.case_history(&desk.context(&purpose), id(&case, CASE)?).await };
    match found.await {
        Ok(_) if !desk.is_program() => Redirect::to(&format!("/cases/{case}#history")).into_response(),
        Ok(steps) => {
            let steps: Vec<StepView> = steps.into_iter().map(|step| StepView::of(&desk, step)).collect();
            axum::Json(steps).into_response()
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}
