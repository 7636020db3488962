//! Parquet files, row group by row group, every cell as text.

use crate::sink::{Raw, Row, Sink};
use crate::{IntakeError, Options, Record, known, rename};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchReader};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use homeward_model::{Digest, RowOffset};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows read at a time.
const ROWS: usize = 1024;
/// Deepest nesting of lists and structures that is followed.
const DEEPEST: usize = 8;

/// A row by its number and its cells.
struct Cells {
    number: u64,
    cells: Map<String, Value>,
}

impl Raw for Cells {
    fn offset(&self) -> RowOffset {
        RowOffset::Row(self.number)
    }

    fn kept(&self) -> String {
        Value::Object(self.cells.clone()).to_string()
    }
}

/// Reads a Parquet file.
pub fn read<T: Send>(file: File, sink: &mut Sink<T>) -> Result<(), IntakeError> {
    let name = sink.file;
    let damaged = |what: String| IntakeError::Damaged { file: name.to_owned(), what };
    // The library answers some damage with a panic; the file is refused then as it is for any other damage.
    let guarded = |what: String| format!("Parquet data that cannot be read: {what}");
    let open = || Ok(ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(ROWS).build()?);
    let mut reader = caught(open).map_err(|what| damaged(guarded(what)))?;
    let theirs: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    IntakeError::lacks(name, &theirs, sink.options)?;
    let mut number = 0;
    let mut checked = false;
    loop {
        let rows = match caught(|| {
            reader.next().transpose()?.map(|batch| cells(&batch, sink.options)).transpose()
        }) {
            Ok(None) => return Ok(()),
            Ok(Some(rows)) => rows,
            Err(what) => {
                // Pages after a damaged one cannot be told apart.
                sink.reject(RowOffset::Row(number), guarded(what), "");
                return Ok(());
            }
        };
        if let Some(first) = rows.first().filter(|_| !checked) {
            let names: Vec<String> = first.keys().cloned().collect();
            if !known(&names) {
                return Err(IntakeError::columns(name, &names));
            }
            checked = true;
        }
        let rows: Vec<Cells> = rows
            .into_iter()
            .map(|cells| {
                number += 1;
                Cells { number: number - 1, cells }
            })
            .collect();
        if !sink.rows(&rows, |row| Ok(record(row, name))) {
            return Ok(());
        }
    }
}

/// Runs a part of the library, its panics turned into errors.
fn caught<R>(work: impl FnOnce() -> Result<R, Box<dyn std::error::Error>>) -> Result<R, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("its pages contradict its schema".to_owned()),
    }
}

fn record(row: &Cells, file: &str) -> Row {
    let raw = row.kept();
    Row::Record(Box::new(Record {
        fields: row.cells.clone(),
        file: file.to_owned(),
        offset: row.offset(),
        raw_sha256: Digest::of(raw.as_bytes()),
        notes: Vec::new(),
    }))
}

fn cells(
    batch: &RecordBatch,
    options: &Options,
) -> Result<Vec<Map<String, Value>>, Box<dyn std::error::Error>> {
    let schema = batch.schema();
    let names = rename(schema.fields().iter().map(|field| field.name().as_str()), options);
    let mut rows = vec![Map::new(); batch.num_rows()];
    for (name, column) in names.iter().zip(batch.columns()) {
        for (at, row) in rows.iter_mut().enumerate() {
            let value = value(column, at, 0)?;
            if !value.is_null() {
                row.insert(name.clone(), value);
            } else if !row.contains_key(name) {
                row.insert(name.clone(), Value::Null);
            }
        }
    }
    Ok(rows)
}

/// A cell: text, or a list or object of texts.
fn value(column: &ArrayRef, at: usize, depth: usize) -> Result<Value, Box<dyn std::error::Error>> {
    if column.is_null(at) {
        return Ok(Value::Null);
    }
    if depth > DEEPEST {
        return Err("it is nested too deeply".into());
    }
    let list = |items: ArrayRef| -> Result<Value, Box<dyn std::error::Error>> {
        (0..items.len())
            .map(|item| value(&items, item, depth + 1))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::Array)
    };
    match column.data_type() {
        DataType::List(_) => list(column.as_list::<i32>().value(at)),
        DataType::LargeList(_) => list(column.as_list::<i64>().value(at)),
        DataType::FixedSizeList(..) => list(column.as_fixed_size_list().value(at)),
        DataType::Struct(fields) => {
            let parts = fields.iter().zip(column.as_struct().columns());
            let parts =
                parts.map(|(field, part)| Ok((field.name().to_lowercase(), value(part, at, depth + 1)?)));
            parts.collect::<Result<Map<_, _>, Box<dyn std::error::Error>>>().map(Value::Object)
        }
        DataType::Binary => Ok(binary(column.as_binary::<i32>().value(at))),
        DataType::LargeBinary => Ok(binary(column.as_binary::<i64>().value(at))),
        DataType::BinaryView => Ok(binary(column.as_binary_view().value(at))),
        DataType::FixedSizeBinary(_) => Ok(binary(column.as_fixed_size_binary().value(at))),
        _ => {
            let format = FormatOptions::new()
                .with_timestamp_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"))
                .with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.f%:z"));
            let text = ArrayFormatter::try_new(column, &format)?.value(at).try_to_string()?;
            let number =
                matches!(column.data_type(), DataType::Float16 | DataType::Float32 | DataType::Float64);
            Ok(match text.as_str() {
                "NaN" if number => Value::Null,
                // Writers turn whole numbers into these where a cell is missing.
                _ if number => Value::String(text.strip_suffix(".0").unwrap_or(&text).to_owned()),
                _ => Value::String(text),
            })
        }
    }
}

/// Bytes that are text as text, others by their hash alone: they may be a picture.
fn binary(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if crate::media::kind(bytes).is_none() => Value::String(text.to_owned()),
        _ => Value::String(format!("[{} bytes left out, sha256 {}]", bytes.len(), Digest::of(bytes).hex())),
    }
}
