//! The words of Homeward: nouns, identities and the values they are made of.
//!
//! Nothing here reads, writes, serialises or looks at a clock. Wire formats live at the edges (`intake`, `archive`,
//! `homeward`), algorithms in `linkage`.

pub mod age;
pub mod contact;
pub mod finding;
pub mod hash;
pub mod id;
pub mod lead;
pub mod missing;
pub mod moves;
pub mod pdq;
pub mod place;
pub mod posting;
pub mod selector;
pub mod template;
#[cfg(test)]
mod testing;
pub mod text;
pub mod time;
pub mod window;
mod words;

pub use age::{ADULT, AgeAt, BirthDate};
pub use contact::{EmailAddress, Ori, PhoneNumber};
pub use finding::{Finding, FindingKind, Reason};
pub use hash::{Digest, key64, mix64};
pub use id::*;
pub use lead::{Lead, LeadChange, LeadMove, LeadOrigin, LeadOutcome, LeadState, Priority, Route};
pub use missing::{Associate, Category, MissingReport, ReportStatus};
pub use moves::{Change, IllegalMove, Moved, Refused, Stamp};
pub use pdq::{Pdq, Photo};
pub use place::{PlaceMention, Point};
pub use posting::{Authority, Posting, Provenance, RowOffset};
pub use selector::{Selector, SelectorKind};
pub use template::TemplatePart;
pub use text::Grounds;
pub use time::Instant;
pub use window::{Area, DateWindow, RadiusKm, Span};
