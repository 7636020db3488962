//! What the stories of casework share: a record in a fresh folder, two agencies, and people with their jobs.

use crate::install::{NewAccount, NewAgency};
use crate::{Casework, Context, Outside, Store, StoreOptions};
use homeward_access::{Actor, Purpose, PurposeKind};
use homeward_model::{AgencyId, AgencyKind, Instant, MemberId, MemberScope, Role, Roles};

pub(crate) const EAST: AgencyId = AgencyId::from_bits(0xea57);
pub(crate) const WEST: AgencyId = AgencyId::from_bits(0x3e57);

/// A moment of the day on which the stories play.
pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(&format!("2026-11-24 {text}")).unwrap()
}

/// Somebody in a job.
pub(crate) struct Person {
    pub(crate) actor: Actor,
    pub(crate) purpose: Purpose,
}

impl Person {
    pub(crate) fn at(&self, now: Instant) -> Context<'_> {
        Context { actor: &self.actor, purpose: &self.purpose, from: "198.51.100.7", now }
    }
}

/// A record with two agencies.
pub(crate) struct Fresh {
    pub(crate) casework: Casework,
    _folder: tempfile::TempDir,
}

impl Fresh {
    pub(crate) async fn open() -> Fresh {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let url = format!("sqlite:{}", file("record.db").display());
        let options = StoreOptions {
            audit_key_path: file("audit-key"),
            witness: Some(file("witness")),
            key_file: file("keys"),
        };
        let store = Store::open(&url, options).await.unwrap();
        let casework = Casework::new(store, folder.path(), EAST, None);
        for (id, ori, name) in [(EAST, "NC0600100", "East Police"), (WEST, "SC0460100", "West Police")] {
            let agency = NewAgency { id, ori: Some(ori), name, kind: AgencyKind::Police, terms: "terms" };
            casework.install_agency(outside(), agency).await.unwrap();
        }
        Fresh { casework, _folder: folder }
    }

    /// Somebody with an account.
    pub(crate) async fn person(
        &self,
        number: u128,
        name: &str,
        agency: AgencyId,
        role: Role,
        purpose: PurposeKind,
    ) -> Person {
        let id = MemberId::from_bits(number);
        let email = format!("member{number}@example.org");
        let account = NewAccount {
            id,
            name,
            email: &email,
            agency,
            roles: &[role],
            scope: MemberScope::default(),
            password: "a long enough pass phrase",
            one_time_secret: None,
        };
        self.casework.install_account(outside(), account).await.unwrap();
        let actor = Actor {
            member: id,
            roles: Roles::new(vec![role]).unwrap(),
            organisation: agency,
            provider: false,
            task_forces: Vec::new(),
            compartments: Vec::new(),
            access_ends: None,
        };
        Person { actor, purpose: Purpose::of(purpose) }
    }
}

pub(crate) fn outside() -> Outside<'static> {
    Outside { from: "198.51.100.7", now: at("00:00") }
}
