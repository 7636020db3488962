//! The door before the record: without a session every page leads to it, and what is forbidden looks like what is missing.

use super::operations;
use super::world::{request, world};
use homeward_casework::rehearsal::{EAST, WEST};
use homeward_model::{LeadId, Role};

/// Endpoints that need no session.
fn is_open(operation: &serde_json::Value) -> bool {
    let tags = operation["tags"].as_array().unwrap();
    tags.iter().any(|tag| tag == "public" || tag == "server")
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_door() {
    let site = world().await;
    for (method, path, operation) in operations() {
        if method != "GET" || is_open(&operation) {
            continue;
        }
        let (path, _) = request(&method, &path, EAST).unwrap();
        let page = path.strip_prefix("/api/v1").unwrap();
        let answer = site.get(page, "").await;
        let to = format!("/sign-in?then={}", page.replace('/', "%2F"));
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, to.as_str()), "{page}");
        assert_eq!(site.get(&path, "").await.status.as_u16(), 401, "{path}");
    }
}

#[tokio::test]
async fn forbidden_and_missing_have_the_same_bytes() {
    let site = world().await;
    let session = site.sign_in(EAST, Role::Investigator).await;
    let nothing = LeadId::from_bits(7).to_string();
    for (method, path, _) in operations() {
        let Some((forbidden, body)) = request(&method, &path, WEST).filter(|_| path.contains("{id}")) else {
            continue;
        };
        if method == "POST" && path.contains("/checks/") {
            // The two checks met: either side answers the hit of both.
            continue;
        }
        let missing = path.replace("{id}", &nothing).replace("{noun}", "lead");
        for below in ["/api/v1", ""] {
            let [first, second] = [&forbidden, &missing].map(|path| path.replacen("/api/v1", below, 1));
            let (forbidden, missing) = match method.as_str() {
                "GET" => (site.get(&first, &session).await, site.get(&second, &session).await),
                _ if below.is_empty() => continue,
                _ => (site.post(&first, &session, &body).await, site.post(&second, &session, &body).await),
            };
            assert_eq!(forbidden.status.as_u16(), 404, "{method} {path}: {}", forbidden.text());
            assert_eq!(missing.status.as_u16(), 404, "{method} {path}: {}", missing.text());
            // The page names the address that was asked, in the link to the other language, and nothing else.
            assert_eq!(forbidden.text().replace(&first, &second), missing.text(), "{method} {path}");
        }
    }
}
