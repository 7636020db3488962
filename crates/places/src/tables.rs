//! Reading the packed tables. A cell that does not parse drops its row; the row counts are tested.

use crate::offices::FieldOffice;
use flate2::read::GzDecoder;
use homeward_model::Point;
use rustc_hash::FxHashMap;
use std::io::Read;

/// A city of the embedded table: its position in the order of population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CityId(pub u32);

/// A populated place with 500 people or more.
#[derive(Clone, Debug)]
pub struct City {
    /// Name, as GeoNames has it.
    pub name: String,
    /// Two-letter state code.
    pub state: String,
    /// Centre.
    pub point: Point,
    /// Residents.
    pub population: u32,
    /// IANA time zone.
    pub timezone: String,
}

/// A ZIP code.
#[derive(Clone, Debug)]
pub struct Zip {
    /// Five digits.
    pub zip: String,
    /// Post-office place name.
    pub place: String,
    /// Two-letter state code.
    pub state: String,
    /// County name.
    pub county: String,
    /// County FIPS code, five digits.
    pub county_fips: String,
    /// Centre.
    pub point: Point,
}

/// A law-enforcement agency.
#[derive(Clone, Debug)]
pub struct Agency {
    /// Originating agency identifier, nine characters.
    pub ori: String,
    /// Name.
    pub name: String,
    /// Type, such as `City` or `County`.
    pub kind: String,
    /// County name, upper case as in the source.
    pub county: String,
    /// Two-letter state code.
    pub state: String,
    /// Seat, when the source knows it.
    pub point: Option<Point>,
}

fn rows(packed: &[u8]) -> Vec<Vec<String>> {
    let mut text = String::new();
    // The bytes are part of the build; a damaged table shows in the tests of this crate.
    if GzDecoder::new(packed).read_to_string(&mut text).is_err() {
        return Vec::new();
    }
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn point(lat: &str, lon: &str) -> Option<Point> {
    Point::new(lat.parse().ok()?, lon.parse().ok()?)
}

pub(crate) fn cities() -> Vec<City> {
    let city = |row: Vec<String>| {
        let [name, state, lat, lon, population, timezone] = <[String; 6]>::try_from(row).ok()?;
        Some(City { name, state, point: point(&lat, &lon)?, population: population.parse().ok()?, timezone })
    };
    rows(include_bytes!("../data/cities.tsv.gz")).into_iter().filter_map(city).collect()
}

/// Two-letter code and name of each state, by code.
pub(crate) fn states() -> Vec<(String, String)> {
    let state = |row: Vec<String>| <[String; 2]>::try_from(row).ok().map(|[code, name]| (code, name));
    rows(include_bytes!("../data/states.tsv.gz")).into_iter().filter_map(state).collect()
}

pub(crate) fn zips() -> FxHashMap<String, Zip> {
    let zip = |row: Vec<String>| {
        let [zip, place, state, county, county_fips, lat, lon] = <[String; 7]>::try_from(row).ok()?;
        Some((zip.clone(), Zip { zip, place, state, county, county_fips, point: point(&lat, &lon)? }))
    };
    rows(include_bytes!("../data/zips.tsv.gz")).into_iter().filter_map(zip).collect()
}

pub(crate) fn agencies() -> Vec<Agency> {
    let agency = |row: Vec<String>| {
        let [ori, name, kind, county, state, lat, lon] = <[String; 7]>::try_from(row).ok()?;
        Some(Agency { ori, name, kind, county, state, point: point(&lat, &lon) })
    };
    let mut agencies: Vec<Agency> =
        rows(include_bytes!("../data/agencies.tsv.gz")).into_iter().filter_map(agency).collect();
    agencies.sort_by(|a, b| a.ori.cmp(&b.ori));
    agencies
}

pub(crate) fn offices() -> Vec<FieldOffice> {
    let office = |row: Vec<String>| {
        let [name, state, lat, lon, coverage, source] = <[String; 6]>::try_from(row).ok()?;
        Some(FieldOffice { name, state, point: point(&lat, &lon)?, coverage, source })
    };
    rows(include_bytes!("../data/offices.tsv.gz")).into_iter().filter_map(office).collect()
}
