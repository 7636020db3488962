//! Missing reports as lines of JSON, the wire shape of the snapshot that a run reads.

use crate::json::{image_of, image_value};
use homeward_model::{
    Associate, Authority, Category, Digest, Instant, MissingReport, PlaceMention, Point, Provenance,
    ReportStatus, RowOffset,
};
use serde_json::{Value, json};

/// One line, keys in alphabetical order.
pub fn line(report: &MissingReport) -> String {
    let moment = |at: Option<Instant>| at.map(|at| at.0);
    let place = &report.missing_from;
    json!({
        "id": report.id, "agency": report.agency, "case_number": report.case_number, "ncmec_number": report.ncmec_number,
        "category": report.category.map(Category::word), "status": report.status.word(), "given_name": report.given_name,
        "family_name": report.family_name, "aliases": report.aliases, "nicknames": report.nicknames,
        "date_of_birth_us": moment(report.date_of_birth), "age_when_missing": report.age_when_missing, "sex": report.sex,
        "race": report.race, "height_cm": report.height_cm, "weight_kg": report.weight_kg, "hair": report.hair,
        "eyes": report.eyes, "marks": report.marks, "missing_since_us": moment(report.missing_since),
        "missing_from": {"text": place.text, "city": place.city, "state": place.state,
            "lat": place.point.map(|point| point.lat), "lon": place.point.map(|point| point.lon)},
        "phones": report.phones, "emails": report.emails, "handles": report.handles,
        "photos": report.photos.iter().map(image_value).collect::<Vec<_>>(),
        "associates": report.associates.iter().map(|other| json!({"name": other.name, "phones": other.phones, "handles": other.handles})).collect::<Vec<_>>(),
        "circumstances": report.circumstances, "located_at_us": moment(report.located_at), "extra": report.extra,
        "notes": report.notes, "authority": report.provenance.authority.word(), "file": report.provenance.file,
        "raw_sha256": report.provenance.raw_sha256.hex(),
        "line": match report.provenance.offset { RowOffset::Line(at) | RowOffset::Byte(at) | RowOffset::Row(at) => at },
    })
    .to_string()
}

/// Reads what [`line()`] wrote.
pub fn parse(line: &str) -> Option<MissingReport> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let list = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let moment = |name: &str| value[name].as_i64().map(Instant);
    let number = |name: &str| value[name].as_f64().map(|number| number as f32);
    let place = &value["missing_from"];
    let place_text = |name: &str| place[name].as_str().map(str::to_owned);
    let associate = |other: &Value| Associate {
        name: other["name"].as_str().unwrap_or_default().to_owned(),
        phones: list(&other["phones"]),
        handles: list(&other["handles"]),
    };
    Some(MissingReport {
        id: text("id")?,
        agency: text("agency"),
        case_number: text("case_number"),
        ncmec_number: text("ncmec_number"),
        category: text("category").and_then(|word| Category::parse(&word)),
        status: text("status").and_then(|word| ReportStatus::parse(&word)).unwrap_or_default(),
        given_name: text("given_name").unwrap_or_default(),
        family_name: text("family_name").unwrap_or_default(),
        aliases: list(&value["aliases"]),
        nicknames: list(&value["nicknames"]),
        date_of_birth: moment("date_of_birth_us"),
        age_when_missing: value["age_when_missing"].as_u64().map(|age| age as u8),
        sex: text("sex"),
        race: text("race"),
        height_cm: number("height_cm"),
        weight_kg: number("weight_kg"),
        hair: text("hair"),
        eyes: text("eyes"),
        marks: list(&value["marks"]),
        missing_since: moment("missing_since_us"),
        missing_from: PlaceMention {
            text: place_text("text"),
            city: place_text("city"),
            state: place_text("state"),
            point: place["lat"]
                .as_f64()
                .zip(place["lon"].as_f64())
                .and_then(|(lat, lon)| Point::new(lat, lon)),
        },
        phones: list(&value["phones"]),
        emails: list(&value["emails"]),
        handles: list(&value["handles"]),
        photos: value["photos"].as_array().into_iter().flatten().map(image_of).collect(),
        associates: value["associates"].as_array().into_iter().flatten().map(associate).collect(),
        circumstances: text("circumstances").unwrap_or_default(),
        located_at: moment("located_at_us"),
        extra: serde_json::from_value(value["extra"].clone()).unwrap_or_default(),
        notes: list(&value["notes"]),
        provenance: Provenance {
            authority: text("authority").and_then(|word| Authority::parse(&word)).unwrap_or_default(),
            file: text("file").unwrap_or_default(),
            offset: RowOffset::Line(value["line"].as_u64().unwrap_or(0)),
            raw_sha256: text("raw_sha256").and_then(|hash| Digest::parse(&hash)).unwrap_or_default(),
        },
    })
}
