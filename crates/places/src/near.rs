//! What lies near a point: a grid of half degrees over the cities.

use crate::distance::{EARTH_KM, distance_km};
use crate::{City, CityId};
use homeward_model::Point;

/// Cells to a degree.
const FINENESS: f64 = 2.0;
/// Rows from pole to pole, columns around the globe.
const ROWS: i64 = 360;
const COLUMNS: i64 = 720;

/// Cities by cell, each cell most populous first.
#[derive(Debug)]
pub(crate) struct Grid {
    /// Where each cell's cities begin in `ids`; one more than there are cells.
    from: Vec<u32>,
    ids: Vec<CityId>,
    /// Directions from the centre of the earth: distances compare without trigonometry.
    directions: Vec<[f64; 3]>,
}

fn direction(point: Point) -> [f64; 3] {
    let (lat_sin, lat_cos) = point.lat.to_radians().sin_cos();
    let (lon_sin, lon_cos) = point.lon.to_radians().sin_cos();
    [lat_cos * lon_cos, lat_cos * lon_sin, lat_sin]
}

fn row(lat: f64) -> i64 {
    (((lat + 90.0) * FINENESS).floor() as i64).clamp(0, ROWS - 1)
}

fn column(lon: f64) -> i64 {
    ((lon + 180.0) * FINENESS).floor() as i64
}

fn cell(row: i64, column: i64) -> usize {
    (row * COLUMNS + column.rem_euclid(COLUMNS)) as usize
}

impl Grid {
    pub(crate) fn new(cities: &[City]) -> Grid {
        let cells: Vec<usize> =
            cities.iter().map(|city| cell(row(city.point.lat), column(city.point.lon))).collect();
        let mut from = vec![0u32; (ROWS * COLUMNS) as usize + 1];
        for at in &cells {
            from[at + 1] += 1;
        }
        for at in 1..from.len() {
            from[at] += from[at - 1];
        }
        let mut next = from.clone();
        let mut ids = vec![CityId(0); cities.len()];
        for (city, at) in cells.iter().enumerate() {
            ids[next[*at] as usize] = CityId(city as u32);
            next[*at] += 1;
        }
        Grid { from, ids, directions: cities.iter().map(|city| direction(city.point)).collect() }
    }

    /// Calls `see` with the cities of every cell that a circle touches; nothing for a point that is not on the globe.
    fn cells(&self, point: Point, km: f64, mut see: impl FnMut(&[CityId])) {
        if Point::new(point.lat, point.lon).is_none() || km.is_nan() || km < 0.0 {
            return;
        }
        let angle = (km / EARTH_KM).min(std::f64::consts::PI);
        let reach = angle.to_degrees();
        let (south, north) = (point.lat - reach, point.lat + reach);
        // The widest extent in longitude of a circle on the globe; a circle over a pole has every longitude.
        let wide = angle.sin() / point.lat.to_radians().cos();
        let (first, last) = if south <= -90.0 || north >= 90.0 || wide >= 1.0 {
            (0, COLUMNS - 1)
        } else {
            let across = wide.asin().to_degrees();
            (column(point.lon - across), column(point.lon + across))
        };
        for row in row(south)..=row(north) {
            for column in first..=last.min(first + COLUMNS - 1) {
                let at = cell(row, column);
                see(&self.ids[self.from[at] as usize..self.from[at + 1] as usize]);
            }
        }
    }

    /// Cities within a distance, by id.
    pub(crate) fn within(&self, cities: &[City], point: Point, km: f64) -> Vec<CityId> {
        let mut near = Vec::new();
        self.cells(point, km, |ids| {
            let inside = |id: &&CityId| distance_km(cities[id.0 as usize].point, point) <= km;
            near.extend(ids.iter().filter(inside));
        });
        near.sort_unstable();
        near
    }

    /// The city of the smallest id within a distance, among those that count.
    pub(crate) fn first_within(
        &self,
        point: Point,
        km: f64,
        counts: impl Fn(CityId) -> bool,
    ) -> Option<CityId> {
        let here = direction(point);
        // The straight line through the earth grows with the distance over it: compare its square.
        let chord = 2.0 * (km / EARTH_KM / 2.0).min(std::f64::consts::FRAC_PI_2).sin();
        let least = chord * chord;
        let mut best: Option<CityId> = None;
        self.cells(point, km, |ids| {
            for id in ids {
                // Cells are in order of population: nothing further on can be better.
                if best.is_some_and(|best| best <= *id) {
                    break;
                }
                let there = self.directions[id.0 as usize];
                let square: f64 = (0..3).map(|axis| (here[axis] - there[axis]).powi(2)).sum();
                if square <= least && counts(*id) {
                    best = Some(*id);
                    break;
                }
            }
        });
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Places;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_grid_finds_what_a_scan_finds(lat in -90.0..=90.0f64, lon in -180.0..=180.0f64, km in 0.0..3000.0f64) {
            let places = Places::embedded();
            let point = Point { lat, lon };
            let scan: Vec<CityId> = (0..places.cities().len() as u32)
                .map(CityId)
                .filter(|id| distance_km(places.city(*id).point, point) <= km)
                .collect();
            prop_assert_eq!(places.cities_near(point, km), scan);
        }
    }

    #[test]
    fn odd_circles_are_answered() {
        let places = Places::embedded();
        let charlotte = Point { lat: 35.2271, lon: -80.8431 };
        assert_eq!(places.cities_near(charlotte, f64::INFINITY).len(), places.cities().len());
        assert_eq!(places.cities_near(charlotte, 1e300).len(), places.cities().len());
        assert!(places.cities_near(charlotte, f64::NAN).is_empty());
        assert!(places.cities_near(charlotte, -1.0).is_empty());
        assert!(places.cities_near(Point { lat: f64::NAN, lon: 0.0 }, 10.0).is_empty());
        // The western Aleutians lie across the line where the day changes.
        let across = Point { lat: 51.9, lon: 179.9 };
        let scan = |id: &u32| distance_km(places.city(CityId(*id)).point, across) <= 1000.0;
        let near: Vec<CityId> = (0..places.cities().len() as u32).filter(scan).map(CityId).collect();
        assert!(!near.is_empty() && places.cities_near(across, 1000.0) == near);
    }
}
