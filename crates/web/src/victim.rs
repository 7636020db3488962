//! `/victims`: who was met, with their specialist, the facts about them, and the clock after a recovery.

use crate::desk::{Desk, Sent, after, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::StepView;
use crate::recovery::{FactView, fact_views};
use crate::report_acts::moment;
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind, Resource};
use homeward_casework::{Context, Held, Listed, Trouble, Who, WrittenVictim, overdue_steps, step_clocks};
use homeward_model::{AgencyId, RecoveryKind, RecoveryStep, Role, Victim, VictimId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of victims.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/victims", list);
    let routes = act(routes, "/victims", record);
    let routes = view(routes, "/victims/{id}", one);
    let routes = act(routes, "/victims/{id}/pair", pair);
    let routes = act(routes, "/victims/{id}/step", step);
    let routes = act(routes, "/victims/{id}/take-back", take_back);
    act(routes, "/victims/{id}/missing-again", missing_again)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, record, one, pair, step, take_back, missing_again))]
pub(crate) struct Document;

const VICTIM: &str = "victim";

/// Acts on a victim that a page offers, when they are allowed.
const ACTS: [Act; 2] = [Act::PairSpecialist, Act::KeepVictim];

/// A victim in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct VictimHead {
    /// Its id.
    pub(crate) id: String,
    /// The name, or what the person is called.
    pub(crate) called: String,
    /// `without a specialist`, `recorded`, `recovered` or `missing again`.
    pub(crate) state: &'static str,
    /// The age when they were met. It is kept: a child recovered stays a counted child.
    pub(crate) age: String,
    /// Whether they count as a child.
    pub(crate) child: bool,
    /// The victim specialist.
    pub(crate) specialist: Option<String>,
    /// When they were met.
    pub(crate) met: String,
    /// Steps after the recovery that are overdue.
    pub(crate) overdue: Vec<&'static str>,
}

/// A victim in a list.
pub(crate) fn head(desk: &Desk, held: &Held<Victim>) -> VictimHead {
    let victim = &held.noun;
    VictimHead {
        id: victim.id.to_string(),
        called: victim.called.clone(),
        state: victim.word(),
        age: victim.age.to_string(),
        child: victim.is_counted_as_child(),
        specialist: victim.specialist().map(|specialist| desk.who.member(specialist)),
        met: at(victim.met.at),
        overdue: overdue_steps(victim, desk.now).into_iter().map(RecoveryStep::word).collect(),
    }
}

/// A step after a recovery, with its clock.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClockView {
    /// The step.
    pub(crate) step: &'static str,
    /// When it is due.
    pub(crate) due: String,
    /// When it was done.
    pub(crate) done: Option<String>,
    /// Whether it is, or was done, too late.
    pub(crate) overdue: bool,
    /// The law or policy.
    pub(crate) cite: &'static str,
}

/// The clock of a victim; empty before a recovery.
pub(crate) fn clock_views(desk: &Desk, victim: &Victim) -> Vec<ClockView> {
    let shown = |one: homeward_casework::StepClock| ClockView {
        step: one.step.word(),
        due: at(one.clock.due),
        done: one.clock.met.map(at),
        overdue: one.clock.is_overdue(desk.now),
        cite: one.cite,
    };
    step_clocks(victim).into_iter().map(shown).collect()
}

/// A victim.
#[derive(Serialize, ToSchema)]
pub(crate) struct VictimView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) head: VictimHead,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// The person, by the id that is the same for every agency that meets them by the same report.
    pub(crate) person: String,
    /// The missing report that names them.
    pub(crate) report: Option<String>,
    /// The event in which they were met.
    pub(crate) event: Option<String>,
    /// The lead by which they were met.
    pub(crate) lead: Option<String>,
    /// Who recorded them.
    pub(crate) recorded_by: String,
    /// The organisation.
    pub(crate) owner: String,
    /// Since when they are missing again.
    pub(crate) missing_since: Option<String>,
    /// The clock after the recovery; empty before one.
    pub(crate) clock: Vec<ClockView>,
    /// What happened, newest first.
    pub(crate) facts: Vec<FactView>,
}

async fn shown(desk: &Desk, context: &Context<'_>, held: &Held<Victim>) -> Result<VictimView, Trouble> {
    let victim = &held.noun;
    let facts = desk.casework.facts_of(context, victim.id).await?;
    Ok(VictimView {
        head: head(desk, held),
        version: held.version,
        person: victim.person.to_string(),
        report: victim.report.map(|report| report.to_string()),
        event: victim.met.event.map(|event| event.to_string()),
        lead: victim.met.lead.map(|lead| lead.to_string()),
        recorded_by: desk.who.member(victim.recorded.by),
        owner: desk.who.agency(held.resource.owner),
        missing_since: victim.missing_since().map(at),
        clock: clock_views(desk, victim),
        facts: fact_views(desk, context, &facts),
    })
}

/// Which victims.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[serde(default)]
    state: String,
    /// Only those with a step that is overdue: `overdue`.
    #[serde(default)]
    clock: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of victims, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct VictimPage {
    /// The victims.
    victims: Vec<VictimHead>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "victim/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    states: [&'static str; 4],
    specialists: Vec<(String, String)>,
    can_record: bool,
    page: VictimPage,
}

/// Victim specialists to choose from: those of an organisation, and all when it has none.
fn specialists(who: &Who, agency: AgencyId) -> Vec<(String, String)> {
    let own = who.members_of(agency, &[Role::VictimSpecialist]);
    let found = if own.is_empty() { who.in_job(Role::VictimSpecialist) } else { own };
    found.into_iter().map(|member| (member.id.to_string(), member.name.clone())).collect()
}

/// Victims that you may see, newest first.
#[utoipa::path(get, path = "/api/v1/victims", tag = "victims", params(Wanted), responses(
    (status = 200, description = "a page of victims", body = VictimPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Victim);
    let context = desk.context(&purpose);
    let found = async {
        let after: Option<VictimId> = after(&wanted.after, VICTIM)?;
        let listed = Listed {
            states: Some(wanted.state.clone()).filter(|state| !state.is_empty()).into_iter().collect(),
            after: after.map(VictimId::bits),
            ..Listed::default()
        };
        if wanted.clock == "overdue" {
            return desk.casework.overdue_victims(&context, &listed).await;
        }
        desk.casework.victims(&context, &listed).await
    };
    let found = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let own = Resource::owned(Kind::Victim, desk.actor.organisation);
    let can_record = !desk.casework.may(&context, &own, &[Act::RecordVictim]).is_empty();
    let specialists = specialists(&desk.who, desk.actor.organisation);
    let victims = found.records.iter().map(|held| head(&desk, held)).collect();
    let next = found.next.map(|bits| VictimId::from_bits(bits).to_string());
    let states = ["without a specialist", "recorded", "recovered", "missing again"];
    desk.show(VictimPage { victims, next }, |layout, page| ListPage {
        layout,
        wanted,
        states,
        specialists,
        can_record,
        page,
    })
}

#[derive(Template)]
#[template(path = "victim/one.html")]
#[expect(clippy::struct_excessive_bools, reason = "a page's switches, each its own")]
struct OnePage {
    layout: Layout,
    victim: VictimView,
    history: Vec<StepView>,
    specialists: Vec<(String, String)>,
    kinds: Vec<&'static str>,
    steps: Vec<&'static str>,
    can_pair: bool,
    can_keep: bool,
    can_say: bool,
    cares: bool,
}

/// One victim, with the facts about them and the clock.
#[utoipa::path(get, path = "/api/v1/victims/{id}", tag = "victims", params(("id" = String, Path)), responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn one(desk: Desk, Path(wanted): Path<String>) -> Response {
    let purpose = purpose_for(Kind::Victim);
    let context = desk.context(&purpose);
    let found = async {
        let held = desk.casework.victim(&context, id(&wanted, VICTIM)?).await?;
        let view = shown(&desk, &context, &held).await?;
        let steps = if desk.is_program() {
            Vec::new()
        } else {
            desk.casework.victim_history(&context, held.noun.id).await?
        };
        Ok::<_, Trouble>((held, view, steps))
    };
    let (held, view, steps) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let may = desk.casework.may(&context, &held.resource, &ACTS);
    let fact = Resource {
        assigned: held.resource.assigned.clone(),
        ..Resource::owned(Kind::RecoveryFact, desk.actor.organisation)
    };
    let kinds = RecoveryKind::ALL
        .iter()
        .filter(|kind| **kind != RecoveryKind::AdultAssisted || !held.noun.is_counted_as_child());
    let kinds = kinds.map(|kind| kind.word()).collect();
    let can_say = !desk.casework.may(&context, &fact, &[Act::RecordRecovery]).is_empty();
    desk.show(view, |layout, victim| OnePage {
        layout,
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        specialists: specialists(&desk.who, held.resource.owner),
        kinds,
        steps: RecoveryStep::ALL.iter().map(|step| step.word()).collect(),
        can_pair: may.contains(&Act::PairSpecialist),
        can_keep: may.contains(&Act::KeepVictim),
        can_say,
        cares: held.noun.specialist() == Some(desk.actor.member),
        victim,
    })
}

/// Shows what an act made of a victim.
async fn acted(
    desk: &Desk,
    victim: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, VictimId) -> Result<Held<Victim>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::Victim);
    let context = desk.context(&purpose);
    let done = async {
        let held = act(&context, id(victim, VICTIM)?).await?;
        shown(desk, &context, &held).await
    };
    match done.await {
        Ok(view) => desk.done(&view, &format!("/victims/{}", view.head.id), Did::Kept),
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// A person who was met.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct VictimBody {
    /// A uuid made by the client, the id of the victim: sent again, it is the same one.
    request: String,
    /// The name, or what the person is called; with a report, its name when this is empty.
    called: String,
    /// Id of the missing report that names them.
    report: String,
    /// When they were met; empty: now.
    met_at: String,
    /// Id of the event, if it was one.
    event: String,
    /// Id of the lead, if it was one.
    lead: String,
    /// `15`, `14-17`, `unknown` or `adult`; with a report, its age when this is empty. Unknown counts as a child.
    age: String,
    /// Id of the victim specialist who stays with them.
    specialist: String,
    /// Why no specialist can come, when none is named.
    without: String,
}

/// Records a victim, paired with a victim specialist in the same act.
#[utoipa::path(post, path = "/api/v1/victims", tag = "victims", request_body = VictimBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn record(desk: Desk, sent: Sent<VictimBody>) -> Response {
    let request = match desk.request(&sent.fields.request) {
        Ok(request) => VictimId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &sent.typed),
    };
    let VictimBody { called, report, met_at, event, lead, age, specialist, without, .. } = sent.fields;
    let written = WrittenVictim { called, report, met_at, event, lead, age, specialist, without };
    let recorded = acted(&desk, &request, &sent.typed, async |context, victim| {
        Ok(desk.casework.record_victim(context, victim, &written).await?.record)
    });
    Box::pin(recorded).await
}

/// To whom a victim is given.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PairBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the victim specialist; empty: you.
    #[serde(default)]
    specialist: String,
}

/// Pairs a victim with a specialist, who is told. A specialist takes up a victim who has none.
#[utoipa::path(post, path = "/api/v1/victims/{id}/pair", tag = "victims", params(("id" = String, Path)),
    request_body = PairBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn pair(desk: Desk, Path(victim): Path<String>, sent: Sent<PairBody>) -> Response {
    let PairBody { seen, request, specialist } = sent.fields;
    acted(&desk, &victim, &sent.typed, async |context, victim| {
        let revision = desk.revision(seen, &request)?;
        let specialist = match specialist.trim() {
            "" => desk.actor.member,
            text => text.parse().map_err(|_| Trouble::invalid("choose a victim specialist"))?,
        };
        Ok(desk.casework.pair_specialist(context, victim, revision, specialist).await?.record)
    })
    .await
}

/// A step after a recovery.
#[derive(Deserialize, ToSchema)]
pub(crate) struct StepDoneBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The step, as in `safe place`.
    step: String,
    /// When it was done; empty: now.
    #[serde(default)]
    at: String,
}

fn step_of(word: &str) -> Result<RecoveryStep, Trouble> {
    RecoveryStep::parse(word).ok_or_else(|| {
        let steps: Vec<&str> = RecoveryStep::ALL.iter().map(|step| step.word()).collect();
        Trouble::invalid(format!("that is no step after a recovery; the steps are {}", steps.join(", ")))
    })
}

/// Records that a step after the recovery was done.
#[utoipa::path(post, path = "/api/v1/victims/{id}/step", tag = "victims", params(("id" = String, Path)),
    request_body = StepDoneBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn step(desk: Desk, Path(victim): Path<String>, sent: Sent<StepDoneBody>) -> Response {
    let StepDoneBody { seen, request, step, at } = sent.fields;
    acted(&desk, &victim, &sent.typed, async |context, victim| {
        let (revision, step) = (desk.revision(seen, &request)?, (step_of(&step)?, moment(&at)?));
        desk.casework.recovery_step(context, victim, revision, step).await
    })
    .await
}

/// A step that was recorded by mistake.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TakeBackBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The step.
    step: String,
    /// Why it was a mistake.
    grounds: String,
}

/// Takes back a step that was recorded by mistake.
#[utoipa::path(post, path = "/api/v1/victims/{id}/take-back", tag = "victims", params(("id" = String, Path)),
    request_body = TakeBackBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn take_back(desk: Desk, Path(victim): Path<String>, sent: Sent<TakeBackBody>) -> Response {
    let TakeBackBody { seen, request, step, grounds: why } = sent.fields;
    acted(&desk, &victim, &sent.typed, async |context, victim| {
        let (revision, step) = (desk.revision(seen, &request)?, step_of(&step)?);
        desk.casework.take_back_step(context, victim, revision, step, grounds(&why)?).await
    })
    .await
}

/// Since when somebody is missing again.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AgainBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Since when; empty: now.
    #[serde(default)]
    at: String,
}

/// Records that a victim is missing again. The report that names them goes on, and their plan is opened again.
#[utoipa::path(post, path = "/api/v1/victims/{id}/missing-again", tag = "victims", params(("id" = String, Path)),
    request_body = AgainBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn missing_again(desk: Desk, Path(victim): Path<String>, sent: Sent<AgainBody>) -> Response {
    let AgainBody { seen, request, at } = sent.fields;
    let again = acted(&desk, &victim, &sent.typed, async |context, victim| {
        let (revision, since) = (desk.revision(seen, &request)?, moment(&at)?);
        Ok(desk.casework.victim_missing_again(context, victim, revision, since).await?.record)
    });
    Box::pin(again).await
}
