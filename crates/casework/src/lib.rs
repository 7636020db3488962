//! What people do with the record: one function for each act, in a file for each noun.
//!
//! Every act takes the store's [`Context`]: who acts, what for, from where, when. The store decides whether they may; here
//! lies what an act means for other nouns: which office a lead goes to, who must be told, what an engine's finding becomes.
//! Nothing here knows HTTP, SQL or linkage.

mod agency;
mod asking;
mod audit;
mod board;
mod care;
mod case;
mod check;
mod contradiction;
mod day;
mod disclosure;
mod event;
mod evidence;
pub mod fairness;
mod finding;
#[cfg(test)]
mod fresh;
mod initiative;
mod install;
mod judgement;
mod lead;
mod matrix;
mod member;
mod notice;
mod office;
mod operation;
#[cfg(feature = "testing")]
pub mod rehearsal;
mod report;
mod restrict;
mod results;
mod runs;
mod search;
mod selectors;
mod services;
mod sight;
mod sign_in;
mod tip;
mod trouble;
mod victim;
mod who;
mod written;
mod written_case;
mod written_event;
mod written_report;

pub use asking::{WrittenCheck, WrittenPlan};
pub use board::{Board, BoardRow, EventsOfDay, overdue};
pub use care::{Care, PlanStep, ReferralStep};
pub use check::{CheckClock, CheckSeen, PointedAt, check_clocks};
pub use contradiction::Rejected;
pub use day::Day;
pub use disclosure::{Compliance, WrittenDisclosure};
pub use event::{EventSeen, Nameable};
pub use evidence::{Evidence, SharedText};
pub use finding::{FindingFilter, FindingPage, FindingView, OfferedHead};
pub use initiative::WrittenInitiative;
pub use install::{NewAccount, NewAgency};
pub use lead::{Routing, Triage};
pub use matrix::{CountMatrix, ElementRow, Prompt, ShownBy, gaps, matrix};
pub use member::{CodeSecret, check_password, code_secret, invitation};
pub use office::{OfficeOf, office_id, office_named, office_of, task_force_of};
pub use operation::WrittenOperation;
pub use report::{ReportClock, overdue_clocks, report_clocks, report_task_force};
pub use results::{Cell, FactSeen, FiguresSeen, PeriodSeen, WrittenCount, WrittenResult};
pub use runs::Reader;
pub use search::{SearchPage, asks_for_a_person};
pub use services::ServiceFound;
pub use sight::{Others, OwnAct, Seer, Sights};
pub use sign_in::{SignIn, SignedIn};
pub use trouble::{Result, Trouble, if_any, records};
pub use victim::{StepClock, WrittenVictim, next_step, overdue_steps, step_clocks};
pub use who::Who;
pub use written::WrittenPlace;
pub use written_case::{
    WrittenCase, WrittenCaseCount, WrittenCaseVictim, WrittenCharge, WrittenExhibit, WrittenLink,
    WrittenSubject, WrittenTask, WrittenTransfer,
};
pub use written_event::{WrittenBrief, WrittenEvent, WrittenTeam, WrittenWhere};
pub use written_report::WrittenReport;

pub use homeward_archive::{FindingHead, LinkRow, TemplateRow};
pub use homeward_directory::{Hour, Listing, ListingKind, Opening, Search, Service, Status};
pub use homeward_store::audit::{AuditEntry, AuditFilter, AuditPage};
pub use homeward_store::event::Readiness;
pub use homeward_store::form_draft::KeptForm;
pub use homeward_store::history::Step;
pub use homeward_store::release_log::{Logged, Released};
pub use homeward_store::services::Taken;
pub use homeward_store::session::{Seat, Sitting};
pub use homeward_store::{Context, Count, Held, Listed, Outside, Page, Revision, Store, StoreOptions};

use homeward_model::{AgencyId, MemberId};
use homeward_store::result::Counting;
use runs::Runs;
use std::path::Path;
use std::sync::Arc;

/// The acts of the record over a store and an archive. Clones share both.
#[derive(Clone)]
pub struct Casework(Arc<Inner>);

struct Inner {
    store: Store,
    runs: Runs,
    who: who::Cached,
    services: services::Remembered,
    desk: AgencyId,
}

/// What an act did, and who was told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Done<T> {
    /// What it did.
    pub record: T,
    /// Members who were told.
    pub told: Vec<MemberId>,
}

impl Casework {
    /// Casework over a store and the archive of a data folder. The desk is the organisation that runs this system: it
    /// answers for findings and takes tips. `reader` searches the archive; without one, searches say that they cannot.
    pub fn new(store: Store, data: &Path, desk: AgencyId, reader: Option<Arc<dyn Reader>>) -> Casework {
        store.count_for(Counting { desk, place: office::place_of });
        let (runs, who) = (Runs::new(data, reader), who::Cached::default());
        Casework(Arc::new(Inner { store, runs, who, services: services::Remembered::default(), desk }))
    }

    /// The organisation that runs this system.
    pub fn desk(&self) -> AgencyId {
        self.0.desk
    }

    /// Whether database, trail and witness can be written.
    pub async fn healthy(&self, outside: Outside<'_>) -> Result<()> {
        Ok(self.store().healthy(outside).await?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn runs(&self) -> &Runs {
        &self.0.runs
    }
}
