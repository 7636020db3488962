//! Sets of shares that matching learned and a person accepted, as lines that are only ever appended; taking one back is a line
//! too. The last one that was not taken back is in force.

use crate::Archive;
use crate::error::{ArchiveError, damaged};
use crate::files::{append_line, read_if_there};
use homeward_model::{Digest, Instant};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A set of shares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Version of the rules whose shares were the prior; with other rules the set means nothing.
    pub base: String,
    /// Confirmed matches that taught it.
    pub confirmed: usize,
    /// Shares by factor.
    pub shares: BTreeMap<String, Vec<f64>>,
}

impl Weights {
    /// A set of shares with six decimals: what people read is what is in force, and it reads back as it was written.
    pub fn new(base: &str, confirmed: usize, shares: &BTreeMap<String, Vec<f64>>) -> Weights {
        let rounded = |list: &Vec<f64>| list.iter().map(|share| (share * 1e6).round() / 1e6).collect();
        let shares = shares.iter().map(|(factor, list)| (factor.clone(), rounded(list))).collect();
        Weights { base: base.to_owned(), confirmed, shares }
    }

    /// Its name: a hash of what it says, so that the same set has the same name.
    pub fn id(&self) -> String {
        let said = json!(self).to_string();
        format!("w-{}", &Digest::of(said.as_bytes()).hex()[..16])
    }
}

/// A set as a person accepted it.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// Its name.
    pub id: String,
    /// The set.
    pub weights: Weights,
    /// Why.
    pub why: String,
    /// Who accepted it.
    pub by: String,
    /// When.
    pub at: String,
    /// Taken back since.
    pub reverted: bool,
}

impl Archive {
    /// Every set that was accepted, oldest first, those taken back included.
    pub fn weights(&self) -> Result<Vec<Accepted>, ArchiveError> {
        let path = self.root.join("weights.jsonl");
        let Some(text) = read_if_there(&path)? else { return Ok(Vec::new()) };
        let mut list: Vec<Accepted> = Vec::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).map_err(|error| damaged(&path, error))?;
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            if let Some(reverted) = line["revert"].as_str() {
                list.iter_mut().filter(|one| one.id == reverted).for_each(|one| one.reverted = true);
                continue;
            }
            let weights: Weights =
                serde_json::from_value(line["weights"].clone()).map_err(|error| damaged(&path, error))?;
            let (id, why, by, at) = (text("id"), text("why"), text("by"), text("at"));
            if id != weights.id() {
                return Err(damaged(&path, "a set of weights is not what its name says"));
            }
            list.push(Accepted { id, weights, why, by, at, reverted: false });
        }
        Ok(list)
    }

    /// The set in force: the last that was not taken back.
    pub fn weights_in_force(&self) -> Result<Option<Accepted>, ArchiveError> {
        Ok(self.weights()?.into_iter().rfind(|one| !one.reverted))
    }

    /// Appends a set that a person accepted and returns its name.
    pub fn accept_weights(
        &mut self,
        weights: &Weights,
        why: &str,
        by: &str,
        at: Instant,
    ) -> Result<String, ArchiveError> {
        let id = weights.id();
        append_line(
            &self.root.join("weights.jsonl"),
            &json!({"id": id, "at": at.to_string(), "by": by, "why": why, "weights": weights}),
        )?;
        Ok(id)
    }

    /// Takes a set back. False when there is none of this name that stands.
    pub fn revert_weights(
        &mut self,
        id: &str,
        why: &str,
        by: &str,
        at: Instant,
    ) -> Result<bool, ArchiveError> {
        let stands = self.weights()?.iter().any(|one| one.id == id && !one.reverted);
        if stands {
            append_line(
                &self.root.join("weights.jsonl"),
                &json!({"revert": id, "at": at.to_string(), "by": by, "why": why}),
            )?;
        }
        Ok(stands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_last_set_that_stands_is_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let set = |share: f64| Weights::new("0", 30, &[("hair".to_owned(), vec![share, 1.0 - share])].into());
        let in_force = |archive: &Archive| archive.weights_in_force().unwrap().map(|one| one.weights);
        assert_eq!(in_force(&archive), None);
        let first = archive.accept_weights(&set(0.1 + 0.2), "better", "a.lee", Instant(0)).unwrap();
        let second = archive.accept_weights(&set(0.7), "better still", "a.lee", Instant(1)).unwrap();
        assert_eq!(in_force(&archive), Some(set(0.7)));
        assert!(archive.revert_weights(&second, "it was not", "b.kim", Instant(2)).unwrap());
        assert!(!archive.revert_weights(&second, "again", "b.kim", Instant(3)).unwrap());
        assert_eq!(in_force(&archive), Some(set(0.1 + 0.2)));
        // Accepted again, it is a set that stands; the earlier acceptance stays taken back.
        archive.accept_weights(&set(0.7), "it was", "a.lee", Instant(4)).unwrap();
        let all = archive.weights().unwrap();
        assert_eq!(all.iter().map(|one| one.reverted).collect::<Vec<_>>(), [false, true, false]);
        assert_ne!(first, second);
    }

    #[test]
    fn a_set_that_was_written_over_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(folder.path()).unwrap();
        let set = Weights::new("0", 30, &[("hair".to_owned(), vec![1.0])].into());
        archive.accept_weights(&set, "better", "a.lee", Instant(0)).unwrap();
        let path = folder.path().join("weights.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("1.0", "0.9")).unwrap();
        assert!(archive.weights_in_force().unwrap_err().to_string().contains("weights.jsonl"));
    }
}
