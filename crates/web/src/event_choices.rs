//! What a form of an event offers to choose from: people who can be named, and what the event can serve.

use crate::desk::{Desk, purpose_for};
use crate::event_view::{NamedView, named};
use crate::{lead, report};
use homeward_access::Kind;
use homeward_casework::{Context, Listed, Trouble, records};
use homeward_model::{Brief, LeadId, MemberId, MissingReportId, OperationId};

/// What a form of an event offers to choose from: members who can be named, and what it can serve.
#[derive(Default)]
pub(crate) struct Choices {
    pub(crate) staff: Vec<NamedView>,
    pub(crate) supervisors: Vec<NamedView>,
    pub(crate) specialists: Vec<NamedView>,
    /// Open leads that the reader may open, and the one that it serves.
    pub(crate) leads: Vec<Offered>,
    /// Missing reports, likewise; none for a reader of no reports.
    pub(crate) reports: Vec<Offered>,
}

/// A record that can be chosen.
pub(crate) struct Offered {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// The choices of a form for an event of an operation.
pub(crate) async fn choices(
    desk: &Desk,
    context: &Context<'_>,
    operation: OperationId,
    served: &Brief,
) -> Result<Choices, Trouble> {
    let nameable = desk.casework.nameable(context, operation).await?;
    let all = |members: &[MemberId]| members.iter().map(|member| named(desk, *member)).collect();
    Ok(Choices {
        staff: all(&nameable.staff),
        supervisors: all(&nameable.supervisors),
        specialists: all(&nameable.specialists),
        leads: leads(desk, served.lead).await?,
        reports: reports(desk, served.report).await?,
    })
}

/// Leads that an event can serve, those of the reader first.
async fn leads(desk: &Desk, served: Option<LeadId>) -> Result<Vec<Offered>, Trouble> {
    let purpose = purpose_for(Kind::Lead);
    let states = ["admitted", "triaged", "assigned", "working", "reopened"].map(str::to_owned).to_vec();
    let listed = Listed { states, limit: 100, ..Listed::default() };
    let mut found = records(desk.casework.leads(&desk.context(&purpose), &listed).await)?;
    found.sort_by_key(|held| !held.resource.assigned.contains(&desk.actor.member));
    let places = desk.casework.places_of(&found).await?;
    let offered = found.iter().zip(&places).map(|(held, place)| Offered {
        id: held.noun.id.to_string(),
        label: lead::label(desk, held, place.as_deref()),
        chosen: served == Some(held.noun.id),
    });
    Ok(kept(offered.collect(), served.map(|lead| lead.to_string()), "the lead that it serves now"))
}

/// Missing reports that an event can serve.
async fn reports(desk: &Desk, served: Option<MissingReportId>) -> Result<Vec<Offered>, Trouble> {
    let purpose = purpose_for(Kind::MissingReport);
    let listed = Listed { states: vec!["missing".to_owned()], limit: 100, ..Listed::default() };
    let found = records(desk.casework.reports(&desk.context(&purpose), &listed).await)?;
    let offered = found.iter().map(|held| Offered {
        id: held.noun.id.to_string(),
        label: report::label(desk, held),
        chosen: served == Some(held.noun.id),
    });
    Ok(kept(offered.collect(), served.map(|report| report.to_string()), "the report that it serves now"))
}

/// What is served now stays a choice, even when the list does not hold it.
fn kept(mut offered: Vec<Offered>, served: Option<String>, label: &str) -> Vec<Offered> {
    if let Some(id) = served.filter(|_| !offered.iter().any(|one| one.chosen)) {
        offered.push(Offered { id, label: label.to_owned(), chosen: true });
    }
    offered
}
