//! One story over HTTP, on SQLite and, where it is found, on PostgreSQL: an initiative, an operation, and an event that another
//! agency's plan meets; refused with what is missing at each stage, moved, and under way only with the specialist on site.

use super::story::reads_nothing_of;
use super::{in_postgresql, in_sqlite};
use crate::testing::{Recorded, pass};
use homeward_casework::rehearsal::{EAST, WEST, member};
use homeward_model::{CheckId, EventId, InitiativeId, LeadId, OperationId, Role};
use serde_json::{Value, json};

#[tokio::test]
async fn an_event_goes_on_when_nothing_is_missing_in_sqlite() {
    story(&in_sqlite().await).await;
}

#[tokio::test]
async fn an_event_goes_on_when_nothing_is_missing_in_postgresql() {
    let Some((_server, site)) = in_postgresql().await else { return };
    story(&site).await;
}

/// What nobody outside EAST may read.
const SECRETS: [&str; 4] = ["9 Willow Lane", "bring Rowan home", "St. Example Hospital", "704-555-0150"];

/// Everybody of the story, by their sessions.
struct Cast {
    coordinator: String,
    supervisor: String,
    specialist: String,
    investigator: String,
    west: String,
    west_analyst: String,
}

async fn done(site: &Recorded, path: &str, session: &str, body: &Value) -> Value {
    let answer = site.post(&format!("/api/v1{path}"), session, body).await;
    assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text());
    answer.json()
}

/// An act is refused, and the answer says what is missing.
async fn refused(site: &Recorded, path: &str, session: &str, body: &Value, because: &str) {
    let answer = site.post(&format!("/api/v1{path}"), session, body).await;
    assert_eq!(answer.status.as_u16(), 409, "{path}: {}", answer.text());
    assert!(answer.text().contains(because), "{path}: {}", answer.text());
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn story(site: &Recorded) {
    let cast = Cast {
        coordinator: site.sign_in(EAST, Role::Coordinator).await,
        supervisor: site.sign_in(EAST, Role::Supervisor).await,
        specialist: site.sign_in(EAST, Role::VictimSpecialist).await,
        investigator: site.sign_in(EAST, Role::Investigator).await,
        west: site.sign_in(WEST, Role::Investigator).await,
        west_analyst: site.sign_in(WEST, Role::Analyst).await,
    };
    let operation = operation(site, &cast).await;
    let event = event(site, &cast, &operation).await;
    pages(site, &cast, &operation, &event).await;
    nobody_is_alone_unseen(site, &cast, &operation, &event).await;
    for role in [Role::Analyst, Role::Investigator, Role::Supervisor] {
        let closed = [format!("/events/{event}"), format!("/events/{event}/card")];
        reads_nothing_of(site, WEST, role, &SECRETS, &closed.each_ref().map(String::as_str)).await;
    }
    idle(site, &operation).await;
    let verified = site.record.store.verify(None).await.unwrap();
    assert!(verified.is_ok(), "{verified:?}");
}

/// An initiative that WEST joins until a date, and an operation of EAST in it.
async fn operation(site: &Recorded, cast: &Cast) -> String {
    let initiative = InitiativeId::from_bits(0x1111).to_string();
    let hours = json!({"starts": "2019-08-01", "ends": "2019-08-31"});
    let planned = with(json!({"request": initiative, "name": "one month"}), &hours);
    for _ in 0..3 {
        let made = done(site, "/initiatives", &cast.coordinator, &planned).await;
        assert_eq!((&made["state"], &made["version"]), (&json!("planned"), &json!(1)));
    }
    let page = format!("/initiatives/{initiative}");
    let status = async || site.get(&format!("/api/v1{page}"), &cast.west_analyst).await.status.as_u16();
    assert_eq!(status().await, 404);
    let joining = json!({"seen": 1, "agency": WEST.to_string(), "until": "2019-09-30"});
    refused(site, &format!("{page}/join"), &cast.coordinator, &joining, "with the initiative at the latest")
        .await;
    let joining = json!({"seen": 1, "agency": WEST.to_string(), "until": "2019-08-20"});
    done(site, &format!("{page}/join"), &cast.coordinator, &joining).await;
    assert_eq!(status().await, 200);

    let operation = OperationId::from_bits(0x2222).to_string();
    let proposed =
        json!({"request": operation, "name": "harbor", "initiative": initiative, "office": "Charlotte"});
    done(site, "/operations", &cast.coordinator, &with(proposed, &hours)).await;
    let path = |act: &str| format!("/operations/{operation}/{act}");
    let day = site.get("/api/v1/day", &cast.supervisor).await.json();
    assert_eq!(day["operations"][0]["name"], "harbor", "{day}");
    refused(site, &path("start"), &cast.coordinator, &json!({"seen": 1}), "allowed: approve").await;
    let own = site.post(&format!("/api/v1{}", path("approve")), &cast.coordinator, &json!({"seen": 1})).await;
    assert_eq!(own.status.as_u16(), 404, "a coordinator approves nothing");
    done(site, &path("approve"), &cast.supervisor, &json!({"seen": 1})).await;
    refused(site, &path("start"), &cast.coordinator, &json!({"seen": 2}), "its initiative is planned").await;
    done(site, &format!("{page}/open"), &cast.coordinator, &json!({"seen": 2})).await;
    done(site, &path("start"), &cast.coordinator, &json!({"seen": 2})).await;
    let read = site.get(&format!("/api/v1/operations/{operation}"), &cast.west_analyst).await;
    assert_eq!((read.status.as_u16(), &read.json()["name"]), (200, &json!("harbor")));
    operation
}

async fn event(site: &Recorded, cast: &Cast, operation: &str) -> String {
    // WEST plans something at the same hour and place before.
    let there =
        json!({"starts": "2019-08-02 18:00", "ends": "2019-08-02 20:00", "city": "Charlotte", "state": "NC"});
    let theirs = CheckId::from_bits(0x3e).to_string();
    done(site, "/checks", &cast.west, &with(json!({"request": theirs}), &there)).await;

    let event = EventId::from_bits(0x3333).to_string();
    let body = json!({
        "request": event, "kind": "recovery", "address": SECRETS[0], "objective": SECRETS[1],
        "safe_place": SECRETS[2], "contacts": SECRETS[3],
        "staff": [member(EAST, Role::Investigator).to_string()],
        "supervisor": member(EAST, Role::Supervisor).to_string(),
        "specialist": member(EAST, Role::VictimSpecialist).to_string(),
    });
    let path = |act: &str| format!("/events/{event}/{act}");
    let plan = format!("/operations/{operation}/plan");
    let made = done(site, &plan, &cast.coordinator, &with(body.clone(), &there)).await;
    assert_eq!((&made["state"], &made["check"]), (&json!("planned"), &json!("both told")), "{made}");
    assert_eq!(made["lacks"].as_array().unwrap().len(), 2, "{made}");
    assert_eq!(made["others"].as_array().unwrap().len(), 1);
    let wanting = site.post(&format!("/api/v1{plan}"), &cast.coordinator, &json!({"kind": "raid"})).await;
    assert_eq!(wanting.status.as_u16(), 422);
    for part in ["`kind` is one of", "give both `starts` and `ends`", "give the place"] {
        assert!(wanting.text().contains(part), "{part}: {}", wanting.text());
    }
    let outsider = with(body, &there);
    let outsider =
        with(outsider, &json!({"staff": [member(WEST, Role::Investigator).to_string()], "request": ""}));
    let outsider = site.post(&format!("/api/v1{plan}"), &cast.coordinator, &outsider).await;
    assert_eq!(outsider.status.as_u16(), 422, "{}", outsider.text());

    // Who must do something finds it in their day.
    for (session, part) in [(&cast.coordinator, "lacking"), (&cast.specialist, "hours")] {
        let day = site.get("/api/v1/day", session).await.json();
        assert_eq!(day[part][0]["id"], json!(event), "{part}: {day}");
        assert!(!day.to_string().contains(SECRETS[0]), "{day}");
    }
    let day = site.get("/api/v1/day", &cast.investigator).await.json();
    assert!(day["notices"].to_string().contains(&event), "{day}");

    // Refused with what is missing, stage by stage.
    let version = async || {
        let seen = site.get(&format!("/api/v1/events/{event}"), &cast.coordinator).await.json();
        json!({"seen": seen["version"]})
    };
    refused(site, &path("approve"), &cast.supervisor, &version().await, "hit without an outcome").await;
    let page = site.get(&format!("/events/{event}"), &cast.supervisor).await.text();
    assert!(page.contains("Not yet: its check has a hit without an outcome"), "{page}");
    settle(site, cast, made["check_id"].as_str().unwrap(), &theirs).await;
    let seen = site.get(&format!("/api/v1/events/{event}"), &cast.specialist).await.json();
    assert_eq!((&seen["state"], &seen["others"]), (&json!("checked"), &json!([])), "{seen}");
    refused(site, &path("approve"), &cast.supervisor, &version().await, "no victim specialist has confirmed")
        .await;
    refused(site, &path("confirm"), &cast.coordinator, &version().await, "only the specialist who was asked")
        .await;
    // She declines: the event says that it has none, and another must be asked, or she again.
    let cannot = json!({"grounds": "with another child that evening"});
    refused(site, &path("decline"), &cast.coordinator, &with(version().await, &cannot), "who was asked")
        .await;
    let declined = done(site, &path("decline"), &cast.specialist, &with(version().await, &cannot)).await;
    assert_eq!(
        (&declined["asked"], declined["lacks"].as_array().unwrap().len()),
        (&Value::Null, 1),
        "{declined}"
    );
    assert!(declined["declined"].is_string(), "{declined}");
    let closed = site.get(&format!("/api/v1/events/{event}"), &cast.specialist).await;
    assert_eq!(closed.status.as_u16(), 404);
    let page = site.get(&format!("/events/{event}"), &cast.coordinator).await.text();
    assert!(page.contains("declined") && page.contains("with another child that evening"), "{page}");
    let day = site.get("/api/v1/day", &cast.coordinator).await.json();
    assert!(day["notices"].to_string().contains("hour declined"), "{day}");
    let ask = json!({"specialist": member(EAST, Role::VictimSpecialist).to_string()});
    done(site, &path("ask"), &cast.coordinator, &with(version().await, &ask)).await;
    done(site, &path("confirm"), &cast.specialist, &version().await).await;
    let day = site.get("/api/v1/day", &cast.supervisor).await.json();
    assert_eq!(day["to_approve"][0]["id"], json!(event), "{day}");
    done(site, &path("approve"), &cast.supervisor, &version().await).await;

    // Moved: everything must be given anew, and the settled check was asked again.
    let other = json!({"starts": "2019-08-03 18:00", "ends": "2019-08-03 20:00", "city": "Raleigh", "state": "NC",
        "address": SECRETS[0]});
    pass(60);
    let moved = done(site, &path("move"), &cast.coordinator, &with(version().await, &other)).await;
    assert_eq!((&moved["state"], &moved["approved"]), (&json!("checked"), &Value::Null), "{moved}");
    assert_ne!(moved["check_id"], made["check_id"]);
    refused(site, &path("start"), &cast.investigator, &version().await, "has not approved it").await;
    refused(site, &path("approve"), &cast.supervisor, &version().await, "no victim specialist has confirmed")
        .await;
    let notices = site.get("/api/v1/day", &cast.specialist).await.text();
    assert!(notices.contains("event moved") && notices.contains("hour asked"), "{notices}");
    done(site, &path("confirm"), &cast.specialist, &version().await).await;
    done(site, &path("approve"), &cast.supervisor, &version().await).await;
    refused(site, &path("start"), &cast.investigator, &version().await, "specialist is not on site").await;
    done(site, &path("arrive"), &cast.specialist, &version().await).await;
    done(site, &path("start"), &cast.investigator, &version().await).await;
    let child = with(version().await, &json!({"age": "17"}));
    refused(site, &path("subject"), &cast.coordinator, &child, "is a victim").await;
    let grown = with(version().await, &json!({"age": "25-30", "called": "driver of the grey van"}));
    let met = done(site, &path("subject"), &cast.coordinator, &grown).await;
    assert_eq!(met["subjects"][0]["called"], json!("driver of the grey van"), "{met}");
    // Nobody is arrested before they were screened, one by one.
    let who = json!({"person": met["subjects"][0]["person"]});
    refused(site, &path("arrest"), &cast.investigator, &with(version().await, &who), "34 U.S.C. 20709(c)")
        .await;
    let screened = json!({"found": "no sign of trafficking", "grounds": "the questions of the protocol"});
    let screened = with(with(version().await, &who), &screened);
    done(site, &path("screen"), &cast.specialist, &screened).await;
    let arrested = done(site, &path("arrest"), &cast.investigator, &with(version().await, &who)).await;
    assert!(arrested["subjects"][0]["arrested"].is_string(), "{arrested}");
    let log = json!({"who": "desk", "grounds": "the child is in the car"});
    done(site, &path("log"), &cast.investigator, &with(version().await, &log)).await;
    done(site, &path("log"), &cast.specialist, &with(version().await, &log)).await;
    let over = done(site, &path("finish"), &cast.investigator, &version().await).await;
    assert_eq!((&over["state"], over["log"].as_array().unwrap().len()), (&json!("done"), 2));
    refused(site, &path("start"), &cast.investigator, &version().await, "that is done cannot be started")
        .await;
    event
}

/// Both sides talk, and EAST goes together with WEST.
async fn settle(site: &Recorded, cast: &Cast, ours: &str, theirs: &str) {
    let version = async |check: &str, session: &str| {
        let seen = site.get(&format!("/api/v1/checks/{check}"), session).await.json();
        json!({"seen": seen["version"]})
    };
    let seen = version(theirs, &cast.west).await;
    done(site, &format!("/checks/{theirs}/acknowledge"), &cast.west, &seen).await;
    let seen = version(ours, &cast.coordinator).await;
    done(site, &format!("/checks/{ours}/contact"), &cast.coordinator, &seen).await;
    let outcome = json!({"outcome": "joint", "grounds": "both go together"});
    let seen = with(version(ours, &cast.coordinator).await, &outcome);
    done(site, &format!("/checks/{ours}/settle"), &cast.coordinator, &seen).await;
}

/// The board, the card and the lists say what they should.
async fn pages(site: &Recorded, cast: &Cast, operation: &str, event: &str) {
    let board = site.get(&format!("/operations/{operation}/board"), &cast.coordinator).await.text();
    assert!(board.contains("Done or called off") && board.contains("events that you may open"), "{board}");
    assert!(board.contains("watching=1") && board.contains("every 60s"));
    // An agency that joined sees the board of the operation, and nothing on it.
    let board = site.get(&format!("/api/v1/operations/{operation}/board"), &cast.west).await.json();
    assert_eq!((&board["events"], &board["totals"]), (&json!([]), &json!([])));
    // What was reached is on the board of who reads results, each definition in a line of its own.
    let board = site.get(&format!("/api/v1/operations/{operation}/board"), &cast.coordinator).await.json();
    assert_eq!(board["results"]["lines"].as_array().unwrap().len(), 7, "{board}");
    let facts = board["results"]["lines"][0]["href"].as_str().unwrap();
    assert_eq!(site.get(facts, &cast.coordinator).await.status.as_u16(), 200, "{facts}");
    let board = site.get(&format!("/api/v1/operations/{operation}/board"), &cast.investigator).await.json();
    assert_eq!(board["results"], Value::Null);
    let number = json!({"phone": "704-555-0142"});
    done(site, "/account/phone", &cast.investigator, &number).await;
    let wrong = site.post("/api/v1/account/phone", &cast.investigator, &json!({"phone": "the desk"})).await;
    assert_eq!(wrong.status.as_u16(), 422, "{}", wrong.text());
    let card = site.get(&format!("/events/{event}/card"), &cast.investigator).await.text();
    for part in [
        "tel:+17045550142",
        "34 U.S.C. 20709(c)",
        "is a victim, never a suspect",
        SECRETS[2],
        SECRETS[3],
        "receipt",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    for path in ["/initiatives", "/operations", "/events", &format!("/operations/{operation}/plan")] {
        let answer = site.get(path, &cast.coordinator).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text());
        assert_eq!(answer.text().matches("<h1").count(), 1, "{path}");
    }
    let fields = [
        ("kind", "surveillance"),
        ("starts", "2019-08-05 10:00"),
        ("ends", "2019-08-05 11:00"),
        ("city", "Raleigh"),
        ("state", "NC"),
        ("request", &LeadId::from_bits(0x4444).to_string()),
    ];
    let made = site.fill(&format!("/operations/{operation}/plan"), &cast.coordinator, &fields).await;
    assert_eq!(made.status.as_u16(), 303, "{}", made.text());
    let page = site.get(made.header("location"), &cast.coordinator).await.text();
    assert!(page.contains("surveillance, checked"), "{page}");
}

/// Somebody is met without a specialist: the next look at every board says so, to whoever was shown the event, also to the
/// coordinator, who opens no victim; until a specialist comes.
async fn nobody_is_alone_unseen(site: &Recorded, cast: &Cast, operation: &str, event: &str) {
    let boards = [
        format!("/operations/{operation}/board"),
        format!("/initiatives/{}/board", InitiativeId::from_bits(0x1111)),
    ];
    let says = async |path: &str, session: &str| {
        let seen = site.get(&format!("/api/v1{path}"), session).await.json();
        let page = site.get(path, session).await.text();
        let alone = seen["alone"].as_u64().unwrap();
        assert_eq!(page.contains("1 victim is without a specialist"), alone == 1, "{path}: {page}");
        alone
    };
    let everywhere = async |session: &str| {
        let event = format!("/events/{event}");
        [says(&boards[0], session).await, says(&boards[1], session).await, says(&event, session).await]
    };
    assert_eq!(everywhere(&cast.coordinator).await, [0, 0, 0]);
    let victim = LeadId::from_bits(0x5555).to_string();
    let met = json!({"request": victim, "called": "Wren of the Lake", "age": "15", "event": event,
        "without": "on the way, an hour from here"});
    done(site, "/victims", &cast.investigator, &met).await;
    let fact = json!({"kind": "recovered", "grounds": "in the car with two members"});
    done(site, &format!("/victims/{victim}/fact"), &cast.investigator, &fact).await;
    for session in [&cast.coordinator, &cast.supervisor] {
        assert_eq!(everywhere(session).await, [1, 1, 1]);
    }
    assert_eq!(says(&boards[0], &cast.west).await, 0);
    let page = format!("/events/{event}");
    let (plans, directs) = (&cast.coordinator, &cast.supervisor);
    assert!(!site.get(&page, plans).await.text().contains("Wren"), "a coordinator opens no victim");
    assert!(site.get(&page, directs).await.text().contains("Wren of the Lake"));
    let list = format!("/victims?event={event}");
    let page = site.get(&list, &cast.investigator).await.text();
    assert!(page.contains("Wren of the Lake") && page.contains("Met by this event"), "{page}");
    let other = format!("/victims?event={}", EventId::from_bits(1));
    assert!(!site.get(&other, &cast.investigator).await.text().contains("Wren"));
    done(site, &format!("/victims/{victim}/pair"), &cast.specialist, &json!({"seen": 2})).await;
    assert_eq!(everywhere(&cast.coordinator).await, [0, 0, 0]);
    let day = site.get("/api/v1/day", &cast.specialist).await.json();
    assert_eq!(day["mine"][0]["next"]["step"], "specialist present", "{day}");
}

/// A board that refreshes by itself does not keep a session awake.
async fn idle(site: &Recorded, operation: &str) {
    let session = site.sign_in(EAST, Role::Supervisor).await;
    let board = format!("/operations/{operation}/board?watching=1");
    let mut asked = 0;
    while site.get(&board, &session).await.status.as_u16() == 200 {
        pass(300);
        asked += 1;
        assert!(asked < 10, "the session never idles out");
    }
    assert!(asked >= 5, "{asked}");
}
