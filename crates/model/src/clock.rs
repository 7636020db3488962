//! Clocks: what is due by when, and when it was met. How long each runs is law or policy, and comes from `rules`.

use crate::{Instant, Span};

/// One clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock {
    /// When it began to run.
    pub started: Instant,
    /// When it ends.
    pub due: Instant,
    /// When what it waits for was done.
    pub met: Option<Instant>,
}

impl Clock {
    /// A clock that runs for a span.
    pub fn running(started: Instant, limit: Span, met: Option<Instant>) -> Clock {
        Clock { started, due: started.plus(limit), met }
    }

    /// Whether it ended before what it waits for was done.
    pub fn is_overdue(self, now: Instant) -> bool {
        self.met.unwrap_or(now) > self.due
    }

    /// Microseconds until it ends, negative when it ended; `None` once it was met.
    pub fn remaining(self, now: Instant) -> Option<i64> {
        self.met.is_none().then(|| self.due.0.saturating_sub(now.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_met_late_stays_overdue() {
        let clock = |met| Clock::running(Instant(0), Span::minutes(1), met);
        assert!(!clock(None).is_overdue(Instant(60_000_000)));
        assert!(clock(None).is_overdue(Instant(60_000_001)));
        assert!(!clock(Some(Instant(5))).is_overdue(Instant(i64::MAX)));
        assert!(clock(Some(Instant(60_000_001))).is_overdue(Instant(0)));
        assert_eq!(clock(None).remaining(Instant(70_000_000)), Some(-10_000_000));
        assert_eq!(clock(Some(Instant(5))).remaining(Instant(70_000_000)), None);
    }
}
