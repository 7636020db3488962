//! Postings as Parquet: flat columns that any reader of Parquet understands, described in `docs/archive-layout.md`.

use crate::{ArchiveError, damaged, io, write_whole};
use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt8Array,
};
use arrow::datatypes::{Float64Type, Int64Type, UInt8Type};
use homeward_model::{
    Authority, Digest, Instant, Pdq, Photo, PlaceMention, Point, Posting, Provenance, RowOffset,
};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// The first 128 bits of a digest: enough to tell postings apart, half the memory.
pub fn short(digest: &Digest) -> u128 {
    digest.0[..16].iter().fold(0, |key, byte| key << 8 | u128::from(*byte))
}

/// Writes a segment whole or not at all.
pub fn write(path: &Path, postings: &[Posting]) -> Result<(), ArchiveError> {
    let batch = batch(postings).map_err(|error| damaged(path, error))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(32_768))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
        .map_err(|error| damaged(path, error))?;
    writer.write(&batch).map_err(|error| damaged(path, error))?;
    writer.close().map_err(|error| damaged(path, error))?;
    write_whole(path, &bytes)
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
    let offset = |posting: &Posting| match posting.provenance.offset {
        RowOffset::Line(at) => format!("line {at}"),
        RowOffset::Byte(at) => format!("byte {at}"),
        RowOffset::Row(at) => format!("row {at}"),
    };
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
        ("offset", text(&|p| Some(offset(p)))),
        ("raw_sha256", text(&|p| Some(p.provenance.raw_sha256.hex()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}

/// An image as JSON, by hash and pointer.
pub fn image_value(image: &Photo) -> Value {
    let mut object = Map::new();
    let texts = [("url", &image.url), ("sha256", &image.sha256), ("path", &image.path)];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text))) {
        object.insert(name.to_owned(), json!(text));
    }
    if let Some(pdq) = image.pdq {
        object.insert("pdq".to_owned(), json!(pdq.to_string()));
    }
    if let Some(quality) = image.pdq_quality {
        object.insert("pdq_quality".to_owned(), json!(quality));
    }
    Value::Object(object)
}

/// Reads what [`image_value`] wrote.
pub fn image_of(value: &Value) -> Photo {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    Photo {
        url: text("url"),
        sha256: text("sha256"),
        pdq: value["pdq"].as_str().and_then(Pdq::parse),
        pdq_quality: value["pdq_quality"].as_u64().map(|quality| quality as u8),
        path: text("path"),
    }
}

fn batches(path: &Path, columns: Option<&[&str]>) -> Result<Vec<RecordBatch>, ArchiveError> {
    let file = File::open(path).map_err(io("read", path))?;
    let mut builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| damaged(path, error))?
        .with_batch_size(32_768);
    if let Some(columns) = columns {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    let reader = builder.build().map_err(|error| damaged(path, error))?;
    reader.map(|batch| batch.map_err(|error| damaged(path, error))).collect()
}

/// Identity and content of every posting, shortened.
pub fn keys(path: &Path) -> Result<Vec<(u128, u128)>, ArchiveError> {
    let mut keys = Vec::new();
    for batch in batches(path, Some(&["identity", "content"]))? {
        let column = |name: &str| {
            batch.column_by_name(name).ok_or_else(|| damaged(path, format!("no column `{name}`")))
        };
        let (identity, content) =
            (column("identity")?.as_string::<i32>(), column("content")?.as_string::<i32>());
        for row in 0..batch.num_rows() {
            let key = |column: &StringArray| Digest::parse(column.value(row)).map(|digest| short(&digest));
            keys.push(key(identity).zip(key(content)).ok_or_else(|| damaged(path, "a key is no digest"))?);
        }
    }
    Ok(keys)
}

/// All postings of a segment.
pub fn read(path: &Path) -> Result<Vec<Posting>, ArchiveError> {
    let mut postings = Vec::new();
    for batch in batches(path, None)? {
        let column = |name: &str| {
            batch.column_by_name(name).ok_or_else(|| damaged(path, format!("no column `{name}`")))
        };
        let text = |name: &str| Ok::<_, ArchiveError>(column(name)?.as_string::<i32>());
        let moment = |name: &str| Ok::<_, ArchiveError>(column(name)?.as_primitive::<Int64Type>());
        let real = |name: &str| Ok::<_, ArchiveError>(column(name)?.as_primitive::<Float64Type>());
        let names = [
            "id",
            "source",
            "site",
            "url",
            "account",
            "title",
            "body",
            "place_text",
            "city",
            "state",
            "price",
        ];
        let texts = names.iter().map(|name| text(name)).collect::<Result<Vec<_>, _>>()?;
        let json_names =
            ["contacts", "images", "extra", "notes", "authority", "file", "offset", "raw_sha256"];
        let others = json_names.iter().map(|name| text(name)).collect::<Result<Vec<_>, _>>()?;
        let (posted, collected) = (moment("posted_at_us")?, moment("collected_at_us")?);
        let (lat, lon) = (real("lat")?, real("lon")?);
        let age = column("stated_age")?.as_primitive::<UInt8Type>();
        for row in 0..batch.num_rows() {
            let some = |at: usize| texts[at].is_valid(row).then(|| texts[at].value(row).to_owned());
            let other = |at: usize| if others[at].is_valid(row) { others[at].value(row) } else { "" };
            let list = |at: usize| serde_json::from_str::<Vec<Value>>(other(at)).unwrap_or_default();
            let strings = |at: usize| list(at).iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let at = |column: &Int64Array| column.is_valid(row).then(|| Instant(column.value(row)));
            let (kind, number) = other(6).split_once(' ').unwrap_or(("line", "0"));
            let number = number.parse().unwrap_or(0);
            postings.push(Posting {
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
            });
        }
    }
    Ok(postings)
}
