//! Victims: a child or adult in one event, with the age at that event, and the victim specialist who stays with them.

use crate::{AgeAt, Change, EventId, MemberId, PersonId, Stamp, VictimId};

/// A victim. The age is that at the event and is kept when a birthday passes: a child recovered stays a counted child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victim {
    /// Its id.
    pub id: VictimId,
    /// The person.
    pub person: PersonId,
    /// The event in which the person was met, if it was one.
    pub event: Option<EventId>,
    /// The age at that time.
    pub age: AgeAt,
    specialist: Option<MemberId>,
}

/// What changed about a victim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VictimChange {
    /// The person was recorded as a victim.
    Recorded(AgeAt),
    /// A victim specialist was paired; the former one, if any, is named.
    Paired {
        /// Who stays with the victim from now on.
        specialist: MemberId,
        /// Who did before.
        before: Option<MemberId>,
    },
}

impl Victim {
    /// A member records a person as a victim.
    pub fn record(
        id: VictimId,
        person: PersonId,
        event: Option<EventId>,
        age: AgeAt,
        stamp: Stamp,
    ) -> (Victim, Change<VictimChange>) {
        let victim = Victim { id, person, event, age, specialist: None };
        (victim, Change { stamp, what: VictimChange::Recorded(age) })
    }

    /// The victim as the store kept it.
    #[must_use]
    pub fn stored(self, specialist: Option<MemberId>) -> Victim {
        Victim { specialist, ..self }
    }

    /// Who stays with the victim.
    pub const fn specialist(&self) -> Option<MemberId> {
        self.specialist
    }

    /// Whether the victim counts as a child.
    pub const fn is_counted_as_child(&self) -> bool {
        self.age.may_be_child()
    }

    /// Pairs the victim with a specialist. A victim is never left without one: pairing is only ever replaced.
    pub fn pair(self, specialist: MemberId, stamp: Stamp) -> (Victim, Change<VictimChange>) {
        let what = VictimChange::Paired { specialist, before: self.specialist };
        (Victim { specialist: Some(specialist), ..self }, Change { stamp, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, stamp};

    #[test]
    fn a_specialist_is_replaced_and_never_removed() {
        let victim = Victim::record(id(1), id(2), None, AgeAt::Known(15), stamp(0)).0;
        let (victim, _) = victim.pair(id(3), stamp(1));
        let (victim, change) = victim.pair(id(4), stamp(2));
        assert_eq!(change.what, VictimChange::Paired { specialist: id(4), before: Some(id(3)) });
        assert_eq!(victim.specialist(), Some(id(4)));
    }
}
