//! The whole chain over HTTP, on SQLite and, where it is found, on PostgreSQL: a posting becomes a finding, a lead, a check with a
//! hit, an event that is approved only when nothing is missing, a recovered child with a specialist and services, a case, and one
//! counted result though three agencies claim it, frozen and amended.

use super::{in_postgresql, in_sqlite};
use crate::testing::{Recorded, pass};
use homeward_casework::rehearsal::{self, DESK, EAST, EAST_REPORT, HARBOUR, HAVEN, WEST, member};
use homeward_model::{Digest, LeadId, Role};
use serde_json::{Value, json};

#[tokio::test]
async fn from_a_posting_to_a_counted_result_in_sqlite() {
    story(&in_sqlite().await).await;
}

#[tokio::test]
async fn from_a_posting_to_a_counted_result_in_postgresql() {
    let Some((_server, site)) = in_postgresql().await else { return };
    story(&site).await;
}

fn uuid(number: u128) -> String {
    LeadId::from_bits(0xcab1e << 64 | number).to_string()
}

/// Somebody at work.
struct Person<'a> {
    site: &'a Recorded,
    session: String,
}

impl Person<'_> {
    async fn get(&self, path: &str) -> Value {
        let answer = self.site.get(&format!("/api/v1{path}"), &self.session).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Makes something new.
    async fn make(&self, path: &str, body: Value) -> Value {
        let answer = self.site.post(&format!("/api/v1{path}"), &self.session, &body).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// An act on a record, decided on the version that this person sees; what it says, and its status.
    async fn attempt(&self, record: &str, act: &str, mut body: Value) -> (u16, Value) {
        body["seen"] = self.get(record).await["version"].clone();
        let answer = self.site.post(&format!("/api/v1{record}/{act}"), &self.session, &body).await;
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn does(&self, record: &str, act: &str, body: Value) -> Value {
        let (status, said) = self.attempt(record, act, body).await;
        assert_eq!(status, 200, "{record}/{act}: {said}");
        said
    }

    /// The act is refused, and the answer says what is missing.
    async fn cannot(&self, record: &str, act: &str, body: Value, because: &str) {
        let (status, said) = self.attempt(record, act, body).await;
        assert!(status == 409 && said.to_string().contains(because), "{record}/{act}: {status} {said}");
    }
}

async fn story(site: &Recorded) {
    let person = async |agency, role| Person { site, session: site.sign_in(agency, role).await };
    let lead = lead(&person).await;
    let event = event(&person, &lead).await;
    let victim = recovered(&person, &lead, &event).await;
    cared_for(&person, &victim).await;
    case(&person, &lead).await;
    counted(&person, &victim).await;
    let verified = site.record.store.verify(None).await.unwrap();
    assert!(verified.is_ok(), "{verified:?}");
}

/// A finding of the run is admitted, triaged, given to the investigator and worked.
async fn lead<'a>(person: &impl AsyncFn(homeward_model::AgencyId, Role) -> Person<'a>) -> String {
    let analyst = person(EAST, Role::Analyst).await;
    let admit = json!({"request": uuid(1), "grounds": "two selectors agree"});
    assert_eq!(analyst.make("/findings/f-east/admit", admit).await["state"], "admitted");
    let lead = format!("/leads/{}", uuid(1));
    let (supervisor, investigator) =
        (person(EAST, Role::Supervisor).await, person(EAST, Role::Investigator).await);
    analyst.does(&lead, "triage", json!({"priority": "urgent", "office": "Charlotte"})).await;
    let to = member(EAST, Role::Investigator).to_string();
    supervisor.does(&lead, "assign", json!({"to": to})).await;
    assert_eq!(investigator.does(&lead, "start", json!({})).await["state"], "working");
    lead
}

/// The event for the lead meets a plan of WEST; both talk, the specialist confirms, the supervisor approves, it begins.
async fn event<'a>(
    person: &impl AsyncFn(homeward_model::AgencyId, Role) -> Person<'a>,
    lead: &str,
) -> String {
    let (coordinator, supervisor) =
        (person(EAST, Role::Coordinator).await, person(EAST, Role::Supervisor).await);
    let (specialist, west) =
        (person(EAST, Role::VictimSpecialist).await, person(WEST, Role::Investigator).await);
    let hours = json!({"starts": "2019-08-01", "ends": "2019-08-31"});
    let with = |mut body: Value, more: &Value| {
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let operation = format!("/operations/{}", uuid(2));
    let proposed = json!({"request": uuid(2), "name": "harbor", "office": "Charlotte"});
    coordinator.make("/operations", with(proposed, &hours)).await;
    supervisor.does(&operation, "approve", json!({})).await;
    coordinator.does(&operation, "start", json!({})).await;

    let there =
        json!({"starts": "2019-08-02 18:00", "ends": "2019-08-02 20:00", "city": "Charlotte", "state": "NC"});
    let theirs = format!("/checks/{}", uuid(3));
    west.make("/checks", with(json!({"request": uuid(3)}), &there)).await;
    let plan = json!({
        "request": uuid(4), "kind": "recovery", "lead": uuid(1), "report": EAST_REPORT,
        "staff": [member(EAST, Role::Investigator).to_string()],
        "supervisor": member(EAST, Role::Supervisor).to_string(),
        "specialist": member(EAST, Role::VictimSpecialist).to_string(),
    });
    let planned = coordinator.make(&format!("{operation}/plan"), with(plan, &there)).await;
    assert_eq!(planned["check"], "both told", "{planned}");
    let event = format!("/events/{}", uuid(4));
    supervisor.cannot(&event, "approve", json!({}), "hit without an outcome").await;
    let ours = format!("/checks/{}", planned["check_id"].as_str().unwrap());
    west.does(&theirs, "acknowledge", json!({})).await;
    coordinator.does(&ours, "contact", json!({})).await;
    coordinator.does(&ours, "settle", json!({"outcome": "joint", "grounds": "both go together"})).await;
    supervisor.cannot(&event, "approve", json!({}), "no victim specialist has confirmed").await;
    specialist.does(&event, "confirm", json!({})).await;
    supervisor.does(&event, "approve", json!({})).await;
    let investigator = person(EAST, Role::Investigator).await;
    investigator.cannot(&event, "start", json!({}), "specialist is not on site").await;
    specialist.does(&event, "arrive", json!({})).await;
    assert_eq!(investigator.does(&event, "start", json!({})).await["state"], "under way");
    assert!(investigator.get(lead).await["state"] == "working");
    event
}

/// The child is met at the event, with a specialist, and recovered; the event ends.
async fn recovered<'a>(
    person: &impl AsyncFn(homeward_model::AgencyId, Role) -> Person<'a>,
    lead: &str,
    event: &str,
) -> String {
    let investigator = person(EAST, Role::Investigator).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let specialist = member(EAST, Role::VictimSpecialist).to_string();
    let met = json!({"request": uuid(5), "report": EAST_REPORT, "event": id(event), "lead": id(lead), "specialist": specialist});
    let victim = format!("/victims/{}", uuid(5));
    assert_eq!(investigator.make("/victims", met).await["child"], true);
    let fact =
        json!({"request": uuid(6), "kind": "recovered", "grounds": "taken to the desk by two members"});
    investigator.make(&format!("{victim}/fact"), fact).await;
    let specialist = person(EAST, Role::VictimSpecialist).await;
    let seen = specialist.does(&victim, "step", json!({"step": "specialist present"})).await;
    assert_eq!(seen["overdue"], json!([]));
    investigator.does(event, "finish", json!({})).await;
    victim
}

/// A referral is declined, another is taken and done: the service of the plan is delivered.
async fn cared_for<'a>(person: &impl AsyncFn(homeward_model::AgencyId, Role) -> Person<'a>, victim: &str) {
    let specialist = person(EAST, Role::VictimSpecialist).await;
    let plan = json!({"request": uuid(10), "needs": ["emergency shelter"], "safety": "the aunt is safe"});
    specialist.make(&format!("{victim}/plan"), plan).await;
    for (number, provider, answers) in [(11, HAVEN, &["decline"][..]), (12, HARBOUR, &["accept", "finish"])] {
        let refer = json!({"request": uuid(number), "provider": provider.to_string(), "need": "emergency shelter",
            "called": "R.", "grounds": "a bed from tonight"});
        specialist.make(&format!("{victim}/refer"), refer).await;
        let partner = person(provider, Role::ServicePartner).await;
        for act in answers {
            partner
                .does(&format!("/referrals/{}", uuid(number)), act, json!({"grounds": "no bed tonight"}))
                .await;
        }
    }
    let care = specialist.get(&format!("{victim}/care")).await;
    assert_eq!((&care["plans"][0]["open"], &care["releases"]), (&json!([]), &json!([])), "{care}");
    assert_eq!(care["plans"][0]["delivered"][0]["referral"], json!(uuid(12)));
}

/// The case that follows from the lead: predicate, custody without a gap, and a matrix that names its gaps.
async fn case<'a>(person: &impl AsyncFn(homeward_model::AgencyId, Role) -> Person<'a>, lead: &str) {
    let (investigator, supervisor) =
        (person(EAST, Role::Investigator).await, person(EAST, Role::Supervisor).await);
    let lead = lead.rsplit('/').next().unwrap();
    let open = json!({"request": uuid(20), "lead": lead, "crime": "18 U.S.C. 1591(a)(1)", "facts": "one name on nine nights"});
    investigator.make("/cases", open).await;
    let case = format!("/cases/{}", uuid(20));
    investigator.cannot(&case, "take-up", json!({}), "nobody accepted its predicate yet").await;
    supervisor.does(&case, "accept", json!({"certified": "2019-03-01"})).await;
    investigator.does(&case, "take-up", json!({})).await;
    let child = json!({"name": "J. Sample", "age": "17"});
    investigator.cannot(&case, "subject", child, "is a victim").await;
    let grown = investigator.does(&case, "subject", json!({"name": "J. Sample", "age": "41"})).await;
    investigator.does(&case, "victim", json!({"born": "2004-01-02"})).await;
    let hash = Digest::of(b"page").hex();
    let exhibit = json!({"description": "captured page", "sha256": hash, "bytes": "4", "start": "2019-07-02 10:00",
        "end": "2019-07-02 10:05", "performer": "Ines Moreau", "authority": "legal-process", "basis": "warrant 19-MJ-1"});
    investigator.does(&case, "exhibit", exhibit).await;
    let hop = |from: &str| {
        json!({"exhibit": 1, "from": from, "to": "evidence room", "given": "2019-07-02 12:00", "taken": "",
            "purpose": "storage", "sha256": hash})
    };
    investigator.cannot(&case, "custody", hop("the laboratory"), "gap in holder").await;
    investigator.does(&case, "custody", hop("Ines Moreau")).await;
    let count = json!({"offence": "1591-a1", "verb": "harbors", "from": "2019-07-01", "victim": "1",
        "subjects": [grown["subjects"][0]["person"]]});
    let matrix = investigator.does(&case, "count", count).await;
    let gaps = |matrix: &Value| {
        matrix["counts"][0]["elements"].as_array().unwrap().iter().filter(|one| one["gap"] == true).count()
    };
    let link = json!({"count": 1, "element": "act", "evidence": "exhibit 1", "testimony": false});
    let linked = investigator.does(&case, "link", link).await;
    assert_eq!(gaps(&linked) + 1, gaps(&matrix), "{linked}");
}

/// Three agencies claim the child; judged to be one, the child counts once. Frozen, the figure stays; amended, both are there.
async fn counted<'a>(person: &impl AsyncFn(homeward_model::AgencyId, Role) -> Person<'a>, victim: &str) {
    let officer = person(DESK, Role::Records).await;
    let figure = async |period: &str| {
        let table = officer.get(&format!("/results{period}")).await;
        table["total"]["figures"]["child recovered"]["count"].as_u64().unwrap()
    };
    assert_eq!(figure("").await, 0, "nobody confirmed it yet");
    person(EAST, Role::Supervisor)
        .await
        .make(&format!("/recovery/{}/confirm", uuid(6)), json!({"seen": 1}))
        .await;
    assert_eq!(figure("").await, 1);

    // WEST was there too and records the child as it knows them; the desk claims by the number of the person.
    let west = person(WEST, Role::Investigator).await;
    let met = json!({"request": uuid(30), "called": "R.", "age": "14-17",
        "without": "the specialist of Eastfield is with the child"});
    west.make("/victims", met).await;
    let fact = json!({"request": uuid(31), "kind": "recovered", "grounds": "met together with Eastfield"});
    west.make(&format!("/victims/{}/fact", uuid(30)), fact).await;
    person(WEST, Role::Supervisor)
        .await
        .make(&format!("/recovery/{}/confirm", uuid(31)), json!({"seen": 1}))
        .await;
    assert_eq!(figure("").await, 2, "as long as nobody says that they are one");
    let claims = officer.get("/results/claims").await["claims"].as_array().unwrap().clone();
    let recovered = claims.iter().filter(|claim| claim["kind"] == "child recovered");
    let persons: Vec<&str> = recovered.map(|claim| claim["of"].as_str().unwrap()).collect();
    assert_eq!(persons.len(), 2, "{claims:?}");
    let claim =
        json!({"request": uuid(32), "kind": "child recovered", "of": persons[0], "happened": "2019-07-31"});
    officer.make("/results", claim).await;
    person(DESK, Role::Supervisor)
        .await
        .make(&format!("/results/claims/{}/confirm", uuid(32)), json!({"seen": 1}))
        .await;
    let same = json!({"left": persons[0], "right": persons[1], "verdict": "same", "grounds": "one child, met together"});
    person(EAST, Role::Analyst).await.make("/results/persons/judge", same).await;
    assert_eq!(figure("").await, 1, "three claims, one child");

    let period = format!("/results/periods/{}", uuid(40));
    let opened = json!({"request": uuid(40), "name": "August", "from": "2019-07-01", "until": "2019-09-01"});
    officer.make("/results/periods", opened).await;
    pass(60);
    officer.make(&format!("{period}/freeze"), json!({"seen": 1})).await;
    let frozen = officer.get(&period).await;
    pass(60);
    let late = json!({"request": uuid(41), "kind": "arrest", "happened": "2019-07-31"});
    officer.make("/results", late).await;
    let confirm = format!("/results/claims/{}/confirm", uuid(41));
    person(DESK, Role::Supervisor).await.make(&confirm, json!({"seen": 1})).await;
    let after = officer.get(&period).await;
    assert_eq!((&after["table"], &after["regenerates"]), (&frozen["table"], &json!(true)));
    let amended = officer
        .make(&format!("{period}/amend"), json!({"seen": 2, "grounds": "an arrest was reported late"}))
        .await;
    assert_eq!(amended["fixings"][1]["figures"]["arrest"], 1, "{amended}");
    // The number opens to its facts, and no name stands in it.
    let facts = officer.get("/results/facts?kind=child%20recovered").await;
    assert_eq!(facts["facts"][0]["claims"].as_array().unwrap().len(), 3, "{facts}");
    assert!(!facts.to_string().contains(rehearsal::EAST_SECRETS[0]) && !facts.to_string().contains(victim));
}
