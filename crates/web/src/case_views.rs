//! What pages and programs see of a case. No name of a victim stands here, and no birth date: victims have numbers and ages.

use serde::Serialize;
use utoipa::ToSchema;

/// A case as lists show it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseHead {
    /// Its id.
    pub(crate) id: String,
    /// `opened`, `accepted`, `active`, `charged`, `disposed`, `closed` or `declined`.
    pub(crate) state: &'static str,
    /// The crime of its predicate.
    pub(crate) crime: String,
    /// Name of the organisation that owns it.
    pub(crate) owner: String,
    /// Who opened it.
    pub(crate) opened_by: String,
    /// When.
    pub(crate) opened_at: String,
    /// Who works it.
    pub(crate) team: Vec<String>,
    /// How many subjects.
    pub(crate) subjects: usize,
    /// How many counts stand.
    pub(crate) counts: usize,
    /// How many exhibits.
    pub(crate) exhibits: usize,
    /// Elements that must be shown and that nothing shows, over all counts.
    pub(crate) gaps: usize,
    /// Tasks that are not done.
    pub(crate) open_tasks: usize,
    /// Those of them that are yours, with their dates.
    pub(crate) own_tasks: Vec<TaskView>,
}

/// A subject.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubjectView {
    /// The person.
    pub(crate) person: String,
    /// The name or names.
    pub(crate) name: String,
    /// The age at the time of the offence.
    pub(crate) age: String,
}

/// A victim: a number and no name.
#[derive(Serialize, ToSchema)]
pub(crate) struct VictimView {
    /// The number in this case.
    pub(crate) number: u32,
    /// The person.
    pub(crate) person: String,
    /// The record of the victim, when there is one.
    pub(crate) victim: Option<String>,
    /// `from a birth date`, or the age that was estimated.
    pub(crate) age: String,
}

/// A way to show an element.
#[derive(Serialize, ToSchema)]
pub(crate) struct WayView {
    /// What to name in a link.
    pub(crate) id: String,
    /// What is shown.
    pub(crate) text: String,
}

/// What shows an element.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShownView {
    /// The number of the link.
    pub(crate) link: u32,
    /// `exhibit 1` or `note 2`.
    pub(crate) evidence: String,
    /// In which way.
    pub(crate) way: Option<String>,
    /// Whether it is the testimony of the victim, or worth nothing without it.
    pub(crate) testimony: bool,
}

/// An element of a count.
#[derive(Serialize, ToSchema)]
pub(crate) struct ElementView {
    /// What to name in a link.
    pub(crate) id: String,
    /// What must be shown.
    pub(crate) text: String,
    /// The law.
    pub(crate) cite: String,
    /// `element`, `aggravation`, `defence` or `restitution`.
    pub(crate) role: &'static str,
    /// What is easily overlooked.
    pub(crate) hint: Option<String>,
    /// The ways to show it that are open; none when there is only one.
    pub(crate) ways: Vec<WayView>,
    /// What shows it.
    pub(crate) shown: Vec<ShownView>,
    /// Whether it must be shown and nothing shows it.
    pub(crate) gap: bool,
    /// Whether something shows it that does not rest on the testimony of the victim.
    pub(crate) without_testimony: bool,
}

/// What a person must look at.
#[derive(Serialize, ToSchema)]
pub(crate) struct PromptView {
    /// What.
    pub(crate) text: String,
    /// The law.
    pub(crate) cite: String,
}

/// A count with its elements. It is no score, no chance of guilt and no advice on charging.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountView {
    /// Its number.
    pub(crate) number: u32,
    /// The section.
    pub(crate) section: String,
    /// What the offence is called.
    pub(crate) name: String,
    /// The wording in force on the first day.
    pub(crate) law: String,
    /// Whether that wording must be confirmed before it is used in court.
    pub(crate) confirm: bool,
    /// What the statute threatens.
    pub(crate) penalty: String,
    /// The verb.
    pub(crate) verb: Option<String>,
    /// First and last day.
    pub(crate) days: String,
    /// The number of the victim.
    pub(crate) victim: Option<u32>,
    /// The age on the first and the last day.
    pub(crate) ages: Option<String>,
    /// Names of the subjects.
    pub(crate) against: Vec<String>,
    /// The elements.
    pub(crate) elements: Vec<ElementView>,
    /// What a person must look at.
    pub(crate) prompts: Vec<PromptView>,
}

impl CountView {
    /// How many elements that must be shown nothing shows.
    pub(crate) fn gaps(&self) -> usize {
        self.elements.iter().filter(|element| element.gap).count()
    }

    /// How many links there are to withdraw.
    pub(crate) fn links(&self) -> usize {
        self.elements.iter().map(|element| element.shown.len()).sum()
    }
}

/// One hop of a chain of custody.
#[derive(Serialize, ToSchema)]
pub(crate) struct HopView {
    /// Who gave it.
    pub(crate) from: String,
    /// Who took it.
    pub(crate) to: String,
    /// When.
    pub(crate) at: String,
    /// What for.
    pub(crate) purpose: String,
    /// The mark as the taker found it.
    pub(crate) found: String,
    /// The new seal.
    pub(crate) resealed: Option<String>,
    /// Who recorded it.
    pub(crate) recorded_by: String,
}

/// An exhibit.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExhibitView {
    /// Its number.
    pub(crate) number: u32,
    /// What it is.
    pub(crate) description: String,
    /// SHA-256 of the file.
    pub(crate) sha256: Option<String>,
    /// Its size in bytes.
    pub(crate) bytes: Option<u64>,
    /// The seal that it bears now, when it is a thing.
    pub(crate) seal: Option<String>,
    /// When it was collected, from and until.
    pub(crate) collected: String,
    /// Who collected it.
    pub(crate) performer: String,
    /// On what authority.
    pub(crate) authority: &'static str,
    /// What that rests on.
    pub(crate) basis: String,
    /// Who holds it now.
    pub(crate) holder: String,
    /// Since when.
    pub(crate) since: String,
    /// The hops, first to last.
    pub(crate) chain: Vec<HopView>,
}

/// A charge.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChargeView {
    /// Its number.
    pub(crate) number: u32,
    /// Whom it is against.
    pub(crate) against: String,
    /// The section of law.
    pub(crate) section: String,
    /// The count that it rests on.
    pub(crate) count: Option<u32>,
    /// How it ended.
    pub(crate) ended: Option<String>,
}

/// A task.
#[derive(Serialize, ToSchema)]
pub(crate) struct TaskView {
    /// Its number.
    pub(crate) number: u32,
    /// What is to be done.
    pub(crate) what: String,
    /// By whom.
    pub(crate) to: String,
    /// Until when.
    pub(crate) due: Option<String>,
    /// When it was done, and by whom.
    pub(crate) done: Option<String>,
    /// Whether its date is past and it is not done.
    pub(crate) overdue: bool,
}

/// A note.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoteView {
    /// Its number.
    pub(crate) number: u32,
    /// What it says.
    pub(crate) text: String,
    /// Who wrote it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
}

/// Something with a date.
#[derive(Serialize, ToSchema)]
pub(crate) struct DatedView {
    /// When.
    pub(crate) at: String,
    /// What.
    pub(crate) what: String,
}

/// A case.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseView {
    /// What lists show.
    #[serde(flatten)]
    pub(crate) head: CaseHead,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// `commercial sex` or `other`.
    pub(crate) matter: &'static str,
    /// The lead that it was promoted from.
    pub(crate) lead: Option<String>,
    /// The facts of the predicate.
    pub(crate) facts: String,
    /// Who accepted the predicate, and when.
    pub(crate) accepted: Option<String>,
    /// The date of their certificate in 28 CFR part 23.
    pub(crate) certified: Option<String>,
    /// Subjects.
    pub(crate) subjects: Vec<SubjectView>,
    /// Victims.
    pub(crate) victims: Vec<VictimView>,
    /// Counts that stand.
    pub(crate) counts: Vec<CountView>,
    /// Counts that were dropped, by number.
    pub(crate) dropped: Vec<u32>,
    /// Exhibits.
    pub(crate) exhibits: Vec<ExhibitView>,
    /// Charges.
    pub(crate) charges: Vec<ChargeView>,
    /// Tasks.
    pub(crate) tasks: Vec<TaskView>,
    /// Notes.
    pub(crate) notes: Vec<NoteView>,
    /// All that has a date, oldest first.
    pub(crate) timeline: Vec<DatedView>,
}
