//! Many households and few second records: who shares a home is not one person.

use crate::made::*;
use homeward_persons::Kind;
use homeward_persons::explain::Explainer;
use homeward_rules::Rules;

const COLUMNS: [(&str, Kind); 8] = [
    ("given_name", Kind::Given),
    ("family_name", Kind::Family),
    ("street_number", Kind::Number),
    ("street", Kind::Text),
    ("town", Kind::Text),
    ("postcode", Kind::Code),
    ("state", Kind::Category),
    ("date_of_birth", Kind::Date),
];

/// Numbers from here on are of homes that nobody lived in before.
const ELSEWHERE: usize = 5_000_000;

/// A home in one of 300 towns, each with its postcode, in five states.
fn home(number: usize) -> Row {
    let town = mixed(number, 7) % 300;
    let ending = ["ville", "ton", "ford", "bury", "heights", "park", "wood", "field"][town / 24 % 8];
    let street = ["street", "road", "lane", "avenue"][mixed(number, 8) % 4];
    let state = ["north", "south", "east", "west", "centre"][mixed(town, 9) % 5];
    vec![
        (1 + mixed(number, 5) % 300).to_string(),
        format!("{} {street}", FAMILY[mixed(number, 6) % 24]),
        format!("{}{ending}{}", FAMILY[town % 24], town / 192),
        (1000 + town * 37).to_string(),
        state.to_owned(),
    ]
}

/// A person who shares home and family name with the one before where the number is one more than a multiple of eight.
fn lodged(number: usize) -> Row {
    let house = if number % 8 == 1 { number - 1 } else { number };
    let own = person(number);
    let names = vec![own[0].clone(), person(house)[1].clone()];
    [names, home(house), vec![own[2].clone()]].concat()
}

/// The same person again: a slip in the family name and in one other cell, and of eight one has moved.
fn again(number: usize) -> Row {
    let mut row = lodged(number);
    if has_moved(number) {
        row.splice(2..7, home(number + ELSEWHERE));
    }
    row[1].remove(0);
    row[[0, 2, 3, 4, 5, 7][mixed(number, 12) % 6]].pop();
    row
}

fn has_moved(number: usize) -> bool {
    mixed(number, 11).is_multiple_of(8)
}

fn is_double(number: usize) -> bool {
    mixed(number, 10).is_multiple_of(20)
}

/// One in eight shares a home, one in twenty stands there twice.
fn records(from: usize, count: usize) -> Vec<(String, Row)> {
    let of = |number: usize| {
        let second = is_double(number).then(|| (format!("p{number}-b"), again(number)));
        std::iter::once((format!("p{number}-a"), lodged(number))).chain(second)
    };
    (from..from + count).flat_map(of).collect()
}

#[test]
fn no_two_members_of_a_household_are_one_person() {
    const COUNT: usize = 6000;
    for from in [0, 240_000, 400_000] {
        let found = resolved_input(input_of(&COLUMNS, &records(from, COUNT)), &[]);
        let person = |record: u32| found.table.ids[record as usize].split('-').next().unwrap();
        let joined = found.pairs.iter().filter(|pair| pair.probability >= 0.5);
        assert_eq!(joined.filter(|pair| person(pair.a) != person(pair.b)).count(), 0, "{from}");
        let doubles: Vec<usize> = (from..from + COUNT).filter(|number| is_double(*number)).collect();
        let again = doubles
            .iter()
            .filter(|number| same_person(&found, &format!("p{number}-a"), &format!("p{number}-b")));
        let again = again.count() as f64 / doubles.len() as f64;
        assert!(again > 0.95, "{from}: {again:.2} of those who stand there twice are found");
    }
}

/// Town, street, number, postcode and state that differ are one move, told as one.
#[test]
fn who_moved_house_is_found_and_told() {
    let found = resolved_input(input_of(&COLUMNS, &records(0, 6000)), &[]);
    let explainer = Explainer::new(&found, &Rules::embedded().persons);
    let moved: Vec<usize> = (0..6000).filter(|number| is_double(*number) && has_moved(*number)).collect();
    let ids = |number: &usize| (format!("p{number}-a"), format!("p{number}-b"));
    let again = moved.iter().map(ids).filter(|(a, b)| same_person(&found, a, b)).count();
    assert!(again * 10 > moved.len() * 9, "{again} of {} who moved are found", moved.len());
    let is_told = |number: &&usize| {
        let (a, b) = ids(number);
        let reasons = explainer.pair(found.table.find(&a).unwrap(), found.table.find(&b).unwrap()).reasons;
        reasons.iter().any(|reason| reason.field == "move" && reason.bits > 5.0)
    };
    let told = moved.iter().filter(is_told).count();
    assert!(told * 10 > moved.len() * 9, "{told} of {} moves are told", moved.len());
}
