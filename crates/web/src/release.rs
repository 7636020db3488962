//! Releases: what a victim lets out, to whom and until when; the form to sign, and the one act that takes it back.

use crate::desk::{Desk, Sent, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::StepBody;
use crate::member::listed;
use crate::report_acts::moment;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Held, Trouble};
use homeward_model::{
    AgencyId, DateWindow, Digest, Release, ReleaseId, ReleaseTerms, Signature, VictimId, Walled,
};
use homeward_rules::record::RecordRules;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of releases.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/victims/{id}/release", record);
    let routes = view(routes, "/releases/form", form);
    let routes = view(routes, "/releases/{id}", one);
    act(routes, "/releases/{id}/revoke", revoke)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(record, form, one, revoke))]
pub(crate) struct Document;

const RELEASE: &str = "release";

/// A release.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReleaseView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// The victim.
    pub(crate) victim: String,
    /// The organisation whose records it opens.
    pub(crate) provider: String,
    /// Agencies that may read by it.
    pub(crate) receivers: Vec<String>,
    /// Kinds of records that it covers.
    pub(crate) covers: Vec<&'static str>,
    /// What for.
    pub(crate) purpose: String,
    /// From when.
    pub(crate) starts: String,
    /// Until when.
    pub(crate) ends: String,
    /// When it was revoked.
    pub(crate) revoked: Option<String>,
    /// Whether it stands now.
    pub(crate) stands: bool,
    /// `adult`, `minor and guardian` or `minor alone`; shown to the organisation whose records it opens.
    pub(crate) signed_by: Option<String>,
    /// Where the signed paper is kept; shown to the organisation whose records it opens.
    pub(crate) kept: Option<String>,
    /// SHA-256 of the signed document, when it is a file.
    pub(crate) document: Option<String>,
    /// Whether you may revoke it for the victim.
    pub(crate) can_revoke: bool,
}

/// A release as it is shown. Receivers see its limits; who signed is for the organisation that keeps it.
pub(crate) fn shown(desk: &Desk, held: &Held<Release>) -> ReleaseView {
    let (release, terms) = (&held.noun, held.noun.terms());
    let purpose = purpose_for(Kind::Release);
    let may = desk.casework.may(&desk.context(&purpose), &held.resource, &[Act::RevokeRelease]);
    let signed_by = match &terms.signature {
        Signature::Adult => "adult".to_owned(),
        Signature::MinorAndGuardian { guardian, .. } => format!("minor and guardian {guardian}"),
        Signature::MinorAlone { law } => format!("minor alone, by {law}"),
    };
    ReleaseView {
        id: release.id.to_string(),
        version: held.version,
        victim: terms.victim.to_string(),
        provider: desk.who.agency(terms.provider),
        receivers: terms.receivers.iter().map(|receiver| desk.who.agency(*receiver)).collect(),
        covers: terms.covers.iter().map(|kind| kind.word()).collect(),
        purpose: terms.purpose.as_str().to_owned(),
        starts: at(terms.window.start()),
        ends: at(terms.window.end()),
        revoked: release.revoked().map(|stamp| at(stamp.at)),
        stands: release.is_live(desk.now),
        signed_by: (!may.is_empty()).then_some(signed_by),
        kept: terms.kept.as_ref().map(|kept| kept.as_str().to_owned()).filter(|_| !may.is_empty()),
        document: terms.document.map(|document| document.hex()),
        can_revoke: release.revoked().is_none() && !may.is_empty(),
    }
}

#[derive(Template)]
#[template(path = "release/one.html")]
struct OnePage {
    layout: Layout,
    release: ReleaseView,
}

/// One release, with its limits.
#[utoipa::path(get, path = "/api/v1/releases/{id}", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the release", body = ReleaseView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Release);
    let found = async { desk.casework.release(&desk.context(&purpose), id(&wanted, RELEASE)?).await };
    match found.await {
        Ok(held) => desk.show(shown(&desk, &held), |layout, release| OnePage { layout, release }),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// What stands on the form that a victim signs.
#[derive(Serialize, ToSchema)]
pub(crate) struct FormView {
    /// The organisation whose records it would open.
    provider: String,
    /// Kinds of records; each is ticked by name, there is no "all".
    kinds: Vec<&'static str>,
    /// Longest time that a release may run.
    longest: String,
    /// Where that number comes from.
    cite: &'static str,
}

#[derive(Template)]
#[template(path = "release/form.html")]
struct FormPage {
    layout: Layout,
    form: FormView,
}

/// The empty form to print and sign.
#[utoipa::path(get, path = "/api/v1/releases/form", tag = "care", responses(
    (status = 200, description = "what stands on it", body = FormView),
    errors::Refusals,
))]
pub(crate) async fn form(desk: Desk) -> Response {
    let longest = &RecordRules::embedded().clocks.release_longest;
    let view = FormView {
        provider: desk.who.agency(desk.actor.organisation),
        kinds: Walled::ALL.iter().map(|kind| kind.word()).collect(),
        longest: longest.span.to_string(),
        cite: &longest.cite,
    };
    desk.show(view, |layout, form| FormPage { layout, form })
}

/// A release that was signed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ReleaseBody {
    /// A uuid made by the client, the id of the release: sent again, it is the same one.
    request: String,
    /// Ids of the agencies that may read.
    receivers: Vec<String>,
    /// Kinds of records: `service note`, `service plan`, `provider record`.
    covers: Vec<String>,
    /// What for.
    purpose: String,
    /// From when; empty: now.
    starts: String,
    /// Until when.
    ends: String,
    /// Where the signed paper is kept, as in `binder 3, sheet 12`.
    kept: String,
    /// SHA-256 of the signed document in hexadecimal digits, when it is a file.
    document: String,
    /// `yes` when the victim was told what it means and that help does not depend on it.
    informed: String,
    /// `adult`, `minor and guardian` or `minor alone`.
    signature: String,
    /// The guardian's name.
    guardian: String,
    /// `yes` when a member checked that the guardian is neither the abuser nor the abuser of the other parent.
    not_the_abuser: String,
    /// The law by which a minor signs alone.
    law: String,
}

impl ReleaseBody {
    fn terms(self, typed: &str, victim: VictimId, desk: &Desk) -> Result<ReleaseTerms, Trouble> {
        let agency = |text: &String| -> Result<AgencyId, Trouble> {
            text.trim().parse().map_err(|_| Trouble::invalid("choose the receivers"))
        };
        let kind = |word: &String| {
            Walled::parse(word)
                .ok_or_else(|| Trouble::invalid(format!("`{word}` is no kind of record to release")))
        };
        let mut receivers =
            listed(typed, "receiver", self.receivers).iter().map(agency).collect::<Result<Vec<_>, _>>()?;
        receivers.sort_unstable();
        receivers.dedup();
        let mut covers =
            listed(typed, "cover", self.covers).iter().map(kind).collect::<Result<Vec<_>, _>>()?;
        covers.sort_unstable();
        covers.dedup();
        let starts = moment(&self.starts)?.unwrap_or(desk.now);
        let ends = moment(&self.ends)?.ok_or_else(|| Trouble::invalid("say until when it stands"))?;
        let kept = if self.kept.trim().is_empty() { None } else { Some(grounds(&self.kept)?) };
        let document = match self.document.trim() {
            "" => None,
            text => Some(Digest::parse(text).ok_or_else(|| {
                Trouble::invalid("a signed file is named by the 64 hexadecimal digits of its SHA-256")
            })?),
        };
        let signature = match self.signature.as_str() {
            "adult" => Signature::Adult,
            "minor and guardian" => Signature::MinorAndGuardian {
                guardian: self.guardian.trim().chars().take(200).collect(),
                not_the_abuser: self.not_the_abuser == "yes",
            },
            "minor alone" => Signature::MinorAlone { law: self.law.trim().chars().take(200).collect() },
            _ => return Err(Trouble::invalid("say who signed: adult, minor and guardian, or minor alone")),
        };
        Ok(ReleaseTerms {
            victim,
            provider: desk.actor.organisation,
            receivers,
            covers,
            purpose: grounds(&self.purpose)?,
            window: DateWindow::new(starts, ends)?,
            kept,
            document,
            informed: self.informed == "yes",
            signature,
        })
    }
}

/// Records a release of what your organisation keeps of a victim whom you serve. No help depends on it.
#[utoipa::path(post, path = "/api/v1/victims/{id}/release", tag = "care", params(("id" = String, Path)),
    request_body = ReleaseBody, responses(
    (status = 200, description = "the release", body = ReleaseView),
    errors::Refusals,
))]
pub(crate) async fn record(desk: Desk, Path(victim): Path<String>, sent: Sent<ReleaseBody>) -> Response {
    let purpose = purpose_for(Kind::Release);
    let Sent { fields, typed } = sent;
    let done = async {
        let about: VictimId = id(&victim, "victim")?;
        let release = ReleaseId::from_bits(desk.request(&fields.request)?);
        let terms = fields.terms(&typed, about, &desk)?;
        desk.casework.record_release(&desk.context(&purpose), release, terms).await
    };
    match done.await {
        Ok(held) => desk.done(&shown(&desk, &held), &format!("/releases/{}", held.noun.id), Did::Released),
        Err(trouble) => desk.trouble(&trouble, &typed),
    }
}

/// Revokes a release for the victim. It works at once.
#[utoipa::path(post, path = "/api/v1/releases/{id}/revoke", tag = "care", params(("id" = String, Path)),
    request_body = StepBody, responses(
    (status = 200, description = "the release", body = ReleaseView),
    errors::Refusals,
))]
pub(crate) async fn revoke(desk: Desk, Path(release): Path<String>, sent: Sent<StepBody>) -> Response {
    let StepBody { seen, request } = &sent.fields;
    let purpose = purpose_for(Kind::Release);
    let done = async {
        let (release, revision) = (id(&release, RELEASE)?, desk.revision(*seen, request)?);
        desk.casework.revoke_release(&desk.context(&purpose), release, revision).await
    };
    match done.await {
        Ok(held) => desk.done(&shown(&desk, &held), &format!("/releases/{}", held.noun.id), Did::Revoked),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}
