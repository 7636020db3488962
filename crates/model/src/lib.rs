//! The words of Homeward: nouns, identities and the values they are made of.
//!
//! Nothing here reads, writes, serialises or looks at a clock. Wire formats live at the edges (`intake`, `archive`,
//! `homeward`), algorithms in `linkage`.

pub mod age;
pub mod agency;
pub mod case;
pub mod case_file;
pub mod check;
pub mod clock;
pub mod contact;
pub mod count;
pub mod disclosure;
pub mod disposition;
pub mod draft;
pub mod emergency;
pub mod event;
pub mod exhibit;
pub mod finding;
pub mod hash;
pub mod hit;
pub mod id;
pub mod initiative;
pub mod judgement;
pub mod lead;
pub mod member;
pub mod missing;
pub mod moves;
pub mod note;
pub mod notification;
pub mod operation;
pub mod pdq;
pub mod period;
pub mod place;
pub mod plan;
pub mod posting;
pub mod publication;
pub mod recovery;
pub mod referral;
pub mod release;
pub mod report;
pub mod result;
pub mod selector;
pub mod subject;
pub mod template;
#[cfg(test)]
mod testing;
pub mod text;
pub mod time;
pub mod tip;
pub mod victim;
pub mod walled;
pub mod window;
mod words;

pub use age::{ADULT, AgeAt, BirthDate};
pub use agency::{
    Agency, AgencyChange, AgencyKind, AgencyMove, AgencyState, FieldOffice, TaskForce, TaskForceChange,
};
pub use case::{
    Case, CaseChange, CaseDisposition, CaseMove, CaseParts, CaseState, Charge, Charged, Predicate,
};
pub use case_file::{
    Alleged, CaseCount, CaseEntry, CaseEvidence, CaseFile, CaseLink, CaseNote, CaseTask, CaseVictim,
    KnownAge, Shows,
};
pub use check::{Check, CheckChange, CheckMove, CheckReceipt, CheckState, CheckTarget};
pub use clock::Clock;
pub use contact::{EmailAddress, Ori, PhoneNumber};
pub use count::{By, Count, CountedFact, Figures, Ledger, Line, Tally};
pub use disclosure::{Disclosure, DisclosureChange, DisclosureTerms, Telling};
pub use disposition::{Disposition, DispositionChange, DispositionMove, DispositionState};
pub use draft::{Draft, DraftChange, DraftMove, DraftState};
pub use emergency::{Emergency, EmergencyChange, EmergencyMove, EmergencyState, EmergencyVerdict};
pub use event::{
    Arrest, Brief, Checked, Event, EventChange, EventKind, EventMove, EventParts, EventState, LogEntry, Plan,
    Screened, Screening, SpecialistHour, Team,
};
pub use exhibit::{Collection, Exhibit, Mark, NewExhibit, Transfer};
pub use finding::{Finding, FindingKind, Reason};
pub use hash::{Digest, key64, mix64};
pub use hit::{Asked, AskedSystems, CheckOutcome, Hit, Pointer};
pub use id::*;
pub use initiative::{Initiative, InitiativeChange, InitiativeMove, InitiativeState, Joined};
pub use judgement::{
    Conclusions, Judged, JudgedKind, Judgement, JudgementChange, Judgements, Standing, Verdict,
};
pub use lead::{Lead, LeadChange, LeadMove, LeadOrigin, LeadOutcome, LeadState, Priority, Route};
pub use member::{AccessEnd, Member, MemberChange, MemberMove, MemberScope, MemberState, Role, Roles};
pub use missing::{Associate, Category, MissingReport, ReportStatus};
pub use moves::{Change, IllegalMove, Moved, Refused, Stamp};
pub use note::{Note, NoteAbout};
pub use notification::{NoticeKind, Notification};
pub use operation::{Operation, OperationChange, OperationMove, OperationState};
pub use pdq::{Pdq, Photo};
pub use period::{Amendment, Fixed, Frozen, Period, PeriodChange, PeriodMove, PeriodState};
pub use place::{PlaceMention, Point};
pub use plan::{
    Delivered, Need, PlanTerms, ServicePlan, ServicePlanChange, ServicePlanMove, ServicePlanState,
};
pub use posting::{Authority, Posting, Provenance, RowOffset};
pub use publication::{Cell, Published, publish};
pub use recovery::{
    RecoveryChange, RecoveryFact, RecoveryFacts, RecoveryKind, RecoveryStep, recovery_clocks,
};
pub use referral::{Referral, ReferralAsks, ReferralChange, ReferralMove, ReferralState};
pub use release::{Release, ReleaseChange, ReleaseTerms, Signature, Walled, opened};
pub use report::{
    EntrySystem, MissingReportRecord, ReportChange, ReportDuty, ReportLimits, ReportMove, ReportState,
};
pub use result::{Counted, CountedResult, Place, ResultChange, ResultKind, ResultMove, ResultState};
pub use selector::{Selector, SelectorKind};
pub use subject::{Learned, Matter, Subject, Subjects};
pub use template::{SlotKind, TemplatePart};
pub use text::Grounds;
pub use time::Instant;
pub use tip::{Tip, TipChange, TipMove, TipSender, TipState};
pub use victim::{Met, Pairing, Victim, VictimChange, VictimCourse};
pub use walled::{ProviderChange, ProviderRecord, ProviderTerms, ServiceNote};
pub use window::{Area, DateWindow, RadiusKm, Span};
