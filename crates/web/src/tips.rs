//! `/tips`: tips as the desk reads them, and what people do with each. The door through which the public sends them lies in
//! `tip.rs`.

use crate::desk::{Desk, Sent, after, at, grounds, id, narrowed, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::{LeadView, ReasonBody, made};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Done, Held, Listed, Trouble};
use homeward_model::{LeadId, Tip, TipId, TipMove, TipState};
use homeward_rules::record::RecordRules;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of tips for those who are signed in.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/tips", list);
    let routes = view(routes, "/tips/{id}", one);
    let routes = act(routes, "/tips/{id}/admit", admit);
    let routes = act(routes, "/tips/{id}/forward", forward);
    act(routes, "/tips/{id}/decline", decline)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one, admit, forward, decline))]
pub(crate) struct Document;

const TIP: &str = "tip";

/// Acts on a tip that a page offers, when they are allowed.
const ACTS: [Act; 3] = [Act::AdmitTip, Act::ForwardTip, Act::DeclineTip];

/// States of a tip, the one that waits for somebody first.
const STATES: [&str; 5] = ["received", "admitted", "forwarded", "declined", "expired"];

/// A tip.
#[derive(Serialize, ToSchema)]
pub(crate) struct TipView {
    /// Its id.
    id: String,
    /// Its version; a change names the version it was decided on.
    version: i64,
    /// `received`, `admitted`, `forwarded`, `declined` or `expired`.
    state: &'static str,
    /// When it came in.
    received: String,
    /// When somebody must have decided, while nobody has.
    due: Option<String>,
    /// What it says, as it was written; nobody has checked it.
    text: String,
    /// How to reach the sender, when they said so.
    contact: Option<String>,
    /// Name of the organisation that owns it.
    owner: String,
    /// The lead it became.
    lead: Option<String>,
    /// Name of the agency it was forwarded to.
    forwarded_to: Option<String>,
    /// Who decided.
    decided_by: Option<String>,
    /// When.
    decided_at: Option<String>,
}

fn shown(desk: &Desk, held: &Held<Tip>) -> TipView {
    let tip = &held.noun;
    let stamp = match tip.state() {
        TipState::Received => None,
        TipState::Admitted { admitted: stamp, .. }
        | TipState::Forwarded { forwarded: stamp, .. }
        | TipState::Declined { declined: stamp }
        | TipState::Expired { expired: stamp } => Some(*stamp),
    };
    let limit = RecordRules::embedded().clocks.tip_decided.span;
    TipView {
        id: tip.id.to_string(),
        version: held.version,
        state: tip.state().word(),
        received: at(tip.received),
        due: stamp.is_none().then(|| at(tip.received.plus(limit))),
        text: tip.text.clone(),
        contact: tip.sender.contact.clone(),
        owner: desk.who.agency(held.resource.owner),
        lead: match tip.state() {
            TipState::Admitted { lead, .. } => Some(lead.to_string()),
            _ => None,
        },
        forwarded_to: match tip.state() {
            TipState::Forwarded { to, .. } => Some(desk.who.agency(*to)),
            _ => None,
        },
        decided_by: stamp.map(|stamp| desk.who.member(stamp.by)),
        decided_at: stamp.map(|stamp| at(stamp.at)),
    }
}

/// The beginning of a tip, for a list.
pub(crate) fn beginning(text: &str) -> String {
    const LONG: usize = 120;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONG {
        return line;
    }
    format!("{}…", line.chars().take(LONG).collect::<String>().trim_end())
}

/// Which tips.
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state; those that wait for a decision, `received`, when not said. `any` is every state.
    #[serde(default)]
    state: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of tips, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct TipPage {
    /// The tips.
    tips: Vec<TipView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "tips/list.html")]
struct ListPage {
    layout: Layout,
    state: String,
    states: [&'static str; 5],
    page: TipPage,
}

/// Tips that you may see: those that wait for a decision, newest first.
#[utoipa::path(get, path = "/api/v1/tips", tag = "tips", params(Wanted), responses(
    (status = 200, description = "a page of tips", body = TipPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let state = if wanted.state.is_empty() { STATES[0].to_owned() } else { wanted.state };
    let found = async {
        let purpose = purpose_for(Kind::Tip);
        let after: Option<TipId> = after(&wanted.after, TIP)?;
        let listed = Listed {
            states: if state == "any" {
                Vec::new()
            } else {
                narrowed("state", &state, &STATES)?.into_iter().collect()
            },
            after: after.map(TipId::bits),
            ..Listed::default()
        };
        desk.casework.tips(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let tips = found.records.iter().map(|held| shown(&desk, held)).collect();
            let next = found.next.map(|bits| TipId::from_bits(bits).to_string());
            desk.show(TipPage { tips, next }, |layout, page| ListPage { layout, state, states: STATES, page })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "tips/one.html")]
struct OnePage {
    layout: Layout,
    tip: TipView,
    agencies: Vec<(String, String)>,
    can_admit: bool,
    can_forward: bool,
    can_decline: bool,
}

/// One tip.
#[utoipa::path(get, path = "/api/v1/tips/{id}", tag = "tips", params(("id" = String, Path)), responses(
    (status = 200, description = "the tip", body = TipView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Tip);
    let context = desk.context(&purpose);
    let found = async { desk.casework.tip(&context, id(&wanted, TIP)?).await };
    let held = match found.await {
        Ok(held) => held,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let may = desk.casework.may(&context, &held.resource, &ACTS);
    let can = |step: TipMove, act: Act| held.noun.allowed().contains(&step) && may.contains(&act);
    let others = desk.who.police().into_iter().filter(|agency| agency.id != held.resource.owner);
    let agencies = others.map(|agency| (agency.id.to_string(), agency.name.clone())).collect();
    desk.show(shown(&desk, &held), |layout, tip| OnePage {
        layout,
        tip,
        agencies,
        can_admit: can(TipMove::Admit, Act::AdmitTip),
        can_forward: can(TipMove::Forward, Act::ForwardTip),
        can_decline: can(TipMove::Decline, Act::DeclineTip),
    })
}

/// Makes a tip a lead. `request` is the id of the lead.
#[utoipa::path(post, path = "/api/v1/tips/{id}/admit", tag = "tips", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the lead", body = LeadView),
    errors::Refusals,
))]
pub(crate) async fn admit(desk: Desk, Path(tip): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let purpose = purpose_for(Kind::Tip);
    let ReasonBody { seen, request, grounds: why } = &sent.fields;
    let done = async {
        let lead = LeadId::from_bits(desk.request(request)?);
        desk.casework.admit_tip(&desk.context(&purpose), id(&tip, TIP)?, *seen, lead, grounds(why)?).await
    };
    match done.await {
        Ok(done) => made(&desk, &done.record),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// Shows what an act made of a tip.
async fn acted(
    desk: &Desk,
    tip: &str,
    typed: &str,
    did: Did,
    act: impl AsyncFnOnce(&Context<'_>, TipId) -> Result<Done<Held<Tip>>, Trouble>,
) -> Response {
    let shown =
        |done: &Done<Held<Tip>>| (shown(desk, &done.record), format!("/tips/{}", done.record.noun.id));
    desk.act((Kind::Tip, TIP, tip), (typed, did), act, shown).await
}

/// Where a tip goes.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ForwardBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the agency.
    to: String,
}

/// Gives a tip to the agency it concerns, whose people are told.
#[utoipa::path(post, path = "/api/v1/tips/{id}/forward", tag = "tips", params(("id" = String, Path)),
    request_body = ForwardBody, responses(
    (status = 200, description = "the tip", body = TipView),
    errors::Refusals,
))]
pub(crate) async fn forward(desk: Desk, Path(tip): Path<String>, sent: Sent<ForwardBody>) -> Response {
    let ForwardBody { seen, request, to } = sent.fields;
    acted(&desk, &tip, &sent.typed, Did::Forwarded, async |context, tip| {
        let to = to.trim().parse().map_err(|_| Trouble::invalid("choose an agency"))?;
        desk.casework.forward_tip(context, tip, desk.revision(seen, &request)?, to).await
    })
    .await
}

/// Finds nothing in a tip.
#[utoipa::path(post, path = "/api/v1/tips/{id}/decline", tag = "tips", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the tip", body = TipView),
    errors::Refusals,
))]
pub(crate) async fn decline(desk: Desk, Path(tip): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &tip, &sent.typed, Did::Declined, async |context, tip| {
        desk.casework.decline_tip(context, tip, desk.revision(seen, &request)?, grounds(&why)?).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_shows_how_a_tip_begins() {
        assert_eq!(beginning("  two vans\n by the bridge "), "two vans by the bridge");
        let long = beginning(&"word ".repeat(60));
        assert!(long.ends_with('…') && long.chars().count() <= 121, "{long}");
    }
}
