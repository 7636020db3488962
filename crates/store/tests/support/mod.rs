//! What the stories share: a fresh database, people with their jobs, and a clock that the test moves.

pub mod postgres;

use homeward_access::{Actor, Basis, Purpose, PurposeKind};
use homeward_model::{
    Agency, AgencyId, AgencyKind, Grounds, Instant, LeadId, MemberId, Ori, Role, Roles, TaskForceId,
};
use homeward_store::{Context, Outside, Store, StoreOptions};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use std::path::PathBuf;

/// A fresh database with its files.
pub struct Fresh {
    pub url: String,
    pub folder: tempfile::TempDir,
    pub store: Store,
}

impl Fresh {
    pub async fn open(url: &str, folder: tempfile::TempDir) -> Fresh {
        let store = Store::open(url, options(&folder)).await.unwrap();
        Fresh { url: url.to_owned(), folder, store }
    }

    /// EAST is listed, so that it can have members.
    pub async fn with_east(&self) {
        let ori = Some(Ori::new("NC0000000").unwrap());
        let agency = Agency::list(EAST, ori, "Example Police".into(), AgencyKind::Police).unwrap();
        self.store.list_agency(outside(0), agency).await.unwrap();
    }

    /// The same database opened again, as after a restart.
    pub async fn again(&self) -> Store {
        Store::open(&self.url, options(&self.folder)).await.unwrap()
    }

    /// Another, empty database beside this one, of the same make.
    pub async fn beside(&self, name: &str) -> String {
        if self.url.starts_with("sqlite") {
            return format!("sqlite:{}", self.folder.path().join(name).display());
        }
        let url = format!("{}_{name}", self.url);
        let (_, database) = url.rsplit_once('/').unwrap();
        self.tamper(&[&format!("CREATE DATABASE {database}")]).await;
        url
    }

    /// The database as somebody sees it who goes around the store.
    pub async fn around(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    pub fn witness(&self) -> PathBuf {
        self.folder.path().join("witness")
    }

    /// Goes around the store.
    pub async fn tamper(&self, statements: &[&str]) {
        let connection = self.around().await;
        for statement in statements {
            connection.execute_unprepared(statement).await.unwrap();
        }
    }
}

pub fn options(folder: &tempfile::TempDir) -> StoreOptions {
    let file = |name: &str| folder.path().join(name);
    StoreOptions { audit_key_path: file("audit-key"), witness: Some(file("witness")), key_file: file("keys") }
}

pub const EAST: AgencyId = AgencyId::from_bits(0xea57);
pub const WEST: AgencyId = AgencyId::from_bits(0x3e57);

/// Somebody in a job.
pub struct Person {
    pub actor: Actor,
    pub purpose: Purpose,
}

impl Person {
    pub fn new(member: u128, agency: AgencyId, roles: &[Role]) -> Person {
        let actor = Actor {
            member: MemberId::from_bits(member),
            roles: Roles::new(roles.to_vec()).unwrap(),
            organisation: agency,
            provider: roles.contains(&Role::ServicePartner),
            task_forces: Vec::new(),
            compartments: Vec::new(),
            access_ends: None,
        };
        let basis = Some(Basis::Lead(LeadId::from_bits(1)));
        Person { actor, purpose: Purpose { basis, ..Purpose::of(PurposeKind::Investigation) } }
    }

    pub fn for_purpose(mut self, kind: PurposeKind) -> Person {
        self.purpose.kind = kind;
        self
    }

    pub fn in_task_force(mut self, force: TaskForceId) -> Person {
        self.actor.task_forces.push(force);
        self
    }

    /// They act at a second of the test's day.
    pub fn at(&self, second: i64) -> Context<'_> {
        Context {
            actor: &self.actor,
            purpose: &self.purpose,
            from: "203.0.113.7",
            now: second_of_day(second),
        }
    }
}

pub fn analyst() -> Person {
    Person::new(0xa1, EAST, &[Role::Analyst])
}

pub fn supervisor() -> Person {
    Person::new(0x50, EAST, &[Role::Supervisor])
}

pub fn investigator() -> Person {
    Person::new(0x17, EAST, &[Role::Investigator])
}

pub fn stranger() -> Person {
    Person::new(0xbad, WEST, &[Role::Supervisor])
}

pub fn auditor() -> Person {
    Person::new(0xad, EAST, &[Role::Auditor]).for_purpose(PurposeKind::Audit)
}

pub fn administrator() -> Person {
    Person::new(0xad1, EAST, &[Role::Administrator]).for_purpose(PurposeKind::Administration)
}

pub fn outside(second: i64) -> Outside<'static> {
    Outside { from: "worker", now: second_of_day(second) }
}

pub fn second_of_day(second: i64) -> Instant {
    Instant(1_562_200_000_000_000 + second * 1_000_000)
}

pub fn grounds(text: &str) -> Grounds {
    Grounds::new(text).unwrap()
}
