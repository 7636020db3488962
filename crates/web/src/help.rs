//! `/help`: how to get help, what is near a ZIP code, how to report. Needs no sign-in, keeps nothing.

use crate::lang::Lang;
use crate::layout::{Layout, page as render};
use crate::services::{ServiceView, shown};
use crate::visit::Visit;
use crate::{Site, errors};
use askama::Template;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use homeward_casework::Search;
use homeward_places::{Agency, CityId, OfficeMatch, Places, Zip, distance_km};
use homeward_rules::help::Help;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Most agencies that are shown for one ZIP code.
const MOST_AGENCIES: usize = 8;

/// Most services that are shown for one ZIP code.
const MOST_SERVICES: usize = 8;

/// Distance within which agencies are looked for when none names the county, kilometres.
const AGENCIES_KM: f64 = 40.0;

/// A line that helps, in one language.
pub(crate) struct LineShown {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) call: &'static str,
    pub(crate) text: Option<&'static str>,
    pub(crate) web: Option<&'static str>,
    pub(crate) cite: &'static str,
}

/// The lines, the most urgent first.
pub(crate) fn lines(lang: Lang) -> Vec<LineShown> {
    let shown = |line: &'static homeward_rules::help::Line| {
        let (name, about) = match lang {
            Lang::English => (&line.name.en, &line.about.en),
            Lang::Spanish => (&line.name.es, &line.about.es),
        };
        LineShown {
            name,
            about,
            call: &line.call,
            text: line.text.as_deref(),
            web: line.web.as_deref(),
            cite: &line.cite,
        }
    };
    Help::embedded().lines.iter().map(shown).collect()
}

/// What is known about the place of a ZIP code.
struct Local {
    zip: &'static Zip,
    agencies: Vec<&'static Agency>,
    office: Option<OfficeMatch>,
}

fn local(text: &str) -> Option<Local> {
    let places = Places::embedded();
    let zip = places.zip(text)?;
    // Far from any city the largest one of the state stands for the place.
    let largest = || places.cities().iter().position(|city| city.state == zip.state);
    let city = places.nearest(zip.point).or_else(|| Some(CityId(largest()? as u32)));
    let office = city.map(|city| places.office_for(city));
    Some(Local { zip, agencies: agencies(places, zip), office })
}

/// Police and sheriffs of the ZIP code's county, those that carry the place's name first, then the sheriff, then by
/// distance of their seats; of the surroundings when none names the county.
fn agencies(places: &'static Places, zip: &Zip) -> Vec<&'static Agency> {
    let answers_calls = |agency: &&Agency| {
        agency.state == zip.state && matches!(agency.kind.as_str(), "City" | "County" | "Tribal")
    };
    let county = zip.county.to_uppercase();
    let of_county = |agency: &&Agency| agency.county.split(';').any(|name| name.trim() == county);
    let mut found: Vec<&Agency> = places.agencies().iter().filter(answers_calls).filter(of_county).collect();
    if found.is_empty() {
        found = places.agencies_near(zip.point, AGENCIES_KM).into_iter().filter(answers_calls).collect();
    }
    let km = |agency: &Agency| agency.point.map_or(f64::MAX, |point| distance_km(point, zip.point));
    let rank = |agency: &Agency| match agency.kind.as_str() {
        _ if agency.name.starts_with(&zip.place) => 0,
        "County" => 1,
        _ => 2,
    };
    found.sort_by(|a, b| rank(a).cmp(&rank(b)).then(km(a).total_cmp(&km(b))).then(a.ori.cmp(&b.ori)));
    found.truncate(MOST_AGENCIES);
    found
}

/// What the page is asked.
#[derive(Deserialize)]
pub(crate) struct Asked {
    zip: Option<String>,
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage<'a> {
    layout: Layout,
    lines: Vec<LineShown>,
    asked: &'a str,
    local: Option<Local>,
    services: Vec<ServiceView>,
    office_call: &'static str,
}

/// Active services near a ZIP code, the nearest first; none where there is no directory, or it cannot be read now.
async fn services(site: &Site, zip: &str) -> Vec<ServiceView> {
    let Some(casework) = &site.casework else { return Vec::new() };
    let wanted = Search { place: zip.to_owned(), ..Search::default() };
    match casework.services(&wanted, (site.now)(), (0, MOST_SERVICES)).await {
        Ok((_, found)) => found.into_iter().map(shown).collect(),
        Err(trouble) => {
            eprintln!("error: the directory of services: {trouble}");
            Vec::new()
        }
    }
}

/// `GET /`: where a visitor without an account begins.
pub(crate) async fn front(visit: Visit) -> Redirect {
    Redirect::to(&format!("/help{}", visit.query))
}

/// `GET /help?zip=28202`.
pub(crate) async fn page(
    State(site): State<Arc<Site>>,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.ok().and_then(|Query(asked)| asked.zip).unwrap_or_default();
    let layout = Layout::new(&site, &visit).with_quick_exit();
    let shown: String = asked.chars().take(10).collect();
    let local = local(&asked);
    let services = match &local {
        Some(local) => services(&site, &local.zip.zip).await,
        None => Vec::new(),
    };
    let fbi = Help::embedded().lines.iter().find(|line| line.id == "fbi");
    let template = HelpPage {
        layout,
        lines: lines(visit.lang),
        asked: &shown,
        local,
        services,
        office_call: fbi.map_or("911", |line| line.call.as_str()),
    };
    render(StatusCode::OK, &site, &visit, &template)
}

/// A line that helps.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineBody {
    /// Its name.
    name: &'static str,
    /// When to use it.
    about: &'static str,
    /// Number to call.
    call: &'static str,
    /// Number that takes text messages.
    text: Option<&'static str>,
    /// Its own page.
    web: Option<&'static str>,
    /// Where the numbers come from.
    source: &'static str,
}

/// The lines that help.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinesBody {
    /// The most urgent first.
    lines: Vec<LineBody>,
}

/// A law-enforcement agency.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgencyBody {
    /// Originating agency identifier, nine characters.
    ori: &'static str,
    /// Name.
    name: &'static str,
    /// `City`, `County` or `Tribal`.
    kind: &'static str,
}

/// A field office.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfficeBody {
    /// City of its seat.
    name: &'static str,
    /// State of its seat.
    state: &'static str,
    /// No published coverage settles it: the nearest one, another may be in charge.
    by_distance: bool,
}

/// What is near a ZIP code.
#[derive(Serialize, ToSchema)]
pub(crate) struct LocalBody {
    /// Five digits.
    zip: &'static str,
    /// Place name of the post office.
    place: &'static str,
    /// County.
    county: &'static str,
    /// Two-letter code of the state.
    state: &'static str,
    /// Police and sheriffs, at most eight.
    agencies: Vec<AgencyBody>,
    /// The FBI field office.
    office: Option<OfficeBody>,
    /// Active services near it, the nearest first, at most eight. A confidential address is not told: call.
    services: Vec<ServiceView>,
    /// Lines that answer everywhere.
    lines: Vec<LineBody>,
}

fn line_bodies(lang: Lang) -> Vec<LineBody> {
    let body = |line: LineShown| {
        let LineShown { name, about, call, text, web, cite } = line;
        LineBody { name, about, call, text, web, source: cite }
    };
    lines(lang).into_iter().map(body).collect()
}

/// Lines that help, wherever one is.
#[utoipa::path(get, path = "/api/v1/help", tag = "public",
    params(("lang" = Option<String>, Query, description = "`en` or `es`")),
    responses((status = 200, description = "the lines", body = LinesBody)))]
pub(crate) async fn lines_api(visit: Visit) -> Json<LinesBody> {
    Json(LinesBody { lines: line_bodies(visit.lang) })
}

/// Help near a ZIP code.
#[utoipa::path(get, path = "/api/v1/help/{zip}", tag = "public",
    params(("zip" = String, Path, description = "five digits, or ZIP+4"),
        ("lang" = Option<String>, Query, description = "`en` or `es`")),
    responses((status = 200, description = "what is near", body = LocalBody),
        (status = 404, description = "no such ZIP code", body = errors::Problem)))]
pub(crate) async fn local_api(
    State(site): State<Arc<Site>>,
    Path(zip): Path<String>,
    visit: Visit,
) -> Response {
    let Some(Local { zip, agencies, office }) = local(&zip) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let agency =
        |agency: &'static Agency| AgencyBody { ori: &agency.ori, name: &agency.name, kind: &agency.kind };
    let office = office.map(|OfficeMatch { office, by_distance }| OfficeBody {
        name: &office.name,
        state: &office.state,
        by_distance,
    });
    Json(LocalBody {
        zip: &zip.zip,
        place: &zip.place,
        county: &zip.county,
        state: &zip.state,
        agencies: agencies.into_iter().map(agency).collect(),
        office,
        services: services(&site, &zip.zip).await,
        lines: line_bodies(visit.lang),
    })
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::get;

    async fn check(path: &str, said: &[&str], unsaid: &[&str]) {
        let answer = get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let text = answer.text();
        for word in said {
            assert!(text.contains(word), "{path} lacks {word}:\n{text}");
        }
        for word in unsaid {
            assert!(!text.contains(word), "{path} has {word}");
        }
    }

    #[tokio::test]
    async fn the_page_helps_in_both_languages() {
        let numbers = ["tel:911", "tel:1-888-373-7888", "sms:233733", "tel:1-800-843-5678", "tel:988"];
        check("/help", &numbers, &["Cómo"]).await;
        check("/help?lang=es", &numbers, &["How to get help"]).await;
        check("/help?lang=es", &["<html lang=\"es\"", "Salida rápida", "/tip?lang=es", "/help?lang=en"], &[])
            .await;
        check("/help", &["https://www.weather.gov", "rel=\"noreferrer\"", "Quick exit"], &[]).await;
    }

    #[tokio::test]
    async fn a_zip_code_finds_police_and_office() {
        check(
            "/help?zip=28202",
            &["Charlotte, NC", "Charlotte-Mecklenburg Police Department"],
            &["do not know"],
        )
        .await;
        check("/help?zip=28202-0001", &["Charlotte, NC"], &[]).await;
        check(
            "/help?zip=90012",
            &["Los Angeles, CA", "Los Angeles Police Department", "The nearest one"],
            &[],
        )
        .await;
        check("/help?zip=00000", &["do not know this ZIP"], &["Police and sheriffs"]).await;
        check("/help?zip=%3Cscript%3E", &["&#60;script&#62;"], &["<script>\""]).await;
        check("/help?zip=", &[], &["do not know", "Police and sheriffs"]).await;
        check("/help?zip=%ff", &[], &[]).await;
    }

    #[test]
    fn nearly_every_zip_code_has_an_agency_and_an_office() {
        let (mut all, mut alone) = (0, 0);
        for zip in (501..99951).step_by(97).map(|zip| format!("{zip:05}")) {
            if let Some(local) = local(&zip) {
                all += 1;
                assert!(local.office.is_some(), "{zip}");
                assert!(local.agencies.iter().all(|agency| agency.state == local.zip.state), "{zip}");
                alone += usize::from(local.agencies.is_empty());
            }
        }
        assert!(all > 300 && alone * 20 < all, "{alone} of {all} have none");
    }

    #[tokio::test]
    async fn programs_get_the_same() {
        check("/api/v1/help", &[r#""call":"911""#, r#""source":"47 U.S.C."#], &[]).await;
        check(
            "/api/v1/help/28202?lang=es",
            &[r#""place":"Charlotte""#, "Emergencia", r#""ori":"NC0600100""#],
            &[],
        )
        .await;
    }

    #[tokio::test]
    async fn the_front_door_leads_to_help() {
        let answer = get("/?lang=es").await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/help?lang=es"));
    }
}
