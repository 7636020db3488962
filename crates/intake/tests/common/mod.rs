//! Helpers of the tests over whole files.
#![allow(dead_code, reason = "each test binary uses some of them")]

use homeward_intake::{IntakeError, Item, Media, Options, Rejected, Tally};
use homeward_model::{MissingReport, Posting};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What came of a file.
pub struct Read<T> {
    pub good: Vec<T>,
    pub rejected: Vec<Rejected>,
    pub media: Vec<Media>,
    pub tally: Result<Tally, IntakeError>,
}

type Reader<T> = fn(&Path, &Options, &mut dyn FnMut(Item<T>) -> bool) -> Result<Tally, IntakeError>;

pub fn read<T>(reader: Reader<T>, path: &Path, options: &Options) -> Read<T> {
    let (mut good, mut rejected, mut media) = (Vec::new(), Vec::new(), Vec::new());
    let tally = reader(path, options, &mut |item| {
        match item {
            Item::Good(row) => good.push(row),
            Item::Rejected(row) => rejected.push(row),
            Item::Media(row) => media.push(row),
        }
        true
    });
    Read { good, rejected, media, tally }
}

pub fn fixture(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder).join(name)
}

pub fn postings_of(path: &Path) -> Read<Posting> {
    read(homeward_intake::read_postings, path, &Options::default())
}

pub fn reports_of(path: &Path) -> Read<MissingReport> {
    read(homeward_intake::read_missing, path, &Options::default())
}

/// Writes bytes under a name and reads them.
pub fn postings(name: &str, bytes: &[u8]) -> Read<Posting> {
    with_file(name, bytes, postings_of)
}

pub fn reports(name: &str, bytes: &[u8]) -> Read<MissingReport> {
    with_file(name, bytes, reports_of)
}

pub fn with_file<R>(name: &str, bytes: &[u8], work: impl FnOnce(&Path) -> R) -> R {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    work(&path)
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A record of a web archive; `head` are further lines of its head.
pub fn record(kind: &str, block: &[u8], head: &str) -> Vec<u8> {
    let http = if kind == "response" { "Content-Type: application/http; msgtype=response\r\n" } else { "" };
    let mut record = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: 2019-07-04T10:00:00Z\r\n\
         WARC-Target-URI: http://example.org/a\r\n{http}{head}Content-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    record.extend_from_slice(block);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

pub fn response(media_type: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n").as_bytes(), body].concat()
}

impl<T> Read<T> {
    /// What was seen, how many rows were good, how many rejected; `None` when the file was refused.
    pub fn counts(&self) -> Option<(Tally, u64, u64)> {
        let tally = self.tally.as_ref().ok()?;
        Some((*tally, self.good.len() as u64, self.rejected.len() as u64))
    }
}
