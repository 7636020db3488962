//! Counted results: what an agency claims was reached, one dated fact each. `claimed -> confirmed`, and withdrawn from
//! either. A result names nobody: it holds the id of the person or case that it is about.

use crate::moves::machine;
use crate::words::words;
use crate::{
    AgencyId, CaseId, Change, Grounds, InitiativeId, Instant, Moved, OfficeId, PersonId, RecoveryFactId,
    RecoveryKind, Refused, ResultId, Stamp,
};

words! {
    /// What is counted. Each has its own key, and they are never summed.
    ResultKind {
        /// A child of whom it is now known who the child is.
        ChildIdentified = "child identified",
        /// A child of whom it is now known where the child is, and that the child is safe.
        ChildLocated = "child located",
        /// A child taken out of danger.
        ChildRecovered = "child recovered",
        /// A child whose entry as missing was cleared.
        EntryCleared = "entry cleared",
        /// An adult offered help. Never counted with the children.
        AdultAssisted = "adult assisted",
        /// A person arrested for trafficking.
        Arrest = "arrest",
        /// An investigation opened.
        CaseOpened = "case opened",
    }
}

impl ResultKind {
    /// The result that a recovery fact makes.
    pub const fn of(fact: RecoveryKind) -> ResultKind {
        match fact {
            RecoveryKind::Identified => ResultKind::ChildIdentified,
            RecoveryKind::Located => ResultKind::ChildLocated,
            RecoveryKind::Recovered => ResultKind::ChildRecovered,
            RecoveryKind::EntryCleared => ResultKind::EntryCleared,
            RecoveryKind::AdultAssisted => ResultKind::AdultAssisted,
        }
    }

    /// What it means, in one sentence for the page that shows the figure.
    pub const fn definition(self) -> &'static str {
        match self {
            ResultKind::ChildIdentified => "children of whom it became known who they are; each counts once",
            ResultKind::ChildLocated => "children found to be safe where they are; each counts once",
            ResultKind::ChildRecovered => "children taken out of danger; each counts once, however often",
            ResultKind::EntryCleared => "children whose entry as missing was cleared; each counts once",
            ResultKind::AdultAssisted => {
                "adults who were offered help; each counts once, and never as a child"
            }
            ResultKind::Arrest => "persons arrested for trafficking; each counts once",
            ResultKind::CaseOpened => "investigations opened; each counts once",
        }
    }
}

/// What is counted once: a person, or an investigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// A person of the record.
    Person(PersonId),
    /// A case.
    Case(CaseId),
}

/// Where a result belongs, as far as that is known: the columns of a table of figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The field office.
    pub office: Option<OfficeId>,
    /// The two-letter code of the state.
    pub state: Option<String>,
    /// The initiative.
    pub initiative: Option<InitiativeId>,
}

/// The state of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultState {
    /// An agency claims it.
    Claimed,
    /// Somebody other than the claimant confirmed it.
    Confirmed {
        /// Who, and when.
        confirmed: Stamp,
    },
    /// It was a mistake. It counts up to that moment in what was fixed before, and no more.
    Withdrawn {
        /// Who had confirmed it, and when.
        confirmed: Option<Stamp>,
        /// Who withdrew it, and when.
        withdrawn: Stamp,
    },
}

impl ResultState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            ResultState::Claimed => "claimed",
            ResultState::Confirmed { .. } => "confirmed",
            ResultState::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [ResultMove] {
        match self {
            ResultState::Claimed => &[ResultMove::Confirm, ResultMove::Withdraw],
            ResultState::Confirmed { .. } => &[ResultMove::Withdraw],
            ResultState::Withdrawn { .. } => &[],
        }
    }
}

machine! {
    /// Moves of a result.
    ResultMove of "a result": CountedResult, ResultState, ResultChange {
        /// Another than the claimant says that it is so.
        Confirm = "confirm" / "be confirmed",
        /// It was a mistake.
        Withdraw = "withdraw" / "be withdrawn",
    }
}

/// What changed about a result.
#[derive(Clone, Debug, PartialEq)]
pub enum ResultChange {
    /// An agency claimed it.
    Claimed(ResultKind),
    /// Somebody other than the claimant confirmed it.
    Confirmed,
    /// It was withdrawn.
    Withdrawn(Grounds),
}

/// One counted fact. Several agencies may claim it: it counts once for a person and a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedResult {
    /// Its id.
    pub id: ResultId,
    /// What is counted.
    pub kind: ResultKind,
    /// About whom, or which case.
    pub of: Counted,
    /// The fact it rests on, where it is one of recovery.
    pub fact: Option<RecoveryFactId>,
    /// When it happened.
    pub happened: Instant,
    /// The agency that claims it.
    pub agency: AgencyId,
    /// Where it belongs.
    pub place: Place,
    /// Who claimed it, and when.
    pub claimed: Stamp,
    state: ResultState,
}

impl CountedResult {
    /// A member claims a result for an agency. A case is counted as opened, a person as everything else; nothing is claimed
    /// before it happened.
    pub fn claim(
        id: ResultId,
        (kind, of): (ResultKind, Counted),
        fact: Option<RecoveryFactId>,
        happened: Instant,
        (agency, place): (AgencyId, Place),
        stamp: Stamp,
    ) -> Result<(CountedResult, Change<ResultChange>), Refused> {
        let refuse = |because: String| Err(Refused::new("result", because));
        if matches!(of, Counted::Case(_)) != (kind == ResultKind::CaseOpened) {
            let needs =
                if kind == ResultKind::CaseOpened { "the id of a case" } else { "the id of a person" };
            return refuse(format!("`{kind}` needs {needs}"));
        }
        if happened > stamp.at {
            return refuse(format!("{happened} has not come yet"));
        }
        let state = ResultState::Claimed;
        let result = CountedResult { id, kind, of, fact, happened, agency, place, claimed: stamp, state };
        Ok((result, Change { stamp, what: ResultChange::Claimed(kind) }))
    }

    /// The result as the store kept it.
    #[must_use]
    pub fn stored(self, state: ResultState) -> CountedResult {
        CountedResult { state, ..self }
    }

    /// Who confirmed it, and when.
    pub const fn confirmed(&self) -> Option<Stamp> {
        match self.state {
            ResultState::Claimed => None,
            ResultState::Confirmed { confirmed } => Some(confirmed),
            ResultState::Withdrawn { confirmed, .. } => confirmed,
        }
    }

    /// Whether it was claimed and not withdrawn at a moment.
    pub fn stands(&self, as_of: Instant) -> bool {
        let gone = matches!(&self.state, ResultState::Withdrawn { withdrawn, .. } if withdrawn.at <= as_of);
        self.claimed.at <= as_of && !gone
    }

    /// Whether it was confirmed and not withdrawn at a moment.
    pub fn counts(&self, as_of: Instant) -> bool {
        self.stands(as_of) && self.confirmed().is_some_and(|confirmed| confirmed.at <= as_of)
    }

    /// Confirms it; the claimant cannot.
    pub fn confirm(self, stamp: Stamp) -> Moved<CountedResult, ResultChange> {
        self.legal(ResultMove::Confirm)?;
        let another = stamp.by != self.claimed.by;
        self.rule(ResultMove::Confirm, another, "who claimed it cannot confirm it")?;
        self.becomes(ResultState::Confirmed { confirmed: stamp }, ResultChange::Confirmed, stamp)
    }

    /// Withdraws it. What was fixed before keeps counting it.
    pub fn withdraw(self, grounds: Grounds, stamp: Stamp) -> Moved<CountedResult, ResultChange> {
        self.legal(ResultMove::Withdraw)?;
        let confirmed = self.confirmed();
        let state = ResultState::Withdrawn { confirmed, withdrawn: stamp };
        self.becomes(state, ResultChange::Withdrawn(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of, walk};

    fn claim(kind: ResultKind, of: Counted) -> Result<CountedResult, Refused> {
        let place = Place::default();
        let claim =
            CountedResult::claim(id(1), (kind, of), None, stamp(1).at, (id(3), place), stamp_of(8, 2));
        claim.map(|(result, _)| result)
    }

    #[test]
    fn nobody_confirms_their_own_claim() {
        let arrest = claim(ResultKind::Arrest, Counted::Person(id(2))).unwrap();
        let refusal = arrest.clone().confirm(stamp_of(8, 3)).unwrap_err().to_string();
        assert_eq!(
            refusal,
            "a result that is claimed cannot be confirmed: who claimed it cannot confirm it; allowed: confirm, withdraw"
        );
        assert!(arrest.confirm(stamp(3)).unwrap().0.confirm(stamp(4)).is_err());
    }

    #[test]
    fn cases_and_persons_are_not_taken_for_each_other() {
        assert!(claim(ResultKind::CaseOpened, Counted::Case(id(2))).is_ok());
        let refusal = claim(ResultKind::CaseOpened, Counted::Person(id(2))).unwrap_err().to_string();
        assert_eq!(refusal, "no result: `case opened` needs the id of a case");
        assert!(claim(ResultKind::Arrest, Counted::Case(id(2))).is_err());
    }

    #[test]
    fn a_withdrawn_result_counted_until_then() {
        let result = claim(ResultKind::ChildRecovered, Counted::Person(id(2))).unwrap();
        let result = result.confirm(stamp(4)).unwrap().0.withdraw(grounds(), stamp(6)).unwrap().0;
        let counts: Vec<bool> = (1..8).map(|second| result.counts(stamp(second).at)).collect();
        assert_eq!(counts, [false, false, false, true, true, false, false]);
        assert!(result.stands(stamp(2).at) && !result.stands(stamp(6).at));
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |result: CountedResult, wanted, at: i64| match wanted {
                ResultMove::Confirm => result.confirm(stamp(at)),
                ResultMove::Withdraw => result.withdraw(grounds(), stamp(at)),
            };
            let result = claim(ResultKind::Arrest, Counted::Person(id(2))).unwrap();
            walk(result, ResultMove::ALL, &steps, CountedResult::allowed, attempt, |result| {
                assert!(!result.counts(Instant(i64::MAX)) || result.confirmed().is_some());
            });
        }
    }
}
