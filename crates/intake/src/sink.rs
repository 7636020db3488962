//! From raw rows to the caller, the same way for every format: read on all cores, handed on in their order, no more than one
//! block of them in memory.

use crate::{Item, Media, Options, Record, Rejected, Tally, media};
use homeward_model::RowOffset;
use rayon::prelude::*;

/// Bytes of raw rows that are read at a time.
pub const BLOCK: usize = 8 << 20;
/// Bytes of a rejected row that are kept.
pub const KEPT: usize = 64 << 10;

/// Types a row.
pub type Convert<'a, T> = dyn Fn(Record) -> Result<T, String> + Sync + 'a;

/// What a raw row turns out to be.
#[derive(Debug)]
pub enum Row {
    /// A row to be typed.
    Record(Box<Record>),
    /// An image, video or sound.
    Media(Box<Media>),
    /// Something that says nothing about a posting, such as a request.
    Passed,
}

/// A row as cut from its file.
pub trait Raw: Sync {
    /// Where it begins.
    fn offset(&self) -> RowOffset;
    /// What a rejected row keeps of it; image and video bytes never.
    fn kept(&self) -> String;
}

/// Where rows go.
pub struct Sink<'a, T> {
    /// File as given.
    pub file: &'a str,
    /// How to read.
    pub options: &'a Options,
    /// What was seen so far.
    pub tally: Tally,
    convert: &'a Convert<'a, T>,
    each: &'a mut dyn FnMut(Item<T>) -> bool,
}

impl<'a, T: Send> Sink<'a, T> {
    /// A sink for one file.
    pub fn new(
        file: &'a str,
        options: &'a Options,
        convert: &'a Convert<'a, T>,
        each: &'a mut dyn FnMut(Item<T>) -> bool,
    ) -> Self {
        Sink { file, options, tally: Tally::default(), convert, each }
    }

    /// Reads raw rows and hands them on; false when the caller wants no more.
    pub fn rows<R: Raw>(&mut self, rows: &[R], read: impl Fn(&R) -> Result<Row, String> + Sync) -> bool {
        let (file, convert) = (self.file, self.convert);
        let items: Vec<Option<Item<T>>> = rows
            .par_iter()
            .map(|raw| {
                let typed = match read(raw) {
                    Ok(Row::Record(record)) => convert(*record),
                    Ok(Row::Media(media)) => return Some(Item::Media(*media)),
                    Ok(Row::Passed) => return None,
                    Err(reason) => Err(reason),
                };
                Some(typed.map_or_else(
                    |reason| Item::Rejected(rejected(file, raw.offset(), reason, &raw.kept())),
                    Item::Good,
                ))
            })
            .collect();
        for item in items {
            self.tally.records += 1;
            let Some(item) = item else {
                self.tally.passed += 1;
                continue;
            };
            self.tally.media += u64::from(matches!(item, Item::Media(_)));
            if !(self.each)(item) {
                return false;
            }
        }
        true
    }

    /// Hands on a row that could not even be cut; false when the caller wants no more.
    pub fn reject(&mut self, offset: RowOffset, reason: String, kept: &str) -> bool {
        self.tally.records += 1;
        (self.each)(Item::Rejected(rejected(self.file, offset, reason, kept)))
    }
}

fn rejected(file: &str, offset: RowOffset, reason: String, kept: &str) -> Rejected {
    let end = kept.floor_char_boundary(KEPT);
    Rejected { file: file.to_owned(), offset, reason, raw: media::left_out(&kept[..end]).into_owned() }
}
