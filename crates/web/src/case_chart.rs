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
        counts.add(
            key.clone(),
            format!("Count {}: {}", count.number, count.section.trim_start_matches("18 U.S.C. ")),
            false,
        );
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case_view::{CaseHead, CountView, ElementView, ShownView};

    fn count(number: u32, shown: &[(&str, bool)]) -> CountView {
        let shown = shown.iter().map(|(evidence, testimony)| ShownView {
            link: 1,
            evidence: (*evidence).to_owned(),
            way: None,
            testimony: *testimony,
        });
        let element = ElementView {
            id: "act".into(),
            text: "Did the act".into(),
            cite: "18 U.S.C. 1591".into(),
            role: "element",
            hint: None,
            ways: Vec::new(),
            shown: shown.collect(),
            gap: false,
            without_testimony: true,
        };
        CountView {
            number,
            section: "18 U.S.C. 1591(a)(1)".into(),
            name: String::new(),
            law: String::new(),
            confirm: false,
            penalty: String::new(),
            verb: None,
            days: String::new(),
            victim: None,
            ages: None,
            against: vec!["J. Sample".into()],
            elements: vec![element],
            prompts: Vec::new(),
        }
    }

    fn case(counts: Vec<CountView>) -> CaseView {
        let subject = crate::case_view::SubjectView {
            person: String::new(),
            name: "J. Sample".into(),
            age: "41".into(),
        };
        CaseView {
            head: CaseHead {
                id: String::new(),
                state: "active",
                crime: String::new(),
                owner: String::new(),
                opened_by: String::new(),
                opened_at: String::new(),
                team: Vec::new(),
                subjects: 1,
                counts: counts.len(),
                exhibits: 0,
                gaps: 0,
                open_tasks: 0,
                own_tasks: Vec::new(),
            },
            version: 1,
            matter: "commercial sex",
            lead: None,
            facts: String::new(),
            accepted: None,
            certified: None,
            subjects: vec![subject],
            victims: Vec::new(),
            counts,
            dropped: Vec::new(),
            exhibits: Vec::new(),
            charges: Vec::new(),
            tasks: Vec::new(),
            notes: Vec::new(),
            timeline: Vec::new(),
        }
    }

    #[test]
    fn a_case_without_counts_has_no_chart() {
        assert_eq!(chart(&case(Vec::new())), None);
    }

    #[test]
    fn evidence_is_dashed_when_all_of_it_is_testimony() {
        let check = |shown: &[(&str, bool)], ties: &[bool]| {
            let drawn = chart(&case(vec![count(1, shown)])).unwrap();
            let found: Vec<bool> = drawn.ties.iter().map(|tie| tie.testimony).collect();
            assert_eq!(found, ties);
        };
        check(&[("note 1", true)], &[false, true]);
        check(&[("note 1", true), ("note 1", false)], &[false, false]);
        check(&[("note 1", true), ("exhibit 1", false)], &[false, true, false]);
    }

    #[test]
    fn what_finds_no_room_is_said() {
        let drawn =
            chart(&case((1..=30).map(|number| count(number, &[("note 1", false)])).collect())).unwrap();
        assert_eq!(drawn.left_out, 6);
        assert!(drawn.nodes.iter().all(|node| node.y < drawn.height && node.x + BOX <= 640.0));
        // The subject and the note are tied to the counts that are drawn.
        assert_eq!(drawn.ties.len(), 2 * ROWS);
    }
}
