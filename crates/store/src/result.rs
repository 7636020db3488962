//! Counted results: claimed by an agency, confirmed by another than the claimant, withdrawn. They name nobody, so that the
//! organisation that runs the system counts those of all agencies: every claim is referred to it.

use crate::audit::entry::{Entry, uuid};
use crate::audit::tail;
use crate::body::{Body, Broken, Read, enums, ids, object, part, structs, words};
use crate::countable::{Countable, countable_of};
use crate::period::is_fixed;
use crate::record::{Held, Noun, Revision};
use crate::write::Write;
use crate::{Context, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource, authorize};
use homeward_model::{
    AgencyId, Counted, CountedResult, DateWindow, Grounds, IllegalMove, Initiative, InitiativeId, Instant,
    Ori, Place, RecoveryFactId, ResultChange, ResultId, ResultKind, ResultState,
};
use serde_json::Value;
use std::sync::Arc;

enums! {
    Counted { Person(person), Case(case) }
    ResultState { Claimed, Confirmed { confirmed }, Withdrawn { confirmed, withdrawn } }
    ResultChange { Claimed(kind), Confirmed, Withdrawn(grounds) }
}
structs! { Place { office, state, initiative } }
words! { ResultKind }
ids! { ResultId }

impl Noun for CountedResult {
    const KIND: Kind = Kind::Result;
    const NOUN: &'static str = "result";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("kind", self.kind.write()),
            ("of", self.of.write()),
            ("fact", self.fact.write()),
            ("happened", self.happened.write()),
            ("place", self.place.write()),
            ("claimed", self.claimed.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<CountedResult> {
        let claim = CountedResult::claim(
            ResultId::from_bits(bits),
            (part(body, "kind")?, part(body, "of")?),
            part(body, "fact")?,
            part(body, "happened")?,
            (resource.owner, part(body, "place")?),
            part(body, "claimed")?,
        );
        let (result, _) = claim.map_err(|refused| Broken(refused.to_string()))?;
        Ok(result.stored(part(body, "state")?))
    }

    /// A result is found by the recovery fact that it rests on, and by its initiative.
    fn of(&self) -> Vec<u128> {
        let fact = self.fact.map(RecoveryFactId::bits).into_iter();
        fact.chain(self.place.initiative.map(InitiativeId::bits)).collect()
    }
}

/// Who counts for all, and where the results of an agency belong when nothing else says so.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    /// The organisation that runs the system: every claim is referred to it.
    pub desk: AgencyId,
    /// The place of an agency, by its ORI.
    pub place: fn(&Ori) -> Place,
}

/// A result to be claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Its id, made by the client.
    pub id: ResultId,
    /// What is counted.
    pub kind: ResultKind,
    /// About whom, or which case.
    pub of: Counted,
    /// When it happened.
    pub happened: Instant,
    /// Where it belongs.
    pub place: Place,
}

impl Store {
    /// Says once who counts for all.
    pub fn count_for(&self, counting: Counting) {
        // Whoever said it first: all that share this store are of one organisation.
        let _ = self.0.counting.set(counting);
    }

    /// A member claims results for their agency. Claimed again with the same ids, nothing happens.
    pub async fn claim_results(
        &self,
        context: &Context<'_>,
        claims: Vec<Claim>,
    ) -> Result<Vec<Held<CountedResult>>> {
        let mut write = self.write(context).await?;
        let done = async {
            let mut claimed = Vec::with_capacity(claims.len());
            later_than_fixed(&write, ("a result", "be claimed")).await?;
            for claim in claims {
                claimed.push(claimed_one(&mut write, context.actor.organisation, claim).await?);
            }
            Ok(claimed)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Somebody other than the claimant confirms a result.
    pub async fn confirm_result(
        &self,
        context: &Context<'_>,
        id: ResultId,
        revision: Revision,
    ) -> Result<Held<CountedResult>> {
        let mut write = self.write(context).await?;
        let done = async {
            later_than_fixed(&write, ("a result", "be confirmed")).await?;
            let step = |result: CountedResult, stamp| Ok(result.confirm(stamp)?);
            write.alter(Act::ConfirmResult, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// A claim was a mistake. One that rests on a recovery fact goes with that fact and not alone.
    pub async fn withdraw_result(
        &self,
        context: &Context<'_>,
        id: ResultId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<CountedResult>> {
        let mut write = self.write(context).await?;
        let done = async {
            later_than_fixed(&write, ("a result", "be withdrawn")).await?;
            let step = |result: CountedResult, stamp| {
                if result.fact.is_some() {
                    return Err(refused(
                        "a result",
                        result.state().word(),
                        "be withdrawn",
                        "it rests on a recovery fact: withdraw that, and it goes with it",
                    ));
                }
                Ok(result.withdraw(grounds, stamp)?)
            };
            write.alter(Act::WithdrawResult, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One result.
    pub async fn result(&self, context: &Context<'_>, id: ResultId) -> Result<Held<CountedResult>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Results that the actor may see, newest first.
    pub async fn results(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<CountedResult>> {
        self.list(context, listed).await
    }

    /// All results to be counted: those of the actor's organisation and those referred to it. For an initiative also those of
    /// agencies that are in it, when the organisation runs it. Who is shown single ones says so with [`Store::show_results`].
    pub async fn countable(&self, context: &Context<'_>, initiative: bool) -> Result<Arc<Countable>> {
        let organisation = context.actor.organisation;
        let own = Resource::owned(Kind::Result, organisation);
        let decision = authorize(context.actor, Act::List, context.purpose, &own, context.now);
        let lent = initiative.then_some(context.now);
        let countable = if decision.allow {
            countable_of(self.connection(), self, organisation, lent).await?
        } else {
            Arc::new(Countable::default())
        };
        let entry = Entry::new(context, Act::List, Kind::Result, None).with("shown", "count");
        self.note(entry.with("counted", countable.results.len())).await?;
        Ok(countable)
    }

    /// Says in the trail which results somebody was shown after counting.
    pub async fn show_results(&self, context: &Context<'_>, shown: &[ResultId]) -> Result<()> {
        let shown = shown.iter().map(|id| uuid(id.bits()));
        self.note(Entry::new(context, Act::List, Kind::Result, None).with_list("shown", shown)).await
    }
}

/// Keeps a claim; part of an act that may claim.
async fn claimed_one(write: &mut Write<'_>, agency: AgencyId, claim: Claim) -> Result<Held<CountedResult>> {
    let Claim { id, kind, of, happened, place } = claim;
    // What was claimed, without when: so that the same request later is the same.
    let what = object([
        ("is", Value::from("Claimed")),
        ("kind", kind.write()),
        ("of", of.write()),
        ("happened", happened.write()),
        ("place", place.write()),
    ]);
    let (result, _) = CountedResult::claim(id, (kind, of), None, happened, (agency, place), write.stamp()?)?;
    let resource = referred(write, &result).await?;
    write.create(Act::ClaimResult, result, resource, &what).await
}

/// A claim of an agency, which the organisation that counts for all reads, and whoever runs the initiative that it names as
/// long as the agency is in it.
pub(crate) async fn referred(write: &Write<'_>, result: &CountedResult) -> Result<Resource> {
    let agency = result.agency;
    let mut resource = Resource::owned(Kind::Result, agency);
    let desk = write.counting().map(|counting| counting.desk);
    resource.referred_to = desk.filter(|desk| *desk != agency).into_iter().collect();
    if let Some(initiative) = result.place.initiative
        && let Some(held) = write.find::<Initiative>(initiative.bits()).await?
    {
        resource.releases = counted_by(&held, result);
    }
    Ok(resource)
}

/// When whoever runs an initiative counts a result that names it: as long as the agency that claims it has access through the
/// initiative, and when it happened while that runs.
pub(crate) fn counted_by(held: &Held<Initiative>, result: &CountedResult) -> Vec<(AgencyId, DateWindow)> {
    let runs = held.resource.owner;
    let happened = held.noun.window.contains(result.happened) && result.agency != runs;
    let joined = held.noun.access().into_iter().filter(|(agency, _)| happened && *agency == result.agency);
    joined.map(|(_, window)| (runs, window)).collect()
}

/// Refuses an act dated at or before the moment up to which a period was fixed: what was frozen would count other facts. From
/// here to its end the transaction is alone, so that no period is fixed meanwhile.
pub(crate) async fn later_than_fixed(
    write: &Write<'_>,
    (noun, wanted): (&'static str, &'static str),
) -> Result<()> {
    tail(write.connection()).await?;
    if is_fixed(write, write.stamp()?.at).await? {
        let because = "a period was fixed at this very moment: send it again";
        return Err(refused(noun, "new", wanted, because));
    }
    Ok(())
}

fn refused(
    noun: &'static str,
    state: &'static str,
    refused: &'static str,
    because: &str,
) -> crate::StoreError {
    let because = Some(because.to_owned());
    IllegalMove { noun, state, refused, because, allowed: Vec::new() }.into()
}
