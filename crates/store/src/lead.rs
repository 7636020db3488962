//! Leads. One is made only from a finding or a tip that a named person admits (see `disposition` and `tip`).

use crate::body::{Body, Broken, Read, enums, object, part};
use crate::record::{Held, Noun, Revision};
use crate::{Context, Count, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    Grounds, Lead, LeadChange, LeadId, LeadOrigin, LeadOutcome, LeadState, MemberId, Priority, Route,
};
use serde_json::Value;

enums! {
    LeadOrigin { Finding(finding), Tip(tip) }
    LeadOutcome { Recovered(victim), Identified(victim), Unfounded, ReferredOut(agency), Duplicate(lead), Expired }
    LeadState {
        Admitted,
        Triaged { priority, route },
        Assigned { priority, route, to },
        Working { priority, route, to },
        Closed { outcome, closed },
        Reopened { was },
    }
    LeadChange {
        Admitted(origin, grounds),
        Triaged(priority, route),
        Assigned(to),
        Started,
        HandedBack(grounds),
        Closed(outcome, grounds),
        Reopened(grounds),
        Noted(note),
        Promoted(case),
    }
}

impl Noun for Lead {
    const KIND: Kind = Kind::Lead;
    const NOUN: &'static str = "lead";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.owner = self.owner;
        resource.assigned = self.assignee().into_iter().collect();
        // Who admitted it and gave it away can still read it.
        resource.referred_to =
            Some(self.admitted_by).filter(|agency| *agency != self.owner).into_iter().collect();
        if let LeadState::Triaged { route, .. }
        | LeadState::Assigned { route, .. }
        | LeadState::Working { route, .. } = self.state()
        {
            resource.task_forces.extend(route.task_force);
            resource.task_forces.sort_unstable();
            resource.task_forces.dedup();
        }
    }

    fn write(&self) -> Value {
        object([
            ("origin", self.origin.write()),
            ("admitted_by", self.admitted_by.write()),
            ("admitted", self.admitted.write()),
            ("cases", self.cases().to_vec().write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<Lead> {
        let (origin, by, admitted) =
            (part(body, "origin")?, part(body, "admitted_by")?, part(body, "admitted")?);
        // Admitting needs grounds only for its change, which is not wanted here.
        let why = Grounds::new("kept").map_err(|bad| Broken(bad.to_string()))?;
        let (lead, _) = Lead::admit(LeadId::from_bits(bits), origin, by, why, admitted);
        Ok(lead.stored(resource.owner, part(body, "cases")?, part(body, "state")?))
    }
}

impl Store {
    /// One lead.
    pub async fn lead(&self, context: &Context<'_>, id: LeadId) -> Result<Held<Lead>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Leads that the actor may see, newest first.
    pub async fn leads(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Lead>> {
        self.list(context, listed).await
    }

    /// How many leads the actor may see, by state.
    pub async fn count_leads(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Lead>(context, listed).await
    }

    /// Gives a lead a priority and a route. Routed to another agency it is theirs; the one that admitted it can still read it.
    pub async fn triage_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        priority: Priority,
        route: Route,
    ) -> Result<Held<Lead>> {
        let step = |lead: Lead, stamp| Ok(lead.triage(priority, route, stamp)?);
        self.change(context, Act::TriageLead, id.bits(), revision, step).await
    }

    /// Gives a lead to a member.
    pub async fn assign_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        to: MemberId,
    ) -> Result<Held<Lead>> {
        let step = |lead: Lead, stamp| Ok(lead.assign(to, stamp)?);
        self.change(context, Act::AssignLead, id.bits(), revision, step).await
    }

    /// Takes up the work on a lead.
    pub async fn start_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
    ) -> Result<Held<Lead>> {
        let step = |lead: Lead, stamp| Ok(lead.start(stamp)?);
        self.change(context, Act::WorkLead, id.bits(), revision, step).await
    }

    /// Gives a lead back to its office.
    pub async fn hand_back_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Lead>> {
        let step = |lead: Lead, stamp| Ok(lead.hand_back(grounds, stamp)?);
        self.change(context, Act::WorkLead, id.bits(), revision, step).await
    }

    /// Ends a lead.
    pub async fn close_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        outcome: LeadOutcome,
        grounds: Grounds,
    ) -> Result<Held<Lead>> {
        let step = |lead: Lead, stamp| Ok(lead.close(outcome, grounds, stamp)?);
        self.change(context, Act::CloseLead, id.bits(), revision, step).await
    }

    /// Writes a note on a lead; it is read in its history.
    pub async fn note_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        text: Grounds,
    ) -> Result<Held<Lead>> {
        let step = |lead: Lead, stamp| Ok(lead.note(text, stamp)?);
        self.change(context, Act::NoteLead, id.bits(), revision, step).await
    }

    /// Takes a lead up again.
    pub async fn reopen_lead(
        &self,
        context: &Context<'_>,
        id: LeadId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Lead>> {
        let step = |lead: Lead, stamp| Ok(lead.reopen(grounds, stamp)?);
        self.change(context, Act::ReopenLead, id.bits(), revision, step).await
    }
}
