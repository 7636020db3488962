//! One entry of the audit trail: who, when, from where, which object, for which purpose, with what outcome. Ids and words of
//! closed lists only; names, narratives and what a person typed as a reason are not in it.

use crate::Context;
use homeward_access::{Basis, Kind};
use homeward_model::{AgencyId, Instant, MemberId};
use serde_json::{Map, Value};
use std::fmt::Display;

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, or there is no such record.
    Refused,
    /// It was allowed, but could not be done: another version, a move that the state does not allow, a failure.
    Failed,
}

impl Outcome {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }
}

/// One entry, before it has its place in the trail.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub(crate) at: Instant,
    pub(crate) member: Option<MemberId>,
    pub(crate) organisation: Option<AgencyId>,
    pub(crate) object: Option<u128>,
    fields: Map<String, Value>,
}

impl Entry {
    /// An act of a member on a kind of record.
    pub(crate) fn new(context: &Context, act: impl Display, kind: Kind, object: Option<u128>) -> Entry {
        let actor = context.actor;
        let mut entry = Entry::system(context.from, act, object, context.now).with("kind", kind);
        entry.member = Some(actor.member);
        entry.organisation = Some(actor.organisation);
        entry = entry
            .with("member", actor.member)
            .with("organisation", actor.organisation)
            .with("purpose", context.purpose.kind);
        match context.purpose.basis {
            Some(Basis::Lead(id)) => entry.with("basis", id),
            Some(Basis::Case(id)) => entry.with("basis", id),
            Some(Basis::Report(id)) => entry.with("basis", id),
            None => entry,
        }
    }

    /// An act of nobody who signed in: the public page, a worker, the command line.
    pub(crate) fn system(from: &str, act: impl Display, object: Option<u128>, at: Instant) -> Entry {
        let entry = Entry { at, member: None, organisation: None, object, fields: Map::new() };
        let entry = entry.with("act", act).with("at", at).with("from", from).with("outcome", "done");
        match object {
            Some(bits) => entry.with("object", uuid(bits)),
            None => entry,
        }
    }

    /// Adds a field.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Entry {
        self.fields.insert(name.to_owned(), Value::String(value.to_string()));
        self
    }

    /// Adds a list, in its order.
    #[must_use]
    pub(crate) fn with_list(mut self, name: &str, values: impl IntoIterator<Item = impl Display>) -> Entry {
        let list = values.into_iter().map(|value| Value::String(value.to_string())).collect();
        self.fields.insert(name.to_owned(), Value::Array(list));
        self
    }

    /// Sets the outcome.
    #[must_use]
    pub(crate) fn outcome(self, outcome: Outcome) -> Entry {
        self.with("outcome", outcome.word())
    }

    /// The bytes that are hashed and kept: JSON, keys in order.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut keys: Vec<&String> = self.fields.keys().collect();
        keys.sort_unstable();
        let text = |value: &dyn Display| value.to_string();
        let parts: Vec<String> = keys
            .into_iter()
            .map(|key| format!("{}:{}", Value::String(key.clone()), text(&self.fields[key])))
            .collect();
        format!("{{{}}}", parts.join(",")).into_bytes()
    }
}

/// Bits as the text of a uuid.
pub(crate) fn uuid(bits: u128) -> String {
    AgencyId::from_bits(bits).to_string()
}

/// One entry as the trail holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Who, when somebody had signed in.
    pub member: Option<MemberId>,
    /// The record's id.
    pub object: Option<String>,
    /// The whole entry, as JSON.
    pub text: String,
}
