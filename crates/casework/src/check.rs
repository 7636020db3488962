//! Deconfliction checks: ask, talk to the other side, settle. Each side has a check of its own; of the other one it learns
//! whose it is, whom to call and how far it is, and nothing else.

use crate::asking::{WrittenCheck, WrittenPlan};
use crate::written::Problems;
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_model::{
    AgencyId, Check, CheckId, CheckMove, CheckOutcome, Grounds, Instant, MemberId, NoticeKind, Role,
    following,
};
use homeward_rules::record::RecordRules;
use homeward_store::check::{AskedAbout, OtherSide};
use homeward_store::history::Step;

/// The other side of a hit as a person sees it: a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointedAt {
    /// Name of the agency.
    pub agency: String,
    /// Name of the member to call.
    pub contact: String,
    /// Their address.
    pub email: Option<String>,
    /// The word of its state.
    pub state: Option<&'static str>,
}

/// A time by which something must be done about a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckClock {
    /// What.
    pub what: &'static str,
    /// By when.
    pub due: Instant,
    /// Whether that is past.
    pub overdue: bool,
    /// Where the number comes from.
    pub cite: &'static str,
}

/// One check as its own side sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckSeen {
    /// The check.
    pub held: Held<Check>,
    /// What it turns on.
    pub about: AskedAbout,
    /// The other sides of its hit.
    pub others: Vec<PointedAt>,
    /// Clocks that run on its hit.
    pub clocks: Vec<CheckClock>,
}

/// Times by which a hit without contact must be talked about and raised: before the start of the padded window.
pub fn check_clocks(check: &Check, now: Instant) -> Vec<CheckClock> {
    let rules = &RecordRules::embedded().clocks;
    let limits = [
        ("raise to a supervisor", &rules.check_raise_before_start),
        ("make contact", &rules.check_contact_before_start),
    ];
    let clock = |(what, limit): (&'static str, &'static homeward_rules::record::Limit)| {
        let due = check.raise_at(limit.span)?;
        Some(CheckClock { what, due, overdue: now > due, cite: &limit.cite })
    };
    limits.into_iter().filter_map(clock).collect()
}

impl Casework {
    /// Checks that the actor may see, newest first.
    pub async fn checks(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Check>> {
        Ok(self.store().checks(context, listed).await?)
    }

    /// One check of the own side, with pointers to the others.
    pub async fn check(&self, context: &Context<'_>, id: CheckId) -> Result<CheckSeen> {
        let held = self.store().check(context, id).await?;
        self.check_seen(context, held).await
    }

    /// What happened to a check of the own side, oldest first.
    pub async fn check_history(&self, context: &Context<'_>, id: CheckId) -> Result<Vec<Step>> {
        Ok(self.store().check_history(context, id).await?)
    }

    async fn check_seen(&self, context: &Context<'_>, held: Held<Check>) -> Result<CheckSeen> {
        let who = self.who(context.now).await?;
        let sides = self.store().other_sides(context, held.noun.id).await?;
        let point = |side: OtherSide| PointedAt {
            agency: who.agency(side.pointer.agency),
            contact: who.member(side.pointer.contact),
            email: who.known_member(side.pointer.contact).map(|member| member.email.clone()),
            state: side.state,
        };
        let others = sides.into_iter().map(point).collect();
        let about = self.store().asked_about(context, held.noun.id).await?;
        Ok(CheckSeen { about, others, clocks: check_clocks(&held.noun, context.now), held })
    }

    /// A member asks. On a hit both sides are told at once. The id is made by the client: asked again it is the same check.
    pub async fn ask_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        written: &WrittenCheck,
    ) -> Result<Done<CheckSeen>> {
        let inquiry = written.read(id, context.now)?;
        let held = self.store().ask_check(context, inquiry).await?;
        let hit = held.noun.state().hit().map(|hit| hit.pointers.clone()).unwrap_or_default();
        let told = hit.into_iter().map(|pointer| pointer.contact).collect();
        Ok(Done { record: self.check_seen(context, held).await?, told })
    }

    /// Says to the other sides that their hit was seen here. It is their checks that move.
    pub async fn acknowledge_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
    ) -> Result<Done<CheckSeen>> {
        let held = self.store().check(context, id).await?;
        let sides = self.sides_of_hit(context, id).await?;
        for side in &sides {
            self.acknowledge_side(context, side, revision.request).await?;
        }
        let told =
            self.tell_sides(context, revision.request, NoticeKind::CheckAcknowledged, &held, &sides).await?;
        Ok(Done { record: self.check_seen(context, held).await?, told })
    }

    /// Records that both sides talked, on the own check and on theirs. Who talks has seen: that is recorded too.
    pub async fn contact_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
    ) -> Result<Done<CheckSeen>> {
        let mut held = self.store().check(context, id).await?;
        let sides = self.sides_of_hit(context, id).await?;
        let mut seen = revision.seen;
        if held.noun.allowed().contains(&CheckMove::Acknowledge) {
            let request = following(revision.request, id.bits(), "acknowledged");
            held = self.store().acknowledge_check(context, id, Revision { seen, request }).await?;
            seen = held.version;
        }
        if !matches!(held.noun.state().word(), "contact made" | "settled") {
            let own = Revision { seen, request: revision.request };
            held = self.store().contact_check(context, id, own).await?;
        }
        for side in &sides {
            let now = self.acknowledge_side(context, side, revision.request).await?;
            let Some(seen) = now.filter(|_| matches!(side.state, Some("both told" | "acknowledged"))) else {
                continue;
            };
            let request = following(revision.request, side.pointer.check.bits(), "contact");
            let theirs = Revision { seen, request };
            self.store().contact_check(context, side.pointer.check, theirs).await?;
        }
        let told =
            self.tell_sides(context, revision.request, NoticeKind::CheckContact, &held, &sides).await?;
        Ok(Done { record: self.check_seen(context, held).await?, told })
    }

    /// Records what the own side does after both talked. The other side records its own.
    pub async fn settle_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        outcome: CheckOutcome,
        grounds: Grounds,
    ) -> Result<Done<CheckSeen>> {
        if let CheckOutcome::Delay { until } = outcome
            && until <= context.now
        {
            return Err(Trouble::invalid("a delay ends in the future"));
        }
        let held = self.store().settle_check(context, id, revision, outcome, grounds).await?;
        self.settled(context, revision, held).await
    }

    /// A named supervisor, not the member who asked, lets it go on without contact.
    pub async fn waive_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<CheckSeen>> {
        let held = self.store().waive_check(context, id, revision, grounds).await?;
        self.settled(context, revision, held).await
    }

    async fn settled(
        &self,
        context: &Context<'_>,
        revision: Revision,
        held: Held<Check>,
    ) -> Result<Done<CheckSeen>> {
        let sides = self.store().other_sides(context, held.noun.id).await?;
        let told =
            self.tell_sides(context, revision.request, NoticeKind::CheckSettled, &held, &sides).await?;
        Ok(Done { record: self.check_seen(context, held).await?, told })
    }

    /// Raises a hit to a supervisor of the own organisation because time runs out.
    pub async fn raise_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        supervisor: MemberId,
    ) -> Result<Done<CheckSeen>> {
        // What is not there says nothing of what was asked about it.
        self.store().check(context, id).await?;
        let who = self.who(context.now).await?;
        let agency = context.actor.organisation;
        if !who.members_of(agency, &[Role::Supervisor]).iter().any(|member| member.id == supervisor) {
            return Err(Trouble::invalid("choose an active supervisor of your organisation"));
        }
        let held = self.store().raise_check(context, id, revision, supervisor).await?;
        let to = vec![(supervisor, agency)];
        let told = self.tell(context, revision.request, NoticeKind::CheckRaised, "check", id, to).await?;
        Ok(Done { record: self.check_seen(context, held).await?, told })
    }

    /// Moves the plan to another window and place. Who is concerned now is told, and who is not any more.
    pub async fn move_check(
        &self,
        context: &Context<'_>,
        id: CheckId,
        revision: Revision,
        plan: &WrittenPlan,
    ) -> Result<Done<CheckSeen>> {
        let mut problems = Problems::default();
        let (window, area) = plan.read(&mut problems);
        if area.is_some() != window.is_some() {
            problems.note("give both the window of time and the place, or neither");
        }
        let (window, area) = problems.or((window, area))?;
        let held = self.store().move_check(context, id, revision, window, area).await?;
        Ok(Done { record: self.check_seen(context, held).await?, told: Vec::new() })
    }

    async fn sides_of_hit(&self, context: &Context<'_>, id: CheckId) -> Result<Vec<OtherSide>> {
        let sides = self.store().other_sides(context, id).await?;
        if sides.is_empty() {
            return Err(Trouble::Illegal("this check has no hit, there is nobody to talk to".to_owned()));
        }
        Ok(sides)
    }

    /// Records on the other side's check that this side saw it. Gives the version it has then.
    async fn acknowledge_side(
        &self,
        context: &Context<'_>,
        side: &OtherSide,
        request: u128,
    ) -> Result<Option<i64>> {
        if !side.allowed.contains(&CheckMove::Acknowledge) {
            return Ok(side.state.map(|_| side.version));
        }
        let request = following(request, side.pointer.check.bits(), "acknowledged");
        let theirs = Revision { seen: side.version, request };
        let held = self.store().acknowledge_check(context, side.pointer.check, theirs).await?;
        Ok(Some(held.version))
    }

    /// Tells both sides, each of their own check.
    async fn tell_sides(
        &self,
        context: &Context<'_>,
        cause: u128,
        kind: NoticeKind,
        own: &Held<Check>,
        sides: &[OtherSide],
    ) -> Result<Vec<MemberId>> {
        let mut all: Vec<(CheckId, MemberId, AgencyId)> = sides
            .iter()
            .map(|side| (side.pointer.check, side.pointer.contact, side.pointer.agency))
            .collect();
        all.push((own.noun.id, own.noun.asked.by, own.noun.agency));
        let mut told = Vec::new();
        for (check, member, agency) in all {
            told.extend(self.tell(context, cause, kind, "check", check, vec![(member, agency)]).await?);
        }
        Ok(told)
    }
}

#[cfg(test)]
mod tests;
