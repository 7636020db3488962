//! Results that follow from recovery facts: a fact is claimed by its agency in the act that records it, confirmed with it and
//! withdrawn with it. A child's facts count as a child's; of an adult only that help was offered.

use crate::Result;
use crate::body::{Body, object};
use crate::record::{Held, Noun, Revision};
use crate::result::{later_than_fixed, referred};
use crate::write::Write;
use homeward_access::Act;
use homeward_model::{
    Agency, Change, Counted, CountedResult, Event, Grounds, Lead, LeadState, Place, RecoveryFact,
    RecoveryKind, ResultChange, ResultId, ResultKind, ResultState, Stamp, Victim, following,
};
use serde_json::Value;

/// Claims what a fact says, for its agency.
pub(crate) async fn recorded(write: &mut Write<'_>, fact: &RecoveryFact, victim: &Victim) -> Result<()> {
    let counts = fact.kind == RecoveryKind::AdultAssisted || victim.is_counted_as_child();
    let id = ResultId::from_bits(following(fact.id.bits(), 0, "result"));
    if !counts || write.find::<CountedResult>(id.bits()).await?.is_some() {
        return Ok(());
    }
    later_than_fixed(write, ("a result", "be claimed")).await?;
    let (kind, of) = (ResultKind::of(fact.kind), Counted::Person(victim.person));
    let owner = (fact.agency, place(write, fact, victim).await?);
    let (result, _) =
        CountedResult::claim(id, (kind, of), Some(fact.id), fact.happened, owner, fact.recorded)?;
    let mut resource = referred(write, fact.agency);
    result.place(&mut resource);
    let held = Held { noun: result, version: 1, resource };
    let what = object([("is", Value::from("Claimed")), ("kind", kind.write()), ("fact", fact.id.write())]);
    write.keep(Act::RecordRecovery, &held, &what, id.bits()).await
}

/// Confirms the claim of a fact that was confirmed.
pub(crate) async fn confirmed(write: &mut Write<'_>, fact: &RecoveryFact) -> Result<()> {
    let waits = |state: &ResultState| *state == ResultState::Claimed;
    let step = |result: CountedResult, stamp: Stamp| Ok(result.confirm(stamp)?);
    follow(write, (Act::ConfirmRecovery, "be confirmed"), fact, waits, step).await
}

/// Withdraws the claim of a fact that was withdrawn. Why is said with the fact, where it is sealed.
pub(crate) async fn withdrawn(write: &mut Write<'_>, fact: &RecoveryFact) -> Result<()> {
    let stands = |state: &ResultState| !matches!(state, ResultState::Withdrawn { .. });
    let why = Grounds::new("the recovery fact was withdrawn")?;
    let step = |result: CountedResult, stamp: Stamp| Ok(result.withdraw(why, stamp)?);
    follow(write, (Act::WithdrawRecovery, "be withdrawn"), fact, stands, step).await
}

/// Moves the claim of a fact when its state asks for it.
async fn follow(
    write: &mut Write<'_>,
    (act, wanted): (Act, &'static str),
    fact: &RecoveryFact,
    asks: impl Fn(&ResultState) -> bool,
    step: impl FnOnce(CountedResult, Stamp) -> Result<(CountedResult, Change<ResultChange>)>,
) -> Result<()> {
    let claim = write.belonging::<CountedResult>(fact.id.bits()).await?.pop();
    let Some(held) = claim.filter(|held| asks(held.noun.state())) else { return Ok(()) };
    later_than_fixed(write, ("a result", wanted)).await?;
    let request = following(fact.id.bits(), held.version as u128, wanted);
    let revision = Revision { seen: held.version, request };
    write.alter_held(act, held, revision, step).await?;
    Ok(())
}

/// Where a fact belongs: to the office of the lead by which the victim was met, else where its agency is; and to the initiative
/// of the event in which they were met.
async fn place(write: &Write<'_>, fact: &RecoveryFact, victim: &Victim) -> Result<Place> {
    let agency = write.find::<Agency>(fact.agency.bits()).await?;
    let ori = agency.and_then(|held| held.noun.ori);
    let by_agency = ori.as_ref().zip(write.counting()).map(|(ori, counting)| (counting.place)(ori));
    let place = by_agency.unwrap_or_default();
    let lead = match victim.met.lead {
        Some(lead) => write.find::<Lead>(lead.bits()).await?,
        None => None,
    };
    let office = lead.and_then(|held| match held.noun.state() {
        LeadState::Triaged { route, .. }
        | LeadState::Assigned { route, .. }
        | LeadState::Working { route, .. } => Some(route.office),
        LeadState::Admitted | LeadState::Closed { .. } | LeadState::Reopened { .. } => None,
    });
    let event = match victim.met.event {
        Some(event) => write.find::<Event>(event.bits()).await?,
        None => None,
    };
    let initiative = event.and_then(|held| held.noun.initiative);
    Ok(Place { office: office.or(place.office), initiative, ..place })
}
