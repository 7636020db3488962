//! Rules for matching missing reports to networks: `rules/matching.toml`.

use serde::{Deserialize, Serialize};

/// The table `rules/matching.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// How the share of present children is estimated.
    pub prior: Prior,
    /// Names.
    pub name: Name,
    /// Stated age against true age.
    pub age: Age,
    /// Height, centimetres.
    pub height: Bands,
    /// Weight, kilograms.
    pub weight: Bands,
    /// Hair colour.
    pub hair: Colour,
    /// Eye colour.
    pub eyes: Colour,
    /// Scars, marks and tattoos.
    pub mark: Mark,
    /// Telephones, e-mail addresses and handles of the child.
    pub selector: Known,
    /// Telephones and handles of known companions.
    pub associate: Known,
    /// Photographs.
    pub photo: Photo,
    /// Place and travel.
    pub place: Place,
    /// First appearance against the disappearance.
    pub time: Time,
    /// How many persons the organiser advertises, and how often.
    pub organised: Organised,
    /// Sex, as far as a name tells it.
    pub sex: Sex,
    /// How far other candidates lower a candidate.
    pub rivals: Rivals,
    /// Which postings of one owner are one person's.
    pub likeness: Likeness,
    /// How the shares are learned from the data at hand.
    pub learning: Learning,
    /// From weight to probability.
    pub calibration: Calibration,
    /// What other reports tell of a child.
    pub together: Together,
    /// From when on a rejected match raises an alarm.
    pub contradiction: Contradiction,
    /// What is believed of strangers before any are seen.
    pub strangers: Strangers,
    /// Bounds on the work and on base rates.
    pub limits: Limits,
}

/// What other reports tell of a child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Together {
    /// How many times likelier an owner is who has a sibling reported with the child.
    pub sibling: f64,
    /// How many times likelier an owner is with whom the child was found before.
    pub found_before: f64,
    /// Smallest probability of a sibling's match, and of two reports' being of one child, that counts.
    pub least: f64,
}

/// From when on a rejected match raises an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// Smallest probability of the match as it stands now.
    pub least: f64,
}

/// How the share of present children is estimated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Share with which the estimate starts.
    pub start: f64,
    /// Smallest share ever assumed.
    pub least: f64,
    /// Largest share ever assumed.
    pub most: f64,
    /// Rounds of expectation and maximisation.
    pub rounds: u32,
}

/// Shares of the names under which a reported child is advertised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// The reported given name.
    pub given: f64,
    /// A reported nickname or alias, all of them together.
    pub alias: f64,
    /// Another form of the given name, all of them together.
    pub nickname: f64,
    /// A name one edit away or with another ending, all of them together.
    pub edit: f64,
    /// A name chosen freely.
    pub different: f64,
}

/// Shares of stated age less true age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Age {
    /// Difference, in years, to which the first share belongs, all lower ones included.
    pub from: i32,
    /// Shares of the differences that are meant, by growing difference; the last includes all higher ones.
    pub shares: Vec<f64>,
    /// The age below which boards admit nobody.
    pub least: i32,
    /// Share of those meant to be younger who are stated to be of that age.
    pub kept: f64,
}

/// Shares of a quantity by band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// Upper limits of the bands, the last band being open.
    pub limits: Vec<f64>,
    /// Shares, one more than limits.
    pub shares: Vec<f64>,
}

/// How well a colour is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Colour {
    /// Share of children advertised with the reported colour.
    pub same: f64,
}

/// Marks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Chance that a mark shown for the child is the reported one.
    pub same: f64,
    /// Upper limits of the bands of a person's postings.
    pub postings: Vec<f64>,
    /// Shares of children with a reported mark of whom so many postings show some mark, one more than limits.
    pub shown: Vec<f64>,
    /// The same of children without one.
    pub unreported: Vec<f64>,
}

/// A known value that nobody else should use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Share of present children whose known value appears.
    pub share: f64,
    /// Strangers expected to use the value by chance: recycled, mistyped, invented.
    pub chance: f64,
    /// Factor when the value stands in another posting of the network and not in one of the person.
    pub elsewhere: f64,
}

/// Photographs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// Largest PDQ distance, in bits, at which two hashes are of one image.
    pub max_distance: u32,
    /// As for other known values: shares and chances of stolen images.
    pub known: Known,
}

/// Place and travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Upper limits, in kilometres, of the distance from the last-seen place to the first sighting after it.
    pub limits: Vec<f64>,
    /// How much likelier than elsewhere a sighting at this distance is the child's, up to a common factor; one more than
    /// limits.
    pub pulls: Vec<f64>,
    /// Days before a first sighting in which the network's way may have led by where the child was last seen.
    pub way_days: f64,
    /// Days for which a network is somewhere at the least.
    pub least_stay: f64,
    /// Share of children whose first sighting could not be reached by road in the time.
    pub too_fast: f64,
    /// Hours granted for errors in either moment.
    pub slack_hours: f64,
}

/// First appearance against the disappearance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Share of children all of whose postings are from before the disappearance.
    pub all_before: f64,
    /// Share of children with some postings from before.
    pub some_before: f64,
    /// Days by which the report may misstate the disappearance.
    pub slack_days: f64,
    /// Upper limits, in days after the disappearance, of the first appearance.
    pub limits: Vec<f64>,
    /// Shares, one more than limits.
    pub shares: Vec<f64>,
    /// All shares again, those of all and of some before first, of persons with few postings: who is seldom advertised is
    /// first seen late.
    pub few: Vec<f64>,
}

/// Shares of an owner's size: by persons advertised, and within that few postings, then many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organised {
    /// Upper limits of the bands of persons, the last band being open.
    pub limits: Vec<f64>,
    /// Postings from which they are many.
    pub many: u32,
    /// Shares, two for each band.
    pub shares: Vec<f64>,
}

/// Sex as far as a name tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sex {
    /// Share of children advertised under a freely chosen name of their own sex.
    pub same: f64,
    /// Share of reported children of one sex from which a name is that sex's.
    pub sure: f64,
    /// Least number of reported children of the name.
    pub least: u32,
    /// Smallest rate of the names of one sex.
    pub least_rate: f64,
}

/// Which postings of one owner are one person's. Of each fact, the bits that it adds when it agrees and takes when it differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Likeness {
    /// Stated age.
    pub age: [f64; 2],
    /// Height.
    pub height: [f64; 2],
    /// Weight.
    pub weight: [f64; 2],
    /// Hair colour.
    pub hair: [f64; 2],
    /// Eye colour.
    pub eyes: [f64; 2],
    /// Marks.
    pub mark: [f64; 2],
    /// Photographs.
    pub photo: [f64; 2],
    /// Centimetres within which heights agree.
    pub height_cm: f32,
    /// Kilograms within which weights agree.
    pub weight_kg: f32,
    /// Bits from which a posting without a name is one of several persons'.
    pub least: f64,
    /// Its lead over the next one, bits.
    pub lead: f64,
    /// Bits down to which a posting may be the only person's, or of one name.
    pub unlike: f64,
    /// Facts that a posting must state to be somebody by itself.
    pub facts: usize,
}

/// How the shares are learned from the data at hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// Children that the shares written here are worth beside those found in the data.
    pub worth: f64,
    /// Finds that the chances written here are worth.
    pub worth_chance: f64,
    /// Rounds of expectation and maximisation.
    pub rounds: u32,
    /// Persons of an owner beyond which the owner teaches nothing.
    pub most_persons: usize,
    /// Least probability of a find that teaches.
    pub sure: f64,
    /// Reports that tell the share present before anything is learned.
    pub sample: usize,
}

/// How far other candidates lower a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rivals {
    /// 1 when a child is in one organiser's hands only, 0 when candidates do not compete.
    pub share: f64,
    /// Odds from which a report claims a person.
    pub least_claim: f64,
    /// Largest odds of a claim that are believed.
    pub most_claim: f64,
}

/// From weight to probability: `1 / (1 + 2^-(slope * bits + intercept))`, at most `most`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Factor of the weight in bits.
    pub slope: f64,
    /// Bits added.
    pub intercept: f64,
    /// Largest probability ever stated.
    pub most: f64,
}

/// What is believed of the persons advertised before any are seen: a small set says little of how common a value is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strangers {
    /// Persons from whom on a known value stands with somebody else by the chance that is written for it; with fewer the chance
    /// falls with their number.
    pub full: f64,
    /// Bands of age, size, time and ownership count as if so many persons more had been seen who are as children are.
    pub bands: f64,
    /// A value by itself counts as if so many persons more had been seen.
    pub worth: f64,
    /// Rate of a given name among those.
    pub name: f64,
    /// Rate of a mark among those who show one.
    pub mark: f64,
    /// Rate of a colour of hair or eyes.
    pub colour: f64,
}

/// Bounds on the work and on base rates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Smallest base rate of any value.
    pub least_rate: f64,
    /// Kilometres around the last-seen place in which persons with weak facts only are compared.
    pub near_km: f64,
    /// Days after the disappearance in which persons first seen are compared on weak facts.
    pub near_days: f64,
    /// Days after the disappearance in which persons first seen anywhere are compared by hair and eyes.
    pub anywhere_days: f64,
    /// Persons of one name beyond which only those first seen in `near_days` are compared.
    pub common_name: usize,
    /// Smallest weight, in bits, of a candidate that is kept.
    pub least_bits: f64,
}

#[cfg(test)]
mod tests {
    use crate::Rules;

    #[test]
    fn shares_are_distributions() {
        let rules = &Rules::embedded().matching;
        let name = &rules.name;
        let sum = |shares: &[f64]| shares.iter().sum::<f64>();
        let near_one = |sum: f64| (sum - 1.0).abs() < 1e-6;
        assert!(near_one(name.given + name.alias + name.nickname + name.edit + name.different));
        assert!(near_one(sum(&rules.age.shares)));
        for bands in [&rules.height, &rules.weight] {
            assert_eq!(bands.shares.len(), bands.limits.len() + 1);
            assert!(near_one(sum(&bands.shares)));
        }
        assert_eq!(rules.organised.shares.len(), 2 * (rules.organised.limits.len() + 1));
        assert!(near_one(sum(&rules.organised.shares)));
        assert_eq!(rules.place.pulls.len(), rules.place.limits.len() + 1);
        assert!(rules.place.pulls.iter().all(|pull| *pull > 0.0));
        assert_eq!(rules.time.shares.len(), rules.time.limits.len() + 1);
        assert!(near_one(sum(&rules.time.shares) + rules.time.all_before + rules.time.some_before));
        assert_eq!(rules.time.few.len(), rules.time.shares.len() + 2);
        assert!(near_one(sum(&rules.time.few)));
        assert_eq!(rules.mark.shown.len(), rules.mark.postings.len() + 1);
        assert_eq!(rules.mark.unreported.len(), rules.mark.postings.len() + 1);
        assert!(rules.calibration.slope > 0.0 && rules.calibration.most < 1.0);
    }
}
