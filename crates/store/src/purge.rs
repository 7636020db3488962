//! Purging: what a sealed record says is destroyed with its key, in the database and in every backup. That it was, when and
//! by whom stays in the trail.

use crate::connection::{bits, bytes};
use crate::keys::Keys;
use crate::record::Noun;
use crate::schema::{change, record, tie};
use crate::{Context, Result, Store};
use homeward_access::Act;
use homeward_model::{MissingReportId, MissingReportRecord};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// The state of a record that was purged: it is in no list and in no count.
pub(crate) const PURGED: &str = "purged";

/// Destroys the keys of purged records that a crash left between the commit and the key file.
pub(crate) async fn complete(connection: &impl ConnectionTrait, keys: &Keys) -> Result<()> {
    let purged =
        record::Entity::find().filter(record::Column::Body.eq(Vec::<u8>::new())).all(connection).await?;
    for id in purged.iter().filter_map(|row| bits(&row.id)) {
        if keys.is_live(id) {
            keys.destroy(id)?;
        }
    }
    Ok(())
}

/// Empties a record and all its changes; the key is destroyed once that is committed.
pub(crate) async fn empty(connection: &impl ConnectionTrait, id: u128) -> Result<()> {
    record::Entity::update_many()
        .col_expr(record::Column::Body, Expr::value(Vec::<u8>::new()))
        .col_expr(record::Column::State, Expr::value(PURGED))
        .filter(record::Column::Id.eq(bytes(id)))
        .exec(connection)
        .await?;
    tie::Entity::delete_many().filter(tie::Column::Record.eq(bytes(id))).exec(connection).await?;
    change::Entity::update_many()
        .col_expr(change::Column::What, Expr::value(Vec::<u8>::new()))
        .filter(change::Column::Record.eq(bytes(id)))
        .exec(connection)
        .await?;
    Ok(())
}

impl Store {
    /// Purges a missing report for good. Who may withdraw it may purge it.
    pub async fn purge_report(&self, context: &Context<'_>, id: MissingReportId) -> Result<()> {
        let mut write = self.write(context).await?;
        let done = async {
            write.get::<MissingReportRecord>(Act::WithdrawReport, id.bits()).await?;
            empty(write.connection(), id.bits()).await?;
            write.say("purge", MissingReportRecord::KIND, Some(id.bits()), &[]);
            Ok(())
        };
        let done = done.await;
        write.finish(done).await?;
        // After the entry is committed: a key destroyed without one would be an act without a trace.
        self.keys().destroy(id.bits())
    }
}
