//! Deconfliction checks: one inquiry whether another agency is at the same time and place, or after the same subject or
//! selector.
//!
//! `open -> hit | no hit so far`; a hit goes `-> both told -> acknowledged -> contact made -> settled`. A check never
//! says "clear": it says what was asked, and when. Agencies decide, the centre does not. A plan that is moved is asked anew:
//! a hit appears, or lapses, on both sides.

use crate::moves::machine;
use crate::{
    AgencyId, Asked, AskedSystems, Change, CheckId, CheckOutcome, DateWindow, EventId, Grounds, Hit, Instant,
    MemberId, Moved, PersonId, Pointer, Selector, Span, Stamp,
};
use std::fmt::Write as _;

/// What is checked.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckTarget {
    /// An event: its window and area against all others.
    Event(EventId),
    /// A subject.
    Subject(PersonId),
    /// A selector.
    Selector(Selector),
}

/// The state of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckState {
    /// Asked, not answered.
    Open,
    /// Nobody answered with a hit so far; not a clearance.
    NoHitSoFar {
        /// What was asked, and when.
        asked: AskedSystems,
    },
    /// Somebody else is concerned.
    Hit(Hit),
    /// Both sides were told.
    BothTold(Hit),
    /// The other side saw it.
    Acknowledged(Hit),
    /// Both sides talked.
    ContactMade(Hit),
    /// The agencies settled it.
    Settled {
        /// The hit.
        hit: Hit,
        /// How.
        outcome: CheckOutcome,
        /// Who recorded it, and when.
        settled: Stamp,
    },
}

impl CheckState {
    /// The word for this state.
    pub const fn word(&self) -> &'static str {
        match self {
            CheckState::Open => "open",
            CheckState::NoHitSoFar { .. } => "no hit so far",
            CheckState::Hit(_) => "hit",
            CheckState::BothTold(_) => "both told",
            CheckState::Acknowledged(_) => "acknowledged",
            CheckState::ContactMade(_) => "contact made",
            CheckState::Settled { .. } => "settled",
        }
    }

    /// Moves that this state allows.
    pub const fn allowed(&self) -> &'static [CheckMove] {
        use CheckMove::{
            Acknowledge, AnswerHit, AnswerNone, Contact, Lapse, Raise, Replan, Settle, TellBoth, Waive,
        };
        match self {
            CheckState::Open | CheckState::NoHitSoFar { .. } => &[AnswerNone, AnswerHit, Replan],
            CheckState::Hit(_) => &[AnswerHit, TellBoth, Raise, Lapse, Replan],
            CheckState::BothTold(_) => &[AnswerHit, Acknowledge, Raise, Waive, Lapse, Replan],
            CheckState::Acknowledged(_) => &[AnswerHit, Contact, Raise, Waive, Lapse, Replan],
            CheckState::ContactMade(_) => &[AnswerHit, Settle, Raise, Waive, Lapse, Replan],
            CheckState::Settled { .. } => &[AnswerHit],
        }
    }

    /// The hit, where there is one.
    pub const fn hit(&self) -> Option<&Hit> {
        match self {
            CheckState::Hit(hit)
            | CheckState::BothTold(hit)
            | CheckState::Acknowledged(hit)
            | CheckState::ContactMade(hit)
            | CheckState::Settled { hit, .. } => Some(hit),
            CheckState::Open | CheckState::NoHitSoFar { .. } => None,
        }
    }
}

machine! {
    /// Moves of a check.
    CheckMove of "a check": Check, CheckState, CheckChange {
        /// Record that nobody answered with a hit.
        AnswerNone = "record no hit" / "be answered with no hit",
        /// Record a hit; a further one begins again, for its owner must be told too.
        AnswerHit = "record a hit" / "be answered with a hit",
        /// Tell both sides.
        TellBoth = "tell both sides" / "be told to both sides",
        /// Record that the other side saw it.
        Acknowledge = "acknowledge" / "be acknowledged",
        /// Record that both sides talked.
        Contact = "record contact" / "be marked as contact made",
        /// Raise it to a supervisor.
        Raise = "raise" / "be raised",
        /// Record how it was settled.
        Settle = "settle" / "be settled",
        /// Let it go on without contact.
        Waive = "waive" / "be waived",
        /// Record that the overlap is gone because a plan moved.
        Lapse = "let lapse" / "lapse",
        /// Move the plan to another window or place.
        Replan = "move" / "be moved",
    }
}

/// What a move changed.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckChange {
    /// It was asked.
    Asked(CheckTarget),
    /// Nobody answered with a hit so far.
    NoHitSoFar(AskedSystems),
    /// Others are concerned.
    Hit(Vec<Pointer>),
    /// Both sides were told.
    BothTold,
    /// The other side saw it.
    Acknowledged,
    /// Both sides talked.
    ContactMade,
    /// It was raised to a supervisor.
    Raised(MemberId),
    /// It was settled.
    Settled(CheckOutcome, Grounds),
    /// The overlap is gone.
    Lapsed(AskedSystems),
    /// Some of the others are not concerned any more.
    Parted(Vec<Pointer>),
    /// The plan was moved to this window, or to none.
    Moved(Option<DateWindow>),
}

/// Proof that an event was checked, made only from a check that lets it go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckReceipt {
    check: CheckId,
    event: EventId,
    answered: Instant,
}

impl CheckReceipt {
    /// The check.
    pub const fn check(self) -> CheckId {
        self.check
    }

    /// The event that was checked.
    pub const fn event(self) -> EventId {
        self.event
    }

    /// When it was answered.
    pub const fn answered(self) -> Instant {
        self.answered
    }
}

/// A deconfliction check.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its id.
    pub id: CheckId,
    /// What is checked.
    pub target: CheckTarget,
    /// When the target is worked, padded by policy.
    pub window: Option<DateWindow>,
    /// The agency that asks.
    pub agency: AgencyId,
    /// Who asked, and when.
    pub asked: Stamp,
    state: CheckState,
}

impl Check {
    /// A member asks.
    pub fn ask(
        id: CheckId,
        target: CheckTarget,
        window: Option<DateWindow>,
        agency: AgencyId,
        stamp: Stamp,
    ) -> (Check, Change<CheckChange>) {
        let what = CheckChange::Asked(target.clone());
        (Check { id, target, window, agency, asked: stamp, state: CheckState::Open }, Change { stamp, what })
    }

    /// The check as the store kept it.
    #[must_use]
    pub fn stored(self, state: CheckState) -> Check {
        Check { state, ..self }
    }

    /// What the check can say, in words. It never says "clear".
    pub fn statement(&self) -> String {
        match &self.state {
            CheckState::NoHitSoFar { asked } => {
                let mut text = "no hit so far; asked:".to_owned();
                for Asked { system, at } in asked.list() {
                    let _ = write!(text, " {system} at {at},");
                }
                text + " and nobody who never entered a plan"
            }
            CheckState::Settled { outcome, settled, .. } => {
                format!("hit, settled at {}: {}", settled.at, outcome.word())
            }
            state => match state.hit() {
                Some(hit) => format!("{} since {}: talk to the other side", state.word(), hit.found),
                None => "asked, not answered".to_owned(),
            },
        }
    }

    /// The receipt that an event needs for approval: the check is of an event, and it lets the event go on.
    pub fn receipt(&self) -> Option<CheckReceipt> {
        let CheckTarget::Event(event) = self.target else { return None };
        let answered = match &self.state {
            CheckState::NoHitSoFar { asked } => asked.since(),
            // A plan that moved under a hit is settled after that, if it is.
            CheckState::Settled { outcome, settled, .. } => match outcome {
                CheckOutcome::Proceed | CheckOutcome::Joint | CheckOutcome::Waiver { .. } => settled.at,
                CheckOutcome::Delay { .. } | CheckOutcome::Cancel => return None,
            },
            _ => return None,
        };
        Some(CheckReceipt { check: self.id, event, answered })
    }

    /// When a hit without contact must be raised to a supervisor: `before` the start of what is planned.
    pub fn raise_at(&self, before: Span) -> Option<Instant> {
        let waiting =
            matches!(self.state, CheckState::Hit(_) | CheckState::BothTold(_) | CheckState::Acknowledged(_));
        self.window.filter(|_| waiting).map(|window| window.start().minus(before))
    }

    /// Records that nobody answered with a hit so far.
    pub fn answer_none(self, asked: AskedSystems, stamp: Stamp) -> Moved<Check, CheckChange> {
        self.legal(CheckMove::AnswerNone)?;
        self.becomes(CheckState::NoHitSoFar { asked: asked.clone() }, CheckChange::NoHitSoFar(asked), stamp)
    }

    /// Records a hit. One that comes later is added to those before, and both sides must be told again.
    pub fn answer_hit(self, pointers: Vec<Pointer>, stamp: Stamp) -> Moved<Check, CheckChange> {
        self.legal(CheckMove::AnswerHit)?;
        self.rule(CheckMove::AnswerHit, !pointers.is_empty(), "it points to nobody")?;
        let mut hit = self.state.hit().cloned().unwrap_or(Hit {
            pointers: Vec::new(),
            found: stamp.at,
            raised_to: Vec::new(),
        });
        hit.pointers.extend(&pointers);
        hit.pointers.sort_unstable();
        hit.pointers.dedup();
        hit.found = stamp.at;
        self.becomes(CheckState::Hit(hit), CheckChange::Hit(pointers), stamp)
    }

    /// Records that both sides were told.
    pub fn tell_both(self, stamp: Stamp) -> Moved<Check, CheckChange> {
        let CheckState::Hit(hit) = &self.state else { return Err(self.refuse(CheckMove::TellBoth, None)) };
        let next = CheckState::BothTold(hit.clone());
        self.becomes(next, CheckChange::BothTold, stamp)
    }

    /// Records that the other side saw it.
    pub fn acknowledge(self, stamp: Stamp) -> Moved<Check, CheckChange> {
        let CheckState::BothTold(hit) = &self.state else {
            return Err(self.refuse(CheckMove::Acknowledge, None));
        };
        let next = CheckState::Acknowledged(hit.clone());
        self.becomes(next, CheckChange::Acknowledged, stamp)
    }

    /// Records that both sides talked.
    pub fn contact(self, stamp: Stamp) -> Moved<Check, CheckChange> {
        let CheckState::Acknowledged(hit) = &self.state else {
            return Err(self.refuse(CheckMove::Contact, None));
        };
        let next = CheckState::ContactMade(hit.clone());
        self.becomes(next, CheckChange::ContactMade, stamp)
    }

    /// Raises it to a supervisor because time runs out.
    pub fn raise(mut self, supervisor: MemberId, stamp: Stamp) -> Moved<Check, CheckChange> {
        self.legal(CheckMove::Raise)?;
        if let CheckState::Hit(hit)
        | CheckState::BothTold(hit)
        | CheckState::Acknowledged(hit)
        | CheckState::ContactMade(hit) = &mut self.state
        {
            hit.raised_to.push(supervisor);
        }
        Ok((self, Change { stamp, what: CheckChange::Raised(supervisor) }))
    }

    /// Records how the agencies settled it after they talked. A waiver has its own move.
    pub fn settle(self, outcome: CheckOutcome, grounds: Grounds, stamp: Stamp) -> Moved<Check, CheckChange> {
        let CheckState::ContactMade(hit) = self.state.clone() else {
            return Err(self.refuse(CheckMove::Settle, None));
        };
        let waiver = matches!(outcome, CheckOutcome::Waiver { .. });
        self.rule(CheckMove::Settle, !waiver, "a waiver is not a settlement between agencies")?;
        let next = CheckState::Settled { hit, outcome: outcome.clone(), settled: stamp };
        self.becomes(next, CheckChange::Settled(outcome, grounds), stamp)
    }

    /// A named supervisor, not the member who asked, lets it go on without contact; both sides were told before.
    pub fn waive(self, grounds: Grounds, stamp: Stamp) -> Moved<Check, CheckChange> {
        self.legal(CheckMove::Waive)?;
        self.rule(CheckMove::Waive, stamp.by != self.asked.by, "the member who asked cannot waive")?;
        let Some(hit) = self.state.hit().cloned() else { return Err(self.refuse(CheckMove::Waive, None)) };
        let outcome = CheckOutcome::Waiver { supervisor: stamp.by };
        let next = CheckState::Settled { hit, outcome: outcome.clone(), settled: stamp };
        self.becomes(next, CheckChange::Settled(outcome, grounds), stamp)
    }

    /// Records that the overlap is gone because a plan moved; what was asked anew is listed.
    pub fn lapse(self, asked: AskedSystems, stamp: Stamp) -> Moved<Check, CheckChange> {
        self.legal(CheckMove::Lapse)?;
        self.becomes(CheckState::NoHitSoFar { asked: asked.clone() }, CheckChange::Lapsed(asked), stamp)
    }
}

impl Check {
    /// Moves the plan. Who is concerned now is for the search that follows; a settled check is asked anew instead.
    pub fn replan(mut self, window: Option<DateWindow>, stamp: Stamp) -> Moved<Check, CheckChange> {
        self.legal(CheckMove::Replan)?;
        self.window = window;
        Ok((self, Change { stamp, what: CheckChange::Moved(window) }))
    }

    /// Lets go of others who are not concerned any more. When nobody is left the hit lapses; otherwise it stays where it was,
    /// with those who are.
    pub fn part(mut self, gone: &[Pointer], asked: AskedSystems, stamp: Stamp) -> Moved<Check, CheckChange> {
        self.legal(CheckMove::Lapse)?;
        if let CheckState::Hit(hit)
        | CheckState::BothTold(hit)
        | CheckState::Acknowledged(hit)
        | CheckState::ContactMade(hit) = &mut self.state
        {
            hit.pointers.retain(|pointer| !gone.contains(pointer));
            if !hit.pointers.is_empty() {
                return Ok((self, Change { stamp, what: CheckChange::Parted(gone.to_vec()) }));
            }
        }
        self.lapse(asked, stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp, stamp_of, walk};

    fn check_of_event() -> Check {
        let window = DateWindow::new(Instant(1_000_000_000_000), Instant(1_000_003_000_000)).unwrap();
        Check::ask(id(1), CheckTarget::Event(id(2)), Some(window), id(3), stamp_of(4, 0)).0
    }

    fn asked() -> AskedSystems {
        AskedSystems::new(vec![Asked { system: "own record".into(), at: Instant(5_000_000) }]).unwrap()
    }

    fn attempt(check: Check, wanted: CheckMove, at: i64) -> Moved<Check, CheckChange> {
        let pointer = Pointer { check: id(7), agency: id(8), contact: id(10) };
        match wanted {
            CheckMove::AnswerNone => check.answer_none(asked(), stamp(at)),
            CheckMove::AnswerHit => check.answer_hit(vec![pointer], stamp(at)),
            CheckMove::TellBoth => check.tell_both(stamp(at)),
            CheckMove::Acknowledge => check.acknowledge(stamp(at)),
            CheckMove::Contact => check.contact(stamp(at)),
            CheckMove::Raise => check.raise(id(11), stamp(at)),
            CheckMove::Settle => check.settle(CheckOutcome::Joint, grounds(), stamp(at)),
            CheckMove::Waive => check.waive(grounds(), stamp(at)),
            CheckMove::Lapse => check.lapse(asked(), stamp(at)),
            CheckMove::Replan => check.replan(None, stamp(at)),
        }
    }

    fn after(moves: &[CheckMove]) -> Check {
        moves.iter().fold(check_of_event(), |check, wanted| attempt(check, *wanted, 6).unwrap().0)
    }

    #[test]
    fn no_hit_so_far_is_never_called_clear() {
        let check = after(&[CheckMove::AnswerNone]);
        let expected =
            "no hit so far; asked: own record at 1970-01-01T00:00:05Z, and nobody who never entered a plan";
        assert_eq!(check.statement(), expected);
        assert_eq!(
            AskedSystems::new(vec![]).unwrap_err().to_string(),
            "no answer to a check: no system was asked"
        );
    }

    #[test]
    fn only_a_check_that_lets_an_event_go_on_gives_a_receipt() {
        use CheckMove::{Acknowledge, AnswerHit, AnswerNone, Contact, Settle, TellBoth, Waive};
        assert_eq!(check_of_event().receipt(), None);
        assert_eq!(after(&[AnswerNone]).receipt().unwrap().answered(), Instant(5_000_000));
        assert_eq!(after(&[AnswerHit, TellBoth, Acknowledge, Contact]).receipt(), None);
        assert!(after(&[AnswerHit, TellBoth, Acknowledge, Contact, Settle]).receipt().is_some());
        assert!(after(&[AnswerHit, TellBoth, Waive]).receipt().is_some());
        let contact = after(&[AnswerHit, TellBoth, Acknowledge, Contact]);
        let cancelled = contact.settle(CheckOutcome::Cancel, grounds(), stamp(7)).unwrap().0;
        assert_eq!(cancelled.receipt(), None);
        assert_eq!(after(&[AnswerNone, AnswerHit]).receipt(), None);
    }

    #[test]
    fn a_hit_lapses_when_the_last_of_the_others_is_gone() {
        let [one, two] = [7, 8].map(|of| Pointer { check: id(of), agency: id(8), contact: id(10) });
        let hit =
            check_of_event().answer_hit(vec![one, two], stamp(1)).unwrap().0.tell_both(stamp(1)).unwrap().0;
        let fewer = hit.part(&[one], asked(), stamp(2)).unwrap().0;
        assert_eq!((fewer.state().word(), &fewer.state().hit().unwrap().pointers), ("both told", &vec![two]));
        let (none, change) = fewer.part(&[two], asked(), stamp(3)).unwrap();
        assert_eq!((none.state().word(), change.what), ("no hit so far", CheckChange::Lapsed(asked())));
    }

    #[test]
    fn who_asked_cannot_waive() {
        let check = after(&[CheckMove::AnswerHit, CheckMove::TellBoth]);
        let refusal = check.waive(grounds(), stamp_of(4, 7)).unwrap_err().to_string();
        assert!(
            refusal.starts_with("a check that is both told cannot be waived: the member who asked"),
            "{refusal}"
        );
    }

    #[test]
    fn a_hit_without_contact_is_raised_before_the_start() {
        use CheckMove::{Acknowledge, AnswerHit, Contact, TellBoth};
        let hour = Span::hours(1);
        assert_eq!(check_of_event().raise_at(hour), None);
        assert_eq!(after(&[AnswerHit]).raise_at(hour), Some(Instant(1_000_000_000_000).minus(hour)));
        assert_eq!(after(&[AnswerHit, TellBoth, Acknowledge, Contact]).raise_at(hour), None);
    }

    proptest::proptest! {
        #[test]
        fn only_moves_that_the_state_allows_succeed(steps: Vec<u8>) {
            walk(check_of_event(), CheckMove::ALL, &steps, Check::allowed, attempt, |check| {
                assert!(check.state().hit().is_none_or(|hit| !hit.pointers.is_empty()));
                assert!(!check.statement().contains("clear"));
            });
        }
    }
}
