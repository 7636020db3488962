//! How well matching does for whom: recall, precision and calibration by sex, race, region, size of place and category, and
//! which differences are larger than chance.
//!
//! It reads what matching said after the fact. Race stands here and in no list: nothing of this goes back into a probability
//! or a rank.

mod groups;
mod measure;
mod statistics;

pub use groups::{Dimension, groups_of};
pub use measure::{Calibration, Comparison, Group, Measure, Rate, Row, Subject, Table, measure};
