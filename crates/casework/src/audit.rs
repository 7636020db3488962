//! The audit trail as auditors read it.

use crate::{Casework, Context, Result, Trouble, Who};
use homeward_access::{Act, Kind, Resource};
use homeward_model::MemberId;
use homeward_store::audit::{AuditFilter, AuditPage, Breach, Verified};

impl Casework {
    /// Entries of the trail of the actor's organisation, newest first, those before the place `after`.
    pub async fn audit(
        &self,
        context: &Context<'_>,
        filter: &AuditFilter,
        after: Option<u64>,
        limit: u64,
    ) -> Result<AuditPage> {
        Ok(self.store().audit(context, filter, after, limit).await?)
    }

    /// Who looked at a record, newest first.
    pub async fn looked_at(
        &self,
        context: &Context<'_>,
        kind: Kind,
        id: u128,
        after: Option<u64>,
    ) -> Result<AuditPage> {
        Ok(self.store().looked_at(context, kind, id, after, 100).await?)
    }

    /// Hashes the whole trail anew and holds it against every signed head in the database.
    pub async fn verify_trail(
        &self,
        context: &Context<'_>,
    ) -> Result<std::result::Result<Verified, Vec<Breach>>> {
        let trail = Resource::owned(Kind::AuditTrail, context.actor.organisation);
        let what = [("verify", "asked".to_owned())];
        self.store().permit(context, Act::ReadAudit, &trail, None, &what).await?;
        Ok(self.store().verify(None).await?)
    }
}

impl Who {
    /// The one member of this name, whatever the case.
    pub fn member_named(&self, name: &str) -> Result<MemberId> {
        let mut found = self.all_members().filter(|member| member.name.eq_ignore_ascii_case(name.trim()));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one.id),
            (Some(_), Some(_)) => Err(Trouble::invalid("there are several members of this name")),
            (None, _) => Err(Trouble::invalid("there is no member of this name")),
        }
    }
}
