//! Taking postings in: what is there already is counted, the rest becomes segments, visible in one step.

use crate::Archive;
use crate::error::ArchiveError;
use crate::files::write_whole;
use crate::manifest::SegmentInfo;
use crate::purge::Barred;
use crate::segment::{self, SegmentWriter};
use homeward_model::{Digest, Instant, Posting, RowOffset};
use rustc_hash::FxHashSet;
use serde::Serialize;

/// Postings in one segment.
const SEGMENT: usize = 100_000;

/// Counts of an ingest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// New postings.
    pub accepted: usize,
    /// Postings that are there already.
    pub repeated: usize,
    /// New versions of postings that are there.
    pub changed: usize,
    /// Rows not taken.
    pub rejected: usize,
}

/// Takes postings in; nothing is there until [`Writer::commit`].
pub struct Writer<'a> {
    archive: &'a mut Archive,
    identities: FxHashSet<u128>,
    versions: FxHashSet<u128>,
    barred: Barred,
    open: Option<SegmentWriter>,
    segments: Vec<SegmentInfo>,
    rejected: String,
    receipt: Receipt,
    taken_in_us: Option<i64>,
}

/// One version of one posting as a single key.
fn version(identity: u128, content: u128) -> u128 {
    identity.rotate_left(64) ^ content
}

impl Archive {
    /// Begins to take postings in.
    pub fn writer(&mut self) -> Result<Writer<'_>, ArchiveError> {
        let (mut identities, mut versions) = (FxHashSet::default(), FxHashSet::default());
        for segment in &self.manifest.segments {
            for (identity, content) in segment::keys(&self.segment_path(&segment.id))? {
                identities.insert(identity);
                versions.insert(version(identity, content));
            }
        }
        let barred = self.barred()?;
        Ok(Writer {
            archive: self,
            identities,
            versions,
            barred,
            open: None,
            segments: Vec::new(),
            rejected: String::new(),
            receipt: Receipt::default(),
            taken_in_us: None,
        })
    }
}

impl Writer<'_> {
    /// Says what time it is: retention counts from it where a posting does not say when it was collected.
    #[must_use]
    pub fn at(mut self, now: Instant) -> Self {
        self.taken_in_us = Some(now.0);
        self
    }

    /// Takes one posting in.
    pub fn add(&mut self, posting: Posting) -> Result<(), ArchiveError> {
        if self.barred.posting(&posting) {
            let provenance = &posting.provenance;
            self.reject(&provenance.file, &place_of(provenance.offset), "purged before and barred since", "");
            return Ok(());
        }
        let identity = posting.identity().bits();
        if !self.versions.insert(version(identity, posting.content_digest().bits())) {
            self.receipt.repeated += 1;
            return Ok(());
        }
        if self.identities.insert(identity) {
            self.receipt.accepted += 1;
        } else {
            self.receipt.changed += 1;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(SegmentWriter::new(&self.archive.root.join("segments"))?),
        };
        open.push(posting)?;
        if open.len() >= SEGMENT { self.roll() } else { Ok(()) }
    }

    /// Keeps a row that was not taken.
    pub fn reject(&mut self, file: &str, offset: &str, reason: &str, raw: &str) {
        self.receipt.rejected += 1;
        let row = serde_json::json!({"file": file, "offset": offset, "reason": reason, "raw": raw});
        self.rejected.push_str(&row.to_string());
        self.rejected.push('\n');
    }

    fn roll(&mut self) -> Result<(), ArchiveError> {
        if let Some(open) = self.open.take() {
            self.segments.push(open.finish(self.taken_in_us)?);
        }
        Ok(())
    }

    /// Makes everything taken in visible in one step.
    pub fn commit(mut self) -> Result<Receipt, ArchiveError> {
        self.roll()?;
        if !self.rejected.is_empty() {
            let name = format!("{}.jsonl", &Digest::of(self.rejected.as_bytes()).hex()[..32]);
            write_whole(&self.archive.root.join("rejected").join(name), self.rejected.as_bytes())?;
        }
        self.archive.manifest.segments.append(&mut self.segments);
        self.archive.commit()?;
        Ok(self.receipt)
    }
}

/// Where a row began, in words: `line 7`.
pub fn place_of(offset: RowOffset) -> String {
    match offset {
        RowOffset::Line(at) => format!("line {at}"),
        RowOffset::Byte(at) => format!("byte {at}"),
        RowOffset::Row(at) => format!("row {at}"),
    }
}
