//! Reading the trail of the own organisation: who changed what, and who looked at what. Reading it is an act of its own and leaves an entry.

use super::entry::{AuditEntry, Entry};
use crate::connection::{bits, bytes};
use crate::schema::audit_entry;
use crate::{Context, Result, Store};
use homeward_access::{Act, Kind, Resource, authorize};
use homeward_model::{Instant, MemberId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Which entries are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditFilter {
    /// Those of a member.
    pub member: Option<MemberId>,
    /// Those on a record, by the bits of its id.
    pub object: Option<u128>,
    /// Those from this moment on.
    pub from: Option<Instant>,
    /// Those after this place; the first page begins at 0.
    pub after: u64,
}

impl Store {
    /// Entries of the trail in their order, at most `limit`.
    pub async fn audit_trail(
        &self,
        context: &Context<'_>,
        filter: AuditFilter,
        limit: u64,
    ) -> Result<Vec<AuditEntry>> {
        let resource = Resource::owned(Kind::AuditTrail, context.actor.organisation);
        let decision = authorize(context.actor, Act::ReadAccessLog, context.purpose, &resource, context.now);
        if !decision.allow {
            return Err(self
                .refused(context, Act::ReadAccessLog, Kind::AuditTrail, filter.object, &decision)
                .await);
        }
        let mut query = audit_entry::Entity::find()
            .filter(audit_entry::Column::Seq.gt(filter.after as i64))
            .filter(audit_entry::Column::Organisation.eq(bytes(context.actor.organisation.bits())));
        if let Some(member) = filter.member {
            query = query.filter(audit_entry::Column::Member.eq(bytes(member.bits())));
        }
        if let Some(object) = filter.object {
            query = query.filter(audit_entry::Column::Object.eq(bytes(object)));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit_entry::Column::At.gte(from.0));
        }
        let query = query.order_by_asc(audit_entry::Column::Seq).limit(limit);
        let rows = query.all(self.connection()).await?;
        let shown: Vec<AuditEntry> = rows
            .into_iter()
            .map(|row| AuditEntry {
                seq: row.seq as u64,
                at: Instant(row.at),
                member: row.member.and_then(|bytes| bits(&bytes).map(MemberId::from_bits)),
                object: row.object.and_then(|bytes| bits(&bytes)).map(super::entry::uuid),
                text: String::from_utf8_lossy(&row.entry).into_owned(),
            })
            .collect();
        let entry = Entry::new(context, Act::ReadAccessLog, Kind::AuditTrail, filter.object)
            .with("after", filter.after)
            .with("shown", shown.len());
        self.note(entry).await?;
        Ok(shown)
    }
}
