//! What a case file holds: victims by number, counts, exhibits with their custody, what shows what, tasks and notes.
//!
//! Everything has a number in its case, from 1, and nothing is taken out: a count is dropped and a link withdrawn, each
//! with a reason. A file is read and kept as a whole, so its parts are bounded.

use crate::exhibit::told;
use crate::{
    AgeAt, BirthDate, Exhibit, Grounds, Instant, MemberId, NewExhibit, PersonId, Refused, Stamp, Transfer,
    VictimId,
};

/// Most parts of one kind in a file.
pub const MOST_PARTS: usize = 1000;

/// What is known of somebody's age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownAge {
    /// The day of birth: the age follows for every day.
    Born(BirthDate),
    /// An age at the time of the offences that was estimated or told. It does not move with the day.
    Estimated(AgeAt),
}

impl KnownAge {
    /// The age at a moment.
    pub fn at(self, at: Instant) -> AgeAt {
        match self {
            KnownAge::Born(born) => born.age_at(at),
            KnownAge::Estimated(age) => age,
        }
    }
}

/// A victim as a case file knows them: by a number, as in court papers, and never by name (18 U.S.C. 3509(d)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseVictim {
    /// The number in the case.
    pub number: u32,
    /// The person.
    pub person: PersonId,
    /// The record of the victim, when there is one.
    pub victim: Option<VictimId>,
    /// What is known of the age.
    pub age: KnownAge,
}

/// A count as somebody alleges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alleged {
    /// The offence, as `rules/offences.toml` calls it.
    pub offence: String,
    /// The verb of the statute.
    pub verb: Option<String>,
    /// First day.
    pub from: Instant,
    /// Last day; not before the first.
    pub to: Instant,
    /// The victim, by number; none for an offence against the law alone.
    pub victim: Option<u32>,
    /// Against whom: subjects of the case.
    pub subjects: Vec<PersonId>,
}

/// A count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseCount {
    /// Its number in the case.
    pub number: u32,
    /// What is alleged.
    pub what: Alleged,
    /// Who dropped it, and when.
    pub dropped: Option<Stamp>,
}

/// What a link points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseEvidence {
    /// An exhibit of the case, by number.
    Exhibit(u32),
    /// A note of the case, by number.
    Note(u32),
}

/// What shows an element of a count, as somebody links it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shows {
    /// The count, by number.
    pub count: u32,
    /// The element, as `rules/offences.toml` calls it.
    pub element: String,
    /// In which of its ways the element is shown, where the law knows several.
    pub way: Option<String>,
    /// What shows it.
    pub evidence: CaseEvidence,
    /// Whether it is the testimony of the victim, or worth nothing without it.
    pub testimony: bool,
}

/// A link from evidence to an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLink {
    /// Its number in the case.
    pub number: u32,
    /// What shows what.
    pub what: Shows,
    /// Who withdrew it, and when.
    pub withdrawn: Option<Stamp>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTask {
    /// Its number in the case.
    pub number: u32,
    /// What is to be done.
    pub what: String,
    /// By whom.
    pub to: MemberId,
    /// Until when.
    pub due: Option<Instant>,
    /// Who did it, and when.
    pub done: Option<Stamp>,
}

/// A note. It is written once; a correction is a further note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseNote {
    /// Its number in the case.
    pub number: u32,
    /// What it says.
    pub text: Grounds,
    /// Who wrote it, and when.
    pub written: Stamp,
}

/// An entry in a case file: what is asked for, and what the history says of it.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseEntry {
    /// A victim was added.
    VictimAdded(PersonId, Option<VictimId>, KnownAge),
    /// The age of a victim, by number, was learnt.
    VictimAgeLearned(u32, KnownAge),
    /// A count was alleged.
    CountAlleged(Alleged),
    /// A count was dropped.
    CountDropped(u32, Grounds),
    /// An exhibit was entered.
    ExhibitEntered(NewExhibit),
    /// An exhibit went from one holder to the next.
    HandedOver(u32, Transfer),
    /// Evidence was linked to an element.
    EvidenceLinked(Shows),
    /// A link was withdrawn.
    LinkWithdrawn(u32, Grounds),
    /// A task was set: what, to whom, until when.
    TaskSet(String, MemberId, Option<Instant>),
    /// A task was done.
    TaskDone(u32),
    /// A note was written.
    Noted(Grounds),
}

/// A case file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseFile {
    /// Victims.
    pub victims: Vec<CaseVictim>,
    /// Counts.
    pub counts: Vec<CaseCount>,
    /// Exhibits.
    pub exhibits: Vec<Exhibit>,
    /// What shows what.
    pub links: Vec<CaseLink>,
    /// Tasks.
    pub tasks: Vec<CaseTask>,
    /// Notes.
    pub notes: Vec<CaseNote>,
}

/// The number of the next part; refused when there are too many.
fn next<T>(what: &'static str, parts: &[T]) -> Result<u32, Refused> {
    if parts.len() >= MOST_PARTS {
        return Err(Refused::new(what, format!("a case holds at most {MOST_PARTS} of a kind")));
    }
    Ok(parts.len() as u32 + 1)
}

/// A part by its number.
fn numbered<'a, T>(what: &'static str, parts: &'a mut [T], number: u32) -> Result<&'a mut T, Refused> {
    let at = (number as usize).checked_sub(1);
    at.and_then(|at| parts.get_mut(at))
        .ok_or_else(|| Refused::new(what, format!("the case has none with the number {number}")))
}

impl CaseFile {
    /// A victim by number.
    pub fn victim(&self, number: u32) -> Option<&CaseVictim> {
        self.victims.get((number as usize).checked_sub(1)?)
    }

    /// A count by number.
    pub fn count(&self, number: u32) -> Option<&CaseCount> {
        self.counts.get((number as usize).checked_sub(1)?)
    }

    /// Makes an entry. `subjects` are those of the case.
    pub fn enter(&mut self, entry: CaseEntry, subjects: &[PersonId], stamp: Stamp) -> Result<(), Refused> {
        match entry {
            CaseEntry::VictimAdded(person, victim, age) => self.add_victim(person, victim, age)?,
            CaseEntry::VictimAgeLearned(number, age) => {
                numbered("victim", &mut self.victims, number)?.age = age;
            }
            CaseEntry::CountAlleged(alleged) => self.allege(alleged, subjects)?,
            CaseEntry::CountDropped(number, _) => {
                let count = numbered("count", &mut self.counts, number)?;
                if count.dropped.is_some() {
                    return Err(Refused::new("count", format!("count {number} was dropped already")));
                }
                count.dropped = Some(stamp);
            }
            CaseEntry::ExhibitEntered(what) => {
                let number = next("exhibit", &self.exhibits)?;
                self.exhibits.push(Exhibit::enter(number, what, stamp)?);
            }
            CaseEntry::HandedOver(number, hop) => {
                let exhibit = numbered("exhibit", &mut self.exhibits, number)?;
                if exhibit.chain().len() >= MOST_PARTS {
                    return Err(Refused::new("transfer", format!("a chain has at most {MOST_PARTS} hops")));
                }
                *exhibit = exhibit.clone().hand_over(hop, stamp)?;
            }
            CaseEntry::EvidenceLinked(shows) => self.link(shows)?,
            CaseEntry::LinkWithdrawn(number, _) => {
                let link = numbered("link", &mut self.links, number)?;
                if link.withdrawn.is_some() {
                    return Err(Refused::new("link", format!("link {number} was withdrawn already")));
                }
                link.withdrawn = Some(stamp);
            }
            CaseEntry::TaskSet(what, to, due) => {
                told("task", "what is to be done", &what, 500)?;
                let number = next("task", &self.tasks)?;
                self.tasks.push(CaseTask { number, what: what.trim().to_owned(), to, due, done: None });
            }
            CaseEntry::TaskDone(number) => {
                let task = numbered("task", &mut self.tasks, number)?;
                if task.done.is_some() {
                    return Err(Refused::new("task", format!("task {number} was done already")));
                }
                task.done = Some(stamp);
            }
            CaseEntry::Noted(text) => {
                let number = next("note", &self.notes)?;
                self.notes.push(CaseNote { number, text, written: stamp });
            }
        }
        Ok(())
    }

    pub(crate) fn add_victim(
        &mut self,
        person: PersonId,
        victim: Option<VictimId>,
        age: KnownAge,
    ) -> Result<(), Refused> {
        if self.victims.iter().any(|known| known.person == person) {
            return Err(Refused::new("victim", "the person is a victim of this case already"));
        }
        let number = next("victim", &self.victims)?;
        self.victims.push(CaseVictim { number, person, victim, age });
        Ok(())
    }

    fn allege(&mut self, alleged: Alleged, subjects: &[PersonId]) -> Result<(), Refused> {
        let refuse = |because: String| Err(Refused::new("count", because));
        if alleged.to < alleged.from {
            return refuse(format!(
                "it ends on {}, before it begins on {}",
                alleged.to.date(),
                alleged.from.date()
            ));
        }
        if let Some(number) = alleged.victim
            && self.victim(number).is_none()
        {
            return refuse(format!("the case has no victim {number}"));
        }
        if alleged.subjects.is_empty() {
            return refuse("it is alleged against nobody: name a subject of the case".to_owned());
        }
        if alleged.subjects.iter().any(|person| !subjects.contains(person)) {
            return refuse("it is alleged against somebody who is no subject of the case".to_owned());
        }
        let number = next("count", &self.counts)?;
        self.counts.push(CaseCount { number, what: alleged, dropped: None });
        Ok(())
    }

    fn link(&mut self, shows: Shows) -> Result<(), Refused> {
        let refuse = |because: String| Err(Refused::new("link", because));
        match self.count(shows.count) {
            None => return refuse(format!("the case has no count {}", shows.count)),
            Some(count) if count.dropped.is_some() => {
                return refuse(format!("count {} was dropped", shows.count));
            }
            Some(_) => {}
        }
        let (parts, what, number) = match shows.evidence {
            CaseEvidence::Exhibit(number) => (self.exhibits.len(), "exhibit", number),
            CaseEvidence::Note(number) => (self.notes.len(), "note", number),
        };
        if number == 0 || number as usize > parts {
            return refuse(format!("the case has no {what} {number}"));
        }
        if self.links.iter().any(|link| link.withdrawn.is_none() && link.what == shows) {
            return refuse("it is linked already".to_owned());
        }
        let number = next("link", &self.links)?;
        self.links.push(CaseLink { number, what: shows, withdrawn: None });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exhibit::tests::{hop, new_exhibit};
    use crate::testing::{grounds, id, stamp};

    fn alleged() -> Alleged {
        Alleged {
            offence: "1591-a1".into(),
            verb: Some("recruits".into()),
            from: stamp(0).at,
            to: stamp(1).at,
            victim: Some(1),
            subjects: vec![id(5)],
        }
    }

    fn shows() -> Shows {
        let (element, evidence) = ("act".to_owned(), CaseEvidence::Exhibit(1));
        Shows { count: 1, element, way: None, evidence, testimony: false }
    }

    /// One of everything, against subject 5.
    fn file() -> CaseFile {
        let mut file = CaseFile::default();
        let age = KnownAge::Born(BirthDate::new(2004, 7, 4).unwrap());
        for entry in [
            CaseEntry::VictimAdded(id(6), None, age),
            CaseEntry::CountAlleged(alleged()),
            CaseEntry::ExhibitEntered(new_exhibit()),
            CaseEntry::Noted(grounds()),
            CaseEntry::EvidenceLinked(shows()),
            CaseEntry::TaskSet("ask the school".into(), id(7), None),
        ] {
            file.enter(entry, &[id(5)], stamp(30)).unwrap();
        }
        file
    }

    #[test]
    fn what_does_not_hang_together_is_refused() {
        let check = |entry: CaseEntry, because: &str| {
            let refused = file().enter(entry, &[id(5)], stamp(40)).unwrap_err().to_string();
            assert_eq!(refused, because);
        };
        let estimated = KnownAge::Estimated(AgeAt::Known(15));
        check(
            CaseEntry::VictimAdded(id(6), None, estimated),
            "no victim: the person is a victim of this case already",
        );
        check(
            CaseEntry::CountAlleged(Alleged { victim: Some(2), ..alleged() }),
            "no count: the case has no victim 2",
        );
        check(
            CaseEntry::CountAlleged(Alleged { subjects: vec![id(8)], ..alleged() }),
            "no count: it is alleged against somebody who is no subject of the case",
        );
        check(
            CaseEntry::CountAlleged(Alleged { subjects: Vec::new(), ..alleged() }),
            "no count: it is alleged against nobody: name a subject of the case",
        );
        check(
            CaseEntry::CountAlleged(Alleged { from: stamp(100_000).at, ..alleged() }),
            "no count: it ends on 1970-01-01, before it begins on 1970-01-02",
        );
        check(CaseEntry::CountDropped(0, grounds()), "no count: the case has none with the number 0");
        check(
            CaseEntry::HandedOver(2, hop("Ines", "evidence room", 35)),
            "no exhibit: the case has none with the number 2",
        );
        check(CaseEntry::EvidenceLinked(shows()), "no link: it is linked already");
        check(
            CaseEntry::EvidenceLinked(Shows { evidence: CaseEvidence::Note(2), ..shows() }),
            "no link: the case has no note 2",
        );
        check(CaseEntry::EvidenceLinked(Shows { count: 2, ..shows() }), "no link: the case has no count 2");
        check(CaseEntry::TaskSet(" ".into(), id(7), None), "no task: what is to be done is empty");
        check(CaseEntry::TaskDone(9), "no task: the case has none with the number 9");
    }

    #[test]
    fn nothing_ends_twice() {
        for entry in [
            CaseEntry::CountDropped(1, grounds()),
            CaseEntry::LinkWithdrawn(1, grounds()),
            CaseEntry::TaskDone(1),
        ] {
            let mut file = file();
            file.enter(entry.clone(), &[], stamp(40)).unwrap();
            assert!(file.enter(entry, &[], stamp(41)).is_err());
        }
        let mut file = file();
        file.enter(CaseEntry::CountDropped(1, grounds()), &[], stamp(40)).unwrap();
        let entry = CaseEntry::EvidenceLinked(Shows { testimony: true, ..shows() });
        let refused = file.enter(entry, &[], stamp(41)).unwrap_err().to_string();
        assert_eq!(refused, "no link: count 1 was dropped");
    }

    #[test]
    fn a_birth_date_gives_the_age_of_every_day() {
        let born = KnownAge::Born(BirthDate::new(2001, 7, 4).unwrap());
        let day = |text| Instant::parse(text).unwrap();
        assert_eq!(born.at(day("2019-07-04")), AgeAt::Known(17));
        assert_eq!(born.at(day("2019-07-05")), AgeAt::Known(18));
        assert_eq!(KnownAge::Estimated(AgeAt::Known(15)).at(day("2030-01-01")), AgeAt::Known(15));
    }
}
