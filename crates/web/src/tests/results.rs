//! Results over HTTP: an initiative entered by field office gives its published figures, a child whom several agencies claim
//! counts once for the nation, and what was frozen stays.

use crate::testing::{Recorded, now, pass, recorded};
use homeward_access::{Purpose, PurposeKind};
use homeward_casework::rehearsal::{DESK, EAST, WEST, actor};
use homeward_casework::{Context, WrittenResult};
use homeward_history::office_results;
use homeward_model::{LeadId, ResultId, Role};
use serde_json::{Value, json};

fn uuid(number: u128) -> String {
    LeadId::from_bits(0xdeed << 64 | number).to_string()
}

/// Claims a result as EAST's officer, and confirms it as EAST's supervisor.
async fn claimed(site: &Recorded, [officer, supervisor]: [&str; 2], number: u128, mut body: Value) {
    body["request"] = json!(uuid(number));
    let claim = site.post("/api/v1/results", officer, &body).await;
    assert_eq!(claim.status.as_u16(), 200, "{}", claim.text());
    let path = format!("/api/v1/results/claims/{}/confirm", uuid(number));
    let confirmed = site.post(&path, supervisor, &json!({"seen": 1})).await;
    assert_eq!((confirmed.status.as_u16(), &confirmed.json()["status"]), (200, &json!("confirmed")));
}

async fn figures(site: &Recorded, session: &str, query: &str) -> Value {
    let answer = site.get(&format!("/api/v1/results?{query}"), session).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

fn figure(line: &Value, kind: &str) -> u64 {
    line["figures"][kind]["count"].as_u64().unwrap_or_else(|| panic!("{kind}: {line}"))
}

/// Operation Independence Day of July 2019 as it was published: 82 recovered and 21 identified in 33 offices, 67 arrests and 60
/// investigations.
#[tokio::test]
async fn independence_day_entered_by_office_gives_its_published_figures() {
    let site = recorded().await;
    let officer = site.sign_in(EAST, Role::Records).await;
    let supervisor = site.sign_in(EAST, Role::Supervisor).await;
    let sessions = [officer.as_str(), supervisor.as_str()];
    let initiative = uuid(1);
    let result = |kind: &str, office: &str| json!({"kind": kind, "happened": "2019-07-12", "office": office, "initiative": initiative});
    let offices = office_results().iter().filter(|one| one.operation == "Operation Independence Day");
    let children = offices.flat_map(|one| vec![one.office.as_str(); one.juveniles.unwrap_or(0) as usize]);
    let mut number = 100;
    for (child, office) in children.enumerate() {
        let kind = if child < 82 { "child recovered" } else { "child identified" };
        claimed(&site, sessions, number, result(kind, office)).await;
        number += 1;
    }
    for (kind, count) in [("arrest", 67), ("case opened", 60), ("adult assisted", 39)] {
        for _ in 0..count {
            claimed(&site, sessions, number, result(kind, "")).await;
            number += 1;
        }
    }
    let query = format!("by=office&initiative={initiative}");
    let table = figures(&site, &officer, &query).await;
    let total = &table["total"];
    assert_eq!(total["identified_or_recovered"], 103);
    assert_eq!((figure(total, "child recovered"), figure(total, "child identified")), (82, 21));
    assert_eq!((figure(total, "arrest"), figure(total, "case opened")), (67, 60));
    assert_eq!(figure(total, "adult assisted"), 39);
    let lines = table["lines"].as_array().unwrap();
    let with_children = lines.iter().filter(|line| line["identified_or_recovered"] != 0).count();
    assert_eq!(with_children, 33);
    let charlotte = lines.iter().find(|line| line["name"] == "Charlotte").unwrap();
    assert_eq!(charlotte["identified_or_recovered"], 3);
    // The number opens to its facts, and so does its page.
    let facts = site.get("/api/v1/results/facts?office=Charlotte", &officer).await.json();
    assert_eq!((facts["total"].as_u64(), facts["facts"].as_array().map(Vec::len)), (Some(3), Some(3)));
    let page = site.get("/results", &officer).await.text();
    assert!(page.contains("Charlotte") && page.contains("What each figure counts"), "{page}");
    assert!(site.get("/results/facts?kind=arrest", &officer).await.text().contains("67 facts"));
    // To be published, small offices are hidden, and Charlotte's three children with them.
    let hidden = figures(&site, &officer, &format!("{query}&publish=yes")).await;
    let charlotte =
        hidden["lines"].as_array().unwrap().iter().find(|line| line["name"] == "Charlotte").unwrap();
    assert_eq!(charlotte["figures"]["child recovered"]["count"], Value::Null);
    assert_eq!(figure(&hidden["total"], "arrest"), 67);
    freezes(&site, sessions, &initiative).await;
    // Another agency reads none of it, and who has no use for results sees none.
    for session in [site.sign_in(WEST, Role::Supervisor).await, site.sign_in(EAST, Role::Investigator).await]
    {
        let seen = figures(&site, &session, "by=office").await;
        assert_eq!(seen["lines"].as_array().unwrap().len(), 0);
    }
}

/// A frozen period gives the same bytes whatever comes later, and is amended with a reason.
async fn freezes(site: &Recorded, sessions: [&str; 2], initiative: &str) {
    let [officer, _] = sessions;
    let opened = json!({"request": uuid(2), "name": "Independence Day", "from": "2019-07-01", "until": "2019-08-01",
        "initiative": initiative});
    assert_eq!(site.post("/api/v1/results/periods", officer, &opened).await.status.as_u16(), 200);
    let period = format!("/api/v1/results/periods/{}", uuid(2));
    let early = json!({"seen": 1, "grounds": "too early"});
    let refused = site.post(&format!("{period}/amend"), officer, &early).await;
    assert_eq!(refused.status.as_u16(), 409);
    assert!(refused.text().contains("open cannot be amended; allowed: freeze"), "{}", refused.text());
    let frozen = site.post(&format!("{period}/freeze"), officer, &json!({"seen": 1})).await.json();
    assert_eq!(frozen["fixings"][0]["figures"]["child recovered"], 82);
    let before = site.get(&format!("{period}?by=office"), officer).await.json();
    pass(60);
    for number in 5000..5040 {
        let body = json!({"kind": "child recovered", "happened": "2019-07-30", "office": "Charlotte",
            "initiative": initiative});
        claimed(site, sessions, number, body).await;
    }
    let after = site.get(&format!("{period}?by=office"), officer).await.json();
    assert_eq!(after, before);
    assert_eq!(after["regenerates"], true);
    let why = json!({"seen": 2, "grounds": "forty more were reported late"});
    let amended = site.post(&format!("{period}/amend"), officer, &why).await.json();
    assert_eq!(amended["state"], "amended");
    assert_eq!(amended["fixings"][1]["figures"]["child recovered"], 122);
    let first = site.get(&format!("{period}?by=office&fixing=1"), officer).await.json();
    assert_eq!((&first["table"], &first["regenerates"]), (&before["table"], &json!(true)));
    let page = site.get(&period.replacen("/api/v1", "", 1), officer).await.text();
    assert!(page.contains("forty more were reported late") && page.contains("give again what was fixed"));
}

#[tokio::test]
async fn a_child_whom_three_agencies_claim_counts_once_for_the_desk() {
    let site = recorded().await;
    let desk = site.sign_in(DESK, Role::Records).await;
    let purpose = Purpose::of(PurposeKind::Results);
    let children = [(EAST, 1, 0xc1), (WEST, 2, 0xc1), (DESK, 3, 0xc2)];
    for (agency, number, child) in children {
        let [officer, supervisor] = [Role::Records, Role::Supervisor].map(|role| actor(agency, role));
        let context = |actor| Context { actor, purpose: &purpose, from: "worker", now: now() };
        let written = WrittenResult {
            kind: "child recovered".into(),
            of: uuid(child),
            happened: "2019-07-12".into(),
            state: if agency == EAST { "NC" } else { "TX" }.into(),
            ..WrittenResult::default()
        };
        let claim = written.read(ResultId::from_bits(number)).unwrap();
        let casework = &site.record.casework;
        casework.claim_results(&context(&officer), vec![claim]).await.unwrap();
        let revision = homeward_casework::Revision { seen: 1, request: number << 8 };
        casework.confirm_result(&context(&supervisor), ResultId::from_bits(number), revision).await.unwrap();
    }
    let table = figures(&site, &desk, "by=agency").await;
    assert_eq!(figure(&table["total"], "child recovered"), 2);
    let west =
        table["lines"].as_array().unwrap().iter().find(|line| line["name"] == "Westhaven Police Department");
    assert_eq!(
        west.unwrap()["figures"]["child recovered"],
        json!({"count": 0, "waiting": 0, "elsewhere": 1})
    );
    // An analyst knows that the two records are one child.
    pass(10);
    let analyst = site.sign_in(EAST, Role::Analyst).await;
    let body = json!({"left": uuid(0xc1), "right": uuid(0xc2), "verdict": "same", "grounds": "one birthday"});
    let judged = site.post("/api/v1/results/persons/judge", &analyst, &body).await;
    assert_eq!(judged.status.as_u16(), 200, "{}", judged.text());
    assert_eq!(figure(&figures(&site, &desk, "by=state").await["total"], "child recovered"), 1);
    let earlier = figures(&site, &desk, "by=state&as_of=2019-07-31T23:59:59Z").await;
    assert_eq!(figure(&earlier["total"], "child recovered"), 2);
    let facts = site.get("/api/v1/results/facts?kind=child%20recovered", &desk).await.json();
    assert_eq!(
        (facts["total"].as_u64(), facts["facts"][0]["claims"].as_array().map(Vec::len)),
        (Some(1), Some(3))
    );
    // What has not come yet cannot be known, and nonsense is told.
    for query in ["as_of=2030-01-01", "by=moon", "from=soon"] {
        let refused = site.get(&format!("/api/v1/results?{query}"), &desk).await;
        assert_eq!(refused.status.as_u16(), 422, "{query}");
    }
}

#[tokio::test]
async fn what_others_published_is_shown_with_its_source() {
    let site = recorded().await;
    let session = site.sign_in(EAST, Role::Investigator).await;
    let history = site.get("/api/v1/results/history?source=hotline&year=2016", &session).await.json();
    let states = history["states"].as_array().unwrap();
    let of = |state: &str| states.iter().find(|one| one["state"] == state).unwrap();
    assert_eq!((&of("NC")["rank"], &of("NC")["count"]), (&json!(10), &json!(181)));
    assert_eq!((&of("SC")["rank"], &of("SC")["count"]), (&json!(26), &json!(73)));
    assert_eq!(history["operations"].as_array().unwrap().len(), 15);
    let page = site.get("/results/history", &session).await.text();
    assert!(page.contains("North Carolina") && page.contains("Operation Independence Day"));
    let refused = site.get("/results/history?year=1999", &session).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.text().contains("2012 to 2016"), "{}", refused.text());
}

#[tokio::test]
async fn a_coordinator_counts_what_agencies_in_their_initiative_claim() {
    let site = recorded().await;
    let coordinator = site.sign_in(EAST, Role::Coordinator).await;
    let [officer, supervisor] =
        [site.sign_in(WEST, Role::Records).await, site.sign_in(WEST, Role::Supervisor).await];
    let initiative = uuid(1);
    let page = format!("/api/v1/initiatives/{initiative}");
    let month =
        json!({"request": initiative, "name": "one month", "starts": "2019-07-01", "ends": "2019-08-31"});
    assert_eq!(site.post("/api/v1/initiatives", &coordinator, &month).await.status.as_u16(), 200);
    let arrest = |number: u128| json!({"request": uuid(number), "kind": "arrest", "happened": "2019-07-12", "initiative": initiative});
    assert_eq!(site.post("/api/v1/results", &officer, &arrest(7)).await.status.as_u16(), 200);
    let arrests = async || {
        let board = site.get(&format!("{page}/board"), &coordinator).await.json();
        let lines = board["results"]["lines"].as_array().unwrap();
        let line = lines.iter().find(|line| line["kind"] == "arrest").unwrap();
        let facts =
            site.get(&format!("/api/v1{}", line["href"].as_str().unwrap()), &coordinator).await.json();
        (line["count"].as_u64().unwrap(), line["waiting"].as_u64().unwrap(), facts["total"].as_u64().unwrap())
    };
    assert_eq!(arrests().await, (0, 0, 0), "they have not joined");
    let joining = json!({"seen": 1, "agency": WEST.to_string(), "until": "2019-08-20"});
    site.post(&format!("{page}/join"), &coordinator, &joining).await;
    assert_eq!(arrests().await, (0, 1, 1));
    // It waits on the day of who can confirm it, and not of who claimed it.
    let waits = async |session: &str| site.get("/day", session).await.text().contains(&uuid(7));
    assert!(waits(&supervisor).await && !waits(&officer).await && !waits(&coordinator).await);
    let claim = format!("/results/claims/{}", uuid(7));
    let own = site.get(&claim, &officer).await.text();
    assert!(own.contains("you claimed it: somebody else of Westhaven") && own.contains("one month"), "{own}");
    let confirm = format!("/api/v1{claim}/confirm");
    assert_eq!(site.post(&confirm, &coordinator, &json!({"seen": 1})).await.status.as_u16(), 404);
    assert_eq!(site.post(&confirm, &supervisor, &json!({"seen": 1})).await.status.as_u16(), 200);
    assert_eq!(arrests().await, (1, 0, 1));
    assert!(!waits(&supervisor).await);
    // The officer's table has the initiative by its name, and each of its figures opens to its own facts.
    let table = site.get("/results?by=initiative&from=2019-07-01&until=2019-08-01", &officer).await.text();
    assert!(table.contains("one month"), "{table}");
    let of = |line: &str, from: &str| format!("/api/v1/results/facts?kind=arrest&line={line}&from={from}");
    for (line, from, total) in
        [(initiative.as_str(), "2019-07-01", 1), (&initiative, "2019-07-13", 0), ("none", "2019-07-01", 0)]
    {
        assert_eq!(site.get(&of(line, from), &officer).await.json()["total"], total, "{line} {from}");
    }
    let opened = json!({"request": uuid(2), "name": "July", "from": "2019-07-01", "until": "2019-08-01"});
    site.post("/api/v1/results/periods", &officer, &opened).await;
    site.post(&format!("/api/v1/results/periods/{}/freeze", uuid(2)), &officer, &json!({"seen": 1})).await;
    pass(60);
    claimed(&site, [&officer, &supervisor], 8, arrest(8)).await;
    let of_july = async |fixing: &str| {
        let path = format!("/api/v1/results/facts?period={}&fixing={fixing}", uuid(2));
        site.get(&path, &officer).await
    };
    assert_eq!(of_july("").await.json()["total"], 1);
    assert_eq!(of_july("2").await.status.as_u16(), 422);
    // Left, their results are theirs alone.
    let left = json!({"seen": 2, "agency": WEST.to_string(), "grounds": "done"});
    site.post(&format!("{page}/leave"), &coordinator, &left).await;
    assert_eq!(arrests().await, (0, 0, 0));
}
