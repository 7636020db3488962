//! Where things are: cities, ZIPs, counties, agencies and field offices, distance and travel time.
//!
//! All tables are embedded and belong to one country, the United States. Cities, states and offices are read on first use;
//! counties, ZIPs and agencies only when somebody asks for one. What is not here: streets, roads, boundaries.

mod distance;
mod find;
mod gazetteer;
mod names;
mod near;
mod offices;
mod resolve;
mod tables;
mod words;

pub use distance::{distance_km, road_hours};
pub use find::PlaceHit;
pub use offices::{FieldOffice, OfficeMatch};
pub use tables::{Agency, City, CityId, County, State, Zip};

use gazetteer::Gazetteer;
use homeward_model::Point;
use near::Grid;
use std::sync::OnceLock;

/// The embedded tables.
#[derive(Debug)]
pub struct Places {
    cities: Vec<City>,
    metros: OnceLock<Vec<CityId>>,
    states: Vec<State>,
    offices: Vec<FieldOffice>,
    /// For each state, the office whose published coverage names it as a whole.
    office_of_state: Vec<Option<usize>>,
    grid: Grid,
    gazetteer: Gazetteer,
    counties: OnceLock<Vec<County>>,
    zips: OnceLock<Vec<Zip>>,
    agencies: OnceLock<Vec<Agency>>,
}

/// Cities within this distance of a larger one count as its metropolitan area: about an hour's way to work.
const METRO_KM: f64 = 40.0;

/// Rows of the city table that are districts of a city or carry the population of something larger; they stay as names
/// but are the centre of nothing.
const NO_CENTRES: [(&str, &str); 4] =
    [("New South Memphis", "TN"), ("South Boston", "MA"), ("West Raleigh", "NC"), ("Meads", "KY")];

impl Places {
    /// The tables that this build carries.
    pub fn embedded() -> &'static Places {
        static PLACES: OnceLock<Places> = OnceLock::new();
        PLACES.get_or_init(Places::load)
    }

    fn load() -> Places {
        let cities = tables::cities();
        let states = tables::states();
        let offices = tables::offices();
        Places {
            grid: Grid::new(&cities),
            gazetteer: Gazetteer::new(&cities, &states),
            office_of_state: offices::by_state(&offices, &states),
            metros: OnceLock::new(),
            cities,
            states,
            offices,
            counties: OnceLock::new(),
            zips: OnceLock::new(),
            agencies: OnceLock::new(),
        }
    }

    /// A city by its id; ids come from this table. An id beyond it gives the last city.
    pub fn city(&self, id: CityId) -> &City {
        &self.cities[(id.0 as usize).min(self.cities.len() - 1)]
    }

    /// All cities, most populous first; the position is the id.
    pub fn cities(&self) -> &[City] {
        &self.cities
    }

    /// The states and the District of Columbia, by code.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// `Charlotte, NC`.
    pub fn label(&self, id: CityId) -> String {
        let city = self.city(id);
        format!("{}, {}", city.name, city.state)
    }

    /// The most populous city within 40 km: the area whose base rates a posting shares.
    pub fn metro(&self, id: CityId) -> CityId {
        let metros = self.metros.get_or_init(|| {
            let metro = |(at, city): (usize, &City)| {
                self.largest_within(city.point, METRO_KM).unwrap_or(CityId(at as u32))
            };
            self.cities.iter().enumerate().map(metro).collect()
        });
        metros.get(id.0 as usize).copied().unwrap_or(id)
    }

    /// Great-circle distance between two cities in kilometres.
    pub fn distance_km_between(&self, a: CityId, b: CityId) -> f64 {
        distance_km(self.city(a).point, self.city(b).point)
    }

    /// Cities within a distance in kilometres, most populous first; none for a point that is not on the globe.
    pub fn cities_near(&self, point: Point, km: f64) -> Vec<CityId> {
        self.grid.within(&self.cities, point, km)
    }

    /// The most populous city within a distance that is a centre of its own.
    fn largest_within(&self, point: Point, km: f64) -> Option<CityId> {
        // The table is ordered by population, so the smallest id is the most populous city.
        self.grid.first_within(point, km, |id| {
            let city = self.city(id);
            !NO_CENTRES.contains(&(city.name.as_str(), city.state.as_str()))
        })
    }

    /// Number of people in cities within a distance of a city. Districts that the table lists beside their city count
    /// twice: an upper bound, for comparing areas.
    pub fn population_within(&self, id: CityId, km: f64) -> u64 {
        let near = self.cities_near(self.city(id).point, km);
        near.into_iter().map(|near| u64::from(self.city(near).population)).sum()
    }

    /// All counties, by FIPS code.
    pub fn counties(&self) -> &[County] {
        self.counties.get_or_init(tables::counties)
    }

    /// A county by its FIPS code, five digits.
    pub fn county(&self, fips: &str) -> Option<&County> {
        let counties = self.counties();
        counties.get(counties.binary_search_by(|county| county.fips.as_str().cmp(fips.trim())).ok()?)
    }

    /// A ZIP code, five digits or ZIP+4 (`28202`, `28202-0001`).
    pub fn zip(&self, zip: &str) -> Option<&Zip> {
        let zip = zip.trim();
        let five = zip.split_once('-').map_or(zip, |(five, _)| five);
        let zips = self.zips.get_or_init(tables::zips);
        zips.get(zips.binary_search_by(|zip| zip.zip.as_str().cmp(five)).ok()?)
    }

    /// All law-enforcement agencies, by ORI.
    pub fn agencies(&self) -> &[Agency] {
        self.agencies.get_or_init(tables::agencies)
    }

    /// A law-enforcement agency by its ORI, nine characters in either case.
    pub fn agency(&self, ori: &str) -> Option<&Agency> {
        let agencies = self.agencies();
        let ori = ori.trim().to_ascii_uppercase();
        agencies.get(agencies.binary_search_by(|agency| agency.ori.as_str().cmp(&ori)).ok()?)
    }

    /// Agencies whose seat lies within a distance in kilometres, nearest first.
    pub fn agencies_near(&self, point: Point, km: f64) -> Vec<&Agency> {
        let mut near: Vec<(f64, &Agency)> = self
            .agencies()
            .iter()
            .filter_map(|agency| Some((distance_km(agency.point?, point), agency)))
            .filter(|(distance, _)| *distance <= km)
            .collect();
        near.sort_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| left.ori.cmp(&right.ori)));
        near.into_iter().map(|(_, agency)| agency).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        let places = Places::embedded();
        assert_eq!(places.cities().len(), 21_783);
        assert_eq!(places.states().len(), 51);
        assert_eq!(places.counties().len(), 3_142);
        assert_eq!(places.agencies().len(), 18_702);
        assert_eq!(places.agencies().iter().filter(|agency| agency.point.is_some()).count(), 18_146);
        // The Census estimate for the whole country, both ways.
        let counties: u64 = places.counties().iter().map(|county| u64::from(county.population)).sum();
        let states: u64 = places.states().iter().map(|state| u64::from(state.population)).sum();
        assert_eq!((counties, states), (328_239_523, 328_239_523));
        assert!(places.cities().is_sorted_by(|a, b| a.population >= b.population));
        assert!(places.cities().iter().all(|city| places.state(&city.state).is_some()));
        assert!(places.zip("99950").is_some() && places.zip("00501").is_some());
        assert!(places.counties().is_sorted_by(|a, b| a.fips < b.fips));
        assert!(places.agencies().is_sorted_by(|a, b| a.ori < b.ori));
    }

    #[test]
    fn codes_are_looked_up() {
        let places = Places::embedded();
        assert_eq!(places.label(CityId(0)), "New York City, NY");
        let zip = places.zip("28202").unwrap();
        assert_eq!((zip.place.as_str(), zip.state.as_str()), ("Charlotte", "NC"));
        assert_eq!(places.zip(" 28202-0001 ").map(|zip| zip.zip.as_str()), Some("28202"));
        let county = places.county(&zip.county_fips).unwrap();
        assert_eq!((county.name.as_str(), county.state.as_str()), ("Mecklenburg County", "NC"));
        assert!(places.agency("nc0600100").is_some_and(|agency| agency.state == "NC"));
        assert_eq!(places.state("n. carolina").map(|state| state.fips.as_str()), Some("37"));
        for odd in ["", "00000", "\u{e9}", "-"] {
            assert!(
                places.zip(odd).is_none() && places.agency(odd).is_none() && places.county(odd).is_none()
            );
            assert!(places.state(odd).is_none());
        }
    }

    #[test]
    fn a_suburb_shares_its_metro() {
        let places = Places::embedded();
        let check = |suburb: &str, metro: &str| {
            assert_eq!(places.label(places.metro(places.find(suburb)[0].city)), metro, "{suburb}");
        };
        check("Matthews, NC", "Charlotte, NC");
        check("Charlotte, NC", "Charlotte, NC");
        check("Brooklyn, NY", "New York City, NY");
        check("Memphis, TN", "Memphis, TN");
        check("Germantown, TN", "Memphis, TN");
        for at in 0..places.cities().len() as u32 {
            let id = CityId(at);
            let is_centre = |id| {
                let city = places.city(id);
                !NO_CENTRES.contains(&(city.name.as_str(), city.state.as_str()))
            };
            assert!(is_centre(places.metro(id)), "{}", places.label(id));
            assert!(places.metro(id) <= id || !is_centre(id), "{}", places.label(id));
            assert!(places.distance_km_between(id, places.metro(id)) <= METRO_KM + 1e-6);
        }
        assert_eq!(places.metro(CityId(u32::MAX)), CityId(u32::MAX));
    }

    #[test]
    fn what_is_near_comes_in_order() {
        let places = Places::embedded();
        let charlotte = places.find("Charlotte, NC")[0].city;
        let point = places.city(charlotte).point;
        let agencies = places.agencies_near(point, 30.0);
        assert!(agencies.len() > 5);
        let distances: Vec<f64> =
            agencies.iter().filter_map(|agency| Some(distance_km(agency.point?, point))).collect();
        assert!(distances.is_sorted() && distances.iter().all(|km| *km <= 30.0));
        assert!(places.population_within(charlotte, 30.0) > 800_000);
        assert!(places.population_within(charlotte, 60.0) > places.population_within(charlotte, 30.0));
        assert!(places.agencies_near(Point { lat: f64::NAN, lon: 0.0 }, 30.0).is_empty());
    }
}
