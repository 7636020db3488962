//! Instants. Homeward keeps every instant as microseconds since 1970 in UTC, on disk and in memory.

use std::fmt;

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// Microseconds in one day.
pub const DAY: i64 = 86_400_000_000;

impl Instant {
    /// Reads RFC 3339, `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS`, `MM-DD-YYYY` (also with `/`) or `June 30, 2019` with the month in
    /// English, before or after the day; a date alone means midnight UTC.
    /// `None` when the text is none of these; the caller keeps the text.
    pub fn parse(text: &str) -> Option<Instant> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Some(Instant(moment.as_microsecond()));
        }
        if let Ok(moment) = text.parse::<jiff::civil::DateTime>() {
            return Instant::from_civil(moment);
        }
        if let Some(moment) = in_words(text) {
            return Some(moment);
        }
        let parts: Vec<&str> = text.split(['-', '/']).collect();
        let [month, day, year] = parts[..] else { return None };
        if year.len() != 4 || month.len() > 2 || day.len() > 2 {
            return None;
        }
        let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
        Instant::from_civil(date.at(0, 0, 0, 0))
    }

    fn from_civil(moment: jiff::civil::DateTime) -> Option<Instant> {
        let stamp = jiff::tz::TimeZone::UTC.to_timestamp(moment).ok()?;
        Some(Instant(stamp.as_microsecond()))
    }

    /// Midnight UTC of a calendar day; `None` when there is no such day.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Instant> {
        Instant::from_civil(jiff::civil::Date::new(year, month, day).ok()?.at(0, 0, 0, 0))
    }

    /// Whole days since 1970-01-01, rounded down.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Days from `earlier` to `self`, negative when `self` comes first.
    pub fn days_since(self, earlier: Instant) -> f64 {
        (self.0 - earlier.0) as f64 / DAY as f64
    }

    /// This moment moved by a number of days.
    #[must_use]
    pub fn plus_days(self, days: f64) -> Instant {
        Instant(self.0 + (days * DAY as f64) as i64)
    }

    /// `YYYY-MM-DD` in UTC.
    pub fn date(self) -> String {
        let text = self.to_string();
        text.split('T').next().unwrap_or_default().to_owned()
    }

    /// Whole years from a birth date to this moment, counted as people count birthdays.
    pub fn years_since(self, birth: Instant) -> i32 {
        let split = |moment: Instant| -> (i32, String) {
            let date = moment.date();
            let (year, rest) = date
                .rsplit_once('-')
                .and_then(|(ym, d)| ym.rsplit_once('-').map(|(y, m)| (y.to_owned(), format!("{m}-{d}"))))
                .unwrap_or_default();
            (year.parse().unwrap_or(0), rest)
        };
        let ((year, day), (birth_year, birth_day)) = (split(self), split(birth));
        year - birth_year - i32::from(day < birth_day)
    }
}

/// `June 30, 2019` or `30 Jun 2019`.
fn in_words(text: &str) -> Option<Instant> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let words: Vec<String> =
        text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let [first, second, year] = &words[..] else { return None };
    let month = |word: &str| {
        let word = word.trim_end_matches('.');
        let short = if word == "sept" { "sep" } else { word };
        MONTHS.iter().position(|month| *month == word || &month[..3] == short)
    };
    let (month, day) = match (month(first), month(second)) {
        (Some(month), None) => (month, second),
        (None, Some(month)) => (month, first),
        _ => return None,
    };
    let year = year.parse().ok().filter(|_| year.len() == 4)?;
    Instant::from_ymd(year, month as i8 + 1, day.parse().ok()?)
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Instant::parse(text).map(|moment| moment.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn dates_are_read_in_the_documented_forms() {
        check("2019-07-04T10:00:00Z", Some("2019-07-04T10:00:00Z"));
        check("2019-07-04T10:00:00-04:00", Some("2019-07-04T14:00:00Z"));
        check("2019-07-04 10:00:00", Some("2019-07-04T10:00:00Z"));
        check(" 2019-07-04 ", Some("2019-07-04T00:00:00Z"));
        check("07-04-2019", Some("2019-07-04T00:00:00Z"));
        check("7/4/2019", Some("2019-07-04T00:00:00Z"));
        for spelling in ["June 30 2019", "june 30, 2019", "30 Jun 2019", "Jun. 30, 2019"] {
            check(spelling, Some("2019-06-30T00:00:00Z"));
        }
        check("Sept 3, 2019", Some("2019-09-03T00:00:00Z"));
        for no_date in
            ["June 31 2019", "June 30 19", "June 2019", "30 30 2019", "June May 2019", "Junius 3 2019"]
        {
            check(no_date, None);
        }
        check("04.07.2019", None);
        check("13-13-2019", None);
        check("soon", None);
        check("", None);
    }

    #[test]
    fn age_counts_birthdays() {
        let at = |text| Instant::parse(text).unwrap();
        assert_eq!(at("2019-07-03").years_since(at("2004-07-04")), 14);
        assert_eq!(at("2019-07-04").years_since(at("2004-07-04")), 15);
    }
}
