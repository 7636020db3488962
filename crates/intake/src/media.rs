//! Images, video and sound by their first bytes, so that none of them is ever kept.

use homeward_model::Digest;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// Shortest text that is taken for an encoded picture, characters: a lone word may begin like one.
const SHORTEST: usize = 200;

/// First bytes of files, and what they say.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF87a", "an image"),
    (b"GIF89a", "an image"),
    (b"II*\0", "an image"),
    (b"MM\0*", "an image"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"FLV\x01", "a video"),
    (b"\0\0\x01\xba", "a video"),
    (b"ID3\x02", "a sound file"),
    (b"ID3\x03", "a sound file"),
    (b"ID3\x04", "a sound file"),
    (b"RIFF", "an image, video or sound file"),
    (b"OggS", "a sound file"),
];

/// How the same begin in base64.
const ENCODED: &[&str] =
    &["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "AAAAIGZ0eX", "AAAAHGZ0eX", "AAAAGGZ0eX", "GkXfo"];

/// What kind of picture, video or sound some bytes begin.
pub fn kind(head: &[u8]) -> Option<&'static str> {
    // The first box of these gives its length before its kind.
    if head.first() == Some(&0) && head.get(4..8) == Some(b"ftyp") {
        return Some("a video or image");
    }
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what)
}

/// Whether a media type names pictures, video or sound.
pub fn names(media_type: &str) -> bool {
    let media_type = media_type.trim_start();
    ["image/", "video/", "audio/"]
        .iter()
        .any(|kind| media_type.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)))
}

/// The text with every encoded picture in it replaced by its length and the hash of its encoded form.
pub fn left_out(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(found) = long_run(text.as_bytes(), at) {
        let (start, run) = (found.start, &text[found.clone()]);
        let labelled = text[..start].ends_with("base64,");
        if labelled || ENCODED.iter().any(|magic| run.starts_with(magic)) {
            out.push_str(&text[done..start]);
            let hash = Digest::of(run.as_bytes()).hex();
            let _ = write!(out, "[{} characters left out, sha256 {hash}]", run.len());
            done = found.end;
        }
        at = found.end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// The next run of [`SHORTEST`] base64 characters or more. It is looked for from its end: in ordinary text a space is met after
/// a few steps, and nothing before it need be looked at.
fn long_run(text: &[u8], from: usize) -> Option<Range<usize>> {
    let encoded =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let mut start = from;
    while let Some(last) = text.get(start..start + SHORTEST)?.iter().rposition(|byte| !encoded(byte)) {
        start += last + 1;
    }
    let more = text[start + SHORTEST..].iter().take_while(|byte| encoded(byte)).count();
    Some(start..start + SHORTEST + more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_in_any_dress() {
        assert_eq!(kind(b"\x89PNG\r\n"), Some("an image"));
        assert_eq!(kind(b"\0\0\0\x20ftypisom"), Some("a video or image"));
        assert_eq!(kind(b"RIFF\0\0\0\0WEBP"), Some("an image, video or sound file"));
        assert_eq!((kind(b"id,text"), kind(b"ID3,text"), kind(b"id,text,WAVE")), (None, None, None));
        assert!(names("Image/PNG") && !names("text/html") && !names("im"));
        let picture = format!("/9j/{}", "A".repeat(300));
        let text = format!("see {{\"photo\":\"{picture}\"}} now");
        let kept = left_out(&text);
        assert!(
            kept.starts_with("see {\"photo\":\"[304 characters left out, sha256 ")
                && kept.ends_with("]\"} now")
        );
        let labelled = format!("data:image/x;base64,{}", "B".repeat(300));
        assert!(!left_out(&labelled).contains("BBB"));
        for before in 0..2 * SHORTEST {
            let text = format!("{} {picture}é {picture}", "b".repeat(before));
            assert_eq!(left_out(&text).matches("[304 characters left out").count(), 2, "{before}");
        }
        let words = "in town this week ".repeat(40);
        assert_eq!(left_out(&words), words);
    }
}
