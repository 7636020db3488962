//! A missing report as an agency keeps it in the record: entered, edited, located, missing again, withdrawn, with the clocks
//! that the law sets. Turning 18 is not among its moves: an entry is not removed because of an age (34 U.S.C. 41307).

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgencyId, Category, Change, Clock, Grounds, Instant, MissingReport, MissingReportId, Moved, ReportStatus,
    Span, Stamp,
};

words! {
    /// Systems in which a report must stand.
    EntrySystem {
        /// The state's system.
        State = "state system",
        /// NCIC.
        Ncic = "NCIC",
        /// NamUs.
        NamUs = "NamUs",
        /// The state's clearinghouse.
        Clearinghouse = "clearinghouse",
        /// NCMEC: for a child missing from care.
        Ncmec = "NCMEC",
    }
}

/// The state of a missing report in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// The child is missing.
    Missing {
        /// Since when.
        since: Instant,
    },
    /// The child was located.
    Located {
        /// When.
        at: Instant,
        /// Who recorded it, and when.
        recorded: Stamp,
    },
    /// The report was a mistake.
    Withdrawn {
        /// Who withdrew it, and when.
        withdrawn: Stamp,
    },
}

impl ReportState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            ReportState::Missing { .. } => "missing",
            ReportState::Located { .. } => "located",
            ReportState::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [ReportMove] {
        use ReportMove::{Edit, Enter, GoMissing, Locate, Verify, Withdraw};
        match self {
            ReportState::Missing { .. } => &[Edit, Enter, Verify, Locate, Withdraw],
            ReportState::Located { .. } => &[Edit, GoMissing],
            ReportState::Withdrawn { .. } => &[],
        }
    }
}

machine! {
    /// Moves of a missing report.
    ReportMove of "a missing report": MissingReportRecord, ReportState, ReportChange {
        /// Change what it says.
        Edit = "edit" / "be edited",
        /// Record that it stands in a system.
        Enter = "record an entry" / "be entered in a system",
        /// Record that it was verified and completed.
        Verify = "verify" / "be verified",
        /// Record that the child was located.
        Locate = "locate" / "be located",
        /// Record that the child is missing again.
        GoMissing = "record missing again" / "be missing again",
        /// Withdraw it as a mistake.
        Withdraw = "withdraw" / "be withdrawn",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum ReportChange {
    /// It was received.
    Received,
    /// What it says changed; this is what it said before.
    Edited(Box<MissingReport>),
    /// It stands in a system.
    Entered(EntrySystem, Instant),
    /// It was verified and completed.
    Verified,
    /// The child was located.
    Located(Instant, Grounds),
    /// The child is missing again.
    MissingAgain(Instant),
    /// It was withdrawn.
    Withdrawn(Grounds),
}

/// How long the clocks run: numbers from rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportLimits {
    /// From receipt to entry in a system.
    pub entry: Span,
    /// From receipt to the notice of NCMEC, for a child missing from care.
    pub ncmec: Span,
    /// From receipt to verification.
    pub verify: Span,
}

/// What a clock of a missing report waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportDuty {
    /// Entry in a system.
    Enter(EntrySystem),
    /// Verification and update.
    Verify,
}

/// A missing report as an agency keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingReportRecord {
    /// Its id.
    pub id: MissingReportId,
    /// The agency that keeps it.
    pub agency: AgencyId,
    /// When the agency received it. There is no waiting period.
    pub received: Instant,
    report: MissingReport,
    entries: Vec<(EntrySystem, Instant)>,
    verified: Option<Instant>,
    state: ReportState,
}

impl MissingReportRecord {
    /// An agency receives a report of a missing child.
    pub fn receive(
        id: MissingReportId,
        agency: AgencyId,
        received: Instant,
        report: MissingReport,
        stamp: Stamp,
    ) -> (MissingReportRecord, Change<ReportChange>) {
        let state = ReportState::Missing { since: report.missing_since.unwrap_or(received) };
        let record =
            MissingReportRecord { id, agency, received, report, entries: Vec::new(), verified: None, state };
        (record, Change { stamp, what: ReportChange::Received })
    }

    /// A report that another system keeps is taken over as it stands there: missing, or located.
    pub fn import(
        id: MissingReportId,
        agency: AgencyId,
        received: Instant,
        report: MissingReport,
        stamp: Stamp,
    ) -> (MissingReportRecord, Change<ReportChange>) {
        let (record, change) = MissingReportRecord::receive(id, agency, received, report, stamp);
        let state = record.stated(stamp);
        (MissingReportRecord { state, ..record }, change)
    }

    /// The state that the report's own words say, recorded by `stamp` where they say that the child was located.
    fn stated(&self, stamp: Stamp) -> ReportState {
        if self.report.status == ReportStatus::Missing {
            ReportState::Missing { since: self.first_since() }
        } else {
            ReportState::Located { at: self.report.located_at.unwrap_or(stamp.at), recorded: stamp }
        }
    }

    /// The report as the store kept it.
    #[must_use]
    pub fn stored(
        self,
        entries: Vec<(EntrySystem, Instant)>,
        verified: Option<Instant>,
        state: ReportState,
    ) -> Self {
        MissingReportRecord { entries, verified, state, ..self }
    }

    /// What it says, as it was told.
    pub const fn report(&self) -> &MissingReport {
        &self.report
    }

    /// What it says, of the present disappearance: a child who is missing again is missing since then, and older.
    pub fn present(&self) -> MissingReport {
        let mut report = self.report.clone();
        if let ReportState::Missing { since } = self.state
            && since != self.first_since()
        {
            let age = report.age_at(since).and_then(|age| u8::try_from(age).ok());
            report.age_when_missing = report.age_when_missing.and(age);
            report.missing_since = Some(since);
        }
        report
    }

    /// Since when the child is missing by the report's own words; else since the agency knows of it.
    fn first_since(&self) -> Instant {
        self.report.missing_since.unwrap_or(self.received)
    }

    /// Systems in which it stands, and since when.
    pub fn entries(&self) -> &[(EntrySystem, Instant)] {
        &self.entries
    }

    /// When it was verified.
    pub const fn verified(&self) -> Option<Instant> {
        self.verified
    }

    /// The clocks that run on it, from receipt: 34 U.S.C. 41308(3) and (4)(A); for a child missing from care also
    /// 42 U.S.C. 671(a)(35).
    pub fn clocks(&self, limits: &ReportLimits) -> Vec<(ReportDuty, Clock)> {
        let from_care = self.report.category == Some(Category::MissingFromCare);
        let entered = |system| self.entries.iter().find(|(known, _)| *known == system).map(|(_, at)| *at);
        let mut clocks = Vec::new();
        for system in EntrySystem::ALL.iter().copied() {
            let limit = match system {
                EntrySystem::Ncmec if !from_care => continue,
                EntrySystem::Ncmec => limits.ncmec,
                _ => limits.entry,
            };
            clocks.push((ReportDuty::Enter(system), Clock::running(self.received, limit, entered(system))));
        }
        clocks.push((ReportDuty::Verify, Clock::running(self.received, limits.verify, self.verified)));
        clocks
    }

    /// Changes what it says of the [present](Self::present) disappearance. A new version is matched anew.
    pub fn edit(mut self, report: MissingReport, stamp: Stamp) -> Moved<Self, ReportChange> {
        self.legal(ReportMove::Edit)?;
        let before = Box::new(std::mem::replace(&mut self.report, report));
        let state = match self.state {
            ReportState::Missing { .. } => ReportState::Missing { since: self.first_since() },
            state => state,
        };
        self.becomes(state, ReportChange::Edited(before), stamp)
    }

    /// Takes over what another system now says of it. Its state follows only where that system's changed: what was recorded
    /// here in the meantime stands, that the child is missing again unless the other system tells of a later day.
    pub fn update(mut self, report: MissingReport, stamp: Stamp) -> Moved<Self, ReportChange> {
        self.legal(ReportMove::Edit)?;
        let first = self.first_since();
        let before = Box::new(std::mem::replace(&mut self.report, report));
        let same = (before.status, before.located_at) == (self.report.status, self.report.located_at);
        let state = match self.state {
            _ if !same => self.stated(stamp),
            ReportState::Missing { since } if since == first => self.stated(stamp),
            ReportState::Missing { since } => ReportState::Missing { since: since.max(self.first_since()) },
            state => state,
        };
        self.becomes(state, ReportChange::Edited(before), stamp)
    }

    /// What it says of the present disappearance, with the status that the record gives it: what the engine reads. Its id is
    /// the text by which the system that sent it knows it, where the record's own id comes of that text.
    pub fn for_matching(&self) -> MissingReport {
        let mut report = self.present();
        if MissingReportId::of_text(&report.id) != self.id {
            report.id = self.id.to_string();
        }
        match self.state {
            ReportState::Missing { .. } => report.status = ReportStatus::Missing,
            ReportState::Located { at, .. } if report.status == ReportStatus::Missing => {
                report.status = ReportStatus::Located;
                report.located_at = Some(at);
            }
            ReportState::Located { .. } | ReportState::Withdrawn { .. } => {}
        }
        report
    }

    /// Records that it stands in a system since a moment; the first entry counts.
    pub fn enter(mut self, system: EntrySystem, at: Instant, stamp: Stamp) -> Moved<Self, ReportChange> {
        self.legal(ReportMove::Enter)?;
        if !self.entries.iter().any(|(known, _)| *known == system) {
            self.entries.push((system, at));
        }
        let state = self.state;
        self.becomes(state, ReportChange::Entered(system, at), stamp)
    }

    /// Records that it was verified and completed with what is available.
    pub fn verify(mut self, stamp: Stamp) -> Moved<Self, ReportChange> {
        self.legal(ReportMove::Verify)?;
        self.verified = Some(stamp.at);
        let state = self.state;
        self.becomes(state, ReportChange::Verified, stamp)
    }

    /// Records that the child was located.
    pub fn locate(self, at: Instant, grounds: Grounds, stamp: Stamp) -> Moved<Self, ReportChange> {
        self.legal(ReportMove::Locate)?;
        self.becomes(ReportState::Located { at, recorded: stamp }, ReportChange::Located(at, grounds), stamp)
    }

    /// Records that the child is missing again: the same report goes on.
    pub fn go_missing(self, since: Instant, stamp: Stamp) -> Moved<Self, ReportChange> {
        self.legal(ReportMove::GoMissing)?;
        self.becomes(ReportState::Missing { since }, ReportChange::MissingAgain(since), stamp)
    }

    /// Withdraws it as a mistake.
    pub fn withdraw(self, grounds: Grounds, stamp: Stamp) -> Moved<Self, ReportChange> {
        self.legal(ReportMove::Withdraw)?;
        self.becomes(ReportState::Withdrawn { withdrawn: stamp }, ReportChange::Withdrawn(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    const LIMITS: ReportLimits =
        ReportLimits { entry: Span::hours(2), ncmec: Span::hours(24), verify: Span::days(30) };

    fn record(category: Category) -> MissingReportRecord {
        let report = MissingReport { category: Some(category), ..MissingReport::default() };
        MissingReportRecord::receive(id(1), id(2), Instant(0), report, stamp(1)).0
    }

    #[test]
    fn clocks_run_from_receipt() {
        let record =
            record(Category::EndangeredRunaway).enter(EntrySystem::Ncic, stamp(60).at, stamp(61)).unwrap().0;
        let clocks = record.clocks(&LIMITS);
        assert_eq!(clocks.len(), 5);
        let overdue = |at| clocks.iter().filter(|(_, clock)| clock.is_overdue(at)).count();
        assert_eq!(overdue(Instant(0).plus(Span::hours(2))), 0);
        assert_eq!(overdue(Instant(1).plus(Span::hours(2))), 3);
        assert_eq!(overdue(Instant(1).plus(Span::days(30))), 4);
    }

    #[test]
    fn a_child_missing_from_care_is_told_to_ncmec() {
        let clocks = record(Category::MissingFromCare).clocks(&LIMITS);
        let ncmec = clocks.iter().find(|(duty, _)| *duty == ReportDuty::Enter(EntrySystem::Ncmec)).unwrap();
        assert_eq!(ncmec.1.due, Instant(0).plus(Span::hours(24)));
    }

    #[test]
    fn an_imported_report_stands_as_its_system_says() {
        let said = |status, located_at| MissingReport {
            id: "M-7".into(),
            status,
            located_at,
            ..MissingReport::default()
        };
        let import = |report| {
            let own = MissingReportId::of_text("M-7");
            MissingReportRecord::import(own, id(2), Instant(0), report, stamp(1)).0
        };
        let open = import(said(ReportStatus::Missing, None));
        assert_eq!(open.state().word(), "missing");
        let located = import(said(ReportStatus::Recovered, Some(Instant(9))));
        assert_eq!(located.state(), &ReportState::Located { at: Instant(9), recorded: stamp(1) });
        assert_eq!(located.for_matching(), said(ReportStatus::Recovered, Some(Instant(9))));
        assert_eq!(import(said(ReportStatus::Closed, None)).for_matching().located_at, None);
        let found = open.locate(Instant(5), grounds(), stamp(2)).unwrap().0;
        assert_eq!(found.for_matching().located_at, Some(Instant(5)));
        // The other system has not heard of it and sends new words: what was recorded here stands.
        let edited = MissingReport { hair: Some("brown".into()), ..said(ReportStatus::Missing, None) };
        let again = found.update(edited, stamp(3)).unwrap().0;
        assert_eq!((again.state().word(), again.for_matching().status), ("located", ReportStatus::Located));
        let closed = again.update(said(ReportStatus::Closed, Some(Instant(6))), stamp(4)).unwrap().0;
        assert_eq!(closed.for_matching().status, ReportStatus::Closed);
        let back = closed.update(said(ReportStatus::Missing, None), stamp(5)).unwrap().0;
        assert_eq!((back.state().word(), back.for_matching().id.as_str()), ("missing", "M-7"));
    }

    #[test]
    fn a_child_missing_again_is_missing_since_then_and_older() {
        let day = |text| Instant::parse(text).unwrap();
        let (first, later) = (day("2019-03-01"), day("2021-05-01"));
        let said = |since| MissingReport {
            missing_since: Some(since),
            age_when_missing: Some(14),
            ..MissingReport::default()
        };
        let report = MissingReportRecord::receive(id(1), id(2), first, said(first), stamp(1)).0;
        let again = report.locate(day("2019-04-01"), grounds(), stamp(2)).unwrap().0;
        let again = again.go_missing(later, stamp(3)).unwrap().0;
        let since = |record: &MissingReportRecord| {
            let report = record.for_matching();
            (report.missing_since, report.age_when_missing)
        };
        assert_eq!(since(&again), (Some(later), Some(16)));
        assert_eq!(again.report(), &said(first), "what was told stays");
        // Another system that knows nothing of it sends the old day, corrected; then it tells of a third time.
        let told = |report: &MissingReportRecord, at| report.clone().update(said(at), stamp(4)).unwrap().0;
        assert_eq!(since(&told(&again, day("2019-02-27"))), (Some(later), Some(16)));
        assert_eq!(since(&told(&again, day("2022-01-01"))), (Some(day("2022-01-01")), Some(14)));
        // Whoever edits sees the present disappearance, and may correct its day.
        let corrected = MissingReport { missing_since: Some(day("2021-04-30")), ..again.present() };
        let corrected = again.edit(corrected, stamp(5)).unwrap().0;
        assert_eq!(corrected.state(), &ReportState::Missing { since: day("2021-04-30") });
        assert_eq!(since(&corrected), (Some(day("2021-04-30")), Some(16)));
    }

    fn attempt(
        record: MissingReportRecord,
        wanted: ReportMove,
        at: i64,
    ) -> Moved<MissingReportRecord, ReportChange> {
        match wanted {
            ReportMove::Edit => record.edit(MissingReport::default(), stamp(at)),
            ReportMove::Enter => record.enter(EntrySystem::Ncic, stamp(at).at, stamp(at)),
            ReportMove::Verify => record.verify(stamp(at)),
            ReportMove::Locate => record.locate(stamp(at).at, grounds(), stamp(at)),
            ReportMove::GoMissing => record.go_missing(stamp(at).at, stamp(at)),
            ReportMove::Withdraw => record.withdraw(grounds(), stamp(at)),
        }
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let record = record(Category::LostOrInjured);
            walk(record, ReportMove::ALL, &steps, MissingReportRecord::allowed, attempt, |_| ());
        }
    }
}
