//! Postings as Parquet: flat columns that any reader of Parquet understands, described in `docs/archive-layout.md`.

use crate::error::{ArchiveError, damaged, io, unwritten};
use crate::files::{into_place, private_file};
use crate::json::{image_of, image_value};
use crate::manifest::SegmentInfo;
use crate::writer::place_of;
use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, PrimitiveArray, RecordBatch, StringArray, UInt8Array,
};
use arrow::datatypes::{ArrowPrimitiveType, Float64Type, Int64Type, UInt8Type};
use homeward_model::{Authority, Digest, Instant, PlaceMention, Point, Posting, Provenance, RowOffset};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Postings that are held in memory before they are written.
const WRITE_BATCH: usize = 4_096;
/// Postings that are read at a time.
const READ_BATCH: usize = 8_192;

/// Writes one segment, batch by batch; it has no name before [`SegmentWriter::finish`].
pub struct SegmentWriter {
    draft: PathBuf,
    writer: ArrowWriter<File>,
    waiting: Vec<Posting>,
    keys: Vec<u8>,
    postings: usize,
}

impl SegmentWriter {
    /// Begins a segment in a folder. One at a time: the draft's name is fixed, so that a dead one is written over.
    pub fn new(folder: &Path) -> Result<SegmentWriter, ArchiveError> {
        let draft = folder.join("next.draft");
        let file = private_file(&draft).map_err(io("write", &draft))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(32_768))
            .build();
        let schema = batch(&[]).map_err(|error| unwritten(&draft, error))?.schema();
        let writer =
            ArrowWriter::try_new(file, schema, Some(properties)).map_err(|error| unwritten(&draft, error))?;
        Ok(SegmentWriter { draft, writer, waiting: Vec::new(), keys: Vec::new(), postings: 0 })
    }

    /// Postings so far.
    pub fn len(&self) -> usize {
        self.postings
    }

    /// Adds a posting.
    pub fn push(&mut self, posting: Posting) -> Result<(), ArchiveError> {
        self.keys.extend(posting.identity().0);
        self.keys.extend(posting.content_digest().0);
        self.postings += 1;
        self.waiting.push(posting);
        if self.waiting.len() >= WRITE_BATCH { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), ArchiveError> {
        let batch = batch(&self.waiting).map_err(|error| unwritten(&self.draft, error))?;
        self.waiting.clear();
        self.writer.write(&batch).map_err(|error| unwritten(&self.draft, error))
    }

    /// Makes the segment durable and gives it its name, the hash of the identities and contents in it.
    pub fn finish(mut self, taken_in_us: Option<i64>) -> Result<SegmentInfo, ArchiveError> {
        if !self.waiting.is_empty() {
            self.write()?;
        }
        let id = name_of(&self.keys);
        let file = self.writer.into_inner().map_err(|error| unwritten(&self.draft, error))?;
        file.sync_all().map_err(io("write", &self.draft))?;
        into_place(&self.draft, &self.draft.with_file_name(format!("{id}.parquet")))?;
        Ok(SegmentInfo { id, postings: self.postings, taken_in_us })
    }
}

/// The name of a segment with these identities and contents, each 32 bytes, in turn.
pub fn name_of(keys: &[u8]) -> String {
    Digest::of(keys).hex()[..32].to_owned()
}

fn batch(postings: &[Posting]) -> Result<RecordBatch, arrow::error::ArrowError> {
    let text = |of: &dyn Fn(&Posting) -> Option<String>| -> ArrayRef {
        Arc::new(postings.iter().map(of).collect::<StringArray>())
    };
    let real = |of: &dyn Fn(&Posting) -> Option<f64>| -> ArrayRef {
        Arc::new(postings.iter().map(of).collect::<Float64Array>())
    };
    let moment = |of: &dyn Fn(&Posting) -> Option<Instant>| -> ArrayRef {
        Arc::new(postings.iter().map(|posting| of(posting).map(|at| at.0)).collect::<Int64Array>())
    };
    let json_list = |list: Vec<Value>| (!list.is_empty()).then(|| Value::Array(list).to_string());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("identity", text(&|p| Some(p.identity().hex()))),
        ("content", text(&|p| Some(p.content_digest().hex()))),
        ("id", text(&|p| Some(p.id.clone()))),
        ("source", text(&|p| Some(p.source.clone()))),
        ("site", text(&|p| p.site.clone())),
        ("url", text(&|p| p.url.clone())),
        ("account", text(&|p| p.account.clone())),
        ("posted_at_us", moment(&|p| p.posted_at)),
        ("collected_at_us", moment(&|p| p.collected_at)),
        ("title", text(&|p| Some(p.title.clone()))),
        ("body", text(&|p| Some(p.body.clone()))),
        ("place_text", text(&|p| p.place.text.clone())),
        ("city", text(&|p| p.place.city.clone())),
        ("state", text(&|p| p.place.state.clone())),
        ("lat", real(&|p| p.place.point.map(|point| point.lat))),
        ("lon", real(&|p| p.place.point.map(|point| point.lon))),
        ("stated_age", Arc::new(postings.iter().map(|p| p.stated_age).collect::<UInt8Array>())),
        ("price", text(&|p| p.price.clone())),
        ("contacts", text(&|p| json_list(p.contacts.iter().map(|contact| json!(contact)).collect()))),
        ("images", text(&|p| json_list(p.images.iter().map(image_value).collect()))),
        ("extra", text(&|p| (!p.extra.is_empty()).then(|| json!(p.extra).to_string()))),
        ("notes", text(&|p| json_list(p.notes.iter().map(|note| json!(note)).collect()))),
        ("authority", text(&|p| Some(p.provenance.authority.word().to_owned()))),
        ("file", text(&|p| Some(p.provenance.file.clone()))),
        ("offset", text(&|p| Some(place_of(p.provenance.offset)))),
        ("raw_sha256", text(&|p| Some(p.provenance.raw_sha256.hex()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}

type Builder = ParquetRecordBatchReaderBuilder<File>;

fn builder(path: &Path) -> Result<Builder, ArchiveError> {
    let file = File::open(path).map_err(io("read", path))?;
    let builder = Builder::try_new(file).map_err(|error| damaged(path, error))?;
    Ok(builder.with_batch_size(READ_BATCH))
}

/// Batches of postings, in order; no more than one batch is held at a time.
pub struct Batches {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
}

impl Batches {
    /// All postings of a segment.
    pub fn of(path: &Path) -> Result<Batches, ArchiveError> {
        Batches::build(path, builder(path)?)
    }

    /// Some rows of a segment, ascending.
    pub fn of_rows(path: &Path, rows: &[u32]) -> Result<Batches, ArchiveError> {
        let builder = builder(path)?;
        let total = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let ranges = rows.iter().map(|row| *row as usize..*row as usize + 1);
        let selection = RowSelection::from_consecutive_ranges(ranges, total);
        Batches::build(path, builder.with_row_selection(selection))
    }

    fn build(path: &Path, builder: Builder) -> Result<Batches, ArchiveError> {
        let reader = builder.build().map_err(|error| damaged(path, error))?;
        Ok(Batches { path: path.to_path_buf(), reader })
    }
}

impl Iterator for Batches {
    type Item = Result<Vec<Posting>, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(batch.map_err(|error| damaged(&self.path, error)).and_then(|batch| read(&self.path, &batch)))
    }
}

/// Identity and content of every posting, shortened.
pub fn keys(path: &Path) -> Result<Vec<(u128, u128)>, ArchiveError> {
    let mut keys = Vec::new();
    let builder = builder(path)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), ["identity", "content"]);
    let reader = builder.with_projection(mask).build().map_err(|error| damaged(path, error))?;
    for batch in reader {
        let batch = batch.map_err(|error| damaged(path, error))?;
        let (identity, content) = (text(path, &batch, "identity")?, text(path, &batch, "content")?);
        for row in 0..batch.num_rows() {
            let key = |column: &StringArray| Digest::parse(column.value(row)).map(|digest| digest.bits());
            keys.push(key(identity).zip(key(content)).ok_or_else(|| damaged(path, "a key is no digest"))?);
        }
    }
    Ok(keys)
}

fn text<'a>(path: &Path, batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray, ArchiveError> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt());
    column.ok_or_else(|| damaged(path, format!("no text column `{name}`")))
}

fn number<'a, T: ArrowPrimitiveType>(
    path: &Path,
    batch: &'a RecordBatch,
    name: &str,
) -> Result<&'a PrimitiveArray<T>, ArchiveError> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt());
    column.ok_or_else(|| damaged(path, format!("no column of numbers `{name}`")))
}

/// The postings of one batch.
fn read(path: &Path, batch: &RecordBatch) -> Result<Vec<Posting>, ArchiveError> {
    let names =
        ["id", "source", "site", "url", "account", "title", "body", "place_text", "city", "state", "price"];
    let texts = names.iter().map(|name| text(path, batch, name)).collect::<Result<Vec<_>, _>>()?;
    let json_names = ["contacts", "images", "extra", "notes", "authority", "file", "offset", "raw_sha256"];
    let others = json_names.iter().map(|name| text(path, batch, name)).collect::<Result<Vec<_>, _>>()?;
    let moment = |name: &str| number::<Int64Type>(path, batch, name);
    let real = |name: &str| number::<Float64Type>(path, batch, name);
    let (posted, collected) = (moment("posted_at_us")?, moment("collected_at_us")?);
    let (lat, lon) = (real("lat")?, real("lon")?);
    let age = number::<UInt8Type>(path, batch, "stated_age")?;
    let posting = |row: usize| {
        let some = |at: usize| texts[at].is_valid(row).then(|| texts[at].value(row).to_owned());
        let other = |at: usize| if others[at].is_valid(row) { others[at].value(row) } else { "" };
        let list = |at: usize| serde_json::from_str::<Vec<Value>>(other(at)).unwrap_or_default();
        let strings = |at: usize| list(at).iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let at = |column: &Int64Array| column.is_valid(row).then(|| Instant(column.value(row)));
        let (kind, number) = other(6).split_once(' ').unwrap_or(("line", "0"));
        let number = number.parse().unwrap_or(0);
        Posting {
            id: some(0).unwrap_or_default(),
            source: some(1).unwrap_or_default(),
            site: some(2),
            url: some(3),
            account: some(4),
            posted_at: at(posted),
            collected_at: at(collected),
            title: some(5).unwrap_or_default(),
            body: some(6).unwrap_or_default(),
            place: PlaceMention {
                text: some(7),
                city: some(8),
                state: some(9),
                point: (lat.is_valid(row) && lon.is_valid(row))
                    .then(|| Point { lat: lat.value(row), lon: lon.value(row) }),
            },
            stated_age: age.is_valid(row).then(|| age.value(row)),
            price: some(10),
            contacts: strings(0),
            images: list(1).iter().map(image_of).collect(),
            extra: serde_json::from_str(other(2)).unwrap_or_default(),
            notes: strings(3),
            provenance: Provenance {
                authority: Authority::parse(other(4)).unwrap_or_default(),
                file: other(5).to_owned(),
                offset: match kind {
                    "byte" => RowOffset::Byte(number),
                    "row" => RowOffset::Row(number),
                    _ => RowOffset::Line(number),
                },
                raw_sha256: Digest::parse(other(7)).unwrap_or_default(),
            },
        }
    };
    Ok((0..batch.num_rows()).map(posting).collect())
}
