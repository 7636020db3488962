//! Operations of the demo: an initiative under way with two operations, and events that wait, may go, go on and are over.

use crate::demo_record::{Cast, grounds, revision};
use crate::now;
use crate::record::random;
use anyhow::Result;
use homeward_access::{Purpose, PurposeKind};
use homeward_casework::{
    Casework, Context, WrittenBrief, WrittenCheck, WrittenEvent, WrittenInitiative, WrittenOperation,
    WrittenPlace, WrittenPlan, WrittenTeam, WrittenWhere,
};
use homeward_model::{CheckId, EventId, InitiativeId, Instant, OperationId, Span};

/// A moment so many hours from now, as somebody types it.
fn hours(from_now: i64) -> String {
    Instant(now().0 + from_now * 3_600_000_000).to_string()
}

/// An event of the demo: kind, hours from now, city, what is to be reached.
type Planned = (&'static str, i64, &'static str, &'static str);

/// One that another agency's plan meets, one that waits for its specialist, one that may go tonight, one that is over.
const EVENTS: [Planned; 4] = [
    (
        "undercover meeting",
        30,
        "Raleigh",
        "Meet whoever answers the number, and find out who is with the child.",
    ),
    ("recovery", 54, "Durham", "Bring one child home from the address of the second lead."),
    ("search warrant", 6, "Greensboro", "Search the two rooms of the warrant; a child may be in one."),
    ("surveillance", 1, "Asheville", "Watch the lot by the exit for the two vans."),
];

/// Makes them.
pub async fn make(casework: &Casework, cast: &Cast, office: &str) -> Result<InitiativeId> {
    let (investigation, deconfliction) =
        (Purpose::of(PurposeKind::Investigation), Purpose::of(PurposeKind::Deconfliction));
    let act = |account: &str| -> Result<Context<'_>> {
        Ok(Context { actor: cast.of(account)?, purpose: &investigation, from: "demo", now: now() })
    };
    // Who goes can be called.
    for (at, account) in ["investigator", "supervisor", "coordinator", "specialist"].into_iter().enumerate() {
        let number = format!("704-555-01{}", 60 + at);
        casework.keep_own_number(&act(account)?, random()?, &number).await?;
    }
    let initiative = InitiativeId::new(now(), random()?);
    let month = WrittenInitiative {
        name: "November together".to_owned(),
        starts: hours(-24 * 10),
        ends: hours(24 * 20),
    };
    casework.plan_initiative(&act("coordinator")?, initiative, &month).await?;
    let west = cast.of("west-investigator")?.organisation;
    let until = hours(24 * 15);
    casework.join_initiative(&act("coordinator")?, initiative, revision(1)?, west, &until).await?;
    casework.open_initiative(&act("coordinator")?, initiative, revision(2)?).await?;
    let mut operations = Vec::new();
    for (name, office) in [("Harbor lights", office), ("Long road", "")] {
        let id = OperationId::new(now(), random()?);
        let written = WrittenOperation {
            initiative: initiative.to_string(),
            name: name.to_owned(),
            office: office.to_owned(),
            starts: hours(-24 * 9),
            ends: hours(24 * 18),
        };
        casework.propose_operation(&act("coordinator")?, id, &written).await?;
        operations.push(id);
    }
    casework.approve_operation(&act("supervisor")?, operations[0], revision(1)?).await?;
    casework.start_operation(&act("coordinator")?, operations[0], revision(2)?).await?;

    let place = |city: &str| WrittenPlace {
        city: city.to_owned(),
        state: "NC".to_owned(),
        ..WrittenPlace::default()
    };
    // Westhaven comes to the first place at that hour.
    let (_, from, city, _) = EVENTS[0];
    let plan = WrittenPlan {
        starts: hours(from),
        ends: hours(from + 2),
        place: place(city),
        ..WrittenPlan::default()
    };
    let asks = Context { purpose: &deconfliction, ..act("west-investigator")? };
    let check = WrittenCheck { plan, ..WrittenCheck::default() };
    casework.ask_check(&asks, CheckId::new(now(), random()?), &check).await?;

    let member = |account: &str| -> Result<String> { Ok(cast.of(account)?.member.to_string()) };
    for (at, (kind, from, city, objective)) in EVENTS.into_iter().enumerate() {
        let id = EventId::new(now().plus(Span::minutes(at as u32)), random()?);
        let written = WrittenEvent {
            kind: kind.to_owned(),
            may_meet_child: at != 3,
            at: WrittenWhere {
                starts: hours(from),
                ends: hours(from + 2),
                place: place(city),
                address: format!("{} Example Road", 100 + at),
                ..WrittenWhere::default()
            },
            brief: WrittenBrief {
                objective: objective.to_owned(),
                safe_place: "St. Example Hospital, entrance for ambulances".to_owned(),
                contacts: "radio channel 4; desk of the night 704-555-0150".to_owned(),
                ..WrittenBrief::default()
            },
            team: WrittenTeam { staff: vec![member("investigator")?], supervisor: member("supervisor")? },
            specialist: if at == 3 { String::new() } else { member("specialist")? },
            ..WrittenEvent::default()
        };
        let of = (id, operations[0]);
        let planned = casework.plan_event(&act("coordinator")?, of, &written).await?.record;
        let mut version = planned.held.version;
        if at == 2 {
            let done = casework.confirm_specialist(&act("specialist")?, id, revision(version)?, "").await?;
            version = done.record.held.version;
        }
        if at >= 2 {
            let done = casework.approve_event(&act("supervisor")?, id, revision(version)?).await?;
            version = done.record.held.version;
        }
        if at == 3 {
            let done = casework.start_event(&act("investigator")?, id, revision(version)?).await?;
            version = done.record.held.version;
            let said = ("", "coordinator of the day");
            let note = grounds("both vans are there, nobody inside")?;
            let done =
                casework.log_contact(&act("investigator")?, id, revision(version)?, said, note).await?;
            version = done.record.held.version;
            casework.finish_event(&act("investigator")?, id, revision(version)?).await?;
        }
    }
    Ok(initiative)
}
