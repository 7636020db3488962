//! Result periods and counted results: `open -> frozen -> amended`. A frozen figure always regenerates, so a period keeps
//! the moment its facts were taken at and the hash of what was counted.

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgencyId, Change, DateWindow, Digest, Grounds, IllegalMove, Instant, Moved, PeriodId, PersonId,
    RecoveryFactId, ResultId, Stamp,
};

/// One freezing of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Who froze it, and when.
    pub frozen: Stamp,
    /// Facts recorded after this moment do not count.
    pub as_of: Instant,
    /// Hash of the counted facts, in their order.
    pub counted: Digest,
}

/// One amendment: what is counted from now on, and why it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// What is counted from now on, by whom, and when.
    pub now: Frozen,
    /// Why.
    pub grounds: Grounds,
}

/// The state of a result period.
#[derive(Clone, Debug, PartialEq)]
pub enum PeriodState {
    /// Facts are being counted.
    Open,
    /// Figures are fixed.
    Frozen(Frozen),
    /// Figures were fixed and corrected since; what was published stays.
    Amended {
        /// The first freezing.
        first: Frozen,
        /// Corrections, at least one, in their order.
        amendments: Vec<Amendment>,
    },
}

impl PeriodState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            PeriodState::Open => "open",
            PeriodState::Frozen(_) => "frozen",
            PeriodState::Amended { .. } => "amended",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [PeriodMove] {
        match self {
            PeriodState::Open => &[PeriodMove::Freeze],
            PeriodState::Frozen(_) | PeriodState::Amended { .. } => &[PeriodMove::Amend],
        }
    }
}

machine! {
    /// Moves of a result period.
    PeriodMove of "a result period": Period, PeriodState, PeriodChange {
        /// Fix the figures.
        Freeze = "freeze" / "be frozen",
        /// Correct fixed figures.
        Amend = "amend" / "be amended",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum PeriodChange {
    /// It was opened.
    Opened,
    /// It was frozen.
    Frozen(Frozen),
    /// It was amended.
    Amended(Amendment),
}

/// A period of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// Its id.
    pub id: PeriodId,
    /// Its name, as published.
    pub name: String,
    /// From when until when facts happened.
    pub window: DateWindow,
    state: PeriodState,
}

impl Period {
    /// A member opens a period.
    pub fn open(
        id: PeriodId,
        name: String,
        window: DateWindow,
        stamp: Stamp,
    ) -> (Period, Change<PeriodChange>) {
        (Period { id, name, window, state: PeriodState::Open }, Change { stamp, what: PeriodChange::Opened })
    }

    /// The period as the store kept it.
    #[must_use]
    pub fn stored(self, state: PeriodState) -> Period {
        Period { state, ..self }
    }

    /// What is counted now, once it is fixed.
    pub fn current(&self) -> Option<&Frozen> {
        match &self.state {
            PeriodState::Open => None,
            PeriodState::Frozen(frozen) => Some(frozen),
            PeriodState::Amended { first, amendments } => {
                Some(amendments.last().map_or(first, |last| &last.now))
            }
        }
    }

    /// Fixes the figures.
    pub fn freeze(self, as_of: Instant, counted: Digest, stamp: Stamp) -> Moved<Period, PeriodChange> {
        self.legal(PeriodMove::Freeze)?;
        self.rule(PeriodMove::Freeze, as_of <= stamp.at, "its facts cannot be taken from the future")?;
        let frozen = Frozen { frozen: stamp, as_of, counted };
        self.becomes(PeriodState::Frozen(frozen.clone()), PeriodChange::Frozen(frozen), stamp)
    }

    /// Corrects fixed figures; the figures before stay.
    pub fn amend(
        self,
        (as_of, counted): (Instant, Digest),
        grounds: Grounds,
        stamp: Stamp,
    ) -> Moved<Period, PeriodChange> {
        let (first, mut amendments) = match &self.state {
            PeriodState::Open => return Err(self.refuse(PeriodMove::Amend, None)),
            PeriodState::Frozen(first) => (first.clone(), Vec::new()),
            PeriodState::Amended { first, amendments } => (first.clone(), amendments.clone()),
        };
        self.rule(PeriodMove::Amend, as_of <= stamp.at, "its facts cannot be taken from the future")?;
        let amendment = Amendment { now: Frozen { frozen: stamp, as_of, counted }, grounds };
        amendments.push(amendment.clone());
        self.becomes(PeriodState::Amended { first, amendments }, PeriodChange::Amended(amendment), stamp)
    }
}

words! {
    /// What is counted. Each has its own key, and they are never summed.
    ResultKind {
        /// A child identified.
        ChildIdentified = "child identified",
        /// A child located safe.
        ChildLocated = "child located",
        /// A child recovered.
        ChildRecovered = "child recovered",
        /// An adult offered help.
        AdultAssisted = "adult assisted",
        /// A person arrested.
        Arrest = "arrest",
        /// An investigation opened.
        CaseOpened = "case opened",
    }
}

/// One counted fact. Several agencies may claim it: it counts once for a person and a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedResult {
    /// Its id.
    pub id: ResultId,
    /// What is counted.
    pub kind: ResultKind,
    /// About whom.
    pub person: PersonId,
    /// The fact it rests on, where it is one of recovery.
    pub fact: Option<RecoveryFactId>,
    /// When it happened.
    pub happened: Instant,
    /// The agency that claims it.
    pub agency: AgencyId,
    /// Who claimed it, and when.
    pub claimed: Stamp,
    confirmed: Option<Stamp>,
}

/// What changed about a counted result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultChange {
    /// Somebody other than the claimant confirmed it.
    Confirmed,
}

impl CountedResult {
    /// The result as claimed or as the store kept it.
    #[must_use]
    pub fn stored(self, confirmed: Option<Stamp>) -> CountedResult {
        CountedResult { confirmed, ..self }
    }

    /// A member claims a result for an agency.
    pub fn claim(
        id: ResultId,
        (kind, person): (ResultKind, PersonId),
        fact: Option<RecoveryFactId>,
        happened: Instant,
        agency: AgencyId,
        stamp: Stamp,
    ) -> CountedResult {
        CountedResult { id, kind, person, fact, happened, agency, claimed: stamp, confirmed: None }
    }

    /// Who confirmed it, and when.
    pub const fn confirmed(&self) -> Option<Stamp> {
        self.confirmed
    }

    /// Confirms it; the claimant cannot.
    pub fn confirm(self, stamp: Stamp) -> Moved<CountedResult, ResultChange> {
        let refuse = |state, because: Option<&str>, allowed| IllegalMove {
            noun: "a result",
            state,
            refused: "be confirmed",
            because: because.map(str::to_owned),
            allowed,
        };
        if self.confirmed.is_some() {
            return Err(refuse("confirmed", None, Vec::new()));
        }
        if stamp.by == self.claimed.by {
            return Err(refuse("claimed", Some("who claimed it cannot confirm it"), vec!["confirm"]));
        }
        Ok((
            CountedResult { confirmed: Some(stamp), ..self },
            Change { stamp, what: ResultChange::Confirmed },
        ))
    }
}

/// The number of a kind in a window as it stood at a moment: unique persons with a confirmed result.
pub fn count(results: &[CountedResult], kind: ResultKind, window: DateWindow, as_of: Instant) -> usize {
    let counts = |result: &&CountedResult| {
        result.kind == kind
            && window.contains(result.happened)
            && result.confirmed.is_some_and(|confirmed| confirmed.at <= as_of)
    };
    let mut persons: Vec<PersonId> = results.iter().filter(counts).map(|result| result.person).collect();
    persons.sort_unstable();
    persons.dedup();
    persons.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of, walk};

    fn result(number: u128, person: u128, confirmed: i64) -> CountedResult {
        let claimed = stamp(5);
        let result = CountedResult::claim(
            id(number),
            (ResultKind::ChildRecovered, id(person)),
            None,
            stamp(3).at,
            id(number),
            claimed,
        );
        result.confirm(stamp_of(8, confirmed)).unwrap().0
    }

    #[test]
    fn one_child_counts_once_and_as_it_stood() {
        let results = [result(1, 70, 6), result(2, 70, 7), result(3, 71, 9)];
        let window = DateWindow::new(stamp(0).at, stamp(4).at).unwrap();
        let counted = |as_of| count(&results, ResultKind::ChildRecovered, window, stamp(as_of).at);
        assert_eq!((counted(5), counted(6), counted(7), counted(9)), (0, 1, 1, 2));
        assert_eq!(count(&results, ResultKind::ChildIdentified, window, stamp(9).at), 0);
    }

    #[test]
    fn nobody_confirms_their_own_claim() {
        let claim =
            CountedResult::claim(id(1), (ResultKind::Arrest, id(2)), None, stamp(1).at, id(3), stamp(2));
        let refusal = claim.confirm(stamp(3)).unwrap_err().to_string();
        assert_eq!(
            refusal,
            "a result that is claimed cannot be confirmed: who claimed it cannot confirm it; allowed: confirm"
        );
        assert!(result(1, 2, 6).confirm(stamp_of(7, 8)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_was_frozen_first_stays(steps: Vec<u8>) {
            let attempt = |period: Period, wanted, at: i64| match wanted {
                PeriodMove::Freeze => period.freeze(stamp(at).at, Digest::of(&at.to_le_bytes()), stamp(at)),
                PeriodMove::Amend => {
                    period.amend((stamp(at).at, Digest::of(&at.to_le_bytes())), grounds(), stamp(at))
                }
            };
            let window = DateWindow::new(Instant(0), Instant(1)).unwrap();
            let period = Period::open(id(1), "July".into(), window, stamp(0)).0;
            walk(period, PeriodMove::ALL, &steps, Period::allowed, attempt, |period| {
                if let PeriodState::Amended { first, amendments } = period.state() {
                    assert!(!amendments.is_empty() && first.frozen.at < amendments[0].now.frozen.at);
                }
            });
        }
    }
}
