//! Agencies and providers. They are listed by the operator and managed by administrators.

use crate::body::{Body, Broken, Read, enums, object, part, words};
use crate::record::{Held, Noun, Revision};
use crate::{Context, Listed, Outside, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{Agency, AgencyChange, AgencyId, AgencyKind, AgencyState, Digest, Grounds};
use serde_json::Value;

words! { AgencyKind }
enums! {
    AgencyState { Listed, Active { terms, since }, Suspended { terms, since }, Ended { since } }
    AgencyChange { Joined(terms), Suspended(grounds), Resumed(grounds), Ended(grounds) }
}

impl Noun for Agency {
    const KIND: Kind = Kind::Agency;
    const NOUN: &'static str = "agency";

    fn bits(&self) -> u128 {
        self.id.bits()
    }

    fn place(&self, resource: &mut Resource) {
        self.state().word().clone_into(&mut resource.state);
    }

    fn write(&self) -> Value {
        object([
            ("ori", self.ori.write()),
            ("name", self.name.write()),
            ("kind", self.kind.write()),
            ("state", self.state().write()),
        ])
    }

    fn read(bits: u128, _: &Resource, body: &Value) -> Read<Agency> {
        let (ori, name, kind) = (part(body, "ori")?, part(body, "name")?, part(body, "kind")?);
        let agency = Agency::list(AgencyId::from_bits(bits), ori, name, kind);
        Ok(agency.map_err(|bad| Broken(bad.to_string()))?.stored(part(body, "state")?))
    }

    fn names(&self) -> Vec<String> {
        self.ori.iter().map(|ori| ori.as_str().to_owned()).collect()
    }
}

impl Store {
    /// The operator lists an agency. It has signed nothing yet; another with the same ORI is refused.
    pub async fn list_agency(&self, outside: Outside<'_>, agency: Agency) -> Result<Held<Agency>> {
        let what = object([("is", Value::from("Listed")), ("agency", Noun::write(&agency))]);
        let resource = Resource::owned(Kind::Agency, agency.id);
        let mut write = self.write_outside(outside).await?;
        let done = write.create(Act::ManageAgency, agency, resource, &what).await;
        write.finish(done).await
    }

    /// One agency.
    pub async fn agency(&self, context: &Context<'_>, id: AgencyId) -> Result<Held<Agency>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Agencies that the actor may see, newest first.
    pub async fn agencies(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Agency>> {
        self.list(context, listed).await
    }

    /// Records signed terms.
    pub async fn join_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        terms: Digest,
    ) -> Result<Held<Agency>> {
        let step = |agency: Agency, stamp| Ok(agency.join(terms, stamp)?);
        self.change(context, Act::ManageAgency, id.bits(), revision, step).await
    }

    /// Keeps an agency's members out for a while.
    pub async fn suspend_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Agency>> {
        let step = |agency: Agency, stamp| Ok(agency.suspend(grounds, stamp)?);
        self.change(context, Act::ManageAgency, id.bits(), revision, step).await
    }

    /// Lets a suspended agency's members in again, on the terms it signed.
    pub async fn resume_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Agency>> {
        let step = |agency: Agency, stamp| Ok(agency.resume(grounds, stamp)?);
        self.change(context, Act::ManageAgency, id.bits(), revision, step).await
    }

    /// Ends an agency's part. Its records stay its own; only new terms let its members in again.
    pub async fn end_agency(
        &self,
        context: &Context<'_>,
        id: AgencyId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Agency>> {
        let step = |agency: Agency, stamp| Ok(agency.end(grounds, stamp)?);
        self.change(context, Act::ManageAgency, id.bits(), revision, step).await
    }
}
