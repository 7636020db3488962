//! Initiatives: planned, joined by agencies until a date, opened, ended.

use crate::written::Problems;
use crate::{Casework, Context, Count, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_model::{AgencyId, DateWindow, Grounds, Initiative, InitiativeId, NoticeKind, Role};
use homeward_store::history::Step;

/// An initiative as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenInitiative {
    /// Its name.
    pub name: String,
    /// The start; without a zone, UTC.
    pub starts: String,
    /// The end: access given for it ends then, at the latest.
    pub ends: String,
}

/// A name and a window, as forms of initiatives and operations have them.
pub(crate) fn named_window(name: &str, starts: &str, ends: &str) -> Result<(String, DateWindow)> {
    let mut problems = Problems::default();
    let name = problems.given("name", name, 200);
    if name.is_none() {
        problems.note("give it a name");
    }
    let window = window(&mut problems, starts, ends);
    let (name, window) = problems.or((name, window))?;
    name.zip(window).ok_or_else(|| Trouble::invalid("give `name`, `starts` and `ends`"))
}

/// A window of time that must be given.
pub(crate) fn window(problems: &mut Problems, starts: &str, ends: &str) -> Option<DateWindow> {
    if starts.trim().is_empty() || ends.trim().is_empty() {
        problems.note("give both `starts` and `ends`");
        return None;
    }
    let (starts, ends) = (problems.moment("starts", starts), problems.moment("ends", ends));
    match DateWindow::new(starts?, ends?) {
        Ok(window) => Some(window),
        Err(refused) => {
            problems.note(refused);
            None
        }
    }
}

impl Casework {
    /// Initiatives that the actor may see, newest first.
    pub async fn initiatives(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Initiative>> {
        Ok(self.store().initiatives(context, listed).await?)
    }

    /// One initiative.
    pub async fn initiative(&self, context: &Context<'_>, id: InitiativeId) -> Result<Held<Initiative>> {
        Ok(self.store().initiative(context, id).await?)
    }

    /// How many operations of an initiative the actor may see, by state.
    pub async fn operations_by_state(&self, context: &Context<'_>, id: InitiativeId) -> Result<Vec<Count>> {
        let listed = Listed { of: Some(id.bits()), ..Listed::default() };
        Ok(self.store().count_operations(context, &listed).await?)
    }

    /// What happened to an initiative, oldest first.
    pub async fn initiative_history(&self, context: &Context<'_>, id: InitiativeId) -> Result<Vec<Step>> {
        Ok(self.store().initiative_history(context, id).await?)
    }

    /// A coordinator plans an initiative.
    pub async fn plan_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        written: &WrittenInitiative,
    ) -> Result<Done<Held<Initiative>>> {
        let (name, window) = named_window(&written.name, &written.starts, &written.ends)?;
        let record = self.store().plan_initiative(context, id, name, window).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// An agency joins until a date; without one, until the initiative ends. Its coordinators and supervisors are told.
    pub async fn join_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
        agency: AgencyId,
        until: &str,
    ) -> Result<Done<Held<Initiative>>> {
        let held = self.store().initiative(context, id).await?;
        let who = self.who(context.now).await?;
        if agency == held.resource.owner {
            return Err(Trouble::invalid("the agency that runs an initiative is in it already"));
        }
        if who.known_agency(agency).is_none_or(|known| !known.active) {
            return Err(Trouble::invalid("there is no such agency that takes part"));
        }
        let mut problems = Problems::default();
        let until = problems.moment("until", until);
        let until = problems.or(until)?.unwrap_or_else(|| held.noun.window.end());
        let record = self.store().join_initiative(context, id, revision, agency, until).await?;
        let to = who.members_of(agency, &[Role::Coordinator, Role::Supervisor]);
        let to = to.into_iter().map(|member| (member.id, agency)).collect();
        let kind = NoticeKind::InitiativeJoined;
        let told = self.tell(context, revision.request, kind, "initiative", id, to).await?;
        Ok(Done { record, told })
    }

    /// An agency leaves, and its access ends at once.
    pub async fn leave_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
        agency: AgencyId,
        grounds: Grounds,
    ) -> Result<Done<Held<Initiative>>> {
        let record = self.store().leave_initiative(context, id, revision, agency, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Opens an initiative.
    pub async fn open_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
    ) -> Result<Done<Held<Initiative>>> {
        let record = self.store().open_initiative(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Ends an initiative, and all access that was given for it.
    pub async fn end_initiative(
        &self,
        context: &Context<'_>,
        id: InitiativeId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Initiative>>> {
        let record = self.store().end_initiative(context, id, revision, grounds).await?;
        self.forget_who();
        Ok(Done { record, told: Vec::new() })
    }
}
