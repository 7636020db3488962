//! A missing report as somebody types it.

use crate::Result;
use crate::written::{Problems, WrittenPlace};
use homeward_model::{Category, Instant, MissingReport};

/// The fields of the form. Empty means not known; `race` left empty keeps what the report says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenReport {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Other names, one a line.
    pub aliases: String,
    /// Category, in its words.
    pub category: String,
    /// The agency's case number.
    pub case_number: String,
    /// NCMEC number.
    pub ncmec_number: String,
    /// Date of birth.
    pub date_of_birth: String,
    /// Age in years when last seen.
    pub age: String,
    /// Word or NCIC code.
    pub sex: String,
    /// Never shown with the rest.
    pub race: String,
    /// Centimetres.
    pub height_cm: String,
    /// Kilograms.
    pub weight_kg: String,
    /// Hair colour.
    pub hair: String,
    /// Eye colour.
    pub eyes: String,
    /// Scars, marks and tattoos, one a line.
    pub marks: String,
    /// When last seen.
    pub missing_since: String,
    /// Where last seen.
    pub missing_from: WrittenPlace,
    /// Phones, one a line.
    pub phones: String,
    /// E-mail addresses, one a line.
    pub emails: String,
    /// Handles, one a line.
    pub handles: String,
    /// Circumstances.
    pub circumstances: String,
}

/// Most characters of the circumstances.
const LONGEST: usize = 10_000;

impl WrittenReport {
    /// The report, over what it said before.
    pub(crate) fn read(&self, before: MissingReport, now: Instant) -> Result<MissingReport> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let birth = p.moment("date of birth", &self.date_of_birth);
        if birth.is_some_and(|birth| birth > now) {
            p.note("`date of birth` lies in the future");
        }
        let since = p.moment("missing since", &self.missing_since);
        if since.is_some_and(|since| since > now) {
            p.note("`missing since` lies in the future");
        }
        if birth.zip(since).is_some_and(|(birth, since)| since < birth) {
            p.note("`missing since` lies before the date of birth");
        }
        let emails = p.lines("e-mail addresses", &self.emails);
        for email in emails.iter().filter(|email| !email.contains('@')) {
            p.note(format!("`{email}` is no e-mail address"));
        }
        let phones = p.lines("phones", &self.phones);
        for phone in phones.iter().filter(|phone| phone.chars().filter(char::is_ascii_digit).count() < 7) {
            p.note(format!("`{phone}` is no telephone number"));
        }
        let report = MissingReport {
            given_name: p.text("given name", &self.given_name, 200),
            family_name: p.text("family name", &self.family_name, 200),
            aliases: p.lines("other names", &self.aliases),
            category: p.word("category", &self.category, Category::parse),
            case_number: p.given("case number", &self.case_number, 200),
            ncmec_number: p.given("NCMEC number", &self.ncmec_number, 200),
            date_of_birth: birth,
            age_when_missing: p.number("age", &self.age, (0.0, 20.0)).map(|age| age as u8),
            sex: p.given("sex", &self.sex, 200),
            race: p.given("race", &self.race, 200).or_else(|| before.race.clone()),
            height_cm: p.number("height", &self.height_cm, (30.0, 250.0)).map(|cm| cm as f32),
            weight_kg: p.number("weight", &self.weight_kg, (1.0, 300.0)).map(|kg| kg as f32),
            hair: p.given("hair", &self.hair, 200),
            eyes: p.given("eyes", &self.eyes, 200),
            marks: p.lines("marks", &self.marks),
            missing_since: since,
            missing_from: self.missing_from.mention(p),
            phones,
            emails,
            handles: p.lines("handles", &self.handles),
            circumstances: p.text("circumstances", &self.circumstances, LONGEST),
            ..before
        };
        if report.given_name.is_empty() && report.family_name.is_empty() && report.aliases.is_empty() {
            p.note("give a name");
        }
        problems.or(report)
    }

    /// What a report says, as the form shows it. Race is not among it.
    pub fn of(report: &MissingReport) -> WrittenReport {
        let lines = |list: &[String]| list.join("\n");
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let number = |value: Option<f32>| value.map(|value| value.to_string()).unwrap_or_default();
        let point = report.missing_from.point;
        let minute = |at: Instant| at.to_string().get(..16).unwrap_or_default().replace('T', " ");
        WrittenReport {
            given_name: report.given_name.clone(),
            family_name: report.family_name.clone(),
            aliases: lines(&report.aliases),
            category: report.category.map(|one| one.word().to_owned()).unwrap_or_default(),
            case_number: text(&report.case_number),
            ncmec_number: text(&report.ncmec_number),
            date_of_birth: report.date_of_birth.map(Instant::date).unwrap_or_default(),
            age: report.age_when_missing.map(|age| age.to_string()).unwrap_or_default(),
            sex: text(&report.sex),
            race: String::new(),
            height_cm: number(report.height_cm),
            weight_kg: number(report.weight_kg),
            hair: text(&report.hair),
            eyes: text(&report.eyes),
            marks: lines(&report.marks),
            missing_since: report.missing_since.map(minute).unwrap_or_default(),
            missing_from: WrittenPlace {
                city: text(&report.missing_from.city),
                state: text(&report.missing_from.state),
                latitude: point.map(|point| point.lat.to_string()).unwrap_or_default(),
                longitude: point.map(|point| point.lon.to_string()).unwrap_or_default(),
            },
            phones: lines(&report.phones),
            emails: lines(&report.emails),
            handles: lines(&report.handles),
            circumstances: report.circumstances.clone(),
        }
    }
}
