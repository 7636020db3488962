//! A table of texts as finding templates needs it: ids, tokens, and the texts only where they are shown.

use crate::tools::{TableArguments, read_rows};
use anyhow::{Result, bail};
use homeward_engine::extract::{self, Reader};
use homeward_engine::pipeline;
use homeward_intake::Item;
use homeward_linkage::templates::{self, Documents};
use homeward_model::{Posting, RowOffset};
use homeward_rules::Rules;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Where a row stands in its file.
fn place(posting: &Posting) -> u64 {
    match posting.provenance.offset {
        RowOffset::Line(at) | RowOffset::Byte(at) | RowOffset::Row(at) => at,
    }
}

/// Texts one after the other, without what as many strings take beside.
#[derive(Default)]
pub struct Texts {
    joined: String,
    ends: Vec<usize>,
}

impl Texts {
    pub fn push(&mut self, text: &str) {
        self.joined.push_str(text);
        self.ends.push(self.joined.len());
    }

    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.joined[start..self.ends[at]]
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

/// What finding templates needs of the rows of a table. The texts are most of it: they are kept when they are to be shown,
/// or when the file cannot be read twice.
#[derive(Default)]
pub struct Rows {
    pub ids: Texts,
    /// Where each row stands in the file, ascending.
    places: Vec<u64>,
    texts: Option<Texts>,
    /// Contacts that the site shows, of rows whose texts are kept.
    contacts: BTreeMap<usize, Vec<String>>,
    /// Tokens of all rows, one row after the other, and where each ends.
    tokens: Vec<u32>,
    ends: Vec<usize>,
}

impl Rows {
    /// Reads a table; `shown` keeps the texts.
    pub fn read(arguments: &TableArguments, shown: bool) -> Result<Rows> {
        let once = std::fs::metadata(&arguments.input).is_ok_and(|file| !file.is_file());
        let mut rows = Rows { texts: (shown || once).then(Texts::default), ..Rows::default() };
        let take = |posting: Posting| {
            let text = posting.full_text();
            let tokens = templates::tokens(&text);
            let place = place(&posting);
            (posting.id, place, tokens, (shown || once).then_some((text, posting.contacts)))
        };
        read_rows(&arguments.input, &arguments.options(), &take, &mut |(id, place, tokens, kept)| {
            if let (Some(texts), Some((text, contacts))) = (&mut rows.texts, kept) {
                texts.push(&text);
                if !contacts.is_empty() {
                    rows.contacts.insert(rows.ids.len(), contacts);
                }
            }
            rows.ids.push(&id);
            rows.places.push(place);
            rows.tokens.extend(tokens);
            rows.ends.push(rows.tokens.len());
        })?;
        Ok(rows)
    }

    /// The text of a row, where texts are kept.
    pub fn text(&self, row: u32) -> &str {
        self.texts.as_ref().map_or("", |texts| texts.get(row as usize))
    }

    /// Keys of the identifying selectors of the rows that are wanted.
    pub fn selectors(
        &self,
        wanted: &[bool],
        arguments: &TableArguments,
        rules: &Rules,
    ) -> Result<Vec<Vec<u64>>> {
        let reader = Reader::new(rules, "US");
        let keys =
            |posting: &Posting| pipeline::selector_keys(&extract::identifying(&reader.identifiers(posting)));
        if let Some(texts) = &self.texts {
            let of_row = |(row, wanted): (usize, &bool)| {
                let contacts = self.contacts.get(&row).cloned().unwrap_or_default();
                let posting = Posting { body: texts.get(row).to_owned(), contacts, ..Posting::default() };
                if *wanted { keys(&posting) } else { Vec::new() }
            };
            return Ok(wanted.par_iter().enumerate().map(of_row).collect());
        }
        let (mut found, mut missing) =
            (vec![Vec::new(); wanted.len()], wanted.iter().filter(|wanted| **wanted).count());
        let take = |posting: Posting| {
            let row = self.places.binary_search(&place(&posting)).ok()?;
            (wanted[row] && self.ids.get(row) == posting.id).then(|| (row, keys(&posting)))
        };
        homeward_intake::read_postings_as(&arguments.input, &arguments.options(), &take, &mut |item| {
            if let Item::Good(Some((row, keys))) = item {
                found[row] = keys;
                missing = missing.saturating_sub(1);
            }
            true
        })?;
        if missing > 0 {
            bail!("`{}` was changed while it was read", arguments.input.display());
        }
        Ok(found)
    }

    /// Collapses equal rows; the tokens are not needed after that.
    pub fn documents(&mut self) -> Documents {
        let tokens = std::mem::take(&mut self.tokens);
        let starts = std::iter::once(&0).chain(&self.ends);
        let rows: Vec<&[u32]> = starts.zip(&self.ends).map(|(start, end)| &tokens[*start..*end]).collect();
        Documents::new(&rows)
    }
}
