//! A lead as lists, its page and forms show it.

use crate::desk::{Desk, at};
use homeward_casework::{Held, Trouble, office_named};
use homeward_model::{Lead, LeadOrigin, LeadState, Priority};
use serde::Serialize;
use utoipa::ToSchema;

/// A lead.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// `admitted`, `triaged`, `assigned`, `working`, `closed` or `reopened`.
    pub(crate) state: &'static str,
    /// The finding it came from.
    pub(crate) finding: Option<String>,
    /// The tip it came from.
    pub(crate) tip: Option<String>,
    /// Cases that were opened from it.
    pub(crate) cases: Vec<String>,
    /// Name of the organisation that owns it.
    pub(crate) owner: String,
    /// Who admitted it.
    pub(crate) admitted_by: String,
    /// When.
    pub(crate) admitted_at: String,
    /// `urgent`, `soon` or `routine`.
    pub(crate) priority: Option<&'static str>,
    /// Name of the field office.
    pub(crate) office: Option<&'static str>,
    /// The office is the nearest one, for no published coverage names it: to be confirmed.
    pub(crate) by_distance: bool,
    /// Who answers for it.
    pub(crate) assigned_to: Option<String>,
    /// How it ended.
    pub(crate) outcome: Option<&'static str>,
    /// The place that its finding names; said in lists and on its page.
    pub(crate) place: Option<String>,
}

/// A lead in a list to choose from.
pub(crate) fn label(desk: &Desk, held: &Held<Lead>, place: Option<&str>) -> String {
    let lead = shown(desk, held);
    let parts = [
        Some(place.unwrap_or("place not known")),
        Some(lead.state),
        lead.priority,
        lead.assigned_to.as_deref(),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    format!("{}, admitted {}", parts.join(", "), lead.admitted_at)
}

/// Leads as lists show them, each with its place.
pub(crate) async fn shown_all(desk: &Desk, leads: &[Held<Lead>]) -> Result<Vec<LeadView>, Trouble> {
    let places = desk.casework.places_of(leads).await?;
    Ok(leads.iter().zip(places).map(|(held, place)| LeadView { place, ..shown(desk, held) }).collect())
}

/// A lead as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<Lead>) -> LeadView {
    let lead = &held.noun;
    let (finding, tip) = match &lead.origin {
        LeadOrigin::Finding(finding) => (Some(finding.clone()), None),
        LeadOrigin::Tip(tip) => (None, Some(tip.to_string())),
    };
    let (priority, route, to) = match lead.state() {
        LeadState::Triaged { priority, route } => (Some(*priority), Some(*route), None),
        LeadState::Assigned { priority, route, to } | LeadState::Working { priority, route, to } => {
            (Some(*priority), Some(*route), Some(*to))
        }
        LeadState::Admitted | LeadState::Closed { .. } | LeadState::Reopened { .. } => (None, None, None),
    };
    let outcome = match lead.state() {
        LeadState::Closed { outcome, .. } | LeadState::Reopened { was: outcome } => Some(outcome.word()),
        _ => None,
    };
    LeadView {
        id: lead.id.to_string(),
        version: held.version,
        state: lead.state().word(),
        finding,
        tip,
        cases: lead.cases().iter().map(ToString::to_string).collect(),
        owner: desk.who.agency(held.resource.owner),
        admitted_by: desk.who.member(lead.admitted.by),
        admitted_at: at(lead.admitted.at),
        priority: priority.map(Priority::word),
        office: route.and_then(|route| office_named(route.office)).map(|office| office.name.as_str()),
        by_distance: route.is_some_and(|route| route.by_distance),
        assigned_to: to.map(|to| desk.who.member(to)),
        outcome,
        place: None,
    }
}
