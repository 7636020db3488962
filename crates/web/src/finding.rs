//! `/findings`: what the engine offers, one finding with its reasons, and what people do with it.

use crate::contradiction::{self, RejectedView};
use crate::desk::{Desk, Sent, at, grounds, purpose_for};
use crate::finding_evidence::{Charts, EvidenceView, charts, shown as evidence_shown};
use crate::judgement::JudgementView;
use crate::layout::{Did, Layout};
use crate::lead::{ReasonBody, made};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind, Resource};
use homeward_casework::{
    Evidence, FindingFilter, FindingPage, FindingView, Trouble, office_id, office_named,
};
use homeward_model::{DispositionMove, DispositionState, FindingKind, LeadId, Reason};
use homeward_places::Places;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of findings.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/findings", list);
    let routes = view(routes, "/findings/{id}", one);
    let routes = act(routes, "/findings/{id}/admit", admit);
    let routes = act(routes, "/findings/{id}/dismiss", dismiss);
    act(routes, "/findings/{id}/undo", undo)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one, admit, dismiss, undo))]
pub(crate) struct Document;

/// Which findings.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only of this kind: `match`, `network`, `change`, `person` or `contradiction`.
    #[serde(default)]
    kind: String,
    /// Only of the field office of this name.
    #[serde(default)]
    office: String,
    /// Those after this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A finding in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeadView {
    /// Its id.
    id: String,
    /// Its place in the run, from 1.
    rank: usize,
    /// `match`, `network`, `change`, `person` or `contradiction`.
    kind: &'static str,
    /// Probability that it is right, 0 to 1.
    probability: f64,
    /// Chance of reaching a child, by which findings are ordered, 0 to 1.
    chance: f64,
    /// City and state.
    place: Option<String>,
    /// Field office, with `(by distance, confirm)` where no coverage was published.
    office: Option<String>,
    /// How many postings are behind it.
    postings: usize,
    /// When the last one was seen.
    last_seen: Option<String>,
}

/// A page of findings.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListView {
    /// The run they are of.
    run: Option<String>,
    /// Best first.
    findings: Vec<HeadView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
    /// Findings of the run in this view, on all pages, decided ones too.
    in_view: usize,
}

/// A probability as people read it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
pub(crate) fn percent(share: &f64) -> String {
    let percent = 100.0 * share;
    if percent < 1.0 { "under 1 %".to_owned() } else { format!("{percent:.0} %") }
}

#[derive(Template)]
#[template(path = "finding/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    kinds: [&'static str; 5],
    offices: Vec<&'static str>,
    page: ListView,
}

/// Findings on which nobody decided yet, best first.
#[utoipa::path(get, path = "/api/v1/findings", tag = "findings", params(Wanted), responses(
    (status = 200, description = "a page of findings", body = ListView),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Finding);
    let found = async {
        let kind = match wanted.kind.as_str() {
            "" => None,
            word => Some(
                FindingKind::parse(word)
                    .ok_or_else(|| Trouble::invalid(format!("`{word}` is no kind of finding")))?,
            ),
        };
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        if !wanted.office.is_empty() && office_named(office_id(&wanted.office)).is_none() {
            return Err(Trouble::invalid("`office` must be the name of a field office"));
        }
        let filter =
            FindingFilter { kind, office: given(&wanted.office), after: given(&wanted.after), limit: 0 };
        desk.casework.findings(&desk.context(&purpose), &filter).await
    };
    let FindingPage { findings, next, run, in_view } = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let head = |one: homeward_casework::OfferedHead| HeadView {
        id: one.head.id,
        rank: one.rank,
        kind: one.head.kind.word(),
        probability: one.head.probability,
        chance: one.head.rank_score,
        place: one.head.place,
        office: one.head.office,
        postings: one.head.postings,
        last_seen: one.head.last_seen.map(at),
    };
    let page = ListView { run, findings: findings.into_iter().map(head).collect(), next, in_view };
    desk.show(page, |layout, page| ListPage {
        layout,
        wanted,
        kinds: FindingKind::ALL.map(|(_, word)| word),
        offices: Places::embedded().offices().iter().map(|office| office.name.as_str()).collect(),
        page,
    })
}

/// One factor.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// Name of the factor, as in the rules.
    factor: String,
    /// The value on the report's side.
    left: String,
    /// The value on the network's side.
    right: String,
    /// Weight in bits; positive speaks for it.
    weight_bits: f64,
    /// Where the weight comes from.
    support: String,
}

/// One finding.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneView {
    /// Its id.
    id: String,
    /// `match`, `network`, `change`, `person` or `contradiction`.
    kind: &'static str,
    /// Probability that it is right, 0 to 1.
    probability: f64,
    /// Sum of the weights, bits.
    weight_bits: f64,
    /// The missing report.
    missing_report: Option<String>,
    /// Whether you may see what the report says.
    sees_report: bool,
    /// The network.
    network: Option<String>,
    /// Postings behind it.
    postings: Vec<String>,
    /// City and state.
    place: Option<String>,
    /// Name of the field office.
    office: Option<&'static str>,
    /// No published coverage settles the office: the nearest one, to be confirmed.
    by_distance: bool,
    /// First posting.
    first_seen: Option<String>,
    /// Last posting.
    last_seen: Option<String>,
    /// Why, in the order they were weighed.
    reasons: Vec<ReasonView>,
    /// The run.
    run: String,
    /// Version of the rules.
    rules: String,
    /// `offered`, `admitted` or `dismissed`.
    state: &'static str,
    /// Version of the decision; 0 when nobody decided yet.
    version: i64,
    /// The lead it became.
    lead: Option<String>,
    /// The other report, where two may be of one child.
    other_report: Option<String>,
    /// What an alarm contradicts.
    rejected: Option<RejectedView>,
    /// What it rests on.
    evidence: EvidenceView,
}

fn shown(found: FindingView, rejected: Option<RejectedView>, evidence: EvidenceView) -> OneView {
    let FindingView { finding, run, rules, office, decided, sees_report, .. } = found;
    let reason = |reason: Reason| ReasonView {
        factor: reason.factor,
        left: reason.left,
        right: reason.right,
        weight_bits: reason.weight_bits,
        support: reason.support,
    };
    let place =
        [finding.place.city, finding.place.state].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let lead = decided.as_ref().and_then(|held| match held.noun.state() {
        DispositionState::Admitted { lead, .. } => Some(lead.to_string()),
        _ => None,
    });
    OneView {
        id: finding.id,
        kind: finding.kind.word(),
        probability: finding.probability,
        weight_bits: finding.weight_bits,
        missing_report: finding.missing_report,
        other_report: finding.other_report,
        rejected,
        sees_report,
        network: finding.network,
        postings: finding.postings,
        place: Some(place).filter(|place| !place.is_empty()),
        office: office.map(|of| of.office.name.as_str()),
        by_distance: office.is_some_and(|of| of.by_distance),
        first_seen: finding.first_seen.map(at),
        last_seen: finding.last_seen.map(at),
        reasons: finding.reasons.into_iter().map(reason).collect(),
        run,
        rules,
        state: decided.as_ref().map_or("offered", |held| held.noun.state().word()),
        version: decided.as_ref().map_or(0, |held| held.version),
        lead,
        evidence,
    }
}

#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
#[derive(Template)]
#[template(path = "finding/one.html")]
struct OnePage {
    layout: Layout,
    finding: OneView,
    charts: Charts,
    /// The network and the report, as the chart of links names them.
    network: String,
    report: String,
    judgements: Vec<JudgementView>,
    can_judge: bool,
    said: &'static str,
    can_admit: bool,
    can_dismiss: bool,
    can_undo: bool,
}

/// What a probability means, in words that do not promise more than it does.
fn said(finding: &OneView) -> &'static str {
    match (finding.kind, finding.probability) {
        ("match", p) if p >= 0.9 => "Very likely the one who advertises this child.",
        ("match", p) if p >= 0.5 => "More likely than not the one who advertises this child.",
        ("match", p) if p >= 0.1 => "Possible, and more likely wrong than right.",
        ("match", _) => "A weak candidate; there may be no good match.",
        ("person", _) => "Two reports may be of one child. Ask both agencies; nothing was merged.",
        ("contradiction", _) => {
            "An alarm: a match that a person rejected rests on more since. The match stays hidden."
        }
        ("change", _) => "This network changed lately. That says nothing about a child.",
        _ => "Organised activity. That says nothing about a child.",
    }
}

fn drawn(finding: &OneView, evidence: &Evidence) -> Charts {
    // What an alarm contradicts weighs nothing.
    let weighed = |reason: &&ReasonView| !matches!(reason.factor.as_str(), "rejected" | "merged" | "joined");
    let factors: Vec<(&str, f64)> = finding
        .reasons
        .iter()
        .filter(weighed)
        .map(|reason| (reason.factor.as_str(), reason.weight_bits))
        .collect();
    charts(&factors, evidence, &finding.evidence)
}

/// The report as a chart names it: not by its number for those who may not see it.
fn named_report(finding: &OneView) -> String {
    match &finding.missing_report {
        Some(report) if finding.sees_report => crate::finding_chart::short(report, 16),
        Some(_) => "of another agency".to_owned(),
        None => String::new(),
    }
}

/// One finding of the newest run, with its reasons.
#[utoipa::path(get, path = "/api/v1/findings/{id}", tag = "findings", params(("id" = String, Path)), responses(
    (status = 200, description = "the finding", body = OneView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(id): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Finding);
    let context = desk.context(&purpose);
    let found = async {
        let found = desk.casework.finding(&context, &id).await?;
        let evidence = desk.casework.evidence(&context, &found).await?;
        let judgements = if desk.is_program() {
            Vec::new()
        } else {
            desk.casework.judgements_on(&context, &found.finding).await?
        };
        // Who may not see the report is not told who rejected what of it.
        let rejected =
            if found.sees_report { desk.casework.rejected(&context, &found.finding).await? } else { None };
        let rejected = rejected.map(|rejected| contradiction::shown(rejected, &found.finding));
        Ok::<_, Trouble>((found, rejected, evidence, judgements))
    };
    let (found, rejected, evidence, judgements) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let allowed = match &found.decided {
        Some(held) => held.noun.allowed(),
        None => &[DispositionMove::Admit, DispositionMove::Dismiss],
    };
    let may = found.may.clone();
    let can = |step, act| allowed.contains(&step) && may.contains(&act);
    let own = Resource::owned(Kind::Judgement, desk.actor.organisation);
    let proposes = matches!(found.finding.kind, FindingKind::Match | FindingKind::Person);
    let leads = found.finding.kind != FindingKind::Contradiction;
    let can_judge =
        proposes && found.sees_report && !desk.casework.may(&context, &own, &[Act::Judge]).is_empty();
    // Who may not see a report is not told what others hold it to be either.
    let judgements: Vec<JudgementView> = if found.sees_report {
        judgements.iter().map(|held| crate::judgement::shown(&desk, held)).collect()
    } else {
        Vec::new()
    };
    let view = evidence_shown(&evidence);
    desk.show(shown(found, rejected, view), |layout, finding| OnePage {
        layout,
        said: said(&finding),
        charts: drawn(&finding, &evidence),
        network: finding.network.clone().unwrap_or_default(),
        report: named_report(&finding),
        judgements,
        can_judge,
        finding,
        can_admit: leads && can(DispositionMove::Admit, Act::AdmitFinding),
        can_dismiss: can(DispositionMove::Dismiss, Act::DismissFinding),
        can_undo: can(DispositionMove::Undo, Act::UndoDismissal),
    })
}

/// A decision on a finding.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DecideBody {
    /// A uuid made by the client, the id of the lead that an admission makes: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Why.
    grounds: String,
}

/// Makes a finding a lead.
#[utoipa::path(post, path = "/api/v1/findings/{id}/admit", tag = "findings", params(("id" = String, Path)),
    request_body = DecideBody, responses(
    (status = 200, description = "the lead", body = crate::lead::LeadView),
    errors::Refusals,
))]
pub(crate) async fn admit(desk: Desk, Path(id): Path<String>, sent: Sent<DecideBody>) -> Response {
    let purpose = purpose_for(Kind::Finding);
    let done = async {
        let lead = LeadId::from_bits(desk.request(&sent.fields.request)?);
        let why = grounds(&sent.fields.grounds)?;
        desk.casework.admit_finding(&desk.context(&purpose), &id, lead, why).await
    };
    match done.await {
        Ok(done) => made(&desk, &done.record),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// What was done with a finding.
#[derive(Serialize, ToSchema)]
pub(crate) struct DecidedView {
    /// The finding.
    finding: String,
    /// `offered`, `admitted` or `dismissed`.
    state: &'static str,
    /// Version of the decision.
    version: i64,
}

/// Dismisses a finding: it is not offered again, in later runs either.
#[utoipa::path(post, path = "/api/v1/findings/{id}/dismiss", tag = "findings", params(("id" = String, Path)),
    request_body = DecideBody, responses(
    (status = 200, description = "the decision", body = DecidedView),
    errors::Refusals,
))]
pub(crate) async fn dismiss(desk: Desk, Path(id): Path<String>, sent: Sent<DecideBody>) -> Response {
    let purpose = purpose_for(Kind::Finding);
    let done = async {
        let (request, why) = (desk.request(&sent.fields.request)?, grounds(&sent.fields.grounds)?);
        desk.casework.dismiss_finding(&desk.context(&purpose), &id, request, why).await
    };
    decided(&desk, &id, &sent.typed, Did::Dismissed, done.await)
}

/// Undoes a dismissal: the finding is offered again.
#[utoipa::path(post, path = "/api/v1/findings/{id}/undo", tag = "findings", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the decision", body = DecidedView),
    errors::Refusals,
))]
pub(crate) async fn undo(desk: Desk, Path(id): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let purpose = purpose_for(Kind::Finding);
    let ReasonBody { seen, request, grounds: why } = &sent.fields;
    let done = async {
        let (revision, why) = (desk.revision(*seen, request)?, grounds(why)?);
        desk.casework.undo_dismissal(&desk.context(&purpose), &id, revision, why).await
    };
    decided(&desk, &id, &sent.typed, Did::Undone, done.await)
}

type Decided = homeward_casework::Done<homeward_casework::Held<homeward_model::Disposition>>;

fn decided(desk: &Desk, id: &str, typed: &str, did: Did, done: Result<Decided, Trouble>) -> Response {
    match done {
        Ok(done) => {
            let held = done.record;
            let state = held.noun.state().word();
            let view = DecidedView { finding: held.noun.finding, state, version: held.version };
            desk.done(&view, &format!("/findings/{id}"), did)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}
