//! What lies behind the wall of victim service besides plans: notes, and a provider's own records of the people it serves.
//! Neither is ever matched with anything.

use crate::{AgencyId, Change, Grounds, NoteId, ProviderRecordId, Refused, Stamp, VictimId};

/// A note of victim service. It is written once; a correction is a further note that names the one it corrects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceNote {
    /// Its id.
    pub id: NoteId,
    /// About whom.
    pub victim: VictimId,
    /// The organisation of its author, behind whose wall it lies.
    pub provider: AgencyId,
    /// What it says.
    pub text: Grounds,
    /// The note that it corrects.
    pub corrects: Option<NoteId>,
    /// Who wrote it, and when.
    pub written: Stamp,
}

/// A provider's own record of a person whom it serves, whether or not anybody else knows of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRecord {
    /// Its id.
    pub id: ProviderRecordId,
    /// The provider.
    pub provider: AgencyId,
    /// The victim who was referred, if it began so.
    pub victim: Option<VictimId>,
    /// Who wrote it first, and when.
    pub begun: Stamp,
    terms: ProviderTerms,
}

/// What a provider's record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderTerms {
    /// The person, by the name that the provider uses.
    pub client: String,
    /// What the provider keeps of them.
    pub text: Grounds,
}

/// What changed in a provider's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderChange {
    /// It was begun.
    Begun,
    /// It was written anew; what it said before.
    Written(ProviderTerms),
}

impl ProviderTerms {
    /// Refused without a client.
    fn check(self) -> Result<ProviderTerms, Refused> {
        if self.client.trim().is_empty() {
            return Err(Refused::new("provider record", "it names no client"));
        }
        Ok(self)
    }
}

impl ProviderRecord {
    /// A provider begins a record.
    pub fn begin(
        id: ProviderRecordId,
        provider: AgencyId,
        victim: Option<VictimId>,
        terms: ProviderTerms,
        stamp: Stamp,
    ) -> Result<(ProviderRecord, Change<ProviderChange>), Refused> {
        let record = ProviderRecord { id, provider, victim, begun: stamp, terms: terms.check()? };
        Ok((record, Change { stamp, what: ProviderChange::Begun }))
    }

    /// What it says.
    pub const fn terms(&self) -> &ProviderTerms {
        &self.terms
    }

    /// Writes it anew.
    pub fn write(
        mut self,
        terms: ProviderTerms,
        stamp: Stamp,
    ) -> Result<(ProviderRecord, Change<ProviderChange>), Refused> {
        let before = std::mem::replace(&mut self.terms, terms.check()?);
        Ok((self, Change { stamp, what: ProviderChange::Written(before) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp};

    #[test]
    fn what_a_record_said_before_is_kept_with_the_change() {
        let terms = |client: &str| ProviderTerms { client: client.into(), text: grounds() };
        let record = ProviderRecord::begin(id(1), id(2), None, terms("S."), stamp(0)).unwrap().0;
        assert!(record.clone().write(terms(" "), stamp(1)).is_err());
        let (record, change) = record.write(terms("S. Exampleton"), stamp(2)).unwrap();
        assert_eq!(change.what, ProviderChange::Written(terms("S.")));
        assert_eq!(record.terms().client, "S. Exampleton");
    }
}
