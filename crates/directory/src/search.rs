//! Finding a service: by place, need, age, language and opening hours. An empty field does not narrow.

use crate::confidential::county_of;
use crate::service::minutes;
use crate::{Service, Status};
use homeward_model::{PlaceMention, Point};
use homeward_places::{Places, distance_km};
use homeward_rules::directory::DirectoryRules;

/// A day of the week and a time of the day, local to the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Two letters, as in `MO`.
    pub day: String,
    /// Minutes after midnight.
    pub minute: u16,
}

impl Hour {
    /// Reads `MO 14:00` or `Monday 14:00`.
    pub fn parse(text: &str) -> Option<Hour> {
        let (day, time) = text.trim().split_once(' ')?;
        let day = day.get(..2)?.to_uppercase();
        let known = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].contains(&day.as_str());
        Some(Hour { day, minute: minutes(time)? }).filter(|_| known)
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// A ZIP code, `Charlotte, NC`, or a state.
    pub place: String,
    /// How far around a ZIP code or city, kilometres; the rules say when not given.
    pub km: Option<f64>,
    /// Words that all must be there.
    pub need: String,
    /// For somebody of this age.
    pub age: Option<f64>,
    /// In this language.
    pub language: String,
    /// Open at this hour.
    pub open: Option<Hour>,
    /// Also those that are not active.
    pub all: bool,
}

/// A service that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'a> {
    /// The service.
    pub service: &'a Service,
    /// How far its nearest site is, kilometres; nothing where it is not known or no place was asked for.
    pub km: Option<f64>,
}

/// Where somebody looks.
enum Around {
    Anywhere,
    State(String),
    Point { point: Point, county: Option<String>, state: String },
}

/// Services that fit, the nearest first, then by name; an error says which place is not known.
pub fn search<'a>(services: &'a [Service], wanted: &Search) -> Result<Vec<Found<'a>>, String> {
    let around = around(&wanted.place)?;
    let reach = wanted.km.unwrap_or(f64::from(DirectoryRules::embedded().search_radius.metres) / 1000.0);
    let words: Vec<String> = wanted.need.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let language = wanted.language.trim().to_lowercase();
    let fits = |service: &&Service| {
        (wanted.all || service.status == Status::Active)
            && words.iter().all(|word| service.words.contains(word.as_str()))
            && wanted.age.is_none_or(|age| service.takes(age))
            && (language.is_empty() || speaks(service, &language))
            && wanted.open.as_ref().is_none_or(|hour| is_open(service, hour))
    };
    let near = |service: &'a Service| {
        let km = distance(service, &around);
        let inside = match &around {
            Around::Anywhere => true,
            Around::State(state) => in_state(service, state),
            Around::Point { county, state, .. } => {
                km.is_some_and(|km| km <= reach) || serves(service, county.as_deref(), state)
            }
        };
        inside.then_some(Found { service, km })
    };
    let mut found: Vec<Found<'a>> = services.iter().filter(fits).filter_map(near).collect();
    let far = |found: &Found<'_>| found.km.unwrap_or(f64::MAX);
    found.sort_by(|a, b| far(a).total_cmp(&far(b)).then_with(|| a.service.name.cmp(&b.service.name)));
    Ok(found)
}

fn around(text: &str) -> Result<Around, String> {
    let (text, places) = (text.trim(), Places::embedded());
    if text.is_empty() {
        return Ok(Around::Anywhere);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        let zip = places.zip(text).ok_or_else(|| format!("there is no ZIP code `{text}`"))?;
        let county = county_of(zip);
        return Ok(Around::Point { point: zip.point, county, state: zip.state.clone() });
    }
    let (city, state) = text.rsplit_once(',').map_or((text, None), |(city, state)| (city, Some(state)));
    if state.is_none()
        && let Some(state) = places.state(text)
    {
        return Ok(Around::State(state.code.clone()));
    }
    let mention = PlaceMention {
        city: Some(city.trim().to_owned()),
        state: state.map(|state| state.trim().to_owned()),
        ..PlaceMention::default()
    };
    let city = places
        .resolve(&mention)
        .ok_or_else(|| format!("no place `{text}` is known; write `Charlotte, NC`"))?;
    let city = places.city(city);
    Ok(Around::Point { point: city.point, county: None, state: city.state.clone() })
}

fn distance(service: &Service, around: &Around) -> Option<f64> {
    let Around::Point { point, .. } = around else { return None };
    let nearest = |points: &mut dyn Iterator<Item = Point>| {
        points.map(|site| distance_km(site, *point)).min_by(f64::total_cmp)
    };
    // Where the sites are not told, the middle of the county that is served stands for them.
    nearest(&mut service.sites.iter().filter_map(|site| site.point))
        .or_else(|| nearest(&mut service.served.iter().copied()))
}

fn in_state(service: &Service, state: &str) -> bool {
    let ends = format!(", {state}");
    service.sites.iter().any(|site| site.state.as_deref() == Some(state))
        || service.areas.iter().any(|area| area.ends_with(&ends))
}

/// Whether a service says that it serves a county, the whole state, or the nation.
fn serves(service: &Service, county: Option<&str>, state: &str) -> bool {
    let named = |area: &String| {
        let name = Places::embedded().state(area).map(|state| state.code.as_str());
        county.is_some_and(|county| county == area) || name == Some(state)
    };
    service.areas.iter().any(named)
}

fn speaks(service: &Service, language: &str) -> bool {
    service.languages.iter().any(|one| one.to_lowercase().contains(language))
}

fn is_open(service: &Service, hour: &Hour) -> bool {
    service.openings.iter().any(|opening| {
        let today = opening.days.contains(&hour.day);
        if opening.opens <= opening.closes {
            today && opening.opens <= hour.minute && hour.minute < opening.closes
        } else {
            let yesterday = opening.days.contains(&before(&hour.day));
            (today && hour.minute >= opening.opens) || (yesterday && hour.minute < opening.closes)
        }
    })
}

fn before(day: &str) -> String {
    const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let at = DAYS.iter().position(|known| *known == day).unwrap_or(0);
    DAYS[(at + 6) % 7].to_owned()
}
