//! Rules of the record, the half in which people decide: `rules/clocks.toml` and `rules/sessions.toml`.
//!
//! They have a version of their own: a change of a time limit leaves the runs of the engine as they are.

use homeward_model::{Digest, RecoveryStep, ReportLimits, Span};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::OnceLock;

/// The rules of the record.
#[derive(Debug, Clone)]
pub struct RecordRules {
    /// How long clocks run and material is kept.
    pub clocks: Clocks,
    /// Sign-in and sessions.
    pub sessions: Sessions,
    /// First 16 hexadecimal digits of the hash of both files.
    pub version: String,
}

const CLOCKS: &str = include_str!("../../../rules/clocks.toml");
const SESSIONS: &str = include_str!("../../../rules/sessions.toml");

const BANNED: &str = include_str!("../../../rules/banned_passwords.txt");

/// Whether a password is one of the common ones that nobody may choose, in whatever case it is written.
pub fn is_banned_password(password: &str) -> bool {
    static LIST: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let list = LIST.get_or_init(|| BANNED.lines().filter(|line| !line.starts_with('#')).collect());
    let digest = Digest::of(password.to_lowercase().as_bytes()).hex();
    list.contains(&digest[..16])
}

impl RecordRules {
    /// The rules that this build carries.
    pub fn embedded() -> &'static RecordRules {
        static RULES: OnceLock<RecordRules> = OnceLock::new();
        RULES.get_or_init(|| RecordRules {
            clocks: crate::parsed("clocks.toml", CLOCKS),
            sessions: crate::parsed("sessions.toml", SESSIONS),
            version: Digest::of_parts([CLOCKS.as_bytes(), SESSIONS.as_bytes()]).hex()[..16].to_owned(),
        })
    }
}

/// How well the source of a number was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Primary text read.
    Text,
    /// Read in a second-hand source.
    Second,
    /// Our choice; an agency may set another.
    Design,
}

/// A length of time with its source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Row")]
pub struct Limit {
    /// How long.
    pub span: Span,
    /// Where the number comes from.
    pub cite: String,
    /// How well that was read; session rules are from one text unless they say so.
    pub grade: Grade,
}

/// A distance with its source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distance {
    /// How far.
    pub metres: u32,
    /// Where the number comes from.
    pub cite: String,
    /// How well that was read.
    pub grade: Grade,
}

/// A number with its source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// How many.
    pub count: u32,
    /// Where the number comes from.
    pub cite: String,
}

/// A text with its source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Where it comes from.
    pub cite: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    minutes: Option<u32>,
    hours: Option<u32>,
    days: Option<u32>,
    cite: String,
    grade: Option<Grade>,
}

impl TryFrom<Row> for Limit {
    type Error = String;

    fn try_from(row: Row) -> Result<Limit, String> {
        let span = match (row.minutes, row.hours, row.days) {
            (Some(minutes), None, None) => Span::minutes(minutes),
            (None, Some(hours), None) => Span::hours(hours),
            (None, None, Some(days)) => Span::days(days),
            _ => return Err("exactly one of `minutes`, `hours` and `days` is needed".to_owned()),
        };
        if span == Span::default() || row.cite.is_empty() {
            return Err("a length of time is not zero and names its source".to_owned());
        }
        Ok(Limit { span, cite: row.cite, grade: row.grade.unwrap_or(Grade::Text) })
    }
}

/// A table of rules: a struct with one documented field for each row, and a list of them for the pages that show all.
macro_rules! table {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$doc])* pub $field: $kind,)+ }

        impl $name {
            /// Every row's name and source.
            pub fn sources(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($field), self.$field.cite.as_str()),)+]
            }
        }
    };
}

table! {
    /// The table `rules/clocks.toml`.
    Clocks {
        /// From receipt of a missing report to its entry in each system.
        missing_report_entry: Limit,
        /// From receipt to the notice of NCMEC, for a child missing from care.
        missing_from_care_ncmec: Limit,
        /// From receipt to verification and update.
        missing_report_verify: Limit,
        /// Oldest photograph for the update.
        photo_age: Limit,
        /// From identification of a victim by child welfare to the notice of law enforcement.
        trafficking_victim_told: Limit,
        /// From the finding of a possible trafficked foreign minor to the notice of HHS.
        foreign_minor_told: Limit,
        /// From recovery to the referral to a child advocacy centre, where practicable.
        advocacy_center_where_practicable: Limit,
        /// The same, at the latest.
        advocacy_center_at_latest: Limit,
        /// From recovery to a victim specialist present.
        recovery_specialist: Limit,
        /// From recovery to a safe place.
        recovery_safe_place: Limit,
        /// From recovery to the offer of medical care.
        recovery_medical: Limit,
        /// From recovery to a service plan.
        recovery_plan: Limit,
        /// From recovery to the first follow-up.
        follow_up_first: Limit,
        /// From recovery to the second follow-up.
        follow_up_second: Limit,
        /// From recovery to the third follow-up.
        follow_up_third: Limit,
        /// Time before the start by which contact is tried at the latest.
        check_contact_before_start: Limit,
        /// By how much an asker's window is widened on both sides, when they say nothing else.
        check_window_pad: Limit,
        /// How far around its place a plan is looked for, when the asker says nothing else.
        check_radius: Distance,
        /// Time before the start at which a hit without contact is raised.
        check_raise_before_start: Limit,
        /// How long a target stays in deconfliction.
        check_target_kept: Limit,
        /// How long a tip may wait for a decision.
        tip_decided: Limit,
        /// How long a lead may lie unworked.
        lead_unworked: Limit,
        /// How long criminal intelligence is kept without validation.
        intelligence_kept: Limit,
        /// How long the audit trail is kept at least.
        audit_kept: Limit,
        /// How long a provider preserves what it reported.
        provider_report_preserved: Limit,
        /// How long a provider preserves what it was asked to.
        preservation_request: Limit,
        /// Longest release.
        release_longest: Limit,
        /// How long break-glass opens a record.
        break_glass_open: Limit,
        /// Until when break-glass is reviewed.
        break_glass_review: Limit,
    }
}

impl Clocks {
    /// The limits of a missing report's clocks.
    pub fn report_limits(&self) -> ReportLimits {
        ReportLimits {
            entry: self.missing_report_entry.span,
            ncmec: self.missing_from_care_ncmec.span,
            verify: self.missing_report_verify.span,
        }
    }

    /// The limit of each step after a recovery.
    pub fn recovery_limit(&self, step: RecoveryStep) -> Span {
        self.recovery_rule(step).span
    }

    /// The same with its source.
    pub fn recovery_rule(&self, step: RecoveryStep) -> &Limit {
        match step {
            RecoveryStep::Specialist => &self.recovery_specialist,
            RecoveryStep::SafePlace => &self.recovery_safe_place,
            RecoveryStep::Medical => &self.recovery_medical,
            RecoveryStep::Interview => &self.advocacy_center_at_latest,
            RecoveryStep::Plan => &self.recovery_plan,
            RecoveryStep::FollowUp3 => &self.follow_up_first,
            RecoveryStep::FollowUp30 => &self.follow_up_second,
            RecoveryStep::FollowUp90 => &self.follow_up_third,
        }
    }
}

table! {
    /// The table `rules/sessions.toml`.
    Sessions {
        /// Invalid logons that lock an account.
        lockout_attempts: Count,
        /// Time in which they are counted.
        lockout_window: Limit,
        /// Idle time after which the screen locks.
        idle_lock: Limit,
        /// Time after which one must sign in again.
        reauthenticate: Limit,
        /// Factors of a sign-in.
        factors: Count,
        /// Least characters of a chosen password.
        password_length: Count,
        /// Least characters of a generated one.
        password_length_generated: Count,
        /// How often the list of banned passwords is refreshed.
        banned_passwords_refreshed: Limit,
        /// Least bits of salt.
        salt_bits: Count,
        /// Times a one-time code is accepted.
        one_time_code_uses: Count,
        /// Least bits of a session secret.
        session_secret_bits: Count,
        /// Idle time after which the network session ends.
        network_idle: Limit,
        /// Life of a temporary account.
        temporary_account: Limit,
        /// Idle time after which an account is disabled.
        account_unused: Limit,
        /// Time in which an expired or orphaned account is disabled.
        account_disabled_within: Limit,
        /// Time in which the account of a high-risk individual is disabled.
        high_risk_disabled_within: Limit,
        /// Time for which an identifier is not given to somebody else.
        identifier_not_reused: Limit,
        /// How often training is renewed.
        training_renewed: Limit,
        /// How long a half filled form waits for its member.
        form_kept: Limit,
        /// Most half filled forms that wait for one member.
        forms_per_member: Count,
        /// Most KiB of one half filled form.
        form_kibibytes: Count,
        /// The notice before sign-in.
        banner: Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_banned() {
        for common in ["12345678", "Password1", "baseball", "TRUSTNO1"] {
            assert!(is_banned_password(common), "{common}");
        }
        assert!(!is_banned_password("seven kind herons"));
    }

    #[test]
    fn every_row_names_its_source() {
        let rules = RecordRules::embedded();
        let sources = [rules.clocks.sources(), rules.sessions.sources()].concat();
        assert!(sources.iter().all(|(_, cite)| !cite.is_empty()));
        assert_eq!(rules.version.len(), 16);
    }

    #[test]
    fn numbers_of_the_law() {
        let limits = RecordRules::embedded().clocks.report_limits();
        assert_eq!(limits.entry, Span::hours(2));
        assert_eq!(limits.ncmec, Span::hours(24));
        assert_eq!(limits.verify, Span::days(30));
        let sessions = &RecordRules::embedded().sessions;
        assert_eq!((sessions.lockout_attempts.count, sessions.idle_lock.span), (5, Span::minutes(30)));
    }

    #[test]
    fn a_row_has_one_unit_and_a_source() {
        let bad = |text: &str| toml::from_str::<Limit>(text).is_err();
        assert!(bad("cite = 'x'") && bad("hours = 1\ndays = 1\ncite = 'x'") && bad("hours = 0\ncite = 'x'"));
        assert!(bad("hours = 1") && bad("hours = 1\ncite = ''") && bad("weeks = 1\ncite = 'x'"));
    }
}
