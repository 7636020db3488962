//! Figures for the public: small ones are hidden, so that nobody is told of one child in one place.
//!
//! What is hidden: every figure from 1 up to a limit, and the total of a column by which what is hidden in it could be told,
//! or a group of lines that is too small itself. What is not: the difference between two tables, and between two moments, and
//! what somebody concludes from a total's being hidden. Whoever publishes holds a table against those before it.

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
    let lines: BTreeMap<String, Vec<Cell>> =
        figures.lines.iter().map(|(key, line)| (key.clone(), cells(line, limit))).collect();
    let hidden = |column: usize| {
        let lines = figures.lines.values().zip(lines.values());
        lines.filter(move |(_, cells)| cells[column].is_none()).map(|(line, _)| line)
    };
    let mut total = cells(&figures.total, limit);
    for (column, kind) in ResultKind::ALL.iter().enumerate() {
        if !keeps(hidden(column).map(|line| line.of(*kind).counted), limit) {
            total[column] = None;
        }
    }
    let sum = ResultKind::ALL.len();
    if tells_identified_only(hidden(sum), hidden(place(ResultKind::ChildIdentified)), limit)
        || [ResultKind::ChildRecovered, ResultKind::ChildIdentified]
            .iter()
            .any(|kind| total[place(*kind)].is_none())
    {
        total[sum] = None;
    }
    Published { lines, total }
}

/// The column of a kind.
fn place(kind: ResultKind) -> usize {
    ResultKind::ALL.iter().position(|known| *known == kind).unwrap_or(ResultKind::ALL.len())
}

/// Whether the total of children identified or recovered tells too much. With that of the recovered it tells how many are
/// identified only on the lines where that is hidden; where other lines hide how many are identified, the one bounds the other.
fn tells_identified_only<'a>(
    sums: impl Iterator<Item = &'a Line> + Clone,
    identified: impl Iterator<Item = &'a Line>,
    limit: u64,
) -> bool {
    let small = |line: &&Line| (1..=limit).contains(&line.identified_only);
    let only = sums.clone().filter(small).map(|line| line.identified_only);
    let (some, alone) = (only.clone().count() > 0, sums.clone().count() == 1);
    let others = !sums.filter(small).eq(identified);
    alone || (some && others) || !keeps(only, limit)
}

/// Whether the total of a column may stand though these figures of it are hidden. Their sum can be told from it: it is not to
/// be a small figure, nor one that leaves a single choice for each of them.
fn keeps(hidden: impl Iterator<Item = u64>, limit: u64) -> bool {
    let (mut count, mut sum) = (0, 0);
    for figure in hidden {
        (count, sum) = (count + 1, sum + figure);
    }
    count == 0 || (sum > limit && sum > count && sum < count * limit)
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
        check(&[("NC", 3), ("SC", 9), ("TX", 20)], &[None, None, Some(20)], Some(32));
        // Seven in two states are themselves too few.
        check(&[("NC", 3), ("SC", 4), ("TX", 20)], &[None, None, Some(20)], None);
        // Twenty in two states are ten in each, and twelve in twelve are one in each.
        check(&[("NC", 10), ("SC", 10), ("TX", 20)], &[None, None, Some(20)], None);
        let ones: Vec<(&str, u64)> = ["AL", "AK", "AZ", "CA", "CO", "FL", "GA", "IA", "ID", "IL", "IN", "KS"]
            .map(|state| (state, 1))
            .into();
        check(&ones, &[None; 12], None);
        check(&[("NC", 10)], &[None], None);
        check(&[("NC", 0), ("TX", 20)], &[Some(20)], Some(20));
    }

    /// Children recovered, children identified, and those of them who are not recovered.
    type Children = [u64; 3];

    fn table(lines: &[Children]) -> Figures {
        let mut figures = Figures::default();
        for (number, [recovered, identified, only]) in lines.iter().enumerate() {
            for line in
                [figures.line(&number.to_string()).clone(), figures.total.clone()].into_iter().enumerate()
            {
                let (at, mut line) = line;
                line.tally(ResultKind::ChildRecovered).counted += recovered;
                line.tally(ResultKind::ChildIdentified).counted += identified;
                line.identified_only += only;
                *(if at == 0 { figures.line(&number.to_string()) } else { &mut figures.total }) = line;
            }
        }
        figures
    }

    /// The total cells of a table as they are before anything is hidden.
    fn totals(lines: &[Children; 3]) -> Vec<u64> {
        let total = table(lines).total;
        let kinds = ResultKind::ALL.iter().map(|kind| total.of(*kind).counted);
        kinds.chain([total.identified_or_recovered()]).collect()
    }

    /// Whoever reads a table goes through all tables of which the same lines would be shown and that add up to the totals
    /// shown: no hidden figure is the same in all of them.
    #[test]
    fn no_hidden_figure_can_be_told() {
        const LIMIT: u64 = 2;
        let figures = || 0..4u64;
        let all: Vec<Children> = figures()
            .flat_map(|recovered| figures().map(move |identified| (recovered, identified)))
            .flat_map(|(recovered, identified)| {
                (0..=identified).map(move |only| [recovered, identified, only])
            })
            .collect();
        let mut alike: BTreeMap<Vec<Vec<Cell>>, Vec<[Children; 3]>> = BTreeMap::new();
        for (a, b, c) in all
            .iter()
            .flat_map(|a| all.iter().map(move |b| (a, b)))
            .flat_map(|(a, b)| all.iter().map(move |c| (a, b, c)))
        {
            let lines = table(&[*a, *b, *c]).lines;
            alike
                .entry(lines.values().map(|line| cells(line, LIMIT)).collect())
                .or_default()
                .push([*a, *b, *c]);
        }
        for tables in alike.values() {
            let mut fitting: BTreeMap<Vec<Cell>, Vec<[Children; 3]>> = BTreeMap::new();
            for lines in tables {
                let shown = publish(&table(lines), LIMIT).total;
                if fitting.contains_key(&shown) {
                    continue;
                }
                let fits = |lines: &&[Children; 3]| {
                    totals(lines)
                        .iter()
                        .zip(&shown)
                        .all(|(total, shown)| shown.is_none_or(|shown| shown == *total))
                };
                let fits = tables.iter().filter(fits).copied().collect();
                fitting.insert(shown, fits);
            }
            for tables in fitting.values() {
                for (line, children) in tables[0].iter().enumerate() {
                    let small = |(_, figure): &(usize, &u64)| (1..=LIMIT).contains(*figure);
                    for (at, figure) in children.iter().enumerate().filter(small) {
                        let same = tables.iter().all(|table| table[line][at] == *figure);
                        assert!(!same, "{at} of line {line} is {figure} in {tables:?}");
                    }
                }
            }
        }
    }
}
