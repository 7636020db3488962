//! Care of one victim, behind the wall: the page of all that is kept, and notes. Those who serve the victim see all that their organisation
//! keeps; others see what a standing release covers; for everybody else there is no such page.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::disclosure::{self, DisclosureView};
use crate::layout::{Did, Layout};
use crate::plan::{OwnMoves, PlanView, plan_view};
use crate::provider_record::{self, RecordView};
use crate::referral::{self, ReferralView};
use crate::release::{self, ReleaseView};
use crate::victim::{ClockView, clock_views};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use homeward_access::{Act, Kind, Resource};
use homeward_casework::{Care, Held, Trouble, if_any};
use homeward_model::{AgencyId, Need, NoteId, ServiceNote, Victim, VictimId, Walled};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of care.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/victims/{id}/care", one);
    let routes = act(routes, "/victims/{id}/note", note);
    view(routes, "/notes/{id}", one_note)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(one, note, one_note))]
pub(crate) struct Document;

const VICTIM: &str = "victim";

/// A note of victim service.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoteView {
    /// Its id.
    id: String,
    /// The organisation behind whose wall it lies.
    provider: String,
    /// What it says.
    text: String,
    /// The note that it corrects.
    corrects: Option<String>,
    /// Who wrote it.
    by: String,
    /// When.
    at: String,
}

fn note_view(desk: &Desk, held: &Held<ServiceNote>) -> NoteView {
    let note = &held.noun;
    NoteView {
        id: note.id.to_string(),
        provider: desk.who.agency(note.provider),
        text: note.text.as_str().to_owned(),
        corrects: note.corrects.map(|id| id.to_string()),
        by: desk.who.member(note.written.by),
        at: crate::desk::at(note.written.at),
    }
}

/// What you may read of the care of a victim.
#[derive(Serialize, ToSchema)]
pub(crate) struct CareView {
    /// The victim.
    victim: String,
    /// What they are called, for those who serve them.
    called: Option<String>,
    /// The clock after the recovery, for those who may see the victim.
    clock: Vec<ClockView>,
    /// The version of the victim, for a step of the clock.
    version: Option<i64>,
    /// Plans, of each organisation one.
    plans: Vec<PlanView>,
    /// Notes, newest first.
    notes: Vec<NoteView>,
    /// Referrals, newest first.
    referrals: Vec<ReferralView>,
    /// Releases, newest first.
    releases: Vec<ReleaseView>,
    /// Records of a provider, newest first.
    records: Vec<RecordView>,
    /// What had to be given away without a release, newest first.
    disclosures: Vec<DisclosureView>,
}

/// What the page offers.
#[derive(Template)]
#[template(path = "care/one.html")]
struct OnePage {
    layout: Layout,
    care: CareView,
    /// The plan of the reader's own organisation.
    own: Option<usize>,
    own_moves: OwnMoves,
    needs: Vec<&'static str>,
    /// The need for which help is looked for first: one of the own plan that is open and for which nobody was asked.
    wanted: Option<&'static str>,
    kinds: Vec<&'static str>,
    providers: Vec<(String, String)>,
    agencies: Vec<(String, String)>,
    serves: bool,
    refers: bool,
    keeps: bool,
}

/// The victim when the reader is the specialist who stays with them, and what the reader may read of their care.
async fn found(desk: &Desk, wanted: &str) -> Result<(Option<Held<Victim>>, Care), Trouble> {
    let victim: VictimId = id(wanted, VICTIM)?;
    let (of_victim, of_service) = (purpose_for(Kind::Victim), purpose_for(Kind::ServiceNote));
    let held = if desk.is_specialist() {
        if_any(desk.casework.victim(&desk.context(&of_victim), victim).await)?
    } else {
        None
    };
    let held = held.filter(|held| held.noun.specialist() == Some(desk.actor.member));
    // Six lists at once are large to wait for.
    let care = Box::pin(desk.casework.care_of(&desk.context(&of_service), victim)).await?;
    if held.is_none() && care.is_empty() {
        return Err(Trouble::Missing { noun: VICTIM });
    }
    Ok((held, care))
}

/// What you may read of the care of a victim: all that your organisation keeps when you serve them, else what a standing
/// release covers.
#[utoipa::path(get, path = "/api/v1/victims/{id}/care", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the care", body = CareView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(victim): Path<String>) -> Response {
    let (held, care) = match found(&desk, &victim).await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let purpose = purpose_for(Kind::ServiceNote);
    let context = desk.context(&purpose);
    let own_agency = desk.actor.organisation;
    let referred = care.referrals.iter().any(|one| one.noun.provider == own_agency && one.noun.is_live());
    let own = care.plans.iter().position(|plan| plan.noun.provider == own_agency);
    let own_moves = own.map(|at| OwnMoves::of(&care.plans[at].noun)).unwrap_or_default();
    let asked =
        |need: &Need| care.referrals.iter().any(|one| one.noun.is_live() && one.noun.asks.need == *need);
    let mut open = own.into_iter().flat_map(|at| care.plans[at].noun.open_needs());
    let wanted = open.find(|need| !asked(need)).map(Need::word);
    let called = care.referrals.first().map(|one| one.noun.asks.called.clone());
    let view = CareView {
        victim,
        called: held.as_ref().map(|held| held.noun.called.clone()).or(called),
        clock: held.as_ref().map(|held| clock_views(&desk, &held.noun)).unwrap_or_default(),
        version: held.as_ref().map(|held| held.version),
        plans: care.plans.iter().map(|held| plan_view(&desk, held)).collect(),
        notes: care.notes.iter().map(|held| note_view(&desk, held)).collect(),
        referrals: care.referrals.iter().map(|held| referral::shown(&desk, &context, held)).collect(),
        releases: care.releases.iter().map(|held| release::shown(&desk, held)).collect(),
        disclosures: care.disclosures.iter().map(|held| disclosure::shown(&desk, held)).collect(),
        records: care.records.iter().map(|held| provider_record::shown(&desk, held)).collect(),
    };
    let named = |agency: &AgencyId, name: &str| (agency.to_string(), name.to_owned());
    let providers = desk.who.providers().into_iter().filter(|known| known.id != own_agency);
    let providers = providers.map(|known| named(&known.id, &known.name)).collect();
    let agencies =
        desk.who.active_agencies().into_iter().map(|known| named(&known.id, &known.name)).collect();
    let own_record = Resource::owned(Kind::ProviderRecord, own_agency);
    let keeps = referred && !desk.casework.may(&context, &own_record, &[Act::WriteProviderRecord]).is_empty();
    desk.show(view, |layout, care| OnePage {
        layout,
        care,
        own,
        own_moves,
        wanted,
        needs: Need::ALL.iter().map(|need| need.word()).collect(),
        kinds: Walled::ALL.iter().map(|kind| kind.word()).collect(),
        providers,
        agencies,
        serves: held.is_some() || referred,
        refers: held.is_some(),
        keeps,
    })
}

/// A note about a victim whom you serve.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NoteBody {
    /// A uuid made by the client, the id of the note: sent again, it is the same one.
    #[serde(default)]
    request: String,
    /// What it says.
    grounds: String,
    /// Id of the note that it corrects.
    #[serde(default)]
    corrects: String,
}

/// Writes a note behind the wall of your organisation.
#[utoipa::path(post, path = "/api/v1/victims/{id}/note", tag = "care", params(("id" = String, Path)),
    request_body = NoteBody, responses(
    (status = 200, description = "the note", body = NoteView),
    errors::Refusals,
))]
pub(crate) async fn note(desk: Desk, Path(victim): Path<String>, sent: Sent<NoteBody>) -> Response {
    let NoteBody { request, grounds: text, corrects } = &sent.fields;
    let purpose = purpose_for(Kind::ServiceNote);
    let done = async {
        let about: VictimId = id(&victim, VICTIM)?;
        let note = NoteId::from_bits(desk.request(request)?);
        let corrects = match corrects.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| Trouble::invalid("`corrects` is no id of a note"))?),
        };
        let context = desk.context(&purpose);
        desk.casework.write_service_note(&context, note, about, grounds(text)?, corrects).await
    };
    match done.await {
        Ok(held) => desk.done(&note_view(&desk, &held), &format!("/victims/{victim}/care#notes"), Did::Noted),
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// One note. That somebody tried who may not read it is told to those behind the wall.
#[utoipa::path(get, path = "/api/v1/notes/{id}", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "the note", body = NoteView),
    errors::Refusals,
))]
pub(crate) async fn one_note(desk: Desk, Path(note): Path<String>) -> Response {
    let purpose = purpose_for(Kind::ServiceNote);
    let found =
        async { desk.casework.service_note(&desk.context(&purpose), id(&note, "service note")?).await };
    match found.await {
        Ok(held) if !desk.is_program() => {
            Redirect::to(&format!("/victims/{}/care#notes", held.noun.victim)).into_response()
        }
        Ok(held) => axum::Json(note_view(&desk, &held)).into_response(),
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}
