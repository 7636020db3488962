//! Published results of national operations, with what was counted and where the sources differ.

use crate::csv::rows;
use std::sync::OnceLock;

/// What was published of one operation. A field that no source gives is empty; texts stand as published (`400+`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedOperation {
    /// Its name.
    pub operation: String,
    /// First day or month.
    pub start: String,
    /// Last day or month.
    pub end: String,
    /// Day of the announcement.
    pub announced: String,
    /// Agencies that took part.
    pub agencies: Option<String>,
    /// Field offices that took part.
    pub field_offices: Option<String>,
    /// Task forces that took part.
    pub task_forces: Option<String>,
    /// Local operations.
    pub operations: Option<String>,
    /// Minors, by the definition below.
    pub minors: Option<u32>,
    /// Missing children located, where that was published apart.
    pub missing_located: Option<u32>,
    /// Adult victims.
    pub adults: Option<u32>,
    /// Traffickers arrested, by the definition below.
    pub traffickers: Option<u32>,
    /// All arrests.
    pub arrests: Option<u32>,
    /// What the figures count: it differs from operation to operation.
    pub definition: String,
    /// Where sources disagree.
    pub conflicts: Option<String>,
    /// Where it was published.
    pub sources: Vec<String>,
}

/// What one field office had in an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeResult {
    /// The operation.
    pub operation: String,
    /// The office.
    pub office: String,
    /// Minors, by the definition of the operation.
    pub juveniles: Option<u32>,
    /// Traffickers arrested.
    pub traffickers: Option<u32>,
    /// Whether the table is complete.
    pub completeness: String,
    /// Where it was published.
    pub source: String,
}

/// What the national initiative had reached by a day, since 2003.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cumulative {
    /// The day or month.
    pub as_of: String,
    /// Children recovered since 2003.
    pub children: Option<u32>,
    /// Convictions since 2003.
    pub convictions: Option<u32>,
    /// How exact the figure is, as published.
    pub precision: String,
    /// Where it was published.
    pub source: String,
}

/// The operations, oldest first.
pub fn operations() -> &'static [PublishedOperation] {
    static TABLE: OnceLock<Vec<PublishedOperation>> = OnceLock::new();
    TABLE.get_or_init(|| {
        rows(include_str!("../data/operation_results.csv"), |row| PublishedOperation {
            operation: row.text("operation"),
            start: row.text("start_date"),
            end: row.text("end_date"),
            announced: row.text("announced"),
            agencies: row.some("agencies"),
            field_offices: row.some("fbi_field_offices"),
            task_forces: row.some("task_forces"),
            operations: row.some("operations"),
            minors: row.number("minors_recovered_or_identified"),
            missing_located: row.number("missing_children_located"),
            adults: row.number("adult_victims"),
            traffickers: row.number("traffickers_arrested"),
            arrests: row.number("total_arrests"),
            definition: row.text("count_definition"),
            conflicts: row.some("conflicts_between_sources"),
            sources: row.text("sources").split(" | ").map(str::to_owned).collect(),
        })
    })
}

/// What field offices had in the operations of which that was published, in the order of the sources.
pub fn office_results() -> &'static [OfficeResult] {
    static TABLE: OnceLock<Vec<OfficeResult>> = OnceLock::new();
    TABLE.get_or_init(|| {
        rows(include_str!("../data/operation_results_by_field_office.csv"), |row| OfficeResult {
            operation: row.text("operation"),
            office: row.text("fbi_field_office"),
            juveniles: row.number("juveniles"),
            traffickers: row.number("traffickers_arrested"),
            completeness: row.text("completeness"),
            source: row.text("source"),
        })
    })
}

/// The national initiative over the years, oldest first.
pub fn cumulative() -> &'static [Cumulative] {
    static TABLE: OnceLock<Vec<Cumulative>> = OnceLock::new();
    TABLE.get_or_init(|| {
        rows(include_str!("../data/innocence_lost_cumulative.csv"), |row| Cumulative {
            as_of: row.text("as_of"),
            children: row.number("children_recovered_cumulative"),
            convictions: row.number("convictions_cumulative"),
            precision: row.text("precision"),
            source: row.text("source"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_operation_says_what_it_counts_and_where() {
        let all = operations();
        assert_eq!((all.len(), cumulative().len()), (15, 13));
        for one in all {
            let web = one.sources.iter().all(|source| source.starts_with("http"));
            assert!(!one.definition.is_empty() && web, "{}", one.operation);
        }
        let day = all.iter().find(|one| one.operation == "Operation Independence Day").unwrap();
        assert_eq!((day.minors, day.adults, day.traffickers), (Some(103), Some(39), Some(67)));
        assert_eq!(day.operations.as_deref(), Some("161"));
    }

    #[test]
    fn tables_by_office_add_up_to_what_was_published() {
        let sums = |operation: &str| {
            let of = |one: &&OfficeResult| {
                one.operation == operation && one.completeness.starts_with("complete table")
            };
            let rows: Vec<_> = office_results().iter().filter(of).collect();
            let juveniles: u32 = rows.iter().filter_map(|one| one.juveniles).sum();
            (rows.len(), juveniles, rows.iter().filter_map(|one| one.traffickers).sum::<u32>())
        };
        assert_eq!(sums("Operation Cross Country VI"), (36, 79, 104));
        assert_eq!(sums("Operation Independence Day"), (33, 103, 0));
    }
}
