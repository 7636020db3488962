//! A row to a missing report.

use crate::posting::{date, photo, place};
use crate::record::text_of;
use crate::{Options, Record, media};
use homeward_model::{Associate, Category, MissingReport, Provenance, ReportStatus};
use serde_json::Value;

/// Types a row. A report needs an id and at least a name, a selector or a photograph.
pub fn from_record(mut record: Record, options: &Options) -> Result<MissingReport, String> {
    let id = record.take("id").ok_or("no `id`")?;
    let mut report = MissingReport {
        id,
        agency: record.take("agency"),
        case_number: record.take("case_number"),
        ncmec_number: record.take("ncmec_number"),
        given_name: record.take("given_name").unwrap_or_default(),
        family_name: record.take("family_name").unwrap_or_default(),
        aliases: record.take_list("aliases"),
        nicknames: record.take_list("nicknames"),
        sex: record.take("sex"),
        race: record.take("race"),
        hair: record.take("hair"),
        eyes: record.take("eyes"),
        marks: record.take_list("marks"),
        phones: record.take_list("phones"),
        emails: record.take_list("emails"),
        handles: record.take_list("handles"),
        circumstances: record.take("circumstances").unwrap_or_default(),
        ..MissingReport::default()
    };
    let (extra, notes) = (&mut report.extra, &mut report.notes);
    report.date_of_birth = date(&mut record, &["date_of_birth"], extra, notes);
    report.missing_since = date(&mut record, &["missing_since"], extra, notes);
    report.located_at = date(&mut record, &["located_at"], extra, notes);
    let mut number = |name: &str| -> Option<f32> {
        let text = record.take(name)?;
        let read = text.trim().parse::<f32>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        if read.is_none() {
            notes.push(format!("unreadable `{name}` kept as text"));
            extra.insert(name.to_owned(), text);
        }
        read
    };
    report.age_when_missing = number("age_when_missing").map(|age| age.min(120.0) as u8);
    report.height_cm = number("height_cm");
    report.weight_kg = number("weight_kg");
    if let Some(text) = record.take("category") {
        report.category = Category::parse(&text);
        if report.category.is_none() {
            report.notes.push("unknown `category` kept as text".to_owned());
            report.extra.insert("category".to_owned(), text);
        }
    }
    if let Some(text) = record.take("status") {
        report.status = ReportStatus::parse(&text).ok_or_else(|| format!("unknown status `{text}`"))?;
    }
    report.missing_from =
        place(&record.take_object("missing_from", &["text", "city", "state", "lat", "lon"]));
    report.photos = record.take_objects("photos").iter().map(photo).collect();
    for other in record.take_objects("associates") {
        let list = |name: &str| match other.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(text_of).collect(),
            _ => Vec::new(),
        };
        let name = other.get("name").and_then(text_of).unwrap_or_default();
        report.associates.push(Associate { name, phones: list("phones"), handles: list("handles") });
    }
    for (name, value) in record.fields {
        if let Some(text) = text_of(&value) {
            report.extra.insert(name, media::left_out(&text).into_owned());
        }
    }
    let told = !report.given_name.is_empty()
        || !report.family_name.is_empty()
        || !report.phones.is_empty()
        || !report.handles.is_empty()
        || !report.photos.is_empty();
    if !told {
        return Err(format!("report `{}` has no name, selector or photograph", report.id));
    }
    report.notes.extend(record.notes);
    report.provenance = Provenance {
        authority: options.authority,
        file: record.file,
        offset: record.offset,
        raw_sha256: record.raw_sha256,
    };
    Ok(report)
}

#[cfg(test)]
mod tests {
    use crate::{Item, Options, read_missing};
    use std::io::Write;

    #[test]
    fn reports_are_read_from_both_formats() {
        for text in [
            r#"{"id":"1","given_name":"Mia","nicknames":["Mi"],"date_of_birth":"2004-01-02","missing_from":{"city":"Charlotte","state":"NC"},"height_cm":"tall"}"#,
            "id,given_name,nicknames,date_of_birth,city,state,height_cm\n1,Mia,Mi,01-02-2004,Charlotte,NC,tall\n",
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let mut reports = Vec::new();
            read_missing(file.path(), &Options::default(), &mut |item| {
                if let Item::Good(report) = item {
                    reports.push(report);
                }
                true
            })
            .unwrap();
            assert_eq!(
                reports[0].date_of_birth.map(homeward_model::Instant::date).as_deref(),
                Some("2004-01-02")
            );
            assert_eq!(reports[0].missing_from.city.as_deref(), Some("Charlotte"));
            assert_eq!(reports[0].nicknames, ["Mi"]);
            assert_eq!(reports[0].extra["height_cm"], "tall");
        }
    }
}
