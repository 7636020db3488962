//! The wall, from outside: whatever page, list, count, search or answer somebody opens, the words behind the wall are in none of
//! them, but for what a standing release covers, for those whom it names, while it stands.

use super::care::{done, met, uuid};
use super::operations;
use crate::testing::{Recorded, recorded};
use homeward_casework::rehearsal::{EAST, EAST_REPORT, HAVEN, WEST};
use homeward_model::{AgencyId, Role};
use serde_json::{Value, json};

/// Words of a specialist's note, of her plan, of a provider's note, of a provider's record, and of an order that compelled the
/// specialist.
const NOTE: &str = "afraid of the dark";
const PLAN: &str = "the aunt by the mill";
const THEIRS: &str = "sleeps with a light on";
const CLIENT: &str = "Wren of the Lake";
const ORDER: &str = "26 JV 0193";
const ALL: [&str; 5] = [NOTE, PLAN, THEIRS, CLIENT, ORDER];

/// Everybody whom the wall keeps out.
const OUTSIDE: [(AgencyId, Role); 9] = [
    (EAST, Role::Analyst),
    (EAST, Role::Investigator),
    (EAST, Role::Supervisor),
    (EAST, Role::Coordinator),
    (EAST, Role::Prosecutor),
    (EAST, Role::Records),
    (EAST, Role::Auditor),
    (EAST, Role::Administrator),
    (WEST, Role::Supervisor),
];

/// The records of this story, by the folder of their pages, the noun and the number.
const RECORDS: [(&str, &str, u128); 9] = [
    ("victims", "victim", 1),
    ("notes", "service-note", 2),
    ("notes", "service-note", 5),
    ("plans", "service-plan", 3),
    ("referrals", "referral", 4),
    ("provider-records", "provider-record", 6),
    ("releases", "release", 7),
    ("releases", "release", 8),
    ("disclosures", "disclosure", 9),
];

/// Every page and answer of the served document for a visitor, with every record of this story where its id can stand, and
/// every query tried with a word of the records.
async fn everything(site: &Recorded, session: &str) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for (method, path, operation) in operations() {
        if method != "GET" {
            continue;
        }
        let path = path.replace("{zip}", "28202");
        let folder = path.split('/').nth(3).unwrap_or_default().to_owned();
        let of_folder = |(known, _, _): &&(&str, &str, u128)| path.contains("{noun}") || *known == folder;
        let records: Vec<_> = RECORDS.iter().filter(of_folder).collect();
        match (path.contains("{id}"), records.is_empty()) {
            (true, true) => paths.push(path.replace("{id}", EAST_REPORT)),
            (true, false) => paths.extend(
                records.iter().map(|(_, noun, id)| path.replace("{noun}", noun).replace("{id}", &uuid(*id))),
            ),
            (false, _) => {
                let queries = operation["parameters"].as_array().into_iter().flatten();
                let queries =
                    queries.filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str());
                paths.extend(queries.map(|name| format!("{path}?{name}=Wren")));
                paths.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for path in paths {
        for path in [path.clone(), path.replacen("/api/v1", "", 1)] {
            let answer = site.get(&path, session).await;
            assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text());
            found.push((path, answer.text()));
        }
    }
    found
}

/// Which of the words somebody finds anywhere.
async fn finds(site: &Recorded, agency: AgencyId, role: Role) -> Vec<&'static str> {
    let session = site.sign_in(agency, role).await;
    let all = everything(site, &session).await;
    ALL.into_iter().filter(|word| all.iter().any(|(_, text)| text.contains(word))).collect()
}

/// Everybody outside finds what is expected of them.
async fn outside(site: &Recorded, when: &str, expected: impl Fn(AgencyId, Role) -> Vec<&'static str>) {
    for (agency, role) in OUTSIDE {
        assert_eq!(finds(site, agency, role).await, expected(agency, role), "{role} of {agency}, {when}");
    }
}

/// A release of some kinds to an agency, signed by a minor with a guardian.
fn release(number: u128, receiver: AgencyId, covers: &[&str]) -> Value {
    json!({"request": uuid(number), "receivers": [receiver.to_string()], "covers": covers,
        "purpose": "so that the interview is not repeated", "ends": "2019-08-30", "document": "ab".repeat(32),
        "informed": "yes", "signature": "minor and guardian", "guardian": "A. Exampleton", "not_the_abuser": "yes"})
}

#[tokio::test]
async fn what_lies_behind_the_wall_is_found_nowhere_but_by_a_release() {
    let site = &recorded().await;
    let victim = met(site).await;
    let specialist = &site.sign_in(EAST, Role::VictimSpecialist).await;
    let haven = &site.sign_in(HAVEN, Role::ServicePartner).await;
    done(site, &format!("{victim}/note"), specialist, json!({"request": uuid(2), "grounds": NOTE})).await;
    let plan = json!({"request": uuid(3), "needs": ["emergency shelter"], "safety": PLAN});
    done(site, &format!("{victim}/plan"), specialist, plan).await;
    let refer = json!({"request": uuid(4), "provider": HAVEN.to_string(), "need": "emergency shelter",
        "called": "Rowan", "grounds": "a bed from tonight"});
    done(site, &format!("{victim}/refer"), specialist, refer).await;
    done(site, &format!("{victim}/note"), haven, json!({"request": uuid(5), "grounds": THEIRS})).await;
    let kept =
        json!({"request": uuid(6), "client": CLIENT, "grounds": "kept by the house", "victim": uuid(1)});
    done(site, "/provider-records", haven, kept).await;

    let order = json!({"request": uuid(9), "victim": uuid(1), "kind": "compelled release", "called": "Rowan",
        "order": ORDER, "court": "Family Court, Example County", "issued": "2019-07-20", "given": "the dates of two visits",
        "safety": "the school was told whom not to let in"});
    done(site, "/disclosures", specialist, order).await;

    outside(site, "before any release", |_, _| Vec::new()).await;
    assert_eq!(finds(site, EAST, Role::VictimSpecialist).await, [NOTE, PLAN, ORDER]);
    assert_eq!(finds(site, HAVEN, Role::ServicePartner).await, [THEIRS, CLIENT]);
    // Those behind the wall learned that somebody tried it; nobody else did.
    let tried = async |session: &str| {
        let day = site.get("/api/v1/day", session).await.json();
        day["notices"].as_array().unwrap().iter().any(|one| one["kind"] == "the wall was tried")
    };
    assert!(tried(haven).await && tried(specialist).await);
    assert!(!tried(&site.sign_in(EAST, Role::Supervisor).await).await);

    // No release is signed by an abuser, none without having been told, and none covers everything by one word.
    for (field, value) in [
        ("not_the_abuser", json!("")),
        ("informed", json!("")),
        ("covers", json!(["all"])),
        ("signature", json!("adult")),
        ("ends", json!("2021-01-01")),
    ] {
        let mut bad = release(7, EAST, &["service note"]);
        bad[field] = value;
        let answer = site.post(&format!("/api/v1{victim}/release"), specialist, &bad).await;
        assert_eq!(answer.status.as_u16(), 422, "{field}: {}", answer.text());
    }

    // The specialist's notes to her own agency: to its police, not to those who run it or watch over it.
    let by_the_notes = |agency, role| match role {
        Role::Investigator | Role::Supervisor | Role::Coordinator | Role::Prosecutor if agency == EAST => {
            vec![NOTE]
        }
        _ => Vec::new(),
    };
    done(site, &format!("{victim}/release"), specialist, release(7, EAST, &["service note"])).await;
    outside(site, "while the notes are released to EAST", by_the_notes).await;
    done(site, &format!("/releases/{}/revoke", uuid(7)), specialist, json!({"seen": 1})).await;
    for (agency, role) in [(EAST, Role::Investigator), (EAST, Role::Supervisor)] {
        assert_eq!(finds(site, agency, role).await, [""; 0], "{role}, after the revocation");
    }

    // The provider's record to WEST alone.
    done(site, &format!("{victim}/release"), haven, release(8, WEST, &["provider record"])).await;
    assert_eq!(finds(site, WEST, Role::Supervisor).await, [CLIENT]);
    assert_eq!(finds(site, EAST, Role::Supervisor).await, [""; 0]);
    done(site, &format!("/releases/{}/revoke", uuid(8)), haven, json!({"seen": 1})).await;
    outside(site, "after every revocation", |_, _| Vec::new()).await;
}
