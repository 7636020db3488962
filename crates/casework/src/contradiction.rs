//! Alarms: a match that a person rejected rests on more since. The alarm is a finding of its own, dismissed like any other;
//! the match comes back only when the decision is undone.

use crate::runs::blocking;
use crate::{Casework, Context, Result, if_any};
use homeward_archive::Archive;
use homeward_model::{DispositionState, Finding, FindingKind, Instant, JudgementId};

/// The decision that an alarm contradicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its name: `j3` of the command line, a judgement of the record, or the finding that was dismissed.
    pub decision: String,
    /// What it is, and where the record keeps it: `judgement` or `dismissal`; `decision` at the command line.
    pub kind: &'static str,
    /// Who decided.
    pub by: Option<String>,
    /// When.
    pub at: Option<Instant>,
    /// Why.
    pub why: Option<String>,
}

impl Casework {
    /// The decision that an alarm contradicts, with who made it where the actor may see that; none for other findings.
    pub async fn rejected(&self, context: &Context<'_>, finding: &Finding) -> Result<Option<Rejected>> {
        let Some(decision) = decision_of(finding).map(str::to_owned) else { return Ok(None) };
        let (kind, by, at, why) = if let Ok(id) = decision.parse::<JudgementId>() {
            let held = if_any(self.store().judgement(context, id).await.map_err(Into::into))?;
            let judgement = held.map(|held| held.noun);
            (
                "judgement",
                judgement.as_ref().map(|judgement| judgement.stamp),
                None,
                judgement.map(|judgement| judgement.grounds.as_str().to_owned()),
            )
        } else if decision.starts_with("f-") {
            let held = self.store().decided(std::slice::from_ref(&decision)).await?.remove(&decision);
            let stamp = held.as_ref().and_then(|held| match held.noun.state() {
                DispositionState::Dismissed { dismissed } => Some(*dismissed),
                _ => None,
            });
            let steps = match &held {
                Some(held) => {
                    if_any(self.store().finding_history(context, held.noun.id).await.map_err(Into::into))?
                }
                None => None,
            };
            let said = steps.into_iter().flatten().rev().find_map(|step| step.said);
            ("dismissal", stamp, None, said)
        } else {
            let (data, name) = (self.data().to_owned(), decision.clone());
            let own = blocking(move || Archive::open_read(&data)?.judgements()).await??;
            let own = own.into_iter().find(|judged| judged.id == name);
            (
                "decision",
                None,
                own.as_ref().map(|judged| (judged.by.clone(), Instant::parse(&judged.at))),
                own.map(|judged| judged.why),
            )
        };
        let who = self.who(context.now).await?;
        let (by, at) = match (by, at) {
            (Some(stamp), _) => (Some(who.member(stamp.by)), Some(stamp.at)),
            (None, Some((by, at))) => (Some(by), at),
            (None, None) => (None, None),
        };
        Ok(Some(Rejected { decision, kind, by, at, why }))
    }
}

/// The name of the decision that an alarm contradicts.
pub(crate) fn decision_of(finding: &Finding) -> Option<&str> {
    let head = finding.reasons.iter().find(|reason| reason.factor == "rejected");
    head.filter(|_| finding.kind == FindingKind::Contradiction).map(|reason| reason.left.as_str())
}
