//! Local operations: proposed, approved by another, started, ended, called off.

use crate::initiative::named_window;
use crate::office::{office_id, office_named, task_force_of};
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_model::{Grounds, NoticeKind, Operation, OperationId, Role};
use homeward_store::history::Step;
use homeward_store::operation::ProposedOperation;

/// An operation as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenOperation {
    /// The initiative it belongs to, by id; empty when it stands alone.
    pub initiative: String,
    /// Its name.
    pub name: String,
    /// Name of the field office whose task force runs it with the agency; empty when none does.
    pub office: String,
    /// The start; without a zone, UTC.
    pub starts: String,
    /// The end.
    pub ends: String,
}

impl Casework {
    /// Operations that the actor may see, newest first.
    pub async fn operations(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Operation>> {
        Ok(self.store().operations(context, listed).await?)
    }

    /// One operation.
    pub async fn operation(&self, context: &Context<'_>, id: OperationId) -> Result<Held<Operation>> {
        Ok(self.store().operation(context, id).await?)
    }

    /// What happened to an operation, oldest first.
    pub async fn operation_history(&self, context: &Context<'_>, id: OperationId) -> Result<Vec<Step>> {
        Ok(self.store().operation_history(context, id).await?)
    }

    /// A member proposes an operation of their agency. Its supervisors are told that it waits for approval.
    pub async fn propose_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        written: &WrittenOperation,
    ) -> Result<Done<Held<Operation>>> {
        let (name, window) = named_window(&written.name, &written.starts, &written.ends)?;
        let initiative = match written.initiative.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| Trouble::invalid("choose an initiative"))?),
        };
        let task_force = match written.office.trim() {
            "" => None,
            name if office_named(office_id(name)).is_some() => Some(task_force_of(office_id(name))),
            name => return Err(Trouble::invalid(format!("`{name}` is no field office"))),
        };
        let proposed = ProposedOperation { id, initiative, name, task_force, window };
        let record = self.store().propose_operation(context, proposed).await?;
        let agency = context.actor.organisation;
        let who = self.who(context.now).await?;
        let to = who.members_of(agency, &[Role::Supervisor]).into_iter();
        let to = to.map(|member| (member.id, agency)).collect();
        let kind = NoticeKind::OperationToApprove;
        let told = self.tell(context, id.bits(), kind, "operation", id, to).await?;
        Ok(Done { record, told })
    }

    /// A supervisor approves an operation.
    pub async fn approve_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
    ) -> Result<Done<Held<Operation>>> {
        let record = self.store().approve_operation(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Starts an operation.
    pub async fn start_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
    ) -> Result<Done<Held<Operation>>> {
        let record = self.store().start_operation(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Ends an operation, once each of its events is done or called off.
    pub async fn end_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
    ) -> Result<Done<Held<Operation>>> {
        let record = self.store().end_operation(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Calls an operation off.
    pub async fn call_off_operation(
        &self,
        context: &Context<'_>,
        id: OperationId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Operation>>> {
        let record = self.store().call_off_operation(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }
}
