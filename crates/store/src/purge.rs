//! Purging: what a sealed record says is destroyed with its key, in the database and in every backup. That it was, when and
//! by whom stays in the trail.

use crate::connection::bytes;
use crate::record::Noun;
use crate::schema::{change, record};
use crate::{Context, Result, Store};
use homeward_access::Act;
use homeward_model::{MissingReportId, MissingReportRecord};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

impl Store {
    /// Purges a missing report for good. Who may withdraw it may purge it.
    pub async fn purge_report(&self, context: &Context<'_>, id: MissingReportId) -> Result<()> {
        let mut write = self.write(context).await?;
        let done = async {
            write.get::<MissingReportRecord>(Act::WithdrawReport, id.bits()).await?;
            record::Entity::update_many()
                .col_expr(record::Column::Body, Expr::value(Vec::<u8>::new()))
                .filter(record::Column::Id.eq(bytes(id.bits())))
                .exec(write.connection())
                .await?;
            change::Entity::update_many()
                .col_expr(change::Column::What, Expr::value(Vec::<u8>::new()))
                .filter(change::Column::Record.eq(bytes(id.bits())))
                .exec(write.connection())
                .await?;
            write.say("purge", MissingReportRecord::KIND, Some(id.bits()), &[]);
            Ok(())
        };
        let done = done.await;
        write.finish(done).await?;
        // After the entry is committed: a key destroyed without one would be an act without a trace.
        self.keys().destroy(id.bits())
    }
}
