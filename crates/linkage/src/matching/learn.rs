//! How children are advertised, learned from the data at hand without anybody's labels.
//!
//! A report's known number, handle or photograph that stands in the data points to an owner. Whether it points rightly and
//! to whom of the owner's persons, the other facts tell; and of those who are most likely found that way, each fact's
//! distribution is counted: how far the age is raised, names are changed, places lie apart. Expectation and maximisation,
//! with the shares of `rules/matching.toml` as Dirichlet priors. A fact never judges itself: what it is counted with leaves
//! its own weight out.

use super::factors::{self, DIFFERENT, known_table};
use homeward_model::Reason;
use homeward_rules::matching::{Age, Known, Matching};

/// One report whose known value points to one owner, with the owner's persons.
#[derive(Debug)]
pub struct Anchor {
    /// Factor of the known value.
    pub factor: &'static str,
    /// Owners who use the value.
    pub owners: f64,
    /// The owner's persons.
    pub persons: Vec<Pointed>,
}

/// A person to whom a known value may point.
#[derive(Debug)]
pub struct Pointed {
    /// The value stands in another posting of the owner's.
    pub elsewhere: bool,
    /// All other facts, known values left out.
    pub facts: Vec<Fact>,
}

/// One fact as far as it can be learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    kind: Kind,
    /// Position in the shares of the kind.
    band: usize,
    base_rate: f64,
    /// Forms among which a likeness of names is spread.
    forms: f64,
    /// Of a place.
    ways: Option<Ways>,
    /// Of a stated age, the child's.
    age: i32,
}

/// From how far a person may have come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ways {
    /// Share of all sightings in each band of distance.
    pub rates: Vec<f64>,
    /// The bands of the stays, each with how likely it is that the person joined there; together 1.
    pub parts: Vec<(usize, f64)>,
}

impl Ways {
    /// Mean pull of all sightings.
    fn mean(&self, pulls: &[f64]) -> f64 {
        self.rates.iter().zip(pulls).map(|(rate, pull)| rate * pull).sum::<f64>().max(f64::MIN_POSITIVE)
    }

    /// Pull of the stays.
    fn pull(&self, pulls: &[f64]) -> f64 {
        self.parts.iter().map(|(band, part)| pulls[*band] * part).sum::<f64>().max(f64::MIN_POSITIVE)
    }
}

/// Kinds of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Name,
    Sex,
    Age,
    Height,
    Weight,
    Hair,
    Eyes,
    Mark,
    Place,
    Time,
    TimeOfFew,
    MarkedOnce,
    MarkedSeldom,
    MarkedOften,
    UnreportedOnce,
    UnreportedSeldom,
    UnreportedOften,
    Organised,
}

impl Kind {
    const ALL: [Kind; 18] = [
        Kind::Name,
        Kind::Sex,
        Kind::Age,
        Kind::Height,
        Kind::Weight,
        Kind::Hair,
        Kind::Eyes,
        Kind::Mark,
        Kind::Place,
        Kind::Time,
        Kind::TimeOfFew,
        Kind::MarkedOnce,
        Kind::MarkedSeldom,
        Kind::MarkedOften,
        Kind::UnreportedOnce,
        Kind::UnreportedSeldom,
        Kind::UnreportedOften,
        Kind::Organised,
    ];
    /// Whether some mark is shown, by band of postings: of a child with a reported mark, and of one without.
    const MARKED: [[Kind; 3]; 2] = [
        [Kind::UnreportedOnce, Kind::UnreportedSeldom, Kind::UnreportedOften],
        [Kind::MarkedOnce, Kind::MarkedSeldom, Kind::MarkedOften],
    ];

    /// The factor whose shares these are, see [`super::shares::of`]; that of whether some mark is shown has them by postings.
    fn factor(self) -> &'static str {
        match self {
            Kind::Name => "name",
            Kind::Sex => "sex",
            Kind::Age => "age",
            Kind::Height => "height",
            Kind::Weight => "weight",
            Kind::Hair => "hair",
            Kind::Eyes => "eyes",
            Kind::Mark => "mark",
            Kind::Place => "place",
            Kind::Time => "time",
            Kind::TimeOfFew => "time of few",
            Kind::Organised => "organised",
            _ => "marks",
        }
    }

    /// Of a kind that tells whether some mark is shown: whether the report names one, and the band of postings.
    fn marked(self) -> (bool, usize) {
        let find = |kinds: &[Kind; 3]| kinds.iter().position(|kind| *kind == self);
        match find(&Kind::MARKED[1]) {
            Some(band) => (true, band),
            None => (false, find(&Kind::MARKED[0]).unwrap_or(0)),
        }
    }
}

impl Fact {
    /// The fact behind a stored reason, a place with the ways to it; `None` for known values and what is no fact.
    pub fn of(reason: &Reason, ways: Option<&Ways>) -> Option<Fact> {
        let measure = |name: &str| reason.measure(name);
        let same = || usize::from(reason.left != reason.right);
        let (kind, band) = match reason.factor.as_str() {
            "name" => (Kind::Name, Some(factors::level_of(reason))),
            "hair" => (Kind::Hair, Some(same())),
            "eyes" => (Kind::Eyes, Some(same())),
            "mark" => (Kind::Mark, Some(usize::from(!factors::mark_named(reason)))),
            "sex" => (Kind::Sex, None),
            "age" => (Kind::Age, None),
            "height" => (Kind::Height, None),
            "weight" => (Kind::Weight, None),
            "place" => (Kind::Place, None),
            "time" if factors::is_of_few(reason) => (Kind::TimeOfFew, None),
            "time" => (Kind::Time, None),
            "marks" => {
                let reported = usize::from(measure("reported")? > 0.0);
                let kind = *Kind::MARKED[reported].get(measure("band")? as usize)?;
                (kind, Some(usize::from(measure("shown")? <= 0.0)))
            }
            "organised" => (Kind::Organised, None),
            _ => return None,
        };
        let band = match band {
            Some(band) => band,
            None => measure("band")? as usize,
        };
        let ways = match kind {
            Kind::Place => Some(ways?.clone()),
            _ => None,
        };
        let forms = measure("forms").unwrap_or(1.0).max(1.0);
        let age = reason.left.parse().unwrap_or_default();
        Some(Fact { kind, band, base_rate: measure("base_rate")?, forms, ways, age })
    }

    /// Likelihood ratio under these shares.
    fn ratio(&self, shares: &Shares) -> f64 {
        let share = shares.of(self.kind);
        match self.kind {
            Kind::Name => self.by_choice(share) + share[DIFFERENT],
            Kind::Hair | Kind::Eyes | Kind::Mark if self.band == 0 => share[0] / self.base_rate + share[1],
            Kind::Hair | Kind::Eyes | Kind::Mark => share[1],
            Kind::Place => self.ways.as_ref().map_or(1.0, |ways| ways.pull(share) / ways.mean(share)),
            Kind::Age => factors::age_share(self.band, self.age, share, &shares.age) / self.base_rate,
            _ => share.get(self.band).map_or(1.0, |share| share / self.base_rate),
        }
    }

    fn by_choice(&self, share: &[f64]) -> f64 {
        if self.band == DIFFERENT { 0.0 } else { share[self.band] / (self.forms * self.base_rate) }
    }

    /// Adds a child of this weight to the counts of the kind. What may be there by chance is counted by halves.
    fn count(&self, shares: &Shares, weight: f64, counts: &mut [f64]) {
        let share = shares.of(self.kind);
        if self.kind == Kind::Age {
            for (band, part) in factors::age_meant(self.band, self.age, share, &shares.age) {
                counts[band] += weight * part;
            }
            return;
        }
        if let Some(ways) = &self.ways {
            let pull = ways.pull(share);
            for (band, part) in &ways.parts {
                counts[*band] += weight * part * share[*band] / pull;
            }
            return;
        }
        let by_chance = match self.kind {
            Kind::Name if self.band != DIFFERENT => Some(share[DIFFERENT] / self.ratio(shares)),
            Kind::Hair | Kind::Eyes | Kind::Mark if self.band == 0 => Some(share[1] / self.ratio(shares)),
            _ => None,
        };
        let chance = by_chance.unwrap_or(0.0) * weight;
        if let Some(last) = counts.last_mut() {
            *last += chance;
        }
        if let Some(count) = counts.get_mut(self.band) {
            *count += weight - chance;
        }
    }
}

/// The shares of all kinds.
#[derive(Clone, Debug)]
struct Shares {
    of_kind: Vec<Vec<f64>>,
    age: Age,
}

impl Shares {
    fn of(&self, kind: Kind) -> &[f64] {
        &self.of_kind[kind as usize]
    }

    fn from(table: &Matching) -> Shares {
        let of = |kind: &Kind| {
            super::shares::of(table, kind.factor()).unwrap_or_else(|| {
                let (reported, band) = kind.marked();
                let share = factors::mark_shown(true, reported, band, table);
                vec![share, 1.0 - share]
            })
        };
        Shares { of_kind: Kind::ALL.iter().map(of).collect(), age: table.age.clone() }
    }

    fn put_into(&self, table: &mut Matching) {
        for kind in Kind::ALL {
            super::shares::put(table, kind.factor(), self.of(kind));
        }
        for (kinds, shown) in Kind::MARKED.iter().zip([&mut table.mark.unreported, &mut table.mark.shown]) {
            for (kind, share) in kinds.iter().zip(shown) {
                *share = self.of(*kind)[0];
            }
        }
    }
}

/// Kinds of known values that have a chance of their own.
const KNOWN: [&str; 3] = ["phone", "associate", "photo"];

fn known_kind(factor: &str) -> usize {
    KNOWN.iter().position(|kind| *kind == factor).unwrap_or(0)
}

/// The table with the shares that these anchors teach. `anchors` in an order that does not depend on the input's;
/// `share_present` of the reported children in the data, as the chances are stated.
pub fn learn(anchors: &[Anchor], table: &Matching, share_present: f64) -> Matching {
    let rules = &table.learning;
    let before = Shares::from(table);
    let mut learned = table.clone();
    let mut shares = before.clone();
    // Odds that a value which one owner uses points rightly, by kind.
    let odds_of = |known: &Known| share_present * known.share / known.chance;
    let mut odds: Vec<f64> = KNOWN.iter().map(|kind| odds_of(known_table(kind, table))).collect();
    for _ in 0..rules.rounds {
        let mut counts: Vec<Vec<f64>> = before
            .of_kind
            .iter()
            .map(|shares| shares.iter().map(|share| share * rules.worth).collect())
            .collect();
        // How many would be seen in each band if all pulled alike: what a band's pull is told against.
        let places = before.of(Kind::Place).len();
        let mut exposed = vec![rules.worth / places as f64; places];
        for count in &mut counts[Kind::Place as usize] {
            *count /= places as f64;
        }
        let mut right = vec![0.0; KNOWN.len()];
        let mut told = vec![0.0; KNOWN.len()];
        for anchor in anchors {
            let kind = known_kind(anchor.factor);
            let known = known_table(anchor.factor, &learned);
            let strangers = 1.0 + (anchor.owners - 1.0).max(0.0) / known.chance;
            let ratios: Vec<Vec<f64>> = anchor
                .persons
                .iter()
                .map(|person| person.facts.iter().map(|fact| fact.ratio(&shares)).collect())
                .collect();
            let prior = |person: &Pointed| {
                odds[kind] / strangers * if person.elsewhere { known.elsewhere } else { 1.0 }
            };
            let each: Vec<f64> = anchor
                .persons
                .iter()
                .zip(&ratios)
                .map(|(person, ratios)| prior(person) * ratios.iter().product::<f64>())
                .collect();
            let sum: f64 = each.iter().sum();
            if anchor.owners <= 1.0 {
                right[kind] += sum / (1.0 + sum);
                told[kind] += 1.0;
            }
            for (at, (person, ratios)) in anchor.persons.iter().zip(&ratios).enumerate() {
                for (fact, ratio) in person.facts.iter().zip(ratios) {
                    // The weight without this fact, in this person; the others keep theirs.
                    let own = each[at] / ratio.max(f64::MIN_POSITIVE);
                    let weight = own / (1.0 + sum - each[at] + own);
                    if weight > rules.sure {
                        fact.count(&shares, weight, &mut counts[fact.kind as usize]);
                        let Some(ways) = &fact.ways else { continue };
                        let mean = ways.mean(shares.of(Kind::Place));
                        for (exposed, rate) in exposed.iter_mut().zip(&ways.rates) {
                            *exposed += weight * rate / mean;
                        }
                    }
                }
            }
        }
        for (count, exposed) in counts[Kind::Place as usize].iter_mut().zip(exposed) {
            *count /= exposed;
        }
        for (shares, counts) in shares.of_kind.iter_mut().zip(counts) {
            let sum: f64 = counts.iter().sum();
            *shares = counts.into_iter().map(|count| count / sum).collect();
        }
        for (kind, odds) in odds.iter_mut().enumerate() {
            let before = odds_of(known_table(KNOWN[kind], table));
            let worth = rules.worth_chance * before / (1.0 + before);
            let right = right[kind] + worth;
            let wrong = (told[kind] + rules.worth_chance - right).max(0.5);
            *odds = right / wrong;
        }
    }
    shares.put_into(&mut learned);
    for (kind, odds) in odds.iter().enumerate() {
        let known = match KNOWN[kind] {
            "associate" => &mut learned.associate,
            "photo" => &mut learned.photo.known,
            _ => &mut learned.selector,
        };
        known.chance = share_present * known.share / odds;
    }
    learned
}
