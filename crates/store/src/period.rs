//! Result periods: opened, frozen and amended by the organisation that counts. What a period counts are the results of its
//! owner and those referred to it.

use crate::audit::tail;
use crate::body::{Body, Broken, Read, enums, object, part, structs};
use crate::countable::{Countable, countable_of};
use crate::record::{self, Held, Noun, Revision};
use crate::schema::record as row;
use crate::write::Write;
use crate::{Context, Listed, Page, Result, Store, StoreError};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    Amendment, Change, Count, DateWindow, Fixed, Frozen, Grounds, InitiativeId, Instant, MemberId, Moved,
    Period, PeriodChange, PeriodId, PeriodState, Stamp,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use std::sync::Arc;

structs! {
    Frozen { frozen, as_of, counted, figures }
    Amendment { now, grounds }
}
enums! {
    PeriodState { Open, Frozen(frozen), Amended { first, amendments } }
    PeriodChange { Opened, Frozen(frozen), Amended(amendment) }
}

impl Noun for Period {
    const KIND: Kind = Kind::Period;
    const NOUN: &'static str = "result period";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("name", self.name.write()),
            ("window", self.window.write()),
            ("initiative", self.initiative.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Period> {
        let (name, window) = (part(body, "name")?, part(body, "window")?);
        // Who opened it, and when, is in its first change.
        let nobody = Stamp { by: MemberId::from_bits(0), at: Instant(0) };
        let period = Period::open(PeriodId::from_bits(bits), name, window, part(body, "initiative")?, nobody);
        let (period, _) = period.map_err(|refused| Broken(refused.to_string()))?;
        Ok(period.stored(part(body, "state")?))
    }
}

impl Store {
    /// A member opens a period.
    pub async fn open_period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        name: String,
        window: DateWindow,
        initiative: Option<InitiativeId>,
    ) -> Result<Held<Period>> {
        let mut write = self.write(context).await?;
        let done = async {
            let what = object([
                ("is", Value::from("Opened")),
                ("name", name.write()),
                ("window", window.write()),
                ("initiative", initiative.write()),
            ]);
            let (period, _) = Period::open(id, name, window, initiative, write.stamp()?)?;
            let resource = Resource::owned(Kind::Period, context.actor.organisation);
            write.create(Act::OpenPeriod, period, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Fixes the figures of a period as they are known now.
    pub async fn freeze_period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        revision: Revision,
    ) -> Result<Held<Period>> {
        self.fix(context, Act::FreezePeriod, id, revision, Period::freeze).await
    }

    /// Corrects the figures of a period to what is known now; those before stay.
    pub async fn amend_period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Period>> {
        let step = |period: Period, fixed, stamp| period.amend(fixed, grounds, stamp);
        self.fix(context, Act::AmendPeriod, id, revision, step).await
    }

    async fn fix(
        &self,
        context: &Context<'_>,
        act: Act,
        id: PeriodId,
        revision: Revision,
        step: impl FnOnce(Period, Fixed, Stamp) -> Moved<Period, PeriodChange>,
    ) -> Result<Held<Period>> {
        let mut write = self.write(context).await?;
        let done = async {
            // Whoever holds the tail is alone: nothing is claimed, confirmed or judged while it is counted.
            tail(write.connection()).await?;
            let there = write.find::<Period>(id.bits()).await?;
            let counts = match &there {
                Some(held) => {
                    let countable = countable_of(write.connection(), self, held.resource.owner, None).await?;
                    Some(fixed(&held.noun, &countable, context.now))
                }
                None => None,
            };
            let step = |period: Period, stamp: Stamp| -> Result<(Period, Change<PeriodChange>)> {
                let fixed = counts.ok_or(StoreError::NotFound { noun: Period::NOUN })?;
                Ok(step(period, fixed, stamp)?)
            };
            write.alter(act, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One period.
    pub async fn period(&self, context: &Context<'_>, id: PeriodId) -> Result<Held<Period>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Periods that the actor may see, newest first.
    pub async fn periods(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Period>> {
        self.list(context, listed).await
    }

    /// One period, with all that it counts: for its figures, now or as they were fixed.
    pub async fn counted_period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
    ) -> Result<(Held<Period>, Arc<Countable>)> {
        let held = self.period(context, id).await?;
        let countable = countable_of(self.connection(), self, held.resource.owner, None).await?;
        Ok((held, countable))
    }
}

/// What a period counts as of a moment.
pub fn counts(period: &Period, as_of: Instant) -> Count {
    Count { window: period.window, as_of, initiative: period.initiative }
}

fn fixed(period: &Period, countable: &Countable, as_of: Instant) -> Fixed {
    let ledger = countable.ledger(&counts(period, as_of));
    Fixed { as_of, counted: ledger.digest(), figures: ledger.totals() }
}

/// Whether some period was fixed at a moment or after it.
pub(crate) async fn is_fixed(write: &Write<'_>, at: Instant) -> Result<bool> {
    let rows = row::Entity::find()
        .filter(row::Column::Kind.eq(Kind::Period.word()))
        .filter(row::Column::State.ne("open"))
        .filter(row::Column::ChangedAt.gte(at.0))
        .all(write.connection())
        .await?;
    for row in rows {
        let period = record::hold::<Period>(write.keys(), &row, &[])?.noun;
        if period.current().is_some_and(|frozen| frozen.as_of >= at) {
            return Ok(true);
        }
    }
    Ok(false)
}
