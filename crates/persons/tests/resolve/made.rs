//! Made-up persons, and what is asked of their resolution.

use homeward_model::Verdict;
use homeward_persons::{Input, InputColumn, Judgement, Kind, Resolution, resolve};
use homeward_rules::Rules;

pub const COLUMNS: [(&str, Kind); 6] = [
    ("given_name", Kind::Given),
    ("family_name", Kind::Family),
    ("date_of_birth", Kind::Date),
    ("address_1", Kind::Text),
    ("city", Kind::Text),
    ("phone", Kind::Phone),
];

pub const GIVEN: [&str; 24] = [
    "anna", "robert", "maria", "william", "john", "laura", "peter", "susan", "david", "helen", "james",
    "emma", "oscar", "nadia", "felix", "irene", "hugo", "clara", "simon", "vera", "martin", "judith",
    "arthur", "sonia",
];
pub const FAMILY: [&str; 24] = [
    "okafor",
    "lindqvist",
    "moreau",
    "takahashi",
    "novak",
    "fernandez",
    "oneil",
    "petrov",
    "haddad",
    "schmidt",
    "rossi",
    "kowalski",
    "andersen",
    "dubois",
    "yilmaz",
    "costa",
    "murphy",
    "jansen",
    "horvat",
    "silva",
    "weber",
    "larsen",
    "papadakis",
    "nguyen",
];
pub const CITY: [&str; 12] = [
    "springfield",
    "riverton",
    "lakeside",
    "fairview",
    "westbrook",
    "oakdale",
    "milton",
    "ashford",
    "kingsley",
    "norwood",
    "haverhill",
    "easton",
];

pub type Row = Vec<String>;

/// A number that looks drawn, the same for the same number and salt (of 16).
pub fn mixed(number: usize, salt: usize) -> usize {
    let mut bits = (number * 16 + salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (bits ^ (bits >> 31)) >> 8
}

/// A person by number: the names repeat, the whole does not.
pub fn person(number: usize) -> Row {
    let mix = |salt: usize| mixed(number, salt);
    let address = format!("{} {} street", 1 + mix(5) % 97, FAMILY[mix(6) % 24]);
    let born = format!("{}-{:02}-{:02}", 1950 + mix(2) % 60, 1 + mix(3) % 12, 1 + mix(4) % 28);
    let phone = format!("55501{:05}", (number * 7919) % 100_000);
    let name = |list: &[&str], salt| list[mix(salt) % list.len()].to_owned();
    vec![name(&GIVEN, 0), name(&FAMILY, 1), born, address, name(&CITY, 7), phone]
}

/// Persons 0 to `count`; every fifth has a second record with a slip of the pen and another telephone.
pub fn records(count: usize) -> Vec<(String, Row)> {
    let mut rows = Vec::new();
    for number in 0..count {
        let row = person(number);
        rows.push((format!("p{number}-a"), row.clone()));
        if number % 5 == 0 {
            let mut again = row;
            let slip = again[1].chars().skip(1).collect();
            again[1] = slip;
            again[5] = String::new();
            rows.push((format!("p{number}-b"), again));
        }
    }
    rows
}

/// One to six records of a person, of which a third of the cells are empty or of somebody else.
pub fn worn(number: usize) -> Vec<(String, Row)> {
    let mut bits = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut draw = |below: u64| {
        bits = (bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9).wrapping_add(1);
        (bits >> 33) % below
    };
    let record = |nth: u64, draw: &mut dyn FnMut(u64) -> u64| {
        let (mut row, other) = (person(number), person(draw(1_000_000) as usize));
        for (cell, other) in row.iter_mut().zip(other) {
            match draw(6) {
                0 => cell.clear(),
                1 => *cell = other,
                _ => {}
            }
        }
        (format!("p{number}-{nth}"), row)
    };
    let many = 1 + draw(6);
    (0..many).map(|nth| record(nth, &mut draw)).collect()
}

pub fn input(rows: &[(String, Row)]) -> Input {
    input_of(&COLUMNS, rows)
}

pub fn input_of(columns: &[(&str, Kind)], rows: &[(String, Row)]) -> Input {
    let columns = columns.iter().map(|(name, kind)| InputColumn::new(name, *kind)).collect();
    let mut input = Input { ids: Vec::new(), columns };
    for (id, row) in rows {
        input.ids.push(id.clone());
        input.columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }
    input
}

pub fn resolved(rows: &[(String, Row)], judgements: &[Judgement]) -> Resolution {
    resolved_input(input(rows), judgements)
}

pub fn resolved_input(input: Input, judgements: &[Judgement]) -> Resolution {
    resolve(input, judgements, 0.01, &Rules::embedded().persons, &mut |_| {}).unwrap()
}

pub fn judged(a: &str, b: &str, verdict: Verdict) -> Judgement {
    Judgement { id_a: a.to_owned(), id_b: b.to_owned(), verdict }
}

pub fn same_person(found: &Resolution, a: &str, b: &str) -> bool {
    let person = |id: &str| found.person[found.table.find(id).unwrap() as usize];
    person(a) == person(b)
}

pub fn probability(found: &Resolution, a: &str, b: &str) -> f32 {
    let (x, y) = (found.table.find(a).unwrap(), found.table.find(b).unwrap());
    let pair = found.pairs.iter().find(|pair| (pair.a, pair.b) == (x.min(y), x.max(y)));
    pair.map_or(0.0, |pair| pair.probability)
}

/// What is written of a resolution.
pub fn written(found: &Resolution) -> Vec<(String, String, u32)> {
    let id = |record: u32| found.table.ids[record as usize].clone();
    found.pairs.iter().map(|pair| (id(pair.a), id(pair.b), pair.probability.to_bits())).collect()
}
