//! Whether an event can go on: approval and start look at its check as it stands at that moment, in the same transaction.

use crate::audit::tail;
use crate::connection::bytes;
use crate::record::{self, Held, Revision};
use crate::schema::{record as row, tie};
use crate::scope_sql::OF;
use crate::write::Write;
use crate::{Context, Result, Store, StoreError};
use homeward_access::{Act, Kind};
use homeward_model::{
    Check, CheckId, Event, EventId, IllegalMove, Instant, Operation, OperationId, OperationState, Stamp,
    Victim,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;

/// What an event still lacks, for whoever was shown the event. Of its check it says how far it is, and nothing of anybody
/// else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// The word of the state of its check; none when that was purged.
    pub check: Option<&'static str>,
    /// When the check was answered so that the event can go on.
    pub answered: Option<Instant>,
    /// What is missing, in words; empty when nothing is.
    pub lacks: Vec<String>,
    /// How many victims were met in it with whom no victim specialist is. Of them it says no more, and everybody who was shown
    /// the event is told, also who may not open a victim.
    pub alone: usize,
}

impl Store {
    /// A supervisor approves an event, neither its planner nor who last changed it.
    pub async fn approve_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Held<Event>> {
        self.go(context, Act::ApproveEvent, id, revision, |event, _, check, stamp| {
            Ok(event.approve(check, stamp)?)
        })
        .await
    }

    /// Starts an event of an operation that runs.
    pub async fn start_event(
        &self,
        context: &Context<'_>,
        id: EventId,
        revision: Revision,
    ) -> Result<Held<Event>> {
        self.go(context, Act::RunEvent, id, revision, |event, operation, check, stamp| {
            let before = event.clone();
            let moved = event.start(check, stamp)?;
            match operation.map(Operation::state) {
                Some(OperationState::Running { .. }) => Ok(moved),
                other => {
                    let state = other.map_or("gone", OperationState::word);
                    let because = Some(format!("its operation is {state}, not running"));
                    let allowed = before.allowed().iter().map(|legal| legal.word()).collect();
                    let (noun, refused) = ("an event", "be started");
                    let state = before.state().word();
                    Err(StoreError::Illegal(IllegalMove { noun, state, refused, because, allowed }))
                }
            }
        })
        .await
    }

    /// A move that turns on the check of the event and on its operation as they stand now.
    async fn go(
        &self,
        context: &Context<'_>,
        act: Act,
        id: EventId,
        revision: Revision,
        step: impl FnOnce(
            Event,
            Option<&Operation>,
            Option<&Check>,
            Stamp,
        ) -> Result<(Event, homeward_model::Change<homeward_model::EventChange>)>,
    ) -> Result<Held<Event>> {
        let mut write = self.write(context).await?;
        let done = async {
            // Nobody finds a hit on it meanwhile.
            tail(write.connection()).await?;
            let (operation, check) = around(&write, id).await?;
            let step = |event, stamp| step(event, operation.as_ref(), check.as_ref(), stamp);
            write.alter(act, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Names of the operations of events that the actor was shown: who may open an event may know what it is part of.
    pub async fn operation_names(&self, events: &[Held<Event>]) -> Result<HashMap<OperationId, String>> {
        let ids = events.iter().map(|held| bytes(held.noun.operation.bits()));
        let rows = row::Entity::find().filter(row::Column::Id.is_in(ids)).all(self.connection()).await?;
        let name = |row: &row::Model| {
            let operation = record::hold::<Operation>(self.keys(), row, &[])?.noun;
            Ok((operation.id, operation.name))
        };
        rows.iter().map(name).collect()
    }

    /// What events that the actor was shown still lack, in their order.
    pub async fn readiness(&self, events: &[Held<Event>]) -> Result<Vec<Readiness>> {
        let ids = events.iter().map(|held| bytes(held.noun.check_id().bits()));
        let rows = row::Entity::find()
            .filter(row::Column::Id.is_in(ids))
            .filter(row::Column::Body.ne(Vec::<u8>::new()))
            .all(self.connection())
            .await?;
        let checks: HashMap<CheckId, Check> =
            self.hold_all::<Check>(rows).await?.into_iter().map(|held| (held.noun.id, held.noun)).collect();
        let alone = self.alone(events).await?;
        let ready = |held: &Held<Event>| {
            let check = checks.get(&held.noun.check_id());
            Readiness {
                check: check.map(|check| check.state().word()),
                answered: check.and_then(Check::receipt).map(homeward_model::CheckReceipt::answered),
                lacks: held.noun.lacks(check),
                alone: alone.get(&bytes(held.noun.id.bits())).copied().unwrap_or_default(),
            }
        };
        Ok(events.iter().map(ready).collect())
    }

    /// How many victims without a specialist were met in each of these events. No victim is read for it.
    async fn alone(&self, events: &[Held<Event>]) -> Result<HashMap<Vec<u8>, usize>> {
        let ties = tie::Entity::find()
            .filter(tie::Column::Relation.eq(OF))
            .filter(tie::Column::Party.is_in(events.iter().map(|held| bytes(held.noun.id.bits()))))
            .filter(tie::Column::Kind.eq(Kind::Victim.word()))
            .filter(tie::Column::State.eq(Victim::ALONE))
            .all(self.connection())
            .await?;
        let mut alone = HashMap::new();
        for tie in ties {
            *alone.entry(tie.party).or_default() += 1;
        }
        Ok(alone)
    }
}

/// The operation and the check of an event, without a decision.
async fn around(write: &Write<'_>, id: EventId) -> Result<(Option<Operation>, Option<Check>)> {
    let Some(event) = record::there(write.find::<Event>(id.bits()).await)? else { return Ok((None, None)) };
    let operation = write.find::<Operation>(event.noun.operation.bits()).await?;
    let check = record::there(write.find::<Check>(event.noun.check_id().bits()).await)?;
    Ok((operation.map(|held| held.noun), check.map(|held| held.noun)))
}
