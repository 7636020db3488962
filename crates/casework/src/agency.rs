//! Agencies: terms, suspension, end. The operator lists them; administrators manage their own.

use crate::{Casework, Context, Held, Listed, Page, Result, Revision, Trouble};
use homeward_model::{Agency, AgencyId, Digest, Grounds};

impl Casework {
    /// Agencies that the actor may see, newest first.
    pub async fn agencies(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Agency>> {
        Ok(self.store().agencies(context, listed).await?)
    }

    /// One agency.
    pub async fn agency(&self, context: &Context<'_>, id: AgencyId) -> Result<Held<Agency>> {
        Ok(self.store().agency(context, id).await?)
    }

    /// Records signed terms, by the SHA-256 of the signed file in hexadecimal digits.
    pub async fn join_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        terms: &str,
    ) -> Result<Held<Agency>> {
        let terms = Digest::parse(terms.trim()).ok_or_else(|| {
            Trouble::invalid("terms are named by the 64 hexadecimal digits of their SHA-256")
        })?;
        let held = self.store().join_agency(context, id, revision, terms).await?;
        self.forget_who();
        Ok(held)
    }

    /// Keeps an agency's members out for a while.
    pub async fn suspend_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Agency>> {
        let held = self.store().suspend_agency(context, id, revision, grounds).await?;
        self.forget_who();
        Ok(held)
    }

    /// Lets a suspended agency's members in again.
    pub async fn resume_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Agency>> {
        let held = self.store().resume_agency(context, id, revision, grounds).await?;
        self.forget_who();
        Ok(held)
    }

    /// Ends an agency's part.
    pub async fn end_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Agency>> {
        let held = self.store().end_agency(context, id, revision, grounds).await?;
        self.forget_who();
        Ok(held)
    }
}
