//! Judgements: a person says whether what a finding proposes is the same, and why. Appended, never overwritten; each can be
//! undone.

use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{Finding, FindingKind, Grounds, Judged, JudgedKind, Judgement, JudgementId, Verdict};

/// Judgements looked through for those on one finding.
const LOOKED_AT: u64 = 200;

impl Casework {
    /// A person judges what a match or a person finding proposes. Who may not see its reports cannot: nobody judges what they
    /// have not read.
    pub async fn judge_finding(
        &self,
        context: &Context<'_>,
        finding: &str,
        id: JudgementId,
        verdict: Verdict,
        grounds: Grounds,
    ) -> Result<Done<Held<Judgement>>> {
        let view = self.finding(context, finding).await?;
        if !view.sees_report {
            return Err(Trouble::Missing { noun: "finding" });
        }
        let pair = pair_of(&view.finding)
            .ok_or_else(|| Trouble::Illegal("only a match or two reports can be judged".to_owned()))?;
        let record = self.store().judge(context, id, pair, verdict, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// A person undoes a judgement; what held before it holds again.
    pub async fn undo_judgement(
        &self,
        context: &Context<'_>,
        id: JudgementId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Judgement>>> {
        let record = self.store().undo_judgement(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Judgements that the actor may see, newest first.
    pub async fn judgements(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Judgement>> {
        Ok(self.store().judgements(context, listed).await?)
    }

    /// Judgements on what a finding proposes, newest first, of the newest 200 that the actor may see; none for who may see
    /// none, or for a finding that cannot be judged.
    pub async fn judgements_on(
        &self,
        context: &Context<'_>,
        finding: &Finding,
    ) -> Result<Vec<Held<Judgement>>> {
        let Some((a, b)) = pair_of(finding) else { return Ok(Vec::new()) };
        let own = Resource::owned(Kind::Judgement, context.actor.organisation);
        if self.may(context, &own, &[Act::List]).is_empty() {
            return Ok(Vec::new());
        }
        let listed = Listed { limit: LOOKED_AT, ..Listed::default() };
        let pair = if a < b { (a, b) } else { (b, a) };
        let page = self.store().judgements(context, &listed).await?;
        Ok(page.records.into_iter().filter(|held| *held.noun.pair() == pair).collect())
    }
}

/// What a finding proposes to be the same: a report and a network, or two reports.
fn pair_of(finding: &Finding) -> Option<(Judged, Judged)> {
    let judged = |kind, id: &Option<String>| id.clone().map(|id| Judged { kind, id });
    let report = judged(JudgedKind::Report, &finding.missing_report)?;
    let other = match finding.kind {
        FindingKind::Match => judged(JudgedKind::Network, &finding.network)?,
        FindingKind::Person => judged(JudgedKind::Report, &finding.other_report)?,
        FindingKind::Network | FindingKind::Change | FindingKind::Contradiction => return None,
    };
    Some((report, other))
}
