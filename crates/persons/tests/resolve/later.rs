//! Records that come after a resolution: where they belong, that it is what a full run says, that reading back changes nothing,
//! and that judgements hold.

use crate::made::*;
use homeward_model::Verdict;
use homeward_persons::{Answer, Found, Judgement, Ready, State, StateError, TableError};
use homeward_rules::Rules;

fn kept(rows: &[(String, Row)], judgements: &[Judgement]) -> State {
    State::of(&resolved(rows, judgements), judgements, &Rules::embedded().persons)
}

fn ready(rows: &[(String, Row)]) -> Ready {
    Ready::new(kept(rows, &[])).unwrap()
}

fn take_in(ready: &mut Ready, rows: &[(String, Row)]) -> Vec<Answer> {
    let mut answers = Vec::new();
    ready.take_in(&input(rows), 0.01, &mut |_, answer| answers.push(answer)).unwrap();
    answers
}

fn row(id: &str, row: Row) -> (String, Row) {
    (id.to_owned(), row)
}

/// The ids that stand with this one.
fn company<'a>(ready: &'a Ready, id: &str) -> Vec<&'a str> {
    let record = ready.table().find(id).unwrap();
    let others = ready.members(ready.person(record)).iter().filter(|other| **other != record);
    others.map(|other| ready.table().ids[*other as usize].as_str()).collect()
}

#[test]
fn a_known_person_is_found_and_a_new_one_is_new() {
    let mut ready = ready(&records(400));
    let mut slip = person(7);
    slip[0].remove(0);
    slip[5].clear();
    let nobody = vec![String::new(); 6];
    let later = [row("q1", slip), row("q2", person(9000)), row("q3", nobody), row("q4", person(9000))];
    let answers = take_in(&mut ready, &later);
    let said: Vec<Found> = answers.iter().map(|answer| answer.found).collect();
    assert_eq!(said, [Found::Person, Found::New, Found::New, Found::Person]);
    assert_eq!(company(&ready, "q1"), ["p7-a"]);
    assert_eq!(company(&ready, "q4"), ["q2"], "a later record is found by those after it");
    let pair = answers[0].pairs[0];
    assert_eq!((pair.a, pair.b), (ready.table().find("p7-a").unwrap(), answers[0].record));
    assert!(pair.probability > 0.95 && answers[0].probability > 0.95);
}

#[test]
fn who_could_be_two_people_is_undecided() {
    let mut rows = records(400);
    let (mut one, mut two) = (person(50_001), person(50_002));
    for (at, cell) in [(0, "ottilie"), (1, "zimmerova")] {
        cell.clone_into(&mut one[at]);
        cell.clone_into(&mut two[at]);
    }
    rows.extend([row("one", one.clone()), row("two", two)]);
    let mut ready = ready(&rows);
    let name =
        vec![one[0].clone(), one[1].clone(), String::new(), String::new(), String::new(), String::new()];
    let answers = take_in(&mut ready, &[row("q", name)]);
    assert_eq!(answers[0].found, Found::Undecided);
    let likely: Vec<f32> = answers[0].pairs.iter().map(|pair| pair.probability).collect();
    assert!(
        likely.len() == 2 && likely.iter().all(|probability| (0.1..0.6).contains(probability)),
        "{likely:?}"
    );
}

/// Of two hundred later records every one stands with whom it stands in a full run.
#[test]
fn answers_are_those_of_a_full_run() {
    let rows = records(1000);
    let is_late = |id: &str| id.ends_with("-b") || id.ends_with("3-a");
    let (late, early): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|(id, _)| is_late(id));
    let mut ready = ready(&early);
    take_in(&mut ready, &late);
    let whole = resolved(&rows, &[]);
    for (id, _) in &late {
        let person = whole.person[whole.table.find(id).unwrap() as usize];
        let own = whole.table.ids.iter().zip(&whole.person);
        let expected: Vec<&str> = own
            .filter(|(other, own)| **own == person && *other != id)
            .map(|(other, _)| other.as_str())
            .collect();
        assert_eq!(company(&ready, id), expected, "{id}");
    }
}

#[test]
fn what_was_read_back_answers_with_the_same_bits() {
    let mut state = kept(&records(300), &[judged("p1-a", "later-5", Verdict::Same)]);
    let mut here = Ready::new(state.clone()).unwrap();
    // What comes in three parts is written and read between them.
    for part in 0..3 {
        let rows: Vec<_> =
            (0..40).map(|nth| row(&format!("later-{}", part + 3 * nth), person(part + 8 * nth))).collect();
        let text = serde_json::to_string(&state).unwrap();
        let mut there = Ready::new(serde_json::from_str(&text).unwrap()).unwrap();
        let mut turned = rows.clone();
        turned.reverse();
        assert_eq!(take_in(&mut here, &rows), take_in(&mut there, &turned));
        state = there.state();
        assert_eq!(serde_json::to_string(&here.state()).unwrap(), serde_json::to_string(&state).unwrap());
    }
}

#[test]
fn judgements_hold_for_later_records() {
    let mut ready = ready(&records(300));
    let not = |a: &str, b: &str| judged(a, b, Verdict::NotSame);
    let same = |a: &str, b: &str| judged(a, b, Verdict::Same);
    ready.judge(&[not("q1", "p7-a"), same("q2", "p8-a"), same("q3", "p11-a"), same("q3", "p12-a")]);
    take_in(&mut ready, &[row("q1", person(7)), row("q2", person(9)), row("q3", person(13))]);
    assert_eq!(company(&ready, "q1"), [""; 0]);
    assert_eq!(company(&ready, "q2"), ["p8-a"], "against the evidence, and alone");
    assert_eq!(company(&ready, "q3"), ["p11-a", "p12-a"], "a chain joins known persons");
    // Judgements on known records hold from then on.
    ready.judge(&[not("p5-a", "p5-b"), same("p14-a", "p16-a")]);
    assert_eq!(company(&ready, "p5-a"), [""; 0]);
    assert_eq!(company(&ready, "p14-a"), ["p16-a"]);
    // Who is judged not the same leaves, when a third is judged the same.
    ready.judge(&[same("q4", "p10-a"), not("q4", "p10-b")]);
    take_in(&mut ready, &[row("q4", person(17))]);
    assert_eq!(company(&ready, "q4"), ["p10-a"]);
    assert_eq!(company(&ready, "p10-b"), [""; 0]);
}

#[test]
fn an_id_stands_once_and_columns_are_found_by_name() {
    let mut ready = ready(&records(300));
    let refuse = |ready: &mut Ready, ids: &[&str]| {
        let rows: Vec<_> = ids.iter().map(|id| row(id, person(7))).collect();
        let refused = ready.take_in(&input(&rows), 0.01, &mut |_, _| panic!("nothing is taken in"));
        assert_eq!(refused, Err(TableError::Twice(ids[ids.len() - 1].to_owned())));
    };
    refuse(&mut ready, &["q1", "p7-a"]);
    refuse(&mut ready, &["q1", "q1"]);
    let mut turned = input(&[row("q1", person(7))]);
    turned.columns.reverse();
    turned.columns.pop();
    ready.take_in(&turned, 0.01, &mut |_, answer| assert_eq!(answer.found, Found::Person)).unwrap();
    assert_eq!(company(&ready, "q1"), ["p7-a"]);
}

#[test]
fn a_damaged_state_is_refused() {
    let whole = serde_json::to_value(kept(&records(100), &[])).unwrap();
    let check = |pointer: &str, value: serde_json::Value, expected: StateError| {
        let mut damaged = whole.clone();
        *damaged.pointer_mut(pointer).unwrap() = value;
        let state = serde_json::from_value(damaged).unwrap();
        assert_eq!(Ready::new(state).err(), Some(expected), "{pointer}");
    };
    assert_eq!(Ready::new(kept(&[], &[])).err(), Some(StateError::Empty));
    check("/format", 99.into(), StateError::Format(99));
    check("/rows/0", 4_000_000.into(), StateError::Damaged("its rows"));
    check("/person/3", 4_000_000.into(), StateError::Damaged("its persons"));
    check("/columns/0/values", 77.into(), StateError::Damaged("its lists of values"));
    check("/ids", serde_json::json!([]), StateError::Damaged("its rows"));
    check("/learned/kin/0/own", serde_json::json!([]), StateError::Damaged("its weights"));
}
