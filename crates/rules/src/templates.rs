//! Rules for near-duplicate text families: `rules/templates.toml`.

use serde::Deserialize;

/// The table `rules/templates.toml`; the file says where each number comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// Holders of a word trigram, smallest content keys first, with which every other holder is compared.
    pub leaders: usize,
    /// Words in a row that more documents hold than the corpus divided by this are frequent.
    pub mass_share: usize,
    /// Share of a text's words among frequent ones from which it may be one of a mass.
    pub mass_words: f64,
    /// Most rare words that such a text has between two frequent stretches.
    pub mass_own: usize,
    /// Fewer texts than this say little of how common a word is: they are weighed as if so many had been read.
    pub few: usize,
    /// Bits of evidence of shared trigrams, over those that name one document of the corpus, for a pair to be compared.
    pub least_evidence: u32,
    /// Least covered weight on both sides, in saturated words.
    pub least_covered: f64,
    /// Pairs of less coverage than this are forgotten.
    pub keep: f64,
    /// Coverage of the strict pass.
    pub strict: f64,
    /// Coverage from which two documents are one family.
    pub cut: f64,
    /// A text of this many saturated words must be covered wholly; the surplus over the cut falls with the square of the length.
    pub short: f64,
    /// A text of which some third is covered less than this many times as well as the whole is covered in part only.
    pub cold: f64,
    /// Coverage from which two documents may be one family although one of them is covered in part only.
    pub cold_least: f64,
    /// Share of a stranger's words that a family covers by chance.
    pub chance: f64,
    /// Logarithm of the likelihood ratio from which a stretch of a text is foreign to the family that has the rest of it.
    pub foreign_evidence: f64,
    /// Least share of the text in such a stretch.
    pub foreign_share: f64,
    /// Two families join when their representatives cover one another by this share of the cut on average.
    pub join_share: f64,
    /// Representatives of a family in that test.
    pub representatives: usize,
    /// A trigram in at least this many strict groups, and in more than half as many groups as documents, is scattered.
    pub scattered_least: usize,
    /// Consecutive scattered trigrams that make a stop phrase among a few thousand texts, see [`Templates::stop_phrase`].
    pub scattered_run: usize,
    /// Binary logarithm of the number of texts from which on a stop phrase is longer, by one trigram for each fourfold number.
    pub scattered_from: u32,
    /// Consecutive trigrams, scattered or held by strangers only, that make a shared passage, which weighs nothing either.
    pub passage_run: usize,
    /// Words that a snippet has at most: a quotation is longer.
    pub snippet_most: usize,
    /// Members compared for a consensus text.
    pub consensus_members: usize,
    /// Consecutive words that make a passage which different families share.
    pub signature_words: usize,
    /// Most families that one passage may hold together.
    pub signature_most: usize,
    /// Texts of one signature from which another does not join them with as many unless a quarter of them hold it.
    pub joined_least: u32,
    /// A selector in more documents than this corroborates nothing.
    pub selector_most: usize,
}

impl Templates {
    /// Consecutive scattered trigrams that make a stop phrase among so many texts. It changes only where the number of texts
    /// passes a power of two, as all that is known from an earlier batch.
    pub fn stop_phrase(&self, documents: usize) -> usize {
        let doublings = documents.max(1).ilog2().saturating_sub(self.scattered_from);
        self.scattered_run + doublings as usize / 2
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_stop_phrase_is_longer_among_more_texts() {
        let rules = crate::Rules::embedded().templates.clone();
        let check = |documents, trigrams| assert_eq!(rules.stop_phrase(documents), trigrams, "{documents}");
        check(0, 4);
        check(10_000, 4);
        check(32_767, 4);
        check(32_768, 5);
        check(50_000, 5);
        check(1_000_000, 7);
        check(10_000_000, 9);
    }
}
