//! Telling people: a pointer to a record for each who must know, in the page, and as a draft of a letter without content.

use crate::{Casework, Context, Held, Listed, Page, Result};
use homeward_model::{AgencyId, MemberId, NoticeKind, Notification, NotificationId};
use homeward_store::notification::Notice;
use std::fmt::Display;

impl Casework {
    /// Tells members of a record after an act on it. Who did the act is not told of it. `cause` is the request of the act:
    /// the same act again tells nobody again.
    pub(crate) async fn tell(
        &self,
        context: &Context<'_>,
        cause: u128,
        kind: NoticeKind,
        noun: &'static str,
        about: impl Display,
        to: Vec<(MemberId, AgencyId)>,
    ) -> Result<Vec<MemberId>> {
        let about = about.to_string();
        let mut told = Vec::new();
        for (to, agency) in to.into_iter().filter(|(to, _)| *to != context.actor.member) {
            let notice = Notice { cause, to, agency, kind, noun, about: about.clone() };
            self.store().notify(context, notice).await?;
            told.push(to);
        }
        Ok(told)
    }

    /// The actor's notifications, unread ones first.
    pub async fn notices(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Notification>> {
        Ok(self.store().notifications(context, listed).await?)
    }

    /// Marks a notification as read.
    pub async fn mark_read(&self, context: &Context<'_>, id: NotificationId) -> Result<Held<Notification>> {
        Ok(self.store().mark_read(context, id).await?)
    }
}
