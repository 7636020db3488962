//! Tips: taken from the public page for the desk, made leads, forwarded or declined by people.

use crate::{Casework, Context, Done, Held, Listed, Outside, Page, Result, Revision};
use homeward_model::{AgencyId, Grounds, Lead, LeadId, Tip, TipId, TipSender};

impl Casework {
    /// A tip comes in from the public page. It is on disk when this answers.
    pub async fn receive_tip(
        &self,
        outside: Outside<'_>,
        id: TipId,
        text: String,
        contact: Option<String>,
    ) -> Result<TipId> {
        let tip = Tip::receive(id, outside.now, text, TipSender { contact });
        Ok(self.store().receive_tip(outside, tip, self.desk()).await?)
    }

    /// Tips that the actor may see, newest first.
    pub async fn tips(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Tip>> {
        Ok(self.store().tips(context, listed).await?)
    }

    /// One tip.
    pub async fn tip(&self, context: &Context<'_>, id: TipId) -> Result<Held<Tip>> {
        Ok(self.store().tip(context, id).await?)
    }

    /// A person makes a tip a lead.
    pub async fn admit_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        seen: i64,
        lead: LeadId,
        grounds: Grounds,
    ) -> Result<Done<Held<Lead>>> {
        let (_, record) = self.store().admit_tip(context, id, seen, lead, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Gives a tip to the agency it concerns.
    pub async fn forward_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        revision: Revision,
        to: AgencyId,
    ) -> Result<Done<Held<Tip>>> {
        let record = self.store().forward_tip(context, id, revision, to).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Finds nothing in a tip.
    pub async fn decline_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Tip>>> {
        let record = self.store().decline_tip(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }
}
