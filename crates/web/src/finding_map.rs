//! A map of the places of postings, in the order in which they were first seen there. Equirectangular, true at 38° north; the
//! ground is drawn from the table of cities, because this build carries no outline of the states. Alaska, Hawaii and what
//! lies elsewhere are in the list beside the map, and not on it.

use crate::finding_chart::WIDTH;
use homeward_model::{Instant, Point, Posting};
use homeward_places::Places;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

const WEST: f64 = -125.0;
const EAST: f64 = -66.5;
const SOUTH: f64 = 24.0;
const NORTH: f64 = 49.6;

/// Cities of the ground: so many that coasts and empty land can be told, so few that the page stays small.
const GROUND: usize = 1_500;

/// Height of the map.
pub(crate) const HEIGHT: f64 = 356.0;

/// The ground of the map: the same for every finding.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    /// The larger cities, as one path of points.
    pub(crate) cities: String,
    /// Codes of the states, each where its people live.
    pub(crate) states: Vec<(String, f64, f64)>,
}

/// A place with the postings seen there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stop {
    /// Its place in the order of first sight, from 1.
    pub(crate) number: usize,
    pub(crate) place: String,
    pub(crate) postings: usize,
    pub(crate) first: Option<Instant>,
    pub(crate) last: Option<Instant>,
    /// Where it is on the map; none when it is not known or lies outside.
    pub(crate) spot: Option<(f64, f64)>,
}

impl Stop {
    /// First and last day.
    pub(crate) fn days(&self) -> String {
        match (self.first.map(Instant::date), self.last.map(Instant::date)) {
            (Some(first), Some(last)) if first == last => first,
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => "day not known".to_owned(),
        }
    }

    /// Half the width of its mark.
    pub(crate) fn radius(&self) -> f64 {
        7.0 + (self.postings as f64).sqrt().min(6.0)
    }
}

/// The way of a network.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Way {
    pub(crate) stops: Vec<Stop>,
    /// Lines from stop to stop, in the order of postings: from x, y to x, y.
    pub(crate) moves: Vec<(f64, f64, f64, f64)>,
}

impl Way {
    /// Whether anything can be drawn.
    pub(crate) fn drawn(&self) -> bool {
        self.stops.iter().any(|stop| stop.spot.is_some())
    }
}

fn spot(point: Point) -> Option<(f64, f64)> {
    let inside = (WEST..=EAST).contains(&point.lon) && (SOUTH..=NORTH).contains(&point.lat);
    let x = (point.lon - WEST) / (EAST - WEST) * WIDTH;
    let y = (NORTH - point.lat) / (NORTH - SOUTH) * HEIGHT;
    inside.then_some((x, y))
}

/// The ground, drawn once.
pub(crate) fn ground() -> &'static Ground {
    static GROUND_DRAWN: OnceLock<Ground> = OnceLock::new();
    GROUND_DRAWN.get_or_init(|| {
        let places = Places::embedded();
        let mut ground = Ground::default();
        let mut people: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
        for (at, city) in places.cities().iter().enumerate() {
            let Some((x, y)) = spot(city.point) else { continue };
            if at < GROUND {
                let _ = write!(ground.cities, "M{x:.0} {y:.0}h0");
            }
            let weight = f64::from(city.population);
            let sum = people.entry(&city.state).or_default();
            *sum = (sum.0 + x * weight, sum.1 + y * weight, sum.2 + weight);
        }
        let label =
            |(code, (x, y, weight)): (&str, (f64, f64, f64))| (code.to_owned(), x / weight, y / weight);
        ground.states = people.into_iter().filter(|(_, sum)| sum.2 > 0.0).map(label).collect();
        ground
    })
}

/// The places of postings, which come oldest first.
pub(crate) fn way(postings: &[Posting]) -> Way {
    let places = Places::embedded();
    let mut way = Way::default();
    let mut before: Option<usize> = None;
    for posting in postings {
        let Some(name) = crate::posting::place(posting) else { continue };
        let seen = posting.seen_at();
        let at = way.stops.iter().position(|stop| stop.place == name).unwrap_or_else(|| {
            let point =
                places.resolve(&posting.place).map(|id| places.city(id).point).or(posting.place.point);
            way.stops.push(Stop {
                number: way.stops.len() + 1,
                place: name,
                postings: 0,
                first: seen,
                last: seen,
                spot: point.and_then(spot),
            });
            way.stops.len() - 1
        });
        let stop = &mut way.stops[at];
        stop.postings += 1;
        stop.last = stop.last.max(seen);
        // Without a date nobody knows what came before.
        if seen.is_none() {
            continue;
        }
        if let Some(from) = before.filter(|from| *from != at)
            && let (Some(from), Some(to)) = (way.stops[from].spot, way.stops[at].spot)
        {
            let step = (from.0, from.1, to.0, to.1);
            if !way.moves.contains(&step) {
                way.moves.push(step);
            }
        }
        before = Some(at);
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posting(day: &str, city: &str, state: &str) -> Posting {
        let mut posting = Posting { posted_at: Instant::parse(day), ..Posting::default() };
        posting.place.city = Some(city.to_owned());
        posting.place.state = Some(state.to_owned());
        posting
    }

    #[test]
    fn stops_stand_in_the_order_of_first_sight() {
        let check = |postings: &[Posting], stops: &[(&str, usize, bool)], moves: usize| {
            let way = way(postings);
            let found: Vec<(&str, usize, bool)> = way
                .stops
                .iter()
                .map(|stop| (stop.place.as_str(), stop.postings, stop.spot.is_some()))
                .collect();
            assert_eq!((found.as_slice(), way.moves.len()), (stops, moves));
        };
        let charlotte = || posting("2019-07-01", "Charlotte", "NC");
        let houston = || posting("2019-07-04", "Houston", "TX");
        check(&[], &[], 0);
        check(&[charlotte(), charlotte()], &[("Charlotte, NC", 2, true)], 0);
        check(&[charlotte(), houston()], &[("Charlotte, NC", 1, true), ("Houston, TX", 1, true)], 1);
        check(
            &[charlotte(), houston(), charlotte()],
            &[("Charlotte, NC", 2, true), ("Houston, TX", 1, true)],
            2,
        );
        let far = posting("2019-07-02", "Honolulu", "HI");
        check(&[charlotte(), far], &[("Charlotte, NC", 1, true), ("Honolulu, HI", 1, false)], 0);
    }

    #[test]
    fn the_ground_names_the_contiguous_states() {
        let ground = ground();
        let has = |code: &str| ground.states.iter().any(|(state, ..)| state == code);
        assert!(has("NC") && has("WA") && has("DC") && !has("AK") && !has("HI"));
        assert!(ground.cities.starts_with('M') && ground.cities.len() < 30_000);
    }
}
