//! Subjects of cases and events.
//!
//! A child, or a person who may be one, never becomes a subject in a matter of commercial sex: nothing here can hold one,
//! and there is no override (22 U.S.C. 7102(11)). An age that is learnt later makes a subject a victim.

use crate::words::words;
use crate::{AgeAt, PersonId, Refused};

words! {
    /// What a case or an event is about.
    Matter {
        /// Trafficking or any other matter of commercial sex.
        CommercialSex = "commercial sex",
        /// Anything else.
        Other = "other",
    }
}

/// The law by which such a person is a victim.
const LAW: &str = "22 U.S.C. 7102(11)";

/// A person suspected in one matter. Its only constructor refuses children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    person: PersonId,
    age: AgeAt,
    matter: Matter,
}

impl Subject {
    /// A subject, by the age at the time of the offence. In a matter of commercial sex a person who may be a child is a
    /// victim, and is refused.
    pub fn new(person: PersonId, age: AgeAt, matter: Matter) -> Result<Subject, Refused> {
        if matter == Matter::CommercialSex && age.may_be_child() {
            let because = format!(
                "in a matter of commercial sex a person who may be a child ({age}) is a victim ({LAW})"
            );
            return Err(Refused::new("subject", because));
        }
        Ok(Subject { person, age, matter })
    }

    /// The person.
    pub const fn person(self) -> PersonId {
        self.person
    }

    /// The age at the time of the offence.
    pub const fn age(self) -> AgeAt {
        self.age
    }

    /// What the person is suspected in.
    pub const fn matter(self) -> Matter {
        self.matter
    }
}

/// What follows from an age that was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// The person stays a subject, of the age learnt.
    StillSubject,
    /// The person may have been a child: a subject no more.
    IsVictim,
}

/// The subjects of one case or event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    matter: Matter,
    list: Vec<Subject>,
}

impl Subjects {
    /// Nobody, in a matter.
    pub const fn none(matter: Matter) -> Subjects {
        Subjects { matter, list: Vec::new() }
    }

    /// Subjects as the store kept them; refused when one is of another matter, or may not be one.
    pub fn stored(matter: Matter, list: &[Subject]) -> Result<Subjects, Refused> {
        let mut subjects = Subjects::none(matter);
        for subject in list {
            if subject.matter != matter {
                return Err(Refused::new("subject", "it is of another matter"));
            }
            subjects.add(subject.person, subject.age)?;
        }
        Ok(subjects)
    }

    /// The subjects.
    pub fn list(&self) -> &[Subject] {
        &self.list
    }

    /// Whether a person is one of them.
    pub fn has(&self, person: PersonId) -> bool {
        self.list.iter().any(|subject| subject.person == person)
    }

    /// Adds a person of an age at the time of the offence.
    pub fn add(&mut self, person: PersonId, age: AgeAt) -> Result<Subject, Refused> {
        if self.has(person) {
            return Err(Refused::new("subject", "the person is a subject already"));
        }
        let subject = Subject::new(person, age, self.matter)?;
        self.list.push(subject);
        Ok(subject)
    }

    /// Records the age at the time of the offence of one of them as it was learnt later.
    pub fn learn_age(&mut self, person: PersonId, age: AgeAt) -> Result<Learned, Refused> {
        let Some(place) = self.list.iter().position(|subject| subject.person == person) else {
            return Err(Refused::new("age", "the person is no subject"));
        };
        if let Ok(subject) = Subject::new(person, age, self.matter) {
            self.list[place] = subject;
            return Ok(Learned::StillSubject);
        }
        self.list.remove(place);
        Ok(Learned::IsVictim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{age, id};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_possible_child_is_no_subject_in_commercial_sex(
            steps in proptest::collection::vec((any::<bool>(), 0u128..3, age()), 0..30),
        ) {
            let mut subjects = Subjects::none(Matter::CommercialSex);
            for (learn, person, age) in steps {
                if learn {
                    let _ = subjects.learn_age(id(person), age);
                } else {
                    let _ = subjects.add(id(person), age);
                }
                prop_assert!(subjects.list().iter().all(|subject| !subject.age().may_be_child()));
                prop_assert_eq!(Subjects::stored(Matter::CommercialSex, subjects.list()), Ok(subjects.clone()));
            }
        }

        #[test]
        fn in_another_matter_a_minor_can_be_one(age in age()) {
            prop_assert!(Subject::new(id(1), age, Matter::Other).is_ok());
        }
    }
}
