//! Windows of time and circles around a place.

use crate::{Instant, Point, Refused};
use std::fmt;

/// A length of time in microseconds, never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

impl Span {
    /// A number of minutes.
    pub const fn minutes(minutes: u32) -> Span {
        Span(minutes as u64 * 60_000_000)
    }

    /// A number of hours.
    pub const fn hours(hours: u32) -> Span {
        Span::minutes(60 * hours)
    }

    /// A number of days of 24 hours.
    pub const fn days(days: u32) -> Span {
        Span(days as u64 * crate::time::DAY as u64)
    }

    /// The microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Span {
    /// The largest unit that leaves no rest, as in `30 days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (Span::days(1).0, "days"),
            (Span::hours(1).0, "hours"),
            (Span::minutes(1).0, "minutes"),
            (1, "us"),
        ];
        let (size, unit) =
            units.into_iter().find(|(size, _)| self.0.is_multiple_of(*size)).unwrap_or((1, "us"));
        write!(f, "{} {unit}", self.0 / size)
    }
}

impl Instant {
    /// This moment and a span later.
    #[must_use]
    pub const fn plus(self, span: Span) -> Instant {
        Instant(self.0.saturating_add_unsigned(span.0))
    }

    /// This moment and a span earlier.
    #[must_use]
    pub const fn minus(self, span: Span) -> Instant {
        Instant(self.0.saturating_sub_unsigned(span.0))
    }
}

/// A window of time: the start belongs to it, the end does not, and it is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateWindow {
    start: Instant,
    end: Instant,
}

impl DateWindow {
    /// A window; the start must come before the end.
    pub fn new(start: Instant, end: Instant) -> Result<DateWindow, Refused> {
        if start >= end {
            return Err(Refused::new("window of time", format!("it starts at {start} and ends at {end}")));
        }
        Ok(DateWindow { start, end })
    }

    /// The first moment.
    pub const fn start(self) -> Instant {
        self.start
    }

    /// The first moment after it.
    pub const fn end(self) -> Instant {
        self.end
    }

    /// Whether a moment lies in it.
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether two windows share a moment.
    pub fn overlaps(self, other: DateWindow) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The window widened on both sides.
    #[must_use]
    pub fn padded(self, pad: Span) -> DateWindow {
        DateWindow { start: self.start.minus(pad), end: self.end.plus(pad) }
    }
}

/// A radius in kilometres: above 0, at most 1,000.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct RadiusKm(f64);

impl RadiusKm {
    /// A radius.
    pub fn new(km: f64) -> Result<RadiusKm, Refused> {
        if !(km > 0.0 && km <= 1000.0) {
            return Err(Refused::new("radius", format!("{km} km is not above 0 and at most 1000")));
        }
        Ok(RadiusKm(km))
    }

    /// The kilometres.
    pub const fn km(self) -> f64 {
        self.0
    }
}

/// A circle on the earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Its centre.
    pub centre: Point,
    /// Its radius.
    pub radius: RadiusKm,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn windows_are_not_empty() {
        let error = DateWindow::new(Instant(0), Instant(0)).unwrap_err().to_string();
        assert_eq!(
            error,
            "no window of time: it starts at 1970-01-01T00:00:00Z and ends at 1970-01-01T00:00:00Z"
        );
    }

    #[test]
    fn radii_are_bounded() {
        assert_eq!(RadiusKm::new(0.29).unwrap().km(), 0.29);
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1000.1] {
            assert!(RadiusKm::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn spans_are_written_in_their_largest_unit() {
        for (span, text) in
            [(Span::hours(2), "2 hours"), (Span::days(30), "30 days"), (Span::minutes(90), "90 minutes")]
        {
            assert_eq!(span.to_string(), text);
        }
    }

    fn window() -> impl Strategy<Value = DateWindow> {
        (0i64..50, 1i64..50).prop_map(|(start, length)| {
            DateWindow::new(Instant(start), Instant(start + length)).expect("the length is not zero")
        })
    }

    proptest! {
        #[test]
        fn two_windows_overlap_when_a_moment_lies_in_both(a in window(), b in window()) {
            let shared = (0..100).any(|at| a.contains(Instant(at)) && b.contains(Instant(at)));
            prop_assert_eq!(a.overlaps(b), shared);
            prop_assert_eq!(b.overlaps(a), shared);
            prop_assert!(a.padded(Span::minutes(1)).overlaps(b));
        }
    }
}
