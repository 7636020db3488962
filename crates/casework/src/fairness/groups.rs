//! The group of a report in each dimension, from what the report says.

use homeward_model::MissingReport;
use homeward_places::Places;
use homeward_rules::fairness::Fairness;

/// What a report does not say.
const NOT_SAID: &str = "not said";

/// What reports are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// Sex of the missing child.
    Sex,
    /// Race of the missing child as the report says it.
    Race,
    /// Census region of the state where last seen.
    Region,
    /// Residents of the place where last seen.
    Place,
    /// Category of the report.
    Category,
}

impl Dimension {
    /// Every dimension, in the order of the groups of a report.
    pub const ALL: [Dimension; 5] =
        [Dimension::Sex, Dimension::Race, Dimension::Region, Dimension::Place, Dimension::Category];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Dimension::Sex => "sex",
            Dimension::Race => "race",
            Dimension::Region => "region",
            Dimension::Place => "urban and rural",
            Dimension::Category => "category",
        }
    }
}

/// The group of a report in each of [`Dimension::ALL`].
pub fn groups_of(report: &MissingReport, places: &Places, rules: &Fairness) -> [String; 5] {
    [sex(report), race(report, rules), region(report, places, rules), place(report, places, rules), {
        report.category.map_or(NOT_SAID, |category| category.word()).to_owned()
    }]
}

fn sex(report: &MissingReport) -> String {
    let said = report.sex.as_deref().unwrap_or_default().trim().to_lowercase();
    match said.as_str() {
        "f" | "female" | "girl" => "female",
        "m" | "male" | "boy" => "male",
        _ => NOT_SAID,
    }
    .to_owned()
}

fn race(report: &MissingReport, rules: &Fairness) -> String {
    let Some(said) = report.race.as_deref().map(str::trim).filter(|said| !said.is_empty()) else {
        return NOT_SAID.to_owned();
    };
    if let Some(word) = rules.race.get(&said.to_uppercase()) {
        return word.clone();
    }
    let said = said.to_lowercase().replace(['_', '-'], " ");
    let known = rules.race.values().find(|word| said.starts_with(word.as_str()));
    known.map_or_else(|| "in other words".to_owned(), Clone::clone)
}

fn region(report: &MissingReport, places: &Places, rules: &Fairness) -> String {
    let from = &report.missing_from;
    let code = from.state.as_deref().and_then(|state| places.state(state)).map(|state| state.code.as_str());
    let code = code.or_else(|| places.resolve(from).map(|city| places.city(city).state.as_str()));
    let Some(code) = code else { return NOT_SAID.to_owned() };
    let region = rules.region.iter().find(|(_, states)| states.iter().any(|state| state == code));
    region.map_or_else(|| "outside the states".to_owned(), |(region, _)| region.clone())
}

fn place(report: &MissingReport, places: &Places, rules: &Fairness) -> String {
    let Some(city) = places.resolve(&report.missing_from) else { return NOT_SAID.to_owned() };
    let residents = places.city(city).population;
    let size = rules.place.iter().find(|size| residents >= size.least);
    size.map_or(NOT_SAID, |size| &size.name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::{Category, PlaceMention};

    /// Groups of a report that says these things.
    #[track_caller]
    fn check(sex: &str, race: &str, city: &str, state: &str, groups: [&str; 5]) {
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let report = MissingReport {
            sex: said(sex),
            race: said(race),
            category: said(city).map(|_| Category::MissingFromCare),
            missing_from: PlaceMention { city: said(city), state: said(state), ..PlaceMention::default() },
            ..MissingReport::default()
        };
        assert_eq!(groups_of(&report, Places::embedded(), Fairness::embedded()), groups);
    }

    #[test]
    fn codes_and_words_of_a_report_give_one_group() {
        let care = "missing from care";
        check("F", "W", "Charlotte", "NC", ["female", "white", "south", "large city", care]);
        check("girl", "White", "Chicago", "illinois", ["female", "white", "midwest", "large city", care]);
        check(
            "male",
            "Black or African American",
            "Burlington",
            "VT",
            ["male", "black", "northeast", "town", care],
        );
        check("M", "i", "Mendocino", "CA", ["male", "american indian", "west", "rural", care]);
        check("?", "other", "", "", ["not said", "in other words", "not said", "not said", "not said"]);
        check("", "", "", "TX", ["not said", "not said", "south", "not said", "not said"]);
    }
}
