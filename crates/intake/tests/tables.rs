//! JSON Lines, JSON arrays, CDR, CSV and Parquet: what is read, and what damage costs.

mod common;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, ListBuilder, RecordBatch, StringArray,
    StringBuilder, StructArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Fields, Int32Type};
use common::{gzip, postings, postings_of, read, with_file};
use homeward_intake::{Format, Item, Options, read_postings};
use homeward_model::RowOffset;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::sync::Arc;

const TWO: &str = "{\"id\":\"1\",\"text\":\"in town\"}\n{\"id\":\"2\",\"text\":\"here now\"}\n";

/// Reads bytes and compares the ids of what is taken and the lines and beginnings of reasons of what is not.
fn check(name: &str, bytes: &[u8], ids: &[&str], rejected: &[(u64, &str)]) {
    let read = postings(name, bytes);
    let tally = read.tally.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(
        read.good.iter().map(|posting| posting.id.as_str()).collect::<Vec<_>>(),
        ids,
        "{:?}",
        read.rejected
    );
    assert_eq!(read.rejected.len(), rejected.len(), "{name}: {:?}", read.rejected);
    for (row, (line, reason)) in read.rejected.iter().zip(rejected) {
        assert_eq!(row.offset, RowOffset::Line(*line), "{name}: {}", row.reason);
        assert!(row.reason.starts_with(reason), "{name}: {}", row.reason);
        assert!(row.raw.len() <= 64 << 10);
    }
    assert_eq!(tally.records as usize, ids.len() + rejected.len(), "{name}");
}

#[test]
fn text_is_read_in_any_packing() {
    check("a.csv", TWO.as_bytes(), &["1", "2"], &[]);
    check("a", &gzip(TWO.as_bytes()), &["1", "2"], &[]);
    check("a", &gzip(b""), &[], &[]);
    check(
        "a",
        &[gzip(TWO.as_bytes()), gzip(b"{\"id\":\"3\",\"text\":\"x\"}")].concat(),
        &["1", "2", "3"],
        &[],
    );
    let wide: Vec<u8> = "\u{feff}id,text\n1,caf\u{e9}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check("a", &wide, &["1"], &[]);
    let wide: Vec<u8> = "id,text\n1,in town\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check("a", &gzip(&wide), &["1"], &[]);
    check("a", "\u{feff}id,text\n1,x\n".as_bytes(), &["1"], &[]);
    check("a", b"id,text\r1,x\r2,y\r", &["1", "2"], &[]);
    check("a", b"id\ttext\n1\tx\n", &["1"], &[]);
}

#[test]
fn arrays_and_spread_objects_are_read() {
    check("a", b"[{\"id\":\"1\",\"text\":\"a]}\\\"\"},\n {\"id\":\"2\",\"text\":\"b\"}]\n", &["1", "2"], &[]);
    check(
        "a",
        b"{\n \"id\": \"1\",\n \"text\": \"a\"\n}\n{\n \"id\": \"2\",\n \"text\": \"b\"\n}\n",
        &["1", "2"],
        &[],
    );
    check(
        "a",
        b"[{\"id\":\"1\",\"text\":\"a\"}, 7, {\"id\":\"2\",\"text\":\"b\"}]",
        &["1", "2"],
        &[(1, "not a JSON object")],
    );
    check("a", b"[]", &[], &[]);
    check("a", b"[{\"id\":\"1\",\"text\":\"a\"}, {\"id\":", &["1"], &[(1, "not JSON")]);
}

#[test]
fn packing_that_is_cut_short_keeps_the_rows_before_it() {
    let rows: Vec<String> =
        (0..5000).map(|n| format!("{{\"id\":\"{n}\",\"text\":\"row {}\"}}\n", n * n)).collect();
    let packed = gzip(rows.concat().as_bytes());
    for cut in [packed.len() / 2, packed.len() - 3] {
        let read = postings("a.jsonl.gz", &packed[..cut]);
        assert!(read.good.len() > 1000, "{}", read.good.len());
        assert_eq!(read.rejected.len(), 1);
        assert!(read.rejected[0].reason.starts_with("the packed data is damaged or cut short"));
        assert_eq!(read.rejected[0].offset, RowOffset::Line(read.good.len() as u64 + 1));
    }
    let rows: Vec<String> = (0..5000).map(|n| format!("{n},row {}\n", n * n)).collect();
    let packed = gzip(format!("id,text\n{}", rows.concat()).as_bytes());
    let read = postings("a.csv.gz", &packed[..packed.len() / 2]);
    assert!(read.good.len() > 1000 && read.rejected.len() == 1, "{:?}", read.rejected);
}

#[test]
fn damage_costs_its_row() {
    let long = "x".repeat(17 << 20);
    let with = |text: &[u8]| {
        [&b"{\"id\":\"1\",\"text\":\"a\"}\n"[..], text, b"\n{\"id\":\"2\",\"text\":\"b\"}\n"].concat()
    };
    check("a", &with(long.as_bytes()), &["1", "2"], &[(2, "row is longer than 16 MiB")]);
    check("a", &with(b"{\"text\":\"\xff\"}"), &["1", "2"], &[(2, "not UTF-8 at byte 9")]);
    check("a", &with("{\"a\":".repeat(100_000).as_bytes()), &["1", "2"], &[(2, "not JSON: recursion limit")]);
    let with = |text: &[u8]| [&b"id,text\n1,a\n"[..], text, b"\n2,b\n"].concat();
    check("a", &with(format!("9,\"{long}\"").as_bytes()), &["1", "2"], &[(3, "row is longer than 16 MiB")]);
    check("a", &with(b"9,\"never closed"), &["1", "2"], &[(3, "a quote is opened and not closed")]);
    check("a", &with(b"9,\xff"), &["1", "2"], &[(3, "column `text` is not UTF-8")]);
    check("a", &with(b"9,a\0b"), &["1", "2"], &[(3, "has a NUL byte")]);
    check("a", &with(b"9,a,b,c"), &["1", "2"], &[(3, "4 cells where the header has 2")]);
}

#[test]
fn an_open_quote_at_the_head_holds_no_more_than_its_limit() {
    let rows = format!("2,{}\n", "b".repeat(2000)).repeat(9_000);
    let read = postings("a", format!("id,text\n1,\"a\n{rows}").as_bytes());
    assert_eq!((read.good.len(), read.rejected.len()), (9_000, 1));
    let error = postings("a", b"\"id,text\n1,a\n").tally.unwrap_err();
    assert!(error.to_string().contains("no column that is known"), "{error}");
}

#[test]
fn what_is_no_format_is_named() {
    for (bytes, what) in [
        (&b"PK\x03\x04rest"[..], "a zip archive"),
        (b"\x89PNG\r\n", "an image"),
        (b"\0\0\0\x18ftypmp42", "a video or image"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<?xml version=\"1.0\"?><a/>", "an XML document"),
        (b"<!DOCTYPE html><p>x", "a web page"),
    ] {
        for bytes in [bytes.to_vec(), gzip(bytes)] {
            let error = postings("a.csv", &bytes).tally.unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
            assert!(error.hint().is_some());
        }
    }
}

#[test]
fn a_column_that_was_asked_for_has_to_be_there() {
    let read = |text: &str, required: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, text).unwrap();
        let mappings = vec![(required.to_owned(), "text".to_owned())];
        let options = Options { mappings, required: vec![required.to_owned()], ..Options::default() };
        let mut texts = Vec::new();
        let read = read_postings(&path, &options, &mut |item| {
            if let Item::Good(posting) = item {
                texts.push(posting.body);
            }
            true
        });
        read.map(|_| texts).map_err(|error| error.to_string())
    };
    let table = "id,ad, Text \n1,y,x\n";
    assert_eq!(read(table, "text"), Ok(vec!["x".to_owned()]));
    assert_eq!(read(table, "Ad"), Ok(vec!["y".to_owned()]));
    assert!(read(table, "body").unwrap_err().ends_with("has no column `body`; it has `id`, `ad`, `Text`"));
    // Rows of JSON Lines need not all have it.
    let lines = "{\"id\":\"1\",\"text\":\"x\"}\n{\"id\":\"2\",\"Ad\":\"y\"}\n";
    assert_eq!(read(lines, "ad"), Ok(vec!["x".to_owned(), "y".to_owned()]));
    assert!(read(lines, "nope").unwrap_err().contains("has no column `nope`; it has `id`, `text`"));
    assert!(read("{\n\"text\":\"x\"}", "nope").unwrap_err().contains("has no column `nope`"));
}

#[test]
fn a_format_that_was_said_has_to_fit() {
    let check = |bytes: &[u8], format: Format, expected: Result<usize, &str>| {
        let options = Options { format, ..Options::default() };
        let read = with_file("a", bytes, |path| read(read_postings, path, &options));
        let got = read.tally.map(|_| read.good.len()).map_err(|error| error.to_string());
        match expected {
            Ok(count) => assert_eq!(got, Ok(count), "{}", format.word()),
            Err(part) => assert!(got.as_ref().is_err_and(|error| error.contains(part)), "{got:?}"),
        }
    };
    check(TWO.as_bytes(), Format::Jsonl, Ok(2));
    check(&[b"broken\n", TWO.as_bytes()].concat(), Format::Jsonl, Ok(2));
    check(TWO.as_bytes(), Format::Csv, Err("no column that is known"));
    check(TWO.as_bytes(), Format::Parquet, Err("is not what `--format parquet` says"));
    check(TWO.as_bytes(), Format::Warc, Err("is not what `--format warc` says"));
    check(b"id,text\n1,a\n", Format::Jsonl, Err("is not what `--format jsonl` says"));
    check(b"PK\x03\x04", Format::Csv, Err("a zip archive"));
    check(b"", Format::Parquet, Ok(0));
}

#[test]
fn repository_rows_are_read() {
    let rows = concat!(
        r#"{"_id":"AB","url":"http://example.org/1","timestamp":1457053240762,"content_type":"text/html","crawler":"c","team":"t","version":2.0,"extracted_text":"x","raw_content":"<title>T</title><p>call 704-555-0142<script>no</script>"}"#,
        "\n",
        r#"{"_id":"AC","url":"http://example.org/2","timestamp_crawl":"2019-07-04T10:00:00Z","content_type":"text/html; charset=utf-8","raw_content":"<p>two","version":3.1,"objects":[{"obj_original_url":"http://example.org/p.jpg","obj_stored_url":"9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08","content_type":"image/jpeg"}]}"#,
        "\n",
        r#"{"_id":"AD","content_type":"image/jpeg","obj_original_url":"http://example.org/p.jpg","obj_stored_url":"s","obj_parent":"AC","timestamp":1457053240762,"team":"t","version":2.0}"#,
        "\n",
        r#"{"doc_id":"AE","url":"http://example.org/3","extracted_text":"only text"}"#,
        "\n",
    );
    let read = postings("a.jsonl", rows.as_bytes());
    assert_eq!(read.tally.unwrap().media, 1);
    assert_eq!(read.good.len(), 3, "{:?}", read.rejected);
    let first = &read.good[0];
    assert_eq!(
        (first.id.as_str(), first.title.as_str(), first.body.as_str()),
        ("AB", "T", "call 704-555-0142")
    );
    assert_eq!(first.collected_at.map(|at| at.to_string()).as_deref(), Some("2016-03-04T01:00:40.762Z"));
    assert_eq!((first.site.as_deref(), first.extra["team"].as_str()), (Some("example.org"), "t"));
    assert!(!first.extra.contains_key("raw_content"));
    let image = &read.good[1].images[0];
    assert_eq!(image.url.as_deref(), Some("http://example.org/p.jpg"));
    assert!(image.sha256.as_deref().is_some_and(|hash| hash.starts_with("9f86d081")));
    assert_eq!(read.good[2].body, "only text");
}

#[test]
fn encoded_pictures_are_left_out() {
    let picture = format!("/9j/{}", "QUJD".repeat(200));
    let row = format!(
        "{{\"id\":\"1\",\"text\":\"in town\",\"photo\":\"{picture}\"}}\n{{\"photo\":\"{picture}\"}}\n"
    );
    let read = postings("a", row.as_bytes());
    assert!(read.good[0].extra["photo"].starts_with("[804 characters left out, sha256 "));
    assert!(!read.rejected[0].raw.contains("QUJDQUJD"), "{}", read.rejected[0].raw);
}

fn batch() -> RecordBatch {
    let mut contacts = ListBuilder::new(StringBuilder::new());
    contacts.append_value([Some("704-555-0142"), Some("a@example.org")]);
    contacts.append_null();
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let place = StructArray::new(
        Fields::from(vec![text("city"), text("state")]),
        vec![
            Arc::new(StringArray::from(vec!["Charlotte", "Reno"])) as ArrayRef,
            Arc::new(StringArray::from(vec!["NC", "NV"])),
        ],
        None,
    );
    let moments = TimestampMicrosecondArray::from(vec![Some(1_562_234_400_500_000), None]);
    let body = vec![Some("in town"), Some("here")];
    let columns: Vec<(&str, ArrayRef)> = vec![
        (" ID ", Arc::new(Int64Array::from(vec![7, 8]))),
        ("Ad", Arc::new(body.into_iter().collect::<arrow::array::DictionaryArray<Int32Type>>())),
        ("stated_age", Arc::new(Float64Array::from(vec![22.0, f64::NAN]))),
        ("posted_at", Arc::new(moments)),
        ("contacts", Arc::new(contacts.finish())),
        ("place", Arc::new(place)),
        ("online", Arc::new(BooleanArray::from(vec![true, false]))),
        ("picture", Arc::new(BinaryArray::from(vec![&b"\xff\xd8\xffPIXELS"[..], b"plain"]))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn parquet(compression: Compression) -> Vec<u8> {
    let properties =
        WriterProperties::builder().set_compression(compression).set_max_row_group_row_count(Some(1)).build();
    let mut bytes = Vec::new();
    let batch = batch();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn parquet_cells_are_text_in_every_compression() {
    let options = Options { mappings: vec![("ad".into(), "body".into())], ..Options::default() };
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
    ] {
        let read = with_file("a.csv", &parquet(compression), |path| read(read_postings, path, &options));
        assert_eq!(read.tally.unwrap().records, 2, "{compression:?}: {:?}", read.rejected);
        let [first, second] = &read.good[..] else { panic!("{:?}", read.rejected) };
        assert_eq!((first.id.as_str(), first.body.as_str(), first.stated_age), ("7", "in town", Some(22)));
        assert_eq!(first.posted_at.map(|at| at.to_string()).as_deref(), Some("2019-07-04T10:00:00.5Z"));
        assert_eq!(first.contacts, ["704-555-0142", "a@example.org"]);
        assert_eq!(first.place.city.as_deref(), Some("Charlotte"));
        assert_eq!(first.extra["online"], "true");
        assert!(first.extra["picture"].starts_with("[9 bytes left out"));
        assert_eq!(
            (second.id.as_str(), second.stated_age, second.extra["picture"].as_str()),
            ("8", None, "plain")
        );
        assert_eq!(second.provenance.offset, RowOffset::Row(1));
    }
    let error = postings("a", &gzip(&parquet(Compression::SNAPPY))).tally.unwrap_err();
    assert!(error.to_string().contains("a Parquet file inside a gzip file"), "{error}");
    let whole = parquet(Compression::SNAPPY);
    let error = postings("a", &whole[..whole.len() - 9]).tally.unwrap_err();
    assert!(error.to_string().contains("is damaged: Parquet data that cannot be read"), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    assert!(
        postings_of(std::path::Path::new("no/such/file"))
            .tally
            .unwrap_err()
            .to_string()
            .contains("failed to read")
    );
}
