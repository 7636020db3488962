//! Missing reports as agencies keep them. Each names a child and is encrypted under a key of its own; purging it destroys
//! the key.

use crate::body::{Body, Read, enums, object, part, structs, words};
use crate::job::{Job, MATCH_REPORT};
use crate::record::{Held, Noun, Revision, first_due};
use crate::victim;
use crate::write::Write;
use crate::{Context, Count, Listed, Page, Restriction, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    EntrySystem, Grounds, Instant, MissingReport, MissingReportId, MissingReportRecord, ReportChange,
    ReportState, TaskForceId, following,
};
use homeward_rules::record::RecordRules;
use serde_json::Value;

words! { EntrySystem }
structs! {
    MissingReport {
        id, agency, case_number, ncmec_number, category, status, given_name, family_name, aliases, nicknames,
        date_of_birth, age_when_missing, sex, race, height_cm, weight_kg, hair, eyes, marks, missing_since,
        missing_from, phones, emails, handles, photos, associates, circumstances, located_at, extra, notes, provenance,
    }
}
enums! {
    ReportState { Missing { since }, Located { at, recorded }, Withdrawn { withdrawn } }
    ReportChange {
        Received,
        Edited(before),
        Entered(system, at),
        Verified,
        Located(at, grounds),
        MissingAgain(since),
        Withdrawn(grounds),
    }
}

impl Noun for MissingReportRecord {
    const KIND: Kind = Kind::MissingReport;
    const NOUN: &'static str = "missing report";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
    }

    /// The first of its clocks that still runs, or ran out on a child who is still missing.
    fn due(&self) -> Option<Instant> {
        if !matches!(self.state(), ReportState::Missing { .. }) {
            return None;
        }
        let clocks = self.clocks(&RecordRules::embedded().clocks.report_limits());
        first_due(clocks.into_iter().map(|(_, clock)| clock))
    }

    fn write(&self) -> Value {
        object([
            ("received", self.received.write()),
            ("report", self.report().write()),
            ("entries", self.entries().to_vec().write()),
            ("verified", self.verified().write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<MissingReportRecord> {
        // Receiving needs a stamp only for its change, which is not wanted here.
        let nobody = homeward_model::Stamp { by: homeward_model::MemberId::from_bits(0), at: Instant(0) };
        let id = MissingReportId::from_bits(bits);
        let (received, report) = (part(body, "received")?, part(body, "report")?);
        let (record, _) = MissingReportRecord::receive(id, resource.owner, received, report, nobody);
        Ok(record.stored(part(body, "entries")?, part(body, "verified")?, part(body, "state")?))
    }
}

/// Queues the matching of what a report says now, once for each version.
async fn match_later(write: &Write<'_>, held: &Held<MissingReportRecord>, now: Instant) -> Result<()> {
    let id = following(held.noun.bits(), held.version as u128, MATCH_REPORT);
    let (kind, body) = (MATCH_REPORT.to_owned(), held.noun.id.to_string());
    write.queue(&Job { id, kind, body, due: now, tries: 0 }).await
}

impl Store {
    /// An agency receives a report of a missing child. The id comes from the client: the same report sent again is one.
    pub async fn receive_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        received: Instant,
        report: MissingReport,
    ) -> Result<Held<MissingReportRecord>> {
        self.receive_restricted_report(context, id, received, report, Restriction::default()).await
    }

    /// The same, closed to others from the beginning.
    pub async fn receive_restricted_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        received: Instant,
        report: MissingReport,
        restriction: Restriction,
    ) -> Result<Held<MissingReportRecord>> {
        self.receive(context, id, received, report, (restriction, Vec::new())).await
    }

    /// The same, shared with task forces from the beginning.
    pub async fn receive_shared_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        received: Instant,
        report: MissingReport,
        task_forces: Vec<TaskForceId>,
    ) -> Result<Held<MissingReportRecord>> {
        self.receive(context, id, received, report, (Restriction::default(), task_forces)).await
    }

    async fn receive(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        received: Instant,
        report: MissingReport,
        (restriction, task_forces): (Restriction, Vec<TaskForceId>),
    ) -> Result<Held<MissingReportRecord>> {
        let mut write = self.write(context).await?;
        let done = async {
            let what = object([("is", Value::from("Received")), ("report", report.write())]);
            let owner = context.actor.organisation;
            let (record, _) = MissingReportRecord::receive(id, owner, received, report, write.stamp()?);
            let mut resource = Resource::owned(Kind::MissingReport, owner);
            restriction.close(&mut resource, context.actor.member);
            resource.task_forces = task_forces;
            let held = write.create(Act::ReceiveReport, record, resource, &what).await?;
            match_later(&write, &held, context.now).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One missing report.
    pub async fn report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
    ) -> Result<Held<MissingReportRecord>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Missing reports that the actor may see, newest first.
    pub async fn reports(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<MissingReportRecord>> {
        self.list(context, listed).await
    }

    /// How many missing reports the actor may see, by state.
    pub async fn count_reports(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<MissingReportRecord>(context, listed).await
    }

    /// Changes what a report says.
    pub async fn edit_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        report: MissingReport,
    ) -> Result<Held<MissingReportRecord>> {
        let step = |record: MissingReportRecord, stamp| Ok(record.edit(report, stamp)?);
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.alter(Act::EditReport, id.bits(), revision, step).await?;
            match_later(&write, &held, context.now).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Records that a report stands in a system since a moment.
    pub async fn enter_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        system: EntrySystem,
        at: Instant,
    ) -> Result<Held<MissingReportRecord>> {
        let step = |record: MissingReportRecord, stamp| Ok(record.enter(system, at, stamp)?);
        self.change(context, Act::EditReport, id.bits(), revision, step).await
    }

    /// Records that a report was verified and completed.
    pub async fn verify_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
    ) -> Result<Held<MissingReportRecord>> {
        let step = |record: MissingReportRecord, stamp| Ok(record.verify(stamp)?);
        self.change(context, Act::EditReport, id.bits(), revision, step).await
    }

    /// Records that the child was located.
    pub async fn locate_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        at: Instant,
        grounds: Grounds,
    ) -> Result<Held<MissingReportRecord>> {
        let step = |record: MissingReportRecord, stamp| Ok(record.locate(at, grounds, stamp)?);
        self.change(context, Act::LocateReport, id.bits(), revision, step).await
    }

    /// Records that the child is missing again, and so is every victim whom the report names.
    pub async fn report_missing_again(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        since: Instant,
    ) -> Result<Held<MissingReportRecord>> {
        let step = |record: MissingReportRecord, stamp| Ok(record.go_missing(since, stamp)?);
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.alter(Act::LocateReport, id.bits(), revision, step).await?;
            victim::missing_again(&mut write, id, revision.request, since).await?;
            match_later(&write, &held, context.now).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Withdraws a report as a mistake.
    pub async fn withdraw_report(
        &self,
        context: &Context<'_>,
        id: MissingReportId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<MissingReportRecord>> {
        let step = |record: MissingReportRecord, stamp| Ok(record.withdraw(grounds, stamp)?);
        self.change(context, Act::WithdrawReport, id.bits(), revision, step).await
    }
}
