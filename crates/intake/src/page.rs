//! A record of a web archive to a row: which records are postings, which are pictures, and which say nothing.

use crate::http::{Response, decode};
use crate::sink::{KEPT, Raw, Row};
use crate::warc::Cut;
use crate::{Media, Record, digest, html, media};
use homeward_model::{Digest, RowOffset};
use serde_json::Map;

/// Longest text of one page that is kept, bytes.
const LONGEST_TEXT: usize = 1 << 20;

impl Raw for Cut {
    fn offset(&self) -> RowOffset {
        RowOffset::Byte(self.offset)
    }

    /// Heads always, the body only where it is text by its name and by its bytes.
    fn kept(&self) -> String {
        let mut kept = String::from_utf8_lossy(&self.head).into_owned();
        let (head, media_type, body) = match Response::parse(&self.block) {
            Ok(response) => {
                let media_type = response.fields.get("content-type").unwrap_or_default().to_owned();
                (response.head, media_type, response.body)
            }
            Err(_) => {
                (&b""[..], self.fields.get("content-type").unwrap_or_default().to_owned(), &self.block[..])
            }
        };
        kept.push_str(&String::from_utf8_lossy(head));
        if Kind::of(&media_type, body).is_text() && !body.contains(&0) {
            kept.push_str(&String::from_utf8_lossy(&body[..body.len().min(KEPT)]));
        }
        kept
    }
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Page,
    Plain,
    Media,
    Other,
}

impl Kind {
    fn of(media_type: &str, body: &[u8]) -> Kind {
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
        if media::names(&media_type) || media::kind(body).is_some() {
            return Kind::Media;
        }
        // No text but UTF-16 has zero bytes, whatever it is called.
        let wide = body.starts_with(b"\xff\xfe") || body.starts_with(b"\xfe\xff");
        if !wide && body[..body.len().min(1024)].contains(&0) {
            return Kind::Other;
        }
        match media_type.as_str() {
            "text/html" | "application/xhtml+xml" => Kind::Page,
            "text/plain" | "application/json" | "text/json" | "text/markdown" => Kind::Plain,
            "" if body.trim_ascii_start().starts_with(b"<") => Kind::Page,
            "" if std::str::from_utf8(body).is_ok() => Kind::Plain,
            _ => Kind::Other,
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Kind::Page | Kind::Plain)
    }
}

/// Reads a record.
pub fn row(cut: &Cut, file: &str) -> Result<Row, String> {
    if let Some(flaw) = &cut.flaw {
        return Err(flaw.clone());
    }
    let field = |name: &str| cut.fields.get(name);
    if cut.block_wrong
        || (!cut.large && field("warc-block-digest").is_some_and(|digest| !digest::fits(&cut.block, digest)))
    {
        return Err("the block does not have the digest that the record gives".to_owned());
    }
    let kind = field("warc-type").unwrap_or_default().to_lowercase();
    let is_http = |name: &str| name.trim_start().starts_with("application/http");
    if kind == "response" && field("content-type").map_or(cut.block.starts_with(b"HTTP/"), is_http) {
        return response(cut, file);
    }
    // Records in segments and cut ones carry the digest of the whole.
    let whole = field("warc-segment-number").is_none() && field("warc-truncated").is_none() && !cut.large;
    let payload = payload(cut, &kind);
    if whole
        && field("warc-payload-digest")
            .is_some_and(|digest| kind != "revisit" && !digest::fits(payload, digest))
    {
        return Err(PAYLOAD.to_owned());
    }
    if !matches!(kind.as_str(), "resource" | "conversion" | "response") {
        return Ok(Row::Passed);
    }
    // Tools keep their own logs in the archive under such addresses.
    let own = ["metadata:", "urn:", "dns:", "whois:"];
    let scheme = address(cut).split_inclusive(':').next().unwrap_or_default();
    if own.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Ok(Row::Passed);
    }
    let media_type = field("content-type").unwrap_or_default();
    posting(cut, file, media_type, &cut.block, None)
}

const PAYLOAD: &str = "the payload does not have the digest that the record gives";

/// The payload of a record that is no response: what follows the head of a request, else the block.
fn payload<'a>(cut: &'a Cut, kind: &str) -> &'a [u8] {
    let head = (kind == "request").then(|| crate::http::head_length(&cut.block)).flatten();
    &cut.block[head.unwrap_or(0)..]
}

fn response(cut: &Cut, file: &str) -> Result<Row, String> {
    let response = Response::parse(&cut.block)?;
    let field = |name: &str| cut.fields.get(name);
    let media_type = response.fields.get("content-type").unwrap_or_default();
    // Pictures are decided by name before anything is unpacked.
    if media::names(media_type) {
        let received = response.received();
        checked(cut, &[response.body, &received])?;
        return Ok(passed_media(cut, file, media_type, &received));
    }
    if cut.large {
        return posting(cut, file, media_type, response.body, None);
    }
    let unpacked = response.unpacked();
    let received = response.received();
    // Writers hash the body before or after the codings are undone.
    let opened = unpacked.as_ref().map(|(body, _)| &**body).unwrap_or_default();
    checked(cut, &[response.body, &received, opened])?;
    if !(200..300).contains(&response.status)
        || field("warc-segment-number").is_some_and(|number| number != "1")
    {
        return Ok(Row::Passed);
    }
    let (body, remark) = unpacked?;
    posting(cut, file, media_type, &body, remark)
}

fn checked(cut: &Cut, bodies: &[&[u8]]) -> Result<(), String> {
    let exempt = ["warc-segment-number", "warc-truncated"].iter().any(|name| cut.fields.get(name).is_some());
    match cut.fields.get("warc-payload-digest") {
        Some(digest) if !exempt && !cut.large && !bodies.iter().any(|body| digest::fits(body, digest)) => {
            Err(PAYLOAD.to_owned())
        }
        _ => Ok(()),
    }
}

fn posting(
    cut: &Cut,
    file: &str,
    media_type: &str,
    body: &[u8],
    remark: Option<String>,
) -> Result<Row, String> {
    let kind = Kind::of(media_type, body);
    match kind {
        Kind::Media => return Ok(passed_media(cut, file, media_type, body)),
        Kind::Other => return Ok(Row::Passed),
        _ if cut.large => {
            return Err(format!("the record is larger than {} MiB", crate::http::LARGEST >> 20));
        }
        _ => {}
    }
    let url = address(cut);
    let date = cut.fields.get("warc-date").unwrap_or_default();
    let mut record = Record {
        fields: Map::new(),
        file: file.to_owned(),
        offset: RowOffset::Byte(cut.offset),
        raw_sha256: Digest::of(&cut.block),
        notes: remark.into_iter().collect(),
    };
    let id = cut.fields.get("warc-record-id").map(|id| id.trim_matches(['<', '>']).to_owned());
    record.put("id", id.unwrap_or_else(|| format!("{url} {date}").trim().to_owned()));
    record.put("url", url);
    record.put("site", host(url).unwrap_or_default());
    record.put("collected_at", date);
    let (text, bad) = decode(body, media_type);
    if bad {
        record.notes.push("the page has bytes that are not in its encoding".to_owned());
    }
    if kind == Kind::Page {
        let mut page = html::read(&text);
        shorten(&mut page.title, &mut record.notes);
        shorten(&mut page.text, &mut record.notes);
        page.put_into(&mut record);
    } else {
        let mut text = text.into_owned();
        shorten(&mut text, &mut record.notes);
        record.put("body", text);
    }
    Ok(Row::Record(Box::new(record)))
}

/// The address of a record; one widely used writer puts it in angle brackets.
fn address(cut: &Cut) -> &str {
    cut.fields.get("warc-target-uri").unwrap_or_default().trim_matches(['<', '>'])
}

fn passed_media(cut: &Cut, file: &str, media_type: &str, body: &[u8]) -> Row {
    Row::Media(Box::new(Media {
        file: file.to_owned(),
        offset: RowOffset::Byte(cut.offset),
        media_type: media_type.to_owned(),
        url: Some(address(cut).to_owned()).filter(|url| !url.is_empty()),
        sha256: Some(cut.body_sha256.unwrap_or_else(|| Digest::of(body))),
    }))
}

fn shorten(text: &mut String, notes: &mut Vec<String>) {
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        notes.push("the text of the page was cut after 1 MiB".to_owned());
    }
}

/// The host of an address, lower case, without port.
pub fn host(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.starts_with('[') { host } else { host.split(':').next()? };
    (!host.is_empty()).then(|| host.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_from_addresses() {
        let check = |url: &str, expected: Option<&str>| assert_eq!(host(url).as_deref(), expected, "{url}");
        check("http://Example.org:8080/a?b", Some("example.org"));
        check("https://me:pass@example.org", Some("example.org"));
        check("http://[::1]:80/", Some("[::1]:80"));
        check("file:///example with spaces.png", None);
        check("mailto:a@example.org", None);
    }
}
