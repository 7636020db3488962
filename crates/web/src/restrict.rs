//! Closing records to most, and `/break-glass`: opening one closed record in an emergency. A record that is closed to somebody
//! looks as if it were not there, so break-glass asks for its noun and id.

use crate::desk::{Desk, Sent, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::ReasonBody;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Listed, Trouble, records};
use homeward_model::{Emergency, EmergencyId, EmergencyState, EmergencyVerdict, LeadId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Kinds that are closed, with the folder of their pages.
const CLOSED: [(&str, Kind); 6] = [
    ("leads", Kind::Lead),
    ("cases", Kind::Case),
    ("missing", Kind::MissingReport),
    ("checks", Kind::Check),
    ("victims", Kind::Victim),
    ("events", Kind::Event),
];

/// Routes of closing and opening.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let mut routes = Router::new();
    for (folder, kind) in CLOSED {
        let purged = Act::PurgeRecord.kinds().contains(&kind).then_some(("purge", What::Purge));
        for (word, what) in [("seal", What::Seal), ("unseal", What::Unseal)].into_iter().chain(purged) {
            let handler = move |desk: Desk, Path(record): Path<String>, sent: Sent<ReasonBody>| {
                close(desk, folder, kind, what, record, sent)
            };
            let path = format!("/{folder}/{{id}}/{word}");
            routes = routes.route(&format!("/api/v1{path}"), post(handler)).route(&path, post(handler));
        }
    }
    let routes = view(routes, "/break-glass", list);
    let routes = act(routes, "/break-glass/open", open);
    act(routes, "/break-glass/{id}/review", review)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, open, review))]
pub(crate) struct Document;

/// How a page offers to close its record to most, or to destroy what it says.
pub(crate) struct Closing {
    pub(crate) page: String,
    pub(crate) version: i64,
    pub(crate) sealed: bool,
    pub(crate) can_seal: bool,
    pub(crate) can_purge: bool,
}

impl Closing {
    /// What the reader of a page may do there.
    pub(crate) fn of<N>(desk: &Desk, context: &Context<'_>, held: &Held<N>, page: String) -> Closing {
        let may = desk.casework.may(context, &held.resource, &[Act::SealRecord, Act::PurgeRecord]);
        Closing {
            page,
            version: held.version,
            sealed: held.resource.sealed,
            can_seal: may.contains(&Act::SealRecord),
            can_purge: may.contains(&Act::PurgeRecord),
        }
    }
}

/// What is done to a record.
#[derive(Clone, Copy)]
enum What {
    Seal,
    Unseal,
    Purge,
}

/// What became of a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClosedView {
    /// Its id.
    id: String,
}

async fn close(
    desk: Desk,
    folder: &str,
    kind: Kind,
    what: What,
    record: String,
    sent: Sent<ReasonBody>,
) -> Response {
    let purpose = purpose_for(kind);
    let ReasonBody { seen, request, grounds: why } = &sent.fields;
    let done = async {
        let record: LeadId = id(&record, kind.word())?;
        let (bits, why) = (record.bits(), grounds(why)?);
        let (context, revision) = (desk.context(&purpose), desk.revision(*seen, request)?);
        match what {
            What::Seal => desk.casework.seal(&context, (kind, bits), revision, why).await,
            What::Unseal => desk.casework.unseal(&context, (kind, bits), revision, why).await,
            What::Purge => desk.casework.purge(&context, kind, bits, why).await,
        }
    };
    let (to, did) = match what {
        // Who seals a record may not be among those who open it then.
        What::Seal => (format!("/{folder}"), Did::Sealed),
        What::Unseal => (format!("/{folder}/{record}"), Did::Unsealed),
        What::Purge => (format!("/{folder}"), Did::Purged),
    };
    match done.await {
        Ok(()) => desk.done(&ClosedView { id: record }, &to, did),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// One use of break-glass.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmergencyView {
    /// Its id.
    id: String,
    /// Its version; a review names the version it was decided on.
    version: i64,
    /// The noun of the record that was opened.
    noun: String,
    /// The record's id.
    about: String,
    /// Its page.
    href: String,
    /// Who opened it.
    by: String,
    /// From when it was open.
    from: String,
    /// Until when.
    until: String,
    /// Why.
    grounds: String,
    /// `opened` or `reviewed`.
    state: &'static str,
    /// `justified` or `not justified`, with who reviewed it and when.
    verdict: Option<String>,
    /// Whether you may review it.
    can_review: bool,
}

fn shown(desk: &Desk, held: &Held<Emergency>) -> EmergencyView {
    let emergency = &held.noun;
    let verdict = match emergency.state() {
        EmergencyState::Opened => None,
        EmergencyState::Reviewed { verdict, reviewed, .. } => {
            Some(format!("{}, {} by {}", verdict.word(), at(reviewed.at), desk.who.member(reviewed.by)))
        }
    };
    let purpose = purpose_for(Kind::Emergency);
    let may = desk.casework.may(&desk.context(&purpose), &held.resource, &[Act::ReviewBreakGlass]);
    EmergencyView {
        id: emergency.id.to_string(),
        version: held.version,
        href: crate::day::href(&emergency.noun, &emergency.about),
        noun: emergency.noun.clone(),
        about: emergency.about.clone(),
        by: desk.who.member(emergency.by),
        from: at(emergency.window.start()),
        until: at(emergency.window.end()),
        grounds: emergency.grounds.as_str().to_owned(),
        state: emergency.state().word(),
        can_review: verdict.is_none() && !may.is_empty(),
        verdict,
    }
}

/// Uses of break-glass, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmergencyList {
    /// The uses.
    uses: Vec<EmergencyView>,
}

#[derive(Template)]
#[template(path = "break_glass.html")]
struct ListPage {
    layout: Layout,
    list: EmergencyList,
}

/// Uses of break-glass that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/break-glass", tag = "break-glass", responses(
    (status = 200, description = "the uses", body = EmergencyList),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk) -> Response {
    let purpose = purpose_for(Kind::Emergency);
    let found = desk.casework.emergencies(&desk.context(&purpose), &Listed::default()).await;
    let uses = match records(found) {
        Ok(found) => found.iter().map(|held| shown(&desk, held)).collect(),
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    desk.show(EmergencyList { uses }, |layout, list| ListPage { layout, list })
}

/// A record to open in an emergency.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OpenBody {
    /// A uuid made by the client: sent again, nothing is opened for longer.
    #[serde(default)]
    request: String,
    /// `lead`, `missing`, `check`, `event` or `victim`.
    noun: String,
    /// Its id.
    record: String,
    /// Why it cannot wait.
    grounds: String,
}

/// Opens one closed record for you, for a limited time. Its owner's supervisors are told and review it.
#[utoipa::path(post, path = "/api/v1/break-glass/open", tag = "break-glass", request_body = OpenBody, responses(
    (status = 200, description = "the use", body = EmergencyView),
    errors::Refusals,
))]
pub(crate) async fn open(desk: Desk, sent: Sent<OpenBody>) -> Response {
    let OpenBody { request, noun, record, grounds: why } = &sent.fields;
    let done = async {
        let kind = crate::sight::kind(noun).ok_or_else(|| Trouble::invalid("choose what to open"))?;
        let purpose = purpose_for(kind);
        let record: LeadId = id(record, kind.word())?;
        let request = EmergencyId::from_bits(desk.request(request)?);
        desk.casework.break_glass(&desk.context(&purpose), request, kind, record.bits(), grounds(why)?).await
    };
    match done.await {
        Ok(held) => {
            let view = shown(&desk, &held);
            let to = view.href.clone();
            desk.done(&view, &to, Did::Opened)
        }
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// What a review found.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReviewBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// `justified` or `not justified`.
    verdict: String,
    /// Why.
    grounds: String,
}

/// Reviews a use of break-glass. Nobody reviews their own.
#[utoipa::path(post, path = "/api/v1/break-glass/{id}/review", tag = "break-glass", params(("id" = String, Path)),
    request_body = ReviewBody, responses(
    (status = 200, description = "the use", body = EmergencyView),
    errors::Refusals,
))]
pub(crate) async fn review(desk: Desk, Path(wanted): Path<String>, sent: Sent<ReviewBody>) -> Response {
    let ReviewBody { seen, request, verdict, grounds: why } = &sent.fields;
    let purpose = purpose_for(Kind::Emergency);
    let done = async {
        let verdict = EmergencyVerdict::parse(verdict)
            .ok_or_else(|| Trouble::invalid("choose `justified` or `not justified`"))?;
        let (emergency, revision) = (id(&wanted, "emergency access")?, desk.revision(*seen, request)?);
        let context = desk.context(&purpose);
        desk.casework.review_break_glass(&context, emergency, revision, verdict, grounds(why)?).await
    };
    match done.await {
        Ok(held) => desk.done(&shown(&desk, &held), "/break-glass", Did::Reviewed),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}
