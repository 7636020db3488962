//! Local operations: proposed in an initiative or alone, approved by another, started, ended, called off.

use crate::audit::tail;
use crate::body::{Body, Read, enums, object, part};
use crate::connection::bytes;
use crate::initiative::sight_of;
use crate::record::{Held, Noun, Revision};
use crate::schema::tie;
use crate::scope_sql::OF;
use crate::write::Write;
use crate::{Context, Count, Listed, Page, Result, Store, StoreError};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    DateWindow, Event, Grounds, IllegalMove, Initiative, InitiativeId, InitiativeState, Operation,
    OperationChange, OperationId, OperationState, Stamp, TaskForceId,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;

enums! {
    OperationState {
        Proposed,
        Approved { approved },
        Running { approved, started },
        Ended { ended },
        CalledOff { called_off },
    }
    OperationChange { Proposed, Approved, Started, Ended, CalledOff(grounds) }
}

impl Noun for Operation {
    const KIND: Kind = Kind::Operation;
    const NOUN: &'static str = "operation";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.owner = self.agency;
        resource.task_forces = self.task_force.into_iter().collect();
    }

    fn write(&self) -> Value {
        object([
            ("initiative", self.initiative.write()),
            ("name", self.name.write()),
            ("task_force", self.task_force.write()),
            ("window", self.window.write()),
            ("proposed", self.proposed.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<Operation> {
        let (name, window, proposed): (_, DateWindow, Stamp) =
            (part(body, "name")?, part(body, "window")?, part(body, "proposed")?);
        let id = OperationId::from_bits(bits);
        let (mut operation, _) = Operation::propose(id, name, resource.owner, window, proposed);
        operation.initiative = part(body, "initiative")?;
        operation.task_force = part(body, "task_force")?;
        Ok(operation.stored(part(body, "state")?))
    }

    fn of(&self) -> Vec<u128> {
        self.initiative.map(InitiativeId::bits).into_iter().collect()
    }
}

/// An operation to propose.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedOperation {
    /// Its id, made by the client.
    pub id: OperationId,
    /// The initiative it belongs to.
    pub initiative: Option<InitiativeId>,
    /// Its name.
    pub name: String,
    /// The task force that runs it with the agency.
    pub task_force: Option<TaskForceId>,
    /// When it runs.
    pub window: DateWindow,
}

/// The refusal of a move of an operation because of another record.
fn stands_in_the_way(operation: &Operation, refused: &'static str, because: String) -> StoreError {
    let allowed = operation.allowed().iter().map(|legal| legal.word()).collect();
    let (noun, state) = ("an operation", operation.state().word());
    StoreError::Illegal(IllegalMove { noun, state, refused, because: Some(because), allowed })
}

impl Store {
    /// A member proposes an operation of their agency, in an initiative that they can read or alone.
    pub async fn propose_operation(
        &self,
        context: &Context<'_>,
        proposed: ProposedOperation,
    ) -> Result<Held<Operation>> {
        let mut write = self.write(context).await?;
        let done = propose(&mut write, context, proposed).await;
        write.finish(done).await
    }

    /// One operation.
    pub async fn operation(&self, context: &Context<'_>, id: OperationId) -> Result<Held<Operation>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Operations that the actor may see, newest first.
    pub async fn operations(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Operation>> {
        self.list(context, listed).await
    }

    /// How many operations the actor may see, by state.
    pub async fn count_operations(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Operation>(context, listed).await
    }

    /// A supervisor approves an operation; nobody approves what they proposed.
    pub async fn approve_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
    ) -> Result<Held<Operation>> {
        let step = |operation: Operation, stamp| Ok(operation.approve(stamp)?);
        self.change(context, Act::ApproveOperation, id.bits(), revision, step).await
    }

    /// Starts an operation; one of an initiative while that is open.
    pub async fn start_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
    ) -> Result<Held<Operation>> {
        let mut write = self.write(context).await?;
        let done = async {
            let initiative = write.find::<Operation>(id.bits()).await?.and_then(|held| held.noun.initiative);
            let open = write.find_any::<Initiative>(initiative.map(InitiativeId::bits)).await?;
            let waits = open
                .map(|held| *held.noun.state())
                .filter(|state| !matches!(state, InitiativeState::Open { .. }));
            let step = |operation: Operation, stamp| {
                let started = operation.clone().start(stamp)?;
                match waits {
                    Some(state) => {
                        let because = format!("its initiative is {}, not open", state.word());
                        Err(stands_in_the_way(&operation, "be started", because))
                    }
                    None => Ok(started),
                }
            };
            write.alter(Act::RunOperation, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Ends an operation, once each of its events is done or called off.
    pub async fn end_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
    ) -> Result<Held<Operation>> {
        self.leave_off(context, id, revision, "be ended", |operation, stamp| Ok(operation.end(stamp)?)).await
    }

    /// Calls an operation off, once each of its events is done or called off.
    pub async fn call_off_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Operation>> {
        let step = |operation: Operation, stamp| Ok(operation.call_off(grounds, stamp)?);
        self.leave_off(context, id, revision, "be called off", step).await
    }

    async fn leave_off(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
        refused: &'static str,
        step: impl FnOnce(Operation, Stamp) -> Result<(Operation, homeward_model::Change<OperationChange>)>,
    ) -> Result<Held<Operation>> {
        let mut write = self.write(context).await?;
        let done = async {
            // An event that is planned meanwhile would be left behind.
            tail(write.connection()).await?;
            let waiting = events_left(&write, id).await?;
            let step = |operation: Operation, stamp| {
                let before = operation.clone();
                let moved = step(operation, stamp)?;
                if waiting > 0 {
                    let because = format!("{waiting} of its events are neither done nor called off");
                    return Err(stands_in_the_way(&before, refused, because));
                }
                Ok(moved)
            };
            write.alter(Act::RunOperation, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }
}

async fn propose(
    write: &mut Write<'_>,
    context: &Context<'_>,
    proposed: ProposedOperation,
) -> Result<Held<Operation>> {
    // Agencies that join the initiative meanwhile would not reach it.
    tail(write.connection()).await?;
    let ProposedOperation { id, initiative, name, task_force, window } = proposed;
    let agency = context.actor.organisation;
    let mut resource = Resource::owned(Kind::Operation, agency);
    if let Some(initiative) = initiative {
        let held = write.get::<Initiative>(Act::View, initiative.bits()).await?;
        if let InitiativeState::Ended { .. } = held.noun.state() {
            let because = "its initiative has ended".to_owned();
            return Err(homeward_model::Refused::new("operation", because).into());
        }
        resource.releases = sight_of(&held, agency);
    }
    let what = object([
        ("is", Value::from("Proposed")),
        ("name", name.write()),
        ("window", window.write()),
        ("initiative", initiative.write()),
        ("task_force", task_force.write()),
    ]);
    let (mut operation, _) = Operation::propose(id, name, agency, window, write.stamp()?);
    operation.initiative = initiative;
    operation.task_force = task_force;
    write.create(Act::ProposeOperation, operation, resource, &what).await
}

/// How many events of an operation are neither done nor called off.
async fn events_left(write: &Write<'_>, id: OperationId) -> Result<u64> {
    let over = ["done", "called off", crate::purge::PURGED];
    let left = tie::Entity::find()
        .filter(tie::Column::Relation.eq(OF))
        .filter(tie::Column::Party.eq(bytes(id.bits())))
        .filter(tie::Column::Kind.eq(Event::KIND.word()))
        .filter(tie::Column::State.is_not_in(over))
        .count(write.connection())
        .await?;
    Ok(left)
}
