//! Web archives: the public fixtures of `warcio`, and small ones made here.

mod common;

use common::{fixture, gzip, postings, postings_of, record, response};
use homeward_intake::Tally;
use homeward_model::RowOffset;

#[test]
fn good_archives_have_their_records() {
    let check = |name: &str, records: u64, good: usize, rejected: usize, media: u64| {
        let read = postings_of(&fixture("warc", name));
        let tally = read.tally.unwrap_or_else(|error| panic!("{name}: {error}"));
        let seen = (tally.records, read.good.len(), read.rejected.len(), tally.media);
        assert_eq!(seen, (records, good, rejected, media), "{name}: {:?}", read.rejected);
        assert_eq!(tally.records as usize, good + rejected + (tally.media + tally.passed) as usize, "{name}");
    };
    check("example.warc", 6, 1, 0, 0);
    check("example.warc.gz", 6, 1, 0, 0);
    check("example-digest.warc", 4, 0, 1, 0);
    check("example-iana.org-chunked.warc", 3, 1, 0, 0);
    check("example-resource.warc.gz", 3, 1, 0, 0);
    check("post-test.warc.gz", 6, 3, 0, 0);
    check("example-wget-bad-target-uri.warc.gz", 6, 1, 0, 0);
    check("example-space-in-target-uri.warc.gz", 2, 0, 0, 1);
    check("example-trunc.warc", 4, 0, 1, 0);
}

#[test]
fn what_is_packed_wrongly_is_refused() {
    for name in ["example-bad-non-chunked.warc.gz", "example-bad.warc.gz.bad", "example-wrong-chunks.warc.gz"]
    {
        let read = postings_of(&fixture("warc", name));
        let error = read.tally.expect_err(name);
        assert!(error.to_string().ends_with("does not have one gzip member for each record"), "{error}");
        assert!(error.hint().is_some() && read.good.is_empty(), "{name}");
    }
    for name in ["example.arc", "example.arc.gz"] {
        let error = postings_of(&fixture("warc", name)).tally.expect_err(name);
        assert!(error.to_string().contains("an ARC file"), "{error}");
    }
}

#[test]
fn a_page_becomes_a_posting() {
    let read = postings_of(&fixture("warc", "example.warc.gz"));
    let posting = &read.good[0];
    assert_eq!(posting.id, "urn:uuid:a9c51e3e-0221-11e7-bf66-0242ac120005");
    assert_eq!(posting.url.as_deref(), Some("http://example.com/"));
    assert_eq!(posting.site.as_deref(), Some("example.com"));
    assert_eq!(posting.collected_at.map(|at| at.to_string()).as_deref(), Some("2017-03-06T04:02:06Z"));
    assert_eq!(posting.title, "Example Domain");
    assert!(posting.body.starts_with("Example Domain\nThis domain is "), "{}", posting.body);
    assert!(!posting.body.contains("background-color"));
    assert_eq!(posting.provenance.offset, RowOffset::Byte(784));
    let wget = postings_of(&fixture("warc", "example-wget-bad-target-uri.warc.gz"));
    assert_eq!(wget.good[0].url.as_deref(), Some("http://example.com/"));
    let chunked = postings_of(&fixture("warc", "example-iana.org-chunked.warc"));
    assert_eq!(chunked.good[0].title, "Internet Assigned Numbers Authority");
    assert!(!chunked.good[0].body.contains("001c37"));
}

#[test]
fn wrong_digests_and_lengths_cost_one_record() {
    let page = response("text/html", b"<p>in town this week, call 704-555-0142");
    let good = record("response", &page, "");
    let wrong = record("response", &page, "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n");
    let payload = record("response", &page, "WARC-Payload-Digest: md5:00000000000000000000000000000000\r\n");
    let long = String::from_utf8(good.clone())
        .unwrap()
        .replace("Content-Length: ", "Content-Length: 9")
        .into_bytes();
    let endless = String::from_utf8(good.clone())
        .unwrap()
        .replace("Content-Length: ", "Content-Length: x")
        .into_bytes();
    let parts = [&good, &wrong, &payload, &long, &endless, &good];
    let plain = parts.map(Clone::clone).concat();
    let packed = parts.map(|part| gzip(part)).concat();
    for (bytes, name) in [(plain, "a.warc"), (packed, "a.warc.gz")] {
        let read = postings(name, &bytes);
        assert_eq!(
            read.tally.unwrap(),
            Tally { records: 6, media: 0, passed: 0 },
            "{name}: {:?}",
            read.rejected
        );
        assert_eq!(read.good.len(), 2, "{name}");
        let reasons: Vec<&str> = read.rejected.iter().map(|row| row.reason.as_str()).collect();
        assert!(reasons[0].starts_with("the block does not have the digest"), "{reasons:?}");
        assert!(reasons[1].starts_with("the payload does not have the digest"), "{reasons:?}");
        assert!(
            reasons[2].contains("cut short") || reasons[2].contains("Content-Length is wrong"),
            "{reasons:?}"
        );
        assert!(reasons[3].contains("no readable Content-Length"), "{reasons:?}");
        assert!(read.rejected[0].raw.contains("704-555-0142"), "{name}");
        let offset = |at: usize| {
            parts[..at]
                .iter()
                .map(|part| if name.ends_with("gz") { gzip(part).len() } else { part.len() })
                .sum::<usize>()
        };
        let offsets: Vec<RowOffset> = read.rejected.iter().map(|row| row.offset).collect();
        assert_eq!(offsets, [1, 2, 3, 4].map(|at| RowOffset::Byte(offset(at) as u64)), "{name}");
    }
}

#[test]
fn a_damaged_member_costs_itself() {
    let page = record("response", &response("text/html", b"<p>in town this week"), "");
    let mut members = vec![gzip(&page); 4];
    let middle = members[1].len() / 2;
    members[1].truncate(middle);
    members[2][middle] ^= 0xff;
    let read = postings("a.warc.gz", &members.concat());
    assert_eq!(read.good.len(), 2, "{:?}", read.rejected);
    assert!(read.rejected.iter().all(|row| row.reason.contains("damaged")), "{:?}", read.rejected);
    let mut cut = members[0].clone();
    cut.extend_from_slice(&members[0][..40]);
    let read = postings("a.warc.gz", &cut);
    assert_eq!((read.good.len(), read.rejected.len()), (1, 1));
    assert_eq!(read.rejected[0].offset, RowOffset::Byte(members[0].len() as u64));
}

#[test]
fn picture_bytes_are_never_kept() {
    let picture = b"\x89PNG\r\n\x1a\nPIXELS PIXELS PIXELS";
    let wrong = "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n";
    for (media_type, digest) in [
        ("image/png", ""),
        ("text/html", ""),
        ("image/png", wrong),
        ("text/html", wrong),
        ("application/json", wrong),
    ] {
        let bytes = record("response", &response(media_type, picture), digest);
        let read = postings("a.warc", &bytes);
        assert_eq!(read.tally.unwrap().media, u64::from(digest.is_empty()), "{media_type}");
        assert!(read.good.is_empty());
        assert!(
            read.rejected.iter().all(|row| !row.raw.contains("PIXELS")),
            "{media_type}: {:?}",
            read.rejected
        );
    }
}

#[test]
fn a_video_is_hashed_as_it_streams_by() {
    let film = [&b"\0\0\0\x18ftypmp42"[..], &vec![7; 17 << 20]].concat();
    let long = record("response", &response("video/mp4", &film), "");
    let page = record("response", &response("text/html", b"<p>in town"), "");
    let large = record("response", &response("text/html", &vec![b'x'; 17 << 20]), "");
    for bytes in [[&long[..], &large, &page].concat(), [gzip(&long), gzip(&large), gzip(&page)].concat()] {
        let read = postings("a", &bytes);
        assert_eq!((read.media.len(), read.good.len(), read.rejected.len()), (1, 1, 1));
        assert_eq!(read.media[0].sha256, Some(homeward_model::Digest::of(&film)));
        assert_eq!(read.media[0].url.as_deref(), Some("http://example.org/a"));
        assert_eq!(read.rejected[0].reason, "the record is larger than 16 MiB");
    }
}

#[test]
fn only_pages_that_were_found_are_postings() {
    let check = |kind: &str, block: &[u8], head: &str, good: usize, passed: u64| {
        let read = postings("a.warc", &record(kind, block, head));
        assert_eq!(
            (read.good.len(), read.tally.unwrap().passed),
            (good, passed),
            "{kind}: {:?}",
            read.rejected
        );
    };
    check("response", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>gone", "", 0, 1);
    check("response", &response("text/css", b"p {}"), "", 0, 1);
    check("response", &response("text/plain", b"in town"), "", 1, 0);
    check("response", &response("text/html", b"PK\x03\x04\0\0"), "", 0, 1);
    check("revisit", b"", "WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", 0, 1);
    check("conversion", b"in town", "Content-Type: text/plain\r\n", 1, 0);
    check("metadata", b"fetchTimeMs: 1", "Content-Type: application/warc-fields\r\n", 0, 1);
}
