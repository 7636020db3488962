//! Persons from records, whole: who is found, who is not, what people decided, and that no order matters.

use homeward_model::Verdict;
use homeward_persons::explain::Explainer;
use homeward_persons::{Contradiction, Input, InputColumn, Judgement, Kind, Resolution, resolve};
use homeward_rules::Rules;

const COLUMNS: [(&str, Kind); 6] = [
    ("given_name", Kind::Given),
    ("family_name", Kind::Family),
    ("date_of_birth", Kind::Date),
    ("address_1", Kind::Text),
    ("city", Kind::Text),
    ("phone", Kind::Phone),
];

const GIVEN: [&str; 24] = [
    "anna", "robert", "maria", "william", "john", "laura", "peter", "susan", "david", "helen", "james",
    "emma", "oscar", "nadia", "felix", "irene", "hugo", "clara", "simon", "vera", "martin", "judith",
    "arthur", "sonia",
];
const FAMILY: [&str; 24] = [
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
const CITY: [&str; 12] = [
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

type Row = Vec<String>;

/// A person by number: the names repeat, the whole does not.
fn person(number: usize) -> Row {
    let mix = |salt: usize| {
        let mut bits = (number * 16 + salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (bits ^ (bits >> 31)) >> 8
    };
    let address = format!("{} {} street", 1 + mix(5) % 97, FAMILY[mix(6) % 24]);
    let born = format!("{}-{:02}-{:02}", 1950 + mix(2) % 60, 1 + mix(3) % 12, 1 + mix(4) % 28);
    let phone = format!("55501{:05}", (number * 7919) % 100_000);
    let name = |list: &[&str], salt| list[mix(salt) % list.len()].to_owned();
    vec![name(&GIVEN, 0), name(&FAMILY, 1), born, address, name(&CITY, 7), phone]
}

/// Persons 0 to `count`; every fifth has a second record with a slip of the pen and another telephone.
fn records(count: usize) -> Vec<(String, Row)> {
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

fn input(rows: &[(String, Row)]) -> Input {
    let columns = COLUMNS.iter().map(|(name, kind)| InputColumn::new(name, *kind)).collect();
    let mut input = Input { ids: Vec::new(), columns };
    for (id, row) in rows {
        input.ids.push(id.clone());
        input.columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }
    input
}

fn resolved(rows: &[(String, Row)], judgements: &[Judgement]) -> Resolution {
    resolve(input(rows), judgements, 0.01, &Rules::embedded().persons, &mut |_| {}).unwrap()
}

fn judged(a: &str, b: &str, verdict: Verdict) -> Judgement {
    Judgement { id_a: a.to_owned(), id_b: b.to_owned(), verdict }
}

fn same_person(found: &Resolution, a: &str, b: &str) -> bool {
    let person = |id: &str| found.person[found.table.find(id).unwrap() as usize];
    person(a) == person(b)
}

fn probability(found: &Resolution, a: &str, b: &str) -> f32 {
    let (x, y) = (found.table.find(a).unwrap(), found.table.find(b).unwrap());
    let pair = found.pairs.iter().find(|pair| (pair.a, pair.b) == (x.min(y), x.max(y)));
    pair.map_or(0.0, |pair| pair.probability)
}

/// What is written of a resolution.
fn written(found: &Resolution) -> Vec<(String, String, u32)> {
    let id = |record: u32| found.table.ids[record as usize].clone();
    found.pairs.iter().map(|pair| (id(pair.a), id(pair.b), pair.probability.to_bits())).collect()
}

#[test]
fn second_records_are_found_and_nobody_else() {
    let found = resolved(&records(600), &[]);
    let sure: Vec<_> = found.pairs.iter().filter(|pair| pair.probability >= 0.95).collect();
    for number in (0..600).step_by(5) {
        assert!(same_person(&found, &format!("p{number}-a"), &format!("p{number}-b")), "{number}");
    }
    assert_eq!(sure.len(), 120);
    assert_eq!(found.person.iter().max(), Some(&599));
}

#[test]
fn nobody_is_found_where_nobody_stands_twice() {
    let rows: Vec<(String, Row)> = (0..600).map(|number| (format!("p{number}"), person(number))).collect();
    let found = resolved(&rows, &[]);
    assert_eq!(found.pairs.iter().filter(|pair| pair.probability >= 0.5).count(), 0);
}

#[test]
fn no_order_and_no_number_of_threads_changes_a_bit() {
    let mut rows = records(400);
    let first = written(&resolved(&rows, &[]));
    assert!(!first.is_empty());
    rows.reverse();
    rows.rotate_left(123);
    assert_eq!(written(&resolved(&rows, &[])), first);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one.install(|| written(&resolved(&rows, &[]))), first);
    let three = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(three.install(|| written(&resolved(&rows, &[]))), first);
}

#[test]
fn what_people_decided_holds_and_can_be_taken_back() {
    let rows = records(400);
    let apart = judged("p5-b", "p5-a", Verdict::NotSame);
    let same = judged("p1-a", "p2-a", Verdict::Same);
    let found = resolved(&rows, &[apart.clone(), same.clone()]);
    assert!(!same_person(&found, "p5-a", "p5-b") && probability(&found, "p5-a", "p5-b") == 0.0);
    assert!(same_person(&found, "p1-a", "p2-a") && probability(&found, "p1-a", "p2-a") == 1.0);
    let alarm = |contradiction: &Contradiction| matches!(contradiction, Contradiction::Evidence { parted, .. } if parted.0 == "p5-a");
    assert!(found.contradictions.iter().any(alarm), "{:?}", found.contradictions);
    let back =
        [apart, same, judged("p5-a", "p5-b", Verdict::Unsure), judged("p1-a", "p2-a", Verdict::Unsure)];
    assert_eq!(written(&resolved(&rows, &back)), written(&resolved(&rows, &[])));
}

/// Not the same survives new records of either person, a merge that would bring them together, and a rebuild.
#[test]
fn not_the_same_survives_what_comes_after() {
    let mut rows = records(400);
    let apart = judged("p10-a", "p10-b", Verdict::NotSame);
    for nth in 0..3 {
        rows.push((format!("p10-later{nth}"), person(10)));
        let found = resolved(&rows, std::slice::from_ref(&apart));
        assert!(!same_person(&found, "p10-a", "p10-b"), "{nth}");
        assert_eq!(probability(&found, "p10-a", "p10-b"), 0.0);
    }
    let join =
        [apart, judged("p10-a", "p10-later0", Verdict::Same), judged("p10-later0", "p10-b", Verdict::Same)];
    let found = resolved(&rows, &join);
    assert!(!same_person(&found, "p10-a", "p10-b"));
    assert!(
        found.contradictions.iter().any(|contradiction| matches!(contradiction, Contradiction::Chain { .. }))
    );
}

#[test]
fn a_household_is_not_one_person() {
    let mut rows = records(500);
    for number in (0..500).step_by(4) {
        let mut other = person(number);
        let sibling = person(number + 1001);
        other[0] = GIVEN[(GIVEN.iter().position(|name| *name == other[0]).unwrap() + 1 + number % 7) % 24]
            .to_owned();
        other[2] = sibling[2].clone();
        rows.push((format!("p{number}-sibling"), other));
    }
    let found = resolved(&rows, &[]);
    let wrong = (0..500)
        .step_by(4)
        .filter(|number| same_person(&found, &format!("p{number}-a"), &format!("p{number}-sibling")));
    assert_eq!(wrong.count(), 0);
    let right = (0..500)
        .step_by(5)
        .filter(|number| same_person(&found, &format!("p{number}-a"), &format!("p{number}-b")));
    assert!(right.count() >= 98);
}

#[test]
fn names_in_any_script_are_names() {
    let mut rows = records(400);
    let mut put = |id: &str, given: &str, family: &str, born: &str, phone: &str| {
        let row = [given, family, born, "", "", phone].map(str::to_owned).to_vec();
        rows.push((id.to_owned(), row));
    };
    put("cyrillic", "Наталья", "Ковалёва", "1991-02-03", "5550155501");
    put("latin", "Natalya", "Kovaleva", "1991-02-03", "5550155501");
    put("chinese", "小明", "王", "1988-10-11", "5550155502");
    put("again", "小明", "王", "1988-10-11", "5550155502");
    put("other", "伟", "李", "1971-04-05", "5550155503");
    let found = resolved(&rows, &[]);
    assert!(same_person(&found, "cyrillic", "latin"));
    assert!(same_person(&found, "chinese", "again"));
    assert!(!same_person(&found, "chinese", "other"));
}

#[test]
fn reasons_add_up() {
    let found = resolved(&records(400), &[]);
    let explainer = Explainer::new(&found, &Rules::embedded().persons);
    let record = |id: &str| found.table.find(id).unwrap();
    let reasons = explainer.pair(record("p5-a"), record("p5-b"));
    assert!(reasons.probability() > 0.95, "{reasons:?}");
    let name = reasons.reasons.iter().find(|reason| reason.field == "family_name").unwrap();
    assert_eq!(name.left.chars().skip(1).collect::<String>(), name.right);
    assert!(reasons.prior_bits < -5.0 && name.bits > 0.0);
    let proofs = explainer.person(&[record("p5-a"), record("p5-b")]);
    let city = proofs.iter().find(|proof| proof.field == "city").unwrap();
    assert_eq!((city.of, city.by, &city.value), (record("p5-a"), record("p5-b"), &city.value_there));
}

#[test]
fn very_few_records_are_no_trouble() {
    assert_eq!(resolved(&[], &[]).pairs, []);
    assert_eq!(resolved(&records(1)[..1], &[]).person, [0]);
    assert_eq!(resolved(&records(2), &[]).table.len(), 3);
}
