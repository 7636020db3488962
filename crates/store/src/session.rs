//! Sessions, kept by the hash of their secret: who reads the table can open none.

use crate::connection::{bits, bytes};
use crate::record::{self, Noun};
use crate::schema::session;
use crate::{Outside, Result, Store, StoreError};
use homeward_access::Actor;
use homeward_model::{Digest, Instant, Member, MemberId};
use homeward_rules::record::RecordRules;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};

impl Store {
    /// Opens a session for a member who proved who they are.
    pub async fn open_session(&self, outside: Outside<'_>, member: MemberId, secret: &[u8]) -> Result<()> {
        let row = session::ActiveModel {
            secret_hash: Set(Digest::of(secret).0.to_vec()),
            member: Set(bytes(member.bits())),
            made_at: Set(outside.now.0),
            seen_at: Set(outside.now.0),
            from_address: Set(outside.from.to_owned()),
        };
        let mut write = self.write_outside(outside).await?;
        let done = session::Entity::insert(row).exec_without_returning(write.connection()).await;
        write.say("open session", Member::KIND, Some(member.bits()), &[]);
        write.finish(done.map(|_| ()).map_err(StoreError::from)).await
    }

    /// Who acts in a session; `None` when it idled or lasted too long, or the member has no access any more. What they then
    /// do leaves its own entries.
    pub async fn session(&self, outside: Outside<'_>, secret: &[u8]) -> Result<Option<Actor>> {
        let id = Digest::of(secret).0.to_vec();
        let Some(row) = session::Entity::find_by_id(id).one(self.connection()).await? else {
            return Ok(None);
        };
        let rules = &RecordRules::embedded().sessions;
        let now = outside.now;
        let alive = now < Instant(row.seen_at).plus(rules.idle_lock.span)
            && now < Instant(row.made_at).plus(rules.reauthenticate.span);
        if !alive {
            session::Entity::delete_by_id(row.secret_hash).exec(self.connection()).await?;
            return Ok(None);
        }
        let member = bits(&row.member).unwrap_or_default();
        let held = record::load::<Member>(self.connection(), self.keys(), member).await?;
        let seen = session::ActiveModel {
            secret_hash: Set(row.secret_hash),
            seen_at: Set(now.0),
            ..Default::default()
        };
        seen.update(self.connection()).await?;
        Ok(held.and_then(|held| Actor::of(&held.noun, now)))
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
}
