//! `/provider-records`: a provider's own records of the people it serves, under its own keys. Nobody else finds this page full.

use crate::desk::{Desk, Sent, after, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind, Resource};
use homeward_casework::{Held, Listed, Trouble};
use homeward_model::{ProviderRecord, ProviderRecordId, ProviderTerms, VictimId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of a provider's records.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/provider-records", list);
    let routes = act(routes, "/provider-records", begin);
    let routes = view(routes, "/provider-records/{id}", one);
    act(routes, "/provider-records/{id}/write", write)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, begin, one, write))]
pub(crate) struct Document;

const RECORD: &str = "provider record";

/// A provider's record.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// The provider.
    pub(crate) provider: String,
    /// The victim who was referred, if it began so.
    pub(crate) victim: Option<String>,
    /// The person, by the name that the provider uses.
    pub(crate) client: String,
    /// What is kept of them.
    pub(crate) text: String,
    /// When it was begun.
    pub(crate) begun: String,
}

/// A record as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<ProviderRecord>) -> RecordView {
    let record = &held.noun;
    RecordView {
        id: record.id.to_string(),
        version: held.version,
        provider: desk.who.agency(record.provider),
        victim: record.victim.map(|victim| victim.to_string()),
        client: record.terms().client.clone(),
        text: record.terms().text.as_str().to_owned(),
        begun: at(record.begun.at),
    }
}

/// Which records.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of records, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordPage {
    /// The records.
    records: Vec<RecordView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "provider_record/list.html")]
struct ListPage {
    layout: Layout,
    page: RecordPage,
    can_begin: bool,
}

/// Records of your organisation, and those that a standing release lets you read, newest first.
#[utoipa::path(get, path = "/api/v1/provider-records", tag = "care", params(Wanted), responses(
    (status = 200, description = "a page of records", body = RecordPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::ProviderRecord);
    let context = desk.context(&purpose);
    let found = async {
        let after: Option<ProviderRecordId> = after(&wanted.after, RECORD)?;
        let listed = Listed { after: after.map(ProviderRecordId::bits), ..Listed::default() };
        desk.casework.provider_records(&context, &listed).await
    };
    match found.await {
        Ok(found) => {
            let own = Resource::owned(Kind::ProviderRecord, desk.actor.organisation);
            let can_begin = !desk.casework.may(&context, &own, &[Act::WriteProviderRecord]).is_empty();
            let records = found.records.iter().map(|held| shown(&desk, held)).collect();
            let next = found.next.map(|bits| ProviderRecordId::from_bits(bits).to_string());
            desk.show(RecordPage { records, next }, |layout, page| ListPage { layout, page, can_begin })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

#[derive(Template)]
#[template(path = "provider_record/one.html")]
struct OnePage {
    layout: Layout,
    record: RecordView,
    can_write: bool,
}

/// One record. That somebody tried who may not read it is told to the provider.
#[utoipa::path(get, path = "/api/v1/provider-records/{id}", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the record", body = RecordView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::ProviderRecord);
    let context = desk.context(&purpose);
    let found = async { desk.casework.provider_record(&context, id(&wanted, RECORD)?).await };
    match found.await {
        Ok(held) => {
            let may = desk.casework.may(&context, &held.resource, &[Act::WriteProviderRecord]);
            let can_write = !may.is_empty();
            desk.show(shown(&desk, &held), |layout, record| OnePage { layout, record, can_write })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// What a record says.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct RecordBody {
    /// The version that was seen; nothing for a new record.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    request: String,
    /// The person, by the name that you use.
    client: String,
    /// What you keep of them.
    grounds: String,
    /// Id of the victim who was referred to you, if it begins so.
    victim: String,
}

fn terms(client: &str, text: &str) -> Result<ProviderTerms, Trouble> {
    let client: String = client.trim().chars().take(200).collect();
    Ok(ProviderTerms { client, text: grounds(text)? })
}

fn acted(desk: &Desk, done: Result<Held<ProviderRecord>, Trouble>, typed: &str) -> Response {
    match done {
        Ok(held) => {
            let to = format!("/provider-records/{}", held.noun.id);
            desk.done(&shown(desk, &held), &to, Did::Kept)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// Begins a record of a person whom your organisation serves.
#[utoipa::path(post, path = "/api/v1/provider-records", tag = "care", request_body = RecordBody, responses(
    (status = 200, description = "the record", body = RecordView),
    errors::Refusals,
))]
pub(crate) async fn begin(desk: Desk, sent: Sent<RecordBody>) -> Response {
    let RecordBody { request, client, grounds: text, victim, .. } = &sent.fields;
    let purpose = purpose_for(Kind::ProviderRecord);
    let done = async {
        let record = ProviderRecordId::from_bits(desk.request(request)?);
        let victim: Option<VictimId> = match victim.trim() {
            "" => None,
            text => Some(id(text, "victim")?),
        };
        let terms = terms(client, text)?;
        desk.casework.begin_provider_record(&desk.context(&purpose), record, victim, terms).await
    };
    let done = done.await;
    acted(&desk, done, &sent.typed)
}

/// Writes a record anew; what it said before stays in its changes.
#[utoipa::path(post, path = "/api/v1/provider-records/{id}/write", tag = "care", params(("id" = String, Path)),
    request_body = RecordBody, responses(
    (status = 200, description = "the record", body = RecordView),
    errors::Refusals,
))]
pub(crate) async fn write(desk: Desk, Path(record): Path<String>, sent: Sent<RecordBody>) -> Response {
    let RecordBody { seen, request, client, grounds: text, .. } = &sent.fields;
    let purpose = purpose_for(Kind::ProviderRecord);
    let done = async {
        let (record, revision) = (id(&record, RECORD)?, desk.revision(*seen, request)?);
        let terms = terms(client, text)?;
        desk.casework.write_provider_record(&desk.context(&purpose), record, revision, terms).await
    };
    let done = done.await;
    acted(&desk, done, &sent.typed)
}
