//! The story of a case over HTTP, on SQLite and, where it is found, on PostgreSQL: a lead is promoted on a predicate, the case is
//! worked to its end, and another agency finds nothing of it anywhere.

use super::{in_postgresql, in_sqlite};
use crate::testing::{Answered, Recorded};
use homeward_casework::rehearsal::{EAST, WEST, WEST_JOBS, member};
use homeward_model::{CaseId, Digest, LeadId, Role};
use serde_json::{Value, json};

/// What only those who work the case may read.
const SECRETS: [&str; 4] = ["J. Sample", "nine nights", "19-MJ-1", "silver van"];

#[tokio::test]
async fn a_case_is_built_and_closed_in_sqlite() {
    story(&in_sqlite().await).await;
}

#[tokio::test]
async fn a_case_is_built_and_closed_in_postgresql() {
    let Some((_server, site)) = in_postgresql().await else { return };
    story(&site).await;
}

/// The id of a request.
fn uuid(number: u128) -> String {
    LeadId::from_bits(0xca5e << 64 | number).to_string()
}

/// Somebody at work on one case: what they send names the version that the last answer had.
struct Desk<'a> {
    site: &'a Recorded,
    case: String,
    version: i64,
    sent: u128,
}

impl Desk<'_> {
    async fn send(&mut self, act: &str, session: &str, body: Value) -> Answered {
        let mut fields = json!({"seen": self.version, "request": uuid(self.sent)});
        self.sent += 1;
        fields.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        self.site.post(&format!("/api/v1/cases/{}/{act}", self.case), session, &fields).await
    }

    /// An act that is done; what it made.
    async fn done(&mut self, act: &str, session: &str, body: Value) -> Value {
        let answer = self.send(act, session, body).await;
        assert_eq!(answer.status.as_u16(), 200, "{act}: {}", answer.text());
        let case = answer.json();
        self.version = case["version"].as_i64().unwrap_or(self.version);
        case
    }

    /// An act that is refused, with what its answer says.
    async fn refused(&mut self, act: &str, session: &str, body: Value, status: u16, because: &str) {
        let answer = self.send(act, session, body).await;
        assert_eq!(answer.status.as_u16(), status, "{act}: {}", answer.text());
        assert!(answer.text().contains(because), "{act}: {}", answer.text());
    }
}

/// An element of the first count.
fn element<'a>(case: &'a Value, id: &str) -> &'a Value {
    let elements = case["counts"][0]["elements"].as_array().unwrap();
    elements.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id}: {elements:?}"))
}

async fn story(site: &Recorded) {
    let [analyst, investigator, supervisor, prosecutor] = [
        site.sign_in(EAST, Role::Analyst).await,
        site.sign_in(EAST, Role::Investigator).await,
        site.sign_in(EAST, Role::Supervisor).await,
        site.sign_in(EAST, Role::Prosecutor).await,
    ];
    let lead = working_lead(site, &analyst, &supervisor, &investigator).await;

    // Without a predicate there is no case.
    let case = CaseId::from_bits(0xca5e).to_string();
    let open =
        |crime: &str, facts: &str| json!({"request": case, "lead": lead, "crime": crime, "facts": facts});
    for (crime, facts, because) in [
        ("18 U.S.C. 1591(a)(1)", "", "no predicate: it is empty"),
        (" ", "one name on nine nights", "no predicate: the crime is empty"),
    ] {
        let answer = site.post("/api/v1/cases", &investigator, &open(crime, facts)).await;
        assert_eq!(answer.status.as_u16(), 422, "{}", answer.text());
        assert!(answer.text().contains(because), "{}", answer.text());
    }
    let right = open("18 U.S.C. 1591(a)(1)", "one name on nine nights, and a silver van");
    for _ in 0..3 {
        let made = site.post("/api/v1/cases", &investigator, &right).await;
        assert_eq!((made.status.as_u16(), &made.json()["state"]), (200, &json!("opened")), "{}", made.text());
    }
    let history = site.get(&format!("/api/v1/leads/{lead}/history"), &investigator).await.text();
    assert!(history.contains("promoted"), "{history}");
    let page = site.get(&format!("/leads/{lead}"), &investigator).await.text();
    assert!(page.contains(&format!("/cases/{case}")), "{page}");

    // Its author does not accept it, and nobody works it before somebody else did.
    let mut desk = Desk { site, case: case.clone(), version: 1, sent: 10 };
    desk.refused("take-up", &investigator, json!({}), 409, "nobody accepted its predicate yet").await;
    desk.refused("accept", &investigator, json!({"certified": "2019-03-01"}), 404, "").await;
    let told = site.get("/api/v1/day", &supervisor).await.text();
    assert!(told.contains("predicate waits") && told.contains(&format!("/cases/{case}")), "{told}");
    desk.refused("accept", &supervisor, json!({"certified": ""}), 422, "28 CFR part 23").await;
    let accepted = desk.done("accept", &supervisor, json!({"certified": "2019-03-01"})).await;
    assert_eq!(accepted["certified"], json!("2019-03-01"), "{accepted}");
    desk.refused("exhibit", &investigator, exhibit(), 409, "nobody took it up yet").await;
    desk.done("take-up", &investigator, json!({})).await;

    // A child is no subject, and neither is somebody whose age nobody knows.
    for age in [json!({"age": "17"}), json!({"born": "2003-01-02", "offence_on": "2019-07-01"}), json!({})] {
        let mut body = json!({"name": "J. Sample"});
        body.as_object_mut().unwrap().extend(age.as_object().unwrap().clone());
        desk.refused("subject", &investigator, body, 409, "is a victim (22 U.S.C. 7102(11))").await;
    }
    let subject = desk.done("subject", &investigator, json!({"name": "J. Sample", "age": "41"})).await;
    let subject = subject["subjects"][0]["person"].as_str().unwrap().to_owned();
    desk.done("victim", &investigator, json!({"born": "2004-01-02"})).await;

    // Custody: a chain without gap or overlap.
    desk.done("exhibit", &investigator, exhibit()).await;
    let hop = |from: &str, to: &str, given: &str, taken: &str, found: &[u8]| {
        json!({"exhibit": 1, "from": from, "to": to, "given": given, "taken": taken, "purpose": "storage",
            "sha256": Digest::of(found).hex()})
    };
    let noon = "2019-07-02 12:00";
    for (body, because) in [
        (
            hop("the laboratory", "evidence room", noon, "", b"page"),
            "gap in holder: exhibit 1 is held by Ines Moreau",
        ),
        (
            hop("Ines Moreau", "evidence room", noon, "2019-07-02 13:00", b"page"),
            "gap in time: nobody holds exhibit 1",
        ),
        (hop("Ines Moreau", "evidence room", "2019-07-02 09:00", "", b"page"), "overlap in time"),
        (hop("Ines Moreau", "evidence room", noon, "", b"other"), "exhibit 1 is not as it was: its hash is"),
    ] {
        desk.refused("custody", &investigator, body, 409, because).await;
    }
    let case_now =
        desk.done("custody", &investigator, hop("Ines Moreau", "evidence room", noon, "", b"page")).await;
    assert_eq!(case_now["exhibits"][0]["holder"], "evidence room");

    // The matrix: a gap first, then evidence, and what stands without testimony.
    let count = json!({"offence": "1591-a1", "verb": "advertises", "from": "2019-07-01", "victim": "1", "subjects": [subject]});
    let case_now = desk.done("count", &investigator, count).await;
    assert_eq!(case_now["counts"][0]["ages"], "15");
    assert_eq!(
        (&element(&case_now, "act")["gap"], &element(&case_now, "means")["role"]),
        (&json!(true), &json!("aggravation"))
    );
    let link = |element: &str, evidence: &str, testimony: bool| json!({"count": 1, "element": element, "evidence": evidence, "testimony": testimony});
    let reckless = link("age_known/reckless", "exhibit 1", false);
    desk.refused("link", &investigator, reckless, 422, "is not open for the verb `advertises`").await;
    desk.refused("link", &investigator, link("song", "exhibit 1", false), 422, "has no element `song`").await;
    desk.refused("link", &investigator, link("act", "exhibit 9", false), 409, "the case has no exhibit 9")
        .await;
    desk.done("note", &investigator, json!({"grounds": "told what was said at the door"})).await;
    let case_now = desk.done("link", &investigator, link("act", "note 1", true)).await;
    assert_eq!(
        (&element(&case_now, "act")["gap"], &element(&case_now, "act")["without_testimony"]),
        (&json!(false), &json!(false))
    );
    let case_now = desk.done("link", &investigator, link("act", "exhibit 1", false)).await;
    assert_eq!(element(&case_now, "act")["without_testimony"], true);
    for word in ["score", "probab", "percent", "likelihood", "recommend"] {
        assert!(!case_now.to_string().to_lowercase().contains(word), "{word}: {case_now}");
    }

    // Tasks are for those who work it.
    let to = member(EAST, Role::Investigator).to_string();
    let task = json!({"what": "ask the motel for its bookings", "to": to, "due": "2019-07-01"});
    let case_now = desk.done("task", &investigator, task).await;
    assert_eq!(case_now["tasks"][0]["overdue"], true);
    desk.done("task-done", &investigator, json!({"number": 1})).await;

    // Charged by a prosecutor to whom it was given, and by nobody else; ended charge by charge.
    let charge = json!({"person": subject, "section": "18 U.S.C. 1591(a)(1)", "count": 1});
    desk.refused("charge", &prosecutor, charge.clone(), 404, "").await;
    desk.refused(
        "close",
        &supervisor,
        json!({"grounds": "x"}),
        409,
        "nothing was charged: decline it instead",
    )
    .await;
    desk.done("assign", &supervisor, json!({"to": member(EAST, Role::Prosecutor).to_string()})).await;
    let stranger = json!({"person": uuid(1), "section": "18 U.S.C. 1591(a)(1)"});
    desk.refused("charge", &prosecutor, stranger, 409, "it is against somebody who is no subject").await;
    desk.done("charge", &prosecutor, charge).await;
    let told = site.get("/api/v1/day", &investigator).await.text();
    assert!(told.contains("case charged"), "{told}");
    desk.refused("close", &supervisor, json!({"grounds": "x"}), 409, "a charge has not ended yet").await;
    desk.refused("decline", &supervisor, json!({"grounds": "x"}), 409, "record how each charge ended").await;
    let ended = desk.done("dispose", &prosecutor, json!({"charge": 1, "disposition": "pleaded"})).await;
    assert_eq!(ended["state"], "disposed");
    let ended = desk.done("close", &supervisor, json!({"grounds": "sentence recorded"})).await;
    assert_eq!(ended["state"], "closed");

    leaves(&mut desk, &investigator, &supervisor).await;
    pages(site, &case, &[&investigator, &supervisor, &prosecutor]).await;
    for role in WEST_JOBS {
        finds_nothing(site, &case, role).await;
    }
    let verified = site.record.store.verify(None).await.unwrap();
    assert!(verified.is_ok(), "{verified:?}");
}

fn exhibit() -> Value {
    json!({"description": "captured page", "sha256": Digest::of(b"page").hex(), "bytes": "4",
        "start": "2019-07-02 10:00", "end": "2019-07-02 10:05", "performer": "Ines Moreau",
        "authority": "legal-process", "basis": "warrant 19-MJ-1"})
}

/// A lead at work in the hands of the investigator.
async fn working_lead(site: &Recorded, analyst: &str, supervisor: &str, investigator: &str) -> String {
    let lead = LeadId::from_bits(0x1ead).to_string();
    let admit = json!({"request": lead, "grounds": "seen again last week"});
    site.post("/api/v1/findings/f-east/admit", analyst, &admit).await;
    let to = member(EAST, Role::Investigator).to_string();
    for (act, session, body) in [
        ("triage", analyst, json!({"seen": 1, "priority": "soon", "office": "Charlotte"})),
        ("assign", supervisor, json!({"seen": 2, "to": to})),
        ("start", investigator, json!({"seen": 3})),
    ] {
        let done = site.post(&format!("/api/v1/leads/{lead}/{act}"), session, &body).await;
        assert_eq!(done.status.as_u16(), 200, "{act}: {}", done.text());
    }
    lead
}

/// A version of the case leaves the agency: logged first, by a supervisor, and as it was released.
async fn leaves(desk: &mut Desk<'_>, investigator: &str, supervisor: &str) {
    let (site, case) = (desk.site, desk.case.clone());
    let path = |file: &str| format!("/api/v1/cases/{case}/{file}");
    let early = site.get(&path("case.jsonld"), supervisor).await;
    assert_eq!(early.status.as_u16(), 422, "{}", early.text());
    assert!(early.text().contains("was not released yet"), "{}", early.text());
    let release = json!({"receiver": WEST.to_string(), "reason": "for a joint case",
        "need_to_know": "they hold the other half", "right_to_know": "a joint task force"});
    desk.refused("release", investigator, release.clone(), 404, "").await;
    let nothing = json!({"receiver": WEST.to_string(), "reason": "for a joint case", "need_to_know": " ",
        "right_to_know": "a joint task force"});
    desk.refused("release", supervisor, nothing, 422, "it is empty").await;
    desk.done("release", supervisor, release).await;
    let graph = site.get(&path("case.jsonld"), supervisor).await;
    assert_eq!((graph.status.as_u16(), graph.header("content-type")), (200, "application/ld+json"));
    let manifest = site.get(&path("manifest"), supervisor).await.json();
    assert_eq!(manifest["files"][0]["sha256"], Digest::of(&graph.body).hex());
    assert_eq!(manifest["files"][0]["bytes"], graph.body.len());
    assert_eq!(site.get(&path("case.jsonld"), investigator).await.status.as_u16(), 404);
    super::cases_export::check(&graph.text());
    // Changed since, it must be released again.
    let noted = desk.done("note", investigator, json!({"grounds": "a further word"})).await;
    assert_eq!(noted["version"], desk.version);
    let late = site.get(&path("case.jsonld"), supervisor).await;
    assert!(late.status.as_u16() == 422 && late.text().contains("release it again"), "{}", late.text());
}

/// Its pages open to those who work it, with one heading, and without a victim's birth date.
async fn pages(site: &Recorded, case: &str, sessions: &[&str]) {
    for session in sessions {
        for path in
            ["/cases", "/cases?assigned=me", &format!("/cases/{case}"), &format!("/who-can-see/case/{case}")]
        {
            let page = site.get(path, session).await;
            assert_eq!(page.status.as_u16(), 200, "{path}: {}", page.text());
            assert_eq!(page.text().matches("<h1").count(), 1, "{path}");
            assert!(!page.text().contains("2004-01-02"), "{path}");
        }
        let page = site.get(&format!("/cases/{case}"), session).await.text();
        for part in ["J. Sample", "Victim 1", "gap", "evidence room", "<svg", "Timeline", "18 U.S.C. 1593"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}

/// Another agency opens every page and answer there is, and what it could guess.
async fn finds_nothing(site: &Recorded, case: &str, role: Role) {
    let session = site.sign_in(WEST, role).await;
    for (method, path, _) in super::operations() {
        let path = path.replace("{id}", case).replace("{noun}", "case");
        if method != "GET" || path.contains('{') {
            continue;
        }
        for path in [path.clone(), path.replacen("/api/v1", "", 1)] {
            let answer = site.get(&path, &session).await;
            if path.contains(&format!("cases/{case}")) {
                assert_eq!(answer.status.as_u16(), 404, "{path} for {role}");
            }
            for secret in SECRETS {
                assert!(
                    !answer.text().contains(secret),
                    "{role} reads `{secret}` at {path}: {}",
                    answer.text()
                );
            }
        }
    }
}
