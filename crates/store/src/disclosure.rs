//! What had to be given away without a release. It lies behind the wall of whoever gave it, and no release opens it.

use crate::body::{Body, Broken, Read, enums, object, part, structs};
use crate::record::{Held, Noun, Revision};
use crate::{Context, Listed, Page, Result, Store, wall};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    Disclosure, DisclosureChange, DisclosureId, DisclosureTerms, Grounds, Instant, Telling, VictimId,
};
use serde_json::Value;

structs! { Telling { stamp, reached, said } }
enums! {
    DisclosureTerms {
        Compelled { order, court, issued, given, safety },
        Reported { to, by },
    }
    DisclosureChange { Recorded, Told(telling), Withdrawn(grounds) }
}

impl Noun for Disclosure {
    const KIND: Kind = Kind::Disclosure;
    const NOUN: &'static str = "disclosure";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("victim", self.victim.write()),
            ("called", self.called.write()),
            ("at", self.at.write()),
            ("terms", self.terms.write()),
            ("recorded", self.recorded.write()),
            ("told", self.told().to_vec().write()),
            ("withdrawn", self.withdrawn().cloned().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<Disclosure> {
        let called: String = part(body, "called")?;
        let whom = (part(body, "victim")?, called.as_str());
        let (at, terms, recorded) = (part(body, "at")?, part(body, "terms")?, part(body, "recorded")?);
        let id = DisclosureId::from_bits(bits);
        let made = Disclosure::record(id, resource.owner, whom, at, terms, recorded);
        let made = made.map_err(|refused| Broken(refused.to_string()))?.0;
        Ok(made.stored(part(body, "told")?, part(body, "withdrawn")?))
    }

    fn of(&self) -> Vec<u128> {
        self.victim.map(VictimId::bits).into_iter().collect()
    }
}

impl Store {
    /// Writes down what the actor's organisation had to give away of somebody whom it serves.
    pub async fn record_disclosure(
        &self,
        context: &Context<'_>,
        id: DisclosureId,
        (victim, called): (Option<VictimId>, &str),
        at: Instant,
        terms: DisclosureTerms,
    ) -> Result<Held<Disclosure>> {
        let mut write = self.write(context).await?;
        let done = async {
            if let Some(victim) = victim {
                wall::serves(&mut write, context, Act::KeepDisclosure, victim).await?;
            }
            let mut resource = Resource::owned(Kind::Disclosure, context.actor.organisation);
            resource.assigned = vec![context.actor.member];
            let what = object([
                ("is", Value::from("Recorded")),
                ("victim", victim.write()),
                ("called", called.trim().to_owned().write()),
                ("terms", terms.write()),
            ]);
            let (made, _) =
                Disclosure::record(id, resource.owner, (victim, called), at, terms, write.stamp()?)?;
            write.create(Act::KeepDisclosure, made, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Keeps that the person was told what was given of them, or that somebody tried.
    pub async fn tell_of_disclosure(
        &self,
        context: &Context<'_>,
        id: DisclosureId,
        revision: Revision,
        (reached, said): (bool, Grounds),
    ) -> Result<Held<Disclosure>> {
        let step = |made: Disclosure, stamp| Ok(made.tell(reached, said, stamp)?);
        self.change(context, Act::KeepDisclosure, id.bits(), revision, step).await
    }

    /// Withdraws one that was written down by mistake.
    pub async fn withdraw_disclosure(
        &self,
        context: &Context<'_>,
        id: DisclosureId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Disclosure>> {
        let step = |made: Disclosure, stamp| Ok(made.withdraw(grounds, stamp)?);
        self.change(context, Act::KeepDisclosure, id.bits(), revision, step).await
    }

    /// One disclosure.
    pub async fn disclosure(&self, context: &Context<'_>, id: DisclosureId) -> Result<Held<Disclosure>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Disclosures that the actor may see, newest first.
    pub async fn disclosures(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Disclosure>> {
        self.list(context, listed).await
    }
}
