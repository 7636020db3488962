//! `/audit`: the trail as auditors read it, who looked at a record, and the check that nobody changed it.

use crate::desk::{Desk, id, narrowed, purpose_for};
use crate::layout::Layout;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use homeward_access::{Kind, Purpose};
use homeward_casework::{AuditEntry, AuditFilter, AuditPage, Context, Trouble};
use homeward_model::{Instant, LeadId, Span};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of the trail.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/audit", list);
    let routes = view(routes, "/audit/{noun}/{id}", looked);
    let routes = routes.route("/audit.csv", axum::routing::get(table));
    crate::act(routes, "/audit/verify", verify)
}

/// Its part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, looked, verify))]
pub(crate) struct Document;

/// Which entries.
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Wanted {
    /// Only those of the member of this name.
    member: String,
    /// Only those on the record of this id.
    object: String,
    /// Only those of this act, by its word.
    act: String,
    /// Only those from this day on, `YYYY-MM-DD`, UTC.
    from: String,
    /// Only those up to this day, UTC.
    to: String,
    /// Only what was refused: `yes`.
    refused: String,
    /// Those before this place: the `next` of the page before.
    after: String,
}

impl Wanted {
    /// The same for the next page or an export, as the query of a link.
    fn query(&self, after: &str) -> String {
        let pairs = [
            ("member", self.member.as_str()),
            ("object", &self.object),
            ("act", &self.act),
            ("from", &self.from),
            ("to", &self.to),
            ("refused", &self.refused),
            ("after", after),
        ];
        let given: Vec<(&str, &str)> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        serde_urlencoded::to_string(given).unwrap_or_default()
    }
}

/// An entry of the trail.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryView {
    /// Its place, from 1.
    seq: u64,
    /// When, to the hundredth of a second, UTC.
    at: String,
    /// Who; nobody had signed in when empty.
    member: Option<String>,
    /// The act.
    act: String,
    /// The noun of the record.
    noun: Option<String>,
    /// Its id.
    object: Option<String>,
    /// The page that says who looked at it, for the kinds that have one.
    looked: Option<String>,
    /// The purpose.
    purpose: Option<String>,
    /// How it ended.
    outcome: &'static str,
    /// From which address, or which worker.
    from: String,
    /// What else the entry says.
    more: String,
}

fn shown(desk: &Desk, entry: AuditEntry) -> EntryView {
    let at = entry.moment();
    let more = entry.more.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>();
    let folder = match entry.kind.as_deref() {
        Some("missing report") => Some("missing"),
        other => other.filter(|noun| crate::sight::kind(noun).is_some()),
    };
    let looked = folder.zip(entry.object.as_deref()).map(|(folder, id)| format!("/audit/{folder}/{id}"));
    EntryView {
        looked,
        seq: entry.seq,
        at: if at.ends_with('Z') { at.trim_end_matches('Z').replace('T', " ") + " UTC" } else { at },
        member: entry.member.map(|member| desk.who.member(member)),
        act: entry.act,
        noun: entry.kind,
        object: entry.object,
        purpose: entry.purpose,
        outcome: entry.outcome.word(),
        from: entry.from,
        more: more.join("; "),
    }
}

/// A page of the trail, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrailPage {
    /// The entries.
    entries: Vec<EntryView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<u64>,
}

fn page(desk: &Desk, found: AuditPage) -> TrailPage {
    TrailPage {
        entries: found.entries.into_iter().map(|entry| shown(desk, entry)).collect(),
        next: found.next,
    }
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    layout: Layout,
    title: &'static str,
    wanted: Option<Wanted>,
    here: String,
    page: TrailPage,
}

fn day(text: &str) -> Result<Option<Instant>, Trouble> {
    match text.trim() {
        "" => Ok(None),
        day => Instant::parse(&format!("{day}T00:00:00Z"))
            .map(Some)
            .ok_or_else(|| Trouble::invalid("write days as `YYYY-MM-DD`")),
    }
}

fn place(text: &str) -> Result<Option<u64>, Trouble> {
    match text.trim() {
        "" => Ok(None),
        place => place.parse().map(Some).map_err(|_| Trouble::invalid("`after` is the place of an entry")),
    }
}

async fn found(desk: &Desk, context: &Context<'_>, wanted: &Wanted) -> Result<TrailPage, Trouble> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let record = |text: String| {
        let id: Result<LeadId, _> = text.parse();
        id.map(LeadId::bits).map_err(|_| Trouble::invalid("a record is named by its id, a uuid"))
    };
    let filter = AuditFilter {
        member: given(&wanted.member).map(|name| desk.who.member_named(&name)).transpose()?,
        organisation: None,
        object: given(&wanted.object).map(record).transpose()?,
        act: given(&wanted.act),
        from: day(&wanted.from)?,
        to: day(&wanted.to)?.map(|day| day.plus(Span::hours(24))),
        only_refused: narrowed("refused", &wanted.refused, &["yes"])?.is_some(),
    };
    Ok(page(desk, desk.casework.audit(context, &filter, place(&wanted.after)?, 0).await?))
}

/// Entries of the trail of your organisation, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(Wanted), responses(
    (status = 200, description = "a page of the trail", body = TrailPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::AuditTrail);
    match found(&desk, &desk.context(&purpose), &wanted).await {
        Ok(page) => desk.show(page, |layout, page| ListPage {
            layout,
            title: "Audit trail",
            wanted: Some(wanted),
            here: "/audit".to_owned(),
            page,
        }),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let starts = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    format!("\"{}{}\"", if starts { "'" } else { "" }, text.replace('"', "\"\""))
}

/// `GET /audit.csv`: the page of the trail as it is shown, and no more.
async fn table(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::AuditTrail);
    let page = match found(&desk, &desk.context(&purpose), &wanted).await {
        Ok(page) => page,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let mut text = "place,when,who,act,noun,record,purpose,outcome,from,more\r\n".to_owned();
    for one in &page.entries {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            one.seq.to_string(),
            one.at.clone(),
            of(&one.member),
            one.act.clone(),
            of(&one.noun),
            of(&one.object),
            of(&one.purpose),
            one.outcome.to_owned(),
            one.from.clone(),
            one.more.clone(),
        ];
        text.push_str(&cells.map(|text| cell(&text)).join(","));
        text.push_str("\r\n");
    }
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"homeward-audit.csv\"");
    ([kind, name], text).into_response()
}

/// Who looked at a record, newest first.
#[utoipa::path(get, path = "/api/v1/audit/{noun}/{id}", tag = "audit",
    params(("noun" = String, Path), ("id" = String, Path), ("after" = Option<String>, Query)), responses(
    (status = 200, description = "a page of the trail", body = TrailPage),
    errors::Refusals,
))]
pub(crate) async fn looked(
    desk: Desk,
    Path((noun, record)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let purpose = purpose_for(Kind::AuditTrail);
    let found = async {
        let kind = crate::sight::kind(&noun).ok_or(Trouble::Missing { noun: "record" })?;
        let record: LeadId = id(&record, kind.word())?;
        let context = desk.context(&purpose);
        desk.casework.looked_at(&context, kind, record.bits(), place(&wanted.after)?).await
    };
    match found.await {
        Ok(found) => desk.show(page(&desk, found), |layout, page| ListPage {
            layout,
            title: "Who looked at this record",
            wanted: None,
            here: format!("/audit/{noun}/{record}"),
            page,
        }),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// What a check of the trail found.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerifiedView {
    /// Whether everything fits.
    sound: bool,
    /// How many entries there are, when it does.
    entries: Option<u64>,
    /// How many signed heads were held against them.
    heads: Option<u64>,
    /// The root over all entries, hexadecimal.
    head: Option<String>,
    /// How many things do not fit.
    breaches: usize,
}

#[derive(Template)]
#[template(path = "audit/verify.html")]
struct VerifyPage {
    layout: Layout,
    verified: VerifiedView,
}

/// Hashes the whole trail anew and holds it against every signed head.
#[utoipa::path(post, path = "/api/v1/audit/verify", tag = "audit", responses(
    (status = 200, description = "what was found", body = VerifiedView),
    errors::Refusals,
))]
pub(crate) async fn verify(desk: Desk) -> Response {
    let purpose: Purpose = purpose_for(Kind::AuditTrail);
    let verified = match desk.casework.verify_trail(&desk.context(&purpose)).await {
        Ok(Ok(sound)) => VerifiedView {
            sound: true,
            entries: Some(sound.entries),
            heads: Some(sound.heads),
            head: sound.head.map(|head| head.root.hex()),
            breaches: 0,
        },
        Ok(Err(broken)) => {
            VerifiedView { sound: false, entries: None, heads: None, head: None, breaches: broken.len() }
        }
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    if desk.is_program() {
        return axum::Json(verified).into_response();
    }
    desk.page(StatusCode::OK, VerifyPage { layout: desk.layout(), verified })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let check = |text: &str, expected: &str| assert_eq!(cell(text), expected);
        check("view", "\"view\"");
        check("=1+1", "\"'=1+1\"");
        check("@sum", "\"'@sum\"");
        check("say \"so\"", "\"say \"\"so\"\"\"");
    }
}
