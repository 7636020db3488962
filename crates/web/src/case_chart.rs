//! The link chart of a case: people, counts and evidence in three columns, and what ties them. Geometry only; the template
//! writes it down, and the tables of the page say the same in words.

use crate::case_view::CaseView;
use crate::finding_chart::short;

/// Rows that a column shows at most.
const ROWS: usize = 24;
/// Height of a row.
const ROW: f64 = 34.0;
/// Where the columns begin; each is [`BOX`] wide.
const COLUMNS: [f64; 3] = [4.0, 244.0, 484.0];
/// Width of a box.
pub(crate) const BOX: f64 = 152.0;

/// A box with a name.
#[derive(Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Whether it is a victim: drawn with rounded corners.
    pub(crate) victim: bool,
}

/// A line between two boxes.
#[derive(Debug, PartialEq)]
pub(crate) struct Tie {
    pub(crate) from: (f64, f64),
    pub(crate) to: (f64, f64),
    /// Whether it is testimony: drawn dashed.
    pub(crate) testimony: bool,
}

/// The drawing.
#[derive(Debug, PartialEq)]
pub(crate) struct Chart {
    pub(crate) nodes: Vec<Node>,
    pub(crate) ties: Vec<Tie>,
    pub(crate) height: f64,
    /// Boxes that found no room.
    pub(crate) left_out: usize,
}

/// What a column holds: each with its key, its name, and whether it is a victim.
struct Column(Vec<(String, String, bool)>);

impl Column {
    fn add(&mut self, key: String, name: String, victim: bool) {
        if self.0.iter().all(|(known, ..)| *known != key) {
            self.0.push((key, name, victim));
        }
    }

    /// The middle of a box, by its key.
    fn middle(&self, key: &str) -> Option<f64> {
        let row = self.0.iter().position(|(known, ..)| known == key).filter(|row| *row < ROWS)?;
        Some(ROW * row as f64 + 18.0)
    }
}

/// The chart of a case; none while it has no counts.
pub(crate) fn chart(case: &CaseView) -> Option<Chart> {
    let [mut people, mut counts, mut evidence] = [const { Column(Vec::new()) }; 3];
    for subject in &case.subjects {
        people.add(subject.name.clone(), subject.name.clone(), false);
    }
    for victim in &case.victims {
        people.add(format!("victim {}", victim.number), format!("Victim {}", victim.number), true);
    }
    for exhibit in &case.exhibits {
        evidence.add(
            format!("exhibit {}", exhibit.number),
            format!("{}: {}", exhibit.number, exhibit.description),
            false,
        );
    }
    let mut ties: Vec<(usize, String, String, bool)> = Vec::new();
    for count in &case.counts {
        let key = count.number.to_string();
        counts.add(key.clone(), format!("Count {}: {}", count.number, count.section), false);
        let victim = count.victim.map(|number| format!("victim {number}"));
        for person in count.against.iter().cloned().chain(victim) {
            ties.push((0, person, key.clone(), false));
        }
        let mut linked: Vec<(&str, bool)> = Vec::new();
        for shown in count.elements.iter().flat_map(|element| &element.shown) {
            match linked.iter_mut().find(|(known, _)| *known == shown.evidence) {
                Some((_, testimony)) => *testimony &= shown.testimony,
                None => linked.push((&shown.evidence, shown.testimony)),
            }
        }
        for (shown, testimony) in linked {
            evidence.add(shown.to_owned(), shown.to_owned(), false);
            ties.push((1, key.clone(), shown.to_owned(), testimony));
        }
    }
    if counts.0.is_empty() {
        return None;
    }
    let columns = [people, counts, evidence];
    let tie = |(column, from, to, testimony): (usize, String, String, bool)| {
        let from = (COLUMNS[column] + BOX, columns[column].middle(&from)?);
        let to = (COLUMNS[column + 1], columns[column + 1].middle(&to)?);
        Some(Tie { from, to, testimony })
    };
    let ties = ties.into_iter().filter_map(tie).collect();
    let (mut nodes, mut most, mut left_out) = (Vec::new(), 0, 0);
    for (column, x) in columns.iter().zip(COLUMNS) {
        for (row, (_, name, victim)) in column.0.iter().take(ROWS).enumerate() {
            nodes.push(Node { name: short(name, 22), x, y: ROW * row as f64 + 5.0, victim: *victim });
        }
        most = most.max(column.0.len().min(ROWS));
        left_out += column.0.len().saturating_sub(ROWS);
    }
    Some(Chart { nodes, ties, height: ROW * most as f64 + 8.0, left_out })
}
