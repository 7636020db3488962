//! Missing reports: received, edited, entered in systems, verified, located, missing again, withdrawn, with the clocks of the
//! law. Race is in no view; one named person switches it on, for one report, with a written reason.

use crate::office::{office_id, office_of, task_force_of};
use crate::written_report::WrittenReport;
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_access::{Act, Kind, Purpose, Scope, purpose_of, scope};
use homeward_archive::FindingHead;
use homeward_model::{
    Clock, EntrySystem, Grounds, Instant, MissingReport, MissingReportId, MissingReportRecord, ReportDuty,
    TaskForceId,
};
use homeward_rules::record::RecordRules;
use homeward_store::history::Step;

/// A clock of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportClock {
    /// What it waits for.
    pub duty: ReportDuty,
    /// Beginning, end, and when it was met.
    pub clock: Clock,
    /// The law.
    pub cite: &'static str,
}

impl ReportClock {
    /// `done`, `done late`, `overdue` or `due`.
    pub fn state(&self, now: Instant) -> &'static str {
        match (self.clock.met, self.clock.is_overdue(now)) {
            (Some(_), false) => "done",
            (Some(_), true) => "done late",
            (None, true) => "overdue",
            (None, false) => "due",
        }
    }
}

/// The clocks of a report, each with its law.
pub fn report_clocks(record: &MissingReportRecord) -> Vec<ReportClock> {
    let rules = &RecordRules::embedded().clocks;
    let cited = |(duty, clock)| {
        let limit = match duty {
            ReportDuty::Enter(EntrySystem::Ncmec) => &rules.missing_from_care_ncmec,
            ReportDuty::Enter(_) => &rules.missing_report_entry,
            ReportDuty::Verify => &rules.missing_report_verify,
        };
        ReportClock { duty, clock, cite: &limit.cite }
    };
    record.clocks(&rules.report_limits()).into_iter().map(cited).collect()
}

/// Clocks that ran out on a child who is still missing.
pub fn overdue_clocks(record: &MissingReportRecord, now: Instant) -> usize {
    if record.state().word() != "missing" {
        return 0;
    }
    report_clocks(record).iter().filter(|clock| clock.state(now) == "overdue").count()
}

/// The task force that shares a report: of the office for the place where the child was last seen.
pub fn report_task_force(report: &MissingReport) -> Option<TaskForceId> {
    office_of(&report.missing_from).map(|of| task_force_of(office_id(&of.office.name)))
}

impl Casework {
    /// Missing reports that the actor may see, newest first.
    pub async fn reports(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<MissingReportRecord>> {
        Ok(self.store().reports(context, listed).await?)
    }

    /// Those of them with a clock that ran out.
    pub async fn overdue_reports(
        &self,
        context: &Context<'_>,
        listed: &Listed,
    ) -> Result<Page<MissingReportRecord>> {
        let missing = Listed { states: vec!["missing".to_owned()], ..listed.clone() };
        self.reports(context, &missing.overdue(context.now)).await
    }

    /// One missing report.
    pub async fn report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
    ) -> Result<Held<MissingReportRecord>> {
        Ok(self.store().report(context, id).await?)
    }

    /// What happened to a report, oldest first.
    pub async fn report_history(&self, context: &Context<'_>, id: MissingReportId) -> Result<Vec<Step>> {
        Ok(self.store().report_history(context, id).await?)
    }

    /// Findings of the newest run on a report, best first, that the actor may see; with those that it is of one child with
    /// another.
    pub async fn findings_of(
        &self,
        context: &Context<'_>,
        record: &MissingReportRecord,
    ) -> Result<Vec<FindingHead>> {
        let purpose = Purpose::of(purpose_of(Kind::Finding));
        let allowed = scope(context.actor, Act::List, Kind::Finding, &purpose, context.now);
        let (Ok(allowed), Some(run)) = (allowed, self.newest_run().await?) else { return Ok(Vec::new()) };
        if matches!(allowed, Scope::None) {
            return Ok(Vec::new());
        }
        let text = record.for_matching().id;
        let of = |head: &&FindingHead| {
            [&head.missing_report, &head.other_report].contains(&&Some(text.clone()))
                && allowed.matches(&self.offered_resource(head.office.as_deref()))
        };
        Ok(run.heads.iter().filter(of).cloned().collect())
    }

    /// An agency receives a report. The id is made by the client: sent again it is the same report. The worker matches it
    /// within seconds.
    pub async fn receive_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        received: Option<Instant>,
        written: &WrittenReport,
    ) -> Result<Done<Held<MissingReportRecord>>> {
        let report =
            written.read(MissingReport { id: id.to_string(), ..MissingReport::default() }, context.now)?;
        let received = received.unwrap_or(context.now);
        if received > context.now {
            return Err(Trouble::invalid("`received` lies in the future"));
        }
        let forces = report_task_force(&report).into_iter().collect();
        let record = self.store().receive_shared_report(context, id, received, report, forces).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Changes what a report says. Fields that the form does not show, race when it is left empty among them, stay.
    pub async fn edit_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        written: &WrittenReport,
    ) -> Result<Done<Held<MissingReportRecord>>> {
        let held = self.store().report(context, id).await?;
        let report = written.read(held.noun.present(), context.now)?;
        let record = self.store().edit_report(context, id, revision, report).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Records that a report stands in a system.
    pub async fn enter_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        system: EntrySystem,
        at: Option<Instant>,
    ) -> Result<Done<Held<MissingReportRecord>>> {
        let at = past(at.unwrap_or(context.now), context.now)?;
        let record = self.store().enter_report(context, id, revision, system, at).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Records that a report was verified and completed with what is available.
    pub async fn verify_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
    ) -> Result<Done<Held<MissingReportRecord>>> {
        let record = self.store().verify_report(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Records that the child was located.
    pub async fn locate_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        at: Option<Instant>,
        grounds: Grounds,
    ) -> Result<Done<Held<MissingReportRecord>>> {
        let at = past(at.unwrap_or(context.now), context.now)?;
        let record = self.store().locate_report(context, id, revision, at, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Records that the child is missing again.
    pub async fn report_missing_again(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        since: Option<Instant>,
    ) -> Result<Done<Held<MissingReportRecord>>> {
        let since = past(since.unwrap_or(context.now), context.now)?;
        let record = self.store().report_missing_again(context, id, revision, since).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Withdraws a report as a mistake.
    pub async fn withdraw_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<MissingReportRecord>>> {
        let record = self.store().withdraw_report(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// The race that a report says, for a named person with a written reason, which the trail keeps.
    pub async fn race_of(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        grounds: &Grounds,
    ) -> Result<Option<String>> {
        let held = self.store().report(context, id).await?;
        let more = [("reason", grounds.as_str().to_owned())];
        self.store().permit(context, Act::ViewRace, &held.resource, Some(id.bits()), &more).await?;
        Ok(held.noun.report().race.clone())
    }
}

fn past(at: Instant, now: Instant) -> Result<Instant> {
    if at > now { Err(Trouble::invalid("the time lies in the future")) } else { Ok(at) }
}

#[cfg(test)]
mod tests;
