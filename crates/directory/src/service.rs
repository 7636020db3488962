//! A service, as far as a search and a page need it.

use crate::listing::plain;
use crate::{Listing, is_closed};
use homeward_model::{Instant, Point};
use homeward_places::Places;
use homeward_rules::directory::DirectoryRules;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Whether a service is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is.
    Active,
    /// It is not offered now.
    Inactive,
    /// It is gone.
    Defunct,
    /// It is closed for a while.
    TemporarilyClosed,
}

impl Status {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Inactive => "inactive",
            Status::Defunct => "defunct",
            Status::TemporarilyClosed => "temporarily closed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Status> {
        let all = [Status::Active, Status::Inactive, Status::Defunct, Status::TemporarilyClosed];
        all.into_iter().find(|status| status.word() == text)
    }
}

/// Hours of a day of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Two letters, as in `MO`.
    pub days: Vec<String>,
    /// Minutes after midnight, local time.
    pub opens: u16,
    /// Minutes after midnight; less than `opens` when it closes the next day.
    pub closes: u16,
}

/// How much room there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// What is counted, as in `Bed`.
    pub unit: String,
    /// How many are free; unknown when nobody said so lately. Never taken for free.
    pub available: Option<u64>,
    /// How many there are.
    pub maximum: Option<u64>,
    /// When that was said.
    pub updated: Option<Instant>,
}

/// A place at which a service is.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The address on one line; nothing where it is confidential.
    pub address: Option<String>,
    /// Whether it is confidential.
    pub confidential: bool,
    /// City and state, `Charlotte, NC`.
    pub city: Option<String>,
    /// Code of the state.
    pub state: Option<String>,
    /// Where it is.
    pub point: Option<Point>,
}

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who runs it.
    pub organization: String,
    /// What it does.
    pub description: String,
    /// Whether it is there.
    pub status: Status,
    /// Youngest age.
    pub minimum_age: Option<f64>,
    /// Oldest age.
    pub maximum_age: Option<f64>,
    /// For whom, in words.
    pub eligibility: String,
    /// How to get it.
    pub application: String,
    /// Its own page.
    pub url: Option<String>,
    /// Telephone numbers, those of the service first.
    pub phones: Vec<String>,
    /// Names of languages.
    pub languages: Vec<String>,
    /// Opening hours.
    pub openings: Vec<Opening>,
    /// Names of its terms.
    pub terms: Vec<String>,
    /// Whom it serves, by place.
    pub areas: Vec<String>,
    /// Where it is.
    pub sites: Vec<Site>,
    /// How much room there is.
    pub capacities: Vec<Capacity>,
    /// The middle of each county that it says it serves.
    pub(crate) served: Vec<Point>,
    /// Everything that a search for words looks at, in lower case.
    pub(crate) words: String,
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).map(plain).unwrap_or_default().trim().to_owned()
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Minutes after midnight of `10:00:00`, `10:00` or `10:00:00Z`.
pub(crate) fn minutes(text: &str) -> Option<u16> {
    let mut parts = text.trim().split(':');
    let (hours, minutes) = (parts.next()?.parse::<u16>().ok()?, parts.next()?.get(..2)?.parse::<u16>().ok()?);
    (hours <= 24 && minutes < 60).then_some(hours * 60 + minutes)
}

impl Service {
    /// The service of a listing as it is known at a moment; nothing when the listing is of an organisation.
    pub fn of(listing: &Listing, now: Instant) -> Option<Service> {
        let body = &listing.body;
        let status = Status::parse(&text(body, "status"))?;
        let at = || list(body, "service_at_locations");
        let places = || at().filter_map(|at| at.get("location"));
        let everywhere: Vec<&Value> = [body].into_iter().chain(at()).chain(places()).collect();
        let organization = &body["organization"];
        let mut phones: Vec<String> = Vec::new();
        for phone in everywhere.iter().copied().chain([organization]).flat_map(|one| list(one, "phones")) {
            let is_fax = text(phone, "type").eq_ignore_ascii_case("fax");
            let extension = some(text(phone, "extension"));
            let number = text(phone, "number").trim_matches('"').to_owned();
            let number =
                extension.map_or_else(|| number.clone(), |extension| format!("{number} ext. {extension}"));
            if !is_fax && !phones.contains(&number) {
                phones.push(number);
            }
        }
        let mut languages: Vec<String> = Vec::new();
        for language in everywhere.iter().flat_map(|one| list(one, "languages")) {
            let name = some(text(language, "name")).unwrap_or_else(|| text(language, "code"));
            if !languages.contains(&name) {
                languages.push(name);
            }
        }
        let openings = everywhere.iter().flat_map(|one| list(one, "schedules")).filter_map(opening).collect();
        let terms: Vec<String> =
            list(body, "attributes").filter_map(|one| some(text(&one["taxonomy_term"], "name"))).collect();
        let capacities = ["capacities", "service_capacities"]
            .iter()
            .flat_map(|name| list(body, name))
            .map(|one| capacity(one, now));
        let areas: Vec<String> =
            list(body, "service_areas").filter_map(|area| some(text(area, "name"))).collect();
        let words =
            ["name", "alternate_name", "description", "eligibility_description", "keywords", "audience"];
        let mut words: Vec<String> = words.iter().map(|name| text(body, name)).collect();
        words.extend(terms.iter().cloned());
        words.push(text(organization, "name"));
        Some(Service {
            id: listing.id.clone(),
            name: text(body, "name"),
            organization: text(organization, "name"),
            description: text(body, "description"),
            status,
            minimum_age: body.get("minimum_age").and_then(Value::as_f64),
            maximum_age: body.get("maximum_age").and_then(Value::as_f64),
            eligibility: text(body, "eligibility_description"),
            application: text(body, "application_process"),
            url: some(text(body, "url")).or_else(|| some(text(organization, "website"))),
            phones,
            languages,
            openings,
            terms,
            served: areas.iter().filter_map(|area| county_point(area)).collect(),
            areas,
            sites: places().map(|place| site(body, place)).collect(),
            capacities: capacities.collect(),
            words: words.join(" ").to_lowercase(),
        })
    }

    /// Whether it is for somebody of an age.
    pub fn takes(&self, age: f64) -> bool {
        self.minimum_age.is_none_or(|least| least <= age) && self.maximum_age.is_none_or(|most| age <= most)
    }
}

/// The middle of a county, `Mecklenburg County, NC`.
fn county_point(area: &str) -> Option<Point> {
    static COUNTIES: OnceLock<HashMap<String, Point>> = OnceLock::new();
    let counties = COUNTIES.get_or_init(|| {
        let all = Places::embedded().counties().iter();
        all.map(|county| (format!("{}, {}", county.name, county.state), county.point)).collect()
    });
    counties.get(area).copied()
}

fn opening(schedule: &Value) -> Option<Opening> {
    let days = text(schedule, "byday");
    let days: Vec<String> =
        days.split(',').filter_map(|day| day.trim().get(..2)).map(str::to_uppercase).collect();
    let (opens, closes) = (minutes(&text(schedule, "opens_at"))?, minutes(&text(schedule, "closes_at"))?);
    (!days.is_empty()).then_some(Opening { days, opens, closes })
}

fn capacity(one: &Value, now: Instant) -> Capacity {
    let updated = Instant::parse(&text(one, "updated"));
    let age = DirectoryRules::embedded().capacity_age.span;
    let is_fresh = updated.is_some_and(|updated| updated <= now && now <= updated.plus(age));
    let number = |name: &str| one.get(name).and_then(Value::as_f64).map(|number| number as u64);
    Capacity {
        unit: some(text(&one["unit"], "name")).unwrap_or_else(|| "place".to_owned()),
        available: number("available").filter(|_| is_fresh),
        maximum: number("maximum"),
        updated,
    }
}

fn site(service: &Value, place: &Value) -> Site {
    let places = Places::embedded();
    let confidential = is_closed(service, place) && list(place, "addresses").next().is_none();
    let address = list(place, "addresses").find(|one| text(one, "address_type") != "postal");
    let address = address.or_else(|| list(place, "addresses").next());
    let part = |name: &str| address.and_then(|address| some(text(address, name)));
    let (city, state) = (part("city"), part("state_province"));
    let coordinate = |name: &str| place.get(name).and_then(Value::as_f64);
    let point = coordinate("latitude").zip(coordinate("longitude")).map(|(lat, lon)| Point { lat, lon });
    let on_the_globe = |point: &Point| point.lat.abs() <= 90.0 && point.lon.abs() <= 180.0;
    let of_zip = || part("postal_code").and_then(|zip| places.zip(&zip)).map(|zip| zip.point);
    let line = [part("address_1"), part("address_2"), city.clone(), state.clone(), part("postal_code")];
    let line: Vec<String> = line.into_iter().flatten().collect();
    let state = state.map(|state| places.state(&state).map_or(state.clone(), |known| known.code.clone()));
    Site {
        address: some(line.join(", ")),
        confidential,
        city: city.zip(state.clone()).map(|(city, state)| format!("{city}, {state}")),
        state,
        point: point.filter(on_the_globe).or_else(of_zip),
    }
}
