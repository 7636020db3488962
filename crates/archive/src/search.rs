//! Search over the text index: every clause must hold, newest postings first.

use crate::error::{ArchiveError, damaged};
use crate::index::{Fields, Opened, Read, analyzer, backwards};
use crate::{Archive, Batches, SegmentInfo};
use homeward_model::{Instant, Posting, SelectorKind};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::ops::Bound;
use tantivy::query::{AllQuery, EnableScoring, InvertedIndexRangeQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{SegmentReader, TERMINATED, Term};

/// One thing that is asked of a posting.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A word, or words that stand side by side, in title or body; folded as the index's texts are.
    Text(String),
    /// An identifier. A phone is given by its last digits, a URL by how it begins (up to a `/` or `?`), an address by all of
    /// it or by `@` and its site, a handle or payment name with or without its platform.
    Selector(SelectorKind, String),
    /// A city, a state, or both: `charlotte nc`; or words of the place as the posting gives it.
    Place(String),
    /// The source's name.
    Source(String),
    /// The source's id.
    Id(String),
    /// Seen at that moment or later.
    After(Instant),
    /// Seen before it.
    Before(Instant),
}

/// A condition that must hold, or must not.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Must not hold.
    pub not: bool,
    /// What.
    pub condition: Condition,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// How many postings match, in any of their versions.
    pub total: usize,
    /// The first of them, newest first, those of no date last; each in the latest of its versions that match.
    pub postings: Vec<Posting>,
}

/// A hit in its order: newest first, then by identity; with its segment and row.
type Hit = (Reverse<i64>, u64, usize, u32);

/// What tells versions of one posting apart, as a run does: the latest collected, ties by content.
type Version = (i64, u64);

/// The words of a text as the index knows them: runs of letters and digits in lower case.
pub fn words(text: &str) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut words = Vec::new();
    stream.process(&mut |token| words.push(token.text.clone()));
    words
}

impl Archive {
    /// Postings for which every clause holds: of a posting that was changed, any of its versions may be the one that is
    /// found, and it is one hit all the same. `tag` and `read` are those of [`Archive::build_index`]: a segment without an
    /// index is read for this one search.
    pub fn search(
        &self,
        clauses: &[Clause],
        top: usize,
        tag: &str,
        read: &Read<'_>,
    ) -> Result<Found, ArchiveError> {
        let mut latest: FxHashMap<u64, (Version, Hit)> = FxHashMap::default();
        for (at, segment) in self.segments().iter().enumerate() {
            let opened = match self.open_index(segment, tag) {
                Ok(opened) => opened,
                Err(_) => self.index_in_memory(segment, read)?,
            };
            let path = self.segment_path(&segment.id);
            matches(&opened, clauses, &mut |version, seen, identity, row| {
                let hit = (version, (Reverse(seen), identity, at, row));
                let kept = latest.entry(identity).or_insert(hit);
                *kept = hit.max(*kept);
            })
            .map_err(|error| damaged(&path, format!("its index cannot be searched: {error}")))?;
        }
        let total = latest.len();
        let mut hits: Vec<Hit> = latest.into_values().map(|(_, hit)| hit).collect();
        hits.sort_unstable();
        hits.truncate(top);
        let mut postings: Vec<(Hit, Posting)> = Vec::with_capacity(hits.len());
        for (at, segment) in self.segments().iter().enumerate() {
            let mut of_segment: Vec<Hit> = hits.iter().filter(|hit| hit.2 == at).copied().collect();
            of_segment.sort_unstable_by_key(|hit| hit.3);
            postings.extend(of_segment.iter().copied().zip(self.rows(segment, &of_segment)?));
        }
        postings.sort_unstable_by_key(|(hit, _)| *hit);
        Ok(Found { total, postings: postings.into_iter().map(|(_, posting)| posting).collect() })
    }

    fn rows(&self, segment: &SegmentInfo, hits: &[Hit]) -> Result<Vec<Posting>, ArchiveError> {
        if hits.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<u32> = hits.iter().map(|hit| hit.3).collect();
        let batches = Batches::of_rows(&self.segment_path(&segment.id), &rows)?;
        Ok(batches.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// Tells `found` the version, moment (`i64::MIN` when unknown), identity and row of every hit.
///
/// Each condition is answered alone and the answers are combined here: in tantivy 0.27 the exclusion of a phrase seeks
/// backwards, against the contract of its own scorers.
fn matches(
    opened: &Opened,
    clauses: &[Clause],
    found: &mut dyn FnMut(Version, i64, u64, u32),
) -> tantivy::Result<()> {
    for reader in opened.searcher.segment_readers() {
        let seen = reader.fast_fields().i64("seen_at_us")?;
        let identity = reader.fast_fields().u64("identity")?;
        let collected = reader.fast_fields().i64("collected_at_us")?;
        let content = reader.fast_fields().u64("content")?;
        let mut kept = vec![true; reader.max_doc() as usize];
        for Clause { not, condition } in clauses {
            let holds = match condition {
                Condition::After(at) => dated(&kept, |row| seen.first(row).is_some_and(|seen| seen >= at.0)),
                Condition::Before(at) => dated(&kept, |row| seen.first(row).is_some_and(|seen| seen < at.0)),
                _ => answer(opened, reader, &queries(&opened.fields, condition))?,
            };
            kept.iter_mut().zip(holds).for_each(|(kept, holds)| *kept &= holds != *not);
        }
        for row in (0..reader.max_doc()).filter(|row| kept[*row as usize]) {
            let version = (collected.first(row).unwrap_or(i64::MIN), content.first(row).unwrap_or(0));
            found(version, seen.first(row).unwrap_or(i64::MIN), identity.first(row).unwrap_or(0), row);
        }
    }
    Ok(())
}

fn dated(kept: &[bool], holds: impl Fn(u32) -> bool) -> Vec<bool> {
    kept.iter().enumerate().map(|(row, kept)| *kept && holds(row as u32)).collect()
}

/// For each row whether any of some queries finds it.
fn answer(opened: &Opened, reader: &SegmentReader, queries: &[Box<dyn Query>]) -> tantivy::Result<Vec<bool>> {
    let mut holds = vec![false; reader.max_doc() as usize];
    for query in queries {
        let weight = query.weight(EnableScoring::disabled_from_searcher(&opened.searcher))?;
        let mut scorer = weight.scorer(reader, 1.0)?;
        while scorer.doc() != TERMINATED {
            holds[scorer.doc() as usize] = true;
            scorer.advance();
        }
    }
    Ok(holds)
}

/// The queries of which one must find a posting.
fn queries(fields: &Fields, condition: &Condition) -> Vec<Box<dyn Query>> {
    match condition {
        Condition::Text(text) => vec![side_by_side(fields.text, text)],
        Condition::Selector(kind, value) => selector(fields.selector, *kind, value),
        Condition::Place(place) => {
            vec![exact(fields.place, &words(place).join(" ")), side_by_side(fields.place_text, place)]
        }
        Condition::Source(source) => vec![exact(fields.source, source)],
        Condition::Id(id) => vec![exact(fields.id, id)],
        Condition::After(_) | Condition::Before(_) => Vec::new(),
    }
}

fn exact(field: Field, value: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}

fn side_by_side(field: Field, text: &str) -> Box<dyn Query> {
    let terms: Vec<Term> = words(text).iter().map(|word| Term::from_field_text(field, word)).collect();
    match terms.len() {
        0 => Box::new(AllQuery),
        1 => Box::new(TermQuery::new(terms[0].clone(), IndexRecordOption::Basic)),
        _ => Box::new(PhraseQuery::new(terms)),
    }
}

fn selector(field: Field, kind: SelectorKind, value: &str) -> Vec<Box<dyn Query>> {
    let word = kind.word();
    match kind {
        SelectorKind::Phone => vec![begins(field, &format!("{word}:{}", backwards(value)))],
        SelectorKind::Url => {
            let page = format!("{word}:{}", value.trim_end_matches('/'));
            let below = ["/", "?", "#"].map(|mark| begins(field, &format!("{page}{mark}")));
            below.into_iter().chain([exact(field, &page)]).collect()
        }
        SelectorKind::Handle | SelectorKind::Payment => {
            vec![exact(field, &format!("{word}:{}", value.trim_start_matches(['@', '$'])))]
        }
        _ => vec![exact(field, &format!("{word}:{value}"))],
    }
}

/// Terms that begin with an ASCII text.
fn begins(field: Field, start: &str) -> Box<dyn Query> {
    let mut end = start.as_bytes().to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    let end = String::from_utf8_lossy(&end);
    Box::new(InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(field, start)),
        Bound::Excluded(Term::from_field_text(field, &end)),
    ))
}
