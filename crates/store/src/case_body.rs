//! How a case is kept: its parts in one body, encrypted, for it describes people. What the rules of the model refuse is
//! refused when it is read, too: a subject who may be a child, a broken chain of custody.

use crate::body::{Body, Broken, Read, enums, object, part, structs, words};
use crate::record::Noun;
use homeward_access::{Kind, Resource};
use homeward_model::{
    Alleged, Case, CaseChange, CaseCount, CaseDisposition, CaseEntry, CaseEvidence, CaseFile, CaseId,
    CaseLink, CaseNote, CaseParts, CaseState, CaseTask, CaseVictim, Charge, Charged, Collection, Exhibit,
    Instant, KnownAge, Mark, Matter, NewExhibit, Predicate, Refused, Shows, Subject, Transfer,
};
use serde_json::Value;

words! { CaseDisposition }
structs! {
    Alleged { offence, verb, from, to, victim, subjects }
    CaseCount { number, what, dropped }
    CaseFile { victims, counts, exhibits, links, tasks, notes }
    CaseLink { number, what, withdrawn }
    CaseNote { number, text, written }
    CaseTask { number, what, to, due, done }
    CaseVictim { number, person, victim, age }
    Charge { number, what, ended }
    Charged { person, section, count }
    Collection { start, end, performer, authority, basis }
    NewExhibit { description, mark, collected }
    Shows { count, element, way, evidence, testimony }
    Transfer { from, to, given, taken, purpose, found, resealed }
}
enums! {
    CaseEvidence { Exhibit(number), Note(number) }
    KnownAge { Born(day), Estimated(age) }
    Mark { File { digest, bytes }, Seal(seal) }
    CaseState {
        Opened,
        Accepted,
        Active { since },
        Charged { charged },
        Disposed { disposed },
        Closed { closed },
        Declined { declined },
    }
    CaseChange {
        Opened(crime, grounds),
        PredicateAccepted,
        TakenUp,
        Assigned(to),
        Unassigned(from, grounds),
        SubjectAdded(person, age),
        AgeLearned(person, age),
        SubjectIsVictim(person, age),
        Charged(charge),
        ChargeEnded(charge, disposition),
        Closed(grounds),
        Declined(grounds),
    }
    CaseEntry {
        VictimAdded(person, victim, age),
        VictimAgeLearned(victim, age),
        CountAlleged(count),
        CountDropped(count, grounds),
        ExhibitEntered(exhibit),
        HandedOver(exhibit, transfer),
        EvidenceLinked(shows),
        LinkWithdrawn(link, grounds),
        TaskSet(task, to, due),
        TaskDone(task),
        Noted(note),
    }
}

fn refused(refused: &Refused) -> Broken {
    Broken(refused.to_string())
}

impl Body for Exhibit {
    fn write(&self) -> Value {
        object([
            ("number", self.number.write()),
            ("what", self.what.write()),
            ("entered", self.entered.write()),
            ("chain", self.chain().to_vec().write()),
        ])
    }

    fn read(value: &Value) -> Read<Self> {
        let exhibit = Exhibit::enter(part(value, "number")?, part(value, "what")?, part(value, "entered")?);
        let exhibit = exhibit.map_err(|bad| refused(&bad))?;
        exhibit.stored(part(value, "chain")?).map_err(|bad| refused(&bad))
    }
}

fn write_subjects(parts: &CaseParts) -> Value {
    let one = |(subject, name): &(Subject, String)| {
        object([("person", subject.person().write()), ("age", subject.age().write()), ("name", name.write())])
    };
    Value::Array(parts.subjects.iter().map(one).collect())
}

fn read_subjects(matter: Matter, body: &Value) -> Read<Vec<(Subject, String)>> {
    let list = body.get("subjects").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let one = |value: &Value| {
        let subject = Subject::new(part(value, "person")?, part(value, "age")?, matter);
        Ok((subject.map_err(|bad| refused(&bad))?, part(value, "name")?))
    };
    list.iter().map(one).collect()
}

impl Noun for Case {
    const KIND: Kind = Kind::Case;
    const NOUN: &'static str = "case";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
        resource.assigned.clone_from(&self.parts().team);
    }

    fn due(&self) -> Option<Instant> {
        self.file().tasks.iter().filter(|task| task.done.is_none()).filter_map(|task| task.due).min()
    }

    fn write(&self) -> Value {
        let (parts, predicate) = (self.parts(), &self.predicate);
        object([
            ("lead", self.lead.write()),
            ("matter", self.matter.write()),
            ("crime", predicate.crime.write()),
            ("facts", predicate.facts.write()),
            ("written", predicate.written.write()),
            ("accepted", predicate.accepted().write()),
            ("certified", predicate.certified().write()),
            ("team", parts.team.write()),
            ("subjects", write_subjects(parts)),
            ("charges", parts.charges.write()),
            ("charged", parts.charged.write()),
            ("file", parts.file.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<Case> {
        let (crime, facts, written): (String, _, _) =
            (part(body, "crime")?, part(body, "facts")?, part(body, "written")?);
        let predicate = Predicate::new(&crime, facts, written).map_err(|bad| refused(&bad))?;
        let matter = part(body, "matter")?;
        let lead = part(body, "lead")?;
        let (case, _) = Case::open(CaseId::from_bits(bits), resource.owner, lead, matter, predicate, written);
        let parts = CaseParts {
            team: part(body, "team")?,
            subjects: read_subjects(matter, body)?,
            charges: part(body, "charges")?,
            charged: part(body, "charged")?,
            file: part(body, "file")?,
        };
        let accepted = (part(body, "accepted")?, part(body, "certified")?);
        case.stored(accepted, parts, part(body, "state")?).map_err(|bad| refused(&bad))
    }
}
