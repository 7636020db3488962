//! Some reports made ready to be compared: where each child was last seen, which known values stand in the data, and which
//! names there are like the reported ones.

use super::Matcher;
use super::factors::{Likeness, likeness};
use super::persons::Persons;
use super::report::{Found, find_known, reported_names};
use homeward_model::MissingReport;
use homeward_places::CityId;
use homeward_rules::matching::Matching;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// What of some reports does not depend on any share.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The reports.
    pub reports: &'a [MissingReport],
    /// Metropolitan area in which each child was last seen.
    pub origins: Vec<Option<CityId>>,
    /// Known values of each report that stand in the data.
    pub found: Vec<Vec<Found>>,
    similar: FxHashMap<String, Vec<(u32, Likeness)>>,
}

impl<'a> Batch<'a> {
    /// Makes the reports at `open` ready.
    pub fn new(
        matcher: &Matcher,
        reports: &'a [MissingReport],
        open: &[usize],
        table: &Matching,
    ) -> Batch<'a> {
        let mut found: Vec<Vec<Found>> = vec![Vec::new(); reports.len()];
        let known: Vec<Vec<Found>> =
            open.par_iter().map(|at| find_known(&reports[*at], &matcher.index, table)).collect();
        for (at, known) in open.iter().zip(known) {
            found[*at] = known;
        }
        let places = matcher.places;
        let origin = |report: &MissingReport| Some(places.metro(places.resolve(&report.missing_from)?));
        let origins = reports.iter().map(origin).collect();
        Batch { reports, origins, found, similar: similar(&matcher.persons, reports) }
    }

    /// Names in the data that are like a reported one.
    pub fn similar(&self, name: &str) -> &[(u32, Likeness)] {
        self.similar.get(name).map_or(&[], Vec::as_slice)
    }
}

fn similar(persons: &Persons, reports: &[MissingReport]) -> FxHashMap<String, Vec<(u32, Likeness)>> {
    let mut names: Vec<String> = reports.iter().flat_map(reported_names).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_par_iter()
        .map(|name| {
            let used = persons.names.texts().iter().enumerate();
            let like = used.map(|(id, used)| (id as u32, likeness(&name, used)));
            let mut like: Vec<(u32, Likeness)> =
                like.filter(|(_, likeness)| *likeness != Likeness::Different).collect();
            like.sort_unstable_by_key(|(id, _)| *id);
            (name, like)
        })
        .collect()
}
