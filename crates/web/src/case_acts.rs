//! Acts on a case as a whole: its predicate, who works it, subjects, charges, its end.

use crate::case::acted;
use crate::case_view::CaseView;
use crate::desk::{Desk, Sent, grounds};
use crate::layout::Did;
use crate::lead::{ReasonBody, StepBody};
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_casework::{Trouble, WrittenCharge, WrittenSubject};
use homeward_model::{CaseDisposition, MemberId};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of these acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/cases/{id}/accept", accept);
    let routes = act(routes, "/cases/{id}/take-up", take_up);
    let routes = act(routes, "/cases/{id}/assign", assign);
    let routes = act(routes, "/cases/{id}/unassign", unassign);
    let routes = act(routes, "/cases/{id}/subject", subject);
    let routes = act(routes, "/cases/{id}/age", learn_age);
    let routes = act(routes, "/cases/{id}/charge", charge);
    let routes = act(routes, "/cases/{id}/dispose", dispose);
    let routes = act(routes, "/cases/{id}/close", close);
    act(routes, "/cases/{id}/decline", decline)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(accept, take_up, assign, unassign, subject, learn_age, charge, dispose, close, decline))]
pub(crate) struct Document;

/// A checkbox of a form, or a truth value of a program.
pub(crate) fn ticked<'de, D: serde::Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Tick {
        Truth(bool),
        Word(String),
    }
    Ok(match Tick::deserialize(value)? {
        Tick::Truth(truth) => truth,
        Tick::Word(word) => matches!(word.as_str(), "yes" | "true" | "on"),
    })
}

/// A number that a form writes as text; nothing typed is none.
pub(crate) fn number<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Typed {
        Number(u32),
        Text(String),
    }
    Ok(match Option::<Typed>::deserialize(value)? {
        Some(Typed::Number(number)) => Some(number),
        Some(Typed::Text(text)) if text.trim().is_empty() => None,
        Some(Typed::Text(text)) => Some(
            text.trim().parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is no number")))?,
        ),
        None => None,
    })
}

/// A predicate that is accepted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AcceptBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The date of your certificate in 28 CFR part 23, `YYYY-MM-DD`.
    #[serde(default)]
    certified: String,
}

/// Accepts the predicate of a case that somebody else wrote, as a trained officer: 28 CFR 23.20(c).
#[utoipa::path(post, path = "/api/v1/cases/{id}/accept", tag = "cases", params(("id" = String, Path)),
    request_body = AcceptBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn accept(desk: Desk, Path(case): Path<String>, sent: Sent<AcceptBody>) -> Response {
    let AcceptBody { seen, request, certified } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        let revision = desk.revision(seen, &request)?;
        Ok(desk.casework.accept_predicate(context, case, revision, &certified).await?.record)
    })
    .await
}

/// Takes up the investigation.
#[utoipa::path(post, path = "/api/v1/cases/{id}/take-up", tag = "cases", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn take_up(desk: Desk, Path(case): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.take_up_case(context, case, desk.revision(seen, &request)?).await
    })
    .await
}

/// Which member.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MemberBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the member.
    to: String,
}

fn member(text: &str) -> Result<MemberId, Trouble> {
    text.trim().parse().map_err(|_| Trouble::invalid("choose a member"))
}

/// Gives a case to one more member: an investigator of its agency, or a prosecutor. They are told.
#[utoipa::path(post, path = "/api/v1/cases/{id}/assign", tag = "cases", params(("id" = String, Path)),
    request_body = MemberBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn assign(desk: Desk, Path(case): Path<String>, sent: Sent<MemberBody>) -> Response {
    let MemberBody { seen, request, to } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::CaseAssigned, async |context, case| {
        let revision = desk.revision(seen, &request)?;
        Ok(desk.casework.assign_case(context, case, revision, member(&to)?).await?.record)
    })
    .await
}

/// From which member, and why.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UnassignBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the member.
    from: String,
    /// Why.
    grounds: String,
}

/// Takes a case from a member. Somebody always answers for it.
#[utoipa::path(post, path = "/api/v1/cases/{id}/unassign", tag = "cases", params(("id" = String, Path)),
    request_body = UnassignBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn unassign(desk: Desk, Path(case): Path<String>, sent: Sent<UnassignBody>) -> Response {
    let UnassignBody { seen, request, from, grounds: why } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.unassign_case(context, case, revision, member(&from)?, grounds(&why)?).await
    })
    .await
}

/// A subject, by name and by the age at the time of the offence.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SubjectBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the person, made by the client; a new one when not said.
    #[serde(default)]
    person: String,
    /// Name or names.
    #[serde(default)]
    name: String,
    /// Day of birth; with it the day of the offence.
    #[serde(default)]
    born: String,
    /// Day of the offence.
    #[serde(default)]
    offence_on: String,
    /// Years at that time, when the day of birth is not known.
    #[serde(default)]
    age: String,
    /// You answer for it that the person was an adult, without knowing the years.
    #[serde(default, deserialize_with = "ticked")]
    adult: bool,
}

impl SubjectBody {
    fn written(self) -> (i64, String, WrittenSubject) {
        let SubjectBody { seen, request, person, name, born, offence_on, age, adult } = self;
        (seen, request, WrittenSubject { person, name, born, offence_on, age, adult })
    }
}

/// Adds a subject. Who may have been a child at that time is a victim and is refused, without override.
#[utoipa::path(post, path = "/api/v1/cases/{id}/subject", tag = "cases", params(("id" = String, Path)),
    request_body = SubjectBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn subject(desk: Desk, Path(case): Path<String>, sent: Sent<SubjectBody>) -> Response {
    let (seen, request, written) = sent.fields.written();
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.add_case_subject(context, case, desk.revision(seen, &request)?, &written).await
    })
    .await
}

/// Records the age of a subject that was learnt later. Who may have been a child is a victim from then on.
#[utoipa::path(post, path = "/api/v1/cases/{id}/age", tag = "cases", params(("id" = String, Path)),
    request_body = SubjectBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn learn_age(desk: Desk, Path(case): Path<String>, sent: Sent<SubjectBody>) -> Response {
    let (seen, request, written) = sent.fields.written();
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.learn_case_age(context, case, desk.revision(seen, &request)?, &written).await
    })
    .await
}

/// A charge.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChargeBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the subject.
    person: String,
    /// The section of law; empty means that of the count.
    #[serde(default)]
    section: String,
    /// The number of the count that it rests on.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<u32>)]
    count: Option<u32>,
}

/// Records a charge; who works the case and its supervisors are told.
#[utoipa::path(post, path = "/api/v1/cases/{id}/charge", tag = "cases", params(("id" = String, Path)),
    request_body = ChargeBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn charge(desk: Desk, Path(case): Path<String>, sent: Sent<ChargeBody>) -> Response {
    let ChargeBody { seen, request, person, section, count } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::CaseCharged, async |context, case| {
        let revision = desk.revision(seen, &request)?;
        let written = WrittenCharge { person, section, count };
        Ok(desk.casework.charge_case(context, case, revision, &written).await?.record)
    })
    .await
}

/// How a charge ended.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DisposeBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The number of the charge.
    charge: u32,
    /// `convicted`, `pleaded`, `acquitted` or `dismissed`.
    disposition: String,
}

/// Records how a court or prosecutor ended a charge. With the last of them the case is disposed.
#[utoipa::path(post, path = "/api/v1/cases/{id}/dispose", tag = "cases", params(("id" = String, Path)),
    request_body = DisposeBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn dispose(desk: Desk, Path(case): Path<String>, sent: Sent<DisposeBody>) -> Response {
    let DisposeBody { seen, request, charge, disposition } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        let how = CaseDisposition::parse(&disposition).ok_or_else(|| {
            Trouble::invalid("`disposition` is `convicted`, `pleaded`, `acquitted` or `dismissed`")
        })?;
        desk.casework.dispose_charge(context, case, desk.revision(seen, &request)?, charge, how).await
    })
    .await
}

/// Closes a case whose charges have all ended.
#[utoipa::path(post, path = "/api/v1/cases/{id}/close", tag = "cases", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn close(desk: Desk, Path(case): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::CaseEnded, async |context, case| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.close_case(context, case, revision, grounds(&why)?).await
    })
    .await
}

/// Declines a case in which nothing was charged.
#[utoipa::path(post, path = "/api/v1/cases/{id}/decline", tag = "cases", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn decline(desk: Desk, Path(case): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::CaseEnded, async |context, case| {
        let revision = desk.revision(seen, &request)?;
        desk.casework.decline_case(context, case, revision, grounds(&why)?).await
    })
    .await
}
