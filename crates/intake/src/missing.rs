//! A row to a missing report.

use crate::posting::{date, photo, place};
use crate::record::{Aside, text_of};
use crate::{Options, Record, media};
use homeward_model::{Associate, Category, Instant, MissingReport, Provenance, ReportStatus};
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
    let mut aside = Aside::default();
    report.date_of_birth = date(&mut record, &["date_of_birth"], &mut aside);
    report.missing_since = date(&mut record, &["missing_since"], &mut aside);
    report.located_at = date(&mut record, &["located_at"], &mut aside);
    if let Some(born) = report.date_of_birth {
        let after = |moment: Option<Instant>| moment.is_some_and(|moment| born > moment);
        let why = match (after(report.missing_since), after(options.now)) {
            (true, _) => Some("is after `missing_since`"),
            (_, true) => Some("is yet to come"),
            _ => None,
        };
        if let Some(why) = why {
            aside.keep("date_of_birth", &born.date(), why);
            report.date_of_birth = None;
        }
    }
    // Wider than any person; what lies outside is a slip, or another unit.
    let mut number = |name: &str, least: f32, most: f32| -> Option<f32> {
        let text = record.take(name)?;
        let read = text.trim().parse::<f32>().ok().filter(|number| (least..=most).contains(number));
        if read.is_none() {
            aside.keep(name, &text, &format!("is no number from {least} to {most}"));
        }
        read
    };
    report.age_when_missing = number("age_when_missing", 0.0, 120.0).map(|age| age as u8);
    report.height_cm = number("height_cm", 20.0, 300.0);
    report.weight_kg = number("weight_kg", 1.0, 700.0);
    if let Some(text) = record.take("category") {
        report.category = Category::parse(&text);
        if report.category.is_none() {
            aside.keep("category", &text, "is no category known here");
        }
    }
    if let Some(text) = record.take("status") {
        report.status = ReportStatus::parse(&text).ok_or_else(|| format!("unknown status `{text}`"))?;
    }
    report.missing_from = place(&mut record, "missing_from", &mut aside);
    let photos = record.take_objects("photos", &mut aside);
    report.photos = photos.iter().map(|one| photo(one, &mut aside)).collect();
    for other in record.take_objects("associates", &mut aside) {
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
    report.extra.append(&mut aside.texts);
    report.notes = aside.notes;
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
    use homeward_model::{Instant, MissingReport};
    use std::io::Write;

    fn read(text: &str, options: &Options) -> Vec<MissingReport> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut reports = Vec::new();
        read_missing(file.path(), options, &mut |item| {
            if let Item::Good(report) = item {
                reports.push(report);
            }
            true
        })
        .unwrap();
        reports
    }

    #[test]
    fn reports_are_read_from_both_formats() {
        for text in [
            r#"{"id":"1","given_name":"Mia","nicknames":["Mi"],"date_of_birth":"2004-01-02","missing_from":{"city":"Charlotte","state":"NC"},"height_cm":"tall"}"#,
            "id,given_name,nicknames,date_of_birth,city,state,height_cm\n1,Mia,Mi,01-02-2004,Charlotte,NC,tall\n",
        ] {
            let reports = read(text, &Options::default());
            assert_eq!(reports[0].date_of_birth.map(Instant::date).as_deref(), Some("2004-01-02"));
            assert_eq!(reports[0].missing_from.city.as_deref(), Some("Charlotte"));
            assert_eq!(reports[0].nicknames, ["Mi"]);
            assert_eq!(reports[0].extra["height_cm"], "tall");
        }
    }

    #[track_caller]
    fn check(fields: &str, note: &str) {
        let options = Options { now: Instant::parse("2019-08-01"), ..Options::default() };
        let report = read(&format!(r#"{{"id":"1","given_name":"Mia",{fields}}}"#), &options).remove(0);
        let notes = report.notes.join("\n");
        if note.is_empty() {
            assert_eq!(notes, "", "{fields}");
        } else {
            assert!(notes.contains(note) && !report.extra.is_empty(), "{fields}: {notes}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_kept() {
        check(r#""missing_since":"June 30 2019""#, "");
        check(r#""missing_since":"06/30/2019""#, "");
        check(r#""missing_since":"last June""#, "unreadable `missing_since`: `last June` is no date");
        check(r#""age_when_missing":15.5"#, "");
        check(r#""age_when_missing":-5"#, "unreadable `age_when_missing`: `-5` is no number from 0 to 120");
        check(r#""age_when_missing":900"#, "`900` is no number from 0 to 120");
        check(r#""height_cm":1e30"#, "unreadable `height_cm`: `1e+30` is no number");
        check(r#""height_cm":"NaN""#, "unreadable `height_cm`: `NaN`");
        check(r#""missing_from":{"lat":500,"lon":-80}"#, "unreadable `lat`: `500` makes no point");
        check(r#""lat":"35.2","lon":"-80.8""#, "");
        check(r#""date_of_birth":"2031-01-01""#, "`2031-01-01` is yet to come");
        check(
            r#""date_of_birth":"2019-07-02","missing_since":"2019-07-01""#,
            "`2019-07-02` is after `missing_since`",
        );
    }
}
