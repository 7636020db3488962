//! JSON: one object a line, or objects one after the other over several lines, with or without an array around them.

use crate::sink::{BLOCK, KEPT, Row, Sink};
use crate::text::{LONGEST, Piece, Text, too_long};
use crate::{IntakeError, Options, Record, cdr, is_named, rename};
use homeward_model::RowOffset;
use serde_json::{Map, Value};
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Names that some row of a file has, looked at while its rows are read.
pub struct Names<'a> {
    asked: Vec<(&'a String, AtomicBool)>,
    first: OnceLock<Vec<String>>,
}

impl<'a> Names<'a> {
    /// Those that are asked for.
    pub fn asked(options: &'a Options) -> Names<'a> {
        let asked = options.required.iter().map(|name| (name, AtomicBool::new(false))).collect();
        Names { asked, first: OnceLock::new() }
    }

    fn look(&self, object: &Map<String, Value>) {
        for (name, there) in self.asked.iter().filter(|(_, there)| !there.load(Relaxed)) {
            if object.keys().any(|own| is_named(own, name)) {
                there.store(true, Relaxed);
            }
        }
        if !self.asked.is_empty() {
            self.first.get_or_init(|| object.keys().cloned().collect());
        }
    }

    /// After the whole file: an error when no row has one of them.
    pub fn found(&self, file: &str) -> Result<(), IntakeError> {
        let lacking = self.asked.iter().find(|(_, there)| !there.load(Relaxed));
        match (lacking, self.first.get()) {
            (Some((name, _)), Some(first)) => Err(IntakeError::absent(file, name, first)),
            _ => Ok(()),
        }
    }
}

/// Reads one object a line.
pub fn read<T: Send>(text: &mut Text, names: &Names<'_>, sink: &mut Sink<T>) -> io::Result<()> {
    let (file, options) = (sink.file, sink.options);
    blocks(sink, || text.next_line(), |piece| row(piece, names, file, options))
}

/// Reads objects that stand one after the other, whatever their lines.
pub fn read_elements<T: Send>(text: &mut Text, names: &Names<'_>, sink: &mut Sink<T>) -> io::Result<()> {
    let (file, options) = (sink.file, sink.options);
    blocks(sink, || next_element(text), |piece| row(piece, names, file, options))
}

/// Hands rows to the sink block by block, as `next` cuts them; blank ones are left out.
pub fn blocks<T: Send>(
    sink: &mut Sink<T>,
    mut next: impl FnMut() -> io::Result<Option<Piece>>,
    read: impl Fn(&Piece) -> Result<Row, String> + Sync,
) -> io::Result<()> {
    let mut more = true;
    while more {
        let mut block: Vec<Piece> = Vec::new();
        let mut size = 0;
        while more && size < BLOCK {
            match next()? {
                None => more = false,
                Some(piece) => {
                    // A short row costs its bookkeeping too.
                    size += piece.bytes.len() + 128;
                    if piece.flaw.is_some() || !piece.bytes.iter().all(u8::is_ascii_whitespace) {
                        block.push(piece);
                    }
                }
            }
        }
        if !sink.rows(&block, &read) {
            return Ok(());
        }
    }
    Ok(())
}

fn row(piece: &Piece, seen: &Names<'_>, file: &str, options: &Options) -> Result<Row, String> {
    let bytes = piece.sound()?;
    let text =
        std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(object) = value else { return Err("not a JSON object".to_owned()) };
    seen.look(&object);
    let names = rename(object.keys().map(String::as_str), options);
    let fields = names.into_iter().zip(object).map(|(name, (_, value))| (name, value)).collect();
    let record = Record::new(fields, file, RowOffset::Line(piece.line), text.trim_end().as_bytes());
    Ok(cdr::row(record, options.format))
}

/// The next object, cut by counting its brackets; what is no object is cut at the next comma or line.
fn next_element(text: &mut Text) -> io::Result<Option<Piece>> {
    loop {
        let buffer = text.buffer()?;
        if buffer.is_empty() {
            return Ok(text.last(text.line, Vec::new()));
        }
        let between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']');
        let skipped = buffer.iter().take_while(|byte| between(byte)).count();
        let found = skipped < buffer.len();
        text.consume(skipped);
        if found {
            break;
        }
    }
    let line = text.line;
    let mut bytes = Vec::new();
    let (mut length, mut depth, mut quoted, mut escaped) = (0, 0usize, false, false);
    loop {
        let buffer = text.buffer()?;
        if buffer.is_empty() {
            let mut last = text.last(line, bytes);
            if let Some(piece) = &mut last {
                piece.flaw = piece.flaw.take().or(too_long(length));
            }
            return Ok(last);
        }
        let mut end = None;
        for (at, byte) in buffer.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    if depth == 0 {
                        end = Some(at + 1);
                        break;
                    }
                }
                b',' | b'\n' | b']' if depth == 0 => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let used = end.unwrap_or(buffer.len());
        length += used;
        if length <= LONGEST {
            bytes.extend_from_slice(&buffer[..used]);
        } else if bytes.len() > KEPT {
            bytes = bytes[..KEPT].to_vec();
        }
        text.consume(used);
        if end.is_some() {
            return Ok(Some(Piece { line, bytes, flaw: too_long(length) }));
        }
    }
}
