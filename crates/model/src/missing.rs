//! Missing-child reports as an agency or clearinghouse enters them.

use crate::{Instant, Photo, PlaceMention, Provenance};
use std::collections::BTreeMap;

/// The category of a missing report (NCMEC's five).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Endangered runaway.
    EndangeredRunaway,
    /// Taken by a family member.
    FamilyAbduction,
    /// Taken by someone outside the family.
    NonFamilyAbduction,
    /// Lost, injured or otherwise missing.
    LostOrInjured,
    /// Missing from care of the state.
    MissingFromCare,
}

impl Category {
    /// Every category with its word.
    pub const ALL: [(Category, &'static str); 5] = [
        (Category::EndangeredRunaway, "endangered runaway"),
        (Category::FamilyAbduction, "family abduction"),
        (Category::NonFamilyAbduction, "non-family abduction"),
        (Category::LostOrInjured, "lost or injured"),
        (Category::MissingFromCare, "missing from care"),
    ];

    /// The words for this category.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Reads the words; `-` and `_` count as spaces.
    pub fn parse(text: &str) -> Option<Category> {
        let plain = |text: &str| text.trim().to_lowercase().replace(['_', '-'], " ");
        let text = plain(text);
        Self::ALL.iter().find(|(_, word)| plain(word) == text).map(|(category, _)| *category)
    }
}

/// Whether the child is still missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportStatus {
    /// Still missing.
    #[default]
    Missing,
    /// Whereabouts known.
    Located,
    /// Physically recovered.
    Recovered,
    /// Report closed.
    Closed,
}

impl ReportStatus {
    /// Every status with its word.
    pub const ALL: [(ReportStatus, &'static str); 4] = [
        (ReportStatus::Missing, "missing"),
        (ReportStatus::Located, "located"),
        (ReportStatus::Recovered, "recovered"),
        (ReportStatus::Closed, "closed"),
    ];

    /// The word for this status.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<ReportStatus> {
        let text = text.trim().to_lowercase();
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(status, _)| *status)
    }
}

/// A known companion of the child, with the identifiers known for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Associate {
    /// Name as reported.
    pub name: String,
    /// Phones as reported.
    pub phones: Vec<String>,
    /// Handles as reported.
    pub handles: Vec<String>,
}

/// One missing-child report. Values are kept as reported; the matcher reads codes and words alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MissingReport {
    /// The reporting system's id, echoed byte for byte.
    pub id: String,
    /// Reporting agency (ORI).
    pub agency: Option<String>,
    /// Agency case number.
    pub case_number: Option<String>,
    /// NCMEC number.
    pub ncmec_number: Option<String>,
    /// Category of the report.
    pub category: Option<Category>,
    /// Whether still missing.
    pub status: ReportStatus,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Other names used.
    pub aliases: Vec<String>,
    /// Nicknames.
    pub nicknames: Vec<String>,
    /// Date of birth.
    pub date_of_birth: Option<Instant>,
    /// Age in years when last seen, where the birth date is not known.
    pub age_when_missing: Option<u8>,
    /// Word or NCIC code.
    pub sex: Option<String>,
    /// Kept for identification by a named person; never used by any score.
    pub race: Option<String>,
    /// Height in centimetres.
    pub height_cm: Option<f32>,
    /// Weight in kilograms.
    pub weight_kg: Option<f32>,
    /// Hair colour, word or NCIC code.
    pub hair: Option<String>,
    /// Eye colour, word or NCIC code.
    pub eyes: Option<String>,
    /// Scars, marks and tattoos, free text or NCIC codes.
    pub marks: Vec<String>,
    /// When last seen.
    pub missing_since: Option<Instant>,
    /// Where last seen.
    pub missing_from: PlaceMention,
    /// The child's phones.
    pub phones: Vec<String>,
    /// The child's e-mail addresses.
    pub emails: Vec<String>,
    /// The child's handles.
    pub handles: Vec<String>,
    /// Hashes of known photographs.
    pub photos: Vec<Photo>,
    /// Known companions.
    pub associates: Vec<Associate>,
    /// Circumstances, free text.
    pub circumstances: String,
    /// When located, for a report that is no longer `missing`.
    pub located_at: Option<Instant>,
    /// Fields with no place here.
    pub extra: BTreeMap<String, String>,
    /// Remarks of the reader.
    pub notes: Vec<String>,
    /// Where it came from.
    pub provenance: Provenance,
}

impl MissingReport {
    /// Age in whole years at a moment: from the birth date, else from the age when missing and the time since.
    pub fn age_at(&self, at: Instant) -> Option<i32> {
        if let Some(birth) = self.date_of_birth {
            return Some(at.years_since(birth));
        }
        let age = i32::from(self.age_when_missing?);
        let since = self.missing_since.map_or(0.0, |from| at.days_since(from).max(0.0));
        Some(age + (since / 365.25) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for (category, word) in Category::ALL {
            assert_eq!(Category::parse(word), Some(category));
            assert_eq!(category.word(), word);
        }
        assert_eq!(Category::parse("Missing_From-Care"), Some(Category::MissingFromCare));
        for (status, word) in ReportStatus::ALL {
            assert_eq!(ReportStatus::parse(word), Some(status));
            assert_eq!(status.word(), word);
        }
    }

    #[test]
    fn age_grows_while_missing() {
        let since = Instant::parse("2019-01-01").unwrap();
        let report = MissingReport {
            age_when_missing: Some(15),
            missing_since: Some(since),
            ..MissingReport::default()
        };
        assert_eq!(report.age_at(since.plus_days(400.0)), Some(16));
        assert_eq!(report.age_at(since.plus_days(-400.0)), Some(15));
        assert_eq!(MissingReport::default().age_at(since), None);
    }
}
