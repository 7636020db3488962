//! The nation as files, in the formats that agencies hand in. Wire shapes live here alone.

use crate::words::{EYES, HAIR, MARKS, RACES};
use crate::{Best, Report, World};
use homeward_model::{Category, Instant, ReportStatus, key64};
use homeward_places::Places;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

impl World {
    /// `postings.jsonl`: what the boards showed.
    pub fn write_postings(&self, out: &mut impl Write) -> io::Result<()> {
        let places = Places::embedded();
        for post in &self.posts {
            let mut line = Map::new();
            line.insert("id".into(), json!(post.id));
            line.insert("source".into(), json!("world"));
            line.insert("site".into(), json!(post.site));
            if let Some(account) = &post.account {
                line.insert("account".into(), json!(account));
            }
            line.insert("posted_at".into(), json!(Instant(post.posted_at).to_string()));
            line.insert("collected_at".into(), json!(Instant(post.posted_at + 3_600_000_000).to_string()));
            line.insert("title".into(), json!(post.title));
            line.insert("body".into(), json!(post.body));
            if let Some(city) = post.city {
                let city = places.city(city);
                line.insert(
                    "place".into(),
                    json!({"city": city.name, "state": city.state, "lat": city.point.lat, "lon": city.point.lon}),
                );
            }
            if let Some(age) = post.stated_age {
                line.insert("stated_age".into(), json!(age));
            }
            if let Some(price) = &post.price {
                line.insert("price".into(), json!(price));
            }
            if !post.contacts.is_empty() {
                line.insert("contacts".into(), json!(post.contacts));
            }
            if !post.images.is_empty() {
                let images: Vec<Value> = post
                    .images
                    .iter()
                    .map(|(pdq, quality)| json!({"pdq": pdq.to_string(), "pdq_quality": quality}))
                    .collect();
                line.insert("images".into(), Value::Array(images));
            }
            write_line(out, &Value::Object(line))?;
        }
        Ok(())
    }

    /// `missing.jsonl`: the reports.
    pub fn write_missing(&self, out: &mut impl Write) -> io::Result<()> {
        self.reports.iter().try_for_each(|report| write_line(out, &missing(report)))
    }

    /// `truth.jsonl`: one line for each posting, then one for each report.
    pub fn write_truth(&self, out: &mut impl Write) -> io::Result<()> {
        for post in &self.posts {
            let truth = &post.truth;
            write_line(
                out,
                &json!({
                    "id": post.id, "owner": truth.owner, "template": truth.template, "person": truth.person,
                    "mutation": truth.mutation, "trap": truth.trap, "phones": truth.phones,
                }),
            )?;
        }
        for report in &self.reports {
            write_line(
                out,
                &json!({
                    "report": report.id, "present": report.network.is_some(), "network": report.network,
                    "postings": report.postings, "traces": report.traces, "trap": report.trap,
                }),
            )?;
        }
        Ok(())
    }
}

impl World {
    /// `oracle.jsonl`: one line for each of the likeliest owners of each report, best first.
    pub fn write_oracle(&self, oracle: &[Vec<Best>], out: &mut impl Write) -> io::Result<()> {
        for (report, best) in self.reports.iter().zip(oracle) {
            for (rank, best) in best.iter().enumerate() {
                let line = json!({"report": report.id, "rank": rank + 1, "owner": best.owner, "probability": best.probability});
                write_line(out, &line)?;
            }
        }
        Ok(())
    }
}

fn write_line(out: &mut impl Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

fn missing(report: &Report) -> Value {
    let places = Places::embedded();
    let city = places.city(report.city);
    // An invented agency of the child's state: ORIs have nine characters and begin with the state.
    let agency = format!("{}{:05}00", city.state, key64(city.name.as_bytes()) % 100_000);
    let coded =
        |list: &[(&str, &str, f64)], at: usize| if report.codes { list[at].1 } else { list[at].0 }.to_owned();
    let marks: Vec<&str> =
        report.mark.iter().map(|at| if report.codes { MARKS[*at].2 } else { MARKS[*at].1 }).collect();
    let associates: Vec<Value> = report
        .associate
        .iter()
        .map(|(name, phone)| json!({"name": name, "phones": [phone], "handles": []}))
        .collect();
    let photos: Vec<Value> =
        report.photos.iter().map(|pdq| json!({"pdq": pdq.to_string(), "pdq_quality": 95})).collect();
    let mut line = json!({
        "id": report.id, "agency": agency, "case_number": format!("19-{}", &report.id[1..]),
        "category": Category::ALL[report.category].1, "status": report.status.word(),
        "given_name": report.given_name, "family_name": report.family_name, "nicknames": report.nicknames,
        "date_of_birth": report.birth.date(),
        "sex": match (report.codes, report.female) { (true, true) => "F", (true, false) => "M", (false, true) => "female", _ => "male" },
        "race": coded(RACES, report.race),
        "height_cm": (report.height_in as f64 * 2.54).round(), "weight_kg": (report.weight_lb as f64 * 0.4536).round(),
        "hair": coded(HAIR, report.hair), "eyes": coded(EYES, report.eyes), "marks": marks,
        "missing_since": report.missing_since.to_string(),
        "missing_from": {"city": city.name, "state": city.state, "lat": city.point.lat, "lon": city.point.lon},
        "phones": report.phones, "handles": report.handles, "photos": photos, "associates": associates,
        "circumstances": "last seen leaving home on foot",
    });
    if report.status != ReportStatus::Missing
        && let (Some(line), Some(at)) = (line.as_object_mut(), report.located_at)
    {
        line.insert("located_at".into(), json!(at.to_string()));
    }
    line
}
