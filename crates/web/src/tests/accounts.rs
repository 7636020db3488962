//! What an administrator can do to an account, and cannot: no job opens the wall, and nobody is given another's password in
//! silence.

use super::care::{done, met, uuid};
use crate::testing::{Recorded, api, recorded};
use homeward_casework::rehearsal::{DESK, EAST, HARBOUR, HAVEN, PASSWORD, WEST, email, member};
use homeward_model::{AgencyId, Role};
use serde_json::{Value, json};

fn account(agency: AgencyId, role: Role) -> String {
    format!("/people/members/{}", member(agency, role))
}

async fn version(site: &Recorded, administrator: &str, account: &str) -> Value {
    site.get(&format!("/api/v1{account}"), administrator).await.json()["version"].clone()
}

/// What kinds of notices wait for somebody.
async fn told(site: &Recorded, agency: AgencyId, role: Role) -> Vec<String> {
    let session = site.sign_in(agency, role).await;
    let day = site.get("/api/v1/day", &session).await.json();
    let notices = day["notices"].as_array().unwrap().iter();
    notices.map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_job_of_an_agency_opens_the_wall() {
    let site = &recorded().await;
    let victim = met(site).await;
    let specialist = &site.sign_in(EAST, Role::VictimSpecialist).await;
    done(
        site,
        &format!("{victim}/note"),
        specialist,
        json!({"request": uuid(2), "grounds": "afraid of the dark"}),
    )
    .await;
    let administrator = &site.sign_in(EAST, Role::Administrator).await;
    let supervisor = account(EAST, Role::Supervisor);
    let roles =
        json!({"seen": version(site, administrator, &supervisor).await, "roles": ["service partner"]});
    let answer = site.post(&format!("/api/v1{supervisor}/roles"), administrator, &roles).await;
    assert_eq!(answer.status.as_u16(), 422, "{}", answer.text());
    assert!(answer.text().contains("`service partner` is no job of a police agency"), "{}", answer.text());
    let invite = json!({"name": "Nora Newcomb", "email": "nora@example.org", "roles": ["service partner"]});
    let answer = site.post(&format!("/api/v1/people/agencies/{EAST}/invite"), administrator, &invite).await;
    assert_eq!(answer.status.as_u16(), 422, "{}", answer.text());
    let page = site.get(&supervisor, administrator).await.text();
    assert!(page.contains("victim specialist") && !page.contains("service partner"), "{page}");
    let session = site.sign_in(EAST, Role::Supervisor).await;
    assert_eq!(site.get(&format!("/api/v1{victim}/care"), &session).await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_new_password_is_given_before_everybody_s_eyes() {
    let site = &recorded().await;
    let administrator = &site.sign_in(EAST, Role::Administrator).await;
    let specialist = &site.sign_in(EAST, Role::VictimSpecialist).await;
    let theirs = account(EAST, Role::VictimSpecialist);
    let give = async |seen: Value, number: u128| {
        let body = json!({"seen": seen, "request": uuid(number), "password": "seven kind herons"});
        site.post(&format!("/api/v1{theirs}/credential"), administrator, &body).await
    };
    for wrong in [-99, 0, 2] {
        assert_eq!(give(json!(wrong), 20).await.status.as_u16(), 409, "{wrong}");
    }
    assert_eq!(site.get("/day", specialist).await.status.as_u16(), 200, "nothing was changed");
    let seen = version(site, administrator, &theirs).await;
    let answer = give(seen.clone(), 21).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let again = give(seen, 21).await;
    assert!(again.status.as_u16() == 422 && again.text().contains("shown once"), "{}", again.text());
    assert_eq!(site.get("/api/v1/day", specialist).await.status.as_u16(), 401, "their sessions are over");
    let new = "new password and codes".to_owned();
    assert!(told(site, EAST, Role::VictimSpecialist).await.contains(&new));
    // The supervisor is on the other side of the wall from a specialist, and not from an analyst.
    assert!(!told(site, EAST, Role::Supervisor).await.contains(&new));
    let analyst = account(EAST, Role::Analyst);
    let body = json!({"seen": version(site, administrator, &analyst).await, "request": uuid(22),
        "password": "seven kind herons"});
    done(site, &format!("{analyst}/credential"), administrator, body).await;
    assert!(told(site, EAST, Role::Supervisor).await.contains(&new));
    let page = site.get("/day", &site.sign_in(EAST, Role::Supervisor).await).await.text();
    assert!(page.contains("new password and codes: member analyst of east"), "{page}");
    assert!(!told(site, WEST, Role::Supervisor).await.contains(&new));
    // An account that is in already is not let in a second time.
    let body = json!({"seen": version(site, administrator, &theirs).await, "password": "seven kind herons"});
    let answer = site.post(&format!("/api/v1{theirs}/activate"), administrator, &body).await;
    assert_eq!(answer.status.as_u16(), 409, "{}", answer.text());
    let auditor = site.sign_in(EAST, Role::Auditor).await;
    let trail = site.get("/api/v1/audit?act=change%20member", &auditor).await.text();
    assert!(trail.contains("CredentialGiven"), "{trail}");
}

#[tokio::test]
async fn wrong_attempts_of_another_end_no_session() {
    let site = &recorded().await;
    let session = site.sign_in(EAST, Role::Analyst).await;
    let body = json!({"account": email(EAST, Role::Analyst), "password": "nope nope"}).to_string();
    for _ in 0..6 {
        assert_eq!(site.send(api("/api/v1/session", &body)).await.status.as_u16(), 401);
    }
    let right = body.replace("nope nope", PASSWORD);
    let demo = crate::testing::send_to(site.app_with(true), api("/api/v1/session", &right)).await;
    assert_eq!(demo.status.as_u16(), 401, "it is locked");
    assert_eq!(site.get("/api/v1/day", &session).await.status.as_u16(), 200);
    // Whoever sits in it and does not know the password is out.
    let change = json!({"old_password": "nope nope", "new_password": "seven kind herons"});
    let answer = site.post("/api/v1/account/password", &session, &change).await;
    assert_eq!(answer.status.as_u16(), 422, "{}", answer.text());
    assert_eq!(site.get("/api/v1/day", &session).await.status.as_u16(), 401);
}

#[tokio::test]
async fn an_id_of_another_organisation_is_not_confirmed() {
    let site = &recorded().await;
    let haven = &site.sign_in(HAVEN, Role::ServicePartner).await;
    let kept = |number: u128| json!({"request": uuid(number), "client": "A.", "grounds": "slept well"});
    done(site, "/provider-records", haven, kept(30)).await;
    let harbour = &site.sign_in(HARBOUR, Role::ServicePartner).await;
    let investigator = &site.sign_in(EAST, Role::Investigator).await;
    let check = |number: u128| json!({"request": uuid(number), "selectors": "phone: 919-555-0172"});
    done(site, "/checks", investigator, check(31)).await;
    let west = &site.sign_in(WEST, Role::Investigator).await;
    let tries = [
        (harbour, "/provider-records", kept(30)),
        (harbour, "/provider-records", kept(31)),
        (west, "/checks", check(31)),
        (west, "/checks", check(30)),
        (investigator, "/checks", check(30)),
    ];
    for (session, path, body) in tries {
        let answer = site.post(&format!("/api/v1{path}"), session, &body).await;
        assert_eq!(answer.status.as_u16(), 404, "{path} {body}: {}", answer.text());
        assert!(!answer.text().contains("another"), "{}", answer.text());
    }
    assert!(told(site, HAVEN, Role::ServicePartner).await.contains(&"the wall was tried".to_owned()));
    // One's own is named.
    let other = json!({"request": uuid(30), "client": "B.", "grounds": "slept well"});
    let answer = site.post("/api/v1/provider-records", haven, &other).await;
    assert_eq!(answer.status.as_u16(), 409, "{}", answer.text());
}

#[tokio::test]
async fn a_filter_that_there_is_not_is_refused() {
    let site = &recorded().await;
    let sessions = [
        site.sign_in(EAST, Role::Investigator).await,
        site.sign_in(EAST, Role::Auditor).await,
        site.sign_in(DESK, Role::Records).await,
        site.sign_in(EAST, Role::VictimSpecialist).await,
    ];
    let [investigator, auditor, records, specialist] = &sessions;
    let check = async |session: &str, path: &str, field: &str| {
        for path in [path.to_owned(), format!("/api/v1{path}")] {
            let answer = site.get(&path, session).await;
            assert_eq!(answer.status.as_u16(), 422, "{path}: {}", answer.text());
            assert!(answer.text().contains(field), "{path}: {}", answer.text());
        }
    };
    for measure in ["NaN", "-1", "inf", "1e9"] {
        check(investigator, &format!("/services?age={measure}"), "age").await;
        check(investigator, &format!("/services?km={measure}"), "km").await;
    }
    for list in ["leads", "checks", "judgements", "events", "cases", "operations", "missing", "victims"] {
        check(investigator, &format!("/{list}?state=opne"), "opne").await;
    }
    for path in ["leads?assigned", "events?assigned", "cases?assigned", "checks?asked"] {
        check(investigator, &format!("/{path}=you"), "you").await;
    }
    check(investigator, "/cases?tasks=late", "late").await;
    check(investigator, "/missing?owner=theirs", "theirs").await;
    check(investigator, "/missing?clocks=late", "late").await;
    check(investigator, "/victims?clock=late", "late").await;
    check(investigator, "/findings?office=Atlantis", "office").await;
    check(specialist, "/referrals?state=opne", "opne").await;
    check(&site.sign_in(EAST, Role::Analyst).await, "/tips?state=opne", "opne").await;
    check(auditor, "/audit?refused=maybe", "maybe").await;
    check(records, "/results/claims?state=opne", "opne").await;
    for path in ["office=Atlantis", "state=Atlantis", "month=July", "agency=us", "line=summer"] {
        check(records, &format!("/results/facts?{path}"), path.split('=').next().unwrap()).await;
    }
    for path in ["/leads?state=working&assigned=me", "/services?age=15&km=40", "/missing?owner=mine"] {
        assert_eq!(site.get(path, investigator).await.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn texts_that_nobody_can_read_are_refused() {
    let site = &recorded().await;
    let administrator = &site.sign_in(EAST, Role::Administrator).await;
    let invite = format!("/people/agencies/{EAST}/invite");
    for name in ["Nora\0", "Nora\u{7f}", "\u{200b}", "\u{feff} \u{2060}"] {
        let body = json!({"name": name, "email": "nora@example.org", "roles": ["analyst"]});
        let answer = site.post(&format!("/api/v1{invite}"), administrator, &body).await;
        assert_eq!(answer.status.as_u16(), 422, "{name:?}: {}", answer.text());
        let fields = [("name", name), ("email", "nora@example.org"), ("role", "analyst")];
        let answer = site.fill(&invite, administrator, &fields).await;
        assert_eq!(answer.status.as_u16(), 422, "{name:?}: {}", answer.text());
    }
    for text in ["\0", "\u{200b}"] {
        let answer = site.send(api("/api/v1/tips", &json!({"text": text}).to_string())).await;
        assert_eq!(answer.status.as_u16(), 422, "{text:?}: {}", answer.text());
    }
    // A letter that joins others is text.
    let joined = json!({"text": "two vans, \u{1f469}\u{200d}\u{1f467}"}).to_string();
    assert_eq!(site.send(api("/api/v1/tips", &joined)).await.status.as_u16(), 201);
}
