//! Rules for telling whether two reports are of one child: `rules/same_child.toml`.

use serde::Deserialize;

/// The table `rules/same_child.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameChild {
    /// Share of reports that repeat an earlier one.
    pub prior: f64,
    /// Least base rate.
    pub least_rate: f64,
    /// Probability from which a finding is made.
    pub least_probability: f64,
    /// Highest probability stated.
    pub most: f64,
    /// Given names.
    pub given: Given,
    /// Family names.
    pub family: Family,
    /// Birth dates.
    pub birth: Birth,
    /// Share of pairs of one child with the same sex.
    pub sex: f64,
    /// Share last seen in one metropolitan area.
    pub place: f64,
    /// Share last seen within `near_days`.
    pub time: f64,
    /// Days.
    pub near_days: f64,
    /// Share with the same eye colour.
    pub eyes: f64,
    /// Share with the same hair colour.
    pub hair: f64,
    /// Heights.
    pub height: Height,
    /// Share of pairs of one child that share a given selector.
    pub selector: f64,
    /// Share of pairs of one child that share a photograph.
    pub photo: f64,
    /// Largest distance of two hashes of one photograph, bits.
    pub photo_distance: u32,
    /// Reports that share a value from which on it proposes no pairs.
    pub crowd: usize,
}

/// Shares by likeness of given names.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The same.
    pub equal: f64,
    /// Another form.
    pub nickname: f64,
    /// One letter off.
    pub edit: f64,
    /// Neither.
    pub different: f64,
}

/// Shares by likeness of family names.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The same.
    pub equal: f64,
    /// One letter off.
    pub edit: f64,
    /// Neither.
    pub different: f64,
}

/// Shares and base rates of birth dates.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Birth {
    /// The same day.
    pub equal: f64,
    /// One of day, month and year differs.
    pub slip: f64,
    /// More differs.
    pub different: f64,
    /// One child in this many has the same birth date.
    pub days: f64,
    /// One child in this many has a birth date that differs in one part.
    pub part: f64,
}

/// When heights agree.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Height {
    /// Centimetres.
    pub within: f64,
    /// Share of pairs of one child.
    pub share: f64,
}
