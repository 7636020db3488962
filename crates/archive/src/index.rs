//! The text index: one immutable folder for each segment, named by the segment and by how its postings were read. Row n of
//! the segment is document n of the index, so that nothing but terms, positions and four numbers is kept here.
//!
//! The archive reads no text itself: whoever builds an index hands over an [`Entry`] for every posting.

use crate::error::{ArchiveError, damaged, io, unwritten};
use crate::files::{into_place, private_folder, remove};
use crate::{Archive, SegmentInfo};
use homeward_model::{Digest, Posting, SelectorKind};
use std::fs;
use std::path::{Path, PathBuf};
use tantivy::directory::{Directory, MmapDirectory, RamDirectory};
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{LowerCaser, SimpleTokenizer, TextAnalyzer, TokenizerManager};
use tantivy::{Index, ReloadPolicy, Searcher, TantivyDocument};

/// Layout of the index; another layout is made anew.
const LAYOUT: &str = "2";
/// Bytes for the index's tables while it is built; terms beyond it grow in memory, and a segment is bounded.
const BUDGET: usize = 64 << 20;

/// What the index holds of one posting beside its id, source and moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Title and body with look-alikes folded.
    pub text: String,
    /// Identifiers, normalised.
    pub selectors: Vec<(SelectorKind, String)>,
    /// Names of the place, each as [`crate::words`] joined by one space: `charlotte`, `nc`, `charlotte nc`.
    pub places: Vec<String>,
    /// The place in the posting's own words.
    pub place_text: String,
}

/// Turns postings into what the index holds of them, one for one.
pub type Read<'a> = dyn Fn(&[Posting]) -> Vec<Entry> + Sync + 'a;

/// The fields of the index.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    pub id: Field,
    pub identity: Field,
    pub source: Field,
    pub text: Field,
    pub selector: Field,
    pub place: Field,
    pub place_text: Field,
    pub seen_at: Field,
    pub collected_at: Field,
    pub content: Field,
}

impl Fields {
    /// The schema and its fields; always the same.
    pub fn schema() -> (Schema, Fields) {
        let mut schema = Schema::builder();
        let indexed = |tokenizer: &str, option: IndexRecordOption| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(option)
                .set_fieldnorms(false);
            TextOptions::default().set_indexing_options(indexing)
        };
        let exact = indexed("raw", IndexRecordOption::Basic);
        let words = indexed("words", IndexRecordOption::WithFreqsAndPositions);
        let fields = Fields {
            id: schema.add_text_field("id", exact.clone()),
            identity: schema.add_u64_field("identity", NumericOptions::default().set_fast()),
            source: schema.add_text_field("source", exact.clone()),
            text: schema.add_text_field("text", words.clone()),
            selector: schema.add_text_field("selector", exact.clone()),
            place: schema.add_text_field("place", exact),
            place_text: schema.add_text_field("place_text", words),
            seen_at: schema.add_i64_field("seen_at_us", NumericOptions::default().set_fast()),
            collected_at: schema.add_i64_field("collected_at_us", NumericOptions::default().set_fast()),
            content: schema.add_u64_field("content", NumericOptions::default().set_fast()),
        };
        (schema.build(), fields)
    }
}

/// Runs of letters and digits in lower case.
pub fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser).build()
}

/// The exact terms of a selector: the value itself, and the shorter forms by which people ask for it.
pub fn selector_terms(kind: SelectorKind, value: &str) -> Vec<String> {
    let word = kind.word();
    match kind {
        // Backwards, so that the last digits are a prefix.
        SelectorKind::Phone => vec![format!("{word}:{}", backwards(value))],
        SelectorKind::Email => {
            let site = value.split_once('@').map(|(_, site)| format!("{word}:@{site}"));
            [Some(format!("{word}:{value}")), site].into_iter().flatten().collect()
        }
        SelectorKind::Handle | SelectorKind::Payment => {
            let bare = value.rsplit(':').next().unwrap_or(value).trim_start_matches(['@', '$']);
            let mut terms = vec![format!("{word}:{bare}")];
            if value.contains(':') {
                terms.push(format!("{word}:{value}"));
            }
            terms
        }
        _ => vec![format!("{word}:{}", value.trim_end_matches('/'))],
    }
}

/// The digits of a number, last first.
pub fn backwards(number: &str) -> String {
    number.chars().rev().filter(char::is_ascii_digit).collect()
}

/// An index that can be searched, with its fields.
pub struct Opened {
    pub searcher: Searcher,
    pub fields: Fields,
}

impl Archive {
    fn index_path(&self, segment: &SegmentInfo, tag: &str) -> PathBuf {
        let tag = Digest::of_parts([LAYOUT.as_bytes(), tag.as_bytes()]);
        self.root.join("index").join(format!("{}-{}", segment.id, &tag.hex()[..8]))
    }

    /// Segments whose index, read in the way that `tag` names, is missing or does not open.
    pub fn without_index(&self, tag: &str) -> Vec<SegmentInfo> {
        let whole = |segment: &&SegmentInfo| self.open_index(segment, tag).is_err();
        self.segments().iter().filter(whole).cloned().collect()
    }

    /// Builds the index of a segment under a draft name, gives it its name, and removes the segment's earlier ones. `tag`
    /// names everything that decides what `read` gives.
    pub fn build_index(&self, segment: &SegmentInfo, tag: &str, read: &Read<'_>) -> Result<(), ArchiveError> {
        let path = self.index_path(segment, tag);
        let draft = path.with_extension("draft");
        remove(&draft)?;
        private_folder(&draft).map_err(io("make", &draft))?;
        let directory = MmapDirectory::open(&draft).map_err(|error| unwritten(&draft, error))?;
        self.fill(segment, directory, &draft, read)?;
        for entry in fs::read_dir(self.root.join("index")).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&segment.id) && entry.path() != draft {
                remove(&entry.path())?;
            }
        }
        into_place(&draft, &path)
    }

    fn fill(
        &self,
        segment: &SegmentInfo,
        directory: impl Directory,
        path: &Path,
        read: &Read<'_>,
    ) -> Result<Index, ArchiveError> {
        let (schema, fields) = Fields::schema();
        let mut writer: SingleSegmentIndexWriter = Index::builder()
            .schema(schema)
            .tokenizers(tokenizers())
            .single_segment_index_writer(Box::new(directory) as Box<dyn Directory>, BUDGET)
            .map_err(|error| unwritten(path, error))?;
        for batch in self.batches(segment)? {
            let batch = batch?;
            for (posting, entry) in batch.iter().zip(read(&batch)) {
                writer
                    .add_document(document(&fields, posting, &entry))
                    .map_err(|error| unwritten(path, error))?;
            }
        }
        writer.finalize().map_err(|error| unwritten(path, error))
    }

    /// The index of a segment as it is on disk.
    pub(crate) fn open_index(&self, segment: &SegmentInfo, tag: &str) -> Result<Opened, ArchiveError> {
        let path = self.index_path(segment, tag);
        let directory = MmapDirectory::open(&path).map_err(|error| damaged(&path, error))?;
        let index = Index::open(directory).map_err(|error| damaged(&path, error))?;
        open(index, segment, &path)
    }

    /// The index of a segment made in memory, for when it is not there and the folder is another's to write.
    pub(crate) fn index_in_memory(
        &self,
        segment: &SegmentInfo,
        read: &Read<'_>,
    ) -> Result<Opened, ArchiveError> {
        let path = self.segment_path(&segment.id);
        open(self.fill(segment, RamDirectory::create(), &path, read)?, segment, &path)
    }

    /// Whether every byte of a segment's indexes is as it was written; `Some` names the first that is not.
    pub(crate) fn damaged_index(&self, segment: &SegmentInfo) -> Option<PathBuf> {
        let folders = fs::read_dir(self.root.join("index")).into_iter().flatten().flatten();
        folders
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&segment.id))
            .map(|entry| entry.path())
            .find(|path| {
                let checked = MmapDirectory::open(path)
                    .map_err(tantivy::TantivyError::from)
                    .and_then(Index::open)
                    .and_then(|index| index.validate_checksum());
                !checked.is_ok_and(|damaged| damaged.is_empty())
            })
    }
}

fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register("words", analyzer());
    tokenizers
}

fn open(mut index: Index, segment: &SegmentInfo, path: &Path) -> Result<Opened, ArchiveError> {
    let (schema, fields) = Fields::schema();
    if index.schema() != schema {
        return Err(damaged(path, "its fields are not those of this build"));
    }
    index.set_tokenizers(tokenizers());
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
    let searcher = reader.map_err(|error| damaged(path, error))?.searcher();
    if searcher.num_docs() != segment.postings as u64 {
        return Err(damaged(
            path,
            format!("it holds {} postings of {}", searcher.num_docs(), segment.postings),
        ));
    }
    Ok(Opened { searcher, fields })
}

fn document(fields: &Fields, posting: &Posting, entry: &Entry) -> TantivyDocument {
    let mut document = TantivyDocument::with_capacity(entry.text.len() + 256);
    document.add_text(fields.id, &posting.id);
    document.add_u64(fields.identity, posting.identity().key());
    document.add_text(fields.source, &posting.source);
    document.add_text(fields.text, &entry.text);
    for (kind, value) in &entry.selectors {
        for term in selector_terms(*kind, value) {
            document.add_text(fields.selector, term);
        }
    }
    for place in &entry.places {
        document.add_text(fields.place, place);
    }
    document.add_text(fields.place_text, &entry.place_text);
    if let Some(at) = posting.seen_at() {
        document.add_i64(fields.seen_at, at.0);
    }
    if let Some(at) = posting.collected_at {
        document.add_i64(fields.collected_at, at.0);
    }
    document.add_u64(fields.content, posting.content_digest().key());
    document
}
