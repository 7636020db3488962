//! `/services`: the provider directory, for those who look for a place for somebody. Nothing is kept of who looked for what.

use crate::desk::Desk;
use crate::layout::Layout;
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use homeward_casework::{Hour, Opening, Search, Service, ServiceFound, Trouble};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of services.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(Router::new(), "/services", list)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Document;

/// Half the way around the earth, kilometres.
const MOST_KM: f64 = 20_040.0;
/// Older is nobody.
const MOST_AGE: f64 = 130.0;

/// Services of a page.
const PAGE: usize = 25;

/// Which services. An empty field does not narrow.
#[derive(Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// A ZIP code, `Charlotte, NC`, or a state.
    #[serde(default)]
    place: String,
    /// How far around a ZIP code or city, kilometres; 80 when not said.
    #[serde(default)]
    km: String,
    /// Words of the need that all must be there.
    #[serde(default)]
    need: String,
    /// For somebody of this age.
    #[serde(default)]
    age: String,
    /// In this language.
    #[serde(default)]
    language: String,
    /// Open at this hour, local to the service: `MO 14:00`.
    #[serde(default)]
    open: String,
    /// Not empty: also those that are inactive, defunct or temporarily closed.
    #[serde(default)]
    all: String,
    /// The page, from 1.
    #[serde(default)]
    page: String,
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<Option<T>, Trouble> {
    let text = text.trim();
    let read = (!text.is_empty()).then(|| text.parse());
    read.transpose().map_err(|_| Trouble::invalid(format!("`{name}` must be a number")))
}

/// A measure: from 0 to some most.
fn measure(name: &str, text: &str, most: f64) -> Result<Option<f64>, Trouble> {
    match number::<f64>(name, text)? {
        Some(given) if !(0.0..=most).contains(&given) => {
            Err(Trouble::invalid(format!("`{name}` must be a number from 0 to {most}")))
        }
        given => Ok(given),
    }
}

impl Wanted {
    fn search(&self) -> Result<Search, Trouble> {
        let open = Some(self.open.trim()).filter(|text| !text.is_empty());
        let open = open.map(|text| {
            let wrong = || Trouble::invalid("`open` must be a day and a time, as in `MO 14:00`");
            Hour::parse(text).ok_or_else(wrong)
        });
        Ok(Search {
            place: self.place.clone(),
            km: measure("km", &self.km, MOST_KM)?,
            need: self.need.clone(),
            age: measure("age", &self.age, MOST_AGE)?,
            language: self.language.clone(),
            open: open.transpose()?,
            all: !self.all.is_empty(),
        })
    }

    /// The same query for another page.
    fn query(&self, page: usize) -> String {
        let pairs = [
            ("place", &self.place),
            ("km", &self.km),
            ("need", &self.need),
            ("age", &self.age),
            ("language", &self.language),
            ("open", &self.open),
            ("all", &self.all),
            ("page", &page.to_string()),
        ];
        let said: Vec<_> = pairs.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        serde_urlencoded::to_string(said).unwrap_or_default()
    }
}

/// How much room there is.
#[derive(Serialize, ToSchema)]
pub(crate) struct CapacityView {
    /// What is counted.
    pub(crate) unit: String,
    /// How many are free; nothing when nobody said so lately.
    pub(crate) available: Option<u64>,
    /// How many there are.
    pub(crate) maximum: Option<u64>,
    /// When that was said.
    pub(crate) updated: Option<String>,
}

/// Where a service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// The address; nothing where it is confidential or not said.
    pub(crate) address: Option<String>,
    /// The address is confidential: call.
    pub(crate) confidential: bool,
}

/// A service.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceView {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Who runs it.
    pub(crate) organization: String,
    /// What it does.
    pub(crate) description: String,
    /// `active`, `inactive`, `defunct` or `temporarily closed`.
    pub(crate) status: &'static str,
    /// How far the nearest place is, kilometres.
    pub(crate) km: Option<f64>,
    /// Ages it takes, as in `12 to 17`.
    pub(crate) ages: Option<String>,
    /// For whom, in words.
    pub(crate) eligibility: String,
    /// How to get it.
    pub(crate) application: String,
    /// Its own page.
    pub(crate) url: Option<String>,
    /// Telephone numbers.
    pub(crate) phones: Vec<String>,
    /// Languages.
    pub(crate) languages: Vec<String>,
    /// Opening hours, as in `MO, TU 08:00 to 17:00`.
    pub(crate) hours: Vec<String>,
    /// What it is for.
    pub(crate) terms: Vec<String>,
    /// Whom it serves, by place.
    pub(crate) areas: Vec<String>,
    /// Where it is.
    pub(crate) places: Vec<PlaceView>,
    /// How much room there is.
    pub(crate) capacities: Vec<CapacityView>,
}

fn hours(opening: &Opening) -> String {
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{} {} to {}", opening.days.join(", "), time(opening.opens), time(opening.closes))
}

fn ages(service: &Service) -> Option<String> {
    match (service.minimum_age, service.maximum_age) {
        (None, None) => None,
        (Some(least), None) => Some(format!("from {least}")),
        (None, Some(most)) => Some(format!("up to {most}")),
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
    }
}

/// A service as it is shown.
pub(crate) fn shown(found: ServiceFound) -> ServiceView {
    let ServiceFound { service, km } = found;
    let ages = ages(&service);
    let capacities = service.capacities.into_iter().map(|one| CapacityView {
        unit: one.unit,
        available: one.available,
        maximum: one.maximum,
        updated: one.updated.map(crate::desk::at),
    });
    let places = service.sites.into_iter();
    let places = places.map(|site| PlaceView { address: site.address, confidential: site.confidential });
    ServiceView {
        ages,
        id: service.id,
        name: service.name,
        organization: service.organization,
        description: service.description,
        status: service.status.word(),
        km: km.map(|km| (km * 10.0).round() / 10.0),
        eligibility: service.eligibility,
        application: service.application,
        // A link that is no web address would be something else.
        url: service.url.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        phones: service.phones,
        languages: service.languages,
        hours: service.openings.iter().map(hours).collect(),
        terms: service.terms,
        areas: service.areas,
        places: places.collect(),
        capacities: capacities.collect(),
    }
}

/// A page of services, the nearest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServicePage {
    /// How many there are.
    total: usize,
    /// The services.
    services: Vec<ServiceView>,
    /// The next page, when there is one.
    next: Option<usize>,
}

#[derive(Template)]
#[template(path = "services/list.html")]
struct ListPage {
    layout: Layout,
    wanted: Wanted,
    next: Option<String>,
    page: ServicePage,
}

/// Services by place, need, age, language and opening hours, the nearest first.
#[utoipa::path(get, path = "/api/v1/services", tag = "services", params(Wanted), responses(
    (status = 200, description = "a page of services", body = ServicePage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let found = async {
        let page = number("page", &wanted.page)?.unwrap_or(1).max(1);
        let from = usize::min(page - 1, 100_000) * PAGE;
        let (total, found) = desk.casework.services(&wanted.search()?, desk.now, (from, PAGE)).await?;
        let next = (from + found.len() < total).then_some(page + 1);
        let services = found.into_iter().map(shown).collect();
        Ok(ServicePage { total, services, next })
    };
    match found.await {
        Ok(page) => {
            let next = page.next.map(|next| wanted.query(next));
            desk.show(page, |layout, page| ListPage { layout, wanted, next, page })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}
