//! Entries in the file of a case: victims, counts, exhibits and their custody. What prepares it for court is in `case_prepare`.

use crate::case::acted;
use crate::case_acts::ticked;
use crate::case_view::CaseView;
use crate::desk::{Desk, Sent, grounds};
use crate::layout::Did;
use crate::member::listed;
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_casework::{WrittenCaseCount, WrittenCaseVictim, WrittenExhibit, WrittenTransfer};
use homeward_model::CaseEntry;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of these acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/cases/{id}/victim", victim);
    let routes = act(routes, "/cases/{id}/victim-age", victim_age);
    let routes = act(routes, "/cases/{id}/count", count);
    let routes = act(routes, "/cases/{id}/drop", drop_count);
    let routes = act(routes, "/cases/{id}/exhibit", exhibit);
    act(routes, "/cases/{id}/custody", custody)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(victim, victim_age, count, drop_count, exhibit, custody))]
pub(crate) struct Document;

/// A victim, without a name.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VictimBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the person, made by the client; a new one when not said.
    #[serde(default)]
    person: String,
    /// Id of the record of the victim, when there is one.
    #[serde(default)]
    victim: String,
    /// Day of birth.
    #[serde(default)]
    born: String,
    /// Years at the time of the offences, when the day of birth is not known.
    #[serde(default)]
    age: String,
    /// You answer for it that the person was an adult.
    #[serde(default, deserialize_with = "ticked")]
    adult: bool,
}

/// Adds a victim. The case file knows them by a number.
#[utoipa::path(post, path = "/api/v1/cases/{id}/victim", tag = "cases", params(("id" = String, Path)),
    request_body = VictimBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn victim(desk: Desk, Path(case): Path<String>, sent: Sent<VictimBody>) -> Response {
    let VictimBody { seen, request, person, victim, born, age, adult } = sent.fields;
    let written = WrittenCaseVictim { person, victim, born, age, adult };
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.add_case_victim(context, case, desk.revision(seen, &request)?, &written).await
    })
    .await
}

/// The age of a victim as it was learnt.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VictimAgeBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The number of the victim.
    number: u32,
    /// Day of birth.
    #[serde(default)]
    born: String,
    /// Years at the time of the offences, when the day of birth is not known.
    #[serde(default)]
    age: String,
    /// You answer for it that the person was an adult.
    #[serde(default, deserialize_with = "ticked")]
    adult: bool,
}

/// Records the age of a victim that was learnt later; what must be shown for a count may change with it.
#[utoipa::path(post, path = "/api/v1/cases/{id}/victim-age", tag = "cases", params(("id" = String, Path)),
    request_body = VictimAgeBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn victim_age(desk: Desk, Path(case): Path<String>, sent: Sent<VictimAgeBody>) -> Response {
    let VictimAgeBody { seen, request, number, born, age, adult } = sent.fields;
    let written = WrittenCaseVictim { born, age, adult, ..WrittenCaseVictim::default() };
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.learn_victim_age(context, case, desk.revision(seen, &request)?, number, &written).await
    })
    .await
}

/// A count.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CountBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The offence, as `rules/offences.toml` calls it: `1591-a1`.
    offence: String,
    /// The verb of the statute.
    #[serde(default)]
    verb: String,
    /// First day.
    from: String,
    /// Last day; the first when not said.
    #[serde(default)]
    to: String,
    /// The number of the victim.
    #[serde(default)]
    victim: String,
    /// Subjects, by id.
    #[serde(default)]
    subjects: Vec<String>,
}

/// Alleges a count, held against the law of its first day.
#[utoipa::path(post, path = "/api/v1/cases/{id}/count", tag = "cases", params(("id" = String, Path)),
    request_body = CountBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn count(desk: Desk, Path(case): Path<String>, sent: Sent<CountBody>) -> Response {
    let CountBody { seen, request, offence, verb, from, to, victim, subjects } = sent.fields;
    let subjects = listed(&sent.typed, "subject", subjects);
    let written = WrittenCaseCount { offence, verb, from, to, victim, subjects };
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.allege_count(context, case, desk.revision(seen, &request)?, &written).await
    })
    .await
}

/// What ends, by number, and why.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EndBody {
    /// The version that was seen.
    pub(crate) seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    pub(crate) request: String,
    /// Its number.
    pub(crate) number: u32,
    /// Why.
    pub(crate) grounds: String,
}

/// Drops a count, as when it is split in two.
#[utoipa::path(post, path = "/api/v1/cases/{id}/drop", tag = "cases", params(("id" = String, Path)),
    request_body = EndBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn drop_count(desk: Desk, Path(case): Path<String>, sent: Sent<EndBody>) -> Response {
    let EndBody { seen, request, number, grounds: why } = sent.fields;
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        let entry = CaseEntry::CountDropped(number, grounds(&why)?);
        desk.casework.enter_case(context, case, desk.revision(seen, &request)?, entry).await
    })
    .await
}

/// An exhibit. The file itself is never sent here: its hash and size are.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ExhibitBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// What it is.
    #[serde(default)]
    description: String,
    /// SHA-256 of the file, 64 hexadecimal digits.
    #[serde(default)]
    sha256: String,
    /// Size of the file in bytes.
    #[serde(default)]
    bytes: String,
    /// Number of the seal, for a thing.
    #[serde(default)]
    seal: String,
    /// When collecting began; without a zone, UTC.
    #[serde(default)]
    start: String,
    /// When it ended; the beginning when not said.
    #[serde(default)]
    end: String,
    /// Who collected it, and so holds it first.
    #[serde(default)]
    performer: String,
    /// `open-source`, `partner-feed`, `consent`, `legal-process` or `tip`.
    #[serde(default)]
    authority: String,
    /// The warrant, consent or agreement, or the account that was open to everybody.
    #[serde(default)]
    basis: String,
}

/// Enters an exhibit with how it was collected.
#[utoipa::path(post, path = "/api/v1/cases/{id}/exhibit", tag = "cases", params(("id" = String, Path)),
    request_body = ExhibitBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn exhibit(desk: Desk, Path(case): Path<String>, sent: Sent<ExhibitBody>) -> Response {
    let body = sent.fields;
    let written = WrittenExhibit {
        description: body.description,
        sha256: body.sha256,
        bytes: body.bytes,
        seal: body.seal,
        start: body.start,
        end: body.end,
        performer: body.performer,
        authority: body.authority,
        basis: body.basis,
    };
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        desk.casework.enter_exhibit(context, case, desk.revision(body.seen, &body.request)?, &written).await
    })
    .await
}

/// One hop of a chain of custody.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CustodyBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The number of the exhibit.
    exhibit: u32,
    /// Who gave it: the holder, as the chain names them.
    #[serde(default)]
    from: String,
    /// Who took it.
    #[serde(default)]
    to: String,
    /// When it was given; without a zone, UTC.
    #[serde(default)]
    given: String,
    /// When it was taken; that moment when not said.
    #[serde(default)]
    taken: String,
    /// What for.
    #[serde(default)]
    purpose: String,
    /// SHA-256 of the file as the taker found it.
    #[serde(default)]
    sha256: String,
    /// Its size as the taker found it.
    #[serde(default)]
    bytes: String,
    /// The seal as the taker found it.
    #[serde(default)]
    seal: String,
    /// The new seal, when the taker opened the old one.
    #[serde(default)]
    resealed: String,
}

/// Adds a hop to a chain of custody. A gap or an overlap is refused by name, and so is another hash or seal.
#[utoipa::path(post, path = "/api/v1/cases/{id}/custody", tag = "cases", params(("id" = String, Path)),
    request_body = CustodyBody, responses(
    (status = 200, description = "the case", body = CaseView),
    errors::Refusals,
))]
pub(crate) async fn custody(desk: Desk, Path(case): Path<String>, sent: Sent<CustodyBody>) -> Response {
    let body = sent.fields;
    let written = WrittenTransfer {
        exhibit: body.exhibit,
        from: body.from,
        to: body.to,
        given: body.given,
        taken: body.taken,
        purpose: body.purpose,
        sha256: body.sha256,
        bytes: body.bytes,
        seal: body.seal,
        resealed: body.resealed,
    };
    acted(&desk, &case, &sent.typed, Did::Kept, async |context, case| {
        let revision = desk.revision(body.seen, &body.request)?;
        desk.casework.hand_over_exhibit(context, case, revision, &written).await
    })
    .await
}
