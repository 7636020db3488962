//! Cases of the demo: one at work, with counts of which something is shown and something is a gap, and one whose predicate waits.

use crate::now;
use crate::record::random;
use anyhow::Result;
use homeward_casework::{
    Casework, Context, Held, Revision, WrittenCase, WrittenCaseCount, WrittenCaseVictim, WrittenExhibit,
    WrittenLink, WrittenSubject, WrittenTask, WrittenTransfer,
};
use homeward_model::{Case, CaseEntry, CaseId, Digest, Grounds, LeadId, MemberId};

/// Days before now, as somebody types them.
fn ago(days: f64) -> String {
    now().plus_days(-days).to_string()
}

fn next(held: &Held<Case>) -> Result<Revision> {
    Ok(Revision { seen: held.version, request: random()? })
}

fn of(text: &str) -> String {
    text.to_owned()
}

/// Who does what in a case.
pub struct Parts<'a> {
    /// Works it.
    pub investigator: Context<'a>,
    /// Accepts predicates, and gives cases to others.
    pub supervisor: Context<'a>,
    /// Gets the first one.
    pub prosecutor: MemberId,
}

/// Makes both cases; the first is promoted from a lead.
pub async fn make(casework: &Casework, parts: &Parts<'_>, lead: Option<LeadId>) -> Result<()> {
    let Parts { investigator, supervisor, prosecutor } = parts;
    let id = CaseId::new(now(), random()?);
    let written = WrittenCase {
        lead: lead.map(|lead| lead.to_string()).unwrap_or_default(),
        crime: of("18 U.S.C. 1591(a)(1)"),
        facts: of(
            "Rooms on nine nights under one name, each paid by the same card an hour before postings of the network.",
        ),
        ..WrittenCase::default()
    };
    let held = casework.open_case(investigator, id, &written).await?.record;
    let held = casework.accept_predicate(supervisor, id, next(&held)?, &ago(200.0)).await?.record;
    let held = casework.take_up_case(investigator, id, next(&held)?).await?;
    let held = casework.assign_case(supervisor, id, next(&held)?, *prosecutor).await?.record;
    let mut held = held;
    for (name, age) in [("Jordan Sample", "41"), ("Kit Specimen", "36")] {
        let subject = WrittenSubject { name: of(name), age: of(age), ..WrittenSubject::default() };
        held = casework.add_case_subject(investigator, id, next(&held)?, &subject).await?;
    }
    let subjects: Vec<String> = held.noun.subjects().iter().map(ToString::to_string).collect();
    let born = now().plus_days(-15.5 * 365.25).date();
    let victim = WrittenCaseVictim { born, ..WrittenCaseVictim::default() };
    held = casework.add_case_victim(investigator, id, next(&held)?, &victim).await?;
    let count = |offence: &str, verb: &str, subjects: &[String]| WrittenCaseCount {
        offence: of(offence),
        verb: of(verb),
        from: ago(24.0),
        to: ago(15.0),
        victim: of("1"),
        subjects: subjects.to_vec(),
    };
    for count in [count("1591-a1", "advertises", &subjects[..1]), count("1591-a2", "harbors", &subjects)] {
        held = casework.allege_count(investigator, id, next(&held)?, &count).await?;
    }
    held = exhibits(casework, investigator, held).await?;
    let note = Grounds::new("The clerk remembers who paid, and in which car they came.")?;
    held = casework.enter_case(investigator, id, next(&held)?, CaseEntry::Noted(note)).await?;
    for (count, element, evidence) in [
        (1, "act", "exhibit 1"),
        (1, "commerce", "exhibit 1"),
        (2, "benefit/money", "exhibit 2"),
        (2, "venture", "note 1"),
    ] {
        let (element, evidence) = (of(element), of(evidence));
        let link = WrittenLink { count, element, evidence, ..WrittenLink::default() };
        held = casework.link_evidence(investigator, id, next(&held)?, &link).await?;
    }
    let task = WrittenTask {
        what: of("Ask the motel for its bookings by legal process"),
        to: investigator.actor.member.to_string(),
        due: ago(-3.0),
    };
    casework.set_task(investigator, id, next(&held)?, &task).await?;

    let waiting = WrittenCase {
        crime: of("18 U.S.C. 2422(b)"),
        facts: of(
            "Messages from one handle to three children of one school, each with the offer of a journey.",
        ),
        ..WrittenCase::default()
    };
    casework.open_case(investigator, CaseId::new(now(), random()?), &waiting).await?;
    Ok(())
}

/// A captured page that went to the evidence room, and a sealed ledger.
async fn exhibits(casework: &Casework, by: &Context<'_>, held: Held<Case>) -> Result<Held<Case>> {
    let id = held.noun.id;
    let (page, clerk) = (Digest::of(b"a captured page of the demo").hex(), of("Ines Moreau"));
    let entered = [
        WrittenExhibit {
            description: of("Capture of a posting, one page"),
            sha256: page.clone(),
            bytes: of("48211"),
            start: ago(12.0),
            end: ago(11.99),
            performer: clerk.clone(),
            authority: of("open-source"),
            basis: of("published to everybody on example.org"),
            ..WrittenExhibit::default()
        },
        WrittenExhibit {
            description: of("Ledger of the motel"),
            seal: of("S-2041"),
            start: ago(9.0),
            performer: clerk.clone(),
            authority: of("consent"),
            basis: of("written consent of the owner"),
            ..WrittenExhibit::default()
        },
    ];
    let mut held = held;
    for exhibit in &entered {
        held = casework.enter_exhibit(by, id, next(&held)?, exhibit).await?;
    }
    let hop = WrittenTransfer {
        exhibit: 1,
        from: clerk,
        to: of("Evidence room, Eastfield"),
        given: ago(11.5),
        purpose: of("storage"),
        sha256: page,
        ..WrittenTransfer::default()
    };
    Ok(casework.hand_over_exhibit(by, id, next(&held)?, &hop).await?)
}
