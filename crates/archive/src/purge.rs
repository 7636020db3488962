//! Purge: postings and reports removed for good. The manifest is swapped first, the files go after it; a purge that dies in
//! between is ended by the next opening.

use crate::Archive;
use crate::error::{ArchiveError, damaged, io};
use crate::files::{private_folder, remove, write_whole};
use crate::judgements::Decision;
use crate::manifest::SegmentInfo;
use crate::segment::SegmentWriter;
use homeward_model::{Authority, Digest, Instant, Posting};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::fs;

/// Which postings to remove.
#[derive(Clone, Debug)]
pub enum Purge {
    /// All of a source.
    Source(String),
    /// Posted, or collected when no posting date is known, before a moment.
    Before(Instant),
    /// All versions of one id.
    Id(String),
    /// For each authority, what was entered before a moment: collected, else taken in, else posted.
    Expired(Vec<(Authority, Instant)>),
}

impl Purge {
    /// Whether a posting of a segment goes.
    pub fn hits(&self, posting: &Posting, segment: &SegmentInfo) -> bool {
        match self {
            Purge::Source(source) => posting.source == *source,
            Purge::Before(moment) => posting.seen_at().is_some_and(|at| at < *moment),
            Purge::Id(id) => posting.id == *id,
            Purge::Expired(terms) => {
                let taken_in = segment.taken_in_us.map(Instant);
                let entered = posting.collected_at.or(taken_in).or(posting.posted_at);
                let is_past = |(authority, moment): &(Authority, Instant)| {
                    posting.provenance.authority == *authority && entered.is_some_and(|at| at < *moment)
                };
                terms.iter().any(is_past)
            }
        }
    }

    /// What was asked for without a name or an id in clear.
    fn said(&self) -> String {
        let hash = |text: &str| Digest::of(text.as_bytes()).hex();
        match self {
            Purge::Source(source) => format!("source with SHA-256 {}", hash(source)),
            Purge::Before(moment) => format!("before {moment}"),
            Purge::Id(id) => format!("id with SHA-256 {}", hash(id)),
            Purge::Expired(terms) => {
                let terms: Vec<String> = terms
                    .iter()
                    .map(|(authority, moment)| format!("{} entered before {moment}", authority.word()))
                    .collect();
                format!("past their term: {}", terms.join(", "))
            }
        }
    }
}

/// What was removed for good: hashes only, no content, no id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeReceipt {
    /// What was asked for.
    pub what: String,
    /// Why, in the words of the person who asked.
    pub why: String,
    /// When, microseconds since 1970 in UTC.
    pub at_us: i64,
    /// How many postings or reports went.
    pub removed: usize,
    /// File in `purged/` with the hashes that are not taken in again.
    pub hashes: Option<String>,
}

/// Hashes that are not taken in again.
#[derive(Debug, Default)]
pub struct Barred {
    hashes: FxHashSet<u128>,
}

impl Barred {
    /// Whether a posting was purged, under this id or, where a moment or an address tells it from a repost, another.
    pub fn posting(&self, posting: &Posting) -> bool {
        !self.hashes.is_empty() && keys(posting).any(|digest| self.hashes.contains(&digest.bits()))
    }

    /// Whether a posting with this identity, shortened, was purged.
    pub fn key(&self, identity: u128) -> bool {
        self.hashes.contains(&identity)
    }

    /// Whether a report was purged.
    pub fn report(&self, id: &str) -> bool {
        self.hashes.contains(&report_key(id).bits())
    }
}

/// What bars a posting: its identity, and its content when that holds a posting date or an address. The same text without
/// either may be a repost, which is a new posting.
fn keys(posting: &Posting) -> impl Iterator<Item = Digest> {
    let tells = posting.posted_at.is_some() || posting.url.is_some();
    [Some(posting.identity()), tells.then(|| posting.content_digest())].into_iter().flatten()
}

fn report_key(id: &str) -> Digest {
    Digest::of_parts([b"missing report".as_slice(), id.as_bytes()])
}

impl Archive {
    /// Receipts of all purges, oldest first.
    pub fn purges(&self) -> &[PurgeReceipt] {
        &self.manifest.purged
    }

    /// The hashes that are not taken in again.
    pub(crate) fn barred(&self) -> Result<Barred, ArchiveError> {
        let mut barred = Barred::default();
        for name in self.manifest.purged.iter().filter_map(|receipt| receipt.hashes.as_ref()) {
            let path = self.root.join("purged").join(name);
            let text = fs::read_to_string(&path).map_err(io("read", &path))?;
            for line in text.lines() {
                let digest = Digest::parse(line).ok_or_else(|| damaged(&path, "a line is no hash"))?;
                barred.hashes.insert(digest.bits());
            }
        }
        Ok(barred)
    }

    /// How many stored versions of postings a purge would remove.
    pub fn count(&self, what: &Purge) -> Result<usize, ArchiveError> {
        let mut count = 0;
        for segment in self.segments() {
            for batch in self.batches(segment)? {
                count += batch?.iter().filter(|posting| what.hits(posting, segment)).count();
            }
        }
        Ok(count)
    }

    /// Removes postings for good: segments written anew without them, their index, runs, rejected rows and caches that
    /// could quote them removed, their hashes barred. Returns how many postings were removed.
    pub fn purge(&mut self, what: &Purge, why: &str, now: Instant) -> Result<usize, ArchiveError> {
        let mut segments = Vec::new();
        let mut identities: FxHashSet<Digest> = FxHashSet::default();
        let mut hashes: Vec<Digest> = Vec::new();
        for segment in self.segments() {
            let mut hit = 0;
            for batch in self.batches(segment)? {
                for posting in batch?.iter().filter(|posting| what.hits(posting, segment)) {
                    hit += 1;
                    identities.insert(posting.identity());
                    hashes.extend(keys(posting));
                }
            }
            match hit {
                0 => segments.push(segment.clone()),
                hit if hit == segment.postings => {}
                _ => segments.push(self.without(segment, what)?),
            }
        }
        if identities.is_empty() {
            // Nobody can tell what a rejected row holds, so every purge removes them.
            self.empty("rejected")?;
            return Ok(0);
        }
        self.manifest.segments = segments;
        self.end_purge(what.said(), why, now, identities.len(), hashes)?;
        Ok(identities.len())
    }

    /// Removes a missing report for good, with the runs that could quote it. Returns whether there was one.
    pub fn purge_report(&mut self, id: &str, why: &str, now: Instant) -> Result<bool, ArchiveError> {
        let (gone, kept): (Vec<_>, Vec<_>) = self.reports()?.into_iter().partition(|report| report.id == id);
        if gone.is_empty() && !self.has_supplement(id) {
            return Ok(false);
        }
        self.write_reports(kept.iter())?;
        let mut decisions = self.record_decisions()?;
        decisions.retain(|decision| match decision {
            Decision::Reject { report, .. } | Decision::Confirm { report, .. } => report != id,
            Decision::OneChild { reports, .. } => reports.0 != id && reports.1 != id,
            Decision::Dismiss { report, .. } => report.as_deref() != Some(id),
            Decision::Veto { .. } | Decision::Same { .. } | Decision::Apart { .. } => true,
        });
        self.write_decisions(&decisions)?;
        let said = format!("report with SHA-256 {}", Digest::of(id.as_bytes()).hex());
        self.end_purge(said, why, now, 1, vec![report_key(id)])?;
        Ok(true)
    }

    /// A segment written anew without what a purge removes.
    fn without(&self, segment: &SegmentInfo, what: &Purge) -> Result<SegmentInfo, ArchiveError> {
        let mut writer = SegmentWriter::new(&self.root.join("segments"))?;
        for batch in self.batches(segment)? {
            for posting in batch?.into_iter().filter(|posting| !what.hits(posting, segment)) {
                writer.push(posting)?;
            }
        }
        writer.finish(segment.taken_in_us)
    }

    fn end_purge(
        &mut self,
        what: String,
        why: &str,
        now: Instant,
        removed: usize,
        mut hashes: Vec<Digest>,
    ) -> Result<(), ArchiveError> {
        hashes.sort_unstable();
        hashes.dedup();
        let text: String = hashes.iter().map(|digest| digest.hex() + "\n").collect();
        let name = format!("{}.txt", &Digest::of(text.as_bytes()).hex()[..32]);
        write_whole(&self.root.join("purged").join(&name), text.as_bytes())?;
        let why = why.to_owned();
        self.manifest.purged.push(PurgeReceipt { what, why, at_us: now.0, removed, hashes: Some(name) });
        self.manifest.latest_run = None;
        self.manifest.clearing = true;
        self.commit()?;
        self.clear()
    }

    /// Removes every file that could still hold what a purge removed, then says so in the manifest.
    pub(crate) fn clear(&mut self) -> Result<(), ArchiveError> {
        for folder in ["runs", "state", "rejected"] {
            self.empty(folder)?;
        }
        self.redact_searches(&self.barred()?)?;
        self.sweep()?;
        self.manifest.clearing = false;
        self.commit()
    }

    fn empty(&self, folder: &str) -> Result<(), ArchiveError> {
        let folder = self.root.join(folder);
        remove(&folder)?;
        private_folder(&folder).map_err(io("make", &folder))
    }
}
