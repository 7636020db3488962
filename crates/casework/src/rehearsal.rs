//! A record for tests: three organisations, an account for each job, a run with findings, a missing report on either side.
//!
//! Behind the feature `testing`; nothing that runs for people has it. Nobody and nothing in it is real.

use crate::office::{office_id, task_force_of};
use crate::{Casework, Context, NewAccount, NewAgency, Outside, Store, StoreOptions};
use homeward_access::{Actor, Purpose, PurposeKind};
use homeward_archive::Archive;
use homeward_model::{
    AgencyId, AgencyKind, Category, Digest, EmailAddress, Instant, MemberId, MemberScope, MissingReport,
    MissingReportId, PlaceMention, Role, Roles, TaskForceId,
};
use homeward_store::member::Invitation;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The organisation that runs the system.
pub const DESK: AgencyId = AgencyId::from_bits(0xde5c);
/// A police agency; its people are in the task force of Charlotte.
pub const EAST: AgencyId = AgencyId::from_bits(0xea57);
/// Another one; its people are in the task force of Houston.
pub const WEST: AgencyId = AgencyId::from_bits(0x3e57);

/// A provider of services, behind its own wall.
pub const HAVEN: AgencyId = AgencyId::from_bits(0x4a5e);
/// Another one.
pub const HARBOUR: AgencyId = AgencyId::from_bits(0x4a4b);

/// Password of the accounts that have one: the analysts'.
pub const PASSWORD: &str = "correct-horse-battery";

/// Jobs that are filled in WEST; EAST has all of a police agency.
pub const WEST_JOBS: [Role; 4] = [Role::Analyst, Role::Investigator, Role::Supervisor, Role::Records];

/// Missing report of EAST, as the record and its finding name it.
pub const EAST_REPORT: &str = "01900000-0000-7000-8000-00000000ea57";
/// Missing report of WEST.
pub const WEST_REPORT: &str = "01900000-0000-7000-8000-000000003e57";

/// Findings of the run, best first: two for Charlotte, two for Houston.
pub const FINDINGS: [&str; 4] = ["f-east", "f-east-2", "f-west", "f-west-2"];

/// What only EAST may read: words of its report and of its findings.
pub const EAST_SECRETS: [&str; 4] = ["Rowan", "Exampleton", "704-555-0163", "blue door"];
/// What only WEST may read.
pub const WEST_SECRETS: [&str; 4] = ["Marlow", "Samplesworth", "713-555-0199", "green awning"];

/// The moment at which the record was made.
pub const BEGIN: Instant = Instant(1_564_617_599_000_000);

/// A record with its files.
pub struct Recorded {
    /// What people do with it.
    pub casework: Casework,
    /// The record itself, for what a test looks at or sets up by itself.
    pub store: Store,
    /// Data folder.
    pub data: PathBuf,
}

/// Where files of a record in a folder are.
fn options(folder: &Path) -> StoreOptions {
    StoreOptions {
        audit_key_path: folder.join("audit-key"),
        witness: Some(folder.join("witness")),
        key_file: folder.join("keys"),
    }
}

/// The SQLite database in a folder.
pub fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("record.db").display())
}

impl Recorded {
    /// Makes a record in an empty database and folder.
    pub async fn make(url: &str, folder: &Path) -> Recorded {
        let recorded = Recorded::open(url, folder).await;
        recorded.people().await;
        recorded.reports().await;
        write_run(folder);
        recorded
    }

    /// Opens one that was made.
    pub async fn open(url: &str, folder: &Path) -> Recorded {
        let store = Store::open(url, options(folder)).await.expect("the record opens");
        let casework = Casework::new(store.clone(), folder, DESK, None);
        Recorded { casework, store, data: folder.to_owned() }
    }

    /// Opens a session and gives its secret.
    pub async fn session(&self, now: Instant, agency: AgencyId, role: Role) -> String {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        let secret = Digest::of(format!("{agency} {role} {number}").as_bytes()).hex();
        let opened = self.store.open_session(outside(now), member(agency, role), secret.as_bytes()).await;
        opened.expect("a session opens");
        secret
    }

    async fn people(&self) {
        let agencies = [
            (DESK, "DC0000100", "National Desk", AgencyKind::Clearinghouse),
            (EAST, "NC0609900", "Eastfield Police Department", AgencyKind::Police),
            (WEST, "TX0009900", "Westhaven Police Department", AgencyKind::Police),
            (HAVEN, "", "Haven House", AgencyKind::Provider),
            (HARBOUR, "", "Harbour Project", AgencyKind::Provider),
        ];
        for (id, ori, name, kind) in agencies {
            let ori = Some(ori).filter(|ori| !ori.is_empty());
            let new = NewAgency { id, ori, name, kind, terms: "terms of the tests" };
            self.casework.install_agency(outside(BEGIN), new).await.expect("an agency is listed");
        }
        self.account(DESK, Role::Clearinghouse).await;
        self.account(DESK, Role::Records).await;
        self.account(DESK, Role::Supervisor).await;
        for role in Role::ALL.iter().filter(|role| role.is_of(AgencyKind::Police)) {
            self.account(EAST, *role).await;
        }
        for role in WEST_JOBS {
            self.account(WEST, role).await;
        }
        for provider in [HAVEN, HARBOUR] {
            self.account(provider, Role::ServicePartner).await;
        }
    }

    /// Analysts alone have a password: making one takes as long as it must.
    async fn account(&self, agency: AgencyId, role: Role) {
        let (id, name, email) = (member(agency, role), name(agency, role), email(agency, role));
        let scope = MemberScope { task_forces: task_forces(agency), ..MemberScope::default() };
        if role == Role::Analyst {
            let (roles, password) = (&[role][..], PASSWORD);
            let new = NewAccount {
                id,
                name: &name,
                email: &email,
                agency,
                roles,
                scope,
                password,
                one_time_secret: None,
            };
            self.casework.install_account(outside(BEGIN), new).await.expect("an account is made");
            return;
        }
        let email = EmailAddress::new(&email).expect("an address");
        let invitation = Invitation { id, name, email, agency, roles: roles(role) };
        self.store.install_member(outside(BEGIN), invitation, scope).await.expect("an account is made");
    }

    async fn reports(&self) {
        let purpose = Purpose::of(PurposeKind::Investigation);
        for (agency, id, secrets, city, state) in [
            (EAST, EAST_REPORT, EAST_SECRETS, "Charlotte", "NC"),
            (WEST, WEST_REPORT, WEST_SECRETS, "Houston", "TX"),
        ] {
            let [given, family, phone, seen] = secrets;
            let report = MissingReport {
                category: Some(Category::EndangeredRunaway),
                given_name: given.to_owned(),
                family_name: family.to_owned(),
                age_when_missing: Some(15),
                missing_since: Some(BEGIN.plus_days(-2.0)),
                missing_from: PlaceMention {
                    city: Some(city.to_owned()),
                    state: Some(state.to_owned()),
                    ..PlaceMention::default()
                },
                phones: vec![phone.to_owned()],
                circumstances: format!("Last seen at a house with a {seen}."),
                ..MissingReport::default()
            };
            let actor = actor(agency, Role::Investigator);
            let context = Context { actor: &actor, purpose: &purpose, from: "worker", now: BEGIN };
            let id = MissingReportId::of_text(id);
            self.store.receive_report(&context, id, BEGIN, report).await.expect("a report is received");
        }
    }
}

/// Whoever acts without an account.
pub fn outside(now: Instant) -> Outside<'static> {
    Outside { from: "worker", now }
}

fn agency_word(agency: AgencyId) -> &'static str {
    match agency {
        DESK => "desk",
        EAST => "east",
        HAVEN => "haven",
        HARBOUR => "harbour",
        _ => "west",
    }
}

/// The member of an organisation in a job.
pub fn member(agency: AgencyId, role: Role) -> MemberId {
    MemberId::of_text(&format!("{} {role}", agency_word(agency)))
}

/// Their name.
pub fn name(agency: AgencyId, role: Role) -> String {
    format!("{role} of {}", agency_word(agency))
}

/// Their address for sign-in.
pub fn email(agency: AgencyId, role: Role) -> String {
    format!("{}.{}@example.org", role.word().replace(' ', "-"), agency_word(agency))
}

fn roles(role: Role) -> Roles {
    Roles::new(vec![role]).expect("one role goes with itself")
}

/// The task forces of an organisation's people.
pub fn task_forces(agency: AgencyId) -> Vec<TaskForceId> {
    let office = match agency {
        EAST => "Charlotte",
        WEST => "Houston",
        _ => return Vec::new(),
    };
    vec![task_force_of(office_id(office))]
}

/// The member as the policies see them.
pub fn actor(agency: AgencyId, role: Role) -> Actor {
    Actor {
        member: member(agency, role),
        roles: roles(role),
        organisation: agency,
        provider: [HAVEN, HARBOUR].contains(&agency),
        task_forces: task_forces(agency),
        compartments: Vec::new(),
        access_ends: None,
    }
}

/// One line of a run.
fn finding(id: &str, rank: f64, east: bool) -> String {
    let (city, state, office, report, secrets) = if east {
        ("Charlotte", "NC", "Charlotte", EAST_REPORT, EAST_SECRETS)
    } else {
        ("Houston", "TX", "Houston", WEST_REPORT, WEST_SECRETS)
    };
    let phone = secrets[2];
    format!(
        r#"{{"id":"{id}","kind":"match","probability":{rank},"weight_bits":5.0,"rank_score":{rank},"network":"n-1","missing_report":"{report}","other_report":null,"postings":["p-{id}-1","p-{id}-2"],"place":{{"city":"{city}","state":"{state}"}},"office":"{office}","first_seen":"2019-07-28T10:00:00Z","last_seen":"2019-07-30T10:00:00Z","reasons":[{{"factor":"phone","left":"{phone}","right":"{phone}","weight_bits":5.0,"support":"2 postings","measures":{{}}}}],"run":"r-1","rules":"rules-1"}}"#
    ) + "\n"
}

/// The alarm of [`write_alarm`].
pub const ALARM: &str = "f-east-alarm";

/// A later run, in which EAST's best match is gone, for a person dismissed it, and an alarm says what came since.
pub fn write_alarm(folder: &Path) {
    let mut archive = Archive::open(folder).expect("an archive opens");
    let [_, _, phone, _] = EAST_SECRETS;
    let news = format!(
        r#"{{"factor":"rejected","left":"f-east","right":"r-1","weight_bits":0.0,"support":"a person said so","measures":{{}}}},{{"factor":"merged","left":"n-1 in r-1","right":"n-2, postings p-9","weight_bits":0.0,"support":"one network now","measures":{{}}}},{{"factor":"joined","left":"phone {phone}","right":"{phone}","weight_bits":0.0,"support":"it stands there now","measures":{{}}}},"#
    );
    let alarm = finding(ALARM, 0.95, true)
        .replace(r#""kind":"match""#, r#""kind":"contradiction""#)
        .replace(r#""reasons":["#, &format!(r#""reasons":[{news}"#));
    let ranks = [0.8, 0.7, 0.6];
    let rest = FINDINGS[1..].iter().zip(ranks).enumerate();
    let rest = rest.map(|(at, (id, rank))| finding(id, rank, at < 1)).collect::<String>();
    write_findings(&mut archive, "r-2", alarm + &rest);
}

/// Writes a run of four findings into the archive of a data folder.
fn write_run(folder: &Path) {
    let mut archive = Archive::open(folder).expect("an archive opens");
    let ranks = [0.9, 0.8, 0.7, 0.6];
    let line = |(at, id): (usize, &&str)| finding(id, ranks[at], at < 2);
    let text: String = FINDINGS.iter().enumerate().map(line).collect();
    write_findings(&mut archive, "r-1", text);
}

fn write_findings(archive: &mut Archive, run: &str, text: String) {
    let table = |head: &str| format!("{head}\n");
    let files = [
        ("findings.jsonl", text),
        ("templates.csv", table("template,postings,owners")),
        ("postings.csv", table("id,template,network")),
        ("links.jsonl", String::new()),
    ];
    archive.write_run(run, &files).expect("a run is written");
}
