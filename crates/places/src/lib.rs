//! Where things are: cities, ZIPs, agencies and field offices, distance and travel time.
//!
//! All tables are embedded; the cities are read on first use, ZIPs and agencies only when somebody asks for one.

mod distance;
mod gazetteer;
mod offices;
mod resolve;
mod tables;

pub use distance::{distance_km, road_hours};
pub use gazetteer::PlaceHit;
pub use offices::{FieldOffice, OfficeMatch};
pub use tables::{Agency, City, CityId, Zip};

use gazetteer::Gazetteer;
use homeward_model::Point;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// The embedded tables.
#[derive(Debug)]
pub struct Places {
    cities: Vec<City>,
    metros: Vec<CityId>,
    states: Vec<(String, String)>,
    offices: Vec<FieldOffice>,
    by_name: FxHashMap<String, Vec<CityId>>,
    grid: FxHashMap<(i32, i32), Vec<CityId>>,
    gazetteer: Gazetteer,
    zips: OnceLock<FxHashMap<String, Zip>>,
    agencies: OnceLock<Vec<Agency>>,
}

/// Cities within this distance of a larger one count as its metropolitan area.
const METRO_KM: f64 = 40.0;

impl Places {
    /// The tables that this build carries.
    pub fn embedded() -> &'static Places {
        static PLACES: OnceLock<Places> = OnceLock::new();
        PLACES.get_or_init(Places::load)
    }

    fn load() -> Places {
        let cities = tables::cities();
        let states = tables::states();
        let mut by_name: FxHashMap<String, Vec<CityId>> = FxHashMap::default();
        let mut grid: FxHashMap<(i32, i32), Vec<CityId>> = FxHashMap::default();
        for (at, city) in cities.iter().enumerate() {
            let id = CityId(at as u32);
            by_name.entry(resolve::plain(&city.name)).or_default().push(id);
            grid.entry(cell(city.point)).or_default().push(id);
        }
        let gazetteer = Gazetteer::new(&cities, &states, &by_name);
        let offices = tables::offices();
        let mut places = Places {
            cities,
            metros: Vec::new(),
            states,
            offices,
            by_name,
            grid,
            gazetteer,
            zips: OnceLock::new(),
            agencies: OnceLock::new(),
        };
        places.metros = (0..places.cities.len())
            .map(|at| {
                let near = places.cities_near(places.cities[at].point, METRO_KM);
                // The table is ordered by population, so the smallest id is the most populous city.
                near.into_iter().min().unwrap_or(CityId(at as u32))
            })
            .collect();
        places
    }

    /// A city by its id; ids come from this table. An id of another table's gives the last city.
    pub fn city(&self, id: CityId) -> &City {
        &self.cities[(id.0 as usize).min(self.cities.len() - 1)]
    }

    /// All cities, most populous first; the position is the id.
    pub fn cities(&self) -> &[City] {
        &self.cities
    }

    /// `Charlotte, NC`.
    pub fn label(&self, id: CityId) -> String {
        let city = self.city(id);
        format!("{}, {}", city.name, city.state)
    }

    /// The most populous city within 40 km: the area whose base rates a posting shares.
    pub fn metro(&self, id: CityId) -> CityId {
        self.metros.get(id.0 as usize).copied().unwrap_or(id)
    }

    /// Great-circle distance between two cities in kilometres.
    pub fn distance_km_between(&self, a: CityId, b: CityId) -> f64 {
        distance_km(self.city(a).point, self.city(b).point)
    }

    /// Cities within a distance, in no particular order.
    pub fn cities_near(&self, point: Point, km: f64) -> Vec<CityId> {
        let reach = (km / 60.0).ceil() as i32;
        let (row, column) = cell(point);
        let mut near = Vec::new();
        for r in row - reach..=row + reach {
            for c in column - 2 * reach..=column + 2 * reach {
                for id in self.grid.get(&(r, c)).into_iter().flatten() {
                    if distance_km(self.city(*id).point, point) <= km {
                        near.push(*id);
                    }
                }
            }
        }
        near
    }

    /// Number of people in cities within a distance of a city.
    pub fn population_within(&self, id: CityId, km: f64) -> u64 {
        self.cities_near(self.city(id).point, km)
            .into_iter()
            .map(|near| u64::from(self.city(near).population))
            .sum()
    }

    /// A five-digit ZIP code.
    pub fn zip(&self, zip: &str) -> Option<&Zip> {
        self.zips.get_or_init(tables::zips).get(zip.trim())
    }

    /// A law-enforcement agency by its ORI, nine characters.
    pub fn agency(&self, ori: &str) -> Option<&Agency> {
        let agencies = self.agencies();
        let at = agencies.binary_search_by(|agency| agency.ori.as_str().cmp(ori.trim())).ok()?;
        agencies.get(at)
    }

    /// Agencies whose seat lies within a distance, nearest first.
    pub fn agencies_near(&self, point: Point, km: f64) -> Vec<&Agency> {
        let distance = |agency: &Agency| agency.point.map_or(f64::INFINITY, |seat| distance_km(seat, point));
        let mut near: Vec<&Agency> = self.agencies().iter().filter(|agency| distance(agency) <= km).collect();
        near.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then_with(|| a.ori.cmp(&b.ori)));
        near
    }

    fn agencies(&self) -> &[Agency] {
        self.agencies.get_or_init(tables::agencies)
    }
}

/// Grid of half degrees, about 55 km from south to north.
fn cell(point: Point) -> (i32, i32) {
    ((point.lat * 2.0).floor() as i32, (point.lon * 2.0).floor() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        let places = Places::embedded();
        assert_eq!(places.cities().len(), 21_783);
        assert_eq!(places.label(CityId(0)), "New York City, NY");
        assert_eq!(places.zip("28202").map(|zip| zip.place.as_str()), Some("Charlotte"));
        assert!(places.zip("00000").is_none());
        assert!(places.agency("NC0600100").is_some_and(|agency| agency.state == "NC"));
        assert!(places.agency("").is_none());
    }

    #[test]
    fn a_suburb_shares_its_metro() {
        let places = Places::embedded();
        let suburb = places.find("Matthews, NC")[0].city;
        assert_eq!(places.label(places.metro(suburb)), "Charlotte, NC");
        let point = places.city(suburb).point;
        assert!(!places.agencies_near(point, 20.0).is_empty());
        assert!(places.population_within(suburb, 30.0) > 800_000);
    }
}
