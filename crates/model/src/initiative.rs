//! Initiatives, which hold operations: `planned -> open -> ended`. Agencies join with an end date; access given for an
//! initiative ends with it.

use crate::moves::machine;
use crate::{AgencyId, Change, DateWindow, Grounds, InitiativeId, Instant, Moved, Stamp};

/// The state of an initiative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitiativeState {
    /// Written down.
    Planned,
    /// It goes on.
    Open {
        /// Who opened it, and when.
        opened: Stamp,
    },
    /// It ended.
    Ended {
        /// Who ended it, and when.
        ended: Stamp,
    },
}

impl InitiativeState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            InitiativeState::Planned => "planned",
            InitiativeState::Open { .. } => "open",
            InitiativeState::Ended { .. } => "ended",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [InitiativeMove] {
        use InitiativeMove::{End, Join, Leave, Open};
        match self {
            InitiativeState::Planned => &[Join, Leave, Open, End],
            InitiativeState::Open { .. } => &[Join, Leave, End],
            InitiativeState::Ended { .. } => &[],
        }
    }
}

machine! {
    /// Moves of an initiative.
    InitiativeMove of "an initiative": Initiative, InitiativeState, InitiativeChange {
        /// Let an agency join, or change the end of its access.
        Join = "let an agency join" / "be joined",
        /// Let an agency go.
        Leave = "let an agency go" / "be left",
        /// Open it.
        Open = "open" / "be opened",
        /// End it.
        End = "end" / "be ended",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum InitiativeChange {
    /// It was written down.
    Planned,
    /// An agency joined, or the end of its access changed.
    Joined(Joined),
    /// An agency left.
    Left(AgencyId, Grounds),
    /// It opened.
    Opened,
    /// It ended.
    Ended(Grounds),
}

/// An agency that joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The agency.
    pub agency: AgencyId,
    /// Since when.
    pub since: Instant,
    /// When its access ends, unless the initiative ends before.
    pub until: Instant,
}

/// An initiative: a month, a name, many operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Initiative {
    /// Its id.
    pub id: InitiativeId,
    /// Its name.
    pub name: String,
    /// When it runs.
    pub window: DateWindow,
    joined: Vec<Joined>,
    state: InitiativeState,
}

impl Initiative {
    /// A member plans an initiative.
    pub fn plan(
        id: InitiativeId,
        name: String,
        window: DateWindow,
        stamp: Stamp,
    ) -> (Initiative, Change<InitiativeChange>) {
        let initiative = Initiative { id, name, window, joined: Vec::new(), state: InitiativeState::Planned };
        (initiative, Change { stamp, what: InitiativeChange::Planned })
    }

    /// The initiative as the store kept it.
    #[must_use]
    pub fn stored(self, joined: Vec<Joined>, state: InitiativeState) -> Initiative {
        Initiative { joined, state, ..self }
    }

    /// Agencies that joined.
    pub fn joined(&self) -> &[Joined] {
        &self.joined
    }

    /// When access given for it ends: with its window, or earlier when it was ended earlier.
    pub fn access_ends(&self) -> Instant {
        match self.state {
            InitiativeState::Ended { ended } => ended.at.min(self.window.end()),
            InitiativeState::Planned | InitiativeState::Open { .. } => self.window.end(),
        }
    }

    /// Windows in which agencies have access through it: from when they joined to their end date, or to its own end.
    pub fn access(&self) -> Vec<(AgencyId, DateWindow)> {
        let ends = self.access_ends();
        let window = |joined: &Joined| {
            let window = DateWindow::new(joined.since, joined.until.min(ends)).ok()?;
            Some((joined.agency, window))
        };
        self.joined.iter().filter_map(window).collect()
    }

    /// An agency joins until a moment, at the latest until the end of the initiative; one that is in gets another end.
    pub fn join(
        mut self,
        agency: AgencyId,
        until: Instant,
        stamp: Stamp,
    ) -> Moved<Initiative, InitiativeChange> {
        const JOIN: InitiativeMove = InitiativeMove::Join;
        self.legal(JOIN)?;
        self.rule(JOIN, until > stamp.at, "access cannot end in the past")?;
        self.rule(JOIN, until <= self.window.end(), "access ends with the initiative at the latest")?;
        let since =
            self.joined.iter().find(|known| known.agency == agency).map_or(stamp.at, |known| known.since);
        let joined = Joined { agency, since, until };
        self.joined.retain(|known| known.agency != agency);
        self.joined.push(joined);
        let state = self.state;
        self.becomes(state, InitiativeChange::Joined(joined), stamp)
    }

    /// An agency leaves; its access ends at once.
    pub fn leave(
        mut self,
        agency: AgencyId,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Moved<Initiative, InitiativeChange> {
        self.legal(InitiativeMove::Leave)?;
        let known = self.joined.iter().any(|known| known.agency == agency);
        self.rule(InitiativeMove::Leave, known, "this agency has not joined")?;
        self.joined.retain(|known| known.agency != agency);
        let state = self.state;
        self.becomes(state, InitiativeChange::Left(agency, grounds), stamp)
    }

    /// Opens it.
    pub fn open(self, stamp: Stamp) -> Moved<Initiative, InitiativeChange> {
        self.legal(InitiativeMove::Open)?;
        self.becomes(InitiativeState::Open { opened: stamp }, InitiativeChange::Opened, stamp)
    }

    /// Ends it.
    pub fn end(self, grounds: Grounds, stamp: Stamp) -> Moved<Initiative, InitiativeChange> {
        self.legal(InitiativeMove::End)?;
        self.becomes(InitiativeState::Ended { ended: stamp }, InitiativeChange::Ended(grounds), stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, walk};

    fn initiative() -> Initiative {
        let window = DateWindow::new(stamp(10).at, stamp(20).at).unwrap();
        Initiative::plan(id(1), "one month".into(), window, stamp(0)).0
    }

    #[test]
    fn access_ends_with_it() {
        assert_eq!(initiative().access_ends(), stamp(20).at);
        let ended = |second| initiative().end(grounds(), stamp(second)).unwrap().0.access_ends();
        assert_eq!((ended(15), ended(25)), (stamp(15).at, stamp(20).at));
    }

    #[test]
    fn agencies_have_access_until_their_date_or_the_end() {
        let joined = initiative().join(id(7), stamp(18).at, stamp(1)).unwrap().0;
        let window = |from, to| DateWindow::new(stamp(from).at, stamp(to).at).unwrap();
        assert_eq!(joined.access(), [(id(7), window(1, 18))]);
        let later = joined.clone().join(id(7), stamp(20).at, stamp(3)).unwrap().0;
        assert_eq!(later.access(), [(id(7), window(1, 20))]);
        let ended = joined.clone().end(grounds(), stamp(12)).unwrap().0;
        assert_eq!(ended.access(), [(id(7), window(1, 12))]);
        assert!(joined.clone().leave(id(7), grounds(), stamp(4)).unwrap().0.access().is_empty());
        let refused =
            |until, at| initiative().join(id(7), stamp(until).at, stamp(at)).unwrap_err().because.unwrap();
        assert_eq!(refused(21, 1), "access ends with the initiative at the latest");
        assert_eq!(refused(5, 5), "access cannot end in the past");
        assert!(joined.leave(id(8), grounds(), stamp(4)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            let attempt = |initiative: Initiative, wanted, at| match wanted {
                InitiativeMove::Join => initiative.join(id(7), stamp(10_000).at, stamp(at)),
                InitiativeMove::Leave => initiative
                    .join(id(7), stamp(10_000).at, stamp(at))
                    .and_then(|(joined, _)| joined.leave(id(7), grounds(), stamp(at))),
                InitiativeMove::Open => initiative.open(stamp(at)),
                InitiativeMove::End => initiative.end(grounds(), stamp(at)),
            };
            let window = DateWindow::new(stamp(0).at, stamp(10_000).at).unwrap();
            let initiative = Initiative::plan(id(1), "one month".into(), window, stamp(0)).0;
            walk(initiative, InitiativeMove::ALL, &steps, Initiative::allowed, attempt, |_| ());
        }
    }
}
