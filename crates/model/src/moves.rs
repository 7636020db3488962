//! What every state machine shares: who acted and when, the change that a move returns, and the refusal of a move.

use crate::{Instant, MemberId};
use std::fmt;

/// Who acted, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The acting member.
    pub by: MemberId,
    /// The moment.
    pub at: Instant,
}

/// What a move changed; the store appends it to the audit trail.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<What> {
    /// Who acted, and when.
    pub stamp: Stamp,
    /// What changed.
    pub what: What,
}

/// The outcome of a move: the noun in its next state with what changed, or the refusal.
pub type Moved<Noun, What> = Result<(Noun, Change<What>), IllegalMove>;

/// A move that the state of a noun, or a rule, does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IllegalMove {
    /// The noun with its article, as in `a lead`.
    pub noun: &'static str,
    /// The state it is in.
    pub state: &'static str,
    /// What it cannot have done to it, as in `be assigned`.
    pub refused: &'static str,
    /// The rule that stands in the way, when the state alone does not.
    pub because: Option<String>,
    /// Moves that the state allows.
    pub allowed: Vec<&'static str>,
}

impl fmt::Display for IllegalMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IllegalMove { noun, state, refused, .. } = self;
        write!(f, "{noun} that is {state} cannot {refused}")?;
        if let Some(because) = &self.because {
            write!(f, ": {because}")?;
        }
        let allowed = if self.allowed.is_empty() { "nothing".to_owned() } else { self.allowed.join(", ") };
        write!(f, "; allowed: {allowed}")
    }
}

impl std::error::Error for IllegalMove {}

/// Declares the moves of one noun, each `Value = "imperative" / "passive"`, and the helpers that every move uses. The noun
/// has a private field `state`; its state has `word()` and `allowed()`.
macro_rules! machine {
    ($(#[$about:meta])* $moves:ident of $article:literal: $noun:ident, $state:ident, $change:ident {
        $($(#[$doc:meta])* $value:ident = $word:literal / $passive:literal,)+
    }) => {
        $crate::words::words! { $(#[$about])* $moves { $($(#[$doc])* $value = $word,)+ } }

        impl $noun {
            /// Its state.
            pub const fn state(&self) -> &$state {
                &self.state
            }

            /// Moves that its state allows.
            pub const fn allowed(&self) -> &'static [$moves] {
                self.state.allowed()
            }

            /// The refusal of a move, with the rule that stands in the way when it is not the state.
            fn refuse(&self, refused: $moves, because: Option<String>) -> $crate::IllegalMove {
                $crate::IllegalMove {
                    noun: $article,
                    state: self.state.word(),
                    refused: match refused { $($moves::$value => $passive,)+ },
                    because,
                    allowed: self.allowed().iter().map(|legal| legal.word()).collect(),
                }
            }

            /// Goes on when the state allows the move.
            fn legal(&self, wanted: $moves) -> Result<(), $crate::IllegalMove> {
                if self.allowed().contains(&wanted) { Ok(()) } else { Err(self.refuse(wanted, None)) }
            }

            /// Goes on when a rule holds.
            #[allow(dead_code, reason = "not every noun has rules beyond its states")]
            fn rule(&self, wanted: $moves, holds: bool, because: &str) -> Result<(), $crate::IllegalMove> {
                if holds { Ok(()) } else { Err(self.refuse(wanted, Some(because.to_owned()))) }
            }

            /// The noun in its next state, with what changed.
            fn becomes(mut self, state: $state, what: $change, stamp: $crate::Stamp) -> $crate::Moved<$noun, $change> {
                self.state = state;
                Ok((self, $crate::Change { stamp, what }))
            }
        }
    };
}
pub(crate) use machine;

/// A value or a noun that cannot be made, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was to be made, as in `ORI`.
    pub what: &'static str,
    /// Why not.
    pub because: String,
}

impl Refused {
    /// A refusal to make something.
    pub fn new(what: &'static str, because: impl Into<String>) -> Refused {
        Refused { what, because: because.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {}: {}", self.what, self.because)
    }
}

impl std::error::Error for Refused {}
