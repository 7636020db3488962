//! What is counted, kept in memory and read on from where it was left: figures stand on every board and results page, and a
//! nation's results are tens of thousands of records.

use crate::branch::{Branch, apart};
use crate::record::{self, Noun};
use crate::schema::record as row;
use crate::{Result, Store};
use homeward_access::{Kind, Scope};
use homeward_model::{AgencyId, Count, CountedResult, Instant, Judgement, Ledger};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How much earlier than the newest change read a change may still come to be seen: a transaction that took long, or a server
/// whose clock is behind. Microseconds. What is missed all the same is noticed and everything read anew.
const LATE: i64 = 600_000_000;

/// All that is needed to count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Countable {
    /// Results.
    pub results: Vec<CountedResult>,
    /// Every judgement ever made, of all organisations: of each, counting learns which persons are one, and nothing else.
    pub judgements: Vec<Judgement>,
}

impl Countable {
    /// Counts.
    pub fn ledger(&self, count: &Count) -> Ledger<'_> {
        Ledger::new(&self.results, &self.judgements, count)
    }
}

/// What each organisation counts, without and with what its initiatives lend it, as it was read last.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<HashMap<(AgencyId, bool), Shared>>);

/// What one reads at a time.
type Shared = Arc<tokio::sync::Mutex<Known>>;

/// What was read to be counted.
#[derive(Debug, Default)]
struct Known {
    results: Read,
    judgements: Read,
    countable: Arc<Countable>,
}

/// Where each record that was read stands among those of its kind, and what is summed of it. None is ever purged.
#[derive(Debug, Default)]
struct Read {
    at: HashMap<Vec<u8>, (usize, Sum)>,
    /// The latest change.
    latest: i64,
}

/// How many records there are, the sum of their versions, and that of the moments of their last changes: every change raises a
/// version, and of what is lent one record may come as another goes. Together they tell whether all was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    records: i64,
    versions: i64,
    changes: i64,
}

/// Moments are summed by what is left of them when divided by this, microseconds: sums of millions fit into 64 bits.
const MOMENTS: i64 = 1_000_000_007;

/// What an organisation counts: its own results and those referred to it, with all judgements; and those that are lent to it
/// at a moment through initiatives that it runs.
pub(crate) async fn countable_of(
    connection: &impl ConnectionTrait,
    store: &Store,
    organisation: AgencyId,
    lent: Option<Instant>,
) -> Result<Arc<Countable>> {
    let known = {
        let mut all = store.0.counted.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((organisation, lent.is_some())).or_default())
    };
    // One reads, and the others wait for what it has read.
    let mut known = known.lock().await;
    let Known { results, judgements, countable } = &mut *known;
    let own = [Scope::OwnerIs(organisation), Scope::ReferredTo(organisation)];
    let scope =
        Scope::Or(own.into_iter().chain(lent.map(|now| Scope::ReleasedTo(organisation, now))).collect());
    results.read_on::<CountedResult>(connection, store, &scope, countable, |all| &mut all.results).await?;
    judgements
        .read_on::<Judgement>(connection, store, &Scope::All, countable, |all| &mut all.judgements)
        .await?;
    Ok(Arc::clone(countable))
}

impl Read {
    /// Reads what changed since the last time; everything when that does not add up.
    async fn read_on<N: Noun>(
        &mut self,
        connection: &impl ConnectionTrait,
        store: &Store,
        scope: &Scope,
        countable: &mut Arc<Countable>,
        of: impl Fn(&mut Countable) -> &mut Vec<N>,
    ) -> Result<()> {
        let branches = apart(scope);
        let mut there = Sum::default();
        for branch in &branches {
            there = there.and(sum(connection, N::KIND, branch).await?);
        }
        if self.sum() == there {
            return Ok(());
        }
        let mut since = Some(self.latest - LATE).filter(|_| !self.at.is_empty());
        loop {
            let all = of(Arc::make_mut(countable));
            if since.is_none() {
                all.clear();
                *self = Read::default();
            }
            for branch in &branches {
                let mut query = row::Entity::find();
                if let Some(since) = since {
                    query = query.filter(row::Column::ChangedAt.gte(since));
                }
                branch.narrow(QuerySelect::query(&mut query), N::KIND.word(), &[]);
                for row in query.all(connection).await? {
                    self.put(&row, record::hold(store.keys(), &row, &[])?.noun, all);
                }
            }
            // Read as a whole it is what there is, also when something changed meanwhile.
            if since.take().is_none() || self.sum() == there {
                return Ok(());
            }
        }
    }

    fn put<N>(&mut self, row: &row::Model, noun: N, all: &mut Vec<N>) {
        self.latest = Ord::max(self.latest, row.changed_at);
        let own = Sum { records: 1, versions: row.version, changes: row.changed_at % MOMENTS };
        if let Some((at, sum)) = self.at.get_mut(&row.id) {
            (all[*at], *sum) = (noun, own);
        } else {
            self.at.insert(row.id.clone(), (all.len(), own));
            all.push(noun);
        }
    }

    fn sum(&self) -> Sum {
        self.at.values().fold(Sum::default(), |sum, (_, own)| sum.and(*own))
    }
}

impl Sum {
    const fn and(self, other: Sum) -> Sum {
        Sum {
            records: self.records + other.records,
            versions: self.versions + other.versions,
            changes: self.changes + other.changes,
        }
    }
}

async fn sum(connection: &impl ConnectionTrait, kind: Kind, branch: &Branch) -> Result<Sum> {
    let column = |column| Expr::col((row::Entity, column));
    let total = |of: Expr| {
        Expr::expr(Func::coalesce([Func::sum(of).into(), Expr::val(0)])).cast_as(Alias::new("bigint"))
    };
    let mut query = Query::select();
    query
        .expr_as(Func::count(Expr::val(1)), Alias::new("records"))
        .expr_as(total(column(row::Column::Version)), Alias::new("versions"))
        .expr_as(total(column(row::Column::ChangedAt).modulo(MOMENTS)), Alias::new("changes"))
        .from(row::Entity);
    branch.narrow(&mut query, kind.word(), &[]);
    let Some(found) = connection.query_one(&query).await? else { return Ok(Sum::default()) };
    Ok(Sum {
        records: found.try_get("", "records")?,
        versions: found.try_get("", "versions")?,
        changes: found.try_get("", "changes")?,
    })
}
