//! The tables of Ohana, a directory that came before HSDS 3: its columns by the names of HSDS.

use crate::listing::plain;
use crate::tables::{Table, Tables};
use serde_json::{Map, Value, json};

/// Whether tables are written as Ohana writes them.
pub fn is_ohana(tables: &Tables) -> bool {
    tables.has("regular_schedules") || tables.has("mail_addresses")
}

type Row = Map<String, Value>;

fn text(row: &Row, name: &str) -> String {
    row.get(name).map(plain).unwrap_or_default().trim().to_owned()
}

fn rename(row: &mut Row, theirs: &str, ours: &str) {
    if let Some(value) = row.remove(theirs) {
        row.entry(ours).or_insert(value);
    }
}

/// The parts of a cell that are listed in it.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// The same tables as HSDS has them. What HSDS has no column for stays in its row under its own name.
pub fn translated(mut tables: Tables) -> Tables {
    let mut ours = Tables::default();
    let terms: Table = tables.take("taxonomy").iter().map(term).collect();
    let (mut at, mut languages, mut attributes) = (Table::new(), Table::new(), Table::new());
    let (mut areas, mut documents, mut access) = (Table::new(), Table::new(), Table::new());
    let locations = tables.take("locations");
    let organization_of = |location: &str| {
        locations.iter().find(|row| text(row, "id") == location).map(|row| text(row, "organization_id"))
    };
    let mut services = Table::new();
    for mut row in tables.take("services") {
        let (id, location) = (text(&row, "id"), text(&row, "location_id"));
        row.remove("location_id");
        if let Some(organization) = organization_of(&location) {
            row.insert("organization_id".to_owned(), Value::String(organization));
        }
        at.push(object(&[("id", &id), ("service_id", &id), ("location_id", &location)]));
        for (number, term) in (1..).zip(parts(&text(&row, "taxonomy_ids"))) {
            let own = format!("{id}/{number}");
            let pairs = [
                ("id", own.as_str()),
                ("link_id", &id),
                ("link_entity", "service"),
                ("taxonomy_term_id", term),
            ];
            attributes.push(object(&pairs));
        }
        spoken(&row, "service_id", &mut languages);
        areas.extend(listed(&mut row, "service_areas", "service_id", "name"));
        documents.extend(listed(&mut row, "required_documents", "service_id", "document"));
        for name in ["taxonomy_ids", "languages"] {
            row.remove(name);
        }
        rename(&mut row, "website", "url");
        rename(&mut row, "eligibility", "eligibility_description");
        services.push(row);
    }
    let with_type = locations.into_iter().map(|mut row| {
        spoken(&row, "location_id", &mut languages);
        row.remove("languages");
        access.extend(listed(&mut row, "accessibility", "location_id", "description"));
        let kind = if text(&row, "virtual") == "true" { "virtual" } else { "physical" };
        row.insert("location_type".to_owned(), json!(kind));
        rename(&mut row, "website", "url");
        row
    });
    ours.add("locations", with_type.collect());
    for (file, kind) in [("addresses", "physical"), ("mail_addresses", "postal")] {
        let rows = tables.take(file).into_iter().map(|mut row| {
            let id = format!("{file}/{}", text(&row, "id"));
            row.insert("id".to_owned(), Value::String(id));
            row.insert("address_type".to_owned(), json!(kind));
            row
        });
        ours.add("addresses", rows.collect());
    }
    let phones = tables.take("phones").into_iter().map(|mut row| {
        rename(&mut row, "number_type", "type");
        rename(&mut row, "department", "description");
        row
    });
    ours.add("phones", phones.collect());
    let regular = tables.take("regular_schedules").into_iter().map(|mut row| {
        let day = text(&row, "weekday").to_uppercase();
        row.insert("byday".to_owned(), json!(day.get(..2).unwrap_or_default()));
        row.insert("freq".to_owned(), json!("WEEKLY"));
        row
    });
    ours.add("schedules", regular.collect());
    let holidays = tables.take("holiday_schedules").into_iter().map(|mut row| {
        let id = format!("holiday/{}", text(&row, "id"));
        row.insert("id".to_owned(), Value::String(id));
        rename(&mut row, "start_date", "valid_from");
        rename(&mut row, "end_date", "valid_to");
        row.insert("description".to_owned(), json!("holiday"));
        row
    });
    ours.add("schedules", holidays.collect());
    let organizations = tables.take("organizations");
    ours.add("organizations", organizations);
    let programs = tables.take("programs").into_iter().map(|mut row| {
        // HSDS wants a description of everything.
        let name = text(&row, "name");
        row.entry("description").or_insert(Value::String(name));
        row
    });
    ours.add("programs", programs.collect());
    ours.add("service_areas", areas);
    ours.add("required_documents", documents);
    ours.add("accessibility", access);
    ours.add("contacts", tables.take("contacts"));
    ours.add("services", services);
    ours.add("service_at_locations", at);
    ours.add("languages", languages);
    ours.add("attributes", attributes);
    ours.add("taxonomy_terms", terms);
    ours
}

fn object(pairs: &[(&str, &str)]) -> Row {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

fn term(row: &Row) -> Row {
    let id = Some(text(row, "taxonomy_id")).filter(|id| !id.is_empty()).unwrap_or_else(|| text(row, "id"));
    let (name, parent) = (text(row, "name"), text(row, "parent_id"));
    object(&[
        ("id", &id),
        ("code", &id),
        ("name", &name),
        ("description", &name),
        ("parent_code", &parent),
        ("taxonomy", "Open Eligibility"),
    ])
}

/// The parts of a cell as rows of a table of their own.
fn listed(row: &mut Row, name: &str, link: &str, property: &str) -> Table {
    let (id, cell) = (text(row, "id"), text(row, name));
    row.remove(name);
    let part = |part: &str| object(&[("id", &format!("{name}/{id}/{part}")), (link, &id), (property, part)]);
    parts(&cell).map(part).collect()
}

fn spoken(row: &Row, link: &str, languages: &mut Table) {
    let id = text(row, "id");
    for language in parts(&text(row, "languages")) {
        let own = format!("{link}/{id}/{language}");
        languages.push(object(&[("id", &own), (link, &id), ("name", language)]));
    }
}
