//! A posting as pages and programs see it: its words, where and when, and how it can be reached. Never an image.

use crate::desk::at;
use homeward_model::Posting;
use serde::Serialize;
use utoipa::ToSchema;

/// Characters of a text that a list shows.
const SHOWN: usize = 600;

/// A posting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PostingView {
    /// The source's own id.
    pub(crate) id: String,
    /// Name of the source.
    pub(crate) source: String,
    /// Platform.
    pub(crate) site: Option<String>,
    /// Title and body.
    pub(crate) text: String,
    /// City and state, or the place as the posting gives it.
    pub(crate) place: Option<String>,
    /// When it was placed, else when it was collected.
    pub(crate) seen: Option<String>,
    /// Contacts as the site shows them.
    pub(crate) contacts: Vec<String>,
    /// How many images it has; they are kept as hashes and never shown.
    pub(crate) images: usize,
}

impl PostingView {
    /// A posting as it is shown.
    pub(crate) fn of(posting: &Posting) -> PostingView {
        PostingView {
            id: posting.id.clone(),
            source: posting.source.clone(),
            site: posting.site.clone(),
            text: posting.full_text(),
            place: place(posting),
            seen: posting.seen_at().map(at),
            contacts: posting.contacts.clone(),
            images: posting.images.len(),
        }
    }

    /// The beginning of its text.
    pub(crate) fn beginning(&self) -> String {
        match self.text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &self.text[..end]),
            None => self.text.clone(),
        }
    }
}

/// `Charlotte, NC`, or what the posting says.
pub(crate) fn place(posting: &Posting) -> Option<String> {
    let mention = &posting.place;
    let named: Vec<&str> =
        [&mention.city, &mention.state].into_iter().flatten().map(String::as_str).collect();
    if named.is_empty() { mention.text.clone() } else { Some(named.join(", ")) }
}
