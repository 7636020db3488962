//! Figures for the public: small ones are hidden, so that nobody is told of one child in one place.
//!
//! What is hidden: every figure from 1 up to a limit, and the total of a column in which only one line is hidden. What is
//! not: two hidden figures of one column whose sum the others give away, the difference between two tables, and between two
//! moments. Whoever publishes holds a table against those before it.

use crate::{Figures, Line, ResultKind};
use std::collections::BTreeMap;

/// A figure that may be shown, or none where it is hidden.
pub type Cell = Option<u64>;

/// A table as it may be published: a cell for each kind in the order of [`ResultKind::ALL`], then children identified or
/// recovered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The lines by their keys.
    pub lines: BTreeMap<String, Vec<Cell>>,
    /// All lines together.
    pub total: Vec<Cell>,
}

/// Hides what is too small to be published; `limit` is the largest figure that is hidden (a number from rules).
pub fn publish(figures: &Figures, limit: u64) -> Published {
    let shown = |line: &Line| cells(line, limit);
    let lines: BTreeMap<String, Vec<Cell>> =
        figures.lines.iter().map(|(key, line)| (key.clone(), shown(line))).collect();
    let mut total = shown(&figures.total);
    for (column, cell) in total.iter_mut().enumerate() {
        if lines.values().filter(|cells| cells[column].is_none()).count() == 1 {
            *cell = None;
        }
    }
    Published { lines, total }
}

fn cells(line: &Line, limit: u64) -> Vec<Cell> {
    let cell = |figure: u64| (figure == 0 || figure > limit).then_some(figure);
    let mut cells: Vec<Cell> = ResultKind::ALL.iter().map(|kind| cell(line.of(*kind).counted)).collect();
    // The sum of both: with one of its parts it would tell the other.
    let recovered = cell(line.of(ResultKind::ChildRecovered).counted);
    let parts = recovered.and(cell(line.identified_only));
    cells.push(parts.and(cell(line.identified_or_recovered())));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, stamp, stamp_of};
    use crate::{By, Count, Counted, CountedResult, DateWindow, Ledger, Place};

    /// A table with so many children recovered in each state.
    fn figures(states: &[(&str, u64)]) -> Figures {
        let mut results = Vec::new();
        for (state, children) in states {
            for _ in 0..*children {
                let number = results.len() as u128 + 1;
                let place = Place { state: Some((*state).to_owned()), ..Place::default() };
                let of = (ResultKind::ChildRecovered, Counted::Person(id(number)));
                let owner = (id(1), place);
                let claim = CountedResult::claim(id(number), of, None, stamp(1).at, owner, stamp(1));
                results.push(claim.unwrap().0.confirm(stamp_of(8, 2)).unwrap().0);
            }
        }
        let window = DateWindow::new(stamp(0).at, stamp(9).at).unwrap();
        let count = Count { window, as_of: stamp(9).at, initiative: None };
        Ledger::new(&results, &[], &count).figures(By::State)
    }

    fn check(states: &[(&str, u64)], expected: &[Cell], total: Cell) {
        let Published { lines, total: all } = publish(&figures(states), 10);
        let column = 2;
        assert_eq!(ResultKind::ALL[column], ResultKind::ChildRecovered);
        let cells: Vec<Cell> = lines.values().map(|cells| cells[column]).collect();
        assert_eq!((cells, all[column]), (expected.to_vec(), total), "{states:?}");
    }

    #[test]
    fn small_figures_and_totals_that_tell_them_are_hidden() {
        check(&[("NC", 11), ("SC", 12)], &[Some(11), Some(12)], Some(23));
        check(&[("NC", 3), ("SC", 12)], &[None, Some(12)], None);
        check(&[("NC", 3), ("SC", 4), ("TX", 20)], &[None, None, Some(20)], Some(27));
        check(&[("NC", 10)], &[None], None);
        check(&[("NC", 0), ("TX", 20)], &[Some(20)], Some(20));
    }
}
