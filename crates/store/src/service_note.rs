//! Notes of victim service, behind the wall of their author's organisation.

use crate::body::{Body, Read, object, part};
use crate::record::{Held, Noun};
use crate::{Context, Listed, Page, Result, Store, wall};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{Grounds, NoteId, ServiceNote, VictimId, Walled};
use serde_json::Value;

impl Noun for ServiceNote {
    const KIND: Kind = Kind::ServiceNote;
    const NOUN: &'static str = "service note";
    const SEALED: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        "written".clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("victim", self.victim.write()),
            ("text", self.text.write()),
            ("corrects", self.corrects.write()),
            ("written", self.written.write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<ServiceNote> {
        Ok(ServiceNote {
            id: NoteId::from_bits(bits),
            victim: part(body, "victim")?,
            provider: resource.owner,
            text: part(body, "text")?,
            corrects: part(body, "corrects")?,
            written: part(body, "written")?,
        })
    }

    fn of(&self) -> Vec<u128> {
        vec![self.victim.bits()]
    }
}

impl Store {
    /// Writes a note about a victim whom the actor serves. The id comes from the client: the same note sent again is one.
    pub async fn write_service_note(
        &self,
        context: &Context<'_>,
        id: NoteId,
        victim: VictimId,
        text: Grounds,
        corrects: Option<NoteId>,
    ) -> Result<Held<ServiceNote>> {
        let mut write = self.write(context).await?;
        let done = async {
            wall::serves(&mut write, context, Act::WriteServiceNote, victim).await?;
            let resource = wall::behind(&write, context, Walled::ServiceNote, Some(victim)).await?;
            let (provider, written) = (resource.owner, write.stamp()?);
            let what = object([
                ("is", Value::from("Written")),
                ("victim", victim.write()),
                ("text", text.write()),
                ("corrects", corrects.write()),
            ]);
            let note = ServiceNote { id, victim, provider, text, corrects, written };
            write.create(Act::WriteServiceNote, note, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One note.
    pub async fn service_note(&self, context: &Context<'_>, id: NoteId) -> Result<Held<ServiceNote>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Notes that the actor may see, newest first.
    pub async fn service_notes(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<ServiceNote>> {
        self.list(context, listed).await
    }
}
