//! Directories of other systems, taken in and given out again: nothing is lost, what is wrong is named, and no confidential
//! address leaves.

use homeward_directory::{
    Hour, Listing, ListingKind, Opening, Search, Service, Status, Table, Tables, close, read_json,
    read_tables, search,
};
use homeward_model::Instant;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Cuts a CSV file as the intake does, cells as texts.
fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap();
    let (mut rows, mut cells, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut cells));
            }
            _ => cell.push(letter),
        }
    }
    let names = rows.remove(0);
    let row = |cells: Vec<String>| -> Map<String, Value> {
        names.iter().cloned().zip(cells.into_iter().map(Value::String)).collect()
    };
    rows.into_iter().map(row).collect()
}

fn folder(name: &str) -> (Vec<Listing>, Vec<String>) {
    let mut tables = Tables::default();
    for file in std::fs::read_dir(data(name)).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|end| end == "csv") {
            tables.add(path.file_name().unwrap().to_str().unwrap(), table(&path));
        }
    }
    let (listings, refusals) = read_tables(tables, "test");
    (listings, refusals.into_iter().map(|refusal| format!("{}: {}", refusal.what, refusal.because)).collect())
}

fn file(name: &str) -> Vec<Listing> {
    let text = std::fs::read_to_string(data(name)).unwrap();
    let (listings, refusals) = read_json(&text, "test").unwrap();
    assert_eq!(refusals, []);
    listings
}

fn services(listings: &[Listing]) -> Vec<Service> {
    let now = Instant::parse("2026-11-28").unwrap();
    listings.iter().filter_map(|listing| Service::of(listing, now)).collect()
}

#[test]
fn every_form_of_hsds_gives_the_same_service() {
    for name in [
        "hsds/service_full.json",
        "hsds/service_list.json",
        "hsds/organization_full.json",
        "hsds/service_at_location_list.json",
    ] {
        let listings = file(name);
        assert_eq!(listings.len(), 1, "{name}");
        let service = &services(&listings)[0];
        assert_eq!(
            (service.name.as_str(), service.status),
            ("Community Counselling", Status::Active),
            "{name}"
        );
        assert_eq!((service.minimum_age, service.maximum_age), (Some(12.0), Some(100.0)), "{name}");
    }
    // The sample's attribute and its metadata name rows that are not in it.
    let lost = [
        "attributes `ae58cc39-8b70-4ab1-8aea-786882e5ac8e`: its `link_id` names nothing",
        "metadata `6cd71e9f-1013-49d9-8370-26b8f59d3e5a`: its `resource_id` names nothing",
    ];
    let text = std::fs::read_to_string(data("hsds/tabular.json")).unwrap();
    let (tabular, refusals) = read_json(&text, "test").unwrap();
    assert_eq!(refusals.len(), lost.len());
    let (listings, refusals) = folder("hsds-csv");
    assert_eq!((listings.len(), refusals), (1, lost.map(str::to_owned).to_vec()));
    assert_eq!(services(&listings), services(&tabular));
    let service = &services(&listings)[0];
    assert_eq!(service.languages, ["Urdu"]);
    assert_eq!(service.openings[0].days, ["TH", "FR"]);
    assert_eq!((service.openings[0].opens, service.openings[0].closes), (600, 1080));
    assert!(service.phones[0].contains("+44 1234 234567"), "{:?}", service.phones);
}

#[test]
fn what_was_given_out_is_taken_in_as_it_was() {
    let mut all = file("hsds/service_full.json");
    all.extend(folder("ohana").0);
    let page = json!({"contents": all.iter().map(|listing| listing.body.clone()).collect::<Vec<_>>()});
    let (mut again, refusals) = read_json(&page.to_string(), "elsewhere").unwrap();
    assert_eq!(refusals, []);
    let by_id = |listings: &mut Vec<Listing>| listings.sort_by(|a, b| a.id.cmp(&b.id));
    by_id(&mut all);
    by_id(&mut again);
    assert_eq!(all, again);
}

#[test]
fn a_directory_of_ohana_is_read_whole() {
    let (listings, refusals) = folder("ohana");
    // Six numbers are of contacts, and contacts are not in the sample.
    assert_eq!(refusals.len(), 6, "{refusals:?}");
    assert!(
        refusals.iter().all(|one| one.starts_with("phones `") && one.ends_with("`contact_id` names nothing"))
    );
    let found = services(&listings);
    assert_eq!(found.len(), 23);
    let passports = found.iter().find(|service| service.name == "Passport Photos").unwrap();
    assert!(passports.languages.contains(&"Russian".to_owned()), "{:?}", passports.languages);
    assert!(!passports.terms.is_empty());
    let monday = |opening: &Opening| opening.days == ["MO"] && (opening.opens, opening.closes) == (480, 1020);
    assert!(passports.openings.iter().any(monday), "{:?}", passports.openings);
    let statuses = |status| found.iter().filter(|service| service.status == status).count();
    assert_eq!([Status::Active, Status::Inactive, Status::Defunct].map(statuses), [21, 1, 1]);
    let organizations = listings.iter().filter(|listing| listing.kind == ListingKind::Organization).count();
    assert_eq!(organizations, 0, "each has a service");
    // Nothing of a row is lost, whether HSDS has a column for it or not.
    let text: String = listings.iter().map(|listing| listing.body.to_string()).collect();
    for word in [
        "2600 Middlefield Road",
        "Fair Oaks Intergenerational Center",
        "Meal Sites/Home-delivered Mea",
        "Defeat Hunger",
    ] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn what_is_wrong_is_refused_by_its_name() {
    let check = |object: Value, expected: &str| {
        let (listings, refusals) = read_json(&object.to_string(), "test").unwrap();
        let told: Vec<String> = refusals.iter().map(|one| format!("{}: {}", one.what, one.because)).collect();
        assert_eq!((listings.len(), told.as_slice()), (0, &[expected.to_owned()][..]));
    };
    check(
        json!({"id": "s-1", "name": "Shelter", "status": "open"}),
        "service `s-1`: its status is `open`, not `active`, `inactive`, `defunct` or `temporarily closed`",
    );
    check(json!({"id": "s-1", "status": "active"}), "service `s-1`: it has no `name`");
    check(json!({"name": "Shelter", "status": "active"}), "service `Shelter`: it has no `id`");
    check(
        json!({"id": "o-1", "name": "Somebody"}),
        "organization `o-1`: it is neither a service, which has a `status`, nor an organization, which has a `description`",
    );
    check(json!([7]), "7: it is no object");
    assert!(read_json("{", "test").is_err() && read_json("7", "test").is_err());
}

/// A service with a location.
fn shelter(name: &str) -> Listing {
    let body = json!({
        "id": "ac148810-d857-441c-9679-408f346de14b", "name": name, "status": "active", "minimum_age": 12, "maximum_age": 17,
        "description": "Come to 12 Hidden Lane at any hour.",
        "organization": {"id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "name": "Example House", "description": "-"},
        "phones": [{"id": "1554f2e2-a373-45db-a3fa-9fc48a61c15e", "number": "704-555-0142"}],
        "languages": [{"id": "2989d3ed-c547-48f8-8f9d-432d81c7892e", "name": "Spanish"}],
        "schedules": [{"id": "48102e86-bb50-41c4-8f1e-e269368c41d1", "byday": "FR,SA", "opens_at": "20:00", "closes_at": "06:00"}],
        "capacities": [{"id": "8896b788-7b3e-11ef-8db9-7f3d040352b3", "available": 2, "maximum": 10,
            "unit": {"id": "8896b788-7b3e-11ef-8db9-7f3d040352b4", "name": "Bed"}, "updated": "2026-11-26T12:00:00Z"}],
        "service_at_locations": [{"id": "e94c9f38-1e8f-4564-91d4-d53501ab1765", "location": {
            "id": "3a19ff88-4620-4d17-9830-ac1d859eb5d5", "location_type": "physical", "latitude": 35.2271, "longitude": -80.8431,
            "addresses": [{"id": "74706e55-df26-4b84-80fe-ecc30b5befb4", "address_1": "12 Hidden Lane", "city": "Charlotte",
                "state_province": "NC", "postal_code": "28202", "country": "US", "address_type": "physical"}]}}]
    });
    Listing { kind: ListingKind::Service, id: "ac148810-d857-441c-9679-408f346de14b".to_owned(), body }
}

#[test]
fn a_confidential_address_is_taken_out_wherever_it_stands() {
    let nobody = BTreeSet::new();
    let open = shelter("Youth Drop-in Center");
    let mut body = open.body.clone();
    assert!(!close(&mut body, &nobody));
    assert_eq!(body, open.body);
    for name in ["Domestic Violence Shelter", "Example Safe House"] {
        let mut hidden = shelter(name);
        assert!(close(&mut hidden.body, &nobody));
        let text = hidden.body.to_string();
        for word in ["Hidden Lane", "28202", "35.2271", "Charlotte"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert!(!close(&mut hidden.body, &nobody), "it is done once");
        // It is found all the same, by the county that it serves, and says that one has to call.
        let service = services(std::slice::from_ref(&hidden)).remove(0);
        assert_eq!(service.areas, ["Mecklenburg County, NC"]);
        assert!(service.sites[0].confidential && service.sites[0].point.is_none());
        for place in ["28202", "Charlotte, NC", "NC"] {
            let wanted = Search { place: place.into(), ..Search::default() };
            assert_eq!(search(std::slice::from_ref(&service), &wanted).unwrap().len(), 1, "{place}");
        }
    }
    let mut permitted = shelter("Domestic Violence Shelter");
    let on_file = BTreeSet::from(["3a19ff88-4620-4d17-9830-ac1d859eb5d5".to_owned()]);
    assert!(!close(&mut permitted.body, &on_file));
    let mut marked = open;
    marked.body["service_at_locations"][0]["location"]["attributes"] =
        json!([{"id": "x", "value": "confidential address"}]);
    assert!(close(&mut marked.body, &nobody) && !marked.body.to_string().contains("Hidden Lane"));
}

#[test]
fn room_that_nobody_spoke_of_lately_is_unknown_and_never_free() {
    let listing = shelter("Youth Drop-in Center");
    let check = |now: &str, expected: Option<u64>| {
        let service = Service::of(&listing, Instant::parse(now).unwrap()).unwrap();
        assert_eq!(
            (service.capacities[0].available, service.capacities[0].maximum),
            (expected, Some(10)),
            "{now}"
        );
    };
    check("2026-11-26T12:00:00Z", Some(2));
    check("2026-11-29T12:00:00Z", Some(2));
    check("2026-11-29T12:00:01Z", None);
    // Said for a moment that has not come: nothing is known of it.
    check("2026-11-26T11:00:00Z", None);
}

#[test]
fn a_service_is_found_by_place_need_age_language_and_hour() {
    let all = services(&[shelter("Youth Drop-in Center")]);
    let check = |wanted: Search, expected: usize| {
        assert_eq!(search(&all, &wanted).unwrap().len(), expected, "{wanted:?}");
    };
    let hour = |text: &str| Search { open: Some(Hour::parse(text).unwrap()), ..Search::default() };
    check(Search::default(), 1);
    check(Search { place: "28202".into(), ..Search::default() }, 1);
    check(Search { place: "Raleigh, NC".into(), ..Search::default() }, 0);
    check(Search { place: "Raleigh, NC".into(), km: Some(300.0), ..Search::default() }, 1);
    check(Search { place: "TX".into(), ..Search::default() }, 0);
    check(Search { need: "youth center".into(), ..Search::default() }, 1);
    check(Search { need: "youth dentist".into(), ..Search::default() }, 0);
    check(Search { age: Some(15.0), ..Search::default() }, 1);
    check(Search { age: Some(30.0), ..Search::default() }, 0);
    check(Search { language: "spanish".into(), ..Search::default() }, 1);
    check(Search { language: "Urdu".into(), ..Search::default() }, 0);
    check(hour("FR 23:00"), 1);
    check(hour("Sunday 05:59"), 1);
    check(hour("SU 06:00"), 0);
    check(hour("TH 23:00"), 0);
    assert_eq!(Hour::parse("tomorrow"), None);
    for place in ["00000", "Atlantis, NC"] {
        assert!(search(&all, &Search { place: place.into(), ..Search::default() }).is_err());
    }
    let mut gone = shelter("Youth Drop-in Center");
    gone.body["status"] = json!("defunct");
    let gone = services(&[gone]);
    assert_eq!(search(&gone, &Search::default()).unwrap().len(), 0);
    assert_eq!(search(&gone, &Search { all: true, ..Search::default() }).unwrap().len(), 1);
}
