//! Victims, what happened to them, and who cares for them.

mod any_order;
mod recovery;
mod wall;

pub use any_order::*;
pub use recovery::*;
pub use wall::*;
