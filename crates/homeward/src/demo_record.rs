//! The record of the demo: invented agencies, an account for each job, and a story already under way.

use crate::demo_care::care;
use crate::record::{outside, random};
use crate::{demo_cases, demo_operations, demo_results, now, serve};
use anyhow::{Context as _, Result};
use homeward_access::{Actor, Purpose, PurposeKind};
use homeward_casework::{
    Casework, Context, FindingFilter, NewAccount, NewAgency, Revision, Triage, office_id, task_force_of,
};
use homeward_model::{
    AgencyId, AgencyKind, Category, CheckId, CheckTarget, EventId, FindingKind, Grounds, Instant, LeadId,
    MemberId, MemberScope, MissingReport, MissingReportId, PlaceMention, Priority, Role, Roles, Selector,
    SelectorKind, TaskForceId, TipId,
};
use homeward_store::check::Inquiry;
use homeward_store::{Restriction, Store};
use homeward_web::DemoAccount;
use std::path::Path;

/// The one password of all accounts of the demo.
pub const PASSWORD: &str = "homeward-demo";

/// An organisation of the demo.
struct Organisation {
    ori: Option<&'static str>,
    name: &'static str,
    kind: AgencyKind,
    people: &'static [(&'static str, &'static str, Role)],
}

const ORGANISATIONS: &[Organisation] = &[
    Organisation {
        ori: Some("DC0000100"),
        name: "National Desk",
        kind: AgencyKind::Clearinghouse,
        people: &[
            ("analyst", "Ana Reyes", Role::Analyst),
            ("desk-supervisor", "Sol Okafor", Role::Supervisor),
            ("clearinghouse", "Clara Whitfield", Role::Clearinghouse),
            ("records", "Remy Castellan", Role::Records),
            ("auditor", "Audrey Lindqvist", Role::Auditor),
            ("administrator", "Adam Marchetti", Role::Administrator),
        ],
    },
    Organisation {
        ori: Some("NC0609900"),
        name: "Eastfield Police Department",
        kind: AgencyKind::Police,
        people: &[
            ("investigator", "Ines Moreau", Role::Investigator),
            ("supervisor", "Simon Adeyemi", Role::Supervisor),
            ("coordinator", "Cora Lindgren", Role::Coordinator),
            ("specialist", "Vera Holloway", Role::VictimSpecialist),
            ("east-analyst", "Edda Novak", Role::Analyst),
            ("east-administrator", "Emil Sorensen", Role::Administrator),
        ],
    },
    Organisation {
        ori: Some("TX0009900"),
        name: "Westhaven Police Department",
        kind: AgencyKind::Police,
        people: &[
            ("west-investigator", "Walt Iverson", Role::Investigator),
            ("west-supervisor", "Wilma Tanaka", Role::Supervisor),
            ("west-analyst", "Wren Castillo", Role::Analyst),
            ("west-records", "Willa Hartmann", Role::Records),
        ],
    },
    Organisation {
        ori: Some("NC0609950"),
        name: "Office of the District Attorney, Eastfield",
        kind: AgencyKind::Prosecutor,
        people: &[("prosecutor", "Petra Nyberg", Role::Prosecutor)],
    },
    Organisation {
        ori: None,
        name: "Harbor House",
        kind: AgencyKind::Provider,
        people: &[("partner", "Paula Brandt", Role::ServicePartner)],
    },
    Organisation {
        ori: None,
        name: "Piedmont Youth Law Clinic",
        kind: AgencyKind::Provider,
        people: &[("law-partner", "Lena Ferreira", Role::ServicePartner)],
    },
];

/// The people of the demo, and what the story needs of the world.
pub struct Cast {
    people: Vec<(&'static str, Actor)>,
}

impl Cast {
    /// Somebody by their account.
    pub fn of(&self, account: &str) -> Result<&Actor> {
        let found = self.people.iter().find(|(name, _)| *name == account);
        found.map(|(_, actor)| actor).with_context(|| format!("the demo has no `{account}`"))
    }
}

/// The id of an organisation or member of the demo: the same in every demo.
fn bits(of: &str) -> u128 {
    AgencyId::of_text(&format!("demo {of}")).bits()
}

/// The desk's id.
pub fn desk() -> AgencyId {
    AgencyId::from_bits(bits(ORGANISATIONS[0].name))
}

/// Accounts for the sign-in page.
pub fn accounts() -> Vec<DemoAccount> {
    let of = |organisation: &Organisation| {
        let name = organisation.name;
        organisation.people.iter().map(move |(account, _, role)| DemoAccount {
            account: format!("{account}@example.org"),
            password: PASSWORD.to_owned(),
            job: format!("{role}, {name}"),
        })
    };
    ORGANISATIONS.iter().flat_map(of).collect()
}

/// Makes agencies and accounts. Members of the two police agencies are in the task forces of two offices.
pub async fn people(casework: &Casework, offices: [&str; 2]) -> Result<Cast> {
    let mut people = Vec::new();
    for (at, organisation) in ORGANISATIONS.iter().enumerate() {
        let id = AgencyId::from_bits(bits(organisation.name));
        let Organisation { ori, name, kind, .. } = organisation;
        let new = NewAgency { id, ori: *ori, name, kind: *kind, terms: "terms of the demo" };
        casework.install_agency(outside(), new).await?;
        let task_forces: Vec<TaskForceId> = match at {
            1 => vec![task_force_of(office_id(offices[0]))],
            2 => vec![task_force_of(office_id(offices[1]))],
            _ => Vec::new(),
        };
        for (account, shown, role) in organisation.people {
            let member = MemberId::from_bits(bits(account));
            let scope = MemberScope { task_forces: task_forces.clone(), ..MemberScope::default() };
            let new = NewAccount {
                id: member,
                name: shown,
                email: &format!("{account}@example.org"),
                agency: id,
                roles: &[*role],
                scope,
                password: PASSWORD,
                one_time_secret: None,
            };
            casework.install_account(outside(), new).await?;
            let actor = Actor {
                member,
                roles: Roles::new(vec![*role])?,
                organisation: id,
                provider: *kind == AgencyKind::Provider,
                task_forces: task_forces.clone(),
                compartments: Vec::new(),
                access_ends: None,
            };
            people.push((*account, actor));
        }
    }
    Ok(Cast { people })
}

/// Makes the record of the demo over its newest run.
pub async fn make(store: &Store, data: &Path) -> Result<()> {
    let casework = serve::casework(store.clone(), data, desk());
    let offices = ["Charlotte", "Houston"];
    let cast = people(&casework, offices).await?;
    story(&casework, store, &cast, offices[0]).await?;
    care(&casework, &cast).await?;
    let initiative = Box::pin(demo_operations::make(&casework, &cast, offices[0])).await?;
    demo_results::services(&casework).await?;
    demo_results::results(&casework, &cast, initiative).await
}

/// Why somebody decided.
pub fn grounds(text: &str) -> Result<Grounds> {
    Ok(Grounds::new(text)?)
}

/// A telephone number as somebody types it.
fn phone(raw: &str, value: &str) -> Selector {
    Selector {
        kind: SelectorKind::Phone,
        value: value.to_owned(),
        raw: raw.to_owned(),
        start: 0,
        end: raw.len(),
        confidence: 1.0,
        common: None,
    }
}

/// A change decided on a version.
pub fn revision(seen: i64) -> Result<Revision> {
    Ok(Revision { seen, request: random()? })
}

/// A story under way: a lead at work, one that waits, a finding dismissed, a hit between two agencies, a tip, a new report.
async fn story(casework: &Casework, store: &Store, cast: &Cast, office: &str) -> Result<()> {
    let purpose = Purpose::of(PurposeKind::Investigation);
    let deconfliction = Purpose::of(PurposeKind::Deconfliction);
    let act = |account: &str| -> Result<Context<'_>> {
        Ok(Context { actor: cast.of(account)?, purpose: &purpose, from: "demo", now: now() })
    };
    let matches = FindingFilter { kind: Some(FindingKind::Match), limit: 10, ..FindingFilter::default() };
    let found = casework.findings(&act("analyst")?, &matches).await?.findings;
    let mut ids = found.iter().map(|one| one.head.id.clone());
    let mut promoted = None;
    if let (Some(first), Some(second), Some(third)) = (ids.next(), ids.next(), ids.next()) {
        let lead = LeadId::from_bits(random()?);
        let why = "seen again last week, two selectors agree";
        casework.admit_finding(&act("analyst")?, &first, lead, grounds(why)?).await?;
        let agency = Some(cast.of("supervisor")?.organisation);
        let triage = Triage { priority: Priority::Urgent, office: office.to_owned(), agency };
        casework.triage_lead(&act("analyst")?, lead, revision(1)?, triage).await?;
        let to = cast.of("investigator")?.member;
        casework.assign_lead(&act("supervisor")?, lead, revision(2)?, to).await?;
        casework.start_lead(&act("investigator")?, lead, revision(3)?).await?;
        let note = grounds("asked the clearinghouse for the newest photograph")?;
        casework.note_lead(&act("investigator")?, lead, revision(4)?, note).await?;
        promoted = Some(lead);
        let waiting = LeadId::from_bits(random()?);
        casework.admit_finding(&act("analyst")?, &second, waiting, grounds("worth a second look")?).await?;
        casework
            .dismiss_finding(&act("analyst")?, &third, random()?, grounds("two people, one first name")?)
            .await?;
    }
    let parts = demo_cases::Parts {
        investigator: act("investigator")?,
        supervisor: act("supervisor")?,
        prosecutor: cast.of("prosecutor")?.member,
    };
    demo_cases::make(casework, &parts, promoted).await?;
    for (account, event) in [("investigator", "east"), ("west-investigator", "west")] {
        let context = Context { purpose: &deconfliction, ..act(account)? };
        let inquiry = Inquiry {
            id: CheckId::new(now(), random()?),
            target: CheckTarget::Event(EventId::from_bits(bits(event))),
            window: None,
            area: None,
            selectors: vec![phone("704-555-0142", "+17045550142")],
            subjects: Vec::new(),
            asked_elsewhere: Vec::new(),
            restriction: Restriction::default(),
        };
        store.ask_check(&context, inquiry).await?;
    }
    for text in [
        "Two vans at the motel by the exit since Friday.",
        "A classmate has a new phone and is afraid of somebody.",
    ] {
        casework.receive_tip(outside(), TipId::new(now(), random()?), text.to_owned(), None).await?;
    }
    let report = MissingReport {
        case_number: Some("26-1142".to_owned()),
        category: Some(Category::MissingFromCare),
        given_name: "Robin".to_owned(),
        family_name: "Exampleton".to_owned(),
        age_when_missing: Some(15),
        missing_since: Some(now().plus_days(-0.05)),
        missing_from: PlaceMention {
            city: Some("Charlotte".to_owned()),
            state: Some("NC".to_owned()),
            ..PlaceMention::default()
        },
        phones: vec!["704-555-0188".to_owned()],
        circumstances: "Left a placement after school. Has done so twice before.".to_owned(),
        ..MissingReport::default()
    };
    let received = Instant(now().0 - 90 * 60 * 1_000_000);
    store
        .receive_report(&act("investigator")?, MissingReportId::new(now(), random()?), received, report)
        .await?;
    Ok(())
}
