//! Files of rows: JSON Lines, and CSV with any of the usual separators. Rows are parsed on all cores and handed on in their
//! order; no more than one block of them is in memory.

use crate::{IntakeError, Item, Options, Record, Rejected};
use homeward_model::{Digest, RowOffset};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Longest row taken, bytes.
const LONGEST: usize = 16 << 20;
/// Bytes of rows parsed at a time.
const BLOCK: usize = 8 << 20;
/// Bytes of a rejected row that are kept.
const KEPT: usize = 64 << 10;

/// Columns of which a table has at least one; without any, the first row is no header.
const KNOWN: [&str; 12] = [
    "id",
    "text",
    "body",
    "title",
    "given_name",
    "rec_id",
    "unique_id",
    "url",
    "hash",
    "sha256",
    "case_number",
    "contacts",
];

type Convert<'a, T> = dyn Fn(Record) -> Result<T, String> + Sync + 'a;

/// Reads a file of rows, whichever of the formats it has.
pub fn read<T: Send>(
    path: &Path,
    options: &Options,
    convert: &Convert<T>,
    each: &mut dyn FnMut(Item<T>) -> bool,
) -> Result<(), IntakeError> {
    let file = path.display().to_string();
    let failed = |source| IntakeError::Io { file: file.clone(), source };
    let mut input = BufReader::with_capacity(1 << 20, File::open(path).map_err(failed)?);
    let head = input.fill_buf().map_err(failed)?;
    let what = [
        (&b"PK\x03\x04"[..], "a zip archive"),
        (b"\x1f\x8b", "a gzip file"),
        (b"PAR1", "a Parquet file"),
        (b"WARC/", "a web archive"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "an image"),
        (b"\xff\xd8\xff", "an image"),
        (b"<?xml", "an XML document"),
    ];
    if let Some((_, what)) = what.into_iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(IntakeError::Format { file, what });
    }
    let bom = head.starts_with(b"\xef\xbb\xbf");
    let first = head.iter().skip(if bom { 3 } else { 0 }).find(|byte| !byte.is_ascii_whitespace()).copied();
    if bom {
        input.consume(3);
    }
    match first {
        None => Ok(()),
        Some(b'{') => json(&mut input, &file, options, convert, each).map_err(failed),
        Some(_) => table(input, &file, options, convert, each),
    }
}

fn rejected(file: &str, offset: RowOffset, reason: String, raw: &[u8]) -> Rejected {
    let raw = String::from_utf8_lossy(&raw[..raw.len().min(KEPT)]).into_owned();
    Rejected { file: file.to_owned(), offset, reason, raw }
}

fn json<T: Send>(
    input: &mut impl BufRead,
    file: &str,
    options: &Options,
    convert: &Convert<T>,
    each: &mut dyn FnMut(Item<T>) -> bool,
) -> std::io::Result<()> {
    let mut number = 0;
    loop {
        let mut block: Vec<(u64, Vec<u8>, bool)> = Vec::new();
        let mut size = 0;
        while size < BLOCK {
            let mut line = Vec::new();
            let read = input.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            number += 1;
            let long = read > LONGEST;
            if long {
                // The rest of an over-long row is passed by without holding it.
                line.truncate(KEPT);
                skip_line(input)?;
            }
            size += line.len();
            if !line.iter().all(u8::is_ascii_whitespace) {
                block.push((number, line, long));
            }
        }
        if block.is_empty() {
            if size == 0 {
                return Ok(());
            }
            continue;
        }
        let items: Vec<Item<T>> = block
            .par_iter()
            .map(|(number, line, long)| {
                let offset = RowOffset::Line(*number);
                let read = if *long {
                    Err(format!("row is longer than {} MiB", LONGEST >> 20))
                } else {
                    json_row(line, file, offset, options)
                };
                match read.and_then(convert) {
                    Ok(good) => Item::Good(good),
                    Err(reason) => Item::Rejected(rejected(file, offset, reason, line)),
                }
            })
            .collect();
        for item in items {
            if !each(item) {
                return Ok(());
            }
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let (used, done) =
            buffer.iter().position(|byte| *byte == b'\n').map_or((buffer.len(), false), |at| (at + 1, true));
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}

fn json_row(line: &[u8], file: &str, offset: RowOffset, options: &Options) -> Result<Record, String> {
    let text =
        std::str::from_utf8(line).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(object) = value else { return Err("not a JSON object".to_owned()) };
    let named = object.into_iter().map(|(name, value)| (rename(&name, options), value)).collect();
    Ok(Record {
        fields: named,
        file: file.to_owned(),
        offset,
        raw_sha256: Digest::of(text.trim_end().as_bytes()),
    })
}

fn rename(name: &str, options: &Options) -> String {
    let name = name.trim();
    let mapped = options.mappings.iter().find(|(theirs, _)| theirs.trim().eq_ignore_ascii_case(name));
    mapped.map_or(name, |(_, ours)| ours.trim()).to_lowercase()
}

fn table<T: Send>(
    input: impl Read,
    file: &str,
    options: &Options,
    convert: &Convert<T>,
    each: &mut dyn FnMut(Item<T>) -> bool,
) -> Result<(), IntakeError> {
    let mut input = BufReader::with_capacity(1 << 20, input);
    let failed = |source| IntakeError::Io { file: file.to_owned(), source };
    let head = input.fill_buf().map_err(failed)?;
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| first.split(|byte| *byte == separator).count();
    let separator = [b'\t', b',', b';']
        .into_iter()
        .max_by_key(|separator| (count(*separator), *separator == b','))
        .unwrap_or(b',');
    let headerless = !options.mappings.is_empty()
        && options.mappings.iter().all(|(theirs, _)| theirs.trim().parse::<usize>().is_ok());
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(separator).flexible(true).has_headers(false).quoting(!headerless || separator != b'\t');
    let mut reader = builder.from_reader(input);
    let mut headers: Option<Vec<String>> = None;
    let mut row = csv::ByteRecord::new();
    let mut block: Vec<(u64, csv::ByteRecord)> = Vec::new();
    loop {
        let more = match reader.read_byte_record(&mut row) {
            Ok(more) => more,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                each(Item::Rejected(rejected(file, RowOffset::Line(line), format!("not CSV: {error}"), b"")));
                false
            }
        };
        if more {
            if headers.is_none() {
                let names: Vec<String> = if headerless {
                    (1..=row.len()).map(|number| rename(&number.to_string(), options)).collect()
                } else {
                    row.iter().map(|cell| rename(&String::from_utf8_lossy(cell), options)).collect()
                };
                if !names.iter().any(|name| KNOWN.contains(&name.as_str())) {
                    return Err(IntakeError::Columns { file: file.to_owned(), found: shown(&names) });
                }
                headers = Some(names);
                if !headerless {
                    continue;
                }
            }
            block.push((row.position().map_or(0, csv::Position::line), row.clone()));
        }
        if block.len() >= 8192 || (!more && !block.is_empty()) {
            let names = headers.as_deref().unwrap_or_default();
            let items: Vec<Item<T>> = block
                .par_iter()
                .map(|(line, row)| {
                    let offset = RowOffset::Line(*line);
                    match table_row(row, names, file, offset).and_then(convert) {
                        Ok(good) => Item::Good(good),
                        Err(reason) => Item::Rejected(rejected(
                            file,
                            offset,
                            reason,
                            &row.iter().collect::<Vec<_>>().join(&separator),
                        )),
                    }
                })
                .collect();
            block.clear();
            for item in items {
                if !each(item) {
                    return Ok(());
                }
            }
        }
        if !more {
            return Ok(());
        }
    }
}

fn shown(names: &[String]) -> String {
    let list: Vec<String> =
        names.iter().take(8).map(|name| format!("`{}`", name.chars().take(30).collect::<String>())).collect();
    list.join(", ")
}

fn table_row(
    row: &csv::ByteRecord,
    names: &[String],
    file: &str,
    offset: RowOffset,
) -> Result<Record, String> {
    if row.len() > names.len() {
        return Err(format!("{} cells where the header has {}", row.len(), names.len()));
    }
    let mut fields = Map::new();
    let mut raw = Vec::new();
    for (name, cell) in names.iter().zip(row.iter()) {
        let text = std::str::from_utf8(cell).map_err(|_| format!("column `{name}` is not UTF-8"))?;
        raw.extend_from_slice(cell);
        raw.push(0x1f);
        fields.insert(name.clone(), Value::String(text.to_owned()));
    }
    Ok(Record { fields, file: file.to_owned(), offset, raw_sha256: Digest::of(&raw) })
}
