//! A provider's own records of the people it serves, under keys that lie in a file of its own (`keys::Keys::of`). No
//! part of one is ever matched, searched or hashed, and nothing else holds its client's name.

use crate::body::{Body, Broken, Read, enums, object, part, structs};
use crate::record::{Held, Noun, Revision};
use crate::{Context, Count, Listed, Page, Result, Store, wall};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{ProviderChange, ProviderRecord, ProviderRecordId, ProviderTerms, VictimId, Walled};
use serde_json::Value;

structs! { ProviderTerms { client, text } }
enums! { ProviderChange { Begun, Written(before) } }

impl Noun for ProviderRecord {
    const KIND: Kind = Kind::ProviderRecord;
    const NOUN: &'static str = "provider record";
    const SEALED: bool = true;
    const OWN_KEYS: bool = true;

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        "kept".clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("victim", self.victim.write()),
            ("begun", self.begun.write()),
            ("terms", self.terms().write()),
        ])
    }

    fn read(bits: u128, resource: &Resource, body: &Value) -> Read<ProviderRecord> {
        let (victim, terms, begun) = (part(body, "victim")?, part(body, "terms")?, part(body, "begun")?);
        let id = ProviderRecordId::from_bits(bits);
        let record = ProviderRecord::begin(id, resource.owner, victim, terms, begun);
        Ok(record.map_err(|refused| Broken(refused.to_string()))?.0)
    }

    fn of(&self) -> Vec<u128> {
        self.victim.map(VictimId::bits).into_iter().collect()
    }
}

impl Store {
    /// A provider begins a record of a person whom it serves; of a victim only when a standing referral sent them.
    pub async fn begin_provider_record(
        &self,
        context: &Context<'_>,
        id: ProviderRecordId,
        victim: Option<VictimId>,
        terms: ProviderTerms,
    ) -> Result<Held<ProviderRecord>> {
        let mut write = self.write(context).await?;
        let done = async {
            if let Some(victim) = victim {
                wall::serves(&mut write, context, Act::WriteProviderRecord, victim).await?;
            }
            let resource = wall::behind(&write, context, Walled::ProviderRecord, victim).await?;
            let what =
                object([("is", Value::from("Begun")), ("victim", victim.write()), ("terms", terms.write())]);
            let (record, _) = ProviderRecord::begin(id, resource.owner, victim, terms, write.stamp()?)?;
            write.create(Act::WriteProviderRecord, record, resource, &what).await
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Writes a record anew; what it said before stays in its changes.
    pub async fn write_provider_record(
        &self,
        context: &Context<'_>,
        id: ProviderRecordId,
        revision: Revision,
        terms: ProviderTerms,
    ) -> Result<Held<ProviderRecord>> {
        let step = |record: ProviderRecord, stamp| Ok(record.write(terms, stamp)?);
        self.change(context, Act::WriteProviderRecord, id.bits(), revision, step).await
    }

    /// One record.
    pub async fn provider_record(
        &self,
        context: &Context<'_>,
        id: ProviderRecordId,
    ) -> Result<Held<ProviderRecord>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Records that the actor may see, newest first.
    pub async fn provider_records(
        &self,
        context: &Context<'_>,
        listed: &Listed,
    ) -> Result<Page<ProviderRecord>> {
        self.list(context, listed).await
    }

    /// How many such records the actor may see, by state. None is opened for it.
    pub async fn count_provider_records(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<ProviderRecord>(context, listed).await
    }
}
