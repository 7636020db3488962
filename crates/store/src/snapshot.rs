//! What the engine reads of the record: open missing reports, and all judgements that stand. Taken by a worker, in the trail
//! with every id, and the same bytes for the same record.

use crate::audit::entry::{Entry, uuid};
use crate::record::Noun;
use crate::schema::record;
use crate::{Held, Outside, Result, Store};
use homeward_model::{Judgement, MissingReport, MissingReportRecord};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Rows read at a time.
const PAGE: u64 = 500;

/// What the engine reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Reports of children who are missing, by id. Each bears the id of its record.
    pub reports: Vec<MissingReport>,
    /// Judgements, undone ones left out, by id.
    pub judgements: Vec<Judgement>,
}

impl Store {
    /// Takes a snapshot for a run of the engine. The one read without an actor: a run is nobody's act, and its findings show
    /// no more of a report than the reader may see.
    pub async fn snapshot(&self, outside: Outside<'_>) -> Result<Snapshot> {
        let reports = self.all::<MissingReportRecord>("missing").await?;
        let judgements = self.all::<Judgement>("standing").await?;
        let ids =
            reports.iter().map(|held| held.noun.bits()).chain(judgements.iter().map(|held| held.noun.bits()));
        let entry =
            Entry::system(outside.from, "snapshot", None, outside.now).with_list("shown", ids.map(uuid));
        self.note(entry).await?;
        let report = |held: Held<MissingReportRecord>| MissingReport {
            id: held.noun.id.to_string(),
            ..held.noun.report().clone()
        };
        Ok(Snapshot {
            reports: reports.into_iter().map(report).collect(),
            judgements: judgements.into_iter().map(|held| held.noun).collect(),
        })
    }

    /// Every record of a noun in a state, by id.
    async fn all<N: Noun>(&self, state: &str) -> Result<Vec<Held<N>>> {
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
