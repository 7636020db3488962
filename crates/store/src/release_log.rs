//! The log of what left an agency (28 CFR 23.20(g)): who received it, why, when, and exactly which version.

use crate::connection::bytes;
use crate::record::Noun;
use crate::schema::release_log;
use crate::{Context, Result, Store};
use homeward_access::Act;
use homeward_model::{AgencyId, Grounds, MissingReportId, MissingReportRecord};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// One release of one record to one agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Its id, made by the client.
    pub id: u128,
    /// Who received it.
    pub receiver: AgencyId,
    /// Why.
    pub reason: Grounds,
    /// On what basis the receiver needs to know.
    pub need_to_know: Grounds,
    /// On what basis the receiver has a right to know.
    pub right_to_know: Grounds,
}

impl Store {
    /// Hands a missing report out to another agency: it is returned only once the release is in the log and in the trail.
    pub async fn release_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        released: Released,
    ) -> Result<MissingReportRecord> {
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.get::<MissingReportRecord>(Act::DiscloseRecord, id.bits()).await?;
            let row = release_log::ActiveModel {
                id: Set(bytes(released.id)),
                record: Set(bytes(id.bits())),
                version: Set(held.version),
                receiver: Set(bytes(released.receiver.bits())),
                by: Set(bytes(context.actor.member.bits())),
                at: Set(context.now.0),
                reason: Set(released.reason.as_str().to_owned()),
                need_to_know: Set(released.need_to_know.as_str().to_owned()),
                right_to_know: Set(released.right_to_know.as_str().to_owned()),
            };
            let once = OnConflict::column(release_log::Column::Id).do_nothing().to_owned();
            release_log::Entity::insert(row)
                .on_conflict(once)
                .exec_without_returning(write.connection())
                .await?;
            let more = [("receiver", released.receiver.to_string()), ("version", held.version.to_string())];
            write.say("release", MissingReportRecord::KIND, Some(id.bits()), &more);
            Ok(held.noun)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Agencies that received a missing report, each with the version, first release first: whom to tell of a correction.
    pub async fn report_receivers(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
    ) -> Result<Vec<(AgencyId, i64)>> {
        self.view::<MissingReportRecord>(context, Act::View, id.bits()).await?;
        let rows = release_log::Entity::find()
            .filter(release_log::Column::Record.eq(bytes(id.bits())))
            .order_by_asc(release_log::Column::At)
            .all(self.connection())
            .await?;
        let receivers = rows.into_iter().filter_map(|row| {
            crate::connection::bits(&row.receiver)
                .map(|receiver| (AgencyId::from_bits(receiver), row.version))
        });
        Ok(receivers.collect())
    }
}
