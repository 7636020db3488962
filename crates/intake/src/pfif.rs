//! PFIF 1.1 to 1.4 (People Finder Interchange Format): persons and the notes on them to missing reports. Document types and
//! outside entities are refused, and no person is held beyond the row limit.

use crate::Record;
use crate::sink::{KEPT, Raw, Row, Sink};
use crate::text::LONGEST;
use crate::xml::{Element, Note, Person, elements};
use homeward_model::{Instant, ReportStatus, RowOffset};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Read};

/// Persons handed on at a time.
const MOST: usize = 1024;

impl Raw for Person {
    fn offset(&self) -> RowOffset {
        RowOffset::Byte(self.offset)
    }

    fn kept(&self) -> String {
        String::from_utf8_lossy(&self.raw[..self.raw.len().min(KEPT)]).into_owned()
    }
}

/// Reads a file, which is opened twice: notes may stand before or after the person they are about.
pub fn read<T: Send>(
    open: &dyn Fn() -> io::Result<Box<dyn Read + Send>>,
    sink: &mut Sink<T>,
) -> io::Result<()> {
    let mut apart: BTreeMap<String, (Vec<Note>, bool)> = BTreeMap::new();
    elements(open()?, &mut |element| {
        if let Element::Note(note) = element {
            let id = note.person.clone();
            apart.entry(id).or_default().0.push(note);
        }
        true
    })?;
    let file = sink.file;
    let mut block: Vec<Person> = Vec::new();
    let (mut size, mut more) = (0, true);
    let mut flaw = None;
    elements(open()?, &mut |element| {
        match element {
            Element::Person(mut person) => {
                if let Some((notes, used)) = person.field("person_record_id").and_then(|id| apart.get_mut(id))
                {
                    person.notes.append(&mut notes.clone());
                    *used = true;
                }
                size += person.raw.len();
                block.push(person);
            }
            Element::Note(_) => {}
            Element::Flaw(found) => flaw = Some(found),
        }
        if block.len() >= MOST || size > LONGEST {
            more = sink.rows(&block, |person| row(person, file));
            block.clear();
            size = 0;
        }
        more
    })?;
    more = more && sink.rows(&block, |person| row(person, file));
    if let Some((offset, reason, raw)) = flaw.filter(|_| more) {
        more = sink.reject(RowOffset::Byte(offset), reason, &String::from_utf8_lossy(&raw));
    }
    for (person, (notes, _)) in apart.iter().filter(|(_, (_, used))| !used) {
        for note in notes {
            let reason = format!("a note on `{person}`, who is not in this file");
            more = more && sink.reject(RowOffset::Byte(note.offset), reason, &note.summary());
        }
    }
    Ok(())
}

fn row(person: &Person, file: &str) -> Result<Row, String> {
    if let Some(flaw) = &person.flaw {
        return Err(flaw.clone());
    }
    let mut record = Record::new(Map::new(), file, person.offset(), &person.raw);
    let mut place = Map::new();
    let mut aliases: Vec<String> = Vec::new();
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    for (name, value) in &person.fields {
        let known = match name.as_str() {
            "person_record_id" => "id",
            "given_name" | "first_name" => "given_name",
            "family_name" | "last_name" => "family_name",
            "description" | "other" => "circumstances",
            "full_name" | "alternate_names" => {
                aliases.extend(lines(value));
                continue;
            }
            "home_city" => {
                place.insert("city".to_owned(), json!(value));
                continue;
            }
            "home_state" => {
                place.insert("state".to_owned(), json!(value));
                continue;
            }
            "photo_url" => {
                record.fields.insert("photos".to_owned(), json!([{"url": value}]));
                continue;
            }
            "profile_urls" => {
                record.fields.insert("handles".to_owned(), json!(lines(value)));
                continue;
            }
            "age" => {
                age(value, &mut record);
                continue;
            }
            // A name of ours means something else there.
            "status" | "notes" => continue,
            other => other,
        };
        record.put(known, value.as_str());
    }
    names(&mut record, aliases);
    notes(&person.notes, &mut record, &mut place);
    record.fields.insert("missing_from".to_owned(), Value::Object(place));
    Ok(Row::Record(Box::new(record)))
}

/// An age, or the lower end of a range of ages.
fn age(text: &str, record: &mut Record) {
    match text.split_once('-') {
        Some((low, _)) => {
            record.put("age_when_missing", low.trim());
            record.put("age", text);
            record.notes.push(format!("`age` is the range {text}, its lower end was taken"));
        }
        None => record.put("age_when_missing", text),
    }
}

/// Full names are aliases; without any other name the first of them gives the parts.
fn names(record: &mut Record, mut aliases: Vec<String>) {
    let has = |name: &str| record.fields.contains_key(name);
    if !has("given_name") && !has("family_name") && !aliases.is_empty() {
        let full = aliases.remove(0);
        let (given, family) = full.rsplit_once(' ').unwrap_or((&full, ""));
        record.put("given_name", given.trim());
        record.put("family_name", family);
        record.notes.push("the name was cut in its parts at its last blank".to_owned());
    }
    record.fields.insert("aliases".to_owned(), json!(aliases));
}

/// The newest note that gives a status decides it; the newest that gives a place adds it.
fn notes(notes: &[Note], record: &mut Record, place: &mut Map<String, Value>) {
    let mut notes: Vec<&Note> = notes.iter().collect();
    notes.sort_by_key(|note| (Instant::parse(&note.date), note.offset));
    for (number, note) in notes.iter().enumerate() {
        record.put(&format!("note_{}", number + 1), note.summary());
    }
    let decided = notes.iter().rev().find_map(|note| Some((status(note)?, note)));
    if let Some((status, note)) = decided {
        record.put("status", status.word());
        if status != ReportStatus::Missing {
            record.put("located_at", note.date.as_str());
            record.notes.push(format!("status by a note of {}", note.date));
        }
    }
    if let Some(note) = notes.iter().rev().find(|note| !note.place.is_empty()) {
        let numbers: Vec<f64> = note
            .place
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .filter_map(|part| part.parse().ok())
            .collect();
        if let [lat, lon] = numbers[..] {
            place.insert("lat".to_owned(), json!(lat));
            place.insert("lon".to_owned(), json!(lon));
        }
        place.insert("text".to_owned(), json!(note.place));
    }
}

/// What a note says of the person; a word that is not known says nothing.
fn status(note: &Note) -> Option<ReportStatus> {
    match note.status.to_lowercase().as_str() {
        "believed_missing" | "information_sought" => Some(ReportStatus::Missing),
        "believed_alive" | "is_note_author" => Some(ReportStatus::Located),
        "believed_dead" => Some(ReportStatus::Closed),
        // Version 1.1 had no status, only whether contact was made.
        "" if note.contact_made => Some(ReportStatus::Located),
        _ => None,
    }
}
