//! Styles, scripts, fonts and icons, embedded at build time.
//!
//! All of them lie below one address that holds the hash of them all, so that a page and its files always fit, relative
//! addresses inside the styles hold, and browsers may keep them for ever.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;

/// A table of embedded files by their path below `assets/`.
macro_rules! files {
    ($($path:literal,)+) => {
        const FILES: &[(&str, &[u8])] = &[$(($path, include_bytes!(concat!("../assets/", $path))),)+];
    };
}

files! {
    "css/homeward.css",
    "js/homeward.js",
    "img/homeward.svg",
    "css/uswds.min.css",
    "js/uswds.min.js",
    "js/uswds-init.min.js",
    "js/htmx.min.js",
    "fonts/source-sans-pro/sourcesanspro-regular-webfont.woff2",
    "fonts/source-sans-pro/sourcesanspro-italic-webfont.woff2",
    "fonts/source-sans-pro/sourcesanspro-bold-webfont.woff2",
    "fonts/source-sans-pro/sourcesanspro-bolditalic-webfont.woff2",
    "fonts/roboto-mono/roboto-mono-v5-latin-regular.woff2",
    "img/checkbox-indeterminate-alt.svg",
    "img/checkbox-indeterminate.svg",
    "img/correct8-alt.svg",
    "img/correct8.svg",
    "img/loader.svg",
    "img/usa-icons-bg/check--blue-60v.svg",
    "img/usa-icons-bg/error--white.svg",
    "img/usa-icons-bg/launch--white.svg",
    "img/usa-icons/add.svg",
    "img/usa-icons/arrow_back.svg",
    "img/usa-icons/calendar_today.svg",
    "img/usa-icons/check_circle.svg",
    "img/usa-icons/close.svg",
    "img/usa-icons/error.svg",
    "img/usa-icons/expand_less.svg",
    "img/usa-icons/expand_more.svg",
    "img/usa-icons/info.svg",
    "img/usa-icons/launch.svg",
    "img/usa-icons/navigate_before.svg",
    "img/usa-icons/navigate_far_before.svg",
    "img/usa-icons/navigate_far_next.svg",
    "img/usa-icons/navigate_next.svg",
    "img/usa-icons/remove.svg",
    "img/usa-icons/search.svg",
    "img/usa-icons/unfold_more.svg",
    "img/usa-icons/warning.svg",
}

/// First 16 hexadecimal digits of the hash of all files with their names.
fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut hash = Sha256::new();
        for (path, bytes) in FILES {
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    })
}

/// Where the files lie: `/assets/0123456789abcdef`.
pub(crate) fn root() -> &'static str {
    static ROOT: OnceLock<String> = OnceLock::new();
    ROOT.get_or_init(|| format!("/assets/{}", version()))
}

/// Text packs well and is packed once; fonts are packed already.
fn packed(at: usize) -> Option<&'static [u8]> {
    static PACKED: [OnceLock<Vec<u8>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
    let (path, bytes) = FILES[at];
    if media_type(path) == "font/woff2" {
        return None;
    }
    let packed = PACKED[at].get_or_init(|| {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        let _ = out.write_all(bytes);
        out.finish().unwrap_or_default()
    });
    (!packed.is_empty() && packed.len() < bytes.len()).then_some(packed)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// `GET /assets/{version}/{path}`. A version of another build is not found: its page is loaded anew soon.
pub(crate) async fn serve(Path((wanted, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let found = FILES.iter().position(|(known, _)| *known == path).filter(|_| wanted == version());
    let Some(at) = found else { return StatusCode::NOT_FOUND.into_response() };
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let takes_gzip = accepted.split(',').any(|one| matches!(one.trim(), "gzip" | "*"));
    let packed = if takes_gzip { packed(at) } else { None };
    let mut answer = Response::new(Body::from(packed.unwrap_or(FILES[at].1)));
    let out = answer.headers_mut();
    let mut set = |name, value: &'static str| out.insert(name, header::HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, media_type(&path));
    set(header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    set(header::VARY, "accept-encoding");
    if packed.is_some() {
        set(header::CONTENT_ENCODING, "gzip");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{get, send};
    use axum::http::Request;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn what_was_vendored_is_embedded_unchanged() {
        let listed = include_str!("../assets/VENDOR.tsv").lines().filter(|line| !line.starts_with('#'));
        let mut count = 0;
        for line in listed {
            let [_, _, path, hash] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            if path.starts_with("LICENSE") {
                continue;
            }
            count += 1;
            let (_, bytes) =
                FILES.iter().find(|(known, _)| *known == path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!(homeward_model::Digest::of(bytes).hex(), hash, "{path}");
            assert_ne!(media_type(path), "application/octet-stream", "{path}");
        }
        assert_eq!(FILES.len(), count + 3);
    }

    #[test]
    fn styles_and_scripts_name_no_other_host() {
        for (path, bytes) in FILES.iter().filter(|(path, _)| path.starts_with("css/")) {
            let text = std::str::from_utf8(bytes).unwrap();
            assert!(
                !text.contains("url(http") && !text.contains("url(//") && !text.contains("@import"),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn files_are_kept_for_ever_and_packed_when_asked() {
        let address = format!("{}/css/uswds.min.css", root());
        let plain = get(&address).await;
        assert_eq!(plain.status, StatusCode::OK);
        assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(plain.header("content-type"), "text/css; charset=utf-8");
        assert_eq!(plain.header("content-encoding"), "");
        let request =
            Request::get(&address).header("accept-encoding", "br, gzip").body(Body::empty()).unwrap();
        let packed = send(request).await;
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert!(packed.body.len() * 4 < plain.body.len());
        let mut back = Vec::new();
        GzDecoder::new(&packed.body[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, plain.body);
    }

    #[tokio::test]
    async fn other_versions_and_paths_are_not_found() {
        for odd in ["/assets/0000000000000000/css/uswds.min.css", "/assets/x/../lib.rs"] {
            assert_eq!(get(odd).await.status, StatusCode::NOT_FOUND, "{odd}");
        }
        let missing = get(&format!("{}/LICENSE-htmx", root())).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        assert_eq!(missing.header("cache-control"), "no-store");
    }
}
