//! Notifications: pointers for one member. They are made by acts on other records, never by request.

use crate::audit::entry::uuid;
use crate::body::{Body, Broken, Read, object, part};
use crate::record::{Held, Noun};
use crate::write::Write;
use crate::{Context, Listed, Outside, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgencyId, Digest, Disposition, Instant, MemberId, NOUNS, NoticeKind, Notification, NotificationId,
};
use serde_json::Value;
use std::fmt::Display;

impl Noun for Notification {
    const KIND: Kind = Kind::Notification;
    const NOUN: &'static str = "notification";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        let word = if self.read.is_some() { "read" } else { "unread" };
        word.clone_into(&mut resource.state);
        resource.assigned = vec![self.to];
    }

    fn write(&self) -> Value {
        object([
            ("to", self.to.write()),
            ("kind", self.kind.write()),
            ("noun", Value::from(self.noun)),
            ("about", self.about.write()),
            ("cause", self.cause.write()),
            ("made", self.made.write()),
            ("read", self.read.write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Notification> {
        let noun: String = part(body, "noun")?;
        let known = NOUNS.iter().chain([&Disposition::NOUN]).find(|known| **known == noun);
        Ok(Notification {
            id: NotificationId::from_bits(bits),
            to: part(body, "to")?,
            kind: part(body, "kind")?,
            noun: known.ok_or_else(|| Broken(format!("`{noun}` is no noun")))?,
            about: part(body, "about")?,
            cause: part(body, "cause")?,
            made: part(body, "made")?,
            read: part(body, "read")?,
        })
    }

    fn names(&self) -> Vec<String> {
        let parts = [&self.cause, self.kind.word(), self.noun, &self.about];
        let text = parts.map(str::as_bytes);
        let to = self.to.bits().to_be_bytes();
        vec![Digest::of_parts(text.into_iter().chain([&to[..]])).hex()]
    }
}

/// What a member is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The request, or the id, of the act from which it follows: told again for the same it is told once.
    pub cause: u128,
    /// Whom.
    pub to: MemberId,
    /// Their organisation.
    pub agency: AgencyId,
    /// What it is about.
    pub kind: NoticeKind,
    /// The noun of the record it points to, as in [`NOUNS`].
    pub noun: &'static str,
    /// The record's id.
    pub about: String,
}

/// Tells a member something as part of another act; once for each cause.
pub(crate) async fn tell(
    write: &mut Write<'_>,
    act: impl Display,
    notice: Notice,
    now: Instant,
) -> Result<NotificationId> {
    let Notice { cause, to, agency, kind, noun, about } = notice;
    let notice = Notification {
        id: NotificationId::from_bits(0),
        to,
        kind,
        noun,
        about,
        cause: uuid(cause),
        made: now,
        read: None,
    };
    let name = notice.names().concat();
    if let Some(there) = write.find_named::<Notification>(&name).await? {
        return Ok(there.noun.id);
    }
    // The newest come first by their ids; the rest of the id follows from the name.
    let hash = Digest::of(name.as_bytes());
    let id = NotificationId::new(now, hash.bits());
    let notice = Notification { id, ..notice };
    let mut resource = Resource::owned(Kind::Notification, agency);
    notice.place(&mut resource);
    let held = Held { noun: notice, version: 1, resource };
    write.keep(act, &held, &Value::from("Told"), id.bits()).await?;
    Ok(id)
}

impl Store {
    /// Tells a member what follows from an act that the actor was allowed: a pointer, and nothing of the record. The same
    /// cause again changes nothing.
    pub async fn notify(&self, context: &Context<'_>, notice: Notice) -> Result<NotificationId> {
        let mut write = self.write(context).await?;
        let done = tell(&mut write, "notify", notice, context.now).await;
        write.finish(done).await
    }

    /// Tells a member something when nobody acted, such as that a clock runs out; a worker calls it.
    pub async fn remind(&self, outside: Outside<'_>, notice: Notice) -> Result<NotificationId> {
        let mut write = self.write_outside(outside).await?;
        let done = tell(&mut write, "notify", notice, outside.now).await;
        write.finish(done).await
    }

    /// The actor's notifications, newest first; where no state is asked for, the first page has the unread ones before those
    /// that were read, and later pages go on through those that were read.
    pub async fn notifications(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Notification>> {
        if !listed.states.is_empty() {
            return self.list(context, listed).await;
        }
        let of = |state: &str, limit| Listed { states: vec![state.to_owned()], limit, ..listed.clone() };
        if listed.after.is_some() {
            return self.list(context, &of("read", listed.limit)).await;
        }
        let limit = listed.most();
        let mut page = self.list(context, &of("unread", limit)).await?;
        let room = limit - page.records.len() as u64;
        page.next = None;
        if room > 0 {
            let read = self.list(context, &of("read", room)).await?;
            page.next = read.next;
            page.records.extend(read.records);
        }
        Ok(page)
    }

    /// How many notifications the actor has not read.
    pub async fn unread_count(&self, context: &Context<'_>) -> Result<u64> {
        let unread = Listed { states: vec!["unread".to_owned()], ..Listed::default() };
        let counts = self.counts::<Notification>(context, &unread).await?;
        Ok(counts.iter().map(|counted| counted.count).sum())
    }

    /// Marks one as read; again it changes nothing.
    pub async fn mark_read(&self, context: &Context<'_>, id: NotificationId) -> Result<Held<Notification>> {
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.get::<Notification>(Act::MarkRead, id.bits()).await?;
            if held.noun.read.is_some() {
                return Ok(held);
            }
            let noun = held.noun.mark_read(context.now);
            let mut resource = held.resource;
            noun.place(&mut resource);
            let held = Held { noun, version: held.version + 1, resource };
            write.keep(Act::MarkRead, &held, &Value::from("Read"), !id.bits()).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }
}
