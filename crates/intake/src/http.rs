//! An HTTP response as it stands in a web archive: its head, and its body unpacked and as text.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;
use std::io::Read;

/// Largest body taken, bytes, after unpacking.
pub const LARGEST: usize = 16 << 20;
/// Bytes of a page in which it may name its encoding (HTML standard, "prescan").
const PRESCAN: usize = 1024;

/// Named fields of a head, as they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// Reads `name: value` lines; a line that begins with a blank goes on with the one before.
    pub fn parse(lines: &[u8]) -> Fields {
        let text = String::from_utf8_lossy(lines);
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            match (line.starts_with([' ', '\t']), fields.last_mut()) {
                (true, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                _ => {
                    if let Some((name, value)) = line.split_once(':') {
                        fields.push((name.trim().to_owned(), value.trim().to_owned()));
                    }
                }
            }
        }
        Fields(fields)
    }

    /// The first value under a name, in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// A response.
#[derive(Debug, PartialEq)]
pub struct Response<'a> {
    /// Status code.
    pub status: u16,
    /// Fields of the head.
    pub fields: Fields,
    /// The head as it came, with the empty line.
    pub head: &'a [u8],
    /// The body as it was sent.
    pub body: &'a [u8],
}

impl Response<'_> {
    /// Cuts a response in head and body.
    pub fn parse(block: &[u8]) -> Result<Response<'_>, String> {
        if !block.starts_with(b"HTTP/") {
            return Err("not an HTTP response".to_owned());
        }
        let (head, body) = block.split_at(head_length(block).unwrap_or(block.len()));
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let words = String::from_utf8_lossy(first);
        let status = words.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or("the HTTP response has no status")?;
        Ok(Response { status, fields: Fields::parse(&head[first.len()..]), head, body })
    }

    /// The body with its transfer coding undone. Archives often undo it and keep the field that names it.
    pub fn received(&self) -> Cow<'_, [u8]> {
        let chunked = self
            .fields
            .get("transfer-encoding")
            .is_some_and(|value| value.to_lowercase().contains("chunked"));
        match chunked.then(|| unchunk(self.body)).flatten() {
            Some(body) => Cow::Owned(body),
            None => Cow::Borrowed(self.body),
        }
    }

    /// The body unpacked, and a remark when its end is missing.
    pub fn unpacked(&self) -> Result<(Cow<'_, [u8]>, Option<String>), String> {
        let received = self.received();
        let coding = self.fields.get("content-encoding").unwrap_or_default().trim().to_lowercase();
        let reader: Box<dyn Read> = match coding.as_str() {
            "gzip" | "x-gzip" if received.starts_with(b"\x1f\x8b") => {
                Box::new(flate2::read::MultiGzDecoder::new(&*received))
            }
            "deflate" if received.first().is_some_and(|byte| byte & 15 == 8) => {
                Box::new(flate2::read::ZlibDecoder::new(&*received))
            }
            "deflate" => Box::new(flate2::read::DeflateDecoder::new(&*received)),
            "br" => Box::new(brotli::Decompressor::new(&*received, 4096)),
            // Archives often unpack the body and keep the field that names the packing.
            "" | "identity" | "gzip" | "x-gzip" => return Ok((received, None)),
            other => return Err(format!("content encoding `{other}` is not read")),
        };
        let mut out = Vec::new();
        let outcome = reader.take(LARGEST as u64 + 1).read_to_end(&mut out);
        if out.len() > LARGEST {
            return Err(format!("the page is larger than {} MiB when unpacked", LARGEST >> 20));
        }
        match outcome {
            Ok(_) => Ok((Cow::Owned(out), None)),
            Err(error) if out.is_empty() => Err(format!("the page cannot be unpacked: {error}")),
            Err(error) => Ok((Cow::Owned(out), Some(format!("the end of the page is missing: {error}")))),
        }
    }
}

/// Length of a head with the empty line that ends it.
pub fn head_length(block: &[u8]) -> Option<usize> {
    let crlf = memchr::memmem::find(block, b"\r\n\r\n").map(|at| at + 4);
    let lf = memchr::memmem::find(&block[..crlf.unwrap_or(block.len())], b"\n\n").map(|at| at + 2);
    lf.or(crlf)
}

/// Undoes the chunked coding; `None` when the body is not in it. What follows a broken chunk is left out.
fn unchunk(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = body;
    let mut first = true;
    while !rest.is_empty() {
        let length = chunk_size(rest);
        let Some((size, line)) = length else {
            return (!first).then_some(out);
        };
        first = false;
        rest = &rest[line..];
        let taken = size.min(rest.len());
        out.extend_from_slice(&rest[..taken]);
        rest = &rest[taken..];
        if size == 0 {
            break;
        }
        rest = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
    Some(out)
}

/// The size of a chunk and the length of the line that gives it.
fn chunk_size(rest: &[u8]) -> Option<(usize, usize)> {
    let line = memchr::memchr(b'\n', &rest[..rest.len().min(1024)])?;
    let text = std::str::from_utf8(&rest[..line]).ok()?;
    let digits = text.split(';').next().unwrap_or_default().trim();
    Some((usize::from_str_radix(digits, 16).ok()?, line + 1))
}

/// Bytes as text: by byte order mark, by the media type's `charset`, by the page's own word, else UTF-8 where it fits and
/// windows-1252 where not. The flag says that some bytes fit nowhere.
pub fn decode<'a>(bytes: &'a [u8], media_type: &str) -> (Cow<'a, str>, bool) {
    let named = label_after(&media_type.to_lowercase(), "charset=")
        .or_else(|| {
            let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN)]).to_lowercase();
            label_after(&head, "charset=")
        })
        .and_then(|label| Encoding::for_label(label.as_bytes()));
    let guess = || if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let (text, _, bad) = named.unwrap_or_else(guess).decode(bytes);
    (text, bad)
}

fn label_after(text: &str, name: &str) -> Option<String> {
    let rest = &text[text.find(name)? + name.len()..];
    let rest = rest.trim_start_matches(['"', '\'', ' ']);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn body(response: &[u8]) -> Result<(String, bool), String> {
        let response = Response::parse(response)?;
        let (bytes, remark) = response.unpacked()?;
        Ok((String::from_utf8_lossy(&bytes).into_owned(), remark.is_some()))
    }

    #[test]
    fn bodies_are_unpacked_whatever_was_done_to_them() {
        let plain = |text: &str| Ok((text.to_owned(), false));
        assert_eq!(body(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody"), plain("body"));
        assert_eq!(body(b"HTTP/1.0 200\nA: b\n\nbody"), plain("body"));
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        let chunked = |rest: &[u8]| body(&[&head[..], rest].concat());
        assert_eq!(chunked(b"4\r\nbody\r\n4;x=y\r\n two\r\n0\r\n\r\n"), plain("body two"));
        assert_eq!(chunked(b"not chunked"), plain("not chunked"));
        assert_eq!(chunked(b"4\r\nbody\r\nzz\r\n"), plain("body"));
        assert_eq!(chunked(b"fffffffffffffff\r\nbody"), plain("body"));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"packed body").unwrap();
        let packed = gzip.finish().unwrap();
        let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
        assert_eq!(body(&[&head[..], &packed].concat()), plain("packed body"));
        assert_eq!(
            body(&[&head[..], &packed[..packed.len() - 4]].concat()),
            Ok(("packed body".to_owned(), true))
        );
        assert_eq!(body(&[&head[..], b"body"].concat()), plain("body"));
        assert!(body(b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\nx").unwrap_err().contains("`zstd`"));
        assert!(body(b"GET / HTTP/1.1\r\n\r\n").is_err());
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&vec![b' '; LARGEST + 10]).unwrap();
        let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
        let bomb = [head, gzip.finish().unwrap()].concat();
        assert!(bomb.len() < LARGEST / 50);
        assert!(body(&bomb).unwrap_err().contains("larger than 16 MiB"));
    }

    #[test]
    fn text_is_decoded_by_what_names_it() {
        assert_eq!(decode(b"caf\xe9", "text/html; charset=ISO-8859-1").0, "caf\u{e9}");
        assert_eq!(
            decode(b"<meta charset=\"windows-1251\">\xcf", "text/html").0,
            "<meta charset=\"windows-1251\">\u{41f}"
        );
        assert_eq!(decode(b"caf\xe9", "text/html").0, "caf\u{e9}");
        assert_eq!(decode("caf\u{e9}".as_bytes(), "text/html; charset=nonsense").0, "caf\u{e9}");
        assert!(decode(b"caf\xe9", "text/html; charset=utf-8").1);
    }
}
