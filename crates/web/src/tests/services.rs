//! The provider directory over HTTP: found by those who look for a place for somebody, and near a ZIP code by everybody, and
//! no confidential address anywhere.

use crate::testing::{Recorded, now, recorded};
use homeward_casework::rehearsal::{EAST, outside};
use homeward_casework::{Listing, ListingKind};
use homeward_model::Role;
use serde_json::{Value, json};

/// A service in Charlotte.
fn listing(number: u32, name: &str, updated: &str) -> Listing {
    let id = |word: &str| format!("{number:08x}-0000-4000-8000-{:012x}", word.len());
    let body = json!({
        "id": id("s"), "name": name, "status": "active", "description": "Ring at 12 Hidden Lane.",
        "minimum_age": 12, "maximum_age": 17,
        "organization": {"id": id("or"), "name": "Example House", "description": "-"},
        "phones": [{"id": id("pho"), "number": "704-555-0142"}],
        "languages": [{"id": id("lang"), "name": "Spanish"}],
        "schedules": [{"id": id("sched"), "byday": "MO,TU", "opens_at": "08:00", "closes_at": "17:00"}],
        "capacities": [{"id": id("capaci"), "available": 2, "maximum": 10, "updated": updated,
            "unit": {"id": id("capacit"), "name": "Bed"}}],
        "service_at_locations": [{"id": id("at the l"), "location": {"id": id("location."),
            "location_type": "physical", "latitude": 35.2271, "longitude": -80.8431, "addresses": [{
                "id": id("addresses!"), "address_1": "12 Hidden Lane", "city": "Charlotte", "state_province": "NC",
                "postal_code": "28202", "country": "US", "address_type": "physical"}]}}]
    });
    Listing { kind: ListingKind::Service, id: id("s"), body }
}

async fn site() -> Recorded {
    let site = recorded().await;
    let listings = vec![
        listing(1, "Youth drop-in", &now().to_string()),
        listing(2, "Example safe house", "2019-01-01T00:00:00Z"),
    ];
    let (taken, closed) = site.record.casework.take_listings(outside(now()), "test", listings).await.unwrap();
    assert_eq!((taken.accepted, closed), (2, 1));
    site
}

fn names(answer: &Value) -> Vec<&str> {
    answer["services"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn services_are_found_by_who_looks_for_a_place() {
    let site = site().await;
    let session = site.sign_in(EAST, Role::VictimSpecialist).await;
    let check = async |query: &str, expected: &[&str]| {
        let answer = site.get(&format!("/api/v1/services?{query}"), &session).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        assert_eq!(names(&answer.json()), expected, "{query}");
    };
    check("place=28202", &["Youth drop-in", "Example safe house"]).await;
    check("place=28202&need=safe", &["Example safe house"]).await;
    check("place=Houston,%20TX", &[]).await;
    check("age=15&language=spanish&open=MO%2010:00", &["Example safe house", "Youth drop-in"]).await;
    check("age=30", &[]).await;
    check("open=SU%2010:00", &[]).await;
    for wrong in ["place=Nowhereville", "age=old", "open=soon", "km=far"] {
        let refused = site.get(&format!("/api/v1/services?{wrong}"), &session).await;
        assert_eq!(refused.status.as_u16(), 422, "{wrong}");
    }
    let found = site.get("/api/v1/services?place=28202", &session).await.json();
    let room = |at: usize| &found["services"][at]["capacities"][0]["available"];
    assert_eq!((room(0), room(1)), (&json!(2), &Value::Null));
    let page = site.get("/services?place=28202", &session).await.text();
    assert!(page.contains("2 free of 10") && page.contains("unknown: call"), "{page}");
    assert!(page.contains("address confidential: call"), "{page}");
}

#[tokio::test]
async fn the_public_page_shows_services_near_and_no_confidential_address() {
    let site = site().await;
    for (path, said) in [
        ("/help?zip=28202", "The address is confidential: call."),
        ("/help?zip=28202&lang=es", "La dirección es confidencial: llame."),
    ] {
        let page = site.get(path, "").await.text();
        assert!(
            page.contains("Youth drop-in") && page.contains("704-555-0142") && page.contains(said),
            "{page}"
        );
        assert_eq!(page.matches("12 Hidden Lane").count(), 1, "the open one alone: {page}");
    }
    let far = site.get("/help?zip=90012", "").await.text();
    assert!(!far.contains("Youth drop-in") && far.contains("No services are listed near"), "{far}");
    let local = site.get("/api/v1/help/28202", "").await.json();
    assert_eq!(names(&local), ["Youth drop-in", "Example safe house"]);
    assert_eq!(local["services"][1]["places"][0], json!({"address": null, "confidential": true}));
    // Not in the database either.
    let kept = site.record.store.listings().await.unwrap();
    assert_eq!(kept.iter().filter(|one| one.body.contains("Hidden Lane")).count(), 1);
}
