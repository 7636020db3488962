//! The bytes of a text file, unpacked and decoded as they are read, and cut into lines of bounded length.

use crate::sink::{KEPT, Raw};
use homeward_model::RowOffset;
use std::io::{self, BufRead, BufReader, Read};

/// Longest row taken, bytes.
pub const LONGEST: usize = 16 << 20;

/// A row of a text file.
#[derive(Debug, PartialEq)]
pub struct Piece {
    /// One-based line on which it begins.
    pub line: u64,
    /// Its bytes; only the first of them when it is too long.
    pub bytes: Vec<u8>,
    /// Why it cannot be taken.
    pub flaw: Option<String>,
}

impl Piece {
    /// The bytes, unless there is a reason not to take them.
    pub fn sound(&self) -> Result<&[u8], String> {
        self.flaw.clone().map_or(Ok(&self.bytes), Err)
    }
}

impl Raw for Piece {
    fn offset(&self) -> RowOffset {
        RowOffset::Line(self.line)
    }

    fn kept(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(KEPT)]).into_owned()
    }
}

/// Whether an error is the fault of packed data and not of the disk.
pub fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
    )
}

/// A text file that is read forwards. Damaged packing ends the text early and leaves a flaw.
pub struct Text {
    input: BufReader<Box<dyn Read + Send>>,
    /// One-based number of the line that comes next.
    pub line: u64,
    /// What ends a line.
    pub end: u8,
    flaw: Option<String>,
}

impl Text {
    /// A text over a reader that unpacks and decodes.
    pub fn new(input: Box<dyn Read + Send>) -> Text {
        Text { input: BufReader::with_capacity(1 << 20, input), line: 1, end: b'\n', flaw: None }
    }

    /// The bytes that come next; none at the end.
    pub fn buffer(&mut self) -> io::Result<&[u8]> {
        if self.flaw.is_some() {
            return Ok(&[]);
        }
        match self.input.fill_buf() {
            Ok(_) => Ok(self.input.buffer()),
            Err(error) if is_damage(&error) => {
                self.flaw = Some(format!("the packed data is damaged or cut short here: {error}"));
                Ok(&[])
            }
            Err(error) => Err(error),
        }
    }

    /// Passes by some bytes of the buffer.
    pub fn consume(&mut self, count: usize) {
        self.line += memchr::memchr_iter(self.end, &self.input.buffer()[..count]).count() as u64;
        self.input.consume(count);
    }

    /// What is left to say at the end: the flaw with which the text ended, once.
    pub fn last(&mut self, line: u64, bytes: Vec<u8>) -> Option<Piece> {
        match self.flaw.take() {
            Some(flaw) => {
                // Nothing more can come out of damaged packing.
                self.input = BufReader::new(Box::new(io::empty()));
                Some(Piece { line, bytes, flaw: Some(flaw) })
            }
            None => (!bytes.is_empty()).then_some(Piece { line, bytes, flaw: None }),
        }
    }

    /// The next line with its end; an over-long one is passed by without holding it.
    pub fn next_line(&mut self) -> io::Result<Option<Piece>> {
        let line = self.line;
        let mut bytes = Vec::new();
        let mut length = 0;
        loop {
            let end = self.end;
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                break;
            }
            let (used, done) = memchr::memchr(end, buffer).map_or((buffer.len(), false), |at| (at + 1, true));
            length += used;
            if length <= LONGEST {
                bytes.extend_from_slice(&buffer[..used]);
            } else if bytes.len() > KEPT {
                bytes = bytes[..KEPT].to_vec();
            }
            self.consume(used);
            if done {
                return Ok(Some(Piece { line, bytes, flaw: too_long(length) }));
            }
        }
        let mut last = self.last(line, bytes);
        if let Some(piece) = &mut last {
            piece.flaw = piece.flaw.take().or(too_long(length));
        }
        Ok(last)
    }
}

/// Why a row of some length is not taken.
pub fn too_long(length: usize) -> Option<String> {
    (length > LONGEST).then(|| format!("row is longer than {} MiB", LONGEST >> 20))
}

/// UTF-16 to UTF-8 as it is read.
pub struct Utf16<R> {
    input: R,
    decoder: encoding_rs::Decoder,
    raw: Box<[u8]>,
    start: usize,
    end: usize,
    last: bool,
    done: bool,
}

impl<R: Read> Utf16<R> {
    /// Reads `input` as `encoding`; a byte order mark is left out.
    pub fn new(input: R, encoding: &'static encoding_rs::Encoding) -> Self {
        let raw = vec![0; 64 << 10].into_boxed_slice();
        Utf16 {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw,
            start: 0,
            end: 0,
            last: false,
            done: false,
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder needs room for one character.
        if out.len() < 16 {
            return Err(io::Error::other("buffer too small to decode into"));
        }
        while !self.done {
            if self.start == self.end && !self.last {
                (self.start, self.end) = (0, self.input.read(&mut self.raw)?);
                self.last = self.end == 0;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.start..self.end], out, self.last);
            self.start += read;
            self.done = self.last && result == encoding_rs::CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
