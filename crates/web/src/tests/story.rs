//! One story over HTTP, on SQLite and, where it is found, on PostgreSQL: a finding becomes a lead of EAST, is worked, and EAST
//! and WEST find that they plan the same; each learns whom to call and nothing else.

use super::postgres;
use crate::testing::{Recorded, now};
use homeward_access::{Purpose, PurposeKind};
use homeward_casework::Context;
use homeward_casework::rehearsal::{
    self, EAST, EAST_REPORT, EAST_SECRETS, FINDINGS, WEST, WEST_REPORT, WEST_SECRETS, actor, member,
};
use homeward_model::{
    AgencyId, CheckId, CheckOutcome, CheckTarget, EventId, Grounds, LeadId, Role, Selector, SelectorKind,
};
use homeward_store::check::Inquiry;
use homeward_store::{Restriction, Revision};
use serde_json::{Value, json};

/// A number on which both plans turn.
const NUMBER: &str = "+17045550177";

#[tokio::test]
async fn a_child_is_looked_for_by_two_agencies_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let record = rehearsal::Recorded::make(&rehearsal::sqlite(folder.path()), folder.path()).await;
    story(&Recorded::over(record, Some(folder))).await;
}

#[tokio::test]
async fn a_child_is_looked_for_by_two_agencies_in_postgresql() {
    let Some(server) = postgres::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let record = rehearsal::Recorded::make(&server.database().await, folder.path()).await;
    story(&Recorded::over(record, Some(folder))).await;
}

async fn story(site: &Recorded) {
    let analyst = site.sign_in(EAST, Role::Analyst).await;
    let supervisor = site.sign_in(EAST, Role::Supervisor).await;
    let investigator = site.sign_in(EAST, Role::Investigator).await;

    // The analyst sees what is near Charlotte, and nothing of Houston.
    let offered = site.get("/api/v1/findings", &analyst).await.json();
    let ids: Vec<&str> =
        offered["findings"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, FINDINGS[..2]);

    // A person makes the first a lead. Sent five times, there is one.
    let lead = LeadId::from_bits(0x1ead).to_string();
    let admit = json!({"request": lead, "grounds": "seen again last week, two selectors agree"});
    for _ in 0..5 {
        let made = site.post("/api/v1/findings/f-east/admit", &analyst, &admit).await;
        assert_eq!((made.status.as_u16(), &made.json()["id"]), (200, &json!(lead)), "{}", made.text());
    }
    let listed = site.get("/api/v1/leads", &analyst).await.json();
    assert_eq!(listed["leads"].as_array().unwrap().len(), 1);

    // Triage: EAST is to work it.
    let path = |act: &str| format!("/api/v1/leads/{lead}/{act}");
    let done = async |act: &str, session: &str, body: Value, state: &str| {
        let answer = site.post(&path(act), session, &body).await;
        assert_eq!(answer.status.as_u16(), 200, "{act}: {}", answer.text());
        assert_eq!(answer.json()["state"], state, "{act}");
        answer.json()["version"].as_i64().unwrap()
    };
    let triage = json!({"seen": 1, "request": uuid(1), "priority": "urgent", "office": "Charlotte", "agency": EAST.to_string()});
    let version = done("triage", &analyst, triage.clone(), "triaged").await;
    assert_eq!(done("triage", &analyst, triage, "triaged").await, version);
    let to = member(EAST, Role::Investigator).to_string();
    let version =
        done("assign", &supervisor, json!({"seen": version, "request": uuid(2), "to": to}), "assigned").await;

    // The investigator finds it in the day's work and begins.
    let day = site.get("/api/v1/day", &investigator).await.json();
    assert!(day["assigned"].as_array().unwrap().iter().any(|one| one["id"] == json!(lead)), "{day}");
    let version = done("start", &investigator, json!({"seen": version, "request": uuid(3)}), "working").await;

    // Two people write at once: one is told that somebody was faster, and what they wrote is shown to them again.
    let text = "asked the school for the newest photograph";
    let note = json!({"seen": version, "request": uuid(4), "grounds": text});
    assert_eq!(site.post(&path("note"), &investigator, &note).await.status.as_u16(), 200);
    let late = json!({"seen": version, "request": uuid(5), "grounds": "spoke to the placement"});
    let answer = site.post(&path("note"), &supervisor, &late).await;
    assert_eq!(answer.status.as_u16(), 409, "{}", answer.text());
    let seen = version.to_string();
    let fields = [("seen", seen.as_str()), ("request", &uuid(6)), ("grounds", "spoke to the placement")];
    let page = site.fill(&format!("/leads/{lead}/note"), &supervisor, &fields).await;
    assert_eq!(page.status.as_u16(), 409);
    assert!(page.text().contains("spoke to the placement"), "{}", page.text());
    let history = site.get(&path("history"), &investigator).await.text();
    assert!(history.contains(text) && !history.contains("spoke to the placement"), "{history}");

    checks(site).await;
    let everybody = [Role::Analyst, Role::Supervisor, Role::Investigator];
    for role in everybody {
        let lead = format!("/leads/{lead}");
        reads_nothing_of(site, WEST, role, &EAST_SECRETS, &[lead.as_str(), "/findings/f-east", EAST_REPORT])
            .await;
        reads_nothing_of(site, EAST, role, &WEST_SECRETS, &["/findings/f-west", WEST_REPORT]).await;
    }
    let verified = site.record.store.verify(None).await.unwrap();
    assert!(verified.is_ok(), "{verified:?}");
}

/// The id of a request.
fn uuid(number: u128) -> String {
    LeadId::from_bits(0xbeef << 64 | number).to_string()
}

/// Both plan on one number. The second is a hit: both are told, with a pointer and no more, and they talk.
async fn checks(site: &Recorded) {
    let store = &site.record.store;
    let purpose = Purpose::of(PurposeKind::Deconfliction);
    let [east, west] = [EAST, WEST].map(|agency| actor(agency, Role::Investigator));
    let context = |actor| Context { actor, purpose: &purpose, from: "203.0.113.7", now: now() };
    let inquiry = |agency: AgencyId, raw: &str| Inquiry {
        id: CheckId::from_bits(agency.bits() << 16 | 7),
        target: CheckTarget::Event(EventId::from_bits(agency.bits())),
        window: None,
        area: None,
        selectors: vec![Selector {
            kind: SelectorKind::Phone,
            value: NUMBER.to_owned(),
            raw: raw.to_owned(),
            start: 0,
            end: raw.len(),
            confidence: 1.0,
            common: None,
        }],
        subjects: Vec::new(),
        asked_elsewhere: Vec::new(),
        restriction: Restriction::default(),
    };
    let first = store.ask_check(&context(&east), inquiry(EAST, "704 555 0177")).await.unwrap();
    let second = store.ask_check(&context(&west), inquiry(WEST, "(704) 555-0177")).await.unwrap();
    assert_eq!(second.noun.state().word(), "both told");
    let first = store.check(&context(&east), first.noun.id).await.unwrap();
    assert_eq!(first.noun.state().word(), "both told");
    for agency in [EAST, WEST] {
        let session = site.sign_in(agency, Role::Investigator).await;
        let day = site.get("/api/v1/day", &session).await.json();
        assert_eq!(day["checks"].as_array().unwrap().len(), 1, "{day}");
        assert!(!day.to_string().contains(NUMBER), "{day}");
    }
    let revision = |seen, number: u128| Revision { seen, request: 0xfeed << 64 | number };
    let held =
        store.acknowledge_check(&context(&east), first.noun.id, revision(first.version, 1)).await.unwrap();
    assert_eq!(held.noun.state().word(), "acknowledged");
    let held = store.contact_check(&context(&east), first.noun.id, revision(held.version, 2)).await.unwrap();
    let why = Grounds::new("both go together").unwrap();
    let outcome = CheckOutcome::Joint;
    let revision = revision(held.version, 3);
    let held = store.settle_check(&context(&east), first.noun.id, revision, outcome, why).await.unwrap();
    assert_eq!(held.noun.state().word(), "settled");
}

/// Opens every page and answer that somebody can reach, from the lists on, and looks for words that are not theirs.
async fn reads_nothing_of(site: &Recorded, agency: AgencyId, role: Role, secrets: &[&str], closed: &[&str]) {
    let session = site.sign_in(agency, role).await;
    let mut waiting: Vec<String> = super::operations()
        .into_iter()
        .filter(|(method, path, _)| method == "GET" && !path.contains('{'))
        .map(|(_, path, _)| path)
        .collect();
    let pages: Vec<String> = waiting.iter().map(|path| path.replacen("/api/v1", "", 1)).collect();
    waiting.extend(pages);
    for path in closed.iter().filter(|path| path.starts_with('/')) {
        waiting.extend([(*path).to_owned(), format!("/api/v1{path}")]);
    }
    let mut seen: Vec<String> = Vec::new();
    while let Some(path) = waiting.pop() {
        if seen.contains(&path) || path.starts_with("/assets/") {
            continue;
        }
        let answer = site.get(&path, &session).await;
        let text = answer.text();
        if closed.contains(&path.as_str()) {
            assert_eq!(answer.status.as_u16(), 404, "{path} for {role} of {agency}");
        }
        for secret in secrets {
            assert!(!text.contains(secret), "{role} of {agency} reads `{secret}` at {path}: {text}");
        }
        // Links of this site.
        for link in text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let link = link.replace("&amp;", "&");
            if link.starts_with('/') {
                waiting.push(link);
            }
        }
        seen.push(path);
    }
    assert!(seen.len() > 20, "{seen:?}");
}
