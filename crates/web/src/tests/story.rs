//! One story over HTTP, on SQLite and, where it is found, on PostgreSQL: a finding becomes a lead of EAST, is worked, and EAST
//! and WEST find that they plan the same; each learns whom to call and nothing else.

use super::{in_postgresql, in_sqlite};
use crate::testing::{Recorded, now};
use homeward_casework::rehearsal::{
    EAST, EAST_REPORT, EAST_SECRETS, FINDINGS, WEST, WEST_REPORT, WEST_SECRETS, member,
};
use homeward_model::{AgencyId, LeadId, Role};
use serde_json::{Value, json};

#[tokio::test]
async fn a_child_is_looked_for_by_two_agencies_in_sqlite() {
    story(&in_sqlite().await).await;
}

#[tokio::test]
async fn a_child_is_looked_for_by_two_agencies_in_postgresql() {
    let Some((_server, site)) = in_postgresql().await else { return };
    story(&site).await;
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

    let [east_check, west_check] = Box::pin(checks(site)).await;
    let everybody = [Role::Analyst, Role::Supervisor, Role::Investigator];
    let (east, west) = ([&EAST_SECRETS[..], &EAST_PLAN].concat(), [&WEST_SECRETS[..], &WEST_PLAN].concat());
    let lead = format!("/leads/{lead}");
    for role in everybody {
        let closed = [lead.as_str(), "/findings/f-east", EAST_REPORT, &east_check];
        reads_nothing_of(site, WEST, role, &east, &closed).await;
        let closed = ["/findings/f-west", WEST_REPORT, &west_check];
        reads_nothing_of(site, EAST, role, &west, &closed).await;
    }
    let verified = site.record.store.verify(None).await.unwrap();
    assert!(verified.is_ok(), "{verified:?}");
}

/// The id of a request.
fn uuid(number: u128) -> String {
    LeadId::from_bits(0xbeef << 64 | number).to_string()
}

/// What only one side may read of the plans of both: where exactly, after which number, and why they go on.
const EAST_PLAN: [&str; 3] = ["35.2233", "704 555 0177", "after the school is out"];
const WEST_PLAN: [&str; 3] = ["35.2244", "(704) 555-0177", "before the lease ends"];

/// Both plan at one place, at one time, on one number. The second is a hit: both are told, with a pointer and no more, they
/// talk, and each settles its side. Answers the paths of both checks.
async fn checks(site: &Recorded) -> [String; 2] {
    let starts = now().plus_days(2.0);
    let mut asked = Vec::new();
    for (agency, [latitude, number, _]) in [(EAST, EAST_PLAN), (WEST, WEST_PLAN)] {
        let session = site.sign_in(agency, Role::Investigator).await;
        let body = json!({
            "request": uuid(agency.bits()), "target": "event", "starts": starts.to_string(),
            "ends": starts.plus_days(0.1).to_string(), "latitude": latitude, "longitude": "-80.8431",
            "selectors": format!("phone: {number}"),
        });
        let mut answer = site.post("/api/v1/checks", &session, &body).await;
        for _ in 0..4 {
            answer = site.post("/api/v1/checks", &session, &body).await;
        }
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        asked.push((agency, session, answer.json()["id"].as_str().unwrap().to_owned()));
    }
    for (agency, session, id) in &asked {
        let held = site.get(&format!("/api/v1/checks/{id}"), session).await.json();
        assert_eq!(held["state"], "both told", "{held}");
        let other = held["others"].as_array().unwrap();
        assert_eq!(other.len(), 1, "{held}");
        let email = other[0]["email"].as_str().unwrap();
        assert_eq!(email.contains("east"), *agency == WEST, "{held}");
        let day = site.get("/api/v1/day", session).await.json();
        assert_eq!(day["checks"].as_array().unwrap().len(), 1, "{day}");
    }
    let act = async |at: usize, act: &str, more: Value| {
        let (_, session, id) = &asked[at];
        let seen = site.get(&format!("/api/v1/checks/{id}"), session).await.json()["version"].clone();
        let mut body = json!({"seen": seen, "request": uuid(0xac70 + at as u128 * 16 + act.len() as u128)});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = site.post(&format!("/api/v1/checks/{id}/{act}"), session, &body).await;
        assert_eq!(answer.status.as_u16(), 200, "{act}: {}", answer.text());
        answer.json()
    };
    // To acknowledge is said to the other side; that they talked holds for both.
    assert_eq!(act(0, "acknowledge", json!({})).await["others"][0]["state"], "acknowledged");
    let talked = act(0, "contact", json!({})).await;
    assert_eq!(
        (&talked["state"], &talked["others"][0]["state"]),
        (&json!("contact made"), &json!("contact made"))
    );
    for (at, [_, _, why]) in [EAST_PLAN, WEST_PLAN].into_iter().enumerate() {
        assert_eq!(act(at, "settle", json!({"outcome": "joint", "grounds": why})).await["state"], "settled");
    }
    [0, 1].map(|at| format!("/checks/{}", asked[at].2))
}

/// Opens every page and answer that somebody can reach, from the lists on, and looks for words that are not theirs.
pub(super) async fn reads_nothing_of(
    site: &Recorded,
    agency: AgencyId,
    role: Role,
    secrets: &[&str],
    closed: &[&str],
) {
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
