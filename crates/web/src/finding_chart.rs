//! Drawings of one finding: how its weights add up, and when and where its postings were seen. Geometry only, in units of the
//! drawing; the template writes it down, and a table beside each says the same in words.

use homeward_model::{Instant, Posting};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

/// Width of every drawing.
pub(crate) const WIDTH: f64 = 640.0;

/// Where the bars begin: before it stand the names.
const LEFT: f64 = 150.0;

/// Where they end: after it stands the last number.
const RIGHT: f64 = 590.0;

/// Height of a row.
const ROW: f64 = 24.0;

/// Places that a timeline tells apart.
const PLACES: usize = 8;

/// A bar of the waterfall: from the running sum before a factor to the sum after it.
#[derive(Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) factor: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    /// Whether it speaks for the finding.
    pub(crate) positive: bool,
    /// `+2.1`.
    pub(crate) bits: String,
    /// Where the running sum stands after it.
    pub(crate) after: f64,
}

/// How the weights of a finding add up.
#[derive(Debug, PartialEq)]
pub(crate) struct Waterfall {
    pub(crate) bars: Vec<Bar>,
    pub(crate) height: f64,
    /// Where even odds stand: 0 bits.
    pub(crate) even: f64,
    /// Where the sum stands.
    pub(crate) sum: f64,
    pub(crate) sum_bits: String,
}

/// The weights of factors in bits, in their order, the prior first; none without factors.
pub(crate) fn waterfall(factors: &[(&str, f64)]) -> Option<Waterfall> {
    let finite = |bits: f64| if bits.is_finite() { bits } else { 0.0 };
    let mut sums = vec![0.0];
    for (_, bits) in factors {
        sums.push(sums[sums.len() - 1] + finite(*bits));
    }
    let least = sums.iter().copied().fold(0.0, f64::min);
    let most = sums.iter().copied().fold(0.0, f64::max);
    if factors.is_empty() {
        return None;
    }
    let scale = (RIGHT - LEFT) / (most - least).max(1.0);
    let at = |bits: f64| LEFT + (bits - least) * scale;
    let bar = |(row, (factor, bits)): (usize, &(&str, f64))| {
        let (before, after) = (at(sums[row]), at(sums[row + 1]));
        Bar {
            factor: short(factor, 22),
            x: before.min(after),
            y: ROW * row as f64 + 4.0,
            width: (after - before).abs().max(1.0),
            positive: *bits >= 0.0,
            bits: format!("{bits:+.1}"),
            after,
        }
    };
    let sum = sums[sums.len() - 1];
    Some(Waterfall {
        bars: factors.iter().enumerate().map(bar).collect(),
        height: ROW * factors.len() as f64 + 36.0,
        even: at(0.0),
        sum: at(sum),
        sum_bits: format!("{sum:+.1}"),
    })
}

/// Postings of one day in one place.
#[derive(Debug, PartialEq)]
pub(crate) struct Dot {
    pub(crate) day: String,
    pub(crate) place: String,
    pub(crate) count: usize,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) radius: f64,
}

/// When and where postings were seen.
#[derive(Debug, PartialEq)]
pub(crate) struct Timeline {
    pub(crate) dots: Vec<Dot>,
    /// Names of the rows, with where each stands.
    pub(crate) rows: Vec<(String, f64)>,
    pub(crate) height: f64,
    pub(crate) first: String,
    pub(crate) last: String,
    /// Postings without a date: they are on no line.
    pub(crate) undated: usize,
}

/// The days and places of postings; none when no posting has a date.
pub(crate) fn timeline(postings: &[Posting]) -> Option<Timeline> {
    let mut days: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut seen: Vec<Instant> = Vec::new();
    for posting in postings {
        let Some(at) = posting.seen_at() else { continue };
        let place = crate::posting::place(posting).unwrap_or_else(|| "place not known".to_owned());
        if !order.contains(&place) {
            order.push(place.clone());
        }
        seen.push(at);
        *days.entry((at.date(), place)).or_default() += 1;
    }
    let (first, last) = (seen.iter().min()?, seen.iter().max()?);
    let dates: BTreeSet<String> = seen.iter().map(|at| at.date()).collect();
    let span = (last.0 - first.0).max(1) as f64;
    let many = order.len() > PLACES;
    let row = |place: &str| {
        let at = order.iter().position(|known| known == place).unwrap_or(PLACES);
        if many { at.min(PLACES - 1) } else { at }
    };
    let y = |row: usize| ROW * row as f64 + 20.0;
    let x = |day: &str| {
        let moment = seen.iter().find(|at| at.date() == day).map_or(first.0, |at| at.0);
        LEFT + 20.0 + (RIGHT - LEFT - 20.0) * (moment - first.0) as f64 / span
    };
    let dots = days.into_iter().map(|((day, place), count)| Dot {
        x: x(&day),
        y: y(row(&place)),
        radius: 4.0 + (count as f64).sqrt().min(5.0),
        day,
        place,
        count,
    });
    let name = |(at, place): (usize, &String)| {
        let name = if many && at == PLACES - 1 { "other places".to_owned() } else { short(place, 22) };
        (name, y(at))
    };
    let rows: Vec<(String, f64)> = order.iter().take(PLACES).enumerate().map(name).collect();
    Some(Timeline {
        dots: dots.collect(),
        height: ROW * rows.len() as f64 + 36.0,
        rows,
        first: dates.first().cloned().unwrap_or_default(),
        last: dates.last().cloned().unwrap_or_default(),
        undated: postings.len() - seen.len(),
    })
}

/// The beginning of a text, of at most so many characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A number as a drawing has it: a tenth of a unit is finer than anybody sees. Templates pass fields by reference and sums by
/// value.
pub(crate) fn unit(number: impl Borrow<f64>) -> String {
    format!("{:.1}", number.borrow())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bar_begins_where_the_one_before_ended() {
        let check = |weights: &[f64], sum: &str, sides: &[bool]| {
            let factors: Vec<(&str, f64)> = weights.iter().map(|bits| ("factor", *bits)).collect();
            let drawn = waterfall(&factors).unwrap();
            let positive: Vec<bool> = drawn.bars.iter().map(|bar| bar.positive).collect();
            assert_eq!((drawn.sum_bits.as_str(), positive.as_slice()), (sum, sides));
            let mut before = drawn.even;
            for bar in &drawn.bars {
                assert!((bar.x - before.min(bar.after)).abs() < 1e-6, "{weights:?}");
                assert!(bar.x >= LEFT - 1e-6 && bar.x + bar.width <= RIGHT + 1.1, "{weights:?}");
                before = bar.after;
            }
            assert!((before - drawn.sum).abs() < 1e-6);
        };
        check(&[-18.0, 6.0, 20.0], "+8.0", &[false, true, true]);
        check(&[-3.0], "-3.0", &[false]);
        check(&[0.0], "+0.0", &[true]);
        check(&[1.0, -1.0], "+0.0", &[true, false]);
        assert_eq!(waterfall(&[]), None);
    }

    fn posting(day: &str, city: &str) -> Posting {
        let mut posting = Posting { posted_at: Instant::parse(day), ..Posting::default() };
        posting.place.city = Some(city.to_owned());
        posting
    }

    #[test]
    fn a_timeline_counts_days_and_places() {
        let check = |postings: &[Posting], dots: &[(&str, &str, usize)], undated: usize| {
            let drawn = timeline(postings).unwrap();
            let found: Vec<(&str, &str, usize)> =
                drawn.dots.iter().map(|dot| (dot.day.as_str(), dot.place.as_str(), dot.count)).collect();
            assert_eq!((found.as_slice(), drawn.undated), (dots, undated));
            assert!(drawn.dots.iter().all(|dot| dot.x >= LEFT && dot.x <= RIGHT && dot.y < drawn.height));
        };
        let one = posting("2019-07-01", "Eastfield");
        check(std::slice::from_ref(&one), &[("2019-07-01", "Eastfield", 1)], 0);
        check(
            &[one.clone(), one.clone(), posting("2019-07-03", "Westhaven"), Posting::default()],
            &[("2019-07-01", "Eastfield", 2), ("2019-07-03", "Westhaven", 1)],
            1,
        );
        assert_eq!(timeline(&[Posting::default()]), None);
        let many: Vec<Posting> = (0..20).map(|at| posting("2019-07-01", &format!("Town {at}"))).collect();
        let rows = timeline(&many).unwrap().rows;
        assert_eq!((rows.len(), rows[PLACES - 1].0.as_str()), (PLACES, "other places"));
    }
}
