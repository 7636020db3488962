//! What the engine reads of the record: missing reports, the judgements that stand, and which findings were dismissed. Taken
//! by a worker, in the trail with every id, and the same for the same record.

use crate::audit::entry::{Entry, uuid};
use crate::record::Noun;
use crate::schema::record;
use crate::{Held, Outside, Result, Store};
use homeward_model::{Disposition, Judgement, MissingReport, MissingReportRecord};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Rows read at a time.
const PAGE: u64 = 500;

/// What the engine reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Reports that were neither withdrawn nor purged, those of children who were located with that, by the id that their
    /// system gave them.
    pub reports: Vec<MissingReport>,
    /// Judgements, undone ones left out, by id.
    pub judgements: Vec<Judgement>,
    /// Ids of findings that a person dismissed, ascending: a rejected match never returns.
    pub dismissed: Vec<String>,
}

impl Store {
    /// Takes a snapshot for a run of the engine. The one read without an actor: a run is nobody's act, and its findings show
    /// no more of a report than the reader may see.
    pub async fn snapshot(&self, outside: Outside<'_>) -> Result<Snapshot> {
        let mut records = self.all::<MissingReportRecord>("missing").await?;
        records.extend(self.all::<MissingReportRecord>("located").await?);
        let judgements = self.all::<Judgement>("standing").await?;
        let dismissed = self.all::<Disposition>("dismissed").await?;
        let mut ids: Vec<u128> = records.iter().map(|held| held.noun.bits()).collect();
        ids.extend(judgements.iter().map(|held| held.noun.bits()));
        ids.extend(dismissed.iter().map(|held| held.noun.bits()));
        let entry = Entry::system(outside.from, "snapshot", None, outside.now)
            .with_list("shown", ids.into_iter().map(uuid));
        self.note(entry).await?;
        let mut reports: Vec<MissingReport> =
            records.into_iter().map(|held| held.noun.for_matching()).collect();
        reports.sort_by(|a, b| a.id.cmp(&b.id));
        let mut dismissed: Vec<String> = dismissed.into_iter().map(|held| held.noun.finding).collect();
        dismissed.sort_unstable();
        let judgements = judgements.into_iter().map(|held| held.noun).collect();
        Ok(Snapshot { reports, judgements, dismissed })
    }

    /// Every record of a noun in a state, by id.
    pub(crate) async fn all<N: Noun>(&self, state: &str) -> Result<Vec<Held<N>>> {
        let mut all = Vec::new();
        let mut after = Vec::new();
        loop {
            let rows = record::Entity::find()
                .filter(record::Column::Kind.eq(N::KIND.word()))
                .filter(record::Column::State.eq(state))
                .filter(record::Column::Body.ne(Vec::<u8>::new()))
                .filter(record::Column::Id.gt(after))
                .order_by_asc(record::Column::Id)
                .limit(PAGE)
                .all(self.connection())
                .await?;
            let Some(last) = rows.last() else { return Ok(all) };
            after = last.id.clone();
            all.extend(self.hold_all::<N>(rows).await?);
        }
    }
}
