//! Reading the trail of the own organisation: who changed what, and who looked at what. Reading it is an act of its own and
//! leaves an entry.

use super::entry::{AuditEntry, Entry};
use crate::connection::bytes;
use crate::schema::{audit_entry, audit_shown, record};
use crate::{Context, Result, Store};
use homeward_access::{Act, Kind, Resource, authorize};
use homeward_model::{AgencyId, Instant, MemberId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// Which entries are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Those of a member.
    pub member: Option<MemberId>,
    /// Those of an organisation; the own one when none is named.
    pub organisation: Option<AgencyId>,
    /// Those on a record, by the bits of its id.
    pub object: Option<u128>,
    /// Those of an act, by its word.
    pub act: Option<String>,
    /// Those from this moment on.
    pub from: Option<Instant>,
    /// Those before this moment.
    pub to: Option<Instant>,
    /// Only what was refused.
    pub only_refused: bool,
}

/// A page of the trail, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins, when there is one.
    pub next: Option<u64>,
}

impl Store {
    /// Entries of the trail, newest first, those before the place `after`; `limit` 0 means 50, and no page has more than 500.
    pub async fn audit(
        &self,
        context: &Context<'_>,
        filter: &AuditFilter,
        after: Option<u64>,
        limit: u64,
    ) -> Result<AuditPage> {
        let organisation = filter.organisation.unwrap_or(context.actor.organisation);
        for act in [Act::ReadAudit, Act::ReadAccessLog] {
            self.may_audit(context, act, organisation, filter.object).await?;
        }
        let mut query = audit_entry::Entity::find()
            .filter(audit_entry::Column::Organisation.eq(bytes(organisation.bits())));
        if let Some(member) = filter.member {
            query = query.filter(audit_entry::Column::Member.eq(bytes(member.bits())));
        }
        if let Some(object) = filter.object {
            query = query.filter(audit_entry::Column::Object.eq(bytes(object)));
        }
        if let Some(act) = &filter.act {
            query = query.filter(audit_entry::Column::Act.eq(act.as_str()));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit_entry::Column::At.gte(from.0));
        }
        if let Some(to) = filter.to {
            query = query.filter(audit_entry::Column::At.lt(to.0));
        }
        if filter.only_refused {
            // In these words, for the index of refusals is found by them.
            query = query.filter(Expr::cust("outcome = 'refused'"));
        }
        let page = self.page(query, after, limit).await?;
        let mut entry = Entry::new(context, Act::ReadAudit, Kind::AuditTrail, filter.object)
            .with("count", page.entries.len())
            .with("of", organisation);
        if let Some(member) = filter.member {
            entry = entry.with("whose", member);
        }
        self.note(entry).await?;
        Ok(page)
    }

    /// Who looked at a record: opened it, had it shown in a list, or was refused it; newest first. The organisation that owns
    /// the record learns of everybody, any other of its own members.
    pub async fn looked_at(
        &self,
        context: &Context<'_>,
        kind: Kind,
        id: u128,
        after: Option<u64>,
        limit: u64,
    ) -> Result<AuditPage> {
        let own = context.actor.organisation;
        self.may_audit(context, Act::ReadAccessLog, own, Some(id)).await?;
        let shown = Query::select()
            .column(audit_shown::Column::Seq)
            .from(audit_shown::Entity)
            .and_where(audit_shown::Column::Object.eq(bytes(id)))
            .to_owned();
        let opened = Condition::all()
            .add(audit_entry::Column::Object.eq(bytes(id)))
            .add(audit_entry::Column::Act.is_in([Act::View.word(), Act::List.word(), Act::ViewRace.word()]));
        let mut query = audit_entry::Entity::find()
            .filter(Condition::any().add(opened).add(Expr::col(audit_entry::Column::Seq).in_subquery(shown)));
        let row = record::Entity::find_by_id(bytes(id)).one(self.connection()).await?;
        let owned = row.is_some_and(|row| row.kind == kind.word() && row.owner == bytes(own.bits()));
        if !owned {
            query = query.filter(audit_entry::Column::Organisation.eq(bytes(own.bits())));
        }
        let page = self.page(query, after, limit).await?;
        let entry = Entry::new(context, Act::ReadAccessLog, Kind::AuditTrail, Some(id))
            .with("count", page.entries.len());
        self.note(entry).await?;
        Ok(page)
    }

    async fn may_audit(
        &self,
        context: &Context<'_>,
        act: Act,
        of: AgencyId,
        object: Option<u128>,
    ) -> Result<()> {
        let resource = Resource::owned(Kind::AuditTrail, of);
        let decision = authorize(context.actor, act, context.purpose, &resource, context.now);
        if decision.allow {
            return Ok(());
        }
        Err(self.refused(context, act, Kind::AuditTrail, object, &decision).await)
    }

    async fn page(
        &self,
        query: Select<audit_entry::Entity>,
        after: Option<u64>,
        limit: u64,
    ) -> Result<AuditPage> {
        let limit = if limit == 0 { 50 } else { Ord::min(limit, 500) };
        let before = after.map_or(i64::MAX, |after| after as i64);
        let rows = query
            .filter(audit_entry::Column::Seq.lt(before))
            .order_by_desc(audit_entry::Column::Seq)
            .limit(limit + 1)
            .all(self.connection())
            .await?;
        let more = rows.len() as u64 > limit;
        let rows = rows.into_iter().take(limit as usize);
        let mut next = None;
        let entries = rows.inspect(|row| next = Some(row.seq as u64)).filter_map(AuditEntry::of).collect();
        Ok(AuditPage { entries, next: next.filter(|_| more) })
    }
}
