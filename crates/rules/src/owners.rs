//! Rules for linking postings to one owner, and the over-link guard: `rules/owners.toml`.

use serde::Deserialize;

/// The table `rules/owners.toml`; weights are bits of log-odds that two sets of postings are one owner's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owners {
    /// Log-odds before any evidence.
    pub prior: f64,
    /// A template that both use.
    pub same_template: f64,
    /// Each doubling of the templates that both use, up to two.
    pub further_template: f64,
    /// Share of the smaller side's templated postings in templates that the larger side does not use.
    pub other_templates: f64,
    /// Share of the smaller side's given names that the larger side uses too.
    pub same_names: f64,
    /// Share that it does not use.
    pub other_names: f64,
    /// Share of the smaller side's metropolitan areas that the larger side is seen in.
    pub same_places: f64,
    /// Share that it is not seen in.
    pub other_places: f64,
    /// Both in one metropolitan area within `near_days` days.
    pub same_place_and_time: f64,
    /// Picture groups that both show, up to two.
    pub same_pictures: f64,
    /// One account of both.
    pub same_account: f64,
    /// Accounts on both sides, none in common.
    pub other_account: f64,
    /// In one posting, selectors of one kind: 1, and 1 more for each doubling of such postings, up to two.
    pub one_posting: f64,
    /// The same for selectors of two kinds.
    pub two_kinds: f64,
    /// Templates are shared and there is no name, place, picture or account on both sides that could agree or contradict.
    pub nothing_else: f64,
    /// Days for `same_place_and_time`.
    pub near_days: f64,
    /// Log-odds from which two sides are joined, bits.
    pub least: f64,
    /// Log-odds from which a posting without selectors goes to an owner, bits.
    pub adopt_least: f64,
    /// Share of the odds that the likeliest owner of such a posting must hold.
    pub main_share: f64,
    /// Most rounds of joining.
    pub rounds: usize,
    /// A template used by more owners-so-far than this is common text and joins nobody.
    pub family_most: usize,
    /// Pictures beside more owners-so-far than this are stock.
    pub image_most: usize,
    /// A posting with more selectors than this is a list and joins none of them.
    pub posting_most: usize,
    /// A selector beside the selectors of this many otherwise separate owners is common.
    pub strangers_least: usize,
    /// when they make up this share of its postings.
    pub strangers_share: f64,
    /// Largest distance of two PDQ hashes of one picture (PDQ's own recommendation).
    pub image_distance: u32,
}
