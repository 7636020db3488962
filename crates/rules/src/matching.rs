//! Rules for matching missing reports to networks: `rules/matching.toml`.

use serde::Deserialize;

/// The table `rules/matching.toml`: for each factor the probability of a value given that it is the same child.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// The same name.
    pub name_same: f64,
    /// A short or changed form.
    pub name_variant: f64,
    /// Another name.
    pub name_other: f64,
    /// Stated less true age 0, 1, 2 ... years.
    pub age_raised: Vec<f64>,
    /// Any other difference.
    pub age_other: f64,
    /// Height within 4 cm, within 8 cm, farther.
    pub height: [f64; 3],
    /// Weight within 5 kg, within 10 kg, farther.
    pub weight: [f64; 3],
    /// The same hair colour.
    pub hair_same: f64,
    /// The same eye colour.
    pub eyes_same: f64,
    /// A mark on record is named.
    pub mark_same: f64,
    /// Only other marks are named.
    pub mark_other: f64,
    /// A number, handle or address of the child's own.
    pub own_selector: f64,
    /// A number or handle of a companion.
    pub associate_selector: f64,
    /// A photograph.
    pub photo: f64,
    /// That a number of the child's shows up with a stranger at all.
    pub own_elsewhere: f64,
    /// That a companion's does.
    pub associate_elsewhere: f64,
    /// That a photograph does.
    pub photo_elsewhere: f64,
    /// Upper bounds of the distance classes, kilometres.
    pub distance_km: [f64; 3],
    /// Their probabilities, and that of farther.
    pub distance: [f64; 4],
    /// Upper bounds of the classes of days to the first sighting.
    pub first_seen_days: [f64; 4],
    /// Their probabilities, and that of later.
    pub first_seen: [f64; 5],
    /// The candidate's owner placed several postings.
    pub organised: f64,
    /// Least probability of a value among others.
    pub least_base: f64,
    /// Candidates below this are not written.
    pub least_probability: f64,
    /// Postings an owner must have before weak facts alone are looked at.
    pub weak_postings: usize,
    /// Largest distance of two hashes of one picture.
    pub image_distance: u32,
}
