//! Drafted announcements, encrypted until they are public: what a draft tells may not be known yet.

use crate::body::{Body, Read, enums, object, part};
use crate::record::{Held, Noun, Revision};
use crate::{Context, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{Draft, DraftChange, DraftId, DraftState, Grounds, PeriodId};
use serde_json::Value;

enums! {
    DraftState { Drafted, Approved { approved }, Published { published }, Discarded { discarded } }
    DraftChange { Written(text), Approved, Published, Discarded(grounds) }
}

impl Noun for Draft {
    const KIND: Kind = Kind::Draft;
    const NOUN: &'static str = "draft";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("period", self.period.write()),
            ("text", self.text().to_owned().write()),
            ("written", self.written().write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Draft> {
        let (period, text, written) = (part(body, "period")?, part(body, "text")?, part(body, "written")?);
        let (draft, _) = Draft::write(DraftId::from_bits(bits), period, text, written);
        Ok(draft.stored(part(body, "state")?))
    }
}

impl Store {
    /// A member writes a draft.
    pub async fn write_draft(
        &self,
        context: &Context<'_>,
        id: DraftId,
        period: PeriodId,
        text: String,
    ) -> Result<Held<Draft>> {
        let mut write = self.write(context).await?;
        let done = async {
            let (draft, change) = Draft::write(id, period, text, write.stamp()?);
            let resource = Resource::owned(Kind::Draft, context.actor.organisation);
            write.create(Act::WriteDraft, draft, resource, &change.what.write()).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One draft.
    pub async fn draft(&self, context: &Context<'_>, id: DraftId) -> Result<Held<Draft>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Drafts that the actor may see, newest first.
    pub async fn drafts(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Draft>> {
        self.list(context, listed).await
    }

    /// Changes the text of a draft.
    pub async fn rewrite_draft(
        &self,
        context: &Context<'_>,
        id: DraftId,
        revision: Revision,
        text: String,
    ) -> Result<Held<Draft>> {
        let step = |draft: Draft, stamp| Ok(draft.rewrite(text, stamp)?);
        self.change(context, Act::WriteDraft, id.bits(), revision, step).await
    }

    /// Approves a draft.
    pub async fn approve_draft(
        &self,
        context: &Context<'_>,
        id: DraftId,
        revision: Revision,
    ) -> Result<Held<Draft>> {
        let step = |draft: Draft, stamp| Ok(draft.approve(stamp)?);
        self.change(context, Act::ApproveDraft, id.bits(), revision, step).await
    }

    /// Makes a draft public.
    pub async fn publish_draft(
        &self,
        context: &Context<'_>,
        id: DraftId,
        revision: Revision,
    ) -> Result<Held<Draft>> {
        let step = |draft: Draft, stamp| Ok(draft.publish(stamp)?);
        self.change(context, Act::PublishDraft, id.bits(), revision, step).await
    }

    /// Does not use a draft.
    pub async fn discard_draft(
        &self,
        context: &Context<'_>,
        id: DraftId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Draft>> {
        let step = |draft: Draft, stamp| Ok(draft.discard(grounds, stamp)?);
        self.change(context, Act::WriteDraft, id.bits(), revision, step).await
    }
}
