//! The rules in force in a data folder: those of this build, with the shares of matching that a person accepted there.
//!
//! The version of such rules names both: `0123456789abcdef+w-0123456789abcdef`. Caches do not depend on shares and are kept by
//! the build's version alone.

use homeward_archive::{Accepted, Archive, ArchiveError};
use homeward_linkage::outcomes;
use homeward_rules::Rules;

/// The rules that the next run uses. A set that was learned from other rules means nothing here and waits to be learned anew.
pub fn rules(archive: &Archive) -> Result<Rules, ArchiveError> {
    let accepted = archive.weights_in_force()?;
    Ok(accepted.and_then(|accepted| with(&accepted)).unwrap_or_else(|| Rules::embedded().clone()))
}

/// The rules of a version, also with a set that was taken back since; `None` when this build or folder does not know it.
pub fn named(archive: &Archive, version: &str) -> Result<Option<Rules>, ArchiveError> {
    let base = Rules::embedded();
    if version == base.version {
        return Ok(Some(base.clone()));
    }
    let sets = archive.weights()?;
    Ok(sets.iter().filter_map(with).find(|rules| rules.version == version))
}

/// The rules of this build with an accepted set of shares; `None` when the set was learned from others.
pub fn with(accepted: &Accepted) -> Option<Rules> {
    let base = Rules::embedded();
    let weights = Some(&accepted.weights).filter(|weights| weights.base == base.version)?;
    let version = format!("{}+{}", base.version, accepted.id);
    Some(Rules { version, ..outcomes::with_shares(base, &weights.shares)? })
}
