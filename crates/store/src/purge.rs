//! Purging: what a sealed record says is destroyed with its key, in the database and in every backup. That it was, when and
//! by whom stays in the trail.

use crate::connection::{bits, bytes};
use crate::keys::Keys;
use crate::record::Noun;
use crate::schema::{change, check_mark, name, record};
use crate::{Context, Result, Store};
use homeward_access::Act;
use homeward_model::{MissingReportId, MissingReportRecord};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Destroys the keys of purged records that a crash left between the commit and the key file.
pub(crate) async fn complete(connection: &impl ConnectionTrait, keys: &Keys) -> Result<()> {
    let purged =
        record::Entity::find().filter(record::Column::Body.eq(Vec::<u8>::new())).all(connection).await?;
    for id in purged.iter().filter_map(|row| bits(&row.id)) {
        if !keys.is_destroyed(id) {
            keys.destroy(id)?;
        }
    }
    Ok(())
}

/// Empties a record, its changes and its names. Whether there was anything to empty.
pub(crate) async fn empty(connection: &impl ConnectionTrait, id: u128) -> Result<bool> {
    let nothing = Expr::value(Vec::<u8>::new());
    let emptied = record::Entity::update_many()
        .col_expr(record::Column::Body, nothing.clone())
        .filter(record::Column::Id.eq(bytes(id)))
        .filter(record::Column::Body.ne(Vec::<u8>::new()))
        .exec(connection)
        .await?;
    change::Entity::update_many()
        .col_expr(change::Column::What, nothing)
        .filter(change::Column::Record.eq(bytes(id)))
        .exec(connection)
        .await?;
    name::Entity::delete_many().filter(name::Column::Record.eq(bytes(id))).exec(connection).await?;
    check_mark::Entity::delete_many()
        .filter(check_mark::Column::CheckId.eq(bytes(id)))
        .exec(connection)
        .await?;
    Ok(emptied.rows_affected > 0)
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
