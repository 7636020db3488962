//! Names for ids: agencies and members, read anew when they are older than half a minute.

use crate::{Casework, Result};
use homeward_model::{AgencyId, AgencyKind, Instant, MemberId, Role};
use homeward_store::directory::{Directory, KnownAgency, KnownMember};
use std::sync::{Arc, Mutex, PoisonError};

/// Microseconds for which names are kept: a new colleague is shown by name within half a minute.
const KEPT: i64 = 30_000_000;

#[derive(Default)]
pub(crate) struct Cached(Mutex<Option<(Instant, Arc<Directory>)>>);

/// Who is who.
#[derive(Clone)]
pub struct Who(Arc<Directory>);

impl Casework {
    /// Who is who, as of now.
    pub async fn who(&self, now: Instant) -> Result<Who> {
        let held = self.0.who.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, directory)) = held.filter(|(at, _)| now.0 - at.0 < KEPT && now >= *at) {
            let _ = at;
            return Ok(Who(directory));
        }
        let directory = Arc::new(self.store().directory().await?);
        *self.0.who.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&directory)));
        Ok(Who(directory))
    }

    /// Forgets the names, so that a change of accounts shows at once.
    pub(crate) fn forget_who(&self) {
        *self.0.who.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Who {
    /// The name of a member; their id when nobody knows it.
    pub fn member(&self, id: MemberId) -> String {
        self.0.members.get(&id).map_or_else(|| id.to_string(), |member| member.name.clone())
    }

    /// The name of an agency; its id when nobody knows it.
    pub fn agency(&self, id: AgencyId) -> String {
        self.0.agencies.get(&id).map_or_else(|| id.to_string(), |agency| agency.name.clone())
    }

    /// An agency.
    pub fn known_agency(&self, id: AgencyId) -> Option<&KnownAgency> {
        self.0.agencies.get(&id)
    }

    /// A member.
    pub fn known_member(&self, id: MemberId) -> Option<&KnownMember> {
        self.0.members.get(&id)
    }

    /// The member with an address for sign-in.
    pub fn member_at(&self, email: &str) -> Option<&KnownMember> {
        self.0.members.values().find(|member| member.email.eq_ignore_ascii_case(email.trim()))
    }

    /// Agencies that take part and can work leads, by name.
    pub fn police(&self) -> Vec<&KnownAgency> {
        let works = |agency: &&KnownAgency| {
            agency.active
                && matches!(agency.kind, AgencyKind::Police | AgencyKind::Federal | AgencyKind::Clearinghouse)
        };
        let mut found: Vec<&KnownAgency> = self.0.agencies.values().filter(works).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Active members in a job, of any organisation, by name.
    pub fn in_job(&self, job: Role) -> Vec<&KnownMember> {
        let fits = |member: &&KnownMember| member.active && member.roles.contains(&job);
        let mut found: Vec<&KnownMember> = self.0.members.values().filter(fits).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Providers of services that take part, by name.
    pub fn providers(&self) -> Vec<&KnownAgency> {
        let serves = |agency: &&KnownAgency| agency.active && agency.kind == AgencyKind::Provider;
        let mut found: Vec<&KnownAgency> = self.0.agencies.values().filter(serves).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Agencies that take part, by name.
    pub fn active_agencies(&self) -> Vec<&KnownAgency> {
        let mut found: Vec<&KnownAgency> = self.0.agencies.values().filter(|agency| agency.active).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Every member that is known.
    pub(crate) fn all_members(&self) -> impl Iterator<Item = &KnownMember> {
        self.0.members.values()
    }

    /// Active members of an organisation, by name.
    pub fn colleagues(&self, agency: AgencyId) -> Vec<&KnownMember> {
        self.members_of(agency, Role::ALL)
    }

    /// Active members of an organisation who hold one of these jobs, by name.
    pub fn members_of(&self, agency: AgencyId, jobs: &[Role]) -> Vec<&KnownMember> {
        let fits = |member: &&KnownMember| {
            member.active && member.agency == agency && member.roles.iter().any(|role| jobs.contains(role))
        };
        let mut found: Vec<&KnownMember> = self.0.members.values().filter(fits).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }
}
