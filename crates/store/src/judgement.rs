//! Judgements: appended, undone, never overwritten.

use crate::body::{Body, Broken, Read, enums, object, part};
use crate::record::{Held, Noun, Revision};
use crate::result::later_than_fixed;
use crate::{Context, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{Grounds, Judged, Judgement, JudgementChange, JudgementId, Judgements, Verdict};
use serde_json::Value;

enums! { JudgementChange { Judged(judgement), Undone(id, grounds) } }

/// A judgement with all it says, as a change holds it.
impl Body for Judgement {
    fn write(&self) -> Value {
        let mut body = Noun::write(self);
        body["id"] = self.id.write();
        body
    }

    fn read(value: &Value) -> Read<Judgement> {
        read(part(value, "id")?, value)
    }
}

fn read(id: JudgementId, body: &Value) -> Read<Judgement> {
    let judgement = Judgement::new(
        id,
        (part(body, "left")?, part(body, "right")?),
        part(body, "verdict")?,
        part(body, "grounds")?,
        part(body, "stamp")?,
    );
    let judgement = judgement.map_err(|refused| Broken(refused.to_string()))?;
    Ok(judgement.stored(part(body, "undone")?))
}

impl Noun for Judgement {
    const KIND: Kind = Kind::Judgement;
    const NOUN: &'static str = "judgement";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        let word = if self.undone().is_some() { "undone" } else { "standing" };
        word.clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("left", self.pair().0.write()),
            ("right", self.pair().1.write()),
            ("verdict", self.verdict.write()),
            ("grounds", self.grounds.write()),
            ("stamp", self.stamp.write()),
            ("undone", self.undone().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Judgement> {
        read(JudgementId::from_bits(bits), body)
    }
}

impl Store {
    /// A person decides whether two records are the same.
    pub async fn judge(
        &self,
        context: &Context<'_>,
        id: JudgementId,
        pair: (Judged, Judged),
        verdict: Verdict,
        grounds: Grounds,
    ) -> Result<Held<Judgement>> {
        let mut write = self.write(context).await?;
        let done = async {
            later_than_fixed(&write, ("a judgement", "be made")).await?;
            let judgement = Judgement::new(id, pair, verdict, grounds, write.stamp()?)?;
            let (left, right) = judgement.pair();
            // What was decided, without when: so that the same request later is the same.
            let what = object([
                ("is", Value::from("Judged")),
                ("left", left.write()),
                ("right", right.write()),
                ("verdict", verdict.write()),
                ("grounds", judgement.grounds.write()),
            ]);
            let resource = Resource::owned(Kind::Judgement, context.actor.organisation);
            write.create(Act::Judge, judgement, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// A person undoes a judgement; what held before it holds again.
    pub async fn undo_judgement(
        &self,
        context: &Context<'_>,
        id: JudgementId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Judgement>> {
        let mut write = self.write(context).await?;
        let step = |judgement: Judgement, stamp| {
            let alone = Judgements::stored([judgement]);
            let (alone, change) = alone.undo(id, grounds, stamp)?;
            let undone = alone.all().next().expect("undoing keeps the judgement").clone();
            Ok((undone, change))
        };
        let done = async {
            later_than_fixed(&write, ("a judgement", "be undone")).await?;
            write.alter(Act::UndoJudgement, id.bits(), revision, step).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Judgements that the actor may see, newest first.
    pub async fn judgements(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Judgement>> {
        self.list(context, listed).await
    }
}
