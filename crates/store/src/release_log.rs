//! The log of what left an agency (28 CFR 23.20(g)): who received it, why, when, and exactly which version.

use crate::audit::entry::{Entry, uuid};
use crate::connection::{bits, bytes};
use crate::record::{self, Held, Noun};
use crate::schema::release_log;
use crate::{Context, Result, Store, StoreError};
use homeward_access::Act;
use homeward_model::{
    AgencyId, Case, CaseId, Grounds, Instant, MemberId, MissingReportId, MissingReportRecord, Refused,
};
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

/// A release as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// What was released, to whom, and why.
    pub released: Released,
    /// The version that was.
    pub version: i64,
    /// Who released it.
    pub by: MemberId,
    /// When.
    pub at: Instant,
}

impl Store {
    /// Hands a missing report out to another agency: it is returned only once the release is in the log and in the trail.
    pub async fn release_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        released: Released,
    ) -> Result<MissingReportRecord> {
        Ok(self.hand_out::<MissingReportRecord>(context, id.bits(), None, released).await?.noun)
    }

    /// Releases the version of a case that the actor saw; [`Store::released_case`] hands it out.
    pub async fn release_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        seen: i64,
        released: Released,
    ) -> Result<Held<Case>> {
        self.hand_out(context, id.bits(), Some(seen), released).await
    }

    async fn hand_out<N: Noun>(
        &self,
        context: &Context<'_>,
        id: u128,
        seen: Option<i64>,
        released: Released,
    ) -> Result<Held<N>> {
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.get::<N>(Act::DiscloseRecord, id).await?;
            if let Some(seen) = seen.filter(|seen| *seen != held.version) {
                return Err(record::conflict::<N>(write.connection(), id, seen).await?);
            }
            let row = release_log::ActiveModel {
                id: Set(bytes(released.id)),
                record: Set(bytes(id)),
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
            write.say("release", N::KIND, Some(id), &more);
            Ok(held)
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
        let logged = self.logged(id.bits()).await?;
        Ok(logged.into_iter().map(|logged| (logged.released.receiver, logged.version)).collect())
    }

    /// Releases of a case, first to last.
    pub async fn case_releases(&self, context: &Context<'_>, id: CaseId) -> Result<Vec<Logged>> {
        self.seen::<Case>(context, Act::View, id.bits()).await?;
        let entry = Entry::new(context, Act::View, Case::KIND, Some(id.bits())).with("part", "releases");
        self.note(entry).await?;
        self.logged(id.bits()).await
    }

    /// A case as it was released, last when no release is named: for who may release it, and for readers of the case whose
    /// organisation received that release. Refused when it was changed since: what leaves is exactly what the log says.
    pub async fn released_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        release: Option<u128>,
    ) -> Result<(Held<Case>, Logged)> {
        let (held, gives) = match self.seen::<Case>(context, Act::DiscloseRecord, id.bits()).await {
            Err(StoreError::NotFound { .. }) => {
                (self.seen::<Case>(context, Act::View, id.bits()).await?, false)
            }
            held => (held?, true),
        };
        let mut all = self.logged(id.bits()).await?;
        all.retain(|logged| gives || logged.released.receiver == context.actor.organisation);
        if all.is_empty() && !gives {
            return Err(StoreError::NotFound { noun: Case::NOUN });
        }
        let logged = match release {
            Some(release) => all.into_iter().find(|logged| logged.released.id == release),
            None => all.pop(),
        };
        let logged = logged.ok_or_else(|| Refused::new("export", "the case was not released yet"))?;
        if logged.version != held.version {
            let because = format!(
                "the case is at version {}, version {} was released: release it again",
                held.version, logged.version
            );
            return Err(Refused::new("export", because).into());
        }
        let act = if gives { Act::DiscloseRecord } else { Act::View };
        let entry = Entry::new(context, act, Case::KIND, Some(id.bits()));
        self.note(entry.with("version", held.version).with("release", uuid(logged.released.id))).await?;
        Ok((held, logged))
    }

    /// What the log says of a record, first release first.
    async fn logged(&self, record: u128) -> Result<Vec<Logged>> {
        let rows = release_log::Entity::find()
            .filter(release_log::Column::Record.eq(bytes(record)))
            .order_by_asc(release_log::Column::At)
            .order_by_asc(release_log::Column::Id)
            .all(self.connection())
            .await?;
        rows.iter().map(logged).collect()
    }
}

fn logged(row: &release_log::Model) -> Result<Logged> {
    let id = bits(&row.id).unwrap_or_default();
    let broken = |because: String| StoreError::Inconsistent { table: "release_log", row: uuid(id), because };
    let id_of = |kept: &[u8]| bits(kept).ok_or_else(|| broken("an id has not 16 bytes".to_owned()));
    let text = |text: &str| Grounds::new(text).map_err(|refused| broken(refused.to_string()));
    Ok(Logged {
        released: Released {
            id,
            receiver: AgencyId::from_bits(id_of(&row.receiver)?),
            reason: text(&row.reason)?,
            need_to_know: text(&row.need_to_know)?,
            right_to_know: text(&row.right_to_know)?,
        },
        version: row.version,
        by: MemberId::from_bits(id_of(&row.by)?),
        at: Instant(row.at),
    })
}
