//! What a text says of the person it advertises or describes: names used, age, height, weight, hair, eyes, marks.

/// A person as described by one text. Every part may be missing, and any may be untrue on purpose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Description {
    /// Given names the text uses for the person, lower case, in order of appearance.
    pub names: Vec<String>,
    /// Age as stated, years.
    pub age: Option<u8>,
    /// Height, centimetres.
    pub height_cm: Option<f32>,
    /// Weight, kilograms.
    pub weight_kg: Option<f32>,
    /// Hair colour, one of the words of `rules/matching.toml`.
    pub hair: Option<String>,
    /// Eye colour, one of the words of `rules/matching.toml`.
    pub eyes: Option<String>,
    /// Marks, normalised words (`tattoo wrist`), sorted.
    pub marks: Vec<String>,
}
