//! Alarms of the engine: a match that a person rejected rests on more since. Those who decided and those who keep the report
//! are told where to look; the record says who rejected it, when and why.

use crate::notification::{Notice, tell};
use crate::record::{Held, Noun, load, there};
use crate::{Context, Outside, Result, Store};
use homeward_access::Act;
use homeward_model::{
    AgencyId, Digest, Disposition, DispositionState, Judgement, JudgementId, MemberId, MissingReportId,
    MissingReportRecord, NoticeKind, Role,
};
use std::collections::BTreeMap;

/// Jobs that look at an alarm.
const LOOKING: [Role; 3] = [Role::Analyst, Role::Supervisor, Role::Clearinghouse];

/// An alarm of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradicted {
    /// The finding that is the alarm.
    pub finding: String,
    /// The report.
    pub report: MissingReportId,
    /// The name of the decision: a judgement of the record, or the finding that was dismissed.
    pub decision: String,
}

impl Store {
    /// Tells who decided and their colleagues of an alarm, and those who keep the report; each of one alarm once. Returns how
    /// many were told or had been.
    pub async fn tell_of_contradiction(&self, outside: Outside<'_>, alarm: &Contradicted) -> Result<usize> {
        let report = load::<MissingReportRecord>(self.connection(), self.keys(), alarm.report.bits()).await;
        let keeper = there(report)?.map(|held| held.resource.owner);
        let decided = self.who_rejected(&alarm.decision).await?;
        let looks = |roles: &[Role]| roles.iter().any(|role| LOOKING.contains(role));
        let mut to: BTreeMap<MemberId, (AgencyId, &'static str, String)> = BTreeMap::new();
        for member in self.directory().await?.members.into_values().filter(|member| member.active) {
            let own = decided.is_some_and(|(by, owner)| {
                member.id == by || (member.agency == owner && looks(&member.roles))
            });
            if own {
                to.insert(member.id, (member.agency, Disposition::NOUN, alarm.finding.clone()));
            } else if keeper == Some(member.agency) && looks(&member.roles) {
                let about = alarm.report.to_string();
                to.insert(member.id, (member.agency, MissingReportRecord::NOUN, about));
            }
        }
        let (cause, told) = (Digest::of(alarm.finding.as_bytes()).bits(), to.len());
        let mut write = self.write_outside(outside).await?;
        let done = async {
            for (to, (agency, noun, about)) in to {
                let notice = Notice { cause, to, agency, kind: NoticeKind::Contradiction, noun, about };
                tell(&mut write, "notify", notice, outside.now).await?;
            }
            Ok(told)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Who rejected a match, and whose decision it is; nobody where it was decided at the command line.
    async fn who_rejected(&self, decision: &str) -> Result<Option<(MemberId, AgencyId)>> {
        if let Ok(id) = decision.parse::<JudgementId>() {
            let held = there(load::<Judgement>(self.connection(), self.keys(), id.bits()).await)?;
            return Ok(held.map(|held| (held.noun.stamp.by, held.resource.owner)));
        }
        let held: Option<Held<Disposition>> = self.decided(&[decision.to_owned()]).await?.remove(decision);
        Ok(held.and_then(|held| match held.noun.state() {
            DispositionState::Dismissed { dismissed } => Some((dismissed.by, held.resource.owner)),
            _ => None,
        }))
    }

    /// One judgement.
    pub async fn judgement(&self, context: &Context<'_>, id: JudgementId) -> Result<Held<Judgement>> {
        self.view(context, Act::View, id.bits()).await
    }
}
