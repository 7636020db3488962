//! Objects of HSDS as they come: a service with its organisation and its locations, an organisation without services. From
//! JSON, bare or in the `contents` of a page, and from tables.

use crate::tables::{Tables, nested};
use crate::{Status, ohana};
use homeward_model::Digest;
use serde_json::{Map, Value};

/// What a listing is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListingKind {
    /// A service.
    Service,
    /// An organisation of which no service is listed.
    Organization,
}

impl ListingKind {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            ListingKind::Service => "service",
            ListingKind::Organization => "organization",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<ListingKind> {
        [ListingKind::Service, ListingKind::Organization].into_iter().find(|kind| kind.word() == text)
    }
}

/// An object of HSDS.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// What it is of.
    pub kind: ListingKind,
    /// Its id: a uuid.
    pub id: String,
    /// The object.
    pub body: Value,
}

impl Listing {
    /// A listing as it was kept.
    pub fn parse(kind: ListingKind, id: String, text: &str) -> Result<Listing, String> {
        let body = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(Listing { kind, id, body })
    }
}

/// An object that is not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it calls itself: a table and an id or a name.
    pub what: String,
    /// Why not.
    pub because: String,
}

/// Reads the text of a JSON file: an object, a list of them, a page with `contents`, or tables by their names.
pub fn read_json(text: &str, source: &str) -> Result<(Vec<Listing>, Vec<Refusal>), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let (mut listings, mut refusals) = (Vec::new(), Vec::new());
    if let Some(tables) = Tables::of_json(&value) {
        return Ok(read_tables(tables, source));
    }
    let objects = match value {
        Value::Array(objects) => objects,
        Value::Object(mut object) => match object.remove("contents") {
            Some(Value::Array(objects)) => objects,
            _ => vec![Value::Object(object)],
        },
        _ => return Err("it holds no objects".to_owned()),
    };
    for object in objects {
        take(object, None, source, &mut listings, &mut refusals);
    }
    Ok((merged(listings), refusals))
}

/// Reads tables: those of HSDS 3, and those of Ohana, which came before it.
pub fn read_tables(tables: Tables, source: &str) -> (Vec<Listing>, Vec<Refusal>) {
    let tables = if ohana::is_ohana(&tables) { ohana::translated(tables) } else { tables };
    let (mut listings, mut refusals) = (Vec::new(), Vec::new());
    let (services, organizations) = nested(tables, source, &mut refusals);
    for service in services {
        take(service, Some(ListingKind::Service), source, &mut listings, &mut refusals);
    }
    for organization in organizations {
        take(organization, Some(ListingKind::Organization), source, &mut listings, &mut refusals);
    }
    (merged(listings), refusals)
}

/// An organisation of which a service is listed is with that service.
fn merged(mut listings: Vec<Listing>) -> Vec<Listing> {
    let of = |listing: &Listing| listing.body["organization"]["id"].as_str().map(str::to_owned);
    let with: Vec<String> = listings.iter().filter_map(of).collect();
    listings.retain(|one| one.kind == ListingKind::Service || !with.contains(&one.id));
    listings.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    listings.dedup_by(|a, b| a.id == b.id);
    listings
}

/// What an object calls itself.
pub(crate) fn called(object: &Map<String, Value>, table: &str) -> String {
    let text = |name: &str| object.get(name).map(plain).filter(|text| !text.is_empty());
    text("id").or_else(|| text("name")).map_or_else(|| table.to_owned(), |name| format!("{table} `{name}`"))
}

/// A value as text.
pub(crate) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// A uuid for an id of another system: itself when it is one.
pub(crate) fn uuid(source: &str, table: &str, id: &str) -> String {
    let is_uuid = |text: &str| {
        text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    };
    if is_uuid(id) {
        return id.to_owned();
    }
    let hex = Digest::of_parts([source, table, id].map(str::as_bytes)).hex();
    format!("{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// Properties that only services have.
const OF_SERVICES: &[&str] = &[
    "status",
    "organization",
    "organization_id",
    "service_at_locations",
    "minimum_age",
    "maximum_age",
    "eligibility_description",
    "application_process",
    "schedules",
    "service_areas",
    "cost_options",
    "required_documents",
    "interpretation_services",
    "fees",
    "fees_description",
    "wait_time",
    "program",
];

fn take(
    value: Value,
    kind: Option<ListingKind>,
    source: &str,
    listings: &mut Vec<Listing>,
    refusals: &mut Vec<Refusal>,
) {
    let Value::Object(mut object) = value else {
        refusals.push(Refusal { what: plain(&value), because: "it is no object".to_owned() });
        return;
    };
    // A service at a location is its service, at that location.
    if let Some(Value::Object(mut service)) = object.remove("service") {
        service.insert("service_at_locations".to_owned(), Value::Array(vec![Value::Object(object)]));
        return take(Value::Object(service), Some(ListingKind::Service), source, listings, refusals);
    }
    if let Some(Value::Array(services)) = object.remove("services") {
        for mut service in services {
            if let Value::Object(service) = &mut service {
                service.entry("organization").or_insert_with(|| Value::Object(object.clone()));
            }
            take(service, Some(ListingKind::Service), source, listings, refusals);
        }
    }
    let is_service = OF_SERVICES.iter().any(|name| object.contains_key(*name));
    let told = if is_service { ListingKind::Service } else { ListingKind::Organization };
    let kind = kind.unwrap_or(told);
    match checked(object, kind, source) {
        Ok(listing) => listings.push(listing),
        Err(refusal) => refusals.push(refusal),
    }
}

/// An object that has what HSDS requires of it.
fn checked(mut object: Map<String, Value>, kind: ListingKind, source: &str) -> Result<Listing, Refusal> {
    let what = called(&object, kind.word());
    let refuse = |because: String| Err(Refusal { what: what.clone(), because });
    for name in ["id", "name"] {
        if object.get(name).map(plain).unwrap_or_default().trim().is_empty() {
            return refuse(format!("it has no `{name}`"));
        }
    }
    match kind {
        ListingKind::Service => {
            let status = object.get("status").map(plain).unwrap_or_default();
            if Status::parse(&status).is_none() {
                let words = "`active`, `inactive`, `defunct` or `temporarily closed`";
                return refuse(format!("its status is `{status}`, not {words}"));
            }
        }
        ListingKind::Organization if !object.contains_key("description") => {
            return refuse("it is neither a service, which has a `status`, nor an organization, which has a `description`".to_owned());
        }
        ListingKind::Organization => {}
    }
    let id = uuid(source, kind.word(), &plain(&object["id"]));
    object.insert("id".to_owned(), Value::String(id.clone()));
    Ok(Listing { kind, id, body: Value::Object(object) })
}
