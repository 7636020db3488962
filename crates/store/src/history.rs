//! What happened to a record, step by step: who changed it, when, and what they said. Whoever may read the record may read
//! that.

use crate::audit::entry::Entry;
use crate::body;
use crate::connection::{bits, bytes};
use crate::record::{self, Noun};
use crate::schema::change;
use crate::{Context, Result, Store};
use homeward_access::Act;
use homeward_model::{
    Case, CaseId, Check, CheckId, CountedResult, Disposition, DispositionId, Event, EventId, Initiative,
    InitiativeId, Instant, Lead, LeadId, MemberId, MissingReportId, MissingReportRecord, Operation,
    OperationId, ResultId, Tip, TipId, Victim, VictimId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;

/// One change of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The version that it made.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// Who; nobody when the system did.
    pub by: Option<MemberId>,
    /// The word of the change, as in `handed back`, or `step done: safe place`.
    pub what: String,
    /// What the member wrote about it: the grounds, or the note.
    pub said: Option<String>,
}

/// The name of a variant as words.
fn words(variant: &str) -> String {
    let mut words = String::with_capacity(variant.len() + 4);
    for letter in variant.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// The texts of a change that a member wrote.
fn said(what: &Value) -> Option<String> {
    let places = ["/grounds", "/note", "/pairing/grounds"];
    places.iter().find_map(|place| what.pointer(place)?.as_str()).map(str::to_owned)
}

/// A change in words, with the step or the kind of fact that it is about.
fn named(what: &Value) -> String {
    let about = ["step", "kind"].iter().find_map(|name| what.get(name)?.as_str());
    let named = words(body::word(what));
    about.map_or(named.clone(), |about| format!("{named}: {about}"))
}

impl Store {
    /// The changes of a record, oldest first.
    async fn history<N: Noun>(&self, context: &Context<'_>, id: u128) -> Result<Vec<Step>> {
        let owner = self.seen::<N>(context, Act::View, id).await?.resource.owner;
        let rows = change::Entity::find()
            .filter(change::Column::Record.eq(bytes(id)))
            .order_by_asc(change::Column::Version)
            .all(self.connection())
            .await?;
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows {
            let what =
                record::open::<N>(self.keys(), (owner, id), &format!("change {}", row.version), &row.what)?;
            steps.push(Step {
                version: row.version,
                at: Instant(row.at),
                by: row.by.as_deref().and_then(bits).map(MemberId::from_bits),
                what: named(&what),
                said: said(&what),
            });
        }
        let entry = Entry::new(context, Act::View, N::KIND, Some(id)).with("part", "history");
        self.note(entry.with("version", steps.len())).await?;
        Ok(steps)
    }

    /// What happened to a lead, notes among it.
    pub async fn lead_history(&self, context: &Context<'_>, id: LeadId) -> Result<Vec<Step>> {
        self.history::<Lead>(context, id.bits()).await
    }

    /// What was done with a finding.
    pub async fn finding_history(&self, context: &Context<'_>, id: DispositionId) -> Result<Vec<Step>> {
        self.history::<Disposition>(context, id.bits()).await
    }

    /// What happened to a missing report.
    pub async fn report_history(&self, context: &Context<'_>, id: MissingReportId) -> Result<Vec<Step>> {
        self.history::<MissingReportRecord>(context, id.bits()).await
    }

    /// What happened to a victim's record.
    pub async fn victim_history(&self, context: &Context<'_>, id: VictimId) -> Result<Vec<Step>> {
        self.history::<Victim>(context, id.bits()).await
    }

    /// What happened to a check.
    pub async fn check_history(&self, context: &Context<'_>, id: CheckId) -> Result<Vec<Step>> {
        self.history::<Check>(context, id.bits()).await
    }

    /// What happened to an initiative.
    pub async fn initiative_history(&self, context: &Context<'_>, id: InitiativeId) -> Result<Vec<Step>> {
        self.history::<Initiative>(context, id.bits()).await
    }

    /// What happened to an operation.
    pub async fn operation_history(&self, context: &Context<'_>, id: OperationId) -> Result<Vec<Step>> {
        self.history::<Operation>(context, id.bits()).await
    }

    /// What happened to an event.
    pub async fn event_history(&self, context: &Context<'_>, id: EventId) -> Result<Vec<Step>> {
        self.history::<Event>(context, id.bits()).await
    }

    /// What happened to a case, every entry of its file among it.
    pub async fn case_history(&self, context: &Context<'_>, id: CaseId) -> Result<Vec<Step>> {
        self.history::<Case>(context, id.bits()).await
    }

    /// What happened to a result.
    pub async fn result_history(&self, context: &Context<'_>, id: ResultId) -> Result<Vec<Step>> {
        self.history::<CountedResult>(context, id.bits()).await
    }

    /// What happened to a tip.
    pub async fn tip_history(&self, context: &Context<'_>, id: TipId) -> Result<Vec<Step>> {
        self.history::<Tip>(context, id.bits()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_said_in_words() {
        for (variant, expected) in
            [("Noted", "noted"), ("HandedBack", "handed back"), ("NoHitSoFar", "no hit so far")]
        {
            assert_eq!(words(variant), expected);
        }
        assert_eq!(said(&json!({"is": "Closed", "grounds": "seen"})).as_deref(), Some("seen"));
        assert_eq!(said(&json!("Started")), None);
        assert_eq!(said(&json!({"is": "Edited", "before": {"notes": "x"}})), None);
        let nobody = json!({"is": "Recorded", "pairing": {"is": "Nobody", "grounds": "both are away"}});
        assert_eq!(said(&nobody).as_deref(), Some("both are away"));
        assert_eq!(named(&json!({"is": "StepDone", "step": "safe place"})), "step done: safe place");
        assert_eq!(named(&json!("Started")), "started");
    }
}
