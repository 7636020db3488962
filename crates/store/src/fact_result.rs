//! Results that follow from what is recorded: a recovery fact is claimed by its agency in the act that records it, confirmed
//! with it and withdrawn with it; an arrest at an event and a case are claimed when they are recorded, and wait until somebody
//! else confirms them. A child's facts count as a child's; of an adult only that help was offered.

use crate::Result;
use crate::body::{Body, object};
use crate::record::{Held, Noun, Revision};
use crate::result::{later_than_fixed, referred};
use crate::write::Write;
use homeward_access::{Act, Resource};
use homeward_model::{
    Agency, AgencyId, Case, Change, Counted, CountedResult, Event, EventId, Grounds, InitiativeId, Instant,
    Lead, LeadId, LeadState, Matter, PersonId, Place, RecoveryFact, RecoveryFactId, RecoveryKind,
    ResultChange, ResultId, ResultKind, ResultState, Stamp, Victim, following,
};
use serde_json::Value;

/// What is claimed of itself.
struct Follows {
    id: ResultId,
    what: (ResultKind, Counted),
    fact: Option<RecoveryFactId>,
    happened: Instant,
    agency: AgencyId,
    place: Place,
    claimed: Stamp,
}

/// Claims it, once.
async fn claim(write: &mut Write<'_>, act: Act, follows: Follows) -> Result<()> {
    let Follows { id, what: (kind, of), fact, happened, agency, place, claimed } = follows;
    if write.find::<CountedResult>(id.bits()).await?.is_some() {
        return Ok(());
    }
    later_than_fixed(write, ("a result", "be claimed")).await?;
    let (result, _) = CountedResult::claim(id, (kind, of), fact, happened, (agency, place), claimed)?;
    let mut resource = referred(write, &result).await?;
    result.place(&mut resource);
    let held = Held { noun: result, version: 1, resource };
    let what = object([("is", Value::from("Claimed")), ("kind", kind.write()), ("fact", fact.write())]);
    write.keep(act, &held, &what, id.bits()).await
}

/// Claims what a fact says, for its agency.
pub(crate) async fn recorded(write: &mut Write<'_>, fact: &RecoveryFact, victim: &Victim) -> Result<()> {
    let counts = fact.kind == RecoveryKind::AdultAssisted || victim.is_counted_as_child();
    if !counts {
        return Ok(());
    }
    // The initiative of the event in which they were met.
    let event = write.find_any::<Event>(victim.met.event.map(EventId::bits)).await?;
    let initiative = event.and_then(|held| held.noun.initiative);
    let follows = Follows {
        id: ResultId::from_bits(following(fact.id.bits(), 0, "result")),
        what: (ResultKind::of(fact.kind), Counted::Person(victim.person)),
        fact: Some(fact.id),
        happened: fact.happened,
        agency: fact.agency,
        place: place(write, fact.agency, victim.met.lead, initiative).await?,
        claimed: fact.recorded,
    };
    claim(write, Act::RecordRecovery, follows).await
}

/// Keeps the claim of an arrest at an event with what the event says of the person: claimed while they are arrested in a matter
/// of commercial sex and their last screening shows no signs of trafficking, withdrawn when that is so no more.
pub(crate) async fn arrested(
    write: &mut Write<'_>,
    act: Act,
    held: &Held<Event>,
    person: PersonId,
) -> Result<()> {
    let event = &held.noun;
    let id = ResultId::from_bits(following(event.id.bits(), person.bits(), "arrest"));
    let Some(arrest) = event.arrest_of_suspect(person) else {
        let claim = write.find::<CountedResult>(id.bits()).await?;
        return withdraw(write, act, claim, "the person is no arrested suspect of the event any more").await;
    };
    if event.matter != Matter::CommercialSex || closed(&held.resource) {
        return Ok(());
    }
    let agency = held.resource.owner;
    let follows = Follows {
        id,
        what: (ResultKind::Arrest, Counted::Person(person)),
        fact: None,
        happened: arrest.at,
        agency,
        place: place(write, agency, event.parts().brief.lead, event.initiative).await?,
        claimed: write.stamp()?,
    };
    claim(write, act, follows).await
}

/// Claims that a case was opened.
pub(crate) async fn opened(write: &mut Write<'_>, held: &Held<Case>) -> Result<()> {
    if closed(&held.resource) {
        return Ok(());
    }
    let case = &held.noun;
    // The initiative of an event of the agency that served the lead.
    let events = match case.lead {
        Some(lead) => write.belonging::<Event>(lead.bits()).await?,
        None => Vec::new(),
    };
    let mut own = events.into_iter().filter(|event| event.resource.owner == case.agency);
    let initiative = own.find_map(|event| event.noun.initiative);
    let claimed = write.stamp()?;
    let follows = Follows {
        id: ResultId::from_bits(following(case.id.bits(), 0, "opened")),
        what: (ResultKind::CaseOpened, Counted::Case(case.id)),
        fact: None,
        happened: claimed.at,
        agency: case.agency,
        place: place(write, case.agency, case.lead, initiative).await?,
        claimed,
    };
    claim(write, Act::OpenCase, follows).await
}

/// Whether a record is closed to others of its own organisation: that it exists is theirs to say who may open it, and a claim
/// would tell. They claim on the page of results when it may be known.
fn closed(resource: &Resource) -> bool {
    resource.sealed || resource.compartment.is_some()
}

/// Confirms the claim of a fact that was confirmed.
pub(crate) async fn confirmed(write: &mut Write<'_>, fact: &RecoveryFact) -> Result<()> {
    let waits = |state: &ResultState| *state == ResultState::Claimed;
    let step = |result: CountedResult, stamp: Stamp| Ok(result.confirm(stamp)?);
    let claim = write.belonging::<CountedResult>(fact.id.bits()).await?.pop();
    follow(write, (Act::ConfirmRecovery, "be confirmed"), claim, waits, step).await
}

/// Withdraws the claim of a fact that was withdrawn. Why is said with the fact, where it is sealed.
pub(crate) async fn withdrawn(write: &mut Write<'_>, fact: &RecoveryFact) -> Result<()> {
    let claim = write.belonging::<CountedResult>(fact.id.bits()).await?.pop();
    withdraw(write, Act::WithdrawRecovery, claim, "the recovery fact was withdrawn").await
}

/// Withdraws a claim that stands.
async fn withdraw(
    write: &mut Write<'_>,
    act: Act,
    claim: Option<Held<CountedResult>>,
    because: &str,
) -> Result<()> {
    let stands = |state: &ResultState| !matches!(state, ResultState::Withdrawn { .. });
    let why = Grounds::new(because)?;
    let step = |result: CountedResult, stamp: Stamp| Ok(result.withdraw(why, stamp)?);
    follow(write, (act, "be withdrawn"), claim, stands, step).await
}

/// Moves a claim when its state asks for it.
async fn follow(
    write: &mut Write<'_>,
    (act, wanted): (Act, &'static str),
    claim: Option<Held<CountedResult>>,
    asks: impl Fn(&ResultState) -> bool,
    step: impl FnOnce(CountedResult, Stamp) -> Result<(CountedResult, Change<ResultChange>)>,
) -> Result<()> {
    let Some(held) = claim.filter(|held| asks(held.noun.state())) else { return Ok(()) };
    later_than_fixed(write, ("a result", wanted)).await?;
    let request = following(held.noun.id.bits(), held.version as u128, wanted);
    let revision = Revision { seen: held.version, request };
    write.alter_held(act, held, revision, step).await?;
    Ok(())
}

/// Where something belongs: to the office of the lead, else where its agency is; and to an initiative.
async fn place(
    write: &Write<'_>,
    agency: AgencyId,
    lead: Option<LeadId>,
    initiative: Option<InitiativeId>,
) -> Result<Place> {
    let agency = write.find::<Agency>(agency.bits()).await?;
    let ori = agency.and_then(|held| held.noun.ori);
    let by_agency = ori.as_ref().zip(write.counting()).map(|(ori, counting)| (counting.place)(ori));
    let place = by_agency.unwrap_or_default();
    let lead = write.find_any::<Lead>(lead.map(LeadId::bits)).await?;
    let office = lead.and_then(|held| match held.noun.state() {
        LeadState::Triaged { route, .. }
        | LeadState::Assigned { route, .. }
        | LeadState::Working { route, .. } => Some(route.office),
        LeadState::Admitted | LeadState::Closed { .. } | LeadState::Reopened { .. } => None,
    });
    Ok(Place { office: office.or(place.office), initiative, ..place })
}
