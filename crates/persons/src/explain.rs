//! Why two records are of one person, and which member of a person proves which field.

use crate::compare::Comparer;
use crate::groups::Judge;
use crate::likeness;
use crate::resolve::Resolution;
use crate::table::Part;
use crate::weights::Weights;
use homeward_rules::persons::Persons;

/// One reason for or against.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The column, or what else speaks: `names crossed`, `kin`.
    pub field: String,
    /// The value of the first record as it was compared.
    pub left: String,
    /// The value of the second.
    pub right: String,
    /// How alike they are, in words.
    pub likeness: &'static str,
    /// Bits of log odds; below zero it speaks against.
    pub bits: f64,
}

/// The reasons on a pair: log odds before them, then each; their sum is the log odds of the pair by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Reasons {
    /// Bits before any reason: how rarely two records are of one person.
    pub prior_bits: f64,
    /// The reasons, as the columns stand.
    pub reasons: Vec<Reason>,
}

impl Reasons {
    /// The probability by this pair alone, without the other records of either person.
    pub fn probability(&self) -> f64 {
        let bits: f64 = self.prior_bits + self.reasons.iter().map(|reason| reason.bits).sum::<f64>();
        1.0 / (1.0 + (-bits).exp2())
    }
}

/// What one member says of another's value.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The column.
    pub field: String,
    /// The member whose value is proved.
    pub of: u32,
    /// Its value.
    pub value: String,
    /// The member who proves it best.
    pub by: u32,
    /// That member's value.
    pub value_there: String,
    /// Bits; below zero when no member agrees.
    pub bits: f64,
}

/// Explains pairs and persons.
pub struct Explainer<'a> {
    comparer: Comparer<'a>,
    weights: &'a Weights,
}

impl<'a> Explainer<'a> {
    /// Explains with the weights that were learned.
    pub fn new(resolution: &'a Resolution, rules: &'a Persons) -> Explainer<'a> {
        Explainer::of(Comparer::new(&resolution.table, &rules.likeness), &resolution.weights)
    }

    pub(crate) fn of(comparer: Comparer<'a>, weights: &'a Weights) -> Explainer<'a> {
        Explainer { comparer, weights }
    }

    /// The reasons on two records by themselves.
    pub fn pair(&self, a: u32, b: u32) -> Reasons {
        reasons(&self.comparer, self.weights, a, b)
    }

    /// What proves each value of each of these records, which are one person.
    pub fn person(&self, members: &[u32]) -> Vec<Proof> {
        members.iter().flat_map(|record| self.record(*record, members)).collect()
    }

    /// What proves each value of one of these records, which are one person.
    pub fn record(&self, record: u32, members: &[u32]) -> Vec<Proof> {
        let table = self.comparer.table;
        let judge = Judge::new(&self.comparer, self.weights, 1);
        let proof = |(column, weight, by): (usize, f64, u32)| {
            let (_, value, there) =
                self.comparer.best(column, table.value(record, column), table.value(by, column));
            Proof {
                field: name(table.columns[column].name.as_str(), table.columns[column].part),
                of: record,
                value: table.text(column, value).to_owned(),
                by,
                value_there: table.text(column, there).to_owned(),
                bits: weight / std::f64::consts::LN_2,
            }
        };
        judge.proofs(record, members).into_iter().map(proof).collect()
    }
}

fn reasons(comparer: &Comparer, weights: &Weights, a: u32, b: u32) -> Reasons {
    let table = comparer.table;
    let levels = comparer.levels(a, b);
    let by_column = weights.by_column(comparer, &levels, a, b);
    let bits = |nats: f64| nats / std::f64::consts::LN_2;
    let mut reasons: Vec<Reason> = (0..table.width())
        .filter(|column| levels[*column] != likeness::MISSING)
        .map(|column| {
            let (x, y) = comparer.values(&levels, column, a, b);
            let part = table.columns[column].part;
            Reason {
                field: name(&table.columns[column].name, part),
                left: table.text(column, x).to_owned(),
                right: table.text(column, y).to_owned(),
                likeness: likeness::word(part, levels[column]),
                bits: bits(by_column[column]),
            }
        })
        .collect();
    let mut other = |field: &str, likeness, nats: f64| {
        if nats.abs() > 1e-6 {
            let (left, right) = (String::new(), String::new());
            reasons.push(Reason { field: field.to_owned(), left, right, likeness, bits: bits(nats) });
        }
    };
    let swapped = levels[table.width()];
    let word = if swapped == 1 {
        "given and family name change places"
    } else {
        "given and family name in their places"
    };
    other("names", word, weights.crossing(swapped));
    let evidence = weights.evidence(comparer, &levels, a, b);
    let place =
        (0..table.width()).filter(|column| weights.moves.has(*column)).map(|column| by_column[column]);
    let (moving, _) = weights.moves.weigh(place.sum());
    let word =
        if evidence.moved > 0.5 { "who moves house changes these together" } else { "nobody moved house" };
    other("move", word, moving);
    let kin = weights.against_all(&evidence) - evidence.person;
    other("kin", "people of one household or birth would look like this", kin);
    Reasons { prior_bits: bits(weights.prior()), reasons }
}

/// A column by its heading, and which part of it.
fn name(heading: &str, part: Part) -> String {
    match part {
        Part::Year => format!("{heading} (year)"),
        Part::MonthDay => format!("{heading} (month and day)"),
        Part::Rest => format!("{heading} (other words)"),
        _ => heading.to_owned(),
    }
}
