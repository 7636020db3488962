//! What a file is, told by its first bytes, and its bytes as the readers want them.

use crate::sink::{Convert, Sink};
use crate::text::{Text, Utf16};
use crate::{Format, IntakeError, Item, Options, Tally, columnar, lines, media, pfif, table, warc};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

/// Bytes at the head of a file by which it is told what it is.
const HEAD: usize = 64 << 10;

/// What the rows of a file are wanted for; not every format says every thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted {
    /// Postings.
    Postings,
    /// Missing reports.
    Reports,
    /// Rows as they are.
    Rows,
}

/// How a file is written, its packing aside.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Empty,
    Lines,
    Elements,
    Table,
    Parquet,
    Warc,
    Xml,
    /// Something that is not read, in words.
    Other(&'static str),
}

/// The head of a file, unpacked and decoded as far as that is needed to know it.
struct Head {
    kind: Kind,
    packed: bool,
    encoding: Option<&'static Encoding>,
    text: String,
}

/// Reads a file, whichever of the formats it has.
pub fn read<T: Send>(
    path: &Path,
    options: &Options,
    wanted: Wanted,
    convert: &Convert<T>,
    each: &mut dyn FnMut(Item<T>) -> bool,
) -> Result<Tally, IntakeError> {
    let file = path.display().to_string();
    let failed = |source| IntakeError::Io { file: file.clone(), source };
    let mut input = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    input.by_ref().take(HEAD as u64).read_to_end(&mut bytes).map_err(failed)?;
    let head = Head::of(&bytes);
    let kind = head.wanted_as(options.format, wanted).map_err(|what| match what {
        Refused::Not(what) => IntakeError::Format { file: file.clone(), what },
        Refused::Forced => IntakeError::Forced { file: file.clone(), format: options.format.word() },
    })?;
    let mut sink = Sink::new(&file, options, convert, each);
    let text = |input: File, bytes: Vec<u8>| Text::new(head.decoded(Cursor::new(bytes).chain(input)));
    let reopen = || -> io::Result<File> { File::open(path) };
    match kind {
        Kind::Empty | Kind::Other(_) => {}
        Kind::Lines | Kind::Elements => {
            let (mut text, names) = (text(input, bytes), lines::Names::asked(options));
            let read = if kind == Kind::Lines {
                lines::read(&mut text, &names, &mut sink)
            } else {
                lines::read_elements(&mut text, &names, &mut sink)
            };
            read.map_err(failed)?;
            names.found(&file)?;
        }
        Kind::Table => table::read(&mut text(input, bytes), &head.text, &mut sink)?,
        Kind::Parquet => columnar::read(reopen().map_err(failed)?, &mut sink)?,
        Kind::Warc => warc::read(input, head.packed, &mut sink)?,
        Kind::Xml => pfif::read(&|| Ok(head.decoded(reopen()?)), &mut sink).map_err(failed)?,
    }
    Ok(sink.tally)
}

enum Refused {
    /// What the file is.
    Not(&'static str),
    /// It is not the format that was said.
    Forced,
}

impl Head {
    fn of(bytes: &[u8]) -> Head {
        let packed = bytes.starts_with(b"\x1f\x8b");
        let mut inner = Vec::new();
        // Whatever can be unpacked of it; its reader will say what is wrong with the rest.
        let damaged = packed
            && flate2::read::MultiGzDecoder::new(bytes).take(HEAD as u64).read_to_end(&mut inner).is_err();
        let head = if packed { &inner[..] } else { bytes };
        let encoding = utf16(head);
        let text = match encoding {
            Some(encoding) => encoding.decode(head).0.into_owned(),
            None => String::from_utf8_lossy(head).trim_start_matches('\u{feff}').to_owned(),
        };
        let kind = match binary(head) {
            Some(kind) => kind,
            // Packing that cannot be opened at all may hold an archive all the same.
            None if damaged && head.is_empty() => Kind::Warc,
            None => spoken(&text),
        };
        Head { kind, packed, encoding, text }
    }

    /// How the file is read for a purpose and by a format that was said.
    fn wanted_as(&self, format: Format, wanted: Wanted) -> Result<Kind, Refused> {
        let kind = match (format, self.kind) {
            (Format::Auto, kind) => kind,
            (_, Kind::Empty) => Kind::Empty,
            (Format::Jsonl | Format::Cdr, Kind::Lines | Kind::Elements) => self.kind,
            // Some of the first lines have to look like it.
            (Format::Jsonl | Format::Cdr, Kind::Table)
                if self.text.lines().take(100).any(|line| line.trim_start().starts_with('{')) =>
            {
                Kind::Lines
            }
            (Format::Csv, Kind::Table | Kind::Lines | Kind::Elements) => Kind::Table,
            (Format::Parquet, Kind::Parquet) => Kind::Parquet,
            (Format::Warc, Kind::Warc) => Kind::Warc,
            (Format::Pfif, Kind::Xml) => Kind::Xml,
            (_, Kind::Other(what)) => return Err(Refused::Not(what)),
            _ => return Err(Refused::Forced),
        };
        match (kind, wanted) {
            (Kind::Other(what), _) => Err(Refused::Not(what)),
            (Kind::Parquet, _) if self.packed => Err(Refused::Not("a Parquet file inside a gzip file")),
            (Kind::Xml, Wanted::Postings) => Err(Refused::Not("an XML document")),
            (Kind::Xml, _) if !self.text.contains("pfif") => {
                Err(Refused::Not("an XML document that is not PFIF"))
            }
            (Kind::Warc, Wanted::Reports) => Err(Refused::Not("a web archive")),
            _ => Ok(kind),
        }
    }

    fn decoded(&self, input: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        let input = BufReader::with_capacity(256 << 10, input);
        let unpacked: Box<dyn Read + Send> =
            if self.packed { Box::new(flate2::bufread::MultiGzDecoder::new(input)) } else { Box::new(input) };
        match self.encoding {
            Some(encoding) => Box::new(Utf16::new(unpacked, encoding)),
            None => Box::new(WithoutMark { input: unpacked, begun: false }),
        }
    }
}

/// UTF-16, by its mark or by the zero bytes that plain letters have in it.
fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe, ..] | [1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] | [0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// What a file is by its first bytes.
fn binary(head: &[u8]) -> Option<Kind> {
    let others = [
        (&b"PK\x03\x04"[..], "a zip archive"),
        (b"PK\x05\x06", "a zip archive"),
        (b"\x1f\x8b", "a gzip file inside a gzip file"),
        (b"BZh", "a bzip2 file"),
        (b"\xfd7zXZ", "an xz file"),
        (b"\x28\xb5\x2f\xfd", "a zstd file"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!", "a rar archive"),
        (b"%PDF", "a PDF document"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"SQLite format 3", "an SQLite database"),
        (b"ARROW1", "an Arrow file"),
        (b"Obj\x01", "an Avro file"),
        (b"filedesc://", "an ARC file, the format before WARC"),
    ];
    if head.starts_with(b"PAR1") {
        return Some(Kind::Parquet);
    }
    if head.trim_ascii_start().starts_with(b"WARC/") {
        return Some(Kind::Warc);
    }
    let other = others.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what);
    let tar = head.get(257..262).filter(|magic| *magic == b"ustar").map(|_| "a tar archive");
    other.or(tar).or_else(|| media::kind(head)).map(Kind::Other)
}

/// What a text file is by how it begins.
fn spoken(text: &str) -> Kind {
    let begin = text.trim_start();
    let first = begin.lines().next().unwrap_or_default().trim_end();
    match begin.chars().next() {
        None => Kind::Empty,
        Some('{') if first == "{" => Kind::Elements,
        Some('{') => Kind::Lines,
        Some('[') if begin[1..].trim_start().starts_with(['{', ']']) => Kind::Elements,
        Some('<') if begin.starts_with("<?xml") || first.contains("pfif") => Kind::Xml,
        Some('<')
            if first.to_lowercase().starts_with("<!doctype html")
                || first.to_lowercase().starts_with("<html") =>
        {
            Kind::Other("a web page")
        }
        Some(_) => Kind::Table,
    }
}

/// Bytes without the mark that some writers put before UTF-8.
struct WithoutMark<R> {
    input: R,
    begun: bool,
}

impl<R: Read> Read for WithoutMark<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.begun {
            return self.input.read(out);
        }
        self.begun = true;
        let mut first = [0; 3];
        let mut count = 0;
        while count < first.len() {
            match self.input.read(&mut first[count..])? {
                0 => break,
                more => count += more,
            }
        }
        if &first[..count] == b"\xef\xbb\xbf" {
            return self.input.read(out);
        }
        if out.len() < count {
            return Err(io::Error::other("buffer too small to begin with"));
        }
        out[..count].copy_from_slice(&first[..count]);
        Ok(count)
    }
}
