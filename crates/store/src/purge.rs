//! Purging: what a record says is destroyed, with its key when it has one, in the database and in every backup. That it was, when and
//! by whom stays in the trail.

use crate::connection::{bits, bytes};
use crate::keys::Keys;
use crate::record::Noun;
use crate::schema::{change, check_mark, name, record, tie};
use crate::write::Write;
use crate::{Context, Result, Store};
use homeward_access::{Act, Kind};
use homeward_model::{Check, Digest, Grounds, Lead, MissingReportRecord, Tip};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// The state of a record that was purged: it is in no list and in no count.
pub(crate) const PURGED: &str = "purged";

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
        .col_expr(record::Column::State, Expr::value(PURGED))
        .filter(record::Column::Id.eq(bytes(id)))
        .filter(record::Column::Body.ne(Vec::<u8>::new()))
        .exec(connection)
        .await?;
    change::Entity::update_many()
        .col_expr(change::Column::What, nothing)
        .filter(change::Column::Record.eq(bytes(id)))
        .exec(connection)
        .await?;
    tie::Entity::delete_many().filter(tie::Column::Record.eq(bytes(id))).exec(connection).await?;
    name::Entity::delete_many().filter(name::Column::Record.eq(bytes(id))).exec(connection).await?;
    check_mark::Entity::delete_many()
        .filter(check_mark::Column::CheckId.eq(bytes(id)))
        .exec(connection)
        .await?;
    Ok(emptied.rows_affected > 0)
}

impl Store {
    /// Purges a report, lead, tip or check for good: what it says goes, that it was there and who purged it stays in the trail,
    /// with the hash of the grounds. Of a lead or check, which has no key, older backups hold the text until they are
    /// discarded; restoring one purges it again.
    pub async fn purge_record(
        &self,
        context: &Context<'_>,
        kind: Kind,
        id: u128,
        grounds: Grounds,
    ) -> Result<()> {
        let mut write = self.write(context).await?;
        let done = match kind {
            Kind::MissingReport => purge::<MissingReportRecord>(&mut write, id, &grounds).await,
            Kind::Lead => purge::<Lead>(&mut write, id, &grounds).await,
            Kind::Tip => purge::<Tip>(&mut write, id, &grounds).await,
            Kind::Check => purge::<Check>(&mut write, id, &grounds).await,
            other => Err(write.refuse(Act::PurgeRecord, other, id)),
        };
        write.finish(done).await?;
        // After the entry is committed: a key destroyed without one would be an act without a trace.
        self.keys().destroy(id)
    }
}

async fn purge<N: Noun>(write: &mut Write<'_>, id: u128, grounds: &Grounds) -> Result<()> {
    write.get::<N>(Act::PurgeRecord, id).await?;
    empty(write.connection(), id).await?;
    let why = Digest::of(grounds.as_str().as_bytes()).hex();
    write.say(Act::PurgeRecord, N::KIND, Some(id), &[("grounds", why)]);
    Ok(())
}
