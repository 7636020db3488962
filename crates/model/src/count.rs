//! How results are counted: a person or case once for each kind, whoever claims it and how often, as it was known at a
//! moment. Persons whom people judged the same are one, until that judgement is undone. Kinds are never summed.

use crate::words::words;
use crate::{
    Counted, CountedResult, DateWindow, Digest, InitiativeId, Instant, Judged, JudgedKind, Judgement,
    Judgements, MissingReportId, PersonId, ResultKind,
};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// What a table of figures has a line for.
    By {
        /// Each field office.
        Office = "office",
        /// Each state.
        State = "state",
        /// Each initiative.
        Initiative = "initiative",
        /// Each agency that claims.
        Agency = "agency",
        /// Each month in which it happened, in UTC.
        Month = "month",
    }
}

impl By {
    /// The line on which a result stands: an id, a code or a month; empty where the result does not say.
    pub fn key(self, result: &CountedResult) -> String {
        let place = &result.place;
        match self {
            By::Office => place.office.map(|office| office.to_string()).unwrap_or_default(),
            By::State => place.state.clone().unwrap_or_default(),
            By::Initiative => place.initiative.map(|initiative| initiative.to_string()).unwrap_or_default(),
            By::Agency => result.agency.to_string(),
            By::Month => result.happened.date().get(..7).unwrap_or_default().to_owned(),
        }
    }
}

/// Which results are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Those that happened in this window.
    pub window: DateWindow,
    /// As it was known at this moment.
    pub as_of: Instant,
    /// Only those of an initiative.
    pub initiative: Option<InitiativeId>,
}

/// A person or case as it counts for one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedFact<'a> {
    /// What is counted.
    pub kind: ResultKind,
    /// Who or which: of persons judged the same, the one with the smallest id.
    pub of: Counted,
    /// The claims, the one that gives the fact its place first: the earliest to happen, then the earliest claimed.
    pub claims: Vec<&'a CountedResult>,
}

/// What counts and what waits for confirmation, in the order by which it is hashed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger<'a> {
    /// Facts with at least one confirmed claim; unconfirmed claims are left out of them.
    pub facts: Vec<CountedFact<'a>>,
    /// Facts that are claimed and that nobody confirmed yet.
    pub waiting: Vec<CountedFact<'a>>,
    /// Pairs of persons that people judged the same and yet not the same.
    pub contradictions: usize,
}

impl<'a> Ledger<'a> {
    /// Counts results. `judgements` are all that were ever made on persons and reports.
    pub fn new(results: &'a [CountedResult], judgements: &[Judgement], count: &Count) -> Ledger<'a> {
        let persons = Persons::as_of(judgements, count.as_of);
        let wanted = |result: &&CountedResult| {
            count.window.contains(result.happened)
                && count.initiative.is_none_or(|initiative| result.place.initiative == Some(initiative))
                && result.stands(count.as_of)
        };
        let mut claims: BTreeMap<(ResultKind, Counted), Vec<&CountedResult>> = BTreeMap::new();
        for result in results.iter().filter(wanted) {
            claims.entry((result.kind, persons.one(result.of))).or_default().push(result);
        }
        let (mut facts, mut waiting) = (Vec::new(), Vec::new());
        for ((kind, of), all) in claims {
            let counting: Vec<&CountedResult> =
                all.iter().copied().filter(|result| result.counts(count.as_of)).collect();
            let to = if counting.is_empty() { &mut waiting } else { &mut facts };
            let mut claims = if counting.is_empty() { all } else { counting };
            claims.sort_by_key(|result| (result.happened, result.claimed.at, result.id));
            to.push(CountedFact { kind, of, claims });
        }
        Ledger { facts, waiting, contradictions: persons.contradictions }
    }

    /// Hash of all that counts: every fact with every claim that it rests on, and where each belongs.
    pub fn digest(&self) -> Digest {
        let mut lines = Vec::new();
        for CountedFact { kind, of, claims } in &self.facts {
            for claim in claims {
                let (id, agency, at) = (claim.id, claim.agency, claim.happened);
                lines.push(format!("{kind}|{of:?}|{id}|{agency}|{at}|{:?}|{:?}", claim.place, claim.fact));
            }
        }
        Digest::of_parts(lines.iter().map(String::as_bytes))
    }

    /// How many of each kind there are, all lines together.
    pub fn totals(&self) -> Vec<(ResultKind, u64)> {
        let count = |kind: ResultKind| self.facts.iter().filter(|fact| fact.kind == kind).count() as u64;
        ResultKind::ALL.iter().map(|kind| (*kind, count(*kind))).collect()
    }

    /// The table of figures. Every fact stands on one line, so that a column adds up to its total.
    pub fn figures(&self, by: By) -> Figures {
        let mut figures = Figures::default();
        let recovered: BTreeSet<Counted> = self.of_kind(ResultKind::ChildRecovered).collect();
        for fact in &self.facts {
            let key = by.key(fact.claims[0]);
            let others: BTreeSet<String> = fact.claims.iter().map(|claim| by.key(claim)).collect();
            for other in others.into_iter().filter(|other| *other != key) {
                figures.tally(&other, fact.kind).elsewhere += 1;
            }
            figures.tally(&key, fact.kind).counted += 1;
            figures.total.tally(fact.kind).counted += 1;
            if fact.kind == ResultKind::ChildIdentified && !recovered.contains(&fact.of) {
                figures.line(&key).identified_only += 1;
                figures.total.identified_only += 1;
            }
        }
        for fact in &self.waiting {
            figures.tally(&by.key(fact.claims[0]), fact.kind).waiting += 1;
            figures.total.tally(fact.kind).waiting += 1;
        }
        figures
    }

    fn of_kind(&self, kind: ResultKind) -> impl Iterator<Item = Counted> {
        self.facts.iter().filter(move |fact| fact.kind == kind).map(|fact| fact.of)
    }
}

/// One figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Confirmed, and counted on this line.
    pub counted: u64,
    /// Claimed on this line, and confirmed by nobody yet.
    pub waiting: u64,
    /// Confirmed on this line too, and counted on another: never to be added.
    pub elsewhere: u64,
}

/// The figures of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    tallies: BTreeMap<ResultKind, Tally>,
    /// Children identified and not recovered.
    pub identified_only: u64,
}

impl Line {
    /// The figure of a kind.
    pub fn of(&self, kind: ResultKind) -> Tally {
        self.tallies.get(&kind).copied().unwrap_or_default()
    }

    /// Children recovered, or identified and not recovered: each once.
    pub fn identified_or_recovered(&self) -> u64 {
        self.of(ResultKind::ChildRecovered).counted + self.identified_only
    }

    pub(crate) fn tally(&mut self, kind: ResultKind) -> &mut Tally {
        self.tallies.entry(kind).or_default()
    }
}

/// A table of figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The lines by their keys.
    pub lines: BTreeMap<String, Line>,
    /// All lines together.
    pub total: Line,
}

impl Figures {
    pub(crate) fn line(&mut self, key: &str) -> &mut Line {
        self.lines.entry(key.to_owned()).or_default()
    }

    fn tally(&mut self, key: &str, kind: ResultKind) -> &mut Tally {
        self.line(key).tally(kind)
    }
}

/// Who is one person, by the judgements that stood at a moment.
struct Persons {
    one: BTreeMap<PersonId, PersonId>,
    contradictions: usize,
}

impl Persons {
    fn as_of(judgements: &[Judgement], as_of: Instant) -> Persons {
        let stood = |judgement: &&Judgement| {
            judgement.stamp.at <= as_of && judgement.undone().is_none_or(|undone| undone.at > as_of)
        };
        let of_persons = judgements.iter().filter(stood).filter_map(|judgement| {
            let (left, right) = judgement.pair();
            let pair = (judged(person(left)?), judged(person(right)?));
            let Judgement { id, verdict, ref grounds, stamp, .. } = *judgement;
            // Two reports of one person are one record here.
            Judgement::new(id, pair, verdict, grounds.clone(), stamp).ok()
        });
        let judgements = Judgements::stored(of_persons);
        let conclusions = judgements.conclude();
        let mut one = BTreeMap::new();
        for judgement in judgements.all() {
            let (left, right) = judgement.pair();
            for side in [left, right] {
                if let (Some(person), Some(first)) = (person(side), person(conclusions.group(side))) {
                    one.insert(person, first);
                }
            }
        }
        Persons { one, contradictions: conclusions.contradictions().count() }
    }

    fn one(&self, of: Counted) -> Counted {
        match of {
            Counted::Person(person) => Counted::Person(*self.one.get(&person).unwrap_or(&person)),
            Counted::Case(_) => of,
        }
    }
}

/// The person that a judged record is, or is about.
fn person(judged: &Judged) -> Option<PersonId> {
    match judged.kind {
        JudgedKind::Person => judged.id.parse().ok(),
        JudgedKind::Report => Some(PersonId::of_report(MissingReportId::of_text(&judged.id))),
        JudgedKind::Posting | JudgedKind::Network => None,
    }
}

fn judged(person: PersonId) -> Judged {
    Judged { kind: JudgedKind::Person, id: person.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of};
    use crate::{Place, Verdict};
    use proptest::prelude::*;

    /// A claim on a person by an agency (which is its state too), happened and claimed at its number, confirmed at once.
    fn claim(number: u128, kind: ResultKind, person: u128, agency: u128) -> CountedResult {
        let place = Place { state: Some(format!("S{agency}")), ..Place::default() };
        let of = (kind, Counted::Person(id(person)));
        let at = number as i64;
        let owner = (id(agency), place);
        let (claim, _) = CountedResult::claim(id(number), of, None, stamp(at).at, owner, stamp(at)).unwrap();
        claim.confirm(stamp_of(8, at)).unwrap().0
    }

    fn same(number: u128, a: u128, b: u128) -> Judgement {
        let pair = (judged(id(a)), judged(id(b)));
        Judgement::new(id(number), pair, Verdict::Same, grounds(), stamp(number as i64)).unwrap()
    }

    fn count(second: i64) -> Count {
        let window = DateWindow::new(stamp(0).at, stamp(1000).at).unwrap();
        Count { window, as_of: stamp(second).at, initiative: None }
    }

    use ResultKind::{ChildIdentified as Identified, ChildRecovered as Recovered};

    fn recovered(results: &[CountedResult], judgements: &[Judgement], second: i64) -> u64 {
        let ledger = Ledger::new(results, judgements, &count(second));
        ledger.figures(By::State).total.of(Recovered).counted
    }

    #[test]
    fn one_child_counts_once_though_three_agencies_claim() {
        let results = [claim(1, Recovered, 70, 1), claim(2, Recovered, 70, 2), claim(3, Recovered, 70, 3)];
        assert_eq!([0, 1, 9].map(|second| recovered(&results, &[], second)), [0, 1, 1]);
        let figures = Ledger::new(&results, &[], &count(9)).figures(By::State);
        assert_eq!(figures.lines["S1"].of(Recovered), Tally { counted: 1, ..Tally::default() });
        assert_eq!(figures.lines["S3"].of(Recovered), Tally { elsewhere: 1, ..Tally::default() });
    }

    #[test]
    fn persons_judged_the_same_are_one_until_that_is_undone() {
        let results = [claim(1, Recovered, 70, 1), claim(2, Recovered, 71, 2)];
        let judgement = same(5, 70, 71);
        assert_eq!(
            [4, 5, 9].map(|second| recovered(&results, std::slice::from_ref(&judgement), second)),
            [2, 1, 1]
        );
        let undone = [judgement.stored(Some(stamp(7)))];
        assert_eq!([4, 5, 6, 7, 9].map(|second| recovered(&results, &undone, second)), [2, 1, 1, 2, 2]);
    }

    #[test]
    fn reports_judged_the_same_make_their_children_one() {
        let [left, right] = ["M-1", "M-2"].map(|text| Judged { kind: JudgedKind::Report, id: text.into() });
        let [a, b] = ["M-1", "M-2"].map(|text| PersonId::of_report(MissingReportId::of_text(text)).bits());
        let results = [claim(1, Recovered, a, 1), claim(2, Recovered, b, 2)];
        let pair = (left, right);
        let judgement = Judgement::new(id(5), pair, Verdict::Same, grounds(), stamp(5)).unwrap();
        assert_eq!(
            [4, 5].map(|second| recovered(&results, std::slice::from_ref(&judgement), second)),
            [2, 1]
        );
    }

    #[test]
    fn a_child_identified_and_later_recovered_moves_and_is_not_counted_twice() {
        let results = [claim(1, Identified, 70, 1), claim(2, Identified, 71, 1), claim(5, Recovered, 70, 2)];
        let line = |second| Ledger::new(&results, &[], &count(second)).figures(By::State).total;
        let figures = |second| {
            let line = line(second);
            let kinds = (line.of(Identified).counted, line.of(Recovered).counted);
            (kinds, line.identified_only, line.identified_or_recovered())
        };
        assert_eq!(figures(4), ((2, 0), 2, 2));
        assert_eq!(figures(5), ((2, 1), 1, 2));
        let by_state = Ledger::new(&results, &[], &count(5)).figures(By::State);
        assert_eq!(["S1", "S2"].map(|key| by_state.lines[key].identified_or_recovered()), [1, 1]);
    }

    #[test]
    fn a_claim_that_nobody_confirmed_waits() {
        let results = [claim(1, Recovered, 70, 1)];
        let unconfirmed = [results[0].clone().stored(crate::ResultState::Claimed)];
        let tally = Ledger::new(&unconfirmed, &[], &count(9)).figures(By::Agency).total.of(Recovered);
        assert_eq!(tally, Tally { waiting: 1, ..Tally::default() });
    }

    fn results() -> impl Strategy<Value = Vec<CountedResult>> {
        let claim = |(number, (kind, person, agency)): (u128, (usize, u128, u128))| {
            claim(number, [Identified, Recovered, ResultKind::Arrest][kind], person, agency)
        };
        proptest::collection::vec((0usize..3, 0u128..6, 0u128..4), 0..24)
            .prop_map(move |list| (1..).zip(list).map(claim).collect())
    }

    fn judgements() -> impl Strategy<Value = Vec<Judgement>> {
        proptest::collection::vec((0u128..6, 1u128..6), 0..5)
            .prop_map(|list| (1..).zip(list).map(|(n, (a, step))| same(n * 4, a, (a + step) % 6)).collect())
    }

    proptest! {
        /// What was known at a moment stays what it was, whatever is recorded later.
        #[test]
        fn later_facts_change_nothing_earlier(all in results(), judged in judgements(), second in 0i64..24) {
            let early: Vec<_> = all.iter().filter(|one| one.claimed.at <= stamp(second).at).cloned().collect();
            let (then, now) = (Ledger::new(&early, &judged, &count(second)), Ledger::new(&all, &judged, &count(second)));
            prop_assert_eq!(then.digest(), now.digest());
            prop_assert_eq!(then.figures(By::State), now.figures(By::State));
        }

        /// Lines add up to their total, whatever they are lines of.
        #[test]
        fn a_column_adds_up(all in results(), judged in judgements(), by in 0usize..5) {
            let ledger = Ledger::new(&all, &judged, &count(100));
            let Figures { lines, total } = ledger.figures(By::ALL[by]);
            for kind in ResultKind::ALL {
                let sum: u64 = lines.values().map(|line| line.of(*kind).counted).sum();
                prop_assert_eq!(sum, total.of(*kind).counted);
            }
            let sum: u64 = lines.values().map(Line::identified_or_recovered).sum();
            prop_assert_eq!(sum, total.identified_or_recovered());
            prop_assert!(total.identified_or_recovered() <= 6);
        }

        #[test]
        fn the_order_of_claims_does_not_matter(all in results(), judged in judgements()) {
            let turned: Vec<_> = all.iter().rev().cloned().collect();
            prop_assert_eq!(
                Ledger::new(&all, &judged, &count(100)).digest(),
                Ledger::new(&turned, &judged, &count(100)).digest()
            );
        }
    }
}
