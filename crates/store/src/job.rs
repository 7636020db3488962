//! The queue of work for workers. A job is claimed with a lease; when its worker dies, the lease runs out and another
//! claims it.

use crate::connection::{begin, bits, bytes};
use crate::schema::job;
use crate::{Outside, Result, Store, StoreError};
use homeward_model::{Instant, Span};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr, LockBehavior, LockType, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The kind of a job that holds a missing report, its body the record's id, against what the archive has.
pub const MATCH_REPORT: &str = "match report";

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id, made by the client: the same job queued again is one job.
    pub id: u128,
    /// What kind of work.
    pub kind: String,
    /// What it is about: ids, never names.
    pub body: String,
    /// When it may begin.
    pub due: Instant,
    /// How often it was claimed.
    pub tries: u32,
}

/// Queues a job; one with the same id is there once.
pub(crate) async fn queue(connection: &impl ConnectionTrait, job: &Job, now: Instant) -> Result<()> {
    let row = job::ActiveModel {
        id: Set(bytes(job.id)),
        kind: Set(job.kind.clone()),
        body: Set(job.body.clone()),
        made_at: Set(now.0),
        due_at: Set(job.due.0),
        leased_until: Set(0),
        tries: Set(0),
        state: Set("waiting".to_owned()),
    };
    let once = OnConflict::column(job::Column::Id).do_nothing().to_owned();
    job::Entity::insert(row).on_conflict(once).exec_without_returning(connection).await?;
    Ok(())
}

impl Store {
    /// Queues a job.
    pub async fn queue_job(&self, outside: Outside<'_>, job: &Job) -> Result<()> {
        queue(self.connection(), job, outside.now).await
    }

    /// Claims the job that is due longest, of one of these kinds, for the span of a lease. Two workers never hold the same.
    pub async fn claim_job(&self, outside: Outside<'_>, kinds: &[&str], lease: Span) -> Result<Option<Job>> {
        let now = outside.now;
        let free = Condition::any().add(job::Column::State.eq("waiting")).add(
            Condition::all().add(job::Column::State.eq("claimed")).add(job::Column::LeasedUntil.lte(now.0)),
        );
        let due = job::Entity::find()
            .filter(job::Column::Kind.is_in(kinds.iter().copied()))
            .filter(job::Column::DueAt.lte(now.0))
            .filter(free)
            .order_by_asc(job::Column::DueAt)
            .order_by_asc(job::Column::Id)
            .limit(1);
        // A worker looks often, and mostly in vain: that takes nobody's turn to write.
        if due.clone().one(self.connection()).await?.is_none() {
            return Ok(None);
        }
        let _turn = self.turn().lock_owned().await;
        let transaction = begin(self.connection()).await?;
        // SQLite holds its one write lock already and ignores this.
        let found =
            due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(&transaction).await?;
        let Some(row) = found else {
            transaction.rollback().await?;
            return Ok(None);
        };
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value("claimed"))
            .col_expr(job::Column::LeasedUntil, Expr::value(now.plus(lease).0))
            .col_expr(job::Column::Tries, Expr::value(row.tries + 1))
            .filter(job::Column::Id.eq(row.id.clone()))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        let id = bits(&row.id).ok_or_else(|| StoreError::Inconsistent {
            table: "job",
            row: row.kind.clone(),
            because: "its id has not 16 bytes".to_owned(),
        })?;
        let tries = row.tries as u32 + 1;
        Ok(Some(Job { id, kind: row.kind, body: row.body, due: Instant(row.due_at), tries }))
    }

    /// Records that a claimed job is done. `false` when the lease ran out and another worker claimed it since.
    pub async fn finish_job(&self, job: &Job) -> Result<bool> {
        self.end_claim(job, "done", job.due).await
    }

    /// Gives a claimed job back, to be tried again from a moment on.
    pub async fn retry_job(&self, job: &Job, from: Instant) -> Result<bool> {
        self.end_claim(job, "waiting", from).await
    }

    async fn end_claim(&self, job: &Job, state: &str, due: Instant) -> Result<bool> {
        let updated = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(state))
            .col_expr(job::Column::DueAt, Expr::value(due.0))
            .filter(job::Column::Id.eq(bytes(job.id)))
            .filter(job::Column::State.eq("claimed"))
            .filter(job::Column::Tries.eq(job.tries as i32))
            .exec(self.connection())
            .await?;
        Ok(updated.rows_affected > 0)
    }
}
