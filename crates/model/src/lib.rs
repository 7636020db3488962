//! The words of Homeward: nouns, identities and the values they are made of.
//!
//! Nothing here reads, writes, serialises or looks at a clock. Wire formats live at the edges (`intake`, `archive`,
//! `homeward`), algorithms in `linkage`.

pub mod finding;
pub mod hash;
pub mod missing;
pub mod pdq;
pub mod place;
pub mod posting;
pub mod selector;
pub mod template;
pub mod time;

pub use finding::{Finding, FindingKind, Reason};
pub use hash::{Digest, key64, mix64};
pub use missing::{Associate, Category, MissingReport, ReportStatus};
pub use pdq::{Pdq, Photo};
pub use place::{PlaceMention, Point};
pub use posting::{Authority, Posting, Provenance, RowOffset};
pub use selector::{Selector, SelectorKind};
pub use template::TemplatePart;
pub use time::Instant;
