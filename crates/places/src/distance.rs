//! Distance and travel time between points.

use homeward_model::Point;

/// Mean earth radius, kilometres (IUGG, arithmetic mean of the axes: 6371.0088).
pub(crate) const EARTH_KM: f64 = 6371.0088;

/// Road distance over great-circle distance. Boscoe, Henry and Zdeb, "A nationwide comparison of driving distance versus
/// straight-line distance to hospitals", The Professional Geographer 64 (2012): 1.417 for the United States.
const DETOUR: f64 = 1.417;

/// Average speed over a long trip with stops, km/h; a planning assumption of ours, not a measurement.
const ROAD_KM_PER_HOUR: f64 = 90.0;

/// Great-circle distance in kilometres (haversine formula; R. W. Sinnott, Sky and Telescope 68, 1984).
pub fn distance_km(a: Point, b: Point) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.lon - a.lon).to_radians() / 2.0).sin();
    let chord = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
    2.0 * EARTH_KM * chord.sqrt().min(1.0).asin()
}

/// Estimated hours by road: great-circle distance, the national detour factor, an average speed. Flights are not
/// considered, and water is not seen.
pub fn road_hours(a: Point, b: Point) -> f64 {
    distance_km(a, b) * DETOUR / ROAD_KM_PER_HOUR
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_distances() {
        let charlotte = Point { lat: 35.2271, lon: -80.8431 };
        let atlanta = Point { lat: 33.7490, lon: -84.3880 };
        assert!((distance_km(charlotte, atlanta) - 364.0).abs() < 5.0);
        assert!((road_hours(charlotte, atlanta) - 5.7).abs() < 0.3);
        let new_york = Point { lat: 40.7128, lon: -74.0060 };
        let los_angeles = Point { lat: 34.0522, lon: -118.2437 };
        assert!((distance_km(new_york, los_angeles) - 3936.0).abs() < 5.0);
        let pole = Point { lat: 90.0, lon: 0.0 };
        assert!((distance_km(pole, Point { lat: -90.0, lon: 90.0 }) - 20_015.1).abs() < 1.0);
    }

    fn anywhere() -> impl Strategy<Value = Point> {
        (-90.0..90.0f64, -180.0..180.0f64).prop_map(|(lat, lon)| Point { lat, lon })
    }

    proptest! {
        #[test]
        fn a_distance_is_a_metric(a in anywhere(), b in anywhere(), c in anywhere()) {
            prop_assert!(distance_km(a, a) < 1e-6);
            prop_assert!((distance_km(a, b) - distance_km(b, a)).abs() < 1e-6);
            prop_assert!(distance_km(a, c) <= distance_km(a, b) + distance_km(b, c) + 1e-6);
        }
    }
}
