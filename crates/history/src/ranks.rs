//! States in the order of a published count. A rank is of cases that were reported and of who reports: it is no measure of
//! how much there is.

use crate::csv::rows;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A table by state and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its word, as in `--source hotline`.
    pub word: &'static str,
    /// What it counts.
    pub counts: &'static str,
    /// Where it comes from.
    pub origin: &'static str,
}

const HOTLINE: Source = Source {
    word: "hotline",
    counts: "cases of trafficking reported to the national hotline, by the state they concern",
    origin: "National Human Trafficking Hotline, by way of RossThorn/human-trafficking-viz at dc45e461",
};

const UCR: Source = Source {
    word: "ucr",
    counts: "offences of human trafficking that police reported (commercial sex acts and involuntary servitude); few agencies report, and a state that reports none is absent",
    origin: "FBI Crime Data Explorer, HT_2013-2020",
};

/// One state in one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Two-letter code.
    pub state: String,
    /// 1 for the most; equal counts share a rank, and the next rank is left out for each.
    pub rank: u32,
    /// How many.
    pub count: u32,
    /// Of which year.
    pub year: u16,
    /// The word of the source.
    pub source: &'static str,
}

/// There is no such table, or none of that year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFigures {
    /// No table of this name.
    #[error("there are no figures of a source `{0}`")]
    Source(String),
    /// The table has no such year.
    #[error("`{source_word}` has no figures of {year}")]
    Year {
        /// The source.
        source_word: &'static str,
        /// The year that was asked for.
        year: u16,
    },
}

impl NoFigures {
    /// What there is.
    pub fn hint(&self) -> String {
        let years = |source: &Source| {
            let years: Vec<u16> = table(source).keys().copied().collect();
            match (years.first(), years.last()) {
                (Some(first), Some(last)) => format!("`{}` has {first} to {last}", source.word),
                _ => String::new(),
            }
        };
        match self {
            NoFigures::Source(_) => sources().iter().map(years).collect::<Vec<_>>().join(", "),
            NoFigures::Year { source_word, .. } => {
                let named = sources().iter().filter(|source| source.word == *source_word);
                named.map(years).collect()
            }
        }
    }
}

/// The tables there are.
pub const fn sources() -> &'static [Source] {
    &[HOTLINE, UCR]
}

type Table = BTreeMap<u16, BTreeMap<String, u32>>;

/// Counts by year and state.
fn table(source: &Source) -> &'static Table {
    static TABLES: OnceLock<[Table; 2]> = OnceLock::new();
    let [hotline, ucr] = TABLES.get_or_init(|| {
        [
            read(include_str!("../data/hotline_cases_by_state_2012_2016.csv"), "cases_reported"),
            read(include_str!("../data/ucr_ht_offences_by_state_year.csv"), "actual"),
        ]
    });
    if *source == HOTLINE { hotline } else { ucr }
}

fn read(text: &str, column: &str) -> Table {
    let mut table = Table::new();
    rows(text, |row| {
        if let (Some(year), Some(count)) = (row.number(YEAR), row.number::<u32>(column)) {
            *table.entry(year).or_default().entry(row.text("state")).or_default() += count;
        }
    });
    table
}

const YEAR: &str = "year";

/// The states of a year, the most first, those of equal count by code.
pub fn rank(source: &str, year: u16) -> Result<Vec<Ranked>, NoFigures> {
    let found = sources().iter().find(|known| known.word == source);
    let found = found.ok_or_else(|| NoFigures::Source(source.to_owned()))?;
    let counts = table(found).get(&year).ok_or(NoFigures::Year { source_word: found.word, year })?;
    let more = |count: u32| counts.values().filter(|other| **other > count).count() as u32;
    let ranked = |(state, count): (&String, &u32)| Ranked {
        state: state.clone(),
        rank: 1 + more(*count),
        count: *count,
        year,
        source: found.word,
    };
    let mut ranked: Vec<Ranked> = counts.iter().map(ranked).collect();
    ranked.sort_by(|a, b| (a.rank, &a.state).cmp(&(b.rank, &b.state)));
    Ok(ranked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, year: u16, state: &str, expected: (u32, u32)) {
        let ranked = rank(source, year).unwrap();
        let found = ranked.iter().find(|one| one.state == state).unwrap();
        assert_eq!((found.rank, found.count), expected, "{state} in {year}");
    }

    #[test]
    fn states_rank_as_published() {
        check("hotline", 2016, "NC", (10, 181));
        check("hotline", 2016, "SC", (26, 73));
        check("hotline", 2012, "LA", (24, 41));
        check("hotline", 2012, "OK", (24, 41));
        check("hotline", 2012, "KY", (26, 33));
        assert_eq!(rank("hotline", 2016).unwrap().len(), 51);
    }

    #[test]
    fn ranks_are_those_that_came_with_the_table() {
        let text = include_str!("../data/hotline_cases_by_state_2012_2016.csv");
        rows(text, |row| {
            let (year, state) = (row.number(YEAR).unwrap(), row.text("state"));
            let expected = (row.number("rank_by_cases").unwrap(), row.number("cases_reported").unwrap());
            check("hotline", year, &state, expected);
        });
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        let error = rank("hotline", 2020).unwrap_err();
        assert_eq!(error.to_string(), "`hotline` has no figures of 2020");
        assert_eq!(error.hint(), "`hotline` has 2012 to 2016");
        let error = rank("polaris", 2016).unwrap_err();
        assert_eq!(error.hint(), "`hotline` has 2012 to 2016, `ucr` has 2013 to 2020");
    }
}
