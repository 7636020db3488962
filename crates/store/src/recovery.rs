//! Recovery facts: appended, confirmed, withdrawn, never edited. Each says what it rests on and is encrypted under a key of its
//! own.

use crate::body::{Body, Broken, Read, enums, object, part};
use crate::fact_result;
use crate::record::{Held, Noun, Revision, tie_anew};
use crate::victim;
use crate::write::Write;
use crate::{Context, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgeAt, Grounds, Instant, MemberId, MissingReportRecord, RecoveryChange, RecoveryFact, RecoveryFactId,
    RecoveryFacts, RecoveryKind, Victim, VictimId, following,
};
use serde_json::Value;

enums! { RecoveryChange { Appended(fact), Confirmed(id), Withdrawn(id, grounds) } }

/// A fact with all it says, as a change holds it.
impl Body for RecoveryFact {
    fn write(&self) -> Value {
        let mut body = Noun::write(self);
        body["id"] = self.id.write();
        body["agency"] = self.agency.write();
        body
    }

    fn read(value: &Value) -> Read<RecoveryFact> {
        let resource = Resource::owned(Kind::RecoveryFact, part(value, "agency")?);
        let id: RecoveryFactId = part(value, "id")?;
        Noun::read(id.bits(), &resource, value)
    }
}

impl Noun for RecoveryFact {
    const KIND: Kind = Kind::RecoveryFact;
    const NOUN: &'static str = "recovery fact";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("victim", self.victim.write()),
            ("kind", self.kind.write()),
            ("happened", self.happened.write()),
            ("evidence", self.evidence.write()),
            ("recorded", self.recorded.write()),
            ("confirmed", self.confirmed().write()),
            ("withdrawn", self.withdrawn().cloned().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<RecoveryFact> {
        // The age decided whether the fact could be said when it was; it is not asked again.
        let about = (part(body, "victim")?, AgeAt::UnknownAdult);
        let happened = (part(body, "kind")?, part(body, "happened")?);
        let (evidence, recorded) = (part(body, "evidence")?, part(body, "recorded")?);
        let id = RecoveryFactId::from_bits(bits);
        let fact = RecoveryFact::new(id, about, happened, resource.owner, evidence, recorded);
        let fact = fact.map_err(|refused| Broken(refused.to_string()))?;
        Ok(fact.stored(part(body, "confirmed")?, part(body, "withdrawn")?))
    }

    fn of(&self) -> Vec<u128> {
        vec![self.victim.bits()]
    }
}

/// A fact, as somebody writes it down.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFact {
    /// The id, made where it was written down: the same fact sent again is one.
    pub id: RecoveryFactId,
    /// About whom.
    pub victim: VictimId,
    /// What happened.
    pub kind: RecoveryKind,
    /// When.
    pub happened: Instant,
    /// What it rests on.
    pub evidence: Grounds,
}

impl Store {
    /// Appends a fact about a victim, of the acting member's agency. It starts the clock of the victim when it is a recovery,
    /// and moves the missing report that names the victim when it says that its entry was cleared: who may not do that
    /// cannot record it.
    pub async fn record_recovery(&self, context: &Context<'_>, new: NewFact) -> Result<Held<RecoveryFact>> {
        let mut write = self.write(context).await?;
        let done = async {
            let victim = write.get::<Victim>(Act::View, new.victim.bits()).await?;
            let owner = context.actor.organisation;
            let about = (new.victim, victim.noun.age);
            let happened = (new.kind, new.happened);
            let stamp = write.stamp()?;
            let fact = RecoveryFact::new(new.id, about, happened, owner, new.evidence.clone(), stamp)?;
            let what = object([
                ("is", Value::from("Appended")),
                ("victim", new.victim.write()),
                ("kind", new.kind.write()),
                ("happened", new.happened.write()),
                ("evidence", new.evidence.write()),
            ]);
            let mut resource = Resource::owned(Kind::RecoveryFact, owner);
            resource.assigned = answering(&victim, context.actor.member);
            let held = write.create(Act::RecordRecovery, fact, resource, &what).await?;
            if new.kind == RecoveryKind::EntryCleared {
                clear_entry(&mut write, &victim, &new).await?;
            }
            if held.version == 1 {
                fact_result::recorded(&mut write, &held.noun, &victim.noun).await?;
                reckon(&mut write, Act::RecordRecovery, victim, (&held.noun, 1)).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// A second member confirms a fact.
    pub async fn confirm_recovery(
        &self,
        context: &Context<'_>,
        id: RecoveryFactId,
        revision: Revision,
    ) -> Result<Held<RecoveryFact>> {
        let mut write = self.write(context).await?;
        let done = async {
            let step = |fact: RecoveryFact, stamp| Ok(fact.confirm(stamp)?);
            let held = write.alter(Act::ConfirmRecovery, id.bits(), revision, step).await?;
            fact_result::confirmed(&mut write, &held.noun).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Withdraws a mistaken fact; it stays where it is, marked. The clock of the victim runs by the facts that stand.
    pub async fn withdraw_recovery(
        &self,
        context: &Context<'_>,
        id: RecoveryFactId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<RecoveryFact>> {
        let mut write = self.write(context).await?;
        let done = async {
            let step = |fact: RecoveryFact, stamp| Ok(fact.withdraw(grounds, stamp)?);
            let held = write.alter(Act::WithdrawRecovery, id.bits(), revision, step).await?;
            fact_result::withdrawn(&mut write, &held.noun).await?;
            if let Some(victim) = write.find::<Victim>(held.noun.victim.bits()).await? {
                reckon(&mut write, Act::WithdrawRecovery, victim, (&held.noun, held.version)).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One fact.
    pub async fn recovery_fact(
        &self,
        context: &Context<'_>,
        id: RecoveryFactId,
    ) -> Result<Held<RecoveryFact>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Facts that the actor may see, newest first.
    pub async fn recovery_facts(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<RecoveryFact>> {
        self.list(context, listed).await
    }
}

/// Who answers for a fact: those who do for the victim, and who wrote it down.
fn answering(victim: &Held<Victim>, recorder: MemberId) -> Vec<MemberId> {
    let mut members = victim.resource.assigned.clone();
    if !members.contains(&recorder) {
        members.push(recorder);
    }
    members
}

/// The facts about a victim go to whoever stays with them now.
pub(crate) async fn hand_over(write: &Write<'_>, victim: &Held<Victim>) -> Result<()> {
    for Held { noun, mut resource, .. } in write.belonging::<RecoveryFact>(victim.noun.id.bits()).await? {
        resource.assigned = answering(victim, noun.recorded.by);
        tie_anew(write.connection(), &noun, &resource).await?;
    }
    Ok(())
}

/// The victim takes over what the facts say now that one of them is at this version.
async fn reckon(
    write: &mut Write<'_>,
    act: Act,
    victim: Held<Victim>,
    (fact, version): (&RecoveryFact, i64),
) -> Result<()> {
    let all = write.belonging::<RecoveryFact>(victim.noun.id.bits()).await?;
    let facts = RecoveryFacts::stored(all.into_iter().map(|held| held.noun).collect());
    let request = following(fact.id.bits(), version as u128, "reckoned");
    let revision = Revision { seen: victim.version, request };
    let step = |victim: Victim, stamp| Ok(victim.reckon(&facts, fact.kind, stamp));
    let held = write.alter_held(act, victim, revision, step).await?;
    victim::look_later(write, &held.noun).await
}

/// The report that names the victim is located from the moment its entry was cleared.
async fn clear_entry(write: &mut Write<'_>, victim: &Held<Victim>, new: &NewFact) -> Result<()> {
    let Some(report) = victim.noun.report else { return Ok(()) };
    let held = write.get::<MissingReportRecord>(Act::LocateReport, report.bits()).await?;
    if held.noun.state().word() != "missing" {
        return Ok(());
    }
    let request = following(new.id.bits(), report.bits(), "entry cleared");
    let revision = Revision { seen: held.version, request };
    let step =
        |record: MissingReportRecord, stamp| Ok(record.locate(new.happened, new.evidence.clone(), stamp)?);
    write.alter_held(Act::LocateReport, held, revision, step).await?;
    Ok(())
}
