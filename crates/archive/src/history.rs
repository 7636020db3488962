//! What became of the templates and networks of an earlier run: which were put together, which were taken apart, and which
//! only have another name now. Postings that only one of the two runs knows say nothing.

use crate::Archive;
use crate::error::{ArchiveError, io};
use crate::tables::{posting_rows, unquoted};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fs;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    /// Families of near-duplicate texts.
    Template,
    /// The postings of one owner.
    Network,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Happened {
    /// Several are one now.
    Merge,
    /// One is several now.
    Split,
    /// The same under another name: a group is called after its smallest posting.
    Rename,
}

/// A group and how many of the postings in question it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Part {
    /// Its name; none for postings that are in no group.
    pub name: Option<String>,
    /// Postings that both runs know.
    pub postings: usize,
}

/// One change between two runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What is compared.
    pub kind: Grouping,
    /// What happened.
    pub what: Happened,
    /// The groups of the earlier run, largest first.
    pub from: Vec<Part>,
    /// The groups of the later run, largest first.
    pub into: Vec<Part>,
}

impl Archive {
    /// The runs that are kept, oldest first.
    pub fn runs(&self) -> Result<Vec<String>, ArchiveError> {
        let path = self.root.join("runs");
        let mut found = Vec::new();
        for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
            let (folder, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            // What an interrupted write left behind has an extension.
            if folder.join("postings.csv").is_file() && folder.extension().is_none() {
                let written =
                    entry.metadata().and_then(|data| data.modified()).map_err(io("read", &folder))?;
                found.push((written, name));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, name)| name).collect())
    }

    /// The name of the network of each posting of a run, by the posting's id.
    pub fn networks_of(&self, run: &str) -> Result<HashMap<String, String>, ArchiveError> {
        let postings = self.run_file(run, "postings.csv")?;
        Ok(posting_rows(&postings).map(|(id, _, network)| (unquoted(id), network.to_owned())).collect())
    }

    /// What became of the groups of run `before` in run `after`.
    pub fn history(&self, before: &str, after: &str) -> Result<Vec<Change>, ArchiveError> {
        Ok(changes(&self.run_file(before, "postings.csv")?, &self.run_file(after, "postings.csv")?))
    }
}

/// Name of the template and of the network of each posting, by its id; empty for none.
fn groups(postings: &str) -> HashMap<String, [&str; 2]> {
    posting_rows(postings).map(|(id, template, network)| (unquoted(id), [template, network])).collect()
}

fn changes(before: &str, after: &str) -> Vec<Change> {
    let (before, after) = (groups(before), groups(after));
    let mut found = Vec::new();
    for (at, kind) in [Grouping::Template, Grouping::Network].into_iter().enumerate() {
        // How many postings went from which group into which.
        let mut went: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (id, then) in &before {
            if let Some(now) = after.get(id) {
                *went.entry((then[at], now[at])).or_default() += 1;
            }
        }
        let mut out: BTreeMap<&str, Vec<Part>> = BTreeMap::new();
        let mut into: BTreeMap<&str, Vec<Part>> = BTreeMap::new();
        let part = |name: &str, postings: usize| Part {
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            postings,
        };
        let mut size: BTreeMap<&str, usize> = BTreeMap::new();
        for ((then, now), count) in &went {
            *size.entry(then).or_default() += count;
            out.entry(then).or_default().push(part(now, *count));
            into.entry(now).or_default().push(part(then, *count));
        }
        for parts in out.values_mut().chain(into.values_mut()) {
            parts.sort_by(|a, b| b.postings.cmp(&a.postings).then(a.name.cmp(&b.name)));
        }
        // A posting that joins a group is growth; what had two postings or more was a group.
        let group = |name: &str| !name.is_empty() && size.get(name).is_some_and(|size| *size > 1);
        for (then, now) in out.iter().filter(|(then, _)| group(then)) {
            if now.len() > 1 {
                let from = vec![part(then, size[then])];
                found.push(Change { kind, what: Happened::Split, from, into: now.clone() });
            }
        }
        for (now, then) in into.iter().filter(|(now, _)| !now.is_empty()) {
            let groups: Vec<&Part> =
                then.iter().filter(|part| part.name.as_deref().is_some_and(group)).collect();
            let whole = vec![part(now, then.iter().map(|part| part.postings).sum())];
            match &groups[..] {
                [] => {}
                [one] => {
                    let name = one.name.as_deref().unwrap_or_default();
                    if name != *now && out[name].len() == 1 {
                        found.push(Change {
                            kind,
                            what: Happened::Rename,
                            from: vec![(*one).clone()],
                            into: whole,
                        });
                    }
                }
                several => {
                    let from = several.iter().map(|part| (*part).clone()).collect();
                    found.push(Change { kind, what: Happened::Merge, from, into: whole });
                }
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: &[&str]) {
        let table = |rows: &str| {
            let rows =
                rows.split(' ').enumerate().map(|(at, group)| format!("{at},,{}\n", group.trim_matches('-')));
            format!("id,template,network\n{}", rows.collect::<String>())
        };
        let parts = |parts: &[Part]| {
            let part = |part: &Part| format!("{}{}", part.name.as_deref().unwrap_or("-"), part.postings);
            parts.iter().map(part).collect::<Vec<_>>().join("+")
        };
        let found: Vec<String> = changes(&table(before), &table(after))
            .iter()
            .map(|change| format!("{:?} {} > {}", change.what, parts(&change.from), parts(&change.into)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn merges_splits_and_names_are_told() {
        check("a a b b", "a a b b", &[]);
        check("a a b b", "a a a a", &["Merge a2+b2 > a4"]);
        check("a a a a", "a a a b", &["Split a4 > a3+b1"]);
        check("a a b b", "c c b b", &["Rename a2 > c2"]);
        // Growth is no merge: single postings joined.
        check("a a b c", "a a a a", &[]);
        // Taken apart and put together otherwise.
        check("a a b b", "a b b b", &["Merge b2+a1 > b3", "Split a2 > a1+b1"]);
    }
}
