//! The elements of a PFIF file as they stream by.

use crate::text::{LONGEST, is_damage};
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use std::io::{self, BufRead, BufReader, Read};

/// Deepest element; PFIF inside a feed has six.
const DEEPEST: usize = 32;

/// A person.
#[derive(Debug, Default)]
pub struct Person {
    /// Where the element begins, bytes of the unpacked file.
    pub offset: u64,
    /// Names and trimmed values; empty ones are left out.
    pub fields: Vec<(String, String)>,
    /// The notes inside it.
    pub notes: Vec<Note>,
    /// The element as it came.
    pub raw: Vec<u8>,
    /// Why it cannot be taken.
    pub flaw: Option<String>,
}

impl Person {
    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A note on a person.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// Where the element begins, bytes of the unpacked file.
    pub offset: u64,
    /// Id of the person.
    pub person: String,
    /// When it was written by its source, else when it was entered.
    pub date: String,
    /// What it says of the person, a word.
    pub status: String,
    /// Where the person was last seen.
    pub place: String,
    /// Its text.
    pub text: String,
    /// Whether the author says, in version 1.1, that contact was made.
    pub contact_made: bool,
}

impl Note {
    /// Date, status and text on one line.
    pub fn summary(&self) -> String {
        [&self.date, &self.status, &self.place, &self.text].map(String::as_str).join(" ").trim().to_owned()
    }

    fn set(&mut self, name: &str, value: String, old: bool) {
        match name {
            "person_record_id" => self.person = value,
            "source_date" => self.date = value,
            "entry_date" if self.date.is_empty() => self.date = value,
            "status" => self.status = value,
            "last_known_location" => self.place = value,
            "text" => self.text = value,
            "found" => self.contact_made = old && value.eq_ignore_ascii_case("true"),
            _ => {}
        }
    }
}

/// What streams by.
pub enum Element {
    /// A person with the notes inside.
    Person(Person),
    /// A note that stands outside every person.
    Note(Note),
    /// Where and why nothing more can be read, and the last that was.
    Flaw((u64, String, Vec<u8>)),
}

/// The bytes since they were last forgotten, so that an element can be given back as it came; too many are an error.
struct Kept<R> {
    input: BufReader<R>,
    bytes: Vec<u8>,
}

impl<R: Read> Read for Kept<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Kept<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.bytes.len() > LONGEST {
            return Err(io::Error::other(format!("an element is longer than {} MiB", LONGEST >> 20)));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.bytes.extend_from_slice(&self.input.buffer()[..count]);
        self.input.consume(count);
    }
}

/// Reads a file; `each` returns false to stop.
pub fn elements(input: impl Read, each: &mut dyn FnMut(Element) -> bool) -> io::Result<()> {
    let kept = Kept { input: BufReader::with_capacity(64 << 10, input), bytes: Vec::new() };
    let mut reader = Reader::from_reader(kept);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    let (mut depth, mut old) = (0usize, false);
    let (mut person, mut note): (Option<Person>, Option<Note>) = (None, None);
    let mut field: Option<(String, String)> = None;
    loop {
        buffer.clear();
        let offset = reader.buffer_position();
        if person.is_none() {
            reader.get_mut().bytes.clear();
        }
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error))
                if error.kind() != io::ErrorKind::Other && !is_damage(&error) =>
            {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
            Err(error) => {
                let raw = std::mem::take(&mut reader.get_mut().bytes);
                each(Element::Flaw((offset, format!("not XML from here: {error}"), raw)));
                return Ok(());
            }
        };
        match event {
            Event::Start(tag) => {
                depth += 1;
                let name = tag.local_name().into_inner().to_lowercase();
                if depth == 1 {
                    old = tag.attributes().flatten().any(|attribute| attribute.value.contains("pfif/1.1"));
                }
                match name.as_str() {
                    "person" => {
                        if let Some(mut open) = person.take() {
                            open.flaw = Some("the person is not closed".to_owned());
                            if !each(Element::Person(open)) {
                                return Ok(());
                            }
                        }
                        (note, field) = (None, None);
                        person = Some(Person { offset, ..Person::default() });
                    }
                    "note" => (note, field) = (Some(Note { offset, ..Note::default() }), None),
                    _ if person.is_some() || note.is_some() => field = Some((name, String::new())),
                    _ => {}
                }
                if depth > DEEPEST {
                    each(Element::Flaw((
                        offset,
                        format!("elements are nested deeper than {DEEPEST}"),
                        Vec::new(),
                    )));
                    return Ok(());
                }
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                let name = tag.local_name().into_inner().to_lowercase();
                let closed = field.take_if(|(open, _)| *open == name);
                match (name.as_str(), closed) {
                    (_, Some((name, value))) => {
                        let value = value.trim().to_owned();
                        match (&mut note, &mut person) {
                            (_, _) if value.is_empty() => {}
                            (Some(note), _) => note.set(&name, value, old),
                            (None, Some(person)) => person.fields.push((name, value)),
                            (None, None) => {}
                        }
                    }
                    ("note", None) => match (note.take(), &mut person) {
                        (Some(note), Some(person)) => person.notes.push(note),
                        (Some(note), None) => {
                            if !each(Element::Note(note)) {
                                return Ok(());
                            }
                        }
                        (None, _) => {}
                    },
                    ("person", None) => {
                        if let Some(mut done) = person.take() {
                            done.raw = std::mem::take(&mut reader.get_mut().bytes);
                            if !each(Element::Person(done)) {
                                return Ok(());
                            }
                        }
                        (note, field) = (None, None);
                    }
                    _ => {}
                }
            }
            Event::Text(text) => push(&mut field, &text.xml10_content()),
            Event::CData(text) => push(&mut field, &text.xml10_content()),
            Event::GeneralRef(name) => {
                let predefined = quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned);
                let character = || name.resolve_char_ref().ok().flatten().map(String::from);
                match (predefined.or_else(character), &mut person) {
                    (Some(text), _) => push(&mut field, &text),
                    (None, Some(person)) => {
                        person.flaw = Some(format!("the entity `&{};` is not read", &*name));
                    }
                    (None, None) => {}
                }
            }
            Event::DocType(_) => {
                each(Element::Flaw((offset, "a document type is not read".to_owned(), Vec::new())));
                return Ok(());
            }
            Event::Eof => {
                if let Some(mut open) = person.take() {
                    open.flaw = Some("the file ends inside the person".to_owned());
                    open.raw = std::mem::take(&mut reader.get_mut().bytes);
                    each(Element::Person(open));
                }
                return Ok(());
            }
            _ => {}
        }
    }
}

fn push(field: &mut Option<(String, String)>, more: &str) {
    if let Some((_, text)) = field {
        text.push_str(more);
    }
}
