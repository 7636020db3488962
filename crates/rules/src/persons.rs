//! Rules for telling which records are of one person: `rules/persons.toml`.

use serde::{Deserialize, Serialize};

/// The table `rules/persons.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Persons {
    /// Candidate pairs.
    pub blocking: Blocking,
    /// Sizes of samples.
    pub samples: Samples,
    /// How alike two values are.
    pub likeness: Likeness,
    /// Expectation maximisation.
    pub learning: Learning,
    /// Weights.
    pub weights: Weights,
    /// Columns that go together.
    pub dependence: Dependence,
    /// Columns that change when a person moves house.
    pub moves: Moves,
    /// People who share a household or a birth.
    pub kin: Kin,
    /// Groups of records.
    pub groups: Groups,
}

/// Candidate pairs.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Blocking {
    /// Records up to which a cap holds, and the cap.
    pub caps: Vec<(usize, usize)>,
    /// Most keys in a row by which a block is split.
    pub depth: usize,
    /// A block is not split further when the keys left would leave it this many times larger than the cap.
    pub hopeless: f64,
}

impl Blocking {
    /// Largest block that yields its pairs, among this many records.
    pub fn cap(&self, records: usize) -> usize {
        self.caps.iter().find(|(most, _)| records <= *most).or(self.caps.last()).map_or(1, |(_, cap)| *cap)
    }
}

/// Sizes of samples, in pairs.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Pairs drawn at random.
    pub random: usize,
    /// Pairs drawn among those that agree on one column.
    pub agreeing: usize,
    /// Candidate pairs for expectation maximisation.
    pub candidates: usize,
}

/// How alike two values are.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Likeness {
    /// Names at least this alike (Jaro-Winkler) are a slip of the pen.
    pub name_near: f32,
    /// Names at least this alike have something in common.
    pub name_far: f32,
    /// The same for other text.
    pub text_far: f32,
    /// The same for e-mail addresses.
    pub email_far: f32,
    /// A value used at most this often is rare.
    pub rare: u32,
}

/// Expectation maximisation.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// Shares of the eight levels among pairs of one person, before anything is known.
    pub start: [f64; 8],
    /// Share of pairs of one person whose names are crossed, before anything is known.
    pub swapped: f64,
    /// What is known before is worth this share of the records.
    pub prior: f64,
    /// Rounds before and after dependence is learned anew.
    pub rounds: [usize; 2],
    /// A pair teaches when its other columns agree on log2(records) less this many bits.
    pub slack_bits: f64,
    /// Least share of pairs of one person, for each record.
    pub least_share: f64,
    /// Most, of all pairs.
    pub most_share: f64,
    /// Pairs below these log odds, nats, are left out after the first rounds.
    pub forgotten: f64,
}

/// Weights.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Least and most weight of a level, nats.
    pub range: [f64; 2],
    /// Most that the frequency of a near value changes its weight, nats.
    pub near_most: f64,
    /// Records by which the frequency of a value beside another is drawn to its frequency overall.
    pub shrink: f64,
    /// A name, day or number is taken as one of at least so many.
    pub few: f64,
}

/// Columns that go together, among strangers and in one person.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dependence {
    /// Least dependence among strangers, nats.
    pub least: f64,
    /// Most columns that one depends on.
    pub parents: usize,
    /// Least pairs from which it is read.
    pub least_pairs: f64,
    /// Pairs by which shares of strangers who agree on a column are drawn to those of all.
    pub shrink: f64,
    /// A pair counts as strangers from this probability.
    pub strangers: f64,
    /// Least dependence among records of one person, nats.
    pub together: f64,
    /// Least pairs on both sides from which it is read.
    pub least_changes: f64,
    /// Pairs by which shares beside a change are drawn to those of all pairs.
    pub shrink_changes: f64,
    /// Most that a change adds to a weight, nats.
    pub most_added: f64,
}

/// Columns that change together when a person moves house.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Moves {
    /// Share of pairs of one person that differ in any columns at once, before anything is known.
    pub any: f64,
    /// A pair counts as of one person from this probability, by the columns that do not differ.
    pub sure: f64,
    /// Nats by which a further column must make these pairs likelier.
    pub least_gain: f64,
    /// Least pairs of persons who moved.
    pub least_pairs: f64,
    /// Bounds of the share of pairs of one person who moved.
    pub share: [f64; 2],
}

/// People who share a household or a birth, in pairs for each record.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Kin {
    /// Of one household.
    pub household: f64,
    /// Twins.
    pub twins: f64,
    /// What is known before of what they share is worth this share of the records.
    pub prior: f64,
}

/// Groups of records.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Pairs from these log odds, nats, are looked at.
    pub keep: f64,
    /// Pairs from these log odds begin the joining of groups.
    pub join_from: f64,
    /// Groups are joined from these log odds.
    pub join_least: f64,
    /// Evidence against a join counts once for each record of the smaller group, up to this many.
    pub against_most: usize,
    /// Rounds in which every record looks for its group.
    pub sweeps: usize,
    /// Groups that a record is weighed against.
    pub best: usize,
    /// Share of records that are the only one of their person, before anything is known.
    pub alone: f64,
    /// Bounds of the share of records that are alone.
    pub alone_bounds: [f64; 2],
    /// Groups are tried for joining when a pair between them has these log odds, nats.
    pub likely: f32,
    /// Other groups of a record are remembered from this probability.
    pub remembered: f64,
    /// Least persons that hold both forms of a value.
    pub alias_persons: u32,
    /// Least confidence of a record from which forms are learned.
    pub alias_sure: f32,
    /// Least and most weight of two forms of a value, nats.
    pub alias_range: [f32; 2],
    /// From this probability an answer is sure, and a judgement spoken against.
    pub sure: f64,
}
