//! Postings and images as JSON: the names of the input format, with provenance beside them.

use crate::writer::place_of;
use homeward_model::{Instant, Pdq, Photo, Posting};
use serde_json::{Map, Value, json};

/// An image as JSON, by hash and pointer.
pub fn image_value(image: &Photo) -> Value {
    let mut object = Map::new();
    let texts = [("url", &image.url), ("sha256", &image.sha256), ("path", &image.path)];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text))) {
        object.insert(name.to_owned(), json!(text));
    }
    if let Some(pdq) = image.pdq {
        object.insert("pdq".to_owned(), json!(pdq.to_string()));
    }
    if let Some(quality) = image.pdq_quality {
        object.insert("pdq_quality".to_owned(), json!(quality));
    }
    Value::Object(object)
}

/// Reads what [`image_value`] wrote.
pub fn image_of(value: &Value) -> Photo {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    Photo {
        url: text("url"),
        sha256: text("sha256"),
        pdq: value["pdq"].as_str().and_then(Pdq::parse),
        pdq_quality: value["pdq_quality"].as_u64().map(|quality| quality as u8),
        path: text("path"),
    }
}

/// A posting with all of its fields; what is not known is left out.
pub fn posting_value(posting: &Posting) -> Value {
    let moment = |at: Option<Instant>| at.map(|at| at.to_string());
    let (place, provenance) = (&posting.place, &posting.provenance);
    let named = [("text", &place.text), ("city", &place.city), ("state", &place.state)];
    let mut where_: Map<String, Value> = named
        .into_iter()
        .filter_map(|(name, text)| text.as_ref().map(|text| (name.to_owned(), json!(text))))
        .collect();
    if let Some(point) = place.point {
        where_.insert("lat".to_owned(), json!(point.lat));
        where_.insert("lon".to_owned(), json!(point.lon));
    }
    let fields = [
        ("id", json!(posting.id)),
        ("source", json!(posting.source)),
        ("site", json!(posting.site)),
        ("url", json!(posting.url)),
        ("account", json!(posting.account)),
        ("posted_at", json!(moment(posting.posted_at))),
        ("collected_at", json!(moment(posting.collected_at))),
        ("title", json!(posting.title)),
        ("body", json!(posting.body)),
        ("place", if where_.is_empty() { Value::Null } else { Value::Object(where_) }),
        ("stated_age", json!(posting.stated_age)),
        ("price", json!(posting.price)),
        ("contacts", json!(posting.contacts)),
        ("images", posting.images.iter().map(image_value).collect()),
        ("extra", json!(posting.extra)),
        ("notes", json!(posting.notes)),
        ("authority", json!(provenance.authority.word())),
        ("file", json!(provenance.file)),
        ("offset", json!(place_of(provenance.offset))),
        ("raw_sha256", json!(provenance.raw_sha256.hex())),
        ("identity", json!(posting.identity().hex())),
    ];
    let known = |value: &Value| match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    Value::Object(
        fields
            .into_iter()
            .filter(|(_, value)| known(value))
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}
