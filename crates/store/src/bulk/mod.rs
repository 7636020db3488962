//! A record of the size of a nation's, made up in minutes: for benchmarks and long tests alone, behind the feature `bench`.
//!
//! Agencies, members and credentials come about by the acts of the store. Leads, checks and reports come about by the moves
//! of the model, and are kept many at a time with the same bodies, seals, ties, marks and entries of the trail as when each
//! is kept alone. The same seed makes the same record, but for its keys. Findings' own dispositions are not made.

mod chain;
mod dice;
mod people;
mod work;

use crate::audit::entry::Entry;
use crate::body::word;
use crate::connection::{begin, bytes};
use crate::record::{Noun, close, ties};
use crate::schema::{change, check_mark, record, tie};
use crate::{Context, Result, Store};
use homeward_access::{Act, Actor, Purpose, Resource, purpose_of};
use homeward_model::{
    AgencyId, CaseId, CheckId, Digest, EventId, InitiativeId, Instant, LeadId, MissingReportId, OperationId,
    RecoveryFactId, ReferralId, ResultId, Role, VictimId,
};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait};
use serde_json::Value;

/// Records in one transaction.
const MOST: usize = 500;

/// Years over which the record came about.
const YEARS: usize = 5;

/// Rows in one statement: an entry of the trail has nine columns, and SQLite takes 32,766 values.
const ROWS: usize = 3_000;

/// How large a record is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Agencies; the first is the clearinghouse that runs the system.
    pub agencies: usize,
    /// Leads.
    pub leads: usize,
    /// Checks.
    pub checks: usize,
    /// Missing reports.
    pub reports: usize,
    /// Cases.
    pub cases: usize,
    /// Operations; there are five events to each, and an initiative a year.
    pub operations: usize,
    /// Victims; there is a referral and a recovery fact to each, and three results.
    pub victims: usize,
    /// Members who get a password and one-time codes.
    pub accounts: usize,
}

/// A member with what they need to sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The secret of the one-time codes.
    pub codes: Vec<u8>,
    /// Who they are when they act.
    pub actor: Actor,
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Members who can sign in, of different agencies and jobs.
    pub accounts: Vec<Account>,
    /// All members.
    pub members: Vec<Actor>,
    /// Leads.
    pub leads: Vec<LeadId>,
    /// Checks.
    pub checks: Vec<CheckId>,
    /// Missing reports.
    pub reports: Vec<MissingReportId>,
    /// Cases.
    pub cases: Vec<CaseId>,
    /// Initiatives, the one under way first.
    pub initiatives: Vec<InitiativeId>,
    /// Operations.
    pub operations: Vec<OperationId>,
    /// Events.
    pub events: Vec<EventId>,
    /// Victims.
    pub victims: Vec<VictimId>,
}

/// One change of a record.
pub(crate) struct Step {
    act: Act,
    by: usize,
    at: Instant,
    what: Value,
    state: String,
}

/// A record with all its changes.
pub(crate) struct Made<N> {
    noun: N,
    resource: Resource,
    steps: Vec<Step>,
}

impl Store {
    /// Makes a record up, in an empty database. `now` is the last moment of its five years.
    pub async fn load_made_up(&self, size: Size, seed: u64, now: Instant) -> Result<Loaded> {
        let cast = people::install(self, size, seed, now).await?;
        let (accounts, members) = (cast.accounts.clone(), cast.actors.clone());
        let mut loaded = Loaded { accounts, members, ..Loaded::default() };
        let mut made = work::Maker::new(&cast, seed, now);
        loaded.reports = self.keep_made(&cast.actors, size.reports, || (made.report(), Vec::new())).await?;
        loaded.leads = self.keep_made(&cast.actors, size.leads, || (made.lead(), Vec::new())).await?;
        loaded.checks = self.keep_made(&cast.actors, size.checks, || made.check()).await?;
        loaded.cases = self.keep_made(&cast.actors, size.cases, || (made.case(), Vec::new())).await?;
        self.keep_chain(&cast.actors, size, &mut made, &mut loaded).await?;
        analyse(self.connection()).await?;
        Ok(loaded)
    }

    async fn keep_chain(
        &self,
        actors: &[Actor],
        size: Size,
        made: &mut work::Maker<'_>,
        loaded: &mut Loaded,
    ) -> Result<()> {
        let (mut chain, none) = (chain::Chain::default(), Vec::new);
        let years = if size.operations > 0 { YEARS } else { 0 };
        loaded.initiatives = self.keep_made(actors, years, || (chain.initiative(made), none())).await?;
        loaded.operations =
            self.keep_made(actors, size.operations, || (chain.operation(made), none())).await?;
        let events = 5 * size.operations;
        loaded.events = self.keep_made(actors, events, || (chain.event(made), none())).await?;
        let mut checks = std::mem::take(&mut chain.checks).into_iter();
        let next = || (checks.next().expect("there is one to each event"), none());
        self.keep_made::<_, CheckId>(actors, events, next).await?;
        if size.operations == 0 {
            return Ok(());
        }
        loaded.victims = self.keep_made(actors, size.victims, || (chain.victim(made), none())).await?;
        let mut facts = std::mem::take(&mut chain.facts).into_iter();
        let next = || (facts.next().expect("there is one to each victim"), none());
        self.keep_made::<_, RecoveryFactId>(actors, size.victims, next).await?;
        let mut numbers = 0..size.victims;
        let next = || (chain.referral(made, numbers.next().unwrap_or(0)), none());
        self.keep_made::<_, ReferralId>(actors, size.victims, next).await?;
        let mut numbers = 0..3 * size.victims;
        let next = || (chain.result(made, numbers.next().unwrap_or(0)), none());
        self.keep_made::<_, ResultId>(actors, 3 * size.victims, next).await?;
        Ok(())
    }

    async fn keep_made<N: Noun, I: From<Bits>>(
        &self,
        actors: &[Actor],
        count: usize,
        mut next: impl FnMut() -> (Made<N>, Vec<check_mark::ActiveModel>),
    ) -> Result<Vec<I>> {
        let mut ids = Vec::with_capacity(count);
        while ids.len() < count {
            let mut rows = Rows::default();
            let mut batch = Vec::new();
            for _ in 0..MOST.min(count - ids.len()) {
                let (made, marks) = next();
                ids.push(I::from(Bits(made.noun.bits())));
                rows.marks.extend(marks);
                batch.push(made);
            }
            if N::SEALED {
                self.keys().make_all(&batch.iter().map(|made| made.noun.bits()).collect::<Vec<_>>())?;
            }
            for made in &batch {
                rows.add(self, actors, made)?;
            }
            rows.keep(self).await?;
        }
        Ok(ids)
    }
}

/// The bits of an id of any noun.
pub(crate) struct Bits(u128);

macro_rules! of_bits {
    ($($id:ty),+) => {$(
        impl From<Bits> for $id {
            fn from(bits: Bits) -> $id {
                <$id>::from_bits(bits.0)
            }
        }
    )+};
}
of_bits!(LeadId, CheckId, MissingReportId, CaseId, InitiativeId, OperationId, EventId);
of_bits!(VictimId, RecoveryFactId, ReferralId, ResultId);

/// Tells PostgreSQL how large the record has become, which it learns by itself of one that grows slowly.
async fn analyse(connection: &DatabaseConnection) -> Result<()> {
    if connection.get_database_backend() == DbBackend::Postgres {
        connection.execute_unprepared("ANALYZE").await?;
    }
    Ok(())
}

/// Rows of one transaction.
#[derive(Default)]
struct Rows {
    records: Vec<record::ActiveModel>,
    changes: Vec<change::ActiveModel>,
    ties: Vec<tie::ActiveModel>,
    marks: Vec<check_mark::ActiveModel>,
    entries: Vec<Entry>,
}

impl Rows {
    fn add<N: Noun>(&mut self, store: &Store, actors: &[Actor], made: &Made<N>) -> Result<()> {
        let Made { noun, resource, steps } = made;
        let (id, version) = (noun.bits(), steps.len() as i64);
        let purpose = Purpose::of(purpose_of(N::KIND));
        for (step, version) in steps.iter().zip(1i64..) {
            let actor = &actors[step.by];
            let what =
                close::<N>(store.keys(), (resource.owner, id), &format!("change {version}"), &step.what)?;
            let context = Context { actor, purpose: &purpose, from: "made up", now: step.at };
            let entry = Entry::new(&context, step.act, N::KIND, Some(id))
                .with("change", word(&step.what))
                .with("state", &step.state)
                .with("version", version)
                .with("content", Digest::of(&what).hex());
            self.entries.push(entry);
            self.changes.push(change::ActiveModel {
                record: Set(bytes(id)),
                version: Set(version),
                request: Set(bytes(id ^ (version as u128 - 1))),
                at: Set(step.at.0),
                by: Set(Some(bytes(actor.member.bits()))),
                what: Set(what),
            });
        }
        let at = |step: Option<&Step>| step.map_or(0, |step| step.at.0);
        self.records.push(record::ActiveModel {
            id: Set(bytes(id)),
            kind: Set(N::KIND.word().to_owned()),
            owner: Set(bytes(resource.owner.bits())),
            state: Set(resource.state.clone()),
            compartment: Set(None),
            is_sealed: Set(resource.sealed),
            version: Set(version),
            made_at: Set(at(steps.first())),
            changed_at: Set(at(steps.last())),
            changed_by: Set(steps.last().map(|step| bytes(actors[step.by].member.bits()))),
            due_at: Set(noun.due().map(|due| due.0)),
            body: Set(close::<N>(
                store.keys(),
                (resource.owner, id),
                &format!("body {version}"),
                &noun.write(),
            )?),
        });
        self.ties.extend(ties(noun, resource));
        Ok(())
    }

    async fn keep(self, store: &Store) -> Result<()> {
        let turn = store.turn().lock_owned().await;
        let transaction = begin(store.connection()).await?;
        record::Entity::insert_many(self.records).exec_without_returning(&transaction).await?;
        for part in self.changes.chunks(ROWS) {
            change::Entity::insert_many(part.to_vec()).exec_without_returning(&transaction).await?;
        }
        for part in self.ties.chunks(ROWS) {
            tie::Entity::insert_many(part.to_vec()).exec_without_returning(&transaction).await?;
        }
        // A mark has twelve columns.
        for part in self.marks.chunks(ROWS / 2) {
            check_mark::Entity::insert_many(part.to_vec()).exec_without_returning(&transaction).await?;
        }
        let mut head = None;
        for part in self.entries.chunks(ROWS) {
            head = Some(store.auditor().append(&transaction, part).await?);
        }
        transaction.commit().await?;
        if let Some(head) = head {
            store.auditor().witness(&head);
        }
        drop(turn);
        Ok(())
    }
}

/// People of the made up record.
pub(crate) struct Cast {
    accounts: Vec<Account>,
    actors: Vec<Actor>,
    agencies: Vec<AgencyId>,
}

impl Cast {
    /// Members of an agency in a job, by their places.
    fn of(&self, agency: usize, role: Role) -> Vec<usize> {
        let fits = |at: &usize| {
            let actor = &self.actors[*at];
            actor.organisation == self.agencies[agency] && actor.roles.has(role)
        };
        (0..self.actors.len()).filter(fits).collect()
    }
}
