//! What somebody types into the forms of a case, read into what the model takes. The law is asked here: which verbs an offence
//! has, which elements a count has, and which ways to show one are open.

use crate::matrix::matrix;
use crate::written::Problems;
use crate::{Result, Trouble};
use homeward_model::{
    AgeAt, Alleged, Authority, BirthDate, Case, CaseEvidence, Charged, Collection, Digest, Grounds, Instant,
    KnownAge, Mark, Matter, MemberId, NewExhibit, PersonId, Shows, Transfer,
};
use homeward_rules::offences::Offences;

/// A case as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenCase {
    /// The lead that it is promoted from, by id; empty when there is none.
    pub lead: String,
    /// `commercial sex` or `other`; empty means the first.
    pub matter: String,
    /// The crime, by its section of law.
    pub crime: String,
    /// The facts.
    pub facts: String,
}

/// A subject as it was typed. The age is that at the time of the offence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenSubject {
    /// The person, by an id that the client made; empty means a new one.
    pub person: String,
    /// The name or names.
    pub name: String,
    /// Day of birth; with it the day of the offence.
    pub born: String,
    /// Day of the offence.
    pub offence_on: String,
    /// Years, when the day of birth is not known.
    pub age: String,
    /// Whether somebody answers for it that the person was an adult, without knowing the years.
    pub adult: bool,
}

/// A victim as it was typed. There is no name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenCaseVictim {
    /// The person, by an id that the client made; empty means a new one.
    pub person: String,
    /// The record of the victim, by id; empty when there is none.
    pub victim: String,
    /// Day of birth.
    pub born: String,
    /// Years at the time of the offences, when the day of birth is not known.
    pub age: String,
    /// Whether somebody answers for it that the person was an adult.
    pub adult: bool,
}

/// A count as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenCaseCount {
    /// The offence, as `rules/offences.toml` calls it.
    pub offence: String,
    /// The verb of the statute.
    pub verb: String,
    /// First day.
    pub from: String,
    /// Last day; empty means the first.
    pub to: String,
    /// The number of the victim.
    pub victim: String,
    /// Subjects, by id.
    pub subjects: Vec<String>,
}

/// An exhibit as it was typed. The file itself is not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenExhibit {
    /// What it is.
    pub description: String,
    /// SHA-256 of the file, 64 hexadecimal digits; or else the seal.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: String,
    /// Number of the seal of a thing.
    pub seal: String,
    /// When collecting began.
    pub start: String,
    /// When it ended; empty means the beginning.
    pub end: String,
    /// Who collected it.
    pub performer: String,
    /// `open-source`, `partner-feed`, `consent`, `legal-process` or `tip`.
    pub authority: String,
    /// The warrant, consent or agreement, or the account that was open to everybody.
    pub basis: String,
}

/// A transfer as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenTransfer {
    /// The number of the exhibit.
    pub exhibit: u32,
    /// Who gave it.
    pub from: String,
    /// Who took it.
    pub to: String,
    /// When it was given.
    pub given: String,
    /// When it was taken; empty means at that moment.
    pub taken: String,
    /// What for.
    pub purpose: String,
    /// SHA-256 of the file as the taker found it.
    pub sha256: String,
    /// Its size in bytes as the taker found it; empty means that it was not counted again.
    pub bytes: String,
    /// The number of the seal as the taker found it.
    pub seal: String,
    /// The new seal, when the old one was opened.
    pub resealed: String,
}

/// A link as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenLink {
    /// The number of the count.
    pub count: u32,
    /// The element; with its way after a stroke, `age_known/knew`, or with the way apart.
    pub element: String,
    /// The way.
    pub way: String,
    /// `exhibit 1` or `note 2`.
    pub evidence: String,
    /// Whether it is the testimony of the victim, or worth nothing without it.
    pub testimony: bool,
}

/// A charge as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenCharge {
    /// The subject, by id.
    pub person: String,
    /// The section of law; empty means that of the count.
    pub section: String,
    /// The count that it rests on, by number.
    pub count: Option<u32>,
}

impl WrittenCharge {
    pub(crate) fn read(&self, case: &Case) -> Result<Charged> {
        let no_subject = |_| Trouble::invalid("choose a subject of the case");
        let person = self.person.trim().parse().map_err(no_subject)?;
        let counts = matrix(case, Offences::embedded());
        let of_count =
            counts.iter().find(|one| Some(one.count.number) == self.count).and_then(|one| one.table);
        let section = match (self.section.trim(), of_count) {
            ("", None) => {
                return Err(Trouble::invalid("give the section of law, or the count that it rests on"));
            }
            ("", Some(table)) => table.section.clone(),
            (section, _) => section.to_owned(),
        };
        Ok(Charged { person, section, count: self.count })
    }
}

/// A task as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenTask {
    /// What is to be done.
    pub what: String,
    /// By whom, by id.
    pub to: String,
    /// Until when; empty means no date.
    pub due: String,
}

/// Bounds of a date of which only the day counts: from 1900 on.
fn birth_date(problems: &mut Problems, text: &str) -> Option<BirthDate> {
    let midnight = problems.moment("born", text)?;
    let parts: Vec<i16> = midnight.date().split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = parts[..] else { return None };
    match BirthDate::new(year, month as i8, day as i8) {
        Ok(born) => Some(born),
        Err(refused) => {
            problems.note(refused);
            None
        }
    }
}

/// An age that was typed; nothing typed means that the person may be a child.
fn typed_age(problems: &mut Problems, age: &str, adult: bool) -> AgeAt {
    match problems.number("age", age, (0.0, 120.0)) {
        Some(years) => AgeAt::Known(years as u8),
        None if adult => AgeAt::UnknownAdult,
        None => AgeAt::UnknownPossiblyChild,
    }
}

/// An id that was typed.
fn typed_id<T: std::str::FromStr>(problems: &mut Problems, field: &str, text: &str) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let found = text.parse().ok();
    if found.is_none() {
        problems.note(format!("`{field}` is no id"));
    }
    found
}

/// A file by its hash, or a thing by its seal.
fn mark(problems: &mut Problems, sha256: &str, bytes: Option<u64>, seal: &str) -> Mark {
    if sha256.trim().is_empty() {
        return Mark::Seal(problems.text("seal", seal, 100));
    }
    let digest = Digest::parse(sha256).unwrap_or_else(|| {
        problems.note("`sha256` is not 64 hexadecimal digits");
        Digest::default()
    });
    let bytes = bytes.unwrap_or_else(|| {
        problems.note("`bytes`: give the size of the file");
        0
    });
    Mark::File { digest, bytes }
}

fn size(problems: &mut Problems, text: &str) -> Option<u64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let found = text.parse().ok();
    if found.is_none() {
        problems.note("`bytes` is no number of bytes");
    }
    found
}

impl WrittenCase {
    /// What it is about.
    pub(crate) fn matter(&self) -> Result<Matter> {
        let mut problems = Problems::default();
        let matter = problems.word("matter", &self.matter, Matter::parse).unwrap_or(Matter::CommercialSex);
        problems.or(matter)
    }

    /// The facts of the predicate.
    pub(crate) fn facts(&self) -> Result<Grounds> {
        Grounds::new(&self.facts)
            .map_err(|refused| Trouble::invalid(format!("no predicate: {}", refused.because)))
    }
}

impl WrittenSubject {
    /// Person and age at the time of the offence.
    pub(crate) fn read(&self, fresh: PersonId) -> Result<(PersonId, AgeAt)> {
        let mut problems = Problems::default();
        let person = typed_id(&mut problems, "person", &self.person).unwrap_or(fresh);
        let born = birth_date(&mut problems, &self.born);
        let offence = problems.moment("offence_on", &self.offence_on);
        let age = match (born, offence) {
            (Some(born), Some(offence)) => born.age_at(offence),
            (Some(_), None) => {
                problems
                    .note("with the day of birth give the day of the offence: the age is that of the day");
                AgeAt::UnknownPossiblyChild
            }
            (None, _) => typed_age(&mut problems, &self.age, self.adult),
        };
        problems.or((person, age))
    }
}

impl WrittenCaseVictim {
    /// Person, record and age.
    pub(crate) fn read(
        &self,
        fresh: PersonId,
    ) -> Result<(PersonId, Option<homeward_model::VictimId>, KnownAge)> {
        let mut problems = Problems::default();
        let person = typed_id(&mut problems, "person", &self.person).unwrap_or(fresh);
        let victim = typed_id(&mut problems, "victim", &self.victim);
        let age = match birth_date(&mut problems, &self.born) {
            Some(born) => KnownAge::Born(born),
            None => KnownAge::Estimated(typed_age(&mut problems, &self.age, self.adult)),
        };
        problems.or((person, victim, age))
    }
}

impl WrittenCaseCount {
    /// What is alleged, held against the table in force on the first day.
    pub(crate) fn read(&self) -> Result<Alleged> {
        let mut problems = Problems::default();
        let offences = Offences::embedded();
        let from = problems.moment("from", &self.from);
        let to = problems.moment("to", &self.to).or(from);
        if from.is_none() {
            problems.note("`from`: give the first day of the offence");
        }
        let offence = self.offence.trim().to_owned();
        let verb = problems.given("verb", &self.verb, 100);
        let victim = problems.number("victim", &self.victim, (1.0, 1000.0)).map(|number| number as u32);
        let from = from.unwrap_or_default();
        match offences.in_force(&offence, from) {
            None if !offences.tables.iter().any(|table| table.offence == offence) => {
                problems.note(format!("`{offence}` is no offence of the tables"));
            }
            None => {
                let since = offences.tables.iter().filter(|table| table.offence == offence);
                let since = since.map(homeward_rules::offences::OffenceTable::from).min().unwrap_or_default();
                problems.note(format!(
                    "`{offence}` has no table for that day: the first begins on {}",
                    since.date()
                ));
            }
            Some(table) => {
                let listed = |verb: &String| table.verbs.contains(verb);
                if table.verbs.is_empty() != verb.is_none() || !verb.as_ref().is_none_or(listed) {
                    let verbs = table.verbs.join(", ");
                    let verbs = if verbs.is_empty() { "none".to_owned() } else { verbs };
                    problems.note(format!("the verbs of {} on that day: {verbs}", table.section));
                }
                if table.victim != victim.is_some() {
                    let which = if table.victim { "name the victim by number" } else { "name no victim" };
                    problems.note(format!("{}: {which}", table.section));
                }
            }
        }
        let mut subjects = Vec::new();
        for one in &self.subjects {
            subjects.extend(typed_id::<PersonId>(&mut problems, "subjects", one));
        }
        problems.or(Alleged { offence, verb, from, to: to.unwrap_or(from), victim, subjects })
    }
}

impl WrittenExhibit {
    /// The exhibit.
    pub(crate) fn read(&self) -> Result<NewExhibit> {
        let mut problems = Problems::default();
        let start = problems.moment("start", &self.start);
        if start.is_none() {
            problems.note("`start`: say when it was collected");
        }
        let end = problems.moment("end", &self.end).or(start).unwrap_or_default();
        let authority = problems.word("authority", &self.authority, Authority::parse);
        if authority.is_none() {
            problems.note("`authority`: say on what authority it was collected");
        }
        let bytes = size(&mut problems, &self.bytes);
        let mark = mark(&mut problems, &self.sha256, bytes, &self.seal);
        let collected = Collection {
            start: start.unwrap_or_default(),
            end,
            performer: problems.text("performer", &self.performer, 200),
            authority: authority.unwrap_or_default(),
            basis: problems.text("basis", &self.basis, 500),
        };
        let description = problems.text("description", &self.description, 500);
        problems.or(NewExhibit { description, mark, collected })
    }
}

impl WrittenTransfer {
    /// The hop, for an exhibit of a case.
    pub(crate) fn read(&self, case: &Case) -> Result<Transfer> {
        let mut problems = Problems::default();
        let given = problems.moment("given", &self.given);
        if given.is_none() {
            problems.note("`given`: say when it was handed over");
        }
        let given = given.unwrap_or_default();
        let taken = problems.moment("taken", &self.taken).unwrap_or(given);
        let exhibit = case.file().exhibits.iter().find(|exhibit| exhibit.number == self.exhibit);
        let known = exhibit.and_then(|exhibit| match exhibit.mark() {
            Mark::File { bytes, .. } => Some(bytes),
            Mark::Seal(_) => None,
        });
        let bytes = size(&mut problems, &self.bytes).or(known);
        let found = mark(&mut problems, &self.sha256, bytes, &self.seal);
        let hop = Transfer {
            from: problems.text("from", &self.from, 200),
            to: problems.text("to", &self.to, 200),
            given,
            taken,
            purpose: problems.text("purpose", &self.purpose, 500),
            found,
            resealed: problems.given("resealed", &self.resealed, 100),
        };
        problems.or(hop)
    }
}

impl WrittenLink {
    /// The link, held against the matrix of the case.
    pub(crate) fn read(&self, case: &Case) -> Result<Shows> {
        let refuse = |because: String| Err(Trouble::Invalid(because));
        let (element, way) = self.element.split_once('/').unwrap_or((&self.element, &self.way));
        let (element, way) = (element.trim(), way.trim());
        let matrix = matrix(case, Offences::embedded());
        let Some(count) = matrix.iter().find(|one| one.count.number == self.count) else {
            return refuse(format!("the case has no count {} that stands", self.count));
        };
        let Some(row) = count.rows.iter().find(|row| row.element.id == element) else {
            let known: Vec<&str> = count.rows.iter().map(|row| row.element.id.as_str()).collect();
            return refuse(format!(
                "count {} has no element `{element}`; it has {}",
                self.count,
                known.join(", ")
            ));
        };
        let open: Vec<&str> = row.ways.iter().map(|way| way.id.as_str()).collect();
        if let Some(closed) = row.element.ways.iter().find(|known| known.id == way && !open.contains(&way)) {
            let verb = count.count.what.verb.as_deref().unwrap_or_default();
            return refuse(format!("`{}` is not open for the verb `{verb}` ({})", closed.text, closed.cite));
        }
        if open.is_empty() != way.is_empty() || !(way.is_empty() || open.contains(&way)) {
            let open = if open.is_empty() { "none".to_owned() } else { open.join(", ") };
            return refuse(format!("`{element}` is shown in one of its ways; open here: {open}"));
        }
        let evidence = match self.evidence.trim().split_once(' ') {
            Some(("exhibit", number)) => number.parse().map(CaseEvidence::Exhibit).ok(),
            Some(("note", number)) => number.parse().map(CaseEvidence::Note).ok(),
            _ => None,
        };
        let Some(evidence) = evidence else {
            return refuse("`evidence` is `exhibit` or `note` with its number".to_owned());
        };
        Ok(Shows {
            count: self.count,
            element: element.to_owned(),
            way: Some(way.to_owned()).filter(|way| !way.is_empty()),
            evidence,
            testimony: self.testimony,
        })
    }
}

impl WrittenTask {
    /// What, by whom, until when.
    pub(crate) fn read(&self) -> Result<(String, MemberId, Option<Instant>)> {
        let mut problems = Problems::default();
        let what = problems.text("what", &self.what, 500);
        let due = problems.moment("due", &self.due);
        let to: Option<MemberId> = typed_id(&mut problems, "to", &self.to);
        if to.is_none() {
            problems.note("`to`: choose who is to do it");
        }
        problems.or((what, to.unwrap_or(MemberId::from_bits(0)), due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_that_nobody_knows_is_a_childs() {
        let read = |written: WrittenSubject| written.read(PersonId::from_bits(1)).unwrap().1;
        assert_eq!(read(WrittenSubject::default()), AgeAt::UnknownPossiblyChild);
        assert_eq!(read(WrittenSubject { adult: true, ..WrittenSubject::default() }), AgeAt::UnknownAdult);
        let born = WrittenSubject {
            born: "2001-07-02".into(),
            offence_on: "2019-07-01".into(),
            adult: true,
            ..WrittenSubject::default()
        };
        assert_eq!(read(born.clone()), AgeAt::Known(17));
        let alone = WrittenSubject { offence_on: String::new(), ..born };
        assert!(alone.read(PersonId::from_bits(1)).is_err());
    }

    #[test]
    fn a_count_is_held_against_the_law_of_its_day() {
        let check = |offence: &str, verb: &str, from: &str, victim: &str, said: &str| {
            let (offence, verb, from, victim) = (offence.into(), verb.into(), from.into(), victim.into());
            let written = WrittenCaseCount { offence, verb, from, victim, ..WrittenCaseCount::default() };
            let answer = written.read().map_or_else(|trouble| trouble.to_string(), |_| String::new());
            assert!(answer.contains(said) && answer.is_empty() == said.is_empty(), "{answer}");
        };
        check("1591-a1", "advertises", "2019-07-01", "1", "");
        check(
            "1591-a1",
            "advertises",
            "2014-07-01",
            "1",
            "the verbs of 18 U.S.C. 1591(a)(1) on that day: recruits,",
        );
        check(
            "1591-a1",
            "recruits",
            "2007-07-01",
            "1",
            "has no table for that day: the first begins on 2008-12-23",
        );
        check("1591-a1", "recruits", "2019-07-01", "", "name the victim by number");
        check("1591-d", "prevents", "2019-07-01", "1", "name no victim");
        check("1594-c", "", "2019-07-01", "1", "");
        check("1600", "", "2019-07-01", "1", "`1600` is no offence of the tables");
        check("1594-c", "", "", "1", "give the first day");
    }

    #[test]
    fn all_that_is_wrong_with_an_exhibit_is_said_at_once() {
        let said = WrittenExhibit { sha256: "12".into(), ..WrittenExhibit::default() }
            .read()
            .unwrap_err()
            .to_string();
        for part in ["`start`", "`authority`", "64 hexadecimal digits", "`bytes`"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
