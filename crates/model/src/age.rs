//! Birth dates and ages. An age is always computed at a date, and "not known, possibly a child" is an answer of its own.

use crate::{Instant, Refused, Span};
use std::fmt;

/// The age from which a person is an adult (18 U.S.C. 1591: "has not attained the age of 18 years").
pub const ADULT: u8 = 18;

/// A calendar day of birth, in 1900 or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate(Instant);

impl BirthDate {
    /// A birth date; refused when there is no such day or the year is before 1900.
    pub fn new(year: i16, month: i8, day: i8) -> Result<BirthDate, Refused> {
        let midnight = Instant::from_ymd(year, month, day).filter(|_| year >= 1900);
        let because = || format!("{year:04}-{month:02}-{day:02} is not a day since 1900");
        midnight.map(BirthDate).ok_or_else(|| Refused::new("birth date", because()))
    }

    /// Midnight UTC of the day.
    pub const fn midnight(self) -> Instant {
        self.0
    }

    /// The age at a moment, in whole years. A birthday counts once it has begun everywhere on earth (UTC-12), so that
    /// nobody is an adult early; a moment before birth makes the person possibly a child.
    pub fn age_at(self, at: Instant) -> AgeAt {
        match u8::try_from(at.minus(Span::hours(12)).years_since(self.0)) {
            Ok(years) => AgeAt::Known(years),
            Err(_) => AgeAt::UnknownPossiblyChild,
        }
    }
}

impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.date())
    }
}

/// A person's age at one date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeAt {
    /// Whole years, from a birth date or a document.
    Known(u8),
    /// Estimated: at least the first, at most the second.
    Between(u8, u8),
    /// Not known, and the person may be under 18.
    UnknownPossiblyChild,
    /// Not known, but an adult by a finding that someone answers for.
    UnknownAdult,
}

impl AgeAt {
    /// The age so many whole years later; a birthday may have passed besides.
    #[must_use]
    pub const fn after_years(self, years: u8) -> AgeAt {
        match self {
            AgeAt::Known(age) => {
                AgeAt::Between(age.saturating_add(years), age.saturating_add(years).saturating_add(1))
            }
            AgeAt::Between(least, most) => {
                AgeAt::Between(least.saturating_add(years), most.saturating_add(years).saturating_add(1))
            }
            unknown => unknown,
        }
    }

    /// Whether the person may be under 18: the question on which roles and duties turn.
    pub const fn may_be_child(self) -> bool {
        match self {
            AgeAt::Known(years) => years < ADULT,
            AgeAt::Between(least, most) => least < ADULT || most < ADULT,
            AgeAt::UnknownPossiblyChild => true,
            AgeAt::UnknownAdult => false,
        }
    }
}

impl fmt::Display for AgeAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AgeAt::Known(years) => write!(f, "{years}"),
            AgeAt::Between(least, most) => write!(f, "{least} to {most}"),
            AgeAt::UnknownPossiblyChild => f.write_str("age unknown, possibly a child"),
            AgeAt::UnknownAdult => f.write_str("age unknown, adult"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_turns_on_the_birthday() {
        let born = BirthDate::new(2001, 7, 4).unwrap();
        let at = |text| born.age_at(Instant::parse(text).unwrap());
        assert_eq!(at("2019-07-04T11:59:59Z"), AgeAt::Known(17));
        assert_eq!(at("2019-07-04T12:00:00Z"), AgeAt::Known(18));
        assert_eq!(at("2000-01-01"), AgeAt::UnknownPossiblyChild);
        assert!(BirthDate::new(1899, 1, 1).is_err());
        assert_eq!(
            BirthDate::new(2019, 2, 29).unwrap_err().to_string(),
            "no birth date: 2019-02-29 is not a day since 1900"
        );
    }

    #[test]
    fn years_later_a_child_is_surely_an_adult() {
        assert!(AgeAt::Known(16).after_years(1).may_be_child());
        assert!(!AgeAt::Known(17).after_years(1).may_be_child());
        assert!(AgeAt::Between(14, 20).after_years(3).may_be_child());
        assert!(AgeAt::UnknownPossiblyChild.after_years(40).may_be_child());
    }

    #[test]
    fn doubt_counts_as_a_child() {
        for (age, child) in [
            (AgeAt::Known(17), true),
            (AgeAt::Known(18), false),
            (AgeAt::Between(17, 25), true),
            (AgeAt::Between(18, 25), false),
            (AgeAt::UnknownPossiblyChild, true),
            (AgeAt::UnknownAdult, false),
        ] {
            assert_eq!(age.may_be_child(), child, "{age}");
        }
    }
}
