//! Tables of HSDS: rows by the name of their table, put into the objects that they belong to.

use crate::Refusal;
use crate::listing::{called, plain, uuid};
use serde_json::{Map, Number, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// The rows of a table.
pub type Table = Vec<Map<String, Value>>;

/// Tables by their names, without `.csv`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables(BTreeMap<String, Table>);

impl Tables {
    /// Tables in one JSON object, each under the name of its file.
    pub fn of_json(value: &Value) -> Option<Tables> {
        let object = value.as_object().filter(|object| {
            object.keys().any(|name| Path::new(name).extension().is_some_and(|end| end == "csv"))
        })?;
        let mut tables = Tables::default();
        for (name, rows) in object {
            let rows = rows.as_array().into_iter().flatten().filter_map(Value::as_object).cloned();
            tables.add(name, rows.collect());
        }
        Some(tables)
    }

    /// Adds a table under the name of its file.
    pub fn add(&mut self, file: &str, rows: Table) {
        let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".csv").to_lowercase();
        let name = match name.as_str() {
            "service_at_location" => "service_at_locations",
            "service_capacity" => "service_capacities",
            name => name,
        };
        self.0.entry(name.to_owned()).or_default().extend(rows);
    }

    /// Whether there is such a table.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a table out.
    pub fn take(&mut self, name: &str) -> Table {
        self.0.remove(name).unwrap_or_default()
    }
}

/// Tables whose rows lie in rows of others: parent, its link in the child, child, and the property that holds them.
const CHILDREN: &[(&str, &str, &str, &str)] = &[
    ("phones", "phone_id", "languages", "languages"),
    ("contacts", "contact_id", "phones", "phones"),
    ("locations", "location_id", "addresses", "addresses"),
    ("locations", "location_id", "phones", "phones"),
    ("locations", "location_id", "schedules", "schedules"),
    ("locations", "location_id", "languages", "languages"),
    ("locations", "location_id", "contacts", "contacts"),
    ("locations", "location_id", "accessibility", "accessibility"),
    ("service_at_locations", "service_at_location_id", "phones", "phones"),
    ("service_at_locations", "service_at_location_id", "schedules", "schedules"),
    ("service_at_locations", "service_at_location_id", "contacts", "contacts"),
    ("organizations", "organization_id", "phones", "phones"),
    ("organizations", "organization_id", "contacts", "contacts"),
    ("organizations", "organization_id", "funding", "funding"),
    ("organizations", "organization_id", "programs", "programs"),
    ("organizations", "organization_id", "organization_identifiers", "organization_identifiers"),
    ("services", "service_id", "phones", "phones"),
    ("services", "service_id", "schedules", "schedules"),
    ("services", "service_id", "languages", "languages"),
    ("services", "service_id", "contacts", "contacts"),
    ("services", "service_id", "funding", "funding"),
    ("services", "service_id", "service_areas", "service_areas"),
    ("services", "service_id", "cost_options", "cost_options"),
    ("services", "service_id", "required_documents", "required_documents"),
    ("services", "service_id", "service_capacities", "capacities"),
    ("services", "service_id", "service_at_locations", "service_at_locations"),
];

/// Rows that another holds one of: child, its link, the table, and the property.
const PARTS: &[(&str, &str, &str, &str)] = &[
    ("taxonomy_terms", "taxonomy_id", "taxonomies", "taxonomy_detail"),
    ("attributes", "taxonomy_term_id", "taxonomy_terms", "taxonomy_term"),
    ("service_capacities", "unit_id", "units", "unit"),
    ("service_at_locations", "location_id", "locations", "location"),
    ("services", "program_id", "programs", "program"),
    ("services", "organization_id", "organizations", "organization"),
];

/// Columns that hold numbers in HSDS.
const NUMBERS: &[&str] = &[
    "latitude",
    "longitude",
    "minimum_age",
    "maximum_age",
    "extension",
    "year_incorporated",
    "available",
    "maximum",
    "amount",
    "timezone",
    "interval",
    "count",
];

/// Columns that say whose row it is; inside the other they say nothing more.
const LINKS: &[&str] = &[
    "service_id",
    "location_id",
    "service_at_location_id",
    "organization_id",
    "contact_id",
    "phone_id",
    "taxonomy_term_id",
    "taxonomy_id",
    "unit_id",
    "program_id",
    "link_id",
    "resource_id",
];

/// Rows on their way into the objects that they belong to.
#[derive(Default)]
struct Nest {
    kept: HashMap<&'static str, Table>,
    /// Rows that lie in some object.
    placed: HashSet<(String, String)>,
    /// Rows whose link names nothing.
    dangling: Vec<(String, String, Refusal)>,
}

/// Puts the rows of tables into services, and organisations into objects of their own. Rows that belong to nothing are refused
/// by name.
pub fn nested(mut tables: Tables, source: &str, refusals: &mut Vec<Refusal>) -> (Vec<Value>, Vec<Value>) {
    let mut nest = Nest::default();
    let parts = PARTS.iter().flat_map(|(child, _, table, _)| [*child, *table]);
    let children = CHILDREN.iter().flat_map(|(parent, _, child, _)| [*parent, *child]);
    for name in ["metadata"].into_iter().chain(parts).chain(children) {
        let rows = || tables.take(name).into_iter().map(|row| typed(row, source, name)).collect();
        nest.kept.entry(name).or_insert_with(rows);
    }
    for (child, link, table, property) in &PARTS[..3] {
        nest.hold_one(child, link, table, property);
    }
    nest.describe();
    let of_services = |(parent, ..): &&(&str, &str, &str, &str)| *parent == "services";
    for (parent, link, child, property) in CHILDREN.iter().filter(|row| !of_services(row)) {
        nest.hold(parent, link, child, property);
    }
    nest.hold_one("service_at_locations", "location_id", "locations", "location");
    for (parent, link, child, property) in CHILDREN.iter().filter(of_services) {
        nest.hold(parent, link, child, property);
    }
    // Locations at which no service is stay with their organisation.
    let used: HashSet<String> =
        nest.kept["service_at_locations"].iter().map(|row| text(row, "location_id")).collect();
    let alone = nest.kept["locations"].iter().filter(|row| !used.contains(&text(row, "id")));
    let alone = alone.cloned().collect();
    nest.kept.insert("alone", alone);
    nest.hold("organizations", "organization_id", "alone", "locations");
    nest.hold_one("services", "program_id", "programs", "program");
    nest.hold_one("services", "organization_id", "organizations", "organization");
    let Nest { mut kept, placed, dangling } = nest;
    let lost = dangling.into_iter().filter(|(child, id, _)| !placed.contains(&(child.clone(), id.clone())));
    refusals.extend(lost.map(|(.., refusal)| refusal));
    let mut objects = |name: &str| -> Vec<Value> {
        let rows = kept.remove(name).unwrap_or_default().into_iter();
        rows.map(|row| Value::Object(without_links(row))).collect()
    };
    (objects("services"), objects("organizations"))
}

fn text(row: &Map<String, Value>, name: &str) -> String {
    row.get(name).map(plain).unwrap_or_default()
}

/// A row with numbers where HSDS has them, uuids for ids, and without empty cells.
fn typed(row: Map<String, Value>, source: &str, table: &str) -> Map<String, Value> {
    let mut typed = Map::new();
    let entity =
        ["link_entity", "resource_type"].iter().map(|name| text(&row, name)).find(|name| !name.is_empty());
    for (name, value) in row {
        let text = plain(&value);
        if text.trim().is_empty() {
            continue;
        }
        let value = if name == "id" {
            Value::String(uuid(source, table, &text))
        } else if let Some(of) = link_table(&name) {
            Value::String(uuid(source, of, &text))
        } else if let ("link_id" | "resource_id", Some(entity)) = (name.as_str(), &entity) {
            Value::String(uuid(source, &format!("{entity}s"), &text))
        } else if NUMBERS.contains(&name.as_str()) {
            text.trim().parse::<Number>().map_or(value, Value::Number)
        } else if matches!(value, Value::Array(_) | Value::Object(_)) {
            value
        } else {
            Value::String(text)
        };
        typed.insert(name, value);
    }
    typed
}

/// The table that a link is to.
fn link_table(name: &str) -> Option<&'static str> {
    Some(match name {
        "service_id" => "services",
        "location_id" => "locations",
        "service_at_location_id" => "service_at_locations",
        "organization_id" => "organizations",
        "contact_id" => "contacts",
        "phone_id" => "phones",
        "taxonomy_term_id" => "taxonomy_terms",
        "taxonomy_id" => "taxonomies",
        "unit_id" => "units",
        "program_id" => "programs",
        _ => return None,
    })
}

impl Nest {
    /// Attributes and metadata lie in whatever row they name.
    fn describe(&mut self) {
        for (table, link) in [("attributes", "link_id"), ("metadata", "resource_id")] {
            let mut of: HashMap<String, Vec<Value>> = HashMap::new();
            for row in self.kept.get(table).into_iter().flatten() {
                of.entry(text(row, link)).or_default().push(Value::Object(without_links(row.clone())));
            }
            for parent in
                ["phones", "contacts", "locations", "service_at_locations", "organizations", "services"]
            {
                for row in self.kept.get_mut(parent).into_iter().flatten() {
                    if let Some(own) = of.remove(&text(row, "id")) {
                        row.insert(table.to_owned(), Value::Array(own));
                    }
                }
            }
            for row in of.into_values().flatten() {
                self.misses(table, link, row.as_object());
            }
        }
    }

    fn misses(&mut self, child: &str, link: &str, row: Option<&Map<String, Value>>) {
        let Some(row) = row else { return };
        let because = format!("its `{link}` names nothing");
        let refusal = Refusal { what: called(row, child), because };
        self.dangling.push((child.to_owned(), text(row, "id"), refusal));
    }

    fn hold(&mut self, parent: &'static str, link: &str, child: &str, property: &str) {
        let mut of: HashMap<String, Vec<Value>> = HashMap::new();
        for row in self.kept.get(child).into_iter().flatten() {
            let to = text(row, link);
            if !to.is_empty() {
                of.entry(to).or_default().push(Value::Object(without_links(row.clone())));
            }
        }
        for row in self.kept.get_mut(parent).into_iter().flatten() {
            if let Some(rows) = of.remove(&text(row, "id")) {
                let placed =
                    rows.iter().filter_map(Value::as_object).map(|row| (child.to_owned(), text(row, "id")));
                self.placed.extend(placed);
                row.insert(property.to_owned(), Value::Array(rows));
            }
        }
        for row in of.into_values().flatten() {
            self.misses(child, link, row.as_object());
        }
    }

    fn hold_one(&mut self, child: &'static str, link: &str, table: &str, property: &str) {
        let rows = self.kept.get(table).into_iter().flatten();
        let by_id: HashMap<String, Map<String, Value>> =
            rows.map(|row| (text(row, "id"), row.clone())).collect();
        for row in self.kept.get_mut(child).into_iter().flatten() {
            if let Some(part) = by_id.get(&text(row, link)) {
                row.insert(property.to_owned(), Value::Object(without_links(part.clone())));
            }
        }
    }
}

fn without_links(mut row: Map<String, Value>) -> Map<String, Value> {
    row.retain(|name, _| !LINKS.contains(&name.as_str()));
    row
}
