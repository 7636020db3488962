//! Files from strangers: whatever the bytes, the answer is a picture or an error, and never more memory than allowed.

use homeward_images::{DecodeError, decode, hash};
use proptest::prelude::*;
use std::path::Path;

fn formats() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats");
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

fn is(name: &str, format: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == format)
}

#[track_caller]
fn check(bytes: &[u8], expected: &str) {
    let error = decode(bytes).unwrap_err().to_string();
    assert!(error.contains(expected), "`{error}` does not say `{expected}`");
}

#[test]
fn other_content_is_named() {
    check(b"", "not a JPEG, PNG, WebP or GIF image");
    check(b"BM6\0\0\0", "not a JPEG");
    check(b"RIFF\0\0\0\0WAVE", "not a JPEG");
    check(b"\x89PNG", "broken PNG");
    check(b"\xff\xd8\xff", "broken JPEG");
    check(b"GIF89a", "broken GIF");
    check(b"RIFF\0\0\0\0WEBP", "broken WebP");
}

#[test]
fn a_header_that_promises_too_much_is_refused_before_memory_is_taken() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0".to_vec();
    png.extend_from_slice(b"\x00\x00\x00\x00");
    // The checksum is not right, so that the header is either too large or broken, never a picture.
    assert!(decode(&png).is_err());
    let gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02";
    assert_eq!(decode(gif), Err(DecodeError::TooLarge { width: 65_535, height: 65_535 }));
    for (name, bytes) in formats().into_iter().filter(|(name, _)| is(name, "jpg")) {
        let mut bytes = bytes;
        let frame = bytes.windows(2).position(|pair| matches!(pair, [0xff, 0xc0 | 0xc2])).unwrap();
        bytes[frame + 5..frame + 9].fill(0xff);
        assert_eq!(decode(&bytes), Err(DecodeError::TooLarge { width: 65_535, height: 65_535 }), "{name}");
    }
}

#[test]
fn a_file_that_is_cut_short_is_an_error() {
    for (name, bytes) in formats() {
        // Of an animated file the first picture may be whole.
        for cut in [2, 4, 8].into_iter().filter(|_| !is(&name, "gif")) {
            let short = &bytes[..bytes.len() - bytes.len() / cut];
            assert!(decode(short).is_err(), "{name} without a {cut}th");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_give_a_picture_or_an_error(
        file in 0usize..16,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = formats().swap_remove(file).1;
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(picture) = decode(&bytes) {
            hash(&picture);
        }
    }
}
