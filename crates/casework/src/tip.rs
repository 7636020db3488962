//! Tips: taken from the public page for the desk, made leads, forwarded or declined by people.

use crate::{Casework, Context, Done, Held, Listed, Outside, Page, Result, Revision, Trouble};
use homeward_model::{AgencyId, Grounds, Lead, LeadId, NoticeKind, Role, Tip, TipId, TipSender};

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

    /// Gives a tip to the agency it concerns, whose readers of tips are told.
    pub async fn forward_tip(
        &self,
        context: &Context<'_>,
        id: TipId,
        revision: Revision,
        to: AgencyId,
    ) -> Result<Done<Held<Tip>>> {
        let who = self.who(context.now).await?;
        if !who.police().iter().any(|known| known.id == to) {
            return Err(Trouble::invalid("there is no such active agency that takes tips"));
        }
        let record = self.store().forward_tip(context, id, revision, to).await?;
        let reading = who.members_of(to, &[Role::Supervisor, Role::Analyst, Role::Clearinghouse]);
        let told = reading.into_iter().map(|member| (member.id, to)).collect();
        let told = self.tell(context, revision.request, NoticeKind::TipForwarded, "tip", id, told).await?;
        Ok(Done { record, told })
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
