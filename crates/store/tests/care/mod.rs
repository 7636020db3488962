//! Victims, what happened to them, and who cares for them.

mod recovery;

pub use recovery::*;
