//! What every noun shares: how a record is loaded and kept, with the ties on which access turns.

use crate::body::{Broken, Read};
use crate::connection::{bits, bytes};
use crate::keys::Keys;
use crate::schema::{change, name, record, tie};
use crate::scope_sql::{ASSIGNED, OF, OPENED, REFERRED, RELEASED, TASK_FORCE};
use crate::{Result, StoreError};
use homeward_access::{Kind, Resource};
use homeward_model::{AgencyId, Clock, CompartmentId, DateWindow, Digest, Instant, MemberId, TaskForceId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use std::borrow::Cow;

/// A noun that the store keeps.
pub(crate) trait Noun: Sized + Clone {
    /// The kind by which access is decided.
    const KIND: Kind;
    /// What it is called.
    const NOUN: &'static str;
    /// Whether its body names or describes people and is encrypted under a key of its own.
    const SEALED: bool = false;
    /// Whether the keys of sealed ones lie in a file that belongs to their owner alone.
    const OWN_KEYS: bool = false;

    /// The bits of its id.
    fn bits(&self) -> u128;

    /// Sets what access turns on and the noun itself decides: its state, and who answers for it.
    fn place(&self, resource: &mut Resource);

    /// What it says beside id and owner.
    fn write(&self) -> Value;

    /// Reads it back.
    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<Self>;

    /// When the next thing that must be done with it is due; nothing when nothing is left to do.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Names by which it is found and that no other record of its kind has.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    /// The bits of the records that it belongs to, as an event to its operation: those of one record are found by it.
    fn of(&self) -> Vec<u128> {
        Vec::new()
    }
}

/// A noun as the record holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held<N> {
    /// The noun.
    pub noun: N,
    /// Its version, from 1; a change must name the version it was decided on.
    pub version: i64,
    /// What access to it turns on.
    pub resource: Resource,
}

/// Which version a change was decided on, and the id of the request, made by the client: the same request again changes
/// nothing and is answered with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The version that the person saw.
    pub seen: i64,
    /// The request.
    pub request: u128,
}

const EMPTY: &[u8] = b"";

fn broken(id: u128, because: impl Into<String>) -> StoreError {
    let row = crate::audit::entry::uuid(id);
    StoreError::Inconsistent { table: "record", row, because: because.into() }
}

/// A text of a record of an organisation as it is kept: encrypted when the noun is.
pub(crate) fn close<N: Noun>(
    keys: &Keys,
    (owner, id): (AgencyId, u128),
    place: &str,
    value: &Value,
) -> Result<Vec<u8>> {
    let text = value.to_string().into_bytes();
    if !N::SEALED {
        return Ok(text);
    }
    if N::OWN_KEYS {
        return keys.of(owner, true)?.seal(N::NOUN, id, place, &text);
    }
    keys.seal(N::NOUN, id, place, &text)
}

/// The text again.
pub(crate) fn open<N: Noun>(
    keys: &Keys,
    (owner, id): (AgencyId, u128),
    place: &str,
    kept: &[u8],
) -> Result<Value> {
    let text = if !N::SEALED {
        Cow::Borrowed(kept)
    } else if N::OWN_KEYS {
        Cow::Owned(keys.of(owner, false)?.open_text(N::NOUN, id, place, kept)?)
    } else {
        Cow::Owned(keys.open_text(N::NOUN, id, place, kept)?)
    };
    serde_json::from_slice(&text).map_err(|error| broken(id, format!("its {place} is no JSON: {error}")))
}

/// The first of some clocks that was not met: when it ends.
pub(crate) fn first_due(clocks: impl Iterator<Item = Clock>) -> Option<Instant> {
    clocks.filter(|clock| clock.met.is_none()).map(|clock| clock.due).min()
}

/// Loads a record by its id.
pub(crate) async fn load<N: Noun>(
    connection: &impl ConnectionTrait,
    keys: &Keys,
    id: u128,
) -> Result<Option<Held<N>>> {
    let row = record::Entity::find_by_id(bytes(id)).one(connection).await?;
    let Some(row) = row.filter(|row| row.kind == N::KIND.word()) else { return Ok(None) };
    let ties = tie::Entity::find().filter(tie::Column::Record.eq(bytes(id))).all(connection).await?;
    hold(keys, &row, &ties).map(Some)
}

/// A purged record looks like one that never was: that it was there is for the trail alone.
pub(crate) fn there<N>(loaded: Result<Option<Held<N>>>) -> Result<Option<Held<N>>> {
    if matches!(loaded, Err(StoreError::Purged { .. })) { Ok(None) } else { loaded }
}

/// Records that belong to another, oldest first.
pub(crate) async fn belonging<N: Noun>(
    connection: &impl ConnectionTrait,
    keys: &Keys,
    of: u128,
) -> Result<Vec<Held<N>>> {
    let rows = tie::Entity::find()
        .filter(tie::Column::Relation.eq(OF))
        .filter(tie::Column::Party.eq(bytes(of)))
        .filter(tie::Column::Kind.eq(N::KIND.word()))
        .order_by_asc(tie::Column::Record)
        .all(connection)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for id in rows.iter().filter_map(|row| bits(&row.record)) {
        found.extend(there(load(connection, keys, id).await)?);
    }
    Ok(found)
}

/// Loads a record by a name.
pub(crate) async fn named<N: Noun>(
    connection: &impl ConnectionTrait,
    keys: &Keys,
    of: &str,
) -> Result<Option<Held<N>>> {
    let row = name::Entity::find_by_id((N::KIND.word().to_owned(), of.to_owned())).one(connection).await?;
    match row.and_then(|row| bits(&row.record)) {
        Some(id) => load(connection, keys, id).await,
        None => Ok(None),
    }
}

/// A row with its ties as a noun.
pub(crate) fn hold<N: Noun>(keys: &Keys, row: &record::Model, ties: &[tie::Model]) -> Result<Held<N>> {
    let id = bits(&row.id).ok_or_else(|| broken(0, "its id has not 16 bytes"))?;
    let resource = resource::<N>(id, row, ties)?;
    if row.body == EMPTY {
        return Err(StoreError::Purged { noun: N::NOUN });
    }
    let body = open::<N>(keys, (resource.owner, id), &format!("body {}", row.version), &row.body)?;
    let noun = N::read(id, &resource, &body).map_err(|Broken(because)| broken(id, because))?;
    Ok(Held { noun, version: row.version, resource })
}

fn resource<N: Noun>(id: u128, row: &record::Model, ties: &[tie::Model]) -> Result<Resource> {
    let id_of = |kept: &[u8]| bits(kept).ok_or_else(|| broken(id, "an id has not 16 bytes"));
    let mut resource = Resource::owned(N::KIND, AgencyId::from_bits(id_of(&row.owner)?));
    resource.state.clone_from(&row.state);
    resource.sealed = row.is_sealed;
    resource.compartment = row.compartment.as_deref().map(id_of).transpose()?.map(CompartmentId::from_bits);
    for tie in ties {
        let party = id_of(&tie.party)?;
        let window = || {
            DateWindow::new(Instant(tie.starts_at), Instant(tie.ends_at))
                .map_err(|bad| broken(id, bad.to_string()))
        };
        match tie.relation.as_str() {
            ASSIGNED => resource.assigned.push(MemberId::from_bits(party)),
            TASK_FORCE => resource.task_forces.push(TaskForceId::from_bits(party)),
            REFERRED => resource.referred_to.push(AgencyId::from_bits(party)),
            RELEASED => resource.releases.push((AgencyId::from_bits(party), window()?)),
            OPENED => resource.opened.push((MemberId::from_bits(party), window()?)),
            OF => {}
            other => return Err(broken(id, format!("`{other}` ties nobody"))),
        }
    }
    Ok(resource)
}

/// Who changes a record, and when; nobody when the system does.
#[derive(Clone, Copy)]
pub(crate) struct Hand {
    pub(crate) by: Option<MemberId>,
    pub(crate) at: Instant,
}

/// Keeps a record with a change, and returns the hash of the change as it is kept. Version 1 is a new record; any other must follow the one that is there.
pub(crate) async fn keep<N: Noun>(
    connection: &impl ConnectionTrait,
    keys: &Keys,
    held: &Held<N>,
    what: &Value,
    request: u128,
    hand: Hand,
) -> Result<Digest> {
    let id = held.noun.bits();
    let Held { noun, version, resource } = held;
    let body = close::<N>(keys, (resource.owner, id), &format!("body {version}"), &noun.write())?;
    let by = hand.by.map(|member| bytes(member.bits()));
    if *version == 1 {
        let row = record::ActiveModel {
            id: Set(bytes(id)),
            kind: Set(N::KIND.word().to_owned()),
            owner: Set(bytes(resource.owner.bits())),
            state: Set(resource.state.clone()),
            compartment: Set(resource.compartment.map(|compartment| bytes(compartment.bits()))),
            is_sealed: Set(resource.sealed),
            version: Set(1),
            made_at: Set(hand.at.0),
            changed_at: Set(hand.at.0),
            changed_by: Set(by.clone()),
            due_at: Set(noun.due().map(|due| due.0)),
            body: Set(body),
        };
        let exists = StoreError::Exists { noun: N::NOUN, what: "id" };
        let insert = record::Entity::insert(row)
            .on_conflict(OnConflict::column(record::Column::Id).do_nothing().to_owned());
        if insert.exec_without_returning(connection).await? == 0 {
            return Err(exists);
        }
    } else {
        let updated = record::Entity::update_many()
            .col_expr(record::Column::Owner, Expr::value(bytes(resource.owner.bits())))
            .col_expr(record::Column::State, Expr::value(resource.state.clone()))
            .col_expr(
                record::Column::Compartment,
                Expr::value(resource.compartment.map(|compartment| bytes(compartment.bits()))),
            )
            .col_expr(record::Column::IsSealed, Expr::value(resource.sealed))
            .col_expr(record::Column::Version, Expr::value(*version))
            .col_expr(record::Column::ChangedAt, Expr::value(hand.at.0))
            .col_expr(record::Column::ChangedBy, Expr::value(by.clone()))
            .col_expr(record::Column::DueAt, Expr::value(noun.due().map(|due| due.0)))
            .col_expr(record::Column::Body, Expr::value(body))
            .filter(record::Column::Id.eq(bytes(id)))
            .filter(record::Column::Version.eq(version - 1))
            .exec(connection)
            .await?;
        if updated.rows_affected == 0 {
            return Err(conflict::<N>(connection, id, version - 1).await?);
        }
    }
    let what = close::<N>(keys, (resource.owner, id), &format!("change {version}"), what)?;
    let content = Digest::of(&what);
    let row = change::ActiveModel {
        record: Set(bytes(id)),
        version: Set(*version),
        request: Set(bytes(request)),
        at: Set(hand.at.0),
        by: Set(by),
        what: Set(what),
    };
    change::Entity::insert(row).exec_without_returning(connection).await?;
    tie_anew(connection, noun, resource).await?;
    name_anew(connection, noun, id).await?;
    Ok(content)
}

/// Keeps new records that have neither ties nor names, many in few statements, and returns the hashes of their changes. One
/// whose id is taken is an error.
pub(crate) async fn keep_new<N: Noun>(
    connection: &impl ConnectionTrait,
    keys: &Keys,
    new: &[(Held<N>, Value)],
    hand: Hand,
) -> Result<Vec<Digest>> {
    if N::SEALED {
        keys.make_all(&new.iter().map(|(held, _)| held.noun.bits()).collect::<Vec<_>>())?;
    }
    let by = hand.by.map(|member| bytes(member.bits()));
    let (mut records, mut changes, mut contents) = (Vec::new(), Vec::new(), Vec::new());
    for (Held { noun, resource, .. }, what) in new {
        let id = noun.bits();
        records.push(record::ActiveModel {
            id: Set(bytes(id)),
            kind: Set(N::KIND.word().to_owned()),
            owner: Set(bytes(resource.owner.bits())),
            state: Set(resource.state.clone()),
            compartment: Set(resource.compartment.map(|compartment| bytes(compartment.bits()))),
            is_sealed: Set(resource.sealed),
            version: Set(1),
            made_at: Set(hand.at.0),
            changed_at: Set(hand.at.0),
            changed_by: Set(by.clone()),
            due_at: Set(noun.due().map(|due| due.0)),
            body: Set(close::<N>(keys, (resource.owner, id), "body 1", &noun.write())?),
        });
        let what = close::<N>(keys, (resource.owner, id), "change 1", what)?;
        contents.push(Digest::of(&what));
        changes.push(change::ActiveModel {
            record: Set(bytes(id)),
            version: Set(1),
            request: Set(bytes(id)),
            at: Set(hand.at.0),
            by: Set(by.clone()),
            what: Set(what),
        });
    }
    if !new.is_empty() {
        record::Entity::insert_many(records).exec_without_returning(connection).await?;
        change::Entity::insert_many(changes).exec_without_returning(connection).await?;
    }
    Ok(contents)
}

/// The conflict as the caller sees it: the version there is, and who made it.
pub(crate) async fn conflict<N: Noun>(
    connection: &impl ConnectionTrait,
    id: u128,
    seen: i64,
) -> Result<StoreError> {
    let row = record::Entity::find_by_id(bytes(id)).one(connection).await?;
    let row = row.ok_or(StoreError::NotFound { noun: N::NOUN })?;
    let by = row.changed_by.as_deref().and_then(bits).map(MemberId::from_bits);
    Ok(StoreError::Conflict { noun: N::NOUN, seen, now: row.version, by, at: Instant(row.changed_at) })
}

/// Replaces a record's ties.
pub(crate) async fn tie_anew<N: Noun>(
    connection: &impl ConnectionTrait,
    noun: &N,
    resource: &Resource,
) -> Result<()> {
    tie::Entity::delete_many().filter(tie::Column::Record.eq(bytes(noun.bits()))).exec(connection).await?;
    let rows = ties(noun, resource);
    if !rows.is_empty() {
        tie::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// The rows of a record's ties.
pub(crate) fn ties<N: Noun>(noun: &N, resource: &Resource) -> Vec<tie::ActiveModel> {
    let always = (Instant(0), Instant(i64::MAX));
    let ends = |window: &DateWindow| (window.start(), window.end());
    let assigned = resource.assigned.iter().map(|to| (ASSIGNED, to.bits(), always));
    let forces = resource.task_forces.iter().map(|to| (TASK_FORCE, to.bits(), always));
    let referred = resource.referred_to.iter().map(|to| (REFERRED, to.bits(), always));
    let released = resource.releases.iter().map(|(to, window)| (RELEASED, to.bits(), ends(window)));
    let opened = resource.opened.iter().map(|(to, window)| (OPENED, to.bits(), ends(window)));
    let of = noun.of().into_iter().map(|to| (OF, to, always));
    let mut ties: Vec<_> =
        assigned.chain(forces).chain(referred).chain(released).chain(opened).chain(of).collect();
    ties.sort_unstable();
    ties.dedup_by_key(|(relation, party, (start, _))| (*relation, *party, *start));
    ties.into_iter()
        .map(|(relation, party, (start, end))| tie::ActiveModel {
            record: Set(bytes(noun.bits())),
            relation: Set(relation.to_owned()),
            party: Set(bytes(party)),
            starts_at: Set(start.0),
            ends_at: Set(end.0),
            kind: Set(N::KIND.word().to_owned()),
            state: Set(resource.state.clone()),
        })
        .collect()
}

async fn name_anew<N: Noun>(connection: &impl ConnectionTrait, noun: &N, id: u128) -> Result<()> {
    let names = noun.names();
    name::Entity::delete_many().filter(name::Column::Record.eq(bytes(id))).exec(connection).await?;
    for of in names {
        let row =
            name::ActiveModel { kind: Set(N::KIND.word().to_owned()), name: Set(of), record: Set(bytes(id)) };
        let unique = OnConflict::columns([name::Column::Kind, name::Column::Name]).do_nothing().to_owned();
        let inserted =
            name::Entity::insert(row).on_conflict(unique).exec_without_returning(connection).await?;
        if inserted == 0 {
            return Err(StoreError::Exists { noun: N::NOUN, what: "name" });
        }
    }
    Ok(())
}

/// Whether a request was carried out on a record already; by a member, when one is given.
pub(crate) async fn repeated(
    connection: &impl ConnectionTrait,
    id: u128,
    request: u128,
    by: Option<MemberId>,
) -> Result<bool> {
    let known = change::Entity::find()
        .filter(change::Column::Record.eq(bytes(id)))
        .filter(change::Column::Request.eq(bytes(request)))
        .one(connection)
        .await?;
    let by = by.map(|member| bytes(member.bits()));
    Ok(known.is_some_and(|known| by.is_none() || known.by == by))
}
