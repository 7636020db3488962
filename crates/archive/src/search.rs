//! Search over the text index: every clause must hold, newest postings first.

use crate::error::{ArchiveError, damaged};
use crate::index::{Fields, Opened, Read, analyzer, backwards};
use crate::{Archive, Batches, SegmentInfo};
use homeward_model::{Instant, Posting, SelectorKind};
use std::cmp::Reverse;
use std::ops::Bound;
use tantivy::query::{
    AllQuery, BooleanQuery, EnableScoring, InvertedIndexRangeQuery, Occur, PhraseQuery, Query, RangeQuery,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED, Term};

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
    /// How many postings match.
    pub total: usize,
    /// The first of them, newest first, those of no date last.
    pub postings: Vec<Posting>,
}

/// A hit in its order: newest first, then by identity, then as taken in.
type Hit = (Reverse<i64>, u64, usize, u32);

/// The words of a text as the index knows them: runs of letters and digits in lower case.
pub fn words(text: &str) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut words = Vec::new();
    stream.process(&mut |token| words.push(token.text.clone()));
    words
}

impl Archive {
    /// Postings for which every clause holds. `tag` and `read` are those of [`Archive::build_index`]: a segment without an
    /// index is read for this one search.
    pub fn search(
        &self,
        clauses: &[Clause],
        top: usize,
        tag: &str,
        read: &Read<'_>,
    ) -> Result<Found, ArchiveError> {
        let mut total = 0;
        let mut hits: Vec<Hit> = Vec::new();
        for (at, segment) in self.segments().iter().enumerate() {
            let opened = match self.open_index(segment, tag) {
                Ok(opened) => opened,
                Err(_) => self.index_in_memory(segment, read)?,
            };
            let path = self.segment_path(&segment.id);
            total += matches(&opened, clauses, &mut |seen, identity, row| {
                hits.push((Reverse(seen), identity, at, row));
                if hits.len() > 2 * top + 65_536 {
                    hits.sort_unstable();
                    hits.truncate(top);
                }
            })
            .map_err(|error| damaged(&path, format!("its index cannot be searched: {error}")))?;
        }
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

/// Tells `found` the moment (`i64::MIN` when unknown), identity and row of every hit; returns how many there are.
fn matches(
    opened: &Opened,
    clauses: &[Clause],
    found: &mut dyn FnMut(i64, u64, u32),
) -> tantivy::Result<usize> {
    let Opened { searcher, fields } = opened;
    let weight = query(fields, clauses).weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut total = 0;
    for reader in searcher.segment_readers() {
        let seen = reader.fast_fields().i64("seen_at_us")?;
        let identity = reader.fast_fields().u64("identity")?;
        let mut scorer = weight.scorer(reader, 1.0)?;
        let mut row = scorer.doc();
        while row != TERMINATED {
            found(seen.first(row).unwrap_or(i64::MIN), identity.first(row).unwrap_or(0), row);
            total += 1;
            row = scorer.advance();
        }
    }
    Ok(total)
}

fn query(fields: &Fields, clauses: &[Clause]) -> Box<dyn Query> {
    // Without one clause that must hold there would be nothing to exclude from.
    let mut parts: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, Box::new(AllQuery))];
    for Clause { not, condition } in clauses {
        let occur = if *not { Occur::MustNot } else { Occur::Must };
        parts.push((occur, condition_query(fields, condition)));
    }
    Box::new(BooleanQuery::new(parts))
}

fn condition_query(fields: &Fields, condition: &Condition) -> Box<dyn Query> {
    let moment = |at: &Instant| Term::from_field_i64(fields.seen_at, at.0);
    match condition {
        Condition::Text(text) => side_by_side(fields.text, text),
        Condition::Selector(kind, value) => selector(fields.selector, *kind, value),
        Condition::Place(place) => Box::new(BooleanQuery::union(vec![
            exact(fields.place, &words(place).join(" ")),
            side_by_side(fields.place_text, place),
        ])),
        Condition::Source(source) => exact(fields.source, source),
        Condition::Id(id) => exact(fields.id, id),
        Condition::After(at) => Box::new(RangeQuery::new(Bound::Included(moment(at)), Bound::Unbounded)),
        Condition::Before(at) => Box::new(RangeQuery::new(Bound::Unbounded, Bound::Excluded(moment(at)))),
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

fn selector(field: Field, kind: SelectorKind, value: &str) -> Box<dyn Query> {
    let word = kind.word();
    match kind {
        SelectorKind::Phone => begins(field, &format!("{word}:{}", backwards(value))),
        SelectorKind::Url => {
            let value = value.trim_end_matches('/');
            let deeper = ["/", "?", "#"].map(|mark| begins(field, &format!("{word}:{value}{mark}")));
            let all = deeper.into_iter().chain([exact(field, &format!("{word}:{value}"))]);
            Box::new(BooleanQuery::union(all.collect()))
        }
        SelectorKind::Handle | SelectorKind::Payment => {
            exact(field, &format!("{word}:{}", value.trim_start_matches(['@', '$'])))
        }
        _ => exact(field, &format!("{word}:{value}")),
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
