//! Reading: one record, or a list of those that the actor may see. Either leaves its entry before anything is handed out.

use crate::audit::{Outcome, entry::Entry, entry::uuid};
use crate::connection::bytes;
use crate::record::{self, Held, Noun};
use crate::schema::{record as row, tie};
use crate::scope_sql::{ASSIGNED, condition};
use crate::{Context, Result, Store, StoreError};
use homeward_access::{Act, Decision, Kind, Resource, authorize, scope};
use homeward_model::{AgencyId, MemberId, MissingReportId, MissingReportRecord};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// Which records of a noun are listed; newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Those in a state, by its word.
    pub state: Option<String>,
    /// Those of an organisation.
    pub owner: Option<AgencyId>,
    /// Those assigned to a member.
    pub assigned: Option<MemberId>,
    /// Those before this one: the last id of the page before, by its bits.
    pub after: Option<u128>,
    /// At most so many; 0 means 50, and no page has more than 500.
    pub limit: u64,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<N> {
    /// The records.
    pub records: Vec<Held<N>>,
    /// Where the next page begins, when there is one.
    pub next: Option<u128>,
}

impl Store {
    /// One record.
    pub(crate) async fn view<N: Noun>(&self, context: &Context<'_>, act: Act, id: u128) -> Result<Held<N>> {
        let held = record::there(record::load::<N>(self.connection(), self.keys(), id).await)?;
        let Some(held) = held else {
            let entry = Entry::new(context, act, N::KIND, Some(id)).with("because", "there is none");
            self.note(entry.outcome(Outcome::Refused)).await?;
            return Err(StoreError::NotFound { noun: N::NOUN });
        };
        let decision = authorize(context.actor, act, context.purpose, &held.resource, context.now);
        if !decision.allow {
            return Err(self.refused(context, act, N::KIND, Some(id), &decision).await);
        }
        self.note(Entry::new(context, act, N::KIND, Some(id)).with("version", held.version)).await?;
        Ok(held)
    }

    /// Leave to read something that lies outside the record, such as a finding in its run or the archive of postings: decided
    /// and written in the trail as a read of a record is, with what the caller adds.
    pub async fn permit(
        &self,
        context: &Context<'_>,
        act: Act,
        resource: &Resource,
        object: Option<u128>,
        more: &[(&str, String)],
    ) -> Result<()> {
        let decision = authorize(context.actor, act, context.purpose, resource, context.now);
        if !decision.allow {
            return Err(self.refused(context, act, resource.kind, object, &decision).await);
        }
        let entry = Entry::new(context, act, resource.kind, object);
        self.note(more.iter().fold(entry, |entry, (name, value)| entry.with(name, value))).await
    }

    /// What access to a missing report turns on; none when there is no such report. It opens nothing: who shows what a report
    /// says in another place asks with it first.
    pub async fn report_resource(&self, id: MissingReportId) -> Result<Option<Resource>> {
        let held = record::load::<MissingReportRecord>(self.connection(), self.keys(), id.bits()).await;
        Ok(record::there(held)?.map(|held| held.resource))
    }

    /// Says in the trail that something was refused. The caller learns only that there is nothing for them.
    pub(crate) async fn refused(
        &self,
        context: &Context<'_>,
        act: Act,
        kind: Kind,
        object: Option<u128>,
        decision: &Decision,
    ) -> StoreError {
        let policies = decision.policies.iter().map(|policy| policy.id.as_str());
        let entry = Entry::new(context, act, kind, object).with_list("policies", policies);
        match self.note(entry.outcome(Outcome::Refused)).await {
            Ok(()) => StoreError::NotFound { noun: kind.word() },
            Err(error) => error,
        }
    }

    /// A page of the records that the actor may see.
    pub(crate) async fn list<N: Noun>(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<N>> {
        let scope = scope(context.actor, Act::List, N::KIND, context.purpose, context.now)?;
        let limit = if listed.limit == 0 { 50 } else { Ord::min(listed.limit, 500) };
        let mut query = row::Entity::find()
            .filter(row::Column::Kind.eq(N::KIND.word()))
            .filter(row::Column::Body.ne(Vec::<u8>::new()))
            .filter(condition(&scope));
        if let Some(state) = &listed.state {
            query = query.filter(row::Column::State.eq(state.as_str()));
        }
        if let Some(owner) = listed.owner {
            query = query.filter(row::Column::Owner.eq(bytes(owner.bits())));
        }
        if let Some(member) = listed.assigned {
            let ties = Query::select()
                .column(tie::Column::Record)
                .from(tie::Entity)
                .and_where(tie::Column::Relation.eq(ASSIGNED))
                .and_where(tie::Column::Party.eq(bytes(member.bits())))
                .to_owned();
            query = query.filter(Expr::col((row::Entity, row::Column::Id)).in_subquery(ties));
        }
        if let Some(after) = listed.after {
            query = query.filter(row::Column::Id.lt(bytes(after)));
        }
        let mut rows = query.order_by_desc(row::Column::Id).limit(limit + 1).all(self.connection()).await?;
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let records = self.hold_all(rows).await?;
        let next = if more { records.last().map(|held: &Held<N>| held.noun.bits()) } else { None };
        let mut entry = Entry::new(context, Act::List, N::KIND, None)
            .with_list("shown", records.iter().map(|held| uuid(held.noun.bits())));
        if let Some(state) = &listed.state {
            entry = entry.with("state", state);
        }
        if let Some(owner) = listed.owner {
            entry = entry.with("owner", owner);
        }
        if let Some(member) = listed.assigned {
            entry = entry.with("assigned", member);
        }
        if let Some(after) = listed.after {
            entry = entry.with("after", uuid(after));
        }
        self.note(entry).await?;
        Ok(Page { records, next })
    }

    /// Rows with their ties as nouns: one further query for all of them.
    pub(crate) async fn hold_all<N: Noun>(&self, rows: Vec<row::Model>) -> Result<Vec<Held<N>>> {
        let ids: Vec<Vec<u8>> = rows.iter().map(|row| row.id.clone()).collect();
        let mut ties: HashMap<Vec<u8>, Vec<tie::Model>> = HashMap::new();
        for tie in tie::Entity::find().filter(tie::Column::Record.is_in(ids)).all(self.connection()).await? {
            ties.entry(tie.record.clone()).or_default().push(tie);
        }
        rows.into_iter()
            .map(|row| {
                let own = ties.remove(&row.id).unwrap_or_default();
                record::hold(self.keys(), &row, &own)
            })
            .collect()
    }
}
