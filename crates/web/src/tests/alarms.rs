//! Alarms over HTTP: a match that a person rejected rests on more since. Those who decided and those who keep the report are
//! told, the pages say who decided, when and why, and the alarm is dismissed with a reason; the match stays hidden.

use crate::testing::{now, pass, recorded};
use homeward_casework::rehearsal::{
    ALARM, DESK, EAST, EAST_REPORT, EAST_SECRETS, WEST, outside, write_alarm,
};
use homeward_model::{MissingReportId, Role};
use homeward_store::contradiction::Contradicted;
use serde_json::{Value, json};

const WHY: &str = "met her, she is an adult";

#[tokio::test]
async fn an_alarm_is_told_once_and_names_the_decision_that_it_contradicts() {
    let site = recorded().await;
    let analyst = site.sign_in(EAST, Role::Analyst).await;
    let dismissed = site.post("/api/v1/findings/f-east/dismiss", &analyst, &decide(1, WHY)).await;
    assert_eq!(dismissed.status.as_u16(), 200, "{}", dismissed.text());
    pass(60);
    write_alarm(&site.record.data);
    let alarm = Contradicted {
        finding: ALARM.to_owned(),
        report: MissingReportId::of_text(EAST_REPORT),
        decision: "f-east".to_owned(),
    };
    let told = site.record.store.tell_of_contradiction(outside(now()), &alarm).await.unwrap();
    assert_eq!(site.record.store.tell_of_contradiction(outside(now()), &alarm).await.unwrap(), told);

    // Who rejected it, the desk, and the supervisor of the agency that keeps the report; each once.
    let supervisor = site.sign_in(EAST, Role::Supervisor).await;
    let desk = site.sign_in(DESK, Role::Clearinghouse).await;
    let record = MissingReportId::of_text(EAST_REPORT).to_string();
    for (session, href) in [
        (&analyst, format!("/findings/{ALARM}")),
        (&desk, format!("/findings/{ALARM}")),
        (&supervisor, format!("/missing/{record}")),
    ] {
        let day = site.get("/api/v1/day", session).await.json();
        let of = |one: &&Value| one["kind"] == "contradiction";
        let notices: Vec<&Value> = day["notices"].as_array().unwrap().iter().filter(of).collect();
        assert_eq!(notices.len(), 1, "{day}");
        assert_eq!(notices[0]["href"], json!(href));
        let page = site.get(&href, session).await;
        assert_eq!(page.status.as_u16(), 200, "{href}: {}", page.text());
    }

    // The report's page leads to the alarm, and the alarm says what it contradicts.
    let page = site.get(&format!("/missing/{record}"), &analyst).await.text();
    assert!(page.contains("Alarms") && page.contains(&format!("/findings/{ALARM}")), "{page}");
    let page = site.get(&format!("/findings/{ALARM}"), &analyst).await.text();
    for said in
        [WHY, "analyst of east", "n-1 in r-1", "n-2, postings p-9", EAST_SECRETS[2], "2019-07-3", "95 %"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }

    // It is in the list, and the match is not: not before, and not when somebody tries to make a lead of the alarm.
    let ids = async |session: &str| {
        let listed = site.get("/api/v1/findings", session).await.json();
        let all = listed["findings"].as_array().unwrap().clone();
        all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&analyst).await, [ALARM, "f-east-2"]);
    let lead = site.post(&format!("/api/v1/findings/{ALARM}/admit"), &analyst, &decide(2, "seen")).await;
    assert_eq!(lead.status.as_u16(), 409, "{}", lead.text());
    let one = site.get(&format!("/api/v1/missing/{record}"), &analyst).await.json();
    assert_eq!(one["found"]["alarms"].as_array().unwrap().len(), 1, "{one}");
    assert!(!one["findings"].as_array().unwrap().contains(&json!("f-east")));

    // WEST sees nothing of it.
    let west = site.sign_in(WEST, Role::Analyst).await;
    assert_eq!(site.get(&format!("/findings/{ALARM}"), &west).await.status.as_u16(), 404);
    assert!(site.get("/api/v1/day", &west).await.json()["notices"].as_array().unwrap().is_empty());

    // Without a reason it is not dismissed; with one it is gone, and the trail has both decisions.
    let path = format!("/api/v1/findings/{ALARM}/dismiss");
    assert_ne!(site.post(&path, &analyst, &decide(3, " ")).await.status.as_u16(), 200);
    assert_eq!(site.post(&path, &analyst, &decide(4, "two sisters, both met")).await.status.as_u16(), 200);
    assert_eq!(ids(&analyst).await, ["f-east-2"]);
    assert!(site.record.store.verify(None).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_withdrawn_report_says_why_it_has_no_findings_and_no_run_reads_it() {
    let site = recorded().await;
    let investigator = site.sign_in(EAST, Role::Supervisor).await;
    let record = MissingReportId::of_text(EAST_REPORT);
    let path = format!("/missing/{record}");
    let read = async || site.record.store.snapshot(outside(now())).await.unwrap().reports.len();
    assert!(!site.get(&path, &investigator).await.text().contains("was withdrawn"));
    assert_eq!(read().await, 2);
    let body = json!({"seen": 1, "request": MissingReportId::from_bits(0xa1b).to_string(), "grounds": "entered twice"});
    let done = site.post(&format!("/api/v1{path}/withdraw"), &investigator, &body).await;
    assert_eq!((done.status.as_u16(), &done.json()["state"]), (200, &json!("withdrawn")), "{}", done.text());
    assert_eq!(read().await, 1);
    let page = site.get(&path, &investigator).await.text();
    assert!(page.contains("no run reads it any more, and its findings are gone with the next run"), "{page}");
}

#[tokio::test]
async fn race_is_shown_beside_figures_that_know_nothing_of_it() {
    let site = recorded().await;
    let desk = site.sign_in(EAST, Role::Clearinghouse).await;
    let path = format!("/missing/{}/race", MissingReportId::of_text(EAST_REPORT));
    let why = json!({"grounds": "to tell two girls of one name apart"});
    let seen = site.post(&format!("/api/v1{path}"), &desk, &why).await;
    assert_eq!(seen.status.as_u16(), 200, "{}", seen.text());
    let seen = seen.json();
    let listed = site.get("/api/v1/findings", &desk).await.json();
    let figures = |list: &Value| -> Vec<Value> {
        let of_report = list.as_array().unwrap().iter();
        of_report.map(|one| json!([one["id"], one["probability"]])).collect()
    };
    let own: Vec<Value> = figures(&listed["findings"])
        .into_iter()
        .filter(|one| one[0].as_str().unwrap().starts_with("f-east"))
        .collect();
    assert_eq!(figures(&seen["matches"]), own);
    assert!(
        seen["with_race"]
            .as_str()
            .unwrap()
            .starts_with("No figure: nothing that is read in a posting states")
    );
}

fn decide(request: u128, grounds: &str) -> Value {
    json!({"request": MissingReportId::from_bits(0xa1a << 64 | request).to_string(), "grounds": grounds})
}
