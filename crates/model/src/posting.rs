//! Postings: one ad or post as collected, with where it came from and by what authority.

use crate::{Digest, Instant, Photo, PlaceMention};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The legal authority under which a source was collected. It decides retention (`rules/retention.toml`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// Published to everyone.
    #[default]
    OpenSource,
    /// Shared by a partner organisation under an agreement.
    PartnerFeed,
    /// Given with the consent of the person it belongs to.
    Consent,
    /// Obtained by warrant, subpoena or order.
    LegalProcess,
    /// Reported by a member of the public.
    Tip,
}

impl Authority {
    /// Every authority, with the word used on the command line and on disk.
    pub const ALL: [(Authority, &'static str); 5] = [
        (Authority::OpenSource, "open-source"),
        (Authority::PartnerFeed, "partner-feed"),
        (Authority::Consent, "consent"),
        (Authority::LegalProcess, "legal-process"),
        (Authority::Tip, "tip"),
    ];

    /// The word for this authority.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(authority, _)| *authority == self).map_or("open-source", |(_, word)| word)
    }

    /// Reads the word, in any case, with `-`, `_` or a space between its parts.
    pub fn parse(text: &str) -> Option<Authority> {
        let text = text.trim().to_lowercase().replace(['_', ' '], "-");
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(authority, _)| *authority)
    }
}

/// Where in a file a record began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowOffset {
    /// One-based line number in a text file.
    Line(u64),
    /// Zero-based byte offset in a binary file.
    Byte(u64),
    /// Zero-based row number in a columnar file.
    Row(u64),
}

/// How a posting reached us: enough to find the original again and to show that it was not changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// Legal authority of the source.
    pub authority: Authority,
    /// File name as given.
    pub file: String,
    /// Where the record begins in it.
    pub offset: RowOffset,
    /// SHA-256 of the raw record as read.
    pub raw_sha256: Digest,
}

impl Default for Provenance {
    fn default() -> Self {
        Provenance {
            authority: Authority::default(),
            file: String::new(),
            offset: RowOffset::Line(0),
            raw_sha256: Digest::default(),
        }
    }
}

/// One ad or post as collected. Text is kept as it came; normalisation for matching never touches it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Posting {
    /// The source's own id, echoed byte for byte; the content hash when the source gives none.
    pub id: String,
    /// Name of the source, `default` when unnamed. (`source`, `id`) is the posting's identity.
    pub source: String,
    /// Site or platform.
    pub site: Option<String>,
    /// Address of the page.
    pub url: Option<String>,
    /// Account that placed it.
    pub account: Option<String>,
    /// When it was placed, by the site's word.
    pub posted_at: Option<Instant>,
    /// When it was collected.
    pub collected_at: Option<Instant>,
    /// Headline.
    pub title: String,
    /// Body text.
    pub body: String,
    /// Place as the posting gives it.
    pub place: PlaceMention,
    /// Age as stated; not evidence of age.
    pub stated_age: Option<u8>,
    /// Price as shown.
    pub price: Option<String>,
    /// Contact strings as the site shows them, of any kind.
    pub contacts: Vec<String>,
    /// Images, by hash and pointer only.
    pub images: Vec<Photo>,
    /// Fields with no place here, and values that could not be read as their kind, as text.
    pub extra: BTreeMap<String, String>,
    /// Remarks of the reader, such as "unreadable date kept as text".
    pub notes: Vec<String>,
    /// Where it came from.
    pub provenance: Provenance,
}

impl Posting {
    /// Identity of the posting: the hash of source and id. Two versions of one posting share it.
    pub fn identity(&self) -> Digest {
        Digest::of_parts([self.source.as_bytes(), self.id.as_bytes()])
    }

    /// Title and body as one text, the title on a line of its own.
    pub fn full_text(&self) -> String {
        match (self.title.is_empty(), self.body.is_empty()) {
            (true, _) => self.body.clone(),
            (_, true) => self.title.clone(),
            _ => format!("{}\n{}", self.title, self.body),
        }
    }

    /// The moment to place it on a time line: when posted, else when collected.
    pub fn seen_at(&self) -> Option<Instant> {
        self.posted_at.or(self.collected_at)
    }

    /// Hash of all fields that say what the posting is; provenance and collection time are left out, so that the same
    /// posting collected twice is a repeat and not a change.
    pub fn content_digest(&self) -> Digest {
        let mut text = String::new();
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = write!(text, "{name}\u{1f}{}\u{1f}{value}\u{1e}", value.len());
            }
        };
        let optional = |value: &Option<String>| value.clone().unwrap_or_default();
        put("site", &optional(&self.site));
        put("url", &optional(&self.url));
        put("account", &optional(&self.account));
        put("posted_at", &self.posted_at.map(|at| at.0.to_string()).unwrap_or_default());
        put("title", &self.title);
        put("body", &self.body);
        put("place.text", &optional(&self.place.text));
        put("place.city", &optional(&self.place.city));
        put("place.state", &optional(&self.place.state));
        put("place.point", &self.place.point.map(|p| format!("{:?},{:?}", p.lat, p.lon)).unwrap_or_default());
        put("stated_age", &self.stated_age.map(|age| age.to_string()).unwrap_or_default());
        put("price", &optional(&self.price));
        for contact in &self.contacts {
            put("contact", contact);
        }
        for image in &self.images {
            put("image.url", &optional(&image.url));
            put("image.sha256", &optional(&image.sha256));
            put("image.pdq", &image.pdq.map(|pdq| pdq.to_string()).unwrap_or_default());
        }
        for (name, value) in &self.extra {
            put(name, value);
        }
        Digest::of_parts([self.source.as_bytes(), text.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provenance_and_collection_time_are_not_content() {
        let first = Posting { id: "7".into(), body: "in town this week".into(), ..Posting::default() };
        let again = Posting { collected_at: Some(Instant(1)), ..first.clone() };
        assert_eq!(first.content_digest(), again.content_digest());
        let other = Posting { body: "in town next week".into(), ..first.clone() };
        assert_ne!(first.content_digest(), other.content_digest());
        assert_eq!(first.identity(), other.identity());
    }

    #[test]
    fn authority_words_read_back() {
        for (authority, word) in Authority::ALL {
            assert_eq!(Authority::parse(word), Some(authority));
        }
        assert_eq!(Authority::parse("Legal process"), Some(Authority::LegalProcess));
        assert_eq!(Authority::parse("hearsay"), None);
    }
}
