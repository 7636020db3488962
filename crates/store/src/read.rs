//! Reading: one record, or a list of those that the actor may see. Either leaves its entry before anything is handed out.

use crate::audit::{Outcome, entry::Entry, entry::uuid};
use crate::branch::{Branch, Driver, apart, branches};
use crate::connection::bytes;
use crate::purge::PURGED;
use crate::record::{self, Held, Noun};
use crate::schema::{record as row, tie};
use crate::scope_sql::OF;
use crate::{Context, Result, Store, StoreError};
use homeward_access::{Act, Decision, Kind, Resource, Scope, authorize, scope};
use homeward_model::{AgencyId, Instant, MemberId, MissingReportId, MissingReportRecord};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeMap, HashMap};

/// Which records of a noun are listed; newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Those in any of these states, by their words; with none, in every state.
    pub states: Vec<String>,
    /// Those of an organisation.
    pub owner: Option<AgencyId>,
    /// Those assigned to a member.
    pub assigned: Option<MemberId>,
    /// Those referred to an organisation.
    pub referred: Option<AgencyId>,
    /// Those with which something should have been done by this moment.
    pub due_by: Option<Instant>,
    /// Those that belong to a record, by its bits: the recovery facts of a victim.
    pub of: Option<u128>,
    /// Those before this one: the last id of the page before, by its bits.
    pub after: Option<u128>,
    /// At most so many; 0 means 50, and no page has more than 500.
    pub limit: u64,
}

impl Listed {
    /// Those of them with a clock that ran out before this moment.
    #[must_use]
    pub fn overdue(self, now: Instant) -> Listed {
        Listed { due_by: Some(Instant(now.0 - 1)), ..self }
    }

    /// The most records of a page.
    pub(crate) fn most(&self) -> u64 {
        if self.limit == 0 { 50 } else { Ord::min(self.limit, 500) }
    }

    /// A scope, narrowed to what is listed.
    fn within(&self, scope: Scope) -> Scope {
        let assigned = self.assigned.map(Scope::AssignedTo);
        let referred = self.referred.map(Scope::ReferredTo);
        let owner = self.owner.map(Scope::OwnerIs);
        Scope::And(assigned.into_iter().chain(referred).chain(owner).chain([scope]).collect())
    }

    /// The branches of a scope as they are listed: what belongs to one record is found by that record alone.
    fn cut(&self, scope: Scope, cut: fn(&Scope) -> Vec<Branch>) -> Vec<Branch> {
        let scope = self.within(scope);
        match self.of {
            Some(of) => vec![Branch { driver: Driver::Tie(OF, of), rest: scope }],
            None => cut(&scope),
        }
    }

    /// Narrows a query to a branch and to what is listed, and returns the column that orders it.
    fn narrow(&self, branch: &Branch, query: &mut SelectStatement, kind: &str) -> Expr {
        if let Some(due) = self.due_by {
            query.and_where(row::Column::DueAt.lte(due.0));
        }
        branch.narrow(query, kind, &self.states)
    }

    /// Says in an entry of the trail what was asked for.
    fn said(&self, mut entry: Entry) -> Entry {
        if !self.states.is_empty() {
            entry = entry.with_list("states", &self.states);
        }
        if let Some(owner) = self.owner {
            entry = entry.with("owner", owner);
        }
        if let Some(member) = self.assigned {
            entry = entry.with("assigned", member);
        }
        if let Some(agency) = self.referred {
            entry = entry.with("referred", agency);
        }
        if let Some(due) = self.due_by {
            entry = entry.with("due by", due);
        }
        if let Some(of) = self.of {
            entry = entry.with("of", uuid(of));
        }
        match self.after {
            Some(after) => entry.with("after", uuid(after)),
            None => entry,
        }
    }
}

/// How many records are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The word of the state.
    pub state: String,
    /// How many; at least so many when `capped`.
    pub count: u64,
    /// Whether counting stopped before the end, so that it stays fast.
    pub capped: bool,
}

/// Records that are counted by one tie, at most.
const COUNTED: u64 = 100_000;

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
        let held = self.seen::<N>(context, act, id).await?;
        self.note(Entry::new(context, act, N::KIND, Some(id)).with("version", held.version)).await?;
        Ok(held)
    }

    /// One record that the actor may see. The caller says in the trail what of it was shown; a refusal is said here.
    pub(crate) async fn seen<N: Noun>(&self, context: &Context<'_>, act: Act, id: u128) -> Result<Held<N>> {
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
        let limit = listed.most();
        let kind = N::KIND.word();
        let mut rows: Vec<row::Model> = Vec::new();
        for branch in listed.cut(scope, branches) {
            let mut query = row::Entity::find().filter(row::Column::Body.ne(Vec::<u8>::new()));
            let select = QuerySelect::query(&mut query);
            let newest = listed.narrow(&branch, select, kind);
            if let Some(after) = listed.after {
                select.and_where(newest.clone().lt(bytes(after)));
            }
            select.order_by_expr(newest, Order::Desc);
            rows.extend(query.limit(limit + 1).all(self.connection()).await?);
        }
        rows.sort_unstable_by(|a, b| b.id.cmp(&a.id));
        rows.dedup_by(|a, b| a.id == b.id);
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let records = self.hold_all(rows).await?;
        let next = if more { records.last().map(|held: &Held<N>| held.noun.bits()) } else { None };
        let entry = Entry::new(context, Act::List, N::KIND, None)
            .with_list("shown", records.iter().map(|held| uuid(held.noun.bits())));
        self.note(listed.said(entry)).await?;
        Ok(Page { records, next })
    }

    /// How many of the records that the actor may see are in each state, by its word; pages and limit do not count.
    pub(crate) async fn counts<N: Noun>(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        let scope = scope(context.actor, Act::List, N::KIND, context.purpose, context.now)?;
        let kind = N::KIND.word();
        let mut by_state: BTreeMap<String, u64> = BTreeMap::new();
        let mut capped = false;
        for branch in listed.cut(scope, apart) {
            let mut inner = Query::select();
            inner.column((row::Entity, row::Column::State)).from(row::Entity).limit(COUNTED + 1);
            inner.and_where(row::Column::State.ne(PURGED));
            listed.narrow(&branch, &mut inner, kind);
            let inside = Alias::new("counted");
            let query = Query::select()
                .column(row::Column::State)
                .expr_as(Func::count(Expr::val(1)), Alias::new("count"))
                .from_subquery(inner, inside)
                .group_by_col(row::Column::State)
                .to_owned();
            let mut counted = 0;
            for row in self.connection().query_all(&query).await? {
                let (state, count): (String, i64) = (row.try_get("", "state")?, row.try_get("", "count")?);
                counted += count as u64;
                *by_state.entry(state).or_default() += count as u64;
            }
            capped |= counted > COUNTED;
        }
        let entry = Entry::new(context, Act::List, N::KIND, None).with("shown", "count");
        self.note(listed.said(entry)).await?;
        Ok(by_state.into_iter().map(|(state, count)| Count { state, count, capped }).collect())
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
