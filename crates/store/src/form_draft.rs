//! Half filled forms: when a session ends under somebody's hands, what they wrote waits for them, and for nobody else.
//! Encrypted under the member's own key; gone after a week.

use crate::connection::bytes;
use crate::record::Noun;
use crate::schema::form_draft as row;
use crate::{Outside, Result, Store, StoreError};
use homeward_model::{Digest, Instant, Member, MemberId, Refused};
use homeward_rules::record::RecordRules;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// A form as its member left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptForm {
    /// The path of its page.
    pub path: String,
    /// What was filled in, as the browser sent it.
    pub body: Vec<u8>,
    /// When it was kept.
    pub at: Instant,
}

const PLACE: &str = "half filled form";

/// Forms kept at this moment or before are gone.
fn last_gone(now: Instant) -> i64 {
    now.minus(RecordRules::embedded().sessions.form_kept.span).0
}

fn broken(because: &str) -> StoreError {
    StoreError::Inconsistent { table: "form_draft", row: "one".to_owned(), because: because.to_owned() }
}

impl Store {
    /// Keeps a form for a member; one of the same page is replaced, and the oldest make room when there are too many.
    pub async fn keep_form(
        &self,
        outside: Outside<'_>,
        member: MemberId,
        path: &str,
        body: &[u8],
    ) -> Result<()> {
        let rules = &RecordRules::embedded().sessions;
        let most = rules.form_kibibytes.count;
        if path.len() + body.len() > most as usize * 1024 {
            return Err(Refused::new("form to keep", format!("it has more than {most} KiB")).into());
        }
        let length = path.len() as u64;
        let text = [&length.to_be_bytes()[..], path.as_bytes(), body].concat();
        let form = row::ActiveModel {
            member: Set(bytes(member.bits())),
            page: Set(Digest::of(path.as_bytes()).0.to_vec()),
            at: Set(outside.now.0),
            body: Set(self.keys().seal("member", member.bits(), PLACE, &text)?),
        };
        let replace = OnConflict::columns([row::Column::Member, row::Column::Page])
            .update_columns([row::Column::At, row::Column::Body])
            .to_owned();
        let mut write = self.write_outside(outside).await?;
        let done = async {
            row::Entity::insert(form).on_conflict(replace).exec_without_returning(write.connection()).await?;
            make_room(write.connection(), member, u64::from(rules.forms_per_member.count)).await?;
            write.say("keep form", Member::KIND, Some(member.bits()), &[]);
            Ok(())
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The form that a member left last.
    pub async fn form(&self, outside: Outside<'_>, member: MemberId) -> Result<Option<KeptForm>> {
        let row = row::Entity::find()
            .filter(row::Column::Member.eq(bytes(member.bits())))
            .filter(row::Column::At.gt(last_gone(outside.now)))
            .order_by_desc(row::Column::At)
            .one(self.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let text = self.keys().open_text("member", member.bits(), PLACE, &row.body)?;
        let (length, rest) = text.split_first_chunk().ok_or_else(|| broken("it is too short"))?;
        let length = u64::from_be_bytes(*length) as usize;
        let (path, body) = rest.split_at_checked(length).ok_or_else(|| broken("it is too short"))?;
        let path = String::from_utf8(path.to_vec()).map_err(|_| broken("its path is no text"))?;
        self.say_form("read form", outside, member).await?;
        Ok(Some(KeptForm { path, body: body.to_vec(), at: Instant(row.at) }))
    }

    async fn say_form(&self, act: &str, outside: Outside<'_>, member: MemberId) -> Result<()> {
        let entry = crate::audit::entry::Entry::system(outside.from, act, Some(member.bits()), outside.now);
        self.note(entry.with("kind", Member::KIND)).await
    }

    /// Drops the form of a page once it was sent, or its member wants it no more.
    pub async fn drop_form(&self, outside: Outside<'_>, member: MemberId, path: &str) -> Result<()> {
        let page = (bytes(member.bits()), Digest::of(path.as_bytes()).0.to_vec());
        let mut write = self.write_outside(outside).await?;
        let done = row::Entity::delete_by_id(page).exec(write.connection()).await;
        write.say("drop form", Member::KIND, Some(member.bits()), &[]);
        write.finish(done.map(|_| ()).map_err(StoreError::from)).await
    }

    /// Removes forms whose time is over; a worker calls it. Says how many.
    pub async fn sweep_forms(&self, outside: Outside<'_>) -> Result<u64> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let over = row::Column::At.lte(last_gone(outside.now));
            let gone = row::Entity::delete_many().filter(over).exec(write.connection()).await?;
            let count = gone.rows_affected;
            write.say("sweep forms", Member::KIND, None, &[("removed", count.to_string())]);
            Ok(count)
        };
        let done = done.await;
        write.finish(done).await
    }
}

/// Drops the oldest forms of a member beyond the number that may wait.
async fn make_room(connection: &impl ConnectionTrait, member: MemberId, most: u64) -> Result<()> {
    let own = row::Column::Member.eq(bytes(member.bits()));
    let too_many: Vec<Vec<u8>> = row::Entity::find()
        .select_only()
        .column(row::Column::Page)
        .filter(own.clone())
        .order_by_desc(row::Column::At)
        .order_by_asc(row::Column::Page)
        .offset(most)
        .limit(1000)
        .into_tuple()
        .all(connection)
        .await?;
    if !too_many.is_empty() {
        let oldest = row::Column::Page.is_in(too_many);
        row::Entity::delete_many().filter(own).filter(oldest).exec(connection).await?;
    }
    Ok(())
}
