//! Web archives (WARC 0.17 to 1.1, ISO 28500) cut into records. Packed ones are opened in `members`; what a record says is read
//! in `page`.

use crate::http::{Fields, LARGEST, head_length};
use crate::members::packed_record;
use crate::page;
use crate::sink::{BLOCK, Sink};
use crate::{IntakeError, digest};
use homeward_model::Digest;
use sha2::{Digest as _, Sha256};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// Longest head of a record, bytes.
const LONGEST_HEAD: usize = 64 << 10;
/// Most records read at a time: a packed page may be much larger than its record.
const MOST: usize = 256;

/// A record as cut from its file.
#[derive(Debug, Default)]
pub struct Cut {
    /// Where it begins in the file, bytes; in a packed file, where its member begins.
    pub offset: u64,
    /// Its head as it came.
    pub head: Vec<u8>,
    /// The fields of its head.
    pub fields: Fields,
    /// Its block, at most the first [`LARGEST`] bytes.
    pub block: Vec<u8>,
    /// Whether the block is longer than what is held.
    pub large: bool,
    /// Whether a large block does not have its digest.
    pub block_wrong: bool,
    /// SHA-256 of a large block, its HTTP head left out.
    pub body_sha256: Option<Digest>,
    /// Why it cannot be taken.
    pub flaw: Option<String>,
}

/// Reads a plain or packed archive.
pub fn read<T: Send, F: Read + Seek>(file: F, packed: bool, sink: &mut Sink<T>) -> Result<(), IntakeError> {
    let name = sink.file;
    let failed = |source| IntakeError::Io { file: name.to_owned(), source };
    let mut source = Source::new(file).map_err(failed)?;
    let mut more = true;
    while more {
        let (mut block, mut size, mut refused) = (Vec::new(), 0, false);
        while more && size < BLOCK && block.len() < MOST {
            let next = if packed { packed_record(&mut source) } else { plain_record(&mut source) };
            match next.map_err(failed)? {
                Next::Record(cut) => {
                    size += cut.block.len() + cut.head.len();
                    block.push(*cut);
                }
                Next::End => more = false,
                Next::Members => (more, refused) = (false, true),
            }
        }
        if !sink.rows(&block, |cut| page::row(cut, name)) {
            return Ok(());
        }
        if refused {
            return Err(IntakeError::Members { file: name.to_owned() });
        }
    }
    Ok(())
}

/// What comes next in a file.
pub enum Next {
    /// A record, sound or not.
    Record(Box<Cut>),
    /// Nothing.
    End,
    /// Members and records do not go together.
    Members,
}

/// A file with the position in it.
pub struct Source<F> {
    input: BufReader<F>,
    /// Bytes from its beginning.
    pub position: u64,
    length: u64,
}

impl<F: Read + Seek> Source<F> {
    fn new(mut file: F) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Source { input: BufReader::with_capacity(256 << 10, file), position: 0, length })
    }

    /// Moves by some bytes, within the buffer where that is possible.
    fn skip(&mut self, by: i64) -> io::Result<()> {
        self.input.seek_relative(by)?;
        self.position = self.position.saturating_add_signed(by);
        Ok(())
    }

    /// Goes to a position.
    pub fn go_to(&mut self, position: u64) -> io::Result<()> {
        self.skip(position as i64 - self.position as i64)
    }
}

impl<F: Read> Source<F> {
    /// Passes by everything before the next such byte.
    pub fn skip_until_byte(&mut self, byte: u8) -> io::Result<()> {
        loop {
            let buffer = self.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let (count, found) = memchr::memchr(byte, buffer).map_or((buffer.len(), false), |at| (at, true));
            self.consume(count);
            if found {
                return Ok(());
            }
        }
    }
}

impl<F: Read> Read for Source<F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl<F: Read> BufRead for Source<F> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.input.consume(count);
        self.position += count as u64;
    }
}

/// Reads the head of a record; the error says what is wrong with it.
pub fn head(input: &mut impl BufRead, cut: &mut Cut) -> io::Result<Result<u64, String>> {
    loop {
        let before = cut.head.len();
        let room = (LONGEST_HEAD - before) as u64;
        input.by_ref().take(room).read_until(b'\n', &mut cut.head)?;
        let line = &cut.head[before..];
        if before == 0 && !is_version(line) {
            return Ok(Err("not the beginning of a WARC record".to_owned()));
        }
        if line == b"\r\n" || line == b"\n" {
            break;
        }
        if !line.ends_with(b"\n") {
            let long = cut.head.len() >= LONGEST_HEAD;
            let why = if long {
                "the head of the record is longer than 64 KiB"
            } else {
                "the head of the record is cut short"
            };
            return Ok(Err(why.to_owned()));
        }
    }
    let first = memchr::memchr(b'\n', &cut.head).map_or(0, |at| at + 1);
    cut.fields = Fields::parse(&cut.head[first..]);
    let length = cut.fields.get("content-length").and_then(|length| length.parse().ok());
    Ok(length.ok_or_else(|| "the record has no readable Content-Length".to_owned()))
}

fn is_version(line: &[u8]) -> bool {
    let Some(version) = line.strip_prefix(b"WARC/") else { return false };
    [&b"1.0"[..], b"1.1", b"0.17", b"0.18"].iter().any(|known| version.trim_ascii() == *known)
}

/// Reads a block of some length and says how much of it was there. The part beyond [`LARGEST`] is only hashed.
pub fn block(input: &mut impl Read, length: u64, cut: &mut Cut) -> io::Result<u64> {
    let mut got = input.by_ref().take(length.min(LARGEST as u64)).read_to_end(&mut cut.block)? as u64;
    if length > LARGEST as u64 {
        cut.large = true;
        let written = cut.fields.get("warc-block-digest").unwrap_or_default();
        let (algorithm, written) = written.split_once(':').unwrap_or_default();
        let mut declared = digest::hasher(algorithm);
        let is_http = cut.block.starts_with(b"HTTP/");
        let head = is_http.then(|| head_length(&cut.block)).flatten().unwrap_or(0);
        let mut ours = Sha256::new();
        ours.update(&cut.block[head..]);
        if let Some(hasher) = &mut declared {
            hasher.update(&cut.block);
        }
        let mut piece = vec![0; 64 << 10];
        while got < length {
            let room = (piece.len() as u64).min(length - got) as usize;
            let count = input.read(&mut piece[..room])?;
            if count == 0 {
                break;
            }
            ours.update(&piece[..count]);
            if let Some(hasher) = &mut declared {
                hasher.update(&piece[..count]);
            }
            got += count as u64;
        }
        cut.block_wrong = declared.is_some_and(|hasher| !digest::is_written(&hasher.finalize(), written));
        cut.body_sha256 = Some(Digest(ours.finalize().into()));
    }
    Ok(got)
}

/// Passes by the line ends between two records.
pub fn skip_line_ends(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let count = buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if count == 0 {
            return Ok(());
        }
        input.consume(count);
    }
}

fn plain_record<F: Read + Seek>(source: &mut Source<F>) -> io::Result<Next> {
    skip_line_ends(source)?;
    if source.fill_buf()?.is_empty() {
        return Ok(Next::End);
    }
    let mut cut = Box::new(Cut { offset: source.position, ..Cut::default() });
    let begin = source.position;
    match head(source, &mut cut)? {
        Err(flaw) => {
            cut.flaw = Some(flaw);
            // The next record may begin anywhere after the first line.
            source.go_to(begin)?;
            source.skip_until(b'\n')?;
            resync(source)?;
        }
        Ok(length) => {
            let begin = source.position;
            // A wrong length is found by what stands behind the block, before any of it is read.
            if let Some(flaw) = misfit(source, begin, length)? {
                cut.flaw = Some(flaw);
                resync(source)?;
            } else {
                block(source, length, &mut cut)?;
            }
        }
    }
    Ok(Next::Record(cut))
}

/// Why a block cannot have the length that its record gives: another record or the end of the file has to follow it.
fn misfit<F: Read + Seek>(source: &mut Source<F>, begin: u64, length: u64) -> io::Result<Option<String>> {
    let there = source.length.saturating_sub(begin);
    if length > there {
        return Ok(Some(format!("the record is cut short: {there} of {length} bytes")));
    }
    source.skip(length as i64)?;
    let mut behind = [0; 16];
    let mut count = 0;
    while count < behind.len() {
        match source.read(&mut behind[count..])? {
            0 => break,
            more => count += more,
        }
    }
    source.go_to(begin)?;
    let rest = &behind[..count];
    let next = &rest[rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()..];
    let fits = if next.len() < 5 { b"WARC/".starts_with(next) } else { next.starts_with(b"WARC/") };
    Ok((!fits).then(|| "no record follows the block: its Content-Length is wrong".to_owned()))
}

/// Goes to the next line that begins a record, or to the end.
fn resync<F: Read + Seek>(source: &mut Source<F>) -> io::Result<()> {
    loop {
        let begin = source.position;
        let mut line = Vec::new();
        source.by_ref().take(16).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        if is_version(&line) {
            return source.go_to(begin);
        }
        if !line.ends_with(b"\n") {
            source.skip_until(b'\n')?;
        }
    }
}
