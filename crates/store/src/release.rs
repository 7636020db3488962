//! Releases: the only door in the wall of victim service. Recording one opens, and revoking it closes, in the same act.

use crate::body::{Body, Read, enums, object, part, structs, words};
use crate::record::{Held, Noun, Revision};
use crate::{Context, Listed, Page, Result, Store, wall};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{Release, ReleaseChange, ReleaseId, ReleaseTerms, Signature, Walled};
use homeward_rules::record::RecordRules;
use serde_json::Value;

words! { Walled }
structs! {
    ReleaseTerms { victim, provider, receivers, covers, purpose, window, kept, document, informed, signature }
}
enums! {
    Signature { Adult, MinorAndGuardian { guardian, not_the_abuser }, MinorAlone { law } }
    ReleaseChange { Recorded(terms), Revoked }
}

impl Noun for Release {
    const KIND: Kind = Kind::Release;
    const NOUN: &'static str = "release";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        let word = if self.revoked().is_some() { "revoked" } else { "recorded" };
        word.clone_into(&mut resource.state);
        // Who may read by it sees its limits.
        let window = self.standing();
        let receivers = self.terms().receivers.iter();
        resource.releases =
            receivers.filter_map(|receiver| window.map(|window| (*receiver, window))).collect();
    }

    fn write(&self) -> Value {
        object([
            ("recorded", self.recorded.write()),
            ("terms", self.terms().write()),
            ("revoked", self.revoked().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Release> {
        let (recorded, terms) = (part(body, "recorded")?, part(body, "terms")?);
        Ok(Release::stored(ReleaseId::from_bits(bits), recorded, terms, part(body, "revoked")?))
    }

    fn of(&self) -> Vec<u128> {
        vec![self.terms().victim.bits()]
    }
}

impl Store {
    /// Records a release of what the actor's organisation keeps of a victim whom they serve. Its provider is that organisation,
    /// whatever the terms say.
    pub async fn record_release(
        &self,
        context: &Context<'_>,
        id: ReleaseId,
        terms: ReleaseTerms,
    ) -> Result<Held<Release>> {
        let mut write = self.write(context).await?;
        let done = async {
            let provider = context.actor.organisation;
            let terms = ReleaseTerms { provider, ..terms };
            let victim = wall::serves(&mut write, context, Act::RecordRelease, terms.victim).await?;
            let longest = RecordRules::embedded().clocks.release_longest.span;
            let (age, stamp) = (victim.noun.age_at(context.now), write.stamp()?);
            let (release, change) = Release::record(id, terms, age, longest, stamp)?;
            let mut resource = Resource::owned(Kind::Release, provider);
            resource.assigned = vec![context.actor.member];
            let held = write.create(Act::RecordRelease, release, resource, &change.what.write()).await?;
            wall::let_in(&write, held.noun.terms().victim, provider).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The victim takes a release back. It works at once: whoever read by it reads no more.
    pub async fn revoke_release(
        &self,
        context: &Context<'_>,
        id: ReleaseId,
        revision: Revision,
    ) -> Result<Held<Release>> {
        let step = |release: Release, stamp| Ok(release.revoke(stamp)?);
        let mut write = self.write(context).await?;
        let done = async {
            let held = write.alter(Act::RevokeRelease, id.bits(), revision, step).await?;
            wall::let_in(&write, held.noun.terms().victim, held.noun.terms().provider).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One release.
    pub async fn release(&self, context: &Context<'_>, id: ReleaseId) -> Result<Held<Release>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Releases that the actor may see, newest first.
    pub async fn releases(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Release>> {
        self.list(context, listed).await
    }
}
