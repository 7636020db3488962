//! Offences and their elements: `rules/offences.toml`. Which table counts for a day, and which ways are open for a verb.

use homeward_model::{Digest, Instant};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::OnceLock;

const TEXT: &str = include_str!("../../../rules/offences.toml");

/// What an element is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementRole {
    /// Must be shown.
    #[default]
    Element,
    /// Changes the sentence.
    Aggravation,
    /// The other side must show it.
    Defence,
    /// Is captured for the order of restitution.
    Restitution,
}

impl ElementRole {
    /// The word for this role.
    pub const fn word(self) -> &'static str {
        match self {
            ElementRole::Element => "element",
            ElementRole::Aggravation => "aggravation",
            ElementRole::Defence => "defence",
            ElementRole::Restitution => "restitution",
        }
    }
}

/// For whom an element counts, by the age at the time of the offence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Everybody.
    #[default]
    Always,
    /// A person who may have been under 18.
    Child,
    /// A person of 18 or older.
    Adult,
}

/// How well the wording was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// The statute itself.
    Text,
    /// Amendment notes or a published copy; to be confirmed.
    Second,
    /// Our own reading.
    Design,
}

/// A way to show an element.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Its name.
    pub id: String,
    /// What is shown.
    pub text: String,
    /// The law.
    pub cite: String,
    /// Verbs for which it is not open.
    #[serde(default)]
    pub except: Vec<String>,
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Its name.
    pub id: String,
    /// What must be shown.
    pub text: String,
    /// The law.
    pub cite: String,
    /// What it is for.
    #[serde(default)]
    pub role: ElementRole,
    /// For whom it counts.
    #[serde(default)]
    pub when: When,
    /// The ways to show it; none when there is only one.
    #[serde(default)]
    pub ways: Vec<Way>,
    /// What is easily overlooked.
    pub hint: Option<String>,
}

impl Element {
    /// The ways that are open for a verb.
    pub fn open_ways(&self, verb: Option<&str>) -> Vec<&Way> {
        let open = |way: &&Way| verb.is_none_or(|verb| !way.except.iter().any(|except| except == verb));
        self.ways.iter().filter(open).collect()
    }
}

/// One offence as it stood for a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffenceTable {
    /// The name of the offence, the same through all its wordings.
    pub offence: String,
    /// The section.
    pub section: String,
    /// What it is called.
    pub name: String,
    /// Chapter of title 18.
    pub chapter: u16,
    from: String,
    until: Option<String>,
    /// Which wording this is.
    pub law: String,
    /// How well it was read.
    pub grade: Reading,
    /// Verbs of the statute; none when it has no list.
    #[serde(default)]
    pub verbs: Vec<String>,
    /// Birthdays that change what must be shown, or the sentence.
    #[serde(default)]
    pub ages: Vec<u8>,
    /// How many must have acted together.
    #[serde(default = "one")]
    pub people: usize,
    /// Whether it is done to a person.
    #[serde(default = "yes")]
    pub victim: bool,
    /// Whether it can be done to a person under 18 alone.
    #[serde(default)]
    pub child_only: bool,
    /// What the statute threatens.
    pub penalty: String,
    /// What must be shown.
    pub elements: Vec<Element>,
}

const fn one() -> usize {
    1
}

const fn yes() -> bool {
    true
}

fn day(text: &str) -> Option<Instant> {
    Instant::parse(text)
}

impl OffenceTable {
    /// The first day on which it counts.
    pub fn from(&self) -> Instant {
        day(&self.from).unwrap_or_default()
    }

    /// The first day on which it does not count any more.
    pub fn until(&self) -> Option<Instant> {
        self.until.as_deref().and_then(day)
    }

    /// Whether it counts on a day.
    pub fn is_in_force(&self, at: Instant) -> bool {
        self.from() <= at && self.until().is_none_or(|until| at < until)
    }
}

/// What is captured for restitution, for the offences of a chapter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Restitution {
    chapter: u16,
    from: String,
    elements: Vec<Element>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: Vec<OffenceTable>,
    restitution: Vec<Restitution>,
}

/// All offences.
#[derive(Debug, Clone)]
pub struct Offences {
    /// Every table.
    pub tables: Vec<OffenceTable>,
    restitution: Vec<Restitution>,
    /// First 16 hexadecimal digits of the hash of the file.
    pub version: String,
}

impl Offences {
    /// The offences that this build carries.
    pub fn embedded() -> &'static Offences {
        static OFFENCES: OnceLock<Offences> = OnceLock::new();
        OFFENCES.get_or_init(|| {
            Offences::parse(TEXT).unwrap_or_else(|error| panic!("rules/offences.toml: {error}"))
        })
    }

    /// Reads a file and holds it against what must be true of one.
    pub fn parse(text: &str) -> Result<Offences, String> {
        let File { table: tables, restitution } = toml::from_str(text).map_err(|error| error.to_string())?;
        for table in &tables {
            check(table)?;
        }
        for (at, table) in tables.iter().enumerate() {
            let meets = |other: &OffenceTable| {
                other.offence == table.offence
                    && table.until().is_none_or(|until| other.from() < until)
                    && other.until().is_none_or(|until| table.from() < until)
            };
            if tables[..at].iter().any(meets) {
                return Err(format!("two tables of `{}` are in force at once", table.offence));
            }
        }
        for one in &restitution {
            let restores = |element: &Element| element.role == ElementRole::Restitution;
            if day(&one.from).is_none() || !one.elements.iter().all(restores) {
                return Err(format!("restitution of chapter {}: no day, or not restitution", one.chapter));
            }
        }
        let version = Digest::of(text.as_bytes()).hex()[..16].to_owned();
        Ok(Offences { tables, restitution, version })
    }

    /// The table of an offence that is in force on a day.
    pub fn in_force(&self, offence: &str, at: Instant) -> Option<&OffenceTable> {
        self.tables.iter().find(|table| table.offence == offence && table.is_in_force(at))
    }

    /// Offences as they stand on a day, each once, in the order of the file.
    pub fn on(&self, at: Instant) -> Vec<&OffenceTable> {
        self.tables.iter().filter(|table| table.is_in_force(at)).collect()
    }

    /// What is captured for restitution for an offence on a day.
    pub fn restitution(&self, table: &OffenceTable, at: Instant) -> Vec<&Element> {
        let of = |one: &&Restitution| {
            one.chapter == table.chapter && table.victim && day(&one.from).is_some_and(|from| from <= at)
        };
        self.restitution.iter().filter(of).flat_map(|one| &one.elements).collect()
    }
}

fn check(table: &OffenceTable) -> Result<(), String> {
    let wrong = |because: &str| Err(format!("`{}` of {}: {because}", table.offence, table.from));
    let (from, until) = (day(&table.from), table.until.as_deref().map(day));
    let (Some(from), true) = (from, until.is_none_or(|until| until.is_some())) else {
        return wrong("`from` or `until` is no day");
    };
    if until.flatten().is_some_and(|until| until <= from) {
        return wrong("it ends before it begins");
    }
    if [&table.section, &table.name, &table.law, &table.penalty].iter().any(|text| text.trim().is_empty()) {
        return wrong("it names no section, name, law or penalty");
    }
    if table.people == 0 || !table.elements.iter().any(|element| element.role == ElementRole::Element) {
        return wrong("nobody did it, or nothing must be shown");
    }
    let mut known = HashSet::new();
    for element in &table.elements {
        if element.cite.trim().is_empty() || element.text.trim().is_empty() {
            return wrong("an element has no text or no source");
        }
        if !known.insert((element.id.as_str(), element.when)) {
            return wrong(&format!("`{}` stands there twice", element.id));
        }
        let mut ways = HashSet::new();
        for way in &element.ways {
            if way.cite.trim().is_empty() || !ways.insert(way.id.as_str()) {
                return wrong(&format!("a way of `{}` has no source or stands there twice", element.id));
            }
            if way.except.iter().any(|verb| !table.verbs.contains(verb)) {
                return wrong(&format!("`{}` of `{}` excepts a verb that is none", way.id, element.id));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(offence: &str, at: &str) -> Option<&'static OffenceTable> {
        Offences::embedded().in_force(offence, Instant::parse(at).unwrap())
    }

    #[test]
    fn the_table_of_the_day_counts() {
        assert!(!table("1591-a1", "2015-05-28").unwrap().verbs.contains(&"advertises".to_owned()));
        assert!(table("1591-a1", "2015-05-29").unwrap().verbs.contains(&"advertises".to_owned()));
        assert_eq!(table("1591-a1", "2008-12-22"), None);
        assert!(table("1591-d", "2018-12-20").unwrap().penalty.contains("20 years"));
        assert!(table("1591-d", "2018-12-21").unwrap().penalty.contains("25 years"));
        let participation = |at| {
            let table = table("1591-a2", at).unwrap();
            table.elements.iter().find(|element| element.id == "participation").unwrap().text.clone()
        };
        assert_eq!(participation("2018-04-10"), "Participated in the venture");
        assert!(participation("2018-04-11").starts_with("Knowingly assisted"));
    }

    #[test]
    fn an_advertiser_must_have_known_the_age() {
        let open = |offence: &str, verb: &str| -> Vec<&str> {
            let table = table(offence, "2019-07-01").unwrap();
            let element = table.elements.iter().find(|element| element.id == "age_known").unwrap();
            element.open_ways(Some(verb)).iter().map(|way| way.id.as_str()).collect()
        };
        assert_eq!(open("1591-a1", "recruits"), ["knew", "reckless", "observed"]);
        assert_eq!(open("1591-a1", "advertises"), ["knew"]);
        // Opportunity to observe serves a count of (a)(1) alone.
        assert_eq!(open("1591-a2", "recruits"), ["knew", "reckless"]);
        assert_eq!(open("1591-a2", "advertises"), ["knew"]);
    }

    #[test]
    fn every_offence_of_the_matrix_has_its_table() {
        let today = Offences::embedded().on(Instant::parse("2026-11-28").unwrap());
        let names: Vec<&str> = today.iter().map(|table| table.offence.as_str()).collect();
        let expected = [
            "1591-a1", "1591-a2", "1591-d", "1594-a", "1594-c", "2421-a", "2422-a", "2422-b", "2423-a",
            "2423-b", "2423-c", "2423-d", "2423-e",
        ];
        assert_eq!(names, expected);
        let read = today.iter().all(|table| table.grade == Reading::Text);
        assert!(read, "what is in force was read");
    }

    #[test]
    fn restitution_is_captured_for_the_chapter() {
        let ids = |offence: &str, at: &str| -> Vec<&str> {
            let at = Instant::parse(at).unwrap();
            let table = Offences::embedded().in_force(offence, at).unwrap();
            Offences::embedded().restitution(table, at).iter().map(|one| one.id.as_str()).collect()
        };
        assert_eq!(ids("1591-a1", "2019-07-01"), ["losses", "services", "forfeit"]);
        assert_eq!(ids("2423-a", "2019-07-01"), ["losses"]);
        assert_eq!(ids("2423-a", "2018-12-20"), [] as [&str; 0]);
        assert_eq!(ids("1591-d", "2019-07-01"), [] as [&str; 0]);
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let check = |change: &dyn Fn(String) -> String, because: &str| {
            let error = Offences::parse(&change(TEXT.to_owned())).unwrap_err();
            assert!(error.contains(because), "{error}");
        };
        check(
            &|text| text.replacen("until = \"2015-05-29\"", "until = \"2015-06-01\"", 1),
            "are in force at once",
        );
        check(
            &|text| text.replacen("except = [\"advertises\"]", "except = [\"sings\"]", 1),
            "excepts a verb that is none",
        );
        check(&|text| text.replacen("from = \"2015-05-29\"", "from = \"soon\"", 1), "is no day");
        check(&|text| text.replacen("id = \"commerce\"", "id = \"act\"", 1), "stands there twice");
        check(&|text| text.replacen("people = 2", "people = 0", 1), "nobody did it");
        check(&|text| text.replacen("chapter = 77", "chapter = 77\nsong = 1", 1), "unknown field");
    }
}
