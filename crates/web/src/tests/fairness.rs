//! How well matching does for whom, over HTTP: who answers for the work or audits it reads it, and nobody else.

use crate::testing::recorded;
use homeward_casework::rehearsal::EAST;
use homeward_model::Role;
use serde_json::{Value, json};

/// A report as the command line keeps it.
fn kept() -> Value {
    let few = json!({"of": 8, "value": null, "low": null, "high": null});
    let figure = json!({"of": 396, "value": 0.902, "low": 0.868, "high": 0.927});
    let group = |name: &str, figure: &Value| {
        json!({"group": name, "reports": 400, "recall_at_5": figure, "precision_above_half": figure,
            "precision_above_nine_tenths": few, "calibration_error": figure})
    };
    json!({
        "at": "2019-07-30T10:00:00Z", "on": "the truth of a world", "recall_known": true, "least": 30, "level": 0.05,
        "all": group("all", &figure), "groups": [{"by": "region", "groups": [group("midwest", &figure), group("west", &few)]}],
        "compared": [], "not_compared": 4, "said": ["By region no difference is larger than chance."],
    })
}

#[tokio::test]
async fn who_answers_for_the_work_reads_how_each_group_fares() {
    let site = recorded().await;
    let supervisor = site.sign_in(EAST, Role::Supervisor).await;
    let coordinator = site.sign_in(EAST, Role::Coordinator).await;
    assert!(site.get("/fairness", &supervisor).await.text().contains("No report was kept yet"));
    assert_eq!(site.get("/api/v1/fairness", &supervisor).await.json()["report"], Value::Null);

    std::fs::write(site.record.data.join("fairness.json"), kept().to_string()).unwrap();
    for role in [Role::Supervisor, Role::Records, Role::Auditor] {
        let session = site.sign_in(EAST, role).await;
        let page = site.get("/fairness", &session).await.text();
        for said in ["By region no difference", "midwest", "0.902 (0.868 to 0.927) of 396", "too few: 8"] {
            assert!(page.contains(said), "{role:?} {said}: {page}");
        }
    }
    assert_eq!(site.get("/api/v1/fairness", &supervisor).await.json()["report"], kept());
    // A coordinator sees the results, and not this.
    for (session, sees) in [(&supervisor, true), (&coordinator, false)] {
        assert_eq!(site.get("/results", session).await.text().contains("href=\"/fairness\""), sees);
    }
    assert_eq!(site.get("/fairness", &coordinator).await.status.as_u16(), 404);
}
