//! `/victims`: who was met, with their specialist, the facts about them, and the clock after a recovery.

use crate::desk::{Desk, after, at, id, narrowed, purpose_for};
use crate::layout::Layout;
use crate::lead::StepView;
use crate::recovery::{FactView, fact_views};
use crate::restrict::Closing;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind, Resource};
use homeward_casework::{Context, Held, Listed, Trouble, Who, next_step, overdue_steps, step_clocks};
use homeward_model::{
    AgencyId, EventId, LeadId, MissingReportId, RecoveryKind, RecoveryStep, Role, Victim, VictimId,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of victims.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/victims", list);
    view(routes, "/victims/{id}", one)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, one))]
pub(crate) struct Document;

pub(crate) const VICTIM: &str = "victim";

/// Acts on a victim that a page offers, when they are allowed.
const ACTS: [Act; 2] = [Act::PairSpecialist, Act::KeepVictim];

/// A victim in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct VictimHead {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
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
    /// The step that is due next, or overdue longest.
    pub(crate) next: Option<NextView>,
}

/// A step that is to be done.
#[derive(Serialize, ToSchema)]
pub(crate) struct NextView {
    /// The step.
    pub(crate) step: &'static str,
    /// When it is due.
    pub(crate) due: String,
}

/// A victim in a list.
pub(crate) fn head(desk: &Desk, held: &Held<Victim>) -> VictimHead {
    let victim = &held.noun;
    VictimHead {
        id: victim.id.to_string(),
        version: held.version,
        called: victim.called.clone(),
        state: victim.word(),
        age: victim.age.to_string(),
        child: victim.is_counted_as_child(),
        specialist: victim.specialist().map(|specialist| desk.who.member(specialist)),
        met: at(victim.met.at),
        overdue: overdue_steps(victim, desk.now).into_iter().map(RecoveryStep::word).collect(),
        next: next_step(victim).map(|one| NextView { step: one.step.word(), due: at(one.clock.due) }),
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

pub(crate) async fn shown(
    desk: &Desk,
    context: &Context<'_>,
    held: &Held<Victim>,
) -> Result<VictimView, Trouble> {
    let victim = &held.noun;
    let facts = desk.casework.facts_of(context, victim.id).await?;
    Ok(VictimView {
        head: head(desk, held),
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
    /// Only those who were met in this event, by its id.
    #[serde(default)]
    event: String,
    /// Only those who were met by this lead, by its id.
    #[serde(default)]
    lead: String,
    /// Only those whom this missing report names, by its id.
    #[serde(default)]
    report: String,
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

impl Wanted {
    /// The event, lead or report to which the list is narrowed, as bits.
    fn of(&self) -> Result<Option<u128>, Trouble> {
        let event = after::<EventId>(&self.event, "event")?.map(EventId::bits);
        let lead = after::<LeadId>(&self.lead, "lead")?.map(LeadId::bits);
        let report = after::<MissingReportId>(&self.report, "missing report")?.map(MissingReportId::bits);
        Ok(event.or(lead).or(report))
    }

    /// The fields by which the list is narrowed to one record, and a new victim comes from it.
    fn narrowed(&self) -> Vec<(&'static str, &str)> {
        let all = [("event", self.event.as_str()), ("lead", &self.lead), ("report", &self.report)];
        all.into_iter().filter(|(_, id)| !id.is_empty()).collect()
    }

    /// The record to which the list is narrowed: what it is called, and its page.
    fn from(&self) -> Option<(&'static str, String)> {
        let (noun, id) = *self.narrowed().first()?;
        let folder = match noun {
            "event" => "events",
            "lead" => "leads",
            _ => "missing",
        };
        Some((noun, format!("/{folder}/{id}")))
    }
}

/// The words of all states.
const STATES: [&str; 4] = [Victim::ALONE, "recorded", "recovered", "missing again"];

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
            states: narrowed("state", &wanted.state, &STATES)?.into_iter().collect(),
            after: after.map(VictimId::bits),
            of: wanted.of()?,
            ..Listed::default()
        };
        if narrowed("clock", &wanted.clock, &["overdue"])?.is_some() {
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
    desk.show(VictimPage { victims, next }, |layout, page| ListPage {
        layout,
        wanted,
        states: STATES,
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
    can_pair: bool,
    can_keep: bool,
    can_say: bool,
    cares: bool,
    can_take: bool,
    /// Why nobody could come, when nobody is with them.
    alone: Option<String>,
    closing: Closing,
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
    let alone = steps.first().and_then(|step| step.said.clone());
    desk.show(view, |layout, victim| OnePage {
        layout,
        history: steps.into_iter().map(|step| StepView::of(&desk, step)).collect(),
        specialists: specialists(&desk.who, held.resource.owner),
        kinds,
        can_pair: may.contains(&Act::PairSpecialist),
        can_keep: may.contains(&Act::KeepVictim),
        can_say,
        can_take: may.contains(&Act::PairSpecialist)
            && desk.is_specialist()
            && held.noun.specialist() != Some(desk.actor.member),
        alone: alone.filter(|_| held.noun.specialist().is_none()),
        closing: Closing::of(&desk, &context, &held, format!("/victims/{}", held.noun.id)),
        cares: held.noun.specialist() == Some(desk.actor.member),
        victim,
    })
}
