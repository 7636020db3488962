//! CSV and TSV. Rows are cut here rather than by a library, so that a quote that is never closed costs one row and not the rest
//! of the file, and so that no row is held beyond its limit.

use crate::sink::{Row, Sink};
use crate::text::{LONGEST, Piece, Text};
use crate::{IntakeError, Record, known, rename};
use homeward_model::RowOffset;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::io;

/// Lines by which the separator is told.
const LINES: usize = 50;

/// How the rows of a table are written.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Dialect {
    /// Between two cells.
    separator: u8,
    /// At the end of a line.
    end: u8,
    /// Whether `"` may stand around a cell.
    quoting: bool,
}

/// Reads a table; `head` is its beginning, by which its dialect is told.
pub fn read<T: Send>(text: &mut Text, head: &str, sink: &mut Sink<T>) -> Result<(), IntakeError> {
    let (file, options) = (sink.file, sink.options);
    let failed = |source| IntakeError::Io { file: file.to_owned(), source };
    let headerless = !options.mappings.is_empty()
        && options.mappings.iter().all(|(theirs, _)| theirs.trim().parse::<usize>().is_ok());
    let dialect = dialect(head.as_bytes(), headerless);
    text.end = dialect.end;
    let mut cutter = Cutter { text, dialect, again: VecDeque::new() };
    let first = loop {
        match cutter.next().map_err(failed)? {
            None => return Ok(()),
            Some(piece) if piece.flaw.is_none() && is_blank(&piece.bytes) => {}
            Some(piece) => break piece,
        }
    };
    let cells = cells(&first.bytes, dialect);
    let theirs: Vec<String> = if headerless {
        (1..=cells.len()).map(|number| number.to_string()).collect()
    } else {
        cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    };
    let names = rename(theirs.iter().map(String::as_str), options);
    // A flawed first line names no columns that could be trusted.
    if first.flaw.is_some() || !known(&names) {
        return Err(IntakeError::columns(file, &names));
    }
    IntakeError::lacks(file, &theirs, options)?;
    if headerless {
        cutter.again.push_front(first);
    }
    let read = |piece: &Piece| row(piece, &names, dialect, file);
    crate::lines::blocks(sink, || cutter.next(), read).map_err(failed)
}

fn dialect(head: &[u8], headerless: bool) -> Dialect {
    // Only very old files end their lines with a carriage return alone.
    let end = if head.contains(&b'\r') && !head.contains(&b'\n') { b'\r' } else { b'\n' };
    // The separator stands equally often in every line; a comma in a sentence does not.
    let lines: Vec<&[u8]> =
        head.split(|byte| *byte == end).filter(|line| !is_blank(line)).take(LINES).collect();
    let separator = [b'\t', b',', b';']
        .into_iter()
        .max_by_key(|separator| {
            let first = lines.first().map_or(0, |line| count(line, *separator));
            let alike = lines.iter().filter(|line| count(line, *separator) == first).count();
            (if first > 0 { alike } else { 0 }, first, *separator == b',')
        })
        .unwrap_or(b',');
    Dialect { separator, end, quoting: !headerless || separator != b'\t' }
}

/// How often a separator stands outside quotes.
fn count(line: &[u8], separator: u8) -> usize {
    let mut quoted = false;
    line.iter()
        .filter(|byte| {
            quoted ^= **byte == b'"';
            !quoted && **byte == separator
        })
        .count()
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

/// Whether a quote is open after some text of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Quote {
    /// At the beginning of a cell.
    #[default]
    Start,
    /// In a cell without quotes.
    Bare,
    /// Inside quotes.
    Open,
    /// After a quote inside quotes: it closes them or is the first of two.
    Closing,
    /// A cell went on after its closing quote.
    Torn,
}

impl Quote {
    fn after(self, bytes: &[u8], dialect: Dialect) -> Quote {
        let mut torn = false;
        let last = bytes.iter().fold(self, |state, byte| match (state, byte) {
            (Quote::Open, b'"') => Quote::Closing,
            (Quote::Open, _) | (Quote::Start | Quote::Closing, b'"') => Quote::Open,
            (_, byte) if *byte == dialect.separator => Quote::Start,
            (Quote::Closing, b'\r' | b'\n') => Quote::Closing,
            (Quote::Closing, _) => {
                torn = true;
                Quote::Bare
            }
            _ => Quote::Bare,
        });
        if torn && last != Quote::Open { Quote::Torn } else { last }
    }
}

/// Cuts rows; a quoted cell may run over several lines.
struct Cutter<'a> {
    text: &'a mut Text,
    dialect: Dialect,
    /// Lines that were read in search of a closing quote that never came.
    again: VecDeque<Piece>,
}

impl Cutter<'_> {
    fn line(&mut self) -> io::Result<Option<Piece>> {
        match self.again.pop_front() {
            Some(piece) => Ok(Some(piece)),
            None => self.text.next_line(),
        }
    }

    fn next(&mut self) -> io::Result<Option<Piece>> {
        let Some(mut row) = self.line()? else { return Ok(None) };
        if !self.dialect.quoting || row.flaw.is_some() || !row.bytes.contains(&b'"') {
            return Ok(Some(row));
        }
        // Text after a closing quote is taken as it is, as long as the row is one line.
        let mut state = Quote::default().after(&row.bytes, self.dialect);
        if state != Quote::Open {
            return Ok(Some(row));
        }
        let (mut more, mut size) = (Vec::new(), row.bytes.len());
        while state == Quote::Open {
            let Some(line) = self.line()? else { break };
            size += line.bytes.len();
            let whole = line.flaw.is_none() && size <= LONGEST;
            state = if whole { state.after(&line.bytes, self.dialect) } else { Quote::Torn };
            more.push(line);
        }
        if matches!(state, Quote::Open | Quote::Torn) {
            // The lines after it stand for themselves again.
            row.flaw = Some("a quote is opened and not closed".to_owned());
            more.into_iter().rev().for_each(|line| self.again.push_front(line));
        } else {
            for line in more {
                row.bytes.extend_from_slice(&line.bytes);
            }
        }
        Ok(Some(row))
    }
}

/// The cells of a row, without their quotes.
fn cells(row: &[u8], dialect: Dialect) -> Vec<Vec<u8>> {
    let row = row.strip_suffix(&[dialect.end]).unwrap_or(row);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    if !dialect.quoting || !row.contains(&b'"') {
        return row.split(|byte| *byte == dialect.separator).map(<[u8]>::to_vec).collect();
    }
    let mut cells = vec![Vec::new()];
    let mut state = Quote::Start;
    for byte in row {
        let cell = cells.last_mut().expect("a row has a cell");
        state = match (state, *byte) {
            (Quote::Start, b'"') => Quote::Open,
            (Quote::Open, b'"') => Quote::Closing,
            (Quote::Closing, b'"') => {
                cell.push(b'"');
                Quote::Open
            }
            (Quote::Open, byte) => {
                cell.push(byte);
                Quote::Open
            }
            (_, byte) if byte == dialect.separator => {
                cells.push(Vec::new());
                Quote::Start
            }
            (_, byte) => {
                cell.push(byte);
                Quote::Bare
            }
        };
    }
    cells
}

fn row(piece: &Piece, names: &[String], dialect: Dialect, file: &str) -> Result<Row, String> {
    let bytes = piece.sound()?;
    if bytes.contains(&0) {
        return Err("has a NUL byte, which no text has".to_owned());
    }
    let cells = cells(bytes, dialect);
    if cells.len() > names.len() {
        return Err(format!("{} cells where the header has {}", cells.len(), names.len()));
    }
    let mut fields = Map::new();
    for (name, cell) in names.iter().zip(cells) {
        let text = String::from_utf8(cell).map_err(|_| format!("column `{name}` is not UTF-8"))?;
        fields.insert(name.clone(), Value::String(text));
    }
    let raw = bytes.strip_suffix(&[dialect.end]).unwrap_or(bytes);
    let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
    Ok(Row::Record(Box::new(Record::new(fields, file, RowOffset::Line(piece.line), raw))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<(u64, String, bool)> {
        let mut text = Text::new(Box::new(io::Cursor::new(text.as_bytes().to_vec())));
        let dialect = Dialect { separator: b',', end: b'\n', quoting: true };
        let mut cutter = Cutter { text: &mut text, dialect, again: VecDeque::new() };
        let mut rows = Vec::new();
        while let Some(piece) = cutter.next().unwrap() {
            rows.push((piece.line, String::from_utf8(piece.bytes).unwrap(), piece.flaw.is_none()));
        }
        rows
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_one_row() {
        let row = |line, text: &str, sound| (line, text.to_owned(), sound);
        assert_eq!(cut("1,\"a\nb\"\n2,c\n"), [row(1, "1,\"a\nb\"\n", true), row(3, "2,c\n", true)]);
        assert_eq!(cut("1,\"a\n2,c\n"), [row(1, "1,\"a\n", false), row(2, "2,c\n", true)]);
        assert_eq!(
            cut("1,\"a\n2,\"b\"\n3,c"),
            [row(1, "1,\"a\n", false), row(2, "2,\"b\"\n", true), row(3, "3,c", true)]
        );
        assert_eq!(cut("1,\"a\" b\n2,c\n"), [row(1, "1,\"a\" b\n", true), row(2, "2,c\n", true)]);
        assert_eq!(cut("1,\"a\"\"\n\"\"b\"\n"), [row(1, "1,\"a\"\"\n\"\"b\"\n", true)]);
    }

    #[test]
    fn the_separator_is_told_by_all_lines() {
        let check =
            |head: &str, separator| assert_eq!(dialect(head.as_bytes(), true).separator, separator, "{head}");
        check("ham\tin town, now\nham\there\nspam\ta, b, c\n", b'\t');
        check("id,text\n1,\"a; b, c\"\n2,\"d;e\"\n", b',');
        check("id;text\n1;a, b\n2;c\n", b';');
        check("text\nin town, now\n", b',');
    }

    proptest! {
        /// What a careful writer writes is read back.
        #[test]
        fn quoted_cells_read_back(rows in proptest::collection::vec(proptest::collection::vec("[a,\"\n\r ;]{0,6}", 3), 1..5)) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let text: String =
                rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n").collect();
            let dialect = Dialect { separator: b',', end: b'\n', quoting: true };
            let back: Vec<Vec<String>> = cut(&text)
                .iter()
                .map(|(_, row, _)| {
                    cells(row.as_bytes(), dialect).into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect()
                })
                .collect();
            prop_assert_eq!(back, rows);
        }
    }
}
