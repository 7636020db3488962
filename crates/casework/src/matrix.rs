//! The elements matrix of a case: for each count what must be shown, with the evidence that was linked or "gap", and what of it
//! stands without the testimony of the victim.
//!
//! It counts nothing up: no score, no chance of guilt, no advice on charging.

use homeward_model::{ADULT, AgeAt, Case, CaseCount, CaseEvidence, CaseVictim, KnownAge};
use homeward_rules::offences::{Element, ElementRole, OffenceTable, Offences, Way, When};

/// A link on an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownBy<'a> {
    /// The number of the link.
    pub link: u32,
    /// The evidence.
    pub evidence: CaseEvidence,
    /// In which way it shows the element.
    pub way: Option<&'a Way>,
    /// Whether it is the testimony of the victim, or worth nothing without it.
    pub testimony: bool,
}

/// An element of a count.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementRow<'a> {
    /// The element.
    pub element: &'a Element,
    /// The ways to show it that are open for the verb.
    pub ways: Vec<&'a Way>,
    /// What shows it.
    pub shown: Vec<ShownBy<'a>>,
}

impl ElementRow<'_> {
    /// Whether it must be shown and nothing shows it.
    pub fn is_gap(&self) -> bool {
        self.element.role == ElementRole::Element && self.shown.is_empty()
    }

    /// Whether something shows it that does not rest on the testimony of the victim.
    pub fn stands_without_testimony(&self) -> bool {
        self.shown.iter().any(|shown| !shown.testimony)
    }
}

/// Something that a person must look at, with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What.
    pub text: String,
    /// The law.
    pub cite: String,
}

/// One count with its elements.
#[derive(Clone, Debug, PartialEq)]
pub struct CountMatrix<'a> {
    /// The count.
    pub count: &'a CaseCount,
    /// The offence as it stood on the first day of the count; none when the rules have no table for that day.
    pub table: Option<&'a OffenceTable>,
    /// The victim.
    pub victim: Option<&'a CaseVictim>,
    /// The age on the first and the last day.
    pub ages: Option<(AgeAt, AgeAt)>,
    /// Elements, in the order of the table.
    pub rows: Vec<ElementRow<'a>>,
    /// What a person must look at.
    pub prompts: Vec<Prompt>,
}

/// How many elements that must be shown nothing shows, over all counts of a case that stand.
pub fn gaps(case: &Case, offences: &Offences) -> usize {
    matrix(case, offences).iter().flat_map(|count| &count.rows).filter(|row| row.is_gap()).count()
}

/// The counts of a case that stand, each with its elements.
pub fn matrix<'a>(case: &'a Case, offences: &'a Offences) -> Vec<CountMatrix<'a>> {
    let standing = case.file().counts.iter().filter(|count| count.dropped.is_none());
    standing.map(|count| of(case, count, offences)).collect()
}

fn of<'a>(case: &'a Case, count: &'a CaseCount, offences: &'a Offences) -> CountMatrix<'a> {
    let what = &count.what;
    let table = offences.in_force(&what.offence, what.from);
    let victim = what.victim.and_then(|number| case.file().victim(number));
    let ages = victim.map(|victim| (victim.age.at(what.from), victim.age.at(what.to)));
    let mut found = CountMatrix { count, table, victim, ages, rows: Vec::new(), prompts: Vec::new() };
    let Some(table) = table else {
        found.say(
            format!("there is no table of `{}` for {}", what.offence, what.from.date()),
            "rules/offences.toml",
        );
        return found;
    };
    let restitution = offences.restitution(table, what.from);
    for element in applying(table, ages).into_iter().chain(restitution) {
        found.rows.push(row(case, count, element));
    }
    found.prompt(case, table, offences);
    found
}

/// Elements that count for these ages. Of two rows of one element the one that must be shown goes before.
fn applying(table: &OffenceTable, ages: Option<(AgeAt, AgeAt)>) -> Vec<&Element> {
    let child = ages.is_some_and(|(first, _)| first.may_be_child());
    let adult = ages.is_some_and(|(_, last)| !last.may_be_child());
    let counts = |element: &&Element| match element.when {
        When::Always => true,
        When::Child => child,
        When::Adult => adult,
    };
    let all: Vec<&Element> = table.elements.iter().filter(counts).collect();
    let weaker = |one: &&Element| {
        let must = |other: &&Element| other.id == one.id && other.role == ElementRole::Element;
        one.role == ElementRole::Element || !all.iter().any(must)
    };
    all.iter().copied().filter(weaker).collect()
}

fn row<'a>(case: &'a Case, count: &'a CaseCount, element: &'a Element) -> ElementRow<'a> {
    let links = case.file().links.iter().filter(|link| {
        link.withdrawn.is_none() && link.what.count == count.number && link.what.element == element.id
    });
    let shown = links.map(|link| ShownBy {
        link: link.number,
        evidence: link.what.evidence,
        way: element.ways.iter().find(|way| Some(&way.id) == link.what.way.as_ref()),
        testimony: link.what.testimony,
    });
    ElementRow { element, ways: element.open_ways(count.what.verb.as_deref()), shown: shown.collect() }
}

/// Whether a birthday lies inside the dates: the age is under it on the first day and not on the last.
fn crosses(ages: (AgeAt, AgeAt), birthday: u8) -> bool {
    matches!(ages, (AgeAt::Known(first), AgeAt::Known(last)) if first < birthday && last >= birthday)
}

impl<'a> CountMatrix<'a> {
    fn say(&mut self, text: impl Into<String>, cite: &str) {
        self.prompts.push(Prompt { text: text.into(), cite: cite.to_owned() });
    }

    fn prompt(&mut self, case: &'a Case, table: &'a OffenceTable, offences: &Offences) {
        let what = &self.count.what;
        if let Some(until) = table.until().filter(|until| *until <= what.to) {
            let text =
                format!("the law changed on {}, inside these dates: split the count there", until.date());
            self.say(text, &offences.in_force(&what.offence, until).unwrap_or(table).law);
        }
        if let Some(ages) = self.ages {
            for birthday in table.ages.iter().filter(|birthday| crosses(ages, **birthday)) {
                let text = format!(
                    "the person turned {birthday} inside these dates: split the count at the birthday"
                );
                self.say(text, &table.section);
            }
            if table.child_only && !ages.1.may_be_child() {
                self.say(
                    format!("the person had attained the age of {ADULT} on the last day"),
                    &table.section,
                );
            }
        }
        match self.victim.map(|victim| victim.age) {
            Some(KnownAge::Estimated(AgeAt::UnknownPossiblyChild)) => {
                self.say(
                    "the age is not known: the elements are those for a person under 18",
                    &table.section,
                );
            }
            Some(KnownAge::Estimated(_)) => {
                self.say(
                    "the age is an estimate and does not move with the date: look for the birth date",
                    &table.section,
                );
            }
            _ => {}
        }
        if what.subjects.len() < table.people {
            let text = format!(
                "{} or more people must have acted together; this count names {}",
                table.people,
                what.subjects.len()
            );
            self.say(text, &table.section);
        }
        for row in &self.rows {
            let (element, open) = (row.element, row.shown.is_empty());
            let text = match element.role {
                ElementRole::Defence if open => format!("nothing is kept on a defence: {}", element.text),
                ElementRole::Restitution if open => {
                    format!("restitution is mandatory; not captured yet: {}", element.text)
                }
                _ => continue,
            };
            self.prompts.push(Prompt { text, cite: element.cite.clone() });
        }
        let applies = |id: &str| self.rows.iter().any(|row| row.element.id == id);
        let loose: Vec<u32> = case
            .file()
            .links
            .iter()
            .filter(|link| {
                link.withdrawn.is_none()
                    && link.what.count == self.count.number
                    && !applies(&link.what.element)
            })
            .map(|link| link.number)
            .collect();
        for link in loose {
            self.say(format!("link {link} shows an element that does not count at this age"), &table.section);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::{
        Alleged, BirthDate, CaseEntry, CaseId, Grounds, Instant, Matter, MemberId, PersonId, Predicate,
        Shows, Stamp,
    };

    fn stamp(member: u128) -> Stamp {
        Stamp { by: MemberId::from_bits(member), at: day("2026-11-01") }
    }

    fn day(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn why() -> Grounds {
        Grounds::new("seen by two members").unwrap()
    }

    const SUBJECT: PersonId = PersonId::from_bits(5);

    /// A case with one victim, born on a day or of an age, and one count: `1591-a1 recruits 2019-07-01 2019-07-03`.
    fn case(age: KnownAge, count: &str) -> Case {
        let predicate = Predicate::new("18 U.S.C. 1591", why(), stamp(1)).unwrap();
        let id = CaseId::from_bits(1);
        let (case, _) = Case::open(
            id,
            homeward_model::AgencyId::from_bits(2),
            None,
            Matter::CommercialSex,
            predicate,
            stamp(1),
        );
        let case = case.accept(stamp(1).at, stamp(2)).unwrap().0.take_up(stamp(1)).unwrap().0;
        let case = case.add_subject(SUBJECT, "J. Sample", AgeAt::Known(41), stamp(1)).unwrap().0;
        let parts: Vec<&str> = count.split(' ').collect();
        let [offence, verb, from, to] = parts[..] else { panic!("{count}") };
        let alleged = Alleged {
            offence: offence.into(),
            verb: Some(verb.to_owned()).filter(|verb| verb != "-"),
            from: day(from),
            to: day(to),
            victim: Some(1),
            subjects: vec![SUBJECT],
        };
        let case = enter(case, CaseEntry::Noted(why()));
        let case = enter(case, CaseEntry::VictimAdded(PersonId::from_bits(6), None, age));
        enter(case, CaseEntry::CountAlleged(alleged))
    }

    fn enter(case: Case, entry: CaseEntry) -> Case {
        case.enter(entry, stamp(1)).unwrap().0
    }

    fn link(case: Case, element: &str, way: Option<&str>, testimony: bool) -> Case {
        let evidence = CaseEvidence::Note(1);
        let way = way.map(str::to_owned);
        enter(
            case,
            CaseEntry::EvidenceLinked(Shows { count: 1, element: element.into(), way, evidence, testimony }),
        )
    }

    fn born(text: &str) -> KnownAge {
        let parts: Vec<i16> = text.split('-').map(|part| part.parse().unwrap()).collect();
        KnownAge::Born(BirthDate::new(parts[0], parts[1] as i8, parts[2] as i8).unwrap())
    }

    /// The rows as words, `+` before those that must be shown.
    fn rows(case: &Case) -> Vec<String> {
        let found = matrix(case, Offences::embedded());
        let word = |row: &ElementRow| {
            let plus = if row.element.role == ElementRole::Element { "+" } else { "" };
            format!("{plus}{}", row.element.id)
        };
        found[0].rows.iter().map(word).collect()
    }

    fn prompts(case: &Case) -> String {
        let found = matrix(case, Offences::embedded());
        let said = |prompt: &Prompt| format!("{} ({})", prompt.text, prompt.cite);
        found[0].prompts.iter().map(said).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn force_is_aggravation_for_a_child_and_an_element_for_an_adult() {
        let restitution = ["losses", "services", "forfeit"];
        let child = case(born("2004-01-02"), "1591-a1 recruits 2019-07-01 2019-07-03");
        let expected = ["+act", "+commerce", "+commercial_act", "+age", "+age_known", "means", "under_14"];
        assert_eq!(rows(&child), [&expected[..], &restitution].concat());
        let adult = case(born("1990-01-02"), "1591-a1 recruits 2019-07-01 2019-07-03");
        let expected = ["+act", "+commerce", "+commercial_act", "+means", "+means_known"];
        assert_eq!(rows(&adult), [&expected[..], &restitution].concat());
        let unknown =
            case(KnownAge::Estimated(AgeAt::UnknownPossiblyChild), "1591-a1 recruits 2019-07-01 2019-07-03");
        assert_eq!(rows(&unknown), rows(&child));
        assert!(prompts(&unknown).contains("the age is not known"));
    }

    #[test]
    fn a_birthday_inside_the_dates_asks_for_a_split() {
        let check = |born_on: &str, dates: &str, said: &[&str]| {
            let told = prompts(&case(born(born_on), &format!("1591-a1 recruits {dates}")));
            for birthday in ["14", "18"] {
                let text = format!("the person turned {birthday} inside these dates");
                assert_eq!(told.contains(&text), said.contains(&birthday), "{born_on} {dates}: {told}");
            }
        };
        check("2001-07-02", "2019-07-01 2019-07-05", &["18"]);
        check("2005-07-02", "2019-07-01 2019-07-05", &["14"]);
        check("2001-07-02", "2015-07-01 2019-07-05", &["14", "18"]);
        check("2001-07-02", "2019-07-01 2019-07-02", &[]);
        check("2004-07-02", "2019-07-01 2019-07-05", &[]);
        // Both sets of elements stand until it is split; force must be shown for the days after.
        let split = case(born("2001-07-02"), "1591-a1 recruits 2019-07-01 2019-07-05");
        assert!(rows(&split).contains(&"+age".to_owned()) && rows(&split).contains(&"+means".to_owned()));
        assert!(!rows(&split).contains(&"means".to_owned()));
    }

    #[test]
    fn a_change_of_the_law_inside_the_dates_asks_for_a_split() {
        let told = prompts(&case(born("2001-01-02"), "1591-a1 recruits 2015-05-01 2015-06-01"));
        assert!(told.contains("the law changed on 2015-05-29"), "{told}");
        let before = case(born("2001-01-02"), "1591-a1 recruits 2015-05-01 2015-05-28");
        let found = matrix(&before, Offences::embedded());
        assert!(
            !prompts(&before).contains("the law changed") && found[0].table.unwrap().law.contains("2008")
        );
        assert!(
            prompts(&case(born("1991-01-02"), "1591-a1 recruits 2007-05-01 2007-05-28")).contains("no table")
        );
    }

    #[test]
    fn a_gap_closes_and_what_stands_without_testimony_is_known() {
        let open = case(born("2004-01-02"), "1591-a1 advertises 2019-07-01 2019-07-03");
        let state = |case: &Case, id: &str| {
            let found = matrix(case, Offences::embedded());
            let row = found[0].rows.iter().find(|row| row.element.id == id).unwrap();
            (row.is_gap(), row.stands_without_testimony())
        };
        assert_eq!(state(&open, "act"), (true, false));
        assert_eq!(state(&open, "means"), (false, false));
        let told = link(open, "act", None, true);
        assert_eq!(state(&told, "act"), (false, false));
        let shown = link(told, "act", None, false);
        assert_eq!(state(&shown, "act"), (false, true));
        let back = enter(shown, CaseEntry::LinkWithdrawn(2, why()));
        assert_eq!(state(&back, "act"), (false, false));
    }

    #[test]
    fn what_is_easily_overlooked_is_said() {
        let alone = case(born("2004-01-02"), "1591-a2 recruits 2019-07-01 2019-07-03");
        assert!(prompts(&alone).contains("2 or more people must have acted together; this count names 1"));
        let travel = case(born("2004-01-02"), "2423-b travels 2019-07-01 2019-07-03");
        assert!(prompts(&travel).contains("(18 U.S.C. 2423(g))"), "{}", prompts(&travel));
        let linked = link(travel, "believed_age", None, false);
        assert!(!prompts(&linked).contains("(18 U.S.C. 2423(g))"));
        let restitution = prompts(&case(born("2004-01-02"), "1591-a1 recruits 2019-07-01 2019-07-03"));
        assert!(restitution.contains("(18 U.S.C. 1593(b)(3))"), "{restitution}");
        let adult = case(born("1990-01-02"), "2423-a transports 2019-07-01 2019-07-03");
        assert!(prompts(&adult).contains("had attained the age of 18 on the last day"));
        let loose =
            link(case(born("2004-01-02"), "1591-a1 recruits 2019-07-01 2019-07-03"), "age", None, false);
        let loose = enter(loose, CaseEntry::VictimAgeLearned(1, born("1990-01-02")));
        assert!(
            prompts(&loose).contains("link 1 shows an element that does not count"),
            "{}",
            prompts(&loose)
        );
    }
}
