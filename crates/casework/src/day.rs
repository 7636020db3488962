//! My day: what waits for a member, by what they may see.

use crate::board::EventsOfDay;
use crate::care::for_service;
use crate::victim::next_step;
use crate::{Casework, Context, Held, Listed, Result, records};
use homeward_access::{Purpose, PurposeKind};
use homeward_model::{
    Case, Check, CountedResult, Lead, MissingReportRecord, Notification, Referral, Tip, Victim,
};

/// What waits.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// Notifications, newest first.
    pub notices: Vec<Held<Notification>>,
    /// Leads assigned to the member.
    pub assigned: Vec<Held<Lead>>,
    /// Cases that the member works and that have not ended.
    pub cases: Vec<Held<Case>>,
    /// Leads that wait for triage.
    pub to_triage: Vec<Held<Lead>>,
    /// Checks of the own side with a hit that waits for acknowledgement or contact.
    pub checks: Vec<Held<Check>>,
    /// Reports of the own organisation with a clock that ran out.
    pub overdue: Vec<Held<MissingReportRecord>>,
    /// Tips that nobody took up.
    pub tips: Vec<Held<Tip>>,
    /// Victims without a specialist.
    pub unpaired: Vec<Held<Victim>>,
    /// Victims with whom the member stays and for whom a step is to come or who are still to be found, the most urgent first.
    pub mine: Vec<Held<Victim>>,
    /// Victims of others with a step after their recovery that is overdue.
    pub steps: Vec<Held<Victim>>,
    /// Referrals that wait: for an answer or a service of the own organisation, or for one of the provider.
    pub referrals: Vec<Held<Referral>>,
    /// Claims of the own agency that the member may confirm.
    pub claims: Vec<Held<CountedResult>>,
    /// Operations and events that wait for the member, and those of today.
    pub events: EventsOfDay,
}

impl Casework {
    /// What waits for the actor.
    pub async fn day(&self, context: &Context<'_>) -> Result<Day> {
        let few = Listed { limit: 10, ..Listed::default() };
        let purpose = Purpose::of(PurposeKind::Deconfliction);
        let of_checks = Context { purpose: &purpose, ..*context };
        let mine = Listed { assigned: Some(context.actor.member), ..few.clone() };
        let open = ["opened", "accepted", "active", "charged", "disposed"];
        let worked = Listed { states: open.map(str::to_owned).to_vec(), ..mine.clone() };
        let admitted = Listed { states: vec!["admitted".to_owned()], ..few.clone() };
        let told = Listed { states: vec!["both told".to_owned(), "acknowledged".to_owned()], ..few.clone() };
        let own = Listed { owner: Some(context.actor.organisation), ..few.clone() };
        let of_reports = Purpose::of(PurposeKind::Investigation);
        let of_reports = Context { purpose: &of_reports, ..*context };
        let received = Listed { states: vec!["received".to_owned()], ..few.clone() };
        let unread = Listed { states: vec!["unread".to_owned()], ..few.clone() };
        let unpaired = Listed { states: vec![Victim::ALONE.to_owned()], ..few.clone() };
        let waiting = Listed { states: vec!["made".to_owned(), "accepted".to_owned()], ..few };
        let (all, of_service) = (Listed::default(), for_service());
        let of_service = Context { purpose: &of_service, ..*context };
        let stays = Listed { assigned: Some(context.actor.member), ..Listed::default() };
        // Each list waits for its entry in the trail; asked together, they are committed together.
        let (
            notices,
            assigned,
            cases,
            to_triage,
            checks,
            overdue,
            tips,
            unpaired,
            mine,
            steps,
            referrals,
            claims,
            events,
        ) = tokio::join!(
            self.notices(context, &unread),
            self.leads(context, &mine),
            self.cases(&of_reports, &worked),
            self.leads(context, &admitted),
            self.checks(&of_checks, &told),
            self.overdue_reports(&of_reports, &own),
            self.tips(context, &received),
            self.victims(&of_reports, &unpaired),
            self.victims(&of_reports, &stays),
            self.overdue_victims(&of_reports, &all),
            self.referrals(&of_service, &waiting),
            self.claims_to_confirm(context),
            self.events_of_day(context),
        );
        let me = Some(context.actor.member);
        let (mut mine, mut steps) = (records(mine)?, records(steps)?);
        mine.retain(|held| {
            held.noun.specialist() == me
                && (held.noun.recovered().is_none() || next_step(&held.noun).is_some())
        });
        mine.sort_by_key(|held| next_step(&held.noun).map(|next| next.clock.due));
        steps.retain(|held| held.noun.specialist() != me);
        Ok(Day {
            notices: records(notices)?,
            assigned: records(assigned)?,
            cases: records(cases)?,
            to_triage: records(to_triage)?,
            checks: records(checks)?,
            overdue: records(overdue)?,
            tips: records(tips)?,
            unpaired: records(unpaired)?,
            mine,
            steps,
            referrals: records(referrals)?,
            claims: claims?,
            events: events?,
        })
    }
}
