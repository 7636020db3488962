//! Rules for ordering findings: `rules/ranking.toml`.

use serde::Deserialize;

/// The table `rules/ranking.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// Days in which the chance of finding someone where last advertised halves.
    pub half_life_days: f64,
    /// Share left when no posting names a place.
    pub without_place: f64,
    /// Share left for a single posting.
    pub one_posting: f64,
    /// Postings from which nothing is taken off.
    pub full_postings: f64,
    /// Share left for a finding that names no child.
    pub network_share: f64,
    /// Postings from which organised activity is reported.
    pub network_postings: usize,
    /// Different persons or numbers from which it is.
    pub network_several: usize,
    /// Probability that what is reported as organised is one organiser's.
    pub network_right: f64,
    /// Share left for a finding that two reports are of one child.
    pub person_share: f64,
    /// Days before "now" in which something counts as a change.
    pub change_days: f64,
    /// Postings in them from which a network may have grown.
    pub change_least: f64,
    /// How many times the usual number it must be.
    pub change_growth: f64,
    /// Postings in them from which a name is a new person.
    pub change_person_postings: usize,
}
