//! Closing a record to most, opening a closed one in an emergency, giving a report out, and destroying what a record says.

use crate::{Casework, Context, Held, Listed, Page, Result, Revision, Trouble};
use homeward_access::Kind;
use homeward_model::{
    Emergency, EmergencyId, EmergencyVerdict, Grounds, MissingReportId, MissingReportRecord,
};
use homeward_store::release_log::Released;

impl Casework {
    /// Seals a lead, missing report or check: only members assigned to it open it.
    pub async fn seal(
        &self,
        context: &Context<'_>,
        record: (Kind, u128),
        revision: Revision,
        grounds: Grounds,
    ) -> Result<()> {
        self.store().seal_record(context, record, revision, grounds).await?;
        Ok(())
    }

    /// Lifts a seal, by a supervisor of the owner.
    pub async fn unseal(
        &self,
        context: &Context<'_>,
        record: (Kind, u128),
        revision: Revision,
        grounds: Grounds,
    ) -> Result<()> {
        self.store().unseal_record(context, record, revision, grounds).await?;
        Ok(())
    }

    /// Destroys what a record says, for good.
    pub async fn purge(&self, context: &Context<'_>, kind: Kind, id: u128, grounds: Grounds) -> Result<()> {
        Ok(self.store().purge_record(context, kind, id, grounds).await?)
    }

    /// Gives a missing report out to another agency that takes part. It is in the log before it is handed out.
    pub async fn disclose_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        released: Released,
    ) -> Result<MissingReportRecord> {
        let who = self.who(context.now).await?;
        if who.known_agency(released.receiver).is_none_or(|agency| !agency.active) {
            return Err(Trouble::invalid("there is no such agency that takes part"));
        }
        Ok(self.store().release_report(context, id, released).await?)
    }

    /// Opens one closed record for the actor, for a limited time. The supervisors of its owner are told, and review it.
    pub async fn break_glass(
        &self,
        context: &Context<'_>,
        request: EmergencyId,
        kind: Kind,
        id: u128,
        grounds: Grounds,
    ) -> Result<Held<Emergency>> {
        Ok(self.store().break_glass(context, request, kind, id, grounds).await?)
    }

    /// Uses of break-glass that the actor may see, newest first.
    pub async fn emergencies(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Emergency>> {
        Ok(self.store().emergencies(context, listed).await?)
    }

    /// Reviews a use of break-glass. Nobody reviews their own.
    pub async fn review_break_glass(
        &self,
        context: &Context<'_>,
        id: EmergencyId,
        revision: Revision,
        verdict: EmergencyVerdict,
        grounds: Grounds,
    ) -> Result<Held<Emergency>> {
        Ok(self.store().review_break_glass(context, id, revision, verdict, grounds).await?)
    }
}
