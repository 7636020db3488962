//! One story over HTTP, on SQLite and, where it is found, on PostgreSQL: a child is met, recovered with a specialist at her
//! side, referred into the network of services, and missing again.

use super::{in_postgresql, in_sqlite};
use crate::testing::{Answered, Recorded, pass};
use homeward_casework::rehearsal::{self, EAST, EAST_REPORT, EAST_SECRETS, HARBOUR, HAVEN, WEST, member};
use homeward_model::{LeadId, Role};
use serde_json::{Value, json};

#[tokio::test]
async fn a_child_is_recovered_and_cared_for_in_sqlite() {
    story(&in_sqlite().await).await;
}

#[tokio::test]
async fn a_child_is_recovered_and_cared_for_in_postgresql() {
    let Some((_server, site)) = in_postgresql().await else { return };
    story(&site).await;
}

/// The id of what is made by a request.
pub(super) fn uuid(number: u128) -> String {
    LeadId::from_bits(0xca4e << 64 | number).to_string()
}

/// The answer of an act that was done.
pub(super) async fn done(site: &Recorded, path: &str, session: &str, body: Value) -> Value {
    let answer = site.post(&format!("/api/v1{path}"), session, &body).await;
    assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text());
    answer.json()
}

async fn refused(site: &Recorded, path: &str, session: &str, body: Value) -> Answered {
    let answer = site.post(&format!("/api/v1{path}"), session, &body).await;
    assert!(!answer.status.is_success(), "{path}: {}", answer.text());
    answer
}

/// Records the child of EAST's report with EAST's specialist, and gives the path of the victim.
pub(super) async fn met(site: &Recorded) -> String {
    let finder = site.sign_in(EAST, Role::Investigator).await;
    let alone = json!({"request": uuid(1), "report": EAST_REPORT});
    let answer = refused(site, "/victims", &finder, alone).await;
    assert!(answer.text().contains("nobody is recovered without a victim specialist"), "{}", answer.text());
    let specialist = member(EAST, Role::VictimSpecialist).to_string();
    let body = json!({"request": uuid(1), "report": EAST_REPORT, "specialist": specialist});
    for _ in 0..3 {
        let victim = done(site, "/victims", &finder, body.clone()).await;
        assert_eq!((&victim["state"], &victim["version"]), (&json!("recorded"), &json!(1)));
        assert_eq!(victim["called"], format!("{} {}", EAST_SECRETS[0], EAST_SECRETS[1]));
        assert_eq!((&victim["age"], &victim["child"]), (&json!("15"), &json!(true)));
    }
    format!("/victims/{}", uuid(1))
}

async fn story(site: &Recorded) {
    let victim = met(site).await;
    recovered(site, &victim).await;
    cared_for(site, &victim).await;
    given_away(site, &victim).await;
    missing_again(site, &victim).await;
    let verified = site.record.store.verify(None).await.unwrap();
    assert!(verified.is_ok(), "{verified:?}");
}

/// The specialist finds the child in her day's work; the clock runs, and is told when it is late.
async fn recovered(site: &Recorded, victim: &str) {
    let specialist = site.sign_in(EAST, Role::VictimSpecialist).await;
    let day = site.get("/api/v1/day", &specialist).await.json();
    assert!(day["notices"].as_array().unwrap().iter().any(|one| one["noun"] == "victim"), "{day}");
    let fact =
        json!({"request": uuid(2), "kind": "recovered", "grounds": "taken to the desk by two members"});
    done(site, &format!("{victim}/fact"), &specialist, fact).await;
    let adult = json!({"kind": "adult assisted", "grounds": "x"});
    assert_eq!(refused(site, &format!("{victim}/fact"), &specialist, adult).await.status.as_u16(), 422);
    let seen = site.get(&format!("/api/v1{victim}"), &specialist).await.json();
    assert_eq!((seen["clock"].as_array().unwrap().len(), &seen["overdue"]), (8, &json!([])));
    let step = json!({"seen": 2, "request": uuid(3), "step": "specialist present"});
    done(site, &format!("{victim}/step"), &specialist, step).await;
    pass(5 * 3600);
    let supervisor = site.sign_in(EAST, Role::Supervisor).await;
    let day = site.get("/api/v1/day", &supervisor).await.json();
    assert_eq!(day["steps"][0]["overdue"], json!(["safe place"]), "{day}");
    let page = site.get(victim, &supervisor).await.text();
    assert!(page.contains("<strong>overdue</strong>") && !page.contains("/care"), "{page}");
    // The worker tells who must know, once.
    let outside = rehearsal::outside(crate::testing::now());
    let id = uuid(1).parse().unwrap();
    assert_eq!(site.record.store.remind_of_steps(outside, id).await.unwrap(), 2);
    site.record.store.remind_of_steps(outside, id).await.unwrap();
    let day = site.get("/api/v1/day", &supervisor).await.json();
    let clocks = day["notices"].as_array().unwrap().iter().filter(|one| one["kind"] == "clock");
    assert_eq!(clocks.count(), 1, "{day}");
    done(site, &format!("/recovery/{}/confirm", uuid(2)), &supervisor, json!({"seen": 1})).await;
    // Of another agency nobody finds the child.
    for role in [Role::Investigator, Role::Supervisor] {
        let session = site.sign_in(WEST, role).await;
        assert_eq!(site.get(&format!("/api/v1{victim}"), &session).await.status.as_u16(), 404);
    }
}

/// A plan, a referral that is declined, another that is taken and done, and a note.
async fn cared_for(site: &Recorded, victim: &str) {
    let specialist = site.sign_in(EAST, Role::VictimSpecialist).await;
    let plan = json!({"request": uuid(10), "needs": ["emergency shelter", "legal help"], "safety": "the aunt is safe"});
    done(site, &format!("{victim}/plan"), &specialist, plan).await;
    let refer = |number, provider: String| {
        json!({"request": uuid(number), "provider": provider, "need": "emergency shelter", "called": "Rowan",
            "grounds": "a bed from tonight, ground floor"})
    };
    let police = refused(site, &format!("{victim}/refer"), &specialist, refer(11, WEST.to_string())).await;
    assert_eq!(police.status.as_u16(), 422);
    done(site, &format!("{victim}/refer"), &specialist, refer(11, HAVEN.to_string())).await;
    let (haven, first) =
        (site.sign_in(HAVEN, Role::ServicePartner).await, format!("/referrals/{}", uuid(11)));
    let day = site.get("/api/v1/day", &haven).await.json();
    assert_eq!(day["referrals"][0]["says"], "a bed from tonight, ground floor", "{day}");
    let page = site.get(&first, &haven).await.text();
    assert!(page.contains("Accept") && page.contains("Decline"), "{page}");
    // With the form of the page: why is asked for.
    let fields = [("seen", "1"), ("grounds", " ")];
    assert_eq!(site.fill(&format!("{first}/decline"), &haven, &fields).await.status.as_u16(), 422);
    let form = uuid(16);
    let fields = [("seen", "1"), ("request", &form), ("grounds", "no bed tonight")];
    for _ in 0..2 {
        let declined = site.fill(&format!("{first}/decline"), &haven, &fields).await;
        assert_eq!((declined.status.as_u16(), declined.header("location")), (303, "/referrals"));
        assert_eq!(site.get(&first, &haven).await.status.as_u16(), 404);
    }
    // An old page, sent again from a colleague's desk or after the back button, is told what became of it.
    for act in ["accept", "decline", "finish"] {
        let again = site.fill(&format!("{first}/{act}"), &haven, &[("seen", "1"), ("grounds", "x")]).await;
        let said = again.text();
        assert!(again.status.as_u16() == 409 && said.contains("was declined already by"), "{act}: {said}");
        assert!(!said.contains("Rowan") && !said.contains("ground floor"), "{act}: {said}");
    }
    let stranger = site.sign_in(HARBOUR, Role::ServicePartner).await;
    for session in [&stranger, &site.sign_in(EAST, Role::Supervisor).await] {
        let tried = site.fill(&format!("{first}/decline"), session, &[("seen", "1"), ("grounds", "x")]).await;
        assert_eq!(tried.status.as_u16(), 404);
    }
    let care = site.get(&format!("/api/v1{victim}/care"), &specialist).await.json();
    assert_eq!(care["referrals"][0]["declined"], "no bed tonight", "{care}");
    done(site, &format!("{victim}/refer"), &specialist, refer(12, HARBOUR.to_string())).await;
    let (harbour, second) =
        (site.sign_in(HARBOUR, Role::ServicePartner).await, format!("/referrals/{}", uuid(12)));
    done(site, &format!("{second}/accept"), &harbour, json!({"seen": 1, "request": uuid(13)})).await;
    done(site, &format!("{second}/accept"), &harbour, json!({"seen": 1, "request": uuid(13)})).await;
    let twice = refused(site, &format!("{second}/accept"), &harbour, json!({"seen": 2})).await;
    assert!(
        twice.status.as_u16() == 409 && twice.text().contains("was accepted already by"),
        "{}",
        twice.text()
    );
    done(site, &format!("{second}/finish"), &harbour, json!({"seen": 2, "request": uuid(14)})).await;
    let late =
        refused(site, &format!("{second}/decline"), &harbour, json!({"seen": 3, "grounds": "x"})).await;
    assert!(late.status.as_u16() == 409 && late.text().contains("was done already by"), "{}", late.text());
    let care = site.get(&format!("/api/v1{victim}/care"), &specialist).await.json();
    assert_eq!(care["plans"][0]["open"], json!(["legal help"]), "{care}");
    assert_eq!(care["plans"][0]["delivered"][0]["referral"], json!(uuid(12)));
    done(site, &format!("{victim}/note"), &specialist, json!({"request": uuid(15), "grounds": "slept well"}))
        .await;
    let page = site.get(&format!("{victim}/care"), &specialist).await.text();
    assert!(page.contains("slept well") && page.contains("by referral"), "{page}");
    // Nothing of this took a release.
    assert_eq!(care["releases"], json!([]));
    done(site, &format!("/plans/{}/agree", uuid(10)), &specialist, json!({"seen": 2})).await;
    done(site, &format!("/plans/{}/close", uuid(10)), &specialist, json!({"seen": 3, "grounds": "at home"}))
        .await;
}

/// What a court compels and what must be reported is written down, told, and printed; it opens nothing.
async fn given_away(site: &Recorded, victim: &str) {
    let harbour = site.sign_in(HARBOUR, Role::ServicePartner).await;
    let specialist = site.sign_in(EAST, Role::VictimSpecialist).await;
    let report = json!({"request": uuid(30), "victim": uuid(1), "kind": "mandatory report", "called": "Rowan",
        "to": "child protection of Example County", "by": "A. Sampleton"});
    let marked = done(site, "/disclosures", &harbour, report).await;
    assert_eq!((&marked["state"], &marked["given"]), (&json!("reported"), &Value::Null));
    let order = json!({"request": uuid(31), "kind": "compelled release", "called": "a client", "order": "26 CR 104",
        "court": "Superior Court", "issued": "2019-07-01", "given": "two dates, to the clerk", "safety": "a new room"});
    let mut bad = order.clone();
    bad["safety"] = json!("");
    let said = refused(site, "/disclosures", &harbour, bad).await;
    assert!(said.status.as_u16() == 422 && said.text().contains("`safety`"), "{}", said.text());
    for _ in 0..2 {
        let made = done(site, "/disclosures", &harbour, order.clone()).await;
        assert_eq!((&made["state"], &made["version"]), (&json!("not told"), &json!(1)));
    }
    let path = format!("/disclosures/{}", uuid(31));
    let tried = json!({"seen": 1, "request": uuid(32), "grounds": "no answer on the safe number"});
    assert_eq!(done(site, &format!("{path}/tell"), &harbour, tried).await["state"], "not told");
    let told = json!({"seen": 2, "request": uuid(33), "reached": "yes", "grounds": "in person"});
    assert_eq!(done(site, &format!("{path}/tell"), &harbour, told).await["state"], "told");
    let nobody = json!({"seen": 1, "reached": "yes", "grounds": "x"});
    refused(site, &format!("/disclosures/{}/tell", uuid(30)), &harbour, nobody).await;
    // Each keeps its own; nobody else finds anything.
    let care = |session: &str| {
        let (path, session) = (format!("/api/v1{victim}/care"), session.to_owned());
        async move { site.get(&path, &session).await.json()["disclosures"].as_array().unwrap().len() }
    };
    assert_eq!((care(&harbour).await, care(&specialist).await), (1, 0));
    for (agency, role) in
        [(EAST, Role::VictimSpecialist), (HAVEN, Role::ServicePartner), (EAST, Role::Supervisor)]
    {
        let session = site.sign_in(agency, role).await;
        assert_eq!(site.get(&path, &session).await.status.as_u16(), 404, "{role} of {agency}");
        let page = site.get("/confidentiality", &session).await;
        assert_eq!(page.status.as_u16(), if role == Role::Supervisor { 404 } else { 200 });
        assert!(!page.text().contains("26 CR 104"), "{role} of {agency}");
    }
    let seen = site.get("/api/v1/confidentiality", &harbour).await.json();
    assert_eq!(seen["disclosures"].as_array().unwrap().len(), 2, "{seen}");
    assert_eq!(seen["attempts"].as_array().unwrap().len(), 3, "each who tried, once: {seen}");
    let counts = seen["outward"].as_array().unwrap();
    let count = |what: &str| counts.iter().find(|one| one["what"] == what).unwrap()["count"].clone();
    assert_eq!((count("compelled releases"), count("releases that stand")), (Value::Null, json!(0)));
    let page = site.get("/confidentiality", &harbour).await.text();
    assert!(page.contains("26 CR 104") && page.contains("hidden"), "{page}");
    // A mistake stays, marked.
    let mistake = json!({"seen": 1, "grounds": "of another client"});
    let made = done(site, &format!("/disclosures/{}/withdraw", uuid(30)), &harbour, mistake).await;
    assert_eq!(made["state"], "withdrawn");
}

/// The entry is cleared, and a month later the same child is missing again: the report and the plan go on.
async fn missing_again(site: &Recorded, victim: &str) {
    let finder = site.sign_in(EAST, Role::Investigator).await;
    let report = format!("/api/v1/missing/{EAST_REPORT}");
    let state = async |expected: &str| {
        let state = site.get(&report, &finder).await.json()["state"].clone();
        assert_eq!(state, expected);
    };
    state("missing").await;
    let cleared =
        json!({"request": uuid(20), "kind": "entry cleared", "grounds": "by telephone of the desk"});
    done(site, &format!("{victim}/fact"), &finder, cleared).await;
    state("located").await;
    let seen = site.get(&format!("/api/v1{victim}"), &finder).await.json()["version"].clone();
    let again = done(site, &format!("{victim}/missing-again"), &finder, json!({"seen": seen})).await;
    assert_eq!((&again["state"], &again["clock"]), (&json!("missing again"), &json!([])));
    state("missing").await;
    let specialist = site.sign_in(EAST, Role::VictimSpecialist).await;
    let care = site.get(&format!("/api/v1{victim}/care"), &specialist).await.json();
    assert_eq!(care["plans"][0]["state"], "drafted", "{care}");
}

#[tokio::test]
async fn a_lead_ends_with_the_child_whom_it_led_to() {
    let site = super::world::world().await;
    let finder = site.sign_in(EAST, Role::Investigator).await;
    let of = |method, path| super::world::request(method, path, EAST).unwrap().0;
    let (path, victim) = (of("POST", "/api/v1/leads/{id}/close"), of("GET", "/api/v1/victims/{id}"));
    let theirs = super::world::request("GET", "/api/v1/victims/{id}", WEST).unwrap().0;
    let body = |victim: &str| {
        let victim = victim.rsplit('/').next().unwrap();
        json!({"seen": 4, "outcome": "recovered", "victim": victim, "grounds": "by the number of the lead"})
    };
    assert_eq!(site.post(&path, &finder, &body(&theirs)).await.status.as_u16(), 404);
    let closed = site.post(&path, &finder, &body(&victim)).await;
    assert_eq!(closed.json()["outcome"], "recovered", "{}", closed.text());
}

#[tokio::test]
async fn a_victim_without_a_specialist_is_in_sight_until_one_comes() {
    let site = crate::testing::recorded().await;
    let finder = site.sign_in(EAST, Role::Investigator).await;
    let body =
        json!({"request": uuid(1), "called": "R.", "age": "14-17", "without": "both are at another event"});
    let victim = done(&site, "/victims", &finder, body).await;
    assert_eq!(victim["state"], "without a specialist");
    let specialist = site.sign_in(EAST, Role::VictimSpecialist).await;
    for session in [&site.sign_in(EAST, Role::Supervisor).await, &specialist] {
        let day = site.get("/api/v1/day", session).await.json();
        assert_eq!(day["unpaired"][0]["id"], json!(uuid(1)), "{day}");
        assert_eq!(day["notices"][0]["kind"], "victim without a specialist", "{day}");
    }
    let path = format!("/victims/{}/pair", uuid(1));
    let paired = done(&site, &path, &specialist, json!({"seen": 1})).await;
    assert_eq!(paired["state"], "recorded");
    let day = site.get("/api/v1/day", &specialist).await.json();
    assert_eq!(day["unpaired"], json!([]));
}
