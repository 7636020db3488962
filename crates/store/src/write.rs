//! One writing act: a transaction in which records are loaded, the act is authorized on each, changes are kept, and the
//! entries of the audit trail are appended last. Either all of it happens or none; a refusal leaves an entry of its own.

use crate::audit::{Outcome, entry::Entry};
use crate::body::{self, Body};
use crate::connection::{begin, bytes};
use crate::job::{self, Job};
use crate::keys::Keys;
use crate::record::{self, Hand, Held, Noun, Revision};
use crate::result::Counting;
use crate::schema::change;
use crate::{Context, Outside, Result, Store, StoreError};
use homeward_access::{Act, Kind, Resource, authorize};
use homeward_model::{Change, Digest, Stamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};
use serde_json::Value;
use std::fmt::Display;
use tokio::sync::OwnedMutexGuard;

/// A writing act under way.
pub(crate) struct Write<'a> {
    store: &'a Store,
    context: Option<&'a Context<'a>>,
    outside: Outside<'a>,
    pub(crate) transaction: DatabaseTransaction,
    /// What was last attempted; what the trail says when it fails.
    attempt: Option<Entry>,
    refused: bool,
    entries: Vec<Entry>,
    /// One writer at a time in this process: SQLite would make the others fail, and all append to one trail.
    turn: OwnedMutexGuard<()>,
}

impl Store {
    /// Begins an act of a member.
    pub(crate) async fn write<'a>(&'a self, context: &'a Context<'a>) -> Result<Write<'a>> {
        self.begin(Some(context), Outside { from: context.from, now: context.now }).await
    }

    /// Begins an act of nobody who signed in.
    pub(crate) async fn write_outside<'a>(&'a self, outside: Outside<'a>) -> Result<Write<'a>> {
        self.begin(None, outside).await
    }

    async fn begin<'a>(
        &'a self,
        context: Option<&'a Context<'a>>,
        outside: Outside<'a>,
    ) -> Result<Write<'a>> {
        self.auditor().ready()?;
        let turn = self.turn().lock_owned().await;
        let transaction = begin(self.connection()).await?;
        Ok(Write {
            store: self,
            context,
            outside,
            transaction,
            attempt: None,
            refused: false,
            entries: Vec::new(),
            turn,
        })
    }
}

impl Write<'_> {
    /// Who acts, for the moves of the model. Only a member makes moves.
    pub(crate) fn stamp(&self) -> Result<Stamp> {
        let context = self.context.ok_or(StoreError::NotFound { noun: "member" })?;
        Ok(Stamp { by: context.actor.member, at: context.now })
    }

    fn hand(&self) -> Hand {
        Hand { by: self.context.map(|context| context.actor.member), at: self.outside.now }
    }

    /// The entry of an act on a record.
    fn entry(&self, act: impl Display, kind: Kind, object: Option<u128>) -> Entry {
        match self.context {
            Some(context) => Entry::new(context, act, kind, object),
            None => Entry::system(self.outside.from, act, object, self.outside.now).with("kind", kind),
        }
    }

    /// Goes on when the actor may do this. Acts from outside pass: they are named functions, not requests.
    pub(crate) fn allow(
        &mut self,
        act: Act,
        noun: &'static str,
        object: Option<u128>,
        resource: &Resource,
    ) -> Result<()> {
        self.attempt = Some(self.entry(act, resource.kind, object));
        let Some(context) = self.context else { return Ok(()) };
        let decision = authorize(context.actor, act, context.purpose, resource, context.now);
        if decision.allow {
            return Ok(());
        }
        self.refused = true;
        let policies = decision.policies.iter().map(|policy| policy.id.as_str());
        self.attempt = Some(self.entry(act, resource.kind, object).with_list("policies", policies));
        Err(StoreError::NotFound { noun })
    }

    /// A record on which the actor may do this.
    pub(crate) async fn get<N: Noun>(&mut self, act: Act, id: u128) -> Result<Held<N>> {
        let held = record::there(self.find::<N>(id).await)?;
        self.got(act, id, held)
    }

    /// A record as it is, without a decision: for the parts of an act that was authorized already.
    pub(crate) async fn find<N: Noun>(&self, id: u128) -> Result<Option<Held<N>>> {
        record::load(&self.transaction, self.store.keys(), id).await
    }

    /// A record by an id that there may be, without a decision.
    pub(crate) async fn find_any<N: Noun>(&self, id: Option<u128>) -> Result<Option<Held<N>>> {
        match id {
            Some(id) => self.find(id).await,
            None => Ok(None),
        }
    }

    /// A record by its name, without a decision.
    pub(crate) async fn find_named<N: Noun>(&self, name: &str) -> Result<Option<Held<N>>> {
        record::named(&self.transaction, self.store.keys(), name).await
    }

    /// Records that belong to another, without a decision.
    pub(crate) async fn belonging<N: Noun>(&self, of: u128) -> Result<Vec<Held<N>>> {
        record::belonging(&self.transaction, self.store.keys(), of).await
    }

    /// Refuses an act on what is not there, or not of a kind that it is done to.
    pub(crate) fn refuse(&mut self, act: Act, kind: Kind, id: u128) -> StoreError {
        self.refused = true;
        self.attempt = Some(self.entry(act, kind, Some(id)).with("because", "there is none"));
        StoreError::NotFound { noun: kind.word() }
    }

    /// Who counts for all, when that was said.
    pub(crate) fn counting(&self) -> Option<&Counting> {
        self.store.0.counting.get()
    }

    /// The keys of sealed records.
    pub(crate) fn keys(&self) -> &Keys {
        self.store.keys()
    }

    fn got<N: Noun>(&mut self, act: Act, id: u128, held: Option<Held<N>>) -> Result<Held<N>> {
        let Some(held) = held else {
            return Err(self.refuse(act, N::KIND, id));
        };
        self.allow(act, N::NOUN, Some(id), &held.resource)?;
        Ok(held)
    }

    /// Keeps a new record. The same record made again by the same member changes nothing; its id with other content is
    /// refused.
    pub(crate) async fn create<N: Noun>(
        &mut self,
        act: Act,
        noun: N,
        mut resource: Resource,
        what: &Value,
    ) -> Result<Held<N>> {
        let id = noun.bits();
        noun.place(&mut resource);
        self.allow(act, N::NOUN, Some(id), &resource)?;
        if let Some(there) = self.find::<N>(id).await? {
            let first = change::Entity::find_by_id((bytes(id), 1)).one(&self.transaction).await?;
            let hand = self.hand();
            let same = match first {
                Some(first) => {
                    record::open::<N>(self.store.keys(), (there.resource.owner, id), "change 1", &first.what)?
                        == *what
                        && first.by == hand.by.map(|by| bytes(by.bits()))
                }
                None => false,
            };
            if !same {
                // Boxed, for it is rare and every act that makes something would carry it.
                return Err(Box::pin(self.taken(act, N::KIND, N::NOUN, Some(&there.resource), id)).await?);
            }
            self.entries.push(self.entry(act, N::KIND, Some(id)).with("repeated", true));
            return Ok(there);
        }
        let held = Held { noun, version: 1, resource };
        match self.keep(act, &held, what, id).await {
            Ok(()) => Ok(held),
            Err(StoreError::Exists { what: "id", .. }) => {
                Err(Box::pin(self.taken(act, N::KIND, N::NOUN, None, id)).await?)
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses an id that is taken. Whoever may not read what it names, or is of another organisation than its owner, is
    /// answered as if there were nothing to make it of: an id that came from elsewhere is not confirmed.
    async fn taken(
        &mut self,
        act: Act,
        kind: Kind,
        noun: &'static str,
        there: Option<&Resource>,
        id: u128,
    ) -> Result<StoreError> {
        let exists = StoreError::Exists { noun, what: "id" };
        let Some(context) = self.context else { return Ok(exists) };
        let seen = if let Some(there) = there {
            authorize(context.actor, Act::View, context.purpose, there, context.now).allow
        } else {
            let own = bytes(context.actor.organisation.bits());
            let row = crate::schema::record::Entity::find_by_id(bytes(id)).one(&self.transaction).await?;
            row.is_some_and(|row| row.owner == own)
        };
        if seen {
            return Ok(exists);
        }
        self.refused = true;
        self.attempt = Some(self.entry(act, kind, Some(id)).with("because", "the id is another's"));
        Ok(StoreError::NotFound { noun })
    }

    /// Changes a record by a move of its noun. The same request again is answered with the record as it is.
    pub(crate) async fn alter<N: Noun, W: Body>(
        &mut self,
        act: Act,
        id: u128,
        revision: Revision,
        step: impl FnOnce(N, Stamp) -> Result<(N, Change<W>)>,
    ) -> Result<Held<N>> {
        if let Some(held) = self.done_before::<N>(act, id, revision).await? {
            return Ok(held);
        }
        let held = self.get::<N>(act, id).await?;
        self.alter_held(act, held, revision, step).await
    }

    /// The record, when the actor's own request was carried out on it and they may still read it. The act itself may be out
    /// of their reach since: a lead that they routed elsewhere is another agency's.
    async fn done_before<N: Noun>(
        &mut self,
        act: Act,
        id: u128,
        revision: Revision,
    ) -> Result<Option<Held<N>>> {
        let Some(context) = self.context else { return Ok(None) };
        let by = Some(context.actor.member);
        if !record::repeated(&self.transaction, id, revision.request, by).await? {
            return Ok(None);
        }
        let Some(held) = record::there(self.find::<N>(id).await)? else { return Ok(None) };
        if !authorize(context.actor, Act::View, context.purpose, &held.resource, context.now).allow {
            return Ok(None);
        }
        self.entries.push(self.entry(act, N::KIND, Some(id)).with("repeated", true));
        Ok(Some(held))
    }

    /// Whether the actor's own request was carried out on a record before; the trail says then that it came again.
    pub(crate) async fn repeats(&mut self, act: Act, kind: Kind, id: u128, request: u128) -> Result<bool> {
        let by = self.context.map(|context| context.actor.member);
        let repeats = by.is_some() && record::repeated(&self.transaction, id, request, by).await?;
        if repeats {
            self.entries.push(self.entry(act, kind, Some(id)).with("repeated", true));
        }
        Ok(repeats)
    }

    /// The same on a record that was loaded and authorized.
    pub(crate) async fn alter_held<N: Noun, W: Body>(
        &mut self,
        act: Act,
        held: Held<N>,
        revision: Revision,
        step: impl FnOnce(N, Stamp) -> Result<(N, Change<W>)>,
    ) -> Result<Held<N>> {
        let id = held.noun.bits();
        if record::repeated(&self.transaction, id, revision.request, None).await? {
            self.entries.push(self.entry(act, N::KIND, Some(id)).with("repeated", true));
            return Ok(held);
        }
        if held.version != revision.seen {
            return Err(record::conflict::<N>(&self.transaction, id, revision.seen).await?);
        }
        let (noun, change) = step(held.noun, self.stamp()?)?;
        let mut resource = held.resource;
        noun.place(&mut resource);
        let held = Held { noun, version: held.version + 1, resource };
        self.keep(act, &held, &change.what.write(), revision.request).await?;
        Ok(held)
    }

    /// Keeps a version of a record and says so in the trail.
    pub(crate) async fn keep<N: Noun>(
        &mut self,
        act: impl Display,
        held: &Held<N>,
        what: &Value,
        request: u128,
    ) -> Result<()> {
        let content =
            record::keep(&self.transaction, self.store.keys(), held, what, request, self.hand()).await?;
        self.kept(act, held, what, content);
        Ok(())
    }

    /// Keeps new records that have neither ties nor names, each with its entry in the trail.
    pub(crate) async fn keep_new<N: Noun>(&mut self, act: Act, new: &[(Held<N>, Value)]) -> Result<()> {
        let contents = record::keep_new(&self.transaction, self.store.keys(), new, self.hand()).await?;
        for ((held, what), content) in new.iter().zip(contents) {
            self.kept(act, held, what, content);
        }
        Ok(())
    }

    fn kept<N: Noun>(&mut self, act: impl Display, held: &Held<N>, what: &Value, content: Digest) {
        let entry = self
            .entry(act, N::KIND, Some(held.noun.bits()))
            .with("change", body::word(what))
            .with("state", &held.resource.state)
            .with("version", held.version)
            .with("content", content.hex());
        self.entries.push(entry);
    }

    /// Queues a job: it is there exactly when the act is done.
    pub(crate) async fn queue(&self, job: &Job) -> Result<()> {
        job::queue(&self.transaction, job, self.outside.now).await
    }

    /// Says something more in the trail.
    pub(crate) fn say(
        &mut self,
        act: impl Display,
        kind: Kind,
        object: Option<u128>,
        more: &[(&str, String)],
    ) {
        let entry = self.entry(act, kind, object);
        self.entries.push(more.iter().fold(entry, |entry, (name, value)| entry.with(name, value)));
    }

    /// Says in the trail what an act from outside did to what is no record.
    pub(crate) fn say_outside(&mut self, act: &str, more: &[(&str, String)]) {
        let entry = Entry::system(self.outside.from, act, None, self.outside.now);
        self.entries.push(more.iter().fold(entry, |entry, (name, value)| entry.with(name, value)));
    }

    /// Ends the act: what was done is committed with its entries; what failed is rolled back and leaves its own entry.
    pub(crate) async fn finish<T>(self, done: Result<T>) -> Result<T> {
        let Write { store, transaction, attempt, refused, entries, turn, .. } = self;
        match done {
            Ok(value) => {
                if !entries.is_empty() {
                    let head = store.auditor().append(&transaction, &entries).await?;
                    transaction.commit().await?;
                    store.auditor().witness(&head);
                }
                Ok(value)
            }
            Err(error) => {
                transaction.rollback().await?;
                drop(turn);
                if let Some(attempt) = attempt {
                    let outcome = if refused { Outcome::Refused } else { Outcome::Failed };
                    store.note(attempt.outcome(outcome)).await?;
                }
                Err(error)
            }
        }
    }

    /// The connection of the transaction.
    pub(crate) fn connection(&self) -> &impl ConnectionTrait {
        &self.transaction
    }
}

impl Store {
    /// One move of one record, as one act.
    pub(crate) async fn change<N: Noun, W: Body>(
        &self,
        context: &Context<'_>,
        act: Act,
        id: u128,
        revision: Revision,
        step: impl FnOnce(N, Stamp) -> Result<(N, Change<W>)>,
    ) -> Result<Held<N>> {
        let mut write = self.write(context).await?;
        let done = write.alter(act, id, revision, step).await;
        write.finish(done).await
    }
}
