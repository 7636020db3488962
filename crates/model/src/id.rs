//! The one registry of ids: a type for each noun, so that a `LeadId` can never be passed as a `CaseId`.
//!
//! Ids are 128 bits in the shape of a version 7 uuid. The clock and the random bits come from the caller. The id of a record
//! that another system named is derived from that name, in the shape of a version 8 uuid.

use crate::{Digest, Instant};
use std::fmt;
use std::str::FromStr;

/// A text that is not an id of the noun that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadId {
    /// The noun, as in `lead`.
    pub noun: &'static str,
    /// The text as given.
    pub text: String,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the id of a {}", self.text, self.noun)
    }
}

impl std::error::Error for BadId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $noun:literal,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The noun this id names.
            pub const NOUN: &'static str = $noun;

            /// A new id from a moment and random bits, both given by the caller.
            pub const fn new(at: Instant, random: u128) -> $name {
                $name(version7(at, random))
            }

            /// The id that these bits are; for the store.
            pub const fn from_bits(bits: u128) -> $name {
                $name(bits)
            }

            /// The id of one that others know by a text: the uuid that the text is, as ids are written here, else a uuid of
            /// version 8 made of its SHA-256. The same text has the same id everywhere and always.
            pub fn of_text(text: &str) -> $name {
                let own = read_uuid(text).map($name).filter(|id| id.to_string() == text);
                own.unwrap_or_else(|| $name(version8($noun, text)))
            }

            /// The bits.
            pub const fn bits(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            /// Uuid text: 32 lower-case hexadecimal digits in five groups.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} ", $noun)?;
                write_uuid(self.0, f)
            }
        }

        #[cfg(test)]
        impl crate::testing::FromBits for $name {
            fn from(bits: u128) -> $name {
                $name(bits)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<$name, BadId> {
                read_uuid(text).map($name).ok_or_else(|| BadId { noun: $noun, text: text.to_owned() })
            }
        }
    )+

        /// Every noun that has an id.
        pub const NOUNS: &[&str] = &[$($noun),+];
    };
}

ids! {
    /// A member: one person who signs in.
    MemberId = "member",
    /// An agency or provider.
    AgencyId = "agency",
    /// A field office.
    OfficeId = "field office",
    /// A task force.
    TaskForceId = "task force",
    /// A person the record knows: reported missing, victim, subject or witness.
    PersonId = "person",
    /// A missing report as an agency keeps it.
    MissingReportId = "missing report",
    /// What was done with a finding.
    DispositionId = "disposition",
    /// A judgement.
    JudgementId = "judgement",
    /// A tip.
    TipId = "tip",
    /// A lead.
    LeadId = "lead",
    /// A deconfliction check.
    CheckId = "check",
    /// An initiative.
    InitiativeId = "initiative",
    /// A local operation.
    OperationId = "operation",
    /// An event of an operation.
    EventId = "event",
    /// A case.
    CaseId = "case",
    /// A victim.
    VictimId = "victim",
    /// A recovery fact.
    RecoveryFactId = "recovery fact",
    /// A service plan.
    ServicePlanId = "service plan",
    /// A referral.
    ReferralId = "referral",
    /// A release.
    ReleaseId = "release",
    /// What had to be given away without one.
    DisclosureId = "disclosure",
    /// A note.
    NoteId = "note",
    /// A provider's own record of a person.
    ProviderRecordId = "provider record",
    /// A counted result.
    ResultId = "result",
    /// A result period.
    PeriodId = "result period",
    /// A drafted announcement.
    DraftId = "draft",
    /// A notification.
    NotificationId = "notification",
    /// A compartment.
    CompartmentId = "compartment",
    /// One use of break-glass.
    EmergencyId = "emergency access",
}

impl AgencyId {
    /// The standing agency of the record that keeps reports of agencies which are not listed.
    pub fn unlisted() -> AgencyId {
        AgencyId(version8("agency", "unlisted agencies"))
    }
}

impl PersonId {
    /// The person whom a missing report names: two agencies that meet the same child by the same report name one person.
    pub fn of_report(report: MissingReportId) -> PersonId {
        PersonId(version8("person of a missing report", &report.to_string()))
    }
}

/// The first 128 bits of the SHA-256 of noun and text, with version 8 and the variant set (RFC 9562).
fn version8(noun: &str, text: &str) -> u128 {
    let bits = Digest::of_parts([noun.as_bytes(), text.as_bytes()]).bits();
    bits & !(0xf << 76) & !(0b11 << 62) | (8 << 76) | (0b10 << 62)
}

/// Bits of the id, or of the request, of something that follows from two others: done again, it makes nothing new.
pub fn following(first: u128, second: u128, what: &str) -> u128 {
    Digest::of_parts([&first.to_be_bytes()[..], &second.to_be_bytes()[..], what.as_bytes()]).bits()
}

/// Milliseconds in the high 48 bits, then version 7, 12 random bits, the variant, and 62 random bits (RFC 9562).
const fn version7(at: Instant, random: u128) -> u128 {
    let millis = (at.0.div_euclid(1000) as u128) & 0xffff_ffff_ffff;
    let high = (random >> 64) & 0xfff;
    let low = random & 0x3fff_ffff_ffff_ffff;
    (millis << 80) | (7 << 76) | (high << 64) | (0b10 << 62) | low
}

fn write_uuid(bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digits = format!("{bits:032x}");
    let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    f.write_str(&groups.join("-"))
}

fn read_uuid(text: &str) -> Option<u128> {
    let text = text.trim();
    let dashed = text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| (b == b'-') == [8, 13, 18, 23].contains(&i));
    if !dashed {
        return None;
    }
    let digits = text.replace('-', "");
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(&digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn errors_name_the_noun() {
        let error = "17".parse::<LeadId>().unwrap_err();
        assert_eq!(error.to_string(), "`17` is not the id of a lead");
        assert!("0190163d-8694-739b-aea5-966c26f8ad9+".parse::<CaseId>().is_err());
    }

    #[test]
    fn ids_have_the_shape_of_version_7() {
        let at = Instant::parse("2022-02-22T14:22:22-05:00").unwrap();
        let id = CheckId::new(at, 0x0cc3_18c4_dc0c_0c07_398f);
        assert_eq!(id.to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    }

    #[test]
    fn a_report_is_known_by_the_text_that_its_system_gave_it() {
        let own = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
        assert_eq!(MissingReportId::of_text(own).to_string(), own);
        // Texts are opaque: another spelling is another text.
        let texts = ["007", "7", "m 7", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", " 7", ""];
        let mut ids: Vec<String> =
            texts.iter().map(|text| MissingReportId::of_text(text).to_string()).collect();
        assert_eq!(ids[0], MissingReportId::of_text("007").to_string());
        assert!(ids.iter().all(|id| id.as_bytes()[14] == b'8' && b"89ab".contains(&id.as_bytes()[19])));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), texts.len());
        // Kept in databases: it stays what it is.
        assert_eq!(MissingReportId::of_text("007").to_string(), "003df154-d85f-842f-ba2d-ea24792d5d4f");
    }

    proptest! {
        #[test]
        fn ids_read_back(bits: u128, micros in 0i64..4_000_000_000_000_000) {
            let id = VictimId::new(Instant(micros), bits);
            prop_assert_eq!(id.to_string().parse::<VictimId>(), Ok(id));
            prop_assert_eq!(VictimId::from_bits(id.bits()), id);
            prop_assert_eq!(id.to_string().as_bytes()[14], b'7');
        }

        #[test]
        fn a_text_has_one_id(text in "[^-]{0,40}") {
            let id = MissingReportId::of_text(&text);
            prop_assert_eq!(id, MissingReportId::of_text(&text));
            prop_assert_eq!(id, MissingReportId::of_text(&id.to_string()));
            prop_assert_eq!(id.to_string().as_bytes()[14], b'8');
        }

        #[test]
        fn later_ids_sort_later(a: u128, b: u128, micros in 0i64..4_000_000_000_000_000) {
            prop_assert!(LeadId::new(Instant(micros), a) < LeadId::new(Instant(micros + 1000), b));
        }
    }
}
