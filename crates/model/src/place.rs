//! Where something is, as a record says it. Resolution to a known city is the work of the `places` crate.

/// A point on the earth in degrees, WGS 84.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Latitude, -90 to 90.
    pub lat: f64,
    /// Longitude, -180 to 180.
    pub lon: f64,
}

impl Point {
    /// A point, if both numbers are on the globe.
    pub fn new(lat: f64, lon: f64) -> Option<Point> {
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some(Point { lat, lon })
    }
}

/// A place as a posting or report names it; any part may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceMention {
    /// Free text, as the site shows it.
    pub text: Option<String>,
    /// City name.
    pub city: Option<String>,
    /// State, two-letter code or name.
    pub state: Option<String>,
    /// Coordinates when the source gives them.
    pub point: Option<Point>,
}

impl PlaceMention {
    /// Whether nothing at all is said.
    pub fn is_empty(&self) -> bool {
        self == &PlaceMention::default()
    }
}
