//! Notes on a record: written once; a correction is a further note that names the one it corrects.

use crate::{AgencyId, CaseId, Grounds, LeadId, NoteId, Stamp, VictimId};

/// What a note is about, and so where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteAbout {
    /// A lead, with the tips and leads.
    Lead(LeadId),
    /// A case, in the case file.
    Case(CaseId),
    /// A victim, behind the wall of the provider whose member wrote it.
    Service(VictimId),
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// What it is about.
    pub about: NoteAbout,
    /// The organisation of its author, which owns it.
    pub owner: AgencyId,
    /// What it says.
    pub text: Grounds,
    /// The note that it corrects.
    pub corrects: Option<NoteId>,
    /// Who wrote it, and when.
    pub written: Stamp,
}
