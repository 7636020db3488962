//! Leads: triage with a route, assignment, work, outcome.

use crate::office::{OfficeOf, office_id, office_named, office_of, task_force_of};
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_model::{
    AgencyId, Grounds, Lead, LeadId, LeadOrigin, LeadOutcome, MemberId, NoticeKind, PlaceMention, Priority,
    Role, Route,
};
use homeward_store::history::Step;

/// Where a lead could go.
#[derive(Clone, Debug)]
pub struct Routing {
    /// The office for its place, when its origin names one.
    pub office: Option<OfficeOf>,
    /// The place, `Charlotte, NC`.
    pub place: Option<String>,
}

/// How a lead is triaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Triage {
    /// How soon.
    pub priority: Priority,
    /// Name of the field office.
    pub office: String,
    /// The agency that is to work it; the owner when not said.
    pub agency: Option<AgencyId>,
}

impl Casework {
    /// Leads that the actor may see, newest first.
    pub async fn leads(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Lead>> {
        Ok(self.store().leads(context, listed).await?)
    }

    /// One lead.
    pub async fn lead(&self, context: &Context<'_>, id: LeadId) -> Result<Held<Lead>> {
        Ok(self.store().lead(context, id).await?)
    }

    /// Where a lead could go: the office for the place of the finding it came from.
    pub async fn routing(&self, lead: &Lead) -> Result<Routing> {
        let LeadOrigin::Finding(id) = &lead.origin else { return Ok(Routing { office: None, place: None }) };
        let run = self.newest_run().await?;
        let head = run.as_ref().and_then(|run| run.position(id).map(|at| &run.heads[at]));
        let office = head.and_then(|head| head.office.as_deref()).and_then(crate::office::office_in);
        Ok(Routing { office, place: head.and_then(|head| head.place.clone()) })
    }

    /// The places that the findings of leads name, in the order of the leads.
    pub async fn places_of(&self, leads: &[Held<Lead>]) -> Result<Vec<Option<String>>> {
        let run = self.newest_run().await?;
        let place = |held: &Held<Lead>| match &held.noun.origin {
            LeadOrigin::Finding(id) => {
                let run = run.as_ref()?;
                run.heads[run.position(id)?].place.clone()
            }
            LeadOrigin::Tip(_) => None,
        };
        Ok(leads.iter().map(place).collect())
    }

    /// The office for a place that somebody names.
    pub fn office_for(&self, city: &str, state: &str) -> Option<OfficeOf> {
        let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        office_of(&PlaceMention { city: named(city), state: named(state), ..PlaceMention::default() })
    }

    /// Gives a lead a priority and a route.
    pub async fn triage_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        triage: Triage,
    ) -> Result<Done<Held<Lead>>> {
        let office = office_id(&triage.office);
        if office_named(office).is_none() {
            return Err(Trouble::invalid(format!("`{}` is no field office", triage.office)));
        }
        let held = self.store().lead(context, id).await?;
        let who = self.who(context.now).await?;
        let agency = triage.agency.unwrap_or(held.resource.owner);
        if agency != held.resource.owner && !who.police().iter().any(|known| known.id == agency) {
            return Err(Trouble::invalid("there is no such active agency that works leads"));
        }
        let proposed = self.routing(&held.noun).await?.office;
        let by_distance = proposed.is_some_and(|of| of.by_distance && of.office.name == triage.office);
        let route = Route { office, agency, task_force: Some(task_force_of(office)), by_distance };
        let record = self.store().triage_lead(context, id, revision, triage.priority, route).await?;
        let told = if agency == held.resource.owner {
            Vec::new()
        } else {
            let directing = who.members_of(agency, &[Role::Supervisor, Role::Analyst]);
            directing.into_iter().map(|member| (member.id, agency)).collect()
        };
        let told = self.tell(context, revision.request, NoticeKind::LeadRouted, "lead", id, told).await?;
        Ok(Done { record, told })
    }

    /// Gives a lead to a member.
    pub async fn assign_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        to: MemberId,
    ) -> Result<Done<Held<Lead>>> {
        let who = self.who(context.now).await?;
        if who.known_member(to).is_none_or(|member| !member.active) {
            return Err(Trouble::invalid("there is no such active member"));
        }
        let record = self.store().assign_lead(context, id, revision, to).await?;
        let told = vec![(to, record.resource.owner)];
        let told = self.tell(context, revision.request, NoticeKind::Assigned, "lead", id, told).await?;
        Ok(Done { record, told })
    }

    /// Takes up the work on a lead.
    pub async fn start_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
    ) -> Result<Done<Held<Lead>>> {
        let record = self.store().start_lead(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Gives a lead back to its office.
    pub async fn hand_back_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Lead>>> {
        let record = self.store().hand_back_lead(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Writes a note on a lead. Its state stays as it is.
    pub async fn note_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        text: Grounds,
    ) -> Result<Done<Held<Lead>>> {
        let record = self.store().note_lead(context, id, revision, text).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// What was done with a lead, oldest first.
    pub async fn lead_history(&self, context: &Context<'_>, id: LeadId) -> Result<Vec<Step>> {
        Ok(self.store().lead_history(context, id).await?)
    }

    /// Ends a lead. Recovered and identified name a victim whom the actor may see.
    pub async fn close_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        outcome: LeadOutcome,
        grounds: Grounds,
    ) -> Result<Done<Held<Lead>>> {
        if let LeadOutcome::Recovered(victim) | LeadOutcome::Identified(victim) = outcome {
            self.store().victim(context, victim).await?;
        }
        let record = self.store().close_lead(context, id, revision, outcome, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Takes a lead up again.
    pub async fn reopen_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Lead>>> {
        let record = self.store().reopen_lead(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }
}
