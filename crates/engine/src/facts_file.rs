//! Facts on disk: one Arrow IPC file per segment, written once and read whole. It is a cache: deleting it costs time,
//! never answers.

use crate::extract::Extracted;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanBuilder, Float32Builder, Int64Builder, ListArray,
    ListBuilder, RecordBatch, StringBuilder, UInt8Builder, UInt32Builder, UInt64Builder,
};
use arrow::datatypes::{Float32Type, Int64Type, UInt8Type, UInt32Type, UInt64Type};
use arrow::error::ArrowError;
use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;
use homeward_archive::private_file;
use homeward_linkage::describe::Description;
use homeward_linkage::facts::{Facts, SelectorFact};
use homeward_model::{Instant, Pdq, SelectorKind};
use homeward_places::CityId;
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::sync::Arc;

/// Rows in one batch: large enough to amortise, small enough to stay in memory beside its neighbours.
const BATCH: usize = 16_384;

/// The column of skeletons.
const TOKENS: &str = "tokens";

/// Writes facts under a temporary name and renames, so that a file by this name is always whole.
pub fn write(path: &Path, rows: &[Extracted]) -> Result<(), ArrowError> {
    let draft = path.with_extension("draft");
    let mut writer: Option<FileWriter<BufWriter<File>>> = None;
    for chunk in rows.chunks(BATCH).chain(rows.is_empty().then_some(&[][..])) {
        let batch = to_batch(chunk)?;
        if writer.is_none() {
            writer = Some(FileWriter::try_new_buffered(private_file(&draft)?, &batch.schema())?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&batch)?;
        }
    }
    if let Some(mut writer) = writer {
        writer.finish()?;
    }
    std::fs::rename(&draft, path)?;
    Ok(())
}

/// Reads what [`write()`] wrote.
pub fn read(path: &Path) -> Result<Vec<Extracted>, ArrowError> {
    read_columns(path, |_| true)
}

/// Reads what [`write()`] wrote, without the skeletons of the texts: they are most of the file, and only families need them.
pub fn read_without_tokens(path: &Path) -> Result<Vec<Extracted>, ArrowError> {
    read_columns(path, |name| name != TOKENS)
}

fn read_columns(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<Extracted>, ArrowError> {
    let open = || -> Result<_, ArrowError> { Ok(BufReader::new(File::open(path)?)) };
    let schema = FileReader::try_new(open()?, None)?.schema();
    let fields = schema.fields().iter().enumerate();
    let columns = fields.filter(|(_, field)| wanted(field.name())).map(|(at, _)| at).collect();
    let batches: Vec<RecordBatch> = FileReader::try_new(open()?, Some(columns))?.collect::<Result<_, _>>()?;
    let parts: Vec<Vec<Extracted>> =
        batches.into_par_iter().map(|batch| from_batch(&batch)).collect::<Result<_, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// Facts as an Arrow batch: the shape in which a cluster runner passes them between steps.
pub fn to_batch(rows: &[Extracted]) -> Result<RecordBatch, ArrowError> {
    let mut id = StringBuilder::new();
    let mut content = UInt64Builder::new();
    let mut collected = Int64Builder::new();
    let mut key = UInt64Builder::new();
    let mut tokens = ListBuilder::new(UInt32Builder::new());
    let mut kinds = ListBuilder::new(UInt8Builder::new());
    let mut values = ListBuilder::new(StringBuilder::new());
    let mut confidences = ListBuilder::new(Float32Builder::new());
    let mut commons = ListBuilder::new(BooleanBuilder::new());
    let mut account = UInt64Builder::new();
    let mut images = BinaryBuilder::new();
    let mut seen = Int64Builder::new();
    let mut city = UInt32Builder::new();
    let mut names = ListBuilder::new(StringBuilder::new());
    let mut age = UInt8Builder::new();
    let mut height = Float32Builder::new();
    let mut weight = Float32Builder::new();
    let mut hair = StringBuilder::new();
    let mut eyes = StringBuilder::new();
    let mut marks = ListBuilder::new(StringBuilder::new());
    for row in rows {
        let facts = &row.facts;
        id.append_value(&row.id);
        content.append_value(row.content);
        collected.append_value(row.collected);
        key.append_value(facts.key);
        tokens.values().append_slice(&facts.tokens);
        tokens.append(true);
        for selector in &facts.selectors {
            kinds.values().append_value(selector.kind as u8);
            values.values().append_value(&selector.value);
            confidences.values().append_value(selector.confidence);
            commons.values().append_value(selector.common);
        }
        kinds.append(true);
        values.append(true);
        confidences.append(true);
        commons.append(true);
        account.append_option(facts.account);
        images.append_value(image_bytes(&facts.images));
        seen.append_option(facts.seen_at.map(|at| at.0));
        city.append_option(facts.city.map(|city| city.0));
        append_strings(&mut names, &facts.person.names);
        age.append_option(facts.person.age);
        height.append_option(facts.person.height_cm);
        weight.append_option(facts.person.weight_kg);
        hair.append_option(facts.person.hair.as_deref());
        eyes.append_option(facts.person.eyes.as_deref());
        append_strings(&mut marks, &facts.person.marks);
    }
    let columns: [(&str, ArrayRef); 20] = [
        ("id", Arc::new(id.finish())),
        ("content", Arc::new(content.finish())),
        ("collected", Arc::new(collected.finish())),
        ("key", Arc::new(key.finish())),
        (TOKENS, Arc::new(tokens.finish())),
        ("selector_kind", Arc::new(kinds.finish())),
        ("selector_value", Arc::new(values.finish())),
        ("selector_confidence", Arc::new(confidences.finish())),
        ("selector_common", Arc::new(commons.finish())),
        ("account", Arc::new(account.finish())),
        ("images", Arc::new(images.finish())),
        ("seen_at", Arc::new(seen.finish())),
        ("city", Arc::new(city.finish())),
        ("names", Arc::new(names.finish())),
        ("age", Arc::new(age.finish())),
        ("height_cm", Arc::new(height.finish())),
        ("weight_kg", Arc::new(weight.finish())),
        ("hair", Arc::new(hair.finish())),
        ("eyes", Arc::new(eyes.finish())),
        ("marks", Arc::new(marks.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}

/// Reads the rows of a batch that [`to_batch`] made; one without skeletons has none in its rows.
pub fn from_batch(batch: &RecordBatch) -> Result<Vec<Extracted>, ArrowError> {
    let mut rows = Vec::with_capacity(batch.num_rows());
    let column = |name: &str| {
        batch
            .column_by_name(name)
            .ok_or_else(|| ArrowError::SchemaError(format!("facts have no column `{name}`")))
    };
    let id = column("id")?.as_string::<i32>();
    let content = column("content")?.as_primitive::<UInt64Type>();
    let collected = column("collected")?.as_primitive::<Int64Type>();
    let key = column("key")?.as_primitive::<UInt64Type>();
    // A list is a slice of the column of its items: to cut an array out for each row would cost more than the rest.
    let list = |name: &str| Ok::<_, ArrowError>(column(name)?.as_list::<i32>());
    let span = |list: &ListArray, row: usize| {
        let ends = &list.value_offsets()[row..row + 2];
        ends[0] as usize..ends[1] as usize
    };
    let tokens = batch.column_by_name(TOKENS).map(AsArray::as_list::<i32>);
    let token_values = tokens.map_or(&[][..], |list| list.values().as_primitive::<UInt32Type>().values());
    let kinds = list("selector_kind")?;
    let kind_values = kinds.values().as_primitive::<UInt8Type>();
    // The lists of a selector's parts are of one length.
    let values = list("selector_value")?.values().as_string::<i32>();
    let confidences = list("selector_confidence")?.values().as_primitive::<Float32Type>();
    let commons = list("selector_common")?.values().as_boolean();
    let account = column("account")?.as_primitive::<UInt64Type>();
    let images = column("images")?.as_binary::<i32>();
    let seen = column("seen_at")?.as_primitive::<Int64Type>();
    let city = column("city")?.as_primitive::<UInt32Type>();
    let names = list("names")?;
    let age = column("age")?.as_primitive::<UInt8Type>();
    let height = column("height_cm")?.as_primitive::<Float32Type>();
    let weight = column("weight_kg")?.as_primitive::<Float32Type>();
    let hair = column("hair")?.as_string::<i32>();
    let eyes = column("eyes")?.as_string::<i32>();
    let marks = list("marks")?;
    let strings = |list: &ListArray, row: usize| {
        let texts = list.values().as_string::<i32>();
        span(list, row).map(|at| texts.value(at).to_owned()).collect()
    };
    for row in 0..batch.num_rows() {
        let selectors = span(kinds, row).filter_map(|at| {
            let (kind, _) = SelectorKind::ALL.get(kind_values.value(at) as usize)?;
            Some(SelectorFact {
                kind: *kind,
                value: values.value(at).to_owned(),
                confidence: confidences.value(at),
                common: commons.value(at),
            })
        });
        rows.push(Extracted {
            id: id.value(row).to_owned(),
            content: content.value(row),
            collected: collected.value(row),
            facts: Facts {
                key: key.value(row),
                tokens: tokens.map_or_else(Vec::new, |tokens| token_values[span(tokens, row)].to_vec()),
                selectors: selectors.collect(),
                account: account.is_valid(row).then(|| account.value(row)),
                images: image_hashes(images.value(row)),
                seen_at: seen.is_valid(row).then(|| Instant(seen.value(row))),
                city: city.is_valid(row).then(|| CityId(city.value(row))),
                person: Description {
                    names: strings(names, row),
                    age: age.is_valid(row).then(|| age.value(row)),
                    height_cm: height.is_valid(row).then(|| height.value(row)),
                    weight_kg: weight.is_valid(row).then(|| weight.value(row)),
                    hair: hair.is_valid(row).then(|| hair.value(row).to_owned()),
                    eyes: eyes.is_valid(row).then(|| eyes.value(row).to_owned()),
                    marks: strings(marks, row),
                },
            },
        });
    }
    Ok(rows)
}

fn append_strings(list: &mut ListBuilder<StringBuilder>, texts: &[String]) {
    for text in texts {
        list.values().append_value(text);
    }
    list.append(true);
}

fn image_bytes(images: &[Pdq]) -> Vec<u8> {
    images.iter().flat_map(|image| image.0).flat_map(u64::to_be_bytes).collect()
}

fn image_hashes(bytes: &[u8]) -> Vec<Pdq> {
    let word = |bytes: &[u8]| bytes.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
    bytes
        .chunks_exact(32)
        .map(|hash| Pdq(std::array::from_fn(|at| word(&hash[at * 8..at * 8 + 8]))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_read_back_as_they_were() {
        let full = Extracted {
            id: "007".into(),
            content: 5,
            collected: 1_564_617_600_000_000,
            facts: Facts {
                key: 9,
                tokens: vec![1, 2, 3],
                selectors: vec![SelectorFact {
                    kind: SelectorKind::Phone,
                    value: "+17045550142".into(),
                    confidence: 0.9,
                    common: false,
                }],
                account: Some(4),
                images: vec![Pdq([1, 2, 3, u64::MAX])],
                seen_at: Some(Instant(7)),
                city: Some(CityId(3)),
                person: Description {
                    names: vec!["mia".into()],
                    age: Some(22),
                    height_cm: Some(162.0),
                    hair: Some("brown".into()),
                    marks: vec!["tattoo wrist".into()],
                    ..Description::default()
                },
            },
        };
        let folder = tempfile::tempdir().unwrap();
        for rows in [vec![], vec![full.clone(), Extracted::default(), full]] {
            let path = folder.path().join("facts.arrow");
            write(&path, &rows).unwrap();
            assert_eq!(read(&path).unwrap(), rows);
            let mut bare = rows;
            for row in &mut bare {
                row.facts.tokens.clear();
            }
            assert_eq!(read_without_tokens(&path).unwrap(), bare);
        }
    }
}
