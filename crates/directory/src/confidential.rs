//! Addresses that nobody outside may learn: those of shelters for people who are hunted. They are taken out before anything is
//! kept, shown or given out, unless the operator's written permission is on file.

use crate::listing::{plain, uuid};
use homeward_places::{Places, Zip};
use homeward_rules::directory::DirectoryRules;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Parts of a location that tell where it is.
const WHERE: &[&str] = &[
    "addresses",
    "latitude",
    "longitude",
    "transportation",
    "external_identifier",
    "external_identifier_type",
];

/// Takes the confidential addresses out of an object of HSDS; `permitted` are the ids of locations whose operators gave
/// permission in writing. A service whose places are all gone says which county it serves, so that it is found. Returns
/// whether anything was taken out.
pub fn close(object: &mut Value, permitted: &BTreeSet<String>) -> bool {
    let whole = is_marked(object) || names_one(object);
    let mut streets = Vec::new();
    let mut counties = BTreeSet::new();
    for location in locations(object) {
        let id = plain(&location["id"]);
        if permitted.contains(&id) || !(whole || is_marked(location) || names_one(location)) {
            continue;
        }
        let Some(location) = location.as_object_mut() else { continue };
        counties.extend(county(location));
        streets.extend(taken_out(location));
    }
    if streets.is_empty() && counties.is_empty() {
        return false;
    }
    // A description may repeat what was taken out.
    for street in streets.iter().filter(|street| street.len() > 3) {
        scrub(object, street);
    }
    let serves = object.get("service_areas").and_then(Value::as_array).is_some_and(|areas| !areas.is_empty());
    if !serves && !counties.is_empty() && object.get("status").is_some() {
        let id = plain(&object["id"]);
        let area = |county: &String| json!({"id": uuid("county", &id, county), "name": county});
        object["service_areas"] = Value::Array(counties.iter().map(area).collect());
    }
    true
}

/// Whether a location of a service is confidential; nothing is taken out.
pub fn is_closed(service: &Value, location: &Value) -> bool {
    is_marked(service) || names_one(service) || is_marked(location) || names_one(location)
}

fn locations(object: &mut Value) -> Vec<&mut Value> {
    let mut found = Vec::new();
    let Some(object) = object.as_object_mut() else { return found };
    for (name, value) in object {
        match (name.as_str(), value) {
            ("service_at_locations", Value::Array(at)) => {
                found.extend(at.iter_mut().filter_map(|one| one.get_mut("location")));
            }
            ("locations", Value::Array(all)) => found.extend(all.iter_mut()),
            ("organization", Value::Object(organization)) => {
                let all = organization.get_mut("locations").and_then(Value::as_array_mut);
                found.extend(all.into_iter().flatten());
            }
            _ => {}
        }
    }
    found
}

/// Whether an object says of itself that it is confidential.
fn is_marked(object: &Value) -> bool {
    let said = |value: &Value| plain(value).to_lowercase().contains("confidential");
    let yes =
        object.get("confidential").is_some_and(|value| ["true", "yes", "1"].contains(&plain(value).as_str()));
    let attributes = object.get("attributes").and_then(Value::as_array).into_iter().flatten();
    let marks = |one: &Value| {
        ["value", "link_type", "label"].iter().any(|name| one.get(*name).is_some_and(said))
            || said(&one["taxonomy_term"]["name"])
            || said(&one["taxonomy_term"]["code"])
    };
    yes || attributes.into_iter().any(marks)
}

/// Whether its names, or those of its organisation and its terms, have a word of the rules.
fn names_one(object: &Value) -> bool {
    let terms = object.get("attributes").and_then(Value::as_array).into_iter().flatten();
    let terms = terms.map(|one| &one["taxonomy_term"]["name"]);
    let names = [&object["name"], &object["alternate_name"], &object["organization"]["name"]];
    let words = &DirectoryRules::embedded().confidential.words;
    names
        .into_iter()
        .chain(terms)
        .map(|name| plain(name).to_lowercase())
        .any(|name| words.iter().any(|word| name.contains(word.as_str())))
}

/// The county of a location, `Mecklenburg County, NC`.
fn county(location: &Map<String, Value>) -> Option<String> {
    let addresses = location.get("addresses")?.as_array()?;
    addresses.iter().find_map(|address| {
        let zip = Places::embedded().zip(&plain(&address["postal_code"]))?;
        county_of(zip)
    })
}

/// The county of a ZIP code as a place that is served.
pub(crate) fn county_of(zip: &Zip) -> Option<String> {
    let county = Places::embedded().county(&zip.county_fips)?;
    Some(format!("{}, {}", county.name, county.state))
}

/// Takes out where a location is, and returns the lines of its addresses.
fn taken_out(location: &mut Map<String, Value>) -> Vec<String> {
    let mut streets = Vec::new();
    for name in WHERE {
        let Some(value) = location.remove(*name) else { continue };
        for address in value.as_array().into_iter().flatten() {
            streets.extend(["address_1", "address_2"].iter().map(|line| plain(&address[*line])));
        }
        if streets.is_empty() {
            streets.push(String::new());
        }
    }
    streets
}

/// Replaces a text wherever it stands, in any case.
fn scrub(value: &mut Value, street: &str) {
    match value {
        Value::String(text) => {
            let lower = street.to_lowercase();
            while let Some(at) = text.to_lowercase().find(&lower).filter(|at| text.is_char_boundary(*at)) {
                let end = at + street.len();
                if !text.is_char_boundary(end) || end > text.len() {
                    "(address confidential)".clone_into(text);
                    break;
                }
                text.replace_range(at..end, "(address confidential)");
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| scrub(one, street)),
        Value::Object(all) => all.values_mut().for_each(|one| scrub(one, street)),
        _ => {}
    }
}
