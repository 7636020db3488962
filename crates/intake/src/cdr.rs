//! Rows of the Memex common data repository: crawled pages as JSON, versions 2 and 3. Media rows carry pointers, never bytes
//! that are kept.

use crate::sink::Row;
use crate::{Format, Media, Record, html, media, page};
use homeward_model::{Digest, Instant};
use serde_json::{Value, json};

/// Whether a row is of the repository: its id, and the page or the pointer to a stored object.
fn is_cdr(record: &Record) -> bool {
    let has = |name: &str| record.fields.contains_key(name);
    (has("_id") || has("doc_id")) && (has("raw_content") || has("extracted_text") || has("obj_stored_url"))
}

/// Reads a row of the repository to our names; other rows stay as they are, unless the format was said.
pub fn row(mut record: Record, format: Format) -> Row {
    if format != Format::Cdr && !is_cdr(&record) {
        return Row::Record(Box::new(record));
    }
    let media_type = record.fields.get("content_type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let page = record.take("raw_content");
    let text = record.take("extracted_text");
    let bare = page.is_none() && text.is_none() && record.fields.contains_key("obj_parent");
    let pictured = page.as_deref().is_some_and(|page| media::kind(page.as_bytes()).is_some());
    if media::names(&media_type) || bare || pictured {
        return Row::Media(Box::new(Media {
            url: record.take("obj_original_url").or_else(|| record.take("url")),
            sha256: page.map(|page| Digest::of(page.as_bytes())),
            media_type,
            file: record.file,
            offset: record.offset,
        }));
    }
    for (theirs, ours) in [("_id", "id"), ("doc_id", "id"), ("obj_original_url", "url")] {
        if let Some(value) = record.take(theirs) {
            record.fields.entry(ours).or_insert(Value::String(value));
        }
    }
    for theirs in ["timestamp_crawl", "timestamp"] {
        if let Some(value) = record.take(theirs) {
            record.fields.entry("collected_at").or_insert(Value::String(moment(&value)));
        }
    }
    if let Some(site) = record.fields.get("url").and_then(Value::as_str).and_then(page::host) {
        record.fields.entry("site").or_insert(Value::String(site));
    }
    match page {
        Some(page) if media_type.contains("plain") || media_type.contains("json") => record.put("body", page),
        Some(page) => html::read(&page).put_into(&mut record),
        None => {}
    }
    // The crawler's own text stands in where the page itself is not there or says nothing.
    if let Some(text) = text
        && !record.fields.contains_key("body")
    {
        record.put("body", text);
    }
    if let Some(Value::Array(objects)) = record.fields.remove("objects") {
        record.fields.insert("images".to_owned(), objects.iter().map(pointer).collect());
    }
    Row::Record(Box::new(record))
}

/// Milliseconds since 1970 as RFC 3339; other moments stay as they are.
fn moment(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(milliseconds) if milliseconds.is_finite() => Instant((milliseconds * 1000.0) as i64).to_string(),
        _ => text.to_owned(),
    }
}

/// A media object of a page as an image pointer. Version 3.1 stores an object under its SHA-256.
fn pointer(object: &Value) -> Value {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let stored = text("obj_stored_url").rsplit('/').next().unwrap_or_default();
    let sha256 = Digest::parse(stored.split('.').next().unwrap_or_default()).map(|hash| hash.hex());
    json!({"url": text("obj_original_url"), "sha256": sha256})
}
