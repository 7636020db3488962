//! The best candidates of one report: every marked person weighed, the best of each owner kept.

use super::index::Marked;
use super::weigh::{Rows, Weigher};

/// One owner, by the best of its persons.
pub struct Candidate {
    /// The best person.
    pub person: u32,
    /// Weight of the comparison with that person.
    pub weight: f64,
    /// Likelihood ratios of the owner's other persons, in parts of the best one's.
    pub others: f64,
}

impl Candidate {
    /// Likelihood ratio of the child being any of the owner's persons.
    pub fn ratio(&self) -> f64 {
        self.weight.exp2() * (1.0 + self.others)
    }
}

/// Persons weighed at a time: their rows are asked for together, so that memory is waited for once.
const AT_A_TIME: usize = 64;

/// Weighs the marked persons. They stand by owner and come in ascending order: sums are always in one order.
pub fn best_of_owners(marked: &mut Marked, weigher: &Weigher, rows: &Rows, keep: usize) -> Best {
    let mut best = Best { list: Vec::new(), keep, least: 0.0, ratios: 0.0 };
    let mut group: Vec<(u32, f64)> = Vec::new();
    let mut owner = u32::MAX;
    let mut next: Vec<u32> = Vec::with_capacity(AT_A_TIME);
    let mut weigh = |next: &mut Vec<u32>, best: &mut Best| {
        std::hint::black_box(next.iter().fold(0, |all, number| all ^ rows.owner(*number)));
        for number in next.drain(..) {
            if rows.owner(number) != owner {
                best.take(&group);
                group.clear();
                owner = rows.owner(number);
            }
            group.push((number, weigher.weigh(number)));
        }
    };
    marked.drain(|number| {
        next.push(number);
        if next.len() == AT_A_TIME {
            weigh(&mut next, &mut best);
        }
    });
    weigh(&mut next, &mut best);
    best.take(&group);
    best.cut();
    best
}

/// The best candidates so far.
pub struct Best {
    /// By falling likelihood ratio.
    pub list: Vec<Candidate>,
    keep: usize,
    /// Likelihood ratio of the last that would be kept.
    least: f64,
    /// Sum of the likelihood ratios over owners.
    pub ratios: f64,
}

impl Best {
    /// Takes the persons of one owner.
    fn take(&mut self, group: &[(u32, f64)]) {
        let Some(first) = group.first() else { return };
        let (person, weight) =
            group[1..].iter().fold(*first, |best, next| if next.1 > best.1 { *next } else { best });
        let others = if group.len() == 1 {
            0.0
        } else {
            (group.iter().map(|(_, other)| (other - weight).exp2()).sum::<f64>() - 1.0).max(0.0)
        };
        let candidate = Candidate { person, weight, others };
        let ratio = candidate.ratio();
        self.ratios += ratio;
        if self.list.len() < self.keep || ratio > self.least {
            self.list.push(candidate);
            if self.list.len() >= 4 * self.keep {
                self.cut();
            }
        }
    }

    fn cut(&mut self) {
        self.list.sort_by(|a, b| b.ratio().total_cmp(&a.ratio()).then(a.person.cmp(&b.person)));
        self.list.truncate(self.keep);
        if self.list.len() == self.keep {
            self.least = self.list.last().map_or(0.0, Candidate::ratio);
        }
    }
}
