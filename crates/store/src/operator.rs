//! What the operator of an installation does from its command line, where nobody has signed in yet: agencies, locked accounts, and purging.

use crate::audit::entry::Entry;
use crate::body::Body as _;
use crate::import::nobody;
use crate::record::{self, Held, Noun};
use crate::{Outside, Result, Store, StoreError};
use crate::{credential, purge};
use homeward_access::Act;
use homeward_model::{
    Agency, AgencyId, Digest, Grounds, Member, MissingReport, MissingReportId, MissingReportRecord, Ori,
    ReportState,
};

impl Store {
    /// Every agency, by id. Agencies are no people; the list is noted without them.
    pub async fn listed_agencies(&self, outside: Outside<'_>) -> Result<Vec<Held<Agency>>> {
        self.note(Entry::system(outside.from, "list agencies", None, outside.now)).await?;
        self.every().await
    }

    /// The agency with an ORI.
    pub async fn agency_of(&self, ori: &Ori) -> Result<Option<Held<Agency>>> {
        record::named(self.connection(), self.keys(), ori.as_str()).await
    }

    /// The operator records the signed terms of an agency; its members have access from then on.
    pub async fn admit_agency(
        &self,
        outside: Outside<'_>,
        id: AgencyId,
        terms: Digest,
    ) -> Result<Held<Agency>> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let Held { noun, version, mut resource } =
                write.get::<Agency>(Act::ManageAgency, id.bits()).await?;
            let (agency, change) = noun.join(terms, nobody(outside))?;
            agency.place(&mut resource);
            let held = Held { noun: agency, version: version + 1, resource };
            let request = id.bits().rotate_left(64) ^ held.version as u128;
            write.keep(Act::ManageAgency, &held, &change.what.write(), request).await?;
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The operator releases a locked account, by its address, where no administrator can. `None` when there is none.
    pub async fn release_account(
        &self,
        outside: Outside<'_>,
        email: &str,
        why: Grounds,
    ) -> Result<Option<Held<Member>>> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let found = record::there(write.find_named::<Member>(&email.trim().to_lowercase()).await)?;
            let Some(Held { noun, version, mut resource }) = found else { return Ok(None) };
            let id = noun.id;
            let (member, change) = noun.unlock(why, nobody(outside))?;
            member.place(&mut resource);
            let held = Held { noun: member, version: version + 1, resource };
            let request = id.bits().rotate_left(64) ^ held.version as u128;
            write.keep(Act::LockMember, &held, &change.what.write(), request).await?;
            credential::forgive(write.connection(), id).await?;
            Ok(Some(held))
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The operator purges a missing report for good: its key is destroyed. `false` when there is none.
    pub async fn destroy_report(
        &self,
        outside: Outside<'_>,
        id: MissingReportId,
        why: &Grounds,
    ) -> Result<bool> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let there = match write.find::<MissingReportRecord>(id.bits()).await {
                Ok(found) => found.is_some(),
                // A key that a crash left is destroyed below.
                Err(StoreError::Purged { .. }) => return Ok((false, true)),
                Err(error) => return Err(error),
            };
            if there {
                purge::empty(write.connection(), id.bits()).await?;
                // What was typed as a reason may name somebody: the trail holds its hash.
                let why = Digest::of(why.as_str().as_bytes()).hex();
                write.say("purge", MissingReportRecord::KIND, Some(id.bits()), &[("why", why)]);
            }
            Ok((there, there))
        };
        let done = done.await;
        let (purged, known) = write.finish(done).await?;
        if known && !self.keys().is_destroyed(id.bits()) {
            self.keys().destroy(id.bits())?;
        }
        Ok(purged)
    }

    /// A report as the engine reads it, for matching it alone. `None` when it was withdrawn or purged, or never was. In the
    /// trail by its id.
    pub async fn report_for_matching(
        &self,
        outside: Outside<'_>,
        id: MissingReportId,
    ) -> Result<Option<MissingReport>> {
        let held = record::load::<MissingReportRecord>(self.connection(), self.keys(), id.bits()).await;
        let held = record::there(held)?;
        let entry = Entry::system(outside.from, "match report", Some(id.bits()), outside.now);
        self.note(entry.with("kind", MissingReportRecord::KIND)).await?;
        let open = held.filter(|held| !matches!(held.noun.state(), ReportState::Withdrawn { .. }));
        Ok(open.map(|held| held.noun.for_matching()))
    }
}
