//! My day: what waits for a member, by what they may see.

use crate::{Casework, Context, Held, Listed, Result, Trouble};
use homeward_access::{Purpose, PurposeKind};
use homeward_model::{Check, Lead, MissingReportRecord, Notification, Tip};

/// What waits.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// Notifications, newest first.
    pub notices: Vec<Held<Notification>>,
    /// Leads assigned to the member.
    pub assigned: Vec<Held<Lead>>,
    /// Leads that wait for triage.
    pub to_triage: Vec<Held<Lead>>,
    /// Checks of the own side with a hit that waits for acknowledgement or contact.
    pub checks: Vec<Held<Check>>,
    /// Reports of the own organisation with a clock that ran out.
    pub overdue: Vec<Held<MissingReportRecord>>,
    /// Tips that nobody took up.
    pub tips: Vec<Held<Tip>>,
}

/// An empty list for somebody who may not see such records.
fn or_none<T>(listed: Result<T>) -> Result<Option<T>> {
    match listed {
        Ok(found) => Ok(Some(found)),
        Err(Trouble::Missing { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

impl Casework {
    /// What waits for the actor.
    pub async fn day(&self, context: &Context<'_>) -> Result<Day> {
        let few = Listed { limit: 10, ..Listed::default() };
        let purpose = Purpose::of(PurposeKind::Deconfliction);
        let of_checks = Context { purpose: &purpose, ..*context };
        let mine = Listed { assigned: Some(context.actor.member), ..few.clone() };
        let admitted = Listed { state: Some("admitted".to_owned()), ..few.clone() };
        let told = Listed { states: vec!["both told".to_owned(), "acknowledged".to_owned()], ..few.clone() };
        let own = Listed { owner: Some(context.actor.organisation), ..few.clone() };
        let of_reports = Purpose::of(PurposeKind::Investigation);
        let of_reports = Context { purpose: &of_reports, ..*context };
        let received = Listed { state: Some("received".to_owned()), ..few.clone() };
        let unread = Listed { state: Some("unread".to_owned()), ..few };
        let notices = self.store().notifications(context, &unread).await.map_err(Trouble::from);
        let assigned = or_none(self.leads(context, &mine).await)?;
        let to_triage = or_none(self.leads(context, &admitted).await)?;
        let checks = or_none(self.store().checks(&of_checks, &told).await.map_err(Trouble::from))?;
        let overdue = or_none(self.overdue_reports(&of_reports, &own).await)?;
        let tips = or_none(self.tips(context, &received).await)?;
        Ok(Day {
            notices: or_none(notices)?.map(|page| page.records).unwrap_or_default(),
            assigned: assigned.map(|page| page.records).unwrap_or_default(),
            to_triage: to_triage.map(|page| page.records).unwrap_or_default(),
            checks: checks.map(|page| page.records).unwrap_or_default(),
            overdue: overdue.map(|page| page.records).unwrap_or_default(),
            tips: tips.map(|page| page.records).unwrap_or_default(),
        })
    }
}
