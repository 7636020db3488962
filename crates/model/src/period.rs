//! Result periods: `open -> frozen -> amended`. A frozen figure always regenerates, so a period keeps the moment its facts
//! were taken at, the hash of what was counted, and the figures.

use crate::moves::machine;
use crate::{
    Change, DateWindow, Digest, Grounds, InitiativeId, Instant, Moved, PeriodId, Refused, ResultKind, Stamp,
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
    /// The figures: how many of each kind. They are never summed.
    pub figures: Vec<(ResultKind, u64)>,
}

/// What is fixed when a period is frozen or amended: facts up to a moment, their hash, and the figures that follow from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Facts recorded after this moment do not count.
    pub as_of: Instant,
    /// Hash of the counted facts, in their order.
    pub counted: Digest,
    /// How many of each kind.
    pub figures: Vec<(ResultKind, u64)>,
}

impl Fixed {
    fn by(self, stamp: Stamp) -> Frozen {
        let Fixed { as_of, counted, figures } = self;
        Frozen { frozen: stamp, as_of, counted, figures }
    }
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

const FUTURE: &str = "its facts cannot be taken from the future";

/// A period of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// Its id.
    pub id: PeriodId,
    /// Its name, as published.
    pub name: String,
    /// From when until when facts happened.
    pub window: DateWindow,
    /// The initiative whose facts alone count, if not all do.
    pub initiative: Option<InitiativeId>,
    state: PeriodState,
}

impl Period {
    /// A member opens a period.
    pub fn open(
        id: PeriodId,
        name: String,
        window: DateWindow,
        initiative: Option<InitiativeId>,
        stamp: Stamp,
    ) -> Result<(Period, Change<PeriodChange>), Refused> {
        if name.trim().is_empty() {
            return Err(Refused::new("result period", "it needs a name"));
        }
        let period = Period { id, name, window, initiative, state: PeriodState::Open };
        Ok((period, Change { stamp, what: PeriodChange::Opened }))
    }

    /// The period as the store kept it.
    #[must_use]
    pub fn stored(self, state: PeriodState) -> Period {
        Period { state, ..self }
    }

    /// Every fixing, the first one first, each but the first with its reason.
    pub fn fixings(&self) -> Vec<(&Frozen, Option<&Grounds>)> {
        match &self.state {
            PeriodState::Open => Vec::new(),
            PeriodState::Frozen(frozen) => vec![(frozen, None)],
            PeriodState::Amended { first, amendments } => {
                let later = amendments.iter().map(|one| (&one.now, Some(&one.grounds)));
                [(first, None)].into_iter().chain(later).collect()
            }
        }
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
    pub fn freeze(self, fixed: Fixed, stamp: Stamp) -> Moved<Period, PeriodChange> {
        self.legal(PeriodMove::Freeze)?;
        self.rule(PeriodMove::Freeze, fixed.as_of <= stamp.at, FUTURE)?;
        let frozen = fixed.by(stamp);
        self.becomes(PeriodState::Frozen(frozen.clone()), PeriodChange::Frozen(frozen), stamp)
    }

    /// Corrects fixed figures; the figures before stay.
    pub fn amend(self, fixed: Fixed, grounds: Grounds, stamp: Stamp) -> Moved<Period, PeriodChange> {
        let (first, mut amendments) = match &self.state {
            PeriodState::Open => return Err(self.refuse(PeriodMove::Amend, None)),
            PeriodState::Frozen(first) => (first.clone(), Vec::new()),
            PeriodState::Amended { first, amendments } => (first.clone(), amendments.clone()),
        };
        self.rule(PeriodMove::Amend, fixed.as_of <= stamp.at, FUTURE)?;
        let before = amendments.last().map_or(&first, |last| &last.now);
        self.rule(
            PeriodMove::Amend,
            fixed.as_of >= before.as_of,
            "its facts would be older than those fixed before",
        )?;
        let amendment = Amendment { now: fixed.by(stamp), grounds };
        amendments.push(amendment.clone());
        self.becomes(PeriodState::Amended { first, amendments }, PeriodChange::Amended(amendment), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    fn fixed(at: i64) -> Fixed {
        let figures = vec![(ResultKind::ChildRecovered, at as u64)];
        Fixed { as_of: stamp(at).at, counted: Digest::of(&at.to_le_bytes()), figures }
    }

    fn period() -> Period {
        let window = DateWindow::new(Instant(0), Instant(1)).unwrap();
        Period::open(id(1), "July".into(), window, None, stamp(0)).unwrap().0
    }

    #[test]
    fn a_period_is_fixed_by_what_was_known() {
        let window = period().window;
        assert!(Period::open(id(1), " ".into(), window, None, stamp(0)).is_err());
        let refusal = period().freeze(fixed(5), stamp(4)).unwrap_err().to_string();
        assert!(refusal.contains("cannot be taken from the future"), "{refusal}");
        let frozen = period().freeze(fixed(4), stamp(4)).unwrap().0;
        assert!(frozen.clone().amend(fixed(3), grounds(), stamp(9)).is_err());
        let amended = frozen.amend(fixed(8), grounds(), stamp(9)).unwrap().0;
        let reasons: Vec<bool> = amended.fixings().iter().map(|(_, why)| why.is_some()).collect();
        assert_eq!((reasons, amended.current().unwrap().as_of), (vec![false, true], stamp(8).at));
    }

    proptest::proptest! {
        #[test]
        fn what_was_frozen_first_stays(steps: Vec<u8>) {
            let attempt = |period: Period, wanted, at: i64| match wanted {
                PeriodMove::Freeze => period.freeze(fixed(at), stamp(at)),
                PeriodMove::Amend => period.amend(fixed(at), grounds(), stamp(at)),
            };
            walk(period(), PeriodMove::ALL, &steps, Period::allowed, attempt, |period| {
                if let PeriodState::Amended { first, amendments } = period.state() {
                    assert!(!amendments.is_empty() && first.frozen.at < amendments[0].now.frozen.at);
                }
            });
        }
    }
}
