//! What became of matches that were worked: the outcomes of leads, for learning and for measuring how well matching does. And
//! that a person changed by what it is weighed.

use crate::audit::entry::{Entry, uuid};
use crate::{Outside, Result, Store};
use homeward_model::{
    Grounds, Lead, LeadId, LeadOrigin, LeadOutcome, LeadState, MissingReportId, Victim, VictimId,
};
use std::collections::BTreeMap;

/// A lead that came from a finding and was worked to an end that says something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// The lead.
    pub lead: LeadId,
    /// The finding.
    pub finding: String,
    /// What was found.
    pub found: Found,
}

/// What working a lead found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A child, of the report that the victim's record names; `None` where it names none.
    Child(Option<MissingReportId>),
    /// Nothing in it.
    Nothing,
}

impl Store {
    /// The ends of all leads that came from findings, by id of the lead. Handed on, duplicate and expired ones say nothing. Of
    /// a victim no more is read out than which report names them.
    pub async fn worked_leads(&self, outside: Outside<'_>) -> Result<Vec<Worked>> {
        let closed = self.all::<Lead>("closed").await?;
        let mut worked = Vec::new();
        let mut children: BTreeMap<VictimId, Option<MissingReportId>> = BTreeMap::new();
        if closed.iter().any(|held| victim(&held.noun).is_some()) {
            for held in self.every::<Victim>().await? {
                children.insert(held.noun.id, held.noun.report);
            }
        }
        for held in closed {
            let LeadOrigin::Finding(finding) = &held.noun.origin else { continue };
            let found = match (outcome(&held.noun), victim(&held.noun)) {
                (_, Some(victim)) => Found::Child(children.get(&victim).copied().flatten()),
                (Some(LeadOutcome::Unfounded), None) => Found::Nothing,
                _ => continue,
            };
            worked.push(Worked { lead: held.noun.id, finding: finding.clone(), found });
        }
        let ids = worked.iter().map(|one| uuid(one.lead.bits()));
        let entry = Entry::system(outside.from, "read outcomes", None, outside.now).with_list("shown", ids);
        self.note(entry).await?;
        Ok(worked)
    }

    /// Writes into the trail that a person accepted a set of weights for matching, or took one back. What the trail cannot
    /// hold must not be done.
    pub async fn note_weights(
        &self,
        outside: Outside<'_>,
        act: &str,
        weights: &str,
        by: &str,
        grounds: &Grounds,
    ) -> Result<()> {
        let entry = Entry::system(outside.from, act, None, outside.now);
        self.note(entry.with("weights", weights).with("by", by).with("grounds", grounds)).await
    }
}

fn outcome(lead: &Lead) -> Option<LeadOutcome> {
    match lead.state() {
        LeadState::Closed { outcome, .. } => Some(*outcome),
        _ => None,
    }
}

fn victim(lead: &Lead) -> Option<VictimId> {
    match outcome(lead)? {
        LeadOutcome::Recovered(victim) | LeadOutcome::Identified(victim) => Some(victim),
        _ => None,
    }
}
