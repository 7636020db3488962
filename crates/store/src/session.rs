//! Sessions, kept by the hash of their secret: who reads the table can open none.
//!
//! Each call reads member and agency anew, so that who is removed is out at once. A session that is over stays until the
//! member signs in again or the sweep comes: a form filled in meanwhile can be kept for that member (see `form_draft`).

use crate::audit::entry::Entry;
use crate::body::{Body, Broken};
use crate::connection::{bits, bytes};
use crate::record::{self, Held, Noun};
use crate::schema::session;
use crate::{Outside, Result, Store, StoreError};
use homeward_access::{Actor, Basis, Purpose};
use homeward_model::{Agency, Digest, Instant, Member, MemberId, MemberState};
use homeward_rules::record::RecordRules;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// Microseconds by which the note of the last call may be late: pages that follow each other write nothing.
const SEEN_EVERY: i64 = 30_000_000;

/// Whom a secret lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one for each request, and it is taken apart at once")]
pub enum Seat {
    /// The session is open.
    Open(Sitting),
    /// It idled or lasted too long, or the member or their agency has no access any more.
    Ended(MemberId),
    /// There is no such session.
    None,
}

/// An open session as its member sees it from another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// When the member signed in.
    pub opened: Instant,
    /// When it was last used, half a minute late at most.
    pub seen: Instant,
    /// From which address.
    pub from: String,
}

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Who acts.
    pub actor: Actor,
    /// The member's name, as shown.
    pub name: String,
    /// What the member said the session is for.
    pub purpose: Option<Purpose>,
    /// When the member signed in.
    pub opened: Instant,
}

/// Whether a session is over by its age or its silence.
fn is_over(row: &session::Model, now: Instant) -> bool {
    let rules = &RecordRules::embedded().sessions;
    now >= Instant(row.seen_at).plus(rules.idle_lock.span)
        || now >= Instant(row.made_at).plus(rules.reauthenticate.span)
}

/// Sessions that are over by their age or their silence at a moment.
fn over(now: Instant) -> Condition {
    let rules = &RecordRules::embedded().sessions;
    Condition::any()
        .add(session::Column::SeenAt.lte(now.minus(rules.idle_lock.span).0))
        .add(session::Column::MadeAt.lte(now.minus(rules.reauthenticate.span).0))
}

/// Ends a member's sessions where they stand: none goes on when the account is released.
pub(crate) async fn shut(connection: &impl ConnectionTrait, member: MemberId) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::SeenAt, Expr::value(0))
        .filter(session::Column::Member.eq(bytes(member.bits())))
        .exec(connection)
        .await?;
    Ok(())
}

fn place(secret_hash: &[u8]) -> String {
    format!("purpose {}", Digest::of(secret_hash).hex())
}

impl Store {
    /// Opens a session for a member who proved who they are, and was not locked meanwhile. Those of theirs that are over go.
    pub async fn open_session(&self, outside: Outside<'_>, member: MemberId, secret: &[u8]) -> Result<()> {
        let row = session::ActiveModel {
            secret_hash: Set(Digest::of(secret).0.to_vec()),
            member: Set(bytes(member.bits())),
            made_at: Set(outside.now.0),
            seen_at: Set(outside.now.0),
            from_address: Set(outside.from.to_owned()),
            purpose: Set(None),
        };
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let held = write.find::<Member>(member.bits()).await?;
            if held.is_some_and(|held| matches!(held.noun.state(), MemberState::Locked { .. })) {
                return Err(StoreError::NotFound { noun: Member::NOUN });
            }
            session::Entity::delete_many()
                .filter(session::Column::Member.eq(bytes(member.bits())))
                .filter(over(outside.now))
                .exec(write.connection())
                .await?;
            session::Entity::insert(row).exec_without_returning(write.connection()).await?;
            write.say("open session", Member::KIND, Some(member.bits()), &[]);
            Ok(())
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Who acts in a session. What they then do leaves its own entries.
    pub async fn session(&self, outside: Outside<'_>, secret: &[u8]) -> Result<Seat> {
        self.seat(outside, secret, true).await
    }

    /// The same for a request that nobody made, such as a page that refreshes by itself: the session idles on.
    pub async fn watched_session(&self, outside: Outside<'_>, secret: &[u8]) -> Result<Seat> {
        self.seat(outside, secret, false).await
    }

    async fn seat(&self, outside: Outside<'_>, secret: &[u8], active: bool) -> Result<Seat> {
        let id = Digest::of(secret).0.to_vec();
        let Some(row) = session::Entity::find_by_id(id).one(self.connection()).await? else {
            return Ok(Seat::None);
        };
        let id = bits(&row.member).ok_or_else(|| broken("its member has not 16 bytes"))?;
        let ended = Seat::Ended(MemberId::from_bits(id));
        if is_over(&row, outside.now) {
            return Ok(ended);
        }
        let Some(Held { noun: member, .. }) =
            record::load::<Member>(self.connection(), self.keys(), id).await?
        else {
            return Ok(ended);
        };
        let agency = record::load::<Agency>(self.connection(), self.keys(), member.agency.bits()).await?;
        let agency = agency.filter(|held| held.noun.takes_part());
        let Some(actor) =
            agency.and_then(|held| Actor::in_session(&member, &held.noun, Instant(row.made_at), outside.now))
        else {
            return Ok(ended);
        };
        let purpose = row.purpose.as_deref().map(|sealed| self.purpose(&row, id, sealed)).transpose()?;
        if active && outside.now.0.saturating_sub(row.seen_at) > SEEN_EVERY {
            // Only forward, and not when the session was shut meanwhile.
            session::Entity::update_many()
                .col_expr(session::Column::SeenAt, Expr::value(outside.now.0))
                .filter(session::Column::SecretHash.eq(row.secret_hash))
                .filter(session::Column::SeenAt.eq(row.seen_at))
                .exec(self.connection())
                .await?;
        }
        Ok(Seat::Open(Sitting { actor, name: member.name, purpose, opened: Instant(row.made_at) }))
    }

    fn purpose(&self, row: &session::Model, member: u128, sealed: &[u8]) -> Result<Purpose> {
        let text = self.keys().open_text("member", member, &place(&row.secret_hash), sealed)?;
        let value = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
        Purpose::read(&value).map_err(|Broken(because)| broken(because))
    }

    /// Keeps what a member says an open session is for. The written reason stays out of the trail, as everywhere.
    pub async fn set_purpose(&self, outside: Outside<'_>, secret: &[u8], purpose: &Purpose) -> Result<()> {
        let id = Digest::of(secret).0.to_vec();
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let row = session::Entity::find_by_id(id.clone()).one(write.connection()).await?;
            let row = row.filter(|row| !is_over(row, outside.now));
            let row = row.ok_or(StoreError::NotFound { noun: "session" })?;
            let member = bits(&row.member).ok_or_else(|| broken("its member has not 16 bytes"))?;
            let text = purpose.write().to_string();
            let sealed = self.keys().seal("member", member, &place(&id), text.as_bytes())?;
            session::Entity::update_many()
                .col_expr(session::Column::Purpose, Expr::value(sealed))
                .filter(session::Column::SecretHash.eq(id))
                .exec(write.connection())
                .await?;
            let mut more = vec![("purpose", purpose.kind.to_string())];
            more.extend(purpose.basis.map(|basis| match basis {
                Basis::Lead(id) => ("basis", id.to_string()),
                Basis::Case(id) => ("basis", id.to_string()),
                Basis::Report(id) => ("basis", id.to_string()),
            }));
            write.say("state purpose", Member::KIND, Some(member), &more);
            Ok(())
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Sessions of a member that are open, the newest first.
    pub async fn sessions_of(&self, outside: Outside<'_>, member: MemberId) -> Result<Vec<OpenSession>> {
        let rows = session::Entity::find()
            .filter(session::Column::Member.eq(bytes(member.bits())))
            .order_by_desc(session::Column::MadeAt)
            .all(self.connection())
            .await?;
        let entry = Entry::system(outside.from, "list sessions", Some(member.bits()), outside.now);
        self.note(entry.with("kind", Member::KIND)).await?;
        let open = rows.into_iter().filter(|row| !is_over(row, outside.now));
        Ok(open
            .map(|row| OpenSession {
                opened: Instant(row.made_at),
                seen: Instant(row.seen_at),
                from: row.from_address,
            })
            .collect())
    }

    /// Ends one session.
    pub async fn end_session(&self, outside: Outside<'_>, secret: &[u8]) -> Result<()> {
        let mut write = self.write_outside(outside).await?;
        let id = Digest::of(secret).0.to_vec();
        let done = session::Entity::delete_by_id(id).exec(write.connection()).await;
        write.say("end session", Member::KIND, None, &[]);
        write.finish(done.map(|_| ()).map_err(StoreError::from)).await
    }

    /// Ends all sessions of a member.
    pub async fn end_sessions(&self, outside: Outside<'_>, member: MemberId) -> Result<()> {
        let mut write = self.write_outside(outside).await?;
        let own = session::Column::Member.eq(bytes(member.bits()));
        let done = session::Entity::delete_many().filter(own).exec(write.connection()).await;
        write.say("end all sessions", Member::KIND, Some(member.bits()), &[]);
        write.finish(done.map(|_| ()).map_err(StoreError::from)).await
    }

    /// Removes sessions that are over for as long as a session may last; a worker calls it. Says how many.
    pub async fn sweep_sessions(&self, outside: Outside<'_>) -> Result<u64> {
        let long_ago = outside.now.minus(RecordRules::embedded().sessions.reauthenticate.span);
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let gone = session::Entity::delete_many().filter(over(long_ago)).exec(write.connection()).await?;
            let count = gone.rows_affected;
            write.say("sweep sessions", Member::KIND, None, &[("removed", count.to_string())]);
            Ok(count)
        };
        let done = done.await;
        write.finish(done).await
    }
}

fn broken(because: impl Into<String>) -> StoreError {
    StoreError::Inconsistent { table: "session", row: "one".to_owned(), because: because.into() }
}
