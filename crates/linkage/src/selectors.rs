//! Finding selectors in text.

use homeward_model::Selector;
use homeward_places::Places;
use homeward_rules::Rules;

/// Compiled tables for extraction; build once, use from every thread.
#[derive(Debug)]
pub struct Extractor {}

impl Extractor {
    /// Compiles the tables. `region` is the ISO 3166 code by which numbers without a country code are read.
    pub fn new(_rules: &Rules, _places: &'static Places, _region: &str) -> Extractor {
        Extractor {}
    }

    /// Every selector in a text, by position.
    pub fn extract(&self, _text: &str) -> Vec<Selector> {
        Vec::new()
    }

    /// Selectors in one contact string as a site shows it, where the whole string is meant as a contact.
    pub fn contact(&self, text: &str) -> Vec<Selector> {
        self.extract(text)
    }
}
