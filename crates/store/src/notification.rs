//! Notifications: pointers for one member. They are made by acts on other records, never by request.

use crate::body::{Body, Broken, Read, object, part};
use crate::record::{Held, Noun};
use crate::write::Write;
use crate::{Context, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{AgencyId, NOUNS, Notification, NotificationId};
use serde_json::Value;

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
            ("made", self.made.write()),
            ("read", self.read.write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Notification> {
        let noun: String = part(body, "noun")?;
        let known = NOUNS.iter().find(|known| **known == noun);
        Ok(Notification {
            id: NotificationId::from_bits(bits),
            to: part(body, "to")?,
            kind: part(body, "kind")?,
            noun: known.ok_or_else(|| Broken(format!("`{noun}` is no noun")))?,
            about: part(body, "about")?,
            made: part(body, "made")?,
            read: part(body, "read")?,
        })
    }
}

/// Tells a member of an organisation something as part of another act.
pub(crate) async fn tell(
    write: &mut Write<'_>,
    act: Act,
    notice: Notification,
    owner: AgencyId,
) -> Result<()> {
    let mut resource = Resource::owned(Kind::Notification, owner);
    notice.place(&mut resource);
    let request = notice.bits();
    write.keep(act, &Held { noun: notice, version: 1, resource }, &Value::from("Told"), request).await
}

impl Store {
    /// The actor's notifications, newest first.
    pub async fn notifications(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Notification>> {
        self.list(context, listed).await
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
