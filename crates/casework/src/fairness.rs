//! How well matching does for whom: recall, precision and calibration by sex, race, region, size of place and category, and
//! which differences are larger than chance.
//!
//! It reads what matching said after the fact. Race stands here and in no list: nothing of this goes back into a probability
//! or a rank.

mod groups;
mod measure;
mod statistics;

pub use groups::{Dimension, groups_of};
pub use homeward_archive::{FairnessReport, Figure, Grouped};
pub use measure::{Calibration, Comparison, Group, Measure, Rate, Row, Subject, Table, measure};

use crate::runs::blocking;
use crate::{Casework, Context, Result};
use homeward_access::{Act, Kind, Resource};
use homeward_archive::{Archive, ArchiveError};

impl Casework {
    /// The report that was kept last, for who answers for the work or audits it; none when none was kept.
    pub async fn fairness(&self, context: &Context<'_>) -> Result<Option<FairnessReport>> {
        let of_own = Resource::owned(Kind::AuditTrail, context.actor.organisation);
        self.store().permit(context, Act::ReadFairness, &of_own, None, &[]).await?;
        let data = self.data().to_owned();
        let read = blocking(move || match Archive::open_read(&data) {
            Ok(archive) => archive.fairness(),
            Err(ArchiveError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        });
        Ok(read.await??)
    }
}
