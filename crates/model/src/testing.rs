//! What the tests of the state machines share: short ids and stamps, and a walk along random moves.

use crate::{AgeAt, Change, Grounds, IllegalMove, Instant, MemberId, Moved, Stamp};
use proptest::prelude::*;
use std::fmt::{Debug, Display};

/// Any id from a small number.
pub fn id<Id: FromBits>(bits: u128) -> Id {
    Id::from(bits)
}

/// Lets `id` make an id of any noun.
pub trait FromBits {
    /// The id.
    fn from(bits: u128) -> Self;
}

/// Member 9 at a second after 1970.
pub fn stamp(second: i64) -> Stamp {
    Stamp { by: MemberId::from_bits(9), at: Instant(second * 1_000_000) }
}

/// Another member at a second after 1970.
pub fn stamp_of(member: u128, second: i64) -> Stamp {
    Stamp { by: MemberId::from_bits(member), at: Instant(second * 1_000_000) }
}

/// Some grounds.
pub fn grounds() -> Grounds {
    Grounds::new("seen by two members").expect("it is not empty")
}

/// Tries one move after another: a move succeeds exactly when the state allows it, its change bears the stamp of the
/// move, a refusal names what is allowed, and `holds` is true of every state on the way.
pub fn walk<Noun: Clone, What: Debug, Move: Copy + PartialEq + Display>(
    mut noun: Noun,
    moves: &[Move],
    steps: &[u8],
    allowed: fn(&Noun) -> &'static [Move],
    attempt: fn(Noun, Move, i64) -> Moved<Noun, What>,
    holds: impl Fn(&Noun),
) {
    holds(&noun);
    for (at, step) in (1..).zip(steps) {
        let wanted = moves[usize::from(*step) % moves.len()];
        let legal = allowed(&noun);
        match attempt(noun.clone(), wanted, at) {
            Ok((next, Change { stamp: changed, what })) => {
                assert!(legal.contains(&wanted), "`{wanted}` succeeded with {what:?}");
                assert_eq!(changed.at, stamp(at).at);
                noun = next;
                holds(&noun);
            }
            Err(refusal) => {
                assert!(!legal.contains(&wanted), "{refusal}");
                named(&refusal, legal);
            }
        }
    }
}

fn named<Move: Copy + Display>(refusal: &IllegalMove, legal: &[Move]) {
    let text = refusal.to_string();
    assert!(text.starts_with(refusal.noun) && text.contains(refusal.state) && text.contains(refusal.refused));
    for legal in legal {
        assert!(text.contains(&legal.to_string()), "`{legal}` is missing in `{text}`");
    }
}

/// Any age.
pub fn age() -> impl Strategy<Value = AgeAt> {
    prop_oneof![
        (0u8..40).prop_map(AgeAt::Known),
        (0u8..40, 0u8..40).prop_map(|(a, b)| AgeAt::Between(a.min(b), a.max(b))),
        Just(AgeAt::UnknownPossiblyChild),
        Just(AgeAt::UnknownAdult),
    ]
}
