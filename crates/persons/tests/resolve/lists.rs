//! Cells that list several values: aliases, telephones.

use crate::made::*;
use homeward_persons::explain::Explainer;
use homeward_rules::Rules;

/// Persons of whom every fifth has a second record that shares one alias and one telephone of several.
fn rows() -> Vec<(String, Row)> {
    let mut rows = records(500);
    for number in (0..500).step_by(5) {
        let [first, second] = [0, 1].map(|nth| rows_of(&rows, number, nth));
        rows[first].1[0] = format!("{}; {}", rows[first].1[0], GIVEN[(number + 3) % 24]);
        rows[first].1[5] = format!("{}|5550199{number:03}", rows[first].1[5]);
        GIVEN[(number + 3) % 24].clone_into(&mut rows[second].1[0]);
        rows[second].1[5] = format!("5550199{number:03}");
    }
    rows
}

fn rows_of(rows: &[(String, Row)], number: usize, nth: usize) -> usize {
    let id = format!("p{number}-{}", ["a", "b"][nth]);
    rows.iter().position(|(own, _)| *own == id).unwrap()
}

#[test]
fn the_best_of_several_values_counts() {
    let found = resolved(&rows(), &[]);
    for number in (0..500).step_by(5) {
        assert!(same_person(&found, &format!("p{number}-a"), &format!("p{number}-b")), "{number}");
    }
    let explainer = Explainer::new(&found, &Rules::embedded().persons);
    let (a, b) = (found.table.find("p10-a").unwrap(), found.table.find("p10-b").unwrap());
    let reasons = explainer.pair(a, b).reasons;
    let phone = reasons.iter().find(|reason| reason.field == "phone").unwrap();
    assert_eq!((phone.left.as_str(), phone.right.as_str()), ("5550199010", "5550199010"));
}

#[test]
fn many_values_do_not_win_by_their_number() {
    let bits = |many: usize| {
        let mut rows = rows();
        let mut hoarder = person(7001);
        hoarder[5] =
            (0..many).map(|nth| format!("55501{:05}", (nth * 7919) % 100_000)).collect::<Vec<_>>().join("; ");
        rows.push(("hoarder".to_owned(), hoarder));
        let found = resolved(&rows, &[]);
        let with = |id: &str| same_person(&found, "hoarder", id);
        assert!(!(0..many).any(|nth| with(&format!("p{nth}-a"))), "{many} telephones");
        let explainer = Explainer::new(&found, &Rules::embedded().persons);
        let reasons = explainer.pair(found.table.find("hoarder").unwrap(), found.table.find("p1-a").unwrap());
        reasons.reasons.iter().find(|reason| reason.field == "phone").unwrap().bits
    };
    let [few, many] = [bits(2), bits(32)];
    assert!(
        (few - many - 4.0).abs() < 0.5,
        "one of 32 instead of 2 is worth four bits less: {few:.1}, {many:.1}"
    );
}

#[test]
fn the_order_of_a_list_says_nothing() {
    let mut rows = rows();
    let first = written(&resolved(&rows, &[]));
    for (_, row) in &mut rows {
        for cell in row.iter_mut().filter(|cell| cell.contains("; ")) {
            *cell = cell.rsplit("; ").collect::<Vec<_>>().join(" ;");
        }
    }
    assert_eq!(written(&resolved(&rows, &[])), first);
}
