//! Reading the packed tables. A row that does not parse is left out; tests count the rows.

use crate::offices::FieldOffice;
use flate2::read::GzDecoder;
use homeward_model::Point;
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

/// A state or the District of Columbia.
#[derive(Clone, Debug)]
pub struct State {
    /// Two-letter code.
    pub code: String,
    /// Name.
    pub name: String,
    /// FIPS code, two digits.
    pub fips: String,
    /// Residents, Census estimate for 2019.
    pub population: u32,
}

/// A county or what stands for one, in the boundaries of 2019.
#[derive(Clone, Debug)]
pub struct County {
    /// FIPS code, five digits.
    pub fips: String,
    /// Name, such as `Mecklenburg County`.
    pub name: String,
    /// Two-letter state code.
    pub state: String,
    /// Residents, Census estimate for 2019.
    pub population: u32,
    /// Centroid of its boundary.
    pub point: Point,
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
    /// County FIPS code, five digits; Connecticut has its planning regions of 2022 here, which the county table has not.
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

/// The text of a packed table. The bytes are part of the build: a damaged table shows in the tests of this crate.
fn unpack(packed: &[u8]) -> String {
    // A gzip member ends with its length before packing, in four bytes.
    let length = packed.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
    let mut bytes = Vec::with_capacity(length);
    if GzDecoder::new(packed).read_to_end(&mut bytes).is_err() {
        return String::new();
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// The cells of a line that has exactly this many.
fn cells<const N: usize>(line: &str) -> Option<[&str; N]> {
    let mut cells = [""; N];
    let mut split = line.split('\t');
    for cell in &mut cells {
        *cell = split.next()?;
    }
    split.next().is_none().then_some(cells)
}

fn point(lat: &str, lon: &str) -> Option<Point> {
    Point::new(lat.parse().ok()?, lon.parse().ok()?)
}

pub(crate) fn cities() -> Vec<City> {
    let city = |line| {
        let [name, state, lat, lon, population, timezone] = cells(line)?;
        Some(City {
            name: name.to_owned(),
            state: state.to_owned(),
            point: point(lat, lon)?,
            population: population.parse().ok()?,
            timezone: timezone.to_owned(),
        })
    };
    unpack(include_bytes!("../data/cities.tsv.gz")).lines().filter_map(city).collect()
}

/// States by code.
pub(crate) fn states() -> Vec<State> {
    let state = |line| {
        let [code, name, fips, population] = cells(line)?;
        Some(State {
            code: code.to_owned(),
            name: name.to_owned(),
            fips: fips.to_owned(),
            population: population.parse().ok()?,
        })
    };
    unpack(include_bytes!("../data/states.tsv.gz")).lines().filter_map(state).collect()
}

/// Counties by FIPS code.
pub(crate) fn counties() -> Vec<County> {
    let county = |line| {
        let [fips, name, state, population, lat, lon] = cells(line)?;
        Some(County {
            fips: fips.to_owned(),
            name: name.to_owned(),
            state: state.to_owned(),
            population: population.parse().ok()?,
            point: point(lat, lon)?,
        })
    };
    unpack(include_bytes!("../data/counties.tsv.gz")).lines().filter_map(county).collect()
}

/// ZIPs by code.
pub(crate) fn zips() -> Vec<Zip> {
    let zip = |line| {
        let [zip, place, state, county, county_fips, lat, lon] = cells(line)?;
        Some(Zip {
            zip: zip.to_owned(),
            place: place.to_owned(),
            state: state.to_owned(),
            county: county.to_owned(),
            county_fips: county_fips.to_owned(),
            point: point(lat, lon)?,
        })
    };
    unpack(include_bytes!("../data/zips.tsv.gz")).lines().filter_map(zip).collect()
}

/// Agencies by ORI.
pub(crate) fn agencies() -> Vec<Agency> {
    let agency = |line| {
        let [ori, name, kind, county, state, lat, lon] = cells(line)?;
        Some(Agency {
            ori: ori.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            county: county.to_owned(),
            state: state.to_owned(),
            point: point(lat, lon),
        })
    };
    unpack(include_bytes!("../data/agencies.tsv.gz")).lines().filter_map(agency).collect()
}

pub(crate) fn offices() -> Vec<FieldOffice> {
    let office = |line| {
        let [name, state, lat, lon, coverage, source] = cells(line)?;
        Some(FieldOffice {
            name: name.to_owned(),
            state: state.to_owned(),
            point: point(lat, lon)?,
            coverage: coverage.to_owned(),
            source: source.to_owned(),
        })
    };
    unpack(include_bytes!("../data/offices.tsv.gz")).lines().filter_map(office).collect()
}
