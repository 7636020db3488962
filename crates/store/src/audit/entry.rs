//! One entry of the audit trail: who, when, from where, which object, for which purpose, with what outcome. Ids and words of
//! closed lists only; names, narratives and what a person typed as a reason are not in it.

use crate::Context;
use crate::connection::bits;
use crate::schema::audit_entry;
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

    fn parse(word: &str) -> Option<Outcome> {
        [Outcome::Done, Outcome::Refused, Outcome::Failed].into_iter().find(|outcome| outcome.word() == word)
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

    /// The word of its act, or of its outcome: the columns by which it is found.
    pub(super) fn word(&self, name: &str) -> String {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The records that a list showed to a member.
    pub(super) fn shown(&self) -> impl Iterator<Item = u128> + '_ {
        let list = self.fields.get("shown").and_then(Value::as_array).filter(|_| self.member.is_some());
        let ids = list.into_iter().flatten().filter_map(Value::as_str);
        ids.filter_map(|id| id.parse::<AgencyId>().ok()).map(AgencyId::bits)
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

/// A moment to the hundredth of a second, in UTC.
fn moment(at: Instant) -> String {
    let hundredths = at.0.rem_euclid(1_000_000) / 10_000;
    let whole = Instant(at.0 - at.0.rem_euclid(1_000_000)).to_string();
    format!("{}.{hundredths:02}Z", whole.trim_end_matches('Z'))
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
    /// Their organisation.
    pub organisation: Option<AgencyId>,
    /// The word of the act.
    pub act: String,
    /// The word of the kind of record.
    pub kind: Option<String>,
    /// The record's id.
    pub object: Option<String>,
    /// The word of the purpose.
    pub purpose: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// From which address, or which worker.
    pub from: String,
    /// What else it says, each with its name: state and version, which records a list showed, which policies refused.
    pub more: Vec<(String, String)>,
}

impl AuditEntry {
    /// The moment to the hundredth of a second.
    pub fn moment(&self) -> String {
        moment(self.at)
    }

    /// From a row; `None` when it is not an entry, which verification reports.
    pub(super) fn of(row: audit_entry::Model) -> Option<AuditEntry> {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(&row.entry) else { return None };
        let text = |value: &Value| match value {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        let mut take = |name: &str| fields.remove(name).map(|value| text(&value));
        for known in ["at", "member", "organisation"] {
            take(known);
        }
        let (act, outcome, from) = (take("act")?, Outcome::parse(&take("outcome")?)?, take("from")?);
        let (kind, object, purpose) = (take("kind"), take("object"), take("purpose"));
        let id = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| bits(&bytes));
        Some(AuditEntry {
            seq: row.seq as u64,
            at: Instant(row.at),
            member: id(row.member).map(MemberId::from_bits),
            organisation: id(row.organisation).map(AgencyId::from_bits),
            act,
            kind,
            object,
            purpose,
            outcome,
            from,
            more: fields.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_to_the_hundredth() {
        assert_eq!(moment(Instant(5_250_000)), "1970-01-01T00:00:05.25Z");
        assert_eq!(moment(Instant(-1)), "1969-12-31T23:59:59.99Z");
    }
}
