//! No reader panics or hangs, whatever bytes it is given: arbitrary ones, and good files with some of their bytes changed.
//! `PROPTEST_CASES=100000` makes a long run of it.

mod common;

use common::{gzip, postings, record, reports, response};
use homeward_intake::{Item, Options, read_table};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Good files, one of each format.
static GOOD: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = |name: &str| std::fs::read(common::fixture("warc", name)).unwrap();
    let page = record("response", &response("text/html", b"<title>T</title><p>in town"), "");
    let image = record("response", &response("image/png", b"\x89PNG"), "");
    let json = b"{\"id\":\"1\",\"text\":\"in town\",\"contacts\":[\"704-555-0142\"]}\n".repeat(3);
    let cdr = b"{\"_id\":\"1\",\"url\":\"http://example.org\",\"raw_content\":\"<p>x\",\"timestamp\":1}\n"
        .repeat(3);
    vec![
        json.clone(),
        gzip(&json),
        cdr,
        b"[{\"id\":\"1\",\"text\":\"a\"},{\"id\":\"2\",\"text\":\"b\"}]".to_vec(),
        b"id,text,contacts\n1,\"in town, now\",a|b\n2,\"two\nlines\",\n".to_vec(),
        gzip(b"id\ttext\n1\tin town\n2\there\n"),
        "id,text\n1,caf\u{e9}\n".encode_utf16().flat_map(u16::to_le_bytes).collect(),
        [&page[..], &image, &page].concat(),
        [gzip(&page), gzip(&image), gzip(&page)].concat(),
        folder("example-iana.org-chunked.warc"),
        folder("example.warc.gz"),
        std::fs::read(common::fixture("pfif", "test.pfif-1.4.xml")).unwrap(),
        parquet(),
    ]
});

fn parquet() -> Vec<u8> {
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let text: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..300).map(|n| format!("in town {}", n % 7))));
    let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..300));
    let batch = RecordBatch::try_from_iter([("id", id), ("text", text)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Reads bytes for every purpose; what was read and seen has to add up.
fn answer(bytes: &[u8]) {
    let counts = [postings("a", bytes).counts(), reports("a", bytes).counts()];
    for (tally, good, rejected) in counts.into_iter().flatten() {
        assert_eq!(tally.records, good + rejected + tally.media + tally.passed);
    }
    common::with_file("a", bytes, |path| {
        let _ = read_table(path, &Options::default(), &mut |item| matches!(item, Item::Good(_)));
    });
}

/// One change to some bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), proptest::collection::vec(any::<u8>(), 1..8))
            .prop_map(|(at, more)| Change::Insert(at, more)),
        (any::<usize>(), 1..64usize).prop_map(|(at, count)| Change::Repeat(at, count)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let place = |at: usize| at % bytes.len().max(1);
        match change {
            Change::Flip(at, byte) if !bytes.is_empty() => {
                let at = place(*at);
                bytes[at] ^= byte;
            }
            Change::Cut(at) => bytes.truncate(place(*at)),
            Change::Insert(at, more) if !bytes.is_empty() => {
                let at = place(*at);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Repeat(at, count) if !bytes.is_empty() => {
                let at = place(*at);
                let part = bytes[at..bytes.len().min(at + count)].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {}
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(start in 0..12usize, bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let starts: [&[u8]; 12] = [
            b"", b"{", b"[{", b"id,text\n", b"id\ttext\n\"", b"WARC/1.0\r\n", b"WARC/1.1\r\nContent-Length: 9\r\n\r\n",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"PAR1", b"<?xml version=\"1.0\"?><pfif:person>", b"\xff\xfe", b"{\n",
        ];
        answer(&[starts[start], &bytes].concat());
    }

    #[test]
    fn changed_files_are_answered(which in any::<usize>(), changes in proptest::collection::vec(change(), 1..4)) {
        let good = &GOOD[which % GOOD.len()];
        answer(&changed(good.clone(), &changes));
    }
}

#[test]
fn good_files_are_read() {
    for (which, bytes) in GOOD.iter().enumerate() {
        let read = [postings("a", bytes).counts(), reports("a", bytes).counts()];
        assert!(
            read.iter().flatten().any(|(_, good, rejected)| *good > 0 && *rejected == 0),
            "{which}: {read:?}"
        );
    }
}
