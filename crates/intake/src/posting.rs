//! A row to a posting.

use crate::record::{Aside, text_of};
use crate::{Options, Record, media};
use homeward_model::{Instant, Pdq, Photo, PlaceMention, Point, Posting, Provenance};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Types a row. A row that says nothing at all is refused.
pub fn from_record(mut record: Record, options: &Options) -> Result<Posting, String> {
    let mut posting = Posting {
        source: options
            .source
            .clone()
            .or_else(|| record.take("source"))
            .unwrap_or_else(|| "default".to_owned()),
        site: record.take("site"),
        url: record.take("url"),
        account: record.take("account"),
        title: record.take("title").unwrap_or_default(),
        body: words(record.take("body").or_else(|| record.take("text"))),
        price: record.take("price"),
        contacts: record.take_list("contacts"),
        ..Posting::default()
    };
    record.fields.remove("source");
    let id = record.take("id");
    let mut aside = Aside::default();
    posting.posted_at = date(&mut record, &["posted_at", "date_posted"], &mut aside);
    posting.collected_at = date(&mut record, &["collected_at"], &mut aside);
    posting.place = place(&mut record, "place", &mut aside);
    if let Some(age) = record.take("stated_age") {
        posting.stated_age = age.trim().parse().ok().filter(|age| *age <= 120);
        if posting.stated_age.is_none() {
            aside.keep("stated_age", &age, "is no age from 0 to 120");
        }
    }
    let images = record.take_objects("images", &mut aside);
    posting.images = images.iter().map(|image| photo(image, &mut aside)).collect();
    for (name, value) in record.fields {
        let text =
            text_of(&value).or_else(|| (!value.is_null() && !value.is_string()).then(|| value.to_string()));
        if let Some(text) = text {
            posting.extra.insert(name, media::left_out(&text).into_owned());
        }
    }
    let says = !posting.title.is_empty()
        || !posting.body.is_empty()
        || !posting.contacts.is_empty()
        || !posting.images.is_empty()
        || posting.url.is_some();
    if !says {
        return Err("no text, contact, image or address".to_owned());
    }
    posting.extra.append(&mut aside.texts);
    posting.notes = aside.notes;
    posting.notes.extend(record.notes);
    posting.provenance = Provenance {
        authority: options.authority,
        file: record.file,
        offset: record.offset,
        raw_sha256: record.raw_sha256,
    };
    posting.id = id.unwrap_or_else(|| posting.content_digest().hex());
    Ok(posting)
}

/// Text without the pictures that may be encoded in it.
fn words(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    match media::left_out(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(without) => without,
    }
}

/// A date under the first of its names that is there; an unreadable one is kept as text and noted.
pub fn date(record: &mut Record, names: &[&str], aside: &mut Aside) -> Option<Instant> {
    for name in names {
        if let Some(text) = record.take(name) {
            let moment = Instant::parse(&text);
            if moment.is_none() {
                aside.keep(name, &text, "is no date that is read here");
            }
            return moment;
        }
    }
    None
}

/// A place from its parts; what else is said of it is kept beside.
pub fn place(record: &mut Record, name: &str, aside: &mut Aside) -> PlaceMention {
    let mut parts = record.take_object(name, &["text", "city", "state", "lat", "lon"]);
    let mut take = |part: &str| parts.remove(part).as_ref().and_then(text_of);
    let (text, city, state) = (take("text"), take("city"), take("state"));
    let (lat, lon) = (take("lat"), take("lon"));
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.trim().parse::<f64>().ok());
    let point = number(&lat).zip(number(&lon)).and_then(|(lat, lon)| Point::new(lat, lon));
    if point.is_none() {
        for (part, text) in [("lat", lat), ("lon", lon)] {
            if let Some(text) = text {
                aside.keep(part, &text, "makes no point on the globe");
            }
        }
    }
    for (part, value) in &parts {
        if let Some(text) = text_of(value) {
            aside.beside(&format!("{name}.{part}"), &media::left_out(&text));
        }
    }
    PlaceMention { text, city, state, point }
}

/// An image by its hashes. A hash whose quality cannot be read is no better evidence than one of none.
pub fn photo(parts: &Map<String, Value>, aside: &mut Aside) -> Photo {
    let text = |name: &str| parts.get(name).and_then(text_of);
    let mut read = Photo {
        url: text("url"),
        sha256: text("sha256").map(|hash| hash.to_lowercase()),
        path: text("path"),
        ..Photo::default()
    };
    if let Some(hash) = text("pdq") {
        read.pdq = Pdq::parse(hash.trim());
        if read.pdq.is_none() {
            aside.keep("pdq", &hash, "is no PDQ hash of 64 hex digits");
        }
    }
    if let Some(quality) = text("pdq_quality") {
        let number = quality.trim().parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
        if number.is_none() {
            aside.keep("pdq_quality", &quality, "is no quality from 0 to 100");
        }
        read.pdq_quality = Some(number.unwrap_or_default() as u8);
    }
    read
}

#[cfg(test)]
mod tests {
    use crate::{Item, Options, read_postings};
    use homeward_model::Posting;
    use proptest::prelude::*;
    use std::io::Write;

    fn read(bytes: &[u8], options: &Options) -> (Vec<Posting>, Vec<String>) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let outcome = read_postings(file.path(), options, &mut |item| {
            match item {
                Item::Good(posting) => good.push(posting),
                Item::Rejected(rejected) => bad.push(rejected.reason),
                Item::Media(_) => {}
            }
            true
        });
        if let Err(error) = outcome {
            bad.push(error.to_string().replace(&file.path().display().to_string(), "FILE"));
        }
        (good, bad)
    }

    #[test]
    fn rows_are_read_and_bad_rows_come_back() {
        let lines = b"{\"id\":\"007\",\"body\":\"in town\",\"place\":{\"city\":\"Charlotte\"},\"stated_age\":22,\"x\":1}\n{bad\n\n{\"id\":\"8\"}\n{\"text\":\"later\",\"posted_at\":\"soon\"}";
        let (good, bad) = read(lines, &Options::default());
        assert_eq!(good.len(), 2);
        assert_eq!(
            (good[0].id.as_str(), good[0].stated_age, good[0].extra["x"].as_str()),
            ("007", Some(22), "1")
        );
        assert_eq!(
            (good[1].extra["posted_at"].as_str(), good[1].notes.len(), good[1].id.len()),
            ("soon", 1, 64)
        );
        assert_eq!(
            good[1].notes,
            ["unreadable `posted_at`: `soon` is no date that is read here; kept as text"]
        );
        assert_eq!(bad.len(), 2);
        assert!(bad[0].starts_with("not JSON"), "{}", bad[0]);
        assert_eq!(bad[1], "no text, contact, image or address");
    }

    #[test]
    fn tables_are_read_with_any_header() {
        let options = Options { mappings: vec![("Ad".into(), "body".into())], ..Options::default() };
        let (good, bad) =
            read(b"\xef\xbb\xbf ID ;Ad;contacts\n007;call me;a|b\n1;\"two\nlines\";\n", &options);
        assert_eq!((good.len(), bad.len()), (2, 0));
        assert_eq!((good[0].id.as_str(), good[0].contacts.len()), ("007", 2));
        let numbered = Options {
            mappings: vec![("1".into(), "label".into()), ("2".into(), "text".into())],
            ..Options::default()
        };
        let (good, _) = read(b"ham\tsee \"you\nspam\twin\n", &numbered);
        assert_eq!(
            good.iter().map(|posting| posting.body.as_str()).collect::<Vec<_>>(),
            ["see \"you", "win"]
        );
        let (_, bad) = read(b"ham\tsee you\n", &Options::default());
        assert!(bad[0].contains("no column that is known"), "{}", bad[0]);
    }

    #[test]
    fn what_is_not_a_table_is_refused_by_name() {
        let (_, bad) = read(b"PK\x03\x04rest", &Options::default());
        assert_eq!(bad, ["`FILE` is a zip archive, which is not read here"]);
        assert_eq!(read(b"", &Options::default()), (vec![], vec![]));
        let deep = "[".repeat(100_000);
        let (_, bad) = read(format!("{{\"body\":{deep}").as_bytes(), &Options::default());
        assert!(bad[0].contains("recursion limit"), "{}", bad[0]);
    }

    #[test]
    fn what_cannot_be_read_of_a_posting_is_kept_beside_it() {
        let line = br#"{"id":"1","body":"in town","stated_age":900,"place":{"city":"Charlotte","lat":500,"lon":1,"zip":"28202"},"images":["a.jpg",{"pdq":"zz","pdq_quality":"NaN"}]}
{"id":"2","body":"in town","place":"Charlotte, NC"}"#;
        let (good, _) = read(line, &Options::default());
        let kept: Vec<(&str, &str)> =
            good[0].extra.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let expected = [
            ("images", "a.jpg"),
            ("lat", "500"),
            ("lon", "1"),
            ("pdq", "zz"),
            ("pdq_quality", "NaN"),
            ("place.zip", "28202"),
            ("stated_age", "900"),
        ];
        assert_eq!(kept, expected);
        assert_eq!(crate::unread(&good[0].notes).count(), 6, "{:?}", good[0].notes);
        assert_eq!(
            (good[0].place.city.as_deref(), good[0].images[0].pdq_quality),
            (Some("Charlotte"), Some(0))
        );
        assert_eq!(good[1].place.text.as_deref(), Some("Charlotte, NC"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
            let mut bytes = bytes;
            if json {
                bytes.insert(0, b'{');
            }
            read(&bytes, &Options::default());
        }
    }
}
